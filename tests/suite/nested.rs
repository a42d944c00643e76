//! Executions that call Step Functions: they start others, wait for them, and work on their activities.

use crate::server::{PREFIX, ROLE, Server};
use serde_json::{Value, json};
use std::future::Future;
use std::pin::Pin;
use std::sync::Arc;
use std::time::Duration;
use stepwell::arn::Namespace;
use stepwell::clock::Clock;
use stepwell::config::{Config, Endpoints};
use stepwell::emulator::Emulator;
use stepwell::endpoint::Endpoint;
use stepwell::integrations::{Answering, StepFunctions};
use stepwell::timestamp::Timestamp;

async fn create(server: &Server, name: &str, definition: &str) -> Value {
    let create = json!({"name": name, "definition": definition, "roleArn": ROLE});
    server.ok("CreateStateMachine", create).await["stateMachineArn"].clone()
}

/// A machine whose only state is this task.
fn task(resource: &str, parameters: &str) -> String {
    format!(
        r#"{{"StartAt":"T","States":{{"T":{{"Type":"Task","Resource":"arn:aws:states:::{resource}","Parameters":{parameters},"End":true}}}}}}"#
    )
}

/// Starts it and gives its description once it has ended.
async fn ended(server: &Server, machine: &Value) -> Value {
    let started = server.ok("StartExecution", json!({"stateMachineArn": machine})).await;
    until_ended(server, &started["executionArn"]).await
}

async fn until_ended(server: &Server, execution: &Value) -> Value {
    loop {
        let described = server.ok("DescribeExecution", json!({"executionArn": execution})).await;
        if described["status"] != "RUNNING" {
            return described;
        }
        tokio::task::yield_now().await;
    }
}

fn parsed(text: &Value) -> Value {
    serde_json::from_str(text.as_str().unwrap_or_default()).unwrap_or_default()
}

const CHILD: &str = r#"{"StartAt":"A","States":{"A":{"Type":"Pass","Result":{"a":1},"End":true}}}"#;
const FAILING: &str = r#"{"StartAt":"A","States":{"A":{"Type":"Fail","Error":"E","Cause":"C"}}}"#;
const WAITING: &str = r#"{"StartAt":"A","States":{"A":{"Type":"Wait","Seconds":60,"End":true}}}"#;

fn parameters(name: &str) -> String {
    format!(r#"{{"StateMachineArn":"{PREFIX}:stateMachine:child","Input":{{"i":1}},"Name":"{name}"}}"#)
}

#[tokio::test]
async fn a_state_machine_that_may_be_at_another_step_functions_is_not_said_to_be_nowhere() {
    let there = Endpoint::parse("http://localhost:1").expect("a URL");
    let of_services = [("AWS_ENDPOINT_URL_SFN".to_owned(), there)].into();
    let endpoints = Endpoints { of_services, ..Endpoints::default() };
    let server = Server::with(Config { endpoints, ..Config::default() }).await;
    for resource in ["states:startExecution", "states:startExecution.sync:2"] {
        let machine = create(&server, "parent", &task(resource, &parameters("there"))).await;
        let described = ended(&server, &machine).await;
        assert_eq!(described["error"], "States.Runtime", "nothing can catch it");
        let cause = described["cause"].as_str().expect("a cause");
        let what = "states:startExecution of state machines that are not here, but at http://localhost:1";
        assert!(cause.contains(&format!("Stepwell does not support {what}")), "{cause}");
        server.ok("DeleteStateMachine", json!({"stateMachineArn": machine})).await;
    }
    create(&server, "child", CHILD).await;
    let machine = create(&server, "of-one-here", &task("states:startExecution", &parameters("here"))).await;
    assert_eq!(ended(&server, &machine).await["status"], "SUCCEEDED");
}

#[tokio::test]
async fn an_execution_starts_another_and_waits_for_it_or_does_not() {
    let server = Server::start().await;
    create(&server, "child", CHILD).await;
    let arn = |name: &str| json!(format!("{PREFIX}:execution:child:{name}"));
    for (name, resource, output) in [
        ("plain", "states:startExecution", Value::Null),
        ("sync", "states:startExecution.sync", json!(r#"{"a":1}"#)),
        ("sync2", "states:startExecution.sync:2", json!({"a": 1})),
        ("sdk", "aws-sdk:sfn:startExecution", Value::Null),
    ] {
        let machine = create(&server, name, &task(resource, &parameters(name))).await;
        let described = ended(&server, &machine).await;
        assert_eq!(described["status"], "SUCCEEDED", "{described}");
        let result = parsed(&described["output"]);
        assert_eq!((&result["ExecutionArn"], &result["Output"]), (&arn(name), &output), "{result}");
        let child = until_ended(&server, &arn(name)).await;
        assert_eq!(child["input"], r#"{"i":1}"#);
    }
}

#[tokio::test]
async fn what_the_other_one_failed_for_is_told() {
    let server = Server::start().await;
    create(&server, "child", FAILING).await;
    let machine = create(&server, "m", &task("states:startExecution.sync:2", &parameters("e"))).await;
    let described = ended(&server, &machine).await;
    assert_eq!((&described["status"], &described["error"]), (&json!("FAILED"), &json!("States.TaskFailed")));
    let cause = parsed(&described["cause"]);
    let expected = (&json!("E"), &json!("C"), &json!("FAILED"), &json!(r#"{"i":1}"#));
    assert_eq!((&cause["Error"], &cause["Cause"], &cause["Status"], &cause["Input"]), expected);
}

#[tokio::test]
async fn errors_are_those_of_the_sdks() {
    let server = Server::start().await;
    for (name, resource, error) in [
        ("optimised", "states:startExecution", "StepFunctions.StateMachineDoesNotExistException"),
        ("sdk", "aws-sdk:sfn:startExecution", "Sfn.StateMachineDoesNotExistException"),
    ] {
        let machine = create(&server, name, &task(resource, &parameters("e"))).await;
        let described = ended(&server, &machine).await;
        assert_eq!(described["error"], error);
        let cause = described["cause"].as_str().unwrap_or_default();
        let words = format!("State Machine Does Not Exist: '{PREFIX}:stateMachine:child' (Service: ");
        assert!(cause.starts_with(&words), "{cause}");
    }
}

/// Whoever is stopped while it waits for another execution stops that.
#[tokio::test]
async fn an_execution_that_is_stopped_stops_the_one_it_waits_for() {
    let server = Server::start().await;
    create(&server, "child", WAITING).await;
    let machine = create(&server, "m", &task("states:startExecution.sync", &parameters("e"))).await;
    let started = server.ok("StartExecution", json!({"stateMachineArn": machine})).await;
    let child = json!(format!("{PREFIX}:execution:child:e"));
    let running = json!({"stateMachineArn": format!("{PREFIX}:stateMachine:child"), "statusFilter": "RUNNING"});
    while server.ok("ListExecutions", running.clone()).await["executions"] == json!([]) {
        tokio::task::yield_now().await;
    }
    let history = json!({"executionArn": started["executionArn"], "reverseOrder": true, "maxResults": 1});
    while server.ok("GetExecutionHistory", history.clone()).await["events"][0]["type"] != "TaskSubmitted" {
        tokio::task::yield_now().await;
    }
    server.ok("StopExecution", json!({"executionArn": started["executionArn"]})).await;
    assert_eq!(until_ended(&server, &child).await["status"], "ABORTED");
}

#[tokio::test]
async fn an_execution_may_work_on_the_activity_of_another() {
    let server = Server::start().await;
    let activity = server.ok("CreateActivity", json!({"name": "a"})).await["activityArn"].clone();
    let waiting = format!(
        r#"{{"StartAt":"T","States":{{"T":{{"Type":"Task","Resource":{activity},"TimeoutSeconds":60,"End":true}}}}}}"#
    );
    let waiting = create(&server, "waiting", &waiting).await;
    let worker = r#"{"StartAt":"G","States":{
        "G":{"Type":"Task","Resource":"arn:aws:states:::aws-sdk:sfn:getActivityTask","Parameters":{"ActivityArn":ACTIVITY},"Next":"S"},
        "S":{"Type":"Task","Resource":"arn:aws:states:::aws-sdk:sfn:sendTaskSuccess",
            "Parameters":{"TaskToken.$":"$.TaskToken","Output":{"done":true}},"End":true}}}"#
        .replace("ACTIVITY", &activity.to_string());
    let worker = create(&server, "worker", &worker).await;
    let started = server.ok("StartExecution", json!({"stateMachineArn": waiting})).await;
    assert_eq!(ended(&server, &worker).await["status"], "SUCCEEDED");
    let described = until_ended(&server, &started["executionArn"]).await;
    assert_eq!((&described["status"], &described["output"]), (&json!("SUCCEEDED"), &json!(r#"{"done":true}"#)));
    server.emulator.engine.advance(Duration::from_secs(60));
}

/// Step Functions with a bug.
#[derive(Debug)]
struct Broken;

impl StepFunctions for Broken {
    fn answer(&self, _: Namespace, operation: &'static str, _: Vec<u8>) -> Answering<'_> {
        Box::pin(async move { panic!("{operation} is broken") })
    }

    fn ended(&self, _: Namespace, _: smol_str::SmolStr) -> Pin<Box<dyn Future<Output = ()> + Send + '_>> {
        Box::pin(std::future::ready(()))
    }
}

#[tokio::test]
async fn a_bug_in_a_call_ends_its_execution_and_no_other() {
    let emulator = Arc::new(Emulator::new(Config::default(), Clock::at(Timestamp::from_millis(0))));
    emulator.engine.services().connect(Arc::new(Broken));
    let server = Server::of(emulator).await;
    let machine = create(&server, "parent", &task("states:startExecution", &parameters("n"))).await;
    let described = ended(&server, &machine).await;
    assert_eq!((&described["status"], &described["error"]), (&json!("FAILED"), &json!("States.Runtime")));
    let cause = described["cause"].as_str().expect("a cause");
    assert!(cause.contains("StartExecution is broken"), "{cause}");
    let machine = create(&server, "other", CHILD).await;
    assert_eq!(ended(&server, &machine).await["status"], "SUCCEEDED");
}
