//! What a service says of a job, in the form in which `.sync` returns it.

use crate::json::Value;
use crate::service_model::{Kind, Service, ShapeId};
use crate::timestamp::Timestamp;
use smol_str::SmolStr;

/// Recorded of executions: members in the order of their names, dates in milliseconds.
pub(super) fn shown(service: &Service, shape: ShapeId, value: &Value) -> Value {
    match (&service.shape(shape).kind, value) {
        (Kind::Structure { .. }, Value::Object(object)) => {
            let members = service.members(shape);
            let shape_of = |name: &str| members.iter().find(|member| member.public_name() == name);
            let mut shown: Vec<(SmolStr, Value)> = object
                .iter()
                .map(|(name, value)| {
                    let value = shape_of(name).map_or_else(|| value.clone(), |m| self::shown(service, m.shape, value));
                    (name.clone(), value)
                })
                .collect();
            shown.sort_by(|(a, _), (b, _)| a.cmp(b));
            Value::object(shown)
        }
        (Kind::List { item, .. }, Value::Array(_)) => {
            let items = value.as_array().unwrap_or_default();
            Value::array(items.iter().map(|value| self::shown(service, *item, value)).collect::<Vec<_>>())
        }
        (Kind::Map { value: shape, .. }, Value::Object(object)) => {
            Value::object(object.iter().map(|(name, value)| (name.clone(), self::shown(service, *shape, value))))
        }
        (Kind::Timestamp(_), Value::String(text)) => match Timestamp::parse(text) {
            Some(date) => Value::from(date.millis()),
            None => value.clone(),
        },
        _ => value.clone(),
    }
}

/// The error of a task of ECS that has failed; a task that never began has one of its own.
///
/// Of the names only lists in public definitions are known, which have them for `.sync` alone; that they follow the code and
/// the first word of the reason for which the task was stopped, and that the cause is the task as always, is inferred.
pub(super) fn error_of_task(task: &Value) -> &'static str {
    const BY_REASON: [(&str, &str); 2] = [
        ("CannotPullContainerError", "ECS.CannotPullContainerErrorException"),
        ("ContainerRuntimeTimeoutError", "ECS.ContainerRuntimeTimeoutErrorException"),
    ];
    let text = |name: &str| task.get(name).and_then(Value::as_str).unwrap_or_default();
    if text("StopCode") != "TaskFailedToStart" {
        return "States.TaskFailed";
    }
    let special = BY_REASON.iter().find(|(reason, _)| text("StoppedReason").starts_with(reason));
    special.map_or("ECS.TaskFailedToStartException", |(_, name)| name)
}

/// Whether all containers of a task of ECS ended with 0: also those that aren't essential, as users of AWS see. One that
/// never ran has no exit code.
pub(super) fn containers_succeeded(task: &Value) -> bool {
    let containers = task.get("Containers").and_then(Value::as_array).unwrap_or_default();
    let succeeded = |container: &Value| container.get("ExitCode").and_then(Value::as_i64) == Some(0);
    !containers.is_empty() && containers.iter().all(succeeded)
}
