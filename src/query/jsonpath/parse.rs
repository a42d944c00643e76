//! The text of a path to its steps.

use super::InvalidPath;
use super::evaluate::{Query, Step};
use crate::json::Value;
use smol_str::SmolStr;

/// How deep parentheses, filters and literals may be nested in a path.
pub(super) const MAX_DEPTH: usize = 100;

/// How many steps a path may have; more than a document has levels.
pub(super) const MAX_STEPS: usize = 1000;

pub(super) fn parse(text: &str) -> Result<Query, InvalidPath> {
    let trimmed = text.trim_end();
    if !trimmed.starts_with('$') {
        return Err(InvalidPath::NoDollar);
    }
    let mut parser = Parser { text: trimmed, at: 1, depth: 0, filters: 0 };
    let query = parser.steps()?;
    if parser.at < trimmed.len() { Err(InvalidPath::Token { position: parser.position(parser.at) }) } else { Ok(query) }
}

/// Reads a path from its text; `parse_filter` has the filters.
pub(super) struct Parser<'a> {
    pub(super) text: &'a str,
    pub(super) at: usize,
    pub(super) depth: usize,
    /// How many filters enclose this place: inside, a path ends where an operator begins.
    pub(super) filters: usize,
}

impl<'a> Parser<'a> {
    pub(super) fn peek(&self) -> Option<u8> {
        self.text.as_bytes().get(self.at).copied()
    }

    pub(super) fn rest(&self) -> &'a str {
        &self.text[self.at..]
    }

    pub(super) fn blanks(&mut self) {
        while self.peek().is_some_and(|b| b.is_ascii_whitespace()) {
            self.at += 1;
        }
    }

    /// Whether `token` comes next, which it then has read.
    pub(super) fn eat(&mut self, token: &str) -> bool {
        let found = self.rest().starts_with(token);
        if found {
            self.at += token.len();
        }
        found
    }

    /// A place as Java counts; for errors only, because it goes through all of the text before.
    pub(super) fn position(&self, at: usize) -> usize {
        self.text[..at].encode_utf16().count()
    }

    pub(super) fn deeper<T>(
        &mut self,
        read: impl FnOnce(&mut Self) -> Result<T, InvalidPath>,
    ) -> Result<T, InvalidPath> {
        if self.depth == MAX_DEPTH {
            return Err(InvalidPath::TooDeep);
        }
        self.depth += 1;
        let result = read(self);
        self.depth -= 1;
        result
    }

    /// Everything after `$` or `@`.
    pub(super) fn steps(&mut self) -> Result<Query, InvalidPath> {
        let mut steps = Vec::new();
        while let Some(byte) = self.peek() {
            if steps.len() >= MAX_STEPS {
                return Err(InvalidPath::TooLong);
            }
            match byte {
                b'.' => self.dot(&mut steps)?,
                // Jayway takes no notice of a bracket that nothing follows.
                b'[' if self.at + 1 == self.text.len() && !steps.is_empty() => self.at += 1,
                b'[' => steps.push(self.bracket()?),
                _ if self.filters > 0 => break,
                _ if steps.is_empty() => {
                    return Err(InvalidPath::AfterRoot { position: self.position(self.at) });
                }
                _ => return Err(InvalidPath::Token { position: self.position(self.at) }),
            }
        }
        if matches!(steps.last(), Some(Step::Deep)) {
            return Err(InvalidPath::Token { position: self.position(self.at) });
        }
        Ok(Query::new(steps))
    }

    /// A step that begins with a dot, before it `..` if there are two.
    fn dot(&mut self, steps: &mut Vec<Step>) -> Result<(), InvalidPath> {
        self.at += 1;
        if self.eat(".") {
            steps.push(Step::Deep);
        }
        steps.push(match self.peek() {
            None => return Err(InvalidPath::EndsWithDot),
            Some(b'.') => return Err(InvalidPath::Token { position: self.position(self.at) }),
            Some(b'[') => self.bracket()?,
            Some(b'*') => {
                self.at += 1;
                Step::Wildcard
            }
            Some(_) => self.name()?,
        });
        Ok(())
    }

    fn name(&mut self) -> Result<Step, InvalidPath> {
        let start = self.at;
        let in_filter = self.filters > 0;
        let ends = |c: char| match c {
            '.' | '[' => true,
            '(' | ')' | '<' | '>' | '=' | '~' | '!' | '&' | '|' | ',' | ']' => in_filter,
            _ => c.is_whitespace(),
        };
        let name = &self.rest()[..self.rest().find(ends).unwrap_or(self.rest().len())];
        if name.is_empty() {
            return Err(InvalidPath::Token { position: self.position(start) });
        }
        self.at += name.len();
        if !in_filter && self.rest().starts_with(char::is_whitespace) {
            return Err(InvalidPath::Blank { position: self.position(self.at) });
        }
        Ok(Step::Name(name.into()))
    }

    fn bracket(&mut self) -> Result<Step, InvalidPath> {
        let start = self.at;
        let wrong = |parser: &Self| Err(InvalidPath::Bracket { position: parser.position(start) });
        self.at += 1;
        self.blanks();
        match self.peek() {
            Some(b'\'' | b'"') => self.names(),
            Some(b'?') => self.filter(start),
            Some(b'*') => {
                self.at += 1;
                self.blanks();
                if self.eat("]") { Ok(Step::Wildcard) } else { wrong(self) }
            }
            Some(b'0'..=b'9' | b'-' | b':') => {
                let Some(end) = self.rest().find(']') else { return wrong(self) };
                let inside = self.rest()[..end].trim_end();
                if !inside.bytes().all(|b| b.is_ascii_digit() || matches!(b, b'-' | b':' | b',' | b' ')) {
                    return wrong(self);
                }
                self.at += end + 1;
                if inside.contains(':') { slice(inside) } else { indices(inside) }
            }
            _ => wrong(self),
        }
    }

    fn names(&mut self) -> Result<Step, InvalidPath> {
        let mut names: Vec<SmolStr> = Vec::new();
        loop {
            let Some(name) = self.quoted() else { return Err(self.unfinished()) };
            names.push(name.into());
            self.blanks();
            if self.eat("]") {
                break;
            }
            if !self.eat(",") {
                return Err(match self.peek() {
                    None => self.unfinished(),
                    Some(_) => InvalidPath::Property { position: self.position(self.at) },
                });
            }
            self.blanks();
            if !matches!(self.peek(), Some(b'\'' | b'"')) {
                return Err(InvalidPath::Property { position: self.position(self.at) });
            }
        }
        if names.len() > 1 {
            return Ok(Step::Names(names.into()));
        }
        Ok(Step::Name(names.swap_remove(0)))
    }

    /// The error for a name that the path ends in.
    fn unfinished(&self) -> InvalidPath {
        InvalidPath::Property { position: self.position(self.text.len()).saturating_sub(1) }
    }

    /// A text in quotes of either kind, nothing if it doesn't end. A backslash stands for itself (recorded: the key
    /// `Test\""Name"` is found by `$['Test\""Name"']`), unless it protects the quote that would end the text.
    pub(super) fn quoted(&mut self) -> Option<String> {
        let quote = self.rest().chars().next().filter(|c| matches!(c, '\'' | '"'))?;
        let mut text = String::new();
        let mut chars = self.rest().char_indices().skip(1).peekable();
        while let Some((i, c)) = chars.next() {
            if c == quote {
                self.at += i + 1;
                return Some(text);
            }
            if c == '\\' {
                match chars.next_if(|(_, next)| *next == quote || *next == '\\') {
                    Some((_, '\\')) => text.push('\\'),
                    Some(_) => {
                        text.push(quote);
                        continue;
                    }
                    None => {}
                }
            }
            text.push(c);
        }
        None
    }

    /// A JSON value, whose strings may stand in single quotes; nothing if none begins here.
    pub(super) fn literal(&mut self) -> Result<Option<Value>, InvalidPath> {
        let word = |parser: &mut Self, word, value| {
            let after = parser.rest()[..].as_bytes().get(str::len(word)).copied();
            let whole = !after.is_some_and(|b| b.is_ascii_alphanumeric() || b == b'_');
            Ok((whole && parser.eat(word)).then_some(value))
        };
        match self.peek() {
            Some(b'\'' | b'"') => Ok(self.quoted().map(Value::from)),
            Some(b't') => word(self, "true", Value::Bool(true)),
            Some(b'f') => word(self, "false", Value::Bool(false)),
            Some(b'n') => word(self, "null", Value::Null),
            Some(b'[') => self.deeper(|parser| parser.list(']', Self::literal)).map(|list| list.map(Value::array)),
            Some(b'{') => self
                .deeper(|parser| parser.list('}', Self::member))
                .map(|members| members.map(Value::object::<SmolStr>)),
            Some(b'-' | b'0'..=b'9') => {
                let is_part = |b: u8| b.is_ascii_digit() || matches!(b, b'+' | b'-' | b'.' | b'e' | b'E');
                let length = self.rest().bytes().take_while(|b| is_part(*b)).count();
                let number = Value::parse(&self.rest()[..length]).ok();
                if number.is_some() {
                    self.at += length;
                }
                Ok(number)
            }
            _ => Ok(None),
        }
    }

    fn member(&mut self) -> Result<Option<(SmolStr, Value)>, InvalidPath> {
        let Some(name) = self.quoted() else { return Ok(None) };
        self.blanks();
        if !self.eat(":") {
            return Ok(None);
        }
        self.blanks();
        Ok(self.literal()?.map(|value| (name.into(), value)))
    }

    fn list<T>(
        &mut self,
        close: char,
        item: impl Fn(&mut Self) -> Result<Option<T>, InvalidPath>,
    ) -> Result<Option<Vec<T>>, InvalidPath> {
        self.at += 1;
        let mut items = Vec::new();
        loop {
            self.blanks();
            if items.is_empty() && self.rest().starts_with(close) {
                break;
            }
            match item(self)? {
                Some(item) => items.push(item),
                None => return Ok(None),
            }
            self.blanks();
            if !self.eat(",") {
                break;
            }
        }
        let closed = self.rest().starts_with(close);
        self.at += usize::from(closed);
        Ok(closed.then_some(items))
    }
}

fn indices(text: &str) -> Result<Step, InvalidPath> {
    let wrong = |_| InvalidPath::Index { index: text.to_owned() };
    let mut indices = text.split(',').map(|i| i.trim().parse()).collect::<Result<Vec<i32>, _>>().map_err(wrong)?;
    if indices.len() > 1 {
        return Ok(Step::Indices(indices.into()));
    }
    Ok(Step::Index(indices.swap_remove(0)))
}

/// A third part, the step of other dialects, has no effect.
fn slice(text: &str) -> Result<Step, InvalidPath> {
    let wrong = || InvalidPath::Slice { slice: text.to_owned() };
    let bound = |part: Option<&str>| match part.map(str::trim) {
        None | Some("") => Ok(None),
        Some(part) => part.parse::<i32>().map(Some).map_err(|_| wrong()),
    };
    let mut parts = text.split(':');
    let (from, to, _) = (bound(parts.next())?, bound(parts.next())?, bound(parts.next())?);
    if (from.is_none() && to.is_none()) || parts.next().is_some() {
        return Err(wrong());
    }
    Ok(Step::Slice { from, to })
}
