//! One state: what all types have in common, and the types that need little more.

use super::Parser;
use super::jsonata::Stage;
use super::read::Node;
use crate::asl::diagnostic::Problem;
use crate::asl::fields::{self, QueryLanguage, Standing, StateType};
use crate::asl::graph::Graph;
use crate::asl::location::Location;
use crate::asl::program::{Fail, FailText, Parallel, Pass, ResultFields, State, StateKind, Transition};
use crate::asl::program::{StateId, Wait, WaitUntil};
use crate::json::Value;
use crate::query::intrinsic::Call;
use crate::timestamp::Timestamp;
use smol_str::SmolStr;

impl Parser {
    pub fn state(&mut self, name: &SmolStr, value: &Value, at: &Location<'_>, graph: &mut Graph<'_>) -> Option<State> {
        let around = self.enter_tested(name);
        let state = self.any_state(name, value, at, graph);
        self.leave_tested(around);
        state
    }

    fn any_state(&mut self, name: &SmolStr, value: &Value, at: &Location<'_>, graph: &mut Graph<'_>) -> Option<State> {
        let Some(object) = value.as_object() else {
            self.report(Problem::WrongType("Object"), at);
            return None;
        };
        let mut node = Node { object, at, path: "", language: self.language };
        node.language = self.state_language(node);
        let Some(state_type) = self.state_type(node) else {
            self.transition_of_unknown(node, graph);
            return None;
        };
        self.state_fields(node, state_type);
        self.string(node, "Comment");
        // States inside a state read variables of their own account.
        let around = self.variables.begin_state();
        let stage = match state_type {
            StateType::Task | StateType::Parallel | StateType::Map => Stage::Result,
            _ => Stage::Input,
        };
        let assign = self.assign(node, stage);
        let output = self.jsonata(node, "Output", stage);
        let input_path = self.selection(node, "InputPath");
        let output_path = self.selection(node, "OutputPath");
        let kind = match state_type {
            StateType::Pass => self.pass(node, graph),
            StateType::Task => self.task(node, graph),
            StateType::Choice => self.choice(node, graph),
            StateType::Wait => self.wait(node, graph),
            StateType::Succeed => {
                graph.end();
                Some(StateKind::Succeed)
            }
            StateType::Fail => {
                graph.end();
                self.fail(node)
            }
            StateType::Parallel => self.parallel(node, graph),
            StateType::Map => self.map(node, graph),
        };
        let reads = self.variables.end_state(around);
        let language = node.language;
        Some(State { name: name.clone(), language, input_path, output_path, assign, output, reads, kind: kind? })
    }

    /// The query language of a state, which may differ from the machine's in one direction only.
    fn state_language(&mut self, node: Node<'_>) -> QueryLanguage {
        let Some(language) = self.query_language(node) else { return self.language };
        match (self.language, language) {
            (QueryLanguage::Jsonata, QueryLanguage::JsonPath) => {
                self.report(Problem::LanguageDowngrade, node.at);
                // The rest of the state is read as what the machine is.
                QueryLanguage::Jsonata
            }
            _ => language,
        }
    }

    fn state_type(&mut self, node: Node<'_>) -> Option<StateType> {
        let Some(value) = node.get("Type") else {
            self.report(Problem::TypeMissing, node.at);
            return None;
        };
        let state_type = value.as_str().and_then(StateType::from_name);
        if state_type.is_none() {
            self.report(Problem::TypeUnknown, &node.at.member("Type"));
        }
        state_type
    }

    /// A state of which not even the type is known still leads somewhere; only one without any type doesn't.
    fn transition_of_unknown(&mut self, node: Node<'_>, graph: &mut Graph<'_>) {
        if !node.has("Type") {
            return;
        }
        if let Some(next) = node.get("Next").and_then(Value::as_str) {
            graph.enter(next);
        }
        if node.get("End") == Some(&Value::Bool(true)) {
            graph.end();
        }
    }

    fn state_fields(&mut self, node: Node<'_>, state_type: StateType) {
        for (field, _) in node.object.iter() {
            match fields::standing(field, state_type, node.language) {
                Standing::Allowed => {}
                Standing::OtherLanguage => {
                    let problem = Problem::OtherLanguage { language: node.language, field: field.clone() };
                    self.report(problem, node.at);
                }
                Standing::Unknown => self.report(Problem::FieldNotSupported(field.clone()), node.at),
            }
        }
    }

    /// `Next`, `End`
    pub fn transition(&mut self, node: Node<'_>, graph: &mut Graph<'_>) -> Option<Transition> {
        const FIELDS: &[&str] = &["Next", "End"];
        let field = self.only_one(node, FIELDS);
        let next = self.string(node, "Next").map(|next| self.target(next, &node.at.member("Next"), graph));
        let end = self.boolean(node, "End");
        if end == Some(true) {
            graph.end();
        }
        match (field?, end) {
            ("Next", _) => next.flatten().map(Transition::Next),
            (_, Some(true)) => Some(Transition::End),
            (_, Some(false)) => {
                // A guess: a state that says it isn't the end and doesn't say what is next.
                self.report(Problem::NoneOf(FIELDS), node.at);
                None
            }
            _ => None,
        }
    }

    fn pass(&mut self, node: Node<'_>, graph: &mut Graph<'_>) -> Option<StateKind> {
        let parameters = self.template(node, "Parameters");
        let result = node.get("Result").cloned();
        let result_path = self.placement(node);
        let transition = self.transition(node, graph);
        Some(StateKind::Pass(Pass { parameters, result, result_path, transition: transition? }))
    }

    fn wait(&mut self, node: Node<'_>, graph: &mut Graph<'_>) -> Option<StateKind> {
        const FORMS: &[&str] = &["SecondsPath", "Seconds", "TimestampPath", "Timestamp"];
        self.only_one(node, FORMS);
        let seconds = self.unless_expression(node, "Seconds", |p| p.integer(node, "Seconds", 0, 99_999_999));
        let seconds = seconds.map(|n| WaitUntil::Seconds(n as u64));
        let seconds_jsonata = self.jsonata_field(node, "Seconds").map(WaitUntil::SecondsJsonata);
        let seconds_path = self.path(node, "SecondsPath").map(WaitUntil::SecondsPath);
        let timestamp = self.unless_expression(node, "Timestamp", |parser| parser.timestamp(node));
        let timestamp_jsonata = self.jsonata_field(node, "Timestamp").map(WaitUntil::TimestampJsonata);
        let timestamp_path = self.path(node, "TimestampPath").map(WaitUntil::TimestampPath);
        let transition = self.transition(node, graph);
        let until = seconds.or(seconds_jsonata).or(seconds_path);
        let until = until.or(timestamp).or(timestamp_jsonata).or(timestamp_path);
        Some(StateKind::Wait(Wait { until: until?, transition: transition? }))
    }

    fn timestamp(&mut self, node: Node<'_>) -> Option<WaitUntil> {
        let time = Timestamp::parse(self.string(node, "Timestamp")?);
        if time.is_none() {
            self.report(Problem::NotATimestamp, &node.at.member("Timestamp"));
        }
        time.map(WaitUntil::Timestamp)
    }

    fn fail(&mut self, node: Node<'_>) -> Option<StateKind> {
        let error = self.fail_text(node, &["Error", "ErrorPath"]);
        let cause = self.fail_text(node, &["Cause", "CausePath"]);
        Some(StateKind::Fail(Fail { error: error?, cause: cause? }))
    }

    /// A text, a path to it, or a call that makes it.
    fn fail_text(&mut self, node: Node<'_>, fields: &'static [&'static str; 2]) -> Option<FailText> {
        self.at_most_one(node, fields);
        let [literal, path] = *fields;
        if node.expression(literal).is_some() {
            return self.jsonata_field(node, literal).map(FailText::Jsonata);
        }
        let literal = node.has(literal).then(|| self.string(node, literal).cloned().map(FailText::Literal));
        let path = node.has(path).then(|| self.path_or_call(node, path));
        literal.or(path).unwrap_or(Some(FailText::Absent))
    }

    fn path_or_call(&mut self, node: Node<'_>, name: &str) -> Option<FailText> {
        let text = self.path_text(node, name)?;
        if text.starts_with('$') {
            return self.path(node, name).map(FailText::Path);
        }
        let at = node.at.member(name);
        match Call::compile(text) {
            Ok(call) => {
                self.read_variables(text, &at);
                Some(FailText::Call(call))
            }
            Err(_) => {
                self.report(Problem::NotAPathOrCall, &at);
                None
            }
        }
    }

    fn parallel(&mut self, node: Node<'_>, graph: &mut Graph<'_>) -> Option<StateKind> {
        self.required(node, &["Branches"]);
        let parameters = self.computed(node, "Parameters", "Arguments", Stage::Input);
        let branches = self.filled_array(node, "Branches").map(|branches| {
            let at = node.at.member("Branches");
            let starts: Vec<Option<StateId>> = branches
                .iter()
                .enumerate()
                .map(|(i, branch)| self.nested(branch, &at.item(i), super::BRANCH_FIELDS))
                .collect();
            starts.into_iter().collect::<Option<Box<[StateId]>>>()
        });
        let result = self.result_fields(node, graph);
        let transition = self.transition(node, graph);
        let branches = branches.flatten()?;
        Some(StateKind::Parallel(Parallel { parameters, branches, result: result?, transition: transition? }))
    }

    /// `ResultSelector`, `ResultPath`, `Retry`, `Catch`
    pub fn result_fields(&mut self, node: Node<'_>, graph: &mut Graph<'_>) -> Option<ResultFields> {
        let result_selector = self.template(node, "ResultSelector");
        let result_path = self.placement(node);
        let retry = self.retry(node);
        let catch = self.catch(node, graph);
        Some(ResultFields { result_selector, result_path, retry: retry?, catch: catch? })
    }
}
