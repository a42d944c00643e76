//! Fields with JSONata expressions: each is compiled, and what it refers to is checked.

use super::Parser;
use super::read::Node;
use crate::asl::diagnostic::{Diagnostic, Problem};
use crate::asl::fields::QueryLanguage;
use crate::asl::program::Computed;
use crate::json::Value;
use crate::query::{InvalidExpression, JsonataField, JsonataTemplate};
use smol_str::{SmolStr, format_smolstr};

/// What `$states` has when a field is evaluated, besides `input` and `context`.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Stage {
    /// Nothing.
    Input,
    /// `result`
    Result,
    /// `errorOutput`
    Error,
}

impl Stage {
    fn has(self, member: &str) -> bool {
        match member {
            "input" | "context" => true,
            "result" => self == Stage::Result,
            "errorOutput" => self == Stage::Error,
            _ => false,
        }
    }
}

impl Parser {
    /// A field that may have expressions anywhere inside.
    pub fn jsonata(&mut self, node: Node<'_>, name: &str, stage: Stage) -> Option<JsonataTemplate> {
        let value = node.get(name)?;
        if node.language == QueryLanguage::JsonPath {
            return None;
        }
        let (template, problems) = JsonataTemplate::compile(value, &path(node, name));
        let is_valid = problems.is_empty();
        problems.into_iter().for_each(|problem| self.report_invalid(node, problem));
        template.for_each(&mut |field| self.check_references(node, field, stage));
        is_valid.then_some(template)
    }

    /// A field that is one expression; nothing if it is none.
    pub fn jsonata_field(&mut self, node: Node<'_>, name: &str) -> Option<JsonataField> {
        self.jsonata_field_at(node, name, Stage::Input)
    }

    fn jsonata_field_at(&mut self, node: Node<'_>, name: &str, stage: Stage) -> Option<JsonataField> {
        match JsonataField::compile(node.expression(name)?, &path(node, name)) {
            Ok(field) => {
                self.check_references(node, &field, stage);
                Some(field)
            }
            Err(problem) => {
                self.report_invalid(node, problem);
                None
            }
        }
    }

    /// A field that has one name in JSONPath and another in JSONata: `Parameters` and `Arguments`.
    pub fn computed(&mut self, node: Node<'_>, in_path: &str, in_jsonata: &str, stage: Stage) -> Option<Computed> {
        match node.language {
            QueryLanguage::JsonPath => self.template(node, in_path).map(Computed::Template),
            QueryLanguage::Jsonata => self.jsonata(node, in_jsonata, stage).map(Computed::Jsonata),
        }
    }

    /// A string where JSONata has only expressions and literals of another type.
    pub fn report_no_expression(&mut self, node: Node<'_>, name: &str, value: &Value, expected: &'static str) {
        let problem = match value {
            Value::String(_) => Problem::NotAnExpression,
            _ => Problem::WrongType(expected),
        };
        self.report(problem, &node.at.member(name));
    }

    fn report_invalid(&mut self, node: Node<'_>, invalid: InvalidExpression) {
        let problem = match invalid.error {
            None => Problem::NotAnExpression,
            Some(error) => Problem::InvalidExpression(error),
        };
        self.report_within(node, problem, &invalid.path);
    }

    /// Reports a problem at a path within the state that a node belongs to.
    fn report_within(&mut self, node: Node<'_>, problem: Problem, path: &SmolStr) {
        if self.is_full() {
            return;
        }
        let inside = path.strip_prefix(node.path).unwrap_or(path);
        let location = format!("{}/{inside}", node.at);
        self.locations += location.len();
        self.diagnostics.push(Diagnostic { problem, location: Some(location) });
    }

    fn check_references(&mut self, node: Node<'_>, field: &JsonataField, stage: Stage) {
        let mentions = field.expression().mentions();
        for name in mentions.top_level {
            self.report_within(node, Problem::TopLevelReference(name), field.path());
        }
        if mentions.document {
            // That it has the words of the others is a guess.
            self.report_within(node, Problem::TopLevelReference("$$".into()), field.path());
        }
        for member in mentions.states.into_iter().flatten().filter(|member| !stage.has(member)) {
            self.report_within(node, Problem::NoSuchStatesField(member), field.path());
        }
        // Recorded: a variable that nobody assigns is no reason to refuse a definition.
        self.variables.note_read(mentions.variables);
    }
}

/// The path of a field within its state.
fn path(node: Node<'_>, name: &str) -> SmolStr {
    format_smolstr!("{}{name}", node.path)
}
