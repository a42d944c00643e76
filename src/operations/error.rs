//! The errors of the API: their names, their words, what else their bodies hold.
//!
//! The words are AWS's as recorded, or as seen in reports of its users. Where no source shows them the variant says
//! that they are a guess.

use super::test_state::TestProblem;
use crate::mocks;
use crate::protocol::{Encode, Fault, write_name};
use crate::quota;
use smol_str::SmolStr;
use std::borrow::Cow;
use std::path::PathBuf;
use thiserror::Error as ThisError;

/// Why an operation is refused.
#[derive(Debug, ThisError)]
#[allow(missing_docs)]
pub enum Error {
    /// The framework refuses it, in words of its own.
    #[error("{}", .0.message().unwrap_or_default())]
    Request(Fault),

    #[error("Invalid Arn: 'Invalid ARN prefix: {0}'")]
    InvalidArnPrefix(SmolStr),
    #[error("Invalid Arn: 'Resource type not valid in this context: {0}'")]
    InvalidArnType(SmolStr),
    /// An ARN of the right type without all its parts. The words are a guess.
    #[error("Invalid Arn: 'Invalid ARN format: {0}'")]
    InvalidArnFormat(SmolStr),
    #[error("Invalid Role Arn: '{0}'")]
    InvalidRoleArn(SmolStr),
    #[error("Invalid Name: '{0}'")]
    InvalidName(SmolStr),
    #[error("Invalid Token: 'Invalid token'")]
    InvalidToken,

    #[error("State Machine Does Not Exist: '{0}'")]
    StateMachineDoesNotExist(SmolStr),
    #[error("State Machine Already Exists: '{0}'")]
    StateMachineAlreadyExists(SmolStr),
    #[error("State Machine is being deleted: '{0}'")]
    StateMachineDeleting(SmolStr),
    /// The words are a guess.
    #[error("State Machine Limit Exceeded: '{}'", quota::STATE_MACHINES)]
    StateMachineLimitExceeded,
    #[error("This operation is not supported by this type of state machine")]
    StateMachineTypeNotSupported,
    #[error("Invalid State Machine Definition: '{0}'")]
    InvalidDefinition(String),
    #[error("Invalid Logging Configuration: {0}")]
    InvalidLoggingConfiguration(LoggingProblem),
    /// The words are a guess after the API reference.
    #[error("Invalid Tracing Configuration: enabled must be set to true or false.")]
    InvalidTracingConfiguration,
    #[error("Invalid Encryption Configuration: {0}")]
    InvalidEncryptionConfiguration(EncryptionProblem),
    #[error(
        "Either the definition, the role ARN, the LoggingConfiguration, or the TracingConfiguration must be specified"
    )]
    NothingToUpdate,
    #[error("{0}")]
    Conflict(Conflict),
    /// The words are a guess.
    #[error("The maximum number of {0} has been reached")]
    ServiceQuotaExceeded(&'static str),

    #[error("Execution Does Not Exist: '{0}'")]
    ExecutionDoesNotExist(SmolStr),
    /// The reasons are those of the API reference; that they stand here, and alone, is a guess.
    #[error("{0}")]
    ExecutionNotRedrivable(&'static str),
    #[error("Execution Already Exists: '{0}'")]
    ExecutionAlreadyExists(SmolStr),
    #[error("Invalid State Machine Execution Input: '{0}'")]
    InvalidExecutionInput(String),

    #[error("Activity Does Not Exist: '{0}'")]
    ActivityDoesNotExist(SmolStr),
    /// The words are a guess.
    #[error("Activity Already Exists: '{0}'")]
    ActivityAlreadyExists(SmolStr),
    /// The words are a guess.
    #[error("Activity Limit Exceeded: '{}'", quota::ACTIVITIES)]
    ActivityLimitExceeded,
    /// The words are those of the API reference.
    #[error("The maximum number of workers concurrently polling for activity tasks has been reached.")]
    ActivityWorkerLimitExceeded,
    #[error("Task Timed Out: 'Provided task does not exist anymore'")]
    TaskTimedOut,
    /// Named by analogy with inputs of executions: a guess.
    #[error("Invalid Output: '{0}'")]
    InvalidOutput(String),

    /// The words are a guess.
    #[error("Too many tags: a resource can have {} tags at most", quota::TAGS)]
    TooManyTags { resource_name: SmolStr },
    #[error("Resource not found: '{0}'")]
    ResourceNotFound(SmolStr),
    /// Recorded for the update of an alias that isn't there.
    #[error("Request references a resource that does not exist.")]
    ReferenceNotFound,
    #[error("{0}")]
    Validation(ValidationProblem),

    /// A test case that can't be run; the words are our own.
    #[error("The mock configuration {} can't be used: {problem}", file.display())]
    Mocks { file: PathBuf, problem: MockProblem },

    #[error("{0}")]
    Test(#[from] TestProblem),

    /// AWS would do it, this program can't yet; the words are our own.
    #[error("Stepwell does not implement {0} yet")]
    NotImplemented(Cow<'static, str>),
    /// An error of this program; the words are those that the framework gives for its own.
    #[error("An internal error occurred")]
    InternalFailure,
}

/// Why a test case of the mock configuration can't be run.
#[derive(Debug, ThisError)]
#[allow(missing_docs)]
pub enum MockProblem {
    #[error("{0}")]
    Unreadable(std::io::Error),
    #[error("{0}")]
    Wrong(#[from] mocks::Problem),
}

/// What is wrong with a logging configuration.
#[derive(Debug, ThisError)]
#[allow(missing_docs)]
pub enum LoggingProblem {
    #[error("Must specify exactly one Log Destination.")]
    NotOneDestination,
    #[error("Must set valid CloudWatch Log Group ARN.")]
    NoLogGroup,
    #[error("Provided ARN is not CloudWatch Logs Log Group ARN.")]
    NotALogGroup,
    #[error("Log Group ARN must be provided with '*' qualifier.")]
    NoQualifier,
    #[error("Log Destination not found.")]
    NotFound,
    /// A name that can't be part of a resource policy. What AWS says before this is not known.
    #[error(
        "1 validation error detected: Value '{0}' at 'resourceId' failed to satisfy constraint: \
         Member must satisfy regular expression pattern: ^[0-9A-Za-z.\\/\\-_:]+$"
    )]
    StateMachineArn(SmolStr),
}

/// What contradicts what is there.
#[derive(Debug, ThisError)]
#[allow(missing_docs)]
pub enum Conflict {
    #[error(
        "Failed to publish the State Machine version for revision {asked}. \
         The current State Machine revision is {current}."
    )]
    Revision { asked: SmolStr, current: SmolStr },
    #[error(
        "Failed to create alias because an alias with the same name and a different routing configuration already exists."
    )]
    Alias,
    #[error(
        "Version to be deleted must not be referenced by an alias. \
         Current list of aliases referencing this version: [{}]", .0.join(", ")
    )]
    Referenced(Vec<SmolStr>),
}

/// What is wrong with an encryption configuration. The words are guesses after the API reference.
#[derive(Debug, ThisError)]
#[allow(missing_docs)]
pub enum EncryptionProblem {
    #[error("KmsKeyId must be specified when type is CUSTOMER_MANAGED_KMS_KEY")]
    KeyMissing,
    #[error("KmsKeyId must be a key ID, an alias, or the ARN of either. Received: {0}")]
    NotAKey(SmolStr),
    #[error("KmsKeyId and KmsDataKeyReusePeriodSeconds must not be specified when type is AWS_OWNED_KEY")]
    KeyNotUsed,
}

/// What else is wrong with members that are right one by one.
#[derive(Debug, ThisError)]
#[allow(missing_docs)]
pub enum ValidationProblem {
    #[error("Version description can only be set when publish is true")]
    VersionDescriptionWithoutPublish,
    /// The words are a guess.
    #[error("This API does not support labeled state machine ARNs: '{0}'")]
    LabelledArn(SmolStr),
    /// A version or an alias where only a whole state machine can be. The words are a guess.
    #[error("This API does not support qualified state machine ARNs: '{0}'")]
    QualifiedArn(SmolStr),
    #[error("Routing configuration must contain state machine version ARNs. Received: [{}]", .0.join(", "))]
    NotVersions(Vec<SmolStr>),
    #[error("Routing configuration must contain distinct state machine version ARNs. Received: [{}]", .0.join(", "))]
    SameVersions(Vec<SmolStr>),
    /// The words are a guess after those for other routing configurations.
    #[error(
        "Routing configuration must contain state machine version ARNs of the same state machine. Received: [{}]",
        .0.join(", ")
    )]
    OtherStateMachine(Vec<SmolStr>),
    #[error("Sum of routing configuration weights must equal 100. Received: [{}]", .0.join(", "))]
    Weights(Vec<SmolStr>),
    /// The words are a guess.
    #[error("Either the description or the routing configuration must be specified")]
    NoAliasChange,
    /// The words are a guess.
    #[error("Exactly one of stateMachineArn and mapRunArn must be specified")]
    NotOneArn,
    /// The words are a guess after the API reference.
    #[error("redriveFilter can only be specified with mapRunArn")]
    RedriveFilterWithoutMapRun,
    /// The words are a guess after the API reference.
    #[error("statusFilter PENDING_REDRIVE can only be specified with mapRunArn")]
    PendingRedriveWithoutMapRun,
    /// The words are a guess after the API reference.
    #[error("At least one of maxConcurrency, toleratedFailurePercentage and toleratedFailureCount must be specified")]
    NothingToUpdate,
    /// The words are a guess.
    #[error("Invalid tag key: '{0}'")]
    InvalidTagKey(SmolStr),
    /// The words are a guess.
    #[error("Invalid tag value: '{0}'")]
    InvalidTagValue(SmolStr),
}

impl ValidationProblem {
    /// The member `reason`, for the problems that the model has a word for.
    fn reason(&self) -> Option<&'static str> {
        match self {
            ValidationProblem::LabelledArn(_) => Some("API_DOES_NOT_SUPPORT_LABELED_ARNS"),
            ValidationProblem::NotOneArn | ValidationProblem::NoAliasChange | ValidationProblem::NothingToUpdate => {
                Some("MISSING_REQUIRED_PARAMETER")
            }
            ValidationProblem::NotVersions(_)
            | ValidationProblem::SameVersions(_)
            | ValidationProblem::OtherStateMachine(_)
            | ValidationProblem::Weights(_) => Some("INVALID_ROUTING_CONFIGURATION"),
            _ => None,
        }
    }
}

impl From<Fault> for Error {
    fn from(fault: Fault) -> Self {
        Error::Request(fault)
    }
}

impl Error {
    /// The error's name, as in the service's model.
    pub fn code(&self) -> &'static str {
        match self {
            Error::Request(fault) => fault.type_name().rsplit('#').next().unwrap_or_default(),
            Error::InvalidArnPrefix(_)
            | Error::InvalidArnType(_)
            | Error::InvalidArnFormat(_)
            | Error::InvalidRoleArn(_) => "InvalidArn",
            Error::InvalidName(_) => "InvalidName",
            Error::InvalidToken => "InvalidToken",
            Error::StateMachineDoesNotExist(_) => "StateMachineDoesNotExist",
            Error::StateMachineAlreadyExists(_) => "StateMachineAlreadyExists",
            Error::StateMachineDeleting(_) => "StateMachineDeleting",
            Error::StateMachineLimitExceeded => "StateMachineLimitExceeded",
            Error::StateMachineTypeNotSupported => "StateMachineTypeNotSupported",
            Error::InvalidDefinition(_) => "InvalidDefinition",
            Error::InvalidLoggingConfiguration(_) => "InvalidLoggingConfiguration",
            Error::InvalidTracingConfiguration => "InvalidTracingConfiguration",
            Error::InvalidEncryptionConfiguration(_) => "InvalidEncryptionConfiguration",
            Error::NothingToUpdate => "MissingRequiredParameter",
            Error::Conflict(_) => "ConflictException",
            Error::ServiceQuotaExceeded(_) => "ServiceQuotaExceededException",
            Error::ExecutionDoesNotExist(_) => "ExecutionDoesNotExist",
            Error::ExecutionNotRedrivable(_) => "ExecutionNotRedrivable",
            Error::ExecutionAlreadyExists(_) => "ExecutionAlreadyExists",
            Error::InvalidExecutionInput(_) => "InvalidExecutionInput",
            Error::ActivityDoesNotExist(_) => "ActivityDoesNotExist",
            Error::ActivityAlreadyExists(_) => "ActivityAlreadyExists",
            Error::ActivityLimitExceeded => "ActivityLimitExceeded",
            Error::ActivityWorkerLimitExceeded => "ActivityWorkerLimitExceeded",
            Error::TaskTimedOut => "TaskTimedOut",
            Error::InvalidOutput(_) => "InvalidOutput",
            Error::TooManyTags { .. } => "TooManyTags",
            Error::ResourceNotFound(_) | Error::ReferenceNotFound => "ResourceNotFound",
            Error::Validation(_) | Error::Mocks { .. } => "ValidationException",
            Error::Test(problem) => problem.code(),
            Error::NotImplemented(_) => "NotImplemented",
            Error::InternalFailure => "InternalFailure",
        }
    }

    /// Whether the operation's own model must have it. The framework's and our own errors may come from any, and so
    /// may a ValidationException, which is the framework's too.
    pub fn is_modelled(&self) -> bool {
        let from_any = matches!(self, Error::Request(_) | Error::NotImplemented(_) | Error::InternalFailure);
        !from_any && !matches!(self, Error::Validation(_) | Error::Mocks { .. })
    }

    /// The HTTP status.
    pub fn status(&self) -> u16 {
        match self {
            Error::Request(fault) => fault.status(),
            Error::InternalFailure => 500,
            _ => 400,
        }
    }

    /// The body of the answer.
    pub fn body(&self) -> String {
        let (mut out, mut first) = (String::from("{"), true);
        let type_name: SmolStr = match self {
            Error::Request(fault) => fault.type_name().into(),
            Error::InternalFailure => "com.amazon.coral.service#InternalFailure".into(),
            Error::NotImplemented(_) => "dev.stepwell#NotImplemented".into(),
            modelled => format!("com.amazonaws.swf.service.v2.model#{}", modelled.code()).into(),
        };
        let message = match self {
            Error::Request(fault) => fault.message(),
            other => Some(other.to_string().into()),
        };
        let mut member = |name: &str, text: &str| {
            write_name(name, &mut first, &mut out);
            SmolStr::new(text).write(&mut out);
        };
        member("__type", &type_name);
        if let Some(message) = message {
            member("message", &message);
        }
        match self {
            Error::Validation(problem) => problem.reason().into_iter().for_each(|reason| member("reason", reason)),
            Error::TooManyTags { resource_name } | Error::ResourceNotFound(resource_name) => {
                member("resourceName", resource_name);
            }
            _ => {}
        }
        out.push('}');
        out
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_body_names_the_error_and_its_namespace() {
        for (error, body) in [
            (
                Error::InvalidToken,
                r#"{"__type":"com.amazonaws.swf.service.v2.model#InvalidToken","message":"Invalid Token: 'Invalid token'"}"#,
            ),
            (
                Error::Request(Fault::UnknownOperation),
                r#"{"__type":"com.amazon.coral.service#UnknownOperationException"}"#,
            ),
            (
                Error::ResourceNotFound("a\"b".into()),
                r#"{"__type":"com.amazonaws.swf.service.v2.model#ResourceNotFound","message":"Resource not found: 'a\"b'","resourceName":"a\"b"}"#,
            ),
            (
                Error::NotImplemented("Everything".into()),
                r#"{"__type":"dev.stepwell#NotImplemented","message":"Stepwell does not implement Everything yet"}"#,
            ),
        ] {
            assert_eq!(error.body(), body.replace("a\"b", "a\\\"b"));
        }
        assert_eq!(Error::Request(Fault::UnknownOperation).code(), "UnknownOperationException");
    }
}
