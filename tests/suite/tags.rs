//! Tags of state machines and activities.

use crate::server::{PASS, PREFIX, ROLE, Server};
use serde_json::{Value, json};

fn tag(key: &str, value: &str) -> Value {
    json!({"key": key, "value": value})
}

/// A state machine and an activity without tags.
async fn resources(server: &Server) -> [String; 2] {
    server.ok("CreateStateMachine", json!({"name": "m", "definition": PASS, "roleArn": ROLE})).await;
    server.ok("CreateActivity", json!({"name": "a"})).await;
    [format!("{PREFIX}:stateMachine:m"), format!("{PREFIX}:activity:a")]
}

async fn tags(server: &Server, arn: &str) -> Value {
    server.ok("ListTagsForResource", json!({"resourceArn": arn})).await
}

#[tokio::test]
async fn tags_come_and_go() {
    let server = Server::start().await;
    for arn in resources(&server).await {
        assert_eq!(tags(&server, &arn).await, json!({"tags": []}));
        for (operation, members, expected) in [
            ("TagResource", json!({"tags": []}), json!([])),
            ("TagResource", json!({"tags": [tag("k", "1"), tag("l m", "")]}), json!([tag("k", "1"), tag("l m", "")])),
            ("TagResource", json!({"tags": [tag("k", "2")]}), json!([tag("k", "2"), tag("l m", "")])),
            (
                "TagResource",
                json!({"tags": [tag("n", "1"), tag("n", "2")]}),
                json!([tag("k", "2"), tag("l m", ""), tag("n", "2")]),
            ),
            ("UntagResource", json!({"tagKeys": []}), json!([tag("k", "2"), tag("l m", ""), tag("n", "2")])),
            ("UntagResource", json!({"tagKeys": ["l m", "l m", "unknown"]}), json!([tag("k", "2"), tag("n", "2")])),
            ("UntagResource", json!({"tagKeys": ["k", "n"]}), json!([])),
        ] {
            let mut request = members.clone();
            request["resourceArn"] = json!(arn);
            assert_eq!(server.ok(operation, request).await, json!({}));
            assert_eq!(tags(&server, &arn).await, json!({"tags": expected}), "{arn}: {operation} {members}");
        }
    }
}

#[tokio::test]
async fn tags_of_a_creation_are_kept() {
    let server = Server::start().await;
    let given = json!([tag("k", "v"), tag("l", "")]);
    let machine = json!({"name": "m", "definition": PASS, "roleArn": ROLE, "tags": given});
    server.ok("CreateStateMachine", machine).await;
    server.ok("CreateActivity", json!({"name": "a", "tags": given})).await;
    // Creating it again changes nothing.
    server.ok("CreateActivity", json!({"name": "a", "tags": [tag("other", "")]})).await;
    for arn in [format!("{PREFIX}:stateMachine:m"), format!("{PREFIX}:activity:a")] {
        assert_eq!(tags(&server, &arn).await, json!({"tags": given}), "{arn}");
    }
}

#[tokio::test]
async fn a_resource_has_fifty_tags_at_most() {
    let server = Server::start().await;
    for arn in resources(&server).await {
        let many: Vec<Value> = (0..50).map(|i| tag(&i.to_string(), "")).collect();
        server.ok("TagResource", json!({"resourceArn": arn, "tags": many})).await;
        server.ok("TagResource", json!({"resourceArn": arn, "tags": [tag("49", "new")]})).await;
        let answer =
            server.call("TagResource", json!({"resourceArn": arn, "tags": [tag("0", "x"), tag("more", "")]})).await;
        assert!(answer.error().starts_with("TooManyTags: "), "{}", answer.body);
        assert_eq!(answer.body["resourceName"], json!(arn));
        let kept = tags(&server, &arn).await;
        assert_eq!((kept["tags"].as_array().map(Vec::len), &kept["tags"][0]), (Some(50), &tag("0", "")), "{arn}");
    }
}

#[tokio::test]
async fn what_has_no_tags_is_refused() {
    let server = Server::start().await;
    resources(&server).await;
    let not_found = |rest: &str| format!("ResourceNotFound: Resource not found: '{PREFIX}:{rest}'");
    let wrong_type = |kind: &str| format!("InvalidArn: Invalid Arn: 'Resource type not valid in this context: {kind}'");
    for (arn, error) in [
        (format!("{PREFIX}:stateMachine:m:1"), not_found("stateMachine:m:1")),
        (format!("{PREFIX}:stateMachine:m:PROD"), not_found("stateMachine:m:PROD")),
        (format!("{PREFIX}:stateMachine:x"), not_found("stateMachine:x")),
        (format!("{PREFIX}:activity:x"), not_found("activity:x")),
        (format!("{PREFIX}:execution:m:e"), wrong_type("execution")),
        (format!("{PREFIX}:express:m:e:u"), wrong_type("express")),
        ("m".to_owned(), "InvalidArn: Invalid Arn: 'Invalid ARN prefix: m'".to_owned()),
        (
            "arn:aws:states:eu-west-1:123456789012:activity:a".to_owned(),
            "ResourceNotFound: Resource not found: 'arn:aws:states:eu-west-1:123456789012:activity:a'".to_owned(),
        ),
    ] {
        for (operation, mut request) in [
            ("TagResource", json!({"tags": [tag("k", "v")]})),
            ("UntagResource", json!({"tagKeys": ["k"]})),
            ("ListTagsForResource", json!({})),
        ] {
            request["resourceArn"] = json!(arn);
            assert_eq!(server.refused(operation, request).await, error, "{operation}");
        }
    }
}

#[tokio::test]
async fn keys_and_values_are_checked() {
    let server = Server::start().await;
    let [arn, _] = resources(&server).await;
    let long = "k".repeat(129);
    let detected = |value: &str, path: &str, constraint: &str| {
        format!(
            "ValidationException: 1 validation error detected: Value {value} at '{path}' failed to satisfy constraint: {constraint}"
        )
    };
    let null = detected("null", "tags", "Member must not be null");
    for (operation, members, error) in [
        ("TagResource", json!({}), null.clone()),
        ("TagResource", json!({"tags": null}), null),
        (
            "TagResource",
            json!({"tags": [tag("aws:k", "")]}),
            "ValidationException: Invalid tag key: 'aws:k'".to_owned(),
        ),
        ("TagResource", json!({"tags": [tag("k?", "")]}), "ValidationException: Invalid tag key: 'k?'".to_owned()),
        ("TagResource", json!({"tags": [tag("k", "v;")]}), "ValidationException: Invalid tag value: 'v;'".to_owned()),
        (
            "TagResource",
            json!({"tags": [tag("k", ""), tag(&long, "")]}),
            detected(&format!("'{long}'"), "tags.2.member.key", "Member must have length less than or equal to 128"),
        ),
        (
            "TagResource",
            json!({"tags": [tag("k", &"v".repeat(257))]}),
            detected(
                &format!("'{}'", "v".repeat(257)),
                "tags.1.member.value",
                "Member must have length less than or equal to 256",
            ),
        ),
        (
            "UntagResource",
            json!({"tagKeys": [""]}),
            detected("''", "tagKeys.1.member", "Member must have length greater than or equal to 1"),
        ),
    ] {
        let mut request = members.clone();
        request["resourceArn"] = json!(arn);
        assert_eq!(server.refused(operation, request).await, error, "{operation} {members}");
        assert_eq!(tags(&server, &arn).await, json!({"tags": []}));
    }
}
