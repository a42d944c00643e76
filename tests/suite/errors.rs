//! Every error of every operation's model: a request that provokes it, or why nothing can.

use crate::server::{PASS, PREFIX, ROLE, Server};
use serde_json::{Value, json};
use std::collections::{BTreeMap, BTreeSet};
use std::sync::Arc;
use stepwell::arn::Namespace;
use stepwell::asl::MachineType;
use stepwell::operations::OPERATIONS;
use stepwell::quota;
use stepwell::registry::{Activity, Changes, Encryption, Logging, Publication, StateMachine, Status};
use stepwell::timestamp::Timestamp;

const WAIT: &str = r#"{"StartAt":"W","States":{"W":{"Type":"Wait","Seconds":600,"End":true}}}"#;
const LATER: &str = r#"{"StartAt":"W","States":{"W":{"Type":"Wait","Seconds":700,"End":true}}}"#;

/// What no request can provoke, for these operations (none: for all that have it).
const IMPOSSIBLE: &[(&str, &[&str], &str)] = &[
    ("KmsAccessDeniedException", &[], "there is no KMS: keys are not looked up"),
    ("KmsInvalidStateException", &[], "there is no KMS: keys are not looked up"),
    ("KmsThrottlingException", &[], "there is no KMS: keys are not looked up"),
    ("TaskDoesNotExist", &[], "AWS says TaskTimedOut of tasks that are gone, InvalidToken of all other tokens"),
    ("ExecutionLimitExceeded", &[], "a million open executions, a limit that AWS lifts on request, is not enforced"),
    (
        "ConflictException",
        &["CreateStateMachine", "UpdateStateMachine", "DeleteStateMachineAlias", "UpdateStateMachineAlias"],
        "it is about requests at the same time, which are carried out one after the other here",
    ),
    ("ResourceNotFound", &["DeleteStateMachineAlias"], "recorded: what doesn't exist is as good as deleted"),
    ("InvalidName", &["CreateStateMachineAlias"], "recorded: the framework refuses bad names of aliases before"),
    ("StateMachineTypeNotSupported", &["CreateStateMachine"], "both types are supported, the framework refuses others"),
];

/// Requests to a server with some of everything, and the error that each provokes. `{arn:…}` stands for an ARN of the
/// server's account and region, `{token}` for the token of a task whose execution was stopped, `{live token}` for that of a task that waits.
fn requests() -> Vec<(&'static str, &'static str, Value)> {
    let machine = "{arn:stateMachine:m}";
    let route =
        |version: &str| json!([{"stateMachineVersionArn": format!("{{arn:stateMachine:{version}}}"), "weight": 100}]);
    let create = |more: Value| {
        let mut request = json!({"name": "new", "definition": PASS, "roleArn": ROLE});
        for (name, value) in more.as_object().expect("an object") {
            request[name] = value.clone();
        }
        request
    };
    let many_tags: Vec<Value> = (0..51).map(|i| json!({"key": i.to_string(), "value": ""})).collect();
    let no_key = json!({"type": "CUSTOMER_MANAGED_KMS_KEY"});
    let bad = r#"{"StartAt":"A","States":{}}"#;
    vec![
        ("CreateActivity", "InvalidName", json!({"name": "a b"})),
        ("CreateActivity", "TooManyTags", json!({"name": "new", "tags": many_tags})),
        ("CreateActivity", "InvalidEncryptionConfiguration", json!({"name": "new", "encryptionConfiguration": no_key})),
        (
            "CreateActivity",
            "ActivityAlreadyExists",
            json!({"name": "a", "encryptionConfiguration": {"type": "CUSTOMER_MANAGED_KMS_KEY", "kmsKeyId": "k"}}),
        ),
        ("CreateStateMachine", "InvalidArn", create(json!({"roleArn": "r"}))),
        ("CreateStateMachine", "InvalidDefinition", create(json!({"definition": bad}))),
        ("CreateStateMachine", "InvalidName", create(json!({"name": "a b"}))),
        (
            "CreateStateMachine",
            "InvalidLoggingConfiguration",
            create(json!({"loggingConfiguration": {"level": "ALL"}})),
        ),
        ("CreateStateMachine", "InvalidTracingConfiguration", create(json!({"tracingConfiguration": {}}))),
        ("CreateStateMachine", "InvalidEncryptionConfiguration", create(json!({"encryptionConfiguration": no_key}))),
        ("CreateStateMachine", "StateMachineAlreadyExists", create(json!({"name": "m"}))),
        ("CreateStateMachine", "StateMachineDeleting", create(json!({"name": "deleting"}))),
        ("CreateStateMachine", "TooManyTags", create(json!({"tags": many_tags}))),
        ("CreateStateMachine", "ValidationException", create(json!({"versionDescription": "without publish"}))),
        (
            "CreateStateMachineAlias",
            "InvalidArn",
            json!({"name": "B", "routingConfiguration": [{"stateMachineVersionArn": "x", "weight": 100}]}),
        ),
        ("CreateStateMachineAlias", "ValidationException", json!({"name": "B", "routingConfiguration": route("m")})),
        ("CreateStateMachineAlias", "ResourceNotFound", json!({"name": "B", "routingConfiguration": route("m:9")})),
        (
            "CreateStateMachineAlias",
            "StateMachineDeleting",
            json!({"name": "B", "routingConfiguration": route("deleting:1")}),
        ),
        (
            "CreateStateMachineAlias",
            "ConflictException",
            json!({"name": "PROD", "routingConfiguration": route("m:1"), "description": "d"}),
        ),
        ("DeleteActivity", "InvalidArn", json!({"activityArn": machine})),
        ("DeleteStateMachine", "InvalidArn", json!({"stateMachineArn": "m"})),
        ("DeleteStateMachine", "ValidationException", json!({"stateMachineArn": "{arn:stateMachine:m:1}"})),
        ("DeleteStateMachineAlias", "InvalidArn", json!({"stateMachineAliasArn": machine})),
        ("DeleteStateMachineAlias", "ValidationException", json!({"stateMachineAliasArn": ""})),
        ("DeleteStateMachineVersion", "InvalidArn", json!({"stateMachineVersionArn": machine})),
        ("DeleteStateMachineVersion", "ValidationException", json!({"stateMachineVersionArn": ""})),
        ("DeleteStateMachineVersion", "ConflictException", json!({"stateMachineVersionArn": "{arn:stateMachine:m:1}"})),
        ("DescribeActivity", "InvalidArn", json!({"activityArn": machine})),
        ("DescribeActivity", "ActivityDoesNotExist", json!({"activityArn": "{arn:activity:none}"})),
        ("DescribeExecution", "InvalidArn", json!({"executionArn": "{arn:express:x:e:u}"})),
        ("DescribeExecution", "ExecutionDoesNotExist", json!({"executionArn": "{arn:execution:m:none}"})),
        ("DescribeMapRun", "InvalidArn", json!({"mapRunArn": machine})),
        ("DescribeMapRun", "ResourceNotFound", json!({"mapRunArn": "{arn:mapRun:m/l:u}"})),
        ("DescribeStateMachine", "InvalidArn", json!({"stateMachineArn": "{arn:activity:a}"})),
        ("DescribeStateMachine", "StateMachineDoesNotExist", json!({"stateMachineArn": "{arn:stateMachine:M}"})),
        ("DescribeStateMachineAlias", "InvalidArn", json!({"stateMachineAliasArn": "{arn:stateMachine:m:1}"})),
        ("DescribeStateMachineAlias", "ResourceNotFound", json!({"stateMachineAliasArn": "{arn:stateMachine:m:none}"})),
        ("DescribeStateMachineAlias", "ValidationException", json!({"stateMachineAliasArn": "a".repeat(257)})),
        ("DescribeStateMachineForExecution", "InvalidArn", json!({"executionArn": machine})),
        (
            "DescribeStateMachineForExecution",
            "ExecutionDoesNotExist",
            json!({"executionArn": "{arn:execution:m:none}"}),
        ),
        ("GetActivityTask", "InvalidArn", json!({"activityArn": machine})),
        ("GetActivityTask", "ActivityDoesNotExist", json!({"activityArn": "{arn:activity:none}"})),
        ("GetExecutionHistory", "InvalidArn", json!({"executionArn": "{arn:express:x:e:u}"})),
        ("GetExecutionHistory", "ExecutionDoesNotExist", json!({"executionArn": "{arn:execution:m:none}"})),
        ("GetExecutionHistory", "InvalidToken", json!({"executionArn": "{arn:execution:m:e}", "nextToken": "x"})),
        ("ListActivities", "InvalidToken", json!({"nextToken": "x"})),
        ("ListExecutions", "InvalidArn", json!({"stateMachineArn": "{arn:activity:a}"})),
        ("ListExecutions", "InvalidToken", json!({"stateMachineArn": machine, "nextToken": "x"})),
        ("ListExecutions", "StateMachineDoesNotExist", json!({"stateMachineArn": "{arn:stateMachine:none}"})),
        ("ListExecutions", "StateMachineTypeNotSupported", json!({"stateMachineArn": "{arn:stateMachine:x}"})),
        ("ListExecutions", "ValidationException", json!({})),
        ("ListExecutions", "ResourceNotFound", json!({"mapRunArn": "{arn:mapRun:m/l:u}"})),
        ("ListMapRuns", "InvalidArn", json!({"executionArn": "{arn:express:x:e:u}"})),
        ("ListMapRuns", "InvalidToken", json!({"executionArn": "{arn:execution:m:e}", "nextToken": "x"})),
        ("ListMapRuns", "ExecutionDoesNotExist", json!({"executionArn": "{arn:execution:m:none}"})),
        ("ListStateMachineAliases", "InvalidArn", json!({"stateMachineArn": "m"})),
        ("ListStateMachineAliases", "InvalidToken", json!({"stateMachineArn": machine, "nextToken": "x"})),
        ("ListStateMachineAliases", "ResourceNotFound", json!({"stateMachineArn": "{arn:stateMachine:m:9}"})),
        ("ListStateMachineAliases", "StateMachineDoesNotExist", json!({"stateMachineArn": "{arn:stateMachine:none}"})),
        ("ListStateMachineAliases", "StateMachineDeleting", json!({"stateMachineArn": "{arn:stateMachine:deleting}"})),
        ("ListStateMachineVersions", "InvalidArn", json!({"stateMachineArn": "m"})),
        ("ListStateMachineVersions", "InvalidToken", json!({"stateMachineArn": machine, "nextToken": "x"})),
        ("ListStateMachineVersions", "ValidationException", json!({"stateMachineArn": "{arn:stateMachine:m:1}"})),
        ("ListStateMachines", "InvalidToken", json!({"nextToken": "x"})),
        ("ListTagsForResource", "InvalidArn", json!({"resourceArn": "{arn:execution:m:e}"})),
        ("ListTagsForResource", "ResourceNotFound", json!({"resourceArn": "{arn:stateMachine:m:1}"})),
        ("PublishStateMachineVersion", "InvalidArn", json!({"stateMachineArn": "m"})),
        (
            "PublishStateMachineVersion",
            "StateMachineDoesNotExist",
            json!({"stateMachineArn": "{arn:stateMachine:none}"}),
        ),
        (
            "PublishStateMachineVersion",
            "StateMachineDeleting",
            json!({"stateMachineArn": "{arn:stateMachine:deleting}"}),
        ),
        ("PublishStateMachineVersion", "ValidationException", json!({"stateMachineArn": "{arn:stateMachine:m/label}"})),
        (
            "PublishStateMachineVersion",
            "ConflictException",
            json!({"stateMachineArn": machine, "revisionId": "INITIAL"}),
        ),
        ("RedriveExecution", "InvalidArn", json!({"executionArn": "{arn:express:x:e:u}"})),
        ("RedriveExecution", "ExecutionDoesNotExist", json!({"executionArn": "{arn:execution:m:none}"})),
        ("RedriveExecution", "ExecutionNotRedrivable", json!({"executionArn": "{arn:execution:m:e}"})),
        (
            "RedriveExecution",
            "ValidationException",
            json!({"executionArn": "{arn:execution:m:e}", "clientToken": "a b"}),
        ),
        ("SendTaskFailure", "InvalidToken", json!({"taskToken": "x"})),
        ("SendTaskFailure", "TaskTimedOut", json!({"taskToken": "{token}"})),
        ("SendTaskHeartbeat", "InvalidToken", json!({"taskToken": "x"})),
        ("SendTaskHeartbeat", "TaskTimedOut", json!({"taskToken": "{token}"})),
        ("SendTaskSuccess", "InvalidOutput", json!({"taskToken": "{live token}", "output": "{"})),
        ("SendTaskSuccess", "InvalidToken", json!({"taskToken": "x", "output": "1"})),
        ("SendTaskSuccess", "TaskTimedOut", json!({"taskToken": "{token}", "output": "1"})),
        ("StartExecution", "InvalidArn", json!({"stateMachineArn": "{arn:execution:m:e}"})),
        ("StartExecution", "InvalidName", json!({"stateMachineArn": machine, "name": "a b"})),
        ("StartExecution", "InvalidExecutionInput", json!({"stateMachineArn": machine, "input": "{"})),
        ("StartExecution", "ExecutionAlreadyExists", json!({"stateMachineArn": machine, "name": "e", "input": "2"})),
        ("StartExecution", "StateMachineDoesNotExist", json!({"stateMachineArn": "{arn:stateMachine:m:none}"})),
        ("StartExecution", "StateMachineDeleting", json!({"stateMachineArn": "{arn:stateMachine:deleting}"})),
        ("StartExecution", "ValidationException", json!({"stateMachineArn": machine, "traceHeader": "ä"})),
        ("StartSyncExecution", "InvalidArn", json!({"stateMachineArn": "{arn:express:x:e:u}"})),
        ("StartSyncExecution", "InvalidName", json!({"stateMachineArn": "{arn:stateMachine:x}", "name": "a b"})),
        (
            "StartSyncExecution",
            "InvalidExecutionInput",
            json!({"stateMachineArn": "{arn:stateMachine:x}", "input": ""}),
        ),
        ("StartSyncExecution", "StateMachineDoesNotExist", json!({"stateMachineArn": "{arn:stateMachine:none}"})),
        (
            "StartSyncExecution",
            "StateMachineDeleting",
            json!({"stateMachineArn": "{arn:stateMachine:deleting-express}"}),
        ),
        ("StartSyncExecution", "StateMachineTypeNotSupported", json!({"stateMachineArn": machine})),
        ("StopExecution", "InvalidArn", json!({"executionArn": "{arn:express:x:e:u}"})),
        ("StopExecution", "ExecutionDoesNotExist", json!({"executionArn": "{arn:execution:m:none}"})),
        (
            "StopExecution",
            "ValidationException",
            json!({"executionArn": "{arn:execution:m:e}", "error": "e".repeat(257)}),
        ),
        ("TagResource", "InvalidArn", json!({"resourceArn": "m", "tags": []})),
        ("TagResource", "ResourceNotFound", json!({"resourceArn": "{arn:activity:none}", "tags": []})),
        ("TagResource", "TooManyTags", json!({"resourceArn": machine, "tags": many_tags})),
        ("TestState", "InvalidArn", json!({"definition": r#"{"Type":"Succeed"}"#, "roleArn": "r"})),
        ("TestState", "InvalidDefinition", json!({"definition": r#"{"Type":"Parallel","Branches":[]}"#})),
        ("TestState", "InvalidExecutionInput", json!({"definition": r#"{"Type":"Succeed"}"#, "input": "{"})),
        ("TestState", "ValidationException", json!({"definition": r#"{"Type":"Succeed"}"#, "context": "{}"})),
        ("UntagResource", "InvalidArn", json!({"resourceArn": "m", "tagKeys": []})),
        ("UntagResource", "ResourceNotFound", json!({"resourceArn": "{arn:stateMachine:none}", "tagKeys": []})),
        ("UpdateMapRun", "InvalidArn", json!({"mapRunArn": machine, "maxConcurrency": 1})),
        ("UpdateMapRun", "ResourceNotFound", json!({"mapRunArn": "{arn:mapRun:m/l:u}", "maxConcurrency": 1})),
        ("UpdateMapRun", "ValidationException", json!({"mapRunArn": "{arn:mapRun:m/l:u}"})),
        ("UpdateStateMachine", "InvalidArn", json!({"stateMachineArn": machine, "roleArn": "r"})),
        ("UpdateStateMachine", "InvalidDefinition", json!({"stateMachineArn": machine, "definition": bad})),
        (
            "UpdateStateMachine",
            "InvalidLoggingConfiguration",
            json!({"stateMachineArn": machine, "loggingConfiguration": {"level": "ALL"}}),
        ),
        (
            "UpdateStateMachine",
            "InvalidTracingConfiguration",
            json!({"stateMachineArn": machine, "tracingConfiguration": {}}),
        ),
        (
            "UpdateStateMachine",
            "InvalidEncryptionConfiguration",
            json!({"stateMachineArn": machine, "encryptionConfiguration": no_key}),
        ),
        ("UpdateStateMachine", "MissingRequiredParameter", json!({"stateMachineArn": machine, "publish": true})),
        (
            "UpdateStateMachine",
            "StateMachineDeleting",
            json!({"stateMachineArn": "{arn:stateMachine:deleting}", "roleArn": ROLE}),
        ),
        (
            "UpdateStateMachine",
            "StateMachineDoesNotExist",
            json!({"stateMachineArn": "{arn:stateMachine:m:1}", "roleArn": ROLE}),
        ),
        (
            "UpdateStateMachine",
            "ValidationException",
            json!({"stateMachineArn": machine, "roleArn": ROLE, "versionDescription": "d"}),
        ),
        ("UpdateStateMachineAlias", "InvalidArn", json!({"stateMachineAliasArn": machine, "description": "d"})),
        (
            "UpdateStateMachineAlias",
            "ValidationException",
            json!({"stateMachineAliasArn": "{arn:stateMachine:m:PROD}"}),
        ),
        (
            "UpdateStateMachineAlias",
            "ResourceNotFound",
            json!({"stateMachineAliasArn": "{arn:stateMachine:m:none}", "description": "d"}),
        ),
        (
            "UpdateStateMachineAlias",
            "StateMachineDeleting",
            json!({"stateMachineAliasArn": "{arn:stateMachine:deleting:PROD}", "description": "d"}),
        ),
        ("ValidateStateMachineDefinition", "ValidationException", json!({"definition": PASS, "maxResults": 101})),
    ]
}

/// Requests to a server that has as much as it may have.
fn requests_beyond_limits() -> Vec<(&'static str, &'static str, Value)> {
    let route = json!([{"stateMachineVersionArn": "{arn:stateMachine:m:1}", "weight": 100}]);
    vec![
        ("CreateActivity", "ActivityLimitExceeded", json!({"name": "new"})),
        (
            "CreateStateMachine",
            "StateMachineLimitExceeded",
            json!({"name": "new", "definition": PASS, "roleArn": ROLE}),
        ),
        (
            "CreateStateMachineAlias",
            "ServiceQuotaExceededException",
            json!({"name": "new", "routingConfiguration": route}),
        ),
        ("GetActivityTask", "ActivityWorkerLimitExceeded", json!({"activityArn": "{arn:activity:a}"})),
        (
            "PublishStateMachineVersion",
            "ServiceQuotaExceededException",
            json!({"stateMachineArn": "{arn:stateMachine:m}"}),
        ),
        (
            "UpdateStateMachine",
            "ServiceQuotaExceededException",
            json!({"stateMachineArn": "{arn:stateMachine:m}", "definition": WAIT, "publish": true}),
        ),
    ]
}

fn filled_in(request: &Value, tokens: &Tokens) -> Value {
    let mut text = request.to_string().replace("{token}", &tokens.gone).replace("{live token}", &tokens.live);
    while let Some(start) = text.find("{arn:") {
        let end = start + text[start..].find('}').expect("an end");
        text = format!("{}{PREFIX}:{}{}", &text[..start], &text[start + 5..end], &text[end + 1..]);
    }
    serde_json::from_str(&text).expect("JSON")
}

fn arn(rest: &str) -> String {
    format!("{PREFIX}:{rest}")
}

fn prod(machine: &str) -> Value {
    json!({"name": "PROD", "routingConfiguration": [{"stateMachineVersionArn": arn(&format!("stateMachine:{machine}:1")), "weight": 100}]})
}

/// The tokens of a task that is gone and of one that waits.
struct Tokens {
    gone: String,
    live: String,
}

/// A server with some of everything.
async fn some_of_everything() -> (Server, Tokens) {
    let server = Server::start().await;
    let create = async |name: &str, machine_type: &str, definition: &str| {
        let request =
            json!({"name": name, "definition": definition, "roleArn": ROLE, "type": machine_type, "publish": true});
        server.ok("CreateStateMachine", request).await;
    };
    let start = async |machine: &str| {
        let request = json!({"stateMachineArn": arn(&format!("stateMachine:{machine}")), "name": "e", "input": "1"});
        server.ok("StartExecution", request).await;
    };
    server.ok("CreateActivity", json!({"name": "a"})).await;
    let activity = arn("activity:a");
    let task = json!({"StartAt": "T", "States": {"T": {"Type": "Task", "Resource": activity, "End": true}}});
    create("worked", "STANDARD", &task.to_string()).await;
    start("worked").await;
    let token = async || {
        let task = server.ok("GetActivityTask", json!({"activityArn": activity})).await;
        task["taskToken"].as_str().expect("a token").to_owned()
    };
    let gone = token().await;
    server.ok("StopExecution", json!({"executionArn": arn("execution:worked:e")})).await;
    server.ok("RedriveExecution", json!({"executionArn": arn("execution:worked:e")})).await;
    let tokens = Tokens { gone, live: token().await };
    create("m", "STANDARD", WAIT).await;
    start("m").await;
    server.ok("CreateStateMachineAlias", prod("m")).await;
    server.ok("UpdateStateMachine", json!({"stateMachineArn": arn("stateMachine:m"), "definition": LATER})).await;
    create("x", "EXPRESS", PASS).await;
    for (name, machine_type) in [("deleting", "STANDARD"), ("deleting-express", "EXPRESS")] {
        create(name, machine_type, WAIT).await;
        start(name).await;
        server.ok("CreateStateMachineAlias", prod(name)).await;
        server.ok("DeleteStateMachine", json!({"stateMachineArn": arn(&format!("stateMachine:{name}"))})).await;
    }
    (server, tokens)
}

/// A server that has as much as it may have.
async fn full() -> Server {
    let server = Server::start().await;
    let (registry, at) = (&server.emulator.registry, Timestamp::from_millis(0));
    let namespace = Namespace { account: "123456789012".into(), region: "us-east-1".into() };
    let program = stepwell::asl::parse(PASS, MachineType::Standard).program.map(Arc::new).expect("a program");
    let mut machine = StateMachine {
        name: "m".into(),
        arn: arn("stateMachine:m").into(),
        definition: PASS.into(),
        program: program.clone(),
        role_arn: ROLE.into(),
        machine_type: MachineType::Standard,
        logging: Logging::default(),
        tracing: false,
        encryption: Encryption::default(),
        creation_date: at,
        update_date: at,
        revision: None,
        publish: true,
        version_description: None,
        tags: Vec::new(),
        status: Status::Active,
    };
    registry.create_state_machine(&namespace, machine.clone(), quota::STATE_MACHINES);
    // The last revision is not published yet.
    for number in 2..=quota::VERSIONS + 1 {
        let definition = Some((format!("{PASS}{}", " ".repeat(number)).into(), program.clone()));
        let changes = Changes { definition, role_arn: None, logging: None, tracing: None, encryption: None };
        let publication = Publication { description: None, at, limit: quota::VERSIONS };
        let publication = Some(publication).filter(|_| number <= quota::VERSIONS);
        let revision = number.to_string().into();
        registry.update_state_machine(&namespace, "m", changes, revision, at, publication).expect("a version");
    }
    for number in 0..quota::ALIASES {
        let mut alias = prod("m");
        alias["name"] = json!(format!("a{number}"));
        server.ok("CreateStateMachineAlias", alias).await;
    }
    machine.publish = false;
    for number in 1..quota::STATE_MACHINES {
        machine.name = number.to_string().into();
        registry.create_state_machine(&namespace, machine.clone(), quota::STATE_MACHINES);
    }
    let mut activity = Activity {
        name: "a".into(),
        arn: arn("activity:a").into(),
        creation_date: at,
        encryption: Encryption::default(),
        tags: Vec::new(),
    };
    for number in 0..quota::ACTIVITIES {
        registry.create_activity(&namespace, activity.clone(), quota::ACTIVITIES);
        activity.name = number.to_string().into();
    }
    for _ in 0..quota::ACTIVITY_POLLERS {
        let emulator = server.emulator.clone();
        tokio::spawn(async move { emulator.engine.poll_activity(&arn("activity:a").into(), None).await.is_ok() });
    }
    tokio::task::yield_now().await;
    server
}

#[tokio::test]
async fn each_error_is_provoked() {
    let (server, tokens) = some_of_everything().await;
    let full = full().await;
    for (server, requests) in [(&server, requests()), (&full, requests_beyond_limits())] {
        for (operation, error, request) in requests {
            let request = filled_in(&request, &tokens);
            let answer = server.call(operation, request.clone()).await;
            let said = answer.error();
            assert_eq!((answer.status, said.split(": ").next()), (400, Some(error)), "{operation} {request}: {said}");
            assert!(answer.body["message"].as_str().is_some_and(|text| !text.is_empty()), "{operation}: {error}");
        }
    }
}

#[test]
fn each_error_of_the_model_is_provoked_or_impossible() {
    let mut provoked: BTreeMap<&str, BTreeSet<&str>> = BTreeMap::new();
    for (operation, error, _) in requests().into_iter().chain(requests_beyond_limits()) {
        provoked.entry(operation).or_default().insert(error);
    }
    let mut used = BTreeSet::new();
    for operation in OPERATIONS {
        for error in operation.errors {
            let is_provoked = provoked.get(operation.name).is_some_and(|errors| errors.contains(error));
            let excuse = IMPOSSIBLE.iter().position(|(name, operations, _)| {
                name == error && (operations.is_empty() || operations.contains(&operation.name))
            });
            used.extend(excuse);
            assert!(is_provoked != excuse.is_some(), "{} {error}: a request or a reason", operation.name);
        }
        let known: BTreeSet<&str> = operation.errors.iter().copied().collect();
        let ours = provoked.remove(operation.name).unwrap_or_default();
        assert!(ours.is_subset(&known), "{}: {ours:?}", operation.name);
    }
    assert!(provoked.is_empty(), "{provoked:?}");
    assert_eq!(used.len(), IMPOSSIBLE.len(), "reasons that nothing needs");
}
