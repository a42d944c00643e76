//! `ItemReader` of Map states.

use super::Parser;
use super::jsonata::Stage;
use super::read::Node;
use crate::asl::diagnostic::Problem;
use crate::asl::program::{ItemReader, ItemSource, MaxItems, Pointer};
use crate::items::{Delimiter, Format, Rows};
use smol_str::{SmolStr, format_smolstr};

const INPUT_TYPES: &[&str] = &["CSV", "JSON", "JSONL", "PARQUET", "MANIFEST"];
const MAX_ITEMS: i64 = 100_000_000;

/// The calls that an ItemReader can make, behind the partition.
const GET_OBJECT: &str = "states:::s3:getObject";
const LIST_OBJECTS: &str = "states:::s3:listObjectsV2";

impl Parser {
    /// Where a Map state takes its items from. The checks are those that AWS was seen to make.
    pub fn item_reader(&mut self, map: Node<'_>) -> Option<ItemReader> {
        let object = self.object(map, "ItemReader")?;
        let (at, path) = (map.at.member("ItemReader"), format!("{}ItemReader/", map.path));
        let node = Node { object, at: &at, path: &path, ..map };
        self.fields_of_language(node, &["Parameters"], &["Arguments"]);
        self.known_fields(node, &["Resource", "ReaderConfig", "Parameters", "Arguments"]);
        self.required(node, &["Resource"]);
        let resource = self.string(node, "Resource").and_then(|resource| self.reader_resource(resource, node));
        let parameters = self.computed(node, "Parameters", "Arguments", Stage::Input);
        let reader = match self.object(node, "ReaderConfig") {
            Some(object) => {
                let (at, path) = (at.member("ReaderConfig"), format!("{path}ReaderConfig/"));
                self.reader_config(Node { object, at: &at, path: &path, ..node }, resource)
            }
            None => {
                let source = source(resource, None, None);
                ItemReader { lists: false, source, parameters: None, max_items: None, pointer: None }
            }
        };
        if let ItemSource::NotReadable(what) = &reader.source {
            self.not_yet(what.clone(), &at);
        }
        Some(ItemReader { lists: resource == Some(LIST_OBJECTS), parameters, ..reader })
    }

    fn reader_resource(&mut self, resource: &SmolStr, node: Node<'_>) -> Option<&'static str> {
        let call = resource.strip_prefix("arn:").and_then(|arn| arn.split_once(':'));
        let found = call.and_then(|(_, call)| [GET_OBJECT, LIST_OBJECTS].into_iter().find(|known| *known == call));
        if found.is_none() {
            self.report(Problem::NotAnAllowedValue("Resource"), &node.at.member("Resource"));
        }
        found
    }

    fn reader_config(&mut self, node: Node<'_>, resource: Option<&str>) -> ItemReader {
        const MANIFEST: &[&str] = &["ManifestType"];
        const OF_ROWS: &[&str] = &["CSVHeaderLocation", "CSVHeaders", "CSVDelimiter"];
        self.known_fields(
            node,
            &[
                "InputType",
                "Transformation",
                "ManifestType",
                "CSVDelimiter",
                "CSVHeaderLocation",
                "CSVHeaders",
                "MaxItems",
                "MaxItemsPath",
                "ItemsPointer",
            ],
        );
        let input_type = self.one_of(node, "InputType", INPUT_TYPES);
        let transformation = self.one_of(node, "Transformation", &["NONE", "LOAD_AND_FLATTEN"]);
        let manifest_type = self.one_of(node, "ManifestType", &["ATHENA_DATA", "S3_INVENTORY"]);
        if transformation == Some("LOAD_AND_FLATTEN") && !node.has("InputType") {
            self.report(Problem::FieldRequired("InputType"), node.at);
        }
        // That an inventory has no InputType is documented; in which words is a guess. Of CSV something else was seen.
        if manifest_type == Some("S3_INVENTORY") && matches!(input_type, Some("JSONL" | "PARQUET" | "MANIFEST")) {
            self.report(Problem::FieldNotSupported("InputType".into()), node.at);
        }
        let rows = (input_type == Some("CSV")).then(|| self.rows(node));
        // Seen of CSVHeaderLocation, CSVHeaders and ManifestType; that the others hear the same is a guess.
        let not_for_type: &[&[&str]] = match input_type {
            Some("JSON") => &[OF_ROWS, MANIFEST],
            Some("JSONL" | "PARQUET") => &[OF_ROWS, &["ItemsPointer"]],
            Some("CSV") => &[&["ItemsPointer"]],
            _ => &[],
        };
        let unfit: Vec<&str> =
            not_for_type.iter().copied().flatten().copied().filter(|field| node.has(field)).collect();
        for field in unfit {
            self.report(Problem::FieldNotSupported(field.into()), node.at);
        }
        let content = input_type.map(|input_type| match input_type {
            "JSON" => ItemSource::Data(Format::Json),
            "JSONL" => ItemSource::Data(Format::JsonLines),
            "CSV" => ItemSource::Data(Format::Rows(rows.flatten().unwrap_or_default())),
            other => ItemSource::NotReadable(format_smolstr!("InputType {other}")),
        });
        let source = match (manifest_type, source(resource, content, transformation)) {
            (Some(manifest_type), _) => ItemSource::NotReadable(format_smolstr!("ManifestType {manifest_type}")),
            (None, ItemSource::Data(Format::Listing)) if node.has("ItemsPointer") => {
                ItemSource::NotReadable("ItemsPointer of s3:listObjectsV2".into())
            }
            (None, source) => source,
        };
        let (max_items, pointer) = (self.max_items(node), self.items_pointer(node));
        ItemReader { lists: false, source, parameters: None, max_items, pointer }
    }

    fn rows(&mut self, node: Node<'_>) -> Option<Rows> {
        let delimiter = self.one_of(node, "CSVDelimiter", &Delimiter::WORDS).and_then(Delimiter::from_word);
        let delimiter = delimiter.unwrap_or_default();
        if !node.has("CSVHeaderLocation") {
            self.report(Problem::FieldRequired("CSVHeaderLocation"), node.at);
        }
        let headers = match self.one_of(node, "CSVHeaderLocation", &["FIRST_ROW", "GIVEN"])? {
            "GIVEN" => {
                self.required(node, &["CSVHeaders"]);
                let headers = self.filled_array(node, "CSVHeaders")?;
                let texts: Option<Box<[SmolStr]>> =
                    headers.iter().map(|header| header.as_str().map(SmolStr::new)).collect();
                if texts.is_none() {
                    self.report(Problem::WrongType("String"), &node.at.member("CSVHeaders"));
                }
                Some(texts?)
            }
            _ => {
                // A guess after the other fields that don't go together.
                if node.has("CSVHeaders") {
                    self.report(Problem::FieldNotSupported("CSVHeaders".into()), node.at);
                }
                None
            }
        };
        Some(Rows { delimiter, headers })
    }

    fn max_items(&mut self, node: Node<'_>) -> Option<MaxItems> {
        self.fields_of_language(node, &["MaxItemsPath"], &[]);
        self.at_most_one(node, &["MaxItems", "MaxItemsPath"]);
        let literal = self.unless_expression(node, "MaxItems", |p| p.integer(node, "MaxItems", 0, MAX_ITEMS));
        let literal = literal.and_then(|number| usize::try_from(number).ok()).map(MaxItems::Literal);
        let path = self.number_path(node, "MaxItemsPath").map(MaxItems::Path);
        literal.or(path).or_else(|| self.jsonata_field(node, "MaxItems").map(MaxItems::Jsonata))
    }

    fn items_pointer(&mut self, node: Node<'_>) -> Option<Pointer> {
        if let Some(field) = self.jsonata_field(node, "ItemsPointer") {
            return Some(Pointer::Jsonata(field));
        }
        let pointer = self.unless_expression(node, "ItemsPointer", |parser| parser.string(node, "ItemsPointer"))?;
        if !pointer.starts_with('/') {
            self.report(Problem::NotAPointer(pointer.clone()), &node.at.member("ItemsPointer"));
            return None;
        }
        Some(Pointer::Literal(pointer.clone()))
    }
}

/// What is read. Objects that are listed are items themselves, whatever their type, unless their content is loaded: what a
/// test is given then is the content of one of them. Both are inferences, since AWS's documentation is silent.
fn source(resource: Option<&str>, content: Option<ItemSource>, transformation: Option<&str>) -> ItemSource {
    let loads = transformation == Some("LOAD_AND_FLATTEN");
    match (resource, content) {
        (Some(LIST_OBJECTS), Some(content)) if loads => content,
        (Some(LIST_OBJECTS), _) => ItemSource::Data(Format::Listing),
        (_, Some(_)) if loads => ItemSource::NotReadable("Transformation LOAD_AND_FLATTEN of s3:getObject".into()),
        (_, Some(content)) => content,
        (_, None) => ItemSource::NotReadable("an ItemReader without InputType".into()),
    }
}
