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

/// How data is encrypted at rest. Keys of the customer's own are not built yet.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub enum Encryption {
    /// `AWS_OWNED_KEY`
    #[default]
    AwsOwnedKey,
}
