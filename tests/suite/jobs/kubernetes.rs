//! `eks:call` and `eks:runJob`: requests to the API of a cluster, and jobs that are waited for.

use super::stub::{Answer, Stub};
use super::{ok, start};
use crate::server::Server;
use base64::Engine;
use base64::prelude::BASE64_STANDARD;
use rcgen::{BasicConstraints, CertificateParams, CertifiedIssuer, IsCa, KeyPair};
use rustls::ServerConfig;
use rustls::pki_types::PrivatePkcs8KeyDer;
use serde_json::{Value, json};
use std::sync::Arc;
use tokio::io::{AsyncReadExt, AsyncWriteExt};
use tokio::net::TcpListener;
use tokio_rustls::TlsAcceptor;

/// Parameters for the cluster that is this stub, and these besides.
fn of_cluster(stub: &Stub, more: &str) -> String {
    format!(r#"{{"ClusterName":"c","CertificateAuthority":"","Endpoint":"{}"{more}}}"#, stub.endpoint)
}

/// What a call comes to: its output, or its error and cause; and what the cluster was asked.
async fn called(call: &str, more: &str, answers: Vec<Answer>) -> (Value, Vec<String>) {
    let stub = Stub::start(answers).await;
    let server = Server::start().await;
    let execution = start(&server, call, &of_cluster(&stub, more), "").await;
    let described = server.ended(&execution).await;
    let parsed = |text: &Value| serde_json::from_str(text.as_str().unwrap_or_default()).unwrap_or(text.clone());
    let told = match described["error"].as_str() {
        None => parsed(&described["output"]),
        Some(error) => json!([error, parsed(&described["cause"])]),
    };
    (told, stub.requests())
}

#[tokio::test]
async fn the_api_of_a_cluster_is_called() {
    for (more, answer, told, request) in [
        (
            r#","Method":"GET","Path":"/api/v1/pods","QueryParameters":{"labelSelector":["job-name=j"],"limit":["1"]}"#,
            ok(r#"{"kind":"PodList","items":[]}"#),
            json!({"ResponseBody": {"kind": "PodList", "items": []}, "StatusCode": 200, "StatusText": "OK"}),
            "GET /api/v1/pods?labelSelector=job-name%3Dj&limit=1",
        ),
        (
            r#","Method":"POST","Path":"api/v1/pods","RequestBody":{"a":1}"#,
            (201, "made".to_owned()),
            json!({"ResponseBody": "made", "StatusCode": 201, "StatusText": "Created"}),
            r#"POST /api/v1/pods {"a":1}"#,
        ),
        (
            r#","Method":"GET","Path":"/api""#,
            (401, r#"{"kind":"Status","code":401}"#.to_owned()),
            json!(["EKS.401", {"ResponseBody": {"kind": "Status", "code": 401}, "StatusCode": 401, "StatusText": "Unauthorized"}]),
            "GET /api",
        ),
    ] {
        let (found, requests) = called("eks:call", more, vec![answer]).await;
        assert_eq!((found, requests), (told, vec![request.to_owned()]));
    }
}

#[tokio::test]
async fn who_asks_is_told_by_a_token_that_names_the_cluster() {
    let stub = Stub::start(vec![ok("{}")]).await;
    let server = Server::start().await;
    let parameters = of_cluster(&stub, r#","Method":"GET","Path":"/""#);
    let execution = start(&server, "eks:call", &parameters, "").await;
    assert_eq!(server.ended(&execution).await["status"], "SUCCEEDED");
    let head = stub.heads().remove(0);
    // `https://sts.us-east-1.amazonaws.com/?Action=GetCallerIdentity`
    let begins = "k8s-aws-v1.aHR0cHM6Ly9zdHMudXMtZWFzdC0xLmFtYXpvbmF3cy5jb20vP0FjdGlvbj1HZXRDYWxsZXJJZGVudGl0e";
    assert!(head.contains(&format!("\r\nauthorization: Bearer {begins}")), "{head}");
}

#[tokio::test]
async fn a_cluster_that_cannot_be_called_fails_the_task_in_words() {
    for (endpoint, authority, cause) in [
        ("ftp://e", "", "the Endpoint ftp://e "),
        ("https://127.0.0.1:1", "?", "the CertificateAuthority is not Base64: "),
        ("http://127.0.0.1:1", "", "Unable to execute HTTP request: Connect to 127.0.0.1:1 "),
    ] {
        let server = Server::start().await;
        let parameters = format!(
            r#"{{"ClusterName":"c","Endpoint":"{endpoint}","CertificateAuthority":"{authority}","Method":"GET","Path":"/"}}"#
        );
        let execution = start(&server, "eks:call", &parameters, "").await;
        let described = server.ended(&execution).await;
        assert_eq!(described["error"], "EKS.SdkClientException", "{described}");
        assert!(described["cause"].as_str().unwrap_or_default().starts_with(cause), "{described}");
    }
}

/// A cluster behind TLS, and who signed its certificate, in PEM and Base64.
async fn cluster_with_tls() -> (String, String) {
    let mut params = CertificateParams::default();
    params.is_ca = IsCa::Ca(BasicConstraints::Unconstrained);
    let issuer = CertifiedIssuer::self_signed(params, KeyPair::generate().expect("a key")).expect("a certificate");
    let key = KeyPair::generate().expect("a key");
    let params = CertificateParams::new(vec!["127.0.0.1".to_owned()]).expect("an address");
    let certificate = params.signed_by(&key, &issuer).expect("a certificate").der().clone();
    let config = ServerConfig::builder_with_provider(Arc::new(rustls::crypto::ring::default_provider()))
        .with_safe_default_protocol_versions()
        .expect("versions")
        .with_no_client_auth()
        .with_single_cert(vec![certificate], PrivatePkcs8KeyDer::from(key.serialize_der()).into())
        .expect("a key that fits");
    let acceptor = TlsAcceptor::from(Arc::new(config));
    let listener = TcpListener::bind("127.0.0.1:0").await.expect("a free port");
    let endpoint = format!("https://{}", listener.local_addr().expect("an address"));
    tokio::spawn(async move {
        while let Ok((stream, _)) = listener.accept().await {
            let Ok(mut stream) = acceptor.accept(stream).await else { continue };
            let mut head = Vec::new();
            while !head.ends_with(b"\r\n\r\n") {
                head.push(stream.read_u8().await.expect("a request"));
            }
            let answer = b"HTTP/1.1 200 OK\r\nConnection: close\r\nContent-Length: 15\r\n\r\n{\"kind\":\"List\"}";
            stream.write_all(answer).await.expect("an open connection");
        }
    });
    (endpoint, BASE64_STANDARD.encode(issuer.pem()))
}

#[tokio::test]
async fn a_cluster_over_tls_is_trusted_by_its_own_authority_alone() {
    let (endpoint, own) = cluster_with_tls().await;
    let (_, other) = cluster_with_tls().await;
    let untrusted = "Unable to execute HTTP request: PKIX path building failed";
    let none = "Unable to execute HTTP request: the certificate authority has no certificate in PEM";
    for (authority, expected) in [(own, r#""kind":"List""#), (other, untrusted), (String::new(), none)] {
        let server = Server::start().await;
        let parameters = json!({
            "ClusterName": "c", "Endpoint": endpoint, "CertificateAuthority": authority, "Method": "GET", "Path": "/",
        });
        let execution = start(&server, "eks:call", &parameters.to_string(), "").await;
        let described = server.ended(&execution).await;
        let told = described["output"].as_str().or(described["cause"].as_str()).expect("an end");
        assert!(told.contains(expected), "{described}");
    }
}

const JOB: &str = r#","Namespace":"n","Job":{"kind":"Job"}"#;
const MADE: &str = r#"{"kind":"Job","metadata":{"name":"j"}}"#;

fn job_is(condition: &str) -> Answer {
    let condition = format!(r#"{{"type":"Suspended","status":"False"}},{{"type":"{condition}","status":"True"}}"#);
    ok(&format!(r#"{{"kind":"Job","metadata":{{"name":"j"}},"status":{{"conditions":[{condition}]}}}}"#))
}

#[tokio::test]
async fn a_job_is_run_and_waited_for() {
    let made = (201, MADE.to_owned());
    let post = r#"POST /apis/batch/v1/namespaces/n/jobs {"kind":"Job"}"#;
    let look = "GET /apis/batch/v1/namespaces/n/jobs/j";
    let (told, requests) = called("eks:runJob", JOB, vec![made.clone()]).await;
    assert_eq!(told["ResponseBody"]["metadata"]["name"], "j");
    assert_eq!(requests, [post]);

    let goes_on = ok(MADE);
    let answers = vec![made.clone(), goes_on, (503, String::new()), job_is("Complete")];
    let (told, requests) = called("eks:runJob.sync", JOB, answers).await;
    assert_eq!((&told["metadata"]["name"], &told["logs"]), (&json!("j"), &Value::Null));
    assert_eq!(requests, [post, look, look, look]);

    let (told, _) = called("eks:runJob.sync", JOB, vec![made.clone(), job_is("Failed")]).await;
    assert_eq!((&told[0], &told[1]["kind"]), (&json!("States.TaskFailed"), &json!("Job")));
    let gone = (404, r#"{"kind":"Status"}"#.to_owned());
    let (told, _) = called("eks:runJob.sync", JOB, vec![made, gone]).await;
    assert_eq!(told, json!(["EKS.404", {"kind": "Status"}]));
    let (told, _) = called("eks:runJob.sync", JOB, vec![ok("{}")]).await;
    assert_eq!(told, json!(["States.TaskFailed", "the answer names no job that could be waited for"]));
}

#[tokio::test]
async fn the_logs_of_a_job_stand_beside_its_description() {
    let pods =
        r#"{"items":[{"metadata":{"name":"p"},"spec":{"containers":[{"name":"x"},{"name":"y"},{"name":"z"}]}}]}"#;
    for (raw, log) in [("false", json!({"n": 1})), ("true", json!(r#"{"n":1}"#))] {
        let more = format!(
            r#"{JOB},"LogOptions":{{"RetrieveLogs":true,"RawLogs":{raw},"LogParameters":{{"tailLines":["6"]}}}}"#
        );
        let answers = vec![
            (201, MADE.to_owned()),
            job_is("Complete"),
            ok(pods),
            ok(r#"{"n":1}"#),
            ok("two\nlines\n"),
            (400, "no log".to_owned()),
        ];
        let (told, requests) = called("eks:runJob.sync", &more, answers).await;
        let containers = json!({
            "x": {"log": log},
            "y": {"log": "two\nlines\n"},
            "z": {"error": "EKS.400", "cause": "no log"},
        });
        assert_eq!(told["logs"], json!({"pods": {"p": {"containers": containers}}}));
        let log = "GET /api/v1/namespaces/n/pods/p/log?container=x&tailLines=6";
        assert_eq!(requests[2..4], ["GET /api/v1/namespaces/n/pods?labelSelector=job-name%3Dj", log]);
    }
}

#[tokio::test]
async fn a_job_that_nobody_waits_for_is_deleted() {
    let stub = Stub::start(vec![(201, MADE.to_owned()), ok(MADE)]).await;
    let server = Server::start().await;
    let execution = start(&server, "eks:runJob.sync", &of_cluster(&stub, JOB), "").await;
    stub.asked(2).await;
    while server.emulator.engine.waiting_jobs() == 0 {
        tokio::task::yield_now().await;
    }
    server.ok("StopExecution", json!({"executionArn": execution})).await;
    let deleted = "DELETE /apis/batch/v1/namespaces/n/jobs/j?propagationPolicy=Background";
    assert_eq!(stub.asked(3).await[2], deleted);
}
