//! Choice states. Events: `ChoiceStateEntered`, `ChoiceStateExited`.
//!
//! A value of the wrong type makes a comparison false, never an error; a path that leads nowhere is an error for
//! everything but IsPresent, even where there is a Default.

use super::Turn;
use super::data::{Document, Problem};
use super::frame::FrameId;
use super::transition::{Exit, Worked};
use crate::asl::program::{
    Choice, Comparison, Condition, Operand, Relation, Rule, State, Subject, Test, Transition, TypeTest,
};
use crate::failure::Runtime;
use crate::json::Value;
use crate::query::{Path, Scope};
use crate::timestamp::Timestamp;
use memchr::memmem;
use std::cmp::Ordering;

impl Turn<'_> {
    pub(super) fn choose(&mut self, frame: FrameId, state: &State, choice: &Choice) -> Worked {
        let input = self.effective_input(frame, state)?;
        // A rule's own Assign and Output take the place of the state's, which belong to Default.
        let (next, assign, output) = match self.matching(frame, choice, &input)? {
            Some(rule) => (rule.next, rule.assign.as_ref(), rule.output.as_ref()),
            None => {
                let default = choice.default.ok_or(Runtime::NoChoiceMatched)?;
                (default, state.assign.as_ref(), state.output.as_ref())
            }
        };
        let document = Document::Input(&input);
        let assigned = self.assigned(frame, assign, document)?;
        let output = match self.output_of(frame, output, document)? {
            Some(output) => output,
            None => self.select(frame, &state.output_path, &input)?,
        };
        self.leave(frame, state, Exit { output, assigned, transition: Transition::Next(next) });
        Ok(())
    }

    /// The first rule that applies.
    fn matching<'a>(&self, frame: FrameId, choice: &'a Choice, input: &Value) -> Result<Option<&'a Rule>, Problem> {
        for rule in &choice.rules {
            let applies = match &rule.test {
                Test::Comparisons(condition) => self.evaluate(frame, input, |scope| holds(condition, scope))?,
                Test::Literal(holds) => *holds,
                Test::Jsonata(field) => {
                    self.ask(frame, field, |field, states| field.evaluate_to(states, "boolean", Value::as_bool))?
                }
            };
            if applies {
                return Ok(Some(rule));
            }
        }
        Ok(None)
    }
}

fn holds(condition: &Condition, scope: Scope<'_>) -> Result<bool, Runtime> {
    match condition {
        Condition::And(conditions) => {
            for condition in conditions {
                if !holds(condition, scope)? {
                    return Ok(false);
                }
            }
            Ok(true)
        }
        Condition::Or(conditions) => {
            for condition in conditions {
                if holds(condition, scope)? {
                    return Ok(true);
                }
            }
            Ok(false)
        }
        Condition::Not(condition) => holds(condition, scope).map(|held| !held),
        Condition::Compare { variable, comparison } => compare(variable, comparison, scope),
    }
}

fn compare(variable: &Path, comparison: &Comparison, scope: Scope<'_>) -> Result<bool, Runtime> {
    if let Comparison::Is { test: TypeTest::Present, expected } = comparison {
        return Ok(variable.evaluate(scope).is_ok() == *expected);
    }
    let value = look_up(variable, scope)?;
    Ok(match comparison {
        Comparison::Is { test, expected } => is(*test, &value) == *expected,
        Comparison::StringMatches(pattern) => value.as_str().is_some_and(|text| matches(pattern, text)),
        Comparison::Ordered { subject, relation, operand } => match operand {
            Operand::Literal(operand) => relates(*subject, *relation, &value, operand),
            Operand::Path(path) => relates(*subject, *relation, &value, &look_up(path, scope)?),
        },
    })
}

fn look_up(path: &Path, scope: Scope<'_>) -> Result<Value, Runtime> {
    path.evaluate(scope).map_err(|_| Runtime::ChoicePath { path: path.text().clone() })
}

fn is(test: TypeTest, value: &Value) -> bool {
    match test {
        TypeTest::Null => value.is_null(),
        TypeTest::Present => true,
        TypeTest::Numeric => value.as_number().is_some(),
        TypeTest::String => value.as_str().is_some(),
        TypeTest::Boolean => value.as_bool().is_some(),
        TypeTest::Timestamp => value.as_str().and_then(Timestamp::parse).is_some(),
    }
}

fn relates(subject: Subject, relation: Relation, left: &Value, right: &Value) -> bool {
    let order = match subject {
        Subject::String => match (left.as_str(), right.as_str()) {
            // Java compares strings by UTF-16 units.
            (Some(left), Some(right)) => Some(left.encode_utf16().cmp(right.encode_utf16())),
            _ => None,
        },
        Subject::Numeric => match (left.as_number(), right.as_number()) {
            (Some(left), Some(right)) => left.partial_cmp(right),
            _ => None,
        },
        Subject::Timestamp => {
            let time = |value: &Value| value.as_str().and_then(Timestamp::parse_exact);
            time(left).zip(time(right)).map(|(left, right)| left.cmp(&right))
        }
        Subject::Boolean => left.as_bool().zip(right.as_bool()).map(|(left, right)| left.cmp(&right)),
    };
    order.is_some_and(|order| match relation {
        Relation::Equals => order == Ordering::Equal,
        Relation::LessThan => order == Ordering::Less,
        Relation::LessThanEquals => order != Ordering::Greater,
        Relation::GreaterThan => order == Ordering::Greater,
        Relation::GreaterThanEquals => order != Ordering::Less,
    })
}

/// StringMatches: `*` stands for any run of characters, `\*` for a star, `\\` for a backslash.
///
/// Between two stars the first place that fits is as good as any other, so that the text is gone through once.
fn matches(pattern: &str, text: &str) -> bool {
    let mut rest = text.as_bytes();
    let mut pieces = pieces(pattern);
    let first = pieces.next().unwrap_or_default();
    let Some(after) = rest.strip_prefix(&*first) else { return false };
    rest = after;
    let Some(mut piece) = pieces.next() else { return rest.is_empty() };
    for next in pieces {
        let Some(found) = memmem::find(rest, &piece) else { return false };
        rest = &rest[found + piece.len()..];
        piece = next;
    }
    rest.ends_with(&piece)
}

/// What stands between the stars of a pattern, without escapes: one piece more than there are stars.
fn pieces(pattern: &str) -> impl Iterator<Item = Vec<u8>> {
    let mut rest = Some(pattern.as_bytes());
    std::iter::from_fn(move || {
        let mut piece = Vec::new();
        let mut bytes = rest?;
        loop {
            (piece, bytes) = match bytes {
                [] => {
                    rest = None;
                    return Some(piece);
                }
                [b'*', after @ ..] => {
                    rest = Some(after);
                    return Some(piece);
                }
                [b'\\', escaped @ (b'*' | b'\\'), after @ ..] | [escaped, after @ ..] => {
                    piece.push(*escaped);
                    (piece, after)
                }
            };
        }
    })
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn patterns_match_as_documented() {
        for (pattern, text, expected) in [
            ("foo*.log", "foo23.log", true),
            ("foo*.log", "foo23.log.gz", false),
            ("*.log", "zebra.log", true),
            ("foo*.*", "foobar.zebra", true),
            ("*", "", true),
            ("a*b*c", "axxbyybzc", true),
            ("a*b*c", "axxbyybz", false),
            (r"\*", "*", true),
            (r"\*", "x", false),
            (r"a\\b", r"a\b", true),
            ("Foo", "foo", false),
            ("é*", "été", true),
            ("é*", "ete", false),
            ("*té", "été", true),
            ("", "", true),
            ("", "a", false),
            ("**", "", true),
            ("a*a", "a", false),
            ("a*a", "aa", true),
            ("*ab*ab", "ab", false),
            ("*ab*ab", "aabab", true),
            (r"\", r"\", true),
            (r"\x*", r"\xy", true),
            (r"*\**", "a*b", true),
            (r"*\**", "ab", false),
        ] {
            assert_eq!(matches(pattern, text), expected, "{pattern} {text}");
        }
    }

    #[test]
    fn a_long_pattern_and_a_long_text_are_soon_compared() {
        let (pattern, text) = (format!("*{}b*", "a".repeat(100_000)), "a".repeat(200_000));
        assert!(!matches(&pattern, &text));
        assert!(!matches(&"a*".repeat(100_000), "a"));
        assert!(matches(&"*a*".repeat(50_000), &text));
    }

    #[test]
    fn a_value_of_another_type_never_relates() {
        for subject in [Subject::String, Subject::Numeric, Subject::Timestamp, Subject::Boolean] {
            for relation in [Relation::Equals, Relation::LessThan, Relation::GreaterThanEquals] {
                assert!(!relates(subject, relation, &Value::Null, &Value::Null));
                assert!(!relates(subject, relation, &"1".into(), &1.into()));
            }
        }
        assert!(relates(Subject::Numeric, Relation::Equals, &1.into(), &1.0.into()));
        assert!(relates(
            Subject::Timestamp,
            Relation::Equals,
            &"2016-03-14T01:59:00Z".into(),
            &"2016-03-14T02:59:00+01:00".into()
        ));
        assert!(relates(
            Subject::Timestamp,
            Relation::LessThan,
            &"2016-03-14T01:59:00.0000001Z".into(),
            &"2016-03-14T01:59:00.0000002Z".into()
        ));
    }
}
