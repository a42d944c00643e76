//! XML bodies: those of REST with XML, and the answers of the query protocols.

use super::json::named;
use super::xml::{self, Element};
use super::{Unreadable, body, scalar};
use crate::json::{Object, Value};
use crate::service_model::{Kind, Location, Member, Operation, Protocol, Service, ShapeId, TimestampFormat};
use quick_xml::escape::escape;
use smol_str::SmolStr;

/// A whole document for a structure.
pub(super) fn document(
    service: &Service,
    name: &str,
    namespace: Option<&str>,
    shape: ShapeId,
    value: &Value,
) -> String {
    let mut out = String::new();
    let attributes = namespace.map(|uri| format!(" xmlns=\"{}\"", escape(uri))).unwrap_or_default();
    element(service, name, attributes, shape, value, &mut out);
    out
}

/// Appends the element, or elements, of a member.
pub(super) fn write(service: &Service, member: &Member, value: &Value, out: &mut String) {
    let name = member.wire_name();
    let attributes = match member.namespace() {
        None => String::new(),
        Some((uri, None)) => format!(" xmlns=\"{}\"", escape(uri)),
        Some((uri, Some(prefix))) => format!(" xmlns:{prefix}=\"{}\"", escape(uri)),
    };
    match (&service.shape(member.shape).kind, value) {
        (Kind::List { item, flattened, .. }, Value::Array(_)) if *flattened || member.flattened => {
            let items = value.as_array().unwrap_or_default().iter();
            items.for_each(|value| element(service, name, attributes.clone(), *item, value, out));
        }
        (Kind::Map { flattened, .. }, Value::Object(_)) if *flattened || member.flattened => {
            write_entries(service, name, member.shape, value, out);
        }
        _ => element(service, name, attributes, member.shape, value, out),
    }
}

fn element(service: &Service, name: &str, attributes: String, shape: ShapeId, value: &Value, out: &mut String) {
    out.push('<');
    out.push_str(name);
    out.push_str(&attributes);
    match (&service.shape(shape).kind, value) {
        (Kind::Structure { .. }, Value::Object(object)) => {
            let (attributes, members): (Vec<_>, Vec<_>) =
                body::given(service, shape, object).partition(|(member, _)| member.xml_attribute);
            for (member, value) in attributes {
                let text = scalar::text(service, member.shape, value, TimestampFormat::Iso8601);
                out.push_str(&format!(" {}=\"{}\"", member.wire_name(), escape(&text)));
            }
            out.push('>');
            members.into_iter().for_each(|(member, value)| write(service, member, value, out));
        }
        (Kind::List { item, item_name, .. }, Value::Array(_)) => {
            out.push('>');
            let item_name = item_name.unwrap_or("member");
            let items = value.as_array().unwrap_or_default().iter();
            items.for_each(|value| element(service, item_name, String::new(), *item, value, out));
        }
        (Kind::Map { .. }, Value::Object(_)) => {
            out.push('>');
            write_entries(service, "entry", shape, value, out);
        }
        _ => {
            out.push('>');
            out.push_str(&escape(scalar::text(service, shape, value, TimestampFormat::Iso8601)));
        }
    }
    out.push_str("</");
    out.push_str(name);
    out.push('>');
}

fn write_entries(service: &Service, name: &str, map: ShapeId, value: &Value, out: &mut String) {
    let Kind::Map { key, value: shape, key_name, value_name, .. } = &service.shape(map).kind else { return };
    for (entry, value) in value.as_object().into_iter().flat_map(|object| object.iter()) {
        out.push_str(&format!("<{name}>"));
        element(service, key_name.unwrap_or("key"), String::new(), *key, &entry.clone().into(), out);
        element(service, value_name.unwrap_or("value"), String::new(), *shape, value, out);
        out.push_str(&format!("</{name}>"));
    }
}

/// What answers of the query protocols have besides the result, whatever the operation.
const METADATA: [&str; 4] = ["ResponseMetadata", "requestId", "RequestId", "return"];

/// The result in an answer of the query protocols.
pub(super) fn decode_result(
    service: &Service,
    operation: &Operation,
    output: ShapeId,
    body: &[u8],
    protocol: Protocol,
) -> Result<Value, Unreadable> {
    let root = xml::parse(body)?;
    if let Some(wrapper) = operation.result_wrapper.filter(|_| protocol == Protocol::Query) {
        return read_root(service, output, root.child(wrapper).ok_or(Unreadable::NoResult(wrapper))?);
    }
    let result = read_root(service, output, &root)?;
    // Stand-ins give the root other names; only one by its name, or by something in it, is an answer.
    let is_named = root.name.strip_suffix("Response") == Some(operation.name);
    if is_named || !is_empty(&result) { Ok(result) } else { Err(Unreadable::OtherResult) }
}

/// The result in a document, whose root may be the only member (S3's `LocationConstraint`).
pub(super) fn read_document(service: &Service, output: ShapeId, root: &Element) -> Result<Value, Unreadable> {
    let only = service.members(output).iter().find(|member| {
        member.location == Location::Body && member.wire_name() == root.name && root.children.is_empty()
    });
    match only {
        Some(_) if root.text.is_empty() => Ok(Value::object::<SmolStr>([])),
        Some(member) => {
            let mut structure = body::Structure::default();
            let value = read(service, member.shape, root).map_err(|error| named(error, &member.public_name()))?;
            structure.set(member, value);
            Ok(structure.into_value())
        }
        None => read_root(service, output, root),
    }
}

/// The same of an element that may have any name, as long as what is in it is of the result. What a later version of the API
/// has besides is passed over, as the SDK does.
pub(super) fn read_root(service: &Service, shape: ShapeId, root: &Element) -> Result<Value, Unreadable> {
    if root.name.eq_ignore_ascii_case("html") {
        return Err(Unreadable::Page);
    }
    if !matches!(service.shape(shape).kind, Kind::Structure { .. }) {
        return read(service, shape, root);
    }
    let has_others = || {
        let is_other = |child: &Element| !METADATA.contains(&child.name.as_str());
        !root.text.trim().is_empty() || root.children.iter().any(is_other)
    };
    let result = read(service, shape, root)?;
    if is_empty(&result) && has_others() { Err(Unreadable::OtherResult) } else { Ok(result) }
}

/// Whether it is an answer of an operation that has no result: by its name, or without anything in it.
pub(super) fn is_nothing(operation: &Operation, root: &Element) -> bool {
    let is_named = root.name.strip_suffix("Response") == Some(operation.name);
    let is_metadata = |child: &Element| METADATA.contains(&child.name.as_str());
    root.name != "ErrorResponse"
        && root.name != "Error"
        && root.text.trim().is_empty()
        && (is_named && root.child("Error").is_none() || root.children.iter().all(is_metadata))
}

fn is_empty(structure: &Value) -> bool {
    structure.as_object().is_some_and(Object::is_empty)
}

/// A value of a result.
fn read(service: &Service, shape: ShapeId, element: &Element) -> Result<Value, Unreadable> {
    let kind = &service.shape(shape).kind;
    let is_fit = match kind {
        Kind::Structure { .. } | Kind::List { .. } | Kind::Map { .. } => {
            element.text.trim().is_empty() || !element.children.is_empty()
        }
        _ => element.children.is_empty(),
    };
    if !is_fit {
        return Err(scalar::mismatch(service, shape));
    }
    match kind {
        Kind::Structure { members, .. } => {
            let mut structure = body::Structure::default();
            for member in members.iter().filter(|member| member.location == Location::Body && !member.payload) {
                let value = read_member(service, member, element);
                if let Some(value) = value.map_err(|error| named(error, &member.public_name()))? {
                    structure.set(member, value);
                }
            }
            Ok(structure.into_value())
        }
        Kind::List { item, .. } => {
            let items = element.children.iter().map(|child| read(service, *item, child));
            Ok(Value::array(items.collect::<Result<Vec<_>, _>>()?))
        }
        Kind::Map { .. } => read_entries(service, shape, element.children.iter()),
        _ => scalar::value(service, shape, &element.text),
    }
}

fn read_member(service: &Service, member: &Member, element: &Element) -> Result<Option<Value>, Unreadable> {
    let name = member.wire_name();
    if member.xml_attribute {
        let attribute = element.attributes.iter().find(|(known, _)| known == name);
        return attribute.map(|(_, text)| scalar::value(service, member.shape, text)).transpose();
    }
    match &service.shape(member.shape).kind {
        Kind::List { item, item_name, flattened } if *flattened || member.flattened => {
            let name = item_name.unwrap_or(name);
            let items = element.children.iter().filter(|child| child.name == name);
            let items = items.map(|child| read(service, *item, child)).collect::<Result<Vec<_>, _>>()?;
            Ok((!items.is_empty()).then(|| Value::array(items)))
        }
        Kind::Map { flattened, .. } if *flattened || member.flattened => {
            let entries: Vec<&Element> = element.children.iter().filter(|child| child.name == name).collect();
            if entries.is_empty() {
                return Ok(None);
            }
            read_entries(service, member.shape, entries.into_iter()).map(Some)
        }
        _ => element.child(name).map(|child| read(service, member.shape, child)).transpose(),
    }
}

fn read_entries<'a>(
    service: &Service,
    map: ShapeId,
    entries: impl Iterator<Item = &'a Element>,
) -> Result<Value, Unreadable> {
    let Kind::Map { value: shape, key_name, value_name, .. } = &service.shape(map).kind else {
        return Ok(Value::Null);
    };
    let mut read_entries: Vec<(SmolStr, Value)> = Vec::new();
    for entry in entries {
        let Some(name) = entry.text_of(key_name.unwrap_or("key")) else { continue };
        if let Some(value) = entry.child(value_name.unwrap_or("value")) {
            let value = read(service, *shape, value).map_err(|error| named(error, &name.into()))?;
            read_entries.push((name.into(), value));
        }
    }
    Ok(Value::object(read_entries))
}
