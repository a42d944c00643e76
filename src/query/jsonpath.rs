//! stub
use crate::json::Value;
use smol_str::SmolStr;

/// stub: begins with `$`
#[derive(Clone, Debug)]
pub struct JsonPath {
    text: SmolStr,
}

/// The text is no path.
#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error)]
pub enum InvalidPath {
    /// stub
    #[error("stub")]
    Stub,
}

/// A path that can't be followed in this document; the words are Jayway's.
#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error)]
pub enum PathFailure {
    /// `path` in bracket form, such as `$['a'][10]`
    #[error("No results for path: {path}")]
    NoResults {
        /// the whole path
        path: String,
        /// whether what is missing is an item of an array that is there
        index: bool,
    },
    /// An inner key is missing.
    #[error("Missing property in path {path}")]
    MissingProperty {
        /// up to the missing key
        path: String,
    },
}

impl JsonPath {
    /// Compiles a path that begins with `$`.
    pub fn compile(text: &str) -> Result<JsonPath, InvalidPath> {
        Ok(JsonPath { text: text.into() })
    }
    /// Whether it gives one value (else a list).
    pub fn is_definite(&self) -> bool {
        true
    }
    /// The path as written.
    pub fn text(&self) -> &str {
        &self.text
    }
    /// What it selects from `root`: one value if it is definite, else an array of what matches.
    pub fn evaluate(&self, root: &Value) -> Result<Value, PathFailure> {
        Ok(root.clone())
    }
}
