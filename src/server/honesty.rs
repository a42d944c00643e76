//! `GET /_stepwell/executions/<execution ARN>/honesty`: what of an execution was not as on AWS.

use crate::emulator::Emulator;
use crate::engine::{REPORTS, Report, Status};
use crate::honesty::{Deviation, Finding};
use crate::json::Value;
use axum::http::StatusCode;

/// The ARN in a path that asks for a report; it may be percent-encoded.
pub fn execution(path: &str) -> Option<String> {
    let arn = path.strip_prefix("/_stepwell/executions/")?.strip_suffix("/honesty")?;
    Some(decoded(arn))
}

/// The report of an execution, or that there is none.
pub fn report(emulator: &Emulator, arn: &str) -> (StatusCode, String) {
    match emulator.engine.honesty_of(arn) {
        Some(report) => (StatusCode::OK, shown(&report).to_text()),
        None => {
            let message = format!(
                "There is no execution {arn}. Of Express executions only those that run and the last {REPORTS} that have \
                 ended are known."
            );
            (StatusCode::NOT_FOUND, Value::object([("message", Value::from(message))]).to_text())
        }
    }
}

fn shown(report: &Report) -> Value {
    let status = match report.status {
        Status::Running => "RUNNING",
        Status::Succeeded => "SUCCEEDED",
        Status::Failed => "FAILED",
        Status::TimedOut => "TIMED_OUT",
        Status::Aborted => "ABORTED",
        Status::PendingRedrive => "PENDING_REDRIVE",
    };
    Value::object([
        ("executionArn", Value::from(report.arn.clone())),
        ("status", status.into()),
        ("asOnAws", (report.findings.is_empty() && !report.is_cut_off).into()),
        ("deviations", Value::array(report.findings.iter().map(finding).collect::<Vec<_>>())),
        ("truncated", report.is_cut_off.into()),
    ])
}

/// The kind, the sentence and the place, then what the kind has besides.
fn finding(finding: &Finding) -> Value {
    let deviation = &finding.deviation;
    let mut members = vec![("kind", Value::from(deviation.kind().name())), ("message", deviation.to_string().into())];
    if let Some(place) = &finding.place {
        members.extend([
            ("state", Value::from(place.state.clone())),
            ("eventId", i64::from(place.event).into()),
            ("times", i64::from(finding.times).into()),
        ]);
    }
    match deviation {
        Deviation::MockedCall { response } => members.push(("response", response.clone().into())),
        Deviation::LocalEndpoint { service, url } => {
            members.extend([("service", Value::from(service.clone())), ("url", url.clone().into())]);
        }
        Deviation::NotCalled { service } => members.push(("service", service.clone().into())),
        Deviation::LocalConnection { connection_arn } => members.push(("connectionArn", connection_arn.clone().into())),
        Deviation::RoleNotAssumed { role_arn } => members.push(("roleArn", role_arn.clone().into())),
        Deviation::WaitScaled { factor } => members.push(("factor", (*factor).into())),
        Deviation::TracesNotSent => {}
        Deviation::NotEncrypted { key_id } => members.push(("kmsKeyId", key_id.clone().into())),
        Deviation::LogGroupNotChecked { log_group_arn } => members.push(("logGroupArn", log_group_arn.clone().into())),
        Deviation::NestedExecution { execution_arn, kinds } => {
            let kinds = kinds.iter().flatten().map(|kind| Value::from(kind.name()));
            let kinds = Value::array(kinds.collect::<Vec<_>>());
            members.extend([("executionArn", Value::from(execution_arn.clone())), ("kinds", kinds)]);
        }
    }
    Value::object(members)
}

/// Reads `%3A` and the like. What is no such thing stands for itself.
fn decoded(text: &str) -> String {
    let mut bytes = Vec::with_capacity(text.len());
    let mut rest = text.as_bytes();
    while let [first, after @ ..] = rest {
        let hex = after.get(..2).filter(|hex| *first == b'%' && hex.iter().all(u8::is_ascii_hexdigit));
        let byte = hex.and_then(|hex| std::str::from_utf8(hex).ok());
        match byte.and_then(|hex| u8::from_str_radix(hex, 16).ok()) {
            Some(byte) => {
                bytes.push(byte);
                rest = &after[2..];
            }
            None => {
                bytes.push(*first);
                rest = after;
            }
        }
    }
    String::from_utf8_lossy(&bytes).into_owned()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_path_names_an_execution() {
        let arn = "arn:aws:states:us-east-1:123456789012:execution:m:e";
        for (path, expected) in [
            (format!("/_stepwell/executions/{arn}/honesty"), Some(arn)),
            (format!("/_stepwell/executions/{}/honesty", arn.replace(':', "%3A")), Some(arn)),
            ("/_stepwell/executions/a%2Fb%C3%A9%zz%/honesty".to_owned(), Some("a/bé%zz%")),
            (format!("/_stepwell/executions/{arn}"), None),
            ("/_stepwell/executions".to_owned(), None),
            ("/".to_owned(), None),
        ] {
            assert_eq!(execution(&path).as_deref(), expected, "{path}");
        }
    }
}
