//! What is not done as on AWS: noted with the state that meets it, or what the execution fails for.

use super::frame::FrameId;
use super::{Subject, Turn};
use crate::failure::{Failure, Runtime};
use crate::honesty::{Deviation, Place};

impl Turn<'_> {
    /// What holds for the whole execution is not noted: it follows from the state machine.
    pub(super) fn meet(&mut self, subject: Subject, deviations: Box<[Deviation]>) {
        let frame = match subject {
            Subject::Task(task) => self.run.frame_of_task(task),
            Subject::Timer(timer) => self.run.frame_of_timer(timer),
            Subject::Execution => {
                if let Some(problem) = self.forbidden(&deviations) {
                    let previous = self.run.main().map_or(0, |main| self.run.frame(main).cursor);
                    self.end_failed(previous, &Failure::Runtime { place: None, problem });
                }
                return;
            }
        };
        if let Some(frame) = frame.filter(|frame| self.run.get(*frame).is_some()) {
            self.meet_in(frame, deviations);
        }
    }

    /// The same for the state that a frame is in.
    pub(super) fn meet_in(&mut self, frame: FrameId, deviations: Box<[Deviation]>) {
        let problem = self.forbidden(&deviations);
        let state = self.program.state(self.run.frame(frame).visit.state);
        let findings = self.findings.get_or_insert_default();
        for deviation in deviations {
            findings.add(deviation, Place { state: state.name.clone(), event: self.run.frame(frame).cursor });
        }
        if let Some(problem) = problem {
            self.fail_execution(frame, problem);
        }
    }

    fn forbidden(&self, deviations: &[Deviation]) -> Option<Runtime> {
        let forbidden = deviations.iter().filter(|deviation| self.strictness.forbids(deviation)).cloned();
        let deviations: Box<[Deviation]> = forbidden.collect();
        (!deviations.is_empty()).then_some(Runtime::NotAsOnAws { deviations })
    }
}
