//! When work has ended well: the result becomes the state's output. Shared by Task, Parallel and Map.

use super::Turn;
use super::data::{Document, Problem};
use super::frame::{FrameId, Work};
use super::transition::Exit;
use crate::asl::program::{ResultFields, State, StateKind, Transition};
use crate::failure::Failure;
use crate::history::EventId;
use crate::json::Value;

impl Turn<'_> {
    /// The work of the state that the frame is in has ended.
    pub(super) fn settle(&mut self, frame: FrameId, result: Result<Value, Failure>) {
        match result {
            Ok(value) => self.succeed_with(frame, value, None),
            Err(failure) => self.fail_state(frame, failure),
        }
    }

    /// ResultSelector, ResultPath, OutputPath, exit. `succeeded` is the `...StateSucceeded` event of Parallel and Map:
    /// the chain goes past it, but a failure of these last steps points to it (recorded).
    pub(super) fn succeed_with(&mut self, frame: FrameId, result: Value, succeeded: Option<EventId>) {
        let program = self.program;
        let state = program.state(self.run.frame(frame).visit.state);
        let Some((fields, transition)) = result_fields(state) else { return };
        // That Assign sees what ResultSelector made of the result is how the documentation reads.
        if let StateKind::Task(_) = state.kind {
            self.inspect(|seen| seen.result = Some(result.clone()));
        }
        let exit = || -> Result<Exit, Problem> {
            let selected = self.fill(frame, fields.result_selector.as_ref(), result)?;
            self.inspect_path(state, |seen| seen.after_result_selector = Some(selected.clone()));
            let document = Document::Result(&selected);
            let assigned = self.assigned(frame, state.assign.as_ref(), document)?;
            let output = match self.output_of(frame, state.output.as_ref(), document)? {
                Some(output) => output,
                None => self.output(frame, state, &fields.result_path, selected)?,
            };
            Ok(Exit { output, assigned, transition })
        };
        match exit() {
            Ok(exit) => {
                self.run.frame_mut(frame).visit.work = Work::Nothing;
                self.leave(frame, state, exit);
            }
            // What branches or iterations have come to stays where it is: a redrive doesn't run them again, unless they
            // were those of a map run.
            Err(problem) => {
                if let Some(succeeded) = succeeded {
                    self.run.frame_mut(frame).cursor = succeeded;
                }
                self.fail_with(frame, problem);
            }
        }
    }
}

/// The fields that Task, Parallel and Map have in common.
pub(super) fn result_fields(state: &State) -> Option<(&ResultFields, Transition)> {
    match &state.kind {
        StateKind::Task(task) => Some((&task.result, task.transition)),
        StateKind::Parallel(parallel) => Some((&parallel.result, parallel.transition)),
        StateKind::Map(map) => Some((&map.result, map.transition)),
        _ => None,
    }
}
