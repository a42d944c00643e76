//! Which fields a state may have, by its type and query language.
//!
//! Source: eight types times fifty fields, measured with `ValidateStateMachineDefinition`.

use std::fmt;

/// `QueryLanguage`
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum QueryLanguage {
    /// the default
    JsonPath,
    /// expressions in `{% %}`
    Jsonata,
}

impl QueryLanguage {
    /// As in a definition.
    pub fn name(self) -> &'static str {
        match self {
            QueryLanguage::JsonPath => "JSONPath",
            QueryLanguage::Jsonata => "JSONata",
        }
    }

    pub(super) fn other(self) -> QueryLanguage {
        match self {
            QueryLanguage::JsonPath => QueryLanguage::Jsonata,
            QueryLanguage::Jsonata => QueryLanguage::JsonPath,
        }
    }
}

/// `Type`
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum StateType {
    Task,
    Wait,
    Pass,
    Succeed,
    Fail,
    Choice,
    Parallel,
    Map,
}

impl StateType {
    /// All types in the order in which AWS names them.
    pub const ALL: [StateType; 8] = [
        StateType::Task,
        StateType::Wait,
        StateType::Pass,
        StateType::Succeed,
        StateType::Fail,
        StateType::Choice,
        StateType::Parallel,
        StateType::Map,
    ];

    pub fn from_name(name: &str) -> Option<StateType> {
        StateType::ALL.into_iter().find(|state_type| state_type.name() == name)
    }

    pub fn name(self) -> &'static str {
        match self {
            StateType::Task => "Task",
            StateType::Wait => "Wait",
            StateType::Pass => "Pass",
            StateType::Succeed => "Succeed",
            StateType::Fail => "Fail",
            StateType::Choice => "Choice",
            StateType::Parallel => "Parallel",
            StateType::Map => "Map",
        }
    }
}

impl fmt::Display for StateType {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(self.name())
    }
}

/// A field of states.
struct Field {
    name: &'static str,
    /// The only language that has it, if not both.
    language: Option<QueryLanguage>,
    types: &'static [StateType],
}

const BOTH: Option<QueryLanguage> = None;
const PATH: Option<QueryLanguage> = Some(QueryLanguage::JsonPath);
const JSONATA: Option<QueryLanguage> = Some(QueryLanguage::Jsonata);

use StateType::{Choice, Fail, Map, Parallel, Pass, Succeed, Task, Wait};

const ALL_BUT_FAIL: &[StateType] = &[Task, Wait, Pass, Succeed, Choice, Parallel, Map];
const ALL_BUT_ENDS: &[StateType] = &[Task, Wait, Pass, Choice, Parallel, Map];
const WITH_NEXT: &[StateType] = &[Task, Wait, Pass, Parallel, Map];
const WITH_RESULT: &[StateType] = &[Task, Pass, Parallel, Map];
const WITH_RETRY: &[StateType] = &[Task, Parallel, Map];

const fn field(name: &'static str, language: Option<QueryLanguage>, types: &'static [StateType]) -> Field {
    Field { name, language, types }
}

const FIELDS: &[Field] = &[
    field("Type", BOTH, &StateType::ALL),
    field("Comment", BOTH, &StateType::ALL),
    field("QueryLanguage", BOTH, &StateType::ALL),
    field("Next", BOTH, WITH_NEXT),
    field("End", BOTH, WITH_NEXT),
    field("InputPath", PATH, ALL_BUT_FAIL),
    field("OutputPath", PATH, ALL_BUT_FAIL),
    field("Output", JSONATA, ALL_BUT_FAIL),
    field("Assign", BOTH, ALL_BUT_ENDS),
    field("Parameters", PATH, WITH_RESULT),
    field("ResultPath", PATH, WITH_RESULT),
    field("ResultSelector", PATH, WITH_RETRY),
    field("Retry", BOTH, WITH_RETRY),
    field("Catch", BOTH, WITH_RETRY),
    field("Arguments", JSONATA, &[Task, Parallel]),
    field("Result", PATH, &[Pass]),
    field("Resource", BOTH, &[Task]),
    field("Credentials", BOTH, &[Task]),
    field("TimeoutSeconds", BOTH, &[Task]),
    field("TimeoutSecondsPath", PATH, &[Task]),
    field("HeartbeatSeconds", BOTH, &[Task]),
    field("HeartbeatSecondsPath", PATH, &[Task]),
    field("Seconds", BOTH, &[Wait]),
    field("SecondsPath", PATH, &[Wait]),
    field("Timestamp", BOTH, &[Wait]),
    field("TimestampPath", PATH, &[Wait]),
    field("Error", BOTH, &[Fail]),
    field("ErrorPath", PATH, &[Fail]),
    field("Cause", BOTH, &[Fail]),
    field("CausePath", PATH, &[Fail]),
    field("Choices", BOTH, &[Choice]),
    field("Default", BOTH, &[Choice]),
    field("Branches", BOTH, &[Parallel]),
    field("ItemProcessor", BOTH, &[Map]),
    field("Iterator", BOTH, &[Map]),
    field("ItemsPath", PATH, &[Map]),
    field("Items", JSONATA, &[Map]),
    field("ItemSelector", BOTH, &[Map]),
    field("MaxConcurrency", BOTH, &[Map]),
    field("MaxConcurrencyPath", PATH, &[Map]),
    field("ItemReader", BOTH, &[Map]),
    field("ItemBatcher", BOTH, &[Map]),
    field("ResultWriter", BOTH, &[Map]),
    field("ToleratedFailurePercentage", BOTH, &[Map]),
    field("ToleratedFailurePercentagePath", PATH, &[Map]),
    field("ToleratedFailureCount", BOTH, &[Map]),
    field("ToleratedFailureCountPath", PATH, &[Map]),
    field("Label", BOTH, &[Map]),
];

/// Whether a state may have a field.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Standing {
    /// It may.
    Allowed,
    /// The type has it, but in the other query language.
    OtherLanguage,
    /// The type doesn't have it.
    Unknown,
}

/// Whether a state of this type and language may have the field.
pub(super) fn standing(name: &str, state_type: StateType, language: QueryLanguage) -> Standing {
    match FIELDS.iter().find(|field| field.name == name) {
        Some(field) if field.types.contains(&state_type) => match field.language {
            Some(only) if only != language => Standing::OtherLanguage,
            _ => Standing::Allowed,
        },
        _ => Standing::Unknown,
    }
}
