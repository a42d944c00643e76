//! SendTaskHeartbeat.

use crate::engine::TaskReport;
use crate::operations::error::Error;
use crate::operations::{Call, model};
use std::borrow::Cow;

crate::protocol::shape! {
    /// The request.
    pub struct Input<'a> {
        /// of which task
        task_token: Cow<'a, str> = "taskToken", model::TASK_TOKEN;
    }
}

crate::protocol::answer! {
    /// The answer.
    pub struct Output {}
}

/// The errors of the model.
pub const ERRORS: &[&str] = &["TaskDoesNotExist", "InvalidToken", "TaskTimedOut"];

/// Carries it out.
pub fn run(call: &Call<'_>, input: Input<'_>) -> Result<Output, Error> {
    super::report(call, &input.task_token, TaskReport::Heartbeat)?;
    Ok(Output {})
}
