//! The clean tables: every derived figure of a single case.
//!
//! One pass over the cases in their order. What SQL would need a calendar, a date function or a look at the row before
//! for is decided here, so that the marts are plain counts and sums. Nothing that happened after the as-of day exists.

use std::path::Path;

use super::Clock;
use super::applications::Tables;
use super::cases::Cases;
use super::limits::RuleBook;
use super::owners::Owners;
use super::records::Records;
use super::vocabulary::CallbackKind;
use super::{backlog, forecasts, service};
use crate::error::Result;
use crate::lake::Layout::{Date, Flag, Integer, Number, Text};
use crate::lake::{Instant, Layout, TableWriter};

/// The clean table of applications: one row an application accepted by the as-of day, by identifier.
pub const APPLICATIONS: &[(&str, Layout)] = &[
    ("application_id", Text),
    ("customer_name", Text),
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
    ("accepted_month", Date),
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
    ("remaining_days", Integer),
    ("calendar_days", Integer),
    ("gross_wd", Integer),
    ("excluded_wd", Integer),
    ("net_wd", Integer),
    ("promise_kept", Flag),
    ("all_met", Flag),
    ("passes", Integer),
    ("passes_overdue_net", Integer),
    ("passes_rework", Integer),
    ("variant", Text),
    ("critical_wd", Integer),
    ("critical_wait_days", Integer),
    ("lead_days", Integer),
    ("tail_days", Integer),
    ("saved_at_limits_days", Integer),
    ("visits", Integer),
    ("designer", Text),
    ("builder", Text),
    ("supplier", Text),
    ("fee_charged", Number),
    ("fee_standard", Number),
    ("fee_deviates", Flag),
    ("feeder_or_station", Text),
    ("replans", Integer),
    ("first_promise_on", Date),
    ("current_promise_on", Date),
    ("slip_days", Integer),
    ("replan_reason", Text),
    ("owner_level", Integer),
    ("owner_role", Text),
    ("owner_since_on", Date),
    ("next_rise_on", Date),
    ("current_stage", Text),
    ("current_department", Text),
    ("stage_overdue", Flag),
    ("stage_breached_on", Date),
    ("open_claims", Integer),
    ("open_requests", Integer),
    ("grid_works_since_on", Date),
    ("restricted_since_on", Date),
    ("blocked_since_on", Date),
    ("followed_days", Integer),
    ("accepted_quarter", Text),
    ("voltage_class", Text),
    ("capacity_band", Text),
    ("stratum", Text),
];

/// The clean table of open applications: one row an application and a month at whose end, or on the as-of day, it was
/// open.
pub const OPEN_MONTHS: &[(&str, Layout)] =
    &[("application_id", Text), ("month", Date), ("bureau", Text), ("mode", Text), ("manager_id", Text)];

/// The clean table of stage passes: one row a pass that started by the as-of day, by application, start and order.
pub const STAGES: &[(&str, Layout)] = &[
    ("application_id", Text),
    ("bureau", Text),
    ("mode", Text),
    ("manager_id", Text),
    ("stage", Text),
    ("pass", Integer),
    ("department", Text),
    ("handler", Text),
    ("state", Text),
    ("started_on", Date),
    ("started_month", Date),
    ("finished_on", Date),
    ("finished_month", Date),
    ("until_on", Date),
    ("due_on", Date),
    ("limit_wd", Integer),
    ("limit_source", Text),
    ("calendar_days", Integer),
    ("gross_wd", Integer),
    ("claimed_wd", Integer),
    ("excluded_wd", Integer),
    ("net_wd", Integer),
    ("remaining_wd", Integer),
    ("over_wd", Integer),
    ("overdue_gross", Flag),
    ("overdue_net", Flag),
    ("breached_on", Date),
    ("settled_on", Date),
    ("settled_month", Date),
    ("other_overdue_net", Flag),
    ("other_settled_month", Date),
    ("application_state", Text),
    ("stratum", Text),
    ("sequence", Integer),
    ("rework", Flag),
    ("first_here", Flag),
    ("first_again_here", Flag),
    ("waiting_wd", Integer),
    ("on_critical", Flag),
    ("critical_wd", Integer),
    ("critical_work_days", Integer),
    ("critical_wait_days", Integer),
    ("saved_at_limit_days", Integer),
    ("saved_half_wait_days", Number),
];

/// The clean table of what directly follows what: one row a stage pass and the one before it in its application, by
/// application and order of start; without a stage before it for the first, without one after it for the end of an
/// application that was energised or cancelled.
pub const EDGES: &[(&str, Layout)] = &[
    ("application_id", Text),
    ("bureau", Text),
    ("mode", Text),
    ("application_state", Text),
    ("sequence", Integer),
    ("kind", Text),
    ("from_stage", Text),
    ("to_stage", Text),
    ("from_department", Text),
    ("to_department", Text),
    ("rework", Flag),
    ("overlap", Flag),
    ("first_of_stages", Flag),
    ("first_of_departments", Flag),
    ("wd", Integer),
    ("days", Integer),
];

/// The clean table of claims: one row a verdict, that is a claim against a stage pass. The table `application_claims`
/// has the same columns: one row a claim that names no stage, judged against the whole application.
pub const CLAIMS: &[(&str, Layout)] = &[
    ("application_id", Text),
    ("manager_id", Text),
    ("stage", Text),
    ("pass", Integer),
    ("department", Text),
    ("settled_month", Date),
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
    ("manager_id", Text),
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
    /// Who answers for an application when.
    pub owners: &'a Owners,
    /// On the last days of how many months before the as-of day forecasts are replayed.
    pub replayed_months: u32,
}

/// Opens a clean table in a folder.
pub fn writer(folder: &Path, name: &str, columns: &[(&str, Layout)]) -> Result<TableWriter> {
    let columns = columns.iter().map(|(name, layout)| ((*name).to_owned(), *layout)).collect();
    TableWriter::with_columns(&folder.join(format!("{name}.parquet")), columns)
}

/// Writes every clean table but the parameters into a folder.
pub fn write(
    cases: &Cases,
    records: &Records,
    settings: &Settings<'_>,
    folder: &Path,
    progress: &dyn Fn(u64),
) -> Result<Tally> {
    let mut tables = Tables::create(cases, records, settings, folder)?;
    for (done, application) in cases.applications.iter().enumerate() {
        if done % 10_000 == 0 {
            progress(done as u64);
        }
        if application.accepted_on > settings.clock.as_of {
            tables.later();
        } else {
            tables.application(application)?;
        }
    }
    for fault in cases.faults.iter().flatten() {
        if let Some(restored_on) = fault.restored_at.map(Instant::day) {
            let due_on = restored_on.plus_days(settings.fault_days);
            tables.callback(
                CallbackKind::Fault,
                &fault.fault_id,
                fault.bureau,
                None,
                restored_on,
                due_on,
                &fault.calls,
            )?;
        }
    }
    service::write(cases, records, settings, folder, tables.promises())?;
    backlog::write(cases, settings, folder)?;
    forecasts::write(cases, settings, folder)?;
    tables.finish()
}
