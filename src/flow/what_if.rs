//! What meeting limits on a critical path would save: the application run again with other lengths and waits.

use std::collections::HashSet;

use super::outlook::Outlook;
use super::rerun::Rerun;
use super::waits::Waits;
use super::{Step, Trace};
use crate::calendar::Day;

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
