//! The built-in functions: a table with a row for each, and a module for each family.

mod arrays;
mod higher_order;
mod matching;
mod numbers;
mod objects;
mod step_functions;
mod strings;
mod text;
mod time;

pub(super) use matching::first_match;
pub(super) use text::text_of;

use super::error::{JsonataError, Outcome, UNCODED};
use super::evaluator::Evaluator;
use super::signature::Signature;
use super::value::Val;
use std::sync::OnceLock;

/// A function of the table.
type Implementation = fn(&mut Evaluator<'_>, &[Val], &Val) -> Outcome<Val>;

/// A row of the table.
pub(super) struct Row {
    pub name: &'static str,
    signature: &'static str,
    /// How many arguments it takes where functions are called by functions.
    pub arity: usize,
    implementation: Implementation,
    known: Known,
}

/// In which mode a function exists.
#[derive(Clone, Copy, PartialEq)]
enum Known {
    Always,
    /// AWS doesn't have it.
    InJsonata,
    /// Only AWS has it.
    InStepFunctions,
}

const fn row(name: &'static str, signature: &'static str, arity: usize, implementation: Implementation) -> Row {
    Row { name, signature, arity, implementation, known: Known::Always }
}

const fn row_in(
    known: Known,
    name: &'static str,
    signature: &'static str,
    arity: usize,
    implementation: Implementation,
) -> Row {
    Row { name, signature, arity, implementation, known }
}

/// All functions. The signatures of those that only AWS has follow from AWS's documentation.
pub(super) static TABLE: [Row; 70] = [
    row("sum", "<a<n>:n>", 1, numbers::sum),
    row("count", "<a:n>", 1, arrays::count),
    row("max", "<a<n>:n>", 1, numbers::max),
    row("min", "<a<n>:n>", 1, numbers::min),
    row("average", "<a<n>:n>", 1, numbers::average),
    row("string", "<x-b?:s>", 1, strings::string),
    row("substring", "<s-nn?:s>", 3, strings::substring),
    row("substringBefore", "<s-s:s>", 2, strings::substring_before),
    row("substringAfter", "<s-s:s>", 2, strings::substring_after),
    row("lowercase", "<s-:s>", 1, strings::lowercase),
    row("uppercase", "<s-:s>", 1, strings::uppercase),
    row("length", "<s-:n>", 1, strings::length),
    row("trim", "<s-:s>", 1, strings::trim),
    row("pad", "<s-ns?:s>", 3, strings::pad),
    row("match", "<s-f<s:o>n?:a<o>>", 3, matching::find),
    row("contains", "<s-(sf):b>", 2, matching::contains),
    row("replace", "<s-(sf)(sf)n?:s>", 4, matching::replace),
    row("split", "<s-(sf)n?:a<s>>", 3, matching::split),
    row("join", "<a<s>s?:s>", 2, strings::join),
    row("formatNumber", "<n-so?:s>", 3, numbers::format_number),
    row("formatBase", "<n-n?:s>", 2, numbers::format_base),
    row("formatInteger", "<n-s:s>", 2, numbers::format_integer),
    row("parseInteger", "<s-s:n>", 2, numbers::parse_integer),
    row("number", "<(nsb)-:n>", 1, numbers::number),
    row("floor", "<n-:n>", 1, numbers::floor),
    row("ceil", "<n-:n>", 1, numbers::ceil),
    row("round", "<n-n?:n>", 2, numbers::round),
    row("abs", "<n-:n>", 1, numbers::abs),
    row("sqrt", "<n-:n>", 1, numbers::sqrt),
    row("power", "<n-n:n>", 2, numbers::power),
    row_in(Known::InJsonata, "random", "<:n>", 0, numbers::random),
    row("boolean", "<x-:b>", 1, objects::boolean),
    row("not", "<x-:b>", 1, objects::not),
    row("map", "<af>", 2, higher_order::map),
    row("zip", "<a+>", 0, arrays::zip),
    row("filter", "<af>", 2, higher_order::filter),
    row("single", "<af?>", 2, higher_order::single),
    row("reduce", "<afj?:j>", 3, higher_order::reduce),
    row("sift", "<o-f?:o>", 2, higher_order::sift),
    row("keys", "<x-:a<s>>", 1, objects::keys),
    row("lookup", "<x-s:x>", 2, objects::lookup),
    row("append", "<xx:a>", 2, arrays::append),
    row("exists", "<x:b>", 1, objects::exists),
    row("spread", "<x-:a<o>>", 1, objects::spread),
    row("merge", "<a<o>:o>", 1, objects::merge),
    row("reverse", "<a:a>", 1, arrays::reverse),
    row("each", "<o-f:a>", 2, higher_order::each),
    row("error", "<s?:x>", 1, objects::error),
    row("assert", "<bs?:x>", 2, objects::assert),
    row("type", "<x:s>", 1, objects::type_of),
    row("sort", "<af?:a>", 2, higher_order::sort),
    row("shuffle", "<a:a>", 1, arrays::shuffle),
    row("distinct", "<x:x>", 1, arrays::distinct),
    row("base64encode", "<s-:s>", 1, strings::base64_encode),
    row("base64decode", "<s-:s>", 1, strings::base64_decode),
    row("encodeUrlComponent", "<s-:s>", 1, strings::encode_url_component),
    row("encodeUrl", "<s-:s>", 1, strings::encode_url),
    row("decodeUrlComponent", "<s-:s>", 1, strings::decode_url_component),
    row("decodeUrl", "<s-:s>", 1, strings::decode_url),
    row_in(Known::InJsonata, "eval", "<sx?:x>", 2, objects::eval),
    row("toMillis", "<s-s?:n>", 2, time::to_millis),
    row("fromMillis", "<n-s?s?:s>", 3, time::from_millis),
    row("now", "<s?s?:s>", 2, time::now),
    row("millis", "<:n>", 0, time::millis),
    row_in(Known::InStepFunctions, "random", "<n?:n>", 1, step_functions::random),
    row_in(Known::InStepFunctions, "partition", "<an:a>", 2, step_functions::partition),
    row_in(Known::InStepFunctions, "range", "<nnn?:a>", 3, step_functions::range),
    row_in(Known::InStepFunctions, "hash", "<s-s:s>", 2, step_functions::hash),
    row_in(Known::InStepFunctions, "uuid", "<:s>", 0, step_functions::uuid),
    row_in(Known::InStepFunctions, "parse", "<s-:x>", 1, step_functions::parse),
];

/// The place of a function in the table.
pub(super) fn place(name: &str, aws: bool) -> Option<u16> {
    let missing = if aws { Known::InJsonata } else { Known::InStepFunctions };
    let place = TABLE.iter().position(|row| row.name == name && row.known != missing)?;
    u16::try_from(place).ok()
}

fn signature(place: u16) -> &'static Signature {
    static SIGNATURES: OnceLock<Vec<Signature>> = OnceLock::new();
    let signatures = SIGNATURES.get_or_init(|| {
        TABLE
            .iter()
            .map(|row| Signature::parse(row.signature).expect("the table's signatures are well-formed"))
            .collect()
    });
    &signatures[usize::from(place)]
}

/// Calls the function at this place of the table.
pub(super) fn call(evaluator: &mut Evaluator<'_>, place: u16, arguments: Vec<Val>, input: &Val) -> Outcome<Val> {
    for argument in &arguments {
        evaluator.step(argument.extent() / 32)?;
    }
    let arguments = signature(place).validate(arguments, input)?;
    (TABLE[usize::from(place)].implementation)(evaluator, &arguments, input)
}

/// The argument at this place; undefined if there is none.
fn argument(arguments: &[Val], place: usize) -> &Val {
    const UNDEFINED: &Val = &Val::Undefined;
    arguments.get(place).unwrap_or(UNDEFINED)
}

/// The error of a leaf function, which makes its own text; a few have no code.
fn coded(code: impl Into<Option<&'static str>>, text: String) -> Box<JsonataError> {
    JsonataError::new(code.into().unwrap_or(UNCODED)).text(text)
}
