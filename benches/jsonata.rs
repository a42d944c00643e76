//! How long JSONata takes: the expressions of `jsonata.json` on `$states`, beside the crate jsonata-core.
//!
//! `node benches/jsonata.mjs` measures jsonata-js as well and makes the table of `docs/performance.md`.

use criterion::{BenchmarkId, Criterion, criterion_group, criterion_main};
use jsonata_core::evaluator::{Context, Evaluator};
use jsonata_core::value::JValue;
use serde_json::{Value as Json, json};
use std::hint::black_box;
use stepwell::json::Value;
use stepwell::query::jsonata::{Expression, Limits, Mode, Surroundings};
use stepwell::random::Random;

fn states(items: u64) -> Json {
    let price = |i: u64| if items > 100 { i % 20 } else { i * 3 };
    let line = |i: u64| json!({"title": format!("item {i}"), "price": price(i), "count": i % 4});
    json!({
        "input": {
            "customer": {"age": 42, "city": "Aachen"},
            "name": "Ann",
            "number": 7,
            "lines": (0..items).map(line).collect::<Vec<_>>(),
        },
        "context": {"Execution": {"Id": "arn", "Name": "on its way"}},
    })
}

fn jsonata(criterion: &mut Criterion) {
    let rows: Vec<Json> = serde_json::from_str(include_str!("jsonata.json")).expect("valid JSON");
    let random = Random::new(1);
    for row in rows {
        let (name, text) = (row["name"].as_str().expect("a name"), row["expression"].as_str().expect("an expression"));
        let items = row["items"].as_u64().expect("a number");
        let states = states(items).to_string();
        let mut group = criterion.benchmark_group(format!("{name} {items}"));

        let expression = Expression::compile(text, Mode::StepFunctions).expect("an expression");
        let bindings = [("states".into(), Value::parse(&states).expect("valid JSON"))];
        let surroundings = Surroundings {
            bindings: &bindings,
            random: &random,
            millis: 0,
            mode: Mode::StepFunctions,
            limits: Limits::default(),
        };
        group.bench_function(BenchmarkId::from_parameter("stepwell"), |bencher| {
            bencher.iter(|| expression.evaluate(None, black_box(&surroundings)).expect("a result"));
        });

        let tree = jsonata_core::parser::parse(text).expect("an expression");
        let mut context = Context::new();
        context.bind("states".into(), JValue::from_json_str(&states).expect("valid JSON"));
        let mut evaluator = Evaluator::with_context(context);
        group.bench_function(BenchmarkId::from_parameter("jsonata-core"), |bencher| {
            bencher.iter(|| evaluator.evaluate(black_box(&tree), &JValue::Undefined).expect("a result"));
        });
        group.finish();
    }
}

criterion_group! {
    name = benches;
    config = Criterion::default().measurement_time(std::time::Duration::from_secs(1))
        .warm_up_time(std::time::Duration::from_millis(300)).sample_size(50).without_plots();
    targets = jsonata
}
criterion_main!(benches);
