//! What the protocols share: which members of a structure travel in a body.

use crate::json::{Object, Value};
use crate::service_model::{Location, Member, Service, ShapeId};
use smol_str::SmolStr;

/// The members in the body that are given, with their values.
pub(super) fn given<'a>(
    service: &'a Service,
    shape: ShapeId,
    object: &'a Object,
) -> impl Iterator<Item = (&'a Member, &'a Value)> {
    service.members(shape).iter().filter(|member| member.location == Location::Body).filter_map(|member| {
        let value = object.get(&member.public_name()).filter(|value| !matches!(value, Value::Null));
        value.map(|value| (member, value))
    })
}

/// A structure of a result.
#[derive(Default)]
pub(super) struct Structure(Vec<(SmolStr, Value)>);

impl Structure {
    /// Sets a member.
    pub fn set(&mut self, member: &Member, value: Value) {
        self.0.push((member.public_name(), value));
    }

    pub fn extend(&mut self, other: Value) {
        if let Value::Object(object) = other {
            self.0.extend(object.iter().map(|(name, value)| (name.clone(), value.clone())));
        }
    }

    pub fn into_value(self) -> Value {
        Value::object(self.0)
    }
}
