//! The integration tests, one binary; a module is named after what it tests.

mod architecture;
mod clients;
mod jsonpath_golden;
mod program;
