//! One of `MockedResponses`: what attempts come to, by their number and, beyond AWS Step Functions Local, by what the task
//! is given.

use super::{Problem, Wrong, object, only};
use crate::failure::Failure;
use crate::json::{Object, Value};
use crate::query::JsonataField;
use crate::service_model::Mode;
use smol_str::{SmolStr, format_smolstr};

/// One of `MockedResponses`.
#[derive(Clone, Debug)]
pub struct Response {
    /// Its name.
    pub name: SmolStr,
    /// In the order of their numbers, without overlaps.
    attempts: Vec<Attempts>,
}

/// What attempts come to.
#[derive(Clone, Debug)]
struct Attempts {
    from: u32,
    to: u32,
    alternatives: Vec<Alternative>,
}

/// What an attempt comes to, for some inputs or for all.
#[derive(Clone, Debug)]
pub struct Alternative {
    /// Where it stands in the file.
    pub place: SmolStr,
    /// For what it is taken.
    pub when: When,
    /// What the attempt comes to.
    pub outcome: Result<Value, Failure>,
    /// How much of a result must be as the called API has it.
    pub checked: Option<Mode>,
}

/// For what a task is given an alternative is taken.
#[derive(Clone, Debug)]
pub enum When {
    /// whatever it is
    Always,
    /// `Input`: for exactly this
    Equals(Value),
    /// `Condition`: if this is true, `$states.input` being what the task is given
    Condition(JsonataField),
}

impl Response {
    /// What the attempt with this number, from 0, comes to: the first alternative that fits is taken.
    pub fn attempt(&self, number: u32) -> &[Alternative] {
        let found = self.attempts.iter().find(|attempts| (attempts.from..=attempts.to).contains(&number));
        found.map_or(&[], |attempts| &attempts.alternatives)
    }

    /// All that attempts can come to.
    pub fn alternatives(&self) -> impl Iterator<Item = &Alternative> {
        self.attempts.iter().flat_map(|attempts| &attempts.alternatives)
    }

    /// Reads a response; `checked` is for results that don't say themselves how much of them is checked.
    pub(super) fn read(name: &str, value: &Value, place: &str, checked: Option<Mode>) -> Result<Response, Problem> {
        let mut attempts: Vec<Attempts> = Vec::new();
        for (numbers, outcome) in object(value, place)?.iter() {
            let place = format!("{place}/{numbers}");
            let (from, to) = range(numbers).ok_or_else(|| Wrong::NotAnAttempt.at(place.as_str()))?;
            let overlap = attempts.iter().find(|other| other.from <= to && from <= other.to);
            if let Some(other) = overlap {
                return Err(Wrong::Twice(from.max(other.from)).at(place));
            }
            attempts.push(Attempts { from, to, alternatives: alternatives(outcome, &place, checked)? });
        }
        attempts.sort_by_key(|attempts| attempts.from);
        Ok(Response { name: name.into(), attempts })
    }
}

/// `1` or `1-3`.
fn range(text: &str) -> Option<(u32, u32)> {
    let number = |text: &str| {
        let is_number = !text.is_empty() && text.bytes().all(|byte| byte.is_ascii_digit());
        is_number.then(|| text.parse().ok()).flatten()
    };
    let (from, to) = text.split_once('-').unwrap_or((text, text));
    number(from).zip(number(to)).filter(|(from, to)| from <= to)
}

/// One outcome, or a list of them.
fn alternatives(value: &Value, place: &str, checked: Option<Mode>) -> Result<Vec<Alternative>, Problem> {
    let listed = match value {
        Value::Array(_) => value.as_array().unwrap_or_default(),
        Value::Object(_) => return Ok(vec![alternative(value, place.into(), checked)?]),
        _ => return Err(Wrong::NotAnOutcome.at(place)),
    };
    let read = |(number, value)| alternative(value, format_smolstr!("{place}/{number}"), checked);
    let found: Vec<Alternative> = listed.iter().enumerate().map(read).collect::<Result<_, _>>()?;
    let conditional = &found[..found.len().saturating_sub(1)];
    match conditional.iter().find(|alternative| matches!(alternative.when, When::Always)) {
        Some(always) => Err(Wrong::AlwaysTaken.at(always.place.clone())),
        None => Ok(found),
    }
}

fn alternative(value: &Value, place: SmolStr, default: Option<Mode>) -> Result<Alternative, Problem> {
    let members = object(value, &place)?;
    only(members, &["Return", "Throw", "Input", "Condition", "FieldValidationMode"], &place)?;
    let own = checked(members, &place)?;
    let when = when(members, &place)?;
    let outcome = match (members.get("Return"), members.get("Throw")) {
        (Some(result), None) => Ok(without_blanks(result)),
        (None, Some(_)) if own.is_some() => return Err(Wrong::ModeOfThrow.at(place)),
        (None, Some(failure)) => Err(thrown(failure, &format!("{place}/Throw"))?),
        _ => return Err(Wrong::NotOneOutcome.at(place)),
    };
    Ok(Alternative { place, when, outcome, checked: own.unwrap_or(default) })
}

/// The blanks of the file are not those of a service's answer.
fn without_blanks(value: &Value) -> Value {
    Value::parse(&value.to_compact_text()).unwrap_or_else(|_| value.clone())
}

fn when(members: &Object, place: &str) -> Result<When, Problem> {
    match (members.get("Input"), members.get("Condition")) {
        (None, None) => Ok(When::Always),
        (Some(input), None) => Ok(When::Equals(input.clone())),
        (None, Some(condition)) => {
            let place = format!("{place}/Condition");
            let text = condition.as_str().ok_or_else(|| Wrong::NotAString.at(place.as_str()))?;
            JsonataField::compile(text, &place)
                .map(When::Condition)
                .map_err(|error| Wrong::NotACondition(error).at(place))
        }
        _ => Err(Wrong::NotOneCondition.at(place)),
    }
}

/// `FieldValidationMode`, as TestState has it, if it is there.
pub(super) fn checked(members: &Object, place: &str) -> Result<Option<Option<Mode>>, Problem> {
    match members.get("FieldValidationMode").map(Value::as_str) {
        None => Ok(None),
        Some(Some("STRICT")) => Ok(Some(Some(Mode::Strict))),
        Some(Some("PRESENT")) => Ok(Some(Some(Mode::Present))),
        Some(Some("NONE")) => Ok(Some(None)),
        Some(_) => Err(Wrong::NotAMode.at(format!("{place}/FieldValidationMode"))),
    }
}

fn thrown(value: &Value, place: &str) -> Result<Failure, Problem> {
    let thrown = object(value, place)?;
    only(thrown, &["Error", "Cause"], place)?;
    let text = |name: &str| match thrown.get(name) {
        None => Ok(None),
        Some(value) => {
            value.as_str().map(|text| Some(text.into())).ok_or_else(|| Wrong::NotAString.at(format!("{place}/{name}")))
        }
    };
    let (error, cause) = (text("Error")?, text("Cause")?);
    match error {
        None => Err(Wrong::Missing("Error").at(place)),
        error => Ok(Failure::Reported { error, cause }),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn an_attempt_is_a_number_or_a_range() {
        for (text, expected) in [
            ("0", Some((0, 0))),
            ("12", Some((12, 12))),
            ("0-2", Some((0, 2))),
            ("3-3", Some((3, 3))),
            ("2-1", None),
            ("", None),
            ("-1", None),
            ("1-", None),
            ("+1", None),
            ("1 - 2", None),
            ("1-2-3", None),
            ("x", None),
            ("99999999999", None),
        ] {
            assert_eq!(range(text), expected, "{text:?}");
        }
    }
}
