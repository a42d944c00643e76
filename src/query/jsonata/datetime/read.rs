//! Dates and times from text.

use super::DateProblem;
use super::calendar::{Moment, millis};
use super::format::MONTHS;
use super::picture::{Form, Marker, Part};
use crate::query::jsonata::format_integer::{Case, IntegerFormat, IntegerProblem, Kind};
use crate::query::jsonata::regex::Regex;
use crate::query::jsonata::words::PATTERN as WORDS;

/// The values of the components that a text had; a name that isn't known has none.
#[derive(Default)]
struct Values(Vec<(char, Option<f64>)>);

impl Values {
    fn get(&self, component: char) -> Option<f64> {
        self.0.iter().rev().find(|(name, _)| *name == component)?.1
    }

    /// Whether one of these was given; JSONata counts neither 0 nor what is no number.
    fn has(&self, components: &str) -> bool {
        components.chars().any(|name| self.get(name).is_some_and(|value| value != 0.0 && !value.is_nan()))
    }

    /// Whether all given components of this kind are among these, and there are any.
    fn has_only(&self, kind: &str, components: &str) -> bool {
        let others = kind.chars().filter(|name| !components.contains(*name)).collect::<String>();
        self.has(components) && !self.has(&others)
    }
}

/// The time that a text stands for, in milliseconds since the epoch; nothing if it isn't as the picture says.
pub(super) fn read(parts: &[Part], text: &str, now: f64) -> Result<Option<f64>, DateProblem> {
    let mut pattern = String::from("^");
    for part in parts {
        match part {
            Part::Literal(literal) => escape(literal, &mut pattern),
            Part::Marker(marker) => {
                pattern.push('(');
                pattern.push_str(&marker_pattern(marker)?);
                pattern.push(')');
            }
        }
    }
    pattern.push('$');
    let regex = Regex::compile(&pattern, "i").map_err(|_| DateProblem::TooComplex)?;
    let Some(found) = regex.find_at(text, 0).map_err(|_| DateProblem::TooComplex)? else { return Ok(None) };
    let markers = parts.iter().filter_map(|part| if let Part::Marker(marker) = part { Some(marker) } else { None });
    let mut values = Values::default();
    for (marker, group) in markers.zip(found.groups) {
        let matched = group.map_or("", |(start, end)| &text[start..end]);
        values.0.push((marker.component, value(marker, matched)?));
    }
    if values.0.is_empty() {
        return Ok(None);
    }
    resolve(&values, now).map(Some)
}

fn escape(literal: &str, out: &mut String) {
    for c in literal.chars() {
        if ".*+?^${}()|[]\\/".contains(c) {
            out.push('\\');
        }
        out.push(c);
    }
}

fn marker_pattern(marker: &Marker) -> Result<String, DateProblem> {
    let format = match (&marker.form, marker.component) {
        (Form::Integer(IntegerFormat { kind: Kind::Digits(digits), .. }), 'Z' | 'z') => {
            let prefix = if marker.component == 'z' { "GMT" } else { "" };
            let mut pattern = format!("{prefix}[-+][0-9]+");
            if let Some((_, separator)) = digits.separators.first() {
                escape(&separator.to_string(), &mut pattern);
                pattern.push_str("[0-9]+");
            }
            return Ok(pattern);
        }
        // There's no text that such a zone could match.
        (_, 'Z' | 'z') => return Ok("[]".into()),
        (Form::Name(_), 'M' | 'x' | 'F' | 'P') => return Ok("[a-zA-Z]+".into()),
        (Form::Name(_), other) | (_, other @ ('C' | 'E')) => return Err(DateProblem::NoName(other)),
        (Form::Integer(_), 'P') => return Ok("[a-zA-Z]+".into()),
        (Form::Integer(format), _) => format,
    };
    Ok(match &format.kind {
        Kind::Letters(Case::Upper) => "[A-Z]+".into(),
        Kind::Letters(_) => "[a-z]+".into(),
        Kind::Roman(_) => "[MDCLXVI]+".into(),
        Kind::Words(_) => WORDS.clone(),
        Kind::Unknown(sequence) => return Err(IntegerProblem::UnknownSequence(sequence.clone()).into()),
        Kind::Digits(_) => {
            let count = match marker.digits {
                Some((least, most)) if most > 0 => format!("{{{least},{most}}}"),
                _ => "+".into(),
            };
            let suffix = if format.ordinal { "(?:th|st|nd|rd)" } else { "" };
            format!("[0-9]{count}{suffix}")
        }
    })
}

fn value(marker: &Marker, text: &str) -> Result<Option<f64>, DateProblem> {
    let format = match (&marker.form, marker.component) {
        (Form::Integer(format), 'Z' | 'z') => return Ok(zone_minutes(text, format)),
        (_, 'P') => {
            return Ok(match text {
                "am" | "AM" => Some(0.0),
                "pm" | "PM" => Some(1.0),
                _ => None,
            });
        }
        (Form::Name(_), 'M' | 'x') => {
            let cut = |name: &str| name.chars().take(marker.max.unwrap_or(usize::MAX)).collect::<String>();
            return Ok(MONTHS.iter().position(|name| cut(name) == text).map(|at| at as f64 + 1.0));
        }
        // The day of the week says nothing that matters.
        (Form::Name(_), _) => return Ok(None),
        (Form::Integer(format), _) => format,
    };
    Ok(Some(format.read(text)?))
}

/// The offset from UTC; `+0530` and, where the picture has a separator, `+05:30`.
fn zone_minutes(text: &str, format: &IntegerFormat) -> Option<f64> {
    let Kind::Digits(digits) = &format.kind else { return None };
    let text = &text[text.find(['+', '-'])?..];
    let sign = if text.starts_with('-') { -1.0 } else { 1.0 };
    let numbers = &text[1..];
    let (hours, minutes) = match digits.separators.first() {
        Some((_, separator)) => numbers.split_once(*separator)?,
        None if numbers.len() > 2 => numbers.split_at(2),
        None => (numbers, "0"),
    };
    Some(sign * (hours.parse::<f64>().ok()? * 60.0 + minutes.parse::<f64>().ok()?))
}

/// Makes a time of the components: those that are more significant than all given ones are those of `now`, the less
/// significant ones are the first possible, and there must be no gap in between.
fn resolve(values: &Values, now: f64) -> Result<f64, DateProblem> {
    const DATE: &str = "YMDdXxWw";
    if values.has_only(DATE, "Xxw") || values.has_only(DATE, "XW") {
        return Err(DateProblem::MissingComponents);
    }
    let by_day_of_year = values.has("d") && values.has_only(DATE, "Yd");
    let twelve_hours = values.has("hP") && !values.has("H");
    let date = if by_day_of_year { "YD" } else { "YMD" };
    let time = if twelve_hours { "Phmsf" } else { "Hmsf" };
    let now = Moment::from_millis(now).ok_or(DateProblem::InvalidTime)?;
    let (mut begun, mut ended) = (false, false);
    let mut resolved = Values::default();
    for component in date.chars().chain(time.chars()) {
        let value = match values.get(component) {
            Some(_) if ended => return Err(DateProblem::MissingComponents),
            Some(value) => {
                begun = true;
                value
            }
            None if begun => {
                ended = true;
                if matches!(component, 'M' | 'D') { 1.0 } else { 0.0 }
            }
            None => current(component, &now),
        };
        resolved.0.push((component, Some(value)));
    }
    let part = |component: char| resolved.get(component).unwrap_or(0.0);
    let year = if (0.0..100.0).contains(&part('Y')) { part('Y') + 1900.0 } else { part('Y') };
    let (month, day) = match values.get('d').filter(|_| by_day_of_year) {
        Some(day) => (1.0, day),
        None => (if part('M') > 0.0 { part('M') } else { 1.0 }, part('D')),
    };
    let hour = if twelve_hours {
        let hour = if part('h') == 12.0 { 0.0 } else { part('h') };
        if part('P') == 1.0 { hour + 12.0 } else { hour }
    } else {
        part('H')
    };
    let time = millis(year, month, day, [hour, part('m'), part('s'), part('f')]);
    let zone = values.get('Z').or_else(|| values.get('z')).unwrap_or(0.0);
    Ok(time - zone * 60_000.0)
}

/// The component of the present time; the half of the day isn't looked at.
fn current(component: char, now: &Moment) -> f64 {
    let value = match component {
        'Y' => now.date.year,
        'M' => now.date.month,
        'D' => now.date.day,
        'H' => now.hour,
        'm' => now.minute,
        's' => now.second,
        'f' => now.milli,
        _ => 0,
    };
    value as f64
}
