//! DeleteStateMachineVersion. Its number is never given again; executions that were started with it go on.

use crate::operations::error::Error;
use crate::operations::lookup::refused;
use crate::operations::{Call, model, target};
use std::borrow::Cow;

crate::protocol::shape! {
    /// The request.
    pub struct Input<'a> {
        /// which one
        arn: Cow<'a, str> = "stateMachineVersionArn", model::LONG_ARN;
    }
}

crate::protocol::answer! {
    /// The answer.
    pub struct Output {}
}

/// The errors of the model.
pub const ERRORS: &[&str] = &["ValidationException", "InvalidArn", "ConflictException"];

/// Carries it out. What doesn't exist is as good as deleted.
pub fn run(call: &Call<'_>, input: Input<'_>) -> Result<Output, Error> {
    if let Some((machine, number)) = target::version(&input.arn, &call.namespace)? {
        let deleted = call.emulator.registry.delete_version(&call.namespace, machine, number);
        deleted.map_err(|refusal| refused(refusal, &input.arn, None))?;
    }
    Ok(Output {})
}
