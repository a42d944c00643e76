//! Versions of state machines: what a revision was, under a number that is never given again.

use super::alias::Alias;
use super::{Page, Refusal, Registry, Resources, StateMachine, Status};
use crate::arn::Namespace;
use crate::timestamp::Timestamp;
use smol_str::{SmolStr, format_smolstr};
use std::collections::BTreeMap;
use std::ops::Bound;
use std::sync::Arc;

/// A version of a state machine.
#[derive(Clone, Debug)]
pub struct Version {
    /// 1, 2, 3
    pub number: u64,
    /// Its ARN: the state machine's with the number.
    pub arn: SmolStr,
    /// `description`
    pub description: Option<SmolStr>,
    /// When it was published.
    pub creation_date: Timestamp,
    /// The state machine as it was then.
    pub machine: Arc<StateMachine>,
}

/// A version to publish.
#[derive(Clone, Debug)]
pub struct Publication {
    /// Its description.
    pub description: Option<SmolStr>,
    /// When it is published.
    pub at: Timestamp,
    /// How many versions a state machine may have.
    pub limit: usize,
}

/// The version that an execution was started with, and the alias that led to it.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Association {
    /// The version's ARN.
    pub version_arn: SmolStr,
    /// The alias's ARN, unless the version was named itself.
    pub alias_arn: Option<SmolStr>,
}

impl Association {
    /// Whether this is the version or the alias.
    pub fn has(&self, arn: &str) -> bool {
        self.version_arn == arn || self.alias_arn.as_deref() == Some(arn)
    }
}

/// What was published of a state machine.
#[derive(Debug, Default)]
pub(super) struct Published {
    pub versions: BTreeMap<u64, Arc<Version>>,
    /// The number that was given last.
    last: u64,
    pub aliases: BTreeMap<SmolStr, Arc<Alias>>,
}

impl Published {
    /// The first version of a new state machine.
    pub fn first(machine: &Arc<StateMachine>) -> Self {
        let mut published = Self::default();
        published.add(machine, machine.version_description.clone(), machine.creation_date);
        published
    }

    fn add(&mut self, machine: &Arc<StateMachine>, description: Option<SmolStr>, at: Timestamp) -> Arc<Version> {
        self.last += 1;
        let arn = format_smolstr!("{}:{}", machine.arn, self.last);
        let machine = machine.clone();
        let version = Arc::new(Version { number: self.last, arn, description, creation_date: at, machine });
        self.versions.insert(self.last, version.clone());
        version
    }
}

impl Resources {
    /// The state machine of this name, unless it is being deleted.
    pub(super) fn active(&self, name: &str) -> Result<Arc<StateMachine>, Refusal> {
        let machine = self.state_machines.get(name).ok_or(Refusal::NoStateMachine)?;
        if machine.status == Status::Deleting { Err(Refusal::Deleting) } else { Ok(machine.clone()) }
    }

    /// The version of this revision; a new one if there is none.
    pub(super) fn publish(
        &mut self,
        machine: &Arc<StateMachine>,
        publication: Publication,
    ) -> Result<Arc<Version>, Refusal> {
        let published = self.published.entry(machine.name.clone()).or_default();
        let newest = published.versions.values().next_back();
        if let Some(version) = newest.filter(|version| version.machine.revision == machine.revision) {
            return Ok(version.clone());
        }
        if published.versions.len() >= publication.limit {
            return Err(Refusal::TooManyVersions);
        }
        Ok(published.add(machine, publication.description, publication.at))
    }
}

impl Registry {
    /// Publishes a state machine as it is, if it has the `revision` that is asked for, and unless that was published.
    pub fn publish_version(
        &self,
        namespace: &Namespace,
        name: &str,
        revision: Option<Option<&str>>,
        publication: Publication,
    ) -> Result<Arc<Version>, Refusal> {
        let mut namespaces = self.write();
        let resources = namespaces.get_mut(namespace).ok_or(Refusal::NoStateMachine)?;
        let machine = resources.active(name)?;
        if revision.is_some_and(|revision| revision != machine.revision.as_deref()) {
            return Err(Refusal::OtherRevision(machine.revision.clone()));
        }
        resources.publish(&machine, publication)
    }

    /// A version of a state machine.
    pub fn version(&self, namespace: &Namespace, name: &str, number: u64) -> Option<Arc<Version>> {
        self.read().get(namespace)?.published.get(name)?.versions.get(&number).cloned()
    }

    /// The versions with numbers before this one, the highest first, as many as `limit`.
    pub fn versions(&self, namespace: &Namespace, name: &str, before: Option<u64>, limit: usize) -> Page<Version> {
        let namespaces = self.read();
        let published = namespaces.get(namespace).and_then(|resources| resources.published.get(name));
        let Some(published) = published else { return Page { items: Vec::new(), more: false } };
        let end = before.map_or(Bound::Unbounded, Bound::Excluded);
        let mut rest = published.versions.range((Bound::Unbounded, end)).rev().map(|(_, version)| version.clone());
        let items = rest.by_ref().take(limit).collect();
        Page { items, more: rest.next().is_some() }
    }

    /// Forgets a version, unless aliases lead to it. Nothing if there is none.
    pub fn delete_version(&self, namespace: &Namespace, name: &str, number: u64) -> Result<(), Refusal> {
        let mut namespaces = self.write();
        let published = namespaces.get_mut(namespace).and_then(|resources| resources.published.get_mut(name));
        let Some(published) = published else { return Ok(()) };
        let leading = published.aliases.values().filter(|alias| alias.leads_to(number));
        let leading: Vec<SmolStr> = leading.map(|alias| alias.name.clone()).collect();
        if !leading.is_empty() {
            return Err(Refusal::Referenced(leading));
        }
        published.versions.remove(&number);
        Ok(())
    }
}
