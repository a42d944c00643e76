//! `context`: a context object in place of the execution's own.

use super::problem::{ContextProblem, TestProblem};
use crate::asl::{Iterated, Pattern, ResourceUnderTest};
use crate::json::{Kind, Value};

/// What a member of the context object can be.
enum Allowed {
    Anything,
    String,
    Number,
    Count,
    Object(&'static [(&'static str, Allowed)]),
}

/// The members are those that AWS documents of context objects. That `RedriveCount` and `RedriveTime` can be given is a
/// guess: those that AWS makes for tests don't have them.
const CONTEXT: &[(&str, Allowed)] = &[
    (
        "Execution",
        Allowed::Object(&[
            ("Id", Allowed::String),
            ("Input", Allowed::Anything),
            ("Name", Allowed::String),
            ("RoleArn", Allowed::String),
            ("StartTime", Allowed::String),
            ("RedriveCount", Allowed::Number),
            ("RedriveTime", Allowed::String),
        ]),
    ),
    (
        "State",
        Allowed::Object(&[("EnteredTime", Allowed::String), ("Name", Allowed::String), ("RetryCount", Allowed::Count)]),
    ),
    ("StateMachine", Allowed::Object(&[("Id", Allowed::String), ("Name", Allowed::String)])),
    ("Task", Allowed::Object(&[("Token", Allowed::String)])),
];

/// `Map.Item` of the context object of a state in a Map state, which AWS fills in if the request has no context object: the
/// first iteration, over the test's input. `Source` is documented of items that come from the Map state's input; what it
/// is, and what `Key` is, when an ItemReader has read them for a test isn't, so that it isn't there.
pub fn map_item(map: Iterated, input: &Value) -> Value {
    let mut members = vec![("Index", Value::from(0)), ("Value", input.clone())];
    if map == Iterated::OverInput {
        members.push(("Source", "STATE_DATA".into()));
    }
    Value::object(members)
}

/// The context object of a request.
pub fn understood(text: &str, resource: Option<&ResourceUnderTest>) -> Result<Value, TestProblem> {
    checked(text, resource).map_err(TestProblem::InvalidContext)
}

fn checked(text: &str, resource: Option<&ResourceUnderTest>) -> Result<Value, ContextProblem> {
    let context = Value::parse(text).map_err(|_| ContextProblem::NotAnObject)?;
    if context.as_object().is_none() {
        return Err(ContextProblem::NotAnObject);
    }
    if context.get("Map").is_some() {
        return Err(ContextProblem::Map);
    }
    let waits = resource.is_some_and(|resource| resource.pattern != Pattern::RequestResponse);
    if context.get("Task").is_some() && !waits {
        return Err(ContextProblem::Task);
    }
    check_members(&context, CONTEXT, "")?;
    Ok(context)
}

fn check_members(value: &Value, allowed: &[(&str, Allowed)], path: &str) -> Result<(), ContextProblem> {
    for (name, member) in value.as_object().into_iter().flat_map(|members| members.iter()) {
        let Some((_, allowed)) = allowed.iter().find(|(allowed, _)| *allowed == name.as_str()) else {
            return Err(ContextProblem::NotAllowed(name.clone()));
        };
        let path = format!("{path}{name}");
        let (kind, expected) = match allowed {
            Allowed::Anything => continue,
            Allowed::String => (Kind::String, "a string"),
            Allowed::Number => (Kind::Number, "a number"),
            // A guess: what else would it count?
            Allowed::Count if member.as_i64().is_none_or(|count| count < 0) && member.kind() == Kind::Number => {
                return Err(ContextProblem::WrongType { path, expected: "a non-negative integer" });
            }
            Allowed::Count => (Kind::Number, "a number"),
            Allowed::Object(_) => (Kind::Object, "an object"),
        };
        if member.kind() != kind {
            return Err(ContextProblem::WrongType { path, expected });
        }
        if let Allowed::Object(members) = allowed {
            check_members(member, members, &format!("{path}."))?;
        }
    }
    Ok(())
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_context_object_has_the_documented_members() {
        let resource = |pattern| ResourceUnderTest { arn: "arn".into(), pattern };
        let (plain, token) = (resource(Pattern::RequestResponse), resource(Pattern::TaskToken));
        for (text, resource, problem) in [
            ("{}", &plain, None),
            (r#"{"Execution":{},"State":{},"StateMachine":{}}"#, &plain, None),
            (r#"{"Execution":{"Input":[1],"Id":"i"},"State":{"RetryCount":2}}"#, &plain, None),
            (r#"{"Task":{"Token":"t"}}"#, &token, None),
            ("[]", &plain, Some("must be a valid JSON object")),
            ("{", &plain, Some("must be a valid JSON object")),
            (r#"{"Map":{}}"#, &plain, Some("'Map' field is not supported when mocking a Context object")),
            (r#"{"Foo":{}}"#, &plain, Some("Field 'Foo' is not allowed")),
            (r#"{"State":{"Foo":1}}"#, &plain, Some("Field 'Foo' is not allowed")),
            (r#"{"Execution":{"Id":1}}"#, &plain, Some("Execution.Id must be a string")),
            (r#"{"State":{"RetryCount":"1"}}"#, &plain, Some("State.RetryCount must be a number")),
            (r#"{"State":{"RetryCount":1.5}}"#, &plain, Some("State.RetryCount must be a non-negative integer")),
            (r#"{"State":{"RetryCount":-1}}"#, &plain, Some("State.RetryCount must be a non-negative integer")),
            (r#"{"StateMachine":1}"#, &plain, Some("StateMachine must be an object")),
            (
                r#"{"Task":{"Token":"t"}}"#,
                &plain,
                Some(
                    "Context object contains 'Task' when state is not a Task state with a '.sync' or '.waitForTaskToken' service integration pattern",
                ),
            ),
        ] {
            let found = checked(text, Some(resource)).err().map(|problem| problem.to_string());
            assert_eq!(found.as_deref(), problem, "{text}");
        }
    }
}
