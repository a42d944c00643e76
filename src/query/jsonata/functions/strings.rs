//! Functions of strings.

use super::numbers::made;
use super::text::text_of;
use super::{argument, coded};
use crate::json::Value;
use crate::query::jsonata::encoding;
use crate::query::jsonata::error::Outcome;
use crate::query::jsonata::evaluator::Evaluator;
use crate::query::jsonata::value::Val;

pub(super) fn string(evaluator: &mut Evaluator<'_>, arguments: &[Val], _: &Val) -> Outcome<Val> {
    let value = argument(arguments, 0);
    if value.is_undefined() {
        return Ok(Val::Undefined);
    }
    if value.as_str().is_some() {
        return Ok(value.clone());
    }
    let pretty = matches!(argument(arguments, 1), Val::Json(Value::Bool(true)));
    let text = text_of(evaluator, value, pretty)?;
    evaluator.charge(text.len())?;
    Ok(Val::text(text))
}

/// The first argument as a string, and the rest if it is one.
fn on_text(arguments: &[Val], function: impl FnOnce(&str) -> Outcome<Val>) -> Outcome<Val> {
    match argument(arguments, 0).as_str() {
        Some(text) => function(text),
        None => Ok(Val::Undefined),
    }
}

pub(super) fn substring(evaluator: &mut Evaluator<'_>, arguments: &[Val], _: &Val) -> Outcome<Val> {
    on_text(arguments, |text| {
        evaluator.step(text.len() / 16)?;
        let length = argument(arguments, 2).as_f64();
        let start = match argument(arguments, 1).as_f64() {
            None if length.is_some() => return Ok(Val::text("")),
            start => start.unwrap_or(0.0),
        };
        let count = match text.is_ascii() {
            true => text.len(),
            false => text.chars().count(),
        } as f64;
        let start = if count + start < 0.0 { 0.0 } else { start };
        let end = match length {
            Some(length) if length <= 0.0 => return Ok(Val::text("")),
            Some(length) if start >= 0.0 => start + length,
            Some(length) => count + start + length,
            None => count,
        };
        let from_end =
            |place: f64| if place < 0.0 { (count + place.trunc()).max(0.0) } else { place.trunc().min(count) };
        let (from, to) = (from_end(start) as usize, from_end(end) as usize);
        let wanted = to.saturating_sub(from);
        evaluator.charge(wanted)?;
        Ok(match text.is_ascii() {
            true => Val::text(&text[from..from + wanted]),
            false => Val::text(text.chars().skip(from).take(wanted).collect::<String>()),
        })
    })
}

pub(super) fn substring_before(evaluator: &mut Evaluator<'_>, arguments: &[Val], _: &Val) -> Outcome<Val> {
    on_text(arguments, |text| {
        evaluator.step(text.len() / 16)?;
        let before = argument(arguments, 1).as_str().and_then(|part| text.split_once(part)).map(|(before, _)| before);
        match before {
            Some(before) => made(evaluator, Ok(before.to_owned())),
            None => Ok(argument(arguments, 0).clone()),
        }
    })
}

pub(super) fn substring_after(evaluator: &mut Evaluator<'_>, arguments: &[Val], _: &Val) -> Outcome<Val> {
    on_text(arguments, |text| {
        evaluator.step(text.len() / 16)?;
        let after = argument(arguments, 1).as_str().and_then(|part| text.split_once(part)).map(|(_, after)| after);
        match after {
            Some(after) => made(evaluator, Ok(after.to_owned())),
            None => Ok(argument(arguments, 0).clone()),
        }
    })
}

/// Letters beyond ASCII are looked up.
fn case_steps(evaluator: &mut Evaluator<'_>, text: &str) -> Outcome<()> {
    evaluator.step(if text.is_ascii() { 0 } else { text.len() / 8 })
}

pub(super) fn lowercase(evaluator: &mut Evaluator<'_>, arguments: &[Val], _: &Val) -> Outcome<Val> {
    on_text(arguments, |text| {
        case_steps(evaluator, text)?;
        made(evaluator, Ok(text.to_lowercase()))
    })
}

pub(super) fn uppercase(evaluator: &mut Evaluator<'_>, arguments: &[Val], _: &Val) -> Outcome<Val> {
    on_text(arguments, |text| {
        case_steps(evaluator, text)?;
        made(evaluator, Ok(text.to_uppercase()))
    })
}

pub(super) fn length(_: &mut Evaluator<'_>, arguments: &[Val], _: &Val) -> Outcome<Val> {
    on_text(arguments, |text| Ok(Val::from(text.chars().count())))
}

pub(super) fn trim(evaluator: &mut Evaluator<'_>, arguments: &[Val], _: &Val) -> Outcome<Val> {
    on_text(arguments, |text| {
        evaluator.charge(text.len())?;
        let words = text.split([' ', '\t', '\n', '\r']).filter(|word| !word.is_empty());
        let mut trimmed = String::with_capacity(text.len());
        for word in words {
            if !trimmed.is_empty() {
                trimmed.push(' ');
            }
            trimmed.push_str(word);
        }
        Ok(Val::text(trimmed))
    })
}

pub(super) fn pad(evaluator: &mut Evaluator<'_>, arguments: &[Val], _: &Val) -> Outcome<Val> {
    on_text(arguments, |text| {
        let width = argument(arguments, 1).as_f64().unwrap_or(0.0);
        let padding = argument(arguments, 2).as_str().filter(|padding| !padding.is_empty()).unwrap_or(" ");
        let missing = width.abs().trunc() - text.chars().count() as f64;
        if missing <= 0.0 {
            return Ok(argument(arguments, 0).clone());
        }
        let bytes = (missing * 4.0).min(1e18) as usize;
        evaluator.charge(bytes.saturating_add(text.len()))?;
        let filling = padding.chars().cycle().take(missing as usize);
        let mut padded = String::with_capacity(text.len() + missing as usize);
        if width > 0.0 {
            padded.push_str(text);
            padded.extend(filling);
        } else {
            padded.extend(filling);
            padded.push_str(text);
        }
        Ok(Val::text(padded))
    })
}

pub(super) fn join(evaluator: &mut Evaluator<'_>, arguments: &[Val], _: &Val) -> Outcome<Val> {
    let Some(list) = argument(arguments, 0).list() else { return Ok(Val::Undefined) };
    let separator = argument(arguments, 1).as_str().unwrap_or_default();
    evaluator.step(list.len())?;
    let mut joined = String::new();
    for (i, item) in list.iter().enumerate() {
        let part = item.as_str().unwrap_or_default();
        evaluator.charge(part.len() + separator.len())?;
        if i > 0 {
            joined.push_str(separator);
        }
        joined.push_str(part);
    }
    Ok(Val::text(joined))
}

pub(super) fn base64_encode(evaluator: &mut Evaluator<'_>, arguments: &[Val], _: &Val) -> Outcome<Val> {
    on_text(arguments, |text| made(evaluator, Ok(encoding::base64_encode(text))))
}

pub(super) fn base64_decode(evaluator: &mut Evaluator<'_>, arguments: &[Val], _: &Val) -> Outcome<Val> {
    on_text(arguments, |text| {
        // Recorded of `!!!`: what jsonata-js leaves to its surroundings, AWS does strictly, and fails without a code.
        if evaluator.is_aws() && !encoding::is_base64(text) {
            return Err(coded(None, "Malformed base64".into()));
        }
        made(evaluator, Ok(encoding::base64_decode(text)))
    })
}

pub(super) fn encode_url_component(evaluator: &mut Evaluator<'_>, arguments: &[Val], _: &Val) -> Outcome<Val> {
    on_text(arguments, |text| made(evaluator, Ok(encoding::encode_url_component(text))))
}

pub(super) fn encode_url(evaluator: &mut Evaluator<'_>, arguments: &[Val], _: &Val) -> Outcome<Val> {
    on_text(arguments, |text| made(evaluator, Ok(encoding::encode_url(text))))
}

pub(super) fn decode_url_component(evaluator: &mut Evaluator<'_>, arguments: &[Val], _: &Val) -> Outcome<Val> {
    on_text(arguments, |text| made(evaluator, decoded(encoding::decode_url_component(text))))
}

pub(super) fn decode_url(evaluator: &mut Evaluator<'_>, arguments: &[Val], _: &Val) -> Outcome<Val> {
    on_text(arguments, |text| made(evaluator, decoded(encoding::decode_url(text))))
}

fn decoded(result: Result<String, encoding::MalformedUrl>) -> Outcome<String> {
    result.map_err(|error| coded(error.code(), error.to_string()))
}
