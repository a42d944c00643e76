//! Whatever the text, there is an answer.

use crate::asl::parse::{MachineType, Parsed, parse};
use crate::json::Value;
use proptest::prelude::*;

const DEFINITION: &str = r#"{"Comment":"c","StartAt":"A","TimeoutSeconds":9,"States":{
    "A":{"Type":"Pass","InputPath":"$.a","Parameters":{"x.$":"States.Array($.a, 1)"},"ResultPath":"$.r","Next":"B"},
    "B":{"Type":"Task","Resource":"arn:aws:states:::lambda:invoke","Parameters":{"FunctionName":"f"},
      "Retry":[{"ErrorEquals":["E"],"BackoffRate":1.5}],"Catch":[{"ErrorEquals":["States.ALL"],"Next":"C"}],"Next":"C"},
    "C":{"Type":"Choice","Choices":[{"And":[{"Variable":"$.a","IsNull":true}],"Next":"D"}],"Default":"E"},
    "D":{"Type":"Wait","Seconds":1,"Next":"E"},
    "E":{"Type":"Parallel","Branches":[{"StartAt":"F","States":{"F":{"Type":"Succeed"}}}],"Next":"G"},
    "G":{"Type":"Map","ItemsPath":"$.l","Iterator":{"StartAt":"H","States":{"H":{"Type":"Fail","Error":"e"}}},"End":true}}}"#;

/// Names and values that mean something in definitions, so that random ones get far.
const NAMES: &[&str] = &[
    "StartAt",
    "States",
    "A",
    "B",
    "Type",
    "Next",
    "End",
    "Choices",
    "And",
    "Not",
    "Variable",
    "IsNull",
    "NumericEquals",
    "Branches",
    "ItemProcessor",
    "ProcessorConfig",
    "Mode",
    "Iterator",
    "Retry",
    "Catch",
    "ErrorEquals",
    "Parameters",
    "Resource",
    "Credentials",
    "ResultPath",
    "InputPath",
    "QueryLanguage",
    "Seconds",
    "Timestamp",
    "ErrorPath",
    "x.$",
    "Label",
    "",
];
const TEXTS: &[&str] = &[
    "A",
    "B",
    "Pass",
    "Task",
    "Choice",
    "Wait",
    "Succeed",
    "Fail",
    "Parallel",
    "Map",
    "$",
    "$.a",
    "$$.b",
    "$v",
    "JSONata",
    "JSONPath",
    "{% 1 %}",
    "States.ALL",
    "arn:aws:states:::lambda:invoke",
    "DISTRIBUTED",
    "\u{7f}",
];

fn value() -> impl Strategy<Value = Value> {
    let leaf = prop_oneof![
        Just(Value::Null),
        any::<bool>().prop_map(Value::from),
        any::<i64>().prop_map(Value::from),
        any::<f64>().prop_map(Value::from),
        prop::sample::select(TEXTS).prop_map(Value::from),
    ];
    leaf.prop_recursive(8, 64, 6, |inner| {
        prop_oneof![
            prop::collection::vec(inner.clone(), 0..4).prop_map(Value::from),
            prop::collection::vec((prop::sample::select(NAMES), inner), 0..8).prop_map(Value::object),
        ]
    })
}

/// Either a program or a reason why there is none.
fn answered(text: &str) -> Parsed {
    let standard = parse(text, MachineType::Standard);
    let express = parse(text, MachineType::Express);
    for parsed in [&standard, &express] {
        assert_eq!(parsed.program.is_some(), parsed.diagnostics.is_empty(), "{text}");
        assert!(crate::asl::describe(&parsed.diagnostics).is_empty() == parsed.program.is_some());
    }
    standard
}

/// The definition with the value at the `place`th place, counted in depth, replaced.
fn replaced(value: &Value, place: &mut usize, by: &Value) -> Value {
    if *place == 0 {
        *place = usize::MAX;
        return by.clone();
    }
    *place -= 1;
    match value {
        Value::Array(_) => {
            let items = value.as_array().unwrap_or_default();
            Value::from(items.iter().map(|item| replaced(item, place, by)).collect::<Vec<_>>())
        }
        Value::Object(members) => {
            Value::object(members.iter().map(|(name, value)| (name.clone(), replaced(value, place, by))))
        }
        scalar => scalar.clone(),
    }
}

proptest! {
    #[test]
    fn any_text_is_answered(text in ".*") {
        answered(&text);
    }

    #[test]
    fn any_json_is_answered(value in value()) {
        answered(&value.to_text());
    }

    #[test]
    fn any_states_are_answered(states in prop::collection::vec((prop::sample::select(&["A", "B", "C"][..]), value()), 0..4)) {
        let machine = Value::object([("StartAt", Value::from("A")), ("States", Value::object(states))]);
        answered(&machine.to_text());
    }

    #[test]
    fn a_definition_with_one_value_replaced_is_answered(place in 0usize..90, by in value()) {
        let definition = Value::parse(DEFINITION).expect("valid JSON");
        answered(&replaced(&definition, &mut { place }, &by).to_text());
    }

    #[test]
    fn a_definition_with_a_piece_cut_out_is_answered(start in 0..DEFINITION.len(), length in 0usize..40) {
        let end = (start + length).min(DEFINITION.len());
        answered(&format!("{}{}", &DEFINITION[..start], &DEFINITION[end..]));
    }
}

#[test]
fn the_definition_that_is_changed_here_is_valid() {
    assert_eq!(crate::asl::describe(&answered(DEFINITION).diagnostics), "");
}

#[test]
fn depth_is_bounded() {
    let deep = |open: &str, core: &str, close: &str, n: usize| format!("{}{core}{}", open.repeat(n), close.repeat(n));
    let rule = deep(r#"{"Not":"#, r#"{"Variable":"$.a","IsNull":true}"#, "}", 700);
    let rule = rule.strip_suffix('}').expect("an object");
    answered(&format!(
        r#"{{"StartAt":"C","States":{{"C":{{"Type":"Choice","Choices":[{rule},"Next":"S"}}]}},"S":{{"Type":"Succeed"}}}}}}"#
    ));
    let template = deep("[", "", "]", 700);
    answered(&format!(r#"{{"StartAt":"P","States":{{"P":{{"Type":"Pass","End":true,"Parameters":{template}}}}}}}"#));
    answered(&deep(r#"{"StartAt":"P","States":{"P":{"Type":"Parallel","End":true,"Branches":["#, "", "]}}}", 180));
}
