//! Operations on executions.

pub mod describe;
pub mod describe_state_machine;
pub mod history;
pub mod list;
mod mocks;
pub mod redrive;
pub mod start;
pub mod start_sync;
pub mod stop;

use crate::engine::Status;
use crate::protocol::Encode;

/// The word for a status.
fn status_name(status: Status) -> &'static str {
    match status {
        Status::Running => "RUNNING",
        Status::Succeeded => "SUCCEEDED",
        Status::Failed => "FAILED",
        Status::TimedOut => "TIMED_OUT",
        Status::Aborted => "ABORTED",
        Status::PendingRedrive => "PENDING_REDRIVE",
    }
}

/// `inputDetails`, `outputDetails`: the data is there as a whole.
#[derive(Debug)]
pub struct Included;

impl Encode for Included {
    fn write(&self, out: &mut String) {
        out.push_str(r#"{"included":true}"#);
    }
}
