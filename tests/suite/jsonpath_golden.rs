//! JSONPath against a table of paths with their results on one document.
//!
//! The project's own table is `tests/data/jsonpath.json`, which has AWS's results. `STEPWELL_JSONPATH_TABLE` may name
//! another one of the same form with the results of the Jayway library: `document`, and `rows` with `expr`, `definite`
//! and either `ok`, the value, or `msg`, the text of the error.

use std::path::Path;
use stepwell::json::Value;
use stepwell::query::jsonpath::{InvalidPath, JsonPath};

#[test]
fn every_path_gives_what_the_table_says() {
    let exempted = holds(&Path::new(env!("CARGO_MANIFEST_DIR")).join("tests/data/jsonpath.json"));
    assert!(exempted.is_empty(), "the own table has AWS's results, yet rows differ: {exempted:?}");
    if let Some(table) = std::env::var_os("STEPWELL_JSONPATH_TABLE") {
        let exempted = holds(Path::new(&table));
        println!("{} rows where AWS differs from the library: {exempted:?}", exempted.len());
    }
}

/// The expressions of the rows that AWS is known to answer otherwise; all others hold as they are.
fn holds(table: &Path) -> Vec<String> {
    let text = std::fs::read_to_string(table).expect("a readable table");
    let table = Value::parse(&text).expect("a table in JSON");
    let document = table.get("document").expect("a document");
    let rows = table.get("rows").and_then(Value::as_array).expect("rows");
    let (mut exempted, mut wrong) = (Vec::new(), Vec::new());
    for row in rows {
        let expression = row.get("expr").and_then(Value::as_str).expect("an expression");
        let outcome = Outcome::of(expression, document);
        match outcome.differs(row) {
            None => {}
            Some(_) if outcome.is_known_of_aws(expression) => exempted.push(expression.to_owned()),
            Some(difference) => wrong.push(format!("{expression}: {difference}")),
        }
    }
    assert!(wrong.is_empty(), "{} of {} rows differ:\n{}", wrong.len(), rows.len(), wrong.join("\n"));
    exempted
}

/// What a path gives: the value's text or the error's.
struct Outcome {
    definite: Option<bool>,
    result: Result<String, String>,
}

impl Outcome {
    fn of(expression: &str, document: &Value) -> Outcome {
        match JsonPath::compile(expression) {
            Err(invalid) => Outcome { definite: None, result: Err(invalid.to_string()) },
            Ok(path) => {
                let result = path.evaluate(document);
                let result = result.map(|value| value.to_compact_text()).map_err(|failure| failure.to_string());
                Outcome { definite: Some(path.is_definite()), result }
            }
        }
    }

    /// What is given instead of what the row says; nothing if it holds.
    fn differs(&self, row: &Value) -> Option<String> {
        let expected = match row.get("ok") {
            Some(value) => Ok(value.to_compact_text()),
            None => Err(as_aws_says(row.get("msg").and_then(Value::as_str).expect("an error's text"))),
        };
        if self.result != expected {
            return Some(format!("{:?}, not {expected:?}", self.result));
        }
        let definite = row.get("definite").and_then(Value::as_bool);
        let same = self.definite.is_none_or(|ours| definite.is_none_or(|definite| definite == ours));
        (!same).then(|| format!("definite is {:?}", self.definite))
    }

    /// The one rule on where AWS is known to differ from the library: whether this is what AWS makes of it.
    fn is_known_of_aws(&self, expression: &str) -> bool {
        // AWS takes no path that doesn't begin with `$`, whatever the library makes of it.
        if !expression.starts_with('$') {
            return self.result == Err(InvalidPath::NoDollar.to_string());
        }
        // AWS runs a library without functions: a call is a name, which the document doesn't have. So nothing is found,
        // or the error is about that name; the function's result is never given.
        let Some((before, _)) = expression.split_once("()") else { return false };
        let name = before.rsplit_once('.').map_or(before, |(_, name)| name);
        match &self.result {
            Ok(found) => found == "[]" && self.definite == Some(false),
            Err(text) => text.contains(&format!("{name}()")),
        }
    }
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
