//! The facts about the APIs of AWS's services: which there are, their actions, what these take and return, and how that
//! travels.
//!
//! The facts are a table that `generate.py` beside this file makes of the models that botocore installs. The program
//! carries it compressed; a service is unpacked when somebody first asks for it, and stays. This module knows no HTTP and
//! no states: what to write where in a request is said here, writing it is the business of `integrations`.

mod block;
mod call;
pub mod jobs;
mod mock;
mod model_input;
mod naming;
mod optimised;
mod parameters;
mod place;
mod table;

pub use call::{Call, Lookup};
pub use mock::{Mode, Violation};
pub use model_input::object_at;
use naming::Naming;
pub use optimised::{optimised, optimised_service};
pub use parameters::Form;
use place::Place;
pub use place::{AwsHost, Signing};
pub use table::{find, names};

use smol_str::SmolStr;

/// A service, by the name that it has in `arn:aws:states:::aws-sdk:<name>:<action>`.
#[derive(Debug)]
pub struct Service {
    /// `dynamodb`
    pub name: &'static str,
    /// What stands before the names of its errors and, in causes, after `Service:`: `DynamoDb`.
    pub prefix: &'static str,
    /// Its name among AWS's SDKs, from which the variables for endpoints are made: `API Gateway`, `DynamoDB`.
    pub id: &'static str,
    /// The first part of its host's name at AWS: `email` for SES.
    pub endpoint_prefix: &'static str,
    /// Its name in signatures.
    pub signing_name: &'static str,
    /// The version of its API, as the query protocols send it.
    pub api_version: &'static str,
    /// What stands before an operation's name in `X-Amz-Target`, and before it in the paths of RPC v2.
    pub target_prefix: Option<&'static str>,
    /// `1.0` or `1.1`, for the media type of AWS JSON.
    pub json_version: Option<&'static str>,
    /// The namespace of its XML documents.
    pub xml_namespace: Option<&'static str>,
    /// The protocols that it speaks, the one that it prefers first.
    pub protocols: Box<[Protocol]>,
    /// Whether its errors carry the codes that they had when it spoke the query protocol.
    pub query_compatible: bool,
    shapes: Box<[Shape]>,
    operations: Box<[Operation]>,
    errors: Box<[(&'static str, &'static str)]>,
    places: Box<[Box<[Place]>]>,
}

/// How requests and answers are written.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Protocol {
    /// AWS JSON 1.0 and 1.1
    Json,
    /// Smithy RPC v2 with CBOR
    Cbor,
    /// AWS query: forms in, XML out
    Query,
    /// EC2's variety of it
    Ec2,
    /// REST with JSON bodies
    RestJson,
    /// REST with XML bodies
    RestXml,
}

/// One thing that can be asked of a service.
#[derive(Debug)]
pub struct Operation {
    /// `PutItem`
    pub name: &'static str,
    /// `POST`
    pub method: &'static str,
    /// The path and perhaps a query, with members in braces: `/{Bucket}/{Key+}`.
    pub uri: &'static str,
    /// What it takes.
    pub input: Option<ShapeId>,
    /// What it returns.
    pub output: Option<ShapeId>,
    /// Why Step Functions doesn't take it, if it doesn't.
    pub refused: Option<Refusal>,
    /// Whether the body of the request has a checksum.
    pub checksum: Checksum,
    /// The name of the root of an XML body.
    pub input_name: Option<&'static str>,
    /// The namespace of that root.
    pub input_namespace: Option<&'static str>,
    /// The element that holds the result in the answers of the query protocol.
    pub result_wrapper: Option<&'static str>,
    /// What stands before the host's name at AWS: `data-`, `{AccountId}.`.
    pub host_prefix: Option<&'static str>,
    /// The header that names the algorithm of the checksum.
    pub checksum_header: Option<&'static str>,
    /// Whether requests to AWS are not signed.
    pub unsigned: bool,
    /// Which of its service's rules say where it is at AWS.
    places: usize,
}

/// Why an operation is none for Step Functions.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Refusal {
    /// AWS's documentation lists it as not supported.
    Documented,
    /// It sends or returns a stream of events. AWS documents that what streams audio or video can't be used, and lists
    /// some of these operations; that it holds for all of them is a guess.
    EventStream,
}

/// Whether the body of a request has a checksum in a header.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Checksum {
    /// It has none.
    None,
    /// The service takes one; the SDK for Java sends CRC32 unless told otherwise.
    Optional,
    /// The service wants one.
    Required,
}

/// The place of a shape among those of its service.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct ShapeId(u32);

/// A type of the API.
#[derive(Debug)]
pub struct Shape {
    /// What it is made of.
    pub kind: Kind,
    /// The least length or value, as written in the model; known of what is received only.
    pub min: Option<&'static str>,
    /// The greatest one.
    pub max: Option<&'static str>,
}

/// The kinds of types.
#[derive(Debug)]
pub enum Kind {
    /// Named members.
    Structure {
        /// In the model's order.
        members: Box<[Member]>,
        /// Whether exactly one member is there.
        union: bool,
        /// Whether it is a stream of events.
        event_stream: bool,
    },
    /// Items of one shape.
    List {
        /// The items' shape.
        item: ShapeId,
        /// The items' name in XML and forms.
        item_name: Option<&'static str>,
        /// Whether the items stand in place of the list.
        flattened: bool,
    },
    /// Entries of any names.
    Map {
        /// The names' shape.
        key: ShapeId,
        /// The values' shape.
        value: ShapeId,
        /// What the name is called in XML and forms.
        key_name: Option<&'static str>,
        /// What the value is called there.
        value_name: Option<&'static str>,
        /// Whether the entries stand in place of the map.
        flattened: bool,
    },
    /// Text.
    String {
        /// The values that it can have, all if none are named; known of what is received only.
        values: Box<[&'static str]>,
    },
    /// `true` or `false`
    Boolean,
    /// 32 bits
    Integer,
    /// 64 bits
    Long,
    /// 32 bits
    Float,
    /// 64 bits
    Double,
    /// A point in time, and how it is written if not as the protocol has it.
    Timestamp(Option<TimestampFormat>),
    /// Bytes.
    Blob,
    /// Any JSON.
    Document,
}

/// How a point in time is written.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum TimestampFormat {
    /// `2024-01-31T12:34:56Z`
    Iso8601,
    /// `1706704496`
    UnixSeconds,
    /// `Wed, 31 Jan 2024 12:34:56 GMT`
    HttpDate,
}

/// A member of a structure.
#[derive(Debug)]
pub struct Member {
    /// Its name in the model; users know it by its [`public_name`](Member::public_name).
    pub name: &'static str,
    public_name: SmolStr,
    /// What it is.
    pub shape: ShapeId,
    /// Where it travels.
    pub location: Location,
    /// Its name on the way, where that differs.
    pub location_name: Option<&'static str>,
    /// Whether it must be there.
    pub required: bool,
    /// Whether it is the body, alone.
    pub payload: bool,
    /// Whether an identifier of the request is sent where it isn't given.
    pub idempotency_token: bool,
    /// Whether it is JSON, in Base64.
    pub json_value: bool,
    /// Whether its items stand in its place.
    pub flattened: bool,
    /// Whether it is an attribute of the element of its structure.
    pub xml_attribute: bool,
    /// Whether it is the body as a stream.
    pub streaming: bool,
    /// Whether it is part of the host's name at AWS.
    pub host_label: bool,
    /// What few members have.
    extras: Option<Box<Extras>>,
}

/// Where a member of a request or an answer travels.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Location {
    /// In the body.
    Body,
    /// In a header.
    Header,
    /// A map, in all the headers whose names begin with its name.
    Headers,
    /// In the query; a map without a name of its own.
    Query,
    /// In the path.
    Uri,
    /// It is the status.
    Status,
}

#[derive(Debug)]
struct Extras {
    namespace: Option<&'static str>,
    namespace_prefix: Option<&'static str>,
    query_name: Option<&'static str>,
}

/// Whether a service is called where this variable says: `AWS_ENDPOINT_URL_API_GATEWAY`.
pub fn is_endpoint_variable(variable: &str) -> bool {
    let Some(id) = variable.strip_prefix("AWS_ENDPOINT_URL_") else { return false };
    let name = id.replace('_', "").to_ascii_lowercase();
    let names = [Some(name.as_str()), name.strip_suffix("service")];
    names.into_iter().flatten().filter_map(find).any(|service| service.endpoint_variable() == variable)
}

impl Service {
    /// The environment variable that AWS's SDKs read its endpoint from: `AWS_ENDPOINT_URL_API_GATEWAY`.
    pub fn endpoint_variable(&self) -> String {
        format!("AWS_ENDPOINT_URL_{}", self.id.to_ascii_uppercase().replace([' ', '-'], "_"))
    }

    /// The shape at this place.
    pub fn shape(&self, id: ShapeId) -> &Shape {
        &self.shapes[id.0 as usize]
    }

    /// The members of a structure, none of anything else.
    pub fn members(&self, id: ShapeId) -> &[Member] {
        match &self.shape(id).kind {
            Kind::Structure { members, .. } => members,
            _ => &[],
        }
    }

    /// The shape of a list's items.
    fn item(&self, id: ShapeId) -> Option<ShapeId> {
        match &self.shape(id).kind {
            Kind::List { item, .. } => Some(*item),
            _ => None,
        }
    }

    /// All operations, in the order of their names, those included that Step Functions doesn't take.
    pub fn operations(&self) -> &[Operation] {
        &self.operations
    }

    /// The operation of an action: `putItem`.
    pub fn action(&self, action: &str) -> Option<&Operation> {
        let first = action.chars().next().filter(char::is_ascii_lowercase)?;
        let name = format!("{}{}", first.to_ascii_uppercase(), &action[1..]);
        let found = |name: &str| self.operations.binary_search_by(|operation| operation.name.cmp(name)).ok();
        found(&name).or_else(|| found(action)).map(|place| &self.operations[place])
    }

    /// The class that the SDK for Java has for an error: `NoSuchKeyException` for the code `NoSuchKey`.
    pub fn exception(&self, code: &str) -> Option<&'static str> {
        let place = self.errors.binary_search_by(|(known, _)| (*known).cmp(code)).ok()?;
        Some(self.errors[place].1)
    }

    /// The classes of all errors, by their codes.
    pub fn errors(&self) -> &[(&'static str, &'static str)] {
        &self.errors
    }
}

impl Member {
    /// The name by which users know it.
    pub fn public_name(&self) -> SmolStr {
        self.public_name.clone()
    }

    /// Its name in a body.
    pub fn wire_name(&self) -> &'static str {
        self.location_name.unwrap_or(self.name)
    }

    /// The namespace of its XML element, and the prefix to which that is bound.
    pub fn namespace(&self) -> Option<(&'static str, Option<&'static str>)> {
        let extras = self.extras.as_ref()?;
        Some((extras.namespace?, extras.namespace_prefix))
    }

    /// Its name in the forms of EC2, where that differs.
    pub fn query_name(&self) -> Option<&'static str> {
        self.extras.as_ref()?.query_name
    }
}

#[cfg(test)]
mod tests;
