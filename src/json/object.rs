//! The members of an object: an ordered list, with an index by name beside it once the object is large.

use super::{Memo, Value, write};
use smol_str::SmolStr;
use std::sync::OnceLock;

/// Up to this many members, looking through the list is faster than an index.
const SCANNED: usize = 12;

/// An object's members, in their order, with unique names.
#[derive(Debug, Default)]
pub struct Object {
    members: Box<[(SmolStr, Value)]>,
    /// The members' places sorted by name; made at the first look-up in a large object.
    by_name: OnceLock<Box<[u32]>>,
    memo: Memo,
}

impl Object {
    pub(super) fn new(mut members: Vec<(SmolStr, Value)>) -> Self {
        unique(&mut members);
        members.iter_mut().for_each(|(_, value)| value.forget_text());
        Self::of(members)
    }

    fn of(members: Vec<(SmolStr, Value)>) -> Self {
        let memo = Memo::of(members.iter().map(|(_, value)| value));
        Self { members: members.into_boxed_slice(), by_name: OnceLock::new(), memo }
    }

    pub(super) fn without_text(&self) -> Self {
        Self::of(self.members.to_vec())
    }

    pub(super) fn verbatim(mut members: Vec<(SmolStr, Value)>, text: &str) -> Self {
        unique(&mut members);
        let Self { members, by_name, memo } = Self::of(members);
        Self { members, by_name, memo: memo.with_text(text) }
    }

    /// The value of the member with this name.
    pub fn get(&self, name: &str) -> Option<&Value> {
        self.position(name).map(|i| &self.members[i].1)
    }

    /// Whether there is a member with this name.
    pub fn contains(&self, name: &str) -> bool {
        self.position(name).is_some()
    }

    /// The members in their order.
    pub fn iter(&self) -> impl ExactSizeIterator<Item = (&SmolStr, &Value)> {
        self.members.iter().map(|(name, value)| (name, value))
    }

    /// How many members there are.
    pub fn len(&self) -> usize {
        self.members.len()
    }

    /// Whether it is `{}`.
    pub fn is_empty(&self) -> bool {
        self.members.is_empty()
    }

    /// This object with the member `name` set to `value`: in its place if it is there, else at the end.
    pub fn with(&self, name: &str, mut value: Value) -> Value {
        value.forget_text();
        let mut members = Vec::with_capacity(self.len() + 1);
        members.extend_from_slice(&self.members);
        match self.position(name) {
            Some(i) => members[i].1 = value,
            None => members.push((name.into(), value)),
        }
        Value::Object(std::sync::Arc::new(Self::of(members)))
    }

    pub(super) fn size(&self) -> usize {
        self.memo.size(|| {
            let members: usize = self.iter().map(|(name, value)| write::string_size(name) + 1 + value.size()).sum();
            2 + self.len().saturating_sub(1) + members
        })
    }

    pub(super) fn depth(&self) -> usize {
        self.memo.depth as usize
    }

    pub(super) fn text(&self) -> Option<&str> {
        self.memo.text.as_deref()
    }

    fn position(&self, name: &str) -> Option<usize> {
        if self.members.len() <= SCANNED {
            return self.members.iter().position(|(n, _)| n == name);
        }
        let by_name = self.by_name.get_or_init(|| {
            let mut places: Box<[u32]> = (0..self.members.len() as u32).collect();
            places.sort_unstable_by(|a, b| self.members[*a as usize].0.cmp(&self.members[*b as usize].0));
            places
        });
        let found = by_name.binary_search_by(|place| self.members[*place as usize].0.as_str().cmp(name)).ok()?;
        Some(by_name[found] as usize)
    }
}

/// Leaves one member of each name: the first one's place, the last one's value.
fn unique(members: &mut Vec<(SmolStr, Value)>) {
    let mut order: Vec<u32> = Vec::new();
    let has_duplicates = if members.len() <= SCANNED {
        (1..members.len()).any(|i| members[..i].iter().any(|(name, _)| *name == members[i].0))
    } else {
        order = (0..members.len() as u32).collect();
        order.sort_by(|a, b| members[*a as usize].0.cmp(&members[*b as usize].0));
        order.windows(2).any(|pair| members[pair[0] as usize].0 == members[pair[1] as usize].0)
    };
    if !has_duplicates {
        return;
    }
    if order.is_empty() {
        order = (0..members.len() as u32).collect();
        order.sort_by(|a, b| members[*a as usize].0.cmp(&members[*b as usize].0));
    }
    let mut dropped = vec![false; members.len()];
    let mut start = 0;
    while start < order.len() {
        let first = order[start] as usize;
        let mut end = start + 1;
        while end < order.len() && members[order[end] as usize].0 == members[first].0 {
            dropped[order[end] as usize] = true;
            end += 1;
        }
        members[first].1 = members[order[end - 1] as usize].1.clone();
        start = end;
    }
    let mut place = 0;
    members.retain(|_| {
        place += 1;
        !dropped[place - 1]
    });
}

impl PartialEq for Object {
    fn eq(&self, other: &Self) -> bool {
        self.len() == other.len() && self.iter().all(|(name, value)| other.get(name) == Some(value))
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn of_members_with_one_name_the_last_value_stands_at_the_first_place() {
        let small = Value::object([("a", 1.into()), ("b", 2.into()), ("a", 3.into())]);
        assert_eq!(small.to_text(), r#"{"a":3,"b":2}"#);
        let large = Value::object((0..40).map(|i: i64| (format!("k{}", i % 30), Value::from(i))));
        assert_eq!(large.as_object().map(Object::len), Some(30));
        assert_eq!(large.get("k3"), Some(&33.into()));
        assert!(large.to_text().starts_with(r#"{"k0":30,"k1":31"#));
    }

    #[test]
    fn members_of_large_objects_are_found() {
        let object = Value::object((0..1000).map(|i: i64| (format!("k{i}"), Value::from(i))));
        assert!((0..1000).all(|i| object.get(&format!("k{i}")) == Some(&i.into())));
        assert_eq!(object.get("k1000"), None);
    }

    #[test]
    fn with_replaces_in_place_or_appends() {
        let object = Value::object([("a", 1.into()), ("b", 2.into())]);
        let object = object.as_object().expect("an object");
        assert_eq!(object.with("a", 9.into()).to_text(), r#"{"a":9,"b":2}"#);
        assert_eq!(object.with("c", 9.into()).to_text(), r#"{"a":1,"b":2,"c":9}"#);
    }
}
