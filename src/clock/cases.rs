//! The raw lake as cases: each application with its stage passes, claims and calls, in one order.
//!
//! Exports come in any order. Here rows are gathered under their application with counting sorts over small records
//! (texts that repeat are kept once, as numbers), so that ten million stage passes take a few hundred megabytes and
//! the clock can then go through them once.

use std::cmp::Ordering;
use std::collections::{BTreeMap, HashMap};
use std::num::NonZeroU32;
use std::ops::Range;
use std::path::Path;

use super::Ruling;
use super::limits::{Connection, Supply};
use crate::calendar::Day;
use crate::config::Process;
use crate::config::process::{CaseBounds, CaseEnd};
use crate::error::Result;
use crate::lake::{self, Columns, Instant};

/// Texts that occur again and again, each kept once.
#[derive(Default)]
pub struct Names {
    texts: Vec<String>,
    numbers: HashMap<String, Name>,
}

/// A text of [`Names`], counted from 1: so an absent name takes no more room than a given one.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub struct Name(NonZeroU32);

impl Names {
    fn number(&mut self, text: &str) -> Name {
        if let Some(name) = self.numbers.get(text) {
            return *name;
        }
        self.texts.push(text.to_owned());
        let name = Name(NonZeroU32::new(self.texts.len() as u32).expect("a text was just added"));
        self.numbers.insert(text.to_owned(), name);
        name
    }

    /// The text.
    pub fn text(&self, name: Name) -> &str {
        &self.texts[name.0.get() as usize - 1]
    }
}

/// One application as the export tells it.
pub struct Application {
    /// Its identifier.
    pub application_id: String,
    /// The bureau that answers for it.
    pub bureau: Name,
    /// `urban` or `rural`.
    pub area: Option<Name>,
    /// How it came in.
    pub channel: Option<Name>,
    /// The voltage, in kV.
    pub voltage_kv: f64,
    /// The capacity, in kVA.
    pub capacity_kva: f64,
    /// `single` or `dual`.
    pub supply: Option<Name>,
    /// Whether a new feeder is built.
    pub new_feeder: Option<bool>,
    /// Whether it is a key project.
    pub key_project: Option<bool>,
    /// `order` or `conventional`, where the export says.
    pub mode: Option<Name>,
    /// Its customer manager.
    pub manager_id: Option<Name>,
    /// The day it was accepted.
    pub accepted_on: Day,
    /// The day the customer wishes for.
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
    /// Who designed, built and supplied the customer's works.
    pub contractors: [Option<Name>; 3],
    /// The fee that was charged, and the standard one, in yuan.
    pub fees: [Option<f64>; 2],
    /// When it was energised.
    pub energised_at: Option<Instant>,
    /// The day it was cancelled.
    pub cancelled_on: Option<Day>,
    /// Its passes, in [`Cases::passes`].
    pub passes: Range<usize>,
    /// Its claims, in [`Cases::claims`].
    pub claims: Range<usize>,
    /// The calls to its customer.
    pub calls: Calls,
}

impl Application {
    /// The day it was energised.
    pub fn energised_on(&self) -> Option<Day> {
        self.energised_at.map(Instant::day)
    }

    /// What standard limits are chosen by: an empty supply is single, an empty new feeder is none (DOMAIN §4).
    pub fn connection(&self, names: &Names) -> Connection {
        let dual = self.supply.is_some_and(|supply| names.text(supply) == "dual");
        let supply = if dual { Supply::Dual } else { Supply::Single };
        Connection { voltage_kv: self.voltage_kv, supply, new_feeder: self.new_feeder.unwrap_or(false) }
    }
}

/// One pass of a stage as the export tells it.
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
    /// When it finished.
    pub finished_at: Option<Instant>,
    /// The day it was due, where the export says.
    pub due_on: Option<Day>,
    /// Where its stage stands in the usual order.
    pub position: u16,
    /// Where its stage stands to that whose finish is the energisation.
    pub to_goal: Ordering,
    application: u32,
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
}

/// One delay claim as the export tells it.
#[derive(Clone)]
pub struct DelayClaim {
    /// Its identifier.
    pub delay_id: Option<String>,
    /// The stage that it names.
    pub stage: Option<Name>,
    /// Its cause.
    pub cause: Name,
    /// The day it began.
    pub began_on: Day,
    /// The day it ended.
    pub ended_on: Option<Day>,
    /// The day it was reported.
    pub reported_on: Option<Day>,
    /// What was ruled.
    pub ruling: Ruling,
    /// What is said of it.
    pub reason: Option<String>,
    application: u32,
}

/// One fault as the export tells it.
pub struct Fault {
    /// Its identifier.
    pub fault_id: String,
    /// The bureau that answers for it.
    pub bureau: Name,
    /// `urban` or `rural`.
    pub area: Name,
    /// When the power went out.
    pub outage_at: Option<Instant>,
    /// When the fault was reported.
    pub reported_at: Instant,
    /// When the customers were told of the outage.
    pub notified_at: Option<Instant>,
    /// When the crew arrived.
    pub arrived_at: Option<Instant>,
    /// When the crew called from the site.
    pub arrival_call_at: Option<Instant>,
    /// When power was restored.
    pub restored_at: Option<Instant>,
    /// When the crew called that it was done.
    pub completion_call_at: Option<Instant>,
    /// The calls to its customer.
    pub calls: Calls,
}

/// The calls to the customer of one case, in the order in which they were made.
#[derive(Default)]
pub struct Calls(pub Vec<Call>);

/// One call to a customer.
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
}

impl Calls {
    /// The first call by the as-of day that reached the customer.
    pub fn first_reached(&self, as_of: Day) -> Option<&Call> {
        self.0.iter().find(|call| call.reached && call.called_at.day() <= as_of)
    }
}

/// Everything that was accepted, case by case.
pub struct Cases {
    /// Applications, by identifier.
    pub applications: Vec<Application>,
    /// Their stage passes: by application, start, usual order and pass.
    pub passes: Vec<StagePass>,
    /// Their claims: by application, in the order of the files.
    pub claims: Vec<DelayClaim>,
    /// Faults, by identifier; `None` where the export has none.
    pub faults: Option<Vec<Fault>>,
    /// Whether the export has claims.
    pub has_delays: bool,
    /// Whether the export has calls.
    pub has_callbacks: bool,
    /// The texts behind the numbers.
    pub names: Names,
}

impl Cases {
    /// Gathers the raw tables of a lake.
    pub fn gather(lake: &Path, process: &Process) -> Result<Cases> {
        let mut names = Names::default();
        let mut applications = read_applications(lake, &mut names)?;
        applications.sort_unstable_by(|a, b| a.application_id.cmp(&b.application_id));
        let numbers: HashMap<&str, u32> =
            applications.iter().enumerate().map(|(number, a)| (a.application_id.as_str(), number as u32)).collect();

        let mut passes = read_passes(lake, process, &numbers, &mut names)?;
        if process.is_open {
            order_stages(&mut passes, process, &names);
        }
        number_passes(&mut passes);
        let (mut claims, has_delays) = read_claims(lake, &numbers, &mut names)?;
        claims.sort_by_key(|claim| claim.application);
        let mut faults = read_faults(lake, &mut names)?;
        let calls = read_calls(lake, &numbers, faults.as_deref(), &mut names)?;
        drop(numbers);

        let has_callbacks = calls.is_some();
        for (case, call) in calls.unwrap_or_default() {
            match (case, &mut faults) {
                (Case::Application(number), _) => applications[number as usize].calls.0.push(call),
                (Case::Fault(number), Some(faults)) => faults[number as usize].calls.0.push(call),
                (Case::Fault(_), None) => {}
            }
        }
        for (number, application) in applications.iter_mut().enumerate() {
            application.passes = range_of(&passes, number as u32, |pass| pass.application);
            application.claims = range_of(&claims, number as u32, |claim| claim.application);
            // The sort is stable: calls made at the same time stay in the order of the files.
            application.calls.0.sort_by_key(|call| call.called_at);
        }
        bound_by_events(&mut applications, &passes, &process.cases, &mut names);
        for fault in faults.iter_mut().flatten() {
            fault.calls.0.sort_by_key(|call| call.called_at);
        }
        Ok(Cases { applications, passes, claims, faults, has_delays, has_callbacks, names })
    }

    /// The application of that identifier.
    pub fn application(&self, application_id: &str) -> Option<&Application> {
        let found = self.applications.binary_search_by(|a| a.application_id.as_str().cmp(application_id));
        found.ok().map(|number| &self.applications[number])
    }

    /// The last day of the last month that the data hold whole: something was begun after it, or on its last day. Data
    /// of a single month hold none whole; theirs is that month's last day.
    pub fn last_complete_month(&self) -> Option<Day> {
        let (first, last) = (self.begun().min()?, self.last_begun()?);
        let whole = last == last.month_end() || last.month() == first.month();
        Some(if whole { last.month_end() } else { last.month().plus_days(-1) })
    }

    fn begun(&self) -> impl Iterator<Item = Day> {
        let accepted = self.applications.iter().map(|application| application.accepted_on);
        accepted.chain(self.passes.iter().map(StagePass::started_on))
    }

    /// The last day on which an application or a stage was begun.
    pub fn last_begun(&self) -> Option<Day> {
        self.begun().max()
    }

    /// The first and the last day that any figure is counted from or to.
    pub fn extent(&self, as_of: Day) -> (Day, Day) {
        let days = |a: &Application| [Some(a.accepted_on), a.energised_on(), a.promised_on];
        let ends = |p: &StagePass| [Some(p.started_on()), p.finished_on(), p.due_on];
        let all = self.applications.iter().filter(|a| a.accepted_on <= as_of).flat_map(days);
        let all = all.chain(self.passes.iter().filter(|p| p.started_on() <= as_of).flat_map(ends)).flatten();
        all.fold((as_of, as_of), |(first, last), day| (first.min(day), last.max(day)))
    }
}

/// Puts the stages that an open process does not list into the order in which they are usually met: by the median,
/// over the applications, of how many passes began before the stage first did. It does not depend on the order of rows.
fn order_stages(passes: &mut [StagePass], process: &Process, names: &Names) {
    passes.sort_unstable_by_key(|pass| (pass.application, pass.started_at));
    let mut ranks: HashMap<Name, Vec<usize>> = HashMap::new();
    for case in passes.chunk_by(|a, b| a.application == b.application) {
        let mut met: Vec<Name> = Vec::new();
        for (at, pass) in case.iter().enumerate() {
            if names_no_stage(process, names, pass.stage) && !met.contains(&pass.stage) {
                met.push(pass.stage);
                // What began in the same moment did not begin before.
                let rank = case[..at].partition_point(|earlier| earlier.started_at < pass.started_at);
                ranks.entry(pass.stage).or_default().push(rank);
            }
        }
    }
    let mut order: Vec<(usize, &str, Name)> = ranks
        .into_iter()
        .map(|(stage, mut ranks)| {
            ranks.sort_unstable();
            // Twice the median, so that it is a whole number.
            let twice = ranks[(ranks.len() - 1) / 2] + ranks[ranks.len() / 2];
            (twice, names.text(stage), stage)
        })
        .collect();
    order.sort_unstable();
    let place = |at: usize| u16::try_from(process.stages.len() + at).unwrap_or(u16::MAX);
    let places: HashMap<Name, u16> = order.iter().enumerate().map(|(at, (.., stage))| (*stage, place(at))).collect();
    for pass in passes {
        pass.position = places.get(&pass.stage).copied().unwrap_or(pass.position);
    }
}

fn names_no_stage(process: &Process, names: &Names, stage: Name) -> bool {
    process.position(names.text(stage)) == process.stages.len()
}

/// The number of a pass to which the export gives none.
const NOT_NUMBERED: i64 = 0;

/// Sorts passes by application, start, usual order and number, and numbers those that have none: a stage that comes
/// again in an event log is another pass of it.
fn number_passes(passes: &mut [StagePass]) {
    // A start to the second orders what is done on one day; the end orders what is recorded as one moment.
    passes.sort_unstable_by_key(|p| (p.application, p.started_at, p.position, p.pass, p.finished_at, p.department));
    for case in passes.chunk_by_mut(|a, b| a.application == b.application) {
        for at in 0..case.len() {
            if i64::from(case[at].pass) == NOT_NUMBERED {
                let taken = |pass: u32| case.iter().any(|other| other.stage == case[at].stage && other.pass == pass);
                case[at].pass = (1..).find(|pass| !taken(*pass)).unwrap_or(1);
            }
        }
    }
}

/// Begins and ends applications by their own passes, where the process says so: a log of nothing but events.
fn bound_by_events(applications: &mut [Application], passes: &[StagePass], bounds: &CaseBounds, names: &mut Names) {
    let ends: Option<Vec<Name>> = bounds.ends.as_ref().map(|end| match end {
        CaseEnd::Last => Vec::new(),
        CaseEnd::Stages(codes) => codes.iter().map(|code| names.number(code)).collect(),
    });
    for application in applications {
        let passes = &passes[application.passes.clone()];
        if let (true, Some(first)) = (bounds.begins, passes.first()) {
            application.accepted_on = first.started_on();
        }
        let Some(ends) = ends.as_ref().filter(|_| application.energised_at.is_none()) else { continue };
        let closing = || passes.iter().filter(|pass| ends.is_empty() || ends.contains(&pass.stage));
        // One that is still running keeps its case open, where all must be finished.
        if !ends.is_empty() || closing().all(|pass| pass.finished_at.is_some()) {
            application.energised_at = closing().filter_map(|pass| pass.finished_at).max();
        }
    }
}

/// Where the rows of application `number` stand among rows sorted by it.
fn range_of<T>(rows: &[T], number: u32, of: impl Fn(&T) -> u32) -> Range<usize> {
    let start = rows.partition_point(|row| of(row) < number);
    let length = rows[start..].iter().take_while(|row| of(row) == number).count();
    start..start + length
}

/// Visits the accepted rows of a raw table slice by slice; tells whether the exports have the table.
pub fn each_slice(lake: &Path, table: &str, mut visit: impl FnMut(Columns<'_>) -> Result<()>) -> Result<bool> {
    let files = lake::raw_files(lake, table)?;
    for file in &files {
        lake::each_slice(file, |slice| visit(Columns(slice)).map(|()| true))?;
    }
    Ok(!files.is_empty())
}

fn read_applications(lake: &Path, names: &mut Names) -> Result<Vec<Application>> {
    let mut applications = Vec::new();
    each_slice(lake, "applications", |slice| {
        let ids = slice.texts("application_id")?;
        let texts = ["bureau", "area", "channel", "supply", "mode", "manager_id"].map(|name| slice.texts(name));
        let [bureau, area, channel, supply, mode, manager_id] = texts;
        let (bureau, area, channel, supply, mode, manager_id) = (bureau?, area?, channel?, supply?, mode?, manager_id?);
        let (feeders, customers) = (slice.texts("feeder_or_station")?, slice.texts("customer_name")?);
        let (designer, builder, supplier) =
            (slice.texts("designer")?, slice.texts("builder")?, slice.texts("supplier")?);
        let (visits, charged, standard) =
            (slice.integers("visits")?, slice.numbers("fee_charged")?, slice.numbers("fee_standard")?);
        let (voltage_kv, capacity_kva) = (slice.numbers("voltage_kv")?, slice.numbers("capacity_kva")?);
        let (new_feeder, key_project) = (slice.flags("new_feeder")?, slice.flags("key_project")?);
        let days = ["accepted_at", "desired_on", "promised_on", "replanned_on", "cancelled_at"];
        let days = days.map(|name| slice.days(name)).into_iter().collect::<Result<Vec<_>>>()?;
        let energised = slice.instants("energised_at")?;
        for row in 0..ids.len() {
            let mut name = |column: &polars::prelude::StringChunked| column.get(row).map(|text| names.number(text));
            // Required columns: ingest let no empty cell through.
            let (Some(id), Some(bureau), Some(voltage_kv), Some(capacity_kva), Some(accepted_on)) =
                (ids.get(row), name(&bureau), voltage_kv[row], capacity_kva[row], days[0][row])
            else {
                unreachable!("an accepted application has its required values")
            };
            applications.push(Application {
                application_id: id.to_owned(),
                bureau,
                area: name(&area),
                channel: name(&channel),
                voltage_kv,
                capacity_kva,
                supply: name(&supply),
                new_feeder: new_feeder[row],
                key_project: key_project[row],
                mode: name(&mode),
                manager_id: name(&manager_id),
                accepted_on,
                desired_on: days[1][row],
                promised_on: days[2][row],
                replanned_on: days[3][row],
                feeder_or_station: name(&feeders),
                customer_name: customers.get(row).map(Box::from),
                visits: visits[row],
                contractors: [name(&designer), name(&builder), name(&supplier)],
                fees: [charged[row], standard[row]],
                energised_at: energised[row],
                cancelled_on: days[4][row],
                passes: 0..0,
                claims: 0..0,
                calls: Calls::default(),
            });
        }
        Ok(())
    })?;
    Ok(applications)
}

fn read_passes(
    lake: &Path,
    process: &Process,
    numbers: &HashMap<&str, u32>,
    names: &mut Names,
) -> Result<Vec<StagePass>> {
    let mut passes = Vec::new();
    let mut places: BTreeMap<Name, (u16, Ordering)> = BTreeMap::new();
    each_slice(lake, "stages", |slice| {
        let (ids, stages) = (slice.texts("application_id")?, slice.texts("stage")?);
        let (departments, handlers) = (slice.texts("department")?, slice.texts("handler")?);
        let numbers_of_pass = slice.integers("pass")?;
        let (started, finished) = (slice.instants("started_at")?, slice.instants("finished_at")?);
        let due = slice.days("due_on")?;
        for row in 0..ids.len() {
            let (Some(id), Some(stage), Some(department), Some(started_at)) =
                (ids.get(row), stages.get(row), departments.get(row), started[row])
            else {
                unreachable!("an accepted stage has its required values")
            };
            let Some(application) = numbers.get(id) else { continue };
            let code = names.number(stage);
            let (position, to_goal) = *places.entry(code).or_insert_with(|| {
                (u16::try_from(process.position(stage)).unwrap_or(u16::MAX), process.to_goal(stage))
            });
            passes.push(StagePass {
                stage: code,
                pass: numbers_of_pass[row].unwrap_or(NOT_NUMBERED) as u32,
                department: names.number(department),
                handler: handlers.get(row).map(|text| names.number(text)),
                started_at,
                finished_at: finished[row],
                due_on: due[row],
                application: *application,
                position,
                to_goal,
            });
        }
        Ok(())
    })?;
    Ok(passes)
}

fn read_claims(lake: &Path, numbers: &HashMap<&str, u32>, names: &mut Names) -> Result<(Vec<DelayClaim>, bool)> {
    let mut claims = Vec::new();
    let given = each_slice(lake, "delays", |slice| {
        let (delay_ids, ids, stages) =
            (slice.texts("delay_id")?, slice.texts("application_id")?, slice.texts("stage")?);
        let (causes, rulings, reasons) = (slice.texts("cause")?, slice.texts("ruling")?, slice.texts("reason")?);
        let (began, ended, reported) = (slice.days("began_at")?, slice.days("ended_at")?, slice.days("reported_at")?);
        for row in 0..ids.len() {
            let (Some(id), Some(cause), Some(began_on)) = (ids.get(row), causes.get(row), began[row]) else {
                unreachable!("an accepted claim has its required values")
            };
            let Some(application) = numbers.get(id) else { continue };
            claims.push(DelayClaim {
                delay_id: delay_ids.get(row).map(str::to_owned),
                stage: stages.get(row).map(|text| names.number(text)),
                cause: names.number(cause),
                began_on,
                ended_on: ended[row],
                reported_on: reported[row],
                ruling: rulings.get(row).and_then(Ruling::of_code).unwrap_or(Ruling::Pending),
                reason: reasons.get(row).map(str::to_owned),
                application: *application,
            });
        }
        Ok(())
    })?;
    Ok((claims, given))
}

fn read_faults(lake: &Path, names: &mut Names) -> Result<Option<Vec<Fault>>> {
    let mut faults = Vec::new();
    let given = each_slice(lake, "faults", |slice| {
        let (ids, bureaus, areas) = (slice.texts("fault_id")?, slice.texts("bureau")?, slice.texts("area")?);
        let at = |name| slice.instants(name);
        let (outage, reported, notified) = (at("outage_at")?, at("reported_at")?, at("notified_at")?);
        let (arrived, arrival_call) = (at("arrived_at")?, at("arrival_call_at")?);
        let (restored, completion_call) = (at("restored_at")?, at("completion_call_at")?);
        for (row, reported_at) in reported.into_iter().enumerate() {
            let (Some(id), Some(bureau), Some(area), Some(reported_at)) =
                (ids.get(row), bureaus.get(row), areas.get(row), reported_at)
            else {
                unreachable!("an accepted fault has its required values")
            };
            faults.push(Fault {
                fault_id: id.to_owned(),
                bureau: names.number(bureau),
                area: names.number(area),
                outage_at: outage[row],
                reported_at,
                notified_at: notified[row],
                arrived_at: arrived[row],
                arrival_call_at: arrival_call[row],
                restored_at: restored[row],
                completion_call_at: completion_call[row],
                calls: Calls::default(),
            });
        }
        Ok(())
    })?;
    faults.sort_unstable_by(|a, b| a.fault_id.cmp(&b.fault_id));
    Ok(given.then_some(faults))
}

/// The case that a call belongs to, by its number.
enum Case {
    Application(u32),
    Fault(u32),
}

fn read_calls(
    lake: &Path,
    applications: &HashMap<&str, u32>,
    faults: Option<&[Fault]>,
    names: &mut Names,
) -> Result<Option<Vec<(Case, Call)>>> {
    let faults: HashMap<&str, u32> =
        faults.into_iter().flatten().enumerate().map(|(number, f)| (f.fault_id.as_str(), number as u32)).collect();
    let mut calls = Vec::new();
    let given = each_slice(lake, "callbacks", |slice| {
        let (kinds, subjects, outcomes) = (slice.texts("kind")?, slice.texts("subject_id")?, slice.texts("outcome")?);
        let called = slice.instants("called_at")?;
        let (score, manager_score) = (slice.integers("score")?, slice.integers("manager_score")?);
        let (free_choice, issue_verified) = (slice.flags("free_choice")?, slice.flags("issue_verified")?);
        let (category, department) = (slice.texts("issue_category")?, slice.texts("issue_department")?);
        for row in 0..kinds.len() {
            let (Some(subject), Some(called_at)) = (subjects.get(row), called[row]) else {
                unreachable!("an accepted call has its required values")
            };
            let case = match kinds.get(row) {
                Some("fault") => faults.get(subject).copied().map(Case::Fault),
                _ => applications.get(subject).copied().map(Case::Application),
            };
            let Some(case) = case else { continue };
            let call = Call {
                called_at,
                reached: outcomes.get(row) == Some("reached"),
                score: score[row],
                manager_score: manager_score[row],
                free_choice: free_choice[row],
                issue_category: category.get(row).map(|text| names.number(text)),
                issue_department: department.get(row).map(|text| names.number(text)),
                issue_verified: issue_verified[row],
            };
            calls.push((case, call));
        }
        Ok(())
    })?;
    Ok(given.then_some(calls))
}
