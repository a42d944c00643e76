//! All timers of all executions, in the order in which they run down.

use super::executions::Entry;
use crate::interpreter::TimerId;
use crate::timestamp::Timestamp;
use std::collections::BTreeMap;
use std::sync::{Arc, Mutex, MutexGuard, PoisonError};
use tokio::sync::{Notify, oneshot};

/// A timer's place in the order: its time, then the order in which it was set.
pub(super) type TimerKey = (Timestamp, u64);

/// The timers that are running.
#[derive(Debug, Default)]
pub(super) struct Timers {
    queue: Mutex<Queue>,
    /// Rung when the first timer to run down has changed.
    earlier: Notify,
}

#[derive(Debug, Default)]
struct Queue {
    by_time: BTreeMap<TimerKey, Waiter>,
    set: u64,
}

/// Who waits for a timer.
#[derive(Debug)]
enum Waiter {
    /// An execution.
    Execution(Arc<Entry>, TimerId),
    /// Something that is done for one outside of it.
    Sleep(oneshot::Sender<()>),
}

/// A pause in something that is done for an execution; dropping it takes the timer back.
#[derive(Debug)]
pub(super) struct Sleep {
    timers: Arc<Timers>,
    key: TimerKey,
    over: oneshot::Receiver<()>,
}

impl Sleep {
    /// Waits for its end.
    pub async fn over(&mut self) {
        // Whoever tells just goes away if all timers do.
        let _ = (&mut self.over).await;
    }
}

impl Drop for Sleep {
    fn drop(&mut self) {
        self.timers.clear(self.key);
    }
}

/// An execution with those of its timers that ran down at the same time.
pub(super) type Due = (Arc<Entry>, Vec<TimerId>);

impl Timers {
    fn queue(&self) -> MutexGuard<'_, Queue> {
        self.queue.lock().unwrap_or_else(PoisonError::into_inner)
    }

    pub fn set(&self, at: Timestamp, entry: &Arc<Entry>, timer: TimerId) -> TimerKey {
        self.add(at, Waiter::Execution(entry.clone(), timer))
    }

    /// A pause until then.
    pub fn sleep(self: &Arc<Self>, at: Timestamp) -> Sleep {
        let (tell, over) = oneshot::channel();
        Sleep { timers: self.clone(), key: self.add(at, Waiter::Sleep(tell)), over }
    }

    fn add(&self, at: Timestamp, waiter: Waiter) -> TimerKey {
        let mut queue = self.queue();
        queue.set += 1;
        let key = (at, queue.set);
        let is_first = queue.by_time.first_key_value().is_none_or(|(first, _)| key < *first);
        queue.by_time.insert(key, waiter);
        drop(queue);
        if is_first {
            self.earlier.notify_one();
        }
        key
    }

    pub fn clear(&self, key: TimerKey) {
        self.queue().by_time.remove(&key);
    }

    /// How many pauses aren't over.
    pub fn pauses(&self) -> usize {
        self.queue().by_time.values().filter(|waiter| matches!(waiter, Waiter::Sleep(_))).count()
    }

    /// When the next timer runs down.
    pub fn next(&self) -> Option<Timestamp> {
        self.queue().by_time.first_key_value().map(|((at, _), _)| *at)
    }

    /// Takes the timers that have run down, those of one execution together, and ends the pauses that are over.
    pub fn take_due(&self, now: Timestamp) -> Vec<Due> {
        let mut queue = self.queue();
        let mut due: Vec<Due> = Vec::new();
        while let Some(first) = queue.by_time.first_entry()
            && first.key().0 <= now
        {
            let (entry, timer) = match first.remove() {
                Waiter::Execution(entry, timer) => (entry, timer),
                Waiter::Sleep(tell) => {
                    // Who doesn't wait any more doesn't want to know.
                    let _ = tell.send(());
                    continue;
                }
            };
            match due.last_mut() {
                Some((last, timers)) if Arc::ptr_eq(last, &entry) => timers.push(timer),
                _ => due.push((entry, vec![timer])),
            }
        }
        due
    }

    /// Waits until a timer was set that runs down before all others.
    pub async fn earlier(&self) {
        self.earlier.notified().await;
    }
}
