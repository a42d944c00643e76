//! Express: executions that end within minutes and leave nothing, and those whose caller waits for the end.

use crate::server::{Answer, PASS, PREFIX, ROLE, Server, operation_request};
use serde_json::{Value, json};
use std::time::Duration;
use stepwell::config::Config;
use tokio::io::AsyncWriteExt;
use tokio::net::TcpStream;

const WAIT: &str = r#"{"StartAt":"A","States":{"A":{"Type":"Wait","Seconds":10,"End":true}}}"#;
const LONG: &str = r#"{"StartAt":"A","States":{"A":{"Type":"Wait","Seconds":3600,"End":true}}}"#;
const CONTEXT: &str =
    r#"{"StartAt":"A","States":{"A":{"Type":"Pass","Parameters":{"c.$":"$$.Execution"},"End":true}}}"#;

fn machine() -> String {
    format!("{PREFIX}:stateMachine:m")
}

/// A server with one Express state machine.
async fn server(definition: &str) -> Server {
    let server = Server::start().await;
    create(&server, "m", definition, "EXPRESS").await;
    server
}

async fn create(server: &Server, name: &str, definition: &str, machine_type: &str) {
    let request = json!({"name": name, "definition": definition, "roleArn": ROLE, "type": machine_type});
    server.ok("CreateStateMachine", request).await;
}

/// Begins a StartSyncExecution and waits until its execution runs.
async fn begin(server: &Server, request: Value) -> tokio::task::JoinHandle<Answer> {
    let running = server.emulator.engine.running_express();
    let other = Server { address: server.address, emulator: server.emulator.clone() };
    let call = tokio::spawn(async move { other.call("StartSyncExecution", request).await });
    until(|| server.emulator.engine.running_express() > running).await;
    call
}

async fn until(is_so: impl Fn() -> bool) {
    while !is_so() {
        tokio::task::yield_now().await;
    }
}

/// What StartSyncExecution answers when the clock has moved on.
async fn after(seconds: u64, definition: &str) -> Value {
    let server = server(definition).await;
    let call = begin(&server, json!({"stateMachineArn": machine()})).await;
    server.emulator.engine.advance(Duration::from_secs(seconds));
    let answer = call.await.expect("no panic");
    assert_eq!((answer.status, server.emulator.engine.running_express()), (200, 0), "{}", answer.body);
    answer.body
}

#[tokio::test]
async fn a_synchronous_execution_answers_with_its_end() {
    let server = server(PASS).await;
    let request = json!({"stateMachineArn": machine(), "name": "e", "input": "{\"a\": 1}", "traceHeader": "Root=1"});
    let mut ended = server.ok("StartSyncExecution", request.clone()).await;
    let arn = ended["executionArn"].take();
    let arn = arn.as_str().expect("an ARN");
    assert_eq!(arn.strip_prefix(&format!("{PREFIX}:express:m:e:")).map(str::len), Some(36), "{arn}");
    let expected = json!({
        "executionArn": null,
        "stateMachineArn": machine(),
        "name": "e",
        "startDate": 1_700_000_000.0,
        "stopDate": 1_700_000_000.0,
        "status": "SUCCEEDED",
        "input": "{\"a\": 1}",
        "inputDetails": {"included": true},
        "output": "{\"a\": 1}",
        "outputDetails": {"included": true},
        "traceHeader": "Root=1",
        "billingDetails": {"billedMemoryUsedInMB": 64, "billedDurationInMilliseconds": 100},
    });
    assert_eq!(ended, expected);
    let again = server.ok("StartSyncExecution", request).await;
    assert_ne!(again["executionArn"], arn);
    let request = json!({"stateMachineArn": machine(), "includedData": "METADATA_ONLY"});
    let ended = server.ok("StartSyncExecution", request).await;
    for member in ["input", "inputDetails", "output", "outputDetails"] {
        assert_eq!(ended.get(member), None);
    }
    assert_eq!(ended["name"].as_str().map(str::len), Some(36));
}

#[tokio::test]
async fn a_failure_is_an_answer_like_any_other() {
    let fail = r#"{"StartAt":"A","States":{"A":{"Type":"Fail","Error":"E","Cause":"why"}}}"#;
    let ended = server(fail).await.ok("StartSyncExecution", json!({"stateMachineArn": machine()})).await;
    assert_eq!((&ended["status"], &ended["error"], &ended["cause"]), (&json!("FAILED"), &json!("E"), &json!("why")));
    assert_eq!((ended.get("output"), &ended["outputDetails"]), (None, &json!({"included": true})));
}

#[tokio::test]
async fn the_answer_comes_when_it_has_ended() {
    let ended = after(10, WAIT).await;
    assert_eq!((&ended["status"], &ended["stopDate"]), (&json!("SUCCEEDED"), &json!(1_700_000_010.0)));
    assert_eq!(ended["billingDetails"]["billedDurationInMilliseconds"], 10_000);
}

#[tokio::test]
async fn it_has_five_minutes_or_less() {
    let limited = LONG.replacen('{', r#"{"TimeoutSeconds":7,"#, 1);
    let lenient = LONG.replacen('{', r#"{"TimeoutSeconds":7000,"#, 1);
    for (definition, seconds) in [(LONG, 300), (&limited, 7), (&lenient, 300)] {
        let ended = after(301, definition).await;
        let (status, error) = (&ended["status"], &ended["error"]);
        assert_eq!((status, error, ended.get("cause")), (&json!("TIMED_OUT"), &json!("States.Timeout"), None));
        assert_eq!(ended["stopDate"], 1_700_000_000.0 + f64::from(seconds));
    }
}

#[tokio::test]
async fn what_is_started_asynchronously_has_five_minutes_too_and_leaves_nothing() {
    let server = server(LONG).await;
    let start = json!({"stateMachineArn": machine(), "name": "e"});
    let [first, second] = [server.ok("StartExecution", start.clone()).await, server.ok("StartExecution", start).await];
    assert_ne!(first["executionArn"], second["executionArn"], "a name may be used again, with the same input too");
    assert_eq!(first["startDate"], 1_700_000_000.0);
    assert_eq!(server.emulator.engine.running_express(), 2);
    server.emulator.engine.advance(Duration::from_secs(300));
    assert_eq!(server.emulator.engine.running_express(), 0);
}

#[tokio::test]
async fn the_context_object_counts_redrives_unless_somebody_waits() {
    let server = server(CONTEXT).await;
    let ended = server.ok("StartSyncExecution", json!({"stateMachineArn": machine(), "name": "e"})).await;
    let output: Value = serde_json::from_str(ended["output"].as_str().expect("an output")).expect("JSON");
    assert_eq!(output["c"]["Id"], ended["executionArn"]);
    assert_eq!(output["c"].get("RedriveCount"), None);
}

#[tokio::test]
async fn a_caller_that_goes_away_ends_nothing() {
    let server = server(WAIT).await;
    let mut stream = TcpStream::connect(server.address).await.expect("a connection");
    let request = json!({"stateMachineArn": machine()}).to_string();
    stream.write_all(&operation_request("StartSyncExecution", request.as_bytes())).await.expect("sent");
    until(|| server.emulator.engine.running_express() == 1).await;
    drop(stream);
    server.emulator.engine.advance(Duration::from_secs(9));
    assert_eq!(server.emulator.engine.running_express(), 1);
    server.emulator.engine.advance(Duration::from_secs(1));
    assert_eq!(server.emulator.engine.running_express(), 0);
    assert_eq!(server.ok("ListStateMachines", json!({})).await["stateMachines"][0]["type"], "EXPRESS");
}

#[tokio::test]
async fn there_is_no_limit_of_events_and_no_history() {
    let server = Server::with(Config::default()).await;
    let count = r#"{"StartAt":"A","States":{
        "A":{"Type":"Choice","Choices":[{"Variable":"$.n","NumericLessThan":6000,"Next":"B"}],"Default":"D"},
        "B":{"Type":"Pass","Parameters":{"n.$":"States.MathAdd($.n, 1)"},"Next":"A"},
        "D":{"Type":"Succeed"}}}"#;
    create(&server, "m", count, "EXPRESS").await;
    let ended = server.ok("StartSyncExecution", json!({"stateMachineArn": machine(), "input": "{\"n\":0}"})).await;
    assert_eq!((&ended["status"], &ended["output"]), (&json!("SUCCEEDED"), &json!("{\"n\":6000}")));
}

#[tokio::test]
async fn operations_refuse_the_other_type() {
    let server = server(LONG).await;
    create(&server, "s", PASS, "STANDARD").await;
    let express = "InvalidArn: Invalid Arn: 'Resource type not valid in this context: express'".to_owned();
    let not_supported =
        "StateMachineTypeNotSupported: This operation is not supported by this type of state machine".to_owned();
    let started = server.ok("StartExecution", json!({"stateMachineArn": machine()})).await;
    let of_execution = json!({"executionArn": started["executionArn"]});
    for (operation, request, expected) in [
        ("DescribeExecution", of_execution.clone(), &express),
        ("StopExecution", of_execution.clone(), &express),
        ("GetExecutionHistory", of_execution.clone(), &express),
        ("DescribeStateMachineForExecution", of_execution.clone(), &express),
        ("ListExecutions", json!({"stateMachineArn": machine()}), &not_supported),
        ("StartSyncExecution", json!({"stateMachineArn": format!("{PREFIX}:stateMachine:s")}), &not_supported),
    ] {
        assert_eq!(server.refused(operation, request).await, *expected, "{operation}");
    }
}

#[tokio::test]
async fn what_start_execution_refuses_start_sync_execution_refuses() {
    let server = server(PASS).await;
    let none = format!("{PREFIX}:stateMachine:none");
    for (request, expected) in [
        (json!({"stateMachineArn": "x"}), "InvalidArn: Invalid Arn: 'Invalid ARN prefix: x'".to_owned()),
        (json!({"stateMachineArn": none}), format!("StateMachineDoesNotExist: State Machine Does Not Exist: '{none}'")),
        (json!({"stateMachineArn": machine(), "name": "a b"}), "InvalidName: Invalid Name: 'a b'".to_owned()),
        (
            json!({"stateMachineArn": machine(), "input": ""}),
            "InvalidExecutionInput: Invalid State Machine Execution Input: 'Invalid execution input.'".to_owned(),
        ),
    ] {
        assert_eq!(server.refused("StartSyncExecution", request).await, expected);
    }
}

#[tokio::test]
async fn a_deleted_state_machine_is_there_until_its_executions_have_ended() {
    let server = server(WAIT).await;
    let call = begin(&server, json!({"stateMachineArn": machine()})).await;
    server.ok("DeleteStateMachine", json!({"stateMachineArn": machine()})).await;
    let described = server.ok("DescribeStateMachine", json!({"stateMachineArn": machine()})).await;
    assert_eq!(described["status"], "DELETING");
    server.emulator.engine.advance(Duration::from_secs(10));
    assert_eq!(call.await.expect("no panic").body["status"], "SUCCEEDED");
    server.refused("DescribeStateMachine", json!({"stateMachineArn": machine()})).await;
}

#[tokio::test]
async fn a_reset_ends_executions_and_their_callers_hear_of_it() {
    let server = server(LONG).await;
    let call = begin(&server, json!({"stateMachineArn": machine()})).await;
    assert_eq!(server.send("POST /_stepwell/reset", &[], b"").await.status, 200);
    assert_eq!(call.await.expect("no panic").body["status"], "ABORTED");
    assert_eq!(server.emulator.engine.running_express(), 0);
}

#[tokio::test]
async fn versions_and_aliases_are_run_and_the_answer_names_the_state_machine() {
    let server = server(PASS).await;
    let fail = r#"{"StartAt":"A","States":{"A":{"Type":"Fail"}}}"#;
    server.ok("PublishStateMachineVersion", json!({"stateMachineArn": machine()})).await;
    server.ok("UpdateStateMachine", json!({"stateMachineArn": machine(), "definition": fail})).await;
    let version = format!("{}:1", machine());
    let routing = json!([{"stateMachineVersionArn": version, "weight": 100}]);
    server.ok("CreateStateMachineAlias", json!({"name": "PROD", "routingConfiguration": routing})).await;
    let alias = format!("{}:PROD", machine());
    for (arn, status) in [(&machine(), "FAILED"), (&version, "SUCCEEDED"), (&alias, "SUCCEEDED")] {
        let ended = server.ok("StartSyncExecution", json!({"stateMachineArn": arn, "name": "e"})).await;
        assert_eq!((&ended["status"], &ended["stateMachineArn"]), (&json!(status), &json!(machine())), "{arn}");
        let started = server.ok("StartExecution", json!({"stateMachineArn": arn, "name": "e"})).await;
        let execution = started["executionArn"].as_str().expect("an ARN");
        assert!(execution.starts_with(&format!("{PREFIX}:express:m:e:")), "{execution}");
        assert_eq!(
            server.refused("ListExecutions", json!({"stateMachineArn": arn})).await,
            "StateMachineTypeNotSupported: This operation is not supported by this type of state machine"
        );
    }
    let none = format!("{}:2", machine());
    assert_eq!(
        server.refused("StartSyncExecution", json!({"stateMachineArn": none})).await,
        format!("StateMachineDoesNotExist: State Machine Does Not Exist: '{none}'")
    );
}

#[tokio::test]
async fn an_update_changes_what_the_next_execution_runs() {
    let server = server(WAIT).await;
    let call = begin(&server, json!({"stateMachineArn": machine()})).await;
    let fail = r#"{"StartAt":"A","States":{"A":{"Type":"Fail"}}}"#;
    server.ok("UpdateStateMachine", json!({"stateMachineArn": machine(), "definition": fail})).await;
    let next = server.ok("StartSyncExecution", json!({"stateMachineArn": machine()})).await;
    assert_eq!(next["status"], "FAILED");
    server.emulator.engine.advance(Duration::from_secs(10));
    assert_eq!(call.await.expect("no panic").body["status"], "SUCCEEDED");
}
