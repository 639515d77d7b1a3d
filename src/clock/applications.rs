//! One application → its rows in the clean tables: what it is, who answers for it, where it stands, what holds it up,
//! its stage passes with their reading of the clock, the verdicts on its claims, and its callback.

use std::collections::BTreeMap;
use std::path::Path;

use super::cases::{Application, Calls, Cases, DelayClaim, Name, StagePass};
use super::clean::{APPLICATIONS, CALLBACKS, CLAIMS, OPEN_MONTHS, Settings, Tally, writer};
use super::promises::Promises;
use super::records::Records;
use super::stages::{Seen, StageTables, Whose};
use super::standing::{Reader, Standing};
use super::strata::{CapacityBand, Stratum, VoltageClass};
use super::vocabulary::{CallbackKind, Quarter};
use super::{Claim, Clock, Pass, Reading, Rules};
use crate::calendar::Day;
use crate::error::Result;
use crate::flow::End;
use crate::lake::{TableWriter, Value};

/// The open requests about each application: how many, and since when.
fn open_requests(records: &Records) -> BTreeMap<&str, (i64, Day)> {
    let mut open: BTreeMap<&str, (i64, Day)> = BTreeMap::new();
    for request in records.requests.iter().filter(|request| request.settled_at.is_none()) {
        if let Some(application_id) = &request.application_id {
            let raised_on = request.raised_at.day();
            let (count, since) = open.entry(application_id).or_insert((0, raised_on));
            (*count, *since) = (*count + 1, raised_on.min(*since));
        }
    }
    open
}

/// The clean tables of applications while they are written.
pub struct Tables<'a> {
    cases: &'a Cases,
    records: &'a Records,
    open_requests: BTreeMap<&'a str, (i64, Day)>,
    settings: &'a Settings<'a>,
    reader: Reader<'a>,
    /// The rules under the other setting of `pending`.
    other: Rules,
    applications: TableWriter,
    stages: StageTables<'a>,
    claims: TableWriter,
    application_claims: TableWriter,
    callbacks: TableWriter,
    open_months: TableWriter,
    promises: Promises<'a>,
    tally: Tally,
}

impl<'a> Tables<'a> {
    /// Opens the tables in a folder.
    pub fn create(
        cases: &'a Cases,
        records: &'a Records,
        settings: &'a Settings<'a>,
        folder: &Path,
    ) -> Result<Tables<'a>> {
        Ok(Tables {
            cases,
            records,
            open_requests: open_requests(records),
            settings,
            reader: Reader { cases, clock: settings.clock, standards: settings.standards },
            other: Rules { pending: settings.clock.rules.pending.other(), ..settings.clock.rules.clone() },
            applications: writer(folder, "applications", APPLICATIONS)?,
            stages: StageTables::create(folder, &cases.names)?,
            claims: writer(folder, "claims", CLAIMS)?,
            application_claims: writer(folder, "application_claims", CLAIMS)?,
            callbacks: writer(folder, "callbacks", CALLBACKS)?,
            open_months: writer(folder, "open_months", OPEN_MONTHS)?,
            promises: Promises::create(folder, settings.clock, settings.standards)?,
            tally: Tally::default(),
        })
    }

    /// The table of promises, to which other cases add theirs.
    pub fn promises(&mut self) -> &mut Promises<'a> {
        &mut self.promises
    }

    /// Counts an application that the as-of day hides.
    pub fn later(&mut self) {
        self.tally.later_applications += 1;
    }

    /// Closes the tables and says what was counted.
    pub fn finish(self) -> Result<Tally> {
        for table in [self.applications, self.claims, self.application_claims, self.callbacks, self.open_months] {
            table.finish()?;
        }
        self.stages.finish()?;
        self.promises.finish()?;
        Ok(self.tally)
    }

    fn text(&self, name: Name) -> Value<'a> {
        Value::text(self.cases.names.text(name))
    }

    fn maybe(&self, name: Option<Name>) -> Value<'a> {
        name.map_or(Value::Null, |name| self.text(name))
    }

    /// Writes everything about one application: its row, its passes and claims, its months, its callback.
    pub fn application(&mut self, application: &'a Application) -> Result<()> {
        let clock = self.settings.clock;
        let standing = self.reader.standing(application);
        let Standing { mode, energised_on, cancelled_on, due_on, whole, excluded_wd, effective_due_on, .. } = standing;
        let end = match (application.energised_at.filter(|_| energised_on.is_some()), cancelled_on) {
            (_, Some(day)) => End::Cancelled(day),
            (Some(at), None) => End::Energised(at),
            (None, None) => End::Open,
        };
        let claims: Vec<&DelayClaim> = self.reader.claims(application).collect();
        let (stages, seen) = self.passes(application, mode, cancelled_on, &claims)?;
        let connection = application.connection(&self.cases.names);
        let stratum = Stratum::of(&connection, application.capacity_kva).code();
        let whose = Whose { application, mode, stratum: &stratum, end };
        let order = self.stages.write(&whose, &seen, clock.calendar)?;
        self.whole_claims(application, &whole, due_on, &claims)?;

        let gross_wd = clock.calendar.working_days(whole.started_on, whole.until).max(0);
        let remaining_wd = effective_due_on.map(|due| clock.calendar.working_days(clock.as_of, due));
        let promise_kept = match (energised_on, application.promised_on) {
            (Some(energised), Some(promised)) => Some(energised <= promised),
            _ => None,
        };
        let days = |count: i32| Value::Integer(i64::from(count));
        let on = Value::Date;
        let open = end == End::Open;
        let owner = open.then(|| self.settings.owners.on(effective_due_on, clock.as_of));
        let replanned = self.replanned(application);
        let held_up = if open { self.held_up(application, &claims, &stages) } else { HeldUp::default() };
        let current = stages.current.filter(|_| open);
        let [fee_charged, fee_standard] = application.fees;
        let fee_deviates = fee_charged.zip(fee_standard).map(|(charged, standard)| (charged - standard).abs() > CENT);
        let number = |number: Option<f64>| number.map_or(Value::Null, Value::Number);
        self.applications.push(&[
            Value::text(&application.application_id),
            application.customer_name.as_deref().into(),
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
            Value::text(end.name()),
            on(application.accepted_on),
            on(application.accepted_on.month()),
            application.desired_on.into(),
            application.promised_on.into(),
            application.replanned_on.into(),
            energised_on.into(),
            energised_on.map(Day::month).into(),
            cancelled_on.into(),
            due_on.into(),
            standing.due_source.into(),
            effective_due_on.into(),
            remaining_wd.map_or(Value::Null, days),
            effective_due_on.map_or(Value::Null, |due| days(due.0 - clock.as_of.0)),
            energised_on.map_or(Value::Null, |energised| days(energised.0 - application.accepted_on.0)),
            days(gross_wd),
            days(excluded_wd),
            days(gross_wd - excluded_wd),
            promise_kept.into(),
            Value::Flag(stages.overdue == 0),
            Value::Integer(stages.seen),
            Value::Integer(stages.overdue),
            Value::Integer(order.rework),
            order.variant.map_or(Value::Null, |variant| Value::Text(variant.into())),
            days(order.critical_wd),
            days(order.critical_wait_days),
            order.lead_days.map_or(Value::Null, days),
            order.tail_days.map_or(Value::Null, days),
            days(order.saved_at_limits_days),
            application.visits.into(),
            self.maybe(application.contractors[0]),
            self.maybe(application.contractors[1]),
            self.maybe(application.contractors[2]),
            number(fee_charged),
            number(fee_standard),
            fee_deviates.into(),
            self.maybe(application.feeder_or_station),
            replanned.map(|replanned| replanned.count).into(),
            replanned.and_then(|replanned| replanned.first_on).into(),
            replanned.map(|replanned| replanned.promised_on).into(),
            replanned.and_then(|replanned| replanned.slip_days).into(),
            replanned.and_then(|replanned| replanned.reason).into(),
            owner.map(|owner| owner.level).into(),
            owner.map(|owner| owner.role).into(),
            owner
                .map(|owner| owner.since_on.map_or(application.accepted_on, |since| since.max(application.accepted_on)))
                .into(),
            owner.and_then(|owner| owner.next_rise_on).into(),
            self.maybe(current.map(|current| current.stage)),
            self.maybe(current.map(|current| current.department)),
            Value::Flag(open && stages.open_overdue),
            stages.breached_on.filter(|_| open).into(),
            Some(held_up.claims).filter(|_| open && self.cases.has_delays).into(),
            Some(held_up.requests).filter(|_| open && self.records.has_requests).into(),
            held_up.grid_works_since_on.into(),
            held_up.restricted_since_on.into(),
            held_up.since_on.into(),
            days(whole.until.0 - application.accepted_on.0),
            Value::text(Quarter::of(application.accepted_on).code()),
            Value::text(VoltageClass::of(application.voltage_kv).code()),
            Value::text(CapacityBand::of(application.capacity_kva).code()),
            Value::text(&stratum),
        ])?;
        self.months_open(application, mode, energised_on.into_iter().chain(cancelled_on).min())?;

        self.tally.applications += 1;
        self.tally.claims += claims.len() as u64;
        self.tally.claims_without_stage += stages.unused_claims;
        match end {
            End::Cancelled(_) => self.tally.cancelled += 1,
            End::Energised(_) => self.tally.energised += 1,
            End::Open => {
                self.tally.open += 1;
                self.tally.without_due += u64::from(due_on.is_none());
            }
        }
        if let (End::Energised(_), Some(energised_on)) = (end, energised_on) {
            let due_on = energised_on.plus_months(1);
            let (id, bureau) = (&application.application_id, application.bureau);
            let manager = application.manager_id;
            self.callback(CallbackKind::Connection, id, bureau, manager, energised_on, due_on, &application.calls)?;
        }
        Ok(())
    }

    /// Writes the months at whose end, or on the as-of day, an application was open.
    fn months_open(&mut self, application: &'a Application, mode: &'a str, ended_on: Option<Day>) -> Result<()> {
        let as_of = self.settings.clock.as_of;
        let mut month = application.accepted_on.month();
        while month <= as_of {
            let last = month.month_end().min(as_of);
            if ended_on.is_some_and(|ended_on| ended_on <= last) {
                break;
            }
            let row = [
                Value::text(&application.application_id),
                Value::Date(month),
                self.text(application.bureau),
                Value::text(mode),
                self.maybe(application.manager_id),
            ];
            self.open_months.push(&row)?;
            month = month.plus_months(1);
        }
        Ok(())
    }

    /// How often the promise was moved, and to when; the last re-plan of an export without a history counts as one.
    fn replanned(&self, application: &'a Application) -> Option<Replanned<'a>> {
        let Some(replans) = self.records.replans.get(&application.application_id) else {
            // Without a history nobody knows when it was moved; with one, what it does not tell has not happened yet.
            let promised_on = application.replanned_on.filter(|_| !self.records.has_replans)?;
            let first_on = application.promised_on;
            let slip_days = first_on.map(|first| i64::from(promised_on.0 - first.0));
            return Some(Replanned { count: 1, first_on, promised_on, slip_days, reason: None });
        };
        let (first, last) = (replans.first()?, replans.last()?);
        let first_on = application.promised_on.unwrap_or(first.promised_on);
        Some(Replanned {
            count: replans.len() as i64,
            first_on: Some(first_on),
            promised_on: last.promised_on,
            slip_days: Some(i64::from(last.promised_on.0 - first_on.0)),
            reason: last.reason.as_deref(),
        })
    }

    /// What an open application waits for besides its stages.
    fn held_up(&self, application: &Application, claims: &[&DelayClaim], stages: &Stages) -> HeldUp {
        let as_of = self.settings.clock.as_of;
        let open: Vec<Day> = claims
            .iter()
            .filter(|claim| claim.ended_on.is_none_or(|ended_on| ended_on > as_of))
            .map(|claim| claim.began_on)
            .collect();
        let requests = self.open_requests.get(application.application_id.as_str());
        let names = &self.cases.names;
        let restricted_since_on = application
            .feeder_or_station
            .and_then(|feeder| self.records.restricted_since(names.text(application.bureau), names.text(feeder)));
        let since = [
            open.iter().min().copied(),
            requests.map(|(_, since)| *since),
            stages.grid_works_since_on,
            restricted_since_on.map(|since| since.max(application.accepted_on)),
        ];
        HeldUp {
            claims: open.len() as i64,
            requests: requests.map_or(0, |(count, _)| *count),
            grid_works_since_on: stages.grid_works_since_on,
            restricted_since_on,
            since_on: since.into_iter().flatten().min(),
        }
    }

    /// Reads the clock of every pass of an application, and writes what becomes of its claims and promises.
    fn passes(
        &mut self,
        application: &'a Application,
        mode: &'a str,
        cancelled_on: Option<Day>,
        claims: &[&'a DelayClaim],
    ) -> Result<(Stages, Vec<Seen<'a>>)> {
        let clock = self.settings.clock;
        let connection = application.connection(&self.cases.names);
        let mut stages = Stages::default();
        let mut used = vec![false; claims.len()];
        let mut seen = Vec::with_capacity(application.passes.len());
        for stage in &self.cases.passes[application.passes.clone()] {
            if stage.started_on() > clock.as_of {
                continue;
            }
            let pass = Pass::seen(stage.started_on(), stage.finished_on(), cancelled_on, clock.as_of);
            let (limit, limit_source) =
                self.reader.limit(stage.due_on, stage.started_on(), self.cases.names.text(stage.stage), &connection);
            let concerned: Vec<usize> =
                (0..claims.len()).filter(|i| self.reader.concerns(claims[*i], stage.stage, &pass)).collect();
            let facts: Vec<Claim> = concerned.iter().map(|i| self.reader.fact(claims[*i])).collect();
            let reading = clock.read(&pass, limit, &facts);
            let unruled = facts.iter().any(|fact| fact.ruling == super::Ruling::Pending);
            let decided = |reading: &Reading| (reading.overdue_net, reading.settled_on);
            let other = match unruled {
                true => decided(&Clock { rules: &self.other, ..clock }.read(&pass, limit, &facts)),
                false => decided(&reading),
            };
            let code = self.cases.names.text(stage.stage);
            let whose = (application.application_id.as_str(), self.cases.names.text(application.bureau), mode);
            self.promises.stage(whose, (code, i64::from(stage.pass)), &pass, &reading)?;
            if !pass.finished && cancelled_on.is_none() {
                stages.opened(stage, code, &reading);
            }
            for (index, judged) in concerned.iter().zip(&reading.verdicts) {
                used[*index] = true;
                let claim = claims[*index];
                let row = self.claim_row(application, Some((stage, &reading)), claim, judged);
                self.claims.push(&row)?;
            }
            stages.seen += 1;
            stages.overdue += i64::from(reading.overdue_net == Some(true));
            self.tally.passes += 1;
            self.tally.not_assessed += u64::from(limit.is_none());
            seen.push(Seen { stage, pass, reading, other, limit_source });
        }
        stages.unused_claims = used.iter().filter(|used| !**used).count() as u64;
        Ok((stages, seen))
    }

    /// Writes the claims that name no stage, judged against the whole application and its own due date.
    fn whole_claims(
        &mut self,
        application: &'a Application,
        whole: &Pass,
        due_on: Option<Day>,
        claims: &[&'a DelayClaim],
    ) -> Result<()> {
        for claim in claims.iter().filter(|claim| claim.stage.is_none()) {
            let judged = self.settings.clock.judge(&self.reader.fact(claim), whole, due_on);
            let row = self.claim_row(application, None, claim, &judged);
            self.application_claims.push(&row)?;
        }
        Ok(())
    }

    fn claim_row(
        &self,
        application: &'a Application,
        against: Option<(&StagePass, &Reading)>,
        claim: &'a DelayClaim,
        judged: &super::Judgement,
    ) -> [Value<'a>; 19] {
        let stage = against.map(|(stage, _)| stage);
        let settled_on = against.and_then(|(_, reading)| reading.settled_on);
        let as_of = self.settings.clock.as_of;
        [
            Value::text(&application.application_id),
            self.maybe(application.manager_id),
            self.maybe(stage.map(|stage| stage.stage)),
            stage.map(|stage| i64::from(stage.pass)).into(),
            self.maybe(stage.map(|stage| stage.department)),
            settled_on.map(Day::month).into(),
            claim.delay_id.as_deref().into(),
            Value::Flag(claim.stage.is_some()),
            self.text(claim.cause),
            Value::Date(claim.began_on),
            claim.ended_on.filter(|day| *day <= as_of).into(),
            claim.reported_on.filter(|day| *day <= as_of).into(),
            Value::text(claim.ruling.code()),
            claim.reason.as_deref().into(),
            Value::text(judged.verdict.code()),
            Value::Integer(i64::from(judged.claimed_wd)),
            Value::Integer(i64::from(judged.admitted_wd)),
            judged.inside.map(|span| span.after).into(),
            judged.inside.map(|span| span.until).into(),
        ]
    }

    /// Writes the callback of a case, if it has fallen due and calls are known at all.
    #[expect(clippy::too_many_arguments, reason = "the row of one callback, of an application or of a fault")]
    pub fn callback(
        &mut self,
        kind: CallbackKind,
        subject_id: &'a str,
        bureau: Name,
        manager_id: Option<Name>,
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
            Value::text(kind.code()),
            Value::text(subject_id),
            self.text(bureau),
            self.maybe(manager_id),
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

/// A difference of fees below this is rounding, in yuan.
const CENT: f64 = 0.005;
/// The stage in which the utility builds what the grid lacks.
const GRID_WORKS: &str = "grid_works";

/// How often a promise was moved, and to when.
#[derive(Clone, Copy)]
struct Replanned<'a> {
    count: i64,
    /// The first promise: the application's own, else that of the first re-plan.
    first_on: Option<Day>,
    promised_on: Day,
    /// Calendar days from the first promise to the current one.
    slip_days: Option<i64>,
    reason: Option<&'a str>,
}

/// What an open application waits for besides its stages.
#[derive(Default)]
struct HeldUp {
    claims: i64,
    requests: i64,
    grid_works_since_on: Option<Day>,
    restricted_since_on: Option<Day>,
    since_on: Option<Day>,
}

/// What the passes of one application add up to.
#[derive(Default)]
struct Stages {
    seen: i64,
    overdue: i64,
    /// The open pass that started last; of several, the last in usual order.
    current: Option<StagePass>,
    /// Whether a pass that is still open has run out of time.
    open_overdue: bool,
    /// The first day on which one did, if that day has come.
    breached_on: Option<Day>,
    grid_works_since_on: Option<Day>,
    unused_claims: u64,
}

impl Stages {
    /// Takes note of an open pass; they come by start and usual order.
    fn opened(&mut self, stage: &StagePass, code: &str, reading: &Reading) {
        self.current = Some(*stage);
        if reading.overdue_net == Some(true) {
            self.open_overdue = true;
            self.breached_on = self.breached_on.into_iter().chain(reading.breached_on).min();
        }
        if code == GRID_WORKS {
            self.grid_works_since_on = self.grid_works_since_on.or(Some(stage.started_on()));
        }
    }
}
