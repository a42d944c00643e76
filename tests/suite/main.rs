//! The integration tests, one binary for all of them.

mod jsonpath_golden;
mod jsonpath_properties;
