//! CreateActivity. It is idempotent by the name: another request gives the first one's answer.

use crate::operations::Call;
use crate::operations::error::Error;
use crate::operations::model::{self, EncryptionConfiguration, Tag};
use crate::protocol::Rule;
use crate::quota;
use crate::registry::{Activity, Created};
use crate::timestamp::Timestamp;
use smol_str::SmolStr;
use std::borrow::Cow;

crate::protocol::shape! {
    /// The request.
    pub struct Input<'a> {
        /// its name
        name: Cow<'a, str> = "name", model::NAME;
        /// its tags
        tags: Option<Vec<Tag<'a>>> = "tags", model::TAG_LIST;
        /// how its data is encrypted
        encryption: Option<EncryptionConfiguration<'a>> = "encryptionConfiguration", Rule::Structure(EncryptionConfiguration::MEMBERS);
    }
}

crate::protocol::answer! {
    /// The answer.
    pub struct Output {
        /// its ARN
        arn: SmolStr = "activityArn";
        /// when it was created
        creation_date: Timestamp = "creationDate";
    }
}

/// The errors of the model.
pub const ERRORS: &[&str] = &[
    "ActivityLimitExceeded",
    "ActivityAlreadyExists",
    "InvalidName",
    "TooManyTags",
    "InvalidEncryptionConfiguration",
    "KmsAccessDeniedException",
    "KmsThrottlingException",
];

/// Carries it out.
pub fn run(call: &Call<'_>, input: Input<'_>) -> Result<Output, Error> {
    let name = model::name(&input.name)?;
    let arn = call.namespace.activity_arn(&name);
    let tags = model::tags(input.tags, &arn)?;
    let encryption = EncryptionConfiguration::understood(input.encryption)?;
    let creation_date = call.emulator.engine.now();
    let activity = Activity { name, arn: arn.clone(), creation_date, encryption: encryption.clone(), tags };
    match call.emulator.registry.create_activity(&call.namespace, activity, quota::ACTIVITIES) {
        Created::Existing(activity) if activity.encryption != encryption => Err(Error::ActivityAlreadyExists(arn)),
        Created::New(activity) | Created::Existing(activity) => {
            Ok(Output { arn: activity.arn.clone(), creation_date: activity.creation_date })
        }
        Created::LimitExceeded => Err(Error::ActivityLimitExceeded),
    }
}
