//! Against servers on loopback.

mod connections;
mod proxies;
mod tls;

use super::*;
use crate::integrations::stub::namespace;
use tokio::io::{AsyncReadExt, AsyncWriteExt};
use tokio::net::{TcpListener, TcpStream};

/// A server that does this with each connection; gives its port.
async fn server<F: Future<Output = ()> + Send>(serve: impl Fn(TcpStream) -> F + Send + 'static) -> u16 {
    let listener = TcpListener::bind("127.0.0.1:0").await.expect("a free port");
    let port = listener.local_addr().expect("an address").port();
    tokio::spawn(async move {
        while let Ok((stream, _)) = listener.accept().await {
            serve(stream).await;
        }
    });
    port
}

/// The body of the answer, or what went wrong.
async fn get(client: &Client, url: &str) -> Result<String, Problem> {
    let endpoint = Endpoint::parse(url).expect("a URL");
    let call = Call {
        endpoint: &endpoint,
        service: "s3",
        method: hyper::Method::GET,
        path: "/a",
        query: "b=c",
        headers: &[],
        body: Bytes::new(),
        most_bytes: 4096,
    };
    let answer = client.send(&namespace(), call).await?;
    Ok(String::from_utf8(answer.body.to_vec()).expect("UTF-8"))
}

/// The head of the next request, once it has come as a whole; requests of these tests have no bodies.
async fn request_head(stream: &mut TcpStream) -> Option<String> {
    let mut head = Vec::new();
    while !head.ends_with(b"\r\n\r\n") {
        if stream.read_buf(&mut head).await.ok()? == 0 {
            return None;
        }
    }
    String::from_utf8(head).ok()
}

/// Answers that all is well, with this body.
async fn answer(stream: &mut TcpStream, body: &str) {
    let answer = format!("HTTP/1.1 200 OK\r\nContent-Length: {}\r\n\r\n{body}", body.len());
    stream.write_all(answer.as_bytes()).await.expect("an open connection");
}
