//! `[?(…)]`: tests of an item, and their text.

use super::InvalidPath;
use super::evaluate::{Halt, Query, Search, Step};
use super::parse::Parser;
use crate::json::Value;
use regex_lite::{Regex, RegexBuilder};
use std::borrow::Cow;
use std::cmp::Ordering;

/// The most that a regular expression may take when it is compiled, in bytes.
const MAX_REGEX_BYTES: usize = 1 << 20;

/// A condition on an item.
#[derive(Clone, Debug)]
pub(super) enum Test {
    Or(Box<[Test]>),
    And(Box<[Test]>),
    Not(Box<Test>),
    Constant(bool),
    /// Something is there, be it null or false.
    Exists(Operand),
    Compare(Operand, Operator, Operand),
    Matches(Operand, Regex),
}

/// A side of a comparison.
#[derive(Clone, Debug)]
pub(super) enum Operand {
    Literal(Value),
    /// `@…`
    Item(Query),
    /// `$…`
    Root(Query),
}

/// What stands between two operands.
#[derive(Clone, Copy, Debug, PartialEq)]
pub(super) enum Operator {
    Equal,
    NotEqual,
    Less,
    LessOrEqual,
    Greater,
    GreaterOrEqual,
    In,
    NotIn,
    SubsetOf,
    AnyOf,
    NoneOf,
    All,
    Contains,
    Size,
    Empty,
}

/// The operators as they are written, those that begin like another one after it.
const SYMBOLS: [(&str, Operator); 6] = [
    ("==", Operator::Equal),
    ("!=", Operator::NotEqual),
    ("<=", Operator::LessOrEqual),
    (">=", Operator::GreaterOrEqual),
    ("<", Operator::Less),
    (">", Operator::Greater),
];

const WORDS: [(&str, Operator); 9] = [
    ("in", Operator::In),
    ("nin", Operator::NotIn),
    ("subsetof", Operator::SubsetOf),
    ("anyof", Operator::AnyOf),
    ("noneof", Operator::NoneOf),
    ("all", Operator::All),
    ("contains", Operator::Contains),
    ("size", Operator::Size),
    ("empty", Operator::Empty),
];

/// Why a test has no result.
enum Undecided {
    /// The comparison makes no sense for this item, which is then left out, even if the test stands behind a `!`.
    Item,
    Search(Halt),
}

impl From<Halt> for Undecided {
    fn from(halt: Halt) -> Self {
        Undecided::Search(halt)
    }
}

impl Test {
    pub(super) fn accepts(&self, item: &Value, search: &Search<'_>) -> Result<bool, Halt> {
        match self.holds(item, search) {
            Ok(holds) => Ok(holds),
            Err(Undecided::Item) => Ok(false),
            Err(Undecided::Search(halt)) => Err(halt),
        }
    }

    fn holds(&self, item: &Value, search: &Search<'_>) -> Result<bool, Undecided> {
        match self {
            Test::Or(tests) => {
                for test in tests {
                    if test.holds(item, search)? {
                        return Ok(true);
                    }
                }
                Ok(false)
            }
            Test::And(tests) => {
                for test in tests {
                    if !test.holds(item, search)? {
                        return Ok(false);
                    }
                }
                Ok(true)
            }
            Test::Not(test) => Ok(!test.holds(item, search)?),
            Test::Constant(holds) => Ok(*holds),
            Test::Exists(operand) => {
                let there = operand.of(item, search)?;
                Ok(there.is_some_and(|v| operand.is_definite() || v.as_array().is_none_or(|found| !found.is_empty())))
            }
            Test::Compare(left, operator, right) => {
                operator.holds(left.of(item, search)?.as_deref(), right.of(item, search)?.as_deref(), search)
            }
            Test::Matches(operand, regex) => {
                let subject = operand.of(item, search)?;
                let Some(text) = subject.as_deref().and_then(Value::as_str) else { return Ok(false) };
                search.visit(text.len() / 16)?;
                Ok(regex.is_match(text))
            }
        }
    }
}

impl Operand {
    #[inline]
    fn of<'v>(&'v self, item: &'v Value, search: &Search<'v>) -> Result<Option<Cow<'v, Value>>, Halt> {
        match self {
            Operand::Literal(value) => Ok(Some(Cow::Borrowed(value))),
            Operand::Item(query) => query.select(item, search),
            Operand::Root(query) => {
                search.visit(1)?;
                query.select(search.root, search)
            }
        }
    }

    fn is_definite(&self) -> bool {
        match self {
            Operand::Literal(_) => true,
            Operand::Item(query) | Operand::Root(query) => query.is_definite(),
        }
    }
}

impl Operator {
    /// Nothing stands for a path that leads nowhere. `nin` and `!=` are the opposite of `in` and `==`, so what isn't
    /// there passes them.
    fn holds(self, left: Option<&Value>, right: Option<&Value>, search: &Search<'_>) -> Result<bool, Undecided> {
        Ok(match self {
            Operator::Equal => equal(left, right),
            Operator::NotEqual => !equal(left, right),
            Operator::Less => ordering(left, right).is_some_and(Ordering::is_lt),
            Operator::LessOrEqual => ordering(left, right).is_some_and(Ordering::is_le),
            Operator::Greater => ordering(left, right).is_some_and(Ordering::is_gt),
            Operator::GreaterOrEqual => ordering(left, right).is_some_and(Ordering::is_ge),
            Operator::In => is_in(left, right, search)?,
            Operator::NotIn => !is_in(left, right, search)?,
            Operator::SubsetOf => lists(left, right, search)?.is_some_and(|(l, r)| l.iter().all(|v| has(r, v))),
            Operator::AnyOf => lists(left, right, search)?.is_some_and(|(l, r)| l.iter().any(|v| has(r, v))),
            Operator::NoneOf => lists(left, right, search)?.is_some_and(|(l, r)| !l.iter().any(|v| has(r, v))),
            Operator::All => lists(left, right, search)?.is_some_and(|(l, r)| r.iter().all(|v| has(l, v))),
            Operator::Contains => match (left, right) {
                (Some(Value::String(text)), Some(Value::String(part))) => {
                    search.visit(text.len() / 64)?;
                    text.contains(part.as_str())
                }
                _ => is_in(right, left, search)?,
            },
            Operator::Size => {
                let size = left.and_then(|value| match value {
                    Value::String(text) => Some(text.encode_utf16().count()),
                    other => other.as_array().map(<[Value]>::len),
                });
                let wanted = right.and_then(Value::as_number).and_then(|n| usize::try_from(n.as_whole()?).ok());
                size.is_some() && size == wanted
            }
            Operator::Empty => {
                let empty = left.and_then(|value| match value {
                    Value::String(text) => Some(text.is_empty()),
                    Value::Array(_) => value.as_array().map(<[Value]>::is_empty),
                    Value::Object(object) => Some(object.is_empty()),
                    _ => None,
                });
                empty.is_some() && empty == right.and_then(Value::as_bool)
            }
        })
    }
}

/// A string on the left equals the number that it is the text of (measured); a number doesn't equal a string
/// (documented).
fn equal(left: Option<&Value>, right: Option<&Value>) -> bool {
    match (left, right) {
        (Some(Value::String(text)), Some(Value::Number(number))) => number.to_string() == text.as_str(),
        (Some(left), Some(right)) => left == right,
        (left, right) => left.is_none() && right.is_none(),
    }
}

fn ordering(left: Option<&Value>, right: Option<&Value>) -> Option<Ordering> {
    match (left?, right?) {
        (Value::Number(a), Value::Number(b)) => a.partial_cmp(b),
        (Value::String(a), Value::String(b)) => Some(a.encode_utf16().cmp(b.encode_utf16())),
        _ => None,
    }
}

fn has(items: &[Value], value: &Value) -> bool {
    items.iter().any(|item| equal(Some(value), Some(item)))
}

fn is_in(value: Option<&Value>, list: Option<&Value>, search: &Search<'_>) -> Result<bool, Halt> {
    let (Some(value), Some(items)) = (value, list.and_then(Value::as_array)) else { return Ok(false) };
    search.visit(items.len())?;
    Ok(has(items, value))
}

/// The lists on both sides. Where the left one is missing, nobody can say (known from a report on `anyof`).
fn lists<'v>(
    left: Option<&'v Value>,
    right: Option<&'v Value>,
    search: &Search<'_>,
) -> Result<Option<(&'v [Value], &'v [Value])>, Undecided> {
    let left = left.ok_or(Undecided::Item)?.as_array();
    let lists = left.zip(right.and_then(Value::as_array));
    if let Some((left, right)) = lists {
        search.visit(left.len().saturating_mul(right.len()))?;
    }
    Ok(lists)
}

impl Parser<'_> {
    /// From the `?` of the bracket that begins at `start`.
    pub(super) fn filter(&mut self, start: usize) -> Result<Step, InvalidPath> {
        self.at += 1;
        self.blanks();
        let no_token = InvalidPath::Bracket { position: self.position(start) };
        if !self.eat("(") {
            return Err(no_token);
        }
        self.filters += 1;
        let test = self.deeper(Self::any);
        self.filters -= 1;
        let test = match test {
            Ok(Some(test)) => {
                self.blanks();
                self.eat(")").then_some(test)
            }
            Ok(None) | Err(InvalidPath::Token { .. }) => None,
            Err(invalid) => return Err(invalid),
        };
        let closed = test.is_some().then(|| self.blanks()).is_some_and(|()| self.eat("]"));
        match test {
            Some(test) if closed => Ok(Step::Filter(Box::new(test))),
            _ => Err(self.filter_error(start).unwrap_or(no_token)),
        }
    }

    /// Jayway looks for the filter's end first; nothing if there is none.
    fn filter_error(&self, start: usize) -> Option<InvalidPath> {
        let whole = &self.text[start..];
        let mut open = 0;
        let close = whole.char_indices().find_map(|(i, c)| {
            open += i32::from(c == '(') - i32::from(c == ')');
            (c == ')' && open == 0).then_some(i)
        })?;
        let end = close + whole[close..].find(']')?;
        Some(InvalidPath::Filter {
            filter: whole[..=end].to_owned(),
            position: self.position(self.at).saturating_sub(self.position(start)),
            found: self.rest().chars().next()?,
        })
    }

    /// Tests with `||` between them. Nothing stands for text that is no test, which begins where the parser is.
    fn any(&mut self) -> Result<Option<Test>, InvalidPath> {
        Ok(self.joined("||", Self::every)?.map(|tests| one_or(tests, Test::Or)))
    }

    fn every(&mut self) -> Result<Option<Test>, InvalidPath> {
        Ok(self.joined("&&", Self::test)?.map(|tests| one_or(tests, Test::And)))
    }

    fn joined(
        &mut self,
        joint: &str,
        read: impl Fn(&mut Self) -> Result<Option<Test>, InvalidPath>,
    ) -> Result<Option<Vec<Test>>, InvalidPath> {
        let mut tests = Vec::new();
        loop {
            let Some(test) = read(self)? else { return Ok(None) };
            tests.push(test);
            self.blanks();
            if !self.eat(joint) {
                return Ok(Some(tests));
            }
        }
    }

    fn test(&mut self) -> Result<Option<Test>, InvalidPath> {
        self.blanks();
        if self.eat("!") {
            return Ok(self.deeper(Self::test)?.map(|test| Test::Not(Box::new(test))));
        }
        if self.eat("(") {
            let test = self.deeper(Self::any)?;
            self.blanks();
            return Ok(test.filter(|_| self.eat(")")));
        }
        let Some(left) = self.operand()? else { return Ok(None) };
        self.blanks();
        if self.eat("=~") {
            self.blanks();
            return Ok(self.regex()?.map(|regex| Test::Matches(left, regex)));
        }
        let Some(operator) = self.operator() else {
            return Ok(match left {
                Operand::Literal(Value::Bool(holds)) => Some(Test::Constant(holds)),
                Operand::Literal(_) => None,
                path => Some(Test::Exists(path)),
            });
        };
        self.blanks();
        Ok(self.operand()?.map(|right| Test::Compare(left, operator, right)))
    }

    fn operator(&mut self) -> Option<Operator> {
        let symbol = SYMBOLS.iter().find(|(symbol, _)| self.rest().starts_with(symbol));
        let found = symbol.or_else(|| {
            let length = self.rest().bytes().take_while(u8::is_ascii_alphabetic).count();
            WORDS.iter().find(|(word, _)| word.eq_ignore_ascii_case(&self.rest()[..length]))
        });
        let (text, operator) = found?;
        self.at += text.len();
        Some(*operator)
    }

    fn operand(&mut self) -> Result<Option<Operand>, InvalidPath> {
        if self.eat("@") {
            return Ok(Some(Operand::Item(self.deeper(Self::steps)?)));
        }
        if self.eat("$") {
            return Ok(Some(Operand::Root(self.deeper(Self::steps)?)));
        }
        Ok(self.literal()?.map(Operand::Literal))
    }

    /// `/pattern/flags`, which has to match the whole text.
    fn regex(&mut self) -> Result<Option<Regex>, InvalidPath> {
        let bytes = self.rest().as_bytes();
        if bytes.first() != Some(&b'/') {
            return Ok(None);
        }
        let mut end = 1;
        while bytes.get(end).is_some_and(|b| *b != b'/') {
            end += 1 + usize::from(bytes[end] == b'\\');
        }
        let Some(pattern) = self.rest().get(1..end) else { return Ok(None) };
        let Some(after) = self.rest().get(end + 1..) else { return Ok(None) };
        let flags = &after[..after.bytes().take_while(u8::is_ascii_alphabetic).count()];
        let pattern = pattern.replace("\\/", "/");
        let invalid = |reason: String| InvalidPath::Regex { pattern: pattern.clone(), reason };
        if let Some(flag) = flags.chars().find(|flag| !"imsxud".contains(*flag)) {
            return Err(invalid(format!("unknown flag '{flag}'")));
        }
        let compile = |text: &str| {
            let has = |flag| flags.contains(flag);
            let mut builder = RegexBuilder::new(text);
            builder.case_insensitive(has('i')).multi_line(has('m')).dot_matches_new_line(has('s'));
            builder.ignore_whitespace(has('x')).size_limit(MAX_REGEX_BYTES).build()
        };
        // Alone first: `a)(b` must not become a pattern by what is put around it.
        compile(&pattern).map_err(|error| invalid(error.to_string()))?;
        // With `x`, a comment would swallow the parenthesis.
        let end_of_comment = if flags.contains('x') { "\n" } else { "" };
        let whole = compile(&format!("\\A(?:{pattern}{end_of_comment})\\z"));
        let regex = whole.map_err(|error| invalid(error.to_string()))?;
        self.at += end + 1 + flags.len();
        Ok(Some(regex))
    }
}

fn one_or(mut tests: Vec<Test>, several: impl FnOnce(Box<[Test]>) -> Test) -> Test {
    if tests.len() == 1 { tests.swap_remove(0) } else { several(tests.into()) }
}
