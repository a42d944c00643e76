//! Smithy RPC v2: CBOR bodies.

use super::json::named;
use super::{Request, Unreadable, body, scalar};
use crate::json::Value;
use crate::service_model::{Kind, Operation, Service, ShapeId};
use minicbor::data::{IanaTag, Type};
use minicbor::{Decoder, Encoder};
use smol_str::SmolStr;

/// Deeper answers are refused: they are read recursively.
const DEPTH: usize = 200;

pub(super) fn encode(service: &Service, operation: &Operation, parameters: &Value) -> Request {
    let mut headers = vec![
        ("smithy-protocol".to_owned(), "rpc-v2-cbor".to_owned()),
        ("accept".to_owned(), "application/cbor".to_owned()),
    ];
    let mut body = Vec::new();
    if let Some(shape) = operation.input {
        headers.push(("content-type".to_owned(), "application/cbor".to_owned()));
        write(service, shape, parameters, &mut Encoder::new(&mut body));
    }
    let path = format!("/service/{}/operation/{}", service.target_prefix.unwrap_or_default(), operation.name);
    Request { method: "POST", path, query: String::new(), headers, body }
}

/// Writing into memory can't fail.
const IN_MEMORY: &str = "a vector takes everything";

fn write(service: &Service, shape: ShapeId, value: &Value, out: &mut Encoder<&mut Vec<u8>>) {
    let written = match (&service.shape(shape).kind, value) {
        (_, Value::Null) => out.null(),
        (Kind::Structure { .. }, Value::Object(object)) => {
            let members: Vec<_> = body::given(service, shape, object).collect();
            out.map(members.len() as u64).expect(IN_MEMORY);
            for (member, value) in members {
                out.str(member.wire_name()).expect(IN_MEMORY);
                write(service, member.shape, value, out);
            }
            Ok(out)
        }
        (Kind::Map { value: shape, .. }, Value::Object(object)) => {
            out.map(object.len() as u64).expect(IN_MEMORY);
            for (name, value) in object.iter() {
                out.str(name).expect(IN_MEMORY);
                write(service, *shape, value, out);
            }
            Ok(out)
        }
        (Kind::List { item, .. }, Value::Array(_)) => {
            let items = value.as_array().unwrap_or_default();
            out.array(items.len() as u64).expect(IN_MEMORY);
            items.iter().for_each(|value| write(service, *item, value, out));
            Ok(out)
        }
        (Kind::Boolean, Value::Bool(value)) => out.bool(*value),
        (Kind::Integer | Kind::Long, Value::Number(number)) => out.i64(number.as_whole().unwrap_or_default()),
        (Kind::Float | Kind::Double, Value::Number(number)) => out.f64(number.as_f64()),
        (Kind::Timestamp(_), Value::String(text)) => {
            let millis = scalar::instant(text).map_or(0, |instant| instant.timestamp_millis());
            out.tag(IanaTag::Timestamp).expect(IN_MEMORY);
            if millis % 1000 == 0 { out.i64(millis / 1000) } else { out.f64(millis as f64 / 1000.0) }
        }
        (Kind::Blob, _) => out.bytes(&scalar::bytes(value)),
        (_, Value::String(text)) => out.str(text),
        _ => out.str(&value.to_compact_text()),
    };
    written.expect(IN_MEMORY);
}

pub(super) fn decode(service: &Service, output: ShapeId, body: &[u8]) -> Result<Value, Unreadable> {
    if body.is_empty() {
        return Ok(Value::object::<SmolStr>([]));
    }
    read(service, Some(output), &mut Decoder::new(body), 0)?.ok_or_else(|| scalar::mismatch(service, output))
}

/// A body as it is, for errors, whose members are known by name alone.
pub(super) fn parse(body: &[u8], service: &Service) -> Result<Value, Unreadable> {
    read(service, None, &mut Decoder::new(body), 0).map(Option::unwrap_or_default)
}

impl From<minicbor::decode::Error> for Unreadable {
    fn from(error: minicbor::decode::Error) -> Self {
        Unreadable::Body(error.to_string())
    }
}

fn read(
    service: &Service,
    shape: Option<ShapeId>,
    input: &mut Decoder<'_>,
    depth: usize,
) -> Result<Option<Value>, Unreadable> {
    if depth > DEPTH {
        return Err(Unreadable::Body("the answer is nested too deeply".to_owned()));
    }
    let kind = shape.map(|shape| &service.shape(shape).kind);
    let form = input.datatype()?;
    if let Some(shape) = shape.filter(|_| !kind.is_none_or(|kind| fits(kind, form))) {
        return Err(scalar::mismatch(service, shape));
    }
    let value = match form {
        Type::Null | Type::Undefined => {
            input.skip()?;
            return Ok(None);
        }
        Type::Bool => input.bool()?.into(),
        Type::F16 | Type::F32 | Type::F64 => {
            let number = float(input)?;
            if number.is_finite() { number.into() } else { not_finite(number).into() }
        }
        Type::U8 | Type::U16 | Type::U32 | Type::U64 | Type::I8 | Type::I16 | Type::I32 | Type::I64 | Type::Int => {
            let number = i128::from(input.int()?);
            match i64::try_from(number) {
                Ok(number) => number.into(),
                Err(_) => Value::parse(&number.to_string()).unwrap_or_default(),
            }
        }
        Type::Bytes | Type::BytesIndef => {
            let chunks = input.bytes_iter()?.collect::<Result<Vec<_>, _>>()?;
            scalar::blob(&chunks.concat())?
        }
        Type::String | Type::StringIndef => {
            let text = input.str_iter()?.collect::<Result<String, _>>()?;
            scalar::string(service, &text)
        }
        Type::Tag => {
            input.tag()?;
            return read(service, shape, input, depth + 1);
        }
        Type::Array | Type::ArrayIndef => {
            let item = match kind {
                Some(Kind::List { item, .. }) => Some(*item),
                _ => None,
            };
            let mut left = input.array()?;
            let mut items = Vec::new();
            while more(&mut left, input)? {
                items.push(read(service, item, input, depth + 1)?.unwrap_or_default());
            }
            Value::array(items)
        }
        Type::Map | Type::MapIndef => read_map(service, kind, input, depth)?,
        other => return Err(Unreadable::Body(format!("the answer has an unexpected {other}"))),
    };
    let Some(shape) = shape else { return Ok(Some(value)) };
    let found = match (&service.shape(shape).kind, &value) {
        (Kind::Timestamp(_), Value::String(text)) => scalar::time(text),
        (Kind::Timestamp(_), _) => value.as_f64().and_then(scalar::time_of_seconds),
        (kind @ (Kind::Integer | Kind::Long), Value::Number(number)) if !scalar::is_of(kind, number) => None,
        _ => Some(value),
    };
    found.map(Some).ok_or_else(|| scalar::mismatch(service, shape))
}

/// Whether something of this form can be of this kind. Tags say no more than the model does.
fn fits(kind: &Kind, form: Type) -> bool {
    use Type::{Array, ArrayIndef, Bool, Bytes, BytesIndef, Map, MapIndef, Null, String, StringIndef, Tag, Undefined};
    use Type::{F16, F32, F64, I8, I16, I32, I64, Int, U8, U16, U32, U64};
    let is_number = matches!(form, F16 | F32 | F64 | U8 | U16 | U32 | U64 | I8 | I16 | I32 | I64 | Int);
    match (kind, form) {
        (_, Null | Undefined | Tag) | (Kind::Document, _) => true,
        (Kind::Structure { .. } | Kind::Map { .. }, form) => matches!(form, Map | MapIndef),
        (Kind::List { .. }, form) => matches!(form, Array | ArrayIndef),
        (Kind::String { .. }, form) => matches!(form, String | StringIndef),
        (Kind::Blob, form) => matches!(form, Bytes | BytesIndef),
        (Kind::Boolean, form) => form == Bool,
        (Kind::Integer | Kind::Long | Kind::Float | Kind::Double, _) => is_number,
        (Kind::Timestamp(_), form) => is_number || matches!(form, String | StringIndef),
    }
}

fn read_map(
    service: &Service,
    kind: Option<&Kind>,
    input: &mut Decoder<'_>,
    depth: usize,
) -> Result<Value, Unreadable> {
    let mut left = input.map()?;
    let mut entries: Vec<(SmolStr, Value)> = Vec::new();
    while more(&mut left, input)? {
        let key: SmolStr = input.str_iter()?.collect::<Result<String, _>>()?.into();
        let (name, shape) = match kind {
            Some(Kind::Structure { members, .. }) => match members.iter().find(|member| member.wire_name() == key) {
                Some(member) => (member.public_name(), Some(member.shape)),
                None => {
                    input.skip()?;
                    continue;
                }
            },
            Some(Kind::Map { value, .. }) => (key, Some(*value)),
            _ => (key, None),
        };
        let value = read(service, shape, input, depth + 1).map_err(|error| named(error, &name))?;
        match (value, kind) {
            (Some(value), _) => entries.push((name, value)),
            (None, Some(Kind::Map { .. })) => entries.push((name, Value::Null)),
            (None, _) => {}
        }
    }
    Ok(Value::object(entries))
}

/// Whether one more item follows in a container with a known number of them or an end mark.
fn more(left: &mut Option<u64>, input: &mut Decoder<'_>) -> Result<bool, Unreadable> {
    match left {
        Some(0) => Ok(false),
        Some(count) => {
            *count -= 1;
            Ok(true)
        }
        None if input.datatype()? == Type::Break => {
            input.skip()?;
            Ok(false)
        }
        None => Ok(true),
    }
}

fn float(input: &mut Decoder<'_>) -> Result<f64, Unreadable> {
    Ok(match input.datatype()? {
        Type::F16 => f64::from(input.f16()?),
        // By its shortest text, so that 0.1 stays 0.1.
        Type::F32 => input.f32()?.to_string().parse().unwrap_or(f64::NAN),
        _ => input.f64()?,
    })
}

/// As the JSON protocols write them.
fn not_finite(number: f64) -> &'static str {
    if number.is_nan() {
        "NaN"
    } else if number > 0.0 {
        "Infinity"
    } else {
        "-Infinity"
    }
}
