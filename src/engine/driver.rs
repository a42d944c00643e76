//! Applies signals to executions and does what they ask for.
//!
//! An execution's lock is held while its signals are applied and its actions begun, never across `.await`, and never
//! two executions' locks at once.

use super::activities::OfferedTask;
use super::executions::{Entry, EntryState, Outside};
use super::map_run::MapRunStatus;
use super::timers::Due;
use super::{Engine, Shared};
use crate::failure::{Failure, Runtime};
use crate::history::EventId;
use crate::honesty::Deviation;
use crate::integrations::{Job, Progress, TaskRole};
use crate::interpreter::invocation::Invocation;
use crate::interpreter::{Action, STEPS, Signal, Subject, TaskId, TimerKind};
use crate::json::Value;
use crate::registry::LogLevel;
use crate::timestamp::Timestamp;
use smol_str::SmolStr;
use std::any::Any;
use std::future::{Future, poll_fn};
use std::panic::{AssertUnwindSafe, catch_unwind};
use std::sync::Arc;
use std::task::Poll;
use std::time::{Duration, Instant};

impl Engine {
    /// Applies signals now.
    pub(super) fn drive(&self, entry: &Arc<Entry>, signals: Vec<Signal>) {
        let mut state = entry.lock();
        self.drive_locked(entry, &mut state, signals);
    }

    pub(super) fn drive_locked(&self, entry: &Arc<Entry>, state: &mut EntryState, signals: Vec<Signal>) {
        let driven = catch_unwind(AssertUnwindSafe(|| self.drive_for_a_slice(entry, state, signals)));
        if let Err(panic) = driven {
            // A bug that one execution met is no reason for others, or for the timers, to stand still.
            let text = what_panicked(&*panic);
            tracing::error!(execution = %state.execution.identity().arn, panic = text, "this is a bug of Stepwell");
            let now = self.shared().clock.now();
            let before = state.execution.history().len();
            let actions = state.execution.give_up(now, text);
            self.log(entry, state, before);
            for action in actions {
                self.perform(entry, state, now, action);
            }
        }
    }

    fn drive_for_a_slice(&self, entry: &Arc<Entry>, state: &mut EntryState, mut signals: Vec<Signal>) {
        let slice = Slice::begin();
        while !signals.is_empty() {
            let now = self.shared().clock.now();
            let before = state.execution.history().len();
            let actions = state.execution.apply_within(state.steps, now, std::mem::take(&mut signals));
            self.log(entry, state, before);
            for action in actions {
                if !matches!(action, Action::Continue) {
                    signals.extend(self.perform(entry, state, now, action));
                } else if slice.is_over() {
                    state.steps = (state.steps / slice.times_over()).max(1);
                    self.go_on_later(entry, state);
                } else {
                    state.steps = (state.steps * 2).min(STEPS);
                    signals.push(Signal::Continue);
                }
            }
        }
    }

    /// Logs what was written into the history after so many events.
    fn log(&self, entry: &Entry, state: &mut EntryState, before: usize) {
        let (machine, execution) = (&entry.machine, &mut state.execution);
        if machine.logging.level != LogLevel::Off {
            let redrives = execution.redrive().map_or(0, |redrive| redrive.count);
            let new = execution.history().after(before as EventId);
            self.shared().logs.write(machine, &execution.identity().arn, redrives, new);
        }
        if execution.identity().workflow.is_express() {
            // Nobody can ask for it.
            execution.forget_history();
        }
    }

    /// Goes on with an execution when all others, and the requests that have come in, had their turn.
    fn go_on_later(&self, entry: &Arc<Entry>, state: &mut EntryState) {
        if std::mem::replace(&mut state.goes_on, true) {
            return;
        }
        let (engine, entry) = (self.clone(), entry.clone());
        tokio::spawn(async move {
            tokio::task::yield_now().await;
            let mut state = entry.lock();
            state.goes_on = false;
            engine.drive_locked(&entry, &mut state, vec![Signal::Continue]);
        });
    }

    /// Does what an execution asks for; what can be answered at once comes back as a signal.
    fn perform(&self, entry: &Arc<Entry>, state: &mut EntryState, now: Timestamp, action: Action) -> Option<Signal> {
        let shared = self.shared();
        match action {
            Action::SetTimer { timer, at, kind } => {
                let scaled = if kind == TimerKind::Wait { shared.scaled(now, at) } else { at };
                let key = shared.timers.set(scaled, entry, timer);
                outside(state).timers.insert(timer, key);
                if scaled != at {
                    let deviation = Deviation::WaitScaled { factor: shared.rules.wait_time_scale };
                    let subject = Subject::Timer(timer);
                    return Some(Signal::Met { subject, deviations: [deviation].into() });
                }
            }
            Action::ClearTimer(timer) => {
                if let Some(key) = outside(state).timers.remove(&timer) {
                    shared.timers.clear(key);
                }
            }
            Action::FindActivity { task, activity_arn } => {
                return Some(if (shared.activity_exists)(&activity_arn) {
                    Signal::ActivityFound(task)
                } else {
                    Signal::ActivityMissing(task)
                });
            }
            Action::OfferTask { task, activity_arn, token, input } => {
                let offered = OfferedTask { entry: entry.clone(), task, token, input };
                let place = shared.activities.offer(self, &activity_arn, offered);
                outside(state).offers.insert(task, (activity_arn, place));
            }
            Action::Invoke { task, invocation, role_arn } => {
                let identity = state.execution.identity();
                let deviations =
                    shared.services.deviations(&entry.namespace, &invocation, &identity.role_arn, role_arn.as_ref());
                let forbidden = deviations.iter().any(|deviation| shared.rules.strictness.forbids(deviation));
                let met = Signal::Met { subject: Subject::Task(task), deviations };
                if forbidden {
                    return Some(met);
                }
                let role = role_arn.map(|arn| TaskRole {
                    arn,
                    machine_role: identity.role_arn.clone(),
                    machine_arn: identity.machine_arn.clone(),
                });
                let call = self.spawn_call(entry.clone(), task, invocation, role);
                outside(state).calls.insert(task, call);
                return Some(met);
            }
            Action::CancelTask(task) => {
                let outside = outside(state);
                if let Some(call) = outside.calls.remove(&task) {
                    call.abort();
                }
                if let Some((activity_arn, place)) = outside.offers.remove(&task) {
                    shared.activities.withdraw(&activity_arn, place);
                }
                if let Some(run) = outside.map_runs.remove(&task) {
                    run.abandon(MapRunStatus::Aborted);
                }
            }
            Action::FailMapRun(task) => {
                if let Some(run) = outside(state).map_runs.remove(&task) {
                    run.abandon(MapRunStatus::Failed);
                }
            }
            Action::StartMapRun { task, start } => return self.start_map_run(entry, state, task, *start),
            Action::RunItems { task, children } => self.run_items(state, task, children),
            Action::RedriveMapRun { task, arn } => return self.redrive_map_run(entry, state, task, &arn),
            Action::Continue => self.go_on_later(entry, state),
            Action::End => {
                let outside = state.outside.take();
                if let Some((outcome, at)) = state.execution.end() {
                    entry.note_end(outcome, *at);
                }
                if let Some(child_of) = &entry.child_of {
                    child_of.ended(entry.status());
                }
                if state.execution.identity().workflow.is_express() {
                    // Children of map runs are kept themselves.
                    if !state.execution.is_trial() && entry.child_of.is_none() {
                        shared.express.keep(self.report_locked(entry, state));
                    }
                    shared.express.remove(entry);
                }
                if let Some(told) = outside.and_then(|outside| outside.told) {
                    // Who doesn't wait any more doesn't want to know.
                    let _ = told.send(entry.description_locked(state, now));
                }
            }
        }
        None
    }

    fn spawn_call(
        &self,
        entry: Arc<Entry>,
        task: TaskId,
        invocation: Invocation,
        role: Option<TaskRole>,
    ) -> tokio::task::AbortHandle {
        let (engine, caller) = (self.clone(), entry.clone());
        let call = async move { engine.call(&entry, task, &invocation, role.as_ref()).await };
        let engine = self.clone();
        spawn_guarded(call, move |problem| {
            let result = Err(Failure::Runtime { place: None, problem });
            engine.call_ended(&caller, task, vec![Signal::InvocationEnded { task, result }]);
        })
    }

    /// Makes a call, waits for what it may have begun, and tells the execution.
    async fn call(&self, entry: &Arc<Entry>, task: TaskId, invocation: &Invocation, role: Option<&TaskRole>) {
        let (own, home) = (&self.shared().services, &entry.namespace);
        // Thousands of calls may wait: what few of them have is boxed, and an answer is taken where it keeps no room.
        let assumed = match role {
            None => None,
            Some(role) => match Box::pin(own.assume(home, role)).await {
                Ok(assumed) => Some(Box::new(assumed)),
                Err(failure) => {
                    return self.call_ended(entry, task, vec![Signal::InvocationEnded { task, result: Err(failure) }]);
                }
            },
        };
        let (services, namespace) =
            assumed.as_ref().map_or((own, home), |assumed| (&assumed.services, &assumed.namespace));
        let role_arn = invocation.is_of_step_functions().then(|| match role {
            Some(role) => role.arn.as_str().into(),
            None => Box::<str>::from(entry.lock().execution.identity().role_arn.as_str()),
        });
        let result = services.invoke(namespace, role_arn.as_deref().unwrap_or_default(), invocation).await;
        let what_began = |output: &Value| Begun {
            job: services.job(namespace, invocation, output),
            nested: services.nested(invocation, output),
        };
        if let Some(job) = self.answered(entry, task, result, what_began) {
            self.end_of_job(entry, task, job).await;
        }
    }

    /// Tells an execution what a call has given. Gives the job that is now waited for.
    fn answered(
        &self,
        entry: &Arc<Entry>,
        task: TaskId,
        result: Result<Value, Failure>,
        what_began: impl FnOnce(&Value) -> Begun,
    ) -> Option<Box<Job>> {
        let Begun { job, nested } = result.as_ref().map(what_began).unwrap_or_default();
        let met = nested.map(|(execution_arn, tells)| self.nested(entry, task, execution_arn, tells));
        let ended = met.into_iter().flatten().chain([Signal::InvocationEnded { task, result }]).collect();
        match job {
            None => self.call_ended(entry, task, ended),
            Some(job) => {
                self.drive(entry, ended);
                match job {
                    Ok(job) => return Some(Box::new(job)),
                    Err(failure) => {
                        self.call_ended(entry, task, vec![Signal::TaskReported { task, result: Err(failure) }]);
                    }
                }
            }
        }
        None
    }

    /// Looks at a job until it has ended, and tells the execution.
    async fn end_of_job(&self, entry: &Arc<Entry>, task: TaskId, mut job: Box<Job>) {
        loop {
            match Box::pin(job.look()).await {
                Progress::Ended(result) => {
                    let met = job.execution_arn().map(|arn| self.nested_ended(task, arn.clone()));
                    let ended = met.into_iter().flatten().chain([Signal::TaskReported { task, result }]);
                    return self.call_ended(entry, task, ended.collect());
                }
                Progress::GoesOn(pause) => {
                    let millis = i64::try_from(pause.as_millis()).unwrap_or(i64::MAX);
                    let again = self.shared().clock.now().plus_millis(millis);
                    self.shared().timers.sleep(again).over().await;
                }
            }
        }
    }

    fn call_ended(&self, entry: &Arc<Entry>, task: TaskId, signals: Vec<Signal>) {
        let mut state = entry.lock();
        if let Some(outside) = state.outside.as_deref_mut() {
            outside.calls.remove(&task);
        }
        self.drive_locked(entry, &mut state, signals);
    }

    /// Fires the timers that have run down.
    pub(super) fn fire_due(&self) {
        for due in self.shared().timers.take_due(self.shared().clock.now()) {
            self.fire(due);
        }
    }

    fn fire(&self, (entry, timers): Due) {
        let mut state = entry.lock();
        if let Some(outside) = state.outside.as_deref_mut() {
            timers.iter().for_each(|timer| {
                outside.timers.remove(timer);
            });
        }
        self.drive_locked(&entry, &mut state, timers.into_iter().map(Signal::TimerFired).collect());
    }

    /// Waits for timers and fires them, for as long as the engine is there.
    pub(super) async fn run_timers(shared: std::sync::Weak<Shared>) {
        loop {
            let Some(engine) = shared.upgrade().map(Engine) else { return };
            let mut slice = Slice::begin();
            for due in engine.shared().timers.take_due(engine.shared().clock.now()) {
                engine.fire(due);
                if slice.is_over() {
                    tokio::task::yield_now().await;
                    slice = Slice::begin();
                }
            }
            let next = engine.shared().timers.next();
            let now = engine.shared().clock.now();
            let timers = engine.shared().timers.clone();
            drop(engine);
            match next {
                None => timers.earlier().await,
                Some(next) => {
                    let millis = next.millis().saturating_sub(now.millis()).max(0).unsigned_abs();
                    tokio::select! {
                        () = tokio::time::sleep(Duration::from_millis(millis)) => {}
                        () = timers.earlier() => {}
                    }
                }
            }
        }
    }
}

/// What a call has begun.
#[derive(Default)]
struct Begun {
    /// What is waited for now, or why it can't be.
    job: Option<Result<Job, Failure>>,
    /// The execution in this process that it was about, and whether it told what became of that.
    nested: Option<(SmolStr, bool)>,
}

/// The time for which work goes on before others have their turn.
pub(super) struct Slice(Instant);

impl Slice {
    const LENGTH: Duration = Duration::from_millis(1);

    pub fn begin() -> Slice {
        Slice(Instant::now())
    }

    pub fn is_over(&self) -> bool {
        self.times_over() > 0
    }

    fn times_over(&self) -> u32 {
        let times = self.0.elapsed().as_nanos() / Self::LENGTH.as_nanos();
        u32::try_from(times).unwrap_or(u32::MAX)
    }
}

/// Does something beside everything else. If it panics, others are told: a bug is no reason to wait for ever.
pub(super) fn spawn_guarded(
    work: impl Future<Output = ()> + Send + 'static,
    panicked: impl FnOnce(Runtime) + Send + 'static,
) -> tokio::task::AbortHandle {
    let mut work = Box::pin(work);
    let watched = async move {
        let caught = poll_fn(|cx| match catch_unwind(AssertUnwindSafe(|| work.as_mut().poll(cx))) {
            Ok(poll) => poll.map(Ok),
            Err(panic) => Poll::Ready(Err(panic)),
        });
        if let Err(panic) = caught.await {
            panicked(Runtime::Bug { panic: what_panicked(&*panic) });
        }
    };
    tokio::spawn(watched).abort_handle()
}

/// The words of a panic.
fn what_panicked(panic: &(dyn Any + Send)) -> String {
    let text = panic.downcast_ref::<&str>().map(|text| (*text).to_owned());
    text.or_else(|| panic.downcast_ref::<String>().cloned()).unwrap_or_default()
}

fn outside(state: &mut EntryState) -> &mut Outside {
    state.outside.get_or_insert_default()
}
