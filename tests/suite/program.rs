//! The program itself: what it prints, and how it ends.

use std::io::{BufRead, BufReader, Read, Write};
use std::net::{TcpListener, TcpStream};
use std::process::{Child, ChildStderr, Command, ExitStatus, Stdio};

/// The program with these arguments and variables, and no others of its own.
pub fn stepwell(arguments: &[&str], environment: &[(&str, &str)]) -> Command {
    let mut command = Command::new(env!("CARGO_BIN_EXE_stepwell"));
    for (name, _) in std::env::vars() {
        if name.starts_with("AWS_") || name.starts_with("STEPWELL_") || name.ends_with("_ENDPOINT") {
            command.env_remove(name);
        }
    }
    command.args(arguments).envs(environment.iter().copied()).stdin(Stdio::null());
    command
}

/// A server on a free port, the line that says so, and whatever else it writes to standard error.
pub struct Server {
    pub child: Child,
    said: BufReader<ChildStderr>,
    before: String,
    ready: String,
    pub port: String,
}

impl Server {
    pub fn start(arguments: &[&str], environment: &[(&str, &str)]) -> Server {
        let mut child = stepwell(arguments, environment).stderr(Stdio::piped()).spawn().expect("the program");
        let mut said = BufReader::new(child.stderr.take().expect("an error output"));
        let mut before = String::new();
        let mut ready = String::new();
        while !ready.starts_with("Starting server on port ") {
            before.push_str(&std::mem::take(&mut ready));
            assert!(said.read_line(&mut ready).expect("text") > 0, "it is never ready: {before}");
        }
        let port = ready.split_whitespace().nth(4).expect("a port").to_owned();
        Server { child, said, before, ready, port }
    }

    /// Ends it; gives what it wrote besides the line that it is ready.
    pub fn stop(mut self) -> (ExitStatus, String) {
        self.child.kill().expect("a running program");
        self.said.read_to_string(&mut self.before).expect("text");
        (self.child.wait().expect("a status"), std::mem::take(&mut self.before))
    }
}

/// A test that fails leaves no program behind.
impl Drop for Server {
    fn drop(&mut self) {
        let _ = self.child.kill();
        let _ = self.child.wait();
    }
}

/// Runs it to its end; gives its status, its output and its error output.
fn run(arguments: &[&str], environment: &[(&str, &str)]) -> (Option<i32>, String, String) {
    let output = stepwell(arguments, environment).output().expect("the program");
    let text = |bytes: Vec<u8>| String::from_utf8(bytes).expect("UTF-8");
    (output.status.code(), text(output.stdout), text(output.stderr))
}

#[test]
fn it_says_when_it_is_ready_and_is_quiet_then() {
    let server = Server::start(&["-account", "000000000000", "--port", "0"], &[("AWS_DEFAULT_REGION", "eu-west-1")]);
    let port = server.port.clone();
    let version = env!("CARGO_PKG_VERSION");
    let expected = format!(
        "Starting server on port {port} with account 000000000000, region eu-west-1: \
         Stepwell {version} is ready at http://127.0.0.1:{port}\n"
    );
    assert_eq!(server.ready, expected);
    assert_eq!(run(&["health", "--port", &port], &[]), (Some(0), String::new(), String::new()));
    assert_eq!(server.stop().1, "");
    let (status, _, said) = run(&["health", "--port", &port], &[]);
    assert_eq!(status, Some(1));
    assert!(said.starts_with("stepwell: no healthy server at 127.0.0.1 port "), "{said}");
}

#[test]
fn a_mock_configuration_may_be_written_later() {
    let server = Server::start(&["--port", "0", "--mock-config", "/nowhere/mocks.json"], &[]);
    let warning = "stepwell: warning: the mock configuration /nowhere/mocks.json is not there (yet)\n";
    assert_eq!(server.stop().1, warning);
}

#[test]
fn it_warns_of_what_has_no_effect() {
    let free =
        std::net::TcpListener::bind("127.0.0.1:0").and_then(|listener| listener.local_addr()).expect("a free port");
    let port = free.port().to_string();
    let itself = format!("http://localhost:{port}");
    let server = Server::start(&["serve", "--port", &port], &[("AWS_ENDPOINT_URL", &itself)]);
    let warning = format!(
        "stepwell: warning: AWS_ENDPOINT_URL is the address of Stepwell itself ({itself}) and is not used for calls to Lambda; \
         set LAMBDA_ENDPOINT\n"
    );
    assert_eq!(server.stop().1, warning);
}

/// Each call is a line: what was called, for whom, and what came of it.
#[test]
fn it_logs_a_line_for_each_request_as_text_or_json() {
    for (format, expected) in [
        (
            "text",
            r#"a request operation="CreateActivity" account="123456789012" region="us-east-1" error="InvalidName""#,
        ),
        ("json", r#""message":"a request","operation":"CreateActivity","account":"123456789012","region":"us-east-1""#),
    ] {
        let server = Server::start(&["--port", "0", "--log", "stepwell=debug", "--log-format", format], &[]);
        let mut stream = TcpStream::connect(format!("127.0.0.1:{}", server.port)).expect("a connection");
        let call = crate::server::operation_request("CreateActivity", br#"{"name":"a b"}"#);
        stream.write_all(&call).expect("an open connection");
        let mut answer = String::new();
        stream.read_to_string(&mut answer).expect("an answer");
        let said = server.stop().1;
        assert_eq!(said.lines().count(), 1, "{said}");
        assert!(said.contains(expected) && said.contains("Invalid Name: 'a b'"), "{said}");
    }
}

#[test]
fn what_must_be_changed_is_said_in_one_line_with_status_2() {
    let taken = TcpListener::bind("127.0.0.1:0").expect("a free port");
    let port = taken.local_addr().expect("an address").port().to_string();
    for (arguments, environment, start) in [
        (&["--port", &port][..], ("X", "y"), format!("stepwell: can't listen on 127.0.0.1 port {port}: ")),
        (&["--port", "http"], ("X", "y"), "stepwell: --port: \"http\" is not a port".into()),
        (&["--frob"], ("X", "y"), "stepwell: unexpected argument '--frob' found".into()),
        (&["--port", "0", "--log", "a=b=c"], ("X", "y"), "stepwell: the log filter \"a=b=c\" can't be read".into()),
        (
            &["--port", "0", "--execution-log", "/nowhere/log"],
            ("X", "y"),
            "stepwell: can't write to the execution log /nowhere/log: ".into(),
        ),
        (
            &["--port", "0"],
            ("SFN_MOCK_CONFIG", "Cargo.toml"),
            "stepwell: the mock configuration Cargo.toml can't be used: line 1, column ".into(),
        ),
        (
            &["--port", "0", "--connections", "Cargo.toml"],
            ("X", "y"),
            "stepwell: the connections file Cargo.toml can't be used: line 1, column ".into(),
        ),
        (
            &["--port", "0"],
            ("STEPWELL_CONNECTIONS", "/nowhere/c.json"),
            "stepwell: can't read the connections file /nowhere/c.json: ".into(),
        ),
        (&["--port", "0"], ("SFN_MOCK_CONFIG", "src"), "stepwell: can't read the mock configuration src: ".into()),
        (
            &["--port", "0"],
            ("AWS_CA_BUNDLE", "Cargo.toml"),
            "stepwell: AWS_CA_BUNDLE: Cargo.toml has no certificate in PEM".into(),
        ),
        (&[], ("AWS_ACCOUNT_ID", "1"), "stepwell: AWS_ACCOUNT_ID: \"1\" is not an account id".into()),
    ] {
        let (status, out, said) = run(arguments, &[environment]);
        assert_eq!((status, out.as_str(), said.lines().count()), (Some(2), "", 1), "{said}");
        assert!(said.starts_with(&start), "{said}");
    }
}

/// Creates an Express state machine that logs everything and runs it once.
fn run_with_logs(port: &str) {
    let group = "arn:aws:logs:us-east-1:123456789012:log-group:g:*";
    let machine = serde_json::json!({
        "name": "m", "definition": crate::server::PASS, "roleArn": crate::server::ROLE, "type": "EXPRESS",
        "loggingConfiguration": {"level": "ALL", "destinations": [{"cloudWatchLogsLogGroup": {"logGroupArn": group}}]},
    });
    let start = serde_json::json!({"stateMachineArn": format!("{}:stateMachine:m", crate::server::PREFIX)});
    for (operation, request) in [("CreateStateMachine", machine), ("StartExecution", start)] {
        let mut stream = TcpStream::connect(format!("127.0.0.1:{port}")).expect("a connection");
        let call = crate::server::operation_request(operation, request.to_string().as_bytes());
        stream.write_all(&call).expect("an open connection");
        let mut answer = String::new();
        stream.read_to_string(&mut answer).expect("an answer");
        assert!(answer.starts_with("HTTP/1.1 200 "), "{answer}");
    }
}

#[test]
fn it_says_once_that_logs_of_executions_go_nowhere() {
    let server = Server::start(&["--port", "0"], &[]);
    run_with_logs(&server.port);
    let said = server.stop().1;
    assert_eq!(said.lines().count(), 1, "{said}");
    assert!(said.contains("there is nowhere to write them"), "{said}");
}

#[cfg(unix)]
#[test]
fn logs_of_executions_are_written_before_it_ends() {
    let path = std::env::temp_dir().join(format!("stepwell-program-{}.jsonl", std::process::id()));
    let variable = [("STEPWELL_EXECUTION_LOG", path.to_str().expect("UTF-8"))];
    let mut server = Server::start(&["--port", "0"], &variable);
    run_with_logs(&server.port);
    assert!(Command::new("kill").arg(server.child.id().to_string()).status().expect("kill").success());
    assert_eq!(server.child.wait().expect("a status").code(), Some(0));
    let text = std::fs::read_to_string(&path).expect("a file");
    std::fs::remove_file(&path).expect("removed");
    assert_eq!(text.lines().count(), 4, "{text}");
}

#[test]
fn it_tells_its_version_and_options() {
    let (status, out, said) = run(&["--version"], &[]);
    assert_eq!((status, said.as_str()), (Some(0), ""));
    assert_eq!(out, format!("stepwell {}\n", env!("CARGO_PKG_VERSION")));
    let (status, out, _) = run(&["--help"], &[]);
    assert_eq!(status, Some(0));
    assert!(out.contains("--lambda-endpoint <URL>"), "{out}");
}

#[cfg(unix)]
#[test]
fn it_ends_in_peace_when_it_is_told_to() {
    let mut server = Server::start(&["--port", "0"], &[]);
    let kill = Command::new("kill").arg(server.child.id().to_string()).status().expect("kill");
    assert!(kill.success());
    assert_eq!(server.child.wait().expect("a status").code(), Some(0));
}
