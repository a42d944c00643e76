//! The queues of activity tasks and of the workers that poll for them: first come, first served.
//!
//! A task is never lost: an [`Offer`] that is dropped before the worker's reply was on its way goes back to its old
//! place in the queue.

use super::Engine;
use super::executions::Entry;
use crate::interpreter::{Signal, TaskId, TokenState};
use crate::json::Value;
use crate::quota;
use smol_str::SmolStr;
use std::collections::{BTreeMap, HashMap, VecDeque};
use std::sync::{Arc, Mutex, MutexGuard, PoisonError};
use tokio::sync::oneshot;

/// The queues of all activities, by ARN.
#[derive(Debug, Default)]
pub(super) struct Activities {
    queues: Mutex<HashMap<SmolStr, Queue>>,
}

#[derive(Debug, Default)]
struct Queue {
    tasks: BTreeMap<u64, OfferedTask>,
    pollers: VecDeque<oneshot::Sender<Offer>>,
    offered: u64,
}

/// A task that waits for a worker.
#[derive(Clone, Debug)]
pub(super) struct OfferedTask {
    pub entry: Arc<Entry>,
    pub task: TaskId,
    pub token: SmolStr,
    pub input: Value,
}

/// The most workers that may poll one activity do so already.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct TooManyPollers;

/// An activity task on its way to a worker.
#[derive(Debug)]
pub struct Offer {
    engine: Engine,
    activity_arn: SmolStr,
    place: u64,
    /// Taken out when the worker has it.
    task: Option<OfferedTask>,
    worker_name: Option<SmolStr>,
}

impl Offer {
    /// The task's token.
    pub fn token(&self) -> &str {
        self.task.as_ref().map_or("", |task| &task.token)
    }

    /// The task's input.
    pub fn input(&self) -> Value {
        self.task.as_ref().map_or(Value::Null, |task| task.input.clone())
    }

    /// The reply is on its way to the worker: from now on the task is theirs.
    pub fn accept(&mut self) {
        if let Some(task) = self.task.take() {
            let started = Signal::WorkerStarted { task: task.task, worker_name: self.worker_name.take() };
            self.engine.drive(&task.entry, vec![started]);
        }
    }

    fn is_wanted(&self) -> bool {
        self.task.as_ref().is_some_and(OfferedTask::is_wanted)
    }
}

impl OfferedTask {
    /// Whether the execution still waits for it. It takes the execution's lock.
    fn is_wanted(&self) -> bool {
        self.entry.lock().execution.token_state(self.task, &self.token) == TokenState::Open
    }
}

impl Drop for Offer {
    fn drop(&mut self) {
        if let Some(task) = self.task.take() {
            let activities = &self.engine.shared().activities;
            activities.offer_at(&self.engine, &self.activity_arn, Some(self.place), task.clone());
            // Who ended it while it was under way could not withdraw it.
            if !task.is_wanted() {
                activities.withdraw(&self.activity_arn, self.place);
            }
        }
    }
}

impl Activities {
    fn queues(&self) -> MutexGuard<'_, HashMap<SmolStr, Queue>> {
        self.queues.lock().unwrap_or_else(PoisonError::into_inner)
    }

    /// Gives a task to the worker that waits longest, or keeps it for the next; says where in the queue it is.
    pub fn offer(&self, engine: &Engine, activity_arn: &SmolStr, task: OfferedTask) -> u64 {
        self.offer_at(engine, activity_arn, None, task)
    }

    fn offer_at(&self, engine: &Engine, activity_arn: &SmolStr, place: Option<u64>, task: OfferedTask) -> u64 {
        let mut queues = self.queues();
        let queue = queues.entry(activity_arn.clone()).or_default();
        let place = place.unwrap_or_else(|| {
            queue.offered += 1;
            queue.offered
        });
        let mut offer = Offer {
            engine: engine.clone(),
            activity_arn: activity_arn.clone(),
            place,
            task: Some(task),
            worker_name: None,
        };
        while let Some(poller) = queue.pollers.pop_front() {
            match poller.send(offer) {
                Ok(()) => return place,
                Err(unheard) => offer = unheard,
            }
        }
        if let Some(task) = offer.task.take() {
            queue.tasks.insert(place, task);
        }
        place
    }

    /// Nobody wants this task any more.
    pub fn withdraw(&self, activity_arn: &str, place: u64) {
        if let Some(queue) = self.queues().get_mut(activity_arn) {
            queue.tasks.remove(&place);
        }
    }

    /// The next task, or a place in the queue of workers: the first for one who was called in vain.
    fn take(&self, engine: &Engine, activity_arn: &SmolStr, in_vain: bool) -> Result<Next, TooManyPollers> {
        let mut queues = self.queues();
        let queue = queues.entry(activity_arn.clone()).or_default();
        if let Some((place, task)) = queue.tasks.pop_first() {
            return Ok(Next::Task(Offer {
                engine: engine.clone(),
                activity_arn: activity_arn.clone(),
                place,
                task: Some(task),
                worker_name: None,
            }));
        }
        let (sender, receiver) = oneshot::channel();
        if in_vain {
            queue.pollers.push_front(sender);
            return Ok(Next::Wait(receiver));
        }
        if queue.pollers.len() >= quota::ACTIVITY_POLLERS {
            queue.pollers.retain(|poller| !poller.is_closed());
            if queue.pollers.len() >= quota::ACTIVITY_POLLERS {
                return Err(TooManyPollers);
            }
        }
        queue.pollers.push_back(sender);
        Ok(Next::Wait(receiver))
    }

    pub fn waiting_workers(&self, activity_arn: &str) -> usize {
        let queues = self.queues();
        queues.get(activity_arn).map_or(0, |queue| queue.pollers.iter().filter(|poller| !poller.is_closed()).count())
    }

    /// Waits for a task; whoever drops this has left the queue.
    pub async fn poll(
        &self,
        engine: &Engine,
        activity_arn: &SmolStr,
        worker_name: Option<SmolStr>,
    ) -> Result<Offer, TooManyPollers> {
        let mut in_vain = false;
        loop {
            let offer = match self.take(engine, activity_arn, in_vain)? {
                Next::Task(offer) => Some(offer),
                Next::Wait(receiver) => receiver.await.ok(),
            };
            let Some(mut offer) = offer else { continue };
            if offer.is_wanted() {
                offer.worker_name = worker_name;
                return Ok(offer);
            }
            offer.task = None;
            in_vain = true;
        }
    }
}

enum Next {
    Task(Offer),
    Wait(oneshot::Receiver<Offer>),
}
