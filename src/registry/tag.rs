//! Tags of state machines and activities.

use super::{Registry, Resources};
use crate::arn::Namespace;
use smol_str::SmolStr;
use std::borrow::Cow;
use std::sync::Arc;

/// A tag of a resource.
#[derive(Clone, Debug, PartialEq, Eq)]
#[allow(missing_docs)]
pub struct Tag {
    pub key: SmolStr,
    pub value: SmolStr,
}

/// What can have tags, by its name.
#[derive(Clone, Copy, Debug)]
#[allow(missing_docs)]
pub enum Resource<'n> {
    StateMachine(&'n str),
    Activity(&'n str),
}

/// What came of new tags.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Tagging {
    /// The resource has them.
    Done,
    /// There is no such resource.
    NotFound,
    /// It would have more than it may; it keeps what it had.
    LimitExceeded,
}

impl Resources {
    /// The tags to change. Whoever holds the resource keeps it as it was.
    fn tags(&mut self, resource: Resource<'_>) -> Option<&mut Vec<Tag>> {
        Some(match resource {
            Resource::StateMachine(name) => &mut Arc::make_mut(self.state_machines.get_mut(name)?).tags,
            Resource::Activity(name) => &mut Arc::make_mut(self.activities.get_mut(name)?).tags,
        })
    }
}

impl Registry {
    /// The tags of a resource.
    pub fn tags(&self, namespace: &Namespace, resource: Resource<'_>) -> Option<Vec<Tag>> {
        match resource {
            Resource::StateMachine(name) => self.state_machine(namespace, name).map(|machine| machine.tags.clone()),
            Resource::Activity(name) => self.activity(namespace, name).map(|activity| activity.tags.clone()),
        }
    }

    /// Gives a resource tags, unless it would have more than `limit` then. What it has of their keys is replaced.
    pub fn tag(&self, namespace: &Namespace, resource: Resource<'_>, added: Vec<Tag>, limit: usize) -> Tagging {
        let mut namespaces = self.write();
        let Some(tags) = namespaces.get_mut(namespace).and_then(|resources| resources.tags(resource)) else {
            return Tagging::NotFound;
        };
        let mut changed = tags.clone();
        for tag in added {
            match changed.iter_mut().find(|old| old.key == tag.key) {
                Some(old) => old.value = tag.value,
                None => changed.push(tag),
            }
        }
        if changed.len() > limit {
            return Tagging::LimitExceeded;
        }
        *tags = changed;
        Tagging::Done
    }

    /// Takes tags from a resource; whether there is such a resource.
    pub fn untag(&self, namespace: &Namespace, resource: Resource<'_>, keys: &[Cow<'_, str>]) -> bool {
        let mut namespaces = self.write();
        let tags = namespaces.get_mut(namespace).and_then(|resources| resources.tags(resource));
        tags.map(|tags| tags.retain(|tag| !keys.iter().any(|key| **key == *tag.key))).is_some()
    }
}
