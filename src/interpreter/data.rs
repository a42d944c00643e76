//! What the data-flow fields do to documents: InputPath, ResultSelector, ResultPath, OutputPath; Arguments, Output, Assign.

use super::Turn;
use super::context::Extras;
use super::frame::FrameId;
use crate::asl::program::{Computed, Pass, Placement, Selection, State, StateKind};
use crate::failure::{Evaluation, Failure, Runtime};
use crate::json::Value;
use crate::query::{JsonataField, JsonataTemplate, Path, States, Template};
use crate::quota;

/// Why a field has no value.
pub(super) enum Problem {
    /// An error of the workflow itself, which ends the execution.
    Runtime(Runtime),
    /// A JSONata expression failed, which is the state's failure.
    Evaluation(Box<Evaluation>),
    /// The state's failure.
    State(Failure),
}

impl From<Runtime> for Problem {
    fn from(problem: Runtime) -> Self {
        Problem::Runtime(problem)
    }
}

impl From<Evaluation> for Problem {
    fn from(problem: Evaluation) -> Self {
        Problem::Evaluation(Box::new(problem))
    }
}

/// What a field is made of: `$` in JSONPath. JSONata sees results and errors besides the state's input.
#[derive(Clone, Copy)]
pub(super) enum Document<'a> {
    Input(&'a Value),
    Result(&'a Value),
    Error(&'a Value),
}

impl<'a> Document<'a> {
    fn value(self) -> &'a Value {
        match self {
            Document::Input(value) | Document::Result(value) | Document::Error(value) => value,
        }
    }
}

impl Turn<'_> {
    /// What a state works on: its input through InputPath.
    pub(super) fn effective_input(&self, frame: FrameId, state: &State) -> Result<Value, Runtime> {
        let raw = &self.run.frame(frame).visit.input;
        let input = self.select(frame, &state.input_path, raw)?;
        // Recorded: a Parallel state doesn't show it, nor does a Pass state that has a Result.
        if !matches!(&state.kind, StateKind::Parallel(_) | StateKind::Pass(Pass { result: Some(_), .. })) {
            self.inspect_path(state, |seen| seen.after_input_path = Some(input.clone()));
        }
        Ok(input)
    }

    /// InputPath and OutputPath.
    pub(super) fn select(&self, frame: FrameId, selection: &Selection, document: &Value) -> Result<Value, Runtime> {
        match selection {
            Selection::Whole => Ok(document.clone()),
            Selection::Nothing => Ok(Value::empty_object()),
            Selection::Path(path) => self.follow(frame, path, document),
        }
    }

    /// A path in a field of its own: what isn't there is an error in the path library's words.
    pub(super) fn follow(&self, frame: FrameId, path: &Path, document: &Value) -> Result<Value, Runtime> {
        self.evaluate(frame, document, |scope| match path.evaluate(scope) {
            _ if path.is_into_null(scope) => Err(Runtime::NullInput),
            Ok(value) => Ok(value),
            Err(failure) => Err(Runtime::InvalidPath { path: path.text().clone(), reason: failure.to_string() }),
        })
    }

    /// ResultSelector: the template's value, or the document itself where there is none.
    pub(super) fn fill(&self, frame: FrameId, template: Option<&Template>, document: Value) -> Result<Value, Runtime> {
        match template {
            Some(template) => self.evaluate(frame, &document, |scope| template.evaluate(scope)),
            None => Ok(document),
        }
    }

    /// Parameters, Arguments, ItemSelector: the field's value, or the input itself where there is none.
    pub(super) fn compute(
        &self,
        frame: FrameId,
        field: Option<&Computed>,
        input: Value,
        extras: Extras<'_>,
    ) -> Result<Value, Problem> {
        match field {
            Some(field) => self.computed(frame, field, Document::Input(&input), extras),
            None => Ok(input),
        }
    }

    fn computed(
        &self,
        frame: FrameId,
        field: &Computed,
        document: Document<'_>,
        extras: Extras<'_>,
    ) -> Result<Value, Problem> {
        Ok(match field {
            Computed::Template(template) => {
                self.evaluate_with(frame, document.value(), extras, |scope| template.evaluate(scope))?
            }
            Computed::Jsonata(template) => {
                self.with_states(frame, document, extras, |states| template.evaluate(states))?
            }
        })
    }

    /// What `Assign` sets: an object of names and values, made of the variables' old values.
    pub(super) fn assigned(
        &self,
        frame: FrameId,
        assign: Option<&Computed>,
        document: Document<'_>,
    ) -> Result<Option<Value>, Problem> {
        assign.map(|field| self.computed(frame, field, document, Extras::default())).transpose()
    }

    /// `Output`; nothing where there is none.
    pub(super) fn output_of(
        &self,
        frame: FrameId,
        output: Option<&JsonataTemplate>,
        document: Document<'_>,
    ) -> Result<Option<Value>, Problem> {
        let evaluate = |template: &JsonataTemplate| {
            self.with_states(frame, document, Extras::default(), |states| template.evaluate(states))
        };
        Ok(output.map(evaluate).transpose()?)
    }

    /// Evaluates one expression for which the state's work has not begun.
    pub(super) fn ask<T>(
        &self,
        frame: FrameId,
        field: &JsonataField,
        what: impl FnOnce(&JsonataField, States<'_>) -> Result<T, Evaluation>,
    ) -> Result<T, Problem> {
        let input = &self.run.frame(frame).visit.input;
        Ok(self.with_states(frame, Document::Input(input), Extras::default(), |states| what(field, states))?)
    }

    /// A field that gives a whole number.
    pub(super) fn ask_number(&self, frame: FrameId, field: &JsonataField) -> Result<i64, Problem> {
        self.ask(frame, field, |field, states| {
            let value = field.evaluate_to(states, "number", |value| value.as_number().map(|_| value.clone()))?;
            let whole = value.as_number().and_then(|number| number.as_whole());
            whole.ok_or_else(|| Evaluation::NotAnInteger { field: field.path().clone(), value })
        })
    }

    /// A field that gives a number of seconds.
    pub(super) fn ask_seconds(&self, frame: FrameId, field: &JsonataField) -> Result<u64, Problem> {
        let seconds = self.ask_number(frame, field)?;
        let (least, most) = (0, quota::SECONDS);
        match u64::try_from(seconds) {
            Ok(seconds) if seconds <= most => Ok(seconds),
            _ => Err(Evaluation::OutOfRange { field: field.path().clone(), least, most, value: seconds.into() }.into()),
        }
    }

    fn with_states<T>(
        &self,
        frame: FrameId,
        document: Document<'_>,
        extras: Extras<'_>,
        what: impl FnOnce(States<'_>) -> T,
    ) -> T {
        let (result, error_output) = match document {
            Document::Input(_) => (None, None),
            Document::Result(result) => (Some(result), None),
            Document::Error(error) => (None, Some(error)),
        };
        let input = &self.run.frame(frame).visit.input;
        self.evaluate_with(frame, input, extras, |scope| {
            what(States { scope, result, error_output, millis: self.now.millis() })
        })
    }

    /// What is made for a task, for branches or for an iteration has the limit of all payloads. Source: AWS's page "Handling
    /// errors", States.DataLimitExceeded. That the failure may be retried and caught, and names the state, is a guess.
    pub(super) fn not_too_large(&self, frame: FrameId, value: &Value) -> Result<(), Problem> {
        if value.size() > quota::PAYLOAD_BYTES {
            let state = self.program.state(self.run.frame(frame).visit.state);
            return Err(Problem::State(Failure::DataLimitExceeded { subject: state.name.clone() }));
        }
        Ok(self.not_too_deep(value)?)
    }

    /// A value that may go from state to state. What a template or a path has built is at most a few times as deep as is
    /// allowed; only a value that is built upon again and again could become deeper than a thread's stack.
    pub(super) fn not_too_deep(&self, value: &Value) -> Result<(), Runtime> {
        let depth = value.depth();
        if depth > quota::JSON_DEPTH { Err(Runtime::TooDeep { depth }) } else { Ok(()) }
    }

    /// ResultPath, applied to the state's input as it came, then OutputPath.
    pub(super) fn output(
        &self,
        frame: FrameId,
        state: &State,
        placement: &Placement,
        result: Value,
    ) -> Result<Value, Runtime> {
        let combined = self.place(frame, placement, result)?;
        self.inspect_path(state, |seen| seen.after_result_path = Some(combined.clone()));
        self.select(frame, &state.output_path, &combined)
    }

    /// ResultPath alone.
    pub(super) fn place(&self, frame: FrameId, placement: &Placement, result: Value) -> Result<Value, Runtime> {
        let raw = &self.run.frame(frame).visit.input;
        match placement {
            Placement::Replace => Ok(result),
            Placement::Discard => Ok(raw.clone()),
            Placement::At(path) => path.put(raw, result),
        }
    }
}

/// A whole number; AWS takes it from a string of digits too (recorded for MaxConcurrencyPath and SecondsPath).
pub(super) fn whole_number(value: &Value) -> Option<i64> {
    match value {
        Value::Number(number) => number.as_whole(),
        Value::String(text) => text.parse().ok(),
        _ => None,
    }
}
