//! The background that delivers records: as lines, and to streams of CloudWatch Logs in batches that it takes.

use super::lines;
use super::{Backlog, Message, Record};
use crate::arn::{Arn, Namespace};
use crate::config::ExecutionLog;
use crate::integrations::{CloudWatchLogs, DeliveryProblem, LogEvent, LogStream};
use crate::registry::StateMachine;
use smol_str::SmolStr;
use std::collections::HashMap;
use std::sync::Arc;
use std::time::Duration;
use tokio::sync::mpsc;

/// Limits of PutLogEvents: lines, bytes (with so many for each line) and milliseconds between the first and the last.
const BATCH_EVENTS: usize = 10_000;
const BATCH_BYTES: usize = 1_048_576;
const EVENT_BYTES: usize = 26;
const BATCH_MILLIS: i64 = 24 * 60 * 60 * 1000;

/// Streams that are remembered; those of more state machines are begun anew.
const MOST_STREAMS: usize = 10_000;

/// How long to wait before it is tried again where nobody answered.
const PAUSES: [Duration; 2] = [Duration::from_millis(100), Duration::from_millis(400)];

/// The stream that AWS creates in every group that logs are delivered to, and what stands in it.
const FIRST_STREAM: &str = "log_stream_created_by_aws_to_validate_log_delivery_subscriptions";
const FIRST_MESSAGE: &str =
    "Permissions are set correctly to allow AWS CloudWatch Logs to write into your logs while creating a subscription.";

/// Delivers records.
pub(super) struct Delivery {
    cloudwatch: Option<CloudWatchLogs>,
    lines: Option<ExecutionLog>,
    backlog: Arc<Backlog>,
    /// The streams that were created.
    streams: HashMap<Destination, SmolStr>,
}

/// Where a state machine's records go.
#[derive(Clone, Debug, PartialEq, Eq, Hash)]
struct Destination {
    namespace: Namespace,
    group: SmolStr,
    machine: SmolStr,
}

impl Delivery {
    pub fn new(cloudwatch: Option<CloudWatchLogs>, lines: Option<ExecutionLog>, backlog: Arc<Backlog>) -> Self {
        Self { cloudwatch, lines, backlog, streams: HashMap::new() }
    }

    /// Delivers what comes, for as long as something can come.
    pub async fn run(mut self, mut messages: mpsc::UnboundedReceiver<Message>) {
        let mut received = Vec::new();
        while messages.recv_many(&mut received, BATCH_EVENTS).await > 0 {
            let (mut records, mut flushed) = (Vec::with_capacity(received.len()), Vec::new());
            for message in received.drain(..) {
                match message {
                    Message::Record(record) => records.push(record),
                    Message::Flush(done) => flushed.push(done),
                }
            }
            let bytes = records.iter().map(Record::bytes).sum();
            self.deliver(records).await;
            self.backlog.delivered(bytes);
            self.backlog.say_lost();
            for done in flushed {
                // Who waited may have lost patience.
                let _ = done.send(());
            }
        }
    }

    async fn deliver(&mut self, records: Vec<Record>) {
        if let Some(log) = &self.lines {
            append(log.clone(), &records).await;
        }
        let Some(cloudwatch) = self.cloudwatch.clone() else { return };
        for (machine, events) in by_destination(records) {
            let count = events.len();
            let Some(destination) = Destination::of(&machine) else {
                tracing::error!(state_machine = %machine.arn, records = count, "its log group's ARN can't be read");
                continue;
            };
            for batch in batches(events) {
                if let Err(problem) = self.put(&cloudwatch, &destination, &batch).await {
                    tracing::error!(
                        state_machine = %machine.arn,
                        log_group = %destination.group,
                        records = batch.len(),
                        %problem,
                        "records of executions were not delivered to CloudWatch Logs"
                    );
                }
            }
        }
    }

    async fn put(
        &mut self,
        cloudwatch: &CloudWatchLogs,
        destination: &Destination,
        batch: &[LogEvent],
    ) -> Result<(), DeliveryProblem> {
        if let Some(stream) = self.streams.get(destination).cloned() {
            match again(|| cloudwatch.put(destination.stream(&stream), batch)).await {
                // Somebody deleted the stream or its group, which may be there again.
                Err(DeliveryProblem::Refused { code, .. }) if code == "ResourceNotFoundException" => {
                    self.streams.remove(destination);
                }
                result => return result,
            }
        }
        let stream = self.begin(cloudwatch, destination).await?;
        again(|| cloudwatch.put(destination.stream(&stream), batch)).await
    }

    /// Creates a stream for a destination, as AWS names them: with the time, and something that is random.
    async fn begin(
        &mut self,
        cloudwatch: &CloudWatchLogs,
        destination: &Destination,
    ) -> Result<SmolStr, DeliveryProblem> {
        let first = destination.stream(FIRST_STREAM);
        let now = chrono::Utc::now();
        if again(|| cloudwatch.create(first)).await? {
            let event = LogEvent { timestamp: now.timestamp_millis(), message: FIRST_MESSAGE.to_owned() };
            again(|| cloudwatch.put(first, std::slice::from_ref(&event))).await?;
        }
        let id = uuid::Uuid::new_v4().simple().to_string();
        let (time, id) = (now.format("%Y-%m-%d-%H-%M"), &id[..8]);
        let stream = SmolStr::from(format!("states/{}/{time}/{id}", destination.machine));
        again(|| cloudwatch.create(destination.stream(&stream))).await?;
        if self.streams.len() >= MOST_STREAMS {
            self.streams.clear();
        }
        self.streams.insert(destination.clone(), stream.clone());
        Ok(stream)
    }
}

/// Tries it again where that may help.
async fn again<T, F: Future<Output = Result<T, DeliveryProblem>>>(
    attempt: impl Fn() -> F,
) -> Result<T, DeliveryProblem> {
    for pause in PAUSES {
        match attempt().await {
            Err(problem) if problem.may_pass() => tokio::time::sleep(pause).await,
            result => return result,
        }
    }
    attempt().await
}

async fn append(log: ExecutionLog, records: &[Record]) {
    let mut text = String::with_capacity(records.iter().map(|record| record.event.message.len() + 1).sum());
    for record in records {
        text.push_str(&record.event.message);
        text.push('\n');
    }
    let written = tokio::task::spawn_blocking(move || lines::append(&log, &text)).await;
    let problem = match written {
        Ok(Ok(())) => return,
        Ok(Err(problem)) => problem.to_string(),
        Err(problem) => problem.to_string(),
    };
    tracing::error!(records = records.len(), problem, "records of executions were not written to the execution log");
}

/// The records of each destination in their order.
fn by_destination(records: Vec<Record>) -> Vec<(Arc<StateMachine>, Vec<LogEvent>)> {
    let mut found: Vec<(Arc<StateMachine>, Vec<LogEvent>)> = Vec::new();
    let mut places: HashMap<(SmolStr, Option<SmolStr>), usize> = HashMap::new();
    let mut last: Option<(*const StateMachine, usize)> = None;
    for record in records {
        let machine = Arc::as_ptr(&record.machine);
        let place = match last {
            Some((known, place)) if known == machine => place,
            _ => {
                let key = (record.machine.arn.clone(), group_arn(&record.machine).cloned());
                *places.entry(key).or_insert_with(|| {
                    found.push((record.machine.clone(), Vec::new()));
                    found.len() - 1
                })
            }
        };
        last = Some((machine, place));
        found[place].1.push(record.event);
    }
    found
}

/// Whose and which group this is: `arn:aws:logs:<region>:<account>:log-group:<name>:*`.
pub(super) fn group(arn: &str) -> Option<(Namespace, &str)> {
    let arn = Arn::parse(arn)?;
    let group = arn.resource.strip_prefix("log-group:")?;
    let namespace = Namespace { account: arn.account.into(), region: arn.region.into() };
    Some((namespace, group.strip_suffix(":*").unwrap_or(group)))
}

fn group_arn(machine: &StateMachine) -> Option<&SmolStr> {
    machine.logging.destinations.iter().flatten().flatten().next()
}

/// The lines in the order of their times, in batches that PutLogEvents takes.
fn batches(mut events: Vec<LogEvent>) -> Vec<Vec<LogEvent>> {
    events.sort_by_key(|event| event.timestamp);
    let mut batches: Vec<Vec<LogEvent>> = Vec::new();
    let (mut bytes, mut begin) = (0, 0);
    for event in events {
        let size = event.message.len() + EVENT_BYTES;
        match batches.last_mut() {
            Some(batch)
                if batch.len() < BATCH_EVENTS
                    && bytes + size <= BATCH_BYTES
                    && event.timestamp.saturating_sub(begin) < BATCH_MILLIS =>
            {
                bytes += size;
                batch.push(event);
            }
            _ => {
                (bytes, begin) = (size, event.timestamp);
                batches.push(vec![event]);
            }
        }
    }
    batches
}

impl Destination {
    fn of(machine: &StateMachine) -> Option<Destination> {
        let (namespace, group) = group(group_arn(machine)?)?;
        (!group.is_empty()).then(|| Destination { namespace, group: group.into(), machine: machine.name.clone() })
    }

    fn stream<'a>(&'a self, stream: &'a str) -> LogStream<'a> {
        LogStream { namespace: &self.namespace, group: &self.group, stream }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn batches_keep_the_order_and_the_limits() {
        let event = |timestamp, length: usize| LogEvent { timestamp, message: "x".repeat(length) };
        let shape = |events| {
            let batches = batches(events);
            batches.iter().map(|b| b.iter().map(|e| e.timestamp).collect::<Vec<_>>()).collect::<Vec<_>>()
        };
        for (events, expected) in [
            (vec![], vec![]),
            (vec![event(2, 1), event(1, 1), event(2, 1)], vec![vec![1, 2, 2]]),
            (vec![event(1, 600_000), event(2, 400_000), event(3, 100_000)], vec![vec![1, 2], vec![3]]),
            (
                vec![event(0, 1), event(BATCH_MILLIS - 1, 1), event(BATCH_MILLIS, 1)],
                vec![vec![0, BATCH_MILLIS - 1], vec![BATCH_MILLIS]],
            ),
        ] {
            assert_eq!(shape(events), expected);
        }
        let many = batches((0..25_000).map(|_| event(0, 1)).collect());
        assert_eq!(many.iter().map(Vec::len).collect::<Vec<_>>(), [10_000, 10_000, 5_000]);
    }
}
