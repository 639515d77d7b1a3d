//! The clean tables: every derived figure of a single case.
//!
//! One pass over the cases in their order. What SQL would need a calendar, a date function or a look at the row before
//! for is decided here, so that the marts are plain counts and sums. Nothing that happened after the as-of day exists.

use std::path::Path;

use super::cases::{Application, Calls, Cases, DelayClaim, Name};
use super::limits::RuleBook;
use super::{Claim, Clock, Limit, Pass, Reading, Rules, Span, Verdict};
use crate::calendar::Day;
use crate::error::Result;
use crate::lake::Layout::{Date, Flag, Integer, Number, Text};
use crate::lake::{Layout, TableWriter, Value};

/// The capacity from which a project is served order-style where the export does not say, in kVA [S0].
const ORDER_KVA: f64 = 4_000.0;

/// The clean table of applications: one row an application accepted by the as-of day, by identifier.
pub const APPLICATIONS: &[(&str, Layout)] = &[
    ("application_id", Text),
    ("bureau", Text),
    ("area", Text),
    ("channel", Text),
    ("voltage_kv", Number),
    ("capacity_kva", Number),
    ("supply", Text),
    ("new_feeder", Flag),
    ("key_project", Flag),
    ("mode", Text),
    ("manager_id", Text),
    ("state", Text),
    ("accepted_on", Date),
    ("desired_on", Date),
    ("promised_on", Date),
    ("replanned_on", Date),
    ("energised_on", Date),
    ("energised_month", Date),
    ("cancelled_on", Date),
    ("due_on", Date),
    ("due_source", Text),
    ("effective_due_on", Date),
    ("remaining_wd", Integer),
    ("calendar_days", Integer),
    ("gross_wd", Integer),
    ("excluded_wd", Integer),
    ("net_wd", Integer),
    ("promise_kept", Flag),
    ("all_met", Flag),
    ("passes", Integer),
    ("passes_overdue_net", Integer),
];

/// The clean table of stage passes: one row a pass that started by the as-of day, by application, start and order.
pub const STAGES: &[(&str, Layout)] = &[
    ("application_id", Text),
    ("bureau", Text),
    ("mode", Text),
    ("stage", Text),
    ("pass", Integer),
    ("department", Text),
    ("handler", Text),
    ("state", Text),
    ("started_on", Date),
    ("finished_on", Date),
    ("until_on", Date),
    ("due_on", Date),
    ("limit_wd", Integer),
    ("limit_source", Text),
    ("calendar_days", Integer),
    ("gross_wd", Integer),
    ("claimed_wd", Integer),
    ("excluded_wd", Integer),
    ("net_wd", Integer),
    ("over_wd", Integer),
    ("overdue_gross", Flag),
    ("overdue_net", Flag),
    ("breached_on", Date),
    ("settled_on", Date),
    ("settled_month", Date),
    ("other_overdue_net", Flag),
    ("other_settled_month", Date),
];

/// The clean table of claims: one row a verdict, that is a claim against a stage pass. The table `application_claims`
/// has the same columns: one row a claim that names no stage, judged against the whole application.
pub const CLAIMS: &[(&str, Layout)] = &[
    ("application_id", Text),
    ("stage", Text),
    ("pass", Integer),
    ("department", Text),
    ("delay_id", Text),
    ("names_stage", Flag),
    ("cause", Text),
    ("began_on", Date),
    ("ended_on", Date),
    ("reported_on", Date),
    ("ruling", Text),
    ("reason", Text),
    ("verdict", Text),
    ("claimed_wd", Integer),
    ("admitted_wd", Integer),
    ("inside_after", Date),
    ("inside_until", Date),
];

/// The clean table of callbacks: one row a case whose callback has fallen due by the as-of day.
pub const CALLBACKS: &[(&str, Layout)] = &[
    ("kind", Text),
    ("subject_id", Text),
    ("bureau", Text),
    ("completed_on", Date),
    ("due_on", Date),
    ("due_month", Date),
    ("called", Flag),
    ("first_reached_on", Date),
    ("on_time", Flag),
    ("score", Integer),
    ("manager_score", Integer),
    ("free_choice", Flag),
    ("issue_category", Text),
    ("issue_department", Text),
    ("issue_verified", Flag),
];

/// The one-row table that marts bind their parameters from.
pub const PARAMS: &[(&str, Layout)] = &[("k", Integer), ("as_of", Date), ("month", Date), ("month_before", Date)];

/// What a pass over the cases counted besides the tables.
#[derive(Debug, Default, Clone, serde::Serialize)]
pub struct Tally {
    /// Applications accepted by the as-of day.
    pub applications: u64,
    /// Of them, energised.
    pub energised: u64,
    /// Of them, cancelled.
    pub cancelled: u64,
    /// Of them, open.
    pub open: u64,
    /// Open applications that have no due date.
    pub without_due: u64,
    /// Applications that the as-of day hides.
    pub later_applications: u64,
    /// Stage passes that started by the as-of day.
    pub passes: u64,
    /// Of them, without a limit: counted, and in no rate.
    pub not_assessed: u64,
    /// Claims that began by the as-of day.
    pub claims: u64,
    /// Of them, claims that concern no stage pass.
    pub claims_without_stage: u64,
}

/// What the clean tables are made by.
pub struct Settings<'a> {
    /// Calendar, rules and as-of day.
    pub clock: Clock<'a>,
    /// Standard limits.
    pub standards: &'a RuleBook,
    /// A fault's callback is due so many calendar days after restoration.
    pub fault_days: i32,
}

fn writer(folder: &Path, name: &str, columns: &[(&str, Layout)]) -> Result<TableWriter> {
    let columns = columns.iter().map(|(name, layout)| ((*name).to_owned(), *layout)).collect();
    TableWriter::with_columns(&folder.join(format!("{name}.parquet")), columns)
}

/// Writes `applications`, `stages`, `claims`, `callbacks` and `params` into a folder.
pub fn write(cases: &Cases, settings: &Settings<'_>, folder: &Path, progress: &dyn Fn(u64)) -> Result<Tally> {
    let mut tables = Tables {
        cases,
        settings,
        other: Rules { pending: settings.clock.rules.pending.other(), ..settings.clock.rules.clone() },
        applications: writer(folder, "applications", APPLICATIONS)?,
        stages: writer(folder, "stages", STAGES)?,
        claims: writer(folder, "claims", CLAIMS)?,
        application_claims: writer(folder, "application_claims", CLAIMS)?,
        callbacks: writer(folder, "callbacks", CALLBACKS)?,
        tally: Tally::default(),
    };
    for (done, application) in cases.applications.iter().enumerate() {
        if done % 10_000 == 0 {
            progress(done as u64);
        }
        if application.accepted_on > settings.clock.as_of {
            tables.tally.later_applications += 1;
        } else {
            tables.application(application)?;
        }
    }
    for fault in cases.faults.iter().flatten() {
        if let Some(restored_on) = fault.restored_on {
            let due_on = restored_on.plus_days(settings.fault_days);
            tables.callback("fault", &fault.fault_id, fault.bureau, restored_on, due_on, &fault.calls)?;
        }
    }
    for table in [tables.applications, tables.stages, tables.claims, tables.application_claims, tables.callbacks] {
        table.finish()?;
    }
    let as_of = settings.clock.as_of;
    let mut params = writer(folder, "params", PARAMS)?;
    params.push(&[
        Value::Integer(1),
        Value::Date(as_of),
        Value::Date(as_of.month()),
        Value::Date(as_of.month_before()),
    ])?;
    params.finish()?;
    Ok(tables.tally)
}

/// How an application stands on the as-of day.
#[derive(Clone, Copy, PartialEq, Eq)]
enum State {
    Open,
    Energised,
    Cancelled,
}

impl State {
    fn name(self) -> &'static str {
        match self {
            State::Open => "open",
            State::Energised => "energised",
            State::Cancelled => "cancelled",
        }
    }
}

struct Tables<'a> {
    cases: &'a Cases,
    settings: &'a Settings<'a>,
    /// The rules under the other setting of `pending`.
    other: Rules,
    applications: TableWriter,
    stages: TableWriter,
    claims: TableWriter,
    application_claims: TableWriter,
    callbacks: TableWriter,
    tally: Tally,
}

impl<'a> Tables<'a> {
    fn text(&self, name: Name) -> Value<'a> {
        Value::text(self.cases.names.text(name))
    }

    fn maybe(&self, name: Option<Name>) -> Value<'a> {
        name.map_or(Value::Null, |name| self.text(name))
    }

    fn application(&mut self, application: &'a Application) -> Result<()> {
        let clock = self.settings.clock;
        let known = |day: Option<Day>| day.filter(|day| *day <= clock.as_of);
        let (energised_on, cancelled_on) = (known(application.energised_on), known(application.cancelled_on));
        let state = match (energised_on, cancelled_on) {
            (_, Some(_)) => State::Cancelled,
            (Some(_), None) => State::Energised,
            (None, None) => State::Open,
        };
        let mode = match application.mode {
            Some(mode) => self.cases.names.text(mode),
            None if application.capacity_kva >= ORDER_KVA || application.key_project == Some(true) => "order",
            None => "conventional",
        };
        let (due_on, due_source) = self.due(application, mode);
        let claims: Vec<&DelayClaim> = self.cases.claims[application.claims.clone()]
            .iter()
            .filter(|claim| claim.began_on <= clock.as_of)
            .collect();
        let whole = Pass::seen(application.accepted_on, energised_on, cancelled_on, clock.as_of);
        let stages = self.passes(application, mode, cancelled_on, &claims)?;
        let excluded = self.excluded(application, &whole, due_on, &claims, &stages)?;

        let gross_wd = clock.calendar.working_days(whole.started_on, whole.until).max(0);
        let excluded_wd: i32 = excluded.iter().map(|span| clock.working_days(*span)).sum();
        let effective_due_on = due_on.map(|due| clock.pushed_out(due, excluded_wd));
        let remaining_wd = effective_due_on.map(|due| clock.calendar.working_days(clock.as_of, due));
        let promise_kept = match (energised_on, application.promised_on) {
            (Some(energised), Some(promised)) => Some(energised <= promised),
            _ => None,
        };
        let days = |count: i32| Value::Integer(i64::from(count));
        let on = Value::Date;
        self.applications.push(&[
            Value::text(&application.application_id),
            self.text(application.bureau),
            self.maybe(application.area),
            self.maybe(application.channel),
            Value::Number(application.voltage_kv),
            Value::Number(application.capacity_kva),
            self.maybe(application.supply),
            application.new_feeder.into(),
            application.key_project.into(),
            Value::text(mode),
            self.maybe(application.manager_id),
            Value::text(state.name()),
            on(application.accepted_on),
            application.desired_on.into(),
            application.promised_on.into(),
            application.replanned_on.into(),
            energised_on.into(),
            energised_on.map(Day::month).into(),
            cancelled_on.into(),
            due_on.into(),
            due_source.map_or(Value::Null, Value::text),
            effective_due_on.into(),
            remaining_wd.map_or(Value::Null, days),
            energised_on.map_or(Value::Null, |energised| days(energised.0 - application.accepted_on.0)),
            days(gross_wd),
            days(excluded_wd),
            days(gross_wd - excluded_wd),
            promise_kept.into(),
            Value::Flag(stages.overdue == 0),
            Value::Integer(stages.seen),
            Value::Integer(stages.overdue),
        ])?;

        self.tally.applications += 1;
        self.tally.claims += claims.len() as u64;
        self.tally.claims_without_stage += stages.unused_claims;
        match state {
            State::Cancelled => self.tally.cancelled += 1,
            State::Energised => self.tally.energised += 1,
            State::Open => {
                self.tally.open += 1;
                self.tally.without_due += u64::from(due_on.is_none());
            }
        }
        if let (State::Energised, Some(energised_on)) = (state, energised_on) {
            let due_on = energised_on.plus_months(1);
            let (id, bureau) = (&application.application_id, application.bureau);
            self.callback("connection", id, bureau, energised_on, due_on, &application.calls)?;
        }
        Ok(())
    }

    /// The application's due date and where it comes from: the promise of an order, else the standard total limit.
    fn due(&self, application: &Application, mode: &str) -> (Option<Day>, Option<&'a str>) {
        if let ("order", Some(promised_on)) = (mode, application.promised_on) {
            return (Some(promised_on), Some("promise"));
        }
        let connection = application.connection(&self.cases.names);
        match self.settings.standards.rule(None, &connection, application.accepted_on) {
            Some(rule) => {
                let limit = rule.limit(&self.settings.clock, application.accepted_on);
                (Some(limit.due_on), Some(rule.source.as_str()))
            }
            None => (None, None),
        }
    }

    /// Writes the passes of an application and their verdicts.
    fn passes(
        &mut self,
        application: &'a Application,
        mode: &'a str,
        cancelled_on: Option<Day>,
        claims: &[&'a DelayClaim],
    ) -> Result<Stages> {
        let clock = self.settings.clock;
        let connection = application.connection(&self.cases.names);
        let mut stages = Stages::default();
        let mut used = vec![false; claims.len()];
        for stage in &self.cases.passes[application.passes.clone()] {
            if stage.started_on > clock.as_of {
                continue;
            }
            let pass = Pass::seen(stage.started_on, stage.finished_on, cancelled_on, clock.as_of);
            let (limit, limit_source) =
                self.limit(stage.due_on, stage.started_on, self.cases.names.text(stage.stage), &connection);
            let concerned: Vec<usize> =
                (0..claims.len()).filter(|i| concerns(&clock, claims[*i], stage.stage, &pass)).collect();
            let facts: Vec<Claim> = concerned.iter().map(|i| self.fact(claims[*i])).collect();
            let reading = clock.read(&pass, limit, &facts);
            let unruled = facts.iter().any(|fact| fact.ruling == super::Ruling::Pending);
            let other = if unruled {
                Clock { rules: &self.other, ..clock }.read(&pass, limit, &facts)
            } else {
                reading.clone()
            };

            self.stage_row(application, mode, stage, &pass, &reading, &other, limit_source)?;
            for (index, judged) in concerned.iter().zip(&reading.verdicts) {
                used[*index] = true;
                let claim = claims[*index];
                if claim.stage.is_some() && judged.verdict == Verdict::Admitted {
                    stages.admitted.extend(judged.inside);
                }
                let row = self.claim_row(application, Some(stage), claim, judged);
                self.claims.push(&row)?;
            }
            stages.seen += 1;
            stages.overdue += i64::from(reading.overdue_net == Some(true));
            self.tally.passes += 1;
            self.tally.not_assessed += u64::from(limit.is_none());
        }
        stages.unused_claims = used.iter().filter(|used| !**used).count() as u64;
        Ok(stages)
    }

    fn limit(
        &self,
        due_on: Option<Day>,
        started_on: Day,
        stage: &str,
        connection: &super::limits::Connection,
    ) -> (Option<Limit>, Option<&'a str>) {
        let clock = &self.settings.clock;
        match (due_on, self.settings.standards.rule(Some(stage), connection, started_on)) {
            (Some(due_on), _) => (Some(clock.limit_until(started_on, due_on)), Some("due_on")),
            (None, Some(rule)) => (Some(rule.limit(clock, started_on)), Some(rule.source.as_str())),
            (None, None) => (None, None),
        }
    }

    /// A claim as it is known on the as-of day.
    fn fact(&self, claim: &DelayClaim) -> Claim {
        let clock = &self.settings.clock;
        let cause = self.cases.names.text(claim.cause);
        Claim {
            excludable: clock.rules.excludable_causes.iter().any(|excludable| excludable == cause),
            ruling: claim.ruling,
            began_on: claim.began_on,
            ended_on: known_end(claim, clock.as_of),
            reported_on: claim.reported_on.filter(|day| *day <= clock.as_of),
        }
    }

    /// The days taken out of a whole application: of admitted claims that name a stage, inside that stage; of claims
    /// that name none, judged against the application's own due date.
    fn excluded(
        &mut self,
        application: &'a Application,
        whole: &Pass,
        due_on: Option<Day>,
        claims: &[&'a DelayClaim],
        stages: &Stages,
    ) -> Result<Vec<Span>> {
        let window = Span { after: whole.started_on, until: whole.until };
        let mut spans: Vec<Span> = stages.admitted.iter().filter_map(|span| span.clip(window)).collect();
        for claim in claims.iter().filter(|claim| claim.stage.is_none()) {
            let judged = self.settings.clock.judge(&self.fact(claim), whole, due_on);
            if judged.verdict == Verdict::Admitted {
                spans.extend(judged.inside);
            }
            let row = self.claim_row(application, None, claim, &judged);
            self.application_claims.push(&row)?;
        }
        Ok(Span::unite(spans))
    }

    #[expect(clippy::too_many_arguments, reason = "the row of one pass, seen under both settings of `pending`")]
    fn stage_row(
        &mut self,
        application: &'a Application,
        mode: &'a str,
        stage: &super::cases::StagePass,
        pass: &Pass,
        reading: &Reading,
        other: &Reading,
        limit_source: Option<&'a str>,
    ) -> Result<()> {
        let days = |count: i32| Value::Integer(i64::from(count));
        let state = match (pass.finished, pass.until == self.settings.clock.as_of) {
            (true, _) => "finished",
            (false, true) => "open",
            (false, false) => "stopped",
        };
        let row = [
            Value::text(&application.application_id),
            self.text(application.bureau),
            Value::text(mode),
            self.text(stage.stage),
            Value::Integer(i64::from(stage.pass)),
            self.text(stage.department),
            self.maybe(stage.handler),
            Value::text(state),
            Value::Date(stage.started_on),
            Some(pass.until).filter(|_| pass.finished).into(),
            Value::Date(pass.until),
            reading.limit.map(|limit| limit.due_on).into(),
            reading.limit.map_or(Value::Null, |limit| days(limit.limit_wd)),
            limit_source.map_or(Value::Null, Value::text),
            days((pass.until.0 - stage.started_on.0).max(0)),
            days(reading.gross_wd),
            days(reading.claimed_wd),
            days(reading.excluded_wd),
            days(reading.net_wd),
            reading.over_wd.map_or(Value::Null, days),
            reading.overdue_gross.into(),
            reading.overdue_net.into(),
            reading.breached_on.into(),
            reading.settled_on.into(),
            reading.settled_on.map(Day::month).into(),
            other.overdue_net.into(),
            other.settled_on.map(Day::month).into(),
        ];
        self.stages.push(&row)
    }

    fn claim_row(
        &self,
        application: &'a Application,
        stage: Option<&super::cases::StagePass>,
        claim: &'a DelayClaim,
        judged: &super::Judgement,
    ) -> [Value<'a>; 17] {
        let as_of = self.settings.clock.as_of;
        let ruling = match claim.ruling {
            super::Ruling::Pending => "pending",
            super::Ruling::Admitted => "admitted",
            super::Ruling::Rejected => "rejected",
        };
        [
            Value::text(&application.application_id),
            self.maybe(stage.map(|stage| stage.stage)),
            stage.map(|stage| i64::from(stage.pass)).into(),
            self.maybe(stage.map(|stage| stage.department)),
            claim.delay_id.as_deref().into(),
            Value::Flag(claim.stage.is_some()),
            self.text(claim.cause),
            Value::Date(claim.began_on),
            claim.ended_on.filter(|day| *day <= as_of).into(),
            claim.reported_on.filter(|day| *day <= as_of).into(),
            Value::text(ruling),
            claim.reason.as_deref().into(),
            Value::text(judged.verdict.name()),
            Value::Integer(i64::from(judged.claimed_wd)),
            Value::Integer(i64::from(judged.admitted_wd)),
            judged.inside.map(|span| span.after).into(),
            judged.inside.map(|span| span.until).into(),
        ]
    }

    /// Writes the callback of a case, if it has fallen due and calls are known at all.
    fn callback(
        &mut self,
        kind: &'a str,
        subject_id: &'a str,
        bureau: Name,
        completed_on: Day,
        due_on: Day,
        calls: &'a Calls,
    ) -> Result<()> {
        let as_of = self.settings.clock.as_of;
        if !self.cases.has_callbacks || due_on > as_of || completed_on > as_of {
            return Ok(());
        }
        let first = calls.first_reached(as_of);
        let reached_on = first.map(|call| call.called_at.day());
        let row = [
            Value::text(kind),
            Value::text(subject_id),
            self.text(bureau),
            Value::Date(completed_on),
            Value::Date(due_on),
            Value::Date(due_on.month()),
            Value::Flag(first.is_some()),
            reached_on.into(),
            Value::Flag(reached_on.is_some_and(|day| day <= due_on)),
            first.and_then(|call| call.score).into(),
            first.and_then(|call| call.manager_score).into(),
            first.and_then(|call| call.free_choice).into(),
            self.maybe(first.and_then(|call| call.issue_category)),
            self.maybe(first.and_then(|call| call.issue_department)),
            first.and_then(|call| call.issue_verified).into(),
        ];
        self.callbacks.push(&row)
    }
}

/// What the passes of one application add up to.
#[derive(Default)]
struct Stages {
    seen: i64,
    overdue: i64,
    /// Days inside stages of admitted claims that name a stage.
    admitted: Vec<Span>,
    unused_claims: u64,
}

fn known_end(claim: &DelayClaim, as_of: Day) -> Day {
    claim.ended_on.filter(|day| *day <= as_of).unwrap_or(as_of)
}

/// Whether a claim is judged against a pass: it names its stage, or names none and overlaps it by a working day.
fn concerns(clock: &Clock<'_>, claim: &DelayClaim, stage: Name, pass: &Pass) -> bool {
    match claim.stage {
        Some(named) => named == stage,
        None => {
            let span = Span { after: claim.began_on, until: known_end(claim, clock.as_of) };
            let window = Span { after: pass.started_on, until: pass.until };
            span.clip(window).is_some_and(|inside| clock.working_days(inside) > 0)
        }
    }
}
