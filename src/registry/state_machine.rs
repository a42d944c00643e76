//! State machines and their configuration.

use super::Tag;
use crate::asl::{MachineType, Program};
use crate::timestamp::Timestamp;
use smol_str::SmolStr;
use std::sync::Arc;

/// A state machine.
#[derive(Clone, Debug)]
pub struct StateMachine {
    /// Its name.
    pub name: SmolStr,
    /// Its ARN.
    pub arn: SmolStr,
    /// The definition as it was given.
    pub definition: Arc<str>,
    /// What the definition says.
    pub program: Arc<Program>,
    /// The role of its executions.
    pub role_arn: SmolStr,
    /// `type`
    pub machine_type: MachineType,
    /// `loggingConfiguration`
    pub logging: Logging,
    /// `tracingConfiguration.enabled`
    pub tracing: bool,
    /// `encryptionConfiguration`
    pub encryption: Encryption,
    /// When it was created.
    pub creation_date: Timestamp,
    /// When it became what it is now.
    pub update_date: Timestamp,
    /// `revisionId`; a state machine that was never updated has none.
    pub revision: Option<SmolStr>,
    /// Whether its creation asked for a first version.
    pub publish: bool,
    /// What that version was described with.
    pub version_description: Option<SmolStr>,
    /// What it was tagged with.
    pub tags: Vec<Tag>,
    /// Whether it is being deleted.
    pub status: Status,
}

/// `status` of a state machine.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
#[allow(missing_docs)]
pub enum Status {
    Active,
    Deleting,
}

/// What is logged, and where to.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Logging {
    /// `level`
    pub level: LogLevel,
    /// `includeExecutionData`
    pub include_execution_data: bool,
    /// The log groups' ARNs; an empty list is not the same as none.
    pub destinations: Option<Vec<Option<SmolStr>>>,
}

/// `level` of a logging configuration.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
#[allow(missing_docs)]
pub enum LogLevel {
    All,
    Error,
    Fatal,
    #[default]
    Off,
}

/// How data is encrypted at rest. It is kept and shown; nothing is encrypted.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub enum Encryption {
    /// `AWS_OWNED_KEY`
    #[default]
    AwsOwnedKey,
    /// `CUSTOMER_MANAGED_KMS_KEY`
    CustomerManagedKmsKey {
        /// The key: an id, an alias or the ARN of either.
        key_id: SmolStr,
        /// For how long a data key is used.
        reuse_period_seconds: i64,
    },
}

/// What an update changes.
#[derive(Clone, Debug, Default)]
#[allow(missing_docs)]
pub struct Changes {
    /// The text with what it says.
    pub definition: Option<(Arc<str>, Arc<Program>)>,
    pub role_arn: Option<SmolStr>,
    pub logging: Option<Logging>,
    pub tracing: Option<bool>,
    pub encryption: Option<Encryption>,
}

impl StateMachine {
    /// The state machine with these changes, as another revision; nothing if it is already as they want it.
    pub(super) fn changed(&self, changes: Changes, revision: SmolStr, at: Timestamp) -> Option<StateMachine> {
        let mut changed = self.clone();
        if let Some((definition, program)) = changes.definition.filter(|(text, _)| *text != self.definition) {
            (changed.definition, changed.program) = (definition, program);
        }
        changed.role_arn = changes.role_arn.unwrap_or(changed.role_arn);
        changed.logging = changes.logging.unwrap_or(changed.logging);
        changed.tracing = changes.tracing.unwrap_or(changed.tracing);
        changed.encryption = changes.encryption.unwrap_or(changed.encryption);
        let same = changed.definition == self.definition
            && changed.role_arn == self.role_arn
            && changed.logging == self.logging
            && changed.tracing == self.tracing
            && changed.encryption == self.encryption;
        (!same).then(|| StateMachine { revision: Some(revision), update_date: at, ..changed })
    }
}
