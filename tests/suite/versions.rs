//! Updates of state machines, their revisions, and the versions that are published of them.

use crate::server::{PASS, PREFIX, ROLE, Server};
use serde_json::{Value, json};

const WAIT: &str = r#"{"StartAt":"A","States":{"A":{"Type":"Wait","Seconds":86400,"End":true}}}"#;
const MISSING: &str = "MissingRequiredParameter: Either the definition, the role ARN, the LoggingConfiguration, or the \
                       TracingConfiguration must be specified";

fn arn(name: &str) -> String {
    format!("{PREFIX}:stateMachine:{name}")
}

/// A definition that differs from those of other numbers.
fn definition(number: usize) -> String {
    format!(r#"{{"StartAt":"A","States":{{"A":{{"Type":"Pass","Result":{number},"End":true}}}}}}"#)
}

/// The request for the state machine `m`, or for its update, with these members besides.
fn with(mut request: Value, members: Value) -> Value {
    for (member, value) in members.as_object().expect("members") {
        request[member] = value.clone();
    }
    request
}

/// A server with the state machine `m`.
async fn server(members: Value) -> Server {
    let server = Server::start().await;
    let request = with(json!({"name": "m", "definition": PASS, "roleArn": ROLE}), members);
    server.ok("CreateStateMachine", request).await;
    server
}

async fn update(server: &Server, changes: Value) -> Value {
    server.ok("UpdateStateMachine", with(json!({"stateMachineArn": arn("m")}), changes)).await
}

async fn describe(server: &Server, arn: &str) -> Value {
    server.ok("DescribeStateMachine", json!({"stateMachineArn": arn})).await
}

async fn publish(server: &Server, members: Value) -> Value {
    server.ok("PublishStateMachineVersion", with(json!({"stateMachineArn": arn("m")}), members)).await
}

/// The numbers of a page of versions, and the token of the next one.
async fn versions(server: &Server, members: Value) -> (Vec<String>, Value) {
    let page = server.ok("ListStateMachineVersions", with(json!({"stateMachineArn": arn("m")}), members.clone())).await;
    let versions = page["stateMachineVersions"].as_array().expect("a list");
    let number = |version: &Value| {
        let arn = version["stateMachineVersionArn"].as_str().expect("an ARN");
        arn.strip_prefix(&self::arn("m:")).expect("a version").to_owned()
    };
    (versions.iter().map(number).collect(), page["nextToken"].clone())
}

#[tokio::test]
async fn every_change_makes_a_revision() {
    let server = server(json!({})).await;
    let group = json!({"cloudWatchLogsLogGroup": {"logGroupArn": "arn:aws:logs:us-east-1:123456789012:log-group:g:*"}});
    assert_eq!(describe(&server, &arn("m")).await.get("revisionId"), None);
    let mut revisions = Vec::new();
    for (changes, member, shown) in [
        (json!({"definition": WAIT}), "definition", json!(WAIT)),
        (json!({"definition": format!("{WAIT} ")}), "definition", json!(format!("{WAIT} "))),
        (json!({"roleArn": format!("{ROLE}2")}), "roleArn", json!(format!("{ROLE}2"))),
        (
            json!({"loggingConfiguration": {"includeExecutionData": true, "destinations": [group]}}),
            "loggingConfiguration",
            json!({"level": "OFF", "includeExecutionData": true, "destinations": [group]}),
        ),
        (
            json!({"loggingConfiguration": {"level": "ERROR", "destinations": [group]}}),
            "loggingConfiguration",
            json!({"level": "ERROR", "includeExecutionData": false, "destinations": [group]}),
        ),
        (json!({"tracingConfiguration": {"enabled": true}}), "tracingConfiguration", json!({"enabled": true})),
        (
            json!({"encryptionConfiguration": {"type": "CUSTOMER_MANAGED_KMS_KEY", "kmsKeyId": "alias/k"}}),
            "encryptionConfiguration",
            json!({"type": "CUSTOMER_MANAGED_KMS_KEY", "kmsKeyId": "alias/k", "kmsDataKeyReusePeriodSeconds": 300}),
        ),
    ] {
        let updated = update(&server, changes.clone()).await;
        let described = describe(&server, &arn("m")).await;
        assert_eq!((&described["revisionId"], &described[member]), (&updated["revisionId"], &shown), "{changes}");
        let again = update(&server, changes.clone()).await;
        assert_eq!(again["revisionId"], updated["revisionId"], "{changes}");
        assert!(again.get("stateMachineVersionArn").is_none() && again["updateDate"].is_number());
        let revision = updated["revisionId"].as_str().expect("a revision").to_owned();
        assert!(revision.len() == 36 && !revisions.contains(&revision), "{revision} {revisions:?}");
        revisions.push(revision);
    }
    // What an update doesn't name stays.
    let described = describe(&server, &arn("m")).await;
    assert_eq!(
        (&described["definition"], &described["tracingConfiguration"]),
        (&json!(format!("{WAIT} ")), &json!({"enabled": true}))
    );
}

#[tokio::test]
async fn an_update_without_effect_makes_none() {
    let server = server(json!({})).await;
    let changes = json!({
        "definition": PASS,
        "roleArn": ROLE,
        "loggingConfiguration": {"level": "OFF"},
        "tracingConfiguration": {"enabled": false},
        "encryptionConfiguration": {"type": "AWS_OWNED_KEY"},
    });
    assert_eq!(update(&server, changes.clone()).await.get("revisionId"), None);
    let published = update(&server, with(changes, json!({"publish": true, "versionDescription": "v"}))).await;
    assert_eq!((&published["stateMachineVersionArn"], published.get("revisionId")), (&json!(arn("m:1")), None));
    assert_eq!(describe(&server, &arn("m:1")).await["description"], "v");
    assert_eq!(describe(&server, &arn("m")).await.get("revisionId"), None);
}

#[tokio::test]
async fn a_bad_update_is_refused_and_changes_nothing() {
    let server = server(json!({})).await;
    let before = describe(&server, &arn("m")).await;
    for (changes, error) in [
        (json!({}), MISSING),
        (json!({"publish": true}), MISSING),
        (json!({"definition": WAIT, "stateMachineArn": "m"}), "InvalidArn: Invalid Arn: 'Invalid ARN prefix: m'"),
        (json!({"roleArn": "r"}), "InvalidArn: Invalid Role Arn: 'r'"),
        (
            json!({"definition": WAIT, "versionDescription": "v"}),
            "ValidationException: Version description can only be set when publish is true",
        ),
        (
            json!({"definition": WAIT, "loggingConfiguration": {"level": "ALL"}}),
            "InvalidLoggingConfiguration: Invalid Logging Configuration: Must specify exactly one Log Destination.",
        ),
        (
            json!({"tracingConfiguration": {}}),
            "InvalidTracingConfiguration: Invalid Tracing Configuration: enabled must be set to true or false.",
        ),
    ] {
        let request = with(json!({"stateMachineArn": arn("m")}), changes);
        assert_eq!(server.refused("UpdateStateMachine", request.clone()).await, error, "{request}");
    }
    let error = server.refused("UpdateStateMachine", json!({"stateMachineArn": arn("m"), "definition": "{}"})).await;
    assert!(error.starts_with("InvalidDefinition: Invalid State Machine Definition: '"), "{error}");
    server.ok("PublishStateMachineVersion", json!({"stateMachineArn": arn("m")})).await;
    for arn in [arn("x"), arn("m:1"), arn("m:PROD")] {
        for operation in ["UpdateStateMachine", "PublishStateMachineVersion"] {
            let mut request = json!({"stateMachineArn": arn});
            if operation == "UpdateStateMachine" {
                request["definition"] = WAIT.into();
            }
            let error = server.refused(operation, request).await;
            assert_eq!(
                error,
                format!("StateMachineDoesNotExist: State Machine Does Not Exist: '{arn}'"),
                "{operation}"
            );
        }
    }
    assert_eq!(describe(&server, &arn("m")).await, before);
}

#[tokio::test]
async fn an_execution_keeps_what_it_was_started_with() {
    let server = server(json!({"definition": WAIT})).await;
    let started = server.ok("StartExecution", json!({"stateMachineArn": arn("m"), "name": "old"})).await;
    server.emulator.engine.advance(std::time::Duration::from_secs(5));
    let updated = update(&server, json!({"definition": PASS, "roleArn": format!("{ROLE}2")})).await;
    let created = describe(&server, &arn("m")).await["creationDate"].clone();
    server.ok("StartExecution", json!({"stateMachineArn": arn("m"), "name": "new"})).await;
    for (name, status, definition, role, revision, date) in [
        ("old", "RUNNING", WAIT, ROLE.to_owned(), None, &created),
        ("new", "SUCCEEDED", PASS, format!("{ROLE}2"), updated.get("revisionId"), &updated["updateDate"]),
    ] {
        let execution = json!({"executionArn": format!("{PREFIX}:execution:m:{name}")});
        let machine = server.ok("DescribeStateMachineForExecution", execution.clone()).await;
        let found = (&machine["definition"], &machine["roleArn"], machine.get("revisionId"), &machine["updateDate"]);
        assert_eq!(found, (&json!(definition), &json!(role), revision, date), "{name}");
        assert_eq!(server.ok("DescribeExecution", execution).await["status"], status, "{name}");
    }
    assert_eq!(started["startDate"], created);
    assert_ne!(updated["updateDate"], created);
}

#[tokio::test]
async fn a_revision_has_one_version() {
    let server = server(json!({})).await;
    let first = publish(&server, json!({"description": "first"})).await;
    assert_eq!(first["stateMachineVersionArn"], arn("m:1"));
    server.emulator.engine.advance(std::time::Duration::from_secs(5));
    assert_eq!(publish(&server, json!({"description": "again"})).await, first);
    assert_eq!(publish(&server, json!({"revisionId": "INITIAL"})).await, first);
    let updated = update(&server, json!({"definition": definition(2)})).await;
    let second = publish(&server, json!({"revisionId": updated["revisionId"]})).await;
    assert_eq!(second["stateMachineVersionArn"], arn("m:2"));
    assert_ne!(second["creationDate"], first["creationDate"]);
    // Back to what it was: that is a revision of its own.
    update(&server, json!({"definition": PASS})).await;
    assert_eq!(publish(&server, json!({})).await["stateMachineVersionArn"], arn("m:3"));

    let shown = describe(&server, &arn("m:2")).await;
    let current = describe(&server, &arn("m")).await;
    let expected = with(
        current.clone(),
        json!({
            "stateMachineArn": arn("m:2"),
            "definition": definition(2),
            "revisionId": updated["revisionId"],
            "creationDate": second["creationDate"],
        }),
    );
    assert_eq!(shown, expected);
    let first = describe(&server, &arn("m:1")).await;
    assert_eq!((&first["description"], first.get("revisionId")), (&json!("first"), None));
}

#[tokio::test]
async fn a_stale_revision_is_not_published() {
    let server = server(json!({})).await;
    let revisions = [
        "INITIAL".to_owned(),
        update(&server, json!({"definition": definition(1)})).await["revisionId"].as_str().expect("one").to_owned(),
    ];
    let stale = |asked: &str, current: &str| {
        format!(
            "ConflictException: Failed to publish the State Machine version for revision {asked}. \
             The current State Machine revision is {current}."
        )
    };
    let current = update(&server, json!({"definition": definition(2)})).await["revisionId"].clone();
    let current = current.as_str().expect("a revision");
    for asked in revisions.iter().map(String::as_str).chain(["", "x"]) {
        let request = json!({"stateMachineArn": arn("m"), "revisionId": asked});
        assert_eq!(server.refused("PublishStateMachineVersion", request).await, stale(asked, current));
    }
    assert_eq!(versions(&server, json!({})).await.0, Vec::<String>::new());
}

#[tokio::test]
async fn creation_publishes_the_first_version() {
    let server = server(json!({"publish": true, "versionDescription": "v"})).await;
    let request = json!({"name": "m", "definition": PASS, "roleArn": ROLE, "publish": true, "versionDescription": "v"});
    assert_eq!(server.ok("CreateStateMachine", request.clone()).await["stateMachineVersionArn"], arn("m:1"));
    assert_eq!(describe(&server, &arn("m:1")).await["description"], "v");
    assert_eq!(describe(&server, &arn("m")).await.get("description"), None);
    for other in [json!({"publish": false, "versionDescription": null}), json!({"versionDescription": "w"})] {
        let error = server.refused("CreateStateMachine", with(request.clone(), other)).await;
        assert_eq!(error, format!("StateMachineAlreadyExists: State Machine Already Exists: '{}'", arn("m")));
    }
    assert_eq!(publish(&server, json!({})).await["stateMachineVersionArn"], arn("m:1"));
}

#[tokio::test]
async fn numbers_are_never_given_again() {
    let server = server(json!({"publish": true})).await;
    update(&server, json!({"definition": definition(2), "publish": true})).await;
    for _ in 0..2 {
        assert_eq!(
            server.ok("DeleteStateMachineVersion", json!({"stateMachineVersionArn": arn("m:2")})).await,
            json!({})
        );
    }
    let error = server.refused("DescribeStateMachine", json!({"stateMachineArn": arn("m:2")})).await;
    assert_eq!(error, format!("StateMachineDoesNotExist: State Machine Does Not Exist: '{}'", arn("m:2")));
    assert_eq!(publish(&server, json!({})).await["stateMachineVersionArn"], arn("m:3"));
    assert_eq!(versions(&server, json!({})).await.0, ["3", "1"]);
    // Another state machine of the same name begins at 1.
    server.ok("DeleteStateMachine", json!({"stateMachineArn": arn("m")})).await;
    assert_eq!(versions(&server, json!({})).await.0, Vec::<String>::new());
    server.ok("CreateStateMachine", json!({"name": "m", "definition": PASS, "roleArn": ROLE})).await;
    assert_eq!(versions(&server, json!({})).await.0, Vec::<String>::new());
    assert_eq!(publish(&server, json!({})).await["stateMachineVersionArn"], arn("m:1"));
}

#[tokio::test]
async fn versions_are_listed_newest_first_in_pages() {
    let server = server(json!({})).await;
    for number in 1..=12 {
        update(&server, json!({"definition": definition(number), "publish": true})).await;
    }
    let (first, token) = versions(&server, json!({"maxResults": 10})).await;
    assert_eq!(first.join(" "), "12 11 10 9 8 7 6 5 4 3");
    // A version that is published meanwhile doesn't move the pages.
    update(&server, json!({"definition": definition(13), "publish": true})).await;
    let (second, end) = versions(&server, json!({"maxResults": 10, "nextToken": token})).await;
    assert_eq!((second.join(" "), end), ("2 1".to_owned(), Value::Null));
    assert_eq!(versions(&server, json!({"maxResults": 0})).await.0.len(), 13);
    let unknown = server.ok("ListStateMachineVersions", json!({"stateMachineArn": arn("x")})).await;
    assert_eq!(unknown, json!({"stateMachineVersions": []}));
    for (members, error) in [
        (json!({"nextToken": "garbage"}), "InvalidToken: Invalid Token: 'Invalid token'"),
        (
            json!({"maxResults": 1001}),
            "ValidationException: 1 validation error detected: Value '1001' at 'maxResults' failed to satisfy \
             constraint: Member must have value less than or equal to 1000",
        ),
        (json!({"stateMachineArn": "m"}), "InvalidArn: Invalid Arn: 'Invalid ARN prefix: m'"),
    ] {
        let request = with(json!({"stateMachineArn": arn("m")}), members);
        assert_eq!(server.refused("ListStateMachineVersions", request).await, error);
    }
}

#[tokio::test]
async fn an_execution_says_which_version_it_runs() {
    let server = server(json!({"publish": true})).await;
    update(&server, json!({"definition": WAIT, "publish": true})).await;
    for (machine, name) in [("m:1", "first"), ("m:2", "second"), ("m", "none")] {
        let started = server.ok("StartExecution", json!({"stateMachineArn": arn(machine), "name": name})).await;
        assert_eq!(started["executionArn"], format!("{PREFIX}:execution:m:{name}"));
    }
    for (name, version, status) in
        [("first", Some(arn("m:1")), "SUCCEEDED"), ("second", Some(arn("m:2")), "RUNNING"), ("none", None, "RUNNING")]
    {
        let execution = json!({"executionArn": format!("{PREFIX}:execution:m:{name}")});
        let described = server.ok("DescribeExecution", execution.clone()).await;
        assert_eq!(described["status"], status);
        assert_eq!(described["stateMachineArn"], arn("m"));
        assert_eq!(described.get("stateMachineVersionArn"), version.map(Value::from).as_ref());
        assert_eq!(described.get("stateMachineAliasArn"), None);
        let machine = server.ok("DescribeStateMachineForExecution", execution).await;
        assert_eq!(machine["stateMachineArn"], arn("m"));
    }
    for (machine, expected) in [("m", "none second first"), ("m:1", "first"), ("m:2", "second")] {
        let list = server.ok("ListExecutions", json!({"stateMachineArn": arn(machine)})).await;
        let executions = list["executions"].as_array().expect("a list");
        let names: Vec<&str> = executions.iter().filter_map(|execution| execution["name"].as_str()).collect();
        assert_eq!(names.join(" "), expected, "{machine}");
        assert_eq!(executions.last().map(|last| &last["stateMachineArn"]), Some(&json!(arn("m"))));
    }
    // Executions go on without their version.
    server.ok("DeleteStateMachineVersion", json!({"stateMachineVersionArn": arn("m:2")})).await;
    let second = json!({"executionArn": format!("{PREFIX}:execution:m:second")});
    assert_eq!(server.ok("DescribeExecution", second).await["status"], "RUNNING");
    for (machine, operation) in [("m:2", "StartExecution"), ("m:3", "StartExecution"), ("m:2", "ListExecutions")] {
        let error = server.refused(operation, json!({"stateMachineArn": arn(machine)})).await;
        assert_eq!(error, format!("StateMachineDoesNotExist: State Machine Does Not Exist: '{}'", arn(machine)));
    }
}

#[tokio::test]
async fn a_state_machine_has_a_thousand_versions_at_most() {
    let server = server(json!({})).await;
    for number in 1..=1000 {
        update(&server, json!({"definition": definition(number), "publish": true})).await;
    }
    let request = json!({"stateMachineArn": arn("m"), "definition": PASS, "publish": true});
    let error = server.refused("UpdateStateMachine", request.clone()).await;
    assert!(error.starts_with("ServiceQuotaExceededException: "), "{error}");
    assert_eq!(describe(&server, &arn("m")).await["definition"], definition(1000));
    server.ok("DeleteStateMachineVersion", json!({"stateMachineVersionArn": arn("m:7")})).await;
    assert_eq!(server.ok("UpdateStateMachine", request).await["stateMachineVersionArn"], arn("m:1001"));
}

#[tokio::test]
async fn what_is_being_deleted_is_not_changed() {
    let server = server(json!({"definition": WAIT, "publish": true})).await;
    server.ok("StartExecution", json!({"stateMachineArn": arn("m:1")})).await;
    server.ok("DeleteStateMachine", json!({"stateMachineArn": arn("m")})).await;
    let deleting = format!("StateMachineDeleting: State Machine is being deleted: '{}'", arn("m"));
    let route = json!([{"stateMachineVersionArn": arn("m:1"), "weight": 100}]);
    for (operation, request) in [
        ("UpdateStateMachine", json!({"stateMachineArn": arn("m"), "definition": PASS})),
        ("PublishStateMachineVersion", json!({"stateMachineArn": arn("m")})),
        ("CreateStateMachineAlias", json!({"name": "a", "routingConfiguration": route})),
        ("ListStateMachineAliases", json!({"stateMachineArn": arn("m")})),
        ("StartExecution", json!({"stateMachineArn": arn("m")})),
    ] {
        assert_eq!(server.refused(operation, request).await, deleting, "{operation}");
    }
    let error = server.refused("StartExecution", json!({"stateMachineArn": arn("m:1")})).await;
    assert_eq!(error, format!("StateMachineDeleting: State Machine is being deleted: '{}'", arn("m:1")));
    assert_eq!(describe(&server, &arn("m:1")).await["status"], "DELETING");
}

#[tokio::test]
async fn only_versions_are_deleted_as_versions() {
    let server = server(json!({"publish": true})).await;
    for (arn, error) in [
        ("x".to_owned(), "InvalidArn: Invalid Arn: 'Invalid ARN prefix: x'"),
        (arn("m"), "InvalidArn: Invalid Arn: 'Resource type not valid in this context: stateMachine'"),
        (arn("m:PROD"), "InvalidArn: Invalid Arn: 'Resource type not valid in this context: stateMachine'"),
    ] {
        let request = json!({"stateMachineVersionArn": arn});
        assert_eq!(server.refused("DeleteStateMachineVersion", request).await, error, "{arn}");
    }
    for gone in ["m:2", "m:01", "x:1"] {
        server.ok("DeleteStateMachineVersion", json!({"stateMachineVersionArn": arn(gone)})).await;
    }
    assert_eq!(versions(&server, json!({})).await.0, ["1"]);
}

#[tokio::test]
async fn a_history_names_the_version_and_the_alias_that_it_began_with() {
    let server = Server::start().await;
    let create = json!({"name": "m", "definition": PASS, "roleArn": ROLE, "publish": true});
    let version = server.ok("CreateStateMachine", create).await["stateMachineVersionArn"].clone();
    let alias = json!({"name": "live", "routingConfiguration": [{"stateMachineVersionArn": version, "weight": 100}]});
    let alias = server.ok("CreateStateMachineAlias", alias).await["stateMachineAliasArn"].clone();
    for (arn, expected_alias) in [(&version, &Value::Null), (&alias, &alias)] {
        let started = server.ok("StartExecution", json!({"stateMachineArn": arn})).await;
        let history = json!({"executionArn": started["executionArn"]});
        let details =
            server.ok("GetExecutionHistory", history).await["events"][0]["executionStartedEventDetails"].clone();
        assert_eq!((&details["stateMachineVersionArn"], &details["stateMachineAliasArn"]), (&version, expected_alias));
    }
}
