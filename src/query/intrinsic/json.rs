//! JSON as text and as objects.

use super::text::not_too_long;
use super::{Outcome, Refusal};
use crate::failure::IntrinsicProblem;
use crate::json::Value;
use crate::json::hash_order;
use crate::random::Random;
use smol_str::SmolStr;

/// The members of both objects, those of the second one where both have a name.
///
/// They stand in the order of a Java `HashMap`, as the recordings show. The third argument asks for a deep merge,
/// which AWS doesn't have; what isn't a boolean counts as false.
pub(super) fn merge(arguments: &[Value], _: &Random) -> Outcome {
    let [Value::Object(left), Value::Object(right), deep] = arguments else { return Err(Refusal::Arguments) };
    if deep.as_bool() == Some(true) {
        return Err(Refusal::Arguments);
    }
    let mut members: Vec<(SmolStr, Value)> = Vec::with_capacity(left.len() + right.len());
    for (name, value) in left.iter() {
        members.push((name.clone(), right.get(name).unwrap_or(value).clone()));
    }
    members.extend(right.iter().filter(|(name, _)| !left.contains(name)).map(|(n, v)| (n.clone(), v.clone())));
    hash_order::arrange(&mut members, hash_order::BUCKETS, |(name, _)| hash_order::of_text(name));
    Ok(Value::object(members))
}

/// The value that the text is; null if there is nothing but blanks.
///
/// What follows the value is refused, although Jackson passes over it unless told otherwise: nothing published shows
/// what AWS does.
pub(super) fn from_string(arguments: &[Value], _: &Random) -> Outcome {
    let [Value::String(text)] = arguments else { return Err(Refusal::Arguments) };
    if text.bytes().all(|byte| matches!(byte, b' ' | b'\t' | b'\r' | b'\n')) {
        return Ok(Value::Null);
    }
    match Value::parse(text) {
        Ok(value) => Ok(without_its_text(value)),
        Err(error) => {
            let (line, column) = (error.line, error.column);
            let parser = error.to_string();
            Err(Refusal::Problem(IntrinsicProblem::NotJson { parser, line, column }))
        }
    }
}

pub(super) fn to_string(arguments: &[Value], _: &Random) -> Outcome {
    let [value] = arguments else { return Err(Refusal::Arguments) };
    not_too_long("States.JsonToString", 0, value)?;
    Ok(value.to_compact_text().into())
}

/// The same value, no longer with the blanks of the string that it was parsed from: it is a part of something now.
fn without_its_text(value: Value) -> Value {
    match &value {
        Value::Array(_) => Value::array(value.as_array().unwrap_or_default()),
        Value::Object(object) => Value::object(object.iter().map(|(name, value)| (name.clone(), value.clone()))),
        _ => value,
    }
}
