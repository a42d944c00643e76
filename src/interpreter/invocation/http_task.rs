//! The parameters of `http:invoke`, and what a test sees of the request and the response.

use crate::asl::http_invoke_problems;
use crate::failure::ParameterProblem;
use crate::json::{Object, Value};
use crate::service_model::Form;
use smol_str::SmolStr;
use std::sync::{Arc, OnceLock};

/// A request to an HTTPS API, its parameters as evaluated and found to be usable.
#[derive(Clone, Debug, PartialEq)]
pub struct HttpTask {
    /// `ApiEndpoint`: a URL.
    pub api_endpoint: SmolStr,
    /// `Method`
    pub method: SmolStr,
    /// `ConnectionArn`
    pub connection_arn: SmolStr,
    /// `Headers`
    pub headers: Vec<(SmolStr, SmolStr)>,
    /// `QueryParameters`
    pub query: Vec<(SmolStr, SmolStr)>,
    /// `RequestBody`
    pub body: Option<Value>,
    /// `Transform`
    pub encoding: BodyEncoding,
    /// Who wants to see the request and the response.
    pub witness: Option<Witness>,
}

/// How the body is written: `RequestBodyEncoding`.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub enum BodyEncoding {
    /// `NONE`: as JSON.
    #[default]
    Json,
    /// `URL_ENCODED`: as a form.
    Form(ArrayFormat),
}

/// How a form has lists: `ArrayFormat`.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
#[allow(missing_docs)]
pub enum ArrayFormat {
    #[default]
    Indices,
    Repeat,
    Commas,
    Brackets,
}

/// Whether what the connection adds to a request is shown.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
#[allow(missing_docs)]
pub enum Secrets {
    Hidden,
    Revealed,
}

/// Somebody who wants to see the one request that is made, and its response. Whoever makes it leaves them here; the interpreter
/// only hands this on.
#[derive(Clone, Debug, PartialEq)]
pub struct Witness {
    /// How much is shown.
    pub secrets: Secrets,
    /// What was seen.
    pub seen: Arc<OnceLock<Exchange>>,
}

impl Witness {
    /// A witness who has seen nothing yet.
    pub fn new(secrets: Secrets) -> Witness {
        Witness { secrets, seen: Arc::default() }
    }
}

/// What was sent, and what came back if anything did.
#[derive(Clone, Debug, PartialEq, Eq)]
#[allow(missing_docs)]
pub struct Exchange {
    pub request: SentRequest,
    pub response: Option<ReceivedResponse>,
}

/// A request as a test sees it.
#[derive(Clone, Debug, PartialEq, Eq)]
#[allow(missing_docs)]
pub struct SentRequest {
    pub protocol: &'static str,
    pub method: SmolStr,
    pub url: SmolStr,
    /// `[name: value, name: value]`
    pub headers: SmolStr,
    pub body: Option<SmolStr>,
}

/// A response as a test sees it.
#[derive(Clone, Debug, PartialEq, Eq)]
#[allow(missing_docs)]
pub struct ReceivedResponse {
    pub protocol: &'static str,
    pub status_code: SmolStr,
    pub status_message: SmolStr,
    /// `[name: value, name: value]`
    pub headers: SmolStr,
    pub body: SmolStr,
}

impl HttpTask {
    /// The request with these parameters, or all that is wrong with them.
    pub fn of(parameters: &Value) -> Result<HttpTask, Vec<ParameterProblem>> {
        let problems = http_invoke_problems(parameters, Form::Values);
        if !problems.is_empty() {
            return Err(problems);
        }
        let text = |of: Option<&Value>, name: &str| of?.get(name)?.as_str().map(SmolStr::new);
        let own = |name: &str| text(Some(parameters), name).unwrap_or_default();
        let connection =
            ["InvocationConfig", "Authentication"].iter().find_map(|name| parameters.get(name)?.as_object());
        let connection_arn = connection.and_then(|object| object.get("ConnectionArn")?.as_str());
        let transform = parameters.get("Transform");
        let options = transform.and_then(|transform| transform.get("RequestEncodingOptions"));
        let array_format = match text(options, "ArrayFormat").as_deref() {
            Some("REPEAT") => ArrayFormat::Repeat,
            Some("COMMAS") => ArrayFormat::Commas,
            Some("BRACKETS") => ArrayFormat::Brackets,
            _ => ArrayFormat::Indices,
        };
        let encoding = match text(transform, "RequestBodyEncoding").as_deref() {
            Some("URL_ENCODED") => BodyEncoding::Form(array_format),
            _ => BodyEncoding::Json,
        };
        let pairs = |name: &str| parameters.get(name).and_then(Value::as_object).map(pairs).unwrap_or_default();
        Ok(HttpTask {
            api_endpoint: own("ApiEndpoint"),
            method: own("Method"),
            connection_arn: connection_arn.unwrap_or_default().into(),
            headers: pairs("Headers"),
            query: pairs("QueryParameters"),
            body: parameters.get("RequestBody").filter(|body| !body.is_null()).cloned(),
            encoding,
            witness: None,
        })
    }
}

/// A pair for each text, those of a list under the same name.
fn pairs(object: &Object) -> Vec<(SmolStr, SmolStr)> {
    let mut pairs = Vec::new();
    for (name, value) in object.iter() {
        let texts = value.as_array().unwrap_or(std::slice::from_ref(value));
        pairs.extend(texts.iter().filter_map(Value::as_str).map(|text| (name.clone(), text.into())));
    }
    pairs
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn parameters_are_taken_or_all_their_problems_told() {
        let of = |parameters: &str| HttpTask::of(&Value::parse(parameters).expect("valid JSON"));
        let arn = "arn:aws:events:us-east-1:123456789012:connection/c/1";
        let minimal = HttpTask {
            api_endpoint: "https://h/a".into(),
            method: "GET".into(),
            connection_arn: arn.into(),
            headers: vec![],
            query: vec![],
            body: None,
            encoding: BodyEncoding::Json,
            witness: None,
        };
        let called = |more: &str| {
            let own =
                format!(r#""ApiEndpoint":"https://h/a","Method":"GET","Authentication":{{"ConnectionArn":"{arn}"}}"#);
            of(&format!("{{{own}{more}}}"))
        };
        assert_eq!(called(""), Ok(minimal.clone()));
        assert_eq!(
            called(r#","RequestBody":null,"InvocationConfig":null,"Headers":null,"Transform":{}"#),
            Ok(minimal.clone())
        );
        let pair = |name: &str, value: &str| (SmolStr::new(name), SmolStr::new(value));
        let more = r#","Headers":{"a":"1","b":["2","3"]},"QueryParameters":{"q":["x"]},"RequestBody":[7],
            "Transform":{"RequestEncodingOptions":{"ArrayFormat":"REPEAT"}}"#;
        let full = HttpTask {
            headers: vec![pair("a", "1"), pair("b", "2"), pair("b", "3")],
            query: vec![pair("q", "x")],
            body: Some(Value::array([Value::from(7)])),
            ..minimal
        };
        assert_eq!(called(more), Ok(full));
        for (format, expected) in [
            (r#"{"ArrayFormat":"COMMAS"}"#, ArrayFormat::Commas),
            (r#"{"ArrayFormat":"BRACKETS"}"#, ArrayFormat::Brackets),
            ("{}", ArrayFormat::Indices),
        ] {
            let more =
                format!(r#","Transform":{{"RequestBodyEncoding":"URL_ENCODED","RequestEncodingOptions":{format}}}"#);
            assert_eq!(called(&more).map(|call| call.encoding), Ok(BodyEncoding::Form(expected)));
        }
        assert_eq!(called(r#","Method":7"#), Err(vec![ParameterProblem::NotAString("Method")]));
    }
}
