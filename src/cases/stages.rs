//! The rows of stages: passes, plans, and events that make passes.
//!
//! They are nearly all rows of an export, and so their row groups are read side by side, each with names of its own, which
//! become those of all when the groups are put in order.

use std::cmp::Ordering;
use std::collections::{BTreeMap, HashMap};
use std::path::Path;

use foldhash::fast::FixedState;

use super::events::LogRules;
use super::lifecycle::{self, Event, Lifecycle, Paired};
use super::raw;
use super::{KnownPass, Name, Names, Plan, StagePass};
use crate::calendar::Instant;
use crate::contract::{self, RawStage};
use crate::error::Result;
use crate::parallel;
use crate::rules::process::Process;
use crate::rules::vocabulary::Transition;

/// Numbers by identifier, of which each row is asked for its own.
pub(super) type Numbers<'a> = HashMap<&'a str, u32, FixedState>;

/// The number of a pass to which the export gives none.
pub(super) const NOT_NUMBERED: u32 = 0;

/// Stages: passes, and those that events make.
pub(super) struct Stages {
    pub passes: Vec<StagePass>,
    pub plans: Vec<Plan>,
    /// What became of the events, where there are any.
    pub lifecycle: Option<Lifecycle>,
    /// The first event that makes no pass, by application.
    pub first_aside: HashMap<u32, Instant>,
}

/// The rows of some applications, by names of their own.
#[derive(Default)]
struct Rows {
    names: Names,
    /// Instances are told apart and never shown.
    instances: Names,
    passes: Vec<StagePass>,
    plans: Vec<Plan>,
    events: Vec<Event>,
    lines: u32,
}

/// Reads the stages of a lake.
pub(super) fn read(
    lake: &Path,
    process: &Process,
    log: &LogRules<'_>,
    numbers: &Numbers<'_>,
    names: &mut Names,
) -> Result<Stages> {
    let (mut all, mut instances) = (Rows::default(), Names::default());
    let groups = raw::groups::<contract::Stages>(lake)?;
    // What grows as it is filled holds everything twice when it moves.
    all.passes.reserve_exact(groups.iter().map(|group| group.rows).sum());
    let read = |group: raw::RowGroup<contract::Stages>| {
        let (mut rows, mut places) = (Rows::default(), BTreeMap::new());
        rows.passes.reserve_exact(group.rows);
        group.each(|row| rows.add(&row, process, numbers, &mut places))?;
        Ok(rows)
    };
    parallel::in_order(groups.into_iter(), read, |rows| {
        all.append(rows, names, &mut instances);
        Ok(())
    })?;
    let Rows { mut passes, plans, events, .. } = all;
    if events.is_empty() {
        return Ok(Stages { passes, plans, lifecycle: None, first_aside: HashMap::new() });
    }
    let Paired { begun, only_ended, lifecycle, first_aside } = lifecycle::pair(events, names, log.unknown_department);
    passes.extend(begun);
    let start_taken = process.takes_starts();
    passes.extend(only_ended.into_iter().map(|pass| StagePass { start_taken, ..pass }));
    Ok(Stages { passes, plans, lifecycle: Some(lifecycle), first_aside })
}

impl Rows {
    /// Adds a row, if it is of an application.
    fn add(
        &mut self,
        row: &RawStage<'_>,
        process: &Process,
        numbers: &Numbers<'_>,
        places: &mut BTreeMap<Name, (u16, Ordering)>,
    ) {
        let Some(application) = numbers.get(row.application_id) else { return };
        let names = &mut self.names;
        let stage = names.number(row.stage);
        let (position, to_goal) = *places.entry(stage).or_insert_with(|| {
            (u16::try_from(process.position(row.stage)).unwrap_or(u16::MAX), process.to_goal(row.stage))
        });
        let (pass, department) = (row.pass.map_or(NOT_NUMBERED, |pass| pass as u32), names.number(row.department));
        let (handler, planned_start_on) = (names.maybe(row.handler), row.planned_start_on);
        self.lines = self.lines.saturating_add(1);
        // The reader lets no row pass that has neither and is not due, nor one with a finish and no start unless the
        // process says how that is taken.
        let Some(started_at) = row.started_at.or(row.finished_at) else {
            let application = *application;
            let plan = KnownPass {
                stage,
                pass,
                department,
                handler,
                started_at: None,
                start_taken: false,
                finished_at: None,
                due_on: row.due_on,
                planned_start_on,
                position,
                to_goal,
            };
            self.plans.extend(row.due_on.map(|_| Plan { pass: plan, application }));
            return;
        };
        let pass = StagePass {
            stage,
            pass,
            department,
            handler,
            started_at,
            start_taken: row.started_at.is_none(),
            finished_at: row.finished_at,
            due_on: row.due_on,
            planned_start_on,
            position,
            to_goal,
            application: *application,
            line: self.lines,
        };
        match row.transition.and_then(Transition::of_code) {
            // The time of an event is its own, whichever column it stands in.
            Some(transition) => self.events.push(Event {
                transition,
                instance: self.instances.maybe(row.instance),
                row: StagePass { start_taken: false, ..pass },
            }),
            None => self.passes.push(pass),
        }
    }

    /// Adds the rows that come next, by the names of all.
    fn append(&mut self, next: Rows, names: &mut Names, instances: &mut Names) {
        let (known, known_instances) = (names.merge(&next.names), instances.merge(&next.instances));
        let name = |local: Name| known[local.place()];
        let before = self.lines;
        let pass = |pass: StagePass| StagePass {
            stage: name(pass.stage),
            department: name(pass.department),
            handler: pass.handler.map(name),
            line: before.saturating_add(pass.line),
            ..pass
        };
        self.passes.extend(next.passes.into_iter().map(pass));
        self.plans.extend(next.plans.into_iter().map(|Plan { pass, application }| Plan {
            pass: KnownPass {
                stage: name(pass.stage),
                department: name(pass.department),
                handler: pass.handler.map(name),
                ..pass
            },
            application,
        }));
        self.events.extend(next.events.into_iter().map(|event| Event {
            instance: event.instance.map(|instance| known_instances[instance.place()]),
            row: pass(event.row),
            ..event
        }));
        self.lines = before.saturating_add(next.lines);
    }
}
