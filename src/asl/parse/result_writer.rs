//! `ResultWriter` of Map states.

use super::Parser;
use super::jsonata::Stage;
use super::read::Node;
use crate::asl::diagnostic::Problem;
use crate::asl::fields::QueryLanguage;
use crate::asl::program::{ResultForm, ResultWriter, Transformation};

/// The call that a ResultWriter makes, behind the partition.
const PUT_OBJECT: &str = "states:::s3:putObject";

impl Parser {
    /// The fields, their words and which of them need each other are documented; in which words others are refused is a guess
    /// after ItemReader.
    pub fn result_writer(&mut self, map: Node<'_>) -> Option<ResultWriter> {
        let object = self.object(map, "ResultWriter")?;
        let (at, path) = (map.at.member("ResultWriter"), format!("{}ResultWriter/", map.path));
        let node = Node { object, at: &at, path: &path, ..map };
        self.fields_of_language(node, &["Parameters"], &["Arguments"]);
        self.known_fields(node, &["Resource", "Parameters", "Arguments", "WriterConfig"]);
        if let Some(resource) = self.string(node, "Resource") {
            let call = resource.strip_prefix("arn:").and_then(|arn| arn.split_once(':'));
            if call.is_none_or(|(_, call)| call != PUT_OBJECT) {
                self.report(Problem::NotAnAllowedValue("Resource"), &at.member("Resource"));
            }
        }
        let parameters = self.computed(node, "Parameters", "Arguments", Stage::Input);
        let field = if node.language == QueryLanguage::JsonPath { "Parameters" } else { "Arguments" };
        match (node.has("Resource"), node.has(field)) {
            (true, false) if field == "Parameters" => self.required(node, &["Parameters"]),
            (true, false) => self.required(node, &["Arguments"]),
            (false, true) => self.required(node, &["Resource"]),
            (false, false) => self.required(node, &["WriterConfig"]),
            (true, true) => {}
        }
        let form = match self.object(node, "WriterConfig") {
            Some(object) => self.writer_config(Node { object, at: &at.member("WriterConfig"), ..node }),
            None => ResultForm::default(),
        };
        if form.is_json_lines && parameters.is_none() {
            // Nobody says what lines are in the result of a state.
            self.not_yet("OutputType JSONL without Resource", &at.member("WriterConfig"));
        }
        Some(ResultWriter { place: parameters, form })
    }

    fn writer_config(&mut self, node: Node<'_>) -> ResultForm {
        self.known_fields(node, &["Transformation", "OutputType"]);
        let transformation = self.one_of(node, "Transformation", &["NONE", "COMPACT", "FLATTEN"]);
        let output_type = self.one_of(node, "OutputType", &["JSON", "JSONL"]);
        let transformation = transformation.map(|word| match word {
            "COMPACT" => Transformation::Compact,
            "FLATTEN" => Transformation::Flatten,
            _ => Transformation::None,
        });
        ResultForm { transformation, is_json_lines: output_type == Some("JSONL") }
    }
}
