//! Runs a program over a text: depth first, with the untried choices on a stack of its own, in bounded steps.

use super::TooManySteps;
use super::parse::UNBOUNDED;
use super::program::{One, Op, Program};
use super::set::{canonical, is_line_end, is_word};

/// The most choices that may be open at once.
const MAX_FRAMES: usize = 2_000_000;

/// A register without a value.
pub(super) const UNSET: usize = usize::MAX;

/// What is to be done when something fails.
#[derive(Clone, Copy)]
enum Frame {
    /// Go on elsewhere.
    Choice { pc: usize, at: usize },
    /// Give a register its old value back, and go on failing.
    Restore { register: usize, value: usize },
    /// Give back one of the characters that a greedy loop took, down to a position.
    Fewer { pc: usize, at: usize, last: usize },
    /// Let a lazy loop take one character more.
    More { pc: usize, at: usize, taken: u32 },
}

/// One search in one text.
pub(super) struct Run<'a> {
    program: &'a Program,
    text: &'a str,
    pub(super) registers: Vec<usize>,
    frames: Vec<Frame>,
}

impl<'a> Run<'a> {
    pub(super) fn new(program: &'a Program, text: &'a str) -> Self {
        Self { program, text, registers: vec![UNSET; program.registers], frames: Vec::new() }
    }

    /// Whether there's a match that begins here, and where it ends.
    pub(super) fn match_at(&mut self, start: usize, steps: &mut u64) -> Result<Option<usize>, TooManySteps> {
        self.frames.clear();
        self.registers.fill(UNSET);
        let (mut pc, mut at) = (0, start);
        loop {
            *steps = steps.checked_sub(1).ok_or(TooManySteps)?;
            let next = match &self.program.ops[pc] {
                Op::Match => return Ok(Some(at)),
                op => self.step(op, pc, at, steps)?,
            };
            match next.or_else(|| self.backtrack()) {
                Some((next_pc, next_at)) => (pc, at) = (next_pc, next_at),
                None => return Ok(None),
            }
            if self.frames.len() > MAX_FRAMES {
                return Err(TooManySteps);
            }
        }
    }

    /// Runs one instruction; nothing means that it failed.
    #[inline]
    fn step(&mut self, op: &Op, pc: usize, at: usize, steps: &mut u64) -> Result<Option<(usize, usize)>, TooManySteps> {
        let next = match op {
            Op::One { one, back } => self.take(one, at, *back).map(|at| (pc + 1, at)),
            Op::Many { one, min, max, greedy, back } => self.many(one, (*min, *max, *greedy), *back, pc, at, steps)?,
            Op::Start => {
                let holds = at == 0 || self.program.multiline && self.before(at).is_some_and(is_line_end);
                holds.then_some((pc + 1, at))
            }
            Op::End => {
                let holds = at == self.text.len() || self.program.multiline && self.after(at).is_some_and(is_line_end);
                holds.then_some((pc + 1, at))
            }
            Op::Boundary { negated } => {
                let is_boundary = self.before(at).is_some_and(is_word) != self.after(at).is_some_and(is_word);
                (is_boundary != *negated).then_some((pc + 1, at))
            }
            Op::Reference { group, back } => self.reference(*group, *back, at, steps)?.map(|at| (pc + 1, at)),
            Op::Save(register) => {
                self.set(*register, at);
                Some((pc + 1, at))
            }
            Op::Try { other } => {
                self.frames.push(Frame::Choice { pc: *other, at });
                Some((pc + 1, at))
            }
            Op::Jump(to) => Some((*to, at)),
            Op::Enter { counter } => {
                self.set(*counter, 0);
                Some((pc + 1, at))
            }
            Op::Loop { counter, min, max, greedy, exit } => {
                let count = self.registers[*counter];
                let again = (pc + 1, at);
                let done = (*exit, at);
                if count < *min as usize {
                    return Ok(Some(again));
                }
                if *max != UNBOUNDED && count >= *max as usize {
                    return Ok(Some(done));
                }
                let (first, second) = if *greedy { (again, done) } else { (done, again) };
                self.frames.push(Frame::Choice { pc: second.0, at });
                Some(first)
            }
            Op::Iterate { counter, groups } => {
                self.set(*counter, self.registers[*counter] + 1);
                self.set(counter + 1, at);
                for register in groups.0 * 2..groups.1 * 2 {
                    if self.registers[register] != UNSET {
                        self.set(register, UNSET);
                    }
                }
                Some((pc + 1, at))
            }
            Op::Again { counter, min, top } => {
                let (count, started) = (self.registers[*counter], self.registers[counter + 1]);
                let stuck = count > *min as usize && started == at;
                (!stuck).then_some((*top, at))
            }
            Op::Look { register, negated, end } => {
                self.frames.push(Frame::Restore { register: *register, value: self.registers[*register] });
                self.frames.push(Frame::Restore { register: register + 1, value: self.registers[register + 1] });
                self.registers[*register] = self.frames.len();
                self.registers[register + 1] = at;
                if *negated {
                    self.frames.push(Frame::Choice { pc: end + 1, at });
                }
                Some((pc + 1, at))
            }
            Op::LookEnd { register, negated: true } => {
                let height = self.registers[*register];
                while self.frames.len() > height {
                    if let Some(Frame::Restore { register, value }) = self.frames.pop() {
                        self.registers[register] = value;
                    }
                }
                None
            }
            Op::LookEnd { register, negated: false } => {
                let (height, at) = (self.registers[*register], self.registers[register + 1]);
                self.forget_choices(height, steps)?;
                Some((pc + 1, at))
            }
            Op::Match => Some((pc, at)),
        };
        Ok(next)
    }

    /// Undoes what was done since the last choice and takes the next one.
    fn backtrack(&mut self) -> Option<(usize, usize)> {
        loop {
            match self.frames.pop()? {
                Frame::Choice { pc, at } => return Some((pc, at)),
                Frame::Restore { register, value } => self.registers[register] = value,
                Frame::Fewer { pc, at, last } => {
                    let at = if at > last { at - self.before(at)?.len_utf8() } else { at + self.after(at)?.len_utf8() };
                    if at != last {
                        self.frames.push(Frame::Fewer { pc, at, last });
                    }
                    return Some((pc, at));
                }
                Frame::More { pc, at, taken } => {
                    let Op::Many { one, max, back, .. } = &self.program.ops[pc] else { continue };
                    let Some(at) = self.take(one, at, *back) else { continue };
                    if taken + 1 < *max {
                        self.frames.push(Frame::More { pc, at, taken: taken + 1 });
                    }
                    return Some((pc + 1, at));
                }
            }
        }
    }

    fn set(&mut self, register: usize, value: usize) {
        self.frames.push(Frame::Restore { register, value: self.registers[register] });
        self.registers[register] = value;
    }

    /// A lookaround that held is not tried in another way, but what it captured can still be undone.
    fn forget_choices(&mut self, height: usize, steps: &mut u64) -> Result<(), TooManySteps> {
        *steps = steps.checked_sub((self.frames.len() - height) as u64).ok_or(TooManySteps)?;
        let mut kept = height;
        for i in height..self.frames.len() {
            if let frame @ Frame::Restore { .. } = self.frames[i] {
                self.frames[kept] = frame;
                kept += 1;
            }
        }
        self.frames.truncate(kept);
        Ok(())
    }

    fn many(
        &mut self,
        one: &One,
        (min, max, greedy): (u32, u32, bool),
        back: bool,
        pc: usize,
        from: usize,
        steps: &mut u64,
    ) -> Result<Option<(usize, usize)>, TooManySteps> {
        let (mut at, mut taken) = (from, 0);
        let mut first_end = from;
        let goal = if greedy { max } else { min };
        while taken < goal {
            let Some(next) = self.take(one, at, back) else { break };
            (at, taken) = (next, taken.saturating_add(1));
            if taken == min {
                first_end = at;
            }
        }
        // Running over characters is many times cheaper than an instruction.
        *steps = steps.checked_sub(u64::from(taken / 16)).ok_or(TooManySteps)?;
        if taken < min {
            return Ok(None);
        }
        if greedy && at != first_end {
            self.frames.push(Frame::Fewer { pc: pc + 1, at, last: first_end });
        }
        if !greedy && taken < max {
            self.frames.push(Frame::More { pc, at, taken });
        }
        Ok(Some((pc + 1, at)))
    }

    fn reference(&self, group: usize, back: bool, at: usize, steps: &mut u64) -> Result<Option<usize>, TooManySteps> {
        let (start, end) = (self.registers[group * 2], self.registers[group * 2 + 1]);
        let Some(captured) = self.text.get(start..end).filter(|_| start != UNSET && end != UNSET) else {
            return Ok(Some(at));
        };
        *steps = steps.checked_sub(captured.len() as u64 / 16).ok_or(TooManySteps)?;
        if !self.program.ignore_case {
            let rest = if back { &self.text[..at] } else { &self.text[at..] };
            let found = if back { rest.ends_with(captured) } else { rest.starts_with(captured) };
            return Ok(found.then(|| if back { at - captured.len() } else { at + captured.len() }));
        }
        let same = |a: char, b: char| canonical(a) == canonical(b);
        if back {
            let mut rest = self.text[..at].chars();
            let found = captured.chars().rev().all(|c| rest.next_back().is_some_and(|other| same(c, other)));
            return Ok(found.then_some(rest.as_str().len()));
        }
        let mut rest = self.text[at..].chars();
        let found = captured.chars().all(|c| rest.next().is_some_and(|other| same(c, other)));
        Ok(found.then(|| self.text.len() - rest.as_str().len()))
    }

    /// The position after the next character, if that's one of those.
    #[inline]
    fn take(&self, one: &One, at: usize, back: bool) -> Option<usize> {
        let read = if back { self.before(at) } else { self.after(at) }?;
        let c = if self.program.ignore_case { canonical(read) } else { read };
        let fits = match one {
            One::Char(expected) => c == *expected,
            One::Set(set) => set.contains(c),
        };
        fits.then(|| if back { at - read.len_utf8() } else { at + read.len_utf8() })
    }

    #[inline]
    fn after(&self, at: usize) -> Option<char> {
        match self.text.as_bytes().get(at) {
            Some(byte) if byte.is_ascii() => Some(char::from(*byte)),
            Some(_) => self.text[at..].chars().next(),
            None => None,
        }
    }

    #[inline]
    fn before(&self, at: usize) -> Option<char> {
        match self.text.as_bytes().get(at.checked_sub(1)?) {
            Some(byte) if byte.is_ascii() => Some(char::from(*byte)),
            Some(_) => self.text[..at].chars().next_back(),
            None => None,
        }
    }
}
