//! The transitions of one block of states: what they lead to, and whether every state has a way in and the block a
//! way out.

use super::program::StateId;
use smol_str::SmolStr;
use std::collections::HashMap;

/// The states of one block and the transitions seen so far.
pub(super) struct Graph<'a> {
    places: HashMap<&'a str, usize>,
    first: u32,
    /// For each state, whether another state or `StartAt` leads to it.
    entered: Vec<bool>,
    /// The state whose transitions are being read; nothing for the block itself.
    current: Option<usize>,
    has_terminal: bool,
    /// Whether transitions may lead to states that aren't here.
    open: bool,
}

impl<'a> Graph<'a> {
    /// A block of states with these names, whose ids begin with `first`.
    pub fn new(names: impl ExactSizeIterator<Item = &'a SmolStr>, first: u32) -> Graph<'a> {
        let entered = vec![false; names.len()];
        let places = names.enumerate().map(|(place, name)| (name.as_str(), place)).collect();
        Graph { places, first, entered, current: None, has_terminal: false, open: false }
    }

    /// A state without the others that its transitions lead to.
    pub fn of_lone_state() -> Graph<'a> {
        Graph { open: true, ..Graph::new(std::iter::empty(), 0) }
    }

    /// Whether transitions may lead to states that aren't here.
    pub fn is_open(&self) -> bool {
        self.open
    }

    /// From now on, transitions are those of this state.
    pub fn leave_from(&mut self, place: usize) {
        self.current = Some(place);
    }

    /// Notes a transition; nothing if the block has no such state.
    pub fn enter(&mut self, name: &str) -> Option<StateId> {
        let place = *self.places.get(name)?;
        if self.current != Some(place) {
            self.entered[place] = true;
        }
        Some(StateId(self.first + place as u32))
    }

    /// Notes that the block can end in the current state.
    pub fn end(&mut self) {
        self.has_terminal = true;
    }

    /// Whether the block can end.
    pub fn has_terminal(&self) -> bool {
        self.has_terminal
    }

    /// Whether anything leads to the state: AWS asks no more, so what only an unreachable state leads to counts.
    pub fn is_entered(&self, place: usize) -> bool {
        self.entered[place]
    }
}
