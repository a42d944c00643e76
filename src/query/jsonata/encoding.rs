//! `$base64encode`, `$base64decode` and the functions for URLs.

use crate::json::write_string;
use crate::query::base64_text::decoded;
use base64::Engine;
use base64::engine::general_purpose::STANDARD;
use std::fmt;

/// A text that is not the encoded form of anything.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct MalformedUrl {
    /// The function's name without its `$`.
    pub function: &'static str,
    /// What it was given.
    pub text: String,
}

impl MalformedUrl {
    /// JSONata's code for it.
    pub fn code(&self) -> &'static str {
        "D3140"
    }
}

impl fmt::Display for MalformedUrl {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let mut quoted = String::new();
        write_string(&self.text, &mut quoted);
        write!(f, "Malformed URL passed to ${}(): {quoted}", self.function)
    }
}

impl std::error::Error for MalformedUrl {}

/// `$base64encode`: every UTF-16 unit is one byte, of which the higher half is lost, as in Node's `binary` encoding.
pub fn base64_encode(text: &str) -> String {
    if text.is_ascii() {
        return STANDARD.encode(text);
    }
    STANDARD.encode(text.encode_utf16().map(|unit| unit as u8).collect::<Vec<_>>())
}

/// `$base64decode`: every byte is one character. As in Node, only the lower half of each UTF-16 unit is read.
pub fn base64_decode(text: &str) -> String {
    let halves = (!text.is_ascii()).then(|| text.encode_utf16().map(|unit| char::from(unit as u8)).collect::<String>());
    decoded(halves.as_deref().unwrap_or(text)).into_iter().map(char::from).collect()
}

/// Whether a text is base64 as Java's basic decoder reads it: no other characters, and complete; `=` may be missing.
pub fn is_base64(text: &str) -> bool {
    let digits = text.trim_end_matches('=');
    let padding = text.len() - digits.len();
    let fits = match digits.len() % 4 {
        0 => padding == 0,
        1 => false,
        rest => padding == 0 || rest + padding == 4,
    };
    fits && digits.bytes().all(|byte| byte.is_ascii_alphanumeric() || byte == b'+' || byte == b'/')
}

/// What keeps its meaning in a whole URL and so is neither encoded nor decoded there.
const RESERVED: &str = ";/?:@&=+$,#";

/// What no function encodes, letters and digits aside.
const UNRESERVED: &str = "-_.!~*'()";

/// `$encodeUrl`
pub fn encode_url(url: &str) -> String {
    encode(url, |c| UNRESERVED.contains(c) || RESERVED.contains(c))
}

/// `$encodeUrlComponent`
pub fn encode_url_component(text: &str) -> String {
    encode(text, |c| UNRESERVED.contains(c))
}

/// `$decodeUrl`
pub fn decode_url(url: &str) -> Result<String, MalformedUrl> {
    let malformed = || MalformedUrl { function: "decodeUrl", text: url.into() };
    decode(url, RESERVED).ok_or_else(malformed)
}

/// `$decodeUrlComponent`
pub fn decode_url_component(text: &str) -> Result<String, MalformedUrl> {
    let malformed = || MalformedUrl { function: "decodeUrlComponent", text: text.into() };
    decode(text, "").ok_or_else(malformed)
}

fn encode(text: &str, is_kept: impl Fn(char) -> bool) -> String {
    const DIGITS: &[u8; 16] = b"0123456789ABCDEF";
    let mut out = String::with_capacity(text.len());
    for c in text.chars() {
        if c.is_ascii_alphanumeric() || is_kept(c) {
            out.push(c);
            continue;
        }
        for byte in c.encode_utf8(&mut [0; 4]).bytes() {
            out.push('%');
            out.push(char::from(DIGITS[usize::from(byte >> 4)]));
            out.push(char::from(DIGITS[usize::from(byte & 15)]));
        }
    }
    out
}

/// The text with its `%41` decoded, except where one of these characters would come of it.
fn decode(text: &str, kept: &str) -> Option<String> {
    let mut out = Vec::with_capacity(text.len());
    let bytes = text.as_bytes();
    let mut at = 0;
    while let Some(byte) = bytes.get(at) {
        if *byte != b'%' {
            out.push(*byte);
            at += 1;
            continue;
        }
        let digit = |i: usize| char::from(*bytes.get(at + i)?).to_digit(16);
        let decoded = u8::try_from(digit(1)? * 16 + digit(2)?).ok()?;
        if kept.as_bytes().contains(&decoded) {
            out.extend(&bytes[at..at + 3]);
        } else {
            out.push(decoded);
        }
        at += 3;
    }
    // Raw characters are whole, so what isn't UTF-8 comes from escapes; and where escapes are completed by raw bytes,
    // or the other way round, one of the two is not valid by itself.
    String::from_utf8(out).ok()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn base64_is_of_bytes_and_not_of_utf_8() {
        let cases = [("hello:world", "aGVsbG86d29ybGQ="), ("", ""), ("é", "6Q=="), ("💩", "Pak=")];
        for (text, encoded) in cases {
            assert_eq!(base64_encode(text), encoded, "{text}");
        }
        for (encoded, text) in
            [("aGk=", "hi"), ("6Q==", "é"), ("w6k=", "Ã©"), ("-_A💩aGk", "û\u{F0}"), ("8J-SqQ", "\u{F0}\u{9F}\u{92}©")]
        {
            assert_eq!(base64_decode(encoded), text, "{encoded}");
        }
    }

    #[test]
    fn base64_is_complete_and_has_no_other_characters() {
        for text in ["", "aGk=", "aGk", "aGVs", "6Q==", "6Q", "+/+/"] {
            assert!(is_base64(text), "{text}");
        }
        for text in ["!!!", "aGk==", "a", "a===", "6Q=", "aGVs=", "aG k", "-_-_", "a=Gk", "é"] {
            assert!(!is_base64(text), "{text}");
        }
    }

    #[test]
    fn urls_keep_what_has_a_meaning_in_them() {
        let text = "a b&c=d/é?#[]!'()*;,@$~-_.";
        assert_eq!(encode_url(text), "a%20b&c=d/%C3%A9?#%5B%5D!'()*;,@$~-_.");
        assert_eq!(encode_url_component(text), "a%20b%26c%3Dd%2F%C3%A9%3F%23%5B%5D!'()*%3B%2C%40%24~-_.");
        assert_eq!(decode_url("%3F%41%23%2f%C3%A9").as_deref(), Ok("%3FA%23%2fé"));
        assert_eq!(decode_url_component("%3F%41%23%2f%C3%A9").as_deref(), Ok("?A#/é"));
    }

    #[test]
    fn what_was_never_encoded_is_refused() {
        for text in ["%", "%4", "%zz", "%C0%80", "%ED%A0%80", "%C3é", "%+1", "%é"] {
            assert!(decode_url(text).is_err() && decode_url_component(text).is_err(), "{text}");
        }
        let error = decode_url("a\"%").expect_err("malformed");
        assert_eq!(
            (error.code(), error.to_string().as_str()),
            ("D3140", "Malformed URL passed to $decodeUrl(): \"a\\\"%\"")
        );
        let error = decode_url_component("%E0%A4%A").expect_err("malformed");
        assert_eq!(error.to_string(), "Malformed URL passed to $decodeUrlComponent(): \"%E0%A4%A\"");
    }
}
