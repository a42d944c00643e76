//! JSONata: compiled once, evaluated often, directly on the interpreter's own JSON values.
//!
//! It follows JSONata 2.0.6 with the error texts of jsonata-js, and in the mode [`Mode::StepFunctions`] what AWS has
//! added and left out. Sequences, functions and undefined exist only inside. No expression can crash it, or take more
//! time and memory than its [`Limits`] allow.
//!
//! It knows nothing of states, time or where random numbers come from; these stand in
//! [`Surroundings`].

mod calls;
pub mod datetime;
pub mod encoding;
mod environment;
mod equality;
mod error;
mod evaluator;
pub mod format_base;
pub mod format_integer;
pub mod format_number;
mod functions;
mod grouping;
mod lexer;
mod mentions;
pub mod number_text;
mod operators;
mod parser;
mod paths;
pub mod regex;
mod resolve;
mod signature;
mod syntax;
mod value;
mod words;

pub use error::JsonataError;
pub use mentions::Mentions;

use crate::json::Value;
use crate::random::Random;
use evaluator::Evaluator;
use smol_str::SmolStr;
use std::sync::Arc;
use syntax::{Kind, Node};
use value::Val;

/// Whose JSONata it is.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Mode {
    /// That of the language's own documentation.
    Jsonata,
    /// That of AWS: more functions, no `$eval`.
    StepFunctions,
}

/// What an evaluation may use up.
#[derive(Clone, Copy, Debug)]
pub struct Limits {
    /// Expressions that are evaluated inside of each other; the stack may allow fewer.
    pub depth: u32,
    /// Expressions that are evaluated, and items that are looked at: some 100 ns each.
    pub steps: u64,
    /// Bytes that are allocated, whether or not they are freed again.
    pub memory: usize,
    /// Items of one array.
    pub items: usize,
    /// Bytes of one text.
    pub text: usize,
}

impl Limits {
    /// Those of a state: about a second, and memory for what begins and ends as 256 KiB. It is not less because freed
    /// memory counts as well: a `$reduce` that puts 2,500 titles together to 100 KiB of text allocates 250 MB.
    ///
    /// AWS ends an evaluation at a depth of about 100 and when it holds some 6,990,256 bytes, eight for each item of an
    /// array; measured by others with TestState: 873,782 items are fine and one more is not, a text of 2^22 characters is
    /// and one of 2^23 isn't.
    pub const STATE: Limits =
        Limits { depth: 100, steps: 10_000_000, memory: 256 << 20, items: 873_782, text: 6_990_256 };
}

/// What keeps the program well, and nothing more.
impl Default for Limits {
    fn default() -> Self {
        Self { depth: 5_000, items: usize::MAX, text: usize::MAX, ..Limits::STATE }
    }
}

/// What an expression can ask for while it is evaluated.
#[derive(Clone, Copy)]
pub struct Surroundings<'a> {
    /// The variables.
    pub bindings: &'a dyn Bindings,
    /// Where `$random`, `$uuid` and `$shuffle` get their numbers.
    pub random: &'a Random,
    /// What `$now` and `$millis` give, in milliseconds since 1970.
    pub millis: i64,
    /// Whose functions there are.
    pub mode: Mode,
    /// What the evaluation may use up.
    pub limits: Limits,
}

/// The variables that an expression can read.
pub trait Bindings {
    /// The value of `$name`.
    fn variable(&self, name: &str) -> Option<Value>;

    /// The value of `$name.member`, for those who needn't make the whole for it.
    fn member(&self, name: &str, member: &str) -> Option<Value> {
        self.variable(name)?.get(member).cloned()
    }
}

/// Names with their values.
impl Bindings for [(SmolStr, Value)] {
    fn variable(&self, name: &str) -> Option<Value> {
        self.iter().find(|(n, _)| n == name).map(|(_, value)| value.clone())
    }

    fn member(&self, name: &str, member: &str) -> Option<Value> {
        self.iter().find(|(n, _)| n == name).and_then(|(_, value)| value.get(member)).cloned()
    }
}

/// Names with their values.
impl<const N: usize> Bindings for [(SmolStr, Value); N] {
    fn variable(&self, name: &str) -> Option<Value> {
        self.as_slice().variable(name)
    }

    fn member(&self, name: &str, member: &str) -> Option<Value> {
        self.as_slice().member(name, member)
    }
}

/// Names with their values.
impl Bindings for Vec<(SmolStr, Value)> {
    fn variable(&self, name: &str) -> Option<Value> {
        self.as_slice().variable(name)
    }

    fn member(&self, name: &str, member: &str) -> Option<Value> {
        self.as_slice().member(name, member)
    }
}

/// What an expression has come to.
#[derive(Clone, Debug, PartialEq)]
pub enum Evaluated {
    /// Nothing.
    Undefined,
    /// A function, which has no JSON.
    Function,
    /// A value.
    Value(Value),
}

/// A compiled expression.
#[derive(Clone, Debug)]
pub struct Expression {
    program: Arc<Program>,
}

#[derive(Debug)]
struct Program {
    text: String,
    root: Node,
    /// The variable and the members of an expression like `$states.input.a`.
    direct: Option<(SmolStr, Vec<SmolStr>)>,
}

impl Expression {
    /// Compiles an expression.
    pub fn compile(text: &str, mode: Mode) -> Result<Expression, Box<JsonataError>> {
        let root = parser::parse(text).and_then(|raw| resolve::resolve(raw, mode == Mode::StepFunctions));
        let root = root.map_err(|error| in_units(error, text))?;
        let direct = direct(&root);
        Ok(Expression { program: Arc::new(Program { text: text.to_owned(), root, direct }) })
    }

    /// The text that it was compiled from.
    pub fn text(&self) -> &str {
        &self.program.text
    }

    /// The result for this input, which `$` and `$$` stand for; nothing makes them undefined.
    pub fn evaluate(
        &self,
        input: Option<&Value>,
        surroundings: &Surroundings<'_>,
    ) -> Result<Evaluated, Box<JsonataError>> {
        if let Some(value) = self.followed(surroundings.bindings) {
            return Ok(value);
        }
        let mut evaluator = Evaluator::new(surroundings);
        let result = evaluator.run(&self.program.root, input).map_err(|error| in_units(error, &self.program.text))?;
        Ok(match result {
            Val::Undefined => Evaluated::Undefined,
            Val::Function(_) => Evaluated::Function,
            other => {
                let of_number = match surroundings.mode {
                    Mode::Jsonata => value::number,
                    Mode::StepFunctions => value::quoted_number,
                };
                other.into_json(of_number).map_or(Evaluated::Undefined, Evaluated::Value)
            }
        })
    }

    /// Follows a path of members through objects, if that is all the expression does; arrays on the way are not for
    /// here.
    fn followed(&self, bindings: &dyn Bindings) -> Option<Evaluated> {
        let (variable, members) = self.program.direct.as_ref()?;
        let (first, rest) = members.split_first()?;
        let start = bindings.member(variable, first)?;
        let mut value = &start;
        for name in rest {
            match value {
                Value::Object(object) => match object.get(name) {
                    Some(member) => value = member,
                    None => return Some(Evaluated::Undefined),
                },
                Value::Array(_) => return None,
                _ => return Some(Evaluated::Undefined),
            }
        }
        Some(Evaluated::Value(value.clone()))
    }
}

/// The variable and the members of an expression that is nothing else.
fn direct(root: &Node) -> Option<(SmolStr, Vec<SmolStr>)> {
    let Kind::Path(path) = &root.kind else { return None };
    if root.extra.is_some() || root.keep_array || path.keep_singleton {
        return None;
    }
    let (first, rest) = path.steps.split_first()?;
    let plain = |node: &Node| node.extra.is_none() && !node.keep_array;
    let Kind::Variable(variable, None) = &first.kind else { return None };
    if variable.is_empty() || variable == "$" || !plain(first) {
        return None;
    }
    let members = rest.iter().map(|step| match &step.kind {
        Kind::Name(name) if plain(step) => Some(name.clone()),
        _ => None,
    });
    Some((variable.clone(), members.collect::<Option<Vec<SmolStr>>>()?))
}

/// Positions count bytes inside and UTF-16 units outside.
fn in_units(mut error: Box<JsonataError>, text: &str) -> Box<JsonataError> {
    if let Some(position) = error.position {
        let before = text.get(..position).unwrap_or(text);
        error.position = Some(before.encode_utf16().count() + position.saturating_sub(text.len()));
    }
    error
}
