//! The constraints of the service's model.

/// A member of a request.
#[derive(Debug)]
pub struct Member {
    /// `stateMachineArn`
    pub name: &'static str,
    /// Whether it must be there.
    pub required: bool,
    /// What it may be.
    pub rule: Rule,
}

/// What a member may be.
#[derive(Debug)]
pub enum Rule {
    /// A text.
    Text(Text),
    /// A number of 32 bits.
    Integer {
        /// the smallest
        min: i64,
        /// the largest
        max: i64,
    },
    /// A number of 32 bits without a largest one of its own.
    AtLeast {
        /// the smallest
        min: i64,
    },
    /// A number of 64 bits without a largest one of its own.
    LongAtLeast {
        /// the smallest
        min: i64,
    },
    /// A number with a fraction.
    Float {
        /// the smallest
        min: i32,
        /// the largest
        max: i32,
    },
    /// `true`, `false`
    Boolean,
    /// One of these words.
    OneOf(&'static [&'static str]),
    /// A list.
    List(&'static Rule),
    /// A list of structures that must have some and may have few.
    ListOf(ListOf),
    /// A structure with these members.
    Structure(&'static [Member]),
}

/// What a list of structures may be.
#[derive(Debug)]
pub struct ListOf {
    /// The smallest length.
    pub min: usize,
    /// The largest length.
    pub max: usize,
    /// The structure's name, which messages show.
    pub name: &'static str,
    /// The structure's members.
    pub members: &'static [Member],
}

/// What a text may be.
#[derive(Debug)]
pub struct Text {
    /// The smallest length.
    pub min: usize,
    /// The largest length.
    pub max: usize,
    /// What the length counts.
    pub unit: Unit,
    /// Whether messages must not show it.
    pub sensitive: bool,
    /// What it must look like.
    pub pattern: Option<Pattern>,
}

/// What a length counts.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Unit {
    /// Characters as Java counts them, that is UTF-16 units. Not recorded for characters beyond U+FFFF.
    Characters,
    /// Bytes of UTF-8, as measured for the input of an execution.
    Bytes,
}

/// A regular expression of the model with the code that decides it.
#[derive(Debug)]
pub struct Pattern {
    /// The expression, as messages show it.
    pub text: &'static str,
    /// Whether a text matches.
    pub matches: fn(&str) -> bool,
}

/// A set of words, each with a meaning.
pub trait Named: Copy + Sized + 'static {
    /// The words and what they stand for, in the order in which messages list them.
    const NAMES: &'static [(&'static str, Self)];
    /// The words alone.
    const WORDS: &'static [&'static str];

    /// The word for it.
    fn name(self) -> &'static str;
}

impl Rule {
    /// A text of `min` to `max` characters.
    pub const fn text(min: usize, max: usize) -> Rule {
        Rule::Text(Text { min, max, unit: Unit::Characters, sensitive: false, pattern: None })
    }

    /// A text of `min` to `max` characters that messages must not show.
    pub const fn sensitive(min: usize, max: usize) -> Rule {
        Rule::Text(Text { min, max, unit: Unit::Characters, sensitive: true, pattern: None })
    }

    /// A text of which nothing is said.
    pub const ANY_TEXT: Rule = Rule::text(0, usize::MAX);

    /// A text of up to `max` bytes that messages must not show.
    pub const fn payload(max: usize) -> Rule {
        Rule::Text(Text { min: 0, max, unit: Unit::Bytes, sensitive: true, pattern: None })
    }
}

impl ListOf {
    /// The constraint that a list of this length breaks, in the framework's words.
    pub fn violated(&self, length: usize) -> Option<String> {
        if length < self.min {
            Some(format!("Member must have length greater than or equal to {}", self.min))
        } else if length > self.max {
            Some(format!("Member must have length less than or equal to {}", self.max))
        } else {
            None
        }
    }
}

impl Text {
    /// The constraints that a text breaks, in the framework's words.
    pub fn violated(&self, text: &str) -> Vec<String> {
        // A text has at least as many bytes as UTF-16 units, so that the common short text needs no counting.
        let length = match self.unit {
            Unit::Characters if text.len() > self.max || text.len() < self.min.saturating_mul(3) => {
                text.encode_utf16().count()
            }
            _ => text.len(),
        };
        let mut violated = Vec::new();
        if length < self.min {
            violated.push(format!("Member must have length greater than or equal to {}", self.min));
        }
        if length > self.max {
            violated.push(match self.unit {
                Unit::Characters => format!("Member must have length less than or equal to {}", self.max),
                Unit::Bytes => {
                    format!("Member must have size less than or equal to {} bytes in UTF-8 encoding", self.max)
                }
            });
        }
        if let Some(pattern) = self.pattern.as_ref().filter(|pattern| !(pattern.matches)(text)) {
            violated.push(format!("Member must satisfy regular expression pattern: {}", pattern.text));
        }
        violated
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn lengths_are_counted_in_utf_16_units_or_bytes() {
        let Rule::Text(name) = Rule::text(1, 3) else { panic!("a text") };
        let Rule::Text(payload) = Rule::payload(3) else { panic!("a text") };
        for (text, characters, bytes) in [
            ("", false, true),
            ("abc", true, true),
            ("äöü", true, false),
            ("abcd", false, false),
            ("😀😀", false, false),
        ] {
            assert_eq!(name.violated(text).is_empty(), characters, "{text}");
            assert_eq!(payload.violated(text).is_empty(), bytes, "{text}");
        }
    }
}
