//! Numbers in English words, and back.

use super::format_integer::Case;
use std::sync::LazyLock;

const SMALL: [(&str, &str); 20] = [
    ("zero", "zeroth"),
    ("one", "first"),
    ("two", "second"),
    ("three", "third"),
    ("four", "fourth"),
    ("five", "fifth"),
    ("six", "sixth"),
    ("seven", "seventh"),
    ("eight", "eighth"),
    ("nine", "ninth"),
    ("ten", "tenth"),
    ("eleven", "eleventh"),
    ("twelve", "twelfth"),
    ("thirteen", "thirteenth"),
    ("fourteen", "fourteenth"),
    ("fifteen", "fifteenth"),
    ("sixteen", "sixteenth"),
    ("seventeen", "seventeenth"),
    ("eighteen", "eighteenth"),
    ("nineteen", "nineteenth"),
];

/// From twenty on.
const TENS: [(&str, &str); 8] = [
    ("twenty", "twentieth"),
    ("thirty", "thirtieth"),
    ("forty", "fortieth"),
    ("fifty", "fiftieth"),
    ("sixty", "sixtieth"),
    ("seventy", "seventieth"),
    ("eighty", "eightieth"),
    ("ninety", "ninetieth"),
];

/// Beyond trillions, one counts in trillions of trillions.
const POWERS: [(f64, &str, &str); 5] = [
    (1e12, "trillion", "trillionth"),
    (1e9, "billion", "billionth"),
    (1e6, "million", "millionth"),
    (1e3, "thousand", "thousandth"),
    (100.0, "hundred", "hundredth"),
];

/// What texts of such words match.
pub(super) static PATTERN: LazyLock<String> = LazyLock::new(|| {
    let powers = POWERS.iter().map(|(_, cardinal, ordinal)| (*cardinal, *ordinal));
    let words = SMALL.into_iter().chain(TENS).chain(powers).flat_map(|(cardinal, ordinal)| [cardinal, ordinal]);
    format!("(?:{}|and|[-, ])+", words.collect::<Vec<_>>().join("|"))
});

/// A whole number that isn't negative, in words.
pub(super) fn words(number: f64, ordinal: bool, case: Case) -> String {
    let mut words = String::new();
    write(number, ordinal, &mut words);
    match case {
        Case::Lower => words,
        Case::Upper => words.to_uppercase(),
        Case::Title => title_case(&words),
    }
}

fn write(number: f64, ordinal: bool, out: &mut String) {
    let word = |(cardinal, ordinal_word): (&'static str, &'static str)| if ordinal { ordinal_word } else { cardinal };
    if let Some((power, name, name_ordinal)) = POWERS.iter().find(|(power, ..)| number >= *power) {
        let count = (number / power).floor();
        let rest = (number - count * power).max(0.0);
        write(count, false, out);
        out.push(' ');
        out.push_str(if ordinal && rest == 0.0 { name_ordinal } else { name });
        if rest > 0.0 {
            out.push_str(if rest < 100.0 { " and " } else { ", " });
            write(rest, ordinal, out);
        }
        return;
    }
    let number = number as usize;
    match number {
        0..20 => out.push_str(word(SMALL[number])),
        _ if number.is_multiple_of(10) => out.push_str(word(TENS[number / 10 - 2])),
        _ => {
            out.push_str(TENS[number / 10 - 2].0);
            out.push('-');
            out.push_str(word(SMALL[number % 10]));
        }
    }
}

fn title_case(words: &str) -> String {
    let mut out = String::with_capacity(words.len());
    for (i, word) in words.split_inclusive([' ', '-']).enumerate() {
        if word.trim_end() == "and" && i > 0 {
            out.push_str(word);
        } else {
            out.push_str(&word[..1].to_ascii_uppercase());
            out.push_str(&word[1..]);
        }
    }
    out
}

/// The number that these words, in lower case, stand for; nothing if there's one among them that isn't known.
pub(super) fn value(text: &str) -> Option<f64> {
    // Each part of the sum is multiplied by the powers that follow it.
    let mut parts = vec![0.0];
    for word in split(text) {
        let value = word_value(word)?;
        let last = parts.pop().unwrap_or(0.0);
        if value >= 100.0 {
            parts.push(last * value);
        } else if last >= 1000.0 {
            parts.extend([last, value]);
        } else {
            parts.push(last + value);
        }
    }
    Some(parts.into_iter().sum())
}

/// The words between `, `, ` and `, blanks and hyphens.
fn split(text: &str) -> Vec<&str> {
    let mut words = Vec::new();
    let mut rest = text;
    loop {
        let is_end = |c: char| c.is_whitespace() || c == '-';
        let end = rest
            .char_indices()
            .find(|(i, c)| is_end(*c) || *c == ',' && rest[i + 1..].starts_with(char::is_whitespace));
        let Some((end, found)) = end else { break };
        words.push(&rest[..end]);
        let after = &rest[end + found.len_utf8()..];
        let after_and = after.strip_prefix("and").filter(|_| found.is_whitespace());
        rest = match after_and.and_then(|rest| rest.strip_prefix(char::is_whitespace)) {
            Some(rest) => rest,
            None if found == ',' => after.strip_prefix(char::is_whitespace).unwrap_or(after),
            None => after,
        };
    }
    words.push(rest);
    words
}

fn word_value(word: &str) -> Option<f64> {
    let is = |(cardinal, ordinal): &(&str, &str)| *cardinal == word || *ordinal == word;
    if let Some(i) = SMALL.iter().position(is) {
        return Some(i as f64);
    }
    if let Some(i) = TENS.iter().position(is) {
        return Some((i as f64 + 2.0) * 10.0);
    }
    POWERS.iter().find(|(_, cardinal, ordinal)| *cardinal == word || *ordinal == word).map(|(power, ..)| *power)
}
