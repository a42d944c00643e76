//! The context object: what `$$` stands for in a frame. It is made only when an expression looks at it.

use super::frame::{Frame, FrameId, Run};
use super::{Identity, Redrive, Turn, Workflow};
use crate::asl::program::StateKind;
use crate::json::Value;
use crate::query::{Context, Scope};
use smol_str::SmolStr;

/// A frame's surroundings, as far as the context object shows them.
pub(super) struct FrameContext<'a> {
    identity: &'a Identity,
    redrive: Option<Redrive>,
    run: &'a Run,
    frame: &'a Frame,
    state: &'a str,
    /// Task, Parallel and Map show how often they were retried.
    shows_retries: bool,
    extras: Extras<'a>,
}

/// What only some expressions see in the context object.
#[derive(Clone, Copy, Default)]
pub(super) struct Extras<'a> {
    /// The token of the task that is about to be scheduled.
    pub token: Option<&'a SmolStr>,
    /// The item for which an ItemSelector is evaluated, before its iteration has a frame.
    pub item: Option<(usize, &'a Value)>,
    /// Where that item comes from, if the context object says so.
    pub source: Option<&'a SmolStr>,
}

impl Context for FrameContext<'_> {
    /// The order of the members is the one that AWS's published causes show.
    fn object(&self) -> Value {
        let mut members = match self.run.trial.as_deref().and_then(|trial| trial.given.context.as_ref()) {
            Some(given) => {
                given.as_object().into_iter().flat_map(|o| o.iter()).map(|(n, v)| (n.clone(), v.clone())).collect()
            }
            None => self.own_members(),
        };
        let item = self.extras.item.or_else(|| self.nearest_item());
        let item = item.map(|(index, item)| {
            let source = self.extras.source.map(|source| ("Source", Value::from(source.clone())));
            Value::object([("Index", Value::from(index as i64)), ("Value", item.clone())].into_iter().chain(source))
        });
        let given = || self.run.trial.as_deref().and_then(|trial| trial.given.map_item.clone());
        if let Some(item) = item.or_else(given) {
            members.push((SmolStr::new_static("Map"), Value::object([("Item", item)])));
        }
        if let Some(token) = self.extras.token {
            members.push((SmolStr::new_static("Task"), Value::object([("Token", Value::from(token.clone()))])));
        }
        Value::object(members)
    }
}

impl FrameContext<'_> {
    fn own_members(&self) -> Vec<(SmolStr, Value)> {
        let machine = Value::object([
            ("Id", Value::from(self.identity.machine_arn.clone())),
            ("Name", self.identity.machine_name.clone().into()),
        ]);
        let members = [("Execution", self.execution()), ("StateMachine", machine), ("State", self.state())];
        members.into_iter().map(|(name, value)| (SmolStr::new_static(name), value)).collect()
    }

    fn execution(&self) -> Value {
        let identity = self.identity;
        let mut members = vec![
            ("Id", Value::from(identity.arn.clone())),
            ("Input", identity.input.clone()),
            ("StartTime", identity.start_date.to_string().into()),
            ("Name", identity.name.clone().into()),
            ("RoleArn", if identity.role_arn.is_empty() { Value::Null } else { identity.role_arn.clone().into() }),
        ];
        // Recorded: synchronous executions lack it, other Express ones have it.
        if identity.workflow != Workflow::SynchronousExpress {
            members.push(("RedriveCount", Value::from(self.redrive.map_or(0, |redrive| i64::from(redrive.count)))));
            members.extend(self.redrive.map(|redrive| ("RedriveTime", redrive.date.to_string().into())));
        }
        Value::object(members)
    }

    fn state(&self) -> Value {
        let entered = Value::from(self.frame.visit.entered_time.to_string());
        // Recorded: a state of a whole definition has this name too while it is tested.
        let name = if self.run.trial.is_some() { "StateName" } else { self.state };
        let mut members = vec![("Name", Value::from(name)), ("EnteredTime", entered)];
        if self.shows_retries {
            members.push(("RetryCount", Value::from(i64::from(self.frame.visit.retries))));
        }
        Value::object(members)
    }

    /// The item of the innermost iteration around this frame.
    fn nearest_item(&self) -> Option<(usize, &Value)> {
        let mut frame = self.frame;
        loop {
            let (parent, number) = frame.parent?;
            if let Some(item) = &frame.item {
                return Some((number, item));
            }
            frame = self.run.get(parent)?;
        }
    }
}

impl Turn<'_> {
    /// Evaluates something in a frame: `$` is `input`, `$$` the frame's context object.
    pub(super) fn evaluate<T>(&self, frame: FrameId, input: &Value, what: impl FnOnce(Scope<'_>) -> T) -> T {
        self.evaluate_with(frame, input, Extras::default(), what)
    }

    /// The same with what only some expressions see.
    pub(super) fn evaluate_with<T>(
        &self,
        frame: FrameId,
        input: &Value,
        extras: Extras<'_>,
        what: impl FnOnce(Scope<'_>) -> T,
    ) -> T {
        let frame = self.run.frame(frame);
        let state = self.program.state(frame.visit.state);
        let context = FrameContext {
            identity: self.identity,
            redrive: self.redrive,
            run: self.run,
            frame,
            state: &state.name,
            shows_retries: matches!(state.kind, StateKind::Task(_) | StateKind::Parallel(_) | StateKind::Map(_)),
            extras,
        };
        what(Scope { input, context: &context, variables: &frame.variables, random: self.random })
    }
}
