//! Aliases: names that lead to one or two versions of a state machine.

use super::version::Published;
use super::{Page, Refusal, Registry, Version};
use crate::arn::Namespace;
use crate::timestamp::Timestamp;
use smol_str::SmolStr;
use std::ops::Bound;
use std::sync::Arc;

/// An alias of a state machine.
#[derive(Clone, Debug)]
pub struct Alias {
    /// Its name.
    pub name: SmolStr,
    /// Its ARN: the state machine's with the name.
    pub arn: SmolStr,
    /// `description`
    pub description: Option<SmolStr>,
    /// One or two versions.
    pub routes: Vec<Route>,
    /// When it was created.
    pub creation_date: Timestamp,
    /// When it was changed last.
    pub update_date: Timestamp,
}

/// A version that an alias leads to.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Route {
    /// The version's number.
    pub version: u64,
    /// The version's ARN.
    pub version_arn: SmolStr,
    /// How many of a hundred executions run it.
    pub weight: i64,
}

impl Alias {
    /// Whether it leads to this version, be it with weight 0.
    pub fn leads_to(&self, version: u64) -> bool {
        self.routes.iter().any(|route| route.version == version)
    }

    /// The version for an execution, by a number in `0..100`.
    fn version(&self, drawn: i64) -> Option<u64> {
        let mut below = 0;
        let route = self.routes.iter().find(|route| {
            below += route.weight;
            drawn < below
        });
        route.map(|route| route.version)
    }

    /// Whether another one has the same description and leads to the same versions; their order doesn't matter.
    fn is_like(&self, other: &Alias) -> bool {
        self.description == other.description && same_routes(&self.routes, &other.routes)
    }
}

fn same_routes(some: &[Route], others: &[Route]) -> bool {
    some.len() == others.len() && some.iter().all(|route| others.contains(route))
}

impl Published {
    fn has_all(&self, routes: &[Route]) -> Result<(), Refusal> {
        let all = routes.iter().all(|route| self.versions.contains_key(&route.version));
        if all { Ok(()) } else { Err(Refusal::NoVersion) }
    }
}

impl Registry {
    /// Adds an alias to a state machine, unless there are `limit` already. One that is there and the same stays.
    pub fn create_alias(
        &self,
        namespace: &Namespace,
        machine: &str,
        alias: Alias,
        limit: usize,
    ) -> Result<Arc<Alias>, Refusal> {
        let mut namespaces = self.write();
        let resources = namespaces.get_mut(namespace).ok_or(Refusal::NoStateMachine)?;
        resources.active(machine)?;
        let published = resources.published.get_mut(machine).ok_or(Refusal::NoVersion)?;
        published.has_all(&alias.routes)?;
        match published.aliases.get(&alias.name) {
            Some(existing) if existing.is_like(&alias) => return Ok(existing.clone()),
            Some(_) => return Err(Refusal::OtherAlias),
            None if published.aliases.len() >= limit => return Err(Refusal::TooManyAliases),
            None => {}
        }
        let alias = Arc::new(alias);
        published.aliases.insert(alias.name.clone(), alias.clone());
        Ok(alias)
    }

    /// Gives an alias another description or other versions. One that has them already stays as it is.
    pub fn update_alias(
        &self,
        namespace: &Namespace,
        machine: &str,
        name: &str,
        description: Option<SmolStr>,
        routes: Option<Vec<Route>>,
        at: Timestamp,
    ) -> Result<Arc<Alias>, Refusal> {
        let mut namespaces = self.write();
        let resources = namespaces.get_mut(namespace).ok_or(Refusal::NoAlias)?;
        let published = resources.published.get(machine).ok_or(Refusal::NoAlias)?;
        let existing = published.aliases.get(name).ok_or(Refusal::NoAlias)?;
        resources.active(machine)?;
        published.has_all(routes.as_deref().unwrap_or_default())?;
        let mut changed = Alias { update_date: at, ..Alias::clone(existing) };
        changed.description = description.or(changed.description);
        changed.routes = routes.unwrap_or(changed.routes);
        if existing.is_like(&changed) {
            return Ok(existing.clone());
        }
        let changed = Arc::new(changed);
        let published = resources.published.entry(machine.into()).or_default();
        published.aliases.insert(changed.name.clone(), changed.clone());
        Ok(changed)
    }

    /// An alias of a state machine.
    pub fn alias(&self, namespace: &Namespace, machine: &str, name: &str) -> Option<Arc<Alias>> {
        self.read().get(namespace)?.published.get(machine)?.aliases.get(name).cloned()
    }

    /// An alias with the version that an execution runs, by a number in `0..100`.
    pub fn alias_version(
        &self,
        namespace: &Namespace,
        machine: &str,
        name: &str,
        drawn: i64,
    ) -> Option<(Arc<Alias>, Arc<Version>)> {
        let namespaces = self.read();
        let published = namespaces.get(namespace)?.published.get(machine)?;
        let alias = published.aliases.get(name)?;
        let version = published.versions.get(&alias.version(drawn)?)?;
        Some((alias.clone(), version.clone()))
    }

    /// The aliases after this name, of all or of one version, as many as `limit`.
    pub fn aliases(
        &self,
        namespace: &Namespace,
        machine: &str,
        version: Option<u64>,
        after: Option<&str>,
        limit: usize,
    ) -> Page<Alias> {
        let namespaces = self.read();
        let published = namespaces.get(namespace).and_then(|resources| resources.published.get(machine));
        let Some(published) = published else { return Page { items: Vec::new(), more: false } };
        let start = after.map_or(Bound::Unbounded, Bound::Excluded);
        let all = published.aliases.range::<str, _>((start, Bound::Unbounded)).map(|(_, alias)| alias);
        let mut rest = all.filter(|alias| version.is_none_or(|version| alias.leads_to(version)));
        let items = rest.by_ref().take(limit).cloned().collect();
        Page { items, more: rest.next().is_some() }
    }

    /// Forgets an alias, if there is one of this name.
    pub fn delete_alias(&self, namespace: &Namespace, machine: &str, name: &str) {
        let mut namespaces = self.write();
        let published = namespaces.get_mut(namespace).and_then(|resources| resources.published.get_mut(machine));
        if let Some(published) = published {
            published.aliases.remove(name);
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn alias(routes: &[(u64, i64)]) -> Alias {
        let route = |&(version, weight): &(u64, i64)| Route { version, version_arn: SmolStr::default(), weight };
        Alias {
            name: "PROD".into(),
            arn: "arn".into(),
            description: None,
            routes: routes.iter().map(route).collect(),
            creation_date: Timestamp::from_millis(0),
            update_date: Timestamp::from_millis(0),
        }
    }

    #[test]
    fn weights_are_shares_of_a_hundred() {
        for (routes, share) in [
            (&[(1, 100)][..], 100),
            (&[(1, 0), (2, 100)], 0),
            (&[(1, 100), (2, 0)], 100),
            (&[(1, 90), (2, 10)], 90),
            (&[(1, 1), (2, 99)], 1),
        ] {
            let alias = alias(routes);
            let first = (0..100).filter(|drawn| alias.version(*drawn) == Some(1)).count();
            assert_eq!(first, share, "{routes:?}");
            assert!((0..100).all(|drawn| alias.version(drawn).is_some()), "{routes:?}");
        }
    }

    #[test]
    fn the_order_of_two_versions_does_not_matter() {
        assert!(alias(&[(1, 90), (2, 10)]).is_like(&alias(&[(2, 10), (1, 90)])));
        assert!(!alias(&[(1, 90), (2, 10)]).is_like(&alias(&[(1, 10), (2, 90)])));
        assert!(!alias(&[(1, 100)]).is_like(&alias(&[(1, 100), (2, 0)])));
    }
}
