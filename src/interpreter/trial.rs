//! One state alone, as TestState runs it: by the same code as ever, which takes a mock for the state's work, stops when the
//! state is left, and notes on the way what becomes of the documents.

use super::context::Extras;
use super::data::{Problem, whole_number};
use super::frame::{FrameId, Step};
use super::invocation::{self, Witness};
use super::transition::Worked;
use super::{Outcome, Turn};
use crate::asl::QueryLanguage;
use crate::asl::program::{ItemReader, ItemSource, Map, MaxItems, Pointer, State, Transition};
use crate::failure::{Failure, Runtime};
use crate::history::Told;
use crate::items::{self, Data};
use crate::json::Value;
use crate::query::Variables;
use smol_str::SmolStr;
use std::cell::RefCell;

/// What is given for the state that is tried.
#[derive(Clone, Debug, Default)]
pub struct Given {
    /// What the state's work comes to, in place of the work.
    pub mock: Option<Result<Value, Failure>>,
    /// The context object, in place of the execution's own.
    pub context: Option<Value>,
    /// `Map.Item` of the context object, for a state in the iterations of a Map state.
    pub map_item: Option<Value>,
    /// The variables that the state can read.
    pub variables: Vec<(SmolStr, Value)>,
    /// How often each retrier has begun the state again before. That the context object's RetryCount is this number is a
    /// guess.
    pub retries: u32,
    /// How many iterations of a Map state failed.
    pub failed_iterations: Option<u64>,
    /// What the ItemReader of a Map state read, or why it couldn't.
    pub items: Option<Result<Data, Failure>>,
    /// Who wants to see the request and the response of an HTTP Task.
    pub witness: Option<Witness>,
}

/// What became of the state that was tried.
#[derive(Debug)]
pub struct Trial {
    pub(super) given: Given,
    /// The variables that can be read behind it.
    pub variables: Vec<(SmolStr, Value)>,
    /// The state that comes next.
    pub next: Option<SmolStr>,
    /// The failure that a catcher caught.
    pub caught: Option<Told>,
    /// Whether the state would be begun again.
    pub is_retriable: bool,
    /// Whether more iterations are said to have failed than there are.
    pub too_many_failures: bool,
    inspection: RefCell<Inspection>,
}

/// What the documents looked like on their way through the state, and how it went on after a failure.
#[derive(Clone, Debug, Default)]
#[allow(missing_docs)]
pub struct Inspection {
    pub after_input_path: Option<Value>,
    pub after_parameters: Option<Value>,
    pub after_arguments: Option<Value>,
    pub result: Option<Value>,
    pub after_result_selector: Option<Value>,
    pub after_result_path: Option<Value>,
    pub after_items_path: Option<Value>,
    pub after_items_pointer: Option<Value>,
    pub after_item_selector: Option<Value>,
    pub after_item_batcher: Option<Value>,
    pub max_concurrency: Option<u64>,
    pub tolerated_failure_count: Option<u64>,
    pub tolerated_failure_percentage: Option<f64>,
    pub retry_index: Option<usize>,
    pub retry_backoff_seconds: Option<i64>,
    pub catch_index: Option<usize>,
}

/// The failures that a Map state tolerates, as far as it says so.
#[derive(Clone, Copy, Debug, Default)]
pub(super) struct Tolerated {
    pub count: Option<u64>,
    pub percentage: Option<f64>,
}

impl Tolerated {
    /// Whether that many failures are too many; a Map state that says nothing tolerates all (recorded of a mocked one).
    fn is_exceeded(self, failed: u64, of: usize) -> bool {
        self.count.is_some_and(|count| failed > count)
            || self.percentage.is_some_and(|percentage| failed as f64 * 100.0 > percentage * of as f64)
    }
}

impl Trial {
    pub(super) fn new(given: Given) -> Trial {
        Trial {
            variables: given.variables.clone(),
            given,
            next: None,
            caught: None,
            is_retriable: false,
            too_many_failures: false,
            inspection: RefCell::default(),
        }
    }

    pub(super) fn variables(&self) -> Variables {
        let mut variables = Variables::default();
        self.given.variables.iter().for_each(|(name, value)| variables.assign(name.clone(), value.clone()));
        variables
    }

    /// What was seen.
    pub fn inspection(&self) -> Inspection {
        self.inspection.borrow().clone()
    }
}

impl Turn<'_> {
    /// Notes something, if this is a trial.
    pub(super) fn inspect(&self, see: impl FnOnce(&mut Inspection)) {
        if let Some(trial) = &self.run.trial {
            see(&mut trial.inspection.borrow_mut());
        }
    }

    /// The same for fields that only JSONPath has.
    pub(super) fn inspect_path(&self, state: &State, see: impl FnOnce(&mut Inspection)) {
        if state.language == QueryLanguage::JsonPath {
            self.inspect(see);
        }
    }

    /// What the state's work comes to, if that is given.
    pub(super) fn mocked(&self) -> Option<Result<Value, Failure>> {
        self.run.trial.as_ref()?.given.mock.clone()
    }

    /// Who wants to see the call that the state makes.
    pub(super) fn witness(&self) -> Option<&Witness> {
        self.run.trial.as_ref()?.given.witness.as_ref()
    }

    /// What an ItemReader reads. If that isn't given, the input has the items, as AWS's page on TestState says: where the
    /// ItemsPointer leads, or else where those of a Map state without ItemReader are, which is what nothing stands for. With it
    /// comes how many of the items are wanted.
    ///
    /// That its Parameters are evaluated although nothing is called is a guess, and so is that an ItemsPointer goes before
    /// an ItemsPath.
    pub(super) fn items_read(
        &self,
        frame: FrameId,
        reader: &ItemReader,
        input: &Value,
    ) -> Result<(Option<Vec<Value>>, Option<usize>), Problem> {
        self.compute(frame, reader.parameters.as_ref(), input.clone(), Extras::default())?;
        let most = reader.max_items.as_ref().map(|most| self.max_items(frame, most, input)).transpose()?;
        let most = most.filter(|most| *most > 0);
        let pointer = reader.pointer.as_ref().map(|pointer| self.items_pointer(frame, pointer)).transpose()?;
        let data = match self.run.trial.as_ref().and_then(|trial| trial.given.items.clone()) {
            Some(data) => data,
            None if pointer.is_some() => Ok(Data::Document(input.clone())),
            None => return Ok((None, most)),
        };
        let items = data.and_then(|data| data.items(pointer.as_deref(), most)).map_err(Problem::State)?;
        if pointer.is_some() {
            self.inspect(|seen| seen.after_items_pointer = Some(Value::array(items.clone())));
        }
        Ok((Some(items), most))
    }

    /// `Map.Item.Source` of a distributed Map's items. Of data whose objects are not known here there is none. That an inline Map
    /// has none either follows from recorded context objects, which are older than AWS's page, whose example is inline.
    fn source(&self, frame: FrameId, map: &Map, input: &Value) -> Result<Option<SmolStr>, Problem> {
        let reader = match &map.reader {
            _ if map.distributed.is_none() => return Ok(None),
            None => return Ok(Some(SmolStr::new_static("STATE_DATA"))),
            Some(reader) if reader.parameters.is_some() => reader,
            Some(_) => return Ok(None),
        };
        let parameters = self.compute(frame, reader.parameters.as_ref(), input.clone(), Extras::default())?;
        Ok(match &reader.source {
            ItemSource::Data(format) => invocation::source(format, &parameters),
            ItemSource::NotReadable(_) => None,
        })
    }

    pub(super) fn max_items(&self, frame: FrameId, most: &MaxItems, input: &Value) -> Result<usize, Problem> {
        let number = match most {
            MaxItems::Literal(most) => return Ok(*most),
            MaxItems::Jsonata(field) => self.ask_number(frame, field)?,
            MaxItems::Path(path) => {
                let value = self.evaluate(frame, input, |scope| path.evaluate(scope))?;
                let (field, path) = ("MaxItemsPath", path.text().clone());
                whole_number(&value).ok_or(Runtime::NotAnInteger { field, path, value })?
            }
        };
        // Recorded of MaxItemsPath, for which more than the literal's limit is no problem; that expressions are treated alike is
        // a guess.
        let negative = |_| Problem::State(items::refused("field MaxItems must be positive"));
        usize::try_from(number).map_err(negative)
    }

    /// What is said of an expression that gives no pointer is a guess after what is said of such a literal.
    pub(super) fn items_pointer(&self, frame: FrameId, pointer: &Pointer) -> Result<SmolStr, Problem> {
        let pointer = match pointer {
            Pointer::Literal(pointer) => return Ok(pointer.clone()),
            Pointer::Jsonata(field) => self.ask(frame, field, |field, states| {
                field.evaluate_to(states, "string", |value| value.as_str().map(SmolStr::new))
            })?,
        };
        let refused = || items::refused(format!("JSON Pointer expression must start with '/': {pointer:?}"));
        if pointer.starts_with('/') { Ok(pointer) } else { Err(Problem::State(refused())) }
    }

    /// A Map state whose iterations have all been done.
    pub(super) fn try_iterations(
        &mut self,
        frame: FrameId,
        map: &Map,
        items: &[Value],
        input: &Value,
        tolerated: Tolerated,
    ) -> Worked {
        let mut inputs = items.to_vec();
        if map.item_selector.is_some() {
            let source = self.source(frame, map, input)?;
            let select =
                |(number, item)| self.iteration_input(frame, map, number, item, source.as_ref(), input.clone());
            inputs = items.iter().enumerate().map(select).collect::<Result<Vec<Value>, Problem>>()?;
            self.inspect(|seen| seen.after_item_selector = Some(Value::array(inputs.clone())));
        }
        if let Some(batcher) = &map.batcher {
            inputs = self.batches(frame, batcher, inputs, input)?;
            self.inspect(|seen| seen.after_item_batcher = Some(Value::array(inputs.clone())));
        }
        let Some(trial) = self.run.trial.as_deref_mut() else { return Ok(()) };
        let mocked = trial.given.mock.clone().unwrap_or(Ok(Value::Null));
        // That failed iterations are counted by batch is a guess.
        let iterations = inputs.len();
        let failed = trial.given.failed_iterations.unwrap_or(0);
        trial.too_many_failures = failed > iterations as u64;
        let result = match mocked {
            Ok(_) if tolerated.is_exceeded(failed, iterations) => Err(Failure::ToleratedFailureThreshold),
            mocked => mocked,
        };
        self.run.queue(frame, Step::Settle(Box::new(result)));
        Ok(())
    }

    /// The state was left.
    pub(super) fn end_trial(&mut self, frame: FrameId, transition: Transition, output: Value) {
        let program = self.program;
        let variables = self.run.frame(frame).variables.all();
        if let Some(trial) = &mut self.run.trial {
            trial.variables = variables;
            trial.next = match transition {
                Transition::Next(next) => Some(program.state(next).name.clone()),
                Transition::End => None,
            };
        }
        self.end = Some(Outcome::Succeeded(output));
    }

    /// A catcher takes the failure; what it makes of it is the state's output.
    pub(super) fn note_caught(&mut self, catcher: usize, failure: &Failure) {
        self.inspect(|seen| seen.catch_index = Some(catcher));
        if let Some(trial) = &mut self.run.trial {
            trial.caught = Some(Told::from(failure));
        }
    }

    /// The state would be begun again after so many milliseconds.
    pub(super) fn note_retriable(&mut self, delay: i64, failure: &Failure) {
        self.inspect(|seen| seen.retry_backoff_seconds = Some(delay / 1000));
        if let Some(trial) = &mut self.run.trial {
            trial.is_retriable = true;
        }
        self.end = Some(Outcome::Failed(Told::from(failure)));
    }
}
