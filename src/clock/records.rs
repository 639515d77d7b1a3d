//! The tables beside the stages, as the exports tell them: what customers asked, complained of and were promised again,
//! what was planned, measured and restricted. Each is small enough to be held, and none needs the clock of a stage.

use std::collections::{BTreeMap, BTreeSet};
use std::path::Path;

use polars::prelude::StringChunked;

use super::cases::each_slice;
use crate::calendar::Day;
use crate::error::Result;
use crate::lake::{Columns, Instant};

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

/// From this load rate on equipment is overloaded (DOMAIN §5).
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

/// Everything beside the stages that is known on the as-of day.
#[derive(Debug, Default)]
pub struct Records {
    /// By identifier.
    pub complaints: Vec<Complaint>,
    /// By identifier.
    pub outages: Vec<Outage>,
    /// Whether the exports have a history of re-plans.
    pub has_replans: bool,
    /// By application, and then by time.
    pub replans: BTreeMap<String, Vec<Replan>>,
    /// Whether the exports have requests.
    pub has_requests: bool,
    /// By identifier.
    pub requests: Vec<Request>,
    /// By month, bureau and indicator.
    pub surveys: Vec<Score>,
    /// By identifier.
    pub managers: Vec<Manager>,
    /// By bureau, equipment and month.
    pub restrictions: Vec<Restriction>,
    /// The newest month of the lists of restricted equipment.
    newest_restrictions: Option<Day>,
    /// By month, bureau and customer.
    pub demands: Vec<Demand>,
}

/// Which optional tables the exports have: what needs a missing one says «no data», never zero.
#[derive(Debug, Clone, Default)]
pub struct Given(BTreeSet<&'static str>);

impl Given {
    /// The optional tables of a raw lake.
    pub fn of(lake: &Path) -> Result<Given> {
        let mut given = BTreeSet::new();
        for table in crate::ingest::contract::TABLES {
            if !crate::lake::raw_files(lake, table.name)?.is_empty() {
                given.insert(table.name);
            }
        }
        Ok(Given(given))
    }

    /// Whether the exports have a table.
    pub fn has(&self, table: &str) -> bool {
        self.0.contains(table)
    }

    /// Whether they have all of some tables.
    pub fn all<'a>(&self, tables: impl IntoIterator<Item = &'a String>) -> bool {
        tables.into_iter().all(|table| self.has(table))
    }
}

fn text(column: &StringChunked, row: usize) -> Option<String> {
    column.get(row).map(str::to_owned)
}

impl Records {
    /// Gathers the raw tables of a lake as they are known on the as-of day: later events do not exist yet.
    pub fn gather(lake: &Path, as_of: Day) -> Result<Records> {
        let mut records = Records::default();
        let known = |at: Option<Instant>| at.filter(|at| at.day() <= as_of);
        each_slice(lake, "complaints", |slice| records.read_complaints(slice, as_of, known))?;
        each_slice(lake, "outages", |slice| records.read_outages(slice, as_of, known))?;
        records.has_replans = each_slice(lake, "replans", |slice| records.read_replans(slice, as_of))?;
        records.has_requests = each_slice(lake, "requests", |slice| records.read_requests(slice, as_of, known))?;
        each_slice(lake, "surveys", |slice| records.read_surveys(slice, as_of))?;
        each_slice(lake, "managers", |slice| records.read_managers(slice))?;
        each_slice(lake, "restrictions", |slice| records.read_restrictions(slice, as_of))?;
        each_slice(lake, "demands", |slice| records.read_demands(slice, as_of))?;
        records.sort();
        Ok(records)
    }

    fn sort(&mut self) {
        self.complaints.sort_by(|a, b| a.complaint_id.cmp(&b.complaint_id));
        self.outages.sort_by(|a, b| a.outage_id.cmp(&b.outage_id));
        for replans in self.replans.values_mut() {
            replans.sort_by_key(|replan| replan.replanned_at);
        }
        self.requests.sort_by(|a, b| a.request_id.cmp(&b.request_id));
        self.surveys.sort_by(|a, b| (a.month, &a.bureau, &a.indicator).cmp(&(b.month, &b.bureau, &b.indicator)));
        self.managers.sort_by(|a, b| a.manager_id.cmp(&b.manager_id));
        let place = |r: &Restriction| (r.bureau.clone(), r.feeder_or_station.clone(), r.month);
        self.restrictions.sort_by_cached_key(place);
        self.newest_restrictions = self.restrictions.iter().map(|r| r.month).max();
        self.demands.sort_by(|a, b| {
            (a.month, &a.bureau, &a.customer, a.expected_on, &a.source)
                .cmp(&(b.month, &b.bureau, &b.customer, b.expected_on, &b.source))
                .then(a.expected_kva.total_cmp(&b.expected_kva))
        });
    }

    fn read_complaints(
        &mut self,
        slice: Columns<'_>,
        as_of: Day,
        known: impl Fn(Option<Instant>) -> Option<Instant>,
    ) -> Result<()> {
        let (ids, bureaus, departments) =
            (slice.texts("complaint_id")?, slice.texts("bureau")?, slice.texts("department")?);
        let at = |name| slice.instants(name);
        let (received, forwarded) = (at("received_at")?, at("forwarded_at")?);
        let (due, handled, satisfied) = (at("due_at")?, at("handled_at")?, slice.flags("satisfied")?);
        for (row, received_at) in received.into_iter().enumerate() {
            let (Some(complaint_id), Some(bureau), Some(department), Some(received_at)) =
                (text(&ids, row), text(&bureaus, row), text(&departments, row), received_at)
            else {
                unreachable!("an accepted complaint has its required values")
            };
            if received_at.day() <= as_of {
                let handled_at = known(handled[row]);
                self.complaints.push(Complaint {
                    complaint_id,
                    bureau,
                    department,
                    received_at,
                    forwarded_at: known(forwarded[row]),
                    due_at: due[row],
                    handled_at,
                    // How the customer felt is asked when all is done; without a day for it, it is taken as it stands.
                    satisfied: satisfied[row].filter(|_| handled[row].is_none() || handled_at.is_some()),
                });
            }
        }
        Ok(())
    }

    fn read_outages(
        &mut self,
        slice: Columns<'_>,
        as_of: Day,
        known: impl Fn(Option<Instant>) -> Option<Instant>,
    ) -> Result<()> {
        let (ids, applications) = (slice.texts("outage_id")?, slice.texts("application_id")?);
        let (ready, outage) = (slice.instants("ready_at")?, slice.instants("outage_at")?);
        let (affects, approval) = (slice.flags("affects_others")?, slice.flags("special_approval")?);
        let count = slice.integers("outages_this_year")?;
        for (row, ready_at) in ready.into_iter().enumerate() {
            let (Some(outage_id), Some(application_id), Some(ready_at), Some(affects_others)) =
                (text(&ids, row), text(&applications, row), ready_at, affects[row])
            else {
                unreachable!("an accepted outage has its required values")
            };
            if ready_at.day() <= as_of {
                self.outages.push(Outage {
                    outage_id,
                    application_id,
                    ready_at,
                    outage_at: known(outage[row]),
                    affects_others,
                    outages_this_year: count[row],
                    special_approval: approval[row],
                });
            }
        }
        Ok(())
    }

    fn read_replans(&mut self, slice: Columns<'_>, as_of: Day) -> Result<()> {
        let (ids, reasons) = (slice.texts("application_id")?, slice.texts("reason")?);
        let (replanned, promised) = (slice.instants("replanned_at")?, slice.days("promised_on")?);
        for (row, replanned_at) in replanned.into_iter().enumerate() {
            let (Some(id), Some(replanned_at), Some(promised_on)) = (text(&ids, row), replanned_at, promised[row])
            else {
                unreachable!("an accepted re-plan has its required values")
            };
            if replanned_at.day() <= as_of {
                let replan = Replan { replanned_at, promised_on, reason: text(&reasons, row) };
                self.replans.entry(id).or_default().push(replan);
            }
        }
        Ok(())
    }

    fn read_requests(
        &mut self,
        slice: Columns<'_>,
        as_of: Day,
        known: impl Fn(Option<Instant>) -> Option<Instant>,
    ) -> Result<()> {
        let (ids, applications) = (slice.texts("request_id")?, slice.texts("application_id")?);
        let (customers, topics) = (slice.texts("customer")?, slice.texts("topic")?);
        let (departments, answers) = (slice.texts("departments")?, slice.texts("answered")?);
        let (raised, settled) = (slice.instants("raised_at")?, slice.instants("settled_at")?);
        for (row, raised_at) in raised.into_iter().enumerate() {
            let (Some(request_id), Some(asked), Some(raised_at)) = (text(&ids, row), departments.get(row), raised_at)
            else {
                unreachable!("an accepted request has its required values")
            };
            if raised_at.day() > as_of {
                continue;
            }
            let mut answered: BTreeMap<String, Instant> = BTreeMap::new();
            for (name, at) in answers.get(row).into_iter().flat_map(pairs) {
                if known(Some(at)).is_some() {
                    let first = answered.entry(name.to_owned()).or_insert(at);
                    *first = (*first).min(at);
                }
            }
            self.requests.push(Request {
                request_id,
                application_id: text(&applications, row),
                customer: text(&customers, row),
                topic: text(&topics, row),
                departments: asked.split(';').map(str::to_owned).collect(),
                raised_at,
                answered,
                settled_at: known(settled[row]),
            });
        }
        Ok(())
    }

    fn read_surveys(&mut self, slice: Columns<'_>, as_of: Day) -> Result<()> {
        let (months, bureaus, indicators) = (slice.days("period")?, slice.texts("bureau")?, slice.texts("indicator")?);
        let (weights, scores) = (slice.numbers("weight")?, slice.numbers("score")?);
        for (row, month) in months.into_iter().enumerate() {
            let (Some(month), Some(bureau), Some(indicator), Some(weight), Some(score)) =
                (month, text(&bureaus, row), text(&indicators, row), weights[row], scores[row])
            else {
                unreachable!("an accepted survey has its required values")
            };
            if month <= as_of {
                self.surveys.push(Score { month, bureau, indicator, weight, score });
            }
        }
        Ok(())
    }

    fn read_managers(&mut self, slice: Columns<'_>) -> Result<()> {
        let (ids, names, bureaus) = (slice.texts("manager_id")?, slice.texts("name")?, slice.texts("bureau")?);
        let (full_time, customers) = (slice.flags("full_time")?, slice.integers("customers")?);
        for (row, customers) in customers.into_iter().enumerate() {
            let (Some(manager_id), Some(name), Some(bureau), Some(full_time)) =
                (text(&ids, row), text(&names, row), text(&bureaus, row), full_time[row])
            else {
                unreachable!("an accepted manager has the required values")
            };
            self.managers.push(Manager { manager_id, name, bureau, full_time, customers });
        }
        Ok(())
    }

    fn read_restrictions(&mut self, slice: Columns<'_>, as_of: Day) -> Result<()> {
        let (names, bureaus) = (slice.texts("feeder_or_station")?, slice.texts("bureau")?);
        let (months, loads, limits) = (slice.days("month")?, slice.numbers("load_rate")?, slice.numbers("limit_kva")?);
        for (row, month) in months.into_iter().enumerate() {
            let (Some(feeder_or_station), Some(bureau), Some(month), Some(load_rate)) =
                (text(&names, row), text(&bureaus, row), month, loads[row])
            else {
                unreachable!("an accepted restriction has its required values")
            };
            if month <= as_of {
                let limit_kva = limits[row];
                self.restrictions.push(Restriction { feeder_or_station, bureau, month, load_rate, limit_kva });
            }
        }
        Ok(())
    }

    fn read_demands(&mut self, slice: Columns<'_>, as_of: Day) -> Result<()> {
        let (customers, bureaus, sources) = (slice.texts("customer")?, slice.texts("bureau")?, slice.texts("source")?);
        let (months, capacities, days) =
            (slice.days("month")?, slice.numbers("expected_kva")?, slice.days("expected_on")?);
        for (row, month) in months.into_iter().enumerate() {
            let (Some(customer), Some(bureau), Some(month), Some(expected_kva)) =
                (text(&customers, row), text(&bureaus, row), month, capacities[row])
            else {
                unreachable!("an accepted demand has its required values")
            };
            if month <= as_of {
                let (expected_on, source) = (days[row], text(&sources, row));
                self.demands.push(Demand { customer, bureau, month, expected_kva, expected_on, source });
            }
        }
        Ok(())
    }

    /// The month of the newest list of restricted equipment.
    pub fn newest_restrictions(&self) -> Option<Day> {
        self.newest_restrictions
    }

    /// Since which month equipment has been restricted without a break up to the newest month of the lists; none where
    /// it is no longer on them.
    pub fn restricted_since(&self, bureau: &str, feeder_or_station: &str) -> Option<Day> {
        let place = (bureau, feeder_or_station);
        let of = |r: &Restriction| (r.bureau.as_str(), r.feeder_or_station.as_str()).cmp(&place);
        let start = self.restrictions.partition_point(|r| of(r).is_lt());
        let end = start + self.restrictions[start..].partition_point(|r| of(r).is_eq());
        let mut expected = self.newest_restrictions?;
        let mut since = None;
        for restriction in self.restrictions[start..end].iter().rev() {
            if !restriction.restricts() || restriction.month != expected {
                break;
            }
            since = Some(restriction.month);
            expected = expected.month_before();
        }
        since
    }
}

/// The pairs of an answers cell, `a@2026-05-28 09:30:00;b@…`, as ingest wrote them.
fn pairs(cell: &str) -> impl Iterator<Item = (&str, Instant)> {
    cell.split(';').filter_map(|pair| {
        let (name, at) = pair.rsplit_once('@')?;
        let (day, time) = at.split_once(' ')?;
        let mut parts = time.split(':').map(|part| part.parse::<i64>().unwrap_or(0));
        let mut next = || parts.next().unwrap_or(0);
        let seconds = next() * 3600 + next() * 60 + next();
        Some((name, Instant::at(day.parse().ok()?, seconds)))
    })
}
