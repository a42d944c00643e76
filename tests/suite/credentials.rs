//! `Credentials` of Task states, and resources of other accounts: whose account a call is made in.

use crate::server::{PASS, ROLE, Server, request};
use axum::Router;
use axum::extract::{Request, State};
use axum::http::StatusCode;
use serde_json::{Value, json};
use std::sync::{Arc, Mutex};
use stepwell::config::{Config, Endpoints};
use stepwell::endpoint::Endpoint;
use tokio::net::TcpListener;

const OTHER: &str = "arn:aws:iam::000000000002:role/other";

/// All services but Step Functions in one: whatever is called is answered with `{}`, and STS gives keys.
#[derive(Clone, Default)]
struct Aws {
    /// Service, access key id and path of each call but those of STS.
    calls: Arc<Mutex<Vec<(String, String, String)>>>,
    /// The forms that STS was sent.
    sessions: Arc<Mutex<Vec<String>>>,
}

impl Aws {
    async fn start() -> (Aws, Endpoint) {
        let aws = Aws::default();
        let listener = TcpListener::bind("127.0.0.1:0").await.expect("a free port");
        let address = listener.local_addr().expect("an address");
        let router = Router::new().fallback(answer).with_state(aws.clone());
        tokio::spawn(async move { axum::serve(listener, router).await });
        (aws, Endpoint::parse(&format!("http://{address}")).expect("a URL"))
    }

    fn calls(&self) -> Vec<(String, String, String)> {
        std::mem::take(&mut *self.calls.lock().expect("no panic"))
    }

    fn sessions(&self) -> Vec<String> {
        std::mem::take(&mut *self.sessions.lock().expect("no panic"))
    }
}

async fn answer(State(aws): State<Aws>, request: Request) -> (StatusCode, String) {
    let (head, body) = request.into_parts();
    let body = axum::body::to_bytes(body, 2 << 20).await.expect("a body");
    let body = String::from_utf8(body.to_vec()).expect("UTF-8");
    let authorization = head.headers["authorization"].to_str().expect("text").to_owned();
    let scope: Vec<&str> = authorization.split(['=', '/', ',']).collect();
    let (key, service) = (scope[1].to_owned(), scope[4].to_owned());
    if service != "sts" {
        let mut calls = aws.calls.lock().expect("no panic");
        calls.push((service, key, head.uri.path().to_owned()));
        let state = if calls.len() < 3 { "RUNNING" } else { "SUCCEEDED" };
        let answer = match head.headers.get("x-amz-target").and_then(|target| target.to_str().ok()) {
            Some("AWSGlue.StartJobRun") => r#"{"JobRunId":"r"}"#.to_owned(),
            Some("AWSGlue.GetJobRun") => format!(r#"{{"JobRun":{{"JobRunState":"{state}"}}}}"#),
            _ => "{}".to_owned(),
        };
        return (StatusCode::OK, answer);
    }
    let number = aws.sessions.lock().expect("no panic").len() + 1;
    let (status, answer) = match &body {
        body if body.contains("role%2Fbrief") => (StatusCode::OK, session(number, "2000-01-01T00:00:00Z")),
        body if body.contains("role%2Flong") => (StatusCode::OK, session(number, "2999-01-01T00:00:00Z")),
        body if body.contains("role%2Fonce") && number < 3 => (StatusCode::OK, session(number, "2000-01-01T00:00:00Z")),
        body if body.contains("role%2Fodd") => (StatusCode::OK, session(number, "soon")),
        body if body.contains("role%2Fonce") || body.contains("role%2Frefused") => {
            (StatusCode::FORBIDDEN, error("AccessDenied"))
        }
        body if body.contains("role%2Fforbidden") => (StatusCode::FORBIDDEN, error("SignatureDoesNotMatch")),
        body if body.contains("role%2Fdenied") => (StatusCode::BAD_REQUEST, error("AccessDenied")),
        body if body.contains("role%2Flost") => (StatusCode::INTERNAL_SERVER_ERROR, error("InternalFailure")),
        _ => (
            StatusCode::OK,
            "<AssumeRoleResponse><AssumeRoleResult><Credentials><AccessKeyId>ASIAOTHER</AccessKeyId>\
             <SecretAccessKey>s</SecretAccessKey><SessionToken>t</SessionToken></Credentials></AssumeRoleResult>\
             </AssumeRoleResponse>"
                .to_owned(),
        ),
    };
    aws.sessions.lock().expect("no panic").push(format!("{key} {body}"));
    (status, answer)
}

fn session(number: usize, expiration: &str) -> String {
    format!(
        "<AssumeRoleResponse><AssumeRoleResult><Credentials><AccessKeyId>ASIA{number}</AccessKeyId>\
         <SecretAccessKey>s</SecretAccessKey><SessionToken>t</SessionToken><Expiration>{expiration}</Expiration>\
         </Credentials></AssumeRoleResult></AssumeRoleResponse>"
    )
}

fn error(code: &str) -> String {
    format!(
        "<ErrorResponse><Error><Code>{code}</Code><Message>why</Message></Error><RequestId>r</RequestId></ErrorResponse>"
    )
}

/// A server that calls all services there, or only Lambda and DynamoDB, so that STS has no address.
async fn server(endpoint: &Endpoint, with_sts: bool) -> Server {
    let mut endpoints = Endpoints::default();
    match with_sts {
        true => endpoints.of_all = Some(endpoint.clone()),
        false => {
            endpoints.of_services.insert("AWS_ENDPOINT_URL_DYNAMODB".to_owned(), endpoint.clone());
            endpoints.of_services.insert("AWS_ENDPOINT_URL_LAMBDA".to_owned(), endpoint.clone());
        }
    }
    Server::with(Config { endpoints, lambda_endpoint: Some(endpoint.clone()), ..Config::default() }).await
}

/// Runs a state machine with one state to its end: its description, and the details of its third event.
async fn run(server: &Server, state: Value, input: Value) -> (Value, Value) {
    let definition = json!({"StartAt": "T", "States": {"T": state}});
    let machine = server.create(&definition.to_string(), json!({})).await;
    let start = json!({"stateMachineArn": machine, "input": input.to_string()});
    let execution = server.ok("StartExecution", start).await["executionArn"].clone();
    let described = server.ended(&execution).await;
    let history = server.ok("GetExecutionHistory", json!({"executionArn": execution})).await;
    let event = history["events"][2].clone();
    let details = ["taskScheduledEventDetails", "lambdaFunctionScheduledEventDetails"].map(|name| event[name].clone());
    (described, details.into_iter().find(|details| !details.is_null()).unwrap_or_default())
}

fn list_tables(credentials: Value) -> Value {
    json!({
        "Type": "Task", "Resource": "arn:aws:states:::aws-sdk:dynamodb:listTables", "Parameters": {},
        "Credentials": credentials, "End": true,
    })
}

fn jsonata(credentials: Value) -> Value {
    json!({
        "Type": "Task", "QueryLanguage": "JSONata", "Resource": "arn:aws:states:::aws-sdk:dynamodb:listTables",
        "Arguments": {}, "Credentials": credentials, "End": true,
    })
}

#[tokio::test]
async fn a_role_is_given_in_every_form_and_shown() {
    let (aws, endpoint) = Aws::start().await;
    let server = server(&endpoint, false).await;
    let input = json!({"role": OTHER, "account": "000000000002", "whole": {"RoleArn": OTHER}});
    for state in [
        list_tables(json!({"RoleArn": OTHER})),
        list_tables(json!({"RoleArn.$": "$.role"})),
        list_tables(json!({"RoleArn.$": "$$.Execution.Input.role"})),
        list_tables(json!({"RoleArn.$": "States.Format('arn:aws:iam::{}:role/other', $.account)"})),
        jsonata(json!({"RoleArn": OTHER})),
        jsonata(json!({"RoleArn": "{% $states.input.role %}"})),
        jsonata(json!({"RoleArn": "{% 'arn:aws:iam::' & $states.input.account & ':role/other' %}"})),
        jsonata(json!("{% $states.input.whole %}")),
    ] {
        let (described, scheduled) = run(&server, state.clone(), input.clone()).await;
        assert_eq!(described["status"], "SUCCEEDED", "{state}: {described}");
        assert_eq!(scheduled["taskCredentials"], json!({"roleArn": OTHER}), "{state}");
        assert_eq!(aws.calls(), [("dynamodb".into(), "000000000002".into(), "/".into())], "{state}");
    }
    let (_, scheduled) = run(&server, list_tables(json!({"RoleArn": OTHER})), json!({})).await;
    assert_eq!(scheduled["parameters"], "{}");
}

#[tokio::test]
async fn variables_can_name_the_role() {
    let (aws, endpoint) = Aws::start().await;
    let server = server(&endpoint, false).await;
    let mut call = list_tables(json!({"RoleArn.$": "$role"}));
    call["Comment"] = json!("a variable");
    let definition = json!({"StartAt": "A", "States": {
        "A": {"Type": "Pass", "Assign": {"role": OTHER}, "Next": "T"}, "T": call,
    }});
    let machine = server.create(&definition.to_string(), json!({})).await;
    let execution = server.ok("StartExecution", json!({"stateMachineArn": machine})).await["executionArn"].clone();
    while server.ok("DescribeExecution", json!({"executionArn": execution})).await["status"] == "RUNNING" {
        tokio::task::yield_now().await;
    }
    assert_eq!(aws.calls(), [("dynamodb".into(), "000000000002".into(), "/".into())]);
}

#[tokio::test]
async fn a_role_is_assumed_where_sts_has_an_address() {
    let (aws, endpoint) = Aws::start().await;
    let server = server(&endpoint, true).await;
    let (described, _) = run(&server, list_tables(json!({"RoleArn": OTHER})), json!({})).await;
    assert_eq!(described["status"], "SUCCEEDED", "{described}");
    assert_eq!(aws.calls(), [("dynamodb".into(), "ASIAOTHER".into(), "/".into())]);
    let sessions = aws.sessions();
    let [session] = &sessions[..] else { panic!("{sessions:?}") };
    assert!(session.starts_with("123456789012 "), "{session}");
    for part in [
        "Action=AssumeRole",
        "RoleArn=arn%3Aaws%3Aiam%3A%3A000000000002%3Arole%2Fother",
        "ExternalId=arn%3Aaws%3Astates%3Aus-east-1%3A123456789012%3AstateMachine%3Am",
    ] {
        assert!(session.contains(part), "{session}");
    }
}

#[tokio::test]
async fn a_role_is_assumed_anew_before_its_keys_expire() {
    let (aws, endpoint) = Aws::start().await;
    let server = server(&endpoint, true).await;
    for (role, keys) in [("long", ["ASIA1", "ASIA1", "ASIA1"]), ("brief", ["ASIA2", "ASIA3", "ASIA4"])] {
        let job = json!({
            "Type": "Task", "Resource": "arn:aws:states:::glue:startJobRun.sync", "Parameters": {"JobName": "j"},
            "Credentials": {"RoleArn": format!("arn:aws:iam::000000000002:role/{role}")}, "End": true,
        });
        let (described, _) = run(&server, job, json!({})).await;
        assert_eq!(described["status"], "SUCCEEDED", "{described}");
        let used: Vec<String> = aws.calls().into_iter().map(|(_, key, _)| key).collect();
        assert_eq!(used, keys, "{role}");
        aws.sessions();
    }
}

fn refused(role: &str) -> String {
    format!("The role {ROLE} is not authorized to assume the task state's role, {role}.")
}

#[tokio::test]
async fn a_role_that_may_not_be_assumed_any_more_fails_the_task_that_waits() {
    let (aws, endpoint) = Aws::start().await;
    let server = server(&endpoint, true).await;
    let role = "arn:aws:iam::000000000002:role/once";
    let job = json!({
        "Type": "Task", "Resource": "arn:aws:states:::glue:startJobRun.sync", "Parameters": {"JobName": "j"},
        "Credentials": {"RoleArn": role}, "End": true,
    });
    let (described, _) = run(&server, job, json!({})).await;
    assert_eq!((&described["error"], &described["cause"]), (&json!("States.TaskFailed"), &json!(refused(role))));
    assert_eq!(aws.calls(), [("glue".into(), "ASIA2".into(), "/".into())]);
}

#[tokio::test]
async fn a_role_that_cannot_be_assumed_fails_the_task() {
    let (aws, endpoint) = Aws::start().await;
    let server = server(&endpoint, true).await;
    for (role, cause) in [
        ("arn:aws:iam::000000000002:role/refused", None),
        ("arn:aws:iam::000000000002:role/forbidden", None),
        ("arn:aws:iam::000000000002:role/denied", None),
        ("arn:aws-cn:iam::000000000002:role/other", None),
        ("arn:aws:iam::2:role/other", None),
        ("arn:aws:s3:::bucket", None),
        ("other", None),
        (
            "arn:aws:iam::000000000002:role/lost",
            Some(("The role arn:aws:iam::000000000002:role/lost could not be assumed at http://", "Status Code: 500")),
        ),
        (
            "arn:aws:iam::000000000002:role/odd",
            Some((
                "The role arn:aws:iam::000000000002:role/odd could not be assumed at http://",
                "the member Expiration of the answer is not a timestamp",
            )),
        ),
    ] {
        let (described, scheduled) = run(&server, list_tables(json!({"RoleArn": role})), json!({})).await;
        assert_eq!((&described["status"], &described["error"]), (&json!("FAILED"), &json!("States.TaskFailed")));
        let told = described["cause"].as_str().expect("a cause");
        match cause {
            None => assert_eq!(told, refused(role)),
            Some((begin, why)) => assert!(told.starts_with(begin) && told.contains(why), "{told}"),
        }
        assert_eq!(scheduled["taskCredentials"], json!({"roleArn": role}));
    }
    assert_eq!(aws.calls(), []);
}

#[tokio::test]
async fn what_is_no_role_fails_the_state() {
    let (_, endpoint) = Aws::start().await;
    let server = server(&endpoint, false).await;
    let state = "An error occurred while executing the state 'T' (entered at the event id #2). ";
    for (task, error, cause) in [
        (
            list_tables(json!({"RoleArn.$": "$.n"})),
            "States.Runtime",
            "The RoleArn field must refer to a string but was: 1".to_owned(),
        ),
        (
            jsonata(json!({"RoleArn": "{% $states.input.n %}"})),
            "States.QueryEvaluationError",
            unexpected("$states.input.n", "Credentials/RoleArn", "string", "1"),
        ),
        (
            jsonata(json!("{% $states.input.n %}")),
            "States.QueryEvaluationError",
            unexpected("$states.input.n", "Credentials", "object", "1"),
        ),
    ] {
        let (described, _) = run(&server, task, json!({"n": 1})).await;
        assert_eq!((&described["error"], &described["cause"]), (&json!(error), &json!(format!("{state}{cause}"))));
    }
}

fn unexpected(expression: &str, field: &str, expected: &str, value: &str) -> String {
    format!(
        "The JSONata expression '{expression}' specified for the field '{field}' returned an unexpected result type. \
         Expected '{expected}', but was 'number' for value: {value}"
    )
}

#[tokio::test]
async fn step_functions_itself_works_in_the_account_of_the_role() {
    let server = Server::start().await;
    let authorization = "Credential=000000000002/20260101/us-east-1/states/aws4_request";
    let head = [
        ("Content-Type", "application/x-amz-json-1.0"),
        ("X-Amz-Target", "AWSStepFunctions.CreateStateMachine"),
        ("Authorization", authorization),
    ];
    let child = json!({"name": "child", "definition": PASS, "roleArn": ROLE}).to_string();
    let created = server.raw(&request("POST /", &head, child.as_bytes())).await;
    let child = "arn:aws:states:us-east-1:000000000002:stateMachine:child";
    assert_eq!(created.body["stateMachineArn"], child);
    for (resource, result) in [
        ("states:startExecution", "ExecutionArn"),
        ("states:startExecution.sync", "Output"),
        ("states:startExecution.sync:2", "Output"),
        ("aws-sdk:sfn:startExecution", "ExecutionArn"),
    ] {
        let call = |credentials: Option<Value>| {
            let mut call = json!({
                "Type": "Task", "Resource": format!("arn:aws:states:::{resource}"),
                "Parameters": {"StateMachineArn": child, "Input": {}}, "End": true,
            });
            if let Some(credentials) = credentials {
                call["Credentials"] = credentials;
            }
            call
        };
        let (described, _) = run(&server, call(Some(json!({"RoleArn": OTHER}))), json!({})).await;
        assert_eq!(described["status"], "SUCCEEDED", "{described}");
        let output: Value = serde_json::from_str(described["output"].as_str().expect("an output")).expect("JSON");
        assert!(!output[result].is_null(), "{output}");
        let (described, _) = run(&server, call(None), json!({})).await;
        let (error, service) = match resource.starts_with("aws-sdk") {
            true => ("Sfn.SfnException", "(Service: Sfn, Status Code: 400, Request ID: "),
            false => (
                "StepFunctions.AWSStepFunctionsException",
                "(Service: AWSStepFunctions; Status Code: 400; Error Code: AccessDeniedException; Request ID: ",
            ),
        };
        let cause = described["cause"].as_str().expect("a cause");
        let expected = format!(
            " is not authorized to perform: states:StartExecution on resource: {child} because no resource-based policy allows \
             the states:StartExecution action {service}"
        );
        assert_eq!(described["error"], error);
        assert!(cause.starts_with("User: arn:aws:sts::123456789012:assumed-role/r/"), "{cause}");
        assert!(cause.contains(&expected), "{cause}");
    }
    // A text about something elsewhere is none of its names.
    let told = json!({
        "Type": "Task", "Resource": "arn:aws:states:::aws-sdk:sfn:sendTaskFailure",
        "Parameters": {"TaskToken": "t", "Cause": child}, "End": true,
    });
    let (described, _) = run(&server, told, json!({})).await;
    assert_eq!(described["error"], "Sfn.InvalidTokenException");
}

#[tokio::test]
async fn a_function_of_another_account_is_called_there_and_one_of_another_region_is_not_found() {
    let (aws, endpoint) = Aws::start().await;
    let server = server(&endpoint, true).await;
    let arn = |region: &str| format!("arn:aws:lambda:{region}:000000000002:function:f");
    let tasks = |region: &str| {
        [
            json!({"Type": "Task", "Resource": arn(region), "End": true}),
            json!({
                "Type": "Task", "Resource": "arn:aws:states:::lambda:invoke",
                "Parameters": {"FunctionName": arn(region)}, "End": true,
            }),
        ]
    };
    for task in tasks("us-east-1") {
        let (described, scheduled) = run(&server, task, json!({})).await;
        assert_eq!(described["status"], "SUCCEEDED", "{described}");
        assert_eq!(scheduled["taskCredentials"], Value::Null);
        let path = "/2015-03-31/functions/f/invocations".to_owned();
        assert_eq!(aws.calls(), [("lambda".into(), "000000000002".into(), path)]);
    }
    let by_sdk = json!({
        "Type": "Task", "Resource": "arn:aws:states:::aws-sdk:lambda:getFunction",
        "Parameters": {"FunctionName": arn("eu-west-1")}, "End": true,
    });
    for task in tasks("eu-west-1").into_iter().chain([by_sdk]) {
        let (described, _) = run(&server, task, json!({})).await;
        assert_eq!(described["error"], "Lambda.ResourceNotFoundException");
        let cause = described["cause"].as_str().expect("a cause");
        assert!(
            cause.starts_with("Functions from 'eu-west-1' are not reachable in this region ('us-east-1') (Service: "),
            "{cause}"
        );
    }
    assert_eq!((aws.calls(), aws.sessions()), (vec![], vec![]));
}

#[tokio::test]
async fn a_tested_state_assumes_its_role_too() {
    let (aws, endpoint) = Aws::start().await;
    let server = server(&endpoint, false).await;
    let state = list_tables(json!({"RoleArn.$": "$.role"})).to_string();
    let test = json!({"definition": state, "roleArn": ROLE, "input": json!({"role": OTHER}).to_string()});
    let tested = server.ok("TestState", test.clone()).await;
    assert_eq!(tested["status"], "SUCCEEDED", "{tested}");
    assert_eq!(aws.calls(), [("dynamodb".into(), "000000000002".into(), "/".into())]);
    let mut mocked = test;
    mocked["mock"] = json!({"result": "{}"});
    mocked["input"] = json!("{\"role\":1}");
    let tested = server.ok("TestState", mocked).await;
    assert_eq!((&tested["status"], &tested["error"]), (&json!("FAILED"), &json!("States.Runtime")), "{tested}");
}
