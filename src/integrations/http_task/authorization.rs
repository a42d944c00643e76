//! How calls are authorised: keys and passwords from the connection, OAuth's tokens from its authorization endpoint. What has
//! become of a connection since the start is kept here.

use super::request::Part;
use super::{ConnectionProblem, HttpTasks, form};
use crate::arn::{Arn, Namespace};
use crate::connections::{Authorization, Connection, OAuth};
use crate::integrations::sdk::header;
use crate::interpreter::invocation::ArrayFormat;
use crate::json::Value;
use base64::Engine;
use base64::engine::general_purpose::STANDARD;
use bytes::Bytes;
use smol_str::{SmolStr, format_smolstr};
use std::collections::HashMap;
use std::sync::{Mutex, MutexGuard, PoisonError};
use std::time::{Duration, Instant};

/// EventBridge fetches a new token when the old one "is about to expire"; that this means the last minute is a guess.
const ABOUT_TO: Duration = Duration::from_secs(60);

/// What has become of connections, by their ARNs.
#[derive(Default)]
pub(super) struct Authorizations(Mutex<HashMap<SmolStr, State>>);

#[derive(Clone)]
enum State {
    /// It has a token.
    Authorized(Token),
    /// It can't be used any more.
    Deauthorized,
}

#[derive(Clone)]
struct Token {
    text: SmolStr,
    /// When it is fetched anew; never, if nobody said when it expires.
    until: Option<Instant>,
}

/// Tokens aren't shown.
impl std::fmt::Debug for Authorizations {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.debug_struct("Authorizations").finish_non_exhaustive()
    }
}

impl Authorizations {
    fn lock(&self) -> MutexGuard<'_, HashMap<SmolStr, State>> {
        self.0.lock().unwrap_or_else(PoisonError::into_inner)
    }

    /// The connection can't be used until the next reset.
    pub fn deauthorize(&self, arn: &SmolStr) {
        self.lock().insert(arn.clone(), State::Deauthorized);
    }

    /// The connection's token is of no use any more.
    pub fn forget(&self, arn: &str) {
        self.lock().remove(arn);
    }

    pub fn reset(&self, namespace: Option<&Namespace>) {
        let is_of = |arn: &str, namespace: &Namespace| {
            Arn::parse(arn).is_some_and(|arn| arn.region == namespace.region && arn.account == namespace.account)
        };
        self.lock().retain(|arn, _| namespace.is_some_and(|namespace| !is_of(arn, namespace)));
    }
}

impl HttpTasks {
    /// The header that authorises a call.
    pub(super) async fn authorization(
        &self,
        arn: &SmolStr,
        connection: &Connection,
    ) -> Result<Part, ConnectionProblem> {
        let state = self.authorizations.lock().get(arn).cloned();
        if let Some(State::Deauthorized) = state {
            return Err(ConnectionProblem::Deauthorized(arn.to_string()));
        }
        let (name, value) = match &connection.authorization {
            Authorization::ApiKey { name, value } => (name.clone(), value.clone()),
            Authorization::Basic { username, password } => {
                ("Authorization".into(), format_smolstr!("Basic {}", STANDARD.encode(format!("{username}:{password}"))))
            }
            Authorization::OAuth(oauth) => {
                let kept = match state {
                    Some(State::Authorized(token)) if token.until.is_none_or(|until| Instant::now() < until) => {
                        Some(token)
                    }
                    _ => None,
                };
                let token = match kept {
                    Some(token) => token,
                    None => self.new_token(arn, oauth).await?,
                };
                ("Authorization".into(), format_smolstr!("Bearer {}", token.text))
            }
        };
        Ok(Part { name, value, is_secret: true })
    }

    async fn new_token(&self, arn: &SmolStr, oauth: &OAuth) -> Result<Token, ConnectionProblem> {
        let token = self.fetch_token(oauth).await.map_err(|problem| ConnectionProblem::NoToken {
            arn: arn.to_string(),
            endpoint: oauth.authorization_endpoint.to_string(),
            problem,
        })?;
        self.authorizations.lock().insert(arn.clone(), State::Authorized(token.clone()));
        Ok(token)
    }

    /// Asks for a token.
    ///
    /// RFC 6749 has the client's id and secret in the form or in a header, and the type of the grant in the form. That EventBridge
    /// sends the former in the form, and the latter only if the connection has it, is a guess after public examples.
    async fn fetch_token(&self, oauth: &OAuth) -> Result<Token, String> {
        let own = [("client_id", &oauth.client_id), ("client_secret", &oauth.client_secret)];
        let parameters = &oauth.parameters;
        let given = |name: &str| parameters.body.iter().chain(&parameters.query).any(|(given, _)| given == name);
        let own =
            own.into_iter().filter(|(name, _)| !given(name)).map(|(name, value)| (SmolStr::new(name), value.clone()));
        let body: Vec<_> = own.chain(parameters.body.iter().cloned()).collect();
        let body = form::encode(&Value::object(body.into_iter().map(|(k, v)| (k, v.into()))), ArrayFormat::Indices);
        let query: Vec<String> = parameters.query.iter().map(|(name, value)| form::pair(name, value)).collect();
        let (mut query, body) = (query.join("&"), Some(body));
        // A form has no other place in a GET request.
        let body = if oauth.method == "GET" {
            let rest = body.unwrap_or_default();
            query = if query.is_empty() { rest } else { format!("{query}&{rest}") };
            None
        } else {
            body
        };
        let mut url = oauth.authorization_endpoint.to_string();
        if !query.is_empty() {
            url.push(if url.contains('?') { '&' } else { '?' });
            url.push_str(&query);
        }
        let mut headers: Vec<(String, &str)> =
            parameters.headers.iter().map(|(name, value)| (name.to_ascii_lowercase(), value.as_str())).collect();
        if body.is_some() && headers.iter().all(|(name, _)| name != "content-type") {
            headers.push(("content-type".to_owned(), "application/x-www-form-urlencoded"));
        }
        let headers: Vec<(&str, &str)> = headers.iter().map(|(name, value)| (name.as_str(), *value)).collect();
        let target = self.target(&url).map_err(|failure| failure.cause().unwrap_or_default().to_string())?;
        let body = body.map_or_else(Bytes::new, Bytes::from);
        let answer = self.fetch(&target, &oauth.method, &headers, body).await;
        let answer = answer.map_err(|problem| problem.to_string())?;
        if !answer.status.is_success() {
            return Err(format!("it answered with the status {}", answer.status.as_u16()));
        }
        let kind = header(&answer.headers, "content-type").unwrap_or("no content type").to_owned();
        let text = String::from_utf8_lossy(&answer.body);
        let token = Value::parse(&text).map_err(|_| format!("its answer ({kind}) is not JSON"))?;
        let text = token.get("access_token").and_then(Value::as_str);
        let text = text.filter(|text| !text.is_empty() && text.bytes().all(|byte| matches!(byte, b' '..=b'~')));
        let text = text.ok_or("its answer has no access_token")?;
        // Some servers write the number as a text.
        let seconds = token.get("expires_in").and_then(|seconds| match seconds {
            Value::String(text) => text.parse().ok(),
            number => number.as_f64(),
        });
        let lasts = seconds.and_then(|seconds| Duration::try_from_secs_f64(seconds).ok());
        let until = lasts.and_then(|lasts| Instant::now().checked_add(lasts.saturating_sub(ABOUT_TO)));
        Ok(Token { text: text.into(), until })
    }
}
