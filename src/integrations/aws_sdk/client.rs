//! Calls over HTTP.

use super::{Fault, Request, Response, Target, decode, encode};
use crate::arn::Namespace;
use crate::endpoint::Endpoint;
use crate::failure::{Failure, Runtime};
use crate::integrations::http::{Answer, Call, Client, Prepared, Problem};
use crate::integrations::lambda::Container;
use crate::integrations::limits;
use crate::json::Value;
use bytes::Bytes;

/// The largest answer that is read: far more than a state may hand on, so that what is too large can be told as such.
const MOST_BYTES: usize = 16 << 20;

/// A caller of AWS's services.
#[derive(Clone, Debug)]
pub(in crate::integrations) struct AwsSdk {
    client: Client,
}

impl AwsSdk {
    /// A caller with this client's keys.
    pub fn new(client: &Client) -> Self {
        Self { client: client.clone() }
    }

    /// Calls an action and waits for its result. Dropping the future gives the call up.
    pub async fn call(
        &self,
        namespace: &Namespace,
        endpoint: &Endpoint,
        target: &Target,
        parameters: &Value,
    ) -> Result<Value, Failure> {
        result(target, self.send(namespace, endpoint, target, parameters).await)
    }

    /// Calls a function in a container of its own by `lambda:invoke`, and waits for the result.
    pub(in crate::integrations) async fn invoke_in(
        container: Container<'_>,
        target: &Target,
        parameters: &Value,
    ) -> Result<Value, Failure> {
        let text = |name| parameters.get(name).and_then(Value::as_str);
        Container::takes(text("InvocationType"), text("LogType"))?;
        let request = request(target, parameters)?;
        let headers = header_pairs(&request.headers);
        let answer = container.invoke(&headers, Bytes::from(request.body), MOST_BYTES).await;
        result(target, answer.map_err(NotSent::Transport))
    }

    /// The same of what isn't a task's own call, and so isn't ended by the task's own time-out.
    pub(in crate::integrations) async fn ask(
        &self,
        namespace: &Namespace,
        endpoint: &Endpoint,
        target: &Target,
        parameters: &Value,
    ) -> Result<Answer, NotSent> {
        self.fetch(namespace, endpoint, target, parameters, MOST_BYTES).await
    }

    /// The same of an answer that may have so many bytes.
    pub(in crate::integrations) async fn fetch(
        &self,
        namespace: &Namespace,
        endpoint: &Endpoint,
        target: &Target,
        parameters: &Value,
        most_bytes: usize,
    ) -> Result<Answer, NotSent> {
        let request = request(target, parameters).map_err(NotSent::Unusable)?;
        self.exchange_in_time(namespace, endpoint, target, request, most_bytes).await
    }

    /// The same with this content as the body, which would be JSON if it were a parameter.
    pub(in crate::integrations) async fn put(
        &self,
        namespace: &Namespace,
        endpoint: &Endpoint,
        target: &Target,
        parameters: &Value,
        content: Bytes,
    ) -> Result<Answer, NotSent> {
        let mut request = request(target, parameters).map_err(NotSent::Unusable)?;
        request.body = content.into();
        self.exchange_in_time(namespace, endpoint, target, request, MOST_BYTES).await
    }

    async fn exchange_in_time(
        &self,
        namespace: &Namespace,
        endpoint: &Endpoint,
        target: &Target,
        request: Request,
        most_bytes: usize,
    ) -> Result<Answer, NotSent> {
        let sent = async {
            let prepared = self.prepared(namespace, endpoint, target, request).await?;
            self.client.exchange(prepared, endpoint, most_bytes).await
        };
        self.client.in_time(sent).await.unwrap_or_else(Err).map_err(NotSent::Transport)
    }

    /// Sends a task's own request and waits for the answer, whatever that is.
    pub(in crate::integrations) async fn send(
        &self,
        namespace: &Namespace,
        endpoint: &Endpoint,
        target: &Target,
        parameters: &Value,
    ) -> Result<Answer, NotSent> {
        let request = request(target, parameters).map_err(NotSent::Unusable)?;
        let sent = async {
            let prepared = self.prepared(namespace, endpoint, target, request).await?;
            self.client.exchange(prepared, endpoint, MOST_BYTES).await
        };
        self.client.within(limits::of(target), sent).await.map_err(NotSent::Transport)
    }

    async fn prepared(
        &self,
        namespace: &Namespace,
        endpoint: &Endpoint,
        target: &Target,
        request: Request,
    ) -> Result<Prepared, Problem> {
        let method =
            hyper::Method::from_bytes(request.method.as_bytes()).map_err(|error| Problem::Other(error.to_string()))?;
        let headers = header_pairs(&request.headers);
        let call = Call {
            endpoint,
            service: target.service.signing_name,
            method,
            path: &request.path,
            query: &request.query,
            headers: &headers,
            body: Bytes::from(request.body),
            most_bytes: MOST_BYTES,
        };
        match target.operation.unsigned && endpoint.is_at_aws() {
            true => self.client.unsigned(&call).await,
            false => self.client.signed(namespace, &call).await,
        }
    }
}

/// Why there is no answer.
pub(in crate::integrations) enum NotSent {
    /// The parameters make no request.
    Unusable(Failure),
    /// The network is to blame.
    Transport(Problem),
}

impl Answer {
    /// The answer as it is decoded.
    pub(in crate::integrations) fn response(&self) -> Response<'_> {
        Response { status: self.status.as_u16(), headers: &self.headers, body: &self.body }
    }
}

fn request(target: &Target, parameters: &Value) -> Result<Request, Failure> {
    let token = uuid::Uuid::new_v4().to_string();
    encode(target, parameters, &token).map_err(|problems| {
        let problem = Runtime::ParametersUnusable { parameters: parameters.clone(), problems };
        Failure::Runtime { place: None, problem }
    })
}

fn header_pairs(headers: &[(String, String)]) -> Vec<(&str, &str)> {
    headers.iter().map(|(name, value)| (name.as_str(), value.as_str())).collect()
}

/// What a task comes to that was answered this.
fn result(target: &Target, answer: Result<Answer, NotSent>) -> Result<Value, Failure> {
    let service = target.service;
    let answer = match answer {
        Ok(answer) => answer,
        Err(NotSent::Unusable(failure)) => return Err(failure),
        Err(NotSent::Transport(Problem::TooLarge)) => {
            let subject = format!("aws-sdk:{}", service.name);
            return Err(Failure::DataLimitExceeded { subject: subject.into() });
        }
        // The words of the SDK's first version; nothing recorded shows the second one's.
        Err(NotSent::Transport(problem)) => {
            return Err(problem.failure(|cause| client_failure(target, &cause)));
        }
    };
    decode(target, answer.response()).map_err(|fault| match fault {
        Fault::Service(error) => Failure::reported(error.name(service), error.cause(service)),
        Fault::Unreadable(problem) => {
            problem.failure(|problem| client_failure(target, &format!("Unable to unmarshall response: {problem}")))
        }
    })
}

/// An error of the SDK itself.
fn client_failure(target: &Target, cause: &str) -> Failure {
    Failure::reported(format!("{}.SdkClientException", target.service.prefix), cause.to_owned())
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::config::Config;
    use std::io::{Read, Write};
    use std::net::TcpListener;

    /// The result of a call to a server that gives one answer, and the head of the request that it was sent.
    async fn called(name: &str, parameters: &str, answer: &str) -> (Result<Value, Failure>, String) {
        let listener = TcpListener::bind("127.0.0.1:0").expect("a free port");
        let port = listener.local_addr().expect("an address").port();
        let answer = answer.to_owned();
        let server = std::thread::spawn(move || {
            let (mut stream, _) = listener.accept().expect("a connection");
            let mut request = String::new();
            while !request.contains("\r\n\r\n") {
                let mut part = [0; 4096];
                let length = stream.read(&mut part).expect("an open connection");
                request.push_str(&String::from_utf8_lossy(&part[..length]));
            }
            // The other side may have seen enough before the end.
            drop(stream.write_all(answer.as_bytes()));
            request.split("\r\n\r\n").next().unwrap_or_default().to_owned()
        });
        let result = call(port, name, parameters).await;
        (result, server.join().expect("a request"))
    }

    async fn call(port: u16, name: &str, parameters: &str) -> Result<Value, Failure> {
        let config = Config::default();
        let endpoint = Endpoint::parse(&format!("http://127.0.0.1:{port}")).expect("a URL");
        let (service, action) = name.split_once(':').expect("a service and an action");
        let target = Target::find(service, action).expect("a known action");
        let parameters = Value::parse(parameters).expect("valid JSON");
        AwsSdk::new(&Client::new(&config)).call(&config.namespace, &endpoint, &target, &parameters).await
    }

    fn told(result: Result<Value, Failure>) -> String {
        result.map_or_else(
            |failure| format!("{}: {}", failure.error().unwrap_or_default(), failure.cause().unwrap_or_default()),
            |value| value.to_text(),
        )
    }

    #[tokio::test]
    async fn a_call_is_signed_for_the_service_and_gives_its_result() {
        let answer = "HTTP/1.1 200 OK\r\nContent-Length: 22\r\n\r\n{\"FailedEntryCount\":0}";
        let (result, head) = called("eventbridge:putEvents", r#"{"Entries":[]}"#, answer).await;
        assert_eq!(told(result), r#"{"FailedEntryCount":0}"#);
        assert!(head.starts_with("POST / HTTP/1.1\r\n"), "{head}");
        assert!(head.contains("\r\nx-amz-target: AWSEvents.PutEvents\r\n"), "{head}");
        assert!(head.contains("/us-east-1/events/aws4_request, SignedHeaders="), "{head}");
        assert!(!head.contains("x-amz-content-sha256"), "{head}");
    }

    #[tokio::test]
    async fn bytes_that_are_no_text_are_nothing_that_can_be_caught() {
        let answer = "HTTP/1.1 200 OK\r\nContent-Length: 26\r\n\r\n{\"Plaintext\":\"/w==\"}      ";
        let (result, _) = called("kms:decrypt", r#"{"CiphertextBlob":"x"}"#, answer).await;
        let expected = "States.Runtime: Stepwell does not support a member Plaintext that is not text in UTF-8";
        let told = told(result);
        assert!(told.starts_with(expected), "{told}");
    }

    #[tokio::test]
    async fn what_might_have_a_body_says_that_it_has_none() {
        let answer = "HTTP/1.1 200 OK\r\nContent-Length: 0\r\n\r\n";
        for (name, parameters, says) in [
            ("s3:putBucketAcl", r#"{"Bucket":"b","Acl":"private"}"#, true),
            ("s3:deleteBucket", r#"{"Bucket":"b"}"#, false),
        ] {
            let (result, head) = called(name, parameters, answer).await;
            assert_eq!(told(result), "{}");
            assert_eq!(head.contains("\r\ncontent-length: 0"), says, "{head}");
        }
    }

    #[tokio::test]
    async fn s3_is_told_the_digest_of_the_body() {
        let answer = "HTTP/1.1 200 OK\r\nContent-Length: 0\r\nETag: \"e\"\r\n\r\n";
        let (result, head) = called("s3:putObject", r#"{"Bucket":"b","Key":"k","Body":""}"#, answer).await;
        assert_eq!(told(result), r#"{"ETag":"\"e\""}"#);
        // That of `""`.
        let digest = "12ae32cb1ec02d01eda3581b127c1fee3b0dc53572ed6baf239721a03d82e126";
        assert!(head.contains(&format!("\r\nx-amz-content-sha256: {digest}\r\n")), "{head}");
    }

    #[tokio::test]
    async fn what_goes_wrong_has_the_name_of_the_service() {
        let not_found = concat!(
            "HTTP/1.1 400 Bad Request\r\nx-amzn-RequestId: r\r\nContent-Length: 58\r\n\r\n",
            r#"{"__type":"x#ResourceNotFoundException","message":"gone."}"#,
        );
        for (answer, expected) in [
            (
                not_found.to_owned(),
                "DynamoDb.ResourceNotFoundException: gone. (Service: DynamoDb, Status Code: 400, Request ID: r) (SDK Attempt Count: 1)",
            ),
            (
                "HTTP/1.1 200 OK\r\nContent-Length: 2\r\n\r\n[[".to_owned(),
                "DynamoDb.SdkClientException: Unable to unmarshall response: ",
            ),
            (
                format!("HTTP/1.1 200 OK\r\nConnection: close\r\n\r\n{}", " ".repeat(MOST_BYTES + 1)),
                "States.DataLimitExceeded: ",
            ),
        ] {
            let (result, _) = called("dynamodb:getItem", r#"{"TableName":"t","Key":{}}"#, &answer).await;
            let told = told(result);
            assert!(told.starts_with(expected), "{told}");
        }
        let closed = TcpListener::bind("127.0.0.1:0").and_then(|l| l.local_addr()).expect("a free port").port();
        let told = told(call(closed, "dynamodb:listTables", "{}").await);
        assert_eq!(
            told,
            format!(
                "DynamoDb.SdkClientException: Unable to execute HTTP request: Connect to 127.0.0.1:{closed} failed: Connection refused"
            )
        );
    }
}
