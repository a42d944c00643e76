//! `[?(…)]`: tests of an item.

use super::evaluate::{Halt, Query, Search};
use crate::json::Value;
use regex_lite::Regex;
use std::borrow::Cow;
use std::cmp::Ordering;

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
                if let (Some(left), Some(right)) = (left.direct(item, search), right.direct(item, search)) {
                    return operator.holds(left, right, search);
                }
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
    /// For what needs no search, what it is.
    #[inline]
    fn direct<'v>(&'v self, item: &'v Value, search: &Search<'v>) -> Option<Option<&'v Value>> {
        match self {
            Operand::Literal(value) => Some(Some(value)),
            Operand::Item(query) => query.direct(item),
            Operand::Root(query) => query.direct(search.root),
        }
    }

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
    /// Whether the comparison holds. Nothing stands for a path that leads nowhere. `nin` and `!=` are the opposite of
    /// `in` and `==`, so what isn't there passes them.
    #[inline]
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
#[inline]
fn equal(left: Option<&Value>, right: Option<&Value>) -> bool {
    match (left, right) {
        (Some(Value::Number(left)), Some(Value::Number(right))) => match (left.as_i64(), right.as_i64()) {
            (Some(left), Some(right)) => left == right,
            _ => left == right,
        },
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

type Lists<'v> = (&'v [Value], &'v [Value]);

/// The lists on both sides. Where the left one is missing, nobody can say (known from a report on `anyof`).
fn lists<'v>(
    left: Option<&'v Value>,
    right: Option<&'v Value>,
    search: &Search<'_>,
) -> Result<Option<Lists<'v>>, Undecided> {
    let left = left.ok_or(Undecided::Item)?.as_array();
    let lists = left.zip(right.and_then(Value::as_array));
    if let Some((left, right)) = lists {
        search.visit(left.len().saturating_mul(right.len()))?;
    }
    Ok(lists)
}
