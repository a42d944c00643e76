//! DescribeMapRun.

use super::{find, status_name};
use crate::engine::{ChildStatus, Counts, MapRunDescription};
use crate::operations::error::Error;
use crate::operations::execution::redrive::obstacle_of_map_run;
use crate::operations::{Call, model};
use crate::timestamp::Timestamp;
use smol_str::SmolStr;
use std::borrow::Cow;

crate::protocol::shape! {
    /// The request.
    pub struct Input<'a> {
        /// which one
        arn: Cow<'a, str> = "mapRunArn", model::LONG_ARN;
    }
}

crate::protocol::answer! {
    /// The answer.
    pub struct Output {
        /// its ARN
        arn: SmolStr = "mapRunArn";
        /// the execution that began it
        execution_arn: SmolStr = "executionArn";
        /// its status
        status: &'static str = "status";
        /// when it began
        start_date: Timestamp = "startDate";
        /// when it ended
        stop_date: Option<Timestamp> = "stopDate";
        /// how many children may run at the same time
        max_concurrency: i64 = "maxConcurrency";
        /// which part of the items may fail
        tolerated_failure_percentage: f64 = "toleratedFailurePercentage";
        /// how many items may fail
        tolerated_failure_count: i64 = "toleratedFailureCount";
        /// how many items have which status
        item_counts: Counted = "itemCounts";
        /// how many children have which status
        execution_counts: Counted = "executionCounts";
        /// how often it was redriven
        redrive_count: Option<i64> = "redriveCount";
        /// when for the last time
        redrive_date: Option<Timestamp> = "redriveDate";
    }
}

crate::protocol::answer! {
    /// How many have which status.
    pub struct Counted {
        /// have not begun
        pending: i64 = "pending";
        /// have ended and wait to be redriven
        pending_redrive: Option<i64> = "pendingRedrive";
        /// have failed and can't be redriven
        failures_not_redrivable: Option<i64> = "failuresNotRedrivable";
        /// run
        running: i64 = "running";
        /// have succeeded
        succeeded: i64 = "succeeded";
        /// have failed
        failed: i64 = "failed";
        /// ran out of time
        timed_out: i64 = "timedOut";
        /// were stopped
        aborted: i64 = "aborted";
        /// all
        total: i64 = "total";
        /// results that were handed on or written
        results_written: i64 = "resultsWritten";
    }
}

/// The errors of the model.
pub const ERRORS: &[&str] = &["ResourceNotFound", "InvalidArn"];

/// Carries it out. The one recording is older than redrives, and has no members for them: they are shown from the first
/// redrive on.
pub fn run(call: &Call<'_>, input: Input<'_>) -> Result<Output, Error> {
    let run = find(call, &input.arn)?;
    let (not_redrivable, items_not_redrivable) = if run.redrives > 0 {
        let of_all = obstacle_of_map_run(call, &run.arn).is_some();
        call.emulator.engine.not_redrivable(&run.arn, |child| of_all || child.redrive_obstacle.is_some())
    } else {
        (0, 0)
    };
    Ok(Output {
        status: status_name(run.status),
        start_date: run.start_date,
        stop_date: run.stop_date,
        max_concurrency: number(run.limits.max_concurrency),
        tolerated_failure_percentage: run.limits.tolerated_percentage.unwrap_or_default(),
        tolerated_failure_count: number(run.limits.tolerated_count.unwrap_or_default()),
        item_counts: counted(&run, &run.items, items_not_redrivable),
        execution_counts: counted(&run, &run.executions, not_redrivable),
        redrive_count: Some(i64::from(run.redrives)).filter(|count| *count > 0),
        redrive_date: run.redrive_date,
        arn: run.arn,
        execution_arn: run.execution_arn,
    })
}

fn counted(run: &MapRunDescription, counts: &Counts, not_redrivable: u64) -> Counted {
    let of = |status| number(counts.of(status));
    let (pending, running) = (of(ChildStatus::Pending), of(ChildStatus::Running));
    let pending_redrive = of(ChildStatus::PendingRedrive);
    let is_redriven = run.redrives > 0;
    let total = number(counts.total());
    Counted {
        pending,
        pending_redrive: is_redriven.then_some(pending_redrive),
        failures_not_redrivable: is_redriven.then_some(number(not_redrivable)),
        running,
        succeeded: of(ChildStatus::Succeeded),
        failed: of(ChildStatus::Failed),
        timed_out: of(ChildStatus::TimedOut),
        aborted: of(ChildStatus::Aborted),
        total,
        results_written: if run.results_written { total - pending - pending_redrive - running } else { 0 },
    }
}

fn number(count: u64) -> i64 {
    i64::try_from(count).unwrap_or(i64::MAX)
}
