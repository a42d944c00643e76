//! Many executions at once, and executions that never rest: the others don't notice.

use super::on_the_programs_threads;
use crate::server::{ROLE, Server};
use serde_json::{Value, json};
use std::sync::Arc;
use std::time::{Duration, Instant};
use stepwell::arn::Namespace;
use stepwell::asl::{MachineType, Program};
use stepwell::clock::Clock;
use stepwell::config::Config;
use stepwell::engine::{Engine, Start, Status};
use stepwell::integrations::Lambda;
use stepwell::registry::{self, Encryption, Logging, StateMachine};
use stepwell::timestamp::Timestamp;

async fn create(server: &Server, name: &str, definition: &str) -> Value {
    let request = json!({"name": name, "definition": definition, "roleArn": ROLE});
    server.ok("CreateStateMachine", request).await["stateMachineArn"].clone()
}

/// Goes on until its history is full; each step looks at thousands of values.
const SPIN: &str = r#"{"StartAt":"A","States":{
    "A":{"Type":"Pass","Parameters":{"list.$":"$.list","found.$":"$.list[?(@ > 4990)]"},"Next":"B"},
    "B":{"Type":"Choice","Choices":[{"Variable":"$.list","IsNull":true,"Next":"C"}],"Default":"A"},
    "C":{"Type":"Succeed"}}}"#;

#[test]
fn executions_that_never_rest_leave_time_for_others() {
    on_the_programs_threads(async {
        let server = Server::start().await;
        let machine = create(&server, "spin", SPIN).await;
        let list: Vec<u32> = (0..5000).collect();
        let input = json!({"list": list}).to_string();
        let mut slowest = Duration::ZERO;
        for i in 0..40 {
            let begin = Instant::now();
            if i < 6 {
                server.ok("StartExecution", json!({"stateMachineArn": machine, "input": input})).await;
            } else {
                server.ok("ListExecutions", json!({"stateMachineArn": machine})).await;
            }
            slowest = slowest.max(begin.elapsed());
        }
        let running = server.ok("ListExecutions", json!({"stateMachineArn": machine, "statusFilter": "RUNNING"})).await;
        assert_eq!(running["executions"].as_array().map(Vec::len), Some(6), "they rest already");
        println!("the slowest of 40 requests beside six busy executions took {slowest:?}");
        assert!(slowest < Duration::from_secs(1), "{slowest:?}");
    });
}

const WAIT_THEN_TASK: &str = r#"{"StartAt":"A","States":{"A":{"Type":"Wait","Seconds":1,"Next":"B"},
    "B":{"Type":"Task","Resource":"arn:aws:states:us-east-1:123456789012:activity:a","End":true}}}"#;

const WAIT: &str = r#"{"StartAt":"A","States":{"A":{"Type":"Wait","Seconds":1,"End":true}}}"#;

/// An engine alone, and a namespace for what runs in it.
fn engine(activity_exists: impl Fn(&str) -> bool + Send + Sync + 'static) -> (Engine, Namespace) {
    let clock = Clock::at(Timestamp::from_millis(0));
    let namespace = Namespace { account: "123456789012".into(), region: "us-east-1".into() };
    (Engine::new(clock, Lambda::new(&Config::default()), 1.0, 1, activity_exists), namespace)
}

fn machine(namespace: &Namespace, program: Arc<Program>) -> Arc<StateMachine> {
    Arc::new(StateMachine {
        name: "m".into(),
        arn: namespace.state_machine_arn("m"),
        definition: "{}".into(),
        program,
        role_arn: ROLE.into(),
        machine_type: MachineType::Standard,
        logging: Logging::default(),
        tracing: false,
        encryption: Encryption::default(),
        creation_date: Timestamp::from_millis(0),
        tags: Vec::new(),
        status: registry::Status::Active,
    })
}

fn start(namespace: &Namespace, machine: &Arc<StateMachine>, name: &str) -> Start {
    Start {
        namespace: namespace.clone(),
        machine: machine.clone(),
        name: Some(name.into()),
        input: stepwell::json::Value::Null,
        trace_header: None,
    }
}

#[test]
fn a_bug_ends_the_execution_that_met_it_and_no_other() {
    let (engine, namespace) = engine(|_| panic!("an invented bug"));
    let [task, wait] = [WAIT_THEN_TASK, WAIT].map(|text| machine(&namespace, super::values::program(text)));
    engine.start(start(&namespace, &task, "first")).expect("started");
    engine.start(start(&namespace, &wait, "second")).expect("started");
    engine.advance(Duration::from_secs(1));
    let described = |name| engine.describe(&namespace, "m", name).expect("an execution");
    let failed = described("first");
    assert_eq!((failed.summary.status, failed.error.as_deref()), (Status::Failed, Some("States.Runtime")));
    let cause = "Stepwell failed to go on with this execution, which is a bug of Stepwell: an invented bug";
    assert_eq!(failed.cause.as_deref(), Some(cause));
    assert_eq!(described("second").summary.status, Status::Succeeded);
    engine.start(start(&namespace, &wait, "third")).expect("started");
    engine.advance(Duration::from_secs(1));
    assert_eq!(described("third").summary.status, Status::Succeeded);
}
