//! Stepwell from outside: every test talks HTTP to a server of its own.

mod activities;
mod executions;
mod model;
mod protocol;
mod sdk;
mod server;
mod state_machines;
