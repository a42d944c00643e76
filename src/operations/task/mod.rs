//! Operations of workers on their tasks.

pub mod failure;
pub mod get;
pub mod heartbeat;
pub mod success;

use super::{Call, Error};
use crate::engine::{TaskReport, TokenProblem};

/// Passes on what a worker says about the task with this token.
fn report(call: &Call<'_>, token: &str, report: TaskReport) -> Result<(), Error> {
    call.emulator.engine.report(&call.namespace, token, report).map_err(error)
}

fn error(problem: TokenProblem) -> Error {
    match problem {
        TokenProblem::Invalid => Error::InvalidToken,
        TokenProblem::TimedOut => Error::TaskTimedOut,
    }
}
