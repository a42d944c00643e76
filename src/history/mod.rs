//! The history of an execution: append-only events with ids from 1.
//!
//! An event keeps the values themselves; they become text only when somebody reads the history ([`wire`]). Which event
//! comes next and which one it points back to is decided by the interpreter.

mod event;
pub mod wire;

pub use event::{
    ActivityScheduled, Assigning, EvaluationFailed, EventKind, Iteration, LambdaFunctionScheduled, Named, StateType,
    TaskKind, TaskScheduled, Told,
};

use crate::timestamp::Timestamp;

/// The id of an event: its place in the history, from 1; 0 stands for "none".
pub type EventId = u32;

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
}

impl History {
    /// Appends an event and gives its id.
    pub fn append(&mut self, timestamp: Timestamp, previous: EventId, kind: EventKind) -> EventId {
        self.events.push(Event { timestamp, previous, kind });
        self.events.len() as EventId
    }

    /// The events, the one with id 1 first.
    pub fn events(&self) -> &[Event] {
        &self.events
    }

    /// How many events there are, which is the last one's id.
    pub fn len(&self) -> usize {
        self.events.len()
    }

    /// Whether nothing was written yet.
    pub fn is_empty(&self) -> bool {
        self.events.is_empty()
    }

    /// Gives back the memory that was kept for more events.
    pub fn shrink(&mut self) {
        self.events.shrink_to_fit();
    }
}
