//! HTTP Tasks, from the definition to the API and back, against a stub on this machine.

use crate::server::{ROLE, Server};
use axum::Router;
use axum::body::Bytes;
use axum::extract::{Request, State};
use axum::http::{StatusCode, header};
use axum::response::{IntoResponse, Response};
use serde_json::{Value, json};
use std::sync::{Arc, Mutex};
use stepwell::config::Config;
use stepwell::connections::Connections;
use tokio::io::{AsyncReadExt, AsyncWriteExt};
use tokio::net::TcpListener;

const ARN: &str = "arn:aws:events:us-east-1:123456789012:connection/stub/1";

/// An API that tells what it was asked. `/status/404` answers with that status, `/once/503` only at first;
/// `/token` gives out tokens, of which `/secure` takes the newest.
#[derive(Clone, Default)]
struct Api(Arc<Mutex<Kept>>);

#[derive(Default)]
struct Kept {
    requests: Vec<String>,
    tokens: usize,
}

impl Api {
    /// A server whose connection `stub` has this authorization, and which finds `https://api.example.com` at the stub.
    async fn start(authorization: &Value) -> (Api, Server) {
        let api = Api::default();
        let listener = TcpListener::bind("127.0.0.1:0").await.expect("a free port");
        let address = listener.local_addr().expect("an address");
        let router = Router::new().fallback(answer).with_state(api.clone());
        tokio::spawn(async move { axum::serve(listener, router).await });
        let file = json!({
            "Connections": {"stub": authorization},
            "Endpoints": {"https://api.example.com": format!("http://{address}")},
        });
        let connections = Arc::new(Connections::parse(&file.to_string()).expect("a file that is right"));
        (api, Server::with(Config { connections, ..Config::default() }).await)
    }

    /// What was asked since the last time: method, path, authorization and body.
    fn requests(&self) -> Vec<String> {
        std::mem::take(&mut self.0.lock().expect("no panic").requests)
    }
}

async fn answer(State(api): State<Api>, request: Request) -> Response {
    let (head, body) = request.into_parts();
    let body = axum::body::to_bytes(body, 2 << 20).await.expect("a body");
    let body = String::from_utf8_lossy(&body).into_owned();
    let authorization = head.headers.get(header::AUTHORIZATION).map_or("", |value| value.to_str().expect("text"));
    let path = head.uri.path().to_owned();
    let mut kept = api.0.lock().expect("no panic");
    let is_first = kept.requests.is_empty();
    kept.requests
        .push(format!("{} {} {authorization} {body}", head.method, head.uri).replace("  ", " ").trim().to_owned());
    let status = |status: &str| StatusCode::from_bytes(status.as_bytes()).expect("a status");
    match path.split('/').skip(1).collect::<Vec<_>>()[..] {
        ["status", code] => (status(code), format!("status {code}")).into_response(),
        ["once", code] if is_first => (status(code), "later").into_response(),
        ["image"] => ([(header::CONTENT_TYPE, "image/png")], Bytes::from_static(&[0xff])).into_response(),
        ["large"] => "a".repeat(300_000).into_response(),
        ["token"] => {
            kept.tokens += 1;
            as_json(&json!({"access_token": format!("token-{}", kept.tokens), "expires_in": 3600}))
        }
        ["secure"] if authorization != format!("Bearer token-{}", kept.tokens) => status("401").into_response(),
        _ => as_json(&json!({"path": path, "body": body})),
    }
}

fn as_json(body: &Value) -> Response {
    ([(header::CONTENT_TYPE, "application/json")], body.to_string()).into_response()
}

fn key() -> Value {
    let parameters = json!({
        "HeaderParameters": [{"Key": "X-From", "Value": "hidden-header"}],
        "QueryStringParameters": [{"Key": "from", "Value": "hidden-query"}],
        "BodyParameters": [{"Key": "from", "Value": "hidden-body"}],
    });
    let key = json!({"ApiKeyName": "Authorization", "ApiKeyValue": "hidden-key"});
    json!({"AuthorizationType": "API_KEY",
           "AuthParameters": {"ApiKeyAuthParameters": key, "InvocationHttpParameters": parameters}})
}

fn basic() -> Value {
    json!({"AuthorizationType": "BASIC",
           "AuthParameters": {"BasicAuthParameters": {"Username": "u", "Password": "p"}}})
}

/// The parameters of a GET request for this path, and what else is given.
fn get(path: &str, more: Value) -> Value {
    let mut parameters = json!({"ApiEndpoint": format!("https://api.example.com{path}"), "Method": "GET",
                                "InvocationConfig": {"ConnectionArn": ARN}});
    parameters.as_object_mut().expect("an object").extend(more.as_object().expect("an object").clone());
    parameters
}

/// A machine of the HTTP Task `T` with these parameters, other fields and a state `Caught`.
fn machine(parameters: &Value, fields: &Value) -> Value {
    let mut state =
        json!({"Type": "Task", "Resource": "arn:aws:states:::http:invoke", "Parameters": parameters, "End": true});
    let members = state.as_object_mut().expect("an object");
    members.extend(fields.as_object().expect("an object").clone());
    let mut states = json!({"T": state});
    if fields.get("Catch").is_some() {
        states["Caught"] = json!({"Type": "Pass", "End": true});
    }
    json!({"StartAt": "T", "States": states})
}

async fn create(server: &Server, name: &str, kind: &str, definition: &Value) -> String {
    let request = json!({"name": name, "definition": definition.to_string(), "roleArn": ROLE, "type": kind});
    server.ok("CreateStateMachine", request).await["stateMachineArn"].as_str().expect("an ARN").to_owned()
}

/// How an execution of a fresh machine ended, and its history.
async fn run(server: &Server, definition: &Value, input: &Value) -> (Value, Vec<Value>) {
    let name = uuid::Uuid::new_v4().to_string();
    let machine = create(server, &name, "STANDARD", definition).await;
    let request = json!({"stateMachineArn": machine, "input": input.to_string()});
    let execution = json!({"executionArn": server.ok("StartExecution", request).await["executionArn"]});
    loop {
        let description = server.ok("DescribeExecution", execution.clone()).await;
        if description["status"] != "RUNNING" {
            let history = server.ok("GetExecutionHistory", execution).await;
            return (description, history["events"].as_array().expect("events").clone());
        }
    }
}

fn types(events: &[Value]) -> Vec<&str> {
    events.iter().map(|event| event["type"].as_str().expect("a type")).collect()
}

#[tokio::test]
async fn a_task_calls_an_api_and_takes_its_answer() {
    let (api, server) = Api::start(&basic()).await;
    let parameters = get("/things", json!({"QueryParameters": {"q.$": "$.q"}}));
    let (description, events) = run(&server, &machine(&parameters, &json!({})), &json!({"q": ["1", "2"]})).await;
    assert_eq!(description["status"], "SUCCEEDED", "{description}");
    let output: Value = serde_json::from_str(description["output"].as_str().expect("a text")).expect("JSON");
    assert_eq!(output["ResponseBody"], json!({"path": "/things", "body": ""}));
    assert_eq!((&output["StatusCode"], &output["StatusText"]), (&json!(200), &json!("OK")));
    assert_eq!(output["Headers"]["content-type"], json!(["application/json"]));
    assert_eq!(api.requests(), ["GET /things?q=1&q=2 Basic dTpw"]);
    assert_eq!(types(&events)[2..5], ["TaskScheduled", "TaskStarted", "TaskSucceeded"]);
    let evaluated = get("/things", json!({"QueryParameters": {"q": ["1", "2"]}}));
    let scheduled = &events[2]["taskScheduledEventDetails"];
    assert_eq!(scheduled["parameters"], evaluated.to_string());
    assert_eq!((&scheduled["resourceType"], &scheduled["resource"]), (&json!("http"), &json!("invoke")));
    // What the connection adds is nowhere to be seen.
    assert!(!json!(events).to_string().contains("dTpw"));
}

#[tokio::test]
async fn an_api_is_called_at_its_own_url_over_tls() {
    let key = rcgen::KeyPair::generate().expect("a key");
    let certificate = rcgen::CertificateParams::new(vec!["localhost".to_owned()]).expect("a name");
    let certificate = certificate.self_signed(&key).expect("a certificate");
    let bundle = std::env::temp_dir().join(format!("stepwell-http-task-{}.pem", uuid::Uuid::new_v4()));
    std::fs::write(&bundle, certificate.pem()).expect("a file");
    let key = rustls::pki_types::PrivatePkcs8KeyDer::from(key.serialize_der());
    let config = rustls::ServerConfig::builder_with_provider(Arc::new(rustls::crypto::ring::default_provider()))
        .with_safe_default_protocol_versions()
        .expect("versions")
        .with_no_client_auth()
        .with_single_cert(vec![certificate.der().clone()], key.into())
        .expect("a key that fits");
    let listener = TcpListener::bind("127.0.0.1:0").await.expect("a free port");
    let port = listener.local_addr().expect("an address").port();
    let asked = tokio::spawn(async move {
        let (stream, _) = listener.accept().await.expect("a connection");
        let mut stream = tokio_rustls::TlsAcceptor::from(Arc::new(config)).accept(stream).await.expect("a handshake");
        let mut request = Vec::new();
        while !request.ends_with(b"\r\n\r\n") {
            request.push(stream.read_u8().await.expect("a request"));
        }
        let answer = b"HTTP/1.1 200 OK\r\nContent-Length: 4\r\n\r\ntrue";
        stream.write_all(answer).await.expect("an open connection");
        String::from_utf8(request).expect("text")
    });
    let connections = Connections::parse(&json!({"Connections": {"stub": basic()}}).to_string()).expect("a file");
    let (connections, ca_bundle) = (Arc::new(connections), Some(bundle.clone()));
    let server = Server::with(Config { connections, ca_bundle, ..Config::default() }).await;
    let parameters = get("", json!({"ApiEndpoint": format!("https://localhost:{port}/a")}));
    let (description, _) = run(&server, &machine(&parameters, &json!({})), &json!({})).await;
    std::fs::remove_file(bundle).expect("a file");
    let output = r#"{"Headers":{"content-length":["4"]},"ResponseBody":true,"StatusCode":200,"StatusText":"OK"}"#;
    assert_eq!(description["output"], output, "{description}");
    let request = asked.await.expect("no panic");
    assert!(request.starts_with(&format!("GET /a HTTP/1.1\r\nhost: localhost:{port}\r\n")), "{request}");
}

#[tokio::test]
async fn jsonata_and_express_have_it_too() {
    let (api, server) = Api::start(&basic()).await;
    let body = json!({"list": "{% $states.input.list %}", "name": "{% 'a' & ' b' %}"});
    let arguments = get(
        "/form",
        json!({"Method": "POST", "ApiEndpoint": "{% 'https://api.example.com/' & $states.input.path %}", "RequestBody": body,
               "Headers": {"Content-Type": "application/x-www-form-urlencoded"},
               "Transform": {"RequestBodyEncoding": "URL_ENCODED", "RequestEncodingOptions": {"ArrayFormat": "BRACKETS"}}}),
    );
    let definition = json!({"QueryLanguage": "JSONata", "StartAt": "T", "States": {"T": {
        "Type": "Task", "Resource": "arn:aws:states:::http:invoke", "Arguments": arguments,
        "Output": "{% $states.result.ResponseBody.body %}", "End": true}}});
    let machine = create(&server, "express", "EXPRESS", &definition).await;
    let input = json!({"path": "form", "list": [1, "ü"]}).to_string();
    let ended = server.ok("StartSyncExecution", json!({"stateMachineArn": machine, "input": input})).await;
    let form = "list%5B%5D=1&list%5B%5D=%C3%BC&name=a%20b";
    assert_eq!(ended["output"], json!(format!("\"{form}\"")), "{ended}");
    assert_eq!(api.requests(), [format!("POST /form Basic dTpw {form}")]);
}

#[tokio::test]
async fn a_status_is_retried_and_caught_by_its_name() {
    let (api, server) = Api::start(&basic()).await;
    let retry = json!([{"ErrorEquals": ["States.Http.StatusCode.503"], "IntervalSeconds": 0, "MaxAttempts": 2}]);
    let (description, _) =
        run(&server, &machine(&get("/once/503", json!({})), &json!({"Retry": retry})), &json!({})).await;
    assert_eq!((&description["status"], api.requests().len()), (&json!("SUCCEEDED"), 2));
    let catch = json!([{"ErrorEquals": ["States.Http.StatusCode.404"], "Next": "Caught"}]);
    let caught = machine(&get("/status/404", json!({})), &json!({"Catch": catch, "Retry": retry}));
    let (description, events) = run(&server, &caught, &json!({})).await;
    assert_eq!(description["output"], r#"{"Error":"States.Http.StatusCode.404","Cause":"Not Found"}"#);
    let failed = json!({"resourceType": "http", "resource": "invoke", "error": "States.Http.StatusCode.404", "cause": "Not Found"});
    assert_eq!(events[4]["taskFailedEventDetails"], failed);
    for (class, cause) in [("302", "Found"), ("400", "Bad Request"), ("500", "Internal Server Error")] {
        let parameters = get(&format!("/status/{class}"), json!({}));
        let (description, _) = run(&server, &machine(&parameters, &json!({"Catch": catch})), &json!({})).await;
        let told = (&description["error"], &description["cause"]);
        assert_eq!(told, (&json!(format!("States.Http.StatusCode.{class}")), &json!(cause)));
    }
}

#[tokio::test]
async fn what_nobody_can_read_ends_the_execution_whatever_would_catch_it() {
    let (_, server) = Api::start(&basic()).await;
    let all = json!(
        ["States.Runtime", "States.ALL", "States.TaskFailed"]
            .map(|name| json!({"ErrorEquals": [name], "Next": "Caught"}))
    );
    let catch = json!([all[0], all[2], all[1]]);
    let (description, events) =
        run(&server, &machine(&get("/image", json!({})), &json!({"Catch": catch})), &json!({})).await;
    let cause = "The HTTP response has the content type 'image/png', which HTTP Tasks do not support";
    let placed = format!("An error occurred while executing the state 'T' (entered at the event id #2). {cause}");
    assert_eq!((&description["error"], &description["cause"]), (&json!("States.Runtime"), &json!(placed)));
    assert_eq!(types(&events)[4..], ["TaskFailed", "ExecutionFailed"]);
    assert_eq!(events[4]["taskFailedEventDetails"]["cause"], cause);
    let (description, _) = run(&server, &machine(&get("/large", json!({})), &json!({})), &json!({})).await;
    assert_eq!(description["error"], "States.DataLimitExceeded");
}

#[tokio::test]
async fn parameters_that_come_to_nothing_usable_end_the_execution() {
    let (api, server) = Api::start(&basic()).await;
    let parameters = get("/", json!({"Method.$": "$.method", "Headers.$": "$.headers"}));
    let mut parameters = parameters;
    parameters.as_object_mut().expect("an object").remove("Method");
    let input = json!({"method": "TRACE", "headers": {"Host": "h"}});
    let (description, events) = run(&server, &machine(&parameters, &json!({})), &input).await;
    assert_eq!(description["error"], "States.Runtime");
    let cause = description["cause"].as_str().expect("a cause");
    let problems = "could not be used to start the Task: [The value for the 'Method' field is not valid, The 'Headers' field contains unsupported values: [host]]";
    assert!(cause.ends_with(problems), "{cause}");
    assert_eq!(types(&events)[2..], ["ExecutionFailed"]);
    assert!(api.requests().is_empty());
}

#[tokio::test]
async fn a_definition_with_wrong_parameters_is_refused() {
    let server = Server::start().await;
    for (more, problem) in [
        (json!({"ApiEndpoint": "http://api.example.com"}), "The value for the 'ApiEndpoint' field is not valid"),
        (
            json!({"Headers": {"Authorization": "a"}}),
            "The 'Headers' field contains unsupported values: [authorization]",
        ),
        (json!({"Body": 1}), "The field \"Body\" is not supported by Step Functions"),
    ] {
        let definition = machine(&get("/", more), &json!({})).to_string();
        let error =
            server.refused("CreateStateMachine", json!({"name": "m", "definition": definition, "roleArn": ROLE})).await;
        let expected = format!(
            "InvalidDefinition: Invalid State Machine Definition: 'SCHEMA_VALIDATION_FAILED: {problem} at /States/T/Parameters'"
        );
        assert_eq!(error, expected);
    }
}

#[tokio::test]
async fn a_token_is_fetched_once_and_again_when_it_is_refused() {
    let client = json!({"ClientID": "i", "ClientSecret": "s"});
    let grant = json!({"BodyParameters": [{"Key": "grant_type", "Value": "client_credentials"}]});
    let oauth = json!({"AuthorizationEndpoint": "https://api.example.com/token", "HttpMethod": "POST",
                       "ClientParameters": client, "OAuthHttpParameters": grant});
    let connection =
        json!({"AuthorizationType": "OAUTH_CLIENT_CREDENTIALS", "AuthParameters": {"OAuthParameters": oauth}});
    let (api, server) = Api::start(&connection).await;
    let definition = machine(&get("/secure", json!({})), &json!({"OutputPath": "$.StatusCode"}));
    for _ in 0..2 {
        assert_eq!(run(&server, &definition, &json!({})).await.0["output"], "200");
    }
    let fetch = "POST /token client_id=i&client_secret=s&grant_type=client_credentials";
    assert_eq!(api.requests(), [fetch, "GET /secure Bearer token-1", "GET /secure Bearer token-1"]);
    // Somebody else has got a newer token.
    api.0.lock().expect("no panic").tokens = 7;
    let retry = json!([{"ErrorEquals": ["States.Http.StatusCode.401"], "IntervalSeconds": 0}]);
    let definition = machine(&get("/secure", json!({})), &json!({"OutputPath": "$.StatusCode", "Retry": retry}));
    assert_eq!(run(&server, &definition, &json!({})).await.0["output"], "200");
    assert_eq!(api.requests(), ["GET /secure Bearer token-1", fetch, "GET /secure Bearer token-8"]);
}

#[tokio::test]
async fn a_connection_whose_password_was_refused_is_of_no_use_until_a_reset() {
    let (_, server) = Api::start(&basic()).await;
    let ended = |path: &'static str| {
        let definition = machine(&get(path, json!({})), &json!({}));
        let server = &server;
        async move { run(server, &definition, &json!({})).await.0["error"].clone() }
    };
    assert_eq!(ended("/status/401").await, "States.Http.StatusCode.401");
    assert_eq!(ended("/").await, "Events.ConnectionResource.InvalidConnectionState");
    assert_eq!(server.send("POST /_stepwell/reset", &[], b"").await.status, 200);
    assert_eq!(ended("/").await, Value::Null);
}

/// TestState with a level, whether secrets are revealed, and a mock if there is one.
async fn tested(server: &Server, state: &Value, level: &str, reveal: bool, mock: Option<Value>) -> Value {
    let mut request =
        json!({"definition": state.to_string(), "roleArn": ROLE, "inspectionLevel": level, "revealSecrets": reveal});
    if let Some(mock) = mock {
        request["mock"] = mock;
    }
    server.ok("TestState", request).await
}

#[tokio::test]
async fn a_test_really_calls_and_shows_the_request_and_the_response() {
    let (api, server) = Api::start(&key()).await;
    let own =
        json!({"Method": "POST", "Headers": {"X-Own": "1"}, "QueryParameters": {"q": "1"}, "RequestBody": {"a": 1}});
    let state = machine(&get("/x", own), &json!({}))["States"]["T"].clone();
    for (reveal, url, headers, body) in [
        (
            true,
            "https://api.example.com/x?q=1&from=hidden-query",
            "[X-Own: 1, Authorization: hidden-key, X-From: hidden-header, ",
            r#"{"a":1,"from":"hidden-body"}"#,
        ),
        (false, "https://api.example.com/x?q=1", "[X-Own: 1, ", r#"{"a":1}"#),
    ] {
        let answer = tested(&server, &state, "TRACE", reveal, None).await;
        assert_eq!(answer["status"], "SUCCEEDED", "{answer}");
        let request = json!({
            "protocol": "https", "method": "POST", "url": url, "body": body,
            "headers": format!("{headers}User-Agent: Amazon|StepFunctions|HttpInvoke|us-east-1, Range: bytes=0-262144]"),
        });
        assert_eq!(answer["inspectionData"]["request"], request);
        let response = &answer["inspectionData"]["response"];
        assert_eq!((&response["statusCode"], &response["statusMessage"]), (&json!("200"), &json!("OK")));
        assert!(response["headers"].as_str().expect("a text").starts_with("[content-type: application/json, "));
        // What comes back is shown as it is, also of secrets.
        assert!(response["body"].as_str().expect("a text").contains("hidden-body"));
        assert_eq!(api.requests(), [r#"POST /x?q=1&from=hidden-query hidden-key {"a":1,"from":"hidden-body"}"#]);
    }
    for (level, is_shown) in [("INFO", false), ("DEBUG", true)] {
        let answer = tested(&server, &state, level, true, None).await;
        assert_eq!(answer.get("inspectionData").is_some(), is_shown, "{level}");
        assert_eq!(answer["inspectionData"].get("request"), None, "{level}");
    }
}

#[tokio::test]
async fn a_test_shows_how_a_call_failed() {
    let (_, server) = Api::start(&basic()).await;
    let state = machine(&get("/status/404", json!({})), &json!({}))["States"]["T"].clone();
    let answer = tested(&server, &state, "TRACE", false, None).await;
    assert_eq!((&answer["status"], &answer["error"]), (&json!("FAILED"), &json!("States.Http.StatusCode.404")));
    assert_eq!(answer["inspectionData"]["response"]["body"], "status 404");
    let mut state = machine(&get("/image", json!({})), &json!({}))["States"]["T"].clone();
    let answer = tested(&server, &state, "TRACE", false, None).await;
    let cause = "The HTTP response has the content type 'image/png', which HTTP Tasks do not support";
    assert_eq!((&answer["error"], &answer["cause"]), (&json!("States.Runtime"), &json!(cause)));
    state["Parameters"]["InvocationConfig"]["ConnectionArn"] = json!(ARN.replace("stub", "none"));
    let answer = tested(&server, &state, "TRACE", false, None).await;
    assert_eq!(answer["error"], "Events.ConnectionResource.ResourceNotFound");
    assert_eq!(answer["inspectionData"].get("request"), None);
}

#[tokio::test]
async fn a_mock_still_takes_the_place_of_the_call() {
    let (api, server) = Api::start(&basic()).await;
    let state = machine(&get("/x", json!({})), &json!({}))["States"]["T"].clone();
    let mock = json!({"result": r#"{"StatusCode":200}"#});
    let answer = tested(&server, &state, "TRACE", false, Some(mock)).await;
    assert_eq!((&answer["output"], answer["inspectionData"].get("request")), (&json!(r#"{"StatusCode":200}"#), None));
    assert!(api.requests().is_empty());
}
