//! A JSONPath together with what its `$` stands for.

use super::jsonpath::{InvalidPath, JsonPath, PathFailure};
use super::{ReferencePath, Scope};
use crate::failure::Runtime;
use crate::json::Value;
use smol_str::{SmolStr, format_smolstr};

/// A JSONPath together with what its `$` stands for: `$.a`, `$$.Execution.Id`, `$variable.b`.
#[derive(Clone, Debug)]
pub struct Path {
    text: SmolStr,
    root: Root,
    path: JsonPath,
}

/// A Reference Path to read from: `ItemsPath`. What isn't there is a conflict, as it is for `ResultPath`.
#[derive(Clone, Debug)]
pub struct SourcePath {
    root: Root,
    path: ReferencePath,
}

/// What the beginning of a path stands for.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Root {
    /// `$`: the input or result
    Input,
    /// `$$`: the context object
    Context,
    /// `$name`
    Variable(SmolStr),
}

impl Path {
    /// Compiles `$…`, `$$…` or `$name…`.
    pub fn compile(text: &str) -> Result<Path, InvalidPath> {
        let (root, path) = split(text)?;
        Ok(Path { text: text.into(), root, path: JsonPath::compile(&path)? })
    }

    /// Compiles a path that must be a Reference Path, as those of Choice rules must; unlike a [`ReferencePath`] it is
    /// read from and may begin with `$$` or `$name`.
    pub fn compile_reference(text: &str) -> Result<Path, InvalidPath> {
        ReferencePath::compile(&split(text)?.1)?;
        Path::compile(text)
    }

    /// As written in the definition.
    pub fn text(&self) -> &SmolStr {
        &self.text
    }

    /// What its beginning stands for.
    pub fn root(&self) -> &Root {
        &self.root
    }

    /// Whether it gives one value (else a list).
    pub fn is_definite(&self) -> bool {
        self.path.is_definite()
    }

    /// What it selects.
    pub fn evaluate(&self, scope: Scope<'_>) -> Result<Value, PathFailure> {
        match &self.root {
            Root::Input => self.path.evaluate(scope.input),
            Root::Context => self.path.evaluate(&scope.context.object()),
            Root::Variable(name) => match scope.variables.get(name) {
                Some(value) => self.path.evaluate(value),
                None => Err(PathFailure::UnknownVariable { name: name.clone() }),
            },
        }
    }

    /// The document that it looks into: input, context object or variable (null if that isn't set).
    pub fn document(&self, scope: Scope<'_>) -> Value {
        self.root.document(scope)
    }
}

impl SourcePath {
    /// Compiles a Reference Path that may begin with `$$` or `$name`.
    pub fn compile(text: &str) -> Result<SourcePath, InvalidPath> {
        let (root, path) = split(text)?;
        Ok(SourcePath { root, path: ReferencePath::compile(&path)?.written_as(text) })
    }

    /// As written in the definition.
    pub fn text(&self) -> &SmolStr {
        self.path.text()
    }

    /// What stands at its place.
    pub fn evaluate(&self, scope: Scope<'_>) -> Result<Value, Runtime> {
        self.path.get(&self.root.document(scope))
    }
}

impl Root {
    fn document(&self, scope: Scope<'_>) -> Value {
        match self {
            Root::Input => scope.input.clone(),
            Root::Context => scope.context.object(),
            Root::Variable(name) => scope.variables.get(name).cloned().unwrap_or_default(),
        }
    }
}

/// What the beginning stands for, and the path from there, which begins with one `$`.
fn split(text: &str) -> Result<(Root, SmolStr), InvalidPath> {
    let after = text.strip_prefix('$').ok_or(InvalidPath::NoDollar)?;
    if let Some(path) = after.strip_prefix('$') {
        return Ok((Root::Context, format_smolstr!("${path}")));
    }
    let name = &after[..after.find(|c: char| !c.is_alphanumeric() && c != '_').unwrap_or(after.len())];
    if name.starts_with(|c: char| c.is_alphabetic() || c == '_') {
        return Ok((Root::Variable(name.into()), format_smolstr!("${}", &after[name.len()..])));
    }
    Ok((Root::Input, text.into()))
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::query::{Context, Variables};
    use crate::random::Random;

    fn json(text: &str) -> Value {
        Value::parse(text).expect("valid JSON")
    }

    #[test]
    fn a_path_begins_with_input_context_or_variable() {
        let input = json(r#"{"a":"input","_b":1}"#);
        let context = json(r#"{"a":"context","Execution":{"Id":"x"}}"#);
        let random = Random::new(1);
        let variables = Variables::default();
        let scope = Scope { input: &input, context: &context, variables: &variables, random: &random };
        let rows = [
            ("$", Root::Input, r#"{"a":"input","_b":1}"#),
            ("$.a", Root::Input, r#""input""#),
            ("$['a']", Root::Input, r#""input""#),
            ("$._b", Root::Input, "1"),
            ("$$", Root::Context, r#"{"a":"context","Execution":{"Id":"x"}}"#),
            ("$$.a", Root::Context, r#""context""#),
            ("$$['Execution'].Id", Root::Context, r#""x""#),
            ("$$.Execution.x", Root::Context, "No results for path: $['Execution']['x']"),
            ("$a", Root::Variable("a".into()), "Variable '$a' is not defined"),
            ("$_b1.a[0]", Root::Variable("_b1".into()), "Variable '$_b1' is not defined"),
            ("$größe", Root::Variable("größe".into()), "Variable '$größe' is not defined"),
        ];
        for (text, root, expected) in rows {
            let path = Path::compile(text).expect("a path");
            assert_eq!((path.text().as_str(), path.root()), (text, &root));
            let result = path.evaluate(scope).map_or_else(|failure| failure.to_string(), |value| value.to_text());
            assert_eq!(result, expected, "{text}");
        }
        for text in ["", "a", "x$.a", "$1", "$-", "$$$", "$$a", "$a-b", "$ .a", "States.UUID()"] {
            assert!(Path::compile(text).is_err(), "{text}");
        }
    }

    #[test]
    fn the_context_object_is_made_only_for_paths_into_it() {
        struct Never;
        impl Context for Never {
            fn object(&self) -> Value {
                unreachable!("nobody asked for the context object")
            }
        }
        let (input, variables, random) = (json("{}"), Variables::default(), Random::new(1));
        let scope = Scope { input: &input, context: &Never, variables: &variables, random: &random };
        let path = Path::compile("$").expect("a path");
        assert_eq!(path.evaluate(scope), Ok(input.clone()));
        assert_eq!(path.document(scope), input);
    }

    #[test]
    fn a_reference_path_to_read_from_may_begin_with_anything() {
        for text in ["$", "$.a[0]", "$$.Execution.Input", "$items", "$items.a[1]"] {
            assert!(Path::compile_reference(text).is_ok(), "{text}");
            assert_eq!(SourcePath::compile(text).expect("a Reference Path").text(), text);
        }
        for text in ["a", "$.a[*]", "$..a", "$$.a[?(@.b)]", "$items.*"] {
            assert!(Path::compile_reference(text).is_err(), "{text}");
            assert!(SourcePath::compile(text).is_err(), "{text}");
        }
    }

    #[test]
    fn a_source_that_is_not_there_is_a_conflict() {
        let (input, context) = (json(r#"{"a":[1]}"#), json(r#"{"Execution":{"Input":{"b":[2]}}}"#));
        let (variables, random) = (Variables::default(), Random::new(1));
        let scope = Scope { input: &input, context: &context, variables: &variables, random: &random };
        for (text, expected) in [
            ("$.a", "[1]"),
            ("$$.Execution.Input.b", "[2]"),
            ("$.b", r#"Unable to apply step "b" to input {"a":[1]}"#),
            ("$$.Execution.a", r#"Unable to apply step "a" to input {"Execution":{"Input":{"b":[2]}}}"#),
            ("$unset.a", "Unable to apply ReferencePath $unset.a to input null"),
        ] {
            let path = SourcePath::compile(text).expect("a Reference Path");
            let result = path.evaluate(scope).map_or_else(|failure| failure.to_string(), |value| value.to_text());
            assert_eq!(result, expected, "{text}");
        }
    }
}
