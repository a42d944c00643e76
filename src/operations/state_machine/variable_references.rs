//! `variableReferences`: which states read which variables.

use crate::asl::Program;
use crate::json::Value;
use crate::protocol::Encode;
use smol_str::SmolStr;
use std::collections::BTreeMap;

/// The variables that states read, by state; only states that read some.
#[derive(Debug)]
pub struct VariableReferences(BTreeMap<SmolStr, Box<[SmolStr]>>);

impl VariableReferences {
    /// Those of a program.
    pub fn of(program: &Program) -> Option<Self> {
        let reading = program.states.iter().filter(|state| !state.reads.is_empty());
        let references: BTreeMap<_, _> = reading.map(|state| (state.name.clone(), state.reads.clone())).collect();
        (!references.is_empty()).then_some(Self(references))
    }
}

impl Encode for VariableReferences {
    fn write(&self, out: &mut String) {
        let states = self.0.iter().map(|(state, names)| {
            (state.clone(), Value::array(names.iter().cloned().map(Value::from).collect::<Vec<_>>()))
        });
        Value::object(states).write(out);
    }
}
