//! `mapItemReaderData`: what the ItemReader of a Map state reads, as its source has it.

use super::problem::TestProblem;
use crate::asl::ParsedState;
use crate::asl::program::{ItemSource, StateKind};
use crate::failure::Failure;
use crate::items::{self, Data, Unreadable};
use crate::operations::error::Error;

/// What is read in the data, if there is any, or why nothing can be, which is the state's failure.
pub fn data(parsed: &ParsedState, data: Option<&str>) -> Result<Option<Result<Data, Failure>>, Error> {
    let (Some(program), Some(data)) = (&parsed.program, data) else { return Ok(None) };
    let StateKind::Map(map) = &program.state(program.start).kind else { return Ok(None) };
    let reader = map.reader.as_ref().ok_or(TestProblem::NoItemReader)?;
    let not_built = |what: String| Error::NotImplemented(format!("mapItemReaderData for {what}").into());
    let format = match &reader.source {
        ItemSource::Data(format) => format,
        ItemSource::NotReadable(what) => return Err(not_built(what.to_string())),
    };
    match items::read(format, data) {
        Ok(data) => Ok(Some(Ok(data))),
        Err(Unreadable::Refused(failure)) => Ok(Some(Err(failure))),
        Err(Unreadable::Unclear(unclear)) => Err(not_built(format!("CSV with {unclear}"))),
        Err(Unreadable::NoListing) => Err(not_built(
            "s3:listObjectsV2 that is no array of objects with Key, Etag, LastModified, Size and StorageClass".into(),
        )),
    }
}
