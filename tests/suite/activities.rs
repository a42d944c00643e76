//! Activities and their workers.

use crate::server::{PREFIX, Server, operation_request};
use serde_json::{Value, json};
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
        ("SendTaskFailure", json!({"taskToken": "x"})),
        ("SendTaskHeartbeat", json!({"taskToken": "x"})),
    ] {
        assert_eq!(server.refused(operation, input).await, "InvalidToken: Invalid Token: 'Invalid token'");
    }
    let error = server.refused("SendTaskSuccess", json!({"taskToken": "x", "output": "{"})).await;
    assert_eq!(error, "InvalidOutput: Invalid Output: 'Unexpected end-of-input: expected close marker for Object'");
}

#[tokio::test]
async fn a_worker_gets_a_task() {
    let server = Server::start().await;
    server.ok("CreateActivity", json!({"name": "a"})).await;
    server.emulator.engine.offer("token", stepwell::json::Value::parse("{\"a\": 1}").expect("JSON"));
    let task = server.ok("GetActivityTask", json!({"activityArn": arn("a"), "workerName": "w"})).await;
    assert_eq!(task, json!({"taskToken": "token", "input": "{\"a\": 1}"}));
    assert_eq!(server.emulator.engine.accepted(), ["token"]);
    server.ok("SendTaskHeartbeat", json!({"taskToken": "token"})).await;
    server.ok("SendTaskSuccess", json!({"taskToken": "token", "output": "1"})).await;
}

#[tokio::test]
async fn a_worker_that_goes_away_leaves_its_place() {
    let server = Server::start().await;
    server.ok("CreateActivity", json!({"name": "a"})).await;
    let poll = operation_request("GetActivityTask", json!({"activityArn": arn("a")}).to_string().as_bytes());
    let mut gone = TcpStream::connect(server.address).await.expect("a connection");
    gone.write_all(&poll).await.expect("an open connection");
    while server.emulator.engine.waiting() == 0 {
        tokio::task::yield_now().await;
    }
    drop(gone);
    while server.emulator.engine.waiting() == 1 {
        tokio::task::yield_now().await;
    }
    server.emulator.engine.offer("token", stepwell::json::Value::Null);
    let task = server.ok("GetActivityTask", json!({"activityArn": arn("a")})).await;
    assert_eq!(task, json!({"taskToken": "token", "input": "null"}));
}
