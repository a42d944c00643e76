//! Task states whose calls are mocked: what each attempt comes to was told before the execution began.

use super::Turn;
use super::frame::FrameId;
use super::task::waits;
use crate::asl::Program;
use crate::asl::program::{Resource, StateId, StateKind};
use crate::failure::{Failure, Runtime};
use crate::history::EventKind;
use crate::honesty::Deviation;
use crate::json::Value;
use crate::mocks::{Response, TestCase};
use smol_str::SmolStr;
use std::collections::HashMap;
use std::sync::Arc;

/// The mocked states of one execution, and how often each was begun: retries and all iterations of a Map state count.
#[derive(Clone, Debug)]
pub struct Mocks(HashMap<StateId, Mocked>);

#[derive(Clone, Debug)]
struct Mocked {
    response: Arc<Response>,
    begun: u32,
}

impl Mocks {
    /// The states of a test case in a program, or the name of one that isn't a Task state there.
    pub fn of(case: &TestCase, program: &Program) -> Result<Mocks, SmolStr> {
        let mut tasks = HashMap::new();
        for (id, state) in (0..).map(StateId).zip(&program.states) {
            if let StateKind::Task(_) = state.kind {
                tasks.insert(&state.name, id);
            }
        }
        let mocked = case.states.iter().map(|(state, response)| {
            let id = tasks.get(state).ok_or_else(|| state.clone())?;
            Ok((*id, Mocked { response: response.clone(), begun: 0 }))
        });
        mocked.collect::<Result<_, _>>().map(Mocks)
    }

    fn take(&mut self, state: StateId) -> Option<Result<Result<Value, Failure>, Runtime>> {
        let Mocked { response, begun } = self.0.get_mut(&state)?;
        let number = *begun;
        *begun += 1;
        let missing = || Runtime::NoMockedResponse { response: response.name.clone(), number };
        Some(response.attempt(number).cloned().ok_or_else(missing))
    }
}

impl Turn<'_> {
    /// Takes note that the state is mocked, and ends the execution if it mustn't be.
    fn refuses_mock(&mut self, frame: FrameId, state: StateId) -> bool {
        let mocked = self.run.mocks.as_ref().and_then(|mocks| mocks.0.get(&state));
        let Some(response) = mocked.map(|mocked| mocked.response.name.clone()) else { return false };
        self.meet_in(frame, [Deviation::MockedCall { response }].into());
        self.end.is_some()
    }

    /// Whether the frame is in a state that is mocked.
    pub(super) fn is_mocked(&self, frame: FrameId) -> bool {
        let state = self.run.frame(frame).visit.state;
        self.run.mocks.as_ref().is_some_and(|mocks| mocks.0.contains_key(&state))
    }

    /// Ends a task that has just started, if its state is mocked.
    pub(super) fn mock(&mut self, frame: FrameId, resource: &Resource) -> bool {
        let state = self.run.frame(frame).visit.state;
        let Some(taken) = self.run.mocks.as_mut().and_then(|mocks| mocks.take(state)) else { return false };
        match taken {
            Err(problem) => self.fail_execution(frame, problem),
            Ok(_) if self.refuses_mock(frame, state) => {}
            Ok(result) => {
                if waits(resource) {
                    // The mock is what comes after the service's answer, and nobody says what that would be.
                    let kind = self.run.task_work(frame).and_then(|work| work.kind.clone()).unwrap_or_default();
                    self.record(frame, EventKind::TaskSubmitted(kind, Box::new(Value::empty_object())));
                }
                let result = if let Resource::LambdaFunction(_) = resource { result.map(payload) } else { result };
                self.end_mocked(frame, resource, result);
            }
        }
        true
    }
}

/// What a function returned, from a mock that looks like Lambda's whole answer: the same mock serves a function's ARN and
/// `lambda:invoke`. Any other mock is what the function returned.
fn payload(answer: Value) -> Value {
    const OF_AN_ANSWER: [&str; 6] =
        ["StatusCode", "Payload", "ExecutedVersion", "LogResult", "SdkHttpMetadata", "SdkResponseMetadata"];
    let members =
        answer.as_object().filter(|members| members.iter().all(|(name, _)| OF_AN_ANSWER.contains(&name.as_str())));
    match members.and_then(|members| members.get("StatusCode").and(members.get("Payload"))) {
        Some(payload) => payload.clone(),
        None => answer,
    }
}
