//! All timers of all executions, in the order in which they run down.

use super::executions::Entry;
use crate::interpreter::TimerId;
use crate::timestamp::Timestamp;
use std::collections::BTreeMap;
use std::sync::{Arc, Mutex, MutexGuard, PoisonError};
use tokio::sync::Notify;

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
    by_time: BTreeMap<TimerKey, (Arc<Entry>, TimerId)>,
    set: u64,
}

/// An execution with those of its timers that ran down at the same time.
pub(super) type Due = (Arc<Entry>, Vec<TimerId>);

impl Timers {
    fn queue(&self) -> MutexGuard<'_, Queue> {
        self.queue.lock().unwrap_or_else(PoisonError::into_inner)
    }

    pub fn set(&self, at: Timestamp, entry: &Arc<Entry>, timer: TimerId) -> TimerKey {
        let mut queue = self.queue();
        queue.set += 1;
        let key = (at, queue.set);
        let is_first = queue.by_time.first_key_value().is_none_or(|(first, _)| key < *first);
        queue.by_time.insert(key, (entry.clone(), timer));
        drop(queue);
        if is_first {
            self.earlier.notify_one();
        }
        key
    }

    pub fn clear(&self, key: TimerKey) {
        self.queue().by_time.remove(&key);
    }

    /// When the next timer runs down.
    pub fn next(&self) -> Option<Timestamp> {
        self.queue().by_time.first_key_value().map(|((at, _), _)| *at)
    }

    /// Takes the timers that have run down, those of one execution together.
    pub fn take_due(&self, now: Timestamp) -> Vec<Due> {
        let mut queue = self.queue();
        let mut due: Vec<Due> = Vec::new();
        while let Some(first) = queue.by_time.first_entry()
            && first.key().0 <= now
        {
            let (entry, timer) = first.remove();
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
