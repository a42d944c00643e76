//! The official SDK as the client.

use crate::server::{PASS, ROLE, Server};
use aws_sdk_sfn::Client;
use aws_sdk_sfn::config::{Credentials, Region};
use aws_sdk_sfn::error::ProvideErrorMetadata;
use aws_sdk_sfn::operation::RequestId;
use aws_sdk_sfn::types::{ExecutionStatus, HistoryEventType, StateMachineStatus};

async fn client() -> (Server, Client) {
    let server = Server::start().await;
    let config = aws_sdk_sfn::Config::builder()
        .behavior_version_latest()
        .region(Region::new("eu-west-1"))
        .credentials_provider(Credentials::new("000000000001", "secret", None, None, "test"))
        .endpoint_url(format!("http://{}", server.address))
        .http_client(aws_smithy_http_client::Builder::new().build_http())
        .build();
    (server, Client::from_conf(config))
}

#[tokio::test]
async fn the_sdk_understands_the_answers() {
    let (_server, client) = client().await;
    let created =
        client.create_state_machine().name("m").definition(PASS).role_arn(ROLE).send().await.expect("created");
    assert_eq!(created.state_machine_arn(), "arn:aws:states:eu-west-1:000000000001:stateMachine:m");
    let described = client.describe_state_machine().state_machine_arn(created.state_machine_arn()).send().await;
    let described = described.expect("described");
    assert_eq!((described.definition(), described.status()), (PASS, Some(&StateMachineStatus::Active)));
    assert_eq!(described.creation_date(), created.creation_date());
    assert_eq!(created.creation_date().secs(), 1_700_000_000);

    let start = client.start_execution().state_machine_arn(created.state_machine_arn()).name("e").input("{\"a\":1}");
    let started = start.send().await.expect("started");
    let execution = client.describe_execution().execution_arn(started.execution_arn()).send().await.expect("described");
    assert_eq!((execution.name(), execution.input()), (Some("e"), Some("{\"a\":1}")));
    assert_eq!(execution.start_date(), started.start_date());
    let history =
        client.get_execution_history().execution_arn(started.execution_arn()).send().await.expect("a history");
    assert_eq!(history.events()[0].r#type(), &HistoryEventType::ExecutionStarted);
    let list = client.list_executions().state_machine_arn(created.state_machine_arn()).send().await.expect("a list");
    assert!(matches!(list.executions()[0].status(), ExecutionStatus::Running | ExecutionStatus::Succeeded));
    client.stop_execution().execution_arn(started.execution_arn()).send().await.expect("stopped");
    client.delete_state_machine().state_machine_arn(created.state_machine_arn()).send().await.expect("deleted");
}

#[tokio::test]
async fn the_sdk_turns_pages() {
    let (_server, client) = client().await;
    for name in ["a", "b", "c"] {
        client.create_activity().name(name).send().await.expect("created");
    }
    let mut pages = client.list_activities().max_results(2).into_paginator().items().send();
    let mut names = Vec::new();
    while let Some(activity) = pages.next().await {
        names.push(activity.expect("an activity").name().to_owned());
    }
    assert_eq!(names, ["a", "b", "c"]);
}

#[tokio::test]
async fn the_sdk_understands_the_errors() {
    let (_server, client) = client().await;
    let arn = "arn:aws:states:eu-west-1:000000000001:stateMachine:m";
    let error = client.start_execution().state_machine_arn(arn).send().await.expect_err("refused");
    assert!(error.request_id().is_some_and(|id| id.len() == 36));
    let error = error.into_service_error();
    assert!(error.is_state_machine_does_not_exist());
    assert_eq!(error.message(), Some(format!("State Machine Does Not Exist: '{arn}'").as_str()));
    let error = client.list_state_machines().max_results(1001).send().await.expect_err("refused").into_service_error();
    assert_eq!(error.code(), Some("ValidationException"));
    let arn = format!("{arn}:PROD");
    let alias = client.describe_state_machine_alias().state_machine_alias_arn(arn).send().await.expect_err("refused");
    assert!(alias.into_service_error().is_resource_not_found());
    let worker = client.send_task_heartbeat().task_token("x").send().await.expect_err("refused").into_service_error();
    assert!(worker.is_invalid_token());
}
