//! What an API's answer means.

use crate::failure::{Failure, Runtime};
use crate::integrations::http::Answer;
use crate::integrations::sdk::header;
use crate::interpreter::invocation::ReceivedResponse;
use crate::json::Value;
use crate::quota;
use smol_str::{SmolStr, format_smolstr};

/// The result, or why the task fails. That the status comes before what is wrong with the body is a guess.
pub(super) fn result(answer: &Answer) -> Result<Value, Failure> {
    if !answer.status.is_success() {
        // The name is documented. A public report of a workflow on AWS has `Bad Request` as the whole cause of a 400, whatever the
        // body said: that is to be seen in TestState alone.
        let name = format!("States.Http.StatusCode.{}", answer.status.as_str());
        return Err(Failure::reported(name, status_text(answer)));
    }
    let fails = |problem| Err(Failure::Runtime { place: None, problem });
    let content_type = header(&answer.headers, "content-type").unwrap_or_default();
    if is_binary(content_type) {
        return fails(Runtime::ResponseContentType { content_type: content_type.into() });
    }
    let Ok(text) = std::str::from_utf8(&answer.body) else { return fails(Runtime::ResponseUnreadable) };
    if text.len() > quota::PAYLOAD_BYTES {
        return Err(Failure::DataLimitExceeded { subject: "http".into() });
    }
    // Documented: JSON or a text. That the body decides this and not the content type is a guess after `apigateway:invoke`.
    let body = match Value::parse(text) {
        Ok(mut value) => {
            value.forget_text();
            value
        }
        Err(_) => text.into(),
    };
    // The guide shows their names in lower case. That it is so however the API spells them is a guess.
    let headers = answer.headers.keys().map(|name| {
        let values = answer.headers.get_all(name).iter().map(|value| text_of(value).into());
        (SmolStr::new(name.as_str()), Value::array(values.collect::<Vec<_>>()))
    });
    Ok(Value::object([
        ("Headers", Value::object(headers)),
        ("ResponseBody", body),
        ("StatusCode", i64::from(answer.status.as_u16()).into()),
        ("StatusText", status_text(answer).into()),
    ]))
}

/// The types that the guide names.
fn is_binary(content_type: &str) -> bool {
    let kind = content_type.split(';').next().unwrap_or_default().trim().to_ascii_lowercase();
    kind == "application/octet-stream" || ["image/", "video/", "audio/"].iter().any(|start| kind.starts_with(start))
}

/// What the status was called, in HTTP/1.1 whatever the API likes.
fn status_text(answer: &Answer) -> String {
    match &answer.reason {
        Some(reason) => String::from_utf8_lossy(reason.as_bytes()).into_owned(),
        None => answer.status.canonical_reason().unwrap_or_default().to_owned(),
    }
}

fn text_of(value: &hyper::header::HeaderValue) -> String {
    String::from_utf8_lossy(value.as_bytes()).into_owned()
}

/// The response as a test sees it.
pub(super) fn shown(answer: &Answer) -> ReceivedResponse {
    let headers = answer.headers.iter().map(|(name, value)| format!("{name}: {}", text_of(value)));
    ReceivedResponse {
        protocol: "https",
        status_code: answer.status.as_str().into(),
        status_message: status_text(answer).into(),
        headers: format_smolstr!("[{}]", headers.collect::<Vec<_>>().join(", ")),
        body: String::from_utf8_lossy(&answer.body).into(),
    }
}
