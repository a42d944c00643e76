//! Where in a definition something is: `/States/A/Retry[0]/ErrorEquals`.

use std::fmt;

/// A place in the definition, as a chain of steps that lives on the stack; it becomes text only in a diagnostic.
#[derive(Clone, Copy)]
pub(super) struct Location<'a> {
    parent: Option<&'a Location<'a>>,
    step: Step<'a>,
}

#[derive(Clone, Copy)]
enum Step<'a> {
    Root,
    Member(&'a str),
    Item(usize),
}

impl Location<'static> {
    /// The whole definition, `/`.
    pub const ROOT: Location<'static> = Location { parent: None, step: Step::Root };
}

impl<'a> Location<'a> {
    /// The place of a member of the object that is here.
    pub fn member(&'a self, name: &'a str) -> Location<'a> {
        Location { parent: Some(self), step: Step::Member(name) }
    }

    /// The place of an item of the array that is here.
    pub fn item(&'a self, index: usize) -> Location<'a> {
        Location { parent: Some(self), step: Step::Item(index) }
    }

    fn write(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        if let Some(parent) = self.parent {
            parent.write(f)?;
        }
        match self.step {
            Step::Root => Ok(()),
            Step::Member(name) => write!(f, "/{name}"),
            Step::Item(index) => write!(f, "[{index}]"),
        }
    }
}

impl fmt::Display for Location<'_> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        if matches!(self.step, Step::Root) { f.write_str("/") } else { self.write(f) }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_location_is_written_as_a_pointer() {
        let root = Location::ROOT;
        assert_eq!(root.to_string(), "/");
        let states = root.member("States");
        let state = states.member("A");
        let choices = state.member("Choices");
        let rule = choices.item(2);
        assert_eq!(rule.member("Next").to_string(), "/States/A/Choices[2]/Next");
    }
}
