//! `States.MathRandom` and `States.UUID`.

use super::math::{truncated, truncated_to_int};
use super::{Outcome, Refusal};
use crate::json::Value;
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

/// `java.util.Random`.
///
/// AWS's JSONata function `$random(seed)` is known to use it: `$random(42)` is 0.7275636800328681. That
/// `States.MathRandom` does so too, and in which way, is a guess.
struct JavaRandom(u64);

impl JavaRandom {
    const MASK: u64 = (1 << 48) - 1;

    fn new(seed: i64) -> Self {
        Self((seed as u64 ^ 0x5_DEEC_E66D) & Self::MASK)
    }

    fn next(&mut self, bits: u32) -> i32 {
        self.0 = self.0.wrapping_mul(0x5_DEEC_E66D).wrapping_add(0xB) & Self::MASK;
        (self.0 >> (48 - bits)) as i32
    }

    /// `nextInt(bound)`, for a bound above 0
    fn below(&mut self, bound: i32) -> i32 {
        if bound & (bound - 1) == 0 {
            return ((i64::from(bound) * i64::from(self.next(31))) >> 31) as i32;
        }
        loop {
            let bits = self.next(31);
            let value = bits % bound;
            if bits.checked_sub(value).and_then(|n| n.checked_add(bound - 1)).is_some() {
                return value;
            }
        }
    }

    /// As `ints(from, to)` makes them, for a `from` below `to`.
    fn between(&mut self, from: i32, to: i32) -> i32 {
        if let Some(width) = to.checked_sub(from) {
            return from + self.below(width);
        }
        loop {
            let value = self.next(32);
            if (from..to).contains(&value) {
                return value;
            }
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn java_random_gives_javas_numbers() {
        let mut random = JavaRandom::new(42);
        let double = ((i64::from(random.next(26)) << 27) + i64::from(random.next(27))) as f64 / (1i64 << 53) as f64;
        assert_eq!(double, 0.7275636800328681);
        assert_eq!(JavaRandom::new(42).next(32), -1_170_105_035);
        assert_eq!(JavaRandom::new(42).between(0, 10), 0);
        assert_eq!(JavaRandom::new(42).between(5, 1005), 135);
        assert!((i32::MIN..i32::MAX).contains(&JavaRandom::new(-1).between(i32::MIN, i32::MAX)));
    }
}
