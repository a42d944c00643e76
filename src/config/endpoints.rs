//! The addresses of services, by their names.

use super::Endpoint;
use std::collections::BTreeMap;

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
