//! One row per complaint: when it was passed on and handled, and the promises about it.

use std::path::Path;

use super::on;
use super::promises::{Book, Outcome, Subject};
use crate::calendar::Day;
use crate::cases::Known;
use crate::cases::records::Complaint;
use crate::error::Result;
use crate::rules::vocabulary::Promise;
use crate::table::{Date, Flag, Maybe, Text, Time, Writer, table};

table! {
    /// One complaint received by the as-of day.
    Complaints of ComplaintRow<'a> from Judged<'a> as of;
    "complaints" by [complaint_id],
    "截至统计日受理的每件投诉一行，按编号排序。",
    "One row per complaint received by the as-of day, by identifier.";

    complaint_id: Text = &of.complaint.complaint_id, "投诉编号", "identifier of the complaint";
    bureau: Text = &of.complaint.bureau, "供电单位", "bureau it is about";
    department: Text = &of.complaint.department, "责任部门", "department it is about";
    received_on: Date = of.complaint.received_at.day(), "受理日期", "day it was received";
    month: Date = of.complaint.received_at.day().month(), "受理月份（该月 1 日）", "month it was received, its first day";
    forwarded_on: Maybe<Date> = on(of.complaint.forwarded_at), "转派日期", "day it was passed on to the department";
    due_on: Maybe<Date> = on(of.complaint.due_at), "要求办结日期", "day it must be handled by";
    handled_on: Maybe<Date> = on(of.complaint.handled_at), "办结日期", "day it was handled";
    same_day: Maybe<Flag> = of.kept.same_day, "是否当日转派；当日未过为空", "whether it was passed on the same day; blank while it still can be";
    handled_in_time: Maybe<Flag> = of.kept.handled, "是否按期办结；未到期或无期限为空", "whether it was handled on time; blank while it still can be, and without a due time";
    satisfied: Maybe<Flag> = of.complaint.satisfied, "客户是否满意", "whether the customer was satisfied";
    source: Maybe<Text> = of.complaint.source.as_deref(), "工单来源：hotline 95598 热线，government 政府转办，superior 上级转办，public 社会监督，或导出文件中的原文", "who passed it on: `hotline`, `government`, `superior`, `public`, or the export's own word";
    category: Maybe<Text> = of.complaint.category.as_deref(), "类别，原文", "what it is about, in the words of the export";
    received_at: Time = of.complaint.received_at, "受理时间", "when it was received";
    forwarded_at: Maybe<Time> = of.complaint.forwarded_at, "转派时间", "when it was passed on";
    due_at: Maybe<Time> = of.complaint.due_at, "要求办结时间；没有时刻的，至当日结束", "when it must be handled by; a day without a time lasts to its end";
    handled_at: Maybe<Time> = of.complaint.handled_at, "办结时间", "when it was handled";
}

/// A complaint and the promises about it.
pub struct Judged<'a> {
    complaint: &'a Complaint,
    kept: Kept,
}

/// Whether the promises about a complaint were kept.
#[derive(Clone, Copy, Debug)]
struct Kept {
    /// It was passed on the same day.
    same_day: Option<bool>,
    /// It was handled by its due time.
    handled: Option<bool>,
}

/// Writes the table, and the promises about each complaint.
pub fn write(known: Known<'_>, folder: &Path, promises: &mut Book<'_>) -> Result<()> {
    let mut table = Writer::<Complaints>::create(folder)?;
    known.each_complaint(|complaint| {
        let judged = Judged { kept: kept(complaint, known.day()), complaint };
        let subject = Subject { id: &complaint.complaint_id, bureau: &complaint.bureau };
        let received_on = complaint.received_at.day();
        promises.decide(Promise::ComplaintSameDay, subject, received_on, judged.kept.same_day.map(Outcome::of))?;
        promises.decide(Promise::ComplaintHandled, subject, received_on, judged.kept.handled.map(Outcome::of))?;
        table.push(&judged)
    })?;
    table.finish()
}

/// Whether a complaint was passed on and handled on time; none while it still can be, on the as-of day.
fn kept(complaint: &Complaint, as_of: Day) -> Kept {
    let received_on = complaint.received_at.day();
    let same_day = match complaint.forwarded_at {
        Some(forwarded_at) => Some(forwarded_at.day() == received_on),
        None => (as_of > received_on).then_some(false),
    };
    let handled = complaint.due_at.and_then(|due_at| {
        // A due date without a time of day lasts to its end.
        let whole_day = due_at.seconds_of_day() == 0;
        match complaint.handled_at {
            Some(at) => Some(if whole_day { at.day() <= due_at.day() } else { at <= due_at }),
            None => (as_of > due_at.day() || (as_of == due_at.day() && !whole_day)).then_some(false),
        }
    });
    Kept { same_day, handled }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::calendar::Instant;

    fn at(text: &str) -> Instant {
        let (day, time) = text.split_once(' ').unwrap();
        let (hour, minute) = time.split_once(':').unwrap();
        let seconds = hour.parse::<i64>().unwrap() * 3600 + minute.parse::<i64>().unwrap() * 60;
        Instant::at(day.parse().unwrap(), seconds)
    }

    #[test]
    fn complaints() {
        let complaint = |forwarded: Option<&str>, due: Option<&str>, handled: Option<&str>| Complaint {
            complaint_id: "C".into(),
            bureau: String::new(),
            department: String::new(),
            received_at: at("2026-06-01 22:00"),
            forwarded_at: forwarded.map(at),
            due_at: due.map(at),
            handled_at: handled.map(at),
            satisfied: None,
            source: None,
            category: None,
        };
        for (forwarded, due, handled, as_of, kept) in [
            (
                Some("2026-06-01 23:59"),
                Some("2026-06-08 00:00"),
                Some("2026-06-08 17:00"),
                "2026-06-30",
                (Some(true), Some(true)),
            ),
            (
                Some("2026-06-02 00:10"),
                Some("2026-06-08 12:00"),
                Some("2026-06-08 12:01"),
                "2026-06-30",
                (Some(false), Some(false)),
            ),
            (None, None, Some("2026-06-08 12:01"), "2026-06-30", (Some(false), None)),
            (None, Some("2026-06-08 00:00"), None, "2026-06-01", (None, None)),
            (None, Some("2026-06-08 00:00"), None, "2026-06-08", (Some(false), None)),
            (None, Some("2026-06-08 09:00"), None, "2026-06-08", (Some(false), Some(false))),
            (None, Some("2026-06-08 00:00"), None, "2026-06-09", (Some(false), Some(false))),
        ] {
            let found = super::kept(&complaint(forwarded, due, handled), as_of.parse().unwrap());
            assert_eq!((found.same_day, found.handled), kept, "{due:?} {as_of}");
        }
    }
}
