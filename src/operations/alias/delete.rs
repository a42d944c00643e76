//! DeleteStateMachineAlias. The versions that it leads to stay.

use crate::operations::error::Error;
use crate::operations::{Call, model, target};
use std::borrow::Cow;

crate::protocol::shape! {
    /// The request.
    pub struct Input<'a> {
        /// which one
        arn: Cow<'a, str> = "stateMachineAliasArn", model::ARN;
    }
}

crate::protocol::answer! {
    /// The answer.
    pub struct Output {}
}

/// The errors of the model.
pub const ERRORS: &[&str] = &["ValidationException", "InvalidArn", "ResourceNotFound", "ConflictException"];

/// Carries it out. What doesn't exist is as good as deleted.
pub fn run(call: &Call<'_>, input: Input<'_>) -> Result<Output, Error> {
    if let Some((machine, alias)) = target::alias(&input.arn, &call.namespace)? {
        call.emulator.registry.delete_alias(&call.namespace, machine, alias);
    }
    Ok(Output {})
}
