//! `$formatInteger` and `$parseInteger`: whole numbers as digits, letters, Roman numerals and words, with the picture
//! strings of XPath's `fn:format-integer`.
//!
//! Where JSONata 2.0.6 does less than XPath says, or something else, it is followed.

use super::grouping::{insert_from_right, regular_interval};
use super::number_text::javascript_text;
use super::words;

/// A picture that can't be used.
#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error)]
pub enum IntegerProblem {
    /// A kind of numbering that isn't known.
    #[error(
        "Formatting or parsing an integer as a sequence starting with \"{0}\" is not supported by this implementation"
    )]
    UnknownSequence(String),
    /// Digits of different scripts in one picture.
    #[error("In a decimal digit pattern, all digits must be from the same decimal group")]
    MixedDigits,
    /// A text in which a character comes before the digits that the picture asks for; JavaScript's words for it.
    #[error("Invalid code point {0}")]
    InvalidCodePoint(i64),
    /// A Roman numeral that would be too long; JavaScript's words for it.
    #[error("Maximum call stack size exceeded")]
    TooLong,
}

impl IntegerProblem {
    /// JSONata's code for it; nothing for what JavaScript itself refuses.
    pub fn code(&self) -> Option<&'static str> {
        match self {
            IntegerProblem::UnknownSequence(_) => Some("D3130"),
            IntegerProblem::MixedDigits => Some("D3131"),
            IntegerProblem::InvalidCodePoint(_) | IntegerProblem::TooLong => None,
        }
    }
}

/// Upper, lower or title case.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Case {
    Upper,
    Lower,
    Title,
}

/// An understood picture.
#[derive(Clone, Debug, PartialEq)]
pub(super) struct IntegerFormat {
    pub(super) kind: Kind,
    pub(super) ordinal: bool,
}

/// What numbers are written with.
#[derive(Clone, Debug, PartialEq)]
pub(super) enum Kind {
    Letters(Case),
    Roman(Case),
    Words(Case),
    Digits(Digits),
    /// A numbering that isn't known, by the text that asks for it.
    Unknown(String),
}

/// A pattern of decimal digits.
#[derive(Clone, Debug, PartialEq)]
pub(super) struct Digits {
    /// The family's zero.
    pub(super) zero: char,
    /// The least number of digits.
    pub(super) mandatory: usize,
    /// The digits that may be left out.
    pub(super) optional: usize,
    /// The separators, each with the number of digits to its right, from the right.
    pub(super) separators: Vec<(usize, char)>,
    /// The distance of the separators if they repeat.
    pub(super) interval: Option<usize>,
}

/// The zeros of the digit families in the Basic Multilingual Plane.
const ZEROS: &[u32] = &[
    0x30, 0x660, 0x6F0, 0x7C0, 0x966, 0x9E6, 0xA66, 0xAE6, 0xB66, 0xBE6, 0xC66, 0xCE6, 0xD66, 0xDE6, 0xE50, 0xED0,
    0xF20, 0x1040, 0x1090, 0x17E0, 0x1810, 0x1946, 0x19D0, 0x1A80, 0x1A90, 0x1B50, 0x1BB0, 0x1C40, 0x1C50, 0xA620,
    0xA8D0, 0xA900, 0xA9D0, 0xA9F0, 0xAA50, 0xABF0, 0xFF10,
];

/// The zero of the family that this digit belongs to.
fn zero_of(c: char) -> Option<char> {
    let code = c as u32;
    let zero = *ZEROS.get(ZEROS.partition_point(|zero| *zero <= code).checked_sub(1)?)?;
    if code - zero < 10 { char::from_u32(zero) } else { None }
}

impl IntegerFormat {
    /// Understands a picture such as `#,##0;o`.
    pub(super) fn parse(picture: &str) -> Result<Self, IntegerProblem> {
        let (primary, modifier) = picture.rsplit_once(';').unwrap_or((picture, ""));
        Ok(Self { kind: Kind::parse(primary)?, ordinal: modifier.starts_with('o') })
    }

    /// The number as this format writes it.
    pub(super) fn format(&self, value: f64) -> Result<String, IntegerProblem> {
        let value = value.floor();
        let number = value.abs();
        let text = match &self.kind {
            Kind::Unknown(sequence) => return Err(IntegerProblem::UnknownSequence(sequence.clone())),
            _ if !value.is_finite() => javascript_text(number),
            Kind::Letters(case) => letters(number, *case),
            Kind::Roman(case) => roman(number, *case)?,
            Kind::Words(case) => words::words(number, self.ordinal, *case),
            Kind::Digits(digits) => digits.format(number, self.ordinal),
        };
        Ok(if value < 0.0 { format!("-{text}") } else { text })
    }

    /// The number that a text in this format stands for; NaN if it is no number.
    pub(super) fn read(&self, text: &str) -> Result<f64, IntegerProblem> {
        let number = match &self.kind {
            Kind::Unknown(sequence) => return Err(IntegerProblem::UnknownSequence(sequence.clone())),
            Kind::Letters(case) => Some(letters_value(text, *case)),
            Kind::Roman(Case::Upper) => roman_value(text),
            Kind::Roman(_) => roman_value(&text.to_uppercase()),
            Kind::Words(_) => words::value(&text.to_lowercase()),
            Kind::Digits(digits) => digits.read(text, self.ordinal)?,
        };
        Ok(number.unwrap_or(f64::NAN))
    }
}

impl Kind {
    fn parse(primary: &str) -> Result<Self, IntegerProblem> {
        Ok(match primary {
            "A" => Kind::Letters(Case::Upper),
            "a" => Kind::Letters(Case::Lower),
            "I" => Kind::Roman(Case::Upper),
            "i" => Kind::Roman(Case::Lower),
            "W" => Kind::Words(Case::Upper),
            "w" => Kind::Words(Case::Lower),
            "Ww" => Kind::Words(Case::Title),
            _ => Digits::parse(primary)?.map_or_else(|| Kind::Unknown(primary.into()), Kind::Digits),
        })
    }
}

impl Digits {
    /// Nothing if there's no digit in it.
    fn parse(primary: &str) -> Result<Option<Self>, IntegerProblem> {
        let (mut zero, mut mandatory, mut optional) = (None, 0, 0);
        let mut separators = Vec::new();
        for c in primary.chars().rev() {
            match zero_of(c) {
                Some(family) if *zero.get_or_insert(family) != family => return Err(IntegerProblem::MixedDigits),
                Some(_) => mandatory += 1,
                None if c == '#' => optional += 1,
                None => separators.push((mandatory + optional, c)),
            }
        }
        let Some(zero) = zero else { return Ok(None) };
        let same = separators.windows(2).all(|pair| pair[0].1 == pair[1].1);
        let positions = separators.iter().map(|(position, _)| *position).collect::<Vec<_>>();
        let interval = if same { regular_interval(&positions) } else { None };
        Ok(Some(Self { zero, mandatory, optional, separators, interval }))
    }

    fn format(&self, number: f64, ordinal: bool) -> String {
        let plain = javascript_text(number);
        let missing = self.mandatory.saturating_sub(plain.len());
        let padded = "0".repeat(missing) + &plain;
        // JavaScript moves the `e+` of huge numbers to the other script as well.
        let moved = |c: char| char::from_u32(self.zero as u32 + c as u32 - '0' as u32).unwrap_or(c);
        let mut digits = padded.chars().map(moved).collect::<Vec<_>>();
        match self.interval {
            Some(interval) => {
                let separator = self.separators[0].1;
                let count = digits.len().saturating_sub(1) / interval;
                (1..=count).rev().for_each(|i| insert_from_right(&mut digits, i * interval, separator));
            }
            None => {
                for (position, separator) in self.separators.iter().rev() {
                    insert_from_right(&mut digits, *position, *separator);
                }
            }
        }
        let mut text = String::from_iter(digits);
        if ordinal {
            text.push_str(ordinal_suffix(&text));
        }
        text
    }

    /// As JavaScript's `parseInt` reads it, once the separators are gone.
    fn read(&self, text: &str, ordinal: bool) -> Result<Option<f64>, IntegerProblem> {
        let mut digits = text.to_owned();
        if ordinal {
            digits.pop();
            digits.pop();
        }
        match self.interval {
            // JSONata looks for commas here, whatever the separator.
            Some(_) => digits.retain(|c| c != ','),
            None => digits.retain(|c| self.separators.iter().all(|(_, separator)| c != *separator)),
        }
        if self.zero != '0' {
            let ascii = |c: char| {
                let code = i64::from(c as u32) - i64::from(self.zero as u32) + i64::from(b'0');
                let code = u32::try_from(code).map_err(|_| IntegerProblem::InvalidCodePoint(code))?;
                Ok(char::from_u32(code).unwrap_or(char::REPLACEMENT_CHARACTER))
            };
            digits = digits.chars().map(ascii).collect::<Result<_, _>>()?;
        }
        Ok(parse_int(&digits))
    }
}

/// JavaScript's `parseInt`: as many digits as there are, behind blanks and a sign.
pub(super) fn parse_int(text: &str) -> Option<f64> {
    let text = text.trim_start();
    let (sign, rest) = match text.strip_prefix('-') {
        Some(rest) => (-1.0, rest),
        None => (1.0, text.strip_prefix('+').unwrap_or(text)),
    };
    let (radix, rest) = match rest.strip_prefix("0x").or_else(|| rest.strip_prefix("0X")) {
        Some(rest) => (16, rest),
        None => (10, rest),
    };
    let end = rest.find(|c: char| !c.is_digit(radix)).unwrap_or(rest.len());
    let digits = &rest[..end];
    if radix == 16 {
        return super::number_text::parse_number(&format!("0x{digits}")).map(|number| sign * number);
    }
    if digits.is_empty() { None } else { digits.parse::<f64>().ok().map(|number| sign * number) }
}

/// `st`, `nd`, `rd` or `th`, which follows from the last two characters, if they are ASCII digits.
fn ordinal_suffix(digits: &str) -> &'static str {
    let mut last = digits.bytes().rev();
    match (last.next(), last.next()) {
        (_, Some(b'1')) => "th",
        (Some(b'1'), _) => "st",
        (Some(b'2'), _) => "nd",
        (Some(b'3'), _) => "rd",
        _ => "th",
    }
}

/// `a` to `z`, `aa` and so on; nothing for 0.
fn letters(number: f64, case: Case) -> String {
    let first = if case == Case::Upper { b'A' } else { b'a' };
    let mut letters = Vec::new();
    let mut rest = number;
    while rest > 0.0 {
        let letter = (rest - 1.0) % 26.0;
        letters.push(char::from(first + letter as u8));
        rest = ((rest - 1.0) / 26.0).floor();
    }
    letters.into_iter().rev().collect()
}

fn letters_value(text: &str, case: Case) -> f64 {
    let first = if case == Case::Upper { b'A' } else { b'a' };
    text.encode_utf16().fold(0.0, |value, unit| value * 26.0 + f64::from(unit) - f64::from(first) + 1.0)
}

const ROMAN: &[(f64, &str)] = &[
    (1000.0, "m"),
    (900.0, "cm"),
    (500.0, "d"),
    (400.0, "cd"),
    (100.0, "c"),
    (90.0, "xc"),
    (50.0, "l"),
    (40.0, "xl"),
    (10.0, "x"),
    (9.0, "ix"),
    (5.0, "v"),
    (4.0, "iv"),
    (1.0, "i"),
];

/// Beyond it JavaScript's stack is exhausted, in one version of it or another.
const LAST_ROMAN: f64 = 9_000_000.0;

fn roman(number: f64, case: Case) -> Result<String, IntegerProblem> {
    if number > LAST_ROMAN {
        return Err(IntegerProblem::TooLong);
    }
    let (mut text, mut rest) = (String::new(), number);
    for (value, letters) in ROMAN {
        while rest >= *value {
            text.push_str(letters);
            rest -= value;
        }
    }
    Ok(if case == Case::Upper { text.to_uppercase() } else { text })
}

/// The sum of the letters, less those that stand before a greater one.
fn roman_value(text: &str) -> Option<f64> {
    let (mut total, mut greatest) = (0.0, 1.0);
    for c in text.chars().rev() {
        let value = match c {
            'M' => 1000.0,
            'D' => 500.0,
            'C' => 100.0,
            'L' => 50.0,
            'X' => 10.0,
            'V' => 5.0,
            'I' => 1.0,
            _ => return None,
        };
        if value < greatest {
            total -= value;
        } else {
            greatest = value;
            total += value;
        }
    }
    Some(total)
}

/// `$formatInteger`: the number, rounded down, as the picture says.
pub fn format_integer(value: f64, picture: &str) -> Result<String, IntegerProblem> {
    IntegerFormat::parse(picture)?.format(value)
}

/// `$parseInteger`: the number that the text stands for, NaN (as in JSONata 2.0.6) if it stands for none.
pub fn parse_integer(text: &str, picture: &str) -> Result<f64, IntegerProblem> {
    IntegerFormat::parse(picture)?.read(text)
}

#[cfg(test)]
mod tests {
    use super::*;
    use proptest::prelude::*;

    #[test]
    fn integers_are_written_as_the_picture_says() {
        let cases = [
            (0.0, "w", "zero"),
            (0.0, "A", ""),
            (-5.0, "I", "-V"),
            (-5.0, "w;o", "-fifth"),
            (-0.5, "0", "-1"),
            (12.6, "###0", "12"),
            (5.0, "0;x", "5"),
            (5.0, "0;o(x)", "5th"),
            (5.0, "0;co", "5"),
            (5.0, "0;o;o", "5;oth"),
            (3.0, "000;o", "003rd"),
            (111.0, "0;o", "111th"),
            (82.0, "٠;o", "٨٢th"),
            (1200.0, "#,##0", "1,200"),
            (12345678.0, "0.000,000", "12.345,678"),
            (1234567890.0, "#,###,###0", "123,456,7890"),
            (1234567890.0, "0,0,00", "1234567,8,90"),
            (1234567890123.0, "0,000000,000", "1234,567890,123"),
            (12.0, "000,000,000", "000,000,012"),
            (1234.0, "0,,0", "123,,4"),
            (1234.0, "0,", "1234,"),
            (1234.0, "##,##,##0", ",4"),
            (12345.0, "0 0", "1 2 3 4 5"),
            (55.0, "४", "५५"),
            (1234.0, "#,##٠", "١,٢٣٤"),
            (1e21, "#,##0", "1e,+21"),
            (1e21, "٠", "١ڕٛ٢١"),
            (26.0, "a", "z"),
            (300.0, "A", "KN"),
            (1e21, "a", "olzyyselzqowgem"),
            (1984.0, "I", "MCMLXXXIV"),
            (5000.0, "i", "mmmmm"),
            (21.0, "Ww;o", "Twenty-First"),
            (555.0, "Ww", "Five Hundred and Fifty-Five"),
            (34.0, "W", "THIRTY-FOUR"),
            (730.0, "w;o", "seven hundred and thirtieth"),
            (1100.0, "w", "one thousand, one hundred"),
            (1000100.0, "w;o", "one million, one hundredth"),
            (1e12 + 1.0, "w;o", "one trillion and first"),
            (2.5e21, "w", "two billion, five hundred million trillion"),
        ];
        for (value, picture, expected) in cases {
            assert_eq!(format_integer(value, picture).as_deref(), Ok(expected), "{value} {picture}");
        }
    }

    #[test]
    fn texts_are_read_as_the_picture_says() {
        let cases = [
            ("1,2,3", "#,##0", Some(123.0)),
            ("1234:567,890", "#:###,##0", Some(1234567890.0)),
            ("1.234.567", "#.##0", Some(1.0)),
            (" -12 x", "0", Some(-12.0)),
            ("1e5", "0", Some(1.0)),
            ("0x1F", "0", Some(31.0)),
            ("١٢", "٠", Some(12.0)),
            ("١٢", "0", None),
            ("", "0", None),
            ("28th", "#0;o", Some(28.0)),
            ("5", "0;o", None),
            ("KN", "A", Some(300.0)),
            ("", "a", Some(0.0)),
            ("b", "A", Some(34.0)),
            ("MCMLXXXIV", "I", Some(1984.0)),
            ("IC", "I", Some(99.0)),
            ("xX", "i", Some(20.0)),
            ("", "I", Some(0.0)),
            ("x", "I", None),
            ("nineteen hundred and eighty-four", "w", Some(1984.0)),
            ("One Thousand, Nine Hundred AND eighty-fourth", "w", Some(1984.0)),
            ("ten billion trillion trillion trillion", "w", Some(1e46)),
            (
                "four million, three hundred and twenty-seven thousand, seven hundred and thirty-second",
                "w",
                Some(4327732.0),
            ),
            ("two two", "w", Some(4.0)),
            ("hundred", "w", Some(0.0)),
            ("one,two", "w", None),
            ("one  two", "w", None),
            ("and one", "w", None),
            ("one and", "w", None),
            ("", "w", None),
        ];
        for (text, picture, expected) in cases {
            let number = parse_integer(text, picture).expect("a picture");
            assert_eq!((!number.is_nan()).then_some(number), expected, "{text} {picture}");
        }
    }

    #[test]
    fn unusable_pictures_are_refused() {
        for picture in ["", "α", "abc", "##", "Ii", "①", "💩"] {
            let text = "Formatting or parsing an integer as a sequence starting with";
            let expected = format!("{text} \"{picture}\" is not supported by this implementation");
            let error = format_integer(5.0, picture).expect_err(picture);
            assert_eq!((error.code(), error.to_string()), (Some("D3130"), expected));
            assert_eq!(parse_integer("5", picture), Err(error));
        }
        let error = format_integer(5.0, "##0０").expect_err("mixed digits");
        let expected = "In a decimal digit pattern, all digits must be from the same decimal group";
        assert_eq!((error.code(), error.to_string().as_str()), (Some("D3131"), expected));
        assert_eq!(parse_integer("1", "٠"), Err(IntegerProblem::InvalidCodePoint(-1535)));
        assert_eq!(format_integer(1e9, "I"), Err(IntegerProblem::TooLong));
    }

    #[test]
    fn huge_numbers_end() {
        for picture in ["w", "A", "0", "#,##0;o", "Ww;o"] {
            for value in [f64::MAX, f64::MIN, 1e300, f64::INFINITY, f64::NAN] {
                assert!(format_integer(value, picture).is_ok(), "{value} {picture}");
            }
        }
    }

    proptest! {
        #[test]
        fn what_is_written_can_be_read(value in 0u32..4_000_000, picture in "#,##0(;o)?|[aAwW](;o)?|[iI]|Ww;o|٠|0+;o") {
            let value = f64::from(value);
            let text = format_integer(value, &picture).expect("a picture");
            prop_assert_eq!(parse_integer(&text, &picture), Ok(value));
        }

        #[test]
        fn any_picture_works_or_is_refused(value in any::<f64>(), text in any::<String>(), picture in "[#0,.;owWiIaA٠1é💩]{0,10}") {
            let _ = (format_integer(value, &picture), parse_integer(&text, &picture));
        }
    }
}
