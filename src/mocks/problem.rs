//! What can be wrong with a mock configuration file, and the words for it. They are our own, since those of AWS's tool
//! are not documented.

use crate::json::ParseError;
use crate::query::InvalidExpression;
use smol_str::SmolStr;

/// What is wrong with a mock configuration file, and where.
#[derive(Clone, Debug, PartialEq, thiserror::Error)]
#[allow(missing_docs)]
pub enum Problem {
    #[error("line {}, column {}: {}", .0.line, .0.column, .0.kind)]
    NotJson(ParseError),
    #[error("{place}: {wrong}")]
    At { place: SmolStr, wrong: Wrong },
}

/// What can be wrong with a place in the file.
#[derive(Clone, Debug, PartialEq, thiserror::Error)]
#[allow(missing_docs)]
pub enum Wrong {
    #[error("must be an object")]
    NotAnObject,
    #[error("must be a string")]
    NotAString,
    #[error("{0} is missing")]
    Missing(&'static str),
    #[error("{0:?} is not a member that a mock configuration has here")]
    Unknown(SmolStr),
    #[error("there is no state machine {0:?}")]
    NoMachine(SmolStr),
    #[error("there is no test case {0:?}")]
    NoTestCase(SmolStr),
    #[error("the state machine {machine:?}, which the state starts, has no test case {case:?}")]
    NoTestCaseOf { machine: SmolStr, case: SmolStr },
    #[error("must be the name of a response, or an object with a TestCase")]
    NotMocked,
    #[error("there is no response {0:?} in MockedResponses")]
    NoResponse(SmolStr),
    #[error("must be the number of an attempt, like 0, or a range of them, like 1-3")]
    NotAnAttempt,
    #[error("attempt {0} has a response already")]
    Twice(u32),
    #[error("must have exactly one of Return and Throw")]
    NotOneOutcome,
    #[error("must be an object, or a list of objects for different inputs")]
    NotAnOutcome,
    #[error("must have Input or Condition, or be the last of its list: what comes behind it would never be taken")]
    AlwaysTaken,
    #[error("must have only one of Input and Condition")]
    NotOneCondition,
    #[error("must be one of STRICT, PRESENT and NONE")]
    NotAMode,
    #[error("FieldValidationMode belongs to a Return")]
    ModeOfThrow,
    #[error("must be a JSONata expression between {{% and %}}{}", because(.0))]
    NotACondition(InvalidExpression),
    #[error("the state machine has no Task state {0:?}")]
    NoTask(SmolStr),
    #[error("the Task state {0:?} starts no state machine")]
    StartsNothing(SmolStr),
    /// In the words of TestState.
    #[error("{0}")]
    NotOfApi(String),
}

impl Wrong {
    /// The same with its place.
    pub fn at(self, place: impl Into<SmolStr>) -> Problem {
        Problem::At { place: place.into(), wrong: self }
    }
}

fn because(invalid: &InvalidExpression) -> String {
    invalid.error.as_ref().map(|error| format!(": {error}")).unwrap_or_default()
}
