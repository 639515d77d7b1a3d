//! What each step had to wait for, in time that grows with the steps of a case and hardly faster.
//!
//! All that finished before a step begins is a prefix of the finishes in their order, among the steps that come before
//! it. A tree of prefix maxima answers which of them was last, so a case of thousands of passes costs n log n.

use super::{Step, precedes, precedes_energisation};
use crate::calendar::Instant;

/// What each step, and after the last of them the energisation, had to wait for.
pub struct Waits {
    /// The step that determines the start of each step, and last the energisation where there is one.
    pub gate: Vec<Option<usize>>,
    /// Where the finish of each step stands among all finishes; `None`: it has none.
    pub rank: Vec<Option<usize>>,
    /// How many of all finishes are not after the start of each step.
    pub reach: Vec<usize>,
    /// Whether each step was finished when the supply went live.
    pub before_end: Vec<bool>,
}

impl Waits {
    /// Reads them off steps that come by start, usual order and pass.
    pub fn of(steps: &[Step<'_>], energised_at: Option<Instant>) -> Waits {
        let mut finishes: Vec<Instant> = steps.iter().filter_map(|step| step.finished_at).collect();
        finishes.sort_unstable();
        finishes.dedup();
        let place = |at: Instant| finishes.partition_point(|finish| *finish < at);
        let rank: Vec<Option<usize>> = steps.iter().map(|step| step.finished_at.map(place)).collect();
        let reach: Vec<usize> = steps
            .iter()
            .map(|step| finishes.partition_point(|finished_at| precedes(*finished_at, step.started_at)))
            .collect();
        let mut waits = Waits { gate: Vec::new(), rank, reach, before_end: Vec::new() };
        let mut last = PrefixMaxima::over(steps.len());
        for at in 0..steps.len() {
            waits.gate.push(last.among_first(waits.reach[at]).map(|(_, other)| other));
            if let Some(rank) = waits.rank[at] {
                last.put(rank, (rank, at));
            }
        }
        if let Some(live) = energised_at {
            let done = |step: &Step<'_>| step.finished_at.is_some_and(|at| precedes_energisation(step, at, live));
            waits.before_end = steps.iter().map(done).collect();
            let before = (0..steps.len()).filter(|at| waits.before_end[*at]);
            let last = before.max_by_key(|at| (waits.rank[*at], steps[*at].to_goal.is_eq(), *at));
            waits.gate.push(last);
        }
        waits
    }

    /// Finishes all steps and the energisation in their order: `finish` says when each one does, given the latest
    /// finish of all that it waits for. Returns the finishes.
    pub fn replay(&self, mut finish: impl FnMut(usize, Option<i32>) -> i32) -> Vec<i32> {
        let steps = self.rank.len();
        let (mut latest, mut finishes) = (PrefixMaxima::over(steps), Vec::with_capacity(steps + 1));
        for at in 0..steps {
            let finished = finish(at, latest.among_first(self.reach[at]));
            if let Some(rank) = self.rank[at] {
                latest.put(rank, finished);
            }
            finishes.push(finished);
        }
        let last =
            finishes.iter().zip(&self.before_end).filter(|(_, before)| **before).map(|(finish, _)| *finish).max();
        finishes.push(finish(steps, last));
        finishes
    }
}

/// The largest of the first few values, for any few: a binary indexed tree.
pub struct PrefixMaxima<T> {
    /// At `i`, counted from 1: the largest of as many values up to the `i`-th as its lowest set bit says.
    tree: Vec<Option<T>>,
}

impl<T: Copy + Ord> PrefixMaxima<T> {
    /// Of so many places, none of which has a value yet.
    pub fn over(places: usize) -> PrefixMaxima<T> {
        PrefixMaxima { tree: vec![None; places + 1] }
    }

    /// Puts a value at a place, from 0.
    pub fn put(&mut self, place: usize, value: T) {
        let mut at = place + 1;
        while at < self.tree.len() {
            self.tree[at] = self.tree[at].max(Some(value));
            at += lowest_bit(at);
        }
    }

    /// The largest value at the first `count` places.
    pub fn among_first(&self, count: usize) -> Option<T> {
        let (mut at, mut largest) = (count, None);
        while at > 0 {
            largest = largest.max(self.tree[at]);
            at -= lowest_bit(at);
        }
        largest
    }
}

fn lowest_bit(number: usize) -> usize {
    number & number.wrapping_neg()
}
