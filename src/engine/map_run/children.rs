//! The children of a map run: how they begin, go on and are stopped.

use super::progress::Child;
use super::{ChildOf, ChildStatus, MapRun, child_status};
use crate::engine::executions::Entry;
use crate::engine::{Engine, Status};
use crate::interpreter::{Execution, Identity, Signal, Workflow};
use crate::json::Value;
use smol_str::{ToSmolStr, format_smolstr};
use std::sync::Arc;

impl Engine {
    /// Begins a child, or goes on with it.
    pub(super) fn begin_child(&self, parent: &Arc<Entry>, run: &Arc<MapRun>, number: usize) {
        let (before, input, items) = {
            let state = run.lock();
            let Child { entry, input, items, .. } = &state.progress.children[number];
            (entry.clone(), input.clone(), *items)
        };
        match before {
            Some(entry) if !run.start.is_express => {
                let mut state = entry.lock();
                if run.lock().is_forgotten {
                    return run.lock().progress.set(number, ChildStatus::Aborted);
                }
                entry.note_running(self.now());
                self.drive_locked(&entry, &mut state, self.beginning(&entry, Signal::Redrive));
            }
            // Documented: an Express execution can't be redriven, it begins anew under its ARN. That one which was stopped does so
            // too is a guess: AWS's table of child workflows begins those again "that failed or timed out", and says in its
            // next row that unsuccessful ones always can be.
            before => {
                let child_of = ChildOf { run: Arc::downgrade(run), arn: run.start.arn.clone(), number, items };
                let entry = self.child(parent, run, child_of, input, before.as_deref());
                run.lock().progress.children[number].entry = Some(entry.clone());
                let mut state = entry.lock();
                // A reset comes before this, or else finds the child among those that it stops.
                let is_forgotten = run.lock().is_forgotten;
                let signals = match is_forgotten {
                    true => vec![Signal::Stop { error: None, cause: None }],
                    false => self.beginning(&entry, Signal::Start),
                };
                self.drive_locked(&entry, &mut state, signals);
            }
        }
    }

    /// A child that is to begin, in place of what it was before if it begins anew.
    fn child(
        &self,
        parent: &Entry,
        run: &MapRun,
        child_of: ChildOf,
        input: Value,
        before: Option<&Entry>,
    ) -> Arc<Entry> {
        let random = self.random();
        let (machine, namespace) = (&run.machine, &run.namespace);
        let machine_name = &run.machine_name;
        let known =
            before.map(|before| before.lock().execution.identity().clone()).map(|known| (known.name, known.arn));
        let (name, arn) = known.unwrap_or_else(|| {
            let name = random.uuid().to_smolstr();
            let arn = match run.start.is_express {
                true => namespace.express_execution_arn(machine_name, &name, &random.uuid().to_smolstr()),
                false => namespace.execution_arn(machine_name, &name),
            };
            (name, arn)
        });
        // Express ones are found by their name and what follows it in the ARN.
        let key = match arn.rsplit_once(':') {
            Some((_, id)) if run.start.is_express => format_smolstr!("{name}:{id}"),
            _ => name.clone(),
        };
        let identity = Identity {
            arn,
            name,
            role_arn: machine.role_arn.clone(),
            machine_arn: run.machine_arn.clone(),
            machine_name: machine.name.clone(),
            region: namespace.region.clone(),
            start_date: self.now(),
            input,
            workflow: if run.start.is_express { Workflow::AsynchronousExpress } else { Workflow::Standard },
            started_with: None,
        };
        let execution = Execution::new(machine.program.clone(), identity, random.bits())
            .of_map_run(run.start.processor)
            .with_mocks(run.mocks.clone())
            .with_strictness(self.shared().rules.strictness);
        let entry =
            Entry::of_map_run(namespace.clone(), machine.clone(), execution, child_of, parent.trace_header.clone());
        if run.start.is_express {
            self.shared().express.add(&entry);
        }
        match before {
            Some(before) => self.shared().executions.replace(namespace, machine_name, &key, before, &entry),
            // Nobody else has a uuid that has just been made.
            None => drop(self.shared().executions.add(namespace, machine_name, &key, &entry)),
        }
        entry
    }

    /// Documented: a map run that fails stops what runs. What was to be redriven, and was not, stays as it was.
    pub(super) fn stop_children(&self, run: &Arc<MapRun>, is_stopped: impl Fn(&Entry) -> bool) {
        for entry in run.entries().into_iter().filter(|entry| is_stopped(entry)) {
            match entry.status() {
                Status::Running => self.drive(&entry, vec![Signal::Stop { error: None, cause: None }]),
                Status::PendingRedrive => {
                    let state = entry.lock();
                    if let (Some((outcome, at)), Some(child_of)) = (state.execution.end(), &entry.child_of) {
                        entry.note_end(outcome, *at);
                        child_of.ended(entry.status());
                    }
                }
                _ => {}
            }
        }
    }

    /// A bug has ended the driver, perhaps while it began a child: what counts as running is what it really is, so that
    /// nobody waits for ever for its end.
    pub(super) fn come_to_rest(&self, run: &Arc<MapRun>) {
        self.stop_children(run, |_| true);
        let running: Vec<(usize, Option<Arc<Entry>>)> = {
            let children = &run.lock().progress.children;
            let numbered = children.iter().enumerate().filter(|(_, child)| child.status == ChildStatus::Running);
            numbered.map(|(number, child)| (number, child.entry.clone())).collect()
        };
        for (number, entry) in running {
            let Some(entry) = entry else {
                run.lock().progress.set(number, ChildStatus::Pending);
                continue;
            };
            let state = entry.lock();
            if let Some((outcome, at)) = state.execution.end() {
                entry.note_end(outcome, *at);
            }
            let status = Some(child_status(entry.status())).filter(|status| *status != ChildStatus::Running);
            run.lock().progress.set(number, status.unwrap_or(ChildStatus::Aborted));
        }
    }
}

#[cfg(test)]
mod tests {
    use super::super::progress::Next;
    use super::*;
    use crate::asl::{MachineType, parse};
    use crate::clock::Clock;
    use crate::config::Config;
    use crate::emulator::Emulator;
    use crate::engine::Start;
    use crate::registry::{Encryption, Logging, StateMachine};
    use crate::timestamp::Timestamp;

    const DEFINITION: &str = r#"{"StartAt":"M","States":{"M":{"Type":"Map","MaxConcurrency":1,"End":true,"ItemProcessor":{
        "ProcessorConfig":{"Mode":"DISTRIBUTED","ExecutionType":"STANDARD"},
        "StartAt":"W","States":{"W":{"Type":"Wait","Seconds":60,"End":true}}}}}}"#;

    fn start() -> Start {
        let Config { namespace, .. } = Config::default();
        let program = parse(DEFINITION, MachineType::Standard).program.expect("a definition");
        let now = Timestamp::from_millis(1_700_000_000_000);
        let machine = StateMachine {
            name: "m".into(),
            arn: namespace.state_machine_arn("m"),
            definition: DEFINITION.into(),
            program: Arc::new(program),
            role_arn: "arn:aws:iam::123456789012:role/r".into(),
            machine_type: MachineType::Standard,
            logging: Logging::default(),
            tracing: false,
            encryption: Encryption::default(),
            creation_date: now,
            update_date: now,
            revision: None,
            publish: false,
            version_description: None,
            tags: Vec::new(),
            status: crate::registry::Status::Active,
        };
        let input = Value::parse("[1,2,3]").expect("JSON");
        Start {
            namespace,
            machine: Arc::new(machine),
            name: None,
            association: None,
            input,
            mocks: None,
            trace_header: None,
        }
    }

    #[tokio::test]
    async fn what_a_bug_left_behind_is_not_waited_for_and_nothing_begins_after_a_reset() {
        let engine = Emulator::new(Config::default(), Clock::at(Timestamp::from_millis(1_700_000_000_000))).engine;
        let started = engine.start(start()).expect("a new execution");
        let run = engine.shared().map_runs.of_execution(&started.arn).pop().expect("a map run");
        while run.entries().is_empty() {
            tokio::task::yield_now().await;
        }
        // A driver that panics now has taken the second child, and not begun it.
        run.lock().progress.limits.max_concurrency = 2;
        assert_eq!(run.lock().progress.next(), Next::Begin(1));
        engine.come_to_rest(&run);
        let counts = run.lock().progress.executions;
        let statuses = [ChildStatus::Running, ChildStatus::Aborted, ChildStatus::Pending];
        assert_eq!(statuses.map(|status| counts.of(status)), [0, 1, 2]);

        // The same of one that was to be redriven, and is noted to run.
        let entry = run.entries().pop().expect("a child");
        run.lock().progress.set(0, ChildStatus::Running);
        entry.note_running(engine.now());
        engine.come_to_rest(&run);
        assert_eq!((entry.status(), run.lock().progress.executions), (Status::Aborted, counts));

        // After a reset none begins any more.
        engine.reset(None);
        engine.begin_child(&run.entries()[0], &run, 2);
        let last = run.entries().pop().expect("a child");
        assert_eq!((last.status(), last.lock().execution.history().len()), (Status::Aborted, 1));
    }
}
