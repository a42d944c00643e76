//! JSONPath in the dialect of the Jayway library, which is what AWS runs.
//!
//! A path is compiled once (`parse`) and evaluated often (`evaluate`). What it selects is shared with the
//! document. Whatever the text or the document, compiling and evaluating end: nesting, length and the number of values
//! looked at are bounded.
//!
//! Which version AWS runs shows in what became public: `$['a','b'].v` fails with "Multi properties can only be used as
//! path leafs", `$.list.length()` with "Property ['length()'] not found in path $['list']", and `\"` inside a quoted
//! name stands for a backslash and a quote. That is Jayway before 2.1: it has no functions. So `length()` is
//! a name here, and a path that AWS can't follow fails here too.
//!
//! Knows nothing of `$$` and variables: `$` is the document that it is given.

mod evaluate;
mod filter;
mod parse;
mod parse_filter;

use super::java_text::JavaText;
use crate::json::Value;
use evaluate::Query;
use smol_str::SmolStr;

/// A compiled path that begins with `$`.
#[derive(Clone, Debug)]
pub struct JsonPath {
    text: SmolStr,
    query: Query,
}

/// The text is no path; the words are Jayway's where it has some.
#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error)]
#[allow(missing_docs)]
pub enum InvalidPath {
    /// The words are those with which AWS refuses a Reference Path.
    #[error("Reference path didn't start with '$'")]
    NoDollar,
    #[error("Illegal character at position {position} expected '.' or '['")]
    AfterRoot { position: usize },
    #[error("Path must not end with a '.' or '..'")]
    EndsWithDot,
    #[error("Could not parse token starting at position {position}")]
    Token { position: usize },
    #[error("Could not parse token starting at position {position}. Expected ?, ', 0-9, * ")]
    Bracket { position: usize },
    #[error(
        "Property must be separated by comma or Property must be terminated close square bracket at index {position}"
    )]
    Property { position: usize },
    #[error("Use bracket notion ['my prop'] if your property contains blank characters. position: {position}")]
    Blank { position: usize },
    #[error("Failed to parse SliceOperation: {slice}")]
    Slice { slice: String },
    /// The words are from memory of Jayway: no source was found.
    #[error("Failed to parse token in ArrayIndexOperation: {index}")]
    Index { index: String },
    #[error("Failed to parse filter: {filter}, error on position: {position}, char: {found}")]
    Filter { filter: String, position: usize, found: char },
    /// What Java's regular expressions have and ours don't is refused when the definition is read, not later.
    #[error("The regular expression /{pattern}/ is not supported: {reason}")]
    Regex { pattern: String, reason: String },
    /// A bound of ours.
    #[error("The path is nested deeper than {} levels", parse::MAX_DEPTH)]
    TooDeep,
    /// A bound of ours.
    #[error("The path has more than {} steps", parse::MAX_STEPS)]
    TooLong,
    /// A Reference Path with something other than names and indices. AWS's words are known for the bracket alone, from
    /// a public report.
    #[error("'[' must be followed by ' or '['")]
    ReferenceBracket,
    /// The words are a guess.
    #[error("Reference path must not contain '{found}'")]
    ReferenceCharacter { found: char },
    /// The words are a guess.
    #[error("Reference path must not start with '$$'")]
    ReferenceToContext,
}

/// A path that can't be followed in this document; the words are Jayway's.
#[derive(Clone, Debug, PartialEq, thiserror::Error)]
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
    /// A name is looked up in something that is no object. AWS said this for `$.list.length()`; later Jayways say
    /// `Expected to find an object with property …` and name Java classes.
    #[error("Property {property} not found in path {path}")]
    NotAnObject {
        /// in bracket form
        property: String,
        /// up to what is no object
        path: String,
    },
    /// An index or slice is applied to something that is no array. Objects print as Java's maps do, which is how AWS
    /// prints them in `States.Format`.
    #[error("Filter: {step} can only be applied to arrays. Current context is: {}", JavaText(context))]
    NotAnArray {
        /// in bracket form
        step: String,
        /// what is no array
        context: Value,
    },
    /// An index or slice is applied to null. The words are from memory of Jayway: no source was found.
    #[error("The path {path} is null")]
    Null {
        /// up to what is null
        path: String,
    },
    /// A filter is applied to a scalar. The words are from memory of Jayway: no source was found for AWS, for the library
    /// a public report alone (json-path issue 205).
    #[error("Filter: [?] can not be applied to primitives. Current context is: {}", JavaText(context))]
    NotFilterable {
        /// the scalar
        context: Value,
    },
    /// `['a','b']` stands before the end of a path.
    #[error("Multi properties can only be used as path leafs: {path}")]
    InnerNames {
        /// up to the names
        path: String,
    },
    /// A bound of ours.
    #[error("The path {path} looks at more than {} values", evaluate::MAX_VISITS)]
    TooManyValues {
        /// the whole path
        path: String,
    },
    /// The words are a guess: no recording shows a variable that isn't set.
    #[error("Variable '${name}' is not defined")]
    UnknownVariable {
        /// without its `$`
        name: SmolStr,
    },
}

impl JsonPath {
    /// Compiles a path that begins with `$`; `length()` and its like are names.
    pub fn compile(text: &str) -> Result<JsonPath, InvalidPath> {
        Ok(JsonPath { text: text.into(), query: parse::parse(text)? })
    }

    /// Whether it gives one value (else a list).
    pub fn is_definite(&self) -> bool {
        self.query.is_definite()
    }

    /// The path as written.
    pub fn text(&self) -> &str {
        &self.text
    }

    /// What it selects from `root`: one value if it is definite, else an array of what matches.
    pub fn evaluate(&self, root: &Value) -> Result<Value, PathFailure> {
        self.query.evaluate(root)
    }
}

#[cfg(test)]
mod tests;
