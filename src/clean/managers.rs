//! One row per customer manager.

use std::path::Path;

use crate::cases::Known;
use crate::cases::records::Manager;
use crate::error::Result;
use crate::table::{Flag, Integer, Maybe, Text, Writer, table};

table! {
    /// One customer manager.
    Managers of ManagerRow<'a> from Manager as of;
    "managers" by [manager_id],
    "名册上的每位客户经理一行，按编号排序。",
    "One row per customer manager of the register, by identifier.";

    manager_id: Text = &of.manager_id, "客户经理编号", "identifier of the customer manager";
    name: Text = &of.name, "姓名（个人信息，公开报告不用）", "name; personal, never in a public report";
    bureau: Text = &of.bureau, "供电单位", "bureau";
    full_time: Flag = of.full_time, "是否专职", "whether managing customers is the whole job";
    customers: Maybe<Integer> = of.customers, "服务的客户数", "customers to look after";
}

/// Writes the table.
pub fn write(known: Known<'_>, folder: &Path) -> Result<()> {
    let mut table = Writer::<Managers>::create(folder)?;
    known.managers().iter().try_for_each(|manager| table.push(manager))?;
    table.finish()
}
