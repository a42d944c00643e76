//! What an ItemReader makes of data: the items of a JSON document, of lines of JSON, of rows of delimited text, of a list of
//! objects in S3.
//!
//! It knows the text and how the definition says that it is to be read; where the text comes from, and how many of its items
//! are wanted, it doesn't know.

mod listing;
mod rows;

pub use rows::{Delimiter, Rows, Unclear};

use crate::failure::Failure;
use crate::json::Value;
use std::sync::Arc;

/// What data is, by `InputType` and what goes with it.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Format {
    /// `JSON`: one document.
    Json,
    /// `JSONL`: a document in each line.
    JsonLines,
    /// `CSV`: an item in each row.
    Rows(Rows),
    /// What `listObjectsV2` gives: an item for each object.
    Listing,
}

/// Data that was read.
#[derive(Clone, Debug)]
pub enum Data {
    /// A document in which the items are.
    Document(Value),
    /// The items.
    Items(Arc<[Value]>),
}

/// Why data has no items.
#[derive(Clone, Debug, PartialEq)]
pub enum Unreadable {
    /// AWS refuses it: the state fails.
    Refused(Failure),
    /// Nobody knows what AWS makes of it.
    Unclear(Unclear),
    /// The same, of what is no list of objects as `listObjectsV2` gives it.
    NoListing,
}

/// Reads data.
pub fn read(format: &Format, text: &str) -> Result<Data, Unreadable> {
    // That data which isn't JSON is told in the parser's words is a guess.
    let parse = |text| Value::parse(text).map_err(|error| Unreadable::Refused(refused(error.to_string())));
    match format {
        Format::Json => parse(text).map(Data::Document),
        Format::JsonLines => {
            let lines = text.lines().filter(|line| !line.trim().is_empty());
            lines.map(parse).collect::<Result<_, _>>().map(Data::Items)
        }
        Format::Rows(rows) => rows.read(text).map(Data::Items),
        Format::Listing => listing::read(text).map(Data::Items).ok_or(Unreadable::NoListing),
    }
}

impl Data {
    /// The items, to which a pointer may lead in a document: as many as are wanted, or all.
    pub fn items(&self, pointer: Option<&str>, most: Option<usize>) -> Result<Vec<Value>, Failure> {
        let items = match self {
            Data::Items(items) => items,
            Data::Document(document) => {
                let found = pointer.map_or(Some(document), |pointer| pointed(document, pointer));
                // Recorded of what is no array; that it is also said of what isn't there is a guess. AWS's page "ItemReader" lets
                // objects through today, but doesn't say what their items look like.
                found.and_then(Value::as_array).ok_or_else(|| refused("Attempting to map over non-iterable node."))?
            }
        };
        Ok(items.iter().take(most.unwrap_or(usize::MAX)).cloned().collect())
    }
}

/// The failure of a state whose items can't be read.
pub fn refused(cause: impl Into<smol_str::SmolStr>) -> Failure {
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
            ("", Some(r#"{"a":[{"b/c":1,"~":2}]}"#)),
        ] {
            assert_eq!(pointed(&document, pointer).map(Value::to_text).as_deref(), expected, "{pointer}");
        }
    }

    #[test]
    fn items_are_read_from_documents_and_lines() {
        let not_iterable = || Err(refused("Attempting to map over non-iterable node."));
        for (format, text, pointer, most, expected) in [
            (Format::Json, "[1, [2], 3]", None, None, Ok("[1,[2],3]")),
            (Format::Json, "[1, [2], 3]", None, Some(2), Ok("[1,[2]]")),
            (Format::Json, "[1, [2], 3]", Some("/1"), None, Ok("[2]")),
            (Format::Json, r#"{"a": [4]}"#, Some("/a"), Some(9), Ok("[4]")),
            (Format::Json, r#"{"a": [4]}"#, None, None, not_iterable()),
            (Format::Json, r#"{"a": [4]}"#, Some("/b"), None, not_iterable()),
            (Format::JsonLines, "1\n\n{\"a\": 2}\r\n", None, None, Ok(r#"[1,{"a":2}]"#)),
        ] {
            let data = read(&format, text).expect("readable");
            let items = data.items(pointer, most).map(|items| Value::array(items).to_compact_text());
            assert_eq!(items, expected.map(str::to_owned), "{format:?} {text} {pointer:?}");
        }
        for (format, text) in [(Format::Json, "[1"), (Format::JsonLines, "1\n{")] {
            let problem = read(&format, text).expect_err("not JSON");
            assert!(matches!(problem, Unreadable::Refused(Failure::Reported { .. })), "{problem:?}");
        }
    }
}
