//! What can go wrong in an expression: a code, where it happened, and the words of jsonata-js 2.0.6 for it.

use crate::json::{Value, write_string};
use smol_str::SmolStr;
use std::fmt;

/// An expression that can't be compiled or whose evaluation failed.
#[derive(Clone, Debug, PartialEq)]
pub struct JsonataError {
    /// The code, such as `T2001`.
    pub code: &'static str,
    /// Where: the number of UTF-16 units of the text up to and with the token that is to blame.
    pub position: Option<usize>,
    /// The token, operator or function to blame.
    pub token: Option<SmolStr>,
    /// The value to blame.
    pub value: Option<Value>,
    /// The other value of a comparison.
    pub value2: Option<Value>,
    /// The number of the argument to blame, from 1.
    pub index: Option<usize>,
    /// The text that the author of the expression gave (`$error`, `$assert`), or that a leaf function made.
    pub text: Option<SmolStr>,
}

/// What the functions of the engine return. Boxed, because the evaluator's stack is deep and errors are rare.
pub(super) type Outcome<T> = Result<T, Box<JsonataError>>;

impl JsonataError {
    pub(super) fn new(code: &'static str) -> Box<Self> {
        Box::new(Self { code, position: None, token: None, value: None, value2: None, index: None, text: None })
    }

    pub(super) fn at(mut self: Box<Self>, position: u32) -> Box<Self> {
        self.position = Some(position as usize);
        self
    }

    pub(super) fn token(mut self: Box<Self>, token: impl Into<SmolStr>) -> Box<Self> {
        self.token = Some(token.into());
        self
    }

    pub(super) fn value(mut self: Box<Self>, value: Value) -> Box<Self> {
        self.value = Some(value);
        self
    }

    pub(super) fn value2(mut self: Box<Self>, value: Value) -> Box<Self> {
        self.value2 = Some(value);
        self
    }

    pub(super) fn index(mut self: Box<Self>, index: usize) -> Box<Self> {
        self.index = Some(index);
        self
    }

    pub(super) fn text(mut self: Box<Self>, text: impl Into<SmolStr>) -> Box<Self> {
        self.text = Some(text.into());
        self
    }

    /// Whether it stands for a limit of the engine (depth, steps, memory); AWS names no code for these.
    pub fn is_limit(&self) -> bool {
        matches!(self.code, STACK_OVERFLOW | TIMEOUT | OUT_OF_MEMORY)
    }

    /// Whether jsonata-js throws it without a code, which AWS calls an internal error.
    pub fn is_internal(&self) -> bool {
        self.code == UNCODED
    }

    /// The text without the code.
    pub fn message(&self) -> String {
        if let Some(text) = &self.text {
            return text.to_string();
        }
        let wording = WORDINGS.iter().find(|(code, _)| *code == self.code).map_or(self.code, |(_, wording)| *wording);
        let mut message = String::new();
        let mut rest = wording;
        while let Some(start) = rest.find("{{") {
            message.push_str(&rest[..start]);
            let end = rest.find("}}").expect("a wording closes what it opens");
            match &rest[start + 2..end] {
                "token" => quoted(self.token.as_deref(), &mut message),
                "name" => message.push_str(self.token.as_deref().unwrap_or_default()),
                "value" => json(self.value.as_ref(), &mut message),
                "value2" => json(self.value2.as_ref(), &mut message),
                "index" => message.push_str(&self.index.unwrap_or_default().to_string()),
                other => message.push_str(other),
            }
            rest = &rest[end + 2..];
        }
        message.push_str(rest);
        message
    }
}

fn quoted(text: Option<&str>, out: &mut String) {
    match text {
        Some(text) => write_string(text, out),
        None => out.push_str("undefined"),
    }
}

fn json(value: Option<&Value>, out: &mut String) {
    match value {
        Some(value) => out.push_str(&value.to_compact_text()),
        None => out.push_str("undefined"),
    }
}

/// `CODE: message`, or the message alone where a limit of the engine was hit.
impl fmt::Display for JsonataError {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self.is_limit() || self.code == UNCODED {
            true => f.write_str(&self.message()),
            false => write!(f, "{}: {}", self.code, self.message()),
        }
    }
}

impl std::error::Error for JsonataError {}

/// Too many nested calls.
pub(super) const STACK_OVERFLOW: &str = "U1001";
/// Too many steps.
pub(super) const TIMEOUT: &str = "timeout";
/// Too much was allocated.
pub(super) const OUT_OF_MEMORY: &str = "memory";

/// What jsonata-js throws without a code of its own.
pub(super) const UNCODED: &str = "";

/// The words for each code. Those of the limits are AWS's, where they are known; the one for steps is our own.
const WORDINGS: [(&str, &str); 94] = [
    (
        STACK_OVERFLOW,
        "Stack overflow error: Check for non-terminating recursive function.  Consider rewriting as tail-recursive.",
    ),
    (TIMEOUT, "Expression evaluation timeout: Check for infinite loop"),
    (OUT_OF_MEMORY, "Expression evaluation memory limit exceeded: Check for excessive memory usage"),
    ("S0101", "String literal must be terminated by a matching quote"),
    ("S0102", "Number out of range: {{token}}"),
    ("S0103", "Unsupported escape sequence: \\{{token}}"),
    ("S0104", "The escape sequence \\u must be followed by 4 hex digits"),
    ("S0105", "Quoted property name must be terminated with a backquote (`)"),
    ("S0106", "Comment has no closing tag"),
    ("S0201", "Syntax error: {{token}}"),
    ("S0202", "Expected {{value}}, got {{token}}"),
    ("S0203", "Expected {{value}} before end of expression"),
    ("S0204", "Unknown operator: {{token}}"),
    ("S0207", "Unexpected end of expression"),
    ("S0208", "Parameter {{value}} of function definition must be a variable name (start with $)"),
    ("S0209", "A predicate cannot follow a grouping expression in a step"),
    ("S0210", "Each step can only have one grouping expression"),
    ("S0211", "The symbol {{token}} cannot be used as a unary operator"),
    ("S0212", "The left side of := must be a variable name (start with $)"),
    ("S0213", "The literal value {{value}} cannot be used as a step within a path expression"),
    ("S0214", "The right side of {{token}} must be a variable name (start with $)"),
    ("S0215", "A context variable binding must precede any predicates on a step"),
    ("S0216", "A context variable binding must precede the 'order-by' clause on a step"),
    ("S0217", "The object representing the 'parent' cannot be derived from this expression"),
    ("S0301", "Empty regular expressions are not allowed"),
    ("S0302", "No terminating / in regular expression"),
    ("S0303", "Invalid regular expression"),
    ("S0401", "Type parameters can only be applied to functions and arrays"),
    ("S0402", "Choice groups containing parameterized types are not supported"),
    ("T0410", "Argument {{index}} of function {{token}} does not match function signature"),
    ("T0411", "Context value is not a compatible type with argument {{index}} of function {{token}}"),
    ("T0412", "Argument {{index}} of function {{token}} must be an array of {{value2}}"),
    ("T1003", "Key in object structure must evaluate to a string; got: {{value}}"),
    ("T1005", "Attempted to invoke a non-function. Did you mean ${{name}}?"),
    ("T1006", "Attempted to invoke a non-function"),
    ("T1007", "Attempted to partially apply a non-function. Did you mean ${{name}}?"),
    ("T1008", "Attempted to partially apply a non-function"),
    (
        "T1010",
        "The matcher function argument passed to function {{token}} does not return the correct object structure",
    ),
    ("T2001", "The left side of the {{token}} operator must evaluate to a number"),
    ("T2002", "The right side of the {{token}} operator must evaluate to a number"),
    ("T2003", "The left side of the range operator (..) must evaluate to an integer"),
    ("T2004", "The right side of the range operator (..) must evaluate to an integer"),
    ("T2006", "The right side of the function application operator ~> must be a function"),
    ("T2007", "Type mismatch when comparing values {{value}} and {{value2}} in order-by clause"),
    ("T2008", "The expressions within an order-by clause must evaluate to numeric or string values"),
    ("T2009", "The values {{value}} and {{value2}} either side of operator {{token}} must be of the same data type"),
    ("T2010", "The expressions either side of operator {{token}} must evaluate to numeric or string values"),
    ("T2011", "The insert/update clause of the transform expression must evaluate to an object: {{value}}"),
    ("T2012", "The delete clause of the transform expression must evaluate to a string or array of strings: {{value}}"),
    (
        "D2014",
        "The size of the sequence allocated by the range operator (..) must not exceed 1e6.  Attempted to allocate {{value}}.",
    ),
    ("D1001", "Number out of range: {{value}}"),
    ("D1002", "Cannot negate a non-numeric value: {{value}}"),
    ("D1004", "Regular expression matches zero length string"),
    ("D1009", "Multiple key definitions evaluate to same key: {{value}}"),
    ("D3001", "Attempting to invoke string function on Infinity or NaN"),
    ("D3010", "Second argument of replace function cannot be an empty string"),
    ("D3011", "Fourth argument of replace function must evaluate to a positive number"),
    ("D3012", "Attempted to replace a matched string with a non-string value"),
    ("D3020", "Third argument of split function must evaluate to a positive number"),
    ("D3030", "Unable to cast value to a number: {{value}}"),
    ("D3040", "Third argument of match function must evaluate to a positive number"),
    ("D3050", "The second argument of reduce function must be a function with at least two arguments"),
    ("D3060", "The sqrt function cannot be applied to a negative number: {{value}}"),
    (
        "D3061",
        "The power function has resulted in a value that cannot be represented as a JSON number: base={{value}}, exponent={{value2}}",
    ),
    (
        "D3070",
        "The single argument form of the sort function can only be applied to an array of strings or an array of numbers.  Use the second argument to specify a comparison function",
    ),
    ("D3080", "The picture string must only contain a maximum of two sub-pictures"),
    ("D3081", "The sub-picture must not contain more than one instance of the 'decimal-separator' character"),
    ("D3082", "The sub-picture must not contain more than one instance of the 'percent' character"),
    ("D3083", "The sub-picture must not contain more than one instance of the 'per-mille' character"),
    ("D3084", "The sub-picture must not contain both a 'percent' and a 'per-mille' character"),
    (
        "D3085",
        "The mantissa part of a sub-picture must contain at least one character that is either an 'optional digit character' or a member of the 'decimal digit family'",
    ),
    (
        "D3086",
        "The sub-picture must not contain a passive character that is preceded by an active character and that is followed by another active character",
    ),
    (
        "D3087",
        "The sub-picture must not contain a 'grouping-separator' character that appears adjacent to a 'decimal-separator' character",
    ),
    ("D3088", "The sub-picture must not contain a 'grouping-separator' at the end of the integer part"),
    ("D3089", "The sub-picture must not contain two adjacent instances of the 'grouping-separator' character"),
    (
        "D3090",
        "The integer part of the sub-picture must not contain a member of the 'decimal digit family' that is followed by an instance of the 'optional digit character'",
    ),
    (
        "D3091",
        "The fractional part of the sub-picture must not contain an instance of the 'optional digit character' that is followed by a member of the 'decimal digit family'",
    ),
    (
        "D3092",
        "A sub-picture that contains a 'percent' or 'per-mille' character must not contain a character treated as an 'exponent-separator'",
    ),
    (
        "D3093",
        "The exponent part of the sub-picture must comprise only of one or more characters that are members of the 'decimal digit family'",
    ),
    ("D3100", "The radix of the formatBase function must be between 2 and 36.  It was given {{value}}"),
    ("D3110", "The argument of the toMillis function must be an ISO 8601 formatted timestamp. Given {{value}}"),
    ("D3120", "Syntax error in expression passed to function eval: {{value}}"),
    ("D3121", "Dynamic error evaluating the expression passed to function eval: {{value}}"),
    (
        "D3130",
        "Formatting or parsing an integer as a sequence starting with {{value}} is not supported by this implementation",
    ),
    ("D3131", "In a decimal digit pattern, all digits must be from the same decimal group"),
    ("D3132", "Unknown component specifier {{value}} in date/time picture string"),
    (
        "D3133",
        "The 'name' modifier can only be applied to months and days in the date/time picture string, not {{value}}",
    ),
    ("D3134", "The timezone integer format specifier cannot have more than four digits"),
    ("D3135", "No matching closing bracket ']' in date/time picture string"),
    ("D3136", "The date/time picture string is missing specifiers required to parse the timestamp"),
    ("D3137", "$error() function evaluated"),
    ("D3138", "The $single() function expected exactly 1 matching result.  Instead it matched more."),
    ("D3139", "The $single() function expected exactly 1 matching result.  Instead it matched 0."),
    ("D3140", "Malformed URL passed to ${{name}}(): {{value}}"),
];
