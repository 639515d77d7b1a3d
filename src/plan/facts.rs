//! What a plan is made from: the applications that are asked for, and what is on record of them.
//!
//! Everything is read from the clean tables of one lake, so that a plan knows what the assessment knows.

use std::collections::{BTreeMap, BTreeSet};
use std::path::Path;

use super::Which;
use super::network::Record;
use crate::calendar::Day;
use crate::clean::applications::{ApplicationRow, Applications};
use crate::clean::stages::{StageRow, Stages};
use crate::error::{Error, Result, Sought};
use crate::rules::limits::Connection;
use crate::rules::vocabulary::{Mode, State};
use crate::spelling::nearest;
use crate::table::Rows;

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
        Application {
            application_id: row.application_id.to_owned(),
            customer_name: row.customer_name.map(str::to_owned),
            bureau: row.bureau.to_owned(),
            capacity_kva: row.capacity_kva,
            connection: Connection::known(row.voltage_kv, row.supply, row.new_feeder),
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
