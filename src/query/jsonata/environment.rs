//! Names and their values while an expression is evaluated.

use super::value::{Binding, Key, Val};
use smol_str::SmolStr;
use std::cell::RefCell;
use std::rc::Rc;

pub(super) type Env = Rc<Frame>;

/// The names of one block or call, or of one result of a path.
#[derive(Debug, Default)]
pub(super) struct Frame {
    names: RefCell<Vec<(SmolStr, Val)>>,
    tuple: Option<Rc<Binding>>,
    outer: Option<Env>,
}

impl Frame {
    pub fn new(outer: Option<Env>) -> Self {
        Self { names: RefCell::default(), tuple: None, outer }
    }

    pub fn of_call(outer: &Env, names: Vec<(SmolStr, Val)>) -> Self {
        Self { names: RefCell::new(names), tuple: None, outer: Some(outer.clone()) }
    }

    /// The names that a path has bound on its way to a result.
    pub fn of_tuple(outer: &Env, tuple: Option<Rc<Binding>>) -> Env {
        match tuple {
            None => outer.clone(),
            tuple => Rc::new(Self { names: RefCell::default(), tuple, outer: Some(outer.clone()) }),
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
        let mut frame = self;
        loop {
            if let Some((_, value)) = frame.names.borrow().iter().rev().find(|(n, _)| n == name) {
                return Some(value.clone());
            }
            let mut binding = frame.tuple.as_deref();
            while let Some(Binding { key, value, next }) = binding {
                if matches!(key, Key::Name(n) if n == name) {
                    return Some(value.clone());
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
    pub fn clear(&self) -> Vec<(SmolStr, Val)> {
        self.names.take()
    }
}
