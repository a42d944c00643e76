//! The parameters of `apigateway:invoke`.

use crate::asl::{API_GATEWAY_INVOKE_MEMBERS, is_reserved_header};
use crate::failure::ParameterProblem;
use crate::json::Value;
use smol_str::SmolStr;

/// A request to an API, its parameters as evaluated and found to be usable.
#[derive(Clone, Debug, Default, PartialEq)]
pub struct ApiGatewayInvoke {
    /// `ApiEndpoint`: a host's name or, here, a URL.
    pub api_endpoint: SmolStr,
    /// `Method`
    pub method: SmolStr,
    /// `Stage`
    pub stage: Option<SmolStr>,
    /// `Path`
    pub path: Option<SmolStr>,
    /// `Headers`
    pub headers: Vec<(SmolStr, SmolStr)>,
    /// `QueryParameters`
    pub query: Vec<(SmolStr, SmolStr)>,
    /// `RequestBody`
    pub body: Option<Value>,
    /// `AuthType`
    pub authentication: Authentication,
}

/// Who the API is told is calling.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub enum Authentication {
    /// Nobody: `NO_AUTH`.
    #[default]
    None,
    /// The role, by a signature: `IAM_ROLE` and `RESOURCE_POLICY`.
    Signature,
}

const METHODS: [&str; 7] = ["GET", "POST", "PUT", "DELETE", "PATCH", "HEAD", "OPTIONS"];

impl ApiGatewayInvoke {
    /// The request with these parameters, or all that is wrong with them.
    ///
    /// Recorded: headers that aren't lists of texts have an invalid format. That the same is said of the query, of unknown
    /// methods and of unknown types of authentication is a guess, as is that a method without a body can't be given one.
    pub fn of(parameters: &Value) -> Result<ApiGatewayInvoke, Vec<ParameterProblem>> {
        let absent = Vec::new;
        let Some(members) = parameters.as_object() else {
            return Err(vec![ParameterProblem::Missing("ApiEndpoint"), ParameterProblem::Missing("Method")]);
        };
        let mut problems: Vec<ParameterProblem> = members
            .iter()
            .filter(|(name, _)| !API_GATEWAY_INVOKE_MEMBERS.contains(&name.as_str()))
            .map(|(name, _)| ParameterProblem::NotSupported(name.clone()))
            .collect();
        let given = |name: &str| members.get(name).filter(|value| !value.is_null());
        for required in ["ApiEndpoint", "Method"] {
            if given(required).is_none() {
                problems.push(ParameterProblem::Missing(required));
            }
        }
        let mut text = |name: &'static str, fits: fn(&str) -> bool| match given(name)? {
            Value::String(text) if fits(text) => Some(text.clone()),
            Value::String(_) => {
                problems.push(ParameterProblem::InvalidFormat(name));
                None
            }
            _ => {
                problems.push(ParameterProblem::NotAString(name));
                None
            }
        };
        let is_authentication = |text: &str| matches!(text, "NO_AUTH" | "IAM_ROLE" | "RESOURCE_POLICY");
        let api_endpoint = text("ApiEndpoint", |text| !text.is_empty()).unwrap_or_default();
        let method = text("Method", |text| METHODS.contains(&text)).unwrap_or_default();
        let (stage, path) = (text("Stage", |_| true), text("Path", |_| true));
        let authentication = match text("AuthType", is_authentication).as_deref() {
            None | Some("NO_AUTH") => Authentication::None,
            Some(_) => Authentication::Signature,
        };
        let mut lists = |name: &'static str| {
            let pairs = given(name).map_or_else(|| Some(absent()), pairs);
            pairs.unwrap_or_else(|| {
                problems.push(ParameterProblem::InvalidFormat(name));
                absent()
            })
        };
        let (headers, query) = (lists("Headers"), lists("QueryParameters"));
        let reserved = headers.iter().filter(|(name, _)| is_reserved_header(name));
        let reserved: Vec<String> = reserved.map(|(name, _)| name.to_ascii_lowercase()).collect();
        if !reserved.is_empty() {
            problems.push(ParameterProblem::Unsupported { field: "Headers", values: reserved });
        }
        let is_name = |byte: u8| byte.is_ascii_alphanumeric() || b"!#$%&'*+-.^_`|~".contains(&byte);
        let is_header =
            |name: &str, value: &str| !name.is_empty() && name.bytes().all(is_name) && super::fits_into_a_header(value);
        if headers.iter().any(|(name, value)| !is_header(name, value)) {
            problems.push(ParameterProblem::InvalidFormat("Headers"));
        }
        let allows_nulls = given("AllowNullValues").map(Value::as_bool);
        if allows_nulls == Some(None) {
            problems.push(ParameterProblem::WrongType { field: "AllowNullValues".into(), wanted: "BOOLEAN" });
        }
        let body = given("RequestBody").map(|body| match allows_nulls {
            Some(Some(true)) => body.clone(),
            _ => without_nulls(body),
        });
        if body.is_some() && matches!(method.as_str(), "GET" | "DELETE" | "HEAD" | "OPTIONS") {
            problems.push(ParameterProblem::NotSupported("RequestBody".into()));
        }
        if !problems.is_empty() {
            return Err(problems);
        }
        Ok(ApiGatewayInvoke { api_endpoint, method, stage, path, headers, query, body, authentication })
    }
}

/// The value without the fields that are null. From memory of AWS's page on API Gateway: unless `AllowNullValues` is true,
/// they are not sent; the example is a field of an object in the body. That the same goes for any depth is a guess, as is
/// that lists keep their items.
fn without_nulls(value: &Value) -> Value {
    match value {
        Value::Object(object) => {
            let fields = object.iter().filter(|(_, value)| !value.is_null());
            Value::object(fields.map(|(name, value)| (name.clone(), without_nulls(value))))
        }
        Value::Array(_) => {
            let items = value.as_array().unwrap_or_default().iter();
            Value::array(items.map(without_nulls).collect::<Vec<_>>())
        }
        _ => value.clone(),
    }
}

/// The pairs of a map of names to lists of texts.
pub(super) fn pairs(value: &Value) -> Option<Vec<(SmolStr, SmolStr)>> {
    let mut pairs = Vec::new();
    for (name, values) in value.as_object()?.iter() {
        for value in values.as_array()? {
            pairs.push((name.clone(), value.as_str()?.into()));
        }
    }
    Some(pairs)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn parameters_are_taken_or_all_their_problems_told() {
        let of = |parameters: &str| ApiGatewayInvoke::of(&Value::parse(parameters).expect("valid JSON"));
        let all = r#"{"ApiEndpoint":"http://h/a","Method":"POST","Stage":"s","Path":"p","Headers":{"a":["1","2"]},
            "QueryParameters":{"q":["x"]},"RequestBody":{"b":1},"AllowNullValues":true,"AuthType":"IAM_ROLE"}"#;
        let expected = ApiGatewayInvoke {
            api_endpoint: "http://h/a".into(),
            method: "POST".into(),
            stage: Some("s".into()),
            path: Some("p".into()),
            headers: vec![("a".into(), "1".into()), ("a".into(), "2".into())],
            query: vec![("q".into(), "x".into())],
            body: Some(Value::object([("b", 1.into())])),
            authentication: Authentication::Signature,
        };
        assert_eq!(of(all), Ok(expected));
        let called = |more: &str| of(&format!(r#"{{"ApiEndpoint":"h","Method":"GET"{more}}}"#));
        assert_eq!(called(r#","RequestBody":null,"Headers":null"#).map(|call| call.body), Ok(None));
        for (more, problem) in [
            (r#","Headers":{"a":"1"}"#, "The value of the field 'Headers' has an invalid format"),
            (r#","Headers":{"a b":["1"]}"#, "The value of the field 'Headers' has an invalid format"),
            (r#","Headers":{"a":["1\n"]}"#, "The value of the field 'Headers' has an invalid format"),
            (r#","QueryParameters":[]"#, "The value of the field 'QueryParameters' has an invalid format"),
            (r#","Headers":{"Host":["h"]}"#, "The 'Headers' field contains unsupported values: [host]"),
            (r#","RequestBody":{}"#, "The field \"RequestBody\" is not supported by Step Functions"),
            (
                r#","AuthType":"BASIC"}"#.trim_end_matches('}'),
                "The value of the field 'AuthType' has an invalid format",
            ),
            (r#","Stage":1"#, "The value for the field 'Stage' must be a STRING"),
            (r#","AllowNullValues":"yes""#, "The value for the field 'AllowNullValues' must be a BOOLEAN"),
            (r#","Body":1"#, "The field \"Body\" is not supported by Step Functions"),
        ] {
            let found: Vec<String> = called(more).expect_err("unusable").iter().map(ToString::to_string).collect();
            assert_eq!(found.join(", "), problem, "{more}");
        }
        let missing = of("{}").expect_err("unusable");
        assert_eq!(missing, [ParameterProblem::Missing("ApiEndpoint"), ParameterProblem::Missing("Method")]);
    }
}
