//! UpdateMapRun.

use super::find;
use crate::operations::error::{Error, ValidationProblem};
use crate::operations::{Call, model, target};
use crate::protocol::Rule;
use std::borrow::Cow;

crate::protocol::shape! {
    /// The request.
    pub struct Input<'a> {
        /// which one
        arn: Cow<'a, str> = "mapRunArn", model::LONG_ARN;
        /// how many children may run at the same time
        max_concurrency: Option<i64> = "maxConcurrency", Rule::AtLeast { min: 0 };
        /// which part of the items may fail
        tolerated_failure_percentage: Option<f32> = "toleratedFailurePercentage", Rule::Float { min: 0, max: 100 };
        /// how many items may fail
        tolerated_failure_count: Option<i64> = "toleratedFailureCount", Rule::LongAtLeast { min: 0 };
    }
}

crate::protocol::answer! {
    /// The answer.
    pub struct Output {}
}

/// The errors of the model.
pub const ERRORS: &[&str] = &["ResourceNotFound", "InvalidArn", "ValidationException"];

/// Carries it out. That an update of nothing is refused before the map run is looked for is a guess, and so is that one that
/// has ended can still be updated.
pub fn run(call: &Call<'_>, input: Input<'_>) -> Result<Output, Error> {
    target::map_run(&input.arn, &call.namespace)?;
    let numbers = input.max_concurrency.or(input.tolerated_failure_count);
    if numbers.is_none() && input.tolerated_failure_percentage.is_none() {
        return Err(Error::Validation(ValidationProblem::NothingToUpdate));
    }
    let run = find(call, &input.arn)?;
    call.emulator.engine.update_map_run(&run.arn, |limits| {
        limits.max_concurrency = input.max_concurrency.map_or(limits.max_concurrency, i64::unsigned_abs);
        limits.tolerated_count = input.tolerated_failure_count.map(i64::unsigned_abs).or(limits.tolerated_count);
        limits.tolerated_percentage = input.tolerated_failure_percentage.map(f64::from).or(limits.tolerated_percentage);
    });
    Ok(Output {})
}
