//! Calls of Step Functions itself, answered in this process: an endpoint is not needed for them.
//!
//! `aws-sdk:sfn:*` is any operation, in the words of AWS's SDK for Java, version 2. `states:startExecution` is the optimised
//! integration: version 1, with metadata, and with `.sync` the description of the execution once that has ended.

use super::aws_sdk::{Fault, Response, Target, decode, encode};
use crate::arn::{Arn, Namespace};
use crate::failure::{Failure, Runtime};
use crate::json::Value;
use crate::timestamp::Timestamp;
use hyper::header::{HeaderMap, HeaderValue};
use smol_str::SmolStr;
use std::future::Future;
use std::pin::Pin;
use std::sync::Arc;

/// Whether a start has failed for want of the state machine.
pub(super) fn is_no_such_machine(failure: &Failure) -> bool {
    matches!(failure, Failure::Reported { error: Some(error), .. } if error.ends_with(".StateMachineDoesNotExistException"))
}

/// What answers the operations of Step Functions.
pub trait StepFunctions: std::fmt::Debug + Send + Sync {
    /// Carries out the operation of this name with a request's body.
    fn answer(&self, namespace: Namespace, operation: &'static str, body: Vec<u8>) -> Answering<'_>;

    /// Waits until this execution has ended. One that isn't there has.
    fn ended(&self, namespace: Namespace, execution_arn: SmolStr) -> Pin<Box<dyn Future<Output = ()> + Send + '_>>;
}

/// The answer to come: the status and the body.
pub type Answering<'a> = Pin<Box<dyn Future<Output = (u16, String)> + Send + 'a>>;

/// What an operation has answered.
struct Answer {
    status: u16,
    body: String,
    request_id: String,
}

/// Who calls.
#[derive(Clone, Copy)]
pub(super) struct Caller<'a> {
    /// The account and the region in which the call is made.
    pub namespace: &'a Namespace,
    /// The role in which AWS makes it.
    pub role_arn: &'a str,
}

impl Caller<'_> {
    /// What AWS answers to who calls another account's Step Functions without a role there. Source: public reports of calls
    /// that a role's own policies don't allow, and IAM's guide ("Troubleshoot access denied error messages"), which says that
    /// another account's resource wants a policy of its own, which state machines can't have. The session's name is ours.
    fn denied(&self, target: &Target, parameters: &Value) -> Option<Answer> {
        let members = parameters.as_object().into_iter().flat_map(|members| members.iter());
        let mut arns = members.filter(|(name, _)| name.ends_with("Arn")).filter_map(|(_, value)| value.as_str());
        let is_elsewhere =
            |arn: &&str| Arn::parse(arn).is_some_and(|a| a.service == "states" && a.account != self.namespace.account);
        let resource = arns.find(is_elsewhere)?;
        let role = self.role_arn.rsplit('/').next().unwrap_or_default();
        let Namespace { account, .. } = self.namespace;
        let (partition, session) = (self.namespace.partition(), uuid::Uuid::new_v4().simple());
        let action = format!("states:{}", target.operation.name);
        let message = format!(
            "User: arn:{partition}:sts::{account}:assumed-role/{role}/{session} is not authorized to perform: {action} on \
             resource: {resource} because no resource-based policy allows the {action} action"
        );
        let body = Value::object([("__type", Value::from("AccessDeniedException")), ("message", message.into())]);
        Some(Answer { status: 400, body: body.to_text(), request_id: uuid::Uuid::new_v4().to_string() })
    }

    async fn ask(&self, here: &dyn StepFunctions, target: &Target, parameters: &Value) -> Result<Answer, Failure> {
        let body = request(target, parameters)?;
        match self.denied(target, parameters) {
            Some(answer) => Ok(answer),
            None => Ok(ask(here, self.namespace, target.operation.name, body).await),
        }
    }
}

async fn ask(here: &dyn StepFunctions, namespace: &Namespace, operation: &'static str, body: Vec<u8>) -> Answer {
    let (status, body) = here.answer(namespace.clone(), operation, body).await;
    Answer { status, body, request_id: uuid::Uuid::new_v4().to_string() }
}

impl Answer {
    /// The result with the names that Step Functions has for it.
    fn decode(&self, target: &Target) -> Result<Value, Fault> {
        let mut headers = HeaderMap::new();
        if let Ok(request_id) = HeaderValue::from_str(&self.request_id) {
            headers.insert("x-amzn-requestid", request_id);
        }
        decode(target, Response { status: self.status, headers: &headers, body: self.body.as_bytes() })
    }

    /// `SdkHttpMetadata` and `SdkResponseMetadata`; the headers are those that were recorded.
    fn metadata(&self) -> [(&'static str, Value); 2] {
        // AWS writes its one date as 1.7E9 with twelve digits between, which takes two more places than ours (recorded).
        let length = (self.body.len() + 2).to_string();
        let date = chrono::Utc::now().format("%a, %d %b %Y %H:%M:%S GMT").to_string();
        let headers = [
            ("x-amzn-RequestId", self.request_id.as_str()),
            ("connection", "keep-alive"),
            ("Content-Length", &length),
            ("Date", &date),
            ("Content-Type", "application/x-amz-json-1.0"),
        ];
        let all = headers.map(|(name, value)| (name, Value::array([Value::from(value)])));
        let mut single = headers.map(|(name, value)| (name, Value::from(value)));
        single.sort_by_key(|(name, _)| name.to_ascii_lowercase());
        let http = Value::object([
            ("AllHttpHeaders", Value::object(all)),
            ("HttpHeaders", Value::object(single)),
            ("HttpStatusCode", Value::from(i64::from(self.status))),
        ]);
        let response = Value::object([("RequestId", Value::from(self.request_id.as_str()))]);
        [("SdkHttpMetadata", http), ("SdkResponseMetadata", response)]
    }
}

/// Calls an action with these parameters.
pub(super) async fn call(
    here: &dyn StepFunctions,
    caller: &Caller<'_>,
    target: &Target,
    parameters: &Value,
) -> Result<Value, Failure> {
    caller.ask(here, target, parameters).await?.decode(target).map_err(|fault| match fault {
        Fault::Service(error) => Failure::reported(error.name(target.service), error.cause(target.service)),
        Fault::Unreadable(problem) => Failure::reported(
            format!("{}.SdkClientException", target.service.prefix),
            format!("Unable to unmarshall response: {problem}"),
        ),
    })
}

fn request(target: &Target, parameters: &Value) -> Result<Vec<u8>, Failure> {
    let token = uuid::Uuid::new_v4().to_string();
    encode(target, parameters, &token).map(|request| request.body).map_err(|problems| Failure::Runtime {
        place: None,
        problem: Runtime::ParametersUnusable { parameters: parameters.clone(), problems },
    })
}

/// `states:startExecution`
pub(super) async fn start_execution(
    here: &dyn StepFunctions,
    caller: &Caller<'_>,
    parameters: &Value,
) -> Result<Value, Failure> {
    let target = target("startExecution");
    let answer = caller.ask(here, &target, parameters).await?;
    let result = answer.decode(&target).map_err(|fault| version_1(&target, &answer, fault))?;
    let mut members: Vec<(SmolStr, Value)> =
        result.as_object().into_iter().flat_map(|object| object.iter()).map(|(n, v)| (n.clone(), v.clone())).collect();
    members.extend(answer.metadata().map(|(name, value)| (name.into(), value)));
    members.sort_by(|(a, _), (b, _)| a.cmp(b));
    Ok(Value::object(members))
}

fn target(action: &str) -> Target {
    Target::find("sfn", action).expect("the table has the operations of Step Functions")
}

/// An error as version 1 of the SDK words it.
fn version_1(target: &Target, answer: &Answer, fault: Fault) -> Failure {
    let Fault::Service(error) = fault else {
        return Failure::reported("StepFunctions.SdkClientException", "Unable to unmarshall response");
    };
    let code = error.code.unwrap_or_default();
    let class = target.service.exception(&code).unwrap_or("AWSStepFunctionsException");
    let cause = format!(
        "{} (Service: AWSStepFunctions; Status Code: {}; Error Code: {code}; Request ID: {}; Proxy: null)",
        error.message.unwrap_or_default(),
        answer.status,
        answer.request_id,
    );
    Failure::reported(format!("StepFunctions.{class}"), cause)
}

/// An execution that a task waits for. Dropping it stops the execution.
#[derive(Debug)]
pub struct StartedExecution {
    here: Arc<dyn StepFunctions>,
    namespace: Namespace,
    execution_arn: SmolStr,
    /// `.sync:2`: texts of JSON in the result are read.
    reads_json: bool,
    has_ended: bool,
}

impl StartedExecution {
    /// The execution that `states:startExecution` has started.
    pub(super) fn of(
        here: &Arc<dyn StepFunctions>,
        namespace: &Namespace,
        output: &Value,
        reads_json: bool,
    ) -> Option<StartedExecution> {
        let execution_arn = output.get("ExecutionArn")?.as_str()?.into();
        let (here, namespace) = (here.clone(), namespace.clone());
        Some(StartedExecution { here, namespace, execution_arn, reads_json, has_ended: false })
    }

    /// Its ARN.
    pub(super) fn arn(&self) -> &SmolStr {
        &self.execution_arn
    }

    /// Waits for its end and gives its description.
    pub async fn ended(&mut self) -> Result<Value, Failure> {
        self.here.ended(self.namespace.clone(), self.execution_arn.clone()).await;
        self.has_ended = true;
        let body = Value::object([("executionArn", Value::from(self.execution_arn.clone()))]).to_text();
        let answer = ask(&*self.here, &self.namespace, "DescribeExecution", body.into_bytes()).await;
        let target = target("describeExecution");
        let described = answer.decode(&target).map_err(|fault| version_1(&target, &answer, fault))?;
        let description = self.description(&described);
        if described.get("Status").and_then(Value::as_str) == Some("SUCCEEDED") {
            return Ok(description);
        }
        Err(Failure::reported("States.TaskFailed", description.to_compact_text()))
    }

    /// Recorded: the members in the order of their names, dates in milliseconds. Texts of JSON are read where there is an
    /// output; a failure's cause keeps the input as text (recorded).
    fn description(&self, described: &Value) -> Value {
        let reads_json = self.reads_json && described.get("Output").is_some();
        let members = described.as_object().into_iter().flat_map(|object| object.iter());
        let mut members: Vec<(SmolStr, Value)> = members
            .map(|(name, value)| {
                let text = value.as_str().unwrap_or_default();
                let shown = match name.as_str() {
                    "StartDate" | "StopDate" | "RedriveDate" => {
                        Timestamp::parse(text).map(|date| Value::from(date.millis()))
                    }
                    "Input" | "Output" if reads_json => Value::parse(text).ok(),
                    _ => None,
                };
                (name.clone(), shown.unwrap_or_else(|| value.clone()))
            })
            .collect();
        members.sort_by(|(a, _), (b, _)| a.cmp(b));
        Value::object(members)
    }
}

/// Nobody waits any more: AWS stops the execution then.
impl Drop for StartedExecution {
    fn drop(&mut self) {
        let Ok(runtime) = tokio::runtime::Handle::try_current() else { return };
        if !self.has_ended {
            let (here, namespace) = (self.here.clone(), self.namespace.clone());
            let body = Value::object([("executionArn", Value::from(self.execution_arn.clone()))]).to_text();
            runtime.spawn(async move { here.answer(namespace, "StopExecution", body.into_bytes()).await });
        }
    }
}
