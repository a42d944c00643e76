//! Jobs that a task waits for after the call that has started them: `.sync`.
//!
//! A job is looked at again and again until it has ended. Who waits for it says when, by the clock of workflows: a look tells
//! how long to wait for the next one. Nobody who waits any more stops the job, as AWS does where a service has a call for that.

mod description;
mod kubernetes;
mod patience;
mod polled;

pub(super) use kubernetes::RunningJob;
pub(super) use polled::{Caller, Polled};

use super::step_functions::StartedExecution;
use crate::failure::Failure;
use crate::json::Value;
use smol_str::SmolStr;
use std::time::Duration;

/// A job that is under way. Dropping it stops it.
#[derive(Debug)]
pub enum Job {
    /// An execution of Step Functions in this process, which tells when it has ended.
    Execution(StartedExecution),
    /// What has to be asked.
    Polled(Box<Polled>),
    /// A job of Kubernetes.
    Kubernetes(Box<RunningJob>),
}

/// How a job is.
#[derive(Debug)]
pub enum Progress {
    /// It has ended, with this result for the task.
    Ended(Result<Value, Failure>),
    /// It should be looked at again after this time of workflows.
    GoesOn(Duration),
}

impl Job {
    /// The ARN of the execution that it is, if it is one.
    pub fn execution_arn(&self) -> Option<&SmolStr> {
        match self {
            Job::Execution(execution) => Some(execution.arn()),
            _ => None,
        }
    }

    /// Looks how it is. Dropping the future gives the look up, not the job.
    pub async fn look(&mut self) -> Progress {
        match self {
            Job::Execution(execution) => Progress::Ended(execution.ended().await),
            Job::Polled(job) => job.look().await,
            Job::Kubernetes(job) => job.look().await,
        }
    }
}
