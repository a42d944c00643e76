//! Functions of numbers.

use super::{argument, coded};
use crate::json::Value;
use crate::query::jsonata::Mode;
use crate::query::jsonata::error::{JsonataError, Outcome};
use crate::query::jsonata::evaluator::Evaluator;
use crate::query::jsonata::format_number::FormatProblem;
use crate::query::jsonata::number_text::parse_number;
use crate::query::jsonata::value::Val;
use crate::query::jsonata::{format_base as base, format_integer as integer, format_number as picture};

/// The numbers of the first argument; nothing if it is undefined.
fn numbers(evaluator: &mut Evaluator<'_>, arguments: &[Val]) -> Outcome<Option<Vec<f64>>> {
    let Some(list) = argument(arguments, 0).list() else { return Ok(None) };
    evaluator.step(list.len())?;
    Ok(Some(list.iter().map(|item| item.as_f64().unwrap_or(f64::NAN)).collect()))
}

pub(super) fn sum(evaluator: &mut Evaluator<'_>, arguments: &[Val], _: &Val) -> Outcome<Val> {
    Ok(numbers(evaluator, arguments)?
        .map_or(Val::Undefined, |numbers| Val::Number(numbers.iter().fold(0.0, |a, b| a + b))))
}

pub(super) fn max(evaluator: &mut Evaluator<'_>, arguments: &[Val], _: &Val) -> Outcome<Val> {
    let numbers = numbers(evaluator, arguments)?.filter(|numbers| !numbers.is_empty());
    Ok(numbers.map_or(Val::Undefined, |numbers| Val::Number(numbers.into_iter().fold(f64::NEG_INFINITY, f64::max))))
}

pub(super) fn min(evaluator: &mut Evaluator<'_>, arguments: &[Val], _: &Val) -> Outcome<Val> {
    let numbers = numbers(evaluator, arguments)?.filter(|numbers| !numbers.is_empty());
    Ok(numbers.map_or(Val::Undefined, |numbers| Val::Number(numbers.into_iter().fold(f64::INFINITY, f64::min))))
}

pub(super) fn average(evaluator: &mut Evaluator<'_>, arguments: &[Val], _: &Val) -> Outcome<Val> {
    let numbers = numbers(evaluator, arguments)?.filter(|numbers| !numbers.is_empty());
    Ok(numbers
        .map_or(Val::Undefined, |numbers| Val::Number(numbers.iter().fold(0.0, |a, b| a + b) / numbers.len() as f64)))
}

fn on_number(arguments: &[Val], function: impl FnOnce(f64) -> Outcome<f64>) -> Outcome<Val> {
    match argument(arguments, 0).as_f64() {
        Some(number) => function(number).map(Val::Number),
        None => Ok(Val::Undefined),
    }
}

pub(super) fn floor(_: &mut Evaluator<'_>, arguments: &[Val], _: &Val) -> Outcome<Val> {
    on_number(arguments, |number| Ok(number.floor()))
}

pub(super) fn ceil(_: &mut Evaluator<'_>, arguments: &[Val], _: &Val) -> Outcome<Val> {
    on_number(arguments, |number| Ok(number.ceil()))
}

pub(super) fn abs(_: &mut Evaluator<'_>, arguments: &[Val], _: &Val) -> Outcome<Val> {
    on_number(arguments, |number| Ok(number.abs()))
}

/// Halves go to the even neighbour; the digits are shifted as decimal ones.
pub(super) fn round(_: &mut Evaluator<'_>, arguments: &[Val], _: &Val) -> Outcome<Val> {
    let digits = argument(arguments, 1).as_f64().unwrap_or(0.0).trunc();
    on_number(arguments, |number| {
        if digits == 0.0 {
            return Ok(number.round_ties_even());
        }
        let rounded = shifted(number, digits).round_ties_even();
        Ok(shifted(rounded, -digits))
    })
}

fn shifted(number: f64, digits: f64) -> f64 {
    let text = format!("{number:e}");
    let (mantissa, exponent) = text.split_once('e').unwrap_or((&text, "0"));
    let exponent = exponent.parse::<f64>().unwrap_or(0.0) + digits;
    format!("{mantissa}e{}", exponent.clamp(-1e4, 1e4)).parse().unwrap_or(number)
}

pub(super) fn sqrt(_: &mut Evaluator<'_>, arguments: &[Val], _: &Val) -> Outcome<Val> {
    on_number(arguments, |number| match number < 0.0 {
        true => Err(JsonataError::new("D3060").index(1).value(Val::Number(number).shown())),
        false => Ok(number.sqrt()),
    })
}

pub(super) fn power(_: &mut Evaluator<'_>, arguments: &[Val], _: &Val) -> Outcome<Val> {
    let exponent = argument(arguments, 1).as_f64().unwrap_or(f64::NAN);
    on_number(arguments, |number| {
        let power = number.powf(exponent);
        match power.is_finite() {
            true => Ok(power),
            false => {
                let error = JsonataError::new("D3061").index(1).value(Val::Number(number).shown());
                Err(error.value2(Val::Number(exponent).shown()))
            }
        }
    })
}

pub(super) fn random(evaluator: &mut Evaluator<'_>, _: &[Val], _: &Val) -> Outcome<Val> {
    Ok(Val::Number(evaluator.surroundings.random.unit()))
}

pub(super) fn number(evaluator: &mut Evaluator<'_>, arguments: &[Val], _: &Val) -> Outcome<Val> {
    let value = argument(arguments, 0);
    evaluator.step(value.as_str().map_or(0, |text| text.len() / 16))?;
    match value {
        Val::Undefined => Ok(Val::Undefined),
        Val::Number(_) | Val::Json(Value::Number(_)) => Ok(value.clone()),
        Val::Json(Value::Bool(value)) => Ok(Val::Number(f64::from(u8::from(*value)))),
        _ => match value.as_str().and_then(parse_number) {
            Some(number) => Ok(Val::Number(number)),
            None => Err(JsonataError::new("D3030").value(value.shown())),
        },
    }
}

/// A text that a function has made.
pub(super) fn made(evaluator: &mut Evaluator<'_>, text: Outcome<String>) -> Outcome<Val> {
    let text = text?;
    evaluator.charge(text.len())?;
    evaluator.step(1 + text.len() / 16)?;
    Ok(Val::text(text))
}

/// Pictures are short; what is done with them takes time that grows with the square of their length.
pub(super) fn picture_steps(evaluator: &mut Evaluator<'_>, arguments: &[Val]) -> Outcome<()> {
    let length = argument(arguments, 0).extent() + argument(arguments, 1).extent();
    evaluator.step(length.saturating_mul(length) / 64)
}

pub(super) fn format_number(evaluator: &mut Evaluator<'_>, arguments: &[Val], _: &Val) -> Outcome<Val> {
    let Some(number) = argument(arguments, 0).as_f64() else { return Ok(Val::Undefined) };
    let options = argument(arguments, 2).to_json();
    picture_steps(evaluator, arguments)?;
    let text = picture::format_number(number, argument(arguments, 1).as_str().unwrap_or_default(), options.as_ref());
    let mode = evaluator.surroundings.mode;
    let problem = |problem: FormatProblem| match (mode, problem) {
        // Measured by others with TestState: where jsonata-js stumbles, AWS has a code.
        (Mode::StepFunctions, FormatProblem::NoDigits) => FormatProblem::PassiveWithin,
        (_, problem) => problem,
    };
    made(evaluator, text.map_err(problem).map_err(|error| coded(error.code(), error.to_string())))
}

pub(super) fn format_base(evaluator: &mut Evaluator<'_>, arguments: &[Val], _: &Val) -> Outcome<Val> {
    let Some(number) = argument(arguments, 0).as_f64() else { return Ok(Val::Undefined) };
    let text = base::format_base(number, argument(arguments, 1).as_f64());
    made(evaluator, text.map_err(|error| coded(error.code(), error.to_string())))
}

pub(super) fn format_integer(evaluator: &mut Evaluator<'_>, arguments: &[Val], _: &Val) -> Outcome<Val> {
    picture_steps(evaluator, arguments)?;
    let Some(number) = argument(arguments, 0).as_f64() else { return Ok(Val::Undefined) };
    let text = integer::format_integer(number, argument(arguments, 1).as_str().unwrap_or_default());
    made(evaluator, text.map_err(|error| coded(error.code(), error.to_string())))
}

pub(super) fn parse_integer(evaluator: &mut Evaluator<'_>, arguments: &[Val], _: &Val) -> Outcome<Val> {
    picture_steps(evaluator, arguments)?;
    let Some(text) = argument(arguments, 0).as_str() else { return Ok(Val::Undefined) };
    let number = integer::parse_integer(text, argument(arguments, 1).as_str().unwrap_or_default());
    let number = number.map_err(|error| coded(error.code(), error.to_string()))?;
    Ok(Val::Number(number))
}
