//! What a transition costs: whole executions applied to the interpreter, without engine and HTTP.
#![allow(missing_docs, clippy::unwrap_used)]

use criterion::{BatchSize, Criterion, Throughput, criterion_group, criterion_main};
use std::hint::black_box;
use std::sync::Arc;
use stepwell::asl::{MachineType, Program, parse};
use stepwell::history::wire::{ExecutionData, write_event};
use stepwell::interpreter::{Action, Execution, Identity, Signal};
use stepwell::json::Value;
use stepwell::timestamp::Timestamp;

const LOOP: &str = r#"{"StartAt":"Inc","States":{
    "Inc":{"Type":"Pass","Parameters":{"n.$":"States.MathAdd($.n, 1)"},"Next":"More"},
    "More":{"Type":"Choice","Choices":[{"Variable":"$.n","NumericLessThan":2000,"Next":"Inc"}],"Default":"Done"},
    "Done":{"Type":"Succeed"}}}"#;

const MAP: &str = r#"{"StartAt":"M","States":{"M":{"Type":"Map","End":true,
    "ItemProcessor":{"StartAt":"P","States":{"P":{"Type":"Pass","End":true}}}}}}"#;

const PASS: &str = r#"{"StartAt":"P","States":{"P":{"Type":"Pass","End":true}}}"#;

fn program(definition: &str) -> Arc<Program> {
    Arc::new(parse(definition, MachineType::Standard).program.unwrap())
}

fn run(program: &Arc<Program>, input: &Value) -> Execution {
    let identity = Identity {
        arn: "arn:aws:states:us-east-1:123456789012:execution:m:e".into(),
        name: "e".into(),
        role_arn: "arn:aws:iam::123456789012:role/r".into(),
        machine_arn: "arn:aws:states:us-east-1:123456789012:stateMachine:m".into(),
        machine_name: "m".into(),
        region: "us-east-1".into(),
        start_date: Timestamp::from_millis(0),
        input: input.clone(),
        workflow: Default::default(),
        started_with: None,
    };
    let mut execution = Execution::new(program.clone(), identity, 1);
    let mut actions = execution.apply(Timestamp::from_millis(0), [Signal::Start]);
    while actions.contains(&Action::Continue) {
        actions = execution.apply(Timestamp::from_millis(0), [Signal::Continue]);
    }
    assert!(execution.end().is_some());
    execution
}

fn interpreter(c: &mut Criterion) {
    let mut group = c.benchmark_group("interpreter");
    let (looping, input) = (program(LOOP), Value::parse(r#"{"n":0}"#).unwrap());
    group.throughput(Throughput::Elements(4000));
    group.bench_function("loop of Pass and Choice, 4,000 transitions", |b| b.iter(|| run(&looping, black_box(&input))));

    let (map, items) = (program(MAP), Value::array((0..1000).map(Value::from).collect::<Vec<_>>()));
    group.throughput(Throughput::Elements(1000));
    group.bench_function("Map over 1,000 items", |b| b.iter(|| run(&map, black_box(&items))));

    let pass = program(PASS);
    group.throughput(Throughput::Elements(1));
    group.bench_function("one Pass", |b| b.iter(|| run(&pass, black_box(&input))));

    let execution = run(&looping, &input);
    group.throughput(Throughput::Elements(execution.history().len() as u64));
    group.bench_function("writing a history of 8,000 events", |b| {
        b.iter_batched(
            || String::with_capacity(4 << 20),
            |mut out| {
                for (i, event) in execution.history().events().iter().enumerate() {
                    write_event(i as u32 + 1, event, ExecutionData::Included, &mut out);
                }
                out
            },
            BatchSize::LargeInput,
        )
    });
    group.finish();
}

criterion_group!(benches, interpreter);
criterion_main!(benches);
