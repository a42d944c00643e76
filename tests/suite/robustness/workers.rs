//! Workers that poll, come and go: each task is done, and done once.

use super::client::{Client, call};
use super::on_the_programs_threads;
use crate::server::{PREFIX, ROLE, Server};
use serde_json::{Value, json};
use smol_str::SmolStr;
use std::net::SocketAddr;
use std::sync::{Arc, Mutex};
use std::time::Duration;

fn arn(name: &str) -> String {
    format!("{PREFIX}:activity:{name}")
}

fn poll() -> Value {
    json!({"activityArn": arn("a"), "workerName": "w"})
}

/// Creates the activity `a` and a state machine `m` that gives each item of its input to a worker.
async fn create(server: &Server) {
    server.ok("CreateActivity", json!({"name": "a"})).await;
    let task = json!({"Type": "Task", "Resource": arn("a"), "End": true});
    let definition = json!({"StartAt": "M", "States": {"M": {"Type": "Map", "End": true, "ItemProcessor":
        {"StartAt": "T", "States": {"T": task}}}}});
    let request = json!({"name": "m", "definition": definition.to_string(), "roleArn": ROLE});
    server.ok("CreateStateMachine", request).await;
}

async fn start(server: &Server, items: &Value) -> Value {
    let request = json!({"stateMachineArn": format!("{PREFIX}:stateMachine:m"), "input": items.to_string()});
    server.ok("StartExecution", request).await["executionArn"].clone()
}

async fn until_waiting(server: &Server, workers: usize) {
    while server.emulator.engine.waiting_workers(&arn("a")) != workers {
        tokio::task::yield_now().await;
    }
}

/// The second request, which the server has read already, hides from it that the client closes the connection.
#[test]
fn a_task_is_not_given_to_a_worker_that_asked_twice_and_went_away() {
    on_the_programs_threads(async {
        let server = Server::start().await;
        create(&server).await;
        let mut gone = Client::connect(server.address).await;
        let polls = [call("GetActivityTask", poll().to_string().as_bytes()), call("ListActivities", b"{}")].concat();
        gone.send_bytes(&polls).await;
        until_waiting(&server, 1).await;
        drop(gone);
        start(&server, &json!([1])).await;
        let mut worker = Client::connect(server.address).await;
        let task = worker.ok("GetActivityTask", &poll()).await;
        assert_eq!(task["input"], "1");
    });
}

/// What nobody wants any more must not cost the worker who is told so its place.
#[tokio::test]
async fn a_task_that_ended_on_its_way_leaves_the_order_of_workers_as_it_was() {
    let server = Server::start().await;
    create(&server).await;
    let (engine, activity) = (&server.emulator.engine, SmolStr::from(arn("a")));
    let first = start(&server, &json!([1])).await;
    let offer = engine.poll_activity(&activity, None).await.expect("a place").expect("a task");
    let mut workers = Vec::new();
    for place in 1..=3 {
        let (engine, activity) = (engine.clone(), activity.clone());
        workers.push(tokio::spawn(async move { engine.poll_activity(&activity, None).await }));
        until_waiting(&server, place).await;
    }
    server.ok("StopExecution", json!({"executionArn": first})).await;
    drop(offer);
    // The first worker is told, and waits again.
    tokio::task::yield_now().await;
    until_waiting(&server, 3).await;
    for worker in workers {
        start(&server, &json!([2])).await;
        let task = tokio::time::timeout(Duration::from_secs(5), worker).await.expect("it is this worker's turn");
        let mut task = task.expect("no panic").expect("a place").expect("a task");
        assert_eq!(task.input().to_text(), "2");
        task.accept();
    }
}

/// A worker that polls, reports and polls again, on a new connection each time. Every third time it says, once it waits,
/// that it sends nothing more: then either the task came before that, and it does it, or it never gets one.
async fn work(address: SocketAddr, worker: usize, done: Arc<Mutex<Vec<String>>>, tasks: usize) {
    for turn in worker.. {
        if done.lock().expect("no panic").len() >= tasks {
            return;
        }
        let mut client = Client::connect(address).await;
        client.send("GetActivityTask", &poll()).await;
        let goes_away = turn % 3 == 0;
        if goes_away {
            for _ in 0..turn % 40 {
                tokio::task::yield_now().await;
            }
            client.finish().await;
        }
        let Some(answer) = client.answer().await else {
            assert!(goes_away, "an answer was due");
            continue;
        };
        let task = answer.body;
        let Some(input) = task["input"].as_str() else { continue };
        let report = json!({"taskToken": task["taskToken"], "output": input});
        let mut reporter = Client::connect(address).await;
        let reported = reporter.call("SendTaskSuccess", &report).await;
        assert_eq!(reported.status, 200, "a task was given out twice: {input} {}", reported.body);
        done.lock().expect("no panic").push(input.to_owned());
    }
}

#[test]
fn each_of_many_tasks_is_done_once_however_workers_come_and_go() {
    const EXECUTIONS: usize = 20;
    const TASKS: usize = 25;
    on_the_programs_threads(async {
        let server = Server::start().await;
        create(&server).await;
        let done = Arc::default();
        let work = |worker| work(server.address, worker, Arc::clone(&done), EXECUTIONS * TASKS);
        let workers: Vec<_> = (0..50).map(|worker| tokio::spawn(work(worker))).collect();
        let mut executions = Vec::new();
        for execution in 0..EXECUTIONS {
            let items: Vec<usize> = (0..TASKS).map(|task| execution * TASKS + task).collect();
            executions.push((start(&server, &json!(items)).await, json!(items).to_string()));
        }
        while done.lock().expect("no panic").len() < EXECUTIONS * TASKS {
            tokio::task::yield_now().await;
        }
        let mut all: Vec<usize> =
            done.lock().expect("no panic").iter().map(|task: &String| task.parse().expect("a number")).collect();
        all.sort_unstable();
        assert_eq!(all, (0..EXECUTIONS * TASKS).collect::<Vec<_>>());
        for (execution, items) in executions {
            let described = server.ok("DescribeExecution", json!({"executionArn": execution})).await;
            assert_eq!((&described["status"], &described["output"]), (&json!("SUCCEEDED"), &json!(items)));
        }
        workers.iter().for_each(|worker| worker.abort());
    });
}
