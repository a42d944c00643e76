//! A request's body, parsed once, with its texts borrowed from it where they have no escapes.

use super::fault::{Fault, Mistyped};
use serde::de::{DeserializeSeed, Deserializer, Error, MapAccess, SeqAccess, Visitor};
use std::borrow::Cow;
use std::fmt;

/// A JSON value of a request.
#[derive(Debug)]
#[allow(missing_docs)]
pub enum Json<'a> {
    Null,
    Bool(bool),
    Integer(i64),
    Decimal(f64),
    String(Cow<'a, str>),
    List(Vec<Json<'a>>),
    Object(Vec<(Cow<'a, str>, Json<'a>)>),
}

impl<'a> Json<'a> {
    /// Parses a body. What isn't JSON has no message, as measured with services of the same framework.
    pub fn parse(body: &'a [u8]) -> Result<Json<'a>, Fault> {
        let mut parser = serde_json::Deserializer::from_slice(body);
        let parsed = Seed.deserialize(&mut parser).and_then(|json| parser.end().map(|()| json));
        parsed.map_err(|_| Fault::Serialization(Mistyped(None)))
    }
}

struct Seed;

impl<'a> DeserializeSeed<'a> for Seed {
    type Value = Json<'a>;

    fn deserialize<D: Deserializer<'a>>(self, deserializer: D) -> Result<Json<'a>, D::Error> {
        deserializer.deserialize_any(JsonVisitor)
    }
}

struct JsonVisitor;

impl<'a> Visitor<'a> for JsonVisitor {
    type Value = Json<'a>;

    fn expecting(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("JSON")
    }

    fn visit_unit<E: Error>(self) -> Result<Json<'a>, E> {
        Ok(Json::Null)
    }

    fn visit_bool<E: Error>(self, value: bool) -> Result<Json<'a>, E> {
        Ok(Json::Bool(value))
    }

    fn visit_i64<E: Error>(self, value: i64) -> Result<Json<'a>, E> {
        Ok(Json::Integer(value))
    }

    fn visit_u64<E: Error>(self, value: u64) -> Result<Json<'a>, E> {
        Ok(i64::try_from(value).map_or(Json::Decimal(value as f64), Json::Integer))
    }

    fn visit_f64<E: Error>(self, value: f64) -> Result<Json<'a>, E> {
        Ok(Json::Decimal(value))
    }

    fn visit_str<E: Error>(self, value: &str) -> Result<Json<'a>, E> {
        Ok(Json::String(Cow::Owned(value.to_owned())))
    }

    fn visit_borrowed_str<E: Error>(self, value: &'a str) -> Result<Json<'a>, E> {
        Ok(Json::String(Cow::Borrowed(value)))
    }

    fn visit_seq<A: SeqAccess<'a>>(self, mut items: A) -> Result<Json<'a>, A::Error> {
        let mut list = Vec::new();
        while let Some(item) = items.next_element_seed(Seed)? {
            list.push(item);
        }
        Ok(Json::List(list))
    }

    fn visit_map<A: MapAccess<'a>>(self, mut members: A) -> Result<Json<'a>, A::Error> {
        let mut object = Vec::new();
        while let Some(name) = members.next_key_seed(Name)? {
            object.push((name, members.next_value_seed(Seed)?));
        }
        Ok(Json::Object(object))
    }
}

struct Name;

impl<'a> DeserializeSeed<'a> for Name {
    type Value = Cow<'a, str>;

    fn deserialize<D: Deserializer<'a>>(self, deserializer: D) -> Result<Cow<'a, str>, D::Error> {
        deserializer.deserialize_str(NameVisitor)
    }
}

struct NameVisitor;

impl<'a> Visitor<'a> for NameVisitor {
    type Value = Cow<'a, str>;

    fn expecting(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("a name")
    }

    fn visit_str<E: Error>(self, value: &str) -> Result<Cow<'a, str>, E> {
        Ok(Cow::Owned(value.to_owned()))
    }

    fn visit_borrowed_str<E: Error>(self, value: &'a str) -> Result<Cow<'a, str>, E> {
        Ok(Cow::Borrowed(value))
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn text_without_escapes_is_not_copied() {
        let json = Json::parse(br#"{"a":"plain","b":"with \"quotes\"","c":[1,-1.5,true,null]}"#).expect("valid JSON");
        let Json::Object(members) = json else { panic!("an object") };
        assert!(matches!(&members[0], (Cow::Borrowed("a"), Json::String(Cow::Borrowed("plain")))));
        assert!(matches!(&members[1], (_, Json::String(Cow::Owned(text))) if text == "with \"quotes\""));
        let (_, Json::List(items)) = &members[2] else { panic!("a list") };
        assert!(matches!(items[..], [Json::Integer(1), Json::Decimal(-1.5), Json::Bool(true), Json::Null]));
    }

    #[test]
    fn what_is_not_json_has_no_message() {
        let deep = "[".repeat(100_000);
        for body in ["", " ", "{", "{}}", r#"{"a":1,}"#, "{'a':1}", "nul", "\"\u{1}\"", &deep] {
            assert!(matches!(Json::parse(body.as_bytes()), Err(Fault::Serialization(Mistyped(None)))), "{body:.20}");
        }
        assert!(Json::parse(b"\"\xff\"").is_err());
    }
}
