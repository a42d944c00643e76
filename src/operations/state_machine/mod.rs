//! Operations on state machines.

pub mod configuration;
pub mod create;
pub mod delete;
pub mod describe;
pub mod list;
pub mod update;
pub mod validate;
pub mod variable_references;
