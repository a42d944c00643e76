//! DeleteStateMachine. The state machine is `DELETING` as long as executions run, which end at their next transition.

use crate::operations::error::{Error, ValidationProblem};
use crate::operations::target::Qualifier;
use crate::operations::{Call, model, target};
use std::borrow::Cow;

crate::protocol::shape! {
    /// The request.
    pub struct Input<'a> {
        /// which one
        arn: Cow<'a, str> = "stateMachineArn", model::ARN;
    }
}

crate::protocol::answer! {
    /// The answer.
    pub struct Output {}
}

/// The errors of the model.
pub const ERRORS: &[&str] = &["InvalidArn", "ValidationException"];

/// Carries it out. What doesn't exist is as good as deleted.
pub fn run(call: &Call<'_>, input: Input<'_>) -> Result<Output, Error> {
    let target = target::state_machine(&input.arn, &call.namespace)?;
    match target.qualifier {
        None => {}
        Some(Qualifier::Label) => {
            return Err(Error::Validation(ValidationProblem::LabelledArn(input.arn.as_ref().into())));
        }
        Some(Qualifier::Version(_) | Qualifier::Alias(_)) => {
            return Err(Error::Validation(ValidationProblem::QualifiedArn(input.arn.as_ref().into())));
        }
    }
    if target.here && call.emulator.registry.mark_deleting(&call.namespace, target.name).is_some() {
        call.emulator.engine.machine_deleted(&call.namespace, target.name);
        // Forgets it, if none of its executions runs.
        call.state_machine(target.name);
    }
    Ok(Output {})
}
