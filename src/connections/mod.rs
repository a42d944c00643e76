//! The connections file: what EventBridge has for HTTP Tasks on AWS, the connections with their secrets, and where APIs are
//! to be found instead of at their own URLs.
//!
//! It knows the file's text and nothing of where the file lies, nor of calls. Connections are written as CreateConnection
//! takes them and DescribeConnection shows them, so that one can be pasted.

mod parse;
mod problem;

pub use problem::{Problem, Wrong};

use crate::arn::Arn;
use crate::config::Endpoint;
use smol_str::SmolStr;
use std::collections::BTreeMap;
use std::fmt;

/// A connections file that is right as a whole.
#[derive(Clone, Debug, Default, PartialEq)]
pub struct Connections {
    /// By ARN or by name.
    connections: BTreeMap<SmolStr, Connection>,
    /// The beginnings of URLs with what takes their place; the longest first.
    endpoints: Vec<(String, Endpoint)>,
}

/// A connection.
#[derive(Clone, PartialEq)]
pub struct Connection {
    /// `ConnectionState`, if it isn't one in which the connection can be used.
    pub unusable: Option<SmolStr>,
    /// How calls are authorised.
    pub authorization: Authorization,
    /// `InvocationHttpParameters`: what is added to each call.
    pub invocation: HttpParameters,
}

/// `AuthorizationType` with its parameters.
#[derive(Clone, PartialEq)]
#[allow(missing_docs)]
pub enum Authorization {
    ApiKey { name: SmolStr, value: SmolStr },
    Basic { username: SmolStr, password: SmolStr },
    OAuth(Box<OAuth>),
}

/// `OAuthParameters`: where a token is fetched, and how.
#[derive(Clone, PartialEq)]
#[allow(missing_docs)]
pub struct OAuth {
    pub authorization_endpoint: SmolStr,
    /// `GET`, `POST` or `PUT`
    pub method: SmolStr,
    pub client_id: SmolStr,
    pub client_secret: SmolStr,
    /// `OAuthHttpParameters`: what is added to the request for a token.
    pub parameters: HttpParameters,
}

/// What is added to a request.
#[derive(Clone, Default, PartialEq)]
#[allow(missing_docs)]
pub struct HttpParameters {
    pub headers: Vec<(SmolStr, SmolStr)>,
    pub query: Vec<(SmolStr, SmolStr)>,
    pub body: Vec<(SmolStr, SmolStr)>,
}

/// Nothing of a connection is shown but that it is there.
impl fmt::Debug for Connection {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("Connection").finish_non_exhaustive()
    }
}

impl Connections {
    /// Reads a file's text.
    pub fn parse(text: &str) -> Result<Connections, Problem> {
        parse::connections(text)
    }

    /// The connection with this ARN: by the whole ARN, or by the name in it.
    pub fn find(&self, arn: &str) -> Option<&Connection> {
        let name = || Arn::parse(arn)?.resource.strip_prefix("connection/")?.split('/').next();
        self.connections.get(arn).or_else(|| self.connections.get(name()?))
    }

    /// What takes the place of a URL's beginning, and the rest of the URL; nothing if it is called as it is.
    pub fn instead_of<'u>(&self, url: &'u str) -> Option<(&Endpoint, &'u str)> {
        self.endpoints.iter().find_map(|(prefix, endpoint)| {
            let rest = strip_prefix(url, prefix)?;
            (rest.is_empty() || rest.starts_with(['/', '?'])).then_some((endpoint, rest))
        })
    }
}

/// The rest of a URL behind a beginning of it, whose scheme and host may be spelt in capitals.
fn strip_prefix<'u>(url: &'u str, prefix: &str) -> Option<&'u str> {
    let (start, rest) = url.split_at_checked(prefix.len())?;
    let host_end = prefix.find("://").map_or(0, |at| at + 3);
    let host_end = prefix[host_end..].find('/').map_or(prefix.len(), |at| host_end + at);
    let is_it = start[..host_end].eq_ignore_ascii_case(&prefix[..host_end]) && start[host_end..] == prefix[host_end..];
    is_it.then_some(rest)
}

#[cfg(test)]
mod tests;
