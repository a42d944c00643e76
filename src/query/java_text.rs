//! Values as Java prints them: what `States.Format` inserts, and what the path library's messages show.

use crate::json::{Number, Value};
use std::fmt::{Display, Formatter, Result, Write};

/// A value as Java's `String.valueOf` prints it: `{name=Ada, tags=[a, b]}`.
pub(super) struct JavaText<'a>(pub &'a Value);

impl JavaText<'_> {
    /// Appends it to a text.
    pub fn push_to(&self, out: &mut String) {
        write_value(self.0, out).expect("a String takes everything");
    }
}

impl Display for JavaText<'_> {
    fn fmt(&self, f: &mut Formatter<'_>) -> Result {
        write_value(self.0, f)
    }
}

fn write_value(value: &Value, out: &mut impl Write) -> Result {
    match value {
        Value::Null => out.write_str("null"),
        Value::Bool(boolean) => out.write_str(if *boolean { "true" } else { "false" }),
        Value::Number(number) => write_number(number, out),
        Value::String(text) => out.write_str(text),
        Value::Array(_) => {
            out.write_char('[')?;
            for (i, item) in value.as_array().unwrap_or_default().iter().enumerate() {
                out.write_str(if i > 0 { ", " } else { "" })?;
                write_value(item, out)?;
            }
            out.write_char(']')
        }
        Value::Object(object) => {
            out.write_char('{')?;
            for (i, (name, member)) in object.iter().enumerate() {
                out.write_str(if i > 0 { ", " } else { "" })?;
                out.write_str(name)?;
                out.write_char('=')?;
                write_value(member, out)?;
            }
            out.write_char('}')
        }
    }
}

/// A number as `Integer`, `BigInteger` and `Double` print themselves: `1.0E10`.
fn write_number(number: &Number, out: &mut impl Write) -> Result {
    const PLAIN: std::ops::Range<i32> = -3..7;
    if number.is_integer() {
        return write!(out, "{number}");
    }
    let double = number.as_f64();
    if double.is_infinite() {
        return out.write_str(if double > 0.0 { "Infinity" } else { "-Infinity" });
    }
    let scientific = format!("{double:e}");
    let (digits, exponent) = scientific.split_once('e').unwrap_or((&scientific, "0"));
    if double == 0.0 || exponent.parse().is_ok_and(|exponent| PLAIN.contains(&exponent)) {
        let plain = double.to_string();
        let point = if plain.contains('.') { "" } else { ".0" };
        write!(out, "{plain}{point}")
    } else {
        let point = if digits.contains('.') { "" } else { ".0" };
        write!(out, "{digits}{point}E{exponent}")
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn values_are_printed_as_java_prints_them() {
        for (json, printed) in [
            ("null", "null"),
            ("true", "true"),
            ("12", "12"),
            ("1.0", "1.0"),
            ("0.001", "0.001"),
            ("0.0001", "1.0E-4"),
            ("1234567.5", "1234567.5"),
            ("12345678.5", "1.23456785E7"),
            ("1e309", "Infinity"),
            (r#""a""#, "a"),
            (r#"{"a":1,"b":["x",null,{}]}"#, "{a=1, b=[x, null, {}]}"),
        ] {
            assert_eq!(JavaText(&Value::parse(json).expect("valid JSON")).to_string(), printed, "{json}");
        }
    }
}
