//! `POST /_stepwell/reset`: empties everything, or one account in one region. Tests begin with it.

use crate::arn::Namespace;
use crate::emulator::Emulator;
use axum::http::StatusCode;

/// Where it is.
pub const PATH: &str = "/_stepwell/reset";

/// Forgets what has been created and what runs; `query` may name one account and region, as `account=…&region=…`.
pub fn reset(emulator: &Emulator, query: Option<&str>) -> (StatusCode, &'static str) {
    let mut account = None;
    let mut region = None;
    for pair in query.unwrap_or_default().split('&').filter(|pair| !pair.is_empty()) {
        match pair.split_once('=') {
            Some(("account", value)) => account = Some(value),
            Some(("region", value)) => region = Some(value),
            _ => return (StatusCode::BAD_REQUEST, r#"{"message":"only account and region can be named"}"#),
        }
    }
    let namespace = match (account, region) {
        (None, None) => None,
        (Some(account), Some(region)) => Some(Namespace { account: account.into(), region: region.into() }),
        _ => return (StatusCode::BAD_REQUEST, r#"{"message":"name both account and region, or neither"}"#),
    };
    emulator.registry.reset(namespace.as_ref());
    emulator.engine.reset(namespace.as_ref());
    (StatusCode::OK, "{}")
}
