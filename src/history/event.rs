//! The types of events with their details, as the API names them.

use crate::failure::Failure;
use crate::json::Value;
use smol_str::SmolStr;
use std::sync::Arc;

/// The eight types of states, as far as events name them.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
#[allow(missing_docs)]
pub enum StateType {
    Pass,
    Task,
    Choice,
    Wait,
    Succeed,
    Fail,
    Parallel,
    Map,
}

/// An error with its cause, both optional, as events show them.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
#[allow(missing_docs)]
pub struct Told {
    pub error: Option<SmolStr>,
    pub cause: Option<SmolStr>,
}

impl From<&Failure> for Told {
    fn from(failure: &Failure) -> Self {
        Told { error: failure.error(), cause: failure.cause() }
    }
}

/// How an execution began.
#[derive(Clone, Debug)]
#[allow(missing_docs)]
pub struct ExecutionStarted {
    pub input: Value,
    pub role_arn: SmolStr,
    pub with: Option<Arc<StartedWith>>,
}

/// The version that an execution was started with, and the alias that led to it.
#[derive(Clone, Debug, PartialEq, Eq)]
#[allow(missing_docs)]
pub struct StartedWith {
    pub version_arn: SmolStr,
    pub alias_arn: Option<SmolStr>,
}

/// A state's name with what went in or came out.
#[derive(Clone, Debug)]
#[allow(missing_docs)]
pub struct Named {
    pub name: SmolStr,
    pub value: Value,
}

/// What a state that assigned variables leaves behind.
#[derive(Clone, Debug)]
#[allow(missing_docs)]
pub struct Assigning {
    pub exited: Named,
    pub variables: Value,
}

/// A JSONata expression that failed.
#[derive(Clone, Debug)]
#[allow(missing_docs)]
pub struct EvaluationFailed {
    pub told: Told,
    /// The field within the state, if one is to blame.
    pub location: Option<SmolStr>,
    pub state: SmolStr,
}

/// Which iteration of which Map state.
#[derive(Clone, Debug)]
#[allow(missing_docs)]
pub struct Iteration {
    pub name: SmolStr,
    pub index: u32,
}

/// A map run that goes on, and for the how manieth time.
#[derive(Clone, Debug)]
#[allow(missing_docs)]
pub struct MapRunRedriven {
    pub map_run_arn: SmolStr,
    pub redrive_count: u32,
}

/// The integration a `Task...` event is about: `lambda` and `invoke`, for instance.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
#[allow(missing_docs)]
pub struct TaskKind {
    pub resource_type: SmolStr,
    pub resource: SmolStr,
}

#[derive(Clone, Debug)]
#[allow(missing_docs)]
pub struct ActivityScheduled {
    pub resource: SmolStr,
    pub input: Value,
    pub timeout_seconds: Option<u64>,
    pub heartbeat_seconds: Option<u64>,
}

#[derive(Clone, Debug)]
#[allow(missing_docs)]
pub struct LambdaFunctionScheduled {
    pub resource: SmolStr,
    pub input: Value,
    pub timeout_seconds: Option<u64>,
    /// `taskCredentials`
    pub role_arn: Option<SmolStr>,
}

#[derive(Clone, Debug)]
#[allow(missing_docs)]
pub struct TaskScheduled {
    pub task: Arc<TaskKind>,
    pub region: SmolStr,
    pub parameters: Value,
    pub timeout_seconds: Option<u64>,
    pub heartbeat_seconds: Option<u64>,
    /// `taskCredentials`
    pub role_arn: Option<SmolStr>,
}

/// An event's type with its details; rare large details are boxed so that all events stay small.
#[derive(Clone, Debug)]
#[allow(missing_docs)]
pub enum EventKind {
    ExecutionStarted(Box<ExecutionStarted>),
    ExecutionSucceeded {
        output: Value,
    },
    ExecutionFailed(Told),
    ExecutionAborted(Told),
    ExecutionTimedOut(Told),
    ExecutionRedriven {
        redrive_count: u32,
    },
    StateEntered(StateType, Named),
    StateExited(StateType, Named),
    /// A state was left that assigned variables: an object of their new values.
    StateExitedAssigning(StateType, Box<Assigning>),
    StateAborted(StateType),
    EvaluationFailed(Box<EvaluationFailed>),
    ActivityScheduled(Box<ActivityScheduled>),
    ActivityStarted {
        worker_name: Option<SmolStr>,
    },
    ActivitySucceeded {
        output: Value,
    },
    ActivityFailed(Told),
    ActivityTimedOut(Told),
    LambdaFunctionScheduled(Box<LambdaFunctionScheduled>),
    LambdaFunctionStarted,
    LambdaFunctionSucceeded {
        output: Value,
    },
    LambdaFunctionFailed(Told),
    LambdaFunctionTimedOut(Told),
    TaskScheduled(Box<TaskScheduled>),
    TaskStarted(Arc<TaskKind>),
    TaskSubmitted(Arc<TaskKind>, Box<Value>),
    TaskSucceeded(Arc<TaskKind>, Box<Value>),
    TaskFailed(Arc<TaskKind>, Box<Told>),
    TaskTimedOut(Arc<TaskKind>, Box<Told>),
    ParallelStateStarted,
    ParallelStateSucceeded,
    ParallelStateFailed,
    MapStateStarted {
        length: u32,
    },
    MapStateSucceeded,
    MapStateFailed,
    MapIterationStarted(Iteration),
    MapIterationSucceeded(Iteration),
    MapIterationFailed(Iteration),
    MapIterationAborted(Iteration),
    /// A Map in distributed mode: its map run has this ARN.
    MapRunStarted {
        map_run_arn: SmolStr,
    },
    MapRunSucceeded,
    MapRunFailed(Told),
    MapRunAborted,
    MapRunRedriven(Box<MapRunRedriven>),
}

impl EventKind {
    /// The type's name in the API.
    pub fn name(&self) -> &'static str {
        use StateType::*;
        match self {
            EventKind::ExecutionStarted(_) => "ExecutionStarted",
            EventKind::ExecutionSucceeded { .. } => "ExecutionSucceeded",
            EventKind::ExecutionFailed(_) => "ExecutionFailed",
            EventKind::ExecutionAborted(_) => "ExecutionAborted",
            EventKind::ExecutionTimedOut(_) => "ExecutionTimedOut",
            EventKind::ExecutionRedriven { .. } => "ExecutionRedriven",
            EventKind::StateEntered(state, _) => match state {
                Pass => "PassStateEntered",
                Task => "TaskStateEntered",
                Choice => "ChoiceStateEntered",
                Wait => "WaitStateEntered",
                Succeed => "SucceedStateEntered",
                Fail => "FailStateEntered",
                Parallel => "ParallelStateEntered",
                Map => "MapStateEntered",
            },
            EventKind::StateExited(state, _) | EventKind::StateExitedAssigning(state, _) => match state {
                Pass => "PassStateExited",
                Task => "TaskStateExited",
                Choice => "ChoiceStateExited",
                Wait => "WaitStateExited",
                Succeed => "SucceedStateExited",
                Fail => "FailStateExited",
                Parallel => "ParallelStateExited",
                Map => "MapStateExited",
            },
            EventKind::StateAborted(state) => match state {
                Pass => "PassStateAborted",
                Task => "TaskStateAborted",
                Choice => "ChoiceStateAborted",
                Wait => "WaitStateAborted",
                Succeed => "SucceedStateAborted",
                Fail => "FailStateAborted",
                Parallel => "ParallelStateAborted",
                Map => "MapStateAborted",
            },
            EventKind::EvaluationFailed(_) => "EvaluationFailed",
            EventKind::ActivityScheduled(_) => "ActivityScheduled",
            EventKind::ActivityStarted { .. } => "ActivityStarted",
            EventKind::ActivitySucceeded { .. } => "ActivitySucceeded",
            EventKind::ActivityFailed(_) => "ActivityFailed",
            EventKind::ActivityTimedOut(_) => "ActivityTimedOut",
            EventKind::LambdaFunctionScheduled(_) => "LambdaFunctionScheduled",
            EventKind::LambdaFunctionStarted => "LambdaFunctionStarted",
            EventKind::LambdaFunctionSucceeded { .. } => "LambdaFunctionSucceeded",
            EventKind::LambdaFunctionFailed(_) => "LambdaFunctionFailed",
            EventKind::LambdaFunctionTimedOut(_) => "LambdaFunctionTimedOut",
            EventKind::TaskScheduled(_) => "TaskScheduled",
            EventKind::TaskStarted(_) => "TaskStarted",
            EventKind::TaskSubmitted(..) => "TaskSubmitted",
            EventKind::TaskSucceeded(..) => "TaskSucceeded",
            EventKind::TaskFailed(..) => "TaskFailed",
            EventKind::TaskTimedOut(..) => "TaskTimedOut",
            EventKind::ParallelStateStarted => "ParallelStateStarted",
            EventKind::ParallelStateSucceeded => "ParallelStateSucceeded",
            EventKind::ParallelStateFailed => "ParallelStateFailed",
            EventKind::MapStateStarted { .. } => "MapStateStarted",
            EventKind::MapStateSucceeded => "MapStateSucceeded",
            EventKind::MapStateFailed => "MapStateFailed",
            EventKind::MapIterationStarted(_) => "MapIterationStarted",
            EventKind::MapIterationSucceeded(_) => "MapIterationSucceeded",
            EventKind::MapIterationFailed(_) => "MapIterationFailed",
            EventKind::MapIterationAborted(_) => "MapIterationAborted",
            EventKind::MapRunStarted { .. } => "MapRunStarted",
            EventKind::MapRunSucceeded => "MapRunSucceeded",
            EventKind::MapRunFailed(_) => "MapRunFailed",
            EventKind::MapRunAborted => "MapRunAborted",
            EventKind::MapRunRedriven(_) => "MapRunRedriven",
        }
    }
}

#[cfg(test)]
mod tests {
    #[test]
    fn an_event_is_small() {
        assert!(std::mem::size_of::<super::super::Event>() <= 72);
    }
}
