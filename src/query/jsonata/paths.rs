//! Paths: steps, predicates, sorting, and the bindings that are carried along.

use super::environment::{Env, Frame};
use super::error::{JsonataError, Outcome};
use super::evaluator::Evaluator;
use super::syntax::{Group, Kind, Node, Path, Stage, Term};
use super::value::{Array, Binding, Key, List, Tuple, Val};
use crate::json::Value;
use smol_str::SmolStr;
use std::cmp::Ordering;
use std::collections::HashMap;
use std::rc::Rc;

/// What goes from one step to the next.
enum Stream {
    One(Val),
    /// The items of an array that exists.
    Array(Val),
    Built(Vec<Val>),
}

impl Stream {
    fn len(&self) -> usize {
        match self {
            Stream::One(_) => 1,
            Stream::Array(array) => array.list().map_or(0, |list| list.len()),
            Stream::Built(items) => items.len(),
        }
    }

    fn value(self) -> Val {
        match self {
            Stream::One(value) => Val::sequence(vec![value]),
            Stream::Array(array) => array,
            Stream::Built(items) => Val::sequence(items),
        }
    }

    fn items(&self) -> Vec<Val> {
        match self {
            Stream::One(value) => vec![value.clone()],
            Stream::Array(array) => array.items(),
            Stream::Built(items) => items.clone(),
        }
    }
}

/// The value of members in members; nothing if there are arrays on the way.
fn follow(value: &Val, steps: &[Node]) -> Option<Val> {
    let (mut value, mut steps) = (value, steps.iter());
    loop {
        let mut json = match value {
            Val::Json(json) => json,
            Val::Array(_) | Val::Tuples(_) => return None,
            _ => {
                let Some(step) = steps.next() else { return Some(value.clone()) };
                let Node { kind: Kind::Name(name), extra: None, .. } = step else { return None };
                match value {
                    Val::Object(object) => match object.get(name) {
                        Some(member) => value = member,
                        None => return Some(Val::Undefined),
                    },
                    _ => return Some(Val::Undefined),
                }
                continue;
            }
        };
        for step in steps {
            let Node { kind: Kind::Name(name), extra: None, .. } = step else { return None };
            match json {
                Value::Object(object) => match object.get(name) {
                    Some(member) => json = member,
                    None => return Some(Val::Undefined),
                },
                Value::Array(_) => return None,
                _ => return Some(Val::Undefined),
            }
        }
        return Some(Val::Json(json.clone()));
    }
}

/// The results of a step as the next one takes them.
fn stream_of(mut results: Vec<Val>, last: bool) -> Stream {
    if results.len() == 1 {
        let only = results.pop().unwrap_or_default();
        return match &only {
            Val::Json(Value::Array(_)) if last => Stream::Array(only),
            Val::Array(array) if last && !array.sequence => Stream::Array(only),
            Val::Array(array) if array.cons => Stream::Built(vec![only]),
            Val::Array(array) => Stream::Built(array.items.clone()),
            Val::Json(Value::Array(_)) => Stream::Built(only.items()),
            _ => Stream::One(only),
        };
    }
    let flat = |value: &Val| match value {
        Val::Array(array) => array.cons,
        other => !other.is_list(),
    };
    if results.iter().all(flat) {
        return Stream::Built(results);
    }
    let mut items = Vec::with_capacity(results.len());
    for result in results {
        match result.list() {
            Some(list) if !flat(&result) => items.extend(list.iter()),
            _ => items.push(result),
        }
    }
    Stream::Built(items)
}

impl Evaluator<'_> {
    /// The value of a path that only goes from object to member, as most do; nothing if there's more to it.
    #[inline(never)]
    pub fn plain_path(&mut self, path: &Path, input: &Val, env: &Env) -> Option<Val> {
        let (first, rest) = path.steps.split_first()?;
        match &first.kind {
            _ if path.keep_singleton || first.extra.is_some() => None,
            Kind::Name(_) => follow(input, &path.steps),
            Kind::Variable(name, None) if !name.is_empty() && name != "$" => {
                match env.look_at(name, |value| follow(value, rest)) {
                    Some(followed) => followed,
                    None => {
                        let (Node { kind: Kind::Name(member), extra: None, .. }, rest) = rest.split_first()? else {
                            return None;
                        };
                        follow(&Val::Json(self.surroundings.bindings.member(name, member)?), rest)
                    }
                }
            }
            _ => None,
        }
    }

    #[inline(never)]
    pub fn path(&mut self, node: &Node, path: &Path, input: &Val, env: &Env) -> Outcome<Val> {
        let starts_with_variable = matches!(path.steps[0].kind, Kind::Variable(..));
        let mut stream = match input.is_list() && !starts_with_variable {
            true => Stream::Array(input.clone()),
            false => Stream::One(input.clone()),
        };
        let mut tuples: Option<Vec<Tuple>> = None;
        let mut in_tuples = false;
        for (i, step) in path.steps.iter().enumerate() {
            let last = i + 1 == path.steps.len();
            in_tuples |= step.is_tuple();
            if i == 0 && matches!(step.kind, Kind::Array(_)) && step.is_cons() {
                let context = stream.value();
                let value = self.eval(step, &context, env)?;
                stream = match value.is_list() {
                    true => Stream::Array(value),
                    false => Stream::Built(value.items()),
                };
                if stream.len() == 0 {
                    break;
                }
            } else if in_tuples {
                tuples = Some(self.tuple_step(step, &stream, tuples, env)?);
            } else {
                stream = self.one_step(step, stream, env, last)?;
                if stream.len() == 0 {
                    break;
                }
            }
        }
        let group = node.extra.as_ref().and_then(|extra| extra.group.as_ref());
        let mut value = match tuples {
            Some(tuples) if in_tuples => {
                if let Some(group) = group {
                    return self.group_tuples(group, &tuples, env);
                }
                if node.is_tuple() {
                    return Ok(Val::Tuples(Rc::new(tuples)));
                }
                Val::sequence(tuples.into_iter().map(|tuple| tuple.value).collect())
            }
            _ => match stream {
                Stream::One(value) if !path.keep_singleton && group.is_none() => return Ok(value),
                stream => stream.value(),
            },
        };
        if path.keep_singleton {
            value = kept(value);
        }
        match group {
            Some(group) => self.group(group, value, env),
            None => Ok(value),
        }
    }

    fn one_step(&mut self, step: &Node, stream: Stream, env: &Env, last: bool) -> Outcome<Stream> {
        let stages: &[Stage] = step.extra.as_ref().map_or(&[], |extra| &extra.stages);
        if let Kind::Sort(terms) = &step.kind {
            let mut sorted = self.sort_values(terms, stream.items(), step.position, env)?;
            for stage in stages {
                if let Stage::Filter(predicate) = stage {
                    sorted = self.filter(predicate, sorted, env)?;
                }
            }
            return Ok(Stream::Array(sorted));
        }
        let single = match &stream {
            Stream::One(value) => Some(value),
            Stream::Built(items) if items.len() == 1 => Some(&items[0]),
            _ => None,
        };
        if let Some(value) = single {
            let result = match &step.kind {
                Kind::Name(name) if !value.is_list() => {
                    self.step(1)?;
                    value.member(name).unwrap_or_default()
                }
                _ => self.eval(step, value, env)?,
            };
            let result = self.staged(stages, result, env)?;
            return Ok(match result {
                Val::Undefined => Stream::Built(Vec::new()),
                Val::Json(Value::Array(_)) if last || result.list().is_some_and(|list| list.len() > 0) => {
                    Stream::Array(result)
                }
                result => stream_of(vec![result], last),
            });
        }
        let count = stream.len();
        self.charge_items(count)?;
        let mut results = Vec::with_capacity(count);
        for i in 0..count {
            let own;
            let item = match &stream {
                Stream::Array(array) => match (array.list(), &step.kind) {
                    (Some(List::Json(items)), Kind::Name(name)) if !matches!(items[i], Value::Array(_)) => {
                        self.step(1)?;
                        let member = items[i].get(name).map(|member| Val::Json(member.clone()));
                        results.push(self.staged(stages, member.unwrap_or_default(), env)?);
                        continue;
                    }
                    (Some(List::Engine(items)), _) => &items[i],
                    (list, _) => {
                        own = list.and_then(|list| list.get(i)).unwrap_or_default();
                        &own
                    }
                },
                Stream::Built(items) => &items[i],
                Stream::One(value) => value,
            };
            let result = match &step.kind {
                Kind::Name(name) if !item.is_list() => {
                    self.step(1)?;
                    item.member(name).unwrap_or_default()
                }
                _ => self.eval(step, item, env)?,
            };
            results.push(self.staged(stages, result, env)?);
        }
        results.retain(|result| !result.is_undefined());
        let flattened: usize = results.iter().filter_map(|result| result.list().map(|list| list.len())).sum();
        self.charge_items(flattened)?;
        self.step(flattened / 8)?;
        Ok(stream_of(results, last))
    }

    fn staged(&mut self, stages: &[Stage], mut result: Val, env: &Env) -> Outcome<Val> {
        for stage in stages {
            if let Stage::Filter(predicate) = stage {
                result = self.filter(predicate, result, env)?;
            }
        }
        Ok(result)
    }

    /// The items for which a predicate holds, or those at its places.
    #[inline(never)]
    pub fn filter(&mut self, predicate: &Node, input: Val, env: &Env) -> Outcome<Val> {
        if let Val::Tuples(tuples) = &input {
            return Ok(Val::Tuples(Rc::new(self.filter_tuples(predicate, tuples, env)?)));
        }
        if input.is_undefined() {
            // what is wrong with the predicate shows although there is nothing to choose from
            let holds = self.eval(predicate, &input, env)?;
            return self.selects(&holds, 0, 1).map(|_| Val::Undefined);
        }
        let length = input.list().map_or(1, |list| list.len());
        let item = |i: usize| match input.list() {
            Some(list) => list.get(i),
            None => (i == 0).then(|| input.clone()),
        };
        if let Kind::Number(number) = predicate.kind {
            let found = place(number, length).and_then(item);
            return Ok(match found {
                Some(array) if array.is_list() => array,
                Some(item) => Val::sequence(vec![item]),
                None => Val::sequence(Vec::new()),
            });
        }
        self.step(length)?;
        let mut found = Vec::new();
        for i in 0..length {
            let Some(context) = item(i) else { continue };
            let holds = self.eval(predicate, &context, env)?;
            let times = self.selects(&holds, i, length)?;
            self.charge_items(times)?;
            found.extend(std::iter::repeat_n(context, times));
        }
        Ok(Val::sequence(found))
    }

    /// How often the value of a predicate selects the item at this place: as often as it names the place.
    fn selects(&mut self, value: &Val, index: usize, length: usize) -> Outcome<usize> {
        if let Some(number) = value.numeric()? {
            return Ok(usize::from(place(number, length) == Some(index)));
        }
        if let Some(list) = value.list()
            && list.len() > 0
            && list.iter().all(|item| item.as_f64().is_some())
        {
            let mut times = 0;
            for item in list.iter() {
                times += usize::from(item.numeric()?.is_some_and(|number| place(number, length) == Some(index)));
            }
            return Ok(times);
        }
        self.truthy(value).map(usize::from)
    }

    fn filter_tuples(&mut self, predicate: &Node, tuples: &[Tuple], env: &Env) -> Outcome<Vec<Tuple>> {
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

    #[inline(never)]
    fn tuple_step(
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

    pub fn sort_values(&mut self, terms: &[Term], items: Vec<Val>, position: u32, env: &Env) -> Outcome<Val> {
        if items.len() < 2 {
            return Ok(Val::sequence(items));
        }
        let mut keys = Vec::with_capacity(items.len());
        for item in &items {
            keys.push(self.sort_keys(terms, item, env)?);
        }
        let order =
            self.ordered(keys.len(), &mut |evaluator, a, b| evaluator.compared(terms, &keys[a], &keys[b], position))?;
        Ok(Val::array(order.into_iter().map(|i| items[i].clone()).collect()))
    }

    fn sort_tuples(&mut self, terms: &[Term], tuples: Vec<Tuple>, position: u32, env: &Env) -> Outcome<Vec<Tuple>> {
        if tuples.len() < 2 {
            return Ok(tuples);
        }
        let mut keys = Vec::with_capacity(tuples.len());
        for tuple in &tuples {
            let env = Frame::of_tuple(env, tuple.bindings.clone());
            keys.push(self.sort_keys(terms, &tuple.value, &env)?);
        }
        let order =
            self.ordered(keys.len(), &mut |evaluator, a, b| evaluator.compared(terms, &keys[a], &keys[b], position))?;
        Ok(order.into_iter().map(|i| tuples[i].clone()).collect())
    }

    fn sort_keys(&mut self, terms: &[Term], item: &Val, env: &Env) -> Outcome<Vec<Val>> {
        self.charge_items(terms.len() + 5)?;
        terms.iter().map(|term| self.eval(&term.expression, item, env)).collect()
    }

    /// Whether the first item comes after the second; what is undefined comes last.
    fn compared(&mut self, terms: &[Term], a: &[Val], b: &[Val], position: u32) -> Outcome<bool> {
        for ((term, a), b) in terms.iter().zip(a).zip(b) {
            let ordering = match (a.is_undefined(), b.is_undefined()) {
                (true, true) => continue,
                (true, false) => return Ok(true),
                (false, true) => return Ok(false),
                _ => match (a.as_f64(), b.as_f64(), a.as_str(), b.as_str()) {
                    (Some(a), Some(b), _, _) => a.partial_cmp(&b).unwrap_or(Ordering::Equal),
                    (_, _, Some(a), Some(b)) => {
                        self.step(a.len().min(b.len()) / 64)?;
                        super::operators::compare_texts(a, b)
                    }
                    (Some(_), _, _, Some(_)) | (_, Some(_), Some(_), _) => {
                        return Err(JsonataError::new("T2007").at(position).value(a.shown()).value2(b.shown()));
                    }
                    (x, _, y, _) => {
                        let culprit = if x.is_none() && y.is_none() { a } else { b };
                        return Err(JsonataError::new("T2008").at(position).value(culprit.shown()));
                    }
                },
            };
            match if term.descending { ordering.reverse() } else { ordering } {
                Ordering::Equal => {}
                unequal => return Ok(unequal == Ordering::Greater),
            }
        }
        Ok(false)
    }

    /// The places of as many items in their order; `after` tells whether the first of two comes after the second.
    pub fn ordered(
        &mut self,
        count: usize,
        after: &mut dyn FnMut(&mut Self, usize, usize) -> Outcome<bool>,
    ) -> Outcome<Vec<usize>> {
        self.charge(count * 8)?;
        self.step(count)?;
        self.merge_sorted((0..count).collect(), after)
    }

    fn merge_sorted(
        &mut self,
        mut places: Vec<usize>,
        after: &mut dyn FnMut(&mut Self, usize, usize) -> Outcome<bool>,
    ) -> Outcome<Vec<usize>> {
        if places.len() < 2 {
            return Ok(places);
        }
        let right = places.split_off(places.len() / 2);
        let left = self.merge_sorted(places, after)?;
        let right = self.merge_sorted(right, after)?;
        let mut merged = Vec::with_capacity(left.len() + right.len());
        let (mut l, mut r) = (0, 0);
        while l < left.len() && r < right.len() {
            if after(self, left[l], right[r])? {
                merged.push(right[r]);
                r += 1;
            } else {
                merged.push(left[l]);
                l += 1;
            }
        }
        merged.extend_from_slice(&left[l..]);
        merged.extend_from_slice(&right[r..]);
        Ok(merged)
    }
}

/// The place that a number stands for, from the end if it is negative.
fn place(number: f64, length: usize) -> Option<usize> {
    let place = number.floor();
    let place = if place < 0.0 { place + length as f64 } else { place };
    (place >= 0.0 && place < length as f64).then_some(place as usize)
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

/// A sequence that stays an array even if it has only one item.
fn kept(value: Val) -> Val {
    match value {
        Val::Array(array) if array.cons && !array.sequence => {
            let wrapped =
                Array { items: vec![Val::Array(array.clone())], sequence: true, keep: true, ..Array::default() };
            let nesting = super::value::Nesting { depth: array.nesting.depth + 1, ..array.nesting };
            Val::Array(Rc::new(Array { nesting, ..wrapped }))
        }
        Val::Array(mut array) => {
            Rc::make_mut(&mut array).keep = true;
            Val::Array(array)
        }
        other => other,
    }
}
