//! The values inside the engine: JSON as it is, and beside it what JSON doesn't have.

use super::environment::Env;
use super::error::{JsonataError, OUT_OF_MEMORY, Outcome, STACK_OVERFLOW};
use super::regex::Regex;
use super::syntax::{Lambda, Transform};
use crate::json::{Number, Value};
use smol_str::SmolStr;
use std::cell::{OnceCell, RefCell};
use std::rc::Rc;
use std::sync::Arc;

/// Containers and functions made by expressions may be nested this deep.
const DEEPEST_VALUE: u32 = 300;

/// Containers of containers made by expressions may hold this many values: as parts may stand in many places, few bytes
/// can make much JSON. What is flat is as large as the memory that it takes.
const LARGEST_VALUE: u32 = 1_000_000;

/// Up to this many members, looking through them is faster than an index.
pub(super) const SCANNED: usize = 12;

/// A value.
#[derive(Clone, Debug, Default)]
pub(super) enum Val {
    #[default]
    Undefined,
    /// What came from outside, or a scalar.
    Json(Value),
    /// A number that was computed; may be infinite or none at all.
    Number(f64),
    Array(Rc<Array>),
    Object(Rc<Object>),
    Function(Rc<Function>),
    /// Results of a path with the bindings that were made on the way.
    Tuples(Rc<Vec<Tuple>>),
}

#[derive(Clone, Debug, Default)]
pub(super) struct Array {
    pub items: Vec<Val>,
    /// It came to be by a path or function and is the same as its item if it has only one.
    pub sequence: bool,
    /// A sequence that stays an array.
    pub keep: bool,
    /// A path doesn't flatten it.
    pub cons: bool,
    /// Stands around an input that is an array, so that it is one context and not many.
    pub outer: bool,
    pub nesting: Nesting,
}

#[derive(Clone, Debug, Default)]
pub(super) struct Object {
    pub members: Vec<(SmolStr, Val)>,
    pub nesting: Nesting,
    /// The places of the members, sorted by name; made when a member of a large object is asked for.
    by_name: OnceCell<Box<[u32]>>,
}

impl Object {
    pub fn new(members: Vec<(SmolStr, Val)>, nesting: Nesting) -> Self {
        Self { members, nesting, by_name: OnceCell::new() }
    }

    pub fn get(&self, name: &str) -> Option<&Val> {
        if self.members.len() <= SCANNED {
            return self.members.iter().find(|(n, _)| n == name).map(|(_, value)| value);
        }
        let name_of = |place: u32| self.members[place as usize].0.as_str();
        let by_name = self.by_name.get_or_init(|| {
            let mut places: Box<[u32]> = (0..self.members.len() as u32).collect();
            places.sort_unstable_by(|a, b| name_of(*a).cmp(name_of(*b)));
            places
        });
        let found = by_name.binary_search_by(|place| name_of(*place).cmp(name)).ok()?;
        Some(&self.members[by_name[found] as usize].1)
    }
}

/// How deep it is, and whether functions are inside.
#[derive(Clone, Copy, Debug, Default)]
pub(super) struct Nesting {
    pub depth: u32,
    /// How many values are inside, each counted wherever it stands.
    pub size: u32,
    pub functions: bool,
}

/// One result of a path with the bindings made on the way.
#[derive(Clone, Debug)]
pub(super) struct Tuple {
    pub value: Val,
    pub bindings: Option<Rc<Binding>>,
}

#[derive(Clone, Debug, PartialEq, Eq)]
pub(super) enum Key {
    Name(SmolStr),
    Parent(u32),
}

#[derive(Debug)]
pub(super) struct Binding {
    pub key: Key,
    pub value: Val,
    pub next: Option<Rc<Binding>>,
}

/// Where a function was called last, for its errors.
pub(super) type Site = RefCell<Option<(u32, Option<SmolStr>)>>;

#[derive(Debug)]
pub(super) struct Function {
    pub kind: Callable,
    pub site: Site,
    pub depth: u32,
}

#[derive(Debug)]
pub(super) enum Callable {
    Builtin(u16),
    Lambda {
        lambda: Arc<Lambda>,
        env: Env,
        input: Val,
    },
    Partial {
        function: Val,
        arguments: Vec<Option<Val>>,
    },
    /// The one after the other.
    Chain(Val, Val),
    Regex(Arc<Regex>),
    /// Finds the next match in a text.
    NextMatch {
        regex: Arc<Regex>,
        text: SmolStr,
        from: usize,
    },
    Transform {
        transform: Arc<Transform>,
        env: Env,
    },
}

impl Function {
    /// A function as a value.
    pub fn value(kind: Callable) -> Outcome<Val> {
        let depth = 1 + match &kind {
            Callable::Partial { function, arguments } => {
                arguments.iter().flatten().map(|a| a.nesting().depth).max().unwrap_or(0).max(function.nesting().depth)
            }
            Callable::Chain(first, second) => first.nesting().depth.max(second.nesting().depth),
            _ => 0,
        };
        Nesting { depth, size: 1, functions: true }.check()?;
        Ok(Val::Function(Rc::new(Function { kind, site: RefCell::new(None), depth })))
    }
}

impl Nesting {
    fn check(self) -> Outcome<()> {
        if self.depth > DEEPEST_VALUE {
            return Err(JsonataError::new(STACK_OVERFLOW));
        }
        match self.size > LARGEST_VALUE && self.depth > 1 {
            true => Err(JsonataError::new(OUT_OF_MEMORY)),
            false => Ok(()),
        }
    }
}

/// A computed number as JSON: whole ones as integers, `null` for what JSON doesn't have.
pub(super) fn number(number: f64) -> Value {
    if number.fract() == 0.0 && number.abs() < 9.2e18 {
        return Value::from(number as i64);
    }
    Value::from(number)
}

/// The same where AWS reads it: infinite numbers become texts. Measured by others with TestState: `[1/0]` gives
/// `["Infinity"]`; that what is no number becomes `"NaN"` is a guess.
pub(super) fn quoted_number(number: f64) -> Value {
    match number {
        _ if number.is_finite() => self::number(number),
        _ if number.is_nan() => "NaN".into(),
        _ if number > 0.0 => "Infinity".into(),
        _ => "-Infinity".into(),
    }
}

/// The items of an array, wherever it came from.
#[derive(Clone, Copy)]
pub(super) enum List<'a> {
    Json(&'a [Value]),
    Engine(&'a [Val]),
}

impl<'a> List<'a> {
    pub fn len(&self) -> usize {
        match self {
            List::Json(items) => items.len(),
            List::Engine(items) => items.len(),
        }
    }

    pub fn get(&self, index: usize) -> Option<Val> {
        match self {
            List::Json(items) => items.get(index).map(|item| Val::Json(item.clone())),
            List::Engine(items) => items.get(index).cloned(),
        }
    }

    pub fn iter(self) -> impl ExactSizeIterator<Item = Val> + use<'a> {
        (0..self.len()).map(move |i| self.get(i).unwrap_or_default())
    }
}

fn nesting_of<'a>(values: impl Iterator<Item = &'a Val>) -> Nesting {
    let mut nesting = Nesting { depth: 1, size: 1, functions: false };
    for value in values {
        let inner = value.nesting();
        nesting.size = nesting.size.saturating_add(inner.size.max(1));
        nesting.depth = nesting.depth.max(inner.depth + 1);
        nesting.functions |= inner.functions;
    }
    nesting
}

impl Val {
    pub fn array(items: Vec<Val>) -> Val {
        let nesting = nesting_of(items.iter());
        Val::Array(Rc::new(Array { items, nesting, ..Array::default() }))
    }

    pub fn sequence(items: Vec<Val>) -> Val {
        let nesting = nesting_of(items.iter());
        Val::Array(Rc::new(Array { items, nesting, sequence: true, ..Array::default() }))
    }

    /// Like [`Val::array`], but refuses what is nested too deep.
    pub fn new_array(items: Vec<Val>) -> Outcome<Val> {
        Val::array(items).checked()
    }

    pub fn new_object(members: Vec<(SmolStr, Val)>) -> Outcome<Val> {
        let nesting = nesting_of(members.iter().map(|(_, value)| value));
        Val::Object(Rc::new(Object::new(members, nesting))).checked()
    }

    /// Refuses what is nested too deep, or too large.
    #[inline]
    pub fn checked(self) -> Outcome<Val> {
        match &self {
            Val::Array(array) => array.nesting.check()?,
            Val::Object(object) => object.nesting.check()?,
            _ => {}
        }
        Ok(self)
    }

    pub fn text(text: impl Into<SmolStr>) -> Val {
        Val::Json(Value::String(text.into()))
    }

    pub fn bool(value: bool) -> Val {
        Val::Json(Value::Bool(value))
    }

    pub fn nesting(&self) -> Nesting {
        match self {
            Val::Array(array) => array.nesting,
            Val::Object(object) => object.nesting,
            Val::Function(function) => Nesting { depth: function.depth, size: 1, functions: true },
            Val::Tuples(tuples) => Nesting { depth: 1, size: tuples.len() as u32, functions: true },
            _ => Nesting::default(),
        }
    }

    /// How much there is to look through: bytes of a text, some for each item of an array and member of an object.
    pub fn extent(&self) -> usize {
        match self {
            Val::Json(Value::String(text)) => text.len(),
            Val::Json(Value::Object(object)) => object.len() * 8,
            Val::Object(object) => object.members.len() * 8,
            _ => self.list().map_or(0, |list| list.len() * 8),
        }
    }

    pub fn is_undefined(&self) -> bool {
        matches!(self, Val::Undefined)
    }

    pub fn is_function(&self) -> bool {
        matches!(self, Val::Function(_))
    }

    pub fn as_str(&self) -> Option<&str> {
        match self {
            Val::Json(Value::String(text)) => Some(text),
            _ => None,
        }
    }

    pub fn as_smol(&self) -> Option<&SmolStr> {
        match self {
            Val::Json(Value::String(text)) => Some(text),
            _ => None,
        }
    }

    pub fn as_f64(&self) -> Option<f64> {
        match self {
            Val::Number(number) => Some(*number),
            Val::Json(Value::Number(number)) => Some(number.as_f64()),
            _ => None,
        }
    }

    /// The number, if it is one; an error if it is infinite.
    pub fn numeric(&self) -> Outcome<Option<f64>> {
        match self.as_f64() {
            Some(number) if number.is_nan() => Ok(None),
            Some(number) if number.is_infinite() => Err(JsonataError::new("D1001").value(Value::Null)),
            other => Ok(other),
        }
    }

    pub fn list(&self) -> Option<List<'_>> {
        match self {
            Val::Json(Value::Array(_)) => match self {
                Val::Json(value) => value.as_array().map(List::Json),
                _ => None,
            },
            Val::Array(array) => Some(List::Engine(&array.items)),
            _ => None,
        }
    }

    pub fn is_list(&self) -> bool {
        matches!(self, Val::Array(_) | Val::Json(Value::Array(_)))
    }

    pub fn is_object(&self) -> bool {
        matches!(self, Val::Object(_) | Val::Json(Value::Object(_)))
    }

    /// Its items if it is an array, itself otherwise, nothing if undefined.
    pub fn items(&self) -> Vec<Val> {
        match self.list() {
            Some(list) => list.iter().collect(),
            None if self.is_undefined() => Vec::new(),
            None => vec![self.clone()],
        }
    }

    /// The members of an object; others have none.
    pub fn members(&self) -> impl Iterator<Item = (&SmolStr, Val)> {
        let (json, built) = match self {
            Val::Json(Value::Object(object)) => (Some(object), None),
            Val::Object(object) => (None, Some(object)),
            _ => (None, None),
        };
        let json = json.into_iter().flat_map(|object| object.iter());
        let built = built.into_iter().flat_map(|object| object.members.iter());
        json.map(|(name, value)| (name, Val::Json(value.clone())))
            .chain(built.map(|(name, value)| (name, value.clone())))
    }

    /// How many members an object has; nothing for other values.
    pub fn member_count(&self) -> Option<usize> {
        match self {
            Val::Object(object) => Some(object.members.len()),
            Val::Json(Value::Object(object)) => Some(object.len()),
            _ => None,
        }
    }

    /// The member of an object.
    pub fn member(&self, name: &str) -> Option<Val> {
        match self {
            Val::Object(object) => object.get(name).cloned(),
            Val::Json(Value::Object(object)) => object.get(name).map(|value| Val::Json(value.clone())),
            _ => None,
        }
    }

    /// A sequence is undefined if it is empty, and its item if it has only one.
    #[inline]
    pub fn collapsed(self, keep_array: bool) -> Val {
        match &self {
            Val::Array(array) if array.sequence => self.collapsed_sequence(keep_array),
            _ => self,
        }
    }

    #[inline(never)]
    fn collapsed_sequence(self, keep_array: bool) -> Val {
        let Val::Array(array) = &self else { return self };
        match array.items.len() {
            0 => Val::Undefined,
            1 if !keep_array && !array.keep => array.items[0].clone(),
            _ if keep_array && !array.keep => {
                let mut array = array.clone();
                Rc::make_mut(&mut array).keep = true;
                Val::Array(array)
            }
            _ => self,
        }
    }

    /// Without the array that stands around an input which is an array.
    pub fn unwrapped(self) -> Val {
        match &self {
            Val::Array(array) if array.outer => array.items.first().cloned().unwrap_or_default(),
            _ => self,
        }
    }

    /// Like [`Val::to_json`], but takes what nobody else has; `of_number` decides what becomes of computed numbers.
    pub fn into_json(self, of_number: fn(f64) -> Value) -> Option<Value> {
        match self {
            Val::Json(value) => Some(value),
            Val::Array(array) => match Rc::try_unwrap(array) {
                Ok(array) => {
                    let items = array.items.into_iter().map(|item| item.into_json(of_number).unwrap_or_default());
                    Some(Value::array(items.collect::<Vec<_>>()))
                }
                Err(shared) => Val::Array(shared).written(of_number),
            },
            Val::Object(object) => match Rc::try_unwrap(object) {
                Ok(object) => {
                    let members = object.members.into_iter();
                    Some(Value::object(members.filter_map(|(name, value)| Some((name, value.into_json(of_number)?)))))
                }
                Err(shared) => Val::Object(shared).written(of_number),
            },
            other => other.written(of_number),
        }
    }

    /// As JSON; nothing for undefined. Functions inside are left out of objects and are `null` in arrays.
    pub fn to_json(&self) -> Option<Value> {
        self.written(number)
    }

    fn written(&self, of_number: fn(f64) -> Value) -> Option<Value> {
        let item = |value: &Val| value.written(of_number).unwrap_or_default();
        match self {
            Val::Undefined | Val::Function(_) => None,
            Val::Json(value) => Some(value.clone()),
            Val::Number(n) => Some(of_number(*n)),
            Val::Array(array) => Some(Value::array(array.items.iter().map(item).collect::<Vec<_>>())),
            Val::Object(object) => {
                let members = object.members.iter();
                let members = members.filter_map(|(name, value)| Some((name.clone(), value.written(of_number)?)));
                Some(Value::object(members))
            }
            Val::Tuples(tuples) => {
                Some(Value::array(tuples.iter().map(|tuple| item(&tuple.value)).collect::<Vec<_>>()))
            }
        }
    }

    /// As the value in an error.
    pub fn shown(&self) -> Value {
        self.to_json().unwrap_or_default()
    }
}

impl From<f64> for Val {
    fn from(number: f64) -> Self {
        Val::Number(number)
    }
}

impl From<usize> for Val {
    fn from(number: usize) -> Self {
        Val::Number(number as f64)
    }
}

impl From<bool> for Val {
    fn from(value: bool) -> Self {
        Val::bool(value)
    }
}

impl From<Number> for Val {
    fn from(number: Number) -> Self {
        Val::Json(Value::Number(number))
    }
}
