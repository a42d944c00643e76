//! ListStateMachineAliases, ordered by name, as the recordings have it.

use crate::operations::error::Error;
use crate::operations::target::Qualifier;
use crate::operations::{Call, model, page, target};
use crate::registry::Status;
use crate::timestamp::Timestamp;
use smol_str::SmolStr;
use std::borrow::Cow;

crate::protocol::shape! {
    /// The request.
    pub struct Input<'a> {
        /// of what: a state machine or one of its versions
        arn: Cow<'a, str> = "stateMachineArn", model::ARN;
        /// which page
        next_token: Option<Cow<'a, str>> = "nextToken", model::PAGE_TOKEN;
        /// the size of the page
        max_results: Option<i64> = "maxResults", model::PAGE_SIZE;
    }
}

crate::protocol::answer! {
    /// The answer.
    pub struct Output {
        /// what is on the page
        aliases: Vec<Item> = "stateMachineAliases";
        /// the next page
        next_token: Option<SmolStr> = "nextToken";
    }
}

crate::protocol::answer! {
    /// An alias of the list.
    pub struct Item {
        /// its ARN
        arn: SmolStr = "stateMachineAliasArn";
        /// when it was created
        creation_date: Timestamp = "creationDate";
    }
}

/// The errors of the model.
pub const ERRORS: &[&str] =
    &["InvalidArn", "InvalidToken", "ResourceNotFound", "StateMachineDoesNotExist", "StateMachineDeleting"];

/// Carries it out. Which error AWS has for a version that doesn't exist isn't recorded.
pub fn run(call: &Call<'_>, input: Input<'_>) -> Result<Output, Error> {
    let target = target::state_machine(&input.arn, &call.namespace)?;
    let version = match target.qualifier {
        None => None,
        Some(Qualifier::Version(number)) => Some(number),
        Some(Qualifier::Alias(_) | Qualifier::Label) => return Err(Error::StateMachineDoesNotExist(input.arn.into())),
    };
    let Some(machine) = target.here.then(|| call.state_machine(target.name)).flatten() else {
        return Err(Error::StateMachineDoesNotExist(input.arn.into()));
    };
    if machine.status == Status::Deleting {
        return Err(Error::StateMachineDeleting(input.arn.into()));
    }
    let (registry, namespace) = (&call.emulator.registry, &call.namespace);
    if version.is_some_and(|number| registry.version(namespace, &machine.name, number).is_none()) {
        return Err(Error::ReferenceNotFound);
    }
    let arguments = [input.arn.as_ref()];
    let after = page::name_cursor(call, &arguments, input.next_token.as_deref())?;
    let size = page::size(input.max_results);
    let page = registry.aliases(namespace, &machine.name, version, after.as_deref(), size);
    let last = page.items.last().filter(|_| page.more);
    Ok(Output {
        next_token: last.map(|last| page::token(call, &arguments, last.name.as_bytes()).into()),
        aliases: page
            .items
            .iter()
            .map(|alias| Item { arn: alias.arn.clone(), creation_date: alias.creation_date })
            .collect(),
    })
}
