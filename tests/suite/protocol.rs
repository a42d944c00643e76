//! AWS JSON 1.0, and everything that isn't.

use crate::server::{PASS, PREFIX, ROLE, Server, operation_request, request};
use serde_json::json;
use std::time::Duration;
use tokio::io::{AsyncReadExt, AsyncWriteExt};
use tokio::net::TcpStream;

#[tokio::test]
async fn an_answer_has_the_head_of_aws_json() {
    let server = Server::start().await;
    let answer = server.call("ListStateMachines", json!({})).await;
    assert_eq!((answer.status, answer.body.to_string()), (200, r#"{"stateMachines":[]}"#.to_owned()));
    assert_eq!(answer.header("content-type"), Some("application/x-amz-json-1.0"));
    assert_eq!(answer.header("x-amzn-requestid").map(str::len), Some(36));
    assert_eq!(answer.header("content-length"), Some("20"));
    let again = server.call("ListStateMachines", json!({})).await;
    assert_ne!(again.header("x-amzn-requestid"), answer.header("x-amzn-requestid"));
}

#[tokio::test]
async fn what_is_not_an_operation_is_unknown() {
    let server = Server::start().await;
    let json = ("Content-Type", "application/x-amz-json-1.0");
    let target = ("X-Amz-Target", "AWSStepFunctions.ListStateMachines");
    for (line, head) in [
        ("GET /", vec![]),
        ("GET /", vec![json, target]),
        ("PUT /", vec![json, target]),
        ("POST /elsewhere", vec![json, target]),
        ("POST /", vec![]),
        ("POST /", vec![json]),
        ("POST /", vec![target]),
        ("POST /", vec![("Content-Type", "application/json"), target]),
        ("POST /", vec![("Content-Type", "text/plain"), target]),
        ("POST /", vec![json, ("X-Amz-Target", "AWSStepFunctions.")]),
        ("POST /", vec![json, ("X-Amz-Target", "AWSStepFunctions.Nonsense")]),
        ("POST /", vec![json, ("X-Amz-Target", "AWSStepFunctions.liststatemachines")]),
        ("POST /", vec![json, ("X-Amz-Target", "ListStateMachines")]),
        ("POST /", vec![json, ("X-Amz-Target", "DynamoDB_20120810.ListTables")]),
        ("POST /", vec![json, ("X-Amz-Target", "AWSStepFunctions.\u{e9}")]),
    ] {
        let answer = server.send(line, &head, b"{}").await;
        assert_eq!(answer.status, 400, "{line} {head:?}");
        let expected = json!({"__type": "com.amazon.coral.service#UnknownOperationException"});
        assert_eq!(answer.body, expected, "{line} {head:?}");
        assert!(answer.header("x-amzn-requestid").is_some());
    }
    for media_type in ["application/x-amz-json-1.1", "Application/X-Amz-Json-1.0; charset=utf-8"] {
        assert_eq!(server.send("POST /", &[("Content-Type", media_type), target], b"{}").await.status, 200);
    }
    let health = server.send("GET /health", &[], b"").await;
    assert_eq!((health.status, health.body), (200, json!({})));
}

#[tokio::test]
async fn a_body_that_is_not_a_structure_is_not_read() {
    let server = Server::start().await;
    let deep = format!("{}{}", r#"{"a":"#.repeat(10_000), "}".repeat(10_000));
    for (body, message) in [
        (&b""[..], None),
        (b"   ", None),
        (b"nul", None),
        (b"null", None),
        (b"1", None),
        (b"\"text\"", None),
        (b"{", None),
        (b"{\"maxResults\":", None),
        (b"{\"maxResults\":1,}", None),
        (b"{} {}", None),
        (b"{\"nextToken\":\"\xff\"}", None),
        (b"{\"nextToken\":\"\\ud800\"}", None),
        (deep.as_bytes(), None),
        (b"[]", Some("Start of list found where not expected")),
    ] {
        let answer = server.call_with("ListStateMachines", body).await;
        let mut expected = json!({"__type": "com.amazon.coral.service#SerializationException"});
        if let Some(message) = message {
            expected["message"] = json!(message);
        }
        assert_eq!((answer.status, answer.body), (400, expected), "{:?}", String::from_utf8_lossy(body));
    }
}

#[tokio::test]
async fn members_of_the_wrong_type_are_not_read() {
    let server = Server::start().await;
    let scalar = "can not be converted to";
    for (operation, input, message) in [
        ("ListStateMachines", json!({"maxResults": "5"}), format!("STRING_VALUE {scalar} an Integer")),
        ("ListStateMachines", json!({"maxResults": true}), format!("TRUE_VALUE {scalar} an Integer")),
        ("ListStateMachines", json!({"maxResults": []}), "Start of list found where not expected".into()),
        ("ListStateMachines", json!({"maxResults": {}}), "Start of structure or map found where not expected.".into()),
        ("ListStateMachines", json!({"nextToken": 1}), format!("NUMBER_VALUE {scalar} a String")),
        ("ListStateMachines", json!({"nextToken": 1.5}), format!("NUMBER_VALUE {scalar} a String")),
        ("ListStateMachines", json!({"nextToken": false}), format!("FALSE_VALUE {scalar} a String")),
        ("ListExecutions", json!({"statusFilter": 1}), format!("NUMBER_VALUE {scalar} a String")),
        ("GetExecutionHistory", json!({"reverseOrder": 1}), format!("NUMBER_VALUE {scalar} a Boolean")),
        ("CreateActivity", json!({"tags": {}}), "Start of structure or map found where not expected.".into()),
        ("CreateActivity", json!({"tags": "x"}), "Expected list or null".into()),
        ("CreateActivity", json!({"tags": [1]}), "Expected null".into()),
        ("CreateActivity", json!({"tags": [[]]}), "Start of list found where not expected".into()),
        ("CreateStateMachine", json!({"tracingConfiguration": "x"}), "Expected null".into()),
    ] {
        let error = server.refused(operation, input.clone()).await;
        assert_eq!(error, format!("SerializationException: {message}"), "{operation} {input}");
    }
}

#[tokio::test]
async fn null_is_nothing_and_unknown_members_are_ignored() {
    let server = Server::start().await;
    let input = json!({"maxResults": null, "nextToken": null, "else": [{"deep": {}}]});
    assert_eq!(server.ok("ListStateMachines", input).await, json!({"stateMachines": []}));
    let input = json!({"name": "a", "tags": [null, {"key": "k", "value": "v", "more": 1}]});
    server.ok("CreateActivity", input).await;
    let answer = server.call_with("ListStateMachines", br#"{"maxResults":"x","maxResults":1.9}"#).await;
    assert_eq!(answer.status, 200, "{}", answer.error());
}

#[tokio::test]
async fn constraints_are_those_of_the_model() {
    let server = Server::start().await;
    let arn = format!("{PREFIX}:stateMachine:m");
    let (long, longer) = ("n".repeat(81), "t".repeat(1025));
    let payload = format!("\"{}\"", "é".repeat(131_072));
    let one = "1 validation error detected: ";
    for (operation, input, message) in [
        (
            "ListStateMachines",
            json!({"maxResults": 1001}),
            format!("{one}Value '1001' at 'maxResults' failed to satisfy constraint: Member must have value less than or equal to 1000"),
        ),
        (
            "ListActivities",
            json!({"maxResults": -1}),
            format!("{one}Value '-1' at 'maxResults' failed to satisfy constraint: Member must have value greater than or equal to 0"),
        ),
        (
            "ListStateMachines",
            json!({"nextToken": longer}),
            format!("{one}Value '{longer}' at 'nextToken' failed to satisfy constraint: Member must have length less than or equal to 1024"),
        ),
        (
            "ListStateMachines",
            json!({"nextToken": ""}),
            format!("{one}Value '' at 'nextToken' failed to satisfy constraint: Member must have length greater than or equal to 1"),
        ),
        (
            "StartExecution",
            json!({"stateMachineArn": arn, "name": long}),
            format!("{one}Value '{long}' at 'name' failed to satisfy constraint: Member must have length less than or equal to 80"),
        ),
        (
            "StartExecution",
            json!({"name": "n"}),
            format!("{one}Value null at 'stateMachineArn' failed to satisfy constraint: Member must not be null"),
        ),
        (
            "StartExecution",
            json!({"stateMachineArn": arn, "input": payload}),
            format!("{one}Value at 'input' failed to satisfy constraint: Member must have size less than or equal to 262144 bytes in UTF-8 encoding"),
        ),
        (
            "StartExecution",
            json!({"stateMachineArn": arn, "traceHeader": "é"}),
            format!("{one}Value 'é' at 'traceHeader' failed to satisfy constraint: Member must satisfy regular expression pattern: \\p{{ASCII}}*"),
        ),
        (
            "CreateStateMachine",
            json!({"name": "m", "roleArn": ROLE, "definition": "x".repeat(1_048_577)}),
            format!("{one}Value at 'definition' failed to satisfy constraint: Member must have length less than or equal to 1048576"),
        ),
        (
            "ListExecutions",
            json!({"stateMachineArn": arn, "statusFilter": "succeeded"}),
            format!("{one}Value 'succeeded' at 'statusFilter' failed to satisfy constraint: Member must satisfy enum value set: [SUCCEEDED, TIMED_OUT, PENDING_REDRIVE, ABORTED, FAILED, RUNNING]"),
        ),
        (
            "CreateActivity",
            json!({"name": "", "tags": [{"key": "k"}, {"key": ""}], "encryptionConfiguration": {"kmsDataKeyReusePeriodSeconds": 1}}),
            "4 validation errors detected: \
             Value '' at 'name' failed to satisfy constraint: Member must have length greater than or equal to 1; \
             Value '' at 'tags.2.member.key' failed to satisfy constraint: Member must have length greater than or equal to 1; \
             Value '1' at 'encryptionConfiguration.kmsDataKeyReusePeriodSeconds' failed to satisfy constraint: Member must have value greater than or equal to 60; \
             Value null at 'encryptionConfiguration.type' failed to satisfy constraint: Member must not be null"
                .to_owned(),
        ),
    ] {
        let answer = server.call(operation, input).await;
        assert_eq!(answer.body["__type"], "com.amazon.coral.validate#ValidationException", "{operation}");
        assert_eq!(answer.body["message"], message, "{operation}");
    }
}

#[tokio::test]
async fn a_request_has_a_largest_size() {
    let server = Server::start().await;
    for size in [(1 << 20) + 1, 5 << 20] {
        let body = json!({"name": "a", "ignored": "x".repeat(size)});
        let answer = server.call("CreateActivity", body).await;
        assert_eq!(
            (answer.status, answer.error().as_str()),
            (413, "RequestEntityTooLargeException: Request entity too large")
        );
    }
}

#[tokio::test]
async fn the_credential_chooses_account_and_region() {
    let server = Server::start().await;
    let create = async |credential: Option<&str>| {
        let authorization =
            credential.map(|c| format!("AWS4-HMAC-SHA256 Credential={c}, SignedHeaders=host, Signature=0"));
        let mut head =
            vec![("Content-Type", "application/x-amz-json-1.0"), ("X-Amz-Target", "AWSStepFunctions.CreateActivity")];
        head.extend(authorization.as_deref().map(|value| ("Authorization", value)));
        server.send("POST /", &head, br#"{"name":"a"}"#).await.body["activityArn"].clone()
    };
    for (credential, arn) in [
        (None, "arn:aws:states:us-east-1:123456789012:activity:a"),
        (Some("test/20260101/eu-west-1/states/aws4_request"), "arn:aws:states:eu-west-1:123456789012:activity:a"),
        (
            Some("000000000000/20260101/us-east-1/states/aws4_request"),
            "arn:aws:states:us-east-1:000000000000:activity:a",
        ),
        (Some("test/20260101/cn-north-1/states/aws4_request"), "arn:aws-cn:states:cn-north-1:123456789012:activity:a"),
    ] {
        assert_eq!(create(credential).await, arn, "{credential:?}");
    }
}

#[tokio::test]
async fn a_slow_client_holds_up_nobody() {
    let server = Server::start().await;
    let mut slow = TcpStream::connect(server.address).await.expect("a connection");
    let whole = operation_request("ListStateMachines", b"{}");
    slow.write_all(&whole[..whole.len() - 1]).await.expect("an open connection");
    server.ok("CreateStateMachine", json!({"name": "m", "definition": PASS, "roleArn": ROLE})).await;
    slow.write_all(&whole[whole.len() - 1..]).await.expect("an open connection");
    let mut answer = String::new();
    slow.read_to_string(&mut answer).await.expect("an answer");
    assert!(answer.starts_with("HTTP/1.1 200") && answer.contains("stateMachine:m"), "{answer}");
}

#[tokio::test]
async fn a_connection_serves_many_requests() {
    let server = Server::start().await;
    let mut stream = TcpStream::connect(server.address).await.expect("a connection");
    let kept = String::from_utf8(operation_request("ListActivities", b"{}")).expect("text");
    let kept = kept.replace("Connection: close\r\n", "");
    let last = request("GET /", &[], b"");
    stream.write_all(&[kept.as_bytes(), kept.as_bytes(), &last].concat()).await.expect("an open connection");
    let mut answers = String::new();
    stream.read_to_string(&mut answers).await.expect("answers");
    assert_eq!(answers.matches(r#"{"activities":[]}"#).count(), 2, "{answers}");
    assert_eq!(answers.matches("UnknownOperationException").count(), 1, "{answers}");
}

#[tokio::test]
async fn a_server_that_is_told_to_stop_stops() {
    let server = Server::start().await;
    let listener = tokio::net::TcpListener::bind("127.0.0.1:0").await.expect("a free port");
    let address = listener.local_addr().expect("an address");
    let (stop, stopped) = tokio::sync::oneshot::channel::<()>();
    let shutdown = async { stopped.await.unwrap_or_default() };
    let serving = tokio::spawn(stepwell::server::serve(listener, server.emulator.clone(), shutdown));
    server.ok("CreateActivity", json!({"name": "a"})).await;
    let mut worker = TcpStream::connect(address).await.expect("a connection");
    let poll = json!({"activityArn": format!("{PREFIX}:activity:a")}).to_string();
    worker.write_all(&operation_request("GetActivityTask", poll.as_bytes())).await.expect("an open connection");
    while server.emulator.engine.waiting_workers(&format!("{PREFIX}:activity:a")) == 0 {
        tokio::task::yield_now().await;
    }
    stop.send(()).expect("a server");
    let mut answer = String::new();
    worker.read_to_string(&mut answer).await.expect("an answer to the long poll");
    assert!(answer.starts_with("HTTP/1.1 200") && answer.ends_with("\r\n\r\n{}"), "{answer}");
    let stopped = tokio::time::timeout(Duration::from_secs(10), serving).await.expect("an end, long poll or not");
    stopped.expect("no panic").expect("no error");
    assert!(TcpStream::connect(address).await.is_err());
}
