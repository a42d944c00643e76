//! Signed requests over HTTP/1.1, with pooled connections.

mod aws_credentials;
mod connector;
mod problem;
mod tls;

pub(super) use problem::Problem;
pub use tls::check_bundle;

use crate::arn::Namespace;
use crate::config::{Config, Credentials};
use crate::endpoint::{Endpoint, Scheme};
use crate::integrations::sigv4::{Request, Signer, body_digest, encode};
use aws_credentials::Chain;
use bytes::Bytes;
use chrono::{DateTime, Utc};
use connector::Connector;
use http_body_util::{BodyExt, Full, LengthLimitError, Limited};
use hyper::HeaderMap;
use hyper::ext::ReasonPhrase;
use hyper::header::{DATE, HeaderValue, PROXY_AUTHORIZATION};
use hyper_util::client::legacy;
use hyper_util::rt::{TokioExecutor, TokioTimer};
use std::future::Future;
use std::pin::Pin;
use std::sync::Arc;
use std::time::Duration;

/// Idle connections are closed before the other side closes them (Node's servers do after five seconds).
const IDLE: Duration = Duration::from_secs(3);

/// How long a service may be silent: the default of AWS's SDK. Transport time.
const SOCKET_TIMEOUT: Duration = Duration::from_secs(50);

/// How signatures write the time.
const DATE_TIME: &str = "%Y%m%dT%H%M%SZ";

/// A request that is ready to be sent.
pub(super) type Prepared = hyper::Request<Full<Bytes>>;

/// Connections to all services.
type Pool = legacy::Client<Connector, Full<Bytes>>;

/// A caller of other services.
#[derive(Clone, Debug)]
pub(super) struct Client {
    connector: Connector,
    pool: Pool,
    own_account: Namespace,
    own_keys: OwnKeys,
    /// The user's keys for AWS and what else is set for calls there; nothing if AWS isn't called.
    chain: Option<Arc<Chain>>,
    aws: AwsKeys,
    /// How long it waits for what isn't a task's own call.
    patience: Duration,
    /// How long it waits for a task's own call at most, whatever the call's limit.
    longest: Duration,
}

/// Keys that expire, and are fetched anew before.
pub(super) trait Session: std::fmt::Debug + Send + Sync {
    /// Those that hold now.
    fn keys(&self) -> Pin<Box<dyn Future<Output = Result<Arc<Credentials>, Problem>> + Send + '_>>;
}

/// What calls for the own account to others than AWS are signed with.
#[derive(Clone, Debug)]
enum OwnKeys {
    Configured(Credentials),
    Session(Arc<dyn Session>),
}

/// What calls to AWS itself are signed with.
#[derive(Clone, Debug)]
enum AwsKeys {
    /// The user's.
    Own,
    /// Those of a role that was assumed there.
    Session(Arc<dyn Session>),
    /// Nothing: the role was assumed at an endpoint, and such a session is none at AWS.
    SessionElsewhere,
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
        Self::over(Connector::new(config), config)
    }

    fn over(connector: Connector, config: &Config) -> Self {
        let pool = pool(connector.clone());
        let chain = config.endpoints.aws.then(|| Arc::new(Chain::new(pool.clone(), &config.namespace)));
        let (own_account, own_keys) = (config.namespace.clone(), OwnKeys::Configured(config.credentials.clone()));
        Self {
            connector,
            pool,
            own_account,
            own_keys,
            chain,
            aws: AwsKeys::Own,
            patience: SOCKET_TIMEOUT,
            longest: Duration::MAX,
        }
    }

    /// The same with less patience.
    #[cfg(test)]
    pub fn waiting_for(self, patience: Duration) -> Self {
        Self { patience, longest: patience, ..self }
    }

    /// Waits for what isn't a task's own call, and so isn't ended by the task's own time-out.
    pub async fn in_time<T>(&self, asked: impl Future<Output = T>) -> Result<T, Problem> {
        tokio::time::timeout(self.patience, asked).await.map_err(|_| Problem::Late)
    }

    /// Waits for a task's own call.
    pub async fn within<T>(
        &self,
        limit: Duration,
        asked: impl Future<Output = Result<T, Problem>>,
    ) -> Result<T, Problem> {
        tokio::time::timeout(limit.min(self.longest), asked).await.unwrap_or(Err(Problem::Late))
    }

    /// Whether AWS itself is called.
    pub fn calls_aws(&self) -> bool {
        self.chain.is_some()
    }

    /// The same with the keys of a session in an account, over the same connections. The keys are shown to nobody but AWS if
    /// AWS gave them, and never to AWS if somebody else did.
    pub fn signing_with(&self, session: Arc<dyn Session>, namespace: Namespace, giver: &Endpoint) -> Self {
        let (own_keys, aws) = match giver.is_at_aws() {
            true => (OwnKeys::Configured(Credentials::default()), AwsKeys::Session(session)),
            false => (OwnKeys::Session(session), AwsKeys::SessionElsewhere),
        };
        Self { own_account: namespace, own_keys, aws, ..self.clone() }
    }

    /// The same, trusting certificates of these authorities alone (in PEM), over connections of its own.
    pub fn trusting(&self, authorities: Vec<u8>) -> Self {
        let connector = self.connector.trusting(authorities);
        Self { pool: pool(connector.clone()), connector, ..self.clone() }
    }

    /// The query of a GET of `/` that says by itself, for so many seconds, in whose name it is made; it is shown to an endpoint.
    pub async fn presigned(
        &self,
        namespace: &Namespace,
        shown_to: &Endpoint,
        service: &str,
        query: &str,
        headers: &[(&str, &str)],
        seconds: u32,
    ) -> Result<String, Problem> {
        let keys = self.keys(namespace, shown_to).await?;
        let token = keys.session_token.as_deref().map(|token| format!("&X-Amz-Security-Token={}", encode(token, b"")));
        let date_time = Utc::now().format(DATE_TIME).to_string();
        let signer = Signer {
            access_key_id: keys.access_key_id.as_deref().unwrap_or_default(),
            secret_access_key: keys.secret_access_key.as_deref().unwrap_or_default(),
            region: &namespace.region,
            service,
            date_time: &date_time,
        };
        Ok(signer.presigned(&format!("{query}{}", token.unwrap_or_default()), headers, seconds))
    }

    /// Makes a call on behalf of an account in a region. Dropping the future closes the connection.
    pub async fn send(&self, namespace: &Namespace, call: Call<'_>) -> Result<Answer, Problem> {
        let request = self.signed(namespace, &call).await?;
        self.answer(request, call.endpoint, call.most_bytes).await.map(Answer::dated)
    }

    /// The request of a call on behalf of an account in a region.
    pub async fn signed(&self, namespace: &Namespace, call: &Call<'_>) -> Result<Prepared, Problem> {
        let keys = self.keys(namespace, call.endpoint).await?;
        signed(&keys, namespace, call, Utc::now())
    }

    /// The request of a call that nobody signs, to a service whose address follows from its name. It needs no keys, but where
    /// the user has set that AWS is somewhere else, it doesn't go to AWS either.
    pub async fn unsigned(&self, call: &Call<'_>) -> Result<Prepared, Problem> {
        if let Some(chain) = self.chain.as_ref().filter(|_| call.endpoint.is_at_aws()) {
            Box::pin(chain.honours_all()).await?;
        }
        self.addressed(&call.endpoint.authority(), call)
    }

    /// Sends what was prepared: whoever waits needs to keep nothing else.
    pub async fn exchange(&self, request: Prepared, to: &Endpoint, most_bytes: usize) -> Result<Answer, Problem> {
        self.answer(request, to, most_bytes).await.map(Answer::dated)
    }

    /// Makes a call that nobody signs.
    pub async fn send_unsigned(&self, call: Call<'_>) -> Result<Answer, Problem> {
        self.send_to(&call.endpoint.authority(), call).await.map(Answer::dated)
    }

    /// The same of a host that may be found elsewhere than it says. The answer has no more than what came.
    pub async fn send_to(&self, host: &str, call: Call<'_>) -> Result<Answer, Problem> {
        let request = self.addressed(host, &call)?;
        self.answer(request, call.endpoint, call.most_bytes).await
    }

    fn addressed(&self, host: &str, call: &Call<'_>) -> Result<Prepared, Problem> {
        if call.endpoint.is_at_aws() && !self.calls_aws() {
            return Err(Problem::aws_is_off(call.endpoint));
        }
        let path = format!("{}{}", call.endpoint.path(), call.path);
        let mut headers = vec![("host", host)];
        headers.extend(call.headers);
        request(call, &path, &headers)
    }

    /// A connection that the service closed before anything was written makes room for another one. Whatever was written is
    /// not written again: the service may have done what it was asked for.
    async fn answer(&self, request: Prepared, to: &Endpoint, most_bytes: usize) -> Result<Answer, Problem> {
        let request = self.for_proxy(request, to);
        let response = self.pool.request(request).await.map_err(|error| Problem::of(&error, to))?;
        let (parts, body) = response.into_parts();
        let mut body = Limited::new(body, most_bytes);
        let mut read: Vec<Bytes> = Vec::new();
        while let Some(frame) = body.frame().await {
            match frame {
                Ok(frame) => read.extend(frame.into_data().ok()),
                // The status of an error says what it is, and so may what was read of it.
                Err(error) if error.is::<LengthLimitError>() && !parts.status.is_success() => break,
                Err(error) if error.is::<LengthLimitError>() => return Err(Problem::TooLarge),
                Err(error) => return Err(Problem::of(error.as_ref(), to)),
            }
        }
        let body = if let [all] = &read[..] { all.clone() } else { read.concat().into() };
        let reason = parts.extensions.get().cloned();
        Ok(Answer { status: parts.status, reason, headers: parts.headers, body })
    }

    /// A proxy for plain HTTP reads in the request who asks; one for https is told when the connection is made.
    fn for_proxy(&self, mut request: Prepared, endpoint: &Endpoint) -> Prepared {
        if endpoint.scheme() == Scheme::Http
            && let Some(proxy) = self.connector.proxy(request.uri())
            && let Some(authorization) = proxy.basic_auth()
        {
            request.headers_mut().insert(PROXY_AUTHORIZATION, authorization.clone());
        }
        request
    }

    /// What requests to an endpoint are signed with. Whatever the endpoint, AWS is not called unless that is switched on;
    /// keys for AWS are for AWS alone, and it is sent no others.
    async fn keys(&self, namespace: &Namespace, endpoint: &Endpoint) -> Result<Arc<Credentials>, Problem> {
        if endpoint.is_at_aws() {
            let chain = self.chain.as_ref().ok_or_else(|| Problem::aws_is_off(endpoint))?;
            return match &self.aws {
                AwsKeys::Own => Box::pin(chain.keys()).await,
                AwsKeys::Session(session) => session.keys().await,
                AwsKeys::SessionElsewhere => Err(Problem::SessionElsewhere { host: endpoint.host().to_owned() }),
            };
        }
        // The configured keys are those of the configured account; any other account stands for itself.
        let own = namespace.account == self.own_account.account;
        let mut keys = match &self.own_keys {
            OwnKeys::Session(session) if own => return session.keys().await,
            OwnKeys::Configured(keys) if own => keys.clone(),
            _ => Credentials::default(),
        };
        keys.access_key_id.get_or_insert_with(|| namespace.account.to_string());
        keys.secret_access_key.get_or_insert_with(|| "test".to_owned());
        Ok(Arc::new(keys))
    }
}

fn signed(keys: &Credentials, namespace: &Namespace, call: &Call<'_>, now: DateTime<Utc>) -> Result<Prepared, Problem> {
    let (region, service) = call.endpoint.signing().unwrap_or((&namespace.region, call.service));
    let date_time = now.format(DATE_TIME).to_string();
    let authority = call.endpoint.authority();
    let mut headers = vec![("host", authority.as_str()), ("x-amz-date", &date_time)];
    headers.extend(keys.session_token.as_deref().map(|token| ("x-amz-security-token", token)));
    let digest = (call.service == "s3").then(|| body_digest(&call.body));
    headers.extend(digest.as_deref().map(|digest| ("x-amz-content-sha256", digest)));
    headers.extend_from_slice(call.headers);
    let path = format!("{}{}", call.endpoint.path(), call.path);
    let signer = Signer {
        access_key_id: keys.access_key_id.as_deref().unwrap_or_default(),
        secret_access_key: keys.secret_access_key.as_deref().unwrap_or_default(),
        region,
        service,
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
    request(call, &path, &headers)
}

fn pool(connector: Connector) -> Pool {
    legacy::Client::builder(TokioExecutor::new()).pool_idle_timeout(IDLE).pool_timer(TokioTimer::new()).build(connector)
}

fn request(call: &Call<'_>, path: &str, headers: &[(&str, &str)]) -> Result<Prepared, Problem> {
    let scheme = call.endpoint.scheme().as_str();
    let question_mark = if call.query.is_empty() { "" } else { "?" };
    let uri = format!("{scheme}://{}{path}{question_mark}{}", call.endpoint.authority(), call.query);
    let mut request = hyper::Request::builder().method(call.method.clone()).uri(uri);
    for (name, value) in headers {
        request = request.header(*name, *value);
    }
    // Methods that come with a body say so where there is none: S3 wants a length (documented: MissingContentLength).
    if call.body.is_empty() && matches!(call.method, hyper::Method::POST | hyper::Method::PUT | hyper::Method::PATCH) {
        request = request.header(hyper::header::CONTENT_LENGTH, 0);
    }
    request.body(Full::new(call.body.clone())).map_err(|error| Problem::Other(error.to_string()))
}

#[cfg(test)]
mod tests;
