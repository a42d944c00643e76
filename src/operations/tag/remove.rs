//! UntagResource. Keys that the resource doesn't have are ignored, as recorded.

use crate::operations::Call;
use crate::operations::error::Error;
use crate::operations::model;
use std::borrow::Cow;

crate::protocol::shape! {
    /// The request.
    pub struct Input<'a> {
        /// of what
        arn: Cow<'a, str> = "resourceArn", model::ARN;
        /// the keys of the tags
        keys: Vec<Cow<'a, str>> = "tagKeys", model::TAG_KEY_LIST;
    }
}

crate::protocol::answer! {
    /// The answer.
    pub struct Output {}
}

/// The errors of the model.
pub const ERRORS: &[&str] = &["InvalidArn", "ResourceNotFound"];

/// Carries it out.
pub fn run(call: &Call<'_>, input: Input<'_>) -> Result<Output, Error> {
    let resource = super::resource(call, &input.arn)?;
    if !call.emulator.registry.untag(&call.namespace, resource, &input.keys) {
        return Err(Error::ResourceNotFound(input.arn.into()));
    }
    Ok(Output {})
}
