//! One row per fault: its times, in minutes by the clock, and the promises about it.

use std::path::Path;

use super::promises::{Book, Subject};
use super::{Settings, on};
use crate::calendar::{Day, Instant};
use crate::cases::{Fault, Known};
use crate::error::Result;
use crate::rules::limits::{Area, RuleBook};
use crate::rules::vocabulary::Promise;
use crate::table::{Code, Count, Date, Flag, Maybe, Number, Text, Time, Writer, table};

table! {
    /// One fault reported by the as-of day.
    Faults of FaultRow<'a> from Judged<'a> as of;
    "faults" by [fault_id],
    "截至统计日报修的每个故障一行，按编号排序。分钟按时钟计，昼夜不停。",
    "One row per fault reported by the as-of day, by identifier. Minutes run by the clock, day and night.";

    fault_id: Text = &of.fault.fault_id, "故障编号", "identifier of the fault";
    bureau: Text = of.bureau, "供电单位", "bureau";
    area: Code<Area> = of.fault.area, "城乡类别：urban 城市，rural 农村", "`urban` or `rural`";
    reported_on: Date = of.fault.reported_at.day(), "报修日期", "day it was reported";
    month: Date = of.fault.reported_at.day().month(), "报修月份（该月 1 日）", "month it was reported, its first day";
    restored: Flag = of.fault.restored_at.is_some(), "是否已恢复送电", "whether power is restored";
    arrival_missing: Flag = of.times.arrival_missing, "是否缺到场记录：已复电或到场时限已过，却没有到场时间", "whether an arrival is missing: power is back or the time for it has passed, and none was recorded";
    arrival_min: Maybe<Number> = of.times.arrival_min, "报修至到场的分钟", "minutes from the report to the arrival";
    arrival_kept: Maybe<Flag> = of.times.arrival_kept, "是否按时到场；未到期为空", "whether the crew arrived on time; blank while it still can";
    restore_min: Maybe<Number> = of.times.restore_min, "到场至复电的分钟", "minutes from the arrival to the restoration";
    restore_kept: Maybe<Flag> = of.times.restore_kept, "是否按时复电；未到期或无到场时间为空", "whether power was restored on time; blank while it still can be, and without an arrival";
    notice_min: Maybe<Number> = of.times.notice_min, "停电至告知客户的分钟", "minutes from the outage to the notice";
    notice_kept: Maybe<Flag> = of.times.notice_kept, "是否按时告知；未到期或无停电时间为空", "whether customers were notified on time; blank while they still can be, and without an outage";
    calls_kept: Maybe<Flag> = of.times.calls_kept, "到场、完工两次电话是否都打了；未复电为空", "whether both calls, on arrival and on completion, were made; blank before the restoration";
    outage_at: Maybe<Time> = of.fault.outage_at, "停电时间", "when power went out";
    notified_at: Maybe<Time> = of.fault.notified_at, "告知客户时间", "when customers were notified";
    reported_at: Time = of.fault.reported_at, "报修时间", "when it was reported";
    arrived_at: Maybe<Time> = of.fault.arrived_at, "到场时间", "when the crew arrived";
    arrival_call_at: Maybe<Time> = of.fault.arrival_call_at, "到场电话时间", "when the crew called on arrival";
    restored_at: Maybe<Time> = of.fault.restored_at, "恢复送电时间", "when power was restored";
    completion_call_at: Maybe<Time> = of.fault.completion_call_at, "完工电话时间", "when the crew called on completion";
    notice_limit_min: Maybe<Count> = of.times.limits.notice_min, "告知时限，分钟", "limit for the notice, minutes";
    arrival_limit_min: Maybe<Count> = of.times.limits.arrival_min, "到场时限，分钟", "limit for the arrival, minutes";
    restore_limit_min: Maybe<Count> = of.times.limits.restore_min, "复电时限，分钟", "limit for the restoration, minutes";
}

/// A fault and how it went.
pub struct Judged<'a> {
    fault: &'a Fault,
    bureau: &'a str,
    times: FaultTimes,
}

/// Writes the table, and the promises about each fault.
pub fn write(known: Known<'_>, settings: &Settings<'_>, folder: &Path, promises: &mut Book<'_>) -> Result<()> {
    let mut table = Writer::<Faults>::create(folder)?;
    for fault in known.faults() {
        let times = FaultTimes::of(&fault, settings.standards, known.day());
        let judged = Judged { bureau: known.text(fault.bureau), fault: &fault, times };
        promises_of(&judged, promises)?;
        table.push(&judged)?;
    }
    table.finish()
}

fn promises_of(judged: &Judged<'_>, promises: &mut Book<'_>) -> Result<()> {
    let Judged { fault, bureau, times } = judged;
    let subject = Subject { id: &fault.fault_id, bureau };
    let reported_on = fault.reported_at.day();
    promises.decide(Promise::Arrival, subject, reported_on, times.arrival_kept)?;
    promises.decide(Promise::Restore, subject, on(fault.arrived_at).unwrap_or(reported_on), times.restore_kept)?;
    promises.decide(Promise::OutageNotice, subject, on(fault.outage_at).unwrap_or(reported_on), times.notice_kept)?;
    promises.decide(Promise::TwoCalls, subject, reported_on, times.calls_kept)
}

/// How a fault went: minutes by the clock, and the promises about it.
#[derive(Debug, Clone, Copy, Default, PartialEq)]
pub struct FaultTimes {
    /// From the report to the arrival.
    pub arrival_min: Option<f64>,
    /// Whether the crew arrived on time; none while it still can.
    pub arrival_kept: Option<bool>,
    /// From the arrival to the restoration.
    pub restore_min: Option<f64>,
    /// Whether power was restored on time; none while it still can be, and if no arrival is known.
    pub restore_kept: Option<bool>,
    /// From the outage to the notice.
    pub notice_min: Option<f64>,
    /// Whether the customers were notified on time; none while they still can be, and if no outage is known.
    pub notice_kept: Option<bool>,
    /// Whether both calls were made; none before the restoration.
    pub calls_kept: Option<bool>,
    /// The limits of the three, in minutes.
    pub limits: FaultLimits,
    /// Whether nobody wrote down an arrival, though power is back or the time for it has passed.
    pub arrival_missing: bool,
}

/// How many minutes a fault may take; none if the book has no rule, or the time has not begun.
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
    /// Judges a fault as it is known at the end of a day.
    pub fn of(fault: &Fault, standards: &RuleBook, as_of: Day) -> FaultTimes {
        let limit = |promise: Promise, from: Option<Instant>| {
            from.and_then(|from| standards.promise(promise, Some(fault.area), from.day()))
        };
        let judged = |limit_min: Option<i32>, from: Option<Instant>, to: Option<Instant>| {
            from.zip(limit_min).and_then(|(from, limit_min)| within(from, to, limit_min, as_of))
        };
        let Fault { arrived_at: arrived, restored_at: restored, outage_at: outage, notified_at: notified, .. } = *fault;
        let reported = Some(fault.reported_at);
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
            calls_kept: restored.map(|_| fault.arrival_call_at.is_some() && fault.completion_call_at.is_some()),
            arrival_missing: arrived.is_none() && (restored.is_some() || arrival_kept == Some(false)),
        }
    }
}

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
}
