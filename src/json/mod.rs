//! The one JSON type of the whole interpreter.
//!
//! A [`Value`] is immutable and its parts are shared: cloning, selecting a subtree or storing it elsewhere copies a
//! pointer. Members keep their order, integers stay integers, `1.0` stays `1.0`. A document that was parsed from text
//! which is not what we would write (blanks, `1.50`, `\u0041`) keeps that text for as long as nobody changes it or
//! puts it into something else, because AWS hands such text on as it came.
//!
//! This module knows nothing of paths, states or HTTP; what it can't parse it describes in the words of the Jackson
//! library, which AWS uses and whose words reach the users of the API.

pub mod hash_order;
mod number;
mod object;
mod parse;
mod write;

pub use number::Number;
pub use object::Object;
use parse::Repeats;
pub use parse::{ParseError, ParseErrorKind};
pub use write::string as write_string;

use crate::quota;
use smol_str::SmolStr;
use std::sync::Arc;
use std::sync::atomic::{AtomicU32, Ordering};

/// A JSON value; cloning it is cheap whatever its size.
#[derive(Clone, Debug, Default)]
pub enum Value {
    /// `null`
    #[default]
    Null,
    /// `true` or `false`
    Bool(bool),
    /// A number that keeps its kind: integer, floating point, or the literal as it was written.
    Number(Number),
    /// A string, short ones inline.
    String(SmolStr),
    /// An array.
    Array(Arc<Array>),
    /// An object with its members in the order in which they were written.
    Object(Arc<Object>),
}

/// The items of an array, the text it was parsed from where that matters, and its size once known.
#[derive(Debug, Default)]
pub struct Array {
    items: Box<[Value]>,
    memo: Memo,
}

/// What a container remembers of its own text.
#[derive(Debug, Default)]
pub(crate) struct Memo {
    /// The text that it was parsed from, if that differs from what we would write.
    text: Option<Arc<str>>,
    /// The number of bytes of its text, 0 as long as nobody asked.
    size: AtomicU32,
    /// How many containers are inside each other here, this one included.
    depth: u32,
}

impl Memo {
    fn of<'a>(parts: impl Iterator<Item = &'a Value>) -> Self {
        let inside = parts.map(Value::depth).max().unwrap_or(0);
        Self { depth: u32::try_from(inside + 1).unwrap_or(u32::MAX), ..Self::default() }
    }

    fn with_text(self, text: &str) -> Self {
        Self { text: Some(text.into()), ..self }
    }

    fn size(&self, measure: impl FnOnce() -> usize) -> usize {
        if let Some(text) = &self.text {
            return text.len();
        }
        match self.size.load(Ordering::Relaxed) {
            0 => {
                let size = measure();
                self.size.store(u32::try_from(size).unwrap_or(u32::MAX), Ordering::Relaxed);
                size
            }
            known => known as usize,
        }
    }
}

/// The six kinds of JSON values, for messages and type tests.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Kind {
    /// `null`
    Null,
    /// `true`, `false`
    Boolean,
    /// any number
    Number,
    /// a string
    String,
    /// an array
    Array,
    /// an object
    Object,
}

impl Kind {
    /// The word for it: `null`, `boolean`, `number`, `string`, `array`, `object`.
    pub fn name(self) -> &'static str {
        match self {
            Kind::Null => "null",
            Kind::Boolean => "boolean",
            Kind::Number => "number",
            Kind::String => "string",
            Kind::Array => "array",
            Kind::Object => "object",
        }
    }
}

impl Value {
    /// Parses JSON text; [`ParseError`] speaks Jackson's words.
    pub fn parse(text: &str) -> Result<Value, ParseError> {
        parse::parse(text, Repeats::Taken)
    }

    /// The same of a file that somebody wrote for us: no name may stand twice in an object.
    pub fn parse_file(text: &str) -> Result<Value, ParseError> {
        parse::parse(text, Repeats::Refused)
    }

    /// An array of these items, which lose the text that they came from.
    pub fn array(items: impl Into<Box<[Value]>>) -> Value {
        let mut items = items.into();
        items.iter_mut().for_each(Value::forget_text);
        let memo = Memo::of(items.iter());
        Value::Array(Arc::new(Array { items, memo }))
    }

    /// An array of whole documents, each of which keeps the text that it came from: AWS puts the results of branches
    /// and iterations together as text (recorded). What is too large to go on as a whole needs no text as a whole.
    pub fn array_of_documents(items: impl Into<Box<[Value]>>) -> Value {
        let items = items.into();
        let size = 1 + items.len() + items.iter().map(Value::size).sum::<usize>();
        if size > quota::PAYLOAD_BYTES || !items.iter().any(Value::has_text) {
            return Value::array(items);
        }
        let mut text = String::with_capacity(size);
        text.push('[');
        for (i, item) in items.iter().enumerate() {
            text.push_str(if i > 0 { "," } else { "" });
            item.write(&mut text);
        }
        text.push(']');
        match Value::array(items) {
            Value::Array(array) => {
                let Array { items, memo } = Arc::into_inner(array).expect("nobody else has the new array");
                Value::Array(Arc::new(Array { items, memo: memo.with_text(&text) }))
            }
            other => other,
        }
    }

    fn has_text(&self) -> bool {
        match self {
            Value::Array(array) => array.memo.text.is_some(),
            Value::Object(object) => object.text().is_some(),
            _ => false,
        }
    }

    /// Only whole documents keep the text that they came from: what becomes part of something else is written anew.
    pub fn forget_text(&mut self) {
        if !self.has_text() {
            return;
        }
        match self {
            Value::Array(array) => {
                let memo = Memo { depth: array.memo.depth, ..Memo::default() };
                *self = Value::Array(Arc::new(Array { items: array.items.clone(), memo }));
            }
            Value::Object(object) => *self = Value::Object(Arc::new(object.without_text())),
            _ => {}
        }
    }

    /// An object of these members; of members with the same name the last one counts, at the place of the first.
    pub fn object<K: Into<SmolStr>>(members: impl IntoIterator<Item = (K, Value)>) -> Value {
        Value::Object(Arc::new(Object::new(members.into_iter().map(|(k, v)| (k.into(), v)).collect())))
    }

    /// `{}`
    pub fn empty_object() -> Value {
        Value::Object(Arc::new(Object::new(Vec::new())))
    }

    /// A string value.
    pub fn string(text: impl Into<SmolStr>) -> Value {
        Value::String(text.into())
    }

    /// Which of the six kinds it is.
    pub fn kind(&self) -> Kind {
        match self {
            Value::Null => Kind::Null,
            Value::Bool(_) => Kind::Boolean,
            Value::Number(_) => Kind::Number,
            Value::String(_) => Kind::String,
            Value::Array(_) => Kind::Array,
            Value::Object(_) => Kind::Object,
        }
    }

    /// Whether it is `null`.
    pub fn is_null(&self) -> bool {
        matches!(self, Value::Null)
    }

    /// The text of a string.
    pub fn as_str(&self) -> Option<&str> {
        match self {
            Value::String(s) => Some(s),
            _ => None,
        }
    }

    /// The value of a boolean.
    pub fn as_bool(&self) -> Option<bool> {
        match self {
            Value::Bool(b) => Some(*b),
            _ => None,
        }
    }

    /// The number, if it is one.
    pub fn as_number(&self) -> Option<&Number> {
        match self {
            Value::Number(n) => Some(n),
            _ => None,
        }
    }

    /// The value of an integer that fits; `1.0` is none.
    pub fn as_i64(&self) -> Option<i64> {
        self.as_number().and_then(Number::as_i64)
    }

    /// The value of a number as a double.
    pub fn as_f64(&self) -> Option<f64> {
        self.as_number().map(Number::as_f64)
    }

    /// The items of an array.
    pub fn as_array(&self) -> Option<&[Value]> {
        match self {
            Value::Array(a) => Some(&a.items),
            _ => None,
        }
    }

    /// The members of an object.
    pub fn as_object(&self) -> Option<&Object> {
        match self {
            Value::Object(o) => Some(o),
            _ => None,
        }
    }

    /// The member of an object with this name; nothing for other kinds.
    pub fn get(&self, name: &str) -> Option<&Value> {
        self.as_object().and_then(|o| o.get(name))
    }

    /// The item of an array at this index; nothing for other kinds.
    pub fn at(&self, index: usize) -> Option<&Value> {
        self.as_array().and_then(|a| a.get(index))
    }

    /// The number of UTF-8 bytes of its text; remembered, so asking again costs nothing.
    pub fn size(&self) -> usize {
        match self {
            Value::Null => 4,
            Value::Bool(b) => 5 - usize::from(*b),
            Value::Number(n) => n.size(),
            Value::String(s) => write::string_size(s),
            Value::Array(a) => {
                a.memo.size(|| 2 + a.items.len().saturating_sub(1) + a.items.iter().map(Value::size).sum::<usize>())
            }
            Value::Object(o) => o.size(),
        }
    }

    /// How many arrays and objects are inside each other, 0 for a scalar; known from the beginning.
    ///
    /// Whoever builds values from values must keep it below [`crate::quota::JSON_DEPTH`], because values are walked and
    /// dropped recursively.
    pub fn depth(&self) -> usize {
        match self {
            Value::Array(array) => array.memo.depth as usize,
            Value::Object(object) => object.depth(),
            _ => 0,
        }
    }

    /// The JSON text: compact, but for containers that still have the text they came from.
    pub fn to_text(&self) -> String {
        let mut out = String::with_capacity(self.size());
        self.write(&mut out);
        out
    }

    /// Appends the JSON text to `out`.
    pub fn write(&self, out: &mut String) {
        write::value(self, out, write::Blanks::AsTheyCame);
    }

    /// The JSON text without any blanks that the original had.
    pub fn to_compact_text(&self) -> String {
        let mut out = String::new();
        write::value(self, &mut out, write::Blanks::None);
        out
    }
}

impl std::fmt::Display for Value {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.write_str(&self.to_text())
    }
}

/// Equal as JSON: numbers by their value (`1` equals `1.0`), objects whatever the order of their members.
impl PartialEq for Value {
    fn eq(&self, other: &Value) -> bool {
        match (self, other) {
            (Value::Null, Value::Null) => true,
            (Value::Bool(a), Value::Bool(b)) => a == b,
            (Value::Number(a), Value::Number(b)) => a == b,
            (Value::String(a), Value::String(b)) => a == b,
            (Value::Array(a), Value::Array(b)) => Arc::ptr_eq(a, b) || a.items == b.items,
            (Value::Object(a), Value::Object(b)) => Arc::ptr_eq(a, b) || a == b,
            _ => false,
        }
    }
}

impl From<bool> for Value {
    fn from(b: bool) -> Self {
        Value::Bool(b)
    }
}

impl From<i64> for Value {
    fn from(n: i64) -> Self {
        Value::Number(Number::from(n))
    }
}

/// `null` for the doubles that JSON doesn't have.
impl From<f64> for Value {
    fn from(n: f64) -> Self {
        Number::from_f64(n).map_or(Value::Null, Value::Number)
    }
}

impl From<&str> for Value {
    fn from(s: &str) -> Self {
        Value::String(s.into())
    }
}

impl From<SmolStr> for Value {
    fn from(s: SmolStr) -> Self {
        Value::String(s)
    }
}

impl From<String> for Value {
    fn from(s: String) -> Self {
        Value::String(s.into())
    }
}

impl From<Vec<Value>> for Value {
    fn from(items: Vec<Value>) -> Self {
        Value::array(items)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn parsed(text: &str) -> Value {
        Value::parse(text).expect("valid JSON")
    }

    #[test]
    fn a_value_takes_three_words() {
        assert_eq!(std::mem::size_of::<Value>(), 24);
    }

    #[test]
    fn text_that_nobody_changed_keeps_its_blanks() {
        for text in ["[[1, 2, 3], [4, 5, 6]]", "{ \"a\" : 1.50 }\n", r#"{"a":"\u0041"}"#, r#"{"a":1,"a":2}"#] {
            assert_eq!(parsed(text).to_text(), text);
        }
        let whole = parsed("[[1, 2], [3]]");
        assert_eq!(Value::array([whole.clone()]).to_text(), "[[[1,2],[3]]]");
        assert_eq!(Value::object([("a", whole.clone())]).to_text(), r#"{"a":[[1,2],[3]]}"#);
        let documents = Value::array_of_documents([whole.clone(), Value::Null]);
        assert_eq!(documents.to_text(), "[[[1, 2], [3]],null]");
        assert_eq!(Value::array([documents]).to_text(), "[[[[1,2],[3]],null]]");
        assert_eq!(whole.at(0).expect("an item").to_text(), "[1,2]");
        assert_eq!(whole.to_compact_text(), "[[1,2],[3]]");
    }

    #[test]
    fn its_size_is_the_length_of_its_text() {
        for text in [
            "null",
            "true",
            "false",
            "-12",
            "1.5",
            "1e400",
            r#""a\n\"é\u0001""#,
            "[]",
            "{}",
            r#"{"a":[1,2,{"b":null}]}"#,
            "[1, 2]",
        ] {
            let value = parsed(text);
            assert_eq!(value.size(), value.to_text().len(), "{text}");
        }
    }

    #[test]
    fn its_depth_is_that_of_its_containers() {
        for (text, depth) in
            [("1", 0), ("[]", 1), ("{}", 1), ("[ [], {\"a\" : [1]} ]", 3), (r#"{"a":{"b":[{}]},"c":[]}"#, 4)]
        {
            let value = parsed(text);
            assert_eq!(value.depth(), depth, "{text}");
            assert_eq!(Value::array([Value::Null, value.clone()]).depth(), depth + 1);
            assert_eq!(Value::array_of_documents([Value::Null, value.clone()]).depth(), depth + 1);
            let object = Value::object([("a", Value::Null)]);
            assert_eq!(object.as_object().expect("an object").with("a", value).depth(), depth + 1);
        }
    }

    #[test]
    fn equality_is_that_of_json() {
        assert_eq!(parsed(r#"{"a":1,"b":[2.0]}"#), parsed(r#"{"b":[2],"a":1.0}"#));
        assert_ne!(parsed(r#"{"a":1}"#), parsed(r#"{"a":1,"b":2}"#));
        assert_ne!(parsed("1"), parsed("\"1\""));
    }
}
