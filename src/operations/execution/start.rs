//! StartExecution. It is idempotent as long as the execution runs: same name, same input.

use super::mocks;
use crate::engine::Start;
use crate::json::Value;
use crate::operations::error::Error;
use crate::operations::lookup::Startable;
use crate::operations::{Call, model, target};
use crate::registry::Status;
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
    }
}

crate::protocol::answer! {
    /// The answer.
    pub struct Output {
        /// its ARN
        arn: SmolStr = "executionArn";
        /// when it began
        start_date: Timestamp = "startDate";
    }
}

/// The errors of the model.
pub const ERRORS: &[&str] = &[
    "ExecutionLimitExceeded",
    "ExecutionAlreadyExists",
    "InvalidArn",
    "InvalidExecutionInput",
    "InvalidName",
    "StateMachineDoesNotExist",
    "StateMachineDeleting",
    "ValidationException",
    "KmsAccessDeniedException",
    "KmsInvalidStateException",
    "KmsThrottlingException",
];

/// Carries it out.
pub fn run(call: &Call<'_>, input: Input<'_>) -> Result<Output, Error> {
    let (arn, case) = mocks::split(call, &input.arn);
    let target = target::state_machine(arn, &call.namespace)?;
    let name = input.name.as_deref().map(model::name).transpose()?;
    let registry = &call.emulator.registry;
    let deletions = registry.deletions();
    let Startable { machine, association } = call.startable(arn, &target)?;
    let started = call.emulator.engine.start(Start {
        namespace: call.namespace.clone(),
        machine: machine.clone(),
        name,
        association,
        input: parse(input.input.as_deref())?,
        mocks: mocks::of(call, &machine, case)?,
        trace_header: call.trace_header(input.trace_header),
    });
    let started = started.map_err(|existing| Error::ExecutionAlreadyExists(existing.arn))?;
    // Whoever has deleted the machine since it was looked up may have come too early to see this execution.
    let is_there = || {
        let now = registry.state_machine(&call.namespace, &machine.name);
        now.is_some_and(|now| now.status == Status::Active && now.creation_date == machine.creation_date)
    };
    if registry.deletions() != deletions && !is_there() {
        call.emulator.engine.machine_deleted_meanwhile(&call.namespace, &machine.name, &started.name);
    }
    Ok(Output { arn: started.arn, start_date: started.start_date })
}

/// The input as a value; without one it is an empty object. For an empty text AWS has words of its own.
pub fn parse(input: Option<&str>) -> Result<Value, Error> {
    match input {
        None => Ok(Value::empty_object()),
        Some("") => Err(Error::InvalidExecutionInput("Invalid execution input.".to_owned())),
        Some(text) => Value::parse(text).map_err(|error| Error::InvalidExecutionInput(error.to_string())),
    }
}
