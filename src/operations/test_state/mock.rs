//! `mock`: a result or an error in place of the state's work.

use super::problem::TestProblem;
use crate::asl::program::StateKind;
use crate::asl::{ParsedState, ResourceUnderTest};
use crate::failure::Failure;
use crate::json::Value;
use crate::operations::{model, result_model};
use crate::protocol::{Named, Rule};
use crate::service_model::Mode;
use std::borrow::Cow;

crate::protocol::words! {
    /// `fieldValidationMode`. In which order AWS's messages list the words isn't recorded.
    pub enum FieldValidationMode {
        /// all that the API requires must be there, and right
        Strict = "STRICT",
        /// what is there must be right
        Present = "PRESENT",
        /// anything goes
        None = "NONE",
    }
}

crate::protocol::shape! {
    /// What takes the place of the state's work.
    pub struct MockInput<'a> {
        /// what it comes to
        result: Option<Cow<'a, str>> = "result", model::SENSITIVE_DATA;
        /// what it fails with
        error_output: Option<MockErrorOutput<'a>> = "errorOutput", Rule::Structure(MockErrorOutput::MEMBERS);
        /// how much of the result is checked
        mode: Option<FieldValidationMode> = "fieldValidationMode", Rule::OneOf(FieldValidationMode::WORDS);
    }
}

crate::protocol::shape! {
    /// What the state's work fails with.
    pub struct MockErrorOutput<'a> {
        /// the name
        error: Option<Cow<'a, str>> = "error", model::SENSITIVE_ERROR;
        /// the explanation
        cause: Option<Cow<'a, str>> = "cause", model::SENSITIVE_CAUSE;
    }
}

/// A mock that was understood.
#[derive(Debug)]
pub struct Mock {
    /// What the state's work comes to.
    pub outcome: Result<Value, Failure>,
    mode: FieldValidationMode,
}

impl Mock {
    /// The mock of a request.
    pub fn of(input: &MockInput<'_>) -> Result<Mock, TestProblem> {
        let outcome = match (&input.result, &input.error_output) {
            (Some(text), None) => Ok(Value::parse(text).map_err(|_| TestProblem::ResultNotJson)?),
            (None, Some(output)) => {
                let error = output.error.as_deref().ok_or(TestProblem::MockedErrorMissing)?;
                Err(Failure::Reported { error: Some(error.into()), cause: output.cause.as_deref().map(Into::into) })
            }
            _ => return Err(TestProblem::NotOneMock),
        };
        Ok(Mock { outcome, mode: input.mode.unwrap_or_default() })
    }

    /// Whether the result is one that the state's work can come to.
    pub fn check(&self, parsed: &ParsedState) -> Result<(), TestProblem> {
        let (Ok(result), Some(program)) = (&self.outcome, &parsed.program) else { return Ok(()) };
        match &program.state(program.start).kind {
            StateKind::Map(_) if parsed.writes_results => match result {
                Value::Object(_) => Ok(()),
                _ => Err(TestProblem::ResultNotAnObject),
            },
            StateKind::Map(_) => result.as_array().map(|_| ()).ok_or(TestProblem::ResultNotAnArray),
            StateKind::Parallel(parallel) => match result.as_array() {
                None => Err(TestProblem::ResultNotAnArray),
                Some(results) if results.len() != parallel.branches.len() => Err(TestProblem::ResultsNotBranches),
                Some(_) => Ok(()),
            },
            StateKind::Task(_) => match &parsed.resource {
                Some(resource) => self.check_result(resource, result),
                None => Ok(()),
            },
            _ => Ok(()),
        }
    }

    fn check_result(&self, resource: &ResourceUnderTest, result: &Value) -> Result<(), TestProblem> {
        let mode = match self.mode {
            FieldValidationMode::Strict => Mode::Strict,
            FieldValidationMode::Present => Mode::Present,
            FieldValidationMode::None => return Ok(()),
        };
        // Functions and activities return what they like.
        let Some((_, called)) = resource.arn.split_once(":::") else { return Ok(()) };
        let call = called.split_once('.').map_or(called, |(call, _)| call);
        Ok(result_model::check(call, resource.pattern, result, mode)?)
    }
}
