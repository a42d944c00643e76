//! DescribeExecution.

use super::{Included, redrive, status_name};
use crate::json::Value;
use crate::operations::error::Error;
use crate::operations::model::{self, IncludedData};
use crate::operations::{Call, target};
use crate::protocol::{Named, Rule};
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
        /// the map run that it belongs to
        map_run_arn: Option<SmolStr> = "mapRunArn";
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
        /// when for the last time
        redrive_date: Option<Timestamp> = "redriveDate";
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
    let target = target::described_execution(&input.arn, &call.namespace)?;
    let engine = &call.emulator.engine;
    let found = target.here.then(|| engine.describe(&call.namespace, target.machine, target.name)).flatten();
    let Some(execution) = found else { return Err(Error::ExecutionDoesNotExist(input.arn.into())) };
    let is_child = execution.summary.map_run.is_some();
    let obstacle = match is_child {
        true => redrive::obstacle_of_child(call, &execution),
        false => redrive::obstacle(call, target.machine, &execution),
    };
    let summary = execution.summary;
    // Without data the answer has no details either, so that they don't claim that the data is there.
    let with_data = input.included_data != Some(IncludedData::MetadataOnly);
    let output = execution.output.filter(|_| with_data);
    Ok(Output {
        arn: summary.arn,
        machine_arn: execution.machine_arn,
        version_arn: summary.association.as_ref().map(|association| association.version_arn.clone()),
        alias_arn: summary.association.as_ref().and_then(|association| association.alias_arn.clone()),
        map_run_arn: summary.map_run.map(|(arn, _)| arn),
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
        redrive_count: summary.redrive.map_or(0, |redrive| redrive.count.into()),
        redrive_date: summary.redrive.map(|redrive| redrive.date),
        redrive_status: match obstacle {
            // Documented of the children of map runs.
            None if is_child => "REDRIVABLE_BY_MAP_RUN",
            None => "REDRIVABLE",
            Some(_) => "NOT_REDRIVABLE",
        },
        redrive_status_reason: obstacle,
    })
}
