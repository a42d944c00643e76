//! Values with JSONata expressions inside: `Arguments`, `Output`, `Assign` and the like.
//!
//! A string that begins with `{%` and ends with `%}` is an expression, at any depth; all else stands for itself, the names
//! of members too.

use super::Scope;
use super::jsonata::{Bindings, Evaluated, Expression, JsonataError, Limits, Mode, Surroundings};
use crate::failure::Evaluation;
use crate::json::Value;
use smol_str::SmolStr;

const OPEN: &str = "{%";
const CLOSE: &str = "%}";

/// What an expression of a state can look at: in `scope`, `input` is what `$states.input` stands for.
#[derive(Clone, Copy)]
pub struct States<'a> {
    /// Input, context object, variables and random numbers.
    pub scope: Scope<'a>,
    /// `$states.result`
    pub result: Option<&'a Value>,
    /// `$states.errorOutput`
    pub error_output: Option<&'a Value>,
    /// The time that `$now` and `$millis` give, in milliseconds since 1970.
    pub millis: i64,
}

/// One expression and the field that it stands in.
#[derive(Clone, Debug)]
pub struct JsonataField {
    /// Its path within the state: `Output/total`, `Catch[0]/Assign/x`.
    path: SmolStr,
    expression: Expression,
}

/// A value with expressions inside, compiled. Whatever computes nothing is shared with the definition.
#[derive(Clone, Debug)]
pub struct JsonataTemplate {
    node: Node,
}

#[derive(Clone, Debug)]
enum Node {
    Literal(Value),
    Object(Box<[(SmolStr, Node)]>),
    Array(Box<[Node]>),
    Expression(Box<JsonataField>),
}

/// A string that was meant as an expression and is none.
#[derive(Clone, Debug, PartialEq)]
pub struct InvalidExpression {
    /// The path of its field within the state.
    pub path: SmolStr,
    /// What is wrong; nothing if it only isn't closed by `%}`.
    pub error: Option<Box<JsonataError>>,
}

impl JsonataTemplate {
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

    /// Compiles the value of the field with this path, and says which expressions are invalid; these stand for
    /// themselves then.
    pub fn compile(value: &Value, path: &str) -> (JsonataTemplate, Vec<InvalidExpression>) {
        let mut problems = Vec::new();
        let node = Node::compile(value, path, &mut problems);
        (JsonataTemplate { node }, problems)
    }

    /// The value with all its expressions evaluated.
    pub fn evaluate(&self, states: States<'_>) -> Result<Value, Evaluation> {
        self.node.evaluate(states)
    }

    /// The expression, if it is nothing else.
    pub fn as_field(&self) -> Option<&JsonataField> {
        match &self.node {
            Node::Expression(field) => Some(field),
            _ => None,
        }
    }

    /// Shows all expressions, in their order.
    pub fn for_each(&self, look: &mut impl FnMut(&JsonataField)) {
        self.node.for_each(look);
    }
}

impl Node {
    fn compile(value: &Value, path: &str, problems: &mut Vec<InvalidExpression>) -> Node {
        let node = match value {
            Value::String(text) if text.starts_with(OPEN) => match JsonataField::compile(text, path) {
                Ok(field) => return Node::Expression(Box::new(field)),
                Err(problem) => {
                    problems.push(problem);
                    return Node::Literal(value.clone());
                }
            },
            Value::Object(members) => {
                let members = members
                    .iter()
                    .map(|(name, member)| (name.clone(), Node::compile(member, &format!("{path}/{name}"), problems)));
                Node::Object(members.collect())
            }
            Value::Array(_) => {
                let items = value.as_array().unwrap_or_default().iter().enumerate();
                Node::Array(items.map(|(i, item)| Node::compile(item, &format!("{path}[{i}]"), problems)).collect())
            }
            _ => return Node::Literal(value.clone()),
        };
        if node.is_literal() { Node::Literal(value.clone()) } else { node }
    }

    /// Whether all that it holds is written out.
    fn is_literal(&self) -> bool {
        let written_out = |node: &Node| matches!(node, Node::Literal(_));
        match self {
            Node::Literal(_) => true,
            Node::Object(members) => members.iter().all(|(_, node)| written_out(node)),
            Node::Array(items) => items.iter().all(written_out),
            Node::Expression(_) => false,
        }
    }

    fn evaluate(&self, states: States<'_>) -> Result<Value, Evaluation> {
        match self {
            Node::Literal(value) => Ok(value.clone()),
            Node::Object(nodes) => {
                let mut members = Vec::with_capacity(nodes.len());
                for (name, node) in nodes {
                    members.push((name.clone(), node.evaluate(states)?));
                }
                Ok(Value::object(members))
            }
            Node::Array(nodes) => {
                let mut items = Vec::with_capacity(nodes.len());
                for node in nodes {
                    items.push(node.evaluate(states)?);
                }
                Ok(items.into())
            }
            Node::Expression(field) => field.evaluate(states),
        }
    }

    fn for_each(&self, look: &mut impl FnMut(&JsonataField)) {
        match self {
            Node::Literal(_) => {}
            Node::Object(members) => members.iter().for_each(|(_, node)| node.for_each(look)),
            Node::Array(items) => items.iter().for_each(|node| node.for_each(look)),
            Node::Expression(field) => look(field),
        }
    }
}

impl JsonataField {
    /// Compiles `{% … %}` in the field with this path.
    pub fn compile(text: &str, path: &str) -> Result<JsonataField, InvalidExpression> {
        let invalid = |error| InvalidExpression { path: path.into(), error };
        let inside = text.strip_prefix(OPEN).and_then(|rest| rest.strip_suffix(CLOSE)).ok_or_else(|| invalid(None))?;
        let expression =
            Expression::compile(inside.trim(), Mode::StepFunctions).map_err(|error| invalid(Some(error)))?;
        Ok(JsonataField { path: path.into(), expression })
    }

    /// The path of the field within the state.
    pub fn path(&self) -> &SmolStr {
        &self.path
    }

    /// What is evaluated.
    pub fn expression(&self) -> &Expression {
        &self.expression
    }

    /// The expression's value.
    pub fn evaluate(&self, states: States<'_>) -> Result<Value, Evaluation> {
        let surroundings = Surroundings {
            bindings: &states,
            random: states.scope.random,
            millis: states.millis,
            mode: Mode::StepFunctions,
            limits: Limits::STATE,
        };
        let (expression, field) = (|| SmolStr::from(self.expression.text()), || self.path.clone());
        match self.expression.evaluate(None, &surroundings) {
            // Recorded of `$parse`: what comes out of an expression is written anew.
            Ok(Evaluated::Value(mut value)) => {
                value.forget_text();
                Ok(value)
            }
            Ok(Evaluated::Undefined) => Err(Evaluation::Undefined { expression: expression(), field: field() }),
            Ok(Evaluated::Function) => Err(Evaluation::Unsupported { expression: expression(), field: field() }),
            Err(error) if error.is_limit() => {
                Err(Evaluation::Exceeded { expression: expression(), field: field(), error: error.to_string() })
            }
            Err(error) if error.is_internal() => {
                let id = states.scope.random.uuid().to_string().into();
                Err(Evaluation::Internal { expression: expression(), field: field(), id })
            }
            Err(error) => Err(Evaluation::Threw { expression: expression(), field: field(), error: error.to_string() }),
        }
    }

    /// The expression's value, which must be of this kind.
    pub fn evaluate_to<T>(
        &self,
        states: States<'_>,
        expected: &'static str,
        read: impl FnOnce(&Value) -> Option<T>,
    ) -> Result<T, Evaluation> {
        let value = self.evaluate(states)?;
        read(&value).ok_or_else(|| Evaluation::WrongType {
            expression: self.expression.text().into(),
            field: self.path.clone(),
            expected,
            value,
        })
    }
}

impl Bindings for States<'_> {
    fn variable(&self, name: &str) -> Option<Value> {
        if name != "states" {
            return self.scope.variables.get(name).cloned();
        }
        let members = ["input", "result", "errorOutput", "context"];
        Some(Value::object(members.into_iter().filter_map(|member| Some((member, self.member(name, member)?)))))
    }

    /// The context object isn't made for those who look at the input.
    fn member(&self, name: &str, member: &str) -> Option<Value> {
        match (name, member) {
            ("states", "input") => Some(self.scope.input.clone()),
            ("states", "result") => self.result.cloned(),
            ("states", "errorOutput") => self.error_output.cloned(),
            ("states", "context") => Some(self.scope.context.object()),
            ("states", _) => None,
            _ => self.scope.variables.get(name)?.get(member).cloned(),
        }
    }
}
