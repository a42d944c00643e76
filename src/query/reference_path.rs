//! Reference Paths: the place that `ResultPath` or `ItemsPath` names, putting a value there and reading it.

use super::jsonpath::InvalidPath;
use crate::failure::Runtime;
use crate::json::Value;
use smol_str::{SmolStr, ToSmolStr};

/// How many steps a path may have; more than a document has levels.
const MAX_STEPS: usize = 1000;

/// A path that names one place: only `.name`, `['name']` and `[n]` after `$`.
#[derive(Clone, Debug)]
pub struct ReferencePath {
    text: SmolStr,
    steps: Box<[Step]>,
}

#[derive(Clone, Debug, PartialEq, Eq)]
enum Step {
    Name(SmolStr),
    Index(usize),
}

impl ReferencePath {
    /// Compiles a path that begins with `$`; `InvalidPath` says why it isn't a Reference Path.
    pub fn compile(text: &str) -> Result<ReferencePath, InvalidPath> {
        let mut rest = text.strip_prefix('$').ok_or(InvalidPath::NoDollar)?;
        if rest.starts_with('$') {
            return Err(InvalidPath::ReferenceToContext);
        }
        let position = |rest: &str| text[..text.len() - rest.len()].encode_utf16().count();
        let mut steps = Vec::new();
        while !rest.is_empty() {
            if steps.len() == MAX_STEPS {
                return Err(InvalidPath::TooLong);
            }
            // AWS's own documentation writes `$.abc.['def ghi']`.
            let step;
            (step, rest) = match rest.strip_prefix(".[").or_else(|| rest.strip_prefix('[')) {
                Some(inside) => bracket(inside)?,
                None => match rest.strip_prefix('.') {
                    Some("") => return Err(InvalidPath::EndsWithDot),
                    Some(name) => dotted(name, || position(name))?,
                    None if steps.is_empty() => return Err(InvalidPath::AfterRoot { position: position(rest) }),
                    None => return Err(InvalidPath::Token { position: position(rest) }),
                },
            };
            steps.push(step);
        }
        Ok(ReferencePath { text: text.into(), steps: steps.into() })
    }

    /// The same path, written as `text` in the definition.
    pub(super) fn written_as(self, text: &str) -> ReferencePath {
        ReferencePath { text: text.into(), ..self }
    }

    /// As written.
    pub fn text(&self) -> &SmolStr {
        &self.text
    }

    /// What stands at this place in `document` (ItemsPath).
    pub fn get(&self, document: &Value) -> Result<Value, Runtime> {
        let found = self.steps.iter().try_fold(document, |at, step| step.of(at).ok_or(step));
        found.cloned().map_err(|step| self.conflict(step, document))
    }

    /// `document` with `value` put at this place (ResultPath); makes missing objects, copies only what is on the way.
    ///
    /// What is no object where the path has a name, null included, is not replaced by one: whether AWS does so for null
    /// is unknown, and a failure shows where a silent replacement would hide.
    pub fn put(&self, document: &Value, value: Value) -> Result<Value, Runtime> {
        put(&self.steps, document, value).map_err(|step| self.conflict(step, document))
    }

    /// Public notes on incidents show the step's key and the whole document. Whether an index stands there bare is a
    /// guess.
    #[cold]
    fn conflict(&self, step: &Step, document: &Value) -> Runtime {
        let step = match step {
            Step::Name(name) => name.clone(),
            Step::Index(index) => index.to_smolstr(),
        };
        Runtime::ReferencePathConflict { path: self.text.clone(), step, input: document.clone() }
    }
}

impl Step {
    fn of<'v>(&self, document: &'v Value) -> Option<&'v Value> {
        match self {
            Step::Name(name) => document.as_object()?.get(name),
            Step::Index(index) => document.as_array()?.get(*index),
        }
    }
}

fn dotted(rest: &str, position: impl FnOnce() -> usize) -> Result<(Step, &str), InvalidPath> {
    let (name, after) = rest.split_at(rest.find(['.', '[']).unwrap_or(rest.len()));
    if let Some(found) = name.chars().find(|c| "@,:?*()]".contains(*c)) {
        return Err(InvalidPath::ReferenceCharacter { found });
    }
    if name.is_empty() || name.contains(char::is_whitespace) {
        return Err(InvalidPath::Token { position: position() });
    }
    Ok((Step::Name(name.into()), after))
}

/// From behind the `[`.
fn bracket(rest: &str) -> Result<(Step, &str), InvalidPath> {
    let quote = rest.chars().next().filter(|c| matches!(c, '\'' | '"'));
    if let Some(quote) = quote {
        let mut name = String::new();
        let mut chars = rest.char_indices().skip(1).peekable();
        while let Some((i, c)) = chars.next() {
            if c == quote {
                let after = rest[i + 1..].strip_prefix(']').ok_or(InvalidPath::ReferenceBracket)?;
                return Ok((Step::Name(name.into()), after));
            }
            // As in every quoted name, a backslash stands for itself but before the quote that would end the name.
            match chars.next_if(|(_, next)| c == '\\' && (*next == quote || *next == '\\')) {
                Some((_, '\\')) => name.push_str("\\\\"),
                Some((_, protected)) => name.push(protected),
                None => name.push(c),
            }
        }
        return Err(InvalidPath::ReferenceBracket);
    }
    let digits = &rest[..rest.bytes().take_while(u8::is_ascii_digit).count()];
    let after = rest[digits.len()..].strip_prefix(']').ok_or(InvalidPath::ReferenceBracket)?;
    let index = digits.parse().map_err(|_| InvalidPath::ReferenceBracket)?;
    Ok((Step::Index(index), after))
}

/// The document with the value at its place, or the step that can't be taken.
fn put<'s>(steps: &'s [Step], document: &Value, value: Value) -> Result<Value, &'s Step> {
    let Some((step, rest)) = steps.split_first() else { return Ok(value) };
    match step {
        Step::Name(name) => {
            let object = document.as_object().ok_or(step)?;
            let member = match object.get(name) {
                Some(member) => put(rest, member, value)?,
                None if rest.is_empty() => value,
                None => put(rest, &Value::empty_object(), value)?,
            };
            Ok(object.with(name, member))
        }
        Step::Index(index) => {
            let items = document.as_array().filter(|items| *index < items.len());
            let mut items = items.ok_or(step)?.to_vec();
            items[*index] = put(rest, &items[*index], value)?;
            Ok(Value::array(items))
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn json(text: &str) -> Value {
        Value::parse(text).expect("valid JSON")
    }

    #[test]
    fn a_reference_path_has_names_and_indices_only() {
        for valid in
            ["$", "$.a", "$.a.b-c", "$['a b'].c", "$[\"a\"][0]", "$.a.['b c']", "$.a[10].b", "$.unié", "$['*']"]
        {
            assert!(ReferencePath::compile(valid).is_ok(), "{valid}");
        }
        let refused = [
            ("a", "Reference path didn't start with '$'"),
            ("", "Reference path didn't start with '$'"),
            ("$$.Execution.Id", "Reference path must not start with '$$'"),
            ("$.a[*]", "'[' must be followed by ' or '['"),
            ("$.a[$$.Execution.Id]S", "'[' must be followed by ' or '['"),
            ("$.a[0:1]", "'[' must be followed by ' or '['"),
            ("$.a[0,1]", "'[' must be followed by ' or '['"),
            ("$.a[-1]", "'[' must be followed by ' or '['"),
            ("$.a[99999999999999999999]", "'[' must be followed by ' or '['"),
            ("$.a[?(@.b)]", "'[' must be followed by ' or '['"),
            ("$['a','b']", "'[' must be followed by ' or '['"),
            ("$['a", "'[' must be followed by ' or '['"),
            ("$.a[", "'[' must be followed by ' or '['"),
            ("$.a.*", "Reference path must not contain '*'"),
            ("$.a.length()", "Reference path must not contain '('"),
            ("$.a@b", "Reference path must not contain '@'"),
            ("$..a", "Could not parse token starting at position 2"),
            ("$.a b", "Could not parse token starting at position 2"),
            ("$.a[0]b", "Could not parse token starting at position 6"),
            ("$a", "Illegal character at position 1 expected '.' or '['"),
            ("$.", "Path must not end with a '.' or '..'"),
        ];
        for (text, reason) in refused {
            assert_eq!(
                ReferencePath::compile(text).map(|_| ()).map_err(|e| e.to_string()),
                Err(reason.into()),
                "{text}"
            );
        }
        assert!(matches!(ReferencePath::compile(&format!("${}", ".a".repeat(2000))), Err(InvalidPath::TooLong)));
    }

    #[test]
    fn a_value_is_put_at_its_place() {
        let rows = [
            (r#"{"a":1}"#, "$", "9"),
            (r#"{"a":1}"#, "$.b", r#"{"a":1,"b":9}"#),
            (r#"{"a":1,"b":2}"#, "$.a", r#"{"a":9,"b":2}"#),
            (r#"{"a":{"b":{"c":1}},"d":2}"#, "$.a.b", r#"{"a":{"b":9},"d":2}"#),
            (r#"{"a":{"b":1}}"#, "$.a.c", r#"{"a":{"b":1,"c":9}}"#),
            (r#"{}"#, "$.a.b.c", r#"{"a":{"b":{"c":9}}}"#),
            (r#"{"a":[1,2,3]}"#, "$.a[1]", r#"{"a":[1,9,3]}"#),
            (r#"[{"a":1}]"#, "$[0]['b c']", r#"[{"a":1,"b c":9}]"#),
            (r#"{}"#, r"$['it\'s']", r#"{"it's":9}"#),
            (r#"{}"#, r#"$['a\"b']"#, r#"{"a\\\"b":9}"#),
            (r#"{"a":null}"#, "$.a", r#"{"a":9}"#),
        ];
        for (document, path, expected) in rows {
            let path = ReferencePath::compile(path).expect("a Reference Path");
            let result = path.put(&json(document), Value::from(9)).map(|v| v.to_text());
            assert_eq!(result, Ok(expected.to_owned()), "{document} {}", path.text());
        }
    }

    #[test]
    fn what_has_no_such_place_is_a_conflict() {
        let rows = [
            (r#"{"a":5}"#, "$.a.b", r#"Unable to apply step "b" to input {"a":5}"#),
            (r#"{"a":null}"#, "$.a.b", r#"Unable to apply step "b" to input {"a":null}"#),
            (r#"{"a":[1]}"#, "$.a.b", r#"Unable to apply step "b" to input {"a":[1]}"#),
            (r#"{"a":[1]}"#, "$.a[1]", r#"Unable to apply step "1" to input {"a":[1]}"#),
            (r#"{"a":[]}"#, "$.a[0]", r#"Unable to apply step "0" to input {"a":[]}"#),
            (r#"{"a":{}}"#, "$.a[0]", r#"Unable to apply step "0" to input {"a":{}}"#),
            (r#"{}"#, "$.a[0]", r#"Unable to apply step "0" to input {}"#),
            ("[1]", "$.result", r#"Unable to apply step "result" to input [1]"#),
            ("\"input1\"", "$.result", r#"Unable to apply ReferencePath $.result to input "input1""#),
            ("null", "$.a.b", "Unable to apply ReferencePath $.a.b to input null"),
        ];
        for (document, path, text) in rows {
            let path = ReferencePath::compile(path).expect("a Reference Path");
            let failure = path.put(&json(document), Value::from(9)).expect_err("no such place");
            assert_eq!(failure.to_string(), text, "{document} {}", path.text());
        }
    }

    #[test]
    fn a_value_is_read_from_its_place_or_the_step_that_leads_nowhere_is_named() {
        let rows = [
            (r#"{"a":[1]}"#, "$", Ok(r#"{"a":[1]}"#)),
            (r#"{"a":[1]}"#, "$.a", Ok("[1]")),
            (r#"{"a":[1,{"b c":null}]}"#, "$.a[1]['b c']", Ok("null")),
            (r#"{"a":[1]}"#, "$.b", Err(r#"Unable to apply step "b" to input {"a":[1]}"#)),
            (r#"{"d":{"s":500}}"#, "$.d.objects", Err(r#"Unable to apply step "objects" to input {"d":{"s":500}}"#)),
            (r#"{"d":1}"#, "$.a.b", Err(r#"Unable to apply step "a" to input {"d":1}"#)),
            (r#"{"a":[1]}"#, "$.a[1]", Err(r#"Unable to apply step "1" to input {"a":[1]}"#)),
            ("5", "$.a", Err("Unable to apply ReferencePath $.a to input 5")),
        ];
        for (document, path, expected) in rows {
            let path = ReferencePath::compile(path).expect("a Reference Path");
            let read = path.get(&json(document)).map(|value| value.to_text()).map_err(|failure| failure.to_string());
            assert_eq!(read, expected.map(str::to_owned).map_err(str::to_owned), "{document} {}", path.text());
        }
    }

    #[test]
    fn what_is_beside_the_way_is_shared_and_the_document_stays_as_it_was() {
        let document = json(r#"{"way":{"beside":[1,2],"place":0},"far":{"x":[3]}}"#);
        let path = ReferencePath::compile("$.way.place").expect("a Reference Path");
        let result = path.put(&document, Value::from(9)).expect("there is such a place");
        let is_shared = |of: fn(&Value) -> Option<&Value>| {
            let (before, after) = (of(&document).expect("there"), of(&result).expect("there"));
            match (before, after) {
                (Value::Array(a), Value::Array(b)) => std::sync::Arc::ptr_eq(a, b),
                (Value::Object(a), Value::Object(b)) => std::sync::Arc::ptr_eq(a, b),
                _ => false,
            }
        };
        assert!(is_shared(|v| v.get("far")));
        assert!(is_shared(|v| v.get("way")?.get("beside")));
        assert!(!is_shared(|v| v.get("way")));
        assert_eq!(document.to_text(), r#"{"way":{"beside":[1,2],"place":0},"far":{"x":[3]}}"#);
    }
}
