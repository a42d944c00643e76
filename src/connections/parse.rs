//! From the text of a connections file to [`Connections`], or to the first thing that is wrong.

use super::problem::{Problem, Wrong};
use super::{Authorization, Connection, Connections, HttpParameters, OAuth, name_in_arn};
use crate::endpoint::Endpoint;
use crate::header;
use crate::json::{Object, Value};
use smol_str::{SmolStr, format_smolstr};

/// An object of the file, and its place.
struct Node<'a> {
    object: &'a Object,
    place: String,
}

/// The types of authorization, with the members that belong to them.
const TYPES: &[&str] = &["API_KEY", "BASIC", "OAUTH_CLIENT_CREDENTIALS"];
const PARAMETERS: [(&str, &str); 3] = [
    ("API_KEY", "ApiKeyAuthParameters"),
    ("BASIC", "BasicAuthParameters"),
    ("OAUTH_CLIENT_CREDENTIALS", "OAuthParameters"),
];

/// What else CreateConnection takes and DescribeConnection shows, which makes no difference to calls.
const DESCRIPTIVE: &[&str] = &[
    "Name",
    "Description",
    "KmsKeyIdentifier",
    "ConnectionArn",
    "StateReason",
    "SecretArn",
    "CreationTime",
    "LastModifiedTime",
    "LastAuthorizedTime",
    "Comment",
];

const STATES: &[&str] = &[
    "CREATING",
    "UPDATING",
    "DELETING",
    "AUTHORIZED",
    "DEAUTHORIZED",
    "AUTHORIZING",
    "DEAUTHORIZING",
    "ACTIVE",
    "FAILED_CONNECTIVITY",
];

pub(super) fn connections(text: &str) -> Result<Connections, Problem> {
    let file = Value::parse_file(text).map_err(Problem::NotJson)?;
    let file = Node { object: file.as_object().ok_or_else(|| Wrong::NotAnObject.at("/"))?, place: String::new() };
    file.only(&["Connections", "Endpoints", "Comment", "$schema"])?;
    let mut all = Connections::default();
    if let Some(connections) = file.node("Connections")? {
        for (name, _) in connections.object.iter() {
            let place = || connections.place_of(name);
            if !is_name(name) {
                return Err(Wrong::NotAName.at(place()));
            }
            let node = connections.node(name)?.ok_or_else(|| Wrong::NotAnObject.at(place()))?;
            all.connections.insert(name.clone(), connection(&node)?);
        }
    }
    if let Some(endpoints) = file.node("Endpoints")? {
        for (prefix, _) in endpoints.object.iter() {
            let place = || endpoints.place_of(prefix);
            let to = endpoints.text(prefix)?.ok_or_else(|| Wrong::NotAString.at(place()))?;
            let endpoint = Endpoint::parse(&to).map_err(|problem| Wrong::Endpoint(problem).at(place()))?;
            let beginning = Endpoint::parse(prefix).map_err(|problem| Wrong::Beginning(problem).at(place()))?;
            let is_same = |other: &Endpoint| other.is_same_server(&beginning) && other.path() == beginning.path();
            if all.endpoints.iter().any(|(other, _)| is_same(other)) {
                return Err(Wrong::Twice.at(place()));
            }
            all.endpoints.push((beginning, endpoint));
        }
    }
    all.endpoints.sort_by_key(|(beginning, _)| std::cmp::Reverse(beginning.path().len()));
    Ok(all)
}

fn connection(node: &Node<'_>) -> Result<Connection, Problem> {
    if let Some(private) = node.object.iter().find(|(name, _)| *name == "InvocationConnectivityParameters") {
        return Err(Wrong::Private.at(node.place_of(private.0)));
    }
    let known = [&["AuthorizationType", "AuthParameters", "ConnectionState"], DESCRIPTIVE].concat();
    node.only(&known)?;
    let kind = node.one_of("AuthorizationType", TYPES)?.ok_or_else(|| node.missing("AuthorizationType"))?;
    let state = node.one_of("ConnectionState", STATES)?.filter(|state| !matches!(*state, "AUTHORIZED" | "ACTIVE"));
    let parameters = node.required("AuthParameters")?;
    if parameters.object.contains("ConnectivityParameters") {
        return Err(Wrong::Private.at(parameters.place_of("ConnectivityParameters")));
    }
    let members = PARAMETERS.map(|(_, member)| member);
    parameters.only(&[&members[..], &["InvocationHttpParameters"]].concat())?;
    let other = PARAMETERS.iter().find(|(of, member)| *of != kind && parameters.object.contains(member));
    if let Some((_, member)) = other {
        return Err(Wrong::OtherAuthorization(kind).at(parameters.place_of(member)));
    }
    let authorization = match kind {
        "API_KEY" => {
            let key = parameters.required("ApiKeyAuthParameters")?;
            key.only(&["ApiKeyName", "ApiKeyValue"])?;
            let (name, value) = (key.must("ApiKeyName")?, key.secret("ApiKeyValue")?);
            check_header(&name, &value, &key.place_of("ApiKeyName"))?;
            Authorization::ApiKey { name, value }
        }
        "BASIC" => {
            let basic = parameters.required("BasicAuthParameters")?;
            basic.only(&["Username", "Password"])?;
            Authorization::Basic { username: basic.must("Username")?, password: basic.secret("Password")? }
        }
        _ => Authorization::OAuth(Box::new(oauth(&parameters.required("OAuthParameters")?)?)),
    };
    let invocation = http_parameters(&parameters, "InvocationHttpParameters")?;
    Ok(Connection { unusable: state.map(SmolStr::new_static), authorization, invocation })
}

fn oauth(node: &Node<'_>) -> Result<OAuth, Problem> {
    node.only(&["AuthorizationEndpoint", "HttpMethod", "ClientParameters", "OAuthHttpParameters"])?;
    let client = node.required("ClientParameters")?;
    client.only(&["ClientID", "ClientSecret"])?;
    let method = node.one_of("HttpMethod", &["GET", "POST", "PUT"])?.ok_or_else(|| node.missing("HttpMethod"))?;
    let authorization_endpoint = node.must("AuthorizationEndpoint")?;
    Endpoint::of_url(&authorization_endpoint)
        .map_err(|problem| Wrong::Endpoint(problem).at(node.place_of("AuthorizationEndpoint")))?;
    Ok(OAuth {
        authorization_endpoint,
        method: SmolStr::new_static(method),
        client_id: client.must("ClientID")?,
        client_secret: client.secret("ClientSecret")?,
        parameters: http_parameters(node, "OAuthHttpParameters")?,
    })
}

fn http_parameters(node: &Node<'_>, name: &str) -> Result<HttpParameters, Problem> {
    let Some(node) = node.node(name)? else { return Ok(HttpParameters::default()) };
    node.only(&["HeaderParameters", "QueryStringParameters", "BodyParameters"])?;
    let headers = pairs(&node, "HeaderParameters")?;
    for (place, (name, value)) in headers.iter().enumerate() {
        check_header(name, value, &format!("{}[{place}]", node.place_of("HeaderParameters")))?;
    }
    Ok(HttpParameters { headers, query: pairs(&node, "QueryStringParameters")?, body: pairs(&node, "BodyParameters")? })
}

/// A list of `Key` and `Value`.
fn pairs(node: &Node<'_>, name: &str) -> Result<Vec<(SmolStr, SmolStr)>, Problem> {
    let place = node.place_of(name);
    let items = match node.object.get(name) {
        None | Some(Value::Null) => &[][..],
        Some(list) => list.as_array().ok_or_else(|| Wrong::NotAList.at(place.as_str()))?,
    };
    let pair = |(number, item): (usize, &Value)| {
        let place = format!("{place}[{number}]");
        let object = item.as_object().ok_or_else(|| Wrong::NotAnObject.at(place.as_str()))?;
        let node = Node { object, place };
        node.only(&["Key", "Value", "IsValueSecret"])?;
        if node.object.get("IsValueSecret").is_some_and(|value| value.as_bool().is_none()) {
            return Err(Wrong::NotABoolean.at(node.place_of("IsValueSecret")));
        }
        let value = node.text("Value")?.ok_or_else(|| Wrong::MissingSecret("Value").at(node.place.as_str()))?;
        Ok((node.must("Key")?, value))
    };
    items.iter().enumerate().map(pair).collect()
}

fn check_header(name: &str, value: &str, place: &str) -> Result<(), Problem> {
    const OURS: [&str; 4] = ["host", "connection", "content-length", "transfer-encoding"];
    if !header::is_name(name) || OURS.contains(&name.to_ascii_lowercase().as_str()) {
        return Err(Wrong::NotAHeader.at(place));
    }
    if !header::is_value(value) {
        return Err(Wrong::NotAHeaderValue.at(place));
    }
    Ok(())
}

fn is_name(text: &str) -> bool {
    let is_plain = |byte: u8| byte.is_ascii_alphanumeric() || b"-_.".contains(&byte);
    name_in_arn(text).is_some() || (!text.is_empty() && text.bytes().all(is_plain))
}

impl<'a> Node<'a> {
    fn place_of(&self, name: &str) -> String {
        format!("{}/{name}", self.place)
    }

    fn missing(&self, name: &'static str) -> Problem {
        Wrong::Missing(name).at(self.place.as_str())
    }

    fn only(&self, known: &[&str]) -> Result<(), Problem> {
        let place = if self.place.is_empty() { "/" } else { &self.place };
        match self.object.iter().find(|(name, _)| !known.contains(&name.as_str())) {
            None => Ok(()),
            Some((name, _)) => Err(Wrong::Unknown(name.clone()).at(place)),
        }
    }

    fn node(&self, name: &str) -> Result<Option<Node<'a>>, Problem> {
        match self.object.get(name) {
            None | Some(Value::Null) => Ok(None),
            Some(Value::Object(object)) => Ok(Some(Node { object, place: self.place_of(name) })),
            Some(_) => Err(Wrong::NotAnObject.at(self.place_of(name))),
        }
    }

    fn required(&self, name: &'static str) -> Result<Node<'a>, Problem> {
        self.node(name)?.ok_or_else(|| self.missing(name))
    }

    fn text(&self, name: &str) -> Result<Option<SmolStr>, Problem> {
        match self.object.get(name) {
            None | Some(Value::Null) => Ok(None),
            Some(Value::String(text)) => Ok(Some(text.clone())),
            Some(_) => Err(Wrong::NotAString.at(self.place_of(name))),
        }
    }

    fn must(&self, name: &'static str) -> Result<SmolStr, Problem> {
        match self.text(name)? {
            None => Err(self.missing(name)),
            Some(text) if text.is_empty() => Err(Wrong::Empty.at(self.place_of(name))),
            Some(text) => Ok(text),
        }
    }

    fn secret(&self, name: &'static str) -> Result<SmolStr, Problem> {
        self.text(name)?.ok_or_else(|| Wrong::MissingSecret(name).at(format_smolstr!("{}", self.place)))
    }

    fn one_of(&self, name: &str, known: &'static [&'static str]) -> Result<Option<&'static str>, Problem> {
        let Some(text) = self.text(name)? else { return Ok(None) };
        let found = known.iter().find(|known| **known == text);
        found.map(|known| Some(*known)).ok_or_else(|| Wrong::NotOneOf(known).at(self.place_of(name)))
    }
}
