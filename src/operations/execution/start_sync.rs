//! StartSyncExecution: runs an execution of an Express state machine and answers when it has ended, however it did.

use super::{Included, mocks, start, status_name};
use crate::asl::MachineType;
use crate::engine::{Description, Start, Status};
use crate::json::Value;
use crate::operations::error::Error;
use crate::operations::lookup::Startable;
use crate::operations::model::{self, IncludedData};
use crate::operations::{Call, Reply, target};
use crate::protocol::{Encode, Named, Rule};
use crate::timestamp::Timestamp;
use smol_str::SmolStr;
use std::borrow::Cow;

crate::protocol::shape! {
    /// The request.
    pub struct Input<'a> {
        /// of what
        arn: Cow<'a, str> = "stateMachineArn", model::ARN;
        /// its name
        name: Option<Cow<'a, str>> = "name", model::NAME;
        /// its input
        input: Option<Cow<'a, str>> = "input", model::SENSITIVE_DATA;
        /// an X-Ray trace header
        trace_header: Option<Cow<'a, str>> = "traceHeader", model::TRACE_HEADER;
        /// whether the answer holds its data
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
        /// its name
        name: SmolStr = "name";
        /// when it began
        start_date: Timestamp = "startDate";
        /// when it ended
        stop_date: Timestamp = "stopDate";
        /// how it ended
        status: &'static str = "status";
        /// the error that it ended with
        error: Option<SmolStr> = "error";
        /// why
        cause: Option<SmolStr> = "cause";
        /// its input
        input: Option<Value> = "input";
        /// that the input is there
        input_details: Option<Included> = "inputDetails";
        /// its output
        output: Option<Value> = "output";
        /// that the output would be there
        output_details: Option<Included> = "outputDetails";
        /// an X-Ray trace header
        trace_header: Option<SmolStr> = "traceHeader";
        /// what AWS would charge
        billing_details: BillingDetails = "billingDetails";
    }
}

crate::protocol::answer! {
    /// What AWS would charge.
    pub struct BillingDetails {
        /// memory
        memory: i64 = "billedMemoryUsedInMB";
        /// time
        duration: i64 = "billedDurationInMilliseconds";
    }
}

/// The errors of the model.
pub const ERRORS: &[&str] = &[
    "InvalidArn",
    "InvalidExecutionInput",
    "InvalidName",
    "StateMachineDoesNotExist",
    "StateMachineDeleting",
    "StateMachineTypeNotSupported",
    "KmsAccessDeniedException",
    "KmsInvalidStateException",
    "KmsThrottlingException",
];

/// Memory is charged in steps of so many megabytes. AWS doesn't say how it measures; every recording shows one step.
const MEMORY_STEP: i64 = 64;

/// Time is charged in steps of so many milliseconds.
const DURATION_STEP: i64 = 100;

/// Carries it out.
pub async fn run(call: &Call<'_>, body: &[u8]) -> Result<Reply, Error> {
    let input: Input<'_> = call.read(body)?;
    let included_data = input.included_data;
    let start = understood(call, input)?;
    let ended = call.emulator.engine.run_express(start).await.ok_or(Error::InternalFailure)?;
    let mut body = String::with_capacity(512);
    shown(ended, included_data).write(&mut body);
    Ok(Reply { body, offer: None })
}

/// What is to be started. That the type comes before the input is a guess.
fn understood(call: &Call<'_>, input: Input<'_>) -> Result<Start, Error> {
    let (arn, case) = mocks::split(call, &input.arn);
    let target = target::state_machine(arn, &call.namespace)?;
    let name = input.name.as_deref().map(model::name).transpose()?;
    let Startable { machine, association } = call.startable(arn, &target)?;
    if machine.machine_type != MachineType::Express {
        return Err(Error::StateMachineTypeNotSupported);
    }
    Ok(Start {
        namespace: call.namespace.clone(),
        mocks: mocks::of(call, &machine, case)?,
        machine,
        name,
        association,
        input: start::parse(input.input.as_deref())?,
        trace_header: call.trace_header(input.trace_header),
    })
}

fn shown(ended: Description, included_data: Option<IncludedData>) -> Output {
    let summary = ended.summary;
    let stop_date = summary.stop_date.unwrap_or(summary.start_date);
    // That the answer names the error of a time-out, which DescribeExecution doesn't, is a guess.
    let error = if summary.status == Status::TimedOut { Some("States.Timeout".into()) } else { ended.error };
    let with_data = included_data != Some(IncludedData::MetadataOnly);
    let details = || with_data.then_some(Included);
    Output {
        arn: summary.arn,
        machine_arn: ended.machine_arn,
        name: summary.name,
        start_date: summary.start_date,
        stop_date,
        status: status_name(summary.status),
        error: error.filter(|_| with_data),
        cause: ended.cause.filter(|_| with_data),
        input: with_data.then_some(ended.input),
        input_details: details(),
        output: ended.output.filter(|_| with_data),
        // Recorded: it is there for executions without output too.
        output_details: details(),
        trace_header: ended.trace_header,
        billing_details: billed(stop_date.millis().saturating_sub(summary.start_date.millis())),
    }
}

fn billed(millis: i64) -> BillingDetails {
    BillingDetails {
        memory: MEMORY_STEP,
        duration: millis.max(1).saturating_add(DURATION_STEP - 1) / DURATION_STEP * DURATION_STEP,
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn time_is_charged_in_steps() {
        for (millis, expected) in [(0, 100), (1, 100), (100, 100), (101, 200), (7_504, 7_600), (300_000, 300_000)] {
            assert_eq!((billed(millis).memory, billed(millis).duration), (64, expected), "{millis}");
        }
    }
}
