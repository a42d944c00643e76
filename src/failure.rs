//! Failures inside a workflow: the `States.*` names, what tasks report, and the causes in AWS's words.
//!
//! This is the one place where that wording stands. What an operation answers over HTTP is another vocabulary
//! (`operations::Error`), what is wrong with a definition a third (`asl::Diagnostic`).

use crate::endpoint::EndpointProblem;
use crate::honesty::Deviation;
use crate::json::Value;
use smol_str::{SmolStr, format_smolstr};

/// Why a state, and with it perhaps the execution, failed.
#[derive(Clone, Debug, PartialEq)]
pub enum Failure {
    /// What a Fail state, an activity worker, a function or a service said, word for word.
    Reported {
        /// The name that retriers and catchers match.
        error: Option<SmolStr>,
        /// The explanation for people.
        cause: Option<SmolStr>,
    },
    /// `TimeoutSeconds` went by.
    Timeout,
    /// `HeartbeatSeconds` went by; reported as `States.Timeout`, matched by `States.HeartbeatTimeout` too.
    HeartbeatTimeout,
    /// A result was larger than [`crate::quota::PAYLOAD_BYTES`].
    DataLimitExceeded {
        /// What returned it: a function ARN, a resource type or a state's name.
        subject: SmolStr,
    },
    /// More iterations of a Map state failed than it tolerates.
    ToleratedFailureThreshold,
    /// The role of a task's `Credentials` can't be assumed.
    RoleNotAssumable {
        /// The state machine's role.
        machine_role: SmolStr,
        /// The task's.
        task_role: SmolStr,
    },
    /// An error of the workflow itself, which nothing can catch.
    Runtime {
        /// The state in which it happened and the id of its `...StateEntered` event.
        place: Option<Place>,
        /// What went wrong.
        problem: Runtime,
    },
    /// A JSONata expression failed, or gave what its field can't use.
    QueryEvaluation {
        /// The state in which it happened and the id of its `...StateEntered` event.
        place: Option<Place>,
        /// What went wrong.
        problem: Box<Evaluation>,
    },
}

/// Where in an execution something happened.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Place {
    /// The name of the innermost state.
    pub state: SmolStr,
    /// The id of its `...StateEntered` event.
    pub entered: u64,
}

/// What `States.Runtime` stands for.
#[derive(Clone, Debug, PartialEq, thiserror::Error)]
#[allow(missing_docs)]
pub enum Runtime {
    /// Published causes show the input as it came, blanks included, and for `$$` paths the whole context object.
    #[error("The JSONPath '{path}' specified for the field '{field}' could not be found in the input '{}'", input.to_text())]
    PathNotFound { path: SmolStr, field: SmolStr, input: Value },
    /// Source: a public report of `"Input.$": "$"` in a state whose input was null. That it holds for every path into a
    /// null input in templates and fields of their own is a guess; the path library takes no null.
    #[error("Unable to apply Path transformation to null or empty input.")]
    NullInput,
    /// `reason` is the path library's own sentence.
    #[error("Invalid path '{path}' : {reason}")]
    InvalidPath { path: SmolStr, reason: String },
    #[error("Invalid path '{path}': The choice state's condition path references an invalid value.")]
    ChoicePath { path: SmolStr },
    #[error("Failed to transition out of the state. The state does not point to a next state.")]
    NoChoiceMatched,
    #[error("The {field} parameter does not reference an input value: {path}")]
    WaitPathMissing { field: &'static str, path: SmolStr },
    #[error("The SecondsPath parameter cannot be parsed as a long value: {path} == {}", value.to_compact_text())]
    SecondsNotWhole { path: SmolStr, value: Value },
    #[error("The SecondsPath parameter references a negative value: {path} == {}", value.to_compact_text())]
    SecondsNegative { path: SmolStr, value: Value },
    #[error(
        "The TimestampPath parameter does not reference a valid ISO-8601 extended offset date-time format string: {path} == {}",
        plain(value)
    )]
    TimestampInvalid { path: SmolStr, value: Value },
    #[error("Wait state delay is too long.")]
    WaitTooLong,
    /// Recorded of the numbers of Map states; that time-outs and heartbeats say the same is a guess.
    #[error("The {field} field refers to value \"{}\" which is not a valid integer: {path}", plain(value))]
    NotAnInteger { field: &'static str, path: SmolStr, value: Value },
    /// The words are a guess: AWS documents that the path must give a string, no recording shows what it says if not.
    #[error("The {field} field must refer to a string but was: {}", value.to_compact_text())]
    NotAString { field: &'static str, value: Value },
    /// Recorded of `ToleratedFailureCount`; that `MaxConcurrency` says the same is a guess.
    #[error("{field} cannot be negative.")]
    Negative { field: &'static str },
    #[error("{field} must be between 0 and 100.")]
    NotAPercentage { field: &'static str },
    #[error("The {field} field refers to value \"{}\" which is not a valid float: {path}", plain(value))]
    NotAFloat { field: &'static str, path: SmolStr, value: Value },
    #[error("Reference path \"{path}\" must point to array.")]
    ItemsNotAnArray { path: SmolStr },
    #[error("The activity {arn} does not exist.")]
    ActivityDoesNotExist { arn: SmolStr },
    #[error("The Parameters '{}' could not be used to start the Task: [{}]", parameters.to_compact_text(), list(problems))]
    ParametersUnusable { parameters: Value, problems: Vec<ParameterProblem> },
    /// Documented is that an HTTP Task fails with this error, not in which words, which are our own, as are the next two's.
    #[error("The HTTP response has the content type '{content_type}', which HTTP Tasks do not support")]
    ResponseContentType { content_type: SmolStr },
    #[error("The HTTP response cannot be read as a string")]
    ResponseUnreadable,
    #[error("The RequestBody is not a JSON object, so the body parameters of the connection cannot be added to it")]
    BodyNotMergeable,
    /// Our own words: AWS calls any URL that it takes.
    #[error("the API {url} {problem}; the connections file can have another address for it under Endpoints")]
    ApiUnreachable { url: SmolStr, problem: EndpointProblem },
    #[error("There was an error while evaluating the intrinsic function: {call}. {problem}")]
    Intrinsic { call: SmolStr, problem: IntrinsicProblem },
    #[error("The function '{call}' had the following error: The JsonPath argument for the field '{path}' could not be found in the input '{}'", input.to_text())]
    IntrinsicPathNotFound { call: SmolStr, path: SmolStr, input: Value },
    /// `reason` is the path library's own sentence. AWS is reported to let it through for an index into something that
    /// is no array; that it stands in this frame is a guess.
    #[error("The function '{call}' had the following error: {reason}")]
    IntrinsicPath { call: SmolStr, reason: String },
    /// Public notes on incidents name the step where the input is an object or an array, and the whole path where it is
    /// a string; that all scalars are like strings is a guess.
    #[error("Unable to apply {} to input {}", unapplied(path, step, input), input.to_compact_text())]
    ReferencePathConflict { path: SmolStr, step: SmolStr, input: Value },
    /// Source: AWS's knowledge-center article on state machines stuck in DELETING.
    #[error("State machine {name} has been deleted.")]
    MachineDeleted { name: SmolStr },
    /// Nobody has published what AWS makes of a value that its own parser could not read again; these are the words with
    /// which Jackson refuses to write one.
    #[error(
        "Document nesting depth ({depth}) exceeds the maximum allowed ({}, from `StreamWriteConstraints.getMaxNestingDepth()`)",
        crate::quota::JSON_DEPTH
    )]
    TooDeep { depth: usize },
    /// The words of AWS's tool are not documented; these are our own.
    #[error("The mocked response '{response}' has nothing for attempt {number}")]
    NoMockedResponse { response: SmolStr, number: u32 },
    /// Our own words.
    #[error("The condition at {place} in the mock configuration can't be evaluated: {problem}")]
    MockedCondition { place: SmolStr, problem: String },
    /// Our own words: nothing is like this on AWS.
    #[error("Stepwell is strict, and this is not as on AWS: {}", sentences(deviations))]
    NotAsOnAws { deviations: Box<[Deviation]> },
    /// Our own words: AWS has no such bugs.
    #[error("Stepwell failed to go on with this execution, which is a bug of Stepwell: {panic}")]
    Bug { panic: String },
    #[error("Stepwell does not read these items: {0}")]
    ItemsNotRead(NotRead),
    /// Our own words, of what AWS does and Stepwell doesn't. Nothing can catch it: no execution goes on as it never would on AWS.
    #[error("Stepwell does not support {what}")]
    NotSupported { what: SmolStr },
    /// Our own words: another execution, which this one waited for or was told of, ended as it never would on AWS.
    #[error("The execution {execution_arn} has failed, as it would not on AWS: {problem}")]
    OfNested { execution_arn: SmolStr, problem: Box<Runtime> },
    /// A guess.
    #[error("The Map Run reached the maximum number of redrives ({}).", crate::quota::MAP_RUN_REDRIVES)]
    TooManyRedrives,
    #[error("The execution reached the maximum number of history events ({}).", crate::quota::HISTORY_EVENTS)]
    HistoryLimit,
}

impl Failure {
    /// Of what AWS does and Stepwell doesn't.
    pub fn not_supported(what: impl Into<SmolStr>) -> Failure {
        Failure::Runtime { place: None, problem: Runtime::NotSupported { what: what.into() } }
    }
}

impl Runtime {
    /// Whether it is Stepwell that fails here, and not the workflow: no execution may go on as if AWS had failed so. What is
    /// not as on AWS (`NotAsOnAws`) is told to other executions by the reports.
    pub fn is_ours(&self) -> bool {
        match self {
            Runtime::ApiUnreachable { .. }
            | Runtime::NoMockedResponse { .. }
            | Runtime::MockedCondition { .. }
            | Runtime::Bug { .. }
            | Runtime::ItemsNotRead(_)
            | Runtime::NotSupported { .. }
            | Runtime::OfNested { .. } => true,
            Runtime::Intrinsic { problem, .. } => matches!(problem, IntrinsicProblem::TextTooLong { .. }),
            Runtime::ParametersUnusable { problems, .. } => {
                problems.iter().any(|problem| matches!(problem, ParameterProblem::OnlyOfSdk(_)))
            }
            _ => false,
        }
    }

    /// The same as what an execution fails for that learns of it.
    pub fn of_nested(self, execution_arn: SmolStr) -> Runtime {
        match self {
            // The innermost execution says the most.
            Runtime::OfNested { .. } => self,
            problem => Runtime::OfNested { execution_arn, problem: Box::new(problem) },
        }
    }
}

/// Why Stepwell, unlike AWS, doesn't read the items of a distributed Map. The words are our own. That nothing can catch it keeps
/// an execution from going on as it never would on AWS.
#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error)]
#[allow(missing_docs)]
pub enum NotRead {
    #[error("{what} is not built yet")]
    Source { what: SmolStr },
    #[error("an object has more than {most} bytes")]
    TooLarge { most: usize },
    #[error("a list of objects has more than {most} pages")]
    TooManyPages { most: usize },
    #[error("a list of objects is truncated, and has no token with which it goes on")]
    CutOff,
    #[error("neither AWS's documentation nor a recording says what AWS makes of a CSV with {unclear}")]
    UnclearCsv { unclear: String },
    #[error("a list of objects is not as S3 writes it")]
    NoListing,
}

impl From<NotRead> for Failure {
    fn from(problem: NotRead) -> Failure {
        Failure::Runtime { place: None, problem: Runtime::ItemsNotRead(problem) }
    }
}

/// What `States.QueryEvaluationError` stands for. `field` is the path of a field within its state, such as `Output/total` or
/// `Catch[0]/Assign/x`; `expression` is the text between `{%` and `%}`.
#[derive(Clone, Debug, PartialEq, thiserror::Error)]
#[allow(missing_docs)]
pub enum Evaluation {
    #[error("The JSONata expression '{expression}' specified for the field '{field}' returned nothing (undefined).")]
    Undefined { expression: SmolStr, field: SmolStr },
    /// `error` is `CODE: message`.
    #[error(
        "The JSONata expression '{expression}' specified for the field '{field}' threw an error during evaluation. {error}"
    )]
    Threw { expression: SmolStr, field: SmolStr, error: String },
    /// A limit of the evaluation, which has no code.
    #[error(
        "The JSONata expression '{expression}' specified for the field '{field}' threw an error during evaluation: {error}"
    )]
    Exceeded { expression: SmolStr, field: SmolStr, error: String },
    /// What jsonata-js throws without a code. That the id follows after a blank is a guess.
    #[error(
        "The JSONata expression '{expression}' specified for the field '{field}' threw an internal error during evaluation. {id}"
    )]
    Internal { expression: SmolStr, field: SmolStr, id: SmolStr },
    #[error(
        "The JSONata expression '{expression}' specified for the field '{field}' returned an unexpected result type. Expected '{expected}', but was '{}' for value: {}",
        value.kind().name(),
        value.to_compact_text()
    )]
    WrongType { expression: SmolStr, field: SmolStr, expected: &'static str, value: Value },
    /// A function.
    #[error(
        "The JSONata expression '{expression}' specified for the field '{field}' returned an unsupported result type."
    )]
    Unsupported { expression: SmolStr, field: SmolStr },
    #[error("Map state input must be an array but was: {}", .0.to_compact_text())]
    InputNotAnArray(Value),
    /// Recorded of `TimeoutSeconds`; that the other numbers say the same is a guess.
    #[error("The {field} field cannot be parsed as an integer: {}", value.to_compact_text())]
    NotAnInteger { field: SmolStr, value: Value },
    /// Recorded of `TimeoutSeconds`; that the other numbers say the same is a guess.
    #[error("{field} must be between {least} and {most} but was: {}", value.to_compact_text())]
    OutOfRange { field: SmolStr, least: u64, most: u64, value: Value },
    /// The words are those of a Map state in JSONPath; that JSONata has the same is a guess.
    #[error("{field} cannot be negative.")]
    Negative { field: SmolStr },
    /// The words are those of a Map state in JSONPath; that JSONata has the same is a guess.
    #[error("{field} must be between 0 and 100.")]
    NotAPercentage { field: SmolStr },
    #[error("The Timestamp field cannot be parsed as an ISO-8601 extended offset date-time format string: {value}")]
    NotATimestamp { field: SmolStr, value: SmolStr },
}

impl Evaluation {
    /// The field that it happened in, as `EvaluationFailed` events show it.
    pub fn location(&self) -> Option<&SmolStr> {
        match self {
            Evaluation::Undefined { field, .. }
            | Evaluation::Threw { field, .. }
            | Evaluation::Exceeded { field, .. }
            | Evaluation::Internal { field, .. }
            | Evaluation::WrongType { field, .. }
            | Evaluation::Unsupported { field, .. }
            | Evaluation::NotAnInteger { field, .. }
            | Evaluation::OutOfRange { field, .. }
            | Evaluation::Negative { field }
            | Evaluation::NotAPercentage { field }
            | Evaluation::NotATimestamp { field, .. } => Some(field),
            Evaluation::InputNotAnArray(_) => None,
        }
    }
}

/// What is wrong with the evaluated parameters of a service integration.
#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error)]
#[allow(missing_docs)]
pub enum ParameterProblem {
    /// The words are those that AWS has for definitions, as are the next.
    #[error("The field '{0}' is required but was missing")]
    Missing(&'static str),
    #[error("The field \"{0}\" is not supported by Step Functions")]
    NotSupported(SmolStr),
    /// Our own words, of a member that the API doesn't have.
    #[error("Stepwell does not support the field {0} of AWS's SDK for Java yet")]
    OnlyOfSdk(SmolStr),
    /// Source: a public report of a number as the `Payload` of `lambda:invoke`.
    #[error("The value for the field '{0}' must be a STRING")]
    NotAString(&'static str),
    /// Published of the `ApiEndpoint` of `http:invoke`; that its other members say the same is a guess.
    #[error("The value for the '{0}' field is not valid")]
    NotValid(&'static str),
    /// The words are those that AWS has for fields of states.
    #[error("There should only be one of the following fields: [{}]", .0.join(", "))]
    SeveralOf(&'static [&'static str]),
    /// Recorded of another service.
    #[error("The value of the field '{0}' has an invalid format")]
    InvalidFormat(&'static str),
    /// The same of a member of a service's API.
    #[error("The field '{0}' is required but was missing")]
    Required(SmolStr),
    /// The same of a member of a service's API; that AWS says it of other kinds than headers is a guess.
    #[error("The value of the field '{0}' has an invalid format")]
    WrongFormat(SmolStr),
    /// Published of texts, as above; the other kinds' names are a guess.
    #[error("The value for the field '{field}' must be a {wanted}")]
    WrongType { field: SmolStr, wanted: &'static str },
    /// Published of a header that is reserved.
    #[error("The '{field}' field contains unsupported values: [{}]", values.join(", "))]
    Unsupported { field: &'static str, values: Vec<String> },
}

/// What is wrong inside a call of an intrinsic function.
#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error)]
#[allow(missing_docs)]
pub enum IntrinsicProblem {
    #[error("Invalid arguments in {function}")]
    InvalidArguments { function: &'static str },
    #[error("Invalid template in States.Format: matching '{missing}' not found for '{found}'.")]
    UnbalancedTemplate { found: char, missing: char },
    #[error("Invalid arguments in States.Format: number of arguments do not match the occurrences of {{}}.")]
    TemplateArguments,
    /// A bound of ours, far beyond what a state may hand on.
    #[error("{function} makes a text of more than {most} bytes")]
    TextTooLong { function: &'static str, most: usize },
    /// `parser` is Jackson's message.
    #[error(
        "Cannot convert String to Json in States.StringToJson, caused by: {parser}\n at [Source: REDACTED (`StreamReadFeature.INCLUDE_SOURCE_IN_LOCATION` disabled); line: {line}, column: {column}]"
    )]
    NotJson { parser: String, line: usize, column: usize },
}

/// That several problems stand side by side is a guess.
fn list(problems: &[ParameterProblem]) -> String {
    let problems: Vec<String> = problems.iter().map(ToString::to_string).collect();
    problems.join(", ")
}

fn sentences(deviations: &[Deviation]) -> String {
    let sentences: Vec<String> = deviations.iter().map(ToString::to_string).collect();
    sentences.join("; ")
}

/// What of a Reference Path could not be applied to the input.
fn unapplied(path: &str, step: &str, input: &Value) -> String {
    match input {
        Value::Object(_) | Value::Array(_) => format!("step \"{step}\""),
        _ => format!("ReferencePath {path}"),
    }
}

/// A value inside a message: strings bare, everything else as compact JSON.
fn plain(value: &Value) -> String {
    value.as_str().map_or_else(|| value.to_compact_text(), str::to_owned)
}

impl Failure {
    /// The failure that a task or a Fail state reports.
    pub fn reported(error: impl Into<SmolStr>, cause: impl Into<SmolStr>) -> Failure {
        Failure::Reported { error: Some(error.into()), cause: Some(cause.into()) }
    }

    /// The error's name.
    pub fn error(&self) -> Option<SmolStr> {
        Some(SmolStr::new_static(match self {
            Failure::Reported { error, .. } => return error.clone(),
            Failure::Timeout | Failure::HeartbeatTimeout => "States.Timeout",
            Failure::DataLimitExceeded { .. } => "States.DataLimitExceeded",
            Failure::ToleratedFailureThreshold => "States.ExceedToleratedFailureThreshold",
            Failure::RoleNotAssumable { .. } => "States.TaskFailed",
            Failure::Runtime { problem: Runtime::ReferencePathConflict { .. }, .. } => "States.ReferencePathConflict",
            Failure::Runtime { .. } => "States.Runtime",
            Failure::QueryEvaluation { .. } => "States.QueryEvaluationError",
        }))
    }

    /// The cause, if there is one.
    pub fn cause(&self) -> Option<SmolStr> {
        match self {
            Failure::Reported { cause, .. } => cause.clone(),
            Failure::Timeout | Failure::HeartbeatTimeout => None,
            Failure::DataLimitExceeded { subject } => Some(
                format!("The state/task '{subject}' returned a result with a size exceeding the maximum number of bytes service limit.")
                    .into(),
            ),
            Failure::ToleratedFailureThreshold => {
                Some("The specified tolerated failure threshold was exceeded".into())
            }
            // Recorded.
            Failure::RoleNotAssumable { machine_role, task_role } => Some(format_smolstr!(
                "The role {machine_role} is not authorized to assume the task state's role, {task_role}."
            )),
            Failure::Runtime { place, problem } => Some(placed(place.as_ref(), problem)),
            Failure::QueryEvaluation { place, problem } => Some(placed(place.as_ref(), problem)),
        }
    }
}

/// A problem behind the sentence that names the state.
fn placed(place: Option<&Place>, problem: &dyn std::fmt::Display) -> SmolStr {
    match place {
        Some(Place { state, entered }) => format_smolstr!(
            "An error occurred while executing the state '{state}' (entered at the event id #{entered}). {problem}"
        ),
        None => format_smolstr!("{problem}"),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn what_only_stepwell_fails_for_is_told_from_what_aws_fails_for() {
        let unusable = |problem| Runtime::ParametersUnusable { parameters: Value::Null, problems: vec![problem] };
        for (problem, is_ours) in [
            (Runtime::Bug { panic: "p".into() }, true),
            (Runtime::NotSupported { what: "w".into() }, true),
            (Runtime::ItemsNotRead(NotRead::NoListing), true),
            (unusable(ParameterProblem::OnlyOfSdk("f".into())), true),
            (unusable(ParameterProblem::NotSupported("f".into())), false),
            (Runtime::NoChoiceMatched, false),
            (Runtime::HistoryLimit, false),
        ] {
            assert_eq!(problem.is_ours(), is_ours, "{problem}");
            assert!(problem.of_nested("arn".into()).is_ours(), "another execution has failed for it");
        }
    }

    #[test]
    fn a_cause_names_the_state_and_its_first_event() {
        let failure = Failure::Runtime {
            place: Some(Place { state: "pass".into(), entered: 2 }),
            problem: Runtime::InvalidPath { path: "$.a".into(), reason: "No results for path: $['a']".into() },
        };
        assert_eq!(failure.error().as_deref(), Some("States.Runtime"));
        assert_eq!(
            failure.cause().as_deref(),
            Some(
                "An error occurred while executing the state 'pass' (entered at the event id #2). \
                 Invalid path '$.a' : No results for path: $['a']"
            )
        );
    }
}
