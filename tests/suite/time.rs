//! Workflow time: the clock stands still until a test moves it.

use crate::server::{PREFIX, ROLE, Server};
use serde_json::{Value, json};
use std::time::Duration;
use stepwell::config::Config;

/// Starts an execution of these states, of which `A` is the first, and gives its ARN.
async fn start(server: &Server, states: Value) -> Value {
    server.ok("CreateActivity", json!({"name": "a"})).await;
    let definition = json!({"StartAt": "A", "States": states}).to_string();
    let machine = json!({"name": "m", "definition": definition, "roleArn": ROLE});
    let machine = server.ok("CreateStateMachine", machine).await;
    let started = server.ok("StartExecution", json!({"stateMachineArn": machine["stateMachineArn"]})).await;
    started["executionArn"].clone()
}

/// The status of an execution, and how many seconds it took.
async fn outcome(server: &Server, execution: &Value) -> (String, Option<f64>) {
    let described = server.ok("DescribeExecution", json!({"executionArn": execution})).await;
    let (start, stop) = (described["startDate"].as_f64().expect("a time"), described["stopDate"].as_f64());
    (described["status"].as_str().expect("a status").to_owned(), stop.map(|stop| stop - start))
}

#[tokio::test]
async fn a_wait_ends_when_its_time_has_come() {
    for (scale, seconds) in [(1.0, 3600), (0.5, 1800), (2.0, 7200)] {
        let server = Server::with(Config { wait_time_scale: scale, ..Config::default() }).await;
        let execution = start(&server, json!({"A": {"Type": "Wait", "Seconds": 3600, "End": true}})).await;
        server.emulator.engine.advance(Duration::from_secs(seconds) - Duration::from_millis(1));
        assert_eq!(outcome(&server, &execution).await, ("RUNNING".into(), None), "{scale}");
        server.emulator.engine.advance(Duration::from_millis(1));
        assert_eq!(outcome(&server, &execution).await, ("SUCCEEDED".into(), Some(seconds as f64)), "{scale}");
    }
}

#[tokio::test]
async fn only_waits_are_scaled() {
    let server = Server::with(Config { wait_time_scale: 0.0, ..Config::default() }).await;
    let activity = format!("{PREFIX}:activity:a");
    let states = json!({
        "A": {"Type": "Wait", "Seconds": 3600, "Next": "B"},
        "B": {"Type": "Task", "Resource": activity, "TimeoutSeconds": 60, "End": true,
              "Retry": [{"ErrorEquals": ["States.Timeout"], "IntervalSeconds": 30, "MaxAttempts": 1}]}});
    let execution = start(&server, states).await;
    server.emulator.engine.advance(Duration::from_secs(149));
    assert_eq!(outcome(&server, &execution).await.0, "RUNNING");
    server.emulator.engine.advance(Duration::from_secs(1));
    assert_eq!(outcome(&server, &execution).await, ("FAILED".into(), Some(60.0 + 30.0 + 60.0)));
}

#[tokio::test]
async fn what_follows_from_a_timer_happens_at_the_timer_s_time() {
    let server = Server::start().await;
    let states = json!({
        "A": {"Type": "Wait", "Seconds": 10, "Next": "B"},
        "B": {"Type": "Wait", "Seconds": 20, "Next": "C"},
        "C": {"Type": "Pass", "End": true}});
    let execution = start(&server, states).await;
    server.emulator.engine.advance(Duration::from_secs(86_400));
    assert_eq!(outcome(&server, &execution).await, ("SUCCEEDED".into(), Some(30.0)));
}
