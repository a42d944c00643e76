//! Mocked calls: test cases of a mock configuration file, as AWS Step Functions Local knows it.

use crate::server::{PREFIX, ROLE, Server};
use serde_json::{Value, json};
use std::path::PathBuf;
use stepwell::config::Config;

/// A server with a mock configuration that can be written anew; the file goes away with it.
struct Mocked {
    server: Server,
    file: PathBuf,
}

impl Mocked {
    async fn start(config: &Value) -> Mocked {
        let file = std::env::temp_dir().join(format!("stepwell-mocks-{}.json", uuid::Uuid::new_v4()));
        let config_of_server = Config { mock_config: Some(file.clone()), ..Config::default() };
        let mocked = Mocked { server: Server::with(config_of_server).await, file };
        mocked.write(&config.to_string());
        mocked
    }

    fn write(&self, text: &str) {
        std::fs::write(&self.file, text).expect("a file");
    }

    async fn create(&self, name: &str, kind: &str, definition: &Value) {
        let request = json!({"name": name, "definition": definition.to_string(), "roleArn": ROLE, "type": kind});
        self.server.ok("CreateStateMachine", request).await;
    }

    /// How an execution of this test case ended, and its history's events.
    async fn run(&self, case: &str, input: &Value) -> (Value, Vec<Value>) {
        let request = json!({"stateMachineArn": arn(case), "input": input.to_string()});
        let started = self.server.ok("StartExecution", request).await;
        let execution = json!({"executionArn": started["executionArn"]});
        let description = self.ended(&execution).await;
        let history = self.server.ok("GetExecutionHistory", execution).await;
        (description, history["events"].as_array().expect("events").clone())
    }

    /// What DescribeExecution shows when the execution has ended.
    async fn ended(&self, execution: &Value) -> Value {
        loop {
            let description = self.server.ok("DescribeExecution", execution.clone()).await;
            if description["status"] != "RUNNING" {
                return description;
            }
        }
    }

    async fn refused(&self, case: &str) -> String {
        let error = self.server.refused("StartExecution", json!({"stateMachineArn": arn(case)})).await;
        let start = format!("ValidationException: The mock configuration {} can't be used: ", self.file.display());
        error.strip_prefix(&start).unwrap_or(&error).to_owned()
    }
}

impl Drop for Mocked {
    fn drop(&mut self) {
        let _ = std::fs::remove_file(&self.file);
    }
}

/// The ARN of `m#case`, `m:alias#case` ...
fn arn(case: &str) -> String {
    format!("{PREFIX}:stateMachine:{case}")
}

/// A file with one test case `C` of the machine `m`.
fn config(states: &Value, responses: &Value) -> Value {
    json!({"StateMachines": {"m": {"TestCases": {"C": states}}}, "MockedResponses": responses})
}

/// A machine of one Task state `T`, with these fields besides.
fn task(resource: &str, fields: Value) -> Value {
    let mut state = json!({"Type": "Task", "Resource": resource, "End": true});
    let members = state.as_object_mut().expect("an object");
    members.extend(fields.as_object().expect("an object").clone());
    json!({"StartAt": "T", "States": {"T": state}})
}

fn types(events: &[Value]) -> Vec<&str> {
    events.iter().map(|event| event["type"].as_str().expect("a type")).collect()
}

const INVOKE: &str = "arn:aws:states:::lambda:invoke";

fn invoke(fields: Value) -> Value {
    let mut fields = fields;
    fields["Parameters"] = json!({"FunctionName": "f", "Payload.$": "$"});
    task(INVOKE, fields)
}

#[tokio::test]
async fn a_mock_takes_the_place_of_the_call() {
    let answer = json!({"StatusCode": 200, "Payload": {"a": [1, 2]}});
    let function = format!("arn:aws:lambda:us-east-1:123456789012:function:{}", "f");
    let activity = format!("{PREFIX}:activity:nobody-made-it");
    let sync = "arn:aws:states:::states:startExecution.sync:2";
    let token = json!({"Parameters": {"FunctionName": "f", "Payload": {"t.$": "$$.Task.Token"}}});
    for (definition, mock, output, between) in [
        (invoke(json!({})), &answer, answer.clone(), &["TaskScheduled", "TaskStarted", "TaskSucceeded"][..]),
        (
            invoke(json!({"ResultSelector": {"b.$": "$.Payload.a[0]"}, "ResultPath": "$.r"})),
            &answer,
            json!({"r": {"b": 1}}),
            &["TaskScheduled", "TaskStarted", "TaskSucceeded"],
        ),
        (
            task(&format!("{INVOKE}.waitForTaskToken"), token),
            &json!("done"),
            json!("done"),
            &["TaskScheduled", "TaskStarted", "TaskSubmitted", "TaskSucceeded"],
        ),
        (
            task(sync, json!({"Parameters": {"StateMachineArn": "nowhere"}})),
            &json!({"Status": "SUCCEEDED"}),
            json!({"Status": "SUCCEEDED"}),
            &["TaskScheduled", "TaskStarted", "TaskSubmitted", "TaskSucceeded"],
        ),
        (
            task(
                "arn:aws:states:::http:invoke",
                json!({"Parameters": {"ApiEndpoint": "https://h", "Method": "GET",
                    "InvocationConfig": {"ConnectionArn": "arn:aws:events:us-east-1:123456789012:connection/c/1"}}}),
            ),
            &answer,
            answer.clone(),
            &["TaskScheduled", "TaskStarted", "TaskSucceeded"],
        ),
        (
            task(&function, json!({})),
            &answer,
            json!({"a": [1, 2]}),
            &["LambdaFunctionScheduled", "LambdaFunctionStarted", "LambdaFunctionSucceeded"],
        ),
        (
            task(&function, json!({})),
            &json!({"Payload": 1, "mine": true}),
            json!({"Payload": 1, "mine": true}),
            &["LambdaFunctionScheduled", "LambdaFunctionStarted", "LambdaFunctionSucceeded"],
        ),
        (
            task(&activity, json!({"HeartbeatSeconds": 5, "TimeoutSeconds": 9})),
            &json!(7),
            json!(7),
            &["ActivityScheduled", "ActivityStarted", "ActivitySucceeded"],
        ),
    ] {
        let mocked = Mocked::start(&config(&json!({"T": "r"}), &json!({"r": {"0": {"Return": mock}}}))).await;
        mocked.create("m", "STANDARD", &definition).await;
        let (description, events) = mocked.run("m#C", &json!({})).await;
        assert_eq!(description["status"], "SUCCEEDED", "{definition}: {description}");
        assert_eq!(description["stateMachineArn"], arn("m"));
        assert_eq!(description["output"], output.to_string(), "{definition}");
        assert_eq!(types(&events)[2..events.len() - 2], *between, "{definition}");
    }
}

#[tokio::test]
async fn attempts_are_counted_and_a_thrown_error_is_retried_and_caught_by_its_name() {
    let retry = json!([{"ErrorEquals": ["E"], "MaxAttempts": 2, "IntervalSeconds": 1}]);
    let catch = json!([{"ErrorEquals": ["F"], "Next": "Caught"}]);
    let mut definition = invoke(json!({"Retry": retry, "Catch": catch}));
    definition["States"]["Caught"] = json!({"Type": "Pass", "End": true});
    let throw = |error: &str| json!({"Throw": {"Error": error, "Cause": "c"}});
    for (response, output) in [
        (json!({"0-1": throw("E"), "2": {"Return": "third"}}), json!("third")),
        (json!({"0": throw("E"), "1": throw("F")}), json!({"Error": "F", "Cause": "c"})),
    ] {
        let mocked = Mocked::start(&config(&json!({"T": "r"}), &json!({"r": response}))).await;
        mocked.create("m", "STANDARD", &definition).await;
        let request = json!({"stateMachineArn": arn("m#C"), "name": "e"});
        let started = mocked.server.ok("StartExecution", request).await;
        mocked.server.emulator.engine.advance(std::time::Duration::from_secs(9));
        let execution = json!({"executionArn": started["executionArn"]});
        let description = mocked.server.ok("DescribeExecution", execution.clone()).await;
        assert_eq!(description["output"], output.to_string(), "{response}");
        let history = mocked.server.ok("GetExecutionHistory", execution).await;
        let failed = history["events"].as_array().expect("events").iter().find(|event| event["type"] == "TaskFailed");
        let details = json!({"resourceType": "lambda", "resource": "invoke", "error": "E", "cause": "c"});
        assert_eq!(failed.expect("a failed attempt")["taskFailedEventDetails"], details);
    }
}

#[tokio::test]
async fn all_iterations_of_a_map_state_count_and_each_execution_begins_anew() {
    let definition = json!({"StartAt": "M", "States": {"M": {"Type": "Map", "MaxConcurrency": 1, "End": true,
        "ItemProcessor": {"StartAt": "T", "States": invoke(json!({}))["States"]}}}});
    let response = json!({"0": {"Return": "a"}, "1-2": {"Return": "b"}});
    let mocked = Mocked::start(&config(&json!({"T": "r"}), &json!({"r": response}))).await;
    mocked.create("m", "STANDARD", &definition).await;
    for _ in 0..2 {
        let (description, _) = mocked.run("m#C", &json!([{}, {}, {}])).await;
        assert_eq!(description["output"], r#"["a","b","b"]"#);
    }
}

#[tokio::test]
async fn an_attempt_without_a_response_fails_the_execution_whatever_would_catch_it() {
    let catch = json!([{"ErrorEquals": ["States.ALL"], "Next": "T"}]);
    let retry = json!([{"ErrorEquals": ["States.ALL"]}]);
    let mocked = Mocked::start(&config(&json!({"T": "r"}), &json!({"r": {"1": {"Return": 1}}}))).await;
    mocked.create("m", "STANDARD", &invoke(json!({"Catch": catch, "Retry": retry}))).await;
    let (description, _) = mocked.run("m#C", &json!({})).await;
    assert_eq!((&description["status"], &description["error"]), (&json!("FAILED"), &json!("States.Runtime")));
    let cause = "An error occurred while executing the state 'T' (entered at the event id #2). \
                 The mocked response 'r' has nothing for attempt 0";
    assert_eq!(description["cause"], cause);
}

#[tokio::test]
async fn states_that_a_test_case_does_not_name_are_called() {
    let mut definition = invoke(json!({}));
    definition["States"]["T"]["Next"] = json!("Real");
    definition["States"]["T"].as_object_mut().expect("an object").remove("End");
    definition["States"]["Real"] = invoke(json!({}))["States"]["T"].clone();
    let mocked = Mocked::start(&config(&json!({"T": "r"}), &json!({"r": {"0": {"Return": {}}}}))).await;
    mocked.create("m", "STANDARD", &definition).await;
    let (description, events) = mocked.run("m#C", &json!({})).await;
    // No endpoint is configured.
    assert_eq!(description["status"], "FAILED");
    let tasks: Vec<&str> = types(&events).into_iter().filter(|name| name.starts_with("Task")).collect();
    let called = ["TaskScheduled", "TaskStarted", "TaskSucceeded", "TaskStateExited", "TaskStateEntered"];
    assert_eq!(tasks[1..6], called);
    assert_eq!(tasks[6..], ["TaskScheduled", "TaskStarted", "TaskFailed"]);
}

#[tokio::test]
async fn express_machines_and_versions_have_test_cases_too() {
    let mocked = Mocked::start(&config(&json!({"T": "r"}), &json!({"r": {"0": {"Return": [1, 2]}}}))).await;
    mocked.create("m", "EXPRESS", &invoke(json!({}))).await;
    mocked.server.ok("PublishStateMachineVersion", json!({"stateMachineArn": arn("m")})).await;
    for case in ["m#C", "m:1#C"] {
        let ended = mocked.server.ok("StartSyncExecution", json!({"stateMachineArn": arn(case)})).await;
        assert_eq!((&ended["status"], &ended["output"]), (&json!("SUCCEEDED"), &json!("[1,2]")), "{case}");
    }
    let error = mocked.server.refused("StartSyncExecution", json!({"stateMachineArn": arn("m#D")})).await;
    assert!(error.ends_with(r#"/StateMachines/m/TestCases: there is no test case "D""#), "{error}");
}

#[tokio::test]
async fn a_nested_execution_may_be_a_test_case() {
    let start = "arn:aws:states:::states:startExecution.sync:2";
    let parent = task(start, json!({"Parameters": {"StateMachineArn": arn("m#C")}, "OutputPath": "$.Output"}));
    let mocked = Mocked::start(&config(&json!({"T": "r"}), &json!({"r": {"0": {"Return": {"a": 1}}}}))).await;
    mocked.create("m", "STANDARD", &invoke(json!({}))).await;
    mocked.create("parent", "STANDARD", &parent).await;
    let (description, _) = mocked.run("parent", &json!({})).await;
    assert_eq!(description["output"], r#"{"a":1}"#, "{description}");
}

#[tokio::test]
async fn a_state_may_start_a_test_case_of_a_nested_machine() {
    let responses = json!({"r": {"0": {"Return": {"a": 1}}}});
    for (resource, output) in [
        ("arn:aws:states:::states:startExecution.sync:2", json!({"a": 1})),
        ("arn:aws:states:::states:startExecution.sync", json!(r#"{"a":1}"#)),
        ("arn:aws:states:::aws-sdk:sfn:startSyncExecution", json!(r#"{"a":1}"#)),
    ] {
        let parent = task(resource, json!({"Parameters": {"StateMachineArn": arn("m")}, "OutputPath": "$.Output"}));
        let mut config = config(&json!({"T": "r"}), &responses);
        config["StateMachines"]["parent"] =
            json!({"TestCases": {"P": {"T": {"TestCase": "C"}}, "Q": {"T": {"TestCase": "D"}}, "D": {}}});
        let mocked = Mocked::start(&config).await;
        let kind = if resource.ends_with("startSyncExecution") { "EXPRESS" } else { "STANDARD" };
        mocked.create("m", kind, &invoke(json!({}))).await;
        mocked.create("parent", "STANDARD", &parent).await;
        let (description, events) = mocked.run("parent#P", &json!({})).await;
        assert_eq!(description["output"], output.to_string(), "{resource}: {description}");
        // What the events show is what the definition says.
        let parameters = events[2]["taskScheduledEventDetails"]["parameters"].as_str().expect("parameters");
        assert_eq!(parameters, json!({"StateMachineArn": arn("m")}).to_string());
        let place = "/StateMachines/parent/TestCases/Q/T/TestCase";
        let expected = format!(r#"{place}: the state machine "m", which the state starts, has no test case "D""#);
        assert_eq!(mocked.refused("parent#Q").await, expected);

        // Which state machine it is may be known no earlier than when it is started.
        let later = task(resource, json!({"Parameters": {"StateMachineArn.$": "$.m"}, "OutputPath": "$.Output"}));
        mocked
            .server
            .ok("UpdateStateMachine", json!({"stateMachineArn": arn("parent"), "definition": later.to_string()}))
            .await;
        let (description, _) = mocked.run("parent#Q", &json!({"m": arn("m")})).await;
        let cause = description["cause"].as_str().unwrap_or_default();
        assert!(cause.contains(r#"/StateMachines/m/TestCases: there is no test case "D""#), "{description}");
    }
}

#[tokio::test]
async fn what_a_task_is_given_may_choose_its_response() {
    let activity = format!("{PREFIX}:activity:nobody-made-it");
    let response = json!({"0-9": [
        {"Input": {"n": 1, "a": [true]}, "Return": "one"},
        {"Condition": "{% $states.input.n > 10 and $states.context.State.Name = 'T' %}", "Throw": {"Error": "TooMuch"}},
        {"Condition": "{% $states.input.n < 0 %}", "Return": "less"},
        {"Input": {"n": 7}, "Return": "seven"}
    ]});
    let mocked = Mocked::start(&config(&json!({"T": "r"}), &json!({"r": response}))).await;
    mocked.create("m", "STANDARD", &task(&activity, json!({"Parameters": {"n.$": "$.m", "a.$": "$.a"}}))).await;
    for (input, ended) in [
        (json!({"m": 1.0, "a": [true]}), json!({"output": r#""one""#})),
        (json!({"m": 11, "a": 0}), json!({"error": "TooMuch"})),
        (json!({"m": -1, "a": 0}), json!({"output": r#""less""#})),
        (
            json!({"m": 7, "a": 0}),
            json!({"error": "States.Runtime", "cause": "An error occurred while executing the state 'T' (entered at the event id #2). \
                   The mocked response 'r' has nothing for attempt 0"}),
        ),
        (
            json!({"m": "x", "a": 0}),
            json!({"error": "States.Runtime", "cause": "An error occurred while executing the state 'T' (entered at the event id #2). \
                   The condition at /MockedResponses/r/0-9/1 in the mock configuration can't be evaluated: "}),
        ),
    ] {
        let (description, _) = mocked.run("m#C", &input).await;
        for (name, expected) in ended.as_object().expect("an object") {
            let (found, expected) =
                (description[name].as_str().unwrap_or_default(), expected.as_str().expect("a text"));
            assert!(found.starts_with(expected), "{input}: {description}");
        }
    }
}

#[tokio::test]
async fn results_are_checked_as_those_of_test_state_if_that_is_asked_for() {
    let get = task("arn:aws:states:::aws-sdk:ssm:getParameter", json!({"Parameters": {"Name": "n"}}));
    let start = task("arn:aws:states:::states:startExecution", json!({"Parameters": {"StateMachineArn": "m"}}));
    let place = "/MockedResponses/r/0/Return: Mock result schema validation error";
    for (definition, whole, own, result, problem) in [
        (&get, None, None, json!({"Parameter": 7}), None),
        (&get, None, Some("PRESENT"), json!({"Parameter": 7}), Some("Field 'Parameter' must be an object")),
        (&get, Some("STRICT"), None, json!({"Parameter": {"Name": 1}}), Some("Field 'Name' must be a string")),
        (&get, Some("STRICT"), Some("NONE"), json!({"Parameter": {"Name": 1}}), None),
        (&get, Some("STRICT"), None, json!({"Parameter": {"Name": "n"}}), None),
        (&start, None, Some("STRICT"), json!({"ExecutionArn": "e"}), Some("Required field 'StartDate' is missing")),
        (&start, None, Some("PRESENT"), json!({"ExecutionArn": "e"}), None),
        (&invoke(json!({})), Some("STRICT"), None, json!({"Payload": [1], "StatusCode": 200}), None),
    ] {
        let mut outcome = json!({"Return": result});
        if let Some(own) = own {
            outcome["FieldValidationMode"] = json!(own);
        }
        let mut config = config(&json!({"T": "r"}), &json!({"r": {"0": outcome}}));
        if let Some(whole) = whole {
            config["FieldValidationMode"] = json!(whole);
        }
        let mocked = Mocked::start(&config).await;
        mocked.create("m", "STANDARD", definition).await;
        match problem {
            Some(problem) => assert_eq!(mocked.refused("m#C").await, format!("{place}: {problem}"), "{config}"),
            None => assert_eq!(mocked.run("m#C", &json!({})).await.0["status"], "SUCCEEDED", "{config}"),
        }
    }
}

#[tokio::test]
async fn a_test_case_that_cannot_be_run_is_refused_with_the_place_in_the_file() {
    let mocked = Mocked::start(&json!({})).await;
    mocked.create("m", "STANDARD", &invoke(json!({}))).await;
    assert_eq!(mocked.refused("m#C").await, r#"/StateMachines: there is no state machine "m""#);
    for (text, error) in [
        (
            "{\n\"StateMachines\": x}",
            "line 2, column 19: Unrecognized token 'x': was expecting (JSON String, Number, Array, Object or token 'null', 'true' or 'false')",
        ),
        (
            &config(&json!({"T": "r"}), &json!({})).to_string(),
            r#"/StateMachines/m/TestCases/C/T: there is no response "r" in MockedResponses"#,
        ),
        (
            &config(&json!({"Tee": "r"}), &json!({"r": {"0": {"Return": 1}}})).to_string(),
            r#"/StateMachines/m/TestCases/C: the state machine has no Task state "Tee""#,
        ),
        (
            &config(&json!({"T": {"TestCase": "D"}}), &json!({})).to_string(),
            r#"/StateMachines/m/TestCases/C: the Task state "T" starts no state machine"#,
        ),
    ] {
        mocked.write(text);
        assert_eq!(mocked.refused("m#C").await, error);
    }
    // The file is read anew each time.
    mocked.write(&config(&json!({"T": "r"}), &json!({"r": {"0": {"Return": 1}}})).to_string());
    assert_eq!(mocked.run("m#C", &json!({})).await.0["output"], "1");
    assert_eq!(mocked.refused("m#").await, r#"/StateMachines/m/TestCases: there is no test case """#);
    let unknown = mocked.server.refused("StartExecution", json!({"stateMachineArn": arn("x#C")})).await;
    assert_eq!(unknown, format!("StateMachineDoesNotExist: State Machine Does Not Exist: '{}'", arn("x")));
}

#[tokio::test]
async fn without_a_mock_configuration_no_state_machine_has_such_an_arn() {
    let server = Server::start().await;
    let definition = invoke(json!({})).to_string();
    server.ok("CreateStateMachine", json!({"name": "m", "definition": definition, "roleArn": ROLE})).await;
    let error = server.refused("StartExecution", json!({"stateMachineArn": arn("m#C")})).await;
    assert_eq!(error, format!("StateMachineDoesNotExist: State Machine Does Not Exist: '{}'", arn("m#C")));
}

#[tokio::test]
async fn the_children_of_a_map_run_count_their_mocks_together() {
    let config = json!({
        "StateMachines": {"m": {"TestCases": {"C": {"T": "r"}}}},
        "MockedResponses": {"r": {"0": {"Return": "first"}, "1": {"Throw": {"Error": "E"}}, "2-3": {"Return": "later"}}},
    });
    let mocked = Mocked::start(&config).await;
    let task = json!({
        "Type": "Task", "Resource": "arn:aws:lambda:us-east-1:123456789012:function:f", "End": true,
        "Retry": [{"ErrorEquals": ["E"], "IntervalSeconds": 0}],
    });
    let processor = json!({
        "ProcessorConfig": {"Mode": "DISTRIBUTED", "ExecutionType": "STANDARD"}, "StartAt": "T", "States": {"T": task},
    });
    let map = json!({"Type": "Map", "MaxConcurrency": 1, "ItemProcessor": processor, "End": true});
    mocked.create("m", "STANDARD", &json!({"StartAt": "M", "States": {"M": map}})).await;
    let (description, _) = mocked.run("m#C", &json!([1, 2, 3])).await;
    assert_eq!(description["output"], r#"["first","later","later"]"#, "{description}");
}
