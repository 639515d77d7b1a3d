//! The rows of stages: passes, plans, and events that make passes.

use std::cmp::Ordering;

use super::lifecycle::Event;
use super::spill::packed;
use super::{KnownPass, Name, Names, Plan, StagePass};
use crate::calendar::{Day, Instant};
use crate::contract::RawStage;
use crate::rules::vocabulary::Transition;

/// The number of a pass to which the export gives none.
pub(super) const NOT_NUMBERED: u32 = 0;

/// One row, with names as numbers.
pub(super) struct StageRow {
    stage: Name,
    pass: u32,
    department: Name,
    handler: Option<Name>,
    started_at: Option<Instant>,
    finished_at: Option<Instant>,
    due_on: Option<Day>,
    planned_start_on: Option<Day>,
    transition: Option<Transition>,
    /// Instances are told apart and never shown.
    instance: Option<Box<str>>,
}

packed! { StageRow: stage pass department handler started_at finished_at due_on planned_start_on transition instance }

impl StageRow {
    /// A row of the export.
    pub fn read(row: &RawStage<'_>, names: &mut Names) -> StageRow {
        StageRow {
            stage: names.number(row.stage),
            pass: row.pass.map_or(NOT_NUMBERED, |pass| pass as u32),
            department: names.number(row.department),
            handler: names.maybe(row.handler),
            started_at: row.started_at,
            finished_at: row.finished_at,
            due_on: row.due_on,
            planned_start_on: row.planned_start_on,
            transition: row.transition.and_then(Transition::of_code),
            instance: row.instance.map(Box::from),
        }
    }

    /// The stage.
    pub fn stage(&self) -> Name {
        self.stage
    }
}

/// Rows of some applications, as what each of them makes.
#[derive(Default)]
pub(super) struct Rows {
    pub passes: Vec<StagePass>,
    pub plans: Vec<Plan>,
    pub events: Vec<Event>,
    instances: Names,
    lines: u32,
}

impl Rows {
    /// Adds the row that comes next, of an application by its number.
    pub fn add(&mut self, row: &StageRow, application: u32, place: Place) {
        let StageRow { stage, pass, department, handler, finished_at, due_on, planned_start_on, .. } = *row;
        let Place { position, to_goal } = place;
        self.lines = self.lines.saturating_add(1);
        // The reader lets no row pass that has neither and is not due, nor one with a finish and no start unless the
        // process says how that is taken.
        let Some(started_at) = row.started_at.or(finished_at) else {
            let plan = KnownPass {
                stage,
                pass,
                department,
                handler,
                started_at: None,
                start_taken: false,
                finished_at: None,
                due_on,
                planned_start_on,
                position,
                to_goal,
            };
            self.plans.extend(due_on.map(|_| Plan { pass: plan, application }));
            return;
        };
        let pass = StagePass {
            stage,
            pass,
            department,
            handler,
            started_at,
            start_taken: row.started_at.is_none(),
            finished_at,
            due_on,
            planned_start_on,
            position,
            to_goal,
            application,
            line: self.lines,
        };
        match row.transition {
            // The time of an event is its own, whichever column it stands in.
            Some(transition) => self.events.push(Event {
                transition,
                instance: self.instances.maybe(row.instance.as_deref()),
                row: StagePass { start_taken: false, ..pass },
            }),
            None => self.passes.push(pass),
        }
    }
}

/// Where a stage stands.
#[derive(Clone, Copy)]
pub(super) struct Place {
    /// In the usual order.
    pub position: u16,
    /// To the stage whose finish is the energisation.
    pub to_goal: Ordering,
}
