//! Parallel and Map states: children with chains of their own.
//!
//! Events: `ParallelStateStarted`, the branches' events, `ParallelStateSucceeded` or `ParallelStateFailed`; `MapStateStarted`,
//! `MapIterationStarted`, the iteration's events, `MapIterationSucceeded`, ..., `MapStateSucceeded` or `MapStateFailed`.
//! The first child that fails ends the state; the others are aborted.

use super::data::whole_number;
use super::frame::{Children, FrameId, Step, Work};
use super::transition::{Worked, state_type};
use super::{Action, Turn};
use crate::asl::program::{Map, MaxConcurrency, Parallel, State, StateKind};
use crate::failure::{Failure, Runtime};
use crate::history::{EventId, EventKind, Iteration};
use crate::json::Value;
use crate::quota;

impl Turn<'_> {
    pub(super) fn fork(&mut self, frame: FrameId, state: &State, parallel: &Parallel) -> Worked {
        let input = self.effective_input(frame, state)?;
        let input = self.fill(frame, parallel.parameters.as_ref(), input)?;
        self.not_too_deep(&input)?;
        let started = self.record(frame, EventKind::ParallelStateStarted);
        let count = parallel.branches.len();
        let mut children = Children { results: vec![None; count], missing: count, ..Children::default() };
        let variables = self.run.frame(frame).variables.inner();
        for (number, first) in parallel.branches.iter().enumerate() {
            let branch = self.run.open(Some((frame, number)), None, started, variables.clone());
            children.open.insert(number, branch);
            self.run.queue(branch, Step::Enter(*first, input.clone()));
        }
        self.run.frame_mut(frame).visit.work = Work::Children(Box::new(children));
        Ok(())
    }

    pub(super) fn iterate(&mut self, frame: FrameId, state: &State, map: &Map) -> Worked {
        let input = self.effective_input(frame, state)?;
        let items = match &map.items_path {
            None => input.clone(),
            Some(path) => self.evaluate(frame, &input, |scope| path.evaluate(scope))?,
        };
        let Value::Array(_) = &items else {
            let path = map.items_path.as_ref().map_or("$".into(), |path| path.text().clone());
            return Err(Runtime::ItemsNotAnArray { path });
        };
        let items = items.as_array().unwrap_or_default().to_vec();
        let limit = self.concurrency(frame, &map.max_concurrency, &input)?;
        let started = self.record(frame, EventKind::MapStateStarted { length: items.len() as u32 });
        let count = items.len();
        let children = Children {
            results: vec![None; count],
            missing: count,
            items,
            selector_input: input,
            ..Children::default()
        };
        self.run.frame_mut(frame).visit.work = Work::Children(Box::new(children));
        if count == 0 {
            self.finish_children(frame);
            return Ok(());
        }
        for _ in 0..count.min(limit) {
            self.begin_iteration(frame, state, map, started)?;
        }
        Ok(())
    }

    fn concurrency(&self, frame: FrameId, limit: &MaxConcurrency, input: &Value) -> Result<usize, Runtime> {
        let limit = match limit {
            MaxConcurrency::Literal(limit) => *limit,
            MaxConcurrency::Path(path) => {
                let value = self.evaluate(frame, input, |scope| path.evaluate(scope))?;
                let field = "MaxConcurrencyPath";
                match whole_number(&value) {
                    None => return Err(Runtime::NotAnInteger { field, path: path.text().clone(), value }),
                    Some(limit) => u64::try_from(limit).map_err(|_| Runtime::Negative { field: "MaxConcurrency" })?,
                }
            }
        };
        let most = quota::INLINE_MAP_CONCURRENCY;
        Ok(if limit == 0 { most } else { usize::try_from(limit).unwrap_or(most).min(most) })
    }

    /// Begins the next iteration; its chain goes on from `cursor`.
    fn begin_iteration(&mut self, frame: FrameId, state: &State, map: &Map, cursor: EventId) -> Worked {
        let children = self.run.children(frame);
        let number = children.next;
        children.next += 1;
        let item = children.items[number].clone();
        let selector_input = children.selector_input.clone();
        let input = match &map.item_selector {
            None => item.clone(),
            Some(template) => self
                .evaluate_with(frame, &selector_input, None, Some((number, &item)), |scope| template.evaluate(scope))?,
        };
        self.not_too_deep(&input)?;
        let variables = self.run.frame(frame).variables.inner();
        let child = self.run.open(Some((frame, number)), Some(item), cursor, variables);
        self.run.children(frame).open.insert(number, child);
        self.record(child, EventKind::MapIterationStarted(iteration(state, number)));
        self.run.queue(child, Step::Enter(map.processor, input));
        Ok(())
    }

    /// A branch or iteration has come to its end.
    pub(super) fn child_succeeded(&mut self, parent: FrameId, number: usize, child: FrameId, output: Value) {
        let program = self.program;
        let state = program.state(self.run.frame(parent).visit.state);
        let last = self.run.frame(child).cursor;
        let mut cursor = last;
        if let StateKind::Map(_) = state.kind {
            cursor = self.record(child, EventKind::MapIterationSucceeded(iteration(state, number)));
        }
        self.run.close(child);
        self.run.frame_mut(parent).cursor = cursor;
        let children = self.run.children(parent);
        children.open.remove(&number);
        children.results[number] = Some(output);
        children.missing -= 1;
        let (all_done, more) = (children.missing == 0, children.next < children.items.len());
        if all_done {
            return self.finish_children(parent);
        }
        if let (StateKind::Map(map), true) = (&state.kind, more)
            && let Err(problem) = self.begin_iteration(parent, state, map, last)
        {
            self.fail_execution(parent, problem);
        }
    }

    /// All children have come to their end: their results, in order, are the state's.
    fn finish_children(&mut self, frame: FrameId) {
        let results = std::mem::take(&mut self.run.children(frame).results);
        let results: Vec<Value> = results.into_iter().flatten().collect();
        let state = self.program.state(self.run.frame(frame).visit.state);
        let succeeded = match state.kind {
            StateKind::Map(_) => EventKind::MapStateSucceeded,
            _ => EventKind::ParallelStateSucceeded,
        };
        let succeeded = self.note(frame, succeeded);
        self.succeed_with(frame, Value::array_of_documents(results), Some(succeeded));
    }

    /// A child has failed for good: the others are aborted, and the state fails with the same failure.
    pub(super) fn child_failed(&mut self, parent: FrameId, number: usize, child: FrameId, failure: Failure) {
        let program = self.program;
        let state = program.state(self.run.frame(parent).visit.state);
        let cause = self.run.frame(child).cursor;
        self.run.frame_mut(parent).cursor = cause;
        let open = std::mem::take(&mut self.run.children(parent).open);
        let failed_in = &program.state(self.run.frame(child).visit.state).kind;
        if let StateKind::Map(_) = state.kind {
            self.note(parent, EventKind::MapIterationFailed(iteration(state, number)));
        }
        // Only a Task is written off besides having failed (recorded); for a nested Map or Parallel nothing is known.
        if let StateKind::Task(_) = failed_in {
            self.note(parent, EventKind::StateAborted(state_type(failed_in)));
        }
        self.run.close(child);
        for (number, other) in open.into_iter().filter(|(_, other)| *other != child) {
            if let StateKind::Map(_) = state.kind {
                self.note(parent, EventKind::MapIterationAborted(iteration(state, number)));
            }
            self.abort_frame(parent, other);
        }
        self.fail_state(parent, failure);
    }

    /// Aborts whatever a frame is in, and the frame itself; `chain` is the frame whose chain the events hang on.
    fn abort_frame(&mut self, chain: FrameId, frame: FrameId) {
        let program = self.program;
        let visit = &mut self.run.frame_mut(frame).visit;
        let work = std::mem::replace(&mut visit.work, Work::Nothing);
        let left = visit.left;
        let state = visit.state;
        match work {
            Work::Nothing => {}
            Work::Timer(timer) => {
                self.run.take_timer(timer);
                self.actions.push(Action::ClearTimer(timer));
            }
            Work::Task(task) => self.drop_task(&task),
            Work::Children(children) => {
                let map = program.state(state);
                for (number, child) in children.open {
                    if let StateKind::Map(_) = map.kind {
                        self.note(chain, EventKind::MapIterationAborted(iteration(map, number)));
                    }
                    self.abort_frame(chain, child);
                }
            }
        }
        self.run.close(frame);
        if left {
            return;
        }
        let kind = &program.state(state).kind;
        if matches!(kind, StateKind::Wait(_) | StateKind::Task(_) | StateKind::Parallel(_) | StateKind::Map(_)) {
            self.note(chain, EventKind::StateAborted(state_type(kind)));
        }
    }
}

fn iteration(state: &State, number: usize) -> Iteration {
    Iteration { name: state.name.clone(), index: number as u32 }
}
