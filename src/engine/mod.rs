//! The ring around the interpreter that waits: executions, timers, task tokens, activity queues.
//!
//! It knows what runs; what has been created is the registry's business.

mod activities;
mod driver;
mod executions;
mod express;
mod honesty;
mod listing;
mod map_run;
mod redrive;
mod timers;

pub use crate::interpreter::invocation::{Exchange, Secrets, Witness};
pub use crate::interpreter::trial::{Given, Inspection, Trial};
pub use crate::interpreter::{Mocks, RedriveObstacle};
pub use activities::{Offer, TooManyPollers};
pub use express::REPORTS;
pub use honesty::Report;
pub use listing::Place;
pub use map_run::{ChildStatus, Counts, Limits, MapRunDescription, MapRunStatus};

use crate::arn::{Arn, Namespace};
use crate::asl::MachineType;
use crate::clock::Clock;
use crate::failure::Failure;
use crate::history::{History, StartedWith};
use crate::honesty::Strictness;
use crate::integrations::Services;
use crate::interpreter::{Execution, Identity, Redrive, Signal, TaskId, TokenState, Workflow, token};
use crate::json::Value;
use crate::logging::Logs;
use crate::random::Random;
use crate::registry::{Association, StateMachine};
use crate::timestamp::Timestamp;
use executions::{Entry, Executions};
use smol_str::{SmolStr, ToSmolStr};
use std::sync::Arc;
use std::sync::atomic::{AtomicU64, Ordering};
use std::time::Duration;

/// How long GetActivityTask waits for a task. Transport time, not workflow time.
const POLL: Duration = Duration::from_secs(60);

/// Everything that runs, in all namespaces. Cloning it gives another handle to the same engine.
#[derive(Clone, Debug)]
pub struct Engine(Arc<Shared>);

/// What all handles share.
pub(crate) struct Shared {
    clock: Clock,
    rules: Rules,
    /// Those of Standard state machines.
    executions: Executions,
    express: express::Running,
    map_runs: map_run::MapRuns,
    timers: Arc<timers::Timers>,
    activities: activities::Activities,
    services: Services,
    logs: Logs,
    activity_exists: Box<dyn Fn(&str) -> bool + Send + Sync>,
    /// Where the next execution's seed comes from.
    seeds: AtomicU64,
    /// Whether nobody waits for activity tasks any more.
    polls_ended: tokio::sync::watch::Sender<bool>,
}

/// What was chosen for all executions.
#[derive(Clone, Copy, Debug)]
pub struct Rules {
    /// The factor for the delays of Wait states.
    pub wait_time_scale: f64,
    /// What fails an execution because AWS does it otherwise.
    pub strictness: Strictness,
}

impl Default for Rules {
    fn default() -> Self {
        Self { wait_time_scale: 1.0, strictness: Strictness::NONE }
    }
}

impl std::fmt::Debug for Shared {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.debug_struct("Shared").field("clock", &self.clock).finish_non_exhaustive()
    }
}

/// An execution to start.
#[derive(Debug)]
pub struct Start {
    /// Account and region.
    pub namespace: Namespace,
    /// What it runs, and goes on running whatever becomes of the state machine.
    pub machine: Arc<StateMachine>,
    /// The execution's name, if the caller gave one; else a fresh uuid.
    pub name: Option<SmolStr>,
    /// The version that it was started with, if it was.
    pub association: Option<Arc<Association>>,
    /// Its input.
    pub input: Value,
    /// The states whose calls are mocked, if any are.
    pub mocks: Option<Mocks>,
    /// `traceHeader`, handed back by DescribeExecution.
    pub trace_header: Option<SmolStr>,
}

/// An execution that was started, now or, idempotently, before.
#[derive(Clone, Debug)]
pub struct Started {
    /// Its ARN.
    pub arn: SmolStr,
    /// Its name.
    pub name: SmolStr,
    /// When it began.
    pub start_date: Timestamp,
}

/// An execution of this name exists, has ended or has another input.
#[derive(Clone, Debug)]
pub struct ExecutionAlreadyExists {
    /// The existing execution's ARN.
    pub arn: SmolStr,
}

/// The status of an execution.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
#[allow(missing_docs)]
pub enum Status {
    Running,
    Succeeded,
    Failed,
    TimedOut,
    Aborted,
    /// A child of a map run that was redriven, for which there is no place yet.
    PendingRedrive,
}

/// What a list shows of an execution.
#[derive(Clone, Debug)]
#[allow(missing_docs)]
pub struct Summary {
    pub arn: SmolStr,
    pub name: SmolStr,
    pub status: Status,
    pub start_date: Timestamp,
    pub stop_date: Option<Timestamp>,
    pub redrive: Option<Redrive>,
    /// The version that it was started with, if it was.
    pub association: Option<Arc<Association>>,
    /// The map run that it belongs to and how many items it was given, if it is a child execution.
    pub map_run: Option<(SmolStr, u64)>,
}

/// Which executions a list shows.
#[derive(Clone, Copy, Debug, Default)]
pub struct Filter<'f> {
    /// Only those with this status.
    pub status: Option<Status>,
    /// Only those that were started with this version or alias.
    pub version_or_alias: Option<&'f str>,
    /// Only those of this map run.
    pub map_run: Option<&'f str>,
    /// Only those that were redriven, or weren't.
    pub redriven: Option<bool>,
}

/// An execution waits for the place in its map run in which it will be redriven.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct PendingRedrive;

/// What DescribeExecution shows.
#[derive(Clone, Debug)]
#[allow(missing_docs)]
pub struct Description {
    pub summary: Summary,
    pub machine_arn: SmolStr,
    pub input: Value,
    pub output: Option<Value>,
    pub error: Option<SmolStr>,
    pub cause: Option<SmolStr>,
    pub trace_header: Option<SmolStr>,
    /// Why it can't go on, if it has ended and can't.
    pub redrive_obstacle: Option<RedriveObstacle>,
}

/// What a worker says about its task.
#[derive(Clone, Debug)]
#[allow(missing_docs)]
pub enum TaskReport {
    Success(Value),
    Failure { error: Option<SmolStr>, cause: Option<SmolStr> },
    Heartbeat,
}

/// Why a task token can't be used.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum TokenProblem {
    /// It was never given out, or belongs to another account or region.
    Invalid,
    /// Its task has ended, timed out, or its execution has ended.
    TimedOut,
}

impl Engine {
    /// An engine that runs nothing yet. `activity_exists` answers for the registry; `seed` decides all that is random.
    ///
    /// With a clock that runs by itself this must be called inside a tokio runtime, which then fires the timers.
    pub fn new(
        clock: Clock,
        services: Services,
        logs: Logs,
        rules: Rules,
        seed: u64,
        activity_exists: impl Fn(&str) -> bool + Send + Sync + 'static,
    ) -> Self {
        let shared = Arc::new(Shared {
            clock,
            rules,
            executions: Executions::default(),
            express: express::Running::default(),
            map_runs: map_run::MapRuns::default(),
            timers: Arc::default(),
            activities: activities::Activities::default(),
            services,
            logs,
            activity_exists: Box::new(activity_exists),
            seeds: AtomicU64::new(seed),
            polls_ended: tokio::sync::watch::Sender::new(false),
        });
        if shared.clock.runs() {
            tokio::spawn(Engine::run_timers(Arc::downgrade(&shared)));
        }
        Engine(shared)
    }

    fn shared(&self) -> &Shared {
        &self.0
    }

    /// What calls other services.
    pub fn services(&self) -> &Services {
        &self.0.services
    }

    /// The time of workflows.
    pub fn now(&self) -> Timestamp {
        self.0.clock.now()
    }

    /// Numbers for what is left to chance. Seeds are not as far apart as the generator's own steps: the next generator would
    /// repeat all numbers of this one but the first.
    pub fn random(&self) -> Random {
        Random::new(self.0.seeds.fetch_add(0xD1B5_4A32_D192_ED03, Ordering::Relaxed))
    }

    /// Moves a virtual clock forward, stopping at each timer on the way.
    pub fn advance(&self, by: Duration) {
        let until = self.now().plus_millis(i64::try_from(by.as_millis()).unwrap_or(i64::MAX));
        while let Some(next) = self.0.timers.next().filter(|next| *next <= until) {
            self.0.clock.move_to(next);
            self.fire_due();
        }
        self.0.clock.move_to(until);
    }

    /// Starts an execution and runs it until it has to wait, or has used its first slice of time.
    pub fn start(&self, start: Start) -> Result<Started, ExecutionAlreadyExists> {
        if start.machine.machine_type == MachineType::Express {
            return Ok(self.start_express(start));
        }
        let random = self.random();
        let name = start.name.unwrap_or_else(|| random.uuid().to_smolstr());
        let start_date = self.now();
        let machine = start.machine;
        let arn = start.namespace.execution_arn(&machine.name, &name);
        let identity = Identity {
            arn: arn.clone(),
            name: name.clone(),
            role_arn: machine.role_arn.clone(),
            machine_arn: machine.arn.clone(),
            machine_name: machine.name.clone(),
            region: start.namespace.region.clone(),
            start_date,
            input: start.input,
            workflow: Workflow::Standard,
            started_with: start.association.as_deref().map(started_with),
        };
        let execution = Execution::new(machine.program.clone(), identity, random.bits())
            .with_mocks(start.mocks)
            .with_strictness(self.0.rules.strictness);
        let entry =
            Entry::new(start.namespace.clone(), machine.clone(), execution, start.association, start.trace_header);
        // Whoever finds the new execution waits until it has taken its first steps.
        let mut state = entry.lock();
        if let Some(existing) = self.0.executions.add(&start.namespace, &machine.name, &name, &entry) {
            let input = state.execution.identity().input.to_text();
            drop(state);
            let existing = existing.lock();
            let identity = existing.execution.identity();
            return if existing.execution.end().is_none() && identity.input.to_text() == input {
                Ok(Started { arn, name, start_date: identity.start_date })
            } else {
                Err(ExecutionAlreadyExists { arn })
            };
        }
        self.drive_locked(&entry, &mut state, self.beginning(&entry, Signal::Start));
        Ok(Started { arn, name, start_date })
    }

    /// Ends an execution and says when it ended; one that has ended before keeps its end. One that waits for its redrive is not
    /// ended: nothing says what AWS does then.
    pub fn stop(
        &self,
        namespace: &Namespace,
        machine: &str,
        name: &str,
        error: Option<SmolStr>,
        cause: Option<SmolStr>,
    ) -> Option<Result<Timestamp, PendingRedrive>> {
        let entry = self.0.executions.get(namespace, machine, name)?;
        let mut state = entry.lock();
        if entry.status() == Status::PendingRedrive {
            return Some(Err(PendingRedrive));
        }
        self.drive_locked(&entry, &mut state, vec![Signal::Stop { error, cause }]);
        state.execution.end().map(|(_, stopped)| Ok(*stopped))
    }

    /// Waits until an execution has ended. One that isn't there has.
    pub async fn ended(&self, namespace: &Namespace, machine: &str, name: &str) {
        let ended = self.0.executions.get(namespace, machine, name).and_then(|entry| entry.lock().end_told());
        if let Some(ended) = ended {
            // Whoever tells just goes away.
            let _ = ended.await;
        }
    }

    /// Forgets the executions of one namespace, or of all, and what was learnt about connections; what runs is stopped.
    pub fn reset(&self, namespace: Option<&Namespace>) {
        self.0.express.forget_ended(namespace);
        self.0.map_runs.forget(namespace);
        for entry in self.0.executions.take(namespace).into_iter().chain(self.0.express.all(namespace)) {
            self.drive(&entry, vec![Signal::Stop { error: None, cause: None }]);
        }
        self.0.services.reset(namespace);
    }

    /// What DescribeExecution shows.
    pub fn describe(&self, namespace: &Namespace, machine: &str, name: &str) -> Option<Description> {
        self.0.executions.get(namespace, machine, name).map(|entry| entry.description(self.now()))
    }

    /// The state machine that an execution runs, as it was at the start.
    pub fn machine_of(&self, namespace: &Namespace, machine: &str, name: &str) -> Option<Arc<StateMachine>> {
        self.0.executions.get(namespace, machine, name).map(|entry| entry.machine.clone())
    }

    /// Reads an execution's history; the execution stands still meanwhile.
    pub fn history<R>(
        &self,
        namespace: &Namespace,
        machine: &str,
        name: &str,
        read: impl FnOnce(&History) -> R,
    ) -> Option<R> {
        let entry = self.0.executions.get(namespace, machine, name)?;
        let state = entry.lock();
        Some(read(state.execution.history()))
    }

    /// A page of a machine's executions, newest first, and where the next page begins.
    pub fn list(
        &self,
        namespace: &Namespace,
        machine: &str,
        filter: Filter<'_>,
        behind: Option<Place>,
        limit: usize,
    ) -> (Vec<Summary>, Option<Place>) {
        let (page, next) = self.0.executions.list(namespace, machine, filter, behind, limit);
        (page.iter().map(|entry| entry.summary()).collect(), next)
    }

    /// Whether any execution of the machine runs.
    pub fn is_running(&self, namespace: &Namespace, machine: &str) -> bool {
        self.0.executions.is_running(namespace, machine) || self.0.express.is_running(namespace, machine)
    }

    /// The machine was deleted: what runs ends at its next transition. Express executions go on, as AWS says that they
    /// may; they end within five minutes.
    pub fn machine_deleted(&self, namespace: &Namespace, machine: &str) {
        for entry in self.0.executions.running(namespace, machine) {
            self.drive(&entry, vec![Signal::MachineDeleted]);
        }
    }

    /// The machine was deleted while this execution began: that ends at its next transition.
    pub fn machine_deleted_meanwhile(&self, namespace: &Namespace, machine: &str, name: &str) {
        if let Some(entry) = self.0.executions.get(namespace, machine, name) {
            self.drive(&entry, vec![Signal::MachineDeleted]);
        }
    }

    /// The machine is about to be forgotten, if nothing of it runs, which is the answer: from then on lists no longer
    /// show its executions, though their names stay taken.
    pub fn forget_machine(&self, namespace: &Namespace, machine: &str) -> bool {
        let may = !self.is_running(namespace, machine);
        if may {
            self.0.executions.forget_listed(namespace, machine);
        }
        may
    }

    /// Waits up to a minute for a task of this activity. Dropping the future leaves the queue.
    pub async fn poll_activity(
        &self,
        activity_arn: &SmolStr,
        worker_name: Option<SmolStr>,
    ) -> Result<Option<Offer>, TooManyPollers> {
        let mut polls_ended = self.0.polls_ended.subscribe();
        tokio::select! {
            offer = self.0.activities.poll(self, activity_arn, worker_name) => offer.map(Some),
            () = tokio::time::sleep(POLL) => Ok(None),
            _ = polls_ended.wait_for(|ended| *ended) => Ok(None),
        }
    }

    /// Ends all polls for tasks, now and from now on: the server is about to stop.
    pub fn end_polls(&self) {
        self.0.polls_ended.send_replace(true);
    }

    /// How many workers wait for a task of this activity.
    pub fn waiting_workers(&self, activity_arn: &str) -> usize {
        self.0.activities.waiting_workers(activity_arn)
    }

    /// How many jobs of other services wait for their next look.
    pub fn waiting_jobs(&self) -> usize {
        self.0.timers.pauses()
    }

    /// Whether the task with this token waits for a report.
    pub fn check_token(&self, namespace: &Namespace, token: &str) -> Result<(), TokenProblem> {
        let (entry, task) = self.task_of(namespace, token)?;
        let state = entry.lock();
        waits(state.execution.token_state(task, token))
    }

    /// The execution and the task that a token names.
    fn task_of(&self, namespace: &Namespace, token: &str) -> Result<(Arc<Entry>, TaskId), TokenProblem> {
        let named = token::decode(token).ok_or(TokenProblem::Invalid)?;
        let arn = Arn::parse(&named.execution_arn).filter(|arn| namespace.holds(arn)).ok_or(TokenProblem::Invalid)?;
        let mut parts = arn.resource.splitn(3, ':').skip(1);
        let (machine, name) = parts.next().zip(parts.next()).ok_or(TokenProblem::Invalid)?;
        let entry = self.0.executions.get(namespace, machine, name).ok_or(TokenProblem::Invalid)?;
        Ok((entry, named.task))
    }

    /// A worker reports on its task.
    pub fn report(&self, namespace: &Namespace, token: &str, report: TaskReport) -> Result<(), TokenProblem> {
        let (entry, task) = self.task_of(namespace, token)?;
        let mut state = entry.lock();
        waits(state.execution.token_state(task, token))?;
        let signal = match report {
            TaskReport::Heartbeat => Signal::Heartbeat(task),
            TaskReport::Success(output) => Signal::TaskReported { task, result: Ok(output) },
            TaskReport::Failure { error, cause } => {
                Signal::TaskReported { task, result: Err(Failure::Reported { error, cause }) }
            }
        };
        self.drive_locked(&entry, &mut state, vec![signal]);
        Ok(())
    }
}

fn started_with(association: &Association) -> Arc<StartedWith> {
    let Association { version_arn, alias_arn } = association.clone();
    Arc::new(StartedWith { version_arn, alias_arn })
}

fn waits(state: TokenState) -> Result<(), TokenProblem> {
    match state {
        TokenState::Open => Ok(()),
        TokenState::Over => Err(TokenProblem::TimedOut),
        TokenState::Unknown => Err(TokenProblem::Invalid),
    }
}

impl Shared {
    /// When a wait from `now` to `at` ends if Wait states are scaled.
    fn scaled(&self, now: Timestamp, at: Timestamp) -> Timestamp {
        if self.rules.wait_time_scale == 1.0 {
            return at;
        }
        let delay = at.millis().saturating_sub(now.millis()) as f64 * self.rules.wait_time_scale;
        now.plus_millis(delay as i64)
    }
}
