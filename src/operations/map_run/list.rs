//! ListMapRuns: those of one execution, newest first.

use crate::operations::error::Error;
use crate::operations::{Call, model, page, target};
use crate::timestamp::Timestamp;
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
        map_runs: Vec<Item> = "mapRuns";
        /// the next page
        next_token: Option<SmolStr> = "nextToken";
    }
}

crate::protocol::answer! {
    /// A map run of the list.
    pub struct Item {
        /// the execution that began it
        execution_arn: SmolStr = "executionArn";
        /// its ARN
        arn: SmolStr = "mapRunArn";
        /// what its children run
        machine_arn: SmolStr = "stateMachineArn";
        /// when it began
        start_date: Timestamp = "startDate";
        /// when it ended
        stop_date: Option<Timestamp> = "stopDate";
    }
}

/// The errors of the model.
pub const ERRORS: &[&str] = &["ExecutionDoesNotExist", "InvalidArn", "InvalidToken"];

/// Carries it out. The pages are those of the order in which they began, so that new ones don't move what is on them.
pub fn run(call: &Call<'_>, input: Input<'_>) -> Result<Output, Error> {
    let target = target::execution(&input.arn, &call.namespace)?;
    let engine = &call.emulator.engine;
    let found = target.here.then(|| engine.machine_of(&call.namespace, target.machine, target.name)).flatten();
    if found.is_none() {
        return Err(Error::ExecutionDoesNotExist(input.arn.into()));
    }
    let arguments = [input.arn.as_ref()];
    let runs = engine.map_runs(&input.arn);
    let before = page::number_cursor(call, &arguments, input.next_token.as_deref())?;
    let before = before.map(usize::try_from).transpose().map_err(|_| Error::InvalidToken)?.unwrap_or(runs.len());
    let end = before.min(runs.len());
    let start = end.saturating_sub(page::size(input.max_results));
    let map_runs = runs[runs.len() - end..runs.len() - start].iter().map(|run| Item {
        execution_arn: run.execution_arn.clone(),
        arn: run.arn.clone(),
        machine_arn: run.machine_arn.clone(),
        start_date: run.start_date,
        stop_date: run.stop_date,
    });
    let map_runs = map_runs.collect();
    let next_token = (start > 0).then(|| page::token(call, &arguments, &(start as u64).to_be_bytes()).into());
    Ok(Output { map_runs, next_token })
}
