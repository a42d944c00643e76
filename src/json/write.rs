//! JSON text from values, written as Jackson writes it: compact, nothing escaped that needn't be.

use super::Value;

/// Whether a container that still has its original text is written with it.
#[derive(Clone, Copy, PartialEq)]
pub(super) enum Blanks {
    AsTheyCame,
    None,
}

pub(super) fn value(value: &Value, out: &mut String, blanks: Blanks) {
    match value {
        Value::Null => out.push_str("null"),
        Value::Bool(true) => out.push_str("true"),
        Value::Bool(false) => out.push_str("false"),
        Value::Number(n) => n.write(out),
        Value::String(s) => string(s, out),
        Value::Array(array) => match array.memo.text.as_deref() {
            Some(text) if blanks == Blanks::AsTheyCame => out.push_str(text),
            _ => {
                out.push('[');
                for (i, item) in array.items.iter().enumerate() {
                    if i > 0 {
                        out.push(',');
                    }
                    self::value(item, out, blanks);
                }
                out.push(']');
            }
        },
        Value::Object(object) => match object.text() {
            Some(text) if blanks == Blanks::AsTheyCame => out.push_str(text),
            _ => {
                out.push('{');
                for (i, (name, member)) in object.iter().enumerate() {
                    if i > 0 {
                        out.push(',');
                    }
                    string(name, out);
                    out.push(':');
                    self::value(member, out, blanks);
                }
                out.push('}');
            }
        },
    }
}

/// Appends a JSON string with its quotes.
pub fn string(text: &str, out: &mut String) {
    out.push('"');
    let mut rest = text;
    while let Some(i) = rest.bytes().position(needs_escape) {
        out.push_str(&rest[..i]);
        match rest.as_bytes()[i] {
            b'"' => out.push_str("\\\""),
            b'\\' => out.push_str("\\\\"),
            b'\n' => out.push_str("\\n"),
            b'\r' => out.push_str("\\r"),
            b'\t' => out.push_str("\\t"),
            8 => out.push_str("\\b"),
            12 => out.push_str("\\f"),
            control => {
                const HEX: &[u8; 16] = b"0123456789ABCDEF";
                out.push_str("\\u00");
                out.push(HEX[usize::from(control >> 4)] as char);
                out.push(HEX[usize::from(control & 15)] as char);
            }
        }
        rest = &rest[i + 1..];
    }
    out.push_str(rest);
    out.push('"');
}

/// The number of bytes that [`string`] appends.
pub(super) fn string_size(text: &str) -> usize {
    let escapes: usize = text.bytes().map(|b| ESCAPE_COST[usize::from(b)] as usize).sum();
    text.len() + 2 + escapes
}

fn needs_escape(byte: u8) -> bool {
    ESCAPE_COST[usize::from(byte)] != 0
}

/// How many bytes more than one a byte takes inside a JSON string.
const ESCAPE_COST: [u8; 256] = {
    let mut cost = [0; 256];
    let mut control = 0;
    while control < 32 {
        cost[control] = 5;
        control += 1;
    }
    cost[8] = 1;
    cost[9] = 1;
    cost[10] = 1;
    cost[12] = 1;
    cost[13] = 1;
    cost[b'"' as usize] = 1;
    cost[b'\\' as usize] = 1;
    cost
};
