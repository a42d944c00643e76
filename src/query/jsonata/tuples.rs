//! Results of paths with what was bound on the way: `@$v`, `#$i`, and the parents that `%` stands for.

use super::environment::{Env, Frame};
use super::error::{JsonataError, Outcome};
use super::evaluator::Evaluator;
use super::paths::{Stream, place};
use super::syntax::{Group, Kind, Node, Stage};
use super::value::{Binding, Key, Tuple, Val};
use crate::json::Value;
use smol_str::SmolStr;
use std::collections::HashMap;
use std::rc::Rc;

impl Evaluator<'_> {
    #[inline(never)]
    pub fn tuple_step(
        &mut self,
        step: &Node,
        stream: &Stream,
        tuples: Option<Vec<Tuple>>,
        env: &Env,
    ) -> Outcome<Vec<Tuple>> {
        let Some(tuples) = tuples else {
            let tuples = stream.items().into_iter().map(|value| Tuple { value, bindings: None }).collect();
            return self.tuple_step(step, stream, Some(tuples), env);
        };
        let mut results = Vec::new();
        if let Kind::Sort(terms) = &step.kind {
            results = self.sort_tuples(terms, tuples, step.position, env)?;
            if let Some(index) = step.extra.as_ref().and_then(|extra| extra.index.as_ref()) {
                number_tuples(&mut results, index);
            }
        } else {
            for tuple in &tuples {
                let env = Frame::of_tuple(env, tuple.bindings.clone());
                let result = self.eval(step, &tuple.value, &env)?;
                self.add_tuples(step, tuple, result, &mut results)?;
            }
        }
        for stage in step.extra.iter().flat_map(|extra| &extra.stages) {
            match stage {
                Stage::Filter(predicate) => results = self.filter_tuples(predicate, &results, env)?,
                Stage::Index(name) => number_tuples(&mut results, name),
            }
        }
        Ok(results)
    }

    fn add_tuples(&mut self, step: &Node, tuple: &Tuple, result: Val, results: &mut Vec<Tuple>) -> Outcome<()> {
        if let Val::Tuples(inner) = &result {
            self.charge_items(inner.len().saturating_mul(5))?;
            for one in inner.iter() {
                let mut chain = Vec::new();
                let mut binding = one.bindings.as_ref();
                while let Some(own) = binding {
                    chain.push(own);
                    binding = own.next.as_ref();
                }
                let mut bindings = tuple.bindings.clone();
                for own in chain.into_iter().rev() {
                    bindings = bound(own.key.clone(), own.value.clone(), bindings);
                }
                results.push(Tuple { value: one.value.clone(), bindings });
            }
            return Ok(());
        }
        self.charge_items(result.list().map_or(1, |list| list.len()).saturating_mul(5))?;
        let items = result.items();
        let Some(extra) = &step.extra else {
            results.extend(items.into_iter().map(|value| Tuple { value, bindings: tuple.bindings.clone() }));
            return Ok(());
        };
        for (i, item) in items.into_iter().enumerate() {
            let mut bindings = tuple.bindings.clone();
            let mut value = item;
            if let Some(focus) = &extra.focus {
                bindings = bound(Key::Name(focus.clone()), value, bindings);
                value = tuple.value.clone();
            }
            if let Some(index) = &extra.index {
                bindings = bound(Key::Name(index.clone()), Val::from(i), bindings);
            }
            for ancestor in &extra.ancestors {
                bindings = bound(Key::Parent(*ancestor), tuple.value.clone(), bindings);
            }
            results.push(Tuple { value, bindings });
        }
        Ok(())
    }

    /// Groups results with their bindings; those of one group are put together.
    pub fn group_tuples(&mut self, group: &Group, tuples: &[Tuple], env: &Env) -> Outcome<Val> {
        let mut groups: Vec<(SmolStr, usize, Vec<&Tuple>)> = Vec::new();
        let mut places: HashMap<SmolStr, usize> = HashMap::new();
        for tuple in tuples {
            let env = Frame::of_tuple(env, tuple.bindings.clone());
            for (pair, (key, _)) in group.pairs.iter().enumerate() {
                let Some(key) = self.key(group, key, &tuple.value, &env)? else { continue };
                match places.get(&key) {
                    Some(place) if groups[*place].1 != pair => {
                        return Err(JsonataError::new("D1009").at(group.position).value(Value::String(key)));
                    }
                    Some(place) => groups[*place].2.push(tuple),
                    None => {
                        self.charge(160)?;
                        places.insert(key.clone(), groups.len());
                        groups.push((key, pair, vec![tuple]));
                    }
                }
            }
        }
        let mut members = Vec::with_capacity(groups.len());
        for (key, pair, tuples) in groups {
            self.charge_items(tuples.iter().map(|tuple| weight(tuple)).sum())?;
            let together = reduced(&tuples);
            let env = Frame::of_tuple(env, together.bindings);
            let value = self.eval(&group.pairs[pair].1, &together.value, &env)?;
            if !value.is_undefined() {
                members.push((key, value));
            }
        }
        Val::new_object(members)
    }

    pub fn filter_tuples(&mut self, predicate: &Node, tuples: &[Tuple], env: &Env) -> Outcome<Vec<Tuple>> {
        let length = tuples.len();
        if let Kind::Number(number) = predicate.kind {
            return Ok(place(number, length).map(|i| tuples[i].clone()).into_iter().collect());
        }
        let mut found = Vec::new();
        for (i, tuple) in tuples.iter().enumerate() {
            let env = Frame::of_tuple(env, tuple.bindings.clone());
            let holds = self.eval(predicate, &tuple.value, &env)?;
            let times = self.selects(&holds, i, length)?;
            self.charge_items(times)?;
            found.extend(std::iter::repeat_n(tuple.clone(), times));
        }
        Ok(found)
    }
}

fn bound(key: Key, value: Val, next: Option<Rc<Binding>>) -> Option<Rc<Binding>> {
    Some(Rc::new(Binding { key, value, next }))
}

fn number_tuples(tuples: &mut [Tuple], name: &SmolStr) {
    for (i, tuple) in tuples.iter_mut().enumerate() {
        tuple.bindings = bound(Key::Name(name.clone()), Val::from(i), tuple.bindings.take());
    }
}

/// How many items a result and its bindings have.
fn weight(tuple: &Tuple) -> usize {
    let items = |value: &Val| value.list().map_or(1, |list| list.len());
    let mut weight = items(&tuple.value);
    let mut binding = tuple.bindings.as_deref();
    while let Some(Binding { value, next, .. }) = binding {
        weight = weight.saturating_add(items(value));
        binding = next.as_deref();
    }
    weight
}

/// The results of one group as one: values and bindings become arrays.
fn reduced(tuples: &[&Tuple]) -> Tuple {
    if let [only] = tuples {
        return (*only).clone();
    }
    let mut value = Vec::new();
    let mut names: Vec<(Key, Vec<Val>)> = Vec::new();
    for tuple in tuples {
        value.extend(tuple.value.items());
        let mut seen: Vec<&Key> = Vec::new();
        let mut binding = tuple.bindings.as_deref();
        while let Some(Binding { key, value, next }) = binding {
            if !seen.contains(&key) {
                seen.push(key);
                match names.iter_mut().find(|(name, _)| name == key) {
                    Some((_, values)) => values.extend(value.items()),
                    None => names.push((key.clone(), value.items())),
                }
            }
            binding = next.as_deref();
        }
    }
    let mut bindings = None;
    for (key, mut values) in names {
        let value = if values.len() == 1 { values.remove(0) } else { Val::array(values) };
        bindings = bound(key, value, bindings);
    }
    Tuple { value: Val::array(value), bindings }
}
