//! `ResultWriter` of Map states. Nothing is written yet: it is only checked.

use super::Parser;
use super::jsonata::Stage;
use super::read::Node;
use crate::asl::diagnostic::Problem;

/// The call that a ResultWriter makes, behind the partition.
const PUT_OBJECT: &str = "states:::s3:putObject";

impl Parser {
    /// The fields and their words are documented; what is said of others is a guess after ItemReader.
    pub fn result_writer(&mut self, map: Node<'_>) {
        let Some(object) = self.object(map, "ResultWriter") else { return };
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
        self.computed(node, "Parameters", "Arguments", Stage::Input);
        if let Some(object) = self.object(node, "WriterConfig") {
            let at = at.member("WriterConfig");
            let config = Node { object, at: &at, ..node };
            self.known_fields(config, &["Transformation", "OutputType"]);
            self.one_of(config, "Transformation", &["NONE", "COMPACT", "FLATTEN"]);
            self.one_of(config, "OutputType", &["JSON", "JSONL"]);
        }
    }
}
