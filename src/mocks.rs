//! The mock configuration file of AWS Step Functions Local: what Task states come to in a test case, in place of a call.
//!
//! It knows the file's text and nothing of where the file lies, nor of state machines that exist. All that is wrong with a
//! file has its words here; they are our own, since those of AWS's tool are not documented.

use crate::failure::Failure;
use crate::json::{Object, ParseError, Value};
use smol_str::{SmolStr, format_smolstr};
use std::sync::Arc;

/// A mock configuration file, of which only the outermost members have been looked at.
#[derive(Clone, Debug)]
pub struct MockConfig {
    machines: Arc<Object>,
    responses: Arc<Object>,
}

/// What the Task states of one test case come to.
#[derive(Clone, Debug)]
pub struct TestCase {
    /// The names of states with their responses.
    pub states: Vec<(SmolStr, Arc<Response>)>,
}

/// One of `MockedResponses`.
#[derive(Clone, Debug, PartialEq)]
pub struct Response {
    /// Its name.
    pub name: SmolStr,
    /// The numbers of attempts, from and to, with what these come to; in their order, without overlaps.
    attempts: Vec<(u32, u32, Result<Value, Failure>)>,
}

impl Response {
    /// What the attempt with this number, from 0, comes to.
    pub fn attempt(&self, number: u32) -> Option<&Result<Value, Failure>> {
        let found = self.attempts.iter().find(|(from, to, _)| (*from..=*to).contains(&number));
        found.map(|(_, _, result)| result)
    }
}

/// What is wrong with a mock configuration file, and where.
#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error)]
#[allow(missing_docs)]
pub enum Problem {
    #[error("line {}, column {}: {}", .0.line, .0.column, .0.kind)]
    NotJson(ParseError),
    #[error("{place}: {wrong}")]
    At { place: SmolStr, wrong: Wrong },
}

/// What can be wrong with a place in the file.
#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error)]
#[allow(missing_docs)]
pub enum Wrong {
    #[error("must be an object")]
    NotAnObject,
    #[error("must be a string")]
    NotAString,
    #[error("{0} is missing")]
    Missing(&'static str),
    #[error("{0:?} is not a member that a mock configuration has here")]
    Unknown(SmolStr),
    #[error("there is no state machine {0:?}")]
    NoMachine(SmolStr),
    #[error("there is no test case {0:?}")]
    NoTestCase(SmolStr),
    #[error("there is no response {0:?} in MockedResponses")]
    NoResponse(SmolStr),
    #[error("must be the number of an attempt, like 0, or a range of them, like 1-3")]
    NotAnAttempt,
    #[error("attempt {0} has a response already")]
    Twice(u32),
    #[error("must have exactly one of Return and Throw")]
    NotOneOutcome,
    #[error("the state machine has no Task state {0:?}")]
    NoTask(SmolStr),
}

impl Wrong {
    /// The same with its place.
    pub fn at(self, place: impl Into<SmolStr>) -> Problem {
        Problem::At { place: place.into(), wrong: self }
    }
}

const MACHINES: &str = "/StateMachines";
const RESPONSES: &str = "/MockedResponses";

impl MockConfig {
    /// Reads a file's text. A file without any text mocks nothing.
    pub fn parse(text: &str) -> Result<MockConfig, Problem> {
        if text.trim().is_empty() {
            return Ok(MockConfig { machines: Arc::default(), responses: Arc::default() });
        }
        let file = Value::parse(text).map_err(Problem::NotJson)?;
        let file = object(&file, "/")?;
        only(file, &["StateMachines", "MockedResponses", "Comment", "$schema"], "/")?;
        let part = |name: &str, place: &str| match file.get(name) {
            None => Ok(Arc::default()),
            Some(value) => object(value, place).cloned(),
        };
        Ok(MockConfig { machines: part("StateMachines", MACHINES)?, responses: part("MockedResponses", RESPONSES)? })
    }

    /// The first thing that is wrong anywhere.
    pub fn check(&self) -> Result<(), Problem> {
        for (machine, _) in self.machines.iter() {
            for (case, _) in self.test_cases(machine)?.iter() {
                self.test_case(machine, case)?;
            }
        }
        self.responses.iter().try_for_each(|(name, _)| self.response(name).map(|_| ()))
    }

    /// A test case of a state machine. What is wrong with others doesn't matter.
    pub fn test_case(&self, machine: &str, case: &str) -> Result<TestCase, Problem> {
        let cases = self.test_cases(machine)?;
        let Some(states) = cases.get(case) else {
            return Err(Wrong::NoTestCase(case.into()).at(format!("{MACHINES}/{machine}/TestCases")));
        };
        let place = test_case_place(machine, case);
        let mut mocked = Vec::new();
        for (state, response) in object(states, &place)?.iter() {
            let place = || format_smolstr!("{place}/{state}");
            let name = response.as_str().ok_or_else(|| Wrong::NotAString.at(place()))?;
            let response = self.response(name)?.ok_or_else(|| Wrong::NoResponse(name.into()).at(place()))?;
            mocked.push((state.clone(), Arc::new(response)));
        }
        Ok(TestCase { states: mocked })
    }

    fn test_cases(&self, machine: &str) -> Result<&Arc<Object>, Problem> {
        let Some(found) = self.machines.get(machine) else {
            return Err(Wrong::NoMachine(machine.into()).at(MACHINES));
        };
        let place = format!("{MACHINES}/{machine}");
        let found = object(found, &place)?;
        only(found, &["TestCases", "Comment"], &place)?;
        let cases = found.get("TestCases").ok_or_else(|| Wrong::Missing("TestCases").at(place.as_str()))?;
        object(cases, &format!("{place}/TestCases"))
    }

    fn response(&self, name: &str) -> Result<Option<Response>, Problem> {
        let Some(response) = self.responses.get(name) else { return Ok(None) };
        let place = format!("{RESPONSES}/{name}");
        let mut attempts: Vec<(u32, u32, Result<Value, Failure>)> = Vec::new();
        for (numbers, outcome) in object(response, &place)?.iter() {
            let place = format!("{place}/{numbers}");
            let (from, to) = range(numbers).ok_or_else(|| Wrong::NotAnAttempt.at(place.as_str()))?;
            let overlap = attempts.iter().find(|(other, until, _)| *other <= to && from <= *until);
            if let Some((other, _, _)) = overlap {
                return Err(Wrong::Twice(from.max(*other)).at(place));
            }
            attempts.push((from, to, self::outcome(outcome, &place)?));
        }
        attempts.sort_by_key(|(from, _, _)| *from);
        Ok(Some(Response { name: name.into(), attempts }))
    }
}

/// Where a test case stands in the file.
pub fn test_case_place(machine: &str, case: &str) -> String {
    format!("{MACHINES}/{machine}/TestCases/{case}")
}

/// `1` or `1-3`.
fn range(text: &str) -> Option<(u32, u32)> {
    let number = |text: &str| {
        let is_number = !text.is_empty() && text.bytes().all(|byte| byte.is_ascii_digit());
        is_number.then(|| text.parse().ok()).flatten()
    };
    let (from, to) = text.split_once('-').unwrap_or((text, text));
    number(from).zip(number(to)).filter(|(from, to)| from <= to)
}

fn outcome(value: &Value, place: &str) -> Result<Result<Value, Failure>, Problem> {
    let outcome = object(value, place)?;
    only(outcome, &["Return", "Throw"], place)?;
    match (outcome.get("Return"), outcome.get("Throw")) {
        // The blanks of the file are not those of a service's answer.
        (Some(result), None) => Ok(Ok(Value::parse(&result.to_compact_text()).unwrap_or_else(|_| result.clone()))),
        (None, Some(failure)) => thrown(failure, &format!("{place}/Throw")).map(Err),
        _ => Err(Wrong::NotOneOutcome.at(place)),
    }
}

fn thrown(value: &Value, place: &str) -> Result<Failure, Problem> {
    let thrown = object(value, place)?;
    only(thrown, &["Error", "Cause"], place)?;
    let text = |name: &str| match thrown.get(name) {
        None => Ok(None),
        Some(value) => {
            value.as_str().map(|text| Some(text.into())).ok_or_else(|| Wrong::NotAString.at(format!("{place}/{name}")))
        }
    };
    let (error, cause) = (text("Error")?, text("Cause")?);
    match error {
        None => Err(Wrong::Missing("Error").at(place)),
        error => Ok(Failure::Reported { error, cause }),
    }
}

fn object<'v>(value: &'v Value, place: &str) -> Result<&'v Arc<Object>, Problem> {
    match value {
        Value::Object(object) => Ok(object),
        _ => Err(Wrong::NotAnObject.at(place)),
    }
}

fn only(object: &Object, known: &[&str], place: &str) -> Result<(), Problem> {
    match object.iter().find(|(name, _)| !known.contains(&name.as_str())) {
        None => Ok(()),
        Some((name, _)) => Err(Wrong::Unknown(name.clone()).at(place)),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn an_attempt_is_a_number_or_a_range() {
        for (text, expected) in [
            ("0", Some((0, 0))),
            ("12", Some((12, 12))),
            ("0-2", Some((0, 2))),
            ("3-3", Some((3, 3))),
            ("2-1", None),
            ("", None),
            ("-1", None),
            ("1-", None),
            ("+1", None),
            ("1 - 2", None),
            ("1-2-3", None),
            ("x", None),
            ("99999999999", None),
        ] {
            assert_eq!(range(text), expected, "{text:?}");
        }
    }

    #[test]
    fn a_test_case_gives_each_attempt_of_a_state_its_outcome() {
        let config = MockConfig::parse(
            r#"{"StateMachines": {"M": {"TestCases": {"Retry": {"A": "r"}, "Nothing": {}}}},
                "MockedResponses": {"r": {"2-3": {"Return": {"a": [1, 2]}}, "0": {"Throw": {"Error": "E", "Cause": "c"}}}}}"#,
        )
        .expect("a configuration");
        assert_eq!(config.check(), Ok(()));
        let case = config.test_case("M", "Retry").expect("a test case");
        let [(state, response)] = &case.states[..] else { panic!("{case:?}") };
        assert_eq!((state.as_str(), response.name.as_str()), ("A", "r"));
        assert_eq!(response.attempt(0), Some(&Err(Failure::reported("E", "c"))));
        assert_eq!(response.attempt(1), None);
        for number in [2, 3] {
            let returned = response.attempt(number).and_then(|result| result.as_ref().ok());
            assert_eq!(returned.map(Value::to_text).as_deref(), Some(r#"{"a":[1,2]}"#));
        }
        assert_eq!(response.attempt(4), None);
        assert!(config.test_case("M", "Nothing").expect("a test case").states.is_empty());
    }

    #[test]
    fn a_file_without_text_mocks_nothing() {
        for text in ["", " \n", "{}", r#"{"StateMachines":{}}"#] {
            let config = MockConfig::parse(text).expect("a configuration");
            assert_eq!(config.check(), Ok(()));
            let problem = config.test_case("M", "C").expect_err("nothing there");
            assert_eq!(problem.to_string(), r#"/StateMachines: there is no state machine "M""#);
        }
    }

    #[test]
    fn what_is_wrong_is_told_with_its_place() {
        let response = |response: &str| format!(r#"{{"MockedResponses":{{"r":{response}}}}}"#);
        let machine = |machine: &str| format!(r#"{{"StateMachines":{{"M":{machine}}}}}"#);
        for (text, expected) in [
            ("{\n \"a\"", "line 2, column 5: "),
            ("[]", "/: must be an object"),
            (r#"{"MockedResponse":{}}"#, r#"/: "MockedResponse" is not a member that a mock configuration has here"#),
            (r#"{"StateMachines":[]}"#, "/StateMachines: must be an object"),
            (&machine("7"), "/StateMachines/M: must be an object"),
            (&machine("{}"), "/StateMachines/M: TestCases is missing"),
            (&machine(r#"{"TestCases":{"C":1}}"#), "/StateMachines/M/TestCases/C: must be an object"),
            (&machine(r#"{"TestCases":{"C":{"A":{}}}}"#), "/StateMachines/M/TestCases/C/A: must be a string"),
            (
                &machine(r#"{"TestCases":{"C":{"A":"r"}}}"#),
                r#"/StateMachines/M/TestCases/C/A: there is no response "r" in MockedResponses"#,
            ),
            (&response("[]"), "/MockedResponses/r: must be an object"),
            (
                &response(r#"{"1-0":{"Return":1}}"#),
                "/MockedResponses/r/1-0: must be the number of an attempt, like 0, or a range of them, like 1-3",
            ),
            (
                &response(r#"{"0-2":{"Return":1},"2-4":{"Return":1}}"#),
                "/MockedResponses/r/2-4: attempt 2 has a response already",
            ),
            (&response(r#"{"0":{}}"#), "/MockedResponses/r/0: must have exactly one of Return and Throw"),
            (
                &response(r#"{"0":{"Return":1,"Throw":{"Error":"E"}}}"#),
                "/MockedResponses/r/0: must have exactly one of Return and Throw",
            ),
            (
                &response(r#"{"0":{"return":1}}"#),
                r#"/MockedResponses/r/0: "return" is not a member that a mock configuration has here"#,
            ),
            (&response(r#"{"0":{"Throw":"E"}}"#), "/MockedResponses/r/0/Throw: must be an object"),
            (&response(r#"{"0":{"Throw":{"Cause":"c"}}}"#), "/MockedResponses/r/0/Throw: Error is missing"),
            (
                &response(r#"{"0":{"Throw":{"Error":"E","Cause":{}}}}"#),
                "/MockedResponses/r/0/Throw/Cause: must be a string",
            ),
        ] {
            let problem = MockConfig::parse(text).and_then(|config| config.check()).expect_err(text);
            assert!(problem.to_string().starts_with(expected), "{text}: {problem}");
        }
    }

    #[test]
    fn what_is_wrong_elsewhere_does_not_matter_to_a_test_case() {
        let config = MockConfig::parse(
            r#"{"StateMachines": {"M": {"TestCases": {"C": {"A": "r"}, "D": {"A": "s"}}}},
                "MockedResponses": {"r": {"0": {"Return": 1}}, "s": {"x": {}}}}"#,
        )
        .expect("a configuration");
        assert!(config.test_case("M", "C").is_ok());
        assert!(config.test_case("M", "D").is_err());
        assert!(config.check().is_err());
        let problem = config.test_case("M", "E").expect_err("not there");
        assert_eq!(problem.to_string(), r#"/StateMachines/M/TestCases: there is no test case "E""#);
    }
}
