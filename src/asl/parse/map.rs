//! Map states.

use super::read::Node;
use super::{MachineType, PROCESSOR_FIELDS, Parser};
use crate::asl::diagnostic::Problem;
use crate::asl::graph::Graph;
use crate::asl::program::{Map, MaxConcurrency, StateId, StateKind};
use crate::json::Value;

/// The fields that only a distributed Map has.
const DISTRIBUTED: &[&str] = &[
    "ItemReader",
    "ItemBatcher",
    "ResultWriter",
    "ToleratedFailurePercentage",
    "ToleratedFailurePercentagePath",
    "ToleratedFailureCount",
    "ToleratedFailureCountPath",
    "Label",
];

const MAX_LABEL: usize = 40;

impl Parser {
    pub fn map(&mut self, node: Node<'_>, graph: &mut Graph<'_>) -> Option<StateKind> {
        let processor = self.processor(node);
        let items_path = self.source_path(node, "ItemsPath");
        // AWS refuses both together; in which words is a guess.
        let selector = self.at_most_one(node, &["ItemSelector", "Parameters"]);
        let item_selector = selector.and_then(|field| self.template(node, field));
        let max_concurrency = self.max_concurrency(node);
        self.distributed_fields(node);
        let result = self.result_fields(node, graph);
        let transition = self.transition(node, graph);
        Some(StateKind::Map(Map {
            items_path,
            item_selector,
            max_concurrency,
            processor: processor?,
            result: result?,
            transition: transition?,
        }))
    }

    fn processor(&mut self, node: Node<'_>) -> Option<StateId> {
        let field = self.only_one(node, &["ItemProcessor", "Iterator"])?;
        let value = node.get(field)?;
        let at = node.at.member(field);
        if let Some(object) = value.as_object() {
            self.processor_config(Node { object, at: &at, ..node });
        }
        self.nested(value, &at, PROCESSOR_FIELDS)
    }

    fn processor_config(&mut self, processor: Node<'_>) {
        let Some(object) = self.object(processor, "ProcessorConfig") else { return };
        let at = processor.at.member("ProcessorConfig");
        let node = Node { object, at: &at, ..processor };
        self.known_fields(node, &["Mode", "ExecutionType"]);
        let is_distributed = self.one_of(node, "Mode", &["INLINE", "DISTRIBUTED"]) == Some("DISTRIBUTED");
        self.one_of(node, "ExecutionType", &["STANDARD", "EXPRESS"]);
        if !is_distributed {
            if node.has("ExecutionType") {
                self.report(Problem::FieldNotSupported("ExecutionType".into()), &at);
            }
            return;
        }
        self.required(node, &["ExecutionType"]);
        if self.kind == MachineType::Express {
            self.report(Problem::DistributedInExpress, &at);
        }
        self.not_yet("the distributed Map", &at.member("Mode"));
    }

    fn max_concurrency(&mut self, node: Node<'_>) -> MaxConcurrency {
        self.at_most_one(node, &["MaxConcurrency", "MaxConcurrencyPath"]);
        let literal = self.integer(node, "MaxConcurrency", 0, i64::MAX);
        let path = self.number_path(node, "MaxConcurrencyPath");
        match path {
            Some(path) => MaxConcurrency::Path(path),
            None => MaxConcurrency::Literal(literal.unwrap_or(0) as u64),
        }
    }

    fn distributed_fields(&mut self, node: Node<'_>) {
        self.at_most_one(node, &["ToleratedFailurePercentage", "ToleratedFailurePercentagePath"]);
        self.number(node, "ToleratedFailurePercentage", 0.0, 100.0);
        self.number_path(node, "ToleratedFailurePercentagePath");
        self.at_most_one(node, &["ToleratedFailureCount", "ToleratedFailureCountPath"]);
        self.integer(node, "ToleratedFailureCount", 0, i64::MAX);
        self.number_path(node, "ToleratedFailureCountPath");
        self.label(node);
        for (field, _) in node.object.iter() {
            if DISTRIBUTED.contains(&field.as_str()) {
                self.not_yet(format!("the field {field} of Map states"), &node.at.member(field));
            }
        }
    }

    fn label(&mut self, node: Node<'_>) {
        let Some(Value::String(label)) = node.get("Label") else {
            self.string(node, "Label");
            return;
        };
        let at = node.at.member("Label");
        if label.encode_utf16().count() > MAX_LABEL {
            self.report(Problem::LabelTooLong(label.clone()), &at);
        }
        if !self.labels.insert(label.clone()) {
            self.report(Problem::DuplicateLabel(label.clone()), &at);
        }
    }
}
