//! DescribeStateMachine.

use super::configuration::{Tracing, shown_definition, type_name};
use super::variable_references::VariableReferences;
use crate::operations::error::Error;
use crate::operations::model::{self, IncludedData};
use crate::operations::target::Qualifier;
use crate::operations::{Call, target};
use crate::protocol::{Named, Rule};
use crate::registry::{Encryption, Logging, Status};
use crate::timestamp::Timestamp;
use smol_str::SmolStr;
use std::borrow::Cow;
use std::sync::Arc;

crate::protocol::shape! {
    /// The request.
    pub struct Input<'a> {
        /// which one
        arn: Cow<'a, str> = "stateMachineArn", model::ARN;
        /// whether with its definition
        included_data: Option<IncludedData> = "includedData", Rule::OneOf(IncludedData::WORDS);
    }
}

crate::protocol::answer! {
    /// The answer.
    pub struct Output {
        /// its ARN
        arn: SmolStr = "stateMachineArn";
        /// the label of the Map state that the ARN names
        label: Option<SmolStr> = "label";
        /// its name
        name: SmolStr = "name";
        /// whether it is being deleted
        status: &'static str = "status";
        /// the definition as it was given
        definition: Arc<str> = "definition";
        /// the role of its executions
        role_arn: SmolStr = "roleArn";
        /// Standard or Express
        machine_type: &'static str = "type";
        /// when it was created
        creation_date: Timestamp = "creationDate";
        /// what is logged
        logging: Logging = "loggingConfiguration";
        /// whether X-Ray traces are sent
        tracing: Tracing = "tracingConfiguration";
        /// what it is after updates
        revision: Option<SmolStr> = "revisionId";
        /// what the version is described with
        description: Option<SmolStr> = "description";
        /// how its data is encrypted
        encryption: Encryption = "encryptionConfiguration";
        /// which states read which variables
        variable_references: Option<VariableReferences> = "variableReferences";
    }
}

/// The errors of the model.
pub const ERRORS: &[&str] = &[
    "InvalidArn",
    "StateMachineDoesNotExist",
    "KmsAccessDeniedException",
    "KmsInvalidStateException",
    "KmsThrottlingException",
];

/// Carries it out. Aliases are not described: a guess, from UpdateStateMachine, which doesn't find versions. For the ARN of a Map
/// state in distributed mode the answer has its label (documented); that all else is the state machine's is a guess.
pub fn run(call: &Call<'_>, input: Input<'_>) -> Result<Output, Error> {
    let target = target::state_machine(&input.arn, &call.namespace)?;
    let current = target.here.then(|| call.state_machine(target.name)).flatten();
    let missing = || Error::StateMachineDoesNotExist(input.arn.as_ref().into());
    let current = current.ok_or_else(missing)?;
    let version = match target.qualifier {
        None => None,
        Some(Qualifier::Version(number)) => {
            let version = call.emulator.registry.version(&call.namespace, target.name, number);
            Some(version.ok_or_else(missing)?)
        }
        Some(Qualifier::Label) => None,
        Some(Qualifier::Alias(_)) => return Err(missing()),
    };
    let label = input.arn.split_once('/').map(|(_, label)| label);
    if label.is_some_and(|label| !current.program.has_label(&current.name, label)) {
        return Err(missing());
    }
    let machine = version.as_ref().map_or(&current, |version| &version.machine);
    Ok(Output {
        arn: match &version {
            _ if label.is_some() => input.arn.as_ref().into(),
            Some(version) => version.arn.clone(),
            None => machine.arn.clone(),
        },
        label: label.map(SmolStr::new),
        name: machine.name.clone(),
        status: match current.status {
            Status::Active => "ACTIVE",
            Status::Deleting => "DELETING",
        },
        definition: shown_definition(machine, input.included_data),
        role_arn: machine.role_arn.clone(),
        machine_type: type_name(machine.machine_type),
        creation_date: version.as_ref().map_or(machine.creation_date, |version| version.creation_date),
        logging: machine.logging.clone(),
        tracing: Tracing(machine.tracing),
        revision: machine.revision.clone(),
        description: version.as_ref().and_then(|version| version.description.clone()),
        encryption: machine.encryption.clone(),
        variable_references: VariableReferences::of(&machine.program),
    })
}
