//! Our shapes beside AWS's service model, of which `tests/data/model.json` holds what matters.

use serde_json::{Map, Value, json};
use std::collections::BTreeSet;
use stepwell::operations::OPERATIONS;
use stepwell::protocol::{Member, Rule};

fn model() -> Map<String, Value> {
    serde_json::from_str(include_str!("../data/model.json")).expect("a table")
}

fn members(members: &[Member]) -> Value {
    let member = |member: &Member| {
        let mut table = rule(&member.rule);
        if member.required {
            table["required"] = json!(true);
        }
        (member.name.to_owned(), table)
    };
    Value::Object(members.iter().map(member).collect())
}

fn rule(rule: &Rule) -> Value {
    match rule {
        Rule::Text(text) => {
            let mut table = json!({"type": "string"});
            if text.max < usize::MAX {
                (table["min"], table["max"]) = (json!(text.min), json!(text.max));
            }
            if text.sensitive {
                table["sensitive"] = json!(true);
            }
            if let Some(pattern) = &text.pattern {
                table["pattern"] = json!(pattern.text);
            }
            table
        }
        Rule::Integer { min, max } => json!({"type": "integer", "min": min, "max": max}),
        Rule::AtLeast { min } => json!({"type": "integer", "min": min}),
        Rule::LongAtLeast { min } => json!({"type": "long", "min": min}),
        Rule::Float { min, max } => json!({"type": "float", "min": min, "max": max}),
        Rule::Boolean => json!({"type": "boolean"}),
        Rule::OneOf(words) => json!({"type": "string", "enum": words.iter().collect::<BTreeSet<_>>()}),
        Rule::List(item) => json!({"type": "list", "member": self::rule(item)}),
        Rule::ListOf(list) => {
            let item = self::rule(&Rule::Structure(list.members));
            json!({"type": "list", "min": list.min, "max": list.max, "member": item})
        }
        Rule::Structure(inner) => json!({"type": "structure", "members": members(inner)}),
    }
}

/// A text without a smallest length has 0.
fn with_minimum(table: &mut Value) {
    if let Value::Object(object) = table {
        if object.get("type") == Some(&json!("string")) && object.contains_key("max") {
            object.entry("min").or_insert(json!(0));
        }
        object.values_mut().for_each(with_minimum);
    }
}

fn names(names: &Value) -> BTreeSet<&str> {
    names.as_array().expect("a list").iter().filter_map(Value::as_str).collect()
}

#[test]
fn all_operations_of_the_model_are_known() {
    let model = model();
    let known: Vec<&str> = OPERATIONS.iter().map(|operation| operation.name).collect();
    let expected: BTreeSet<&str> = model.keys().map(String::as_str).collect();
    assert_eq!(known, expected.into_iter().collect::<Vec<_>>());
}

#[test]
fn the_readme_lists_all_operations() {
    let rows = include_str!("../../README.md").lines().filter_map(|line| line.strip_prefix("| `")?.split_once("` | "));
    let known: Vec<&str> = OPERATIONS.iter().map(|operation| operation.name).collect();
    let is_name = |name: &str| name.starts_with(char::is_uppercase) && !name.contains('_');
    let listed: Vec<&str> = rows.map(|(name, _)| name).filter(|name| is_name(name)).collect();
    assert_eq!(listed, known);
}

#[test]
fn requests_have_the_constraints_of_the_model() {
    let mut model = model();
    for operation in OPERATIONS {
        let expected = &mut model[operation.name]["input"];
        with_minimum(expected);
        assert_eq!(members(operation.input), *expected, "{}", operation.name);
    }
}

#[test]
fn answers_have_the_members_of_the_model() {
    let model = model();
    for operation in OPERATIONS {
        let expected = names(&model[operation.name]["output"]);
        let ours: BTreeSet<&str> = operation.output.iter().copied().collect();
        assert_eq!(ours, expected, "{}", operation.name);
    }
}

#[test]
fn operations_have_the_errors_of_the_model() {
    let model = model();
    for operation in OPERATIONS {
        let ours: BTreeSet<&str> = operation.errors.iter().copied().collect();
        assert_eq!(ours, names(&model[operation.name]["errors"]), "{}", operation.name);
    }
}
