//! Errors that services report, in the words of AWS's SDK for Java, version 2.

use super::{Response, Target, cbor, json, xml};
use crate::json::Value;
use crate::service_model::{Protocol, Service};

/// What a service reported.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct ServiceError {
    /// `400`
    pub status: u16,
    /// `ResourceNotFoundException`, `NoSuchKey`
    pub code: Option<String>,
    /// The service's own words.
    pub message: Option<String>,
    /// The identifier that the service gave the request.
    pub request_id: Option<String>,
    /// The second one that S3 gives it.
    pub extended_request_id: Option<String>,
}

impl ServiceError {
    /// `DynamoDb.ResourceNotFoundException`; recorded: errors without a class of their own have the one of the service,
    /// `DynamoDb.DynamoDbException`.
    pub fn name(&self, service: &Service) -> String {
        let class = self.code.as_deref().and_then(|code| service.exception(code));
        class.map_or_else(|| format!("{0}.{0}Exception", service.prefix), |class| format!("{}.{class}", service.prefix))
    }

    /// The cause. Recorded; since November 2025 it says the number of attempts.
    pub fn cause(&self, service: &Service) -> String {
        let or_null = |text: &Option<String>| text.clone().unwrap_or_else(|| "null".to_owned());
        let extended = self.extended_request_id.as_ref().map(|id| format!(", Extended Request ID: {id}"));
        format!(
            "{} (Service: {}, Status Code: {}, Request ID: {}{}) (SDK Attempt Count: 1)",
            or_null(&self.message),
            service.prefix,
            self.status,
            or_null(&self.request_id),
            extended.unwrap_or_default(),
        )
    }
}

/// The error in an answer.
pub(super) fn read(target: &Target, response: Response<'_>) -> ServiceError {
    let mut error = match target.protocol {
        Protocol::Json | Protocol::RestJson => of_members(response, json::parse(response.body).ok()),
        Protocol::Cbor => of_members(response, cbor::parse(response.body, target.service).ok()),
        Protocol::Query | Protocol::Ec2 | Protocol::RestXml => {
            xml::parse(response.body).ok().and_then(|root| of_xml(&root))
        }
    }
    .unwrap_or_default();
    error.status = response.status;
    if error.code.is_none() {
        error.code = header(response, "x-amzn-errortype").map(|code| bare(&code)).or_else(|| implied(target, response));
    }
    if error.message.is_none() && error.code.is_none() {
        // The SDK has no message then; a stand-in's own words are worth more than that.
        let text = String::from_utf8_lossy(response.body);
        error.message = Some(text.trim().chars().take(1000).collect()).filter(|text: &String| !text.is_empty());
    }
    let request_id = ["x-amzn-requestid", "x-amz-request-id"].iter().find_map(|name| header(response, name));
    error.request_id = request_id.or(error.request_id);
    error.extended_request_id = header(response, "x-amz-id-2").or(error.extended_request_id);
    error
}

/// The error that S3 reports with status 200 when something goes wrong late.
pub(super) fn inside_success(target: &Target, response: Response<'_>) -> Option<ServiceError> {
    let begins = response.body.get(..200).unwrap_or(response.body);
    let suspicious = target.protocol == Protocol::RestXml && begins.windows(6).any(|bytes| bytes == b"<Error");
    let root = xml::parse(response.body).ok().filter(|root| suspicious && root.name == "Error")?;
    root.child("Code")?;
    Some(read(target, response))
}

/// What the SDK makes of answers to HEAD, which have no body.
fn implied(target: &Target, response: Response<'_>) -> Option<String> {
    match (target.service.name, target.operation.name, response.status) {
        ("s3", "HeadObject", 404) => Some("NoSuchKey".to_owned()),
        ("s3", "HeadBucket", 404) => Some("NoSuchBucket".to_owned()),
        _ => None,
    }
}

fn of_members(response: Response<'_>, body: Option<Value>) -> Option<ServiceError> {
    let body = body.unwrap_or_default();
    let member = |names: &[&str]| names.iter().find_map(|name| body.get(name)?.as_str()).map(str::to_owned);
    let code = header(response, "x-amzn-errortype").or_else(|| member(&["__type", "code", "Code"]));
    Some(ServiceError {
        code: code.map(|code| bare(&code)),
        message: member(&["message", "Message", "errorMessage"]),
        ..ServiceError::default()
    })
}

/// `ResourceNotFoundException` of `com.amazonaws.dynamodb.v20120810#ResourceNotFoundException:http://...`
fn bare(code: &str) -> String {
    let code = code.split(':').next().unwrap_or_default();
    code.split('#').next_back().unwrap_or_default().trim().to_owned()
}

fn of_xml(root: &xml::Element) -> Option<ServiceError> {
    let error = match root.name.as_str() {
        "Error" => root,
        _ => root.child("Error").or_else(|| root.child("Errors")?.child("Error"))?,
    };
    let text = |name: &str| {
        let found = error.text_of(name).or_else(|| root.text_of(name));
        found.map(str::to_owned).filter(|text| !text.is_empty())
    };
    Some(ServiceError {
        code: text("Code"),
        message: text("Message").or_else(|| text("message")),
        request_id: text("RequestId").or_else(|| text("RequestID")),
        extended_request_id: text("HostId"),
        ..ServiceError::default()
    })
}

fn header(response: Response<'_>, name: &str) -> Option<String> {
    response.headers.get(name)?.to_str().ok().map(str::to_owned)
}
