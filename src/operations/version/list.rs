//! ListStateMachineVersions, the newest first.

use crate::operations::error::{Error, ValidationProblem};
use crate::operations::target::Qualifier;
use crate::operations::{Call, model, page, target};
use crate::timestamp::Timestamp;
use smol_str::SmolStr;
use std::borrow::Cow;

crate::protocol::shape! {
    /// The request.
    pub struct Input<'a> {
        /// of what
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
        versions: Vec<Item> = "stateMachineVersions";
        /// the next page
        next_token: Option<SmolStr> = "nextToken";
    }
}

crate::protocol::answer! {
    /// A version of the list.
    pub struct Item {
        /// its ARN
        arn: SmolStr = "stateMachineVersionArn";
        /// when it was published
        creation_date: Timestamp = "creationDate";
    }
}

/// The errors of the model.
pub const ERRORS: &[&str] = &["ValidationException", "InvalidArn", "InvalidToken"];

/// Carries it out. What doesn't exist has no versions: the model has no error for it.
pub fn run(call: &Call<'_>, input: Input<'_>) -> Result<Output, Error> {
    let target = target::state_machine(&input.arn, &call.namespace)?;
    match target.qualifier {
        None => {}
        Some(Qualifier::Label) => {
            return Err(Error::Validation(ValidationProblem::LabelledArn(input.arn.into())));
        }
        Some(Qualifier::Version(_) | Qualifier::Alias(_)) => {
            return Err(Error::Validation(ValidationProblem::QualifiedArn(input.arn.into())));
        }
    }
    let arguments = [input.arn.as_ref()];
    let before = page::number_cursor(call, &arguments, input.next_token.as_deref())?;
    // Forgets it, if its deletion has come to its end.
    let machine = target.here.then(|| call.state_machine(target.name)).flatten();
    let Some(machine) = machine else { return Ok(Output { versions: Vec::new(), next_token: None }) };
    let size = page::size(input.max_results);
    let page = call.emulator.registry.versions(&call.namespace, &machine.name, before, size);
    let last = page.items.last().filter(|_| page.more);
    Ok(Output {
        next_token: last.map(|last| page::token(call, &arguments, &last.number.to_be_bytes()).into()),
        versions: page
            .items
            .iter()
            .map(|version| Item { arn: version.arn.clone(), creation_date: version.creation_date })
            .collect(),
    })
}
