//! From the text of a call to its parts.

use super::{Argument, FUNCTIONS, Invocation};
use crate::json::Value;
use crate::query::Path;

/// How many calls may stand inside each other, the outermost included.
///
/// AWS documents "up to 10" and doesn't say what it counts.
const MAX_DEPTH: usize = 10;

/// The call that `text` is, if it is one; blanks may stand around the arguments and at the end.
pub(super) fn parse(text: &str) -> Option<Invocation> {
    let mut parser = Parser { text, at: 0 };
    let name = parser.name();
    let invocation = parser.call(name, 1)?;
    parser.blanks();
    (parser.at == text.len()).then_some(invocation)
}

struct Parser<'a> {
    text: &'a str,
    at: usize,
}

impl<'a> Parser<'a> {
    fn peek(&self) -> Option<u8> {
        self.text.as_bytes().get(self.at).copied()
    }

    fn take(&mut self, byte: u8) -> Option<()> {
        (self.peek() == Some(byte)).then(|| self.at += 1)
    }

    fn take_while(&mut self, belongs: impl Fn(u8) -> bool) -> &'a str {
        let start = self.at;
        while self.peek().is_some_and(&belongs) {
            self.at += 1;
        }
        &self.text[start..self.at]
    }

    fn blanks(&mut self) {
        self.take_while(|byte| byte.is_ascii_whitespace());
    }

    fn name(&mut self) -> &'a str {
        self.take_while(|byte| byte.is_ascii_alphanumeric() || matches!(byte, b'.' | b'_'))
    }

    /// The rest of a call after its name.
    fn call(&mut self, name: &str, depth: usize) -> Option<Invocation> {
        if depth > MAX_DEPTH {
            return None;
        }
        let function = FUNCTIONS.iter().find(|function| function.name == name)?;
        let mut arguments = Vec::new();
        self.take(b'(')?;
        self.blanks();
        if self.take(b')').is_none() {
            loop {
                self.blanks();
                let keeps_escapes = function.reads_escapes && arguments.is_empty();
                arguments.push(self.argument(keeps_escapes, depth)?);
                self.blanks();
                match self.take(b',') {
                    Some(()) => {}
                    None => break self.take(b')')?,
                }
            }
        }
        Some(Invocation { function, arguments: arguments.into() })
    }

    fn argument(&mut self, keeps_escapes: bool, depth: usize) -> Option<Argument> {
        match self.peek()? {
            b'\'' => self.quoted(keeps_escapes).map(Argument::Literal),
            b'$' => self.path(),
            b'-' | b'0'..=b'9' => {
                let literal = self.take_while(|byte| matches!(byte, b'0'..=b'9' | b'+' | b'-' | b'.' | b'e' | b'E'));
                Value::parse(literal).ok().map(Argument::Literal)
            }
            _ => match self.name() {
                "true" => Some(Argument::Literal(Value::Bool(true))),
                "false" => Some(Argument::Literal(Value::Bool(false))),
                "null" => Some(Argument::Literal(Value::Null)),
                name => self.call(name, depth + 1).map(Argument::Call),
            },
        }
    }

    /// A string in single quotes; `\'`, `\\`, `\{` and `\}` are the escapes that there are.
    fn quoted(&mut self, keeps_escapes: bool) -> Option<Value> {
        self.take(b'\'')?;
        let mut text = String::new();
        loop {
            text.push_str(self.take_while(|byte| !matches!(byte, b'\'' | b'\\')));
            if self.take(b'\'').is_some() {
                return Some(Value::from(text));
            }
            self.take(b'\\')?;
            let escaped = self.peek().filter(|byte| matches!(byte, b'\'' | b'\\' | b'{' | b'}'))?;
            self.at += 1;
            if keeps_escapes {
                text.push('\\');
            }
            text.push(char::from(escaped));
        }
    }

    /// A path goes on to the comma or parenthesis that ends the argument; those inside brackets and between
    /// parentheses of its own belong to it.
    fn path(&mut self) -> Option<Argument> {
        let start = self.at;
        let mut parentheses = 0;
        loop {
            match self.peek()? {
                b'[' => {
                    self.brackets()?;
                    continue;
                }
                b'(' => parentheses += 1,
                b')' if parentheses > 0 => parentheses -= 1,
                b')' => break,
                b',' if parentheses == 0 => break,
                _ => {}
            }
            self.at += 1;
        }
        let path = Path::compile(self.text[start..self.at].trim_ascii_end()).ok()?;
        Some(Argument::Path(Box::new(path)))
    }

    /// Goes behind the bracket that closes the one here; in quotes brackets mean nothing.
    fn brackets(&mut self) -> Option<()> {
        let mut open = 0;
        let mut quote = None;
        loop {
            let byte = self.peek()?;
            self.at += 1;
            match (quote, byte) {
                (Some(_), b'\\') => {
                    self.peek()?;
                    self.at += 1;
                }
                (Some(opening), _) => {
                    if byte == opening {
                        quote = None;
                    }
                }
                (None, b'\'' | b'"') => quote = Some(byte),
                (None, b'[') => open += 1,
                (None, b']') => {
                    open -= 1;
                    if open == 0 {
                        return Some(());
                    }
                }
                (None, _) => {}
            }
        }
    }
}
