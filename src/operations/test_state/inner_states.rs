//! The states inside a Parallel or Map state.

use crate::asl::Program;
use crate::asl::program::{State, StateId, StateKind, Transition};
use std::collections::HashSet;

/// Whether the first state of a program has a state of this name inside it.
pub fn has(program: &Program, name: &str) -> bool {
    let mut due = blocks(program.state(program.start));
    let mut seen: HashSet<StateId> = HashSet::new();
    while let Some(id) = due.pop() {
        if !seen.insert(id) {
            continue;
        }
        let state = program.state(id);
        if state.name == name {
            return true;
        }
        due.extend(blocks(state));
        due.extend(successors(state));
    }
    false
}

/// The first states of the blocks that a state has.
fn blocks(state: &State) -> Vec<StateId> {
    match &state.kind {
        StateKind::Parallel(parallel) => parallel.branches.to_vec(),
        StateKind::Map(map) => vec![map.processor],
        _ => Vec::new(),
    }
}

/// The states that a state leads to.
fn successors(state: &State) -> Vec<StateId> {
    let (transition, result) = match &state.kind {
        StateKind::Pass(pass) => (pass.transition, None),
        StateKind::Wait(wait) => (wait.transition, None),
        StateKind::Task(task) => (task.transition, Some(&task.result)),
        StateKind::Parallel(parallel) => (parallel.transition, Some(&parallel.result)),
        StateKind::Map(map) => (map.transition, Some(&map.result)),
        StateKind::Choice(choice) => {
            return choice.rules.iter().map(|rule| rule.next).chain(choice.default).collect();
        }
        StateKind::Succeed | StateKind::Fail(_) => return Vec::new(),
    };
    let next = match transition {
        Transition::Next(next) => Some(next),
        Transition::End => None,
    };
    next.into_iter()
        .chain(result.into_iter().flat_map(|fields| fields.catch.iter().map(|catcher| catcher.next)))
        .collect()
}
