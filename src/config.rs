//! What a server is told when it starts: plain data, already checked.
//!
//! Where the values come from (flags, environment variables) is the business of `cli`.

use crate::arn::Namespace;
use crate::connections::Connections;
use std::collections::BTreeMap;
use std::net::IpAddr;
use std::path::PathBuf;
use std::sync::Arc;

/// Everything that can be chosen from outside.
#[derive(Clone, Debug, PartialEq)]
pub struct Config {
    /// The account and region of requests that don't name others by their credentials.
    pub namespace: Namespace,
    /// The address to listen on.
    pub host: IpAddr,
    /// The port to listen on; 0 stands for any free one.
    pub port: u16,
    /// Where functions are invoked; without it every Lambda task fails.
    pub lambda_endpoint: Option<Endpoint>,
    /// Where other services are called.
    pub endpoints: Endpoints,
    /// Where logs of executions are delivered to; without it they aren't delivered to CloudWatch Logs.
    pub logs_endpoint: Option<Endpoint>,
    /// Where logs of executions are written to besides.
    pub execution_log: Option<ExecutionLog>,
    /// The file of test cases in which calls are mocked, which is read when one is started.
    pub mock_config: Option<PathBuf>,
    /// The file of connections that HTTP Tasks call with.
    pub connections_file: Option<PathBuf>,
    /// What stands in it; whoever reads the file puts it here.
    pub connections: Arc<Connections>,
    /// What calls to other services are signed with.
    pub credentials: Credentials,
    /// The factor by which the delays of Wait states are multiplied; nothing else is scaled.
    pub wait_time_scale: f64,
}

/// The account that is used where none is chosen, the one of AWS Step Functions Local.
pub const DEFAULT_ACCOUNT: &str = "123456789012";

/// The region that is used where none is chosen.
pub const DEFAULT_REGION: &str = "us-east-1";

/// The port that is used where none is chosen, the one of AWS Step Functions Local.
pub const DEFAULT_PORT: u16 = 8083;

impl Default for Config {
    fn default() -> Self {
        Self {
            namespace: Namespace { account: DEFAULT_ACCOUNT.into(), region: DEFAULT_REGION.into() },
            host: IpAddr::from([127, 0, 0, 1]),
            port: DEFAULT_PORT,
            lambda_endpoint: None,
            endpoints: Endpoints::default(),
            logs_endpoint: None,
            execution_log: None,
            mock_config: None,
            connections_file: None,
            connections: Arc::default(),
            credentials: Credentials::default(),
            wait_time_scale: 1.0,
        }
    }
}

/// Where lines of logs go.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum ExecutionLog {
    /// to standard output
    StandardOutput,
    /// to the end of a file
    File(PathBuf),
}

/// The addresses of services.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Endpoints {
    /// By the environment variable that AWS's SDKs have for the service: `AWS_ENDPOINT_URL_DYNAMODB`.
    pub of_services: BTreeMap<String, Endpoint>,
    /// That of all others.
    pub of_all: Option<Endpoint>,
}

impl Endpoints {
    /// Where to call the service with this variable.
    pub fn of(&self, variable: &str) -> Option<&Endpoint> {
        let default = || self.of_all.as_ref().filter(|_| variable != STEP_FUNCTIONS);
        self.of_services.get(variable).or_else(default)
    }
}

/// The variable of Step Functions itself. An address for all services is not meant for this one, which is here.
const STEP_FUNCTIONS: &str = "AWS_ENDPOINT_URL_SFN";

/// Keys for requests to other services.
#[derive(Clone, Default, PartialEq, Eq)]
pub struct Credentials {
    /// Who signs; the account of the execution where it isn't given.
    pub access_key_id: Option<String>,
    /// What is signed with.
    pub secret_access_key: Option<String>,
    /// What temporary credentials carry besides.
    pub session_token: Option<String>,
}

/// Shows whose keys they are, never the secret.
impl std::fmt::Debug for Credentials {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.debug_struct("Credentials").field("access_key_id", &self.access_key_id).finish_non_exhaustive()
    }
}

/// The address of another service: an `http://` URL without query.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Endpoint {
    host: String,
    port: u16,
    path: String,
}

/// Why a text is not an [`Endpoint`].
#[derive(Clone, Copy, Debug, PartialEq, Eq, thiserror::Error)]
#[allow(missing_docs)]
pub enum EndpointProblem {
    #[error("is not a URL that begins with http://")]
    NotHttp,
    #[error("is an https URL, and TLS is not built yet; use an http:// URL")]
    Https,
    #[error("has no host")]
    NoHost,
    #[error("has a port that is not a number between 1 and 65535")]
    Port,
    #[error("has a user, query or fragment, which an endpoint can't have")]
    Extras,
}

impl Endpoint {
    /// Takes a URL apart.
    pub fn parse(url: &str) -> Result<Endpoint, EndpointProblem> {
        let (scheme, rest) = url.split_once("://").ok_or(EndpointProblem::NotHttp)?;
        match scheme.to_ascii_lowercase().as_str() {
            "http" => {}
            "https" => return Err(EndpointProblem::Https),
            _ => return Err(EndpointProblem::NotHttp),
        }
        if rest.contains(['@', '?', '#']) {
            return Err(EndpointProblem::Extras);
        }
        let (authority, path) = rest.find('/').map_or((rest, ""), |slash| rest.split_at(slash));
        let (host, port) = match authority.rsplit_once(':') {
            Some((host, port)) if !port.contains(']') => {
                (host, port.parse().ok().filter(|port| *port != 0).ok_or(EndpointProblem::Port)?)
            }
            _ => (authority, 80),
        };
        let bracketed = host.starts_with('[') && host.ends_with(']') && host.len() > 2;
        let plain = |c: char| c.is_ascii_alphanumeric() || matches!(c, '-' | '.' | '_');
        if !bracketed && (host.is_empty() || !host.chars().all(plain)) {
            return Err(EndpointProblem::NoHost);
        }
        let path = path.trim_end_matches('/');
        if !path.bytes().all(|b| b.is_ascii_graphic()) {
            return Err(EndpointProblem::NotHttp);
        }
        Ok(Endpoint { host: host.to_ascii_lowercase(), port, path: path.to_owned() })
    }

    /// The host's name or address, an IPv6 address in brackets.
    pub fn host(&self) -> &str {
        &self.host
    }

    /// The port, 80 where the URL has none.
    pub fn port(&self) -> u16 {
        self.port
    }

    /// What stands before every path, without a slash at its end; mostly nothing.
    pub fn path(&self) -> &str {
        &self.path
    }

    /// `host:port`, without the port where it is 80, as in the Host header.
    pub fn authority(&self) -> String {
        if self.port == 80 { self.host.clone() } else { format!("{}:{}", self.host, self.port) }
    }

    /// Whether a request to it would reach a server that listens at this address and port.
    pub fn leads_to(&self, host: IpAddr, port: u16) -> bool {
        let bare = self.host.trim_start_matches('[').trim_end_matches(']');
        let address: Option<IpAddr> = bare.parse().ok();
        let this_machine = bare == "localhost" || address.is_some_and(|a| a.is_loopback() || a.is_unspecified());
        self.port == port && (address == Some(host) || (this_machine && (host.is_loopback() || host.is_unspecified())))
    }
}

/// The URL, without a slash at its end.
impl std::fmt::Display for Endpoint {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        write!(f, "http://{}{}", self.authority(), self.path)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn an_endpoint_is_an_http_url() {
        for (url, expected) in [
            ("http://127.0.0.1:4566", "http://127.0.0.1:4566"),
            ("http://localhost", "http://localhost"),
            ("HTTP://LocalStack:80/", "http://localstack"),
            ("http://[::1]:3001/lambda/", "http://[::1]:3001/lambda"),
            ("http://host.docker.internal:3001", "http://host.docker.internal:3001"),
        ] {
            assert_eq!(Endpoint::parse(url).map(|e| e.to_string()).as_deref(), Ok(expected), "{url}");
        }
        for (url, problem) in [
            ("localhost:3001", EndpointProblem::NotHttp),
            ("ftp://localhost", EndpointProblem::NotHttp),
            ("https://lambda.us-east-1.amazonaws.com", EndpointProblem::Https),
            ("http://", EndpointProblem::NoHost),
            ("http:///path", EndpointProblem::NoHost),
            ("http://:3001", EndpointProblem::NoHost),
            ("http://a b", EndpointProblem::NoHost),
            ("http://localhost:0", EndpointProblem::Port),
            ("http://localhost:70000", EndpointProblem::Port),
            ("http://localhost:", EndpointProblem::Port),
            ("http://user@localhost", EndpointProblem::Extras),
            ("http://localhost/?a=b", EndpointProblem::Extras),
        ] {
            assert_eq!(Endpoint::parse(url), Err(problem), "{url}");
        }
    }

    #[test]
    fn an_endpoint_may_lead_back_to_the_server_itself() {
        let [loopback, any, other] = ["127.0.0.1", "0.0.0.0", "192.168.1.5"].map(|ip| ip.parse().expect("an address"));
        for (url, host, expected) in [
            ("http://localhost:8083", loopback, true),
            ("http://127.0.0.1:8083", any, true),
            ("http://[::1]:8083", any, true),
            ("http://192.168.1.5:8083", other, true),
            ("http://localhost:8083", other, false),
            ("http://localhost:4566", loopback, false),
            ("http://localstack:8083", loopback, false),
        ] {
            assert_eq!(Endpoint::parse(url).expect("a URL").leads_to(host, 8083), expected, "{url} {host}");
        }
    }

    #[test]
    fn secrets_are_not_shown() {
        let credentials = Credentials { secret_access_key: Some("geheim".into()), ..Credentials::default() };
        assert!(!format!("{credentials:?}").contains("geheim"));
    }
}
