//! ListMapRuns: those of one execution.

use super::Nothing;
use crate::operations::error::Error;
use crate::operations::{Call, model, page, target};
use smol_str::SmolStr;
use std::borrow::Cow;

crate::protocol::shape! {
    /// The request.
    pub struct Input<'a> {
        /// of which execution
        arn: Cow<'a, str> = "executionArn", model::ARN;
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
        map_runs: Vec<Nothing> = "mapRuns";
        /// the next page
        next_token: Option<SmolStr> = "nextToken";
    }
}

/// The errors of the model.
pub const ERRORS: &[&str] = &["ExecutionDoesNotExist", "InvalidArn", "InvalidToken"];

/// Carries it out.
pub fn run(call: &Call<'_>, input: Input<'_>) -> Result<Output, Error> {
    let target = target::execution(&input.arn, &call.namespace)?;
    let engine = &call.emulator.engine;
    let found = target.here.then(|| engine.machine_of(&call.namespace, target.machine, target.name)).flatten();
    if found.is_none() {
        return Err(Error::ExecutionDoesNotExist(input.arn.into()));
    }
    // There is no second page, so that no token is one of ours.
    page::name_cursor(call, &[input.arn.as_ref()], input.next_token.as_deref())?;
    let map_runs = std::iter::empty().take(page::size(input.max_results)).collect();
    Ok(Output { map_runs, next_token: None })
}
