//! TagResource. Keys that the resource has get their new values.

use crate::operations::error::Error;
use crate::operations::model::{self, Tag};
use crate::operations::{Call, target};
use crate::quota;
use crate::registry::Tagging;
use std::borrow::Cow;

crate::protocol::shape! {
    /// The request.
    pub struct Input<'a> {
        /// of what
        arn: Cow<'a, str> = "resourceArn", model::ARN;
        /// the tags
        tags: Vec<Tag<'a>> = "tags", model::TAG_LIST;
    }
}

crate::protocol::answer! {
    /// The answer.
    pub struct Output {}
}

/// The errors of the model.
pub const ERRORS: &[&str] = &["InvalidArn", "ResourceNotFound", "TooManyTags"];

/// Carries it out. What is wrong with the request itself comes before what is missing; that order is a guess.
pub fn run(call: &Call<'_>, input: Input<'_>) -> Result<Output, Error> {
    target::tagged(&input.arn, &call.namespace)?;
    let arn = input.arn.as_ref().into();
    let tags = model::tags(Some(input.tags), &arn)?;
    let resource = super::resource(call, &input.arn)?;
    match call.emulator.registry.tag(&call.namespace, resource, tags, quota::TAGS) {
        Tagging::Done => Ok(Output {}),
        Tagging::NotFound => Err(Error::ResourceNotFound(arn)),
        Tagging::LimitExceeded => Err(Error::TooManyTags { resource_name: arn }),
    }
}
