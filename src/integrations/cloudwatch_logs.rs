//! The operations of CloudWatch Logs that deliver logs, CreateLogStream and PutLogEvents, and the one that finds a group:
//! DescribeLogGroups.

use super::http::{Answer, Call, Client};
use crate::arn::Namespace;
use crate::config::{Config, Endpoints, NoEndpoint};
use crate::endpoint::Endpoint;
use crate::json::{Value, write_string};
use crate::service_model;
use bytes::Bytes;
use std::borrow::Cow;
use std::fmt::Write;
use std::time::Duration;

/// CloudWatch Logs behind the configured endpoint, or at AWS.
#[derive(Clone, Debug)]
pub struct CloudWatchLogs {
    /// None if it is called at AWS.
    endpoint: Option<Endpoint>,
    client: Client,
}

/// A stream of a log group.
#[derive(Clone, Copy, Debug)]
pub struct LogStream<'a> {
    /// Whose it is, and where.
    pub namespace: &'a Namespace,
    /// `logGroupName`
    pub group: &'a str,
    /// `logStreamName`
    pub stream: &'a str,
}

/// A line of a log.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct LogEvent {
    /// In milliseconds.
    pub timestamp: i64,
    /// What it says.
    pub message: String,
}

/// Why something didn't reach a log. It goes into our own log; the words are our own.
#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error)]
pub enum DeliveryProblem {
    /// There is no answer, or none that is the service's.
    #[error("{endpoint}: {problem}")]
    Unreachable {
        /// Where the service should be.
        endpoint: String,
        /// What was there.
        problem: String,
    },
    /// The service says no.
    #[error("{code}: {message}")]
    Refused {
        /// The name of its error.
        code: String,
        /// What it says.
        message: String,
    },
    /// The service took it and left out some of it.
    #[error("some were rejected: {info}")]
    Rejected {
        /// `rejectedLogEventsInfo`
        info: String,
    },
}

/// The largest answer that is read.
const MOST_BYTES: usize = 1 << 20;

/// How long an answer may take. What waits behind it meanwhile could be more than finds a place.
const ANSWER: Duration = Duration::from_secs(20);

impl CloudWatchLogs {
    /// A client for the endpoint of this configuration, if it has one, or for AWS, if that is called.
    pub(super) fn new(config: &Config, client: &Client) -> Option<Self> {
        let endpoint = config.logs_endpoint.clone();
        (endpoint.is_some() || config.endpoints.aws).then(|| Self { endpoint, client: client.clone() })
    }

    fn endpoint(&self, namespace: &Namespace) -> Result<Cow<'_, Endpoint>, DeliveryProblem> {
        if let Some(endpoint) = &self.endpoint {
            return Ok(Cow::Borrowed(endpoint));
        }
        let (logs, operation) = service_model::find("cloudwatchlogs")
            .and_then(|logs| Some((logs, logs.action("putLogEvents")?)))
            .expect("the table has CloudWatch Logs");
        let at_aws = Endpoints { aws: true, ..Endpoints::default() };
        let endpoint = at_aws.at(logs, operation, &Value::Null, &namespace.region, "CloudWatch Logs");
        let (name, problem) = ("CloudWatch Logs".to_owned(), |problem: NoEndpoint| problem.to_string());
        let endpoint = endpoint.map(Cow::into_owned).map_err(problem);
        endpoint.map(Cow::Owned).map_err(|problem| DeliveryProblem::Unreachable { endpoint: name, problem })
    }

    /// Creates the stream; whether it is new.
    pub async fn create(&self, stream: LogStream<'_>) -> Result<bool, DeliveryProblem> {
        match self.call(stream.namespace, "Logs_20140328.CreateLogStream", body(stream, &[])).await {
            Ok(_) => Ok(true),
            Err(DeliveryProblem::Refused { code, .. }) if code == "ResourceAlreadyExistsException" => Ok(false),
            Err(problem) => Err(problem),
        }
    }

    /// Appends lines to the stream, in the order of their times.
    pub async fn put(&self, stream: LogStream<'_>, events: &[LogEvent]) -> Result<(), DeliveryProblem> {
        let answer = self.call(stream.namespace, "Logs_20140328.PutLogEvents", body(stream, events)).await?;
        match answer.get("rejectedLogEventsInfo") {
            Some(info) if *info != Value::Null => Err(DeliveryProblem::Rejected { info: info.to_compact_text() }),
            _ => Ok(()),
        }
    }

    /// Whether there is a group of this name.
    pub async fn has_group(&self, namespace: &Namespace, group: &str) -> Result<bool, DeliveryProblem> {
        let mut body = String::from("{\"logGroupNamePrefix\":");
        write_string(group, &mut body);
        body.push('}');
        let answer = self.call(namespace, "Logs_20140328.DescribeLogGroups", body).await?;
        // They are ordered by their names, so that the group itself is the first with this prefix.
        let is_it = |found: &Value| found.get("logGroupName").and_then(Value::as_str) == Some(group);
        match answer.get("logGroups").and_then(Value::as_array) {
            Some(groups) => Ok(groups.iter().any(is_it)),
            None => Err(unreachable(&*self.endpoint(namespace)?, "answered without logGroups".to_owned())),
        }
    }

    async fn call(&self, namespace: &Namespace, target: &'static str, body: String) -> Result<Value, DeliveryProblem> {
        let endpoint = &*self.endpoint(namespace)?;
        let call = Call {
            endpoint,
            service: "logs",
            method: hyper::Method::POST,
            path: "/",
            query: "",
            headers: &[("content-type", "application/x-amz-json-1.1"), ("x-amz-target", target)],
            body: Bytes::from(body),
            most_bytes: MOST_BYTES,
        };
        let answer = tokio::time::timeout(ANSWER, self.client.send(namespace, call)).await;
        let answer =
            answer.map_err(|_| unreachable(endpoint, format!("no answer within {} seconds", ANSWER.as_secs())))?;
        let answer = answer.map_err(|problem| unreachable(endpoint, problem.to_string()))?;
        understood(&answer).map_err(|problem| match problem {
            Some((code, message)) => DeliveryProblem::Refused { code, message },
            None => unreachable(endpoint, format!("answered with status {}", answer.status)),
        })
    }
}

fn unreachable(endpoint: &Endpoint, problem: String) -> DeliveryProblem {
    DeliveryProblem::Unreachable { endpoint: endpoint.to_string(), problem }
}

impl DeliveryProblem {
    /// Whether the same call may do better in a moment.
    pub fn may_pass(&self) -> bool {
        match self {
            DeliveryProblem::Unreachable { .. } => true,
            DeliveryProblem::Refused { code, .. } => code == "ThrottlingException",
            DeliveryProblem::Rejected { .. } => false,
        }
    }
}

/// What the service answered, or the name and the message of its error, if it is one of the service's.
fn understood(answer: &Answer) -> Result<Value, Option<(String, String)>> {
    let body = std::str::from_utf8(&answer.body).ok().and_then(|text| Value::parse(text).ok());
    if answer.status.is_success() {
        // CreateLogStream answers nothing at all.
        return Ok(body.unwrap_or(Value::Null));
    }
    if answer.status.is_server_error() {
        return Err(None);
    }
    let member = |name: &str| body.as_ref().and_then(|body| body.get(name)?.as_str().map(str::to_owned));
    let name = member("__type").ok_or(None)?;
    let code = name.rsplit('#').next().unwrap_or_default().to_owned();
    Err(Some((code, member("message").or_else(|| member("Message")).unwrap_or_default())))
}

fn body(stream: LogStream<'_>, events: &[LogEvent]) -> String {
    let size: usize = events.iter().map(|event| event.message.len() * 5 / 4 + 48).sum();
    let mut out = String::with_capacity(size + 256);
    out.push_str("{\"logGroupName\":");
    write_string(stream.group, &mut out);
    out.push_str(",\"logStreamName\":");
    write_string(stream.stream, &mut out);
    for (index, event) in events.iter().enumerate() {
        out.push_str(if index == 0 { ",\"logEvents\":[" } else { "," });
        write!(out, "{{\"timestamp\":{},\"message\":", event.timestamp).expect("a String takes everything");
        write_string(&event.message, &mut out);
        out.push('}');
    }
    out.push_str(if events.is_empty() { "}" } else { "]}" });
    out
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_body_names_the_stream_and_holds_the_lines() {
        let namespace = Namespace { account: "123456789012".into(), region: "us-east-1".into() };
        let stream = LogStream { namespace: &namespace, group: "/g", stream: "s" };
        let event = |timestamp, message: &str| LogEvent { timestamp, message: message.to_owned() };
        for (events, expected) in [
            (vec![], r#"{"logGroupName":"/g","logStreamName":"s"}"#),
            (
                vec![event(1, "{\"a\":1}"), event(2, "b")],
                r#"{"logGroupName":"/g","logStreamName":"s","logEvents":[{"timestamp":1,"message":"{\"a\":1}"},{"timestamp":2,"message":"b"}]}"#,
            ),
        ] {
            assert_eq!(body(stream, &events), expected);
        }
    }
}
