//! Order: `^(...)`, and the merge sort behind it and behind `$sort`, whose comparisons may fail.

use super::environment::{Env, Frame};
use super::error::{JsonataError, Outcome};
use super::evaluator::Evaluator;
use super::operators::compare_texts;
use super::syntax::Term;
use super::value::{Tuple, Val};
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
