//! What a plan is made from: the applications that are asked for, what is on record of them, and how long stages took.
//!
//! Everything is read from the clean tables of one lake, so that a plan knows what the assessment knows; only the
//! customer's name, which no figure needs, comes from the raw table.

use std::collections::{BTreeMap, BTreeSet};
use std::path::Path;

use polars::prelude::*;

use super::network::Record;
use super::{Basis, Which};
use crate::calendar::Day;
use crate::clock::limits::{Connection, Supply, Voltage};
use crate::clock::standing::State;
use crate::clock::vocabulary::{DueSource, Mode};
use crate::error::{Error, Result, Sought};
use crate::lake::{self, Columns};
use crate::spelling::nearest;
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
    /// The bureau that answers for it.
    pub bureau: String,
    /// The capacity, in kVA.
    pub capacity_kva: f64,
    /// Voltage, supply and new feeder.
    pub connection: Connection,
    /// Its customer manager.
    pub manager_id: Option<String>,
    /// The day it was accepted.
    pub accepted_on: Day,
    /// The day the customer wishes for.
    pub desired_on: Option<Day>,
    /// The day that was promised.
    pub promised_on: Option<Day>,
    /// What is on record of its stages, by code.
    pub records: BTreeMap<String, Record>,
}

const COLUMNS: [&str; 12] = [
    "application_id",
    "bureau",
    "capacity_kva",
    "voltage_kv",
    "supply",
    "new_feeder",
    "manager_id",
    "accepted_on",
    "desired_on",
    "promised_on",
    "mode",
    "state",
];

/// Reads the applications that are asked for, by identifier.
pub fn applications(lake: &Path, which: &Which) -> Result<Vec<Application>> {
    let clean = lake.join("clean");
    let table = lake::scan(&clean.join("applications.parquet"))?.select(COLUMNS.map(col));
    let wanted = match which {
        Which::Named(ids) => lake::collect(of_ids(table, ids)?, "applications")?,
        _ => {
            let open = col("state").eq(lit(State::Open.code())).and(col("mode").eq(lit(Mode::Order.code())));
            lake::collect(table.filter(open), "applications")?
        }
    };
    let mut found = rows(Columns(&wanted))?;
    if let Which::Named(ids) = which {
        check(&clean, ids, &wanted)?;
    }
    found.sort_by(|a, b| a.application_id.cmp(&b.application_id));
    let ids: Vec<String> = found.iter().map(|application| application.application_id.clone()).collect();
    let mut names = customer_names(lake, &ids)?;
    let mut records = records(&clean, &ids)?;
    for application in &mut found {
        application.customer_name = names.remove(&application.application_id);
        application.records = records.remove(&application.application_id).unwrap_or_default();
    }
    if matches!(which, Which::Unplanned) {
        let has_plan = |a: &Application| a.records.values().any(|record| record.is_planned);
        found.retain(|application| application.desired_on.is_some() && !has_plan(application));
    }
    Ok(found)
}

/// The rows of a table that belong to some applications, in no order.
fn of_ids(table: LazyFrame, ids: &[String]) -> Result<LazyFrame> {
    let ids = Column::new("application_id".into(), ids);
    let ids = DataFrame::new(ids.len(), vec![ids]).map_err(Error::engine("applications"))?;
    let on = [col("application_id")];
    Ok(table.join(ids.lazy(), on.clone(), on, JoinArgs::new(JoinType::Inner)))
}

fn rows(table: Columns<'_>) -> Result<Vec<Application>> {
    let text = |name| table.texts(name);
    let (ids, bureaus, supplies, managers) =
        (text("application_id")?, text("bureau")?, text("supply")?, text("manager_id")?);
    let (capacities, voltages) = (table.numbers("capacity_kva")?, table.numbers("voltage_kv")?);
    let new_feeders = table.flags("new_feeder")?;
    let (accepted, desired, promised) =
        (table.days("accepted_on")?, table.days("desired_on")?, table.days("promised_on")?);
    let mut rows = Vec::new();
    for row in 0..ids.len() {
        let (Some(id), Some(voltage_kv), Some(accepted_on)) = (ids.get(row), voltages[row], accepted[row]) else {
            unreachable!("a clean application has its required values")
        };
        let supply = if supplies.get(row) == Some("dual") { Supply::Dual } else { Supply::Single };
        rows.push(Application {
            application_id: id.to_owned(),
            customer_name: None,
            bureau: bureaus.get(row).unwrap_or_default().to_owned(),
            capacity_kva: capacities[row].unwrap_or_default(),
            connection: Connection { voltage_kv, supply, new_feeder: new_feeders[row].unwrap_or(false) },
            manager_id: managers.get(row).map(str::to_owned),
            accepted_on,
            desired_on: desired[row],
            promised_on: promised[row],
            records: BTreeMap::new(),
        });
    }
    Ok(rows)
}

/// Finds that every application that was named is there, and open.
fn check(clean: &Path, ids: &[String], found: &DataFrame) -> Result<()> {
    let (known, states) = (Columns(found).texts("application_id")?, Columns(found).texts("state")?);
    let states = states.iter().map(|state| state.and_then(State::of_code));
    let states: BTreeMap<&str, State> = known.iter().zip(states).filter_map(|(id, state)| id.zip(state)).collect();
    for id in ids {
        match states.get(id.as_str()) {
            Some(State::Open) => {}
            Some(state) => return Err(Error::Closed { application_id: id.clone(), state: state.term() }),
            None => {
                let all = lake::scan(&clean.join("applications.parquet"))?.select([col("application_id")]);
                let all = lake::collect(all, "applications")?;
                let all = Columns(&all).texts("application_id")?;
                let nearest = nearest(id, all.iter().flatten()).map(str::to_owned);
                return Err(Error::Unknown { what: Sought::Application, name: id.clone(), nearest });
            }
        }
    }
    Ok(())
}

fn customer_names(lake: &Path, ids: &[String]) -> Result<BTreeMap<String, String>> {
    let wanted: BTreeSet<&str> = ids.iter().map(String::as_str).collect();
    let mut names = BTreeMap::new();
    for file in lake::raw_files(lake, "applications")? {
        lake::each_slice(&file, |slice| {
            let (ids, customers) = (Columns(slice).texts("application_id")?, Columns(slice).texts("customer_name")?);
            for (id, customer) in ids.iter().zip(customers.iter()) {
                if let (Some(id), Some(customer)) = (id, customer)
                    && wanted.contains(id)
                {
                    names.insert(id.to_owned(), customer.to_owned());
                }
            }
            Ok(true)
        })?;
    }
    Ok(names)
}

/// What is on record of each stage of some applications: its open pass, or else all of them as one.
fn records(clean: &Path, ids: &[String]) -> Result<BTreeMap<String, BTreeMap<String, Record>>> {
    let columns = [
        "application_id",
        "stage",
        "pass",
        "department",
        "started_on",
        "finished_on",
        "due_on",
        "limit_source",
        "excluded_wd",
    ];
    let table = lake::scan(&clean.join("stages.parquet"))?.select(columns.map(col));
    let table = lake::collect(of_ids(table, ids)?, "stages")?;
    let table = Columns(&table);
    let text = |name| table.texts(name);
    let (of, stages, departments, sources) =
        (text("application_id")?, text("stage")?, text("department")?, text("limit_source")?);
    let (passes, excluded) = (table.integers("pass")?, table.integers("excluded_wd")?);
    let (started, finished, due) = (table.days("started_on")?, table.days("finished_on")?, table.days("due_on")?);
    let mut passes_of: BTreeMap<(&str, &str), Vec<Record>> = BTreeMap::new();
    for row in 0..of.len() {
        let (Some(id), Some(stage), Some(started_on)) = (of.get(row), stages.get(row), started[row]) else {
            unreachable!("a clean stage has its required values")
        };
        let is_planned = sources.get(row).and_then(DueSource::of_code) == Some(DueSource::DueOn);
        passes_of.entry((id, stage)).or_default().push(Record {
            started_on,
            finished_on: finished[row],
            pass: passes[row].unwrap_or(1),
            department: departments.get(row).unwrap_or_default().to_owned(),
            due_on: due[row].filter(|_| is_planned),
            is_planned,
            excluded_wd: match finished[row] {
                Some(_) => 0,
                None => excluded[row].and_then(|days| i32::try_from(days).ok()).unwrap_or(0),
            },
        });
    }
    let mut records: BTreeMap<String, BTreeMap<String, Record>> = BTreeMap::new();
    for ((id, stage), passes) in passes_of {
        if let Some(record) = Record::of_passes(passes) {
            records.entry(id.to_owned()).or_default().insert(stage.to_owned(), record);
        }
    }
    Ok(records)
}

/// How long like stages took, net of admitted delays.
#[derive(Debug, Default)]
pub struct History {
    /// How often a stage of a class took so many net working days.
    counts: BTreeMap<(String, Likeness), BTreeMap<i64, u64>>,
}

/// What makes stages alike.
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

    /// How long like stages took: those of the same voltage class, supply and feeder if there are [`ENOUGH`], else those
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
    // In tenths, so that no fraction is lost: 0.8 · (n − 1) is a rank and so many tenths of the way to the next.
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
