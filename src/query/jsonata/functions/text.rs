//! Values as text, as `$string` gives them.

use crate::json::{Value, write_string};
use crate::query::jsonata::error::{JsonataError, Outcome};
use crate::query::jsonata::evaluator::Evaluator;
use crate::query::jsonata::number_text::number_text;
use crate::query::jsonata::value::Val;

/// The text of a value; JSON for all but strings, nothing for functions.
pub(in crate::query::jsonata) fn text_of(evaluator: &mut Evaluator<'_>, value: &Val, pretty: bool) -> Outcome<String> {
    let value = value.clone().unwrapped();
    match &value {
        Val::Json(Value::String(text)) => return Ok(text.to_string()),
        Val::Undefined | Val::Function(_) => return Ok(String::new()),
        Val::Number(number) if !number.is_finite() => return Err(JsonataError::new("D3001")),
        _ => {}
    }
    let mut out = String::new();
    let mut writer = Writer { evaluator, pretty, depth: 0, charged: 0 };
    writer.value(&value, &mut out)?;
    Ok(out)
}

struct Writer<'a, 'b> {
    evaluator: &'a mut Evaluator<'b>,
    pretty: bool,
    depth: usize,
    charged: usize,
}

impl Writer<'_, '_> {
    fn value(&mut self, value: &Val, out: &mut String) -> Outcome<()> {
        self.evaluator.charge(out.len() - self.charged)?;
        self.charged = out.len();
        match value {
            Val::Json(json) => self.json(json, out)?,
            Val::Number(number) => write_number(*number, out)?,
            Val::Array(array) => {
                let items = array.items.iter();
                self.wrapped('[', ']', items.len(), items, out, |writer, item, out| match item {
                    Val::Undefined => {
                        out.push_str("null");
                        Ok(())
                    }
                    item => writer.value(item, out),
                })?;
            }
            Val::Object(object) => {
                let members = object.members.iter();
                self.wrapped('{', '}', members.len(), members, out, |writer, (name, value), out| {
                    writer.name(name, out);
                    writer.value(value, out)
                })?;
            }
            Val::Function(_) | Val::Undefined => out.push_str("\"\""),
            Val::Tuples(_) => {}
        }
        Ok(())
    }

    fn json(&mut self, value: &Value, out: &mut String) -> Outcome<()> {
        match value {
            Value::Null => out.push_str("null"),
            Value::Bool(value) => out.push_str(if *value { "true" } else { "false" }),
            Value::Number(number) => write_number(number.as_f64(), out)?,
            Value::String(text) => write_string(text, out),
            Value::Array(_) => {
                let items = value.as_array().unwrap_or_default();
                self.wrapped('[', ']', items.len(), items.iter(), out, |writer, item, out| writer.json(item, out))?;
            }
            Value::Object(object) => {
                self.wrapped('{', '}', object.len(), object.iter(), out, |writer, (name, value), out| {
                    writer.name(name, out);
                    writer.json(value, out)
                })?;
            }
        }
        Ok(())
    }

    fn name(&self, name: &str, out: &mut String) {
        write_string(name, out);
        out.push_str(if self.pretty { ": " } else { ":" });
    }

    fn wrapped<T>(
        &mut self,
        open: char,
        close: char,
        count: usize,
        parts: impl Iterator<Item = T>,
        out: &mut String,
        mut write: impl FnMut(&mut Self, T, &mut String) -> Outcome<()>,
    ) -> Outcome<()> {
        out.push(open);
        self.depth += 1;
        for (i, part) in parts.enumerate() {
            if i > 0 {
                out.push(',');
            }
            self.line(out);
            write(self, part, out)?;
        }
        self.depth -= 1;
        if count > 0 {
            self.line(out);
        }
        out.push(close);
        Ok(())
    }

    fn line(&self, out: &mut String) {
        if self.pretty {
            out.push('\n');
            out.extend(std::iter::repeat_n("  ", self.depth));
        }
    }
}

fn write_number(number: f64, out: &mut String) -> Outcome<()> {
    if !number.is_finite() {
        return Err(JsonataError::new("D1001").value(Value::Null));
    }
    out.push_str(&number_text(number));
    Ok(())
}
