//! What the interpreter asks the outside world to do for a Task, as plain data.

use crate::asl::program::Resource;
use crate::asl::{Integration, LAMBDA_INVOKE_MEMBERS};
use crate::failure::ParameterProblem;
use crate::json::Value;
use crate::service_model::Form;
use smol_str::SmolStr;

mod api_gateway;
mod http_task;
mod kubernetes;
mod read_items;

pub use api_gateway::{ApiGatewayInvoke, Authentication};
pub use http_task::{ArrayFormat, BodyEncoding, Exchange, HttpTask, ReceivedResponse, Secrets, SentRequest, Witness};
pub use kubernetes::{Cluster, KubernetesCall, KubernetesJob, LogOptions};
pub use read_items::{ReadItems, source};

/// A call of another service.
#[derive(Clone, Debug, PartialEq)]
pub enum Invocation {
    /// A Task whose `Resource` is a function's ARN: the whole effective input is the payload.
    LambdaFunction {
        /// The function's ARN, perhaps with a qualifier.
        function_arn: SmolStr,
        /// The payload.
        input: Value,
    },
    /// `arn:aws:states:::lambda:invoke`
    LambdaInvoke(LambdaInvoke),
    /// `arn:aws:states:::states:startExecution`
    StartExecution {
        /// As evaluated and found to be usable.
        parameters: Value,
        /// Whether it waits for the end of the execution, and in which form.
        pattern: Pattern,
    },
    /// `arn:aws:states:::aws-sdk:<service>:<action>`
    AwsSdk {
        /// `s3`
        service: SmolStr,
        /// `getObject`
        action: SmolStr,
        /// As evaluated and found to be usable.
        parameters: Value,
    },
    /// `arn:aws:states:::<service>:<action>`, where it calls an operation of a service's API.
    Optimised {
        /// `sqs`
        service: SmolStr,
        /// `sendMessage`
        action: SmolStr,
        /// As evaluated and found to be usable.
        parameters: Value,
        /// What the task waits for.
        pattern: Pattern,
    },
    /// `arn:aws:states:::apigateway:invoke`
    ApiGateway(ApiGatewayInvoke),
    /// `arn:aws:states:::http:invoke`
    HttpTask(Box<HttpTask>),
    /// `arn:aws:states:::eks:call`
    KubernetesCall(Box<KubernetesCall>),
    /// `arn:aws:states:::eks:runJob`
    KubernetesJob(Box<KubernetesJob>),
}

/// How long a task waits for a call.
pub use crate::asl::Pattern;

impl Invocation {
    /// The call of an integration with these parameters, or all that is wrong with them.
    pub fn of(integration: &Integration, parameters: &Value) -> Result<Invocation, Vec<ParameterProblem>> {
        match integration.service.as_str() {
            "lambda" => return LambdaInvoke::of(parameters).map(Invocation::LambdaInvoke),
            "apigateway" => return ApiGatewayInvoke::of(parameters).map(Invocation::ApiGateway),
            "eks" if integration.action == "call" => {
                return KubernetesCall::of(parameters).map(Box::new).map(Invocation::KubernetesCall);
            }
            "eks" if integration.action == "runJob" => {
                let is_waited_for = integration.pattern == Pattern::Sync;
                return KubernetesJob::of(parameters, is_waited_for).map(Box::new).map(Invocation::KubernetesJob);
            }
            "http" => return HttpTask::of(parameters).map(Box::new).map(Invocation::HttpTask),
            _ => {}
        }
        let (action, sdk) = (integration.action.clone(), integration.aws_sdk());
        if let Some(call) = integration.call() {
            let mut problems = Vec::new();
            if let (None, Some(members)) = (sdk, parameters.as_object()) {
                // Recorded: a member that is null is there, and the service says what it makes of that.
                let missing = call.missing(parameters, Form::Values).into_iter();
                problems.extend(missing.filter(|name| !members.contains(name)).map(ParameterProblem::Required));
            }
            problems.extend(call.check(parameters, Form::Values));
            if !problems.is_empty() {
                return Err(problems);
            }
        }
        let parameters = parameters.clone();
        Ok(match sdk {
            Some(service) => Invocation::AwsSdk { service: service.into(), action, parameters },
            None if integration.service == "states" => {
                Invocation::StartExecution { parameters, pattern: integration.pattern }
            }
            None => {
                let (service, pattern) = (integration.service.clone(), integration.pattern);
                Invocation::Optimised { service, action, parameters, pattern }
            }
        })
    }

    /// Whether it calls Step Functions itself.
    pub fn is_of_step_functions(&self) -> bool {
        match self {
            Invocation::StartExecution { .. } => true,
            Invocation::AwsSdk { service, .. } => service == "sfn",
            _ => false,
        }
    }

    /// The call with somebody who wants to see it.
    pub fn witnessed(mut self, witness: Option<&Witness>) -> Invocation {
        if let Invocation::HttpTask(task) = &mut self {
            task.witness = witness.cloned();
        }
        self
    }

    /// What events show of the parameters: what Step Functions adds is among them where that was recorded.
    pub fn shown(integration: &Integration, parameters: Value) -> Value {
        match (integration.service.as_str(), &parameters) {
            ("ecs", Value::Object(members)) if !members.contains("StartedBy") => {
                members.with("StartedBy", "AWS Step Functions".into())
            }
            _ => parameters,
        }
    }

    /// The call with what Step Functions adds without showing it: events name the execution and the state machine that
    /// they come from, behind the caller's own resources.
    pub fn sent_by(self, execution_arn: &SmolStr, machine_arn: &SmolStr) -> Invocation {
        let Invocation::Optimised { service, action, parameters, pattern } = self else { return self };
        let entries = parameters.get("Entries").and_then(Value::as_array).filter(|_| service == "events");
        let Some((members, entries)) = parameters.as_object().zip(entries) else {
            return Invocation::Optimised { service, action, parameters, pattern };
        };
        let named = |entry: &Value| {
            let Value::Object(members) = entry else { return entry.clone() };
            let own = members.get("Resources").and_then(Value::as_array).unwrap_or_default().iter().cloned();
            let all = own.chain([execution_arn.as_str().into(), machine_arn.as_str().into()]);
            members.with("Resources", Value::array(all.collect::<Vec<_>>()))
        };
        let entries = Value::array(entries.iter().map(named).collect::<Vec<_>>());
        Invocation::Optimised { service, action, parameters: members.with("Entries", entries), pattern }
    }
}

/// The actions of `aws-sdk:sfn` that start executions.
const STARTING: [&str; 2] = ["startExecution", "startSyncExecution"];

/// Whether a Task calls Step Functions to start an execution.
pub(super) fn starts_executions(resource: &Resource) -> bool {
    let Resource::Integration(integration) = resource else { return false };
    match integration.aws_sdk() {
        Some(service) => service == "sfn" && STARTING.contains(&integration.action.as_str()),
        None => integration.service == "states",
    }
}

impl Invocation {
    /// The same call, if it starts an execution, as this test case of the state machine. A test case that the call names
    /// itself stays.
    pub(super) fn into_test_case(self, case: &str) -> Invocation {
        let named = |parameters: Value| match (&parameters, parameters.get("StateMachineArn").and_then(Value::as_str)) {
            (Value::Object(members), Some(arn)) if !arn.contains('#') => {
                members.with("StateMachineArn", format!("{arn}#{case}").as_str().into())
            }
            _ => parameters,
        };
        match self {
            Invocation::StartExecution { parameters, pattern } => {
                Invocation::StartExecution { parameters: named(parameters), pattern }
            }
            Invocation::AwsSdk { service, action, parameters }
                if service == "sfn" && STARTING.contains(&action.as_str()) =>
            {
                Invocation::AwsSdk { service, action, parameters: named(parameters) }
            }
            other => other,
        }
    }
}

/// The parameters of `lambda:invoke`, as evaluated and found to be usable.
#[derive(Clone, Debug, Default, PartialEq)]
pub struct LambdaInvoke {
    /// `FunctionName`
    pub function_name: SmolStr,
    /// `Payload`: an object, an array, or a text that is the payload itself.
    pub payload: Option<Value>,
    /// `InvocationType`
    pub invocation_type: Option<SmolStr>,
    /// `Qualifier`
    pub qualifier: Option<SmolStr>,
    /// `ClientContext`
    pub client_context: Option<SmolStr>,
    /// `LogType`
    pub log_type: Option<SmolStr>,
}

impl LambdaInvoke {
    /// The call with these parameters, or all that is wrong with them.
    pub fn of(parameters: &Value) -> Result<LambdaInvoke, Vec<ParameterProblem>> {
        const FUNCTION_NAME: &str = "FunctionName";
        let Some(members) = parameters.as_object() else {
            return Err(vec![ParameterProblem::Missing(FUNCTION_NAME)]);
        };
        let unknown = members.iter().filter(|(name, _)| !LAMBDA_INVOKE_MEMBERS.contains(&name.as_str()));
        let mut problems: Vec<_> = unknown.map(|(name, _)| ParameterProblem::NotSupported(name.clone())).collect();
        let mut text = |name: &'static str| match members.get(name) {
            None | Some(Value::Null) => None,
            Some(Value::String(text)) if fits_into_a_header(text) => Some(text.clone()),
            Some(Value::String(_)) => {
                problems.push(ParameterProblem::InvalidFormat(name));
                None
            }
            Some(_) => {
                problems.push(ParameterProblem::NotAString(name));
                None
            }
        };
        let function_name = text(FUNCTION_NAME);
        let mut call = LambdaInvoke {
            function_name: SmolStr::default(),
            payload: members.get("Payload").filter(|payload| !payload.is_null()).cloned(),
            invocation_type: text("InvocationType"),
            qualifier: text("Qualifier"),
            client_context: text("ClientContext"),
            log_type: text("LogType"),
        };
        if matches!(call.payload, Some(Value::Number(_) | Value::Bool(_))) {
            problems.push(ParameterProblem::NotAString("Payload"));
        }
        match function_name {
            Some(name) => call.function_name = name,
            None if members.get(FUNCTION_NAME).is_none_or(Value::is_null) => {
                problems.push(ParameterProblem::Missing(FUNCTION_NAME));
            }
            None => {}
        }
        if problems.is_empty() { Ok(call) } else { Err(problems) }
    }
}

/// All texts but the payload travel in the head of a request.
fn fits_into_a_header(text: &str) -> bool {
    text.bytes().all(|byte| matches!(byte, b'\t' | b' '..=b'~'))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn parameters_are_taken_or_all_their_problems_told() {
        let of = |parameters: &str| LambdaInvoke::of(&Value::parse(parameters).expect("valid JSON"));
        let all = r#"{"FunctionName":"f","Payload":{"a":1},"InvocationType":"Event","Qualifier":"1",
            "ClientContext":"e30=","LogType":"Tail"}"#;
        let expected = LambdaInvoke {
            function_name: "f".into(),
            payload: Some(Value::object([("a", 1.into())])),
            invocation_type: Some("Event".into()),
            qualifier: Some("1".into()),
            client_context: Some("e30=".into()),
            log_type: Some("Tail".into()),
        };
        assert_eq!(of(all), Ok(expected));
        for payload in ["null", "\"text\"", "[]", "{}"] {
            let call = of(&format!(r#"{{"FunctionName":"f","Payload":{payload},"LogType":null}}"#)).expect("usable");
            assert_eq!(call.payload.unwrap_or_default().to_text(), payload);
        }
        for (parameters, problems) in [
            ("{}", "The field 'FunctionName' is required but was missing"),
            ("[]", "The field 'FunctionName' is required but was missing"),
            (r#"{"FunctionName":null}"#, "The field 'FunctionName' is required but was missing"),
            (r#"{"FunctionName":7}"#, "The value for the field 'FunctionName' must be a STRING"),
            (r#"{"FunctionName":"f","LogType":{}}"#, "The value for the field 'LogType' must be a STRING"),
            (r#"{"FunctionName":"f","Payload":1}"#, "The value for the field 'Payload' must be a STRING"),
            (r#"{"FunctionName":"f","Payload":true}"#, "The value for the field 'Payload' must be a STRING"),
            (
                r#"{"FunctionName":"f","ClientContext":"a\nb"}"#,
                "The value of the field 'ClientContext' has an invalid format",
            ),
            (r#"{"FunctionName":"f","Foo":1}"#, "The field \"Foo\" is not supported by Step Functions"),
            (
                r#"{"FunctionName":"f","LogType":1,"Payload":0}"#,
                "The value for the field 'LogType' must be a STRING, The value for the field 'Payload' must be a STRING",
            ),
        ] {
            let found: Vec<String> = of(parameters).expect_err("unusable").iter().map(ToString::to_string).collect();
            assert_eq!(found.join(", "), problems, "{parameters}");
        }
    }
}
