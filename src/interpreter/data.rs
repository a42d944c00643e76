//! What the data-flow fields do to documents: InputPath, ResultSelector, ResultPath, OutputPath.

use super::Turn;
use super::frame::FrameId;
use crate::asl::program::{Placement, Selection, State};
use crate::failure::Runtime;
use crate::json::Value;
use crate::query::{Path, Template};
use crate::quota;

impl Turn<'_> {
    /// What a state works on: its input through InputPath.
    pub(super) fn effective_input(&self, frame: FrameId, state: &State) -> Result<Value, Runtime> {
        let raw = &self.run.frame(frame).visit.input;
        self.select(frame, &state.input_path, raw)
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

    /// Parameters and ResultSelector: the template's value, or the document itself where there is none.
    pub(super) fn fill(&self, frame: FrameId, template: Option<&Template>, document: Value) -> Result<Value, Runtime> {
        match template {
            Some(template) => self.evaluate(frame, &document, |scope| template.evaluate(scope)),
            None => Ok(document),
        }
    }

    /// What `Assign` sets: an object of names and values, made of the variables' old values.
    pub(super) fn assigned(
        &self,
        frame: FrameId,
        assign: Option<&Template>,
        document: &Value,
    ) -> Result<Option<Value>, Runtime> {
        assign.map(|template| self.evaluate(frame, document, |scope| template.evaluate(scope))).transpose()
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
