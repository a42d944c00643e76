//! What can be wrong with a definition, and the words for it.
//!
//! The wording is AWS's, as recorded from `ValidateStateMachineDefinition` and `CreateStateMachine`; where no source
//! shows it, the variant says so.

use super::fields::{QueryLanguage, StateType};
use crate::failure::ParameterProblem;
use crate::json::ParseError;
use crate::query::jsonata::JsonataError;
use crate::query::jsonpath::InvalidPath;
use smol_str::SmolStr;
use std::fmt;

/// A problem of a definition and where it is.
#[derive(Clone, Debug, PartialEq)]
pub struct Diagnostic {
    /// What is wrong.
    pub problem: Problem,
    /// Where, as a pointer such as `/States/A/Next`; problems of the whole text or of a whole block have no place.
    pub location: Option<String>,
}

/// How bad a diagnostic is.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Severity {
    /// The definition can't be used.
    Error,
    /// It can, but does something else than was meant.
    Warning,
}

impl Severity {
    /// The word for it: `ERROR`, `WARNING`.
    pub fn name(self) -> &'static str {
        match self {
            Severity::Error => "ERROR",
            Severity::Warning => "WARNING",
        }
    }
}

impl Diagnostic {
    /// The code, such as `SCHEMA_VALIDATION_FAILED`.
    pub fn code(&self) -> &'static str {
        self.problem.code()
    }

    /// How bad it is.
    pub fn severity(&self) -> Severity {
        match self.problem {
            Problem::NoDollar(_) | Problem::NoPath | Problem::PassResultIsStatic => Severity::Warning,
            _ => Severity::Error,
        }
    }
}

/// The message, without code and location.
impl fmt::Display for Diagnostic {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        self.problem.fmt(f)
    }
}

/// All diagnostics in one text, as `InvalidDefinition` gives them: `CODE: message at location, CODE: message at null`.
pub fn describe(diagnostics: &[Diagnostic]) -> String {
    let parts: Vec<String> = diagnostics
        .iter()
        .map(|diagnostic| {
            let location = diagnostic.location.as_deref().unwrap_or("null");
            format!("{}: {diagnostic} at {location}", diagnostic.code())
        })
        .collect();
    parts.join(", ")
}

/// What is wrong.
#[derive(Clone, Debug, PartialEq, thiserror::Error)]
#[allow(missing_docs)]
pub enum Problem {
    #[error("Definition must be a valid JSON object")]
    NotAnObject,
    #[error("{error}\n at {source_place}")]
    InvalidJson { error: ParseError, source_place: String },

    #[error("These fields are required: {}", list(.0))]
    RequiredFields(Vec<&'static str>),
    #[error("The field 'Type' is required")]
    TypeMissing,
    #[error("The field '{0}' is required")]
    FieldRequired(&'static str),
    #[error("The field '{0}' does not match any of the allowed values")]
    NotAnAllowedValue(&'static str),
    #[error("Invalid input: JSON Pointer expression must start with '/': {0:?}")]
    NotAPointer(SmolStr),
    #[error("The field 'Type' should have one of these values: {}", list(&StateType::ALL))]
    TypeUnknown,
    #[error("Field '{0}' is not supported")]
    FieldNotSupported(SmolStr),
    #[error("This object should have only one of the following fields: {}", list(.0))]
    NoneOf(&'static [&'static str]),
    #[error("There should only be one of the following fields: {}", list(.0))]
    SeveralOf(&'static [&'static str]),
    #[error("The object must have only one of the following fields, {}", list(.0))]
    NotOneSelector(&'static [&'static str]),
    #[error("Value cannot be empty")]
    Empty,
    #[error("Value should be one of the following: {}", list(.0))]
    NotOneOf(&'static [&'static str]),
    #[error("Minimum value is {0}")]
    BelowMinimum(SmolStr),
    #[error("Maximum value is {0}")]
    AboveMaximum(SmolStr),
    /// Recorded for Integer; the names of the other types are a guess by analogy.
    #[error("Expected value of type {0}")]
    WrongType(&'static str),
    #[error("String does not match RFC3339 timestamp")]
    NotATimestamp,
    #[error("States.ALL must appear alone and at end of list")]
    StatesAllNotLast,
    /// The words are a guess: the rule is documented, its message isn't.
    #[error("HeartbeatSeconds must be smaller than TimeoutSeconds")]
    HeartbeatNotBelowTimeout,

    #[error("Value must be a valid JSONPath.")]
    NotAPath,
    /// The words are a guess by analogy with payload templates.
    #[error("Value must be a valid JSONPath or a valid intrinsic function call")]
    NotAPathOrCall,
    /// The reasons have their words where Reference Paths are read.
    #[error("Value is not a Reference Path: {0}")]
    NotAReferencePath(InvalidPath),
    #[error("The value for the field '{0}' must be a valid JSONPath or a valid intrinsic function call")]
    InvalidTemplateField(String),

    #[error("The QueryLanguage is set to '{}', but field '{field}' is only supported for the '{}' QueryLanguage", language.name(), language.other().name())]
    OtherLanguage { language: QueryLanguage, field: SmolStr },
    #[error("'QueryLanguage' can not be 'JSONPath' if set to 'JSONata' for whole state machine")]
    LanguageDowngrade,

    #[error("JSONata string must start with {{% and end with %}}")]
    NotAnExpression,
    /// Recorded: jsonata-js's words without its code.
    #[error("{}", .0.message())]
    InvalidExpression(Box<JsonataError>),
    #[error("Reference to '{0}' at the top level is not supported.")]
    TopLevelReference(SmolStr),
    /// The code is a guess; only the words are known.
    #[error("Field '$states.{0}' does not exist.")]
    NoSuchStatesField(SmolStr),

    #[error("Cannot assign to reserved variable '$states'.")]
    ReservedVariable,
    #[error("Invalid variable name '{0}': the variable name contains invalid characters.")]
    InvalidVariable(SmolStr),
    /// The words are a guess: that the name is refused is documented, how isn't.
    #[error("Variable '${0}' is not assigned in this scope.")]
    UnknownVariable(SmolStr),
    /// The words are a guess: that the name is refused is documented, how isn't.
    #[error("Cannot assign to variable '${0}' of an outer scope.")]
    VariableOfOuterScope(SmolStr),

    #[error("Value is not a valid resource ARN")]
    NotAnArn,
    #[error(
        "The resource provided {0} is not recognized. The value is not a valid resource ARN, or the resource is not available in this region."
    )]
    ResourceNotRecognized(SmolStr),
    #[error("{field} field is required for resource ARN: {resource}")]
    ArgumentsMissing { field: &'static str, resource: SmolStr },
    #[error("The field '{0}' is required but was missing")]
    MemberMissing(SmolStr),
    #[error("The field \"{0}\" is not supported by Step Functions")]
    MemberNotSupported(SmolStr),
    #[error("{0}")]
    Parameter(ParameterProblem),
    #[error("The field 'Credentials' is not supported for activities")]
    CredentialsOnActivity,
    #[error("Express state machine does not support '.sync' service integration")]
    SyncInExpress,
    // The blank at the end is AWS's.
    #[error("Express state machine does not support '.waitForTaskToken' service integration ")]
    TaskTokenInExpress,
    #[error("Express state machine does not support Activity ARN")]
    ActivityInExpress,
    #[error("The field 'Mode' with value 'DISTRIBUTED' is not supported inside 'EXPRESS' state machines")]
    DistributedInExpress,

    #[error("Duplicate State name: {0}")]
    DuplicateStateName(SmolStr),
    #[error("Invalid State name: State '{0}' exceeds the 80-character limit allowed by the service")]
    StateNameTooLong(SmolStr),
    /// The words are a guess by analogy with names that are too long.
    #[error("Invalid State name: State name cannot be empty")]
    StateNameEmpty,
    #[error("Duplicate Label name: {0}")]
    DuplicateLabel(SmolStr),
    /// The beginning is a guess by analogy with names of states.
    #[error("Invalid Label name: Label '{0}' exceeds the 40-character limit allowed by the service")]
    LabelTooLong(SmolStr),
    /// The characters are documented; the words are a guess by analogy with names of variables.
    #[error("Invalid Label name '{0}': the label contains invalid characters.")]
    LabelInvalid(SmolStr),
    /// The words are a guess after the code's description in the API reference; AWS's limit isn't known either.
    #[error("The states are too deeply nested")]
    TooDeeplyNested,

    #[error("Missing 'Next' target: {0}")]
    MissingTarget(SmolStr),
    #[error("Workflow has no terminal state")]
    NoTerminalState,
    #[error("State \"{0}\" is not reachable.")]
    NotReachable(SmolStr),

    /// Of the warnings only the codes are known; the words are after those with which the API reference explains them.
    #[error("No .$ on the field '{0}' that appears to be a JSONPath or Intrinsic Function.")]
    NoDollar(SmolStr),
    #[error("Field value looks like a path, but field name does not end with 'Path'.")]
    NoPath,
    #[error("Attempt to use a path in the result of a pass state.")]
    PassResultIsStatic,

    /// AWS takes it; the words are our own.
    #[error("Stepwell does not support {0} yet")]
    NotSupportedYet(String),
}

/// In which order AWS gives problems: dangling names come before those of the graph as a whole (recorded); that those
/// of single fields come before both is what the recordings with several suggest.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub(super) enum Phase {
    Fields,
    Targets,
    Graph,
    /// Ours, which are given only when AWS has nothing to say.
    NotSupportedYet,
}

impl Problem {
    fn code(&self) -> &'static str {
        match self {
            Problem::InvalidJson { .. } => "INVALID_JSON_DESCRIPTION",
            Problem::DuplicateStateName(_) => "DUPLICATE_STATE_NAME",
            Problem::StateNameTooLong(_) | Problem::StateNameEmpty => "INVALID_STATE_NAME",
            Problem::DuplicateLabel(_) => "DUPLICATE_LABEL_NAME",
            Problem::LabelTooLong(_) | Problem::LabelInvalid(_) => "INVALID_LABEL_NAME",
            Problem::InvalidExpression(_) => "INVALID_JSONATA_EXPRESSION",
            Problem::TopLevelReference(_) | Problem::NoSuchStatesField(_) => "UNSUPPORTED_JSONATA_EXPRESSION",
            Problem::ReservedVariable => "RESERVED_VARIABLE_NAME",
            Problem::InvalidVariable(_) => "INVALID_VARIABLE_NAME",
            Problem::TooDeeplyNested => "TOO_DEEPLY_NESTED",
            Problem::MissingTarget(_) | Problem::NotReachable(_) => "MISSING_TRANSITION_TARGET",
            Problem::NoTerminalState => "MISSING_END_STATE",
            Problem::NoDollar(_) => "NO_DOLLAR",
            Problem::NoPath => "NO_PATH",
            Problem::PassResultIsStatic => "PASS_RESULT_IS_STATIC",
            Problem::NotSupportedYet(_) => "STEPWELL_NOT_SUPPORTED_YET",
            _ => "SCHEMA_VALIDATION_FAILED",
        }
    }

    pub(super) fn phase(&self) -> Phase {
        match self {
            Problem::MissingTarget(_) => Phase::Targets,
            Problem::NoTerminalState | Problem::NotReachable(_) => Phase::Graph,
            Problem::NotSupportedYet(_) => Phase::NotSupportedYet,
            _ => Phase::Fields,
        }
    }
}

/// `[a, b]`
fn list<T: fmt::Display>(items: &[T]) -> String {
    let items: Vec<String> = items.iter().map(T::to_string).collect();
    format!("[{}]", items.join(", "))
}
