//! Numbers as text, as JavaScript writes them and as `$string` does, and back as `$number` does.

/// The number as JavaScript writes it: the shortest digits that stand for it, with an exponent from 1e21 on and below
/// 1e-6.
pub fn javascript_text(value: f64) -> String {
    if value == 0.0 {
        return "0".into();
    }
    if value.fract() == 0.0 && value.abs() < 1e15 {
        return (value as i64).to_string();
    }
    if !value.is_finite() {
        let name = if value.is_nan() { "NaN" } else { "Infinity" };
        return if value < 0.0 { format!("-{name}") } else { name.into() };
    }
    let scientific = format!("{:e}", value.abs());
    let (digits, exponent) = mantissa_and_exponent(&scientific);
    let sign = if value < 0.0 { "-" } else { "" };
    let count = digits.len() as i32;
    let point = exponent + 1;
    match point {
        ..=-6 | 22.. => {
            let (first, rest) = digits.split_at(1);
            let dot = if rest.is_empty() { "" } else { "." };
            let plus = if exponent > 0 { "+" } else { "" };
            format!("{sign}{first}{dot}{rest}e{plus}{exponent}")
        }
        ..=0 => format!("{sign}0.{}{digits}", "0".repeat(point.unsigned_abs() as usize)),
        _ if point >= count => format!("{sign}{digits}{}", "0".repeat((point - count) as usize)),
        _ => format!("{sign}{}.{}", &digits[..point as usize], &digits[point as usize..]),
    }
}

/// The number as `$string` writes it, rounded to 15 significant digits; what is rounded to infinity is `null`.
pub fn number_text(value: f64) -> String {
    let rounded = rounded_to_15_digits(value);
    if rounded.is_finite() { javascript_text(rounded) } else { "null".into() }
}

/// JavaScript's `Number(value.toPrecision(15))`; between two equally near numbers that's the one farther from zero.
fn rounded_to_15_digits(value: f64) -> f64 {
    const DIGITS: usize = 15;
    if !value.is_finite() || value.fract() == 0.0 && value.abs() < 1e15 {
        return value;
    }
    // Digits that are short enough don't change; otherwise the exact ones decide.
    let shortest = format!("{:e}", value.abs());
    if mantissa_and_exponent(&shortest).0.len() <= DIGITS && value.is_normal() {
        return value;
    }
    let exact = format!("{:.60e}", value.abs());
    let (digits, exponent) = mantissa_and_exponent(&exact);
    let (kept, rest) = digits.split_at(DIGITS);
    let kept = kept.parse::<u64>().unwrap_or(0) + u64::from(rest.as_bytes()[0] >= b'5');
    let rounded = format!("{kept}e{}", exponent - DIGITS as i32 + 1).parse::<f64>().unwrap_or(f64::INFINITY);
    rounded.copysign(value)
}

/// The number rounded to so many decimals (to tens and hundreds, if negative) as `$round` does: halves to the even
/// neighbour, by the digits that JavaScript shows and not by what the double is exactly.
pub fn round(value: f64, decimals: i32) -> f64 {
    if decimals == 0 {
        return value.round_ties_even();
    }
    let shifted = |value: f64, by: i32| {
        let text = format!("{value:e}");
        let (mantissa, exponent) = text.split_once('e').unwrap_or((&text, "0"));
        let exponent = exponent.parse::<i32>().unwrap_or(0).saturating_add(by);
        format!("{mantissa}e{exponent}").parse::<f64>().unwrap_or(value)
    };
    if !value.is_finite() {
        return value;
    }
    let whole = shifted(value, decimals).round_ties_even();
    // A number too large to be shifted has no decimals.
    if whole.is_finite() { shifted(whole, -decimals) } else { value }
}

/// The digits without the point, and the exponent of the first of them.
fn mantissa_and_exponent(scientific: &str) -> (String, i32) {
    let (mantissa, exponent) = scientific.split_once('e').unwrap_or((scientific, "0"));
    (mantissa.replace('.', ""), exponent.parse().unwrap_or(0))
}

/// What `$number` makes of a text: decimal as in JSON, though it may begin with zeros, or with `0x`, `0o` or `0b`;
/// nothing if it is no number or beyond all numbers.
///
/// JSONata 2.0.6 also lets through what only begins with a hexadecimal number, ends with a binary one or has an octal
/// one in it, and then gives what JavaScript's `Number` does: mostly NaN.
pub fn parse_number(text: &str) -> Option<f64> {
    let number = match decimal(text) {
        Some(number) => number,
        None if looks_prefixed(text) => {
            let text = text.trim_matches(is_javascript_blank);
            let (prefix, digits) = text.split_at_checked(2)?;
            let radix = match prefix {
                "0x" | "0X" => 16,
                "0o" | "0O" => 8,
                "0b" | "0B" => 2,
                _ => return Some(f64::NAN),
            };
            in_radix(digits, radix).unwrap_or(f64::NAN)
        }
        None => return None,
    };
    (!number.is_infinite()).then_some(number)
}

fn looks_prefixed(text: &str) -> bool {
    let hexadecimal = text.strip_prefix("0x").or(text.strip_prefix("0X"));
    let after = |letter: [char; 2]| {
        let found = text.match_indices(letter).filter(|(at, _)| text[..*at].ends_with('0'));
        found.map(|(at, _)| &text[at + 1..]).collect::<Vec<_>>()
    };
    let binary = |rest: &&str| !rest.is_empty() && rest.bytes().all(|b| matches!(b, b'0' | b'1'));
    hexadecimal.is_some_and(|rest| rest.starts_with(|c: char| c.is_ascii_hexdigit()))
        || after(['o', 'O']).iter().any(|rest| rest.starts_with(|c: char| c.is_digit(8)))
        || after(['b', 'B']).iter().any(binary)
}

fn is_javascript_blank(c: char) -> bool {
    c.is_whitespace() && c != '\u{85}' || c == '\u{FEFF}'
}

fn decimal(text: &str) -> Option<f64> {
    let digits = |text: &str| !text.is_empty() && text.bytes().all(|b| b.is_ascii_digit());
    let unsigned = text.strip_prefix('-').unwrap_or(text);
    let (mantissa, exponent) = unsigned.split_once(['e', 'E']).unwrap_or((unsigned, "0"));
    let (whole, fraction) = mantissa.split_once('.').unwrap_or((mantissa, "0"));
    let exponent = exponent.strip_prefix(['+', '-']).unwrap_or(exponent);
    if digits(whole) && digits(fraction) && digits(exponent) { text.parse().ok() } else { None }
}

/// The whole number with these digits, rounded once.
fn in_radix(digits: &str, radix: u32) -> Option<f64> {
    if digits.is_empty() {
        return None;
    }
    let (mut number, mut dropped) = (0u128, 0i32);
    let bits = radix.trailing_zeros();
    for c in digits.chars() {
        let digit = u128::from(c.to_digit(radix)?);
        if number >> (127 - bits) == 0 {
            number = number << bits | digit;
        } else {
            // Far below what a double holds: all that matters is whether it is zero.
            number |= u128::from(digit != 0);
            dropped = dropped.saturating_add(bits as i32);
        }
    }
    Some(number as f64 * 2f64.powi(dropped))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn numbers_are_written_as_in_javascript() {
        let cases = [
            (0.0, "0"),
            (-0.0, "0"),
            (5.0, "5"),
            (-12.5, "-12.5"),
            (0.1 + 0.2, "0.30000000000000004"),
            (1e20, "100000000000000000000"),
            (123456789012345680000.0, "123456789012345680000"),
            (1e21, "1e+21"),
            (-1.5e300, "-1.5e+300"),
            (1e-6, "0.000001"),
            (-1.25e-6, "-0.00000125"),
            (1e-7, "1e-7"),
            (1.5e-7, "1.5e-7"),
            (5e-324, "5e-324"),
            (f64::NAN, "NaN"),
            (f64::NEG_INFINITY, "-Infinity"),
        ];
        for (number, text) in cases {
            assert_eq!(javascript_text(number), text);
        }
    }

    #[test]
    fn strings_have_15_digits() {
        let cases = [
            (0.1 + 0.2, "0.3"),
            (22.0 / 7.0, "3.14285714285714"),
            (1234567890123456789.0, "1234567890123460000"),
            (12345678901234567.0, "12345678901234600"),
            (100000000000000.5, "100000000000001"),
            (-100000000000000.5, "-100000000000001"),
            (123456789.12345679, "123456789.123457"),
            (1e20 / 3.0, "33333333333333300000"),
            (0.9999999999999999, "1"),
            (5e-324, "5e-324"),
            (f64::MAX, "null"),
            (1e100, "1e+100"),
            (39.4, "39.4"),
        ];
        for (number, text) in cases {
            assert_eq!(number_text(number), text);
        }
    }

    #[test]
    fn numbers_are_rounded_by_the_digits_that_one_sees() {
        let cases = [
            (2.5, 0, 2.0),
            (-8.5, 0, -8.0),
            (4.525, 2, 4.52),
            (4.515, 2, 4.52),
            (0.125, 2, 0.12),
            (1.005, 2, 1.0),
            (12350.0, -2, 12400.0),
            (6.022e-23, 24, 6e-23),
            (1e300, 20, 1e300),
            (5e-324, 400, 5e-324),
        ];
        for (value, decimals, expected) in cases {
            assert_eq!(round(value, decimals), expected, "{value} {decimals}");
        }
    }

    #[test]
    fn texts_become_numbers() {
        let cases = [
            ("0", 0.0),
            ("-0.05", -0.05),
            ("1e2", 100.0),
            ("1.0E-2", 0.01),
            ("1E+5", 100_000.0),
            ("-007", -7.0),
            ("000.00123000", 0.00123),
            ("0e400", 0.0),
            ("0x12", 18.0),
            ("0XfF", 255.0),
            ("0B101", 5.0),
            ("0O12", 10.0),
            ("0xffffffffffffffffffff", 1.2089258196146292e24),
            ("0x80000000000004000000000000000000000000000001", 2f64.powi(175) * (1.0 + f64::EPSILON)),
        ];
        for (text, number) in cases {
            assert_eq!(parse_number(text), Some(number), "{text}");
        }
        let no_numbers = [
            "", "-", ".5", "1.", "+5", " 5", "5 ", "5\n", "1e", "1e400", "-1e400", "1/2", "Infinity", "NaN", "-0x12",
            "0x", "0b12", "0o8", "1_000", "٣", "xé", "é",
        ];
        for text in no_numbers {
            assert_eq!(parse_number(text), None, "{text:?}");
        }
        assert_eq!(parse_number(&format!("0x{}", "f".repeat(300))), None);
        assert_eq!(parse_number(" 0b101"), Some(5.0));
        for text in ["0x1.8", "0x1 hello", "a0o7b", "10b1"] {
            assert!(parse_number(text).is_some_and(f64::is_nan), "{text}");
        }
    }
}
