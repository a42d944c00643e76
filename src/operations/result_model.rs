//! Whether a mocked result is one that the called API could have returned.

use crate::asl::Pattern;
use crate::json::Value;
use crate::service_model::{self, Call, Mode, Violation};
use smol_str::SmolStr;
use thiserror::Error as ThisError;

/// Why a mocked result isn't one that the called API could have returned.
#[derive(Debug, ThisError)]
#[allow(missing_docs)]
pub enum Mismatch {
    #[error("Mock result schema validation error: {0}")]
    Violation(Violation),
    /// Our own words: AWS has the model.
    #[error(
        "Mock result schema validation error: Stepwell has no model of the result of {0}; with fieldValidationMode NONE it is not checked"
    )]
    ModelUnknown(SmolStr),
}

/// What has no model: the calls of endpoints of the user's own.
const ANY_RESULT: &[&str] = &["apigateway:invoke", "http:invoke", "eks:call", "eks:runJob"];

/// What has a result that is not the API's.
const OTHER_RESULT: &[&str] = &["bedrockagentcore:invokeHarness"];

/// Members that are JSON where Step Functions has parsed them, whatever the API's model says.
const PARSED: &[(&str, &str)] = &[("lambda:invoke", "Payload"), ("bedrock:invokeModel", "Body")];

/// Whether the result is one that the called API could have returned. Functions and activities return what they like,
/// and so does whoever has a task token.
///
/// A call is `<service>:<action>`, as behind the three colons of a resource's ARN, without the pattern.
pub fn check(call: &str, pattern: Pattern, result: &Value, mode: Mode) -> Result<(), Mismatch> {
    if pattern == Pattern::TaskToken || ANY_RESULT.contains(&call) {
        return Ok(());
    }
    let unknown = || Mismatch::ModelUnknown(format!("arn:aws:states:::{call}{}", pattern.suffix()).into());
    let called = called_by(call, pattern).ok_or_else(unknown)?;
    let is_parsed = |violated: &str| {
        let parses_output = pattern == Pattern::Sync2 && matches!(violated, "Output" | "Input");
        parses_output || PARSED.iter().any(|(parsing, member)| *parsing == call && *member == violated)
    };
    let violations = called.check_result(result, mode);
    match violations.into_iter().find(|violation| !is_parsed(violation.field())) {
        Some(violation) => Err(Mismatch::Violation(violation)),
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
    if OTHER_RESULT.contains(&call) {
        return None;
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
            let (call, pattern) = match call.split_once('.') {
                None => (call, Pattern::RequestResponse),
                Some((call, "waitForTaskToken")) => (call, Pattern::TaskToken),
                Some((call, "sync:2")) => (call, Pattern::Sync2),
                Some((call, _)) => (call, Pattern::Sync),
            };
            let result = Value::parse(result).expect("valid JSON");
            check(call, pattern, &result, mode).map_err(|problem| problem.to_string())
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
        ] {
            assert_eq!(check(call, result, Mode::Strict).err(), strict, "{call} {result}");
            assert_eq!(check(call, result, Mode::Present).err(), present, "{call} {result}");
        }
    }
}
