//! Against a stub that answers one connection with fixed bytes.

use super::*;
use crate::integrations::stub::{Answers, Stub, answer, namespace, request};
use std::io::Write;
use std::net::TcpListener;

fn lambda(config: &Config) -> Lambda {
    Lambda::new(config, &Client::new(config))
}

fn lambda_at(endpoint: &str) -> Lambda {
    let lambda_endpoint = Some(Endpoint::parse(endpoint).expect("a URL"));
    lambda(&Config { lambda_endpoint, ..Config::default() })
}

fn json(text: &str) -> Value {
    Value::parse(text).expect("JSON")
}

/// A Task whose resource is the function's ARN.
fn function(input: &str) -> Invocation {
    Invocation::LambdaFunction {
        function_arn: "arn:aws:lambda:us-east-1:123456789012:function:f".into(),
        input: json(input),
    }
}

/// A `lambda:invoke` with these parameters.
fn invoke(parameters: &str) -> Invocation {
    Invocation::LambdaInvoke(LambdaInvoke::of(&json(parameters)).expect("usable parameters"))
}

const F: &str = r#"{"FunctionName":"f"}"#;

async fn result(answers: Answers, invocation: &Invocation) -> Result<Value, Failure> {
    lambda_at(&Stub::start(answers).endpoint()).invoke(&namespace(), invocation).await
}

async fn failure(answers: Answers, invocation: &Invocation) -> (String, String) {
    let failure = result(answers, invocation).await.expect_err("a failure");
    (failure.error().expect("an error").to_string(), failure.cause().expect("a cause").to_string())
}

/// The request that an invocation becomes.
async fn asked(invocation: &Invocation) -> String {
    let stub = Stub::start(answer("200 OK", &[], "{}"));
    lambda_at(&stub.endpoint()).invoke(&namespace(), invocation).await.expect("a result");
    stub.requests.recv().expect("a request")
}

#[tokio::test]
async fn the_result_of_a_function_task_is_its_payload_as_it_came() {
    for (payload, text) in
        [("null", "null"), (r#"{"a": [1, 2]}"#, r#"{"a": [1, 2]}"#), ("1.50", "1.50"), (r#""x""#, r#""x""#)]
    {
        let result = result(answer("200 OK", &[], payload), &function("{}")).await.expect("a result");
        assert_eq!(result.to_text(), text);
    }
}

#[tokio::test]
async fn the_result_of_lambda_invoke_has_metadata() {
    let headers = [
        "Date: Wed, 06 Nov 2024 12:30:00 GMT",
        "content-type: application/json",
        "connection: keep-alive",
        "x-amzn-requestid: 8a3c",
        "x-amzn-remapped-content-length: 0",
        "x-amz-executed-version: $LATEST",
        "x-amz-log-result: bG9n",
        "x-amzn-trace-id: Root=1",
        "x-cache: a",
        "x-cache: b",
    ];
    let result = result(answer("200 OK", &headers, r#"{"a": [1, 2]}"#), &invoke(F)).await.expect("a result");
    let expected = concat!(
        r#"{"ExecutedVersion":"$LATEST","LogResult":"bG9n","Payload":{"a":[1,2]},"SdkHttpMetadata":{"AllHttpHeaders":{"#,
        r#""X-Amz-Log-Result":["bG9n"],"X-Amz-Executed-Version":["$LATEST"],"x-amzn-Remapped-Content-Length":["0"],"#,
        r#""Connection":["keep-alive"],"x-amzn-RequestId":["8a3c"],"Content-Length":["13"],"#,
        r#""Date":["Wed, 06 Nov 2024 12:30:00 GMT"],"X-Amzn-Trace-Id":["Root=1"],"Content-Type":["application/json"],"#,
        r#""X-Cache":["a","b"]},"HttpHeaders":{"Connection":"keep-alive","Content-Length":"13","#,
        r#""Content-Type":"application/json","Date":"Wed, 06 Nov 2024 12:30:00 GMT","X-Amz-Executed-Version":"$LATEST","#,
        r#""X-Amz-Log-Result":"bG9n","x-amzn-Remapped-Content-Length":"0","x-amzn-RequestId":"8a3c","#,
        r#""X-Amzn-Trace-Id":"Root=1","X-Cache":"b"},"HttpStatusCode":200},"SdkResponseMetadata":{"RequestId":"8a3c"},"StatusCode":200}"#,
    );
    assert_eq!(result.to_text(), expected);
}

#[tokio::test]
async fn a_date_is_added_where_the_answer_has_none() {
    let result = result(answer("200 OK", &[], "{}"), &invoke(F)).await.expect("a result");
    let headers = result.get("SdkHttpMetadata").and_then(|m| m.get("HttpHeaders")).expect("headers");
    assert!(headers.get("Date").and_then(Value::as_str).is_some_and(|date| date.ends_with(" GMT")), "{headers}");
}

#[tokio::test]
async fn an_invocation_that_waits_for_nothing_has_no_payload() {
    for (kind, status, code) in [("Event", "202 Accepted", 202), ("DryRun", "204 No Content", 204)] {
        let stub = Stub::start(answer(status, &[], ""));
        let invocation = invoke(&format!(r#"{{"FunctionName":"f","InvocationType":"{kind}"}}"#));
        let result = lambda_at(&stub.endpoint()).invoke(&namespace(), &invocation).await.expect("a result");
        assert_eq!(result.get("StatusCode").and_then(Value::as_i64), Some(code));
        assert!(result.get("Payload").is_none());
        assert!(stub.requests.recv().expect("a request").contains(&format!("x-amz-invocation-type: {kind}\r\n")));
    }
}

#[tokio::test]
async fn the_request_is_that_of_the_api() {
    let all = r#"{"FunctionName":"f","Payload":{"a": 1},"InvocationType":"RequestResponse","Qualifier":"$LATEST","ClientContext":"e30=","LogType":"Tail"}"#;
    let request = asked(&invoke(all)).await;
    let (head, body) = request.split_once("\r\n\r\n").expect("a body");
    assert!(head.starts_with("POST /2015-03-31/functions/f/invocations?Qualifier=%24LATEST HTTP/1.1\r\n"), "{head}");
    for header in [
        "x-amz-invocation-type: RequestResponse",
        "x-amz-log-type: Tail",
        "x-amz-client-context: e30=",
        "content-length: 7",
        "authorization: AWS4-HMAC-SHA256 Credential=123456789012/",
        "/us-east-1/lambda/aws4_request, SignedHeaders=content-type;host;x-amz-client-context;x-amz-date;x-amz-invocation-type;x-amz-log-type, Signature=",
    ] {
        assert!(head.contains(header), "{header} in {head}");
    }
    assert_eq!(body, r#"{"a":1}"#);
}

#[tokio::test]
async fn the_payload_is_what_the_function_is_to_get() {
    for (invocation, body) in [
        (function("null"), "null"),
        (function(r#""text""#), r#""text""#),
        (function("[1, 2]"), "[1, 2]"),
        (invoke(F), ""),
        (invoke(r#"{"FunctionName":"f","Payload":null}"#), ""),
        (invoke(r#"{"FunctionName":"f","Payload":["a"]}"#), r#"["a"]"#),
        (invoke(r#"{"FunctionName":"f","Payload":"\"text\""}"#), r#""text""#),
    ] {
        let request = asked(&invocation).await;
        assert_eq!(request.split_once("\r\n\r\n").expect("a body").1, body, "{invocation:?}");
    }
}

#[tokio::test]
async fn functions_of_this_account_are_called_by_their_name() {
    for (name, qualifier, path) in [
        ("f", "", "f/invocations"),
        ("f:live", "", "f%3Alive/invocations"),
        ("arn:aws:lambda:us-east-1:123456789012:function:f", "", "f/invocations"),
        ("arn:aws:lambda:us-east-1:123456789012:function:f:7", "", "f/invocations?Qualifier=7"),
        ("arn:aws:lambda:us-east-1:123456789012:function:f", "7", "f/invocations?Qualifier=7"),
        (
            "arn:aws:lambda:us-east-1:123456789012:function:f:7",
            "8",
            "arn%3Aaws%3Alambda%3Aus-east-1%3A123456789012%3Afunction%3Af%3A7/invocations?Qualifier=8",
        ),
        (
            "arn:aws:lambda:us-east-1:000000000000:function:f",
            "",
            "arn%3Aaws%3Alambda%3Aus-east-1%3A000000000000%3Afunction%3Af/invocations",
        ),
        ("123456789012:function:f", "", "123456789012%3Afunction%3Af/invocations"),
    ] {
        let qualifier = if qualifier.is_empty() { String::new() } else { format!(r#","Qualifier":"{qualifier}""#) };
        let request = asked(&invoke(&format!(r#"{{"FunctionName":"{name}"{qualifier}}}"#))).await;
        let line = request.lines().next().expect("a line");
        assert_eq!(line, format!("POST /2015-03-31/functions/{path} HTTP/1.1"), "{name}");
    }
}

#[tokio::test]
async fn configured_keys_sign_for_the_configured_account_only() {
    for (account, expected) in [("123456789012", "Credential=AKIA/"), ("000000000000", "Credential=000000000000/")] {
        let stub = Stub::start(answer("200 OK", &[], "{}"));
        let lambda = lambda(&Config {
            lambda_endpoint: Some(Endpoint::parse(&format!("{}/base/", stub.endpoint())).expect("a URL")),
            credentials: crate::config::Credentials {
                access_key_id: Some("AKIA".into()),
                secret_access_key: Some("secret".into()),
                session_token: Some("token".into()),
            },
            ..Config::default()
        });
        let namespace = Namespace { account: account.into(), region: "eu-west-1".into() };
        lambda.invoke(&namespace, &invoke(F)).await.expect("a result");
        let request = stub.requests.recv().expect("a request");
        assert!(request.starts_with("POST /base/2015-03-31/functions/f/invocations HTTP/1.1\r\n"), "{request}");
        assert!(request.contains(expected) && request.contains("/eu-west-1/lambda/"), "{request}");
        assert_eq!(request.contains("x-amz-security-token: token"), account == "123456789012");
    }
}

#[tokio::test]
async fn a_function_that_fails_is_quoted() {
    let failed = |payload| answer("200 OK", &["X-Amz-Function-Error: Unhandled"], payload);
    let error = r#"{"errorMessage": "no", "errorType": "Oops"}"#;
    let compact = r#"{"errorMessage":"no","errorType":"Oops"}"#;
    assert_eq!(failure(failed(error), &function("{}")).await, ("Oops".into(), error.into()));
    assert_eq!(failure(failed(error), &invoke(F)).await, ("Oops".into(), compact.into()));

    let unknown =
        "The cause could not be determined because Lambda did not return an error type. Returned payload: ".to_owned();
    for payload in
        [r#"{"errorMessage":"Task timed out"}"#, r#"{"errorType":""}"#, r#"{"errorType":7}"#, "null", "no JSON"]
    {
        for invocation in [function("{}"), invoke(F)] {
            let expected = ("Lambda.Unknown".to_owned(), format!("{unknown}{payload}"));
            assert_eq!(failure(failed(payload), &invocation).await, expected);
        }
    }
}

#[tokio::test]
async fn what_lambda_refuses_has_the_name_of_its_exception() {
    for (status, headers, body, error, cause) in [
        (
            "404 Not Found",
            &["x-amzn-ErrorType: ResourceNotFoundException", "x-amzn-RequestId: r"][..],
            r#"{"Type":"User","Message":"Function not found: arn:aws:lambda:us-east-1:123456789012:function:f:$LATEST","message":"Function not found: arn:aws:lambda:us-east-1:123456789012:function:f:$LATEST"}"#,
            "Lambda.ResourceNotFoundException",
            "Function not found: arn:aws:lambda:us-east-1:123456789012:function:f:$LATEST (Service: AWSLambda; Status Code: 404; Error Code: ResourceNotFoundException; Request ID: r; Proxy: null)",
        ),
        (
            "429 Too Many Requests",
            &["x-amzn-ErrorType: TooManyRequestsException:http://internal.amazon.com/", "x-amzn-RequestId: r"],
            r#"{"Reason":"ReservedFunctionConcurrentInvocationLimitExceeded","Type":"User","message":"Rate Exceeded."}"#,
            "Lambda.TooManyRequestsException",
            "Rate Exceeded. (Service: AWSLambda; Status Code: 429; Error Code: TooManyRequestsException; Request ID: r; Proxy: null)",
        ),
        (
            "500 Internal Server Error",
            &["x-amzn-RequestId: r"],
            r#"{"__type":"com.amazonaws.lambda#ServiceException","message":"oh"}"#,
            "Lambda.ServiceException",
            "oh (Service: AWSLambda; Status Code: 500; Error Code: ServiceException; Request ID: r; Proxy: null)",
        ),
        (
            "403 Forbidden",
            &["x-amzn-ErrorType: AccessDeniedException"],
            r#"{"Message":"no"}"#,
            "Lambda.AWSLambdaException",
            "no (Service: AWSLambda; Status Code: 403; Error Code: AccessDeniedException; Request ID: null; Proxy: null)",
        ),
        (
            "404 Not Found",
            &["x-amzn-errortype: ResourceNotFound"],
            r#"{"Type":"User","Message":"Function not found"}"#,
            "Lambda.ResourceNotFoundException",
            "Function not found (Service: AWSLambda; Status Code: 404; Error Code: ResourceNotFound; Request ID: null; Proxy: null)",
        ),
        (
            "502 Bad Gateway",
            &[],
            "upstream is away\n",
            "Lambda.AWSLambdaException",
            "upstream is away (Service: AWSLambda; Status Code: 502; Error Code: null; Request ID: null; Proxy: null)",
        ),
        (
            "503 Service Unavailable",
            &[],
            "",
            "Lambda.AWSLambdaException",
            "null (Service: AWSLambda; Status Code: 503; Error Code: null; Request ID: null; Proxy: null)",
        ),
    ] {
        for invocation in [function("{}"), invoke(F)] {
            let expected = (error.to_owned(), cause.to_owned());
            assert_eq!(failure(answer(status, headers, body), &invocation).await, expected);
        }
    }
}

#[tokio::test]
async fn a_call_that_is_not_answered_fails_in_the_words_of_the_sdk() {
    let error =
        |cause: &str| ("Lambda.SdkClientException".to_owned(), format!("Unable to execute HTTP request: {cause}"));
    for invocation in [function("{}"), invoke(F)] {
        let closed = TcpListener::bind("127.0.0.1:0").and_then(|l| l.local_addr()).expect("a free port");
        for (endpoint, cause) in [
            (format!("http://{closed}"), format!("Connect to {closed} failed: Connection refused")),
            ("http://no-such-host.invalid:1".into(), "no-such-host.invalid: Name or service not known".into()),
        ] {
            let failed = lambda_at(&endpoint).invoke(&namespace(), &invocation).await;
            let failure = failed.expect_err("a failure");
            assert_eq!((failure.error(), failure.cause()), (Some(error("").0.into()), Some(error(&cause).1.into())));
        }
        let stub = Stub::start(Answers::Hangup);
        let failed = lambda_at(&stub.endpoint()).invoke(&namespace(), &invocation).await.expect_err("a failure");
        let cause = format!("127.0.0.1:{} failed to respond", stub.port);
        assert_eq!(failed, Failure::reported(error("").0, error(&cause).1));

        assert_eq!(failure(Answers::Reset, &invocation).await, error("Connection reset"));
    }
}

#[tokio::test]
async fn an_answer_that_ends_too_early_is_none() {
    let cut = || Answers::With(b"HTTP/1.1 200 OK\r\nContent-Length: 100\r\n\r\n{}".to_vec());
    let (error, cause) = failure(cut(), &function("{}")).await;
    assert_eq!(error, "Lambda.SdkClientException");
    assert!(cause.starts_with("Unable to execute HTTP request: "), "{cause}");
}

#[tokio::test]
async fn without_an_endpoint_the_failure_names_the_option() {
    let failed = lambda(&Config::default()).invoke(&namespace(), &function("{}")).await.expect_err("a failure");
    assert_eq!(failed.error().as_deref(), Some("Lambda.SdkClientException"));
    assert!(
        failed.cause().is_some_and(|cause| cause.contains("--lambda-endpoint") && cause.contains("LAMBDA_ENDPOINT"))
    );
}

#[tokio::test]
async fn a_payload_that_is_no_json_fails_the_task() {
    for payload in ["", "hello", "{", "{} {}"] {
        for invocation in [function("{}"), invoke(F)] {
            let (error, cause) = failure(answer("200 OK", &[], payload), &invocation).await;
            assert_eq!(error, "Lambda.SdkClientException", "{payload}");
            assert!(cause.starts_with("Unable to unmarshall response ("), "{cause}");
            assert!(cause.ends_with("). Response Code: 200, Response Text: OK"), "{cause}");
        }
    }
}

#[tokio::test]
async fn of_a_large_payload_that_is_no_json_the_size_is_told() {
    let large = || answer("200 OK", &[], &"x".repeat(quota::PAYLOAD_BYTES + 1));
    let arn = "arn:aws:lambda:us-east-1:123456789012:function:f";
    for (invocation, subject) in [(function("{}"), arn), (invoke(F), "lambda")] {
        let failed = result(large(), &invocation).await;
        assert_eq!(failed, Err(Failure::DataLimitExceeded { subject: subject.into() }));
    }
}

#[tokio::test]
async fn a_payload_may_have_six_megabytes() {
    let text = |bytes: usize| format!("\"{}\"", "x".repeat(bytes - 2));
    let most = result(answer("200 OK", &[], &text(MOST_BYTES)), &function("{}")).await.expect("a result");
    assert_eq!(most.size(), MOST_BYTES);
    for declared in [true, false] {
        let body = text(MOST_BYTES + 1);
        let length = if declared { format!("Content-Length: {}\r\n", body.len()) } else { String::new() };
        let too_large = Answers::With(format!("HTTP/1.1 200 OK\r\n{length}\r\n{body}").into_bytes());
        let (error, cause) = failure(too_large, &function("{}")).await;
        assert_eq!(error, "Function.ResponseSizeTooLarge");
        assert!(cause.contains("maximum allowed payload size (6291556 bytes)"), "{cause}");
    }
}

#[tokio::test]
async fn giving_up_closes_the_connection() {
    let stub = Stub::start(Answers::Never);
    let (lambda, invocation, namespace) = (lambda_at(&stub.endpoint()), function("{}"), namespace());
    let call = tokio::spawn(async move { lambda.invoke(&namespace, &invocation).await });
    let waited = tokio::task::spawn_blocking(move || {
        let request = stub.requests.recv().expect("a request");
        (request, stub)
    });
    let (request, stub) = waited.await.expect("no panic");
    assert!(request.starts_with("POST "));
    call.abort();
    let end = tokio::task::spawn_blocking(move || stub.requests.recv().expect("an end")).await.expect("no panic");
    assert!(end == "Ok(0)" || end.contains("ConnectionReset"), "{end}");
}

#[tokio::test]
async fn a_connection_is_used_again() {
    let listener = TcpListener::bind("127.0.0.1:0").expect("a free port");
    let lambda = lambda_at(&format!("http://{}", listener.local_addr().expect("an address")));
    let server = std::thread::spawn(move || {
        let (mut stream, _) = listener.accept().expect("a connection");
        for _ in 0..3 {
            request(&mut stream);
            stream.write_all(b"HTTP/1.1 200 OK\r\nContent-Length: 2\r\n\r\n{}").expect("an open connection");
        }
    });
    for _ in 0..3 {
        lambda.invoke(&namespace(), &function("{}")).await.expect("a result");
        // The connection goes back into the pool by way of another task.
        tokio::task::yield_now().await;
    }
    server.join().expect("no panic");
}
