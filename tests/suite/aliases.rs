//! Aliases of state machines, and the versions that they lead to.

use crate::server::{PASS, PREFIX, ROLE, Server};
use serde_json::{Value, json};
use std::time::Duration;

const NOT_FOUND: &str = "ResourceNotFound: Request references a resource that does not exist.";

fn arn(name: &str) -> String {
    format!("{PREFIX}:stateMachine:{name}")
}

/// A routing configuration.
fn routes(routes: &[(&str, i64)]) -> Value {
    routes.iter().map(|(version, weight)| json!({"stateMachineVersionArn": arn(version), "weight": weight})).collect()
}

/// A server with `m` and `other`, each with three versions.
async fn server() -> Server {
    let server = Server::start().await;
    for name in ["m", "other"] {
        let request = json!({"name": name, "definition": PASS, "roleArn": ROLE, "publish": true});
        server.ok("CreateStateMachine", request).await;
        for change in 2..=3 {
            let role = format!("{ROLE}{change}");
            let request = json!({"stateMachineArn": arn(name), "roleArn": role, "publish": true});
            server.ok("UpdateStateMachine", request).await;
        }
    }
    server
}

async fn create(server: &Server, name: &str, leads_to: &[(&str, i64)]) -> Value {
    server.ok("CreateStateMachineAlias", json!({"name": name, "routingConfiguration": routes(leads_to)})).await
}

async fn describe(server: &Server, alias: &str) -> Value {
    server.ok("DescribeStateMachineAlias", json!({"stateMachineAliasArn": arn(alias)})).await
}

#[tokio::test]
async fn an_alias_is_shown_as_it_is() {
    let server = server().await;
    let leads_to = routes(&[("m:1", 90), ("m:3", 10)]);
    let request = json!({"name": "PROD", "description": "d", "routingConfiguration": leads_to});
    let created = server.ok("CreateStateMachineAlias", request.clone()).await;
    let date = created["creationDate"].clone();
    assert_eq!(created, json!({"stateMachineAliasArn": arn("m:PROD"), "creationDate": date}));
    let mut expected = json!({
        "stateMachineAliasArn": arn("m:PROD"),
        "name": "PROD",
        "description": "d",
        "routingConfiguration": leads_to,
        "creationDate": date,
        "updateDate": date,
    });
    assert_eq!(describe(&server, "m:PROD").await, expected);

    server.emulator.engine.advance(Duration::from_secs(5));
    assert_eq!(server.ok("CreateStateMachineAlias", request).await, created);
    let same =
        json!({"stateMachineAliasArn": arn("m:PROD"), "routingConfiguration": routes(&[("m:3", 10), ("m:1", 90)])});
    assert_eq!(server.ok("UpdateStateMachineAlias", same).await["updateDate"], date);
    let change = json!({"stateMachineAliasArn": arn("m:PROD"), "routingConfiguration": routes(&[("m:2", 100)])});
    let updated = server.ok("UpdateStateMachineAlias", change).await;
    assert_ne!(updated["updateDate"], date);
    expected["updateDate"] = updated["updateDate"].clone();
    expected["routingConfiguration"] = routes(&[("m:2", 100)]);
    assert_eq!(describe(&server, "m:PROD").await, expected);
    let change = json!({"stateMachineAliasArn": arn("m:PROD"), "description": "e"});
    server.ok("UpdateStateMachineAlias", change).await;
    expected["description"] = json!("e");
    assert_eq!(describe(&server, "m:PROD").await, expected);

    create(&server, "BETA", &[("m:1", 100)]).await;
    assert_eq!(describe(&server, "m:BETA").await.get("description"), None);
}

#[tokio::test]
async fn a_bad_routing_configuration_is_refused() {
    let server = server().await;
    create(&server, "PROD", &[("m:1", 100)]).await;
    let validation = "1 validation error detected: Value ";
    let item = |version: &str, weight| {
        format!("RoutingConfigurationListItem(stateMachineVersionArn={}, weight={weight})", arn(version))
    };
    for (given, error) in [
        (
            routes(&[]),
            format!(
                "{validation}'[]' at 'routingConfiguration' failed to satisfy constraint: \
                 Member must have length greater than or equal to 1"
            ),
        ),
        (
            routes(&[("m:1", 50), ("m:2", 30), ("m:3", 20)]),
            format!(
                "{validation}'[{}, {}, {}]' at 'routingConfiguration' failed to satisfy constraint: \
                 Member must have length less than or equal to 2",
                item("m:1", 50),
                item("m:2", 30),
                item("m:3", 20)
            ),
        ),
        (
            routes(&[("m:1", 0), ("m:2", 101)]),
            format!(
                "{validation}'101' at 'routingConfiguration.2.member.weight' failed to satisfy constraint: \
                 Member must have value less than or equal to 100"
            ),
        ),
        (
            json!([{"stateMachineVersionArn": arn("m:1")}]),
            format!(
                "{validation}null at 'routingConfiguration.1.member.weight' failed to satisfy constraint: \
                 Member must not be null"
            ),
        ),
        (
            routes(&[("m", 70), ("m:2", 30)]),
            format!(
                "Routing configuration must contain state machine version ARNs. Received: [{}, {}]",
                arn("m"),
                arn("m:2")
            ),
        ),
        (
            routes(&[("m:PROD", 100)]),
            format!("Routing configuration must contain state machine version ARNs. Received: [{}]", arn("m:PROD")),
        ),
        (
            routes(&[("m:1", 50), ("m:1", 50)]),
            format!(
                "Routing configuration must contain distinct state machine version ARNs. Received: [{}, {}]",
                arn("m:1"),
                arn("m:1")
            ),
        ),
        (
            routes(&[("m:1", 70), ("m:2", 29)]),
            "Sum of routing configuration weights must equal 100. Received: [70, 29]".to_owned(),
        ),
        (routes(&[("m:1", 99)]), "Sum of routing configuration weights must equal 100. Received: [99]".to_owned()),
        (
            routes(&[("m:1", 50), ("other:1", 50)]),
            format!(
                "Routing configuration must contain state machine version ARNs of the same state machine. \
                 Received: [{}, {}]",
                arn("m:1"),
                arn("other:1")
            ),
        ),
    ] {
        let expected = format!("ValidationException: {error}");
        let request = json!({"name": "a", "routingConfiguration": given});
        assert_eq!(server.refused("CreateStateMachineAlias", request).await, expected);
        let request = json!({"stateMachineAliasArn": arn("m:PROD"), "routingConfiguration": given});
        assert_eq!(server.refused("UpdateStateMachineAlias", request).await, expected);
    }
    for missing in ["m:4", "x:1"] {
        let request = json!({"name": "a", "routingConfiguration": routes(&[(missing, 100)])});
        assert_eq!(server.refused("CreateStateMachineAlias", request).await, NOT_FOUND, "{missing}");
    }
    let request = json!({"stateMachineAliasArn": arn("m:PROD"), "routingConfiguration": routes(&[("m:4", 100)])});
    assert_eq!(server.refused("UpdateStateMachineAlias", request).await, NOT_FOUND);
    let answer = server.call("UpdateStateMachineAlias", json!({"stateMachineAliasArn": arn("m:PROD")})).await;
    assert_eq!((&answer.body["reason"], answer.status), (&json!("MISSING_REQUIRED_PARAMETER"), 400));
    let request = json!({"name": "a", "routingConfiguration": routes(&[("m:1", 99)])});
    let answer = server.call("CreateStateMachineAlias", request).await;
    assert_eq!(answer.body["reason"], "INVALID_ROUTING_CONFIGURATION");
    let request = json!({"name": "12", "routingConfiguration": routes(&[("m:1", 100)])});
    assert_eq!(
        server.refused("CreateStateMachineAlias", request).await,
        format!(
            "ValidationException: {validation}'12' at 'name' failed to satisfy constraint: Member must satisfy \
             regular expression pattern: ^(?=.*[a-zA-Z_\\-\\.])[a-zA-Z0-9_\\-\\.]+$"
        )
    );
    assert_eq!(describe(&server, "m:PROD").await["routingConfiguration"], routes(&[("m:1", 100)]));
}

#[tokio::test]
async fn a_name_is_given_once() {
    let server = server().await;
    let request = json!({"name": "PROD", "description": "d", "routingConfiguration": routes(&[("m:1", 100)])});
    server.ok("CreateStateMachineAlias", request.clone()).await;
    for (member, value) in [
        ("description", json!("e")),
        ("description", json!(null)),
        ("routingConfiguration", routes(&[("m:2", 100)])),
        ("routingConfiguration", routes(&[("m:1", 50), ("m:2", 50)])),
    ] {
        let mut other = request.clone();
        other[member] = value;
        let error = server.refused("CreateStateMachineAlias", other).await;
        assert_eq!(
            error,
            "ConflictException: Failed to create alias because an alias with the same name and a different routing \
             configuration already exists."
        );
    }
    // Another state machine has names of its own.
    assert_eq!(create(&server, "PROD", &[("other:1", 100)]).await["stateMachineAliasArn"], arn("other:PROD"));
}

#[tokio::test]
async fn aliases_are_listed_by_name_in_pages() {
    let server = server().await;
    for (name, leads_to) in [("c", &[("m:1", 0), ("m:2", 100)][..]), ("a", &[("m:1", 100)]), ("b", &[("m:2", 100)])] {
        create(&server, name, leads_to).await;
    }
    let list = async |request: Value| {
        let page = server.ok("ListStateMachineAliases", request).await;
        let aliases = page["stateMachineAliases"].as_array().expect("a list").clone();
        let name =
            |alias: &Value| alias["stateMachineAliasArn"].as_str().map(|arn| arn.rsplit(':').next().map(str::to_owned));
        (
            aliases.iter().filter_map(|alias| name(alias).flatten()).collect::<Vec<_>>().join(" "),
            page["nextToken"].clone(),
        )
    };
    for (machine, expected) in [("m", "a b c"), ("m:1", "a c"), ("m:2", "b c"), ("m:3", ""), ("other", "")] {
        assert_eq!(list(json!({"stateMachineArn": arn(machine)})).await, (expected.to_owned(), Value::Null));
    }
    let (first, token) = list(json!({"stateMachineArn": arn("m"), "maxResults": 2})).await;
    assert_eq!(first, "a b");
    let request = json!({"stateMachineArn": arn("m"), "maxResults": 2, "nextToken": token});
    assert_eq!(list(request).await, ("c".to_owned(), Value::Null));
    for (request, error) in [
        (
            json!({"stateMachineArn": arn("m:1"), "nextToken": token}),
            "InvalidToken: Invalid Token: 'Invalid token'".to_owned(),
        ),
        (
            json!({"stateMachineArn": arn("x")}),
            format!("StateMachineDoesNotExist: State Machine Does Not Exist: '{}'", arn("x")),
        ),
        (json!({"stateMachineArn": arn("m:9")}), NOT_FOUND.to_owned()),
    ] {
        assert_eq!(server.refused("ListStateMachineAliases", request).await, error);
    }
}

#[tokio::test]
async fn a_version_that_an_alias_leads_to_stays() {
    let server = server().await;
    create(&server, "b", &[("m:1", 0), ("m:2", 100)]).await;
    create(&server, "a", &[("m:1", 100)]).await;
    let delete = json!({"stateMachineVersionArn": arn("m:1")});
    let referenced = |names: &str| {
        format!(
            "ConflictException: Version to be deleted must not be referenced by an alias. \
             Current list of aliases referencing this version: [{names}]"
        )
    };
    assert_eq!(server.refused("DeleteStateMachineVersion", delete.clone()).await, referenced("a, b"));
    server.ok("DeleteStateMachineAlias", json!({"stateMachineAliasArn": arn("m:a")})).await;
    assert_eq!(server.refused("DeleteStateMachineVersion", delete.clone()).await, referenced("b"));
    let change = json!({"stateMachineAliasArn": arn("m:b"), "routingConfiguration": routes(&[("m:2", 100)])});
    server.ok("UpdateStateMachineAlias", change).await;
    server.ok("DeleteStateMachineVersion", delete).await;
}

#[tokio::test]
async fn a_deleted_alias_is_gone() {
    let server = server().await;
    create(&server, "PROD", &[("m:1", 100)]).await;
    let alias = json!({"stateMachineAliasArn": arn("m:PROD")});
    for _ in 0..2 {
        assert_eq!(server.ok("DeleteStateMachineAlias", alias.clone()).await, json!({}));
    }
    assert_eq!(server.refused("DescribeStateMachineAlias", alias.clone()).await, NOT_FOUND);
    let update = json!({"stateMachineAliasArn": arn("m:PROD"), "description": "d"});
    assert_eq!(server.refused("UpdateStateMachineAlias", update).await, NOT_FOUND);
    let error = server.refused("StartExecution", json!({"stateMachineArn": arn("m:PROD")})).await;
    assert_eq!(error, format!("StateMachineDoesNotExist: State Machine Does Not Exist: '{}'", arn("m:PROD")));
    for operation in ["DescribeStateMachineAlias", "DeleteStateMachineAlias"] {
        for (other, error) in [
            ("x".to_owned(), "InvalidArn: Invalid Arn: 'Invalid ARN prefix: x'"),
            (arn("m"), "InvalidArn: Invalid Arn: 'Resource type not valid in this context: stateMachine'"),
            (arn("m:1"), "InvalidArn: Invalid Arn: 'Resource type not valid in this context: stateMachine'"),
        ] {
            assert_eq!(server.refused(operation, json!({"stateMachineAliasArn": other})).await, error, "{operation}");
        }
    }
    // Aliases go with their state machine.
    create(&server, "PROD", &[("m:1", 100)]).await;
    server.ok("DeleteStateMachine", json!({"stateMachineArn": arn("m")})).await;
    assert_eq!(server.refused("DescribeStateMachineAlias", alias).await, NOT_FOUND);
}

#[tokio::test]
async fn executions_are_split_by_weight() {
    let server = server().await;
    create(&server, "PROD", &[("m:1", 80), ("m:3", 20)]).await;
    create(&server, "OLD", &[("m:1", 100), ("m:2", 0)]).await;
    let start = async |machine: &str, times: usize| {
        for _ in 0..times {
            server.ok("StartExecution", json!({"stateMachineArn": arn(machine)})).await;
        }
    };
    start("m:PROD", 500).await;
    start("m:OLD", 20).await;
    start("m:3", 3).await;
    start("m", 2).await;
    let list = async |machine: &str| {
        let list = server.ok("ListExecutions", json!({"stateMachineArn": arn(machine), "maxResults": 1000})).await;
        list["executions"].as_array().expect("a list").clone()
    };
    let through = list("m:PROD").await;
    assert_eq!(through.len(), 500);
    assert!(through.iter().all(|execution| execution["stateMachineAliasArn"] == arn("m:PROD")));
    // Of 500 with 80 percent, 400 are expected; this leaves eight standard deviations on either side.
    let first = through.iter().filter(|execution| execution["stateMachineVersionArn"] == arn("m:1")).count();
    assert!((330..=470).contains(&first), "{first}");
    assert_eq!(list("m:1").await.len(), first + 20);
    assert_eq!(list("m:2").await.len(), 0);
    assert_eq!(list("m:3").await.len(), 500 - first + 3);
    assert_eq!(list("m").await.len(), 525);

    let through = list("m:OLD").await;
    let execution = server.ok("DescribeExecution", json!({"executionArn": through[0]["executionArn"]})).await;
    let shown =
        ["stateMachineArn", "stateMachineVersionArn", "stateMachineAliasArn"].map(|member| execution[member].clone());
    assert_eq!(shown, [arn("m"), arn("m:1"), arn("m:OLD")].map(Value::from));
    let machine = json!({"executionArn": through[0]["executionArn"]});
    assert_eq!(server.ok("DescribeStateMachineForExecution", machine).await["roleArn"], ROLE);
}

#[tokio::test]
async fn an_alias_changes_what_is_started_later() {
    let server = server().await;
    create(&server, "PROD", &[("m:1", 100)]).await;
    let role = async |name: &str| {
        let started = server.ok("StartExecution", json!({"stateMachineArn": arn("m:PROD"), "name": name})).await;
        let execution = json!({"executionArn": started["executionArn"]});
        server.ok("DescribeStateMachineForExecution", execution).await["roleArn"].clone()
    };
    assert_eq!(role("a").await, ROLE);
    let change = json!({"stateMachineAliasArn": arn("m:PROD"), "routingConfiguration": routes(&[("m:2", 100)])});
    server.ok("UpdateStateMachineAlias", change).await;
    assert_eq!(role("b").await, format!("{ROLE}2"));
}

#[tokio::test]
async fn a_state_machine_has_a_hundred_aliases_at_most() {
    let server = server().await;
    for number in 0..100 {
        create(&server, &format!("a{number}"), &[("m:1", 100)]).await;
    }
    let request = json!({"name": "b", "routingConfiguration": routes(&[("m:1", 100)])});
    let error = server.refused("CreateStateMachineAlias", request.clone()).await;
    assert!(error.starts_with("ServiceQuotaExceededException: "), "{error}");
    create(&server, "a7", &[("m:1", 100)]).await;
    server.ok("DeleteStateMachineAlias", json!({"stateMachineAliasArn": arn("m:a7")})).await;
    server.ok("CreateStateMachineAlias", request).await;
}

#[tokio::test]
async fn aliases_are_neither_described_nor_tagged_as_state_machines() {
    let server = server().await;
    create(&server, "PROD", &[("m:1", 100)]).await;
    let error = server.refused("DescribeStateMachine", json!({"stateMachineArn": arn("m:PROD")})).await;
    assert_eq!(error, format!("StateMachineDoesNotExist: State Machine Does Not Exist: '{}'", arn("m:PROD")));
    let error = server.refused("ListTagsForResource", json!({"resourceArn": arn("m:PROD")})).await;
    assert_eq!(error, format!("ResourceNotFound: Resource not found: '{}'", arn("m:PROD")));
}
