//! Sets of characters: what `\d`, `.` and `[a-z]` stand for, and which characters are equal when case doesn't matter.

use std::sync::LazyLock;

/// A set of characters as sorted ranges that don't touch, with a shortcut for ASCII.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub(super) struct Set {
    ranges: Vec<(u32, u32)>,
    ascii: u128,
    negated: bool,
}

const LAST: u32 = 0x10_FFFF;
const DIGITS: &[(u32, u32)] = &[(0x30, 0x39)];
const WORD: &[(u32, u32)] = &[(0x30, 0x39), (0x41, 0x5A), (0x5F, 0x5F), (0x61, 0x7A)];
const SPACE: &[(u32, u32)] = &[
    (0x09, 0x0D),
    (0x20, 0x20),
    (0xA0, 0xA0),
    (0x1680, 0x1680),
    (0x2000, 0x200A),
    (0x2028, 0x2029),
    (0x202F, 0x202F),
    (0x205F, 0x205F),
    (0x3000, 0x3000),
    (0xFEFF, 0xFEFF),
];
const LINE_ENDS: &[(u32, u32)] = &[(0x0A, 0x0A), (0x0D, 0x0D), (0x2028, 0x2029)];

impl Set {
    /// The set of these ranges, both ends included, or of everything else.
    pub(super) fn new(mut ranges: Vec<(u32, u32)>, negated: bool) -> Self {
        ranges.sort_unstable();
        let mut joined: Vec<(u32, u32)> = Vec::with_capacity(ranges.len());
        for (from, to) in ranges {
            match joined.last_mut() {
                Some((_, end)) if from <= end.saturating_add(1) => *end = (*end).max(to),
                _ => joined.push((from, to)),
            }
        }
        let mut set = Self { ranges: joined, ascii: 0, negated };
        for code in 0..128 {
            set.ascii |= u128::from(set.has(code) != negated) << code;
        }
        set
    }

    /// Everything but the ends of lines: what `.` stands for.
    pub(super) fn dot() -> Self {
        Self::new(LINE_ENDS.to_vec(), true)
    }

    /// The set that also has every character that differs from a member only in case, to be asked about characters
    /// that went through [`canonical`].
    pub(super) fn without_case(self) -> Self {
        let others = CASES.iter().filter(|(other, _)| self.has(*other)).map(|(_, canonical)| (*canonical, *canonical));
        let others = others.collect::<Vec<_>>();
        let mut ranges = self.ranges;
        ranges.extend(others);
        Self::new(ranges, self.negated)
    }

    fn has(&self, code: u32) -> bool {
        let after = self.ranges.partition_point(|(from, _)| *from <= code);
        after > 0 && code <= self.ranges[after - 1].1
    }

    #[inline]
    pub(super) fn contains(&self, c: char) -> bool {
        let code = c as u32;
        if code < 128 { self.ascii >> code & 1 == 1 } else { self.has(code) != self.negated }
    }
}

/// The ranges of the class that is written with a backslash and this letter.
pub(super) fn class(letter: char) -> Option<Vec<(u32, u32)>> {
    let ranges = match letter.to_ascii_lowercase() {
        'd' => DIGITS,
        'w' => WORD,
        's' => SPACE,
        _ => return None,
    };
    Some(if letter.is_ascii_uppercase() { complement(ranges) } else { ranges.to_vec() })
}

fn complement(ranges: &[(u32, u32)]) -> Vec<(u32, u32)> {
    let mut gaps = Vec::with_capacity(ranges.len() + 1);
    let mut next = 0;
    for &(from, to) in ranges {
        if from > next {
            gaps.push((next, from - 1));
        }
        next = to + 1;
    }
    if next <= LAST {
        gaps.push((next, LAST));
    }
    gaps
}

pub(super) fn is_word(c: char) -> bool {
    c.is_ascii_alphanumeric() || c == '_'
}

pub(super) fn is_line_end(c: char) -> bool {
    matches!(c, '\n' | '\r' | '\u{2028}' | '\u{2029}')
}

/// The character that stands for all that differ from it only in case: its upper case if that is one character of one
/// UTF-16 unit, except that no other character becomes an ASCII one (ECMAScript's `Canonicalize` without the `u` flag).
#[inline]
pub(super) fn canonical(c: char) -> char {
    if c.is_ascii() {
        return c.to_ascii_uppercase();
    }
    let mut upper = c.to_uppercase();
    match (upper.next(), upper.next()) {
        (Some(one), None) if !one.is_ascii() && c.len_utf16() == 1 && one.len_utf16() == 1 => one,
        _ => c,
    }
}

/// All characters that aren't their own canonical one, with the one that is.
static CASES: LazyLock<Vec<(u32, u32)>> = LazyLock::new(|| {
    let all = (0..0xFFFF).filter_map(char::from_u32);
    all.filter(|c| canonical(*c) != *c).map(|c| (c as u32, canonical(c) as u32)).collect()
});

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn ranges_are_joined_and_can_be_negated() {
        let set = Set::new(vec![(0x62, 0x64), (0x61, 0x61), (0x400, 0x4FF)], false);
        assert_eq!(set.ranges, [(0x61, 0x64), (0x400, 0x4FF)]);
        assert!(set.contains('c') && set.contains('я') && !set.contains('e') && !set.contains('é'));
        let others = Set::new(vec![(0x61, 0x61)], true);
        assert!(!others.contains('a') && others.contains('b') && others.contains('💩'));
    }

    #[test]
    fn classes_in_upper_case_are_the_rest() {
        for letter in ['d', 'w', 's'] {
            let (class, rest) = (class(letter).expect("a class"), class(letter.to_ascii_uppercase()).expect("a class"));
            let (class, rest) = (Set::new(class, false), Set::new(rest, false));
            assert!((0..=LAST).filter_map(char::from_u32).all(|c| class.contains(c) != rest.contains(c)), "{letter}");
        }
        assert!(class('q').is_none());
    }

    #[test]
    fn characters_differ_only_in_case_as_in_javascript() {
        assert_eq!(canonical('a'), 'A');
        assert_eq!(canonical('я'), 'Я');
        assert_eq!(canonical('ß'), 'ß');
        assert_eq!(canonical('\u{17F}'), '\u{17F}');
        assert_eq!(canonical('\u{B5}'), '\u{39C}');
        let greek = Set::new(vec![(0x3BC, 0x3BC)], false).without_case();
        assert!(['\u{B5}', '\u{3BC}', '\u{39C}'].iter().all(|c| greek.contains(canonical(*c))));
    }
}
