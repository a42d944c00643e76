//! Operations on activities.

pub mod create;
pub mod delete;
pub mod describe;
pub mod list;
