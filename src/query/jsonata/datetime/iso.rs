//! `$toMillis` without a picture: ISO 8601 as far as both JSONata's check and JavaScript's `Date.parse` take it.

use super::calendar::millis;
use crate::query::jsonata::regex::Regex;
use std::sync::LazyLock;

/// What JSONata lets through; `Date.parse` then takes less.
static SHAPE: LazyLock<Regex> = LazyLock::new(|| {
    let pattern = r"^\d{4}(?:-[01]\d)*(?:-[0-3]\d)*(?:T[0-2]\d:[0-5]\d:[0-5]\d)*(?:\.\d+)?(?:[+-][0-2]\d:?[0-5]\d|Z)?$";
    Regex::compile(pattern, "").expect("the expression is well-formed")
});

/// The time that the text stands for; nothing if it doesn't have the shape of one, NaN if there's no such time.
pub(super) fn parse(text: &str) -> Option<f64> {
    let has_shape = SHAPE.find_at(text, 0).is_ok_and(|found| found.is_some());
    has_shape.then(|| strict(text).unwrap_or(f64::NAN))
}

fn strict(text: &str) -> Option<f64> {
    let (date, time) = text.split_once('T').map_or((text, None), |(date, time)| (date, Some(time)));
    let date = if time.is_none() { date.strip_suffix('Z').unwrap_or(date) } else { date };
    let mut numbers = date.split('-').map(|part| part.parse::<u32>());
    let year = numbers.next()?.ok()?;
    let month = numbers.next().unwrap_or(Ok(1)).ok().filter(|month| (1..=12).contains(month))?;
    let day = numbers.next().unwrap_or(Ok(1)).ok().filter(|day| (1..=31).contains(day))?;
    if numbers.next().is_some() || date.len() > 10 {
        return None;
    }
    let (clock, offset) = match time {
        Some(time) => clock(time)?,
        None => ([0.0; 4], 0.0),
    };
    Some(millis(year.into(), month.into(), day.into(), clock) - offset * 60_000.0)
}

/// Hours, minutes, seconds, milliseconds and the minutes from UTC.
fn clock(time: &str) -> Option<([f64; 4], f64)> {
    let end = time.find(['Z', '+', '-']).unwrap_or(time.len());
    let (time, zone) = time.split_at(end);
    let (whole, fraction) = time.split_once('.').unwrap_or((time, "0"));
    let mut numbers = whole.split(':').map(|part| part.parse::<f64>().ok());
    let (hour, minute, second) = (numbers.next()??, numbers.next()??, numbers.next()??);
    let milli = format!("{fraction:0<3}")[..3].parse::<f64>().ok()?;
    let is_end_of_day = hour == 24.0 && minute + second + milli == 0.0;
    if numbers.next().is_some() || hour >= 24.0 && !is_end_of_day {
        return None;
    }
    let offset = match zone.as_bytes() {
        [] | [b'Z'] => 0.0,
        [sign, ..] => {
            let digits = zone[1..].replace(':', "");
            let (hours, minutes) = digits.split_at_checked(2)?;
            let (hours, minutes) = (hours.parse::<f64>().ok()?, minutes.parse::<f64>().ok()?);
            if hours >= 24.0 {
                return None;
            }
            if *sign == b'-' { -(hours * 60.0 + minutes) } else { hours * 60.0 + minutes }
        }
    };
    Some(([hour, minute, second, milli], offset))
}
