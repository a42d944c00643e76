//! What a server is told when it starts: plain data, already checked.
//!
//! Where the values come from (flags, environment variables) is the business of `cli`.

mod credentials;
mod endpoints;
mod lambda_functions;
mod proxies;

pub use credentials::Credentials;
pub use endpoints::{Endpoints, NoEndpoint, STEP_FUNCTIONS};
pub use lambda_functions::{LambdaFunction, LambdaFunctionProblem, LambdaFunctions};
pub use proxies::Proxies;

use crate::arn::Namespace;
use crate::connections::Connections;
use crate::endpoint::Endpoint;
use crate::honesty::Strictness;
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
    /// Where functions are invoked that have no container of their own; without it their tasks fail.
    pub lambda_endpoint: Option<Endpoint>,
    /// Functions with a container of their own.
    pub lambda_functions: LambdaFunctions,
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
    /// What other services are reached through.
    pub proxies: Proxies,
    /// A file of certificates to trust in place of the system's.
    pub ca_bundle: Option<PathBuf>,
    /// The factor by which the delays of Wait states are multiplied; nothing else is scaled.
    pub wait_time_scale: f64,
    /// What fails an execution because AWS does it otherwise.
    pub strictness: Strictness,
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
            lambda_functions: LambdaFunctions::default(),
            endpoints: Endpoints::default(),
            logs_endpoint: None,
            execution_log: None,
            mock_config: None,
            connections_file: None,
            connections: Arc::default(),
            credentials: Credentials::default(),
            proxies: Proxies::default(),
            ca_bundle: None,
            wait_time_scale: 1.0,
            strictness: Strictness::NONE,
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
