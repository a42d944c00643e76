//! From the raw tree to the one that is evaluated: paths become lists of steps, and each `%` learns which step has
//! the object that it asks for.

use super::error::{JsonataError, Outcome};
use super::functions;
use super::parser::{Raw, RawKind};
use super::regex::Regex;
use super::syntax::{Call, Group, Kind, Lambda, Node, Operator, Path, Slot, Stage, Term, Transform};
use crate::json::Value;
use smol_str::SmolStr;
use std::sync::Arc;

pub(super) struct Resolver {
    parents: u32,
    aws: bool,
}

/// The tree for a whole expression.
pub(super) fn resolve(raw: Raw, aws: bool) -> Outcome<Node> {
    let node = Resolver { parents: 0, aws }.node(raw)?;
    let seeks = node.extra.as_ref().is_some_and(|extra| !extra.seeking.is_empty());
    match seeks || matches!(node.kind, Kind::Parent(_)) {
        true => Err(underivable(&node)),
        false => Ok(node),
    }
}

fn underivable(node: &Node) -> Box<JsonataError> {
    let error = JsonataError::new("S0217").token(node.type_name());
    match node.kind {
        Kind::Parent(_) | Kind::Path(_) => error,
        _ => error.at(node.position),
    }
}

/// What it seeks outside of itself.
fn sought(node: &Node) -> Vec<Slot> {
    let mut slots = node.extra.as_ref().map(|extra| extra.seeking.clone()).unwrap_or_default();
    if let Kind::Parent(id) = node.kind {
        slots.push(Slot { id, level: 1 });
    }
    slots
}

/// What a part seeks outside of itself, the whole seeks as well.
fn inherit(whole: &mut Node, slots: Vec<Slot>) {
    if !slots.is_empty() {
        whole.extra().seeking.extend(slots);
    }
}

/// Goes up through a step, for one that seeks a parent.
fn seek(node: &mut Node, slot: &mut Slot) -> Outcome<()> {
    match &mut node.kind {
        Kind::Name(_) | Kind::Wildcard => {
            slot.level -= 1;
            if slot.level == 0 {
                let extra = node.extra();
                extra.ancestors.push(slot.id);
                extra.tuple = true;
            }
        }
        Kind::Parent(_) => slot.level += 1,
        Kind::Block(expressions) => {
            if let Some(last) = expressions.last_mut() {
                seek(last, slot)?;
                node.extra().tuple = true;
            }
        }
        Kind::Path(path) => {
            let mut steps = path.steps.iter_mut().rev();
            let Some(last) = steps.next() else { return Ok(()) };
            seek(last, slot)?;
            for step in steps {
                if slot.level == 0 {
                    break;
                }
                seek(step, slot)?;
            }
            node.extra().tuple = true;
        }
        _ => return Err(underivable(node)),
    }
    Ok(())
}

/// What the last step of a path seeks is looked for in the steps before it.
fn settle(path: &mut Node) -> Outcome<()> {
    let Kind::Path(Path { steps, .. }) = &mut path.kind else { return Ok(()) };
    let Some(last) = steps.last() else { return Ok(()) };
    let mut outside = Vec::new();
    for mut slot in sought(last) {
        let mut next = steps.len() - 1;
        while slot.level > 0 {
            if next == 0 {
                outside.push(slot);
                break;
            }
            next -= 1;
            let focused = |step: &Node| step.extra.as_ref().is_some_and(|extra| extra.focus.is_some());
            while next > 0 && focused(&steps[next]) && focused(&steps[next - 1]) {
                next -= 1;
            }
            seek(&mut steps[next], &mut slot)?;
        }
    }
    inherit(path, outside);
    Ok(())
}

impl Resolver {
    fn node(&mut self, raw: Raw) -> Outcome<Node> {
        let keep_array = raw.keep_array;
        let height = raw.height;
        let mut node = self.kind(raw)?;
        node.keep_array |= keep_array;
        node.height = node.height.max(height);
        Ok(node)
    }

    fn path(&mut self, step: Node) -> Node {
        let (position, keep_singleton) = (step.position, step.keep_array);
        Node::new(Kind::Path(Path { steps: vec![step], keep_singleton }), position)
    }

    #[inline(never)]
    fn kind(&mut self, raw: Raw) -> Outcome<Node> {
        let position = raw.position;
        let kind = match raw.kind {
            RawKind::Literal(value) => Kind::Literal(value),
            RawKind::Number(number) => Kind::Number(number),
            RawKind::Name(name) => {
                let mut step = Node::new(Kind::Name(name), position);
                step.keep_array = raw.keep_array;
                return Ok(self.path(step));
            }
            RawKind::Variable(name) => {
                let builtin = functions::place(&name, self.aws);
                Kind::Variable(name, builtin)
            }
            RawKind::Regex { pattern, flags } => match Regex::compile(&pattern, &flags) {
                Ok(regex) => Kind::Regex(Arc::new(regex)),
                Err(text) => return Err(JsonataError::new("S0303").at(position).text(text.to_string())),
            },
            RawKind::Wildcard => Kind::Wildcard,
            RawKind::Descendants => Kind::Descendants,
            RawKind::Parent => {
                self.parents += 1;
                Kind::Parent(self.parents)
            }
            RawKind::Placeholder => return Err(JsonataError::new("S0211").at(position).token("?")),
            RawKind::Binary(symbol, sides) => return self.binary(symbol, position, *sides, raw.keep_array),
            RawKind::Negate(operand) => return self.negate(position, *operand),
            RawKind::Array(items) => {
                let items = self.nodes(items)?;
                let slots = items.iter().flat_map(sought).collect();
                let mut node = Node::new(Kind::Array(items), position);
                inherit(&mut node, slots);
                return Ok(node);
            }
            RawKind::Object(pairs) => {
                let (group, slots) = self.group(pairs, position)?;
                let mut node = Node::new(Kind::Object(group), position);
                inherit(&mut node, slots);
                return Ok(node);
            }
            RawKind::Group(left, pairs) => {
                let mut node = self.node(*left)?;
                if node.extra.as_ref().is_some_and(|extra| extra.group.is_some()) {
                    return Err(JsonataError::new("S0210").at(position));
                }
                node.extra().group = Some(self.group(pairs, position)?.0);
                return Ok(node);
            }
            RawKind::Sort(left, terms) => return self.sort(position, *left, terms),
            RawKind::Block(expressions) => {
                let expressions = self.nodes(expressions)?;
                let slots = expressions.iter().flat_map(sought).collect();
                let cons = expressions.iter().any(|expression| {
                    expression.is_cons()
                        || matches!(&expression.kind, Kind::Path(path) if path.steps.first().is_some_and(Node::is_cons))
                });
                let mut node = Node::new(Kind::Block(expressions), position);
                if cons {
                    node.extra().cons = true;
                }
                inherit(&mut node, slots);
                return Ok(node);
            }
            RawKind::Condition(parts) => {
                let (condition, then, otherwise) = *parts;
                let condition = self.node(condition)?;
                let then = self.node(then)?;
                let otherwise = otherwise.map(|otherwise| self.node(otherwise)).transpose()?;
                let mut slots = sought(&condition);
                slots.extend(sought(&then));
                slots.extend(otherwise.iter().flat_map(sought));
                let mut node = Node::new(Kind::Condition(Box::new((condition, then, otherwise))), position);
                inherit(&mut node, slots);
                return Ok(node);
            }
            RawKind::Call(procedure, arguments) => return self.call(position, *procedure, arguments),
            RawKind::Lambda { parameters, signature, body } => {
                let body = self.node(*body)?;
                Kind::Lambda(Arc::new(Lambda { parameters, signature, body }))
            }
            RawKind::Transform(parts) => {
                let (pattern, update, delete) = *parts;
                Kind::Transform(Arc::new(Transform {
                    pattern: self.node(pattern)?,
                    update: self.node(update)?,
                    delete: delete.map(|delete| self.node(delete)).transpose()?,
                }))
            }
        };
        Ok(Node::new(kind, position))
    }

    fn nodes(&mut self, raws: Vec<Raw>) -> Outcome<Vec<Node>> {
        raws.into_iter().map(|raw| self.node(raw)).collect()
    }

    fn group(&mut self, pairs: Vec<(Raw, Raw)>, position: u32) -> Outcome<(Group, Vec<Slot>)> {
        let mut slots = Vec::new();
        let mut resolved = Vec::with_capacity(pairs.len());
        for (key, value) in pairs {
            let pair = (self.node(key)?, self.node(value)?);
            slots.extend(sought(&pair.0));
            slots.extend(sought(&pair.1));
            resolved.push(pair);
        }
        Ok((Group { pairs: resolved, position }, slots))
    }

    fn negate(&mut self, position: u32, operand: Raw) -> Outcome<Node> {
        let operand = self.node(operand)?;
        if let Kind::Number(number) = operand.kind {
            return Ok(Node { kind: Kind::Number(-number), ..operand });
        }
        let slots = sought(&operand);
        let mut node = Node::new(Kind::Negate(Box::new(operand)), position);
        inherit(&mut node, slots);
        Ok(node)
    }

    fn call(&mut self, position: u32, procedure: Raw, arguments: Vec<Raw>) -> Outcome<Node> {
        let mut slots = Vec::new();
        let mut resolved = Vec::with_capacity(arguments.len());
        let mut partial = false;
        for argument in arguments {
            if matches!(argument.kind, RawKind::Placeholder) {
                partial = true;
                resolved.push(None);
                continue;
            }
            let argument = self.node(argument)?;
            slots.extend(sought(&argument));
            resolved.push(Some(argument));
        }
        let procedure = self.node(procedure)?;
        let call = Arc::new(Call { name: name_of(&procedure), procedure, arguments: resolved });
        let mut node = Node::new(if partial { Kind::Partial(call) } else { Kind::Call(call) }, position);
        inherit(&mut node, slots);
        Ok(node)
    }

    fn sort(&mut self, position: u32, left: Raw, terms: Vec<(bool, Raw)>) -> Outcome<Node> {
        let left = self.node(left)?;
        let mut path = if matches!(left.kind, Kind::Path(_)) { left } else { self.wrapped(left) };
        let mut slots = Vec::new();
        let mut resolved = Vec::with_capacity(terms.len());
        for (descending, expression) in terms {
            let expression = self.node(expression)?;
            slots.extend(sought(&expression));
            resolved.push(Term { descending, expression });
        }
        let mut step = Node::new(Kind::Sort(resolved), position);
        inherit(&mut step, slots);
        if let Kind::Path(path) = &mut path.kind {
            path.steps.push(step);
        }
        settle(&mut path)?;
        Ok(path)
    }

    /// A path of one step which was an expression of its own.
    fn wrapped(&mut self, mut step: Node) -> Node {
        if let Some(extra) = &mut step.extra {
            let predicates = std::mem::take(&mut extra.predicates);
            extra.stages.extend(predicates);
        }
        let position = step.position;
        Node::new(Kind::Path(Path { steps: vec![step], keep_singleton: false }), position)
    }

    fn binary(&mut self, symbol: &'static str, position: u32, sides: (Raw, Raw), keep_array: bool) -> Outcome<Node> {
        let (left, right) = sides;
        match symbol {
            "." => self.steps(position, left, right),
            "[" => self.predicate(position, left, right),
            "@" => {
                let mut node = self.node(left)?;
                let step = last_step(&mut node);
                if step.extra.as_ref().is_some_and(|e| !e.stages.is_empty() || !e.predicates.is_empty()) {
                    return Err(JsonataError::new("S0215").at(position));
                }
                if matches!(step.kind, Kind::Sort(_)) {
                    return Err(JsonataError::new("S0216").at(position));
                }
                step.keep_array |= keep_array;
                let extra = step.extra();
                extra.focus = variable_name(&right);
                extra.tuple = true;
                Ok(node)
            }
            "#" => {
                let node = self.node(left)?;
                let mut node = if matches!(node.kind, Kind::Path(_)) { node } else { self.wrapped(node) };
                let extra = last_step(&mut node).extra();
                let name = variable_name(&right);
                if extra.stages.is_empty() {
                    extra.index = name;
                } else {
                    extra.stages.extend(name.map(Stage::Index));
                }
                extra.tuple = true;
                Ok(node)
            }
            ":=" => {
                let value = self.node(right)?;
                let slots = sought(&value);
                let name = variable_name(&left).unwrap_or_default();
                let mut node = Node::new(Kind::Bind(name, Box::new(value)), position);
                inherit(&mut node, slots);
                Ok(node)
            }
            "~>" => {
                let (left, right) = (self.node(left)?, self.node(right)?);
                let keep = left.keep_array || right.keep_array;
                let mut node = Node::new(Kind::Apply(Box::new((left, right))), position);
                node.keep_array = keep;
                Ok(node)
            }
            _ => {
                let (left, right) = (self.node(left)?, self.node(right)?);
                let mut slots = sought(&left);
                slots.extend(sought(&right));
                let mut node = Node::new(Kind::Binary(operator(symbol), Box::new((left, right))), position);
                inherit(&mut node, slots);
                Ok(node)
            }
        }
    }

    fn steps(&mut self, position: u32, left: Raw, right: Raw) -> Outcome<Node> {
        let left = self.node(left)?;
        let mut whole = if matches!(left.kind, Kind::Path(_)) {
            left
        } else {
            Node::new(Kind::Path(Path { steps: vec![left], keep_singleton: false }), position)
        };
        if let Kind::Path(path) = &whole.kind
            && let [Node { kind: Kind::Parent(id), .. }] = path.steps[..]
        {
            inherit(&mut whole, vec![Slot { id, level: 1 }]);
        }
        let mut rest = self.node(right)?;
        let Kind::Path(path) = &mut whole.kind else { return Ok(whole) };
        match rest.kind {
            Kind::Path(more) => path.steps.extend(more.steps),
            _ => {
                if let Some(extra) = &mut rest.extra
                    && !extra.predicates.is_empty()
                {
                    extra.stages = std::mem::take(&mut extra.predicates);
                }
                path.steps.push(rest);
            }
        }
        for step in &mut path.steps {
            match &step.kind {
                Kind::Number(number) => {
                    let error = JsonataError::new("S0213").at(step.position);
                    return Err(error.value(super::value::number(*number)));
                }
                Kind::Literal(Value::String(name)) => step.kind = Kind::Name(name.clone()),
                Kind::Literal(value) => {
                    return Err(JsonataError::new("S0213").at(step.position).value(value.clone()));
                }
                _ => {}
            }
        }
        path.keep_singleton |= path.steps.iter().any(|step| step.keep_array);
        let last = path.steps.len() - 1;
        for place in [0, last] {
            if matches!(path.steps[place].kind, Kind::Array(_)) {
                path.steps[place].extra().cons = true;
            }
        }
        settle(&mut whole)?;
        Ok(whole)
    }

    fn predicate(&mut self, position: u32, left: Raw, right: Raw) -> Outcome<Node> {
        let mut node = self.node(left)?;
        let is_path = matches!(node.kind, Kind::Path(_));
        let step = last_step(&mut node);
        if step.extra.as_ref().is_some_and(|extra| extra.group.is_some()) {
            return Err(JsonataError::new("S0209").at(position));
        }
        let predicate = self.node(right)?;
        let mut outside = Vec::new();
        for mut slot in predicate.extra.as_ref().map(|extra| extra.seeking.clone()).unwrap_or_default() {
            if slot.level == 1 {
                seek(step, &mut slot)?;
            } else {
                slot.level -= 1;
            }
            if slot.level > 0 {
                outside.push(slot);
            }
        }
        if let Kind::Parent(id) = predicate.kind {
            outside.push(Slot { id, level: 1 });
        }
        inherit(step, outside);
        let extra = step.extra();
        let stages = if is_path { &mut extra.stages } else { &mut extra.predicates };
        stages.push(Stage::Filter(predicate));
        if is_path {
            settle(&mut node)?;
        }
        Ok(node)
    }
}

fn last_step(node: &mut Node) -> &mut Node {
    if !matches!(&node.kind, Kind::Path(path) if !path.steps.is_empty()) {
        return node;
    }
    match &mut node.kind {
        Kind::Path(path) => path.steps.last_mut().expect("a path has steps"),
        _ => unreachable!("only paths get here"),
    }
}

fn variable_name(raw: &Raw) -> Option<SmolStr> {
    match &raw.kind {
        RawKind::Variable(name) => Some(name.clone()),
        _ => None,
    }
}

/// What errors call a procedure.
fn name_of(procedure: &Node) -> Option<SmolStr> {
    match &procedure.kind {
        Kind::Path(path) => match &path.steps[0].kind {
            Kind::Name(name) | Kind::Variable(name, _) => Some(name.clone()),
            _ => None,
        },
        Kind::Variable(name, _) => Some(name.clone()),
        Kind::Number(number) => Some(super::number_text::number_text(*number).into()),
        Kind::Literal(Value::String(text)) => Some(text.clone()),
        Kind::Literal(value) => Some(value.to_text().into()),
        Kind::Binary(operator, _) => Some(operator.symbol().into()),
        _ => None,
    }
}

fn operator(symbol: &str) -> Operator {
    match symbol {
        "+" => Operator::Add,
        "-" => Operator::Subtract,
        "*" => Operator::Multiply,
        "/" => Operator::Divide,
        "%" => Operator::Remainder,
        "=" => Operator::Equal,
        "!=" => Operator::NotEqual,
        "<" => Operator::Less,
        "<=" => Operator::LessOrEqual,
        ">" => Operator::Greater,
        ">=" => Operator::GreaterOrEqual,
        "&" => Operator::Concatenate,
        "and" => Operator::And,
        "or" => Operator::Or,
        "in" => Operator::In,
        _ => Operator::Range,
    }
}
