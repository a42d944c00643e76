//! DescribeStateMachineAlias.

use super::routing::Shown;
use crate::operations::error::Error;
use crate::operations::{Call, model, target};
use crate::timestamp::Timestamp;
use smol_str::SmolStr;
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
    pub struct Output {
        /// its ARN
        arn: SmolStr = "stateMachineAliasArn";
        /// its name
        name: SmolStr = "name";
        /// what it is described with
        description: Option<SmolStr> = "description";
        /// the versions that it leads to
        routing: Vec<Shown> = "routingConfiguration";
        /// when it was created
        creation_date: Timestamp = "creationDate";
        /// when it was changed last
        update_date: Timestamp = "updateDate";
    }
}

/// The errors of the model.
pub const ERRORS: &[&str] = &["ValidationException", "InvalidArn", "ResourceNotFound"];

/// Carries it out.
pub fn run(call: &Call<'_>, input: Input<'_>) -> Result<Output, Error> {
    let target = target::alias(&input.arn, &call.namespace)?;
    // Without a state machine, or with one whose deletion has come to its end, there are no aliases.
    let found = target.and_then(|(machine, alias)| {
        let machine = call.state_machine(machine)?;
        call.emulator.registry.alias(&call.namespace, &machine.name, alias)
    });
    let alias = found.ok_or(Error::ReferenceNotFound)?;
    Ok(Output {
        arn: alias.arn.clone(),
        name: alias.name.clone(),
        description: alias.description.clone(),
        routing: alias
            .routes
            .iter()
            .map(|route| Shown { arn: route.version_arn.clone(), weight: route.weight })
            .collect(),
        creation_date: alias.creation_date,
        update_date: alias.update_date,
    })
}
