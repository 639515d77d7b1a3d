//! The service promises (DOMAIN §7): whether each that has fallen due was kept.
//!
//! A promise is due once its outcome is decided: it was kept or broken, or its limit has passed. An open case past its
//! limit is not kept; one still within it is not yet due, and no row.

use std::path::Path;

use super::cases::{Application, Cases, Fault};
use super::clean::writer;
use super::limits::{Area, RuleBook};
use super::records::{Complaint, Outage};
use super::vocabulary::{Mode, Promise};
use super::{Clock, Pass, Reading};
use crate::calendar::Day;
use crate::error::Result;
use crate::lake::Layout::{Date, Flag, Integer, Text};
use crate::lake::{Instant, Layout, TableWriter, Value};

/// The clean table of promises: one row a promise that has fallen due, by kind of case and its identifier.
pub const PROMISES: &[(&str, Layout)] = &[
    ("promise", Text),
    ("subject_id", Text),
    ("stage", Text),
    ("pass", Integer),
    ("bureau", Text),
    ("month", Date),
    ("kept", Flag),
];

/// How a fault went: minutes by the clock, and the promises about it.
#[derive(Debug, Clone, Copy, Default, PartialEq)]
pub struct FaultTimes {
    /// From the report to the arrival.
    pub arrival_min: Option<f64>,
    /// Whether the crew arrived in time; none while it still can.
    pub arrival_kept: Option<bool>,
    /// From the arrival to the restoration.
    pub restore_min: Option<f64>,
    /// Whether power was restored in time; none while it still can, and where no arrival is known.
    pub restore_kept: Option<bool>,
    /// From the outage to the notice.
    pub notice_min: Option<f64>,
    /// Whether the customers were told in time; none while they still can be, and where no outage is known.
    pub notice_kept: Option<bool>,
    /// Whether both calls were made; none before the restoration.
    pub calls_kept: Option<bool>,
    /// The limits of the three, in minutes.
    pub limits: FaultLimits,
    /// Whether nobody wrote down an arrival, though power is back or the time for it has passed.
    pub arrival_missing: bool,
}

/// How many minutes a fault may take; none where the book says nothing, or the time has not begun.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq)]
pub struct FaultLimits {
    /// From the report to the arrival.
    pub arrival_min: Option<i32>,
    /// From the arrival to the restoration.
    pub restore_min: Option<i32>,
    /// From the outage to the notice.
    pub notice_min: Option<i32>,
}

/// Whether something came within `limit_min` minutes of `from`; none while it still can, at the end of the as-of day.
fn within(from: Instant, to: Option<Instant>, limit_min: i32, as_of: Day) -> Option<bool> {
    let last = from.plus_seconds(i64::from(limit_min) * 60);
    match to {
        Some(to) => Some(to <= last),
        None => (Instant::at(as_of.plus_days(1), 0) > last).then_some(false),
    }
}

/// Minutes between two instants.
fn minutes(from: Instant, to: Option<Instant>) -> Option<f64> {
    to.map(|to| to.seconds_since(from) / 60.0)
}

impl FaultTimes {
    /// Judges a fault as it is known on the as-of day.
    pub fn of(fault: &Fault, area: Area, standards: &RuleBook, as_of: Day) -> FaultTimes {
        let known = |at: Option<Instant>| at.filter(|at| at.day() <= as_of);
        let limit = |promise: Promise, from: Option<Instant>| {
            from.and_then(|from| standards.promise(promise, Some(area), from.day()))
        };
        let judged = |limit_min: Option<i32>, from: Option<Instant>, to: Option<Instant>| {
            from.zip(limit_min).and_then(|(from, limit_min)| within(from, to, limit_min, as_of))
        };
        let (arrived, restored) = (known(fault.arrived_at), known(fault.restored_at));
        let outage = known(fault.outage_at);
        let calls = [fault.arrival_call_at, fault.completion_call_at];
        let (reported, notified) = (Some(fault.reported_at), known(fault.notified_at));
        let limits = FaultLimits {
            arrival_min: limit(Promise::Arrival, reported),
            restore_min: limit(Promise::Restore, arrived),
            notice_min: limit(Promise::OutageNotice, outage),
        };
        let arrival_kept = judged(limits.arrival_min, reported, arrived);
        FaultTimes {
            arrival_min: minutes(fault.reported_at, arrived),
            arrival_kept,
            restore_min: arrived.and_then(|arrived| minutes(arrived, restored)),
            restore_kept: judged(limits.restore_min, arrived, restored),
            notice_min: outage.and_then(|outage| minutes(outage, notified)),
            notice_kept: judged(limits.notice_min, outage, notified),
            limits,
            calls_kept: restored.map(|_| calls.iter().all(|call| known(*call).is_some())),
            arrival_missing: arrived.is_none() && (restored.is_some() || arrival_kept == Some(false)),
        }
    }
}

/// How a complaint was passed on and handled; none while it still can be in time.
pub fn complaint_kept(complaint: &Complaint, as_of: Day) -> (Option<bool>, Option<bool>) {
    let received_on = complaint.received_at.day();
    let same_day = match complaint.forwarded_at {
        Some(forwarded_at) => Some(forwarded_at.day() == received_on),
        None => (as_of > received_on).then_some(false),
    };
    let handled = complaint.due_at.and_then(|due_at| {
        // A due date without a time of day lasts to its end.
        let whole_day = due_at.seconds_of_day() == 0;
        match complaint.handled_at {
            Some(at) => Some(if whole_day { at.day() <= due_at.day() } else { at <= due_at }),
            None => (as_of > due_at.day() || (as_of == due_at.day() && !whole_day)).then_some(false),
        }
    });
    (same_day, handled)
}

/// Working days from ready to the outage; to the cancellation or the as-of day while it waits.
pub fn outage_wait_wd(outage: &Outage, application: &Application, clock: &Clock<'_>) -> i32 {
    let waits_until = application.cancelled_on.map_or(clock.as_of, |day| day.min(clock.as_of));
    let until = outage_in_time(outage, application).map_or(waits_until, Instant::day);
    clock.calendar.working_days(outage.ready_at.day(), until).max(0)
}

/// The outage, if the application was still waiting for it: a cancellation ends the wait.
fn outage_in_time(outage: &Outage, application: &Application) -> Option<Instant> {
    outage.outage_at.filter(|at| application.cancelled_on.is_none_or(|cancelled_on| at.day() <= cancelled_on))
}

/// Writes the clean table of promises.
pub struct Promises<'a> {
    clock: Clock<'a>,
    standards: &'a RuleBook,
    writer: TableWriter,
}

impl<'a> Promises<'a> {
    /// Opens the table in a folder.
    pub fn create(folder: &Path, clock: Clock<'a>, standards: &'a RuleBook) -> Result<Promises<'a>> {
        Ok(Promises { clock, standards, writer: writer(folder, "promises", PROMISES)? })
    }

    /// Closes the table.
    pub fn finish(self) -> Result<()> {
        self.writer.finish().map(drop)
    }

    fn push(
        &mut self,
        promise: Promise,
        subject_id: &str,
        pass: Option<(&str, i64)>,
        bureau: &str,
        started_on: Day,
        kept: Option<bool>,
    ) -> Result<()> {
        let Some(kept) = kept else { return Ok(()) };
        self.writer.push(&[
            Value::text(promise.code()),
            Value::text(subject_id),
            pass.map(|(stage, _)| stage).into(),
            pass.map(|(_, number)| number).into(),
            Value::text(bureau),
            Value::Date(started_on.month()),
            Value::Flag(kept),
        ])
    }

    /// Judges the promises about one stage pass: the scheme within a day, the negotiation of an order within five.
    pub fn stage(
        &mut self,
        application: (&str, &str, &str),
        stage: (&str, i64),
        pass: &Pass,
        reading: &Reading,
    ) -> Result<()> {
        let (application_id, bureau, mode) = application;
        for (promise, named, only_order) in
            [(Promise::SchemeOneDay, "scheme", false), (Promise::Survey, "survey", true)]
        {
            if stage.0 != named || (only_order && Mode::of_code(mode) != Some(Mode::Order)) {
                continue;
            }
            let Some(limit_wd) = self.standards.promise(promise, None, pass.started_on) else { continue };
            let kept = if reading.net_wd > limit_wd { Some(false) } else { pass.finished.then_some(true) };
            self.push(promise, application_id, Some(stage), bureau, pass.started_on, kept)?;
        }
        Ok(())
    }

    /// Judges the promises about the outage that an application waits for.
    pub fn outage(&mut self, outage: &Outage, application: &Application, cases: &Cases) -> Result<()> {
        let bureau = cases.names.text(application.bureau);
        let ready_on = outage.ready_at.day();
        if let Some(limit_wd) = self.standards.promise(Promise::Outage, None, ready_on) {
            let late = outage_wait_wd(outage, application, &self.clock) > limit_wd;
            let kept = if late { Some(false) } else { outage_in_time(outage, application).map(|_| true) };
            self.push(Promise::Outage, &outage.outage_id, None, bureau, ready_on, kept)?;
        }
        if let (Some(outage_at), Some(THIRD..)) = (outage.outage_at, outage.outages_this_year) {
            let kept = Some(outage.special_approval == Some(true));
            self.push(Promise::ThirdOutageApproved, &outage.outage_id, None, bureau, outage_at.day(), kept)?;
        }
        Ok(())
    }

    /// Writes the promises about a fault.
    pub fn fault(&mut self, fault: &Fault, times: &FaultTimes, bureau: &str) -> Result<()> {
        let reported_on = fault.reported_at.day();
        let arrived_on = fault.arrived_at.map_or(reported_on, Instant::day);
        let outage_on = fault.outage_at.map_or(reported_on, Instant::day);
        for (promise, started_on, kept) in [
            (Promise::Arrival, reported_on, times.arrival_kept),
            (Promise::Restore, arrived_on, times.restore_kept),
            (Promise::OutageNotice, outage_on, times.notice_kept),
            (Promise::TwoCalls, reported_on, times.calls_kept),
        ] {
            self.push(promise, &fault.fault_id, None, bureau, started_on, kept)?;
        }
        Ok(())
    }

    /// Writes the promises about a complaint, as [`complaint_kept`] found them.
    pub fn complaint(
        &mut self,
        complaint: &Complaint,
        (same_day, handled): (Option<bool>, Option<bool>),
    ) -> Result<()> {
        let received_on = complaint.received_at.day();
        let (id, bureau) = (&complaint.complaint_id, &complaint.bureau);
        self.push(Promise::ComplaintSameDay, id, None, bureau, received_on, same_day)?;
        self.push(Promise::ComplaintHandled, id, None, bureau, received_on, handled)
    }
}

/// From this outage of the year on special approval is needed; the outage itself is counted.
const THIRD: i64 = 3;

#[cfg(test)]
mod tests {
    use super::*;

    fn at(text: &str) -> Instant {
        let (day, time) = text.split_once(' ').unwrap();
        let (hour, minute) = time.split_once(':').unwrap();
        let seconds = hour.parse::<i64>().unwrap() * 3600 + minute.parse::<i64>().unwrap() * 60;
        Instant::at(day.parse().unwrap(), seconds)
    }

    #[test]
    fn what_can_still_be_in_time_is_not_due() {
        let as_of = "2026-06-30".parse().unwrap();
        let from = at("2026-06-30 23:00");
        for (to, limit_min, kept) in [
            (Some("2026-06-30 23:45"), 45, Some(true)),
            (Some("2026-06-30 23:46"), 45, Some(false)),
            // The as-of day ends an hour after the report.
            (None, 59, Some(false)),
            (None, 60, None),
            (None, 90, None),
        ] {
            assert_eq!(within(from, to.map(at), limit_min, as_of), kept, "{to:?} {limit_min}");
        }
    }

    #[test]
    fn complaints() {
        let complaint = |forwarded: Option<&str>, due: Option<&str>, handled: Option<&str>| Complaint {
            complaint_id: "C".into(),
            bureau: String::new(),
            department: String::new(),
            received_at: at("2026-06-01 22:00"),
            forwarded_at: forwarded.map(at),
            due_at: due.map(at),
            handled_at: handled.map(at),
            satisfied: None,
        };
        for (forwarded, due, handled, as_of, kept) in [
            (
                Some("2026-06-01 23:59"),
                Some("2026-06-08 00:00"),
                Some("2026-06-08 17:00"),
                "2026-06-30",
                (Some(true), Some(true)),
            ),
            (
                Some("2026-06-02 00:10"),
                Some("2026-06-08 12:00"),
                Some("2026-06-08 12:01"),
                "2026-06-30",
                (Some(false), Some(false)),
            ),
            (None, None, Some("2026-06-08 12:01"), "2026-06-30", (Some(false), None)),
            (None, Some("2026-06-08 00:00"), None, "2026-06-01", (None, None)),
            (None, Some("2026-06-08 00:00"), None, "2026-06-08", (Some(false), None)),
            (None, Some("2026-06-08 09:00"), None, "2026-06-08", (Some(false), Some(false))),
            (None, Some("2026-06-08 00:00"), None, "2026-06-09", (Some(false), Some(false))),
        ] {
            assert_eq!(
                complaint_kept(&complaint(forwarded, due, handled), as_of.parse().unwrap()),
                kept,
                "{due:?} {as_of}"
            );
        }
    }
}
