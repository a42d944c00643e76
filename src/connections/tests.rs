use super::*;

const KEY: &str = r#"{"AuthorizationType":"API_KEY","AuthParameters":{"ApiKeyAuthParameters":
    {"ApiKeyName":"X-Key","ApiKeyValue":"k"}}}"#;

fn file(connection: &str) -> String {
    format!(r#"{{"Connections":{{"c":{connection}}}}}"#)
}

fn parsed(text: &str) -> Connections {
    Connections::parse(text).expect("a file that is right")
}

#[test]
fn a_connection_is_found_by_its_arn_or_its_name() {
    let arn = "arn:aws:events:us-east-1:123456789012:connection/c/1";
    for key in ["c", arn] {
        let connections = parsed(&format!(r#"{{"Connections":{{"{key}":{KEY}}}}}"#));
        assert!(connections.find(arn).is_some(), "{key}");
        assert!(connections.find("arn:aws:events:us-east-1:123456789012:connection/d/1").is_none(), "{key}");
    }
    assert!(parsed(&file(KEY)).find("arn:aws:events:eu-west-1:000000000000:connection/c").is_some());
    assert!(Connections::default().find(arn).is_none());
}

#[test]
fn what_create_connection_takes_is_taken() {
    let pair = |name: &str, value: &str| (SmolStr::new(name), SmolStr::new(value));
    let connection = |text: &str| {
        let connections = parsed(&file(text));
        connections.connections["c"].clone()
    };
    assert!(connection(KEY).authorization == Authorization::ApiKey { name: "X-Key".into(), value: "k".into() });
    let basic = connection(
        r#"{"Name":"c","Description":"d","ConnectionState":"AUTHORIZED","AuthorizationType":"BASIC","AuthParameters":{
            "BasicAuthParameters":{"Username":"u","Password":""},"InvocationHttpParameters":{
            "HeaderParameters":[{"Key":"h","Value":"1","IsValueSecret":true}],
            "QueryStringParameters":[{"Key":"q","Value":"2"}],"BodyParameters":[{"Key":"b","Value":"3"}]}}}"#,
    );
    assert!(basic.authorization == Authorization::Basic { username: "u".into(), password: "".into() });
    let parameters =
        HttpParameters { headers: vec![pair("h", "1")], query: vec![pair("q", "2")], body: vec![pair("b", "3")] };
    assert!((basic.invocation, basic.unusable) == (parameters, None));
    let oauth = connection(
        r#"{"ConnectionState":"DEAUTHORIZED","AuthorizationType":"OAUTH_CLIENT_CREDENTIALS","AuthParameters":{
            "OAuthParameters":{"AuthorizationEndpoint":"https://a/token?x=1","HttpMethod":"POST",
            "ClientParameters":{"ClientID":"i","ClientSecret":"s"},
            "OAuthHttpParameters":{"BodyParameters":[{"Key":"grant_type","Value":"client_credentials"}]}}}}"#,
    );
    let expected = OAuth {
        authorization_endpoint: "https://a/token?x=1".into(),
        method: "POST".into(),
        client_id: "i".into(),
        client_secret: "s".into(),
        parameters: HttpParameters {
            body: vec![pair("grant_type", "client_credentials")],
            ..HttpParameters::default()
        },
    };
    assert!(oauth.authorization == Authorization::OAuth(Box::new(expected)));
    assert_eq!(oauth.unusable.as_deref(), Some("DEAUTHORIZED"));
}

#[test]
fn the_longest_beginning_of_a_url_is_replaced() {
    let connections = parsed(
        r#"{"Endpoints":{"https://h":"http://a:1","https://h/v2/":"http://b:2/x","https://other:8443":"http://c",
        "https://API.example.com:443/v1":"http://d"}}"#,
    );
    for (url, expected) in [
        ("https://h", Some("http://a:1 ")),
        ("https://h/v1/y?z=1", Some("http://a:1 /v1/y?z=1")),
        ("HTTPS://H?z", Some("http://a:1 ?z")),
        ("https://h:443/v1", Some("http://a:1 /v1")),
        ("https://h./v1", Some("http://a:1 /v1")),
        ("https://h/v2", Some("http://b:2/x ")),
        ("https://h:443/v2/y", Some("http://b:2/x /y")),
        ("https://h/v22/y", Some("http://a:1 /v22/y")),
        ("https://h/V2/y", Some("http://a:1 /V2/y")),
        ("https://other:8443/y", Some("http://c /y")),
        ("https://api.example.com/v1?z", Some("http://d ?z")),
        ("https://api.example.com/v2", None),
        ("http://h/v1", None),
        ("https://hh/y", None),
        ("https://h:8443/y", None),
    ] {
        let (server, path) = Endpoint::of_url(url).expect("a URL");
        let found = connections.instead_of(&server, path).map(|(endpoint, rest)| format!("{endpoint} {rest}"));
        assert_eq!(found.as_deref(), expected, "{url}");
    }
}

#[test]
fn what_is_wrong_is_told_with_its_place_and_without_secrets() {
    let key = |key: &str| {
        file(&format!(r#"{{"AuthorizationType":"API_KEY","AuthParameters":{{"ApiKeyAuthParameters":{key}}}}}"#))
    };
    let with = |more: &str| file(&KEY.replacen('{', &format!("{{{more},"), 1));
    let parameters =
        |parameters: &str| file(&KEY.replace("}}}", &format!(r#"}},"InvocationHttpParameters":{parameters}}}}}"#)));
    let oauth = |oauth: &str| {
        let kind = r#""AuthorizationType":"OAUTH_CLIENT_CREDENTIALS""#;
        file(&format!(r#"{{{kind},"AuthParameters":{{"OAuthParameters":{oauth}}}}}"#))
    };
    for (text, expected) in [
        ("{", "line 1, column 2: "),
        (r#"{"Connections":{"c":{},"c":{}}}"#, r#"line 1, column 24: the member "c" stands twice in the same object"#),
        ("[]", "/: must be an object"),
        (r#"{"connections":{}}"#, r#"/: "connections" is not a member that this can have"#),
        (r#"{"Connections":[]}"#, "/Connections: must be an object"),
        (&format!(r#"{{"Connections":{{"a b":{KEY}}}}}"#), "/Connections/a b: must be the name of a connection"),
        (
            &format!(r#"{{"Connections":{{"arn:aws:lambda:us-east-1:123456789012:connection/c/1":{KEY}}}}}"#),
            "/Connections/arn:aws:lambda:us-east-1:123456789012:connection/c/1: must be the name of a connection",
        ),
        (&format!(r#"{{"Connections":{{":connection/c":{KEY}}}}}"#), "/Connections/:connection/c: must be the name of"),
        (&file("7"), "/Connections/c: must be an object"),
        (&file("{}"), "/Connections/c: AuthorizationType is missing"),
        (
            &file(r#"{"AuthorizationType":"NONE"}"#),
            "/Connections/c/AuthorizationType: must be one of API_KEY, BASIC, OAUTH_CLIENT_CREDENTIALS",
        ),
        (&file(r#"{"AuthorizationType":"BASIC"}"#), "/Connections/c: AuthParameters is missing"),
        (
            &file(r#"{"AuthorizationType":"BASIC","AuthParameters":{"ApiKeyAuthParameters":{}}}"#),
            "/Connections/c/AuthParameters/ApiKeyAuthParameters: is of no use with the AuthorizationType BASIC",
        ),
        (&key("{}"), "/Connections/c/AuthParameters/ApiKeyAuthParameters: ApiKeyName is missing"),
        (
            &key(r#"{"ApiKeyName":"n"}"#),
            "/Connections/c/AuthParameters/ApiKeyAuthParameters: ApiKeyValue is missing, which AWS doesn't show; write it here",
        ),
        (
            &key(r#"{"ApiKeyName":"n n","ApiKeyValue":"geheim"}"#),
            "/Connections/c/AuthParameters/ApiKeyAuthParameters/ApiKeyName: is not a header's name",
        ),
        (&with(r#""State":"x""#), r#"/Connections/c: "State" is not a member that this can have"#),
        (&with(r#""ConnectionState":"x""#), "/Connections/c/ConnectionState: must be one of CREATING, "),
        (
            &with(r#""InvocationConnectivityParameters":{}"#),
            "/Connections/c/InvocationConnectivityParameters: Stepwell can't connect to private networks",
        ),
        (
            &parameters(r#"{"HeaderParameters":{}}"#),
            "/Connections/c/AuthParameters/InvocationHttpParameters/HeaderParameters: must be a list",
        ),
        (
            &parameters(r#"{"HeaderParameters":[{"Key":"Host","Value":"geheim"}]}"#),
            "/Connections/c/AuthParameters/InvocationHttpParameters/HeaderParameters[0]: is not a header's name, or one",
        ),
        (
            &parameters(r#"{"BodyParameters":[{"Key":"a","Value":"1"},{"Key":"b","IsValueSecret":true}]}"#),
            "/Connections/c/AuthParameters/InvocationHttpParameters/BodyParameters[1]: Value is missing, which AWS",
        ),
        (
            &parameters(r#"{"BodyParameters":[{"Key":"a","Value":"1","IsValueSecret":1}]}"#),
            "/Connections/c/AuthParameters/InvocationHttpParameters/BodyParameters[0]/IsValueSecret: must be true or false",
        ),
        (&oauth("{}"), "/Connections/c/AuthParameters/OAuthParameters: ClientParameters is missing"),
        (
            &oauth(r#"{"ClientParameters":{"ClientID":"i","ClientSecret":"s"},"HttpMethod":"PATCH"}"#),
            "/Connections/c/AuthParameters/OAuthParameters/HttpMethod: must be one of GET, POST, PUT",
        ),
        (
            &oauth(r#"{"ClientParameters":{},"HttpMethod":"PUT","AuthorizationEndpoint":"a.example"}"#),
            "/Connections/c/AuthParameters/OAuthParameters/AuthorizationEndpoint: the address is not a URL that begins",
        ),
        (
            &oauth(r#"{"ClientParameters":{},"HttpMethod":"PUT","AuthorizationEndpoint":"https://a:b/t?x=1"}"#),
            "/Connections/c/AuthParameters/OAuthParameters/AuthorizationEndpoint: the address has a port that is not",
        ),
        (
            &oauth(r#"{"ClientParameters":{},"HttpMethod":"PUT","AuthorizationEndpoint":"https://a/{b}"}"#),
            "/Connections/c/AuthParameters/OAuthParameters/AuthorizationEndpoint: the address has characters",
        ),
        (r#"{"Endpoints":{"https://h":7}}"#, "/Endpoints/https://h: must be a string"),
        (r#"{"Endpoints":{"h":"http://a"}}"#, "/Endpoints/h: this name is not a URL that begins with http"),
        (r#"{"Endpoints":{"https://h?a":"http://a"}}"#, "/Endpoints/https://h?a: this name has a user, query or"),
        (
            r#"{"Endpoints":{"https://h":"http://a","https://H:443/":"http://b"}}"#,
            "/Endpoints/https://H:443/: stands for the same URLs as another one",
        ),
        (r#"{"Endpoints":{"https://h":"a"}}"#, "/Endpoints/https://h: the address is not a URL"),
    ] {
        let problem = Connections::parse(text).expect_err(text).to_string();
        assert!(problem.starts_with(expected), "{text}: {problem}");
        assert!(!problem.contains("geheim"), "{problem}");
    }
}

#[test]
fn secrets_are_not_shown() {
    let shown = format!("{:?}", parsed(&file(&KEY.replace("\"k\"", "\"geheim\""))));
    assert!(!shown.contains("geheim"), "{shown}");
}
