//! What an expression refers to outside of itself, found without evaluating it.

use super::Expression;
use super::syntax::{Call, Extra, Group, Kind, Node, Path, Stage};
use smol_str::SmolStr;

/// What an expression refers to outside of itself.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Mentions {
    /// The variables, without `states`, built-in functions and those that the expression binds itself; sorted, each
    /// once.
    pub variables: Vec<SmolStr>,
    /// For each use of `$states` the member that is asked for; nothing where the whole is used.
    pub states: Vec<Option<SmolStr>>,
    /// References to a context item where there is none: `$` and the names of fields, in their order, each once.
    ///
    /// The States Language forbids them "at the top level" and allows them "nested inside an expression". That is
    /// taken to mean: outside of everything that has a context item of its own, which are the steps of a path after
    /// the first, predicates, the terms of an order, groupings and transforms. A function has the context of the
    /// place where it is defined. `*` and `**` aren't named by the States Language; they come to nothing there. AWS was
    /// seen to refuse a field with `Reference to 'phone' at the top level is not supported.`
    pub top_level: Vec<SmolStr>,
    /// Whether `$$` stands anywhere, which the States Language forbids wherever it is.
    pub document: bool,
}

impl Expression {
    /// What the expression refers to outside of itself.
    pub fn mentions(&self) -> Mentions {
        let mut reader = Reader { found: Mentions::default(), scopes: Vec::new() };
        reader.scoped(Scope::default(), |reader| reader.node(&self.program.root, Context::None));
        reader.found.variables.sort_unstable();
        reader.found.variables.dedup();
        reader.found
    }
}

/// Whether there is a context item.
#[derive(Clone, Copy, PartialEq)]
enum Context {
    None,
    Item,
}

#[derive(Clone, Copy, Default, PartialEq)]
enum Owner {
    /// A block, or the whole expression.
    #[default]
    Block,
    Function,
    /// Its names come from `@` and `#`.
    Path,
}

/// Where names are bound.
#[derive(Default)]
struct Scope {
    owner: Owner,
    names: Vec<SmolStr>,
    /// Names that functions defined here use; they may still be bound before the functions are called.
    later: Vec<SmolStr>,
}

struct Reader {
    found: Mentions,
    scopes: Vec<Scope>,
}

impl Reader {
    fn scoped(&mut self, scope: Scope, read: impl FnOnce(&mut Self)) {
        self.scopes.push(scope);
        read(self);
        let Some(mut scope) = self.scopes.pop() else { return };
        scope.later.retain(|name| !scope.names.contains(name));
        match self.scopes.last_mut() {
            Some(outer) => outer.later.append(&mut scope.later),
            None => self.found.variables.append(&mut scope.later),
        }
    }

    /// `:=` binds for the block or function, also inside of a path.
    fn bind(&mut self, name: &SmolStr) {
        if let Some(scope) = self.scopes.iter_mut().rev().find(|scope| scope.owner != Owner::Path) {
            scope.names.push(name.clone());
        }
    }

    /// `@` and `#` bind for the rest of the path.
    fn bind_in_path(&mut self, name: Option<&SmolStr>) {
        if let Some(scope) = self.scopes.last_mut() {
            scope.names.extend(name.cloned());
        }
    }

    fn is_bound(&self, name: &SmolStr) -> bool {
        self.scopes.iter().any(|scope| scope.names.contains(name))
    }

    fn variable(&mut self, name: &SmolStr, is_builtin: bool, context: Context) {
        if name.is_empty() {
            self.top_level("$".into(), context);
        } else if name == "$" {
            self.found.document = true;
        } else if !is_builtin && !self.is_bound(name) {
            let function = self.scopes.iter_mut().rev().find(|scope| scope.owner == Owner::Function);
            match function {
                _ if name == "states" => self.found.states.push(None),
                Some(function) => function.later.push(name.clone()),
                None => self.found.variables.push(name.clone()),
            }
        }
    }

    fn top_level(&mut self, name: SmolStr, context: Context) {
        if context == Context::None && !self.found.top_level.contains(&name) {
            self.found.top_level.push(name);
        }
    }

    fn nodes<'n>(&mut self, nodes: impl IntoIterator<Item = &'n Node>, context: Context) {
        for node in nodes {
            self.node(node, context);
        }
    }

    fn node(&mut self, node: &Node, context: Context) {
        let Kind::Path(path) = &node.kind else {
            self.kind(node, context);
            if let Some(extra) = &node.extra {
                self.surroundings(extra);
            }
            return;
        };
        self.scoped(Scope { owner: Owner::Path, ..Scope::default() }, |reader| {
            reader.path(path, context);
            if let Some(extra) = &node.extra {
                reader.surroundings(extra);
            }
        });
    }

    fn path(&mut self, path: &Path, context: Context) {
        let mut steps = path.steps.iter();
        if let Some(member) = member_of_states(path)
            && !self.is_bound(&"states".into())
        {
            self.found.states.push(Some(member));
            steps.next();
        } else if let Some(first) = steps.next() {
            self.node(first, context);
        }
        self.nodes(steps, Context::Item);
    }

    /// Bindings, predicates and grouping behind an expression.
    fn surroundings(&mut self, extra: &Extra) {
        self.bind_in_path(extra.focus.as_ref());
        self.bind_in_path(extra.index.as_ref());
        for stage in extra.predicates.iter().chain(&extra.stages) {
            match stage {
                Stage::Filter(predicate) => self.node(predicate, Context::Item),
                Stage::Index(name) => self.bind_in_path(Some(name)),
            }
        }
        if let Some(group) = &extra.group {
            self.group(group, Context::Item);
        }
    }

    fn group(&mut self, group: &Group, context: Context) {
        for (key, value) in &group.pairs {
            self.node(key, context);
            self.node(value, context);
        }
    }

    fn call(&mut self, call: &Call, context: Context) {
        self.node(&call.procedure, context);
        self.nodes(call.arguments.iter().flatten(), context);
    }

    fn kind(&mut self, node: &Node, context: Context) {
        match &node.kind {
            Kind::Literal(_) | Kind::Number(_) | Kind::Regex(_) => {}
            Kind::Wildcard | Kind::Descendants | Kind::Parent(_) => {}
            Kind::Name(name) => self.top_level(name.clone(), context),
            Kind::Variable(name, builtin) => self.variable(name, builtin.is_some(), context),
            Kind::Path(path) => self.path(path, context),
            Kind::Binary(_, sides) | Kind::Apply(sides) => self.nodes([&sides.0, &sides.1], context),
            Kind::Negate(operand) => self.node(operand, context),
            Kind::Array(items) => self.nodes(items, context),
            Kind::Object(group) => self.group(group, context),
            Kind::Block(expressions) => {
                self.scoped(Scope::default(), |reader| reader.nodes(expressions, context));
            }
            Kind::Condition(parts) => {
                self.nodes([&parts.0, &parts.1].into_iter().chain(&parts.2), context);
            }
            Kind::Bind(name, value) => {
                self.node(value, context);
                self.bind(name);
            }
            Kind::Call(call) | Kind::Partial(call) => self.call(call, context),
            Kind::Lambda(lambda) => {
                let scope = Scope { owner: Owner::Function, names: lambda.parameters.clone(), later: Vec::new() };
                self.scoped(scope, |reader| reader.node(&lambda.body, context));
            }
            Kind::Transform(transform) => {
                let parts = [&transform.pattern, &transform.update].into_iter().chain(&transform.delete);
                self.nodes(parts, Context::Item);
            }
            Kind::Sort(terms) => self.nodes(terms.iter().map(|term| &term.expression), Context::Item),
        }
    }
}

/// The member of a path that starts with `$states.member`.
fn member_of_states(path: &Path) -> Option<SmolStr> {
    let [Node { kind: Kind::Variable(variable, _), extra: None, .. }, Node { kind: Kind::Name(member), .. }, ..] =
        path.steps.as_slice()
    else {
        return None;
    };
    (variable == "states").then(|| member.clone())
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::query::jsonata::Mode;

    fn mentions(text: &str) -> Mentions {
        Expression::compile(text, Mode::StepFunctions).expect("a valid expression").mentions()
    }

    #[test]
    fn variables_are_those_that_come_from_outside() {
        let cases: [(&str, &[&str]); 22] = [
            ("1 + 2", &[]),
            ("$b + $a + $b", &["a", "b"]),
            ("$a.b.c", &["a"]),
            ("$states.input.a", &[]),
            ("$sum($items)", &["items"]),
            ("$eval('1')", &["eval"]),
            ("($x := 1; $x + $y)", &["y"]),
            ("$x := $x + 1", &["x"]),
            ("(($x := 1); $x)", &["x"]),
            ("($f($x := 1); $x)", &["f"]),
            ("function($v, $i){ $v + $i + $w }", &["w"]),
            ("($f := function($n){ $n = 0 ? 0 : $f($n - 1) }; $f(3))", &[]),
            ("($f := function(){ $late }; $late := 1; $f())", &[]),
            ("($f := function(){ $g := $late }; $f() + $g)", &["g", "late"]),
            ("$a.b@$v.c[$v.d = e].{'x': $v, 'y': $w}", &["a", "w"]),
            ("$a.b#$i[$i > 0]{$string($i): $}", &["a"]),
            ("$a.b@$v.c + $v", &["a", "v"]),
            ("$a.b[c = $d].e^(>$f.g, h)", &["a", "d", "f"]),
            ("$a ~> |b|{'c': $d}, $e|", &["a", "d", "e"]),
            ("$map($a, $f(?, $b))", &["a", "b", "f"]),
            ("$a ? $b : $c ~> $d", &["a", "b", "c", "d"]),
            ("{'a': [-$a, $b & 'x']}", &["a", "b"]),
        ];
        for (text, expected) in cases {
            assert_eq!(mentions(text).variables, expected, "{text}");
        }
    }

    #[test]
    fn the_members_of_states_are_told_one_by_one() {
        let cases: [(&str, &[Option<&str>]); 10] = [
            ("$a.states", &[]),
            ("$states", &[None]),
            ("$states.input", &[Some("input")]),
            ("$states.\"result\".a & $states.input", &[Some("result"), Some("input")]),
            ("$count($states.result[$ = 1])", &[Some("result")]),
            ("$states[0].result", &[None]),
            ("$states.*", &[None]),
            ("$lookup($states, 'result')", &[None]),
            ("$map($x, function($v){ $states.context.State.Name })", &[Some("context")]),
            ("($states := {'a': 1}; $states.a)", &[]),
        ];
        for (text, expected) in cases {
            let expected: Vec<_> = expected.iter().map(|member| member.map(SmolStr::from)).collect();
            assert_eq!(mentions(text).states, expected, "{text}");
        }
    }

    #[test]
    fn references_to_a_context_are_told_where_there_is_none() {
        let cases: [(&str, &[&str]); 27] = [
            ("phone", &["phone"]),
            ("phone.number", &["phone"]),
            ("\"phone\".number", &["phone"]),
            ("`the phone`[0]", &["the phone"]),
            ("$", &["$"]),
            ("$.a", &["$"]),
            ("$[0]", &["$"]),
            ("b & a & b", &["b", "a"]),
            ("{'a': b, c: 1}", &["b", "c"]),
            ("[a, (b; c)]", &["a", "b", "c"]),
            ("$string(a)", &["a"]),
            ("$map($x, function($v){ $ })", &["$"]),
            ("$map($x, function($v){ $v.a = b })", &["b"]),
            ("a ? b : c", &["a", "b", "c"]),
            ("$x := a", &["a"]),
            ("a ~> $sum", &["a"]),
            ("$x ~> |a|{'b': c}|", &[]),
            ("$states.input.a", &[]),
            ("$states.input.(a + $)", &[]),
            ("$states.input[a = $.b]", &[]),
            ("$states.input^(a, >$.b)", &[]),
            ("$states.input{a: $sum(b)}", &[]),
            ("$states.input.{'a': b}", &[]),
            ("$states.input.$map(a, function($v){ $v + b })", &[]),
            ("[1, 2][$ > 1]", &[]),
            ("[1..3].($ * 2)", &[]),
            ("$states.input.a.%.b", &[]),
        ];
        for (text, expected) in cases {
            assert_eq!(mentions(text).top_level, expected, "{text}");
        }
    }

    #[test]
    fn the_document_is_told_wherever_it_stands() {
        for (text, expected) in [("$$", true), ("$a.b[c = $$.d]", true), ("$a.($)", false)] {
            assert_eq!(mentions(text).document, expected, "{text}");
        }
    }
}
