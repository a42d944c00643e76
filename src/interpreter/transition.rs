//! From state to state: entering, leaving, and what each type of state does when its turn comes.
//!
//! Events, in order: `...StateEntered`, what the state's own file describes, `...StateExited` (never for Fail).

use super::data::{Document, Problem};
use super::frame::{FrameId, Step, Visit, Work};
use super::{Outcome, Turn};
use crate::asl::program::{FailText, Pass, State, StateId, StateKind, Transition};
use crate::failure::{Failure, Runtime};
use crate::history::{Assigning, EventId, EventKind, Named, StateType};
use crate::json::Value;
use crate::quota;
use smol_str::SmolStr;
use std::sync::Arc;

/// How a state is left.
pub(super) struct Exit {
    pub output: Value,
    /// The variables that it assigns, as an object.
    pub assigned: Option<Value>,
    pub transition: Transition,
}

/// What a state's work came to when it didn't have to wait.
pub(super) type Worked = Result<(), Problem>;

impl Turn<'_> {
    pub(super) fn enter(&mut self, frame: FrameId, id: StateId, input: Value) {
        if self.run.machine_deleted {
            let problem = Runtime::MachineDeleted { name: self.identity.machine_name.clone() };
            let previous = self.run.frame(frame).cursor;
            return self.end_failed(previous, &Failure::Runtime { place: None, problem });
        }
        let state = self.program.state(id);
        let mut input = input;
        // Recorded of both Map states with a Label, and of no other state.
        if let StateKind::Map(map) = &state.kind
            && map.distributed.as_ref().is_some_and(|distributed| distributed.label.is_some())
        {
            input.forget_text();
        }
        let named = Named { name: state.name.clone(), value: input.clone() };
        let before = self.run.frame(frame).cursor;
        let entered = self.record(frame, EventKind::StateEntered(state_type(&state.kind), named));
        self.run.frame_mut(frame).visit = Visit {
            state: id,
            input,
            entered,
            before,
            entered_time: self.now,
            retries: self.run.trial.as_deref().map_or(0, |trial| trial.given.retries),
            attempts: Vec::new(),
            left: false,
            work: Work::Nothing,
        };
        self.begin(frame);
    }

    /// Does the work of the state that the frame is in, from its beginning.
    pub(super) fn begin(&mut self, frame: FrameId) {
        let program = self.program;
        let state = program.state(self.run.frame(frame).visit.state);
        let worked = match &state.kind {
            StateKind::Pass(pass) => self.pass(frame, state, pass),
            StateKind::Choice(choice) => self.choose(frame, state, choice),
            StateKind::Wait(wait) => self.wait(frame, state, wait),
            StateKind::Succeed => self.succeed(frame, state),
            StateKind::Fail(fail) => {
                self.inspect_path(state, |seen| {
                    seen.after_input_path = Some(self.run.frame(frame).visit.input.clone());
                });
                match (self.fail_text(frame, &fail.error, "ErrorPath"), self.fail_text(frame, &fail.cause, "CausePath"))
                {
                    (Ok(error), Ok(cause)) => return self.fail_frame(frame, Failure::Reported { error, cause }),
                    (Err(problem), _) | (_, Err(problem)) => Err(problem),
                }
            }
            StateKind::Task(task) => self.schedule(frame, state, task),
            StateKind::Parallel(parallel) => self.fork(frame, state, parallel),
            StateKind::Map(map) => self.iterate(frame, state, map),
        };
        if let Err(problem) = worked {
            self.fail_with(frame, problem);
        }
    }

    fn pass(&mut self, frame: FrameId, state: &State, pass: &Pass) -> Worked {
        let input = self.effective_input(frame, state)?;
        let filled = self.fill(frame, pass.parameters.as_ref(), input)?;
        self.inspect_path(state, |seen| match &pass.result {
            Some(result) => seen.result = Some(result.clone()),
            None => seen.after_parameters = Some(filled.clone()),
        });
        let result = pass.result.clone().unwrap_or(filled);
        self.inspect_path(state, |seen| seen.after_result_selector = Some(result.clone()));
        let document = Document::Input(&result);
        let assigned = self.assigned(frame, state.assign.as_ref(), document)?;
        let output = match self.output_of(frame, state.output.as_ref(), document)? {
            Some(output) => output,
            None => self.output(frame, state, &pass.result_path, result)?,
        };
        self.leave(frame, state, Exit { output, assigned, transition: pass.transition });
        Ok(())
    }

    fn succeed(&mut self, frame: FrameId, state: &State) -> Worked {
        let input = self.effective_input(frame, state)?;
        let output = self.output_of_input(frame, state, &input)?;
        self.leave(frame, state, Exit { output, assigned: None, transition: Transition::End });
        Ok(())
    }

    /// OutputPath or Output of a state whose result is its input.
    pub(super) fn output_of_input(&self, frame: FrameId, state: &State, input: &Value) -> Result<Value, Problem> {
        match self.output_of(frame, state.output.as_ref(), Document::Input(input))? {
            Some(output) => Ok(output),
            None => Ok(self.select(frame, &state.output_path, input)?),
        }
    }

    /// `Error` or `Cause` of a Fail state, in whatever form.
    fn fail_text(&self, frame: FrameId, text: &FailText, field: &'static str) -> Result<Option<SmolStr>, Problem> {
        let input = &self.run.frame(frame).visit.input;
        let value = match text {
            FailText::Absent => return Ok(None),
            FailText::Literal(text) => return Ok(Some(text.clone())),
            FailText::Path(path) => self.evaluate(frame, input, |scope| {
                path.evaluate(scope).map_err(|_| Runtime::PathNotFound {
                    path: path.text().clone(),
                    field: field.into(),
                    input: path.document(scope),
                })
            })?,
            FailText::Call(call) => self.evaluate(frame, input, |scope| call.evaluate(scope))?,
            FailText::Jsonata(field) => {
                return self.ask(frame, field, |field, states| field.evaluate_to(states, "string", text_of)).map(Some);
            }
        };
        match value {
            Value::String(text) => Ok(Some(text)),
            value => Err(Runtime::NotAString { field, value }.into()),
        }
    }

    /// Leaves a state by its normal way out.
    pub(super) fn leave(&mut self, frame: FrameId, state: &State, exit: Exit) {
        let values = || std::iter::once(&exit.output).chain(&exit.assigned);
        if let Some(problem) = values().find_map(|value| self.not_too_deep(value).err()) {
            return self.fail_execution(frame, problem);
        }
        // That variables which are too large fail in the same way as outputs is a guess.
        if values().any(|value| value.size() > quota::PAYLOAD_BYTES) {
            let failure = Failure::DataLimitExceeded { subject: state.name.clone() };
            let previous = self.run.frame(frame).cursor;
            return self.end_failed(previous, &failure);
        }
        self.exit(frame, state, exit);
    }

    /// Writes `...StateExited` and goes on.
    pub(super) fn exit(&mut self, frame: FrameId, state: &State, exit: Exit) {
        let Exit { output, assigned, transition } = exit;
        let named = Named { name: state.name.clone(), value: output.clone() };
        let state_type = state_type(&state.kind);
        let event = match &assigned {
            None => EventKind::StateExited(state_type, named),
            Some(variables) => {
                let assigning = Assigning { exited: named, variables: variables.clone() };
                EventKind::StateExitedAssigning(state_type, Box::new(assigning))
            }
        };
        if let Some(Value::Object(members)) = assigned {
            let variables = &mut self.run.frame_mut(frame).variables;
            if variables.size_with(members.iter()) > quota::VARIABLES_BYTES {
                let previous = self.run.frame(frame).cursor;
                return self.end_failed(previous, &Failure::DataLimitExceeded { subject: state.name.clone() });
            }
            let variables = Arc::make_mut(variables);
            members.iter().for_each(|(name, value)| variables.assign(name.clone(), value.clone()));
        }
        self.record(frame, event);
        self.run.frame_mut(frame).visit.left = true;
        if self.run.trial.is_some() {
            return self.end_trial(frame, transition, output);
        }
        match transition {
            Transition::Next(next) => self.run.queue(frame, Step::Enter(next, output)),
            Transition::End => self.finish_frame(frame, output),
        }
    }

    /// The frame has come to its end.
    fn finish_frame(&mut self, frame: FrameId, output: Value) {
        match self.run.frame(frame).parent {
            Some((parent, number)) => self.child_succeeded(parent, number, frame, output),
            // An event before this one had no place any more: the execution fails for that.
            None if self.run.history_full => {}
            None => {
                let previous = self.run.frame(frame).cursor;
                self.history.append(self.now, previous, EventKind::ExecutionSucceeded { output: output.clone() });
                self.end = Some(Outcome::Succeeded(output));
            }
        }
    }

    /// Appends an event to the frame's chain.
    pub(super) fn record(&mut self, frame: FrameId, kind: EventKind) -> EventId {
        let id = self.note(frame, kind);
        self.run.frame_mut(frame).cursor = id;
        id
    }

    /// Appends an event beside the frame's chain: the next one points past it.
    pub(super) fn note(&mut self, frame: FrameId, kind: EventKind) -> EventId {
        let previous = self.run.frame(frame).cursor;
        if self.history.len() + 1 >= self.identity.workflow.most_events() {
            self.run.history_full = true;
            return previous;
        }
        self.history.append(self.now, previous, kind)
    }
}

/// The text of a string.
pub(super) fn text_of(value: &Value) -> Option<SmolStr> {
    match value {
        Value::String(text) => Some(text.clone()),
        _ => None,
    }
}

pub(super) fn state_type(kind: &StateKind) -> StateType {
    match kind {
        StateKind::Pass(_) => StateType::Pass,
        StateKind::Task(_) => StateType::Task,
        StateKind::Choice(_) => StateType::Choice,
        StateKind::Wait(_) => StateType::Wait,
        StateKind::Succeed => StateType::Succeed,
        StateKind::Fail(_) => StateType::Fail,
        StateKind::Parallel(_) => StateType::Parallel,
        StateKind::Map(_) => StateType::Map,
    }
}
