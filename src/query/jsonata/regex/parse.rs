//! The syntax of regular expressions: ECMAScript's without the `u` flag, its annex B included, so that what can't be
//! an escape or a quantifier stands for itself.

use super::Problem;
use super::set::{Set, class};
use std::ops::Range;

/// Groups in groups, at most: what walks over the tree does so recursively.
const MAX_DEPTH: usize = 100;

/// A quantifier without an upper bound.
pub(super) const UNBOUNDED: u32 = u32::MAX;

/// A parsed expression.
#[derive(Debug, PartialEq)]
pub(super) enum Node {
    Char(char),
    Set(Set),
    Start,
    End,
    Boundary { negated: bool },
    Group { index: Option<usize>, body: Box<Node> },
    Reference(usize),
    Sequence(Vec<Node>),
    Alternatives(Vec<Node>),
    Repeat { body: Box<Node>, min: u32, max: u32, greedy: bool, groups: Range<usize> },
    Look { behind: bool, negated: bool, body: Box<Node> },
}

/// The tree and the number of its capturing groups, the whole match included.
pub(super) fn parse(pattern: &str) -> Result<(Node, usize), Problem> {
    let chars = pattern.chars().collect::<Vec<_>>();
    let (groups, names) = scan_groups(&chars)?;
    let mut parser = Parser { chars, at: 0, groups, names, opened: 1, depth: 0 };
    let node = parser.alternatives()?;
    match parser.peek() {
        Some(_) => Err(Problem::UnmatchedParenthesis),
        None => Ok((node, parser.groups)),
    }
}

/// Counts the capturing groups and collects their names, since a reference can precede its group.
fn scan_groups(chars: &[char]) -> Result<(usize, Vec<(String, usize)>), Problem> {
    let (mut groups, mut names) = (1, Vec::<(String, usize)>::new());
    let (mut at, mut in_class) = (0, false);
    while let Some(c) = chars.get(at) {
        match c {
            '\\' => at += 1,
            '[' => in_class = true,
            ']' => in_class = false,
            '(' if !in_class => match (chars.get(at + 1), chars.get(at + 2), chars.get(at + 3)) {
                (Some('?'), Some('<'), Some('=' | '!')) => {}
                (Some('?'), Some('<'), _) => {
                    let name = group_name(chars, at + 3).ok_or(Problem::GroupName)?;
                    if names.iter().any(|(other, _)| *other == name) {
                        return Err(Problem::DuplicateGroupName);
                    }
                    names.push((name, groups));
                    groups += 1;
                }
                (Some('?'), ..) => {}
                _ => groups += 1,
            },
            _ => {}
        }
        at += 1;
    }
    Ok((groups, names))
}

/// The name that begins here and ends before the next `>`.
fn group_name(chars: &[char], from: usize) -> Option<String> {
    let name = chars.get(from..)?.iter().take_while(|c| **c != '>').collect::<String>();
    let ends = chars.get(from + name.chars().count()) == Some(&'>');
    let begins = name.starts_with(|c: char| c.is_alphabetic() || c == '_' || c == '$');
    let continues = name.chars().all(|c| c.is_alphanumeric() || c == '_' || c == '$');
    (ends && begins && continues).then_some(name)
}

/// What an escape stands for.
enum Escaped {
    Char(char),
    Class(Vec<(u32, u32)>),
}

struct Parser {
    chars: Vec<char>,
    at: usize,
    /// All groups of the expression and the whole match.
    groups: usize,
    names: Vec<(String, usize)>,
    /// The number of the next group that opens.
    opened: usize,
    depth: usize,
}

impl Parser {
    fn peek(&self) -> Option<char> {
        self.chars.get(self.at).copied()
    }

    fn next(&mut self) -> Option<char> {
        let c = self.peek()?;
        self.at += 1;
        Some(c)
    }

    fn eat(&mut self, text: &str) -> bool {
        let length = text.chars().count();
        let found = self.chars.get(self.at..self.at + length).is_some_and(|next| text.chars().eq(next.iter().copied()));
        self.at += if found { length } else { 0 };
        found
    }

    fn alternatives(&mut self) -> Result<Node, Problem> {
        self.depth += 1;
        if self.depth > MAX_DEPTH {
            return Err(Problem::TooDeep);
        }
        let mut alternatives = vec![self.sequence()?];
        while self.eat("|") {
            alternatives.push(self.sequence()?);
        }
        self.depth -= 1;
        Ok(match alternatives.len() {
            1 => alternatives.swap_remove(0),
            _ => Node::Alternatives(alternatives),
        })
    }

    fn sequence(&mut self) -> Result<Node, Problem> {
        let mut nodes = Vec::new();
        while let Some(c) = self.peek() {
            if c == '|' || c == ')' {
                break;
            }
            let first_group = self.opened;
            let (node, repeatable) = self.term()?;
            nodes.push(match self.quantifier()? {
                Some(_) if matches!(node, Node::Look { .. }) && !repeatable => return Err(Problem::Quantifier),
                Some(_) if !repeatable => return Err(Problem::NothingToRepeat),
                Some((min, max, greedy)) => {
                    Node::Repeat { body: Box::new(node), min, max, greedy, groups: first_group..self.opened }
                }
                None => node,
            });
        }
        Ok(match nodes.len() {
            1 => nodes.swap_remove(0),
            _ => Node::Sequence(nodes),
        })
    }

    /// A term, and whether a quantifier may follow it.
    fn term(&mut self) -> Result<(Node, bool), Problem> {
        let before = self.at;
        if self.quantifier()?.is_some() {
            return Err(Problem::NothingToRepeat);
        }
        self.at = before;
        let node = match self.next() {
            Some('^') => return Ok((Node::Start, false)),
            Some('$') => return Ok((Node::End, false)),
            Some('.') => Node::Set(Set::dot()),
            Some('[') => self.set()?,
            Some('(') => return self.group(),
            Some('\\') => return self.escape(),
            Some(c) => Node::Char(c),
            None => Node::Sequence(Vec::new()),
        };
        Ok((node, true))
    }

    fn quantifier(&mut self) -> Result<Option<(u32, u32, bool)>, Problem> {
        let (min, max) = match self.peek() {
            Some('*') => (0, UNBOUNDED),
            Some('+') => (1, UNBOUNDED),
            Some('?') => (0, 1),
            Some('{') => {
                let Some(bounds) = self.bounds() else { return Ok(None) };
                if bounds.0 > bounds.1 {
                    return Err(Problem::BoundsOutOfOrder);
                }
                bounds
            }
            _ => return Ok(None),
        };
        self.at += 1;
        Ok(Some((min, max, !self.eat("?"))))
    }

    /// Reads `{2}`, `{2,}` or `{2,3}` up to the closing brace; stays where it is if there is nothing of that kind.
    fn bounds(&mut self) -> Option<(u32, u32)> {
        let before = self.at;
        self.at += 1;
        let bounds = self.number().and_then(|min| {
            let max = if self.eat(",") { self.number().unwrap_or(UNBOUNDED) } else { min };
            (self.peek() == Some('}')).then_some((min, max))
        });
        if bounds.is_none() {
            self.at = before;
        }
        bounds
    }

    fn number(&mut self) -> Option<u32> {
        let mut number = None::<u32>;
        while let Some(digit) = self.peek().and_then(|c| c.to_digit(10)) {
            number = Some(number.unwrap_or(0).saturating_mul(10).saturating_add(digit));
            self.at += 1;
        }
        number
    }

    fn group(&mut self) -> Result<(Node, bool), Problem> {
        let look = |behind, negated, body| Node::Look { behind, negated, body: Box::new(body) };
        let (node, repeatable) = if self.eat("?:") {
            (Node::Group { index: None, body: Box::new(self.alternatives()?) }, true)
        } else if self.eat("?=") {
            (look(false, false, self.alternatives()?), true)
        } else if self.eat("?!") {
            (look(false, true, self.alternatives()?), true)
        } else if self.eat("?<=") {
            (look(true, false, self.alternatives()?), false)
        } else if self.eat("?<!") {
            (look(true, true, self.alternatives()?), false)
        } else {
            if self.eat("?<") {
                while self.next().is_some_and(|c| c != '>') {}
            } else if self.peek() == Some('?') {
                return Err(Problem::Group);
            }
            let index = self.opened;
            self.opened += 1;
            (Node::Group { index: Some(index), body: Box::new(self.alternatives()?) }, true)
        };
        if self.eat(")") { Ok((node, repeatable)) } else { Err(Problem::UnterminatedGroup) }
    }

    fn escape(&mut self) -> Result<(Node, bool), Problem> {
        let node = match self.peek() {
            None => return Err(Problem::TrailingBackslash),
            Some(c @ ('b' | 'B')) => {
                self.at += 1;
                return Ok((Node::Boundary { negated: c == 'B' }, false));
            }
            Some('k') if !self.names.is_empty() => {
                self.at += 1;
                Node::Reference(self.named_reference()?)
            }
            Some('1'..='9') => {
                let before = self.at;
                match self.number() {
                    Some(number) if (number as usize) < self.groups => Node::Reference(number as usize),
                    _ => {
                        self.at = before;
                        self.escaped_node()
                    }
                }
            }
            Some(_) => self.escaped_node(),
        };
        Ok((node, true))
    }

    fn named_reference(&mut self) -> Result<usize, Problem> {
        let name = self.eat("<").then(|| group_name(&self.chars, self.at)).flatten().ok_or(Problem::NamedReference)?;
        self.at += name.chars().count() + 1;
        let group = self.names.iter().find(|(other, _)| *other == name);
        group.map(|(_, index)| *index).ok_or(Problem::UnknownGroupName)
    }

    fn escaped_node(&mut self) -> Node {
        match self.escaped(false) {
            Escaped::Char(c) => Node::Char(c),
            Escaped::Class(ranges) => Node::Set(Set::new(ranges, false)),
        }
    }

    /// What comes after a backslash, of which there must be something.
    fn escaped(&mut self, in_class: bool) -> Escaped {
        let Some(c) = self.next() else { return Escaped::Char('\\') };
        if let Some(ranges) = class(c) {
            return Escaped::Class(ranges);
        }
        Escaped::Char(match c {
            'b' if in_class => '\u{8}',
            't' => '\t',
            'n' => '\n',
            'v' => '\u{B}',
            'f' => '\u{C}',
            'r' => '\r',
            'c' => match self.peek() {
                Some(letter)
                    if letter.is_ascii_alphabetic() || in_class && (letter.is_ascii_digit() || letter == '_') =>
                {
                    self.at += 1;
                    char::from(letter as u8 % 32)
                }
                _ => {
                    self.at -= 1;
                    '\\'
                }
            },
            '0'..='7' => self.octal(c),
            'x' => self.hexadecimal(2).and_then(char::from_u32).unwrap_or('x'),
            'u' => match self.hexadecimal(4) {
                Some(unit) => return self.utf16(unit),
                None => 'u',
            },
            other => other,
        })
    }

    fn octal(&mut self, first: char) -> char {
        let mut code = first as u32 - '0' as u32;
        while let Some(digit) = self.peek().and_then(|c| c.to_digit(8)).filter(|digit| code * 8 + digit <= 0o377) {
            code = code * 8 + digit;
            self.at += 1;
        }
        char::from_u32(code).unwrap_or('\0')
    }

    fn hexadecimal(&mut self, digits: usize) -> Option<u32> {
        let digits = self.chars.get(self.at..self.at + digits)?;
        let code = digits.iter().try_fold(0, |code, c| Some(code * 16 + c.to_digit(16)?))?;
        self.at += digits.len();
        Some(code)
    }

    /// The character of this UTF-16 unit; half a pair is joined with the other half, and matches nothing without it.
    fn utf16(&mut self, unit: u32) -> Escaped {
        let before = self.at;
        if (0xD800..0xDC00).contains(&unit) && self.eat("\\u") {
            if let Some(low @ 0xDC00..0xE000) = self.hexadecimal(4) {
                let code = 0x1_0000 + ((unit - 0xD800) << 10) + (low - 0xDC00);
                return char::from_u32(code).map_or(Escaped::Class(Vec::new()), Escaped::Char);
            }
            self.at = before;
        }
        char::from_u32(unit).map_or_else(|| Escaped::Class(vec![(unit, unit)]), Escaped::Char)
    }

    fn set(&mut self) -> Result<Node, Problem> {
        let negated = self.eat("^");
        let mut ranges = Vec::new();
        loop {
            if self.eat("]") {
                return Ok(Node::Set(Set::new(ranges, negated)));
            }
            let from = self.member()?;
            let is_range = self.peek() == Some('-') && self.chars.get(self.at + 1).is_some_and(|c| *c != ']');
            if !is_range {
                ranges.extend(from);
                continue;
            }
            self.at += 1;
            let to = self.member()?;
            match (&from[..], &to[..]) {
                (&[(from, from_end)], &[(to, to_end)]) if from == from_end && to == to_end => {
                    if from > to {
                        return Err(Problem::RangeOutOfOrder);
                    }
                    ranges.push((from, to));
                }
                _ => {
                    ranges.push(('-' as u32, '-' as u32));
                    ranges.extend(from);
                    ranges.extend(to);
                }
            }
        }
    }

    fn member(&mut self) -> Result<Vec<(u32, u32)>, Problem> {
        match self.next() {
            None => Err(Problem::UnterminatedSet),
            Some('\\') if self.peek().is_none() => Err(Problem::TrailingBackslash),
            Some('\\') => Ok(match self.escaped(true) {
                Escaped::Char(c) => vec![(c as u32, c as u32)],
                Escaped::Class(ranges) => ranges,
            }),
            Some(c) => Ok(vec![(c as u32, c as u32)]),
        }
    }
}
