//! stub
use crate::json::Value;
#[derive(Debug)]
pub struct E;
impl E { pub fn code(&self) -> &'static str { "D3080" } }
impl std::fmt::Display for E { fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result { f.write_str("stub") } }
pub fn format_number(_: f64, _: &str, _: Option<&Value>) -> Result<String, E> { Err(E) }
