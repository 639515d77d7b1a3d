//! What a plan is made from: the applications that are asked for, what is on record of them, and how long stages took.
//!
//! Everything is read from the clean tables of one lake, so that a plan knows what the assessment knows.

use std::collections::{BTreeMap, BTreeSet};
use std::path::Path;

use polars::prelude::*;

use super::network::Record;
use super::{Basis, Which};
use crate::calendar::Day;
use crate::clean::applications::{ApplicationRow, Applications};
use crate::clean::stages::{StageRow, Stages};
use crate::error::{Error, Result, Sought};
use crate::lake::{self, Columns};
use crate::rules::limits::{Connection, Supply, Voltage};
use crate::rules::vocabulary::{Mode, State};
use crate::spelling::nearest;
use crate::table::Rows;
use crate::words::Lang;

/// So many finished passes make a history.
pub const ENOUGH: u64 = 10;

/// One application that is to be planned.
#[derive(Debug, Clone)]
pub struct Application {
    /// Its identifier.
    pub application_id: String,
    /// The customer, where the export says.
    pub customer_name: Option<String>,
    /// The bureau that is responsible for it.
    pub bureau: String,
    /// The capacity, in kVA.
    pub capacity_kva: f64,
    /// Voltage, supply and new feeder.
    pub connection: Connection,
    /// Its customer manager.
    pub manager_id: Option<String>,
    /// The day it was accepted.
    pub accepted_on: Day,
    /// The requested date.
    pub desired_on: Option<Day>,
    /// The day that was promised.
    pub promised_on: Option<Day>,
    /// Whether the export gives any of its stages a due date.
    pub has_plan: bool,
    /// What is on record of its stages that have begun, by code.
    pub records: BTreeMap<String, Record>,
}

/// The column that the rows of an application are found by.
const ID: &str = "application_id";

/// Reads the applications that are asked for, by identifier.
pub fn applications(lake: &Path, which: &Which) -> Result<Vec<Application>> {
    let clean = lake.join("clean");
    let mut found: Vec<Application> = match which {
        Which::Named(ids) => named(&clean, ids)?,
        _ => Rows::<Applications>::with(&clean, "state", &[State::Open.code()])?
            .iter()
            .filter(|row| row.mode == Mode::Order)
            .map(|row| Application::from(&row))
            .collect(),
    };
    found.sort_by(|a, b| a.application_id.cmp(&b.application_id));
    let ids: Vec<&str> = found.iter().map(|application| application.application_id.as_str()).collect();
    let (mut records, planned) = records(&clean, &ids)?;
    for application in &mut found {
        application.has_plan = planned.contains(&application.application_id);
        application.records = records.remove(&application.application_id).unwrap_or_default();
    }
    if matches!(which, Which::Unplanned) {
        found.retain(|application| application.desired_on.is_some() && !application.has_plan);
    }
    Ok(found)
}

impl From<&ApplicationRow<'_>> for Application {
    fn from(row: &ApplicationRow<'_>) -> Application {
        let (supply, new_feeder) = (row.supply.unwrap_or(Supply::Single), row.new_feeder.unwrap_or(false));
        Application {
            application_id: row.application_id.to_owned(),
            customer_name: row.customer_name.map(str::to_owned),
            bureau: row.bureau.to_owned(),
            capacity_kva: row.capacity_kva,
            connection: Connection { voltage_kv: row.voltage_kv, supply, new_feeder },
            manager_id: row.manager_id.map(str::to_owned),
            accepted_on: row.accepted_on,
            desired_on: row.desired_on,
            promised_on: row.promised_on,
            has_plan: false,
            records: BTreeMap::new(),
        }
    }
}

/// The applications that were named, each of which must be there, and open.
fn named(clean: &Path, ids: &[String]) -> Result<Vec<Application>> {
    let wanted: Vec<&str> = ids.iter().map(String::as_str).collect();
    let rows = Rows::<Applications>::with(clean, ID, &wanted)?;
    let states: BTreeMap<&str, State> = rows.iter().map(|row| (row.application_id, row.state)).collect();
    for id in wanted {
        match states.get(id) {
            Some(State::Open) => {}
            Some(state) => return Err(Error::Closed { application_id: id.to_owned(), state: state.term() }),
            None => {
                let all = Rows::<Applications>::read(clean)?;
                let nearest = nearest(id, all.iter().map(|row| row.application_id)).map(str::to_owned);
                return Err(Error::Unknown { what: Sought::Application, name: id.to_owned(), nearest });
            }
        }
    }
    Ok(rows.iter().map(|row| Application::from(&row)).collect())
}

/// What is on record, of each application, of its stages by code.
type Records = BTreeMap<String, BTreeMap<String, Record>>;

/// What is on record of each stage of some applications, its open pass or else all of them as one; and which of the
/// applications have a stage with a due date in the export, begun or not.
fn records(clean: &Path, ids: &[&str]) -> Result<(Records, BTreeSet<String>)> {
    let rows = Rows::<Stages>::with(clean, ID, ids)?;
    let mut planned = BTreeSet::new();
    let mut passes_of: BTreeMap<(&str, &str), Vec<Record>> = BTreeMap::new();
    for row in rows.iter() {
        if row.planned_due_on.is_some() && !planned.contains(row.application_id) {
            planned.insert(row.application_id.to_owned());
        }
        if let Some(record) = Record::of(&row) {
            passes_of.entry((row.application_id, row.stage)).or_default().push(record);
        }
    }
    let mut records = Records::new();
    for ((id, stage), passes) in passes_of {
        if let Some(record) = Record::of_passes(passes) {
            records.entry(id.to_owned()).or_default().insert(stage.to_owned(), record);
        }
    }
    Ok((records, planned))
}

impl Record {
    /// A pass that has begun.
    fn of(row: &StageRow<'_>) -> Option<Record> {
        Some(Record {
            started_on: row.started_on?,
            finished_on: row.finished_on,
            pass: i64::from(row.pass),
            department: row.department.to_owned(),
            due_on: row.planned_due_on,
            excluded_wd: if row.finished_on.is_some() { 0 } else { row.excluded_wd },
        })
    }
}

/// How long comparable stages took, net of admitted delays.
#[derive(Debug, Default)]
pub struct History {
    /// How often a stage of a class took a number of net working days.
    counts: BTreeMap<(String, Likeness), BTreeMap<i64, u64>>,
}

/// What makes stages comparable.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
struct Likeness {
    is_high: bool,
    /// Dual supply and new feeder; `None`: any.
    scheme: Option<(bool, bool)>,
}

/// What a history says of a stage.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Usual {
    /// The 80th percentile of net working days, rounded up.
    pub p80_wd: i32,
    /// How many finished passes it rests on.
    pub passes: u64,
    /// Whether those are all of the voltage class, as too few have the same supply and feeder.
    pub is_of_whole_class: bool,
}

impl History {
    /// Reads the history where the basis asks for it.
    pub fn read(lake: &Path, basis: Basis) -> Result<History> {
        let mut history = History::default();
        if basis == Basis::Limits {
            return Ok(history);
        }
        let clean = lake.join("clean");
        let classes = lake::scan(&clean.join("applications.parquet"))?.select([
            col("application_id"),
            col("voltage_kv"),
            col("supply").eq(lit("dual")).fill_null(lit(false)).alias("is_dual"),
            col("new_feeder").fill_null(lit(false)),
        ]);
        let keys = ["stage", "voltage_kv", "is_dual", "new_feeder", "net_wd"];
        let on = [col("application_id")];
        let table = lake::scan(&clean.join("stages.parquet"))?
            .filter(col("state").eq(lit("finished")))
            .select([col("application_id"), col("stage"), col("net_wd")])
            .join(classes, on.clone(), on, JoinArgs::new(JoinType::Inner))
            .group_by(keys.map(col))
            .agg([len().cast(DataType::Int64).alias("passes")]);
        let table = lake::collect(table, "history")?;
        let table = Columns(&table);
        let (stages, voltages) = (table.texts("stage")?, table.numbers("voltage_kv")?);
        let (duals, feeders) = (table.flags("is_dual")?, table.flags("new_feeder")?);
        let (nets, passes) = (table.integers("net_wd")?, table.integers("passes")?);
        for row in 0..stages.len() {
            let (Some(stage), Some(voltage_kv), Some(net_wd), Some(passes)) =
                (stages.get(row), voltages[row], nets[row], passes[row])
            else {
                unreachable!("a finished stage has its figures")
            };
            let supply = if duals[row] == Some(true) { Supply::Dual } else { Supply::Single };
            let connection = Connection { voltage_kv, supply, new_feeder: feeders[row] == Some(true) };
            history.add(stage, &connection, net_wd, u64::try_from(passes).unwrap_or(0));
        }
        Ok(history)
    }

    fn add(&mut self, stage: &str, connection: &Connection, net_wd: i64, passes: u64) {
        let (narrow, wide) = likeness(connection);
        for like in [narrow, wide] {
            *self.counts.entry((stage.to_owned(), like)).or_default().entry(net_wd).or_default() += passes;
        }
    }

    /// How long comparable stages took: those of the same voltage class, supply and feeder if there are [`ENOUGH`], else those
    /// of the voltage class, else nothing.
    pub fn usual(&self, stage: &str, connection: &Connection) -> Option<Usual> {
        let (narrow, wide) = likeness(connection);
        [(narrow, false), (wide, true)].into_iter().find_map(|(like, is_of_whole_class)| {
            let counts = self.counts.get(&(stage.to_owned(), like))?;
            let passes: u64 = counts.values().sum();
            (passes >= ENOUGH).then(|| Usual { p80_wd: p80(counts, passes), passes, is_of_whole_class })
        })
    }
}

fn likeness(connection: &Connection) -> (Likeness, Likeness) {
    let is_high = connection.voltage() == Voltage::High;
    let scheme = Some((connection.supply == Supply::Dual, connection.new_feeder));
    (Likeness { is_high, scheme }, Likeness { is_high, scheme: None })
}

/// The 80th percentile, interpolated linearly and rounded up to whole days, of values with their counts.
fn p80(counts: &BTreeMap<i64, u64>, passes: u64) -> i32 {
    let at = |rank: u64| {
        let mut seen = 0;
        let found = counts.iter().find(|(_, count)| {
            seen += **count;
            seen > rank
        });
        found.map_or(0, |(value, _)| *value)
    };
    // In tenths, so that no fraction is lost: 0.8 · (n − 1) is a rank and a number of tenths of the way to the next.
    let tenths = (passes - 1) * 8;
    let (rank, way) = (tenths / 10, (tenths % 10) as i64);
    let below = at(rank);
    let scaled = below * 10 + (at(rank + 1) - below) * way;
    // Rounded up; net days are never negative.
    i32::try_from((scaled + 9).div_euclid(10)).unwrap_or(i32::MAX)
}

/// `single` or `dual`, for people.
pub fn supply_name(supply: Supply, lang: Lang) -> &'static str {
    match supply {
        Supply::Single => lang.pick("单电源", "single supply"),
        Supply::Dual => lang.pick("双电源", "dual supply"),
    }
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;

    use super::*;

    proptest! {
        #[test]
        fn the_percentile_is_that_of_the_sorted_days(mut days in prop::collection::vec(0_i64..60, 1..80)) {
            let mut counts = BTreeMap::new();
            for day in &days {
                *counts.entry(*day).or_default() += 1;
            }
            days.sort_unstable();
            let place = 0.8 * (days.len() - 1) as f64;
            let (below, above) = (days[place.floor() as usize] as f64, days[place.ceil() as usize] as f64);
            let exact = below + (above - below) * place.fract();
            // The exact value in tenths, for floats cannot hold a tenth.
            let rounded = ((exact * 10.0).round() / 10.0).ceil();
            prop_assert_eq!(p80(&counts, days.len() as u64), rounded as i32);
        }
    }

    #[test]
    fn a_history_widens_where_too_few_are_alike() {
        let connection = |supply, new_feeder, voltage_kv| Connection { voltage_kv, supply, new_feeder };
        let mut history = History::default();
        for net_wd in 1..=9 {
            history.add("scheme", &connection(Supply::Single, false, 10.0), net_wd, 1);
        }
        assert_eq!(history.usual("scheme", &connection(Supply::Single, false, 10.0)), None, "nine are too few");
        history.add("scheme", &connection(Supply::Dual, false, 110.0), 30, 1);
        // 1 … 9 and 30: the rank 7.2 lies between 8 and 9.
        let whole = Some(Usual { p80_wd: 9, passes: 10, is_of_whole_class: true });
        assert_eq!(history.usual("scheme", &connection(Supply::Single, true, 20.0)), whole);
        history.add("scheme", &connection(Supply::Single, false, 35.0), 2, 1);
        // 1, 2, 2, 3 … 9: the rank 7.2 lies between 7 and 8.
        let alike = Some(Usual { p80_wd: 8, passes: 10, is_of_whole_class: false });
        assert_eq!(history.usual("scheme", &connection(Supply::Single, false, 10.0)), alike);
        assert_eq!(history.usual("scheme", &connection(Supply::Single, false, 0.4)), None);
        assert_eq!(history.usual("survey", &connection(Supply::Single, false, 10.0)), None);
    }
}
