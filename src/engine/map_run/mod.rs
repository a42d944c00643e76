//! Map runs: the child executions of Map states in distributed mode.
//!
//! A map run is begun by an execution and looked after by a task of its own (`driver`), which begins `children` as long as
//! its progress says so and tells the execution what they came to. A child is an execution like any other, under the name of
//! its state machine with the label of the Map state; it tells its map run when it has ended.
//!
//! The lock of a map run's progress is taken last, behind any other, and held briefly.

mod children;
mod driver;
mod progress;
mod results;

pub use progress::{ChildStatus, Counts, Limits};

use super::executions::Entry;
use super::{Description, Engine, Status};
use crate::arn::Namespace;
use crate::interpreter::{Execution, MapRunStart, Mocks, TaskId};
use crate::quota;
use crate::registry::StateMachine;
use crate::timestamp::Timestamp;
use progress::Progress;
use smol_str::{SmolStr, format_smolstr};
use std::collections::HashMap;
use std::sync::{Arc, Mutex, MutexGuard, PoisonError, Weak};
use tokio::sync::{Notify, Semaphore};

/// The status of a map run.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
#[allow(missing_docs)]
pub enum MapRunStatus {
    Running,
    Succeeded,
    Failed,
    Aborted,
}

/// A map run.
#[derive(Debug)]
pub(super) struct MapRun {
    pub namespace: Namespace,
    pub execution_arn: SmolStr,
    /// What the parent runs, and the children too.
    pub machine: Arc<StateMachine>,
    /// The name under which its children are found: `<state machine>/<label>`; and the ARN of what they run.
    machine_name: SmolStr,
    machine_arn: SmolStr,
    pub start: MapRunStart,
    pub start_date: Timestamp,
    mocks: Option<Mocks>,
    state: Mutex<State>,
    /// Told when the driver should look again.
    changed: Notify,
    /// Held by the driver: one that was given up clears away before the next one begins.
    driving: tokio::sync::Mutex<()>,
}

#[derive(Debug)]
struct State {
    progress: Progress,
    end: Option<(MapRunStatus, Timestamp)>,
    redrives: u32,
    redrive_date: Option<Timestamp>,
    results_written: bool,
    /// The task of the execution that stands for it.
    task: TaskId,
    /// What it ends as, if that task is waited for no longer.
    abandoned: Option<MapRunStatus>,
    /// Whether it waits until fewer are open.
    is_backlogged: bool,
    /// Whether it was forgotten in a reset.
    is_forgotten: bool,
}

/// Which child of which map run an execution is.
#[derive(Debug)]
pub(super) struct ChildOf {
    run: Weak<MapRun>,
    pub arn: SmolStr,
    number: usize,
    pub items: u64,
}

impl ChildOf {
    /// The child has ended.
    pub fn ended(&self, status: Status) {
        if let Some(run) = self.run.upgrade() {
            run.lock().progress.set(self.number, child_status(status));
            run.changed.notify_one();
        }
    }
}

fn child_status(status: Status) -> ChildStatus {
    match status {
        Status::Running => ChildStatus::Running,
        Status::PendingRedrive => ChildStatus::PendingRedrive,
        Status::Succeeded => ChildStatus::Succeeded,
        Status::Failed => ChildStatus::Failed,
        Status::TimedOut => ChildStatus::TimedOut,
        Status::Aborted => ChildStatus::Aborted,
    }
}

/// What DescribeMapRun shows.
#[derive(Clone, Debug)]
#[allow(missing_docs)]
pub struct MapRunDescription {
    pub arn: SmolStr,
    pub execution_arn: SmolStr,
    /// With the label.
    pub machine_arn: SmolStr,
    /// The name under which its children are found.
    pub machine_name: SmolStr,
    pub is_express: bool,
    pub status: MapRunStatus,
    pub start_date: Timestamp,
    pub stop_date: Option<Timestamp>,
    pub limits: Limits,
    pub executions: Counts,
    pub items: Counts,
    /// Whether the results were handed on or written.
    pub results_written: bool,
    pub redrives: u32,
    pub redrive_date: Option<Timestamp>,
}

impl MapRun {
    fn new(parent: &Entry, execution: &Execution, start: MapRunStart, now: Timestamp) -> MapRun {
        let machine_name = format_smolstr!("{}/{}", parent.machine.name, start.label);
        MapRun {
            namespace: parent.namespace.clone(),
            machine_arn: parent.namespace.state_machine_arn(&machine_name),
            machine_name,
            execution_arn: execution.identity().arn.clone(),
            machine: parent.machine.clone(),
            mocks: execution.mocks(),
            state: Mutex::new(State {
                progress: Progress::new(Limits::of(&start)),
                end: None,
                redrives: 0,
                redrive_date: None,
                results_written: false,
                task: 0,
                abandoned: None,
                is_backlogged: true,
                is_forgotten: false,
            }),
            start,
            start_date: now,
            changed: Notify::new(),
            driving: tokio::sync::Mutex::default(),
        }
    }

    fn lock(&self) -> MutexGuard<'_, State> {
        self.state.lock().unwrap_or_else(PoisonError::into_inner)
    }

    /// Nobody waits for it any more: it ends as this.
    pub fn abandon(&self, status: MapRunStatus) {
        self.lock().abandoned = Some(status);
        self.changed.notify_one();
    }

    /// Whether nobody waits any more for this task, which stood for it.
    fn is_given_up(&self, task: TaskId) -> bool {
        let state = self.lock();
        state.abandoned.is_some() || state.is_forgotten || state.task != task
    }

    pub fn description(&self) -> MapRunDescription {
        let state = self.lock();
        let progress = &state.progress;
        // Documented of those that are backlogged: nothing is counted yet.
        let (executions, items) =
            if state.is_backlogged { Default::default() } else { (progress.executions, progress.items) };
        MapRunDescription {
            arn: self.start.arn.clone(),
            execution_arn: self.execution_arn.clone(),
            machine_arn: self.machine_arn.clone(),
            machine_name: self.machine_name.clone(),
            is_express: self.start.is_express,
            status: state.end.map_or(MapRunStatus::Running, |(status, _)| status),
            start_date: self.start_date,
            stop_date: state.end.map(|(_, at)| at),
            limits: state.progress.limits,
            executions,
            items,
            results_written: state.results_written,
            redrives: state.redrives,
            redrive_date: state.redrive_date,
        }
    }

    /// The children that have ended without success, with their numbers and how many items each has.
    fn unsuccessful(&self) -> Vec<(usize, u64, Arc<Entry>)> {
        let children = &self.lock().progress.children;
        let is_unsuccessful =
            |status| matches!(status, ChildStatus::Failed | ChildStatus::TimedOut | ChildStatus::Aborted);
        let numbered = children.iter().enumerate().filter(|(_, child)| is_unsuccessful(child.status));
        numbered.filter_map(|(number, child)| Some((number, child.items, child.entry.clone()?))).collect()
    }

    /// The children that have failed.
    fn failed(&self) -> Vec<Arc<Entry>> {
        let state = self.lock();
        let failed = state.progress.children.iter().filter(|child| child.status == ChildStatus::Failed);
        failed.filter_map(|child| child.entry.clone()).collect()
    }

    /// The children that have begun.
    fn entries(&self) -> Vec<Arc<Entry>> {
        self.lock().progress.children.iter().filter_map(|child| child.entry.clone()).collect()
    }
}

/// All map runs, by their ARNs and by those of their executions.
#[derive(Debug, Default)]
pub(super) struct MapRuns(Mutex<Tables>);

#[derive(Debug, Default)]
struct Tables {
    by_arn: HashMap<SmolStr, Arc<MapRun>>,
    by_execution: HashMap<SmolStr, Vec<Arc<MapRun>>>,
    /// The places of those that are open.
    open: HashMap<Namespace, Arc<Semaphore>>,
}

impl MapRuns {
    fn lock(&self) -> MutexGuard<'_, Tables> {
        self.0.lock().unwrap_or_else(PoisonError::into_inner)
    }

    fn add(&self, run: &Arc<MapRun>) {
        let mut tables = self.lock();
        tables.by_arn.insert(run.start.arn.clone(), run.clone());
        tables.by_execution.entry(run.execution_arn.clone()).or_default().push(run.clone());
    }

    /// The places for open map runs of a namespace.
    fn places(&self, namespace: &Namespace) -> Arc<Semaphore> {
        let new = || Arc::new(Semaphore::new(quota::OPEN_MAP_RUNS));
        self.lock().open.entry(namespace.clone()).or_insert_with(new).clone()
    }

    fn get(&self, arn: &str) -> Option<Arc<MapRun>> {
        self.lock().by_arn.get(arn).cloned()
    }

    fn of_execution(&self, arn: &str) -> Vec<Arc<MapRun>> {
        self.lock().by_execution.get(arn).cloned().unwrap_or_default()
    }

    /// Forgets those of one namespace, or all.
    pub fn forget(&self, namespace: Option<&Namespace>) {
        let is_kept = |run: &Arc<MapRun>| namespace.is_some_and(|namespace| *namespace != run.namespace);
        let mut tables = self.lock();
        for run in tables.by_arn.values().filter(|run| !is_kept(run)) {
            run.lock().is_forgotten = true;
            run.changed.notify_one();
        }
        tables.open.retain(|of, _| namespace.is_some_and(|namespace| namespace != of));
        tables.by_arn.retain(|_, run| is_kept(run));
        tables.by_execution.retain(|_, runs| runs.iter().all(is_kept));
    }
}

impl Engine {
    /// What DescribeMapRun shows.
    pub fn map_run(&self, arn: &str) -> Option<MapRunDescription> {
        self.shared().map_runs.get(arn).map(|run| run.description())
    }

    /// The execution that began a map run.
    pub fn execution_of_map_run(&self, arn: &str) -> Option<SmolStr> {
        self.shared().map_runs.get(arn).map(|run| run.execution_arn.clone())
    }

    /// How many children of a map run have ended without success and can't be redriven, and how many items these have.
    pub fn not_redrivable(&self, arn: &str, can_not: impl Fn(&Description) -> bool) -> (u64, u64) {
        let unsuccessful = self.shared().map_runs.get(arn).map(|run| run.unsuccessful()).unwrap_or_default();
        let now = self.now();
        let found = unsuccessful.into_iter().filter(|(_, _, entry)| can_not(&entry.description(now)));
        found.fold((0, 0), |(children, all), (_, items, _)| (children + 1, all + items))
    }

    /// The map runs of an execution, newest first.
    pub fn map_runs(&self, execution_arn: &str) -> Vec<MapRunDescription> {
        self.shared().map_runs.of_execution(execution_arn).iter().rev().map(|run| run.description()).collect()
    }

    /// Changes the limits of a map run, from now on. One that has ended keeps them for the case that it is redriven.
    pub fn update_map_run(&self, arn: &str, change: impl FnOnce(&mut Limits)) -> bool {
        let Some(run) = self.shared().map_runs.get(arn) else { return false };
        change(&mut run.lock().progress.limits);
        run.changed.notify_one();
        true
    }

    /// The ARNs of the child executions of an execution's map runs, as far as they have begun.
    pub(super) fn children_of(&self, execution_arn: &str) -> Vec<SmolStr> {
        let runs = self.shared().map_runs.of_execution(execution_arn);
        let entries = runs.iter().flat_map(|run| run.entries());
        entries.map(|entry| entry.lock().execution.identity().arn.clone()).collect()
    }
}
