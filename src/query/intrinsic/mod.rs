//! Intrinsic functions: `States.Format('{}', $.name)` and the like, compiled once and evaluated often.
//!
//! `FUNCTIONS` is the table of all of them; a new one is a row there and a function in the module of its family.
//! Which arguments a function gets is checked when it runs, as AWS does; what isn't a call of a known function at all
//! is refused when the definition is.

mod arrays;
mod encoding;
mod json;
mod math;
mod parse;
mod random;
mod text;

use super::jsonpath::PathFailure;
use super::{Path, Scope};
use crate::failure::{IntrinsicProblem, Runtime};
use crate::json::Value;
use crate::random::Random;
use smol_str::SmolStr;

/// A call of an intrinsic function, compiled: `States.Format('{}', $.a)`.
#[derive(Clone, Debug)]
pub struct Call {
    text: SmolStr,
    invocation: Invocation,
}

/// The text is no call of an intrinsic function.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct InvalidCall;

/// One function with its arguments; calls can be arguments of calls.
#[derive(Clone, Debug)]
struct Invocation {
    function: &'static Function,
    arguments: Box<[Argument]>,
}

#[derive(Clone, Debug)]
enum Argument {
    Literal(Value),
    Path(Box<Path>),
    Call(Invocation),
}

/// A row of the table.
#[derive(Debug)]
struct Function {
    name: &'static str,
    run: fn(&[Value], &Random) -> Result<Value, Refusal>,
    /// Whether it reads the escapes of a quoted first argument itself.
    reads_escapes: bool,
}

/// Why a function returns nothing.
enum Refusal {
    /// Too many or too few arguments, the wrong kind, out of range.
    Arguments,
    /// What has a sentence of its own.
    Problem(IntrinsicProblem),
}

type Outcome = Result<Value, Refusal>;

const fn row(name: &'static str, run: fn(&[Value], &Random) -> Outcome) -> Function {
    Function { name, run, reads_escapes: false }
}

static FUNCTIONS: [Function; 18] = [
    row("States.Array", arrays::array),
    row("States.ArrayPartition", arrays::partition),
    row("States.ArrayContains", arrays::contains),
    row("States.ArrayRange", arrays::range),
    row("States.ArrayGetItem", arrays::get_item),
    row("States.ArrayLength", arrays::length),
    row("States.ArrayUnique", arrays::unique),
    row("States.Base64Encode", encoding::base64_encode),
    row("States.Base64Decode", encoding::base64_decode),
    row("States.Hash", encoding::hash),
    row("States.JsonMerge", json::merge),
    row("States.StringToJson", json::from_string),
    row("States.JsonToString", json::to_string),
    row("States.MathRandom", random::math_random),
    row("States.MathAdd", math::add),
    row("States.StringSplit", text::split),
    row("States.UUID", random::uuid),
    Function { reads_escapes: true, ..row("States.Format", text::format) },
];

impl Call {
    /// Compiles a call.
    pub fn compile(text: &str) -> Result<Call, InvalidCall> {
        let invocation = parse::parse(text).ok_or(InvalidCall)?;
        Ok(Call { text: text.into(), invocation })
    }

    /// As written.
    pub fn text(&self) -> &SmolStr {
        &self.text
    }

    /// What the call returns.
    ///
    /// A failure names the whole call, whichever call inside it failed: that is reported of AWS for a path that finds
    /// nothing; for the other failures of a nested call nobody has published what AWS says, so they follow suit.
    pub fn evaluate(&self, scope: Scope<'_>) -> Result<Value, Runtime> {
        self.invocation.evaluate(scope).map_err(|failure| failure.of_call(self.text.clone(), scope))
    }
}

/// What went wrong somewhere in a call.
enum Failure<'a> {
    Problem(IntrinsicProblem),
    Path(&'a Path, PathFailure),
}

impl Failure<'_> {
    fn of_call(self, call: SmolStr, scope: Scope<'_>) -> Runtime {
        use PathFailure::{MissingProperty, NoResults, NotAnObject, Null};
        match self {
            Failure::Problem(problem) => Runtime::Intrinsic { call, problem },
            // An index past the end of an array, which a template takes for null, is among them: nothing published
            // shows an exception for arguments.
            Failure::Path(path, NoResults { .. } | MissingProperty { .. } | NotAnObject { .. } | Null { .. }) => {
                Runtime::IntrinsicPathNotFound { call, path: path.text().clone(), input: path.document(scope) }
            }
            Failure::Path(_, failure) => Runtime::IntrinsicPath { call, reason: failure.to_string() },
        }
    }
}

/// Calls with no more arguments than this get them on the stack.
const FEW: usize = 3;

impl Invocation {
    fn evaluate<'a>(&'a self, scope: Scope<'_>) -> Result<Value, Failure<'a>> {
        let mut few: [Value; FEW] = [const { Value::Null }; FEW];
        let many: Vec<Value>;
        let count = self.arguments.len();
        let arguments = if count <= FEW {
            for (place, argument) in few.iter_mut().zip(&self.arguments) {
                *place = argument.evaluate(scope)?;
            }
            &few[..count]
        } else {
            many = self.arguments.iter().map(|argument| argument.evaluate(scope)).collect::<Result<_, _>>()?;
            &many
        };
        (self.function.run)(arguments, scope.random).map_err(|refusal| {
            Failure::Problem(match refusal {
                Refusal::Arguments => IntrinsicProblem::InvalidArguments { function: self.function.name },
                Refusal::Problem(problem) => problem,
            })
        })
    }
}

impl Argument {
    fn evaluate<'a>(&'a self, scope: Scope<'_>) -> Result<Value, Failure<'a>> {
        match self {
            Argument::Literal(value) => Ok(value.clone()),
            Argument::Path(path) => path.evaluate(scope).map_err(|failure| Failure::Path(path, failure)),
            Argument::Call(invocation) => invocation.evaluate(scope),
        }
    }
}

#[cfg(test)]
mod tests;
