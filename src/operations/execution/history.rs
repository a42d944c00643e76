//! GetExecutionHistory.

use crate::history::wire::{ExecutionData, write_event};
use crate::history::{EventId, History};
use crate::operations::error::Error;
use crate::operations::{Call, model, page, target};
use crate::protocol::{Encode, Rule, separate};
use smol_str::SmolStr;
use std::borrow::Cow;

crate::protocol::shape! {
    /// The request.
    pub struct Input<'a> {
        /// of which execution
        arn: Cow<'a, str> = "executionArn", model::ARN;
        /// the size of the page
        max_results: Option<i64> = "maxResults", model::PAGE_SIZE;
        /// whether the newest comes first
        reverse_order: Option<bool> = "reverseOrder", Rule::Boolean;
        /// which page
        next_token: Option<Cow<'a, str>> = "nextToken", model::PAGE_TOKEN;
        /// whether with inputs and outputs
        include_execution_data: Option<bool> = "includeExecutionData", Rule::Boolean;
    }
}

crate::protocol::answer! {
    /// The answer.
    pub struct Output {
        /// what happened
        events: Events = "events";
        /// the next page
        next_token: Option<SmolStr> = "nextToken";
    }
}

/// The events of a page, as the JSON of a list.
#[derive(Debug)]
pub struct Events(String);

impl Encode for Events {
    fn write(&self, out: &mut String) {
        out.push_str(&self.0);
    }
}

/// The errors of the model.
pub const ERRORS: &[&str] = &[
    "ExecutionDoesNotExist",
    "InvalidArn",
    "InvalidToken",
    "KmsAccessDeniedException",
    "KmsInvalidStateException",
    "KmsThrottlingException",
];

/// Carries it out.
pub fn run(call: &Call<'_>, input: Input<'_>) -> Result<Output, Error> {
    let target = target::execution(&input.arn, &call.namespace)?;
    let reverse = input.reverse_order.unwrap_or(false);
    let include_data = input.include_execution_data.unwrap_or(true);
    let arguments =
        [input.arn.as_ref(), if reverse { "newest" } else { "oldest" }, if include_data { "data" } else { "" }];
    // The token is looked at after the execution: one that doesn't exist has no pages.
    let page = |history: &History| -> Result<Output, Error> {
        let (size, length) = (page::size(input.max_results), history.len());
        let cursor = page::number_cursor(call, &arguments, input.next_token.as_deref())?;
        let cursor = cursor.map(usize::try_from).transpose().map_err(|_| Error::InvalidToken)?;
        // In reverse order a page ends where the one before began, so that new events don't move the pages.
        let (indices, next) = if reverse {
            let end = cursor.unwrap_or(length).min(length);
            let start = end.saturating_sub(size);
            (start..end, (start > 0).then_some(start))
        } else {
            let start = cursor.unwrap_or(0).min(length);
            let end = start.saturating_add(size).min(length);
            (start..end, (end < length).then_some(end))
        };
        let events =
            if reverse { write(history, indices.rev(), include_data) } else { write(history, indices, include_data) };
        let next_token = next.map(|next| page::token(call, &arguments, &(next as u64).to_be_bytes()).into());
        Ok(Output { events, next_token })
    };
    let engine = &call.emulator.engine;
    let found = target.here.then(|| engine.history(&call.namespace, target.machine, target.name, page)).flatten();
    found.unwrap_or_else(|| Err(Error::ExecutionDoesNotExist(input.arn.as_ref().into())))
}

/// The JSON of these events.
fn write(history: &History, indices: impl Iterator<Item = usize>, include_data: bool) -> Events {
    let data = if include_data { ExecutionData::Included } else { ExecutionData::LeftOut };
    let (mut out, mut first) = (String::from("["), true);
    for index in indices {
        separate(&mut first, &mut out);
        write_event(index as EventId + 1, &history.events()[index], data, &mut out);
    }
    out.push(']');
    Events(out)
}
