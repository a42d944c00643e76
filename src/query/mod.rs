//! Query expressions: JSONPath in the dialect that AWS speaks, intrinsic functions and payload templates; JSONata.
//!
//! Everything is compiled once, with the definition, and evaluated often. This module knows nothing of states,
//! histories or time; what an expression may look at stands in [`Scope`].

mod base64_text;
pub mod intrinsic;
pub mod java_random;
mod java_text;
pub mod jsonata;
mod jsonata_template;
pub mod jsonpath;
mod path;
mod reference_path;
mod template;

pub use jsonata_template::{InvalidExpression, JsonataField, JsonataTemplate, States};
pub use path::{Path, Root, SourcePath};
pub use reference_path::ReferencePath;
pub use template::{InvalidTemplate, Template};

use crate::json::Value;
use crate::random::Random;
use smol_str::SmolStr;
use std::sync::Arc;

/// What an expression can look at while it is evaluated.
#[derive(Clone, Copy)]
pub struct Scope<'a> {
    /// What `$` stands for.
    pub input: &'a Value,
    /// What `$$` stands for.
    pub context: &'a dyn Context,
    /// What `$name` stands for.
    pub variables: &'a Variables,
    /// Where `States.UUID` and `States.MathRandom` get their numbers.
    pub random: &'a Random,
}

/// The context object, which is made only when an expression looks at it.
pub trait Context {
    /// The whole object.
    fn object(&self) -> Value;
}

/// A context object that is at hand.
impl Context for Value {
    fn object(&self) -> Value {
        self.clone()
    }
}

/// The variables that an expression can read: those of its own block and, behind them, those of the blocks around it.
#[derive(Clone, Debug, Default)]
pub struct Variables {
    own: Vec<(SmolStr, Value)>,
    outer: Option<Arc<Variables>>,
}

impl Variables {
    /// The value of the variable with this name.
    pub fn get(&self, name: &str) -> Option<&Value> {
        let own = self.own.iter().find(|(n, _)| n == name).map(|(_, value)| value);
        own.or_else(|| self.outer.as_ref()?.get(name))
    }

    /// A block of its own inside this one: it reads these variables, and what it assigns stays inside.
    pub fn inner(self: &Arc<Self>) -> Arc<Variables> {
        Arc::new(Variables { own: Vec::new(), outer: Some(self.clone()) })
    }

    /// Sets a variable of this block.
    pub fn assign(&mut self, name: SmolStr, value: Value) {
        match self.own.iter_mut().find(|(own, _)| *own == name) {
            Some((_, old)) => *old = value,
            None => self.own.push((name, value)),
        }
    }

    /// All that can be read here, those of the innermost block first.
    pub fn all(&self) -> Vec<(SmolStr, Value)> {
        let mut all = self.own.clone();
        for (name, value) in self.outer.iter().flat_map(|outer| outer.all()) {
            if !all.iter().any(|(inner, _)| *inner == name) {
                all.push((name, value));
            }
        }
        all
    }

    /// The bytes that all variables that can be read here would take as JSON text once these were set.
    pub fn size_with<'a>(&self, members: impl Iterator<Item = (&'a SmolStr, &'a Value)>) -> usize {
        let own = |name: &str| self.own.iter().find(|(own, _)| own == name).map_or(0, |(_, value)| value.size());
        let (new, old) = members.fold((0, 0), |(new, old), (name, value)| (new + value.size(), old + own(name)));
        self.size() + new - old
    }

    /// The bytes that all variables that can be read here take as JSON text.
    pub fn size(&self) -> usize {
        let own: usize = self.own.iter().map(|(_, value)| value.size()).sum();
        own + self.outer.as_ref().map_or(0, |outer| outer.size())
    }
}
