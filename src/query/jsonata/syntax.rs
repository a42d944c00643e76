//! The tree that is evaluated.

use super::regex::Regex;
use super::signature::Signature;
use crate::json::Value;
use smol_str::SmolStr;
use std::sync::Arc;

/// An expression with the place where it stands; what few expressions have stands in [`Extra`].
#[derive(Debug)]
pub(super) struct Node {
    pub kind: Kind,
    /// Bytes of the text up to the end of its token.
    pub position: u32,
    /// How many nodes there are from here down, at most.
    pub height: u32,
    /// `[]` stands behind it: a sequence of one item stays an array.
    pub keep_array: bool,
    pub extra: Option<Box<Extra>>,
}

/// What surrounds an expression: predicates, grouping, and what makes it a special step of a path.
#[derive(Debug, Default)]
pub(super) struct Extra {
    /// Predicates of an expression that is no step.
    pub predicates: Vec<Stage>,
    /// Predicates and index bindings of a step.
    pub stages: Vec<Stage>,
    pub group: Option<Group>,
    /// `@$name`
    pub focus: Option<SmolStr>,
    /// `#$name`
    pub index: Option<SmolStr>,
    /// The parents that are asked for further on and are the context of this step.
    pub ancestors: Vec<u32>,
    /// Its results carry bindings along.
    pub tuple: bool,
    /// An array constructor at the start or end of a path, whose array isn't flattened.
    pub cons: bool,
    /// Parents asked for inside that lie outside.
    pub seeking: Vec<Slot>,
}

/// A `%` and how many steps up its object is.
#[derive(Clone, Debug)]
pub(super) struct Slot {
    pub id: u32,
    pub level: u32,
}

#[derive(Debug)]
pub(super) enum Stage {
    Filter(Node),
    Index(SmolStr),
}

#[derive(Debug)]
pub(super) struct Group {
    pub pairs: Vec<(Node, Node)>,
    pub position: u32,
}

#[derive(Debug)]
pub(super) struct Term {
    pub descending: bool,
    pub expression: Node,
}

/// A function call, also one with `?` among the arguments.
#[derive(Debug)]
pub(super) struct Call {
    pub procedure: Node,
    /// Nothing where `?` stands.
    pub arguments: Vec<Option<Node>>,
    /// What errors call the procedure.
    pub name: Option<SmolStr>,
}

#[derive(Debug)]
pub(super) struct Lambda {
    pub parameters: Vec<SmolStr>,
    pub signature: Option<Signature>,
    pub body: Node,
}

#[derive(Debug)]
pub(super) struct Transform {
    pub pattern: Node,
    pub update: Node,
    pub delete: Option<Node>,
}

#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Operator {
    Add,
    Subtract,
    Multiply,
    Divide,
    Remainder,
    Equal,
    NotEqual,
    Less,
    LessOrEqual,
    Greater,
    GreaterOrEqual,
    Concatenate,
    And,
    Or,
    In,
    Range,
}

impl Operator {
    pub fn symbol(self) -> &'static str {
        match self {
            Operator::Add => "+",
            Operator::Subtract => "-",
            Operator::Multiply => "*",
            Operator::Divide => "/",
            Operator::Remainder => "%",
            Operator::Equal => "=",
            Operator::NotEqual => "!=",
            Operator::Less => "<",
            Operator::LessOrEqual => "<=",
            Operator::Greater => ">",
            Operator::GreaterOrEqual => ">=",
            Operator::Concatenate => "&",
            Operator::And => "and",
            Operator::Or => "or",
            Operator::In => "in",
            Operator::Range => "..",
        }
    }
}

#[derive(Debug)]
pub(super) enum Kind {
    Literal(Value),
    Number(f64),
    /// A field; only inside of paths.
    Name(SmolStr),
    /// `$name`, or `$` if the name is empty, with the place of the built-in function of this name.
    Variable(SmolStr, Option<u16>),
    Wildcard,
    Descendants,
    Parent(u32),
    Regex(Arc<Regex>),
    Path(Path),
    Binary(Operator, Box<(Node, Node)>),
    Negate(Box<Node>),
    Array(Vec<Node>),
    Object(Group),
    Block(Vec<Node>),
    Condition(Box<(Node, Node, Option<Node>)>),
    Bind(SmolStr, Box<Node>),
    Apply(Box<(Node, Node)>),
    Call(Arc<Call>),
    Partial(Arc<Call>),
    Lambda(Arc<Lambda>),
    Transform(Arc<Transform>),
    Sort(Vec<Term>),
}

#[derive(Debug)]
pub(super) struct Path {
    pub steps: Vec<Node>,
    pub keep_singleton: bool,
}

impl Node {
    pub fn new(kind: Kind, position: u32) -> Self {
        Self { kind, position, height: 1, keep_array: false, extra: None }
    }

    pub fn extra(&mut self) -> &mut Extra {
        self.extra.get_or_insert_default()
    }

    pub fn is_cons(&self) -> bool {
        self.extra.as_ref().is_some_and(|extra| extra.cons)
    }

    pub fn is_tuple(&self) -> bool {
        self.extra.as_ref().is_some_and(|extra| extra.tuple)
    }

    /// What jsonata-js calls this kind of expression, which reaches its users as the token of an error.
    pub fn type_name(&self) -> &'static str {
        match &self.kind {
            Kind::Literal(Value::String(_)) => "string",
            Kind::Literal(_) => "value",
            Kind::Number(_) => "number",
            Kind::Name(_) => "name",
            Kind::Variable(..) => "variable",
            Kind::Wildcard => "wildcard",
            Kind::Descendants => "descendant",
            Kind::Parent(_) => "parent",
            Kind::Regex(_) => "regex",
            Kind::Path(_) => "path",
            Kind::Binary(..) => "binary",
            Kind::Negate(_) | Kind::Array(_) | Kind::Object(_) => "unary",
            Kind::Block(_) => "block",
            Kind::Condition(_) => "condition",
            Kind::Bind(..) => "bind",
            Kind::Apply(_) => "apply",
            Kind::Call(_) => "function",
            Kind::Partial(_) => "partial",
            Kind::Lambda(_) => "lambda",
            Kind::Transform(_) => "transform",
            Kind::Sort(_) => "sort",
        }
    }
}
