//! Whose resource a call is about.
//!
//! On AWS a function, queue or topic of another account is called by whoever its own policy allows, and the service finds it
//! by its name. Stand-ins for AWS find resources in the account that a request is signed for, so such a call is
//! signed for the owner's account. The region stays: AWS has no cross-region access.

use crate::arn::{Arn, Namespace};
use crate::interpreter::invocation::Invocation;
use crate::json::Value;

/// The account to call in, in the caller's region; that of the caller where the call names no other.
pub(super) fn of(invocation: &Invocation, caller: &Namespace) -> Namespace {
    let account = account(invocation).filter(|account| is_account(account)).unwrap_or(&caller.account);
    Namespace { account: account.into(), region: caller.region.clone() }
}

fn account(invocation: &Invocation) -> Option<&str> {
    match invocation {
        Invocation::LambdaFunction { function_arn, .. } => of_function(function_arn),
        Invocation::LambdaInvoke(call) => of_function(&call.function_name),
        Invocation::AwsSdk { service, parameters, .. } | Invocation::Optimised { service, parameters, .. } => {
            let text = |name| parameters.get(name).and_then(Value::as_str);
            match service.as_str() {
                "lambda" => of_function(text("FunctionName")?),
                "sqs" => of_queue(text("QueueUrl")?),
                "sns" => Some(Arn::parse(text("TopicArn").or(text("TargetArn"))?)?.account),
                _ => None,
            }
        }
        _ => None,
    }
}

/// The account in a function's ARN, or in a partial one: `123456789012:function:name`.
fn of_function(name: &str) -> Option<&str> {
    match Arn::parse(name) {
        Some(arn) => Some(arn.account),
        None => name.split_once(":function:").map(|(account, _)| account),
    }
}

/// The account in `https://sqs.us-east-1.amazonaws.com/123456789012/name`, whatever stands before it.
fn of_queue(url: &str) -> Option<&str> {
    let (_, path) = url.split_once("://")?;
    path.split('/').rev().nth(1)
}

fn is_account(text: &str) -> bool {
    text.len() == 12 && text.bytes().all(|b| b.is_ascii_digit())
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::interpreter::invocation::{LambdaInvoke, Pattern};

    #[test]
    fn a_call_is_made_in_the_account_of_what_it_names() {
        let with = |service: &str, member: &str, value: &str| Invocation::Optimised {
            service: service.into(),
            action: "any".into(),
            parameters: Value::object([(member, Value::from(value))]),
            pattern: Pattern::RequestResponse,
        };
        let function = |arn: &str| Invocation::LambdaFunction { function_arn: arn.into(), input: Value::Null };
        let invoke = |name: &str| {
            Invocation::LambdaInvoke(LambdaInvoke { function_name: name.into(), ..LambdaInvoke::default() })
        };
        for (invocation, account) in [
            (function("arn:aws:lambda:us-east-1:222222222222:function:f"), "222222222222"),
            (function("arn:aws:lambda:us-east-1:111111111111:function:f"), "111111111111"),
            (invoke("222222222222:function:f"), "222222222222"),
            (invoke("arn:aws:lambda:us-east-1:222222222222:function:f:1"), "222222222222"),
            (invoke("f"), "111111111111"),
            (invoke("f:1"), "111111111111"),
            (with("lambda", "FunctionName", "222222222222:function:f"), "222222222222"),
            (with("sqs", "QueueUrl", "https://sqs.us-east-1.amazonaws.com/222222222222/q"), "222222222222"),
            (with("sqs", "QueueUrl", "http://localhost:4566/queue/us-east-1/222222222222/q"), "222222222222"),
            (with("sqs", "QueueUrl", "http://localhost:9324/queue/q"), "111111111111"),
            (with("sqs", "QueueUrl", "q"), "111111111111"),
            (with("sns", "TopicArn", "arn:aws:sns:us-east-1:222222222222:t"), "222222222222"),
            (with("sns", "TargetArn", "arn:aws:sns:us-east-1:222222222222:endpoint/GCM/a/b"), "222222222222"),
            (with("sns", "PhoneNumber", "+49"), "111111111111"),
            (with("dynamodb", "TableName", "arn:aws:dynamodb:us-east-1:222222222222:table/t"), "111111111111"),
        ] {
            let caller = Namespace { account: "111111111111".into(), region: "us-east-1".into() };
            let expected = Namespace { account: account.into(), ..caller.clone() };
            assert_eq!(of(&invocation, &caller), expected, "{invocation:?}");
        }
    }
}
