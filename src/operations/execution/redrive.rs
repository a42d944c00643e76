//! RedriveExecution.

use crate::engine::{Description, RedriveObstacle, Status};
use crate::operations::error::Error;
use crate::operations::{Call, model, target};
use crate::protocol::{Pattern, Rule, Text, Unit};
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

/// Why a child execution can't be redriven by its map run either.
pub(super) fn obstacle_of_child(call: &Call<'_>, execution: &Description) -> Option<&'static str> {
    let own = has_not_failed(execution).or_else(|| execution.redrive_obstacle.map(RedriveObstacle::sentence));
    let map_run = execution.summary.map_run.as_ref();
    own.or_else(|| map_run.and_then(|(arn, _)| obstacle_of_map_run(call, arn)))
}

/// Why no child of a map run can be redriven: documented is that none can if the parent can't. That this one's reason is theirs
/// then, that it holds for Express children, and that a parent which still runs is none, are guesses.
pub(in crate::operations) fn obstacle_of_map_run(call: &Call<'_>, map_run_arn: &str) -> Option<&'static str> {
    let engine = &call.emulator.engine;
    let arn = engine.execution_of_map_run(map_run_arn)?;
    let target = target::execution(&arn, &call.namespace).ok()?;
    let parent = engine.describe(&call.namespace, target.machine, target.name)?;
    match parent.summary.status {
        Status::Running | Status::PendingRedrive => None,
        _ if parent.summary.map_run.is_some() => obstacle_of_child(call, &parent),
        _ => has_not_failed(&parent).or_else(|| lasting_obstacle(call, target.machine, &parent)),
    }
}

fn has_not_failed(execution: &Description) -> Option<&'static str> {
    match execution.summary.status {
        Status::Running | Status::PendingRedrive => Some("Execution is RUNNING and cannot be redriven"),
        Status::Succeeded => Some(RedriveObstacle::Succeeded.sentence()),
        Status::Failed | Status::TimedOut | Status::Aborted => None,
    }
}

fn lasting_obstacle(call: &Call<'_>, machine: &str, execution: &Description) -> Option<&'static str> {
    if execution.redrive_obstacle == Some(RedriveObstacle::Bug) {
        return Some(RedriveObstacle::Bug.sentence());
    }
    let began = execution.summary.start_date;
    let its_machine = call.state_machine(machine).filter(|machine| machine.creation_date <= began);
    if its_machine.is_none_or(|machine| machine.status == registry::Status::Deleting) {
        return Some("State machine is in DELETING status");
    }
    execution.redrive_obstacle.map(RedriveObstacle::sentence)
}
