//! From JSON to the declared shapes: wrong types end the reading, broken constraints are collected.

use super::fault::{Fault, Mistyped, Shown, Violation};
use super::json::Json;
use super::rule::{ListOf, Named, Rule};
use std::borrow::Cow;
use std::fmt;

/// A type that a request's member can have.
pub trait Decode<'a>: Sized {
    /// Whether such a member must be there.
    const REQUIRED: bool = true;

    /// Reads a value that is there and not `null`.
    fn present(json: Json<'a>, rule: &Rule, at: &Place<'_>, found: &mut Vec<Violation>) -> Result<Self, Mistyped>;

    /// What stands in for a member that isn't there; one that is required is a violation.
    fn absent(at: &Place<'_>, found: &mut Vec<Violation>) -> Self;
}

/// Where in a request something is.
pub struct Place<'p> {
    parent: Option<&'p Place<'p>>,
    step: Step,
}

enum Step {
    Body,
    Member(&'static str),
    Item(usize),
}

impl<'p> Place<'p> {
    const BODY: Place<'static> = Place { parent: None, step: Step::Body };

    fn member(&'p self, name: &'static str) -> Place<'p> {
        Place { parent: Some(self), step: Step::Member(name) }
    }

    fn item(&'p self, index: usize) -> Place<'p> {
        Place { parent: Some(self), step: Step::Item(index) }
    }

    fn violation(&self, value: Shown, constraint: impl Into<String>) -> Violation {
        Violation { value, path: self.to_string(), constraint: constraint.into() }
    }

    /// The violation of a required member that isn't there.
    pub fn must_not_be_null(&self) -> Violation {
        self.violation(Shown::Null, "Member must not be null")
    }

    /// The violation of a word that isn't one of a set.
    pub fn not_one_of(&self, text: &str, words: &[&str]) -> Violation {
        let constraint = format!("Member must satisfy enum value set: [{}]", words.join(", "));
        self.violation(Shown::Text(text.to_owned()), constraint)
    }
}

/// `tags.1.member.key`
impl fmt::Display for Place<'_> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        if let Some(parent) = self.parent {
            parent.fmt(f)?;
            if !matches!(parent.step, Step::Body) {
                f.write_str(".")?;
            }
        }
        match self.step {
            Step::Body => Ok(()),
            Step::Member(name) => f.write_str(name),
            Step::Item(index) => write!(f, "{}.member", index + 1),
        }
    }
}

/// Reads a request's body as the shape `T` and checks all its constraints.
pub fn read<'a, T: Decode<'a>>(body: &'a [u8]) -> Result<T, Fault> {
    let json = match Json::parse(body)? {
        json @ Json::Object(_) => json,
        Json::List(_) => return Err(Fault::Serialization(Mistyped::LIST)),
        _ => return Err(Fault::Serialization(Mistyped(None))),
    };
    let mut found = Vec::new();
    let request = T::present(json, &Rule::Structure(&[]), &Place::BODY, &mut found).map_err(Fault::Serialization)?;
    if found.is_empty() { Ok(request) } else { Err(Fault::Validation(found)) }
}

/// Reads the member of a structure with this name. `null` is the same as nothing; of several the last one counts.
pub fn member<'a, T: Decode<'a>>(
    members: &mut [(Cow<'a, str>, Json<'a>)],
    name: &'static str,
    rule: &Rule,
    structure: &Place<'_>,
    found: &mut Vec<Violation>,
) -> Result<T, Mistyped> {
    let at = structure.member(name);
    let json = members.iter_mut().rfind(|(n, _)| n == name).map(|(_, json)| std::mem::replace(json, Json::Null));
    match json {
        None | Some(Json::Null) => Ok(T::absent(&at, found)),
        Some(json) => T::present(json, rule, &at, found),
    }
}

/// The error for a scalar, or for a container where a scalar should be.
fn not_a(json: &Json<'_>, wanted: &str) -> Mistyped {
    let token = match json {
        Json::List(_) => return Mistyped::LIST,
        Json::Object(_) => return Mistyped::STRUCTURE,
        Json::Null => "NULL_VALUE",
        Json::Bool(true) => "TRUE_VALUE",
        Json::Bool(false) => "FALSE_VALUE",
        Json::Integer(_) | Json::Decimal(_) => "NUMBER_VALUE",
        Json::String(_) => "STRING_VALUE",
    };
    Mistyped(Some(format!("{token} can not be converted to {wanted}").into()))
}

impl<'a> Decode<'a> for Cow<'a, str> {
    fn present(json: Json<'a>, rule: &Rule, at: &Place<'_>, found: &mut Vec<Violation>) -> Result<Self, Mistyped> {
        let Json::String(text) = json else { return Err(not_a(&json, "a String")) };
        if let Rule::Text(rule) = rule {
            found.extend(rule.violated(&text).into_iter().map(|constraint| {
                let value = if rule.sensitive { Shown::Hidden } else { Shown::Text(text.to_string()) };
                at.violation(value, constraint)
            }));
        }
        Ok(text)
    }

    fn absent(at: &Place<'_>, found: &mut Vec<Violation>) -> Self {
        found.push(at.must_not_be_null());
        Cow::Borrowed("")
    }
}

/// Decimals lose their fraction, as measured; numbers out of range become the nearest one, which breaks the
/// constraints of every member there is.
impl<'a> Decode<'a> for i64 {
    fn present(json: Json<'a>, rule: &Rule, at: &Place<'_>, found: &mut Vec<Violation>) -> Result<Self, Mistyped> {
        let number = match json {
            Json::Integer(number) => number,
            Json::Decimal(number) => number as i64,
            // That the other type is called so is a guess.
            other => {
                return Err(not_a(
                    &other,
                    if matches!(rule, Rule::LongAtLeast { .. }) { "a Long" } else { "an Integer" },
                ));
            }
        };
        let (min, max) = match *rule {
            Rule::Integer { min, max } => (min, max),
            Rule::AtLeast { min } | Rule::LongAtLeast { min } => (min, i64::MAX),
            _ => (i64::MIN, i64::MAX),
        };
        let shown = || Shown::Text(number.to_string());
        found.extend(
            out_of_range(number < min, number > max, (min, max)).map(|constraint| at.violation(shown(), constraint)),
        );
        Ok(number)
    }

    fn absent(at: &Place<'_>, found: &mut Vec<Violation>) -> Self {
        found.push(at.must_not_be_null());
        0
    }
}

/// What a number breaks.
fn out_of_range(too_small: bool, too_large: bool, (min, max): (i64, i64)) -> impl Iterator<Item = String> {
    let too_small = too_small.then(|| format!("Member must have value greater than or equal to {min}"));
    let too_large = too_large.then(|| format!("Member must have value less than or equal to {max}"));
    too_small.into_iter().chain(too_large)
}

/// How the framework calls and shows such numbers isn't recorded: it is a guess, after Java.
impl<'a> Decode<'a> for f32 {
    fn present(json: Json<'a>, rule: &Rule, at: &Place<'_>, found: &mut Vec<Violation>) -> Result<Self, Mistyped> {
        let number = match json {
            Json::Integer(number) => number as f32,
            Json::Decimal(number) => number as f32,
            other => return Err(not_a(&other, "a Float")),
        };
        if let Rule::Float { min, max } = *rule {
            let shown = || Shown::Text(format!("{number:?}"));
            let bounds = (i64::from(min), i64::from(max));
            let broken = out_of_range(number < min as f32, number > max as f32, bounds);
            found.extend(broken.map(|constraint| at.violation(shown(), constraint)));
        }
        Ok(number)
    }

    fn absent(at: &Place<'_>, found: &mut Vec<Violation>) -> Self {
        found.push(at.must_not_be_null());
        0.0
    }
}

/// A text is taken as Java's `Boolean.parseBoolean` takes it, as measured with a service of the same framework.
impl<'a> Decode<'a> for bool {
    fn present(json: Json<'a>, _: &Rule, _: &Place<'_>, _: &mut Vec<Violation>) -> Result<Self, Mistyped> {
        match json {
            Json::Bool(value) => Ok(value),
            Json::String(text) => Ok(text.eq_ignore_ascii_case("true")),
            other => Err(not_a(&other, "a Boolean")),
        }
    }

    fn absent(at: &Place<'_>, found: &mut Vec<Violation>) -> Self {
        found.push(at.must_not_be_null());
        false
    }
}

impl<'a, T: Decode<'a>> Decode<'a> for Option<T> {
    const REQUIRED: bool = false;

    fn present(json: Json<'a>, rule: &Rule, at: &Place<'_>, found: &mut Vec<Violation>) -> Result<Self, Mistyped> {
        T::present(json, rule, at, found).map(Some)
    }

    fn absent(_: &Place<'_>, _: &mut Vec<Violation>) -> Self {
        None
    }
}

/// An item that is `null` is dropped, as measured.
impl<'a, T: Decode<'a>> Decode<'a> for Vec<T> {
    fn present(json: Json<'a>, rule: &Rule, at: &Place<'_>, found: &mut Vec<Violation>) -> Result<Self, Mistyped> {
        let items = match json {
            Json::List(items) => items,
            Json::Object(_) => return Err(Mistyped::STRUCTURE),
            _ => return Err(Mistyped::NOT_A_LIST),
        };
        let rule = if let Rule::List(rule) = rule { rule } else { rule };
        let items: Vec<Json<'a>> = items.into_iter().filter(|item| !matches!(item, Json::Null)).collect();
        if let Rule::ListOf(rule) = rule
            && let Some(constraint) = rule.violated(items.len())
        {
            found.push(at.violation(Shown::Text(shown(&items, rule)), constraint));
        }
        items.into_iter().enumerate().map(|(index, item)| T::present(item, rule, &at.item(index), found)).collect()
    }

    fn absent(at: &Place<'_>, found: &mut Vec<Violation>) -> Self {
        found.push(at.must_not_be_null());
        Vec::new()
    }
}

/// A list of structures as Java prints it: `[Name(member=value, ...), ...]`, as recorded.
fn shown(items: &[Json<'_>], rule: &ListOf) -> String {
    let value = |json: &Json<'_>| match json {
        Json::String(text) => text.to_string(),
        Json::Integer(number) => number.to_string(),
        Json::Decimal(number) => (*number as i64).to_string(),
        Json::Bool(value) => value.to_string(),
        Json::Null | Json::List(_) | Json::Object(_) => "null".to_owned(),
    };
    let member = |item: &Json<'_>, name: &str| match item {
        Json::Object(members) => members.iter().rfind(|(n, _)| n == name).map(|(_, json)| value(json)),
        _ => None,
    };
    let item = |item: &Json<'_>| {
        let members = rule.members.iter().map(|m| {
            let value = member(item, m.name).unwrap_or_else(|| "null".to_owned());
            format!("{}={value}", m.name)
        });
        format!("{}({})", rule.name, members.collect::<Vec<_>>().join(", "))
    };
    format!("[{}]", items.iter().map(item).collect::<Vec<_>>().join(", "))
}

/// Reads one of a set of words; the default stands in for one that isn't, beside the violation.
pub fn one_of<T: Named + Default>(json: Json<'_>, at: &Place<'_>, found: &mut Vec<Violation>) -> Result<T, Mistyped> {
    let Json::String(text) = json else { return Err(not_a(&json, "a String")) };
    let known = T::NAMES.iter().find(|(name, _)| *name == text).map(|(_, value)| *value);
    Ok(known.unwrap_or_else(|| {
        found.push(at.not_one_of(&text, T::WORDS));
        T::default()
    }))
}
