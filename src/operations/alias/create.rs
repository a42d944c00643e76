//! CreateStateMachineAlias. It is idempotent: the same request again gives the first one's answer.

use super::routing::{ROUTING, Route, understood};
use crate::operations::error::Error;
use crate::operations::lookup::refused;
use crate::operations::{Call, model};
use crate::quota;
use crate::registry::{Alias, Refusal};
use crate::timestamp::Timestamp;
use smol_str::{SmolStr, format_smolstr};
use std::borrow::Cow;

crate::protocol::shape! {
    /// The request.
    pub struct Input<'a> {
        /// what it is described with
        description: Option<Cow<'a, str>> = "description", model::ALIAS_DESCRIPTION;
        /// its name
        name: Cow<'a, str> = "name", model::ALIAS_NAME;
        /// the versions that it leads to
        routing: Vec<Route<'a>> = "routingConfiguration", ROUTING;
    }
}

crate::protocol::answer! {
    /// The answer.
    pub struct Output {
        /// its ARN
        arn: SmolStr = "stateMachineAliasArn";
        /// when it was created
        creation_date: Timestamp = "creationDate";
    }
}

/// The errors of the model.
pub const ERRORS: &[&str] = &[
    "InvalidArn",
    "InvalidName",
    "ValidationException",
    "StateMachineDeleting",
    "ResourceNotFound",
    "ConflictException",
    "ServiceQuotaExceededException",
];

/// Carries it out. The model has no error for a state machine that doesn't exist: it is a resource that isn't found.
pub fn run(call: &Call<'_>, input: Input<'_>) -> Result<Output, Error> {
    let routing = understood(call, &input.routing)?;
    // Forgets it, if its deletion has come to its end.
    let machine = routing.machine.and_then(|name| call.state_machine(name)).ok_or(Error::ReferenceNotFound)?;
    let now = call.emulator.engine.now();
    let alias = Alias {
        arn: format_smolstr!("{}:{}", machine.arn, input.name),
        name: input.name.into(),
        description: input.description.map(SmolStr::from),
        routes: routing.routes,
        creation_date: now,
        update_date: now,
    };
    let created = call.emulator.registry.create_alias(&call.namespace, &machine.name, alias, quota::ALIASES);
    let alias = created.map_err(|refusal| match refusal {
        Refusal::NoStateMachine => Error::ReferenceNotFound,
        other => refused(other, &machine.arn, None),
    })?;
    Ok(Output { arn: alias.arn.clone(), creation_date: alias.creation_date })
}
