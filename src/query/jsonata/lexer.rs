//! Words, numbers and symbols of an expression.

use super::error::{JsonataError, Outcome};
use smol_str::SmolStr;

#[derive(Clone, Debug, PartialEq)]
pub(super) enum Token {
    End,
    /// A field, with or without backquotes.
    Name(SmolStr),
    /// `$name`
    Variable(SmolStr),
    Text(SmolStr),
    Number(f64),
    True,
    False,
    Null,
    Regex {
        pattern: SmolStr,
        flags: SmolStr,
    },
    /// An operator, a bracket, or one of the words `and`, `or`, `in`.
    Symbol(&'static str),
}

impl Token {
    /// What errors show of it.
    pub fn shown(&self) -> SmolStr {
        match self {
            Token::End => "(end)".into(),
            Token::Name(text) | Token::Variable(text) | Token::Text(text) => text.clone(),
            Token::Number(n) => super::number_text::number_text(*n).into(),
            Token::True => "true".into(),
            Token::False => "false".into(),
            Token::Null => "null".into(),
            Token::Regex { pattern, flags } => format!("/{pattern}/{flags}").into(),
            Token::Symbol(symbol) => (*symbol).into(),
        }
    }
}

pub(super) struct Lexer<'a> {
    text: &'a str,
    at: usize,
}

const DOUBLE: [&str; 7] = ["..", ":=", "!=", ">=", "<=", "**", "~>"];
const SINGLE: &str = ".[]{}(),@#;:?+-*/%|=<>^&!~";

fn symbol(c: char) -> Option<&'static str> {
    let start = SINGLE.find(c)?;
    SINGLE.get(start..start + c.len_utf8())
}

fn is_blank(c: char) -> bool {
    matches!(c, ' ' | '\t' | '\n' | '\r' | '\u{b}')
}

impl<'a> Lexer<'a> {
    pub fn new(text: &'a str) -> Self {
        Self { text, at: 0 }
    }

    /// Bytes of the text up to the end of the last token.
    pub fn position(&self) -> u32 {
        self.at as u32
    }

    fn rest(&self) -> &'a str {
        &self.text[self.at..]
    }

    fn error(&self, code: &'static str) -> Box<JsonataError> {
        JsonataError::new(code).at(self.at as u32)
    }

    /// The next token; a `/` begins a regular expression unless an operand stands before it.
    pub fn next(&mut self, after_operand: bool) -> Outcome<Token> {
        loop {
            let rest = self.rest();
            self.at += rest.len() - rest.trim_start_matches(is_blank).len();
            if !self.rest().starts_with("/*") {
                break;
            }
            match self.rest()[2..].find("*/") {
                Some(end) => self.at += end + 4,
                None => return Err(self.error("S0106")),
            }
        }
        let rest = self.rest();
        let Some(first) = rest.chars().next() else { return Ok(Token::End) };
        if first == '/' && !after_operand {
            self.at += 1;
            return self.regex();
        }
        if let Some(double) = DOUBLE.iter().find(|double| rest.starts_with(**double)) {
            self.at += 2;
            return Ok(Token::Symbol(double));
        }
        if let Some(symbol) = symbol(first) {
            self.at += 1;
            return Ok(Token::Symbol(symbol));
        }
        match first {
            '"' | '\'' => self.string(first),
            '`' => self.quoted_name(),
            '0'..='9' => self.number(),
            _ => Ok(self.word()),
        }
    }

    fn regex(&mut self) -> Outcome<Token> {
        let start = self.at;
        let mut depth = 0i32;
        let mut escaped = false;
        let rest = self.rest();
        for (i, c) in rest.char_indices() {
            if c == '/' && !escaped && depth <= 0 {
                if i == 0 {
                    return Err(self.error("S0301"));
                }
                let pattern = &rest[..i];
                self.at = start + i + 1;
                let flags_start = self.at;
                while self.rest().starts_with(['i', 'm']) {
                    self.at += 1;
                }
                return Ok(Token::Regex { pattern: pattern.into(), flags: self.text[flags_start..self.at].into() });
            }
            match c {
                '(' | '[' | '{' if !escaped => depth += 1,
                ')' | ']' | '}' if !escaped => depth -= 1,
                _ => {}
            }
            escaped = c == '\\' && !escaped;
        }
        self.at = self.text.len();
        Err(self.error("S0302"))
    }

    fn string(&mut self, quote: char) -> Outcome<Token> {
        self.at += 1;
        let mut text = String::new();
        loop {
            let rest = self.rest();
            let Some(end) = rest.find([quote, '\\']) else {
                self.at = self.text.len();
                return Err(self.error("S0101"));
            };
            text.push_str(&rest[..end]);
            self.at += end + 1;
            if rest[end..].starts_with(quote) {
                return Ok(Token::Text(text.into()));
            }
            let Some(escape) = self.rest().chars().next() else {
                return Err(self.error("S0101"));
            };
            match escape {
                '"' | '\\' | '/' => text.push(escape),
                'b' => text.push('\u{8}'),
                'f' => text.push('\u{c}'),
                'n' => text.push('\n'),
                'r' => text.push('\r'),
                't' => text.push('\t'),
                'u' => {
                    text.push(self.unicode()?);
                    continue;
                }
                other => return Err(self.error("S0103").token(SmolStr::from_iter([other]))),
            }
            self.at += escape.len_utf8();
        }
    }

    /// Stands on the `u` of `\uXXXX`; two halves of a pair make one character, a lone half can't be held.
    fn unicode(&mut self) -> Outcome<char> {
        let unit = |at: usize| {
            let digits = self.text.get(at..at + 4).filter(|digits| digits.bytes().all(|b| b.is_ascii_hexdigit()))?;
            u16::from_str_radix(digits, 16).ok()
        };
        let Some(first) = unit(self.at + 1) else { return Err(self.error("S0104")) };
        let mut units = vec![first];
        if (0xD800..0xDC00).contains(&first) && self.text[self.at + 5..].starts_with("\\u") {
            units.extend(unit(self.at + 7).filter(|second| (0xDC00..0xE000).contains(second)));
        }
        self.at += if units.len() == 2 { 11 } else { 5 };
        let decoded = char::decode_utf16(units).next().and_then(Result::ok);
        Ok(decoded.unwrap_or(char::REPLACEMENT_CHARACTER))
    }

    fn quoted_name(&mut self) -> Outcome<Token> {
        match self.rest()[1..].find('`') {
            Some(end) => {
                let name = self.rest()[1..end + 1].into();
                self.at += end + 2;
                Ok(Token::Name(name))
            }
            None => {
                self.at = self.text.len();
                Err(self.error("S0105"))
            }
        }
    }

    fn number(&mut self) -> Outcome<Token> {
        let bytes = self.rest().as_bytes();
        let digits = |from: usize| bytes[from.min(bytes.len())..].iter().take_while(|b| b.is_ascii_digit()).count();
        let mut end = if bytes[0] == b'0' { 1 } else { digits(0) };
        if bytes.get(end) == Some(&b'.') && digits(end + 1) > 0 {
            end += 1 + digits(end + 1);
        }
        if matches!(bytes.get(end), Some(b'e' | b'E')) {
            let sign = usize::from(matches!(bytes.get(end + 1), Some(b'+' | b'-')));
            if digits(end + 1 + sign) > 0 {
                end += 1 + sign + digits(end + 1 + sign);
            }
        }
        let text = &self.rest()[..end];
        match text.parse::<f64>() {
            Ok(number) if number.is_finite() => {
                self.at += end;
                Ok(Token::Number(number))
            }
            _ => Err(self.error("S0102").token(text)),
        }
    }

    fn word(&mut self) -> Token {
        let rest = self.rest();
        let end = rest.find(|c| is_blank(c) || symbol(c).is_some()).unwrap_or(rest.len());
        let word = &rest[..end];
        self.at += end;
        if let Some(name) = word.strip_prefix('$') {
            return Token::Variable(name.into());
        }
        match word {
            "and" => Token::Symbol("and"),
            "or" => Token::Symbol("or"),
            "in" => Token::Symbol("in"),
            "true" => Token::True,
            "false" => Token::False,
            "null" => Token::Null,
            _ => Token::Name(word.into()),
        }
    }
}
