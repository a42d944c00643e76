//! Connections: thousands of them, slow ones, and ones that speak something else.

use super::client::{Client, call};
use super::on_the_programs_threads;
use crate::server::{PREFIX, Server, operation_request};
use serde_json::json;
use std::time::{Duration, Instant};
use tokio::io::{AsyncReadExt, AsyncWriteExt};
use tokio::net::TcpStream;

const LIST: &str = "ListActivities";

/// The slowest of some calls, each on a connection of its own.
async fn slowest_of(calls: usize, server: &Server) -> Duration {
    let mut slowest = Duration::ZERO;
    for _ in 0..calls {
        let begin = Instant::now();
        server.ok(LIST, json!({"maxResults": 1})).await;
        slowest = slowest.max(begin.elapsed());
    }
    slowest
}

/// Creates activities, and lets workers poll them until as many wait.
async fn polls(server: &Server, count: usize, per_activity: usize) -> Vec<Client> {
    let mut polls = Vec::new();
    for first in (0..count).step_by(per_activity) {
        let name = format!("a{first}");
        let arn = format!("{PREFIX}:activity:{name}");
        server.ok("CreateActivity", json!({"name": name})).await;
        for _ in first..count.min(first + per_activity) {
            let mut client = Client::connect(server.address).await;
            client.send("GetActivityTask", &json!({"activityArn": arn})).await;
            polls.push(client);
        }
        let all = per_activity.min(count - first);
        while server.emulator.engine.waiting_workers(&arn) < all {
            tokio::task::yield_now().await;
        }
    }
    polls
}

/// How many connections with both ends in this process there is room for, of those that are wanted.
fn room_for(wanted: usize) -> usize {
    #[cfg(unix)]
    {
        use rustix::process::{Resource, Rlimit, getrlimit, setrlimit};
        let limit = getrlimit(Resource::Nofile);
        let needed = Some(2 * wanted as u64 + 500);
        let may = limit.maximum.is_none_or(|most| Some(most) >= needed);
        if limit.current < needed && may {
            let _ = setrlimit(Resource::Nofile, Rlimit { current: needed, maximum: limit.maximum });
        }
        let current = getrlimit(Resource::Nofile).current;
        let room = current.map_or(wanted, |current| wanted.min((current.saturating_sub(500) / 2) as usize));
        if room < wanted {
            println!("only {room} connections instead of {wanted}: the limit of open files is {current:?}");
        }
        room
    }
    #[cfg(not(unix))]
    wanted
}

#[test]
fn two_thousand_workers_wait_and_others_are_served() {
    on_the_programs_threads(async {
        let server = Server::start().await;
        let count = room_for(2000);
        let waiting = polls(&server, count, 1000).await;
        let slowest = slowest_of(20, &server).await;
        println!("the slowest of 20 requests beside {count} long polls took {slowest:?}");
        assert!(slowest < Duration::from_secs(1), "{slowest:?}");
        if count >= 1000 {
            let error =
                server.refused("GetActivityTask", json!({"activityArn": format!("{PREFIX}:activity:a0")})).await;
            let words = "The maximum number of workers concurrently polling for activity tasks has been reached.";
            assert_eq!(error, format!("ActivityWorkerLimitExceeded: {words}"));
        }
        // They go away all at once, and nobody is left.
        drop(waiting);
        for first in (0..count).step_by(1000) {
            while server.emulator.engine.waiting_workers(&format!("{PREFIX}:activity:a{first}")) > 0 {
                tokio::task::yield_now().await;
            }
        }
        server.ok(LIST, json!({})).await;
    });
}

/// Many systems allow a program 256 or 1,024 open files as long as it doesn't ask for more.
#[cfg(unix)]
#[test]
fn the_program_takes_as_many_connections_as_it_may() {
    use std::io::{BufRead, BufReader, Read, Write};
    use std::process::{Command, Stdio};
    let mut program = Command::new("sh");
    program.args(["-c", "ulimit -Sn 64; exec \"$0\" --port 0", env!("CARGO_BIN_EXE_stepwell")]);
    let mut child = Killed(program.stdin(Stdio::null()).stderr(Stdio::piped()).spawn().expect("the program"));
    let mut line = String::new();
    BufReader::new(child.0.stderr.take().expect("an output")).read_line(&mut line).expect("a line");
    let port: u16 = line.split_whitespace().nth(4).and_then(|port| port.parse().ok()).expect("a port");
    let mut connections = Vec::new();
    for place in 0..200 {
        let mut stream = std::net::TcpStream::connect(("127.0.0.1", port)).expect("a connection");
        stream.set_read_timeout(Some(Duration::from_secs(5))).expect("a connection");
        stream.write_all(&call(LIST, b"{}")).expect("an open connection");
        let mut status = [0; 12];
        stream.read_exact(&mut status).unwrap_or_else(|error| panic!("connection {place}: {error}"));
        assert_eq!(&status, b"HTTP/1.1 200");
        connections.push(stream);
    }
}

/// A program that doesn't outlive the test, whatever comes of it.
#[cfg(unix)]
struct Killed(std::process::Child);

#[cfg(unix)]
impl Drop for Killed {
    fn drop(&mut self) {
        let _ = self.0.kill();
        let _ = self.0.wait();
    }
}

/// The slow clients have not sent all as long as the others are served.
#[test]
fn clients_that_send_a_byte_now_and_then_hold_up_nobody() {
    on_the_programs_threads(async {
        let server = Server::start().await;
        let (served, others) = tokio::sync::watch::channel(false);
        let mut slow = Vec::new();
        for _ in 0..100 {
            let mut client = Client::connect(server.address).await;
            let mut others_are_served = others.clone();
            slow.push(tokio::spawn(async move {
                let request = call(LIST, b"{\"maxResults\": 1}");
                let (at_once, slowly) = request.split_at(request.len() - 50);
                client.send_bytes(at_once).await;
                for (place, byte) in slowly.iter().enumerate() {
                    tokio::time::sleep(Duration::from_millis(10)).await;
                    if place == 25 {
                        others_are_served.wait_for(|served| *served).await.expect("the test goes on");
                    }
                    client.send_bytes(&[*byte]).await;
                }
                client.answer().await.map(|answer| answer.status)
            }));
        }
        let slowest = slowest_of(100, &server).await;
        println!("the slowest of 100 requests beside 100 slow clients took {slowest:?}");
        served.send_replace(true);
        for client in slow {
            assert_eq!(client.await.expect("no panic"), Some(200));
        }
    });
}

#[test]
fn a_server_is_stopped_by_neither_polls_nor_halves_of_requests() {
    on_the_programs_threads(async {
        let server = Server::start().await;
        let listener = tokio::net::TcpListener::bind("127.0.0.1:0").await.expect("a free port");
        let address = listener.local_addr().expect("an address");
        let (stop, stopped) = tokio::sync::oneshot::channel::<()>();
        let shutdown = async { stopped.await.unwrap_or_default() };
        let serving = tokio::spawn(stepwell::server::serve(listener, server.emulator.clone(), shutdown));
        let other = Server { address, emulator: server.emulator.clone() };
        let mut clients = polls(&other, 300, 1000).await;
        for half in 0..50 {
            let mut client = Client::connect(address).await;
            client.send_bytes(&call(LIST, b"{}")[..half * 2]).await;
            clients.push(client);
        }
        let begin = Instant::now();
        stop.send(()).expect("a server");
        serving.await.expect("no panic").expect("no error");
        assert!(begin.elapsed() < Duration::from_secs(3), "{:?}", begin.elapsed());
    });
}

/// The first lines of what a server answers to these bytes before it closes; nothing if it just closes.
async fn answered(server: &Server, request: &[u8], finish: bool) -> Vec<String> {
    let mut stream = TcpStream::connect(server.address).await.expect("a connection");
    let (mut read, mut write) = stream.split();
    let mut answer = Vec::new();
    let send = async {
        // The server may answer and close before it has read everything.
        let _ = write.write_all(request).await;
        if finish {
            let _ = write.shutdown().await;
        }
    };
    let receive = async {
        let _ = read.read_to_end(&mut answer).await;
    };
    let both = tokio::time::timeout(Duration::from_secs(5), async { tokio::join!(send, receive) }).await;
    if both.is_err() {
        return vec!["neither answered nor closed".to_owned()];
    }
    let text = String::from_utf8_lossy(&answer).into_owned();
    text.split("HTTP/1.").skip(1).map(|answer| answer.lines().next().unwrap_or_default().to_owned()).collect()
}

const HEAD: &str =
    "Host: h\r\nContent-Type: application/x-amz-json-1.0\r\nX-Amz-Target: AWSStepFunctions.ListActivities\r\n";

/// A request that closes the connection, with these lines in its head and these bytes after it.
fn post(version: &str, lines: &str, rest: &str) -> Vec<u8> {
    format!("POST / HTTP/{version}\r\n{HEAD}Connection: close\r\n{lines}\r\n{rest}").into_bytes()
}

#[test]
fn whatever_is_sent_the_server_answers_or_closes_and_goes_on() {
    on_the_programs_threads(async {
        let server = Server::start().await;
        let chunks = |size: usize, count: usize| {
            format!("{}0\r\n\r\n", format!("{size:x}\r\n{}\r\n", " ".repeat(size)).repeat(count))
        };
        let many_headers = |count: usize| (0..count).map(|i| format!("X-{i}: v\r\n")).collect::<String>();
        let length = "Content-Length: 2\r\n";
        let chunked = "Transfer-Encoding: chunked\r\n";
        let line = |line: &str| format!("{line} HTTP/1.1\r\n{HEAD}Connection: close\r\n{length}\r\n{{}}").into_bytes();
        let (ok, bad) = (&["1 200 OK"][..], &["1 400 Bad Request"][..]);
        let rows: Vec<(&str, Vec<u8>, &[&str])> = vec![
            ("HTTP/1.0", post("1.0", length, "{}"), &["0 200 OK"]),
            ("HTTP/1.0 without length", post("1.0", "", "{}"), &["0 400 Bad Request"]),
            ("HTTP/1.1 without host", post("1.1", length, "{}"), ok),
            ("HTTP/3.7", post("3.7", length, "{}"), bad),
            ("TLS", b"\x16\x03\x01\x02\x00\x01\x00\x01\xfc\x03\x03".repeat(20), bad),
            ("NUL", vec![0; 1000], bad),
            ("noise", (0..4000u32).map(|i| (i.wrapping_mul(2_654_435_761) >> 24) as u8).collect(), bad),
            ("blank lines", [b"\r\n\r\n".to_vec(), post("1.1", length, "{}")].concat(), ok),
            ("HEAD", line("HEAD /"), bad),
            ("OPTIONS", line("OPTIONS *"), bad),
            ("TRACE", line("TRACE /"), bad),
            ("CONNECT", line("CONNECT example.com:443"), bad),
            ("an unknown method", line("STEP /"), bad),
            ("a whole address", line("POST http://example.com/"), ok),
            ("a query", line("POST /?a=%ff&X-Amz-Credential=%"), ok),
            ("a path", line("POST /%2e%2e/%ff"), bad),
            ("a long path", line(&format!("POST /{}", "a".repeat(70_000))), &["1 414 URI Too Long"]),
            ("many headers", post("1.1", &format!("{}{length}", many_headers(90)), "{}"), ok),
            (
                "too many headers",
                post("1.1", &format!("{}{length}", many_headers(500)), "{}"),
                &["1 431 Request Header Fields Too Large"],
            ),
            ("a long header", post("1.1", &format!("X: {}\r\n{length}", "v".repeat(100_000)), "{}"), ok),
            (
                "too long a header",
                post("1.1", &format!("X: {}\r\n{length}", "v".repeat(1_000_000)), "{}"),
                &["1 431 Request Header Fields Too Large"],
            ),
            (
                "a long credential",
                post("1.1", &format!("Authorization: Credential={}\r\n{length}", "/é".repeat(9000)), "{}"),
                ok,
            ),
            ("a header with a blank", post("1.1", &format!("X Y: v\r\n{length}"), "{}"), bad),
            ("a header with a NUL", post("1.1", &format!("X: \0\r\n{length}"), "{}"), bad),
            ("two lengths", post("1.1", "Content-Length: 2\r\nContent-Length: 3\r\n", "{}"), bad),
            ("a length below zero", post("1.1", "Content-Length: -2\r\n", "{}"), bad),
            ("no length", post("1.1", "Content-Length: two\r\n", "{}"), bad),
            ("an endless length", post("1.1", "Content-Length: 99999999999999999999999\r\n", "{}"), bad),
            ("length and chunks", post("1.1", &format!("{length}{chunked}"), "2\r\n{}\r\n0\r\n\r\n"), ok),
            ("another encoding", post("1.1", "Transfer-Encoding: gzip\r\n", "{}"), bad),
            ("chunks", post("1.1", chunked, "1\r\n{\r\n1;a=b\r\n}\r\n0\r\nX: trailer\r\n\r\n"), ok),
            ("a chunk of no size", post("1.1", chunked, "x\r\n{}\r\n0\r\n\r\n"), bad),
            ("a chunk of endless size", post("1.1", chunked, "ffffffffffffffffffff\r\n{}"), bad),
            ("many small chunks", post("1.1", chunked, &chunks(1, 20_000)), bad),
            ("too many chunks", post("1.1", chunked, &chunks(1 << 16, 100)), &["1 413 Payload Too Large"]),
            (
                "expecting to go on",
                post("1.1", &format!("Expect: 100-continue\r\n{length}"), "{}"),
                &["1 100 Continue", "1 200 OK"],
            ),
            ("an upgrade", post("1.1", &format!("Connection: upgrade\r\nUpgrade: h2c\r\n{length}"), "{}"), ok),
        ];
        for (name, request, expected) in rows {
            assert_eq!(answered(&server, &request, false).await, expected, "{name}");
            server.ok(LIST, json!({})).await;
        }
        let whole = operation_request(LIST, b"{}");
        for length in (0..whole.len()).step_by(7) {
            let expected: &[&str] = &[];
            assert_eq!(answered(&server, &whole[..length], true).await, expected, "{length} bytes of a request");
        }
    });
}

#[test]
fn requests_that_come_together_are_answered_in_order() {
    on_the_programs_threads(async {
        let server = Server::start().await;
        let mut client = Client::connect(server.address).await;
        let name = |i: usize| json!({"name": format!("a{i}")});
        let create = |i: usize| call("CreateActivity", name(i).to_string().as_bytes());
        client.send_bytes(&(0..200).flat_map(create).collect::<Vec<u8>>()).await;
        for i in 0..200 {
            let answer = client.answer().await.expect("an answer");
            assert_eq!(answer.body["activityArn"], format!("{PREFIX}:activity:a{i}"));
        }
    });
}
