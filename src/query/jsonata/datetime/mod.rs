//! `$fromMillis` and `$toMillis`: times as text and back, with the picture strings of XPath's `fn:format-dateTime`.
//!
//! Where JSONata 2.0.6 does less than XPath says, or something else, it is followed. What the present time is, is an
//! argument.

mod calendar;
mod format;
mod iso;
mod picture;
mod read;

use super::format_integer::{IntegerProblem, parse_int};
use crate::json::write_string;
use calendar::Moment;
use format::Offset;
use picture::Part;
use std::fmt;
use std::sync::LazyLock;

/// What can be wrong with times and their pictures.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum DateProblem {
    /// A text that is no time in ISO 8601.
    NotIso(String),
    /// A letter that stands for no component.
    UnknownComponent(String),
    /// A component that has no names.
    NoName(char),
    /// A time zone with a form that isn't one of digits, or with too many of them.
    ZoneDigits,
    /// `[` without `]`.
    NoClosingBracket,
    /// A picture with too little in it, or with gaps.
    MissingComponents,
    /// A component's number can't be written or read.
    Integer(IntegerProblem),
    /// A time or a time zone out of all range. JSONata makes text with `NaN` of it; the words are those that JavaScript
    /// has where it refuses such times.
    InvalidTime,
    /// A width out of all range; JavaScript's words for it.
    TooWide,
    /// A text that can be matched with the picture in too many ways, or a picture too large to try.
    TooComplex,
}

impl DateProblem {
    /// JSONata's code for it; nothing for what JSONata itself doesn't refuse.
    pub fn code(&self) -> Option<&'static str> {
        Some(match self {
            DateProblem::NotIso(_) => "D3110",
            DateProblem::UnknownComponent(_) => "D3132",
            DateProblem::NoName(_) => "D3133",
            DateProblem::ZoneDigits => "D3134",
            DateProblem::NoClosingBracket => "D3135",
            DateProblem::MissingComponents => "D3136",
            DateProblem::Integer(problem) => return problem.code(),
            DateProblem::InvalidTime | DateProblem::TooWide | DateProblem::TooComplex => return None,
        })
    }
}

impl fmt::Display for DateProblem {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let quoted = |text: &str| {
            let mut out = String::new();
            write_string(text, &mut out);
            out
        };
        match self {
            DateProblem::NotIso(text) => {
                let text = quoted(text);
                write!(f, "The argument of the toMillis function must be an ISO 8601 formatted timestamp. Given {text}")
            }
            DateProblem::UnknownComponent(component) => {
                write!(f, "Unknown component specifier {} in date/time picture string", quoted(component))
            }
            DateProblem::NoName(component) => write!(
                f,
                "The 'name' modifier can only be applied to months and days in the date/time picture string, not {}",
                quoted(&component.to_string())
            ),
            DateProblem::ZoneDigits => {
                f.write_str("The timezone integer format specifier cannot have more than four digits")
            }
            DateProblem::NoClosingBracket => f.write_str("No matching closing bracket ']' in date/time picture string"),
            DateProblem::MissingComponents => {
                f.write_str("The date/time picture string is missing specifiers required to parse the timestamp")
            }
            DateProblem::Integer(problem) => problem.fmt(f),
            DateProblem::InvalidTime => f.write_str("Invalid time value"),
            DateProblem::TooWide => f.write_str("Invalid string length"),
            DateProblem::TooComplex => f.write_str("the date/time picture string takes too many steps to match"),
        }
    }
}

impl std::error::Error for DateProblem {}

impl From<IntegerProblem> for DateProblem {
    fn from(problem: IntegerProblem) -> Self {
        DateProblem::Integer(problem)
    }
}

/// A picture string, understood once and used often.
#[derive(Debug)]
pub struct DatePicture {
    parts: Vec<Part>,
}

static ISO: LazyLock<DatePicture> = LazyLock::new(|| {
    DatePicture::parse("[Y0001]-[M01]-[D01]T[H01]:[m01]:[s01].[f001][Z01:01t]").expect("the picture is well-formed")
});

impl DatePicture {
    /// Understands a picture.
    pub fn parse(picture: &str) -> Result<Self, DateProblem> {
        Ok(Self { parts: picture::parse(picture)? })
    }

    /// A time, in milliseconds since the epoch, as the picture says; UTC if there's no time zone.
    pub fn format(&self, millis: f64, timezone: Option<&str>) -> Result<String, DateProblem> {
        let offset = match timezone {
            Some(timezone) => Offset::new(parse_int(timezone).ok_or(DateProblem::InvalidTime)?),
            None => Offset::default(),
        };
        let moment = Moment::from_millis(millis.trunc() + offset.millis()).ok_or(DateProblem::InvalidTime)?;
        format::format(&self.parts, &moment, offset)
    }

    /// The time that the text stands for; nothing if it isn't as the picture says. What is missing is taken from `now`.
    pub fn read(&self, text: &str, now: f64) -> Result<Option<f64>, DateProblem> {
        read::read(&self.parts, text, now)
    }
}

/// `$fromMillis`: the time as the picture says, in ISO 8601 if there's none.
pub fn from_millis(millis: f64, picture: Option<&str>, timezone: Option<&str>) -> Result<String, DateProblem> {
    match picture {
        Some(picture) => DatePicture::parse(picture)?.format(millis, timezone),
        None => ISO.format(millis, timezone),
    }
}

/// `$toMillis`: the time that the text stands for, in milliseconds since the epoch.
///
/// It is nothing (undefined) if the text isn't as the picture says, and NaN, as in JSONata 2.0.6, if there's no such
/// time. Dates without a year and the like are completed from `now`.
pub fn to_millis(text: &str, picture: Option<&str>, now: f64) -> Result<Option<f64>, DateProblem> {
    match picture {
        Some(picture) => DatePicture::parse(picture)?.read(text, now),
        None => iso::parse(text).map(Some).ok_or_else(|| DateProblem::NotIso(text.into())),
    }
}

#[cfg(test)]
mod tests;
