//! Requests to HTTPS APIs: `arn:aws:states:::http:invoke`, after AWS's developer guide ("Call HTTPS APIs in Step Functions
//! workflows").
//!
//! A call takes a connection from the connections file, is authorised by it, merged with what it adds, and sent to the API or
//! to what the file has in its place. Redirects aren't followed: the guide doesn't mention them, so that they are failures as
//! any status but 2xx is a guess.

mod authorization;
mod form;
mod request;
mod response;

use super::http::{Call, Client, Problem};
use crate::arn::Namespace;
use crate::config::Config;
use crate::connections::{Authorization, Connections};
use crate::endpoint::Endpoint;
use crate::failure::{Failure, Runtime};
use crate::honesty::Deviation;
use crate::interpreter::invocation::{Exchange, HttpTask, Witness};
use crate::json::Value;
use authorization::Authorizations;
use bytes::Bytes;
use request::Request;
use std::sync::Arc;
use std::time::Duration;

/// How long an API may take (documented). Transport time.
const LIMIT: Duration = Duration::from_secs(60);

/// How much of an answer is read; what is larger than a state may hand on is told as such.
const MOST_BYTES: usize = 1 << 20;

/// A caller of HTTPS APIs.
#[derive(Debug)]
pub(super) struct HttpTasks {
    client: Client,
    connections: Arc<Connections>,
    authorizations: Authorizations,
    limit: Duration,
}

/// What is wrong with a connection, as EventBridge names it. The guide has the names; the causes are our own words.
#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error)]
enum ConnectionProblem {
    #[error(
        "the connection {0} is not in the connections file; start Stepwell with --connections=FILE or STEPWELL_CONNECTIONS=FILE, a file that has it"
    )]
    NotFound(String),
    #[error("the connection {arn} has the state {state} in the connections file")]
    Unusable { arn: String, state: String },
    /// EventBridge's guide: a connection whose key or password is refused is deauthorised.
    #[error(
        "an API answered a call with the connection {0} with 401 or 407, for which EventBridge deauthorizes connections; POST /_stepwell/reset authorizes it again"
    )]
    Deauthorized(String),
    #[error("the connection {arn} got no token from {endpoint}: {problem}")]
    NoToken { arn: String, endpoint: String, problem: String },
}

impl From<ConnectionProblem> for Failure {
    fn from(problem: ConnectionProblem) -> Failure {
        let name = match problem {
            ConnectionProblem::NotFound(_) => "ResourceNotFound",
            _ => "InvalidConnectionState",
        };
        Failure::reported(format!("Events.ConnectionResource.{name}"), problem.to_string())
    }
}

impl HttpTasks {
    /// A caller over this client's connections, with what stands in the configured file.
    pub fn new(config: &Config, client: &Client) -> Self {
        Self {
            client: client.clone(),
            connections: config.connections.clone(),
            authorizations: Authorizations::default(),
            limit: LIMIT,
        }
    }

    /// Connections of one namespace, or all, are as they were at the start.
    pub fn reset(&self, namespace: Option<&Namespace>) {
        self.authorizations.reset(namespace);
    }

    /// What of a request is not as on AWS, its role aside; nothing if it isn't made, for want of a connection or since AWS isn't
    /// called.
    pub fn deviations(&self, task: &HttpTask) -> Option<Vec<Deviation>> {
        self.connections.find(&task.connection_arn)?;
        let connection = Deviation::LocalConnection { connection_arn: task.connection_arn.clone() };
        let found = Endpoint::of_url(&task.api_endpoint).ok();
        let is_at_aws = found.as_ref().is_some_and(|(server, _)| server.is_at_aws());
        let instead = found.and_then(|(server, path)| self.connections.instead_of(&server, path));
        if instead.is_none() && is_at_aws && !self.client.calls_aws() {
            return None;
        }
        let instead = instead.map(|(endpoint, _)| Deviation::LocalEndpoint {
            service: task.api_endpoint.clone(),
            url: endpoint.to_string().into(),
        });
        Some(std::iter::once(connection).chain(instead).collect())
    }

    /// Makes the request and waits for its answer. Dropping the future gives the request up.
    pub async fn call(&self, namespace: &Namespace, task: &HttpTask) -> Result<Value, Failure> {
        let arn = &task.connection_arn;
        let not_found = || ConnectionProblem::NotFound(arn.to_string());
        let connection = self.connections.find(arn).ok_or_else(not_found)?;
        if let Some(state) = &connection.unusable {
            return Err(ConnectionProblem::Unusable { arn: arn.to_string(), state: state.to_string() }.into());
        }
        let state = self.authorizations.of(arn);
        let header = self.authorization(arn, connection, &state).await?;
        let used = header.value.clone();
        let request = Request::of(task, connection, header, &namespace.region)?;
        let sent = self.send(&request).await;
        if let Some(Witness { secrets, seen }) = &task.witness {
            let response = sent.as_ref().ok().map(response::shown);
            // Only one request is made for a witness.
            let _ = seen.set(Exchange { request: request.shown(*secrets), response });
        }
        let answer = sent?;
        if matches!(answer.status.as_u16(), 401 | 407) {
            match &connection.authorization {
                // The next call fetches a new token.
                Authorization::OAuth(_) => state.forget(&used).await,
                _ => state.deauthorize(),
            }
        }
        response::result(&answer)
    }

    async fn send(&self, request: &Request) -> Result<super::http::Answer, Failure> {
        let target = self.target(&request.url())?;
        let headers = request.headers();
        let headers: Vec<(&str, &str)> = headers.iter().map(|(name, value)| (name.as_str(), *value)).collect();
        let body = request.body.clone().map_or_else(Bytes::new, Bytes::from);
        let sent = self.fetch(&target, &request.method, &headers, body).await;
        sent.map_err(|problem| match problem {
            Problem::TooLarge => Failure::DataLimitExceeded { subject: "http".into() },
            // The name is documented of time-outs; that it stands for all that happens on the way is a guess, and so are
            // the words, which are those of other integrations.
            problem => problem.failure(|cause| Failure::reported("States.Http.Socket", cause)),
        })
    }

    /// Makes a request within the time that it may take.
    async fn fetch(
        &self,
        target: &Target,
        method: &str,
        headers: &[(&str, &str)],
        body: Bytes,
    ) -> Result<super::http::Answer, Problem> {
        let (path, query) = target.path.split_once('?').unwrap_or((&target.path, ""));
        let endpoint = &target.endpoint;
        let call = Call {
            endpoint,
            service: "",
            method: hyper::Method::from_bytes(method.as_bytes()).expect("a method that was looked at"),
            path: if path.is_empty() && endpoint.path().is_empty() { "/" } else { path },
            query,
            headers,
            body,
            most_bytes: MOST_BYTES,
        };
        // The words are a guess after the guide's: "HTTP Task timed out after 60 seconds".
        let late = || Problem::Other(format!("timed out after {} seconds", self.limit.as_secs()));
        tokio::time::timeout(self.limit, self.client.send_to(&target.host, call)).await.unwrap_or_else(|_| Err(late()))
    }

    /// Where a URL is found, and what is asked for there.
    fn target(&self, url: &str) -> Result<Target, Failure> {
        let (own, path) = Endpoint::of_url(url).map_err(|problem| Failure::Runtime {
            place: None,
            problem: Runtime::ApiUnreachable { url: without_query(url).into(), problem },
        })?;
        let host = own.authority();
        Ok(match self.connections.instead_of(&own, path) {
            Some((endpoint, rest)) => Target { endpoint: endpoint.clone(), host, path: rest.to_owned() },
            // Our words.
            None if own.is_at_aws() && !self.client.calls_aws() => {
                return Err(Failure::reported(
                    "States.Http.Socket",
                    format!(
                        "{host} is an address of AWS, which is not called unless Stepwell is started with --aws; or say \
                         under Endpoints in the connections file (--connections) where it is found instead"
                    ),
                ));
            }
            None => Target { endpoint: own, host, path: path.to_owned() },
        })
    }
}

/// A URL without what may be secret in it.
fn without_query(url: &str) -> &str {
    url.split('?').next().unwrap_or_default()
}

/// What a URL stands for.
struct Target {
    /// Where it is found.
    endpoint: Endpoint,
    /// The host that it names, wherever that is found.
    host: String,
    /// The path behind the endpoint's, and the query.
    path: String,
}

#[cfg(test)]
mod tests;
