//! DescribeActivity.

use crate::operations::error::Error;
use crate::operations::{Call, model, target};
use crate::registry::Encryption;
use crate::timestamp::Timestamp;
use smol_str::SmolStr;
use std::borrow::Cow;

crate::protocol::shape! {
    /// The request.
    pub struct Input<'a> {
        /// which one
        arn: Cow<'a, str> = "activityArn", model::ARN;
    }
}

crate::protocol::answer! {
    /// The answer.
    pub struct Output {
        /// its ARN
        arn: SmolStr = "activityArn";
        /// its name
        name: SmolStr = "name";
        /// when it was created
        creation_date: Timestamp = "creationDate";
        /// how its data is encrypted
        encryption: Encryption = "encryptionConfiguration";
    }
}

/// The errors of the model.
pub const ERRORS: &[&str] = &["ActivityDoesNotExist", "InvalidArn"];

/// Carries it out.
pub fn run(call: &Call<'_>, input: Input<'_>) -> Result<Output, Error> {
    let name = target::activity(&input.arn, &call.namespace)?;
    let activity = name.and_then(|name| call.emulator.registry.activity(&call.namespace, name));
    let activity = activity.ok_or_else(|| Error::ActivityDoesNotExist(input.arn.as_ref().into()))?;
    Ok(Output {
        arn: activity.arn.clone(),
        name: activity.name.clone(),
        creation_date: activity.creation_date,
        encryption: activity.encryption.clone(),
    })
}
