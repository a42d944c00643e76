//! The Invoke operation of Lambda: for Tasks whose resource is a function's ARN and for `lambda:invoke`.

mod containers;

pub(super) use containers::{Container, Containers};

use super::aws_sdk::{ServiceError, Target};
use super::http::{Answer, Call, Client, Problem};
use super::limits;
use super::sdk::{self, Service, Spelling};
use super::sigv4::encode;
use crate::arn::{Arn, Namespace};
use crate::config::{Config, Endpoints};
use crate::endpoint::Endpoint;
use crate::failure::Failure;
use crate::interpreter::invocation::{Invocation, LambdaInvoke};
use crate::json::Value;
use crate::quota;
use crate::service_model::{self, Location, Member};
use bytes::Bytes;
use std::borrow::Cow;

/// Lambda behind the configured endpoint, and functions in containers of their own.
#[derive(Clone, Debug)]
pub(super) struct Lambda {
    endpoint: Option<Endpoint>,
    /// Whether it is called at AWS where it has no endpoint.
    aws: bool,
    containers: Containers,
    client: Client,
}

/// The errors of Invoke in AWS's API reference.
const LAMBDA: Service = Service {
    prefix: "Lambda",
    client: "AWSLambda",
    exceptions: &[
        "EC2AccessDeniedException",
        "EC2ThrottledException",
        "EC2UnexpectedException",
        "EFSIOException",
        "EFSMountConnectivityException",
        "EFSMountFailureException",
        "EFSMountTimeoutException",
        "ENILimitReachedException",
        "InvalidParameterValueException",
        "InvalidRequestContentException",
        "InvalidRuntimeException",
        "InvalidSecurityGroupIDException",
        "InvalidSubnetIDException",
        "InvalidZipFileException",
        "KMSAccessDeniedException",
        "KMSDisabledException",
        "KMSInvalidStateException",
        "KMSNotFoundException",
        "RecursiveInvocationException",
        "RequestTooLargeException",
        "ResourceConflictException",
        "ResourceNotFoundException",
        "ResourceNotReadyException",
        "SerializedRequestEntityTooLargeException",
        "ServiceException",
        "SnapStartException",
        "SnapStartNotReadyException",
        "SnapStartTimeoutException",
        "SubnetIPAddressLimitReachedException",
        "TooManyRequestsException",
        "UnsupportedMediaTypeException",
    ],
};

/// The largest payload that Lambda lets a function return.
const MOST_BYTES: usize = 6_291_556;

impl Lambda {
    /// Lambda at the endpoint and in the containers of this configuration.
    pub fn new(config: &Config, client: &Client) -> Self {
        let containers = Containers::new(config.lambda_functions.clone(), client.clone());
        let (endpoint, aws) = (config.lambda_endpoint.clone(), config.endpoints.aws);
        Self { endpoint, aws, containers, client: client.clone() }
    }

    /// The container for a call of this function, if it has one.
    pub(super) fn container(
        &self,
        namespace: &Namespace,
        function: &str,
        qualifier: Option<&str>,
    ) -> Option<Container<'_>> {
        self.containers.find(namespace, function, qualifier)
    }

    /// Where a call of this function goes, if anywhere.
    pub(super) fn place(&self, namespace: &Namespace, function: &str, qualifier: Option<&str>) -> Option<&Endpoint> {
        let container = self.containers.find(namespace, function, qualifier).map(|container| container.endpoint());
        container.or(self.endpoint.as_ref())
    }

    /// The same with another client's keys.
    pub fn signing_with(&self, client: &Client) -> Self {
        Self { client: client.clone(), ..self.clone() }
    }

    /// Invokes the function and waits for what it returns. Dropping the future gives the call up.
    pub async fn invoke(&self, namespace: &Namespace, invocation: &Invocation) -> Result<Value, Failure> {
        match invocation {
            Invocation::LambdaFunction { function_arn, input } => {
                let request = Request { function: function_arn, payload: input.to_text(), ..Request::default() };
                let answer = self.call(namespace, &request).await?;
                let text = payload(&answer)?;
                match sdk::header(&answer.headers, "x-amz-function-error") {
                    Some(_) => Err(function_error(text, text.to_owned())),
                    None => parsed(text, &answer, function_arn),
                }
            }
            Invocation::LambdaInvoke(call) => {
                let answer = self.call(namespace, &Request::of(call)).await?;
                let text = payload(&answer)?;
                if sdk::header(&answer.headers, "x-amz-function-error").is_some() {
                    let compact = Value::parse(text).map_or_else(|_| text.to_owned(), |value| value.to_compact_text());
                    return Err(function_error(text, compact));
                }
                output(text, &answer)
            }
            other => unreachable!("{other:?} is not a call of Lambda"),
        }
    }

    async fn call(&self, namespace: &Namespace, request: &Request<'_>) -> Result<Answer, Failure> {
        request.is_reachable_from(namespace)?;
        let answer = match self.containers.find(namespace, request.function, request.qualifier) {
            Some(container) => {
                Container::takes(request.invocation_type, request.log_type)?;
                container.invoke(&request.headers(), Bytes::from(request.payload.clone()), MOST_BYTES).await
            }
            None => self.send(namespace, request).await?,
        };
        match answer {
            Ok(answer) if answer.status.is_success() => Ok(answer),
            Ok(answer) => {
                let (error, cause) = LAMBDA.error(&answer);
                Err(Failure::reported(error, cause))
            }
            // What Lambda itself reports of a function that returns more.
            Err(Problem::TooLarge) => Err(Failure::reported(
                "Function.ResponseSizeTooLarge",
                format!(
                    r#"{{"errorMessage":"Response payload size exceeded maximum allowed payload size ({MOST_BYTES} bytes).","errorType":"Function.ResponseSizeTooLarge"}}"#
                ),
            )),
            Err(problem) => Err(problem.failure(client_exception)),
        }
    }

    async fn send(&self, namespace: &Namespace, request: &Request<'_>) -> Result<Result<Answer, Problem>, Failure> {
        let endpoint = match &self.endpoint {
            Some(endpoint) => Cow::Borrowed(endpoint),
            None if self.aws => Cow::Owned(at_aws(namespace)?),
            // Our words, in the form of the SDK's: on AWS there always is an endpoint.
            None => {
                return Err(client_exception(
                    "Unable to execute HTTP request: no endpoint for Lambda is configured; start Stepwell with \
                     --lambda-endpoint URL or LAMBDA_ENDPOINT=URL, or with --aws to call AWS"
                        .to_owned(),
                ));
            }
        };
        // AWS knows its functions by whatever they are called, and those of other accounts by their ARNs alone.
        let (function, qualifier) = match endpoint.is_at_aws() {
            true => (request.function, request.qualifier),
            false => request.function_and_qualifier(namespace),
        };
        let path = format!("/2015-03-31/functions/{}/invocations", encode(function, b""));
        let query = qualifier.map_or_else(String::new, |qualifier| format!("Qualifier={}", encode(qualifier, b"")));
        let call = Call {
            endpoint: &endpoint,
            service: "lambda",
            method: hyper::Method::POST,
            path: &path,
            query: &query,
            headers: &request.headers(),
            body: Bytes::from(request.payload.clone()),
            most_bytes: MOST_BYTES,
        };
        Ok(self.client.within(limits::FUNCTION, self.client.send(namespace, call)).await)
    }
}

fn at_aws(namespace: &Namespace) -> Result<Endpoint, Failure> {
    let (lambda, invoke) = service_model::find("lambda")
        .and_then(|lambda| Some((lambda, lambda.action("invoke")?)))
        .expect("the table has Lambda's Invoke");
    let endpoints = Endpoints { aws: true, ..Endpoints::default() };
    let endpoint = endpoints.at(lambda, invoke, &Value::Null, &namespace.region, "lambda");
    endpoint.map(Cow::into_owned).map_err(|problem| super::services::no_endpoint("Lambda", &problem))
}

const NOT_FOUND: &str = "ResourceNotFoundException";

/// Lambda doesn't find functions of other regions, and stand-ins for it might: what it says. Source: public reports.
fn unreachable(function: &str, namespace: &Namespace) -> Option<String> {
    let arn = Arn::parse(function).filter(|arn| arn.service == "lambda" && arn.region != namespace.region)?;
    Some(format!("Functions from '{}' are not reachable in this region ('{}')", arn.region, namespace.region))
}

/// The same of an action of Lambda by `aws-sdk` that looks a function up, which stands in the path then. Public reports are of
/// several of them; that all say the same is a guess.
pub(super) fn is_reachable(target: &Target, parameters: &Value, namespace: &Namespace) -> Result<(), Failure> {
    let input = target.operation.input.map_or(&[][..], |input| target.service.members(input));
    let looks_up = |member: &Member| member.name == "FunctionName" && member.location == Location::Uri;
    let is_lambda = target.service.name == "lambda" && input.iter().any(looks_up);
    let function = parameters.get("FunctionName").and_then(Value::as_str).filter(|_| is_lambda);
    let Some(message) = function.and_then(|function| unreachable(function, namespace)) else { return Ok(()) };
    let error = ServiceError {
        status: 404,
        code: Some(NOT_FOUND.to_owned()),
        message: Some(message),
        request_id: Some(uuid::Uuid::new_v4().to_string()),
        extended_request_id: None,
    };
    Err(Failure::reported(error.name(target.service), error.cause(target.service)))
}

/// The parameters of Invoke.
#[derive(Default)]
struct Request<'a> {
    function: &'a str,
    qualifier: Option<&'a str>,
    invocation_type: Option<&'a str>,
    log_type: Option<&'a str>,
    client_context: Option<&'a str>,
    payload: String,
}

impl<'a> Request<'a> {
    fn of(call: &'a LambdaInvoke) -> Self {
        Request {
            function: &call.function_name,
            qualifier: call.qualifier.as_deref(),
            invocation_type: call.invocation_type.as_deref(),
            log_type: call.log_type.as_deref(),
            client_context: call.client_context.as_deref(),
            payload: match &call.payload {
                // Recorded: the function is given `{}` then.
                None => String::new(),
                // Recorded: text is the payload itself, since the API's member is a blob.
                Some(Value::String(text)) => text.to_string(),
                Some(value) => value.to_text(),
            },
        }
    }

    fn is_reachable_from(&self, namespace: &Namespace) -> Result<(), Failure> {
        match unreachable(self.function, namespace) {
            None => Ok(()),
            Some(message) => {
                let code = NOT_FOUND;
                let request_id = uuid::Uuid::new_v4().to_string();
                let cause = sdk::cause(LAMBDA.client, 404, Some(message), Some(code.to_owned()), Some(request_id));
                Err(Failure::reported(format!("{}.{code}", LAMBDA.prefix), cause))
            }
        }
    }

    fn headers(&self) -> Vec<(&'static str, &'a str)> {
        let mut headers = vec![("content-type", "application/json")];
        headers.extend(self.invocation_type.map(|value| ("x-amz-invocation-type", value)));
        headers.extend(self.log_type.map(|value| ("x-amz-log-type", value)));
        headers.extend(self.client_context.map(|value| ("x-amz-client-context", value)));
        headers
    }

    /// What stands in the request for the function: its bare name if it is one of ours, since the local stand-ins for
    /// Lambda that know no ARNs understand that, else what was given.
    fn function_and_qualifier(&self, namespace: &Namespace) -> (&str, Option<&str>) {
        let given = (self.function, self.qualifier);
        let Some(arn) = Arn::parse(self.function).filter(|arn| arn.service == "lambda" && namespace.holds(arn)) else {
            return given;
        };
        let Some(name) = arn.resource.strip_prefix("function:") else { return given };
        match (name.split_once(':'), self.qualifier) {
            (None, qualifier) => (name, qualifier),
            (Some((name, qualifier)), None) => (name, Some(qualifier)),
            (Some(_), Some(_)) => given,
        }
    }
}

/// The text that the function returned.
fn payload(answer: &Answer) -> Result<&str, Failure> {
    std::str::from_utf8(&answer.body).map_err(|_| unreadable("Invalid UTF-8", answer))
}

/// The value that the function returned. Recorded: of a payload that is too large and no JSON either, the size is told;
/// sizes of values are the interpreter's business.
fn parsed(text: &str, answer: &Answer, subject: &str) -> Result<Value, Failure> {
    Value::parse(text).map_err(|error| {
        if text.len() > quota::PAYLOAD_BYTES {
            Failure::DataLimitExceeded { subject: subject.into() }
        } else {
            unreadable(&error.to_string(), answer)
        }
    })
}

/// The result of `lambda:invoke`, its members in the order of the recordings.
fn output(text: &str, answer: &Answer) -> Result<Value, Failure> {
    let from_header =
        |member: &'static str, name: &str| sdk::header(&answer.headers, name).map(|value| (member, Value::from(value)));
    let [http_metadata, response_metadata] = sdk::metadata(answer, Spelling::Lambda);
    // Event and DryRun are answered without a payload. No recording shows their output; this is what the answer says.
    let nothing = text.is_empty() && answer.status != hyper::StatusCode::OK;
    let payload = if nothing { None } else { Some(("Payload", compact(parsed(text, answer, "lambda")?))) };
    let members = [
        from_header("ExecutedVersion", "x-amz-executed-version"),
        from_header("LogResult", "x-amz-log-result"),
        payload,
        Some(http_metadata),
        Some(response_metadata),
        Some(("StatusCode", Value::from(i64::from(answer.status.as_u16())))),
    ];
    Ok(Value::object(members.into_iter().flatten()))
}

/// The value without the blanks of its text: Step Functions builds this output anew.
fn compact(value: Value) -> Value {
    let text = value.to_compact_text();
    if text == value.to_text() { value } else { Value::parse(&text).unwrap_or(value) }
}

/// The failure of a function; `cause` is its payload in the form that the kind of task asks for.
fn function_error(payload: &str, cause: String) -> Failure {
    let payload = Value::parse(payload).ok();
    match payload.as_ref().and_then(|payload| payload.get("errorType")?.as_str()).filter(|name| !name.is_empty()) {
        Some(error) => Failure::reported(error, cause),
        None => Failure::reported(
            "Lambda.Unknown",
            format!(
                "The cause could not be determined because Lambda did not return an error type. Returned payload: {cause}"
            ),
        ),
    }
}

/// What the SDK says of an answer that it can't read; that it is said of payloads too is a guess.
fn unreadable(problem: &str, answer: &Answer) -> Failure {
    let reason = answer.status.canonical_reason().unwrap_or_default();
    let status = answer.status.as_u16();
    Failure::reported(
        "Lambda.SdkClientException",
        format!("Unable to unmarshall response ({problem}). Response Code: {status}, Response Text: {reason}"),
    )
}

/// The SDK's failure where there was no answer.
fn client_exception(cause: String) -> Failure {
    Failure::reported("Lambda.SdkClientException", cause)
}

#[cfg(test)]
mod tests;
