//! What executions did not do as on AWS: reports, and what of it is known when an execution begins.
//!
//! What a state meets, the execution keeps. What holds for a whole execution follows from its state machine and its start;
//! it is worked out when somebody asks, or when it may be what the execution fails for.

use super::executions::{Entry, EntryState};
use super::{Engine, Status};
use crate::arn::Namespace;
use crate::honesty::{Deviation, Finding};
use crate::interpreter::{Signal, Subject};
use crate::registry::{Encryption, LogLevel};
use smol_str::SmolStr;
use std::sync::Arc;

/// What of an execution was not as on AWS, so far.
#[derive(Clone, Debug)]
pub struct Report {
    /// Its ARN.
    pub arn: SmolStr,
    /// Its status.
    pub status: Status,
    /// What it met: at first what holds for all of it, then in the order in which it was met.
    pub findings: Vec<Finding>,
    /// Whether there may be more than is kept.
    pub is_cut_off: bool,
}

impl Engine {
    /// The report of a Standard execution.
    pub fn report_of(&self, namespace: &Namespace, machine: &str, name: &str) -> Option<Report> {
        let entry = self.shared().executions.get(namespace, machine, name)?;
        let state = entry.lock();
        Some(self.report_locked(&entry, &state))
    }

    /// The report of an Express execution that runs, or is one of the last `REPORTS` that have ended.
    pub fn express_report_of(&self, namespace: &Namespace, arn: &str) -> Option<Report> {
        let express = &self.shared().express;
        // What ends between the two questions is found by the second.
        let running = express.all(Some(namespace)).into_iter().find_map(|entry| {
            let state = entry.lock();
            (state.execution.identity().arn == arn).then(|| self.report_locked(&entry, &state))
        });
        running.or_else(|| express.report(arn))
    }

    pub(super) fn report_locked(&self, entry: &Entry, state: &EntryState) -> Report {
        let of_all = self.deviations(entry).into_iter().map(Finding::of_all);
        let met = state.execution.findings();
        let findings = of_all.chain(met.into_iter().flat_map(|met| met.as_slice().iter().cloned())).collect();
        let is_cut_off = met.is_some_and(|met| met.is_full());
        Report { arn: state.execution.identity().arn.clone(), status: entry.status(), findings, is_cut_off }
    }

    /// What an execution begins with, or begins again: it may fail at once.
    pub(super) fn beginning(&self, entry: &Arc<Entry>, first: Signal) -> Vec<Signal> {
        let strictness = self.shared().rules.strictness;
        if !strictness.is_any() {
            return vec![first];
        }
        let met = Signal::Met { subject: Subject::Execution, deviations: self.deviations(entry).into() };
        vec![first, met]
    }

    /// What holds for a whole execution.
    fn deviations(&self, entry: &Entry) -> Vec<Deviation> {
        let machine = &entry.machine;
        let mut deviations = Vec::new();
        // SDKs that are traced themselves send a header with every request, also where nothing is to be sampled.
        let is_sampled = entry.trace_header.as_ref().is_some_and(|header| !header.contains("Sampled=0"));
        if machine.tracing || is_sampled {
            deviations.push(Deviation::TracesNotSent);
        }
        if let Encryption::CustomerManagedKmsKey { key_id, .. } = &machine.encryption {
            deviations.push(Deviation::NotEncrypted { key_id: key_id.clone() });
        }
        if machine.logging.level != LogLevel::Off {
            let groups = machine.logging.destinations.iter().flatten().flatten();
            let unseen = groups.filter(|arn| !self.shared().logs.has_seen(arn));
            deviations.extend(unseen.map(|arn| Deviation::LogGroupNotChecked { log_group_arn: arn.clone() }));
        }
        deviations
    }
}
