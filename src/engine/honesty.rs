//! What executions did not do as on AWS: reports, and what of it is known when an execution begins.
//!
//! What a state meets, the execution keeps. What holds for a whole execution follows from its state machine and its start;
//! it is worked out when somebody asks, or when it may be what the execution fails for. So is what became of the executions
//! that it started, which may go on for longer than it does itself.

use super::executions::{Entry, EntryState};
use super::{Engine, Status};
use crate::arn::{Arn, Namespace};
use crate::failure::Runtime;
use crate::honesty::{Deviation, Finding, Kind};
use crate::interpreter::{Signal, Subject, TaskId};
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
    /// What it failed for, if only Stepwell fails for it.
    pub(super) ours: Option<Runtime>,
}

/// How many executions are looked at for what one has started, which others may have started again and again.
const MOST_NESTED: usize = 100;

impl Engine {
    /// The report of a Standard execution, or of an Express execution that runs or is one of the last `REPORTS` that have
    /// ended; with what those met that it started, or asked about.
    pub fn honesty_of(&self, arn: &str) -> Option<Report> {
        let mut report = self.own_report(arn)?;
        self.add_children(&mut report);
        let mut seen: Vec<(SmolStr, Option<SmolStr>)> = Vec::new();
        report.findings.retain_mut(|finding| {
            let Deviation::NestedExecution { execution_arn, kinds } = &mut finding.deviation else { return true };
            let place = (execution_arn.clone(), finding.place.as_ref().map(|place| place.state.clone()));
            if seen.contains(&place) {
                return false;
            }
            *kinds = self.kinds_of(execution_arn);
            seen.push(place);
            kinds.as_ref().is_none_or(|kinds| !kinds.is_empty())
        });
        Some(report)
    }

    /// Adds what the child executions of map runs met, each deviation once in each state; the events are in their histories.
    fn add_children(&self, report: &mut Report) {
        for child in self.children_of(&report.arn) {
            let Some(child) = self.honesty_of(&child) else { continue };
            report.is_cut_off |= child.is_cut_off;
            for mut finding in child.findings {
                if let Some(place) = &mut finding.place {
                    place.event = 0;
                }
                let is_known = |known: &Finding| {
                    let state = |finding: &Finding| finding.place.as_ref().map(|place| place.state.clone());
                    known.deviation == finding.deviation && state(known) == state(&finding)
                };
                if !report.findings.iter().any(is_known) {
                    report.findings.push(finding);
                }
            }
        }
    }

    /// The same of itself alone.
    fn own_report(&self, arn: &str) -> Option<Report> {
        let parsed = Arn::parse(arn).filter(|parsed| parsed.service == "states")?;
        let namespace = Namespace { account: parsed.account.into(), region: parsed.region.into() };
        let mut parts = parsed.resource.splitn(3, ':');
        let report = match parts.next()? {
            "execution" => {
                let entry = self.shared().executions.get(&namespace, parts.next()?, parts.next()?)?;
                let state = entry.lock();
                self.report_locked(&entry, &state)
            }
            "express" => {
                // Children of map runs are found like Standard executions, also when they have ended.
                let (machine, name) = (parts.next()?, parts.next()?);
                match self.shared().executions.get(&namespace, machine, name) {
                    Some(entry) => self.report_locked(&entry, &entry.lock()),
                    None => self.express_report(&namespace, arn)?,
                }
            }
            _ => return None,
        };
        // The partition is not part of the names that executions are found by.
        (report.arn == arn).then_some(report)
    }

    fn express_report(&self, namespace: &Namespace, arn: &str) -> Option<Report> {
        let express = &self.shared().express;
        let running = || {
            express.all(Some(namespace)).into_iter().find_map(|entry| {
                let state = entry.lock();
                (state.execution.identity().arn == arn).then(|| self.report_locked(&entry, &state))
            })
        };
        // What ends between the first two questions is found by the third.
        express.report(arn).or_else(running).or_else(|| express.report(arn))
    }

    /// The kinds of what an execution met, and of what those met that it started, as far as these are known; nothing if it
    /// isn't known itself.
    fn kinds_of(&self, arn: &SmolStr) -> Option<Box<[Kind]>> {
        let (mut arns, mut met) = (vec![arn.clone()], Vec::new());
        let mut next = 0;
        while let Some(arn) = arns.get(next) {
            let mut report = self.own_report(arn);
            if let Some(report) = &mut report {
                self.add_children(report);
            }
            if report.is_none() && next == 0 {
                return None;
            }
            next += 1;
            // Of what isn't known, or isn't looked at any more, nobody can say that it was as on AWS.
            if report.as_ref().is_none_or(|report| report.is_cut_off) || next == MOST_NESTED {
                met.push(Kind::NestedExecution);
            }
            if next == MOST_NESTED {
                break;
            }
            for finding in report.into_iter().flat_map(|report| report.findings) {
                match finding.deviation {
                    Deviation::NestedExecution { execution_arn, .. } if arns.contains(&execution_arn) => {}
                    Deviation::NestedExecution { execution_arn, .. } => arns.push(execution_arn),
                    deviation => met.push(deviation.kind()),
                }
            }
        }
        Some(Kind::ALL.into_iter().filter(|kind| met.contains(kind)).collect())
    }

    /// That a task knows of another execution. If it was told what became of it, that may have met what must fail this one too;
    /// otherwise nothing of it is known here, and whoever asks for the report finds out.
    pub(super) fn nested(&self, entry: &Entry, task: TaskId, execution_arn: SmolStr, is_told: bool) -> Vec<Signal> {
        if entry.lock().execution.identity().arn == execution_arn {
            return Vec::new();
        }
        let failed = if is_told { self.nested_failed(task, &execution_arn) } else { None };
        let nothing_yet =
            Deviation::NestedExecution { execution_arn: execution_arn.clone(), kinds: Some(Box::default()) };
        let forbidden = if is_told { self.forbidden(execution_arn) } else { None };
        let deviation = forbidden.unwrap_or(nothing_yet);
        let met = Signal::Met { subject: Subject::Task(task), deviations: [deviation].into() };
        [met].into_iter().chain(failed).collect()
    }

    /// The same of one that has been waited for.
    pub(super) fn nested_ended(&self, task: TaskId, execution_arn: SmolStr) -> Vec<Signal> {
        let failed = self.nested_failed(task, &execution_arn);
        let met = self.nested_met(task, execution_arn);
        met.into_iter().chain(failed).collect()
    }

    /// What an execution met, if that fails the one that waited for it.
    pub(super) fn nested_met(&self, task: TaskId, execution_arn: SmolStr) -> Option<Signal> {
        let deviation = self.forbidden(execution_arn)?;
        Some(Signal::Met { subject: Subject::Task(task), deviations: [deviation].into() })
    }

    /// That an execution failed for what only Stepwell fails for, whatever the one that waited for it makes of failures.
    pub(super) fn nested_failed(&self, task: TaskId, execution_arn: &SmolStr) -> Option<Signal> {
        let problem = self.own_report(execution_arn)?.ours?.of_nested(execution_arn.clone());
        Some(Signal::NestedFailed { task, problem })
    }

    /// What another execution met, if that fails this one.
    fn forbidden(&self, execution_arn: SmolStr) -> Option<Deviation> {
        let strictness = self.shared().rules.strictness;
        if !strictness.is_any() {
            return None;
        }
        let kinds = self.kinds_of(&execution_arn);
        Some(Deviation::NestedExecution { execution_arn, kinds }).filter(|deviation| strictness.forbids(deviation))
    }

    pub(super) fn report_locked(&self, entry: &Entry, state: &EntryState) -> Report {
        let of_all = self.deviations(entry).into_iter().map(Finding::of_all);
        let met = state.execution.findings();
        let findings = of_all.chain(met.into_iter().flat_map(|met| met.as_slice().iter().cloned())).collect();
        let is_cut_off = met.is_some_and(|met| met.is_full());
        let ours = state.execution.ours().cloned();
        Report { arn: state.execution.identity().arn.clone(), status: entry.status(), findings, is_cut_off, ours }
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
