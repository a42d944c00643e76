//! Following the steps of a path through a document.

use super::PathFailure;
use super::filter::Test;
use crate::json::Value;
use smol_str::SmolStr;
use std::borrow::Cow;
use std::cell::Cell;
use std::fmt::Write;

/// How many values one evaluation may look at. A state's input has at most a tenth of that; `$..*..*` and the like
/// would look at any number.
pub(super) const MAX_VISITS: usize = 2_000_000;

/// One step of a path.
#[derive(Clone, Debug)]
pub(super) enum Step {
    Name(SmolStr),
    /// At the end of a path only: an object with those of the members that are there.
    Names(Box<[SmolStr]>),
    /// From the end if it is negative.
    Index(i32),
    Indices(Box<[i32]>),
    Slice {
        from: Option<i32>,
        to: Option<i32>,
    },
    Wildcard,
    Filter(Box<Test>),
    /// `..`: what follows is applied to the value and to everything in it.
    Deep,
}

/// The steps after `$` or `@`.
#[derive(Clone, Debug)]
pub(super) struct Query {
    steps: Box<[Step]>,
    /// How many steps at the beginning lead to one value each.
    direct: usize,
}

/// What an evaluation may still look at, and the document for the `$` in its filters.
pub(super) struct Search<'a> {
    pub(super) root: &'a Value,
    visits: Cell<usize>,
}

/// Why a search stops before its end.
pub(super) enum Halt {
    /// [`MAX_VISITS`]
    TooManyValues,
    /// Boxed, so that the results on the hot path stay small.
    Failure(Box<PathFailure>),
}

impl From<PathFailure> for Halt {
    fn from(failure: PathFailure) -> Self {
        Halt::Failure(Box::new(failure))
    }
}

impl<'a> Search<'a> {
    pub(super) fn new(root: &'a Value) -> Self {
        Self { root, visits: Cell::new(0) }
    }

    /// Counts `values` that are looked at.
    #[inline]
    pub(super) fn visit(&self, values: usize) -> Result<(), Halt> {
        self.visits.set(self.visits.get().saturating_add(values));
        if self.visits.get() > MAX_VISITS { Err(Halt::TooManyValues) } else { Ok(()) }
    }
}

impl Query {
    pub(super) fn new(steps: Vec<Step>) -> Query {
        let direct = steps.iter().take_while(|step| matches!(step, Step::Name(_) | Step::Index(_))).count();
        Query { steps: steps.into(), direct }
    }

    /// Whether every step leads to one value.
    #[inline]
    fn is_direct(&self) -> bool {
        self.direct == self.steps.len()
    }

    /// Where the direct steps lead.
    #[inline]
    fn follow<'v>(&self, from: &'v Value) -> Option<&'v Value> {
        self.steps[..self.direct].iter().try_fold(from, |at, step| step.of(at))
    }

    /// For a path that is direct, where it leads.
    #[inline]
    pub(super) fn direct<'v>(&self, from: &'v Value) -> Option<Option<&'v Value>> {
        self.is_direct().then(|| self.follow(from))
    }

    pub(super) fn is_definite(&self) -> bool {
        matches!(&self.steps[self.direct..], [] | [Step::Names(_)])
    }

    pub(super) fn evaluate(&self, root: &Value) -> Result<Value, PathFailure> {
        let mut at = root;
        for (i, step) in self.steps[..self.direct].iter().enumerate() {
            match step.of(at) {
                Some(next) => at = next,
                None => return self.dead_end(i, at),
            }
        }
        if self.is_direct() {
            return Ok(at.clone());
        }
        self.finish(at, &Search::new(root)).map_err(|halt| match halt {
            Halt::TooManyValues => PathFailure::TooManyValues { path: self.bracketed(self.steps.len()) },
            Halt::Failure(failure) => *failure,
        })
    }

    /// What the path selects from `from` inside a search: nothing where [`Query::evaluate`] would fail.
    pub(super) fn select<'v>(&self, from: &'v Value, search: &Search<'_>) -> Result<Option<Cow<'v, Value>>, Halt> {
        let Some(at) = self.follow(from) else { return Ok(None) };
        if self.is_direct() {
            return Ok(Some(Cow::Borrowed(at)));
        }
        match self.finish(at, search) {
            Ok(value) => Ok(Some(Cow::Owned(value))),
            Err(Halt::Failure(_)) => Ok(None),
            Err(halt) => Err(halt),
        }
    }

    /// The steps after the direct ones; there are some.
    fn finish(&self, at: &Value, search: &Search<'_>) -> Result<Value, Halt> {
        self.check(at)?;
        let mut found = Vec::new();
        self.collect(&self.steps[self.direct..], at, search, &mut found)?;
        if self.is_definite() {
            return Ok(found.pop().expect("several names of an object give one object"));
        }
        Ok(Value::array(found))
    }

    /// The first step that may lead to several values fails on a value it isn't for; later ones pass such values over.
    fn check(&self, at: &Value) -> Result<(), PathFailure> {
        let step = &self.steps[self.direct];
        match (step, at) {
            (Step::Names(_), Value::Object(_)) => Ok(()),
            (Step::Names(_), _) => Err(self.no_object(self.direct)),
            (Step::Indices(_) | Step::Slice { .. }, Value::Array(_)) => Ok(()),
            (Step::Indices(_) | Step::Slice { .. }, _) => Err(self.no_array(self.direct, at)),
            (Step::Filter(_), Value::Array(_) | Value::Object(_)) => Ok(()),
            (Step::Filter(_), _) => Err(PathFailure::NotFilterable { context: at.clone() }),
            _ => Ok(()),
        }
    }

    /// Goes on from a value that a step found; the caller has counted it.
    #[inline]
    fn reach(&self, steps: &[Step], at: &Value, search: &Search<'_>, found: &mut Vec<Value>) -> Result<(), Halt> {
        match steps {
            [] => found.push(at.clone()),
            [Step::Name(name)] => found.extend(at.get(name).cloned()),
            _ => self.collect(steps, at, search, found)?,
        }
        Ok(())
    }

    fn collect(&self, steps: &[Step], from: &Value, search: &Search<'_>, found: &mut Vec<Value>) -> Result<(), Halt> {
        let mut at = from;
        let mut steps = steps;
        while let [step @ (Step::Name(_) | Step::Index(_)), rest @ ..] = steps {
            match step.of(at) {
                Some(next) => at = next,
                None => return Ok(()),
            }
            steps = rest;
        }
        let [step, rest @ ..] = steps else {
            found.push(at.clone());
            return Ok(());
        };
        search.visit(1 + at.as_array().map_or(0, <[Value]>::len))?;
        match (step, at) {
            (Step::Names(names), Value::Object(object)) => {
                if !rest.is_empty() {
                    let path = self.bracketed(self.steps.len() - rest.len());
                    return Err(PathFailure::InnerNames { path }.into());
                }
                search.visit(names.len())?;
                let there = names.iter().filter_map(|name| Some((name.clone(), object.get(name)?.clone())));
                found.push(Value::object(there));
            }
            (Step::Wildcard, Value::Array(_)) => {
                let items = at.as_array().unwrap_or_default();
                found.reserve(items.len());
                for item in items {
                    self.reach(rest, item, search, found)?;
                }
            }
            (Step::Wildcard, Value::Object(object)) => {
                search.visit(object.len())?;
                for (_, member) in object.iter() {
                    self.reach(rest, member, search, found)?;
                }
            }
            (Step::Indices(indices), Value::Array(_)) => {
                search.visit(indices.len())?;
                for index in indices {
                    if let Some(item) = item(at, *index) {
                        self.reach(rest, item, search, found)?;
                    }
                }
            }
            (Step::Slice { from, to }, Value::Array(_)) => {
                for item in sliced(at.as_array().unwrap_or_default(), *from, *to) {
                    self.reach(rest, item, search, found)?;
                }
            }
            (Step::Filter(test), Value::Array(_)) => {
                for item in at.as_array().unwrap_or_default() {
                    if test.accepts(item, search)? {
                        self.reach(rest, item, search, found)?;
                    }
                }
            }
            // A filter on an object takes or leaves the object itself.
            (Step::Filter(test), Value::Object(_)) if test.accepts(at, search)? => {
                self.reach(rest, at, search, found)?;
            }
            (Step::Deep, _) => self.collect_deep(rest, at, search, found)?,
            _ => {}
        }
        Ok(())
    }

    /// Parents before children, each with its children in their order. The values yet to be seen stand in a list: the
    /// document may be deeper than a thread's stack.
    fn collect_deep(
        &self,
        steps: &[Step],
        from: &Value,
        search: &Search<'_>,
        found: &mut Vec<Value>,
    ) -> Result<(), Halt> {
        // Only a filter takes scalars.
        let is_wanted = |value: &&Value| {
            matches!(value, Value::Array(_) | Value::Object(_)) || matches!(steps, [Step::Filter(_), ..])
        };
        let mut waiting = vec![from];
        while let Some(at) = waiting.pop() {
            match (steps, at) {
                // Each value is tested once: as itself, not also as a part of what it is in.
                ([Step::Filter(test), rest @ ..], _) => {
                    if test.accepts(at, search)? {
                        self.reach(rest, at, search, found)?;
                    }
                }
                ([Step::Name(name), rest @ ..], Value::Object(object)) => {
                    if let Some(member) = object.get(name) {
                        self.reach(rest, member, search, found)?;
                    }
                }
                ([Step::Name(_), ..], _) => {}
                ([Step::Names(names), ..], Value::Object(object)) if !names.iter().all(|n| object.contains(n)) => {}
                _ => self.collect(steps, at, search, found)?,
            }
            let first = waiting.len();
            match at {
                Value::Array(_) => {
                    let items = at.as_array().unwrap_or_default();
                    search.visit(items.len())?;
                    waiting.extend(items.iter().filter(is_wanted));
                }
                Value::Object(object) => {
                    search.visit(object.len())?;
                    waiting.extend(object.iter().map(|(_, member)| member).filter(is_wanted));
                }
                _ => {}
            }
            waiting[first..].reverse();
        }
        Ok(())
    }

    /// The step `i` of the direct ones leads nowhere. Where the path asks for a list, what isn't there makes it empty
    /// (recorded); a value of the wrong kind is a failure even so.
    #[cold]
    fn dead_end(&self, i: usize, at: &Value) -> Result<Value, PathFailure> {
        let whole = || self.bracketed(self.steps.len());
        match (&self.steps[i], at) {
            (Step::Name(_), Value::Object(_)) | (Step::Index(_), Value::Array(_)) if !self.is_definite() => {
                Ok(Value::array([]))
            }
            (Step::Name(_), Value::Object(_)) if i + 1 == self.steps.len() => {
                Err(PathFailure::NoResults { path: whole(), index: false })
            }
            (Step::Name(_), Value::Object(_)) => Err(PathFailure::MissingProperty { path: self.bracketed(i + 1) }),
            (Step::Name(_), _) => Err(self.no_object(i)),
            (Step::Index(_), Value::Array(_)) => Err(PathFailure::NoResults { path: whole(), index: true }),
            _ => Err(self.no_array(i, at)),
        }
    }

    fn no_object(&self, i: usize) -> PathFailure {
        let mut property = String::new();
        self.steps[i].bracket(&mut property);
        PathFailure::NotAnObject { property, path: self.bracketed(i) }
    }

    fn no_array(&self, i: usize, at: &Value) -> PathFailure {
        if at.is_null() {
            return PathFailure::Null { path: self.bracketed(i) };
        }
        let mut step = String::new();
        self.steps[i].bracket(&mut step);
        PathFailure::NotAnArray { step, context: at.clone() }
    }

    /// The first steps in bracket form. A path into the context object begins with one `$` as well: AWS leaves one out
    /// where it is known to print such a path.
    fn bracketed(&self, steps: usize) -> String {
        let mut text = String::with_capacity(16 * (steps + 1));
        text.push('$');
        for step in &self.steps[..steps] {
            step.bracket(&mut text);
        }
        text
    }
}

impl Step {
    /// Where a name or an index leads.
    #[inline]
    fn of<'v>(&self, at: &'v Value) -> Option<&'v Value> {
        match self {
            Step::Name(name) => at.get(name),
            Step::Index(index) => item(at, *index),
            _ => None,
        }
    }

    fn bracket(&self, out: &mut String) {
        let written = match self {
            Step::Name(name) => {
                out.extend(["['", name, "']"]);
                Ok(())
            }
            Step::Names(names) => write!(out, "['{}']", names.join("', '")),
            Step::Index(index) => write!(out, "[{index}]"),
            Step::Indices(indices) => {
                let indices: Vec<String> = indices.iter().map(i32::to_string).collect();
                write!(out, "[{}]", indices.join(","))
            }
            Step::Slice { from, to } => {
                let bound = |bound: &Option<i32>| bound.map(|i| i.to_string()).unwrap_or_default();
                write!(out, "[{}:{}]", bound(from), bound(to))
            }
            Step::Wildcard => out.write_str("[*]"),
            Step::Filter(_) => out.write_str("[?]"),
            Step::Deep => out.write_str(".."),
        };
        written.expect("a String takes everything");
    }
}

fn item(array: &Value, index: i32) -> Option<&Value> {
    let items = array.as_array()?;
    if index >= 0 {
        return items.get(index as usize);
    }
    items.get(items.len().checked_sub(index.unsigned_abs() as usize)?)
}

fn sliced(items: &[Value], from: Option<i32>, to: Option<i32>) -> &[Value] {
    let place = |bound: i32| match usize::try_from(bound) {
        Ok(place) => place.min(items.len()),
        Err(_) => items.len().saturating_sub(bound.unsigned_abs() as usize),
    };
    let (from, to) = (from.map_or(0, place), to.map_or(items.len(), place));
    items.get(from..to).unwrap_or_default()
}
