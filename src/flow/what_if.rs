//! What meeting limits on a critical path would save: the application run again with other lengths and waits.

use std::collections::HashSet;

use foldhash::fast::FixedState;

use super::outlook::Outlook;
use super::rerun::Rerun;
use super::waits::Waits;
use super::{Critical, Step, Trace};
use crate::calendar::Day;

/// Gives every step of the path its part in what improving its department would save.
pub fn fill(trace: &mut Trace, steps: &[Step<'_>], waits: &Waits, energised_on: Day) {
    let mut rerun = Rerun::of(steps, waits, energised_on);
    let end = energised_on.0 * 2;
    let at_limit = |at: usize| steps[at].at_limit_on.map(|on| (on.0 - steps[at].started_on().0) * 2);
    let over_limit = |at: usize| at_limit(at).map_or(0, |limit| (rerun.length[at] - limit).max(0));
    // Half of the whole days of its own queue, in half days: the customer's waits are not the department's to halve.
    let queue: Vec<i32> =
        trace.steps.iter().map(|step| step.critical.map_or(0, |critical| critical.queue_days)).collect();
    let half_wait = |at: usize| if waits.gate[at].is_some() { queue[at] } else { 0 };
    let outlook = Outlook::of(waits, &rerun);
    let path = trace.path.clone();
    for department in departments(steps, &path) {
        let mine: Vec<usize> = path.iter().copied().filter(|at| steps[*at].department == department).collect();
        for (at, gain) in gains(&outlook, &rerun, end, &mine, over_limit) {
            part(trace, at).saved_at_limit_days = gain / 2;
        }
        for (at, gain) in gains(&outlook, &rerun, end, &mine, half_wait) {
            part(trace, at).saved_half_wait_half_days = gain;
        }
    }
    for at in path {
        rerun.length[at] = at_limit(at).unwrap_or(rerun.length[at]);
    }
    trace.saved_at_limits_days = (end - rerun.end(waits)) / 2;
}

/// How much earlier the energisation is with each of some steps of the path, in their order, when each takes so much less
/// than it did; in half days.
fn gains(
    outlook: &Outlook<'_>,
    rerun: &Rerun,
    end: i32,
    mine: &[usize],
    less: impl Fn(usize) -> i32,
) -> Vec<(usize, i32)> {
    if mine.iter().all(|at| less(*at) == 0) {
        return Vec::new();
    }
    // The path goes forward in the order of the steps.
    let mut mended = mine.iter().copied().peekable();
    let ends = outlook.ends(|at, last| {
        let saved = if mended.next_if_eq(&at).is_some() { less(at) } else { 0 };
        rerun.finish(at, last) - saved
    });
    let before = std::iter::once(end).chain(mine.iter().map(|at| ends[*at]));
    mine.iter().zip(before).map(|(at, before)| (*at, before - ends[*at])).collect()
}

/// The part that a step of the path has in it.
fn part(trace: &mut Trace, at: usize) -> &mut Critical {
    trace.steps[at].critical.get_or_insert_default()
}

/// The departments on the path, each once.
fn departments<'a>(steps: &[Step<'a>], path: &[usize]) -> Vec<&'a str> {
    let mut met: HashSet<&str, FixedState> = HashSet::default();
    path.iter().map(|at| steps[*at].department).filter(|department| met.insert(*department)).collect()
}
