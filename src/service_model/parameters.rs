//! What is wrong with the parameters of a call: members that the API doesn't have, values of other kinds than it takes.

use super::call::Seen;
use super::{Kind, Service, ShapeId};
use crate::failure::ParameterProblem;
use crate::json::Value;
use smol_str::SmolStr;

/// What parameters are given as.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Form {
    /// The values that are sent.
    Values,
    /// `Parameters` of a definition: members whose names end in `.$` get their values when the state runs.
    JsonPath,
    /// `Arguments` of a definition: texts in `{% %}` do.
    Jsonata,
}

impl Form {
    /// The name without the mark that says that its value is yet to come, and whether it has that mark.
    pub fn name(self, name: &str) -> (&str, bool) {
        match name.strip_suffix(".$") {
            Some(name) if self == Form::JsonPath => (name, true),
            _ => (name, false),
        }
    }

    /// Whether a value is an expression, which gives the value when the state runs.
    pub fn is_expression(self, value: &Value) -> bool {
        let is_marked = |text: &str| text.starts_with("{%") && text.ends_with("%}");
        self == Form::Jsonata && value.as_str().is_some_and(is_marked)
    }
}

/// What is wrong with parameters whose members are `seen`.
pub(super) fn check(service: &Service, seen: &[Seen], parameters: &Value, form: Form) -> Vec<ParameterProblem> {
    let mut check = Check { service, form, problems: Vec::new() };
    match parameters {
        Value::Object(object) => {
            for (name, value) in object.iter() {
                let (name, is_reference) = form.name(name);
                match seen.iter().find(|member| member.name == name) {
                    None => check.problems.push(check.unknown(name)),
                    // Any JSON, which is sent as text.
                    Some(member) if is_reference || member.json_value => {}
                    Some(Seen { shape: Some(shape), .. }) => check.value(name, *shape, value),
                    Some(_) if matches!(value, Value::String(_) | Value::Null) || form.is_expression(value) => {}
                    Some(_) => {
                        let problem = ParameterProblem::WrongType { field: name.into(), wanted: "STRING" };
                        check.problems.push(problem);
                    }
                }
            }
        }
        Value::Null => {}
        _ if form.is_expression(parameters) => {}
        _ => check.problems.push(ParameterProblem::WrongFormat("Parameters".into())),
    }
    check.problems
}

pub(super) fn missing(seen: &[Seen], parameters: &Value, form: Form) -> Vec<SmolStr> {
    if form.is_expression(parameters) {
        return Vec::new();
    }
    let given: Vec<&str> = parameters
        .as_object()
        .into_iter()
        .flat_map(|object| object.iter())
        // A value that is null is as good as none once it is sent; in a definition it is there.
        .filter(|(_, value)| form != Form::Values || !matches!(value, Value::Null))
        .map(|(name, _)| form.name(name).0)
        .collect();
    let required = seen.iter().filter(|member| member.required);
    required.map(|member| member.name.clone()).filter(|name| !given.contains(&name.as_str())).collect()
}

/// What AWS's SDK for Java 2 has besides the members of the API, by the customizations of its services (from memory: those of
/// DocumentDB and Neptune). Whether Step Functions takes it isn't known.
const ONLY_OF_SDK: &[(&str, &[&str])] = &[
    ("cloudsearchdomain", &["ContentLength"]),
    ("docdb", &["SourceRegion"]),
    ("neptune", &["SourceRegion"]),
    ("rds", &["SourceRegion"]),
    ("s3", &["DestinationBucket", "DestinationKey", "SdkPartType", "SourceBucket", "SourceKey", "SourceVersionId"]),
];

struct Check<'a> {
    service: &'a Service,
    form: Form,
    problems: Vec<ParameterProblem>,
}

impl Check<'_> {
    /// The problem of a member that the model doesn't have.
    fn unknown(&self, name: &str) -> ParameterProblem {
        let is_known = |(service, names): &(&str, &[&str])| *service == self.service.name && names.contains(&name);
        if ONLY_OF_SDK.iter().any(is_known) {
            return ParameterProblem::OnlyOfSdk(name.into());
        }
        ParameterProblem::NotSupported(name.into())
    }

    /// `field` is the innermost named member.
    fn value(&mut self, field: &str, shape: ShapeId, value: &Value) {
        if matches!(value, Value::Null) || self.form.is_expression(value) {
            return;
        }
        let invalid = || ParameterProblem::WrongFormat(field.into());
        let wanted = match (&self.service.shape(shape).kind, value) {
            (Kind::Structure { members, .. }, Value::Object(object)) => {
                for (name, value) in object.iter() {
                    let (name, is_reference) = self.form.name(name);
                    match members.iter().find(|member| member.public_name() == name) {
                        None => self.problems.push(self.unknown(name)),
                        // Any JSON, which is sent as text.
                        Some(member) if is_reference || member.json_value => {}
                        Some(member) => self.value(name, member.shape, value),
                    }
                }
                return;
            }
            (Kind::List { item, .. }, Value::Array(_)) => {
                value.as_array().into_iter().flatten().for_each(|value| self.value(field, *item, value));
                return;
            }
            (Kind::Map { value: shape, .. }, Value::Object(object)) => {
                for (name, value) in object.iter() {
                    let (name, is_reference) = self.form.name(name);
                    if !is_reference {
                        self.value(name, *shape, value);
                    }
                }
                return;
            }
            (Kind::Structure { .. } | Kind::List { .. } | Kind::Map { .. }, _) => {
                self.problems.push(invalid());
                return;
            }
            // Recorded: objects and arrays become text, anything becomes the text of a blob.
            (Kind::String { .. }, Value::String(_) | Value::Object(_) | Value::Array(_)) => return,
            (Kind::Blob | Kind::Document, _) => return,
            (Kind::String { .. }, _) => "STRING",
            (Kind::Boolean, Value::Bool(_)) => return,
            (Kind::Boolean, _) => "BOOLEAN",
            // Of integers the SDK for Java takes 32 bits, of longs 64. That others are refused like what is no number is inferred.
            (Kind::Integer, Value::Number(number)) if number.as_whole().is_some_and(|n| i32::try_from(n).is_ok()) => {
                return;
            }
            (Kind::Long, Value::Number(number)) if number.as_whole().is_some() => return,
            (Kind::Integer, _) => "INTEGER",
            (Kind::Long, _) => "LONG",
            (Kind::Float | Kind::Double, Value::Number(_)) => return,
            (Kind::Float, _) => "FLOAT",
            (Kind::Double, _) => "DOUBLE",
            (Kind::Timestamp(_), Value::String(text)) if chrono::DateTime::parse_from_rfc3339(text).is_ok() => return,
            (Kind::Timestamp(_), _) => "TIMESTAMP",
        };
        self.problems.push(ParameterProblem::WrongType { field: field.into(), wanted });
    }
}
