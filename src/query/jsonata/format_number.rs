//! `$formatNumber`: numbers as decimal digits, with the picture strings of XPath's `fn:format-number`.
//!
//! Where JSONata 2.0.6 does something else than XPath says, it is followed; where it would never come back (zero and
//! negative numbers with an exponent), XPath is.

use super::grouping::regular_interval;
use super::number_text::{javascript_text, round};
use crate::json::Value;

/// A picture that can't be used.
#[derive(Clone, Copy, Debug, PartialEq, Eq, thiserror::Error)]
pub enum FormatProblem {
    /// Three sub-pictures or more.
    #[error("The picture string must only contain a maximum of two sub-pictures")]
    SubPictures,
    /// Two decimal points.
    #[error("The sub-picture must not contain more than one instance of the 'decimal-separator' character")]
    DecimalSeparators,
    /// Two percent signs.
    #[error("The sub-picture must not contain more than one instance of the 'percent' character")]
    Percents,
    /// Two per-mille signs.
    #[error("The sub-picture must not contain more than one instance of the 'per-mille' character")]
    PerMilles,
    /// Percent and per-mille.
    #[error("The sub-picture must not contain both a 'percent' and a 'per-mille' character")]
    PercentAndPerMille,
    /// No digit before the exponent.
    #[error(
        "The mantissa part of a sub-picture must contain at least one character that is either an 'optional digit \
         character' or a member of the 'decimal digit family'"
    )]
    NoMantissa,
    /// Text between the digits.
    #[error(
        "The sub-picture must not contain a passive character that is preceded by an active character and that is \
         followed by another active character"
    )]
    PassiveWithin,
    /// `,.` or `.,`
    #[error(
        "The sub-picture must not contain a 'grouping-separator' character that appears adjacent to a \
         'decimal-separator' character"
    )]
    GroupingBesideDecimal,
    /// `0,`
    #[error("The sub-picture must not contain a 'grouping-separator' at the end of the integer part")]
    GroupingAtEnd,
    /// `0,,0`
    #[error("The sub-picture must not contain two adjacent instances of the 'grouping-separator' character")]
    GroupingTwice,
    /// `0#`
    #[error(
        "The integer part of the sub-picture must not contain a member of the 'decimal digit family' that is followed \
         by an instance of the 'optional digit character'"
    )]
    OptionalAfterDigit,
    /// `.#0`
    #[error(
        "The fractional part of the sub-picture must not contain an instance of the 'optional digit character' that is \
         followed by a member of the 'decimal digit family'"
    )]
    DigitAfterOptional,
    /// `0e0%`
    #[error(
        "A sub-picture that contains a 'percent' or 'per-mille' character must not contain a character treated as an \
         'exponent-separator'"
    )]
    ExponentAndPercent,
    /// `0e#`
    #[error(
        "The exponent part of the sub-picture must comprise only of one or more characters that are members of the \
         'decimal digit family'"
    )]
    Exponent,
    /// Nothing that stands for a digit; JavaScript's words for what happens then.
    #[error("Cannot read properties of undefined (reading 'length')")]
    NoDigits,
    /// More decimals than JavaScript writes; its words.
    #[error("toFixed() digits argument must be between 0 and 100")]
    TooManyDecimals,
}

impl FormatProblem {
    /// JSONata's code for it; nothing for what JavaScript itself refuses.
    pub fn code(&self) -> Option<&'static str> {
        Some(match self {
            FormatProblem::SubPictures => "D3080",
            FormatProblem::DecimalSeparators => "D3081",
            FormatProblem::Percents => "D3082",
            FormatProblem::PerMilles => "D3083",
            FormatProblem::PercentAndPerMille => "D3084",
            FormatProblem::NoMantissa => "D3085",
            FormatProblem::PassiveWithin => "D3086",
            FormatProblem::GroupingBesideDecimal => "D3087",
            FormatProblem::GroupingAtEnd => "D3088",
            FormatProblem::GroupingTwice => "D3089",
            FormatProblem::OptionalAfterDigit => "D3090",
            FormatProblem::DigitAfterOptional => "D3091",
            FormatProblem::ExponentAndPercent => "D3092",
            FormatProblem::Exponent => "D3093",
            FormatProblem::NoDigits | FormatProblem::TooManyDecimals => return None,
        })
    }
}

/// The characters that mean something, which the options can replace by other texts.
struct Symbols {
    decimal: String,
    grouping: String,
    exponent: String,
    minus: String,
    percent: String,
    per_mille: String,
    zero: Option<char>,
    digit: String,
    pattern: String,
}

impl Symbols {
    fn new(options: Option<&Value>) -> Self {
        let option = |name: &str, default: &str| match options.and_then(|options| options.get(name)) {
            Some(Value::String(text)) => text.to_string(),
            Some(other) => other.to_text(),
            None => default.to_owned(),
        };
        Self {
            decimal: option("decimal-separator", "."),
            grouping: option("grouping-separator", ","),
            exponent: option("exponent-separator", "e"),
            minus: option("minus-sign", "-"),
            percent: option("percent", "%"),
            per_mille: option("per-mille", "‰"),
            zero: option("zero-digit", "0").chars().next(),
            digit: option("digit", "#"),
            pattern: option("pattern-separator", ";"),
        }
    }

    /// Whether the character is a digit of the family that begins with `zero-digit`.
    fn is_digit(&self, c: char) -> bool {
        self.zero.is_some_and(|zero| (c as u32).checked_sub(zero as u32).is_some_and(|value| value < 10))
    }

    /// Whether the character stands for a digit or separates digits, the exponent's separator aside.
    fn is_part_of_mantissa(&self, c: char) -> bool {
        self.is_digit(c) || [&self.decimal, &self.grouping, &self.digit].iter().any(|symbol| is(symbol, c))
    }

    fn is_digit_or_optional(&self, c: char) -> bool {
        self.is_digit(c) || is(&self.digit, c)
    }
}

fn is(symbol: &str, c: char) -> bool {
    let mut chars = symbol.chars();
    chars.next() == Some(c) && chars.next().is_none()
}

/// A sub-picture and its parts.
struct Parts<'a> {
    whole: &'a str,
    prefix: &'a str,
    suffix: &'a str,
    /// What stands between the two.
    active: &'a str,
    integer: &'a str,
    fraction: &'a str,
    exponent: Option<&'a str>,
    has_decimal: bool,
}

impl<'a> Parts<'a> {
    fn split(whole: &'a str, symbols: &Symbols) -> Result<Self, FormatProblem> {
        let is_active = |c: char| symbols.is_part_of_mantissa(c);
        let begin = whole.find(is_active).ok_or(FormatProblem::NoDigits)?;
        let end = whole.rfind(is_active).and_then(|last| Some(last + whole[last..].chars().next()?.len_utf8()));
        let end = end.unwrap_or(begin);
        let active = &whole[begin..end];
        // A separator right behind the last digit counts as well, though there's no exponent.
        let separator = whole[begin..].find(&symbols.exponent).map(|at| at + begin).filter(|at| *at <= end);
        let (mantissa, exponent) = match separator {
            Some(at) => {
                // JSONata forgets that it has cut off the prefix: `x0.0e00` has an exponent of one digit.
                let skipped = whole[..at].chars().count();
                let mut rest = active.chars();
                rest.by_ref().take(skipped).for_each(drop);
                let mantissa = &active[..active.len() - rest.as_str().len()];
                rest.by_ref().take(symbols.exponent.chars().count()).for_each(drop);
                (mantissa, Some(rest.as_str()))
            }
            None => (active, None),
        };
        let (integer, fraction, has_decimal) = match mantissa.split_once(&symbols.decimal) {
            Some((integer, fraction)) => (integer, fraction, true),
            None => (mantissa, "", false),
        };
        let (prefix, suffix) = (&whole[..begin], &whole[end..]);
        Ok(Self { whole, prefix, suffix, active, integer, fraction, exponent, has_decimal })
    }

    /// Of several problems, JSONata reports the last one.
    fn check(&self, symbols: &Symbols) -> Result<(), FormatProblem> {
        let whole = self.whole;
        let twice = |symbol: &str| whole.contains(symbol) && whole.find(symbol) != whole.rfind(symbol);
        let (percent, per_mille) = (whole.contains(&symbols.percent), whole.contains(&symbols.per_mille));
        let (decimal, grouping) = (&symbols.decimal, &symbols.grouping);
        let has_digits = |part: &str| part.contains(|c| symbols.is_digit_or_optional(c));
        let is_active = |c| symbols.is_part_of_mantissa(c) || is(&symbols.exponent, c);
        let beside = self.integer.ends_with(grouping.as_str()) || self.fraction.starts_with(grouping.as_str());
        // Only the first optional digit and, in the fraction, the last one are looked at.
        let is_digit = |c: char| symbols.is_digit(c);
        let is_optional = |c: char| is(&symbols.digit, c);
        let optional_after_digit =
            self.integer.find(is_optional).is_some_and(|at| self.integer[..at].contains(is_digit));
        let digit_after_optional =
            self.fraction.rfind(is_optional).is_some_and(|at| self.fraction[at..].contains(is_digit));
        let is_exponent = |part: &str| !part.is_empty() && part.chars().all(|c| symbols.is_digit(c));

        use FormatProblem::*;
        let checks = [
            (twice(decimal), DecimalSeparators),
            (twice(&symbols.percent), Percents),
            (twice(&symbols.per_mille), PerMilles),
            (percent && per_mille, PercentAndPerMille),
            (!has_digits(self.integer) && !has_digits(self.fraction), NoMantissa),
            (!self.active.chars().all(is_active), PassiveWithin),
            (self.has_decimal && beside, GroupingBesideDecimal),
            (!self.has_decimal && self.integer.ends_with(grouping.as_str()), GroupingAtEnd),
            (whole.contains(&grouping.repeat(2)), GroupingTwice),
            (optional_after_digit, OptionalAfterDigit),
            (digit_after_optional, DigitAfterOptional),
            (self.exponent.is_some() && (percent || per_mille), ExponentAndPercent),
            (self.exponent.is_some_and(|part| !is_exponent(part)), Exponent),
        ];
        match checks.into_iter().rev().find(|(broken, _)| *broken) {
            Some((_, problem)) => Err(problem),
            None => Ok(()),
        }
    }
}

/// The sizes that a sub-picture asks for.
struct Sizes {
    min_integer: usize,
    scale: i32,
    min_fraction: usize,
    max_fraction: usize,
    min_exponent: usize,
}

impl Sizes {
    fn new(parts: &Parts, symbols: &Symbols) -> Self {
        let count = |part: &str| part.chars().filter(|c| symbols.is_digit(*c)).count();
        let mut min_integer = count(parts.integer);
        let scale = min_integer as i32;
        let mut min_fraction = count(parts.fraction);
        let mut max_fraction = parts.fraction.chars().filter(|c| symbols.is_digit_or_optional(*c)).count();
        let has_exponent = parts.exponent.is_some();
        if min_integer == 0 && max_fraction == 0 {
            if has_exponent {
                (min_fraction, max_fraction) = (1, 1);
            } else {
                min_integer = 1;
            }
        }
        if has_exponent && min_integer == 0 && parts.integer.contains(|c| is(&symbols.digit, c)) {
            min_integer = 1;
        }
        if min_integer == 0 && min_fraction == 0 {
            min_fraction = 1;
        }
        let min_exponent = parts.exponent.map_or(0, count);
        Self { min_integer, scale, min_fraction, max_fraction, min_exponent }
    }
}

/// `$formatNumber`: the number as the picture says; `options` is an object that replaces symbols.
pub fn format_number(value: f64, picture: &str, options: Option<&Value>) -> Result<String, FormatProblem> {
    let symbols = Symbols::new(options);
    // An empty separator would split the picture into its characters.
    let subs = if symbols.pattern.is_empty() { vec![picture] } else { picture.split(&symbols.pattern).collect() };
    if subs.len() > 2 {
        return Err(FormatProblem::SubPictures);
    }
    let parts = subs.into_iter().map(|sub| Parts::split(sub, &symbols)).collect::<Result<Vec<_>, _>>()?;
    parts.iter().try_for_each(|parts| parts.check(&symbols))?;
    let is_negative = value < 0.0;
    let (chosen, sign) = match (is_negative, &parts[..]) {
        (true, [_, negative]) => (negative, ""),
        (true, [only]) => (only, symbols.minus.as_str()),
        (_, all) => (&all[0], ""),
    };
    let number = digits(value.abs(), chosen, &symbols)?;
    Ok(format!("{sign}{}{number}{}", chosen.prefix, chosen.suffix))
}

/// What stands between prefix and suffix.
fn digits(value: f64, parts: &Parts, symbols: &Symbols) -> Result<String, FormatProblem> {
    let sizes = Sizes::new(parts, symbols);
    if sizes.max_fraction > 100 {
        return Err(FormatProblem::TooManyDecimals);
    }
    let scaled = match parts.whole {
        whole if whole.contains(&symbols.percent) => value * 100.0,
        whole if whole.contains(&symbols.per_mille) => value * 1000.0,
        _ => value,
    };
    let (mantissa, exponent) = if parts.exponent.is_some() { normalized(scaled, sizes.scale) } else { (scaled, 0) };
    let fixed = to_fixed(round(mantissa, sizes.max_fraction as i32), sizes.max_fraction);
    let (integer, fraction) = fixed.split_once('.').unwrap_or((&fixed, ""));
    let (integer, fraction) = (integer.trim_start_matches('0'), fraction.trim_end_matches('0'));
    let local = |c: char| c.to_digit(10).and_then(|digit| char::from_u32(symbols.zero? as u32 + digit)).unwrap_or(c);
    let zeros = |wanted: usize, text: &str| "0".repeat(wanted.saturating_sub(text.len()));
    let padded_integer = zeros(sizes.min_integer, integer) + integer;
    let padded_fraction = fraction.to_owned() + &zeros(sizes.min_fraction, fraction);
    let mut number = padded_integer.chars().map(local).collect::<Vec<_>>();
    let point = number.len();
    number.extend(symbols.decimal.chars());
    number.extend(padded_fraction.chars().map(local));
    group(&mut number, point, parts, symbols);
    if !parts.has_decimal || String::from_iter(&number).ends_with(&symbols.decimal) {
        number.pop();
    }
    if parts.exponent.is_some() {
        let digits = exponent.unsigned_abs().to_string();
        let padded = zeros(sizes.min_exponent, &digits) + &digits;
        let sign = if exponent < 0 { symbols.minus.as_str() } else { "" };
        number.extend(symbols.exponent.chars().chain(sign.chars()).chain(padded.chars().map(local)));
    }
    Ok(String::from_iter(number))
}

/// The number between the powers of ten that the digits of the picture ask for, and the exponent that it then has.
fn normalized(value: f64, scale: i32) -> (f64, i32) {
    let (least, most) = (10f64.powi(scale - 1), 10f64.powi(scale));
    let (mut mantissa, mut exponent) = (value, 0);
    if value == 0.0 || !value.is_finite() {
        return (value, 0);
    }
    while mantissa < least {
        mantissa *= 10.0;
        exponent -= 1;
    }
    while mantissa > most && mantissa.is_finite() {
        mantissa /= 10.0;
        exponent += 1;
    }
    (mantissa, exponent)
}

/// JavaScript's `toFixed`, for a number that isn't negative.
fn to_fixed(value: f64, decimals: usize) -> String {
    if value < 1e21 { format!("{value:.decimals$}") } else { javascript_text(value) }
}

/// Puts the grouping separators in; `point` is where the integer part ends.
fn group(number: &mut Vec<char>, mut point: usize, parts: &Parts, symbols: &Symbols) {
    let Some(separator) = symbols.grouping.chars().next() else { return };
    let count = |part: &str| part.chars().filter(|c| symbols.is_digit_or_optional(*c)).count();
    let separators = parts.integer.match_indices(&symbols.grouping);
    let positions = separators.map(|(at, _)| count(&parts.integer[at..])).collect::<Vec<_>>();
    if let Some(interval) = regular_interval(&positions) {
        for i in 1..=point.saturating_sub(1) / interval {
            number.insert(point - i * interval, separator);
        }
        point += point.saturating_sub(1) / interval;
    } else {
        for position in positions {
            // Where there are too few digits, JSONata counts from the other end.
            let at = point.checked_sub(position);
            number.insert(at.unwrap_or_else(|| (number.len() + point).saturating_sub(position)), separator);
            point += 1;
        }
    }
    // Having found the first separator of the fraction, JSONata looks for the next ones in the integer part.
    let (integer, fraction) = (parts.integer.chars().collect::<Vec<_>>(), parts.fraction.chars().collect::<Vec<_>>());
    let mut next = fraction.iter().position(|c| *c == separator);
    let start = point + symbols.decimal.chars().count();
    while let Some(at) = next {
        let digits = fraction.iter().take(at).filter(|c| symbols.is_digit_or_optional(**c)).count();
        number.insert((start + digits).min(number.len()), separator);
        next = (at + 1..integer.len()).find(|i| integer[*i] == separator);
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use proptest::prelude::*;

    #[test]
    fn numbers_are_written_as_the_picture_says() {
        let cases = [
            (0.0, "#", "0"),
            (0.0, "#.#", ".0"),
            (0.5, "#.##", ".5"),
            (5.0, "#.##", "5.0"),
            (-0.0, "0", "0"),
            (-0.001, "0.0", "-0.0"),
            (0.125, "0.00", "0.12"),
            (1.5e-10, "0.###", "0"),
            (1.5e-7, "0.##########", "0.00000015"),
            (1234567.891, "#,##0.00", "1,234,567.89"),
            (12.0, "000,000", "000,012"),
            (1234567.0, "0,000,00", "12,345,67"),
            (1234567.0, "#,##,#0", "1,23,45,67"),
            (12345678.0, "#,######,##0", "123456,78,"),
            (12345.0, "##,##,##0", ",12,345"),
            (1234.0, "##,##,##0", "12,34,"),
            (1.23456789, "0.000,00,000", "1.234,56789"),
            (1.2, "0.###,##", "1.2,"),
            (86.0, "#0#0", "86"),
            (79.0, "#00,00,000.000,00", "00,00,079.000,0,0"),
            (0.14, "01%", "14%"),
            (0.4857, "###.###‰", "485.7‰"),
            (-5.0, "$0", "-$5"),
            (-5.0, "0;(0)", "(5)"),
            (-5.0, "-0", "--5"),
            (5.0, "💩0é", "💩5é"),
            (1234.567, "he0llo", "he1235llo"),
            (1234.567, "0.0 euro", "1234.6 euro"),
            (1234.5678, "00.000e0", "12.346e2"),
            (1234567.8, "0.0e00x", "1.2e06x"),
            (0.00012, "#.##e0", "0.12e-3"),
            (1234.0, "x0.0e00", "x1.2e3"),
            (0.234, ".00e0", ".23e0"),
            (1234.0, "#e0", "0.e4"),
            (1234.0, "e0", "e1234"),
            (9.99, "0.0e0", "10.0e0"),
            (1e10, "0.0e0", "10.0e9"),
            (-1234.0, "0.0e0", "-1.2e3"),
            (0.0, "0.0e0", "0.0e0"),
            (5e-324, "0.0e0", "4.9e-324"),
            (1e21, "#,##0", "1e,+21"),
            (1e100, "#,##0.00", "1e+,100.00"),
            (f64::MAX, "0%", "Infinity%"),
            (1.1, "0.###################%", "110.0000000000000142109%"),
        ];
        for (value, picture, expected) in cases {
            assert_eq!(format_number(value, picture, None).as_deref(), Ok(expected), "{value} {picture}");
        }
    }

    #[test]
    fn symbols_can_be_replaced() {
        let cases = [
            (1234.5, "0.000,0", r#"{"grouping-separator": ".", "decimal-separator": ","}"#, "1.234,5"),
            (-1234.5, "0", r#"{"minus-sign": "~"}"#, "~1234"),
            (0.14, "###pm", r#"{"per-mille": "pm"}"#, "140pm"),
            (5.0, "٠٠", r#"{"zero-digit": "٠"}"#, "٠٥"),
            (5.0, "**0", r#"{"digit": "*"}"#, "5"),
            (-5.0, "0|(0)", r#"{"pattern-separator": "|"}"#, "(5)"),
            (0.001, "AxA", r#"{"zero-digit": "A", "minus-sign": "~", "exponent-separator": "x"}"#, "Bx~D"),
            (5.0, "0", r#"{"percent": 5, "infinity": "inf"}"#, "5"),
            (5.0, "0", r#"{"pattern-separator": "", "digit": ""}"#, "5"),
        ];
        for (value, picture, options, expected) in cases {
            let options = Value::parse(options).expect("JSON");
            assert_eq!(format_number(value, picture, Some(&options)).as_deref(), Ok(expected), "{value} {picture}");
        }
    }

    #[test]
    fn unusable_pictures_are_refused() {
        use FormatProblem::*;
        let cases = [
            ("#;#;#", SubPictures, "D3080"),
            ("#.0.0", DecimalSeparators, "D3081"),
            ("0;0.0.0", DecimalSeparators, "D3081"),
            ("%0%", Percents, "D3082"),
            ("0%%;0.0.0", Percents, "D3082"),
            ("0‰‰", PerMilles, "D3083"),
            ("0%‰", PercentAndPerMille, "D3084"),
            (".e0", NoMantissa, "D3085"),
            ("0%.0.0", PassiveWithin, "D3086"),
            ("x0y0z", PassiveWithin, "D3086"),
            ("0,.0", GroupingBesideDecimal, "D3087"),
            ("0.,0", GroupingBesideDecimal, "D3087"),
            (",", GroupingAtEnd, "D3088"),
            ("0,,0", GroupingTwice, "D3089"),
            ("0,#", OptionalAfterDigit, "D3090"),
            ("0,.0#0", DigitAfterOptional, "D3091"),
            ("0%e0", ExponentAndPercent, "D3092"),
            ("0e", Exponent, "D3093"),
            ("0e0e0", Exponent, "D3093"),
        ];
        for (picture, problem, code) in cases {
            assert_eq!(format_number(5.0, picture, None), Err(problem), "{picture}");
            assert_eq!(problem.code(), Some(code));
        }
        for picture in ["", "abc", "0;", ";0", "%", "e"] {
            assert_eq!(format_number(5.0, picture, None), Err(NoDigits), "{picture}");
        }
        assert_eq!(format_number(5.0, &format!("0.{}", "0".repeat(101)), None), Err(TooManyDecimals));
        assert!(
            NoMantissa
                .to_string()
                .ends_with("either an 'optional digit character' or a member of the 'decimal digit family'")
        );
    }

    proptest! {
        #[test]
        fn any_picture_works_or_is_refused(
            value in any::<f64>(),
            picture in "[#0,.;e%‰a💩-]{0,10}",
            name in "decimal-separator|grouping-separator|exponent-separator|zero-digit|digit|percent|minus-sign",
            symbol in "[.,0e#💩]{0,2}",
        ) {
            let options = Value::object([(name, Value::from(symbol.as_str()))]);
            let _ = (format_number(value, &picture, None), format_number(value, &picture, Some(&options)));
        }
    }
}
