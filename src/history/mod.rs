//! The history of an execution: append-only events with ids from 1.
//!
//! An event keeps the values themselves; they become text only when somebody reads the history ([`wire`]). Which event
//! comes next and which one it points back to is decided by the interpreter.

mod event;
pub mod wire;

pub use event::{
    ActivityScheduled, Assigning, EvaluationFailed, EventKind, ExecutionStarted, Iteration, LambdaFunctionScheduled,
    MapRunRedriven, Named, StartedWith, StateType, TaskKind, TaskScheduled, Told,
};

use crate::timestamp::Timestamp;

/// The id of an event: its place in the history, from 1; 0 stands for "none".
pub type EventId = u32;

/// For how many events there is room at first: the shortest executions have five.
const FIRST: usize = 8;

/// One event.
#[derive(Clone, Debug)]
pub struct Event {
    /// When it was written.
    pub timestamp: Timestamp,
    /// The event that it follows in its own chain.
    pub previous: EventId,
    /// Its type and details.
    pub kind: EventKind,
}

/// The events of one execution in their order.
#[derive(Clone, Debug, Default)]
pub struct History {
    events: Vec<Event>,
    /// How many were forgotten before these.
    forgotten: EventId,
}

impl History {
    /// Appends an event and gives its id.
    pub fn append(&mut self, timestamp: Timestamp, previous: EventId, kind: EventKind) -> EventId {
        if self.events.capacity() == 0 {
            self.events.reserve(FIRST);
        }
        self.events.push(Event { timestamp, previous, kind });
        self.len() as EventId
    }

    /// The events, the one with id 1 first; without those that were forgotten.
    pub fn events(&self) -> &[Event] {
        &self.events
    }

    /// The events after the one with this id, with their ids.
    pub fn after(&self, id: EventId) -> impl Iterator<Item = (EventId, &Event)> {
        let skipped = id.saturating_sub(self.forgotten);
        let first = self.forgotten + skipped + 1;
        (first..).zip(self.events.iter().skip(skipped as usize))
    }

    /// How many events were written, which is the last one's id.
    pub fn len(&self) -> usize {
        self.forgotten as usize + self.events.len()
    }

    /// Whether nothing was written yet.
    pub fn is_empty(&self) -> bool {
        self.len() == 0
    }

    /// Lets go of all events; later ones are numbered as if they were there.
    pub fn forget(&mut self) {
        self.forgotten += self.events.len() as EventId;
        self.events.clear();
    }

    /// Gives back the memory that was kept for more events.
    pub fn shrink(&mut self) {
        self.events.shrink_to_fit();
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn forgotten_events_keep_their_numbers() {
        let mut history = History::default();
        let write = |history: &mut History| history.append(Timestamp::from_millis(0), 0, EventKind::MapStateFailed);
        let after = |history: &History, id| history.after(id).map(|(id, _)| id).collect::<Vec<_>>();
        assert!(history.is_empty());
        assert_eq!((write(&mut history), write(&mut history)), (1, 2));
        assert_eq!((after(&history, 0), after(&history, 1), after(&history, 2)), (vec![1, 2], vec![2], vec![]));
        history.forget();
        assert_eq!((history.len(), history.events().len(), write(&mut history)), (2, 0, 3));
        assert_eq!((after(&history, 0), after(&history, 2), after(&history, 3)), (vec![3], vec![3], vec![]));
    }
}
