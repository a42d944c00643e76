//! The integration tests, one binary: every test talks to a server of its own; a module is named after what it tests.

mod activities;
mod architecture;
mod clients;
mod executions;
mod express;
mod fuzzing;
mod jsonata;
mod jsonata_core;
mod jsonata_properties;
mod jsonpath_golden;
mod jsonpath_properties;
mod logs;
mod map_runs;
mod model;
mod program;
mod protocol;
mod redrive;
mod reset;
mod robustness;
mod sdk;
mod server;
mod state_machines;
mod tags;
mod test_state;
mod time;
mod validation;
