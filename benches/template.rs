//! What it costs to evaluate a payload template.

use criterion::{Criterion, criterion_group, criterion_main};
use std::hint::black_box;
use stepwell::json::Value;
use stepwell::query::{Scope, Template, Variables};
use stepwell::random::Random;

const INPUT: &str = r#"{"n":41,"name":"Ada","list":[1,2,3],"json":"{\"a\":[1,2,3]}","left":{"a":1},"right":{"b":2}}"#;

const TEMPLATES: [(&str, &str); 6] = [
    ("literal", r#"{"a":{"b":[1,2,3]},"c":"d"}"#),
    ("path", r#"{"n.$":"$.n"}"#),
    ("add", r#"{"n.$":"States.MathAdd($.n, 1)"}"#),
    ("format", r#"{"text.$":"States.Format('Hello {}, you are number {} today', $.name, $.n)"}"#),
    ("nested call", r#"{"n.$":"States.ArrayGetItem(States.StringSplit('a-b-c', '-'), 2)"}"#),
    (
        "ten members",
        r#"{"a.$":"$.n","b.$":"$.n","c.$":"$.n","d.$":"$.n","e.$":"$.n","f":1,"g":2,"h":3,"i":{"j":4},"k":5}"#,
    ),
];

fn templates(criterion: &mut Criterion) {
    let parsed = |text| Value::parse(text).expect("valid JSON");
    let (input, context) = (parsed(INPUT), Value::empty_object());
    let (variables, random) = (Variables::default(), Random::new(1));
    let scope = Scope { input: &input, context: &context, variables: &variables, random: &random };
    let mut group = criterion.benchmark_group("template");
    for (name, template) in TEMPLATES {
        let template = Template::compile(&parsed(template)).expect("a valid template");
        group.bench_function(name, |bencher| bencher.iter(|| black_box(&template).evaluate(black_box(scope))));
    }
    group.finish();
}

criterion_group!(benches, templates);
criterion_main!(benches);
