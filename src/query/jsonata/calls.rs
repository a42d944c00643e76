//! Calls of functions: arguments, tail calls, partial application, and chains with `~>`.

use super::environment::{Env, Frame};
use super::error::{JsonataError, Outcome};
use super::evaluator::Evaluator;
use super::functions;
use super::syntax::{Call, Kind, Lambda, Node};
use super::value::{Callable, Function, Val};
use crate::json::Value;
use smol_str::SmolStr;
use std::rc::Rc;
use std::sync::Arc;

/// What a body came to: a value, or a call in its last place that is still to be made.
enum Tail {
    Value(Val),
    Call { function: Val, arguments: Vec<Val>, position: u32, name: Option<SmolStr> },
}

impl Evaluator<'_> {
    #[inline(never)]
    pub fn call(&mut self, call: &Call, position: u32, first: Option<Val>, input: &Val, env: &Env) -> Outcome<Val> {
        let (function, arguments) = self.prepared(call, position, first, input, env)?;
        note(&function, position, call.name.as_ref());
        self.apply(&function, arguments, input).map_err(|mut error| {
            error.position.get_or_insert(position as usize);
            if error.token.is_none() {
                error.token = call.name.clone();
            }
            error
        })
    }

    fn prepared(
        &mut self,
        call: &Call,
        position: u32,
        first: Option<Val>,
        input: &Val,
        env: &Env,
    ) -> Outcome<(Val, Vec<Val>)> {
        let function = self.eval(&call.procedure, input, env)?;
        if function.is_undefined() {
            self.did_you_mean(call, position, "T1005", env)?;
        }
        let mut arguments = Vec::with_capacity(call.arguments.len() + usize::from(first.is_some()));
        arguments.extend(first);
        for argument in call.arguments.iter().flatten() {
            arguments.push(self.eval(argument, input, env)?);
        }
        Ok((function, arguments))
    }

    /// Who forgets the `$` of a function learns so.
    fn did_you_mean(&mut self, call: &Call, position: u32, code: &'static str, env: &Env) -> Outcome<()> {
        if let Kind::Path(path) = &call.procedure.kind
            && let Kind::Name(name) = &path.steps[0].kind
            && self.is_bound(name, env)
        {
            return Err(JsonataError::new(code).at(position).token(name.clone()));
        }
        Ok(())
    }

    /// The result of a function, with the calls in last places made one after the other.
    pub fn apply(&mut self, function: &Val, arguments: Vec<Val>, input: &Val) -> Outcome<Val> {
        let mut tail = self.apply_once(function, arguments, input)?;
        loop {
            match tail {
                Tail::Value(value) => return value.checked(),
                Tail::Call { function, arguments, position, name } => {
                    self.step(1)?;
                    note(&function, position, name.as_ref());
                    tail = self.apply_once(&function, arguments, input)?;
                }
            }
        }
    }

    fn apply_once(&mut self, function: &Val, arguments: Vec<Val>, input: &Val) -> Outcome<Tail> {
        let Val::Function(callee) = function else { return Err(JsonataError::new("T1006").value(function.shown())) };
        let result = match &callee.kind {
            Callable::Builtin(place) => functions::call(self, *place, arguments, input).map(Tail::Value),
            Callable::Lambda { lambda, env, input: own } => self.invoke(lambda, env, own, arguments, input),
            _ => self.apply_rarer(callee, arguments, input).map(Tail::Value),
        };
        result.map_err(|mut error| {
            if let Some((position, name)) = &*callee.site.borrow() {
                error.position = Some(*position as usize);
                if error.token.is_none() {
                    error.token = name.clone();
                }
            }
            error
        })
    }

    fn apply_rarer(&mut self, callee: &Rc<Function>, arguments: Vec<Val>, input: &Val) -> Outcome<Val> {
        self.enter()?;
        let mut arguments = arguments.into_iter();
        let result = match &callee.kind {
            Callable::Partial { function, arguments: bound } => {
                let all = bound.iter().map(|value| match value {
                    Some(value) => value.clone(),
                    None => arguments.next().unwrap_or_default(),
                });
                let all = all.collect();
                self.apply(function, all, input)?
            }
            Callable::Chain(first, second) => {
                let between = self.apply(first, vec![arguments.next().unwrap_or_default()], &Val::Json(Value::Null))?;
                self.apply(second, vec![between], &Val::Json(Value::Null))?
            }
            Callable::Regex(regex) => {
                let text = arguments.next().and_then(|text| text.as_smol().cloned());
                let from = arguments.next().and_then(|from| from.as_f64()).unwrap_or(0.0);
                functions::first_match(self, regex, text.unwrap_or_default(), from as usize)?
            }
            Callable::NextMatch { regex, text, from } => functions::first_match(self, regex, text.clone(), *from)?,
            Callable::Transform { transform, env } => {
                self.transform(transform, env, &arguments.next().unwrap_or_default())?
            }
            Callable::Builtin(_) | Callable::Lambda { .. } => Val::Undefined,
        };
        self.leave();
        Ok(result)
    }

    fn invoke(
        &mut self,
        lambda: &Arc<Lambda>,
        env: &Env,
        own_input: &Val,
        mut arguments: Vec<Val>,
        input: &Val,
    ) -> Outcome<Tail> {
        self.step(3)?;
        if let Some(signature) = &lambda.signature {
            for argument in &arguments {
                self.step(argument.extent() / 32)?;
            }
            arguments = signature.validate(arguments, input)?;
        }
        arguments.resize_with(lambda.parameters.len(), Val::default);
        let function = arguments.iter().find(|argument| argument.nesting().functions).cloned();
        let frame = Rc::new(Frame::of_call(env, lambda, arguments));
        if let Some(function) = function {
            self.guard(&frame, &function)?;
        }
        self.tail(&lambda.body, own_input, &frame)
    }

    /// The value of a body, but for a call in its last place.
    fn tail(&mut self, node: &Node, input: &Val, env: &Env) -> Outcome<Tail> {
        if node.extra.is_some() || node.keep_array {
            return self.eval(node, input, env).map(Tail::Value);
        }
        match &node.kind {
            Kind::Call(call) => {
                let position = call.procedure.position;
                let (function, arguments) = self.prepared(call, node.position, None, input, env)?;
                let name = match call.procedure.kind {
                    Kind::Variable(..) => call.name.clone(),
                    _ => None,
                };
                Ok(Tail::Call { function, arguments, position, name })
            }
            Kind::Condition(parts) => {
                self.enter()?;
                let condition = self.eval(&parts.0, input, env)?;
                let branch = if self.truthy(&condition)? { Some(&parts.1) } else { parts.2.as_ref() };
                let tail = match branch {
                    Some(branch) => self.tail(branch, input, env)?,
                    None => Tail::Value(Val::Undefined),
                };
                self.leave();
                Ok(tail)
            }
            Kind::Block(expressions) => {
                let Some((last, others)) = expressions.split_last() else { return Ok(Tail::Value(Val::Undefined)) };
                self.enter()?;
                let env = Rc::new(Frame::new(Some(env.clone())));
                for expression in others {
                    self.eval(expression, input, &env)?;
                }
                let tail = self.tail(last, input, &env)?;
                self.leave();
                Ok(tail)
            }
            _ => self.eval(node, input, env).map(Tail::Value),
        }
    }

    #[inline(never)]
    pub fn partial(&mut self, call: &Call, position: u32, first: Option<Val>, input: &Val, env: &Env) -> Outcome<Val> {
        let mut arguments = Vec::with_capacity(call.arguments.len());
        arguments.extend(first.map(Some));
        for argument in &call.arguments {
            arguments.push(match argument {
                Some(argument) => Some(self.eval(argument, input, env)?),
                None => None,
            });
        }
        let function = self.eval(&call.procedure, input, env)?;
        if function.is_undefined() {
            self.did_you_mean(call, position, "T1007", env)?;
        }
        if !function.is_function() {
            let error = JsonataError::new("T1008").at(position);
            return Err(match &call.name {
                Some(name) => error.token(name.clone()),
                None => error,
            });
        }
        self.charge(128)?;
        Function::value(Callable::Partial { function, arguments })
    }

    /// `left ~> right`
    #[inline(never)]
    pub fn pipe(&mut self, left: &Node, right: &Node, position: u32, input: &Val, env: &Env) -> Outcome<Val> {
        let first = self.eval(left, input, env)?;
        if let Kind::Call(call) = &right.kind {
            let value = self.call(call, right.position, Some(first), input, env)?;
            return Ok(value);
        }
        let function = self.eval(right, input, env)?;
        if !function.is_function() {
            return Err(JsonataError::new("T2006").at(position).value(function.shown()));
        }
        if first.is_function() {
            return Function::value(Callable::Chain(first, function));
        }
        self.apply(&function, vec![first], &Val::Json(Value::Null))
    }

    /// How many arguments a function knows what to do with.
    pub fn arity(&self, function: &Val) -> usize {
        let Val::Function(function) = function else { return 0 };
        match &function.kind {
            Callable::Builtin(place) => functions::TABLE[usize::from(*place)].arity,
            Callable::Lambda { lambda, .. } => lambda.parameters.len(),
            Callable::Partial { arguments, .. } => arguments.iter().filter(|argument| argument.is_none()).count(),
            Callable::Regex(_) => 2,
            Callable::NextMatch { .. } => 0,
            Callable::Chain(..) | Callable::Transform { .. } => 1,
        }
    }
}

/// Errors of a function tell where it was called last.
fn note(function: &Val, position: u32, name: Option<&SmolStr>) {
    if let Val::Function(function) = function {
        *function.site.borrow_mut() = Some((position, name.cloned()));
    }
}
