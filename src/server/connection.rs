//! Connections of which one can ask whether the client is still there.
//!
//! Our HTTP library learns that a client is gone when it reads, and it doesn't read while it answers a request whose
//! successor it has already. A task must not be given to nobody, so that is asked of the system right before.

use axum::serve::IncomingStream;
use socket2::SockRef;
use std::io::{ErrorKind, IoSlice, Result};
use std::mem::MaybeUninit;
use std::net::SocketAddr;
use std::pin::Pin;
use std::sync::{Arc, Mutex, MutexGuard, PoisonError};
use std::task::{Context, Poll};
use tokio::io::{AsyncRead, AsyncWrite, ReadBuf};
use tokio::net::TcpListener;
use tokio::net::tcp::{OwnedReadHalf, OwnedWriteHalf};

/// Accepts connections.
pub struct Listener(pub TcpListener);

impl axum::serve::Listener for Listener {
    type Io = Connection;
    type Addr = SocketAddr;

    async fn accept(&mut self) -> (Connection, SocketAddr) {
        let (stream, address) = axum::serve::Listener::accept(&mut self.0).await;
        // Without it answers are only late, so that a failure doesn't matter.
        let _ = stream.set_nodelay(true);
        let (read, write) = stream.into_split();
        (Connection { read, client: Client(Arc::new(Mutex::new(write))) }, address)
    }

    fn local_addr(&self) -> Result<SocketAddr> {
        self.0.local_addr()
    }
}

/// A connection with a client.
pub struct Connection {
    read: OwnedReadHalf,
    client: Client,
}

/// The other end of a connection.
#[derive(Clone, Debug)]
pub struct Client(Arc<Mutex<OwnedWriteHalf>>);

impl Client {
    /// The client at the other end of this stream.
    pub fn of(stream: &IncomingStream<'_, Listener>) -> Self {
        stream.io().client.clone()
    }

    fn lock(&self) -> MutexGuard<'_, OwnedWriteHalf> {
        self.0.lock().unwrap_or_else(PoisonError::into_inner)
    }

    /// Whether the client has closed the connection, as far as this machine knows.
    pub fn is_gone(&self) -> bool {
        let write = self.lock();
        match SockRef::from(write.as_ref()).peek(&mut [MaybeUninit::uninit()]) {
            Ok(bytes) => bytes == 0,
            Err(error) => !matches!(error.kind(), ErrorKind::WouldBlock | ErrorKind::Interrupted),
        }
    }
}

impl AsyncRead for Connection {
    fn poll_read(mut self: Pin<&mut Self>, cx: &mut Context<'_>, buffer: &mut ReadBuf<'_>) -> Poll<Result<()>> {
        Pin::new(&mut self.read).poll_read(cx, buffer)
    }
}

impl AsyncWrite for Connection {
    fn poll_write(self: Pin<&mut Self>, cx: &mut Context<'_>, bytes: &[u8]) -> Poll<Result<usize>> {
        Pin::new(&mut *self.client.lock()).poll_write(cx, bytes)
    }

    fn poll_write_vectored(self: Pin<&mut Self>, cx: &mut Context<'_>, parts: &[IoSlice<'_>]) -> Poll<Result<usize>> {
        Pin::new(&mut *self.client.lock()).poll_write_vectored(cx, parts)
    }

    fn is_write_vectored(&self) -> bool {
        self.client.lock().is_write_vectored()
    }

    fn poll_flush(self: Pin<&mut Self>, cx: &mut Context<'_>) -> Poll<Result<()>> {
        Pin::new(&mut *self.client.lock()).poll_flush(cx)
    }

    fn poll_shutdown(self: Pin<&mut Self>, cx: &mut Context<'_>) -> Poll<Result<()>> {
        Pin::new(&mut *self.client.lock()).poll_shutdown(cx)
    }
}
