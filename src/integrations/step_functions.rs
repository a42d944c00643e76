//! Calls of Step Functions itself, answered in this process: an endpoint is not needed for them.

use super::aws_sdk::{Fault, Response, Target, decode, encode};
use crate::arn::Namespace;
use crate::failure::{Failure, Runtime};
use crate::json::Value;
use hyper::header::{HeaderMap, HeaderValue};
use std::future::Future;
use std::pin::Pin;

/// What answers the operations of Step Functions.
pub trait StepFunctions: std::fmt::Debug + Send + Sync {
    /// Carries out the operation of this name with a request's body.
    fn answer(&self, namespace: Namespace, operation: &'static str, body: Vec<u8>) -> Answering<'_>;
}

/// The answer to come: the status and the body.
pub type Answering<'a> = Pin<Box<dyn Future<Output = (u16, String)> + Send + 'a>>;

/// Calls an action with these parameters.
pub(super) async fn call(
    here: &dyn StepFunctions,
    namespace: &Namespace,
    target: &Target,
    parameters: &Value,
) -> Result<Value, Failure> {
    let token = uuid::Uuid::new_v4().to_string();
    let request = encode(target, parameters, &token).map_err(|problems| Failure::Runtime {
        place: None,
        problem: Runtime::ParametersUnusable { parameters: parameters.clone(), problems },
    })?;
    let (status, body) = here.answer(namespace.clone(), target.operation.name, request.body).await;
    let mut headers = HeaderMap::new();
    if let Ok(request_id) = HeaderValue::from_str(&uuid::Uuid::new_v4().to_string()) {
        headers.insert("x-amzn-requestid", request_id);
    }
    let response = Response { status, headers: &headers, body: body.as_bytes() };
    decode(target, response).map_err(|fault| match fault {
        Fault::Service(error) => Failure::reported(error.name(target.service), error.cause(target.service)),
        Fault::Unreadable(problem) => Failure::reported(
            format!("{}.SdkClientException", target.service.prefix),
            format!("Unable to unmarshall response: {problem}"),
        ),
    })
}
