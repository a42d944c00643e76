//! Transforms: `|pattern|update, delete|`.

use super::environment::Env;
use super::error::{JsonataError, Outcome};
use super::evaluator::Evaluator;
use super::syntax::Transform;
use super::value::{Nesting, Object, Val};
use smol_str::SmolStr;
use std::collections::HashMap;
use std::rc::Rc;

impl Evaluator<'_> {
    /// Copies the input, finds objects in the copy, and changes these.
    pub fn transform(&mut self, transform: &Transform, env: &Env, input: &Val) -> Outcome<Val> {
        if input.is_undefined() {
            return Ok(Val::Undefined);
        }
        let copy = self.copy(input)?;
        let matches = self.eval(&transform.pattern, &copy, env)?;
        let mut changes: HashMap<usize, Change> = HashMap::new();
        for found in matches.items() {
            let update = self.eval(&transform.update, &found, env)?;
            let Some(address) = address(&found) else { continue };
            if !update.is_undefined() {
                if !update.is_object() {
                    return Err(JsonataError::new("T2011").at(transform.update.position).value(update.shown()));
                }
                let change = changes.entry(address).or_default();
                for (name, value) in update.members() {
                    self.step(1 + (change.removed.len() + change.set.len()) / 8)?;
                    change.removed.retain(|removed| removed != name);
                    change.set.retain(|(set, _)| set != name);
                    change.set.push((name.clone(), value));
                }
            }
            let Some(delete) = &transform.delete else { continue };
            let deletions = self.eval(delete, &found, env)?;
            if deletions.is_undefined() {
                continue;
            }
            let change = changes.entry(address).or_default();
            for name in deletions.items() {
                let Some(name) = name.as_smol() else {
                    return Err(JsonataError::new("T2012").at(delete.position).value(deletions.shown()));
                };
                self.step(1 + change.set.len() / 8)?;
                change.set.retain(|(set, _)| set != name);
                change.removed.push(name.clone());
            }
        }
        self.rebuilt(&copy, &changes)
    }

    /// A deep copy in which every object is one of its own.
    fn copy(&mut self, value: &Val) -> Outcome<Val> {
        self.charge_items(2)?;
        self.step(1)?;
        if value.is_list() || value.is_object() {
            // here, and in what is rebuilt from it
            self.charge_containers(2)?;
        }
        if let Some(list) = value.list() {
            let items = list.iter().map(|item| self.copy(&item)).collect::<Outcome<Vec<Val>>>()?;
            return Ok(Val::array(items));
        }
        let Some(count) = value.member_count() else { return Ok(value.clone()) };
        let mut copied = Vec::with_capacity(count);
        for (name, value) in value.members() {
            if !value.is_function() {
                self.charge_items(4)?;
                copied.push((name.clone(), self.copy(&value)?));
            }
        }
        let nesting = Nesting::default();
        Ok(Val::Object(Rc::new(Object::new(copied, nesting))))
    }

    fn rebuilt(&mut self, value: &Val, changes: &HashMap<usize, Change>) -> Outcome<Val> {
        match value {
            Val::Array(array) => Val::new_array(
                array.items.iter().map(|item| self.rebuilt(item, changes)).collect::<Outcome<Vec<Val>>>()?,
            ),
            Val::Object(object) => {
                let nothing = Change::default();
                let change = address(value).and_then(|address| changes.get(&address)).unwrap_or(&nothing);
                self.step(object.members.len() * (change.removed.len() + 2 * change.set.len()) / 8)?;
                let mut members = Vec::with_capacity(object.members.len() + change.set.len());
                for (name, member) in &object.members {
                    if change.removed.contains(name) {
                        continue;
                    }
                    match change.set.iter().find(|(set, _)| set == name) {
                        Some((_, new)) => members.push((name.clone(), new.clone())),
                        None => members.push((name.clone(), self.rebuilt(member, changes)?)),
                    }
                }
                for (name, new) in &change.set {
                    if !object.members.iter().any(|(known, _)| known == name) {
                        members.push((name.clone(), new.clone()));
                    }
                }
                Val::new_object(members)
            }
            other => Ok(other.clone()),
        }
    }
}

/// What is changed in one object.
#[derive(Default)]
struct Change {
    set: Vec<(SmolStr, Val)>,
    removed: Vec<SmolStr>,
}

fn address(value: &Val) -> Option<usize> {
    match value {
        Val::Object(object) => Some(Rc::as_ptr(object) as usize),
        _ => None,
    }
}
