//! XML documents as trees.

use super::Unreadable;
use quick_xml::Reader;
use quick_xml::escape::resolve_predefined_entity;
use quick_xml::events::{BytesStart, Event};

/// Deeper documents are refused: they are read and dropped recursively.
const DEPTH: usize = 200;

/// An element, its name without the prefix.
#[derive(Debug, Default, PartialEq, Eq)]
pub(super) struct Element {
    pub name: String,
    pub attributes: Vec<(String, String)>,
    pub children: Vec<Element>,
    pub text: String,
}

impl Element {
    /// The first child with this name.
    pub fn child(&self, name: &str) -> Option<&Element> {
        self.children.iter().find(|child| child.name == name)
    }

    /// The text of the first child with this name.
    pub fn text_of(&self, name: &str) -> Option<&str> {
        self.child(name).map(|child| child.text.as_str())
    }
}

/// The root of a document.
pub(super) fn parse(body: &[u8]) -> Result<Element, Unreadable> {
    let problem = |text: &str| Unreadable::Body(text.to_owned());
    let text = std::str::from_utf8(body).map_err(|_| problem("the answer is not UTF-8"))?;
    let mut reader = Reader::from_str(text);
    // The elements that are open, a document around them.
    let mut open = vec![Element::default()];
    loop {
        let event = reader.read_event().map_err(|error| Unreadable::Body(error.to_string()))?;
        let last = open.last_mut().ok_or_else(|| problem("the XML of the answer ends too often"))?;
        match event {
            Event::Start(start) => {
                let element = element(&start)?;
                open.push(element);
                if open.len() > DEPTH {
                    return Err(problem("the answer is nested too deeply"));
                }
            }
            Event::Empty(start) => last.children.push(element(&start)?),
            Event::End(_) => {
                let closed = open.pop().unwrap_or_default();
                let parent = open.last_mut().ok_or_else(|| problem("the XML of the answer ends too often"))?;
                parent.children.push(closed);
            }
            Event::Text(content) => last.text.push_str(&content.xml10_content()),
            Event::CData(content) => last.text.push_str(&content.xml10_content()),
            Event::GeneralRef(reference) => match reference.resolve_char_ref() {
                Ok(Some(char)) => last.text.push(char),
                _ => match resolve_predefined_entity(&reference.xml10_content()) {
                    Some(text) => last.text.push_str(text),
                    None => return Err(problem("the XML of the answer has an unknown entity")),
                },
            },
            Event::Eof => break,
            Event::Comment(_) | Event::Decl(_) | Event::PI(_) | Event::DocType(_) => {}
        }
    }
    match (open.pop(), open.is_empty()) {
        (Some(mut document), true) if document.children.len() == 1 => {
            document.children.pop().ok_or_else(|| problem("the answer is not an XML document"))
        }
        _ => Err(problem("the answer is not an XML document")),
    }
}

fn element(start: &BytesStart<'_>) -> Result<Element, Unreadable> {
    let mut attributes = Vec::new();
    for attribute in start.attributes() {
        let attribute = attribute.map_err(|error| Unreadable::Body(error.to_string()))?;
        let value =
            quick_xml::escape::unescape(&attribute.value).map_err(|error| Unreadable::Body(error.to_string()))?;
        attributes.push((attribute.key.as_ref().to_owned(), value.into_owned()));
    }
    let name = start.local_name().as_ref().to_owned();
    Ok(Element { name, attributes, children: Vec::new(), text: String::new() })
}
