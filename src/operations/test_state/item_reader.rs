//! `mapItemReaderData`: what the ItemReader of a Map state reads, as its source has it.

use super::problem::TestProblem;
use crate::asl::ParsedState;
use crate::asl::program::StateKind;
use crate::engine::ItemsRead;
use crate::failure::Failure;
use crate::json::Value;
use crate::operations::error::Error;
use smol_str::SmolStr;

/// The fields of a `ReaderConfig` that are understood.
const UNDERSTOOD: &[&str] = &["InputType", "ItemsPointer", "MaxItems"];

/// The items in the data, if there is any, or why they can't be read, which is the state's failure.
pub fn items(parsed: &ParsedState, data: Option<&str>) -> Result<Option<Result<ItemsRead, Failure>>, Error> {
    let (Some(program), Some(data)) = (&parsed.program, data) else { return Ok(None) };
    let StateKind::Map(map) = &program.state(program.start).kind else { return Ok(None) };
    if !map.reads_items {
        return Err(TestProblem::NoItemReader.into());
    }
    let field = |name| parsed.reader_config.as_ref().and_then(|config: &Value| config.get(name));
    let members = parsed.reader_config.as_ref().and_then(Value::as_object);
    let unknown =
        members.into_iter().flat_map(|members| members.iter()).find(|(name, _)| !UNDERSTOOD.contains(&name.as_str()));
    if let Some((name, _)) = unknown {
        return Err(not_built(format!("mapItemReaderData with {name}")));
    }
    let most = match field("MaxItems") {
        None => None,
        Some(number) => match number.as_i64().and_then(|number| usize::try_from(number).ok()) {
            Some(number) => Some(number).filter(|number| *number > 0),
            None => return Err(not_built("mapItemReaderData with an expression as MaxItems".into())),
        },
    };
    let pointer = match field("ItemsPointer") {
        None => None,
        Some(Value::String(pointer)) if pointer.starts_with('/') => Some(pointer),
        Some(_) => return Err(not_built("mapItemReaderData with an expression as ItemsPointer".into())),
    };
    let read = match field("InputType").and_then(Value::as_str) {
        None | Some("JSON") => json(data, pointer),
        Some("JSONL") => lines(data),
        Some(other) => return Err(not_built(format!("mapItemReaderData with InputType {other}"))),
    };
    Ok(Some(read.map(|mut items| {
        items.truncate(most.unwrap_or(usize::MAX));
        ItemsRead { items, pointed: pointer.is_some() }
    })))
}

fn not_built(what: String) -> Error {
    Error::NotImplemented(what.into())
}

/// A JSON document, or what a pointer leads to in it.
fn json(data: &str, pointer: Option<&SmolStr>) -> Result<Vec<Value>, Failure> {
    let document = Value::parse(data).map_err(|error| unreadable(error.to_string()))?;
    let found = pointer.map_or(Some(&document), |pointer| pointed(&document, pointer));
    // Recorded of what is no array; that it is also said of what isn't there is a guess.
    let items = found.and_then(Value::as_array);
    items.map(<[Value]>::to_vec).ok_or_else(|| unreadable("Attempting to map over non-iterable node.".into()))
}

/// A JSON document in each line.
fn lines(data: &str) -> Result<Vec<Value>, Failure> {
    let lines = data.lines().filter(|line| !line.trim().is_empty()).map(Value::parse);
    lines.collect::<Result<_, _>>().map_err(|error| unreadable(error.to_string()))
}

/// That data which isn't JSON is told in the parser's words is a guess.
fn unreadable(cause: String) -> Failure {
    Failure::reported("States.ItemReaderFailed", cause)
}

/// What a JSON Pointer (RFC 6901) leads to.
fn pointed<'a>(document: &'a Value, pointer: &str) -> Option<&'a Value> {
    pointer.split('/').skip(1).try_fold(document, |value, step| {
        let step = step.replace("~1", "/").replace("~0", "~");
        match value {
            Value::Array(_) => value.at(step.parse().ok()?),
            _ => value.get(&step),
        }
    })
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_pointer_leads_into_a_document() {
        let document = Value::parse(r#"{"a":[{"b/c":1,"~":2}]}"#).expect("JSON");
        for (pointer, expected) in [
            ("/a/0/b~1c", Some("1")),
            ("/a/0/~0", Some("2")),
            ("/a/1", None),
            ("/b", None),
            ("/a", Some(r#"[{"b/c":1,"~":2}]"#)),
        ] {
            assert_eq!(pointed(&document, pointer).map(Value::to_text).as_deref(), expected, "{pointer}");
        }
    }
}
