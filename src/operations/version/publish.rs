//! PublishStateMachineVersion. It is idempotent by the revision: another request gives the first one's version, whatever
//! its description.

use crate::operations::error::Error;
use crate::operations::lookup::{INITIAL_REVISION, refused};
use crate::operations::{Call, model};
use crate::protocol::Rule;
use crate::timestamp::Timestamp;
use smol_str::SmolStr;
use std::borrow::Cow;

crate::protocol::shape! {
    /// The request.
    pub struct Input<'a> {
        /// of what
        arn: Cow<'a, str> = "stateMachineArn", model::ARN;
        /// the revision that it must have
        revision: Option<Cow<'a, str>> = "revisionId", Rule::ANY_TEXT;
        /// what it is described with
        description: Option<Cow<'a, str>> = "description", model::VERSION_DESCRIPTION;
    }
}

crate::protocol::answer! {
    /// The answer.
    pub struct Output {
        /// when it was published
        creation_date: Timestamp = "creationDate";
        /// its ARN
        arn: SmolStr = "stateMachineVersionArn";
    }
}

/// The errors of the model.
pub const ERRORS: &[&str] = &[
    "ValidationException",
    "StateMachineDeleting",
    "StateMachineDoesNotExist",
    "ServiceQuotaExceededException",
    "ConflictException",
    "InvalidArn",
];

/// Carries it out.
pub fn run(call: &Call<'_>, input: Input<'_>) -> Result<Output, Error> {
    let machine = call.changeable(&input.arn)?;
    let asked = input.revision.as_deref().map(|revision| Some(revision).filter(|asked| *asked != INITIAL_REVISION));
    let publication = call.publication(input.description.map(SmolStr::from));
    let published = call.emulator.registry.publish_version(&call.namespace, &machine.name, asked, publication);
    let version = published.map_err(|refusal| refused(refusal, &input.arn, input.revision.as_deref()))?;
    Ok(Output { creation_date: version.creation_date, arn: version.arn.clone() })
}
