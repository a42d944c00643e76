//! TestState: runs one state, alone or of a whole definition, and shows what became of its data.
//!
//! The state is run by the interpreter, as the only one of a synchronous Express execution of a state machine that nobody
//! has created. What is here checks the request, in AWS's words, and writes the answer.

mod answer;
mod context;
mod inner_states;
mod item_reader;
mod mock;
mod problem;

pub use answer::Output;
pub use problem::TestProblem;

use crate::asl::program::{Resource, StateKind};
use crate::asl::{self, MachineType, ParsedState, Pattern};
use crate::engine::{Given, Secrets, Start, Witness};

use crate::json::Value;
use crate::operations::error::Error;
use crate::operations::execution::start;
use crate::operations::{Call, Reply, model, target};
use crate::protocol::{Encode, Named, Rule};
use crate::registry::{Encryption, Logging, StateMachine, Status};
use mock::{Mock, MockInput};
use smol_str::{SmolStr, ToSmolStr};
use std::borrow::Cow;
use std::sync::Arc;

crate::protocol::words! {
    /// `inspectionLevel`. In which order AWS's messages list the words isn't recorded.
    pub enum InspectionLevel {
        /// what comes out
        Info = "INFO",
        /// and what the data looks like on its way
        Debug = "DEBUG",
        /// and the request and the response of an HTTP Task
        Trace = "TRACE",
    }
}

crate::protocol::shape! {
    /// The request.
    pub struct Input<'a> {
        /// the state, or the state machine that has it
        definition: Cow<'a, str> = "definition", model::DEFINITION;
        /// who calls what the state calls
        role_arn: Option<Cow<'a, str>> = "roleArn", model::ARN;
        /// the state's input
        input: Option<Cow<'a, str>> = "input", model::SENSITIVE_DATA;
        /// how much is shown
        inspection_level: Option<InspectionLevel> = "inspectionLevel", Rule::OneOf(InspectionLevel::WORDS);
        /// whether the secrets of an HTTP Task are shown
        reveal_secrets: Option<bool> = "revealSecrets", Rule::Boolean;
        /// the variables that the state can read
        variables: Option<Cow<'a, str>> = "variables", model::SENSITIVE_DATA;
        /// which state of the state machine
        state_name: Option<Cow<'a, str>> = "stateName", model::STATE_NAME;
        /// what takes the place of the state's work
        mock: Option<MockInput<'a>> = "mock", Rule::Structure(MockInput::MEMBERS);
        /// the context object
        context: Option<Cow<'a, str>> = "context", model::SENSITIVE_DATA;
        /// what happened before
        state_configuration: Option<StateConfiguration<'a>> = "stateConfiguration", Rule::Structure(StateConfiguration::MEMBERS);
    }
}

crate::protocol::shape! {
    /// What happened to the state before, and to the states inside it.
    pub struct StateConfiguration<'a> {
        /// how often it was begun again
        retrier_retry_count: Option<i64> = "retrierRetryCount", Rule::AtLeast { min: 0 };
        /// which state inside it failed
        error_caused_by_state: Option<Cow<'a, str>> = "errorCausedByState", model::STATE_NAME;
        /// how many iterations failed
        map_iteration_failure_count: Option<i64> = "mapIterationFailureCount", Rule::AtLeast { min: 0 };
        /// what its ItemReader reads
        map_item_reader_data: Option<Cow<'a, str>> = "mapItemReaderData", model::SENSITIVE_DATA;
    }
}

/// The errors of the model.
pub const ERRORS: &[&str] = &["InvalidArn", "InvalidDefinition", "InvalidExecutionInput", "ValidationException"];

/// Carries it out.
pub async fn run(call: &Call<'_>, body: &[u8]) -> Result<Reply, Error> {
    let input: Input<'_> = call.read(body)?;
    let level = input.inspection_level.unwrap_or_default();
    let (start, given) = understood(call, &input)?;
    let witness = given.witness.clone();
    let raw_input = start.input.clone();
    let tried = call.emulator.engine.try_state(start, given).await;
    let (ended, trial) = tried.ok_or(Error::InternalFailure)?;
    if trial.too_many_failures {
        return Err(TestProblem::TooManyFailedIterations.into());
    }
    let mut body = String::with_capacity(512);
    let exchange = witness.and_then(|witness| witness.seen.get().cloned());
    answer::answer(raw_input, ended, *trial, level, exchange).write(&mut body);
    Ok(Reply { body, offer: None })
}

/// What is to be run. Of the order of the checks no more is known than that those of the definition come before those
/// of a mocked result, and that a count of failed iterations without a mock is seen before the type of the state.
fn understood(call: &Call<'_>, input: &Input<'_>) -> Result<(Start, Given), Error> {
    let role_arn = input.role_arn.as_deref().map(target::role).transpose()?;
    let mock = input.mock.as_ref().map(Mock::of).transpose()?;
    let none = StateConfiguration::default();
    let configuration = input.state_configuration.as_ref().unwrap_or(&none);
    check_companions(input, configuration, mock.is_some())?;
    let name = input.state_name.as_deref();
    let parsed = asl::parse_state(&input.definition, name, mock.is_some());
    if !parsed.diagnostics.is_empty() {
        return Err(Error::InvalidDefinition(asl::describe(&parsed.diagnostics)));
    }
    check_type(&parsed, mock.is_some(), role_arn.is_some())?;
    if !parsed.not_yet.is_empty() {
        return Err(Error::InvalidDefinition(asl::describe(&parsed.not_yet)));
    }
    let context =
        input.context.as_deref().map(|text| context::understood(text, parsed.resource.as_ref())).transpose()?;
    let input_value = start::parse(input.input.as_deref())?;
    let secrets = if input.reveal_secrets == Some(true) { Secrets::Revealed } else { Secrets::Hidden };
    let mut given = Given {
        mock: None,
        map_item: parsed.iterated.filter(|_| context.is_none()).map(|map| context::map_item(map, &input_value)),
        retries: retries(configuration, context.as_ref()),
        context,
        variables: variables(input.variables.as_deref())?,
        failed_iterations: configuration.map_iteration_failure_count.map(i64::unsigned_abs),
        items: None,
        witness: (input.inspection_level == Some(InspectionLevel::Trace)).then(|| Witness::new(secrets)),
    };
    if let Some(mock) = mock {
        check_configuration(&parsed, configuration, mock.outcome.is_err())?;
        mock.check(&parsed)?;
        given.items = item_reader::data(&parsed, configuration.map_item_reader_data.as_deref())?;
        given.mock = Some(mock.outcome);
    }
    let program = parsed.program.ok_or(TestProblem::StateNotFound)?;
    let name = call.emulator.engine.random().uuid().to_smolstr();
    let now = call.emulator.engine.now();
    let machine = StateMachine {
        arn: call.namespace.state_machine_arn(&name),
        name,
        definition: input.definition.as_ref().into(),
        program: Arc::new(program),
        role_arn: role_arn.unwrap_or_default(),
        machine_type: MachineType::Express,
        logging: Logging::default(),
        tracing: false,
        encryption: Encryption::default(),
        creation_date: now,
        update_date: now,
        revision: None,
        publish: false,
        version_description: None,
        tags: Vec::new(),
        status: Status::Active,
    };
    let start = Start {
        namespace: call.namespace.clone(),
        machine: Arc::new(machine),
        association: None,
        name: None,
        input: input_value,
        mocks: None,
        trace_header: None,
    };
    Ok((start, given))
}

/// What can only be given with a mock, and what can't.
fn check_companions(
    input: &Input<'_>,
    configuration: &StateConfiguration<'_>,
    is_mocked: bool,
) -> Result<(), TestProblem> {
    if is_mocked {
        return match input.reveal_secrets {
            Some(true) => Err(TestProblem::SecretsOfMock),
            _ => Ok(()),
        };
    }
    let given = [
        (configuration.map_iteration_failure_count.is_some(), "MapIterationFailureCount"),
        (configuration.retrier_retry_count.is_some(), "RetrierRetryCount"),
        (configuration.error_caused_by_state.is_some(), "ErrorCausedByState"),
        (configuration.map_item_reader_data.is_some(), "MapItemReaderData"),
        (input.context.is_some(), "Context"),
    ];
    match given.iter().find(|(is_given, _)| *is_given) {
        Some((_, member)) => Err(TestProblem::OnlyWithMock(member)),
        None => Ok(()),
    }
}

/// What types of states can be tested, with a mock and without.
fn check_type(parsed: &ParsedState, is_mocked: bool, has_role: bool) -> Result<(), TestProblem> {
    let program = parsed.program.as_ref().ok_or(TestProblem::StateNotFound)?;
    let state = program.state(program.start);
    match &state.kind {
        StateKind::Map(_) | StateKind::Parallel(_) if !is_mocked => Err(TestProblem::MapOrParallel),
        StateKind::Map(_) | StateKind::Parallel(_) | StateKind::Task(_) if is_mocked => Ok(()),
        StateKind::Task(task) => {
            let pattern = parsed.resource.as_ref().map(|resource| resource.pattern);
            if let Resource::Activity(_) = task.resource {
                return Err(TestProblem::OnlyWithMock("Activity tasks"));
            }
            match pattern {
                Some(Pattern::Sync | Pattern::Sync2 | Pattern::TaskToken) => {
                    Err(TestProblem::OnlyWithMock(".sync or .waitForTaskToken service integration patterns"))
                }
                _ if !has_role => Err(TestProblem::RoleMissing),
                _ => Ok(()),
            }
        }
        kind if is_mocked => Err(TestProblem::NoMockFor(answer::type_name(kind))),
        _ => Ok(()),
    }
}

/// What of the configuration only some states have, and some must have for a mocked error.
fn check_configuration(
    parsed: &ParsedState,
    configuration: &StateConfiguration<'_>,
    mocks_error: bool,
) -> Result<(), TestProblem> {
    let Some(program) = &parsed.program else { return Ok(()) };
    let kind = &program.state(program.start).kind;
    let is_map = matches!(kind, StateKind::Map(_));
    let has_states = is_map || matches!(kind, StateKind::Parallel(_));
    let of_others = [
        (!is_map && configuration.map_iteration_failure_count.is_some(), "MapIterationFailureCount"),
        (!is_map && configuration.map_item_reader_data.is_some(), "MapItemReaderData"),
        (!has_states && configuration.error_caused_by_state.is_some(), "ErrorCausedByState"),
    ];
    if let Some((_, member)) = of_others.iter().find(|(is_given, _)| *is_given) {
        return Err(TestProblem::NotForType { member, state_type: answer::type_name(kind) });
    }
    let is_inline = matches!(kind, StateKind::Map(map) if map.distributed.is_none());
    if is_inline && configuration.map_iteration_failure_count.is_some() {
        return Err(TestProblem::NotDistributed("MapIterationFailureCount"));
    }
    match configuration.error_caused_by_state.as_deref() {
        Some(_) if !mocks_error => Err(TestProblem::NoErrorCaused),
        Some(name) if !inner_states::has(program, name) => Err(TestProblem::StateNotFound),
        None if has_states && mocks_error => Err(TestProblem::OriginMissing),
        _ => Ok(()),
    }
}

/// How often the state was begun again: `retrierRetryCount`, or else the `RetryCount` of the context object, with which AWS's
/// page on TestState lets attempts be exhausted. That the former wins is a guess.
fn retries(configuration: &StateConfiguration<'_>, context: Option<&Value>) -> u32 {
    let of_context = || context?.get("State")?.get("RetryCount")?.as_i64();
    let count = configuration.retrier_retry_count.or_else(of_context).unwrap_or(0);
    u32::try_from(count.max(0)).unwrap_or(u32::MAX)
}

/// The variables of the request.
fn variables(text: Option<&str>) -> Result<Vec<(SmolStr, Value)>, TestProblem> {
    let Some(text) = text else { return Ok(Vec::new()) };
    let Ok(Value::Object(members)) = Value::parse(text) else { return Err(TestProblem::VariablesNotAnObject) };
    let variable = |(name, value): (&SmolStr, &Value)| match asl::variable_problem(name) {
        Some(problem) => Err(TestProblem::Variable(problem)),
        None => Ok((name.clone(), value.clone())),
    };
    members.iter().map(variable).collect()
}
