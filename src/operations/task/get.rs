//! GetActivityTask: waits for a task of an activity, a minute at most.
//!
//! The worker has the task only once the answer is on its way to it. One that has gone away in the meantime gets
//! nothing, and the task goes to the next.

use crate::json::Value;
use crate::operations::error::Error;
use crate::operations::{Call, Reply, model, target};
use crate::protocol::Encode;
use smol_str::SmolStr;
use std::borrow::Cow;

crate::protocol::shape! {
    /// The request.
    pub struct Input<'a> {
        /// of which activity
        arn: Cow<'a, str> = "activityArn", model::ARN;
        /// who asks
        worker_name: Option<Cow<'a, str>> = "workerName", model::NAME;
    }
}

crate::protocol::answer! {
    /// The answer; nothing in it if there is no task.
    pub struct Output {
        /// what the worker reports with
        task_token: Option<SmolStr> = "taskToken";
        /// the task's input
        input: Option<Value> = "input";
    }
}

/// The errors of the model.
pub const ERRORS: &[&str] = &[
    "ActivityDoesNotExist",
    "ActivityWorkerLimitExceeded",
    "InvalidArn",
    "KmsAccessDeniedException",
    "KmsInvalidStateException",
    "KmsThrottlingException",
];

/// Carries it out.
pub async fn run(call: &Call<'_>, body: &[u8]) -> Result<Reply, Error> {
    let input: Input<'_> = call.read(body)?;
    let name = target::activity(&input.arn, &call.namespace)?;
    let activity = name.and_then(|name| call.emulator.registry.activity(&call.namespace, name));
    let activity = activity.ok_or_else(|| Error::ActivityDoesNotExist(input.arn.as_ref().into()))?;
    let worker = input.worker_name.as_deref().map(SmolStr::from);
    let poll = call.emulator.engine.poll_activity(&activity.arn, worker);
    let offer = poll.await.map_err(|_| Error::ActivityWorkerLimitExceeded)?;
    let output = Output {
        task_token: offer.as_ref().map(|offer| offer.token().into()),
        input: offer.as_ref().map(|offer| offer.input()),
    };
    let mut body = String::new();
    output.write(&mut body);
    Ok(Reply { body, offer })
}
