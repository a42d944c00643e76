//! A server for a test, and a plain client for it.

use serde_json::{Value, json};
use std::net::SocketAddr;
use std::sync::Arc;
use std::time::Duration;
use stepwell::clock::Clock;
use stepwell::config::Config;
use stepwell::emulator::Emulator;
use stepwell::timestamp::Timestamp;
use tokio::io::{AsyncReadExt, AsyncWriteExt};
use tokio::net::{TcpListener, TcpStream};

pub const PREFIX: &str = "arn:aws:states:us-east-1:123456789012";
pub const ROLE: &str = "arn:aws:iam::123456789012:role/r";
pub const PASS: &str = r#"{"StartAt":"A","States":{"A":{"Type":"Pass","End":true}}}"#;

/// A server that lives as long as the test's runtime.
pub struct Server {
    pub address: SocketAddr,
    pub emulator: Arc<Emulator>,
}

/// An answer, with the body parsed where it is JSON.
#[derive(Debug)]
pub struct Answer {
    pub status: u16,
    pub head: String,
    pub body: Value,
}

impl Answer {
    /// The name of the error and its message.
    pub fn error(&self) -> String {
        let code = self.body["__type"].as_str().unwrap_or("no error").rsplit('#').next().unwrap_or_default();
        match self.body["message"].as_str() {
            Some(message) => format!("{code}: {message}"),
            None => code.to_owned(),
        }
    }

    /// The value of a header.
    pub fn header(&self, name: &str) -> Option<&str> {
        let line = self.head.lines().find(|line| line.to_ascii_lowercase().starts_with(&format!("{name}:")))?;
        line.split_once(": ").map(|(_, value)| value)
    }
}

impl Server {
    pub async fn start() -> Server {
        Server::with(Config::default()).await
    }

    pub async fn with(config: Config) -> Server {
        let clock = Clock::at(Timestamp::from_millis(1_700_000_000_000));
        Server::of(Arc::new(Emulator::new(config, clock))).await
    }

    pub async fn of(emulator: Arc<Emulator>) -> Server {
        let listener = TcpListener::bind("127.0.0.1:0").await.expect("a free port");
        let address = listener.local_addr().expect("an address");
        tokio::spawn(stepwell::server::serve(listener, emulator.clone(), std::future::pending()));
        Server { address, emulator }
    }

    /// The ARN of a new state machine, with what else is said of it.
    pub async fn create(&self, definition: &str, more: Value) -> Value {
        let name = format!("m{}", uuid::Uuid::new_v4().simple());
        let mut request = json!({"name": name, "definition": definition, "roleArn": ROLE});
        request.as_object_mut().expect("an object").extend(more.as_object().expect("an object").clone());
        self.ok("CreateStateMachine", request).await["stateMachineArn"].clone()
    }

    /// The description of an execution once it has ended; the clock moves on as long as it runs.
    pub async fn ended(&self, execution: &Value) -> Value {
        loop {
            let described = self.ok("DescribeExecution", json!({"executionArn": execution})).await;
            if described["status"] != "RUNNING" {
                return described;
            }
            self.emulator.engine.advance(Duration::from_secs(1));
            tokio::task::yield_now().await;
        }
    }

    /// Sends these bytes and reads until the server closes.
    pub async fn raw(&self, request: &[u8]) -> Answer {
        let mut stream = TcpStream::connect(self.address).await.expect("a connection");
        // The server may answer and close before it has read everything.
        let _ = stream.write_all(request).await;
        let mut answer = Vec::new();
        let _ = stream.read_to_end(&mut answer).await;
        let answer = String::from_utf8(answer).expect("UTF-8");
        let (head, body) = answer.split_once("\r\n\r\n").expect("a whole answer");
        let status = head.get(9..12).and_then(|status| status.parse().ok()).expect("a status");
        Answer { status, head: head.to_owned(), body: serde_json::from_str(body).unwrap_or(Value::Null) }
    }

    /// Sends a request with this head (lines after the first, without those for length and connection).
    pub async fn send(&self, first_line: &str, head: &[(&str, &str)], body: &[u8]) -> Answer {
        self.raw(&request(first_line, head, body)).await
    }

    /// Calls an operation with a body that need not be JSON.
    pub async fn call_with(&self, operation: &str, body: &[u8]) -> Answer {
        self.raw(&operation_request(operation, body)).await
    }

    /// Calls an operation.
    pub async fn call(&self, operation: &str, input: Value) -> Answer {
        self.call_with(operation, input.to_string().as_bytes()).await
    }

    /// Calls an operation that must succeed.
    pub async fn ok(&self, operation: &str, input: Value) -> Value {
        let answer = self.call(operation, input).await;
        assert_eq!(answer.status, 200, "{operation}: {}", answer.error());
        answer.body
    }

    /// Calls an operation that must be refused.
    pub async fn refused(&self, operation: &str, input: Value) -> String {
        let answer = self.call(operation, input).await;
        assert_eq!(answer.status, 400, "{operation}: {}", answer.body);
        answer.error()
    }
}

/// The bytes of a request.
pub fn request(first_line: &str, head: &[(&str, &str)], body: &[u8]) -> Vec<u8> {
    let mut request = format!("{first_line} HTTP/1.1\r\nHost: localhost\r\nConnection: close\r\n");
    for (name, value) in head {
        request.push_str(&format!("{name}: {value}\r\n"));
    }
    request.push_str(&format!("Content-Length: {}\r\n\r\n", body.len()));
    [request.as_bytes(), body].concat()
}

/// The bytes of a call.
pub fn operation_request(operation: &str, body: &[u8]) -> Vec<u8> {
    let target = format!("AWSStepFunctions.{operation}");
    request("POST /", &[("Content-Type", "application/x-amz-json-1.0"), ("X-Amz-Target", &target)], body)
}
