//! When something fails: Retry, Catch, and the end of the execution if nothing helps.
//!
//! `States.Runtime` ends the execution at once; nothing retries or catches it.

use super::data::{Document, Problem};
use super::frame::{FrameId, Purpose, Step, Work};
use super::settle::result_fields;
use super::transition::Exit;
use super::{Action, Outcome, TaskId, TimerKind, Turn};
use crate::asl::program::{Retrier, StateKind, Transition};
use crate::failure::{Evaluation, Failure, Place, Runtime};
use crate::history::{EvaluationFailed, EventId, EventKind, Told};
use crate::json::Value;
use smol_str::SmolStr;

impl Turn<'_> {
    /// A Task, Parallel or Map state has failed: it is begun again, its failure is caught, or its frame fails.
    pub(super) fn fail_state(&mut self, frame: FrameId, failure: Failure) {
        let failure = match failure {
            Failure::Runtime { problem, .. } => return self.fail_execution(frame, problem),
            failure => failure,
        };
        let program = self.program;
        let state = program.state(self.run.frame(frame).visit.state);
        let Some((fields, _)) = result_fields(state) else { return };
        if self.retry(frame, &fields.retry, &failure) {
            return;
        }
        let reason = self.run.frame(frame).cursor;
        self.record_failed(frame, &state.kind);
        let Some(caught) = fields.catch.iter().position(|catcher| matches(&catcher.error_equals, &failure)) else {
            return self.fail_frame(frame, failure);
        };
        self.run.discard_children(frame);
        let catcher = &fields.catch[caught];
        // OutputPath is not applied to what a catcher passes on (recorded).
        let error = error_output(&failure, &state.kind);
        let exit = || -> Result<Exit, Problem> {
            let document = Document::Error(&error);
            let assigned = self.assigned(frame, catcher.assign.as_ref(), document)?;
            let output = match self.output_of(frame, catcher.output.as_ref(), document)? {
                Some(output) => output,
                None => self.place(frame, &catcher.result_path, error)?,
            };
            Ok(Exit { output, assigned, transition: Transition::Next(catcher.next) })
        };
        match exit() {
            Ok(exit) => {
                self.note_caught(caught, &failure);
                self.leave(frame, state, exit);
            }
            Err(Problem::Runtime(problem)) => self.fail_execution(frame, problem),
            Err(Problem::State(failure)) => self.fail_frame(frame, failure),
            Err(Problem::Evaluation(problem)) => {
                // Measured: the state fails a second time, behind what it failed for first, and nothing catches that.
                self.run.frame_mut(frame).cursor = reason;
                let failure = self.record_evaluation(frame, problem);
                self.record_failed(frame, &state.kind);
                self.fail_frame(frame, failure);
            }
        }
    }

    fn record_failed(&mut self, frame: FrameId, kind: &StateKind) {
        let event = match kind {
            StateKind::Parallel(_) => EventKind::ParallelStateFailed,
            StateKind::Map(_) => EventKind::MapStateFailed,
            _ => return,
        };
        self.record(frame, event);
    }

    /// What a problem is as the failure of a frame.
    pub(super) fn failure_of(&self, frame: FrameId, problem: &Problem) -> Failure {
        let place = || self.place_of(frame);
        match problem {
            Problem::Runtime(problem) => Failure::Runtime { place: place(), problem: problem.clone() },
            Problem::State(failure) => failure.clone(),
            Problem::Evaluation(problem) => Failure::QueryEvaluation { place: place(), problem: problem.clone() },
        }
    }

    /// A field of the state that the frame is in has no value.
    pub(super) fn fail_with(&mut self, frame: FrameId, problem: Problem) {
        let failure = match problem {
            Problem::Runtime(problem) => return self.fail_execution(frame, problem),
            Problem::State(failure) => failure,
            Problem::Evaluation(problem) => self.record_evaluation(frame, problem),
        };
        self.abort_children(frame, frame);
        match result_fields(self.program.state(self.run.frame(frame).visit.state)) {
            Some(_) => self.fail_state(frame, failure),
            None => self.fail_frame(frame, failure),
        }
    }

    fn record_evaluation(&mut self, frame: FrameId, problem: Box<Evaluation>) -> Failure {
        let (place, location) = (self.place_of(frame), problem.location().cloned());
        let state = self.program.state(self.run.frame(frame).visit.state).name.clone();
        let failure = Failure::QueryEvaluation { place, problem };
        let details = EvaluationFailed { told: Told::from(&failure), location, state };
        self.point_before_entering(frame);
        self.record(frame, EventKind::EvaluationFailed(Box::new(details)));
        failure
    }

    /// Recorded in November 2024: where nothing happened since Pass, Task and Map states were entered, what they fail for
    /// points to the event before that. Later measurements by others see it point to the event of entering, as it was
    /// recorded of Wait states; the recordings count.
    fn point_before_entering(&mut self, frame: FrameId) {
        let visit = &self.run.frame(frame).visit;
        let kind = &self.program.state(visit.state).kind;
        let (entered, before) = (visit.entered, visit.before);
        if self.run.frame(frame).cursor == entered
            && matches!(kind, StateKind::Pass(_) | StateKind::Task(_) | StateKind::Map(_))
        {
            self.run.frame_mut(frame).cursor = before;
        }
    }

    /// The state that the frame is in, as causes name it; where it is the only one they don't.
    fn place_of(&self, frame: FrameId) -> Option<Place> {
        let visit = &self.run.frame(frame).visit;
        let place = || Place { state: self.program.state(visit.state).name.clone(), entered: u64::from(visit.entered) };
        self.run.trial.is_none().then(place)
    }

    /// The state that the frame is in has failed for good.
    pub(super) fn fail_frame(&mut self, frame: FrameId, failure: Failure) {
        match self.run.frame(frame).parent {
            Some((parent, number)) => self.child_failed(parent, number, frame, failure),
            None => self.end_failed(self.run.frame(frame).cursor, &failure),
        }
    }

    /// An error of the workflow itself, in the state that the frame is in.
    pub(super) fn fail_execution(&mut self, frame: FrameId, problem: Runtime) {
        let place = match problem {
            // Seen without the sentence that names the state.
            Runtime::ReferencePathConflict { .. } => None,
            _ => self.place_of(frame),
        };
        let previous = self.run.frame(frame).cursor;
        self.end_failed(previous, &Failure::Runtime { place, problem });
    }

    /// Another execution has failed for what only Stepwell fails for: nothing here may go on from that.
    pub(super) fn nested_failed(&mut self, task: TaskId, problem: Runtime) {
        if let Some(frame) = self.run.frame_of_task(task) {
            self.fail_execution(frame, problem);
        }
    }

    pub(super) fn end_failed(&mut self, previous: EventId, failure: &Failure) {
        if self.run.history_full {
            // An event before this one had no place any more: that is what the execution fails for.
            return;
        }
        self.write_failed(previous, failure);
    }

    fn write_failed(&mut self, previous: EventId, failure: &Failure) {
        let told = Told::from(failure);
        if let Failure::Runtime { problem, .. } = failure
            && problem.is_ours()
        {
            *self.ours = Some(Box::new(problem.clone()));
        }
        self.history.append(self.now, previous, EventKind::ExecutionFailed(told.clone()));
        self.end = Some(Outcome::Failed(told));
    }

    /// The last event that fits into a history is the failure itself.
    pub(super) fn fail_for_full_history(&mut self) {
        let last = self.history.len() as EventId;
        self.write_failed(last, &Failure::Runtime { place: None, problem: Runtime::HistoryLimit });
    }

    pub(super) fn abort(&mut self, told: Told) {
        self.history.append(self.now, 0, EventKind::ExecutionAborted(told.clone()));
        self.end = Some(Outcome::Aborted(told));
    }

    pub(super) fn time_out(&mut self) {
        self.history.append(self.now, 0, EventKind::ExecutionTimedOut(Told::from(&Failure::Timeout)));
        self.end = Some(Outcome::TimedOut);
    }

    /// Begins the state again if a retrier says so; the first one that matches decides.
    fn retry(&mut self, frame: FrameId, retriers: &[Retrier], failure: &Failure) -> bool {
        let Some(chosen) = retriers.iter().position(|retrier| matches(&retrier.error_equals, failure)) else {
            return false;
        };
        let retrier = &retriers[chosen];
        self.inspect(|seen| seen.retry_index = Some(chosen));
        let visit = &mut self.run.frame_mut(frame).visit;
        // More than the ones that it had before: none, unless the state is only tried.
        let before = visit.retries;
        if visit.attempts.is_empty() {
            visit.attempts.resize(retriers.len(), before);
        }
        let attempt = visit.attempts[chosen];
        if attempt >= retrier.max_attempts {
            return false;
        }
        visit.attempts[chosen] += 1;
        visit.retries += 1;
        self.run.discard_children(frame);
        let delay = self.backoff_millis(retrier, attempt);
        if self.run.trial.is_some() {
            self.note_retriable(delay, failure);
        } else if delay == 0 {
            self.run.queue(frame, Step::Begin);
        } else {
            let timer = self.run.new_timer(frame, Purpose::Backoff);
            self.run.frame_mut(frame).visit.work = Work::Timer(timer);
            let at = self.now.plus_millis(delay);
            self.actions.push(Action::SetTimer { timer, at, kind: TimerKind::Backoff });
        }
        true
    }

    fn backoff_millis(&self, retrier: &Retrier, attempt: u32) -> i64 {
        if retrier.interval_seconds == 0 {
            // The power is infinite in the end, and no time at all times infinity is no number.
            return 0;
        }
        let growing = retrier.interval_seconds as f64 * retrier.backoff_rate.powf(f64::from(attempt));
        let seconds = retrier.max_delay_seconds.map_or(growing, |most| growing.min(most as f64));
        let jittered = if retrier.full_jitter { seconds * self.random.unit() } else { seconds };
        // Beyond the longest wait there is, it makes no difference how far.
        (jittered * 1000.0).min(1e15) as i64
    }
}

/// Whether an ErrorEquals list names this failure.
fn matches(error_equals: &[SmolStr], failure: &Failure) -> bool {
    let error = failure.error();
    let is = |name: &str| error.as_deref() == Some(name);
    error_equals.iter().any(|name| match name.as_str() {
        // Documented. What the workflow's own errors do is decided before; a mock can have their name.
        "States.ALL" => !is("States.Runtime"),
        "States.TaskFailed" => !is("States.Timeout") && !is("States.Runtime"),
        "States.HeartbeatTimeout" if *failure == Failure::HeartbeatTimeout => true,
        name => is(name),
    })
}

/// `{"Error": ..., "Cause": ...}`. Recorded: what a Fail state leaves out isn't there; what the one who reports a task's
/// failure leaves out is null; a time-out, which has no cause in its events, shows an empty one here.
fn error_output(failure: &Failure, of: &StateKind) -> Value {
    let cause = match failure {
        Failure::Timeout | Failure::HeartbeatTimeout => Some(SmolStr::default()),
        _ => failure.cause(),
    };
    let members = [("Error", failure.error()), ("Cause", cause)];
    let is_task = matches!(of, StateKind::Task(_));
    Value::object(members.into_iter().filter_map(|(name, text)| match text {
        Some(text) => Some((name, Value::from(text))),
        None => is_task.then_some((name, Value::Null)),
    }))
}
