//! Calls to AWS itself. Nothing leaves this machine: the program's proxy is the test, and has all of AWS's hosts.

use crate::program::Server as Program;
use crate::server::{ROLE, operation_request};
use rcgen::{BasicConstraints, CertificateParams, CertifiedIssuer, IsCa, KeyPair};
use rustls::ServerConfig;
use rustls::pki_types::PrivatePkcs8KeyDer;
use serde_json::{Value, json};
use std::path::PathBuf;
use std::sync::{Arc, Mutex};
use tokio::io::{AsyncRead, AsyncReadExt, AsyncWriteExt};
use tokio::net::{TcpListener, TcpStream};
use tokio_rustls::TlsAcceptor;

/// A request as it came.
#[derive(Clone, Debug)]
pub struct Seen {
    pub host: String,
    pub head: String,
    pub body: String,
}

impl Seen {
    pub fn header(&self, name: &str) -> Option<&str> {
        let line = self.head.lines().find(|line| line.starts_with(&format!("{name}: ")))?;
        line.split_once(": ").map(|(_, value)| value)
    }

    /// Key, region and service of the signature.
    pub fn scope(&self) -> Option<(&str, &str, &str)> {
        let scope = self.header("authorization")?.split("Credential=").nth(1)?;
        let parts: Vec<&str> = scope.split(['/', ',']).collect();
        Some((parts[0], parts[2], parts[3]))
    }
}

/// All hosts of AWS, behind a proxy. It dies with the test's runtime.
pub struct Aws {
    proxy: String,
    directory: PathBuf,
    seen: Arc<Mutex<Vec<Seen>>>,
}

impl Aws {
    pub async fn start(name: &str) -> Aws {
        let mut params = CertificateParams::default();
        params.is_ca = IsCa::Ca(BasicConstraints::Unconstrained);
        let issuer = CertifiedIssuer::self_signed(params, KeyPair::generate().expect("a key")).expect("a certificate");
        let directory = std::env::temp_dir().join(format!("stepwell-aws-{name}-{}", std::process::id()));
        std::fs::create_dir_all(&directory).expect("a directory");
        std::fs::write(directory.join("ca.pem"), issuer.pem()).expect("a file");
        let listener = TcpListener::bind("127.0.0.1:0").await.expect("a free port");
        let proxy = format!("http://user:pass@{}", listener.local_addr().expect("an address"));
        let (issuer, seen) = (Arc::new(issuer), Arc::<Mutex<Vec<Seen>>>::default());
        let all = seen.clone();
        tokio::spawn(async move {
            while let Ok((stream, _)) = listener.accept().await {
                let (issuer, seen) = (issuer.clone(), all.clone());
                tokio::spawn(async move { serve(stream, &issuer, &seen).await });
            }
        });
        Aws { proxy, directory, seen }
    }

    pub fn seen(&self) -> Vec<Seen> {
        std::mem::take(&mut *self.seen.lock().expect("no panic"))
    }

    pub fn path(&self, name: &str) -> String {
        self.directory.join(name).to_str().expect("UTF-8").to_owned()
    }

    /// The program in an environment that has no more of AWS than is said here.
    pub async fn program(&self, arguments: &[&str], environment: &[(&str, &str)]) -> Program {
        let (bundle, config, credentials) = (self.path("ca.pem"), self.path("config"), self.path("credentials"));
        let mut all = vec![
            ("HTTPS_PROXY", self.proxy.as_str()),
            ("HTTP_PROXY", &self.proxy),
            ("AWS_CA_BUNDLE", &bundle),
            ("AWS_CONFIG_FILE", &config),
            ("AWS_SHARED_CREDENTIALS_FILE", &credentials),
            ("AWS_EC2_METADATA_DISABLED", "true"),
        ];
        all.extend_from_slice(environment);
        let mut with_port = vec!["--port", "0"];
        with_port.extend_from_slice(arguments);
        Program::start(&with_port, &all)
    }
}

impl Drop for Aws {
    fn drop(&mut self) {
        let _ = std::fs::remove_dir_all(&self.directory);
    }
}

/// What the proxy does with a connection: it leads to any host, and is that host.
async fn serve(mut stream: TcpStream, issuer: &CertifiedIssuer<'static, KeyPair>, seen: &Mutex<Vec<Seen>>) {
    let Some((head, _)) = request(&mut stream).await else { return };
    assert!(head.to_ascii_lowercase().contains("proxy-authorization: basic dxnlcjpwyxnz"), "{head}");
    let host = head.strip_prefix("CONNECT ").and_then(|rest| rest.split(':').next()).expect("a tunnel").to_owned();
    stream.write_all(b"HTTP/1.1 200 OK\r\n\r\n").await.expect("an open connection");
    let key = KeyPair::generate().expect("a key");
    let params = CertificateParams::new(vec![host.clone()]).expect("a name");
    let certificate = params.signed_by(&key, issuer).expect("a certificate").der().clone();
    let config = ServerConfig::builder_with_provider(Arc::new(rustls::crypto::ring::default_provider()))
        .with_safe_default_protocol_versions()
        .expect("versions")
        .with_no_client_auth()
        .with_single_cert(vec![certificate], PrivatePkcs8KeyDer::from(key.serialize_der()).into())
        .expect("a key that fits");
    let Ok(mut stream) = TlsAcceptor::from(Arc::new(config)).accept(stream).await else { return };
    while let Some((head, body)) = request(&mut stream).await {
        let answer = if host.starts_with("sts.") && body.contains("Action=AssumeRole") {
            let action = if body.contains("WebIdentity") { "AssumeRoleWithWebIdentity" } else { "AssumeRole" };
            format!(
                "<{action}Response><{action}Result><Credentials><AccessKeyId>ASIAROLE</AccessKeyId>\
                 <SecretAccessKey>s</SecretAccessKey><SessionToken>role-token</SessionToken>\
                 <Expiration>2999-01-01T00:00:00Z</Expiration></Credentials></{action}Result></{action}Response>"
            )
        } else if host.starts_with("portal.sso.") {
            let keys = json!({"accessKeyId": "ASIASSO", "secretAccessKey": "s", "sessionToken": "sso-token",
                              "expiration": 32_472_144_000_000_u64});
            json!({"roleCredentials": keys}).to_string()
        } else {
            "{}".to_owned()
        };
        seen.lock().expect("no panic").push(Seen { host: host.clone(), head, body });
        let answer = format!("HTTP/1.1 200 OK\r\nContent-Length: {}\r\n\r\n{answer}", answer.len());
        stream.write_all(answer.as_bytes()).await.expect("an open connection");
    }
}

/// The next request's head and body.
pub async fn request(stream: &mut (impl AsyncRead + Unpin)) -> Option<(String, String)> {
    let mut text = String::new();
    loop {
        let mut part = [0; 4096];
        let length = stream.read(&mut part).await.ok().filter(|length| *length > 0)?;
        text.push_str(&String::from_utf8_lossy(&part[..length]));
        let Some((head, body)) = text.split_once("\r\n\r\n") else { continue };
        let length = head.lines().find_map(|line| line.strip_prefix("content-length: "));
        if body.len() == length.map_or(0, |length| length.parse().expect("a number")) {
            return Some((head.to_owned(), body.to_owned()));
        }
    }
}

/// What a task comes to in TestState.
pub async fn tested(program: &Program, resource: &str, parameters: Value) -> Value {
    tested_with(program, json!({"Type": "Task", "Resource": resource, "Parameters": parameters, "End": true})).await
}

async fn tested_with(program: &Program, state: Value) -> Value {
    asked(program, "TestState", json!({"definition": state.to_string(), "roleArn": ROLE, "input": "{}"})).await
}

/// What an operation answers.
async fn asked(program: &Program, operation: &str, input: Value) -> Value {
    let mut stream = TcpStream::connect(format!("127.0.0.1:{}", program.port)).await.expect("a connection");
    stream.write_all(&operation_request(operation, input.to_string().as_bytes())).await.expect("an open connection");
    let mut answer = String::new();
    stream.read_to_string(&mut answer).await.expect("an answer");
    serde_json::from_str(answer.split("\r\n\r\n").nth(1).unwrap_or_default()).expect("JSON")
}

const KEYS: [(&str, &str); 3] =
    [("AWS_ACCESS_KEY_ID", "AKIAREAL"), ("AWS_SECRET_ACCESS_KEY", "real"), ("AWS_SESSION_TOKEN", "real-token")];

#[tokio::test(flavor = "multi_thread")]
async fn services_without_an_endpoint_are_called_at_aws_once_that_is_switched_on() {
    let aws = Aws::start("services").await;
    let program = aws.program(&["--aws", "--aws-region", "eu-west-1"], &KEYS).await;
    for (resource, parameters, host, path, scope) in [
        (
            "sqs:sendMessage",
            json!({"QueueUrl": "https://sqs.eu-west-1.amazonaws.com/123456789012/q", "MessageBody": "m"}),
            "sqs.eu-west-1.amazonaws.com",
            "POST / ",
            Some(("eu-west-1", "sqs")),
        ),
        (
            "lambda:invoke",
            json!({"FunctionName": "arn:aws:lambda:eu-west-1:222222222222:function:f"}),
            "lambda.eu-west-1.amazonaws.com",
            "POST /2015-03-31/functions/arn%3Aaws%3Alambda%3Aeu-west-1%3A222222222222%3Afunction%3Af/invocations ",
            Some(("eu-west-1", "lambda")),
        ),
        (
            "aws-sdk:organizations:listAccounts",
            json!({}),
            "organizations.us-east-1.amazonaws.com",
            "POST / ",
            Some(("us-east-1", "organizations")),
        ),
        (
            "aws-sdk:s3:getObject",
            json!({"Bucket": "b", "Key": "k"}),
            "s3.eu-west-1.amazonaws.com",
            "GET /b/k",
            Some(("eu-west-1", "s3")),
        ),
        (
            "aws-sdk:s3control:getPublicAccessBlock",
            json!({"AccountId": "123456789012"}),
            "123456789012.s3-control.eu-west-1.amazonaws.com",
            "GET /v20180820/configuration/publicAccessBlock ",
            Some(("eu-west-1", "s3")),
        ),
        (
            "aws-sdk:cognitoidentityprovider:forgotPassword",
            json!({"ClientId": "c", "Username": "u"}),
            "cognito-idp.eu-west-1.amazonaws.com",
            "POST / ",
            None,
        ),
        (
            "apigateway:invoke",
            json!({"ApiEndpoint": "x.execute-api.eu-west-1.amazonaws.com", "Method": "GET", "Stage": "v1",
                   "AuthType": "IAM_ROLE"}),
            "x.execute-api.eu-west-1.amazonaws.com",
            "GET /v1/ ",
            Some(("eu-west-1", "execute-api")),
        ),
    ] {
        let result = tested(&program, &format!("arn:aws:states:::{resource}"), parameters).await;
        let seen = aws.seen();
        assert_eq!(seen.len(), 1, "{resource}: {result}");
        assert_eq!(seen[0].host, host, "{resource}");
        assert_eq!(seen[0].header("host"), Some(host), "{resource}");
        assert!(seen[0].head.starts_with(path), "{resource}: {}", seen[0].head);
        assert_eq!(seen[0].scope(), scope.map(|(region, service)| ("AKIAREAL", region, service)), "{resource}");
        assert_eq!(seen[0].header("x-amz-security-token"), scope.map(|_| "real-token"), "{resource}");
    }
    for (resource, parameters, cause) in [
        ("aws-sdk:codecatalyst:getUserDetails", json!({}), "wants a signature or token of the kind bearer"),
        (
            "aws-sdk:s3control:getPublicAccessBlock",
            json!({"AccountId": "evil.example/"}),
            "the parameters of s3control make no host's name at AWS",
        ),
    ] {
        let result = tested(&program, &format!("arn:aws:states:::{resource}"), parameters).await;
        assert!(result["cause"].as_str().expect("a cause").contains(cause), "{result}");
        assert_eq!(aws.seen().len(), 0);
    }
}

#[tokio::test(flavor = "multi_thread")]
async fn http_tasks_call_apis_at_aws_once_that_is_switched_on() {
    let aws = Aws::start("http-task").await;
    let connection = json!({"AuthorizationType": "API_KEY",
        "AuthParameters": {"ApiKeyAuthParameters": {"ApiKeyName": "X-Api-Key", "ApiKeyValue": "key"}}});
    std::fs::write(aws.path("connections"), json!({"Connections": {"c": connection}}).to_string()).expect("a file");
    let host = "x.execute-api.us-east-1.amazonaws.com";
    let parameters = json!({"ApiEndpoint": format!("https://{host}/v1/a"), "Method": "GET", "InvocationConfig":
        {"ConnectionArn": "arn:aws:events:us-east-1:123456789012:connection/c/1"}});
    for (flag, requests) in [(None, 0), (Some("--aws"), 1)] {
        let connections = aws.path("connections");
        let arguments: Vec<&str> = ["--connections", &connections].into_iter().chain(flag).collect();
        let program = aws.program(&arguments, &KEYS).await;
        let result = tested(&program, "arn:aws:states:::http:invoke", parameters.clone()).await;
        let seen = aws.seen();
        assert_eq!(seen.len(), requests, "{result}");
        // It is authorised by its connection alone.
        let keys = seen.iter().map(|seen| (seen.host.as_str(), seen.header("x-api-key"), seen.scope()));
        assert!(keys.eq(std::iter::repeat_n((host, Some("key"), None), requests)), "{seen:?}");
        assert_eq!(result["cause"].as_str().is_some_and(|cause| cause.contains("--aws")), requests == 0, "{result}");
    }
}

#[tokio::test(flavor = "multi_thread")]
async fn keys_for_aws_are_not_shown_to_endpoints() {
    let aws = Aws::start("endpoints").await;
    let listener = TcpListener::bind("127.0.0.1:0").await.expect("a free port");
    let endpoint = format!("http://{}", listener.local_addr().expect("an address"));
    let served = tokio::spawn(async move {
        let mut requests = Vec::new();
        while requests.len() < 2 {
            let (mut stream, _) = listener.accept().await.expect("a connection");
            let (head, body) = request(&mut stream).await.expect("a request");
            stream.write_all(b"HTTP/1.1 200 OK\r\nContent-Length: 2\r\n\r\n{}").await.expect("an open connection");
            requests.push(Seen { host: String::new(), head, body });
        }
        requests
    });
    let endpoint = ("AWS_ENDPOINT_URL_DYNAMODB", endpoint.as_str());
    let own = [("STEPWELL_ENDPOINT_ACCESS_KEY_ID", "LOCAL"), ("STEPWELL_ENDPOINT_SECRET_ACCESS_KEY", "local")];
    for environment in [[&KEYS[..], &[endpoint]].concat(), [&KEYS[..], &own, &[endpoint]].concat()] {
        let program = aws.program(&["--aws"], &environment).await;
        tested(&program, "arn:aws:states:::aws-sdk:dynamodb:listTables", json!({})).await;
    }
    let requests = served.await.expect("no panic");
    let keys: Vec<_> = requests.iter().map(|request| request.scope().map(|(key, ..)| key)).collect();
    assert_eq!(keys, [Some("123456789012"), Some("LOCAL")]);
    assert!(requests.iter().all(|request| request.header("x-amz-security-token").is_none()));
    assert_eq!(aws.seen().len(), 0);
}

#[tokio::test(flavor = "multi_thread")]
async fn a_profile_may_assume_a_role_once_for_all_calls() {
    let aws = Aws::start("profile").await;
    let profile = "[profile work]\nrole_arn = arn:aws:iam::222222222222:role/r\nsource_profile = base\n";
    std::fs::write(aws.path("config"), profile).expect("a file");
    let keys = "[base]\naws_access_key_id = AKIABASE\naws_secret_access_key = b\n";
    std::fs::write(aws.path("credentials"), keys).expect("a file");
    let program = aws.program(&["--aws"], &[("AWS_PROFILE", "work")]).await;
    for _ in 0..2 {
        tested(&program, "arn:aws:states:::aws-sdk:dynamodb:listTables", json!({})).await;
    }
    let calls: Vec<(String, Option<String>)> =
        aws.seen().iter().map(|seen| (seen.host.clone(), seen.scope().map(|(key, ..)| key.to_owned()))).collect();
    let call = |host: &str, key: &str| (host.to_owned(), Some(key.to_owned()));
    let dynamodb = call("dynamodb.us-east-1.amazonaws.com", "ASIAROLE");
    assert_eq!(calls, [call("sts.us-east-1.amazonaws.com", "AKIABASE"), dynamodb.clone(), dynamodb]);

    // So are logs of executions delivered: by the same keys, over the same connections.
    let machine = json!({
        "name": "logged", "roleArn": ROLE,
        "definition": json!({"StartAt": "P", "States": {"P": {"Type": "Pass", "End": true}}}).to_string(),
        "loggingConfiguration": {"level": "ALL", "destinations": [{"cloudWatchLogsLogGroup":
            {"logGroupArn": "arn:aws:logs:us-east-1:123456789012:log-group:g:*"}}]},
    });
    asked(&program, "CreateStateMachine", machine).await;
    let seen: Vec<_> =
        aws.seen().into_iter().map(|seen| (seen.host.clone(), seen.scope().map(|s| s.0.to_owned()))).collect();
    assert_eq!(seen, [call("logs.us-east-1.amazonaws.com", "ASIAROLE")]);

    // The role of a task is assumed by the role of the profile.
    let state = json!({
        "Type": "Task", "Resource": "arn:aws:states:::aws-sdk:dynamodb:listTables", "Parameters": {}, "End": true,
        "Credentials": {"RoleArn": "arn:aws:iam::333333333333:role/task"},
    });
    tested_with(&program, state).await;
    let seen = aws.seen();
    assert_eq!(seen.len(), 2);
    assert_eq!(seen[0].scope().map(|(key, ..)| key), Some("ASIAROLE"));
    assert!(seen[0].body.contains("RoleArn=arn%3Aaws%3Aiam%3A%3A333333333333%3Arole%2Ftask"), "{}", seen[0].body);
    assert_eq!(seen[1].host, "dynamodb.us-east-1.amazonaws.com");
}

#[tokio::test(flavor = "multi_thread")]
async fn keys_are_not_sent_where_a_variable_for_stand_ins_leads() {
    let aws = Aws::start("leak").await;
    let profile = "[default]\nrole_arn = arn:aws:iam::222222222222:role/r\nsource_profile = base\n";
    std::fs::write(aws.path("config"), profile).expect("a file");
    let keys = "[base]\naws_access_key_id = AKIABASE\naws_secret_access_key = b\n";
    std::fs::write(aws.path("credentials"), keys).expect("a file");
    let environment = [("AWS_ENDPOINT_URL_STS", "http://127.0.0.1:1")];
    let program = aws.program(&["--aws"], &environment).await;
    let result = tested(&program, "arn:aws:states:::aws-sdk:dynamodb:listTables", json!({})).await;
    assert_eq!(result["error"], "DynamoDb.SdkClientException", "{result}");
    let cause = result["cause"].as_str().expect("a cause");
    assert!(cause.contains("there are no AWS credentials") && cause.contains("are not shown to 127.0.0.1"), "{cause}");
    assert_eq!(aws.seen().len(), 0);
}

#[tokio::test(flavor = "multi_thread")]
async fn nothing_is_sent_to_aws_unless_that_is_switched_on() {
    let aws = Aws::start("off").await;
    let program = aws.program(&[], &KEYS).await;
    for (resource, parameters, cause) in [
        ("lambda:invoke", json!({"FunctionName": "f"}), "no endpoint for Lambda is configured"),
        (
            "sqs:sendMessage",
            json!({"QueueUrl": "https://sqs.us-east-1.amazonaws.com", "MessageBody": "m"}),
            "no endpoint for sqs is configured",
        ),
        (
            "apigateway:invoke",
            json!({"ApiEndpoint": "https://x.execute-api.us-east-1.amazonaws.com", "Method": "GET"}),
            "no endpoint for apigateway is configured",
        ),
        (
            "apigateway:invoke",
            json!({"ApiEndpoint": "https://f.lambda-url.us-east-1.on.aws", "Method": "GET"}),
            "f.lambda-url.us-east-1.on.aws is an address of AWS, which is not called unless Stepwell is started with --aws",
        ),
    ] {
        let result = tested(&program, &format!("arn:aws:states:::{resource}"), parameters).await;
        let said = result["cause"].as_str().expect("a cause");
        assert!(said.contains(cause) && said.contains("--aws"), "{result}");
    }
    assert_eq!(aws.seen().len(), 0);
}
