//! The body of an answer, which knows when it leaves.

use super::connection::Client;
use crate::engine::Offer;
use crate::operations::Reply;
use bytes::Bytes;
use hyper::body::{Body, Frame, SizeHint};
use std::pin::Pin;
use std::task::{Context, Poll};

/// A whole answer. The task in it is accepted when the connection takes the bytes. If it never does, because the
/// client is gone, the task is dropped with the body and goes to another worker.
pub struct ReplyBody {
    bytes: Option<Bytes>,
    offer: Option<Offer>,
    client: Option<Client>,
}

/// The client is gone, and what was meant for it alone stays here.
#[derive(Debug, thiserror::Error)]
#[error("the client is gone")]
pub struct ClientGone;

impl ReplyBody {
    /// The body for an answer to this client.
    pub fn new(reply: Reply, client: Option<Client>) -> Self {
        Self { bytes: Some(reply.body.into()), offer: reply.offer, client }
    }
}

impl Body for ReplyBody {
    type Data = Bytes;
    type Error = ClientGone;

    fn poll_frame(mut self: Pin<&mut Self>, _: &mut Context<'_>) -> Poll<Option<Result<Frame<Bytes>, ClientGone>>> {
        let bytes = self.bytes.take();
        if bytes.is_some()
            && let Some(mut offer) = self.offer.take()
        {
            if self.client.as_ref().is_some_and(Client::is_gone) {
                return Poll::Ready(Some(Err(ClientGone)));
            }
            offer.accept();
        }
        Poll::Ready(bytes.map(|bytes| Ok(Frame::data(bytes))))
    }

    fn is_end_stream(&self) -> bool {
        self.bytes.is_none()
    }

    fn size_hint(&self) -> SizeHint {
        SizeHint::with_exact(self.bytes.as_ref().map_or(0, |bytes| bytes.len() as u64))
    }
}
