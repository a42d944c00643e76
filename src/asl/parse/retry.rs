//! `Retry` and `Catch`.

use super::Parser;
use super::jsonata::Stage;
use super::read::Node;
use crate::asl::diagnostic::Problem;
use crate::asl::fields::QueryLanguage;
use crate::asl::graph::Graph;
use crate::asl::program::{Catcher, Retrier};
use crate::json::Value;
use smol_str::SmolStr;

const RETRIER_FIELDS: &[&str] =
    &["ErrorEquals", "IntervalSeconds", "MaxAttempts", "BackoffRate", "MaxDelaySeconds", "JitterStrategy", "Comment"];
const CATCHER_FIELDS: &[&str] = &["ErrorEquals", "Next", "ResultPath", "Output", "Assign", "Comment"];

impl Parser {
    pub fn retry(&mut self, node: Node<'_>) -> Option<Box<[Retrier]>> {
        self.entries(node, "Retry", |parser, entry, is_last| parser.retrier(entry, is_last))
    }

    pub fn catch(&mut self, node: Node<'_>, graph: &mut Graph<'_>) -> Option<Box<[Catcher]>> {
        self.entries(node, "Catch", |parser, entry, is_last| parser.catcher(entry, is_last, graph))
    }

    /// The entries of a list of retriers or catchers; no list is an empty one.
    fn entries<T>(
        &mut self,
        node: Node<'_>,
        name: &str,
        mut read: impl FnMut(&mut Parser, Node<'_>, bool) -> Option<T>,
    ) -> Option<Box<[T]>> {
        if !node.has(name) {
            return Some(Box::new([]));
        }
        let items = self.array(node, name)?;
        let at = node.at.member(name);
        let mut entries = Vec::with_capacity(items.len());
        for (i, item) in items.iter().enumerate() {
            let (at, path) = (at.item(i), format!("{}{name}[{i}]/", node.path));
            match item.as_object() {
                Some(object) => {
                    let entry = Node { object, at: &at, path: &path, ..node };
                    entries.push(read(self, entry, i + 1 == items.len()));
                }
                None => {
                    self.report(Problem::WrongType("Object"), &at);
                    entries.push(None);
                }
            }
        }
        entries.into_iter().collect()
    }

    fn retrier(&mut self, node: Node<'_>, is_last: bool) -> Option<Retrier> {
        self.known_fields(node, RETRIER_FIELDS);
        self.required(node, &["ErrorEquals"]);
        self.string(node, "Comment");
        let error_equals = self.error_equals(node, is_last);
        let interval_seconds = self.integer(node, "IntervalSeconds", 0, 99_999_999).unwrap_or(1);
        let max_attempts = self.integer(node, "MaxAttempts", 0, 99_999_999).unwrap_or(3);
        let backoff_rate = self.number(node, "BackoffRate", 1.0, f64::INFINITY).unwrap_or(2.0).min(f64::MAX);
        let max_delay_seconds = self.integer(node, "MaxDelaySeconds", 1, 31_622_400);
        let full_jitter = self.one_of(node, "JitterStrategy", &["NONE", "FULL"]) == Some("FULL");
        Some(Retrier {
            error_equals: error_equals?,
            interval_seconds: interval_seconds as u64,
            max_attempts: max_attempts as u32,
            backoff_rate,
            max_delay_seconds: max_delay_seconds.map(|n| n as u64),
            full_jitter,
        })
    }

    fn catcher(&mut self, node: Node<'_>, is_last: bool, graph: &mut Graph<'_>) -> Option<Catcher> {
        self.known_fields(node, CATCHER_FIELDS);
        let other = match node.language {
            QueryLanguage::JsonPath => "Output",
            QueryLanguage::Jsonata => "ResultPath",
        };
        if node.has(other) {
            let problem = Problem::OtherLanguage { language: node.language, field: other.into() };
            self.report(problem, node.at);
        }
        self.required(node, &["ErrorEquals", "Next"]);
        self.string(node, "Comment");
        let assign = self.assign(node, Stage::Error);
        let output = self.jsonata(node, "Output", Stage::Error);
        let error_equals = self.error_equals(node, is_last);
        let result_path = self.placement(node);
        let next = self.string(node, "Next").and_then(|next| self.target(next, &node.at.member("Next"), graph));
        Some(Catcher { error_equals: error_equals?, assign, result_path, output, next: next? })
    }

    fn error_equals(&mut self, node: Node<'_>, is_last: bool) -> Option<Box<[SmolStr]>> {
        let items = self.filled_array(node, "ErrorEquals")?;
        let at = node.at.member("ErrorEquals");
        let mut names = Vec::with_capacity(items.len());
        for (i, item) in items.iter().enumerate() {
            match item {
                Value::String(name) => names.push(name.clone()),
                _ => self.report(Problem::WrongType("String"), &at.item(i)),
            }
        }
        if let Some(i) = items.iter().position(|item| item.as_str() == Some("States.ALL"))
            && !(is_last && items.len() == 1)
        {
            self.report(Problem::StatesAllNotLast, &at.item(i));
        }
        Some(names.into())
    }
}
