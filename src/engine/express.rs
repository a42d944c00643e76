//! Express executions: they are nowhere to be found, and nothing is left of them when they have ended.
//!
//! Those that run are kept here for two questions only: whether a state machine still has any, and which ones a reset
//! must end. Of those that have ended, the last ones' reports of what was not as on AWS are kept. Whoever waits for one is told its end; that nobody waits any more does not end it.

use super::executions::Entry;
use super::started_with;
use super::{Description, Engine, Report, Start, Started};
use crate::arn::{Arn, Namespace};
use crate::interpreter::trial::{Given, Trial};
use crate::interpreter::{Execution, Identity, Signal, Workflow};
use foldhash::fast::RandomState;
use smol_str::ToSmolStr;
use std::collections::{HashMap, VecDeque};
use std::sync::{Arc, Mutex, MutexGuard, PoisonError};
use tokio::sync::oneshot;

/// The Express executions that run, and what is left of those that ran.
#[derive(Debug, Default)]
pub(super) struct Running {
    entries: Mutex<Entries>,
    ended: Mutex<VecDeque<Report>>,
}

/// How many reports of executions that have ended are kept.
pub const REPORTS: usize = 1000;

/// By where they lie, which tells each from all others that run. Every execution is put in and taken out, while one is
/// looked for by its state machine only when that is being deleted.
type Entries = HashMap<usize, Arc<Entry>, RandomState>;

impl Running {
    fn lock(&self) -> MutexGuard<'_, Entries> {
        self.entries.lock().unwrap_or_else(PoisonError::into_inner)
    }

    pub fn add(&self, entry: &Arc<Entry>) {
        self.lock().insert(place(entry), entry.clone());
    }

    /// Forgets one that has ended.
    pub fn remove(&self, entry: &Arc<Entry>) {
        self.lock().remove(&place(entry));
    }

    /// Whether any execution of the machine runs.
    pub fn is_running(&self, namespace: &Namespace, machine: &str) -> bool {
        self.lock().values().any(|entry| entry.machine.name == machine && entry.namespace == *namespace)
    }

    /// Those of one namespace, or all.
    pub fn all(&self, namespace: Option<&Namespace>) -> Vec<Arc<Entry>> {
        let entries = self.lock();
        let wanted = entries.values().filter(|entry| namespace.is_none_or(|namespace| *namespace == entry.namespace));
        wanted.cloned().collect()
    }

    fn ended(&self) -> MutexGuard<'_, VecDeque<Report>> {
        self.ended.lock().unwrap_or_else(PoisonError::into_inner)
    }

    /// Keeps the report of one that has ended, in place of the oldest if there are too many.
    pub fn keep(&self, report: Report) {
        let mut ended = self.ended();
        if ended.len() == REPORTS {
            ended.pop_front();
        }
        ended.push_back(report);
    }

    /// The report of one that has ended.
    pub fn report(&self, arn: &str) -> Option<Report> {
        self.ended().iter().rev().find(|report| report.arn == arn).cloned()
    }

    /// Forgets the reports of one namespace, or all.
    pub fn forget_ended(&self, namespace: Option<&Namespace>) {
        let is_of = |report: &Report| match (namespace, Arn::parse(&report.arn)) {
            (Some(namespace), Some(arn)) => namespace.holds(&arn),
            _ => true,
        };
        self.ended().retain(|report| !is_of(report));
    }

    /// How many run.
    pub fn count(&self) -> usize {
        self.lock().len()
    }
}

fn place(entry: &Arc<Entry>) -> usize {
    Arc::as_ptr(entry).addr()
}

impl Engine {
    /// Starts an execution of an Express state machine; every one is new, whatever its name.
    pub(super) fn start_express(&self, start: Start) -> Started {
        let (entry, started) = self.express(start, Workflow::AsynchronousExpress, None);
        self.begin(&entry, None);
        started
    }

    /// Starts an execution of an Express state machine and waits for its end. Dropping the future does not end it.
    /// There is no end if the whole engine goes before.
    pub async fn run_express(&self, start: Start) -> Option<Description> {
        let (entry, _) = self.express(start, Workflow::SynchronousExpress, None);
        self.end_of(&entry).await
    }

    /// Runs the first state of a state machine alone, as a synchronous Express execution would, and waits for its end.
    pub async fn try_state(&self, start: Start, given: Given) -> Option<(Description, Box<Trial>)> {
        let (entry, _) = self.express(start, Workflow::SynchronousExpress, Some(given));
        let description = self.end_of(&entry).await?;
        let trial = entry.lock().execution.take_trial()?;
        Some((description, trial))
    }

    /// A new execution with what it answers to.
    fn express(&self, start: Start, workflow: Workflow, given: Option<Given>) -> (Arc<Entry>, Started) {
        let random = self.random();
        let name = start.name.unwrap_or_else(|| random.uuid().to_smolstr());
        let start_date = self.now();
        let machine = start.machine;
        let arn = match &given {
            None => start.namespace.express_execution_arn(&machine.name, &name, &random.uuid().to_smolstr()),
            Some(_) => start.namespace.tested_execution_arn(&machine.name, &name),
        };
        let identity = Identity {
            arn: arn.clone(),
            name: name.clone(),
            role_arn: machine.role_arn.clone(),
            machine_arn: machine.arn.clone(),
            machine_name: machine.name.clone(),
            region: start.namespace.region.clone(),
            start_date,
            input: start.input,
            workflow,
            started_with: start.association.as_deref().map(started_with),
        };
        let (program, seed) = (machine.program.clone(), random.bits());
        let execution = match given {
            None => Execution::new(program, identity, seed).with_mocks(start.mocks),
            Some(given) => Execution::of_one_state(program, identity, seed, given),
        }
        .with_strictness(self.shared().rules.strictness);
        let entry = Entry::new(start.namespace, machine, execution, start.association, start.trace_header);
        (entry, Started { arn, name, start_date })
    }

    fn begin(&self, entry: &Arc<Entry>, told: Option<oneshot::Sender<Description>>) {
        let mut state = entry.lock();
        if let Some(told) = told {
            state.outside.get_or_insert_default().told = Some(told);
        }
        self.shared().express.add(entry);
        self.drive_locked(entry, &mut state, self.beginning(entry, Signal::Start));
    }

    async fn end_of(&self, entry: &Arc<Entry>) -> Option<Description> {
        let (told, end) = oneshot::channel();
        self.begin(entry, Some(told));
        end.await.ok()
    }

    /// How many Express executions run.
    pub fn running_express(&self) -> usize {
        self.shared().express.count()
    }
}
