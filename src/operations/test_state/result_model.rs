//! Whether a mocked result is one that the called API could have returned.

use super::mock::FieldValidationMode;
use super::problem::TestProblem;
use crate::asl::{Pattern, ResourceUnderTest};
use crate::json::Value;
use crate::service_model::{self, Call, Mode};

/// What has no model: the calls of endpoints of the user's own.
const ANY_RESULT: &[&str] = &["apigateway:invoke", "http:invoke", "eks:call", "eks:runJob"];

/// Members that are JSON where Step Functions has parsed them, whatever the API's model says.
const PARSED: &[(&str, &str)] = &[("lambda:invoke", "Payload"), ("bedrock:invokeModel", "Body")];

/// Whether the result is one that the called API could have returned. Functions and activities return what they like,
/// and so does whoever has a task token.
pub fn check(resource: &ResourceUnderTest, result: &Value, mode: FieldValidationMode) -> Result<(), TestProblem> {
    let mode = match mode {
        FieldValidationMode::Strict => Mode::Strict,
        FieldValidationMode::Present => Mode::Present,
        FieldValidationMode::None => return Ok(()),
    };
    let Some(called) = resource.arn.split_once(":::").map(|(_, called)| called) else { return Ok(()) };
    let call = called.split_once('.').map_or(called, |(call, _)| call);
    if resource.pattern == Pattern::TaskToken || ANY_RESULT.contains(&call) {
        return Ok(());
    }
    let unknown = || TestProblem::ModelUnknown(resource.arn.clone());
    let called = called_by(call, resource.pattern).ok_or_else(unknown)?;
    let is_parsed = |violated: &str| {
        let parses_output = resource.pattern == Pattern::Sync2 && matches!(violated, "Output" | "Input");
        parses_output || PARSED.iter().any(|(parsing, member)| *parsing == call && *member == violated)
    };
    let violations = called.check_result(result, mode);
    match violations.iter().find(|violation| !is_parsed(violation.field())) {
        Some(violation) => Err(TestProblem::ResultNotOfApi(violation.to_string())),
        None => Ok(()),
    }
}

/// What a call has the result of.
fn called_by(call: &str, pattern: Pattern) -> Option<Call> {
    if let Some(call) = call.strip_prefix("aws-sdk:") {
        let (service, action) = call.split_once(':')?;
        let service = service_model::find(service)?;
        return Some(Call::of(service, service.action(action)?));
    }
    let (service, action) = call.split_once(':')?;
    match pattern {
        Pattern::Sync | Pattern::Sync2 => service_model::jobs::polled(service, action),
        Pattern::RequestResponse | Pattern::TaskToken => service_model::optimised(service, action),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn what_is_parsed_belongs_to_operations_of_the_models() {
        for (call, _) in PARSED {
            assert!(called_by(call, Pattern::RequestResponse).is_some(), "{call}");
        }
    }

    #[test]
    fn results_are_those_of_the_called_api() {
        let check = |call: &str, result: &str, mode| {
            let pattern = match call.split_once('.') {
                None => Pattern::RequestResponse,
                Some((_, "waitForTaskToken")) => Pattern::TaskToken,
                Some((_, "sync:2")) => Pattern::Sync2,
                Some(_) => Pattern::Sync,
            };
            let arn = if call.starts_with("arn:") { call.into() } else { format!("arn:aws:states:::{call}").into() };
            let result = Value::parse(result).expect("valid JSON");
            check(&ResourceUnderTest { arn, pattern }, &result, mode).map_err(|problem| problem.to_string())
        };
        let missing = "Mock result schema validation error: Required field 'ExecutionArn' is missing";
        let wrong = |field: &str, expected: &str| {
            format!("Mock result schema validation error: Field '{field}' must be {expected}")
        };
        for (call, result, strict, present) in [
            ("states:startExecution", "{}", Some(missing.to_owned()), None),
            ("states:startExecution", r#"{"executionArn":"a","startDate":1}"#, Some(missing.to_owned()), None),
            ("states:startExecution.sync", "{}", Some(missing.to_owned()), None),
            ("states:startExecution.sync:2", "{}", Some(missing.to_owned()), None),
            (
                "states:startExecution.sync:2",
                r#"{"ExecutionArn":"e","StateMachineArn":"m","StartDate":"d","Status":"FAILED","Output":{}}"#,
                None,
                None,
            ),
            ("lambda:invoke", r#"{"Payload":{"a":1},"StatusCode":200}"#, None, None),
            (
                "lambda:invoke",
                r#"{"StatusCode":"200"}"#,
                Some(wrong("StatusCode", "a number")),
                Some(wrong("StatusCode", "a number")),
            ),
            ("events:putEvents", r#"{"random":1}"#, None, None),
            ("sqs:sendMessage.waitForTaskToken", "7", None, None),
            ("apigateway:invoke", "7", None, None),
            ("arn:aws:lambda:us-east-1:123456789012:function:f", "7", None, None),
        ] {
            assert_eq!(check(call, result, FieldValidationMode::Strict).err(), strict, "{call} {result}");
            assert_eq!(check(call, result, FieldValidationMode::Present).err(), present, "{call} {result}");
            assert_eq!(check(call, result, FieldValidationMode::None).err(), None, "{call} {result}");
        }
    }
}
