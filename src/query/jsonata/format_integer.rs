//! stub
pub use super::format_number::E;
pub fn format_integer(_: f64, _: &str) -> Result<String, E> { Err(E) }
pub fn parse_integer(_: &str, _: &str) -> Result<Option<f64>, E> { Err(E) }
