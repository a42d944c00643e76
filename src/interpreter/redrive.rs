//! Redrive: an execution that failed, timed out or was aborted goes on from the frames in which it stood.
//!
//! Source: AWS's page "Restarting state machine executions with redrive". Events: `ExecutionRedriven`, then what the states
//! that have no `...Exited` event do when they begin again; they are not entered again, but for Fail. That
//! these events point to `ExecutionRedriven`, and that one to the last event before it, is a guess.

use super::frame::{FrameId, Step, Work};
use super::{Execution, Outcome, TimerKind, Turn, millis};
use crate::asl::program::StateKind;
use crate::history::{EventId, EventKind};
use crate::quota;
use crate::timestamp::Timestamp;

/// How often an execution was redriven, and when for the last time.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
#[allow(missing_docs)]
pub struct Redrive {
    pub count: u32,
    pub date: Timestamp,
}

/// Why an execution that has ended can't go on, whatever became of its state machine.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum RedriveObstacle {
    /// It has done its work.
    Succeeded,
    /// Nobody knows what is left of it.
    Bug,
    /// Its history has no room for another event.
    HistoryFull,
    /// It began too long ago.
    BeganTooLongAgo,
    /// It ended too long ago.
    EndedTooLongAgo,
}

impl RedriveObstacle {
    /// The sentence of the API reference; nothing is like a bug on AWS.
    pub fn sentence(self) -> &'static str {
        match self {
            RedriveObstacle::Succeeded => "Execution is SUCCEEDED and cannot be redriven",
            RedriveObstacle::Bug => "Execution ended by a bug of Stepwell and cannot be redriven",
            RedriveObstacle::HistoryFull => "Execution history event limit exceeded",
            RedriveObstacle::BeganTooLongAgo => "Execution has exceeded the max execution time",
            RedriveObstacle::EndedTooLongAgo => "Execution redrivable period exceeded",
        }
    }
}

impl Execution {
    /// How often and when it was redriven, if it was.
    pub fn redrive(&self) -> Option<Redrive> {
        self.redrive
    }

    /// Whether it stands still where it could go on.
    pub fn can_go_on(&self) -> bool {
        let unsuccessful = self.end.as_ref().is_some_and(|(outcome, _)| !matches!(outcome, Outcome::Succeeded(_)));
        unsuccessful && self.run.is_some() && self.history.len() < quota::REDRIVE_HISTORY_EVENTS
    }

    /// Why it can't go on, if it has ended. Documented: an Express one without success always can, as it begins anew. In which
    /// order they are considered is a guess.
    pub fn redrive_obstacle(&self, now: Timestamp) -> Option<RedriveObstacle> {
        let (outcome, ended) = self.end.as_ref()?;
        if matches!(outcome, Outcome::Succeeded(_)) {
            return Some(RedriveObstacle::Succeeded);
        }
        if self.identity.workflow.is_express() {
            return None;
        }
        let millis_since = |time: Timestamp| now.millis().saturating_sub(time.millis());
        let obstacles = [
            (self.history.len() >= quota::REDRIVE_HISTORY_EVENTS, RedriveObstacle::HistoryFull),
            (self.run.is_none(), RedriveObstacle::Bug),
            (millis_since(self.identity.start_date) > quota::EXECUTION_MILLIS, RedriveObstacle::BeganTooLongAgo),
            (millis_since(*ended) > quota::REDRIVE_MILLIS, RedriveObstacle::EndedTooLongAgo),
        ];
        obstacles.into_iter().find(|(is_one, _)| *is_one).map(|(_, obstacle)| obstacle)
    }

    /// Takes back its end, if it has one that can be taken back.
    pub(super) fn begin_redrive(&mut self, now: Timestamp) -> bool {
        let may = self.can_go_on();
        if may {
            self.end = None;
            self.ours = None;
            let count = self.redrive.map_or(1, |redrive| redrive.count + 1);
            self.redrive = Some(Redrive { count, date: now });
        }
        may
    }
}

impl Turn<'_> {
    /// Goes on with everything that stood still.
    pub(super) fn go_on(&mut self) {
        let (Some(redrive), Some(main)) = (self.redrive, self.run.main()) else { return };
        let last = self.history.len() as EventId;
        let redriven =
            self.history.append(self.now, last, EventKind::ExecutionRedriven { redrive_count: redrive.count });
        self.set_deadline(self.now);
        self.redrive_frame(main, redriven);
    }

    fn redrive_frame(&mut self, id: FrameId, redriven: EventId) {
        let program = self.program;
        let frame = self.run.frame_mut(id);
        frame.stopped = false;
        frame.cursor = redriven;
        if let Some(pending) = frame.pending.take() {
            let (state, input) = *pending;
            return self.run.queue(id, Step::Enter(state, input));
        }
        let visit = &mut frame.visit;
        visit.retries = 0;
        visit.attempts.clear();
        let state = program.state(visit.state);
        match (&state.kind, &mut visit.work) {
            (StateKind::Fail(_), _) => {
                let step = Step::Enter(visit.state, visit.input.clone());
                self.run.queue(id, step);
            }
            // What has ended well in there stays as it is. The rest is queued: what fails at once must find all frames.
            (StateKind::Parallel(_) | StateKind::Map(_), Work::Children(children)) => {
                let stopped = std::mem::take(&mut children.stopped);
                children.open.extend(stopped);
                let open: Vec<FrameId> = children.open.values().copied().collect();
                for child in open {
                    self.redrive_frame(child, redriven);
                }
                self.run.queue(id, Step::GoOn);
            }
            (StateKind::Map(_), Work::MapRun(_)) => self.redrive_map_run(id),
            _ => self.run.queue(id, Step::Begin),
        }
    }

    /// Goes on with a Parallel or Map state whose branches or iterations have been redriven.
    pub(super) fn go_on_in(&mut self, frame: FrameId) {
        let program = self.program;
        let (state, cursor) = (self.run.frame(frame).visit.state, self.run.frame(frame).cursor);
        let state = program.state(state);
        let Work::Children(children) = &self.run.frame(frame).visit.work else { return };
        if children.missing == 0 {
            return self.finish_children(frame);
        }
        if let StateKind::Map(map) = &state.kind
            && let Err(problem) = self.begin_iterations(frame, state, map, cursor)
        {
            self.fail_with(frame, problem);
        }
    }

    /// Sets the timer of the machine's TimeoutSeconds.
    pub(super) fn set_deadline(&mut self, from: Timestamp) {
        let of_machine = self.program.timeout_seconds.filter(|_| self.processor.is_none());
        if let Some(seconds) = self.identity.workflow.most_seconds(of_machine) {
            let deadline = from.plus_millis(millis(seconds));
            self.run.deadline = Some(deadline);
            let timer = self.run.execution_timer();
            let kind = TimerKind::ExecutionTimeout;
            self.actions.push(super::Action::SetTimer { timer, at: deadline, kind });
        }
    }
}
