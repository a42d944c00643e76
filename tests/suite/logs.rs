//! Logs of executions: what is delivered to CloudWatch Logs, or written to a file.

use crate::server::{PASS, PREFIX, ROLE, Server};
use axum::Router;
use axum::extract::{Request, State};
use axum::http::StatusCode;
use serde_json::{Value, json};
use std::collections::HashSet;
use std::sync::{Arc, Mutex};
use std::time::Duration;
use stepwell::config::{Config, ExecutionLog};
use stepwell::endpoint::Endpoint;
use tokio::net::TcpListener;

const FAIL: &str = r#"{"StartAt":"A","States":{"A":{"Type":"Fail","Error":"E","Cause":"why"}}}"#;
const FIRST: &str = "log_stream_created_by_aws_to_validate_log_delivery_subscriptions";

/// Something that answers like CloudWatch Logs.
#[derive(Clone, Default)]
struct CloudWatch(Arc<Mutex<Kept>>);

#[derive(Default)]
struct Kept {
    /// The operations that were called, with the stream's name up to the second slash.
    calls: Vec<String>,
    streams: HashSet<String>,
    /// The messages of streams that aren't the first one.
    records: Vec<Value>,
    scopes: HashSet<String>,
    /// How many calls are answered with status 500 at first.
    unwell: usize,
}

impl CloudWatch {
    async fn start() -> (CloudWatch, Endpoint) {
        let cloudwatch = CloudWatch::default();
        let listener = TcpListener::bind("127.0.0.1:0").await.expect("a free port");
        let address = listener.local_addr().expect("an address");
        let router = Router::new().fallback(answer).with_state(cloudwatch.clone());
        tokio::spawn(async move { axum::serve(listener, router).await });
        (cloudwatch, Endpoint::parse(&format!("http://{address}")).expect("a URL"))
    }

    fn kept<T>(&self, look: impl FnOnce(&mut Kept) -> T) -> T {
        look(&mut self.0.lock().expect("no panic"))
    }

    /// The types of the records, and the records themselves.
    fn records(&self) -> (Vec<String>, Vec<Value>) {
        let records = self.kept(|kept| std::mem::take(&mut kept.records));
        let types = records.iter().map(|record| record["type"].as_str().expect("a type").to_owned()).collect();
        (types, records)
    }
}

async fn answer(State(cloudwatch): State<CloudWatch>, request: Request) -> (StatusCode, String) {
    let (head, body) = request.into_parts();
    let body = axum::body::to_bytes(body, 2 << 20).await.expect("a body");
    let header = |name: &str| head.headers[name].to_str().expect("text").to_owned();
    let operation = header("x-amz-target").replace("Logs_20140328.", "");
    let scope = header("authorization");
    let body: Value = serde_json::from_slice(&body).expect("JSON");
    if operation == "DescribeLogGroups" {
        let name = body["logGroupNamePrefix"].as_str().expect("a name");
        let groups = if name == "/missing" {
            json!([{"logGroupName": "/missing-not"}])
        } else {
            json!([{"logGroupName": name}])
        };
        let unwell = cloudwatch.kept(|kept| kept.unwell > 0);
        let status = if unwell { StatusCode::NOT_IMPLEMENTED } else { StatusCode::OK };
        return (status, json!({"logGroups": groups}).to_string());
    }
    let stream = body["logStreamName"].as_str().expect("a stream").to_owned();
    let group = body["logGroupName"].as_str().expect("a group").to_owned();
    let known = format!("{group} {stream}");
    cloudwatch.kept(|kept| {
        kept.scopes.insert(scope.split('/').skip(2).take(2).collect::<Vec<_>>().join(" "));
        if kept.unwell > 0 {
            kept.unwell -= 1;
            return (StatusCode::INTERNAL_SERVER_ERROR, "oops".to_owned());
        }
        let short = stream.splitn(3, '/').take(2).collect::<Vec<_>>().join("/");
        kept.calls.push(format!("{operation} {group} {short}"));
        let refused = |name: &str| (StatusCode::BAD_REQUEST, json!({"__type": name, "message": "why"}).to_string());
        match operation.as_str() {
            _ if group == "/none" => refused("ResourceNotFoundException"),
            "CreateLogStream" if kept.streams.insert(known.clone()) => (StatusCode::OK, String::new()),
            "CreateLogStream" => refused("ResourceAlreadyExistsException"),
            "PutLogEvents" if kept.streams.contains(&known) => {
                let events = body["logEvents"].as_array().expect("a list");
                let messages = events.iter().map(|event| event["message"].as_str().expect("a text"));
                let records = messages.filter_map(|message| serde_json::from_str(message).ok());
                kept.records.extend(records);
                (StatusCode::OK, "{}".to_owned())
            }
            _ => refused("ResourceNotFoundException"),
        }
    })
}

/// A server whose logs go to the endpoint.
async fn server(endpoint: Endpoint) -> Server {
    Server::with(Config { logs_endpoint: Some(endpoint), ..Config::default() }).await
}

fn logging(level: &str, include_execution_data: bool, group: &str) -> Value {
    let arn = format!("arn:aws:logs:us-east-1:123456789012:log-group:{group}:*");
    let destinations = json!([{"cloudWatchLogsLogGroup": {"logGroupArn": arn}}]);
    json!({"level": level, "includeExecutionData": include_execution_data, "destinations": destinations})
}

/// Creates a state machine that logs, runs it to its end, and waits until its records were delivered.
async fn run(server: &Server, name: &str, definition: &str, machine_type: &str, logging: Value) -> Value {
    let request = json!({
        "name": name, "definition": definition, "roleArn": ROLE, "type": machine_type, "loggingConfiguration": logging,
    });
    let machine = server.ok("CreateStateMachine", request).await["stateMachineArn"].clone();
    let started = server.ok("StartExecution", json!({"stateMachineArn": machine, "input": "{\"a\":1}"})).await;
    server.emulator.logs.flush(Duration::from_secs(10)).await;
    started["executionArn"].clone()
}

#[tokio::test]
async fn records_go_to_a_stream_of_the_log_group() {
    let (cloudwatch, endpoint) = CloudWatch::start().await;
    let server = server(endpoint).await;
    for (name, machine_type) in [("s", "STANDARD"), ("e", "EXPRESS")] {
        let execution = run(&server, name, PASS, machine_type, logging("ALL", true, "/g")).await;
        let (types, records) = cloudwatch.records();
        assert_eq!(types, ["ExecutionStarted", "PassStateEntered", "PassStateExited", "ExecutionSucceeded"]);
        let expected = json!({
            "id": "1",
            "type": "ExecutionStarted",
            "details": {"input": "{\"a\":1}", "inputDetails": {"truncated": false}, "roleArn": ROLE},
            "previous_event_id": "0",
            "event_timestamp": "1700000000000",
            "execution_arn": execution,
            "redrive_count": "0",
        });
        assert_eq!(records[0], expected);
    }
    let calls = cloudwatch.kept(|kept| std::mem::take(&mut kept.calls));
    let expected = [
        format!("CreateLogStream /g {FIRST}"),
        format!("PutLogEvents /g {FIRST}"),
        "CreateLogStream /g states/s".to_owned(),
        "PutLogEvents /g states/s".to_owned(),
        format!("CreateLogStream /g {FIRST}"),
        "CreateLogStream /g states/e".to_owned(),
        "PutLogEvents /g states/e".to_owned(),
    ];
    assert_eq!(calls, expected);
    assert_eq!(cloudwatch.kept(|kept| kept.scopes.clone()), HashSet::from(["us-east-1 logs".to_owned()]));
}

#[tokio::test]
async fn a_level_decides_what_is_delivered() {
    let (cloudwatch, endpoint) = CloudWatch::start().await;
    let server = server(endpoint).await;
    for (level, expected) in [
        ("ALL", &["ExecutionStarted", "FailStateEntered", "ExecutionFailed"][..]),
        ("ERROR", &["FailStateEntered", "ExecutionFailed"]),
        ("FATAL", &["ExecutionFailed"]),
        ("OFF", &[]),
    ] {
        run(&server, level, FAIL, "EXPRESS", logging(level, false, "/g")).await;
        let (types, records) = cloudwatch.records();
        assert_eq!(types, expected, "{level}");
        let details: Vec<&Value> = records.iter().rev().map(|record| &record["details"]).collect();
        let told = json!({"error": "E", "cause": "why"});
        let all = [&told, &json!({"name": "A"}), &json!({"roleArn": ROLE})];
        assert_eq!(details, all[..expected.len()], "{level}");
    }
}

#[tokio::test]
async fn events_come_in_their_order_from_many_executions() {
    let (cloudwatch, endpoint) = CloudWatch::start().await;
    let server = server(endpoint).await;
    run(&server, "m", PASS, "EXPRESS", logging("ALL", false, "/g")).await;
    let start = json!({"stateMachineArn": format!("{PREFIX}:stateMachine:m")});
    for _ in 0..99 {
        server.ok("StartExecution", start.clone()).await;
    }
    server.emulator.logs.flush(Duration::from_secs(10)).await;
    let (_, records) = cloudwatch.records();
    assert_eq!(records.len(), 400);
    let executions: HashSet<&str> = records.iter().filter_map(|record| record["execution_arn"].as_str()).collect();
    assert_eq!(executions.len(), 100);
    for execution in executions {
        let of_it = records.iter().filter(|record| record["execution_arn"] == execution);
        assert_eq!(of_it.map(|record| &record["id"]).collect::<Vec<_>>(), ["1", "2", "3", "4"]);
    }
}

#[tokio::test]
async fn the_context_object_of_asynchronous_express_executions_counts_redrives() {
    let (cloudwatch, endpoint) = CloudWatch::start().await;
    let server = server(endpoint).await;
    let context =
        r#"{"StartAt":"A","States":{"A":{"Type":"Pass","Parameters":{"c.$":"$$.Execution.RedriveCount"},"End":true}}}"#;
    run(&server, "m", context, "EXPRESS", logging("ALL", true, "/g")).await;
    assert_eq!(cloudwatch.records().1[3]["details"]["output"], "{\"c\":0}");
}

#[tokio::test]
async fn a_stream_that_was_deleted_is_begun_anew() {
    let (cloudwatch, endpoint) = CloudWatch::start().await;
    let server = server(endpoint).await;
    run(&server, "m", PASS, "STANDARD", logging("FATAL", true, "/g")).await;
    assert_eq!(cloudwatch.records().1.len(), 0);
    run(&server, "n", FAIL, "STANDARD", logging("FATAL", true, "/g")).await;
    assert_eq!(cloudwatch.records().1.len(), 1);
    cloudwatch.kept(|kept| kept.streams.clear());
    server.ok("StartExecution", json!({"stateMachineArn": format!("{PREFIX}:stateMachine:n")})).await;
    server.emulator.logs.flush(Duration::from_secs(10)).await;
    assert_eq!(cloudwatch.records().1.len(), 1);
}

#[tokio::test]
async fn an_update_counts_for_the_executions_that_begin_after_it() {
    let (cloudwatch, endpoint) = CloudWatch::start().await;
    let server = server(endpoint).await;
    let wait = r#"{"StartAt":"A","States":{"A":{"Type":"Wait","Seconds":10,"End":true}}}"#;
    for (name, machine_type) in [("s", "STANDARD"), ("e", "EXPRESS")] {
        let before = run(&server, name, wait, machine_type, logging("ALL", true, "/g")).await;
        let machine = format!("{PREFIX}:stateMachine:{name}");
        let update = json!({"stateMachineArn": machine, "definition": PASS, "loggingConfiguration": logging("ALL", false, "/h")});
        server.ok("UpdateStateMachine", update).await;
        let after = server.ok("StartExecution", json!({"stateMachineArn": machine})).await["executionArn"].clone();
        server.emulator.engine.advance(Duration::from_secs(10));
        server.emulator.logs.flush(Duration::from_secs(10)).await;
        let (_, records) = cloudwatch.records();
        for (execution, with_data, states) in [(before, true, "Wait"), (after, false, "Pass")] {
            let of_it: Vec<&Value> = records.iter().filter(|record| record["execution_arn"] == execution).collect();
            let entered = format!("{states}StateEntered");
            let types: Vec<&str> = of_it.iter().filter_map(|record| record["type"].as_str()).collect();
            let expected = ["ExecutionStarted", &entered, &format!("{states}StateExited"), "ExecutionSucceeded"];
            assert_eq!(types, expected, "{machine_type}");
            assert!(of_it.iter().all(|record| record["details"].get("inputDetails").is_none() || with_data));
            assert_eq!(of_it[0]["details"].get("input").is_some(), with_data, "{machine_type}");
        }
        let calls = cloudwatch.kept(|kept| std::mem::take(&mut kept.calls));
        for group in ["/g", "/h"] {
            assert!(calls.contains(&format!("PutLogEvents {group} states/{name}")), "{calls:?}");
        }
    }
}

#[tokio::test]
async fn what_is_unwell_for_a_moment_is_tried_again() {
    let (cloudwatch, endpoint) = CloudWatch::start().await;
    let server = server(endpoint).await;
    cloudwatch.kept(|kept| kept.unwell = 2);
    run(&server, "m", FAIL, "STANDARD", logging("FATAL", true, "/g")).await;
    assert_eq!(cloudwatch.records().1.len(), 1);
}

#[tokio::test]
async fn executions_do_not_care_whether_their_logs_arrive() {
    let (cloudwatch, endpoint) = CloudWatch::start().await;
    let nobody = Endpoint::parse("http://127.0.0.1:1").expect("a URL");
    for (endpoint, group) in [(endpoint, "/none"), (nobody, "/g")] {
        let server = server(endpoint).await;
        let execution = run(&server, "m", PASS, "STANDARD", logging("ALL", true, group)).await;
        let described = server.ok("DescribeExecution", json!({"executionArn": execution})).await;
        assert_eq!(described["status"], "SUCCEEDED");
    }
    assert_eq!(cloudwatch.records().1.len(), 0);
}

#[tokio::test]
async fn a_file_holds_a_line_for_each_record() {
    let path = std::env::temp_dir().join(format!("stepwell-log-{}.jsonl", std::process::id()));
    let config = Config { execution_log: Some(ExecutionLog::File(path.clone())), ..Config::default() };
    let server = Server::with(config).await;
    for name in ["a", "b"] {
        run(&server, name, FAIL, "EXPRESS", logging("ERROR", false, "/g")).await;
    }
    let text = std::fs::read_to_string(&path).expect("a file");
    std::fs::remove_file(&path).expect("removed");
    let types: Vec<Value> =
        text.lines().map(|line| serde_json::from_str::<Value>(line).expect("JSON")["type"].clone()).collect();
    assert_eq!(types, ["FailStateEntered", "ExecutionFailed", "FailStateEntered", "ExecutionFailed"]);
}

#[tokio::test]
async fn a_log_group_must_exist_where_somebody_knows() {
    let (cloudwatch, endpoint) = CloudWatch::start().await;
    let server = server(endpoint).await;
    let create = |name: &str, group: &str, level: &str| json!({"name": name, "definition": PASS, "roleArn": ROLE, "loggingConfiguration": logging(level, false, group)});
    let not_found = "InvalidLoggingConfiguration: Invalid Logging Configuration: Log Destination not found.";
    assert_eq!(server.refused("CreateStateMachine", create("m", "/missing", "ALL")).await, not_found);
    server.ok("CreateStateMachine", create("off", "/missing", "OFF")).await;
    let machine = server.ok("CreateStateMachine", create("m", "/there", "ALL")).await["stateMachineArn"].clone();
    let update = json!({"stateMachineArn": machine, "loggingConfiguration": logging("FATAL", false, "/missing")});
    assert_eq!(server.refused("UpdateStateMachine", update.clone()).await, not_found);
    cloudwatch.kept(|kept| kept.unwell = 1);
    server.ok("UpdateStateMachine", update).await;
    Server::start().await.ok("CreateStateMachine", create("m", "/missing", "ALL")).await;
}
