//! Operations on versions of state machines.

pub mod delete;
pub mod list;
pub mod publish;
