//! Random requests, definitions, inputs and signals: an answer each time, never an internal failure, and nothing left.

use crate::robustness::client::{Client, call};
use crate::server::{ROLE, Server};
use proptest::prelude::*;
use proptest::sample::select;
use proptest::test_runner::{TestCaseError, TestRunner};
use serde_json::{Value, json};
use std::cell::RefCell;
use std::collections::{BTreeMap, BTreeSet};
use std::sync::Arc;
use std::time::Duration;
use stepwell::asl::{MachineType, Program, parse};
use stepwell::failure::Failure;
use stepwell::history::wire::{ExecutionData, write_event};
use stepwell::interpreter::{Action, Execution, Identity, Signal, TaskId, TimerId};
use stepwell::operations::OPERATIONS;
use stepwell::protocol::{Member, Rule};
use stepwell::timestamp::Timestamp;
use tokio::runtime::Runtime;

fn threads() -> Runtime {
    crate::robustness::threads()
}

/// As many cases, or as PROPTEST_CASES says if that is more.
fn cases(cases: u32) -> ProptestConfig {
    let cases = cases.max(ProptestConfig::default().cases);
    ProptestConfig { cases, failure_persistence: None, ..ProptestConfig::default() }
}

const DEFINITION: &str = r#"{"StartAt":"A","States":{"A":{"Type":"Wait","Seconds":9,"End":true}}}"#;

/// Texts that mean something to a member of this name, and texts that try to.
fn text(name: &str) -> BoxedStrategy<String> {
    let meant: &[&str] = match name {
        "roleArn" => &[ROLE],
        "definition" => &[DEFINITION],
        "name" | "workerName" => &["m", "e", "a", "é", "a b"],
        "input" | "output" => &["{}", "[]", "null", "{\"a\":1}", "{\"a\":", "\u{feff}{}", "1e400", "\"\\ud800\""],
        "stateMachineArn" => &["arn:aws:states:us-east-1:123456789012:stateMachine:m"],
        "executionArn" => &["arn:aws:states:us-east-1:123456789012:execution:m:e"],
        "activityArn" => &["arn:aws:states:us-east-1:123456789012:activity:a"],
        "mapRunArn" => &["arn:aws:states:us-east-1:123456789012:mapRun:m/l:u"],
        _ => &["ALL", "OFF", "STANDARD", "METADATA_ONLY", "RUNNING", "AWS_OWNED_KEY", "k"],
    };
    let strange = [
        "",
        "\0",
        "\u{7f}",
        "😀",
        "arn",
        "arn:",
        "arn:aws:states",
        "arn:aws:states:::",
        "EXPRESS",
        "CUSTOMER_MANAGED_KMS_KEY",
        "arn:aws:states:us-east-1:123456789012:stateMachine:m:1",
        "arn:aws:states:us-east-1:123456789012:stateMachine:m:PROD",
        "arn:aws:states:us-east-1:123456789012:stateMachine:m/l",
        "arn:aws:states:us-east-1:123456789012:execution:m:",
        "arn:aws:states:us-east-1:123456789012:activity:",
    ];
    prop_oneof![
        12 => select(meant.to_vec()).prop_map(str::to_owned),
        2 => select(strange.to_vec()).prop_map(str::to_owned),
        1 => "\\PC{0,12}",
        1 => any::<Vec<u8>>().prop_map(|bytes| String::from_utf8_lossy(&bytes).into_owned()),
        1 => (select(vec!["a", "[", "😀", "\\"]), 0usize..3000).prop_map(|(piece, times)| piece.repeat(times)),
    ]
    .boxed()
}

fn scalar() -> impl Strategy<Value = Value> {
    prop_oneof![
        4 => text("").prop_map(Value::from),
        1 => any::<bool>().prop_map(Value::from),
        1 => any::<i64>().prop_map(Value::from),
        1 => select(vec![-1, 0, 1, 60, 1000, 1001]).prop_map(Value::from),
        1 => any::<f64>().prop_map(Value::from),
        1 => Just(Value::Null),
    ]
}

/// The names of all members of all requests.
fn member() -> impl Strategy<Value = String> {
    let built = OPERATIONS.iter();
    let mut names: Vec<&str> = built.flat_map(|built| built.input.iter().map(|member| member.name)).collect();
    names.extend([
        "key",
        "value",
        "type",
        "level",
        "enabled",
        "cloudWatchLogsLogGroup",
        "logGroupArn",
        "kmsKeyId",
        "stateMachineVersionArn",
        "weight",
        "",
        "é",
    ]);
    names.sort_unstable();
    names.dedup();
    select(names).prop_map(str::to_owned)
}

/// A value for a member: mostly one of the right type.
fn value(name: &'static str, rule: &'static Rule) -> BoxedStrategy<Value> {
    let right = match rule {
        Rule::Text(_) => text(name).prop_map(Value::from).boxed(),
        Rule::Integer { min, max } => {
            prop_oneof![(min - 1..=max + 1).prop_map(Value::from), any::<i64>().prop_map(Value::from)].boxed()
        }
        Rule::AtLeast { min } | Rule::LongAtLeast { min } => {
            prop_oneof![(min - 1..=min + 1).prop_map(Value::from), any::<i64>().prop_map(Value::from)].boxed()
        }
        Rule::Float { min, max } => {
            prop_oneof![(min - 1..=max + 1).prop_map(Value::from), any::<f32>().prop_map(|n| json!(n))].boxed()
        }
        Rule::Boolean => any::<bool>().prop_map(Value::from).boxed(),
        Rule::OneOf(words) => select(words.to_vec()).prop_map(Value::from).boxed(),
        Rule::List(item) => prop::collection::vec(value(name, item), 0..4).prop_map(Value::from).boxed(),
        Rule::ListOf(list) => prop::collection::vec(structure(list.members), 0..4).prop_map(Value::from).boxed(),
        Rule::Structure(members) => structure(members),
    };
    let wrong = scalar().prop_recursive(3, 12, 4, |inner| {
        prop_oneof![
            prop::collection::vec(inner.clone(), 0..4).prop_map(Value::from),
            prop::collection::btree_map(member(), inner, 0..4).prop_map(|members| json!(members)),
        ]
    });
    prop_oneof![12 => right, 1 => wrong].boxed()
}

/// An object with most of these members that are required, and some of the others.
fn structure(members: &'static [Member]) -> BoxedStrategy<Value> {
    let members: Vec<_> = members
        .iter()
        .map(|member| {
            let there = prop::bool::weighted(if member.required { 0.95 } else { 0.3 });
            (there, value(member.name, &member.rule))
                .prop_map(|(there, value)| there.then(|| (member.name.to_owned(), value)))
        })
        .collect();
    members.prop_map(|members| json!(members.into_iter().flatten().collect::<BTreeMap<_, _>>())).boxed()
}

/// An operation with a body for it.
fn request() -> impl Strategy<Value = (&'static str, Vec<u8>)> {
    let built = OPERATIONS.iter().map(|operation| (operation.name, operation.input));
    prop::strategy::Union::new(built.map(|(name, members)| (Just(name), body(members))))
}

/// A body: random bytes, random JSON, the members of a request, or such a request with a byte changed.
fn body(members: &'static [Member]) -> impl Strategy<Value = Vec<u8>> {
    let json = structure(members).prop_map(|json| json.to_string().into_bytes());
    let changed = (structure(members), any::<prop::sample::Index>(), any::<u8>()).prop_map(|(json, place, byte)| {
        let mut bytes = json.to_string().into_bytes();
        let place = place.index(bytes.len());
        bytes[place] = byte;
        bytes
    });
    let literal = select(vec![
        r#"{"maxResults":1e400}"#,
        r#"{"maxResults":-1e400}"#,
        r#"{"maxResults":123456789012345678901234567890}"#,
        r#"{"maxResults":1e-400}"#,
        r#"{"maxResults":00}"#,
        r#"{"maxResults":NaN}"#,
        "{\"maxResults\":1}\0",
        r#"{"name":"a","name":1}"#,
        r#"{"name":1,"name":"a"}"#,
        r#"{"name":"\ud800"}"#,
        r#"{"name":"\udc00\ud800"}"#,
        r#"{"name":"\u0000"}"#,
        "\u{feff}{}",
        "{\"name\":\"\t\"}",
        "[[[[",
        "{\"a\":{\"a\":",
        "\"",
        "\\",
        "{]",
        "[}",
    ]);
    prop_oneof![
        1 => prop::collection::vec(any::<u8>(), 0..200),
        16 => json,
        2 => changed,
        1 => literal.prop_map(|text| text.as_bytes().to_vec()),
        1 => (select(vec!["[", "{\"a\":", "\"a\":["]), 1usize..5000).prop_map(|(open, depth)| open.repeat(depth).into_bytes()),
    ]
}

/// A call whose answer must be one of the API's: 200, or an error with a name. A long poll may go on; it is left.
fn answered(runtime: &Runtime, server: &Server, operation: &str, body: &[u8]) -> Result<Value, TestCaseError> {
    runtime.block_on(async {
        let mut client = Client::connect(server.address).await;
        client.send_bytes(&call(operation, body)).await;
        let answer = match tokio::time::timeout(Duration::from_millis(20), client.answer()).await {
            Err(_) if ["GetActivityTask", "StartSyncExecution"].contains(&operation) => return Ok(Value::Null),
            Err(_) => client.answer().await,
            Ok(answer) => answer,
        };
        let answer = answer.ok_or_else(|| TestCaseError::fail("no answer"))?;
        let shown = || format!("{operation} {}: {} {}", String::from_utf8_lossy(body), answer.status, answer.body);
        let named = answer.body["__type"].as_str().is_some_and(|name| !name.ends_with("InternalFailure"));
        let fits = match answer.status {
            200 => answer.body.is_object() && !named,
            400 | 413 => named,
            _ => false,
        };
        prop_assert!(fits, "{}", shown());
        Ok(answer.body)
    })
}

#[test]
fn every_operation_answers_every_body() {
    let runtime = threads();
    let server = runtime.block_on(runtime.spawn(Server::start())).expect("a server");
    let outcomes = RefCell::new(BTreeMap::new());
    let mut runner = TestRunner::new(cases(1000));
    let outcome = runner.run(&request(), |(operation, body)| {
        let answer = answered(&runtime, &server, operation, &body)?;
        *outcomes.borrow_mut().entry(answer["__type"].as_str().unwrap_or("200").to_owned()).or_insert(0) += 1;
        Ok(())
    });
    outcome.unwrap_or_else(|failure| panic!("{failure}"));
    answered(&runtime, &server, "ListStateMachines", b"{}").expect("a server that goes on");
    // Random requests that get nowhere would test nothing.
    let outcomes = outcomes.into_inner();
    println!("{outcomes:?}");
    assert!(outcomes.len() > 10 && outcomes["200"] > 50, "{outcomes:?}");
}

/// A path, a call or something like it; most find something wherever they stand.
fn expression() -> impl Strategy<Value = &'static str> {
    let anywhere = select(vec![
        "$",
        "$$",
        "$$.Execution.Input",
        "$$.State.EnteredTime",
        "$..a",
        "States.UUID()",
        "States.ArrayRange(1, 9, 2)",
        "States.JsonToString($)",
        "States.Array($, 1)",
        "States.Format('{}', $)",
    ]);
    let somewhere = select(vec![
        "$.a",
        "$.a.b",
        "$.list",
        "$.list[0]",
        "$.list[*]",
        "$.list[?(@.a > 1)]",
        "$$.Map.Item.Value",
        "$$.Map.Item.Index",
        "$$.Task.Token",
        "$.missing",
        "$.n",
        "States.MathAdd($.n, 1)",
        "States.ArrayPartition($.list, 2)",
        "States.JsonMerge($, $.a, false)",
        "States.StringToJson($.text)",
        "States.ArrayUnique($.list)",
        "States.Hash($, 'MD5')",
    ]);
    prop_oneof![9 => anywhere, 1 => somewhere]
}

fn path() -> impl Strategy<Value = &'static str> {
    expression().prop_filter("a path", |text| text.starts_with('$'))
}

fn template() -> impl Strategy<Value = Value> {
    let leaf = prop_oneof![Just(json!(1)), Just(json!("text")), Just(json!(null)), Just(json!([]))];
    leaf.prop_recursive(3, 8, 3, |inner| {
        let computed = (select(vec!["a.$", "list.$", "n.$", "text.$", "time.$"]), expression().prop_map(Value::from));
        let written = (select(vec!["a", "b", "list", "n"]), inner.clone());
        let member = prop_oneof![computed.prop_map(|(name, value)| (name, value)), written];
        prop_oneof![
            prop::collection::btree_map(select(vec![0, 1, 2]), member, 1..3)
                .prop_map(|members| json!(members.into_values().collect::<BTreeMap<_, _>>())),
            prop::collection::vec(inner, 0..3).prop_map(Value::from),
        ]
    })
}

/// The fields of a state, to which its name and its transition are added later.
fn state(depth: u32) -> BoxedStrategy<Value> {
    let field_of = |weight: f64, name: &'static str, value: BoxedStrategy<Value>| {
        prop::option::weighted(weight, value).prop_map(move |value| value.map(|value| (name, value)))
    };
    let field = move |name, value| field_of(0.3, name, value);
    // Most of these lead nowhere and end the execution.
    let selection = move |name| field_of(0.04, name, path().prop_map(Value::from).boxed());
    let place = move || {
        field_of(
            0.8,
            "ResultPath",
            select(vec!["$", "$.r", "$.r", "$.r", "$.r", "$.s", "$.a.b"]).prop_map(Value::from).boxed(),
        )
    };
    let parameters = |name| field(name, template().boxed());
    let error = || select(vec!["States.ALL", "E", "States.Timeout", "States.TaskFailed", "States.DataLimitExceeded"]);
    let retry = (error(), 0u32..4, 0u32..3, select(vec![1.0, 2.0, 1e300])).prop_map(|(error, attempts, seconds, rate)| {
        json!([{"ErrorEquals": [error], "MaxAttempts": attempts, "IntervalSeconds": seconds, "BackoffRate": rate}])
    });
    let catch = error().prop_map(|error| json!([{"ErrorEquals": [error], "Next": "LAST", "ResultPath": "$.error"}]));
    let common = move || {
        vec![
            selection("InputPath").boxed(),
            selection("OutputPath").boxed(),
            place().boxed(),
            parameters("ResultSelector").boxed(),
            field("Retry", retry.clone().boxed()).boxed(),
            field("Catch", catch.clone().boxed()).boxed(),
        ]
    };
    let assemble = |fixed: Value, fields: Vec<Option<(&'static str, Value)>>| {
        let mut state = fixed;
        for (name, value) in fields.into_iter().flatten() {
            state[name] = value;
        }
        state
    };
    let pass = (template(), selection("InputPath"), place(), selection("OutputPath"))
        .prop_map(move |(t, i, p, o)| assemble(json!({"Type": "Pass", "Parameters": t}), vec![i, p, o]));
    let wait = select(vec![
        json!({"Type": "Wait", "Seconds": 1}),
        json!({"Type": "Wait", "Seconds": 0}),
        json!({"Type": "Wait", "SecondsPath": "$$.Execution.Input.n"}),
        json!({"Type": "Wait", "TimestampPath": "$$.Execution.Input.time"}),
        json!({"Type": "Wait", "Timestamp": "1970-01-01T00:00:05Z"}),
    ]);
    let resource = select(vec![
        "arn:aws:states:us-east-1:123456789012:activity:a",
        "arn:aws:lambda:us-east-1:123456789012:function:f",
        "arn:aws:states:::lambda:invoke",
        "arn:aws:states:::lambda:invoke.waitForTaskToken",
    ]);
    let seconds = (prop::option::of(2u32..4), prop::option::of(Just(1u32)));
    let task =
        (resource, template(), seconds, common()).prop_map(move |(resource, input, (timeout, heartbeat), fields)| {
            let mut task = json!({"Type": "Task", "Resource": resource});
            let payload =
                if resource.contains("lambda:invoke") { json!({"FunctionName": "f", "Payload": input}) } else { input };
            task["Parameters"] = payload;
            if let Some(seconds) = timeout {
                task["TimeoutSeconds"] = json!(seconds);
            }
            if let Some(seconds) = heartbeat {
                task["HeartbeatSeconds"] = json!(seconds);
            }
            assemble(task, fields)
        });
    let variable = select(vec!["$", "$$.Execution.Input", "$$.State.Name", "$$.Execution.Id", "$.n"]);
    let choice = (variable, select(vec![("IsPresent", json!(true)), ("NumericGreaterThan", json!(1)), ("StringMatches", json!("*"))]))
        .prop_map(|(variable, (operator, operand))| {
            json!({"Type": "Choice", "Choices": [{"Variable": variable, operator: operand, "Next": "LAST"}], "Default": "NEXT"})
        });
    let fail = select(vec![
        json!({"Type": "Fail"}),
        json!({"Type": "Fail", "Error": "E"}),
        json!({"Type": "Fail", "CausePath": "$.text"}),
    ]);
    let simple =
        prop_oneof![3 => pass, 2 => wait, 3 => task, 2 => choice, 1 => fail, 1 => Just(json!({"Type": "Succeed"}))];
    if depth == 0 {
        return simple.boxed();
    }
    let parallel = (prop::collection::vec(block(depth - 1), 1..4), common())
        .prop_map(move |(branches, fields)| assemble(json!({"Type": "Parallel", "Branches": branches}), fields));
    let mode = prop::bool::weighted(0.3);
    let map = (block(depth - 1), parameters("ItemSelector"), 0u32..3, mode, common()).prop_map(
        move |(block, selector, most, is_distributed, mut fields)| {
            fields.push(selector);
            let mut map = json!({"Type": "Map", "ItemsPath": "$$.Execution.Input.list", "ItemProcessor": block, "MaxConcurrency": most});
            if is_distributed {
                map["ProcessorConfig"] = json!({"Mode": "DISTRIBUTED", "ExecutionType": "STANDARD"});
            }
            assemble(map, fields)
        },
    );
    prop_oneof![4 => simple, 2 => parallel, 2 => map].boxed()
}

/// A block of states, each of which leads to the next one; names are given when the whole is known.
fn block(depth: u32) -> BoxedStrategy<Value> {
    prop::collection::vec(state(depth), 1..5).prop_map(Value::from).boxed()
}

/// The block as the States Language has it, with names that are unique. It begins with a Choice from which every state
/// could be entered, so that none is refused because nothing leads to it.
fn named(block: &Value, names: &mut usize) -> Value {
    let states = block.as_array().expect("states");
    let first = *names;
    *names += states.len() + 2;
    let name = |place: usize| format!("S{}", first + place);
    let (last, entry) = (states.len(), states.len() + 1);
    let mut written = serde_json::Map::new();
    for (place, state) in states.iter().enumerate() {
        let mut state = state.clone();
        match state["Type"].as_str() {
            Some("Choice") => {
                state["Default"] = json!(name(place + 1));
                state["Choices"][0]["Next"] = json!(name(last));
            }
            Some("Fail" | "Succeed") => {}
            _ => state["Next"] = json!(name(place + 1)),
        }
        if let Some(next) = state.pointer_mut("/Catch/0/Next") {
            *next = json!(name(last));
        }
        if let Some(branches) = state.get_mut("Branches").and_then(Value::as_array_mut) {
            branches.iter_mut().for_each(|branch| *branch = named(branch, names));
        }
        let config = state.as_object_mut().and_then(|state| state.remove("ProcessorConfig"));
        if let Some(processor) = state.get_mut("ItemProcessor") {
            *processor = named(processor, names);
            if let Some(config) = config {
                processor["ProcessorConfig"] = config;
            }
        }
        written.insert(name(place), state);
    }
    written.insert(name(last), json!({"Type": "Pass", "End": true}));
    let never = |place| json!({"Variable": "$$.State.Name", "StringEquals": "", "Next": name(place)});
    let choices: Vec<Value> = (0..=last).map(never).collect();
    written.insert(name(entry), json!({"Type": "Choice", "Choices": choices, "Default": name(0)}));
    json!({"StartAt": name(entry), "States": written})
}

fn machine() -> impl Strategy<Value = String> {
    (block(2), prop::option::weighted(0.2, 0u32..9)).prop_map(|(block, timeout)| {
        let mut machine = named(&block, &mut 0);
        if let Some(seconds) = timeout {
            machine["TimeoutSeconds"] = json!(seconds);
        }
        machine.to_string()
    })
}

fn input() -> impl Strategy<Value = Value> {
    let item = prop_oneof![
        Just(json!(1)),
        Just(json!({"a": 2})),
        Just(json!([])),
        Just(json!("x")),
        Just(json!(null)),
        Just(json!(1.5))
    ];
    let object = (item.clone(), prop::collection::vec(item.clone(), 0..5), 0..3i64, prop::bool::ANY).prop_map(
        |(a, list, n, ok)| {
            let text = if ok { "{\"b\": [1]}" } else { "{" };
            json!({"a": a, "list": list, "n": n, "text": text, "time": "1970-01-01T00:00:03Z"})
        },
    );
    prop_oneof![9 => object, 1 => item]
}

/// What happens next; which task or timer it concerns is decided by what there is.
#[derive(Clone, Debug)]
enum Step {
    FireTimers,
    Succeed(usize, Value),
    Fail(usize),
    Begin(usize),
    Beat(usize),
    Stale(u32),
    Together(Vec<Step>),
    Stop,
    Delete,
}

fn step() -> impl Strategy<Value = Step> {
    let step = prop_oneof![
        6 => Just(Step::FireTimers),
        8 => (any::<usize>(), input()).prop_map(|(which, output)| Step::Succeed(which, output)),
        3 => any::<usize>().prop_map(Step::Fail),
        3 => any::<usize>().prop_map(Step::Begin),
        2 => any::<usize>().prop_map(Step::Beat),
        1 => (0u32..40).prop_map(Step::Stale),
    ];
    let several = prop::collection::vec(step.clone(), 1..5).prop_map(Step::Together);
    prop_oneof![20 => step, 6 => several, 1 => Just(Step::Stop), 1 => Just(Step::Delete)]
}

/// An execution and what it waits for.
struct World {
    execution: Execution,
    /// How many steps it takes at a time.
    steps: u32,
    now: Timestamp,
    timers: BTreeMap<TimerId, Timestamp>,
    /// Activity tasks on offer, and calls.
    offers: BTreeMap<TaskId, bool>,
    calls: BTreeMap<TaskId, bool>,
    map_runs: BTreeSet<TaskId>,
}

impl World {
    fn new(program: &Arc<Program>, input: &Value, steps: u32) -> World {
        let now = Timestamp::from_millis(0);
        let identity = Identity {
            arn: "arn:aws:states:us-east-1:123456789012:execution:m:e".into(),
            name: "e".into(),
            role_arn: ROLE.into(),
            machine_arn: "arn:aws:states:us-east-1:123456789012:stateMachine:m".into(),
            machine_name: "m".into(),
            region: "us-east-1".into(),
            start_date: now,
            input: stepwell::json::Value::parse(&input.to_string()).expect("JSON"),
            workflow: Default::default(),
            started_with: None,
        };
        let execution = Execution::new(program.clone(), identity, 1);
        let (timers, offers, calls) = (BTreeMap::new(), BTreeMap::new(), BTreeMap::new());
        World { execution, steps, now, timers, offers, calls, map_runs: BTreeSet::new() }
    }

    fn apply(&mut self, mut signals: Vec<Signal>) {
        while !signals.is_empty() {
            let ended = self.execution.end().is_some();
            let actions = self.execution.apply_within(self.steps, self.now, std::mem::take(&mut signals));
            assert!(!ended || actions.is_empty(), "an execution that has ended wants nothing: {actions:?}");
            for action in actions {
                match action {
                    Action::SetTimer { timer, at, .. } => {
                        assert_eq!(self.timers.insert(timer, at), None, "timers have names of their own");
                    }
                    Action::ClearTimer(timer) => _ = self.timers.remove(&timer),
                    Action::FindActivity { task, .. } if task % 7 == 6 => signals.push(Signal::ActivityMissing(task)),
                    Action::FindActivity { task, .. } => signals.push(Signal::ActivityFound(task)),
                    Action::OfferTask { task, .. } => _ = self.offers.insert(task, false),
                    Action::Invoke { task, .. } => _ = self.calls.insert(task, false),
                    Action::StartMapRun { task, start } => {
                        _ = self.map_runs.insert(task);
                        if start.reads.is_some() {
                            signals.push(Signal::ItemsRead { task, items: vec![stepwell::json::Value::Null; 3] });
                        }
                    }
                    Action::RunItems { task, .. } => {
                        assert!(self.map_runs.contains(&task), "a map run has begun before its items run");
                    }
                    Action::RedriveMapRun { .. } => unreachable!("nothing is redriven"),
                    Action::CancelTask(task) => {
                        self.offers.remove(&task);
                        self.calls.remove(&task);
                        self.map_runs.remove(&task);
                    }
                    Action::FailMapRun(task) => assert!(self.map_runs.remove(&task), "a map run fails once"),
                    Action::Continue => signals.push(Signal::Continue),
                    Action::End => {}
                }
            }
        }
        let waits_for = (self.timers.len(), self.offers.len() + self.calls.len() + self.map_runs.len());
        match self.execution.end() {
            Some(_) => assert_eq!(waits_for, (0, 0), "timers and tasks are left"),
            None => assert_ne!(waits_for, (0, 0), "it waits for nothing"),
        }
    }

    fn signals(&mut self, step: &Step) -> Vec<Signal> {
        let tasks: Vec<TaskId> = self.offers.keys().chain(self.calls.keys()).chain(&self.map_runs).copied().collect();
        let task = |which: usize| tasks.get(which % tasks.len().max(1)).copied();
        let result = |result| move |task| vec![Signal::TaskReported { task, result }];
        if let Step::Succeed(which, _) | Step::Fail(which) = step
            && let Some(task) = task(*which).filter(|task| self.map_runs.remove(task))
        {
            let result = match step {
                Step::Succeed(_, output) => Ok(stepwell::json::Value::parse(&output.to_string()).expect("JSON")),
                _ => Err(Failure::ToleratedFailureThreshold),
            };
            return vec![Signal::MapRunEnded { task, result }];
        }
        match step {
            Step::FireTimers => {
                let Some(next) = self.timers.values().min().copied() else { return vec![] };
                self.now = self.now.max(next);
                let due: Vec<TimerId> = self.timers.iter().filter(|(_, at)| **at == next).map(|(t, _)| *t).collect();
                due.iter().for_each(|timer| _ = self.timers.remove(timer));
                due.into_iter().map(Signal::TimerFired).collect()
            }
            Step::Succeed(which, output) => {
                let output = stepwell::json::Value::parse(&output.to_string()).expect("JSON");
                match task(*which) {
                    Some(task) if self.calls.get(&task) == Some(&false) => {
                        self.calls.insert(task, true);
                        vec![Signal::InvocationEnded { task, result: Ok(output) }]
                    }
                    task => task.map(result(Ok(output))).unwrap_or_default(),
                }
            }
            Step::Fail(which) => task(*which).map(result(Err(Failure::reported("E", "c")))).unwrap_or_default(),
            Step::Begin(which) => {
                task(*which).map(|task| vec![Signal::WorkerStarted { task, worker_name: None }]).unwrap_or_default()
            }
            Step::Beat(which) => task(*which).map(|task| vec![Signal::Heartbeat(task)]).unwrap_or_default(),
            Step::Stale(id) => vec![
                Signal::TimerFired(*id + 1000),
                Signal::TaskReported { task: *id + 1000, result: Ok(stepwell::json::Value::Null) },
                Signal::InvocationEnded { task: *id + 1000, result: Err(Failure::Timeout) },
                Signal::Heartbeat(*id + 1000),
                Signal::Continue,
            ],
            Step::Together(steps) => steps.iter().flat_map(|step| self.signals(step)).collect(),
            Step::Stop => vec![Signal::Stop { error: Some("E".into()), cause: None }],
            Step::Delete => vec![Signal::MachineDeleted],
        }
    }

    fn written(&self) -> String {
        let mut written = String::new();
        for (place, event) in self.execution.history().events().iter().enumerate() {
            let id = place as u32 + 1;
            assert!(event.previous < id, "an event follows an earlier one");
            write_event(id, event, ExecutionData::Included, &mut written);
            written.push('\n');
        }
        written
    }
}

#[test]
fn executions_go_on_or_end_whatever_happens_and_leave_nothing() {
    let (ended, refused) = (RefCell::new(0), RefCell::new(0));
    let mut runner = TestRunner::new(cases(400));
    let outcome =
        runner.run(&(machine(), input(), prop::collection::vec(step(), 0..40)), |(definition, input, steps)| {
            let parsed = parse(&definition, MachineType::Standard);
            let Some(program) = parsed.program else {
                *refused.borrow_mut() += 1;
                return Ok(());
            };
            let program = Arc::new(program);
            let [at_once, step_by_step] = [64, 1].map(|slice| {
                let mut world = World::new(&program, &input, slice);
                world.apply(vec![Signal::Start]);
                for step in &steps {
                    let signals = world.signals(step);
                    world.apply(signals);
                }
                if world.execution.end().is_some() {
                    *ended.borrow_mut() += 1;
                }
                world.written()
            });
            prop_assert_eq!(at_once, step_by_step, "the history depends on how many steps are taken at a time");
            Ok(())
        });
    outcome.unwrap_or_else(|failure| panic!("{failure}"));
    println!("{ended:?} {refused:?}");
}
