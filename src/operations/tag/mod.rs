//! Operations on the tags of state machines and activities.

pub mod add;
pub mod list;
pub mod remove;

use super::Call;
use super::error::Error;
use super::target::{self, Tagged};
use crate::registry::Resource;

/// The resource with this ARN, if it exists. Versions and aliases have no tags: for AWS they are not to be found.
fn resource<'a>(call: &Call<'_>, arn: &'a str) -> Result<Resource<'a>, Error> {
    let found = match target::tagged(arn, &call.namespace)? {
        Tagged::StateMachine(target) if target.here && target.qualifier.is_none() => {
            call.state_machine(target.name).map(|_| Resource::StateMachine(target.name))
        }
        Tagged::StateMachine(_) => None,
        Tagged::Activity(name) => name.map(Resource::Activity),
    };
    found.ok_or_else(|| Error::ResourceNotFound(arn.into()))
}
