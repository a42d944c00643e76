//! A server for tests that answers one connection with fixed bytes.

use crate::arn::Namespace;
use std::io::{Read, Write};
use std::net::{TcpListener, TcpStream};
use std::sync::mpsc::{Receiver, channel};

/// A server for one connection: what it answers, and what it was asked.
pub struct Stub {
    pub port: u16,
    pub requests: Receiver<String>,
}

/// What a stub does with a request.
pub enum Answers {
    /// Writes these bytes and closes the connection.
    With(Vec<u8>),
    /// Closes the connection without a word.
    Hangup,
    /// Closes it in the way that the other side sees as a reset.
    Reset,
    /// Waits until the other side closes, and tells.
    Never,
}

impl Stub {
    pub fn start(answers: Answers) -> Stub {
        let listener = TcpListener::bind("127.0.0.1:0").expect("a free port");
        let port = listener.local_addr().expect("an address").port();
        let (tell, requests) = channel();
        std::thread::spawn(move || {
            let (mut stream, _) = listener.accept().expect("a connection");
            if matches!(answers, Answers::Reset) {
                // Closing with unread data makes the system send a reset.
                let mut first = [0];
                stream.read_exact(&mut first).expect("a byte");
                return;
            }
            tell.send(request(&mut stream)).expect("a listening test");
            match answers {
                // The other side may have seen enough before the end.
                Answers::With(bytes) => drop(stream.write_all(&bytes)),
                Answers::Hangup | Answers::Reset => {}
                Answers::Never => {
                    let end = stream.read(&mut [0]);
                    tell.send(format!("{end:?}")).expect("a listening test");
                }
            }
        });
        Stub { port, requests }
    }

    pub fn endpoint(&self) -> String {
        format!("http://127.0.0.1:{}", self.port)
    }
}

/// Reads one request with its body.
pub fn request(stream: &mut TcpStream) -> String {
    let mut bytes = Vec::new();
    loop {
        let mut part = [0; 4096];
        let n = stream.read(&mut part).expect("an open connection");
        bytes.extend_from_slice(&part[..n]);
        let text = String::from_utf8(bytes.clone()).expect("UTF-8");
        let Some((head, body)) = text.split_once("\r\n\r\n") else { continue };
        let length = head
            .lines()
            .find_map(|line| line.strip_prefix("content-length: "))
            .map_or(0, |n| n.parse().expect("a number"));
        if body.len() == length || n == 0 {
            return text;
        }
    }
}

/// An answer with this status line, these headers, and this body with its length.
pub fn answer(status: &str, headers: &[&str], body: &str) -> Answers {
    let headers: String = headers.iter().map(|header| format!("{header}\r\n")).collect();
    Answers::With(format!("HTTP/1.1 {status}\r\n{headers}Content-Length: {}\r\n\r\n{body}", body.len()).into_bytes())
}

/// The account and region of the tests.
pub fn namespace() -> Namespace {
    Namespace { account: "123456789012".into(), region: "us-east-1".into() }
}
