//! Functions in containers with Lambda's runtime: each of AWS's images answers invocations of the one function in it.
//!
//! The images' stand-in for Lambda, the runtime interface emulator, leaves three things to the caller that Lambda does
//! (issues 20, 21, 86 and 97 of its public tracker): it doesn't say that an answer is the error of a function, it tells
//! of a time-out as plain text and of an exit by an empty answer, and it breaks if it is asked for two things at once.

use crate::arn::Namespace;
use crate::config::LambdaFunctions;
use crate::endpoint::Endpoint;
use crate::failure::Failure;
use crate::integrations::http::{Answer, Call, Client, Problem};
use crate::json::Value;
use bytes::Bytes;
use chrono::{DateTime, Utc};
use hyper::header::HeaderValue;
use std::sync::Arc;
use std::time::Duration;
use tokio::sync::Semaphore;

/// How long a container may keep others waiting, whoever gave up its call: the longest time that a function of Lambda's
/// may take. Transport time.
const LIMIT: Duration = Duration::from_secs(15 * 60);

/// All containers; copies are the same ones.
#[derive(Clone, Debug)]
pub(in crate::integrations) struct Containers {
    functions: LambdaFunctions,
    /// A permit for each container: it does one thing at a time.
    gates: Arc<[(Endpoint, Arc<Semaphore>)]>,
    client: Client,
}

/// The container of a function.
pub(in crate::integrations) struct Container<'a> {
    endpoint: &'a Endpoint,
    gate: &'a Arc<Semaphore>,
    client: &'a Client,
}

impl Containers {
    pub fn new(functions: LambdaFunctions, client: Client) -> Self {
        let gates = functions.endpoints().map(|endpoint| (endpoint.clone(), Arc::new(Semaphore::new(1)))).collect();
        Self { functions, gates, client }
    }

    /// The container for a call of this function, if it has one.
    pub fn find(&self, namespace: &Namespace, function: &str, qualifier: Option<&str>) -> Option<Container<'_>> {
        let function = self.functions.find(namespace, function, qualifier)?;
        let (endpoint, gate) = self.gates.iter().find(|(endpoint, _)| *endpoint == function.endpoint)?;
        Some(Container { endpoint, gate, client: &self.client })
    }
}

impl<'c> Container<'c> {
    /// Where it is.
    pub fn endpoint(&self) -> &'c Endpoint {
        self.endpoint
    }

    /// Whether a container can be called like this: it knows no other way than to wait for the result.
    pub fn takes(invocation_type: Option<&str>, log_type: Option<&str>) -> Result<(), Failure> {
        let (member, value) = match (invocation_type, log_type) {
            (Some(kind), _) if kind != "RequestResponse" => ("InvocationType", kind),
            (_, Some(kind)) if kind != "None" => ("LogType", kind),
            _ => return Ok(()),
        };
        let what = format!("the {member} {value} of functions in runtime containers (--lambda-function)");
        Err(Failure::not_supported(what))
    }

    /// Invokes the function, once nobody else does, and waits for the answer that Lambda would give.
    ///
    /// Dropping the future before the function is invoked gives the call up. After that nothing but the end of the invocation
    /// makes the container free for another one, so it is waited for in the background.
    pub async fn invoke(&self, headers: &[(&str, &str)], payload: Bytes, most_bytes: usize) -> Result<Answer, Problem> {
        let permit = self.gate.clone().acquire_owned().await.map_err(|closed| Problem::Other(closed.to_string()))?;
        let (endpoint, client) = (self.endpoint.clone(), self.client.clone());
        let headers: Vec<(String, String)> =
            headers.iter().map(|(name, value)| ((*name).to_owned(), (*value).to_owned())).collect();
        let invocation = tokio::spawn(async move {
            let _permit = permit;
            let headers: Vec<(&str, &str)> = headers.iter().map(|(name, value)| (&**name, &**value)).collect();
            let call = Call {
                endpoint: &endpoint,
                service: "lambda",
                method: hyper::Method::POST,
                path: "/2015-03-31/functions/function/invocations",
                query: "",
                headers: &headers,
                body: payload,
                most_bytes,
            };
            // Our words: Lambda ends what takes so long itself.
            let late = || Problem::Other(format!("{} has not answered for {} seconds", endpoint, LIMIT.as_secs()));
            tokio::time::timeout(LIMIT, client.send_unsigned(call)).await.unwrap_or_else(|_| Err(late()))
        });
        let answer = invocation.await.map_err(|problem| Problem::Other(problem.to_string()))?;
        answer.map(|answer| as_lambda_answers(answer, Utc::now()))
    }
}

/// The answer with what Lambda would have said of it.
fn as_lambda_answers(mut answer: Answer, now: DateTime<Utc>) -> Answer {
    const FUNCTION_ERROR: &str = "x-amz-function-error";
    if answer.status != hyper::StatusCode::OK || answer.headers.contains_key(FUNCTION_ERROR) {
        return answer;
    }
    let text = String::from_utf8_lossy(&answer.body);
    let error = if text.trim().is_empty() {
        // Lambda's words where it knows no status of the exit.
        let request_id = uuid::Uuid::new_v4();
        let message = format!("RequestId: {request_id} Error: Runtime exited without providing a reason");
        Some(Value::object([("errorType", "Runtime.ExitError".into()), ("errorMessage", Value::from(message))]))
    } else if text.starts_with("Task timed out after ") {
        let (now, request_id) = (now.format("%Y-%m-%dT%H:%M:%S%.3fZ"), uuid::Uuid::new_v4());
        Some(Value::object([("errorMessage", Value::from(format!("{now} {request_id} {}", text.trim())))]))
    } else {
        if !Value::parse(&text).is_ok_and(|value| is_error(&value)) {
            return answer;
        }
        None
    };
    if let Some(error) = error {
        answer.body = Bytes::from(error.to_compact_text());
    }
    answer.headers.insert(FUNCTION_ERROR, HeaderValue::from_static("Unhandled"));
    answer
}

/// Whether a function that answers this has failed. What a function returns can't be told from an error that looks like it;
/// no function returns `errorType` and `errorMessage` for another reason. Java's exceptions may have no message (null, or no
/// member at all): then what runtimes add to errors must be there, too.
fn is_error(value: &Value) -> bool {
    let has_trace = || ["stackTrace", "trace", "cause"].iter().any(|name| value.get(name).is_some());
    value.get("errorType").is_some_and(|kind| kind.as_str().is_some())
        && match value.get("errorMessage") {
            Some(Value::String(_)) => true,
            None | Some(Value::Null) => has_trace(),
            Some(_) => false,
        }
}

#[cfg(test)]
mod tests;
