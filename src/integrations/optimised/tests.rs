//! Against a stub that answers one connection with fixed bytes.

use super::*;
use crate::config::Config;
use crate::integrations::http::Client;
use crate::integrations::stub::{Answers, Stub, answer, namespace};

/// The outcome of a call: the result's text, or the error's name and cause; and what the service was asked.
async fn called(name: &str, parameters: &str, answers: Answers) -> (String, String) {
    let stub = Stub::start(answers);
    let told = call(name, parameters, &stub.endpoint()).await;
    (told, stub.requests.try_recv().unwrap_or_default())
}

async fn call(name: &str, parameters: &str, endpoint: &str) -> String {
    let (service, action) = name.split_once(':').expect("a service and an action");
    let optimised = Optimised::find(service, action).expect("an integration");
    let endpoint = Endpoint::parse(endpoint).expect("a URL");
    let parameters = Value::parse(parameters).expect("valid JSON");
    let result = optimised
        .call(
            &AwsSdk::new(&Client::new(&Config::default())),
            &namespace(),
            &endpoint,
            &parameters,
            Pattern::RequestResponse,
        )
        .await;
    result.map_or_else(
        |failure| format!("{}: {}", failure.error().unwrap_or_default(), failure.cause().unwrap_or_default()),
        |value| value.to_text(),
    )
}

const DATE: &str = "Date: Wed, 06 Nov 2024 12:30:00 GMT";

#[tokio::test]
async fn parameters_are_sent_as_the_services_want_them() {
    for (name, parameters, expected) in [
        (
            "sqs:sendMessage",
            r#"{"QueueUrl":"http://127.0.0.1:9324/0/q","MessageBody":{"a": [1, "b"]},"DelaySeconds":0}"#,
            r#"{"QueueUrl":"http://127.0.0.1:9324/0/q","MessageBody":"{\"a\":[1,\"b\"]}","DelaySeconds":0}"#,
        ),
        ("sqs:sendMessage", r#"{"QueueUrl":"http://h/q","MessageBody":null}"#, r#"{"QueueUrl":"http://h/q"}"#),
        (
            "sns:publish",
            r#"{"TopicArn":"t","Message":{"a":1},"MessageAttributes":{"k":{"DataType":"String","StringValue":"v"}}}"#,
            "Action=Publish&Version=2010-03-31&TopicArn=t&Message=%7B%22a%22%3A1%7D\
             &MessageAttributes.entry.1.Name=k&MessageAttributes.entry.1.Value.DataType=String\
             &MessageAttributes.entry.1.Value.StringValue=v",
        ),
        (
            "events:putEvents",
            r#"{"Entries":[{"Detail":{"a":1},"DetailType":"d","Source":"s","Time":"2024-01-31T12:34:56Z"}]}"#,
            r#"{"Entries":[{"Time":1706704496,"Source":"s","DetailType":"d","Detail":"{\"a\":1}"}]}"#,
        ),
        (
            "dynamodb:putItem",
            r#"{"TableName":"t","Item":{"id":{"S":"1"}}}"#,
            r#"{"TableName":"t","Item":{"id":{"S":"1"}}}"#,
        ),
        (
            "ecs:runTask",
            r#"{"TaskDefinition":"t","LaunchType":"FARGATE","NetworkConfiguration":{"AwsvpcConfiguration":{"Subnets":["s"]}}}"#,
            r#"{"launchType":"FARGATE","networkConfiguration":{"awsvpcConfiguration":{"subnets":["s"]}},"taskDefinition":"t"}"#,
        ),
        ("glue:startJobRun", r#"{"JobName":"j"}"#, r#"{"JobName":"j"}"#),
        (
            "batch:submitJob",
            r#"{"JobName":"j","JobQueue":"q","JobDefinition":"d","Parameters":{"P":"1"}}"#,
            r#"{"jobName":"j","jobQueue":"q","jobDefinition":"d","parameters":{"P":"1"}}"#,
        ),
    ] {
        let (_, request) = called(name, parameters, answer("200 OK", &[], "{}")).await;
        let body = request.split("\r\n\r\n").nth(1).unwrap_or_default();
        // A token that makes a request one that can be repeated is new each time.
        let body = body.split(r#","clientToken":""#).next().unwrap_or_default();
        let expected = expected.strip_suffix('}').filter(|_| name == "ecs:runTask").unwrap_or(expected);
        assert_eq!(body, expected, "{name}");
    }
}

#[tokio::test]
async fn results_have_the_metadata_of_the_answer() {
    let headers = ["x-amzn-RequestId: r", DATE, "Content-Type: application/x-amz-json-1.0", "Connection: keep-alive"];
    let body = r#"{"MessageId":"m","MD5OfMessageBody":"d"}"#;
    let parameters = r#"{"QueueUrl":"http://h/q","MessageBody":"b"}"#;
    let (told, _) = called("sqs:sendMessage", parameters, answer("200 OK", &headers, body)).await;
    let date = &DATE["Date: ".len()..];
    assert_eq!(
        told,
        format!(
            concat!(
                r#"{{"MD5OfMessageBody":"d","MessageId":"m","SdkHttpMetadata":{{"AllHttpHeaders":{{"x-amzn-RequestId":["r"],"#,
                r#""connection":["keep-alive"],"Content-Length":["40"],"Date":["{}"],"#,
                r#""Content-Type":["application/x-amz-json-1.0"]}},"HttpHeaders":{{"connection":"keep-alive","#,
                r#""Content-Length":"40","Content-Type":"application/x-amz-json-1.0","Date":"{}","x-amzn-RequestId":"r"}},"#,
                r#""HttpStatusCode":200}},"SdkResponseMetadata":{{"RequestId":"r"}}}}"#,
            ),
            date, date
        )
    );
    for (name, parameters, answered, expected) in [
        (
            "dynamodb:getItem",
            r#"{"TableName":"t","Key":{}}"#,
            "{}",
            &["\"x-amzn-requestid\":\"r\"", "\"Connection\""][..],
        ),
        ("dynamodb:putItem", r#"{"TableName":"t","Item":{}}"#, "{}", &["\"x-amzn-RequestId\":\"r\"", "\"Connection\""]),
        (
            "sns:publish",
            r#"{"Message":"m"}"#,
            "<PublishResponse><PublishResult><MessageId>i</MessageId></PublishResult></PublishResponse>",
            &["{\"MessageId\":\"i\",", "\"connection\":\"keep-alive\""],
        ),
    ] {
        let (told, _) = called(name, parameters, answer("200 OK", &headers, answered)).await;
        for part in expected {
            assert!(told.contains(part), "{name}: {told}");
        }
    }
}

#[tokio::test]
async fn events_have_no_metadata_and_fail_with_their_entries() {
    let parameters = r#"{"Entries":[]}"#;
    for (body, expected) in [
        (
            r#"{"FailedEntryCount": 0, "Entries": [{"EventId": "e"}]}"#,
            r#"{"FailedEntryCount":0,"Entries":[{"EventId":"e"}]}"#,
        ),
        (
            r#"{"FailedEntryCount":1,"Entries":[{"EventId":"e"},{"ErrorCode":"MalformedDetail","ErrorMessage":"Detail is malformed."}]}"#,
            r#"EventBridge.FailedEntry: {"FailedEntryCount":1,"Entries":[{"EventId":"e"},{"ErrorCode":"MalformedDetail","ErrorMessage":"Detail is malformed."}]}"#,
        ),
    ] {
        let (told, _) = called("events:putEvents", parameters, answer("200 OK", &[], body)).await;
        assert_eq!(told, expected);
    }
}

#[tokio::test]
async fn a_model_takes_and_gives_json() {
    let parameters = r#"{"ModelId":"a:1","Body":{"prompt": "p"}}"#;
    let answers = answer("200 OK", &["Content-Type: application/json"], r#"{"text": "t"}"#);
    let (told, request) = called("bedrock:invokeModel", parameters, answers).await;
    assert_eq!(told, r#"{"ContentType":"application/json","Body":{"text":"t"}}"#);
    assert!(request.starts_with("POST /model/a%3A1/invoke HTTP/1.1\r\n"), "{request}");
    assert!(request.contains("\r\ncontent-type: application/json\r\naccept: application/json\r\n"), "{request}");
    assert!(request.ends_with("\r\n\r\n{\"prompt\":\"p\"}"), "{request}");
}

#[tokio::test]
async fn errors_are_in_the_words_of_the_first_sdk() {
    let id = "x-amzn-RequestId: r";
    let item = r#"{"TableName":"t","Item":{}}"#;
    let message = r#"{"QueueUrl":"http://h/q","MessageBody":"b"}"#;
    for (name, parameters, answers, expected) in [
        (
            "dynamodb:putItem",
            item,
            answer(
                "400 Bad Request",
                &[id],
                r#"{"__type":"com.amazonaws.dynamodb.v20120810#ResourceNotFoundException","message":"Requested resource not found"}"#,
            ),
            "DynamoDB.ResourceNotFoundException: Requested resource not found (Service: AmazonDynamoDBv2; Status Code: 400; \
             Error Code: ResourceNotFoundException; Request ID: r; Proxy: null)",
        ),
        (
            "dynamodb:putItem",
            item,
            answer(
                "400 Bad Request",
                &[id],
                r#"{"__type":"com.amazon.coral.validate#ValidationException","message":"m"}"#,
            ),
            "DynamoDB.AmazonDynamoDBException: m (Service: AmazonDynamoDBv2; Status Code: 400; \
             Error Code: ValidationException; Request ID: r; Proxy: null)",
        ),
        (
            "sqs:sendMessage",
            message,
            answer(
                "400 Bad Request",
                &[id, "x-amzn-query-error: AWS.SimpleQueueService.NonExistentQueue;Sender"],
                r#"{"__type":"com.amazonaws.sqs#QueueDoesNotExist","message":"gone"}"#,
            ),
            "SQS.QueueDoesNotExistException: gone (Service: AmazonSQS; Status Code: 400; \
             Error Code: AWS.SimpleQueueService.NonExistentQueue; Request ID: r; Proxy: null)",
        ),
        (
            "sqs:sendMessage",
            message,
            answer("400 Bad Request", &[id], r#"{"__type":"com.amazonaws.sqs#MissingParameter","message":"m"}"#),
            "SQS.AmazonSQSException: m (Service: AmazonSQS; Status Code: 400; Error Code: MissingParameter; \
             Request ID: r; Proxy: null)",
        ),
        (
            "sns:publish",
            r#"{"Message":"m"}"#,
            answer(
                "404 Not Found",
                &[],
                "<ErrorResponse><Error><Type>Sender</Type><Code>NotFound</Code><Message>Topic does not exist</Message>\
                 </Error><RequestId>x</RequestId></ErrorResponse>",
            ),
            "SNS.NotFoundException: Topic does not exist (Service: AmazonSNS; Status Code: 404; Error Code: NotFound; \
             Request ID: x; Proxy: null)",
        ),
        (
            "glue:startJobRun",
            r#"{"JobName":"j"}"#,
            answer("503 Service Unavailable", &[], "busy"),
            "Glue.AWSGlueException: busy (Service: AWSGlue; Status Code: 503; Error Code: null; Request ID: null; Proxy: null)",
        ),
        (
            "glue:startJobRun",
            r#"{"JobName":"j"}"#,
            answer("200 OK", &[], "[["),
            "Glue.SdkClientException: Unable to unmarshall response (",
        ),
        (
            "dynamodb:getItem",
            r#"{"TableName":"t","Key":{}}"#,
            answer("200 OK", &[], "[]"),
            "DynamoDB.SdkClientException: Unable to unmarshall response (the answer is not a structure). Response Code: 200, Response Text: OK",
        ),
        (
            "batch:submitJob",
            r#"{"JobName":"n","JobQueue":"q","JobDefinition":"d"}"#,
            answer("200 OK", &[], r#""x""#),
            "Batch.SdkClientException: Unable to unmarshall response (the answer is not a structure). Response Code: 200, Response Text: OK",
        ),
        (
            "sns:publish",
            r#"{"TopicArn":"t","Message":"m"}"#,
            answer("200 OK", &[], "<html><body>hi</body></html>"),
            "SNS.SdkClientException: Unable to unmarshall response (the answer has no PublishResult). Response Code: 200, Response Text: OK",
        ),
        (
            "glue:startJobRun",
            r#"{"JobName":"j"}"#,
            Answers::Reset,
            "Glue.SdkClientException: Unable to execute HTTP request: ",
        ),
        (
            "glue:startJobRun",
            r#"{"JobName":"j"}"#,
            Answers::Hangup,
            "Glue.SdkClientException: Unable to execute HTTP request: ",
        ),
    ] {
        let (told, _) = called(name, parameters, answers).await;
        assert!(told.starts_with(expected), "{name}: {told}");
    }
}

#[tokio::test]
async fn a_queue_that_is_a_host_alone_has_to_be_one() {
    let message = |url: &str| format!(r#"{{"QueueUrl":"{url}","MessageBody":"b"}}"#);
    assert_eq!(
        call("sqs:sendMessage", &message("http://no-such-queue.invalid"), "http://127.0.0.1:1").await,
        "SQS.SdkClientException: Unable to execute HTTP request: no-such-queue.invalid: Name or service not known"
    );
    for url in ["http://no-such-queue.invalid/1/q", "http://127.0.0.1", "q"] {
        let (told, request) = called("sqs:sendMessage", &message(url), answer("200 OK", &[], "{}")).await;
        assert!(request.contains(&format!(r#""QueueUrl":"{url}""#)), "{url}: {told}");
    }
}

#[tokio::test]
async fn a_harness_gives_its_last_message() {
    let parameters =
        r#"{"HarnessArn":"arn:h","RuntimeSessionId":"s","Messages":[{"Role":"user","Content":[{"Text":"hi"}]}]}"#;
    let said = |events: &[(&str, &str)]| {
        let stream = harness::stream(events);
        let head = "HTTP/1.1 200 OK\r\nContent-Type: application/vnd.amazon.eventstream\r\nx-amzn-RequestId: r\r\n";
        let mut bytes = format!("{head}Content-Length: {}\r\n\r\n", stream.len()).into_bytes();
        bytes.extend(stream);
        Answers::With(bytes)
    };
    let start = ("messageStart", r#"{"role":"assistant"}"#);
    let whole = [
        start,
        ("contentBlockDelta", r#"{"contentBlockIndex":0,"delta":{"text":"hello"}}"#),
        ("messageStop", r#"{"stopReason":"end_turn"}"#),
        ("metadata", r#"{"usage":{"inputTokens":1,"outputTokens":2,"totalTokens":3},"metrics":{"latencyMs":4}}"#),
    ];
    let (told, request) = called("bedrockagentcore:invokeHarness", parameters, said(&whole)).await;
    assert_eq!(
        told,
        concat!(
            r#"{"Output":{"Message":{"Role":"assistant","Content":[{"Text":"hello"}]}},"StopReason":"end_turn","#,
            r#""Usage":{"InputTokens":1,"OutputTokens":2,"TotalTokens":3},"Metrics":{"LatencyMs":4}}"#
        )
    );
    assert!(request.starts_with("POST /harnesses/invoke?harnessArn=arn%3Ah HTTP/1.1\r\n"), "{request}");
    assert!(request.contains("\r\nx-amzn-bedrock-agentcore-runtime-session-id: s\r\n"), "{request}");
    assert!(request.contains("/us-east-1/bedrock-agentcore/aws4_request"), "{request}");
    assert!(request.ends_with(r#"{"messages":[{"role":"user","content":[{"text":"hi"}]}]}"#), "{request}");

    let throttled = r#"{"message":"slow down"}"#;
    let cause = |status: u16| {
        format!("slow down (Service: BedrockAgentCore, Status Code: {status}, Request ID: r) (SDK Attempt Count: 1)")
    };
    for (answers, expected) in [
        (
            answer(
                "429 Too Many Requests",
                &["x-amzn-ErrorType: ThrottlingException", "x-amzn-RequestId: r"],
                throttled,
            ),
            format!("BedrockAgentCore.ThrottlingException: {}", cause(429)),
        ),
        (
            said(&[start, ("!throttlingException", throttled)]),
            format!("BedrockAgentCore.ThrottlingException: {}", cause(200)),
        ),
        (
            said(&[start]),
            "BedrockAgentCore.SdkClientException: Unable to unmarshall response (the stream of events ends within a \
             message). Response Code: 200, Response Text: OK"
                .to_owned(),
        ),
    ] {
        assert_eq!(called("bedrockagentcore:invokeHarness", parameters, answers).await.0, expected);
    }
}
