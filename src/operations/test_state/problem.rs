//! Why a state can't be tested as asked.

use crate::asl::Problem;
use crate::operations::result_model::Mismatch;
use smol_str::SmolStr;
use thiserror::Error as ThisError;

/// Why a state can't be tested as asked. Most words are recorded; the others say what they are.
#[derive(Debug, ThisError)]
#[allow(missing_docs)]
pub enum TestProblem {
    #[error("State not found in definition")]
    StateNotFound,
    #[error("RoleArn must be specified when testing a Task state")]
    RoleMissing,
    #[error(
        "TestState API does not support Map or Parallel states. Supported state types include: [Task, Wait, Pass, Succeed, Fail, Choice]"
    )]
    MapOrParallel,
    #[error("TestState does not support RevealSecrets when a mock is specified.")]
    SecretsOfMock,
    /// Recorded for MapIterationFailureCount. That activities and tasks that wait hear a ValidationException too is documented;
    /// that they and the other members hear the same words is a guess.
    #[error("TestState does not support {0} when a mock is not specified.")]
    OnlyWithMock(&'static str),
    /// A guess: that these members belong to certain states is documented, what is said of others isn't.
    #[error("TestState does not support {member} for state type '{state_type}'.")]
    NotForType { member: &'static str, state_type: &'static str },
    /// A guess: AWS's page on TestState speaks of distributed Maps only, and so do all recordings.
    #[error("TestState does not support {0} for a Map state that is not distributed.")]
    NotDistributed(&'static str),
    /// A guess: the member is documented for mocked errors, and no recording has it with a result.
    #[error("TestState does not support ErrorCausedByState when no error is mocked.")]
    NoErrorCaused,
    #[error("State type '{0}' is not supported when a mock is specified")]
    NoMockFor(&'static str),

    /// Recorded for both; that a mock without any of them hears the same is a guess.
    #[error("A test mock should have only one of the following fields: [result, errorOutput].")]
    NotOneMock,
    /// A guess: the API reference says that the error is required.
    #[error("Mocked error output must have an error.")]
    MockedErrorMissing,
    /// A guess: the developer guide says that it must be there for a Map or Parallel state, and no recording is without it.
    #[error("ErrorCausedByState must be specified when an error is mocked for a Map or Parallel state.")]
    OriginMissing,
    #[error("Mocked result must be valid JSON")]
    ResultNotJson,
    #[error("Mocked result must be an array.")]
    ResultNotAnArray,
    #[error("Mocked result must be a JSON object.")]
    ResultNotAnObject,
    #[error("Mocked result must contain the same number of items as number of Parallel branches.")]
    ResultsNotBranches,
    #[error("Map iteration failure count must be less than or equal to the number of Map iterations")]
    TooManyFailedIterations,
    #[error("{0}")]
    ResultNotOfApi(#[from] Mismatch),

    #[error("Invalid Context object provided: {0}")]
    InvalidContext(ContextProblem),
    /// A guess: that it must be an object is documented.
    #[error("Variables must be a JSON object")]
    VariablesNotAnObject,
    /// A guess after what is said of Assign.
    #[error("{0}")]
    Variable(Problem),
    /// A guess.
    #[error("TestState does not support MapItemReaderData when the state has no ItemReader.")]
    NoItemReader,
}

/// What is wrong with a context object.
#[derive(Debug, ThisError)]
#[allow(missing_docs)]
pub enum ContextProblem {
    /// A guess.
    #[error("must be a valid JSON object")]
    NotAnObject,
    #[error("'Map' field is not supported when mocking a Context object")]
    Map,
    #[error(
        "Context object contains 'Task' when state is not a Task state with a '.sync' or '.waitForTaskToken' service integration pattern"
    )]
    Task,
    #[error("Field '{0}' is not allowed")]
    NotAllowed(SmolStr),
    /// Recorded for `a string`.
    #[error("{path} must be {expected}")]
    WrongType { path: String, expected: &'static str },
}

impl TestProblem {
    /// The error's name, as in the service's model.
    pub fn code(&self) -> &'static str {
        match self {
            TestProblem::MapOrParallel => "InvalidDefinition",
            _ => "ValidationException",
        }
    }
}
