//! Calls to any action of any AWS service: `arn:aws:states:::aws-sdk:<service>:<action>`.
//!
//! [`encode`] and [`decode`] are pure: from parameters to a request, from an answer to a result or to what went wrong. How
//! each protocol writes is in a file of its own; what there is to write is told by [`crate::service_model`]. Results and
//! parameters have the names of Step Functions, with an upper-case letter at their beginning.

mod body;
mod cbor;
mod checksum;
mod client;
mod error;
mod form;
mod json;
mod rest;
mod scalar;
mod xml;
mod xml_body;

pub(super) use client::{AwsSdk, NotSent};
pub use error::ServiceError;

use crate::failure::{Failure, ParameterProblem};
use crate::json::Value;
use crate::service_model::{self, Call, Form, Kind, Location, Member, Operation, Protocol, Service};
use hyper::HeaderMap;
use smol_str::SmolStr;

/// What is called, and in which protocol.
#[derive(Clone, Copy, Debug)]
pub struct Target {
    /// The service.
    pub service: &'static Service,
    /// The operation.
    pub operation: &'static Operation,
    /// The protocol.
    pub protocol: Protocol,
}

/// A request, but for the address and the signature.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Request {
    /// `POST`
    pub method: &'static str,
    /// Percent-encoded.
    pub path: String,
    /// Percent-encoded, without the question mark.
    pub query: String,
    /// Names in lower case.
    pub headers: Vec<(String, String)>,
    /// The body.
    pub body: Vec<u8>,
}

/// An answer.
#[derive(Clone, Copy, Debug)]
pub struct Response<'a> {
    /// `200`
    pub status: u16,
    /// The headers.
    pub headers: &'a HeaderMap,
    /// The body.
    pub body: &'a [u8],
}

/// Why an answer is no result.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Fault {
    /// The service reports an error.
    Service(ServiceError),
    /// The answer can't be read.
    Unreadable(Unreadable),
}

/// Why an answer can't be read; our words.
#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error)]
pub enum Unreadable {
    /// The body is not of the protocol.
    #[error("{0}")]
    Body(String),
    /// A member, or without a name the whole, is something else than the model says.
    #[error("{} is not {wanted}", of_answer(member))]
    Mismatch {
        /// The member's name.
        member: SmolStr,
        /// What the model says: `a list`.
        wanted: &'static str,
    },
    /// XML without what the operation returns, be it empty.
    #[error("the answer has no {0}")]
    NoResult(&'static str),
    /// XML with other things than what the operation returns.
    #[error("the answer has nothing of the operation's result")]
    OtherResult,
    /// What something at the address shows to people, with a status that says that all went well.
    #[error("the answer is an HTML page")]
    Page,
    /// Nothing says what AWS makes of bytes in a result that are not UTF-8.
    #[error("a member {0} that is not text in UTF-8: what Step Functions makes of other bytes is not known")]
    Bytes(SmolStr),
}

impl Unreadable {
    /// How a task fails whose answer this is, if AWS can't read it either.
    pub fn failure(&self, otherwise: impl FnOnce(&Unreadable) -> Failure) -> Failure {
        match self {
            Unreadable::Bytes(_) => Failure::not_supported(self.to_string()),
            _ => otherwise(self),
        }
    }
}

fn of_answer(member: &SmolStr) -> String {
    if member.is_empty() { "the answer".to_owned() } else { format!("the member {member} of the answer") }
}

impl Target {
    /// The target of an action that Step Functions takes.
    pub fn find(service: &str, action: &str) -> Option<Self> {
        Self::of_our_own(service, action).filter(|target| target.operation.refused.is_none())
    }

    /// The target of an action that Step Functions calls of its own accord, whether or not tasks may.
    pub fn of_our_own(service: &str, action: &str) -> Option<Self> {
        let service = service_model::find(service)?;
        Some(Self { service, operation: service.action(action)?, protocol: protocol(service) })
    }

    /// The target of this call.
    pub fn of(call: &Call) -> Self {
        let Call { service, operation, .. } = *call;
        Self { service, operation, protocol: protocol(service) }
    }
}

/// Of several protocols AWS JSON, since that is what stand-ins for AWS know best; results are the same.
fn protocol(service: &Service) -> Protocol {
    let json = service.protocols.iter().find(|protocol| **protocol == Protocol::Json);
    *json.or(service.protocols.first()).expect("each service has a protocol; a test looks at all")
}

/// The request for a call. `token` is sent for members that identify the request and aren't given.
pub fn encode(target: &Target, parameters: &Value, token: &str) -> Result<Request, Vec<ParameterProblem>> {
    let Target { service, operation, protocol } = *target;
    let parameters = &with_tokens(target, parameters, token);
    let problems = Call::of(service, operation).check(parameters, Form::Values);
    if !problems.is_empty() {
        return Err(problems);
    }
    let mut request = match protocol {
        Protocol::Json => json::encode(service, operation, parameters),
        Protocol::Cbor => cbor::encode(service, operation, parameters),
        Protocol::Query | Protocol::Ec2 => form::encode(service, operation, parameters, protocol),
        Protocol::RestJson | Protocol::RestXml => rest::encode(service, operation, parameters, protocol)?,
    };
    if service.query_compatible && matches!(protocol, Protocol::Json | Protocol::Cbor) {
        request.headers.push(("x-amzn-query-mode".to_owned(), "true".to_owned()));
    }
    checksum::add(operation, &mut request);
    if service.name == "glacier" {
        request.headers.push(("x-amz-glacier-version".to_owned(), service.api_version.to_owned()));
    }
    Ok(request)
}

fn with_tokens(target: &Target, parameters: &Value, token: &str) -> Value {
    let members = target.operation.input.map_or(&[][..], |shape| target.service.members(shape));
    let absent = |name: &str| matches!(parameters.get(name), None | Some(Value::Null));
    let mut parameters = parameters.clone();
    for member in members.iter().filter(|member| member.idempotency_token) {
        let name = member.public_name();
        if absent(&name) {
            parameters = match &parameters {
                Value::Object(object) => object.with(&name, token.into()),
                _ => parameters,
            };
        }
    }
    parameters
}

/// The result in an answer, or what went wrong.
pub fn decode(target: &Target, response: Response<'_>) -> Result<Value, Fault> {
    if !(200..300).contains(&response.status) {
        return Err(Fault::Service(error::read(target, response)));
    }
    if matches!(target.protocol, Protocol::RestJson | Protocol::RestXml)
        && let Some(error) = error::inside_success(target, response)
    {
        return Err(Fault::Service(error));
    }
    let result = result(target, response).map_err(Fault::Unreadable)?;
    let body = response.body.trim_ascii();
    if is_page(body) && !has_any_body(target) {
        return Err(Fault::Unreadable(Unreadable::Page));
    }
    if !has_body(target) && !is_nothing(target, body) {
        return Err(Fault::Unreadable(Unreadable::OtherResult));
    }
    Ok(result)
}

/// The members of the result.
fn returned(target: &Target) -> &'static [Member] {
    target.operation.output.map_or(&[][..], |shape| target.service.members(shape))
}

/// Whether the result has anything of the body.
fn has_body(target: &Target) -> bool {
    returned(target).iter().any(|member| member.payload || member.location == Location::Body)
}

/// Whether a body is that of an answer without a result. The SDK reads only some of them, and what a stand-in has to say of a
/// call that it doesn't know must not pass for its success.
fn is_nothing(target: &Target, body: &[u8]) -> bool {
    match target.protocol {
        Protocol::Json | Protocol::RestJson => {
            let is_error = |body: &Value| body.get("__type").is_some();
            json::parse(body).is_ok_and(|body| body.is_null() || body.as_object().is_some() && !is_error(&body))
        }
        Protocol::Cbor => {
            body.is_empty() || cbor::parse(body, target.service).is_ok_and(|body| body.as_object().is_some())
        }
        Protocol::RestXml | Protocol::Query | Protocol::Ec2 if body.is_empty() => true,
        // What moto answers to PutBucketPolicy.
        Protocol::RestXml if body == b"True" => true,
        Protocol::RestXml | Protocol::Query | Protocol::Ec2 => {
            xml::parse(body).is_ok_and(|root| xml_body::is_nothing(target.operation, &root))
        }
    }
}

fn result(target: &Target, response: Response<'_>) -> Result<Value, Unreadable> {
    let Target { service, operation, protocol } = *target;
    let Some(output) = operation.output else {
        return Ok(Value::object::<SmolStr>([]));
    };
    match protocol {
        Protocol::Json => json::decode(service, output, response.body),
        Protocol::Cbor => cbor::decode(service, output, response.body),
        Protocol::Query | Protocol::Ec2 => xml_body::decode_result(service, operation, output, response.body, protocol),
        Protocol::RestJson | Protocol::RestXml => rest::decode(service, output, response, protocol),
    }
}

/// Whether the body of an answer may be whatever it is.
fn has_any_body(target: &Target) -> bool {
    let payload =
        returned(target).iter().find(|member| member.payload).map(|member| &target.service.shape(member.shape).kind);
    matches!(payload, Some(Kind::Blob | Kind::String { .. }))
}

fn is_page(body: &[u8]) -> bool {
    let declaration = body.trim_ascii_start().strip_prefix(b"<?xml");
    let end = declaration.and_then(|rest| rest.iter().position(|byte| *byte == b'>').map(|end| &rest[end + 1..]));
    let body = end.unwrap_or(body).trim_ascii_start();
    let begins = |with: &str| body.get(..with.len()).is_some_and(|start| start.eq_ignore_ascii_case(with.as_bytes()));
    ["<html", "<!doctype html"].into_iter().any(begins)
}

#[cfg(test)]
mod tests;
