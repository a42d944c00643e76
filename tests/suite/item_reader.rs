//! ItemReaders against a stub of S3 on this machine: what is asked, and what of the answers is not taken for items.

use crate::server::{ROLE, Server};
use axum::Router;
use axum::http::{HeaderMap, Uri};
use serde_json::{Value, json};
use std::sync::{Arc, Mutex};
use stepwell::config::{Config, Endpoints};
use stepwell::endpoint::Endpoint;
use stepwell::honesty::Strictness;
use tokio::net::TcpListener;

/// A list of one object, with this beside it.
fn list(more: &str) -> String {
    format!("<ListBucketResult><Contents><Key>k</Key><Size>3</Size></Contents>{more}</ListBucketResult>")
}

/// The end of an execution that reads items so from an S3 that answers lists and objects with these, what it was asked for,
/// and in whose name.
async fn read(reader: Value, list: String, object: &'static str) -> (Value, Vec<(String, String)>) {
    let (_, ended, asked) = run(json!({"ItemReader": reader}), Strictness::NONE, list, object).await;
    let asked = asked.lock().expect("no panic").clone();
    (ended, asked)
}

/// The paths that the S3 was asked for, and in whose name.
type Asked = Arc<Mutex<Vec<(String, String)>>>;

/// The same of a Map with these fields, with the server that it runs on.
async fn run(fields: Value, strictness: Strictness, list: String, object: &'static str) -> (Server, Value, Asked) {
    let asked = Asked::default();
    let seen = asked.clone();
    let answer = move |uri: Uri, headers: HeaderMap| async move {
        let header = |name| headers.get(name).and_then(|value| value.to_str().ok()).unwrap_or_default().to_owned();
        let who = format!("{} {}", header("x-amz-expected-bucket-owner"), header("x-amz-request-payer"));
        seen.lock().expect("no panic").push((uri.path().to_owned(), who));
        if uri.query().is_some_and(|query| query.contains("list-type")) { list } else { object.to_owned() }
    };
    let listener = TcpListener::bind("127.0.0.1:0").await.expect("a free port");
    let endpoint = Endpoint::parse(&format!("http://{}", listener.local_addr().expect("an address"))).expect("a URL");
    tokio::spawn(async move { axum::serve(listener, Router::new().fallback(answer)).await });
    let mut endpoints = Endpoints::default();
    endpoints.of_services.insert("AWS_ENDPOINT_URL_S3".to_owned(), endpoint);
    let server = Server::with(Config { endpoints, strictness, ..Config::default() }).await;
    let mut definition = json!({"StartAt": "M", "States": {
        "M": {
            "Type": "Map", "End": true,
            "ItemProcessor": {"ProcessorConfig": {"Mode": "DISTRIBUTED", "ExecutionType": "EXPRESS"},
                "StartAt": "P", "States": {"P": {"Type": "Pass", "End": true}}},
            "Catch": [{"ErrorEquals": ["States.ALL"], "Next": "Caught"}],
        },
        "Caught": {"Type": "Pass", "Result": "caught", "End": true},
    }});
    let map = definition["States"]["M"].as_object_mut().expect("an object");
    map.extend(fields.as_object().expect("an object").clone());
    let machine = json!({"name": "m", "definition": definition.to_string(), "roleArn": ROLE});
    let machine = server.ok("CreateStateMachine", machine).await["stateMachineArn"].clone();
    let execution = server.ok("StartExecution", json!({"stateMachineArn": machine})).await["executionArn"].clone();
    let ended = server.ended(&execution).await;
    (server, ended, asked)
}

fn one_object() -> Value {
    json!({
        "Resource": "arn:aws:states:::s3:getObject", "Parameters": {"Bucket": "bucket", "Key": "k"},
        "ReaderConfig": {"InputType": "JSON"},
    })
}

#[tokio::test]
async fn a_redrive_of_what_a_strict_server_forbids_meets_it_again() {
    let fields = json!({"ItemReader": one_object()});
    let (server, ended, asked) = run(fields, Strictness::ALL, list(""), "[1]").await;
    let (execution, cause) = (ended["executionArn"].clone(), ended["cause"].clone());
    assert!(cause.as_str().expect("a cause").contains("Stepwell is strict"), "{cause}");
    server.ok("RedriveExecution", json!({"executionArn": execution})).await;
    let ended = server.ended(&execution).await;
    assert_eq!((&ended["status"], &ended["cause"]), (&json!("FAILED"), &cause));
    assert!(asked.lock().expect("no panic").is_empty());
}

#[tokio::test]
async fn a_map_run_that_gives_its_children_nothing_writes_no_results() {
    let writer = json!({"Resource": "arn:aws:states:::s3:putObject", "Parameters": {"Bucket": "out"}});
    let fields = json!({"ItemReader": one_object(), "ItemSelector": {"v.$": "$.none"}, "ResultWriter": writer});
    let (server, ended, asked) = run(fields, Strictness::NONE, list(""), "[1]").await;
    assert_eq!(ended["error"], "States.Runtime", "{ended}");
    let runs = server.ok("ListMapRuns", json!({"executionArn": ended["executionArn"]})).await["mapRuns"].clone();
    let arn = &runs[0]["mapRunArn"];
    while server.ok("DescribeMapRun", json!({"mapRunArn": arn})).await["status"] != "FAILED" {
        tokio::task::yield_now().await;
    }
    let paths: Vec<String> = asked.lock().expect("no panic").iter().map(|(path, _)| path.clone()).collect();
    assert_eq!(paths, ["/bucket/k"]);
}

#[tokio::test]
async fn objects_of_a_list_are_read_in_the_name_of_whoever_lists_them() {
    let reader = json!({
        "Resource": "arn:aws:states:::s3:listObjectsV2",
        "ReaderConfig": {"InputType": "JSON", "Transformation": "LOAD_AND_FLATTEN"},
        "Parameters": {"Bucket": "bucket", "Prefix": "p", "ExpectedBucketOwner": "123456789012", "RequestPayer": "requester"},
    });
    let (ended, asked) = read(reader, list(""), "[1, 2]").await;
    assert_eq!(ended["output"], "[1,2]", "{ended}");
    let by = |path: &str| (path.to_owned(), "123456789012 requester".to_owned());
    assert_eq!(asked, [by("/bucket"), by("/bucket/k")]);
}

#[tokio::test]
async fn nothing_catches_that_stepwell_does_not_read_items() {
    let lists = json!({"Resource": "arn:aws:states:::s3:listObjectsV2", "Parameters": {"Bucket": "bucket"}});
    let csv = json!({
        "Resource": "arn:aws:states:::s3:getObject", "Parameters": {"Bucket": "bucket", "Key": "k"},
        "ReaderConfig": {"InputType": "CSV", "CSVHeaderLocation": "FIRST_ROW"},
    });
    let cut_off = list("<IsTruncated>true</IsTruncated><NextMarker>k</NextMarker>");
    for (reader, list, object, problem) in [
        (lists, cut_off, "", "a list of objects is truncated"),
        (csv, list(""), "\u{feff}a,b\n1,2\n", "what AWS makes of a CSV with"),
    ] {
        let (ended, _) = read(reader, list, object).await;
        assert_eq!((&ended["status"], &ended["error"]), (&json!("FAILED"), &json!("States.Runtime")), "{ended}");
        let cause = ended["cause"].as_str().expect("a cause");
        assert!(cause.contains("Stepwell does not read these items: ") && cause.contains(problem), "{cause}");
    }
}
