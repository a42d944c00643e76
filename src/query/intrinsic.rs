//! stub
use super::Scope;
use crate::failure::Runtime;
use crate::json::Value;
use smol_str::SmolStr;

/// A call of an intrinsic function, compiled: `States.Format('{}', $.a)`.
#[derive(Clone, Debug)]
pub struct Call {
    text: SmolStr,
}

/// The text is no call of an intrinsic function.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct InvalidCall;

impl Call {
    /// Compiles a call.
    pub fn compile(text: &str) -> Result<Call, InvalidCall> {
        Ok(Call { text: text.into() })
    }
    /// As written.
    pub fn text(&self) -> &SmolStr {
        &self.text
    }
    /// What the call returns.
    pub fn evaluate(&self, scope: Scope<'_>) -> Result<Value, Runtime> {
        let _ = scope;
        Ok(Value::Null)
    }
}
