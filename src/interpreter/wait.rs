//! Wait states. Events: `WaitStateEntered`, then after the delay `WaitStateExited`.
//!
//! A wait that ends in the past ends at once.

use super::data::{Document, Problem, whole_number};
use super::frame::{FrameId, Purpose, Step, Work};
use super::transition::{Exit, Worked, text_of};
use super::{Action, TimerKind, Turn, millis};
use crate::asl::program::{State, StateKind, Wait, WaitUntil};
use crate::failure::{Evaluation, Runtime};
use crate::quota;
use crate::timestamp::Timestamp;

impl Turn<'_> {
    pub(super) fn wait(&mut self, frame: FrameId, state: &State, wait: &Wait) -> Worked {
        let input = self.effective_input(frame, state)?;
        let at = match &wait.until {
            WaitUntil::Seconds(seconds) => self.now.plus_millis(millis(*seconds)),
            WaitUntil::SecondsJsonata(field) => {
                let seconds = self.ask_seconds(frame, field)?;
                self.now.plus_millis(millis(seconds))
            }
            WaitUntil::Timestamp(at) => *at,
            WaitUntil::TimestampJsonata(field) => self.ask(frame, field, |field, states| {
                let text = field.evaluate_to(states, "string", text_of)?;
                let not_a_time = || Evaluation::NotATimestamp { field: field.path().clone(), value: text.clone() };
                Timestamp::parse(&text).ok_or_else(not_a_time)
            })?,
            WaitUntil::SecondsPath(path) => {
                let value = self.evaluate(frame, &input, |scope| path.evaluate(scope));
                let missing = |_| Runtime::WaitPathMissing { field: "SecondsPath", path: path.text().clone() };
                let value = value.map_err(missing)?;
                match whole_number(&value) {
                    None => return Err(Runtime::SecondsNotWhole { path: path.text().clone(), value }.into()),
                    Some(seconds) if seconds < 0 => {
                        return Err(Runtime::SecondsNegative { path: path.text().clone(), value }.into());
                    }
                    Some(seconds) => self.now.plus_millis(millis(seconds.unsigned_abs())),
                }
            }
            WaitUntil::TimestampPath(path) => {
                let value = self.evaluate(frame, &input, |scope| path.evaluate(scope));
                let missing = |_| Runtime::WaitPathMissing { field: "TimestampPath", path: path.text().clone() };
                let value = value.map_err(missing)?;
                match value.as_str().and_then(Timestamp::parse) {
                    Some(at) => at,
                    None => return Err(Runtime::TimestampInvalid { path: path.text().clone(), value }.into()),
                }
            }
        };
        let delay = at.millis().saturating_sub(self.now.millis());
        if delay > quota::WAIT_MILLIS {
            return Err(Runtime::WaitTooLong.into());
        }
        if delay <= 0 {
            self.run.queue(frame, Step::Leave);
            return Ok(());
        }
        let timer = self.run.new_timer(frame, Purpose::Wait);
        self.run.frame_mut(frame).visit.work = Work::Timer(timer);
        self.actions.push(Action::SetTimer { timer, at, kind: TimerKind::Wait });
        Ok(())
    }

    pub(super) fn leave_wait(&mut self, frame: FrameId) {
        let program = self.program;
        let state = program.state(self.run.frame(frame).visit.state);
        let StateKind::Wait(wait) = &state.kind else { return };
        let exit = || -> Result<Exit, Problem> {
            let input = self.effective_input(frame, state)?;
            let assigned = self.assigned(frame, state.assign.as_ref(), Document::Input(&input))?;
            let output = self.output_of_input(frame, state, &input)?;
            Ok(Exit { output, assigned, transition: wait.transition })
        };
        match exit() {
            Ok(exit) => self.leave(frame, state, exit),
            Err(problem) => self.fail_with(frame, problem),
        }
    }
}
