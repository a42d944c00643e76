//! Numbers as the functions take them, and `States.MathAdd`.

use super::{Outcome, Refusal};
use crate::json::Value;
use crate::random::Random;

/// The sum of two numbers, each rounded to a 32-bit integer; so must the sum be.
pub(super) fn add(arguments: &[Value], _: &Random) -> Outcome {
    let [a, b] = arguments else { return Err(Refusal::Arguments) };
    let (Some(a), Some(b)) = (rounded(a), rounded(b)) else { return Err(Refusal::Arguments) };
    let sum = a.checked_add(b).ok_or(Refusal::Arguments)?;
    Ok(i64::from(sum).into())
}

/// The whole part of a number.
pub(super) fn truncated(value: &Value) -> Option<i64> {
    let number = value.as_number()?;
    number.as_i64().or_else(|| {
        let whole = number.as_f64().trunc();
        (whole.abs() < 9.2e18).then_some(whole as i64)
    })
}

/// The whole part of a number, if it is a 32-bit integer.
pub(super) fn truncated_to_int(value: &Value) -> Option<i32> {
    truncated(value)?.try_into().ok()
}

/// The nearest integer, the greater one of two that are equally near (Java's `Math.round`).
///
/// Of a literal such as `1e309`, which is infinite as a double, it is recorded that AWS takes it and not which number
/// it makes of it; here it is the greatest, as Java's conversions have it.
fn rounded(value: &Value) -> Option<i32> {
    let number = value.as_number()?;
    if let Some(integer) = number.as_i64() {
        return integer.try_into().ok();
    }
    let double = number.as_f64();
    if double.is_infinite() && !number.is_integer() {
        return Some(double as i32);
    }
    let below = double.floor();
    let nearest = if double - below >= 0.5 { below + 1.0 } else { below };
    (f64::from(i32::MIN)..=f64::from(i32::MAX)).contains(&nearest).then_some(nearest as i32)
}
