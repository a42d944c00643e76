//! When two values are equal, in depth.

use super::error::Outcome;
use super::evaluator::Evaluator;
use super::value::{List, Val};
use crate::json::Value;
use std::collections::HashMap;
use std::hash::{DefaultHasher, Hash, Hasher};
use std::rc::Rc;
use std::sync::Arc;

impl Evaluator<'_> {
    /// Equal in depth; functions are equal if they are the same.
    pub fn equal(&mut self, a: &Val, b: &Val) -> Outcome<bool> {
        if let (Some(a), Some(b)) = (a.as_f64(), b.as_f64()) {
            return Ok(a == b);
        }
        match (a, b) {
            (Val::Undefined, Val::Undefined) => return Ok(true),
            (Val::Json(a), Val::Json(b)) => {
                let is_same = match (a, b) {
                    (Value::Array(a), Value::Array(b)) if Arc::ptr_eq(a, b) => true,
                    (Value::Object(a), Value::Object(b)) if Arc::ptr_eq(a, b) => true,
                    (Value::String(a), Value::String(b)) => {
                        self.step(a.len().min(b.len()) / 64)?;
                        false
                    }
                    (Value::Array(_) | Value::Object(_), _) if a.kind() == b.kind() => {
                        self.step(a.size().min(b.size()) / 64)?;
                        false
                    }
                    _ => false,
                };
                return Ok(is_same || a == b);
            }
            (Val::Function(a), Val::Function(b)) => return Ok(Rc::ptr_eq(a, b)),
            _ => {}
        }
        if let (Some(a), Some(b)) = (a.list(), b.list()) {
            return self.equal_lists(a, b);
        }
        let (Some(count), Some(others)) = (a.member_count(), b.member_count()) else { return Ok(false) };
        if count != others {
            return Ok(false);
        }
        self.step(1 + count * 2)?;
        for (name, value) in a.members() {
            let Some(other) = b.member(name) else { return Ok(false) };
            if !self.equal(&value, &other)? {
                return Ok(false);
            }
        }
        Ok(true)
    }

    fn equal_lists(&mut self, a: List<'_>, b: List<'_>) -> Outcome<bool> {
        if a.len() != b.len() {
            return Ok(false);
        }
        self.step(1 + a.len() / 2)?;
        for (a, b) in a.iter().zip(b.iter()) {
            if !self.equal(&a, &b)? {
                return Ok(false);
            }
        }
        Ok(true)
    }

    /// Without duplicates, each at the place of the first.
    pub fn distinct(&mut self, list: List<'_>) -> Outcome<Vec<Val>> {
        let mut found: Vec<Val> = Vec::new();
        let mut places: HashMap<u64, Vec<usize>> = HashMap::new();
        for item in list.iter() {
            let mut hasher = DefaultHasher::new();
            self.hash(&item, &mut hasher)?;
            let same_hash = places.entry(hasher.finish()).or_default();
            let mut known = false;
            for place in same_hash.iter() {
                known = known || self.equal(&found[*place], &item)?;
            }
            if !known {
                self.charge(96)?;
                same_hash.push(found.len());
                found.push(item);
            }
        }
        Ok(found)
    }

    /// Values that are equal have the same hash.
    fn hash(&mut self, value: &Val, hasher: &mut DefaultHasher) -> Outcome<()> {
        self.step(1)?;
        if let Some(number) = value.as_f64() {
            // zero is equal to minus zero
            (number + 0.0).to_bits().hash(hasher);
        } else if let Some(text) = value.as_str() {
            self.step(text.len() / 64)?;
            text.hash(hasher);
        } else if let Some(list) = value.list() {
            list.len().hash(hasher);
            for item in list.iter() {
                self.hash(&item, hasher)?;
            }
        } else if value.is_object() {
            // the order of members doesn't matter
            let mut sum = 0u64;
            for (name, member) in value.members() {
                let mut own = DefaultHasher::new();
                name.hash(&mut own);
                self.hash(&member, &mut own)?;
                sum = sum.wrapping_add(own.finish());
            }
            sum.hash(hasher);
        } else if let Val::Json(Value::Bool(value)) = value {
            value.hash(hasher);
        }
        Ok(())
    }

    /// The same scalar, or the very same container.
    pub fn same(&mut self, a: &Val, b: &Val) -> Outcome<bool> {
        match (a, b) {
            (Val::Array(a), Val::Array(b)) => Ok(Rc::ptr_eq(a, b)),
            (Val::Object(a), Val::Object(b)) => Ok(Rc::ptr_eq(a, b)),
            (Val::Json(Value::Array(a)), Val::Json(Value::Array(b))) => Ok(Arc::ptr_eq(a, b)),
            (Val::Json(Value::Object(a)), Val::Json(Value::Object(b))) => Ok(Arc::ptr_eq(a, b)),
            _ if a.is_list() || a.is_object() || b.is_list() || b.is_object() => Ok(false),
            _ => self.equal(a, b),
        }
    }
}
