//! JSON text to values. Strict JSON, bounded in depth, and with errors in Jackson's words, because those reach the
//! users: `InvalidExecutionInput`, `INVALID_JSON_DESCRIPTION`, `States.StringToJson`.

use super::{Array, Number, Object, Value};
use crate::quota::JSON_DEPTH;
use smol_str::SmolStr;
use std::sync::Arc;

/// How many characters of an unknown word an error shows, as Jackson does; the number is from memory.
const MAX_TOKEN: usize = 256;

/// What is wrong with a text that should have been JSON, and where.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct ParseError {
    /// What is wrong.
    pub kind: ParseErrorKind,
    /// The line, from 1.
    pub line: usize,
    /// The column, from 1, in UTF-16 units as Java counts.
    pub column: usize,
}

/// What can be wrong with JSON text; the words are Jackson's.
#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error)]
#[allow(missing_docs)]
pub enum ParseErrorKind {
    #[error("No content to map due to end-of-input")]
    Empty,
    #[error(
        "Unrecognized token '{0}': was expecting (JSON String, Number, Array, Object or token 'null', 'true' or 'false')"
    )]
    UnrecognizedToken(String),
    #[error("Unexpected character ({}): {expected}", character(*found))]
    UnexpectedCharacter { found: char, expected: &'static str },
    #[error("Unexpected close marker '{found}': expected '{expected}'")]
    MismatchedClose { found: char, expected: char },
    #[error("Unexpected end-of-input: expected close marker for {0}")]
    OpenContainer(&'static str),
    #[error("Unexpected end-of-input{0}")]
    UnexpectedEnd(&'static str),
    #[error("Illegal unquoted character ({}): has to be escaped using backslash to be included in string value", character(*.0))]
    UnescapedControl(char),
    #[error("Unrecognized character escape {}", character(*.0))]
    UnknownEscape(char),
    #[error("Invalid numeric value: Leading zeroes not allowed")]
    LeadingZero,
    #[error("Document nesting depth ({}) exceeds the maximum allowed ({JSON_DEPTH}, from `StreamReadConstraints.getMaxNestingDepth()`)", JSON_DEPTH + 1)]
    TooDeep,
    /// Our own words: only files of ours are read in this way.
    #[error("the member {0:?} stands twice in the same object")]
    Twice(SmolStr),
}

impl std::fmt::Display for ParseError {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        self.kind.fmt(f)
    }
}

impl std::error::Error for ParseError {}

fn character(c: char) -> String {
    if (c as u32) < 32 { format!("(CTRL-CHAR, code {})", c as u32) } else { format!("'{c}' (code {})", c as u32) }
}

const A_VALUE: &str = "expected a valid value (JSON String, Number, Array, Object or token 'null', 'true' or 'false')";

pub(super) fn parse(text: &str, repeats: Repeats) -> Result<Value, ParseError> {
    let mut parser = Parser { text, at: 0, depth: 0, as_we_write: true, repeats };
    let result = parser.document();
    result.map_err(|kind| parser.error(kind))
}

/// What becomes of a member whose name another one of the same object has.
#[derive(Clone, Copy, PartialEq, Eq)]
pub(super) enum Repeats {
    /// The last one counts.
    Taken,
    /// It is an error.
    Refused,
}

struct Parser<'a> {
    text: &'a str,
    at: usize,
    depth: usize,
    /// Whether all so far stands in the text just as we would write it.
    as_we_write: bool,
    repeats: Repeats,
}

impl Parser<'_> {
    fn error(&self, kind: ParseErrorKind) -> ParseError {
        let boundary = (0..=self.at).rev().find(|at| self.text.is_char_boundary(*at)).unwrap_or_default();
        let before = &self.text[..boundary];
        let line_start = before.rfind('\n').map_or(0, |i| i + 1);
        ParseError {
            kind,
            line: before.matches('\n').count() + 1,
            column: before[line_start..].encode_utf16().count() + 1,
        }
    }

    fn document(&mut self) -> Result<Value, ParseErrorKind> {
        self.blanks();
        if self.at == self.text.len() {
            return Err(ParseErrorKind::Empty);
        }
        let value = self.value()?;
        self.blanks();
        if self.at < self.text.len() {
            return Err(self.not_a_value());
        }
        if self.as_we_write {
            return Ok(value);
        }
        Ok(match value {
            Value::Array(array) => {
                let Array { items, memo } = Arc::into_inner(array).expect("nobody else has the new array");
                Value::Array(Arc::new(Array { items, memo: memo.with_text(self.text) }))
            }
            Value::Object(object) => {
                let members = object.iter().map(|(name, value)| (name.clone(), value.clone())).collect();
                Value::Object(Arc::new(Object::verbatim(members, self.text)))
            }
            scalar => scalar,
        })
    }

    fn peek(&self) -> Option<u8> {
        self.text.as_bytes().get(self.at).copied()
    }

    fn blanks(&mut self) {
        let start = self.at;
        while matches!(self.peek(), Some(b' ' | b'\n' | b'\r' | b'\t')) {
            self.at += 1;
        }
        self.as_we_write &= self.at == start;
    }

    fn value(&mut self) -> Result<Value, ParseErrorKind> {
        match self.peek() {
            Some(b'{') => self.nested(Self::object),
            Some(b'[') => self.nested(Self::array),
            Some(b'"') => self.string().map(Value::String),
            Some(b'-' | b'0'..=b'9') => self.number(),
            _ => {
                for (word, value) in [("null", Value::Null), ("true", Value::Bool(true)), ("false", Value::Bool(false))]
                {
                    if self.text[self.at..].starts_with(word) && !self.is_identifier(self.at + word.len()) {
                        self.at += word.len();
                        return Ok(value);
                    }
                }
                Err(self.not_a_value())
            }
        }
    }

    fn nested(&mut self, container: fn(&mut Self) -> Result<Value, ParseErrorKind>) -> Result<Value, ParseErrorKind> {
        self.depth += 1;
        if self.depth > JSON_DEPTH {
            return Err(ParseErrorKind::TooDeep);
        }
        self.at += 1;
        self.blanks();
        let value = container(self);
        self.depth -= 1;
        value
    }

    fn array(&mut self) -> Result<Value, ParseErrorKind> {
        let mut items = Vec::new();
        if self.peek() == Some(b']') {
            self.at += 1;
            return Ok(Value::array(items));
        }
        loop {
            self.open("Array")?;
            items.push(self.value()?);
            self.blanks();
            match self.peek() {
                Some(b',') => self.at += 1,
                Some(b']') => {
                    self.at += 1;
                    return Ok(Value::array(items));
                }
                Some(b'}') => return Err(ParseErrorKind::MismatchedClose { found: '}', expected: ']' }),
                Some(_) => return Err(self.unexpected("was expecting comma to separate Array entries")),
                None => return Err(ParseErrorKind::OpenContainer("Array")),
            }
            self.blanks();
        }
    }

    fn object(&mut self) -> Result<Value, ParseErrorKind> {
        let mut members = Vec::new();
        if self.peek() == Some(b'}') {
            self.at += 1;
            return Ok(Value::empty_object());
        }
        loop {
            self.open("Object")?;
            if self.peek() != Some(b'"') {
                return Err(self.unexpected("was expecting double-quote to start field name"));
            }
            let name = self.name(&members)?;
            self.blanks();
            match self.peek() {
                Some(b':') => self.at += 1,
                Some(_) => return Err(self.unexpected("was expecting a colon to separate field name and value")),
                None => return Err(ParseErrorKind::OpenContainer("Object")),
            }
            self.blanks();
            self.open("Object")?;
            members.push((name, self.value()?));
            self.blanks();
            match self.peek() {
                Some(b',') => self.at += 1,
                Some(b'}') => {
                    self.at += 1;
                    let written = members.len();
                    let object = Object::new(members);
                    self.as_we_write &= object.len() == written;
                    return Ok(Value::Object(Arc::new(object)));
                }
                Some(b']') => return Err(ParseErrorKind::MismatchedClose { found: ']', expected: '}' }),
                Some(_) => return Err(self.unexpected("was expecting comma to separate Object entries")),
                None => return Err(ParseErrorKind::OpenContainer("Object")),
            }
            self.blanks();
        }
    }

    /// The name of a member behind these. A function of its own, because documents are parsed recursively.
    fn name(&mut self, before: &[(SmolStr, Value)]) -> Result<SmolStr, ParseErrorKind> {
        let start = self.at;
        let name = self.string()?;
        if self.repeats == Repeats::Refused && before.iter().any(|(known, _)| *known == name) {
            self.at = start;
            return Err(ParseErrorKind::Twice(name));
        }
        Ok(name)
    }

    fn open(&self, container: &'static str) -> Result<(), ParseErrorKind> {
        if self.at < self.text.len() { Ok(()) } else { Err(ParseErrorKind::OpenContainer(container)) }
    }

    fn string(&mut self) -> Result<SmolStr, ParseErrorKind> {
        self.at += 1;
        let start = self.at;
        let plain = self.text.as_bytes()[start..].iter().position(|b| matches!(b, b'"' | b'\\' | 0..=31));
        let Some(plain) = plain else {
            self.at = self.text.len();
            return Err(ParseErrorKind::UnexpectedEnd(": was expecting closing quote for a string value"));
        };
        self.at += plain;
        if self.peek() == Some(b'"') {
            let text = &self.text[start..self.at];
            self.at += 1;
            return Ok(text.into());
        }
        let mut text = self.text[start..self.at].to_owned();
        loop {
            let rest = &self.text[self.at..];
            let Some(c) = rest.chars().next() else {
                return Err(ParseErrorKind::UnexpectedEnd(": was expecting closing quote for a string value"));
            };
            match c {
                '"' => {
                    self.at += 1;
                    return Ok(text.into());
                }
                '\\' => {
                    self.at += 1;
                    text.push(self.escape()?);
                }
                c if (c as u32) < 32 => return Err(ParseErrorKind::UnescapedControl(c)),
                c => {
                    text.push(c);
                    self.at += c.len_utf8();
                }
            }
        }
    }

    fn escape(&mut self) -> Result<char, ParseErrorKind> {
        let Some(c) = self.text[self.at..].chars().next() else {
            return Err(ParseErrorKind::UnexpectedEnd(" in character escape sequence"));
        };
        self.at += c.len_utf8();
        Ok(match c {
            '"' | '\\' => c,
            '/' => {
                self.as_we_write = false;
                '/'
            }
            'b' => '\u{8}',
            'f' => '\u{c}',
            'n' => '\n',
            'r' => '\r',
            't' => '\t',
            'u' => {
                self.as_we_write = false;
                let first = self.hex()?;
                if (0xD800..0xDC00).contains(&first) && self.text[self.at..].starts_with("\\u") {
                    let before = self.at;
                    self.at += 2;
                    let second = self.hex()?;
                    if (0xDC00..0xE000).contains(&second) {
                        let code = 0x10000 + ((first - 0xD800) << 10) + (second - 0xDC00);
                        return Ok(char::from_u32(code).unwrap_or(char::REPLACEMENT_CHARACTER));
                    }
                    self.at = before;
                }
                // A lone surrogate can't stand in UTF-8.
                char::from_u32(first).unwrap_or(char::REPLACEMENT_CHARACTER)
            }
            other => {
                self.at -= other.len_utf8();
                return Err(ParseErrorKind::UnknownEscape(other));
            }
        })
    }

    fn hex(&mut self) -> Result<u32, ParseErrorKind> {
        let mut code = 0;
        for _ in 0..4 {
            let Some(c) = self.text[self.at..].chars().next() else {
                return Err(ParseErrorKind::UnexpectedEnd(" in character escape sequence"));
            };
            let Some(digit) = c.to_digit(16) else {
                return Err(self.unexpected("expected a hex-digit for character escape sequence"));
            };
            code = code * 16 + digit;
            self.at += 1;
        }
        Ok(code)
    }

    fn number(&mut self) -> Result<Value, ParseErrorKind> {
        let start = self.at;
        if self.peek() == Some(b'-') {
            self.at += 1;
        }
        match self.peek() {
            Some(b'0') => {
                self.at += 1;
                if matches!(self.peek(), Some(b'0'..=b'9')) {
                    return Err(ParseErrorKind::LeadingZero);
                }
            }
            Some(b'1'..=b'9') => self.digits(),
            _ => return Err(self.number_problem("expected digit (0-9) to follow minus sign, for valid numeric value")),
        }
        if self.peek() == Some(b'.') {
            self.at += 1;
            self.some_digits("Decimal point not followed by a digit")?;
        }
        if matches!(self.peek(), Some(b'e' | b'E')) {
            self.at += 1;
            if matches!(self.peek(), Some(b'+' | b'-')) {
                self.at += 1;
            }
            self.some_digits("Exponent indicator not followed by a digit")?;
        }
        if self.is_identifier(self.at) || self.peek() == Some(b'.') {
            return Err(self.unexpected("Expected space separating root-level values"));
        }
        let (number, as_we_write) = Number::from_literal(&self.text[start..self.at]);
        self.as_we_write &= as_we_write;
        Ok(Value::Number(number))
    }

    fn digits(&mut self) {
        while matches!(self.peek(), Some(b'0'..=b'9')) {
            self.at += 1;
        }
    }

    fn some_digits(&mut self, problem: &'static str) -> Result<(), ParseErrorKind> {
        let start = self.at;
        self.digits();
        if self.at == start { Err(self.number_problem(problem)) } else { Ok(()) }
    }

    fn number_problem(&self, expected: &'static str) -> ParseErrorKind {
        if self.at == self.text.len() {
            return ParseErrorKind::UnexpectedEnd(" in numeric value");
        }
        self.unexpected(expected)
    }

    fn unexpected(&self, expected: &'static str) -> ParseErrorKind {
        match self.text[self.at..].chars().next() {
            Some(found) => ParseErrorKind::UnexpectedCharacter { found, expected },
            None => ParseErrorKind::UnexpectedEnd(""),
        }
    }

    fn is_identifier(&self, at: usize) -> bool {
        self.text[at..].chars().next().is_some_and(|c| c.is_alphanumeric() || c == '_' || c == '$')
    }

    /// The error for what can't begin a value; a word is taken whole, as Jackson does.
    fn not_a_value(&mut self) -> ParseErrorKind {
        let start = self.at;
        while self.is_identifier(self.at) {
            self.at += self.text[self.at..].chars().next().map_or(0, char::len_utf8);
        }
        if self.at > start {
            let token = &self.text[start..self.at];
            let shown = token.char_indices().nth(MAX_TOKEN).map(|(end, _)| format!("{}...", &token[..end]));
            return ParseErrorKind::UnrecognizedToken(shown.unwrap_or_else(|| token.to_owned()));
        }
        self.unexpected(A_VALUE)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn problem(text: &str) -> String {
        let error = Value::parse(text).expect_err("invalid JSON");
        format!("{error} @{}:{}", error.line, error.column)
    }

    #[test]
    fn errors_speak_as_jackson_does() {
        let expecting = "was expecting (JSON String, Number, Array, Object or token 'null', 'true' or 'false')";
        for (text, expected) in [
            ("not a definition", format!("Unrecognized token 'not': {expecting} @1:4")),
            ("{'a': 1}", "Unexpected character (''' (code 39)): was expecting double-quote to start field name @1:2".into()),
            ("", "No content to map due to end-of-input @1:1".into()),
            ("[1 2]", "Unexpected character ('2' (code 50)): was expecting comma to separate Array entries @1:4".into()),
            ("{\"a\" 1}", "Unexpected character ('1' (code 49)): was expecting a colon to separate field name and value @1:6".into()),
            ("{\"a\":1", "Unexpected end-of-input: expected close marker for Object @1:7".into()),
            ("[1}", "Unexpected close marker '}': expected ']' @1:3".into()),
            ("{\n\"a\":\n nul}", format!("Unrecognized token 'nul': {expecting} @3:5")),
            ("\"a\nb\"", "Illegal unquoted character ((CTRL-CHAR, code 10)): has to be escaped using backslash to be included in string value @1:3".into()),
            (r#""\x""#, "Unrecognized character escape 'x' (code 120) @1:3".into()),
            ("01", "Invalid numeric value: Leading zeroes not allowed @1:2".into()),
            ("1.", "Unexpected end-of-input in numeric value @1:3".into()),
        ] {
            assert_eq!(problem(text), expected, "{text}");
        }
    }

    #[test]
    fn depth_is_bounded() {
        assert!(Value::parse(&format!("{}{}", "[".repeat(1000), "]".repeat(1000))).is_ok());
        assert_eq!(Value::parse(&"[".repeat(100_000)).expect_err("too deep").kind, ParseErrorKind::TooDeep);
    }

    #[test]
    fn escapes_become_characters() {
        let value = Value::parse(r#""\u00e9\ud83d\ude00\n\/""#).expect("valid JSON");
        assert_eq!(value.as_str(), Some("é😀\n/"));
        assert_eq!(Value::parse(r#""\ud83d""#).expect("valid JSON").as_str(), Some("\u{fffd}"));
    }
}
