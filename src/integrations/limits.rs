//! How long a task's own call may take, from its beginning to the last byte of the answer. Transport time.
//!
//! AWS doesn't document how long Step Functions' own clients wait. All of these are guesses: longer than what services
//! document as their longest answers, so that nothing is given up that AWS waits for, and never without an end. A task with
//! `TimeoutSeconds` ends before, by the clock of workflows.

use super::aws_sdk::Target;
use std::time::Duration;

/// What answers at once: six times the default of AWS's SDK, since stand-ins start containers meanwhile.
pub(super) const USUAL: Duration = Duration::from_secs(5 * 60);

/// A function runs for 15 minutes at most, and an API may wait for one.
pub(super) const FUNCTION: Duration = Duration::from_secs(16 * 60);

/// Models think, and queries run, for up to an hour.
const LONG: Duration = Duration::from_secs(61 * 60);

/// The services with such answers.
const OF_SERVICES: &[(&str, Duration)] = &[
    ("bedrockagentcore", LONG),
    ("bedrockagentruntime", LONG),
    ("bedrockruntime", LONG),
    ("lambda", FUNCTION),
    ("neptunegraph", LONG),
    ("sagemakerruntime", FUNCTION),
    ("sfn", FUNCTION),
    ("timestreamquery", LONG),
];

/// The limit of a call to this target.
pub(super) fn of(target: &Target) -> Duration {
    let special = OF_SERVICES.iter().find(|(service, _)| *service == target.service.name);
    special.map_or(USUAL, |(_, limit)| *limit)
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::config::Config;
    use crate::endpoint::Endpoint;
    use crate::failure::Failure;
    use crate::integrations::api_gateway::{self, ApiGateway};
    use crate::integrations::aws_sdk::AwsSdk;
    use crate::integrations::http::Client;
    use crate::integrations::lambda::Lambda;
    use crate::integrations::optimised::Optimised;
    use crate::integrations::stub::{Answers, Stub, namespace};
    use crate::interpreter::invocation::{ApiGatewayInvoke, Invocation, Pattern};
    use crate::json::Value;

    fn told(result: Result<Value, Failure>) -> String {
        let failure = result.expect_err("no answer");
        format!("{}: {}", failure.error().unwrap_or_default(), failure.cause().unwrap_or_default())
    }

    #[tokio::test]
    async fn a_task_whose_service_never_answers_fails() {
        let (stubs, namespace) = ([(); 4].map(|()| Stub::start(Answers::Never)), namespace());
        let [first, second, third, fourth] = stubs.each_ref().map(|s| Endpoint::parse(&s.endpoint()).expect("a URL"));
        let config = Config { lambda_endpoint: Some(third), ..Config::default() };
        let client = Client::new(&config).waiting_for(Duration::from_millis(100));
        let value = |text: &str| Value::parse(text).expect("valid JSON");
        let words = "Unable to execute HTTP request: Read timed out";

        let (sdk, target) = (AwsSdk::new(&client), Target::find("kms", "listKeys").expect("an action"));
        let called = sdk.call(&namespace, &first, &target, &value("{}")).await;
        assert_eq!(told(called), format!("Kms.SdkClientException: {words}"));

        let (glue, parameters) = (Optimised::find("glue", "startJobRun"), value(r#"{"JobName":"j"}"#));
        let glue = glue.expect("an integration");
        let called = glue.call(&sdk, &namespace, &second, &parameters, Pattern::RequestResponse).await;
        assert_eq!(told(called), format!("Glue.SdkClientException: {words}"));

        let function_arn = "arn:aws:lambda:us-east-1:123456789012:function:f".into();
        let function = Invocation::LambdaFunction { function_arn, input: value("{}") };
        let called = Lambda::new(&config, &client).invoke(&namespace, &function).await;
        assert_eq!(told(called), format!("Lambda.SdkClientException: {words}"));

        let invoke = ApiGatewayInvoke::of(&value(&format!(r#"{{"ApiEndpoint":"{fourth}","Method":"GET"}}"#)));
        let invoke = invoke.expect("parameters");
        let place = api_gateway::place(&invoke, None, false).expect("usable").expect("a place");
        let called = ApiGateway::new(&client).call(&namespace, &place, &invoke).await;
        assert_eq!(told(called), format!("ApiGateway.SdkClientException: {words}"));
    }

    #[test]
    fn the_services_are_those_of_the_table() {
        for (service, _) in OF_SERVICES {
            assert!(crate::service_model::find(service).is_some(), "{service}");
        }
        let limit = |service, action| of(&Target::find(service, action).expect("an action")).as_secs();
        assert!(limit("lambda", "invoke") > 15 * 60);
        assert_eq!(limit("kms", "listKeys"), 300);
    }
}
