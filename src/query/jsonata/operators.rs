//! Operators between two values.

use super::environment::Env;
use super::error::{JsonataError, Outcome};
use super::evaluator::Evaluator;
use super::functions;
use super::syntax::{Node, Operator};
use super::value::Val;
use crate::json::Value;
use std::cmp::Ordering;

/// Ranges may have this many items.
const LONGEST_RANGE: f64 = 1e7;

impl Evaluator<'_> {
    #[inline(never)]
    pub fn binary(
        &mut self,
        operator: Operator,
        position: u32,
        sides: &(Node, Node),
        input: &Val,
        env: &Env,
    ) -> Outcome<Val> {
        let left = self.eval(&sides.0, input, env)?;
        if matches!(operator, Operator::And | Operator::Or) {
            return self
                .logical(operator, &left, &sides.1, input, env)
                .map_err(|error| blame(error, operator, position));
        }
        let right = self.eval(&sides.1, input, env)?;
        self.operate(operator, left, right).map_err(|error| blame(error, operator, position))
    }

    fn logical(&mut self, operator: Operator, left: &Val, right: &Node, input: &Val, env: &Env) -> Outcome<Val> {
        let left = self.truthy(left)?;
        if left == (operator == Operator::Or) {
            return Ok(Val::bool(left));
        }
        let right = self.eval(right, input, env)?;
        self.truthy(&right).map(Val::bool)
    }

    #[inline(never)]
    fn operate(&mut self, operator: Operator, left: Val, right: Val) -> Outcome<Val> {
        match operator {
            Operator::Add | Operator::Subtract | Operator::Multiply | Operator::Divide | Operator::Remainder => {
                arithmetic(operator, &left, &right)
            }
            Operator::Equal | Operator::NotEqual => {
                let comparable = !left.is_undefined() && !right.is_undefined();
                Ok(Val::bool(comparable && self.equal(&left, &right)? == (operator == Operator::Equal)))
            }
            Operator::Less | Operator::LessOrEqual | Operator::Greater | Operator::GreaterOrEqual => {
                self.step(left.extent().min(right.extent()) / 32)?;
                compare(operator, &left, &right)
            }
            Operator::Concatenate => {
                let mut text = self.concatenated(left)?;
                text.push_str(&self.concatenated(right)?);
                self.charge(text.len())?;
                Ok(Val::text(text))
            }
            Operator::In => {
                if left.is_undefined() || right.is_undefined() {
                    return Ok(Val::bool(false));
                }
                let Some(list) = right.list() else { return self.same(&left, &right).map(Val::bool) };
                for item in list.iter() {
                    self.step(1)?;
                    if self.same(&left, &item)? {
                        return Ok(Val::bool(true));
                    }
                }
                Ok(Val::bool(false))
            }
            Operator::Range => self.range(&left, &right),
            Operator::And | Operator::Or => Ok(Val::Undefined),
        }
    }

    fn concatenated(&mut self, value: Val) -> Outcome<String> {
        match &value {
            Val::Undefined => Ok(String::new()),
            Val::Json(Value::String(text)) => Ok(text.to_string()),
            other => functions::text_of(self, other, false),
        }
    }

    fn range(&mut self, left: &Val, right: &Val) -> Outcome<Val> {
        let whole = |value: &Val, code| match value.as_f64() {
            Some(number) if number.is_finite() && number.fract() == 0.0 => Ok(Some(number)),
            None if value.is_undefined() => Ok(None),
            _ => Err(JsonataError::new(code).value(value.shown())),
        };
        let (Some(from), Some(to)) = (whole(left, "T2003")?, whole(right, "T2004")?) else {
            return Ok(Val::Undefined);
        };
        if from > to {
            return Ok(Val::Undefined);
        }
        let size = to - from + 1.0;
        if size > LONGEST_RANGE {
            return Err(JsonataError::new("D2014").value(super::value::number(size)));
        }
        let size = size as usize;
        self.charge_items(size)?;
        self.step(size / 16)?;
        Ok(Val::sequence((0..size).map(|i| Val::Number(from + i as f64)).collect()))
    }
}

fn blame(error: Box<JsonataError>, operator: Operator, position: u32) -> Box<JsonataError> {
    match error.is_limit() {
        true => error,
        false => error.at(position).token(operator.symbol()),
    }
}

fn arithmetic(operator: Operator, left: &Val, right: &Val) -> Outcome<Val> {
    let operand = |value: &Val, code| match value.numeric()? {
        None if !value.is_undefined() => Err(JsonataError::new(code).value(value.shown())),
        number => Ok(number),
    };
    let (Some(left), Some(right)) = (operand(left, "T2001")?, operand(right, "T2002")?) else {
        return Ok(Val::Undefined);
    };
    Ok(Val::Number(match operator {
        Operator::Add => left + right,
        Operator::Subtract => left - right,
        Operator::Multiply => left * right,
        Operator::Divide => left / right,
        _ => left % right,
    }))
}

fn compare(operator: Operator, left: &Val, right: &Val) -> Outcome<Val> {
    let comparable = |value: &Val| value.is_undefined() || value.as_f64().is_some() || value.as_str().is_some();
    if !comparable(left) || !comparable(right) {
        let culprit = if comparable(left) { right } else { left };
        return Err(JsonataError::new("T2010").value(culprit.shown()));
    }
    if left.is_undefined() || right.is_undefined() {
        return Ok(Val::Undefined);
    }
    let ordering = match (left.as_f64(), right.as_f64(), left.as_str(), right.as_str()) {
        (Some(a), Some(b), _, _) => a.partial_cmp(&b),
        (_, _, Some(a), Some(b)) => Some(compare_texts(a, b)),
        _ => return Err(JsonataError::new("T2009").value(left.shown()).value2(right.shown())),
    };
    Ok(Val::bool(ordering.is_some_and(|ordering| match operator {
        Operator::Less => ordering == Ordering::Less,
        Operator::LessOrEqual => ordering != Ordering::Greater,
        Operator::Greater => ordering == Ordering::Greater,
        _ => ordering != Ordering::Less,
    })))
}

/// By UTF-16 units, as JavaScript does.
pub(super) fn compare_texts(a: &str, b: &str) -> Ordering {
    let at = a.bytes().zip(b.bytes()).take_while(|(x, y)| x == y).count();
    match (a.as_bytes().get(at), b.as_bytes().get(at)) {
        (Some(x), Some(y)) if *x >= 0xEE || *y >= 0xEE => a.encode_utf16().cmp(b.encode_utf16()),
        _ => a.cmp(b),
    }
}
