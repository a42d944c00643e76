//! Activities.

use super::{Encryption, Tag};
use crate::timestamp::Timestamp;
use smol_str::SmolStr;

/// An activity, which workers poll for tasks.
#[derive(Clone, Debug)]
pub struct Activity {
    /// Its name.
    pub name: SmolStr,
    /// Its ARN.
    pub arn: SmolStr,
    /// When it was created.
    pub creation_date: Timestamp,
    /// `encryptionConfiguration`
    pub encryption: Encryption,
    /// What it was tagged with.
    pub tags: Vec<Tag>,
}
