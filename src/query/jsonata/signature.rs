//! Signatures of functions, such as `<s-nn?:s>`: which arguments a function takes, and what is done to make them fit.

use super::error::{JsonataError, Outcome};
use super::value::Val;
use crate::json::Value;

/// What a function takes; what it returns isn't checked.
#[derive(Clone, Debug)]
pub(super) struct Signature {
    parameters: Vec<Parameter>,
}

#[derive(Clone, Debug)]
struct Parameter {
    /// The letters of the kinds that it takes.
    takes: &'static str,
    /// The letters of a group such as `(sf)`.
    choice: String,
    /// Everything that isn't an array is put into one.
    array: bool,
    subtype: Option<String>,
    /// The context stands in if it is missing.
    context: bool,
    quantity: Quantity,
}

#[derive(Clone, Copy, Debug, PartialEq)]
enum Quantity {
    One,
    Optional,
    OneOrMore,
}

impl Parameter {
    fn fits(&self, letter: char) -> bool {
        letter == 'm' && !self.function_only() || self.takes.contains(letter) || self.choice.contains(letter)
    }

    fn function_only(&self) -> bool {
        self.takes == "f"
    }
}

impl Signature {
    /// Reads `<...>`; an error's position is relative to the first character.
    pub fn parse(text: &str) -> Outcome<Signature> {
        let chars: Vec<char> = text.chars().collect();
        let mut parameters: Vec<Parameter> = Vec::new();
        let mut at = 1;
        while at < chars.len() && chars[at] != ':' {
            let mut parameter = Parameter {
                takes: "",
                choice: String::new(),
                array: false,
                subtype: None,
                context: false,
                quantity: Quantity::One,
            };
            match chars[at] {
                's' => parameter.takes = "s",
                'n' => parameter.takes = "n",
                'b' => parameter.takes = "b",
                'l' => parameter.takes = "l",
                'o' => parameter.takes = "o",
                'a' => (parameter.takes, parameter.array) = ("asnblfo", true),
                'f' => parameter.takes = "f",
                'j' => parameter.takes = "asnblo",
                'x' => parameter.takes = "asnblfo",
                '-' => {
                    if let Some(last) = parameters.last_mut() {
                        last.context = true;
                        last.quantity = Quantity::Optional;
                    }
                    at += 1;
                    continue;
                }
                '?' | '+' => {
                    let quantity = if chars[at] == '?' { Quantity::Optional } else { Quantity::OneOrMore };
                    if let Some(last) = parameters.last_mut() {
                        last.quantity = quantity;
                    }
                    at += 1;
                    continue;
                }
                '(' => {
                    let end = closing(&chars, at, '(', ')');
                    parameter.choice = chars[at + 1..end].iter().collect();
                    if parameter.choice.contains('<') {
                        return Err(JsonataError::new("S0402").at(at as u32).value(parameter.choice.into()));
                    }
                    at = end;
                }
                '<' => {
                    let end = closing(&chars, at, '<', '>');
                    match parameters.last_mut() {
                        Some(last) if last.array || last.function_only() => {
                            last.subtype = Some(chars[at + 1..end].iter().collect());
                        }
                        last => {
                            let value = last.map_or("", |last| last.takes);
                            return Err(JsonataError::new("S0401").at(at as u32).value(value.into()));
                        }
                    }
                    at = end + 1;
                    continue;
                }
                _ => {
                    at += 1;
                    continue;
                }
            }
            parameters.push(parameter);
            at += 1;
        }
        Ok(Signature { parameters })
    }

    /// How many arguments each parameter gets, if they fit.
    fn distribution(&self, letters: &[char]) -> Option<Vec<usize>> {
        let width = letters.len() + 1;
        let mut hopeless = vec![false; (self.parameters.len() + 1) * width];
        let mut counts = Vec::with_capacity(self.parameters.len());
        self.distribute(letters, 0, &mut counts, &mut hopeless).then_some(counts)
    }

    fn distribute(&self, letters: &[char], from: usize, counts: &mut Vec<usize>, hopeless: &mut [bool]) -> bool {
        let Some(parameter) = self.parameters.get(counts.len()) else { return from == letters.len() };
        let place = counts.len() * (letters.len() + 1) + from;
        if hopeless[place] {
            return false;
        }
        let fitting = letters[from..].iter().take_while(|letter| parameter.fits(**letter)).count();
        let (least, most) = match parameter.quantity {
            Quantity::One => (1, 1),
            Quantity::Optional => (0, 1),
            Quantity::OneOrMore => (1, fitting),
        };
        for count in (least..=most.min(fitting)).rev() {
            counts.push(count);
            if self.distribute(letters, from + count, counts, hopeless) {
                return true;
            }
            counts.pop();
        }
        hopeless[place] = true;
        false
    }

    /// The arguments as the function takes them.
    pub fn validate(&self, arguments: Vec<Val>, context: &Val) -> Outcome<Vec<Val>> {
        if self.fits_as_they_are(&arguments) {
            return Ok(arguments);
        }
        let letters: Vec<char> = arguments.iter().map(letter).collect();
        let Some(counts) = self.distribution(&letters) else { return Err(self.mismatch(&letters)) };
        let mut validated = Vec::with_capacity(arguments.len().max(self.parameters.len()));
        let mut at = 0;
        for (parameter, count) in self.parameters.iter().zip(counts) {
            if count == 0 {
                if parameter.context {
                    if !parameter.fits(letter(context)) {
                        return Err(JsonataError::new("T0411").index(at + 1));
                    }
                    validated.push(context.clone().unwrapped());
                } else {
                    validated.push(arguments.get(at).cloned().unwrap_or_default());
                    at += 1;
                }
                continue;
            }
            for argument in &arguments[at..at + count] {
                validated.push(if parameter.array { parameter.as_array(argument, at + 1)? } else { argument.clone() });
                at += 1;
            }
        }
        Ok(validated)
    }

    /// The common case, without anything to be done.
    fn fits_as_they_are(&self, arguments: &[Val]) -> bool {
        arguments.len() == self.parameters.len()
            && self.parameters.iter().zip(arguments).all(|(parameter, argument)| {
                let letter = letter(argument);
                parameter.fits(letter)
                    && (!parameter.array || letter == 'm' || letter == 'a' && parameter.subtype.is_none())
                    && parameter.quantity != Quantity::OneOrMore
            })
    }

    /// The error names the first argument that no parameter takes.
    fn mismatch(&self, letters: &[char]) -> Box<JsonataError> {
        let mut good = 0;
        for end in 1..=self.parameters.len() {
            let partial = Signature { parameters: self.parameters[..end].to_vec() };
            match (0..=letters.len()).rev().find(|n| partial.distribution(&letters[..*n]).is_some()) {
                Some(length) => good = length,
                None => break,
            }
        }
        JsonataError::new("T0410").index(good + 1)
    }
}

impl Parameter {
    fn as_array(&self, argument: &Val, index: usize) -> Outcome<Val> {
        let kind = letter(argument);
        if kind == 'm' {
            return Ok(Val::Undefined);
        }
        let Some(subtype) = &self.subtype else {
            return Ok(if kind == 'a' { argument.clone() } else { Val::array(vec![argument.clone()]) });
        };
        let fits = match argument.list() {
            Some(list) => {
                let mut kinds = list.iter().map(|item| letter(&item));
                kinds.next().is_none_or(|first| subtype.starts_with(first) && kinds.all(|kind| kind == first))
            }
            None => subtype.len() == 1 && subtype.starts_with(kind),
        };
        if !fits {
            let plural = match subtype.chars().next() {
                Some('a') => "arrays",
                Some('b') => "booleans",
                Some('f') => "functions",
                Some('n') => "numbers",
                Some('o') => "objects",
                _ => "strings",
            };
            return Err(JsonataError::new("T0412").index(index).value2(Value::from(plural)));
        }
        Ok(if kind == 'a' { argument.clone() } else { Val::array(vec![argument.clone()]) })
    }
}

fn closing(chars: &[char], start: usize, open: char, close: char) -> usize {
    let mut depth = 0;
    for (i, c) in chars.iter().enumerate().skip(start) {
        if *c == open {
            depth += 1;
        } else if *c == close {
            depth -= 1;
            if depth == 0 {
                return i;
            }
        }
    }
    chars.len()
}

/// The letter for the kind of a value; `m` if it is missing.
fn letter(value: &Val) -> char {
    match value {
        Val::Undefined => 'm',
        Val::Number(_) => 'n',
        Val::Function(_) => 'f',
        Val::Object(_) => 'o',
        Val::Array(_) | Val::Tuples(_) => 'a',
        Val::Json(Value::Null) => 'l',
        Val::Json(Value::Bool(_)) => 'b',
        Val::Json(Value::Number(_)) => 'n',
        Val::Json(Value::String(_)) => 's',
        Val::Json(Value::Array(_)) => 'a',
        Val::Json(Value::Object(_)) => 'o',
    }
}
