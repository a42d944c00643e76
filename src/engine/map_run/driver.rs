//! Looks after a map run: has its items read, begins children, waits for them, has the results written, tells the parent.
//!
//! What is next is decided by its progress; here it is done.

use super::progress::{Child, Limits, Next, Progress};
use super::{ChildOf, ChildStatus, MapRun, MapRunStatus, State, results};
use crate::engine::driver::{Slice, spawn_guarded};
use crate::engine::executions::{Entry, EntryState};
use crate::engine::{Engine, Status};
use crate::failure::{Failure, Runtime};
use crate::interpreter::{ChildInput, Execution, Identity, MapRunStart, Signal, Subject, TaskId, Workflow};
use crate::json::Value;
use crate::quota;
use smol_str::{ToSmolStr, format_smolstr};
use std::sync::{Arc, Mutex};
use tokio::sync::Notify;

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
        let met = uses_s3.then_some(Signal::Met { subject: Subject::Task(task), deviations });
        if forbidden {
            return met;
        }
        let progress = Progress::new(Limits::of(&start));
        let machine_name = format_smolstr!("{}/{}", parent.machine.name, start.label);
        let run = Arc::new(MapRun {
            namespace: parent.namespace.clone(),
            machine_arn: parent.namespace.state_machine_arn(&machine_name),
            machine_name,
            execution_arn: state.execution.identity().arn.clone(),
            machine: parent.machine.clone(),
            mocks: state.execution.mocks(),
            start,
            start_date: self.now(),
            state: Mutex::new(State {
                progress,
                end: None,
                redrives: 0,
                redrive_date: None,
                results_written: false,
                driver: 0,
            }),
            changed: Notify::new(),
        });
        self.shared().map_runs.add(&run);
        self.look_after(parent, state, task, run);
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
        {
            let mut state = run.lock();
            if state.redrives == quota::MAP_RUN_REDRIVES {
                drop(state);
                return Some(Signal::MapRunEnded { task, result: Err(too_many_redrives()) });
            }
            state.redrives += 1;
            state.redrive_date = Some(self.now());
            state.end = None;
            state.progress.go_on();
            for child in &state.progress.children {
                if let (ChildStatus::Pending, Some(entry)) = (child.status, &child.entry) {
                    entry.note_pending_redrive();
                }
            }
        }
        self.look_after(parent, state, task, run);
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

    fn look_after(&self, parent: &Arc<Entry>, state: &mut EntryState, task: TaskId, run: Arc<MapRun>) {
        state.outside.get_or_insert_default().map_runs.insert(task, run.clone());
        run.lock().driver = task;
        run.changed.notify_one();
        let (engine, parent) = (self.clone(), parent.clone());
        let guarded = (engine.clone(), parent.clone(), run.clone());
        spawn_guarded(async move { engine.drive_map_run(&parent, task, &run).await }, move |problem| {
            let (engine, parent, run) = guarded;
            engine.end_map_run(&parent, task, &run, Err(Failure::Runtime { place: None, problem }));
        });
    }

    async fn drive_map_run(&self, parent: &Arc<Entry>, task: TaskId, run: &Arc<MapRun>) {
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
                () = given_up(run, task) => return self.abandon(run, task).await,
            };
            match items {
                Ok(items) => self.drive(parent, vec![Signal::ItemsRead { task, items }]),
                Err(failure) => return self.end_map_run(parent, task, run, Err(failure)),
            }
        }
        let Next::Over(ended) = self.run_children(parent, task, run).await else {
            return self.abandon(run, task).await;
        };
        self.stop_children(run);
        let written = tokio::select! {
            written = self.write_results(run) => written,
            () = given_up(run, task) => return self.abandon(run, task).await,
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

    /// Nobody waits any more: what runs is stopped, unless somebody else looks after it by now.
    async fn abandon(&self, run: &Arc<MapRun>, task: TaskId) {
        if run.lock().driver != task {
            return;
        }
        self.stop_children(run);
        self.note_end(run, MapRunStatus::Aborted);
        if let Err(failure) = self.write_results(run).await {
            tracing::warn!(map_run = %run.start.arn, cause = ?failure.cause(), "its results could not be written");
        }
    }

    /// Begins children until all have ended, too many have failed, or nobody waits any more.
    async fn run_children(&self, parent: &Arc<Entry>, task: TaskId, run: &Arc<MapRun>) -> Next {
        let mut slice = Slice::begin();
        loop {
            let next = {
                let mut state = run.lock();
                if state.driver == task { state.progress.next() } else { Next::Abandoned }
            };
            match next {
                Next::Begin(number) => self.begin_child(parent, run, number),
                Next::Wait => run.changed.notified().await,
                ended => return ended,
            }
            if slice.is_over() {
                tokio::task::yield_now().await;
                slice = Slice::begin();
            }
        }
    }

    fn begin_child(&self, parent: &Arc<Entry>, run: &Arc<MapRun>, number: usize) {
        let (before, input, items) = {
            let state = run.lock();
            let Child { entry, input, items, .. } = &state.progress.children[number];
            (entry.clone(), input.clone(), *items)
        };
        // Documented: an Express execution can't be redriven, it begins anew. That a Standard one which can't go on does so too is
        // a guess.
        match before.filter(|entry| !run.start.is_express && entry.lock().execution.can_go_on()) {
            Some(entry) => {
                entry.note_running(self.now());
                let mut state = entry.lock();
                self.drive_locked(&entry, &mut state, self.beginning(&entry, Signal::Redrive));
            }
            None => {
                let entry = self.child(parent, run, number, input, items);
                run.lock().progress.children[number].entry = Some(entry.clone());
                let mut state = entry.lock();
                self.drive_locked(&entry, &mut state, self.beginning(&entry, Signal::Start));
            }
        }
    }

    fn child(&self, parent: &Arc<Entry>, run: &Arc<MapRun>, number: usize, input: Value, items: u64) -> Arc<Entry> {
        let random = self.random();
        let (machine, namespace) = (&run.machine, &run.namespace);
        let (name, machine_name) = (random.uuid().to_smolstr(), &run.machine_name);
        let (arn, key) = if run.start.is_express {
            let id = random.uuid().to_smolstr();
            (namespace.express_execution_arn(machine_name, &name, &id), format_smolstr!("{name}:{id}"))
        } else {
            (namespace.execution_arn(machine_name, &name), name.clone())
        };
        let identity = Identity {
            arn,
            name,
            role_arn: machine.role_arn.clone(),
            machine_arn: run.machine_arn.clone(),
            machine_name: machine.name.clone(),
            region: namespace.region.clone(),
            start_date: self.now(),
            input,
            workflow: if run.start.is_express { Workflow::AsynchronousExpress } else { Workflow::Standard },
            started_with: None,
        };
        let execution = Execution::new(machine.program.clone(), identity, random.bits())
            .of_map_run(run.start.processor)
            .with_mocks(run.mocks.clone())
            .with_strictness(self.shared().rules.strictness);
        let child_of = ChildOf { run: Arc::downgrade(run), arn: run.start.arn.clone(), number, items };
        let entry =
            Entry::of_map_run(namespace.clone(), machine.clone(), execution, child_of, parent.trace_header.clone());
        if run.start.is_express {
            self.shared().express.add(&entry);
        }
        // Nobody else has a uuid that has just been made.
        let _ = self.shared().executions.add(namespace, machine_name, &key, &entry);
        entry
    }

    /// Documented: a map run that fails stops what runs.
    fn stop_children(&self, run: &Arc<MapRun>) {
        for entry in run.entries() {
            if entry.status() == Status::Running {
                self.drive(&entry, vec![Signal::Stop { error: None, cause: None }]);
            }
        }
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
        Ok(Some(place.result(&run.start.arn)))
    }

    fn records(&self, run: &Arc<MapRun>) -> Vec<results::Record> {
        let children: Vec<_> = {
            let children = &run.lock().progress.children;
            children.iter().map(|child| (child.input.clone(), child.status, child.entry.clone())).collect()
        };
        let record = |(input, status, entry): &(Value, _, Option<Arc<Entry>>)| {
            results::Record::of(input, *status, entry.as_deref())
        };
        children.iter().map(record).collect()
    }

    fn end_map_run(&self, parent: &Arc<Entry>, task: TaskId, run: &Arc<MapRun>, result: Result<Value, Failure>) {
        let status = if result.is_ok() { MapRunStatus::Succeeded } else { MapRunStatus::Failed };
        self.note_end(run, status);
        // What a child met that must fail an execution fails this one too, whatever it tolerates.
        let entries = if self.shared().rules.strictness.is_any() { run.entries() } else { Vec::new() };
        let met = entries.into_iter().find_map(|entry| {
            let arn = entry.lock().execution.identity().arn.clone();
            self.nested_ended(task, arn)
        });
        let mut state = parent.lock();
        if let Some(outside) = state.outside.as_deref_mut() {
            outside.map_runs.remove(&task);
        }
        let signals = met.into_iter().chain([Signal::MapRunEnded { task, result }]).collect();
        self.drive_locked(parent, &mut state, signals);
    }

    fn note_end(&self, run: &Arc<MapRun>, status: MapRunStatus) {
        let now = self.now();
        let mut state = run.lock();
        state.results_written = status == MapRunStatus::Succeeded || run.start.writes.is_some();
        state.end = Some((status, now));
    }
}

/// Waits until nobody waits for the map run any more, or somebody else looks after it.
async fn given_up(run: &MapRun, task: TaskId) {
    let is_given_up = || {
        let state = run.lock();
        state.progress.is_abandoned() || state.driver != task
    };
    while !is_given_up() {
        run.changed.notified().await;
    }
}

/// Documented: after a thousand redrives it is `States.Runtime`; the words are a guess.
fn too_many_redrives() -> Failure {
    Failure::Runtime { place: None, problem: Runtime::TooManyRedrives }
}
