//! Functions that take functions.

use super::argument;
use crate::json::Value;
use crate::query::jsonata::error::{JsonataError, Outcome};
use crate::query::jsonata::evaluator::Evaluator;
use crate::query::jsonata::operators::compare_texts;
use crate::query::jsonata::value::{List, Val};
use std::cmp::Ordering;

const NO_CONTEXT: Val = Val::Json(Value::Null);

/// Calls a function with an item, its place and the whole, as many of them as it knows what to do with.
fn call(
    evaluator: &mut Evaluator<'_>,
    function: &Val,
    arity: usize,
    item: Val,
    place: impl FnOnce() -> Val,
    whole: &Val,
) -> Outcome<Val> {
    let mut arguments = Vec::with_capacity(arity.clamp(1, 3));
    arguments.push(item);
    if arity >= 2 {
        arguments.push(place());
    }
    if arity >= 3 {
        arguments.push(whole.clone());
    }
    evaluator.apply(function, arguments, &NO_CONTEXT)
}

fn list(arguments: &[Val]) -> Option<List<'_>> {
    argument(arguments, 0).list()
}

pub(super) fn map(evaluator: &mut Evaluator<'_>, arguments: &[Val], _: &Val) -> Outcome<Val> {
    let (whole, function) = (argument(arguments, 0), argument(arguments, 1));
    let Some(list) = list(arguments) else { return Ok(Val::Undefined) };
    let arity = evaluator.arity(function);
    evaluator.charge_items(list.len())?;
    let mut results = Vec::with_capacity(list.len());
    for (i, item) in list.iter().enumerate() {
        let result = call(evaluator, function, arity, item, || Val::from(i), whole)?;
        if !result.is_undefined() {
            results.push(result);
        }
    }
    Ok(Val::sequence(results))
}

pub(super) fn filter(evaluator: &mut Evaluator<'_>, arguments: &[Val], _: &Val) -> Outcome<Val> {
    let (whole, function) = (argument(arguments, 0), argument(arguments, 1));
    let Some(list) = list(arguments) else { return Ok(Val::Undefined) };
    let arity = evaluator.arity(function);
    let mut results = Vec::new();
    for (i, item) in list.iter().enumerate() {
        let holds = call(evaluator, function, arity, item.clone(), || Val::from(i), whole)?;
        if evaluator.truthy(&holds)? {
            results.push(item);
        }
    }
    evaluator.charge_items(results.len())?;
    Ok(Val::sequence(results))
}

pub(super) fn single(evaluator: &mut Evaluator<'_>, arguments: &[Val], _: &Val) -> Outcome<Val> {
    let (whole, function) = (argument(arguments, 0), argument(arguments, 1));
    let Some(list) = list(arguments) else { return Ok(Val::Undefined) };
    let arity = evaluator.arity(function);
    let mut found = None;
    for (i, item) in list.iter().enumerate() {
        evaluator.step(1)?;
        let holds = match function.is_undefined() {
            true => true,
            false => {
                let holds = call(evaluator, function, arity, item.clone(), || Val::from(i), whole)?;
                evaluator.truthy(&holds)?
            }
        };
        if holds && found.replace(item).is_some() {
            return Err(JsonataError::new("D3138").index(i));
        }
    }
    found.ok_or_else(|| JsonataError::new("D3139"))
}

pub(super) fn reduce(evaluator: &mut Evaluator<'_>, arguments: &[Val], _: &Val) -> Outcome<Val> {
    let (whole, function) = (argument(arguments, 0), argument(arguments, 1));
    let Some(list) = list(arguments) else { return Ok(Val::Undefined) };
    let arity = evaluator.arity(function);
    if arity < 2 {
        return Err(JsonataError::new("D3050").index(1));
    }
    let mut items = list.iter().enumerate();
    let mut result = match argument(arguments, 2) {
        Val::Undefined => items.next().map(|(_, first)| first).unwrap_or_default(),
        start => start.clone(),
    };
    for (i, item) in items {
        let mut passed = Vec::with_capacity(arity.min(4));
        passed.extend([result, item]);
        if arity >= 3 {
            passed.push(Val::from(i));
        }
        if arity >= 4 {
            passed.push(whole.clone());
        }
        result = evaluator.apply(function, passed, &NO_CONTEXT)?;
    }
    Ok(result)
}

pub(super) fn sift(evaluator: &mut Evaluator<'_>, arguments: &[Val], _: &Val) -> Outcome<Val> {
    let (whole, function) = (argument(arguments, 0), argument(arguments, 1));
    let arity = evaluator.arity(function);
    let mut kept = Vec::new();
    for (name, value) in whole.members() {
        let holds = call(evaluator, function, arity, value.clone(), || Val::text(name.clone()), whole)?;
        if evaluator.truthy(&holds)? {
            evaluator.charge_items(3)?;
            kept.push((name.clone(), value));
        }
    }
    evaluator.charge_containers(1)?;
    if kept.is_empty() { Ok(Val::Undefined) } else { Val::new_object(kept) }
}

pub(super) fn each(evaluator: &mut Evaluator<'_>, arguments: &[Val], _: &Val) -> Outcome<Val> {
    let (whole, function) = (argument(arguments, 0), argument(arguments, 1));
    let arity = evaluator.arity(function);
    let mut results = Vec::new();
    for (name, value) in whole.members() {
        let result = call(evaluator, function, arity, value, || Val::text(name.clone()), whole)?;
        if !result.is_undefined() {
            evaluator.charge_items(1)?;
            results.push(result);
        }
    }
    Ok(Val::sequence(results))
}

pub(super) fn sort(evaluator: &mut Evaluator<'_>, arguments: &[Val], _: &Val) -> Outcome<Val> {
    let (array, function) = (argument(arguments, 0), argument(arguments, 1));
    let Some(list) = list(arguments) else { return Ok(Val::Undefined) };
    if list.len() < 2 {
        return Ok(array.clone());
    }
    evaluator.charge_items(list.len())?;
    let items = array.items();
    let order = if function.is_undefined() {
        let numbers = items.iter().all(|item| item.as_f64().is_some());
        if !numbers && !items.iter().all(|item| item.as_str().is_some()) {
            return Err(JsonataError::new("D3070").index(1));
        }
        evaluator.ordered(items.len(), &mut |evaluator, a, b| {
            Ok(match (items[a].as_f64(), items[b].as_f64()) {
                (Some(a), Some(b)) => a > b,
                _ => {
                    let (a, b) = (items[a].as_str().unwrap_or_default(), items[b].as_str().unwrap_or_default());
                    evaluator.step(a.len().min(b.len()) / 64)?;
                    compare_texts(a, b) == Ordering::Greater
                }
            })
        })?
    } else {
        evaluator.ordered(items.len(), &mut |evaluator, a, b| {
            let after = evaluator.apply(function, vec![items[a].clone(), items[b].clone()], &NO_CONTEXT)?;
            evaluator.truthy(&after)
        })?
    };
    Ok(Val::array(order.into_iter().map(|i| items[i].clone()).collect()))
}
