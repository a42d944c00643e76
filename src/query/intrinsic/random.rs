//! `States.MathRandom` and `States.UUID`.

use super::math::{truncated, truncated_to_int};
use super::{Outcome, Refusal};
use crate::json::Value;
use crate::query::java_random::JavaRandom;
use crate::random::Random;

/// An integer from the first number on, below the second; the same one for the same seed.
pub(super) fn math_random(arguments: &[Value], random: &Random) -> Outcome {
    let (from, to, seed) = match arguments {
        [from, to] => (from, to, None),
        [from, to, seed] => (from, to, Some(truncated(seed).ok_or(Refusal::Arguments)?)),
        _ => return Err(Refusal::Arguments),
    };
    let (Some(from), Some(to)) = (truncated_to_int(from), truncated_to_int(to)) else {
        return Err(Refusal::Arguments);
    };
    if from >= to {
        return Err(Refusal::Arguments);
    }
    Ok(match seed {
        // AWS's `$random` is known to use `java.util.Random`; that this function does so too, in this way, is a guess.
        Some(seed) => i64::from(JavaRandom::new(seed).between(from, to)),
        None => random.between(from.into(), to.into()),
    }
    .into())
}

pub(super) fn uuid(arguments: &[Value], random: &Random) -> Outcome {
    if !arguments.is_empty() {
        return Err(Refusal::Arguments);
    }
    let mut buffer = uuid::Uuid::encode_buffer();
    Ok(Value::from(&*random.uuid().hyphenated().encode_lower(&mut buffer)))
}
