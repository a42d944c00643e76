//! Functions of time.

use super::numbers::{made, picture_steps};
use super::{argument, coded};
use crate::query::jsonata::datetime;
use crate::query::jsonata::error::Outcome;
use crate::query::jsonata::evaluator::Evaluator;
use crate::query::jsonata::value::Val;

fn formatted(
    evaluator: &mut Evaluator<'_>,
    millis: f64,
    picture: Option<&str>,
    timezone: Option<&str>,
) -> Outcome<Val> {
    let length = picture.map_or(0, str::len) + timezone.map_or(0, str::len);
    evaluator.step(length.saturating_mul(length) / 64)?;
    let text = datetime::from_millis(millis, picture, timezone);
    made(evaluator, text.map_err(|error| coded(error.code(), error.to_string())))
}

pub(super) fn now(evaluator: &mut Evaluator<'_>, arguments: &[Val], _: &Val) -> Outcome<Val> {
    let millis = evaluator.surroundings.millis as f64;
    formatted(evaluator, millis, argument(arguments, 0).as_str(), argument(arguments, 1).as_str())
}

pub(super) fn millis(evaluator: &mut Evaluator<'_>, _: &[Val], _: &Val) -> Outcome<Val> {
    Ok(Val::Number(evaluator.surroundings.millis as f64))
}

pub(super) fn from_millis(evaluator: &mut Evaluator<'_>, arguments: &[Val], _: &Val) -> Outcome<Val> {
    match argument(arguments, 0).as_f64() {
        Some(millis) => formatted(evaluator, millis, argument(arguments, 1).as_str(), argument(arguments, 2).as_str()),
        None => Ok(Val::Undefined),
    }
}

pub(super) fn to_millis(evaluator: &mut Evaluator<'_>, arguments: &[Val], _: &Val) -> Outcome<Val> {
    picture_steps(evaluator, arguments)?;
    let Some(text) = argument(arguments, 0).as_str() else { return Ok(Val::Undefined) };
    let now = evaluator.surroundings.millis as f64;
    match datetime::to_millis(text, argument(arguments, 1).as_str(), now) {
        Ok(millis) => Ok(millis.map_or(Val::Undefined, Val::Number)),
        Err(error) => Err(coded(error.code(), error.to_string())),
    }
}
