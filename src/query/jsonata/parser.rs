//! From text to a raw tree: operators with their binding powers, nothing resolved yet.

use super::error::{JsonataError, Outcome};
use super::lexer::{Lexer, Token};
use super::signature::Signature;
use crate::json::Value;
use smol_str::SmolStr;

/// Trees may be this deep; deeper ones would not fit the stack.
pub(super) const DEEPEST: u32 = 250;

#[derive(Debug)]
pub(super) struct Raw {
    pub kind: RawKind,
    pub position: u32,
    pub keep_array: bool,
    pub height: u32,
}

#[derive(Debug)]
pub(super) enum RawKind {
    Literal(Value),
    Number(f64),
    Name(SmolStr),
    Variable(SmolStr),
    Regex {
        pattern: SmolStr,
        flags: SmolStr,
    },
    Wildcard,
    Descendants,
    Parent,
    /// `?` among the arguments of a function
    Placeholder,
    Binary(&'static str, Box<(Raw, Raw)>),
    Negate(Box<Raw>),
    Array(Vec<Raw>),
    Object(Vec<(Raw, Raw)>),
    Group(Box<Raw>, Vec<(Raw, Raw)>),
    Sort(Box<Raw>, Vec<(bool, Raw)>),
    Block(Vec<Raw>),
    Condition(Box<(Raw, Raw, Option<Raw>)>),
    Call(Box<Raw>, Vec<Raw>),
    Lambda {
        parameters: Vec<SmolStr>,
        signature: Option<Signature>,
        body: Box<Raw>,
    },
    Transform(Box<(Raw, Raw, Option<Raw>)>),
}

pub(super) struct Parser<'a> {
    lexer: Lexer<'a>,
    token: Token,
    position: u32,
    depth: u32,
}

fn binding_power(token: &Token) -> u32 {
    let Token::Symbol(symbol) = token else { return 0 };
    match *symbol {
        "[" | "(" | "@" | "#" => 80,
        "." => 75,
        "{" => 70,
        "*" | "/" | "%" => 60,
        "+" | "-" | "&" => 50,
        "=" | "<" | ">" | "^" | "!=" | "<=" | ">=" | "~>" | "in" => 40,
        "and" => 30,
        "or" => 25,
        "?" => 20,
        ":=" => 10,
        _ => 0,
    }
}

/// Parses the whole text.
pub(super) fn parse(text: &str) -> Outcome<Raw> {
    let mut parser = Parser { lexer: Lexer::new(text), token: Token::End, position: 0, depth: 0 };
    parser.advance(false)?;
    let tree = parser.expression(0)?;
    match parser.token {
        Token::End => Ok(tree),
        _ => Err(parser.blamed("S0201")),
    }
}

impl Parser<'_> {
    fn advance(&mut self, after_operand: bool) -> Outcome<()> {
        self.token = self.lexer.next(after_operand)?;
        self.position = self.lexer.position();
        match self.token {
            Token::Symbol("!" | "~") => Err(self.blamed("S0204")),
            _ => Ok(()),
        }
    }

    fn blamed(&self, code: &'static str) -> Box<JsonataError> {
        JsonataError::new(code).at(self.position).token(self.token.shown())
    }

    fn is(&self, symbol: &str) -> bool {
        matches!(self.token, Token::Symbol(found) if found == symbol)
    }

    fn expect(&mut self, symbol: &'static str, after_operand: bool) -> Outcome<()> {
        if !self.is(symbol) {
            let code = if self.token == Token::End { "S0203" } else { "S0202" };
            return Err(self.blamed(code).value(symbol.into()));
        }
        self.advance(after_operand)
    }

    fn node(&self, kind: RawKind, position: u32, below: u32) -> Outcome<Raw> {
        if below >= DEEPEST {
            return Err(JsonataError::new(super::error::STACK_OVERFLOW).at(position));
        }
        Ok(Raw { kind, position, keep_array: false, height: below + 1 })
    }

    fn expression(&mut self, power: u32) -> Outcome<Raw> {
        self.depth += 1;
        if self.depth > DEEPEST {
            return Err(self.blamed(super::error::STACK_OVERFLOW));
        }
        let (token, position) = (self.token.clone(), self.position);
        if token == Token::End {
            return Err(self.blamed("S0207"));
        }
        self.advance(true)?;
        let mut left = self.prefix(token, position)?;
        while power < binding_power(&self.token) {
            let Token::Symbol(symbol) = self.token else { break };
            let position = self.position;
            self.advance(false)?;
            left = self.infix(symbol, position, left)?;
        }
        self.depth -= 1;
        Ok(left)
    }

    #[inline(never)]
    fn prefix(&mut self, token: Token, position: u32) -> Outcome<Raw> {
        let kind = match token {
            Token::Name(name) => RawKind::Name(name),
            Token::Variable(name) => RawKind::Variable(name),
            Token::Text(text) => RawKind::Literal(Value::String(text)),
            Token::Number(number) => RawKind::Number(number),
            Token::True => RawKind::Literal(Value::Bool(true)),
            Token::False => RawKind::Literal(Value::Bool(false)),
            Token::Null => RawKind::Literal(Value::Null),
            Token::Regex { pattern, flags } => RawKind::Regex { pattern, flags },
            Token::Symbol(word @ ("and" | "or" | "in")) => RawKind::Name(word.into()),
            Token::Symbol("-") => {
                let operand = self.expression(70)?;
                let height = operand.height;
                return self.node(RawKind::Negate(Box::new(operand)), position, height);
            }
            Token::Symbol("*") => RawKind::Wildcard,
            Token::Symbol("**") => RawKind::Descendants,
            Token::Symbol("%") => RawKind::Parent,
            Token::Symbol("(") => return self.block(position),
            Token::Symbol("[") => return self.array(position),
            Token::Symbol("{") => {
                let (pairs, height) = self.pairs()?;
                return self.node(RawKind::Object(pairs), position, height);
            }
            Token::Symbol("|") => return self.transform(position),
            Token::Symbol(symbol) => {
                return Err(JsonataError::new("S0211").at(position).token(symbol));
            }
            Token::End => return Err(JsonataError::new("S0207").at(position).token("(end)")),
        };
        self.node(kind, position, 0)
    }

    fn block(&mut self, position: u32) -> Outcome<Raw> {
        let mut expressions = Vec::new();
        while !self.is(")") {
            expressions.push(self.expression(0)?);
            if !self.is(";") {
                break;
            }
            self.advance(false)?;
        }
        self.expect(")", true)?;
        let height = expressions.iter().map(|e| e.height).max().unwrap_or(0);
        self.node(RawKind::Block(expressions), position, height)
    }

    fn array(&mut self, position: u32) -> Outcome<Raw> {
        let mut items = Vec::new();
        if !self.is("]") {
            loop {
                let mut item = self.expression(0)?;
                if self.is("..") {
                    let range = self.position;
                    self.advance(false)?;
                    let end = self.expression(0)?;
                    let height = item.height.max(end.height);
                    item = self.node(RawKind::Binary("..", Box::new((item, end))), range, height)?;
                }
                items.push(item);
                if !self.is(",") {
                    break;
                }
                self.advance(false)?;
            }
        }
        self.expect("]", true)?;
        let height = items.iter().map(|e| e.height).max().unwrap_or(0);
        self.node(RawKind::Array(items), position, height)
    }

    /// The rest of an object constructor or of a grouping, after the `{`.
    fn pairs(&mut self) -> Outcome<(Vec<(Raw, Raw)>, u32)> {
        let mut pairs = Vec::new();
        if !self.is("}") {
            loop {
                let key = self.expression(0)?;
                self.expect(":", false)?;
                pairs.push((key, self.expression(0)?));
                if !self.is(",") {
                    break;
                }
                self.advance(false)?;
            }
        }
        self.expect("}", true)?;
        let height = pairs.iter().map(|(key, value)| key.height.max(value.height)).max().unwrap_or(0);
        Ok((pairs, height))
    }

    fn transform(&mut self, position: u32) -> Outcome<Raw> {
        let pattern = self.expression(0)?;
        self.expect("|", false)?;
        let update = self.expression(0)?;
        let mut delete = None;
        if self.is(",") {
            self.advance(false)?;
            delete = Some(self.expression(0)?);
        }
        self.expect("|", true)?;
        let height = pattern.height.max(update.height).max(delete.as_ref().map_or(0, |d| d.height));
        self.node(RawKind::Transform(Box::new((pattern, update, delete))), position, height)
    }

    #[inline(never)]
    fn infix(&mut self, symbol: &'static str, position: u32, mut left: Raw) -> Outcome<Raw> {
        match symbol {
            "(" => return self.call(position, left),
            "[" => {
                if self.is("]") {
                    let mut step = &mut left;
                    while matches!(step.kind, RawKind::Binary("[", _)) {
                        let RawKind::Binary(_, sides) = &mut step.kind else { break };
                        step = &mut sides.0;
                    }
                    step.keep_array = true;
                    // a `/` here begins a regular expression, as it does in JSONata 2.0.6
                    self.advance(false)?;
                    return Ok(left);
                }
                let predicate = self.expression(0)?;
                self.expect("]", true)?;
                let height = left.height.max(predicate.height);
                return self.node(RawKind::Binary("[", Box::new((left, predicate))), position, height);
            }
            "{" => {
                let (pairs, height) = self.pairs()?;
                let height = left.height.max(height);
                return self.node(RawKind::Group(Box::new(left), pairs), position, height);
            }
            "^" => return self.sort(position, left),
            "?" => {
                let then = self.expression(0)?;
                let mut otherwise = None;
                if self.is(":") {
                    self.advance(false)?;
                    otherwise = Some(self.expression(0)?);
                }
                let height = left.height.max(then.height).max(otherwise.as_ref().map_or(0, |e| e.height));
                return self.node(RawKind::Condition(Box::new((left, then, otherwise))), position, height);
            }
            ":=" if !matches!(left.kind, RawKind::Variable(_)) => {
                return Err(JsonataError::new("S0212").at(left.position).token(shown(&left)));
            }
            _ => {}
        }
        let power = binding_power(&Token::Symbol(symbol)) - u32::from(symbol == ":=");
        let right = self.expression(power)?;
        if matches!(symbol, "@" | "#") && !matches!(right.kind, RawKind::Variable(_)) {
            return Err(JsonataError::new("S0214").at(right.position).token(symbol));
        }
        let height = left.height.max(right.height);
        self.node(RawKind::Binary(symbol, Box::new((left, right))), position, height)
    }

    fn sort(&mut self, position: u32, left: Raw) -> Outcome<Raw> {
        self.expect("(", false)?;
        let mut terms = Vec::new();
        loop {
            let descending = self.is(">");
            if descending || self.is("<") {
                self.advance(false)?;
            }
            terms.push((descending, self.expression(0)?));
            if !self.is(",") {
                break;
            }
            self.advance(false)?;
        }
        self.expect(")", true)?;
        let height = terms.iter().map(|(_, e)| e.height).max().unwrap_or(0).max(left.height);
        self.node(RawKind::Sort(Box::new(left), terms), position, height)
    }

    /// A function call, or the definition of a function.
    fn call(&mut self, position: u32, left: Raw) -> Outcome<Raw> {
        let mut arguments = Vec::new();
        if !self.is(")") {
            loop {
                if self.is("?") {
                    arguments.push(self.node(RawKind::Placeholder, self.position, 0)?);
                    self.advance(false)?;
                } else {
                    arguments.push(self.expression(0)?);
                }
                if !self.is(",") {
                    break;
                }
                self.advance(false)?;
            }
        }
        self.expect(")", true)?;
        if matches!(&left.kind, RawKind::Name(name) if name == "function" || name == "λ") {
            return self.lambda(position, arguments);
        }
        let height = arguments.iter().map(|e| e.height).max().unwrap_or(0).max(left.height);
        self.node(RawKind::Call(Box::new(left), arguments), position, height)
    }

    fn lambda(&mut self, position: u32, arguments: Vec<Raw>) -> Outcome<Raw> {
        let mut parameters = Vec::new();
        for (i, argument) in arguments.into_iter().enumerate() {
            match argument.kind {
                RawKind::Variable(name) => parameters.push(name),
                _ => {
                    let error = JsonataError::new("S0208").at(argument.position).token(shown(&argument));
                    return Err(error.value(Value::from(i as i64 + 1)));
                }
            }
        }
        let mut signature = None;
        if self.is("<") {
            let start = self.position;
            let mut depth = 1;
            let mut text = String::from("<");
            while depth > 0 && !self.is("{") && self.token != Token::End {
                self.advance(false)?;
                depth += i32::from(self.is("<")) - i32::from(self.is(">"));
                text.push_str(&self.token.shown());
            }
            self.expect(">", false)?;
            signature = Some(Signature::parse(&text).map_err(|mut error| {
                error.position = error.position.map(|offset| offset + start as usize);
                error
            })?);
        }
        self.expect("{", false)?;
        let body = self.expression(0)?;
        self.expect("}", true)?;
        let height = body.height;
        self.node(RawKind::Lambda { parameters, signature, body: Box::new(body) }, position, height)
    }
}

/// What errors show of an expression: its token.
fn shown(raw: &Raw) -> SmolStr {
    match &raw.kind {
        RawKind::Name(name) | RawKind::Variable(name) => name.clone(),
        RawKind::Literal(Value::String(text)) => text.clone(),
        RawKind::Literal(value) => value.to_text().into(),
        RawKind::Number(n) => super::number_text::number_text(*n).into(),
        RawKind::Binary(symbol, _) => (*symbol).into(),
        RawKind::Wildcard => "*".into(),
        RawKind::Descendants => "**".into(),
        RawKind::Parent => "%".into(),
        RawKind::Placeholder | RawKind::Condition(_) => "?".into(),
        RawKind::Negate(_) => "-".into(),
        RawKind::Array(_) => "[".into(),
        RawKind::Object(_) | RawKind::Group(..) => "{".into(),
        RawKind::Sort(..) => "^".into(),
        RawKind::Block(_) | RawKind::Call(..) => "(".into(),
        RawKind::Lambda { .. } => "function".into(),
        RawKind::Transform(_) => "|".into(),
        RawKind::Regex { pattern, flags } => format!("/{pattern}/{flags}").into(),
    }
}
