//! Base64 as the query languages read it: whatever comes, something is decoded.

/// Both alphabets are understood, other characters are passed over, and the text ends at the first `=`; bits that make
/// no byte are dropped.
pub(crate) fn decoded(text: &str) -> Vec<u8> {
    let mut bytes = Vec::with_capacity(text.len() / 4 * 3 + 3);
    let (mut bits, mut count) = (0u32, 0);
    for byte in text.bytes().take_while(|byte| *byte != b'=') {
        let digit = match byte {
            b'A'..=b'Z' => byte - b'A',
            b'a'..=b'z' => byte - b'a' + 26,
            b'0'..=b'9' => byte - b'0' + 52,
            b'+' | b'-' => 62,
            b'/' | b'_' => 63,
            _ => continue,
        };
        bits = (bits << 6) | u32::from(digit);
        count += 6;
        if count >= 8 {
            count -= 8;
            bytes.push((bits >> count) as u8);
        }
    }
    bytes
}

#[cfg(test)]
mod tests {
    use super::decoded;

    #[test]
    fn what_is_no_digit_is_passed_over() {
        let cases =
            [("aGk=", "hi"), ("aGk", "hi"), ("a G\nk", "hi"), ("aGk=aGk=", "hi"), ("4", ""), ("", ""), ("####", "")];
        for (text, expected) in cases {
            assert_eq!(decoded(text), expected.as_bytes(), "{text:?}");
        }
        assert_eq!(decoded("-_+/"), [0xFB, 0xFF, 0xBF]);
    }
}
