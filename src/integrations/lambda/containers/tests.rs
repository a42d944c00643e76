//! Against stubs that answer what the images' runtime interface emulator answers.

use crate::config::{Config, LambdaFunctions};
use crate::failure::Failure;
use crate::integrations::Services;
use crate::integrations::http::Client;
use crate::integrations::lambda::Lambda;
use crate::integrations::stub::{Answers, Stub, answer, namespace, request};
use crate::interpreter::invocation::{Invocation, LambdaInvoke};
use crate::json::Value;
use std::io::Write;
use std::net::TcpListener;

const FAILED: &str = r#"{"errorMessage": "no", "errorType": "ValueError", "requestId": "r", "stackTrace": []}"#;

fn config(port: u16) -> Config {
    let mut lambda_functions = LambdaFunctions::default();
    lambda_functions.add(&format!("pay=http://127.0.0.1:{port}")).expect("an entry");
    Config { lambda_functions, ..Config::default() }
}

fn lambda(port: u16) -> Lambda {
    let config = config(port);
    Lambda::new(&config, &Client::new(&config))
}

fn json(text: &str) -> Value {
    Value::parse(text).expect("JSON")
}

fn by_arn() -> Invocation {
    Invocation::LambdaFunction {
        function_arn: "arn:aws:lambda:us-east-1:123456789012:function:pay:live".into(),
        input: json(r#"{"a":1}"#),
    }
}

fn invoke(parameters: &str) -> Invocation {
    Invocation::LambdaInvoke(LambdaInvoke::of(&json(parameters)).expect("usable parameters"))
}

fn aws_sdk(parameters: &str) -> Invocation {
    Invocation::AwsSdk { service: "lambda".into(), action: "invoke".into(), parameters: json(parameters) }
}

/// The result's text, or the error's name and cause.
fn told(result: Result<Value, Failure>) -> String {
    result.map_or_else(
        |failure| format!("{}: {}", failure.error().unwrap_or_default(), failure.cause().unwrap_or_default()),
        |value| value.to_text(),
    )
}

/// What a call comes to, and the request that the container was sent.
async fn called(invocation: &Invocation, answers: Answers) -> (String, String) {
    let stub = Stub::start(answers);
    let services = Services::new(&config(stub.port));
    let told = told(services.invoke(&namespace(), "", invocation).await);
    (told, stub.requests.try_recv().unwrap_or_default())
}

#[tokio::test]
async fn a_container_is_asked_for_its_one_function_and_nobody_signs() {
    for invocation in [
        by_arn(),
        invoke(r#"{"FunctionName":"pay","Qualifier":"live","Payload":{"a":1}}"#),
        aws_sdk(r#"{"FunctionName":"pay:live","Payload":{"a":1}}"#),
    ] {
        let (told, request) = called(&invocation, answer("200 OK", &[], r#"{"paid":true}"#)).await;
        assert!(told.contains(r#""paid":true"#) || told.contains(r#"{\"paid\":true}"#), "{told}");
        let (head, body) = request.split_once("\r\n\r\n").expect("a request");
        assert!(head.starts_with("POST /2015-03-31/functions/function/invocations HTTP/1.1\r\n"), "{head}");
        assert!(!head.contains("authorization"), "{head}");
        assert_eq!(body, r#"{"a":1}"#);
    }
}

#[tokio::test]
async fn the_errors_of_functions_are_errors_although_nothing_says_so() {
    let compact = r#"{"errorMessage":"no","errorType":"ValueError","requestId":"r","stackTrace":[]}"#;
    let (told, _) = called(&by_arn(), answer("200 OK", &[], FAILED)).await;
    assert_eq!(told, format!("ValueError: {FAILED}"));
    let (told, _) = called(&invoke(r#"{"FunctionName":"pay"}"#), answer("200 OK", &[], FAILED)).await;
    assert_eq!(told, format!("ValueError: {compact}"));
    let (told, _) = called(&aws_sdk(r#"{"FunctionName":"pay"}"#), answer("200 OK", &[], FAILED)).await;
    assert!(told.contains(r#""FunctionError":"Unhandled""#), "{told}");
    // Java's exceptions need no message.
    for error in [
        r#"{"errorMessage":null,"errorType":"java.lang.NullPointerException","stackTrace":["a"]}"#,
        r#"{"errorType":"java.lang.NullPointerException","cause":{"errorType":"E"}}"#,
        r#"{"errorType":"java.lang.NullPointerException","trace":[]}"#,
    ] {
        let (told, _) = called(&by_arn(), answer("200 OK", &[], error)).await;
        assert_eq!(told, format!("java.lang.NullPointerException: {error}"));
    }
    // What only looks like it in part is a result.
    for result in [
        r#"{"errorMessage":"no"}"#,
        r#"{"errorType":"E"}"#,
        r#"{"errorType":"E","errorMessage":null}"#,
        r#"{"errorType":"E","errorMessage":7,"stackTrace":[]}"#,
        r#"{"errorType":7,"errorMessage":"no","stackTrace":[]}"#,
        r#"["errorType","errorMessage"]"#,
        r#""error""#,
    ] {
        let (told, _) = called(&by_arn(), answer("200 OK", &[], result)).await;
        assert_eq!(told, result);
    }
}

#[tokio::test]
async fn the_ends_that_lambda_reports_are_reported() {
    let (told, _) = called(&by_arn(), answer("200 OK", &[], "Task timed out after 3.00 seconds")).await;
    let start = "Lambda.Unknown: The cause could not be determined because Lambda did not return an error type. \
                 Returned payload: {\"errorMessage\":\"20";
    assert!(told.starts_with(start) && told.ends_with(" Task timed out after 3.00 seconds\"}"), "{told}");
    let (told, _) = called(&by_arn(), answer("200 OK", &[], "")).await;
    let (start, end) = (
        r#"Runtime.ExitError: {"errorType":"Runtime.ExitError","errorMessage":"RequestId: "#,
        r#" Error: Runtime exited without providing a reason"}"#,
    );
    assert!(told.starts_with(start) && told.ends_with(end), "{told}");
    let (told, _) = called(&by_arn(), answer("502 Bad Gateway", &[], "oh")).await;
    assert!(told.starts_with("Lambda.AWSLambdaException: oh (Service: AWSLambda; Status Code: 502;"), "{told}");
}

#[tokio::test]
async fn a_container_can_do_no_more_than_wait_for_its_function() {
    for (invocation, what) in [
        (invoke(r#"{"FunctionName":"pay","InvocationType":"Event"}"#), "InvocationType Event"),
        (aws_sdk(r#"{"FunctionName":"pay","InvocationType":"DryRun"}"#), "InvocationType DryRun"),
        (invoke(r#"{"FunctionName":"pay","LogType":"Tail"}"#), "LogType Tail"),
        (aws_sdk(r#"{"FunctionName":"pay","InvocationType":"RequestResponse","LogType":"Tail"}"#), "LogType Tail"),
    ] {
        let (told, request) = called(&invocation, Answers::Hangup).await;
        let expected =
            format!("Stepwell does not support the {what} of functions in runtime containers (--lambda-function)");
        assert!(told.starts_with("States.Runtime") && told.ends_with(&expected), "{told}");
        assert_eq!(request, "");
    }
}

#[tokio::test]
async fn other_functions_go_to_the_endpoint() {
    let told = told(lambda(1).invoke(&namespace(), &invoke(r#"{"FunctionName":"ship"}"#)).await);
    assert!(told.contains("no endpoint for Lambda is configured"), "{told}");
}

/// The server takes one connection after the other, and would answer the second only if the first is over.
#[tokio::test]
async fn a_container_does_one_thing_at_a_time() {
    let listener = TcpListener::bind("127.0.0.1:0").expect("a free port");
    let port = listener.local_addr().expect("an address").port();
    let server = std::thread::spawn(move || {
        for i in 0..5 {
            let (mut stream, _) = listener.accept().expect("a connection");
            request(&mut stream);
            listener.set_nonblocking(true).expect("a listener");
            assert!(listener.accept().is_err(), "two calls at once");
            listener.set_nonblocking(false).expect("a listener");
            let answer = format!("HTTP/1.1 200 OK\r\nConnection: close\r\nContent-Length: 1\r\n\r\n{i}");
            stream.write_all(answer.as_bytes()).expect("an open connection");
        }
    });
    let lambda = lambda(port);
    let calls = (0..5).map(|_| {
        let lambda = lambda.clone();
        tokio::spawn(async move { told(lambda.invoke(&namespace(), &by_arn()).await) })
    });
    let mut results = Vec::new();
    for call in calls.collect::<Vec<_>>() {
        results.push(call.await.expect("no panic"));
    }
    results.sort();
    assert_eq!(results, ["0", "1", "2", "3", "4"]);
    server.join().expect("no panic");
}

/// The server looks for another call while it works at one that nobody waits for any more.
#[tokio::test]
async fn a_call_that_is_given_up_keeps_its_container_until_that_is_done() {
    let listener = TcpListener::bind("127.0.0.1:0").expect("a free port");
    let port = listener.local_addr().expect("an address").port();
    let (works, mut working) = tokio::sync::mpsc::unbounded_channel();
    let (look, looked) = std::sync::mpsc::channel();
    let server = std::thread::spawn(move || {
        for i in 0..2 {
            let (mut stream, _) = listener.accept().expect("a connection");
            request(&mut stream);
            works.send(()).expect("a listening test");
            looked.recv().expect("a test that goes on");
            listener.set_nonblocking(true).expect("a listener");
            assert!(listener.accept().is_err(), "two calls at once");
            listener.set_nonblocking(false).expect("a listener");
            let answer = format!("HTTP/1.1 200 OK\r\nConnection: close\r\nContent-Length: 1\r\n\r\n{i}");
            stream.write_all(answer.as_bytes()).expect("an open connection");
        }
    });
    let lambda = lambda(port);
    let call = || {
        let lambda = lambda.clone();
        tokio::spawn(async move { told(lambda.invoke(&namespace(), &by_arn()).await) })
    };
    let first = call();
    working.recv().await.expect("a first call");
    first.abort();
    first.await.expect_err("a call that was given up");
    let second = call();
    // The second one has more than enough turns to connect, if it would.
    for _ in 0..1000 {
        tokio::task::yield_now().await;
    }
    look.send(()).expect("a server");
    working.recv().await.expect("a second call");
    look.send(()).expect("a server");
    assert_eq!(second.await.expect("no panic"), "1");
    server.join().expect("no panic");
}
