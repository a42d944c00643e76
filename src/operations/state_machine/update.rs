//! UpdateStateMachine. What changes nothing makes no revision; executions go on with what they were started with.

use super::configuration::{
    LoggingConfiguration, TracingConfiguration, check_log_group, parse, say_what_has_no_effect,
};
use crate::operations::error::{Error, ValidationProblem};
use crate::operations::lookup::refused;
use crate::operations::model::{self, EncryptionConfiguration};
use crate::operations::{Call, Reply, target};
use crate::protocol::Rule;
use crate::registry::Changes;
use crate::timestamp::Timestamp;
use smol_str::{SmolStr, ToSmolStr};
use std::borrow::Cow;

crate::protocol::shape! {
    /// The request.
    pub struct Input<'a> {
        /// which one
        arn: Cow<'a, str> = "stateMachineArn", model::ARN;
        /// what it does
        definition: Option<Cow<'a, str>> = "definition", model::DEFINITION;
        /// the role of its executions
        role_arn: Option<Cow<'a, str>> = "roleArn", model::ARN;
        /// what is logged
        logging: Option<LoggingConfiguration<'a>> = "loggingConfiguration", Rule::Structure(LoggingConfiguration::MEMBERS);
        /// whether X-Ray traces are sent
        tracing: Option<TracingConfiguration> = "tracingConfiguration", Rule::Structure(TracingConfiguration::MEMBERS);
        /// whether it is published then
        publish: Option<bool> = "publish", Rule::Boolean;
        /// what the version is described with
        version_description: Option<Cow<'a, str>> = "versionDescription", model::VERSION_DESCRIPTION;
        /// how its data is encrypted
        encryption: Option<EncryptionConfiguration<'a>> = "encryptionConfiguration", Rule::Structure(EncryptionConfiguration::MEMBERS);
    }
}

crate::protocol::answer! {
    /// The answer.
    pub struct Output {
        /// when it was updated
        update_date: Timestamp = "updateDate";
        /// what it is now
        revision: Option<SmolStr> = "revisionId";
        /// the version that was published
        version_arn: Option<SmolStr> = "stateMachineVersionArn";
    }
}

/// The errors of the model.
pub const ERRORS: &[&str] = &[
    "InvalidArn",
    "InvalidDefinition",
    "InvalidLoggingConfiguration",
    "InvalidTracingConfiguration",
    "MissingRequiredParameter",
    "StateMachineDeleting",
    "StateMachineDoesNotExist",
    "ServiceQuotaExceededException",
    "ConflictException",
    "ValidationException",
    "InvalidEncryptionConfiguration",
    "KmsAccessDeniedException",
    "KmsThrottlingException",
];

/// Carries it out. In which order AWS checks, and that an update without effect has the time of its request, is a guess.
pub async fn run(call: &Call<'_>, body: &[u8]) -> Result<Reply, Error> {
    let input: Input<'_> = call.read(body)?;
    let machine = call.changeable(&input.arn)?;
    let has_changes = input.definition.is_some()
        || input.role_arn.is_some()
        || input.logging.is_some()
        || input.tracing.is_some()
        || input.encryption.is_some();
    if !has_changes {
        return Err(Error::NothingToUpdate);
    }
    let publish = input.publish.unwrap_or_default();
    if input.version_description.is_some() && !publish {
        return Err(Error::Validation(ValidationProblem::VersionDescriptionWithoutPublish));
    }
    let role_arn = input.role_arn.as_deref().map(target::role).transpose()?;
    let logging = input.logging.map(|logging| logging.understood(&machine.arn)).transpose()?;
    let tracing = input.tracing.map(TracingConfiguration::understood).transpose()?;
    let encryption = input.encryption.map(|given| EncryptionConfiguration::understood(Some(given))).transpose()?;
    let definition = match input.definition {
        // Most updates of tools that deploy repeat what is there.
        Some(definition) if *definition == *machine.definition => {
            Some((machine.definition.clone(), machine.program.clone()))
        }
        Some(definition) => Some((definition.as_ref().into(), parse(&definition, machine.machine_type)?)),
        None => None,
    };
    if let Some(logging) = &logging {
        check_log_group(call, logging).await?;
    }
    say_what_has_no_effect(&machine.arn, tracing.unwrap_or_default(), encryption.as_ref());
    let engine = &call.emulator.engine;
    let changes = Changes { definition, role_arn, logging, tracing, encryption };
    let publication = publish.then(|| call.publication(input.version_description.map(SmolStr::from)));
    let (revision, now) = (engine.random().uuid().to_smolstr(), engine.now());
    let updated = call.emulator.registry.update_state_machine(
        &call.namespace,
        &machine.name,
        changes,
        revision,
        now,
        publication,
    );
    let (updated, version) = updated.map_err(|refusal| refused(refusal, &input.arn, None))?;
    Ok(Reply::of(&Output {
        update_date: now,
        revision: updated.revision.clone(),
        version_arn: version.map(|version| version.arn.clone()),
    }))
}
