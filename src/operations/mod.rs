//! The operations of the API: what each takes, does and answers. One file each, in a folder for its resource.
//!
//! Adding one is a file and its row in [`OPERATIONS`]. Nothing here knows of HTTP: an operation is given the bytes of
//! a request and gives the bytes of the answer.

mod activity;
mod alias;
mod error;
mod execution;
mod lookup;
mod map_run;
mod model;
mod nested;
mod page;
mod result_model;
mod state_machine;
mod tag;
mod target;
mod task;
mod test_state;
mod version;

pub use error::Error;
pub use nested::connect;

use crate::arn::Namespace;
use crate::emulator::Emulator;
use crate::engine::Offer;
use crate::protocol::{self, Answer, Decode, Encode, Fault, Member};
use crate::quota;
use crate::registry::{StateMachine, Status};
use smol_str::SmolStr;
use std::borrow::Cow;
use std::future::Future;
use std::pin::Pin;
use std::sync::Arc;

/// A row of the table of operations.
#[derive(Debug)]
pub struct Operation {
    /// Its name, as in `X-Amz-Target`.
    pub name: &'static str,
    /// The members of its request.
    pub input: &'static [Member],
    /// The members of its answer.
    pub output: &'static [&'static str],
    /// The errors that its model has.
    pub errors: &'static [&'static str],
    /// What it does.
    run: Run,
}

type Waiting<'c> = Pin<Box<dyn Future<Output = Result<Reply, Error>> + Send + 'c>>;

/// How an operation is carried out.
#[derive(Debug)]
enum Run {
    /// At once.
    Now(fn(&Call<'_>, &[u8]) -> Result<String, Error>),
    /// It may wait for something.
    Waits(for<'c> fn(&'c Call<'_>, &'c [u8]) -> Waiting<'c>),
}

/// A request on its way to its operation.
#[derive(Debug)]
pub struct Call<'e> {
    /// What it is about.
    pub emulator: &'e Emulator,
    /// Whose it is.
    pub namespace: Namespace,
    /// The operation's name.
    pub operation: &'static str,
    /// The X-Ray trace header that HTTP brought.
    pub trace_header: Option<&'e str>,
}

/// What an operation answers.
#[derive(Debug)]
pub struct Reply {
    /// The JSON.
    pub body: String,
    /// The task in it, which the worker has only once the answer is on its way: accept it then. Dropped without that
    /// it goes to another worker.
    pub offer: Option<Offer>,
}

macro_rules! operation {
    ($name:literal, $run:expr, $($module:ident)::+) => {
        Operation {
            name: $name,
            input: $($module)::+::Input::MEMBERS,
            output: <$($module)::+::Output as Answer>::MEMBERS,
            errors: $($module)::+::ERRORS,
            run: $run,
        }
    };
}

macro_rules! now {
    ($name:literal, $($module:ident)::+) => {
        operation!($name, Run::Now(|call, body| call.answer(body, $($module)::+::run)), $($module)::+)
    };
}

macro_rules! waits {
    ($name:literal, $($module:ident)::+) => {
        operation!($name, Run::Waits(|call, body| Box::pin($($module)::+::run(call, body))), $($module)::+)
    };
}

/// Every operation of the service, in the order of their names.
pub static OPERATIONS: &[Operation] = &[
    now!("CreateActivity", activity::create),
    waits!("CreateStateMachine", state_machine::create),
    now!("CreateStateMachineAlias", alias::create),
    now!("DeleteActivity", activity::delete),
    now!("DeleteStateMachine", state_machine::delete),
    now!("DeleteStateMachineAlias", alias::delete),
    now!("DeleteStateMachineVersion", version::delete),
    now!("DescribeActivity", activity::describe),
    now!("DescribeExecution", execution::describe),
    now!("DescribeMapRun", map_run::describe),
    now!("DescribeStateMachine", state_machine::describe),
    now!("DescribeStateMachineAlias", alias::describe),
    now!("DescribeStateMachineForExecution", execution::describe_state_machine),
    waits!("GetActivityTask", task::get),
    now!("GetExecutionHistory", execution::history),
    now!("ListActivities", activity::list),
    now!("ListExecutions", execution::list),
    now!("ListMapRuns", map_run::list),
    now!("ListStateMachineAliases", alias::list),
    now!("ListStateMachineVersions", version::list),
    now!("ListStateMachines", state_machine::list),
    now!("ListTagsForResource", tag::list),
    now!("PublishStateMachineVersion", version::publish),
    now!("RedriveExecution", execution::redrive),
    now!("SendTaskFailure", task::failure),
    now!("SendTaskHeartbeat", task::heartbeat),
    now!("SendTaskSuccess", task::success),
    now!("StartExecution", execution::start),
    waits!("StartSyncExecution", execution::start_sync),
    now!("StopExecution", execution::stop),
    now!("TagResource", tag::add),
    waits!("TestState", test_state),
    now!("UntagResource", tag::remove),
    now!("UpdateMapRun", map_run::update),
    waits!("UpdateStateMachine", state_machine::update),
    now!("UpdateStateMachineAlias", alias::update),
    now!("ValidateStateMachineDefinition", state_machine::validate),
];

/// The operation of this name.
pub fn find(name: &str) -> Option<&'static Operation> {
    OPERATIONS.binary_search_by(|operation| operation.name.cmp(name)).ok().map(|index| &OPERATIONS[index])
}

/// Carries out an operation. An X-Ray trace header comes from HTTP, as AWS's SDKs send it where they are traced themselves.
pub async fn carry_out(
    emulator: &Emulator,
    namespace: Namespace,
    operation: &'static Operation,
    body: &[u8],
    trace_header: Option<&str>,
) -> Result<Reply, Error> {
    let call = Call { emulator, namespace, operation: operation.name, trace_header };
    let result = match operation.run {
        Run::Now(run) => run(&call, body).map(|body| Reply { body, offer: None }),
        Run::Waits(run) => run(&call, body).await,
    };
    if let Err(error) = &result {
        let known = !error.is_modelled() || operation.errors.contains(&error.code());
        debug_assert!(known, "{} has no error {}", operation.name, error.code());
    }
    result
}

impl<'e> Call<'e> {
    /// Reads the request, does what is asked, writes the answer.
    fn answer<'b, I, O>(&self, body: &'b [u8], run: fn(&Call<'e>, I) -> Result<O, Error>) -> Result<String, Error>
    where
        I: Decode<'b>,
        O: Encode,
    {
        let output = run(self, self.read(body)?)?;
        let mut text = String::with_capacity(256);
        output.write(&mut text);
        Ok(text)
    }

    /// Reads the request. One that is too large is refused only after its members were checked, whose limits come
    /// first.
    fn read<'b, I: Decode<'b>>(&self, body: &'b [u8]) -> Result<I, Error> {
        let input = protocol::read(body)?;
        if body.len() > quota::REQUEST_BYTES {
            return Err(Fault::RequestEntityTooLarge.into());
        }
        Ok(input)
    }

    /// The X-Ray trace header of an execution: that of HTTP goes before the request's member (documented). That one which is
    /// longer than the member may be is left out is a guess.
    fn trace_header(&self, member: Option<Cow<'_, str>>) -> Option<SmolStr> {
        let fits = |header: &&str| (1..=quota::TRACE_HEADER_CHARACTERS).contains(&header.len());
        let of_http = self.trace_header.filter(fits);
        of_http.map(SmolStr::new).or_else(|| member.map(SmolStr::from))
    }

    /// The state machine of this name. One that is being deleted is gone once none of its executions runs.
    fn state_machine(&self, name: &str) -> Option<Arc<StateMachine>> {
        let machine = self.emulator.registry.state_machine(&self.namespace, name)?;
        if machine.status == Status::Deleting && !self.emulator.engine.is_running(&self.namespace, name) {
            let may = || self.emulator.engine.forget_machine(&self.namespace, name);
            self.emulator.registry.forget_state_machine(&self.namespace, name, may);
            return None;
        }
        Some(machine)
    }
}

impl Reply {
    /// An answer that is nothing but JSON.
    fn of(output: &impl Encode) -> Reply {
        let mut body = String::with_capacity(256);
        output.write(&mut body);
        Reply { body, offer: None }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn every_operation_is_found() {
        assert_eq!(OPERATIONS.len(), 37);
        for operation in OPERATIONS {
            assert_eq!(find(operation.name).map(|found| found.name), Some(operation.name));
        }
        for name in ["", "startexecution", "StartExecution ", "AStartExecution"] {
            assert!(find(name).is_none(), "{name}");
        }
    }
}
