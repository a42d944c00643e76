//! What becomes of a task whose service doesn't answer as it should, whatever the protocol: end to end, from a service on
//! loopback to the events of the execution.

use crate::server::{ROLE, Server};
use serde_json::{Value, json};
use std::time::Duration;
use stepwell::config::{Config, Endpoints};
use stepwell::endpoint::Endpoint;
use tokio::io::{AsyncReadExt, AsyncWriteExt};
use tokio::net::{TcpListener, TcpStream};
use tokio::sync::mpsc::{UnboundedReceiver, unbounded_channel};

/// What the service does with each request.
#[derive(Clone, Debug)]
enum Service {
    /// Nobody listens.
    Absent,
    /// Answers.
    Answers { status: &'static str, body: Vec<u8> },
    /// Answers no more than a part of what it promised, and closes the connection as if it had crashed.
    Breaks,
    /// Closes the connection without a word.
    Silent,
    /// Doesn't answer as long as somebody waits.
    Slow,
}

/// An endpoint, and a message for each request that has come.
async fn service(does: Service) -> (u16, UnboundedReceiver<()>) {
    let listener = TcpListener::bind("127.0.0.1:0").await.expect("a free port");
    let port = listener.local_addr().expect("an address").port();
    let (asked, requests) = unbounded_channel();
    if matches!(does, Service::Absent) {
        return (port, requests);
    }
    tokio::spawn(async move {
        while let Ok((stream, _)) = listener.accept().await {
            let (does, asked) = (does.clone(), asked.clone());
            tokio::spawn(async move { answer(stream, does, || asked.send(()).is_ok()).await });
        }
    });
    (port, requests)
}

async fn answer(mut stream: TcpStream, does: Service, asked: impl Fn() -> bool) -> Option<()> {
    read_request(&mut stream).await?;
    asked();
    match does {
        Service::Absent | Service::Silent => {}
        Service::Answers { status, body } => {
            let head = format!("HTTP/1.1 {status}\r\nx-amzn-requestid: r\r\nContent-Length: {}\r\n\r\n", body.len());
            stream.write_all(head.as_bytes()).await.ok()?;
            stream.write_all(&body).await.ok()?;
        }
        Service::Breaks => {
            stream.write_all(b"HTTP/1.1 200 OK\r\nContent-Length: 1000\r\n\r\n{\"a\":").await.ok()?;
            stream.set_zero_linger().ok()?;
        }
        Service::Slow => drop(stream.read(&mut [0]).await),
    }
    Some(())
}

async fn read_request(stream: &mut TcpStream) -> Option<()> {
    let mut bytes = Vec::new();
    loop {
        if stream.read_buf(&mut bytes).await.ok()? == 0 {
            return None;
        }
        let Some(end) = bytes.windows(4).position(|window| window == b"\r\n\r\n") else { continue };
        let head = String::from_utf8_lossy(&bytes[..end]).to_ascii_lowercase();
        let length = head.lines().find_map(|line| line.strip_prefix("content-length: ")?.parse::<usize>().ok());
        if bytes.len() >= end + 4 + length.unwrap_or(0) {
            return Some(());
        }
    }
}

/// A way to call, by how requests are written and errors are read.
struct Family {
    /// Behind `arn:aws:states:::`, or a function's ARN.
    resource: &'static str,
    parameters: &'static str,
    /// What its errors begin with.
    prefix: &'static str,
    /// An error that the service's model has, with its status, and what the task fails with.
    modelled: (&'static str, &'static str, &'static str),
    /// What any other error is called, and what its cause says behind the service's own words.
    unmodelled: (&'static str, &'static str),
    /// An answer with as many letters as are asked for in place of `@`.
    answer: &'static str,
}

const FUNCTION: &str = "arn:aws:lambda:us-east-1:123456789012:function:f";

const FAMILIES: [Family; 11] = [
    // AWS JSON
    Family {
        resource: "aws-sdk:dynamodb:getItem",
        parameters: r#"{"TableName":"t","Key":{"id":{"S":"1"}}}"#,
        prefix: "DynamoDb",
        modelled: (
            "400 Bad Request",
            r#"{"__type":"com.amazonaws.dynamodb.v20120810#ResourceNotFoundException","message":"gone"}"#,
            "ResourceNotFoundException: gone (Service: DynamoDb, Status Code: 400, Request ID: r) (SDK Attempt Count: 1)",
        ),
        unmodelled: (
            "DynamoDbException",
            "(Service: DynamoDb, Status Code: 503, Request ID: r) (SDK Attempt Count: 1)",
        ),
        answer: r#"{"Item":{"id":{"S":"@"}}}"#,
    },
    // query
    Family {
        resource: "aws-sdk:sns:getTopicAttributes",
        parameters: r#"{"TopicArn":"t"}"#,
        prefix: "Sns",
        modelled: (
            "404 Not Found",
            "<ErrorResponse><Error><Code>NotFound</Code><Message>gone</Message></Error></ErrorResponse>",
            "NotFoundException: gone (Service: Sns, Status Code: 404, Request ID: r) (SDK Attempt Count: 1)",
        ),
        unmodelled: ("SnsException", "(Service: Sns, Status Code: 503, Request ID: r) (SDK Attempt Count: 1)"),
        answer: "<R><GetTopicAttributesResult><Attributes><entry><key>k</key><value>@</value></entry></Attributes></GetTopicAttributesResult></R>",
    },
    // EC2's own query; it has no exceptions.
    Family {
        resource: "aws-sdk:ec2:describeVpcs",
        parameters: "{}",
        prefix: "Ec2",
        modelled: (
            "400 Bad Request",
            "<Response><Errors><Error><Code>InvalidVpcID.NotFound</Code><Message>gone</Message></Error></Errors></Response>",
            "Ec2Exception: gone (Service: Ec2, Status Code: 400, Request ID: r) (SDK Attempt Count: 1)",
        ),
        unmodelled: ("Ec2Exception", "(Service: Ec2, Status Code: 503, Request ID: r) (SDK Attempt Count: 1)"),
        answer: "<DescribeVpcsResponse><nextToken>@</nextToken></DescribeVpcsResponse>",
    },
    // REST with JSON
    Family {
        resource: "aws-sdk:lambda:getFunction",
        parameters: r#"{"FunctionName":"f"}"#,
        prefix: "Lambda",
        modelled: (
            "404 Not Found",
            r#"{"__type":"ResourceNotFoundException","Message":"gone"}"#,
            "ResourceNotFoundException: gone (Service: Lambda, Status Code: 404, Request ID: r) (SDK Attempt Count: 1)",
        ),
        unmodelled: ("LambdaException", "(Service: Lambda, Status Code: 503, Request ID: r) (SDK Attempt Count: 1)"),
        answer: r#"{"Configuration":{"Description":"@"}}"#,
    },
    // REST with XML
    Family {
        resource: "aws-sdk:s3:listObjectsV2",
        parameters: r#"{"Bucket":"bucket"}"#,
        prefix: "S3",
        modelled: (
            "404 Not Found",
            "<Error><Code>NoSuchBucket</Code><Message>gone</Message><HostId>h</HostId></Error>",
            "NoSuchBucketException: gone (Service: S3, Status Code: 404, Request ID: r, Extended Request ID: h) (SDK Attempt Count: 1)",
        ),
        unmodelled: ("S3Exception", "(Service: S3, Status Code: 503, Request ID: r) (SDK Attempt Count: 1)"),
        answer: "<ListBucketResult><Prefix>@</Prefix></ListBucketResult>",
    },
    // CBOR: here a map of texts whose lengths are open.
    Family {
        resource: "aws-sdk:eventbridgev2:listEventBuses",
        parameters: "{}",
        prefix: "EventBridgeV2",
        modelled: (
            "400 Bad Request",
            "{__type|InvalidInputException|message|gone}",
            "InvalidInputException: gone (Service: EventBridgeV2, Status Code: 400, Request ID: r) (SDK Attempt Count: 1)",
        ),
        unmodelled: (
            "EventBridgeV2Exception",
            "(Service: EventBridgeV2, Status Code: 503, Request ID: r) (SDK Attempt Count: 1)",
        ),
        answer: "{NextToken|@}",
    },
    // optimised, over AWS JSON
    Family {
        resource: "dynamodb:getItem",
        parameters: r#"{"TableName":"t","Key":{"id":{"S":"1"}}}"#,
        prefix: "DynamoDB",
        modelled: (
            "400 Bad Request",
            r#"{"__type":"com.amazonaws.dynamodb.v20120810#ResourceNotFoundException","message":"gone"}"#,
            "ResourceNotFoundException: gone (Service: AmazonDynamoDBv2; Status Code: 400; Error Code: ResourceNotFoundException; Request ID: r; Proxy: null)",
        ),
        unmodelled: (
            "AmazonDynamoDBException",
            "(Service: AmazonDynamoDBv2; Status Code: 503; Error Code: null; Request ID: r; Proxy: null)",
        ),
        answer: r#"{"Item":{"id":{"S":"@"}}}"#,
    },
    // optimised, over query
    Family {
        resource: "sns:publish",
        parameters: r#"{"TopicArn":"t","Message":"m"}"#,
        prefix: "SNS",
        modelled: (
            "404 Not Found",
            "<ErrorResponse><Error><Code>NotFound</Code><Message>gone</Message></Error></ErrorResponse>",
            "NotFoundException: gone (Service: AmazonSNS; Status Code: 404; Error Code: NotFound; Request ID: r; Proxy: null)",
        ),
        unmodelled: (
            "AmazonSNSException",
            "(Service: AmazonSNS; Status Code: 503; Error Code: null; Request ID: r; Proxy: null)",
        ),
        answer: "<PublishResponse><PublishResult><MessageId>@</MessageId></PublishResult></PublishResponse>",
    },
    Family {
        resource: "lambda:invoke",
        parameters: r#"{"FunctionName":"f","Payload":{}}"#,
        prefix: "Lambda",
        modelled: (
            "404 Not Found",
            r#"{"__type":"ResourceNotFoundException","Message":"gone"}"#,
            "ResourceNotFoundException: gone (Service: AWSLambda; Status Code: 404; Error Code: ResourceNotFoundException; Request ID: r; Proxy: null)",
        ),
        unmodelled: (
            "AWSLambdaException",
            "(Service: AWSLambda; Status Code: 503; Error Code: null; Request ID: r; Proxy: null)",
        ),
        answer: r#""@""#,
    },
    Family {
        resource: FUNCTION,
        parameters: "{}",
        prefix: "Lambda",
        modelled: (
            "429 Too Many Requests",
            r#"{"__type":"TooManyRequestsException","message":"busy"}"#,
            "TooManyRequestsException: busy (Service: AWSLambda; Status Code: 429; Error Code: TooManyRequestsException; Request ID: r; Proxy: null)",
        ),
        unmodelled: (
            "AWSLambdaException",
            "(Service: AWSLambda; Status Code: 503; Error Code: null; Request ID: r; Proxy: null)",
        ),
        answer: r#""@""#,
    },
    // `<service>` is the stub, which is the API. It has no errors but statuses.
    Family {
        resource: "apigateway:invoke",
        parameters: r#"{"ApiEndpoint":"http://<service>","Method":"GET"}"#,
        prefix: "ApiGateway",
        modelled: ("404 Not Found", r#"{"message":"gone"}"#, r#"404: {"message":"gone"}"#),
        unmodelled: ("503", ""),
        answer: "@",
    },
];

impl Family {
    fn is_function(&self) -> bool {
        self.resource == FUNCTION
    }

    /// The type of the event with which a task ends like this: `Failed`, `TimedOut`.
    fn event(&self, ends: &str) -> String {
        format!("{}{ends}", if self.is_function() { "LambdaFunction" } else { "Task" })
    }

    /// A state machine that calls the service at this address and waits for five seconds.
    fn definition(&self, address: &str) -> String {
        let parameters: Value = serde_json::from_str(&self.parameters.replace("<service>", address)).expect("JSON");
        let resource =
            if self.is_function() { FUNCTION.to_owned() } else { format!("arn:aws:states:::{}", self.resource) };
        let task =
            json!({"Type": "Task", "Resource": resource, "Parameters": parameters, "TimeoutSeconds": 5, "End": true});
        json!({"StartAt": "T", "States": {"T": task}}).to_string()
    }

    /// The bytes of an answer. CBOR is written with `{`, `|` and `}`.
    fn bytes(&self, text: &str) -> Vec<u8> {
        let Some(texts) = text.strip_prefix('{').filter(|_| self.prefix == "EventBridgeV2") else { return text.into() };
        let mut bytes = vec![0xbf];
        for text in texts.trim_end_matches('}').split('|') {
            bytes.push(0x7a);
            bytes.extend(u32::try_from(text.len()).expect("a short text").to_be_bytes());
            bytes.extend(text.as_bytes());
        }
        bytes.push(0xff);
        bytes
    }
}

/// The event with which the family's task ends, with its error and its cause.
async fn ended(family: &Family, does: Service) -> String {
    let (port, mut requests) = service(does.clone()).await;
    let address = format!("127.0.0.1:{port}");
    let endpoint = Endpoint::parse(&format!("http://{address}")).expect("a URL");
    let endpoints = Endpoints { of_all: Some(endpoint.clone()), ..Endpoints::default() };
    let server = Server::with(Config { endpoints, lambda_endpoint: Some(endpoint), ..Config::default() }).await;
    let request = json!({"name": "m", "definition": family.definition(&address), "roleArn": ROLE});
    let machine = server.ok("CreateStateMachine", request).await["stateMachineArn"].clone();
    let started = server.ok("StartExecution", json!({"stateMachineArn": machine})).await;
    let execution = json!({"executionArn": started["executionArn"]});
    if matches!(does, Service::Slow) {
        requests.recv().await.expect("a request");
        server.emulator.engine.advance(Duration::from_secs(5));
    }
    while server.ok("DescribeExecution", execution.clone()).await["status"] == "RUNNING" {
        tokio::task::yield_now().await;
    }
    let history = server.ok("GetExecutionHistory", execution).await;
    let [.., last, end] = &history["events"].as_array().expect("events")[..] else { panic!("{history}") };
    let details = last.as_object().into_iter().flatten().find(|(name, _)| name.ends_with("EventDetails"));
    let details = details.map(|(_, details)| details.clone()).unwrap_or_default();
    // What ends the task ends the execution.
    for member in ["error", "cause"] {
        assert_eq!(end["executionFailedEventDetails"][member], details[member], "{}: {history}", family.resource);
    }
    let text = |value: &Value| value.as_str().unwrap_or_default().replace(&address, "<service>");
    format!("{} {}: {}", text(&last["type"]), text(&details["error"]), text(&details["cause"]))
}

/// Checks what becomes of the tasks of all families. An expectation that ends in `...` is the beginning.
async fn all_end(does: impl Fn(&Family) -> Service, expected: impl Fn(&Family) -> String) {
    let mut wrong = String::new();
    for family in &FAMILIES {
        let (found, expected) = (ended(family, does(family)).await, expected(family));
        let is_right = match expected.strip_suffix("...") {
            Some(start) => found.starts_with(start),
            None => found == expected,
        };
        if !is_right {
            wrong += &format!("{}\n  {found}\nis not\n  {expected}\n", family.resource);
        }
    }
    assert!(wrong.is_empty(), "{wrong}");
}

fn not_executed(family: &Family, because: &str) -> String {
    let failed = family.event("Failed");
    format!("{failed} {}.SdkClientException: Unable to execute HTTP request: {because}", family.prefix)
}

#[tokio::test]
async fn nobody_listens() {
    all_end(|_| Service::Absent, |family| not_executed(family, "Connect to <service> failed: Connection refused"))
        .await;
}

#[tokio::test]
async fn the_connection_breaks_within_the_answer() {
    all_end(|_| Service::Breaks, |family| not_executed(family, "Connection reset")).await;
}

#[tokio::test]
async fn the_connection_is_closed_without_an_answer() {
    all_end(|_| Service::Silent, |family| not_executed(family, "<service> failed to respond")).await;
}

#[tokio::test]
async fn the_answer_does_not_come_in_time() {
    all_end(|_| Service::Slow, |family| format!("{} States.Timeout: ", family.event("TimedOut"))).await;
}

#[tokio::test]
async fn the_service_refuses_with_an_error_that_its_model_has() {
    let answers = |family: &Family| {
        let (status, body, _) = family.modelled;
        Service::Answers { status, body: family.bytes(body) }
    };
    all_end(answers, |family| format!("{} {}.{}", family.event("Failed"), family.prefix, family.modelled.2)).await;
}

#[tokio::test]
async fn the_service_refuses_with_an_error_that_no_model_has_or_is_broken() {
    for status in ["418 I'm a teapot", "503 Service Unavailable"] {
        let answers = |_: &Family| Service::Answers { status, body: "busy".into() };
        let expected = |family: &Family| {
            let (error, cause) = family.unmodelled;
            let expected = format!("{} {}.{error}: busy {cause}", family.event("Failed"), family.prefix);
            expected.trim_end().replace("503", &status[..3])
        };
        all_end(answers, expected).await;
    }
}

#[tokio::test]
async fn the_answer_is_garbage() {
    // Whatever an API answers is its answer.
    let answers = |family: &Family| match family.prefix {
        "ApiGateway" => Service::Silent,
        _ => Service::Answers { status: "200 OK", body: "<<[".into() },
    };
    let expected = |family: &Family| match family.prefix {
        "ApiGateway" => not_executed(family, "..."),
        prefix => format!("{} {prefix}.SdkClientException: Unable to unmarshall response...", family.event("Failed")),
    };
    all_end(answers, expected).await;
}

#[tokio::test]
async fn the_answer_is_larger_than_a_state_may_have() {
    let answers = |family: &Family| {
        let body = family.bytes(&family.answer.replace('@', &"x".repeat(262_145)));
        Service::Answers { status: "200 OK", body }
    };
    let expected = |family: &Family| {
        let subject = match family.resource.rsplit_once(':') {
            _ if family.is_function() => FUNCTION,
            Some((service, _)) => service,
            None => family.resource,
        };
        let failed = family.event("Failed");
        format!(
            "{failed} States.DataLimitExceeded: The state/task '{subject}' returned a result with a size exceeding the maximum number of bytes service limit."
        )
    };
    all_end(answers, expected).await;
}
