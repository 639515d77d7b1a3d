//! What was open at the end of each month: applications, and passes on a department's desk; and the months' working days.

use std::path::Path;

use crate::calendar::{Calendar, Day};
use crate::cases::standing::{JudgedPass, Standing};
use crate::cases::{Known, Month, Names};
use crate::error::Result;
use crate::rules::strata::VoltageClass;
use crate::rules::vocabulary::Mode;
use crate::table::{Code, Count, Date, Integer, Maybe, Text, Writer, table};

table! {
    /// One application and a month at whose end, or on the as-of day, it was open.
    OpenMonths of OpenMonthRow<'a> from OpenMonth<'a> as of;
    "open_months" by [application_id, month],
    "工单与其在途的每个月末（或统计日）一行，按工单和月份排序。",
    "One row per application and month at whose end, or on the as-of day, it was open; by application and month.";

    application_id: Text = &of.standing.case.facts.application_id, "工单编号", "identifier of the application";
    month: Date = of.month.first, "月份（该月 1 日）", "month, its first day";
    bureau: Text = of.names.text(of.standing.case.facts.bureau), "供电单位", "bureau";
    mode: Code<Mode> = of.standing.mode, "服务方式：order 订单式，conventional 常规", "`order` or `conventional`";
    manager_id: Maybe<Text> = of.standing.case.facts.manager_id.map(|name| of.names.text(name)), "客户经理编号", "identifier of the customer manager";
    voltage_class: Code<VoltageClass> = VoltageClass::of(of.standing.case.facts.voltage_kv), "电压分档", "class of voltages";
    capacity_va: Integer = super::whole_va(of.standing.case.facts.capacity_kva), "申请容量，整 VA", "requested capacity, whole VA";
}

table! {
    /// One pass and a month at whose end, or on the as-of day, it was open.
    OpenPasses of OpenPassRow<'a> from OpenPass<'a> as of;
    "open_passes" by [application_id, stage, pass, month],
    "环节与其在途的每个月末（或统计日）一行，按工单、开始时间和月份排序。",
    "One row per stage pass and month at whose end, or on the as-of day, it was open; by application, start and month.";

    application_id: Text = &of.standing.case.facts.application_id, "工单编号", "identifier of the application";
    stage: Text = of.names.text(of.judged.stage.stage), "环节代码", "code of the stage";
    pass: Count = of.judged.stage.pass as i32, "第几次办理该环节，从 1 起", "which pass of the stage, from 1";
    department: Text = of.names.text(of.judged.stage.department), "责任部门", "department";
    month: Date = of.month.first, "月份（该月 1 日）", "month, its first day";
    age_wd: Count = of.age_wd, "开始至月末（或统计日）的毛工作日", "gross working days from its start to the end of the month, or the as-of day";
}

table! {
    /// One month of the data.
    MonthDays of MonthRow<'a> from WorkingMonth as of;
    "month_days" by [month],
    "自最早受理（或环节开始）的月份至统计日所在月份，每月一行。",
    "One row per month from that of the first acceptance, or start of a stage, to that of the as-of day.";

    month: Date = of.month.first, "月份（该月 1 日）", "month, its first day";
    year_from: Date = of.month.first.minus_months(11), "连同本月共十二个月的第一个月（该月 1 日）", "first of the twelve months that it is the last of, its first day";
    year_before: Date = of.month.first.minus_months(12), "上年同月（该月 1 日）", "same month of the year before, its first day";
    january: Date = of.month.first.january(), "当年 1 月（该月 1 日）", "January of its year, its first day";
    until_on: Date = of.month.until, "该月最后一天，或统计日", "last day of the month, or the as-of day";
    working_wd: Count = of.working_wd, "该月 1 日至最后一天（或统计日）的工作日", "working days from its first day to `until_on`, both counted";
}

/// An application that is open at the end of a month.
pub struct OpenMonth<'a> {
    standing: &'a Standing<'a>,
    month: Month,
    names: &'a Names,
}

/// The months at whose end an application was open.
pub fn open_months<'a>(standing: &'a Standing<'a>, known: Known<'a>) -> impl Iterator<Item = OpenMonth<'a>> {
    let names = known.names();
    open_at_end(known, standing.case.facts.accepted_on, standing.case.ended_on()).map(move |month| OpenMonth {
        standing,
        month,
        names,
    })
}

/// The months from that of `since`, up to the one in which something ended, at whose end it was open.
fn open_at_end(known: Known<'_>, since: Day, ended_on: Option<Day>) -> impl Iterator<Item = Month> {
    known.months(since).take_while(move |month| ended_on.is_none_or(|ended_on| ended_on > month.until))
}

/// A pass that is open at the end of a month.
pub struct OpenPass<'a> {
    standing: &'a Standing<'a>,
    judged: &'a JudgedPass<'a>,
    month: Month,
    /// Working days from its start to that end.
    age_wd: i32,
    names: &'a Names,
}

/// The passes of an application and the months at whose end each was open.
pub fn open_passes<'a>(
    standing: &'a Standing<'a>,
    known: Known<'a>,
    calendar: &'a Calendar,
) -> impl Iterator<Item = OpenPass<'a>> {
    let begun = standing.passes.iter().filter_map(|judged| Some((judged, judged.stage.started_on()?)));
    begun.flat_map(move |(judged, started_on)| {
        let pass = judged.pass;
        let ended_on = (pass.finished || standing.case.cancelled_on.is_some()).then_some(pass.until);
        open_at_end(known, started_on, ended_on).map(move |month| OpenPass {
            standing,
            judged,
            month,
            age_wd: calendar.working_days(started_on, month.until),
            names: known.names(),
        })
    })
}

/// A month and its working days.
pub struct WorkingMonth {
    month: Month,
    working_wd: i32,
}

/// Writes the months from that of the first event.
pub fn write(known: Known<'_>, first: Day, calendar: &Calendar, folder: &Path) -> Result<()> {
    let mut months = Writer::<MonthDays>::create(folder)?;
    for month in known.months(first) {
        let working_wd = calendar.working_days(month.first.plus_days(-1), month.until);
        months.push(&WorkingMonth { month, working_wd })?;
    }
    months.finish()
}
