//! Against a stub that answers one connection with fixed bytes.

use super::*;
use crate::config::Config;
use crate::integrations::stub::{Answers, Stub, answer, namespace};

fn invoke(parameters: &str) -> ApiGatewayInvoke {
    ApiGatewayInvoke::of(&Value::parse(parameters).expect("valid JSON")).expect("usable parameters")
}

/// The outcome of a request, and the request. `here` in the parameters is the stub's address.
async fn called(parameters: &str, answers: Answers) -> (String, String) {
    let stub = Stub::start(answers);
    let call = invoke(&parameters.replace("here", &stub.endpoint()));
    let place = place(&call, None, false).expect("a usable address").expect("a place");
    let result = ApiGateway::new(&Client::new(&Config::default())).call(&namespace(), &place, &call).await;
    let told = result.map_or_else(
        |failure| format!("{}: {}", failure.error().unwrap_or_default(), failure.cause().unwrap_or_default()),
        |value| value.to_text(),
    );
    (told, stub.requests.try_recv().unwrap_or_default())
}

#[test]
fn an_api_is_found_by_its_url_or_at_the_endpoint() {
    let endpoint = Endpoint::parse("http://localstack:4566").expect("a URL");
    let url = |api: &str, endpoint: Option<&Endpoint>| {
        let call = invoke(&format!(
            r#"{{"ApiEndpoint":"{api}","Method":"GET","Stage":"v1","Path":"/a b/c","QueryParameters":{{"q":["1&","2"]}}}}"#
        ));
        match place(&call, endpoint, false) {
            Ok(Some(place)) => format!("{}{}?{}", place.endpoint, path(&place, &call), query(&call)),
            Ok(None) => "nowhere".to_owned(),
            Err(failure) => failure.cause().unwrap_or_default().to_string(),
        }
    };
    for (api, expected) in [
        ("http://h:1/restapis/x", "http://h:1/restapis/x/v1/a%20b/c?q=1%26&q=2"),
        ("h:1", "http://h:1/v1/a%20b/c?q=1%26&q=2"),
        (
            "x.execute-api.us-east-1.amazonaws.com",
            "http://localstack:4566/restapis/x/v1/_user_request_/a%20b/c?q=1%26&q=2",
        ),
        (
            "https://x.execute-api.us-east-1.amazonaws.com",
            "http://localstack:4566/restapis/x/v1/_user_request_/a%20b/c?q=1%26&q=2",
        ),
        ("https://h", "https://h/v1/a%20b/c?q=1%26&q=2"),
        ("ftp://h", "the ApiEndpoint ftp://h is not a URL that begins with http:// or https://"),
    ] {
        assert_eq!(url(api, Some(&endpoint)), expected);
    }
    for api in ["x.execute-api.us-east-1.amazonaws.com", "https://x.execute-api.us-east-1.amazonaws.com"] {
        assert_eq!(url(api, None), "nowhere");
    }
    let bare = invoke(r#"{"ApiEndpoint":"http://h","Method":"GET"}"#);
    let place = place(&bare, None, false).expect("usable").expect("a place");
    assert_eq!(path(&place, &bare), "/");
}

#[tokio::test]
async fn requests_carry_what_was_given_and_are_signed_if_that_was_asked_for() {
    let ok = || answer("200 OK", &[], "");
    for (more, head, body) in [
        (r#""Method":"GET""#, "GET / HTTP/1.1\r\n", ""),
        (r#""Method":"POST","RequestBody":null"#, "POST / HTTP/1.1\r\n", ""),
        (r#""Method":"POST","RequestBody":"text""#, "content-type: application/json", r#""text""#),
        (r#""Method":"PUT","RequestBody":{"a": 1}"#, "content-type: application/json", r#"{"a":1}"#),
        (
            r#""Method":"PATCH","RequestBody":{},"Headers":{"Content-Type":["a/b"],"X-A":["1","2"]}"#,
            "content-type: a/b\r\nx-a: 1\r\nx-a: 2\r\n",
            "{}",
        ),
        (
            r#""Method":"POST","RequestBody":{"pet":{"type":"turtle","category":null},"list":[null,{"a":null}],"none":null}"#,
            "content-type: application/json",
            r#"{"pet":{"type":"turtle"},"list":[null,{}]}"#,
        ),
        (
            r#""Method":"POST","AllowNullValues":true,"RequestBody":{"pet":{"category":null},"none":null}"#,
            "content-type: application/json",
            r#"{"pet":{"category":null},"none":null}"#,
        ),
    ] {
        let (_, request) = called(&format!(r#"{{"ApiEndpoint":"here",{more}}}"#), ok()).await;
        assert!(request.contains(head), "{request}");
        assert!(!request.contains("authorization"), "{request}");
        assert_eq!(request.split("\r\n\r\n").nth(1), Some(body), "{more}");
    }
    let (_, request) = called(r#"{"ApiEndpoint":"here","Method":"GET","AuthType":"IAM_ROLE"}"#, ok()).await;
    assert!(request.contains("/us-east-1/execute-api/aws4_request"), "{request}");
}

#[tokio::test]
async fn the_result_is_the_answer() {
    let headers = ["Date: d", "Content-Type: application/json", "x-amzn-RequestId: r", "Via: a", "Via: b"];
    for (body, expected) in [(r#"{"a": 1}"#, r#"{"a":1}"#), (r#""x""#, r#""x""#), ("", r#""""#), ("<a/>", r#""<a/>""#)]
    {
        let (told, _) = called(r#"{"ApiEndpoint":"here","Method":"GET"}"#, answer("201 Created", &headers, body)).await;
        assert_eq!(
            told,
            format!(
                r#"{{"Headers":{{"x-amzn-RequestId":["r"],"Content-Length":["{}"],"Content-Type":["application/json"],"Date":["d"],"Via":["a","b"]}},"ResponseBody":{expected},"StatusCode":201,"StatusText":"Created"}}"#,
                body.len()
            )
        );
    }
}

#[tokio::test]
async fn a_body_that_is_no_text_is_an_error() {
    let answers = Answers::With(b"HTTP/1.1 200 OK\r\nContent-Length: 3\r\n\r\na\xffb".to_vec());
    let (told, _) = called(r#"{"ApiEndpoint":"here","Method":"GET"}"#, answers).await;
    assert_eq!(told, "States.Runtime: The HTTP response cannot be read as a string");
    // Otherwise the status says what is wrong.
    let answers = Answers::With(b"HTTP/1.1 500 Oh\r\nContent-Length: 1\r\n\r\n\xff".to_vec());
    let (told, _) = called(r#"{"ApiEndpoint":"here","Method":"GET"}"#, answers).await;
    assert!(told.starts_with("ApiGateway.500: "), "{told}");
}

#[tokio::test]
async fn any_other_status_is_an_error() {
    let get = r#"{"ApiEndpoint":"here","Method":"GET"}"#;
    for (answers, expected) in [
        (
            answer("403 Forbidden", &[], r#"{"message":"Missing Authentication Token"}"#),
            r#"ApiGateway.403: {"message":"Missing Authentication Token"}"#,
        ),
        (answer("302 Found", &["Location: /"], ""), "ApiGateway.302: "),
        (answer("500 Internal Server Error", &[], "oh"), "ApiGateway.500: oh"),
        (Answers::Hangup, "ApiGateway.SdkClientException: Unable to execute HTTP request: 127.0.0.1:"),
        (answer("200 OK", &[], &"x".repeat(quota::PAYLOAD_BYTES + 1)), "States.DataLimitExceeded: "),
    ] {
        let (told, _) = called(get, answers).await;
        assert!(told.starts_with(expected), "{told}");
    }
}
