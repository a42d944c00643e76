//! Evaluates expressions: everything but paths, calls and operators, which have modules of their own.

use super::environment::{Env, Frame};
use super::error::{JsonataError, OUT_OF_MEMORY, Outcome, STACK_OVERFLOW, TIMEOUT};
use super::functions;
use super::syntax::{Group, Kind, Node, Stage, Transform};
use super::value::{Array, Callable, Function, List, Val};
use super::{Limits, Mode, Surroundings};
use crate::json::Value;
use smol_str::SmolStr;
use std::collections::HashMap;
use std::rc::Rc;

/// An evaluation may take this much of the stack, of which threads usually have 2 MiB.
const STACK: usize = 5 << 18;

/// Roughly where the stack ends at the moment.
#[inline(always)]
fn stack_address() -> usize {
    let here = 0u8;
    std::ptr::from_ref(std::hint::black_box(&here)) as usize
}

/// One evaluation.
pub(super) struct Evaluator<'a> {
    pub surroundings: &'a Surroundings<'a>,
    pub limits: Limits,
    depth: u32,
    /// Where on the stack the evaluation began.
    stack: usize,
    steps: u64,
    memory: usize,
    /// Steps that regular expressions may still take.
    pub regex_steps: u64,
    /// Frames that hold functions, which are to be cleared in the end.
    circles: Vec<Env>,
    /// The built-in functions that were used, for each has a place where it was called last.
    builtins: Vec<(u16, Val)>,
    /// What `$$` stands for.
    root: Val,
}

impl<'a> Evaluator<'a> {
    pub fn new(surroundings: &'a Surroundings<'a>) -> Self {
        Self {
            surroundings,
            limits: surroundings.limits,
            depth: 0,
            stack: stack_address(),
            steps: 0,
            memory: 0,
            regex_steps: surroundings.limits.steps,
            circles: Vec::new(),
            builtins: Vec::new(),
            root: Val::Undefined,
        }
    }

    /// The result of a whole expression on this input.
    pub fn run(&mut self, node: &Node, input: Option<&Value>) -> Outcome<Val> {
        self.root = match input {
            None => Val::Undefined,
            Some(array @ Value::Array(_)) => wrapped(Val::Json(array.clone())),
            Some(other) => Val::Json(other.clone()),
        };
        let env = Rc::new(Frame::new(None));
        let root = self.root.clone();
        let result = match self.eval(node, &root, &env)? {
            Val::Tuples(tuples) => {
                Val::sequence(tuples.iter().map(|tuple| tuple.value.clone()).collect()).collapsed(false)
            }
            other => other,
        };
        // it is going to be JSON as well
        self.charge_items(result.nesting().size as usize)?;
        Ok(result)
    }

    pub fn is_aws(&self) -> bool {
        self.surroundings.mode == Mode::StepFunctions
    }

    /// Accounts for something that was allocated; the sum over an evaluation is bounded.
    pub fn charge(&mut self, bytes: usize) -> Outcome<()> {
        self.memory = self.memory.saturating_add(bytes);
        match self.memory > self.limits.memory {
            true => Err(JsonataError::new(OUT_OF_MEMORY)),
            false => Ok(()),
        }
    }

    pub fn charge_items(&mut self, items: usize) -> Outcome<()> {
        self.charge(items.saturating_mul(std::mem::size_of::<Val>()))
    }

    /// Accounts for arrays and objects, but for what is in them.
    pub fn charge_containers(&mut self, containers: usize) -> Outcome<()> {
        self.charge(containers.saturating_mul(128))
    }

    /// Accounts for work.
    pub fn step(&mut self, steps: usize) -> Outcome<()> {
        self.steps = self.steps.saturating_add(steps as u64);
        match self.steps > self.limits.steps {
            true => Err(JsonataError::new(TIMEOUT)),
            false => Ok(()),
        }
    }

    pub fn enter(&mut self) -> Outcome<()> {
        self.depth += 1;
        if self.depth > self.limits.depth || self.stack.abs_diff(stack_address()) > STACK {
            return Err(JsonataError::new(STACK_OVERFLOW));
        }
        self.step(1)
    }

    pub fn leave(&mut self) {
        self.depth -= 1;
    }

    fn not_too_large(&self, value: &Val) -> Outcome<()> {
        let exceeds = match value {
            Val::Json(Value::String(text)) => text.len() > self.limits.text,
            Val::Array(array) => array.items.len() > self.limits.items,
            _ => false,
        };
        if exceeds { Err(JsonataError::new(OUT_OF_MEMORY)) } else { Ok(()) }
    }

    /// Remembers a frame for the end if the value makes it part of a possible circle.
    pub fn guard(&mut self, env: &Env, value: &Val) -> Outcome<()> {
        if value.nesting().functions && self.circles.last().is_none_or(|last| !Rc::ptr_eq(last, env)) {
            self.charge(256)?;
            self.circles.push(env.clone());
        }
        Ok(())
    }

    /// The value of an expression.
    #[inline]
    pub fn eval(&mut self, node: &Node, input: &Val, env: &Env) -> Outcome<Val> {
        if node.extra.is_none() {
            match &node.kind {
                Kind::Number(number) => return Ok(Val::Number(*number)),
                Kind::Literal(value) => return Ok(Val::Json(value.clone())),
                Kind::Path(path) => {
                    if let Some(value) = self.plain_path(path, input, env) {
                        return Ok(value);
                    }
                }
                _ => {}
            }
        }
        self.eval_inner(node, input, env)
    }

    #[inline(never)]
    fn eval_inner(&mut self, node: &Node, input: &Val, env: &Env) -> Outcome<Val> {
        self.enter()?;
        let value = match &node.kind {
            Kind::Number(number) => Val::Number(*number),
            Kind::Literal(value) => Val::Json(value.clone()),
            Kind::Name(name) => self.lookup(input, name)?,
            Kind::Variable(name, builtin) => self.variable(name, *builtin, input, env)?,
            Kind::Path(path) => self.path(node, path, input, env)?,
            Kind::Binary(operator, sides) => self.binary(*operator, node.position, sides, input, env)?,
            Kind::Call(call) => self.call(call, node.position, None, input, env)?,
            Kind::Condition(parts) => {
                let condition = self.eval(&parts.0, input, env)?;
                if self.truthy(&condition)? {
                    self.eval(&parts.1, input, env)?
                } else if let Some(otherwise) = &parts.2 {
                    self.eval(otherwise, input, env)?
                } else {
                    Val::Undefined
                }
            }
            Kind::Block(expressions) => self.block(expressions, input, env)?,
            _ => self.rarer(node, input, env)?,
        };
        let value = match &node.extra {
            None => value,
            Some(_) => self.surrounded(node, value, env)?,
        };
        self.leave();
        self.not_too_large(&value)?;
        value.collapsed(node.keep_array).checked()
    }

    #[inline(never)]
    fn surrounded(&mut self, node: &Node, mut value: Val, env: &Env) -> Outcome<Val> {
        let Some(extra) = &node.extra else { return Ok(value) };
        for stage in &extra.predicates {
            if let Stage::Filter(predicate) = stage {
                value = self.filter(predicate, value, env)?;
            }
        }
        match &extra.group {
            Some(group) if !matches!(node.kind, Kind::Path(_)) => self.group(group, value, env),
            _ => Ok(value),
        }
    }

    #[inline(never)]
    fn block(&mut self, expressions: &[Node], input: &Val, env: &Env) -> Outcome<Val> {
        let env = Rc::new(Frame::new(Some(env.clone())));
        let mut value = Val::Undefined;
        for expression in expressions {
            value = self.eval(expression, input, &env)?;
        }
        Ok(value)
    }

    #[inline(never)]
    fn rarer(&mut self, node: &Node, input: &Val, env: &Env) -> Outcome<Val> {
        match &node.kind {
            Kind::Array(items) => self.array(node, items, input, env),
            Kind::Object(group) => self.group(group, input.clone(), env),
            Kind::Negate(operand) => {
                let value = self.eval(operand, input, env)?;
                match value.numeric() {
                    _ if value.is_undefined() => Ok(Val::Undefined),
                    Ok(Some(number)) => Ok(Val::Number(-number)),
                    Ok(None) => Err(JsonataError::new("D1002").at(node.position).token("-").value(value.shown())),
                    Err(error) => Err(error.at(node.position).token("-")),
                }
            }
            Kind::Wildcard => self.wildcard(input),
            Kind::Descendants => {
                let mut found = Vec::new();
                if !input.is_undefined() {
                    self.descend(input, &mut found)?;
                }
                Ok(Val::sequence(found))
            }
            Kind::Parent(id) => Ok(env.parent(*id).unwrap_or_default()),
            Kind::Regex(regex) => Function::value(Callable::Regex(regex.clone())),
            Kind::Bind(name, value) => {
                let value = self.eval(value, input, env)?;
                self.guard(env, &value)?;
                env.bind(name, value.clone());
                Ok(value)
            }
            Kind::Apply(sides) => self.pipe(&sides.0, &sides.1, node.position, input, env),
            Kind::Partial(call) => self.partial(call, node.position, None, input, env),
            Kind::Lambda(lambda) => {
                self.charge(128)?;
                Function::value(Callable::Lambda { lambda: lambda.clone(), env: env.clone(), input: input.clone() })
            }
            Kind::Transform(transform) => {
                Function::value(Callable::Transform { transform: transform.clone(), env: env.clone() })
            }
            Kind::Sort(terms) => {
                let items = input.items();
                self.sort_values(terms, items, node.position, env)
            }
            _ => Ok(Val::Undefined),
        }
    }

    #[inline(never)]
    pub fn variable(&mut self, name: &str, builtin: Option<u16>, input: &Val, env: &Env) -> Outcome<Val> {
        if name.is_empty() {
            return Ok(input.clone().unwrapped());
        }
        if let Some(value) = env.lookup(name) {
            return Ok(value);
        }
        if name == "$" {
            return Ok(self.root.clone());
        }
        if let Some(value) = self.surroundings.bindings.variable(name) {
            return Ok(Val::Json(value));
        }
        match builtin {
            Some(place) => self.builtin(place),
            None => Ok(Val::Undefined),
        }
    }

    /// A built-in function as a value, the same one each time.
    pub fn builtin(&mut self, place: u16) -> Outcome<Val> {
        if let Some((_, function)) = self.builtins.iter().find(|(known, _)| *known == place) {
            return Ok(function.clone());
        }
        let function = Function::value(Callable::Builtin(place))?;
        self.builtins.push((place, function.clone()));
        Ok(function)
    }

    /// Whether a name has a value somewhere.
    pub fn is_bound(&self, name: &str, env: &Env) -> bool {
        env.lookup(name).is_some()
            || self.surroundings.bindings.variable(name).is_some()
            || functions::place(name, self.is_aws()).is_some()
    }

    fn array(&mut self, node: &Node, items: &[Node], input: &Val, env: &Env) -> Outcome<Val> {
        let mut values = Vec::with_capacity(items.len());
        for item in items {
            let value = self.eval(item, input, env)?;
            match value.list() {
                _ if value.is_undefined() => {}
                Some(list) if !matches!(item.kind, Kind::Array(_)) => {
                    self.charge_items(list.len())?;
                    if items.len() == 1
                        && let Val::Array(array) = &value
                        && !array.outer
                        && Rc::strong_count(array) == 1
                    {
                        let Val::Array(array) = value else { continue };
                        values = Rc::try_unwrap(array).map(|array| array.items).unwrap_or_default();
                        continue;
                    }
                    values.extend(list.iter());
                }
                _ => values.push(value),
            }
        }
        self.charge_items(values.len())?;
        self.charge_containers(1)?;
        let mut array = Val::new_array(values)?;
        if node.is_cons()
            && let Val::Array(array) = &mut array
        {
            Rc::make_mut(array).cons = true;
        }
        Ok(array)
    }

    /// An object constructor, or the grouping of a sequence.
    pub fn group(&mut self, group: &Group, input: Val, env: &Env) -> Outcome<Val> {
        if let Val::Tuples(tuples) = &input {
            return self.group_tuples(group, tuples, env);
        }
        if !input.is_list() {
            return self.object(group, &input, env);
        }
        self.step(input.extent() / 32)?;
        let items = match input.items() {
            items if items.is_empty() => vec![Val::Undefined],
            items => items,
        };
        let mut groups: Vec<(SmolStr, usize, Vec<usize>)> = Vec::new();
        let mut places: HashMap<SmolStr, usize> = HashMap::new();
        for (i, item) in items.iter().enumerate() {
            for (pair, (key, _)) in group.pairs.iter().enumerate() {
                self.step(3)?;
                let Some(key) = self.key(group, key, item, env)? else { continue };
                match places.get(&key) {
                    Some(place) if groups[*place].1 != pair => {
                        return Err(JsonataError::new("D1009").at(group.position).value(Value::String(key)));
                    }
                    Some(place) => groups[*place].2.push(i),
                    None => {
                        self.charge(160)?;
                        places.insert(key.clone(), groups.len());
                        groups.push((key, pair, vec![i]));
                    }
                }
            }
        }
        let mut members = Vec::with_capacity(groups.len());
        for (key, pair, members_of) in groups {
            let context = match members_of[..] {
                [only] => items[only].clone(),
                _ => {
                    let mut flat = Vec::with_capacity(members_of.len());
                    for i in members_of {
                        let list = items[i].list();
                        self.charge_items(list.map_or(1, |list| list.len()))?;
                        match list {
                            Some(list) => flat.extend(list.iter()),
                            None => flat.push(items[i].clone()),
                        }
                    }
                    Val::array(flat)
                }
            };
            let value = self.eval(&group.pairs[pair].1, &context, env)?;
            if !value.is_undefined() {
                members.push((key, value));
            }
        }
        self.charge_items(members.len().saturating_mul(2))?;
        self.charge_containers(1)?;
        Val::new_object(members)
    }

    /// The common case: an object made in one context.
    fn object(&mut self, group: &Group, input: &Val, env: &Env) -> Outcome<Val> {
        let mut keys: Vec<(SmolStr, usize)> = Vec::with_capacity(group.pairs.len());
        for (pair, (key, _)) in group.pairs.iter().enumerate() {
            if let Some(key) = self.key(group, key, input, env)? {
                if keys.iter().any(|(known, _)| *known == key) {
                    return Err(JsonataError::new("D1009").at(group.position).value(Value::String(key)));
                }
                keys.push((key, pair));
            }
        }
        let mut members = Vec::with_capacity(keys.len());
        for (key, pair) in keys {
            let value = self.eval(&group.pairs[pair].1, input, env)?;
            if !value.is_undefined() {
                members.push((key, value));
            }
        }
        self.charge_items(members.len() * 2)?;
        self.charge_containers(1)?;
        Val::new_object(members)
    }

    /// The key of a pair, which has to be a string; nothing if it is undefined.
    pub fn key(&mut self, group: &Group, key: &Node, context: &Val, env: &Env) -> Outcome<Option<SmolStr>> {
        let key = self.eval(key, context, env)?;
        match key.as_smol() {
            Some(text) => {
                self.step(text.len() / 32)?;
                Ok(Some(text.clone()))
            }
            None if key.is_undefined() => Ok(None),
            None => Err(JsonataError::new("T1003").at(group.position).value(key.shown())),
        }
    }

    /// The field of an object, or those of the objects in an array.
    #[inline(never)]
    pub fn lookup(&mut self, input: &Val, name: &str) -> Outcome<Val> {
        let Some(list) = input.list() else { return Ok(input.member(name).unwrap_or_default()) };
        let mut found = Vec::new();
        self.collect(list, name, &mut found)?;
        Ok(Val::sequence(found))
    }

    fn collect(&mut self, list: List<'_>, name: &str, found: &mut Vec<Val>) -> Outcome<()> {
        self.step(list.len())?;
        for item in list.iter() {
            let value = match item.is_list() {
                true => self.lookup(&item, name)?,
                false => item.member(name).unwrap_or_default(),
            };
            if value.is_undefined() {
                continue;
            }
            let list = value.list();
            self.charge_items(list.map_or(1, |list| list.len()))?;
            match list {
                Some(list) => found.extend(list.iter()),
                None => found.push(value),
            }
        }
        Ok(())
    }

    fn wildcard(&mut self, input: &Val) -> Outcome<Val> {
        let input = input.clone().unwrapped();
        self.step(2 + input.extent() / 32)?;
        let values: Vec<Val> = match input.is_list() {
            true => input.items(),
            false => input.members().map(|(_, value)| value).collect(),
        };
        let mut found = Vec::new();
        let mut sequence = true;
        for value in values {
            if value.is_list() {
                // appending an array makes an array of what was a sequence
                sequence = false;
                self.flatten(&value, &mut found)?;
            } else {
                self.charge_items(1)?;
                found.push(value);
            }
        }
        Ok(if sequence || found.len() != 1 { Val::sequence(found) } else { Val::array(found) })
    }

    fn flatten(&mut self, value: &Val, found: &mut Vec<Val>) -> Outcome<()> {
        self.step(1)?;
        match value.list() {
            Some(list) => list.iter().try_for_each(|item| self.flatten(&item, found)),
            None => {
                self.charge_items(1)?;
                found.push(value.clone());
                Ok(())
            }
        }
    }

    fn descend(&mut self, input: &Val, found: &mut Vec<Val>) -> Outcome<()> {
        self.charge_items(1)?;
        self.step(1)?;
        if let Some(list) = input.list() {
            for item in list.iter() {
                self.descend(&item, found)?;
            }
            return Ok(());
        }
        found.push(input.clone());
        for (_, value) in input.members() {
            self.descend(&value, found)?;
        }
        Ok(())
    }

    /// Whether a value counts as true; undefined doesn't.
    pub fn truthy(&mut self, value: &Val) -> Outcome<bool> {
        Ok(match value {
            Val::Undefined | Val::Function(_) => false,
            Val::Json(Value::Bool(value)) => *value,
            Val::Json(Value::Null) => false,
            Val::Json(Value::String(text)) => !text.is_empty(),
            Val::Json(Value::Object(object)) => !object.is_empty(),
            Val::Object(object) => !object.members.is_empty(),
            Val::Number(_) | Val::Json(Value::Number(_)) => value.numeric()?.is_some_and(|number| number != 0.0),
            Val::Tuples(tuples) => !tuples.is_empty(),
            Val::Array(_) | Val::Json(Value::Array(_)) => {
                self.step(value.extent() / 32)?;
                let items = value.list().map(|list| list.iter());
                let mut any = false;
                for item in items.into_iter().flatten() {
                    any |= self.truthy(&item)?;
                }
                any
            }
        })
    }

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
        let nesting = super::value::Nesting::default();
        Ok(Val::Object(Rc::new(super::value::Object::new(copied, nesting))))
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

/// An input that is an array is one context, not one for each item.
pub(super) fn wrapped(array: Val) -> Val {
    let mut outer = Array { items: vec![array], sequence: true, outer: true, ..Array::default() };
    outer.nesting.depth = 1;
    Val::Array(Rc::new(outer))
}

/// Circles of frames and functions are opened, and long chains of them are taken apart without recursion.
impl Drop for Evaluator<'_> {
    fn drop(&mut self) {
        let mut values: Vec<Val> = Vec::new();
        for frame in &self.circles {
            values.extend(frame.clear());
        }
        drop(values);
        while let Some(frame) = self.circles.pop() {
            drop(frame);
        }
    }
}
