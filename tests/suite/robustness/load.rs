//! Many tasks in flight: what they cost the program itself, as a user runs it.
#![cfg(target_os = "linux")]

use super::client::Client;
use super::on_the_programs_threads;
use crate::program::Server;
use crate::server::ROLE;
use rustix::process::{Resource, Rlimit, getrlimit, setrlimit};
use serde_json::{Value, json};
use std::net::SocketAddr;
use std::sync::Arc;
use std::time::Duration;
use tokio::io::{AsyncReadExt, AsyncWriteExt};
use tokio::net::{TcpListener, TcpStream};
use tokio::sync::{Semaphore, watch};
use tokio::time::timeout;

const TASKS: usize = 2000;
const MOST_KIB: u64 = 64 << 10;
const ENOUGH: Duration = Duration::from_secs(60);

/// The memory that a process has in KiB. Code without optimisation, which is not what anybody runs, has some 16 MiB of
/// pages of its own; they are left out.
fn memory(pid: u32) -> u64 {
    let name = if cfg!(debug_assertions) { "RssAnon:" } else { "VmHWM:" };
    let status = std::fs::read_to_string(format!("/proc/{pid}/status")).expect("a running program");
    let line = status.lines().find_map(|line| line.strip_prefix(name)).expect("a line of this name");
    line.split_whitespace().next().and_then(|number| number.parse().ok()).expect("a number")
}

/// Answers no request before all have come; then each with the same.
async fn slow_service(listener: TcpListener, come: Arc<Semaphore>, go: watch::Receiver<bool>) {
    while let Ok((stream, _)) = listener.accept().await {
        tokio::spawn(answer(stream, come.clone(), go.clone()));
    }
}

async fn answer(mut stream: TcpStream, come: Arc<Semaphore>, mut go: watch::Receiver<bool>) -> Option<()> {
    const BODY: &str = r#"{"Parameter":{"Name":"n","Value":"v"}}"#;
    loop {
        let mut request = Vec::new();
        while !request.ends_with(b"}") {
            if stream.read_buf(&mut request).await.ok()? == 0 {
                return None;
            }
        }
        come.add_permits(1);
        go.wait_for(|go| *go).await.ok()?;
        let answer = format!("HTTP/1.1 200 OK\r\nContent-Length: {}\r\n\r\n{BODY}", BODY.len());
        stream.write_all(answer.as_bytes()).await.ok()?;
    }
}

async fn start_all(address: SocketAddr, machine: &Value) {
    let mut client = Client::connect(address).await;
    for number in 0..TASKS {
        let request = json!({"stateMachineArn": machine, "name": number.to_string(), "input": "{\"name\":\"n\"}"});
        client.ok("StartExecution", &request).await;
    }
}

#[test]
fn two_thousand_tasks_in_flight_take_less_than_64_mib() {
    // The service has as many connections as the program.
    let Rlimit { maximum, .. } = getrlimit(Resource::Nofile);
    setrlimit(Resource::Nofile, Rlimit { current: maximum, maximum }).expect("a limit as high as is allowed");
    on_the_programs_threads(async {
        let listener = TcpListener::bind("127.0.0.1:0").await.expect("a free port");
        let endpoint = format!("http://{}", listener.local_addr().expect("an address"));
        let come = Arc::new(Semaphore::new(0));
        let (go, wait) = watch::channel(false);
        tokio::spawn(slow_service(listener, come.clone(), wait));
        let server = Server::start(&["--port", "0"], &[("AWS_ENDPOINT_URL", &endpoint)]);
        let address: SocketAddr = format!("127.0.0.1:{}", server.port).parse().expect("an address");
        let mut client = Client::connect(address).await;
        let task = json!({"Type": "Task", "Resource": "arn:aws:states:::aws-sdk:ssm:getParameter", "End": true,
            "Parameters": {"Name.$": "$.name"}, "TimeoutSeconds": 600});
        let definition = json!({"StartAt": "T", "States": {"T": task}}).to_string();
        let request = json!({"name": "m", "definition": definition, "roleArn": ROLE});
        let machine = client.ok("CreateStateMachine", &request).await["stateMachineArn"].clone();
        timeout(ENOUGH, start_all(address, &machine)).await.expect("all are started in time");
        let all = timeout(ENOUGH, come.acquire_many(TASKS as u32)).await.expect("all tasks are in flight in time");
        all.expect("an open semaphore").forget();
        let in_flight = memory(server.child.id());
        go.send(true).expect("a waiting service");
        let running = json!({"stateMachineArn": machine, "statusFilter": "RUNNING", "maxResults": 1});
        let ended = async {
            while client.ok("ListExecutions", &running).await["executions"] != json!([]) {
                tokio::task::yield_now().await;
            }
        };
        timeout(ENOUGH, ended).await.expect("all end in time");
        let failed = json!({"stateMachineArn": machine, "statusFilter": "FAILED", "maxResults": 1});
        assert_eq!(client.ok("ListExecutions", &failed).await, json!({"executions": []}));
        let after = memory(server.child.id());
        assert!(in_flight.max(after) < MOST_KIB, "{in_flight} KiB with all tasks in flight, {after} KiB after them");
        server.stop();
    });
}
