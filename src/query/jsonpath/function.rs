//! The functions that later Jayways have at the end of a path.

use super::PathFailure;
use super::evaluate::{Halt, Query, Search};
use crate::json::Value;
use std::borrow::Cow;

/// Which function.
#[derive(Clone, Copy, Debug, PartialEq)]
pub(super) enum Function {
    Min,
    Max,
    Avg,
    Sum,
    Stddev,
    Length,
    Keys,
    Concat,
    Append,
    First,
    Last,
    Index,
}

impl Function {
    pub(super) fn named(name: &str) -> Option<Function> {
        Some(match name {
            "min" => Function::Min,
            "max" => Function::Max,
            "avg" => Function::Avg,
            "sum" => Function::Sum,
            "stddev" => Function::Stddev,
            "length" | "size" => Function::Length,
            "keys" => Function::Keys,
            "concat" => Function::Concat,
            "append" => Function::Append,
            "first" => Function::First,
            "last" => Function::Last,
            "index" => Function::Index,
            _ => return None,
        })
    }
}

/// A function with its arguments.
#[derive(Clone, Debug)]
pub(super) struct Call {
    pub(super) function: Function,
    pub(super) arguments: Box<[Argument]>,
}

/// What stands between a function's parentheses.
#[derive(Clone, Debug)]
pub(super) enum Argument {
    Literal(Value),
    /// From the root of the document.
    Path(Query),
}

impl Call {
    /// What the function returns for the value that the path before it gives.
    pub(super) fn of_value(&self, value: &Value, search: &Search<'_>) -> Result<Value, Halt> {
        let items = value.as_array();
        search.visit(items.map_or(1, <[Value]>::len))?;
        let arguments = self.arguments(search)?;
        match self.function {
            Function::Length => Ok(length(value)),
            Function::Keys => Ok(value.as_object().map_or(Value::Null, |object| {
                let names: Vec<Value> = object.iter().map(|(name, _)| name.clone().into()).collect();
                Value::array(names)
            })),
            Function::Append => Ok(items.map_or_else(
                || value.clone(),
                |items| Value::array(items.iter().cloned().chain(arguments).collect::<Vec<_>>()),
            )),
            Function::First => Ok(items.and_then(<[Value]>::first).cloned().unwrap_or_default()),
            Function::Last => Ok(items.and_then(<[Value]>::last).cloned().unwrap_or_default()),
            Function::Index => Ok(indexed(items.unwrap_or_default(), &arguments)),
            Function::Concat => Ok(concatenated(items.unwrap_or_default(), &arguments)),
            _ => self.aggregate(items.unwrap_or_default(), &arguments),
        }
    }

    /// What the function returns for everything that a path with `..` finds: it then looks at all of it at once.
    pub(super) fn of_list(&self, found: &[Value], search: &Search<'_>) -> Result<Value, Halt> {
        if self.function == Function::Length {
            let lengths = found.iter().filter_map(|value| length(value).as_i64());
            return Ok(Value::from(lengths.sum::<i64>()));
        }
        self.of_value(&Value::array(found), search)
    }

    fn arguments(&self, search: &Search<'_>) -> Result<Vec<Value>, Halt> {
        let mut values = Vec::with_capacity(self.arguments.len());
        for argument in &self.arguments {
            match argument {
                Argument::Literal(value) => values.push(value.clone()),
                Argument::Path(query) => values.extend(query.select(search.root, search)?.map(Cow::into_owned)),
            }
        }
        Ok(values)
    }

    fn aggregate(&self, items: &[Value], arguments: &[Value]) -> Result<Value, Halt> {
        // An argument that is a list counts as its items.
        let given = arguments.iter().flat_map(|value| value.as_array().unwrap_or(std::slice::from_ref(value)));
        let numbers: Vec<f64> = items.iter().chain(given).filter_map(Value::as_f64).collect();
        if numbers.is_empty() {
            return Err(Halt::Failure(PathFailure::NothingToAggregate));
        }
        let count = numbers.len() as f64;
        let sum: f64 = numbers.iter().sum();
        Ok(Value::from(match self.function {
            Function::Min => numbers.iter().copied().fold(f64::INFINITY, f64::min),
            Function::Max => numbers.iter().copied().fold(f64::NEG_INFINITY, f64::max),
            Function::Avg => sum / count,
            Function::Stddev => {
                let squares: f64 = numbers.iter().map(|n| n * n).sum();
                (squares / count - (sum / count) * (sum / count)).sqrt()
            }
            _ => sum,
        }))
    }
}

/// Of arrays and objects; nothing else has a length.
fn length(value: &Value) -> Value {
    let length = value.as_array().map(<[Value]>::len).or_else(|| value.as_object().map(|object| object.len()));
    length.map_or(Value::Null, |length| Value::from(length as i64))
}

fn indexed(items: &[Value], arguments: &[Value]) -> Value {
    let place = arguments.first().and_then(Value::as_i64).and_then(|index| {
        let place = if index < 0 { index.checked_add(items.len() as i64)? } else { index };
        usize::try_from(place).ok()
    });
    place.and_then(|place| items.get(place)).cloned().unwrap_or_default()
}

/// The strings among the items and the arguments, in one.
fn concatenated(items: &[Value], arguments: &[Value]) -> Value {
    let given = arguments.iter().flat_map(|value| value.as_array().unwrap_or(std::slice::from_ref(value)));
    let texts: Vec<&str> = items.iter().chain(given).filter_map(Value::as_str).collect();
    Value::from(texts.concat())
}
