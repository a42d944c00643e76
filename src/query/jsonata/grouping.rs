//! Where the grouping separators of pictures go.

/// The distance of separators that stand at equal distances; the positions count the digits to the right.
pub(super) fn regular_interval(positions: &[usize]) -> Option<usize> {
    let interval = *positions.iter().min().filter(|interval| **interval > 0)?;
    let is_regular = (1..=positions.len()).all(|i| positions.contains(&(i * interval)));
    is_regular.then_some(interval)
}

/// Puts a separator before the last so many characters.
///
/// If there are fewer, JSONata 2.0.6 loses some of them: `$formatInteger(1234, '##,##,##0')` is `,4`.
pub(super) fn insert_from_right(text: &mut Vec<char>, position: usize, separator: char) {
    match text.len().checked_sub(position) {
        Some(at) => text.insert(at, separator),
        None => {
            let kept = position - text.len();
            text.drain(..text.len().saturating_sub(kept));
            text.insert(0, separator);
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn only_multiples_of_the_first_distance_are_regular() {
        let cases: [(&[usize], _); 7] = [
            (&[], None),
            (&[3], Some(3)),
            (&[3, 6], Some(3)),
            (&[6, 3], Some(3)),
            (&[3, 9], None),
            (&[0], None),
            (&[2, 2], None),
        ];
        for (positions, expected) in cases {
            assert_eq!(regular_interval(positions), expected, "{positions:?}");
        }
    }

    #[test]
    fn separators_are_put_in_from_the_right() {
        for (text, position, expected) in [("1234", 3, "1,234"), ("123", 3, ",123"), ("12", 3, ",2"), ("12", 9, ",12")]
        {
            let mut chars = text.chars().collect();
            insert_from_right(&mut chars, position, ',');
            assert_eq!(String::from_iter(chars), expected);
        }
    }
}
