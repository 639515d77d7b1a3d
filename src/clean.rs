//! The clean tables: every derived figure of a single case.
//!
//! One pass over the cases in their order. What SQL would need a calendar, a date function or a look at the row before
//! for is decided here, so that the marts are plain counts and sums. Nothing that happened after the as-of day exists.
//! One file per table: its columns, each with its meaning and how it is taken from the case, and what the case tells.

pub mod actions;
pub mod applications;
mod beforehand;
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
pub mod units;
pub mod verifications;
pub mod visits;

use std::collections::BTreeMap;
use std::fs;
use std::path::{Path, PathBuf};

pub use self::beforehand::Beforehand;
pub use self::totals::{Against, Begun, Totals};
use crate::calendar::{Day, Instant};
use crate::cases::Cases;
use crate::clock::Clock;
use crate::contract::Given;
use crate::error::{Error, Result};
use crate::parallel;
use crate::rules::limits::RuleBook;
use crate::rules::owners::Owners;
use crate::rules::process::Process;
use crate::rules::scorecard::{Managers, Proposal};
use crate::rules::vocabulary::Promise;
use crate::table::{self, Declared, Table};
use applications::Applications;
use bucket::{Common, Filling, Told};
use callbacks::{Callbacks, ToCome};
use claims::Claims;
use forecasts::{Days, Replays};
use months::{OpenMonths, OpenPasses};
use stages::{Edges, Stages};
use stretches::Stretches;

/// kVA as whole VA: SQL adds up whole numbers alone.
fn whole_va(kva: f64) -> i64 {
    (kva * 1000.0).round_ties_even() as i64
}

/// Yuan as whole fen.
fn whole_fen(yuan: f64) -> i64 {
    (yuan * 100.0).round_ties_even() as i64
}

/// Every clean table, in the order in which the dictionary prints them.
pub const TABLES: [Table; 31] = [
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
    units::Units::TABLE,
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

/// Where buckets that were judged are kept, by their numbers, so that a run goes on where another one ended.
pub struct Kept<'a> {
    /// Puts the files of a bucket into a folder; false where it was not kept.
    pub find: &'a (dyn Fn(usize, &Path) -> Result<bool> + Sync),
    /// Keeps the files of a folder.
    pub keep: &'a (dyn Fn(usize, &Path) + Sync),
}

/// Where the tables of buckets are, until they are put together.
const PIECES: &str = "pieces";

/// What a bucket tells beside its tables.
const TOLD: &str = "told.json";

/// Writes every clean table but the units and the parameters into a folder; says how many applications were not judged for it, but taken
/// from what was kept.
pub fn write(
    cases: &Cases<'_>,
    settings: &Settings<'_>,
    beforehand: &Beforehand<'_>,
    folder: &Path,
    kept: Option<&Kept<'_>>,
    progress: &dyn Fn(u64),
) -> Result<(Totals, u64)> {
    let known = cases.known_on(settings.clock.as_of);
    let replays = Replays::new(cases, settings, Days::All);
    let groups = beforehand.groups(settings.min_arm);
    let common = Common::new(known, settings, &groups, &replays)?;
    let (mut files, parts) = table::parted(folder, &bucket::TABLES)?;
    let pieces = folder.join(PIECES);
    let (mut whole, mut taken, mut open) = (Told::new(known.day()), 0, Vec::new());
    whole.totals.later_applications = beforehand.later;
    let (mut of_outages, mut of_actions) = (BTreeMap::new(), BTreeMap::new());
    let judged = |number: usize| -> Result<(PathBuf, Told, bool)> {
        let piece = pieces.join(number.to_string());
        let Some(kept) = kept else {
            let told = common.judged(&known.bucket(number)?, &piece)?;
            return Ok((piece, told, false));
        };
        let place = piece.join(TOLD);
        if (kept.find)(number, &piece)? {
            let told = fs::read(&place).map_err(Error::io("read", &place))?;
            return Ok((piece, serde_json::from_slice(&told).map_err(Error::engine(TOLD))?, true));
        }
        let told = common.judged(&known.bucket(number)?, &piece)?;
        let bytes = serde_json::to_vec(&told).map_err(Error::render(TOLD))?;
        fs::write(&place, bytes).map_err(Error::io("write", &place))?;
        (kept.keep)(number, &piece);
        Ok((piece, told, false))
    };
    parallel::in_order(0..cases.buckets(), judged, |(piece, told, is_taken)| {
        files.splice(&piece)?;
        fs::remove_dir_all(&piece).map_err(Error::io("remove", &piece))?;
        whole.totals.add(&told.totals);
        whole.used.extend(told.used);
        whole.first_on = whole.first_on.min(told.first_on);
        of_outages.extend(told.outages);
        of_actions.extend(told.actions);
        open.push(told.open);
        taken += if is_taken { told.totals.applications } else { 0 };
        progress(whole.totals.applications);
        Ok(())
    })?;
    fs::remove_dir_all(&pieces).map_err(Error::io("remove", &pieces))?;

    let mut others = Filling::new(&common, &parts)?;
    outages::write(known, &of_outages, settings, folder, &mut others.promises)?;
    faults::write(known, settings, folder, &mut others)?;
    complaints::write(known, folder, &mut others.promises)?;
    others.fill(&mut files, &mut whole)?;
    files.finish()?;

    verifications::write(known, &whole.used, folder)?;
    months::write(known, whole.first_on, settings.clock.calendar, folder)?;
    requests::write(known, folder)?;
    surveys::write(known, folder)?;
    managers::write(known, folder)?;
    restrictions::write(known, folder)?;
    demands::write(known, folder)?;
    visits::write(known, folder)?;
    actions::write(known, &of_actions, folder)?;
    limits::write(settings.standards, folder)?;
    replays.write(&beforehand.history, open, folder)?;
    Ok((whole.totals, taken))
}

/// Writes the table on demand alone, next to the others.
pub fn write_on_demand(
    cases: &Cases<'_>,
    settings: &Settings<'_>,
    beforehand: &Beforehand<'_>,
    folder: &Path,
) -> Result<()> {
    let replays = Replays::new(cases, settings, Days::Past);
    let mut open = Vec::new();
    let known = cases.known_on(settings.clock.as_of);
    known.in_buckets(
        |bucket| Ok(replays.open_in(bucket)),
        |of_bucket| {
            open.push(of_bucket);
            Ok(())
        },
    )?;
    replays.write(&beforehand.history, open, folder)
}
