//! Dates and times as text.

use super::DateProblem;
use super::calendar::Moment;
use super::picture::{Form, Marker, Part};
use crate::query::jsonata::format_integer::{Case, Digits, IntegerFormat, Kind, format_integer};

pub(super) const MONTHS: [&str; 12] = [
    "January",
    "February",
    "March",
    "April",
    "May",
    "June",
    "July",
    "August",
    "September",
    "October",
    "November",
    "December",
];

pub(super) const DAYS: [&str; 7] = ["Monday", "Tuesday", "Wednesday", "Thursday", "Friday", "Saturday", "Sunday"];

/// The offset of a time zone as JSONata computes it from `+0530`: both numbers are rounded down, so that `-0530` is
/// -6 hours and -30 minutes.
#[derive(Clone, Copy, Debug, Default, PartialEq)]
pub(super) struct Offset {
    pub(super) hours: f64,
    pub(super) minutes: f64,
}

impl Offset {
    pub(super) fn new(number: f64) -> Self {
        Self { hours: (number / 100.0).floor(), minutes: number % 100.0 }
    }

    pub(super) fn millis(self) -> f64 {
        (self.hours * 60.0 + self.minutes) * 60_000.0
    }
}

pub(super) fn format(parts: &[Part], moment: &Moment, offset: Offset) -> Result<String, DateProblem> {
    let mut out = String::new();
    for part in parts {
        match part {
            Part::Literal(text) => out.push_str(text),
            Part::Marker(marker) => out.push_str(&component(marker, moment, offset)?),
        }
    }
    Ok(out)
}

fn component(marker: &Marker, moment: &Moment, offset: Offset) -> Result<String, DateProblem> {
    let date = &moment.date;
    let value = match marker.component {
        'C' | 'E' => return Ok("ISO".into()),
        'Z' | 'z' => return zone(marker, offset),
        'P' => {
            let name = if moment.hour >= 12 { "pm" } else { "am" };
            let is_upper = marker.form == Form::Name(Case::Upper);
            return Ok(if is_upper { name.to_uppercase() } else { name.into() });
        }
        'Y' => {
            let power = marker.digits.and_then(|(_, most)| 10i64.checked_pow(most as u32));
            power.map_or(date.year, |power| date.year % power)
        }
        'M' => date.month,
        'D' => date.day,
        'd' => date.day_of_year(),
        'F' => date.weekday(),
        'X' => date.thursday().year,
        'x' => date.thursday().month,
        'W' => (date.thursday().day_of_year() + 6) / 7,
        'w' => (date.thursday().day + 6) / 7,
        'H' => moment.hour,
        'h' => (moment.hour + 11) % 12 + 1,
        'm' => moment.minute,
        's' => moment.second,
        _ => moment.milli,
    };
    match &marker.form {
        Form::Integer(format) => Ok(format.format(value as f64)?),
        Form::Name(case) => {
            let name = match marker.component {
                'M' | 'x' => MONTHS[value as usize - 1],
                'F' => DAYS[value as usize - 1],
                other => return Err(DateProblem::NoName(other)),
            };
            let name = match case {
                Case::Title => name.to_owned(),
                Case::Upper => name.to_uppercase(),
                Case::Lower => name.to_lowercase(),
            };
            Ok(name.chars().take(marker.max.unwrap_or(usize::MAX)).collect())
        }
    }
}

fn zone(marker: &Marker, offset: Offset) -> Result<String, DateProblem> {
    let Form::Integer(format @ IntegerFormat { kind: Kind::Digits(digits), .. }) = &marker.form else {
        return Err(DateProblem::ZoneDigits);
    };
    let number = offset.hours * 100.0 + offset.minutes;
    let text = match digits {
        Digits { interval: Some(_), .. } | Digits { mandatory: 3 | 4, .. } => format.format(number)?,
        Digits { mandatory: 0..=2, .. } => {
            let minutes = if offset.minutes == 0.0 { String::new() } else { format_integer(offset.minutes, "00")? };
            let colon = if minutes.is_empty() { "" } else { ":" };
            format!("{}{colon}{minutes}", format.format(offset.hours)?)
        }
        _ => return Err(DateProblem::ZoneDigits),
    };
    if marker.traditional && number == 0.0 {
        return Ok("Z".into());
    }
    let prefix = if marker.component == 'z' { "GMT" } else { "" };
    let sign = if number >= 0.0 { "+" } else { "" };
    Ok(format!("{prefix}{sign}{text}"))
}
