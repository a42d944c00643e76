//! Operations on aliases of state machines.

pub mod create;
pub mod delete;
pub mod describe;
pub mod list;
pub mod routing;
pub mod update;
