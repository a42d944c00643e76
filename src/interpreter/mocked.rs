//! Task states whose calls are mocked: what each attempt comes to was told before the execution began.

use super::Turn;
use super::context::Extras;
use super::frame::FrameId;
use super::invocation::starts_executions;
use super::task::waits;
use crate::asl::Program;
use crate::asl::program::{Resource, StateId, StateKind};
use crate::failure::{Failure, Runtime};
use crate::history::EventKind;
use crate::honesty::Deviation;
use crate::json::Value;
use crate::mocks::{self, Problem, Response, TestCase, When, Wrong};
use crate::query::States;
use smol_str::SmolStr;
use std::collections::HashMap;
use std::sync::Arc;
use std::sync::atomic::{AtomicU32, Ordering};

/// The mocked states of one execution, and of the child executions of its map runs: they count together.
#[derive(Clone, Debug)]
pub struct Mocks(HashMap<StateId, Mocked>);

#[derive(Clone, Debug)]
enum Mocked {
    /// Its calls come to this; how often it was begun: retries and all iterations of a Map state count.
    Response { response: Arc<Response>, begun: Arc<AtomicU32> },
    /// It starts a state machine, as this test case of it.
    Starts(SmolStr),
}

impl Mocks {
    /// The states of a test case in a program, or what is wrong with one of them.
    pub fn of(case: &TestCase, program: &Program) -> Result<Mocks, Problem> {
        let mut tasks = HashMap::new();
        for (id, state) in (0..).map(StateId).zip(&program.states) {
            if let StateKind::Task(task) = &state.kind {
                tasks.insert(&state.name, (id, &task.resource));
            }
        }
        let mocked = case.states.iter().map(|(state, mocked)| {
            let no_task = || Wrong::NoTask(state.clone()).at(case.place.clone());
            let (id, resource) = *tasks.get(state).ok_or_else(no_task)?;
            let mocked = match mocked {
                mocks::Mocked::Response(response) => {
                    Mocked::Response { response: response.clone(), begun: Arc::default() }
                }
                mocks::Mocked::Starts(nested) if starts_executions(resource) => Mocked::Starts(nested.case.clone()),
                mocks::Mocked::Starts(_) => return Err(Wrong::StartsNothing(state.clone()).at(case.place.clone())),
            };
            Ok((id, mocked))
        });
        mocked.collect::<Result<_, _>>().map(Mocks)
    }

    /// The response of a state that is begun, and how often it was begun before.
    fn begin(&self, state: StateId) -> Option<(Arc<Response>, u32)> {
        let Mocked::Response { response, begun } = self.0.get(&state)? else { return None };
        Some((response.clone(), begun.fetch_add(1, Ordering::Relaxed)))
    }
}

impl Turn<'_> {
    /// Takes note that the state is mocked, and ends the execution if it mustn't be.
    fn refuses_mock(&mut self, frame: FrameId, response: &Response) -> bool {
        self.meet_in(frame, [Deviation::MockedCall { response: response.name.clone() }].into());
        self.end.is_some()
    }

    /// Whether the frame is in a state that is mocked.
    pub(super) fn is_mocked(&self, frame: FrameId) -> bool {
        let state = self.run.frame(frame).visit.state;
        let mocked = self.run.mocks.as_ref().and_then(|mocks| mocks.0.get(&state));
        matches!(mocked, Some(Mocked::Response { .. }))
    }

    /// As which test case the state that the frame is in starts a state machine.
    pub(super) fn started_case(&self, frame: FrameId) -> Option<SmolStr> {
        let state = self.run.frame(frame).visit.state;
        match self.run.mocks.as_ref()?.0.get(&state)? {
            Mocked::Starts(case) => Some(case.clone()),
            Mocked::Response { .. } => None,
        }
    }

    /// Ends a task that has just started, if its state is mocked.
    pub(super) fn mock(&mut self, frame: FrameId, resource: &Resource) -> bool {
        let state = self.run.frame(frame).visit.state;
        let Some((response, number)) = self.run.mocks.as_ref().and_then(|mocks| mocks.begin(state)) else {
            return false;
        };
        match self.mocked_outcome(frame, &response, number) {
            Err(problem) => self.fail_execution(frame, problem),
            Ok(_) if self.refuses_mock(frame, &response) => {}
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

impl Turn<'_> {
    /// What the attempt comes to: the first alternative for what the task is given.
    fn mocked_outcome(
        &mut self,
        frame: FrameId,
        response: &Response,
        number: u32,
    ) -> Result<Result<Value, Failure>, Runtime> {
        let given = self.run.task_work(frame).map(|work| work.parameters.clone()).unwrap_or_default();
        for alternative in response.attempt(number) {
            let fits = match &alternative.when {
                When::Always => true,
                When::Equals(input) => *input == given,
                When::Condition(condition) => {
                    let evaluated = self.evaluate_with(frame, &given, Extras::default(), |scope| {
                        let states = States { scope, result: None, error_output: None, millis: self.now.millis() };
                        condition.evaluate_to(states, "boolean", Value::as_bool)
                    });
                    evaluated.map_err(|problem| Runtime::MockedCondition {
                        place: alternative.place.clone(),
                        problem: problem.to_string(),
                    })?
                }
            };
            if fits {
                return Ok(alternative.outcome.clone());
            }
        }
        Err(Runtime::NoMockedResponse { response: response.name.clone(), number })
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
