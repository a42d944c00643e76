//! `States.Format` and `States.StringSplit`.

use super::{Outcome, Refusal};
use crate::failure::IntrinsicProblem;
use crate::json::Value;
use crate::query::java_text::JavaText;
use crate::quota;
use crate::random::Random;

/// The template with each `{}` replaced by the argument in its place.
///
/// `\{`, `\}`, `\\` and `\'` stand for the second character, in a template that comes from a path too: what AWS makes
/// of a backslash there is unknown, and the braces must be writable somehow. Other backslashes are just that.
pub(super) fn format(arguments: &[Value], _: &Random) -> Outcome {
    let [Value::String(template), inserts @ ..] = arguments else { return Err(Refusal::Arguments) };
    let mut inserts = inserts.iter();
    let mut fits = true;
    let mut out = String::with_capacity(template.len() + 16 * inserts.len());
    let mut rest = template.as_str();
    while let Some(i) = rest.bytes().position(|byte| matches!(byte, b'{' | b'}' | b'\\')) {
        out.push_str(&rest[..i]);
        let (found, after) = rest[i..].split_at(1);
        let next = after.as_bytes().first();
        let mut taken = 0;
        match (found, next) {
            ("{", Some(b'}')) => {
                taken = 1;
                match inserts.next() {
                    Some(value) => {
                        not_too_long("States.Format", out.len(), value)?;
                        JavaText(value).push_to(&mut out);
                    }
                    None => fits = false,
                }
            }
            ("{", _) => return unbalanced('{', '}'),
            ("}", _) => return unbalanced('}', '{'),
            (_, Some(b'{' | b'}' | b'\\' | b'\'')) => {
                taken = 1;
                out.push_str(&after[..1]);
            }
            _ => out.push_str(found),
        }
        rest = &after[taken..];
    }
    if !fits || inserts.next().is_some() {
        return Err(Refusal::Problem(IntrinsicProblem::TemplateArguments));
    }
    out.push_str(rest);
    Ok(out.into())
}

/// The longest text that a function makes, in bytes. Its parts may be many times the same large value, which as such
/// takes no room.
const MAX_TEXT: usize = 64 * quota::PAYLOAD_BYTES;

/// Whether the text of a value has room behind `length` bytes.
pub(super) fn not_too_long(function: &'static str, length: usize, value: &Value) -> Result<(), Refusal> {
    let problem = IntrinsicProblem::TextTooLong { function, most: MAX_TEXT };
    if length.saturating_add(value.size()) > MAX_TEXT { Err(Refusal::Problem(problem)) } else { Ok(()) }
}

fn unbalanced(found: char, missing: char) -> Outcome {
    Err(Refusal::Problem(IntrinsicProblem::UnbalancedTemplate { found, missing }))
}

/// What stands between the characters of the second string; empty parts don't count.
pub(super) fn split(arguments: &[Value], _: &Random) -> Outcome {
    let [Value::String(text), Value::String(separators)] = arguments else { return Err(Refusal::Arguments) };
    let mut separators: Vec<char> = separators.chars().collect();
    separators.sort_unstable();
    separators.dedup();
    let parts = text.split(|c| separators.binary_search(&c).is_ok()).filter(|part| !part.is_empty());
    Ok(parts.map(Value::from).collect::<Vec<_>>().into())
}
