//! stub
use super::Scope;
use super::jsonpath::{InvalidPath, JsonPath, PathFailure};
use crate::json::Value;
use smol_str::SmolStr;

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
        Ok(Path { text: text.into(), root: Root::Input, path: JsonPath::compile(text)? })
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
        self.path.evaluate(scope.input)
    }
    /// The document that it looks into: input, context object or variable.
    pub fn document(&self, scope: Scope<'_>) -> Value {
        scope.input.clone()
    }
}
