//! Picture strings for dates and times such as `[D1o] [MNn] [Y]`: the syntax of XPath's `fn:format-dateTime`.

use super::DateProblem;
use crate::query::jsonata::format_integer::{Case, IntegerFormat, Kind};

/// The widest number that a picture may ask for, which bounds the memory that it takes.
const MAX_WIDTH: usize = 10_000;

/// A piece of a picture.
#[derive(Debug, PartialEq)]
pub(super) enum Part {
    Literal(String),
    Marker(Marker),
}

/// What stands between brackets.
#[derive(Debug, PartialEq)]
pub(super) struct Marker {
    /// The letter that says which component is meant.
    pub(super) component: char,
    pub(super) form: Form,
    /// The least and the greatest width, if given.
    pub(super) min: Option<usize>,
    pub(super) max: Option<usize>,
    /// For years, months and days: the least and the greatest number of digits that is read. Years are cut to the latter
    /// when they are written.
    pub(super) digits: Option<(usize, usize)>,
    /// For time zones: UTC is `Z`.
    pub(super) traditional: bool,
}

/// How a component is written.
#[derive(Debug, PartialEq)]
pub(super) enum Form {
    Name(Case),
    Integer(IntegerFormat),
}

pub(super) fn parse(picture: &str) -> Result<Vec<Part>, DateProblem> {
    let mut parts = Vec::new();
    let mut literal = String::new();
    let mut rest = picture;
    while let Some(at) = rest.find('[') {
        literal.push_str(&rest[..at].replace("]]", "]"));
        rest = &rest[at + 1..];
        if let Some(after) = rest.strip_prefix('[') {
            literal.push('[');
            rest = after;
            continue;
        }
        if !literal.is_empty() {
            parts.push(Part::Literal(std::mem::take(&mut literal)));
        }
        let (marker, after) = rest.split_once(']').ok_or(DateProblem::NoClosingBracket)?;
        parts.push(Part::Marker(Marker::parse(marker)?));
        rest = after;
    }
    literal.push_str(&rest.replace("]]", "]"));
    if !literal.is_empty() {
        parts.push(Part::Literal(literal));
    }
    Ok(parts)
}

impl Marker {
    fn parse(text: &str) -> Result<Self, DateProblem> {
        let text = text.split_whitespace().collect::<String>();
        let mut chars = text.chars();
        let unknown =
            |component: Option<char>| DateProblem::UnknownComponent(component.map_or(String::new(), String::from));
        let component = chars.next().ok_or_else(|| unknown(None))?;
        let default = default_presentation(component).ok_or_else(|| unknown(Some(component)))?;
        let (presentation, width) = match chars.as_str().rsplit_once(',') {
            Some((presentation, width)) => (presentation, Some(width)),
            None => (chars.as_str(), None),
        };
        let (min, max) = width.map_or((None, None), |width| {
            let (min, max) = width.split_once('-').map_or((width, None), |(min, max)| (min, Some(max)));
            (number(min), max.and_then(number))
        });
        if min.max(max) > Some(MAX_WIDTH) {
            return Err(DateProblem::TooWide);
        }
        let presentation = if presentation.is_empty() { default } else { presentation };
        // A single letter is the presentation itself.
        let (primary, modifier) = match presentation.strip_suffix(['a', 't', 'c', 'o']) {
            Some(primary) if !primary.is_empty() => (primary, presentation.chars().next_back()),
            _ => (presentation, None),
        };
        let form = match primary.as_bytes() {
            [b'N', b'n', ..] => Form::Name(Case::Title),
            [b'N', ..] => Form::Name(Case::Upper),
            [b'n', ..] => Form::Name(Case::Lower),
            _ if modifier == Some('o') => Form::Integer(IntegerFormat::parse(&format!("{primary};o"))?),
            _ => Form::Integer(IntegerFormat::parse(primary)?),
        };
        let mut marker = Self { component, form, min, max, digits: None, traditional: modifier == Some('t') };
        marker.apply_width();
        Ok(marker)
    }

    fn apply_width(&mut self) {
        let cuts = matches!(self.component, 'Y' | 'M' | 'D');
        let is_zone = matches!(self.component, 'Z' | 'z');
        let Form::Integer(format) = &mut self.form else { return };
        if cuts {
            self.digits = self.max.map(|max| (max, max));
        }
        let Kind::Digits(digits) = &mut format.kind else { return };
        if is_zone {
            format.ordinal = false;
            return;
        }
        let asked_for = digits.mandatory;
        digits.mandatory = match self.max.filter(|_| cuts) {
            Some(max) => max,
            None => asked_for.max(self.min.unwrap_or(0)),
        };
        if cuts {
            let (least, most) = match self.max {
                Some(max) => (asked_for.min(max), max),
                None => (digits.mandatory, digits.mandatory + digits.optional),
            };
            let least = if digits.optional > 0 { least } else { most };
            self.digits = (most >= 2 || self.max.is_some()).then_some((least, most));
        }
    }
}

fn number(text: &str) -> Option<usize> {
    let digits = text.find(|c: char| !c.is_ascii_digit()).map_or(text, |end| &text[..end]);
    if digits.is_empty() { None } else { Some(digits.parse().unwrap_or(usize::MAX)) }
}

/// The presentation of a component that is given without one; nothing if there's no such component.
fn default_presentation(component: char) -> Option<&'static str> {
    Some(match component {
        'Y' | 'M' | 'D' | 'd' | 'W' | 'w' | 'X' | 'x' | 'H' | 'h' | 'f' => "1",
        'm' | 's' => "01",
        'F' | 'P' | 'C' | 'E' => "n",
        'Z' | 'z' => "01:01",
        _ => return None,
    })
}
