//! The executions of all namespaces: found by name, listed newest first.

use super::listing::{Listing, Place, Time, Timed};
use super::map_run::{ChildOf, MapRun};
use super::redrive::Tokens;
use super::timers::TimerKey;
use super::{Description, Filter, Status, Summary};
use crate::arn::Namespace;
use crate::interpreter::{Execution, Outcome, STEPS, TaskId, TimerId};
use crate::registry::{Association, StateMachine};
use crate::timestamp::Timestamp;
use foldhash::fast::RandomState;
use smol_str::SmolStr;
use std::collections::HashMap;
use std::hash::BuildHasher;
use std::sync::atomic::{AtomicBool, AtomicU8, Ordering};
use std::sync::{Arc, Mutex, MutexGuard, PoisonError, RwLock};
use tokio::sync::oneshot;
use tokio::task::AbortHandle;

/// One execution with what the engine does for it.
#[derive(Debug)]
pub(super) struct Entry {
    pub namespace: Namespace,
    /// What it runs.
    pub machine: Arc<StateMachine>,
    association: Option<Arc<Association>>,
    state: Mutex<EntryState>,
    /// The status once more, readable without the lock.
    status: AtomicU8,
    /// Whether it was redriven, readable in the same way.
    redriven: AtomicBool,
    /// When it is listed.
    time: Time,
    pub trace_header: Option<SmolStr>,
    /// The map run that it belongs to, if it is a child execution.
    pub child_of: Option<Box<ChildOf>>,
}

#[derive(Debug)]
pub(super) struct EntryState {
    pub execution: Execution,
    /// What waits outside on its behalf; dropped when it ends.
    pub outside: Option<Box<Outside>>,
    /// How many steps it takes before somebody looks at the time: fewer if its steps are slow.
    pub steps: u32,
    /// Whether it will be gone on with later.
    pub goes_on: bool,
    pub redrive_tokens: Tokens,
}

/// Timers, calls and offers that an execution has under way.
#[derive(Debug, Default)]
pub(super) struct Outside {
    pub timers: HashMap<TimerId, TimerKey>,
    pub calls: HashMap<TaskId, AbortHandle>,
    pub map_runs: HashMap<TaskId, Arc<MapRun>>,
    /// Who waits for its end, which they learn when these go away.
    pub ended: Vec<oneshot::Sender<()>>,
    /// Activity tasks on offer: the activity's ARN and the place in its queue.
    pub offers: HashMap<TaskId, (SmolStr, u64)>,
    /// Who waits for the end.
    pub told: Option<oneshot::Sender<Description>>,
}

impl EntryState {
    /// Something that ends when the execution does; nothing if it has ended.
    pub fn end_told(&mut self) -> Option<oneshot::Receiver<()>> {
        if self.execution.end().is_some() {
            return None;
        }
        let (told, ended) = oneshot::channel();
        self.outside.get_or_insert_default().ended.push(told);
        Some(ended)
    }
}

const STATUSES: [Status; 6] =
    [Status::Running, Status::Succeeded, Status::Failed, Status::TimedOut, Status::Aborted, Status::PendingRedrive];

impl Entry {
    pub fn new(
        namespace: Namespace,
        machine: Arc<StateMachine>,
        execution: Execution,
        association: Option<Arc<Association>>,
        trace_header: Option<SmolStr>,
    ) -> Arc<Self> {
        Arc::new(Self::single(namespace, machine, execution, association, trace_header))
    }

    /// A child execution.
    pub fn of_map_run(
        namespace: Namespace,
        machine: Arc<StateMachine>,
        execution: Execution,
        child_of: ChildOf,
        trace_header: Option<SmolStr>,
    ) -> Arc<Self> {
        let entry = Self::single(namespace, machine, execution, None, trace_header);
        Arc::new(Self { child_of: Some(Box::new(child_of)), ..entry })
    }

    fn single(
        namespace: Namespace,
        machine: Arc<StateMachine>,
        execution: Execution,
        association: Option<Arc<Association>>,
        trace_header: Option<SmolStr>,
    ) -> Self {
        Self {
            namespace,
            machine,
            association,
            time: Time::new(execution.identity().start_date),
            state: Mutex::new(EntryState {
                execution,
                outside: None,
                steps: STEPS,
                goes_on: false,
                redrive_tokens: Tokens::default(),
            }),
            status: AtomicU8::new(0),
            redriven: AtomicBool::new(false),
            trace_header,
            child_of: None,
        }
    }

    pub fn lock(&self) -> MutexGuard<'_, EntryState> {
        self.state.lock().unwrap_or_else(PoisonError::into_inner)
    }

    pub fn status(&self) -> Status {
        STATUSES[usize::from(self.status.load(Ordering::Acquire))]
    }

    pub fn note_end(&self, outcome: &Outcome, at: Timestamp) {
        let status = match outcome {
            Outcome::Succeeded(_) => 1,
            Outcome::Failed(_) => 2,
            Outcome::TimedOut => 3,
            Outcome::Aborted(_) => 4,
        };
        self.status.store(status, Ordering::Release);
        self.time.set(at);
    }

    /// It goes on after its end. Whoever calls this, or the next, holds the lock.
    pub fn note_running(&self, since: Timestamp) {
        self.status.store(0, Ordering::Release);
        self.redriven.store(true, Ordering::Release);
        self.time.set(since);
    }

    /// It will go on after its end, when there is a place for it.
    pub fn note_pending_redrive(&self) {
        self.status.store(5, Ordering::Release);
    }

    pub fn summary(&self) -> Summary {
        self.summary_of(&self.lock().execution)
    }

    fn summary_of(&self, execution: &Execution) -> Summary {
        let identity = execution.identity();
        Summary {
            arn: identity.arn.clone(),
            name: identity.name.clone(),
            status: self.status(),
            start_date: identity.start_date,
            redrive: execution.redrive(),
            stop_date: execution.end().map(|(_, stopped)| *stopped),
            association: self.association.clone(),
            map_run: self.child_of.as_ref().map(|child_of| (child_of.arn.clone(), child_of.items)),
        }
    }

    fn passes(&self, filter: Filter<'_>) -> bool {
        let started_with = |arn: &str| self.association.as_ref().is_some_and(|association| association.has(arn));
        let is_of = |arn: &str| self.child_of.as_ref().is_some_and(|child_of| child_of.arn == arn);
        filter.status.is_none_or(|status| status == self.status())
            && filter.version_or_alias.is_none_or(started_with)
            && filter.map_run.is_none_or(is_of)
            && filter.redriven.is_none_or(|redriven| redriven == self.redriven.load(Ordering::Acquire))
    }

    pub fn description(&self, now: Timestamp) -> Description {
        self.description_locked(&self.lock(), now)
    }

    pub fn description_locked(&self, state: &EntryState, now: Timestamp) -> Description {
        let execution = &state.execution;
        let (output, told) = match execution.end().map(|(outcome, _)| outcome) {
            Some(Outcome::Succeeded(output)) => (Some(output.clone()), None),
            Some(Outcome::Failed(told) | Outcome::Aborted(told)) => (None, Some(told.clone())),
            // AWS shows neither error nor cause of a machine's time-out (recorded).
            Some(Outcome::TimedOut) | None => (None, None),
        };
        let told = told.unwrap_or_default();
        Description {
            summary: self.summary_of(execution),
            machine_arn: execution.identity().machine_arn.clone(),
            input: execution.identity().input.clone(),
            output,
            error: told.error,
            cause: told.cause,
            trace_header: self.trace_header.clone(),
            redrive_obstacle: execution.redrive_obstacle(now),
        }
    }
}

impl Timed for Entry {
    fn time(&self) -> &Time {
        &self.time
    }
}

/// All executions.
#[derive(Debug, Default)]
pub(super) struct Executions {
    namespaces: RwLock<HashMap<Namespace, Arc<Machines>, RandomState>>,
}

type Machines = RwLock<HashMap<SmolStr, Arc<OfMachine>, RandomState>>;

/// By name. SipHash, the standard library's, costs a start more than all that it is needed for here.
type ByName = HashMap<SmolStr, Arc<Entry>, RandomState>;

/// Names are spread over this many tables, so that one that grows doesn't hold up all others.
const SHARDS: usize = 32;

/// The executions of one state machine.
#[derive(Debug, Default)]
struct OfMachine {
    by_name: [Mutex<ByName>; SHARDS],
    hasher: RandomState,
    listing: Mutex<Listing<Entry>>,
}

impl OfMachine {
    fn shard(&self, name: &str) -> MutexGuard<'_, ByName> {
        let shard = self.hasher.hash_one(name) as usize % SHARDS;
        self.by_name[shard].lock().unwrap_or_else(PoisonError::into_inner)
    }

    fn listing(&self) -> MutexGuard<'_, Listing<Entry>> {
        self.listing.lock().unwrap_or_else(PoisonError::into_inner)
    }
}

impl Executions {
    fn known(&self, namespace: &Namespace) -> Option<Arc<Machines>> {
        self.namespaces.read().unwrap_or_else(PoisonError::into_inner).get(namespace).cloned()
    }

    fn namespace(&self, namespace: &Namespace) -> Arc<Machines> {
        self.known(namespace).unwrap_or_else(|| {
            let mut namespaces = self.namespaces.write().unwrap_or_else(PoisonError::into_inner);
            namespaces.entry(namespace.clone()).or_default().clone()
        })
    }

    fn of_machine(&self, namespace: &Namespace, machine: &str) -> Option<Arc<OfMachine>> {
        let machines = self.known(namespace)?;
        machines.read().unwrap_or_else(PoisonError::into_inner).get(machine).cloned()
    }

    fn with<R>(&self, namespace: &Namespace, machine: &str, read: impl FnOnce(&Listing<Entry>) -> R) -> Option<R> {
        let of_machine = self.of_machine(namespace, machine)?;
        let listing = of_machine.listing();
        Some(read(&listing))
    }

    /// Adds an execution, or gives back the one that has its name already.
    pub fn add(
        &self,
        namespace: &Namespace,
        machine: &SmolStr,
        name: &SmolStr,
        entry: &Arc<Entry>,
    ) -> Option<Arc<Entry>> {
        let of_machine = self.of_machine(namespace, machine).unwrap_or_else(|| {
            let machines = self.namespace(namespace);
            let mut machines = machines.write().unwrap_or_else(PoisonError::into_inner);
            machines.entry(machine.clone()).or_default().clone()
        });
        match of_machine.shard(name).entry(name.clone()) {
            std::collections::hash_map::Entry::Occupied(existing) => return Some(existing.get().clone()),
            std::collections::hash_map::Entry::Vacant(place) => {
                place.insert(entry.clone());
            }
        }
        of_machine.listing().push(entry.clone());
        None
    }

    /// Puts an execution in the place of one that has ended, under its name.
    pub fn replace(&self, namespace: &Namespace, machine: &str, name: &str, before: &Entry, entry: &Arc<Entry>) {
        // After a reset there is nothing to replace.
        let Some(of_machine) = self.of_machine(namespace, machine) else { return };
        if let Some(known) = of_machine.shard(name).get_mut(name)
            && std::ptr::eq(&raw const **known, before)
        {
            *known = entry.clone();
        }
        of_machine.listing().exchange(before, entry.clone());
    }

    pub fn get(&self, namespace: &Namespace, machine: &str, name: &str) -> Option<Arc<Entry>> {
        self.of_machine(namespace, machine)?.shard(name).get(name).cloned()
    }

    /// A page of executions, newest first, behind this place; and where the next page begins.
    pub fn list(
        &self,
        namespace: &Namespace,
        machine: &str,
        filter: Filter<'_>,
        behind: Option<Place>,
        limit: usize,
    ) -> (Vec<Arc<Entry>>, Option<Place>) {
        let page = self.with(namespace, machine, |listing| listing.page(|entry| entry.passes(filter), behind, limit));
        page.unwrap_or_default()
    }

    /// Forgets the executions of one namespace, or of all, and gives them away.
    pub fn take(&self, namespace: Option<&Namespace>) -> Vec<Arc<Entry>> {
        let mut namespaces = self.namespaces.write().unwrap_or_else(PoisonError::into_inner);
        let taken: Vec<Arc<Machines>> = match namespace {
            Some(namespace) => namespaces.remove(namespace).into_iter().collect(),
            None => namespaces.drain().map(|(_, machines)| machines).collect(),
        };
        drop(namespaces);
        let mut entries = Vec::new();
        for machines in taken {
            let machines = machines.read().unwrap_or_else(PoisonError::into_inner);
            for of_machine in machines.values() {
                entries.append(&mut of_machine.listing().take());
            }
        }
        entries
    }

    pub fn running(&self, namespace: &Namespace, machine: &str) -> Vec<Arc<Entry>> {
        self.with(namespace, machine, |listing| {
            listing.all().iter().filter(|entry| entry.status() == Status::Running).cloned().collect()
        })
        .unwrap_or_default()
    }

    /// Whether any execution of the machine runs.
    pub fn is_running(&self, namespace: &Namespace, machine: &str) -> bool {
        self.with(namespace, machine, |listing| listing.all().iter().any(|entry| entry.status() == Status::Running))
            .unwrap_or(false)
    }

    /// From now on, lists begin after the executions that are there now.
    pub fn forget_listed(&self, namespace: &Namespace, machine: &str) {
        if let Some(of_machine) = self.of_machine(namespace, machine) {
            of_machine.listing().forget();
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn to_ask_for_what_is_not_there_leaves_nothing() {
        let executions = Executions::default();
        for region in 0..100 {
            let namespace = Namespace { account: "123456789012".into(), region: format!("r-{region}").into() };
            assert!(executions.get(&namespace, "m", "e").is_none());
            assert!(executions.list(&namespace, "m", Filter::default(), None, 10).0.is_empty());
            assert!(!executions.is_running(&namespace, "m"));
            executions.forget_listed(&namespace, "m");
        }
        assert!(executions.namespaces.read().expect("no panic").is_empty());
    }
}
