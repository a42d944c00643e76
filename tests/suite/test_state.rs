//! TestState: one state, alone or of a whole definition.

mod items;

use crate::server::{PREFIX, ROLE, Server};
use serde_json::{Value, json};
use std::time::Duration;
use stepwell::config::Config;

/// Members that hold JSON in texts.
const TEXTS: [&str; 4] = ["definition", "input", "variables", "context"];

/// A request whose texts are given as values.
fn request(mut members: Value) -> Value {
    for name in TEXTS {
        if let Some(value) = members.get_mut(name).filter(|value| !value.is_string()) {
            *value = json!(value.to_string());
        }
    }
    members
}

/// The answer, with values in place of texts that are JSON.
async fn tested(server: &Server, members: Value) -> Value {
    let mut answer = server.ok("TestState", request(members)).await;
    read_texts(&mut answer);
    answer
}

fn read_texts(answer: &mut Value) {
    for (name, value) in answer.as_object_mut().into_iter().flatten() {
        match value {
            Value::String(text) if !["error", "cause", "nextState", "status"].contains(&name.as_str()) => {
                *value = serde_json::from_str(text).expect("JSON in a text");
            }
            Value::Object(_) => read_texts(value),
            _ => {}
        }
    }
}

/// A Task that calls nothing as long as it has a mock.
fn task(fields: Value) -> Value {
    let mut task = json!({"Type": "Task", "Resource": "arn:aws:lambda:us-east-1:123456789012:function:f", "End": true});
    task.as_object_mut().expect("an object").extend(fields.as_object().expect("an object").clone());
    task
}

fn mock(result: Value) -> Value {
    json!({"result": result.to_string(), "fieldValidationMode": "NONE"})
}

fn failing(error: &str) -> Value {
    json!({"errorOutput": {"error": error, "cause": "why"}})
}

#[tokio::test]
async fn every_type_of_state_can_be_tested() {
    let server = Server::start().await;
    let input = json!({"a": 1, "b": [2]});
    let iterator = json!({"StartAt": "I", "States": {"I": {"Type": "Pass", "End": true}}});
    for (definition, given, expected) in [
        (json!({"Type": "Pass", "Next": "N"}), json!(null), json!({"output": input, "nextState": "N"})),
        (
            json!({"Type": "Pass", "QueryLanguage": "JSONata", "Output": "{% $states.input.a %}", "End": true}),
            json!(null),
            json!({"output": 1}),
        ),
        (json!({"Type": "Succeed", "OutputPath": "$.b"}), json!(null), json!({"output": [2]})),
        (
            json!({"Type": "Fail", "Error": "E", "CausePath": "States.Format('{}', $.a)"}),
            json!(null),
            json!({"status": "FAILED", "error": "E", "cause": "1"}),
        ),
        (json!({"Type": "Fail"}), json!(null), json!({"status": "FAILED"})),
        (
            json!({"Type": "Choice", "Choices": [{"Variable": "$.a", "NumericEquals": 1, "Next": "N"}], "Default": "D"}),
            json!(null),
            json!({"output": input, "nextState": "N"}),
        ),
        (
            json!({"Type": "Choice", "QueryLanguage": "JSONata", "Choices": [{"Condition": "{% false %}", "Next": "N"}],
                   "Default": "D", "Output": 7}),
            json!(null),
            json!({"output": 7, "nextState": "D"}),
        ),
        (json!({"Type": "Wait", "Seconds": 0, "Next": "N"}), json!(null), json!({"output": input, "nextState": "N"})),
        (task(json!({})), mock(json!({"r": 1})), json!({"output": {"r": 1}})),
        (task(json!({"Resource": format!("{PREFIX}:activity:none")})), mock(json!(7)), json!({"output": 7})),
        (
            json!({"Type": "Parallel", "Branches": [iterator], "ResultPath": "$.r", "End": true}),
            mock(json!([7])),
            json!({"output": {"a": 1, "b": [2], "r": [7]}}),
        ),
        (
            json!({"Type": "Map", "ItemsPath": "$.b", "ItemProcessor": iterator, "End": true}),
            mock(json!([7])),
            json!({"output": [7]}),
        ),
    ] {
        let mut request = json!({"definition": definition, "input": input});
        if !given.is_null() {
            request["mock"] = given;
        }
        let mut expected = expected;
        expected.as_object_mut().expect("an object").entry("status").or_insert(json!("SUCCEEDED"));
        assert_eq!(tested(&server, request).await, expected, "{definition}");
    }
}

#[tokio::test]
async fn what_the_data_looks_like_on_its_way_is_shown() {
    let server = Server::start().await;
    let input = json!({"a": {"b": 1}, "list": [{"x": 1}, {"x": 2}]});
    let iterator = json!({"StartAt": "I", "States": {"I": {"Type": "Pass", "End": true}}});
    for (definition, given, expected) in [
        (
            json!({"Type": "Pass", "InputPath": "$.a", "Parameters": {"c.$": "$.b"}, "ResultPath": "$.r", "OutputPath": "$.r", "End": true}),
            json!(null),
            json!({
                "afterInputPath": {"b": 1},
                "afterParameters": {"c": 1},
                "afterResultSelector": {"c": 1},
                "afterResultPath": {"a": {"b": 1}, "list": [{"x": 1}, {"x": 2}], "r": {"c": 1}},
            }),
        ),
        (
            json!({"Type": "Pass", "InputPath": "$.a", "Parameters": {"c.$": "$.b"}, "Result": 7, "End": true}),
            json!(null),
            json!({"result": 7, "afterResultSelector": 7, "afterResultPath": 7}),
        ),
        (json!({"Type": "Pass", "QueryLanguage": "JSONata", "Output": 1, "End": true}), json!(null), json!({})),
        (json!({"Type": "Succeed", "InputPath": "$.a"}), json!(null), json!({"afterInputPath": {"b": 1}})),
        (json!({"Type": "Fail"}), json!(null), json!({"afterInputPath": input})),
        (
            json!({"Type": "Wait", "Seconds": 0, "InputPath": "$.a", "End": true}),
            json!(null),
            json!({"afterInputPath": {"b": 1}}),
        ),
        (
            task(
                json!({"InputPath": "$.a", "Parameters": {"QueueUrl": "q", "MessageBody.$": "$"}, "ResultSelector": {"s.$": "$.r"},
                        "ResultPath": "$.t"}),
            ),
            mock(json!({"r": 7})),
            json!({
                "afterInputPath": {"b": 1},
                "afterParameters": {"QueueUrl": "q", "MessageBody": {"b": 1}},
                "result": {"r": 7},
                "afterResultSelector": {"s": 7},
                "afterResultPath": {"a": {"b": 1}, "list": [{"x": 1}, {"x": 2}], "t": {"s": 7}},
            }),
        ),
        (
            task(
                json!({"QueryLanguage": "JSONata", "Arguments": {"MessageBody": "{% $states.input.a.b %}"}, "Output": "{% $states.result.r %}"}),
            ),
            mock(json!({"r": 7})),
            json!({"afterArguments": {"MessageBody": 1}, "result": {"r": 7}}),
        ),
        (
            json!({"Type": "Parallel", "InputPath": "$.a", "Branches": [iterator], "ResultSelector": {"s.$": "$[0]"}, "End": true}),
            mock(json!([7])),
            json!({"afterResultSelector": {"s": 7}, "afterResultPath": {"s": 7}}),
        ),
        (
            json!({"Type": "Map", "ItemsPath": "$.list", "ItemSelector": {"i.$": "$$.Map.Item.Index", "v.$": "$$.Map.Item.Value.x"},
                   "MaxConcurrency": 3, "ToleratedFailurePercentage": 12.5, "ItemProcessor": iterator, "End": true}),
            mock(json!([7, 8])),
            json!({
                "afterInputPath": input,
                "afterItemsPath": [{"x": 1}, {"x": 2}],
                "afterItemSelector": [{"i": 0, "v": 1}, {"i": 1, "v": 2}],
                "maxConcurrency": 3,
                "toleratedFailurePercentage": 12.5,
                "afterResultSelector": [7, 8],
                "afterResultPath": [7, 8],
            }),
        ),
        (
            json!({"Type": "Map", "QueryLanguage": "JSONata", "Items": "{% $states.input.list %}", "ToleratedFailureCount": "{% 1 + 1 %}",
                   "ItemProcessor": iterator, "End": true}),
            mock(json!([7, 8])),
            json!({"maxConcurrency": 0, "toleratedFailureCount": 2}),
        ),
    ] {
        for level in ["INFO", "DEBUG", "TRACE"] {
            let mut request = json!({"definition": definition, "input": input, "inspectionLevel": level});
            if !given.is_null() {
                request["mock"] = given.clone();
            }
            let answer = tested(&server, request).await;
            let mut expected = expected.clone();
            expected["input"] = input.clone();
            let expected = if level == "INFO" { None } else { Some(&expected) };
            assert_eq!(answer.get("inspectionData"), expected, "{level} {definition}");
        }
    }
}

#[tokio::test]
async fn what_fails_before_it_is_done_shows_how_far_it_came() {
    let server = Server::start().await;
    let definition = json!({"Type": "Map", "ItemsPath": "$$.Execution.Input", "End": true,
        "ItemProcessor": {"StartAt": "I", "States": {"I": {"Type": "Pass", "End": true}}}});
    let request = json!({"definition": definition, "inspectionLevel": "DEBUG", "mock": mock(json!([]))});
    let expected = json!({
        "status": "FAILED",
        "error": "States.Runtime",
        "cause": "Reference path \"$.Execution.Input\" must point to array.",
        "inspectionData": {"input": {}, "afterInputPath": {}},
    });
    assert_eq!(tested(&server, request).await, expected);
}

#[tokio::test]
async fn failures_are_retried_caught_or_told() {
    let server = Server::start().await;
    let fields = json!({
        "Retry": [
            {"ErrorEquals": ["A"], "IntervalSeconds": 3, "BackoffRate": 2, "MaxAttempts": 2, "MaxDelaySeconds": 5},
            {"ErrorEquals": ["B"], "MaxAttempts": 1},
        ],
        "Catch": [{"ErrorEquals": ["X"], "Next": "N"}, {"ErrorEquals": ["A", "C"], "Next": "M", "ResultPath": "$.e"}],
    });
    for (error, count, status, details) in [
        ("A", 0, "RETRIABLE", json!({"retryIndex": 0, "retryBackoffIntervalSeconds": 3})),
        ("A", 1, "RETRIABLE", json!({"retryIndex": 0, "retryBackoffIntervalSeconds": 5})),
        ("A", 2, "CAUGHT_ERROR", json!({"retryIndex": 0, "catchIndex": 1})),
        ("B", 0, "RETRIABLE", json!({"retryIndex": 1, "retryBackoffIntervalSeconds": 1})),
        ("B", 1, "FAILED", json!({"retryIndex": 1})),
        ("C", 0, "CAUGHT_ERROR", json!({"catchIndex": 1})),
        ("D", 0, "FAILED", json!(null)),
    ] {
        let request = json!({"definition": task(fields.clone()), "mock": failing(error), "inspectionLevel": "DEBUG",
            "input": {"i": 1}, "stateConfiguration": {"retrierRetryCount": count}});
        let answer = tested(&server, request).await;
        let context = format!("{error} {count}: {answer}");
        assert_eq!(
            (&answer["status"], &answer["error"], &answer["cause"]),
            (&json!(status), &json!(error), &json!("why")),
            "{context}"
        );
        assert_eq!(answer["inspectionData"]["errorDetails"], details, "{context}");
        let caught = status == "CAUGHT_ERROR";
        let output = caught.then(|| json!({"i": 1, "e": {"Error": error, "Cause": "why"}}));
        assert_eq!(
            (answer.get("output"), answer.get("nextState")),
            (output.as_ref(), caught.then_some(&json!("M"))),
            "{context}"
        );
    }
}

#[tokio::test]
async fn a_context_object_can_say_how_often_the_state_was_retried() {
    let server = Server::start().await;
    let retry = json!({"Retry": [{"ErrorEquals": ["E"], "IntervalSeconds": 2, "MaxAttempts": 2}]});
    for (context, configuration, backoff) in [
        (json!({"State": {"RetryCount": 1}}), json!({}), Some(4)),
        (json!({"State": {"RetryCount": 2}}), json!({}), None),
        (json!({"State": {"RetryCount": 2}}), json!({"retrierRetryCount": 0}), Some(2)),
        (json!({"State": {}}), json!({}), Some(2)),
    ] {
        let request = json!({"definition": task(retry.clone()), "mock": failing("E"), "inspectionLevel": "DEBUG",
            "context": context, "stateConfiguration": configuration});
        let answer = tested(&server, request).await;
        let details = &answer["inspectionData"]["errorDetails"];
        let status = if backoff.is_some() { "RETRIABLE" } else { "FAILED" };
        assert_eq!(
            (&answer["status"], details.get("retryBackoffIntervalSeconds").and_then(Value::as_i64)),
            (&json!(status), backoff),
            "{context} {configuration}"
        );
    }
}

#[tokio::test]
async fn a_map_tolerates_as_many_failures_as_it_says() {
    let server = Server::start().await;
    for (tolerated, failed, status) in [
        (json!({}), 3, "SUCCEEDED"),
        (json!({"ToleratedFailureCount": 1}), 1, "SUCCEEDED"),
        (json!({"ToleratedFailureCount": 1}), 2, "FAILED"),
        (json!({"ToleratedFailurePercentage": 50}), 1, "SUCCEEDED"),
        (json!({"ToleratedFailurePercentage": 50}), 2, "FAILED"),
        (json!({"ToleratedFailureCount": 3, "ToleratedFailurePercentage": 50}), 2, "FAILED"),
    ] {
        let mut definition = json!({"Type": "Map", "End": true, "ItemProcessor": {
            "ProcessorConfig": {"Mode": "DISTRIBUTED", "ExecutionType": "EXPRESS"},
            "StartAt": "I", "States": {"I": {"Type": "Pass", "End": true}}}});
        definition.as_object_mut().expect("an object").extend(tolerated.as_object().expect("an object").clone());
        let request = json!({"definition": definition, "input": "[1,2,3]", "mock": mock(json!([1, 2, 3])),
            "stateConfiguration": {"mapIterationFailureCount": failed}});
        let answer = tested(&server, request).await;
        let error = (status == "FAILED").then(|| json!("States.ExceedToleratedFailureThreshold"));
        assert_eq!((&answer["status"], answer.get("error")), (&json!(status), error.as_ref()), "{definition}");
    }
}

#[tokio::test]
async fn a_mocked_error_is_matched_by_its_name() {
    let server = Server::start().await;
    for (error, caught_by) in [
        ("E", Some("States.TaskFailed")),
        ("States.Timeout", Some("States.ALL")),
        ("States.HeartbeatTimeout", Some("States.HeartbeatTimeout")),
        ("States.Runtime", None),
    ] {
        let catch = ["States.HeartbeatTimeout", "States.TaskFailed", "States.ALL"];
        let catch = catch.map(|name| json!({"ErrorEquals": [name], "Next": name}));
        let answer =
            tested(&server, json!({"definition": task(json!({"Catch": catch})), "mock": failing(error)})).await;
        assert_eq!(answer.get("nextState").and_then(Value::as_str), caught_by, "{error}");
    }
}

#[tokio::test]
async fn variables_and_the_context_object_can_be_given() {
    let server = Server::start().await;
    let definition = json!({"Type": "Pass", "Assign": {"b.$": "$a", "c": 3}, "Parameters": {"a.$": "$a"}, "End": true});
    let request = json!({"definition": definition, "variables": {"a": 1, "b": 2}, "inspectionLevel": "DEBUG"});
    let answer = tested(&server, request).await;
    assert_eq!(answer["output"], json!({"a": 1}));
    assert_eq!(answer["inspectionData"]["variables"], json!({"a": 1, "b": 1, "c": 3}));

    let whole = task(json!({"Parameters": {"all.$": "$$"}, "ResultPath": null}));
    for context in [json!({}), json!({"State": {"Name": "X", "RetryCount": 7}, "Execution": {"Input": [1]}})] {
        let request =
            json!({"definition": whole, "mock": mock(json!({})), "context": context, "inspectionLevel": "DEBUG"});
        assert_eq!(tested(&server, request).await["inspectionData"]["afterParameters"]["all"], context);
    }
    let token = task(
        json!({"Resource": "arn:aws:states:::sqs:sendMessage.waitForTaskToken", "Parameters": {"QueueUrl": "q", "MessageBody.$": "$$.Task.Token"}}),
    );
    let request = json!({"definition": token, "mock": mock(json!(1)), "context": {"Task": {"Token": "T"}}, "inspectionLevel": "DEBUG"});
    assert_eq!(tested(&server, request).await["inspectionData"]["afterParameters"]["MessageBody"], json!("T"));
}

#[tokio::test]
async fn without_one_the_context_object_is_that_of_an_express_execution_without_a_name() {
    let server = Server::start().await;
    let definition =
        json!({"StartAt": "A", "States": {"A": {"Type": "Pass", "Parameters": {"all.$": "$$"}, "End": true}}});
    let context =
        tested(&server, json!({"definition": definition, "stateName": "A", "input": [1]})).await["output"]["all"]
            .clone();
    let (execution, machine) = (&context["Execution"], &context["StateMachine"]);
    let text = |value: &Value| value.as_str().unwrap_or_default().to_owned();
    assert_eq!(
        text(&execution["Id"]),
        format!("{PREFIX}:express:{}:{}", text(&machine["Name"]), text(&execution["Name"]))
    );
    assert_eq!(text(&machine["Id"]), format!("{PREFIX}:stateMachine:{}", text(&machine["Name"])));
    assert_eq!((&execution["Input"], execution.get("RoleArn")), (&json!([1]), Some(&Value::Null)));
    assert_eq!(execution.get("RedriveCount"), None);
    assert_eq!(context["State"], json!({"Name": "StateName", "EnteredTime": execution["StartTime"]}));
}

#[tokio::test]
async fn the_context_object_of_a_state_in_a_map_has_the_first_item() {
    let server = Server::start().await;
    let distributed = json!({"Mode": "DISTRIBUTED", "ExecutionType": "EXPRESS"});
    let reader = json!({"Resource": "arn:aws:states:::s3:getObject", "ReaderConfig": {"InputType": "JSON"},
        "Parameters": {"Bucket": "b", "Key": "k"}});
    let (inline, of_input) =
        (json!({"Index": 0, "Value": {"a": 1}}), json!({"Index": 0, "Value": {"a": 1}, "Source": "STATE_DATA"}));
    for (state, processor_config, reader, item) in [
        ("In", json!({"Mode": "INLINE"}), None, Some(&inline)),
        ("Deep", json!({"Mode": "INLINE"}), None, Some(&inline)),
        ("In", distributed.clone(), None, Some(&of_input)),
        ("In", distributed, Some(reader), Some(&inline)),
        ("Out", json!({"Mode": "INLINE"}), None, None),
    ] {
        let shows = |next: Value| {
            let mut state = json!({"Type": "Pass", "Parameters": {"all.$": "$$"}});
            state.as_object_mut().expect("an object").extend(next.as_object().expect("an object").clone());
            state
        };
        let branch = json!({"StartAt": "Deep", "States": {"Deep": shows(json!({"End": true}))}});
        let mut map = json!({"Type": "Map", "Next": "Out", "ItemProcessor": {"ProcessorConfig": processor_config, "StartAt": "In",
            "States": {"In": shows(json!({"Next": "Split"})), "Split": {"Type": "Parallel", "Branches": [branch], "End": true}}}});
        if let Some(reader) = reader {
            map["ItemReader"] = reader;
        }
        let definition = json!({"StartAt": "M", "States": {"M": map, "Out": shows(json!({"End": true}))}});
        let request = json!({"definition": definition, "stateName": state, "input": {"a": 1}});
        let context = tested(&server, request).await["output"]["all"].clone();
        assert_eq!(context.get("Map"), item.map(|item| json!({"Item": item})).as_ref(), "{state} {definition}");
    }
}

#[tokio::test]
async fn a_state_of_a_whole_definition_is_found_at_any_depth_and_alone() {
    let server = Server::start().await;
    // The other states could not run: what they call isn't built yet.
    let definition = json!({"StartAt": "A", "QueryLanguage": "JSONata", "States": {
        "A": {"Type": "Task", "Resource": "arn:aws:states:::bedrock:invokeModel",
            "Arguments": {"ModelId": "m", "Body": {}, "Output": {"S3Uri": "s3://b/k"}}, "Next": "M"},
        "M": {"Type": "Map", "End": true, "ItemProcessor": {
            "ProcessorConfig": {"Mode": "DISTRIBUTED", "ExecutionType": "STANDARD"},
            "StartAt": "I", "States": {"I": {"Type": "Pass", "Output": "{% $states.input + 1 %}", "Next": "J"}, "J": {"Type": "Succeed"}}}}}});
    let request = json!({"definition": definition, "stateName": "I", "input": "1"});
    assert_eq!(tested(&server, request).await, json!({"status": "SUCCEEDED", "output": 2, "nextState": "J"}));
}

#[tokio::test]
async fn workflow_time_goes_by_for_five_minutes_at_most() {
    for (seconds, after, expected) in [
        (299, 299, json!({"status": "SUCCEEDED", "output": {}})),
        (301, 300, json!({"status": "FAILED", "error": "States.Timeout"})),
    ] {
        let server = Server::with(Config::default()).await;
        let request = json!({"definition": {"Type": "Wait", "Seconds": seconds, "End": true}});
        let advance = async {
            while server.emulator.engine.running_express() == 0 {
                tokio::task::yield_now().await;
            }
            server.emulator.engine.advance(Duration::from_secs(after));
        };
        let (answer, ()) = tokio::join!(tested(&server, request), advance);
        assert_eq!(answer, expected, "{seconds}");
    }
}

#[tokio::test]
async fn nothing_is_left_of_a_test() {
    let server = Server::start().await;
    tested(&server, json!({"definition": {"Type": "Succeed"}})).await;
    assert_eq!(server.emulator.engine.running_express(), 0);
    assert_eq!(server.ok("ListStateMachines", json!({})).await, json!({"stateMachines": []}));
}

#[tokio::test]
async fn requests_are_checked() {
    let server = Server::start().await;
    let pass = json!({"Type": "Pass", "End": true});
    let machine = json!({"StartAt": "A", "States": {"A": pass}});
    let block = json!({"StartAt": "I", "States": {"I": {"Type": "Pass", "End": true}}});
    let map = json!({"Type": "Map", "ItemProcessor": block, "End": true});
    let mut distributed = map.clone();
    distributed["ItemProcessor"]["ProcessorConfig"] = json!({"Mode": "DISTRIBUTED", "ExecutionType": "EXPRESS"});
    let parallel = json!({"Type": "Parallel", "Branches": [block, {"StartAt": "J", "States": {"J": {"Type": "Succeed"}}}], "End": true});
    let start =
        task(json!({"Resource": "arn:aws:states:::states:startExecution", "Parameters": {"StateMachineArn": "m"}}));
    let ok = mock(json!({}));
    let unsupported = "TestState API does not support Map or Parallel states. Supported state types include: [Task, Wait, Pass, Succeed, Fail, Choice]";
    for (request, error) in [
        (json!({"definition": machine, "stateName": "B"}), "ValidationException: State not found in definition".to_owned()),
        (
            json!({"definition": {"Type": "Parallel", "Branches": [], "End": true}, "mock": mock(json!([]))}),
            "InvalidDefinition: Invalid State Machine Definition: 'SCHEMA_VALIDATION_FAILED: Value cannot be empty at /States/StateName/Branches'".into(),
        ),
        (
            json!({"definition": machine}),
            "InvalidDefinition: Invalid State Machine Definition: 'SCHEMA_VALIDATION_FAILED: The field 'Type' is required at /States/StateName'".into(),
        ),
        (
            json!({"definition": task(json!({"Resource": "arn:aws:states:::bedrock:invokeModel", "Parameters": {"ModelId": "m", "Body": {}, "Output": {"S3Uri": "s3://b/k"}}})), "roleArn": ROLE}),
            "InvalidDefinition: Invalid State Machine Definition: 'STEPWELL_NOT_SUPPORTED_YET: Stepwell does not support Output of bedrock:invokeModel yet at /States/StateName/Parameters'".into(),
        ),
        (
            json!({"definition": {"Type": "Map", "ItemProcessor": block, "ItemBatcher": {"MaxItemsPerBatch": 1}, "End": true}, "mock": mock(json!([]))}),
            "InvalidDefinition: Invalid State Machine Definition: 'STEPWELL_NOT_SUPPORTED_YET: Stepwell does not support the field ItemBatcher of inline Map states yet at /States/StateName/ItemBatcher'".into(),
        ),
        (
            json!({"definition": map, "mock": failing("E")}),
            "ValidationException: ErrorCausedByState must be specified when an error is mocked for a Map or Parallel state.".into(),
        ),
        (json!({"definition": map}), format!("InvalidDefinition: {unsupported}")),
        (json!({"definition": parallel}), format!("InvalidDefinition: {unsupported}")),
        (json!({"definition": pass, "input": "{"}), "InvalidExecutionInput: Invalid State Machine Execution Input: 'Unexpected end-of-input: expected close marker for Object'".into()),
        (json!({"definition": pass, "variables": []}), "ValidationException: Variables must be a JSON object".into()),
        (json!({"definition": pass, "variables": {"states": 1}}), "ValidationException: Cannot assign to reserved variable '$states'.".into()),
        (
            json!({"definition": pass, "variables": {"a b": 1}}),
            "ValidationException: Invalid variable name 'a b': the variable name contains invalid characters.".into(),
        ),
        (json!({"definition": pass, "roleArn": "x"}), "InvalidArn: Invalid Role Arn: 'x'".into()),
        (json!({"definition": task(json!({}))}), "ValidationException: RoleArn must be specified when testing a Task state".into()),
        (
            json!({"definition": task(json!({"Resource": "arn:aws:states:::states:startExecution.sync:2", "Parameters": {"StateMachineArn": "m"}})), "roleArn": ROLE}),
            "ValidationException: TestState does not support .sync or .waitForTaskToken service integration patterns when a mock is not specified.".into(),
        ),
        (
            json!({"definition": task(json!({"Resource": format!("{PREFIX}:activity:a")})), "roleArn": ROLE}),
            "ValidationException: TestState does not support Activity tasks when a mock is not specified.".into(),
        ),
        (json!({"definition": pass, "mock": ok}), "ValidationException: State type 'Pass' is not supported when a mock is specified".into()),
        (
            json!({"definition": task(json!({})), "mock": {"result": "{}", "errorOutput": {"error": "E"}}}),
            "ValidationException: A test mock should have only one of the following fields: [result, errorOutput].".into(),
        ),
        (json!({"definition": task(json!({})), "mock": {"result": "{"}}), "ValidationException: Mocked result must be valid JSON".into()),
        (
            json!({"definition": task(json!({})), "mock": ok, "revealSecrets": true}),
            "ValidationException: TestState does not support RevealSecrets when a mock is specified.".into(),
        ),
        (
            json!({"definition": map, "stateConfiguration": {"mapIterationFailureCount": 0}}),
            "ValidationException: TestState does not support MapIterationFailureCount when a mock is not specified.".into(),
        ),
        (
            json!({"definition": map, "input": [1], "mock": mock(json!([1])), "stateConfiguration": {"mapIterationFailureCount": 1}}),
            "ValidationException: TestState does not support MapIterationFailureCount for a Map state that is not distributed.".into(),
        ),
        (
            json!({"definition": map, "input": [1], "mock": mock(json!([1])), "stateConfiguration": {"errorCausedByState": "I"}}),
            "ValidationException: TestState does not support ErrorCausedByState when no error is mocked.".into(),
        ),
        (
            json!({"definition": distributed, "input": [1], "mock": mock(json!([1])), "stateConfiguration": {"mapIterationFailureCount": 2}}),
            "ValidationException: Map iteration failure count must be less than or equal to the number of Map iterations".into(),
        ),
        (json!({"definition": map, "mock": ok}), "ValidationException: Mocked result must be an array.".into()),
        (json!({"definition": parallel, "mock": ok}), "ValidationException: Mocked result must be an array.".into()),
        (
            json!({"definition": parallel, "mock": mock(json!([1]))}),
            "ValidationException: Mocked result must contain the same number of items as number of Parallel branches.".into(),
        ),
        (
            json!({"definition": parallel, "mock": failing("E"), "stateConfiguration": {"errorCausedByState": "X"}}),
            "ValidationException: State not found in definition".into(),
        ),
        (
            json!({"definition": task(json!({})), "mock": ok, "context": {"Map": {}}}),
            "ValidationException: Invalid Context object provided: 'Map' field is not supported when mocking a Context object".into(),
        ),
        (
            json!({"definition": start, "mock": {"result": "{}"}}),
            "ValidationException: Mock result schema validation error: Required field 'ExecutionArn' is missing".into(),
        ),
        (
            json!({"definition": start, "mock": {"result": "{\"ExecutionArn\": 1}", "fieldValidationMode": "PRESENT"}}),
            "ValidationException: Mock result schema validation error: Field 'ExecutionArn' must be a string".into(),
        ),
    ] {
        assert_eq!(server.refused("TestState", self::request(request.clone())).await, error, "{request}");
    }
    let inner =
        json!({"definition": parallel, "mock": failing("E"), "stateConfiguration": {"errorCausedByState": "J"}});
    assert_eq!(tested(&server, inner).await["error"], "E");
}
