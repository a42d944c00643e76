//! StopExecution. Stopping what has ended gives the time at which it ended.

use crate::operations::error::Error;
use crate::operations::{Call, model, target};
use crate::timestamp::Timestamp;
use smol_str::SmolStr;
use std::borrow::Cow;

crate::protocol::shape! {
    /// The request.
    pub struct Input<'a> {
        /// which one
        arn: Cow<'a, str> = "executionArn", model::ARN;
        /// the error that it ends with
        error: Option<Cow<'a, str>> = "error", model::SENSITIVE_ERROR;
        /// why
        cause: Option<Cow<'a, str>> = "cause", model::SENSITIVE_CAUSE;
    }
}

crate::protocol::answer! {
    /// The answer.
    pub struct Output {
        /// when it ended
        stop_date: Timestamp = "stopDate";
    }
}

/// The errors of the model.
pub const ERRORS: &[&str] = &[
    "ExecutionDoesNotExist",
    "InvalidArn",
    "ValidationException",
    "KmsAccessDeniedException",
    "KmsInvalidStateException",
    "KmsThrottlingException",
];

/// Carries it out.
pub fn run(call: &Call<'_>, input: Input<'_>) -> Result<Output, Error> {
    let target = target::execution(&input.arn, &call.namespace)?;
    let (error, cause) = (input.error.map(SmolStr::from), input.cause.map(SmolStr::from));
    let engine = &call.emulator.engine;
    let stopped = target.here.then(|| engine.stop(&call.namespace, target.machine, target.name, error, cause));
    let stopped = stopped.flatten().ok_or_else(|| Error::ExecutionDoesNotExist(input.arn.as_ref().into()))?;
    let pending = |_| Error::NotImplemented("StopExecution of a child execution that is PENDING_REDRIVE".into());
    let stop_date = stopped.map_err(pending)?;
    Ok(Output { stop_date })
}
