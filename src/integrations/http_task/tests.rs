//! Against stubs that answer one connection each with fixed bytes.

use super::*;
use crate::integrations::stub::{Answers, Stub, answer, namespace};
use crate::interpreter::invocation::Secrets;
use smol_str::SmolStr;

const ARN: &str = "arn:aws:events:us-east-1:123456789012:connection/c/1";

const KEY: &str = r#"{"AuthorizationType":"API_KEY","AuthParameters":{"ApiKeyAuthParameters":
    {"ApiKeyName":"X-Key","ApiKeyValue":"k"}}}"#;

/// `KEY` with what is added to each request.
fn key_with(invocation: &str) -> String {
    KEY.replace("}}}", &format!(r#"}},"InvocationHttpParameters":{invocation}}}}}"#))
}

fn basic() -> String {
    r#"{"AuthorizationType":"BASIC","AuthParameters":{"BasicAuthParameters":{"Username":"u","Password":"p"}}}"#
        .to_owned()
}

fn oauth(method: &str, more: &str) -> String {
    let client = r#""ClientParameters":{"ClientID":"i d","ClientSecret":"s"}"#;
    let oauth =
        format!(r#"{{"AuthorizationEndpoint":"https://auth/token?x=1","HttpMethod":"{method}",{client}{more}}}"#);
    format!(r#"{{"AuthorizationType":"OAUTH_CLIENT_CREDENTIALS","AuthParameters":{{"OAuthParameters":{oauth}}}}}"#)
}

/// A task with these parameters, and with an endpoint, a method and a connection if they have none.
fn task(parameters: &str) -> HttpTask {
    let given = Value::parse(parameters).expect("valid JSON");
    let connection = Value::object([("ConnectionArn", ARN.into())]);
    let defaults =
        [("ApiEndpoint", "https://api/a".into()), ("Method", "GET".into()), ("InvocationConfig", connection)];
    let given = given.as_object().expect("an object").iter().map(|(name, value)| (name.as_str(), value.clone()));
    // The last of several values of a member counts.
    HttpTask::of(&Value::object(defaults.into_iter().chain(given))).expect("usable parameters")
}

fn tasks(config: &Config) -> HttpTasks {
    HttpTasks::new(config, &Client::new(config))
}

/// A caller whose APIs and authorization endpoint are at stubs.
fn caller(connection: &str, api: Option<&Stub>, auth: Option<&Stub>) -> HttpTasks {
    let at = |name: &str, stub: Option<&Stub>| stub.map(|stub| format!(r#""https://{name}":"{}""#, stub.endpoint()));
    let endpoints: Vec<String> = at("api", api).into_iter().chain(at("auth", auth)).collect();
    let file = format!(r#"{{"Connections":{{"c":{connection}}},"Endpoints":{{{}}}}}"#, endpoints.join(","));
    let connections = Arc::new(Connections::parse(&file).expect("a file that is right"));
    tasks(&Config { connections, ..Config::default() })
}

fn told(result: Result<Value, Failure>) -> String {
    result.map_or_else(
        |failure| format!("{}: {}", failure.error().unwrap_or_default(), failure.cause().unwrap_or_default()),
        |value| value.to_text(),
    )
}

/// The outcome of a request, and the request.
async fn called(connection: &str, parameters: &str, answers: Answers) -> (String, String) {
    let stub = Stub::start(answers);
    let result = caller(connection, Some(&stub), None).call(&namespace(), &task(parameters)).await;
    (told(result), stub.requests.try_recv().unwrap_or_default())
}

fn ok() -> Answers {
    answer("200 OK", &["Date: d"], "")
}

#[tokio::test]
async fn a_request_is_what_the_task_gives_and_what_the_connection_adds() {
    let everything = key_with(
        r#"{"HeaderParameters":[{"Key":"Header-Param","Value":"c"}],"QueryStringParameters":[{"Key":"q","Value":"c&"}],
        "BodyParameters":[{"Key":"BodyParam","Value":"c"}]}"#,
    );
    let (key, basic) = (KEY.to_owned(), basic());
    let ours = "user-agent: Amazon|StepFunctions|HttpInvoke|us-east-1\r\nrange: bytes=0-262144\r\n";
    for (connection, parameters, first_line, headers, body) in [
        (&key, "{}", "GET /a HTTP/1.1", format!("host: api\r\nx-key: k\r\n{ours}"), ""),
        (&basic, "{}", "GET /a HTTP/1.1", format!("authorization: Basic dTpw\r\n{ours}"), ""),
        (
            &key,
            r#"{"Method":"DELETE","ApiEndpoint":"https://api?z=0","Headers":{"A":["1","2"],"User-Agent":"me","range":"all","x-KEY":"mine"},
            "QueryParameters":{"a b":["1","2"],"c":"/"}}"#,
            "DELETE /?z=0&a%20b=1&a%20b=2&c=%2F HTTP/1.1",
            format!("a: 1\r\na: 2\r\nx-key: k\r\n{ours}"),
            "",
        ),
        (
            &everything,
            r#"{"Method":"POST","Headers":{"Request-Id":"r","header-param":"t"},"QueryParameters":{"q":"t","r":"t"},
            "RequestBody":{"Job":"j", "BodyParam":"t","Company":"c"}}"#,
            "POST /a?r=t&q=c%26 HTTP/1.1",
            format!(
                "request-id: r\r\nx-key: k\r\nheader-param: c\r\n{ours}content-type: application/json; charset=UTF-8\r\n"
            ),
            r#"{"Job":"j","BodyParam":"c","Company":"c"}"#,
        ),
        (
            &everything,
            "{}",
            "GET /a?q=c%26 HTTP/1.1",
            format!("x-key: k\r\nheader-param: c\r\n{ours}content-type: application/json; charset=UTF-8\r\n"),
            r#"{"BodyParam":"c"}"#,
        ),
        (
            &everything,
            r#"{"Method":"PUT","Headers":{"Content-Type":"application/x-www-form-urlencoded"},"RequestBody":{"a":["1","2"]},
            "Transform":{"RequestBodyEncoding":"URL_ENCODED","RequestEncodingOptions":{"ArrayFormat":"REPEAT"}}}"#,
            "PUT /a?q=c%26 HTTP/1.1",
            format!("content-type: application/x-www-form-urlencoded\r\nx-key: k\r\nheader-param: c\r\n{ours}"),
            "a=1&a=2&BodyParam=c",
        ),
        (
            &key,
            r#"{"Method":"POST","RequestBody":{"a":["1"]},"Transform":{"RequestBodyEncoding":"URL_ENCODED"}}"#,
            "POST /a HTTP/1.1",
            format!("x-key: k\r\n{ours}content-type: application/json; charset=UTF-8\r\n"),
            "a%5B0%5D=1",
        ),
        (
            &key,
            r#"{"Method":"PATCH","RequestBody":"text"}"#,
            "PATCH /a HTTP/1.1",
            format!("x-key: k\r\n{ours}content-type: application/json; charset=UTF-8\r\n"),
            r#""text""#,
        ),
    ] {
        let (_, request) = called(connection, parameters, ok()).await;
        let (head, found) = request.split_once("\r\n\r\n").expect("a request");
        assert_eq!(head.lines().next(), Some(first_line), "{parameters}");
        assert!(format!("{head}\r\n").contains(&headers), "{parameters}: {head}");
        assert_eq!(found, body, "{parameters}");
    }
}

#[tokio::test]
async fn the_result_is_the_answer() {
    let headers = ["Content-Type: application/json", "X-A: 1", "x-a: 2", "Date: d"];
    let around = |body: &str, length: usize| {
        format!(
            r#"{{"Headers":{{"content-type":["application/json"],"x-a":["1","2"],"date":["d"],"content-length":["{length}"]}},"ResponseBody":{body},"StatusCode":201,"StatusText":"Made"}}"#
        )
    };
    for (body, expected) in [(r#"{"a": 1}"#, r#"{"a":1}"#), ("7", "7"), ("", r#""""#), ("<ä/>", r#""<ä/>""#)] {
        let (told, _) = called(KEY, "{}", answer("201 Made", &headers, body)).await;
        assert_eq!(told, around(expected, body.len()));
    }
}

#[tokio::test]
async fn any_other_status_is_an_error_of_its_own() {
    for (status, expected) in [
        ("301 Moved Permanently", "States.Http.StatusCode.301: Moved Permanently"),
        ("400 Bad Request", "States.Http.StatusCode.400: Bad Request"),
        ("404 Nothing Here", "States.Http.StatusCode.404: Nothing Here"),
        ("429 Too Many Requests", "States.Http.StatusCode.429: Too Many Requests"),
        ("503 Service Unavailable", "States.Http.StatusCode.503: Service Unavailable"),
    ] {
        let answers = answer(status, &["Location: https://elsewhere", "Content-Type: image/png"], "why");
        assert_eq!(called(KEY, "{}", answers).await.0, expected);
    }
}

#[tokio::test]
async fn answers_that_cannot_be_read_fail_the_workflow() {
    let bytes = |head: &str, body: &[u8]| {
        let head = format!("HTTP/1.1 200 OK\r\n{head}Content-Length: {}\r\n\r\n", body.len());
        Answers::With([head.as_bytes(), body].concat())
    };
    for (head, body, expected) in [
        (
            "Content-Type: application/octet-stream\r\n",
            &b"{}"[..],
            "States.Runtime: The HTTP response has the content type 'application/octet-stream', which HTTP Tasks do not support",
        ),
        (
            "Content-Type: Image/PNG; x=y\r\n",
            b"{}",
            "States.Runtime: The HTTP response has the content type 'Image/PNG; x=y', which HTTP Tasks do not support",
        ),
        ("", b"\xff\xfe", "States.Runtime: The HTTP response cannot be read as a string"),
    ] {
        assert_eq!(called(KEY, "{}", bytes(head, body)).await.0, expected);
    }
    let too_large = "States.DataLimitExceeded: The state/task 'http' returned a result with a size exceeding the maximum number of bytes service limit.";
    for size in [quota_and_one(), MOST_BYTES + 1] {
        assert_eq!(called(KEY, "{}", bytes("", &vec![b'a'; size])).await.0, too_large, "{size}");
        let error = answer("503 Service Unavailable", &[], &"a".repeat(size));
        assert_eq!(called(KEY, "{}", error).await.0, "States.Http.StatusCode.503: Service Unavailable", "{size}");
    }
}

fn quota_and_one() -> usize {
    crate::quota::PAYLOAD_BYTES + 1
}

#[tokio::test]
async fn what_happens_on_the_way_is_an_error_of_the_socket() {
    let start = "States.Http.Socket: Unable to execute HTTP request: ";
    let hung_up = called(KEY, "{}", Answers::Hangup).await.0;
    assert!(hung_up.starts_with(start) && hung_up.ends_with("failed to respond"), "{hung_up}");
    let cut_off = Answers::With(b"HTTP/1.1 200 OK\r\nContent-Length: 10\r\n\r\nabc".to_vec());
    let cut_off = called(KEY, "{}", cut_off).await.0;
    assert!(cut_off.starts_with(start), "{cut_off}");
    let reset = called(KEY, r#"{"Method":"POST","RequestBody":{"a":1}}"#, Answers::Reset).await.0;
    assert_eq!(reset, format!("{start}Connection reset"));
    let stub = Stub::start(Answers::Never);
    let mut caller = caller(KEY, Some(&stub), None);
    caller.limit = Duration::from_millis(1);
    assert_eq!(told(caller.call(&namespace(), &task("{}")).await), format!("{start}timed out after 0 seconds"));
}

#[tokio::test]
async fn aws_itself_is_not_called() {
    for host in [
        "events.us-east-1.amazonaws.com",
        "ID.execute-api.cn-north-1.amazonaws.com.cn.:443",
        "x.lambda-url.eu-west-1.on.aws",
        "s3.us-east-1.api.aws",
        "sqs.eusc-de-east-1.amazonaws.eu",
    ] {
        let endpoint = format!(r#"{{"ApiEndpoint":"https://{host}/a"}}"#);
        let told = told(caller(KEY, None, None).call(&namespace(), &task(&endpoint)).await);
        let shown = host.to_ascii_lowercase().replace(":443", "");
        let start = format!(
            "States.Http.Socket: {shown} is an address of AWS, which is not called unless Stepwell is started with --aws"
        );
        assert!(told.starts_with(&start), "{told}");
    }
    // A token isn't asked for there either, and what has another address is called.
    let elsewhere = oauth("POST", "").replace("https://auth", "https://auth.amazonaws.com");
    let told = told(caller(&elsewhere, None, None).call(&namespace(), &task("{}")).await);
    assert!(
        told.contains("got no token from https://auth.amazonaws.com/token: auth.amazonaws.com is an address"),
        "{told}"
    );
    let stub = Stub::start(ok());
    let file =
        format!(r#"{{"Connections":{{"c":{KEY}}},"Endpoints":{{"https://h.amazonaws.com":"{}"}}}}"#, stub.endpoint());
    let connections = Arc::new(Connections::parse(&file).expect("a file that is right"));
    let caller = tasks(&Config { connections, ..Config::default() });
    let task = task(r#"{"ApiEndpoint":"https://h.amazonaws.com/a"}"#);
    assert!(caller.call(&namespace(), &task).await.is_ok());
}

#[tokio::test]
async fn a_connection_must_be_there_and_usable() {
    let call = |connection: &str| {
        let caller = caller(connection, None, None);
        async move { told(caller.call(&namespace(), &task("{}")).await) }
    };
    let state = KEY.replacen('{', r#"{"ConnectionState":"DEAUTHORIZED","#, 1);
    let unusable = format!("the connection {ARN} has the state DEAUTHORIZED in the connections file");
    assert_eq!(call(&state).await, format!("Events.ConnectionResource.InvalidConnectionState: {unusable}"));
    let nothing = tasks(&Config::default());
    let missing = told(nothing.call(&namespace(), &task("{}")).await);
    assert!(missing.starts_with("Events.ConnectionResource.ResourceNotFound: the connection arn:"), "{missing}");
    assert!(missing.contains("--connections=FILE"), "{missing}");
}

#[tokio::test]
async fn a_text_cannot_have_body_parameters_added() {
    let connection = key_with(r#"{"BodyParameters":[{"Key":"b","Value":"1"}]}"#);
    let caller = caller(&connection, None, None);
    for body in [r#""text""#, "[]", "7"] {
        let result = caller.call(&namespace(), &task(&format!(r#"{{"RequestBody":{body}}}"#))).await;
        assert_eq!(
            told(result),
            "States.Runtime: The RequestBody is not a JSON object, so the body parameters of the connection cannot be added to it"
        );
    }
}

#[tokio::test]
async fn a_refused_key_or_password_deauthorizes_the_connection_until_a_reset() {
    for (connection, status) in [(KEY, "401 Unauthorized"), (&basic(), "407 Proxy Authentication Required")] {
        let api = Stub::start(answer(status, &[], "no"));
        let caller = caller(connection, Some(&api), None);
        let first = told(caller.call(&namespace(), &task("{}")).await);
        assert_eq!(first, format!("States.Http.StatusCode.{}: {}", &status[..3], &status[4..]));
        let second = told(caller.call(&namespace(), &task("{}")).await);
        assert!(second.starts_with("Events.ConnectionResource.InvalidConnectionState: an API answered"), "{second}");
        let elsewhere = Namespace { account: "000000000000".into(), ..namespace() };
        caller.reset(Some(&elsewhere));
        assert_eq!(told(caller.call(&namespace(), &task("{}")).await), second);
        caller.reset(Some(&namespace()));
        let again = told(caller.call(&namespace(), &task("{}")).await);
        assert!(again.starts_with("States.Http.Socket"), "{again}");
    }
}

#[tokio::test]
async fn a_token_is_asked_for_as_the_connection_says() {
    let token = || answer("200 OK", &[], r#"{"access_token":"t","expires_in":"3600"}"#);
    let grant = r#","OAuthHttpParameters":{"BodyParameters":[{"Key":"grant_type","Value":"client_credentials"}],
        "HeaderParameters":[{"Key":"X-H","Value":"1"}],"QueryStringParameters":[{"Key":"q","Value":"2"}]}"#;
    let json = r#","OAuthHttpParameters":{"BodyParameters":[{"Key":"client_id","Value":"other"}]}"#;
    for (connection, first_line, header, body) in [
        (
            oauth("POST", grant),
            "POST /token?x=1&q=2 HTTP/1.1",
            "x-h: 1\r\ncontent-type: application/x-www-form-urlencoded\r\n",
            "client_id=i%20d&client_secret=s&grant_type=client_credentials",
        ),
        (oauth("PUT", json), "PUT /token?x=1 HTTP/1.1", "", "client_secret=s&client_id=other"),
        (oauth("GET", ""), "GET /token?x=1&client_id=i%20d&client_secret=s HTTP/1.1", "", ""),
    ] {
        let (api, auth) = (Stub::start(ok()), Stub::start(token()));
        let caller = caller(&connection, Some(&api), Some(&auth));
        caller.call(&namespace(), &task("{}")).await.expect("an answer");
        let request = auth.requests.recv().expect("a request");
        let (head, found) = request.split_once("\r\n\r\n").expect("a request");
        assert_eq!((head.lines().next(), found), (Some(first_line), body));
        assert!(format!("{head}\r\n").contains(header), "{head}");
        let called = api.requests.recv().expect("a request");
        assert!(called.contains("authorization: Bearer t\r\n"), "{called}");
    }
}

#[tokio::test]
async fn a_token_is_kept_until_it_expires_or_is_refused() {
    // A stub answers one connection: who asks it again gets nothing.
    let cases = [
        (r#"{"access_token":"t"}"#, "200 OK", true),
        (r#"{"access_token":"t","expires_in":3600}"#, "200 OK", true),
        (r#"{"access_token":"t","expires_in":60}"#, "200 OK", false),
        (r#"{"access_token":"t"}"#, "401 Unauthorized", false),
        (r#"{"access_token":"t"}"#, "407 Proxy Authentication Required", false),
        (r#"{"access_token":"t"}"#, "403 Forbidden", true),
    ];
    for (token, status, is_kept) in cases {
        let (api, auth) = (
            Stub::start(answer(status, &["Connection: close"], "")),
            Stub::start(answer("200 OK", &["Connection: close"], token)),
        );
        let caller = caller(&oauth("POST", ""), Some(&api), Some(&auth));
        let first = told(caller.call(&namespace(), &task("{}")).await);
        assert!(first.contains(&status[..3]), "{first}");
        let second = told(caller.call(&namespace(), &task("{}")).await);
        let expected = if is_kept { "States.Http.Socket" } else { "Events.ConnectionResource.InvalidConnectionState" };
        assert!(second.starts_with(expected), "{token} {status}: {second}");
    }
}

/// A stub answers one connection: a second request for a token would get nothing.
#[tokio::test]
async fn one_request_for_a_token_serves_all_who_wait_for_it() {
    for (status, token, expected, end) in [
        ("200 OK", r#"{"access_token":"t"}"#, "States.Http.Socket", ""),
        (
            "500 Internal Server Error",
            "",
            "Events.ConnectionResource.InvalidConnectionState",
            "answered with the status 500",
        ),
    ] {
        let auth = Stub::start(answer(status, &["Connection: close"], token));
        let api = Stub::start(Answers::Hangup);
        let caller = Arc::new(caller(&oauth("POST", ""), Some(&api), Some(&auth)));
        let calls: Vec<_> = (0..5)
            .map(|_| {
                let caller = caller.clone();
                tokio::spawn(async move { told(caller.call(&namespace(), &task("{}")).await) })
            })
            .collect();
        for call in calls {
            let told = call.await.expect("no panic");
            assert!(told.starts_with(expected) && told.ends_with(end), "{told}");
        }
    }
}

#[tokio::test]
async fn what_a_call_learns_after_a_reset_is_forgotten() {
    let caller = caller(KEY, None, None);
    let (arn, connection) = (SmolStr::new(ARN), caller.connections.find(ARN).expect("a connection"));
    let before = caller.authorizations.of(&arn);
    caller.reset(Some(&namespace()));
    before.deauthorize();
    assert!(caller.authorization(&arn, connection, &before).await.is_err());
    let after = caller.authorizations.of(&arn);
    assert!(caller.authorization(&arn, connection, &after).await.is_ok());
}

#[tokio::test]
async fn without_a_token_the_connection_is_invalid() {
    for (answers, problem) in [
        (answer("500 Internal Server Error", &[], "geheim"), "it answered with the status 500"),
        (answer("200 OK", &["Content-Type: text/html"], "<a/>"), "its answer (text/html) is not JSON"),
        (answer("200 OK", &[], "{}"), "its answer has no access_token"),
        (answer("200 OK", &[], r#"{"access_token":"a\nb"}"#), "its answer has no access_token"),
    ] {
        let auth = Stub::start(answers);
        let result = caller(&oauth("POST", ""), None, Some(&auth)).call(&namespace(), &task("{}")).await;
        let expected = format!(
            "Events.ConnectionResource.InvalidConnectionState: the connection {ARN} got no token from https://auth/token: {problem}"
        );
        assert_eq!(told(result), expected);
    }
}

#[tokio::test]
async fn a_witness_sees_what_was_sent_and_what_came_back() {
    let connection = key_with(
        r#"{"HeaderParameters":[{"Key":"CustomHeader1","Value":"c"}],"QueryStringParameters":[{"Key":"Q1","Value":"c"}],
        "BodyParameters":[{"Key":"BodyKey1","Value":"c"},{"Key":"both","Value":"c"}]}"#,
    );
    let parameters =
        r#"{"Headers":{"definitionHeader":"h1"},"RequestBody":{"message":"m","both":"t"},"QueryParameters":{"q":"1"}}"#;
    let ours = "User-Agent: Amazon|StepFunctions|HttpInvoke|us-east-1, Range: bytes=0-262144]";
    for (secrets, url, headers, body) in [
        (
            Secrets::Revealed,
            "https://api/a?q=1&Q1=c",
            format!("[definitionHeader: h1, X-Key: k, CustomHeader1: c, {ours}"),
            r#"{"message":"m","both":"c","BodyKey1":"c"}"#,
        ),
        (Secrets::Hidden, "https://api/a?q=1", format!("[definitionHeader: h1, {ours}"), r#"{"message":"m"}"#),
    ] {
        let stub = Stub::start(answer("404 Not Found", &["Content-Type: text/plain", "Date: d"], "n o"));
        let witness = Witness::new(secrets);
        let task = HttpTask { witness: Some(witness.clone()), ..task(parameters) };
        let result = caller(&connection, Some(&stub), None).call(&namespace(), &task).await;
        assert_eq!(told(result), "States.Http.StatusCode.404: Not Found");
        let Some(Exchange { request, response: Some(response) }) = witness.seen.get() else {
            panic!("nothing was seen")
        };
        assert_eq!((request.protocol, request.method.as_str(), request.url.as_str()), ("https", "GET", url));
        assert_eq!((request.headers.as_str(), request.body.as_deref()), (headers.as_str(), Some(body)));
        assert_eq!((response.protocol, response.status_code.as_str()), ("https", "404"));
        assert_eq!((response.status_message.as_str(), response.body.as_str()), ("Not Found", "n o"));
        assert_eq!(response.headers, "[content-type: text/plain, date: d, content-length: 3]");
    }
    let stub = Stub::start(Answers::Hangup);
    let witness = Witness::new(Secrets::Hidden);
    let task = HttpTask { witness: Some(witness.clone()), ..task("{}") };
    caller(&connection, Some(&stub), None).call(&namespace(), &task).await.expect_err("no answer");
    assert_eq!(witness.seen.get().map(|exchange| exchange.response.is_none()), Some(true));
}
