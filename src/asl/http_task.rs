//! What `http:invoke` takes, after AWS's developer guide ("Call HTTPS APIs in Step Functions workflows"): in a definition,
//! where some of it is yet to come, and when the task is scheduled.

use crate::connections;
use crate::endpoint::{Endpoint, Scheme};
use crate::failure::ParameterProblem;
use crate::header;
use crate::json::{Object, Value};
use crate::service_model::Form;

const MEMBERS: &[&str] = &[
    "ApiEndpoint",
    "Method",
    "Authentication",
    "InvocationConfig",
    "Headers",
    "QueryParameters",
    "RequestBody",
    "Transform",
];

const METHODS: &[&str] = &["GET", "POST", "PUT", "DELETE", "PATCH", "OPTIONS", "HEAD"];

/// The ways of writing lists in forms that the guide has. The `NONE` of other lists, such as that of AWS's CDK, stands there for
/// no `Transform` at all; whether AWS takes it here isn't known, so it is refused.
const ARRAY_FORMATS: &[&str] = &["INDICES", "REPEAT", "COMMAS", "BRACKETS"];

/// All that is wrong with the parameters of `http:invoke`, as far as it can be known.
pub fn http_invoke_problems(parameters: &Value, form: Form) -> Vec<ParameterProblem> {
    if form.is_expression(parameters) {
        return Vec::new();
    }
    let mut check = Check { form, problems: Vec::new() };
    match parameters.as_object() {
        Some(members) => check.parameters(members),
        None => check.problems.extend(["ApiEndpoint", "Method", CONNECTION[0]].map(ParameterProblem::Missing)),
    }
    check.problems
}

/// Where the connection can stand. That AWS misses the first where neither is there, and that it doesn't take both, is a
/// guess: the guide says "either ... or".
const CONNECTION: &[&str] = &["Authentication", "InvocationConfig"];

struct Check {
    form: Form,
    problems: Vec<ParameterProblem>,
}

/// A member.
enum Member<'a> {
    Absent,
    /// It gets its value when the state runs.
    Later,
    Given(&'a Value),
}

impl Check {
    fn member<'a>(&self, object: &'a Object, name: &str) -> Member<'a> {
        let found = object.iter().find(|(given, _)| self.form.name(given).0 == name);
        match found {
            None | Some((_, Value::Null)) => Member::Absent,
            Some((given, value)) if self.form.name(given).1 || self.form.is_expression(value) => Member::Later,
            Some((_, value)) => Member::Given(value),
        }
    }

    fn only(&mut self, object: &Object, known: &[&str]) {
        let names = object.iter().map(|(name, _)| self.form.name(name).0);
        let unknown = names.filter(|name| !known.contains(name));
        let unknown: Vec<_> = unknown.map(|name| ParameterProblem::NotSupported(name.into())).collect();
        self.problems.extend(unknown);
    }

    /// A text that must be right.
    fn text(&mut self, object: &Object, name: &'static str, required: bool, fits: impl Fn(&str) -> bool) {
        match self.member(object, name) {
            Member::Absent if required => self.problems.push(ParameterProblem::Missing(name)),
            Member::Absent | Member::Later => {}
            Member::Given(Value::String(text)) if fits(text) => {}
            Member::Given(Value::String(_)) => self.problems.push(ParameterProblem::NotValid(name)),
            Member::Given(_) => self.problems.push(ParameterProblem::NotAString(name)),
        }
    }

    /// An object, if it is there and known.
    fn object<'a>(&mut self, object: &'a Object, name: &'static str) -> Option<&'a Object> {
        let Member::Given(value) = self.member(object, name) else { return None };
        if value.as_object().is_none() {
            self.problems.push(ParameterProblem::InvalidFormat(name));
        }
        value.as_object()
    }

    fn parameters(&mut self, members: &Object) {
        self.only(members, MEMBERS);
        self.text(members, "ApiEndpoint", true, is_https_url);
        self.text(members, "Method", true, |text| METHODS.contains(&text));
        let present = |name: &&&str| !matches!(self.member(members, name), Member::Absent);
        match CONNECTION.iter().filter(present).count() {
            0 => self.problems.push(ParameterProblem::Missing(CONNECTION[0])),
            1 => {}
            _ => self.problems.push(ParameterProblem::SeveralOf(CONNECTION)),
        }
        for name in CONNECTION {
            if let Some(connection) = self.object(members, name) {
                self.only(connection, &["ConnectionArn"]);
                self.text(connection, "ConnectionArn", true, is_connection);
            }
        }
        if let Some(headers) = self.object(members, "Headers") {
            self.headers(headers);
        }
        if let Some(query) = self.object(members, "QueryParameters") {
            self.texts("QueryParameters", query, |_, _| true);
        }
        if let Some(transform) = self.object(members, "Transform") {
            self.only(transform, &["RequestBodyEncoding", "RequestEncodingOptions"]);
            self.text(transform, "RequestBodyEncoding", false, |text| matches!(text, "NONE" | "URL_ENCODED"));
            if let Some(options) = self.object(transform, "RequestEncodingOptions") {
                self.only(options, &["ArrayFormat"]);
                self.text(options, "ArrayFormat", false, |text| ARRAY_FORMATS.contains(&text));
            }
            self.form_body(members, transform);
        }
    }

    /// What isn't a collection of named values is no form. What AWS makes of it isn't known.
    fn form_body(&mut self, members: &Object, transform: &Object) {
        let Member::Given(Value::String(encoding)) = self.member(transform, "RequestBodyEncoding") else { return };
        let Member::Given(body) = self.member(members, "RequestBody") else { return };
        if encoding == "URL_ENCODED" && body.as_object().is_none() {
            self.problems.push(ParameterProblem::InvalidFormat("RequestBody"));
        }
    }

    fn headers(&mut self, headers: &Object) {
        let names = headers.iter().map(|(name, _)| self.form.name(name).0);
        let reserved: Vec<String> = names.filter(|name| is_reserved(name)).map(str::to_ascii_lowercase).collect();
        if !reserved.is_empty() {
            self.problems.push(ParameterProblem::Unsupported { field: "Headers", values: reserved });
        }
        self.texts("Headers", headers, is_header);
    }

    /// Each value must be a text or a list of them. That numbers are no texts is a guess.
    fn texts(&mut self, field: &'static str, object: &Object, fits: fn(&str, &str) -> bool) {
        let is_right = |(given, value): (&smol_str::SmolStr, &Value)| {
            let (name, is_later) = self.form.name(given);
            let text =
                |value: &Value| self.form.is_expression(value) || value.as_str().is_some_and(|text| fits(name, text));
            // A name of its own is looked at with every value.
            let later = is_later && fits(name, "");
            later || text(value) || value.as_array().is_some_and(|values| values.iter().all(text))
        };
        if !object.iter().all(is_right) {
            self.problems.push(ParameterProblem::InvalidFormat(field));
        }
    }
}

fn is_header(name: &str, value: &str) -> bool {
    header::is_name(name) && header::is_value(value)
}

/// Whether a header can't be given to `http:invoke`: those of the guide, and the length of the body, which the transport
/// writes. `User-Agent` and `Range` are none of them; Step Functions overwrites these.
fn is_reserved(name: &str) -> bool {
    const NAMES: [&str; 33] = [
        "a-im",
        "accept-charset",
        "accept-datetime",
        "accept-encoding",
        "authorization",
        "cache-control",
        "connection",
        "content-encoding",
        "content-length",
        "content-md5",
        "date",
        "expect",
        "forwarded",
        "from",
        "host",
        "http2-settings",
        "if-match",
        "if-modified-since",
        "if-none-match",
        "if-range",
        "if-unmodified-since",
        "max-forwards",
        "origin",
        "pragma",
        "proxy-authorization",
        "referer",
        "server",
        "te",
        "trailer",
        "transfer-encoding",
        "upgrade",
        "via",
        "warning",
    ];
    let name = name.to_ascii_lowercase();
    let prefixes = ["x-forwarded-", "x-amz-", "x-amzn-"];
    NAMES.contains(&name.as_str()) || prefixes.iter().any(|prefix| name.starts_with(prefix))
}

/// Whether a text is the URL of an HTTPS API, the only ones that the guide knows. That AWS refuses others, and what else it
/// finds wrong with a URL, is a guess; one with braces was published.
fn is_https_url(text: &str) -> bool {
    Endpoint::of_url(text).is_ok_and(|(server, _)| server.scheme() == Scheme::Https)
}

/// Whether a text is the ARN of a connection. That others are refused was published, in which words wasn't.
fn is_connection(text: &str) -> bool {
    connections::name_in_arn(text).is_some()
}

#[cfg(test)]
mod tests {
    use super::*;

    fn problems(members: &str, form: Form) -> Vec<String> {
        let parameters = Value::parse(&members.replace("CONNECTION", ARN)).expect("valid JSON");
        http_invoke_problems(&parameters, form).iter().map(ToString::to_string).collect()
    }

    const ARN: &str = r#"{"ConnectionArn":"arn:aws:events:us-east-1:123456789012:connection/c/1"}"#;
    const MINIMAL: &str = r#""ApiEndpoint":"https://h/a","Method":"GET","InvocationConfig":CONNECTION"#;

    #[test]
    fn what_the_guide_shows_is_right() {
        for (members, form) in [
            (format!("{{{MINIMAL}}}"), Form::Values),
            (r#"{"ApiEndpoint":"https://h","Method":"HEAD","Authentication":CONNECTION}"#.to_owned(), Form::Values),
            (
                format!(
                    r#"{{{MINIMAL},"Headers":{{"Content-Type":"a/b","X":["1","2"]}},"QueryParameters":{{"a":"1","b":["2"]}},
                    "RequestBody":{{}},"Transform":{{"RequestBodyEncoding":"URL_ENCODED",
                    "RequestEncodingOptions":{{"ArrayFormat":"COMMAS"}}}}}}"#
                ),
                Form::Values,
            ),
            (format!(r#"{{{MINIMAL},"RequestBody":"text","Headers":null,"Transform":{{}}}}"#), Form::Values),
            (
                r#"{"ApiEndpoint.$":"$.a","Method.$":"$.m","Authentication.$":"$.c","Headers":{"A.$":"$.a"},
                "QueryParameters.$":"$.q","Transform":{"RequestBodyEncoding.$":"$.e"},"RequestBody.$":"$.b"}"#
                    .to_owned(),
                Form::JsonPath,
            ),
            (
                r#"{"ApiEndpoint":"{% $a %}","Method":"{% $m %}","InvocationConfig":{"ConnectionArn":"{% $c %}"},
                "Headers":{"A":["{% $a %}"]},"QueryParameters":"{% $q %}"}"#
                    .to_owned(),
                Form::Jsonata,
            ),
            (r#""{% $all %}""#.to_owned(), Form::Jsonata),
        ] {
            assert_eq!(problems(&members, form), [""; 0], "{members}");
        }
    }

    #[test]
    fn what_is_wrong_is_told() {
        let missing = |name: &str| format!("The field '{name}' is required but was missing");
        assert_eq!(problems("{}", Form::JsonPath), ["ApiEndpoint", "Method", "Authentication"].map(missing));
        assert_eq!(problems("[]", Form::Values), ["ApiEndpoint", "Method", "Authentication"].map(missing));
        let not_valid = |name: &str| format!("The value for the '{name}' field is not valid");
        let format = |name: &str| format!("The value of the field '{name}' has an invalid format");
        for (more, problem) in [
            (r#","Timeout":1"#, "The field \"Timeout\" is not supported by Step Functions".to_owned()),
            (
                r#","Authentication":CONNECTION"#,
                "There should only be one of the following fields: [Authentication, InvocationConfig]".to_owned(),
            ),
            (r#","Headers":[]"#, format("Headers")),
            (r#","Headers":{"a":1}"#, format("Headers")),
            (r#","Headers":{"a b":"1"}"#, format("Headers")),
            (r#","Headers":{"a":"1\n"}"#, format("Headers")),
            (
                r#","Headers":{"Host":"h","a":"1","X-Amzn-Trace-Id":["t"]}"#,
                "The 'Headers' field contains unsupported values: [host, x-amzn-trace-id]".to_owned(),
            ),
            (r#","QueryParameters":"a=1""#, format("QueryParameters")),
            (r#","QueryParameters":{"a":[{}]}"#, format("QueryParameters")),
            (r#","Transform":"NONE""#, format("Transform")),
            (r#","Transform":{"A":1}"#, "The field \"A\" is not supported by Step Functions".to_owned()),
            (r#","Transform":{"RequestBodyEncoding":"GZIP"}"#, not_valid("RequestBodyEncoding")),
            (
                r#","Transform":{"RequestBodyEncoding":true}"#,
                "The value for the field 'RequestBodyEncoding' must be a STRING".to_owned(),
            ),
            (r#","Transform":{"RequestEncodingOptions":{"ArrayFormat":"NONE"}}"#, not_valid("ArrayFormat")),
            (r#","RequestBody":"a=1","Transform":{"RequestBodyEncoding":"URL_ENCODED"}"#, format("RequestBody")),
        ] {
            assert_eq!(problems(&format!("{{{MINIMAL}{more}}}"), Form::Values), [problem], "{more}");
        }
        let called = |endpoint: &str, method: &str, arn: &str| {
            let connection = format!(r#""InvocationConfig":{{"ConnectionArn":"{arn}"}}"#);
            problems(&format!(r#"{{"ApiEndpoint":"{endpoint}","Method":"{method}",{connection}}}"#), Form::JsonPath)
        };
        let arn = "arn:aws:events:us-east-1:123456789012:connection/c";
        for endpoint in [
            "http://h/a",
            "h",
            "https://",
            "https:///a",
            "https://h:0",
            "https://u@h/",
            "https://h/{a}",
            "https://h/#f",
        ] {
            assert_eq!(called(endpoint, "GET", arn), [not_valid("ApiEndpoint")], "{endpoint}");
        }
        for endpoint in ["https://h", "HTTPS://h:8443/a?b=c", "https://api.example.com/a%20b/c"] {
            assert_eq!(called(endpoint, "GET", arn), [""; 0], "{endpoint}");
        }
        assert_eq!(called("https://h", "get", arn), [not_valid("Method")]);
        for arn in
            ["c", "${Connection}", "arn:aws:events:us-east-1:123456789012:rule/r", "arn:aws:events:::connection/"]
        {
            assert_eq!(called("https://h", "GET", arn), [not_valid("ConnectionArn")], "{arn}");
        }
    }
}
