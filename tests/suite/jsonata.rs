//! JSONata against tables of expressions with their results.
//!
//! The project's own table is `tests/data/jsonata.jsonl` with `jsonata-datasets.json`. `STEPWELL_JSONATA_SUITE` may name a folder with the official
//! suite in the same form: `cases.jsonl` and `datasets.json`.
//!
//! A line has `expr`, `data` or the name of a `dataset`, `bindings`, limits (`timelimit` in milliseconds, `depth`),
//! and what is expected: `result`, `undefinedResult`, `code` or `error`; beside it, where it's known, `recorded_error`
//! with code, message, position and token.

use serde_json::{Map, Value as Json};
use std::collections::HashMap;
use std::fs;
use std::path::Path;
use stepwell::json::Value;
use stepwell::query::jsonata::{Evaluated, Expression, JsonataError, Limits, Mode, Surroundings};
use stepwell::random::Random;

/// Two cases of the official suite have half of a surrogate pair, which a string can't hold.
const NOT_REPRESENTABLE: &str = r"\ud800')";

#[test]
fn expressions_have_the_results_of_the_table() {
    let folder = Path::new(env!("CARGO_MANIFEST_DIR")).join("tests/data");
    let read = |name: &str| fs::read_to_string(folder.join(name)).expect("a file of the project");
    let datasets = serde_json::from_str(&read("jsonata-datasets.json")).expect("JSON");
    let failures = failures(&read("jsonata.jsonl"), &datasets);
    assert!(failures.is_empty(), "{} failures:\n{}", failures.len(), failures.join("\n"));
}

#[test]
fn expressions_have_the_results_of_the_official_suite() {
    let Ok(folder) = std::env::var("STEPWELL_JSONATA_SUITE") else { return };
    let read = |name: &str| fs::read_to_string(Path::new(&folder).join(name)).expect("a file of the suite");
    let datasets = serde_json::from_str(&read("datasets.json")).expect("JSON");
    let failures = failures(&read("cases.jsonl"), &datasets);
    assert!(failures.is_empty(), "{} failures:\n{}", failures.len(), failures.join("\n"));
}

fn failures(table: &str, datasets: &Json) -> Vec<String> {
    let mut inputs: HashMap<String, Value> = HashMap::new();
    let mut failures = Vec::new();
    for line in table.lines().filter(|line| !line.trim().is_empty() && !line.contains(NOT_REPRESENTABLE)) {
        let case: Map<String, Json> = serde_json::from_str(line).expect("a case");
        let name = format!("{}/{}", text(&case, "group"), text(&case, "case"));
        let input = match (case.get("dataset"), case.get("data")) {
            (Some(Json::String(dataset)), _) => {
                let input = inputs.entry(dataset.clone()).or_insert_with(|| value(&datasets[dataset.as_str()]));
                Some(input.clone())
            }
            (_, Some(data)) => Some(value(data)),
            _ => None,
        };
        if let Err(complaint) = check(&case, input.as_ref()) {
            failures.push(format!("{name}: {}\n    {complaint}", text(&case, "expr")));
        }
    }
    failures
}

fn text<'a>(case: &'a Map<String, Json>, name: &str) -> &'a str {
    case.get(name).and_then(Json::as_str).unwrap_or_default()
}

fn value(json: &Json) -> Value {
    Value::parse(&json.to_string()).expect("JSON")
}

fn evaluated(case: &Map<String, Json>, input: Option<&Value>) -> Result<Evaluated, Box<JsonataError>> {
    let mode = if text(case, "mode") == "aws" { Mode::StepFunctions } else { Mode::Jsonata };
    let expression = Expression::compile(text(case, "expr"), mode)?;
    let bindings: Vec<_> = case.get("bindings").and_then(Json::as_object).into_iter().flatten().collect();
    let bindings: Vec<_> = bindings.into_iter().map(|(name, json)| (name.as_str().into(), value(json))).collect();
    let mut limits = Limits { memory: 2 << 30, ..Limits::default() };
    if let Some(depth) = case.get("depth").and_then(Json::as_u64) {
        limits.depth = depth as u32;
    }
    if case.contains_key("timelimit") {
        limits.steps = 5_000_000;
    }
    let random = Random::new(1);
    expression.evaluate(
        input,
        &Surroundings { bindings: &bindings, random: &random, millis: 1_700_000_000_000, mode, limits },
    )
}

fn check(case: &Map<String, Json>, input: Option<&Value>) -> Result<(), String> {
    let result = evaluated(case, input);
    if let Some(expected) = case.get("result") {
        let found = match &result {
            Ok(Evaluated::Value(found)) => serde_json::from_str(&found.to_text()).expect("JSON"),
            other => return Err(format!("{other:?} instead of {expected}")),
        };
        let unordered = case.contains_key("unordered");
        return match same(&found, expected, unordered) {
            true => Ok(()),
            false => Err(format!("{found} instead of {expected}")),
        };
    }
    if case.contains_key("undefinedResult") {
        return match result {
            Ok(Evaluated::Undefined | Evaluated::Function) => Ok(()),
            other => Err(format!("{other:?} instead of nothing")),
        };
    }
    let Err(error) = result else { return Err(format!("{result:?} instead of an error")) };
    let expected = case.get("recorded_error").or(case.get("error")).cloned();
    let expected = expected.unwrap_or_else(|| serde_json::json!({ "code": case["code"] }));
    check_error(&error, &expected)
}

fn check_error(error: &JsonataError, expected: &Json) -> Result<(), String> {
    // limits have other words here than in the suite, whose test bench makes them
    if expected["code"] == "U1001" {
        return if error.is_limit() { Ok(()) } else { Err(format!("{error:?} instead of a limit")) };
    }
    let mut complaints = Vec::new();
    let mut compare = |name: &str, found: String, expected: &Json| {
        let expected = expected.as_str().map_or_else(|| expected.to_string(), str::to_owned);
        if found != expected {
            complaints.push(format!("{name} {found:?} instead of {expected:?}"));
        }
    };
    compare("code", error.code.to_owned(), &expected["code"]);
    if expected.get("message").is_some() {
        compare("message", error.message(), &expected["message"]);
        compare("position", error.position.map_or("null".into(), |p| p.to_string()), &expected["position"]);
        compare("token", error.token.as_ref().map_or("null".into(), |t| t.to_string()), &expected["token"]);
    }
    if complaints.is_empty() { Ok(()) } else { Err(complaints.join(", ")) }
}

/// Equal with a tolerance for the last digits of numbers.
fn same(a: &Json, b: &Json, unordered: bool) -> bool {
    match (a, b) {
        (Json::Number(a), Json::Number(b)) => {
            let (a, b) = (a.as_f64().unwrap_or(f64::NAN), b.as_f64().unwrap_or(f64::NAN));
            a == b || (a - b).abs() <= 1e-14 * a.abs()
        }
        (Json::Array(a), Json::Array(b)) if unordered => {
            a.len() == b.len() && a.iter().all(|item| b.iter().any(|other| same(item, other, false)))
        }
        (Json::Array(a), Json::Array(b)) => a.len() == b.len() && a.iter().zip(b).all(|(a, b)| same(a, b, unordered)),
        (Json::Object(a), Json::Object(b)) => {
            a.len() == b.len()
                && a.iter().all(|(name, value)| b.get(name).is_some_and(|other| same(value, other, unordered)))
        }
        _ => a == b,
    }
}
