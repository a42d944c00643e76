//! Express executions: they are nowhere to be found, and nothing is left of them when they have ended.
//!
//! Those that run are kept here for two questions only: whether a state machine still has any, and which ones a reset
//! must end. Whoever waits for one is told its end; that nobody waits any more does not end it.

use super::executions::Entry;
use super::started_with;
use super::{Description, Engine, Start, Started};
use crate::arn::Namespace;
use crate::interpreter::trial::{Given, Trial};
use crate::interpreter::{Execution, Identity, Signal, Workflow};
use smol_str::{SmolStr, ToSmolStr};
use std::collections::HashMap;
use std::sync::{Arc, Mutex, MutexGuard, PoisonError};
use tokio::sync::oneshot;

/// The Express executions that run.
#[derive(Debug, Default)]
pub(super) struct Running(Mutex<HashMap<Machine, HashMap<Place, Arc<Entry>>>>);

/// A state machine, by its namespace and name.
type Machine = (Namespace, SmolStr);

/// Where an execution lies, which tells it from all others that run.
type Place = usize;

impl Running {
    fn lock(&self) -> MutexGuard<'_, HashMap<Machine, HashMap<Place, Arc<Entry>>>> {
        self.0.lock().unwrap_or_else(PoisonError::into_inner)
    }

    fn add(&self, entry: &Arc<Entry>) {
        self.lock().entry(machine(entry)).or_default().insert(place(entry), entry.clone());
    }

    /// Forgets one that has ended.
    pub fn remove(&self, entry: &Arc<Entry>) {
        let mut machines = self.lock();
        let key = machine(entry);
        if let Some(executions) = machines.get_mut(&key) {
            executions.remove(&place(entry));
            if executions.is_empty() {
                machines.remove(&key);
            }
        }
    }

    /// Whether any execution of the machine runs.
    pub fn is_running(&self, namespace: &Namespace, machine: &str) -> bool {
        self.lock().contains_key(&(namespace.clone(), machine.into()))
    }

    /// Those of one namespace, or all.
    pub fn all(&self, namespace: Option<&Namespace>) -> Vec<Arc<Entry>> {
        let machines = self.lock();
        let wanted = machines.iter().filter(|((of, _), _)| namespace.is_none_or(|namespace| namespace == of));
        wanted.flat_map(|(_, executions)| executions.values().cloned()).collect()
    }

    /// How many run.
    pub fn count(&self) -> usize {
        self.lock().values().map(HashMap::len).sum()
    }
}

fn machine(entry: &Entry) -> Machine {
    (entry.namespace.clone(), entry.machine.name.clone())
}

fn place(entry: &Arc<Entry>) -> Place {
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
        };
        let entry = Entry::new(start.namespace, machine, execution, start.association, start.trace_header);
        (entry, Started { arn, name, start_date })
    }

    fn begin(&self, entry: &Arc<Entry>, told: Option<oneshot::Sender<Description>>) {
        let mut state = entry.lock();
        if let Some(told) = told {
            state.outside.get_or_insert_default().told = Some(told);
        }
        self.drive_locked(entry, &mut state, vec![Signal::Start]);
        // Most have ended by now.
        if state.execution.end().is_none() {
            state.is_listed = true;
            self.shared().express.add(entry);
        }
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
