//! JSONPath against a table of paths with the results of the Jayway library on one document.
//!
//! The project's own table is `tests/data/jsonpath.json`; `STEPWELL_JSONPATH_TABLE` may name another one of the same
//! form: `document`, and `rows` with `expr`, `definite` and either `ok` or `err` and `msg`.

use std::path::Path;
use stepwell::json::Value;
use stepwell::query::jsonpath::{InvalidPath, JsonPath};

#[test]
fn every_path_gives_what_the_table_says() {
    holds(&Path::new(env!("CARGO_MANIFEST_DIR")).join("tests/data/jsonpath.json"));
    if let Some(table) = std::env::var_os("STEPWELL_JSONPATH_TABLE") {
        holds(Path::new(&table));
    }
}

fn holds(table: &Path) {
    let text = std::fs::read_to_string(table).expect("a readable table");
    let table = Value::parse(&text).expect("a table in JSON");
    let document = table.get("document").expect("a document");
    let rows = table.get("rows").and_then(Value::as_array).expect("rows");
    let wrong: Vec<String> = rows.iter().filter_map(|row| differs(document, row)).collect();
    assert!(wrong.is_empty(), "{} of {} rows differ:\n{}", wrong.len(), rows.len(), wrong.join("\n"));
}

/// What a row gives instead of what it says; nothing if it holds.
fn differs(document: &Value, row: &Value) -> Option<String> {
    let expression = row.get("expr").and_then(Value::as_str).expect("an expression");
    let expected = match row.get("ok") {
        Some(value) => Ok(value.to_compact_text()),
        None => Err(as_aws_says(row.get("msg").and_then(Value::as_str).expect("an error's text"))),
    };
    let actual = match JsonPath::compile_with_functions(expression) {
        // AWS takes no path that doesn't begin with `$`, whatever the library makes of it.
        Err(InvalidPath::NoDollar) if !expression.starts_with('$') => return None,
        Err(invalid) => Err(invalid.to_string()),
        Ok(path) => {
            let definite = row.get("definite").and_then(Value::as_bool);
            if definite.is_some_and(|definite| definite != path.is_definite()) {
                return Some(format!("{expression}: definite is {}", path.is_definite()));
            }
            path.evaluate(document).map(|value| value.to_compact_text()).map_err(|failure| failure.to_string())
        }
    };
    (actual != expected).then(|| format!("{expression}: {actual:?}, not {expected:?}"))
}

/// The library's sentence on a name that is looked up in something that is no object, as AWS words it.
fn as_aws_says(text: &str) -> String {
    let parts = text.strip_prefix("Expected to find an object with property ").and_then(|rest| {
        let (property, rest) = rest.split_once(" in path ")?;
        Some((property, rest.split_once(" but found ")?.0))
    });
    match parts {
        Some((property, path)) => format!("Property {property} not found in path {path}"),
        None => text.to_owned(),
    }
}
