//! The addresses of services, by their names.

use crate::endpoint::{Endpoint, EndpointProblem};
use crate::json::Value;
use crate::service_model::{Operation, Service, Signing};
use std::borrow::Cow;
use std::collections::BTreeMap;

/// The addresses of services.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Endpoints {
    /// By the environment variable that AWS's SDKs have for the service: `AWS_ENDPOINT_URL_DYNAMODB`.
    pub of_services: BTreeMap<String, Endpoint>,
    /// That of all others.
    pub of_all: Option<Endpoint>,
    /// Whether AWS is called where there is no other address.
    pub aws: bool,
}

/// Why there is no address to call; our words.
#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error)]
#[allow(missing_docs)]
pub enum NoEndpoint {
    #[error(
        "no endpoint for {service} is configured; start Stepwell with {variable}=URL or AWS_ENDPOINT_URL=URL, or with \
         --aws to call AWS"
    )]
    NotConfigured { service: String, variable: String },
    #[error("{service} at AWS wants a signature or token of the kind {kind}, which is not built; set {variable}=URL")]
    OtherSignature { service: String, variable: String, kind: &'static str },
    #[error("where {service} is at AWS depends on the parameters, which is not built; set {variable}=URL")]
    DependsOnParameters { service: String, variable: String },
    #[error("the parameters of {service} make no host's name at AWS: it {problem}")]
    NoHost { service: String, problem: EndpointProblem },
}

impl Endpoints {
    /// The configured address of the service with this variable.
    pub fn of(&self, variable: &str) -> Option<&Endpoint> {
        let default = || self.of_all.as_ref().filter(|_| variable != STEP_FUNCTIONS);
        self.of_services.get(variable).or_else(default)
    }

    /// Where to call an operation with these parameters on behalf of callers in a region: at the configured address, else at
    /// AWS if that is switched on. `name` is what users call the service.
    pub fn at(
        &self,
        service: &Service,
        operation: &Operation,
        parameters: &Value,
        region: &str,
        name: &str,
    ) -> Result<Cow<'_, Endpoint>, NoEndpoint> {
        let (name, variable) = (|| name.to_owned(), service.endpoint_variable());
        if let Some(endpoint) = self.of(&variable) {
            return Ok(Cow::Borrowed(endpoint));
        }
        if !self.aws {
            return Err(NoEndpoint::NotConfigured { service: name(), variable });
        }
        let Some(host) = service.aws_host(operation, region) else {
            return Err(NoEndpoint::DependsOnParameters { service: name(), variable });
        };
        let (region, signing_name) = match host.signing {
            Signing::V4 { region, name } => (region, name),
            Signing::Other(kind) => return Err(NoEndpoint::OtherSignature { service: name(), variable, kind }),
        };
        let prefix = host_prefix(service, operation, parameters);
        let endpoint = Endpoint::at_aws(&prefix, &host.name, region, signing_name);
        endpoint.map(Cow::Owned).map_err(|problem| NoEndpoint::NoHost { service: name(), problem })
    }
}

/// What stands before the host's name, with the parameters that are part of it.
fn host_prefix(service: &Service, operation: &Operation, parameters: &Value) -> String {
    let mut prefix = operation.host_prefix.unwrap_or_default().to_owned();
    let members = operation.input.map_or(&[][..], |shape| service.members(shape));
    for member in members.iter().filter(|member| member.host_label) {
        let value = parameters.get(&member.public_name()).and_then(Value::as_str).unwrap_or_default();
        prefix = prefix.replace(&format!("{{{}}}", member.name), value);
    }
    prefix
}

/// The variable of Step Functions itself. An address for all services is not meant for this one, which is here.
pub const STEP_FUNCTIONS: &str = "AWS_ENDPOINT_URL_SFN";
