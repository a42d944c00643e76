//! Stepwell: AWS Step Functions on your own machine.
//!
//! `docs/architecture.md` in the repository shows how the modules fit together and who may import whom.

pub mod arn;
pub mod asl;
pub mod cli;
pub mod clock;
pub mod config;
pub mod connections;
pub mod emulator;
pub mod endpoint;
pub mod engine;
pub mod failure;
pub mod header;
pub mod history;
pub mod honesty;
pub mod integrations;
pub mod interpreter;
pub mod items;
pub mod json;
pub mod logging;
pub mod mocks;
pub mod operations;
pub mod partition;
pub mod protocol;
pub mod query;
pub mod quota;
pub mod random;
pub mod registry;
pub mod server;
pub mod service_model;
pub mod timestamp;
