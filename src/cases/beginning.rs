//! From when the clock of a stage pass runs: from its start; or, where it did not begin by its due date, from the day on
//! which it could have.
//!
//! docs/method.md §4, late and missing starts. Nobody hides a stage by not beginning it: where all that it waits for was
//! done by its due date, its clock runs without it. Where that came late, the delay is inherited: no fault of the
//! department that could only begin then.

use std::cell::RefCell;
use std::collections::HashMap;

use super::known::Case;
use super::{KnownPass, Name, Names};
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

/// When the passes of one application begin, of all that it has on record, begun and planned.
pub(super) struct Starts<'a> {
    calendar: &'a Calendar,
    as_of: Day,
    process: &'a Process,
    names: &'a Names,
    passes: &'a [KnownPass],
    /// The stages that a stage waits for, of those that were asked for; `None`: every other one.
    before: RefCell<HashMap<Name, Option<Vec<Name>>>>,
}

impl<'a> Starts<'a> {
    pub fn of(
        calendar: &'a Calendar,
        as_of: Day,
        process: &'a Process,
        names: &'a Names,
        passes: &'a [KnownPass],
    ) -> Starts<'a> {
        Starts { calendar, as_of, process, names, passes, before: RefCell::default() }
    }

    /// When a pass begins.
    pub fn begins(&self, case: &Case<'_>, pass: &KnownPass) -> Begins {
        // What is recorded as begun after a cancellation never ran.
        let started_on = pass.started_on().filter(|day| case.cancelled_on.is_none_or(|cancelled| *day <= cancelled));
        let begun = started_on.map(Begins::Started);
        let Some(due_on) = pass.due_on else { return begun.unwrap_or(Begins::PassedOver) };
        let ended_on = case.begins_no_more(pass).or(case.cancelled_on);
        let looked_at = started_on.or(ended_on).unwrap_or(self.as_of);
        let late_by = self.calendar.working_days(due_on, looked_at);
        if late_by <= 0 {
            let is_open = |other: &KnownPass| other.finished_at.is_none();
            return begun.unwrap_or_else(|| match ended_on {
                Some(_) => Begins::PassedOver,
                None => Begins::Planned(self.before(pass.stage).any(is_open)),
            });
        }
        let counts = |other: &&KnownPass| other.due_on.is_some() || other.started_on().is_some_and(|day| day <= due_on);
        let mut last_on = case.facts.accepted_on;
        let mut late: Option<KnownPass> = None;
        for other in self.before(pass.stage).filter(counts) {
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
        match (started_on, ended_on) {
            (None, Some(_)) => Begins::PassedOver,
            (started_on, _) => {
                let wd = self.calendar.working_days(due_on, last_on).max(0);
                Begins::Inherited(Inherited { started_on, wd, late })
            }
        }
    }

    /// The passes of the stages that a stage waits for: by the network of the process, of the stages that the application
    /// has on record; without a network, of every other stage.
    fn before(&self, stage: Name) -> impl Iterator<Item = &'a KnownPass> + use<'a> {
        let mut known = self.before.borrow_mut();
        let before = known.entry(stage).or_insert_with(|| self.stages_before(stage)).clone();
        self.passes.iter().filter(move |pass| match &before {
            Some(before) => before.contains(&pass.stage),
            None => pass.stage != stage,
        })
    }

    fn stages_before(&self, stage: Name) -> Option<Vec<Name>> {
        let recorded = |code: &str| self.passes.iter().find(|pass| self.names.text(pass.stage) == code);
        let codes = self.process.network.before(self.names.text(stage), |code| recorded(code).is_some())?;
        Some(codes.into_iter().filter_map(|code| Some(recorded(code)?.stage)).collect())
    }
}
