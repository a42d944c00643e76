//! What in a definition is probably not meant as it is written: paths where AWS takes text as it is.
//!
//! A warning never keeps a definition from being used, so this is a walk of its own beside the reading. AWS documents
//! what its three warnings are about, but neither where exactly it looks nor which locations it gives: both are guesses.

use super::diagnostic::{Diagnostic, Problem};
use super::fields::{self, QueryLanguage, Standing, StateType};
use super::location::Location;
use crate::json::{Object, Value};
use crate::query::Path;
use crate::query::intrinsic::Call;

/// The fields that are payload templates.
const TEMPLATES: &[&str] = &["Parameters", "ResultSelector", "ItemSelector", "Assign", "Credentials"];

/// The fields with blocks of states.
const BLOCKS: &[&str] = &["Branches", "ItemProcessor", "Iterator"];

/// Rules and blocks within each other; reading a definition refuses those that are deeper, for the sake of the stack.
const MAX_DEPTH: usize = 100;

/// The fields of Choice rules that hold texts and have no form with a path.
const TEXTS_OF_RULES: &[&str] = &["Variable", "Next", "Comment", "Condition", "StringMatches"];

/// The warnings about a definition, in the order of its text. What can't be read gives none.
pub fn warnings(text: &str) -> Vec<Diagnostic> {
    let mut found = Found { warnings: Vec::new(), depth: 0 };
    if let Ok(definition) = Value::parse(text) {
        let language = language(&definition, QueryLanguage::JsonPath);
        found.in_block(&definition, &Location::ROOT, language);
    }
    found.warnings
}

/// The query language of a machine or a state.
fn language(value: &Value, inherited: QueryLanguage) -> QueryLanguage {
    match value.get("QueryLanguage").map(Value::as_str) {
        None => inherited,
        Some(Some("JSONPath")) => QueryLanguage::JsonPath,
        Some(_) => QueryLanguage::Jsonata,
    }
}

struct Found {
    warnings: Vec<Diagnostic>,
    depth: usize,
}

impl Found {
    fn warn(&mut self, problem: Problem, at: &Location<'_>) {
        self.warnings.push(Diagnostic { problem, location: Some(at.to_string()) });
    }

    /// Goes one level deeper, unless that is too deep.
    fn deeper(&mut self, look: impl FnOnce(&mut Self)) {
        if self.depth < MAX_DEPTH {
            self.depth += 1;
            look(self);
            self.depth -= 1;
        }
    }

    fn in_block(&mut self, block: &Value, at: &Location<'_>, language: QueryLanguage) {
        let states = block.get("States").and_then(Value::as_object);
        let at = at.member("States");
        for (name, state) in states.into_iter().flat_map(Object::iter) {
            if let Some(object) = state.as_object() {
                let own = self::language(state, language);
                self.deeper(|found| found.in_state(object, &at.member(name), language, own));
            }
        }
    }

    /// A state's own language is not that of the states inside it.
    fn in_state(&mut self, state: &Object, at: &Location<'_>, machine: QueryLanguage, own: QueryLanguage) {
        let state_type = state.get("Type").and_then(Value::as_str).and_then(StateType::from_name);
        for (field, value) in state.iter() {
            let at = at.member(field);
            let field = field.as_str();
            if BLOCKS.contains(&field) {
                match value.as_array() {
                    Some(blocks) => {
                        blocks.iter().enumerate().for_each(|(i, block)| self.in_block(block, &at.item(i), machine));
                    }
                    None => self.in_block(value, &at, machine),
                }
            } else if own == QueryLanguage::Jsonata {
                continue;
            } else if TEMPLATES.contains(&field) {
                self.in_template(value, &at);
            } else if field == "Result" && has_path(value) {
                self.warn(Problem::PassResultIsStatic, &at);
            } else if field == "Choices" {
                self.in_rules(value, &at);
            } else if field == "Catch" {
                for (i, catcher) in value.as_array().into_iter().flatten().enumerate() {
                    let assign = catcher.get("Assign").into_iter();
                    assign.for_each(|assign| self.in_template(assign, &at.item(i).member("Assign")));
                }
            } else if is_path(value) && state_type.is_some_and(|state_type| has_path_form(field, state_type)) {
                self.warn(Problem::NoPath, &at);
            }
        }
    }

    /// The location is that of the whole template, as it is for errors in templates.
    fn in_template(&mut self, template: &Value, at: &Location<'_>) {
        match template {
            Value::Object(members) => members.iter().for_each(|(name, value)| match value {
                Value::String(_) if !name.ends_with(".$") && (is_path(value) || is_call(value)) => {
                    self.warn(Problem::NoDollar(name.clone()), at);
                }
                value => self.in_template(value, at),
            }),
            Value::Array(_) => {
                template.as_array().unwrap_or_default().iter().for_each(|item| self.in_template(item, at));
            }
            _ => {}
        }
    }

    fn in_rules(&mut self, rules: &Value, at: &Location<'_>) {
        for (i, rule) in rules.as_array().into_iter().flatten().enumerate() {
            self.deeper(|found| found.in_rule(rule, &at.item(i)));
        }
    }

    fn in_rule(&mut self, rule: &Value, at: &Location<'_>) {
        for (field, value) in rule.as_object().into_iter().flat_map(Object::iter) {
            let at = at.member(field);
            match field.as_str() {
                "And" | "Or" => self.in_rules(value, &at),
                "Not" => self.deeper(|found| found.in_rule(value, &at)),
                "Assign" => self.in_template(value, &at),
                text if TEXTS_OF_RULES.contains(&text) || text.ends_with("Path") => {}
                _ if is_path(value) => self.warn(Problem::NoPath, &at),
                _ => {}
            }
        }
    }
}

/// Whether states of this type have such a field whose name ends with `Path` too.
fn has_path_form(field: &str, state_type: StateType) -> bool {
    fields::standing(&format!("{field}Path"), state_type, QueryLanguage::JsonPath) == Standing::Allowed
}

/// Whether a value would be a path where paths are read.
fn is_path(value: &Value) -> bool {
    value.as_str().is_some_and(|text| text.starts_with('$') && Path::compile(text).is_ok())
}

/// Whether a value would be a call of an intrinsic function where those are read.
fn is_call(value: &Value) -> bool {
    value.as_str().is_some_and(|text| text.starts_with("States.") && Call::compile(text).is_ok())
}

/// Whether a path is anywhere in a value.
fn has_path(value: &Value) -> bool {
    match value {
        Value::Object(members) => members.iter().any(|(_, member)| has_path(member)),
        Value::Array(_) => value.as_array().unwrap_or_default().iter().any(has_path),
        _ => is_path(value),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    /// What is warned of, as `CODE location`; the state under test is `S`.
    fn said(state: &str) -> Vec<String> {
        let definition = format!(r#"{{"StartAt":"S","States":{{"S":{{{state}}}}}}}"#);
        let line = |warning: &Diagnostic| {
            assert_eq!(warning.severity().name(), "WARNING");
            format!("{} {}", warning.code(), warning.location.as_deref().unwrap_or_default())
        };
        warnings(&definition).iter().map(line).collect()
    }

    #[test]
    fn paths_where_text_is_taken_as_it_is() {
        for (state, expected) in [
            (r#""Type":"Pass","Result":"$.a""#, &["PASS_RESULT_IS_STATIC /States/S/Result"][..]),
            (r#""Type":"Pass","Result":{"a":[1,{"b":"$.c"},"$"]}"#, &["PASS_RESULT_IS_STATIC /States/S/Result"]),
            (r#""Type":"Pass","Result":{"a":"costs $5","b":"$5"}"#, &[]),
            (
                r#""Type":"Pass","Parameters":{"a":"$.x","b.$":"$.x","c":{"d":"$$.Execution.Id"},"e":["$.x",{"f":"States.UUID()"}]}"#,
                &["NO_DOLLAR /States/S/Parameters", "NO_DOLLAR /States/S/Parameters", "NO_DOLLAR /States/S/Parameters"],
            ),
            (r#""Type":"Pass","Assign":{"v":"$w","x":"States.ALL"},"Comment":"$.a""#, &["NO_DOLLAR /States/S/Assign"]),
            (
                r#""Type":"Task","Resource":"$.a","TimeoutSeconds":"$.t","Catch":[{"Assign":{"a":"$.b"},"ResultPath":"$.c"}]"#,
                &["NO_PATH /States/S/TimeoutSeconds", "NO_DOLLAR /States/S/Catch[0]/Assign"],
            ),
            (r#""Type":"Fail","Error":"in $","Cause":"States.UUID()""#, &[]),
            (r#""Type":"Fail","Error":"$.e","CausePath":"$.c""#, &["NO_PATH /States/S/Error"]),
            (r#""Type":"Succeed","Error":"$.e""#, &[]),
            (
                r#""Type":"Choice","Choices":[{"Variable":"$.a","StringEquals":"$.b"},{"And":[{"Not":{"Variable":"$.a","NumericEquals":"$.n"}},{"Variable":"$.a","StringMatches":"$.*","StringEqualsPath":"$.b"}]}]"#,
                &["NO_PATH /States/S/Choices[0]/StringEquals", "NO_PATH /States/S/Choices[1]/And[0]/Not/NumericEquals"],
            ),
            (
                r#""Type":"Parallel","Branches":[{"States":{"B":{"Type":"Pass","Result":"$"}}}]"#,
                &["PASS_RESULT_IS_STATIC /States/S/Branches[0]/States/B/Result"],
            ),
            (
                r#""Type":"Map","QueryLanguage":"JSONata","ItemSelector":{"a":"$.b"},"ItemProcessor":{"States":{"B":{"Type":"Pass","Result":"$"}}}"#,
                &["PASS_RESULT_IS_STATIC /States/S/ItemProcessor/States/B/Result"],
            ),
        ] {
            assert_eq!(said(state), expected, "{state}");
        }
    }

    #[test]
    fn depth_is_no_danger() {
        let nested = |depth: usize, open: &str, close: &str| open.repeat(depth) + r#""$.a""# + &close.repeat(depth);
        let template = format!(r#""Type":"Pass","Parameters":{}"#, nested(700, r#"{"a":"#, "}"));
        assert_eq!(said(&template).len(), 1);
        let result = template.replace("Parameters", "Result");
        assert_eq!(said(&result).len(), 1);
        let rules = format!(r#""Type":"Choice","Choices":[{}]"#, nested(700, r#"{"Not":"#, "}"));
        assert_eq!(said(&rules).len(), 0);
        let blocks = nested(180, r#"{"States":{"S":{"Branches":["#, "]}}}");
        assert_eq!(warnings(&blocks).len(), 0);
    }

    #[test]
    fn what_is_no_definition_gives_no_warnings() {
        for text in ["", "x", "[]", r#"{"States":[]}"#, r#"{"States":{"A":1,"B":{"Choices":{},"Branches":[1]}}}"#] {
            assert_eq!(warnings(text), [], "{text}");
        }
    }
}
