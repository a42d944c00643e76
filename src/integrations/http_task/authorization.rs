//! How calls are authorised: keys and passwords from the connection, OAuth's tokens from its authorization endpoint. What has
//! become of a connection since the start is kept here.

use super::request::Part;
use super::{ConnectionProblem, HttpTasks, form, without_query};
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
use std::sync::atomic::{AtomicBool, AtomicU64, Ordering};
use std::sync::{Arc, Mutex, MutexGuard, PoisonError};
use std::time::{Duration, Instant};
use tokio::sync::Mutex as AsyncMutex;

/// EventBridge fetches a new token when the old one "is about to expire"; that this means the last minute is a guess.
const ABOUT_TO: Duration = Duration::from_secs(60);

/// What has become of connections, by their ARNs. Who calls with a connection holds on to its state: what a call learns after a
/// reset is learnt of a state that nobody finds any more.
#[derive(Default)]
pub(super) struct Authorizations(Mutex<HashMap<SmolStr, Arc<State>>>);

/// What has become of a connection.
#[derive(Default)]
pub(super) struct State {
    is_deauthorized: AtomicBool,
    /// How many requests for a token have ended.
    requests: AtomicU64,
    /// What the last one came to. It is locked while a token is asked for, so that one request serves all who want a token.
    last: AsyncMutex<Option<Result<Token, ConnectionProblem>>>,
}

#[derive(Clone)]
struct Token {
    /// With what stands before it in the header.
    header: SmolStr,
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
    fn lock(&self) -> MutexGuard<'_, HashMap<SmolStr, Arc<State>>> {
        self.0.lock().unwrap_or_else(PoisonError::into_inner)
    }

    /// The connection's state.
    pub fn of(&self, arn: &SmolStr) -> Arc<State> {
        self.lock().entry(arn.clone()).or_default().clone()
    }

    pub fn reset(&self, namespace: Option<&Namespace>) {
        let is_of = |arn: &str, namespace: &Namespace| {
            Arn::parse(arn).is_some_and(|arn| arn.region == namespace.region && arn.account == namespace.account)
        };
        self.lock().retain(|arn, _| namespace.is_some_and(|namespace| !is_of(arn, namespace)));
    }
}

impl State {
    /// The connection can't be used until the next reset.
    pub fn deauthorize(&self) {
        self.is_deauthorized.store(true, Ordering::Relaxed);
    }

    /// The token in this header is of no use any more.
    pub async fn forget(&self, header: &str) {
        let mut last = self.last.lock().await;
        if last.as_ref().is_some_and(|last| last.as_ref().is_ok_and(|token| token.header == header)) {
            *last = None;
        }
    }
}

impl HttpTasks {
    /// The header that authorises a call.
    pub(super) async fn authorization(
        &self,
        arn: &SmolStr,
        connection: &Connection,
        state: &State,
    ) -> Result<Part, ConnectionProblem> {
        if state.is_deauthorized.load(Ordering::Relaxed) {
            return Err(ConnectionProblem::Deauthorized(arn.to_string()));
        }
        let (name, value) = match &connection.authorization {
            Authorization::ApiKey { name, value } => (name.clone(), value.clone()),
            Authorization::Basic { username, password } => {
                ("Authorization".into(), format_smolstr!("Basic {}", STANDARD.encode(format!("{username}:{password}"))))
            }
            Authorization::OAuth(oauth) => ("Authorization".into(), self.token(arn, oauth, state).await?.header),
        };
        Ok(Part { name, value, is_secret: true })
    }

    /// The token that there is, or a new one. Who had to wait for somebody else's request takes what that came to.
    async fn token(&self, arn: &SmolStr, oauth: &OAuth, state: &State) -> Result<Token, ConnectionProblem> {
        let requests = state.requests.load(Ordering::Relaxed);
        let mut last = state.last.lock().await;
        if let Some(last) = &*last {
            let is_fresh = |token: &Token| token.until.is_none_or(|until| Instant::now() < until);
            if state.requests.load(Ordering::Relaxed) != requests || last.as_ref().is_ok_and(is_fresh) {
                return last.clone();
            }
        }
        let token = self.fetch_token(oauth).await.map_err(|problem| ConnectionProblem::NoToken {
            arn: arn.to_string(),
            endpoint: without_query(&oauth.authorization_endpoint).to_owned(),
            problem,
        });
        state.requests.fetch_add(1, Ordering::Relaxed);
        *last = Some(token.clone());
        token
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
        Ok(Token { header: format_smolstr!("Bearer {text}"), until })
    }
}
