//! Headers of HTTP, as far as their letters go.

/// Whether a text can be a header's name: a token of RFC 9110, 5.6.2.
pub fn is_name(text: &str) -> bool {
    let is_token = |byte: u8| byte.is_ascii_alphanumeric() || b"!#$%&'*+-.^_`|~".contains(&byte);
    !text.is_empty() && text.bytes().all(is_token)
}

/// Whether a text can be a header's value: RFC 9110, 5.5, without the bytes beyond ASCII, which it calls obsolete.
pub fn is_value(text: &str) -> bool {
    text.bytes().all(|byte| matches!(byte, b'\t' | b' '..=b'~'))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn headers_are_tokens_and_printable_texts() {
        for (text, name, value) in [
            ("X-Key", true, true),
            ("a b", false, true),
            ("", false, true),
            ("a:b", false, true),
            ("a\n", false, false),
            ("ä", false, false),
        ] {
            assert_eq!((is_name(text), is_value(text)), (name, value), "{text:?}");
        }
    }
}
