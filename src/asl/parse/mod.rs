//! A definition's text to a program: the document and its blocks of states. Each kind of state has a file of its own.
//!
//! Every problem is collected. A reader gives nothing for what it can't read, and the program is given only when
//! nothing was wrong.

mod choice;
mod item_reader;
mod jsonata;
mod map;
mod read;
mod result_writer;
mod retry;
mod state;
mod task;
mod tested;
mod variables;

use super::diagnostic::{Diagnostic, Phase, Problem};
use super::fields::QueryLanguage;
use super::graph::Graph;
use super::location::Location;
use super::program::{Program, State, StateId};
use crate::json::{ParseError, Value};
use read::Node;
use smol_str::SmolStr;
use std::collections::HashSet;
use tested::Test;
pub use tested::{Iterated, ParsedState, ResourceUnderTest, parse_state};
use variables::Variables;
pub use variables::variable_problem;

/// `type` of a state machine.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub enum MachineType {
    /// `STANDARD`
    #[default]
    Standard,
    /// `EXPRESS`
    Express,
}

/// What came of a definition.
#[derive(Debug)]
pub struct Parsed {
    /// The program, if there are no errors.
    pub program: Option<Program>,
    /// All that is wrong, in AWS's order.
    pub diagnostics: Vec<Diagnostic>,
}

/// Blocks within blocks. AWS has a limit too, but nobody has published it.
const MAX_DEPTH: usize = 50;

/// The longest name of a state, in UTF-16 units as Java counts.
const MAX_NAME: usize = 80;

/// How many bytes all locations together may take before no more problems are collected. Only names of states that are
/// many times longer than allowed get there; each problem in such a state would repeat its name.
const LOCATIONS: usize = 8 << 20;

/// Jackson shows that much of the text that it can't read.
const SNIPPET: usize = 500;

/// Reads a definition.
pub fn parse(text: &str, kind: MachineType) -> Parsed {
    let mut parser = Parser::new(kind);
    let machine = parser.document(text, Parser::machine);
    parser.finish(machine)
}

/// The state of a reading.
struct Parser {
    kind: MachineType,
    /// The machine's query language, which states have unless they say otherwise.
    language: QueryLanguage,
    diagnostics: Vec<Diagnostic>,
    states: Vec<Option<State>>,
    names: HashSet<SmolStr>,
    labels: HashSet<SmolStr>,
    variables: Variables,
    depth: usize,
    /// The bytes of all locations so far.
    locations: usize,
    /// The state that is read in order to be tested, if it is for that.
    test: Option<Test>,
}

/// The machine's own fields.
struct Machine {
    start: StateId,
    timeout_seconds: Option<u64>,
}

/// What blocks of states can have.
const MACHINE_FIELDS: &[&str] = &["Comment", "QueryLanguage", "StartAt", "TimeoutSeconds", "Version", "States"];
const BRANCH_FIELDS: &[&str] = &["Comment", "StartAt", "States"];
const PROCESSOR_FIELDS: &[&str] = &["ProcessorConfig", "Comment", "StartAt", "States"];

impl Parser {
    fn new(kind: MachineType) -> Parser {
        Parser {
            kind,
            language: QueryLanguage::JsonPath,
            diagnostics: Vec::new(),
            states: Vec::new(),
            names: HashSet::new(),
            labels: HashSet::new(),
            variables: Variables::default(),
            depth: 0,
            locations: 0,
            test: None,
        }
    }

    fn report(&mut self, problem: Problem, at: &Location<'_>) {
        if self.is_full() {
            return;
        }
        let location = at.to_string();
        self.locations += location.len();
        self.diagnostics.push(Diagnostic { problem, location: Some(location) });
    }

    /// Whether no more problems are collected.
    fn is_full(&self) -> bool {
        self.locations > LOCATIONS
    }

    fn not_yet(&mut self, what: impl Into<String>, at: &Location<'_>) {
        let problem = Problem::NotSupportedYet(what.into());
        match &mut self.test {
            Some(test) => test.not_yet(problem, at),
            None => self.report(problem, at),
        }
    }

    fn finish(self, machine: Option<Machine>) -> Parsed {
        let mut diagnostics = self.diagnostics;
        // What AWS would not say stays unsaid as long as AWS has something to say.
        if diagnostics.iter().any(|diagnostic| diagnostic.problem.phase() != Phase::NotSupportedYet) {
            diagnostics.retain(|diagnostic| diagnostic.problem.phase() != Phase::NotSupportedYet);
        }
        diagnostics.sort_by_key(|diagnostic| diagnostic.problem.phase());
        let is_complete = machine.is_some() && self.states.iter().all(Option::is_some);
        debug_assert!(is_complete || !diagnostics.is_empty(), "nothing is refused without a reason");
        // Whatever that was, it is not a definition without fault.
        if !is_complete && diagnostics.is_empty() {
            let problem = Problem::NotSupportedYet("something in this definition".to_owned());
            diagnostics.push(Diagnostic { problem, location: None });
        }
        let states: Option<Box<[State]>> = self.states.into_iter().collect();
        let program = match (machine, states) {
            (Some(Machine { start, timeout_seconds }), Some(states)) if diagnostics.is_empty() => {
                Some(Program { states, start, timeout_seconds })
            }
            _ => None,
        };
        Parsed { program, diagnostics }
    }

    fn document<T>(&mut self, text: &str, read: impl FnOnce(&mut Parser, &Value) -> Option<T>) -> Option<T> {
        let value = if text.trim().is_empty() { Ok(Value::Null) } else { Value::parse(text) };
        match &value {
            Ok(value @ Value::Object(_)) => read(self, value),
            Ok(_) => {
                self.diagnostics.push(Diagnostic { problem: Problem::NotAnObject, location: None });
                None
            }
            Err(error) => {
                let source_place = source_place(text, error);
                let problem = Problem::InvalidJson { error: error.clone(), source_place: source_place.clone() };
                self.diagnostics.push(Diagnostic { problem, location: Some(source_place) });
                None
            }
        }
    }

    fn machine(&mut self, value: &Value) -> Option<Machine> {
        let (object, at) = (value.as_object()?, Location::ROOT);
        let node = Node { object, at: &at, path: "", language: QueryLanguage::JsonPath };
        self.known_fields(node, MACHINE_FIELDS);
        if let Some(language) = self.query_language(node) {
            self.language = language;
        }
        self.one_of(node, "Version", &["1.0"]);
        let timeout_seconds = self.integer(node, "TimeoutSeconds", 0, 99_999_999);
        let start = self.block(node);
        self.check_variables();
        Some(Machine { start: start?, timeout_seconds: timeout_seconds.map(|n| n as u64) })
    }

    /// `QueryLanguage` of the machine or of a state; whatever isn't JSONPath counts as JSONata.
    fn query_language(&mut self, node: Node<'_>) -> Option<QueryLanguage> {
        let named = node.object.get("QueryLanguage")?;
        self.one_of(node, "QueryLanguage", &["JSONPath", "JSONata"]);
        Some(if named.as_str() == Some("JSONPath") { QueryLanguage::JsonPath } else { QueryLanguage::Jsonata })
    }

    /// A branch or an item processor.
    fn nested(&mut self, value: &Value, at: &Location<'_>, fields: &[&str]) -> Option<StateId> {
        let Some(object) = value.as_object() else {
            self.report(Problem::WrongType("Object"), at);
            return None;
        };
        let node = Node { object, at, path: "", language: self.language };
        self.known_fields(node, fields);
        if self.depth == MAX_DEPTH {
            self.report(Problem::TooDeeplyNested, at);
            return None;
        }
        self.depth += 1;
        self.variables.enter_block();
        let start = self.block(node);
        self.variables.leave_block();
        self.depth -= 1;
        start
    }

    /// `Comment`, `StartAt` and `States`, which the machine, branches and item processors have.
    fn block(&mut self, node: Node<'_>) -> Option<StateId> {
        self.string(node, "Comment");
        self.required(node, &["States", "StartAt"]);
        let start = self.string(node, "StartAt");
        let states = self.object(node, "States")?;
        let at_states = node.at.member("States");
        if states.is_empty() {
            self.report(Problem::Empty, &at_states);
        }

        let first = self.states.len();
        self.states.resize_with(first + states.len(), || None);
        let mut graph = Graph::new(states.iter().map(|(name, _)| name), first as u32);
        let start_id = start.and_then(|name| self.target(name, &node.at.member("StartAt"), &mut graph));
        for (place, (name, value)) in states.iter().enumerate() {
            let at = at_states.member(name);
            graph.leave_from(place);
            self.name(name, &at);
            let state = self.state(name, value, &at, &mut graph);
            self.states[first + place] = state;
        }

        if !graph.has_terminal() {
            self.diagnostics.push(Diagnostic { problem: Problem::NoTerminalState, location: None });
        } else if start.is_some() {
            for (place, (name, _)) in states.iter().enumerate() {
                if !graph.is_entered(place) {
                    self.report(Problem::NotReachable(name.clone()), &at_states.member(name));
                }
            }
        }
        start_id
    }

    fn name(&mut self, name: &SmolStr, at: &Location<'_>) {
        if name.is_empty() {
            self.report(Problem::StateNameEmpty, at);
        }
        if name.len() > MAX_NAME && name.encode_utf16().count() > MAX_NAME {
            self.report(Problem::StateNameTooLong(name.clone()), at);
        }
        if !self.names.insert(name.clone()) {
            self.report(Problem::DuplicateStateName(name.clone()), at);
        }
    }

    /// The state of this block with this name.
    fn target(&mut self, name: &SmolStr, at: &Location<'_>, graph: &mut Graph<'_>) -> Option<StateId> {
        let target = graph.enter(name);
        match target {
            None if graph.is_open() => Some(self.state_elsewhere(name)),
            None => {
                self.report(Problem::MissingTarget(name.clone()), at);
                None
            }
            target => target,
        }
    }
}

/// `[Source: (String)"{…"[truncated 7 chars]; line: 1, column: 4]`
fn source_place(text: &str, error: &ParseError) -> String {
    let units: Vec<u16> = text.encode_utf16().take(SNIPPET).collect();
    let cut = text.encode_utf16().count() - units.len();
    let mut place = String::from("[Source: (String)\"");
    for c in char::decode_utf16(units).map(|c| c.unwrap_or(char::REPLACEMENT_CHARACTER)) {
        if c.is_control() && !matches!(c, '\r' | '\n') {
            place.push_str(&format!("\\u{:04X}", c as u32));
        } else {
            place.push(c);
        }
    }
    place.push('"');
    if cut > 0 {
        place.push_str(&format!("[truncated {cut} chars]"));
    }
    place.push_str(&format!("; line: {}, column: {}]", error.line, error.column));
    place
}

#[cfg(test)]
mod tests;
