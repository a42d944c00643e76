//! JSON bodies: of AWS JSON 1.0 and 1.1, and of REST with JSON.

use super::{Request, Unreadable, body, scalar};
use crate::json::{Value, write_string};
use crate::service_model::{Kind, Location, Operation, Service, ShapeId, TimestampFormat};
use base64::Engine;
use base64::engine::general_purpose::STANDARD;
use smol_str::SmolStr;

/// Deeper answers are refused: values are dropped recursively.
const DEPTH: usize = 200;

pub(super) fn encode(service: &Service, operation: &Operation, parameters: &Value) -> Request {
    let mut body = String::new();
    match operation.input {
        Some(shape) => write(service, shape, parameters, &mut body),
        None => body.push_str("{}"),
    }
    let version = service.json_version.unwrap_or("1.0");
    Request {
        method: "POST",
        path: "/".to_owned(),
        query: String::new(),
        headers: vec![
            ("content-type".to_owned(), format!("application/x-amz-json-{version}")),
            ("x-amz-target".to_owned(), format!("{}.{}", service.target_prefix.unwrap_or_default(), operation.name)),
        ],
        body: body.into_bytes(),
    }
}

/// Appends the JSON of a value; of a structure that is the whole request, the members that travel elsewhere are left out.
pub(super) fn write(service: &Service, shape: ShapeId, value: &Value, out: &mut String) {
    match (&service.shape(shape).kind, value) {
        (_, Value::Null) => out.push_str("null"),
        (Kind::Document, _) => out.push_str(&value.to_compact_text()),
        (Kind::Structure { .. }, Value::Object(object)) => {
            let members = body::given(service, shape, object);
            let members = members.map(|(member, value)| (member.wire_name(), member.shape, value));
            write_object(service, members, out);
        }
        (Kind::Map { value: shape, .. }, Value::Object(object)) => {
            write_object(service, object.iter().map(|(name, value)| (name.as_str(), *shape, value)), out);
        }
        (Kind::List { item, .. }, Value::Array(_)) => {
            out.push('[');
            for (i, value) in value.as_array().unwrap_or_default().iter().enumerate() {
                out.push_str(if i > 0 { "," } else { "" });
                write(service, *item, value, out);
            }
            out.push(']');
        }
        (Kind::Boolean | Kind::Integer | Kind::Long | Kind::Float | Kind::Double, _) => {
            out.push_str(&scalar::text(service, shape, value, TimestampFormat::UnixSeconds));
        }
        (Kind::Timestamp(None | Some(TimestampFormat::UnixSeconds)), _) => {
            out.push_str(&scalar::text(service, shape, value, TimestampFormat::UnixSeconds));
        }
        _ => write_string(&scalar::text(service, shape, value, TimestampFormat::UnixSeconds), out),
    }
}

fn write_object<'a>(service: &Service, members: impl Iterator<Item = (&'a str, ShapeId, &'a Value)>, out: &mut String) {
    out.push('{');
    for (i, (name, shape, value)) in members.enumerate() {
        out.push_str(if i > 0 { "," } else { "" });
        write_string(name, out);
        out.push(':');
        write(service, shape, value, out);
    }
    out.push('}');
}

pub(super) fn decode(service: &Service, output: ShapeId, body: &[u8]) -> Result<Value, Unreadable> {
    let body = parse(body)?;
    read(service, output, &body)?.ok_or_else(|| scalar::mismatch(service, output))
}

/// The JSON of a body; an empty one is as good as `{}`.
pub(super) fn parse(body: &[u8]) -> Result<Value, Unreadable> {
    let text = std::str::from_utf8(body).map_err(|_| Unreadable::Body("the answer is not UTF-8".to_owned()))?;
    if text.trim().is_empty() {
        return Ok(Value::object::<SmolStr>([]));
    }
    let value = Value::parse(text).map_err(|error| Unreadable::Body(error.to_string()))?;
    if value.depth() > DEPTH {
        return Err(Unreadable::Body("the answer is nested too deeply".to_owned()));
    }
    Ok(value)
}

/// A value of a result; nothing where there is `null`.
pub(super) fn read(service: &Service, shape: ShapeId, value: &Value) -> Result<Option<Value>, Unreadable> {
    Ok(Some(match (&service.shape(shape).kind, value) {
        (_, Value::Null) => return Ok(None),
        (Kind::Structure { members, .. }, Value::Object(object)) => {
            let mut structure = body::Structure::default();
            for member in members.iter().filter(|member| member.location == Location::Body && !member.payload) {
                let Some(value) = object.get(member.wire_name()) else { continue };
                let value = read(service, member.shape, value).map_err(|error| named(error, &member.public_name()))?;
                if let Some(value) = value {
                    structure.set(member, value);
                }
            }
            structure.into_value()
        }
        (Kind::List { item, .. }, Value::Array(_)) => {
            let items = value.as_array().unwrap_or_default().iter();
            let items = items.map(|value| read(service, *item, value).map(Option::unwrap_or_default));
            Value::array(items.collect::<Result<Vec<_>, _>>()?)
        }
        (Kind::Map { value: shape, .. }, Value::Object(object)) => {
            let mut entries = Vec::with_capacity(object.len());
            for (name, value) in object.iter() {
                let value = read(service, *shape, value).map_err(|error| named(error, name))?;
                entries.push((name.clone(), value.unwrap_or_default()));
            }
            Value::object(entries)
        }
        (Kind::Timestamp(_), Value::Number(number)) => {
            scalar::time_of_seconds(number.as_f64()).ok_or_else(|| scalar::mismatch(service, shape))?
        }
        (Kind::Blob, Value::String(text)) => {
            let bytes = STANDARD.decode(text.as_bytes());
            scalar::blob(&bytes.map_err(|_| Unreadable::Body("the answer has invalid Base64".to_owned()))?)?
        }
        (Kind::Document, _) => value.clone(),
        (Kind::String { .. }, Value::String(text)) => scalar::string(service, text),
        // From memory: the SDK for Java reads any scalar by its text.
        (Kind::String { .. }, Value::Number(_) | Value::Bool(_)) => value.to_compact_text().into(),
        (Kind::Boolean, Value::Bool(_)) => value.clone(),
        (kind @ (Kind::Integer | Kind::Long | Kind::Float | Kind::Double), Value::Number(number))
            if scalar::is_of(kind, number) =>
        {
            value.clone()
        }
        (Kind::Float | Kind::Double, Value::String(text)) if scalar::NOT_FINITE.contains(&text.as_str()) => {
            value.clone()
        }
        (
            Kind::Boolean | Kind::Integer | Kind::Long | Kind::Float | Kind::Double | Kind::Timestamp(_),
            Value::String(text),
        ) => scalar::value(service, shape, text)?,
        _ => return Err(scalar::mismatch(service, shape)),
    }))
}

/// The problem with the name of the innermost member.
pub(super) fn named(error: Unreadable, name: &SmolStr) -> Unreadable {
    match error {
        Unreadable::Bytes(known) if known.is_empty() => Unreadable::Bytes(name.clone()),
        Unreadable::Mismatch { member, wanted } if member.is_empty() => {
            Unreadable::Mismatch { member: name.clone(), wanted }
        }
        other => other,
    }
}
