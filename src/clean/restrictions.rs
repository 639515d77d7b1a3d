//! One row per loaded feeder or station and month.

use std::path::Path;

use crate::calendar::Day;
use crate::cases::Known;
use crate::cases::records::Restriction;
use crate::error::Result;
use crate::table::{Date, Flag, Maybe, Number, Text, Writer, table};

table! {
    /// A loaded feeder or station in one month.
    Restrictions of RestrictionRow<'a> from Listed<'a> as of;
    "restrictions" by [bureau, feeder_or_station, month],
    "重载或受限设备每月一行，按单位、设备和月份排序。",
    "One row per loaded or restricted feeder or station and month, by bureau, equipment and month.";

    month: Date = of.restriction.month, "月份（该月 1 日）", "month of the list, its first day";
    bureau: Text = &of.restriction.bureau, "供电单位", "bureau";
    feeder_or_station: Text = &of.restriction.feeder_or_station, "线路或变电站", "feeder or station";
    load_rate: Number = of.restriction.load_rate, "负载率 = 负荷 ÷ 额定容量（1 为满载）", "load divided by rated load (1: full)";
    limit_kva: Maybe<Number> = of.restriction.limit_kva, "尚可开放的容量，kVA；不限为空", "capacity that is still open, kVA; blank without a limit";
    restricts: Flag = of.restriction.restricts(), "是否限制接入：负载率不低于 1，或有限制容量", "whether new load must wait: load rate of 1 or more, or a limited capacity";
    newest: Flag = of.is_newest, "是否在最新清单上", "whether it is on the newest list";
    restricted_since_on: Maybe<Date> = of.since_on, "连续受限的起始月份（该月 1 日），只在最新清单上给出", "month since which it has been restricted without a break, its first day; on the newest list only";
}

/// Equipment on a month's list.
pub struct Listed<'a> {
    restriction: &'a Restriction,
    since_on: Option<Day>,
    is_newest: bool,
}

/// Writes the table.
pub fn write(known: Known<'_>, folder: &Path) -> Result<()> {
    let mut table = Writer::<Restrictions>::create(folder)?;
    for restriction in known.restrictions() {
        let is_newest = Some(restriction.month) == known.newest_restrictions();
        let since_on = known.restricted_since(&restriction.bureau, &restriction.feeder_or_station);
        table.push(&Listed { restriction, since_on: since_on.filter(|_| is_newest), is_newest })?;
    }
    table.finish()
}
