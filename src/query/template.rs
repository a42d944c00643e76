//! stub
use super::Scope;
use crate::failure::Runtime;
use crate::json::Value;

/// A payload template, compiled: `Parameters`, `ResultSelector`, `ItemSelector`.
#[derive(Clone, Debug)]
pub struct Template {
    literal: Value,
}

/// A member `name.$` whose value is neither a path nor a call.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct InvalidTemplate {
    /// the member's name with its `.$`
    pub field: String,
}

impl Template {
    /// Compiles the template, or says which members are invalid (all of them, in their order).
    pub fn compile(template: &Value) -> Result<Template, Vec<InvalidTemplate>> {
        Ok(Template { literal: template.clone() })
    }
    /// The value that the template makes of this scope.
    pub fn evaluate(&self, scope: Scope<'_>) -> Result<Value, Runtime> {
        let _ = scope;
        Ok(self.literal.clone())
    }
}
