//! The stage passes of one application → their rows in the clean tables: the reading of the clock of each, its part in
//! the order of the application ([`flow`]), and what directly follows what.

use std::path::Path;

use super::cases::{Application, Name, Names, StagePass};
use super::clean::{EDGES, STAGES, writer};
use super::vocabulary::StageState;
use super::{Pass, Reading};
use crate::calendar::{Calendar, Day};
use crate::error::Result;
use crate::flow::{self, Critical, Edge, End, Step, Traced};
use crate::lake::{TableWriter, Value};

/// One stage pass that has started by the as-of day, read.
pub struct Seen<'a> {
    /// The pass as the export tells it.
    pub stage: &'a StagePass,
    /// As it is known on the as-of day.
    pub pass: Pass,
    /// What the clock shows.
    pub reading: Reading,
    /// Whether it is overdue, and when it was settled, under the other setting of `pending`.
    pub other: (Option<bool>, Option<Day>),
    /// Where its limit comes from.
    pub limit_source: Option<&'a str>,
}

/// The application that passes belong to.
pub struct Whose<'a> {
    /// The application.
    pub application: &'a Application,
    /// Its mode of service.
    pub mode: &'a str,
    /// What it is compared with others by.
    pub stratum: &'a str,
    /// How it stands on the as-of day.
    pub end: End,
}

/// What the order of its passes tells of an application.
pub struct Order {
    /// Passes whose stage came before.
    pub rework: i64,
    /// Its stages in their order.
    pub variant: Option<String>,
    /// Working days of its critical path.
    pub critical_wd: i32,
    /// Calendar days waited between the passes of the path.
    pub critical_wait_days: i32,
    /// Calendar days before the path.
    pub lead_days: Option<i32>,
    /// Calendar days after it.
    pub tail_days: Option<i32>,
    /// Calendar days by which it would have been energised earlier, had all of the path met its limits.
    pub saved_at_limits_days: i32,
}

/// The clean tables of stage passes and of what follows what, while they are written.
pub struct StageTables<'a> {
    names: &'a Names,
    stages: TableWriter,
    edges: TableWriter,
}

impl<'a> StageTables<'a> {
    /// Opens the tables in a folder.
    pub fn create(folder: &Path, names: &'a Names) -> Result<StageTables<'a>> {
        Ok(StageTables { names, stages: writer(folder, "stages", STAGES)?, edges: writer(folder, "edges", EDGES)? })
    }

    /// Closes the tables.
    pub fn finish(self) -> Result<()> {
        self.stages.finish()?;
        self.edges.finish().map(drop)
    }

    fn maybe(&self, name: Option<Name>) -> Value<'a> {
        name.map_or(Value::Null, |name| Value::text(self.names.text(name)))
    }

    /// Writes the passes of one application, which come by start, usual order and pass.
    pub fn write(&mut self, whose: &Whose<'_>, seen: &[Seen<'_>], calendar: &Calendar) -> Result<Order> {
        let steps: Vec<Step<'_>> = seen.iter().map(|seen| self.step(seen)).collect();
        let accepted_on = whose.application.accepted_on;
        let trace = flow::trace(accepted_on, &steps, whose.end, calendar);
        for (at, (seen, traced)) in seen.iter().zip(&trace.steps).enumerate() {
            // An application counts once for a stage and department, and once where they did it again.
            let alike = |other: &usize| {
                steps[*other].stage == steps[at].stage && steps[*other].department == steps[at].department
            };
            let first = !(0..at).any(|other| alike(&other));
            let first_again = traced.rework && !(0..at).any(|other| alike(&other) && trace.steps[other].rework);
            self.stage(whose, seen, traced, at, [first, first_again])?;
        }
        let edges: Vec<Edge> = flow::edges(accepted_on, &steps, &trace.steps, whose.end, calendar).collect();
        for (sequence, edge) in edges.iter().enumerate() {
            let step = |at: Option<usize>| at.map(|at| &steps[at]);
            let stages = |edge: &Edge| (step(edge.from).map(|s| s.stage), step(edge.to).map(|s| s.stage), edge.kind);
            let departments =
                |edge: &Edge| (step(edge.from).map(|s| s.department), step(edge.to).map(|s| s.department));
            let before = &edges[..sequence];
            let first = [
                !before.iter().any(|other| stages(other) == stages(edge)),
                !before.iter().any(|other| departments(other) == departments(edge)),
            ];
            self.edge(whose, &steps, edge, sequence, first)?;
        }
        let critical = || trace.steps.iter().filter_map(|step| step.critical);
        Ok(Order {
            rework: trace.steps.iter().filter(|step| step.rework).count() as i64,
            variant: flow::variant(&steps),
            critical_wd: critical().map(|critical| critical.wd).sum(),
            critical_wait_days: critical().map(|critical| critical.wait_days).sum(),
            lead_days: trace.lead_days,
            tail_days: trace.tail_days,
            saved_at_limits_days: trace.saved_at_limits_days,
        })
    }

    fn step(&self, seen: &Seen<'_>) -> Step<'a> {
        let Seen { stage, pass, reading, .. } = seen;
        Step {
            stage: self.names.text(stage.stage),
            department: self.names.text(stage.department),
            position: stage.position,
            to_goal: stage.to_goal,
            started_at: stage.started_at,
            finished_at: stage.finished_at.filter(|_| pass.finished),
            until: pass.until,
            net_wd: reading.net_wd,
            at_limit_on: reading.at_limit_on,
        }
    }

    fn stage(
        &mut self,
        whose: &Whose<'_>,
        seen: &Seen<'_>,
        traced: &Traced,
        at: usize,
        [first, first_again]: [bool; 2],
    ) -> Result<()> {
        let Whose { application, mode, stratum, end } = *whose;
        let Seen { stage, pass, reading, other, limit_source } = seen;
        let days = |count: i32| Value::Integer(i64::from(count));
        let state = match (pass.finished, end) {
            (true, _) => StageState::Finished,
            (false, End::Cancelled(_)) => StageState::Stopped,
            (false, _) => StageState::Open,
        };
        // Off the path its parts are nought: they add up to those of the path.
        let Critical { wd, work_days, wait_days, saved_at_limit_days, saved_half_wait_days } =
            traced.critical.unwrap_or_default();
        let row = [
            Value::text(&application.application_id),
            self.maybe(Some(application.bureau)),
            Value::text(mode),
            self.maybe(application.manager_id),
            self.maybe(Some(stage.stage)),
            Value::Integer(i64::from(stage.pass)),
            self.maybe(Some(stage.department)),
            self.maybe(stage.handler),
            Value::text(state.code()),
            Value::Date(stage.started_on()),
            Value::Date(stage.started_on().month()),
            Some(pass.until).filter(|_| pass.finished).into(),
            Some(pass.until.month()).filter(|_| pass.finished).into(),
            Value::Date(pass.until),
            reading.limit.map(|limit| limit.due_on).into(),
            reading.limit.map_or(Value::Null, |limit| days(limit.limit_wd)),
            (*limit_source).into(),
            days((pass.until.0 - stage.started_on().0).max(0)),
            days(reading.gross_wd),
            days(reading.claimed_wd),
            days(reading.excluded_wd),
            days(reading.net_wd),
            reading.limit.map_or(Value::Null, |limit| days(limit.limit_wd - reading.net_wd)),
            reading.over_wd.map_or(Value::Null, days),
            reading.overdue_gross.into(),
            reading.overdue_net.into(),
            reading.breached_on.into(),
            reading.settled_on.into(),
            reading.settled_on.map(Day::month).into(),
            other.0.into(),
            other.1.map(Day::month).into(),
            Value::text(end.name()),
            Value::text(stratum),
            Value::Integer(at as i64 + 1),
            Value::Flag(traced.rework),
            Value::Flag(first),
            Value::Flag(first_again),
            traced.waiting_wd.map_or(Value::Null, days),
            Value::Flag(traced.critical.is_some()),
            days(wd),
            days(work_days),
            days(wait_days),
            days(saved_at_limit_days),
            Value::Number(saved_half_wait_days),
        ];
        self.stages.push(&row)
    }

    fn edge(
        &mut self,
        whose: &Whose<'_>,
        steps: &[Step<'a>],
        edge: &Edge,
        sequence: usize,
        [first_of_stages, first_of_departments]: [bool; 2],
    ) -> Result<()> {
        let Whose { application, mode, end, .. } = *whose;
        let (from, to) = (edge.from.map(|from| &steps[from]), edge.to.map(|to| &steps[to]));
        let days = |count: Option<i32>| Value::from(count.map(i64::from));
        let row = [
            Value::text(&application.application_id),
            self.maybe(Some(application.bureau)),
            Value::text(mode),
            Value::text(end.name()),
            Value::Integer(sequence as i64 + 1),
            Value::text(edge.kind.code()),
            from.map(|step| step.stage).into(),
            to.map(|step| step.stage).into(),
            from.map(|step| step.department).into(),
            to.map(|step| step.department).into(),
            Value::Flag(edge.rework),
            Value::Flag(edge.overlap),
            Value::Flag(first_of_stages),
            Value::Flag(first_of_departments),
            days(edge.wd),
            days(edge.days),
        ];
        self.edges.push(&row)
    }
}
