//! Requests that come at the same moment and concern the same thing.

use super::client::Client;
use super::on_the_programs_threads;
use crate::server::{PREFIX, ROLE, Server};
use serde_json::{Value, json};
use std::collections::BTreeSet;
use std::time::Duration;

const WAIT: &str = r#"{"StartAt":"A","States":{"A":{"Type":"Wait","Seconds":9,"Next":"B"},"B":{"Type":"Succeed"}}}"#;

fn machine() -> String {
    format!("{PREFIX}:stateMachine:m")
}

/// Sends calls at the same moment, each on a connection of its own; gives their answers.
async fn at_once(server: &Server, calls: Vec<(&'static str, Value)>) -> Vec<(u16, Value)> {
    let start = std::sync::Arc::new(tokio::sync::Barrier::new(calls.len()));
    let mut running = Vec::new();
    for (operation, input) in calls {
        let (mut client, start) = (Client::connect(server.address).await, start.clone());
        running.push(tokio::spawn(async move {
            start.wait().await;
            let answer = client.call(operation, &input).await;
            (answer.status, answer.body)
        }));
    }
    let mut answers = Vec::new();
    for call in running {
        answers.push(call.await.expect("an answer"));
    }
    answers
}

fn create(definition: &str) -> Value {
    json!({"name": "m", "definition": definition, "roleArn": ROLE})
}

fn different(answers: &[(u16, Value)]) -> BTreeSet<String> {
    answers.iter().map(|(status, body)| format!("{status} {body}")).collect()
}

#[test]
fn of_many_executions_with_one_name_there_is_one() {
    on_the_programs_threads(async {
        let server = Server::start().await;
        server.ok("CreateStateMachine", create(WAIT)).await;
        for round in 0..10 {
            let start = json!({"stateMachineArn": machine(), "name": format!("e{round}"), "input": "{}"});
            let answers = at_once(&server, vec![("StartExecution", start); 20]).await;
            assert_eq!(different(&answers).len(), 1, "{answers:?}");
            assert_eq!(answers[0].0, 200);
            let other = |i| json!({"stateMachineArn": machine(), "name": format!("f{round}"), "input": format!("{i}")});
            let answers = at_once(&server, (0..10).map(|i| ("StartExecution", other(i))).collect()).await;
            assert_eq!(answers.iter().filter(|(status, _)| *status == 200).count(), 1, "{answers:?}");
            assert_eq!(different(&answers).len(), 2, "{answers:?}");
        }
        let list = server.ok("ListExecutions", json!({"stateMachineArn": machine()})).await;
        assert_eq!(list["executions"].as_array().map(Vec::len), Some(20));
    });
}

#[test]
fn of_many_state_machines_with_one_name_there_is_one() {
    on_the_programs_threads(async {
        let server = Server::start().await;
        for _ in 0..10 {
            let answers = at_once(&server, vec![("CreateStateMachine", create(WAIT)); 20]).await;
            assert_eq!(different(&answers).len(), 1, "{answers:?}");
            assert_eq!(answers[0].0, 200);
            let others: Vec<_> =
                (1..=10).map(|i| ("CreateStateMachine", create(&WAIT.replace('9', &i.to_string())))).collect();
            let answers = at_once(&server, others).await;
            assert_eq!(answers.iter().filter(|(status, _)| *status == 200).count(), 1, "only the one with 9 seconds");
            let delete = ("DeleteStateMachine", json!({"stateMachineArn": machine()}));
            assert_eq!(different(&at_once(&server, vec![delete; 5]).await), BTreeSet::from(["200 {}".to_owned()]));
        }
        assert_eq!(server.ok("ListStateMachines", json!({})).await, json!({"stateMachines": []}));
    });
}

/// Whichever comes first: an execution that was started ends at its next transition, because its machine was deleted.
#[test]
fn no_execution_outlives_its_deleted_machine() {
    on_the_programs_threads(async {
        let server = Server::start().await;
        for round in 0..200 {
            server.ok("CreateStateMachine", create(WAIT)).await;
            let mut calls = vec![("StartExecution", json!({"stateMachineArn": machine()})); 3];
            calls.insert(round % 4, ("DeleteStateMachine", json!({"stateMachineArn": machine()})));
            let answers = at_once(&server, calls).await;
            server.emulator.engine.advance(Duration::from_secs(9));
            for (_, body) in answers.iter().filter(|(_, body)| body.get("executionArn").is_some()) {
                let execution = server.ok("DescribeExecution", json!({"executionArn": body["executionArn"]})).await;
                assert_eq!(execution["cause"], "State machine m has been deleted.", "round {round}: {execution}");
            }
        }
    });
}

/// A list shows what was started since the machine was created, and nothing that a deleted one of its name has left.
#[test]
fn a_list_begins_when_its_machine_is_created() {
    on_the_programs_threads(async {
        let server = Server::start().await;
        for round in 0..200 {
            let mut calls = vec![("CreateStateMachine", create(WAIT)); 2];
            calls.resize(6, ("StartExecution", json!({"stateMachineArn": machine()})));
            let answers = at_once(&server, calls).await;
            let started: BTreeSet<&str> =
                answers.iter().filter_map(|(_, body)| body["executionArn"].as_str()).collect();
            let list = server.ok("ListExecutions", json!({"stateMachineArn": machine()})).await;
            let listed = list["executions"].as_array().expect("a list").iter();
            let listed: BTreeSet<&str> = listed.filter_map(|execution| execution["executionArn"].as_str()).collect();
            assert_eq!(listed, started, "round {round}");
            server.ok("DeleteStateMachine", json!({"stateMachineArn": machine()})).await;
            server.emulator.engine.advance(Duration::from_secs(9));
        }
    });
}
