//! Variables: `Assign`, and who reads what. A name can be read in the block that assigns it and in the blocks inside;
//! what an outer block assigns, an inner one can't assign. The children of a distributed Map can't read what lies outside.

use super::Parser;
use super::jsonata::Stage;
use super::read::Node;
use crate::asl::diagnostic::{Diagnostic, Problem};
use crate::asl::fields::QueryLanguage;
use crate::asl::location::Location;
use crate::asl::program::Computed;
use crate::json::Value;
use smol_str::SmolStr;
use std::collections::BTreeSet;
use unicode_ident::{is_xid_continue, is_xid_start};

/// The longest name of a variable, in UTF-16 units as Java counts.
const MAX_NAME: usize = 80;

/// A mention of a variable: its name, the state that mentions it, the blocks around that from the outermost on, each with
/// the state that it belongs to, and its place.
#[derive(Debug)]
struct Mention {
    name: SmolStr,
    state: u32,
    blocks: Box<[Block]>,
    location: String,
}

#[derive(Clone, Copy, Debug, PartialEq, Eq)]
struct Block {
    id: u32,
    /// The Parallel or Map state whose block it is.
    of: u32,
    /// Whether variables from outside can't be read in it.
    is_sealed: bool,
}

/// What is known of variables while a definition is read.
#[derive(Debug, Default)]
pub(super) struct Variables {
    assigned: Vec<Mention>,
    read: Vec<Mention>,
    /// The names that the state which is being read reads.
    of_state: BTreeSet<SmolStr>,
    blocks: Vec<Block>,
    last_block: u32,
    seals_next: bool,
    state: u32,
    last_state: u32,
}

/// What was known of the state around another one.
pub(super) struct Around {
    reads: BTreeSet<SmolStr>,
    state: u32,
}

impl Variables {
    pub fn enter_block(&mut self) {
        self.last_block += 1;
        let is_sealed = std::mem::take(&mut self.seals_next);
        self.blocks.push(Block { id: self.last_block, of: self.state, is_sealed });
    }

    /// The block that is entered next is that of a distributed Map: AWS's page on variables says that its states can't read
    /// those outside. That they can't assign them either, as in other blocks, is a guess.
    pub fn seal_next_block(&mut self) {
        self.seals_next = true;
    }

    pub fn leave_block(&mut self) {
        self.blocks.pop();
    }

    /// Begins a state; gives what is known of the state around it, for [`Variables::end_state`].
    pub fn begin_state(&mut self) -> Around {
        self.last_state += 1;
        let state = std::mem::replace(&mut self.state, self.last_state);
        Around { reads: std::mem::take(&mut self.of_state), state }
    }

    /// The names that the state has read, sorted. What states inside it read is theirs alone.
    pub fn end_state(&mut self, around: Around) -> Box<[SmolStr]> {
        self.state = around.state;
        std::mem::replace(&mut self.of_state, around.reads).into_iter().collect()
    }

    /// Notes names that the state reads, without asking whether anybody assigns them.
    pub fn note_read(&mut self, names: Vec<SmolStr>) {
        self.of_state.extend(names);
    }

    fn mention(&self, name: &str, at: &Location<'_>) -> Mention {
        Mention {
            name: name.into(),
            state: self.state,
            blocks: self.blocks.as_slice().into(),
            location: at.to_string(),
        }
    }
}

impl Parser {
    /// Notes the variables that an expression reads.
    pub fn read_variables(&mut self, expression: &str, at: &Location<'_>) {
        for name in variables_in(expression) {
            self.variables.of_state.insert(name.into());
            self.variables.read.push(self.variables.mention(name, at));
        }
    }

    /// As [`Parser::read_variables`], for all expressions of a payload template.
    pub fn read_variables_within(&mut self, template: &Value, at: &Location<'_>) {
        match template {
            Value::Object(members) => {
                for (name, value) in members.iter() {
                    match value {
                        Value::String(text) if name.ends_with(".$") => self.read_variables(text, at),
                        value => self.read_variables_within(value, at),
                    }
                }
            }
            Value::Array(_) => {
                template.as_array().into_iter().flatten().for_each(|item| self.read_variables_within(item, at));
            }
            _ => {}
        }
    }

    /// `Assign`, an object whose members are variables.
    pub fn assign(&mut self, node: Node<'_>, stage: Stage) -> Option<Computed> {
        let members = self.object(node, "Assign")?;
        let at = node.at.member("Assign");
        for (field, _) in members.iter() {
            let name = match node.language {
                QueryLanguage::JsonPath => field.strip_suffix(".$").unwrap_or(field),
                QueryLanguage::Jsonata => field,
            };
            match variable_problem(name) {
                Some(problem) => self.report(problem, &at),
                None => self.variables.assigned.push(self.variables.mention(name, &at)),
            }
        }
        self.computed(node, "Assign", "Assign", stage)
    }

    /// Once all states are read: each variable that is read must be assigned somewhere around it, and each name
    /// belongs to one of the blocks that lie within each other.
    pub fn check_variables(&mut self) {
        let Variables { assigned, read, .. } = &self.variables;
        let around = |inner: &Mention| {
            let (name, blocks) = (inner.name.clone(), inner.blocks.clone());
            assigned.iter().filter(move |outer| outer.name == name && blocks.starts_with(&outer.blocks))
        };
        let is_visible = |outer: &Mention, inner: &Mention| {
            !inner.blocks.iter().skip(outer.blocks.len()).any(|block| block.is_sealed)
        };
        let unknown = read.iter().filter(|mention| !around(mention).any(|outer| is_visible(outer, mention)));
        // Recorded: what a state assigns when its blocks have ended doesn't take the name from them.
        let is_before = |outer: &Mention, inner: &Mention| !inner.blocks.iter().any(|block| block.of == outer.state);
        let taken = assigned
            .iter()
            .filter(|inner| around(inner).any(|outer| outer.blocks != inner.blocks && is_before(outer, inner)));
        let mut problems: Vec<Diagnostic> = Vec::new();
        problems.extend(
            unknown
                .map(|m| (Problem::UnknownVariable(m.name.clone()), m))
                .chain(taken.map(|m| (Problem::VariableOfOuterScope(m.name.clone()), m)))
                .map(|(problem, mention)| Diagnostic { problem, location: Some(mention.location.clone()) }),
        );
        self.diagnostics.extend(problems);
    }
}

/// Why there can be no variable of this name, if there can't.
pub fn variable_problem(name: &str) -> Option<Problem> {
    match name {
        "states" => Some(Problem::ReservedVariable),
        _ if is_name(name) => None,
        _ => Some(Problem::InvalidVariable(name.into())),
    }
}

/// Names of variables are identifiers.
fn is_name(name: &str) -> bool {
    let mut chars = name.chars();
    chars.next().is_some_and(|first| is_xid_start(first) || first == '_')
        && chars.all(is_xid_continue)
        && name.encode_utf16().count() <= MAX_NAME
}

/// The variables that a path or a call of an intrinsic function reads: a `$` before a name, outside quotes and
/// not in the middle of a name.
fn variables_in(expression: &str) -> Vec<&str> {
    let mut found = Vec::new();
    let mut quote = None;
    let mut in_name = false;
    let mut chars = expression.char_indices().peekable();
    while let Some((_, c)) = chars.next() {
        match (quote, c) {
            (_, '\\') => _ = chars.next(),
            (Some(open), c) if c == open => quote = None,
            (Some(_), _) => {}
            (None, '\'' | '"') => quote = Some(c),
            (None, '$') if !in_name => {
                let Some(&(start, first)) = chars.peek() else { break };
                if first.is_alphabetic() || first == '_' {
                    let name = &expression[start..];
                    let end = name.find(|c: char| !c.is_alphanumeric() && c != '_').unwrap_or(name.len());
                    found.push(&name[..end]);
                }
            }
            _ => {}
        }
        in_name = c.is_alphanumeric() || matches!(c, '_' | '.' | '$' | '-');
    }
    found
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn variables_are_found_in_expressions() {
        for (expression, variables) in [
            ("$", &[][..]),
            ("$$.Execution.Id", &[]),
            ("$.a[?(@.b == '$c')]", &[]),
            ("States.Format('$a \\'$b', $.c)", &[]),
            ("$.price$usd", &[]),
            ("$.list[?(@.a$b == $.$c)]", &[]),
            ("$.list[?(@.a == $b)]", &["b"]),
            ("$a", &["a"]),
            ("$größe_1.b[0]", &["größe_1"]),
            ("States.Format('{}', $.a, $b.c, $d)", &["b", "d"]),
        ] {
            assert_eq!(variables_in(expression), variables, "{expression}");
        }
    }
}
