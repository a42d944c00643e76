//! Histories, event by event: a definition and an input go in, lines such as `3 TaskStateExited <2` come out.
//!
//! Calls are answered by a script, timers run down in order on a virtual clock, workers take their tasks at once.

mod endings;
mod fan_out;
mod jsonata;
mod map_run;
mod redrive;
mod replay;
mod states;
mod tasks;
mod variables;

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
    /// What the children of the last map run were given.
    children: Vec<ChildInput>,
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
        workflow: Workflow::Standard,
        started_with: None,
    }
}

impl World {
    fn new(program: Arc<Program>, input: &str, script: Script) -> World {
        let identity = identity(input);
        let now = identity.start_date;
        let execution = Execution::new(program, identity, 7);
        World { execution, now, timers: BTreeMap::new(), calls: 0, script, children: Vec::new(), signals: Vec::new() }
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
                Action::Invoke { task, invocation, .. } => {
                    self.calls += 1;
                    let input = match invocation {
                        Invocation::LambdaFunction { input, .. } => input,
                        Invocation::LambdaInvoke(call) => call.payload.unwrap_or_default(),
                        Invocation::AwsSdk { parameters, .. }
                        | Invocation::Optimised { parameters, .. }
                        | Invocation::StartExecution { parameters, .. } => parameters,
                        Invocation::ApiGateway(call) => call.body.unwrap_or_default(),
                        Invocation::HttpTask(task) => task.body.unwrap_or_default(),
                        Invocation::KubernetesCall(call) => call.body.unwrap_or_default(),
                        Invocation::KubernetesJob(job) => job.job,
                    };
                    let deviation = Deviation::RoleNotAssumed { role_arn: self.execution.identity().role_arn.clone() };
                    answers.push(Signal::Met { subject: Subject::Task(task), deviations: [deviation].into() });
                    let result = (self.script)(self.calls, &input);
                    if result != Err(NEVER) {
                        answers.push(Signal::InvocationEnded { task, result });
                    }
                }
                Action::StartMapRun { task, start } => match start.reads {
                    Some(Ok(reads)) => {
                        self.calls += 1;
                        let items = (self.script)(self.calls, &reads.parameters).expect("items");
                        let items = items.as_array().expect("an array").to_vec();
                        answers.push(Signal::ItemsRead { task, items });
                    }
                    Some(Err(failure)) => answers.push(Signal::MapRunEnded { task, result: Err(failure) }),
                    None => {}
                },
                Action::RunItems { task, children } => {
                    self.children = children;
                    answers.extend(self.children_end(task));
                }
                Action::RedriveMapRun { task, .. } => answers.extend(self.children_end(task)),
                Action::Continue => answers.push(Signal::Continue),
                Action::CancelTask(_) | Action::FailMapRun(_) | Action::End => {}
            }
        }
        for answer in answers {
            self.apply(vec![answer]);
        }
    }

    /// The end of a map run whose children come to what the script says; none if one of them never ends.
    fn children_end(&mut self, task: TaskId) -> Option<Signal> {
        let mut results = Vec::new();
        for child in self.children.clone() {
            self.calls += 1;
            results.push((self.script)(self.calls, &child.input));
        }
        if results.contains(&Err(NEVER)) {
            return None;
        }
        let result = results.into_iter().collect::<Result<Vec<Value>, Failure>>();
        let result = result.map(Value::array_of_documents).map_err(|_| Failure::ToleratedFailureThreshold);
        Some(Signal::MapRunEnded { task, result })
    }

    /// Runs until nothing is left to wait for.
    fn run(mut self) -> World {
        self.apply(vec![Signal::Start]);
        self.go_on()
    }

    fn go_on(mut self) -> World {
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
