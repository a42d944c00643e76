//! SendTaskSuccess.

use crate::engine::TaskReport;
use crate::json::Value;
use crate::operations::error::Error;
use crate::operations::{Call, model};
use std::borrow::Cow;

crate::protocol::shape! {
    /// The request.
    pub struct Input<'a> {
        /// of which task
        task_token: Cow<'a, str> = "taskToken", model::TASK_TOKEN;
        /// what it gives
        output: Cow<'a, str> = "output", model::SENSITIVE_DATA;
    }
}

crate::protocol::answer! {
    /// The answer.
    pub struct Output {}
}

/// The errors of the model.
pub const ERRORS: &[&str] = &[
    "TaskDoesNotExist",
    "InvalidOutput",
    "InvalidToken",
    "TaskTimedOut",
    "KmsAccessDeniedException",
    "KmsInvalidStateException",
    "KmsThrottlingException",
];

/// Carries it out.
pub fn run(call: &Call<'_>, input: Input<'_>) -> Result<Output, Error> {
    let output = Value::parse(&input.output).map_err(|problem| {
        // Recorded: of a bad token and a bad output the token is refused.
        let token = call.emulator.engine.check_token(&call.namespace, &input.task_token);
        token.map_or_else(super::error, |()| Error::InvalidOutput(problem.to_string()))
    })?;
    super::report(call, &input.task_token, TaskReport::Success(output))?;
    Ok(Output {})
}
