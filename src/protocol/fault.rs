//! What the framework itself refuses, and its words.

use std::borrow::Cow;
use std::fmt;

/// A request that never reaches an operation.
#[derive(Debug)]
pub enum Fault {
    /// The body is not JSON, or a member has the wrong type.
    Serialization(Mistyped),
    /// Members break constraints of the model.
    Validation(Vec<Violation>),
    /// There is no such operation, or the request isn't AWS JSON at all.
    UnknownOperation,
    /// The body is larger than the service takes. The name and the words are a guess: no recording shows them.
    RequestEntityTooLarge,
}

impl Fault {
    /// The error's name with its namespace.
    pub fn type_name(&self) -> &'static str {
        match self {
            Fault::Serialization(_) => "com.amazon.coral.service#SerializationException",
            Fault::Validation(_) => "com.amazon.coral.validate#ValidationException",
            Fault::UnknownOperation => "com.amazon.coral.service#UnknownOperationException",
            Fault::RequestEntityTooLarge => "com.amazon.coral.service#RequestEntityTooLargeException",
        }
    }

    /// The message; the framework gives none for some.
    pub fn message(&self) -> Option<Cow<'static, str>> {
        match self {
            Fault::Serialization(Mistyped(message)) => message.clone(),
            Fault::Validation(violations) => {
                let noun = if violations.len() == 1 { "error" } else { "errors" };
                let texts: Vec<String> = violations.iter().map(Violation::to_string).collect();
                Some(format!("{} validation {noun} detected: {}", violations.len(), texts.join("; ")).into())
            }
            Fault::UnknownOperation => None,
            Fault::RequestEntityTooLarge => Some("Request entity too large".into()),
        }
    }

    /// The HTTP status.
    pub fn status(&self) -> u16 {
        match self {
            Fault::RequestEntityTooLarge => 413,
            _ => 400,
        }
    }
}

/// A value of the wrong type, in the words that services of the same framework have been seen to use.
#[derive(Debug, PartialEq, Eq)]
pub struct Mistyped(pub Option<Cow<'static, str>>);

impl Mistyped {
    /// A list where there should be something else.
    pub const LIST: Mistyped = Mistyped(Some(Cow::Borrowed("Start of list found where not expected")));
    /// An object where there should be something else.
    pub const STRUCTURE: Mistyped =
        Mistyped(Some(Cow::Borrowed("Start of structure or map found where not expected.")));
    /// A number, text or boolean where a list should be.
    pub const NOT_A_LIST: Mistyped = Mistyped(Some(Cow::Borrowed("Expected list or null")));
    /// A number, text or boolean where a structure should be.
    pub const NOT_A_STRUCTURE: Mistyped = Mistyped(Some(Cow::Borrowed("Expected null")));
}

/// A constraint that a member breaks.
#[derive(Debug, PartialEq, Eq)]
pub struct Violation {
    /// The value as it is shown; nothing for sensitive ones.
    pub value: Shown,
    /// `tags.1.member.key`
    pub path: String,
    /// `Member must not be null`
    pub constraint: String,
}

/// How a violation shows the value.
#[derive(Debug, PartialEq, Eq)]
#[allow(missing_docs)]
pub enum Shown {
    Null,
    Hidden,
    Text(String),
}

impl fmt::Display for Violation {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("Value ")?;
        match &self.value {
            Shown::Null => f.write_str("null ")?,
            Shown::Hidden => {}
            Shown::Text(text) => write!(f, "'{text}' ")?,
        }
        write!(f, "at '{}' failed to satisfy constraint: {}", self.path, self.constraint)
    }
}
