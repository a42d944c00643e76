//! Requests to the API of a Kubernetes cluster: `eks:call` and `eks:runJob`.
//!
//! A request carries the token that EKS expects: a signed URL of STS's GetCallerIdentity, which names the cluster. A cluster
//! over HTTPS is trusted if its certificate was signed by the authority in the parameters.

use super::http::{Call, Client, Problem};
use super::limits;
use super::sigv4::encode;
use crate::arn::Namespace;
use crate::endpoint::Endpoint;
use crate::failure::{Failure, Runtime};
use crate::interpreter::invocation::{Cluster, KubernetesCall, KubernetesJob};
use crate::json::Value;
use crate::quota;
use base64::Engine;
use base64::prelude::{BASE64_STANDARD, BASE64_URL_SAFE_NO_PAD};
use bytes::Bytes;
use std::borrow::Cow;

/// What is larger than a state may hand on is told as such.
const MOST_BYTES: usize = 10 << 20;

/// For how long a token says who asks: as AWS's command line has it.
const TOKEN_SECONDS: u32 = 60;

/// A caller of clusters.
#[derive(Clone, Debug)]
pub(super) struct Kubernetes {
    client: Client,
}

/// What a cluster is asked.
pub(super) struct Request<'a> {
    pub method: &'a str,
    /// Percent-encoded.
    pub path: &'a str,
    /// Percent-encoded.
    pub query: &'a str,
    pub body: Option<&'a Value>,
}

/// A part of a path, percent-encoded.
pub(super) fn path_part(text: &str) -> String {
    encode(text, b"")
}

/// A query, percent-encoded.
pub(super) fn query<'a>(pairs: impl IntoIterator<Item = (&'a str, &'a str)>) -> String {
    let pairs = pairs.into_iter().map(|(name, value)| format!("{}={}", encode(name, b""), encode(value, b"")));
    pairs.collect::<Vec<_>>().join("&")
}

/// What AWS says of clusters that can't be reached isn't known; this is what the SDK says of services.
pub(super) fn unanswered(problem: &Problem) -> Failure {
    problem.failure(|cause| failure(&cause))
}

fn failure(problem: &str) -> Failure {
    Failure::reported("EKS.SdkClientException", problem.to_owned())
}

impl Kubernetes {
    pub fn new(client: &Client) -> Self {
        Self { client: client.clone() }
    }

    /// `eks:call`. Dropping the future gives the request up.
    pub async fn call(&self, namespace: &Namespace, call: &KubernetesCall) -> Result<Value, Failure> {
        let path = format!("/{}", encode(call.path.trim_start_matches('/'), b"/%!$&'()*+,;=:@"));
        let query = query(call.query.iter().map(|(name, value)| (name.as_str(), value.as_str())));
        let body = call.body.as_ref();
        let request = Request { method: &call.method, path: &path, query: &query, body };
        self.told(namespace, &call.cluster, &request).await
    }

    /// `eks:runJob`
    pub async fn run_job(&self, namespace: &Namespace, job: &KubernetesJob) -> Result<Value, Failure> {
        let path = format!("/apis/batch/v1/namespaces/{}/jobs", path_part(&job.namespace));
        let request = Request { method: "POST", path: &path, query: "", body: Some(&job.job) };
        self.told(namespace, &job.cluster, &request).await
    }

    /// What the API answers, as a task has it. Documented of errors; that results look the same is a guess.
    async fn told(&self, namespace: &Namespace, cluster: &Cluster, request: &Request<'_>) -> Result<Value, Failure> {
        let (status, body) = self.ask(namespace, cluster, request).await?;
        let reason = hyper::StatusCode::from_u16(status).ok().and_then(|status| status.canonical_reason());
        let told = Value::object([
            ("ResponseBody", body),
            ("StatusCode", i64::from(status).into()),
            ("StatusText", reason.unwrap_or_default().into()),
        ]);
        if told.size() > quota::PAYLOAD_BYTES {
            return Err(Failure::DataLimitExceeded { subject: "eks".into() });
        }
        match status {
            200..300 => Ok(told),
            _ => Err(Failure::reported(format!("EKS.{status}"), told.to_compact_text())),
        }
    }

    /// Waits for what isn't a task's own call.
    pub async fn in_time<T>(&self, asked: impl Future<Output = T>) -> Result<T, Problem> {
        self.client.in_time(asked).await
    }

    /// The status and the body of an answer: JSON, or a text.
    pub async fn ask(
        &self,
        namespace: &Namespace,
        cluster: &Cluster,
        request: &Request<'_>,
    ) -> Result<(u16, Value), Failure> {
        let (status, text) = self.send(namespace, cluster, request).await?;
        Ok((status, parsed(text)))
    }

    /// The log of a container: JSON where it can be read as such. Documented: an error stands in its place.
    pub async fn log(&self, namespace: &Namespace, cluster: &Cluster, request: &Request<'_>, raw: bool) -> Value {
        let error = |error: &str, cause: &str| Value::object([("error", error.into()), ("cause", cause.into())]);
        match self.send(namespace, cluster, request).await {
            Ok((200..300, text)) => Value::object([("log", if raw { text.into() } else { parsed(text) })]),
            Ok((status, text)) => error(&format!("EKS.{status}"), &text),
            Err(failure) => error(&failure.error().unwrap_or_default(), &failure.cause().unwrap_or_default()),
        }
    }

    async fn send(
        &self,
        namespace: &Namespace,
        cluster: &Cluster,
        request: &Request<'_>,
    ) -> Result<(u16, String), Failure> {
        let endpoint = Endpoint::parse(&cluster.endpoint);
        let endpoint = endpoint.map_err(|problem| failure(&format!("the Endpoint {} {problem}", cluster.endpoint)))?;
        let client = if cluster.endpoint.starts_with("https://") {
            &self.client.trusting(authority(&cluster.authority)?)
        } else {
            &self.client
        };
        let authorization = format!("Bearer {}", self.token(namespace, &endpoint, &cluster.name).await?);
        let body = match request.body {
            None => Bytes::new(),
            // Documented: JSON, or a text.
            Some(Value::String(text)) => text.to_string().into(),
            Some(body) => body.to_compact_text().into(),
        };
        let media_type = match request.method {
            "PATCH" => "application/merge-patch+json",
            _ => "application/json",
        };
        let mut headers = vec![("authorization", authorization.as_str()), ("accept", "application/json")];
        headers.extend(request.body.map(|_| ("content-type", media_type)));
        let call = Call {
            endpoint: &endpoint,
            service: "eks",
            method: hyper::Method::from_bytes(request.method.as_bytes()).expect("a method that was looked at"),
            path: request.path,
            query: request.query,
            headers: &headers,
            body,
            most_bytes: MOST_BYTES,
        };
        match client.within(limits::USUAL, client.send_unsigned(call)).await {
            Ok(answer) => match (String::from_utf8_lossy(&answer.body), answer.status) {
                // A guess, after HTTP Tasks. Otherwise the status says what is wrong.
                (Cow::Owned(_), status) if status.is_success() => {
                    Err(Failure::Runtime { place: None, problem: Runtime::ResponseUnreadable })
                }
                (text, status) => Ok((status.as_u16(), text.into_owned())),
            },
            Err(Problem::TooLarge) => Err(Failure::DataLimitExceeded { subject: "eks".into() }),
            Err(problem) => Err(unanswered(&problem)),
        }
    }

    /// What clusters of EKS know a caller by. It is signed with the keys that the cluster's endpoint may see.
    async fn token(&self, namespace: &Namespace, endpoint: &Endpoint, cluster: &str) -> Result<String, Failure> {
        let suffix = if namespace.region.starts_with("cn-") { ".cn" } else { "" };
        let host = format!("sts.{}.amazonaws.com{suffix}", namespace.region);
        let query = "Action=GetCallerIdentity&Version=2011-06-15";
        let headers = [("host", host.as_str()), ("x-k8s-aws-id", cluster)];
        let query = self.client.presigned(namespace, endpoint, "sts", query, &headers, TOKEN_SECONDS).await;
        let query = query.map_err(|problem| unanswered(&problem))?;
        Ok(format!("k8s-aws-v1.{}", BASE64_URL_SAFE_NO_PAD.encode(format!("https://{host}/?{query}"))))
    }
}

/// JSON, or a text that is none.
fn parsed(text: String) -> Value {
    match Value::parse(&text) {
        Ok(mut value) => {
            value.forget_text();
            value
        }
        Err(_) => text.into(),
    }
}

/// The certificates of an authority, in PEM.
fn authority(encoded: &str) -> Result<Vec<u8>, Failure> {
    let decoded = BASE64_STANDARD.decode(encoded.trim());
    decoded.map_err(|problem| failure(&format!("the CertificateAuthority is not Base64: {problem}")))
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::config::Config;
    use crate::integrations::stub::{Answers, Stub, namespace};

    #[tokio::test]
    async fn an_answer_that_is_no_text_is_an_error() {
        for (status, expected) in [("200 OK", "States.Runtime"), ("500 Internal Server Error", "EKS.500")] {
            let answer = [format!("HTTP/1.1 {status}\r\nContent-Length: 3\r\n\r\na").as_bytes(), b"\xffb"].concat();
            let stub = Stub::start(Answers::With(answer));
            let cluster = format!(r#""ClusterName":"c","CertificateAuthority":"","Endpoint":"{}""#, stub.endpoint());
            let parameters = Value::parse(&format!(r#"{{{cluster},"Method":"GET","Path":"/"}}"#)).expect("JSON");
            let call = KubernetesCall::of(&parameters).expect("parameters");
            let told = Kubernetes::new(&Client::new(&Config::default())).call(&namespace(), &call).await;
            assert_eq!(told.expect_err("no text").error().as_deref(), Some(expected));
        }
    }
}
