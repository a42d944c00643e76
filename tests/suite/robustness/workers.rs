//! Workers that poll, come and go: each task is done, and done once.

use super::client::{Client, call};
use super::on_the_programs_threads;
use crate::server::{PREFIX, ROLE, Server};
use serde_json::{Value, json};
use smol_str::SmolStr;
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
