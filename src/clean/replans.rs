//! One row per re-plan: a promise moved to another day.

use crate::calendar::Day;
use crate::cases::records::Replan;
use crate::cases::{Case, Facts, Known};
use crate::table::{Count, Date, Maybe, Text, table};

table! {
    /// One re-plan made by the as-of day.
    Replans of ReplanRow<'a> from Moved<'a> as of;
    "replans" by [application_id, number],
    "截至统计日的每次承诺调整一行，按工单和时间排序。",
    "One row per re-plan made by the as-of day, by application and time.";

    application_id: Text = &of.facts.application_id, "工单编号", "identifier of the application";
    bureau: Text = of.bureau, "供电单位", "bureau";
    number: Count = of.number, "第几次调整，从 1 起", "which re-plan of the application it is, from 1";
    replanned_on: Date = of.replan.replanned_at.day(), "调整日期", "day the promise was moved";
    month: Date = of.replan.replanned_at.day().month(), "调整月份（该月 1 日）", "month the promise was moved, its first day";
    promised_before_on: Maybe<Date> = of.before, "调整前承诺日期", "day promised before";
    promised_on: Date = of.replan.promised_on, "调整后承诺日期", "day promised from then on";
    slip_days: Maybe<Count> = of.before.map(|before| of.replan.promised_on.0 - before.0), "推后的自然日；提前为负", "calendar days it was put off by; negative where it was moved forward";
    reason: Maybe<Text> = of.replan.reason.as_deref(), "调整原因", "reason given";
}

/// A promise that was moved.
pub struct Moved<'a> {
    facts: &'a Facts,
    bureau: &'a str,
    number: i32,
    /// The day promised before.
    before: Option<Day>,
    replan: &'a Replan,
}

/// The re-plans of an application.
pub fn moved<'a>(case: &Case<'a>, known: Known<'a>) -> impl Iterator<Item = Moved<'a>> {
    let (facts, bureau) = (case.facts, known.text(case.facts.bureau));
    let mut before = facts.promised_on;
    (1..).zip(case.replans().into_iter().flatten()).map(move |(number, replan)| {
        let moved = Moved { facts, bureau, number, before, replan };
        before = Some(replan.promised_on);
        moved
    })
}
