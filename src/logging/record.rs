//! What a log says of an event: which events belong to a level, and how one is written. No I/O.
//!
//! Source: records of executions that AWS logged, and AWS's table of levels in "Logging using CloudWatch Logs".

use crate::history::wire::{ExecutionData, write_logged_details};
use crate::history::{Event, EventId, EventKind, StateType};
use crate::json::write_string;
use crate::registry::{LogLevel, Logging};
use std::fmt::Write;

/// Whether events of this kind are logged at this level. Types that are newer than AWS's table are failures by their name.
pub fn is_logged(level: LogLevel, kind: &EventKind) -> bool {
    match level {
        LogLevel::All => true,
        LogLevel::Off => false,
        LogLevel::Fatal => matches!(
            kind,
            EventKind::ExecutionFailed(_) | EventKind::ExecutionTimedOut(_) | EventKind::ExecutionAborted(_)
        ),
        LogLevel::Error => {
            let is_failure = |name: &str| ["Failed", "TimedOut", "Aborted"].iter().any(|end| name.ends_with(end));
            matches!(kind, EventKind::StateEntered(StateType::Fail, _)) || is_failure(kind.name())
        }
    }
}

/// The record of an event.
pub fn record(logging: &Logging, execution_arn: &str, redrives: u32, id: EventId, event: &Event) -> String {
    let data = if logging.include_execution_data { ExecutionData::Included } else { ExecutionData::LeftOut };
    let mut out = String::with_capacity(320);
    let written = "a String takes everything";
    write!(out, "{{\"id\":\"{id}\",\"type\":\"{}\",\"details\":", event.kind.name()).expect(written);
    write_logged_details(&event.kind, data, &mut out);
    write!(
        out,
        ",\"previous_event_id\":\"{}\",\"event_timestamp\":\"{}\",\"execution_arn\":",
        event.previous,
        event.timestamp.millis()
    )
    .expect(written);
    write_string(execution_arn, &mut out);
    write!(out, ",\"redrive_count\":\"{redrives}\"}}").expect(written);
    out
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::history::{Iteration, Named, Told};
    use crate::json::Value;
    use crate::timestamp::Timestamp;

    fn entered(state_type: StateType) -> EventKind {
        EventKind::StateEntered(state_type, Named { name: "A".into(), value: Value::empty_object() })
    }

    fn logged(kind: EventKind, include_execution_data: bool) -> String {
        let logging = Logging { level: LogLevel::All, include_execution_data, destinations: None };
        let event = Event { timestamp: Timestamp::from_millis(1_711_000_000_050), previous: 1, kind };
        record(&logging, "arn:e", 0, 2, &event)
    }

    #[test]
    fn a_level_decides_which_events_are_logged() {
        let iteration = || Iteration { name: "A".into(), index: 0 };
        for (kind, levels) in [
            (EventKind::ExecutionFailed(Told::default()), "ALL ERROR FATAL"),
            (EventKind::ExecutionTimedOut(Told::default()), "ALL ERROR FATAL"),
            (EventKind::ExecutionAborted(Told::default()), "ALL ERROR FATAL"),
            (EventKind::ExecutionSucceeded { output: Value::Null }, "ALL"),
            (entered(StateType::Fail), "ALL ERROR"),
            (entered(StateType::Pass), "ALL"),
            (EventKind::LambdaFunctionTimedOut(Told::default()), "ALL ERROR"),
            (EventKind::ActivityFailed(Told::default()), "ALL ERROR"),
            (EventKind::ParallelStateFailed, "ALL ERROR"),
            (EventKind::ParallelStateStarted, "ALL"),
            (EventKind::StateAborted(StateType::Wait), "ALL ERROR"),
            (EventKind::MapIterationAborted(iteration()), "ALL ERROR"),
            (EventKind::MapIterationStarted(iteration()), "ALL"),
        ] {
            let all = [
                (LogLevel::All, "ALL"),
                (LogLevel::Error, "ERROR"),
                (LogLevel::Fatal, "FATAL"),
                (LogLevel::Off, "OFF"),
            ];
            let logged = all.iter().filter(|(level, _)| is_logged(*level, &kind)).map(|(_, name)| *name);
            assert_eq!(logged.collect::<Vec<_>>().join(" "), levels, "{}", kind.name());
        }
    }

    #[test]
    fn a_record_has_the_members_of_aws() {
        assert_eq!(
            logged(entered(StateType::Pass), true),
            r#"{"id":"2","type":"PassStateEntered","details":{"name":"A","input":"{}","inputDetails":{"truncated":false}},"previous_event_id":"1","event_timestamp":"1711000000050","execution_arn":"arn:e","redrive_count":"0"}"#
        );
        assert_eq!(
            logged(entered(StateType::Pass), false),
            r#"{"id":"2","type":"PassStateEntered","details":{"name":"A"},"previous_event_id":"1","event_timestamp":"1711000000050","execution_arn":"arn:e","redrive_count":"0"}"#
        );
        let told = Told { error: Some("E".into()), cause: Some("why".into()) };
        assert!(
            logged(EventKind::ExecutionFailed(told), false).contains(r#""details":{"error":"E","cause":"why"}"#),
            "errors are no data"
        );
    }
}
