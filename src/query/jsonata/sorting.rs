//! Order: `^(...)`, and the merge sort behind it and behind `$sort`, whose comparisons may fail.

use super::environment::{Env, Frame};
use super::error::{JsonataError, Outcome};
use super::evaluator::Evaluator;
use super::operators::compare_texts;
use super::paths::follow;
use super::syntax::{Kind, Lambda, Node, Operator, Term};
use super::value::{Callable, Tuple, Val};
use smol_str::SmolStr;
use std::cmp::Ordering;

impl Evaluator<'_> {
    pub fn sort_values(&mut self, terms: &[Term], items: Vec<Val>, position: u32, env: &Env) -> Outcome<Val> {
        if items.len() < 2 {
            return Ok(Val::sequence(items));
        }
        let mut keys = Vec::with_capacity(items.len());
        for item in &items {
            keys.push(self.sort_keys(terms, item, env)?);
        }
        let order =
            self.ordered(keys.len(), &mut |evaluator, a, b| evaluator.compared(terms, &keys[a], &keys[b], position))?;
        Ok(Val::array(order.into_iter().map(|i| items[i].clone()).collect()))
    }

    pub fn sort_tuples(&mut self, terms: &[Term], tuples: Vec<Tuple>, position: u32, env: &Env) -> Outcome<Vec<Tuple>> {
        if tuples.len() < 2 {
            return Ok(tuples);
        }
        let mut keys = Vec::with_capacity(tuples.len());
        for tuple in &tuples {
            let env = Frame::of_tuple(env, tuple.bindings.clone());
            keys.push(self.sort_keys(terms, &tuple.value, &env)?);
        }
        let order =
            self.ordered(keys.len(), &mut |evaluator, a, b| evaluator.compared(terms, &keys[a], &keys[b], position))?;
        Ok(order.into_iter().map(|i| tuples[i].clone()).collect())
    }

    fn sort_keys(&mut self, terms: &[Term], item: &Val, env: &Env) -> Outcome<Vec<Val>> {
        self.charge_items(terms.len() + 5)?;
        terms.iter().map(|term| self.eval(&term.expression, item, env)).collect()
    }

    /// Whether the first item comes after the second; what is undefined comes last.
    fn compared(&mut self, terms: &[Term], a: &[Val], b: &[Val], position: u32) -> Outcome<bool> {
        for ((term, a), b) in terms.iter().zip(a).zip(b) {
            let ordering = match (a.is_undefined(), b.is_undefined()) {
                (true, true) => continue,
                (true, false) => return Ok(true),
                (false, true) => return Ok(false),
                _ => match (a.as_f64(), b.as_f64(), a.as_str(), b.as_str()) {
                    (Some(a), Some(b), _, _) => a.partial_cmp(&b).unwrap_or(Ordering::Equal),
                    (_, _, Some(a), Some(b)) => {
                        self.step(a.len().min(b.len()) / 64)?;
                        compare_texts(a, b)
                    }
                    (Some(_), _, _, Some(_)) | (_, Some(_), Some(_), _) => {
                        return Err(JsonataError::new("T2007").at(position).value(a.shown()).value2(b.shown()));
                    }
                    (x, _, y, _) => {
                        let culprit = if x.is_none() && y.is_none() { a } else { b };
                        return Err(JsonataError::new("T2008").at(position).value(culprit.shown()));
                    }
                },
            };
            match if term.descending { ordering.reverse() } else { ordering } {
                Ordering::Equal => {}
                unequal => return Ok(unequal == Ordering::Greater),
            }
        }
        Ok(false)
    }

    /// The places of the items in their order, if all that a function does is to compare the same member of two items,
    /// so that it needn't be called: `function($a, $b){ $a.price > $b.price }`.
    pub fn ordered_by_member(&mut self, function: &Val, items: &[Val]) -> Outcome<Option<Vec<usize>>> {
        let Some(comparison) = (match function {
            Val::Function(function) => match &function.kind {
                Callable::Lambda { lambda, .. } => Comparison::of(lambda),
                _ => None,
            },
            _ => None,
        }) else {
            return Ok(None);
        };
        self.charge_items(items.len())?;
        let members: Option<Vec<Val>> = items.iter().map(|item| follow(item, comparison.members)).collect();
        let Some(members) = members else { return Ok(None) };
        if let Some(numbers) = members.iter().map(Val::as_f64).collect::<Option<Vec<f64>>>() {
            let order = self.ordered(items.len(), &mut |evaluator, a, b| {
                evaluator.step(1)?;
                let (left, right) = comparison.sides(a, b);
                Ok(numbers[left].partial_cmp(&numbers[right]).is_some_and(|ordering| comparison.holds(ordering)))
            });
            return order.map(Some);
        }
        let Some(texts) = members.iter().map(Val::as_str).collect::<Option<Vec<&str>>>() else { return Ok(None) };
        let order = self.ordered(items.len(), &mut |evaluator, a, b| {
            let (left, right) = comparison.sides(a, b);
            let (left, right) = (texts[left], texts[right]);
            evaluator.step(1 + left.len().min(right.len()) / 64)?;
            Ok(comparison.holds(compare_texts(left, right)))
        });
        order.map(Some)
    }

    /// The places of as many items in their order; `after` tells whether the first of two comes after the second.
    pub fn ordered(
        &mut self,
        count: usize,
        after: &mut dyn FnMut(&mut Self, usize, usize) -> Outcome<bool>,
    ) -> Outcome<Vec<usize>> {
        self.charge(count * 8)?;
        self.step(count)?;
        self.merge_sorted((0..count).collect(), after)
    }

    fn merge_sorted(
        &mut self,
        mut places: Vec<usize>,
        after: &mut dyn FnMut(&mut Self, usize, usize) -> Outcome<bool>,
    ) -> Outcome<Vec<usize>> {
        if places.len() < 2 {
            return Ok(places);
        }
        let right = places.split_off(places.len() / 2);
        let left = self.merge_sorted(places, after)?;
        let right = self.merge_sorted(right, after)?;
        let mut merged = Vec::with_capacity(left.len() + right.len());
        let (mut l, mut r) = (0, 0);
        while l < left.len() && r < right.len() {
            if after(self, left[l], right[r])? {
                merged.push(right[r]);
                r += 1;
            } else {
                merged.push(left[l]);
                l += 1;
            }
        }
        merged.extend_from_slice(&left[l..]);
        merged.extend_from_slice(&right[r..]);
        Ok(merged)
    }
}

/// What a function does that only compares the same member of its two arguments.
struct Comparison<'a> {
    members: &'a [Node],
    operator: Operator,
    /// Whether the second argument stands on the left.
    swapped: bool,
}

impl<'a> Comparison<'a> {
    fn of(lambda: &'a Lambda) -> Option<Self> {
        let (Kind::Binary(operator, sides), [first, second]) = (&lambda.body.kind, &lambda.parameters[..]) else {
            return None;
        };
        let compares =
            matches!(operator, Operator::Less | Operator::LessOrEqual | Operator::Greater | Operator::GreaterOrEqual);
        let is_plain = lambda.signature.is_none() && lambda.body.extra.is_none() && !lambda.body.keep_array;
        let (left, members) = argument_and_members(&sides.0)?;
        let (right, others) = argument_and_members(&sides.1)?;
        let same = members.len() == others.len() && members.iter().zip(others).all(|(a, b)| name(a) == name(b));
        let swapped = match (left == first && right == second, left == second && right == first) {
            (true, false) => false,
            (false, true) => true,
            _ => return None,
        };
        (compares && is_plain && same).then_some(Self { members, operator: *operator, swapped })
    }

    fn sides(&self, a: usize, b: usize) -> (usize, usize) {
        if self.swapped { (b, a) } else { (a, b) }
    }

    fn holds(&self, ordering: Ordering) -> bool {
        match self.operator {
            Operator::Less => ordering.is_lt(),
            Operator::LessOrEqual => ordering.is_le(),
            Operator::Greater => ordering.is_gt(),
            _ => ordering.is_ge(),
        }
    }
}

fn name(node: &Node) -> Option<&SmolStr> {
    match &node.kind {
        Kind::Name(name) if node.extra.is_none() && !node.keep_array => Some(name),
        _ => None,
    }
}

/// The parts of `$a.order.price`, if that is what it is.
fn argument_and_members(node: &Node) -> Option<(&SmolStr, &[Node])> {
    let Kind::Path(path) = &node.kind else { return None };
    let (first, rest) = path.steps.split_first()?;
    let Kind::Variable(argument, None) = &first.kind else { return None };
    let is_plain = [node, first].iter().all(|node| node.extra.is_none() && !node.keep_array) && !path.keep_singleton;
    (is_plain && rest.iter().all(|step| name(step).is_some())).then_some((argument, rest))
}
