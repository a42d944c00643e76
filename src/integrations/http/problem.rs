//! What can go wrong on the way to a service.

use crate::endpoint::Endpoint;
use crate::failure::Failure;
use hyper_util::client::legacy;
use smol_str::SmolStr;
use std::error::Error;
use std::io;

/// Why there is no answer; the words are those of AWS's SDK for Java, after "Unable to execute HTTP request: ".
#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error)]
pub(in crate::integrations) enum Problem {
    /// Recorded.
    #[error("{host}: Name or service not known")]
    UnknownHost { host: String },
    /// From the SDK's public issues, as are the following; the addresses that the SDK lists are left out.
    #[error("Connect to {address} failed: Connection refused")]
    Refused { address: String },
    #[error("Connect to {address} failed: connect timed out")]
    ConnectTimedOut { address: String },
    #[error("Connection reset")]
    Reset,
    #[error("{address} failed to respond")]
    NoResponse { address: String },
    #[error(
        "PKIX path building failed: sun.security.provider.certpath.SunCertPathBuilderException: \
         unable to find valid certification path to requested target"
    )]
    Untrusted,
    #[error("Certificate for <{host}> doesn't match any of the subject alternative names: [{}]", names.join(", "))]
    WrongName { host: String, names: Vec<String> },
    #[error("Unsupported or unrecognized SSL message")]
    NotTls,
    /// Java's words, from memory, as are the following.
    #[error("PKIX path validation failed: java.security.cert.CertPathValidatorException: validity check failed")]
    OutOfDate,
    #[error("Received fatal alert: {alert}")]
    Alert { alert: String },
    #[error("Remote host terminated the handshake")]
    HandshakeEnded,
    #[error("Read timed out")]
    Late,
    #[error("CONNECT refused by proxy: {answer}")]
    RefusedByProxy { answer: String },
    /// Our words, as are the following.
    #[error("{host} is an address of AWS, which is not called unless Stepwell is started with --aws")]
    AwsIsOff { host: String },
    #[error("{host} is at AWS, and the role of Credentials was assumed at another endpoint (AWS_ENDPOINT_URL_STS)")]
    SessionElsewhere { host: String },
    #[error(
        "there are no AWS credentials ({problem}); name a profile in AWS_PROFILE, or set AWS_ACCESS_KEY_ID and AWS_SECRET_ACCESS_KEY"
    )]
    NoCredentials { problem: String },
    #[error("{setting} is set, which Stepwell does not honour; {instead}")]
    NotHonoured { setting: &'static str, instead: &'static str },
    #[error("the profiles of AWS's configuration can't be read ({problem}), and one may lead calls elsewhere")]
    ProfileUnreadable { problem: String },
    #[error("the role {machine_role} may not assume the role {task_role} any more")]
    RoleRefused { machine_role: SmolStr, task_role: SmolStr },
    /// What was none of these.
    #[error("{0}")]
    Other(String),
    /// Not the SDK's business: the caller says what it means.
    #[error("the answer is too large")]
    TooLarge,
}

impl Problem {
    /// How a task fails for it. `otherwise` is given the words of AWS's SDK; what Stepwell doesn't honour nothing can catch.
    pub fn failure(&self, otherwise: impl FnOnce(String) -> Failure) -> Failure {
        match self {
            Problem::SessionElsewhere { .. } | Problem::NotHonoured { .. } | Problem::ProfileUnreadable { .. } => {
                Failure::not_supported(format!("this call of AWS: {self}"))
            }
            problem => otherwise(format!("Unable to execute HTTP request: {problem}")),
        }
    }

    /// Of a call to AWS that was not switched on.
    pub fn aws_is_off(endpoint: &Endpoint) -> Problem {
        Problem::AwsIsOff { host: endpoint.host().to_owned() }
    }

    /// Finds out of an error and its sources what happened at an endpoint.
    pub fn of(error: &(dyn Error + 'static), endpoint: &Endpoint) -> Problem {
        let connecting = error.downcast_ref::<legacy::Error>().is_some_and(legacy::Error::is_connect);
        Self::find(error, &format!("{}:{}", endpoint.host(), endpoint.port()), connecting)
    }

    /// Finds out of an error and its sources why there is no connection to this address.
    pub fn at(error: &(dyn Error + 'static), address: &str) -> Problem {
        Self::find(error, address, true)
    }

    fn find(error: &(dyn Error + 'static), address: &str, connecting: bool) -> Problem {
        let address = address.to_owned();
        let mut last = error;
        let mut link = Some(error);
        while let Some(error) = link {
            last = error;
            if let Some(problem) = error.downcast_ref::<Problem>() {
                return problem.clone();
            }
            if connecting && error.to_string().starts_with("dns error") {
                let host = address.rsplit_once(':').map_or(address.as_str(), |(host, _)| host);
                return Problem::UnknownHost { host: host.to_owned() };
            }
            if error.downcast_ref::<hyper::Error>().is_some_and(hyper::Error::is_incomplete_message) {
                return Problem::NoResponse { address };
            }
            if let Some(error) = error.downcast_ref::<io::Error>() {
                match error.kind() {
                    io::ErrorKind::ConnectionRefused => return Problem::Refused { address },
                    io::ErrorKind::TimedOut if connecting => return Problem::ConnectTimedOut { address },
                    io::ErrorKind::ConnectionReset | io::ErrorKind::BrokenPipe | io::ErrorKind::ConnectionAborted => {
                        return Problem::Reset;
                    }
                    _ => {}
                }
            }
            link = error.source();
        }
        Problem::Other(last.to_string())
    }
}
