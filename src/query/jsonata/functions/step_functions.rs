//! The functions that AWS added.
//!
//! How AWS words it when they are given something they can't work with isn't known; here it is an argument that
//! doesn't match the signature.

use super::argument;
use crate::json::Value;
use crate::query::java_random::JavaRandom;
use crate::query::jsonata::error::{JsonataError, Outcome};
use crate::query::jsonata::evaluator::Evaluator;
use crate::query::jsonata::value::Val;
use md5::Md5;
use sha1::Sha1;
use sha2::{Digest, Sha256, Sha384, Sha512};

fn unfit(index: usize) -> Box<JsonataError> {
    JsonataError::new("T0410").index(index)
}

/// With a seed the first double of `java.util.Random`.
pub(super) fn random(evaluator: &mut Evaluator<'_>, arguments: &[Val], _: &Val) -> Outcome<Val> {
    Ok(Val::Number(match argument(arguments, 0).as_f64() {
        None => evaluator.surroundings.random.unit(),
        Some(seed) => JavaRandom::new(seed as i64).next_double(),
    }))
}

/// An array in pieces of this many items. Recorded: one piece is still an array of pieces.
pub(super) fn partition(evaluator: &mut Evaluator<'_>, arguments: &[Val], _: &Val) -> Outcome<Val> {
    let Some(list) = argument(arguments, 0).list() else { return Ok(Val::Undefined) };
    let Some(size) = argument(arguments, 1).as_f64() else { return Ok(Val::Undefined) };
    if size < 1.0 || !size.is_finite() {
        return Err(unfit(2));
    }
    evaluator.charge_items(list.len().saturating_mul(2))?;
    evaluator.charge_containers((list.len() as f64 / size.trunc()).ceil() as usize)?;
    evaluator.step(list.len() / 8)?;
    let items: Vec<Val> = list.iter().collect();
    Ok(Val::array(items.chunks(size as usize).map(|chunk| Val::array(chunk.to_vec())).collect()))
}

/// Numbers from the first to the second, both included; the arguments are whole numbers, as Java makes them of others
/// (measured by others with TestState: `$range(-1.7, 2, 1)` is `[-1, 0, 1, 2]`).
pub(super) fn range(evaluator: &mut Evaluator<'_>, arguments: &[Val], _: &Val) -> Outcome<Val> {
    let number = |place: usize| argument(arguments, place).as_f64().map(f64::trunc);
    let (Some(from), Some(to)) = (number(0), number(1)) else { return Ok(Val::Undefined) };
    let step = number(2).unwrap_or(1.0);
    if step == 0.0 || !step.is_finite() {
        return Err(unfit(3));
    }
    let count = ((to - from) / step).floor() + 1.0;
    if count.is_nan() || count < 1.0 {
        return Ok(Val::sequence(Vec::new()));
    }
    if count > 1e7 {
        return Err(JsonataError::new("D2014").value(Val::Number(count).shown()));
    }
    evaluator.charge_items(count as usize)?;
    evaluator.step(count as usize / 16)?;
    Ok(Val::sequence((0..count as usize).map(|i| Val::Number(from + i as f64 * step)).collect()))
}

/// The digest in hexadecimal digits.
pub(super) fn hash(evaluator: &mut Evaluator<'_>, arguments: &[Val], _: &Val) -> Outcome<Val> {
    let Some(text) = argument(arguments, 0).as_str() else { return Ok(Val::Undefined) };
    let Some(algorithm) = argument(arguments, 1).as_str() else { return Ok(Val::Undefined) };
    evaluator.step(text.len() / 16)?;
    Ok(Val::text(match algorithm {
        "MD5" => hexadecimal(&Md5::digest(text)),
        "SHA-1" => hexadecimal(&Sha1::digest(text)),
        "SHA-256" => hexadecimal(&Sha256::digest(text)),
        "SHA-384" => hexadecimal(&Sha384::digest(text)),
        "SHA-512" => hexadecimal(&Sha512::digest(text)),
        _ => return Err(unfit(2)),
    }))
}

fn hexadecimal(digest: &[u8]) -> String {
    const DIGITS: &[u8; 16] = b"0123456789abcdef";
    let digits = digest.iter().flat_map(|byte| [byte >> 4, byte & 15]);
    digits.map(|digit| char::from(DIGITS[usize::from(digit)])).collect()
}

pub(super) fn uuid(evaluator: &mut Evaluator<'_>, _: &[Val], _: &Val) -> Outcome<Val> {
    let mut buffer = uuid::Uuid::encode_buffer();
    Ok(Val::text(&*evaluator.surroundings.random.uuid().hyphenated().encode_lower(&mut buffer)))
}

/// The value that JSON text stands for.
pub(super) fn parse(evaluator: &mut Evaluator<'_>, arguments: &[Val], _: &Val) -> Outcome<Val> {
    let Some(text) = argument(arguments, 0).as_str() else { return Ok(Val::Undefined) };
    evaluator.charge(text.len().saturating_mul(6))?;
    evaluator.step(text.len() / 8)?;
    match Value::parse(text) {
        Ok(Value::Number(number)) => Ok(Val::Number(number.as_f64())),
        Ok(value) => Ok(Val::Json(value)),
        Err(_) => Err(unfit(1)),
    }
}
