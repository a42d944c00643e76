//! Base64 and hashes.

use super::text;
use super::{Outcome, Refusal};
use crate::json::Value;
use crate::query::base64_text;
use crate::query::java_text::JavaText;
use crate::random::Random;
use base64::Engine;
use base64::engine::general_purpose::STANDARD;
use sha2::Digest;
use smol_str::SmolStr;

/// The longest text that these functions take, in UTF-16 units as Java counts.
const MAX_LENGTH: usize = 10_000;

pub(super) fn base64_encode(arguments: &[Value], _: &Random) -> Outcome {
    let [Value::String(text)] = arguments else { return Err(Refusal::Arguments) };
    Ok(STANDARD.encode(not_too_long(text)?).into())
}

pub(super) fn base64_decode(arguments: &[Value], _: &Random) -> Outcome {
    let [Value::String(text)] = arguments else { return Err(Refusal::Arguments) };
    Ok(String::from_utf8_lossy(&base64_text::decoded(not_too_long(text)?)).into_owned().into())
}

/// The digest in hexadecimal digits; what isn't a string is hashed as the text that `States.Format` would insert.
pub(super) fn hash(arguments: &[Value], _: &Random) -> Outcome {
    let [data, Value::String(algorithm)] = arguments else { return Err(Refusal::Arguments) };
    text::not_too_long("States.Hash", 0, data)?;
    let text = JavaText(data).to_string();
    let text = not_too_long(&text)?.as_bytes();
    Ok(match algorithm.as_str() {
        "MD5" => hexadecimal(&md5::Md5::digest(text)),
        "SHA-1" => hexadecimal(&sha1::Sha1::digest(text)),
        "SHA-256" => hexadecimal(&sha2::Sha256::digest(text)),
        "SHA-384" => hexadecimal(&sha2::Sha384::digest(text)),
        "SHA-512" => hexadecimal(&sha2::Sha512::digest(text)),
        _ => return Err(Refusal::Arguments),
    })
}

fn not_too_long(text: &str) -> Result<&str, Refusal> {
    let fits = text.len() <= MAX_LENGTH || text.encode_utf16().count() <= MAX_LENGTH;
    if fits { Ok(text) } else { Err(Refusal::Arguments) }
}

fn hexadecimal(digest: &[u8]) -> Value {
    const DIGITS: &[u8; 16] = b"0123456789abcdef";
    let digits = digest.iter().flat_map(|byte| [byte >> 4, byte & 15]);
    Value::String(digits.map(|digit| char::from(DIGITS[usize::from(digit)])).collect::<SmolStr>())
}
