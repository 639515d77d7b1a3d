//! One row per outage that a connection waits for, and the promises about it.

use std::collections::BTreeMap;
use std::path::Path;

use serde::{Deserialize, Serialize};

use super::promises::{Book, Outcome, Subject};
use super::{Settings, on};
use crate::calendar::{Calendar, Day, Instant};
use crate::cases::records::Outage;
use crate::cases::{Case, Known, Name};
use crate::error::Result;
use crate::rules::vocabulary::Promise;
use crate::table::{Count, Date, Flag, Integer, Maybe, Text, Writer, table};

table! {
    /// One outage whose application was ready for it by the as-of day.
    Outages of OutageRow<'a> from Waiting<'a> as of;
    "outages" by [outage_id],
    "截至统计日已具备停电接入条件的每次停电一行，按编号排序。",
    "One row per outage whose application was ready for it by the as-of day, by identifier.";

    outage_id: Text = &of.outage.outage_id, "停电编号", "identifier of the outage";
    application_id: Text = &of.outage.application_id, "工单编号", "identifier of the application";
    bureau: Text = of.bureau, "供电单位", "bureau";
    ready_on: Date = of.outage.ready_at.day(), "具备条件日期", "day the customer's side was ready";
    month: Date = of.outage.ready_at.day().month(), "具备条件月份（该月 1 日）", "month it was ready, its first day";
    outage_on: Maybe<Date> = on(of.outage.outage_at), "停电接入日期", "day of the outage";
    waited_wd: Count = of.waited_wd, "具备条件至停电的工作日；未停电的至撤销或统计日", "working days from ready to the outage; to the cancellation or the as-of day while it waits";
    affects_others: Flag = of.outage.affects_others, "是否影响其他客户", "whether other customers lose power";
    outages_this_year: Maybe<Integer> = of.outage.outages_this_year, "该线路本年第几次停电", "which outage of the line in the year it is";
    special_approval: Maybe<Flag> = of.outage.special_approval, "是否特批", "whether it was specially approved";
    planned_on: Maybe<Date> = of.outage.planned_on, "计划停电日期", "day the outage is planned for";
    plan_week_on: Maybe<Date> = of.outage.planned_on.map(monday), "计划停电所在周的周一", "Monday of the week it is planned for";
    announced_on: Maybe<Date> = on(of.outage.announced_at), "停电公告日期", "day it was announced";
    announced_ahead_days: Maybe<Count> = of.announced_ahead_days(), "公告早于计划停电的自然日；未公告为空", "calendar days from its announcement to the planned day; blank while it is not announced";
    to_come: Flag = of.is_awaited && of.outage.outage_at.is_none(), "工单在途而尚未停电接入", "whether the application is open and waits for it";
    days_to_plan: Maybe<Count> = of.outage.planned_on.map(|planned_on| planned_on.0 - of.as_of.0), "统计日距计划停电的自然日；负数为已过", "calendar days from the as-of day to the planned day; negative once it has passed";
    manager_id: Maybe<Text> = of.manager_id, "客户经理编号", "identifier of the customer manager";
}

/// An outage and how long the application waited for it.
pub struct Waiting<'a> {
    outage: &'a Outage,
    bureau: &'a str,
    manager_id: Option<&'a str>,
    waited_wd: i32,
    /// Whether the application still waits to be energised.
    is_awaited: bool,
    as_of: Day,
}

impl Waiting<'_> {
    fn announced_ahead_days(&self) -> Option<i32> {
        Some(self.outage.planned_on?.0 - self.outage.announced_at?.day().0)
    }
}

/// What an outage is to know of its application.
#[derive(Clone, Copy, Serialize, Deserialize)]
pub struct Of {
    bureau: Name,
    manager_id: Option<Name>,
    cancelled_on: Option<Day>,
    /// Whether it has neither been energised nor cancelled.
    is_open: bool,
}

impl Of {
    /// Of an application as it is known.
    pub fn case(case: &Case<'_>) -> Of {
        Of {
            bureau: case.facts.bureau,
            manager_id: case.facts.manager_id,
            cancelled_on: case.cancelled_on,
            is_open: case.ended_on().is_none(),
        }
    }
}

/// The Monday of a day's week; 1970-01-05 was one.
fn monday(day: Day) -> Day {
    day.plus_days(-(day.0 - 4).rem_euclid(7))
}

/// From this outage of the year on special approval is needed; the outage itself is counted.
const THIRD: i64 = 3;

/// Writes the table, and the promises about each outage whose application is known: by the number of the outage.
pub fn write(
    known: Known<'_>,
    of: &BTreeMap<usize, Of>,
    settings: &Settings<'_>,
    folder: &Path,
    promises: &mut Book<'_>,
) -> Result<()> {
    let mut table = Writer::<Outages>::create(folder)?;
    for (number, outage) in known.outages() {
        let Some(case) = of.get(&number) else { continue };
        let waited_wd = waited_wd(&outage, case, known, settings.clock.calendar);
        let waiting = Waiting {
            bureau: known.text(case.bureau),
            manager_id: case.manager_id.map(|name| known.text(name)),
            outage: &outage,
            waited_wd,
            is_awaited: case.is_open,
            as_of: known.day(),
        };
        let subject = Subject { id: &outage.outage_id, bureau: waiting.bureau };
        let ready_on = outage.ready_at.day();
        if let Some(limit_wd) = settings.standards.promise(Promise::Outage, None, ready_on) {
            let late = waited_wd > limit_wd;
            let kept = if late { Some(false) } else { still_awaited(&outage, case).map(|_| true) };
            promises.decide(Promise::Outage, subject, ready_on, kept.map(Outcome::of))?;
        }
        if let (Some(outage_at), Some(THIRD..)) = (outage.outage_at, outage.outages_this_year) {
            let approved = Some(outage.special_approval == Some(true));
            promises.decide(Promise::ThirdOutageApproved, subject, outage_at.day(), approved.map(Outcome::of))?;
        }
        table.push(&waiting)?;
    }
    table.finish()
}

/// Working days from ready to the outage; to the cancellation or the day that is looked at while it waits.
fn waited_wd(outage: &Outage, case: &Of, known: Known<'_>, calendar: &Calendar) -> i32 {
    let waits_until = case.cancelled_on.unwrap_or(known.day());
    let until = still_awaited(outage, case).map_or(waits_until, Instant::day);
    calendar.working_days(outage.ready_at.day(), until).max(0)
}

/// The outage, if the application was still waiting for it: a cancellation ends the wait.
fn still_awaited(outage: &Outage, case: &Of) -> Option<Instant> {
    outage.outage_at.filter(|at| case.cancelled_on.is_none_or(|cancelled_on| at.day() <= cancelled_on))
}
