//! CreateStateMachine. It is idempotent: the same request again gives the first one's answer.

use super::configuration::{
    LoggingConfiguration, StateMachineType, TracingConfiguration, check_log_group, parse, say_what_has_no_effect,
};
use crate::operations::error::{Error, ValidationProblem};
use crate::operations::model::{self, EncryptionConfiguration, Tag};
use crate::operations::{Call, Reply, target};
use crate::protocol::{Named, Rule};
use crate::quota;
use crate::registry::{Created, StateMachine, Status};
use crate::timestamp::Timestamp;
use smol_str::{SmolStr, format_smolstr};
use std::borrow::Cow;

crate::protocol::shape! {
    /// The request.
    pub struct Input<'a> {
        /// its name
        name: Cow<'a, str> = "name", model::NAME;
        /// what it does
        definition: Cow<'a, str> = "definition", model::DEFINITION;
        /// the role of its executions
        role_arn: Cow<'a, str> = "roleArn", model::ARN;
        /// Standard or Express
        machine_type: Option<StateMachineType> = "type", Rule::OneOf(StateMachineType::WORDS);
        /// what is logged
        logging: Option<LoggingConfiguration<'a>> = "loggingConfiguration", Rule::Structure(LoggingConfiguration::MEMBERS);
        /// its tags
        tags: Option<Vec<Tag<'a>>> = "tags", model::TAG_LIST;
        /// whether X-Ray traces are sent
        tracing: Option<TracingConfiguration> = "tracingConfiguration", Rule::Structure(TracingConfiguration::MEMBERS);
        /// whether its first version is published at once
        publish: Option<bool> = "publish", Rule::Boolean;
        /// what that version is described with
        version_description: Option<Cow<'a, str>> = "versionDescription", model::VERSION_DESCRIPTION;
        /// how its data is encrypted
        encryption: Option<EncryptionConfiguration<'a>> = "encryptionConfiguration", Rule::Structure(EncryptionConfiguration::MEMBERS);
    }
}

crate::protocol::answer! {
    /// The answer.
    pub struct Output {
        /// its ARN
        arn: SmolStr = "stateMachineArn";
        /// when it was created
        creation_date: Timestamp = "creationDate";
        /// the version that was published
        version_arn: Option<SmolStr> = "stateMachineVersionArn";
    }
}

/// The errors of the model.
pub const ERRORS: &[&str] = &[
    "InvalidArn",
    "InvalidDefinition",
    "InvalidName",
    "InvalidLoggingConfiguration",
    "InvalidTracingConfiguration",
    "StateMachineAlreadyExists",
    "StateMachineDeleting",
    "StateMachineLimitExceeded",
    "StateMachineTypeNotSupported",
    "TooManyTags",
    "ValidationException",
    "ConflictException",
    "InvalidEncryptionConfiguration",
    "KmsAccessDeniedException",
    "KmsThrottlingException",
];

/// Carries it out.
pub async fn run(call: &Call<'_>, body: &[u8]) -> Result<Reply, Error> {
    let machine = understood(call, call.read(body)?)?;
    check_log_group(call, &machine.logging).await?;
    created(call, machine).map(|output| Reply::of(&output))
}

/// The state machine that is asked for.
fn understood(call: &Call<'_>, input: Input<'_>) -> Result<StateMachine, Error> {
    let name = model::name(&input.name)?;
    let arn = call.namespace.state_machine_arn(&name);
    let role_arn = target::role(&input.role_arn)?;
    let logging = input.logging.unwrap_or_default().understood(&arn)?;
    let tracing = input.tracing.map(TracingConfiguration::understood).transpose()?.unwrap_or_default();
    let encryption = EncryptionConfiguration::understood(input.encryption)?;
    let publish = input.publish.unwrap_or_default();
    if input.version_description.is_some() && !publish {
        return Err(Error::Validation(ValidationProblem::VersionDescriptionWithoutPublish));
    }
    let tags = model::tags(input.tags, &arn)?;
    let machine_type = input.machine_type.unwrap_or_default();
    let program = parse(&input.definition, machine_type.into())?;
    say_what_has_no_effect(&arn, tracing, Some(&encryption));
    let now = call.emulator.engine.now();
    Ok(StateMachine {
        name,
        arn,
        definition: input.definition.into(),
        program,
        role_arn,
        machine_type: machine_type.into(),
        logging,
        tracing,
        encryption,
        creation_date: now,
        update_date: now,
        revision: None,
        publish,
        version_description: input.version_description.map(SmolStr::from),
        tags,
        status: Status::Active,
    })
}

fn created(call: &Call<'_>, machine: StateMachine) -> Result<Output, Error> {
    let arn = machine.arn.clone();
    // Forgets one of this name whose deletion has come to its end.
    call.state_machine(&machine.name);
    let asked = machine.clone();
    let kept = match call.emulator.registry.create_state_machine(&call.namespace, machine, quota::STATE_MACHINES) {
        Created::New(machine) => machine,
        Created::Existing(machine) if machine.status == Status::Deleting => {
            return Err(Error::StateMachineDeleting(arn));
        }
        Created::Existing(machine) if is_the_same(&machine, &asked) => machine,
        Created::Existing(_) => return Err(Error::StateMachineAlreadyExists(arn)),
        Created::LimitExceeded => return Err(Error::StateMachineLimitExceeded),
    };
    let first = || call.emulator.registry.version(&call.namespace, &kept.name, 1).is_some();
    let version_arn = (kept.publish && first()).then(|| format_smolstr!("{}:1", kept.arn));
    Ok(Output { arn: kept.arn.clone(), creation_date: kept.creation_date, version_arn })
}

/// Whether a request asks for what exists. Role and tags don't matter.
fn is_the_same(existing: &StateMachine, asked: &StateMachine) -> bool {
    existing.definition == asked.definition
        && existing.machine_type == asked.machine_type
        && existing.logging == asked.logging
        && existing.tracing == asked.tracing
        && existing.encryption == asked.encryption
        && existing.publish == asked.publish
        && existing.version_description == asked.version_description
}
