//! What requests say of a state machine besides its definition, and what answers show of it.

use crate::arn::Arn;
use crate::asl::{self, MachineType, Program};
use crate::operations::Call;
use crate::operations::error::{Error, LoggingProblem};
use crate::operations::model::{ARN, IncludedData};
use crate::protocol::{Encode, Named, Rule, write_name};
use crate::registry::{Encryption, LogLevel, Logging, StateMachine};
use smol_str::SmolStr;
use std::borrow::Cow;
use std::sync::Arc;

crate::protocol::words! {
    /// `type`
    pub enum StateMachineType {
        /// durable
        Standard = "STANDARD",
        /// short
        Express = "EXPRESS",
    }
}

impl From<StateMachineType> for MachineType {
    fn from(value: StateMachineType) -> Self {
        match value {
            StateMachineType::Standard => MachineType::Standard,
            StateMachineType::Express => MachineType::Express,
        }
    }
}

/// The word for a type.
pub fn type_name(machine_type: MachineType) -> &'static str {
    match machine_type {
        MachineType::Standard => StateMachineType::Standard.name(),
        MachineType::Express => StateMachineType::Express.name(),
    }
}

/// The definition as answers show it; without data it is an empty object.
pub fn shown_definition(machine: &StateMachine, included_data: Option<IncludedData>) -> Arc<str> {
    match included_data {
        Some(IncludedData::MetadataOnly) => "{}".into(),
        Some(IncludedData::AllData) | None => machine.definition.clone(),
    }
}

crate::protocol::words! {
    /// `level`
    pub enum Level {
        /// everything
        All = "ALL",
        /// failures
        Error = "ERROR",
        /// failures of whole executions
        Fatal = "FATAL",
        /// nothing
        Off = "OFF",
    }
}

crate::protocol::shape! {
    /// Where logs go to.
    pub struct LogDestination<'a> {
        /// a log group
        log_group: Option<LogGroup<'a>> = "cloudWatchLogsLogGroup", Rule::Structure(LogGroup::MEMBERS);
    }
}

crate::protocol::shape! {
    /// A log group.
    pub struct LogGroup<'a> {
        /// its ARN
        arn: Option<Cow<'a, str>> = "logGroupArn", ARN;
    }
}

crate::protocol::shape! {
    /// What is logged, and where to.
    pub struct LoggingConfiguration<'a> {
        /// which events
        level: Option<Level> = "level", Rule::OneOf(Level::WORDS);
        /// whether with their data
        include_execution_data: Option<bool> = "includeExecutionData", Rule::Boolean;
        /// where to
        destinations: Option<Vec<LogDestination<'a>>> = "destinations", Rule::List(&Rule::Structure(LogDestination::MEMBERS));
    }
}

/// What a definition says, if it is a good one.
pub fn parse(definition: &str, machine_type: MachineType) -> Result<Arc<Program>, Error> {
    let parsed = asl::parse(definition, machine_type);
    match parsed.program {
        Some(program) if parsed.diagnostics.is_empty() => Ok(Arc::new(program)),
        _ => Err(Error::InvalidDefinition(asl::describe(&parsed.diagnostics))),
    }
}

/// Refuses a log group that CloudWatch Logs doesn't have, if there is an endpoint that knows. That this comes after all
/// other checks is a guess.
pub async fn check_log_group(call: &Call<'_>, logging: &Logging) -> Result<(), Error> {
    let destination = logging.destinations.iter().flatten().flatten().next();
    match destination.filter(|_| logging.level != LogLevel::Off) {
        Some(arn) if call.emulator.logs.is_missing(arn).await => {
            Err(Error::InvalidLoggingConfiguration(LoggingProblem::NotFound))
        }
        _ => Ok(()),
    }
}

/// Says what a configuration asks for that is kept and shown but never done.
pub fn say_what_has_no_effect(arn: &str, tracing: bool, encryption: Option<&Encryption>) {
    if tracing {
        tracing::warn!(state_machine = arn, "X-Ray traces are not sent");
    }
    if let Some(Encryption::CustomerManagedKmsKey { key_id, .. }) = encryption {
        tracing::warn!(state_machine = arn, key = %key_id, "nothing is encrypted, the key is not looked up");
    }
}

/// `arn:aws:logs:us-east-1:123456789012:log-group:name`, and whatever follows.
fn is_log_group(arn: &str) -> bool {
    Arn::parse(arn).is_some_and(|arn| {
        let name = arn.resource.strip_prefix("log-group:").and_then(|rest| rest.split(':').next());
        arn.service == "logs"
            && !arn.region.is_empty()
            && !arn.account.is_empty()
            && name.is_some_and(|n| !n.is_empty() && n != "*")
    })
}

impl LoggingConfiguration<'_> {
    /// The configuration to keep for the state machine with this ARN, after AWS's checks. With level `OFF` everything is
    /// taken, as recorded.
    pub fn understood(self, machine_arn: &str) -> Result<Logging, Error> {
        let level = match self.level {
            Some(Level::All) => LogLevel::All,
            Some(Level::Error) => LogLevel::Error,
            Some(Level::Fatal) => LogLevel::Fatal,
            Some(Level::Off) | None => LogLevel::Off,
        };
        let destinations: Option<Vec<Option<SmolStr>>> = self.destinations.map(|destinations| {
            destinations.into_iter().map(|d| d.log_group.and_then(|group| group.arn).map(SmolStr::from)).collect()
        });
        if level != LogLevel::Off {
            let problem = match destinations.as_deref() {
                Some([Some(arn)]) if !is_log_group(arn) => Some(LoggingProblem::NotALogGroup),
                Some([Some(arn)]) if !arn.ends_with(":*") => Some(LoggingProblem::NoQualifier),
                Some([Some(_)]) if !machine_arn.bytes().all(|b| b.is_ascii_alphanumeric() || b"./-_:".contains(&b)) => {
                    Some(LoggingProblem::StateMachineArn(machine_arn.into()))
                }
                Some([Some(_)]) => None,
                Some([None]) => Some(LoggingProblem::NoLogGroup),
                _ => Some(LoggingProblem::NotOneDestination),
            };
            if let Some(problem) = problem {
                return Err(Error::InvalidLoggingConfiguration(problem));
            }
        }
        Ok(Logging { level, include_execution_data: self.include_execution_data.unwrap_or_default(), destinations })
    }
}

impl Encode for Logging {
    fn write(&self, out: &mut String) {
        let level = match self.level {
            LogLevel::All => Level::All,
            LogLevel::Error => Level::Error,
            LogLevel::Fatal => Level::Fatal,
            LogLevel::Off => Level::Off,
        };
        let mut first = true;
        out.push('{');
        write_name("level", &mut first, out);
        level.name().write(out);
        write_name("includeExecutionData", &mut first, out);
        self.include_execution_data.write(out);
        if let Some(destinations) = &self.destinations {
            write_name("destinations", &mut first, out);
            destinations.iter().map(|arn| Destination(arn.as_ref())).collect::<Vec<_>>().write(out);
        }
        out.push('}');
    }
}

struct Destination<'d>(Option<&'d SmolStr>);

impl Encode for Destination<'_> {
    fn write(&self, out: &mut String) {
        let Some(arn) = self.0 else { return out.push_str("{}") };
        out.push_str(r#"{"cloudWatchLogsLogGroup":{"logGroupArn":"#);
        arn.write(out);
        out.push_str("}}");
    }
}

crate::protocol::shape! {
    /// Whether X-Ray traces are sent.
    pub struct TracingConfiguration {
        /// whether they are
        enabled: Option<bool> = "enabled", Rule::Boolean;
    }
}

impl TracingConfiguration {
    /// Whether traces are sent. That it must be said follows from the API reference.
    pub fn understood(self) -> Result<bool, Error> {
        self.enabled.ok_or(Error::InvalidTracingConfiguration)
    }
}

/// `tracingConfiguration` in an answer.
#[derive(Clone, Copy, Debug)]
pub struct Tracing(pub bool);

impl Encode for Tracing {
    fn write(&self, out: &mut String) {
        out.push_str(if self.0 { r#"{"enabled":true}"# } else { r#"{"enabled":false}"# });
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::protocol::read;

    #[test]
    fn a_level_other_than_off_needs_one_log_group() {
        let group = |arn: &str| format!(r#"{{"cloudWatchLogsLogGroup":{{"logGroupArn":"{arn}"}}}}"#);
        let good = group("arn:aws:logs:us-east-1:123456789012:log-group:g:*");
        for (level, destinations, expected) in [
            ("ALL", good.clone(), Ok(())),
            ("ALL", String::new(), Err("Must specify exactly one Log Destination.")),
            ("FATAL", format!("{good},{good}"), Err("Must specify exactly one Log Destination.")),
            ("ERROR", "{}".to_owned(), Err("Must set valid CloudWatch Log Group ARN.")),
            (
                "ALL",
                group("arn:aws:logs:us-east-1:123456789012:log-group:*"),
                Err("Provided ARN is not CloudWatch Logs Log Group ARN."),
            ),
            ("ALL", group("arn:aws:s3:::b:*"), Err("Provided ARN is not CloudWatch Logs Log Group ARN.")),
            (
                "ALL",
                group("arn:aws:logs:us-east-1:123456789012:log-group:g"),
                Err("Log Group ARN must be provided with '*' qualifier."),
            ),
            ("OFF", format!("{good},{{}}"), Ok(())),
        ] {
            let body = format!(r#"{{"level":"{level}","destinations":[{destinations}]}}"#);
            let configuration: LoggingConfiguration<'_> = read(body.as_bytes()).expect("a configuration");
            let understood = configuration
                .understood("arn:aws:states:us-east-1:123456789012:stateMachine:m")
                .map(|_| ())
                .map_err(|error| error.to_string());
            assert_eq!(understood, expected.map_err(|text| format!("Invalid Logging Configuration: {text}")), "{body}");
        }
    }

    #[test]
    fn what_was_given_is_shown() {
        for (given, shown) in [
            ("{}", r#"{"level":"OFF","includeExecutionData":false}"#),
            (r#"{"destinations":[]}"#, r#"{"level":"OFF","includeExecutionData":false,"destinations":[]}"#),
            (
                r#"{"level":"OFF","includeExecutionData":true,"destinations":[{"cloudWatchLogsLogGroup":{"logGroupArn":"a"}}]}"#,
                r#"{"level":"OFF","includeExecutionData":true,"destinations":[{"cloudWatchLogsLogGroup":{"logGroupArn":"a"}}]}"#,
            ),
        ] {
            let configuration: LoggingConfiguration<'_> = read(given.as_bytes()).expect("a configuration");
            let mut out = String::new();
            configuration.understood("テスト").expect("valid").write(&mut out);
            assert_eq!(out, shown);
        }
    }
}
