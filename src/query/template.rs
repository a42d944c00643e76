//! Payload templates: objects in which members whose names end in `.$` are computed.

use super::intrinsic::Call;
use super::jsonpath::PathFailure;
use super::{Path, Scope};
use crate::failure::Runtime;
use crate::json::hash_order;
use crate::json::{Object, Value};
use smol_str::{SmolStr, format_smolstr};
use std::collections::HashMap;

/// A payload template, compiled: `Parameters`, `ResultSelector`, `ItemSelector`.
///
/// Whatever computes nothing is shared with the definition; everything else is made anew by each evaluation.
#[derive(Clone, Debug)]
pub struct Template {
    node: Node,
}

/// A member `name.$` whose value is neither a path nor a call.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct InvalidTemplate {
    /// the member's name with its `.$`
    pub field: String,
}

#[derive(Clone, Debug)]
enum Node {
    Literal(Value),
    /// The members in the order in which they come out.
    Object(Box<[(SmolStr, Node)]>),
    Array(Box<[Node]>),
    Path(Box<Path>),
    Call(Box<Call>),
}

/// What the names of computed members end in.
const SUFFIX: &str = ".$";

impl Template {
    /// Compiles the template, or says which members are invalid (all of them, in their order).
    pub fn compile(template: &Value) -> Result<Template, Vec<InvalidTemplate>> {
        let mut problems = Vec::new();
        let node = Node::compile(template, &mut problems);
        if problems.is_empty() { Ok(Template { node }) } else { Err(problems) }
    }

    /// The value of a member of the object that it makes, if nothing has to be computed for that.
    pub fn written_out(&self, member: &str) -> Option<&Value> {
        match &self.node {
            Node::Literal(value) => value.get(member),
            Node::Object(members) => members.iter().find_map(|(name, node)| match node {
                Node::Literal(value) if name == member => Some(value),
                _ => None,
            }),
            _ => None,
        }
    }

    /// The value that the template makes of this scope.
    pub fn evaluate(&self, scope: Scope<'_>) -> Result<Value, Runtime> {
        // Only members of objects can fail, and they know their names.
        self.node.evaluate("", scope)
    }
}

impl Node {
    fn compile(template: &Value, problems: &mut Vec<InvalidTemplate>) -> Node {
        let node = match template {
            Value::Object(object) => Node::object(object, problems),
            Value::Array(_) => {
                let items = template.as_array().unwrap_or_default();
                Node::Array(items.iter().map(|item| Node::compile(item, problems)).collect())
            }
            _ => return Node::Literal(template.clone()),
        };
        if node.is_literal() { Node::Literal(template.clone()) } else { node }
    }

    /// AWS puts the members that are computed behind all others, in the order of a Java `HashMap`, which is plain to
    /// see in the recordings. It follows that a computed member replaces one that is written out under the same name.
    fn object(object: &Object, problems: &mut Vec<InvalidTemplate>) -> Node {
        let mut members: Vec<(SmolStr, Node)> = Vec::with_capacity(object.len());
        let mut computed: Vec<(SmolStr, Node)> = Vec::new();
        for (field, value) in object.iter() {
            match field.strip_suffix(SUFFIX) {
                None => members.push((field.clone(), Node::compile(value, problems))),
                Some(name) => match Node::computed(value) {
                    Some(node) => computed.push((name.into(), node)),
                    None => problems.push(InvalidTemplate { field: field.to_string() }),
                },
            }
        }
        hash_order::arrange(&mut computed, hash_order::BUCKETS, |(name, _)| hash_order::of_text(name));
        let replaces_any = computed.iter().any(|(name, _)| object.contains(name));
        let places: HashMap<SmolStr, usize> = if replaces_any {
            members.iter().enumerate().map(|(place, (name, _))| (name.clone(), place)).collect()
        } else {
            HashMap::new()
        };
        for (name, node) in computed {
            match places.get(&name) {
                Some(place) => members[*place].1 = node,
                None => members.push((name, node)),
            }
        }
        Node::Object(members.into())
    }

    /// What a member `name.$` holds: a path or a call.
    fn computed(value: &Value) -> Option<Node> {
        let text = value.as_str()?;
        if text.starts_with('$') {
            Path::compile(text).ok().map(|path| Node::Path(Box::new(path)))
        } else {
            Call::compile(text).ok().map(|call| Node::Call(Box::new(call)))
        }
    }

    /// Whether all that it holds is written out.
    fn is_literal(&self) -> bool {
        let written_out = |node: &Node| matches!(node, Node::Literal(_));
        match self {
            Node::Literal(_) => true,
            Node::Object(members) => members.iter().all(|(_, node)| written_out(node)),
            Node::Array(items) => items.iter().all(written_out),
            Node::Path(_) | Node::Call(_) => false,
        }
    }

    /// Its value; `name` is that of the member it stands in, without the suffix.
    fn evaluate(&self, name: &str, scope: Scope<'_>) -> Result<Value, Runtime> {
        match self {
            Node::Literal(value) => Ok(value.clone()),
            Node::Object(nodes) => {
                let mut members = Vec::with_capacity(nodes.len());
                for (name, node) in nodes {
                    members.push((name.clone(), node.evaluate(name, scope)?));
                }
                Ok(Value::object(members))
            }
            Node::Array(nodes) => {
                let mut items = Vec::with_capacity(nodes.len());
                for node in nodes {
                    items.push(node.evaluate(name, scope)?);
                }
                Ok(items.into())
            }
            Node::Path(path) if path.is_into_null(scope) => Err(Runtime::NullInput),
            Node::Path(path) => path.evaluate(scope).or_else(|failure| without_result(path, failure, name, scope)),
            Node::Call(call) => call.evaluate(scope),
        }
    }
}

/// What a path that can't be followed gives in the member `name.$`.
fn without_result(path: &Path, failure: PathFailure, name: &str, scope: Scope<'_>) -> Result<Value, Runtime> {
    use PathFailure::{MissingProperty, NoResults, NotAnArray, NotAnObject, Null};
    match failure {
        // Recorded: an index past the end of an array that is there gives null.
        NoResults { index: true, .. } => Ok(Value::Null),
        NoResults { .. } | MissingProperty { .. } | NotAnObject { .. } | NotAnArray { .. } | Null { .. } => {
            let field = format_smolstr!("{name}{SUFFIX}");
            Err(Runtime::PathNotFound { path: path.text().clone(), field, input: path.document(scope) })
        }
        // What isn't about something missing: a guess, after the words that AWS has for it in `InputPath`.
        other => Err(Runtime::InvalidPath { path: path.text().clone(), reason: other.to_string() }),
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::query::Variables;
    use crate::random::Random;
    use proptest::prelude::*;

    const INPUT: &str = r#"{"a": 1, "list": [10, 11], "object": {"x": null}}"#;

    fn parsed(json: &str) -> Value {
        Value::parse(json).expect("valid JSON")
    }

    fn evaluate(template: &Template) -> Result<Value, Runtime> {
        let input = parsed(INPUT);
        let context = Value::object([("Execution", Value::object([("Name", "run-1".into())]))]);
        let (variables, random) = (Variables::default(), Random::new(1));
        template.evaluate(Scope { input: &input, context: &context, variables: &variables, random: &random })
    }

    /// Templates, each with the JSON text of its value.
    fn check(cases: &[(&str, &str)]) {
        for (template, expected) in cases {
            let compiled = Template::compile(&parsed(template)).expect("a valid template");
            assert_eq!(evaluate(&compiled).expect("a value").to_text(), *expected, "{template}");
        }
    }

    #[test]
    fn members_with_the_suffix_are_computed() {
        check(&[
            (r#"{"b.$":"$.a"}"#, r#"{"b":1}"#),
            (r#"{"b.$":"$"}"#, r#"{"b":{"a":1,"list":[10,11],"object":{"x":null}}}"#),
            (r#"{"b.$":"$$.Execution.Name"}"#, r#"{"b":"run-1"}"#),
            (r#"{"b.$":"$$"}"#, r#"{"b":{"Execution":{"Name":"run-1"}}}"#),
            (r#"{"b.$":"States.MathAdd($.a, 1)"}"#, r#"{"b":2}"#),
            (r#"{"b.$":"$.object.x"}"#, r#"{"b":null}"#),
        ]);
    }

    #[test]
    fn at_any_depth_in_objects_inside_arrays_too() {
        check(&[
            (r#"{"b":{"c":[1,{"d.$":"$.a"},[{"e.$":"$.list"}]]}}"#, r#"{"b":{"c":[1,{"d":1},[{"e":[10,11]}]]}}"#),
            (r#"[{"b.$":"$.a"}]"#, r#"[{"b":1}]"#),
        ]);
    }

    #[test]
    fn everything_else_is_as_written() {
        check(&[
            (r#"{"b":"$.a","c":["$.a","States.UUID()"]}"#, r#"{"b":"$.a","c":["$.a","States.UUID()"]}"#),
            (r#"{"b$":"$.a",".$x":1}"#, r#"{"b$":"$.a",".$x":1}"#),
            ("\"$.a\"", "\"$.a\""),
            ("null", "null"),
            ("{}", "{}"),
        ]);
    }

    #[test]
    fn what_computes_nothing_is_shared() {
        let template = parsed(r#"{"b":{"c":[1]},"d.$":"$.a"}"#);
        let compiled = Template::compile(&template).expect("a valid template");
        let (Value::Object(written), value) = (template.get("b").expect("b"), evaluate(&compiled).expect("a value"))
        else {
            panic!("b is an object")
        };
        assert!(matches!(value.get("b"), Some(Value::Object(made)) if std::sync::Arc::ptr_eq(written, made)));
    }

    /// As recorded in `ItemSelector`, `Parameters` and `Assign`.
    #[test]
    fn computed_members_come_last_in_the_order_of_a_hash_map() {
        check(&[
            (
                r#"{"original_input.$":"$.a","iteration_input_value.$":"$.a","iteration_index.$":"$.a","from_input_constant.$":"$.a","constant_value":0}"#,
                r#"{"constant_value":0,"iteration_input_value":1,"from_input_constant":1,"iteration_index":1,"original_input":1}"#,
            ),
            (r#"{"encoded.$":"$.a","decoded.$":"$.a"}"#, r#"{"decoded":1,"encoded":1}"#),
            (r#"{"QueueUrl.$":"$.a","MessageBody":{"b.$":"$.a"}}"#, r#"{"MessageBody":{"b":1},"QueueUrl":1}"#),
        ]);
    }

    #[test]
    fn of_one_name_twice_the_computed_value_counts() {
        check(&[
            (r#"{"b":0,"c":0,"b.$":"$.a"}"#, r#"{"b":1,"c":0}"#),
            (r#"{"b.$":"$.a","c":0,"b":{"d.$":"$.list"}}"#, r#"{"c":0,"b":1}"#),
        ]);
    }

    #[test]
    fn an_index_past_the_end_gives_null_and_everything_else_that_is_missing_an_error() {
        check(&[(r#"{"b.$":"$.list[2]"}"#, r#"{"b":null}"#)]);
        for (template, expected) in [
            (
                r#"{"x":[{"b.$":"$.missing"}]}"#,
                format!(
                    "The JSONPath '$.missing' specified for the field 'b.$' could not be found in the input '{INPUT}'"
                ),
            ),
            (
                r#"{"b.$":"$$.Execution.missing"}"#,
                "The JSONPath '$$.Execution.missing' specified for the field 'b.$' could not be found in the input \
                 '{\"Execution\":{\"Name\":\"run-1\"}}'"
                    .to_owned(),
            ),
            (
                r#"{"b.$":"States.MathAdd($.a, 'x')"}"#,
                "There was an error while evaluating the intrinsic function: States.MathAdd($.a, 'x'). \
                 Invalid arguments in States.MathAdd"
                    .to_owned(),
            ),
            (r#"{"b.$":"$unset"}"#, "Invalid path '$unset' : Variable '$unset' is not defined".to_owned()),
        ] {
            let compiled = Template::compile(&parsed(template)).expect("a valid template");
            assert_eq!(evaluate(&compiled).expect_err("a failure").to_string(), expected);
        }
    }

    #[test]
    fn no_path_leads_into_a_null_input() {
        let (context, variables, random) = (Value::object([("a", 1.into())]), Variables::default(), Random::new(1));
        let scope = Scope { input: &Value::Null, context: &context, variables: &variables, random: &random };
        for (template, expected) in [
            (r#"{"b.$":"$"}"#, "Unable to apply Path transformation to null or empty input."),
            (r#"{"b":[{"c.$":"$.a"}]}"#, "Unable to apply Path transformation to null or empty input."),
            (r#"{"b.$":"$$.a"}"#, r#"{"b":1}"#),
            (r#"{"b":null}"#, r#"{"b":null}"#),
        ] {
            let compiled = Template::compile(&parsed(template)).expect("a valid template");
            let result = compiled.evaluate(scope).map_or_else(|failure| failure.to_string(), |value| value.to_text());
            assert_eq!(result, expected, "{template}");
        }
    }

    #[test]
    fn all_invalid_members_are_reported_in_their_order() {
        let template = r#"{"z.$":"no path","b":[{"y.$":1},{"ok.$":"$.a"}],"x.$":"States.Nothing()",
            "w.$":{"v.$":"not looked at"},"a.$":"","n.$":null}"#;
        let problems = Template::compile(&parsed(template)).expect_err("invalid members");
        let fields: Vec<&str> = problems.iter().map(|problem| problem.field.as_str()).collect();
        assert_eq!(fields, ["z.$", "y.$", "x.$", "w.$", "a.$", "n.$"]);
    }

    fn any_template() -> impl Strategy<Value = Value> {
        let leaf = prop_oneof![
            Just(Value::Null),
            any::<i64>().prop_map(Value::from),
            "(\\$\\$?\\.[a-z.\\[\\]0-9]{0,8}|States\\.Array\\([$.,'1]{0,5}\\)|\\PC{0,8})".prop_map(Value::from),
        ];
        leaf.prop_recursive(6, 64, 6, |inner| {
            prop_oneof![
                prop::collection::vec(inner.clone(), 0..6).prop_map(Value::from),
                prop::collection::vec(("[ab]{0,2}(\\.\\$)?", inner), 0..6).prop_map(Value::object),
            ]
        })
    }

    proptest! {
        #[test]
        fn no_template_upsets_the_compiler(template in any_template()) {
            if let Ok(compiled) = Template::compile(&template) {
                let _ = evaluate(&compiled);
            }
        }
    }
}
