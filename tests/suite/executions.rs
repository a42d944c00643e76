//! Executions: started, described, listed, stopped.

use crate::server::{PASS, PREFIX, ROLE, Server};
use serde_json::{Value, json};
use std::time::Duration;

const WAIT: &str = r#"{"StartAt":"A","States":{"A":{"Type":"Wait","Seconds":86400,"End":true}}}"#;

/// A server with the state machine `wait`, whose executions run for a day.
async fn server() -> Server {
    let server = Server::start().await;
    for (name, definition) in [("wait", WAIT), ("pass", PASS)] {
        server.ok("CreateStateMachine", json!({"name": name, "definition": definition, "roleArn": ROLE})).await;
    }
    server
}

fn machine() -> String {
    format!("{PREFIX}:stateMachine:wait")
}

fn execution(name: &str) -> String {
    format!("{PREFIX}:execution:wait:{name}")
}

async fn start(server: &Server, name: &str, input: &str) -> Value {
    server.ok("StartExecution", json!({"stateMachineArn": machine(), "name": name, "input": input})).await
}

#[tokio::test]
async fn a_running_execution_is_shown() {
    let server = server().await;
    let request = json!({"stateMachineArn": machine(), "name": "e", "input": "{\"a\": 1}", "traceHeader": "Root=1"});
    let started = server.ok("StartExecution", request).await;
    assert_eq!(started["executionArn"], execution("e"));
    let expected = json!({
        "executionArn": execution("e"),
        "stateMachineArn": machine(),
        "name": "e",
        "status": "RUNNING",
        "startDate": started["startDate"],
        "input": "{\"a\": 1}",
        "inputDetails": {"included": true},
        "traceHeader": "Root=1",
        "redriveCount": 0,
        "redriveStatus": "NOT_REDRIVABLE",
        "redriveStatusReason": "Execution is RUNNING and cannot be redriven",
    });
    assert_eq!(server.ok("DescribeExecution", json!({"executionArn": execution("e")})).await, expected);
    let request = json!({"executionArn": execution("e"), "includedData": "METADATA_ONLY"});
    let described = server.ok("DescribeExecution", request).await;
    assert_eq!((described.get("input"), described.get("inputDetails")), (None, None));
}

#[tokio::test]
async fn a_trace_header_of_http_goes_before_that_of_the_request() {
    let server = server().await;
    let too_long = "x".repeat(257);
    for (name, of_http, member, shown) in [
        ("a", Some("Root=1;Sampled=0"), None, Some("Root=1;Sampled=0")),
        ("b", Some("Root=1"), Some("Root=2"), Some("Root=1")),
        ("c", None, Some("Root=2"), Some("Root=2")),
        ("d", Some(too_long.as_str()), Some("Root=2"), Some("Root=2")),
        ("e", Some(""), Some("Root=2"), Some("Root=2")),
        ("f", None, None, None),
    ] {
        let mut head =
            vec![("Content-Type", "application/x-amz-json-1.0"), ("X-Amz-Target", "AWSStepFunctions.StartExecution")];
        head.extend(of_http.map(|header| ("X-Amzn-Trace-Id", header)));
        let input = json!({"stateMachineArn": machine(), "name": name, "traceHeader": member});
        assert_eq!(server.send("POST /", &head, input.to_string().as_bytes()).await.status, 200);
        let described = server.ok("DescribeExecution", json!({"executionArn": execution(name)})).await;
        assert_eq!(described.get("traceHeader").and_then(Value::as_str), shown, "{name}");
    }
}

#[tokio::test]
async fn a_name_is_a_uuid_unless_it_is_given() {
    let server = server().await;
    let started = server.ok("StartExecution", json!({"stateMachineArn": machine()})).await;
    let arn = started["executionArn"].as_str().expect("an ARN");
    assert_eq!(arn.strip_prefix(&execution("")).map(str::len), Some(36), "{arn}");
    let described = server.ok("DescribeExecution", json!({"executionArn": arn})).await;
    assert_eq!(described["input"], "{}");
}

#[tokio::test]
async fn starting_is_idempotent_while_it_runs() {
    let server = server().await;
    let started = start(&server, "e", "{\"a\":1}").await;
    assert_eq!(start(&server, "e", "{\"a\":1}").await, started);
    let exists = format!("ExecutionAlreadyExists: Execution Already Exists: '{}'", execution("e"));
    let other = json!({"stateMachineArn": machine(), "name": "e", "input": "{\"a\":2}"});
    assert_eq!(server.refused("StartExecution", other).await, exists);
    server.ok("StopExecution", json!({"executionArn": execution("e")})).await;
    let same = json!({"stateMachineArn": machine(), "name": "e", "input": "{\"a\":1}"});
    assert_eq!(server.refused("StartExecution", same).await, exists);
}

#[tokio::test]
async fn an_execution_takes_any_json() {
    let server = server().await;
    for input in ["2", "\"some text\"", "null", " [1, 2] ", "{}"] {
        let started = server.ok("StartExecution", json!({"stateMachineArn": machine(), "input": input})).await;
        let described = server.ok("DescribeExecution", json!({"executionArn": started["executionArn"]})).await;
        assert_eq!(described["input"], input);
    }
    let expecting = "was expecting (JSON String, Number, Array, Object or token 'null', 'true' or 'false')";
    for (input, problem) in [
        ("", "Invalid execution input.".to_owned()),
        ("not some json", format!("Unrecognized token 'not': {expecting}")),
        (
            "{'not': 'json'",
            "Unexpected character (''' (code 39)): was expecting double-quote to start field name".to_owned(),
        ),
    ] {
        let error = server.refused("StartExecution", json!({"stateMachineArn": machine(), "input": input})).await;
        assert_eq!(error, format!("InvalidExecutionInput: Invalid State Machine Execution Input: '{problem}'"));
    }
    let error = server.refused("StartExecution", json!({"stateMachineArn": machine(), "name": "a/b"})).await;
    assert_eq!(error, "InvalidName: Invalid Name: 'a/b'");
}

#[tokio::test]
async fn a_stopped_execution_stays_stopped() {
    let server = server().await;
    start(&server, "e", "{}").await;
    let stop = json!({"executionArn": execution("e"), "error": "E", "cause": "because"});
    let stopped = server.ok("StopExecution", stop).await;
    assert_eq!(server.ok("StopExecution", json!({"executionArn": execution("e")})).await, stopped);
    let described = server.ok("DescribeExecution", json!({"executionArn": execution("e")})).await;
    for (member, value) in [
        ("status", json!("ABORTED")),
        ("stopDate", stopped["stopDate"].clone()),
        ("error", json!("E")),
        ("cause", json!("because")),
        ("redriveStatus", json!("REDRIVABLE")),
    ] {
        assert_eq!(described[member], value, "{member}");
    }
    assert_eq!((described.get("redriveStatusReason"), described.get("outputDetails")), (None, None));
}

#[tokio::test]
async fn an_arn_must_be_that_of_an_execution() {
    let server = server().await;
    start(&server, "e", "{}").await;
    for operation in ["DescribeExecution", "StopExecution", "GetExecutionHistory"] {
        for (arn, error) in [
            ("e".to_owned(), "InvalidArn: Invalid Arn: 'Invalid ARN prefix: e'".to_owned()),
            (
                format!("{PREFIX}:express:wait:e:uuid"),
                "InvalidArn: Invalid Arn: 'Resource type not valid in this context: express'".to_owned(),
            ),
            (execution("x"), format!("ExecutionDoesNotExist: Execution Does Not Exist: '{}'", execution("x"))),
            (
                "arn:aws:states:us-east-1:000000000000:execution:wait:e".to_owned(),
                "ExecutionDoesNotExist: Execution Does Not Exist: 'arn:aws:states:us-east-1:000000000000:execution:wait:e'"
                    .to_owned(),
            ),
        ] {
            assert_eq!(server.refused(operation, json!({"executionArn": arn})).await, error, "{operation}");
        }
    }
}

#[tokio::test]
async fn what_has_ended_is_listed_by_its_end() {
    let server = server().await;
    let later = || server.emulator.engine.advance(Duration::from_secs(1));
    for name in ["a", "b", "c"] {
        start(&server, name, "{}").await;
        later();
    }
    let names = async |size: usize| {
        let (mut names, mut token) = (Vec::new(), Value::Null);
        loop {
            let request = json!({"stateMachineArn": machine(), "maxResults": size, "nextToken": token});
            let page = server.ok("ListExecutions", request).await;
            let executions = page["executions"].as_array().expect("a list");
            names.extend(executions.iter().map(|execution| execution["name"].as_str().expect("a name").to_owned()));
            match page.get("nextToken") {
                Some(next) => token = next.clone(),
                None => return names.join(" "),
            }
        }
    };
    assert_eq!(names(2).await, "c b a");
    for (operation, name, expected) in
        [("StopExecution", "a", "a c b"), ("StopExecution", "b", "b a c"), ("RedriveExecution", "a", "a b c")]
    {
        server.ok(operation, json!({"executionArn": execution(name)})).await;
        later();
        for size in [1, 2, 3] {
            assert_eq!(names(size).await, expected, "{operation} {size}");
        }
    }
}

#[tokio::test]
async fn lists_show_the_newest_first_in_pages() {
    let server = server().await;
    for name in ["a", "b", "c", "d"] {
        start(&server, name, "{}").await;
    }
    server.ok("StopExecution", json!({"executionArn": execution("b")})).await;
    let list = async |changes: Value| {
        let mut request = json!({"stateMachineArn": machine()});
        for (member, value) in changes.as_object().expect("members") {
            request[member] = value.clone();
        }
        server.call("ListExecutions", request).await
    };
    let names = |page: &Value| {
        let executions = page["executions"].as_array().expect("a list");
        executions.iter().filter_map(|e| e["name"].as_str()).collect::<Vec<_>>().join(" ")
    };
    let first = list(json!({"maxResults": 3})).await.body;
    assert_eq!(names(&first), "d c b");
    let item = json!({
        "executionArn": execution("d"),
        "stateMachineArn": machine(),
        "name": "d",
        "status": "RUNNING",
        "startDate": first["executions"][0]["startDate"],
        "redriveCount": 0,
    });
    assert_eq!(first["executions"][0], item);
    let second = list(json!({"maxResults": 1, "nextToken": first["nextToken"]})).await.body;
    assert_eq!((names(&second), second.get("nextToken")), ("a".to_owned(), None));
    assert_eq!(names(&list(json!({"statusFilter": "ABORTED"})).await.body), "b");
    assert_eq!(names(&list(json!({"statusFilter": "SUCCEEDED"})).await.body), "");
    for (changes, error) in [
        (
            json!({"nextToken": first["nextToken"], "statusFilter": "RUNNING"}),
            "InvalidToken: Invalid Token: 'Invalid token'",
        ),
        (
            json!({"statusFilter": "PENDING_REDRIVE"}),
            "ValidationException: statusFilter PENDING_REDRIVE can only be specified with mapRunArn",
        ),
        (
            json!({"redriveFilter": "REDRIVEN"}),
            "ValidationException: redriveFilter can only be specified with mapRunArn",
        ),
        (
            json!({"mapRunArn": format!("{PREFIX}:mapRun:wait/l:u")}),
            "ValidationException: Exactly one of stateMachineArn and mapRunArn must be specified",
        ),
    ] {
        assert_eq!(list(changes.clone()).await.error(), error, "{changes}");
    }
    let map_run = format!("{PREFIX}:mapRun:wait/l:u");
    let error = server.refused("ListExecutions", json!({"mapRunArn": map_run})).await;
    assert_eq!(error, format!("ResourceNotFound: Resource not found: '{map_run}'"));
}

#[tokio::test]
async fn a_history_is_read_in_both_directions() {
    let server = server().await;
    start(&server, "e", "{}").await;
    let read = async |changes: Value| {
        let mut request = json!({"executionArn": execution("e"), "maxResults": 1});
        for (member, value) in changes.as_object().expect("members") {
            request[member] = value.clone();
        }
        server.call("GetExecutionHistory", request).await
    };
    for (reverse, ids) in [(false, [1, 2]), (true, [2, 1])] {
        let first = read(json!({"reverseOrder": reverse})).await.body;
        let token = first["nextToken"].clone();
        let second = read(json!({"reverseOrder": reverse, "nextToken": token})).await.body;
        assert_eq!([&first["events"][0]["id"], &second["events"][0]["id"]], ids);
        assert_eq!(second.get("nextToken"), None);
        let error = read(json!({"reverseOrder": !reverse, "nextToken": token})).await.error();
        assert_eq!(error, "InvalidToken: Invalid Token: 'Invalid token'");
    }
    for (include, there) in [(json!({}), true), (json!({"includeExecutionData": false}), false)] {
        let page = read(include).await.body;
        let details = page["events"][0]["executionStartedEventDetails"].as_object().expect("details");
        assert_eq!(details.contains_key("input"), there);
    }
}

#[tokio::test]
async fn a_state_machine_is_being_deleted_while_executions_run() {
    let server = server().await;
    start(&server, "e", "{}").await;
    server.ok("DeleteStateMachine", json!({"stateMachineArn": machine()})).await;
    let described = server.ok("DescribeStateMachine", json!({"stateMachineArn": machine()})).await;
    assert_eq!(described["status"], "DELETING");
    let deleting = format!("StateMachineDeleting: State Machine is being deleted: '{}'", machine());
    assert_eq!(server.refused("StartExecution", json!({"stateMachineArn": machine()})).await, deleting);
    let again = json!({"name": "wait", "definition": PASS, "roleArn": ROLE});
    assert_eq!(server.refused("CreateStateMachine", again.clone()).await, deleting);
    server.ok("StopExecution", json!({"executionArn": execution("e")})).await;
    let list = server.ok("ListStateMachines", json!({})).await;
    assert_eq!(list["stateMachines"].as_array().map(Vec::len), Some(1), "{list}");
    server.ok("CreateStateMachine", again).await;
}

#[tokio::test]
async fn an_unsuccessful_execution_can_be_redriven_for_a_while_if_its_machine_is_there() {
    const DAY: std::time::Duration = std::time::Duration::from_secs(24 * 60 * 60);
    const LOOP: &str = r#"{"StartAt":"A","States":{"A":{"Type":"Pass","Next":"B"},
        "B":{"Type":"Choice","Choices":[{"Variable":"$.never","IsPresent":true,"Next":"C"}],"Default":"A"},
        "C":{"Type":"Succeed"}}}"#;
    let server = server().await;
    let shown = async |arn: &str| {
        let described = server.ok("DescribeExecution", json!({"executionArn": arn})).await;
        let text = |member: &str| described.get(member).and_then(Value::as_str).unwrap_or_default().to_owned();
        format!("{} {}", text("redriveStatus"), text("redriveStatusReason"))
    };

    server.ok("CreateStateMachine", json!({"name": "loop", "definition": LOOP, "roleArn": ROLE})).await;
    let started = server.ok("StartExecution", json!({"stateMachineArn": format!("{PREFIX}:stateMachine:loop")})).await;
    let endless = started["executionArn"].as_str().expect("an ARN");
    while shown(endless).await.contains("RUNNING") {
        tokio::task::yield_now().await;
    }
    assert_eq!(shown(endless).await, "NOT_REDRIVABLE Execution history event limit exceeded");

    start(&server, "e", "{}").await;
    server.ok("StopExecution", json!({"executionArn": execution("e")})).await;
    assert_eq!(shown(&execution("e")).await, "REDRIVABLE ");
    server.emulator.engine.advance(DAY * 14);
    assert_eq!(shown(&execution("e")).await, "REDRIVABLE ");
    server.emulator.engine.advance(DAY);
    assert_eq!(shown(&execution("e")).await, "NOT_REDRIVABLE Execution redrivable period exceeded");

    start(&server, "f", "{}").await;
    server.ok("StopExecution", json!({"executionArn": execution("f")})).await;
    server.ok("DeleteStateMachine", json!({"stateMachineArn": machine()})).await;
    let deleting = "NOT_REDRIVABLE State machine is in DELETING status";
    assert_eq!(shown(&execution("f")).await, deleting);
    server.emulator.engine.advance(DAY);
    server.ok("CreateStateMachine", json!({"name": "wait", "definition": WAIT, "roleArn": ROLE})).await;
    assert_eq!(shown(&execution("f")).await, deleting, "the new machine is another one");
}

#[tokio::test]
async fn an_execution_shows_the_state_machine_that_it_runs() {
    let server = Server::start().await;
    let machine = format!("{PREFIX}:stateMachine:m");
    let create = |result: &str| {
        let definition = json!({"StartAt": "A", "States": {
            "A": {"Type": "Pass", "Assign": {"v": result}, "Next": "B"},
            "B": {"Type": "Pass", "OutputPath": "$v", "End": true},
        }});
        json!({"name": "m", "definition": definition.to_string(), "roleArn": format!("{ROLE}-{result}")})
    };
    for name in ["first", "second"] {
        let created = server.ok("CreateStateMachine", create(name)).await;
        let started = server.ok("StartExecution", json!({"stateMachineArn": machine, "name": name})).await;
        let request = json!({"executionArn": started["executionArn"]});
        let expected = json!({
            "stateMachineArn": machine,
            "name": "m",
            "definition": create(name)["definition"],
            "roleArn": format!("{ROLE}-{name}"),
            "updateDate": created["creationDate"],
            "loggingConfiguration": {"level": "OFF", "includeExecutionData": false},
            "tracingConfiguration": {"enabled": false},
            "encryptionConfiguration": {"type": "AWS_OWNED_KEY"},
            "variableReferences": {"B": ["v"]},
        });
        assert_eq!(server.ok("DescribeStateMachineForExecution", request).await, expected);
        server.ok("DeleteStateMachine", json!({"stateMachineArn": machine})).await;
        server.emulator.engine.advance(std::time::Duration::from_secs(1));
    }
    // A deleted state machine, and one of the same name that came after it, change nothing.
    let first = format!("{PREFIX}:execution:m:first");
    let shown = server.ok("DescribeStateMachineForExecution", json!({"executionArn": first})).await;
    assert_eq!(
        (&shown["definition"], &shown["roleArn"]),
        (&create("first")["definition"], &json!(format!("{ROLE}-first")))
    );
    let request = json!({"executionArn": first, "includedData": "METADATA_ONLY"});
    assert_eq!(server.ok("DescribeStateMachineForExecution", request).await["definition"], "{}");
    let prefix = "InvalidArn: Invalid Arn: '";
    for (arn, error) in [
        (
            format!("{PREFIX}:execution:m:x"),
            format!("ExecutionDoesNotExist: Execution Does Not Exist: '{PREFIX}:execution:m:x'"),
        ),
        (format!("{PREFIX}:express:m:x:u"), format!("{prefix}Resource type not valid in this context: express'")),
        (machine, format!("{prefix}Resource type not valid in this context: stateMachine'")),
        ("e".to_owned(), format!("{prefix}Invalid ARN prefix: e'")),
    ] {
        assert_eq!(server.refused("DescribeStateMachineForExecution", json!({"executionArn": arn})).await, error);
    }
}
