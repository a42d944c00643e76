//! ListExecutions, the newest first.

use super::status_name;
use crate::asl::MachineType;
use crate::engine::{self, Filter, Place};
use crate::operations::error::{Error, ValidationProblem};
use crate::operations::target::Qualifier;
use crate::operations::{Call, model, page, target};
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
    let arn = match (input.arn, input.map_run_arn) {
        (Some(arn), None) => arn,
        (None, Some(map_run)) => {
            target::map_run(&map_run, &call.namespace)?;
            return Err(Error::ResourceNotFound(map_run.into()));
        }
        _ => return Err(Error::Validation(ValidationProblem::NotOneArn)),
    };
    let target = target::state_machine(&arn, &call.namespace)?;
    if input.redrive_filter.is_some() {
        return Err(Error::Validation(ValidationProblem::RedriveFilterWithoutMapRun));
    }
    let status = match input.status_filter {
        None => None,
        Some(StatusFilter::Running) => Some(engine::Status::Running),
        Some(StatusFilter::Succeeded) => Some(engine::Status::Succeeded),
        Some(StatusFilter::Failed) => Some(engine::Status::Failed),
        Some(StatusFilter::TimedOut) => Some(engine::Status::TimedOut),
        Some(StatusFilter::Aborted) => Some(engine::Status::Aborted),
        Some(StatusFilter::PendingRedrive) => {
            return Err(Error::Validation(ValidationProblem::PendingRedriveWithoutMapRun));
        }
    };
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
    let filter = Filter { status, version_or_alias: target.qualifier.map(|_| arn.as_ref()) };
    let arguments = [arn.as_ref(), input.status_filter.map_or("", Named::name)];
    let behind = input.next_token.as_deref().map(|token| place(&page::cursor(call, &arguments, token)?)).transpose()?;
    let size = page::size(input.max_results);
    let (found, next) = call.emulator.engine.list(&call.namespace, &machine.name, filter, behind, size);
    Ok(Output {
        executions: found
            .into_iter()
            .map(|execution| Item {
                arn: execution.arn,
                machine_arn: machine.arn.clone(),
                version_arn: execution.association.as_ref().map(|association| association.version_arn.clone()),
                alias_arn: execution.association.as_ref().and_then(|association| association.alias_arn.clone()),
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
