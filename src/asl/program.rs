//! A definition that was understood: typed, validated, with every `Next` resolved to a [`StateId`] and every
//! expression compiled.

use crate::json::Value;
use crate::query::intrinsic::Call;
use crate::query::{Path, ReferencePath, SourcePath, Template};
use crate::timestamp::Timestamp;
use smol_str::SmolStr;

/// A whole state machine.
#[derive(Debug)]
pub struct Program {
    /// The states of all blocks: the machine's, branches' and processors'.
    pub states: Box<[State]>,
    /// The machine's first state.
    pub start: StateId,
    /// `TimeoutSeconds` of the machine.
    pub timeout_seconds: Option<u64>,
}

impl Program {
    /// The state with this id, which must come from this program.
    pub fn state(&self, id: StateId) -> &State {
        &self.states[id.0 as usize]
    }
}

/// A state's place in [`Program::states`].
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
pub struct StateId(pub u32);

/// One state.
#[derive(Debug)]
pub struct State {
    /// Its name, unique in the whole machine.
    pub name: SmolStr,
    /// `InputPath`
    pub input_path: Selection,
    /// `OutputPath`
    pub output_path: Selection,
    /// `Assign`: the variables that it sets, unless a Choice rule or a catcher has an `Assign` of its own.
    pub assign: Option<Template>,
    /// The variables that its expressions read, sorted.
    pub reads: Box<[SmolStr]>,
    /// What it does, with the fields of its type.
    pub kind: StateKind,
}

/// `InputPath`, `OutputPath`: what part of a document goes on.
#[derive(Debug)]
pub enum Selection {
    /// `$`, the default
    Whole,
    /// `null`: an empty object instead
    Nothing,
    /// part of the document, or of the context object
    Path(Path),
}

/// `ResultPath`: where the result goes.
#[derive(Debug, Default)]
pub enum Placement {
    /// `$`, the default: the result takes the input's place
    #[default]
    Replace,
    /// `null`: the result is dropped
    Discard,
    /// the result is put into the input
    At(ReferencePath),
}

/// Where an execution goes after a state.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Transition {
    /// `Next`
    Next(StateId),
    /// `End: true`
    End,
}

/// The eight state types.
#[derive(Debug)]
#[allow(missing_docs)]
pub enum StateKind {
    Pass(Pass),
    Task(Task),
    Choice(Choice),
    Wait(Wait),
    Succeed,
    Fail(Fail),
    Parallel(Parallel),
    Map(Map),
}

/// The fields of a Pass state.
#[derive(Debug)]
#[allow(missing_docs)]
pub struct Pass {
    pub parameters: Option<Template>,
    pub result: Option<Value>,
    pub result_path: Placement,
    pub transition: Transition,
}

/// The fields of a Task state.
#[derive(Debug)]
#[allow(missing_docs)]
pub struct Task {
    pub resource: Resource,
    pub parameters: Option<Template>,
    pub timeout: Option<Seconds>,
    pub heartbeat: Option<Seconds>,
    pub result: ResultFields,
    pub transition: Transition,
}

/// What Task, Parallel and Map do with their result and with failures.
#[derive(Debug, Default)]
#[allow(missing_docs)]
pub struct ResultFields {
    pub result_selector: Option<Template>,
    pub result_path: Placement,
    pub retry: Box<[Retrier]>,
    pub catch: Box<[Catcher]>,
}

/// A Task's `Resource`.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Resource {
    /// An activity's ARN.
    Activity(SmolStr),
    /// A function's ARN, with or without qualifier.
    LambdaFunction(SmolStr),
    /// `arn:aws:states:::lambda:invoke`, perhaps with `.waitForTaskToken`.
    LambdaInvoke {
        /// Whether the result comes by SendTaskSuccess or SendTaskFailure.
        wait_for_task_token: bool,
    },
}

/// A number of seconds, given or to be looked up.
#[derive(Debug)]
pub enum Seconds {
    /// `TimeoutSeconds`, `HeartbeatSeconds`
    Literal(u64),
    /// `TimeoutSecondsPath`, `HeartbeatSecondsPath`
    Path(Path),
}

/// An entry of `Retry`.
#[derive(Debug)]
#[allow(missing_docs)]
pub struct Retrier {
    pub error_equals: Box<[SmolStr]>,
    pub interval_seconds: u64,
    pub max_attempts: u32,
    pub backoff_rate: f64,
    pub max_delay_seconds: Option<u64>,
    /// `JitterStrategy: FULL`
    pub full_jitter: bool,
}

/// An entry of `Catch`.
#[derive(Debug)]
#[allow(missing_docs)]
pub struct Catcher {
    pub error_equals: Box<[SmolStr]>,
    pub assign: Option<Template>,
    pub result_path: Placement,
    pub next: StateId,
}

/// The fields of a Choice state.
#[derive(Debug)]
#[allow(missing_docs)]
pub struct Choice {
    pub rules: Box<[Rule]>,
    pub default: Option<StateId>,
}

/// An entry of `Choices`.
#[derive(Debug)]
#[allow(missing_docs)]
pub struct Rule {
    pub condition: Condition,
    pub assign: Option<Template>,
    pub next: StateId,
}

/// What a Choice rule asks.
#[derive(Debug)]
#[allow(missing_docs)]
pub enum Condition {
    And(Box<[Condition]>),
    Or(Box<[Condition]>),
    Not(Box<Condition>),
    Compare { variable: Path, comparison: Comparison },
}

/// A comparison operator with its right-hand side.
#[derive(Debug)]
#[allow(missing_docs)]
pub enum Comparison {
    /// `StringEquals` … `TimestampGreaterThanEquals`, `BooleanEquals`, each with its `...Path` form
    Ordered { subject: Subject, relation: Relation, operand: Operand },
    /// `StringMatches`, the pattern as written
    StringMatches(SmolStr),
    /// `IsNull`, `IsPresent` and so on; `expected` is the field's own value
    Is { test: TypeTest, expected: bool },
}

/// What kind of values a comparison is for; a value of another kind makes the rule false.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
#[allow(missing_docs)]
pub enum Subject {
    String,
    Numeric,
    Timestamp,
    /// only with [`Relation::Equals`]
    Boolean,
}

/// How a comparison relates the variable to the operand.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
#[allow(missing_docs)]
pub enum Relation {
    Equals,
    LessThan,
    LessThanEquals,
    GreaterThan,
    GreaterThanEquals,
}

/// The right-hand side of a comparison.
#[derive(Debug)]
pub enum Operand {
    /// a string, number, boolean or RFC 3339 timestamp
    Literal(Value),
    /// `...Path`
    Path(Path),
}

/// The questions `IsNull`, `IsPresent` and so on.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
#[allow(missing_docs)]
pub enum TypeTest {
    Null,
    Present,
    Numeric,
    String,
    Boolean,
    Timestamp,
}

/// The fields of a Wait state.
#[derive(Debug)]
#[allow(missing_docs)]
pub struct Wait {
    pub until: WaitUntil,
    pub transition: Transition,
}

/// The four forms of waiting.
#[derive(Debug)]
#[allow(missing_docs)]
pub enum WaitUntil {
    Seconds(u64),
    SecondsPath(Path),
    Timestamp(Timestamp),
    TimestampPath(Path),
}

/// The fields of a Fail state.
#[derive(Debug)]
#[allow(missing_docs)]
pub struct Fail {
    pub error: FailText,
    pub cause: FailText,
}

/// `Error`, `ErrorPath`, `Cause`, `CausePath`.
#[derive(Debug)]
#[allow(missing_docs)]
pub enum FailText {
    Absent,
    Literal(SmolStr),
    Path(Path),
    Call(Call),
}

/// The fields of a Parallel state.
#[derive(Debug)]
#[allow(missing_docs)]
pub struct Parallel {
    pub parameters: Option<Template>,
    /// The first state of each branch.
    pub branches: Box<[StateId]>,
    pub result: ResultFields,
    pub transition: Transition,
}

/// The fields of an inline Map state.
#[derive(Debug)]
#[allow(missing_docs)]
pub struct Map {
    /// `ItemsPath`; the whole input by default
    pub items_path: Option<SourcePath>,
    /// `ItemSelector`, or `Parameters`, its old name
    pub item_selector: Option<Template>,
    pub max_concurrency: MaxConcurrency,
    /// The first state of the processor.
    pub processor: StateId,
    pub result: ResultFields,
    pub transition: Transition,
}

/// `MaxConcurrency` (0: as many as the service allows) or `MaxConcurrencyPath`.
#[derive(Debug)]
#[allow(missing_docs)]
pub enum MaxConcurrency {
    Literal(u64),
    Path(SourcePath),
}
