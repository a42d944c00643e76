//! A client that keeps its connection, and may ask before it was answered.

use crate::server::Answer;
use serde_json::Value;
use std::net::SocketAddr;
use tokio::io::{AsyncBufReadExt, AsyncReadExt, AsyncWriteExt, BufReader};
use tokio::net::TcpStream;

pub struct Client {
    stream: BufReader<TcpStream>,
}

impl Client {
    pub async fn connect(address: SocketAddr) -> Client {
        let stream = TcpStream::connect(address).await.expect("a connection");
        stream.set_nodelay(true).expect("an open connection");
        Client { stream: BufReader::new(stream) }
    }

    /// Sends a call without waiting for the answer.
    pub async fn send(&mut self, operation: &str, input: &Value) {
        self.send_bytes(&call(operation, input.to_string().as_bytes())).await;
    }

    pub async fn send_bytes(&mut self, request: &[u8]) {
        self.stream.get_mut().write_all(request).await.expect("an open connection");
    }

    /// Says that nothing more will be sent; answers can still be read.
    pub async fn finish(&mut self) {
        self.stream.get_mut().shutdown().await.expect("an open connection");
    }

    /// The next answer; nothing if the server has closed the connection.
    pub async fn answer(&mut self) -> Option<Answer> {
        let mut head = String::new();
        while !head.ends_with("\r\n\r\n") {
            if self.stream.read_line(&mut head).await.unwrap_or(0) == 0 {
                assert_eq!(head, "", "half an answer");
                return None;
            }
        }
        let status = head.get(9..12).and_then(|status| status.parse().ok()).expect("a status");
        let mut answer = Answer { status, head, body: Value::Null };
        let length = answer.header("content-length").and_then(|length| length.parse().ok()).unwrap_or(0);
        let mut body = vec![0; length];
        self.stream.read_exact(&mut body).await.expect("a whole body");
        answer.body = serde_json::from_slice(&body).unwrap_or(Value::Null);
        Some(answer)
    }

    /// Calls an operation.
    pub async fn call(&mut self, operation: &str, input: &Value) -> Answer {
        self.send(operation, input).await;
        self.answer().await.expect("an answer")
    }

    /// Calls an operation that must succeed.
    pub async fn ok(&mut self, operation: &str, input: &Value) -> Value {
        let answer = self.call(operation, input).await;
        assert_eq!(answer.status, 200, "{operation}: {}", answer.error());
        answer.body
    }
}

/// The bytes of a call that leaves the connection open.
pub fn call(operation: &str, body: &[u8]) -> Vec<u8> {
    let head = format!(
        "POST / HTTP/1.1\r\nHost: localhost\r\nContent-Type: application/x-amz-json-1.0\r\n\
         X-Amz-Target: AWSStepFunctions.{operation}\r\nContent-Length: {}\r\n\r\n",
        body.len()
    );
    [head.as_bytes(), body].concat()
}
