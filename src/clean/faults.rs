//! One row per fault: its times, in minutes by the clock, and the promises about it.

use std::path::Path;

use super::bucket::Filling;
use super::callbacks::Callback;
use super::promises::{Book, Outcome, Subject};
use super::{Settings, on};
use crate::calendar::{Day, Instant};
use crate::cases::{Fault, Known};
use crate::error::Result;
use crate::rules::limits::{Area, RuleBook};
use crate::rules::vocabulary::{Promise, Undecided};
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
    arrival_min: Maybe<Number> = of.times.arrival.minutes, "报修至到场的分钟", "minutes from the report to the arrival";
    arrival_kept: Maybe<Flag> = of.times.arrival.kept(), "是否按时到场；未到期或无法判定为空", "whether the crew arrived on time; blank while it still can, and where nobody can say";
    arrival_undecided: Maybe<Code<Undecided>> = of.times.arrival.undecided(), "报修至到场为何无法按分钟判定", "why nobody can say whether the arrival was on time";
    restore_min: Maybe<Number> = of.times.restore.minutes, "到场至复电的分钟", "minutes from the arrival to the restoration";
    restore_kept: Maybe<Flag> = of.times.restore.kept(), "是否按时复电；未到期、无法判定或无到场时间为空", "whether power was restored on time; blank while it still can be, without an arrival, and where nobody can say";
    restore_undecided: Maybe<Code<Undecided>> = of.times.restore.undecided(), "到场至复电为何无法按分钟判定", "why nobody can say whether the restoration was on time";
    notice_min: Maybe<Number> = of.times.notice.minutes, "停电至告知客户的分钟", "minutes from the outage to the notice";
    notice_kept: Maybe<Flag> = of.times.notice.kept(), "是否按时告知；未到期、无法判定或无停电时间为空", "whether customers were notified on time; blank while they still can be, without an outage, and where nobody can say";
    notice_undecided: Maybe<Code<Undecided>> = of.times.notice.undecided(), "停电至告知为何无法按分钟判定", "why nobody can say whether the notice was on time";
    calls_kept: Maybe<Flag> = of.times.calls_kept, "到场、完工两次电话是否都打了；未复电为空", "whether both calls, on arrival and on completion, were made; blank before the restoration";
    outage_at: Maybe<Time> = of.fault.outage_at, "停电时间", "when power went out";
    notified_at: Maybe<Time> = of.fault.notified_at, "告知客户时间", "when customers were notified";
    reported_at: Time = of.fault.reported_at, "报修时间", "when it was reported";
    arrived_at: Maybe<Time> = of.fault.arrived_at, "到场时间", "when the crew arrived";
    arrival_call_at: Maybe<Time> = of.fault.arrival_call_at, "到场电话时间", "when the crew called on arrival";
    restored_at: Maybe<Time> = of.fault.restored_at, "恢复送电时间", "when power was restored";
    completion_call_at: Maybe<Time> = of.fault.completion_call_at, "完工电话时间", "when the crew called on completion";
    notice_limit_min: Maybe<Count> = of.times.notice.limit_min, "告知时限，分钟", "limit for the notice, minutes";
    arrival_limit_min: Maybe<Count> = of.times.arrival.limit_min, "到场时限，分钟", "limit for the arrival, minutes";
    restore_limit_min: Maybe<Count> = of.times.restore.limit_min, "复电时限，分钟", "limit for the restoration, minutes";
}

/// A fault and how it went.
pub struct Judged<'a> {
    fault: &'a Fault,
    bureau: &'a str,
    times: FaultTimes,
}

/// Writes the table, and the promises about each fault and its callback.
pub(super) fn write(
    known: Known<'_>,
    settings: &Settings<'_>,
    folder: &Path,
    others: &mut Filling<'_, '_>,
) -> Result<()> {
    let mut table = Writer::<Faults>::create(folder)?;
    known.each_fault(|fault| {
        if let Some(callback) = Callback::of_fault(fault, settings.fault_days, known) {
            others.callback(&callback)?;
        }
        let times = FaultTimes::of(fault, settings.standards, known.day());
        let judged = Judged { bureau: known.text(fault.bureau), fault, times };
        promises_of(&judged, &mut others.promises)?;
        table.push(&judged)
    })?;
    table.finish()
}

fn promises_of(judged: &Judged<'_>, promises: &mut Book<'_>) -> Result<()> {
    let Judged { fault, bureau, times } = judged;
    let subject = Subject { id: &fault.fault_id, bureau };
    let reported_on = fault.reported_at.day();
    promises.decide(Promise::Arrival, subject, reported_on, times.arrival.outcome)?;
    promises.decide(Promise::Restore, subject, on(fault.arrived_at).unwrap_or(reported_on), times.restore.outcome)?;
    promises.decide(
        Promise::OutageNotice,
        subject,
        on(fault.outage_at).unwrap_or(reported_on),
        times.notice.outcome,
    )?;
    promises.decide(Promise::TwoCalls, subject, reported_on, times.calls_kept.map(Outcome::of))
}

/// How a fault went: minutes by the clock, and the promises about it.
#[derive(Debug, Clone, Copy, Default, PartialEq)]
pub struct FaultTimes {
    /// From the report to the arrival.
    pub arrival: Span,
    /// From the arrival to the restoration; nothing if no arrival is known.
    pub restore: Span,
    /// From the outage to the notice; nothing if no outage is known.
    pub notice: Span,
    /// Whether both calls were made; none before the restoration.
    pub calls_kept: Option<bool>,
    /// Whether nobody wrote down an arrival, though power is back or the time for it has passed.
    pub arrival_missing: bool,
}

/// How long something took, and whether that was in time.
#[derive(Debug, Clone, Copy, Default, PartialEq)]
pub struct Span {
    /// Minutes by the clock; none while it has not ended, and where nobody can say.
    pub minutes: Option<f64>,
    /// How many it may take; none if the book has no rule, or the time has not begun.
    pub limit_min: Option<i32>,
    /// What came of the limit; none while it can still be kept.
    pub outcome: Option<Outcome>,
}

impl Span {
    /// Whether the limit was kept; none where nobody can say, or it is not decided yet.
    pub fn kept(&self) -> Option<bool> {
        self.outcome.and_then(Outcome::kept)
    }

    /// Why nobody can say whether it was kept.
    pub fn undecided(&self) -> Option<Undecided> {
        self.outcome.and_then(Outcome::undecided)
    }

    /// From one time to another, as it is known at the end of a day.
    fn of(from: Stamp, to: Option<Stamp>, limit_min: Option<i32>, as_of: Day) -> Span {
        let undecided = match to {
            Some(to) if from.is_day || to.is_day => Some(Undecided::NoTime),
            Some(to) if to.at < from.at => Some(Undecided::Backwards),
            _ => None,
        };
        if let Some(why) = undecided {
            return Span { minutes: None, limit_min, outcome: limit_min.map(|_| Outcome::Undecided(why)) };
        }
        let minutes = to.map(|to| to.at.seconds_since(from.at) / 60.0);
        // What began on a day began at its end at the latest.
        let latest = if from.is_day { Instant::at(from.at.day().plus_days(1), 0) } else { from.at };
        let kept = limit_min.and_then(|limit_min| within(latest, to.map(|to| to.at), limit_min, as_of));
        Span { minutes, limit_min, outcome: kept.map(Outcome::of) }
    }
}

/// A time of a fault, and whether only its day is known.
#[derive(Debug, Clone, Copy)]
struct Stamp {
    at: Instant,
    is_day: bool,
}

impl Stamp {
    fn of(at: Option<Instant>, is_day: bool) -> Option<Stamp> {
        at.map(|at| Stamp { at, is_day })
    }
}

/// Whether something came within `limit_min` minutes of `from`; none while it still can, at the end of the as-of day.
fn within(from: Instant, to: Option<Instant>, limit_min: i32, as_of: Day) -> Option<bool> {
    let last = from.plus_seconds(i64::from(limit_min) * 60);
    match to {
        Some(to) => Some(to <= last),
        None => (Instant::at(as_of.plus_days(1), 0) > last).then_some(false),
    }
}

impl FaultTimes {
    /// Judges a fault as it is known at the end of a day.
    pub fn of(fault: &Fault, standards: &RuleBook, as_of: Day) -> FaultTimes {
        let span = |promise: Promise, from: Option<Stamp>, to: Option<Stamp>| {
            let limit = |from: Stamp| standards.promise(promise, Some(fault.area), from.at.day());
            from.map_or_else(Span::default, |from| Span::of(from, to, limit(from), as_of))
        };
        let days = fault.days_only;
        let reported = Some(Stamp { at: fault.reported_at, is_day: days.reported });
        let arrived = Stamp::of(fault.arrived_at, days.arrived);
        let restored = Stamp::of(fault.restored_at, days.restored);
        let arrival = span(Promise::Arrival, reported, arrived);
        FaultTimes {
            arrival,
            restore: span(Promise::Restore, arrived, restored),
            notice: span(
                Promise::OutageNotice,
                Stamp::of(fault.outage_at, days.outage),
                Stamp::of(fault.notified_at, days.notified),
            ),
            calls_kept: restored.map(|_| fault.arrival_call_at.is_some() && fault.completion_call_at.is_some()),
            arrival_missing: arrived.is_none() && (restored.is_some() || arrival.kept() == Some(false)),
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
