//! Logs of executions, as `loggingConfiguration` asks for them: records of events (`record.rs`), made at once and
//! delivered in the background, in order.
//!
//! Executions never wait for a log. What waits to be delivered is bounded; what finds no place, or can't be delivered,
//! is said in the program's own log with its number.

mod delivery;
mod lines;
mod record;

use crate::config::ExecutionLog;
use crate::history::{Event, EventId};
use crate::integrations::{CloudWatchLogs, LogEvent};
use crate::registry::StateMachine;
use delivery::Delivery;
use record::{is_logged, record};
use smol_str::SmolStr;
use std::collections::HashSet;
use std::sync::atomic::{AtomicBool, AtomicU64, AtomicUsize, Ordering};
use std::sync::{Arc, Mutex, MutexGuard, PoisonError};
use std::time::Duration;
use tokio::sync::{mpsc, oneshot};

/// How many bytes of records may wait to be delivered.
const MOST_BYTES: usize = 64 << 20;

/// Where the records of executions go. Cloning it gives another handle to the same.
#[derive(Clone, Debug)]
pub struct Logs(Arc<Shared>);

#[derive(Debug)]
struct Shared {
    cloudwatch: Option<CloudWatchLogs>,
    /// None if there is nowhere to deliver to.
    queue: Option<mpsc::UnboundedSender<Message>>,
    backlog: Arc<Backlog>,
    /// Whether it was said that nothing is delivered.
    said: AtomicBool,
    /// The log groups that are there.
    seen: Mutex<HashSet<SmolStr>>,
}

/// What waits to be delivered.
#[derive(Debug)]
struct Backlog {
    bytes: AtomicUsize,
    most_bytes: usize,
    /// Records that found no place since it was said last.
    lost: AtomicU64,
}

/// What the background is told.
enum Message {
    Record(Record),
    /// Everything before this was delivered, or can't be.
    Flush(oneshot::Sender<()>),
}

/// A record on its way.
struct Record {
    machine: Arc<StateMachine>,
    event: LogEvent,
}

impl Record {
    fn bytes(&self) -> usize {
        self.event.message.len() + size_of::<Message>()
    }
}

impl Logs {
    /// Logs that go to CloudWatch Logs and to a file or standard output, as far as these are given. With a place to go it
    /// must be made inside a tokio runtime.
    pub fn new(cloudwatch: Option<CloudWatchLogs>, lines: Option<ExecutionLog>) -> Self {
        Self::with(cloudwatch, lines, MOST_BYTES)
    }

    fn with(cloudwatch: Option<CloudWatchLogs>, lines: Option<ExecutionLog>, most_bytes: usize) -> Self {
        let backlog = Arc::new(Backlog { bytes: AtomicUsize::new(0), most_bytes, lost: AtomicU64::new(0) });
        let queue = (cloudwatch.is_some() || lines.is_some()).then(|| {
            let (queue, messages) = mpsc::unbounded_channel();
            tokio::spawn(Delivery::new(cloudwatch.clone(), lines, backlog.clone()).run(messages));
            queue
        });
        Logs(Arc::new(Shared { cloudwatch, queue, backlog, said: AtomicBool::new(false), seen: Mutex::default() }))
    }

    /// Whether CloudWatch Logs says that it has no log group with this ARN. If nobody can be asked, or nobody answers, nobody
    /// says so.
    pub async fn is_missing(&self, group_arn: &str) -> bool {
        let Some(cloudwatch) = &self.0.cloudwatch else { return false };
        let Some((namespace, group)) = delivery::group(group_arn) else { return false };
        match cloudwatch.has_group(&namespace, group).await {
            Ok(is_there) => {
                if is_there {
                    self.seen().insert(group_arn.into());
                }
                !is_there
            }
            Err(problem) => {
                tracing::warn!(log_group = group_arn, %problem, "whether the log group exists is not known");
                false
            }
        }
    }

    /// Whether CloudWatch Logs has said that it has a log group with this ARN.
    pub fn has_seen(&self, group_arn: &str) -> bool {
        self.seen().contains(group_arn)
    }

    fn seen(&self) -> MutexGuard<'_, HashSet<SmolStr>> {
        self.0.seen.lock().unwrap_or_else(PoisonError::into_inner)
    }

    /// Takes note of events of an execution, as far as its state machine asks for that.
    pub fn write<'e>(
        &self,
        machine: &Arc<StateMachine>,
        execution_arn: &str,
        redrives: u32,
        events: impl Iterator<Item = (EventId, &'e Event)>,
    ) {
        let logging = &machine.logging;
        let Some(queue) = &self.0.queue else { return self.say_nowhere(machine) };
        for (id, event) in events.filter(|(_, event)| is_logged(logging.level, &event.kind)) {
            let message = record(logging, execution_arn, redrives, id, event);
            let event = LogEvent { timestamp: event.timestamp.millis(), message };
            let record = Record { machine: machine.clone(), event };
            if !self.0.backlog.has_place_for(record.bytes()) {
                continue;
            }
            if queue.send(Message::Record(record)).is_err() && !self.0.said.swap(true, Ordering::Relaxed) {
                tracing::error!("records of executions are lost from now on: their delivery has ended, which is a bug");
            }
        }
    }

    fn say_nowhere(&self, machine: &StateMachine) {
        if !self.0.said.swap(true, Ordering::Relaxed) {
            tracing::warn!(
                state_machine = %machine.arn,
                "a loggingConfiguration asks for logs, but there is nowhere to write them: start Stepwell with \
                 AWS_ENDPOINT_URL_CLOUDWATCH_LOGS=URL or --execution-log FILE"
            );
        }
    }

    /// Waits until all that was written is delivered, or so long.
    pub async fn flush(&self, patience: Duration) {
        let Some(queue) = &self.0.queue else { return };
        let (done, all_done) = oneshot::channel();
        if queue.send(Message::Flush(done)).is_ok() && tokio::time::timeout(patience, all_done).await.is_err() {
            let bytes = self.0.backlog.bytes.load(Ordering::Relaxed);
            tracing::error!(bytes, "records of executions were not delivered before the end");
        }
    }
}

impl Backlog {
    fn has_place_for(&self, bytes: usize) -> bool {
        let before = self.bytes.fetch_add(bytes, Ordering::Relaxed);
        let has_place = before + bytes <= self.most_bytes;
        if !has_place {
            self.bytes.fetch_sub(bytes, Ordering::Relaxed);
            self.lost.fetch_add(1, Ordering::Relaxed);
        }
        has_place
    }

    fn delivered(&self, bytes: usize) {
        self.bytes.fetch_sub(bytes, Ordering::Relaxed);
    }

    fn say_lost(&self) {
        let records = self.lost.swap(0, Ordering::Relaxed);
        if records > 0 {
            tracing::error!(records, "records of executions were lost: they come faster than they can be delivered");
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn what_finds_no_place_is_counted() {
        let backlog = Backlog { bytes: AtomicUsize::new(0), most_bytes: 100, lost: AtomicU64::new(0) };
        assert_eq!([60, 60, 40, 1].map(|bytes| backlog.has_place_for(bytes)), [true, false, true, false]);
        assert_eq!(backlog.lost.load(Ordering::Relaxed), 2);
        backlog.delivered(60);
        backlog.say_lost();
        assert!(backlog.has_place_for(60));
        assert_eq!(backlog.lost.load(Ordering::Relaxed), 0);
    }
}
