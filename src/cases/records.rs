//! The records that belong to no stage: what customers asked, complained of and were promised again, what was planned,
//! measured and restricted. None needs the clock of a stage; what applications are asked for, or is small, is held.

use std::collections::BTreeMap;
use std::path::Path;

use super::Names;
use super::dealings::{Action, Verification, VerifiedPass};
use super::filed::Listed;
use super::raw::each;
use super::spill::packed;
use crate::calendar::{Day, Instant};
use crate::contract::{
    self, RawComplaint, RawDemand, RawManager, RawOutage, RawReplan, RawRequest, RawRestriction, RawScore,
};
use crate::error::Result;

/// One complaint.
#[derive(Debug, Clone, PartialEq)]
pub struct Complaint {
    /// Its identifier.
    pub complaint_id: String,
    /// The bureau that it is about.
    pub bureau: String,
    /// The department that it is about.
    pub department: String,
    /// When it was received.
    pub received_at: Instant,
    /// When it was passed on to the department.
    pub forwarded_at: Option<Instant>,
    /// When it must be handled by.
    pub due_at: Option<Instant>,
    /// When it was handled.
    pub handled_at: Option<Instant>,
    /// Whether the customer was satisfied.
    pub satisfied: Option<bool>,
    /// Who passed it on to the utility.
    pub source: Option<String>,
    /// What it is about.
    pub category: Option<String>,
}

/// One outage that an application waits for.
#[derive(Debug, Clone, PartialEq)]
pub struct Outage {
    /// Its identifier.
    pub outage_id: String,
    /// The application.
    pub application_id: String,
    /// When the customer's side was ready.
    pub ready_at: Instant,
    /// When the power went out for the connection.
    pub outage_at: Option<Instant>,
    /// Whether others lost power.
    pub affects_others: bool,
    /// Which outage of the year it is.
    pub outages_this_year: Option<i64>,
    /// Whether it was specially approved.
    pub special_approval: Option<bool>,
    /// The day it is planned for.
    pub planned_on: Option<Day>,
    /// When it was announced.
    pub announced_at: Option<Instant>,
}

/// A promise moved to another day.
#[derive(Debug, Clone, PartialEq)]
pub struct Replan {
    /// When it was moved.
    pub replanned_at: Instant,
    /// The day that is promised now.
    pub promised_on: Day,
    /// Why.
    pub reason: Option<String>,
}

/// A request that several departments must answer.
#[derive(Debug, Clone, PartialEq)]
pub struct Request {
    /// Its identifier.
    pub request_id: String,
    /// The application that it is about, if any.
    pub application_id: Option<String>,
    /// The customer.
    pub customer: Option<String>,
    /// What is asked.
    pub topic: Option<String>,
    /// Who is asked.
    pub departments: Vec<String>,
    /// When it was raised.
    pub raised_at: Instant,
    /// Who answered when; the first answer of each department counts.
    pub answered: BTreeMap<String, Instant>,
    /// When it was settled.
    pub settled_at: Option<Instant>,
}

/// A third party's score of one indicator.
#[derive(Debug, Clone, PartialEq)]
pub struct Score {
    /// The month, its first day.
    pub month: Day,
    /// The bureau.
    pub bureau: String,
    /// What was asked.
    pub indicator: String,
    /// Its weight.
    pub weight: f64,
    /// 0–100.
    pub score: f64,
}

/// A customer manager.
#[derive(Debug, Clone, PartialEq)]
pub struct Manager {
    /// The identifier.
    pub manager_id: String,
    /// The name.
    pub name: String,
    /// The bureau.
    pub bureau: String,
    /// Whether managing customers is the whole job.
    pub full_time: bool,
    /// How many customers there are to look after.
    pub customers: Option<i64>,
}

/// Loaded or restricted equipment in one month.
#[derive(Debug, Clone, PartialEq)]
pub struct Restriction {
    /// The feeder or station.
    pub feeder_or_station: String,
    /// The bureau.
    pub bureau: String,
    /// The month, its first day.
    pub month: Day,
    /// Load ÷ rated load.
    pub load_rate: f64,
    /// The capacity that is still open, in kVA.
    pub limit_kva: Option<f64>,
}

impl Restriction {
    /// Whether new load must wait: the equipment is overloaded, or its capacity is limited.
    pub fn restricts(&self) -> bool {
        self.load_rate >= OVERLOADED || self.limit_kva.is_some()
    }
}

/// From this load rate on equipment is overloaded (docs/method.md §5).
const OVERLOADED: f64 = 1.0;

/// What a large customer will need.
#[derive(Debug, Clone, PartialEq)]
pub struct Demand {
    /// The customer.
    pub customer: String,
    /// The bureau.
    pub bureau: String,
    /// The month of the list, its first day.
    pub month: Day,
    /// The capacity, in kVA.
    pub expected_kva: f64,
    /// When.
    pub expected_on: Option<Day>,
    /// Who says so.
    pub source: Option<String>,
}

/// Those that are held; the others are [`super::filed`].
#[derive(Debug, Default)]
pub(super) struct Records {
    /// By identifier.
    pub outages: Vec<Outage>,
    /// Their numbers by application.
    outages_by_application: Vec<u32>,
    /// Whether the exports have a history of re-plans.
    pub has_replans: bool,
    /// By application, and then by time.
    pub replans: BTreeMap<String, Vec<Replan>>,
    /// By month, bureau and indicator.
    pub surveys: Vec<Score>,
    /// By identifier.
    pub managers: Vec<Manager>,
    /// By bureau, equipment and month.
    pub restrictions: Vec<Restriction>,
    /// By month, bureau and customer.
    pub demands: Vec<Demand>,
    /// By month, application, stage and pass.
    pub verifications: Vec<Verification>,
    /// By identifier.
    pub actions: Vec<Action>,
    /// Their numbers by application.
    actions_by_application: Vec<u32>,
}

impl From<RawComplaint<'_>> for Complaint {
    fn from(row: RawComplaint<'_>) -> Complaint {
        Complaint {
            complaint_id: row.complaint_id.to_owned(),
            bureau: row.bureau.to_owned(),
            department: row.department.to_owned(),
            received_at: row.received_at,
            forwarded_at: row.forwarded_at,
            due_at: row.due_at,
            handled_at: row.handled_at,
            satisfied: row.satisfied,
            source: row.source.map(str::to_owned),
            category: row.category.map(str::to_owned),
        }
    }
}

impl From<RawOutage<'_>> for Outage {
    fn from(row: RawOutage<'_>) -> Outage {
        Outage {
            outage_id: row.outage_id.to_owned(),
            application_id: row.application_id.to_owned(),
            ready_at: row.ready_at,
            outage_at: row.outage_at,
            affects_others: row.affects_others,
            outages_this_year: row.outages_this_year,
            special_approval: row.special_approval,
            planned_on: row.planned_on,
            announced_at: row.announced_at,
        }
    }
}

impl From<RawReplan<'_>> for Replan {
    fn from(row: RawReplan<'_>) -> Replan {
        let reason = row.reason.map(str::to_owned);
        Replan { replanned_at: row.replanned_at, promised_on: row.promised_on, reason }
    }
}

impl From<RawRequest<'_>> for Request {
    fn from(row: RawRequest<'_>) -> Request {
        let mut answered: BTreeMap<String, Instant> = BTreeMap::new();
        for (name, at) in row.answered.into_iter().flat_map(answers) {
            note_first(&mut answered, name.to_owned(), at);
        }
        Request {
            request_id: row.request_id.to_owned(),
            application_id: row.application_id.map(str::to_owned),
            customer: row.customer.map(str::to_owned),
            topic: row.topic.map(str::to_owned),
            departments: row.departments.split(';').map(str::to_owned).collect(),
            raised_at: row.raised_at,
            answered,
            settled_at: row.settled_at,
        }
    }
}

impl From<RawScore<'_>> for Score {
    fn from(row: RawScore<'_>) -> Score {
        Score {
            month: row.period,
            bureau: row.bureau.to_owned(),
            indicator: row.indicator.to_owned(),
            weight: row.weight,
            score: row.score,
        }
    }
}

impl From<RawManager<'_>> for Manager {
    fn from(row: RawManager<'_>) -> Manager {
        Manager {
            manager_id: row.manager_id.to_owned(),
            name: row.name.to_owned(),
            bureau: row.bureau.to_owned(),
            full_time: row.full_time,
            customers: row.customers,
        }
    }
}

impl From<RawRestriction<'_>> for Restriction {
    fn from(row: RawRestriction<'_>) -> Restriction {
        Restriction {
            feeder_or_station: row.feeder_or_station.to_owned(),
            bureau: row.bureau.to_owned(),
            month: row.month,
            load_rate: row.load_rate,
            limit_kva: row.limit_kva,
        }
    }
}

impl From<RawDemand<'_>> for Demand {
    fn from(row: RawDemand<'_>) -> Demand {
        Demand {
            customer: row.customer.to_owned(),
            bureau: row.bureau.to_owned(),
            month: row.month,
            expected_kva: row.expected_kva,
            expected_on: row.expected_on,
            source: row.source.map(str::to_owned),
        }
    }
}

packed! {
    Complaint:
    complaint_id bureau department received_at forwarded_at due_at handled_at satisfied source category
}

impl Listed for Complaint {
    type Table = contract::Complaints;

    fn identifier(&self) -> &str {
        &self.complaint_id
    }

    fn each_name(&mut self, visit: impl FnMut(&mut String)) {
        let named = [&mut self.bureau, &mut self.department];
        named.into_iter().chain(&mut self.source).chain(&mut self.category).for_each(visit);
    }
}

packed! { Request: request_id application_id customer topic departments raised_at answered settled_at }

impl Listed for Request {
    type Table = contract::Requests;

    fn identifier(&self) -> &str {
        &self.request_id
    }

    fn each_name(&mut self, mut visit: impl FnMut(&mut String)) {
        self.customer.iter_mut().chain(&mut self.departments).for_each(&mut visit);
        let answered = std::mem::take(&mut self.answered);
        for (mut department, at) in answered {
            visit(&mut department);
            note_first(&mut self.answered, department, at);
        }
    }
}

impl Records {
    /// Gathers the raw tables of a lake.
    pub fn gather(lake: &Path) -> Result<Records> {
        let mut records = Records::default();
        each::<contract::Outages>(lake, |row| records.outages.push(row.into()))?;
        let replans = &mut records.replans;
        records.has_replans = each::<contract::Replans>(lake, |row| {
            replans.entry(row.application_id.to_owned()).or_default().push(row.into());
        })?;
        each::<contract::Surveys>(lake, |row| records.surveys.push(row.into()))?;
        each::<contract::Managers>(lake, |row| records.managers.push(row.into()))?;
        each::<contract::Restrictions>(lake, |row| records.restrictions.push(row.into()))?;
        each::<contract::Demands>(lake, |row| records.demands.push(row.into()))?;
        each::<contract::Verifications>(lake, |row| records.verifications.extend(Verification::read(&row)))?;
        each::<contract::Actions>(lake, |row| records.actions.push(row.into()))?;
        Ok(records)
    }

    /// Counts the spellings of all names in them.
    pub fn count_names(&mut self, names: &mut Names) {
        self.each_name(|text| {
            names.number(text);
        });
    }

    /// The conclusions about a stage pass that was overdue in a month, by its first day, and the number of the first.
    pub fn verifications_of(&self, key: &VerifiedPass<'_>) -> (usize, &[Verification]) {
        let start = self.verifications.partition_point(|verification| verification.key() < *key);
        let end = start + self.verifications[start..].partition_point(|verification| verification.key() == *key);
        (start, &self.verifications[start..end])
    }

    /// Writes every name as it is shown, and puts the records in order.
    pub fn settle(&mut self, names: &Names) {
        self.each_name(|text| {
            let shown = names.shown(text);
            if shown != text {
                *text = shown.to_owned();
            }
        });
        self.sort();
        self.index();
    }

    /// Notes where the records of each application stand, once they are in order.
    pub fn index(&mut self) {
        self.outages_by_application = numbers_by(&self.outages, |outage| &outage.application_id);
        self.actions_by_application = numbers_by(&self.actions, |action| &action.application_id);
    }

    /// The numbers of the outages of an application.
    pub fn outages_of(&self, application_id: &str) -> Vec<usize> {
        let of = |outage: &u32| self.outages[*outage as usize].application_id.as_str();
        same(&self.outages_by_application, application_id, of)
    }

    /// The numbers of the actions about an application.
    pub fn actions_of(&self, application_id: &str) -> Vec<usize> {
        let of = |action: &u32| self.actions[*action as usize].application_id.as_str();
        same(&self.actions_by_application, application_id, of)
    }

    fn each_name(&mut self, mut visit: impl FnMut(&mut String)) {
        for score in &mut self.surveys {
            [&mut score.bureau, &mut score.indicator].into_iter().for_each(&mut visit);
        }
        for manager in &mut self.managers {
            [&mut manager.manager_id, &mut manager.bureau].into_iter().for_each(&mut visit);
        }
        for restriction in &mut self.restrictions {
            [&mut restriction.bureau, &mut restriction.feeder_or_station].into_iter().for_each(&mut visit);
        }
        for demand in &mut self.demands {
            [&mut demand.bureau, &mut demand.customer].into_iter().for_each(&mut visit);
        }
        self.verifications.iter_mut().for_each(|verification| visit(&mut verification.stage));
        self.actions.iter_mut().flat_map(|action| &mut action.department).for_each(visit);
    }

    fn sort(&mut self) {
        self.outages.sort_by(|a, b| a.outage_id.cmp(&b.outage_id));
        for replans in self.replans.values_mut() {
            replans.sort_by_key(|replan| replan.replanned_at);
        }
        self.surveys.sort_by(|a, b| (a.month, &a.bureau, &a.indicator).cmp(&(b.month, &b.bureau, &b.indicator)));
        self.managers.sort_by(|a, b| a.manager_id.cmp(&b.manager_id));
        let place = |r: &Restriction| (r.bureau.clone(), r.feeder_or_station.clone(), r.month);
        self.restrictions.sort_by_cached_key(place);
        self.verifications.sort_by(|a, b| a.key().cmp(&b.key()));
        self.actions.sort_by(|a, b| a.action_id.cmp(&b.action_id));
        self.demands.sort_by(|a, b| {
            (a.month, &a.bureau, &a.customer, a.expected_on, &a.source)
                .cmp(&(b.month, &b.bureau, &b.customer, b.expected_on, &b.source))
                .then(a.expected_kva.total_cmp(&b.expected_kva))
        });
    }

    /// The lists' entries about some equipment, by month.
    pub fn restrictions_of(&self, bureau: &str, feeder_or_station: &str) -> &[Restriction] {
        let place = (bureau, feeder_or_station);
        let of = |r: &Restriction| (r.bureau.as_str(), r.feeder_or_station.as_str()).cmp(&place);
        let start = self.restrictions.partition_point(|r| of(r).is_lt());
        let end = start + self.restrictions[start..].partition_point(|r| of(r).is_eq());
        &self.restrictions[start..end]
    }
}

/// The numbers of some records, by their application.
fn numbers_by<T>(records: &[T], application_id: impl Fn(&T) -> &str) -> Vec<u32> {
    let mut numbers: Vec<u32> = (0..records.len() as u32).collect();
    // The sort is stable: those of one application stay in their order.
    numbers.sort_by(|a, b| application_id(&records[*a as usize]).cmp(application_id(&records[*b as usize])));
    numbers
}

/// Of numbers by application, those of one.
fn same<'a>(numbers: &'a [u32], application_id: &str, of: impl Fn(&u32) -> &'a str) -> Vec<usize> {
    let start = numbers.partition_point(|number| of(number) < application_id);
    let count = numbers[start..].partition_point(|number| of(number) == application_id);
    numbers[start..start + count].iter().map(|number| *number as usize).collect()
}

/// Takes note of an answer, unless the department has an earlier one.
fn note_first(answered: &mut BTreeMap<String, Instant>, department: String, at: Instant) {
    let first = answered.entry(department).or_insert(at);
    *first = at.min(*first);
}

/// The pairs of an answers cell, `a@2026-05-28 09:30:00;b@…`, as ingest wrote them.
fn answers(cell: &str) -> impl Iterator<Item = (&str, Instant)> {
    cell.split(';').filter_map(|pair| {
        let (name, at) = pair.rsplit_once('@')?;
        let (day, time) = at.split_once(' ')?;
        let mut parts = time.split(':').map(|part| part.parse::<i64>().unwrap_or(0));
        let mut next = || parts.next().unwrap_or(0);
        let seconds = next() * 3600 + next() * 60 + next();
        Some((name, Instant::at(day.parse().ok()?, seconds)))
    })
}
