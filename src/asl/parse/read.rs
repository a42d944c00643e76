//! Readers of single fields: each gives the value, or nothing and a diagnostic.

use super::Parser;
use crate::asl::diagnostic::Problem;
use crate::asl::fields::QueryLanguage;
use crate::asl::location::Location;
use crate::asl::program::{Placement, Selection};
use crate::json::{Object, Value};
use crate::query::jsonpath::InvalidPath;
use crate::query::{Path, ReferencePath, SourcePath, Template};
use smol_str::{SmolStr, format_smolstr};

/// An object of the definition, its place and the query language of its expressions.
#[derive(Clone, Copy)]
pub(super) struct Node<'a> {
    pub object: &'a Object,
    pub at: &'a Location<'a>,
    /// Its path within the state that it belongs to, with a slash at the end; nothing for the state itself.
    pub path: &'a str,
    pub language: QueryLanguage,
}

impl<'a> Node<'a> {
    pub fn get(&self, name: &str) -> Option<&'a Value> {
        self.object.get(name)
    }

    pub fn has(&self, name: &str) -> bool {
        self.object.contains(name)
    }

    /// Whether a value is a JSONata expression, which stands for a value that nobody knows yet.
    pub fn is_expression(&self, value: &Value) -> bool {
        self.language == QueryLanguage::Jsonata && value.as_str().is_some_and(|text| text.starts_with("{%"))
    }

    /// The member that is a JSONata expression.
    pub fn expression(&self, name: &str) -> Option<&'a SmolStr> {
        match self.get(name) {
            Some(value @ Value::String(text)) if self.is_expression(value) => Some(text),
            _ => None,
        }
    }
}

impl Parser {
    /// Reports the members that aren't among `fields`.
    pub fn known_fields(&mut self, node: Node<'_>, fields: &[&str]) {
        for (name, _) in node.object.iter() {
            if !fields.contains(&name.as_str()) {
                self.report(Problem::FieldNotSupported(name.clone()), node.at);
            }
        }
    }

    /// Reports the members that are missing, all in one.
    pub fn required(&mut self, node: Node<'_>, fields: &[&'static str]) {
        let missing: Vec<&'static str> = fields.iter().copied().filter(|field| !node.has(field)).collect();
        if !missing.is_empty() {
            self.report(Problem::RequiredFields(missing), node.at);
        }
    }

    /// The only one of `fields` that is there.
    pub fn only_one(&mut self, node: Node<'_>, fields: &'static [&'static str]) -> Option<&'static str> {
        if !fields.iter().any(|field| node.has(field)) {
            self.report(Problem::NoneOf(fields), node.at);
            return None;
        }
        self.at_most_one(node, fields)
    }

    /// The one of `fields` that is there, if any.
    pub fn at_most_one(&mut self, node: Node<'_>, fields: &'static [&'static str]) -> Option<&'static str> {
        let mut present = fields.iter().copied().filter(|field| node.has(field));
        let first = present.next();
        if present.next().is_some() {
            self.report(Problem::SeveralOf(fields), node.at);
            return None;
        }
        first
    }

    /// A member of a certain type.
    fn typed<'a, T>(
        &mut self,
        node: Node<'a>,
        name: &str,
        type_name: &'static str,
        read: impl FnOnce(&'a Value) -> Option<T>,
    ) -> Option<T> {
        let value = node.get(name)?;
        let read = read(value);
        if read.is_none() {
            self.report(Problem::WrongType(type_name), &node.at.member(name));
        }
        read
    }

    pub fn string<'a>(&mut self, node: Node<'a>, name: &str) -> Option<&'a SmolStr> {
        self.typed(node, name, "String", |value| match value {
            Value::String(text) => Some(text),
            _ => None,
        })
    }

    pub fn boolean(&mut self, node: Node<'_>, name: &str) -> Option<bool> {
        self.typed(node, name, "Boolean", Value::as_bool)
    }

    pub fn object<'a>(&mut self, node: Node<'a>, name: &str) -> Option<&'a Object> {
        self.typed(node, name, "Object", Value::as_object)
    }

    pub fn array<'a>(&mut self, node: Node<'a>, name: &str) -> Option<&'a [Value]> {
        self.typed(node, name, "Array", Value::as_array)
    }

    /// An array with at least one item.
    pub fn filled_array<'a>(&mut self, node: Node<'a>, name: &str) -> Option<&'a [Value]> {
        let items = self.array(node, name)?;
        if items.is_empty() {
            self.report(Problem::Empty, &node.at.member(name));
        }
        Some(items)
    }

    /// An integer within limits.
    pub fn integer(&mut self, node: Node<'_>, name: &str, minimum: i64, maximum: i64) -> Option<i64> {
        let number = self.typed(node, name, "Integer", |v| v.as_number().filter(|number| number.is_integer()))?;
        let at = node.at.member(name);
        // An integer that doesn't fit is beyond every limit.
        let value = number.as_i64().unwrap_or(if number.as_f64() < 0.0 { i64::MIN } else { i64::MAX });
        if value < minimum {
            self.report(Problem::BelowMinimum(format_smolstr!("{minimum}")), &at);
        } else if value > maximum {
            self.report(Problem::AboveMaximum(format_smolstr!("{maximum}")), &at);
        } else {
            return Some(value);
        }
        None
    }

    /// A number within limits.
    pub fn number(&mut self, node: Node<'_>, name: &str, minimum: f64, maximum: f64) -> Option<f64> {
        let value = self.typed(node, name, "Number", Value::as_f64)?;
        let at = node.at.member(name);
        if value < minimum {
            self.report(Problem::BelowMinimum(format_smolstr!("{minimum:?}")), &at);
        } else if value > maximum {
            self.report(Problem::AboveMaximum(format_smolstr!("{maximum:?}")), &at);
        } else {
            return Some(value);
        }
        None
    }

    /// The member is an expression, or what `read` makes of it as it stands.
    pub fn unless_expression<T>(
        &mut self,
        node: Node<'_>,
        name: &str,
        read: impl FnOnce(&mut Parser) -> Option<T>,
    ) -> Option<T> {
        if node.expression(name).is_some() { None } else { read(self) }
    }

    /// Reports the members that only the other query language has, of an object within a state.
    pub fn fields_of_language(&mut self, node: Node<'_>, json_path: &[&str], jsonata: &[&str]) {
        let others = if node.language == QueryLanguage::JsonPath { jsonata } else { json_path };
        for field in others.iter().filter(|field| node.has(field)) {
            self.report(Problem::OtherLanguage { language: node.language, field: (*field).into() }, node.at);
        }
    }

    /// One of some words.
    pub fn one_of(&mut self, node: Node<'_>, name: &str, words: &'static [&'static str]) -> Option<&'static str> {
        let text = self.string(node, name)?;
        let word = words.iter().copied().find(|word| word == text);
        if word.is_none() {
            self.report(Problem::NotOneOf(words), &node.at.member(name));
        }
        word
    }

    /// A member that is a path; in the other query language it is refused as a whole.
    pub fn path_text<'a>(&mut self, node: Node<'a>, name: &str) -> Option<&'a SmolStr> {
        match node.language {
            QueryLanguage::JsonPath => self.string(node, name),
            QueryLanguage::Jsonata => None,
        }
    }

    /// A path that may select anything.
    pub fn path(&mut self, node: Node<'_>, name: &str) -> Option<Path> {
        let text = self.path_text(node, name)?;
        let at = node.at.member(name);
        match Path::compile(text) {
            Ok(path) => {
                self.read_variables(text, &at);
                Some(path)
            }
            Err(_) => {
                self.report(Problem::NotAPath, &at);
                None
            }
        }
    }

    /// A path that names one place in the input, the context object or a variable.
    pub fn single_path(&mut self, node: Node<'_>, name: &str) -> Option<Path> {
        self.reference(node, name, Path::compile_reference)
    }

    /// `ItemsPath`
    pub fn source_path(&mut self, node: Node<'_>, name: &str) -> Option<SourcePath> {
        self.reference(node, name, SourcePath::compile)
    }

    /// `MaxConcurrencyPath` and the like, which don't lead into the context object, as AWS has been seen to say.
    pub fn number_path(&mut self, node: Node<'_>, name: &str) -> Option<SourcePath> {
        self.reference(node, name, |text| match text.starts_with("$$") {
            true => Err(InvalidPath::ReferenceToContext),
            false => SourcePath::compile(text),
        })
    }

    fn reference<T>(&mut self, node: Node<'_>, name: &str, compile: fn(&str) -> Result<T, InvalidPath>) -> Option<T> {
        let text = self.path_text(node, name)?;
        let at = node.at.member(name);
        match compile(text) {
            Ok(path) => {
                self.read_variables(text, &at);
                Some(path)
            }
            Err(problem) => {
                self.report(Problem::NotAReferencePath(problem), &at);
                None
            }
        }
    }

    /// `InputPath`, `OutputPath`
    pub fn selection(&mut self, node: Node<'_>, name: &str) -> Selection {
        match node.get(name) {
            None => Selection::Whole,
            Some(Value::Null) => Selection::Nothing,
            Some(Value::String(text)) if text == "$" => Selection::Whole,
            Some(_) => self.path(node, name).map_or(Selection::Whole, Selection::Path),
        }
    }

    /// `ResultPath`
    pub fn placement(&mut self, node: Node<'_>) -> Placement {
        match node.get("ResultPath") {
            Some(Value::Null) => return Placement::Discard,
            Some(Value::String(text)) if text == "$" => return Placement::Replace,
            _ => {}
        }
        let Some(text) = self.path_text(node, "ResultPath") else { return Placement::Replace };
        match ReferencePath::compile(text) {
            Ok(path) => Placement::At(path),
            Err(problem) => {
                self.report(Problem::NotAReferencePath(problem), &node.at.member("ResultPath"));
                Placement::Replace
            }
        }
    }

    /// `Parameters`, `ResultSelector`, `ItemSelector`
    pub fn template(&mut self, node: Node<'_>, name: &str) -> Option<Template> {
        let value = node.get(name)?;
        if node.language == QueryLanguage::Jsonata {
            return None;
        }
        let at = node.at.member(name);
        match Template::compile(value) {
            Ok(template) => {
                self.read_variables_within(value, &at);
                Some(template)
            }
            Err(problems) => {
                for problem in problems {
                    self.report(Problem::InvalidTemplateField(problem.field), &at);
                }
                None
            }
        }
    }
}
