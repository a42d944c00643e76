//! A JSONPath together with what its `$` stands for.

use super::jsonpath::{InvalidPath, JsonPath, PathFailure};
use super::{ReferencePath, Scope};
use crate::json::Value;
use smol_str::{SmolStr, format_smolstr};

/// A JSONPath together with what its `$` stands for: `$.a`, `$$.Execution.Id`, `$variable.b`.
#[derive(Clone, Debug)]
pub struct Path {
    text: SmolStr,
    root: Root,
    path: JsonPath,
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

    /// Compiles a path that must be a Reference Path, as `ItemsPath` must; unlike a [`ReferencePath`] it is read from
    /// and may begin with `$$` or `$name`.
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
        match &self.root {
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
