//! Test cases: `<state machine ARN>#<test case>` starts an execution whose calls are mocked, if there is a mock
//! configuration.

use crate::arn::Arn;
use crate::asl::Program;
use crate::asl::program::{Resource, StateKind, Task};
use crate::engine::Mocks;
use crate::mocks::{MockConfig, Mocked, Problem, TestCase, Wrong};
use crate::operations::error::{Error, MockProblem};
use crate::operations::{Call, result_model};
use crate::registry::StateMachine;

/// The ARN without the test case, and the test case. Without a mock configuration there are none, and the ARN is what it
/// is for AWS.
pub fn split<'a>(call: &Call<'_>, arn: &'a str) -> (&'a str, Option<&'a str>) {
    match arn.split_once('#') {
        Some((arn, case)) if call.emulator.config.mock_config.is_some() => (arn, Some(case)),
        _ => (arn, None),
    }
}

/// The states of a state machine that this test case mocks. The file is read anew each time, so that it may change.
pub fn of(call: &Call<'_>, machine: &StateMachine, case: Option<&str>) -> Result<Option<Mocks>, Error> {
    let (Some(file), Some(case)) = (&call.emulator.config.mock_config, case) else { return Ok(None) };
    let text = std::fs::read_to_string(file).map_err(MockProblem::Unreadable);
    let mocks = text.and_then(|text| Ok(mocks(&text, machine, case)?));
    mocks.map(Some).map_err(|problem| Error::Mocks { file: file.clone(), problem })
}

fn mocks(text: &str, machine: &StateMachine, case: &str) -> Result<Mocks, Problem> {
    let config = MockConfig::parse(text)?;
    let case = config.test_case(&machine.name, case)?;
    check_results(&case, &machine.program)?;
    let mocks = Mocks::of(&case, &machine.program)?;
    check_nested(&config, &case, &machine.program)?;
    Ok(mocks)
}

/// Whether the state machines that states start have the test cases, where the definition says which state machines these are.
fn check_nested(config: &MockConfig, case: &TestCase, program: &Program) -> Result<(), Problem> {
    for (name, nested) in case.nested() {
        let Some(arn) = task(program, name).and_then(|task| task.parameters.as_ref()?.written_out("StateMachineArn"))
        else {
            config.check_anywhere(nested)?;
            continue;
        };
        let machine = arn.as_str().and_then(Arn::parse).and_then(|arn| arn.resource.strip_prefix("stateMachine:"));
        // A test case that the definition names itself stays.
        if let Some(machine) = machine.filter(|machine| !machine.contains('#')) {
            config.check_nested(machine.split(':').next().unwrap_or_default(), nested)?;
        }
    }
    Ok(())
}

fn task<'p>(program: &'p Program, name: &str) -> Option<&'p Task> {
    match &program.states.iter().find(|state| state.name == *name)?.kind {
        StateKind::Task(task) => Some(task),
        _ => None,
    }
}

/// Whether the results are such as the called APIs return, as far as that is to be checked. Functions and activities
/// return what they like.
fn check_results(case: &TestCase, program: &Program) -> Result<(), Problem> {
    for (name, mocked) in &case.states {
        let Mocked::Response(response) = mocked else { continue };
        let Some(task) = task(program, name) else { continue };
        let Resource::Integration(integration) = &task.resource else { continue };
        let call = format!("{}:{}", integration.service, integration.action);
        for alternative in response.alternatives() {
            let (Ok(result), Some(mode)) = (&alternative.outcome, alternative.checked) else { continue };
            result_model::check(&call, integration.pattern, result, mode).map_err(|mismatch| {
                Wrong::NotOfApi(mismatch.to_string()).at(format!("{}/Return", alternative.place))
            })?;
        }
    }
    Ok(())
}
