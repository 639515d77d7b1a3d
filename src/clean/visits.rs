//! One row per visit of a manager to a customer.

use std::path::Path;

use crate::cases::Known;
use crate::cases::dealings::Visit;
use crate::error::Result;
use crate::table::{Count, Date, Maybe, Text, Writer, table};

table! {
    /// A visit made by the as-of day.
    Visits of VisitRow<'a> from Visit as of;
    "visits" by [visit_id],
    "截至统计日的每次走访一行，按编号排序。",
    "One row per visit made by the as-of day, by identifier.";

    visit_id: Text = &of.visit_id, "走访编号", "identifier of the visit";
    manager_id: Text = &of.manager_id, "客户经理编号", "identifier of the customer manager";
    customer: Text = &of.customer, "客户名称（个人信息，公开报告不用）", "customer; personal, never in a public report";
    application_id: Maybe<Text> = of.application_id.as_deref(), "工单编号；与工单无关的为空", "identifier of the application; blank where it is about none";
    visited_on: Date = of.visited_on, "走访日期", "day of the visit";
    month: Date = of.visited_on.month(), "走访月份（该月 1 日）", "month of the visit, its first day";
    opinion: Maybe<Text> = of.opinion.as_deref(), "客户意见；没有为空", "what the customer said; blank where nothing";
    answered_on: Maybe<Date> = of.answered_on, "意见答复日期；未答复为空", "day that was answered; blank while it is not";
    answered_days: Maybe<Count> = of.answered_on.map(|answered_on| answered_on.0 - of.visited_on.0), "走访至答复的自然日；未答复为空", "calendar days from the visit to the answer; blank while it is not answered";
}

/// Writes the table.
pub fn write(known: Known<'_>, folder: &Path) -> Result<()> {
    let mut table = Writer::<Visits>::create(folder)?;
    known.each_visit(|visit| table.push(visit))?;
    table.finish()
}
