//! When an application would be energised if its first steps had run otherwise and the rest kept their lengths and
//! waits, for every number of first steps in one walk.
//!
//! The end is the longest chain of waits. Cut after a step, such a chain is the finish of one that has been walked, and
//! what it takes from there to the end through steps that have not: the second part does not change while walking, so it
//! is known beforehand, and a tree keeps the best pair of the two.

use super::rerun::Rerun;
use super::waits::{PrefixMaxima, Waits};

/// What the rest of an application takes from each of its steps on.
pub struct Outlook<'a> {
    waits: &'a Waits,
    /// What the step that first waits at each place of the finishes adds, up to the end; before any is walked.
    first: Vec<Option<i32>>,
    /// The same by step, once it is walked: what the next one at its place adds.
    next: Vec<Option<i32>>,
    /// The latest end of the steps from here on that wait for nothing.
    unbound: Vec<Option<i32>>,
    /// What the energisation waits after the last step before it.
    wait: i32,
}

impl<'a> Outlook<'a> {
    /// What is left from each step on, by lengths and waits as they are.
    pub fn of(waits: &'a Waits, rerun: &Rerun) -> Outlook<'a> {
        let steps = waits.rank.len();
        let wait = rerun.wait[steps];
        let mut outlook =
            Outlook { waits, first: vec![None; steps], next: vec![None; steps], unbound: vec![None; steps + 1], wait };
        // By how many finishes each step waits for, the most first.
        let mut onward = PrefixMaxima::over(steps);
        for at in (0..steps).rev() {
            let ends = waits.before_end[at].then_some(wait);
            let rest = waits.rank[at].and_then(|rank| onward.among_first(steps - rank)).max(ends);
            outlook.unbound[at] = outlook.unbound[at + 1];
            let place = waits.gate[at].map(|_| waits.reach[at] - 1);
            if let Some(place) = place {
                outlook.next[at] = outlook.first[place];
            }
            // What leads nowhere, such as a step that is open, delays nothing.
            let Some(rest) = rest else { continue };
            let own = rerun.length[at] + rest;
            match place {
                None => outlook.unbound[at] = outlook.unbound[at].max(Some(rerun.start[at] + own)),
                Some(place) => {
                    let added = rerun.wait[at] + own;
                    outlook.first[place] = outlook.first[place].max(Some(added));
                    onward.put(steps - waits.reach[at], added);
                }
            }
        }
        outlook
    }

    /// Finishes all steps in their order: `finish` says when each one does, given the latest finish of all that it waits
    /// for. Returns for each step when the application is energised if those after it run as they did.
    pub fn ends(&self, mut finish: impl FnMut(usize, Option<i32>) -> i32) -> Vec<i32> {
        let steps = self.next.len();
        let (mut latest, mut pairs) = (PrefixMaxima::over(steps), Pairs::over(&self.first));
        let (mut walked_to_end, mut ends) = (None, Vec::with_capacity(steps));
        for at in 0..steps {
            let finished = finish(at, latest.among_first(self.waits.reach[at]));
            if self.waits.gate[at].is_some() {
                pairs.set(self.waits.reach[at] - 1, |leaf| leaf.onward = self.next[at]);
            }
            if let Some(rank) = self.waits.rank[at] {
                latest.put(rank, finished);
                pairs.set(rank, |leaf| leaf.finish = leaf.finish.max(Some(finished)));
            }
            if self.waits.before_end[at] {
                walked_to_end = walked_to_end.max(Some(finished + self.wait));
            }
            let end = pairs.best().max(self.unbound[at + 1]).max(walked_to_end);
            ends.push(end.unwrap_or_default());
        }
        ends
    }
}

/// A stretch of the finishes in their order.
#[derive(Clone, Copy, Default)]
struct Stretch {
    /// The latest finish of the steps walked.
    finish: Option<i32>,
    /// The most that a step still to be walked adds.
    onward: Option<i32>,
    /// The most of both, the finish not after the place where the step begins to wait.
    pair: Option<i32>,
}

impl Stretch {
    fn leaf(self) -> Stretch {
        Stretch { pair: sum(self.finish, self.onward), ..self }
    }

    fn join(self, after: Stretch) -> Stretch {
        Stretch {
            finish: self.finish.max(after.finish),
            onward: self.onward.max(after.onward),
            pair: self.pair.max(after.pair).max(sum(self.finish, after.onward)),
        }
    }
}

fn sum(finish: Option<i32>, onward: Option<i32>) -> Option<i32> {
    Some(finish? + onward?)
}

/// The best pair of a finish and what follows it: a segment tree.
struct Pairs {
    /// The root at 1, the children of `i` at `2i` and `2i + 1`.
    tree: Vec<Stretch>,
    leaves: usize,
}

impl Pairs {
    fn over(onward: &[Option<i32>]) -> Pairs {
        let leaves = onward.len().next_power_of_two();
        let mut pairs = Pairs { tree: vec![Stretch::default(); 2 * leaves], leaves };
        for (place, onward) in onward.iter().enumerate() {
            pairs.tree[leaves + place].onward = *onward;
        }
        for at in (1..leaves).rev() {
            pairs.tree[at] = pairs.tree[2 * at].join(pairs.tree[2 * at + 1]);
        }
        pairs
    }

    fn set(&mut self, place: usize, change: impl FnOnce(&mut Stretch)) {
        let mut at = self.leaves + place;
        change(&mut self.tree[at]);
        self.tree[at] = self.tree[at].leaf();
        while at > 1 {
            at /= 2;
            self.tree[at] = self.tree[2 * at].join(self.tree[2 * at + 1]);
        }
    }

    fn best(&self) -> Option<i32> {
        self.tree[1].pair
    }
}
