//! Functions of objects, and those of values of all kinds.

use super::argument;
use crate::json::Value;
use crate::query::jsonata::environment::Frame;
use crate::query::jsonata::error::{JsonataError, Outcome};
use crate::query::jsonata::evaluator::{Evaluator, wrapped};
use crate::query::jsonata::value::{SCANNED, Val};
use crate::query::jsonata::{parser, resolve};
use smol_str::SmolStr;
use std::collections::{HashMap, HashSet};
use std::rc::Rc;

pub(super) fn boolean(evaluator: &mut Evaluator<'_>, arguments: &[Val], _: &Val) -> Outcome<Val> {
    let value = argument(arguments, 0);
    if value.is_undefined() {
        return Ok(Val::Undefined);
    }
    evaluator.truthy(value).map(Val::bool)
}

pub(super) fn not(evaluator: &mut Evaluator<'_>, arguments: &[Val], _: &Val) -> Outcome<Val> {
    let value = argument(arguments, 0);
    if value.is_undefined() {
        return Ok(Val::Undefined);
    }
    evaluator.truthy(value).map(|truthy| Val::bool(!truthy))
}

pub(super) fn exists(_: &mut Evaluator<'_>, arguments: &[Val], _: &Val) -> Outcome<Val> {
    Ok(Val::bool(!argument(arguments, 0).is_undefined()))
}

pub(super) fn keys(evaluator: &mut Evaluator<'_>, arguments: &[Val], _: &Val) -> Outcome<Val> {
    let mut names: Vec<SmolStr> = Vec::new();
    let mut known: HashSet<SmolStr> = HashSet::new();
    collect_keys(evaluator, argument(arguments, 0), &mut names, &mut known)?;
    Ok(Val::sequence(names.into_iter().map(Val::text).collect()))
}

fn collect_keys(
    evaluator: &mut Evaluator<'_>,
    value: &Val,
    names: &mut Vec<SmolStr>,
    known: &mut HashSet<SmolStr>,
) -> Outcome<()> {
    evaluator.step(1)?;
    if let Some(list) = value.list() {
        for item in list.iter() {
            collect_keys(evaluator, &item, names, known)?;
        }
    }
    for (name, _) in value.members() {
        evaluator.step(1)?;
        if known.insert(name.clone()) {
            evaluator.charge(96)?;
            names.push(name.clone());
        }
    }
    Ok(())
}

pub(super) fn lookup(evaluator: &mut Evaluator<'_>, arguments: &[Val], _: &Val) -> Outcome<Val> {
    evaluator.lookup(argument(arguments, 0), argument(arguments, 1).as_str().unwrap_or_default())
}

pub(super) fn spread(evaluator: &mut Evaluator<'_>, arguments: &[Val], _: &Val) -> Outcome<Val> {
    let value = argument(arguments, 0);
    if value.is_function() {
        return Ok(Val::text(""));
    }
    let mut found = Vec::new();
    if !value.is_list() && !value.is_object() {
        return Ok(value.clone());
    }
    spread_into(evaluator, value, &mut found)?;
    // joining what several items give makes an array of a sequence
    let joined = value.list().is_some_and(|list| list.len() > 0);
    Ok(if joined { Val::array(found) } else { Val::sequence(found) })
}

fn spread_into(evaluator: &mut Evaluator<'_>, value: &Val, found: &mut Vec<Val>) -> Outcome<()> {
    evaluator.step(1)?;
    if let Some(list) = value.list() {
        for item in list.iter() {
            spread_into(evaluator, &item, found)?;
        }
    } else if value.is_object() {
        for (name, member) in value.members() {
            evaluator.step(1)?;
            evaluator.charge_items(3)?;
            evaluator.charge_containers(1)?;
            found.push(Val::new_object(vec![(name.clone(), member)])?);
        }
    } else {
        evaluator.charge_items(1)?;
        found.push(value.clone());
    }
    Ok(())
}

pub(super) fn merge(evaluator: &mut Evaluator<'_>, arguments: &[Val], _: &Val) -> Outcome<Val> {
    let Some(list) = argument(arguments, 0).list() else { return Ok(Val::Undefined) };
    let mut merged: Vec<(SmolStr, Val)> = Vec::new();
    let mut places = HashMap::new();
    for item in list.iter() {
        merged.reserve(item.member_count().unwrap_or(0));
        for (name, value) in item.members() {
            evaluator.charge_items(2)?;
            evaluator.step(1)?;
            let known = match merged.len() <= SCANNED {
                true => merged.iter().position(|(known, _)| known == name),
                false => {
                    if places.is_empty() {
                        places.extend(merged.iter().enumerate().map(|(place, (name, _))| (name.clone(), place)));
                    }
                    places.get(name).copied()
                }
            };
            match known {
                Some(place) => merged[place].1 = value,
                None => {
                    if !places.is_empty() {
                        places.insert(name.clone(), merged.len());
                    }
                    merged.push((name.clone(), value));
                }
            }
        }
    }
    Val::new_object(merged)
}

pub(super) fn error(_: &mut Evaluator<'_>, arguments: &[Val], _: &Val) -> Outcome<Val> {
    let error = JsonataError::new("D3137");
    Err(match argument(arguments, 0).as_smol() {
        Some(text) if !text.is_empty() => error.text(text.clone()),
        _ => error,
    })
}

pub(super) fn assert(_: &mut Evaluator<'_>, arguments: &[Val], _: &Val) -> Outcome<Val> {
    if matches!(argument(arguments, 0), Val::Json(Value::Bool(true))) {
        return Ok(Val::Undefined);
    }
    let text = argument(arguments, 1).as_smol().filter(|text| !text.is_empty()).cloned();
    Err(JsonataError::new("D3141").text(text.unwrap_or_else(|| "$assert() statement failed".into())))
}

pub(super) fn type_of(_: &mut Evaluator<'_>, arguments: &[Val], _: &Val) -> Outcome<Val> {
    Ok(match argument(arguments, 0) {
        Val::Undefined => Val::Undefined,
        Val::Json(value) => Val::text(value.kind().name()),
        Val::Number(_) => Val::text("number"),
        Val::Array(_) | Val::Tuples(_) => Val::text("array"),
        Val::Object(_) => Val::text("object"),
        Val::Function(_) => Val::text("function"),
    })
}

/// Not in Step Functions.
pub(super) fn eval(evaluator: &mut Evaluator<'_>, arguments: &[Val], input: &Val) -> Outcome<Val> {
    let Some(text) = argument(arguments, 0).as_str() else { return Ok(Val::Undefined) };
    let input = match argument(arguments, 1) {
        Val::Undefined => input.clone(),
        array if array.is_list() && !matches!(array, Val::Array(array) if array.sequence) => wrapped(array.clone()),
        other => other.clone(),
    };
    evaluator.charge(text.len() * 64)?;
    let node = parser::parse(text).and_then(|raw| resolve::resolve(raw, false)).map_err(|error| {
        let message = Value::from(error.message());
        JsonataError::new("D3120").value(message)
    })?;
    let env = Rc::new(Frame::new(None));
    evaluator.eval(&node, &input, &env).map_err(|error| match error.is_limit() {
        true => error,
        false => JsonataError::new("D3121").value(Value::from(error.message())),
    })
}
