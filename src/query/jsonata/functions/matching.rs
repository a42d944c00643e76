//! Functions that take patterns: strings, regular expressions, or functions that find matches.

use super::argument;
use crate::json::Value;
use crate::query::jsonata::error::{JsonataError, Outcome, TIMEOUT};
use crate::query::jsonata::evaluator::Evaluator;
use crate::query::jsonata::regex::Regex;
use crate::query::jsonata::value::{Callable, Function, Val};
use smol_str::SmolStr;
use std::sync::Arc;

/// What matched: where, in bytes and in UTF-16 units.
struct Found {
    text: SmolStr,
    start: usize,
    end: usize,
    index: f64,
    groups: Vec<Option<SmolStr>>,
}

/// The matches of a pattern in a text, one after the other.
enum Matches<'t> {
    Regex {
        regex: Arc<Regex>,
        text: &'t str,
        from: usize,
        units: usize,
    },
    /// What the function returned, whose member `next` finds the next one.
    Function {
        next: Option<(Val, Vec<Val>)>,
        text: &'t str,
    },
}

impl<'t> Matches<'t> {
    fn new(pattern: &Val, text: &'t str) -> Self {
        if let Val::Function(function) = pattern
            && let Callable::Regex(regex) = &function.kind
        {
            return Matches::Regex { regex: regex.clone(), text, from: 0, units: 0 };
        }
        Matches::Function { next: Some((pattern.clone(), vec![Val::text(text)])), text }
    }

    fn next(&mut self, evaluator: &mut Evaluator<'_>) -> Outcome<Option<Found>> {
        match self {
            Matches::Regex { regex, text, from, units } => {
                evaluator.step(2)?;
                let Some(found) = found_at(evaluator, regex, text, *from)? else { return Ok(None) };
                let start = *units + text[*from..found.start].encode_utf16().count();
                *units = start + found.text.encode_utf16().count();
                *from = found.end;
                Ok(Some(Found { index: start as f64, ..found }))
            }
            Matches::Function { next, text } => {
                let Some((function, arguments)) = next.take() else { return Ok(None) };
                evaluator.step(1 + text.len() / 16)?;
                let result = evaluator.apply(&function, arguments, &Val::Json(Value::Null))?;
                if !evaluator.truthy(&result)? {
                    return Ok(None);
                }
                let start = result.member("start").and_then(|start| start.as_f64());
                let end = result.member("end").and_then(|end| end.as_f64());
                let groups = result.member("groups").filter(Val::is_list);
                let following = result.member("next").filter(Val::is_function);
                if start.is_none() && end.is_none() && groups.is_none() && following.is_none() {
                    return Err(JsonataError::new("T1010"));
                }
                *next = following.map(|function| (function, Vec::new()));
                let (start, end) = (start.unwrap_or(0.0), end.unwrap_or(0.0));
                let matched = result.member("match").and_then(|text| text.as_smol().cloned()).unwrap_or_default();
                let groups = groups.map(|groups| groups.items()).unwrap_or_default();
                Ok(Some(Found {
                    text: matched,
                    start: byte_at(text, start),
                    end: byte_at(text, end),
                    index: start,
                    groups: groups.into_iter().map(|group| group.as_smol().cloned()).collect(),
                }))
            }
        }
    }
}

/// The byte at which this UTF-16 unit begins.
fn byte_at(text: &str, unit: f64) -> usize {
    let mut units = 0;
    for (i, c) in text.char_indices() {
        if units as f64 >= unit {
            return i;
        }
        units += c.len_utf16();
    }
    text.len()
}

fn found_at(evaluator: &mut Evaluator<'_>, regex: &Regex, text: &str, from: usize) -> Outcome<Option<Found>> {
    let found = regex.find_within(text, from, &mut evaluator.regex_steps);
    let Some(found) = found.map_err(|_| JsonataError::new(TIMEOUT))? else { return Ok(None) };
    if found.start == found.end {
        return Err(JsonataError::new("D1004"));
    }
    evaluator.charge(found.end - found.start + 64 * (found.groups.len() + 1))?;
    Ok(Some(Found {
        text: text[found.start..found.end].into(),
        start: found.start,
        end: found.end,
        index: 0.0,
        groups: found.groups.iter().map(|group| group.map(|(start, end)| text[start..end].into())).collect(),
    }))
}

fn groups_of(found: &Found) -> Val {
    Val::array(found.groups.iter().map(|group| group.clone().map_or(Val::Undefined, Val::text)).collect())
}

/// What a regular expression returns that is called as a function.
pub(in crate::query::jsonata) fn first_match(
    evaluator: &mut Evaluator<'_>,
    regex: &Arc<Regex>,
    text: SmolStr,
    from: usize,
) -> Outcome<Val> {
    evaluator.step(text.len() / 16)?;
    let from = byte_at(&text, from as f64);
    let Some(found) = found_at(evaluator, regex, &text, from)? else { return Ok(Val::Undefined) };
    let start = text[..found.start].encode_utf16().count();
    let end = start + found.text.encode_utf16().count();
    let next = Function::value(Callable::NextMatch { regex: regex.clone(), text, from: end })?;
    Val::new_object(vec![
        ("match".into(), Val::text(found.text.clone())),
        ("start".into(), Val::from(start)),
        ("end".into(), Val::from(end)),
        ("groups".into(), groups_of(&found)),
        ("next".into(), next),
    ])
}

fn limit(arguments: &[Val], place: usize, code: &'static str) -> Outcome<f64> {
    match argument(arguments, place).as_f64() {
        Some(limit) if limit < 0.0 => Err(JsonataError::new(code).value(Val::Number(limit).shown()).index(place + 1)),
        Some(limit) => Ok(limit),
        None => Ok(f64::INFINITY),
    }
}

pub(super) fn find(evaluator: &mut Evaluator<'_>, arguments: &[Val], _: &Val) -> Outcome<Val> {
    let Some(text) = argument(arguments, 0).as_str() else { return Ok(Val::Undefined) };
    let limit = limit(arguments, 2, "D3040")?;
    let mut matches = Matches::new(argument(arguments, 1), text);
    let mut results = Vec::new();
    while (results.len() as f64) < limit {
        let Some(found) = matches.next(evaluator)? else { break };
        results.push(Val::new_object(vec![
            ("match".into(), Val::text(found.text.clone())),
            ("index".into(), Val::Number(found.index)),
            ("groups".into(), groups_of(&found)),
        ])?);
        evaluator.charge_containers(2)?;
        evaluator.charge_items(8)?;
    }
    Ok(Val::sequence(results))
}

pub(super) fn contains(evaluator: &mut Evaluator<'_>, arguments: &[Val], _: &Val) -> Outcome<Val> {
    let Some(text) = argument(arguments, 0).as_str() else { return Ok(Val::Undefined) };
    let pattern = argument(arguments, 1);
    evaluator.step(text.len() / 16)?;
    Ok(Val::bool(match pattern.as_str() {
        Some(part) => text.contains(part),
        None => Matches::new(pattern, text).next(evaluator)?.is_some(),
    }))
}

pub(super) fn split(evaluator: &mut Evaluator<'_>, arguments: &[Val], _: &Val) -> Outcome<Val> {
    let Some(text) = argument(arguments, 0).as_str() else { return Ok(Val::Undefined) };
    let limit = limit(arguments, 2, "D3020")?.floor();
    let pattern = argument(arguments, 1);
    let mut parts: Vec<Val> = Vec::new();
    match pattern.as_str() {
        Some("") => {
            for c in text.chars() {
                if parts.len() as f64 >= limit {
                    break;
                }
                evaluator.charge_items(1)?;
                parts.push(Val::text(SmolStr::from_iter([c])));
            }
        }
        Some(separator) => {
            for part in text.split(separator) {
                if parts.len() as f64 >= limit {
                    break;
                }
                evaluator.charge(part.len() + 32)?;
                parts.push(Val::text(part));
            }
        }
        None => {
            let mut matches = Matches::new(pattern, text);
            let mut from = 0;
            let mut found = matches.next(evaluator)?;
            while (parts.len() as f64) < limit {
                let Some(separator) = found else {
                    parts.push(Val::text(text.get(from..).unwrap_or_default()));
                    break;
                };
                evaluator.charge(separator.start.saturating_sub(from) + 32)?;
                parts.push(Val::text(text.get(from..separator.start).unwrap_or_default()));
                from = separator.end;
                found = matches.next(evaluator)?;
            }
        }
    }
    Ok(Val::array(parts))
}

pub(super) fn replace(evaluator: &mut Evaluator<'_>, arguments: &[Val], _: &Val) -> Outcome<Val> {
    let Some(text) = argument(arguments, 0).as_str() else { return Ok(Val::Undefined) };
    let pattern = argument(arguments, 1);
    let replacement = argument(arguments, 2);
    if pattern.as_str() == Some("") {
        return Err(JsonataError::new("D3010").index(2));
    }
    let limit = limit(arguments, 3, "D3011")?;
    let mut replaced = String::new();
    let mut from = 0;
    let mut count = 0.0;
    if let Some(part) = pattern.as_str() {
        // for the text of a function in this place jsonata-js would insert its source
        let new = replacement.as_str().unwrap_or_default();
        while count < limit
            && let Some(found) = text[from..].find(part)
        {
            evaluator.charge(found + new.len())?;
            replaced.push_str(&text[from..from + found]);
            replaced.push_str(new);
            from += found + part.len();
            count += 1.0;
        }
    } else {
        let mut matches = Matches::new(pattern, text);
        while count < limit
            && let Some(found) = matches.next(evaluator)?
        {
            evaluator.charge(found.start.saturating_sub(from) + replacement.extent())?;
            replaced.push_str(text.get(from..found.start).unwrap_or_default());
            match replacement.as_str() {
                Some(template) => fill(evaluator, template, &found, &mut replaced)?,
                None => {
                    let made = evaluator.apply(replacement, vec![described(&found)?], &Val::Json(Value::Null))?;
                    match made.as_str() {
                        Some(made) => {
                            evaluator.charge(made.len())?;
                            replaced.push_str(made);
                        }
                        None => return Err(JsonataError::new("D3012").value(made.shown())),
                    }
                }
            }
            from = found.end;
            count += 1.0;
        }
    }
    replaced.push_str(text.get(from..).unwrap_or_default());
    evaluator.charge(text.len())?;
    Ok(Val::text(replaced))
}

/// A match as the function that makes the replacement gets it.
fn described(found: &Found) -> Outcome<Val> {
    let end = found.index + found.text.encode_utf16().count() as f64;
    Val::new_object(vec![
        ("match".into(), Val::text(found.text.clone())),
        ("start".into(), Val::Number(found.index)),
        ("end".into(), Val::Number(end)),
        ("groups".into(), groups_of(found)),
    ])
}

/// Inserts the match for `$0`, groups for `$1` and so on, and `$` for `$$`.
fn fill(evaluator: &mut Evaluator<'_>, template: &str, found: &Found, out: &mut String) -> Outcome<()> {
    let mut rest = template;
    while let Some(dollar) = rest.find('$') {
        evaluator.step(1)?;
        out.push_str(&rest[..dollar]);
        rest = &rest[dollar + 1..];
        if let Some(after) = rest.strip_prefix('$') {
            out.push('$');
            rest = after;
            continue;
        }
        if let Some(after) = rest.strip_prefix('0') {
            evaluator.charge(found.text.len())?;
            out.push_str(&found.text);
            rest = after;
            continue;
        }
        let digits = rest.bytes().take_while(u8::is_ascii_digit).count();
        let most = found.groups.len().max(1).ilog10() as usize + 1;
        let number = |digits: usize| rest[..digits].parse::<usize>().ok();
        let mut taken = digits.min(most);
        if taken > 1 && number(taken).is_some_and(|number| number > found.groups.len()) {
            taken -= 1;
        }
        let Some(group) = number(taken) else {
            out.push('$');
            continue;
        };
        if let Some(Some(text)) = group.checked_sub(1).and_then(|place| found.groups.get(place)) {
            evaluator.charge(text.len())?;
            out.push_str(text);
        }
        rest = &rest[group.to_string().len().min(taken)..];
    }
    out.push_str(rest);
    Ok(())
}
