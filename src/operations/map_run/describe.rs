//! DescribeMapRun.

use crate::operations::error::Error;
use crate::operations::{Call, model, target};
use std::borrow::Cow;

crate::protocol::shape! {
    /// The request.
    pub struct Input<'a> {
        /// which one
        arn: Cow<'a, str> = "mapRunArn", model::LONG_ARN;
    }
}

/// The answer.
pub type Output = super::Nothing;

/// The errors of the model.
pub const ERRORS: &[&str] = &["ResourceNotFound", "InvalidArn"];

/// Carries it out.
pub fn run(call: &Call<'_>, input: Input<'_>) -> Result<Output, Error> {
    target::map_run(&input.arn, &call.namespace)?;
    Err(Error::ResourceNotFound(input.arn.into()))
}
