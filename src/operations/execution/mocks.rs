//! Test cases: `<state machine ARN>#<test case>` starts an execution whose calls are mocked, if there is a mock
//! configuration.

use crate::engine::Mocks;
use crate::mocks::{MockConfig, Problem, Wrong, test_case_place};
use crate::operations::Call;
use crate::operations::error::{Error, MockProblem};
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
    let states = MockConfig::parse(text)?.test_case(&machine.name, case)?;
    Mocks::of(&states, &machine.program).map_err(|state| Wrong::NoTask(state).at(test_case_place(&machine.name, case)))
}
