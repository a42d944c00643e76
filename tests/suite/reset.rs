//! `POST /_stepwell/reset`: everything is gone, or what one account has in one region.

use crate::server::{PREFIX, ROLE, Server};
use serde_json::{Value, json};

/// Calls an operation in a region.
async fn call(server: &Server, region: &str, operation: &str, input: Value) -> Value {
    let credential = format!("Credential=123456789012/20260101/{region}/states/aws4_request");
    let target = format!("AWSStepFunctions.{operation}");
    let head = [
        ("Content-Type", "application/x-amz-json-1.0"),
        ("X-Amz-Target", target.as_str()),
        ("Authorization", credential.as_str()),
    ];
    server.send("POST /", &head, input.to_string().as_bytes()).await.body
}

/// What there is in a region: state machines, activities, and whether the execution `m:e` is there.
async fn there_is(server: &Server, region: &str) -> (usize, usize, bool) {
    let count = |list: Value, member: &str| list[member].as_array().map_or(0, Vec::len);
    let execution = format!("arn:aws:states:{region}:123456789012:execution:m:e");
    let described = call(server, region, "DescribeExecution", json!({"executionArn": execution})).await;
    (
        count(call(server, region, "ListStateMachines", json!({})).await, "stateMachines"),
        count(call(server, region, "ListActivities", json!({})).await, "activities"),
        described.get("status").is_some(),
    )
}

/// Two regions with an activity, a state machine and an execution that waits for a worker; gives the workers' tokens.
async fn filled(server: &Server) -> Vec<Value> {
    let mut tokens = Vec::new();
    for region in ["us-east-1", "eu-west-1"] {
        let activity = call(server, region, "CreateActivity", json!({"name": "a"})).await["activityArn"].clone();
        let definition = json!({"StartAt": "A", "States": {"A": {"Type": "Task", "Resource": activity, "End": true}}});
        let machine = json!({"name": "m", "definition": definition.to_string(), "roleArn": ROLE});
        let machine = call(server, region, "CreateStateMachine", machine).await["stateMachineArn"].clone();
        call(server, region, "StartExecution", json!({"stateMachineArn": machine, "name": "e"})).await;
        let task = call(server, region, "GetActivityTask", json!({"activityArn": activity})).await;
        tokens.push(task["taskToken"].clone());
        assert_eq!(there_is(server, region).await, (1, 1, true));
    }
    tokens
}

async fn reset(server: &Server, query: &str) -> (u16, Value) {
    let answer = server.send(&format!("POST /_stepwell/reset{query}"), &[], b"").await;
    (answer.status, answer.body)
}

#[tokio::test]
async fn everything_is_gone() {
    let server = Server::start().await;
    let tokens = filled(&server).await;
    assert_eq!(reset(&server, "").await, (200, json!({})));
    for (region, token) in ["us-east-1", "eu-west-1"].into_iter().zip(tokens) {
        assert_eq!(there_is(&server, region).await, (0, 0, false));
        let late = call(&server, region, "SendTaskSuccess", json!({"taskToken": token, "output": "1"})).await;
        assert_eq!(late["message"], "Invalid Token: 'Invalid token'");
    }
    filled(&server).await;
}

#[tokio::test]
async fn one_account_in_one_region_is_emptied() {
    let server = Server::start().await;
    filled(&server).await;
    assert_eq!(reset(&server, "?account=123456789012&region=eu-west-1").await, (200, json!({})));
    assert_eq!(there_is(&server, "eu-west-1").await, (0, 0, false));
    assert_eq!(there_is(&server, "us-east-1").await, (1, 1, true));
    assert_eq!(reset(&server, "?account=000000000000&region=us-east-1").await, (200, json!({})));
    assert_eq!(there_is(&server, "us-east-1").await, (1, 1, true));
}

#[tokio::test]
async fn what_is_not_understood_empties_nothing() {
    let server = Server::start().await;
    filled(&server).await;
    let one = json!({"message": "name both account and region, or neither"});
    assert_eq!(reset(&server, "?account=123456789012").await, (400, one));
    let other = json!({"message": "only account and region can be named"});
    assert_eq!(reset(&server, "?acount=123456789012&region=us-east-1").await, (400, other));
    let answer = server.send("GET /_stepwell/reset", &[], b"").await;
    assert_eq!((answer.status, answer.error().as_str()), (400, "UnknownOperationException"));
    assert_eq!(there_is(&server, "us-east-1").await, (1, 1, true));
    let arn = format!("{PREFIX}:stateMachine:m");
    assert_eq!(server.ok("DescribeStateMachine", json!({"stateMachineArn": arn})).await["status"], "ACTIVE");
}
