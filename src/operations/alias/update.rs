//! UpdateStateMachineAlias. It is idempotent: what changes nothing keeps the date of the last change.

use super::routing::{ROUTING, Route, understood};
use crate::operations::error::{Error, ValidationProblem};
use crate::operations::lookup::refused;
use crate::operations::{Call, model, target};
use crate::registry::Refusal;
use crate::timestamp::Timestamp;
use smol_str::SmolStr;
use std::borrow::Cow;

crate::protocol::shape! {
    /// The request.
    pub struct Input<'a> {
        /// which one
        arn: Cow<'a, str> = "stateMachineAliasArn", model::ARN;
        /// what it is described with
        description: Option<Cow<'a, str>> = "description", model::ALIAS_DESCRIPTION;
        /// the versions that it leads to
        routing: Option<Vec<Route<'a>>> = "routingConfiguration", ROUTING;
    }
}

crate::protocol::answer! {
    /// The answer.
    pub struct Output {
        /// when it was updated
        update_date: Timestamp = "updateDate";
    }
}

/// The errors of the model.
pub const ERRORS: &[&str] =
    &["ValidationException", "InvalidArn", "ResourceNotFound", "ConflictException", "StateMachineDeleting"];

/// Carries it out.
pub fn run(call: &Call<'_>, input: Input<'_>) -> Result<Output, Error> {
    let target = target::alias(&input.arn, &call.namespace)?;
    if input.description.is_none() && input.routing.is_none() {
        return Err(Error::Validation(ValidationProblem::NoAliasChange));
    }
    let routing = input.routing.as_deref().map(|given| understood(call, given)).transpose()?;
    let (machine, alias) = target.ok_or(Error::ReferenceNotFound)?;
    // Forgets it, if its deletion has come to its end.
    let machine = call.state_machine(machine).ok_or(Error::ReferenceNotFound)?;
    if routing.as_ref().is_some_and(|routing| routing.machine != Some(&machine.name)) {
        let arns = input.routing.unwrap_or_default().into_iter().map(|route| route.arn.into()).collect();
        return Err(Error::Validation(ValidationProblem::OtherStateMachine(arns)));
    }
    let updated = call.emulator.registry.update_alias(
        &call.namespace,
        &machine.name,
        alias,
        input.description.map(SmolStr::from),
        routing.map(|routing| routing.routes),
        call.emulator.engine.now(),
    );
    let alias = updated.map_err(|refusal| match refusal {
        Refusal::NoStateMachine => Error::ReferenceNotFound,
        other => refused(other, &machine.arn, None),
    })?;
    Ok(Output { update_date: alias.update_date })
}
