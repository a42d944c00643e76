//! Functions of arrays.

use super::argument;
use crate::query::jsonata::error::Outcome;
use crate::query::jsonata::evaluator::Evaluator;
use crate::query::jsonata::value::Val;

pub(super) fn count(_: &mut Evaluator<'_>, arguments: &[Val], _: &Val) -> Outcome<Val> {
    Ok(Val::from(argument(arguments, 0).list().map_or(0, |list| list.len())))
}

pub(super) fn append(evaluator: &mut Evaluator<'_>, arguments: &[Val], _: &Val) -> Outcome<Val> {
    let (first, second) = (argument(arguments, 0), argument(arguments, 1));
    if first.is_undefined() {
        return Ok(second.clone());
    }
    if second.is_undefined() {
        return Ok(first.clone());
    }
    let count = |value: &Val| value.list().map_or(1, |list| list.len());
    evaluator.charge_items(count(first) + count(second))?;
    let mut items = first.items();
    items.extend(second.items());
    Ok(Val::array(items))
}

pub(super) fn zip(evaluator: &mut Evaluator<'_>, arguments: &[Val], _: &Val) -> Outcome<Val> {
    let length = arguments.iter().map(|argument| argument.list().map_or(0, |list| list.len())).min().unwrap_or(0);
    evaluator.charge_items(length.saturating_mul(arguments.len() + 1))?;
    evaluator.charge_containers(length)?;
    evaluator.step(length)?;
    let rows = (0..length).map(|i| {
        let mut row = Vec::with_capacity(arguments.len());
        row.extend(arguments.iter().filter_map(|argument| argument.list()?.get(i)));
        Val::array(row)
    });
    Ok(Val::array(rows.collect()))
}

pub(super) fn reverse(evaluator: &mut Evaluator<'_>, arguments: &[Val], _: &Val) -> Outcome<Val> {
    let array = argument(arguments, 0);
    let Some(list) = array.list() else { return Ok(Val::Undefined) };
    if list.len() < 2 {
        return Ok(array.clone());
    }
    evaluator.charge_items(list.len())?;
    let mut items = array.items();
    items.reverse();
    Ok(Val::array(items))
}

pub(super) fn shuffle(evaluator: &mut Evaluator<'_>, arguments: &[Val], _: &Val) -> Outcome<Val> {
    let array = argument(arguments, 0);
    let Some(list) = array.list() else { return Ok(Val::Undefined) };
    if list.len() < 2 {
        return Ok(array.clone());
    }
    evaluator.charge_items(list.len())?;
    let mut items = array.items();
    for last in (1..items.len()).rev() {
        let other = evaluator.surroundings.random.between(0, last as i64 + 1);
        items.swap(last, other as usize);
    }
    Ok(Val::array(items))
}

pub(super) fn distinct(evaluator: &mut Evaluator<'_>, arguments: &[Val], _: &Val) -> Outcome<Val> {
    let array = argument(arguments, 0);
    let Some(list) = array.list().filter(|list| list.len() > 1) else { return Ok(array.clone()) };
    let found = evaluator.distinct(list)?;
    let is_sequence = matches!(array, Val::Array(array) if array.sequence);
    Ok(if is_sequence { Val::sequence(found) } else { Val::array(found) })
}
