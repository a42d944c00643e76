//! From ARNs in requests to state machines, and from what the registry refuses to the API's errors.

use super::Call;
use super::error::{Conflict, Error, ValidationProblem};
use super::target::{self, Qualifier, StateMachineTarget};
use crate::quota;
use crate::registry::{Association, Publication, Refusal, StateMachine, Status};
use smol_str::SmolStr;
use std::sync::Arc;

/// What stands for the revision of a state machine that was never updated, as in the API reference.
pub const INITIAL_REVISION: &str = "INITIAL";

/// What an execution is to run.
#[derive(Debug)]
pub struct Startable {
    /// The state machine, as it is or as a version has it.
    pub machine: Arc<StateMachine>,
    /// The version and the alias, if the ARN named one.
    pub association: Option<Arc<Association>>,
}

impl Call<'_> {
    /// The state machine with this ARN that is to be changed. Versions and aliases can't be: AWS doesn't find them
    /// (recorded for versions).
    pub fn changeable(&self, arn: &str) -> Result<Arc<StateMachine>, Error> {
        let target = target::state_machine(arn, &self.namespace)?;
        if target.qualifier == Some(Qualifier::Label) {
            return Err(Error::Validation(ValidationProblem::LabelledArn(arn.into())));
        }
        let plain = target.here && target.qualifier.is_none();
        let machine = plain.then(|| self.state_machine(target.name)).flatten();
        active(machine, arn)
    }

    /// What an execution of this state machine, version or alias is to run.
    /// `arn` is the whole ARN, for errors.
    pub fn startable(&self, arn: &str, target: &StateMachineTarget<'_>) -> Result<Startable, Error> {
        if target.qualifier == Some(Qualifier::Label) {
            return Err(Error::Validation(ValidationProblem::LabelledArn(arn.into())));
        }
        let current = target.here.then(|| self.state_machine(target.name)).flatten();
        let (emulator, namespace) = (self.emulator, &self.namespace);
        let (version, alias) = match target.qualifier {
            None | Some(Qualifier::Label) => {
                return active(current, arn).map(|machine| Startable { machine, association: None });
            }
            Some(Qualifier::Version(number)) => (emulator.registry.version(namespace, target.name, number), None),
            Some(Qualifier::Alias(alias)) => {
                let drawn = emulator.engine.random().between(0, 100);
                let found = emulator.registry.alias_version(namespace, target.name, alias, drawn);
                found.map_or((None, None), |(alias, version)| (Some(version), Some(alias)))
            }
        };
        let Some(version) = version.filter(|_| current.is_some()) else {
            return Err(Error::StateMachineDoesNotExist(arn.into()));
        };
        active(current, arn)?;
        let association =
            Association { version_arn: version.arn.clone(), alias_arn: alias.map(|alias| alias.arn.clone()) };
        Ok(Startable { machine: version.machine.clone(), association: Some(Arc::new(association)) })
    }

    /// A version with this description, published now.
    pub fn publication(&self, description: Option<SmolStr>) -> Publication {
        Publication { description, at: self.emulator.engine.now(), limit: quota::VERSIONS }
    }
}

fn active(machine: Option<Arc<StateMachine>>, arn: &str) -> Result<Arc<StateMachine>, Error> {
    match machine {
        None => Err(Error::StateMachineDoesNotExist(arn.into())),
        Some(machine) if machine.status == Status::Deleting => Err(Error::StateMachineDeleting(arn.into())),
        Some(machine) => Ok(machine),
    }
}

/// The error for a change that the registry refuses; `arn` and `revision` are those of the request.
pub fn refused(refusal: Refusal, arn: &str, revision: Option<&str>) -> Error {
    match refusal {
        Refusal::NoStateMachine => Error::StateMachineDoesNotExist(arn.into()),
        Refusal::Deleting => Error::StateMachineDeleting(arn.into()),
        Refusal::OtherRevision(current) => Error::Conflict(Conflict::Revision {
            asked: revision.unwrap_or(INITIAL_REVISION).into(),
            current: current.unwrap_or(INITIAL_REVISION.into()),
        }),
        Refusal::NoVersion | Refusal::NoAlias => Error::ReferenceNotFound,
        Refusal::OtherAlias => Error::Conflict(Conflict::Alias),
        Refusal::Referenced(aliases) => Error::Conflict(Conflict::Referenced(aliases)),
        Refusal::TooManyVersions => Error::ServiceQuotaExceeded("state machine versions"),
        Refusal::TooManyAliases => Error::ServiceQuotaExceeded("state machine aliases"),
    }
}
