//! Open applications on which nobody works: since when, and whose turn it is.

use super::standing::{Judge, JudgedPass, Standing};
use crate::calendar::Day;
use crate::flow::End;

/// That no stage of an open application is running.
#[derive(Clone, Copy)]
pub struct Idle<'a> {
    /// The day of its last finish, or of its acceptance.
    pub since_on: Day,
    /// Working days since then.
    pub wd: i32,
    /// Whose turn it is, where the process says.
    pub next: Option<Next<'a>>,
}

/// The stage that comes next.
#[derive(Clone, Copy)]
pub struct Next<'a> {
    /// Its code.
    pub stage: &'a str,
    /// The department of its plan, or the one that usually does it.
    pub department: Option<&'a str>,
}

impl<'a> Judge<'a> {
    /// Whether nobody works on an application; `None`: it has ended, or a stage is running.
    pub fn idle(&self, standing: &Standing<'a>) -> Option<Idle<'a>> {
        let begun = || standing.passes.iter().filter(|judged| judged.stage.started_at.is_some());
        if standing.end != End::Open || begun().any(|judged| judged.stage.finished_at.is_none()) {
            return None;
        }
        let finishes = begun().filter_map(|judged| judged.stage.finished_on());
        let since_on = finishes.fold(standing.case.facts.accepted_on, Day::max);
        let wd = self.clock.calendar.working_days(since_on, self.clock.as_of);
        Some(Idle { since_on, wd, next: self.next(standing) })
    }

    /// The first stage in the order of the process that has not begun and that nothing that has begun waits for: of those
    /// that are planned, else of those that such applications have.
    fn next(&self, standing: &Standing<'a>) -> Option<Next<'a>> {
        let text = |judged: &JudgedPass<'_>| self.names.text(judged.stage.stage);
        let steps = &self.process.network.steps;
        let connection = standing.case.facts.connection();
        let mut is_past: Vec<bool> = steps
            .iter()
            .map(|step| {
                standing.passes.iter().any(|judged| judged.stage.started_at.is_some() && text(judged) == step.code)
            })
            .collect();
        for number in (0..steps.len()).rev().filter(|number| is_past[*number]).collect::<Vec<_>>() {
            let mut before = steps[number].after.clone();
            while let Some(earlier) = before.pop() {
                if !is_past[earlier] || steps[earlier].is_customers {
                    is_past[earlier] = true;
                    before.extend(&steps[earlier].after);
                }
            }
        }
        let plan = |code: &str| {
            let plans = standing.passes.iter().filter(|judged| judged.stage.started_at.is_none());
            plans.into_iter().find(|judged| text(judged) == code)
        };
        let to_come = || (0..steps.len()).filter(|number| !steps[*number].is_customers && !is_past[*number]);
        // What the office has planned says more than what such applications usually have.
        let planned = to_come().find(|number| plan(&steps[*number].code).is_some());
        let usual = to_come().find(|number| steps[*number].when.fits(&connection));
        let step = &steps[planned.or(usual)?];
        let own = plan(&step.code).map(|judged| self.names.text(judged.stage.department));
        let usual = || step.department.as_ref().and_then(|department| department.of(&connection)).map(String::as_str);
        Some(Next { stage: &step.code, department: own.or_else(usual) })
    }
}
