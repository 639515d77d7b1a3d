//! Faults as they are gathered, and how exactly their times are known.
//!
//! A limit in minutes cannot be judged by a day. A time is a bare day where it is written so, or where it is midnight in a
//! file of which that column holds no other time of day.

use std::collections::HashMap;

use super::spill::{Spill, packed};
use super::{Call, DaysOnly, Fault, Names};
use crate::calendar::Instant;
use crate::contract::RawFault;
use crate::error::Result;
use crate::rules::limits::Area;

/// Faults that are worked on together.
pub(super) const BUCKET: usize = 65_536;

/// A bucket of faults with their calls, by identifier; `days_only`: of each portion, the times of which the file knows only
/// the day.
pub(super) fn read(
    spilled: &Spill<Fault>,
    of_faults: &Spill<Call>,
    days_only: &[DaysOnly],
    bucket: usize,
) -> Result<Vec<Fault>> {
    let mut faults = Vec::with_capacity(spilled.rows(bucket));
    spilled.each(bucket, |_, mut fault, portion| {
        fault.days_only.join(&days_only[portion]);
        faults.push(fault);
    })?;
    faults.sort_unstable_by(|a: &Fault, b| a.fault_id.cmp(&b.fault_id));
    let numbers: HashMap<&str, usize> = faults.iter().map(|fault| fault.fault_id.as_str()).zip(0..).collect();
    let mut calls: Vec<(usize, Call)> = Vec::new();
    of_faults.each(bucket, |case, call, _| calls.extend(numbers.get(case).map(|number| (*number, call))))?;
    drop(numbers);
    for (number, call) in calls {
        faults[number].calls.push(call);
    }
    // The sort is stable: calls made at the same time stay in the order of the files.
    faults.iter_mut().for_each(|fault| fault.calls.sort_by_key(|call| call.called_at));
    Ok(faults)
}

/// One fault, without its calls.
pub(super) fn fault(row: &RawFault<'_>, names: &mut Names) -> Fault {
    Fault {
        fault_id: row.fault_id.to_owned(),
        bureau: names.number(row.bureau),
        area: Area::of_code(row.area).unwrap_or(Area::Urban),
        outage_at: row.outage_at,
        reported_at: row.reported_at,
        notified_at: row.notified_at,
        arrived_at: row.arrived_at,
        arrival_call_at: row.arrival_call_at,
        restored_at: row.restored_at,
        completion_call_at: row.completion_call_at,
        days_only: row.days_only.map_or_else(DaysOnly::default, DaysOnly::named),
        calls: Vec::new(),
    }
}

impl DaysOnly {
    /// Those that a list of columns names.
    fn named(columns: &str) -> DaysOnly {
        let has = |name: &str| columns.split(';').any(|column| column == name);
        DaysOnly {
            outage: has("outage_at"),
            reported: has("reported_at"),
            notified: has("notified_at"),
            arrived: has("arrived_at"),
            restored: has("restored_at"),
        }
    }
}

impl DaysOnly {
    fn join(&mut self, others: &DaysOnly) {
        let DaysOnly { outage, reported, notified, arrived, restored } = others;
        self.outage |= outage;
        self.reported |= reported;
        self.notified |= notified;
        self.arrived |= arrived;
        self.restored |= restored;
    }
}

packed! { DaysOnly: outage reported notified arrived restored }

packed! {
    Fault:
    fault_id bureau area outage_at reported_at notified_at arrived_at arrival_call_at restored_at completion_call_at
    days_only calls
}

/// Which times of some faults of a file are all midnight.
#[derive(Clone, Copy, Default)]
pub(super) struct Marked {
    /// Those of which another time of day was met.
    timed: DaysOnly,
}

impl Marked {
    /// Adds a fault.
    pub fn add(&mut self, fault: &Fault) {
        let is_timed = |at: Option<Instant>| at.is_some_and(|at| !at.is_midnight());
        self.timed.join(&DaysOnly {
            outage: is_timed(fault.outage_at),
            reported: is_timed(Some(fault.reported_at)),
            notified: is_timed(fault.notified_at),
            arrived: is_timed(fault.arrived_at),
            restored: is_timed(fault.restored_at),
        });
    }

    /// Adds other faults of the file.
    pub fn join(&mut self, others: &Marked) {
        self.timed.join(&others.timed);
    }

    /// The times whose column holds nothing but midnights.
    pub fn days_only(&self) -> DaysOnly {
        let DaysOnly { outage, reported, notified, arrived, restored } = self.timed;
        DaysOnly { outage: !outage, reported: !reported, notified: !notified, arrived: !arrived, restored: !restored }
    }
}
