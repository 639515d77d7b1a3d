//! What meeting limits on a critical path would save: the application run again with other lengths and waits.

use super::{Step, Trace, Waits};
use crate::calendar::Day;

/// An application that runs again under other lengths and waits; all in half days.
struct Rerun {
    start: Vec<i32>,
    length: Vec<i32>,
    wait: Vec<i32>,
    finish: Vec<i32>,
}

impl Rerun {
    fn of(steps: &[Step<'_>], waits: &Waits, energised_on: Day) -> Rerun {
        let start: Vec<i32> = steps.iter().map(|step| step.started_on().0 * 2).chain([energised_on.0 * 2]).collect();
        let finish: Vec<i32> = steps.iter().map(|step| step.until.0 * 2).chain([energised_on.0 * 2]).collect();
        let length = start.iter().zip(&finish).map(|(start, finish)| finish - start).collect();
        let wait = (0..start.len())
            .map(|at| waits.before(at).iter().map(|before| finish[*before]).max().map_or(0, |last| start[at] - last))
            .collect();
        Rerun { start, length, wait, finish }
    }

    /// When it is energised.
    fn end(&mut self, waits: &Waits) -> i32 {
        for at in 0..self.start.len() {
            let last = waits.before(at).iter().map(|before| self.finish[*before]).max();
            self.finish[at] = last.map_or(self.start[at], |last| last + self.wait[at]) + self.length[at];
        }
        self.finish.last().copied().unwrap_or_default()
    }
}

/// Gives every step of the path its part in what improving its department would save.
pub fn fill(trace: &mut Trace, steps: &[Step<'_>], waits: &Waits, energised_on: Day) {
    let mut rerun = Rerun::of(steps, waits, energised_on);
    let end = rerun.end(waits);
    let at_limit = |at: usize, _: i32| steps[at].at_limit_on.map(|on| (on.0 - steps[at].started_on().0) * 2);
    let saved = mended(&mut rerun, waits, steps, &trace.path, |rerun| &mut rerun.length, at_limit);
    let halved = mended(&mut rerun, waits, steps, &trace.path, |rerun| &mut rerun.wait, |_, wait| Some(wait / 2));
    for ((&at, saved), halved) in trace.path.iter().zip(saved).zip(halved) {
        if let Some(critical) = &mut trace.steps[at].critical {
            critical.saved_at_limit_days = saved / 2;
            critical.saved_half_wait_half_days = halved;
        }
    }
    for &at in &trace.path {
        rerun.length[at] = at_limit(at, 0).unwrap_or(rerun.length[at]);
    }
    trace.saved_at_limits_days = (end - rerun.end(waits)) / 2;
}

/// Half days that each step of the path adds to the gain of its department; `mend` gives the new length or
/// wait of a step, where it has one.
fn mended(
    rerun: &mut Rerun,
    waits: &Waits,
    steps: &[Step<'_>],
    path: &[usize],
    figures: impl Fn(&mut Rerun) -> &mut Vec<i32>,
    mend: impl Fn(usize, i32) -> Option<i32>,
) -> Vec<i32> {
    let given = figures(rerun).clone();
    let end = rerun.end(waits);
    let mut saved = vec![0; path.len()];
    for (first, &leader) in path.iter().enumerate() {
        let department = steps[leader].department;
        if path[..first].iter().any(|before| steps[*before].department == department) {
            continue;
        }
        let mut ended = end;
        for (place, &at) in path.iter().enumerate().skip(first) {
            let better = mend(at, given[at]).filter(|better| *better < given[at]);
            if let (true, Some(better)) = (steps[at].department == department, better) {
                figures(rerun)[at] = better;
                let now = rerun.end(waits);
                saved[place] = ended - now;
                ended = now;
            }
        }
        figures(rerun).clone_from(&given);
    }
    saved
}
