//! Operations on state machines.

mod configuration;
pub mod create;
pub mod delete;
pub mod describe;
pub mod list;
