//! What of an execution was not as on AWS: the report, and executions that fail on it.

use crate::server::{PASS, PREFIX, ROLE, Server};
use axum::Router;
use serde_json::{Value, json};
use std::path::PathBuf;
use std::sync::Arc;
use std::sync::atomic::{AtomicUsize, Ordering};
use stepwell::config::{Config, Endpoints};
use stepwell::endpoint::Endpoint;
use stepwell::honesty::{Kind, Strictness};
use tokio::net::TcpListener;

const KEY: &str = "arn:aws:kms:us-east-1:123456789012:key/k";
const GROUP: &str = "arn:aws:logs:us-east-1:123456789012:log-group:g:*";

/// Something that answers every call with `{}`, and how often it was called.
async fn service() -> (Endpoint, Arc<AtomicUsize>) {
    let calls = Arc::new(AtomicUsize::new(0));
    let listener = TcpListener::bind("127.0.0.1:0").await.expect("a free port");
    let address = listener.local_addr().expect("an address");
    let counted = calls.clone();
    let answer = move || async move {
        counted.fetch_add(1, Ordering::SeqCst);
        "{}"
    };
    tokio::spawn(async move { axum::serve(listener, Router::new().fallback(answer)).await });
    (Endpoint::parse(&format!("http://{address}")).expect("a URL"), calls)
}

fn calling(endpoint: &Endpoint) -> Config {
    let endpoints = Endpoints { of_all: Some(endpoint.clone()), ..Endpoints::default() };
    Config { endpoints, ..Config::default() }
}

fn strict(config: Config) -> Config {
    Config { strictness: Strictness::ALL, ..config }
}

fn task(more: Value) -> Value {
    let mut task = json!({
        "Type": "Task", "Resource": "arn:aws:states:::aws-sdk:dynamodb:listTables", "Parameters": {}, "ResultPath": null,
        "End": true,
    });
    let members = task.as_object_mut().expect("an object");
    members.extend(more.as_object().expect("an object").clone());
    task
}

fn one(state: Value) -> String {
    json!({"StartAt": "T", "States": {"T": state}}).to_string()
}

/// Runs a new state machine to the end of its execution: its description.
async fn run(server: &Server, definition: &str, more: Value) -> Value {
    let machine = server.create(definition, more).await;
    let started = server.ok("StartExecution", json!({"stateMachineArn": machine})).await;
    server.ended(&started["executionArn"]).await
}

async fn report(server: &Server, arn: &Value) -> Value {
    let path = format!("GET /_stepwell/executions/{}/honesty", arn.as_str().expect("an ARN"));
    let answer = server.send(&path, &[], b"").await;
    assert_eq!((answer.status, &answer.body["executionArn"]), (200, arn), "{answer:?}");
    let deviations = answer.body["deviations"].as_array().expect("a list");
    assert_eq!((&answer.body["asOnAws"], &answer.body["truncated"]), (&json!(deviations.is_empty()), &json!(false)));
    answer.body
}

/// Kind, state, event and number of all that an execution met.
async fn met(server: &Server, execution: &Value) -> Vec<String> {
    let report = report(server, execution).await;
    let deviations = report["deviations"].as_array().expect("a list").iter();
    deviations
        .map(|met| match met["state"].as_str() {
            Some(state) => {
                format!("{} {state} {} {}", met["kind"].as_str().expect("a kind"), met["eventId"], met["times"])
            }
            None => met["kind"].as_str().expect("a kind").to_owned(),
        })
        .collect()
}

#[tokio::test]
async fn what_only_passes_is_as_on_aws() {
    let server = Server::with(strict(Config::default())).await;
    let described = run(&server, PASS, json!({})).await;
    assert_eq!(described["status"], "SUCCEEDED");
    let report = report(&server, &described["executionArn"]).await;
    assert_eq!((&report["asOnAws"], &report["status"]), (&json!(true), &json!("SUCCEEDED")));
}

#[tokio::test]
async fn calls_are_told_with_their_addresses_and_roles() {
    let (endpoint, _) = service().await;
    let server = Server::with(calling(&endpoint)).await;
    let described = run(&server, &one(task(json!({}))), json!({})).await;
    let report = report(&server, &described["executionArn"]).await;
    let url = endpoint.to_string();
    assert_eq!(
        report["deviations"],
        json!([
            {
                "kind": "localEndpoint", "message": format!("dynamodb is called at {url}, which is not AWS"),
                "state": "T", "eventId": 4, "times": 1, "service": "dynamodb", "url": url,
            },
            {
                "kind": "roleNotAssumed",
                "message": format!("the role {ROLE} is not assumed, so nobody knows whether it may do this"),
                "state": "T", "eventId": 4, "times": 1, "roleArn": ROLE,
            },
        ])
    );
    let map = json!({
        "Type": "Map", "ItemsPath": "$.items", "MaxConcurrency": 1, "End": true,
        "ItemProcessor": {"StartAt": "I", "States": {"I": task(json!({}))}},
    });
    let definition = json!({"StartAt": "P", "States": {
        "P": {"Type": "Pass", "Result": {"items": [1, 2, 3]}, "Next": "M"}, "M": map,
    }});
    let described = run(&server, &definition.to_string(), json!({})).await;
    assert_eq!(met(&server, &described["executionArn"]).await, ["localEndpoint I 9 3", "roleNotAssumed I 9 3"]);
}

#[tokio::test]
async fn a_call_that_nobody_answers_is_told_though_its_failure_is_caught() {
    let http = json!({"Resource": "arn:aws:states:::http:invoke", "Parameters": {
        "ApiEndpoint": "https://api.example/", "Method": "GET",
        "Authentication": {"ConnectionArn": "arn:aws:events:us-east-1:123456789012:connection/c/1"}}});
    let lambda = json!({"Resource": "arn:aws:states:::lambda:invoke", "Parameters": {"FunctionName": "f"}});
    for (more, service) in [(json!({}), "dynamodb"), (lambda, "lambda"), (http, "https://api.example/")] {
        let mut caught = task(json!({"Catch": [{"ErrorEquals": ["States.ALL"], "Next": "P"}]}));
        caught.as_object_mut().expect("an object").extend(more.as_object().expect("an object").clone());
        let definition =
            json!({"StartAt": "T", "States": {"T": caught, "P": {"Type": "Pass", "End": true}}}).to_string();
        let server = Server::start().await;
        let described = run(&server, &definition, json!({})).await;
        assert_eq!(described["status"], "SUCCEEDED");
        let found = &report(&server, &described["executionArn"]).await["deviations"];
        assert_eq!((&found[0]["kind"], &found[0]["service"]), (&json!("notCalled"), &json!(service)));
        let server = Server::with(strict(Config::default())).await;
        let described = run(&server, &definition, json!({})).await;
        assert_eq!((&described["status"], &described["error"]), (&json!("FAILED"), &json!("States.Runtime")));
        assert!(described["cause"].to_string().contains(&format!("{service} is not called")), "{described}");
    }
}

#[tokio::test]
async fn what_a_state_machine_asks_for_and_nobody_does_is_told() {
    let server = Server::start().await;
    let logging = json!({
        "level": "ALL", "destinations": [{"cloudWatchLogsLogGroup": {"logGroupArn": GROUP}}],
    });
    for (configuration, expected) in [
        (json!({"tracingConfiguration": {"enabled": true}}), "tracesNotSent"),
        (json!({"encryptionConfiguration": {"type": "CUSTOMER_MANAGED_KMS_KEY", "kmsKeyId": KEY}}), "notEncrypted"),
        (json!({"loggingConfiguration": logging}), "logGroupNotChecked"),
    ] {
        let described = run(&server, PASS, configuration).await;
        assert_eq!(described["status"], "SUCCEEDED");
        assert_eq!(met(&server, &described["executionArn"]).await, [expected]);
    }
    let machine = server.create(PASS, json!({})).await;
    const ROOT: &str = "Root=1-5759e988-bd862e3fe1be46a994272793";
    for (sampled, expected) in [("", &["tracesNotSent"][..]), (";Sampled=1", &["tracesNotSent"]), (";Sampled=0", &[])] {
        let traced = json!({"stateMachineArn": machine, "traceHeader": format!("{ROOT}{sampled}")});
        let started = server.ok("StartExecution", traced).await;
        assert_eq!(met(&server, &started["executionArn"]).await, expected, "{sampled}");
    }
}

#[tokio::test]
async fn a_wait_that_is_scaled_is_told() {
    let server = Server::with(Config { wait_time_scale: 0.5, ..Config::default() }).await;
    let described = run(&server, &one(json!({"Type": "Wait", "Seconds": 4, "End": true})), json!({})).await;
    let report = report(&server, &described["executionArn"]).await;
    assert_eq!(
        report["deviations"],
        json!([{
            "kind": "waitScaled", "message": "the delay of a Wait state is multiplied by 0.5",
            "state": "T", "eventId": 2, "times": 1, "factor": 0.5,
        }])
    );
    let described = run(&server, &one(json!({"Type": "Wait", "Seconds": 0, "End": true})), json!({})).await;
    assert_eq!(met(&server, &described["executionArn"]).await, Vec::<String>::new());
}

/// A mock configuration that goes away with the test.
struct MockFile(PathBuf);

impl MockFile {
    fn new(machine: &str) -> MockFile {
        let file = std::env::temp_dir().join(format!("stepwell-honesty-{}.json", uuid::Uuid::new_v4()));
        let mocks = json!({
            "StateMachines": {machine: {"TestCases": {"Case": {"T": "answer"}}}},
            "MockedResponses": {"answer": {"0": {"Return": {}}}},
        });
        std::fs::write(&file, mocks.to_string()).expect("a file");
        MockFile(file)
    }
}

impl Drop for MockFile {
    fn drop(&mut self) {
        let _ = std::fs::remove_file(&self.0);
    }
}

#[tokio::test]
async fn mocked_calls_are_told_and_fail_strict_executions() {
    let mocks = MockFile::new("mocked");
    let config = Config { mock_config: Some(mocks.0.clone()), ..Config::default() };
    for (config, status, cause) in [
        (config.clone(), "SUCCEEDED", Value::Null),
        (
            strict(config),
            "FAILED",
            json!(
                "An error occurred while executing the state 'T' (entered at the event id #2). Stepwell is strict, and this \
                 is not as on AWS: nothing is called: the result is the mocked response 'answer'"
            ),
        ),
    ] {
        let server = Server::with(config).await;
        let catch = json!({"Catch": [{"ErrorEquals": ["States.ALL"], "Next": "Z"}], "Next": "Z"});
        let mut state = task(catch);
        state.as_object_mut().expect("an object").remove("End");
        let definition = json!({"StartAt": "T", "States": {"T": state, "Z": {"Type": "Pass", "End": true}}});
        let machine = server.create(&definition.to_string(), json!({"name": "mocked"})).await;
        let case = format!("{}#Case", machine.as_str().expect("an ARN"));
        let started = server.ok("StartExecution", json!({"stateMachineArn": case})).await;
        let described = server.ended(&started["executionArn"]).await;
        assert_eq!((&described["status"], &described["cause"]), (&json!(status), &cause));
        assert_eq!(met(&server, &started["executionArn"]).await, ["mockedCall T 4 1"]);
    }
}

#[tokio::test]
async fn a_strict_execution_fails_before_it_calls_and_nothing_catches_that() {
    let (endpoint, calls) = service().await;
    let server = Server::with(strict(calling(&endpoint))).await;
    let caught =
        json!({"Retry": [{"ErrorEquals": ["States.ALL"]}], "Catch": [{"ErrorEquals": ["States.ALL"], "Next": "T"}]});
    let described = run(&server, &one(task(caught)), json!({})).await;
    let cause = format!(
        "An error occurred while executing the state 'T' (entered at the event id #2). Stepwell is strict, and this is not \
         as on AWS: dynamodb is called at {endpoint}, which is not AWS; the role {ROLE} is not assumed, so nobody knows \
         whether it may do this"
    );
    assert_eq!(
        (&described["status"], &described["error"], &described["cause"]),
        (&json!("FAILED"), &json!("States.Runtime"), &json!(cause))
    );
    assert_eq!(met(&server, &described["executionArn"]).await, ["localEndpoint T 4 1", "roleNotAssumed T 4 1"]);
    assert_eq!(calls.load(Ordering::SeqCst), 0);
}

#[tokio::test]
async fn single_kinds_can_be_allowed() {
    let (endpoint, calls) = service().await;
    let allowing = |kinds: &[Kind]| kinds.iter().fold(Strictness::ALL, |all, kind| all.allowing(*kind));
    for (strictness, error) in [
        (allowing(&[Kind::LocalEndpoint]), json!("States.Runtime")),
        (allowing(&[Kind::LocalEndpoint, Kind::RoleNotAssumed]), Value::Null),
    ] {
        let server = Server::with(Config { strictness, ..calling(&endpoint) }).await;
        let described = run(&server, &one(task(json!({}))), json!({})).await;
        assert_eq!(described["error"], error);
        assert_eq!(met(&server, &described["executionArn"]).await.len(), 2);
    }
    assert_eq!(calls.load(Ordering::SeqCst), 1);
}

#[tokio::test]
async fn what_holds_for_a_whole_execution_fails_a_strict_one_at_its_beginning() {
    let server = Server::with(strict(Config { wait_time_scale: 0.5, ..Config::default() })).await;
    let described = run(&server, PASS, json!({"tracingConfiguration": {"enabled": true}})).await;
    let cause = "Stepwell is strict, and this is not as on AWS: X-Ray traces are not sent";
    assert_eq!((&described["error"], &described["cause"]), (&json!("States.Runtime"), &json!(cause)));
    let execution = &described["executionArn"];
    let types = async || {
        let history = server.ok("GetExecutionHistory", json!({"executionArn": execution})).await;
        let events = history["events"].as_array().expect("a list").clone();
        events.iter().map(|event| event["type"].as_str().expect("a type").to_owned()).collect::<Vec<_>>()
    };
    assert_eq!(types().await, ["ExecutionStarted", "ExecutionFailed"]);
    server.ok("RedriveExecution", json!({"executionArn": execution})).await;
    assert_eq!(types().await[2..], ["ExecutionRedriven", "ExecutionFailed"]);

    let described = run(&server, &one(json!({"Type": "Wait", "Seconds": 4, "End": true})), json!({})).await;
    let cause = described["cause"].as_str().expect("a cause");
    assert!(
        cause
            .ends_with("Stepwell is strict, and this is not as on AWS: the delay of a Wait state is multiplied by 0.5")
    );
}

#[tokio::test]
async fn reports_of_express_executions_are_kept_for_a_while() {
    let (endpoint, _) = service().await;
    let server = Server::with(calling(&endpoint)).await;
    let machine = server.create(&one(task(json!({}))), json!({"type": "EXPRESS"})).await;
    let request = json!({"stateMachineArn": machine});
    let ended = server.ok("StartSyncExecution", request.clone()).await;
    let expected = ["localEndpoint T 4 1", "roleNotAssumed T 4 1"];
    assert_eq!(met(&server, &ended["executionArn"]).await, expected);
    let started = server.ok("StartExecution", request.clone()).await;
    while report(&server, &started["executionArn"]).await["status"] == "RUNNING" {
        tokio::task::yield_now().await;
    }
    assert_eq!(met(&server, &started["executionArn"]).await, expected);

    let waits =
        server.create(&one(json!({"Type": "Wait", "Seconds": 9, "End": true})), json!({"type": "EXPRESS"})).await;
    let running = server.ok("StartExecution", json!({"stateMachineArn": waits})).await;
    assert_eq!(report(&server, &running["executionArn"]).await["status"], "RUNNING");

    server.emulator.engine.reset(None);
    let path = format!("GET /_stepwell/executions/{}/honesty", ended["executionArn"].as_str().expect("an ARN"));
    assert_eq!(server.send(&path, &[], b"").await.status, 404);
}

#[tokio::test]
async fn a_tested_state_is_strict_too_but_its_mock_is_aws_s_own() {
    let (endpoint, calls) = service().await;
    let server = Server::with(strict(calling(&endpoint))).await;
    let definition = task(json!({})).to_string();
    let tested = server.ok("TestState", json!({"definition": definition, "roleArn": ROLE})).await;
    assert_eq!((&tested["status"], &tested["error"]), (&json!("FAILED"), &json!("States.Runtime")), "{tested}");
    let mocked = json!({"definition": definition, "roleArn": ROLE, "mock": {"result": "{\"TableNames\":[]}"}});
    assert_eq!(server.ok("TestState", mocked).await["status"], "SUCCEEDED");
    assert_eq!(calls.load(Ordering::SeqCst), 0);
}

#[tokio::test]
async fn an_execution_that_is_not_there_has_no_report() {
    let server = Server::start().await;
    let machine = server.create(PASS, json!({})).await;
    let started = server.ok("StartExecution", json!({"stateMachineArn": machine, "name": "é"})).await;
    let arn = started["executionArn"].as_str().expect("an ARN");
    let encoded = arn.replace(':', "%3A").replace('é', "%C3%A9");
    let answer = server.send(&format!("GET /_stepwell/executions/{encoded}/honesty"), &[], b"").await;
    assert_eq!((answer.status, &answer.body["executionArn"]), (200, &started["executionArn"]));
    for arn in [
        "x".to_owned(),
        format!("{PREFIX}:execution:m:e"),
        format!("{PREFIX}:express:m:e:u"),
        format!("{PREFIX}:stateMachine:m"),
        encoded.replace("aws", "aws-cn"),
    ] {
        let answer = server.send(&format!("GET /_stepwell/executions/{arn}/honesty"), &[], b"").await;
        let message = answer.body["message"].as_str().expect("a message");
        assert_eq!(answer.status, 404);
        assert!(message.starts_with("There is no execution ") && message.contains("the last 1000"), "{message}");
    }
}

/// A state that starts this execution, and goes on whatever becomes of it.
fn starting(resource: &str, machine: &str) -> String {
    json!({"StartAt": "T", "States": {
        "T": {
            "Type": "Task", "Resource": format!("arn:aws:states:::{resource}"), "Parameters": {"StateMachineArn": machine},
            "Catch": [{"ErrorEquals": ["States.ALL"], "Next": "Z"}], "Next": "Z",
        },
        "Z": {"Type": "Pass", "End": true},
    }})
    .to_string()
}

#[tokio::test]
async fn what_a_nested_execution_met_is_told_and_fails_a_strict_one_that_waits_for_it() {
    let mocks = MockFile::new("mocked");
    let allowing = |kinds: &[Kind]| kinds.iter().fold(Strictness::ALL, |all, kind| all.allowing(*kind));
    let child = format!("{PREFIX}:stateMachine:mocked#Case");
    for (strictness, status) in [
        (Strictness::NONE, "SUCCEEDED"),
        (allowing(&[Kind::RoleNotAssumed]), "FAILED"),
        (allowing(&[Kind::RoleNotAssumed, Kind::MockedCall]), "SUCCEEDED"),
        (allowing(&[Kind::RoleNotAssumed, Kind::NestedExecution]), "SUCCEEDED"),
    ] {
        for (resource, machine_type) in [
            ("states:startExecution.sync", "STANDARD"),
            ("states:startExecution.sync:2", "STANDARD"),
            ("aws-sdk:sfn:startSyncExecution", "EXPRESS"),
        ] {
            let server =
                Server::with(Config { mock_config: Some(mocks.0.clone()), strictness, ..Config::default() }).await;
            // What it meets it meets when the other one waits already.
            let waits = json!({"Type": "Wait", "Seconds": 5, "Next": "T"});
            let child_definition = json!({"StartAt": "W", "States": {"W": waits, "T": task(json!({}))}}).to_string();
            server.create(&child_definition, json!({"name": "mocked", "type": machine_type})).await;
            let parent = run(&server, &starting(resource, &child), json!({})).await;
            assert_eq!(parent["status"], status, "{resource} {strictness:?}: {parent}");
            let report = report(&server, &parent["executionArn"]).await;
            let nested = &report["deviations"][1];
            assert_eq!((&nested["kind"], &nested["state"]), (&json!("nestedExecution"), &json!("T")), "{report}");
            assert_eq!(nested["kinds"], json!(["mockedCall"]));
            let arn = nested["executionArn"].as_str().expect("an ARN");
            let message = format!("the execution {arn} was not as on AWS (mockedCall); its own report says more");
            assert_eq!(nested["message"], message);
            if status == "FAILED" {
                let cause = parent["cause"].as_str().expect("a cause");
                assert!(
                    cause.ends_with(&format!("Stepwell is strict, and this is not as on AWS: {message}")),
                    "{cause}"
                );
            }
        }
    }
}

#[tokio::test]
async fn what_an_execution_starts_is_told_at_any_depth_and_whenever_it_is_met() {
    let server = Server::with(Config { wait_time_scale: 0.5, ..Config::default() }).await;
    let waits = json!({"StartAt": "P", "States": {
        "P": {"Type": "Wait", "Seconds": 0, "Next": "W"}, "W": {"Type": "Wait", "Seconds": 9, "End": true},
    }});
    let innermost = server.create(&waits.to_string(), json!({})).await;
    let starts = |machine: &Value| starting("states:startExecution", machine.as_str().expect("an ARN"));
    let middle = server.create(&starts(&innermost), json!({})).await;
    let described = run(&server, &starts(&middle), json!({})).await;
    let deviations = report(&server, &described["executionArn"]).await["deviations"].clone();
    assert_eq!(deviations[1]["kinds"], json!(["roleNotAssumed", "waitScaled"]), "{deviations}");

    // What is as on AWS is not told.
    let passes = server.create(PASS, json!({})).await;
    let described = run(&server, &starts(&passes), json!({})).await;
    assert_eq!(met(&server, &described["executionArn"]).await, ["roleNotAssumed T 4 1"]);
    // Of Express executions the last ones' reports are kept.
    let express = server.create(PASS, json!({"type": "EXPRESS"})).await;
    let described = run(&server, &starts(&express), json!({})).await;
    assert_eq!(met(&server, &described["executionArn"]).await, ["roleNotAssumed T 4 1"]);
    for _ in 0..1000 {
        server.ok("StartSyncExecution", json!({"stateMachineArn": express})).await;
    }
    let deviations = report(&server, &described["executionArn"]).await["deviations"].clone();
    let message = deviations[1]["message"].as_str().expect("a message");
    assert!(message.starts_with("nothing is known any more of the execution "), "{deviations}");
}

fn distributed(fields: Value, state: Value) -> String {
    let processor = json!({
        "ProcessorConfig": {"Mode": "DISTRIBUTED", "ExecutionType": "EXPRESS"}, "StartAt": "I", "States": {"I": state},
    });
    let mut map = json!({"Type": "Map", "ItemProcessor": processor, "ToleratedFailurePercentage": 100, "End": true});
    map.as_object_mut().expect("an object").extend(fields.as_object().expect("an object").clone());
    let items = json!({"Type": "Pass", "Result": [1, 2], "Next": "M"});
    json!({"StartAt": "P", "States": {"P": items, "M": map}}).to_string()
}

#[tokio::test]
async fn what_children_of_a_map_run_met_is_told_of_their_parent() {
    let (endpoint, calls) = service().await;
    let server = Server::with(calling(&endpoint)).await;
    let described = run(&server, &distributed(json!({}), task(json!({}))), json!({})).await;
    assert_eq!((&described["status"], calls.load(Ordering::SeqCst)), (&json!("SUCCEEDED"), 2));
    assert_eq!(met(&server, &described["executionArn"]).await, ["localEndpoint I 0 1", "roleNotAssumed I 0 1"]);
    let server = Server::with(strict(calling(&endpoint))).await;
    let described = run(&server, &distributed(json!({}), task(json!({}))), json!({})).await;
    assert_eq!(
        (&described["status"], &described["error"]),
        (&json!("FAILED"), &json!("States.Runtime")),
        "{described}"
    );
    assert_eq!(calls.load(Ordering::SeqCst), 2, "no child has called anything, nor does tolerance help");
}

#[tokio::test]
async fn items_from_another_place_than_aws_are_told() {
    let (endpoint, calls) = service().await;
    let reader = json!({"ItemReader": {
        "Resource": "arn:aws:states:::s3:getObject", "Parameters": {"Bucket": "b", "Key": "k"},
        "ReaderConfig": {"InputType": "JSONL"},
    }});
    let definition = distributed(reader, json!({"Type": "Pass", "End": true}));
    let server = Server::with(calling(&endpoint)).await;
    let described = run(&server, &definition, json!({})).await;
    assert_eq!((&described["output"], calls.load(Ordering::SeqCst)), (&json!("[{}]"), 1));
    assert_eq!(met(&server, &described["executionArn"]).await, ["localEndpoint M 6 1", "roleNotAssumed M 6 1"]);
    let server = Server::with(strict(calling(&endpoint))).await;
    let described = run(&server, &definition, json!({})).await;
    assert_eq!((&described["status"], calls.load(Ordering::SeqCst)), (&json!("FAILED"), 1), "nothing is read");
}
