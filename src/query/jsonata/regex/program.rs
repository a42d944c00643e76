//! From the tree to the instructions that are run. Counted repetitions stay loops, so a program is never larger than
//! a small multiple of its pattern.

use super::parse::Node;
use super::set::{Set, canonical};

/// What one character is compared with.
#[derive(Debug)]
pub(super) enum One {
    Char(char),
    Set(Set),
}

/// An instruction; `back` says that the text is read from right to left, as in a lookbehind.
#[derive(Debug)]
pub(super) enum Op {
    One {
        one: One,
        back: bool,
    },
    /// A repeated single character, the most frequent loop.
    Many {
        one: One,
        min: u32,
        max: u32,
        greedy: bool,
        back: bool,
    },
    Start,
    End,
    Boundary {
        negated: bool,
    },
    Reference {
        group: usize,
        back: bool,
    },
    /// Remembers the position in a register.
    Save(usize),
    /// Goes on with the next instruction, and with the other one if that fails.
    Try {
        other: usize,
    },
    Jump(usize),
    /// Sets the counter of the loop that follows to 0.
    Enter {
        counter: usize,
    },
    /// Decides whether the body, which comes next, is run once more.
    Loop {
        counter: usize,
        min: u32,
        max: u32,
        greedy: bool,
        exit: usize,
    },
    /// The beginning of a loop's body, in which its groups have captured nothing yet.
    Iterate {
        counter: usize,
        groups: (usize, usize),
    },
    /// The end of a loop's body.
    Again {
        counter: usize,
        min: u32,
        top: usize,
    },
    /// Begins a lookaround; its end stands at `end`.
    Look {
        register: usize,
        negated: bool,
        end: usize,
    },
    LookEnd {
        register: usize,
        negated: bool,
    },
    Match,
}

/// A compiled expression.
#[derive(Debug)]
pub(super) struct Program {
    pub(super) ops: Vec<Op>,
    /// Groups with the whole match; each has two registers at the front.
    pub(super) groups: usize,
    pub(super) registers: usize,
    pub(super) ignore_case: bool,
    pub(super) multiline: bool,
    /// What every match begins with, if that's known.
    pub(super) prefix: String,
    /// Whether a match can only begin where the text does.
    pub(super) anchored: bool,
}

pub(super) fn compile(node: &Node, groups: usize, ignore_case: bool, multiline: bool) -> Program {
    let prefix = if ignore_case { String::new() } else { prefix(node) };
    let anchored = !multiline && begins_at_start(node);
    let program = Program { ops: Vec::new(), groups, registers: groups * 2, ignore_case, multiline, prefix, anchored };
    let mut compiler = Compiler { program };
    compiler.node(node, false);
    compiler.push(Op::Match);
    compiler.program
}

fn prefix(node: &Node) -> String {
    match node {
        Node::Char(c) => c.to_string(),
        Node::Sequence(nodes) => {
            let chars = nodes.iter().map_while(|node| if let Node::Char(c) = node { Some(*c) } else { None });
            chars.collect()
        }
        _ => String::new(),
    }
}

fn begins_at_start(node: &Node) -> bool {
    match node {
        Node::Start => true,
        Node::Sequence(nodes) => nodes.first().is_some_and(begins_at_start),
        Node::Group { body, .. } => begins_at_start(body),
        Node::Alternatives(nodes) => nodes.iter().all(begins_at_start),
        _ => false,
    }
}

struct Compiler {
    program: Program,
}

impl Compiler {
    /// Adds an instruction and gives its place.
    fn push(&mut self, op: Op) -> usize {
        self.program.ops.push(op);
        self.program.ops.len() - 1
    }

    fn here(&self) -> usize {
        self.program.ops.len()
    }

    fn registers(&mut self, count: usize) -> usize {
        let first = self.program.registers;
        self.program.registers += count;
        first
    }

    fn one(&self, node: &Node) -> Option<One> {
        let ignore_case = self.program.ignore_case;
        Some(match node {
            Node::Char(c) => One::Char(if ignore_case { canonical(*c) } else { *c }),
            Node::Set(set) if ignore_case => One::Set(set.clone().without_case()),
            Node::Set(set) => One::Set(set.clone()),
            _ => return None,
        })
    }

    fn node(&mut self, node: &Node, back: bool) {
        match node {
            Node::Char(_) | Node::Set(_) => {
                if let Some(one) = self.one(node) {
                    self.push(Op::One { one, back });
                }
            }
            Node::Start => {
                self.push(Op::Start);
            }
            Node::End => {
                self.push(Op::End);
            }
            Node::Boundary { negated } => {
                self.push(Op::Boundary { negated: *negated });
            }
            Node::Reference(group) => {
                self.push(Op::Reference { group: *group, back });
            }
            Node::Group { index: None, body } => self.node(body, back),
            Node::Group { index: Some(index), body } => {
                self.push(Op::Save(index * 2 + usize::from(back)));
                self.node(body, back);
                self.push(Op::Save(index * 2 + usize::from(!back)));
            }
            Node::Sequence(nodes) if back => nodes.iter().rev().for_each(|node| self.node(node, back)),
            Node::Sequence(nodes) => nodes.iter().for_each(|node| self.node(node, back)),
            Node::Alternatives(nodes) => self.alternatives(nodes, back),
            Node::Repeat { body, min, max, greedy, groups } => match self.one(body) {
                Some(one) => {
                    self.push(Op::Many { one, min: *min, max: *max, greedy: *greedy, back });
                }
                None => self.repeat(body, (*min, *max, *greedy), (groups.start, groups.end), back),
            },
            Node::Look { behind, negated, body } => {
                let register = self.registers(2);
                let look = self.push(Op::Look { register, negated: *negated, end: 0 });
                self.node(body, *behind);
                let last = self.push(Op::LookEnd { register, negated: *negated });
                if let Op::Look { end, .. } = &mut self.program.ops[look] {
                    *end = last;
                }
            }
        }
    }

    fn alternatives(&mut self, nodes: &[Node], back: bool) {
        let mut jumps = Vec::with_capacity(nodes.len());
        for (i, node) in nodes.iter().enumerate() {
            if i + 1 == nodes.len() {
                self.node(node, back);
                continue;
            }
            let choice = self.push(Op::Try { other: 0 });
            self.node(node, back);
            jumps.push(self.push(Op::Jump(0)));
            self.program.ops[choice] = Op::Try { other: self.here() };
        }
        let end = self.here();
        for jump in jumps {
            self.program.ops[jump] = Op::Jump(end);
        }
    }

    fn repeat(&mut self, body: &Node, (min, max, greedy): (u32, u32, bool), groups: (usize, usize), back: bool) {
        let counter = self.registers(2);
        self.push(Op::Enter { counter });
        let top = self.push(Op::Jump(0));
        self.push(Op::Iterate { counter, groups });
        self.node(body, back);
        self.push(Op::Again { counter, min, top });
        let exit = self.here();
        self.program.ops[top] = Op::Loop { counter, min, max, greedy, exit };
    }
}
