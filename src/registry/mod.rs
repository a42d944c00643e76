//! What has been created: state machines with their versions and aliases, and activities, of all accounts and regions, in
//! memory.
//!
//! It knows nothing of executions, time, chance or HTTP; what it is told, it keeps. Its lock is held only while an entry is
//! looked up or changed: entries are shared, so that a reader keeps what it found.

mod activity;
mod alias;
mod state_machine;
mod tag;
mod version;

pub use activity::Activity;
pub use alias::{Alias, Route};
pub use state_machine::{Changes, Encryption, LogLevel, Logging, StateMachine, Status};
pub use tag::{Resource, Tag, Tagging};
pub use version::{Association, Publication, Version};

use crate::arn::{Arn, Namespace};
use crate::timestamp::Timestamp;
use foldhash::fast::RandomState;
use smol_str::SmolStr;
use std::collections::{BTreeMap, HashMap};
use std::ops::Bound;
use std::sync::atomic::{AtomicU64, Ordering};
use std::sync::{Arc, PoisonError, RwLock, RwLockReadGuard, RwLockWriteGuard};

/// State machines and activities, by namespace and name.
#[derive(Debug, Default)]
pub struct Registry {
    namespaces: RwLock<Namespaces>,
    /// How often state machines were deleted.
    deletions: AtomicU64,
}

type Namespaces = HashMap<Namespace, Resources, RandomState>;

#[derive(Debug, Default)]
struct Resources {
    state_machines: BTreeMap<SmolStr, Arc<StateMachine>>,
    /// What was published of state machines, by their names.
    published: HashMap<SmolStr, version::Published>,
    activities: BTreeMap<SmolStr, Arc<Activity>>,
    /// How many state machines are being deleted; mostly none, which spares a search.
    deleting: usize,
}

/// What came of a creation.
#[derive(Debug)]
pub enum Created<T> {
    /// It is new.
    New(Arc<T>),
    /// There was one of this name, which stays as it is.
    Existing(Arc<T>),
    /// There are as many as there may be.
    LimitExceeded,
}

/// Why a change of a state machine, its versions or aliases was not made.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Refusal {
    /// There is no such state machine.
    NoStateMachine,
    /// It is being deleted.
    Deleting,
    /// Its revision isn't the one that was asked for, but this.
    OtherRevision(Option<SmolStr>),
    /// There is no such version.
    NoVersion,
    /// There is no such alias.
    NoAlias,
    /// There is an alias of this name, which is different.
    OtherAlias,
    /// These aliases lead to the version.
    Referenced(Vec<SmolStr>),
    /// There are as many versions as there may be.
    TooManyVersions,
    /// There are as many aliases as there may be.
    TooManyAliases,
}

/// A page of a list, in the order of the list.
#[derive(Debug)]
pub struct Page<T> {
    /// What is on it.
    pub items: Vec<Arc<T>>,
    /// Whether there are more.
    pub more: bool,
}

impl Registry {
    fn read(&self) -> RwLockReadGuard<'_, Namespaces> {
        self.namespaces.read().unwrap_or_else(PoisonError::into_inner)
    }

    fn write(&self) -> RwLockWriteGuard<'_, Namespaces> {
        self.namespaces.write().unwrap_or_else(PoisonError::into_inner)
    }

    /// A number that is another one once any state machine was marked as being deleted, or forgotten: whoever finds it
    /// unchanged need not look again for the state machine that it found.
    pub fn deletions(&self) -> u64 {
        self.deletions.load(Ordering::SeqCst)
    }

    /// The state machine of this name.
    pub fn state_machine(&self, namespace: &Namespace, name: &str) -> Option<Arc<StateMachine>> {
        self.read().get(namespace)?.state_machines.get(name).cloned()
    }

    /// Adds a state machine, with its first version if it is to have one, unless there is one of its name or there are
    /// `limit` already.
    pub fn create_state_machine(
        &self,
        namespace: &Namespace,
        machine: StateMachine,
        limit: usize,
    ) -> Created<StateMachine> {
        let mut namespaces = self.write();
        let resources = resources(&mut namespaces, namespace);
        let created = create(&mut resources.state_machines, machine.name.clone(), machine, limit);
        if let Created::New(machine) = &created
            && machine.publish
        {
            resources.published.insert(machine.name.clone(), version::Published::first(machine));
        }
        created
    }

    /// Changes a state machine, if the changes change anything: then it has this revision from now on. Publishes what it
    /// is then, if that is asked for too; a refusal of one is a refusal of both.
    pub fn update_state_machine(
        &self,
        namespace: &Namespace,
        name: &str,
        changes: Changes,
        revision: SmolStr,
        at: Timestamp,
        publication: Option<Publication>,
    ) -> Result<(Arc<StateMachine>, Option<Arc<Version>>), Refusal> {
        let mut namespaces = self.write();
        let resources = namespaces.get_mut(namespace).ok_or(Refusal::NoStateMachine)?;
        let current = resources.active(name)?;
        let changed = current.changed(changes, revision, at).map_or(current, Arc::new);
        let version = publication.map(|publication| resources.publish(&changed, publication)).transpose()?;
        resources.state_machines.insert(changed.name.clone(), changed.clone());
        Ok((changed, version))
    }

    /// The state machines after this name, as many as `limit`.
    pub fn state_machines(&self, namespace: &Namespace, after: Option<&str>, limit: usize) -> Page<StateMachine> {
        page(self.read().get(namespace).map(|resources| &resources.state_machines), after, limit)
    }

    /// Marks a state machine as being deleted; nothing if there is none of this name.
    pub fn mark_deleting(&self, namespace: &Namespace, name: &str) -> Option<Arc<StateMachine>> {
        let mut namespaces = self.write();
        let resources = namespaces.get_mut(namespace)?;
        let machine = resources.state_machines.get_mut(name)?;
        if machine.status == Status::Active {
            *machine = Arc::new(StateMachine { status: Status::Deleting, ..StateMachine::clone(machine) });
            resources.deleting += 1;
            self.deletions.fetch_add(1, Ordering::SeqCst);
        }
        Some(machine.clone())
    }

    /// The names of the state machines that are being deleted.
    pub fn deleting(&self, namespace: &Namespace) -> Vec<SmolStr> {
        let namespaces = self.read();
        let Some(resources) = namespaces.get(namespace).filter(|resources| resources.deleting > 0) else {
            return Vec::new();
        };
        let machines = resources.state_machines.values();
        machines.filter(|machine| machine.status == Status::Deleting).map(|machine| machine.name.clone()).collect()
    }

    /// Forgets a state machine that is being deleted, if it may be; nobody can create another of its name before that
    /// was answered.
    pub fn forget_state_machine(&self, namespace: &Namespace, name: &str, may: impl FnOnce() -> bool) {
        let mut namespaces = self.write();
        let Some(resources) = namespaces.get_mut(namespace) else { return };
        let is_deleting = resources.state_machines.get(name).is_some_and(|machine| machine.status == Status::Deleting);
        if is_deleting && may() {
            resources.state_machines.remove(name);
            resources.published.remove(name);
            resources.deleting -= 1;
        }
    }

    /// Forgets everything in one namespace, or in all.
    pub fn reset(&self, namespace: Option<&Namespace>) {
        let mut namespaces = self.write();
        self.deletions.fetch_add(1, Ordering::SeqCst);
        match namespace {
            Some(namespace) => drop(namespaces.remove(namespace)),
            None => namespaces.clear(),
        }
    }

    /// The activity of this name.
    pub fn activity(&self, namespace: &Namespace, name: &str) -> Option<Arc<Activity>> {
        self.read().get(namespace)?.activities.get(name).cloned()
    }

    /// Whether there is an activity with this ARN.
    pub fn activity_exists(&self, arn: &str) -> bool {
        let Some(parsed) = Arn::parse(arn) else { return false };
        let Some(name) = parsed.resource.strip_prefix("activity:") else { return false };
        let namespace = Namespace { account: parsed.account.into(), region: parsed.region.into() };
        self.activity(&namespace, name).is_some_and(|activity| activity.arn == arn)
    }

    /// Adds an activity, unless there is one of its name or there are `limit` already.
    pub fn create_activity(&self, namespace: &Namespace, activity: Activity, limit: usize) -> Created<Activity> {
        let mut namespaces = self.write();
        create(&mut resources(&mut namespaces, namespace).activities, activity.name.clone(), activity, limit)
    }

    /// The activities after this name, as many as `limit`.
    pub fn activities(&self, namespace: &Namespace, after: Option<&str>, limit: usize) -> Page<Activity> {
        page(self.read().get(namespace).map(|resources| &resources.activities), after, limit)
    }

    /// Forgets an activity, if there is one of this name.
    pub fn delete_activity(&self, namespace: &Namespace, name: &str) {
        if let Some(resources) = self.write().get_mut(namespace) {
            resources.activities.remove(name);
        }
    }
}

fn resources<'r>(namespaces: &'r mut Namespaces, namespace: &Namespace) -> &'r mut Resources {
    if !namespaces.contains_key(namespace) {
        namespaces.insert(namespace.clone(), Resources::default());
    }
    namespaces.get_mut(namespace).expect("the namespace was just added")
}

fn create<T>(entries: &mut BTreeMap<SmolStr, Arc<T>>, name: SmolStr, entry: T, limit: usize) -> Created<T> {
    if let Some(existing) = entries.get(&name) {
        return Created::Existing(existing.clone());
    }
    if entries.len() >= limit {
        return Created::LimitExceeded;
    }
    let entry = Arc::new(entry);
    entries.insert(name, entry.clone());
    Created::New(entry)
}

fn page<T>(entries: Option<&BTreeMap<SmolStr, Arc<T>>>, after: Option<&str>, limit: usize) -> Page<T> {
    let Some(entries) = entries else { return Page { items: Vec::new(), more: false } };
    let start = after.map_or(Bound::Unbounded, Bound::Excluded);
    let mut rest = entries.range::<str, _>((start, Bound::Unbounded)).map(|(_, entry)| entry.clone());
    let items = rest.by_ref().take(limit).collect();
    Page { items, more: rest.next().is_some() }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn here() -> Namespace {
        Namespace { account: "123456789012".into(), region: "us-east-1".into() }
    }

    fn activity(name: &str) -> Activity {
        Activity {
            name: name.into(),
            arn: here().activity_arn(name),
            creation_date: Timestamp::from_millis(0),
            encryption: Encryption::default(),
            tags: Vec::new(),
        }
    }

    #[test]
    fn lists_are_ordered_by_name_and_come_in_pages() {
        let registry = Registry::default();
        for name in ["b", "_a", "c", "B"] {
            assert!(matches!(registry.create_activity(&here(), activity(name), 4), Created::New(_)));
        }
        let names = |after: Option<&str>, limit| {
            let page = registry.activities(&here(), after, limit);
            (page.items.iter().map(|a| a.name.to_string()).collect::<Vec<_>>().join(" "), page.more)
        };
        assert_eq!(names(None, 2), ("B _a".to_owned(), true));
        assert_eq!(names(Some("_a"), 2), ("b c".to_owned(), false));
        assert_eq!(names(Some("bb"), 9), ("c".to_owned(), false));
        assert!(matches!(registry.create_activity(&here(), activity("d"), 4), Created::LimitExceeded));
        assert!(matches!(registry.create_activity(&here(), activity("c"), 4), Created::Existing(_)));
    }

    #[test]
    fn namespaces_never_meet() {
        let registry = Registry::default();
        registry.create_activity(&here(), activity("a"), 9);
        let there = Namespace { account: "123456789012".into(), region: "eu-west-1".into() };
        assert!(registry.activity(&there, "a").is_none());
        assert!(registry.activity_exists("arn:aws:states:us-east-1:123456789012:activity:a"));
        for arn in [
            "arn:aws:states:eu-west-1:123456789012:activity:a",
            "arn:aws-cn:states:us-east-1:123456789012:activity:a",
            "a",
        ] {
            assert!(!registry.activity_exists(arn), "{arn}");
        }
        registry.delete_activity(&here(), "a");
        assert!(!registry.activity_exists("arn:aws:states:us-east-1:123456789012:activity:a"));
    }

    #[test]
    fn a_page_of_many_is_found_at_once() {
        let registry = Registry::default();
        for i in 0..100_000 {
            registry.create_activity(&here(), activity(&format!("{i:06}")), 100_000);
        }
        let page = registry.activities(&here(), Some("099899"), 1000);
        assert_eq!((page.items.len(), page.more), (100, false));
        assert!(matches!(registry.create_activity(&here(), activity("x"), 100_000), Created::LimitExceeded));
    }
}
