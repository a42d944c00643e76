//! The synchronous core: one execution, signals in, actions out.
//!
//! Everything that happens to an [`Execution`] follows from its program, its input, a seed and the sequence of
//! [`Signal`]s with their times. There is no I/O in here, no lock, no clock and no source of randomness: applying the
//! same signals again gives the same history, event by event.
//!
//! An execution consists of frames: the main line, each branch of a Parallel state and each iteration of a Map
//! state. A signal first records what happened; what follows from it is queued as steps and worked off in order, so
//! that several signals of one instant are all recorded before the first consequence (as AWS does it).

mod batch;
mod choice;
mod context;
mod data;
mod failing;
mod fan_out;
mod frame;
mod honest;
pub mod invocation;
mod map_run;
mod mocked;
mod redrive;
mod settle;
mod task;
pub mod token;
mod transition;
pub mod trial;
mod wait;

use invocation::Invocation;

use crate::asl::Program;
use crate::asl::program::StateId;
use crate::failure::{Failure, Runtime};
use crate::history::{EventId, EventKind, ExecutionStarted, History, StartedWith, Told};
use crate::honesty::{Deviation, Findings, Strictness};
use crate::json::Value;
use crate::quota;
use crate::random::Random;
use crate::timestamp::Timestamp;
use frame::{FrameId, Run, Step};
pub use map_run::{ChildInput, MapRunStart, WriteResults};
pub use mocked::Mocks;
pub use redrive::{Redrive, RedriveObstacle};
use smol_str::SmolStr;
use std::sync::Arc;
use trial::{Given, Trial};

/// How many steps one [`Execution::apply`] takes before it lets others have the thread.
pub const STEPS: u32 = 64;

/// Names one task of an execution; never used again for another.
pub type TaskId = u32;

/// Names one timer of an execution; never used again for another.
pub type TimerId = u32;

/// What an execution is, which never changes.
#[derive(Clone, Debug)]
#[allow(missing_docs)]
pub struct Identity {
    pub arn: SmolStr,
    pub name: SmolStr,
    pub role_arn: SmolStr,
    pub machine_arn: SmolStr,
    pub machine_name: SmolStr,
    /// The region that `TaskScheduled` events name.
    pub region: SmolStr,
    pub start_date: Timestamp,
    pub input: Value,
    pub workflow: Workflow,
    /// The version that it was started with, if it was.
    pub started_with: Option<Arc<StartedWith>>,
}

/// The kind of an execution, which decides what it may use and what its context object shows.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub enum Workflow {
    /// of a Standard state machine
    #[default]
    Standard,
    /// of an Express state machine, started by StartExecution
    AsynchronousExpress,
    /// of an Express state machine, started by StartSyncExecution
    SynchronousExpress,
}

impl Workflow {
    /// How many events its history may have, the one of its failure included.
    pub fn most_events(self) -> usize {
        if self.is_express() { usize::MAX } else { quota::HISTORY_EVENTS }
    }

    /// How many seconds it may take, with the machine's TimeoutSeconds.
    fn most_seconds(self, timeout_seconds: Option<u64>) -> Option<u64> {
        match timeout_seconds {
            _ if !self.is_express() => timeout_seconds,
            Some(seconds) => Some(seconds.min(quota::EXPRESS_SECONDS)),
            None => Some(quota::EXPRESS_SECONDS),
        }
    }

    /// Whether it is Express.
    pub fn is_express(self) -> bool {
        self != Workflow::Standard
    }
}

/// Something that happened to an execution.
#[derive(Clone, Debug)]
#[allow(missing_docs)]
pub enum Signal {
    /// It begins.
    Start,
    /// It goes on after [`Action::Continue`].
    Continue,
    /// A timer that it asked for has run down.
    TimerFired(TimerId),
    /// The activity of [`Action::FindActivity`] exists.
    ActivityFound(TaskId),
    /// The activity of [`Action::FindActivity`] doesn't exist.
    ActivityMissing(TaskId),
    /// A worker took the activity task.
    WorkerStarted { task: TaskId, worker_name: Option<SmolStr> },
    /// The call of [`Action::Invoke`] came back.
    InvocationEnded { task: TaskId, result: Result<Value, Failure> },
    /// `SendTaskSuccess`, `SendTaskFailure`
    TaskReported { task: TaskId, result: Result<Value, Failure> },
    /// `SendTaskHeartbeat`
    Heartbeat(TaskId),
    /// The items of a map run were read.
    ItemsRead { task: TaskId, items: Vec<Value> },
    /// A map run was not begun, for what would not be as on AWS.
    MapRunForbidden { task: TaskId, deviations: Box<[Deviation]> },
    /// A map run has come to its end.
    MapRunEnded { task: TaskId, result: Result<Value, Failure> },
    /// `StopExecution`
    Stop { error: Option<SmolStr>, cause: Option<SmolStr> },
    /// The state machine was deleted: the execution ends at its next transition.
    MachineDeleted,
    /// Another execution, which this task stands for or is told of, has failed for what only Stepwell fails for.
    NestedFailed { task: TaskId, problem: Runtime },
    /// Something is not done as on AWS.
    Met { subject: Subject, deviations: Box<[Deviation]> },
    /// `RedriveExecution`: an execution that failed, timed out or was aborted goes on where it stood.
    Redrive,
}

/// What something is about.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Subject {
    /// The whole execution.
    Execution,
    /// The state of this task.
    Task(TaskId),
    /// The state of this timer.
    Timer(TimerId),
}

/// Something that an execution wants done.
#[derive(Clone, Debug, PartialEq)]
#[allow(missing_docs)]
pub enum Action {
    /// Answer with [`Signal::TimerFired`] at this time.
    SetTimer { timer: TimerId, at: Timestamp, kind: TimerKind },
    /// The timer is no longer wanted.
    ClearTimer(TimerId),
    /// Answer with [`Signal::ActivityFound`] or [`Signal::ActivityMissing`], at once: nothing goes on before that, so that
    /// the history doesn't depend on when the answer comes.
    FindActivity { task: TaskId, activity_arn: SmolStr },
    /// Give the task to a worker that polls for it.
    OfferTask { task: TaskId, activity_arn: SmolStr, token: SmolStr, input: Value },
    /// Make this call, in this role if there is one, and answer with [`Signal::InvocationEnded`].
    Invoke { task: TaskId, invocation: Invocation, role_arn: Option<SmolStr> },
    /// Begin a map run. If it reads its items, answer with [`Signal::ItemsRead`]; what children are given comes with
    /// [`Action::RunItems`]. In the end, or if the items can't be read, answer with [`Signal::MapRunEnded`].
    StartMapRun { task: TaskId, start: Box<MapRunStart> },
    /// What the children of a map run are given.
    RunItems { task: TaskId, children: Vec<ChildInput> },
    /// A map run that has ended without success goes on, for this task from now on.
    RedriveMapRun { task: TaskId, arn: SmolStr },
    /// Nobody waits for this task, or map run, any more.
    CancelTask(TaskId),
    /// Ends a map run that has failed before its children could begin.
    FailMapRun(TaskId),
    /// There is more to do: answer with [`Signal::Continue`] when others had their turn.
    Continue,
    /// The execution has ended; this is the last action.
    End,
}

/// What a timer is for, because only Wait states are subject to a time scale.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
#[allow(missing_docs)]
pub enum TimerKind {
    Wait,
    Backoff,
    Timeout,
    Heartbeat,
    ExecutionTimeout,
}

/// How an execution ended.
#[derive(Clone, Debug)]
#[allow(missing_docs)]
pub enum Outcome {
    Succeeded(Value),
    Failed(Told),
    TimedOut,
    Aborted(Told),
}

/// One execution of a program.
#[derive(Debug)]
pub struct Execution {
    program: Arc<Program>,
    identity: Identity,
    random: Random,
    history: History,
    end: Option<(Outcome, Timestamp)>,
    /// What it failed for, if only Stepwell fails for it.
    ours: Option<Box<Runtime>>,
    redrive: Option<Redrive>,
    strictness: Strictness,
    findings: Option<Box<Findings>>,
    /// What is needed until it ends, and after that as long as it may be redriven.
    run: Option<Box<Run>>,
    /// The first state, if that is not the program's: of the executions of a map run.
    processor: Option<StateId>,
}

impl Execution {
    /// An execution that waits for [`Signal::Start`]. The same seed makes the same "random" choices.
    pub fn new(program: Arc<Program>, identity: Identity, seed: u64) -> Self {
        Self {
            program,
            identity,
            random: Random::new(seed),
            history: History::default(),
            end: None,
            ours: None,
            redrive: None,
            strictness: Strictness::NONE,
            findings: None,
            run: Some(Box::default()),
            processor: None,
        }
    }

    /// The same of a map run: it begins with another state, and the machine's TimeoutSeconds are none of its business.
    pub fn of_map_run(self, processor: StateId) -> Self {
        Self { processor: Some(processor), ..self }
    }

    /// The same for the program's first state alone.
    pub fn of_one_state(program: Arc<Program>, identity: Identity, seed: u64, given: Given) -> Self {
        let mut execution = Self::new(program, identity, seed);
        if let Some(run) = &mut execution.run {
            run.trial = Some(Box::new(Trial::new(given)));
        }
        execution
    }

    /// The same with states whose calls are mocked.
    pub fn with_mocks(mut self, mocks: Option<Mocks>) -> Self {
        if let Some(run) = &mut self.run {
            run.mocks = mocks.map(Box::new);
        }
        self
    }

    /// The same that fails if it meets what is forbidden.
    pub fn with_strictness(mut self, strictness: Strictness) -> Self {
        self.strictness = strictness;
        self
    }

    /// The states whose calls are mocked; how often they were begun is counted together with whoever gets them.
    pub fn mocks(&self) -> Option<Mocks> {
        self.run.as_ref()?.mocks.as_deref().cloned()
    }

    /// Whether it is one state alone, to be tried.
    pub fn is_trial(&self) -> bool {
        self.run.as_ref().is_some_and(|run| run.trial.is_some())
    }

    /// What it met that is not done as on AWS.
    pub fn findings(&self) -> Option<&Findings> {
        self.findings.as_deref()
    }

    /// What became of the one state that was to be tried, when that has ended; only once.
    pub fn take_trial(&mut self) -> Option<Box<Trial>> {
        self.run.as_mut()?.trial.take()
    }

    /// What it is.
    pub fn identity(&self) -> &Identity {
        &self.identity
    }

    /// What happened so far.
    pub fn history(&self) -> &History {
        &self.history
    }

    /// Lets go of the events that were written so far; later ones are numbered as if they were there.
    pub fn forget_history(&mut self) {
        self.history.forget();
    }

    /// How and when it ended, if it did.
    pub fn end(&self) -> Option<&(Outcome, Timestamp)> {
        self.end.as_ref()
    }

    /// What it failed for, if only Stepwell fails for it.
    pub fn ours(&self) -> Option<&Runtime> {
        self.ours.as_deref()
    }

    /// Whether this token was given out for this task, and whether the task still waits for its report.
    pub fn token_state(&self, task: TaskId, token: &str) -> TokenState {
        let Some(run) = self.run.as_deref().filter(|_| self.end.is_none()) else { return TokenState::Over };
        match run.task(task) {
            Some(waiting) if waiting.token.as_deref() != Some(token) => TokenState::Unknown,
            Some(waiting) if waiting.early_report.is_some() => TokenState::Over,
            Some(_) => TokenState::Open,
            None => TokenState::Over,
        }
    }

    /// Takes note of what happened at `now` and says what is to be done. Signals that come too late are ignored.
    pub fn apply(&mut self, now: Timestamp, signals: impl IntoIterator<Item = Signal>) -> Vec<Action> {
        self.apply_within(STEPS, now, signals)
    }

    /// The same with a number of steps of the caller's choice. It decides when an [`Action::Continue`] comes, and
    /// nothing else.
    pub fn apply_within(
        &mut self,
        steps: u32,
        now: Timestamp,
        signals: impl IntoIterator<Item = Signal>,
    ) -> Vec<Action> {
        let mut signals = signals.into_iter().peekable();
        let redriven = signals.next_if(|signal| matches!(signal, Signal::Redrive)).is_some() && self.begin_redrive(now);
        let Some(run) = self.run.as_deref_mut().filter(|_| self.end.is_none()) else { return Vec::new() };
        let mut turn = Turn {
            program: &self.program,
            identity: &self.identity,
            redrive: self.redrive,
            processor: self.processor,
            strictness: self.strictness,
            findings: &mut self.findings,
            ours: &mut self.ours,
            random: &self.random,
            history: &mut self.history,
            run,
            now,
            actions: Vec::new(),
            end: None,
        };
        if redriven {
            turn.go_on();
        }
        for signal in signals {
            turn.record_signal(signal);
        }
        turn.work_off(steps);
        let mut actions = turn.actions;
        if let Some(outcome) = turn.end {
            let stopped = match outcome {
                // AWS dates the end of an execution that timed out by its time-out, to the millisecond.
                Outcome::TimedOut => run.deadline.unwrap_or(now),
                _ => now,
            };
            self.finish(outcome, stopped, &mut actions);
        }
        actions
    }

    /// Ends it because [`Execution::apply`], or the caller, panicked: nobody knows what is left of it.
    pub fn give_up(&mut self, now: Timestamp, panic: String) -> Vec<Action> {
        let mut actions = Vec::new();
        if self.end.is_none() {
            let problem = Runtime::Bug { panic };
            self.ours = Some(Box::new(problem.clone()));
            let told = Told::from(&Failure::Runtime { place: None, problem });
            let last = self.history.len() as EventId;
            self.history.append(now, last, EventKind::ExecutionFailed(told.clone()));
            self.finish(Outcome::Failed(told), now, &mut actions);
            self.run = None;
        }
        actions
    }

    fn finish(&mut self, outcome: Outcome, stopped: Timestamp, actions: &mut Vec<Action>) {
        let mut is_trial = false;
        if let Some(run) = self.run.as_deref_mut() {
            run.stand_still(actions);
            is_trial = run.trial.is_some();
        }
        let is_over = matches!(outcome, Outcome::Succeeded(_)) || self.identity.workflow.is_express();
        if is_over && !is_trial {
            self.run = None;
        }
        actions.push(Action::End);
        self.end = Some((outcome, stopped));
        self.history.shrink();
    }
}

/// What is known about a task token.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum TokenState {
    /// Its task waits.
    Open,
    /// Its task was reported on, or has ended with the whole execution.
    Over,
    /// It was never given out.
    Unknown,
}

/// One call of [`Execution::apply`]: everything that decides is a method of this, in the files beside.
struct Turn<'a> {
    program: &'a Program,
    identity: &'a Identity,
    redrive: Option<Redrive>,
    processor: Option<StateId>,
    strictness: Strictness,
    findings: &'a mut Option<Box<Findings>>,
    ours: &'a mut Option<Box<Runtime>>,
    random: &'a Random,
    history: &'a mut History,
    run: &'a mut Run,
    now: Timestamp,
    actions: Vec<Action>,
    end: Option<Outcome>,
}

impl Turn<'_> {
    fn record_signal(&mut self, signal: Signal) {
        if self.end.is_some() {
            return;
        }
        match signal {
            Signal::Start => self.start(),
            // What runs has nothing to be redriven.
            Signal::Continue | Signal::Redrive => {}
            Signal::TimerFired(timer) => self.timer_fired(timer),
            Signal::ActivityFound(task) => self.activity_found(task),
            Signal::ActivityMissing(task) => self.activity_missing(task),
            Signal::WorkerStarted { task, worker_name } => self.worker_started(task, worker_name),
            Signal::InvocationEnded { task, result } => self.invocation_ended(task, result),
            Signal::TaskReported { task, result } => self.task_reported(task, result),
            Signal::Heartbeat(task) => self.heartbeat(task),
            Signal::ItemsRead { task, items } => self.items_arrived(task, items),
            Signal::MapRunForbidden { task, deviations } => self.map_run_forbidden(task, deviations),
            Signal::MapRunEnded { task, result } => self.map_run_ended(task, result),
            Signal::Stop { error, cause } => self.abort(Told { error, cause }),
            Signal::NestedFailed { task, problem } => self.nested_failed(task, problem),
            Signal::Met { subject, deviations } => self.meet(subject, deviations),
            Signal::MachineDeleted => self.run.machine_deleted = true,
        }
    }

    fn start(&mut self) {
        let input = self.identity.input.clone();
        let role_arn = self.identity.role_arn.clone();
        let with = self.identity.started_with.clone();
        let started = ExecutionStarted { input: input.clone(), role_arn, with };
        self.history.append(self.now, 0, EventKind::ExecutionStarted(Box::new(started)));
        self.set_deadline(self.identity.start_date);
        let variables = self.run.trial.as_deref().map(Trial::variables).unwrap_or_default();
        let main = self.run.open_main(Arc::new(variables));
        self.run.queue(main, Step::Enter(self.processor.unwrap_or(self.program.start), input));
    }

    fn work_off(&mut self, steps: u32) {
        for _ in 0..steps {
            if self.end.is_some() {
                return;
            }
            if self.run.history_full {
                return self.fail_for_full_history();
            }
            let Some((frame, step)) = self.run.next_step() else { return };
            self.take(frame, step);
            if let Some(Action::FindActivity { .. }) = self.actions.last() {
                return;
            }
        }
        if self.end.is_none() {
            self.actions.push(Action::Continue);
        }
    }

    fn take(&mut self, frame: FrameId, step: Step) {
        match step {
            Step::Enter(state, input) => self.enter(frame, state, input),
            Step::Begin => self.begin(frame),
            Step::StartTask => self.start_task(frame),
            Step::Settle(result) => self.settle(frame, *result),
            Step::Leave => self.leave_wait(frame),
            Step::Select => self.select_items(frame),
            Step::EndMapRun { value, succeeded } => self.end_map_run(frame, value, succeeded),
            Step::GoOn => self.go_on_in(frame),
        }
    }
}

/// Seconds as milliseconds; the longest span there is if that is too long.
fn millis(seconds: u64) -> i64 {
    i64::try_from(seconds).ok().and_then(|s| s.checked_mul(1000)).unwrap_or(i64::MAX / 4)
}

#[cfg(test)]
mod tests;
