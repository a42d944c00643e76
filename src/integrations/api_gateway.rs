//! Requests to APIs that API Gateway serves: `arn:aws:states:::apigateway:invoke`.

use super::http::{Call, Client, Problem};
use super::limits;
use super::sdk::{self, Spelling};
use super::sigv4::encode;
use crate::arn::Namespace;
use crate::endpoint::{Endpoint, EndpointProblem};
use crate::failure::{Failure, Runtime};
use crate::interpreter::invocation::{ApiGatewayInvoke, Authentication};
use crate::json::Value;
use crate::quota;
use bytes::Bytes;

/// API Gateway allows 10 MB; what is larger than a state may hand on is told as such.
const MOST_BYTES: usize = 10 << 20;

/// The variable with the address of API Gateway.
pub(super) const VARIABLE: &str = "AWS_ENDPOINT_URL_API_GATEWAY";

/// A caller of APIs.
#[derive(Clone, Debug)]
pub(super) struct ApiGateway {
    client: Client,
}

/// Where an API is: an address and what stands before the stage.
#[derive(Debug, PartialEq, Eq)]
pub(super) struct Place {
    endpoint: Endpoint,
    prefix: String,
    /// What stands between the stage and the path.
    infix: &'static str,
}

impl Place {
    /// The address.
    pub fn endpoint(&self) -> &Endpoint {
        &self.endpoint
    }
}

/// Where an API is; nothing if that is AWS, and AWS is not called.
///
/// A URL is called as it is given. The name that AWS gives an API, with a scheme or without, is looked for at the
/// endpoint, by the path under which emulators of AWS serve APIs, or else at AWS.
pub(super) fn place(call: &ApiGatewayInvoke, endpoint: Option<&Endpoint>, aws: bool) -> Result<Option<Place>, Failure> {
    let (scheme, rest) = call.api_endpoint.split_once("://").unwrap_or(("http", &call.api_endpoint));
    let name = rest.split('/').next().unwrap_or_default();
    let Some((id, _)) = name.split_once(".execute-api.") else {
        let endpoint = Endpoint::parse(&format!("{scheme}://{rest}"));
        let endpoint = endpoint.map_err(|problem| unusable(call, problem))?;
        return Ok(Some(Place { endpoint, prefix: String::new(), infix: "" }));
    };
    if endpoint.is_none() && aws {
        let endpoint = Endpoint::parse(&format!("https://{rest}")).map_err(|problem| unusable(call, problem))?;
        return Ok(Some(Place { endpoint, prefix: String::new(), infix: "" }));
    }
    Ok(endpoint.map(|endpoint| Place {
        endpoint: endpoint.clone(),
        prefix: format!("/restapis/{}", encode(id, b"")),
        infix: "/_user_request_",
    }))
}

/// Our words.
fn unusable(call: &ApiGatewayInvoke, problem: EndpointProblem) -> Failure {
    failure("SdkClientException", format!("the ApiEndpoint {} {problem}", call.api_endpoint))
}

fn failure(error: &str, cause: String) -> Failure {
    Failure::reported(format!("ApiGateway.{error}"), cause)
}

impl ApiGateway {
    pub fn new(client: &Client) -> Self {
        Self { client: client.clone() }
    }

    /// Makes the request and waits for its answer. Dropping the future gives the request up.
    pub async fn call(
        &self,
        namespace: &Namespace,
        place: &Place,
        invoke: &ApiGatewayInvoke,
    ) -> Result<Value, Failure> {
        let (path, query) = (path(place, invoke), query(invoke));
        let mut headers: Vec<(String, &str)> =
            invoke.headers.iter().map(|(name, value)| (name.to_ascii_lowercase(), value.as_str())).collect();
        if invoke.body.is_some() && headers.iter().all(|(name, _)| name != "content-type") {
            headers.push(("content-type".to_owned(), "application/json"));
        }
        let headers: Vec<(&str, &str)> = headers.iter().map(|(name, value)| (name.as_str(), *value)).collect();
        let call = Call {
            endpoint: &place.endpoint,
            service: "execute-api",
            method: hyper::Method::from_bytes(invoke.method.as_bytes()).expect("a method that was looked at"),
            path: &path,
            query: &query,
            headers: &headers,
            // Recorded: a text is sent as JSON too, in its quotes.
            body: invoke.body.as_ref().map_or_else(Bytes::new, |body| body.to_compact_text().into()),
            most_bytes: MOST_BYTES,
        };
        let sent = async {
            match invoke.authentication {
                Authentication::None => self.client.send_unsigned(call).await,
                Authentication::Signature => self.client.send(namespace, call).await,
            }
        };
        let answer = match self.client.within(limits::FUNCTION, sent).await {
            Ok(answer) => answer,
            Err(Problem::TooLarge) => return Err(Failure::DataLimitExceeded { subject: "apigateway".into() }),
            // Nothing recorded shows an API that can't be reached; this is what the SDK says of services.
            Err(problem) => return Err(problem.failure(|cause| failure("SdkClientException", cause))),
        };
        if !answer.status.is_success() {
            return Err(failure(answer.status.as_str(), String::from_utf8_lossy(&answer.body).into_owned()));
        }
        // A guess, after HTTP Tasks.
        let text = std::str::from_utf8(&answer.body)
            .map_err(|_| Failure::Runtime { place: None, problem: Runtime::ResponseUnreadable })?;
        if text.len() > quota::PAYLOAD_BYTES {
            return Err(Failure::DataLimitExceeded { subject: "apigateway".into() });
        }
        // Recorded of JSON; that anything else is a text is documented.
        let body = match Value::parse(text) {
            Ok(mut value) => {
                value.forget_text();
                value
            }
            Err(_) => text.into(),
        };
        Ok(Value::object([
            ("Headers", sdk::headers(&answer, Spelling::ApiGateway)),
            ("ResponseBody", body),
            ("StatusCode", i64::from(answer.status.as_u16()).into()),
            ("StatusText", answer.status.canonical_reason().unwrap_or_default().into()),
        ]))
    }
}

/// The stage and the path behind the API's place.
fn path(place: &Place, invoke: &ApiGatewayInvoke) -> String {
    // What is percent-encoded already stays so.
    let part = |text: &str| encode(text.trim_start_matches('/'), b"/%!$&'()*+,;=:@");
    let stage = invoke.stage.as_deref().filter(|stage| !stage.is_empty()).map(|stage| format!("/{}", part(stage)));
    let path = format!("/{}", part(invoke.path.as_deref().unwrap_or_default()));
    format!("{}{}{}{path}", place.prefix, stage.unwrap_or_default(), place.infix)
}

fn query(invoke: &ApiGatewayInvoke) -> String {
    let pairs = invoke.query.iter().map(|(name, value)| format!("{}={}", encode(name, b""), encode(value, b"")));
    pairs.collect::<Vec<_>>().join("&")
}

#[cfg(test)]
mod tests;
