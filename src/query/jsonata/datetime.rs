//! stub
pub use super::format_number::E;
pub fn from_millis(_: f64, _: Option<&str>, _: Option<&str>) -> Result<String, E> {
    Err(E)
}
pub fn to_millis(_: &str, _: Option<&str>) -> Result<Option<f64>, E> {
    Err(E)
}
