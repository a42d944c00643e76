//! The mock configuration file of AWS Step Functions Local, and what Stepwell takes in it besides: what Task states come to
//! in a test case, in place of a call, and as which test case they start other state machines.
//!
//! It knows the file's text and nothing of where the file lies, nor of state machines that exist.

mod problem;
mod response;

pub use problem::{Problem, Wrong};
pub use response::{Alternative, Response, When};

use crate::json::{Object, Value};
use crate::service_model::Mode;
use smol_str::{SmolStr, format_smolstr};
use std::sync::Arc;

/// A mock configuration file, of which only the outermost members have been looked at.
#[derive(Clone, Debug, Default)]
pub struct MockConfig {
    machines: Arc<Object>,
    responses: Arc<Object>,
    /// `FieldValidationMode` of results that have none of their own; nothing is checked without one.
    checked: Option<Mode>,
}

/// What the Task states of one test case come to.
#[derive(Clone, Debug)]
pub struct TestCase {
    /// Where it stands in the file.
    pub place: SmolStr,
    /// The names of states with what becomes of them.
    pub states: Vec<(SmolStr, Mocked)>,
}

/// What becomes of a Task state.
#[derive(Clone, Debug)]
pub enum Mocked {
    /// Its calls come to this.
    Response(Arc<Response>),
    /// It starts a state machine, as a test case of it.
    Starts(Nested),
}

/// A test case as which a state starts a state machine.
#[derive(Clone, Debug)]
pub struct Nested {
    /// Its name.
    pub case: SmolStr,
    /// Where that stands in the file.
    pub place: SmolStr,
}

impl TestCase {
    /// The states that start state machines, with the test cases of these.
    pub fn nested(&self) -> impl Iterator<Item = (&SmolStr, &Nested)> {
        self.states.iter().filter_map(|(state, mocked)| match mocked {
            Mocked::Starts(nested) => Some((state, nested)),
            Mocked::Response(_) => None,
        })
    }
}

const MACHINES: &str = "/StateMachines";
const RESPONSES: &str = "/MockedResponses";

impl MockConfig {
    /// Reads a file's text. A file without any text mocks nothing.
    pub fn parse(text: &str) -> Result<MockConfig, Problem> {
        if text.trim().is_empty() {
            return Ok(MockConfig::default());
        }
        let file = Value::parse_file(text).map_err(Problem::NotJson)?;
        let file = object(&file, "/")?;
        only(file, &["StateMachines", "MockedResponses", "FieldValidationMode", "Comment", "$schema"], "/")?;
        let part = |name: &str, place: &str| match file.get(name) {
            None => Ok(Arc::default()),
            Some(value) => object(value, place).cloned(),
        };
        Ok(MockConfig {
            machines: part("StateMachines", MACHINES)?,
            responses: part("MockedResponses", RESPONSES)?,
            checked: response::checked(file, "")?.flatten(),
        })
    }

    /// The first thing that is wrong anywhere.
    pub fn check(&self) -> Result<(), Problem> {
        let machines = || self.machines.iter().map(|(machine, _)| machine);
        machines().try_for_each(|machine| self.test_cases(machine).map(|_| ()))?;
        for machine in machines() {
            for (case, _) in self.test_cases(machine)?.iter() {
                self.test_case(machine, case)?.nested().try_for_each(|(_, nested)| self.check_anywhere(nested))?;
            }
        }
        self.responses.iter().try_for_each(|(name, _)| self.response(name).map(|_| ()))
    }

    /// Whether any state machine has this test case: which one a state starts is told by its definition. What else is wrong
    /// with them doesn't matter.
    pub fn check_anywhere(&self, nested: &Nested) -> Result<(), Problem> {
        let has = |machine: &SmolStr| self.test_cases(machine).is_ok_and(|cases| cases.contains(&nested.case));
        if self.machines.iter().any(|(machine, _)| has(machine)) {
            Ok(())
        } else {
            Err(Wrong::NoTestCase(nested.case.clone()).at(nested.place.clone()))
        }
    }

    /// Whether a state that starts this state machine can start it as this test case.
    pub fn check_nested(&self, machine: &str, nested: &Nested) -> Result<(), Problem> {
        let exists = self.machines.get(machine).is_some() && self.test_cases(machine)?.contains(&nested.case);
        let none = || Wrong::NoTestCaseOf { machine: machine.into(), case: nested.case.clone() };
        if exists { Ok(()) } else { Err(none().at(nested.place.clone())) }
    }

    /// A test case of a state machine. What is wrong with others doesn't matter.
    pub fn test_case(&self, machine: &str, case: &str) -> Result<TestCase, Problem> {
        let cases = self.test_cases(machine)?;
        let Some(states) = cases.get(case) else {
            return Err(Wrong::NoTestCase(case.into()).at(format!("{MACHINES}/{machine}/TestCases")));
        };
        let place = format_smolstr!("{MACHINES}/{machine}/TestCases/{case}");
        let states = object(states, &place)?.iter();
        let states =
            states.map(|(state, mocked)| Ok((state.clone(), self.mocked(mocked, &format!("{place}/{state}"))?)));
        Ok(TestCase { states: states.collect::<Result<_, _>>()?, place })
    }

    /// The name of a response, or an object with the name of a test case.
    fn mocked(&self, value: &Value, place: &str) -> Result<Mocked, Problem> {
        if let Some(name) = value.as_str() {
            let response = self.response(name)?.ok_or_else(|| Wrong::NoResponse(name.into()).at(place))?;
            return Ok(Mocked::Response(Arc::new(response)));
        }
        let Value::Object(members) = value else { return Err(Wrong::NotMocked.at(place)) };
        only(members, &["TestCase"], place)?;
        match members.get("TestCase") {
            None => Err(Wrong::Missing("TestCase").at(place)),
            Some(Value::String(case)) => {
                Ok(Mocked::Starts(Nested { case: case.clone(), place: format_smolstr!("{place}/TestCase") }))
            }
            Some(_) => Err(Wrong::NotAString.at(format!("{place}/TestCase"))),
        }
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
        Response::read(name, response, &format!("{RESPONSES}/{name}"), self.checked).map(Some)
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
    use crate::failure::Failure;

    #[test]
    fn a_test_case_gives_each_attempt_of_a_state_its_outcome() {
        let config = MockConfig::parse(
            r#"{"StateMachines": {"M": {"TestCases": {"Retry": {"A": "r"}, "Nothing": {}}}},
                "MockedResponses": {"r": {"2-3": {"Return": {"a": [1, 2]}}, "0": {"Throw": {"Error": "E", "Cause": "c"}}}}}"#,
        )
        .expect("a configuration");
        assert_eq!(config.check(), Ok(()));
        let case = config.test_case("M", "Retry").expect("a test case");
        let [(state, Mocked::Response(response))] = &case.states[..] else { panic!("{case:?}") };
        assert_eq!((state.as_str(), response.name.as_str()), ("A", "r"));
        let returned = Ok(r#"{"a":[1,2]}"#.to_owned());
        let expected =
            [Some(Err(Failure::reported("E", "c"))), None, Some(returned.clone()), Some(returned), None].into_iter();
        for (number, expected) in (0..).zip(expected) {
            let outcome = response.attempt(number).first().map(|only| only.outcome.clone());
            assert_eq!(outcome.map(|outcome| outcome.map(|value| value.to_text())), expected, "{number}");
        }
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
            (
                r#"{"MockedResponses":{"r":{"0":{"Return":1},"0":{"Return":2}}}}"#,
                r#"line 1, column 43: the member "0" stands twice in the same object"#,
            ),
            (&machine("7"), "/StateMachines/M: must be an object"),
            (&machine("{}"), "/StateMachines/M: TestCases is missing"),
            (&machine(r#"{"TestCases":{"C":1}}"#), "/StateMachines/M/TestCases/C: must be an object"),
            (
                &machine(r#"{"TestCases":{"C":{"A":7}}}"#),
                "/StateMachines/M/TestCases/C/A: must be the name of a response, or an object with a TestCase",
            ),
            (&machine(r#"{"TestCases":{"C":{"A":{}}}}"#), "/StateMachines/M/TestCases/C/A: TestCase is missing"),
            (
                &machine(r#"{"TestCases":{"C":{"A":{"TestCase":"D"}}}}"#),
                r#"/StateMachines/M/TestCases/C/A/TestCase: there is no test case "D""#,
            ),
            (
                &machine(r#"{"TestCases":{"C":{"A":{"TestCase":1}}}}"#),
                "/StateMachines/M/TestCases/C/A/TestCase: must be a string",
            ),
            (r#"{"FieldValidationMode":"strict"}"#, "/FieldValidationMode: must be one of STRICT, PRESENT and NONE"),
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
            (
                &response(r#"{"0":7}"#),
                "/MockedResponses/r/0: must be an object, or a list of objects for different inputs",
            ),
            (
                &response(r#"{"0":[{"Return":1},{"Return":2}]}"#),
                "/MockedResponses/r/0/0: must have Input or Condition, or be the last of its list: what comes behind it would never be taken",
            ),
            (
                &response(r#"{"0":[{"Return":1,"Input":1,"Condition":"{% true %}"}]}"#),
                "/MockedResponses/r/0/0: must have only one of Input and Condition",
            ),
            (
                &response(r#"{"0":{"Return":1,"Condition":"$.a"}}"#),
                "/MockedResponses/r/0/Condition: must be a JSONata expression between {% and %}",
            ),
            (
                &response(r#"{"0":{"Return":1,"Condition":"{% ( %}"}}"#),
                "/MockedResponses/r/0/Condition: must be a JSONata expression between {% and %}: ",
            ),
            (
                &response(r#"{"0":{"Return":1,"FieldValidationMode":1}}"#),
                "/MockedResponses/r/0/FieldValidationMode: must be one of STRICT, PRESENT and NONE",
            ),
            (
                &response(r#"{"0":{"Throw":{"Error":"E"},"FieldValidationMode":"NONE"}}"#),
                "/MockedResponses/r/0: FieldValidationMode belongs to a Return",
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
