//! REST: members in the path, the query, headers and the status; the rest is JSON or XML.

use super::{Request, Response, Unreadable, body, json, scalar, xml, xml_body};
use crate::failure::ParameterProblem;
use crate::integrations::sigv4::encode as percent;
use crate::json::Value;
use crate::service_model::{Kind, Location, Member, Operation, Protocol, Service, ShapeId, TimestampFormat};
use base64::Engine;
use base64::engine::general_purpose::STANDARD;
use smol_str::SmolStr;

pub(super) fn encode(
    service: &Service,
    operation: &Operation,
    parameters: &Value,
    protocol: Protocol,
) -> Result<Request, Vec<ParameterProblem>> {
    let members = operation.input.map_or(&[][..], |shape| service.members(shape));
    let (path, fixed) = operation.uri.split_once('?').unwrap_or((operation.uri, ""));
    let mut query: Vec<String> = fixed.split('&').filter(|part| !part.is_empty()).map(str::to_owned).collect();
    let mut headers = Vec::new();
    for member in members {
        let Some(value) = given(parameters, member) else { continue };
        match member.location {
            Location::Query => add_query(service, member, value, &mut query),
            Location::Header => headers.push((member.wire_name().to_ascii_lowercase(), header(service, member, value))),
            Location::Headers => {
                for (name, value) in value.as_object().into_iter().flat_map(|object| object.iter()) {
                    let name = format!("{}{name}", member.wire_name()).to_ascii_lowercase();
                    headers.push((name, value.as_str().map_or_else(|| value.to_compact_text(), str::to_owned)));
                }
            }
            Location::Body | Location::Uri | Location::Status => {}
        }
    }
    if service.name == "apigateway" && headers.iter().all(|(name, _)| name != "accept") {
        // It answers in HAL otherwise.
        headers.push(("accept".to_owned(), "application/json".to_owned()));
    }
    let path = self::path(service, members, path, parameters)?;
    let (body, media_type) = self::body(service, operation, members, parameters, protocol);
    if headers.iter().any(|(name, value)| name == "content-length" && *value != body.len().to_string()) {
        // It would be cut off, or waited for. What the SDK for Java makes of it is not known; the words are a guess.
        return Err(vec![ParameterProblem::WrongFormat("ContentLength".into())]);
    }
    if let Some(media_type) = media_type.filter(|_| headers.iter().all(|(name, _)| name != "content-type")) {
        headers.push(("content-type".to_owned(), media_type.to_owned()));
    }
    Ok(Request { method: operation.method, path, query: query.join("&"), headers, body })
}

fn given<'a>(parameters: &'a Value, member: &Member) -> Option<&'a Value> {
    parameters.get(&member.public_name()).filter(|value| !matches!(value, Value::Null))
}

/// The path with its members; one that is missing leaves no path to send.
fn path(
    service: &Service,
    members: &[Member],
    template: &str,
    parameters: &Value,
) -> Result<String, Vec<ParameterProblem>> {
    let mut path = String::new();
    let mut problems = Vec::new();
    let mut rest = template;
    while let Some((before, (label, after))) =
        rest.split_once('{').and_then(|(before, after)| Some((before, after.split_once('}')?)))
    {
        path.push_str(before);
        rest = after;
        let (label, kept) = label.strip_suffix('+').map_or((label, &b""[..]), |label| (label, b"/"));
        let is_it = |member: &&Member| member.location == Location::Uri && member.wire_name() == label;
        let Some(member) = members.iter().find(is_it) else { continue };
        let text = given(parameters, member)
            .map(|value| scalar::text(service, member.shape, value, TimestampFormat::Iso8601))
            // The account that signs.
            .or_else(|| (service.name == "glacier" && label == "accountId").then(|| "-".to_owned()))
            .filter(|text| !text.is_empty());
        match text {
            Some(text) => path.push_str(&percent(&text, kept)),
            None => problems.push(ParameterProblem::Required(member.public_name())),
        }
    }
    path.push_str(rest);
    if problems.is_empty() { Ok(path) } else { Err(problems) }
}

fn add_query(service: &Service, member: &Member, value: &Value, query: &mut Vec<String>) {
    let mut add = |name: &str, shape: ShapeId, value: &Value| {
        let text = scalar::text(service, shape, value, TimestampFormat::Iso8601);
        query.push(format!("{}={}", percent(name, b""), percent(&text, b"")));
    };
    let mut add_all = |name: &str, shape: ShapeId, value: &Value| match (&service.shape(shape).kind, value.as_array()) {
        (Kind::List { item, .. }, Some(items)) => items.iter().for_each(|value| add(name, *item, value)),
        _ => add(name, shape, value),
    };
    match (&service.shape(member.shape).kind, value) {
        (Kind::Map { value: shape, .. }, Value::Object(object)) => {
            object.iter().for_each(|(name, value)| add_all(name, *shape, value));
        }
        _ => add_all(member.wire_name(), member.shape, value),
    }
}

fn header(service: &Service, member: &Member, value: &Value) -> String {
    if member.json_value {
        return STANDARD.encode(value.to_compact_text());
    }
    let text = |shape, value| scalar::text(service, shape, value, TimestampFormat::HttpDate);
    match (&service.shape(member.shape).kind, value.as_array()) {
        (Kind::List { item, .. }, Some(items)) => {
            items.iter().map(|value| text(*item, value)).collect::<Vec<_>>().join(",")
        }
        _ => text(member.shape, value),
    }
}

/// The body and its media type.
fn body(
    service: &Service,
    operation: &Operation,
    members: &[Member],
    parameters: &Value,
    protocol: Protocol,
) -> (Vec<u8>, Option<&'static str>) {
    let media_type = if protocol == Protocol::RestXml { "application/xml" } else { "application/json" };
    if let Some(member) = members.iter().find(|member| member.payload) {
        let Some(value) = given(parameters, member) else { return (Vec::new(), None) };
        return match &service.shape(member.shape).kind {
            // Recorded of objects in S3: a text is sent as JSON too, in its quotes, and the SDK for Java says that the body
            // is made of text.
            Kind::Blob if member.streaming => (value.to_compact_text().into(), Some("text/plain; charset=UTF-8")),
            Kind::Blob => (scalar::bytes(value), Some("application/octet-stream")),
            Kind::String { .. } => (scalar::bytes(value), Some("text/plain")),
            _ if protocol == Protocol::RestXml => {
                let mut out = String::new();
                xml_body::write(service, member, value, &mut out);
                (out.into_bytes(), Some(media_type))
            }
            _ => (json_text(service, member.shape, value), Some(media_type)),
        };
    }
    let Some(shape) = operation.input.filter(|_| members.iter().any(|member| member.location == Location::Body)) else {
        return (Vec::new(), None);
    };
    if protocol == Protocol::RestJson {
        return (json_text(service, shape, parameters), Some(media_type));
    }
    let is_given = |member: &Member| member.location == Location::Body && given(parameters, member).is_some();
    if !members.iter().any(is_given) {
        return (Vec::new(), None);
    }
    let name = operation.input_name.unwrap_or(operation.name);
    let out = xml_body::document(service, name, operation.input_namespace, shape, parameters);
    (out.into_bytes(), Some(media_type))
}

fn json_text(service: &Service, shape: ShapeId, value: &Value) -> Vec<u8> {
    let mut out = String::new();
    json::write(service, shape, value, &mut out);
    out.into_bytes()
}

pub(super) fn decode(
    service: &Service,
    output: ShapeId,
    response: Response<'_>,
    protocol: Protocol,
) -> Result<Value, Unreadable> {
    let members = service.members(output);
    let mut structure = body::Structure::default();
    for member in members {
        let value = match member.location {
            Location::Status => Some(i64::from(response.status).into()),
            Location::Header => read_header(service, member, response)?,
            Location::Headers => Some(read_headers(member, response)?),
            Location::Body | Location::Uri | Location::Query => None,
        };
        if let Some(value) = value {
            structure.set(member, value);
        }
    }
    if let Some(member) = members.iter().find(|member| member.payload) {
        let value = payload(service, member, response.body, protocol);
        if let Some(value) = value.map_err(|error| json::named(error, &member.public_name()))? {
            structure.set(member, value);
        }
    } else if members.iter().any(|member| member.location == Location::Body) {
        structure.extend(match protocol {
            Protocol::RestXml if response.body.is_empty() => Value::Null,
            Protocol::RestXml => xml_body::read_document(service, output, &xml::parse(response.body)?)?,
            _ => json::decode(service, output, response.body)?,
        });
    }
    Ok(structure.into_value())
}

fn payload(service: &Service, member: &Member, body: &[u8], protocol: Protocol) -> Result<Option<Value>, Unreadable> {
    Ok(match &service.shape(member.shape).kind {
        Kind::Blob if member.streaming => Some(scalar::blob(body)?),
        _ if body.is_empty() => None,
        Kind::Blob => Some(scalar::blob(body)?),
        Kind::String { .. } => Some(scalar::blob(body)?),
        _ if protocol == Protocol::RestXml => Some(xml_body::read_root(service, member.shape, &xml::parse(body)?)?),
        _ => json::read(service, member.shape, &json::parse(body)?)?,
    })
}

fn read_header(service: &Service, member: &Member, response: Response<'_>) -> Result<Option<Value>, Unreadable> {
    let Some(value) = response.headers.get(member.wire_name()) else { return Ok(None) };
    let named = |error| json::named(error, &member.public_name());
    let text = std::str::from_utf8(value.as_bytes()).map_err(|_| Unreadable::Bytes(member.public_name()))?;
    if member.json_value {
        let json = STANDARD.decode(text.as_bytes()).ok().and_then(|bytes| String::from_utf8(bytes).ok());
        return Ok(Some(json.map_or_else(|| text.into(), Value::from)));
    }
    Ok(Some(match &service.shape(member.shape).kind {
        Kind::List { item, .. } => {
            let items = text.split(',').map(|item_text| scalar::value(service, *item, item_text.trim()));
            Value::array(items.collect::<Result<Vec<_>, _>>().map_err(named)?)
        }
        // S3 keeps any text as this, and the SDK passes over what is no time (from memory).
        Kind::Timestamp(_) if member.name == "Expires" => return Ok(scalar::time(text)),
        _ => scalar::value(service, member.shape, text).map_err(named)?,
    }))
}

/// Recorded: the map is there even if it is empty.
fn read_headers(member: &Member, response: Response<'_>) -> Result<Value, Unreadable> {
    let prefix = member.wire_name().to_ascii_lowercase();
    let mut entries = Vec::new();
    for (name, value) in response.headers {
        let Some(name) = name.as_str().strip_prefix(&prefix).map(SmolStr::new) else { continue };
        let value = scalar::blob(value.as_bytes()).map_err(|error| json::named(error, &name))?;
        entries.push((name, value));
    }
    Ok(Value::object(entries))
}
