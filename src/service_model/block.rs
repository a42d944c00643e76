//! A service out of its block: numbers are LEB128, texts are places in the list at the block's beginning.

use super::{
    Checksum, Extras, Kind, Location, Member, Naming, Operation, Place, Protocol, Refusal, Service, Shape, ShapeId,
    TimestampFormat,
};

/// Reads what `generate.py` wrote; that it did is checked by reading all blocks in a test.
pub(super) fn read(name: &'static str, prefix: &'static str, naming: Naming, block: &'static [u8]) -> Service {
    Reader::new(naming, block)
        .and_then(|mut reader| reader.service(name, prefix))
        .expect("the table is what generate.py makes")
}

struct Reader {
    naming: Naming,
    rest: &'static [u8],
    texts: Vec<&'static str>,
}

impl Reader {
    fn new(naming: Naming, block: &'static [u8]) -> Option<Self> {
        let mut reader = Self { naming, rest: block, texts: Vec::new() };
        let lengths = reader.list(Self::number)?;
        for length in lengths {
            let (text, rest) = reader.rest.split_at_checked(length)?;
            reader.texts.push(std::str::from_utf8(text).ok()?);
            reader.rest = rest;
        }
        Some(reader)
    }

    fn service(&mut self, name: &'static str, prefix: &'static str) -> Option<Service> {
        let service = Service {
            name,
            prefix,
            id: self.text()??,
            endpoint_prefix: self.text()??,
            signing_name: self.text()??,
            api_version: self.text()??,
            target_prefix: self.text()?,
            json_version: self.text()?,
            xml_namespace: self.text()?,
            protocols: self.list(Self::protocol)?,
            query_compatible: self.number()? != 0,
            shapes: self.list(Self::shape)?,
            operations: self.list(Self::operation)?,
            errors: self.list(|reader| {
                let code = reader.text()??;
                Some((code, reader.text()?.unwrap_or(code)))
            })?,
            places: self.list(|reader| reader.list(Self::place))?,
        };
        self.rest.is_empty().then_some(service)
    }

    fn number(&mut self) -> Option<usize> {
        let mut number = 0;
        for shift in (0..usize::BITS).step_by(7) {
            let (byte, rest) = self.rest.split_first()?;
            self.rest = rest;
            number |= usize::from(byte & 0x7f) << shift;
            if byte & 0x80 == 0 {
                return Some(number);
            }
        }
        None
    }

    fn text(&mut self) -> Option<Option<&'static str>> {
        match self.number()? {
            0 => Some(None),
            place => self.texts.get(place - 1).map(|text| Some(*text)),
        }
    }

    fn list<T>(&mut self, mut item: impl FnMut(&mut Self) -> Option<T>) -> Option<Box<[T]>> {
        let count = self.number()?;
        (0..count).map(|_| item(self)).collect()
    }

    fn place(&mut self) -> Option<Place> {
        Some(Place {
            scope: self.text()?,
            host: self.text()??,
            signing_region: self.text()?,
            signing_name: self.text()?,
        })
    }

    fn id(&mut self) -> Option<ShapeId> {
        u32::try_from(self.number()?).ok().map(ShapeId)
    }

    fn protocol(&mut self) -> Option<Protocol> {
        use Protocol::{Cbor, Ec2, Json, Query, RestJson, RestXml};
        [Json, Cbor, Query, Ec2, RestJson, RestXml].get(self.number()?).copied()
    }

    fn shape(&mut self) -> Option<Shape> {
        let kind = match self.number()? {
            0 => {
                let flags = self.number()?;
                let members = self.list(Self::member)?;
                let kind = Kind::Structure { members, union: flags & 1 != 0, event_stream: flags & 2 != 0 };
                return Some(Shape { kind, min: None, max: None });
            }
            1 => Kind::List { flattened: self.number()? != 0, item: self.id()?, item_name: self.text()? },
            2 => Kind::Map {
                flattened: self.number()? != 0,
                key: self.id()?,
                value: self.id()?,
                key_name: self.text()?,
                value_name: self.text()?,
            },
            3 => Kind::String { values: self.list(|reader| reader.text()?)? },
            4 => Kind::Boolean,
            5 => Kind::Integer,
            6 => Kind::Long,
            7 => Kind::Float,
            8 => Kind::Double,
            9 => Kind::Timestamp(match self.number()? {
                0 => None,
                1 => Some(TimestampFormat::Iso8601),
                2 => Some(TimestampFormat::UnixSeconds),
                3 => Some(TimestampFormat::HttpDate),
                _ => return None,
            }),
            10 => Kind::Blob,
            11 => Kind::Document,
            _ => return None,
        };
        Some(Shape { kind, min: self.text()?, max: self.text()? })
    }

    fn member(&mut self) -> Option<Member> {
        use Location::{Body, Header, Headers, Query, Status, Uri};
        let name = self.text()??;
        let shape = self.id()?;
        let flags = self.number()?;
        let flag = |place: usize| flags >> place & 1 != 0;
        let location = *[Body, Header, Headers, Query, Uri, Status].get(flags & 7)?;
        let location_name = if flag(3) { self.text()? } else { None };
        let (extras, renamed) = if flag(4) {
            let (namespace, namespace_prefix, query_name) = (self.text()?, self.text()?, self.text()?);
            (Some(Box::new(Extras { namespace, namespace_prefix, query_name })), self.text()?)
        } else {
            (None, None)
        };
        Some(Member {
            name,
            public_name: self.naming.public_name(name, renamed),
            shape,
            location,
            location_name,
            required: flag(5),
            payload: flag(6),
            idempotency_token: flag(7),
            json_value: flag(8),
            flattened: flag(9),
            xml_attribute: flag(10),
            streaming: flag(11),
            host_label: flag(12),
            extras,
        })
    }

    fn operation(&mut self) -> Option<Operation> {
        let (name, method, uri) = (self.text()??, self.text()??, self.text()??);
        let mut side = || {
            let place = self.number()?;
            Some(place.checked_sub(1).and_then(|place| u32::try_from(place).ok()).map(ShapeId))
        };
        let (input, output) = (side()?, side()?);
        let flags = self.number()?;
        let refused = match flags & 3 {
            0 => None,
            2 => Some(Refusal::EventStream),
            _ => Some(Refusal::Documented),
        };
        let checksum = *[Checksum::None, Checksum::Optional, Checksum::Required].get(flags >> 2 & 3)?;
        Some(Operation {
            name,
            method,
            uri,
            input,
            output,
            refused,
            checksum,
            input_name: self.text()?,
            input_namespace: self.text()?,
            result_wrapper: self.text()?,
            host_prefix: self.text()?,
            checksum_header: self.text()?,
            unsigned: flags >> 4 & 1 != 0,
            places: self.number()?,
        })
    }
}
