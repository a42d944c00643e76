//! The Amazon States Language: definition text to a [`Program`], or to all that is wrong with it.
//!
//! [`parse`] reads a definition once. What it understands becomes typed, with every `Next` resolved and every
//! expression compiled; what it doesn't is collected, in AWS's words, until the end. This module knows nothing of
//! executions, nor of what exists: whether a function or an activity is there shows only when it is called.

mod diagnostic;
mod fields;
mod graph;
mod http_task;
mod location;
mod parse;
pub mod program;
mod resource;
mod warnings;

pub use diagnostic::{Diagnostic, Problem, Severity, describe};
pub use fields::QueryLanguage;
pub use http_task::http_invoke_problems;
pub use parse::{Iterated, MachineType, Parsed, ParsedState, ResourceUnderTest, parse, parse_state, variable_problem};
pub use program::Program;
pub use resource::{
    API_GATEWAY_INVOKE_MEMBERS, EKS_CALL_MEMBERS, EKS_RUN_JOB_MEMBERS, Integration, LAMBDA_INVOKE_MEMBERS, Pattern,
    is_reserved_header,
};
pub use warnings::warnings;
