//! The integration tests, one binary: every test talks to a server of its own; a module is named after what it tests.

mod activities;
mod architecture;
mod clients;
mod executions;
mod fuzzing;
mod jsonpath_golden;
mod jsonpath_properties;
mod model;
mod program;
mod protocol;
mod robustness;
mod sdk;
mod server;
mod state_machines;
