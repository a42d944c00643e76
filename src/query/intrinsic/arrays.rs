//! The functions that make and take apart arrays.

use super::math::truncated;
use super::{Outcome, Refusal};
use crate::json::Value;
use crate::json::hash_order;
use crate::random::Random;
use std::collections::HashMap;

/// The most items that `States.ArrayRange` makes.
const RANGE_ITEMS: i128 = 1000;

pub(super) fn array(arguments: &[Value], _: &Random) -> Outcome {
    Ok(Value::array(arguments))
}

pub(super) fn partition(arguments: &[Value], _: &Random) -> Outcome {
    let [array, size] = arguments else { return Err(Refusal::Arguments) };
    let items = array.as_array().ok_or(Refusal::Arguments)?;
    let size = truncated(size).filter(|size| *size > 0).ok_or(Refusal::Arguments)?;
    let size = usize::try_from(size).unwrap_or(usize::MAX);
    Ok(items.chunks(size).map(Value::array).collect::<Vec<_>>().into())
}

pub(super) fn contains(arguments: &[Value], _: &Random) -> Outcome {
    let [array, wanted] = arguments else { return Err(Refusal::Arguments) };
    let items = array.as_array().ok_or(Refusal::Arguments)?;
    Ok(items.contains(wanted).into())
}

/// From the first to the second number, both included, by steps of the third; nothing if they lead elsewhere.
pub(super) fn range(arguments: &[Value], _: &Random) -> Outcome {
    let [first, last, step] = arguments else { return Err(Refusal::Arguments) };
    let [Some(first), Some(last), Some(step)] = [truncated(first), truncated(last), truncated(step)] else {
        return Err(Refusal::Arguments);
    };
    if step == 0 {
        return Err(Refusal::Arguments);
    }
    let distance = i128::from(last) - i128::from(first);
    let leads_elsewhere = distance != 0 && (distance < 0) != (step < 0);
    let count = if leads_elsewhere { 0 } else { distance / i128::from(step) + 1 };
    if count > RANGE_ITEMS {
        return Err(Refusal::Arguments);
    }
    // The product may leave the range of i64 although every item is inside; wrapping around gives it all the same.
    let items: Vec<Value> = (0..count as i64).map(|i| first.wrapping_add(i.wrapping_mul(step)).into()).collect();
    Ok(items.into())
}

/// An empty array has null at every index; any other has nothing outside of it.
pub(super) fn get_item(arguments: &[Value], _: &Random) -> Outcome {
    let [array, index] = arguments else { return Err(Refusal::Arguments) };
    let items = array.as_array().ok_or(Refusal::Arguments)?;
    let index = truncated(index).ok_or(Refusal::Arguments)?;
    if items.is_empty() {
        return Ok(Value::Null);
    }
    let item = usize::try_from(index).ok().and_then(|index| items.get(index));
    item.cloned().ok_or(Refusal::Arguments)
}

pub(super) fn length(arguments: &[Value], _: &Random) -> Outcome {
    let [array] = arguments else { return Err(Refusal::Arguments) };
    let items = array.as_array().ok_or(Refusal::Arguments)?;
    Ok((items.len() as i64).into())
}

/// What stands in the array, once each, in the order of a Java `HashSet`.
///
/// Recorded: `[true,false,true,false]` gives `[false,true]`, `[[1,2],[1,2],[2,1]]` gives `[[2,1],[1,2]]`, and small
/// numbers and one-letter strings keep their order; the hashes of Java's own `Boolean`, `List`, `Integer` and `String`
/// explain all of it. That the set is made from the whole array at once, which decides its size from 12 items on, and
/// the places of null and of objects are a guess.
pub(super) fn unique(arguments: &[Value], _: &Random) -> Outcome {
    let [array] = arguments else { return Err(Refusal::Arguments) };
    let items = array.as_array().ok_or(Refusal::Arguments)?;
    let mut found: Vec<(u32, &Value)> = Vec::new();
    let mut by_hash: HashMap<u32, Vec<&Value>> = HashMap::with_capacity(items.len());
    for item in items {
        let hash = hash_order::of_value(item);
        let same_hash = by_hash.entry(hash).or_default();
        if !same_hash.contains(&item) {
            same_hash.push(item);
            found.push((hash, item));
        }
    }
    let buckets = (items.len() * 4 / 3 + 1).next_power_of_two().max(hash_order::BUCKETS);
    hash_order::arrange(&mut found, buckets, |(hash, _)| *hash);
    Ok(found.into_iter().map(|(_, item)| item.clone()).collect::<Vec<_>>().into())
}
