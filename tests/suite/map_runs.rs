//! Map runs, as long as there is no Distributed Map to make any.

use crate::server::{PASS, PREFIX, ROLE, Server};
use serde_json::{Value, json};

fn map_run() -> String {
    format!("{PREFIX}:mapRun:m/label:7a1b2c3d")
}

#[tokio::test]
async fn an_execution_without_map_runs_has_an_empty_list() {
    let server = Server::start().await;
    server.ok("CreateStateMachine", json!({"name": "m", "definition": PASS, "roleArn": ROLE})).await;
    let start = json!({"stateMachineArn": format!("{PREFIX}:stateMachine:m"), "name": "e"});
    let execution = server.ok("StartExecution", start).await["executionArn"].clone();
    assert_eq!(server.ok("ListMapRuns", json!({"executionArn": execution})).await, json!({"mapRuns": []}));
    let other_page = json!({"executionArn": execution, "nextToken": "x"});
    assert_eq!(server.refused("ListMapRuns", other_page).await, "InvalidToken: Invalid Token: 'Invalid token'");
    for (rest, expected) in [
        ("execution:m:none", "ExecutionDoesNotExist: Execution Does Not Exist: '{}'"),
        ("express:m:e:u", "InvalidArn: Invalid Arn: 'Resource type not valid in this context: express'"),
        ("mapRun:m/label:u", "InvalidArn: Invalid Arn: 'Resource type not valid in this context: mapRun'"),
    ] {
        let arn = format!("{PREFIX}:{rest}");
        let refused = server.refused("ListMapRuns", json!({"executionArn": arn})).await;
        assert_eq!(refused, expected.replace("{}", &arn));
    }
}

#[tokio::test]
async fn a_map_run_that_does_not_exist_is_not_found() {
    let server = Server::start().await;
    let not_found = format!("ResourceNotFound: Resource not found: '{}'", map_run());
    for (operation, request) in [
        ("DescribeMapRun", json!({"mapRunArn": map_run()})),
        ("UpdateMapRun", json!({"mapRunArn": map_run(), "maxConcurrency": 2})),
        ("UpdateMapRun", json!({"mapRunArn": map_run(), "toleratedFailurePercentage": 12.5})),
        ("UpdateMapRun", json!({"mapRunArn": map_run(), "toleratedFailureCount": 5_000_000_000_i64})),
    ] {
        let answer = server.call(operation, request).await;
        assert_eq!((answer.error(), &answer.body["resourceName"]), (not_found.clone(), &json!(map_run())));
        let execution = json!({"mapRunArn": format!("{PREFIX}:execution:m:e"), "maxConcurrency": 1});
        let refused = server.refused(operation, execution).await;
        assert_eq!(refused, "InvalidArn: Invalid Arn: 'Resource type not valid in this context: execution'");
    }
}

#[tokio::test]
async fn an_update_has_limits() {
    let server = Server::start().await;
    let violated = |value: &str, member: &str, constraint: &str| {
        format!(
            "ValidationException: 1 validation error detected: Value '{value}' at '{member}' failed to satisfy constraint: Member must have value {constraint}"
        )
    };
    for (changes, expected) in [
        (json!({"maxConcurrency": -1}), violated("-1", "maxConcurrency", "greater than or equal to 0")),
        (json!({"toleratedFailureCount": -1}), violated("-1", "toleratedFailureCount", "greater than or equal to 0")),
        (
            json!({"toleratedFailurePercentage": 100.5}),
            violated("100.5", "toleratedFailurePercentage", "less than or equal to 100"),
        ),
        (
            json!({"toleratedFailurePercentage": -1}),
            violated("-1.0", "toleratedFailurePercentage", "greater than or equal to 0"),
        ),
        (
            json!({"toleratedFailureCount": "5"}),
            "SerializationException: STRING_VALUE can not be converted to a Long".to_owned(),
        ),
        (
            json!({"toleratedFailurePercentage": "5"}),
            "SerializationException: STRING_VALUE can not be converted to a Float".to_owned(),
        ),
        (
            json!({}),
            "ValidationException: At least one of maxConcurrency, toleratedFailurePercentage and toleratedFailureCount must be specified"
                .to_owned(),
        ),
    ] {
        let mut request: Value = changes.clone();
        request["mapRunArn"] = json!(map_run());
        assert_eq!(server.refused("UpdateMapRun", request).await, expected, "{changes}");
    }
}
