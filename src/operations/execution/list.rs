//! ListExecutions, the newest first.

use super::status_name;
use crate::asl::MachineType;
use crate::engine::{Filter, Place, Status};
use crate::operations::error::{Error, ValidationProblem};
use crate::operations::target::Qualifier;
use crate::operations::{Call, map_run, model, page, target};
use crate::protocol::{Named, Rule};
use crate::timestamp::Timestamp;
use smol_str::SmolStr;
use std::borrow::Cow;

crate::protocol::words! {
    /// `statusFilter`, listed in the order that was recorded.
    pub enum StatusFilter {
        /// has succeeded
        Succeeded = "SUCCEEDED",
        /// ran out of time
        TimedOut = "TIMED_OUT",
        /// waits for a place in a redriven map run
        PendingRedrive = "PENDING_REDRIVE",
        /// was stopped
        Aborted = "ABORTED",
        /// has failed
        Failed = "FAILED",
        /// runs
        Running = "RUNNING",
    }
}

crate::protocol::words! {
    /// `redriveFilter`
    pub enum RedriveFilter {
        /// only what was
        Redriven = "REDRIVEN",
        /// only what wasn't
        NotRedriven = "NOT_REDRIVEN",
    }
}

crate::protocol::shape! {
    /// The request.
    pub struct Input<'a> {
        /// of what
        arn: Option<Cow<'a, str>> = "stateMachineArn", model::ARN;
        /// only with this status
        status_filter: Option<StatusFilter> = "statusFilter", Rule::OneOf(StatusFilter::WORDS);
        /// the size of the page
        max_results: Option<i64> = "maxResults", model::PAGE_SIZE;
        /// which page
        next_token: Option<Cow<'a, str>> = "nextToken", model::LIST_EXECUTIONS_PAGE_TOKEN;
        /// of which map run
        map_run_arn: Option<Cow<'a, str>> = "mapRunArn", model::LONG_ARN;
        /// only what was redriven, or wasn't
        redrive_filter: Option<RedriveFilter> = "redriveFilter", Rule::OneOf(RedriveFilter::WORDS);
    }
}

crate::protocol::answer! {
    /// The answer.
    pub struct Output {
        /// what is on the page
        executions: Vec<Item> = "executions";
        /// the next page
        next_token: Option<SmolStr> = "nextToken";
    }
}

crate::protocol::answer! {
    /// An execution of the list.
    pub struct Item {
        /// its ARN
        arn: SmolStr = "executionArn";
        /// of what
        machine_arn: SmolStr = "stateMachineArn";
        /// the version that it was started with
        version_arn: Option<SmolStr> = "stateMachineVersionArn";
        /// the alias that it was started with
        alias_arn: Option<SmolStr> = "stateMachineAliasArn";
        /// the map run that it belongs to
        map_run_arn: Option<SmolStr> = "mapRunArn";
        /// how many items it was given
        item_count: Option<i64> = "itemCount";
        /// its name
        name: SmolStr = "name";
        /// its status
        status: &'static str = "status";
        /// when it began
        start_date: Timestamp = "startDate";
        /// when it ended
        stop_date: Option<Timestamp> = "stopDate";
        /// how often it was redriven
        redrive_count: i64 = "redriveCount";
        /// when for the last time
        redrive_date: Option<Timestamp> = "redriveDate";
    }
}

/// The errors of the model.
pub const ERRORS: &[&str] = &[
    "InvalidArn",
    "InvalidToken",
    "StateMachineDoesNotExist",
    "StateMachineTypeNotSupported",
    "ValidationException",
    "ResourceNotFound",
];

/// Carries it out. For a version or an alias these are the executions that were started with it; a version's are also those
/// that an alias led to it. That those of a deleted version or alias can't be listed is a guess.
pub fn run(call: &Call<'_>, input: Input<'_>) -> Result<Output, Error> {
    let status = input.status_filter.map(|filter| match filter {
        StatusFilter::Running => Status::Running,
        StatusFilter::Succeeded => Status::Succeeded,
        StatusFilter::Failed => Status::Failed,
        StatusFilter::TimedOut => Status::TimedOut,
        StatusFilter::Aborted => Status::Aborted,
        StatusFilter::PendingRedrive => Status::PendingRedrive,
    });
    let (arn, listed) = match (&input.arn, &input.map_run_arn) {
        (Some(arn), None) => (arn, of_machine(call, arn, &input)?),
        (None, Some(arn)) => (arn, of_map_run(call, arn)?),
        _ => return Err(Error::Validation(ValidationProblem::NotOneArn)),
    };
    let redriven = input.redrive_filter.map(|filter| filter == RedriveFilter::Redriven);
    let filter = Filter {
        status,
        version_or_alias: listed.is_qualified.then_some(arn.as_ref()),
        map_run: input.map_run_arn.as_deref(),
        redriven,
    };
    let arguments =
        [arn.as_ref(), input.status_filter.map_or("", Named::name), input.redrive_filter.map_or("", Named::name)];
    let behind = input.next_token.as_deref().map(|token| place(&page::cursor(call, &arguments, token)?)).transpose()?;
    let size = page::size(input.max_results);
    let (found, next) = call.emulator.engine.list(&call.namespace, &listed.name, filter, behind, size);
    Ok(Output {
        executions: found
            .into_iter()
            .map(|execution| Item {
                arn: execution.arn,
                machine_arn: listed.arn.clone(),
                version_arn: execution.association.as_ref().map(|association| association.version_arn.clone()),
                alias_arn: execution.association.as_ref().and_then(|association| association.alias_arn.clone()),
                item_count: execution.map_run.as_ref().map(|(_, items)| i64::try_from(*items).unwrap_or(i64::MAX)),
                map_run_arn: execution.map_run.map(|(arn, _)| arn),
                name: execution.name,
                status: status_name(execution.status),
                start_date: execution.start_date,
                stop_date: execution.stop_date,
                redrive_count: execution.redrive.map_or(0, |redrive| redrive.count.into()),
                redrive_date: execution.redrive.map(|redrive| redrive.date),
            })
            .collect(),
        next_token: next.map(|place| page::token(call, &arguments, &cursor(place)).into()),
    })
}

/// Whose executions are listed.
struct Listed {
    /// The name that they are found under.
    name: SmolStr,
    /// The ARN of what they run.
    arn: SmolStr,
    /// Whether only those of a version or an alias are.
    is_qualified: bool,
}

fn of_machine(call: &Call<'_>, arn: &str, input: &Input<'_>) -> Result<Listed, Error> {
    let target = target::state_machine(arn, &call.namespace)?;
    if input.redrive_filter.is_some() {
        return Err(Error::Validation(ValidationProblem::RedriveFilterWithoutMapRun));
    }
    if input.status_filter == Some(StatusFilter::PendingRedrive) {
        return Err(Error::Validation(ValidationProblem::PendingRedriveWithoutMapRun));
    }
    let machine = target.here.then(|| call.state_machine(target.name)).flatten();
    let there = |name: &str| match target.qualifier {
        None => true,
        Some(Qualifier::Version(number)) => call.emulator.registry.version(&call.namespace, name, number).is_some(),
        Some(Qualifier::Alias(alias)) => call.emulator.registry.alias(&call.namespace, name, alias).is_some(),
        Some(Qualifier::Label) => false,
    };
    let Some(machine) = machine.filter(|machine| there(&machine.name)) else {
        return Err(Error::StateMachineDoesNotExist(arn.into()));
    };
    if machine.machine_type == MachineType::Express {
        return Err(Error::StateMachineTypeNotSupported);
    }
    let is_qualified = target.qualifier.is_some();
    Ok(Listed { name: machine.name.clone(), arn: machine.arn.clone(), is_qualified })
}

fn of_map_run(call: &Call<'_>, arn: &str) -> Result<Listed, Error> {
    let run = map_run::find(call, arn)?;
    Ok(Listed { name: run.machine_name, arn: run.machine_arn, is_qualified: false })
}

/// Where a page ends, as its token has it.
fn cursor((millis, number): Place) -> [u8; 16] {
    let mut bytes = [0; 16];
    bytes[..8].copy_from_slice(&millis.to_be_bytes());
    bytes[8..].copy_from_slice(&number.to_be_bytes());
    bytes
}

fn place(cursor: &[u8]) -> Result<Place, Error> {
    let cursor: [u8; 16] = cursor.try_into().map_err(|_| Error::InvalidToken)?;
    let number = u128::from_be_bytes(cursor);
    Ok(((number >> 64) as i64, number as u64))
}
