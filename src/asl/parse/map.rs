//! Map states.

use super::jsonata::Stage;
use super::read::Node;
use super::tested::Iterated;
use super::{MachineType, PROCESSOR_FIELDS, Parser};
use crate::asl::diagnostic::Problem;
use crate::asl::fields::QueryLanguage;
use crate::asl::graph::Graph;
use crate::asl::location::Location;
use crate::asl::program::{Distributed, ItemBatcher, Items, Map, Number, Percentage, StateId, StateKind};
use crate::json::Value;
use crate::quota;
use smol_str::SmolStr;

/// The fields that only a distributed Map has.
const DISTRIBUTED: &[&str] = &["ItemReader", "ItemBatcher", "ResultWriter", "Label"];

const MAX_LABEL: usize = 40;

/// What a label can't have, besides blanks and control characters. Source: AWS's page on Map states in Distributed mode.
const NOT_IN_LABELS: &str = "?*<>{}[]:;,\\|^~$#%&`\"";

/// How iterations are done.
#[derive(Clone, Copy)]
enum Mode {
    /// as part of the execution
    Inline,
    /// as executions of their own, of this type
    Distributed(MachineType),
}

impl Parser {
    pub fn map(&mut self, node: Node<'_>, graph: &mut Graph<'_>) -> Option<StateKind> {
        let processor = self.processor(node);
        let items = self.items(node);
        // AWS refuses both together; in which words is a guess.
        let selector = self.at_most_one(node, &["ItemSelector", "Parameters"]);
        let item_selector = selector.and_then(|field| self.computed(node, field, field, Stage::Input));
        let max_concurrency = self.max_concurrency(node);
        let tolerated_percentage = self.tolerated_percentage(node);
        let tolerated_count = self.tolerated_count(node);
        self.distributed_fields(node, matches!(processor, Some((_, Mode::Inline))));
        let reader = self.item_reader(node).map(Box::new);
        let batcher = self.item_batcher(node);
        let writer = self.result_writer(node);
        let result = self.result_fields(node, graph);
        let transition = self.transition(node, graph);
        let (processor, mode) = processor?;
        let label = node.get("Label").and_then(Value::as_str).map(SmolStr::new);
        let distributed = match mode {
            Mode::Inline => None,
            Mode::Distributed(kind) => {
                Some(Box::new(Distributed { is_express: kind == MachineType::Express, label, writer }))
            }
        };
        Some(StateKind::Map(Map {
            items: items?,
            item_selector,
            max_concurrency,
            tolerated_count,
            tolerated_percentage,
            reader,
            batcher,
            distributed,
            processor,
            result: result?,
            transition: transition?,
        }))
    }

    /// The first state of the iterations, and how they are done.
    fn processor(&mut self, node: Node<'_>) -> Option<(StateId, Mode)> {
        let field = self.only_one(node, &["ItemProcessor", "Iterator"])?;
        let value = node.get(field)?;
        let at = node.at.member(field);
        let object = value.as_object();
        let mode = object.map_or(Mode::Inline, |object| self.mode(Node { object, at: &at, ..node }));
        let around = self.enter_iterations(match (mode, node.has("ItemReader")) {
            (Mode::Inline, _) => Iterated::Inline,
            (Mode::Distributed(_), false) => Iterated::OverInput,
            (Mode::Distributed(_), true) => Iterated::OverItemsRead,
        });
        let first = match mode {
            Mode::Inline => self.nested(value, &at, PROCESSOR_FIELDS),
            Mode::Distributed(kind) => self.children(kind, value, &at),
        };
        self.leave_iterations(around);
        first.map(|first| (first, mode))
    }

    /// The processor of child executions. That those of Express children are refused what Express state machines are, in the
    /// same words, is a guess.
    fn children(&mut self, kind: MachineType, value: &Value, at: &Location<'_>) -> Option<StateId> {
        let around = std::mem::replace(&mut self.kind, kind);
        self.variables.seal_next_block();
        let first = self.nested(value, at, PROCESSOR_FIELDS);
        self.kind = around;
        first
    }

    /// `ProcessorConfig`
    fn mode(&mut self, processor: Node<'_>) -> Mode {
        let Some(object) = self.object(processor, "ProcessorConfig") else { return Mode::Inline };
        let at = processor.at.member("ProcessorConfig");
        let node = Node { object, at: &at, ..processor };
        self.known_fields(node, &["Mode", "ExecutionType"]);
        let is_distributed = self.one_of(node, "Mode", &["INLINE", "DISTRIBUTED"]) == Some("DISTRIBUTED");
        let execution_type = self.one_of(node, "ExecutionType", &["STANDARD", "EXPRESS"]);
        if !is_distributed {
            if node.has("ExecutionType") {
                self.report(Problem::FieldNotSupported("ExecutionType".into()), &at);
            }
            return Mode::Inline;
        }
        self.required(node, &["ExecutionType"]);
        if self.kind == MachineType::Express {
            self.report(Problem::DistributedInExpress, &at);
        }
        Mode::Distributed(match execution_type {
            Some("EXPRESS") => MachineType::Express,
            _ => MachineType::Standard,
        })
    }

    /// `ItemsPath` or `Items`
    fn items(&mut self, node: Node<'_>) -> Option<Items> {
        if node.language == QueryLanguage::JsonPath {
            return Some(self.source_path(node, "ItemsPath").map_or(Items::Input, Items::Path));
        }
        match node.get("Items") {
            None => Some(Items::JsonataInput),
            Some(Value::Object(_)) => {
                self.report(Problem::NotSupportedYet("an object as Items".into()), &node.at.member("Items"));
                None
            }
            Some(value) if value.as_array().is_none() && !node.is_expression(value) => {
                self.report_no_expression(node, "Items", value, "Array");
                None
            }
            Some(_) => self.jsonata(node, "Items", Stage::Input).map(Items::Jsonata),
        }
    }

    fn max_concurrency(&mut self, node: Node<'_>) -> Number {
        self.at_most_one(node, &["MaxConcurrency", "MaxConcurrencyPath"]);
        let literal =
            self.unless_expression(node, "MaxConcurrency", |p| p.integer(node, "MaxConcurrency", 0, i64::MAX));
        let looked_up = self.looked_up(node, "MaxConcurrency", "MaxConcurrencyPath");
        looked_up.unwrap_or(Number::Literal(literal.unwrap_or(0) as u64))
    }

    fn tolerated_count(&mut self, node: Node<'_>) -> Option<Number> {
        self.at_most_one(node, &["ToleratedFailureCount", "ToleratedFailureCountPath"]);
        const COUNT: &str = "ToleratedFailureCount";
        let literal = self.unless_expression(node, COUNT, |parser| parser.integer(node, COUNT, 0, i64::MAX));
        let literal = literal.map(|n| Number::Literal(n as u64));
        literal.or_else(|| self.looked_up(node, "ToleratedFailureCount", "ToleratedFailureCountPath"))
    }

    fn tolerated_percentage(&mut self, node: Node<'_>) -> Option<Percentage> {
        self.at_most_one(node, &["ToleratedFailurePercentage", "ToleratedFailurePercentagePath"]);
        const PERCENTAGE: &str = "ToleratedFailurePercentage";
        let literal = self.unless_expression(node, PERCENTAGE, |parser| parser.number(node, PERCENTAGE, 0.0, 100.0));
        let literal = literal.map(Percentage::Literal);
        let path = self.number_path(node, "ToleratedFailurePercentagePath").map(Percentage::Path);
        let jsonata = self.jsonata_field(node, "ToleratedFailurePercentage").map(Percentage::Jsonata);
        literal.or(path).or(jsonata)
    }

    fn looked_up(&mut self, node: Node<'_>, jsonata: &str, path: &str) -> Option<Number> {
        let path = self.number_path(node, path).map(Number::Path);
        path.or_else(|| self.jsonata_field(node, jsonata).map(Number::Jsonata))
    }

    /// `ItemBatcher`. That one of both limits must be there is documented, in other words than these, which are a guess after
    /// other fields. AWS was seen to take no literal below 0; that 0 is no limit, as it is of other fields, is a guess.
    fn item_batcher(&mut self, map: Node<'_>) -> Option<ItemBatcher> {
        const ITEMS: &[&str] = &["MaxItemsPerBatch", "MaxItemsPerBatchPath"];
        const BYTES: &[&str] = &["MaxInputBytesPerBatch", "MaxInputBytesPerBatchPath"];
        let object = self.object(map, "ItemBatcher")?;
        let (at, path) = (map.at.member("ItemBatcher"), format!("{}ItemBatcher/", map.path));
        let node = Node { object, at: &at, path: &path, ..map };
        self.known_fields(node, &[ITEMS[0], ITEMS[1], BYTES[0], BYTES[1], "BatchInput"]);
        self.fields_of_language(node, &[ITEMS[1], BYTES[1]], &[]);
        if !ITEMS.iter().chain(BYTES).any(|field| node.has(field)) {
            self.report(Problem::NoneOf(&["MaxItemsPerBatch", "MaxInputBytesPerBatch"]), &at);
        }
        let mut limit = |names: &'static [&'static str], most| {
            self.at_most_one(node, names);
            let literal = self.unless_expression(node, names[0], |parser| parser.integer(node, names[0], 0, most));
            literal.map(|n| Number::Literal(n as u64)).or_else(|| self.looked_up(node, names[0], names[1]))
        };
        let (max_items, max_bytes) = (limit(ITEMS, i64::MAX), limit(BYTES, quota::PAYLOAD_BYTES as i64));
        let input = self.computed(node, "BatchInput", "BatchInput", Stage::Input);
        Some(ItemBatcher { max_items, max_bytes, input })
    }

    /// The fields that AWS documents for Map states in distributed mode only. In which words it refuses them in inline mode has
    /// not been seen: nowhere are they taken there, not even for a test with a mock.
    fn distributed_fields(&mut self, node: Node<'_>, is_inline: bool) {
        self.label(node);
        let unfit = |(field, _): &(&SmolStr, &Value)| is_inline && DISTRIBUTED.contains(&field.as_str());
        for (field, _) in node.object.iter().filter(unfit) {
            let problem = Problem::NotSupportedYet(format!("the field {field} of inline Map states"));
            self.report(problem, &node.at.member(field));
        }
        self.note_map(node);
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
        if label.chars().any(|c| c.is_whitespace() || c.is_control() || NOT_IN_LABELS.contains(c)) {
            self.report(Problem::LabelInvalid(label.clone()), &at);
        }
        if !self.labels.insert(label.clone()) {
            self.report(Problem::DuplicateLabel(label.clone()), &at);
        }
    }
}
