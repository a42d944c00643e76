//! Looks after a map run: has its items read, begins children, waits for them, has the results written, tells the parent.
//!
//! What is next is decided by its progress; here it is done.

use super::progress::Next;
use super::{ChildStatus, MapRun, MapRunStatus, results};
use crate::engine::driver::{Slice, spawn_guarded};
use crate::engine::executions::{Entry, EntryState};
use crate::engine::{Engine, Status};
use crate::failure::{Failure, Runtime};
use crate::interpreter::{ChildInput, MapRunStart, Signal, Subject, TaskId};
use crate::json::Value;
use crate::quota;
use crate::timestamp::Timestamp;
use std::sync::Arc;

impl Engine {
    /// Begins a map run of an execution whose lock is held, unless it would do what is forbidden.
    pub(in crate::engine) fn start_map_run(
        &self,
        parent: &Arc<Entry>,
        state: &mut EntryState,
        task: TaskId,
        start: MapRunStart,
    ) -> Option<Signal> {
        let uses_s3 = matches!(start.reads, Some(Ok(_))) || start.writes.as_ref().is_some_and(|w| w.place.is_some());
        let role_arn = &state.execution.identity().role_arn;
        let deviations = if uses_s3 { self.shared().services.deviations_in_s3(role_arn) } else { Box::default() };
        let forbidden = deviations.iter().any(|deviation| self.shared().rules.strictness.forbids(deviation));
        if forbidden {
            return Some(Signal::MapRunForbidden { task, deviations });
        }
        let met = uses_s3.then_some(Signal::Met { subject: Subject::Task(task), deviations });
        let run = Arc::new(MapRun::new(parent, &state.execution, start, self.now()));
        self.shared().map_runs.add(&run);
        self.look_after(parent, state, task, run, Since::Beginning);
        met
    }

    /// Goes on with a map run that has ended without success, for another task of its execution.
    pub(in crate::engine) fn redrive_map_run(
        &self,
        parent: &Arc<Entry>,
        state: &mut EntryState,
        task: TaskId,
        arn: &str,
    ) -> Option<Signal> {
        let Some(run) = self.shared().map_runs.get(arn) else {
            let problem = Runtime::Bug { panic: format!("there is no map run {arn}") };
            return Some(Signal::MapRunEnded { task, result: Err(Failure::Runtime { place: None, problem }) });
        };
        let may = {
            let mut state = run.lock();
            let may = state.redrives < quota::MAP_RUN_REDRIVES;
            if may {
                state.redrives += 1;
                state.redrive_date = Some(self.now());
                state.end = None;
            }
            may
        };
        if !may {
            return Some(Signal::MapRunEnded { task, result: Err(too_many_redrives()) });
        }
        self.look_after(parent, state, task, run, Since::Redrive);
        None
    }

    /// What the children of the map run that this task stands for are given.
    pub(in crate::engine) fn run_items(&self, state: &EntryState, task: TaskId, children: Vec<ChildInput>) {
        let run = state.outside.as_deref().and_then(|outside| outside.map_runs.get(&task));
        if let Some(run) = run {
            run.lock().progress.give(children);
            run.changed.notify_one();
        }
    }

    fn look_after(&self, parent: &Arc<Entry>, state: &mut EntryState, task: TaskId, run: Arc<MapRun>, since: Since) {
        state.outside.get_or_insert_default().map_runs.insert(task, run.clone());
        {
            let mut state = run.lock();
            (state.task, state.abandoned) = (task, None);
        }
        run.changed.notify_one();
        let (engine, parent) = (self.clone(), parent.clone());
        let guarded = (engine.clone(), parent.clone(), run.clone());
        let driven = async move {
            let _driving = run.driving.lock().await;
            // Another task may stand for it by now, and its driver have come first.
            if run.lock().task != task {
                return;
            }
            if since == Since::Redrive {
                run.go_on(engine.now());
            }
            engine.drive_map_run(&parent, task, &run).await;
        };
        spawn_guarded(driven, move |problem| {
            let (engine, parent, run) = guarded;
            engine.come_to_rest(&run);
            engine.end_map_run(&parent, task, &run, Err(Failure::Runtime { place: None, problem }));
        });
    }

    async fn drive_map_run(&self, parent: &Arc<Entry>, task: TaskId, run: &Arc<MapRun>) {
        let places = self.shared().map_runs.places(&run.namespace);
        let place = places.try_acquire();
        if place.is_err() {
            tracing::warn!(map_run = %run.start.arn, "{} map runs are open: this one waits", quota::OPEN_MAP_RUNS);
        }
        // Documented: a map run that has no place is backlogged, and waits. That one which began inside another waits too, even
        // if all places are taken by those that wait for such as it is, and stands still then, is a guess: the quota makes no
        // exception.
        let _place = match place {
            Ok(place) => Ok(place),
            Err(_) => tokio::select! {
                place = places.acquire() => place,
                () = given_up(run, task) => return self.clear_away(run, task).await,
            },
        };
        run.lock().is_backlogged = false;
        if !run.lock().progress.is_known()
            && let Some(reads) = &run.start.reads
        {
            let read = async {
                match reads {
                    Ok(reads) => self.shared().services.read_items(&run.namespace, reads).await,
                    Err(failure) => Err(failure.clone()),
                }
            };
            let items = tokio::select! {
                items = read => items,
                () = given_up(run, task) => return self.clear_away(run, task).await,
            };
            match items {
                Ok(items) => self.drive(parent, vec![Signal::ItemsRead { task, items }]),
                Err(failure) => return self.end_map_run(parent, task, run, Err(failure)),
            }
        }
        let Some(ended) = self.run_children(parent, task, run).await else {
            return self.clear_away(run, task).await;
        };
        self.stop_children(run, |_| true);
        let written = tokio::select! {
            written = self.write_results(run) => written,
            () = given_up(run, task) => return self.clear_away(run, task).await,
        };
        let result = match (ended, written) {
            (Err(failure), _) | (Ok(()), Err(failure)) => Err(failure),
            (Ok(()), Ok(Some(written))) => Ok(written),
            (Ok(()), Ok(None)) => {
                let form = run.start.writes.as_ref().map(|writes| writes.form).unwrap_or_default();
                Ok(results::result(form, &self.records(run)))
            }
        };
        self.end_map_run(parent, task, run, result);
    }

    /// Nobody waits any more. Documented: Standard children are stopped, Express ones are waited for, results are written, and
    /// a redrive begins only after that.
    async fn clear_away(&self, run: &Arc<MapRun>, task: TaskId) {
        // A reset waits for nobody.
        let stops =
            |entry: &Entry| !run.start.is_express || run.lock().is_forgotten || entry.status() != Status::Running;
        self.stop_children(run, stops);
        while run.lock().progress.executions.of(ChildStatus::Running) > 0 {
            run.changed.notified().await;
            if run.lock().is_forgotten {
                self.stop_children(run, stops);
            }
        }
        let is_written = {
            let state = run.lock();
            // Where it is not known what the children would have been given, there is nothing to tell of them.
            !state.is_forgotten && state.progress.is_known()
        };
        if is_written && let Err(failure) = self.write_results(run).await {
            tracing::warn!(map_run = %run.start.arn, cause = ?failure.cause(), "its results could not be written");
        }
        let status = run.lock().abandoned.unwrap_or(MapRunStatus::Aborted);
        self.note_end(run, task, status);
    }

    /// Begins children until all have ended or too many have failed; nothing if nobody waits any more.
    async fn run_children(&self, parent: &Arc<Entry>, task: TaskId, run: &Arc<MapRun>) -> Option<Result<(), Failure>> {
        let mut slice = Slice::begin();
        while !run.is_given_up(task) {
            let next = run.lock().progress.next();
            match next {
                Next::Begin(number) => self.begin_child(parent, run, number),
                Next::Wait => run.changed.notified().await,
                Next::Over(ended) => return Some(ended),
            }
            if slice.is_over() {
                tokio::task::yield_now().await;
                slice = Slice::begin();
            }
        }
        None
    }

    /// Writes what the children came to, if it is to be written: the state's result then.
    async fn write_results(&self, run: &Arc<MapRun>) -> Result<Option<Value>, Failure> {
        let writes = run.start.writes.as_ref();
        let Some((place, form)) = writes.and_then(|writes| Some((writes.place.as_ref()?, writes.form))) else {
            return Ok(None);
        };
        let place = results::Place::of(place, &run.start.arn)?;
        for file in results::files(&place, form, &self.records(run), &run.start.arn) {
            self.shared().services.put_result(&run.namespace, &place.bucket, &file.key, file.content).await?;
        }
        run.lock().results_written = true;
        Ok(Some(place.result(&run.start.arn)))
    }

    fn records(&self, run: &Arc<MapRun>) -> Vec<results::Record> {
        let now = self.now();
        let children: Vec<_> = {
            let children = &run.lock().progress.children;
            children.iter().map(|child| (child.input.clone(), child.status, child.entry.clone())).collect()
        };
        let record = |(input, status, entry): &(Value, _, Option<Arc<Entry>>)| {
            results::Record::of(input, *status, entry.as_deref(), now)
        };
        children.iter().map(record).collect()
    }

    fn end_map_run(&self, parent: &Arc<Entry>, task: TaskId, run: &Arc<MapRun>, result: Result<Value, Failure>) {
        // What only Stepwell fails for, and what a child met that must fail an execution, fails this one too, whatever it tolerates.
        let ours = run.failed().into_iter().find_map(|entry| {
            let state = entry.lock();
            let problem = state.execution.ours()?.clone();
            Some(problem.of_nested(state.execution.identity().arn.clone()))
        });
        let failed = ours.map(|problem| Signal::NestedFailed { task, problem });
        let is_success = result.is_ok() && failed.is_none();
        self.note_end(run, task, if is_success { MapRunStatus::Succeeded } else { MapRunStatus::Failed });
        let entries = if self.shared().rules.strictness.is_any() { run.entries() } else { Vec::new() };
        let met = entries.into_iter().find_map(|entry| {
            let arn = entry.lock().execution.identity().arn.clone();
            self.nested_met(task, arn)
        });
        let mut state = parent.lock();
        if let Some(outside) = state.outside.as_deref_mut() {
            outside.map_runs.remove(&task);
        }
        let signals = met.into_iter().chain(failed).chain([Signal::MapRunEnded { task, result }]).collect();
        self.drive_locked(parent, &mut state, signals);
    }

    fn note_end(&self, run: &Arc<MapRun>, task: TaskId, status: MapRunStatus) {
        let now = self.now();
        let mut state = run.lock();
        // Another task may stand for it by now.
        if state.task == task {
            state.results_written |= status == MapRunStatus::Succeeded;
            state.end = Some((status, now));
        }
    }
}

impl MapRun {
    /// The children that didn't succeed are due again, as far as they can be.
    fn go_on(&self, now: Timestamp) {
        // What became of the state machine, and of the parent, is asked before the parent is redriven.
        let can_not = |entry: &Entry| entry.lock().execution.redrive_obstacle(now).is_some();
        let unsuccessful = self.unsuccessful().into_iter();
        let can_not: Vec<usize> =
            unsuccessful.filter(|(_, _, entry)| can_not(entry)).map(|(number, _, _)| number).collect();
        let waiting: Vec<Arc<Entry>> = {
            let mut state = self.lock();
            state.results_written = false;
            state.progress.go_on(&can_not);
            let children = state.progress.children.iter();
            let waiting = children.filter(|child| child.status == ChildStatus::PendingRedrive);
            waiting.filter_map(|child| child.entry.clone()).collect()
        };
        for entry in waiting {
            let _state = entry.lock();
            entry.note_pending_redrive();
        }
    }
}

/// Since when a driver looks after a map run.
#[derive(Clone, Copy, PartialEq, Eq)]
enum Since {
    Beginning,
    Redrive,
}

/// Waits until nobody waits any more for the task that stood for a map run.
async fn given_up(run: &MapRun, task: TaskId) {
    while !run.is_given_up(task) {
        run.changed.notified().await;
    }
}

/// Documented: after a thousand redrives it is `States.Runtime`; the words are a guess.
fn too_many_redrives() -> Failure {
    Failure::Runtime { place: None, problem: Runtime::TooManyRedrives }
}
