//! Operations on map runs: the child executions of Map states in distributed mode.

pub mod describe;
pub mod list;
pub mod update;

use super::error::Error;
use super::{Call, target};
use crate::engine::{MapRunDescription, MapRunStatus};

/// The map run with this ARN.
pub(super) fn find(call: &Call<'_>, arn: &str) -> Result<MapRunDescription, Error> {
    target::map_run(arn, &call.namespace)?;
    call.emulator.engine.map_run(arn).ok_or_else(|| Error::ResourceNotFound(arn.into()))
}

fn status_name(status: MapRunStatus) -> &'static str {
    match status {
        MapRunStatus::Running => "RUNNING",
        MapRunStatus::Succeeded => "SUCCEEDED",
        MapRunStatus::Failed => "FAILED",
        MapRunStatus::Aborted => "ABORTED",
    }
}
