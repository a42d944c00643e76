//! The one object that every operation is given.

use crate::config::Config;
use crate::engine::Engine;
use crate::registry::Registry;

/// What has been created, what runs, and what was chosen at the start.
#[derive(Debug)]
pub struct Emulator {
    /// What has been created.
    pub registry: Registry,
    /// What runs.
    pub engine: Engine,
    /// What was chosen at the start.
    pub config: Config,
}
