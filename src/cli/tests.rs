use super::*;

fn parsed(arguments: &str, environment: &[(&str, &str)]) -> Result<Command, Refusal> {
    let environment: Vec<_> = environment.iter().map(|(n, v)| ((*n).to_owned(), (*v).to_owned())).collect();
    parse(arguments.split_whitespace().map(str::to_owned), &environment, &|path| Err(std::io::Error::other(path)))
}

fn served(arguments: &str, environment: &[(&str, &str)]) -> (Config, Vec<String>) {
    match parsed(arguments, environment) {
        Ok(Command::Serve { config, warnings, .. }) => (*config, warnings),
        other => panic!("{arguments}: {other:?}"),
    }
}

fn refused(arguments: &str, environment: &[(&str, &str)]) -> String {
    match parsed(arguments, environment) {
        Err(refusal) => refusal.to_string(),
        other => panic!("{arguments}: {other:?}"),
    }
}

fn printed(arguments: &str) -> String {
    match parsed(arguments, &[]) {
        Ok(Command::Print(text)) => text,
        other => panic!("{arguments}: {other:?}"),
    }
}

#[test]
fn nothing_given_means_the_defaults_of_step_functions_local() {
    for arguments in ["", "serve"] {
        let (config, warnings) = served(arguments, &[]);
        assert_eq!(config, Config::default());
        assert_eq!(
            (config.namespace.account.as_str(), config.namespace.region.as_str()),
            ("123456789012", "us-east-1")
        );
        assert_eq!((config.host.to_string().as_str(), config.port), ("127.0.0.1", 8083));
        assert!(warnings.is_empty());
    }
}

#[test]
fn every_option_has_a_flag_and_a_variable() {
    let by_flag = served(
        "serve --host 0.0.0.0 --port 9000 --aws-account 000000000000 --aws-region eu-central-1 --wait-time-scale 0.5 \
         --lambda-endpoint http://localhost:3001",
        &[],
    );
    let by_old_flag = served(
        "--host=0.0.0.0 --port=9000 -account 000000000000 -region=eu-central-1 -waitTimeScale 0.5 \
         -lambdaEndpoint http://localhost:3001",
        &[],
    );
    let by_variable = served(
        "",
        &[
            ("STEPWELL_HOST", "0.0.0.0"),
            ("STEPWELL_PORT", "9000"),
            ("AWS_ACCOUNT_ID", "000000000000"),
            ("AWS_DEFAULT_REGION", "eu-central-1"),
            ("WAIT_TIME_SCALE", "0.5"),
            ("LAMBDA_ENDPOINT", "http://localhost:3001"),
        ],
    );
    assert_eq!(by_flag.0.namespace.account, "000000000000");
    assert_eq!(by_flag.0.namespace.region, "eu-central-1");
    assert_eq!((by_flag.0.port, by_flag.0.wait_time_scale), (9000, 0.5));
    assert_eq!(by_flag, by_old_flag);
    assert_eq!(by_flag, by_variable);
}

#[test]
fn a_flag_outranks_a_variable_and_a_special_variable_a_general_one() {
    let flag = ("--lambda-endpoint http://flag:1", "http://flag:1");
    let all = [
        ("LAMBDA_ENDPOINT", "http://special:2"),
        ("AWS_ENDPOINT_URL_LAMBDA", "http://service:3"),
        ("AWS_ENDPOINT_URL", "http://general:4"),
    ];
    let endpoint =
        |arguments, environment: &[_]| served(arguments, environment).0.lambda_endpoint.map(|e| e.to_string());
    assert_eq!(endpoint(flag.0, &all).as_deref(), Some(flag.1));
    assert_eq!(endpoint("", &all).as_deref(), Some(all[0].1));
    assert_eq!(endpoint("", &all[1..]).as_deref(), Some(all[1].1));
    assert_eq!(endpoint("", &all[2..]).as_deref(), Some(all[2].1));
    assert_eq!(endpoint("", &[all[1], all[2], ("AWS_IGNORE_CONFIGURED_ENDPOINT_URLS", "true")]), None);

    let region = |environment: &[_]| served("", environment).0.namespace.region;
    assert_eq!(region(&[("AWS_REGION", "eu-west-1"), ("AWS_DEFAULT_REGION", "eu-west-2")]), "eu-west-2");
    assert_eq!(region(&[("AWS_REGION", "eu-west-1")]), "eu-west-1");
}

#[test]
fn logs_of_executions_have_places_to_go() {
    let logs = |arguments, environment: &[_]| served(arguments, environment).0.logs_endpoint.map(|e| e.to_string());
    let all = [("AWS_ENDPOINT_URL_CLOUDWATCH_LOGS", "http://service:3"), ("AWS_ENDPOINT_URL", "http://general:4")];
    assert_eq!(logs("--cloudwatch-logs-endpoint http://flag:1", &all).as_deref(), Some("http://flag:1"));
    assert_eq!(logs("", &all).as_deref(), Some("http://service:3"));
    assert_eq!(logs("", &all[1..]).as_deref(), Some("http://general:4"));
    assert_eq!(logs("", &[all[0], ("AWS_IGNORE_CONFIGURED_ENDPOINT_URLS", "true")]), None);
    assert_eq!(served("", &all[..1]).1, Vec::<String>::new());
    assert_eq!(
        refused("", &[("AWS_ENDPOINT_URL_CLOUDWATCH_LOGS", "http://localhost:8083")]),
        r#"AWS_ENDPOINT_URL_CLOUDWATCH_LOGS: "http://localhost:8083" is the address of Stepwell itself, which does not keep logs"#
    );
    let file = |arguments, environment: &[_]| served(arguments, environment).0.execution_log;
    assert_eq!(file("--execution-log -", &[]), Some(ExecutionLog::StandardOutput));
    assert_eq!(file("", &[("STEPWELL_EXECUTION_LOG", "a.log")]), Some(ExecutionLog::File("a.log".into())));
    assert_eq!(file("", &[]), None);
}

#[test]
fn an_empty_variable_is_an_unset_one() {
    let environment =
        ["AWS_ACCOUNT_ID", "WAIT_TIME_SCALE", "LAMBDA_ENDPOINT", "SFN_MOCK_CONFIG", "SQS_ENDPOINT", "STEPWELL_PORT"];
    assert_eq!(served("", &environment.map(|name| (name, ""))), (Config::default(), vec![]));
}

#[test]
fn every_service_has_an_address_of_its_own_or_that_of_all() {
    let endpoints =
        |arguments, environment: &[(&'static str, &'static str)]| served(arguments, environment).0.endpoints;
    let of = |arguments, environment: &[_], variable: &str| {
        endpoints(arguments, environment).of(variable).map(Endpoint::to_string)
    };
    let (dynamodb, sqs, sfn) = ("AWS_ENDPOINT_URL_DYNAMODB", "AWS_ENDPOINT_URL_SQS", "AWS_ENDPOINT_URL_SFN");
    let all = [("AWS_ENDPOINT_URL", "http://all:1"), (sqs, "http://sqs:1")];
    assert_eq!(of("", &all, sqs).as_deref(), Some("http://sqs:1"));
    assert_eq!(of("", &all, dynamodb).as_deref(), Some("http://all:1"));
    assert_eq!(of("-dynamoDBEndpoint http://flag:1", &all, dynamodb).as_deref(), Some("http://flag:1"));
    assert_eq!(of("", &[("SQS_ENDPOINT", "http://original:1"), all[1]], sqs).as_deref(), Some("http://original:1"));
    assert_eq!(of("", &[("LAMBDA_ENDPOINT", "http://l:1")], "AWS_ENDPOINT_URL_LAMBDA").as_deref(), Some("http://l:1"));
    assert_eq!(of("", &[all[1], ("AWS_IGNORE_CONFIGURED_ENDPOINT_URLS", "true")], sqs), None);
    // Step Functions is here, unless it is said to be elsewhere.
    assert_eq!(of("", &all, sfn), None);
    assert_eq!(of("", &[(sfn, "http://localhost:8083")], sfn), None);
    assert_eq!(of("", &[(sfn, "http://elsewhere:1")], sfn).as_deref(), Some("http://elsewhere:1"));
}

#[test]
fn functions_have_containers_of_their_own() {
    let arguments = "--lambda-function a=http://a:8080 --lambda-function b:live=http://b:8080";
    let environment = ("STEPWELL_LAMBDA_FUNCTIONS", "a=http://other:8080, c=http://c:8080,");
    let functions = served(arguments, &[environment]).0.lambda_functions;
    let endpoints: Vec<String> = functions.endpoints().map(Endpoint::to_string).collect();
    assert_eq!(endpoints, ["http://a:8080", "http://b:8080", "http://c:8080"]);
}

#[test]
fn where_aws_is_called_its_keys_are_no_longer_those_of_endpoints() {
    let keys = [("AWS_ACCESS_KEY_ID", "real"), ("AWS_SECRET_ACCESS_KEY", "real")];
    let own = [("STEPWELL_ENDPOINT_ACCESS_KEY_ID", "own"), keys[0]];
    for (arguments, environment, aws, key) in [
        ("", &keys[..], false, Some("real")),
        ("--aws", &keys, true, None),
        ("", &[("STEPWELL_AWS", "true"), keys[0]], true, None),
        ("", &[("STEPWELL_AWS", "false"), keys[0]], false, Some("real")),
        ("", &own, false, Some("own")),
        ("--aws", &own, true, Some("own")),
        ("--aws", &[("AWS_ENDPOINT_URL_SQS", "https://sqs.eu-west-1.amazonaws.com")], true, None),
    ] {
        let config = served(arguments, environment).0;
        let found = (config.endpoints.aws, config.credentials.access_key_id.as_deref());
        assert_eq!(found, (aws, key), "{arguments} {environment:?}");
    }
}

#[test]
fn proxies_are_those_of_the_environment() {
    let proxies = |environment: &[_]| served("", environment).0.proxies;
    let upper = [("HTTPS_PROXY", "http://upper:1"), ("HTTP_PROXY", "http://plain:1"), ("NO_PROXY", "a,b")];
    let found = proxies(&[&upper[..], &[("https_proxy", "http://lower:1")]].concat());
    assert_eq!(
        (found.https.as_str(), found.http.as_str(), found.no.as_str()),
        ("http://lower:1", "http://plain:1", "a,b")
    );
    for proxy in ["proxy:3128", "proxy", "HTTP://user:p@ss@proxy:3128/", "socks5://proxy"] {
        assert_eq!(proxies(&[("HTTP_PROXY", proxy)]).http, proxy);
    }
    for proxy in ["proxy:port", "gopher://proxy", "http:proxy", "no proxy"] {
        assert_eq!(refused("", &[("HTTP_PROXY", proxy)]), format!("HTTP_PROXY: {proxy:?} is not the URL of a proxy"));
    }
    let said = refused("", &[("HTTP_PROXY", "http://user:p@ss@proxy:port")]);
    assert_eq!(said, r#"HTTP_PROXY: "http://***@proxy:port" is not the URL of a proxy"#);
}

#[test]
fn what_has_no_effect_is_said() {
    let environment = ("AWS_ENDPOINT_URL", "http://localhost:8083");
    let expected = "AWS_ENDPOINT_URL is the address of Stepwell itself (http://localhost:8083) and is not used for calls to Lambda; \
                    set LAMBDA_ENDPOINT";
    assert_eq!(served("", &[environment]), (Config::default(), vec![expected.to_owned()]));
    let misspelt = ("AWS_ENDPOINT_URL_DYNAMO_DB", "http://localhost:8000");
    let expected = "AWS_ENDPOINT_URL_DYNAMO_DB belongs to no service that Step Functions calls, and is not used";
    assert_eq!(served("", &[misspelt]), (Config::default(), vec![expected.to_owned()]));
    // AWS's own DynamoDB would be called.
    let expected =
        "AWS_ENDPOINT_URL_DYNAMO_DB: \"http://localhost:8000\" belongs to no service that Step Functions calls";
    assert_eq!(refused("--aws", &[misspelt]), expected);
}

#[test]
fn a_bad_value_is_refused_in_one_line_that_names_where_it_came_from() {
    for (arguments, environment, expected) in [
        ("--aws-account 123", ("", ""), r#"--aws-account: "123" is not an account id, which has twelve digits"#),
        (
            "",
            ("AWS_ACCOUNT_ID", "12345678901x"),
            r#"AWS_ACCOUNT_ID: "12345678901x" is not an account id, which has twelve digits"#,
        ),
        ("--aws-region US", ("", ""), r#"--aws-region: "US" is not the name of a region, like us-east-1"#),
        ("--port 70000", ("", ""), r#"--port: "70000" is not a port, a number between 0 and 65535"#),
        (
            "",
            ("STEPWELL_HOST", "example.com"),
            r#"STEPWELL_HOST: "example.com" is not an IP address (127.0.0.1 for this machine only, 0.0.0.0 for all)"#,
        ),
        (
            "",
            ("WAIT_TIME_SCALE", "fast"),
            r#"WAIT_TIME_SCALE: "fast" is not a number of 0 or more (0: don't wait, 1: as written, 0.5: half)"#,
        ),
        (
            "--wait-time-scale -1",
            ("", ""),
            r#"--wait-time-scale: "-1" is not a number of 0 or more (0: don't wait, 1: as written, 0.5: half)"#,
        ),
        (
            "--wait-time-scale inf",
            ("", ""),
            r#"--wait-time-scale: "inf" is not a number of 0 or more (0: don't wait, 1: as written, 0.5: half)"#,
        ),
        (
            "",
            ("AWS_ENDPOINT_URL", "ftp://a"),
            r#"AWS_ENDPOINT_URL: "ftp://a" is not a URL that begins with http:// or https://"#,
        ),
        (
            "--lambda-endpoint http://localhost:8083",
            ("", ""),
            r#"--lambda-endpoint: "http://localhost:8083" is the address of Stepwell itself, which does not run Lambda functions"#,
        ),
        ("--lambda-function f", ("", ""), r#"--lambda-function: "f" is not NAME=URL"#),
        (
            "",
            ("STEPWELL_LAMBDA_FUNCTIONS", "f=http://f:8080, f=http://g:8080"),
            r#"STEPWELL_LAMBDA_FUNCTIONS: "f=http://g:8080" names a function that has a URL already"#,
        ),
        (
            "--lambda-function f=http://localhost:8083",
            ("", ""),
            r#"--lambda-function: "f=http://localhost:8083" has the address of Stepwell itself, which does not run Lambda functions"#,
        ),
        ("", ("STEPWELL_AWS", "yes"), r#"STEPWELL_AWS: "yes" is neither true nor false"#),
        (
            "",
            ("AWS_ENDPOINT_URL_SQS", "https://sqs.eu-west-1.amazonaws.com"),
            r#"AWS_ENDPOINT_URL_SQS: "https://sqs.eu-west-1.amazonaws.com" is an address of AWS, which is not called without --aws"#,
        ),
        ("--no-such-flag", ("", ""), "unexpected argument '--no-such-flag' found; see stepwell --help"),
        ("--port", ("", ""), "a value is required for '--port <PORT>' but none was supplied; see stepwell --help"),
        ("run", ("", ""), "unrecognized subcommand 'run'; see stepwell --help"),
    ] {
        let said = refused(arguments, &[environment]);
        assert_eq!(said, expected);
    }
}

#[test]
fn connections_come_from_a_file() {
    let file = |arguments, environment: &[_]| served(arguments, environment).0.connections_file;
    assert_eq!(file("", &[]), None);
    assert_eq!(file("", &[("STEPWELL_CONNECTIONS", "/c.json")]), Some("/c.json".into()));
    assert_eq!(file("--connections a.json", &[("STEPWELL_CONNECTIONS", "/c.json")]), Some("a.json".into()));
}

#[test]
fn mocks_come_from_a_file() {
    let file = |arguments, environment: &[_]| served(arguments, environment).0.mock_config;
    assert_eq!(file("", &[("SFN_MOCK_CONFIG", "/mocks.json")]), Some("/mocks.json".into()));
    assert_eq!(file("--mock-config a.json", &[("SFN_MOCK_CONFIG", "/mocks.json")]), Some("a.json".into()));
    assert_eq!(file("", &[]), None);
}

#[test]
fn the_help_names_every_variable_and_the_version_is_that_of_the_package() {
    let help = printed("--help");
    for word in [
        "--aws-account",
        "AWS_ACCOUNT_ID",
        "--aws-region",
        "AWS_DEFAULT_REGION",
        "--wait-time-scale",
        "WAIT_TIME_SCALE",
        "--lambda-endpoint",
        "LAMBDA_ENDPOINT",
        "AWS_ENDPOINT_URL_LAMBDA",
        "AWS_IGNORE_CONFIGURED_ENDPOINT_URLS",
        "SFN_MOCK_CONFIG",
        "--host",
        "STEPWELL_HOST",
        "--port",
        "STEPWELL_PORT",
        "STEPWELL_LOG",
        "--log-format",
        "STEPWELL_LOG_FORMAT",
        "DYNAMODB_ENDPOINT",
        "AWS_ACCESS_KEY_ID",
        "AWS_CA_BUNDLE",
        "--aws ",
        "STEPWELL_AWS",
        "HTTPS_PROXY",
        "STEPWELL_ENDPOINT_ACCESS_KEY_ID",
        "--lambda-function",
        "STEPWELL_LAMBDA_FUNCTIONS",
        "123456789012",
        "us-east-1",
        "8083",
        "health",
    ] {
        assert!(help.contains(word), "{word} in\n{help}");
    }
    for flag in ["--version", "-v", "-V"] {
        assert_eq!(printed(flag), format!("stepwell {}\n", env!("CARGO_PKG_VERSION")));
    }
}

#[test]
fn health_asks_where_the_server_listens() {
    for (arguments, environment, expected) in [
        ("health", ("X", "y"), ("127.0.0.1", 8083)),
        ("health", ("STEPWELL_PORT", "9000"), ("127.0.0.1", 9000)),
        ("health --host 0.0.0.0 --port 9001", ("SFN_MOCK_CONFIG", "x"), ("0.0.0.0", 9001)),
    ] {
        let Ok(Command::Health { host, port }) = parsed(arguments, &[environment]) else { panic!("{arguments}") };
        assert_eq!((host.to_string().as_str(), port), expected);
    }
}

#[test]
fn a_log_has_a_filter_and_a_format() {
    use LogFormat::{Json, Text};
    for (arguments, environment, filter, format) in [
        ("", ("X", "y"), "warn", Text),
        ("--log info --log-format json", ("X", "y"), "info", Json),
        ("--log-format text", ("STEPWELL_LOG_FORMAT", "json"), "warn", Text),
        ("", ("STEPWELL_LOG_FORMAT", "json"), "warn", Json),
        ("", ("STEPWELL_LOG", "stepwell=debug"), "stepwell=debug", Text),
    ] {
        let Ok(Command::Serve { log, .. }) = parsed(arguments, &[environment]) else { panic!("{arguments}") };
        assert_eq!(log, Log { filter: filter.into(), format }, "{arguments} {environment:?}");
    }
    let refusal = "--log-format: \"xml\" is not a format of logs, which are text and json";
    assert_eq!(refused("--log-format xml", &[]), refusal);
}

/// What a command line and an environment come to where `f.json` holds this text.
fn with_file(text: &str, arguments: &str, environment: &[(&str, &str)]) -> Result<Command, Refusal> {
    let environment: Vec<_> = environment.iter().map(|(n, v)| ((*n).to_owned(), (*v).to_owned())).collect();
    let read = |path: &str| match path {
        "f.json" => Ok(text.to_owned()),
        _ => Err(std::io::Error::other("no such file")),
    };
    parse(arguments.split_whitespace().map(str::to_owned), &environment, &read)
}

#[test]
fn a_file_says_what_flags_say() {
    let text = r#"{
        "port": 9000, "host": "0.0.0.0", "aws-account": "000000000000", "aws-region": "eu-west-1", "wait-time-scale": 0.5,
        "aws": true, "lambda-endpoint": "http://lambda:1", "endpoint": "http://all:1", "sqs-endpoint": "http://sqs:1",
        "endpoints": {"eventbridge": "http://events:1", "dynamodb": "http://dynamodb:1"},
        "lambda-functions": {"f": "http://f:8080", "g:live": "http://g:8080"},
        "mock-config": "mocks.json", "log": "info", "log-format": "json"
    }"#;
    let flags = "--port 9000 --host 0.0.0.0 --aws-account 000000000000 --aws-region eu-west-1 --wait-time-scale 0.5 --aws \
                 --lambda-endpoint http://lambda:1 --sqs-endpoint http://sqs:1 --dynamodb-endpoint http://dynamodb:1 \
                 --lambda-function f=http://f:8080 --lambda-function g:live=http://g:8080 --mock-config mocks.json \
                 --log info --log-format json";
    let variables = [("AWS_ENDPOINT_URL", "http://all:1"), ("AWS_ENDPOINT_URL_EVENTBRIDGE", "http://events:1")];
    let of_flags = parsed(flags, &variables).expect("usable flags");
    for (arguments, environment) in [("--config f.json", ("X", "y")), ("", ("STEPWELL_CONFIG", "f.json"))] {
        let of_file = with_file(text, arguments, &[environment]).expect("a usable file");
        assert_eq!(format!("{of_file:?}"), format!("{of_flags:?}"));
    }
    let Ok(Command::Health { port, .. }) = with_file(text, "health --config f.json", &[]) else { panic!("no health") };
    assert_eq!(port, 9000);
}

#[test]
fn flags_and_variables_outrank_the_file() {
    let text = r#"{"aws-region": "eu-west-1", "endpoints": {"sqs": "http://file:1"}, "lambda-functions": {"f": "http://file:1"}}"#;
    let of = |arguments: &str, environment: &[(&str, &str)]| {
        let Ok(Command::Serve { config, .. }) = with_file(text, arguments, environment) else { panic!("{arguments}") };
        let functions: Vec<String> = config.lambda_functions.endpoints().map(Endpoint::to_string).collect();
        (
            config.namespace.region.to_string(),
            config.endpoints.of("AWS_ENDPOINT_URL_SQS").map(Endpoint::to_string),
            functions,
        )
    };
    let expected = |place: &str, region: &str| {
        (region.to_owned(), Some(format!("http://{place}:1")), vec![format!("http://{place}:1")])
    };
    assert_eq!(of("--config f.json", &[]), expected("file", "eu-west-1"));
    let variables = [
        ("AWS_DEFAULT_REGION", "us-west-1"),
        ("AWS_ENDPOINT_URL_SQS", "http://variable:1"),
        ("STEPWELL_LAMBDA_FUNCTIONS", "f=http://variable:1"),
    ];
    assert_eq!(of("--config f.json", &variables), expected("variable", "us-west-1"));
    let flags = "--config f.json --aws-region us-west-2 --sqs-endpoint http://flag:1 --lambda-function f=http://flag:1";
    assert_eq!(of(flags, &variables), expected("flag", "us-west-2"));
    let ignored = [("AWS_IGNORE_CONFIGURED_ENDPOINT_URLS", "true"), variables[1]];
    assert_eq!(of("--config f.json", &ignored), expected("file", "eu-west-1"));
}

#[test]
fn what_a_file_may_not_say_is_refused_with_its_place() {
    for (text, expected) in [
        ("[]", "the configuration file f.json: is not a JSON object"),
        (r#"{"ports": 1}"#, "the configuration file f.json: ports is not the name of a setting"),
        (r#"{"port": [1]}"#, "the configuration file f.json: port is not a text, a number, true or false"),
        (r#"{"port": 70000}"#, r#"f.json: port: "70000" is not a port, a number between 0 and 65535"#),
        (
            r#"{"endpoints": {"queue": "http://a"}}"#,
            "the configuration file f.json: endpoints.queue is not a service of aws-sdk:",
        ),
        (
            r#"{"endpoints": {"sqs": "ftp://a"}}"#,
            r#"f.json: endpoints.sqs: "ftp://a" is not a URL that begins with http:// or https://"#,
        ),
        (r#"{"endpoints": "http://a"}"#, "the configuration file f.json: endpoints is not an object"),
        (
            r#"{"lambda-functions": {"a b": "http://a"}}"#,
            r#"f.json: lambda-functions.a b: "a b=http://a" has no function's name or ARN, or either with a qualifier, before the ="#,
        ),
        (r#"{"aws": "yes"}"#, r#"f.json: aws: "yes" is neither true nor false"#),
        (
            "{\"endpoints\": {\"s3\": \"http://a\",\n \"s3\": \"http://b\"}}",
            r#"the configuration file f.json: line 2, column 2: the member "s3" stands twice in the same object"#,
        ),
    ] {
        assert_eq!(with_file(text, "--config f.json", &[]).expect_err(text).to_string(), expected, "{text}");
    }
    let broken = with_file("{", "--config f.json", &[]).expect_err("no JSON").to_string();
    assert!(broken.starts_with("the configuration file f.json: ") && !broken.contains('\n'), "{broken}");
    let missing = with_file("", "--config g.json", &[]).expect_err("no file").to_string();
    assert_eq!(missing, "the configuration file g.json: can't be read: no such file");
}

#[test]
fn strictness_is_asked_for_and_kinds_are_allowed() {
    let strictness = |arguments: &str, environment: &[(&str, &str)]| served(arguments, environment).0.strictness;
    let allowing = |kinds: &[Kind]| kinds.iter().fold(Strictness::ALL, |all, kind| all.allowing(*kind));
    for (arguments, environment, expected) in [
        ("", &[][..], Strictness::NONE),
        ("", &[("STEPWELL_STRICT", "false"), ("STEPWELL_ALLOW", "waitScaled")], Strictness::NONE),
        ("--strict", &[], Strictness::ALL),
        ("", &[("STEPWELL_STRICT", "true")], Strictness::ALL),
        ("--strict --allow mockedCall", &[], allowing(&[Kind::MockedCall])),
        (
            "--strict",
            &[("STEPWELL_ALLOW", "localEndpoint, roleNotAssumed,")],
            allowing(&[Kind::LocalEndpoint, Kind::RoleNotAssumed]),
        ),
    ] {
        assert_eq!(strictness(arguments, environment), expected, "{arguments} {environment:?}");
    }
    for (arguments, environment, refusal) in [
        ("--allow mockedCall", &[][..], "--allow: \"mockedCall\" has no meaning without --strict"),
        ("", &[("STEPWELL_STRICT", "yes")], "STEPWELL_STRICT: \"yes\" is neither true nor false"),
        (
            "--strict --allow mocks",
            &[],
            "--allow: \"mocks\" is no list of these: mockedCall, localEndpoint, notCalled, localConnection, roleNotAssumed, waitScaled, tracesNotSent, \
             notEncrypted, logGroupNotChecked, nestedExecution",
        ),
    ] {
        assert_eq!(refused(arguments, environment), refusal);
    }
}
