//! `$formatBase`: whole numbers in other number systems.

use super::number_text::javascript_text;

/// A number system that doesn't exist.
#[derive(Clone, Copy, Debug, PartialEq, thiserror::Error)]
#[error("The radix of the formatBase function must be between 2 and 36.  It was given {}", javascript_text(*.radix))]
pub struct InvalidRadix {
    /// The radix, rounded.
    pub radix: f64,
}

impl InvalidRadix {
    /// JSONata's code for it.
    pub fn code(&self) -> &'static str {
        "D3100"
    }
}

/// The number, rounded, with the digits of this radix, which is rounded too; 10 if there's none.
pub fn format_base(value: f64, radix: Option<f64>) -> Result<String, InvalidRadix> {
    let value = value.round_ties_even();
    let radix = radix.unwrap_or(10.0).round_ties_even();
    if !(2.0..=36.0).contains(&radix) {
        return Err(InvalidRadix { radix });
    }
    if radix == 10.0 || value == 0.0 || !value.is_finite() {
        return Ok(javascript_text(value));
    }
    let digit = |rest: f64| char::from_digit(rest as u32, 36).unwrap_or('0');
    let mut rest = value.abs();
    let mut digits = Vec::new();
    // What a double doesn't hold exactly is written as zeros, as V8 does it.
    while rest >= 2f64.powi(56) {
        rest /= radix;
        digits.push('0');
    }
    loop {
        let last = rest % radix;
        digits.push(digit(last));
        rest = (rest - last) / radix;
        if rest <= 0.0 {
            break;
        }
    }
    digits.extend((value < 0.0).then_some('-'));
    Ok(digits.into_iter().rev().collect())
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn numbers_have_the_digits_of_their_radix() {
        let cases = [
            (100.0, None, "100"),
            (100.0, Some(2.0), "1100100"),
            (-100.0, Some(2.0), "-1100100"),
            (100.0, Some(36.0), "2s"),
            (99.5, Some(2.5), "1100100"),
            (2.5, Some(2.0), "10"),
            (-0.4, Some(2.0), "0"),
            (1.0, Some(36.5), "1"),
            (1e21, None, "1e+21"),
            (1e21, Some(16.0), "3635c9adc5dea00000"),
            (9007199254740991.0, Some(16.0), "1fffffffffffff"),
        ];
        for (value, radix, expected) in cases {
            assert_eq!(format_base(value, radix).as_deref(), Ok(expected), "{value} {radix:?}");
        }
    }

    #[test]
    fn only_2_to_36_are_taken() {
        for (radix, shown) in [(1.0, "1"), (36.6, "37"), (1.4, "1"), (-2.0, "-2"), (f64::NAN, "NaN")] {
            let error = format_base(1.0, Some(radix)).expect_err("no radix");
            let text = "The radix of the formatBase function must be between 2 and 36.  It was given";
            assert_eq!((error.code(), error.to_string()), ("D3100", format!("{text} {shown}")));
        }
    }
}
