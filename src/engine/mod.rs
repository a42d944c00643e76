//! The ring around the interpreter that waits: executions, timers, task tokens, activity queues.
//!
//! It knows what runs; what has been created is the registry's business.

mod stub;

pub use stub::{ActivityPoll, Offer, TooManyPollers};

use crate::arn::Namespace;
use crate::asl::Program;
use crate::json::Value;
use crate::timestamp::Timestamp;
use smol_str::SmolStr;
use std::sync::Arc;

/// Everything that runs, in all namespaces. Cloning it gives another handle to the same engine.
#[derive(Clone, Debug)]
pub struct Engine {
    stub: Arc<std::sync::Mutex<stub::Stub>>,
}

/// An execution to start.
#[derive(Debug)]
pub struct Start {
    /// Account and region.
    pub namespace: Namespace,
    /// The state machine's name.
    pub machine: SmolStr,
    /// The state machine's plain ARN.
    pub machine_arn: SmolStr,
    /// The machine's role.
    pub role_arn: SmolStr,
    /// What it runs.
    pub program: Arc<Program>,
    /// The execution's name, if the caller gave one; else a fresh uuid.
    pub name: Option<SmolStr>,
    /// Its input.
    pub input: Value,
    /// `traceHeader`, handed back by DescribeExecution.
    pub trace_header: Option<SmolStr>,
}

/// An execution that was started, now or, idempotently, before.
#[derive(Clone, Debug)]
pub struct Started {
    /// Its ARN.
    pub arn: SmolStr,
    /// When it began.
    pub start_date: Timestamp,
}

/// An execution of this name exists, has ended or has another input.
#[derive(Clone, Debug)]
pub struct ExecutionAlreadyExists {
    /// The existing execution's ARN.
    pub arn: SmolStr,
}

/// The status of an execution.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
#[allow(missing_docs)]
pub enum Status {
    Running,
    Succeeded,
    Failed,
    TimedOut,
    Aborted,
}

/// What a list shows of an execution.
#[derive(Clone, Debug)]
#[allow(missing_docs)]
pub struct Summary {
    pub arn: SmolStr,
    pub name: SmolStr,
    pub status: Status,
    pub start_date: Timestamp,
    pub stop_date: Option<Timestamp>,
}

/// What DescribeExecution shows.
#[derive(Clone, Debug)]
#[allow(missing_docs)]
pub struct Description {
    pub summary: Summary,
    pub machine_arn: SmolStr,
    pub input: Value,
    pub output: Option<Value>,
    pub error: Option<SmolStr>,
    pub cause: Option<SmolStr>,
    pub trace_header: Option<SmolStr>,
}

/// What a worker says about its task.
#[derive(Clone, Debug)]
#[allow(missing_docs)]
pub enum TaskReport {
    Success(Value),
    Failure { error: Option<SmolStr>, cause: Option<SmolStr> },
    Heartbeat,
}

/// Why a task token can't be used.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum TokenProblem {
    /// It was never given out, or belongs to another account or region.
    Invalid,
    /// Its task has ended, timed out, or its execution has ended.
    TimedOut,
}
