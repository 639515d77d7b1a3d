//! One row per action against the delay of an application.

use std::collections::BTreeMap;
use std::path::Path;

use serde::{Deserialize, Serialize};

use crate::calendar::Day;
use crate::cases::dealings::Action;
use crate::cases::standing::Standing;
use crate::cases::{Known, Name};
use crate::error::Result;
use crate::table::{Count, Date, Flag, Maybe, Text, Writer, table};

table! {
    /// An action taken by the as-of day.
    Actions of ActionRow<'a> from Taken<'a> as of;
    "actions" by [action_id],
    "截至统计日的每次问责、约谈、通报一行，按编号排序。",
    "One row per inquiry, talk or notice by the as-of day, by identifier.";

    action_id: Text = &of.action.action_id, "问责编号", "identifier of the action";
    application_id: Text = &of.action.application_id, "工单编号", "identifier of the application";
    bureau: Text = of.bureau, "供电单位", "bureau";
    kind: Text = &of.action.kind, "方式：inquiry 问责，talk 约谈，notice 通报，或导出文件中的原文", "`inquiry`, `talk`, `notice`, or the export's own word";
    taken_on: Date = of.action.taken_on, "实施日期", "day it was taken";
    month: Date = of.action.taken_on.month(), "实施月份（该月 1 日）", "month it was taken, its first day";
    owner_role: Maybe<Text> = of.action.owner_role.as_deref(), "实施的工单主人", "role of who took it";
    department: Maybe<Text> = of.action.department.as_deref(), "被问责的部门", "department that it concerns";
    due_on: Maybe<Date> = of.due_on, "工单的应送电日期（原定）", "due day of the application, not pushed out";
    after_due_days: Maybe<Count> = of.after_due_days(), "应送电日期至实施的自然日；提前为负", "calendar days from that day to the action; negative before it";
    before_due: Maybe<Flag> = of.after_due_days().map(|days| days <= 0), "是否在应送电日期当日或之前", "whether it was taken on that day or before it";
}

/// An action, and when its application was due.
pub struct Taken<'a> {
    action: &'a Action,
    bureau: &'a str,
    due_on: Option<Day>,
}

impl Taken<'_> {
    fn after_due_days(&self) -> Option<i32> {
        self.due_on.map(|due_on| self.action.taken_on.0 - due_on.0)
    }
}

/// What an action is to know of its application.
#[derive(Clone, Copy, Serialize, Deserialize)]
pub struct Of {
    bureau: Name,
    due_on: Option<Day>,
}

impl Of {
    /// Of an application as it stands.
    pub fn case(standing: &Standing<'_>) -> Of {
        Of { bureau: standing.case.facts.bureau, due_on: standing.due_on }
    }
}

/// Writes the actions whose application is known: by the number of the action.
pub fn write(known: Known<'_>, of: &BTreeMap<usize, Of>, folder: &Path) -> Result<()> {
    let mut table = Writer::<Actions>::create(folder)?;
    for (number, action) in known.actions() {
        let Some(Of { bureau, due_on }) = of.get(&number).copied() else { continue };
        table.push(&Taken { action, bureau: known.text(bureau), due_on })?;
    }
    table.finish()
}
