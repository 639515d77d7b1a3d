//! An application run again under other lengths and waits of its steps.

use super::Step;
use super::waits::Waits;
use crate::calendar::Day;

/// An application that runs again under other lengths and waits; all in half days.
pub struct Rerun {
    /// When each step starts, and last the energisation.
    pub start: Vec<i32>,
    /// How long each lasts.
    pub length: Vec<i32>,
    /// How long each waits after the last of all that had finished before it.
    pub wait: Vec<i32>,
}

impl Rerun {
    /// As it ran.
    pub fn of(steps: &[Step<'_>], waits: &Waits, energised_on: Day) -> Rerun {
        let start: Vec<i32> = steps.iter().map(|step| step.started_on().0 * 2).chain([energised_on.0 * 2]).collect();
        let finish: Vec<i32> = steps.iter().map(|step| step.until.0 * 2).chain([energised_on.0 * 2]).collect();
        let length = start.iter().zip(&finish).map(|(start, finish)| finish - start).collect();
        let mut wait = Vec::with_capacity(start.len());
        waits.replay(|at, last| {
            wait.push(last.map_or(0, |last| start[at] - last));
            finish[at]
        });
        Rerun { start, length, wait }
    }

    /// When it is energised.
    pub fn end(&self, waits: &Waits) -> i32 {
        waits.replay(|at, last| self.finish(at, last)).last().copied().unwrap_or_default()
    }

    /// When a step finishes, given the latest finish of all that it waits for.
    pub fn finish(&self, at: usize, last: Option<i32>) -> i32 {
        last.map_or(self.start[at], |last| last + self.wait[at]) + self.length[at]
    }
}
