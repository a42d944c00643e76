//! Histories, event by event: a definition and an input go in, lines such as `3 TaskStateExited <2` come out.
//!
//! Calls are answered by a script, timers run down in order on a virtual clock, workers take their tasks at once.

use super::*;
use crate::asl::{MachineType, parse};
use crate::history::wire::{ExecutionData, write_event};
use std::collections::BTreeMap;

/// What the world outside answers to the n-th call, activity tasks included.
type Script = fn(usize, &Value) -> Result<Value, Failure>;

/// An execution on a virtual clock, with everything that was signalled to it.
struct World {
    execution: Execution,
    now: Timestamp,
    timers: BTreeMap<(Timestamp, TimerId), TimerKind>,
    calls: usize,
    script: Script,
    signals: Vec<(Timestamp, Vec<Signal>)>,
}

fn program(definition: &str) -> Arc<Program> {
    let parsed = parse(definition, MachineType::Standard);
    Arc::new(parsed.program.unwrap_or_else(|| panic!("{definition}: {:?}", parsed.diagnostics)))
}

fn identity(input: &str) -> Identity {
    Identity {
        arn: "arn:aws:states:us-east-1:123456789012:execution:m:e".into(),
        name: "e".into(),
        role_arn: "arn:aws:iam::123456789012:role/r".into(),
        machine_arn: "arn:aws:states:us-east-1:123456789012:stateMachine:m".into(),
        machine_name: "m".into(),
        region: "us-east-1".into(),
        start_date: Timestamp::from_millis(1_700_000_000_000),
        input: Value::parse(input).expect("valid JSON"),
    }
}

impl World {
    fn new(program: Arc<Program>, input: &str, script: Script) -> World {
        let identity = identity(input);
        let now = identity.start_date;
        let execution = Execution::new(program, identity, 7);
        World { execution, now, timers: BTreeMap::new(), calls: 0, script, signals: Vec::new() }
    }

    fn apply(&mut self, signals: Vec<Signal>) {
        self.signals.push((self.now, signals.clone()));
        let actions = self.execution.apply(self.now, signals);
        let mut answers = Vec::new();
        for action in actions {
            match action {
                Action::SetTimer { timer, at, kind } => {
                    self.timers.insert((at, timer), kind);
                }
                Action::ClearTimer(timer) => self.timers.retain(|(_, t), _| *t != timer),
                Action::FindActivity { task, activity_arn } if activity_arn.ends_with(":missing") => {
                    answers.push(Signal::ActivityMissing(task));
                }
                Action::FindActivity { task, .. } => answers.push(Signal::ActivityFound(task)),
                Action::OfferTask { task, input, .. } => {
                    self.calls += 1;
                    let result = (self.script)(self.calls, &input);
                    if result != Err(NEVER) {
                        answers.push(Signal::WorkerStarted { task, worker_name: None });
                        answers.push(Signal::TaskReported { task, result });
                    }
                }
                Action::Invoke { task, invocation } => {
                    self.calls += 1;
                    let input = match invocation {
                        Invocation::LambdaFunction { input, .. } => input,
                        Invocation::LambdaInvoke { parameters } => parameters,
                    };
                    let result = (self.script)(self.calls, &input);
                    if result != Err(NEVER) {
                        answers.push(Signal::InvocationEnded { task, result });
                    }
                }
                Action::Continue => answers.push(Signal::Continue),
                Action::CancelTask(_) | Action::End => {}
            }
        }
        for answer in answers {
            self.apply(vec![answer]);
        }
    }

    /// Runs until nothing is left to wait for.
    fn run(mut self) -> World {
        self.apply(vec![Signal::Start]);
        while let Some(((at, _), _)) = self.timers.first_key_value() {
            self.now = *at;
            let mut due = Vec::new();
            while let Some(first) = self.timers.first_entry()
                && first.key().0 == self.now
            {
                due.push(Signal::TimerFired(first.remove_entry().0.1));
            }
            self.apply(due);
        }
        self
    }

    fn lines(&self) -> Vec<String> {
        let events = self.execution.history().events().iter();
        events.enumerate().map(|(i, event)| format!("{} {} <{}", i + 1, event.kind.name(), event.previous)).collect()
    }

    fn written(&self) -> String {
        let mut out = String::new();
        for (i, event) in self.execution.history().events().iter().enumerate() {
            write_event(i as u32 + 1, event, ExecutionData::Included, &mut out);
            out.push('\n');
        }
        out
    }

    /// How it ended: the output, or error and cause.
    fn ending(&self) -> String {
        match self.execution.end().map(|(outcome, _)| outcome) {
            Some(Outcome::Succeeded(output)) => output.to_text(),
            Some(Outcome::Failed(told)) => {
                format!("{}: {}", told.error.as_deref().unwrap_or("-"), told.cause.as_deref().unwrap_or("-"))
            }
            Some(Outcome::TimedOut) => "timed out".into(),
            Some(Outcome::Aborted(_)) => "aborted".into(),
            None => "running".into(),
        }
    }

    fn seconds(&self) -> i64 {
        (self.now.millis() - self.execution.identity().start_date.millis()) / 1000
    }
}

/// The script's word for a call that never comes back.
const NEVER: Failure = Failure::Reported { error: None, cause: None };

fn answer_ok(_: usize, input: &Value) -> Result<Value, Failure> {
    Ok(input.clone())
}

fn answer_error(_: usize, _: &Value) -> Result<Value, Failure> {
    Err(Failure::reported("Boom", "it went boom"))
}

fn answer_never(_: usize, _: &Value) -> Result<Value, Failure> {
    Err(NEVER)
}

fn run(definition: &str, input: &str, script: Script) -> World {
    World::new(program(definition), input, script).run()
}

fn check(definition: &str, input: &str, script: Script, expected: &str, ending: &str) {
    let world = run(definition, input, script);
    let lines: Vec<&str> = expected.split_terminator('\n').map(str::trim).filter(|line| !line.is_empty()).collect();
    assert_eq!(world.lines(), lines, "{definition}\n{}", world.written());
    assert_eq!(world.ending(), ending, "{definition}");
}

const FUNCTION: &str = "arn:aws:lambda:us-east-1:123456789012:function:f";

fn one(state: &str) -> String {
    format!(r#"{{"StartAt":"A","States":{{"A":{state},"Z":{{"Type":"Pass","End":true}}}}}}"#)
        .replace("FUNCTION", FUNCTION)
        .replace(
            r#","Z":{"Type":"Pass","End":true}"#,
            if state.contains("\"Z\"") { r#","Z":{"Type":"Pass","End":true}"# } else { "" },
        )
}

#[test]
fn simple_states_enter_and_exit() {
    for (state, name, output) in [
        (r#"{"Type":"Pass","End":true}"#, "Pass", "{\"a\": 1}"),
        (r#"{"Type":"Succeed"}"#, "Succeed", "{\"a\": 1}"),
        (r#"{"Type":"Wait","Seconds":5,"End":true}"#, "Wait", "{\"a\": 1}"),
        (r#"{"Type":"Wait","Timestamp":"2001-01-01T00:00:00Z","End":true}"#, "Wait", "{\"a\": 1}"),
        (r#"{"Type":"Pass","Result":{"b":2},"ResultPath":"$.r","End":true}"#, "Pass", r#"{"a":1,"r":{"b":2}}"#),
        (r#"{"Type":"Pass","InputPath":null,"End":true}"#, "Pass", "{}"),
        (r#"{"Type":"Pass","OutputPath":"$.a","End":true}"#, "Pass", "1"),
    ] {
        let expected =
            format!("1 ExecutionStarted <0\n2 {name}StateEntered <0\n3 {name}StateExited <2\n4 ExecutionSucceeded <3");
        check(&one(state), "{\"a\": 1}", answer_ok, &expected, output);
    }
}

#[test]
fn a_fail_state_ends_the_execution() {
    let expected = "1 ExecutionStarted <0\n2 FailStateEntered <0\n3 ExecutionFailed <2";
    for (state, ending) in [
        (r#"{"Type":"Fail"}"#, "-: -"),
        (r#"{"Type":"Fail","Error":"E","Cause":"C"}"#, "E: C"),
        (r#"{"Type":"Fail","ErrorPath":"$.e","CausePath":"$$.Execution.Name"}"#, "Err: e"),
        (
            r#"{"Type":"Fail","ErrorPath":"$.nope"}"#,
            "States.Runtime: An error occurred while executing the state 'A' (entered at the event id #2). \
             The JSONPath '$.nope' specified for the field 'ErrorPath' could not be found in the input '{\"e\":\"Err\"}'",
        ),
    ] {
        check(&one(state), r#"{"e":"Err"}"#, answer_ok, expected, ending);
    }
}

#[test]
fn runtime_errors_name_the_state_and_its_first_event() {
    let prefix = "States.Runtime: An error occurred while executing the state 'A' (entered at the event id #2). ";
    for (state, name, problem) in [
        (r#"{"Type":"Pass","InputPath":"$.x","End":true}"#, "Pass", "Invalid path '$.x' : No results for path: $['x']"),
        (
            r#"{"Type":"Wait","SecondsPath":"$.x","End":true}"#,
            "Wait",
            "The SecondsPath parameter does not reference an input value: $.x",
        ),
        (
            r#"{"Type":"Wait","SecondsPath":"$.half","End":true}"#,
            "Wait",
            "The SecondsPath parameter cannot be parsed as a long value: $.half == 1.5",
        ),
        (
            r#"{"Type":"Wait","SecondsPath":"$.minus","End":true}"#,
            "Wait",
            "The SecondsPath parameter references a negative value: $.minus == -1",
        ),
        (
            r#"{"Type":"Wait","TimestampPath":"$.time","End":true}"#,
            "Wait",
            "The TimestampPath parameter does not reference a valid ISO-8601 extended offset date-time format string: $.time == 2016-12-05",
        ),
        (
            r#"{"Type":"Choice","Choices":[{"Variable":"$.x","NumericEquals":1,"Next":"Z"}],"Default":"Z"}"#,
            "Choice",
            "Invalid path '$.x': The choice state's condition path references an invalid value.",
        ),
        (
            r#"{"Type":"Choice","Choices":[{"Variable":"$.half","NumericEquals":1,"Next":"Z"}]}"#,
            "Choice",
            "Failed to transition out of the state. The state does not point to a next state.",
        ),
        (
            r#"{"Type":"Map","ItemProcessor":{"StartAt":"P","States":{"P":{"Type":"Pass","End":true}}},"End":true}"#,
            "Map",
            "Reference path \"$\" must point to array.",
        ),
    ] {
        let expected = format!("1 ExecutionStarted <0\n2 {name}StateEntered <0\n3 ExecutionFailed <2");
        let input = r#"{"half":1.5,"minus":-1,"time":"2016-12-05"}"#;
        check(&one(state), input, answer_ok, &expected, &format!("{prefix}{problem}"));
    }
}

#[test]
fn a_wait_takes_its_time_on_the_virtual_clock() {
    for (state, seconds) in [
        (r#"{"Type":"Wait","Seconds":3600,"End":true}"#, 3600),
        (r#"{"Type":"Wait","SecondsPath":"$.s","End":true}"#, 10),
        (r#"{"Type":"Wait","Timestamp":"2023-11-14T23:13:20Z","End":true}"#, 3600),
        (r#"{"Type":"Wait","Seconds":0,"End":true}"#, 0),
    ] {
        assert_eq!(run(&one(state), r#"{"s":10}"#, answer_ok).seconds(), seconds, "{state}");
    }
}

#[test]
fn a_function_is_called_and_its_result_goes_through_the_result_fields() {
    check(
        &one(r#"{"Type":"Task","Resource":"FUNCTION","ResultSelector":{"n.$":"$.n"},"ResultPath":"$.r","End":true}"#),
        r#"{"n":1}"#,
        answer_ok,
        "1 ExecutionStarted <0
         2 TaskStateEntered <0
         3 LambdaFunctionScheduled <2
         4 LambdaFunctionStarted <3
         5 LambdaFunctionSucceeded <4
         6 TaskStateExited <5
         7 ExecutionSucceeded <6",
        r#"{"n":1,"r":{"n":1}}"#,
    );
}

#[test]
fn an_error_after_the_work_ends_the_execution_whatever_is_caught() {
    check(
        &one(
            r#"{"Type":"Task","Resource":"FUNCTION","OutputPath":"$.no.such","Catch":[{"ErrorEquals":["States.ALL"],"Next":"Z"}],"Next":"Z"}"#,
        ),
        "{}",
        answer_ok,
        "1 ExecutionStarted <0
         2 TaskStateEntered <0
         3 LambdaFunctionScheduled <2
         4 LambdaFunctionStarted <3
         5 LambdaFunctionSucceeded <4
         6 ExecutionFailed <5",
        "States.Runtime: An error occurred while executing the state 'A' (entered at the event id #2). \
         Invalid path '$.no.such' : Missing property in path $['no']",
    );
}

#[test]
fn retries_leave_no_event_of_their_own_and_a_catch_exits_the_state() {
    let world = run(
        &one(
            r#"{"Type":"Task","Resource":"FUNCTION","Retry":[{"ErrorEquals":["Boom"],"IntervalSeconds":2,"MaxAttempts":2}],
                "Catch":[{"ErrorEquals":["States.ALL"],"ResultPath":"$.error","Next":"Z"}],"Next":"Z"}"#,
        ),
        r#"{"k":1}"#,
        answer_error,
    );
    assert_eq!(
        world.lines()[2..],
        [
            "3 LambdaFunctionScheduled <2",
            "4 LambdaFunctionStarted <3",
            "5 LambdaFunctionFailed <4",
            "6 LambdaFunctionScheduled <5",
            "7 LambdaFunctionStarted <6",
            "8 LambdaFunctionFailed <7",
            "9 LambdaFunctionScheduled <8",
            "10 LambdaFunctionStarted <9",
            "11 LambdaFunctionFailed <10",
            "12 TaskStateExited <11",
            "13 PassStateEntered <12",
            "14 PassStateExited <13",
            "15 ExecutionSucceeded <14"
        ]
    );
    assert_eq!(world.ending(), r#"{"k":1,"error":{"Error":"Boom","Cause":"it went boom"}}"#);
    assert_eq!(world.seconds(), 2 + 4);
}

#[test]
fn the_first_retrier_that_matches_decides_and_delays_are_capped() {
    for (retry, calls, seconds) in [
        (r#"[{"ErrorEquals":["Other"]},{"ErrorEquals":["Boom"],"MaxAttempts":1}]"#, 2, 1),
        (r#"[{"ErrorEquals":["Boom"],"MaxAttempts":0},{"ErrorEquals":["States.ALL"]}]"#, 1, 0),
        (r#"[{"ErrorEquals":["States.TaskFailed"],"BackoffRate":1.0}]"#, 4, 3),
        (
            r#"[{"ErrorEquals":["States.ALL"],"IntervalSeconds":10,"BackoffRate":3,"MaxDelaySeconds":20,"MaxAttempts":4}]"#,
            5,
            70,
        ),
        (r#"[{"ErrorEquals":["States.ALL"],"IntervalSeconds":0,"MaxAttempts":5}]"#, 6, 0),
        (r#"[{"ErrorEquals":["States.Timeout"]}]"#, 1, 0),
    ] {
        let state = format!(r#"{{"Type":"Task","Resource":"FUNCTION","Retry":{retry},"End":true}}"#);
        let world = run(&one(&state), "{}", answer_error);
        assert_eq!((world.calls, world.seconds()), (calls, seconds), "{retry}");
    }
}

#[test]
fn tasks_time_out() {
    for (state, kind, seconds) in [
        (r#"{"Type":"Task","Resource":"FUNCTION","TimeoutSeconds":5,"End":true}"#, "LambdaFunction", 5),
        (
            r#"{"Type":"Task","Resource":"arn:aws:states:::lambda:invoke","TimeoutSecondsPath":"$.t","Parameters":{"FunctionName":"f"},"End":true}"#,
            "Task",
            7,
        ),
        (
            r#"{"Type":"Task","Resource":"arn:aws:states:::lambda:invoke.waitForTaskToken","HeartbeatSeconds":3,"TimeoutSeconds":9,"Parameters":{"FunctionName":"f"},"End":true}"#,
            "Task",
            3,
        ),
    ] {
        let world = run(&one(state), r#"{"t":7}"#, answer_never);
        assert_eq!(
            world.lines()[2..],
            [
                format!("3 {kind}Scheduled <2"),
                format!("4 {kind}Started <3"),
                format!("5 {kind}TimedOut <4"),
                "6 ExecutionFailed <5".into()
            ]
        );
        assert_eq!((world.ending().as_str(), world.seconds()), ("States.Timeout: -", seconds));
    }
}

#[test]
fn an_activity_task_that_nobody_takes_times_out_without_having_started() {
    let state = r#"{"Type":"Task","Resource":"arn:aws:states:us-east-1:123456789012:activity:a","TimeoutSeconds":5,"End":true}"#;
    let world = run(&one(state), "{}", answer_never);
    assert_eq!(world.lines()[2..], ["3 ActivityScheduled <2", "4 ActivityTimedOut <3", "5 ExecutionFailed <4"]);
    let state = r#"{"Type":"Task","Resource":"arn:aws:states:us-east-1:123456789012:activity:a","End":true}"#;
    let world = run(&one(state), "{}", answer_ok);
    assert_eq!(world.lines()[2..5], ["3 ActivityScheduled <2", "4 ActivityStarted <3", "5 ActivitySucceeded <4"]);
    let state = r#"{"Type":"Task","Resource":"arn:aws:states:us-east-1:123456789012:activity:missing","End":true}"#;
    let world = run(&one(state), "{}", answer_ok);
    assert_eq!(world.lines()[1..], ["2 TaskStateEntered <0", "3 ExecutionFailed <2"]);
}

#[test]
fn the_machine_times_out_to_the_millisecond() {
    let definition = r#"{"StartAt":"A","TimeoutSeconds":5,"States":{"A":{"Type":"Wait","Seconds":60,"End":true}}}"#;
    let world = run(definition, "{}", answer_ok);
    assert_eq!(world.lines(), ["1 ExecutionStarted <0", "2 WaitStateEntered <0", "3 ExecutionTimedOut <0"]);
    let stopped = world.execution.end().map(|(_, stopped)| stopped.millis());
    assert_eq!(stopped, Some(1_700_000_005_000));
}

#[test]
fn a_serial_map_hangs_each_iteration_on_the_last_event_inside_the_one_before() {
    check(
        &one(
            r#"{"Type":"Map","MaxConcurrency":1,"ItemProcessor":{"StartAt":"P","States":{"P":{"Type":"Pass","End":true}}},"Next":"Z"}"#,
        ),
        "[1, 2]",
        answer_ok,
        "1 ExecutionStarted <0
         2 MapStateEntered <0
         3 MapStateStarted <2
         4 MapIterationStarted <3
         5 PassStateEntered <4
         6 PassStateExited <5
         7 MapIterationSucceeded <6
         8 MapIterationStarted <6
         9 PassStateEntered <8
         10 PassStateExited <9
         11 MapIterationSucceeded <10
         12 MapStateSucceeded <11
         13 MapStateExited <11
         14 PassStateEntered <13
         15 PassStateExited <14
         16 ExecutionSucceeded <15",
        "[1,2]",
    );
}

#[test]
fn a_map_over_nothing_succeeds() {
    check(
        &one(r#"{"Type":"Map","ItemProcessor":{"StartAt":"P","States":{"P":{"Type":"Pass","End":true}}},"End":true}"#),
        "[]",
        answer_ok,
        "1 ExecutionStarted <0
         2 MapStateEntered <0
         3 MapStateStarted <2
         4 MapStateSucceeded <3
         5 MapStateExited <3
         6 ExecutionSucceeded <5",
        "[]",
    );
}

#[test]
fn a_failed_iteration_fails_the_map_and_a_retry_begins_it_again() {
    check(
        &one(r#"{"Type":"Map","ItemProcessor":{"StartAt":"F","States":{"F":{"Type":"Fail","Error":"E"}}},
                "Retry":[{"ErrorEquals":["E"],"MaxAttempts":1}],"Catch":[{"ErrorEquals":["States.ALL"],"Next":"Z"}],"Next":"Z"}"#),
        "[1]",
        answer_ok,
        "1 ExecutionStarted <0
         2 MapStateEntered <0
         3 MapStateStarted <2
         4 MapIterationStarted <3
         5 FailStateEntered <4
         6 MapIterationFailed <5
         7 MapStateStarted <5
         8 MapIterationStarted <7
         9 FailStateEntered <8
         10 MapIterationFailed <9
         11 MapStateFailed <9
         12 MapStateExited <11
         13 PassStateEntered <12
         14 PassStateExited <13
         15 ExecutionSucceeded <14",
        r#"{"Error":"E"}"#,
    );
}

#[test]
fn when_all_iterations_time_out_together_the_first_one_fails_and_the_others_are_aborted() {
    check(
        &one(
            r#"{"Type":"Map","ItemProcessor":{"StartAt":"T","States":{"T":{"Type":"Task","Resource":"FUNCTION","TimeoutSeconds":5,"End":true}}},"End":true}"#,
        ),
        "[1,2,3]",
        answer_never,
        "1 ExecutionStarted <0
         2 MapStateEntered <0
         3 MapStateStarted <2
         4 MapIterationStarted <3
         5 MapIterationStarted <3
         6 MapIterationStarted <3
         7 TaskStateEntered <4
         8 LambdaFunctionScheduled <7
         9 TaskStateEntered <5
         10 LambdaFunctionScheduled <9
         11 TaskStateEntered <6
         12 LambdaFunctionScheduled <11
         13 LambdaFunctionStarted <8
         14 LambdaFunctionStarted <10
         15 LambdaFunctionStarted <12
         16 LambdaFunctionTimedOut <13
         17 LambdaFunctionTimedOut <14
         18 LambdaFunctionTimedOut <15
         19 MapIterationFailed <16
         20 TaskStateAborted <16
         21 MapIterationAborted <16
         22 TaskStateAborted <16
         23 MapIterationAborted <16
         24 TaskStateAborted <16
         25 MapStateFailed <16
         26 ExecutionFailed <25",
        "States.Timeout: -",
    );
}

#[test]
fn item_selectors_see_the_item_and_the_input() {
    let state = r#"{"Type":"Map","ItemsPath":"$.items","ItemSelector":{"i.$":"$$.Map.Item.Index","v.$":"$$.Map.Item.Value","k.$":"$.k"},
        "ItemProcessor":{"StartAt":"P","States":{"P":{"Type":"Pass","Parameters":{"in.$":"$","again.$":"$$.Map.Item.Value"},"End":true}}},"End":true}"#;
    let world = run(&one(state), r#"{"k":true,"items":["x"]}"#, answer_ok);
    assert_eq!(world.ending(), r#"[{"in":{"v":"x","i":0,"k":true},"again":"x"}]"#);
}

#[test]
fn parallel_branches_have_chains_of_their_own() {
    check(
        &one(r#"{"Type":"Parallel","Branches":[{"StartAt":"P","States":{"P":{"Type":"Pass","Result":1,"End":true}}},
                {"StartAt":"Q","States":{"Q":{"Type":"Pass","Result":2,"End":true}}}],"End":true}"#),
        "{}",
        answer_ok,
        "1 ExecutionStarted <0
         2 ParallelStateEntered <0
         3 ParallelStateStarted <2
         4 PassStateEntered <3
         5 PassStateExited <4
         6 PassStateEntered <3
         7 PassStateExited <6
         8 ParallelStateSucceeded <7
         9 ParallelStateExited <7
         10 ExecutionSucceeded <9",
        "[1,2]",
    );
}

#[test]
fn a_failing_branch_aborts_the_others() {
    let world = run(
        &one(r#"{"Type":"Parallel","Branches":[{"StartAt":"W","States":{"W":{"Type":"Wait","Seconds":60,"End":true}}},
                {"StartAt":"T","States":{"T":{"Type":"Task","Resource":"FUNCTION","End":true}}}],
                "Catch":[{"ErrorEquals":["Boom"],"Next":"Z"}],"Next":"Z"}"#),
        "{}",
        answer_error,
    );
    assert_eq!(
        world.lines()[3..],
        [
            "4 WaitStateEntered <3",
            "5 TaskStateEntered <3",
            "6 LambdaFunctionScheduled <5",
            "7 LambdaFunctionStarted <6",
            "8 LambdaFunctionFailed <7",
            "9 TaskStateAborted <8",
            "10 WaitStateAborted <8",
            "11 ParallelStateFailed <8",
            "12 ParallelStateExited <11",
            "13 PassStateEntered <12",
            "14 PassStateExited <13",
            "15 ExecutionSucceeded <14"
        ]
    );
    assert_eq!(world.seconds(), 0);
}

#[test]
fn a_bad_result_selector_of_a_parallel_state_points_to_its_success() {
    let world = run(
        &one(
            r#"{"Type":"Parallel","ResultSelector":{"x.$":"$.nope"},"Branches":[{"StartAt":"P","States":{"P":{"Type":"Pass","End":true}}}],"End":true}"#,
        ),
        "{}",
        answer_ok,
    );
    assert_eq!(world.lines()[5..], ["6 ParallelStateSucceeded <5", "7 ExecutionFailed <6"]);
}

#[test]
fn a_stopped_execution_keeps_its_end() {
    let mut world = World::new(program(&one(r#"{"Type":"Wait","Seconds":60,"End":true}"#)), "{}", answer_ok);
    world.apply(vec![Signal::Start]);
    world.apply(vec![
        Signal::Stop { error: None, cause: None },
        Signal::Stop { error: Some("late".into()), cause: None },
    ]);
    assert_eq!(world.lines(), ["1 ExecutionStarted <0", "2 WaitStateEntered <0", "3 ExecutionAborted <0"]);
    assert!(world.timers.is_empty());
    assert_eq!(world.ending(), "aborted");
}

#[test]
fn an_execution_of_a_deleted_machine_ends_at_its_next_transition() {
    let mut world = World::new(program(&one(r#"{"Type":"Wait","Seconds":60,"Next":"Z"}"#)), "{}", answer_ok);
    world.apply(vec![Signal::Start]);
    world.apply(vec![Signal::MachineDeleted]);
    assert_eq!(world.ending(), "running");
    let timer = world.timers.first_key_value().map(|((_, timer), _)| *timer).expect("the wait's timer");
    world.apply(vec![Signal::TimerFired(timer)]);
    assert_eq!(world.ending(), "States.Runtime: State machine m has been deleted.");
}

#[test]
fn the_last_event_that_fits_is_a_failure() {
    let definition = r#"{"StartAt":"A","States":{"A":{"Type":"Pass","Next":"B"},
        "B":{"Type":"Choice","Choices":[{"Variable":"$.never","IsPresent":true,"Next":"C"}],"Default":"A"},"C":{"Type":"Succeed"}}}"#;
    let world = run(definition, "{}", answer_ok);
    assert_eq!(world.execution.history().len(), 25_000);
    assert_eq!(world.lines().last().map(String::as_str), Some("25000 ExecutionFailed <24999"));
    assert_eq!(world.ending(), "States.Runtime: The execution reached the maximum number of history events (25000).");
}

#[test]
fn results_that_are_too_large_fail() {
    fn large(_: usize, _: &Value) -> Result<Value, Failure> {
        Ok("x".repeat(263_000).into())
    }
    let catch = r#"{"Type":"Task","Resource":"FUNCTION","Catch":[{"ErrorEquals":["States.ALL"],"ResultPath":"$.e","OutputPath":"$","Next":"Z"}],"Next":"Z"}"#;
    let world = run(&one(&catch.replace(r#""OutputPath":"$","#, "")), "{}", large);
    assert!(world.lines().contains(&"5 LambdaFunctionFailed <4".to_owned()));
    assert!(world.ending().contains("States.DataLimitExceeded"));
    assert!(world.ending().contains(&format!("The state/task '{FUNCTION}' returned a result with a size exceeding")));
    let pass = format!(r#"{{"Type":"Pass","Result":"{}","End":true}}"#, "x".repeat(263_000));
    let world = run(&one(&pass), "{}", large);
    assert_eq!(world.lines()[1..], ["2 PassStateEntered <0", "3 ExecutionFailed <2"]);
}

mod replay {
    //! A recorded execution, applied again signal by signal, gives the same history.

    use super::*;
    use proptest::prelude::*;

    fn script(call: usize, input: &Value) -> Result<Value, Failure> {
        match call % 4 {
            0 => Err(Failure::reported("Boom", "it went boom")),
            1 => Err(NEVER),
            _ => Ok(input.clone()),
        }
    }

    /// The states of one block: a chain in which every state goes on to the next.
    fn block(depth: u32) -> BoxedStrategy<String> {
        let leaf = prop_oneof![
            Just(r#"{"Type":"Pass","ResultPath":"$.p","Parameters":{"u.$":"States.UUID()","r.$":"States.MathRandom(1, 1000)"},NEXT}"#.to_owned()),
            (1..50u32).prop_map(|s| format!(r#"{{"Type":"Wait","Seconds":{s},NEXT}}"#)),
            (1..30u32, 0..3u32).prop_map(|(timeout, attempts)| format!(
                r#"{{"Type":"Task","Resource":"{FUNCTION}","TimeoutSeconds":{timeout},"ResultPath":null,
                   "Retry":[{{"ErrorEquals":["States.ALL"],"MaxAttempts":{attempts},"JitterStrategy":"FULL"}}],NEXT}}"#
            )),
        ];
        let state = if depth == 0 {
            leaf.boxed()
        } else {
            prop_oneof![
                3 => leaf,
                1 => prop::collection::vec(block(depth - 1), 1..4).prop_map(|blocks| format!(
                    r#"{{"Type":"Parallel","Branches":[{}],"ResultPath":null,NEXT}}"#, blocks.join(","))),
                1 => (block(depth - 1), 0..4u32).prop_map(|(block, most)| format!(
                    r#"{{"Type":"Map","ItemsPath":"$$.Execution.Input.items","ItemSelector":{{"i.$":"$$.Map.Item.Index"}},
                       "MaxConcurrency":{most},"ItemProcessor":{block},"ResultPath":null,NEXT}}"#)),
            ]
            .boxed()
        };
        prop::collection::vec(state, 1..4)
            .prop_map(|states| {
                let last = states.len() - 1;
                let states: Vec<String> = states
                    .into_iter()
                    .enumerate()
                    .map(|(i, state)| {
                        let next = if i == last { r#""End":true"#.into() } else { format!(r#""Next":"S{}""#, i + 1) };
                        format!(r#""S{i}":{}"#, state.replace("NEXT", &next))
                    })
                    .collect();
                format!(r#"{{"StartAt":"S0","States":{{{}}}}}"#, states.join(","))
            })
            .boxed()
    }

    /// State names must be unique in the whole machine.
    fn with_unique_names(definition: &str) -> String {
        fn rename(value: &Value, counter: &mut u32) -> Value {
            let Some(states) = value.get("States").and_then(Value::as_object) else { return value.clone() };
            let base = *counter;
            *counter += states.len() as u32;
            let new = |name: &str| format!("T{}", base + name[1..].parse::<u32>().expect("our own names"));
            let states = states.iter().map(|(name, state)| {
                let members = state.as_object().expect("a state").iter().map(|(field, value)| {
                    let value = match field.as_str() {
                        "Next" => new(value.as_str().expect("a name")).into(),
                        "Branches" => {
                            let branches = value.as_array().expect("branches").iter();
                            Value::array(branches.map(|branch| rename(branch, counter)).collect::<Vec<_>>())
                        }
                        "ItemProcessor" => rename(value, counter),
                        _ => value.clone(),
                    };
                    (field.clone(), value)
                });
                (new(name), Value::object(members.collect::<Vec<_>>()))
            });
            let states = Value::object(states.collect::<Vec<_>>());
            Value::object([("StartAt", new("S0").into()), ("States", states)])
        }
        rename(&Value::parse(definition).expect("valid JSON"), &mut 0).to_text()
    }

    proptest! {
        #![proptest_config(ProptestConfig { cases: 128, failure_persistence: None, ..ProptestConfig::default() })]

        #[test]
        fn gives_the_same_history(definition in block(2), items in prop::collection::vec(0..9i64, 0..5)) {
            let input = Value::object([("items", Value::array(items.into_iter().map(Value::from).collect::<Vec<_>>()))]).to_text();
            let program = program(&with_unique_names(&definition));
            let world = World::new(program.clone(), &input, script).run();
            prop_assert_ne!(world.ending(), "running");
            let mut again = Execution::new(program, identity(&input), 7);
            for (now, signals) in world.signals.clone() {
                again.apply(now, signals);
            }
            let replayed = World { execution: again, ..World::new(world.execution.program.clone(), &input, script) };
            prop_assert_eq!(world.written(), replayed.written());
        }
    }
}
