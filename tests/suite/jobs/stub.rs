//! A service that answers what it is told to, one answer after the other, and tells what it was asked.

use std::sync::{Arc, Mutex};
use std::time::Duration;
use stepwell::config::{Config, Endpoints};
use stepwell::endpoint::Endpoint;
use tokio::io::{AsyncReadExt, AsyncWriteExt};
use tokio::net::{TcpListener, TcpStream};

/// A status and a body.
pub type Answer = (u16, String);

pub struct Stub {
    pub endpoint: String,
    requests: Arc<Mutex<Vec<Request>>>,
}

/// What was asked, in short, and the head of the request.
struct Request {
    called: String,
    head: String,
}

impl Stub {
    /// Gives these answers; the last one to all that is asked after it.
    pub async fn start(answers: Vec<Answer>) -> Stub {
        let listener = TcpListener::bind("127.0.0.1:0").await.expect("a free port");
        let endpoint = format!("http://{}", listener.local_addr().expect("an address"));
        let requests: Arc<Mutex<Vec<Request>>> = Arc::default();
        let seen = requests.clone();
        tokio::spawn(async move {
            while let Ok((mut stream, _)) = listener.accept().await {
                let request = read(&mut stream).await;
                let (status, body) = {
                    let mut seen = seen.lock().expect("no panic");
                    let place = seen.len().min(answers.len() - 1);
                    seen.push(request);
                    answers[place].clone()
                };
                let length = body.len();
                let head = format!("HTTP/1.1 {status} Status\r\nContent-Length: {length}\r\nConnection: close\r\n\r\n");
                // Who doesn't listen any more has given up.
                let _ = stream.write_all((head + &body).as_bytes()).await;
            }
        });
        Stub { endpoint, requests }
    }

    /// The configuration in which all services are this one.
    pub fn config(&self) -> Config {
        let of_all = Some(Endpoint::parse(&self.endpoint).expect("a URL"));
        Config { endpoints: Endpoints { of_all, ..Endpoints::default() }, ..Config::default() }
    }

    /// What it was asked: the operation, or the method and the path with the query, and the body where there is one.
    pub fn requests(&self) -> Vec<String> {
        self.requests.lock().expect("no panic").iter().map(|request| request.called.clone()).collect()
    }

    /// The heads of the requests.
    pub fn heads(&self) -> Vec<String> {
        self.requests.lock().expect("no panic").iter().map(|request| request.head.clone()).collect()
    }

    /// What it was asked, once that are so many requests.
    pub async fn asked(&self, times: usize) -> Vec<String> {
        let until = async {
            while self.requests().len() < times {
                tokio::task::yield_now().await;
            }
        };
        let in_time = tokio::time::timeout(Duration::from_secs(10), until).await;
        assert!(in_time.is_ok(), "only these requests came: {:?}", self.requests());
        self.requests()
    }
}

/// `Service.Operation body` or `GET /path?query body`
async fn read(stream: &mut TcpStream) -> Request {
    let mut bytes = Vec::new();
    loop {
        let mut part = [0; 4096];
        let length = stream.read(&mut part).await.expect("an open connection");
        bytes.extend_from_slice(&part[..length]);
        let text = String::from_utf8_lossy(&bytes);
        let Some((head, body)) = text.split_once("\r\n\r\n") else { continue };
        let header = |name: &str| head.lines().find_map(|line| line.strip_prefix(name));
        let expected = header("content-length: ").map_or(0, |length| length.parse().expect("a number"));
        if body.len() >= expected || length == 0 {
            let called = match header("x-amz-target: ") {
                Some(target) => target.rsplit('.').next().unwrap_or_default(),
                None => head.split(" HTTP/").next().unwrap_or_default(),
            };
            return Request { called: format!("{called} {body}").trim_end().to_owned(), head: head.to_owned() };
        }
    }
}
