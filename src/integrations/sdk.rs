//! What AWS's SDK for Java, version 1, makes of HTTP answers: the form in which optimised integrations report errors
//! and metadata. Step Functions still spoke it in November 2025.

use super::http::Answer;
use crate::json::Value;
use hyper::HeaderMap;

/// A service as the SDK knows it.
pub(super) struct Service {
    /// The first part of error names: `Lambda`.
    pub prefix: &'static str,
    /// Its name in causes, and with `Exception` the name of errors without a class of their own: `AWSLambda`.
    pub client: &'static str,
    /// The errors that have a class of their own.
    pub exceptions: &'static [&'static str],
}

/// The spelling of headers that AWS's services send, in the order in which recorded outputs list them. HTTP libraries
/// hand names over in lower case; the outputs have them as they came.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Spelling {
    Lambda,
    DynamoDb,
    /// DynamoDB's GetItem differs from its other operations.
    GetItem,
    ApiGateway,
    /// Recorded of SQS, SNS and Step Functions; that the rest is like these is a guess.
    Other,
}

impl Spelling {
    fn headers(self) -> &'static [&'static str] {
        match self {
            Spelling::Lambda => &[
                "X-Amz-Log-Result",
                "X-Amz-Executed-Version",
                "x-amzn-Remapped-Content-Length",
                "Connection",
                "x-amzn-RequestId",
                "Content-Length",
                "Date",
                "X-Amzn-Trace-Id",
                "Content-Type",
            ],
            Spelling::DynamoDb => {
                &["Server", "Connection", "x-amzn-RequestId", "x-amz-crc32", "Content-Length", "Date", "Content-Type"]
            }
            Spelling::GetItem => {
                &["Server", "x-amzn-requestid", "Connection", "x-amz-crc32", "Content-Length", "Date", "Content-Type"]
            }
            Spelling::ApiGateway => &["x-amz-apigw-id", "x-amzn-RequestId"],
            Spelling::Other => &["x-amzn-RequestId", "connection", "Content-Length", "Date", "Content-Type"],
        }
    }

    /// All headers with their values, in the order of the recordings.
    fn all(self, answer: &Answer) -> Vec<(usize, String, &hyper::header::HeaderName)> {
        let known = self.headers();
        let mut names: Vec<_> = answer
            .headers
            .keys()
            .map(|name| match known.iter().position(|known| known.eq_ignore_ascii_case(name.as_str())) {
                Some(place) => (place, known[place].to_owned(), name),
                None => (known.len(), capitalised(name.as_str()), name),
            })
            .collect();
        names.sort_by(|a, b| (a.0, &a.1).cmp(&(b.0, &b.1)));
        names
    }
}

impl Service {
    /// The error's name and cause for an answer that is none of success.
    pub fn error(&self, answer: &Answer) -> (String, String) {
        let text = String::from_utf8_lossy(&answer.body);
        let body = Value::parse(&text).ok().filter(|body| body.as_object().is_some());
        let member = |names: &[&str]| {
            let body = body.as_ref()?;
            names.iter().find_map(|name| body.get(name)?.as_str()).map(str::to_owned)
        };
        let code = header(&answer.headers, "x-amzn-errortype")
            .map(str::to_owned)
            .or_else(|| member(&["__type", "code", "Code"]))
            .map(|code| {
                code.split('#').next_back().unwrap_or_default().split(':').next().unwrap_or_default().to_owned()
            });
        let message = member(&["message", "Message"]).or_else(|| {
            // The SDK has no message then; a stand-in's own words are worth more than that.
            (body.is_none() && !text.trim().is_empty()).then(|| text.trim().chars().take(1000).collect())
        });
        let class = code.as_deref().and_then(|code| self.class(code));
        let name =
            format!("{}.{}", self.prefix, class.map_or_else(|| format!("{}Exception", self.client), str::to_owned));
        let request_id = request_id(&answer.headers).map(str::to_owned);
        let cause = cause(self.client, answer.status.as_u16(), message, code, request_id);
        (name, cause)
    }

    fn class(&self, code: &str) -> Option<&'static str> {
        let is_it = |name: &&&str| **name == code || name.strip_suffix("Exception") == Some(code);
        self.exceptions.iter().find(is_it).copied()
    }
}

/// What is told of a service's error.
pub(super) fn cause(
    client: &str,
    status: u16,
    message: Option<String>,
    code: Option<String>,
    request_id: Option<String>,
) -> String {
    let or_null = |text: Option<String>| text.unwrap_or_else(|| "null".to_owned());
    format!(
        "{} (Service: {client}; Status Code: {status}; Error Code: {}; Request ID: {}; Proxy: null)",
        or_null(message),
        or_null(code),
        or_null(request_id),
    )
}

/// The value of a header, if it is text.
pub(super) fn header<'a>(headers: &'a HeaderMap, name: &str) -> Option<&'a str> {
    headers.get(name)?.to_str().ok()
}

fn request_id(headers: &HeaderMap) -> Option<&str> {
    header(headers, "x-amzn-requestid")
}

/// All headers as lists, in the order of the recordings.
pub(super) fn headers(answer: &Answer, spelling: Spelling) -> Value {
    Value::object(spelling.all(answer).into_iter().map(|(_, spelt, name)| {
        (spelt, Value::array(answer.headers.get_all(name).iter().map(text).collect::<Vec<_>>()))
    }))
}

fn text(value: &hyper::header::HeaderValue) -> Value {
    Value::from(String::from_utf8_lossy(value.as_bytes()).into_owned())
}

/// `SdkHttpMetadata` and `SdkResponseMetadata` of an output.
pub(super) fn metadata(answer: &Answer, spelling: Spelling) -> [(&'static str, Value); 2] {
    let mut names = spelling.all(answer);
    names.sort_by(|a, b| a.2.as_str().cmp(b.2.as_str()));
    let single = Value::object(names.iter().filter_map(|(_, spelt, name)| {
        answer.headers.get_all(*name).iter().next_back().map(|value| (spelt.clone(), text(value)))
    }));
    let http = Value::object([
        ("AllHttpHeaders", headers(answer, spelling)),
        ("HttpHeaders", single),
        ("HttpStatusCode", Value::from(i64::from(answer.status.as_u16()))),
    ]);
    let response = Value::object(request_id(&answer.headers).map(|id| ("RequestId", Value::from(id))));
    [("SdkHttpMetadata", http), ("SdkResponseMetadata", response)]
}

/// `x-cache` as `X-Cache`: how most senders write what isn't in the table.
fn capitalised(name: &str) -> String {
    let mut start = true;
    name.chars()
        .map(|c| {
            let spelt = if start { c.to_ascii_uppercase() } else { c };
            start = c == '-';
            spelt
        })
        .collect()
}
