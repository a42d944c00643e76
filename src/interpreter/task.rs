//! Task states. Events: `TaskStateEntered`, `...Scheduled`, `...Started`, for `.waitForTaskToken` `TaskSubmitted`, then
//! `...Succeeded`, `...Failed` or `...TimedOut`, `TaskStateExited`. Function ARNs and activities have names of their
//! own for these events, everything else is `Task...`.

use super::context::Extras;
use super::data::Problem;
use super::frame::{FrameId, Purpose, Step, TaskWork, Work};
use super::transition::Worked;
use super::{Action, Invocation, TaskId, TimerId, TimerKind, Turn, millis, token};
use crate::asl::program::{Computed, Resource, Seconds, State, StateKind, Task};
use crate::asl::{Integration, Pattern, QueryLanguage};
use crate::failure::{Evaluation, Failure, Runtime};
use crate::history::{ActivityScheduled, EventKind, LambdaFunctionScheduled, TaskKind, TaskScheduled, Told};
use crate::json::Value;
use crate::query::JsonataTemplate;
use crate::quota;
use smol_str::{SmolStr, format_smolstr};
use std::sync::Arc;

impl Turn<'_> {
    /// Evaluates all fields and schedules the task.
    pub(super) fn schedule(&mut self, frame: FrameId, state: &State, task: &Task) -> Worked {
        let id = self.run.new_task(frame);
        let scheduled = self.schedule_as(id, frame, state, task);
        if scheduled.is_err() {
            self.run.forget_task(id);
        }
        scheduled
    }

    fn schedule_as(&mut self, id: TaskId, frame: FrameId, state: &State, task: &Task) -> Worked {
        let input = self.effective_input(frame, state)?;
        let token = match task.resource {
            // Whoever tests a state with a mock gives the token in the context object.
            _ if self.run.trial.is_some() => None,
            Resource::Activity(_) => Some(token::encode(&self.identity.arn, id, self.random.bits())),
            // Recorded: one may also report for a job that Step Functions waits for.
            _ if waits(&task.resource) => Some(token::encode(&self.identity.arn, id, self.random.bits())),
            _ => None,
        };
        let shown_token = if waits(&task.resource) { token.as_ref() } else { None };
        let extras = Extras { token: shown_token, ..Extras::default() };
        let parameters = self.compute(frame, task.parameters.as_ref(), input.clone(), extras)?;
        self.inspect(|seen| match state.language {
            QueryLanguage::JsonPath => seen.after_parameters = Some(parameters.clone()),
            QueryLanguage::Jsonata => seen.after_arguments = Some(parameters.clone()),
        });
        let parameters = match &task.resource {
            Resource::Integration(integration) => Invocation::shown(integration, parameters),
            _ => parameters,
        };
        let timeout_seconds = self.seconds(frame, task.timeout.as_ref(), "TimeoutSecondsPath", &input)?;
        let heartbeat_seconds = self.seconds(frame, task.heartbeat.as_ref(), "HeartbeatSecondsPath", &input)?;
        let role_arn = self.role(frame, task.credentials.as_ref(), &input)?;
        self.not_too_large(frame, &parameters)?;
        let invocation = invocation(&task.resource, &parameters)?;
        let invocation = invocation.map(|call| call.sent_by(&self.identity.arn, &self.identity.machine_arn));
        let invocation = invocation.map(|call| call.witnessed(self.witness()));
        if let Some(result) = self.mocked() {
            self.run.forget_task(id);
            self.run.queue(frame, Step::Settle(Box::new(result)));
            return Ok(());
        }
        let work = TaskWork {
            id,
            kind: task_kind(&task.resource),
            invocation,
            parameters,
            role_arn,
            token,
            timeout_seconds,
            heartbeat_seconds,
            timeout: None,
            heartbeat: None,
            started: false,
            submitted: false,
            early_report: None,
        };
        self.run.frame_mut(frame).visit.work = Work::Task(Box::new(work));
        match &task.resource {
            Resource::Activity(arn) if !self.is_mocked(frame) => {
                self.actions.push(Action::FindActivity { task: id, activity_arn: arn.clone() });
            }
            _ => {
                self.write_scheduled(frame, &task.resource);
                self.run.queue(frame, Step::StartTask);
            }
        }
        Ok(())
    }

    /// TimeoutSeconds or HeartbeatSeconds in whatever form.
    fn seconds(
        &self,
        frame: FrameId,
        seconds: Option<&Seconds>,
        field: &'static str,
        input: &Value,
    ) -> Result<Option<u64>, Problem> {
        let path = match seconds {
            None => return Ok(None),
            Some(Seconds::Literal(seconds)) => return Ok(Some(*seconds)),
            Some(Seconds::Jsonata(field)) => return self.ask_seconds(frame, field).map(Some),
            Some(Seconds::Path(path)) => path,
        };
        let value = self.follow(frame, path, input)?;
        match value.as_number().and_then(|number| number.as_whole()) {
            Some(seconds) if seconds > 0 => Ok(Some(seconds.unsigned_abs())),
            _ => Err(Runtime::NotAnInteger { field, path: path.text().clone(), value }.into()),
        }
    }

    /// The role that `Credentials` name.
    fn role(&self, frame: FrameId, credentials: Option<&Computed>, input: &Value) -> Result<Option<SmolStr>, Problem> {
        if credentials.is_none() {
            return Ok(None);
        }
        let mut value = self.compute(frame, credentials, input.clone(), Extras::default())?;
        match value.get("RoleArn") {
            Some(Value::String(role_arn)) => return Ok(Some(role_arn.clone())),
            Some(other) => value = other.clone(),
            None => {}
        }
        Err(match credentials {
            Some(Computed::Jsonata(template)) => no_role(template, value).into(),
            _ => Runtime::NotAString { field: "RoleArn", value }.into(),
        })
    }

    fn write_scheduled(&mut self, frame: FrameId, resource: &Resource) {
        let region = self.identity.region.clone();
        let Some(work) = self.run.task_work(frame) else { return };
        let (timeout_seconds, heartbeat_seconds) = (work.timeout_seconds, work.heartbeat_seconds);
        let (data, role_arn) = (work.parameters.clone(), work.role_arn.clone());
        let event = match resource {
            Resource::Activity(arn) => EventKind::ActivityScheduled(Box::new(ActivityScheduled {
                resource: arn.clone(),
                input: data,
                timeout_seconds,
                heartbeat_seconds,
            })),
            Resource::LambdaFunction(arn) => EventKind::LambdaFunctionScheduled(Box::new(LambdaFunctionScheduled {
                resource: arn.clone(),
                input: data,
                timeout_seconds,
                role_arn,
            })),
            Resource::Integration(_) => EventKind::TaskScheduled(Box::new(TaskScheduled {
                task: work.kind.clone().unwrap_or_default(),
                region,
                parameters: data,
                timeout_seconds,
                heartbeat_seconds,
                role_arn,
            })),
        };
        self.record(frame, event);
        let most = match resource {
            Resource::Integration(integration) => integration.most_seconds(),
            _ => None,
        };
        if let Some(seconds) = [timeout_seconds, most].into_iter().flatten().min() {
            let timer = self.set_timer(frame, Purpose::TaskTimeout, seconds);
            if let Some(work) = self.run.task_work(frame) {
                work.timeout = Some(timer);
            }
        }
    }

    fn set_timer(&mut self, frame: FrameId, purpose: Purpose, seconds: u64) -> TimerId {
        let timer = self.run.new_timer(frame, purpose);
        let kind = if purpose == Purpose::Heartbeat { TimerKind::Heartbeat } else { TimerKind::Timeout };
        self.actions.push(Action::SetTimer { timer, at: self.now.plus_millis(millis(seconds)), kind });
        timer
    }

    /// The time until the next heartbeat begins anew.
    fn expect_heartbeat(&mut self, frame: FrameId) {
        self.expect_no_heartbeat(frame);
        let Some(work) = self.run.task_work(frame) else { return };
        let Some(seconds) = work.heartbeat_seconds else { return };
        let timer = self.set_timer(frame, Purpose::Heartbeat, seconds);
        if let Some(work) = self.run.task_work(frame) {
            work.heartbeat = Some(timer);
        }
    }

    fn expect_no_heartbeat(&mut self, frame: FrameId) {
        if let Some(timer) = self.run.task_work(frame).and_then(|work| work.heartbeat.take()) {
            self.run.take_timer(timer);
            self.actions.push(Action::ClearTimer(timer));
        }
    }

    /// The frame's task and its resource, if this task is still waited for.
    fn waiting(&self, task: TaskId) -> Option<(FrameId, &'_ Resource)> {
        let frame = self.run.frame_of_task(task)?;
        self.run.task(task)?;
        match &self.program.state(self.run.frame(frame).visit.state).kind {
            StateKind::Task(task) => Some((frame, &task.resource)),
            _ => None,
        }
    }

    pub(super) fn activity_found(&mut self, task: TaskId) {
        let program = self.program;
        let Some(frame) = self.run.frame_of_task(task) else { return };
        let StateKind::Task(fields) = &program.state(self.run.frame(frame).visit.state).kind else { return };
        let Resource::Activity(arn) = &fields.resource else { return };
        self.write_scheduled(frame, &fields.resource);
        let Some(work) = self.run.task_work(frame) else { return };
        let (input, token) = (work.parameters.clone(), work.token.clone().unwrap_or_default());
        self.actions.push(Action::OfferTask { task, activity_arn: arn.clone(), token, input });
    }

    pub(super) fn activity_missing(&mut self, task: TaskId) {
        let Some((frame, resource)) = self.waiting(task) else { return };
        if let Resource::Activity(arn) = resource {
            let problem = Runtime::ActivityDoesNotExist { arn: arn.clone() };
            self.fail_execution(frame, problem);
        }
    }

    pub(super) fn worker_started(&mut self, task: TaskId, worker_name: Option<SmolStr>) {
        let Some((frame, _)) = self.waiting(task) else { return };
        let Some(work) = self.run.task_work(frame) else { return };
        if !std::mem::replace(&mut work.started, true) {
            self.record(frame, EventKind::ActivityStarted { worker_name });
            self.expect_heartbeat(frame);
        }
    }

    pub(super) fn start_task(&mut self, frame: FrameId) {
        let program = self.program;
        let StateKind::Task(task) = &program.state(self.run.frame(frame).visit.state).kind else { return };
        let Some(work) = self.run.task_work(frame) else { return };
        work.started = true;
        let (id, kind, invocation, role_arn) =
            (work.id, work.kind.clone(), work.invocation.take(), work.role_arn.clone());
        let event = match &task.resource {
            // A worker starts it, unless it is mocked.
            Resource::Activity(_) => EventKind::ActivityStarted { worker_name: None },
            Resource::LambdaFunction(_) => EventKind::LambdaFunctionStarted,
            Resource::Integration(_) => EventKind::TaskStarted(kind.unwrap_or_default()),
        };
        self.record(frame, event);
        if self.mock(frame, &task.resource) {
            return;
        }
        if has_token(&task.resource) {
            self.expect_heartbeat(frame);
        }
        let invocation = match self.started_case(frame) {
            Some(case) => invocation.map(|call| call.into_test_case(&case)),
            None => invocation,
        };
        self.actions.extend(invocation.map(|invocation| Action::Invoke { task: id, invocation, role_arn }));
    }

    pub(super) fn invocation_ended(&mut self, task: TaskId, result: Result<Value, Failure>) {
        let program = self.program;
        let Some(frame) = self.waiting(task).map(|(frame, _)| frame) else { return };
        let StateKind::Task(fields) = &program.state(self.run.frame(frame).visit.state).kind else { return };
        let resource = &fields.resource;
        let result = within_limit(resource, result);
        if !waits(resource) {
            return self.end_task(frame, resource, result);
        }
        match result {
            Ok(output) => {
                let Some(work) = self.run.task_work(frame) else { return };
                work.submitted = true;
                let kind = work.kind.clone();
                self.record(frame, EventKind::TaskSubmitted(kind.unwrap_or_default(), Box::new(output)));
                let Some(work) = self.run.task_work(frame) else { return };
                if let Some(report) = work.early_report.take() {
                    self.end_task(frame, resource, report);
                }
            }
            failed => self.end_task(frame, resource, failed),
        }
    }

    pub(super) fn task_reported(&mut self, task: TaskId, result: Result<Value, Failure>) {
        let program = self.program;
        let Some(frame) = self.waiting(task).map(|(frame, _)| frame) else { return };
        let StateKind::Task(fields) = &program.state(self.run.frame(frame).visit.state).kind else { return };
        let result = within_limit(&fields.resource, result);
        let Some(work) = self.run.task_work(frame) else { return };
        // A function may report before its own call has come back; the events keep their order all the same.
        if waits(&fields.resource) && !work.submitted {
            work.early_report.get_or_insert(result);
            return self.expect_no_heartbeat(frame);
        }
        self.end_task(frame, &fields.resource, result);
    }

    pub(super) fn heartbeat(&mut self, task: TaskId) {
        let Some((frame, _)) = self.waiting(task) else { return };
        if self.run.task_work(frame).is_some_and(|work| work.early_report.is_none()) {
            self.expect_heartbeat(frame);
        }
    }

    /// The same for a mocked task.
    pub(super) fn end_mocked(&mut self, frame: FrameId, resource: &Resource, result: Result<Value, Failure>) {
        self.end_task(frame, resource, within_limit(resource, result));
    }

    /// Writes how the task ended and queues what follows.
    fn end_task(&mut self, frame: FrameId, resource: &Resource, result: Result<Value, Failure>) {
        let told = |failure: &Failure| Told::from(failure);
        let timed_out = matches!(result, Err(Failure::Timeout | Failure::HeartbeatTimeout));
        let kind = self.run.task_work(frame).and_then(|work| work.kind.clone()).unwrap_or_default();
        let event = match (resource, &result) {
            (Resource::Activity(_), Ok(output)) => EventKind::ActivitySucceeded { output: output.clone() },
            (Resource::Activity(_), Err(failure)) if timed_out => EventKind::ActivityTimedOut(told(failure)),
            (Resource::Activity(_), Err(failure)) => EventKind::ActivityFailed(told(failure)),
            (Resource::LambdaFunction(_), Ok(output)) => EventKind::LambdaFunctionSucceeded { output: output.clone() },
            (Resource::LambdaFunction(_), Err(failure)) if timed_out => {
                EventKind::LambdaFunctionTimedOut(told(failure))
            }
            (Resource::LambdaFunction(_), Err(failure)) => EventKind::LambdaFunctionFailed(told(failure)),
            (_, Ok(output)) => EventKind::TaskSucceeded(kind, Box::new(output.clone())),
            (_, Err(failure)) if timed_out => EventKind::TaskTimedOut(kind, Box::new(told(failure))),
            (_, Err(failure)) => EventKind::TaskFailed(kind, Box::new(told(failure))),
        };
        self.record(frame, event);
        let work = std::mem::replace(&mut self.run.frame_mut(frame).visit.work, Work::Nothing);
        if let Work::Task(work) = work {
            self.drop_task(&work);
        }
        self.run.queue(frame, Step::Settle(Box::new(result)));
    }

    /// Nobody waits for this task any more.
    pub(super) fn drop_task(&mut self, work: &TaskWork) {
        for timer in [work.timeout, work.heartbeat].into_iter().flatten() {
            if self.run.take_timer(timer).is_some() {
                self.actions.push(Action::ClearTimer(timer));
            }
        }
        self.run.forget_task(work.id);
        self.actions.push(Action::CancelTask(work.id));
    }

    pub(super) fn timer_fired(&mut self, timer: TimerId) {
        if self.run.is_execution_timer(timer) {
            return self.time_out();
        }
        let Some((frame, purpose)) = self.run.take_timer(timer) else { return };
        if self.run.get(frame).is_none() {
            return;
        }
        let failure = match purpose {
            Purpose::Wait => return self.run.queue(frame, Step::Leave),
            Purpose::Backoff => {
                self.run.frame_mut(frame).visit.work = Work::Nothing;
                return self.run.queue(frame, Step::Begin);
            }
            Purpose::TaskTimeout => Failure::Timeout,
            Purpose::Heartbeat => Failure::HeartbeatTimeout,
        };
        let program = self.program;
        if let StateKind::Task(task) = &program.state(self.run.frame(frame).visit.state).kind {
            self.end_task(frame, &task.resource, Err(failure));
        }
    }
}

/// The failure of a JSONata expression that gives no role. The whole field must be an object, its `RoleArn` a text.
fn no_role(template: &JsonataTemplate, value: Value) -> Evaluation {
    let mut expression = SmolStr::default();
    let mut field = SmolStr::new_static("Credentials");
    template.for_each(&mut |found| {
        if matches!(found.path().as_str(), "Credentials" | "Credentials/RoleArn") {
            expression = found.expression().text().into();
            field = found.path().clone();
        }
    });
    let expected = if field == "Credentials" && value.as_object().is_none() { "object" } else { "string" };
    Evaluation::WrongType { expression, field, expected, value }
}

/// The call that a task makes. Recorded: parameters that can't be used fail the execution before anything is scheduled.
fn invocation(resource: &Resource, parameters: &Value) -> Result<Option<Invocation>, Runtime> {
    Ok(Some(match resource {
        Resource::Activity(_) => return Ok(None),
        Resource::LambdaFunction(arn) => {
            Invocation::LambdaFunction { function_arn: arn.clone(), input: parameters.clone() }
        }
        Resource::Integration(integration) => match Invocation::of(integration, parameters) {
            Ok(invocation) => invocation,
            Err(problems) => return Err(Runtime::ParametersUnusable { parameters: parameters.clone(), problems }),
        },
    }))
}

/// Whether the result comes after the call has come back.
pub(super) fn waits(resource: &Resource) -> bool {
    matches!(resource, Resource::Integration(integration) if integration.pattern.waits())
}

/// Whether the result comes by a task token.
fn has_token(resource: &Resource) -> bool {
    matches!(resource, Resource::Integration(integration) if integration.pattern == Pattern::TaskToken)
}

/// What the task's events call it; those of activities and functions don't.
fn task_kind(resource: &Resource) -> Option<Arc<TaskKind>> {
    let Resource::Integration(Integration { service, action, pattern }) = resource else { return None };
    let resource = format_smolstr!("{action}{}", pattern.suffix());
    Some(Arc::new(TaskKind { resource_type: service.clone(), resource }))
}

/// A result that is too large is the task's failure. That a cause has the same limit is a guess: it keeps descriptions of
/// jobs and pages of errors, which may have any size, out of histories.
fn within_limit(resource: &Resource, result: Result<Value, Failure>) -> Result<Value, Failure> {
    let size = match &result {
        Ok(output) => output.size(),
        Err(failure) => failure.cause().map_or(0, |cause| cause.len()),
    };
    if size <= quota::PAYLOAD_BYTES {
        return result;
    }
    let subject = match resource {
        Resource::Activity(arn) | Resource::LambdaFunction(arn) => arn.clone(),
        Resource::Integration(integration) => integration.service.clone(),
    };
    Err(Failure::DataLimitExceeded { subject })
}
