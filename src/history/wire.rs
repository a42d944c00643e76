//! Events as the API shows them (`HistoryEvent`): JSON written straight from the typed event.
//!
//! Source for members and their presence: the recordings, and the service model for types that none shows.

use super::{Event, EventId, EventKind, Iteration, Named, TaskKind, Told};
use crate::json::{Value, write_string};
use crate::quota;
use smol_str::SmolStr;
use std::fmt::Write;

/// Whether input, output and parameters are shown (`includeExecutionData`).
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum ExecutionData {
    /// as text
    Included,
    /// left out
    LeftOut,
}

/// Appends the event with this id as a JSON object.
pub fn write_event(id: EventId, event: &Event, data: ExecutionData, out: &mut String) {
    let mut object = Writer { out, data, form: Form::Event, first: true };
    object.out.push('{');
    object.number("id", u64::from(id));
    object.number("previousEventId", u64::from(event.previous));
    object.seconds("timestamp", event.timestamp.millis());
    object.text("type", event.kind.name());
    details(&event.kind, &mut object);
    object.out.push('}');
}

/// Appends the details of an event as logs show them: an object of their own, in which large data is cut off.
/// That the details of events without any are empty is a guess, and so is that numbers in them are numbers.
pub fn write_logged_details(kind: &EventKind, data: ExecutionData, out: &mut String) {
    let begin = out.len();
    details(kind, &mut Writer { out, data, form: Form::Log, first: true });
    if out.len() == begin {
        out.push_str("{}");
    }
}

fn details(kind: &EventKind, object: &mut Writer<'_>) {
    match kind {
        EventKind::ExecutionStarted(started) => object.nested("executionStartedEventDetails", |d| {
            d.payload(Payload::INPUT, &started.input);
            d.text("roleArn", &started.role_arn);
            if let Some(with) = &started.with {
                d.optional_text("stateMachineAliasArn", &with.alias_arn);
                d.text("stateMachineVersionArn", &with.version_arn);
            }
        }),
        EventKind::ExecutionSucceeded { output } => output_only(object, "executionSucceededEventDetails", output),
        EventKind::ExecutionFailed(told) => told_only(object, "executionFailedEventDetails", told),
        EventKind::ExecutionAborted(told) => told_only(object, "executionAbortedEventDetails", told),
        EventKind::ExecutionTimedOut(told) => told_only(object, "executionTimedOutEventDetails", told),
        EventKind::ExecutionRedriven { redrive_count } => {
            object.nested("executionRedrivenEventDetails", |d| d.number("redriveCount", u64::from(*redrive_count)));
        }
        EventKind::StateEntered(_, named) => state(object, "stateEnteredEventDetails", Payload::INPUT, named),
        EventKind::StateExited(_, named) => state(object, "stateExitedEventDetails", Payload::OUTPUT, named),
        EventKind::StateExitedAssigning(_, assigning) => object.nested("stateExitedEventDetails", |d| {
            d.text("name", &assigning.exited.name);
            d.payload(Payload::OUTPUT, &assigning.exited.value);
            d.variables(&assigning.variables);
        }),
        EventKind::EvaluationFailed(failed) => object.nested("evaluationFailedEventDetails", |d| {
            d.told(&failed.told);
            d.optional_text("location", &failed.location);
            d.text("state", &failed.state);
        }),
        EventKind::ActivityScheduled(scheduled) => object.nested("activityScheduledEventDetails", |d| {
            d.text("resource", &scheduled.resource);
            d.payload(Payload::INPUT, &scheduled.input);
            d.optional_number("timeoutInSeconds", scheduled.timeout_seconds);
            d.optional_number("heartbeatInSeconds", scheduled.heartbeat_seconds);
        }),
        EventKind::ActivityStarted { worker_name } => {
            object.nested("activityStartedEventDetails", |d| d.optional_text("workerName", worker_name));
        }
        EventKind::ActivitySucceeded { output } => output_only(object, "activitySucceededEventDetails", output),
        EventKind::ActivityFailed(told) => told_only(object, "activityFailedEventDetails", told),
        EventKind::ActivityTimedOut(told) => told_only(object, "activityTimedOutEventDetails", told),
        EventKind::LambdaFunctionScheduled(scheduled) => object.nested("lambdaFunctionScheduledEventDetails", |d| {
            d.text("resource", &scheduled.resource);
            d.payload(Payload::INPUT, &scheduled.input);
            d.optional_number("timeoutInSeconds", scheduled.timeout_seconds);
            d.task_credentials(&scheduled.role_arn);
        }),
        EventKind::LambdaFunctionSucceeded { output } => {
            output_only(object, "lambdaFunctionSucceededEventDetails", output);
        }
        EventKind::LambdaFunctionFailed(told) => told_only(object, "lambdaFunctionFailedEventDetails", told),
        EventKind::LambdaFunctionTimedOut(told) => told_only(object, "lambdaFunctionTimedOutEventDetails", told),
        EventKind::TaskScheduled(scheduled) => object.nested("taskScheduledEventDetails", |d| {
            d.task(&scheduled.task);
            d.text("region", &scheduled.region);
            d.parameters(&scheduled.parameters);
            d.optional_number("timeoutInSeconds", scheduled.timeout_seconds);
            d.optional_number("heartbeatInSeconds", scheduled.heartbeat_seconds);
            d.task_credentials(&scheduled.role_arn);
        }),
        EventKind::TaskStarted(task) => object.nested("taskStartedEventDetails", |d| d.task(task)),
        EventKind::TaskSubmitted(task, output) => task_output(object, "taskSubmittedEventDetails", task, output),
        EventKind::TaskSucceeded(task, output) => task_output(object, "taskSucceededEventDetails", task, output),
        EventKind::TaskFailed(task, told) => task_told(object, "taskFailedEventDetails", task, told),
        EventKind::TaskTimedOut(task, told) => task_told(object, "taskTimedOutEventDetails", task, told),
        EventKind::MapStateStarted { length } => {
            object.nested("mapStateStartedEventDetails", |d| d.number("length", u64::from(*length)));
        }
        EventKind::MapIterationStarted(it) => iteration(object, "mapIterationStartedEventDetails", it),
        EventKind::MapIterationSucceeded(it) => iteration(object, "mapIterationSucceededEventDetails", it),
        EventKind::MapIterationFailed(it) => iteration(object, "mapIterationFailedEventDetails", it),
        EventKind::MapIterationAborted(it) => iteration(object, "mapIterationAbortedEventDetails", it),
        EventKind::MapRunStarted { map_run_arn } => {
            object.nested("mapRunStartedEventDetails", |d| d.text("mapRunArn", map_run_arn));
        }
        EventKind::MapRunFailed(told) => told_only(object, "mapRunFailedEventDetails", told),
        EventKind::MapRunRedriven(redriven) => object.nested("mapRunRedrivenEventDetails", |d| {
            d.text("mapRunArn", &redriven.map_run_arn);
            d.number("redriveCount", u64::from(redriven.redrive_count));
        }),
        EventKind::StateAborted(_)
        | EventKind::MapRunSucceeded
        | EventKind::MapRunAborted
        | EventKind::LambdaFunctionStarted
        | EventKind::ParallelStateStarted
        | EventKind::ParallelStateSucceeded
        | EventKind::ParallelStateFailed
        | EventKind::MapStateSucceeded
        | EventKind::MapStateFailed => {}
    }
}

fn output_only(object: &mut Writer<'_>, member: &'static str, output: &Value) {
    object.nested(member, |d| d.payload(Payload::OUTPUT, output));
}

fn told_only(object: &mut Writer<'_>, member: &'static str, told: &Told) {
    object.nested(member, |d| d.told(told));
}

fn state(object: &mut Writer<'_>, member: &'static str, payload: Payload, named: &Named) {
    object.nested(member, |d| {
        d.text("name", &named.name);
        d.payload(payload, &named.value);
    });
}

fn task_output(object: &mut Writer<'_>, member: &'static str, task: &TaskKind, output: &Value) {
    object.nested(member, |d| {
        d.task(task);
        d.payload(Payload::OUTPUT, output);
    });
}

fn task_told(object: &mut Writer<'_>, member: &'static str, task: &TaskKind, told: &Told) {
    object.nested(member, |d| {
        d.task(task);
        d.told(told);
    });
}

fn iteration(object: &mut Writer<'_>, member: &'static str, iteration: &Iteration) {
    object.nested(member, |d| {
        d.text("name", &iteration.name);
        d.number("index", u64::from(iteration.index));
    });
}

/// A member that holds JSON text, with the member that says whether it was cut off, which happens only in logs.
struct Payload {
    member: &'static str,
    details: &'static str,
}

impl Payload {
    const INPUT: Payload = Payload { member: "input", details: "inputDetails" };
    const OUTPUT: Payload = Payload { member: "output", details: "outputDetails" };
}

/// Where details are written.
#[derive(Clone, Copy, PartialEq, Eq)]
enum Form {
    /// inside an event, as a member with a name
    Event,
    /// in a log, by themselves
    Log,
    /// inside those
    LoggedMembers,
}

/// Writes the members of one JSON object.
struct Writer<'a> {
    out: &'a mut String,
    data: ExecutionData,
    form: Form,
    first: bool,
}

impl Writer<'_> {
    /// Begins a member; the names are ours and need no escaping.
    fn member(&mut self, name: &'static str) {
        self.out.push_str(if self.first { "\"" } else { ",\"" });
        self.out.push_str(name);
        self.out.push_str("\":");
        self.first = false;
    }

    fn text(&mut self, name: &'static str, text: &str) {
        self.member(name);
        write_string(text, self.out);
    }

    fn optional_text(&mut self, name: &'static str, text: &Option<SmolStr>) {
        if let Some(text) = text {
            self.text(name, text);
        }
    }

    fn number(&mut self, name: &'static str, number: u64) {
        self.member(name);
        write!(self.out, "{number}").expect("a String takes everything");
    }

    fn optional_number(&mut self, name: &'static str, number: Option<u64>) {
        if let Some(number) = number {
            self.number(name, number);
        }
    }

    fn seconds(&mut self, name: &'static str, millis: i64) {
        self.member(name);
        write!(self.out, "{}.{:03}", millis.div_euclid(1000), millis.rem_euclid(1000))
            .expect("a String takes everything");
    }

    fn nested(&mut self, name: &'static str, members: impl FnOnce(&mut Writer<'_>)) {
        let form = if self.form == Form::Log {
            Form::LoggedMembers
        } else {
            self.member(name);
            self.form
        };
        self.out.push('{');
        members(&mut Writer { out: self.out, data: self.data, form, first: true });
        self.out.push('}');
    }

    fn payload(&mut self, payload: Payload, value: &Value) {
        if self.data == ExecutionData::Included {
            let is_cut = self.data_text(payload.member, &value.to_text());
            self.member(payload.details);
            self.out.push_str(if is_cut { "{\"truncated\":true}" } else { "{\"truncated\":false}" });
        }
    }

    /// That parameters are cut off like inputs is a guess: nothing beside them could say so.
    fn parameters(&mut self, parameters: &Value) {
        if self.data == ExecutionData::Included {
            self.data_text("parameters", &parameters.to_text());
        }
    }

    /// Writes a text, in a log as much of it as fits; whether it was cut off.
    fn data_text(&mut self, name: &'static str, text: &str) -> bool {
        self.member(name);
        let begin = self.out.len() + 1;
        write_string(text, self.out);
        if self.form == Form::Event || self.out.len() - begin <= quota::LOGGED_PAYLOAD_BYTES {
            return false;
        }
        let cut = whole_escapes(&self.out[begin..], quota::LOGGED_PAYLOAD_BYTES);
        self.out.truncate(begin + cut);
        self.out.push('"');
        true
    }

    /// Each variable is shown as the text of its value.
    fn variables(&mut self, variables: &Value) {
        if self.data == ExecutionData::LeftOut {
            return;
        }
        self.nested("assignedVariables", |d| {
            for (name, value) in variables.as_object().into_iter().flat_map(|variables| variables.iter()) {
                d.named_text(name, &value.to_compact_text());
            }
        });
        self.member("assignedVariablesDetails");
        self.out.push_str("{\"truncated\":false}");
    }

    /// A member with a name that is not ours.
    fn named_text(&mut self, name: &str, text: &str) {
        self.out.push_str(if self.first { "" } else { "," });
        self.first = false;
        write_string(name, self.out);
        self.out.push(':');
        write_string(text, self.out);
    }

    fn task(&mut self, task: &TaskKind) {
        self.text("resourceType", &task.resource_type);
        self.text("resource", &task.resource);
    }

    fn task_credentials(&mut self, role_arn: &Option<SmolStr>) {
        if let Some(role_arn) = role_arn {
            self.nested("taskCredentials", |d| d.text("roleArn", role_arn));
        }
    }

    fn told(&mut self, told: &Told) {
        self.optional_text("error", &told.error);
        self.optional_text("cause", &told.cause);
    }
}

/// How much of an escaped text fits into so many bytes without breaking off inside a character.
fn whole_escapes(escaped: &str, most: usize) -> usize {
    let mut end = 0;
    let mut rest = escaped;
    while let Some(first) = rest.chars().next() {
        let length = match first {
            '\\' if rest[1..].starts_with('u') => 6,
            '\\' => 2,
            other => other.len_utf8(),
        };
        if end + length > most {
            break;
        }
        end += length;
        rest = &escaped[end..];
    }
    end
}

#[cfg(test)]
mod tests {
    use super::super::{ExecutionStarted, StateType};
    use super::*;
    use crate::timestamp::Timestamp;

    fn written(kind: EventKind, data: ExecutionData) -> String {
        let mut out = String::new();
        write_event(
            2,
            &Event { timestamp: Timestamp::from_millis(1_711_000_000_050), previous: 1, kind },
            data,
            &mut out,
        );
        out
    }

    #[test]
    fn an_event_shows_its_values_as_text() {
        let entered = |value| EventKind::StateEntered(StateType::Task, Named { name: "A".into(), value });
        let value = Value::parse(r#"{"a": "\n"}"#).expect("valid JSON");
        assert_eq!(
            written(entered(value.clone()), ExecutionData::Included),
            r#"{"id":2,"previousEventId":1,"timestamp":1711000000.050,"type":"TaskStateEntered","stateEnteredEventDetails":{"name":"A","input":"{\"a\": \"\\n\"}","inputDetails":{"truncated":false}}}"#
        );
        assert!(
            written(entered(value), ExecutionData::LeftOut).ends_with(r#""stateEnteredEventDetails":{"name":"A"}}"#)
        );
    }

    #[test]
    fn what_is_not_known_is_left_out_but_its_details_stay() {
        assert!(
            written(EventKind::ExecutionFailed(Told::default()), ExecutionData::Included)
                .ends_with(r#""executionFailedEventDetails":{}}"#)
        );
        assert!(
            written(EventKind::LambdaFunctionStarted, ExecutionData::Included)
                .ends_with(r#""type":"LambdaFunctionStarted"}"#)
        );
    }

    #[test]
    fn a_log_shows_the_details_alone() {
        let logged = |kind: EventKind, data| {
            let mut out = String::new();
            write_logged_details(&kind, data, &mut out);
            out
        };
        let started = EventKind::ExecutionStarted(Box::new(ExecutionStarted {
            input: Value::empty_object(),
            role_arn: "r".into(),
            with: None,
        }));
        let whole = r#"{"input":"{}","inputDetails":{"truncated":false},"roleArn":"r"}"#;
        assert_eq!(logged(started.clone(), ExecutionData::Included), whole);
        assert_eq!(logged(started, ExecutionData::LeftOut), r#"{"roleArn":"r"}"#);
        assert_eq!(logged(EventKind::MapStateFailed, ExecutionData::Included), "{}");
        let output = Value::from("\n".repeat(quota::LOGGED_PAYLOAD_BYTES / 2));
        let details = logged(EventKind::ExecutionSucceeded { output: output.clone() }, ExecutionData::Included);
        assert!(details.ends_with("n\",\"outputDetails\":{\"truncated\":true}}"));
        assert_eq!(
            details.len(),
            quota::LOGGED_PAYLOAD_BYTES + r#"{"output":"","outputDetails":{"truncated":true}}"#.len()
        );
        assert!(
            written(EventKind::ExecutionSucceeded { output }, ExecutionData::Included).contains(r#""truncated":false"#)
        );
    }

    #[test]
    fn what_is_cut_off_is_cut_between_characters() {
        for (escaped, most, fits) in [
            ("abc", 2, "ab"),
            ("abc", 3, "abc"),
            (r"a\\nb", 2, "a"),
            (r"a\\nb", 3, r"a\\"),
            (r#"a\"b"#, 3, r#"a\""#),
            (r"\u001fb", 5, ""),
            (r"\u001fb", 6, r"\u001f"),
            ("äb", 1, ""),
        ] {
            assert_eq!(&escaped[..whole_escapes(escaped, most)], fits, "{escaped} {most}");
        }
    }
}
