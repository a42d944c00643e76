//! The program `stepwell`: reads the command line, listens, serves until it is told to stop.

use std::io::{IsTerminal, Write};
use std::process::ExitCode;
use std::sync::Arc;
use std::time::Duration;
use stepwell::cli::{self, Command, Log, LogFormat};
use stepwell::clock::Clock;
use stepwell::config::{Config, ExecutionLog};
use stepwell::connections::Connections;
use stepwell::emulator::Emulator;
use stepwell::integrations::check_ca_bundle;
use stepwell::mocks::MockConfig;
use tokio::net::TcpListener;
use tracing_subscriber::EnvFilter;

/// The exit status for what the user must change: a bad option, a port that is taken.
const REFUSED: u8 = 2;

/// How long logs of executions have to be delivered once the server has stopped.
const PATIENCE: Duration = Duration::from_secs(2);

/// Deeply nested definitions and values are walked recursively.
const STACK_BYTES: usize = 16 << 20;

/// More threads than this don't make an emulator faster, only larger.
const MOST_THREADS: usize = 4;

fn main() -> ExitCode {
    let environment: Vec<(String, String)> =
        std::env::vars_os().filter_map(|(n, v)| Some((n.into_string().ok()?, v.into_string().ok()?))).collect();
    let arguments = std::env::args_os().skip(1).map(|argument| argument.to_string_lossy().into_owned());
    match cli::parse(arguments, &environment, &|path| std::fs::read_to_string(path)) {
        Err(refusal) => refuse(&refusal),
        Ok(Command::Print(text)) => {
            say(&text);
            ExitCode::SUCCESS
        }
        Ok(Command::Health { host, port }) => match cli::check_health(host, port) {
            Ok(()) => ExitCode::SUCCESS,
            Err(problem) => {
                eprintln!("stepwell: no healthy server at {host} port {port}: {problem}");
                ExitCode::FAILURE
            }
        },
        Ok(Command::Serve { config, log, warnings }) => {
            for warning in warnings {
                eprintln!("stepwell: warning: {warning}");
            }
            serve(*config, &log)
        }
    }
}

fn serve(config: Config, log: &Log) -> ExitCode {
    let filter = match EnvFilter::try_new(&log.filter) {
        Ok(filter) => filter,
        Err(problem) => return refuse(&format!("the log filter {:?} can't be read: {problem}", log.filter)),
    };
    let colours = std::io::stderr().is_terminal();
    let logging = tracing_subscriber::fmt().with_env_filter(filter).with_writer(std::io::stderr).with_ansi(colours);
    match log.format {
        LogFormat::Text => logging.init(),
        LogFormat::Json => logging.json().flatten_event(true).init(),
    }
    #[cfg(unix)]
    allow_many_connections();
    let threads = std::thread::available_parallelism().map_or(1, |n| n.get().min(MOST_THREADS));
    let runtime = tokio::runtime::Builder::new_multi_thread()
        .worker_threads(threads)
        .thread_stack_size(STACK_BYTES)
        .enable_all()
        .build();
    match runtime {
        Ok(runtime) => runtime.block_on(listen(config)),
        Err(problem) => refuse(&format!("can't start threads: {problem}")),
    }
}

/// Every worker that polls has a connection, and many systems allow a program 256 or 1,024 open files as long as it
/// doesn't ask for more. Where it gets no more, it runs with what it has.
#[cfg(unix)]
fn allow_many_connections() {
    use rustix::process::{Resource, Rlimit, getrlimit, setrlimit};
    /// The most that macOS takes where it says that there is no limit.
    const MOST: u64 = 10_240;
    let Rlimit { current, maximum } = getrlimit(Resource::Nofile);
    let most = maximum.unwrap_or(MOST);
    if current.is_some_and(|current| current < most) {
        let raised = setrlimit(Resource::Nofile, Rlimit { current: Some(most), maximum });
        tracing::debug!(?current, most, failed = raised.is_err(), "raised the limit of open files");
    }
}

async fn listen(mut config: Config) -> ExitCode {
    if let Some(ExecutionLog::File(path)) = &config.execution_log
        && let Err(problem) = std::fs::OpenOptions::new().create(true).append(true).open(path)
    {
        return refuse(&format!("can't write to the execution log {}: {problem}", path.display()));
    }
    if let Some(path) = &config.mock_config {
        match std::fs::read_to_string(path) {
            Ok(text) => {
                if let Err(problem) = MockConfig::parse(&text).and_then(|mocks| mocks.check()) {
                    return refuse(&format!("the mock configuration {} can't be used: {problem}", path.display()));
                }
            }
            // It may be written later, before the first test case is started.
            Err(problem) if problem.kind() == std::io::ErrorKind::NotFound => {
                eprintln!("stepwell: warning: the mock configuration {} is not there (yet)", path.display());
            }
            Err(problem) => return refuse(&format!("can't read the mock configuration {}: {problem}", path.display())),
        }
    }
    if let Some(path) = &config.connections_file {
        let text = match std::fs::read_to_string(path) {
            Ok(text) => text,
            Err(problem) => return refuse(&format!("can't read the connections file {}: {problem}", path.display())),
        };
        match Connections::parse(&text) {
            Ok(connections) => config.connections = Arc::new(connections),
            Err(problem) => {
                return refuse(&format!("the connections file {} can't be used: {problem}", path.display()));
            }
        }
    }
    if let Some(path) = &config.ca_bundle
        && let Err(problem) = check_ca_bundle(path)
    {
        return refuse(&format!("AWS_CA_BUNDLE: {} {problem}", path.display()));
    }
    let (host, port) = (config.host, config.port);
    let bound = TcpListener::bind((host, port)).await.and_then(|listener| Ok((listener.local_addr()?, listener)));
    let (address, listener) = match bound {
        Ok(bound) => bound,
        Err(problem) => return refuse(&format!("can't listen on {host} port {port}: {problem}")),
    };
    // Whoever reads that it is ready may tell it to stop at once.
    let told_to_stop = told_to_stop();
    // It begins as the line of AWS Step Functions Local does, which scripts wait for.
    eprintln!(
        "Starting server on port {} with account {}, region {}: Stepwell {} is ready at http://{address}",
        address.port(),
        config.namespace.account,
        config.namespace.region,
        env!("CARGO_PKG_VERSION"),
    );
    let emulator = Arc::new(Emulator::new(config, Clock::System));
    let served = stepwell::server::serve(listener, emulator.clone(), told_to_stop).await;
    emulator.logs.flush(PATIENCE).await;
    match served {
        Ok(()) => ExitCode::SUCCESS,
        Err(problem) => {
            eprintln!("stepwell: {problem}");
            ExitCode::FAILURE
        }
    }
}

/// Listens for requests to stop from now on: an interrupt (Ctrl-C) or, where there is such a thing, a request to
/// terminate. The future is over when one has come.
fn told_to_stop() -> impl Future<Output = ()> + Send + 'static {
    #[cfg(unix)]
    let signals = {
        use tokio::signal::unix::{SignalKind, signal};
        signal(SignalKind::terminate()).ok().zip(signal(SignalKind::interrupt()).ok())
    };
    async move {
        #[cfg(unix)]
        if let Some((mut terminate, mut interrupt)) = signals {
            tokio::select! {
                _ = terminate.recv() => {}
                _ = interrupt.recv() => {}
            }
            return;
        }
        if tokio::signal::ctrl_c().await.is_err() {
            std::future::pending::<()>().await;
        }
    }
}

fn refuse(problem: &dyn std::fmt::Display) -> ExitCode {
    eprintln!("stepwell: {problem}");
    ExitCode::from(REFUSED)
}

/// Writes to standard output at once; a reader that has gone away is no reason to stop.
fn say(text: &str) {
    let mut out = std::io::stdout().lock();
    let _ = out.write_all(text.as_bytes()).and_then(|()| out.flush());
}
