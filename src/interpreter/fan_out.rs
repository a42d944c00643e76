//! Parallel and Map states: children with chains of their own.
//!
//! Events: `ParallelStateStarted`, the branches' events, `ParallelStateSucceeded` or `ParallelStateFailed`; `MapStateStarted`,
//! `MapIterationStarted`, the iteration's events, `MapIterationSucceeded`, ..., `MapStateSucceeded` or `MapStateFailed`.
//! The first child that fails ends the state; the others are aborted.

use super::context::Extras;
use super::data::{Document, Problem, whole_number};
use super::frame::{Children, FrameId, Step, Work};
use super::transition::{Worked, state_type};
use super::trial::Tolerated;
use super::{Action, Turn};
use crate::asl::program::{Items, Map, Number, Parallel, Percentage, State, StateKind};
use crate::failure::{Evaluation, Failure, Runtime};
use crate::history::{EventId, EventKind, Iteration};
use crate::json::Value;
use crate::quota;
use smol_str::SmolStr;

impl Turn<'_> {
    pub(super) fn fork(&mut self, frame: FrameId, state: &State, parallel: &Parallel) -> Worked {
        let input = self.effective_input(frame, state)?;
        let input = self.compute(frame, parallel.parameters.as_ref(), input, Extras::default())?;
        self.not_too_large(frame, &input)?;
        if let Some(result) = self.mocked() {
            self.run.queue(frame, Step::Settle(Box::new(result)));
            return Ok(());
        }
        let started = self.record(frame, EventKind::ParallelStateStarted);
        let count = parallel.branches.len();
        let mut children = Children { results: vec![None; count], missing: count, limit: count, ..Children::default() };
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
        if let (Some(distributed), None) = (&map.distributed, &self.run.trial) {
            return self.begin_map_run(frame, state, map, distributed);
        }
        let input = self.effective_input(frame, state)?;
        let (read, most) = match &map.reader {
            Some(reader) => self.items_read(frame, reader, &input)?,
            None => (None, None),
        };
        let items = match read {
            Some(items) => items,
            None => {
                let items = self.items(frame, &map.items, &input)?;
                self.inspect_path(state, |seen| seen.after_items_path = Some(items.clone()));
                self.not_too_large(frame, &items)?;
                items.as_array().unwrap_or_default().iter().take(most.unwrap_or(usize::MAX)).cloned().collect()
            }
        };
        let limit = self.concurrency(frame, &map.max_concurrency, &input)?;
        let tolerated = self.tolerated(frame, map, &input)?;
        if self.run.trial.is_some() {
            return self.try_iterations(frame, map, &items, &input, tolerated);
        }
        let started = self.record(frame, EventKind::MapStateStarted { length: items.len() as u32 });
        let count = items.len();
        let children = Children {
            results: vec![None; count],
            missing: count,
            limit,
            items,
            selector_input: input,
            ..Children::default()
        };
        self.run.frame_mut(frame).visit.work = Work::Children(Box::new(children));
        if count == 0 {
            self.finish_children(frame);
            return Ok(());
        }
        self.begin_iterations(frame, state, map, started)
    }

    /// Begins as many iterations as may run at the same time.
    pub(super) fn begin_iterations(&mut self, frame: FrameId, state: &State, map: &Map, cursor: EventId) -> Worked {
        loop {
            let children = self.run.children(frame);
            if children.next == children.items.len() || children.open.len() >= children.limit {
                return Ok(());
            }
            self.begin_iteration(frame, state, map, cursor)?;
        }
    }

    /// What a Map state iterates over: an array.
    pub(super) fn items(&self, frame: FrameId, items: &Items, input: &Value) -> Result<Value, Problem> {
        let (items, path) = match items {
            Items::Input => (input.clone(), "$".into()),
            Items::Path(path) => (self.evaluate(frame, input, |scope| path.evaluate(scope))?, path.text().clone()),
            Items::JsonataInput if input.as_array().is_none() => {
                return Err(Evaluation::InputNotAnArray(input.clone()).into());
            }
            Items::JsonataInput => return Ok(input.clone()),
            // The documentation of today lets objects through; it was recorded that AWS doesn't.
            Items::Jsonata(template) => match template.as_field() {
                Some(field) => {
                    let array = |value: &Value| value.as_array().is_some().then(|| value.clone());
                    return self.ask(frame, field, |field, states| field.evaluate_to(states, "array", array));
                }
                None => {
                    let items = self.output_of(frame, Some(template), Document::Input(input))?;
                    return Ok(items.unwrap_or_default());
                }
            },
        };
        if items.as_array().is_none() {
            // Recorded: a path into the context object is shown without its first `$`.
            let path = if path.starts_with("$$") { path[1..].into() } else { path };
            return Err(Runtime::ItemsNotAnArray { path }.into());
        }
        Ok(items)
    }

    fn concurrency(&self, frame: FrameId, limit: &Number, input: &Value) -> Result<usize, Problem> {
        let limit = self.count(frame, limit, input, "MaxConcurrency", "MaxConcurrencyPath")?;
        self.inspect(|seen| seen.max_concurrency = Some(limit));
        let most = quota::INLINE_MAP_CONCURRENCY;
        Ok(if limit == 0 { most } else { usize::try_from(limit).unwrap_or(most).min(most) })
    }

    /// A number that can't be negative.
    pub(super) fn count(
        &self,
        frame: FrameId,
        number: &Number,
        input: &Value,
        name: &'static str,
        field: &'static str,
    ) -> Result<u64, Problem> {
        match number {
            Number::Literal(number) => Ok(*number),
            Number::Path(path) => {
                let value = self.evaluate(frame, input, |scope| path.evaluate(scope))?;
                let not_an_integer =
                    || Runtime::NotAnInteger { field, path: path.text().clone(), value: value.clone() };
                let number = whole_number(&value).ok_or_else(not_an_integer)?;
                Ok(u64::try_from(number).map_err(|_| Runtime::Negative { field: name })?)
            }
            Number::Jsonata(expression) => {
                let number = self.ask_number(frame, expression)?;
                let negative = || Evaluation::Negative { field: expression.path().clone() };
                Ok(u64::try_from(number).map_err(|_| negative())?)
            }
        }
    }

    /// An inline Map tolerates no failure, but these fields are looked up all the same.
    pub(super) fn tolerated(&self, frame: FrameId, map: &Map, input: &Value) -> Result<Tolerated, Problem> {
        let count = map
            .tolerated_count
            .as_ref()
            .map(|number| self.count(frame, number, input, "ToleratedFailureCount", "ToleratedFailureCountPath"));
        let count = count.transpose()?;
        self.inspect(|seen| seen.tolerated_failure_count = count);
        let percentage = map.tolerated_percentage.as_ref().map(|number| self.percentage(frame, number, input));
        let percentage = percentage.transpose()?;
        self.inspect(|seen| seen.tolerated_failure_percentage = percentage);
        Ok(Tolerated { count, percentage })
    }

    fn percentage(&self, frame: FrameId, percentage: &Percentage, input: &Value) -> Result<f64, Problem> {
        let is_percentage = |number: f64| (0.0..=100.0).contains(&number);
        match percentage {
            Percentage::Literal(number) => Ok(*number),
            Percentage::Path(path) => {
                let value = self.evaluate(frame, input, |scope| path.evaluate(scope))?;
                match float(&value) {
                    Some(number) if is_percentage(number) => Ok(number),
                    Some(_) => Err(Runtime::NotAPercentage { field: "ToleratedFailurePercentage" }.into()),
                    None => {
                        let field = "ToleratedFailurePercentagePath";
                        Err(Runtime::NotAFloat { field, path: path.text().clone(), value }.into())
                    }
                }
            }
            Percentage::Jsonata(field) => self.ask(frame, field, |field, states| {
                let number = field.evaluate_to(states, "number", Value::as_f64)?;
                let out_of_range = || Evaluation::NotAPercentage { field: field.path().clone() };
                is_percentage(number).then_some(number).ok_or_else(out_of_range)
            }),
        }
    }

    /// What an iteration is given: the item, or what ItemSelector makes of it.
    pub(super) fn iteration_input(
        &self,
        frame: FrameId,
        map: &Map,
        number: usize,
        item: &Value,
        source: Option<&SmolStr>,
        selector_input: Value,
    ) -> Result<Value, Problem> {
        let extras = Extras { item: Some((number, item)), source, ..Extras::default() };
        let input = match &map.item_selector {
            None => item.clone(),
            selector => self.compute(frame, selector.as_ref(), selector_input, extras)?,
        };
        self.not_too_large(frame, &input)?;
        Ok(input)
    }

    /// Begins the next iteration; its chain goes on from `cursor`.
    fn begin_iteration(&mut self, frame: FrameId, state: &State, map: &Map, cursor: EventId) -> Worked {
        let children = self.run.children(frame);
        let number = children.next;
        let item = children.items[number].clone();
        let selector_input = children.selector_input.clone();
        let input = self.iteration_input(frame, map, number, &item, None, selector_input)?;
        let variables = self.run.frame(frame).variables.inner();
        let child = self.run.open(Some((frame, number)), Some(item), cursor, variables);
        let children = self.run.children(frame);
        children.next += 1;
        children.open.insert(number, child);
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
            self.fail_with(parent, problem);
        }
    }

    /// All children have come to their end: their results, in order, are the state's.
    pub(super) fn finish_children(&mut self, frame: FrameId) {
        let results: Vec<Value> = self.run.children(frame).results.iter().flatten().cloned().collect();
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
        let children = self.run.children(parent);
        children.open.remove(&number);
        children.stopped.insert(number, child);
        let failed_in = &program.state(self.run.frame(child).visit.state).kind;
        if let StateKind::Map(_) = state.kind {
            self.note(parent, EventKind::MapIterationFailed(iteration(state, number)));
        }
        // Only a Task is written off besides having failed (recorded); for a nested Map or Parallel nothing is known.
        if let StateKind::Task(_) = failed_in {
            self.note(parent, EventKind::StateAborted(state_type(failed_in)));
        }
        self.run.frame_mut(child).stopped = true;
        self.abort_children(parent, parent);
        self.fail_state(parent, failure);
    }

    /// Aborts whatever branches or iterations of a frame are open; `chain` is the frame whose chain the events hang on.
    /// They stand still as long as the execution may be redriven.
    pub(super) fn abort_children(&mut self, chain: FrameId, parent: FrameId) {
        let program = self.program;
        let visit = &mut self.run.frame_mut(parent).visit;
        let Work::Children(children) = &mut visit.work else { return };
        let state = program.state(visit.state);
        let open = std::mem::take(&mut children.open);
        children.stopped.extend(&open);
        for (number, child) in open {
            if let StateKind::Map(_) = state.kind {
                self.note(chain, EventKind::MapIterationAborted(iteration(state, number)));
            }
            self.abort_frame(chain, child);
        }
    }

    /// Aborts whatever a frame is in; the frame stands still from then on.
    fn abort_frame(&mut self, chain: FrameId, id: FrameId) {
        self.abort_children(chain, id);
        let frame = self.run.frame_mut(id);
        frame.stopped = true;
        let (left, state) = (frame.visit.left, frame.visit.state);
        let work = match frame.visit.work {
            Work::Timer(_) | Work::Task(_) => std::mem::replace(&mut frame.visit.work, Work::Nothing),
            Work::Nothing | Work::Children(_) | Work::MapRun(_) => Work::Nothing,
        };
        match work {
            Work::Timer(timer) => {
                self.run.take_timer(timer);
                self.actions.push(Action::ClearTimer(timer));
            }
            Work::Task(task) => self.drop_task(&task),
            Work::Nothing | Work::Children(_) | Work::MapRun(_) => {}
        }
        if let Work::MapRun(map_run) = &self.run.frame(id).visit.work {
            let task = map_run.id;
            self.cancel_map_run(task);
            // Where it stands is a guess after iterations.
            self.note(chain, EventKind::MapRunAborted);
        }
        if left {
            return;
        }
        let kind = &self.program.state(state).kind;
        if matches!(kind, StateKind::Wait(_) | StateKind::Task(_) | StateKind::Parallel(_) | StateKind::Map(_)) {
            self.note(chain, EventKind::StateAborted(state_type(kind)));
        }
    }
}

/// A number, or the text of one (recorded).
fn float(value: &Value) -> Option<f64> {
    value.as_f64().or_else(|| value.as_str()?.parse().ok().filter(|number: &f64| number.is_finite()))
}

fn iteration(state: &State, number: usize) -> Iteration {
    Iteration { name: state.name.clone(), index: number as u32 }
}
