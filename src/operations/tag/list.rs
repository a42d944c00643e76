//! ListTagsForResource.

use crate::operations::Call;
use crate::operations::error::Error;
use crate::operations::model;
use smol_str::SmolStr;
use std::borrow::Cow;

crate::protocol::shape! {
    /// The request.
    pub struct Input<'a> {
        /// of what
        arn: Cow<'a, str> = "resourceArn", model::ARN;
    }
}

crate::protocol::answer! {
    /// The answer.
    pub struct Output {
        /// its tags
        tags: Vec<Item> = "tags";
    }
}

crate::protocol::answer! {
    /// A tag of the list.
    pub struct Item {
        /// its key
        key: SmolStr = "key";
        /// its value
        value: SmolStr = "value";
    }
}

/// The errors of the model.
pub const ERRORS: &[&str] = &["InvalidArn", "ResourceNotFound"];

/// Carries it out.
pub fn run(call: &Call<'_>, input: Input<'_>) -> Result<Output, Error> {
    let resource = super::resource(call, &input.arn)?;
    let tags = call.emulator.registry.tags(&call.namespace, resource);
    let tags = tags.ok_or_else(|| Error::ResourceNotFound(input.arn.into()))?;
    Ok(Output { tags: tags.into_iter().map(|tag| Item { key: tag.key, value: tag.value }).collect() })
}
