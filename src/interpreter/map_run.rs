//! Map states in distributed mode: a map run, whose child executions are the engine's business.
//!
//! Events: `MapStateStarted`, `MapRunStarted`, `MapRunSucceeded` or `MapRunFailed`, `MapStateSucceeded` or `MapStateFailed`.
//! The children write nothing into this history. What each is given is worked out here, because it may look at the variables
//! and at the context object of the Map state; how many run and what becomes of them isn't known here.

use super::context::Extras;
use super::data::Problem;
use super::frame::{FrameId, MapRunWork, Step, Work};
use super::invocation::ReadItems;
use super::transition::Worked;
use super::trial::Tolerated;
use super::{Action, TaskId, Turn};
use crate::arn::{Arn, Namespace};
use crate::asl::program::{Computed, Distributed, ItemReader, ItemSource, Map, ResultForm, State, StateId, StateKind};
use crate::failure::{Failure, NotRead};
use crate::history::{EventId, EventKind, MapRunRedriven, Told};
use crate::honesty::Deviation;
use crate::json::Value;
use smol_str::{SmolStr, ToSmolStr};

/// How many items are worked on in one step.
const ITEMS: usize = 16;

/// A map run to begin.
#[derive(Clone, Debug, PartialEq)]
#[allow(missing_docs)]
pub struct MapRunStart {
    pub arn: SmolStr,
    pub label: SmolStr,
    /// The first state of the child executions.
    pub processor: StateId,
    pub is_express: bool,
    /// 0: as many as the service allows
    pub max_concurrency: u64,
    pub tolerated_count: Option<u64>,
    pub tolerated_percentage: Option<f64>,
    /// What the items are read from, or why that isn't to be; nothing if they are given at once.
    pub reads: Option<Result<ReadItems, Failure>>,
    pub writes: Option<WriteResults>,
}

/// What becomes of the results of a map run.
#[derive(Clone, Debug, PartialEq)]
pub struct WriteResults {
    /// `Bucket` and `Prefix`, if the results are written.
    pub place: Option<Value>,
    /// What they look like.
    pub form: ResultForm,
}

/// What a child execution is given.
#[derive(Clone, Debug, PartialEq)]
#[allow(missing_docs)]
pub struct ChildInput {
    pub input: Value,
    /// How many items that are.
    pub items: u64,
}

impl Turn<'_> {
    pub(super) fn begin_map_run(
        &mut self,
        frame: FrameId,
        state: &State,
        map: &Map,
        distributed: &Distributed,
    ) -> Worked {
        let input = self.effective_input(frame, state)?;
        let items = match &map.reader {
            Some(_) => None,
            None => {
                let items = self.items(frame, &map.items, &input)?;
                self.not_too_large(frame, &items)?;
                Some(items.as_array().unwrap_or_default().to_vec())
            }
        };
        let max_concurrency =
            self.count(frame, &map.max_concurrency, &input, "MaxConcurrency", "MaxConcurrencyPath")?;
        let length = items.as_ref().map_or(0, Vec::len) as u32;
        self.record(frame, EventKind::MapStateStarted { length });
        let Tolerated { count, percentage } = self.tolerated(frame, map, &input)?;
        let reads = map.reader.as_ref().map(|reader| self.reading(frame, reader, &input)).transpose()?;
        let written = |place: &Computed| self.compute(frame, Some(place), input.clone(), Extras::default());
        let writes = distributed.writer.as_ref().map(|writer| -> Result<_, Problem> {
            Ok(WriteResults { place: writer.place.as_ref().map(written).transpose()?, form: writer.form })
        });
        let start = MapRunStart {
            arn: SmolStr::default(),
            label: distributed.label_in(&self.identity.machine_name, &state.name),
            processor: map.processor,
            is_express: distributed.is_express,
            max_concurrency,
            tolerated_count: count,
            tolerated_percentage: percentage,
            reads,
            writes: writes.transpose()?,
        };
        self.start_map_run(frame, start, input, items);
        Ok(())
    }

    fn start_map_run(&mut self, frame: FrameId, start: MapRunStart, input: Value, items: Option<Vec<Value>>) {
        let arn = self.map_run_arn(&start.label);
        let source = match &start.reads {
            None => Some(SmolStr::new_static("STATE_DATA")),
            Some(reads) => reads.as_ref().ok().and_then(ReadItems::source),
        };
        self.record(frame, EventKind::MapRunStarted { map_run_arn: arn.clone() });
        let task = self.run.new_task(frame);
        let is_known = items.is_some();
        let work = MapRunWork {
            id: task,
            arn: arn.clone(),
            input,
            source,
            reads: start.reads.is_some(),
            items: items.unwrap_or_default(),
            inputs: Vec::new(),
            is_given_out: false,
            redrives: 0,
        };
        self.run.frame_mut(frame).visit.work = Work::MapRun(Box::new(work));
        self.actions.push(Action::StartMapRun { task, start: Box::new(MapRunStart { arn, ..start }) });
        if is_known {
            self.run.queue(frame, Step::Select);
        }
    }

    /// What an ItemReader asks for. Recorded: that MaxItems is negative fails the map run, not the state.
    fn reading(
        &self,
        frame: FrameId,
        reader: &ItemReader,
        input: &Value,
    ) -> Result<Result<ReadItems, Failure>, Problem> {
        let parameters = self.compute(frame, reader.parameters.as_ref(), input.clone(), Extras::default())?;
        let most = reader.max_items.as_ref().map(|most| self.max_items(frame, most, input)).transpose();
        let pointer = reader.pointer.as_ref().map(|pointer| self.items_pointer(frame, pointer)).transpose();
        let (most, pointer) = match (most, pointer) {
            (Err(Problem::State(failure)), _) | (_, Err(Problem::State(failure))) => return Ok(Err(failure)),
            (most, pointer) => (most?.filter(|most| *most > 0), pointer?),
        };
        let format = match &reader.source {
            ItemSource::Data(format) => format.clone(),
            // A definition with this is refused.
            ItemSource::NotReadable(what) => return Ok(Err(NotRead::Source { what: what.clone() }.into())),
        };
        Ok(Ok(ReadItems { lists: reader.lists, format, parameters, pointer, most }))
    }

    fn map_run_arn(&self, label: &str) -> SmolStr {
        let own = Arn::parse(&self.identity.machine_arn).expect("a state machine has an ARN");
        let namespace = Namespace { account: own.account.into(), region: own.region.into() };
        namespace.map_run_arn(&self.identity.machine_name, label, &self.random.uuid().to_smolstr())
    }

    /// The items that were to be read are here.
    pub(super) fn items_arrived(&mut self, task: TaskId, items: Vec<Value>) {
        if let Some(frame) = self.run.frame_of_task(task)
            && let Work::MapRun(work) = &mut self.run.frame_mut(frame).visit.work
        {
            (work.items, work.inputs) = (items, Vec::new());
            self.run.queue(frame, Step::Select);
        }
    }

    /// Works out what the next children are given, and hands all of it out when there are no more items.
    pub(super) fn select_items(&mut self, frame: FrameId) {
        if let Err(problem) = self.try_select_items(frame) {
            let work = std::mem::replace(&mut self.run.frame_mut(frame).visit.work, Work::Nothing);
            if let Work::MapRun(work) = work {
                self.run.forget_task(work.id);
                self.actions.push(Action::FailMapRun(work.id));
            }
            // Documented: the map run has failed, and a redrive begins a new one. That its event comes first is a guess.
            let told = Told::from(&self.failure_of(frame, &problem));
            self.record(frame, EventKind::MapRunFailed(told));
            self.fail_with(frame, problem);
        }
    }

    fn try_select_items(&mut self, frame: FrameId) -> Worked {
        let program = self.program;
        let StateKind::Map(map) = &program.state(self.run.frame(frame).visit.state).kind else { return Ok(()) };
        let Work::MapRun(work) = &self.run.frame(frame).visit.work else { return Ok(()) };
        let begun = work.inputs.len();
        let next = begun..work.items.len().min(begun + ITEMS);
        let select = |number| {
            let item: &Value = &work.items[number];
            self.iteration_input(frame, map, number, item, work.source.as_ref(), work.input.clone())
        };
        let selected = next.map(select).collect::<Result<Vec<Value>, Problem>>()?;
        let Some(work) = self.run.map_run(frame) else { return Ok(()) };
        work.inputs.extend(selected);
        if work.inputs.len() < work.items.len() {
            self.run.queue(frame, Step::Select);
            return Ok(());
        }
        work.items = Vec::new();
        let (task, inputs, input) = (work.id, std::mem::take(&mut work.inputs), work.input.clone());
        let children = match &map.batcher {
            None => inputs.into_iter().map(|input| ChildInput { input, items: 1 }).collect(),
            Some(batcher) => self.batches(frame, batcher, inputs, &input)?.into_iter().map(of_batch).collect(),
        };
        if let Some(work) = self.run.map_run(frame) {
            work.is_given_out = true;
        }
        self.actions.push(Action::RunItems { task, children });
        Ok(())
    }

    /// The map run was not begun. There is nothing that could be redriven: a redrive meets the same again.
    pub(super) fn map_run_forbidden(&mut self, task: TaskId, deviations: Box<[Deviation]>) {
        if let Some(frame) = self.run.frame_of_task(task) {
            self.run.forget_task(task);
            self.run.frame_mut(frame).visit.work = Work::Nothing;
            self.meet_in(frame, deviations);
        }
    }

    /// A map run has come to its end.
    pub(super) fn map_run_ended(&mut self, task: TaskId, result: Result<Value, Failure>) {
        let Some(frame) = self.run.frame_of_task(task) else { return };
        self.run.forget_task(task);
        let step = match result {
            Ok(value) => {
                // The chain goes past both events of success (recorded since November 2024).
                let succeeded = self.note(frame, EventKind::MapRunSucceeded);
                Step::EndMapRun { value, succeeded }
            }
            Err(failure) => {
                self.record(frame, EventKind::MapRunFailed(Told::from(&failure)));
                Step::Settle(Box::new(Err(failure)))
            }
        };
        self.run.queue(frame, step);
    }

    /// The Map state goes on with what its map run has come to.
    pub(super) fn end_map_run(&mut self, frame: FrameId, value: Value, succeeded: EventId) {
        // Documented: if what follows fails, a redrive begins a new map run.
        self.run.frame_mut(frame).visit.work = Work::Nothing;
        let started = std::mem::replace(&mut self.run.frame_mut(frame).cursor, succeeded);
        let succeeded = self.note(frame, EventKind::MapStateSucceeded);
        self.run.frame_mut(frame).cursor = started;
        self.succeed_with(frame, value, Some(succeeded));
    }

    /// Nobody waits for this map run any more.
    pub(super) fn cancel_map_run(&mut self, task: TaskId) {
        self.run.forget_task(task);
        self.actions.push(Action::CancelTask(task));
    }

    /// The execution was redriven: its map run goes on with the children that didn't succeed, and those that haven't begun.
    pub(super) fn redrive_map_run(&mut self, frame: FrameId) {
        let task = self.run.new_task(frame);
        let Some(work) = self.run.map_run(frame) else { return };
        work.id = task;
        work.redrives += 1;
        let (map_run_arn, redrive_count) = (work.arn.clone(), work.redrives);
        let selects = !work.is_given_out && !work.reads;
        let redriven = MapRunRedriven { map_run_arn: map_run_arn.clone(), redrive_count };
        self.record(frame, EventKind::MapRunRedriven(Box::new(redriven)));
        self.actions.push(Action::RedriveMapRun { task, arn: map_run_arn });
        if selects {
            self.run.queue(frame, Step::Select);
        }
    }
}

fn of_batch(input: Value) -> ChildInput {
    let items = input.get("Items").and_then(Value::as_array).map_or(0, <[Value]>::len) as u64;
    ChildInput { input, items }
}
