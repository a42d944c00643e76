//! DescribeExecution.

use super::{Included, status_name};
use crate::engine::{Description, Status};
use crate::json::Value;
use crate::operations::error::Error;
use crate::operations::model::{self, IncludedData};
use crate::operations::{Call, target};
use crate::protocol::{Named, Rule};
use crate::quota;
use crate::registry;
use crate::timestamp::Timestamp;
use smol_str::SmolStr;
use std::borrow::Cow;

crate::protocol::shape! {
    /// The request.
    pub struct Input<'a> {
        /// which one
        arn: Cow<'a, str> = "executionArn", model::ARN;
        /// whether with its data
        included_data: Option<IncludedData> = "includedData", Rule::OneOf(IncludedData::WORDS);
    }
}

crate::protocol::answer! {
    /// The answer.
    pub struct Output {
        /// its ARN
        arn: SmolStr = "executionArn";
        /// of what
        machine_arn: SmolStr = "stateMachineArn";
        /// the version that it was started with
        version_arn: Option<SmolStr> = "stateMachineVersionArn";
        /// the alias that it was started with
        alias_arn: Option<SmolStr> = "stateMachineAliasArn";
        /// its name
        name: SmolStr = "name";
        /// its status
        status: &'static str = "status";
        /// when it began
        start_date: Timestamp = "startDate";
        /// when it ended
        stop_date: Option<Timestamp> = "stopDate";
        /// its input
        input: Option<Value> = "input";
        /// that the input is there
        input_details: Option<Included> = "inputDetails";
        /// its output
        output: Option<Value> = "output";
        /// that the output is there
        output_details: Option<Included> = "outputDetails";
        /// the error that it ended with
        error: Option<SmolStr> = "error";
        /// why
        cause: Option<SmolStr> = "cause";
        /// an X-Ray trace header
        trace_header: Option<SmolStr> = "traceHeader";
        /// how often it was redriven
        redrive_count: i64 = "redriveCount";
        /// whether it can be
        redrive_status: &'static str = "redriveStatus";
        /// why not
        redrive_status_reason: Option<&'static str> = "redriveStatusReason";
    }
}

/// The errors of the model.
pub const ERRORS: &[&str] = &[
    "ExecutionDoesNotExist",
    "InvalidArn",
    "KmsAccessDeniedException",
    "KmsInvalidStateException",
    "KmsThrottlingException",
];

/// Carries it out.
pub fn run(call: &Call<'_>, input: Input<'_>) -> Result<Output, Error> {
    let target = target::execution(&input.arn, &call.namespace)?;
    let engine = &call.emulator.engine;
    let found = target.here.then(|| engine.describe(&call.namespace, target.machine, target.name)).flatten();
    let Some(execution) = found else { return Err(Error::ExecutionDoesNotExist(input.arn.into())) };
    let obstacle = redrive_obstacle(call, target.machine, &execution);
    let summary = execution.summary;
    // Without data the answer has no details either, so that they don't claim that the data is there.
    let with_data = input.included_data != Some(IncludedData::MetadataOnly);
    let output = execution.output.filter(|_| with_data);
    Ok(Output {
        arn: summary.arn,
        machine_arn: execution.machine_arn,
        version_arn: summary.association.as_ref().map(|association| association.version_arn.clone()),
        alias_arn: summary.association.as_ref().and_then(|association| association.alias_arn.clone()),
        name: summary.name,
        status: status_name(summary.status),
        start_date: summary.start_date,
        stop_date: summary.stop_date,
        input: with_data.then_some(execution.input),
        input_details: with_data.then_some(Included),
        output_details: output.is_some().then_some(Included),
        output,
        error: execution.error.filter(|_| with_data),
        cause: execution.cause.filter(|_| with_data),
        trace_header: execution.trace_header,
        redrive_count: 0,
        redrive_status: if obstacle.is_none() { "REDRIVABLE" } else { "NOT_REDRIVABLE" },
        redrive_status_reason: obstacle,
    })
}

/// Why an execution can't be redriven, if it can't. The sentences are those of the API reference; in which order they are
/// considered is a guess.
fn redrive_obstacle(call: &Call<'_>, machine: &str, execution: &Description) -> Option<&'static str> {
    let summary = &execution.summary;
    match summary.status {
        Status::Running => return Some("Execution is RUNNING and cannot be redriven"),
        Status::Succeeded => return Some("Execution is SUCCEEDED and cannot be redriven"),
        Status::Failed | Status::TimedOut | Status::Aborted => {}
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
