//! The keys for AWS itself: the ordinary chain of AWS's SDKs (environment, profiles with roles, SSO and processes, web
//! identity, containers, instances), asked when the first call needs them, and again before they expire.
//!
//! Nothing of this runs unless calls to AWS are switched on.

use super::{Pool, Problem};
use crate::arn::Namespace;
use crate::config::Credentials;
use crate::partition::is_at_aws;
use aws_config::profile;
use aws_config::{BehaviorVersion, Region, SdkConfig};
use aws_credential_types::provider::{ProvideCredentials, SharedCredentialsProvider};
use aws_smithy_runtime_api::client::http::{
    HttpClient, HttpConnector, HttpConnectorFuture, HttpConnectorSettings, SharedHttpConnector,
};
use aws_smithy_runtime_api::client::orchestrator::{HttpRequest, HttpResponse};
use aws_smithy_runtime_api::client::result::ConnectorError;
use aws_smithy_runtime_api::client::runtime_components::RuntimeComponents;
use aws_smithy_types::body::SdkBody;
use aws_types::os_shim_internal::{Env, Fs};
use bytes::Bytes;
use http_body_util::{BodyExt, Full};
use std::error::Error;
use std::sync::Arc;
use std::time::{Duration, SystemTime};
use tokio::sync::{Mutex, OnceCell};
use tokio::time::error::Elapsed;

/// Keys are renewed so long before they expire.
const EARLY: Duration = Duration::from_secs(5 * 60);

/// The chain, and what it gave last.
#[derive(Debug)]
pub(super) struct Chain {
    pool: Pool,
    region: String,
    provider: OnceCell<SharedCredentialsProvider>,
    last: Mutex<Option<Known>>,
}

#[derive(Debug)]
struct Known {
    keys: Arc<Credentials>,
    expires: Option<SystemTime>,
}

impl Known {
    fn holds(&self, at: SystemTime) -> bool {
        self.expires.is_none_or(|expires| at < expires)
    }
}

impl Chain {
    /// The region is that of the services that the chain itself may have to ask.
    pub fn new(pool: Pool, namespace: &Namespace) -> Self {
        Self { pool, region: namespace.region.to_string(), provider: OnceCell::new(), last: Mutex::new(None) }
    }

    /// The keys that hold now.
    pub async fn keys(&self) -> Result<Arc<Credentials>, Problem> {
        let mut last = self.last.lock().await;
        let now = SystemTime::now();
        if let Some(known) = last.as_ref().filter(|known| known.holds(now + EARLY)) {
            return Ok(known.keys.clone());
        }
        let provider = self.provider().await?;
        match provider.provide_credentials().await {
            Ok(found) => {
                let keys = Arc::new(Credentials {
                    access_key_id: Some(found.access_key_id().to_owned()),
                    secret_access_key: Some(found.secret_access_key().to_owned()),
                    session_token: found.session_token().map(str::to_owned),
                });
                *last = Some(Known { keys: keys.clone(), expires: found.expiry() });
                Ok(keys)
            }
            // Who can't be asked now may be asked the next time.
            Err(problem) => match last.as_ref().filter(|known| known.holds(now)) {
                Some(known) => Ok(known.keys.clone()),
                None => Err(Problem::NoCredentials { problem: with_sources(&problem) }),
            },
        }
    }

    /// Refuses what the user has set and Stepwell would not do.
    pub async fn honours_all(&self) -> Result<(), Problem> {
        self.provider().await.map(|_| ())
    }

    async fn provider(&self) -> Result<&SharedCredentialsProvider, Problem> {
        self.provider.get_or_try_init(|| self.load()).await
    }

    async fn load(&self) -> Result<SharedCredentialsProvider, Problem> {
        let config = aws_config::defaults(BehaviorVersion::latest())
            .region(Region::new(self.region.clone()))
            .http_client(ChainClient { pool: self.pool.clone(), limit: None })
            .load()
            .await;
        not_honoured(&config).await?;
        let none = || Problem::NoCredentials { problem: "there is no provider of credentials".to_owned() };
        config.credentials_provider().ok_or_else(none)
    }
}

/// What the user's own SDKs would call other hosts for. Calls that ignore it would go where the user doesn't expect them.
async fn not_honoured(config: &SdkConfig) -> Result<(), Problem> {
    let addresses = "give the services endpoints (AWS_ENDPOINT_URL_<SERVICE>), or take the setting away";
    let refuse = |setting| Err(Problem::NotHonoured { setting, instead: addresses });
    if config.use_fips() == Some(true) {
        return refuse("AWS_USE_FIPS_ENDPOINT (use_fips_endpoint)");
    }
    if config.use_dual_stack() == Some(true) {
        return refuse("AWS_USE_DUALSTACK_ENDPOINT (use_dualstack_endpoint)");
    }
    let env = Env::real();
    // Keys may come from elsewhere, but what a profile that can't be read would have set is not known.
    let unreadable = |error| Problem::ProfileUnreadable { problem: with_sources(&error) };
    let profiles = profile::load(&Fs::real(), &env, &Default::default(), None).await.map_err(unreadable)?;
    let ignored = env.get("AWS_IGNORE_CONFIGURED_ENDPOINT_URLS").ok();
    let ignored = ignored.as_deref().or(profiles.get("ignore_configured_endpoint_urls"));
    if ignored.is_some_and(|value| value.eq_ignore_ascii_case("true")) {
        return Ok(());
    }
    match ["endpoint_url", "services"].iter().find(|name| profiles.get(name).is_some()) {
        Some(&"endpoint_url") => refuse("endpoint_url of the profile"),
        Some(_) => refuse("services of the profile"),
        None => Ok(()),
    }
}

fn with_sources(error: &dyn Error) -> String {
    let mut text = error.to_string();
    let mut link = error.source();
    while let Some(error) = link {
        let said = error.to_string();
        if !text.contains(&said) {
            text = format!("{text}: {said}");
        }
        link = error.source();
    }
    text
}

/// What the chain sends its own requests with: the same connections, roots and proxies as everything else.
#[derive(Clone, Debug)]
struct ChainClient {
    pool: Pool,
    /// How long an answer may take. Where there is no instance or container, nobody answers, nor refuses the connection.
    limit: Option<Duration>,
}

impl HttpClient for ChainClient {
    fn http_connector(&self, settings: &HttpConnectorSettings, _: &RuntimeComponents) -> SharedHttpConnector {
        let read = settings.read_timeout();
        let limit = read.map(|read| settings.connect_timeout().unwrap_or_default() + read);
        SharedHttpConnector::new(Self { limit, ..self.clone() })
    }
}

impl HttpConnector for ChainClient {
    fn call(&self, request: HttpRequest) -> HttpConnectorFuture {
        let (pool, limit) = (self.pool.clone(), self.limit.unwrap_or(Duration::MAX));
        HttpConnectorFuture::new(async move {
            let other = |error: Box<dyn Error + Send + Sync>| ConnectorError::other(error, None);
            let request = request.try_into_http1x().map_err(|error| other(error.into()))?;
            if !may_be_sent(&request) {
                let host = request.uri().host().unwrap_or_default();
                return Err(other(
                    format!(
                        "keys for AWS are not shown to {host}, where AWS_ENDPOINT_URL or a setting like it leads the \
                         services that give out credentials"
                    )
                    .into(),
                ));
            }
            let (parts, body) = request.into_parts();
            let body = Full::new(Bytes::copy_from_slice(body.bytes().unwrap_or_default()));
            let answered = async {
                let answer = pool.request(hyper::Request::from_parts(parts, body)).await;
                let (parts, body) = answer.map_err(|error| ConnectorError::io(error.into()))?.into_parts();
                let body = body.collect().await.map_err(|error| ConnectorError::io(error.into()))?.to_bytes();
                Ok(hyper::Response::from_parts(parts, SdkBody::from(body)))
            };
            let late = |late: Elapsed| ConnectorError::timeout(late.into());
            let answer = tokio::time::timeout(limit, answered).await.map_err(late)??;
            HttpResponse::try_from(answer).map_err(|error| other(error.into()))
        })
    }
}

/// Whatever proves who the user is goes to AWS alone: STS and the services of SSO are asked by POST or with a token.
/// Containers and instances are asked for credentials by other methods, wherever they are.
fn may_be_sent(request: &hyper::Request<SdkBody>) -> bool {
    let host = request.uri().host().unwrap_or_default().to_ascii_lowercase();
    let proves = request.method() == hyper::Method::POST || request.headers().contains_key("x-amz-sso_bearer_token");
    is_at_aws(&host) || !proves
}
