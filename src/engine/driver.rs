//! Applies signals to executions and does what they ask for.
//!
//! An execution's lock is held while its signals are applied and its actions begun, never across `.await`, and never
//! two executions' locks at once.

use super::activities::OfferedTask;
use super::executions::{Entry, EntryState, Outside};
use super::{Engine, Shared};
use crate::interpreter::invocation::Invocation;
use crate::interpreter::{Action, Signal, TaskId, TimerKind};
use crate::timestamp::Timestamp;
use std::sync::Arc;
use std::time::Duration;

impl Engine {
    /// Applies signals now.
    pub(super) fn drive(&self, entry: &Arc<Entry>, signals: Vec<Signal>) {
        let mut state = entry.lock();
        self.drive_locked(entry, &mut state, signals);
    }

    pub(super) fn drive_locked(&self, entry: &Arc<Entry>, state: &mut EntryState, mut signals: Vec<Signal>) {
        while !signals.is_empty() {
            let now = self.shared().clock.now();
            let actions = state.execution.apply(now, std::mem::take(&mut signals));
            for action in actions {
                signals.extend(self.perform(entry, state, now, action));
            }
        }
    }

    /// Does what an execution asks for; what can be answered at once comes back as a signal.
    fn perform(&self, entry: &Arc<Entry>, state: &mut EntryState, now: Timestamp, action: Action) -> Option<Signal> {
        let shared = self.shared();
        match action {
            Action::SetTimer { timer, at, kind } => {
                let at = if kind == TimerKind::Wait { shared.scaled(now, at) } else { at };
                let key = shared.timers.set(at, entry, timer);
                outside(state).timers.insert(timer, key);
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
            Action::Invoke { task, invocation } => {
                let call = self.spawn_call(entry.clone(), task, invocation);
                outside(state).calls.insert(task, call);
            }
            Action::CancelTask(task) => {
                let outside = outside(state);
                if let Some(call) = outside.calls.remove(&task) {
                    call.abort();
                }
                if let Some((activity_arn, place)) = outside.offers.remove(&task) {
                    shared.activities.withdraw(&activity_arn, place);
                }
            }
            Action::Continue => {
                let (engine, entry) = (self.clone(), entry.clone());
                tokio::spawn(async move { engine.drive(&entry, vec![Signal::Continue]) });
            }
            Action::End => {
                state.outside = None;
                if let Some((outcome, _)) = state.execution.end() {
                    entry.note_end(outcome);
                }
            }
        }
        None
    }

    fn spawn_call(&self, entry: Arc<Entry>, task: TaskId, invocation: Invocation) -> tokio::task::AbortHandle {
        let engine = self.clone();
        let call = tokio::spawn(async move {
            let result = engine.shared().lambda.invoke(&entry.namespace, &invocation).await;
            let mut state = entry.lock();
            if let Some(outside) = state.outside.as_deref_mut() {
                outside.calls.remove(&task);
            }
            engine.drive_locked(&entry, &mut state, vec![Signal::InvocationEnded { task, result }]);
        });
        call.abort_handle()
    }

    /// Fires the timers that have run down.
    pub(super) fn fire_due(&self) {
        for (entry, timers) in self.shared().timers.take_due(self.shared().clock.now()) {
            let mut state = entry.lock();
            if let Some(outside) = state.outside.as_deref_mut() {
                timers.iter().for_each(|timer| {
                    outside.timers.remove(timer);
                });
            }
            self.drive_locked(&entry, &mut state, timers.into_iter().map(Signal::TimerFired).collect());
        }
    }

    /// Waits for timers and fires them, for as long as the engine is there.
    pub(super) async fn run_timers(shared: std::sync::Weak<Shared>) {
        loop {
            let Some(engine) = shared.upgrade().map(Engine) else { return };
            engine.fire_due();
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

fn outside(state: &mut EntryState) -> &mut Outside {
    state.outside.get_or_insert_default()
}
