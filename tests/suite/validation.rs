//! ValidateStateMachineDefinition: what is wrong with a definition, without creating anything.

use crate::server::{PASS, PREFIX, Server};
use serde_json::{Value, json};

/// The answer for a definition, with further members in the request.
async fn validated(server: &Server, definition: &str, mut members: Value) -> Value {
    members["definition"] = json!(definition);
    server.ok("ValidateStateMachineDefinition", members).await
}

fn error(code: &str, message: &str, location: Option<&str>) -> Value {
    let mut diagnostic = json!({"severity": "ERROR", "code": code, "message": message});
    if let Some(location) = location {
        diagnostic["location"] = json!(location);
    }
    diagnostic
}

#[tokio::test]
async fn a_bad_definition_is_an_answer() {
    let server = Server::start().await;
    let schema = |message, location| error("SCHEMA_VALIDATION_FAILED", message, location);
    for (definition, expected) in [
        (PASS, json!([])),
        ("[]", json!([schema("Definition must be a valid JSON object", None)])),
        (
            r#"{"StartAt":"A","States":{"A":{"Type":"Pass","Next":"B"}}}"#,
            json!([
                error("MISSING_TRANSITION_TARGET", "Missing 'Next' target: B", Some("/States/A/Next")),
                error("MISSING_END_STATE", "Workflow has no terminal state", None),
            ]),
        ),
    ] {
        let result = if expected == json!([]) { "OK" } else { "FAIL" };
        let expected = json!({"result": result, "diagnostics": expected, "truncated": false});
        assert_eq!(validated(&server, definition, json!({})).await, expected, "{definition}");
    }
    assert_eq!(server.ok("ListStateMachines", json!({})).await, json!({"stateMachines": []}));
}

#[tokio::test]
async fn the_type_decides_too() {
    let server = Server::start().await;
    let task = json!({"Type": "Task", "Resource": format!("{PREFIX}:activity:a"), "End": true});
    let definition = json!({"StartAt": "A", "States": {"A": task}}).to_string();
    let refused = "Express state machine does not support Activity ARN";
    for (machine_type, expected) in [
        ("STANDARD", json!([])),
        ("EXPRESS", json!([error("SCHEMA_VALIDATION_FAILED", refused, Some("/States/A/Resource"))])),
    ] {
        let answer = validated(&server, &definition, json!({"type": machine_type})).await;
        assert_eq!(answer["diagnostics"], expected, "{machine_type}");
    }
}

#[tokio::test]
async fn what_is_not_built_yet_is_an_error_that_names_itself() {
    let server = Server::start().await;
    let definition = r#"{"StartAt":"A","States":{"A":{"Type":"Task","Resource":"arn:aws:states:::bedrock:invokeModel","Parameters":{"ModelId":"m","Body":{},"Output":{"S3Uri":"s3://b/k"}},"End":true}}}"#;
    let answer = validated(&server, definition, json!({})).await;
    assert_eq!(answer["result"], "FAIL");
    let message = "Stepwell does not support Output of bedrock:invokeModel yet";
    let expected = error("STEPWELL_NOT_SUPPORTED_YET", message, Some("/States/A/Parameters"));
    assert_eq!(answer["diagnostics"], json!([expected]));
}

#[tokio::test]
async fn warnings_are_shown_when_asked_for_and_never_fail() {
    let server = Server::start().await;
    let warning = json!({
        "severity": "WARNING",
        "code": "PASS_RESULT_IS_STATIC",
        "message": "Attempt to use a path in the result of a pass state.",
        "location": "/States/A/Result",
    });
    let good = r#"{"StartAt":"A","States":{"A":{"Type":"Pass","Result":"$.a","End":true}}}"#;
    let bad = r#"{"StartAt":"A","States":{"A":{"Type":"Pass","Result":"$.a"}}}"#;
    for (definition, result, errors) in [(good, "OK", 0), (bad, "FAIL", 2)] {
        for (severity, warnings) in
            [(json!({}), 0), (json!({"severity": "ERROR"}), 0), (json!({"severity": "WARNING"}), 1)]
        {
            let answer = validated(&server, definition, severity).await;
            let diagnostics = answer["diagnostics"].as_array().expect("a list");
            assert_eq!((&answer["result"], diagnostics.len()), (&json!(result), errors + warnings), "{answer}");
            if warnings == 1 {
                assert_eq!(diagnostics.last(), Some(&warning));
            }
        }
    }
}

#[tokio::test]
async fn long_lists_are_cut() {
    let server = Server::start().await;
    // Each state but the last has no way on.
    let states = |count: usize| {
        let bad: String = (0..count).map(|i| format!(r#""S{i}":{{"Type":"Pass","Unknown":1,"Next":"E"}},"#)).collect();
        format!(r#"{{"StartAt":"S0","States":{{{bad}"E":{{"Type":"Succeed"}}}}}}"#)
    };
    // One for each unknown field, and one for each state that isn't entered, which is all but the first.
    for (count, max_results, shown, truncated) in [
        (1, json!(null), 1, false),
        (2, json!(3), 3, false),
        (2, json!(2), 2, true),
        (50, json!(null), 99, false),
        (51, json!(null), 100, true),
        (51, json!(0), 100, true),
        (51, json!(100), 100, true),
    ] {
        let answer = validated(&server, &states(count), json!({"maxResults": max_results})).await;
        let found = answer["diagnostics"].as_array().map(Vec::len);
        assert_eq!((found, &answer["truncated"]), (Some(shown), &json!(truncated)), "{count} {max_results}");
        assert_eq!(answer["result"], "FAIL");
    }
}

#[tokio::test]
async fn requests_are_checked() {
    let server = Server::start().await;
    let detected = |value: &str, path: &str, constraint: &str| {
        format!(
            "ValidationException: 1 validation error detected: Value {value} at '{path}' failed to satisfy constraint: {constraint}"
        )
    };
    for (request, error) in [
        (json!({}), detected("null", "definition", "Member must not be null")),
        (
            json!({"definition": PASS, "maxResults": 101}),
            detected("'101'", "maxResults", "Member must have value less than or equal to 100"),
        ),
        (
            json!({"definition": PASS, "maxResults": -1}),
            detected("'-1'", "maxResults", "Member must have value greater than or equal to 0"),
        ),
        (
            json!({"definition": PASS, "severity": "INFO"}),
            detected("'INFO'", "severity", "Member must satisfy enum value set: [ERROR, WARNING]"),
        ),
        (
            json!({"definition": PASS, "type": "standard"}),
            detected("'standard'", "type", "Member must satisfy enum value set: [STANDARD, EXPRESS]"),
        ),
    ] {
        assert_eq!(server.refused("ValidateStateMachineDefinition", request.clone()).await, error, "{request}");
    }
}
