//! From answers to JSON text.

use crate::json::{Value, write_string};
use crate::timestamp::Timestamp;
use smol_str::SmolStr;
use std::fmt::Write;
use std::sync::Arc;

/// A type that an answer's member can have.
pub trait Encode {
    /// Appends the JSON.
    fn write(&self, out: &mut String);

    /// Whether the member appears at all.
    fn is_there(&self) -> bool {
        true
    }
}

/// A structure of an answer, as `answer!` declares it.
pub trait Answer: Encode {
    /// The names of the members.
    const MEMBERS: &'static [&'static str];
}

/// Appends a comma, but not before the first.
pub fn separate(first: &mut bool, out: &mut String) {
    if !std::mem::take(first) {
        out.push(',');
    }
}

/// Appends a member's name, which needs no escapes, with what stands around it.
pub fn write_name(name: &str, first: &mut bool, out: &mut String) {
    separate(first, out);
    out.push('"');
    out.push_str(name);
    out.push_str("\":");
}

impl Encode for SmolStr {
    fn write(&self, out: &mut String) {
        write_string(self, out);
    }
}

impl Encode for Arc<str> {
    fn write(&self, out: &mut String) {
        write_string(self, out);
    }
}

impl Encode for &'static str {
    fn write(&self, out: &mut String) {
        write_string(self, out);
    }
}

/// A text that holds JSON, as inputs and outputs are given.
impl Encode for Value {
    fn write(&self, out: &mut String) {
        write_string(&self.to_text(), out);
    }
}

impl Encode for bool {
    fn write(&self, out: &mut String) {
        out.push_str(if *self { "true" } else { "false" });
    }
}

impl Encode for i64 {
    fn write(&self, out: &mut String) {
        // Writing to a String can't fail.
        let _ = write!(out, "{self}");
    }
}

impl Encode for f64 {
    fn write(&self, out: &mut String) {
        Value::from(*self).write(out);
    }
}

/// Seconds since the epoch, with milliseconds.
impl Encode for Timestamp {
    fn write(&self, out: &mut String) {
        let (sign, millis) =
            if self.millis() < 0 { ("-", self.millis().unsigned_abs()) } else { ("", self.millis() as u64) };
        // Writing to a String can't fail.
        let _ = write!(out, "{sign}{}.{:03}", millis / 1000, millis % 1000);
    }
}

impl<T: Encode> Encode for Option<T> {
    fn write(&self, out: &mut String) {
        if let Some(value) = self {
            Encode::write(value, out);
        }
    }

    fn is_there(&self) -> bool {
        self.is_some()
    }
}

impl<T: Encode> Encode for Vec<T> {
    fn write(&self, out: &mut String) {
        out.push('[');
        let mut first = true;
        for item in self {
            separate(&mut first, out);
            Encode::write(item, out);
        }
        out.push(']');
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    crate::protocol::answer! {
        /// Everything there is.
        pub struct Everything {
            /// a text
            text: SmolStr = "text";
            /// a time
            time: Timestamp = "time";
            /// JSON in a text
            json: Value = "json";
            /// left out
            nothing: Option<bool> = "nothing";
            /// a list
            list: Vec<i64> = "list";
        }
    }

    #[test]
    fn an_answer_is_json_without_what_is_absent() {
        let everything = Everything {
            text: "a\"b".into(),
            time: Timestamp::from_millis(1_795_000_000_023),
            json: Value::parse(r#"{"a": 1}"#).expect("JSON"),
            nothing: None,
            list: vec![1, 2],
        };
        let mut out = String::new();
        Encode::write(&everything, &mut out);
        assert_eq!(out, r#"{"text":"a\"b","time":1795000000.023,"json":"{\"a\": 1}","list":[1,2]}"#);
        assert_eq!(Everything::MEMBERS, ["text", "time", "json", "nothing", "list"]);
    }
}
