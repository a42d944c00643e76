//! Signed requests over HTTP/1.1, with pooled connections.

mod connector;
mod problem;
mod tls;

pub(super) use problem::Problem;
pub use tls::check_bundle;

use crate::arn::Namespace;
use crate::config::{Config, Credentials, Endpoint};
use crate::integrations::sigv4::{Request, Signer, body_digest, encode};
use bytes::Bytes;
use chrono::{DateTime, Utc};
use connector::Connector;
use http_body_util::{BodyExt, Full, LengthLimitError, Limited};
use hyper::HeaderMap;
use hyper::ext::ReasonPhrase;
use hyper::header::{DATE, HeaderValue};
use hyper_util::client::legacy;
use hyper_util::rt::{TokioExecutor, TokioTimer};
use std::time::Duration;

/// Idle connections are closed before the other side closes them (Node's servers do after five seconds).
const IDLE: Duration = Duration::from_secs(3);

/// How signatures write the time.
const DATE_TIME: &str = "%Y%m%dT%H%M%SZ";

/// A caller of other services.
#[derive(Clone, Debug)]
pub(super) struct Client {
    pool: legacy::Client<Connector, Full<Bytes>>,
    own_account: Namespace,
    credentials: Credentials,
}

/// A request to a service.
pub(super) struct Call<'a> {
    /// Where the service is.
    pub endpoint: &'a Endpoint,
    /// Its name in signatures.
    pub service: &'static str,
    /// The method.
    pub method: hyper::Method,
    /// The path, percent-encoded.
    pub path: &'a str,
    /// The query, percent-encoded.
    pub query: &'a str,
    /// Names in lower case.
    pub headers: &'a [(&'a str, &'a str)],
    /// The body.
    pub body: Bytes,
    /// The largest answer that is read. What is larger is a [`Problem::TooLarge`], and cut off if it is an error's.
    pub most_bytes: usize,
}

/// What a service answered, whatever its status.
pub(super) struct Answer {
    pub status: hyper::StatusCode,
    /// What the status was called, if otherwise than usual.
    pub reason: Option<ReasonPhrase>,
    pub headers: HeaderMap,
    pub body: Bytes,
}

impl Answer {
    /// RFC 9110, 6.6.1: a recipient with a clock adds the date where the sender left it out.
    fn dated(mut self) -> Answer {
        if !self.headers.contains_key(DATE) {
            let date = Utc::now().format("%a, %d %b %Y %H:%M:%S GMT").to_string();
            self.headers.insert(DATE, HeaderValue::try_from(date).expect("a date is a valid header value"));
        }
        self
    }
}

impl Client {
    pub fn new(config: &Config) -> Self {
        let pool = pool(Connector::new(config));
        Self { pool, own_account: config.namespace.clone(), credentials: config.credentials.clone() }
    }

    /// The same with the keys of a session in an account, over the same connections.
    pub fn signing_with(&self, keys: Credentials, namespace: Namespace) -> Self {
        Self { pool: self.pool.clone(), own_account: namespace, credentials: keys }
    }

    /// The same, trusting certificates of these authorities alone (in PEM), over connections of its own.
    pub fn trusting(&self, authorities: Vec<u8>) -> Self {
        let Self { own_account, credentials, .. } = self.clone();
        Self { pool: pool(Connector::trusting(authorities)), own_account, credentials }
    }

    /// The query of a GET of `/` that says by itself, for so many seconds, in whose name it is made.
    pub fn presigned(
        &self,
        namespace: &Namespace,
        service: &str,
        query: &str,
        headers: &[(&str, &str)],
        seconds: u32,
    ) -> String {
        let keys = self.keys(namespace);
        let token = keys.session_token.as_deref().map(|token| format!("&X-Amz-Security-Token={}", encode(token, b"")));
        let date_time = Utc::now().format(DATE_TIME).to_string();
        let signer = Signer {
            access_key_id: &keys.access_key_id,
            secret_access_key: &keys.secret_access_key,
            region: &namespace.region,
            service,
            date_time: &date_time,
        };
        signer.presigned(&format!("{query}{}", token.unwrap_or_default()), headers, seconds)
    }

    /// Makes a call on behalf of an account in a region. Dropping the future closes the connection.
    pub async fn send(&self, namespace: &Namespace, call: Call<'_>) -> Result<Answer, Problem> {
        let request = self.signed(namespace, &call, Utc::now())?;
        self.answer(request, &call).await.map(Answer::dated)
    }

    /// Makes a call that nobody signs.
    pub async fn send_unsigned(&self, call: Call<'_>) -> Result<Answer, Problem> {
        self.send_to(&call.endpoint.authority(), call).await.map(Answer::dated)
    }

    /// The same of a host that may be found elsewhere than it says. The answer has no more than what came.
    pub async fn send_to(&self, host: &str, call: Call<'_>) -> Result<Answer, Problem> {
        let path = format!("{}{}", call.endpoint.path(), call.path);
        let mut headers = vec![("host", host)];
        headers.extend(call.headers);
        let request = request(&call, &path, headers)?;
        self.answer(request, &call).await
    }

    async fn answer(&self, request: hyper::Request<Full<Bytes>>, call: &Call<'_>) -> Result<Answer, Problem> {
        let response = self.pool.request(request).await.map_err(|error| Problem::of(&error, call.endpoint))?;
        let (parts, body) = response.into_parts();
        let mut body = Limited::new(body, call.most_bytes);
        let mut read: Vec<Bytes> = Vec::new();
        while let Some(frame) = body.frame().await {
            match frame {
                Ok(frame) => read.extend(frame.into_data().ok()),
                // The status of an error says what it is, and so may what was read of it.
                Err(error) if error.is::<LengthLimitError>() && !parts.status.is_success() => break,
                Err(error) if error.is::<LengthLimitError>() => return Err(Problem::TooLarge),
                Err(error) => return Err(Problem::of(error.as_ref(), call.endpoint)),
            }
        }
        let body = if let [all] = &read[..] { all.clone() } else { read.concat().into() };
        let reason = parts.extensions.get().cloned();
        Ok(Answer { status: parts.status, reason, headers: parts.headers, body })
    }

    /// The configured keys are those of the configured account; any other account stands for itself.
    fn keys(&self, namespace: &Namespace) -> Keys {
        let own = namespace.account == self.own_account.account;
        let configured = |value: &Option<String>| if own { value.clone() } else { None };
        Keys {
            access_key_id: configured(&self.credentials.access_key_id).unwrap_or_else(|| namespace.account.to_string()),
            secret_access_key: configured(&self.credentials.secret_access_key).unwrap_or_else(|| "test".to_owned()),
            session_token: configured(&self.credentials.session_token),
        }
    }

    fn signed(
        &self,
        namespace: &Namespace,
        call: &Call<'_>,
        now: DateTime<Utc>,
    ) -> Result<hyper::Request<Full<Bytes>>, Problem> {
        let Keys { access_key_id, secret_access_key, session_token } = self.keys(namespace);
        let date_time = now.format(DATE_TIME).to_string();
        let authority = call.endpoint.authority();
        let mut headers = vec![("host", authority.as_str()), ("x-amz-date", &date_time)];
        headers.extend(session_token.as_deref().map(|token| ("x-amz-security-token", token)));
        let digest = (call.service == "s3").then(|| body_digest(&call.body));
        headers.extend(digest.as_deref().map(|digest| ("x-amz-content-sha256", digest)));
        headers.extend_from_slice(call.headers);
        let path = format!("{}{}", call.endpoint.path(), call.path);
        let signer = Signer {
            access_key_id: &access_key_id,
            secret_access_key: &secret_access_key,
            region: &namespace.region,
            service: call.service,
            date_time: &date_time,
        };
        let authorization = signer.authorization(&Request {
            method: call.method.as_str(),
            path: &path,
            query: call.query,
            headers: &headers,
            body: &call.body,
        });
        headers.push(("authorization", &authorization));
        request(call, &path, headers)
    }
}

/// What is signed with.
struct Keys {
    access_key_id: String,
    secret_access_key: String,
    session_token: Option<String>,
}

fn pool(connector: Connector) -> legacy::Client<Connector, Full<Bytes>> {
    legacy::Client::builder(TokioExecutor::new()).pool_idle_timeout(IDLE).pool_timer(TokioTimer::new()).build(connector)
}

fn request<V: AsRef<str>>(
    call: &Call<'_>,
    path: &str,
    headers: Vec<(&str, V)>,
) -> Result<hyper::Request<Full<Bytes>>, Problem> {
    let scheme = call.endpoint.scheme().as_str();
    let question_mark = if call.query.is_empty() { "" } else { "?" };
    let uri = format!("{scheme}://{}{path}{question_mark}{}", call.endpoint.authority(), call.query);
    let mut request = hyper::Request::builder().method(call.method.clone()).uri(uri);
    for (name, value) in headers {
        request = request.header(name, value.as_ref());
    }
    request.body(Full::new(call.body.clone())).map_err(|error| Problem::Other(error.to_string()))
}

#[cfg(test)]
mod tests;
