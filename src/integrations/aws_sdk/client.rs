//! Calls over HTTP.

use super::{Fault, Response, Target, decode, encode};
use crate::arn::Namespace;
use crate::config::{Config, Endpoint};
use crate::failure::{Failure, Runtime};
use crate::integrations::http::{Call, Client, Problem};
use crate::json::Value;
use bytes::Bytes;

/// The largest answer that is read: far more than a state may hand on, so that what is too large can be told as such.
const MOST_BYTES: usize = 16 << 20;

/// A caller of AWS's services.
#[derive(Clone, Debug)]
pub struct AwsSdk {
    client: Client,
}

impl AwsSdk {
    /// A caller with the credentials of this configuration.
    pub fn new(config: &Config) -> Self {
        Self { client: Client::new(config) }
    }

    /// Calls an action and waits for its result. Dropping the future gives the call up.
    pub async fn call(
        &self,
        namespace: &Namespace,
        endpoint: &Endpoint,
        target: &Target,
        parameters: &Value,
    ) -> Result<Value, Failure> {
        let service = target.service;
        let token = uuid::Uuid::new_v4().to_string();
        let request = encode(target, parameters, &token).map_err(|problems| Failure::Runtime {
            place: None,
            problem: Runtime::ParametersUnusable { parameters: parameters.clone(), problems },
        })?;
        let Ok(method) = hyper::Method::from_bytes(request.method.as_bytes()) else {
            return Err(client_failure(target, &format!("{} is not a method of HTTP", request.method)));
        };
        let headers: Vec<(&str, &str)> =
            request.headers.iter().map(|(name, value)| (name.as_str(), value.as_str())).collect();
        let call = Call {
            endpoint,
            service: service.signing_name,
            method,
            path: &request.path,
            query: &request.query,
            headers: &headers,
            body: Bytes::from(request.body),
            most_bytes: MOST_BYTES,
        };
        let answer = match self.client.send(namespace, call).await {
            Ok(answer) => answer,
            Err(Problem::TooLarge) => {
                let subject = format!("aws-sdk:{}", service.name);
                return Err(Failure::DataLimitExceeded { subject: subject.into() });
            }
            // The words of the SDK's first version; nothing recorded shows the second one's.
            Err(problem) => {
                return Err(client_failure(target, &format!("Unable to execute HTTP request: {problem}")));
            }
        };
        let response = Response { status: answer.status.as_u16(), headers: &answer.headers, body: &answer.body };
        decode(target, response).map_err(|fault| match fault {
            Fault::Service(error) => Failure::reported(error.name(service), error.cause(service)),
            Fault::Unreadable(problem) => client_failure(target, &format!("Unable to unmarshall response: {problem}")),
        })
    }
}

/// An error of the SDK itself.
fn client_failure(target: &Target, cause: &str) -> Failure {
    Failure::reported(format!("{}.SdkClientException", target.service.prefix), cause.to_owned())
}
