//! Scalars as texts, and back: in paths, queries, headers, forms and XML.

use super::Unreadable;
use crate::json::{Number, Value};
use crate::service_model::{Kind, Service, ShapeId, TimestampFormat};
use base64::Engine;
use base64::engine::general_purpose::STANDARD;
use chrono::{DateTime, NaiveDateTime, SecondsFormat, Utc};
use smol_str::SmolStr;

/// A value as the text that stands for it.
pub(super) fn text(service: &Service, shape: ShapeId, value: &Value, format: TimestampFormat) -> String {
    match (&service.shape(shape).kind, value) {
        (Kind::Blob, _) => STANDARD.encode(bytes(value)),
        (Kind::Timestamp(own), Value::String(text)) => {
            instant(text).map_or_else(|| text.to_string(), |instant| timestamp(instant, own.unwrap_or(format)))
        }
        (Kind::Integer | Kind::Long, Value::Number(number)) => whole(number).to_string(),
        (_, Value::String(text)) => text.to_string(),
        _ => value.to_compact_text(),
    }
}

/// The bytes of a blob's parameter: a text is itself, anything else its JSON (recorded).
pub(super) fn bytes(value: &Value) -> Vec<u8> {
    match value {
        Value::String(text) => text.as_bytes().to_vec(),
        _ => value.to_compact_text().into_bytes(),
    }
}

/// A whole number without the fraction that it may have been written with.
pub(super) fn whole(number: &Number) -> Number {
    number.as_whole().map_or_else(|| number.clone(), Number::from)
}

/// The numbers that JSON doesn't have, as results have them.
pub(super) const NOT_FINITE: [&str; 3] = ["NaN", "Infinity", "-Infinity"];

/// What is there is not of this shape.
pub(super) fn mismatch(service: &Service, shape: ShapeId) -> Unreadable {
    let wanted = match &service.shape(shape).kind {
        Kind::Structure { .. } => "a structure",
        Kind::List { .. } => "a list",
        Kind::Map { .. } => "a map",
        Kind::String { .. } => "a string",
        Kind::Boolean => "a boolean",
        Kind::Integer | Kind::Long | Kind::Float | Kind::Double => "a number",
        Kind::Timestamp(_) => "a timestamp",
        Kind::Blob => "a blob",
        Kind::Document => "a document",
    };
    Unreadable::Mismatch { member: SmolStr::default(), wanted }
}

/// Whether a number is of this kind. The SDK for Java has no wider numbers than these; its integers have 32 bits, but where S3
/// gives more it has longs against the model.
pub(super) fn is_of(kind: &Kind, number: &Number) -> bool {
    match kind {
        Kind::Integer | Kind::Long => number.as_whole().is_some(),
        _ => number.as_f64().is_finite(),
    }
}

/// A value in a result for the text that stands for it.
pub(super) fn value(service: &Service, shape: ShapeId, text: &str) -> Result<Value, Unreadable> {
    let mismatch = || mismatch(service, shape);
    let kind = &service.shape(shape).kind;
    Ok(match kind {
        Kind::Boolean => match text.trim() {
            text if text.eq_ignore_ascii_case("true") => true.into(),
            text if text.eq_ignore_ascii_case("false") => false.into(),
            _ => return Err(mismatch()),
        },
        Kind::Float | Kind::Double if NOT_FINITE.contains(&text.trim()) => text.trim().into(),
        Kind::Integer | Kind::Long | Kind::Float | Kind::Double => {
            let is_number = |value: &Value| value.as_number().is_some_and(|number| is_of(kind, number));
            Value::parse(text.trim()).ok().filter(is_number).ok_or_else(mismatch)?
        }
        Kind::Timestamp(_) => time(text).ok_or_else(mismatch)?,
        Kind::Blob => blob(&STANDARD.decode(text.trim()).unwrap_or_else(|_| text.as_bytes().to_vec()))?,
        Kind::String { .. } => self::string(service, text),
        _ => text.into(),
    })
}

/// A text of a result. AWS's SDK for Java takes the kind of resource off the identifiers of Route 53.
pub(super) fn string(service: &Service, text: &str) -> Value {
    const KINDS: [&str; 3] = ["/hostedzone/", "/change/", "/delegationset/"];
    let bare = KINDS.iter().find_map(|kind| text.strip_prefix(kind)).filter(|_| service.name == "route53");
    bare.unwrap_or(text).into()
}

/// The text of a blob's bytes.
pub(super) fn blob(bytes: &[u8]) -> Result<Value, Unreadable> {
    std::str::from_utf8(bytes).map(Value::from).map_err(|_| Unreadable::Bytes(Default::default()))
}

/// A point in time as results have it, whatever the form in which the service wrote it. Stand-ins leave the zone out.
pub(super) fn time(text: &str) -> Option<Value> {
    const WITH_ZONE: [&str; 2] = ["%Y-%m-%dT%H:%M:%S%.f%z", "%Y-%m-%d %H:%M:%S%.f%z"];
    const WITHOUT: [&str; 2] = ["%Y-%m-%dT%H:%M:%S%.f", "%Y-%m-%d %H:%M:%S%.f"];
    let text = text.trim();
    let utc = |time: DateTime<chrono::FixedOffset>| time.to_utc();
    let instant = instant(text)
        .or_else(|| DateTime::parse_from_rfc2822(text).ok().map(utc))
        .or_else(|| seconds(text.parse().ok()?))
        .or_else(|| WITH_ZONE.iter().find_map(|form| DateTime::parse_from_str(text, form).ok()).map(utc))
        .or_else(|| {
            WITHOUT.iter().find_map(|form| NaiveDateTime::parse_from_str(text, form).ok()).map(|time| time.and_utc())
        });
    instant.map(|instant| timestamp(instant, TimestampFormat::Iso8601).into())
}

/// The same for seconds since 1970; services give milliseconds at most.
pub(super) fn time_of_seconds(seconds: f64) -> Option<Value> {
    self::seconds(seconds).map(|instant| timestamp(instant, TimestampFormat::Iso8601).into())
}

fn seconds(seconds: f64) -> Option<DateTime<Utc>> {
    DateTime::from_timestamp_millis((seconds * 1000.0).round() as i64)
}

/// The point in time of a parameter.
pub(super) fn instant(text: &str) -> Option<DateTime<Utc>> {
    DateTime::parse_from_rfc3339(text).ok().map(|time| time.to_utc())
}

pub(super) fn timestamp(instant: DateTime<Utc>, format: TimestampFormat) -> String {
    match format {
        TimestampFormat::Iso8601 => instant.to_rfc3339_opts(SecondsFormat::AutoSi, true),
        TimestampFormat::HttpDate => instant.format("%a, %d %b %Y %H:%M:%S GMT").to_string(),
        TimestampFormat::UnixSeconds => match instant.timestamp_millis() {
            millis if millis % 1000 == 0 => (millis / 1000).to_string(),
            millis => (millis as f64 / 1000.0).to_string(),
        },
    }
}
