//! What can be wrong with a connections file; the words are our own.

use crate::endpoint::EndpointProblem;
use crate::json::ParseError;
use smol_str::SmolStr;

/// What is wrong with a connections file, and where.
#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error)]
#[allow(missing_docs)]
pub enum Problem {
    #[error("line {}, column {}: {}", .0.line, .0.column, .0.kind)]
    NotJson(ParseError),
    #[error("{place}: {wrong}")]
    At { place: SmolStr, wrong: Wrong },
}

/// What can be wrong with a place in the file. Values aren't shown: they may be secrets.
#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error)]
#[allow(missing_docs)]
pub enum Wrong {
    #[error("must be an object")]
    NotAnObject,
    #[error("must be a list")]
    NotAList,
    #[error("must be a string")]
    NotAString,
    #[error("must be true or false")]
    NotABoolean,
    #[error("must not be empty")]
    Empty,
    #[error("{0} is missing")]
    Missing(&'static str),
    /// DescribeConnection leaves it out.
    #[error("{0} is missing, which AWS doesn't show; write it here")]
    MissingSecret(&'static str),
    #[error("{0:?} is not a member that this can have")]
    Unknown(SmolStr),
    #[error("must be one of {}", .0.join(", "))]
    NotOneOf(&'static [&'static str]),
    #[error("must be the name of a connection (letters, digits, -, _ and .) or its ARN")]
    NotAName,
    #[error("is of no use with the AuthorizationType {0}")]
    OtherAuthorization(&'static str),
    #[error("Stepwell can't connect to private networks; leave it out, and say under Endpoints where the API is")]
    Private,
    #[error("is not a header's name, or one that Stepwell writes itself")]
    NotAHeader,
    #[error("has characters that a header can't have")]
    NotAHeaderValue,
    #[error("this name {0}")]
    Beginning(EndpointProblem),
    #[error("stands for the same URLs as another one")]
    Twice,
    #[error("the address {0}")]
    Endpoint(EndpointProblem),
}

impl Wrong {
    /// The same with its place.
    pub fn at(self, place: impl Into<SmolStr>) -> Problem {
        Problem::At { place: place.into(), wrong: self }
    }
}
