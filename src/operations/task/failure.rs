//! SendTaskFailure.

use crate::engine::TaskReport;
use crate::operations::error::Error;
use crate::operations::{Call, model};
use smol_str::SmolStr;
use std::borrow::Cow;

crate::protocol::shape! {
    /// The request.
    pub struct Input<'a> {
        /// of which task
        task_token: Cow<'a, str> = "taskToken", model::TASK_TOKEN;
        /// what went wrong
        error: Option<Cow<'a, str>> = "error", model::SENSITIVE_ERROR;
        /// why
        cause: Option<Cow<'a, str>> = "cause", model::SENSITIVE_CAUSE;
    }
}

crate::protocol::answer! {
    /// The answer.
    pub struct Output {}
}

/// The errors of the model.
pub const ERRORS: &[&str] = &[
    "TaskDoesNotExist",
    "InvalidToken",
    "TaskTimedOut",
    "KmsAccessDeniedException",
    "KmsInvalidStateException",
    "KmsThrottlingException",
];

/// Carries it out.
pub fn run(call: &Call<'_>, input: Input<'_>) -> Result<Output, Error> {
    let (error, cause) = (input.error.map(SmolStr::from), input.cause.map(SmolStr::from));
    super::report(call, &input.task_token, TaskReport::Failure { error, cause })?;
    Ok(Output {})
}
