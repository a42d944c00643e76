//! What is inside of a value: fields by name, `*` and `**`.

use super::error::Outcome;
use super::evaluator::Evaluator;
use super::value::{List, Val};

impl Evaluator<'_> {
    /// The field of an object, or those of the objects in an array.
    #[inline(never)]
    pub fn lookup(&mut self, input: &Val, name: &str) -> Outcome<Val> {
        let Some(list) = input.list() else { return Ok(input.member(name).unwrap_or_default()) };
        let mut found = Vec::new();
        self.collect(list, name, &mut found)?;
        Ok(Val::sequence(found))
    }

    fn collect(&mut self, list: List<'_>, name: &str, found: &mut Vec<Val>) -> Outcome<()> {
        self.step(list.len())?;
        for item in list.iter() {
            let value = match item.is_list() {
                true => self.lookup(&item, name)?,
                false => item.member(name).unwrap_or_default(),
            };
            if value.is_undefined() {
                continue;
            }
            let list = value.list();
            self.charge_items(list.map_or(1, |list| list.len()))?;
            match list {
                Some(list) => found.extend(list.iter()),
                None => found.push(value),
            }
        }
        Ok(())
    }

    pub fn wildcard(&mut self, input: &Val) -> Outcome<Val> {
        let input = input.clone().unwrapped();
        self.step(2 + input.extent() / 32)?;
        let values: Vec<Val> = match input.is_list() {
            true => input.items(),
            false => input.members().map(|(_, value)| value).collect(),
        };
        let mut found = Vec::new();
        let mut sequence = true;
        for value in values {
            if value.is_list() {
                // appending an array makes an array of what was a sequence
                sequence = false;
                self.flatten(&value, &mut found)?;
            } else {
                self.charge_items(1)?;
                found.push(value);
            }
        }
        Ok(if sequence || found.len() != 1 { Val::sequence(found) } else { Val::array(found) })
    }

    fn flatten(&mut self, value: &Val, found: &mut Vec<Val>) -> Outcome<()> {
        self.step(1)?;
        match value.list() {
            Some(list) => list.iter().try_for_each(|item| self.flatten(&item, found)),
            None => {
                self.charge_items(1)?;
                found.push(value.clone());
                Ok(())
            }
        }
    }

    pub fn descend(&mut self, input: &Val, found: &mut Vec<Val>) -> Outcome<()> {
        self.charge_items(1)?;
        self.step(1)?;
        if let Some(list) = input.list() {
            for item in list.iter() {
                self.descend(&item, found)?;
            }
            return Ok(());
        }
        found.push(input.clone());
        for (_, value) in input.members() {
            self.descend(&value, found)?;
        }
        Ok(())
    }
}
