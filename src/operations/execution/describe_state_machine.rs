//! DescribeStateMachineForExecution: the state machine as the execution runs it, whatever became of it since.

use crate::operations::error::Error;
use crate::operations::model::{self, IncludedData};
use crate::operations::state_machine::configuration::{Tracing, shown_definition};
use crate::operations::state_machine::variable_references::VariableReferences;
use crate::operations::{Call, target};
use crate::protocol::{Named, Rule};
use crate::registry::{Encryption, Logging};
use crate::timestamp::Timestamp;
use smol_str::SmolStr;
use std::borrow::Cow;
use std::sync::Arc;

crate::protocol::shape! {
    /// The request.
    pub struct Input<'a> {
        /// of which execution
        arn: Cow<'a, str> = "executionArn", model::ARN;
        /// whether with the definition
        included_data: Option<IncludedData> = "includedData", Rule::OneOf(IncludedData::WORDS);
    }
}

crate::protocol::answer! {
    /// The answer.
    pub struct Output {
        /// its ARN
        arn: SmolStr = "stateMachineArn";
        /// the map run that the execution belongs to
        map_run_arn: Option<SmolStr> = "mapRunArn";
        /// the label of its Map state
        label: Option<SmolStr> = "label";
        /// its name
        name: SmolStr = "name";
        /// the definition as it was given
        definition: Arc<str> = "definition";
        /// the role of its executions
        role_arn: SmolStr = "roleArn";
        /// when it became what the execution runs
        update_date: Timestamp = "updateDate";
        /// what is logged
        logging: Logging = "loggingConfiguration";
        /// whether X-Ray traces are sent
        tracing: Tracing = "tracingConfiguration";
        /// what it was after updates
        revision: Option<SmolStr> = "revisionId";
        /// how its data is encrypted
        encryption: Encryption = "encryptionConfiguration";
        /// which states read which variables
        variable_references: Option<VariableReferences> = "variableReferences";
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
    let found = target.here.then(|| engine.machine_of(&call.namespace, target.machine, target.name)).flatten();
    let machine = found.ok_or_else(|| Error::ExecutionDoesNotExist(input.arn.as_ref().into()))?;
    let execution = engine.describe(&call.namespace, target.machine, target.name);
    Ok(Output {
        arn: machine.arn.clone(),
        map_run_arn: execution.and_then(|execution| execution.summary.map_run).map(|(arn, _)| arn),
        label: target.machine.split_once('/').map(|(_, label)| label.into()),
        name: machine.name.clone(),
        definition: shown_definition(&machine, input.included_data),
        role_arn: machine.role_arn.clone(),
        update_date: machine.update_date,
        logging: machine.logging.clone(),
        tracing: Tracing(machine.tracing),
        revision: machine.revision.clone(),
        encryption: machine.encryption.clone(),
        variable_references: VariableReferences::of(&machine.program),
    })
}
