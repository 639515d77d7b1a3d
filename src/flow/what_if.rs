//! What meeting limits on a critical path would save: the application run again with other lengths and waits.

use std::collections::HashSet;

use super::outlook::Outlook;
use super::waits::Waits;
use super::{Step, Trace};
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
    fn of(steps: &[Step<'_>], waits: &Waits, energised_on: Day) -> Rerun {
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
    fn end(&self, waits: &Waits) -> i32 {
        waits.replay(|at, last| self.finish(at, last)).last().copied().unwrap_or_default()
    }

    /// When a step finishes, given the latest finish of all that it waits for.
    fn finish(&self, at: usize, last: Option<i32>) -> i32 {
        last.map_or(self.start[at], |last| last + self.wait[at]) + self.length[at]
    }
}

/// Gives every step of the path its part in what improving its department would save.
pub fn fill(trace: &mut Trace, steps: &[Step<'_>], waits: &Waits, energised_on: Day) {
    let mut rerun = Rerun::of(steps, waits, energised_on);
    let end = energised_on.0 * 2;
    let at_limit = |at: usize| steps[at].at_limit_on.map(|on| (on.0 - steps[at].started_on().0) * 2);
    let outlook = Outlook::of(waits, &rerun);
    for department in departments(steps, &trace.path) {
        let mine: HashSet<usize> =
            trace.path.iter().copied().filter(|at| steps[*at].department == department).collect();
        let saved = |at: usize| {
            let shorter = at_limit(at).filter(|_| mine.contains(&at)).map_or(0, |limit| rerun.length[at] - limit);
            shorter.max(0)
        };
        let halved = |at: usize| if mine.contains(&at) { rerun.wait[at] - rerun.wait[at] / 2 } else { 0 };
        let by_limit = outlook.ends(|at, last| rerun.finish(at, last) - saved(at));
        let by_wait = outlook.ends(|at, last| rerun.finish(at, last) - halved(at));
        let (mut ended, mut ended_by_wait) = (end, end);
        for &at in trace.path.iter().filter(|at| mine.contains(at)) {
            if let Some(critical) = &mut trace.steps[at].critical {
                critical.saved_at_limit_days = (ended - by_limit[at]) / 2;
                critical.saved_half_wait_half_days = ended_by_wait - by_wait[at];
            }
            (ended, ended_by_wait) = (by_limit[at], by_wait[at]);
        }
    }
    for &at in &trace.path {
        rerun.length[at] = at_limit(at).unwrap_or(rerun.length[at]);
    }
    trace.saved_at_limits_days = (end - rerun.end(waits)) / 2;
}

/// The departments on the path, each once.
fn departments<'a>(steps: &[Step<'a>], path: &[usize]) -> Vec<&'a str> {
    let mut met = HashSet::new();
    path.iter().map(|at| steps[*at].department).filter(|department| met.insert(*department)).collect()
}
