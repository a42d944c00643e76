//! The input of `bedrock:invokeModel` that lies in S3: it is fetched and stands in the request in place of `Body`.
//!
//! Documented: where it lies, and that its media type is the request's unless the task says another. A guess: that S3's errors
//! are those of the task, under S3's own name.

use super::optimised::{Optimised, Refusal};
use super::services::Services;
use crate::arn::Namespace;
use crate::failure::Failure;
use crate::json::{Object, Value};
use crate::service_model::object_at;

/// The service and the action with such an input.
const CALL: (&str, &str) = ("bedrock", "invokeModel");

/// The parameters with an `Input`, if it is such a call.
pub(super) fn of<'a>(service: &str, action: &str, parameters: &'a Value) -> Option<(&'a Object, &'a Value)> {
    let members = parameters.as_object().filter(|_| (service, action) == CALL)?;
    Some((members, members.get("Input")?))
}

impl Services {
    /// The parameters of such a call with what was fetched.
    pub(super) async fn with_input(
        &self,
        namespace: &Namespace,
        members: &Object,
        input: &Value,
    ) -> Result<Value, Failure> {
        let uri = input.get("S3Uri").and_then(Value::as_str).and_then(object_at);
        let (bucket, key) = uri.expect("parameters with another S3Uri are refused");
        let object = Value::object([("Bucket", Value::from(bucket)), ("Key", key.into())]);
        let s3 = Optimised::of_s3("getObject");
        let endpoint = self.endpoint(namespace, &s3.target, &object, "s3");
        let endpoint = endpoint.map_err(|problem| super::services::no_endpoint(s3.prefix, &problem))?;
        let fetched = s3.ask(self.sdk(), namespace, &endpoint, &object).await.map_err(Refusal::into_failure);
        let fetched = fetched.map_err(|failure| match failure {
            // AWS takes more.
            Failure::DataLimitExceeded { .. } => {
                Failure::not_supported("more than 16 MiB of the Input of bedrock:invokeModel")
            }
            failure => failure,
        })?;
        let member = |name: &str| fetched.get(name).cloned();
        let with_body = members.with("Body", member("Body").unwrap_or_else(|| "".into()));
        Ok(match (&with_body, member("ContentType")) {
            (Value::Object(with_body), Some(media_type)) if !with_body.contains("ContentType") => {
                with_body.with("ContentType", media_type)
            }
            _ => with_body,
        })
    }
}
