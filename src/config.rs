//! What a server is told when it starts: plain data, already checked.

use crate::arn::Namespace;

/// Everything that can be chosen from outside.
#[derive(Clone, Debug, PartialEq)]
pub struct Config {
    /// The account and region of requests that don't name others by their credentials.
    pub namespace: Namespace,
}

impl Default for Config {
    fn default() -> Self {
        Self { namespace: Namespace { account: "123456789012".into(), region: "us-east-1".into() } }
    }
}
