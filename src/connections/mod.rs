//! The connections file: what EventBridge has for HTTP Tasks on AWS, the connections with their secrets, and where APIs are
//! to be found instead of at their own URLs.
//!
//! It knows the file's text and nothing of where the file lies, nor of calls. Connections are written as CreateConnection
//! takes them and DescribeConnection shows them, so that one can be pasted.

mod parse;
mod problem;

pub use problem::{Problem, Wrong};

use crate::arn::Arn;
use crate::endpoint::Endpoint;
use smol_str::SmolStr;
use std::collections::BTreeMap;
use std::fmt;

/// A connections file that is right as a whole.
#[derive(Clone, Debug, Default, PartialEq)]
pub struct Connections {
    /// By ARN or by name.
    connections: BTreeMap<SmolStr, Connection>,
    /// The beginnings of URLs with what takes their place; those with the longest paths first.
    endpoints: Vec<(Endpoint, Endpoint)>,
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
        self.connections.get(arn).or_else(|| self.connections.get(name_in_arn(arn)?))
    }

    /// What takes the place of a server with a beginning of a path, and the rest of the path; nothing if the server itself is
    /// called.
    pub fn instead_of<'u>(&self, server: &Endpoint, path: &'u str) -> Option<(&Endpoint, &'u str)> {
        self.endpoints.iter().filter(|(beginning, _)| beginning.is_same_server(server)).find_map(
            |(beginning, endpoint)| {
                let rest = path.strip_prefix(beginning.path())?;
                (rest.is_empty() || rest.starts_with(['/', '?'])).then_some((endpoint, rest))
            },
        )
    }
}

/// The connection's name in its ARN; nothing if the text is no ARN of a connection.
pub fn name_in_arn(arn: &str) -> Option<&str> {
    let arn = Arn::parse(arn).filter(|arn| arn.service == "events")?;
    arn.resource.strip_prefix("connection/")?.split('/').next().filter(|name| !name.is_empty())
}

#[cfg(test)]
mod tests;
