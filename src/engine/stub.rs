//! A stand-in for the engine: executions never do anything, tasks come from `offer`.

use super::*;
use crate::history::History;
use std::collections::{HashMap, VecDeque};
use std::future::Future;
use std::pin::Pin;
use std::sync::{Mutex, PoisonError};
use std::task::{Context, Poll};

#[derive(Debug, Default)]
pub(super) struct Stub {
    executions: Vec<(Namespace, SmolStr, Description)>,
    tasks: VecDeque<(SmolStr, Value)>,
    accepted: Vec<SmolStr>,
    polls: HashMap<u64, std::task::Waker>,
    next: u64,
}

type Shared = Arc<Mutex<Stub>>;

fn locked(shared: &Shared) -> std::sync::MutexGuard<'_, Stub> {
    shared.lock().unwrap_or_else(PoisonError::into_inner)
}

/// Too many workers poll one activity.
#[derive(Clone, Copy, Debug)]
pub struct TooManyPollers;

/// A worker that waits.
#[derive(Debug)]
pub struct ActivityPoll {
    shared: Shared,
    id: u64,
}

/// A task for a worker.
#[derive(Debug)]
pub struct Offer {
    /// The task's token.
    pub token: SmolStr,
    /// Its input.
    pub input: Value,
    shared: Shared,
    accepted: std::sync::atomic::AtomicBool,
}

impl Offer {
    /// The reply is on its way.
    pub fn accept(&self) {
        self.accepted.store(true, std::sync::atomic::Ordering::Relaxed);
        locked(&self.shared).accepted.push(self.token.clone());
    }
}

impl Drop for Offer {
    fn drop(&mut self) {
        if !*self.accepted.get_mut() {
            let mut stub = locked(&self.shared);
            stub.tasks.push_front((self.token.clone(), self.input.clone()));
            stub.polls.drain().for_each(|(_, waker)| waker.wake());
        }
    }
}

impl Future for ActivityPoll {
    type Output = Option<Offer>;

    fn poll(self: Pin<&mut Self>, context: &mut Context<'_>) -> Poll<Option<Offer>> {
        let mut stub = locked(&self.shared);
        if let Some((token, input)) = stub.tasks.pop_front() {
            return Poll::Ready(Some(Offer {
                token,
                input,
                shared: self.shared.clone(),
                accepted: Default::default(),
            }));
        }
        stub.polls.insert(self.id, context.waker().clone());
        Poll::Pending
    }
}

impl Drop for ActivityPoll {
    fn drop(&mut self) {
        locked(&self.shared).polls.remove(&self.id);
    }
}

#[allow(missing_docs)]
impl Engine {
    pub fn stub() -> Engine {
        Engine { stub: Shared::default() }
    }

    pub fn offer(&self, token: &str, input: Value) {
        let mut stub = locked(&self.stub);
        stub.tasks.push_back((token.into(), input));
        stub.polls.drain().for_each(|(_, waker)| waker.wake());
    }

    pub fn accepted(&self) -> Vec<SmolStr> {
        locked(&self.stub).accepted.clone()
    }

    pub fn waiting(&self) -> usize {
        locked(&self.stub).polls.len()
    }

    pub fn now(&self) -> Timestamp {
        let now = std::time::SystemTime::now().duration_since(std::time::UNIX_EPOCH);
        Timestamp::from_millis(now.map_or(0, |d| d.as_millis() as i64))
    }

    pub fn start(&self, start: Start) -> Result<Started, ExecutionAlreadyExists> {
        let name: SmolStr = start.name.unwrap_or_else(|| uuid::Uuid::new_v4().to_string().into());
        let arn = start.namespace.execution_arn(&start.machine, &name);
        let now = self.now();
        let mut stub = locked(&self.stub);
        if let Some((.., old)) = stub.executions.iter().find(|(n, _, d)| *n == start.namespace && d.summary.arn == arn)
        {
            return if old.summary.status == Status::Running && old.input == start.input {
                Ok(Started { arn, start_date: old.summary.start_date })
            } else {
                Err(ExecutionAlreadyExists { arn })
            };
        }
        let summary = Summary { arn: arn.clone(), name, status: Status::Running, start_date: now, stop_date: None };
        let description = Description {
            summary,
            machine_arn: start.machine_arn,
            input: start.input,
            output: None,
            error: None,
            cause: None,
            trace_header: start.trace_header,
        };
        stub.executions.push((start.namespace, start.machine, description));
        Ok(Started { arn, start_date: now })
    }

    pub fn stop(
        &self,
        namespace: &Namespace,
        machine: &str,
        name: &str,
        error: Option<SmolStr>,
        cause: Option<SmolStr>,
    ) -> Option<Timestamp> {
        let now = self.now();
        let mut stub = locked(&self.stub);
        let (.., description) =
            stub.executions.iter_mut().find(|(n, m, d)| n == namespace && m == machine && d.summary.name == name)?;
        if description.summary.stop_date.is_none() {
            description.summary.status = Status::Aborted;
            (description.error, description.cause) = (error, cause);
        }
        Some(*description.summary.stop_date.get_or_insert(now))
    }

    pub fn describe(&self, namespace: &Namespace, machine: &str, name: &str) -> Option<Description> {
        let stub = locked(&self.stub);
        let found = stub.executions.iter().find(|(n, m, d)| n == namespace && m == machine && d.summary.name == name);
        found.map(|(.., description)| description.clone())
    }

    pub fn history<R>(
        &self,
        namespace: &Namespace,
        machine: &str,
        name: &str,
        read: impl FnOnce(&History) -> R,
    ) -> Option<R> {
        self.describe(namespace, machine, name).map(|_| read(&History))
    }

    pub fn list(
        &self,
        namespace: &Namespace,
        machine: &str,
        status: Option<Status>,
        before: Option<u64>,
        limit: usize,
    ) -> (Vec<Summary>, Option<u64>) {
        let stub = locked(&self.stub);
        let mut found: Vec<(u64, Summary)> = stub
            .executions
            .iter()
            .enumerate()
            .filter(|(_, (n, m, d))| n == namespace && m == machine && status.is_none_or(|s| s == d.summary.status))
            .filter(|(i, _)| before.is_none_or(|before| (*i as u64) < before))
            .map(|(i, (.., d))| (i as u64, d.summary.clone()))
            .collect();
        found.reverse();
        let more = found.len() > limit;
        found.truncate(limit);
        let next = found.last().filter(|_| more).map(|(i, _)| *i);
        (found.into_iter().map(|(_, s)| s).collect(), next)
    }

    pub fn is_running(&self, namespace: &Namespace, machine: &str) -> bool {
        !self.list(namespace, machine, Some(Status::Running), None, 1).0.is_empty()
    }

    pub fn machine_deleted(&self, _namespace: &Namespace, _machine: &str) {}

    pub fn poll_activity(
        &self,
        _namespace: &Namespace,
        _activity_arn: &str,
        _worker: Option<SmolStr>,
    ) -> Result<ActivityPoll, TooManyPollers> {
        let mut stub = locked(&self.stub);
        stub.next += 1;
        Ok(ActivityPoll { shared: self.stub.clone(), id: stub.next })
    }

    pub fn report(&self, _namespace: &Namespace, token: &str, _report: TaskReport) -> Result<(), TokenProblem> {
        let stub = locked(&self.stub);
        if stub.accepted.iter().any(|t| t == token) { Ok(()) } else { Err(TokenProblem::Invalid) }
    }
}
