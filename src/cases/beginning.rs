//! From when the clock of a stage pass runs: from its start; or, where it did not begin by its due date, from the day on
//! which it could have.
//!
//! docs/method.md §4, late and missing starts. Nobody hides a stage by not beginning it: where all that it waits for was
//! done by its due date, its clock runs without it. Where that came late, the delay is inherited: no fault of the
//! department that could only begin then.

use super::Names;
use super::known::{Case, KnownPass};
use crate::calendar::{Calendar, Day};
use crate::rules::process::Process;

/// When a pass begins for the clock.
#[derive(Clone, Copy)]
pub enum Begins {
    /// With its start.
    Started(Day),
    /// It did not begin by its due date, and from this day on it could have.
    Ready(Day),
    /// It could not begin by its due date: what it waits for came late.
    Inherited(Inherited),
    /// It has not begun and is not due; `true`: something that it waits for is not finished.
    Planned(bool),
    /// Its application has ended without it.
    PassedOver,
}

/// A delay that was handed down to a pass.
#[derive(Clone, Copy)]
pub struct Inherited {
    /// The day on which it started all the same.
    pub started_on: Option<Day>,
    /// Working days from its due date to the last finish of what it waits for, or to the as-of day.
    pub wd: i32,
    /// What came last of it; `None`: the application was accepted late.
    pub late: Option<KnownPass>,
}

impl Begins {
    /// The day from which the clock runs, if it runs.
    pub fn clock_on(self) -> Option<Day> {
        match self {
            Begins::Started(day) | Begins::Ready(day) => Some(day),
            Begins::Inherited(inherited) => inherited.started_on,
            Begins::Planned(_) | Begins::PassedOver => None,
        }
    }

    /// The delay that was handed down, if one was.
    pub fn inherited(self) -> Option<Inherited> {
        if let Begins::Inherited(inherited) = self { Some(inherited) } else { None }
    }
}

/// What waits for what, and which days are working days.
#[derive(Clone, Copy)]
pub(super) struct Starts<'a> {
    pub calendar: &'a Calendar,
    pub as_of: Day,
    pub process: &'a Process,
    pub names: &'a Names,
}

impl Starts<'_> {
    /// When pass `at` of an application begins, of all its passes, begun and planned.
    pub fn begins(&self, case: &Case<'_>, passes: &[KnownPass], at: usize) -> Begins {
        let pass = &passes[at];
        let begun = pass.started_on().map(Begins::Started);
        let Some(due_on) = pass.due_on else { return begun.unwrap_or(Begins::PassedOver) };
        let ended_on = case.begins_no_more(pass).or(case.cancelled_on);
        // What is recorded as begun after a cancellation never ran.
        let started_on = pass.started_on().filter(|day| case.cancelled_on.is_none_or(|cancelled| *day <= cancelled));
        let looked_at = started_on.or(ended_on).unwrap_or(self.as_of);
        let late_by = self.calendar.working_days(due_on, looked_at);
        if late_by <= 0 {
            let is_open = |other: &KnownPass| other.finished_at.is_none();
            return begun.unwrap_or_else(|| match ended_on {
                Some(_) => Begins::PassedOver,
                None => Begins::Planned(self.before(passes, at).any(is_open)),
            });
        }
        let counts = |other: &&KnownPass| other.due_on.is_some() || other.started_on().is_some_and(|day| day <= due_on);
        let mut last_on = case.facts.accepted_on;
        let mut late: Option<KnownPass> = None;
        for other in self.before(passes, at).filter(counts) {
            last_on = last_on.max(other.finished_on().unwrap_or(last_on));
            if other.finished_on().is_none_or(|day| day > due_on) {
                let order = |pass: &KnownPass| (pass.finished_at.is_none(), pass.finished_at, pass.position, pass.pass);
                late = late.into_iter().chain([*other]).max_by_key(order);
            }
        }
        if late.is_none() && last_on <= due_on {
            return Begins::Ready(last_on);
        }
        if late.is_some_and(|late| late.finished_at.is_none()) {
            last_on = ended_on.unwrap_or(self.as_of);
        }
        match (pass.started_on(), ended_on) {
            (None, Some(_)) => Begins::PassedOver,
            (started_on, _) => {
                let wd = self.calendar.working_days(due_on, last_on).max(0);
                Begins::Inherited(Inherited { started_on, wd, late })
            }
        }
    }

    /// The passes of the stages that pass `at` waits for: by the network of the process, of the stages that the
    /// application has on record; without a network, of every other stage.
    fn before<'b>(&self, passes: &'b [KnownPass], at: usize) -> impl Iterator<Item = &'b KnownPass> + use<'b> {
        let stage = passes[at].stage;
        let is_recorded = |code: &str| passes.iter().any(|pass| self.names.text(pass.stage) == code);
        let codes = self.process.network.before(self.names.text(stage), is_recorded);
        let waits_for: Vec<bool> = passes
            .iter()
            .map(|pass| match &codes {
                Some(codes) => codes.contains(&self.names.text(pass.stage)),
                None => pass.stage != stage,
            })
            .collect();
        passes.iter().zip(waits_for).filter(|(_, waits_for)| *waits_for).map(|(pass, _)| pass)
    }
}
