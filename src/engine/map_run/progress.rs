//! How far a map run is: which child executions there are, what became of them, and what comes next. Data in, data out.
//!
//! Source: AWS's page "Setting failure thresholds for Distributed Map states" and the API reference of DescribeMapRun.

use super::super::executions::Entry;
use crate::failure::Failure;
use crate::interpreter::{ChildInput, MapRunStart};
use crate::json::Value;
use crate::quota;
use std::sync::Arc;

/// What became of a child execution.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
#[allow(missing_docs)]
pub enum ChildStatus {
    Pending,
    /// It has ended, and waits for its place to go on.
    PendingRedrive,
    Running,
    Succeeded,
    Failed,
    TimedOut,
    Aborted,
}

const STATUSES: usize = ChildStatus::Aborted as usize + 1;

/// A child execution.
#[derive(Debug)]
pub struct Child {
    /// What it is given.
    pub input: Value,
    /// How many items that are.
    pub items: u64,
    /// What became of it.
    pub status: ChildStatus,
    /// Itself, once it has begun.
    pub entry: Option<Arc<Entry>>,
}

/// How many child executions, or items, have each status.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub struct Counts([u64; STATUSES]);

impl Counts {
    /// How many have this status.
    pub fn of(&self, status: ChildStatus) -> u64 {
        self.0[status as usize]
    }

    /// How many there are.
    pub fn total(&self) -> u64 {
        self.0.iter().sum()
    }

    fn add(&mut self, status: ChildStatus, count: u64) {
        self.0[status as usize] += count;
    }

    fn take(&mut self, status: ChildStatus, count: u64) {
        self.0[status as usize] -= count;
    }
}

/// What can be changed while a map run runs.
#[derive(Clone, Copy, Debug, PartialEq)]
pub struct Limits {
    /// `maxConcurrency`; 0: as many as the service allows
    pub max_concurrency: u64,
    /// `toleratedFailureCount`, if it was ever given
    pub tolerated_count: Option<u64>,
    /// `toleratedFailurePercentage`, if it was ever given
    pub tolerated_percentage: Option<f64>,
}

impl Limits {
    /// Those that a map run begins with.
    pub fn of(start: &MapRunStart) -> Limits {
        Limits {
            max_concurrency: start.max_concurrency,
            tolerated_count: start.tolerated_count,
            tolerated_percentage: start.tolerated_percentage,
        }
    }

    fn concurrency(self) -> u64 {
        let most = quota::MAP_RUN_CONCURRENCY;
        if self.max_concurrency == 0 { most } else { self.max_concurrency.min(most) }
    }

    /// Whether that many failed items are too many. By default none is tolerated. That a 0 which was given is a limit beside
    /// the other one, while one by default is not, is an inference: DescribeMapRun shows no difference between them.
    fn are_exceeded(self, failed: u64, total: u64) -> bool {
        let count = match (self.tolerated_count, self.tolerated_percentage) {
            (None, None) => Some(0),
            (count, _) => count,
        };
        let by_count = count.is_some_and(|most| failed > most);
        let by_percentage = self.tolerated_percentage.is_some_and(|most| failed as f64 * 100.0 > most * total as f64);
        by_count || by_percentage
    }
}

/// What a map run does next.
#[derive(Debug, PartialEq)]
pub enum Next {
    /// Begin this child, or redrive it if it has begun before.
    Begin(usize),
    /// Wait until something changes.
    Wait,
    /// It is over: nothing more begins, and what still runs is stopped.
    Over(Result<(), Failure>),
}

/// The progress of a map run.
#[derive(Debug)]
pub struct Progress {
    pub limits: Limits,
    pub children: Vec<Child>,
    pub executions: Counts,
    pub items: Counts,
    /// Those that have not begun, or begin again, the last first.
    due: Vec<usize>,
    /// How many items count as failed beside those that are shown so.
    lost: u64,
    /// Whether it is known what the children are given.
    is_known: bool,
}

impl Progress {
    pub fn new(limits: Limits) -> Progress {
        Progress {
            limits,
            children: Vec::new(),
            executions: Counts::default(),
            items: Counts::default(),
            due: Vec::new(),
            lost: 0,
            is_known: false,
        }
    }

    /// What the children are given.
    pub fn give(&mut self, inputs: Vec<ChildInput>) {
        self.is_known = true;
        self.due = (0..inputs.len()).rev().collect();
        self.children = inputs
            .into_iter()
            .map(|ChildInput { input, items }| Child { input, items, status: ChildStatus::Pending, entry: None })
            .collect();
        for child in &self.children {
            self.executions.add(ChildStatus::Pending, 1);
            self.items.add(ChildStatus::Pending, child.items);
        }
    }

    pub fn is_known(&self) -> bool {
        self.is_known
    }

    /// A child has another status now.
    pub fn set(&mut self, number: usize, status: ChildStatus) {
        let Some(child) = self.children.get_mut(number) else { return };
        let before = std::mem::replace(&mut child.status, status);
        self.executions.take(before, 1);
        self.executions.add(status, 1);
        self.items.take(before, child.items);
        self.items.add(status, child.items);
    }

    /// It goes on after its end: the children that didn't succeed begin again, but for those that can't (sorted),
    /// which stay as they are. Documented: such a child counts as failed if its history is full. That it does so for another
    /// reason too, and is shown as it was, is a guess.
    pub fn go_on(&mut self, can_not: &[usize]) {
        let again = |child: &Child| !matches!(child.status, ChildStatus::Succeeded | ChildStatus::Running);
        let numbers = (0..self.children.len()).rev();
        self.due =
            numbers.filter(|number| again(&self.children[*number]) && can_not.binary_search(number).is_err()).collect();
        let aborted = can_not.iter().filter_map(|number| self.children.get(*number));
        self.lost = aborted.filter(|child| child.status == ChildStatus::Aborted).map(|child| child.items).sum();
        for number in self.due.clone() {
            let has_begun = self.children[number].entry.is_some();
            self.set(number, if has_begun { ChildStatus::PendingRedrive } else { ChildStatus::Pending });
        }
    }

    /// What comes next. A child that is to begin counts as running from now on.
    pub fn next(&mut self) -> Next {
        if !self.is_known {
            return Next::Wait;
        }
        let failed = self.items.of(ChildStatus::Failed) + self.items.of(ChildStatus::TimedOut) + self.lost;
        if self.limits.are_exceeded(failed, self.items.total()) {
            return Next::Over(Err(Failure::ToleratedFailureThreshold));
        }
        let running = self.executions.of(ChildStatus::Running);
        if let Some(number) = self.due.last().copied().filter(|_| running < self.limits.concurrency()) {
            self.due.pop();
            self.set(number, ChildStatus::Running);
            return Next::Begin(number);
        }
        if running > 0 { Next::Wait } else { Next::Over(Ok(())) }
    }
}

#[cfg(test)]
mod tests {
    use super::ChildStatus::{Aborted, Failed, Pending, Running, Succeeded, TimedOut};
    use super::*;

    fn progress(max_concurrency: u64, tolerated: (Option<u64>, Option<f64>), items: &[u64]) -> Progress {
        let (tolerated_count, tolerated_percentage) = tolerated;
        let mut progress = Progress::new(Limits { max_concurrency, tolerated_count, tolerated_percentage });
        progress.give(items.iter().map(|items| ChildInput { input: Value::Null, items: *items }).collect());
        progress
    }

    #[test]
    fn as_many_children_run_as_may() {
        let mut run = progress(2, (None, None), &[1, 1, 1]);
        assert_eq!([run.next(), run.next(), run.next()], [Next::Begin(0), Next::Begin(1), Next::Wait]);
        run.set(1, Succeeded);
        assert_eq!([run.next(), run.next()], [Next::Begin(2), Next::Wait]);
        run.limits.max_concurrency = 0;
        run.set(0, Succeeded);
        run.set(2, Succeeded);
        assert_eq!(run.next(), Next::Over(Ok(())));
        assert_eq!((run.executions.of(Succeeded), run.executions.total()), (3, 3));
        assert_eq!(progress(0, (None, None), &[]).next(), Next::Over(Ok(())));
        assert_eq!(Progress::new(run.limits).next(), Next::Wait);
    }

    #[test]
    fn failed_items_are_tolerated_up_to_both_limits() {
        for (tolerated, items, ended, is_over) in [
            ((None, None), &[1, 1, 1, 1][..], &[Failed][..], true),
            ((None, None), &[1, 1, 1, 1], &[Aborted], false),
            ((Some(1), None), &[1, 1, 1, 1], &[Failed], false),
            ((Some(1), None), &[1, 1, 1, 1], &[Failed, TimedOut], true),
            ((None, Some(25.0)), &[1, 1, 1, 1], &[TimedOut], false),
            ((None, Some(25.0)), &[1, 1, 1, 1], &[Failed, Failed], true),
            ((None, Some(25.0)), &[2, 1, 1], &[Failed], true),
            ((None, Some(100.0)), &[1, 1], &[Failed, Failed], false),
            ((Some(1), Some(100.0)), &[1, 1], &[Failed, Failed], true),
            ((Some(0), Some(100.0)), &[1, 1], &[Failed], true),
            ((Some(5), Some(0.0)), &[1, 1], &[Failed], true),
        ] {
            let mut run = progress(0, tolerated, items);
            for (number, status) in ended.iter().enumerate() {
                run.set(number, *status);
            }
            let failed = run.next() == Next::Over(Err(Failure::ToleratedFailureThreshold));
            assert_eq!(failed, is_over, "{tolerated:?} {items:?} {ended:?}");
        }
    }

    #[test]
    fn what_did_not_succeed_goes_on() {
        let mut run = progress(1, (None, None), &[1, 2, 1]);
        assert_eq!(run.next(), Next::Begin(0));
        run.set(0, Succeeded);
        assert_eq!(run.next(), Next::Begin(1));
        run.set(1, Failed);
        assert!(matches!(run.next(), Next::Over(Err(_))));
        run.go_on(&[]);
        assert_eq!((run.items.of(Pending), run.items.of(Failed)), (3, 0));
        assert_eq!((run.next(), run.executions.of(Running)), (Next::Begin(1), 1));
        run.set(1, Failed);
        run.go_on(&[1]);
        assert_eq!((run.items.of(Pending), run.items.of(Failed)), (1, 2), "what can't go on counts as it did");
        assert!(matches!(run.next(), Next::Over(Err(_))));
    }

    #[test]
    fn what_was_aborted_and_can_not_go_on_counts_as_failed() {
        let mut run = progress(0, (Some(1), None), &[2, 1]);
        assert_eq!([run.next(), run.next()], [Next::Begin(0), Next::Begin(1)]);
        run.set(0, Aborted);
        run.set(1, Succeeded);
        run.go_on(&[0]);
        assert!(matches!(run.next(), Next::Over(Err(_))));
        assert_eq!((run.items.of(Failed), run.items.of(Aborted)), (0, 2));
        run.go_on(&[]);
        assert_eq!(run.next(), Next::Begin(0));
    }
}
