//! stub
use super::jsonpath::InvalidPath;
use crate::failure::Runtime;
use crate::json::Value;
use smol_str::SmolStr;

/// A path that names one place: only `.name`, `['name']` and `[n]` after `$`.
#[derive(Clone, Debug)]
pub struct ReferencePath {
    text: SmolStr,
}

impl ReferencePath {
    /// Compiles a path that begins with `$`; `InvalidPath` says why it isn't a Reference Path.
    pub fn compile(text: &str) -> Result<ReferencePath, InvalidPath> {
        Ok(ReferencePath { text: text.into() })
    }
    /// As written.
    pub fn text(&self) -> &SmolStr {
        &self.text
    }
    /// `document` with `value` put at this place (ResultPath); makes missing objects, copies only what is on the way.
    pub fn put(&self, document: &Value, value: Value) -> Result<Value, Runtime> {
        let _ = document;
        Ok(value)
    }
}
