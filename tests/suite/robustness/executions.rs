//! Many executions at once, and executions that never rest: the others don't notice.

use super::on_the_programs_threads;
use crate::server::{PREFIX, ROLE, Server};
use serde_json::{Value, json};
use std::sync::Arc;
use std::time::{Duration, Instant};
use stepwell::arn::Namespace;
use stepwell::asl::{MachineType, Program};
use stepwell::clock::Clock;
use stepwell::config::Config;
use stepwell::emulator::Emulator;
use stepwell::engine::{Engine, Rules, Start, Status};
use stepwell::integrations::Services;
use stepwell::logging::Logs;
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
    let (services, logs) = (Services::new(&Config::default()), Logs::new(None, None));
    (Engine::new(clock, services, logs, Rules::default(), 1, activity_exists), namespace)
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
        update_date: Timestamp::from_millis(0),
        revision: None,
        publish: false,
        version_description: None,
        tags: Vec::new(),
        status: registry::Status::Active,
    })
}

fn start(namespace: &Namespace, machine: &Arc<StateMachine>, name: &str) -> Start {
    Start {
        association: None,
        namespace: namespace.clone(),
        machine: machine.clone(),
        name: Some(name.into()),
        input: stepwell::json::Value::Null,
        mocks: None,
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

/// A server whose workflows go by the time of day, because it is the timers themselves that are tested here.
async fn server_on_the_systems_clock() -> Server {
    let emulator = Arc::new(Emulator::new(Config::default(), Clock::System));
    let listener = tokio::net::TcpListener::bind("127.0.0.1:0").await.expect("a free port");
    let address = listener.local_addr().expect("an address");
    tokio::spawn(stepwell::server::serve(listener, emulator.clone(), std::future::pending()));
    Server { address, emulator }
}

const WAIT_THEN_MAP: &str = r#"{"StartAt":"A","States":{"A":{"Type":"Wait","TimestampPath":"$.due","Next":"B"},
    "B":{"Type":"Map","ItemsPath":"$.items","End":true,
        "ItemProcessor":{"StartAt":"C","States":{"C":{"Type":"Pass","End":true}}}}}}"#;

/// All of them wait for the same moment, after which each has some work to do.
#[test]
fn ten_thousand_executions_wait_and_go_on_all_at_once_while_others_are_served() {
    const COUNT: usize = 10_000;
    on_the_programs_threads(async {
        let server = server_on_the_systems_clock().await;
        let (engine, namespace) = (&server.emulator.engine, &server.emulator.config.namespace);
        let started = machine(namespace, super::values::program(WAIT_THEN_MAP));
        create(&server, "m", WAIT).await;
        let start_all = |names: std::ops::Range<usize>, due: Timestamp| {
            let begin = Instant::now();
            for i in names {
                let input = format!(r#"{{"due":"{due}","items":[1,2,3,4,5]}}"#);
                let input = stepwell::json::Value::parse(&input).expect("JSON");
                engine.start(Start { input, ..start(namespace, &started, &i.to_string()) }).expect("started");
            }
            begin.elapsed()
        };
        // As soon as possible, but not before the last of them has been started.
        let some = start_all(0..COUNT / 100, engine.now());
        let due = engine.now().plus_millis(500 + 300 * some.as_millis() as i64);
        println!("starting {COUNT} executions took {:?}", start_all(COUNT / 100..COUNT, due));
        assert!(engine.now() < due, "they should all wait now");
        let mut slowest = Duration::ZERO;
        let list = async |status: &str| {
            let request = json!({"stateMachineArn": format!("{PREFIX}:stateMachine:m"), "statusFilter": status});
            server.ok("ListExecutions", request).await["executions"].as_array().map_or(0, Vec::len)
        };
        assert_eq!(list("RUNNING").await, 100);
        let end = loop {
            let begin = Instant::now();
            let running = list("RUNNING").await;
            slowest = slowest.max(begin.elapsed());
            if running == 0 {
                break engine.now();
            }
            tokio::time::sleep(Duration::from_millis(5)).await;
        };
        println!("all went on within {} ms; the slowest request took {slowest:?}", end.millis() - due.millis());
        assert!(slowest < Duration::from_secs(1), "{slowest:?}");
        for i in 0..COUNT {
            let status = engine.describe(namespace, "m", &i.to_string()).expect("an execution").summary.status;
            assert_eq!(status, Status::Succeeded, "execution {i}");
        }
    });
}

/// Thousands of branches, each of which goes round in circles.
#[test]
fn an_execution_is_stopped_while_thousands_of_steps_are_due() {
    on_the_programs_threads(async {
        let server = Server::start().await;
        let branch = |i: usize| {
            format!(
                r#"{{"StartAt":"A{i}","States":{{"A{i}":{{"Type":"Pass","Next":"B{i}"}},"B{i}":{{"Type":"Choice","Choices":
                    [{{"Variable":"$","IsNull":true,"Next":"C{i}"}}],"Default":"A{i}"}},"C{i}":{{"Type":"Succeed"}}}}}}"#
            )
        };
        let branches: Vec<String> = (0..2000).map(branch).collect();
        let definition = format!(
            r#"{{"StartAt":"P","States":{{"P":{{"Type":"Parallel","End":true,"Branches":[{}]}}}}}}"#,
            branches.join(",")
        );
        let machine = create(&server, "m", &definition).await;
        // On a busy machine an execution may come to its last event before it is told to stop.
        for _ in 0..10 {
            let execution =
                server.ok("StartExecution", json!({"stateMachineArn": machine})).await["executionArn"].clone();
            let begin = Instant::now();
            server.ok("StopExecution", json!({"executionArn": execution})).await;
            assert!(begin.elapsed() < Duration::from_secs(1), "{:?}", begin.elapsed());
            let described = server.ok("DescribeExecution", json!({"executionArn": execution})).await;
            if described["status"] == "ABORTED" {
                let last = json!({"executionArn": execution, "reverseOrder": true, "maxResults": 1});
                let last = server.ok("GetExecutionHistory", last).await["events"][0].clone();
                assert_eq!(last["type"], "ExecutionAborted");
                assert!(last["id"].as_i64() < Some(25_000), "it was too late: {last}");
                return;
            }
        }
        panic!("none could be stopped");
    });
}

#[test]
fn five_thousand_branches_wait_and_end_together() {
    let (engine, namespace) = engine(|_| true);
    let wait =
        |i: usize| format!(r#"{{"StartAt":"A{i}","States":{{"A{i}":{{"Type":"Wait","Seconds":1,"End":true}}}}}}"#);
    let branches: Vec<String> = (0..5000).map(wait).collect();
    let definition = format!(
        r#"{{"StartAt":"P","States":{{"P":{{"Type":"Parallel","End":true,"Branches":[{}]}}}}}}"#,
        branches.join(",")
    );
    let machine = machine(&namespace, super::values::program(&definition));
    // The last slices are taken by tasks, so that this must run inside a runtime.
    on_the_programs_threads(async move {
        for name in ["first", "second"] {
            engine.start(start(&namespace, &machine, name)).expect("started");
        }
        let running = || engine.is_running(&namespace, "m");
        let begun = |name| engine.history(&namespace, "m", name, |history| history.len()).unwrap_or_default();
        while begun("first") + begun("second") < 2 * 5003 {
            tokio::task::yield_now().await;
        }
        engine.stop(&namespace, "m", "second", None, None).expect("an execution").expect("no child");
        engine.advance(Duration::from_secs(1));
        while running() {
            tokio::task::yield_now().await;
        }
        let described = |name| engine.describe(&namespace, "m", name).expect("an execution").summary.status;
        assert_eq!((described("first"), described("second")), (Status::Succeeded, Status::Aborted));
        assert_eq!((begun("first"), begun("second")), (3 + 2 * 5000 + 3, 5004));
    });
}
