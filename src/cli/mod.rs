//! The command line: from arguments and environment variables to a [`Command`], without touching either itself.
//!
//! Knows nothing of servers and engines; what it can't use it refuses in one line.

mod compatibility;
mod config_file;
mod health;
mod options;

pub use health::check as check_health;

use crate::arn::Namespace;
use crate::config::{
    Config, Credentials, DEFAULT_ACCOUNT, DEFAULT_PORT, DEFAULT_REGION, Endpoints, ExecutionLog, LambdaFunctions,
    Proxies, STEP_FUNCTIONS,
};
use crate::endpoint::Endpoint;
use crate::honesty::{Kind, Strictness};
use crate::service_model;
use clap::Parser;
use options::{Address, Cli, Serve, Subcommand};
use smol_str::SmolStr;
use std::net::IpAddr;
use std::sync::Arc;

/// What the program was asked to do.
#[derive(Debug)]
pub enum Command {
    /// Run the server.
    Serve {
        /// What it is told.
        config: Box<Config>,
        /// What it logs.
        log: Log,
        /// Settings that have no effect, a sentence each, for the user to see.
        warnings: Vec<String>,
    },
    /// Ask a running server whether it is well.
    Health {
        /// The address it listens on.
        host: IpAddr,
        /// Its port.
        port: u16,
    },
    /// Print this and end: the help or the version.
    Print(String),
}

/// What is logged, and how.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Log {
    /// What may be logged, in the words of `tracing_subscriber::EnvFilter`.
    pub filter: String,
    /// How a line looks.
    pub format: LogFormat,
}

/// How a line of the log looks.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum LogFormat {
    /// for people
    Text,
    /// a JSON object
    Json,
}

/// Why the program can't do what it was asked to: one line for the user.
#[derive(Debug, PartialEq, Eq, thiserror::Error)]
#[allow(missing_docs)]
pub enum Refusal {
    /// `usage` is clap's sentence.
    #[error("{usage}; see stepwell --help")]
    Usage { usage: String },
    /// `problem` begins with the place in the file, if it has one.
    #[error("the configuration file {file}: {problem}")]
    File { file: String, problem: String },
    #[error("{name}: {value:?} {problem}")]
    Value { name: SmolStr, value: String, problem: String },
}

/// The options whose value may come from a flag, from one of several variables or from the file, and who that was.
struct Setting<'a> {
    /// As the user knows it.
    source: &'a str,
    /// The flag, or the variable that means the same.
    name: &'a str,
    value: &'a str,
}

/// Reads a file; the error is a sentence's end.
pub type ReadFile<'a> = &'a dyn Fn(&str) -> std::io::Result<String>;

const LAMBDA_FUNCTIONS: &str = "STEPWELL_LAMBDA_FUNCTIONS";

/// Reads a command line (without the program's name) and the environment, and the configuration file that they name.
pub fn parse(
    arguments: impl IntoIterator<Item = String>,
    environment: &[(String, String)],
    read: ReadFile<'_>,
) -> Result<Command, Refusal> {
    let arguments = arguments.into_iter().map(compatibility::modern_flag);
    let cli = match Cli::try_parse_from(std::iter::once("stepwell".to_owned()).chain(arguments)) {
        Ok(cli) => cli,
        Err(answer) if !answer.use_stderr() => return Ok(Command::Print(answer.render().to_string())),
        Err(problem) => return Err(Refusal::Usage { usage: first_sentence(&problem) }),
    };
    let address = match &cli.command {
        Some(Subcommand::Health(address)) => address,
        Some(Subcommand::Serve(serve)) => &serve.address,
        None => &cli.serve.address,
    };
    let environment = Environment::new(environment, &address.config, read)?;
    match cli.command {
        Some(Subcommand::Health(address)) => {
            let (host, port) = listening_address(&address, &environment)?;
            Ok(Command::Health { host, port })
        }
        Some(Subcommand::Serve(serve)) => self::serve(&serve, &environment),
        None => self::serve(&cli.serve, &environment),
    }
}

fn serve(options: &Serve, environment: &Environment<'_>) -> Result<Command, Refusal> {
    let (host, port) = listening_address(&options.address, environment)?;
    let mut warnings = Vec::new();
    let lambda_endpoint = lambda_endpoint(options, environment, host, port, &mut warnings)?;
    let endpoints = endpoints(options, environment, lambda_endpoint.as_ref(), host, port, &mut warnings)?;
    let aws = endpoints.aws;
    let config = Config {
        namespace: Namespace {
            account: account(options, environment)?.into(),
            region: region(options, environment)?.into(),
        },
        host,
        port,
        endpoints,
        lambda_endpoint,
        lambda_functions: lambda_functions(options, environment, host, port)?,
        logs_endpoint: logs_endpoint(options, environment, host, port)?,
        execution_log: execution_log(options, environment),
        mock_config: environment
            .choose("--mock-config", &options.mock_config, &["SFN_MOCK_CONFIG"])
            .map(|setting| setting.value.into()),
        connections_file: environment
            .choose("--connections", &options.connections, &["STEPWELL_CONNECTIONS"])
            .map(|setting| setting.value.into()),
        connections: Arc::default(),
        credentials: endpoint_credentials(environment, aws),
        proxies: proxies(environment)?,
        ca_bundle: environment.get("AWS_CA_BUNDLE").map(Into::into),
        wait_time_scale: wait_time_scale(options, environment)?,
        strictness: strictness(options, environment)?,
    };
    check_where_calls_go(&config)?;
    Ok(Command::Serve { config: Box::new(config), log: log(options, environment)?, warnings })
}

fn log(options: &Serve, environment: &Environment<'_>) -> Result<Log, Refusal> {
    let filter = environment.choose("--log", &options.log, &["STEPWELL_LOG"]);
    let format = match environment.choose("--log-format", &options.log_format, &["STEPWELL_LOG_FORMAT"]) {
        None | Some(Setting { value: "text", .. }) => LogFormat::Text,
        Some(Setting { value: "json", .. }) => LogFormat::Json,
        Some(setting) => return Err(setting.refuse("is not a format of logs, which are text and json")),
    };
    Ok(Log { filter: filter.map_or("warn", |setting| setting.value).to_owned(), format })
}

fn listening_address(options: &Address, environment: &Environment<'_>) -> Result<(IpAddr, u16), Refusal> {
    let host = match environment.choose("--host", &options.host, &["STEPWELL_HOST"]) {
        None => Config::default().host,
        Some(Setting { value: "localhost", .. }) => IpAddr::from([127, 0, 0, 1]),
        Some(setting) => setting.parse("is not an IP address (127.0.0.1 for this machine only, 0.0.0.0 for all)")?,
    };
    let port = match environment.choose("--port", &options.port, &["STEPWELL_PORT"]) {
        None => DEFAULT_PORT,
        Some(setting) => setting.parse("is not a port, a number between 0 and 65535")?,
    };
    Ok((host, port))
}

fn account(options: &Serve, environment: &Environment<'_>) -> Result<String, Refusal> {
    match environment.choose("--aws-account", &options.aws_account, &["AWS_ACCOUNT_ID"]) {
        None => Ok(DEFAULT_ACCOUNT.to_owned()),
        Some(s) if s.value.len() == 12 && s.value.bytes().all(|b| b.is_ascii_digit()) => Ok(s.value.to_owned()),
        Some(setting) => Err(setting.refuse("is not an account id, which has twelve digits")),
    }
}

fn region(options: &Serve, environment: &Environment<'_>) -> Result<String, Refusal> {
    match environment.choose("--aws-region", &options.aws_region, &["AWS_DEFAULT_REGION", "AWS_REGION"]) {
        None => Ok(DEFAULT_REGION.to_owned()),
        Some(setting) => {
            let plain = |b: u8| b.is_ascii_lowercase() || b.is_ascii_digit() || b == b'-';
            if setting.value.bytes().all(plain) {
                Ok(setting.value.to_owned())
            } else {
                Err(setting.refuse("is not the name of a region, like us-east-1"))
            }
        }
    }
}

fn wait_time_scale(options: &Serve, environment: &Environment<'_>) -> Result<f64, Refusal> {
    let Some(setting) = environment.choose("--wait-time-scale", &options.wait_time_scale, &["WAIT_TIME_SCALE"]) else {
        return Ok(1.0);
    };
    match setting.value.trim().parse::<f64>() {
        Ok(scale) if scale.is_finite() && scale >= 0.0 => Ok(scale),
        _ => Err(setting.refuse("is not a number of 0 or more (0: don't wait, 1: as written, 0.5: half)")),
    }
}

fn strictness(options: &Serve, environment: &Environment<'_>) -> Result<Strictness, Refusal> {
    let by_variable = match environment.choose("", &None, &["STEPWELL_STRICT"]) {
        None => false,
        Some(setting) => setting.parse("is neither true nor false")?,
    };
    let allowed = environment.choose("--allow", &options.allow, &["STEPWELL_ALLOW"]);
    if !options.strict && !by_variable {
        return match allowed {
            Some(setting) if setting.source == "--allow" => Err(setting.refuse("has no meaning without --strict")),
            _ => Ok(Strictness::NONE),
        };
    }
    let Some(setting) = allowed else { return Ok(Strictness::ALL) };
    let names = setting.value.split(',').map(str::trim).filter(|name| !name.is_empty());
    let kinds = names.map(|name| Kind::ALL.into_iter().find(|kind| kind.name() == name));
    kinds
        .collect::<Option<Vec<Kind>>>()
        .map(|kinds| kinds.into_iter().fold(Strictness::ALL, Strictness::allowing))
        .ok_or_else(|| setting.refuse(&format!("is no list of these: {}", Kind::ALL.map(Kind::name).join(", "))))
}

fn lambda_endpoint(
    options: &Serve,
    environment: &Environment<'_>,
    host: IpAddr,
    port: u16,
    warnings: &mut Vec<String>,
) -> Result<Option<Endpoint>, Refusal> {
    let variables = ["LAMBDA_ENDPOINT", "AWS_ENDPOINT_URL_LAMBDA", "AWS_ENDPOINT_URL"];
    let Some(setting) = environment.choose("--lambda-endpoint", &options.lambda_endpoint, &variables) else {
        return Ok(None);
    };
    let endpoint = setting.endpoint(host, port, "does not run Lambda functions")?;
    if endpoint.is_none() {
        warnings.push(format!(
            "AWS_ENDPOINT_URL is the address of Stepwell itself ({}) and is not used for calls to Lambda; set LAMBDA_ENDPOINT",
            setting.value.trim_end_matches('/')
        ));
    }
    Ok(endpoint)
}

fn aws(options: &Serve, environment: &Environment<'_>) -> Result<bool, Refusal> {
    match environment.choose("--aws", &None, &["STEPWELL_AWS"]) {
        _ if options.aws => Ok(true),
        None | Some(Setting { value: "false", .. }) => Ok(false),
        Some(Setting { value: "true", .. }) => Ok(true),
        Some(setting) => Err(setting.refuse("is neither true nor false")),
    }
}

/// Keys for endpoints. Where AWS is called, the variables of its SDKs have the keys for AWS, which nobody else is shown.
fn endpoint_credentials(environment: &Environment<'_>, aws: bool) -> Credentials {
    let of = |names: [&str; 3]| {
        let [access_key_id, secret_access_key, session_token] =
            names.map(|name| environment.get(name).map(str::to_owned));
        Credentials { access_key_id, secret_access_key, session_token }
    };
    let own = of([
        "STEPWELL_ENDPOINT_ACCESS_KEY_ID",
        "STEPWELL_ENDPOINT_SECRET_ACCESS_KEY",
        "STEPWELL_ENDPOINT_SESSION_TOKEN",
    ]);
    match own == Credentials::default() && !aws {
        true => of(["AWS_ACCESS_KEY_ID", "AWS_SECRET_ACCESS_KEY", "AWS_SESSION_TOKEN"]),
        false => own,
    }
}

/// The names in lower case first, as curl has them.
fn proxies(environment: &Environment<'_>) -> Result<Proxies, Refusal> {
    let proxy = |names: [&str; 2]| match environment.choose("", &None, &names) {
        None => Ok(String::new()),
        Some(setting) if is_proxy(setting.value) => Ok(setting.value.to_owned()),
        Some(setting) => Err(setting.refuse("is not the URL of a proxy")),
    };
    Ok(Proxies {
        http: proxy(["http_proxy", "HTTP_PROXY"])?,
        https: proxy(["https_proxy", "HTTPS_PROXY"])?,
        no: environment.get("no_proxy").or(environment.get("NO_PROXY")).unwrap_or_default().to_owned(),
    })
}

/// Whether a text is what others take for a proxy too, which may have a user and may lack its scheme. Of the schemes only
/// http is built: a call that needs another one fails and says so.
fn is_proxy(text: &str) -> bool {
    const SCHEMES: [&str; 6] = ["http", "https", "socks4", "socks4a", "socks5", "socks5h"];
    let (scheme, rest) = text.split_once("://").unwrap_or(("http", text));
    let server = rest.rsplit_once('@').map_or(rest, |(_, server)| server);
    SCHEMES.contains(&scheme.to_ascii_lowercase().as_str()) && Endpoint::parse(&format!("http://{server}")).is_ok()
}

/// Nothing that was inherited from some environment may lead to AWS by itself.
fn check_where_calls_go(config: &Config) -> Result<(), Refusal> {
    let endpoints = &config.endpoints;
    let named = endpoints.of_services.iter().map(|(name, endpoint)| (name.as_str(), endpoint));
    let of_all = endpoints.of_all.iter().map(|endpoint| ("AWS_ENDPOINT_URL", endpoint));
    let logs = config.logs_endpoint.iter().map(|endpoint| ("AWS_ENDPOINT_URL_CLOUDWATCH_LOGS", endpoint));
    let functions = config.lambda_functions.endpoints().map(|endpoint| ("--lambda-function", endpoint));
    match of_all.chain(named).chain(logs).chain(functions).find(|(_, endpoint)| endpoint.is_at_aws()) {
        Some((name, endpoint)) if !endpoints.aws => Err(Refusal::Value {
            name: name.into(),
            value: endpoint.to_string(),
            problem: "is an address of AWS, which is not called without --aws".to_owned(),
        }),
        _ => Ok(()),
    }
}

/// The flags' entries, those of the variable whose names no flag has, and those of the file that neither has.
fn lambda_functions(
    options: &Serve,
    environment: &Environment<'_>,
    host: IpAddr,
    port: u16,
) -> Result<LambdaFunctions, Refusal> {
    let table = |entries: &mut dyn Iterator<Item = (&str, &str)>| {
        let mut functions = LambdaFunctions::default();
        for (source, value) in entries {
            let setting = Setting { source, name: source, value };
            let function = functions.add(value).map_err(|problem| setting.refuse(&problem.to_string()))?;
            if function.endpoint.leads_to(host, port) {
                return Err(setting.refuse("has the address of Stepwell itself, which does not run Lambda functions"));
            }
        }
        Ok(functions)
    };
    let mut flags = options.lambda_function.iter().map(|entry| ("--lambda-function", entry.as_str()));
    let mut functions = table(&mut flags)?;
    let listed = environment.variables.iter().find(|(name, _)| name == LAMBDA_FUNCTIONS);
    let listed = listed.map_or("", |(_, value)| value.as_str());
    let entries = listed.split(',').map(str::trim).filter(|entry| !entry.is_empty());
    functions.add_missing(table(&mut entries.map(|entry| (LAMBDA_FUNCTIONS, entry)))?);
    let in_file = environment.file.iter().filter(|entry| entry.variable == LAMBDA_FUNCTIONS);
    functions.add_missing(table(&mut in_file.map(|entry| (entry.place.as_str(), entry.value.as_str())))?);
    Ok(functions)
}

/// The addresses of all other services, by the variables of AWS's SDKs. Those of AWS Step Functions Local come first.
fn endpoints(
    options: &Serve,
    environment: &Environment<'_>,
    lambda: Option<&Endpoint>,
    host: IpAddr,
    port: u16,
    warnings: &mut Vec<String>,
) -> Result<Endpoints, Refusal> {
    let mut endpoints = Endpoints { aws: aws(options, environment)?, ..Endpoints::default() };
    for setting in environment.beginning_with("AWS_ENDPOINT_URL_") {
        if !service_model::is_endpoint_variable(setting.name) {
            // What was meant would be called at AWS.
            if endpoints.aws {
                return Err(setting.refuse("belongs to no service that Step Functions calls"));
            }
            warnings
                .push(format!("{} belongs to no service that Step Functions calls, and is not used", setting.source));
            continue;
        }
        let endpoint = Endpoint::parse(setting.value).map_err(|problem| setting.refuse(&problem.to_string()))?;
        endpoints.of_services.entry(setting.name.to_owned()).or_insert(endpoint);
    }
    if let Some(setting) = environment.choose("", &None, &["AWS_ENDPOINT_URL"]) {
        endpoints.of_all = setting.endpoint(host, port, "")?;
    }
    for (flag, given, variable, service) in options.services.named() {
        if let Some(setting) = environment.choose(flag, given, &[variable]) {
            let endpoint = Endpoint::parse(setting.value).map_err(|problem| setting.refuse(&problem.to_string()))?;
            endpoints.of_services.insert(format!("AWS_ENDPOINT_URL_{service}"), endpoint);
        }
    }
    endpoints.of_services.extend(lambda.map(|endpoint| ("AWS_ENDPOINT_URL_LAMBDA".to_owned(), endpoint.clone())));
    // An address that leads back here is no detour worth taking.
    endpoints.of_services.retain(|name, endpoint| name != STEP_FUNCTIONS || !endpoint.leads_to(host, port));
    Ok(endpoints)
}

/// Nothing is said where `AWS_ENDPOINT_URL` is Stepwell itself: whoever asks for logs will hear that they go nowhere.
fn logs_endpoint(
    options: &Serve,
    environment: &Environment<'_>,
    host: IpAddr,
    port: u16,
) -> Result<Option<Endpoint>, Refusal> {
    let variables = ["AWS_ENDPOINT_URL_CLOUDWATCH_LOGS", "AWS_ENDPOINT_URL"];
    let setting = environment.choose("--cloudwatch-logs-endpoint", &options.cloudwatch_logs_endpoint, &variables);
    setting.map_or(Ok(None), |setting| setting.endpoint(host, port, "does not keep logs"))
}

fn execution_log(options: &Serve, environment: &Environment<'_>) -> Option<ExecutionLog> {
    let setting = environment.choose("--execution-log", &options.execution_log, &["STEPWELL_EXECUTION_LOG"])?;
    Some(if setting.value == "-" { ExecutionLog::StandardOutput } else { ExecutionLog::File(setting.value.into()) })
}

/// The environment variables, and the settings of the file; an empty variable counts as unset.
struct Environment<'a> {
    variables: Vec<&'a (String, String)>,
    file: Vec<config_file::Entry>,
}

impl<'a> Environment<'a> {
    fn new(variables: &'a [(String, String)], file: &Option<String>, read: ReadFile<'_>) -> Result<Self, Refusal> {
        let variables = variables.iter().filter(|(_, value)| !value.is_empty()).collect();
        let mut environment = Self { variables, file: Vec::new() };
        // As AWS's SDKs do then, which look at no such variable.
        let ignored = environment.get("AWS_IGNORE_CONFIGURED_ENDPOINT_URLS");
        if ignored.is_some_and(|value| value.eq_ignore_ascii_case("true")) {
            environment.variables.retain(|(name, _)| !name.starts_with("AWS_ENDPOINT_URL"));
        }
        if let Some(file) = file.as_deref().or(environment.get("STEPWELL_CONFIG")).map(str::to_owned) {
            let text = read(&file).map_err(|problem| Refusal::File {
                file: file.clone(),
                problem: format!("can't be read: {problem}"),
            })?;
            environment.file = config_file::entries(&file, &text)?;
        }
        Ok(environment)
    }

    fn get(&self, name: &str) -> Option<&str> {
        self.setting(name).map(|setting| setting.value)
    }

    /// The variable, or what the file says in its place.
    fn setting(&self, name: &str) -> Option<Setting<'_>> {
        self.beginning_with(name).find(|setting| setting.name == name)
    }

    /// All variables whose names begin so, then all settings of the file that mean such variables.
    fn beginning_with(&self, start: &str) -> impl Iterator<Item = Setting<'_>> {
        let variables = self.variables.iter().map(|(name, value)| Setting { source: name, name, value });
        let file = self.file.iter().map(|e| Setting { source: &e.place, name: &e.variable, value: &e.value });
        variables.chain(file).filter(move |setting| setting.name.starts_with(start))
    }

    /// The flag if it was given, else the first of the variables that is set.
    fn choose<'b>(&'b self, flag: &'static str, given: &'b Option<String>, variables: &[&str]) -> Option<Setting<'b>> {
        if let Some(value) = given {
            return Some(Setting { source: flag, name: flag, value });
        }
        variables.iter().find_map(|name| self.setting(name))
    }
}

/// A value that may be a URL as it can be shown to anybody.
fn without_password(value: &str) -> String {
    match value.rsplit_once('@') {
        None => value.to_owned(),
        Some((before, after)) => {
            let scheme = before.split_once("://").map_or(String::new(), |(scheme, _)| format!("{scheme}://"));
            format!("{scheme}***@{after}")
        }
    }
}

impl Setting<'_> {
    fn refuse(&self, problem: &str) -> Refusal {
        Refusal::Value { name: self.source.into(), value: without_password(self.value), problem: problem.to_owned() }
    }

    /// The endpoint, unless it is this server itself: an error for a setting that is about one service, nothing for
    /// `AWS_ENDPOINT_URL`.
    fn endpoint(&self, host: IpAddr, port: u16, problem: &str) -> Result<Option<Endpoint>, Refusal> {
        let endpoint = Endpoint::parse(self.value).map_err(|problem| self.refuse(&problem.to_string()))?;
        match endpoint.leads_to(host, port) {
            false => Ok(Some(endpoint)),
            true if self.name == "AWS_ENDPOINT_URL" => Ok(None),
            true => Err(self.refuse(&format!("is the address of Stepwell itself, which {problem}"))),
        }
    }

    fn parse<T: std::str::FromStr>(&self, problem: &str) -> Result<T, Refusal> {
        self.value.trim().parse().map_err(|_| self.refuse(problem))
    }
}

/// The part of clap's message that says what is wrong.
fn first_sentence(problem: &clap::Error) -> String {
    let text = problem.render().to_string();
    let paragraph = text.split("\n\n").next().unwrap_or_default();
    let words: Vec<&str> = paragraph.trim_start_matches("error: ").split_whitespace().collect();
    words.join(" ")
}

#[cfg(test)]
mod tests;
