//! The clean tables: every derived figure of a single case.
//!
//! One pass over the cases in their order. What SQL would need a calendar, a date function or a look at the row before
//! for is decided here, so that the marts are plain counts and sums. Nothing that happened after the as-of day exists.
//! One file per table: its columns, each with its meaning and how it is taken from the case, and what the case tells.

pub mod actions;
pub mod applications;
mod bucket;
pub mod callbacks;
pub mod claims;
pub mod complaints;
pub mod demands;
pub mod dictionary;
pub mod faults;
pub mod forecasts;
mod fulfilment;
pub mod limits;
pub mod managers;
pub mod months;
pub mod outages;
pub mod params;
pub mod promises;
pub mod replans;
pub mod requests;
pub mod restrictions;
pub mod stages;
pub mod stretches;
pub mod surveys;
mod totals;
pub mod verifications;
pub mod visits;

use std::path::Path;

pub use self::totals::{Against, Begun, Totals};
use crate::calendar::{Day, Instant};
use crate::cases::Cases;
use crate::clock::Clock;
use crate::contract::Given;
use crate::error::Result;
use crate::parallel;
use crate::rules::limits::RuleBook;
use crate::rules::owners::Owners;
use crate::rules::process::Process;
use crate::rules::scorecard::{Managers, Proposal};
use crate::rules::vocabulary::Promise;
use crate::table::{self, Declared, Table};
use applications::Applications;
use bucket::{Bucket, Common, Filled};
use callbacks::{Callback, Callbacks, ToCome};
use claims::Claims;
use months::{OpenMonths, OpenPasses};
use stages::{Edges, Stages};
use stretches::Stretches;
use verifications::Used;

/// kVA as whole VA: SQL adds up whole numbers alone.
fn whole_va(kva: f64) -> i64 {
    (kva * 1000.0).round_ties_even() as i64
}

/// Yuan as whole fen.
fn whole_fen(yuan: f64) -> i64 {
    (yuan * 100.0).round_ties_even() as i64
}

/// Every clean table, in the order in which the dictionary prints them.
pub const TABLES: [Table; 30] = [
    Applications::TABLE,
    Stages::TABLE,
    Edges::TABLE,
    Stretches::TABLE,
    Claims::TABLE,
    claims::OF_WHOLE,
    claims::UNHEARD,
    Callbacks::TABLE,
    ToCome::TABLE,
    OpenMonths::TABLE,
    OpenPasses::TABLE,
    months::MonthDays::TABLE,
    promises::Promises::TABLE,
    faults::Faults::TABLE,
    complaints::Complaints::TABLE,
    outages::Outages::TABLE,
    replans::Replans::TABLE,
    requests::Requests::TABLE,
    requests::RequestAnswers::TABLE,
    surveys::Surveys::TABLE,
    managers::Managers::TABLE,
    restrictions::Restrictions::TABLE,
    demands::Demands::TABLE,
    verifications::Verifications::TABLE,
    visits::Visits::TABLE,
    actions::Actions::TABLE,
    limits::Limits::TABLE,
    forecasts::Forecasts::TABLE,
    forecasts::Backtest::TABLE,
    params::Params::TABLE,
];

/// The table that only some marts read, and that takes long: a run makes it where the marts of its report read it.
pub const ON_DEMAND: &str = forecasts::Backtest::TABLE.name;

/// Their names, in the same order.
pub const NAMES: [&str; TABLES.len()] = {
    let mut names = [""; TABLES.len()];
    let mut at = 0;
    while at < TABLES.len() {
        names[at] = TABLES[at].name;
        at += 1;
    }
    names
};

/// What the clean tables are made by.
pub struct Settings<'a> {
    /// Calendar, rules and as-of day.
    pub clock: Clock<'a>,
    /// Standard limits.
    pub standards: &'a RuleBook,
    /// What waits for what.
    pub process: &'a Process,
    /// Which tables and columns the exports have.
    pub given: &'a Given,
    /// A fault's callback is due this many calendar days after restoration.
    pub fault_days: i32,
    /// The service promises that count.
    pub promises: &'a [Promise],
    /// The stages of a high-voltage connection that must be within their limits.
    pub nodes: &'a [String],
    /// Who is responsible for an application, and from when.
    pub owners: &'a Owners,
    /// Which departments customer managers belong to.
    pub managers: &'a Managers,
    /// Strata are merged while a mode has fewer applications than this.
    pub min_arm: u64,
    /// What is proposed for an overdue stage.
    pub proposal: &'a Proposal,
    /// On the last days of how many months before the as-of day forecasts are replayed; 0: there is no table of them.
    pub replayed_months: u32,
}

fn on(at: Option<Instant>) -> Option<Day> {
    at.map(Instant::day)
}

/// Applications that are judged together, by one thread: what is in flight is a few of such buckets, and each is a row group of
/// the tables.
const BUCKET: usize = 16_384;

/// Writes every clean table but the parameters into a folder.
pub fn write<'a>(
    cases: &'a Cases,
    settings: &'a Settings<'a>,
    folder: &Path,
    progress: &dyn Fn(u64),
) -> Result<Totals> {
    let known = cases.known_on(settings.clock.as_of);
    let (mut files, parts) = table::parted(folder, &bucket::TABLES)?;
    let common = Common::new(known, settings, parts);
    let (mut totals, mut used, mut first_on) =
        (Totals { later_applications: known.later(), ..Totals::default() }, Used::new(), known.day());
    let mut take = |filled: Filled<'a>| -> Result<()> {
        filled.parts.into_iter().try_for_each(|part| files.append(part))?;
        totals.add(&filled.totals);
        used.extend(filled.used);
        first_on = first_on.min(filled.first_on);
        progress(totals.applications);
        Ok(())
    };
    let (all, grain) = (known.applications(), parallel::grain(BUCKET));
    let buckets = (0..all).step_by(grain).map(|from| from..all.min(from + grain));
    parallel::in_order(buckets, |numbers| common.judged(known.bucket(numbers)), &mut take)?;

    let mut others = Bucket::new(&common)?;
    for fault in known.faults() {
        if let Some(callback) = Callback::of_fault(&fault, settings.fault_days, known) {
            others.callback(&callback)?;
        }
    }
    outages::write(known, settings, folder, &mut others.promises)?;
    faults::write(known, settings, folder, &mut others.promises)?;
    complaints::write(known, folder, &mut others.promises)?;
    take(others.filled()?)?;
    files.finish()?;

    verifications::write(known, &used, folder)?;
    months::write(known, first_on, settings.clock.calendar, folder)?;
    replans::write(known, folder)?;
    requests::write(known, folder)?;
    surveys::write(known, folder)?;
    managers::write(known, folder)?;
    restrictions::write(known, folder)?;
    demands::write(known, folder)?;
    visits::write(known, folder)?;
    let due_on = |application_id: &str| common.judge.standing(known.case(application_id)?).due_on;
    actions::write(known, due_on, folder)?;
    limits::write(settings.standards, folder)?;
    forecasts::write(cases, settings, folder)?;
    Ok(totals)
}

/// Writes the table on demand alone, beside the others.
pub fn write_on_demand(cases: &Cases, settings: &Settings<'_>, folder: &Path) -> Result<()> {
    forecasts::write_backtest(cases, settings, folder)
}
