//! The raw lake as cases: each application with its stage passes, claims and calls, in one order, and the records
//! that belong to no stage.
//!
//! Exports come in any order, and more of them than memory holds. [`spread`] reads each row once and packs it for its bucket
//! (a range of identifiers; texts that repeat are numbers), and a [`Bucket`] is put in order when it is worked on, several
//! side by side. What was gathered is seen only as it was known on a day: [`Cases::known_on`].

pub mod apart;
pub mod beginning;
mod bucket;
mod causes;
pub mod dealings;
mod events;
mod faults;
mod filed;
mod gather;
pub mod idle;
mod known;
mod lifecycle;
mod names;
mod raw;
mod reach;
pub mod records;
mod spill;
mod spread;
mod stages;
pub mod standing;
mod starts;

use std::cmp::Ordering;
use std::ops::Range;

pub use events::{BeginsTaken, EndsTaken, EventLog, LogRules, Momentary, Ties};
pub use known::{Case, Extent, Known, KnownClaim, Month};
pub use lifecycle::Lifecycle;
pub use names::{Name, Names};
pub use reach::{Events, Overview, Reach};

use apart::Asked;
use bucket::Way;
use dealings::Visit;
use events::Noted;
use filed::Filed;
use records::{Complaint, Records, Request};
use spread::Spread;

use crate::calendar::{Day, Instant};
use crate::clock::Ruling;
use crate::parallel;
use crate::rules::limits::{Area, Connection, Supply};
use crate::rules::vocabulary::Mode;
use crate::spelling::Joined;

/// What an application is; the exports do not date it, so it is the same on every day.
pub struct Facts {
    /// Its identifier.
    pub application_id: String,
    /// The bureau that is responsible for it.
    pub bureau: Name,
    /// In town or in the country.
    pub area: Option<Area>,
    /// How it came in.
    pub channel: Option<Name>,
    /// The voltage, in kV.
    pub voltage_kv: f64,
    /// The capacity, in kVA.
    pub capacity_kva: f64,
    /// Single or dual supply.
    pub supply: Option<Supply>,
    /// Whether a new feeder is built.
    pub new_feeder: Option<bool>,
    /// Whether it is a key project.
    pub key_project: Option<bool>,
    /// How it is served, where the export says.
    pub mode: Option<Mode>,
    /// Its customer manager.
    pub manager_id: Option<Name>,
    /// The day it was accepted.
    pub accepted_on: Day,
    /// The requested date.
    pub desired_on: Option<Day>,
    /// The day that was promised.
    pub promised_on: Option<Day>,
    /// The day that it was re-planned for.
    pub replanned_on: Option<Day>,
    /// The feeder or station that it is connected to.
    pub feeder_or_station: Option<Name>,
    /// What the customer is called.
    pub customer_name: Option<Box<str>>,
    /// How often the customer had to come.
    pub visits: Option<i64>,
    /// Who designed the customer's works.
    pub designer: Option<Name>,
    /// Who built them.
    pub builder: Option<Name>,
    /// Who supplied them.
    pub supplier: Option<Name>,
    /// The fee that was charged, in yuan.
    pub fee_charged: Option<f64>,
    /// The standard fee, in yuan.
    pub fee_standard: Option<f64>,
    /// What sort of business it is.
    pub business: Option<Name>,
    /// The class of the customer.
    pub customer_class: Option<Name>,
    /// Who leads it, where it is a listed project.
    pub leader: Option<Name>,
    /// Whether it is connected under voltage.
    pub live_work: Option<bool>,
}

impl Facts {
    /// What standard limits are chosen by: an empty supply is single, an empty new feeder is none (docs/method.md §4).
    pub fn connection(&self) -> Connection {
        Connection::known(self.voltage_kv, self.supply, self.new_feeder)
    }
}

/// One application with everything that is on record of it.
struct Application {
    facts: Facts,
    energised_at: Option<Instant>,
    cancelled_on: Option<Day>,
    /// In [`Bucket::passes`].
    passes: Range<usize>,
    /// In [`Bucket::plans`].
    plans: Range<usize>,
    /// In [`Bucket::claims`].
    claims: Range<usize>,
    /// By time.
    calls: Vec<Call>,
    /// Its rows that were rejected.
    rejected_rows: u32,
    /// Whether the report is about it.
    is_asked_for: bool,
}

impl Application {
    /// One of which nothing more is known yet.
    fn new(facts: Facts, energised_at: Option<Instant>, cancelled_on: Option<Day>) -> Application {
        Application {
            facts,
            energised_at,
            cancelled_on,
            passes: 0..0,
            plans: 0..0,
            claims: 0..0,
            calls: Vec::new(),
            rejected_rows: 0,
            is_asked_for: true,
        }
    }
}

/// One pass of a stage.
#[derive(Clone, Copy)]
pub struct StagePass {
    /// The stage's code.
    pub stage: Name,
    /// Which pass it is, from 1; where the export does not say, the next one by start.
    pub pass: u32,
    /// The department that does it.
    pub department: Name,
    /// Who did it.
    pub handler: Option<Name>,
    /// When it started.
    pub started_at: Instant,
    /// Whether the exports do not give that, and the finish of the pass before it stands for it.
    pub start_taken: bool,
    /// When it finished.
    pub finished_at: Option<Instant>,
    /// The day it was due, where the export says.
    pub due_on: Option<Day>,
    /// The day it was to start, where the export says.
    pub planned_start_on: Option<Day>,
    /// Where its stage stands in the usual order.
    pub position: u16,
    /// Where its stage stands to that whose finish is the energisation.
    pub to_goal: Ordering,
    application: u32,
    /// Which row of the exports it begins with, in the order of the files, from 1.
    line: u32,
}

impl StagePass {
    /// The day it started.
    pub fn started_on(&self) -> Day {
        self.started_at.day()
    }

    /// The day it finished.
    pub fn finished_on(&self) -> Option<Day> {
        self.finished_at.map(Instant::day)
    }

    /// What else its row says, for an order in which nothing is left to chance.
    fn said(&self) -> (Name, Name, Option<Name>, Option<Day>, Option<Day>) {
        (self.department, self.stage, self.handler, self.due_on, self.planned_start_on)
    }
}

/// A stage pass as it was known on a day: one that has not begun by then is only planned.
#[derive(Clone, Copy)]
pub struct KnownPass {
    /// The stage's code.
    pub stage: Name,
    /// Which pass it is, from 1.
    pub pass: u32,
    /// The department that does it.
    pub department: Name,
    /// Who did it.
    pub handler: Option<Name>,
    /// When it started.
    pub started_at: Option<Instant>,
    /// Whether the exports do not give that, and the finish of the pass before it stands for it.
    pub start_taken: bool,
    /// When it finished.
    pub finished_at: Option<Instant>,
    /// The day it is due, where the export says.
    pub due_on: Option<Day>,
    /// The day it was to start, where the export says.
    pub planned_start_on: Option<Day>,
    /// Where its stage stands in the usual order.
    pub position: u16,
    /// Where its stage stands to that whose finish is the energisation.
    pub to_goal: Ordering,
}

impl KnownPass {
    /// The day it started.
    pub fn started_on(&self) -> Option<Day> {
        self.started_at.map(Instant::day)
    }

    /// The day it finished.
    pub fn finished_on(&self) -> Option<Day> {
        self.finished_at.map(Instant::day)
    }
}

impl From<StagePass> for KnownPass {
    fn from(pass: StagePass) -> KnownPass {
        KnownPass {
            stage: pass.stage,
            pass: pass.pass,
            department: pass.department,
            handler: pass.handler,
            started_at: Some(pass.started_at),
            start_taken: pass.start_taken,
            finished_at: pass.finished_at,
            due_on: pass.due_on,
            planned_start_on: pass.planned_start_on,
            position: pass.position,
            to_goal: pass.to_goal,
        }
    }
}

/// A pass of which the exports give no start: it is due, and nothing has happened.
#[derive(Clone, Copy)]
struct Plan {
    pass: KnownPass,
    application: u32,
}

/// What a delay claim says, on whatever day it is looked at.
pub struct ClaimFacts {
    /// Its identifier.
    pub delay_id: Option<String>,
    /// The stage that it names.
    pub stage: Option<Name>,
    /// Its cause.
    pub cause: Name,
    /// The day it began.
    pub began_on: Day,
    /// The explanation given.
    pub reason: Option<String>,
}

/// One delay claim with everything that is on record of it.
struct DelayClaim {
    facts: ClaimFacts,
    ended_on: Option<Day>,
    reported_on: Option<Day>,
    confirmed_on: Option<Day>,
    ruling: Ruling,
    ruled_on: Option<Day>,
    ruled_by: Option<String>,
    application: u32,
}

/// One fault.
#[derive(Clone)]
pub struct Fault {
    /// Its identifier.
    pub fault_id: String,
    /// The bureau that is responsible for it.
    pub bureau: Name,
    /// In town or in the country.
    pub area: Area,
    /// When the power went out.
    pub outage_at: Option<Instant>,
    /// When the fault was reported.
    pub reported_at: Instant,
    /// When the customers were notified of the outage.
    pub notified_at: Option<Instant>,
    /// When the crew arrived.
    pub arrived_at: Option<Instant>,
    /// When the crew called from the site.
    pub arrival_call_at: Option<Instant>,
    /// When power was restored.
    pub restored_at: Option<Instant>,
    /// When the crew called that it was done.
    pub completion_call_at: Option<Instant>,
    /// Of which of its times only the day is known.
    pub days_only: DaysOnly,
    /// The calls to its customer, by time.
    pub calls: Vec<Call>,
}

/// The times of a fault of which only the day is known: they decide no limit in minutes.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub struct DaysOnly {
    /// When the power went out.
    pub outage: bool,
    /// When it was reported.
    pub reported: bool,
    /// When the customers were notified.
    pub notified: bool,
    /// When the crew arrived.
    pub arrived: bool,
    /// When power was restored.
    pub restored: bool,
}

/// One call to a customer.
#[derive(Clone)]
pub struct Call {
    /// When it was made.
    pub called_at: Instant,
    /// Whether the customer was reached.
    pub reached: bool,
    /// How satisfied the customer is, 1–5.
    pub score: Option<i64>,
    /// How satisfied with the manager, 1–5.
    pub manager_score: Option<i64>,
    /// Whether designer, builder and supplier were chosen freely.
    pub free_choice: Option<bool>,
    /// What the customer complained of.
    pub issue_category: Option<Name>,
    /// The department that it concerns.
    pub issue_department: Option<Name>,
    /// Whether it proved true.
    pub issue_verified: Option<bool>,
    /// What was done about it.
    pub issue_action: Option<Name>,
    /// The day it was settled.
    pub issue_settled_on: Option<Day>,
}

/// Everything that was accepted: on disk, bucket by bucket, what there is much of; the rest in memory.
pub struct Cases<'p> {
    spread: Spread,
    way: Way<'p>,
    complaints: Filed<Complaint>,
    requests: Filed<Request>,
    visits: Filed<Visit>,
    records: Records,
    /// The texts behind the numbers.
    names: Names,
    /// What of it a report is about; `None`: everything.
    only: Option<Asked>,
}

/// Some applications with everything that belongs to them, in order: a range of identifiers.
pub struct Bucket {
    /// By identifier.
    applications: Vec<Application>,
    /// By application, start, usual order (or order of the files) and pass.
    passes: Vec<StagePass>,
    /// By application, usual order and pass.
    plans: Vec<Plan>,
    /// By application, in the order of the files.
    claims: Vec<DelayClaim>,
    /// What was made of their events.
    noted: Noted,
}

/// Applications that are judged one after the other: a bucket holds them all, or several times as many, and each row group
/// of the clean tables is of so many.
const GROUP: usize = 16_384;

/// The same, or fewer where a test wants that.
fn group() -> usize {
    parallel::grain(GROUP)
}

impl Cases<'_> {
    /// Names that the exports spell in several ways, each counted as one.
    pub fn joined(&self) -> Vec<Joined> {
        self.names.joined()
    }
}
