//! Whose keys calls to AWS are signed with: every source of the ordinary chain, on loopback.

use crate::aws::{Aws, request, tested};
use crate::program::Server as Program;
use serde_json::{Value, json};
use std::path::Path;
use std::sync::{Arc, Mutex};
use std::time::{Duration, Instant};
use tokio::io::AsyncWriteExt;
use tokio::net::TcpListener;

/// A container's or an instance's place for credentials: it answers each path, and counts.
struct Giver {
    url: String,
    asked: Arc<Mutex<Vec<String>>>,
}

impl Giver {
    /// It answers a method with a path as it is told; the number is that of the request.
    async fn start(answers: impl Fn(&str, usize) -> Option<String> + Send + 'static) -> Giver {
        let listener = TcpListener::bind("127.0.0.1:0").await.expect("a free port");
        let url = format!("http://{}", listener.local_addr().expect("an address"));
        let asked = Arc::<Mutex<Vec<String>>>::default();
        let seen = asked.clone();
        tokio::spawn(async move {
            while let Ok((mut stream, _)) = listener.accept().await {
                while let Some((head, _)) = request(&mut stream).await {
                    let target: Vec<&str> = head.split(' ').take(2).collect();
                    let target = target.join(" ");
                    let number = {
                        let mut seen = seen.lock().expect("no panic");
                        seen.push(head.clone());
                        seen.len()
                    };
                    let (status, body) = match answers(&target, number) {
                        Some(body) => ("200 OK", body),
                        None => ("500 Internal Server Error", String::new()),
                    };
                    let length = body.len();
                    let answer = format!(
                        "HTTP/1.1 {status}\r\nX-aws-ec2-metadata-token-ttl-seconds: 21600\r\n\
                         Content-Length: {length}\r\n\r\n{body}"
                    );
                    if stream.write_all(answer.as_bytes()).await.is_err() {
                        break;
                    }
                }
            }
        });
        Giver { url, asked }
    }

    fn asked(&self) -> Vec<String> {
        std::mem::take(&mut *self.asked.lock().expect("no panic"))
    }
}

/// Temporary keys, as containers, instances and processes write them.
fn keys(id: &str, expiration: &str) -> Value {
    json!({"Version": 1, "Code": "Success", "Type": "AWS-HMAC", "LastUpdated": "2024-01-01T00:00:00Z",
        "AccessKeyId": id, "SecretAccessKey": "s", "Token": "t", "SessionToken": "t", "Expiration": expiration})
}

const NEVER: &str = "2999-01-01T00:00:00Z";

/// A call of DynamoDB.
async fn call(program: &Program) -> Value {
    tested(program, "arn:aws:states:::aws-sdk:dynamodb:listTables", json!({})).await
}

/// Hosts of AWS that were called since the last time, each with the key of the signature.
fn called(aws: &Aws) -> Vec<(String, Option<String>)> {
    let seen = aws.seen();
    seen.iter().map(|seen| (seen.host.clone(), seen.scope().map(|(key, ..)| key.to_owned()))).collect()
}

fn by(host: &str, key: Option<&str>) -> (String, Option<String>) {
    (host.to_owned(), key.map(str::to_owned))
}

const DYNAMODB: &str = "dynamodb.us-east-1.amazonaws.com";

/// Signs in to SSO, as `aws sso login` does: the name of the file is the SHA-1 of the session's.
fn sign_in(home: &Path) {
    let cache = home.join(".aws/sso/cache");
    std::fs::create_dir_all(&cache).expect("a directory");
    let token = json!({"accessToken": "sso-access", "expiresAt": NEVER, "region": "eu-central-1", "startUrl": "https://d.awsapps.com/start"});
    std::fs::write(cache.join("a0f1490a20d0211c997b44bc357e1972deab8ae3.json"), token.to_string()).expect("a file");
}

#[tokio::test(flavor = "multi_thread")]
async fn a_process_gives_keys() {
    let aws = Aws::start("process").await;
    std::fs::write(aws.path("keys"), keys("ASIAPROCESS", NEVER).to_string()).expect("a file");
    std::fs::write(aws.path("config"), format!("[default]\ncredential_process = cat {}\n", aws.path("keys")))
        .expect("a file");
    let program = aws.program(&["--aws"], &[]).await;
    let result = call(&program).await;
    assert_eq!(called(&aws), [by(DYNAMODB, Some("ASIAPROCESS"))], "{result}");
}

#[tokio::test(flavor = "multi_thread")]
async fn sso_gives_keys_for_the_token_of_the_last_sign_in() {
    let aws = Aws::start("sso").await;
    let home = aws.path("home");
    sign_in(Path::new(&home));
    let config = "[default]\nsso_session = s\nsso_account_id = 222222222222\nsso_role_name = dev\n\
                  [sso-session s]\nsso_region = eu-central-1\nsso_start_url = https://d.awsapps.com/start\n";
    std::fs::write(aws.path("config"), config).expect("a file");
    let program = aws.program(&["--aws"], &[("HOME", &home)]).await;
    let result = call(&program).await;
    let portal = by("portal.sso.eu-central-1.amazonaws.com", None);
    assert_eq!(called(&aws), [portal, by(DYNAMODB, Some("ASIASSO"))], "{result}");
}

#[tokio::test(flavor = "multi_thread")]
async fn a_web_identity_is_worth_a_role() {
    let aws = Aws::start("web-identity").await;
    std::fs::write(aws.path("token"), "identity").expect("a file");
    let token = aws.path("token");
    let role = [("AWS_WEB_IDENTITY_TOKEN_FILE", token.as_str()), ("AWS_ROLE_ARN", "arn:aws:iam::222222222222:role/r")];
    let program = aws.program(&["--aws"], &role).await;
    let result = call(&program).await;
    let sts = by("sts.us-east-1.amazonaws.com", None);
    assert_eq!(called(&aws), [sts, by(DYNAMODB, Some("ASIAROLE"))], "{result}");
}

#[tokio::test(flavor = "multi_thread")]
async fn a_container_is_given_keys() {
    let aws = Aws::start("container").await;
    let giver = Giver::start(|target, _| (target == "GET /keys").then(|| keys("ASIATASK", NEVER).to_string())).await;
    let url = format!("{}/keys", giver.url);
    let container =
        [("AWS_CONTAINER_CREDENTIALS_FULL_URI", url.as_str()), ("AWS_CONTAINER_AUTHORIZATION_TOKEN", "Basic x")];
    let program = aws.program(&["--aws"], &container).await;
    for _ in 0..2 {
        call(&program).await;
    }
    assert_eq!(called(&aws), [by(DYNAMODB, Some("ASIATASK")), by(DYNAMODB, Some("ASIATASK"))]);
    let asked = giver.asked();
    assert_eq!(asked.len(), 1);
    assert!(asked[0].contains("\r\nauthorization: Basic x"), "{}", asked[0]);
}

#[tokio::test(flavor = "multi_thread")]
async fn an_instance_is_given_keys() {
    let aws = Aws::start("instance").await;
    let giver = Giver::start(|target, _| match target {
        "PUT /latest/api/token" => Some("metadata-token".to_owned()),
        "GET /latest/meta-data/iam/security-credentials/" => Some("role".to_owned()),
        "GET /latest/meta-data/iam/security-credentials/role" => Some(keys("ASIAINSTANCE", NEVER).to_string()),
        _ => None,
    })
    .await;
    let instance = [("AWS_EC2_METADATA_SERVICE_ENDPOINT", giver.url.as_str()), ("AWS_EC2_METADATA_DISABLED", "false")];
    let program = aws.program(&["--aws"], &instance).await;
    let result = call(&program).await;
    assert_eq!(called(&aws), [by(DYNAMODB, Some("ASIAINSTANCE"))], "{result}");
}

#[tokio::test(flavor = "multi_thread")]
async fn keys_are_fetched_anew_before_they_expire() {
    let aws = Aws::start("expired").await;
    let soon = (chrono::Utc::now() + chrono::TimeDelta::minutes(2)).to_rfc3339_opts(chrono::SecondsFormat::Secs, true);
    // The third time nobody can say; the last keys hold a little longer.
    let giver =
        Giver::start(move |_, number| (number < 3).then(|| keys(&format!("ASIA{number}"), &soon).to_string())).await;
    let url = format!("{}/keys", giver.url);
    let program = aws.program(&["--aws"], &[("AWS_CONTAINER_CREDENTIALS_FULL_URI", &url)]).await;
    for _ in 0..3 {
        call(&program).await;
    }
    assert_eq!(called(&aws), ["ASIA1", "ASIA2", "ASIA2"].map(|key| by(DYNAMODB, Some(key))));
}

#[tokio::test(flavor = "multi_thread")]
async fn without_any_keys_the_task_fails_and_says_what_to_set() {
    let aws = Aws::start("none").await;
    let program = aws.program(&["--aws"], &[("HOME", &aws.path("home"))]).await;
    let result = call(&program).await;
    assert_eq!(result["error"], "DynamoDb.SdkClientException", "{result}");
    let cause = result["cause"].as_str().expect("a cause");
    assert!(cause.starts_with("Unable to execute HTTP request: there are no AWS credentials ("), "{cause}");
    assert!(cause.contains("AWS_PROFILE") && cause.contains("AWS_ACCESS_KEY_ID"), "{cause}");
    assert_eq!(called(&aws), []);
}

/// Outside of an instance nobody answers at the address of its metadata.
#[tokio::test(flavor = "multi_thread")]
async fn where_there_is_no_instance_a_call_does_not_wait_for_long() {
    let aws = Aws::start("no-instance").await;
    let silent = TcpListener::bind("127.0.0.1:0").await.expect("a free port");
    let url = format!("http://{}", silent.local_addr().expect("an address"));
    let instance = [("AWS_EC2_METADATA_SERVICE_ENDPOINT", url.as_str()), ("AWS_EC2_METADATA_DISABLED", "false")];
    let program = aws.program(&["--aws"], &instance).await;
    let start = Instant::now();
    let result = call(&program).await;
    assert!(result["cause"].as_str().is_some_and(|cause| cause.contains("there are no AWS credentials")), "{result}");
    assert!(start.elapsed() < Duration::from_secs(8), "{:?}", start.elapsed());
}

#[tokio::test(flavor = "multi_thread")]
async fn nobody_is_asked_for_keys_unless_aws_is_called() {
    let aws = Aws::start("unasked").await;
    let giver = Giver::start(|_, _| Some(keys("ASIATASK", NEVER).to_string())).await;
    let (url, touched) = (format!("{}/keys", giver.url), aws.path("touched"));
    std::fs::write(aws.path("config"), format!("[default]\ncredential_process = touch {touched}\n")).expect("a file");
    let environment = [
        ("AWS_CONTAINER_CREDENTIALS_FULL_URI", url.as_str()),
        ("AWS_EC2_METADATA_SERVICE_ENDPOINT", &giver.url),
        ("AWS_EC2_METADATA_DISABLED", "false"),
    ];
    let stub = Giver::start(|_, _| Some("{}".to_owned())).await;
    for arguments in [&[][..], &["--dynamodb-endpoint", &stub.url], &["--aws", "--dynamodb-endpoint", &stub.url]] {
        let program = aws.program(arguments, &environment).await;
        call(&program).await;
    }
    assert_eq!(stub.asked().len(), 2);
    assert_eq!((giver.asked().len(), called(&aws).len()), (0, 0));
    assert!(!Path::new(&touched).exists());
}

#[tokio::test(flavor = "multi_thread")]
async fn settings_that_would_lead_elsewhere_are_not_ignored() {
    let keys = [("AWS_ACCESS_KEY_ID", "AKIA"), ("AWS_SECRET_ACCESS_KEY", "s")];
    let elsewhere = "[default]\nendpoint_url = http://127.0.0.1:1\n";
    let services = "[default]\nservices = local\n[services local]\ndynamodb =\n  endpoint_url = http://127.0.0.1:1\n";
    for (number, (config, more, expected)) in [
        (
            "",
            ("AWS_USE_FIPS_ENDPOINT", "true"),
            Some("AWS_USE_FIPS_ENDPOINT (use_fips_endpoint) is set, which Stepwell does not honour"),
        ),
        (
            "",
            ("AWS_USE_DUALSTACK_ENDPOINT", "true"),
            Some("AWS_USE_DUALSTACK_ENDPOINT (use_dualstack_endpoint) is set, which Stepwell does not honour"),
        ),
        (
            "[default]\nuse_fips_endpoint = true\n",
            ("X", "y"),
            Some("AWS_USE_FIPS_ENDPOINT (use_fips_endpoint) is set, which Stepwell does not honour"),
        ),
        (elsewhere, ("X", "y"), Some("endpoint_url of the profile is set, which Stepwell does not honour")),
        (services, ("X", "y"), Some("services of the profile is set, which Stepwell does not honour")),
        ("[default]\nendpoint_url http://127.0.0.1:1\n", ("X", "y"), Some("can't be read")),
        (elsewhere, ("AWS_IGNORE_CONFIGURED_ENDPOINT_URLS", "true"), None),
        ("", ("AWS_USE_FIPS_ENDPOINT", "false"), None),
    ]
    .into_iter()
    .enumerate()
    {
        let aws = Aws::start(&format!("setting-{number}")).await;
        std::fs::write(aws.path("config"), config).expect("a file");
        let program = aws.program(&["--aws"], &[keys[0], keys[1], more]).await;
        let result = call(&program).await;
        let hosts = called(&aws);
        // What nobody signs needs no keys, and must not slip through for that.
        let operation = "arn:aws:states:::aws-sdk:cognitoidentity:getId";
        let unsigned = tested(&program, operation, json!({"IdentityPoolId": "us-east-1:0"})).await;
        let unsigned_hosts = called(&aws);
        match expected {
            None => {
                assert_eq!(hosts, [by(DYNAMODB, Some("AKIA"))], "{result}");
                assert_eq!(unsigned_hosts, [by("cognito-identity.us-east-1.amazonaws.com", None)], "{unsigned}");
            }
            Some(refusal) => {
                for result in [result, unsigned] {
                    assert!(result["cause"].as_str().unwrap_or_default().contains(refusal), "{result}");
                }
                assert_eq!([hosts, unsigned_hosts], [[], []], "nothing is called");
            }
        }
    }
}
