//! One row per case whose callback has fallen due: of an application, or of a fault.

use crate::calendar::{Day, Instant};
use crate::cases::{Call, Fault, Known, Name};
use crate::rules::vocabulary::CallbackKind;
use crate::table::{Code, Count, Date, Flag, Integer, Maybe, Text, table};

table! {
    /// One case whose callback has fallen due by the as-of day.
    Callbacks of CallbackRow<'a> from Callback<'a> as of;
    "callbacks" by [kind, subject_id],
    "截至统计日回访已到期的工单或故障一行：先工单后故障，各按编号排序；没有回访表则为空表。",
    "One row per case whose callback has fallen due by the as-of day: applications, then faults, each by identifier; no rows without the table of callbacks.";

    kind: Code<CallbackKind> = of.kind, "回访类型：connection 业扩送电，fault 故障报修", "what the callback is about: `connection` or `fault`";
    subject_id: Text = of.subject_id, "工单或故障编号", "identifier of the application or fault";
    bureau: Text = of.known.text(of.bureau), "供电单位", "bureau";
    manager_id: Maybe<Text> = of.maybe(of.manager_id), "客户经理编号；故障为空", "identifier of the customer manager; blank for a fault";
    completed_on: Date = of.completed_on, "送电或恢复送电日期", "day of energisation, or of restoration";
    due_on: Date = of.due_on, "回访到期日期：送电后一个月，或恢复送电后规定的自然日", "day the callback was due: a month after energisation, or the set calendar days after restoration";
    due_month: Date = of.due_on.month(), "到期月份（该月 1 日）", "month it was due, its first day";
    called: Flag = of.first_reached().is_some(), "是否已接通客户", "whether a call reached the customer";
    first_reached_on: Maybe<Date> = of.reached_on(), "首次接通日期", "day of the first call that reached the customer";
    on_time: Flag = of.reached_on().is_some_and(|day| day <= of.due_on), "是否在到期日前接通", "whether the customer was reached by the due day";
    score: Maybe<Integer> = of.first_reached().and_then(|call| call.score), "满意度，1–5", "satisfaction, 1–5";
    manager_score: Maybe<Integer> = of.first_reached().and_then(|call| call.manager_score), "对客户经理的满意度，1–5", "satisfaction with the customer manager, 1–5";
    free_choice: Maybe<Flag> = of.first_reached().and_then(|call| call.free_choice), "设计、施工、供货单位是否由客户自主选择", "whether designer, builder and supplier were chosen freely";
    issue_category: Maybe<Text> = of.maybe(of.first_reached().and_then(|call| call.issue_category)), "反映问题的类别", "what the customer complained of";
    issue_department: Maybe<Text> = of.maybe(of.first_reached().and_then(|call| call.issue_department)), "问题的责任部门", "department that the complaint concerns";
    issue_verified: Maybe<Flag> = of.first_reached().and_then(|call| call.issue_verified), "问题是否属实", "whether the complaint proved true";
    issue_action: Maybe<Text> = of.maybe(of.first_reached().and_then(|call| call.issue_action)), "对问题采取的整改措施", "what was done about the complaint";
    issue_settled_on: Maybe<Date> = of.issue_settled_on(), "问题整改完成的日期；未完成为空", "day the complaint was settled; blank while it is not";
    issue_settled_days: Maybe<Count> = of.issue_settled_days(), "首次接通至整改完成的自然日；未完成为空", "calendar days from the first call that reached the customer to that day; blank while it is not";
    issue_open_days: Maybe<Count> = of.issue_open_days(), "未完成整改的问题，首次接通至统计日的自然日", "of a complaint that is not settled, calendar days from the first call that reached the customer to the as-of day";
    late_days: Count = (of.known.day().0 - of.due_on.0).max(0), "到期至统计日的自然日", "calendar days from the due day to the as-of day";
}

table! {
    /// One case whose callback falls due after the as-of day and has not reached the customer.
    ToCome of ToComeRow<'a> from Coming<'a> as of;
    "callbacks_to_come" by [kind, subject_id],
    "截至统计日已送电或恢复、回访尚未到期也未接通的工单或故障一行：先工单后故障，各按编号排序；没有回访表则为空表。",
    "One row per case whose callback falls due after the as-of day and has not reached the customer: applications, then faults, each by identifier; no rows without the table of callbacks.";

    kind: Code<CallbackKind> = of.callback.kind, "回访类型：connection 业扩送电，fault 故障报修", "what the callback is about: `connection` or `fault`";
    subject_id: Text = of.callback.subject_id, "工单或故障编号", "identifier of the application or fault";
    bureau: Text = of.callback.known.text(of.callback.bureau), "供电单位", "bureau";
    manager_id: Maybe<Text> = of.callback.maybe(of.callback.manager_id), "客户经理编号；故障为空", "identifier of the customer manager; blank for a fault";
    completed_on: Date = of.callback.completed_on, "送电或恢复送电日期", "day of energisation, or of restoration";
    due_on: Date = of.callback.due_on, "回访到期日期", "day the callback falls due";
    due_in_wd: Count = of.due_in_wd, "统计日至到期的工作日", "working days from the as-of day to it";
    attempts: Count = of.callback.calls.len() as i32, "已拨打而未接通的次数", "calls made that did not reach the customer";
}

/// A callback that is not due yet.
pub struct Coming<'a> {
    /// The callback.
    pub callback: &'a Callback<'a>,
    /// Working days until it is due.
    pub due_in_wd: i32,
}

/// The callback of one case.
pub struct Callback<'a> {
    /// What it is about.
    pub kind: CallbackKind,
    /// The identifier of the case.
    pub subject_id: &'a str,
    /// The bureau.
    pub bureau: Name,
    /// The customer manager.
    pub manager_id: Option<Name>,
    /// The day the case was completed.
    pub completed_on: Day,
    /// The day the callback is due.
    pub due_on: Day,
    /// The calls, by time.
    pub calls: &'a [Call],
    /// What is known.
    pub known: Known<'a>,
}

impl<'a> Callback<'a> {
    /// The callback of a fault, due so many calendar days after the restoration.
    pub fn of_fault(fault: &'a Fault, fault_days: i32, known: Known<'a>) -> Option<Callback<'a>> {
        let completed_on = fault.restored_at.map(Instant::day)?;
        Some(Callback {
            kind: CallbackKind::Fault,
            subject_id: &fault.fault_id,
            bureau: fault.bureau,
            manager_id: None,
            completed_on,
            due_on: completed_on.plus_days(fault_days),
            calls: &fault.calls,
            known,
        })
    }

    /// Whether it has fallen due, where calls are known at all.
    pub fn is_due(&self) -> bool {
        self.known.has_callbacks() && self.known.has_come(self.due_on)
    }

    /// Whether it falls due later and no call has reached the customer, where calls are known at all.
    pub fn is_to_come(&self) -> bool {
        self.known.has_callbacks() && !self.known.has_come(self.due_on) && self.first_reached().is_none()
    }

    fn maybe(&self, name: Option<Name>) -> Option<&'a str> {
        name.map(|name| self.known.text(name))
    }

    fn first_reached(&self) -> Option<&'a Call> {
        self.calls.iter().find(|call| call.reached)
    }

    fn issue_settled_on(&self) -> Option<Day> {
        let settled_on = self.first_reached()?.issue_settled_on?;
        self.known.has_come(settled_on).then_some(settled_on)
    }

    fn issue_settled_days(&self) -> Option<i32> {
        Some((self.issue_settled_on()?.0 - self.reached_on()?.0).max(0))
    }

    fn issue_open_days(&self) -> Option<i32> {
        let is_open = self.first_reached()?.issue_category.is_some() && self.issue_settled_on().is_none();
        is_open.then_some((self.known.day().0 - self.reached_on()?.0).max(0))
    }

    fn reached_on(&self) -> Option<Day> {
        self.first_reached().map(|call| call.called_at.day())
    }
}
