//! The request: what the task gives and what its connection adds, in one. On equal names the connection's word counts.

use super::form;
use crate::connections::Connection;
use crate::failure::{Failure, Runtime};
use crate::interpreter::invocation::{BodyEncoding, HttpTask, Secrets, SentRequest};
use crate::json::{Object, Value};
use smol_str::{SmolStr, format_smolstr};

/// A header or a parameter of the query.
#[derive(Clone)]
pub(super) struct Part {
    pub name: SmolStr,
    pub value: SmolStr,
    /// Whether the connection added it.
    pub is_secret: bool,
}

/// A request, of which it is known what the connection added.
pub(super) struct Request {
    pub method: SmolStr,
    pub body: Option<String>,
    /// The body without what the connection added.
    own_body: Option<String>,
    /// `ApiEndpoint`
    endpoint: SmolStr,
    query: Vec<Part>,
    headers: Vec<Part>,
}

/// What says how a body is written. The library with which AWS calls adds it where nobody else has: it is not among the headers
/// that tests see (documented). It is added to forms, too: the guide wants whoever has `URL_ENCODED` to "also specify the
/// content-type header" (Transform), as AWS's CDK does.
const JSON: &str = "application/json; charset=UTF-8";

impl Request {
    /// The headers stand in the order of the guide's example: the task's, the authorising one, the connection's, our own.
    pub fn of(task: &HttpTask, connection: &Connection, authorization: Part, region: &str) -> Result<Request, Failure> {
        let added = &connection.invocation;
        let secret =
            |(name, value): &(SmolStr, SmolStr)| Part { name: name.clone(), value: value.clone(), is_secret: true };
        let ours = [
            ("User-Agent", format_smolstr!("Amazon|StepFunctions|HttpInvoke|{region}")),
            ("Range", SmolStr::new_static("bytes=0-262144")),
        ];
        let mut headers = own_parts(&task.headers);
        overwrite(&mut headers, vec![authorization], true);
        overwrite(&mut headers, added.headers.iter().map(secret).collect(), true);
        let ours = ours.map(|(name, value)| Part { name: name.into(), value, is_secret: false });
        overwrite(&mut headers, ours.to_vec(), true);
        let mut query = own_parts(&task.query);
        overwrite(&mut query, added.query.iter().map(secret).collect(), false);

        let own = task.body.as_ref();
        let merged = merged(own, &added.body)?;
        let left = own.and_then(|own| without(own, &added.body));
        let write = |body: &Value| match task.encoding {
            // The guide says of `NONE`: "the serialized JSON of the RequestBody field". That a text is no exception and stands in
            // quotes is a guess after that, since nothing published shows such a request.
            BodyEncoding::Json => body.to_compact_text(),
            BodyEncoding::Form(lists) => form::encode(body, lists),
        };
        Ok(Request {
            method: task.method.clone(),
            body: merged.as_ref().map(write),
            own_body: left.as_ref().map(write),
            endpoint: task.api_endpoint.clone(),
            query,
            headers,
        })
    }

    /// All of the URL.
    pub fn url(&self) -> String {
        self.url_with(&self.query.iter().collect::<Vec<_>>())
    }

    fn url_with(&self, query: &[&Part]) -> String {
        let query: Vec<String> = query.iter().map(|part| form::pair(&part.name, &part.value)).collect();
        if query.is_empty() {
            return self.endpoint.to_string();
        }
        let mark = if self.endpoint.contains('?') { '&' } else { '?' };
        format!("{}{mark}{}", self.endpoint, query.join("&"))
    }

    /// The headers as they are sent, names in lower case.
    pub fn headers(&self) -> Vec<(String, &str)> {
        let mut headers: Vec<(String, &str)> =
            self.headers.iter().map(|part| (part.name.to_ascii_lowercase(), part.value.as_str())).collect();
        if self.body.is_some() && headers.iter().all(|(name, _)| name != "content-type") {
            headers.push(("content-type".to_owned(), JSON));
        }
        headers
    }

    /// The request as a test sees it. AWS's reference says that what the connection adds is left out unless it is to be revealed;
    /// that nothing stands in its place is how that reads.
    pub fn shown(&self, secrets: Secrets) -> SentRequest {
        let is_shown = |part: &&Part| secrets == Secrets::Revealed || !part.is_secret;
        let query: Vec<&Part> = self.query.iter().filter(is_shown).collect();
        let headers = self.headers.iter().filter(is_shown).map(|part| format!("{}: {}", part.name, part.value));
        let body = if secrets == Secrets::Revealed { &self.body } else { &self.own_body };
        SentRequest {
            protocol: "https",
            method: self.method.clone(),
            url: self.url_with(&query).into(),
            headers: format_smolstr!("[{}]", headers.collect::<Vec<_>>().join(", ")),
            body: body.as_deref().map(SmolStr::new),
        }
    }
}

fn own_parts(pairs: &[(SmolStr, SmolStr)]) -> Vec<Part> {
    let part = |(name, value): &(SmolStr, SmolStr)| Part { name: name.clone(), value: value.clone(), is_secret: false };
    pairs.iter().map(part).collect()
}

/// Adds parts, which take the place of others with their names.
fn overwrite(parts: &mut Vec<Part>, added: Vec<Part>, ignoring_case: bool) {
    let is_same = |a: &str, b: &str| if ignoring_case { a.eq_ignore_ascii_case(b) } else { a == b };
    parts.retain(|part| !added.iter().any(|other| is_same(&part.name, &other.name)));
    parts.extend(added);
}

/// The task's body with what the connection adds. Documented: a text can't have anything added. That neither can anything else
/// that is no object is a guess.
fn merged(own: Option<&Value>, added: &[(SmolStr, SmolStr)]) -> Result<Option<Value>, Failure> {
    if added.is_empty() {
        return Ok(own.cloned());
    }
    let empty = Value::empty_object();
    let mut body = own.unwrap_or(&empty).clone();
    for (name, value) in added {
        body = match &body {
            Value::Object(members) => members.with(name, value.clone().into()),
            _ => return Err(Failure::Runtime { place: None, problem: Runtime::BodyNotMergeable }),
        };
    }
    Ok(Some(body))
}

/// The task's body without the members that the connection overwrites.
fn without(own: &Value, added: &[(SmolStr, SmolStr)]) -> Option<Value> {
    let Some(members) = own.as_object().filter(|_| !added.is_empty()) else { return Some(own.clone()) };
    let is_own = |name: &SmolStr| !added.iter().any(|(other, _)| other == name);
    let left = |members: &Object| {
        Value::object(
            members.iter().filter(|(name, _)| is_own(name)).map(|(name, value)| (name.clone(), value.clone())),
        )
    };
    Some(left(members))
}
