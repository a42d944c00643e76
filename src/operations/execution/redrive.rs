//! RedriveExecution.

use crate::engine::{Description, Status};
use crate::operations::error::Error;
use crate::operations::{Call, model, target};
use crate::protocol::{Pattern, Rule, Text, Unit};
use crate::quota;
use crate::registry;
use crate::timestamp::Timestamp;
use smol_str::SmolStr;
use std::borrow::Cow;

const CLIENT_TOKEN: Rule = Rule::Text(Text {
    min: 1,
    max: 64,
    unit: Unit::Characters,
    sensitive: false,
    pattern: Some(Pattern { text: "[!-~]+", matches: is_client_token }),
});

fn is_client_token(token: &str) -> bool {
    !token.is_empty() && token.bytes().all(|byte| byte.is_ascii_graphic())
}

crate::protocol::shape! {
    /// The request.
    pub struct Input<'a> {
        /// which one
        arn: Cow<'a, str> = "executionArn", model::ARN;
        /// the same again means the same redrive
        client_token: Option<Cow<'a, str>> = "clientToken", CLIENT_TOKEN;
    }
}

crate::protocol::answer! {
    /// The answer.
    pub struct Output {
        /// since when it goes on
        redrive_date: Timestamp = "redriveDate";
    }
}

/// The errors of the model.
pub const ERRORS: &[&str] =
    &["ExecutionDoesNotExist", "ExecutionNotRedrivable", "ExecutionLimitExceeded", "InvalidArn", "ValidationException"];

/// Carries it out.
pub fn run(call: &Call<'_>, input: Input<'_>) -> Result<Output, Error> {
    let target = target::execution(&input.arn, &call.namespace)?;
    let client_token = input.client_token.map(SmolStr::from);
    let unless = |execution: &Description| match obstacle(call, target.machine, execution) {
        Some(reason) => Err(Error::ExecutionNotRedrivable(reason)),
        None => Ok(()),
    };
    let engine = &call.emulator.engine;
    let redriven =
        target.here.then(|| engine.redrive(&call.namespace, target.machine, target.name, client_token, unless));
    let redrive_date = redriven.flatten().ok_or_else(|| Error::ExecutionDoesNotExist(input.arn.as_ref().into()))??;
    Ok(Output { redrive_date })
}

/// Why an execution can't be redriven, if it can't. The sentences are those of the API reference; in which order they are
/// considered is a guess.
pub(super) fn obstacle(call: &Call<'_>, machine: &str, execution: &Description) -> Option<&'static str> {
    let is_child = execution.summary.map_run.is_some();
    has_not_failed(execution)
        // Documented: it is redriven together with its map run. The words are a guess.
        .or(is_child.then_some("Execution is a child workflow execution and can only be redriven by its Map Run"))
        .or_else(|| lasting_obstacle(call, machine, execution))
}

/// Why a child execution that didn't succeed can't be redriven by its map run either. Documented: an Express one always can.
pub(super) fn obstacle_of_child(call: &Call<'_>, machine: &str, execution: &Description) -> Option<&'static str> {
    // The name of what it runs is followed by the label of the Map state.
    let machine = machine.split('/').next().unwrap_or_default();
    let standard = || lasting_obstacle(call, machine, execution);
    has_not_failed(execution).or_else(|| if execution.is_express { None } else { standard() })
}

fn has_not_failed(execution: &Description) -> Option<&'static str> {
    match execution.summary.status {
        Status::Running | Status::PendingRedrive => Some("Execution is RUNNING and cannot be redriven"),
        Status::Succeeded => Some("Execution is SUCCEEDED and cannot be redriven"),
        Status::Failed | Status::TimedOut | Status::Aborted => None,
    }
}

fn lasting_obstacle(call: &Call<'_>, machine: &str, execution: &Description) -> Option<&'static str> {
    let summary = &execution.summary;
    if !execution.can_go_on && execution.events < quota::REDRIVE_HISTORY_EVENTS {
        return Some("Execution ended by a bug of Stepwell and cannot be redriven");
    }
    let its_machine = call.state_machine(machine).filter(|machine| machine.creation_date <= summary.start_date);
    if its_machine.is_none_or(|machine| machine.status == registry::Status::Deleting) {
        return Some("State machine is in DELETING status");
    }
    if execution.events >= quota::REDRIVE_HISTORY_EVENTS {
        return Some("Execution history event limit exceeded");
    }
    let millis_since = |time: Timestamp| call.emulator.engine.now().millis().saturating_sub(time.millis());
    if millis_since(summary.start_date) > quota::EXECUTION_MILLIS {
        return Some("Execution has exceeded the max execution time");
    }
    let stopped = summary.stop_date.unwrap_or(summary.start_date);
    (millis_since(stopped) > quota::REDRIVE_MILLIS).then_some("Execution redrivable period exceeded")
}
