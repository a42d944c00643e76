//! Names and their values while an expression is evaluated.

use super::syntax::Lambda;
use super::value::{Binding, Key, Val};
use smol_str::SmolStr;
use std::cell::RefCell;
use std::rc::Rc;
use std::sync::Arc;

pub(super) type Env = Rc<Frame>;

/// The names of one block or call, or of one result of a path.
#[derive(Debug, Default)]
pub(super) struct Frame {
    names: RefCell<Vec<(SmolStr, Val)>>,
    call: Option<Passed>,
    tuple: Option<Rc<Binding>>,
    outer: Option<Env>,
}

/// The function that is called with what is passed to it.
#[derive(Debug)]
struct Passed {
    lambda: Arc<Lambda>,
    arguments: RefCell<Vec<Val>>,
}

impl Frame {
    pub fn new(outer: Option<Env>) -> Self {
        Self { outer, ..Self::default() }
    }

    /// As many arguments as the function has parameters.
    pub fn of_call(outer: &Env, lambda: &Arc<Lambda>, arguments: Vec<Val>) -> Self {
        let call = Passed { lambda: lambda.clone(), arguments: RefCell::new(arguments) };
        Self { call: Some(call), outer: Some(outer.clone()), ..Self::default() }
    }

    /// The names that a path has bound on its way to a result.
    pub fn of_tuple(outer: &Env, tuple: Option<Rc<Binding>>) -> Env {
        match tuple {
            None => outer.clone(),
            tuple => Rc::new(Self { tuple, outer: Some(outer.clone()), ..Self::default() }),
        }
    }

    pub fn bind(&self, name: &SmolStr, value: Val) {
        let mut names = self.names.borrow_mut();
        match names.iter_mut().find(|(n, _)| n == name) {
            Some((_, old)) => {
                let old = std::mem::replace(old, value);
                drop(names);
                drop(old);
            }
            None => names.push((name.clone(), value)),
        }
    }

    /// The value of a name, also one that is bound to nothing.
    pub fn lookup(&self, name: &str) -> Option<Val> {
        self.look_at(name, Val::clone)
    }

    /// What can be said of the value of a name.
    #[inline]
    pub fn look_at<T>(&self, name: &str, look: impl FnOnce(&Val) -> T) -> Option<T> {
        let mut frame = self;
        loop {
            if let Some((_, value)) = frame.names.borrow().iter().rev().find(|(n, _)| n == name) {
                return Some(look(value));
            }
            if let Some(Passed { lambda, arguments }) = &frame.call
                && let Some(place) = lambda.parameters.iter().rposition(|parameter| parameter == name)
            {
                return arguments.borrow().get(place).map(look);
            }
            let mut binding = frame.tuple.as_deref();
            while let Some(Binding { key, value, next }) = binding {
                if matches!(key, Key::Name(n) if n == name) {
                    return Some(look(value));
                }
                binding = next.as_deref();
            }
            frame = frame.outer.as_deref()?;
        }
    }

    /// The object that a `%` stands for.
    pub fn parent(&self, id: u32) -> Option<Val> {
        let mut frame = self;
        loop {
            let mut binding = frame.tuple.as_deref();
            while let Some(Binding { key, value, next }) = binding {
                if *key == Key::Parent(id) {
                    return Some(value.clone());
                }
                binding = next.as_deref();
            }
            frame = frame.outer.as_deref()?;
        }
    }

    /// Takes everything out; functions refer to frames and frames to functions, and nothing else ends such circles.
    pub fn clear(&self) -> Vec<Val> {
        let mut values: Vec<Val> = self.names.take().into_iter().map(|(_, value)| value).collect();
        if let Some(call) = &self.call {
            values.append(&mut call.arguments.borrow_mut());
        }
        values
    }
}
