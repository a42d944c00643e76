//! Calls to other services: leaves that talk HTTP, from an
//! [`Invocation`](crate::interpreter::invocation::Invocation) to a result or a failure.
//!
//! They know nothing of executions: who waits for a call gives it up by dropping its future, which closes the
//! connection. The time that they ask the system for is that of the transport (signatures, the Date header), never
//! that of a workflow.

mod api_gateway;
pub mod aws_sdk;
mod cloudwatch_logs;
mod deviations;
mod harness;
mod http;
mod http_task;
mod item_reader;
mod jobs;
mod kubernetes;
mod lambda;
mod limits;
mod model_input;
mod optimised;
mod owner;
mod role;
mod sdk;
mod services;
mod sigv4;
mod step_functions;
#[cfg(test)]
mod stub;

pub use cloudwatch_logs::{CloudWatchLogs, DeliveryProblem, LogEvent, LogStream};
pub use http::check_bundle as check_ca_bundle;
pub use jobs::{Job, Progress};
pub use role::{Assumed, TaskRole};
pub use services::Services;
pub use step_functions::{Answering, StepFunctions};
