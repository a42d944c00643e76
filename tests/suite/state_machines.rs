//! State machines: created, described, listed, deleted.

use crate::server::{PASS, PREFIX, ROLE, Server};
use serde_json::{Value, json};

/// The request for a state machine, with `changes` to it.
fn machine(name: &str, changes: Value) -> Value {
    let mut request = json!({"name": name, "definition": PASS, "roleArn": ROLE});
    for (member, value) in changes.as_object().expect("members") {
        request[member] = value.clone();
    }
    request
}

fn arn(name: &str) -> String {
    format!("{PREFIX}:stateMachine:{name}")
}

#[tokio::test]
async fn a_state_machine_is_shown_as_it_was_created() {
    let server = Server::start().await;
    let definition = format!(" {PASS}\n");
    let created = server.ok("CreateStateMachine", machine("m", json!({"definition": definition}))).await;
    assert_eq!(created["stateMachineArn"], arn("m"));
    let described = server.ok("DescribeStateMachine", json!({"stateMachineArn": arn("m")})).await;
    let expected = json!({
        "stateMachineArn": arn("m"),
        "name": "m",
        "status": "ACTIVE",
        "definition": definition,
        "roleArn": ROLE,
        "type": "STANDARD",
        "creationDate": created["creationDate"],
        "loggingConfiguration": {"level": "OFF", "includeExecutionData": false},
        "tracingConfiguration": {"enabled": false},
        "encryptionConfiguration": {"type": "AWS_OWNED_KEY"},
    });
    assert_eq!(described, expected);
    let request = json!({"stateMachineArn": arn("m"), "includedData": "METADATA_ONLY"});
    assert_eq!(server.ok("DescribeStateMachine", request).await["definition"], "{}");
}

#[tokio::test]
async fn creation_is_idempotent() {
    let server = Server::start().await;
    let first = server.ok("CreateStateMachine", machine("m", json!({}))).await;
    for same in [
        json!({}),
        json!({"roleArn": format!("{ROLE}2"), "tags": [{"key": "k", "value": "v"}]}),
        json!({"type": "STANDARD", "publish": false, "tracingConfiguration": {"enabled": false}}),
        json!({"loggingConfiguration": {"level": "OFF"}, "encryptionConfiguration": {"type": "AWS_OWNED_KEY"}}),
    ] {
        assert_eq!(server.ok("CreateStateMachine", machine("m", same.clone())).await, first, "{same}");
    }
    let described = server.ok("DescribeStateMachine", json!({"stateMachineArn": arn("m")})).await;
    assert_eq!(described["roleArn"], ROLE);
    for other in [
        json!({"definition": PASS.replace(':', ": ")}),
        json!({"loggingConfiguration": {"includeExecutionData": true}}),
        json!({"loggingConfiguration": {"destinations": []}}),
    ] {
        let error = server.refused("CreateStateMachine", machine("m", other.clone())).await;
        assert_eq!(
            error,
            format!("StateMachineAlreadyExists: State Machine Already Exists: '{}'", arn("m")),
            "{other}"
        );
    }
}

#[tokio::test]
async fn what_is_wrong_with_a_new_state_machine_is_said() {
    let server = Server::start().await;
    let group = json!({"cloudWatchLogsLogGroup": {"logGroupArn": "arn:aws:logs:us-east-1:123456789012:log-group:g:*"}});
    for (changes, error) in [
        (json!({"name": "a b"}), "InvalidName: Invalid Name: 'a b'"),
        (json!({"roleArn": "r"}), "InvalidArn: Invalid Role Arn: 'r'"),
        (
            json!({"loggingConfiguration": {"level": "ALL"}}),
            "InvalidLoggingConfiguration: Invalid Logging Configuration: Must specify exactly one Log Destination.",
        ),
        (
            json!({"versionDescription": "v"}),
            "ValidationException: Version description can only be set when publish is true",
        ),
        (
            json!({"name": "テスト", "loggingConfiguration": {"level": "ALL", "destinations": [group]}}),
            "InvalidLoggingConfiguration: Invalid Logging Configuration: 1 validation error detected: \
             Value 'arn:aws:states:us-east-1:123456789012:stateMachine:テスト' at 'resourceId' failed to satisfy \
             constraint: Member must satisfy regular expression pattern: ^[0-9A-Za-z.\\/\\-_:]+$",
        ),
        (
            json!({"tracingConfiguration": {}}),
            "InvalidTracingConfiguration: Invalid Tracing Configuration: enabled must be set to true or false.",
        ),
        (
            json!({"encryptionConfiguration": {"type": "CUSTOMER_MANAGED_KMS_KEY"}}),
            "InvalidEncryptionConfiguration: Invalid Encryption Configuration: \
             KmsKeyId must be specified when type is CUSTOMER_MANAGED_KMS_KEY",
        ),
        (
            json!({"encryptionConfiguration": {"type": "CUSTOMER_MANAGED_KMS_KEY", "kmsKeyId": "my key"}}),
            "InvalidEncryptionConfiguration: Invalid Encryption Configuration: \
             KmsKeyId must be a key ID, an alias, or the ARN of either. Received: my key",
        ),
        (
            json!({"encryptionConfiguration": {"type": "AWS_OWNED_KEY", "kmsKeyId": "k"}}),
            "InvalidEncryptionConfiguration: Invalid Encryption Configuration: \
             KmsKeyId and KmsDataKeyReusePeriodSeconds must not be specified when type is AWS_OWNED_KEY",
        ),
    ] {
        assert_eq!(server.refused("CreateStateMachine", machine("m", changes.clone())).await, error, "{changes}");
    }
    let error = server.refused("CreateStateMachine", machine("m", json!({"definition": "{"}))).await;
    assert!(error.starts_with("InvalidDefinition: Invalid State Machine Definition: 'INVALID_JSON_DESCRIPTION: "));
    assert_eq!(server.ok("ListStateMachines", json!({})).await, json!({"stateMachines": []}));
}

#[tokio::test]
async fn lists_come_in_pages() {
    let server = Server::start().await;
    for name in ["c", "a", "b", "d", "B"] {
        server.ok("CreateStateMachine", machine(name, json!({}))).await;
    }
    let names = |page: &Value| {
        let machines = page["stateMachines"].as_array().expect("a list");
        machines.iter().filter_map(|m| m["name"].as_str()).collect::<Vec<_>>().join(" ")
    };
    let first = server.ok("ListStateMachines", json!({"maxResults": 2})).await;
    assert_eq!(names(&first), "B a");
    let second = server.ok("ListStateMachines", json!({"maxResults": 3, "nextToken": first["nextToken"]})).await;
    assert_eq!((names(&second), second.get("nextToken")), ("b c d".to_owned(), None));
    let all = server.ok("ListStateMachines", json!({"maxResults": 0})).await;
    assert_eq!(all["stateMachines"][0].as_object().map(|item| item.len()), Some(4));
    assert_eq!(names(&all), "B a b c d");
    for token in [json!("garbage"), json!("AAAA"), json!(first["nextToken"].as_str().map(|t| format!("{t}AA")))] {
        let error = server.refused("ListStateMachines", json!({"nextToken": token})).await;
        assert_eq!(error, "InvalidToken: Invalid Token: 'Invalid token'", "{token}");
    }
    let error = server.refused("ListActivities", json!({"nextToken": first["nextToken"]})).await;
    assert_eq!(error, "InvalidToken: Invalid Token: 'Invalid token'");
}

#[tokio::test]
async fn an_arn_must_be_that_of_a_state_machine() {
    let server = Server::start().await;
    server.ok("CreateStateMachine", machine("m", json!({}))).await;
    for (arn, error) in [
        ("m".to_owned(), "InvalidArn: Invalid Arn: 'Invalid ARN prefix: m'".to_owned()),
        (
            format!("{PREFIX}:execution:m:e"),
            "InvalidArn: Invalid Arn: 'Resource type not valid in this context: execution'".to_owned(),
        ),
    ] {
        for operation in ["DescribeStateMachine", "StartExecution", "DeleteStateMachine", "ListExecutions"] {
            assert_eq!(server.refused(operation, json!({"stateMachineArn": arn})).await, error, "{operation}");
        }
    }
    for arn in [arn("x"), arn("m:1"), arn("m:PROD"), "arn:aws:states:eu-west-1:123456789012:stateMachine:m".to_owned()]
    {
        for operation in ["DescribeStateMachine", "StartExecution", "ListExecutions"] {
            let error = server.refused(operation, json!({"stateMachineArn": arn})).await;
            assert_eq!(
                error,
                format!("StateMachineDoesNotExist: State Machine Does Not Exist: '{arn}'"),
                "{operation}"
            );
        }
    }
}

#[tokio::test]
async fn a_deleted_state_machine_is_gone() {
    let server = Server::start().await;
    for _ in 0..2 {
        server.ok("CreateStateMachine", machine("m", json!({}))).await;
        assert_eq!(server.ok("DeleteStateMachine", json!({"stateMachineArn": arn("m")})).await, json!({}));
        assert_eq!(server.ok("DeleteStateMachine", json!({"stateMachineArn": arn("m")})).await, json!({}));
        assert_eq!(server.ok("ListStateMachines", json!({})).await, json!({"stateMachines": []}));
    }
    for operation in ["DescribeStateMachine", "StartExecution"] {
        let error = server.refused(operation, json!({"stateMachineArn": arn("m")})).await;
        assert_eq!(error, format!("StateMachineDoesNotExist: State Machine Does Not Exist: '{}'", arn("m")));
    }
    assert!(
        server.refused("DeleteStateMachine", json!({"stateMachineArn": arn("m:1")})).await.starts_with("Validation")
    );
}
