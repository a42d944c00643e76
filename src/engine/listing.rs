//! The executions of one state machine, listed the newest first: those that run by when they began or were last redriven,
//! the others by when they ended, as the API reference of ListExecutions says.
//!
//! They stand in the order in which they began, in blocks that know how new the newest of theirs is. Most executions end
//! soon, so that few blocks have what a page shows. What moves to the front while somebody turns the pages is on none of those
//! to come: AWS calls its list best effort. It doesn't know what executions are.

use crate::timestamp::Timestamp;
use std::cmp::Reverse;
use std::collections::BinaryHeap;
use std::sync::atomic::{AtomicI64, Ordering};
use std::sync::{Arc, OnceLock};

/// How many stand in a block.
const BLOCK: usize = 1024;

/// Where something is in a list: its time in milliseconds, then its number in the order of beginnings.
pub type Place = (i64, u64);

/// The time by which something is listed.
#[derive(Debug)]
pub struct Time {
    millis: AtomicI64,
    /// Where it stands, once it does.
    listed: OnceLock<Listed>,
}

#[derive(Debug)]
struct Listed {
    /// The newest time in its block.
    newest: Arc<AtomicI64>,
    index: usize,
}

impl Time {
    pub fn new(began: Timestamp) -> Self {
        Self { millis: AtomicI64::new(began.millis()), listed: OnceLock::new() }
    }

    /// It has ended or goes on, and moves to the front; never back, though the clock may have gone back. Whoever calls this
    /// holds the lock under which it was listed: no listing comes between its time and the newest of its block.
    pub fn set(&self, time: Timestamp) {
        self.millis.fetch_max(time.millis(), Ordering::AcqRel);
        if let Some(listed) = self.listed.get() {
            listed.newest.fetch_max(time.millis(), Ordering::AcqRel);
        }
    }

    fn millis(&self) -> i64 {
        self.millis.load(Ordering::Acquire)
    }
}

/// What has a time.
pub trait Timed {
    fn time(&self) -> &Time;
}

/// What is listed.
#[derive(Debug)]
pub struct Listing<T> {
    all: Vec<Arc<T>>,
    blocks: Vec<Block>,
    /// Those before belong to a deleted machine of the same name.
    from: usize,
}

#[derive(Debug)]
struct Block {
    newest: Arc<AtomicI64>,
    /// No time in it is older. Times only become newer.
    oldest: i64,
}

impl<T> Default for Listing<T> {
    fn default() -> Self {
        Self { all: Vec::new(), blocks: Vec::new(), from: 0 }
    }
}

impl<T: Timed> Listing<T> {
    /// Adds what has begun.
    pub fn push(&mut self, added: Arc<T>) {
        if self.all.len().is_multiple_of(BLOCK) {
            let millis = added.time().millis();
            self.blocks.push(Block { newest: Arc::new(AtomicI64::new(millis)), oldest: millis });
        }
        self.stands_at(self.all.len(), &added);
        self.all.push(added);
    }

    /// Puts what has begun in the place of what had begun before, if that is listed.
    pub fn exchange(&mut self, before: &T, added: Arc<T>) {
        let Some(index) = before.time().listed.get().map(|listed| listed.index) else { return };
        if self.all.get(index).is_some_and(|one| std::ptr::eq(&raw const **one, before)) {
            self.stands_at(index, &added);
            self.all[index] = added;
        }
    }

    fn stands_at(&mut self, index: usize, one: &Arc<T>) {
        let millis = one.time().millis();
        if let Some(block) = self.blocks.get_mut(index / BLOCK) {
            block.oldest = block.oldest.min(millis);
            block.newest.fetch_max(millis, Ordering::AcqRel);
            // Nothing is added twice.
            let _ = one.time().listed.set(Listed { newest: block.newest.clone(), index });
        }
    }

    /// All, the unlisted too.
    pub fn all(&self) -> &[Arc<T>] {
        &self.all
    }

    pub fn take(&mut self) -> Vec<Arc<T>> {
        std::mem::take(self).all
    }

    /// From now on, what is there now isn't listed.
    pub fn forget(&mut self) {
        self.from = self.all.len();
    }

    /// A page of those that pass, behind this place; and the last place on it, if there are more.
    pub fn page(
        &self,
        passes: impl Fn(&T) -> bool,
        behind: Option<Place>,
        limit: usize,
    ) -> (Vec<Arc<T>>, Option<Place>) {
        let most = limit.saturating_add(1);
        let mut found: BinaryHeap<Reverse<Place>> = BinaryHeap::new();
        // The last of those found, once there are enough: what comes before it takes its place.
        let last = |found: &BinaryHeap<Reverse<Place>>| {
            found.peek().filter(|_| found.len() == most).map(|Reverse(place)| *place)
        };
        for (number, block) in self.blocks.iter().enumerate().skip(self.from / BLOCK).rev() {
            let newest = block.newest.load(Ordering::Acquire);
            let is_behind = last(&found).is_some_and(|(millis, _)| newest <= millis);
            let is_before = behind.is_some_and(|(millis, _)| block.oldest > millis);
            if is_behind || is_before {
                continue;
            }
            let (start, end) = (number * BLOCK, ((number + 1) * BLOCK).min(self.all.len()));
            for index in (start.max(self.from)..end).rev() {
                let one = &self.all[index];
                let place = (one.time().millis(), index as u64);
                let is_due = behind.is_none_or(|behind| place < behind);
                if is_due && last(&found).is_none_or(|last| place > last) && passes(one) {
                    found.push(Reverse(place));
                    if found.len() > most {
                        found.pop();
                    }
                }
            }
        }
        let mut places: Vec<Place> = found.into_sorted_vec().into_iter().map(|Reverse(place)| place).collect();
        let is_last = places.len() <= limit;
        places.truncate(limit);
        let page = places.iter().map(|(_, index)| self.all[*index as usize].clone()).collect();
        (page, places.last().copied().filter(|_| !is_last))
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    struct One(u64, Time);

    impl Timed for One {
        fn time(&self) -> &Time {
            &self.1
        }
    }

    /// So many, one a millisecond.
    fn listing(count: u64) -> Listing<One> {
        let mut listing = Listing::default();
        for number in 0..count {
            listing.push(Arc::new(One(number, Time::new(Timestamp::from_millis(number as i64)))));
        }
        listing
    }

    /// All numbers, from pages of this size.
    fn numbers(listing: &Listing<One>, passes: impl Fn(&One) -> bool, size: usize) -> Vec<u64> {
        let (mut numbers, mut behind) = (Vec::new(), None);
        loop {
            let (page, last) = listing.page(&passes, behind, size);
            assert!(page.len() == size || last.is_none());
            numbers.extend(page.iter().map(|one| one.0));
            match last {
                None => return numbers,
                some => behind = some,
            }
        }
    }

    #[test]
    fn pages_show_the_newest_first() {
        let mut listing = listing(5000);
        // Some have ended since, the oldest last; two at the same time.
        for (number, time) in [(4000, 6000), (3, 6001), (1500, 6001), (0, 7000)] {
            listing.all()[number].1.set(Timestamp::from_millis(time));
        }
        let moved = [0, 1500, 3, 4000];
        let mut expected = moved.to_vec();
        expected.extend((0..5000).rev().filter(|number| !moved.contains(number)));
        for size in [1, 7, 999, 5000, 5001] {
            assert_eq!(numbers(&listing, |_| true, size), expected, "{size}");
        }
        let even: Vec<u64> = expected.iter().copied().filter(|number| number % 2 == 0).collect();
        assert_eq!(numbers(&listing, |one| one.0 % 2 == 0, 100), even);
        listing.forget();
        listing.push(Arc::new(One(5000, Time::new(Timestamp::from_millis(5000)))));
        assert_eq!(numbers(&listing, |_| true, 10), [5000]);
        assert_eq!((listing.all().len(), listing.take().len(), listing.all().len()), (5001, 5001, 0));
    }

    #[test]
    fn what_has_moved_to_the_front_does_not_move_back() {
        let listing = listing(3);
        for time in [10, 5] {
            listing.all()[0].1.set(Timestamp::from_millis(time));
        }
        listing.all()[1].1.set(Timestamp::from_millis(7));
        assert_eq!(numbers(&listing, |_| true, 2), [0, 1, 2], "the clock went back, the list didn't");
    }

    #[test]
    fn what_is_exchanged_is_let_go_and_listed_anew() {
        let mut listing = listing(3000);
        let (before, other) = (listing.all()[1500].clone(), One(1, Time::new(Timestamp::from_millis(0))));
        listing.exchange(&before, Arc::new(One(4000, Time::new(Timestamp::from_millis(5000)))));
        // Who isn't listed, or not any more, has no place.
        listing.exchange(&before, Arc::new(One(4001, Time::new(Timestamp::from_millis(5001)))));
        listing.exchange(&other, Arc::new(One(4002, Time::new(Timestamp::from_millis(5002)))));
        assert_eq!((Arc::strong_count(&before), listing.all().len()), (1, 3000));
        let found = numbers(&listing, |_| true, 700);
        assert_eq!((found.len(), &found[..3]), (3000, &[4000, 2999, 2998][..]));
        assert!(!found.contains(&1500));
        listing.all()[1500].1.set(Timestamp::from_millis(6000));
        assert_eq!(numbers(&listing, |_| true, 700)[0], 4000);
    }

    #[test]
    fn what_begins_in_disorder_is_listed_in_order() {
        let mut listing = Listing::default();
        for (number, time) in [(0, 10), (1, 12), (2, 11)] {
            listing.push(Arc::new(One(number, Time::new(Timestamp::from_millis(time)))));
        }
        assert_eq!(numbers(&listing, |_| true, 1), [1, 2, 0]);
    }
}
