//! Choice states and their rules.

use super::Parser;
use super::jsonata::Stage;
use super::read::Node;
use crate::asl::diagnostic::Problem;
use crate::asl::fields::QueryLanguage;
use crate::asl::graph::Graph;
use crate::asl::location::Location;
use crate::asl::program::Relation::{Equals, GreaterThan, GreaterThanEquals, LessThan, LessThanEquals};
use crate::asl::program::{Choice, Comparison, Condition, Operand, Relation, Rule, StateKind, Subject, Test, TypeTest};
use crate::json::Value;
use crate::timestamp::Timestamp;

/// Rules within rules; keeps recursion within any thread's stack, here and when the rules are evaluated.
const MAX_DEPTH: usize = 100;

const SELECTORS: &[&str] = &["And", "Or", "Not", "Variable", "Condition"];

/// What an operator compares.
#[derive(Clone, Copy)]
enum Operator {
    Literal(Subject, Relation),
    Path(Subject, Relation),
    Matches,
    Is(TypeTest),
}

use Operator::{Is, Literal, Matches, Path};

/// The names of [`OPERATORS`], in AWS's order, which its messages show.
const OPERATOR_NAMES: &[&str] = &[
    "StringEquals",
    "IsBoolean",
    "StringLessThan",
    "IsNumeric",
    "BooleanEquals",
    "StringLessThanEqualsPath",
    "NumericLessThan",
    "NumericGreaterThan",
    "NumericLessThanPath",
    "StringMatches",
    "TimestampLessThanEqualsPath",
    "NumericEquals",
    "TimestampGreaterThan",
    "StringGreaterThanEqualsPath",
    "TimestampGreaterThanEqualsPath",
    "TimestampLessThanEquals",
    "NumericLessThanEqualsPath",
    "TimestampEquals",
    "BooleanEqualsPath",
    "IsTimestamp",
    "StringLessThanEquals",
    "NumericLessThanEquals",
    "StringLessThanPath",
    "TimestampGreaterThanPath",
    "StringGreaterThan",
    "StringGreaterThanPath",
    "IsString",
    "StringEqualsPath",
    "TimestampEqualsPath",
    "TimestampLessThan",
    "StringGreaterThanEquals",
    "NumericGreaterThanPath",
    "NumericGreaterThanEquals",
    "NumericEqualsPath",
    "TimestampLessThanPath",
    "IsNull",
    "IsPresent",
    "TimestampGreaterThanEquals",
    "NumericGreaterThanEqualsPath",
];

const OPERATORS: [Operator; OPERATOR_NAMES.len()] = [
    Literal(Subject::String, Equals),
    Is(TypeTest::Boolean),
    Literal(Subject::String, LessThan),
    Is(TypeTest::Numeric),
    Literal(Subject::Boolean, Equals),
    Path(Subject::String, LessThanEquals),
    Literal(Subject::Numeric, LessThan),
    Literal(Subject::Numeric, GreaterThan),
    Path(Subject::Numeric, LessThan),
    Matches,
    Path(Subject::Timestamp, LessThanEquals),
    Literal(Subject::Numeric, Equals),
    Literal(Subject::Timestamp, GreaterThan),
    Path(Subject::String, GreaterThanEquals),
    Path(Subject::Timestamp, GreaterThanEquals),
    Literal(Subject::Timestamp, LessThanEquals),
    Path(Subject::Numeric, LessThanEquals),
    Literal(Subject::Timestamp, Equals),
    Path(Subject::Boolean, Equals),
    Is(TypeTest::Timestamp),
    Literal(Subject::String, LessThanEquals),
    Literal(Subject::Numeric, LessThanEquals),
    Path(Subject::String, LessThan),
    Path(Subject::Timestamp, GreaterThan),
    Literal(Subject::String, GreaterThan),
    Path(Subject::String, GreaterThan),
    Is(TypeTest::String),
    Path(Subject::String, Equals),
    Path(Subject::Timestamp, Equals),
    Literal(Subject::Timestamp, LessThan),
    Literal(Subject::String, GreaterThanEquals),
    Path(Subject::Numeric, GreaterThan),
    Literal(Subject::Numeric, GreaterThanEquals),
    Path(Subject::Numeric, Equals),
    Path(Subject::Timestamp, LessThan),
    Is(TypeTest::Null),
    Is(TypeTest::Present),
    Literal(Subject::Timestamp, GreaterThanEquals),
    Path(Subject::Numeric, GreaterThanEquals),
];

impl Parser {
    pub fn choice(&mut self, node: Node<'_>, graph: &mut Graph<'_>) -> Option<StateKind> {
        self.required(node, &["Choices"]);
        let at = node.at.member("Choices");
        let rules = self.filled_array(node, "Choices").map(|choices| {
            let rules: Vec<Option<Rule>> =
                choices.iter().enumerate().map(|(i, rule)| self.rule(rule, i, &at.item(i), node, graph)).collect();
            rules.into_iter().collect::<Option<Box<[Rule]>>>()
        });
        let default = self.string(node, "Default").map(|name| self.target(name, &node.at.member("Default"), graph));
        let default = match default {
            Some(target) => Some(target?),
            None => None,
        };
        Some(StateKind::Choice(Choice { rules: rules.flatten()?, default }))
    }

    fn rule(
        &mut self,
        value: &Value,
        place: usize,
        at: &Location<'_>,
        state: Node<'_>,
        graph: &mut Graph<'_>,
    ) -> Option<Rule> {
        let Some(object) = value.as_object() else {
            self.report(Problem::WrongType("Object"), at);
            return None;
        };
        let path = format!("Choices[{place}]/");
        let node = Node { object, at, path: &path, ..state };
        self.required(node, &["Next"]);
        let next = self.string(node, "Next").and_then(|next| self.target(next, &at.member("Next"), graph));
        let assign = self.assign(node, Stage::Input);
        let output = self.jsonata(node, "Output", Stage::Input);
        let test = self.test(node);
        Some(Rule { test: test?, assign, output, next: next? })
    }

    /// When a rule applies.
    fn test(&mut self, node: Node<'_>) -> Option<Test> {
        let condition = self.condition(node, 0, &["Next", "Assign", "Output", "Comment"]);
        match node.language {
            QueryLanguage::JsonPath => condition.map(Test::Comparisons),
            QueryLanguage::Jsonata => self.jsonata_condition(node),
        }
    }

    /// What a rule asks; `others` are the fields that it may have besides.
    fn condition(&mut self, node: Node<'_>, depth: usize, others: &[&str]) -> Option<Condition> {
        self.string(node, "Comment");
        let mut selectors = SELECTORS.iter().copied().filter(|selector| node.has(selector));
        let (selector, another) = (selectors.next(), selectors.next());
        let may_compare = selector.is_none() || node.has("Variable");
        self.condition_fields(node, may_compare, others);
        let (Some(selector), None) = (selector, another) else {
            self.report(Problem::NotOneSelector(SELECTORS), node.at);
            return None;
        };
        if node.language == QueryLanguage::Jsonata {
            return None;
        }
        match selector {
            "And" => self.conditions(node, "And", depth).map(Condition::And),
            "Or" => self.conditions(node, "Or", depth).map(Condition::Or),
            "Not" => {
                let condition = self.inner_condition(node.get("Not")?, &node.at.member("Not"), node, depth)?;
                Some(Condition::Not(Box::new(condition)))
            }
            "Variable" => self.comparison(node),
            _ => None,
        }
    }

    /// `Condition`: an expression, or a boolean as it stands.
    fn jsonata_condition(&mut self, node: Node<'_>) -> Option<Test> {
        match node.get("Condition")? {
            Value::Bool(holds) => Some(Test::Literal(*holds)),
            value if node.is_expression(value) => self.jsonata_field(node, "Condition").map(Test::Jsonata),
            value => {
                self.report_no_expression(node, "Condition", value, "Boolean");
                None
            }
        }
    }

    fn condition_fields(&mut self, node: Node<'_>, may_compare: bool, others: &[&str]) {
        let other_language: &[&str] = match node.language {
            QueryLanguage::JsonPath => &["Condition", "Output"],
            // AWS has been seen to say so of Variable; that the others have the same words is a guess.
            QueryLanguage::Jsonata => &["Variable", "And", "Or", "Not"],
        };
        for (name, _) in node.object.iter() {
            let field = name.as_str();
            let is_known =
                SELECTORS.contains(&field) || others.contains(&field) || may_compare && OPERATOR_NAMES.contains(&field);
            if !is_known {
                self.report(Problem::FieldNotSupported(name.clone()), node.at);
            } else if other_language.contains(&field) {
                self.report(Problem::OtherLanguage { language: node.language, field: name.clone() }, node.at);
            }
        }
    }

    fn conditions(&mut self, node: Node<'_>, name: &'static str, depth: usize) -> Option<Box<[Condition]>> {
        let items = self.filled_array(node, name)?;
        let at = node.at.member(name);
        let conditions: Vec<Option<Condition>> =
            items.iter().enumerate().map(|(i, item)| self.inner_condition(item, &at.item(i), node, depth)).collect();
        conditions.into_iter().collect()
    }

    fn inner_condition(
        &mut self,
        value: &Value,
        at: &Location<'_>,
        outer: Node<'_>,
        depth: usize,
    ) -> Option<Condition> {
        let Some(object) = value.as_object() else {
            self.report(Problem::WrongType("Object"), at);
            return None;
        };
        if depth == MAX_DEPTH {
            self.report(Problem::TooDeeplyNested, at);
            return None;
        }
        self.condition(Node { object, at, ..outer }, depth + 1, &["Comment"])
    }

    /// `Variable` and one operator.
    fn comparison(&mut self, node: Node<'_>) -> Option<Condition> {
        let variable = self.single_path(node, "Variable");
        let name = self.only_one(node, OPERATOR_NAMES);
        let place = OPERATOR_NAMES.iter().position(|operator| Some(*operator) == name)?;
        let name = OPERATOR_NAMES[place];
        let comparison = match OPERATORS[place] {
            Literal(subject, relation) => {
                let operand = self.operand(node, name, subject).map(Operand::Literal);
                operand.map(|operand| Comparison::Ordered { subject, relation, operand })
            }
            Path(subject, relation) => {
                let operand = self.single_path(node, name).map(Operand::Path);
                operand.map(|operand| Comparison::Ordered { subject, relation, operand })
            }
            Matches => self.string(node, name).cloned().map(Comparison::StringMatches),
            Is(test) => self.boolean(node, name).map(|expected| Comparison::Is { test, expected }),
        };
        Some(Condition::Compare { variable: variable?, comparison: comparison? })
    }

    fn operand(&mut self, node: Node<'_>, name: &str, subject: Subject) -> Option<Value> {
        match subject {
            Subject::String => self.string(node, name).cloned().map(Value::String),
            Subject::Boolean => self.boolean(node, name).map(Value::Bool),
            Subject::Numeric => {
                self.number(node, name, f64::NEG_INFINITY, f64::INFINITY)?;
                node.get(name).cloned()
            }
            Subject::Timestamp => {
                let text = self.string(node, name)?;
                if Timestamp::parse(text).is_none() {
                    self.report(Problem::NotATimestamp, &node.at.member(name));
                    return None;
                }
                Some(Value::String(text.clone()))
            }
        }
    }
}
