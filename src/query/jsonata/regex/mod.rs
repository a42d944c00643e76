//! Regular expressions as JavaScript has them, which is what JSONata's `/.../` are: backreferences and lookarounds
//! included, so matching goes back and forth, but in a bounded number of steps and without recursion.
//!
//! Unlike JavaScript's, `.` and the classes match whole characters and not halves of a UTF-16 pair.

mod parse;
mod program;
mod run;
mod set;

use program::Program;
use run::{Run, UNSET};
use std::fmt;

/// The steps that one search may take, a fraction of a second's work.
pub const MAX_STEPS: u64 = 10_000_000;

/// A compiled regular expression.
#[derive(Debug)]
pub struct Regex {
    program: Program,
}

/// Where something matched: byte offsets of the whole and of the groups that took part.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Match {
    /// Where the match begins.
    pub start: usize,
    /// Where it ends.
    pub end: usize,
    /// What each capturing group captured last, from the first group on.
    pub groups: Vec<Option<(usize, usize)>>,
}

/// The search took so long that it was given up.
#[derive(Clone, Copy, Debug, PartialEq, Eq, thiserror::Error)]
#[error("the regular expression takes too many steps")]
pub struct TooManySteps;

/// A text that is no regular expression; the wording is that of V8, whose users see it.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct InvalidRegex {
    /// The expression without its slashes.
    pub pattern: String,
    /// The letters behind it.
    pub flags: String,
    /// What is wrong with it.
    pub problem: Problem,
}

/// What can be wrong with a regular expression.
#[derive(Clone, Copy, Debug, PartialEq, Eq, thiserror::Error)]
pub enum Problem {
    /// A flag that's unknown or given twice.
    #[error("Invalid flags")]
    Flags,
    /// `(` without `)`.
    #[error("Unterminated group")]
    UnterminatedGroup,
    /// `)` without `(`.
    #[error("Unmatched ')'")]
    UnmatchedParenthesis,
    /// A quantifier where nothing stands that could be repeated.
    #[error("Nothing to repeat")]
    NothingToRepeat,
    /// A quantifier behind a lookbehind.
    #[error("Invalid quantifier")]
    Quantifier,
    /// `{2,1}`
    #[error("numbers out of order in {{}} quantifier")]
    BoundsOutOfOrder,
    /// `[` without `]`.
    #[error("Unterminated character class")]
    UnterminatedSet,
    /// `[b-a]`
    #[error("Range out of order in character class")]
    RangeOutOfOrder,
    /// A backslash with nothing behind it.
    #[error("\\ at end of pattern")]
    TrailingBackslash,
    /// `(?` and something that's no kind of group.
    #[error("Invalid group")]
    Group,
    /// `(?<` without a proper name and `>`.
    #[error("Invalid capture group name")]
    GroupName,
    /// Two groups of the same name.
    #[error("Duplicate capture group name")]
    DuplicateGroupName,
    /// `\k` without `<name>`.
    #[error("Invalid named reference")]
    NamedReference,
    /// `\k<name>` without such a group.
    #[error("Invalid named capture referenced")]
    UnknownGroupName,
    /// Groups in groups beyond all reason.
    #[error("Regular expression too large")]
    TooDeep,
}

impl fmt::Display for InvalidRegex {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let Self { pattern, flags, problem } = self;
        match problem {
            Problem::Flags => write!(f, "Invalid flags supplied to RegExp constructor '{flags}'"),
            _ => {
                let mut flags = flags.chars().collect::<Vec<_>>();
                flags.sort_unstable();
                write!(f, "Invalid regular expression: /{pattern}/{}: {problem}", String::from_iter(flags))
            }
        }
    }
}

impl std::error::Error for InvalidRegex {}

impl Regex {
    /// Compiles the expression that stands between the slashes, with the letters behind them: `i`, `m` and `g`, which
    /// changes nothing.
    pub fn compile(pattern: &str, flags: &str) -> Result<Regex, InvalidRegex> {
        let invalid = |problem| InvalidRegex { pattern: pattern.into(), flags: flags.into(), problem };
        let has = |flag| flags.chars().filter(|c| *c == flag).count();
        if ['i', 'm', 'g'].iter().any(|flag| has(*flag) > 1) || flags.chars().any(|c| !"img".contains(c)) {
            return Err(invalid(Problem::Flags));
        }
        let (node, groups) = parse::parse(pattern).map_err(invalid)?;
        Ok(Self { program: program::compile(&node, groups, has('i') > 0, has('m') > 0) })
    }

    /// The first match that begins at this byte offset or after it.
    pub fn find_at(&self, text: &str, start: usize) -> Result<Option<Match>, TooManySteps> {
        self.find_within(text, start, &mut MAX_STEPS.clone())
    }

    /// The same with as many steps as are left, for a sequence of searches that is bounded as a whole.
    pub fn find_within(&self, text: &str, start: usize, steps: &mut u64) -> Result<Option<Match>, TooManySteps> {
        let program = &self.program;
        let mut run = Run::new(program, text);
        let mut next = (start..=text.len()).find(|at| text.is_char_boundary(*at));
        while let Some(at) = next {
            if program.anchored && at > 0 {
                break;
            }
            let candidate = if program.prefix.is_empty() { Some(0) } else { text[at..].find(&program.prefix) };
            let Some(skipped) = candidate else { break };
            let at = at + skipped;
            if let Some(end) = run.match_at(at, steps)? {
                let group = |pair: &[usize]| (pair[0] != UNSET && pair[1] != UNSET).then(|| (pair[0], pair[1]));
                let groups = run.registers[2..program.groups * 2].chunks_exact(2).map(group).collect();
                return Ok(Some(Match { start: at, end, groups }));
            }
            next = text[at..].chars().next().map(|c| at + c.len_utf8());
        }
        Ok(None)
    }
}

#[cfg(test)]
mod tests;
