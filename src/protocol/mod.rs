//! AWS JSON 1.0 as the service's framework speaks it: reading a request, its constraints, writing an answer.
//!
//! A request's shape is declared once with `shape!`: the declaration gives the Rust type, the reading
//! of it with AWS's checks, and a table that tests compare with the service's model. This module knows no operation
//! and nothing of HTTP servers.

mod credential;
mod decode;
mod encode;
mod fault;
mod json;
mod rule;
mod shape;

pub use credential::namespace;
pub use decode::{Decode, Place, member, one_of, read};
pub use encode::{Answer, Encode, separate, write_name};
pub use fault::{Fault, Mistyped, Shown, Violation};
pub use json::Json;
pub use rule::{ListOf, Member, Named, Pattern, Rule, Text, Unit};
pub(crate) use shape::{answer, shape, words};

/// The media type of requests and answers.
pub const MEDIA_TYPE: &str = "application/x-amz-json-1.0";

/// What stands before the operation's name in the header `X-Amz-Target`.
pub const TARGET_PREFIX: &str = "AWSStepFunctions.";
