//! What is wrong with a value that is to stand for the result of a call.

use super::call::Seen;
use super::{Kind, Service, ShapeId};
use crate::json::{Object, Value};
use smol_str::SmolStr;

/// How much of a result is checked.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Mode {
    /// What is there, and that everything is there that the API requires.
    Strict,
    /// What is there.
    Present,
}

/// Where a result is not what the API returns. Members that the API doesn't have are none of these.
///
/// The words are recorded, but for those of objects, booleans and lengths that are too great.
#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error)]
#[allow(missing_docs)]
pub enum Violation {
    #[error("Required field '{0}' is missing")]
    Missing(SmolStr),
    #[error("Field '{field}' must be {wanted}")]
    WrongType { field: SmolStr, wanted: &'static str },
    #[error("Field '{0}' is not an expected value")]
    Unexpected(SmolStr),
    #[error("Field '{0}' is smaller than the minimum length")]
    TooShort(SmolStr),
    #[error("Field '{0}' exceeds the maximum length")]
    TooLong(SmolStr),
    #[error("Field '{0}' is less than the minimum value")]
    TooSmall(SmolStr),
    #[error("Field '{0}' exceeds the maximum value")]
    TooGreat(SmolStr),
}

impl Violation {
    /// The innermost named member that it is about.
    pub fn field(&self) -> &SmolStr {
        match self {
            Violation::Missing(field)
            | Violation::WrongType { field, .. }
            | Violation::Unexpected(field)
            | Violation::TooShort(field)
            | Violation::TooLong(field)
            | Violation::TooSmall(field)
            | Violation::TooGreat(field) => field,
        }
    }
}

/// What is wrong with a result whose members are `seen`.
pub(super) fn check(service: &Service, seen: &[Seen], result: &Value, mode: Mode) -> Vec<Violation> {
    let mut check = Check { service, mode, violations: Vec::new() };
    match result {
        Value::Object(object) => seen.iter().for_each(|member| check.member(member, object)),
        _ => check.violations.push(Violation::WrongType { field: "Result".into(), wanted: "an object" }),
    }
    check.violations
}

struct Check<'a> {
    service: &'a Service,
    mode: Mode,
    violations: Vec<Violation>,
}

impl Check<'_> {
    /// `field` is the innermost named member, by which violations are told.
    fn value(&mut self, field: &SmolStr, id: ShapeId, value: &Value) {
        let shape = self.service.shape(id);
        match (&shape.kind, value) {
            (Kind::Document, _) => {}
            (Kind::Structure { members, .. }, Value::Object(object)) => {
                members.iter().for_each(|member| self.member(&Seen::of(member), object));
            }
            (Kind::List { item, .. }, Value::Array(_)) => {
                let items = value.as_array().unwrap_or_default();
                self.length(field, id, items.len());
                items.iter().for_each(|value| self.value(field, *item, value));
            }
            (Kind::Map { value: shape, .. }, Value::Object(object)) => {
                self.length(field, id, object.len());
                object.iter().for_each(|(name, value)| self.value(name, *shape, value));
            }
            (Kind::String { values }, Value::String(text)) => {
                if !values.is_empty() && !values.contains(&text.as_str()) {
                    self.violations.push(Violation::Unexpected(field.clone()));
                } else {
                    self.length(field, id, text.chars().count());
                }
            }
            (Kind::Blob, Value::String(text)) => self.length(field, id, text.len()),
            (Kind::Timestamp(_), Value::String(_)) | (Kind::Boolean, Value::Bool(_)) => {}
            (Kind::Integer | Kind::Long | Kind::Float | Kind::Double, Value::Number(number)) => {
                let bound = |bound: Option<&str>| bound.and_then(|bound| bound.parse::<f64>().ok());
                if bound(shape.min).is_some_and(|min| number.as_f64() < min) {
                    self.violations.push(Violation::TooSmall(field.clone()));
                } else if bound(shape.max).is_some_and(|max| number.as_f64() > max) {
                    self.violations.push(Violation::TooGreat(field.clone()));
                }
            }
            (kind, _) => {
                let wanted = match kind {
                    Kind::Structure { .. } | Kind::Map { .. } | Kind::Document => "an object",
                    Kind::List { .. } => "an array",
                    Kind::String { .. } | Kind::Blob | Kind::Timestamp(_) => "a string",
                    Kind::Boolean => "a boolean",
                    Kind::Integer | Kind::Long | Kind::Float | Kind::Double => "a number",
                };
                self.violations.push(Violation::WrongType { field: field.clone(), wanted });
            }
        }
    }

    fn member(&mut self, member: &Seen, object: &Object) {
        match (object.get(&member.name), member.shape) {
            (Some(value), Some(shape)) => self.value(&member.name, shape, value),
            (None, _) if member.required && self.mode == Mode::Strict => {
                self.violations.push(Violation::Missing(member.name.clone()));
            }
            _ => {}
        }
    }

    fn length(&mut self, field: &SmolStr, id: ShapeId, length: usize) {
        let shape = self.service.shape(id);
        let bound = |bound: Option<&str>| bound.and_then(|bound| bound.parse::<usize>().ok());
        if bound(shape.min).is_some_and(|min| length < min) {
            self.violations.push(Violation::TooShort(field.clone()));
        } else if bound(shape.max).is_some_and(|max| length > max) {
            self.violations.push(Violation::TooLong(field.clone()));
        }
    }
}
