//! The one object that every operation is given.

use crate::clock::Clock;
use crate::config::Config;
use crate::engine::{Engine, Rules};
use crate::integrations::Services;
use crate::logging::Logs;
use crate::registry::Registry;
use std::sync::Arc;

/// What has been created, what runs, and what was chosen at the start.
#[derive(Debug)]
pub struct Emulator {
    /// What has been created.
    pub registry: Arc<Registry>,
    /// What runs.
    pub engine: Engine,
    /// Where the logs of executions go.
    pub logs: Logs,
    /// What was chosen at the start.
    pub config: Config,
}

impl Emulator {
    /// An emulator in which nothing has been created yet; it must be made inside a tokio runtime.
    pub fn new(config: Config, clock: Clock) -> Self {
        let registry = Arc::new(Registry::default());
        let services = Services::new(&config);
        let seed = uuid::Uuid::new_v4().as_u64_pair().0;
        let known = registry.clone();
        let activity_exists = move |arn: &str| known.activity_exists(arn);
        let logs = Logs::new(services.cloudwatch_logs(&config), config.execution_log.clone());
        let rules = Rules { wait_time_scale: config.wait_time_scale, strictness: config.strictness };
        let engine = Engine::new(clock, services, logs.clone(), rules, seed, activity_exists);
        Self { registry, engine, logs, config }
    }
}
