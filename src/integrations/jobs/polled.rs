//! Jobs that don't tell when they have ended: their services are asked, by the table of [`crate::service_model::jobs`].

use super::Progress;
use super::description::{containers_succeeded, error_of_task, shown};
use super::patience::Patience;
use crate::arn::Namespace;
use crate::endpoint::Endpoint;
use crate::failure::Failure;
use crate::integrations::aws_sdk::AwsSdk;
use crate::integrations::optimised::{Optimised, Refusal};
use crate::json::Value;
use crate::service_model::jobs::{Action, Job, follow};

/// A job with how it was started and what is known of it.
#[derive(Debug)]
pub struct Polled {
    job: &'static Job,
    caller: Caller,
    /// What the call that started it was given, and has returned.
    given: Value,
    started: Value,
    patience: Patience,
    /// What was last seen of it.
    seen: Option<Value>,
    has_ended: bool,
}

/// How its service is called.
#[derive(Clone, Debug)]
pub(in crate::integrations) struct Caller {
    pub sdk: AwsSdk,
    pub namespace: Namespace,
    pub endpoint: Endpoint,
}

impl Polled {
    /// The job that a call with the parameters `given` has started, as what it has returned says; nothing if that names none.
    pub(in crate::integrations) fn of(
        job: &'static Job,
        caller: Caller,
        given: &Value,
        started: &Value,
    ) -> Option<Polled> {
        if !job.look.knows(started) {
            return None;
        }
        let (given, started) = (given.clone(), started.clone());
        Some(Polled { job, caller, given, started, patience: Patience::default(), seen: None, has_ended: false })
    }

    /// Asks how it is.
    pub async fn look(&mut self) -> Progress {
        match self.ask(&self.job.look).await {
            Ok(answer) => self.judge(&answer),
            Err(Refusal::Passing(failure)) => self.patience.try_again(failure),
            Err(Refusal::Gone(failure)) => {
                self.has_ended = true;
                let result = self.result(self.seen.as_ref());
                Progress::Ended(if self.job.gone { Ok(result) } else { Err(failure) })
            }
            // It may still run: it is stopped, as it is when nobody waits any more.
            Err(Refusal::Lasting(failure)) => Progress::Ended(Err(failure)),
        }
    }

    async fn ask(&self, action: &Action) -> Result<Value, Refusal> {
        let Caller { sdk, namespace, endpoint } = &self.caller;
        let parameters = action.parameters(&self.given, &self.started);
        let operation = self.operation(action.name);
        let answer = operation.ask(sdk, namespace, endpoint, &parameters).await?;
        Ok(described(&operation, answer))
    }

    fn operation(&self, action: &str) -> Optimised {
        Optimised::find(self.job.call.0, action).expect("the table of jobs names operations; a test looks at all")
    }

    /// What an answer says of the job.
    fn judge(&mut self, answer: &Value) -> Progress {
        let (service, action) = self.job.call;
        // Our words, here and below: AWS doesn't say what becomes of such a job.
        let unknown = |what: &str| {
            let look = self.job.look.name;
            Failure::reported("States.TaskFailed", format!("{service}:{look} tells {what} for {service}:{action}.sync"))
        };
        let Some(description) = follow(answer, self.job.description) else {
            return self.patience.try_again(unknown("of no job"));
        };
        let Some(status) = follow(description, self.job.status).and_then(Value::as_str) else {
            return self.patience.try_again(unknown("no status"));
        };
        let succeeded = self.job.succeeded.contains(&status);
        self.has_ended = succeeded || self.job.failed.contains(&status);
        let result = self.result(Some(description));
        if succeeded && (service != "ecs" || containers_succeeded(description)) {
            return Progress::Ended(Ok(result));
        }
        let has_failed = || {
            let error = if service == "ecs" { error_of_task(description) } else { "States.TaskFailed" };
            Failure::reported(error, result.to_compact_text())
        };
        if self.has_ended {
            return Progress::Ended(Err(has_failed()));
        }
        self.seen = Some(description.clone());
        if self.job.goes_on.contains(&status) {
            self.patience.go_on()
        } else if self.job.stalled.contains(&status) {
            self.patience.try_again(has_failed())
        } else {
            self.patience.try_again(unknown(&format!("the status {status}, which Stepwell does not know,")))
        }
    }

    /// What the call that started it has returned, in the form of a description.
    fn returned(&self) -> Value {
        let members = self.started.as_object().into_iter().flat_map(|object| object.iter());
        let of_service =
            members.filter(|(name, _)| !matches!(name.as_str(), "SdkHttpMetadata" | "SdkResponseMetadata"));
        let returned = Value::object(of_service.map(|(name, value)| (name.clone(), value.clone())));
        described(&self.operation(self.job.call.1), returned)
    }

    /// The task's result; what the call has returned where nothing was seen of the job.
    fn result(&self, description: Option<&Value>) -> Value {
        let Some(description) = description else { return self.returned() };
        let shown = match self.job.shown_as {
            "" => description.clone(),
            name => Value::object([(name, description.clone())]),
        };
        let besides = self.job.besides.iter();
        besides.fold(shown, |shown, (name, source)| match (&shown, source.of(&self.given, &self.started)) {
            (Value::Object(members), Some(value)) => members.with(name, value),
            _ => shown,
        })
    }
}

/// An answer of this operation in the form of a description.
fn described(operation: &Optimised, answer: Value) -> Value {
    let target = &operation.target;
    target.operation.output.map_or_else(|| answer.clone(), |shape| shown(target.service, shape, &answer))
}

/// Nobody waits any more.
impl Drop for Polled {
    fn drop(&mut self) {
        let (Ok(runtime), Some(stop)) = (tokio::runtime::Handle::try_current(), self.job.stop) else { return };
        if self.has_ended {
            return;
        }
        let (operation, caller) = (self.operation(stop.name), self.caller.clone());
        let parameters = stop.parameters(&self.given, &self.started);
        let name = format!("{}:{}", self.job.call.0, stop.name);
        runtime.spawn(async move {
            let Caller { sdk, namespace, endpoint } = &caller;
            if let Err(refusal) = operation.ask(sdk, namespace, endpoint, &parameters).await {
                let failure = refusal.into_failure();
                let cause = failure.cause().unwrap_or_default();
                tracing::warn!(call = %name, %cause, "a job that nobody waits for could not be stopped");
            }
        });
    }
}
