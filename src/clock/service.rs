//! The clean tables beside the stages: faults, promises, complaints, outages, requests, surveys, managers, equipment.
//!
//! Each row is one case with everything that is derived of it alone, in the order of its identifier.

use std::path::Path;

use super::cases::{Application, Cases};
use super::clean::{Settings, writer};
use super::limits::{Area, Rule, Supply};
use super::promises::{self, FaultTimes, Promises};
use super::records::{Given, Records, Request};
use super::vocabulary::{Feeder, Promise, RequestState};
use crate::calendar::Day;
use crate::config::Scorecard;
use crate::error::Result;
use crate::ingest::contract::TABLES;
use crate::lake::Layout::{Date, Flag, Instant as At, Integer, Number, Text};
use crate::lake::{Instant, Layout, Value};

/// One row a fault reported by the as-of day.
pub const FAULTS: &[(&str, Layout)] = &[
    ("fault_id", Text),
    ("bureau", Text),
    ("area", Text),
    ("reported_on", Date),
    ("month", Date),
    ("restored", Flag),
    ("arrival_missing", Flag),
    ("arrival_min", Number),
    ("arrival_kept", Flag),
    ("restore_min", Number),
    ("restore_kept", Flag),
    ("notice_min", Number),
    ("notice_kept", Flag),
    ("calls_kept", Flag),
    ("outage_at", At),
    ("notified_at", At),
    ("reported_at", At),
    ("arrived_at", At),
    ("arrival_call_at", At),
    ("restored_at", At),
    ("completion_call_at", At),
    ("notice_limit_min", Integer),
    ("arrival_limit_min", Integer),
    ("restore_limit_min", Integer),
];

/// One row a complaint received by the as-of day.
pub const COMPLAINTS: &[(&str, Layout)] = &[
    ("complaint_id", Text),
    ("bureau", Text),
    ("department", Text),
    ("received_on", Date),
    ("month", Date),
    ("forwarded_on", Date),
    ("due_on", Date),
    ("handled_on", Date),
    ("same_day", Flag),
    ("handled_in_time", Flag),
    ("satisfied", Flag),
    ("received_at", At),
    ("forwarded_at", At),
    ("due_at", At),
    ("handled_at", At),
];

/// One row an outage whose application was ready for it by the as-of day.
pub const OUTAGES: &[(&str, Layout)] = &[
    ("outage_id", Text),
    ("application_id", Text),
    ("bureau", Text),
    ("ready_on", Date),
    ("month", Date),
    ("outage_on", Date),
    ("waited_wd", Integer),
    ("affects_others", Flag),
    ("outages_this_year", Integer),
    ("special_approval", Flag),
];

/// One row a re-plan made by the as-of day.
pub const REPLANS: &[(&str, Layout)] = &[
    ("application_id", Text),
    ("bureau", Text),
    ("number", Integer),
    ("replanned_on", Date),
    ("month", Date),
    ("promised_before_on", Date),
    ("promised_on", Date),
    ("slip_days", Integer),
    ("reason", Text),
];

/// One row a request raised by the as-of day.
pub const REQUESTS: &[(&str, Layout)] = &[
    ("request_id", Text),
    ("application_id", Text),
    ("customer", Text),
    ("topic", Text),
    ("raised_on", Date),
    ("month", Date),
    ("departments", Integer),
    ("answered", Integer),
    ("answered_same_day", Flag),
    ("state", Text),
    ("settled_on", Date),
    ("open_days", Integer),
    ("waiting_for", Text),
];

/// One row a department that was asked in a request.
pub const REQUEST_ANSWERS: &[(&str, Layout)] = &[
    ("request_id", Text),
    ("department", Text),
    ("raised_on", Date),
    ("month", Date),
    ("answered_on", Date),
    ("same_day", Flag),
    ("waited_for", Flag),
    ("waited_days", Integer),
];

/// One row an indicator of a survey.
pub const SURVEYS: &[(&str, Layout)] = &[
    ("month", Date),
    ("month_before", Date),
    ("bureau", Text),
    ("indicator", Text),
    ("weight", Number),
    ("score", Number),
];

/// One row a customer manager.
pub const MANAGERS: &[(&str, Layout)] =
    &[("manager_id", Text), ("name", Text), ("bureau", Text), ("full_time", Flag), ("customers", Integer)];

/// One row a loaded feeder or station and month. `restricted_since_on` is given on the newest list alone: the first
/// month since which the equipment has been restricted without a break.
pub const RESTRICTIONS: &[(&str, Layout)] = &[
    ("month", Date),
    ("bureau", Text),
    ("feeder_or_station", Text),
    ("load_rate", Number),
    ("limit_kva", Number),
    ("restricts", Flag),
    ("restricted_since_on", Date),
];

/// One row a demand of a large customer; `newest`: it is on the newest list.
pub const DEMANDS: &[(&str, Layout)] = &[
    ("month", Date),
    ("bureau", Text),
    ("customer", Text),
    ("expected_kva", Number),
    ("expected_on", Date),
    ("source", Text),
    ("newest", Flag),
];

/// One row a rule of the rule book.
pub const LIMITS: &[(&str, Layout)] = &[
    ("number", Integer),
    ("limits", Text),
    ("stage", Text),
    ("promise", Text),
    ("voltage", Text),
    ("supply", Text),
    ("new_feeder", Text),
    ("area", Text),
    ("limit_count", Integer),
    ("unit", Text),
    ("source", Text),
];

/// What a table's marts bind their parameters from: one row, by the constant key `k`.
pub const PARAMS: &[(&str, Layout)] = &[
    ("k", Integer),
    ("as_of", Date),
    ("month", Date),
    ("month_before", Date),
    ("period_from", Date),
    ("remind_wd", Integer),
    ("has_delays", Flag),
    ("has_callbacks", Flag),
    ("has_faults", Flag),
    ("has_complaints", Flag),
    ("has_outages", Flag),
    ("has_replans", Flag),
    ("has_requests", Flag),
    ("has_surveys", Flag),
    ("has_managers", Flag),
    ("has_restrictions", Flag),
    ("has_demands", Flag),
    ("weight_stage_rate", Number),
    ("weight_promise", Number),
    ("weight_callback", Number),
    ("weight_timely_claims", Number),
    ("shrink", Number),
    ("small", Integer),
    ("bottom", Integer),
    ("bottom_months", Integer),
    ("large_kv", Number),
    ("customers_per_manager", Number),
];

fn on(at: Option<Instant>) -> Value<'static> {
    at.map(Instant::day).into()
}

fn count(number: usize) -> Value<'static> {
    Value::Integer(number as i64)
}

fn number(number: Option<f64>) -> Value<'static> {
    number.map_or(Value::Null, Value::Number)
}

/// Writes every table of this file but the parameters, and the promises about them.
pub fn write(
    cases: &Cases,
    records: &Records,
    settings: &Settings<'_>,
    folder: &Path,
    promises: &mut Promises<'_>,
) -> Result<()> {
    outages(cases, records, settings, folder, promises)?;
    faults(cases, settings, folder, promises)?;
    complaints(records, settings, folder, promises)?;
    replans(cases, records, folder)?;
    requests(records, settings.clock.as_of, folder)?;
    plain_tables(records, folder)?;
    limits(settings.standards.rules(), folder)
}

fn outages(
    cases: &Cases,
    records: &Records,
    settings: &Settings<'_>,
    folder: &Path,
    promises: &mut Promises<'_>,
) -> Result<()> {
    let mut table = writer(folder, "outages", OUTAGES)?;
    for outage in &records.outages {
        let Some(application) = cases.application(&outage.application_id).filter(|a| seen(a, settings)) else {
            continue;
        };
        promises.outage(outage, application, cases)?;
        table.push(&[
            Value::text(&outage.outage_id),
            Value::text(&outage.application_id),
            Value::text(cases.names.text(application.bureau)),
            Value::Date(outage.ready_at.day()),
            Value::Date(outage.ready_at.day().month()),
            on(outage.outage_at),
            Value::Integer(i64::from(promises::outage_wait_wd(outage, application, &settings.clock))),
            Value::Flag(outage.affects_others),
            outage.outages_this_year.into(),
            outage.special_approval.into(),
        ])?;
    }
    table.finish().map(drop)
}

fn seen(application: &Application, settings: &Settings<'_>) -> bool {
    application.accepted_on <= settings.clock.as_of
}

fn faults(cases: &Cases, settings: &Settings<'_>, folder: &Path, promises: &mut Promises<'_>) -> Result<()> {
    let as_of = settings.clock.as_of;
    let mut table = writer(folder, "faults", FAULTS)?;
    for fault in cases.faults.iter().flatten().filter(|fault| fault.reported_at.day() <= as_of) {
        let (bureau, area_code) = (cases.names.text(fault.bureau), cases.names.text(fault.area));
        let area = if area_code == "rural" { Area::Rural } else { Area::Urban };
        let times = FaultTimes::of(fault, area, settings.standards, as_of);
        promises.fault(fault, &times, bureau)?;
        let reported_on = fault.reported_at.day();
        let at = |at: Option<Instant>| at.filter(|at| at.day() <= as_of).map_or(Value::Null, Value::Instant);
        let limit = |minutes: Option<i32>| Value::from(minutes.map(i64::from));
        table.push(&[
            Value::text(&fault.fault_id),
            Value::text(bureau),
            Value::text(area_code),
            Value::Date(reported_on),
            Value::Date(reported_on.month()),
            Value::Flag(fault.restored_at.is_some_and(|at| at.day() <= as_of)),
            Value::Flag(times.arrival_missing),
            number(times.arrival_min),
            times.arrival_kept.into(),
            number(times.restore_min),
            times.restore_kept.into(),
            number(times.notice_min),
            times.notice_kept.into(),
            times.calls_kept.into(),
            at(fault.outage_at),
            at(fault.notified_at),
            at(Some(fault.reported_at)),
            at(fault.arrived_at),
            at(fault.arrival_call_at),
            at(fault.restored_at),
            at(fault.completion_call_at),
            limit(times.limits.notice_min),
            limit(times.limits.arrival_min),
            limit(times.limits.restore_min),
        ])?;
    }
    table.finish().map(drop)
}

fn complaints(records: &Records, settings: &Settings<'_>, folder: &Path, promises: &mut Promises<'_>) -> Result<()> {
    let at = |at: Option<Instant>| at.map_or(Value::Null, Value::Instant);
    let mut table = writer(folder, "complaints", COMPLAINTS)?;
    for complaint in &records.complaints {
        let (same_day, handled_in_time) = promises::complaint_kept(complaint, settings.clock.as_of);
        promises.complaint(complaint, (same_day, handled_in_time))?;
        let received_on = complaint.received_at.day();
        table.push(&[
            Value::text(&complaint.complaint_id),
            Value::text(&complaint.bureau),
            Value::text(&complaint.department),
            Value::Date(received_on),
            Value::Date(received_on.month()),
            on(complaint.forwarded_at),
            on(complaint.due_at),
            on(complaint.handled_at),
            same_day.into(),
            handled_in_time.into(),
            complaint.satisfied.into(),
            Value::Instant(complaint.received_at),
            at(complaint.forwarded_at),
            at(complaint.due_at),
            at(complaint.handled_at),
        ])?;
    }
    table.finish().map(drop)
}

fn replans(cases: &Cases, records: &Records, folder: &Path) -> Result<()> {
    let mut table = writer(folder, "replans", REPLANS)?;
    for (application_id, replans) in &records.replans {
        let Some(application) = cases.application(application_id) else { continue };
        let mut before = application.promised_on;
        for (index, replan) in replans.iter().enumerate() {
            let replanned_on = replan.replanned_at.day();
            let slip_days = before.map(|before| i64::from(replan.promised_on.0 - before.0));
            table.push(&[
                Value::text(application_id),
                Value::text(cases.names.text(application.bureau)),
                count(index + 1),
                Value::Date(replanned_on),
                Value::Date(replanned_on.month()),
                before.into(),
                Value::Date(replan.promised_on),
                slip_days.into(),
                replan.reason.as_deref().into(),
            ])?;
            before = Some(replan.promised_on);
        }
    }
    table.finish().map(drop)
}

impl Request {
    /// Whether a department answered on the day of the request; none while it still can.
    fn same_day(&self, department: &str, as_of: Day) -> Option<bool> {
        let raised_on = self.raised_at.day();
        match self.answered.get(department) {
            Some(at) => Some(at.day() == raised_on),
            None => (as_of > raised_on).then_some(false),
        }
    }

    /// The departments that have not answered, while the request is open.
    fn waits_for(&self) -> Vec<&str> {
        let silent = self.departments.iter().filter(|department| !self.answered.contains_key(*department));
        silent.map(String::as_str).filter(|_| self.settled_at.is_none()).collect()
    }
}

fn requests(records: &Records, as_of: Day, folder: &Path) -> Result<()> {
    let mut table = writer(folder, "requests", REQUESTS)?;
    let mut answers = writer(folder, "request_answers", REQUEST_ANSWERS)?;
    for request in &records.requests {
        let raised_on = request.raised_at.day();
        let month = Value::Date(raised_on.month());
        let days_until = |day: Day| Value::Integer(i64::from(day.0 - raised_on.0));
        let waits_for = request.waits_for();
        let same: Vec<Option<bool>> =
            request.departments.iter().map(|department| request.same_day(department, as_of)).collect();
        // One department late decides it; all others must have answered before it can be yes.
        let all_same = if same.contains(&Some(false)) {
            Some(false)
        } else {
            same.into_iter().collect::<Option<Vec<_>>>().map(|_| true)
        };
        let until = request.settled_at.map_or(as_of, Instant::day);
        table.push(&[
            Value::text(&request.request_id),
            request.application_id.as_deref().into(),
            request.customer.as_deref().into(),
            request.topic.as_deref().into(),
            Value::Date(raised_on),
            month.clone(),
            count(request.departments.len()),
            count(request.departments.iter().filter(|d| request.answered.contains_key(*d)).count()),
            all_same.into(),
            Value::text(if request.settled_at.is_some() { RequestState::Settled } else { RequestState::Open }.code()),
            on(request.settled_at),
            days_until(until),
            Some(waits_for.join("、").as_str()).filter(|names| !names.is_empty()).into(),
        ])?;
        for department in &request.departments {
            let answered_at = request.answered.get(department).copied();
            answers.push(&[
                Value::text(&request.request_id),
                Value::text(department),
                Value::Date(raised_on),
                month.clone(),
                on(answered_at),
                request.same_day(department, as_of).into(),
                Value::Flag(waits_for.contains(&department.as_str())),
                days_until(answered_at.map_or(until, Instant::day)),
            ])?;
        }
    }
    table.finish()?;
    answers.finish().map(drop)
}

fn plain_tables(records: &Records, folder: &Path) -> Result<()> {
    let mut table = writer(folder, "surveys", SURVEYS)?;
    for score in &records.surveys {
        table.push(&[
            Value::Date(score.month),
            Value::Date(score.month.month_before()),
            Value::text(&score.bureau),
            Value::text(&score.indicator),
            Value::Number(score.weight),
            Value::Number(score.score),
        ])?;
    }
    table.finish()?;
    let mut table = writer(folder, "managers", MANAGERS)?;
    for manager in &records.managers {
        table.push(&[
            Value::text(&manager.manager_id),
            Value::text(&manager.name),
            Value::text(&manager.bureau),
            Value::Flag(manager.full_time),
            manager.customers.into(),
        ])?;
    }
    table.finish()?;
    let mut table = writer(folder, "restrictions", RESTRICTIONS)?;
    for restriction in &records.restrictions {
        let on_newest = Some(restriction.month) == records.newest_restrictions();
        let since = records.restricted_since(&restriction.bureau, &restriction.feeder_or_station);
        table.push(&[
            Value::Date(restriction.month),
            Value::text(&restriction.bureau),
            Value::text(&restriction.feeder_or_station),
            Value::Number(restriction.load_rate),
            number(restriction.limit_kva),
            Value::Flag(restriction.restricts()),
            since.filter(|_| on_newest).into(),
        ])?;
    }
    table.finish()?;
    let mut table = writer(folder, "demands", DEMANDS)?;
    let newest = records.demands.last().map(|demand| demand.month);
    for demand in &records.demands {
        table.push(&[
            Value::Date(demand.month),
            Value::text(&demand.bureau),
            Value::text(&demand.customer),
            Value::Number(demand.expected_kva),
            demand.expected_on.into(),
            demand.source.as_deref().into(),
            Value::Flag(Some(demand.month) == newest),
        ])?;
    }
    table.finish().map(drop)
}

fn limits<'a>(rules: impl Iterator<Item = &'a Rule>, folder: &Path) -> Result<()> {
    let mut table = writer(folder, "limits", LIMITS)?;
    for (index, rule) in rules.enumerate() {
        let voltage = match (rule.voltage, rule.min_kv, rule.max_kv) {
            (Some(class), ..) => Some(class.code().to_owned()),
            (None, Some(low), Some(high)) => Some(format!("{low}–{high} kV")),
            (None, Some(low), None) => Some(format!("≥ {low} kV")),
            (None, None, Some(high)) => Some(format!("≤ {high} kV")),
            (None, None, None) => None,
        };
        table.push(&[
            count(index + 1),
            Value::text(rule.limits().code()),
            rule.stage.as_deref().into(),
            rule.promise.map(Promise::code).into(),
            voltage.as_deref().into(),
            rule.supply.map(Supply::code).into(),
            rule.new_feeder.map(|new| Feeder::from(new).code()).into(),
            rule.area.map(Area::code).into(),
            Value::Integer(i64::from(rule.limit)),
            Value::text(rule.unit.code()),
            Value::text(&rule.source),
        ])?;
    }
    table.finish().map(drop)
}

/// What marts are told besides the cases.
#[derive(Debug, Clone, Copy)]
pub struct Parameters<'a> {
    /// The last day that is known.
    pub as_of: Day,
    /// The first day of the report's period: a month, a week, half a month, a day, or what passed since the last one.
    pub period_from: Day,
    /// A stage is reminded of so many working days before it is due.
    pub remind_wd: u16,
    /// Which optional tables there are.
    pub given: &'a Given,
    /// How managers are scored.
    pub scorecard: &'a Scorecard,
}

/// Writes the one-row table of parameters.
pub fn params(folder: &Path, parameters: &Parameters<'_>) -> Result<()> {
    let Parameters { as_of, period_from, remind_wd, given, scorecard } = *parameters;
    let mut row = vec![
        Value::Integer(1),
        Value::Date(as_of),
        Value::Date(as_of.month()),
        Value::Date(as_of.month_before()),
        Value::Date(period_from),
        Value::Integer(i64::from(remind_wd)),
    ];
    for (name, _) in PARAMS {
        if let Some(table) = name.strip_prefix("has_") {
            debug_assert!(TABLES.iter().any(|known| known.name == table), "{table}");
            row.push(Value::Flag(given.has(table)));
        }
    }
    let Scorecard { weights, sample, coverage, .. } = scorecard;
    row.extend(
        [weights.stage_rate, weights.promise, weights.callback, weights.timely_claims, sample.shrink]
            .map(Value::Number),
    );
    row.extend([sample.small, sample.bottom, sample.bottom_months].map(|n| Value::Integer(i64::from(n))));
    row.extend([coverage.large_kv, coverage.customers_per_manager].map(Value::Number));
    let mut table = writer(folder, "params", PARAMS)?;
    table.push(&row)?;
    table.finish().map(drop)
}
