//! UpdateMapRun.

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

/// The answer.
pub type Output = super::Nothing;

/// The errors of the model.
pub const ERRORS: &[&str] = &["ResourceNotFound", "InvalidArn", "ValidationException"];

/// Carries it out. That an update of nothing is refused before the map run is looked for is a guess.
pub fn run(call: &Call<'_>, input: Input<'_>) -> Result<Output, Error> {
    target::map_run(&input.arn, &call.namespace)?;
    let numbers = input.max_concurrency.or(input.tolerated_failure_count);
    if numbers.is_none() && input.tolerated_failure_percentage.is_none() {
        return Err(Error::Validation(ValidationProblem::NothingToUpdate));
    }
    Err(Error::ResourceNotFound(input.arn.into()))
}
