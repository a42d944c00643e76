//! Forms: the requests of the query protocol and of EC2's variety of it. Their answers are XML.

use super::{Request, body, scalar};
use crate::integrations::sigv4::encode as percent;
use crate::json::Value;
use crate::service_model::{Kind, Member, Operation, Protocol, Service, ShapeId, TimestampFormat};

pub(super) fn encode(service: &Service, operation: &Operation, parameters: &Value, protocol: Protocol) -> Request {
    let mut form = Form { service, ec2: protocol == Protocol::Ec2, out: String::new() };
    form.field("Action", operation.name);
    form.field("Version", service.api_version);
    if let Some(shape) = operation.input {
        form.value("", shape, false, parameters);
    }
    Request {
        method: "POST",
        path: "/".to_owned(),
        query: String::new(),
        headers: vec![("content-type".to_owned(), "application/x-www-form-urlencoded; charset=utf-8".to_owned())],
        body: form.out.into_bytes(),
    }
}

struct Form<'a> {
    service: &'a Service,
    ec2: bool,
    out: String,
}

impl Form<'_> {
    fn field(&mut self, name: &str, value: &str) {
        self.out.push_str(if self.out.is_empty() { "" } else { "&" });
        self.out.push_str(&percent(name, b""));
        self.out.push('=');
        self.out.push_str(&percent(value, b""));
    }

    fn value(&mut self, prefix: &str, shape: ShapeId, flat_member: bool, value: &Value) {
        match (&self.service.shape(shape).kind, value) {
            (Kind::Structure { .. }, Value::Object(object)) => {
                for (member, value) in body::given(self.service, shape, object) {
                    let name = self.member_name(member);
                    let name = if prefix.is_empty() { name } else { format!("{prefix}.{name}") };
                    self.value(&name, member.shape, member.flattened, value);
                }
            }
            (Kind::List { item, item_name, flattened }, Value::Array(_)) => {
                let items = value.as_array().unwrap_or_default();
                if items.is_empty() && !self.ec2 {
                    self.field(prefix, "");
                }
                let prefix = match item_name {
                    _ if self.ec2 => prefix.to_owned(),
                    Some(name) if *flattened || flat_member => sibling(prefix, name),
                    None if *flattened || flat_member => prefix.to_owned(),
                    name => format!("{prefix}.{}", name.unwrap_or("member")),
                };
                for (i, value) in items.iter().enumerate() {
                    self.value(&format!("{prefix}.{}", i + 1), *item, false, value);
                }
            }
            (Kind::Map { value: shape, key_name, value_name, flattened, .. }, Value::Object(object)) => {
                let prefix = if *flattened || flat_member { prefix.to_owned() } else { format!("{prefix}.entry") };
                let (key, entry) = (key_name.unwrap_or("key"), value_name.unwrap_or("value"));
                for (i, (name, value)) in object.iter().enumerate() {
                    self.field(&format!("{prefix}.{}.{key}", i + 1), name);
                    self.value(&format!("{prefix}.{}.{entry}", i + 1), *shape, false, value);
                }
            }
            (_, Value::Null) => {}
            _ => {
                let text = scalar::text(self.service, shape, value, TimestampFormat::Iso8601);
                self.field(prefix, &text);
            }
        }
    }

    fn member_name(&self, member: &Member) -> String {
        if !self.ec2 {
            return member.wire_name().to_owned();
        }
        match member.query_name() {
            Some(name) => name.to_owned(),
            None => {
                let name = member.wire_name();
                let (first, rest) = name.split_at(name.len().min(1));
                format!("{}{rest}", first.to_ascii_uppercase())
            }
        }
    }
}

/// `A.Tag` for `A.Tags` and `Tag`.
fn sibling(path: &str, name: &str) -> String {
    match path.rsplit_once('.') {
        Some((parent, _)) => format!("{parent}.{name}"),
        None => name.to_owned(),
    }
}
