//! XML bodies: those of REST with XML, and the answers of the query protocols.

use super::json::named;
use super::xml::{self, Element};
use super::{Unreadable, body, scalar};
use crate::json::Value;
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

/// The result in an answer of the query protocols.
pub(super) fn decode_result(
    service: &Service,
    operation: &Operation,
    output: ShapeId,
    body: &[u8],
    protocol: Protocol,
) -> Result<Value, Unreadable> {
    let root = xml::parse(body)?;
    let wrapper = operation.result_wrapper.filter(|_| protocol == Protocol::Query);
    let result = wrapper.and_then(|name| root.child(name)).unwrap_or(&root);
    read(service, output, result)
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
            structure.set(member, read(service, member.shape, root)?);
            Ok(structure.into_value())
        }
        None => read(service, output, root),
    }
}

/// A value of a result.
pub(super) fn read(service: &Service, shape: ShapeId, element: &Element) -> Result<Value, Unreadable> {
    match &service.shape(shape).kind {
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
