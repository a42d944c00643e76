//! Where a running execution is: its frames, the steps that are due, its timers and tasks.
//!
//! A frame is one line of control: the execution's main line, a branch of a Parallel state or an iteration of a Map
//! state. It is in one state at a time, and it has its own chain of events.

use super::trial::Trial;
use super::{Action, Invocation, Mocks, TaskId, TimerId};
use crate::asl::program::StateId;
use crate::failure::Failure;
use crate::history::{EventId, TaskKind};
use crate::json::Value;
use crate::query::Variables;
use crate::timestamp::Timestamp;
use smol_str::SmolStr;
use std::collections::{BTreeMap, HashMap, VecDeque};
use std::sync::Arc;

/// Names a frame; a closed frame's place may be taken by another one, of another generation.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
pub(super) struct FrameId {
    place: u32,
    generation: u32,
}

/// One line of control.
#[derive(Debug)]
pub(super) struct Frame {
    generation: u32,
    /// Whether it stands still: it failed or was aborted, and goes on only if the execution is redriven.
    pub stopped: bool,
    /// The state that a frame which stands still was about to enter, with its input.
    pub pending: Option<Box<(StateId, Value)>>,
    /// The frame whose Parallel or Map state began this one, and which of its children this is.
    pub parent: Option<(FrameId, usize)>,
    /// The item of a Map iteration.
    pub item: Option<Value>,
    /// The last event of this frame's chain.
    pub cursor: EventId,
    /// The variables that can be read here.
    pub variables: Arc<Variables>,
    pub visit: Visit,
}

impl Frame {
    /// Keeps what a frame that stands still was about to do, as far as a redrive doesn't begin the state again anyway.
    fn keep(&mut self, step: Step) {
        if let Step::Enter(state, input) = step {
            self.pending = Some(Box::new((state, input)));
        }
    }
}

/// The stay in one state, retries included.
#[derive(Debug)]
pub(super) struct Visit {
    pub state: StateId,
    /// The state's input as it came.
    pub input: Value,
    pub entered: EventId,
    /// The event before that one.
    pub before: EventId,
    pub entered_time: Timestamp,
    /// How often the state was begun again.
    pub retries: u32,
    /// The attempts of each retrier.
    pub attempts: Vec<u32>,
    /// Whether the state was left and the next one not yet entered.
    pub left: bool,
    pub work: Work,
}

/// What a state waits for.
#[derive(Debug)]
pub(super) enum Work {
    /// for its turn
    Nothing,
    /// for the time
    Timer(TimerId),
    /// for somebody else
    Task(Box<TaskWork>),
    /// for its branches or iterations
    Children(Box<Children>),
    /// for its map run
    MapRun(Box<MapRunWork>),
}

/// A task that was scheduled, or is about to be.
#[derive(Debug)]
pub(super) struct TaskWork {
    pub id: TaskId,
    /// What the task's events call it, if it is an integration.
    pub kind: Option<Arc<TaskKind>>,
    pub parameters: Value,
    /// The call to make when the task starts; none for activities.
    pub invocation: Option<Invocation>,
    /// The role that is assumed for the call.
    pub role_arn: Option<SmolStr>,
    pub token: Option<SmolStr>,
    pub timeout_seconds: Option<u64>,
    pub heartbeat_seconds: Option<u64>,
    pub timeout: Option<TimerId>,
    pub heartbeat: Option<TimerId>,
    /// Whether a worker has it, or the call was made.
    pub started: bool,
    /// Whether the call of a `.waitForTaskToken` integration has come back.
    pub submitted: bool,
    /// A report that came before that.
    pub early_report: Option<Result<Value, Failure>>,
}

/// The branches of a Parallel state, or the iterations of a Map state.
#[derive(Debug, Default)]
pub(super) struct Children {
    /// Those that run, by their number.
    pub open: BTreeMap<usize, FrameId>,
    /// Those that stand still.
    pub stopped: BTreeMap<usize, FrameId>,
    pub results: Vec<Option<Value>>,
    /// How many results are missing.
    pub missing: usize,
    /// The next iteration to begin.
    pub next: usize,
    /// How many iterations run at the same time.
    pub limit: usize,
    /// What a Map state iterates over, and what `$` stands for in its ItemSelector.
    pub items: Vec<Value>,
    pub selector_input: Value,
}

/// The map run of a Map state in distributed mode.
#[derive(Debug)]
pub(super) struct MapRunWork {
    pub id: TaskId,
    pub arn: SmolStr,
    /// What `$` stands for in ItemSelector and BatchInput.
    pub input: Value,
    /// `Map.Item.Source`
    pub source: Option<SmolStr>,
    /// Whether the items are read from elsewhere.
    pub reads: bool,
    /// The items, until all of them were worked on, and what ItemSelector made of those that were.
    pub items: Vec<Value>,
    pub inputs: Vec<Value>,
    /// Whether the engine has what the children are given.
    pub is_given_out: bool,
    pub redrives: u32,
}

/// Something that is due.
#[derive(Debug)]
pub(super) enum Step {
    /// Enter this state with this input.
    Enter(StateId, Value),
    /// Begin, or begin again, the work of the state that the frame is in.
    Begin,
    /// Start the task that was scheduled.
    StartTask,
    /// The work has ended. Boxed, so that the other steps are small.
    Settle(Box<Result<Value, Failure>>),
    /// The wait is over.
    Leave,
    /// Work out what child executions are given.
    Select,
    /// A map run has succeeded.
    EndMapRun { value: Value, succeeded: EventId },
    /// After a redrive: begin the iterations that have not begun, or finish where all have ended.
    GoOn,
}

/// What a timer does when it has run down.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Purpose {
    Wait,
    Backoff,
    TaskTimeout,
    Heartbeat,
}

/// All that only a running execution needs.
#[derive(Debug, Default)]
pub(super) struct Run {
    frames: Vec<Option<Frame>>,
    free: Vec<u32>,
    generations: u32,
    steps: VecDeque<(FrameId, Step)>,
    timers: HashMap<TimerId, (FrameId, Purpose)>,
    tasks: HashMap<TaskId, FrameId>,
    last_timer: TimerId,
    last_task: TaskId,
    main: Option<FrameId>,
    /// The timer of the machine's TimeoutSeconds.
    execution_timer: Option<TimerId>,
    /// When the machine's TimeoutSeconds end.
    pub deadline: Option<Timestamp>,
    pub machine_deleted: bool,
    /// Whether an event could not be written any more.
    pub history_full: bool,
    /// What is to be known of the one state that runs, if it is only one.
    pub trial: Option<Box<Trial>>,
    /// The states whose calls are mocked, if any are.
    pub mocks: Option<Box<Mocks>>,
}

impl Run {
    pub fn open_main(&mut self, variables: Arc<Variables>) -> FrameId {
        // Most executions have no other frame.
        self.frames.reserve_exact(1);
        let main = self.open(None, None, 0, variables);
        self.main = Some(main);
        main
    }

    /// The execution's main line, once it has begun.
    pub fn main(&self) -> Option<FrameId> {
        self.main
    }

    pub fn open(
        &mut self,
        parent: Option<(FrameId, usize)>,
        item: Option<Value>,
        cursor: EventId,
        variables: Arc<Variables>,
    ) -> FrameId {
        self.generations += 1;
        let generation = self.generations;
        let visit = Visit {
            state: StateId(u32::MAX),
            input: Value::Null,
            entered: 0,
            before: 0,
            entered_time: Timestamp::default(),
            retries: 0,
            attempts: Vec::new(),
            left: true,
            work: Work::Nothing,
        };
        let frame = Frame { generation, stopped: false, pending: None, parent, item, cursor, variables, visit };
        let place = match self.free.pop() {
            Some(place) => {
                self.frames[place as usize] = Some(frame);
                place
            }
            None => {
                self.frames.push(Some(frame));
                self.frames.len() as u32 - 1
            }
        };
        FrameId { place, generation }
    }

    /// Closes a frame whose work is done; what it still waited for must have been cancelled.
    pub fn close(&mut self, id: FrameId) {
        if self.get(id).is_some() {
            self.frames[id.place as usize] = None;
            self.free.push(id.place);
        }
    }

    pub fn get(&self, id: FrameId) -> Option<&Frame> {
        self.frames.get(id.place as usize)?.as_ref().filter(|frame| frame.generation == id.generation)
    }

    fn get_mut(&mut self, id: FrameId) -> Option<&mut Frame> {
        self.frames.get_mut(id.place as usize)?.as_mut().filter(|frame| frame.generation == id.generation)
    }

    pub fn frame(&self, id: FrameId) -> &Frame {
        self.get(id).expect("steps of closed frames are dropped when they come up")
    }

    pub fn frame_mut(&mut self, id: FrameId) -> &mut Frame {
        self.get_mut(id).expect("steps of closed frames are dropped when they come up")
    }

    pub fn queue(&mut self, frame: FrameId, step: Step) {
        self.steps.push_back((frame, step));
    }

    /// The next step that is due in a frame which is still open.
    pub fn next_step(&mut self) -> Option<(FrameId, Step)> {
        loop {
            let (id, step) = self.steps.pop_front()?;
            match self.get_mut(id) {
                None => {}
                Some(frame) if frame.stopped => frame.keep(step),
                Some(_) => return Some((id, step)),
            }
        }
    }

    /// Nothing goes on any more: what is due is kept for a redrive, and nobody is waited for.
    pub fn stand_still(&mut self, actions: &mut Vec<Action>) {
        self.release(actions);
        for (id, step) in std::mem::take(&mut self.steps) {
            if let Some(frame) = self.get_mut(id) {
                frame.keep(step);
            }
        }
        for frame in self.frames.iter_mut().flatten() {
            if let Work::Timer(_) | Work::Task(_) = frame.visit.work {
                frame.visit.work = Work::Nothing;
            }
        }
        self.execution_timer = None;
        self.deadline = None;
    }

    pub fn execution_timer(&mut self) -> TimerId {
        self.last_timer += 1;
        self.execution_timer = Some(self.last_timer);
        self.last_timer
    }

    pub fn is_execution_timer(&self, timer: TimerId) -> bool {
        self.execution_timer == Some(timer)
    }

    pub fn new_timer(&mut self, frame: FrameId, purpose: Purpose) -> TimerId {
        self.last_timer += 1;
        self.timers.insert(self.last_timer, (frame, purpose));
        self.last_timer
    }

    pub fn take_timer(&mut self, timer: TimerId) -> Option<(FrameId, Purpose)> {
        self.timers.remove(&timer)
    }

    /// The frame that waits for this timer.
    pub fn frame_of_timer(&self, timer: TimerId) -> Option<FrameId> {
        self.timers.get(&timer).map(|(frame, _)| *frame)
    }

    pub fn new_task(&mut self, frame: FrameId) -> TaskId {
        self.last_task += 1;
        self.tasks.insert(self.last_task, frame);
        self.last_task
    }

    pub fn frame_of_task(&self, task: TaskId) -> Option<FrameId> {
        self.tasks.get(&task).copied()
    }

    pub fn forget_task(&mut self, task: TaskId) {
        self.tasks.remove(&task);
    }

    pub fn task(&self, task: TaskId) -> Option<&TaskWork> {
        match &self.get(self.frame_of_task(task)?)?.visit.work {
            Work::Task(work) => Some(work),
            _ => None,
        }
    }

    /// The work of the task that this frame waits for.
    pub fn task_work(&mut self, frame: FrameId) -> Option<&mut TaskWork> {
        match &mut self.frame_mut(frame).visit.work {
            Work::Task(work) => Some(work),
            _ => None,
        }
    }

    /// The map run that this frame waits for.
    pub fn map_run(&mut self, frame: FrameId) -> Option<&mut MapRunWork> {
        match &mut self.frame_mut(frame).visit.work {
            Work::MapRun(work) => Some(work),
            _ => None,
        }
    }

    /// The children of the Parallel or Map state that this frame is in.
    pub fn children(&mut self, frame: FrameId) -> &mut Children {
        match &mut self.frame_mut(frame).visit.work {
            Work::Children(children) => children,
            _ => unreachable!("a frame has children as long as one of them is open"),
        }
    }

    /// Closes all branches or iterations of the state that this frame is in, and what is inside of them.
    pub fn discard_children(&mut self, frame: FrameId) {
        let work = std::mem::replace(&mut self.frame_mut(frame).visit.work, Work::Nothing);
        if let Work::Children(children) = work {
            for child in children.open.into_values().chain(children.stopped.into_values()) {
                self.discard_children(child);
                self.close(child);
            }
        }
    }

    /// Tells the outside that nobody waits for anything any more, in a repeatable order.
    pub fn release(&mut self, actions: &mut Vec<Action>) {
        let mut timers: Vec<_> = self.timers.drain().map(|(timer, _)| timer).chain(self.execution_timer).collect();
        timers.sort_unstable();
        actions.extend(timers.into_iter().map(Action::ClearTimer));
        let mut tasks: Vec<_> = self.tasks.drain().map(|(task, _)| task).collect();
        tasks.sort_unstable();
        actions.extend(tasks.into_iter().map(Action::CancelTask));
    }
}
