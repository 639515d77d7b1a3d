//! Faults as they are gathered, and how exactly their times are known.
//!
//! A limit in minutes cannot be judged by a day. A time is a bare day where it is written so, or where it is midnight in a
//! file of which that column holds no other time of day.

use std::path::Path;

use super::raw::each_file;
use super::{DaysOnly, Fault, Names};
use crate::calendar::Instant;
use crate::contract::{self, RawFault};
use crate::error::Result;
use crate::rules::limits::Area;

/// Every fault, by identifier; `None` where the exports have no such table.
pub(super) fn read(lake: &Path, names: &mut Names) -> Result<Option<Vec<Fault>>> {
    let (mut faults, mut of_file) = (Vec::new(), Vec::new());
    let are_given = each_file::<contract::Faults>(lake, |rows| {
        rows.each(|row| of_file.push(fault(&row, names)))?;
        mark_days(&mut of_file);
        faults.append(&mut of_file);
        Ok(())
    })?;
    faults.sort_unstable_by(|a: &Fault, b| a.fault_id.cmp(&b.fault_id));
    Ok(are_given.then_some(faults))
}

fn fault(row: &RawFault<'_>, names: &mut Names) -> Fault {
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

/// Marks the times of the faults of a file whose column holds nothing but midnights.
fn mark_days(faults: &mut [Fault]) {
    let all_midnight = |time: fn(&Fault) -> Option<Instant>| faults.iter().filter_map(time).all(Instant::is_midnight);
    let all = DaysOnly {
        outage: all_midnight(|fault| fault.outage_at),
        reported: all_midnight(|fault| Some(fault.reported_at)),
        notified: all_midnight(|fault| fault.notified_at),
        arrived: all_midnight(|fault| fault.arrived_at),
        restored: all_midnight(|fault| fault.restored_at),
    };
    for DaysOnly { outage, reported, notified, arrived, restored } in
        faults.iter_mut().map(|fault| &mut fault.days_only)
    {
        *outage |= all.outage;
        *reported |= all.reported;
        *notified |= all.notified;
        *arrived |= all.arrived;
        *restored |= all.restored;
    }
}
