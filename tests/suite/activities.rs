//! Activities and their workers.

use crate::server::{PREFIX, ROLE, Server, operation_request};
use serde_json::{Value, json};
use std::sync::Arc;
use std::time::Duration;
use tokio::io::AsyncWriteExt;
use tokio::net::TcpStream;

fn arn(name: &str) -> String {
    format!("{PREFIX}:activity:{name}")
}

#[tokio::test]
async fn an_activity_is_created_once() {
    let server = Server::start().await;
    let created = server.ok("CreateActivity", json!({"name": "a", "tags": [{"key": "k", "value": "v"}]})).await;
    assert_eq!(created["activityArn"], arn("a"));
    assert_eq!(server.ok("CreateActivity", json!({"name": "a"})).await, created);
    let expected = json!({
        "activityArn": arn("a"),
        "name": "a",
        "creationDate": created["creationDate"],
        "encryptionConfiguration": {"type": "AWS_OWNED_KEY"},
    });
    assert_eq!(server.ok("DescribeActivity", json!({"activityArn": arn("a")})).await, expected);
    for name in ["a b", "a/b", "a:b"] {
        let error = server.refused("CreateActivity", json!({"name": name})).await;
        assert_eq!(error, format!("InvalidName: Invalid Name: '{name}'"));
    }
    let many: Vec<Value> = (0..51).map(|i| json!({"key": i.to_string(), "value": ""})).collect();
    for (tags, error) in [
        (json!([{"key": "aws:x", "value": ""}]), "ValidationException: Invalid tag key: 'aws:x'"),
        (json!([{"key": "a", "value": "?"}]), "ValidationException: Invalid tag value: '?'"),
        (json!(many), "TooManyTags: Too many tags: a resource can have 50 tags at most"),
    ] {
        assert_eq!(server.refused("CreateActivity", json!({"name": "b", "tags": tags})).await, error);
    }
}

#[tokio::test]
async fn a_deleted_activity_is_gone() {
    let server = Server::start().await;
    server.ok("CreateActivity", json!({"name": "a"})).await;
    for _ in 0..2 {
        assert_eq!(server.ok("DeleteActivity", json!({"activityArn": arn("a")})).await, json!({}));
    }
    for operation in ["DescribeActivity", "GetActivityTask"] {
        let error = server.refused(operation, json!({"activityArn": arn("a")})).await;
        assert_eq!(error, format!("ActivityDoesNotExist: Activity Does Not Exist: '{}'", arn("a")));
        let error = server.refused(operation, json!({"activityArn": "no_an_activity_arn"})).await;
        assert_eq!(error, "InvalidArn: Invalid Arn: 'Invalid ARN prefix: no_an_activity_arn'");
    }
}

#[tokio::test]
async fn lists_come_in_pages() {
    let server = Server::start().await;
    for name in ["c", "a", "b"] {
        server.ok("CreateActivity", json!({"name": name})).await;
    }
    let first = server.ok("ListActivities", json!({"maxResults": 2})).await;
    let second = server.ok("ListActivities", json!({"nextToken": first["nextToken"]})).await;
    let names = |page: &Value| page["activities"].as_array().map(|a| a.iter().map(|a| a["name"].clone()).collect());
    assert_eq!((names(&first), names(&second)), (Some(json!(["a", "b"])), Some(json!(["c"]))));
    assert_eq!(second.get("nextToken"), None);
}

#[tokio::test]
async fn a_token_must_be_one_that_was_given_out() {
    let server = Server::start().await;
    for (operation, input) in [
        ("SendTaskSuccess", json!({"taskToken": "x", "output": "{}"})),
        // Recorded: of a bad token and a bad output the token is refused.
        ("SendTaskSuccess", json!({"taskToken": "x", "output": "{"})),
        ("SendTaskFailure", json!({"taskToken": "x"})),
        ("SendTaskHeartbeat", json!({"taskToken": "x"})),
    ] {
        assert_eq!(server.refused(operation, input).await, "InvalidToken: Invalid Token: 'Invalid token'");
    }
}

/// Starts an execution with one activity task and gives its ARN.
async fn started(server: &Server, input: &str) -> Value {
    server.ok("CreateActivity", json!({"name": "a"})).await;
    let definition = json!({"StartAt": "A", "States": {
        "A": {"Type": "Task", "Resource": arn("a"), "TimeoutSeconds": 60, "HeartbeatSeconds": 10, "End": true}}});
    let machine = server
        .ok("CreateStateMachine", json!({"name": "m", "definition": definition.to_string(), "roleArn": ROLE}))
        .await;
    let started =
        server.ok("StartExecution", json!({"stateMachineArn": machine["stateMachineArn"], "input": input})).await;
    started["executionArn"].clone()
}

/// The types of an execution's events.
async fn events(server: &Server, execution: &Value) -> Vec<String> {
    let history = server.ok("GetExecutionHistory", json!({"executionArn": execution})).await;
    let events = history["events"].as_array().expect("events").iter();
    events.map(|event| event["type"].as_str().expect("a type").to_owned()).collect()
}

#[tokio::test]
async fn a_worker_gets_a_task() {
    let server = Server::start().await;
    let execution = started(&server, "{\"a\": 1}").await;
    let task = server.ok("GetActivityTask", json!({"activityArn": arn("a"), "workerName": "w"})).await;
    assert_eq!(task["input"], "{\"a\": 1}");
    server.ok("SendTaskHeartbeat", json!({"taskToken": task["taskToken"]})).await;
    server.ok("SendTaskSuccess", json!({"taskToken": task["taskToken"], "output": "{\"b\":  2}"})).await;
    let description = server.ok("DescribeExecution", json!({"executionArn": execution})).await;
    assert_eq!((&description["status"], &description["output"]), (&json!("SUCCEEDED"), &json!("{\"b\":  2}")));
    assert_eq!(events(&server, &execution).await[2..5], ["ActivityScheduled", "ActivityStarted", "ActivitySucceeded"]);
}

#[tokio::test]
async fn a_late_report_is_refused() {
    let late = "TaskTimedOut: Task Timed Out: 'Provided task does not exist anymore'";
    let server = Server::start().await;
    let execution = started(&server, "{}").await;
    let task = server.ok("GetActivityTask", json!({"activityArn": arn("a")})).await;
    let token = json!({"taskToken": task["taskToken"]});
    server.emulator.engine.advance(Duration::from_secs(9));
    server.ok("SendTaskHeartbeat", token.clone()).await;
    server.emulator.engine.advance(Duration::from_secs(9));
    assert_eq!(events(&server, &execution).await.len(), 4);
    server.emulator.engine.advance(Duration::from_secs(1));
    assert_eq!(events(&server, &execution).await[4..], ["ActivityTimedOut", "ExecutionFailed"]);
    for operation in ["SendTaskHeartbeat", "SendTaskFailure"] {
        assert_eq!(server.refused(operation, token.clone()).await, late, "{operation}");
    }
    let success = json!({"taskToken": task["taskToken"], "output": "1"});
    assert_eq!(server.refused("SendTaskSuccess", success).await, late);
}

/// Waits until this many workers wait for a task of activity `a`.
async fn until_waiting(server: &Server, workers: usize) {
    while server.emulator.engine.waiting_workers(&arn("a")) != workers {
        tokio::task::yield_now().await;
    }
}

#[tokio::test]
async fn the_first_worker_is_served_first() {
    let server = Arc::new(Server::start().await);
    server.ok("CreateActivity", json!({"name": "a"})).await;
    let mut polls = Vec::new();
    for (place, worker) in ["first", "second"].into_iter().enumerate() {
        let polling = server.clone();
        polls.push(tokio::spawn(async move {
            polling.ok("GetActivityTask", json!({"activityArn": arn("a"), "workerName": worker})).await
        }));
        until_waiting(&server, place + 1).await;
    }
    let execution = started(&server, "1").await;
    let task = polls.remove(0).await.expect("the first worker's answer");
    assert_eq!(task["input"], "1");
    until_waiting(&server, 1).await;
    let history = server.ok("GetExecutionHistory", json!({"executionArn": execution, "reverseOrder": true})).await;
    assert_eq!(history["events"][0]["activityStartedEventDetails"], json!({"workerName": "first"}));
}

#[tokio::test]
async fn a_worker_that_goes_away_leaves_its_place_and_the_task_goes_to_the_next() {
    let server = Server::start().await;
    server.ok("CreateActivity", json!({"name": "a"})).await;
    let poll = operation_request("GetActivityTask", json!({"activityArn": arn("a")}).to_string().as_bytes());
    let mut gone = TcpStream::connect(server.address).await.expect("a connection");
    gone.write_all(&poll).await.expect("an open connection");
    until_waiting(&server, 1).await;
    drop(gone);
    until_waiting(&server, 0).await;
    let execution = started(&server, "null").await;
    let task = server.ok("GetActivityTask", json!({"activityArn": arn("a")})).await;
    assert_eq!(task["input"], "null");
    assert_eq!(events(&server, &execution).await[2..], ["ActivityScheduled", "ActivityStarted"]);
}
