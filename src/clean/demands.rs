//! One row per demand that a large customer is expected to have.

use std::path::Path;

use super::whole_va;
use crate::calendar::Day;
use crate::cases::Known;
use crate::cases::records::Demand;
use crate::error::Result;
use crate::table::{Date, Flag, Integer, Maybe, Number, Text, Writer, table};

table! {
    /// A demand of a large customer.
    Demands of DemandRow<'a> from Listed<'a> as of;
    "demands" by [month, bureau, customer, expected_on, source, expected_kva],
    "大客户潜在用电需求清单的每条一行，按月份、单位和客户排序。",
    "One row per entry of the lists of large customers' expected demand, by month, bureau and customer.";

    month: Date = of.demand.month, "清单月份（该月 1 日）", "month of the list, its first day";
    bureau: Text = &of.demand.bureau, "供电单位", "bureau";
    customer: Text = &of.demand.customer, "客户名称（个人信息，公开报告不用）", "customer; personal, never in a public report";
    expected_kva: Number = of.demand.expected_kva, "预计用电容量，kVA", "expected capacity, kVA";
    expected_va: Integer = whole_va(of.demand.expected_kva), "预计用电容量，整 VA", "expected capacity, whole VA";
    expected_on: Maybe<Date> = of.demand.expected_on, "预计用电日期", "day it is expected on";
    expected_month: Maybe<Date> = of.demand.expected_on.map(Day::month), "预计用电月份（该月 1 日）", "month it is expected in, its first day";
    source: Maybe<Text> = of.demand.source.as_deref(), "信息来源", "who says so";
    newest: Flag = of.newest, "是否在最新清单上", "whether it is on the newest list";
}

/// A demand on a month's list.
pub struct Listed<'a> {
    demand: &'a Demand,
    newest: bool,
}

/// Writes the table.
pub fn write(known: Known<'_>, folder: &Path) -> Result<()> {
    let mut table = Writer::<Demands>::create(folder)?;
    let newest = known.demands().next_back().map(|demand| demand.month);
    for demand in known.demands() {
        table.push(&Listed { demand, newest: Some(demand.month) == newest })?;
    }
    table.finish()
}
