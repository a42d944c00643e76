//! A definition that was understood: typed, validated, with every `Next` resolved to a [`StateId`] and every
//! expression compiled.

use super::fields::QueryLanguage;
use super::resource::Integration;
use crate::items::Format;
use crate::json::Value;
use crate::query::intrinsic::Call;
use crate::query::{JsonataField, JsonataTemplate, Path, ReferencePath, SourcePath, Template};
use crate::random::Random;
use crate::timestamp::Timestamp;
use smol_str::{SmolStr, ToSmolStr};
use std::hash::{DefaultHasher, Hash, Hasher};

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

    /// Whether a Map state of this program has this label, where the state machine is called so.
    pub fn has_label(&self, machine_name: &str, label: &str) -> bool {
        self.states.iter().any(|state| match &state.kind {
            StateKind::Map(Map { distributed: Some(distributed), .. }) => {
                distributed.label_in(machine_name, &state.name) == label
            }
            _ => false,
        })
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
    /// The query language of its own fields.
    pub language: QueryLanguage,
    /// `InputPath`
    pub input_path: Selection,
    /// `OutputPath`
    pub output_path: Selection,
    /// `Assign`: the variables that it sets, unless a Choice rule or a catcher has an `Assign` of its own.
    pub assign: Option<Computed>,
    /// `Output` of a state that speaks JSONata, unless a Choice rule or a catcher has an `Output` of its own.
    pub output: Option<JsonataTemplate>,
    /// The variables that its expressions read, sorted.
    pub reads: Box<[SmolStr]>,
    /// What it does, with the fields of its type.
    pub kind: StateKind,
}

/// A field that is an object or any other value with expressions inside.
#[derive(Debug)]
pub enum Computed {
    /// a payload template
    Template(Template),
    /// a value with JSONata expressions
    Jsonata(JsonataTemplate),
}

impl Computed {
    /// The value of a member, if the definition has it.
    pub fn written_out(&self, member: &str) -> Option<&Value> {
        match self {
            Computed::Template(template) => template.written_out(member),
            Computed::Jsonata(template) => template.written_out(member),
        }
    }
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
    /// `Parameters` or `Arguments`
    pub parameters: Option<Computed>,
    /// `Credentials`: an object with a `RoleArn`, the role that is assumed for the call.
    pub credentials: Option<Computed>,
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
    /// `arn:aws:states:::lambda:invoke`, `arn:aws:states:::aws-sdk:s3:getObject` and so on.
    Integration(Integration),
}

/// A number of seconds, given or to be looked up.
#[derive(Debug)]
pub enum Seconds {
    /// `TimeoutSeconds`, `HeartbeatSeconds`
    Literal(u64),
    /// `TimeoutSecondsPath`, `HeartbeatSecondsPath`
    Path(Path),
    /// an expression
    Jsonata(JsonataField),
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
    pub assign: Option<Computed>,
    pub result_path: Placement,
    pub output: Option<JsonataTemplate>,
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
    pub test: Test,
    pub assign: Option<Computed>,
    pub output: Option<JsonataTemplate>,
    pub next: StateId,
}

/// When a Choice rule applies.
#[derive(Debug)]
pub enum Test {
    /// `Variable` and an operator, `And`, `Or`, `Not`
    Comparisons(Condition),
    /// `Condition` as it stands
    Literal(bool),
    /// `Condition` as an expression
    Jsonata(JsonataField),
}

/// What a Choice rule asks in JSONPath.
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
    SecondsJsonata(JsonataField),
    Timestamp(Timestamp),
    TimestampPath(Path),
    TimestampJsonata(JsonataField),
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
    Jsonata(JsonataField),
}

/// The fields of a Parallel state.
#[derive(Debug)]
#[allow(missing_docs)]
pub struct Parallel {
    /// `Parameters` or `Arguments`
    pub parameters: Option<Computed>,
    /// The first state of each branch.
    pub branches: Box<[StateId]>,
    pub result: ResultFields,
    pub transition: Transition,
}

/// The fields of a Map state.
#[derive(Debug)]
#[allow(missing_docs)]
pub struct Map {
    pub items: Items,
    /// `ItemSelector`, or `Parameters`, its old name
    pub item_selector: Option<Computed>,
    /// `MaxConcurrency` or `MaxConcurrencyPath`; 0: as many as the service allows
    pub max_concurrency: Number,
    /// `ToleratedFailureCount` and `ToleratedFailurePercentage`: an inline Map tolerates no failure, but it fails if
    /// these are looked up and are no such numbers.
    pub tolerated_count: Option<Number>,
    pub tolerated_percentage: Option<Percentage>,
    /// `ItemReader`, if its items come from one.
    pub reader: Option<Box<ItemReader>>,
    pub batcher: Option<ItemBatcher>,
    /// What only a Map whose mode is `DISTRIBUTED` has.
    pub distributed: Option<Box<Distributed>>,
    /// The first state of the processor.
    pub processor: StateId,
    pub result: ResultFields,
    pub transition: Transition,
}

/// What only a Map state in distributed mode has.
#[derive(Debug)]
pub struct Distributed {
    /// `ExecutionType`: whether its child executions are Express.
    pub is_express: bool,
    /// `Label`
    pub label: Option<SmolStr>,
    /// `ResultWriter`
    pub writer: Option<ResultWriter>,
}

impl Distributed {
    /// The label of the Map state of this name in the state machine of that name. Where there is none AWS makes one up, which
    /// looked like a uuid wherever it was recorded; that it is the same in all executions of the state machine is a guess.
    pub fn label_in(&self, machine_name: &str, state_name: &str) -> SmolStr {
        self.label.clone().unwrap_or_else(|| {
            let mut hasher = DefaultHasher::new();
            (machine_name, state_name).hash(&mut hasher);
            Random::new(hasher.finish()).uuid().to_smolstr()
        })
    }
}

/// `ResultWriter`: what becomes of the results of a Map state.
#[derive(Debug)]
pub struct ResultWriter {
    /// `Parameters` or `Arguments`: the place in S3 that they are written to, if they are.
    pub place: Option<Computed>,
    /// `WriterConfig`
    pub form: ResultForm,
}

/// `WriterConfig`: what results look like.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub struct ResultForm {
    /// `Transformation`; what it is by default depends on whether results are written.
    pub transformation: Option<Transformation>,
    /// `OutputType` is `JSONL`.
    pub is_json_lines: bool,
}

/// `Transformation` of results.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Transformation {
    /// `NONE`: with all that is known of the child executions.
    None,
    /// `COMPACT`: their outputs.
    Compact,
    /// `FLATTEN`: their outputs, with what is in those that are arrays in place of these.
    Flatten,
}

/// What a Map state iterates over.
#[derive(Debug)]
pub enum Items {
    /// the whole input
    Input,
    /// the whole input, in a state that speaks JSONata
    JsonataInput,
    /// `ItemsPath`
    Path(SourcePath),
    /// `Items`
    Jsonata(JsonataTemplate),
}

/// `ItemReader`: where a Map state takes its items from.
#[derive(Debug)]
#[allow(missing_docs)]
pub struct ItemReader {
    /// Whether it calls `s3:listObjectsV2`, and not `s3:getObject`.
    pub lists: bool,
    pub source: ItemSource,
    /// `Parameters` or `Arguments`
    pub parameters: Option<Computed>,
    pub max_items: Option<MaxItems>,
    /// `ItemsPointer`
    pub pointer: Option<Pointer>,
}

/// What an ItemReader reads.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum ItemSource {
    /// data that has the items
    Data(Format),
    /// what Stepwell can't read yet, in words for messages
    NotReadable(SmolStr),
}

/// How many items are read; 0: all of them.
#[derive(Debug)]
pub enum MaxItems {
    /// `MaxItems`
    Literal(usize),
    /// `MaxItemsPath`
    Path(SourcePath),
    /// an expression
    Jsonata(JsonataField),
}

/// Where in a document the items are: a JSON Pointer.
#[derive(Debug)]
pub enum Pointer {
    /// as it stands
    Literal(SmolStr),
    /// an expression
    Jsonata(JsonataField),
}

/// `ItemBatcher`: several items to an iteration.
#[derive(Debug)]
#[allow(missing_docs)]
pub struct ItemBatcher {
    /// `MaxItemsPerBatch`
    pub max_items: Option<Number>,
    /// `MaxInputBytesPerBatch`
    pub max_bytes: Option<Number>,
    /// `BatchInput`, which all batches have.
    pub input: Option<Computed>,
}

/// A percentage, given or to be looked up.
#[derive(Debug)]
pub enum Percentage {
    /// as it stands
    Literal(f64),
    /// `...Path`
    Path(SourcePath),
    /// an expression
    Jsonata(JsonataField),
}

/// A number of a Map state, given or to be looked up.
#[derive(Debug)]
pub enum Number {
    /// as it stands
    Literal(u64),
    /// `...Path`
    Path(SourcePath),
    /// an expression
    Jsonata(JsonataField),
}
