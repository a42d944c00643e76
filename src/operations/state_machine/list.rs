//! ListStateMachines, ordered by name.

use super::configuration::type_name;
use crate::operations::error::Error;
use crate::operations::{Call, model, page};
use crate::timestamp::Timestamp;
use smol_str::SmolStr;
use std::borrow::Cow;

crate::protocol::shape! {
    /// The request.
    pub struct Input<'a> {
        /// the size of the page
        max_results: Option<i64> = "maxResults", model::PAGE_SIZE;
        /// which page
        next_token: Option<Cow<'a, str>> = "nextToken", model::PAGE_TOKEN;
    }
}

crate::protocol::answer! {
    /// The answer.
    pub struct Output {
        /// what is on the page
        machines: Vec<Item> = "stateMachines";
        /// the next page
        next_token: Option<SmolStr> = "nextToken";
    }
}

crate::protocol::answer! {
    /// A state machine of the list.
    pub struct Item {
        /// its ARN
        arn: SmolStr = "stateMachineArn";
        /// its name
        name: SmolStr = "name";
        /// Standard or Express
        machine_type: &'static str = "type";
        /// when it was created
        creation_date: Timestamp = "creationDate";
    }
}

/// The errors of the model.
pub const ERRORS: &[&str] = &["InvalidToken"];

/// Carries it out.
pub fn run(call: &Call<'_>, input: Input<'_>) -> Result<Output, Error> {
    let after = page::name_cursor(call, &[], input.next_token.as_deref())?;
    let (registry, namespace) = (&call.emulator.registry, &call.namespace);
    for name in registry.deleting(namespace) {
        // Forgets it, if its deletion has come to its end.
        call.state_machine(&name);
    }
    let page = registry.state_machines(namespace, after.as_deref(), page::size(input.max_results));
    let last = page.items.last().filter(|_| page.more);
    Ok(Output {
        next_token: last.map(|last| page::token(call, &[], last.name.as_bytes()).into()),
        machines: page
            .items
            .iter()
            .map(|machine| Item {
                arn: machine.arn.clone(),
                name: machine.name.clone(),
                machine_type: type_name(machine.machine_type),
                creation_date: machine.creation_date,
            })
            .collect(),
    })
}
