//! Harnesses of Bedrock AgentCore, from the definition to the history, against a stub on this machine that answers with a stream
//! of events.

use crate::server::Server;
use aws_smithy_eventstream::frame::write_message_to;
use aws_smithy_types::event_stream::{Header, HeaderValue, Message};
use axum::Router;
use axum::http::header;
use serde_json::{Value, json};
use std::time::Duration;
use stepwell::config::{Config, Endpoints};
use stepwell::endpoint::Endpoint;
use tokio::net::TcpListener;

const START: (&str, &str, &str) = ("event", "messageStart", r#"{"role":"assistant"}"#);
const TEXT: (&str, &str, &str) = ("event", "contentBlockDelta", r#"{"contentBlockIndex":0,"delta":{"text":"hello"}}"#);
const STOP: (&str, &str, &str) = ("event", "messageStop", r#"{"stopReason":"end_turn"}"#);
const METADATA: (&str, &str, &str) =
    ("event", "metadata", r#"{"usage":{"inputTokens":1,"outputTokens":2,"totalTokens":3},"metrics":{"latencyMs":4}}"#);

/// A stream of these messages, each its type, its name and its content.
fn stream(messages: &[(&str, &str, &str)]) -> Vec<u8> {
    let mut bytes = Vec::new();
    for (kind, name, content) in messages {
        let header = |name: String, value: &str| Header::new(name, HeaderValue::String(value.to_owned().into()));
        let message = Message::new(content.as_bytes().to_vec())
            .add_header(header(":message-type".to_owned(), kind))
            .add_header(header(format!(":{kind}-type"), name));
        write_message_to(&message, &mut bytes).expect("a message");
    }
    bytes
}

/// The description and the history of an execution whose task invokes a harness that answers so.
async fn run(answer: Vec<u8>) -> (Value, Vec<Value>) {
    let listener = TcpListener::bind("127.0.0.1:0").await.expect("a free port");
    let endpoint = Endpoint::parse(&format!("http://{}", listener.local_addr().expect("an address"))).expect("a URL");
    let media_type = [(header::CONTENT_TYPE, "application/vnd.amazon.eventstream")];
    let router = Router::new().fallback(move || async move { (media_type, answer) });
    tokio::spawn(async move { axum::serve(listener, router).await });
    let mut endpoints = Endpoints::default();
    endpoints.of_services.insert("AWS_ENDPOINT_URL_BEDROCK_AGENTCORE".to_owned(), endpoint);
    let server = Server::with(Config { endpoints, ..Config::default() }).await;
    let definition = json!({"QueryLanguage": "JSONata", "StartAt": "H", "States": {
        "H": {
            "Type": "Task", "Resource": "arn:aws:states:::bedrockagentcore:invokeHarness", "TimeoutSeconds": 1000,
            "Arguments": {
                "HarnessArn": "arn:aws:bedrock-agentcore:us-east-1:123456789012:harness/h", "RuntimeSessionId": "s",
                "Messages": [{"Role": "user", "Content": [{"Text": "{% $states.input.said %}"}]}],
            },
            "Catch": [{"ErrorEquals": ["BedrockAgentCore.RuntimeClientErrorException"], "Next": "Caught", "Output": "caught"}],
            "End": true,
        },
        "Caught": {"Type": "Succeed"},
    }});
    let machine = server.create(&definition.to_string(), json!({})).await;
    let start = json!({"stateMachineArn": machine, "input": r#"{"said":"hi"}"#});
    let execution = json!({"executionArn": server.ok("StartExecution", start).await["executionArn"]});
    let ended = async {
        loop {
            let described = server.ok("DescribeExecution", execution.clone()).await;
            if described["status"] != "RUNNING" {
                return described;
            }
        }
    };
    let described = tokio::time::timeout(Duration::from_secs(10), ended).await.expect("an end");
    let history = server.ok("GetExecutionHistory", execution).await;
    (described, history["events"].as_array().expect("events").clone())
}

fn types(events: &[Value]) -> Vec<&str> {
    events.iter().map(|event| event["type"].as_str().expect("a type")).collect()
}

#[tokio::test]
async fn a_task_has_the_last_message_of_a_harness() {
    let (described, events) = run(stream(&[START, TEXT, STOP, METADATA])).await;
    let output = concat!(
        r#"{"Output":{"Message":{"Role":"assistant","Content":[{"Text":"hello"}]}},"StopReason":"end_turn","#,
        r#""Usage":{"InputTokens":1,"OutputTokens":2,"TotalTokens":3},"Metrics":{"LatencyMs":4}}"#
    );
    assert_eq!((&described["status"], &described["output"]), (&json!("SUCCEEDED"), &json!(output)), "{described}");
    let expected = ["TaskScheduled", "TaskStarted", "TaskSucceeded", "TaskStateExited", "ExecutionSucceeded"];
    assert_eq!(types(&events)[2..], expected);
    let scheduled = &events[2]["taskScheduledEventDetails"];
    let kind = (&scheduled["resourceType"], &scheduled["resource"], &scheduled["timeoutInSeconds"]);
    assert_eq!(kind, (&json!("bedrockagentcore"), &json!("invokeHarness"), &json!(1000)));
    assert_eq!(events[4]["taskSucceededEventDetails"]["output"], output);
}

#[tokio::test]
async fn an_error_in_the_stream_is_caught_by_its_name() {
    let exception = ("exception", "runtimeClientError", r#"{"message":"no such tool"}"#);
    let (described, events) = run(stream(&[START, TEXT, STOP, METADATA, exception])).await;
    assert_eq!(
        (&described["status"], &described["output"]),
        (&json!("SUCCEEDED"), &json!(r#""caught""#)),
        "{described}"
    );
    let failed = &events[4]["taskFailedEventDetails"];
    assert_eq!(failed["error"], "BedrockAgentCore.RuntimeClientErrorException");
    assert!(failed["cause"].as_str().expect("a text").starts_with("no such tool"), "{failed}");
}

#[tokio::test]
async fn a_stream_that_nobody_can_read_fails_the_task() {
    let whole = stream(&[START, TEXT, STOP, METADATA]);
    let oops = stream(&[START, TEXT, ("event", "contentBlockDelta", "{oops"), STOP, METADATA]);
    for answer in [whole[..whole.len() - 1].to_vec(), oops, b"{}".to_vec()] {
        let (described, events) = run(answer).await;
        let told = (&described["status"], &described["error"]);
        assert_eq!(told, (&json!("FAILED"), &json!("BedrockAgentCore.SdkClientException")), "{described}");
        assert_eq!(types(&events)[4..], ["TaskFailed", "ExecutionFailed"]);
    }
}
