//! ValidateStateMachineDefinition. A bad definition is an answer, never an error.

use super::configuration::StateMachineType;
use crate::asl;
use crate::operations::Call;
use crate::operations::error::Error;
use crate::operations::model;
use crate::protocol::{Named, Rule};
use smol_str::{SmolStr, ToSmolStr};
use std::borrow::Cow;

/// How many diagnostics an answer has at most when the request doesn't say, or says 0.
const DEFAULT_RESULTS: usize = 100;

crate::protocol::words! {
    /// `severity`: which diagnostics are shown. In which order AWS's messages list the words isn't recorded.
    pub enum Severity {
        /// errors
        Error = "ERROR",
        /// errors and warnings
        Warning = "WARNING",
    }
}

crate::protocol::shape! {
    /// The request.
    pub struct Input<'a> {
        /// what to look at
        definition: Cow<'a, str> = "definition", model::DEFINITION;
        /// Standard or Express
        machine_type: Option<StateMachineType> = "type", Rule::OneOf(StateMachineType::WORDS);
        /// which diagnostics are shown
        severity: Option<Severity> = "severity", Rule::OneOf(Severity::WORDS);
        /// how many
        max_results: Option<i64> = "maxResults", Rule::Integer { min: 0, max: 100 };
    }
}

crate::protocol::answer! {
    /// The answer.
    pub struct Output {
        /// `OK` or `FAIL`
        result: &'static str = "result";
        /// what there is to say
        diagnostics: Vec<Item> = "diagnostics";
        /// whether there is more to say
        truncated: bool = "truncated";
    }
}

crate::protocol::answer! {
    /// A diagnostic.
    pub struct Item {
        /// `ERROR` or `WARNING`
        severity: &'static str = "severity";
        /// its code
        code: &'static str = "code";
        /// what is wrong
        message: SmolStr = "message";
        /// where
        location: Option<SmolStr> = "location";
    }
}

/// The errors of the model.
pub const ERRORS: &[&str] = &["ValidationException"];

/// Carries it out. What isn't built yet is an error too, with a code of its own. That errors come before warnings is a
/// guess.
pub fn run(_: &Call<'_>, input: Input<'_>) -> Result<Output, Error> {
    let parsed = asl::parse(&input.definition, input.machine_type.unwrap_or_default().into());
    let mut found = parsed.diagnostics;
    let result = if found.is_empty() { "OK" } else { "FAIL" };
    if input.severity == Some(Severity::Warning) {
        found.extend(asl::warnings(&input.definition));
    }
    let wanted = input.max_results.and_then(|number| usize::try_from(number).ok()).filter(|number| *number > 0);
    let shown = wanted.unwrap_or(DEFAULT_RESULTS);
    Ok(Output {
        result,
        truncated: found.len() > shown,
        diagnostics: found
            .iter()
            .take(shown)
            .map(|diagnostic| Item {
                severity: diagnostic.severity().name(),
                code: diagnostic.code(),
                message: diagnostic.to_smolstr(),
                location: diagnostic.location.as_deref().map(SmolStr::new),
            })
            .collect(),
    })
}
