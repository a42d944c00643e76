//! RedriveExecution: what fails goes on, and what can't go on is refused.

use crate::server::{PREFIX, Server};
use serde_json::{Value, json};
use std::time::Duration;

const FLAKY: &str = r#"{"StartAt":"A","States":{"A":{"Type":"Pass","Next":"B"},"B":{"Type":"Choice","Choices":[
    {"Variable":"$$.Execution.RedriveCount","NumericGreaterThan":0,"Next":"C"}],"Default":"F"},
    "F":{"Type":"Fail","Error":"E"},"C":{"Type":"Succeed"}}}"#;
const WAIT: &str = r#"{"StartAt":"W","States":{"W":{"Type":"Wait","Seconds":60,"End":true}}}"#;

async fn started(server: &Server, definition: &str) -> Value {
    let create = json!({"name": "m", "definition": definition, "roleArn": "arn:aws:iam::123456789012:role/r"});
    let machine = server.ok("CreateStateMachine", create).await["stateMachineArn"].clone();
    server.ok("StartExecution", json!({"stateMachineArn": machine, "name": "e"})).await["executionArn"].clone()
}

#[tokio::test]
async fn a_stopped_execution_goes_on_and_shows_it() {
    let server = Server::start().await;
    let execution = started(&server, WAIT).await;
    let described = async || server.ok("DescribeExecution", json!({"executionArn": execution})).await;
    server.ok("StopExecution", json!({"executionArn": execution})).await;
    let stopped = described().await;
    assert_eq!((&stopped["status"], &stopped["redriveStatus"]), (&json!("ABORTED"), &json!("REDRIVABLE")));
    server.emulator.engine.advance(Duration::from_secs(5));
    let redrive = json!({"executionArn": execution, "clientToken": "once"});
    let redriven = server.ok("RedriveExecution", redrive.clone()).await;
    assert_eq!(server.ok("RedriveExecution", redrive).await, redriven, "the same token, the same redrive");
    let running = described().await;
    assert_eq!(
        (&running["status"], &running["redriveCount"], &running["redriveDate"], &running["stopDate"]),
        (&json!("RUNNING"), &json!(1), &redriven["redriveDate"], &Value::Null)
    );
    let listed = server.ok("ListExecutions", json!({"stateMachineArn": format!("{PREFIX}:stateMachine:m")})).await;
    assert_eq!(
        (&listed["executions"][0]["redriveCount"], &listed["executions"][0]["redriveDate"]),
        (&json!(1), &redriven["redriveDate"])
    );
    server.emulator.engine.advance(Duration::from_secs(60));
    assert_eq!(described().await["status"], "SUCCEEDED");
    let history = server.ok("GetExecutionHistory", json!({"executionArn": execution})).await;
    let event = &history["events"][3];
    assert_eq!(
        (&event["type"], &event["executionRedrivenEventDetails"]),
        (&json!("ExecutionRedriven"), &json!({"redriveCount": 1}))
    );
}

#[tokio::test]
async fn a_fail_state_fails_again_however_often() {
    let server = Server::start().await;
    let execution = started(&server, FLAKY).await;
    for count in 1..=3 {
        server.ok("RedriveExecution", json!({"executionArn": execution})).await;
        let described = server.ok("DescribeExecution", json!({"executionArn": execution})).await;
        assert_eq!((&described["status"], &described["redriveCount"]), (&json!("FAILED"), &json!(count)));
    }
}

#[tokio::test]
async fn what_can_not_be_redriven_is_refused() {
    let server = Server::start().await;
    let execution = started(&server, WAIT).await;
    let refused = async |arn: &Value| server.refused("RedriveExecution", json!({"executionArn": arn})).await;
    let running = "ExecutionNotRedrivable: Execution is RUNNING and cannot be redriven";
    assert_eq!(refused(&execution).await, running);
    server.emulator.engine.advance(Duration::from_secs(60));
    let succeeded = "ExecutionNotRedrivable: Execution is SUCCEEDED and cannot be redriven";
    assert_eq!(refused(&execution).await, succeeded);
    let missing = json!(format!("{PREFIX}:execution:m:none"));
    assert_eq!(
        refused(&missing).await,
        format!("ExecutionDoesNotExist: Execution Does Not Exist: '{PREFIX}:execution:m:none'")
    );
    let express = json!(format!("{PREFIX}:express:m:e:8a1b1a5c-0000-4000-8000-000000000000"));
    assert_eq!(refused(&express).await, "InvalidArn: Invalid Arn: 'Resource type not valid in this context: express'");
    let late = server.ok("StartExecution", json!({"stateMachineArn": format!("{PREFIX}:stateMachine:m")})).await;
    let late = &late["executionArn"];
    server.ok("StopExecution", json!({"executionArn": late})).await;
    server.emulator.engine.advance(Duration::from_secs(14 * 24 * 60 * 60 + 1));
    assert_eq!(refused(late).await, "ExecutionNotRedrivable: Execution redrivable period exceeded");
}

#[tokio::test]
async fn a_redriven_execution_runs_what_it_was_started_with() {
    let server = Server::start().await;
    let machine = format!("{PREFIX}:stateMachine:m");
    let version = format!("{machine}:1");
    let role = "arn:aws:iam::123456789012:role/r";
    let create = json!({"name": "m", "definition": WAIT, "roleArn": role, "publish": true});
    server.ok("CreateStateMachine", create).await;
    let started = server.ok("StartExecution", json!({"stateMachineArn": version})).await;
    let execution = json!({"executionArn": started["executionArn"]});
    server.ok("StopExecution", execution.clone()).await;
    let update = json!({"stateMachineArn": machine, "definition": FLAKY});
    server.ok("UpdateStateMachine", update).await;
    server.ok("DeleteStateMachineVersion", json!({"stateMachineVersionArn": version})).await;
    server.ok("RedriveExecution", execution.clone()).await;
    server.emulator.engine.advance(Duration::from_secs(60));
    let described = server.ok("DescribeExecution", execution).await;
    assert_eq!((&described["status"], &described["redriveCount"]), (&json!("SUCCEEDED"), &json!(1)));
    assert_eq!(described["stateMachineVersionArn"], version);
}
