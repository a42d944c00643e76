//! Numbers that keep their kind: integers stay integers, `1.0` stays `1.0`, and what neither `i64` nor a double
//! would write in the same way (`1.50`, `1E5`, thirty digits) stays as it was written.

use std::cmp::Ordering;
use std::sync::Arc;

/// A JSON number.
#[derive(Clone, Debug)]
pub struct Number(Repr);

#[derive(Clone, Debug)]
enum Repr {
    Integer(i64),
    Float(f64),
    /// Behind a pointer, so that a value stays small.
    Literal(Arc<String>),
}

impl Number {
    /// The number for a double; nothing for those that JSON doesn't have (infinities, NaN).
    pub fn from_f64(f: f64) -> Option<Number> {
        f.is_finite().then_some(Number(Repr::Float(f)))
    }

    /// The number that a valid JSON literal stands for, and whether we would write it in the same way.
    pub(super) fn from_literal(text: &str) -> (Number, bool) {
        let is_integer = !text.bytes().any(|b| matches!(b, b'.' | b'e' | b'E'));
        if is_integer {
            return match text.parse::<i64>() {
                Ok(n) => (Number(Repr::Integer(n)), text != "-0"),
                Err(_) => (Number(Repr::Literal(Arc::new(text.to_owned()))), true),
            };
        }
        match text.parse::<f64>() {
            Ok(f) if f.is_finite() && format!("{f:?}") == text => (Number(Repr::Float(f)), true),
            _ => (Number(Repr::Literal(Arc::new(text.to_owned()))), true),
        }
    }

    /// The integer, if it is written as one and fits.
    pub fn as_i64(&self) -> Option<i64> {
        match self.0 {
            Repr::Integer(n) => Some(n),
            _ => None,
        }
    }

    /// The nearest double; infinite where the literal is beyond its range.
    pub fn as_f64(&self) -> f64 {
        match &self.0 {
            Repr::Integer(n) => *n as f64,
            Repr::Float(f) => *f,
            Repr::Literal(text) => text.parse().unwrap_or(f64::NAN),
        }
    }

    /// The whole number that it stands for, `2.0` included, if that fits.
    pub fn as_whole(&self) -> Option<i64> {
        match &self.0 {
            Repr::Integer(n) => Some(*n),
            _ => {
                let f = self.as_f64();
                (f.fract() == 0.0 && f.abs() < 9.2e18).then_some(f as i64)
            }
        }
    }

    /// Whether it was written as an integer, of whatever length.
    pub fn is_integer(&self) -> bool {
        match &self.0 {
            Repr::Integer(_) => true,
            Repr::Float(_) => false,
            Repr::Literal(text) => !text.bytes().any(|b| matches!(b, b'.' | b'e' | b'E')),
        }
    }

    /// The number of bytes of its text.
    pub fn size(&self) -> usize {
        match &self.0 {
            Repr::Integer(n) => {
                let digits = n.unsigned_abs().checked_ilog10().unwrap_or(0) as usize + 1;
                digits + usize::from(*n < 0)
            }
            Repr::Float(f) => format!("{f:?}").len(),
            Repr::Literal(text) => text.len(),
        }
    }

    pub(super) fn write(&self, out: &mut String) {
        use std::fmt::Write;
        let written = match &self.0 {
            Repr::Integer(n) => write!(out, "{n}"),
            Repr::Float(f) => write!(out, "{f:?}"),
            Repr::Literal(text) => out.write_str(text),
        };
        written.expect("a String takes everything");
    }
}

impl From<i64> for Number {
    fn from(n: i64) -> Self {
        Number(Repr::Integer(n))
    }
}

impl std::fmt::Display for Number {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        let mut out = String::new();
        self.write(&mut out);
        f.write_str(&out)
    }
}

impl PartialEq for Number {
    fn eq(&self, other: &Self) -> bool {
        self.partial_cmp(other) == Some(Ordering::Equal)
    }
}

impl PartialOrd for Number {
    fn partial_cmp(&self, other: &Self) -> Option<Ordering> {
        match (&self.0, &other.0) {
            (Repr::Integer(a), Repr::Integer(b)) => Some(a.cmp(b)),
            (Repr::Literal(a), Repr::Literal(b)) if a == b => Some(Ordering::Equal),
            _ => self.as_f64().partial_cmp(&other.as_f64()),
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_number_is_written_as_it_came() {
        for text in
            ["0", "-1", "9223372036854775807", "9223372036854775808", "1.0", "1.50", "1e5", "1E-7", "1e309", "0.1"]
        {
            assert_eq!(Number::from_literal(text).0.to_string(), text);
        }
    }

    #[test]
    fn numbers_compare_by_value() {
        let number = |text| Number::from_literal(text).0;
        assert_eq!(number("1"), number("1.0"));
        assert_eq!(number("1.50"), number("1.5"));
        assert!(number("2") > number("1.9"));
        assert_eq!(number("1e3").as_whole(), Some(1000));
        assert_eq!(number("1.5").as_whole(), None);
    }
}
