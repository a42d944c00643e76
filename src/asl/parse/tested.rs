//! One state that is read in order to be tested: alone, or by its name in a whole definition.
//!
//! Nothing else of the definition will run, and a state with a mock calls nothing: what Stepwell can't call yet is no
//! problem there.

use super::read::Node;
use super::{MachineType, Parser};
use crate::asl::diagnostic::{Diagnostic, Problem};
use crate::asl::fields::QueryLanguage;
use crate::asl::graph::Graph;
use crate::asl::location::Location;
use crate::asl::program::{Program, Selection, State, StateId, StateKind};
use crate::asl::resource::{Known, Pattern};
use crate::json::Value;
use smol_str::SmolStr;

/// The name that a state has when it comes alone.
const LONE_STATE: SmolStr = SmolStr::new_static("StateName");

/// What came of a state to test.
#[derive(Debug)]
pub struct ParsedState {
    /// A program that starts with the state, if there are no errors and there is such a state.
    pub program: Option<Program>,
    /// All that is wrong.
    pub diagnostics: Vec<Diagnostic>,
    /// What of the state Stepwell can't do yet.
    pub not_yet: Vec<Diagnostic>,
    /// What it calls, if it is a Task.
    pub resource: Option<ResourceUnderTest>,
    /// Whether it has a `ResultWriter`.
    pub writes_results: bool,
    /// The Map state whose iterations it is part of.
    pub iterated: Option<Iterated>,
}

/// What is known of the Map state around the tested one.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Iterated {
    /// In `INLINE` mode.
    Inline,
    /// In `DISTRIBUTED` mode, over what the Map state is given.
    OverInput,
    /// In `DISTRIBUTED` mode, over what an ItemReader reads.
    OverItemsRead,
}

/// What a Task calls.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct ResourceUnderTest {
    /// `Resource` as written.
    pub arn: SmolStr,
    /// How long the task waits.
    pub pattern: Pattern,
}

/// The state that is to be tested, while the definition is read.
#[derive(Debug, Default)]
pub(super) struct Test {
    name: SmolStr,
    is_mocked: bool,
    /// Whether it is being read.
    inside: bool,
    not_yet: Vec<Diagnostic>,
    resource: Option<ResourceUnderTest>,
    writes_results: bool,
    /// The Map state around what is being read.
    around: Option<Iterated>,
    iterated: Option<Iterated>,
}

impl Test {
    /// Notes what Stepwell can't do yet, if the test is to do it.
    pub fn not_yet(&mut self, problem: Problem, at: &Location<'_>) {
        if self.inside && !self.is_mocked {
            self.not_yet.push(Diagnostic { problem, location: Some(at.to_string()) });
        }
    }
}

/// Reads a state, which is the whole text or, with a name, one of the states of a whole definition.
pub fn parse_state(text: &str, name: Option<&str>, is_mocked: bool) -> ParsedState {
    let mut parser = Parser::new(MachineType::Standard);
    let tested = name.map_or(LONE_STATE, SmolStr::new);
    parser.test = Some(Test { name: tested.clone(), is_mocked, ..Test::default() });
    let machine = match name {
        Some(_) => parser.document(text, Parser::machine),
        None => parser.document(text, Parser::lone_state),
    };
    let test = parser.test.take().unwrap_or_default();
    let parsed = parser.finish(machine);
    let program = parsed.program.and_then(|program| {
        let place = program.states.iter().position(|state| state.name == tested)?;
        // The machine's own TimeoutSeconds are no business of one state.
        Some(Program { start: StateId(place as u32), timeout_seconds: None, ..program })
    });
    ParsedState {
        program,
        diagnostics: parsed.diagnostics,
        not_yet: test.not_yet,
        resource: test.resource,
        writes_results: test.writes_results,
        iterated: test.iterated,
    }
}

impl Parser {
    /// A state without a machine around it. Nobody knows which variables it can read: all of them.
    fn lone_state(&mut self, value: &Value) -> Option<super::Machine> {
        let (root, name) = (Location::ROOT, LONE_STATE);
        let at_states = root.member("States");
        self.states.push(None);
        self.names.insert(name.clone());
        self.states[0] = self.state(&name, value, &at_states.member(&name), &mut Graph::of_lone_state());
        Some(super::Machine { start: StateId(0), timeout_seconds: None })
    }

    /// A state that is only named: whoever enters it has left what is tested.
    pub(super) fn state_elsewhere(&mut self, name: &SmolStr) -> StateId {
        self.states.push(Some(State {
            name: name.clone(),
            language: QueryLanguage::JsonPath,
            input_path: Selection::Whole,
            output_path: Selection::Whole,
            assign: None,
            output: None,
            reads: Box::default(),
            kind: StateKind::Succeed,
        }));
        StateId(self.states.len() as u32 - 1)
    }

    /// Whether the state that begins is the tested one; gives what was so before, for [`Parser::leave_tested`].
    pub(super) fn enter_tested(&mut self, name: &SmolStr) -> Option<bool> {
        let test = self.test.as_mut()?;
        let is_tested = test.name == *name;
        if is_tested {
            test.iterated = test.around;
        }
        Some(std::mem::replace(&mut test.inside, is_tested))
    }

    /// What begins is part of the iterations of a Map state; gives what it was part of before, for
    /// [`Parser::leave_iterations`].
    pub(super) fn enter_iterations(&mut self, of: Iterated) -> Option<Iterated> {
        self.test.as_mut()?.around.replace(of)
    }

    pub(super) fn leave_iterations(&mut self, around: Option<Iterated>) {
        if let Some(test) = &mut self.test {
            test.around = around;
        }
    }

    pub(super) fn leave_tested(&mut self, around: Option<bool>) {
        if let (Some(test), Some(around)) = (self.test.as_mut(), around) {
            test.inside = around;
        }
    }

    fn tested(&mut self) -> Option<&mut Test> {
        self.test.as_mut().filter(|test| test.inside)
    }

    /// Notes what the tested state calls.
    pub(super) fn note_resource(&mut self, arn: &SmolStr, known: &Known) {
        if let Some(test) = self.tested() {
            test.resource = Some(ResourceUnderTest { arn: arn.clone(), pattern: known.pattern });
        }
    }

    /// Notes what the tested state gives besides its output.
    pub(super) fn note_map(&mut self, node: Node<'_>) {
        let Some(test) = self.tested() else { return };
        test.writes_results = node.has("ResultWriter");
    }
}
