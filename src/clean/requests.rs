//! One row per request that several departments must answer, and one per department that was asked.

use std::collections::BTreeMap;
use std::path::Path;

use super::applications::OpenRequests;
use super::on;
use crate::calendar::{Day, Instant};
use crate::cases::Known;
use crate::cases::records::Request;
use crate::error::Result;
use crate::rules::vocabulary::RequestState;
use crate::table::{Code, Count, Date, Flag, Maybe, Text, Writer, table};

table! {
    /// One request raised by the as-of day.
    Requests of RequestRow<'a> from Asked<'a> as of;
    "requests" by [request_id],
    "截至统计日提出的每件跨部门协调事项一行，按编号排序。",
    "One row per request of several departments raised by the as-of day, by identifier.";

    request_id: Text = &of.request.request_id, "事项编号", "identifier of the request";
    application_id: Maybe<Text> = of.request.application_id.as_deref(), "工单编号；不涉工单为空", "identifier of the application it is about, if any";
    customer: Maybe<Text> = of.request.customer.as_deref(), "客户名称（个人信息，公开报告不用）", "customer; personal, never in a public report";
    topic: Maybe<Text> = of.request.topic.as_deref(), "协调内容", "what is asked";
    raised_on: Date = of.raised_on(), "提出日期", "day it was raised";
    month: Date = of.raised_on().month(), "提出月份（该月 1 日）", "month it was raised, its first day";
    departments: Count = of.request.departments.len() as i32, "涉及部门数", "departments that were asked";
    answered: Count = of.answered(), "已答复的部门数", "of them, those that have answered";
    answered_same_day: Maybe<Flag> = of.answered_same_day(), "是否全部当日答复；当日未过且有未答复的为空", "whether all answered on the day it was raised; blank while they still can";
    state: Code<RequestState> = of.state(), "状态：open 在途，settled 已办结", "`open` or `settled`";
    settled_on: Maybe<Date> = on(of.request.settled_at), "办结日期", "day it was settled";
    open_days: Count = of.until.0 - of.raised_on().0, "提出至办结（或统计日）的自然日", "calendar days from raising to settling, or to the as-of day";
    waiting_for: Maybe<Text> = of.waiting_for.as_deref(), "在途事项尚未答复的部门，以、分隔", "departments that an open request waits for, joined by 、";
}

table! {
    /// One department that was asked.
    RequestAnswers of AnswerRow<'a> from Answer<'a> as of;
    "request_answers" by [request_id, department],
    "协调事项涉及的每个部门一行，按事项和导出文件中的部门次序排序。",
    "One row per department asked in a request, by request and in the export's order of departments.";

    request_id: Text = &of.asked.request.request_id, "事项编号", "identifier of the request";
    department: Text = of.department, "部门", "department that was asked";
    raised_on: Date = of.asked.raised_on(), "提出日期", "day the request was raised";
    month: Date = of.asked.raised_on().month(), "提出月份（该月 1 日）", "month the request was raised, its first day";
    answered_on: Maybe<Date> = of.answered_on(), "首次答复日期", "day of its first answer";
    same_day: Maybe<Flag> = of.asked.same_day(of.department), "是否当日答复；当日未过为空", "whether it answered on the day of the request; blank while it still can";
    waited_for: Flag = of.asked.waits_for(of.department), "在途事项是否仍在等它答复", "whether an open request still waits for it";
    waited_days: Count = of.answered_on().unwrap_or(of.asked.until).0 - of.asked.raised_on().0, "提出至答复（未答复的至办结或统计日）的自然日", "calendar days from the request to its answer; without one, to the settling or the as-of day";
}

/// A request as it stands on the day that is looked at.
pub struct Asked<'a> {
    request: &'a Request,
    as_of: Day,
    /// The day it was settled, or that day.
    until: Day,
    waiting_for: Option<String>,
}

/// A department that was asked.
pub struct Answer<'a> {
    asked: &'a Asked<'a>,
    department: &'a str,
}

impl<'a> Asked<'a> {
    fn new(request: &'a Request, as_of: Day) -> Asked<'a> {
        let until = on(request.settled_at).unwrap_or(as_of);
        let mut asked = Asked { request, as_of, until, waiting_for: None };
        let silent: Vec<&str> =
            request.departments.iter().map(String::as_str).filter(|department| asked.waits_for(department)).collect();
        asked.waiting_for = Some(silent.join("、")).filter(|names| !names.is_empty());
        asked
    }

    fn raised_on(&self) -> Day {
        self.request.raised_at.day()
    }

    fn state(&self) -> RequestState {
        if self.request.settled_at.is_some() { RequestState::Settled } else { RequestState::Open }
    }

    fn answered_at(&self, department: &str) -> Option<Instant> {
        self.request.answered.get(department).copied()
    }

    fn answered(&self) -> i32 {
        self.request.departments.iter().filter(|department| self.answered_at(department).is_some()).count() as i32
    }

    /// Whether a department answered on the day of the request; none while it still can.
    fn same_day(&self, department: &str) -> Option<bool> {
        match self.answered_at(department) {
            Some(at) => Some(at.day() == self.raised_on()),
            None => (self.as_of > self.raised_on()).then_some(false),
        }
    }

    /// One department late decides it; all others must have answered before it can be yes.
    fn answered_same_day(&self) -> Option<bool> {
        let same: Vec<Option<bool>> = self.request.departments.iter().map(|name| self.same_day(name)).collect();
        if same.contains(&Some(false)) {
            return Some(false);
        }
        same.iter().all(Option::is_some).then_some(true)
    }

    /// Whether a department has not answered, while the request is open.
    fn waits_for(&self, department: &str) -> bool {
        self.request.settled_at.is_none() && self.answered_at(department).is_none()
    }
}

impl Answer<'_> {
    fn answered_on(&self) -> Option<Day> {
        on(self.asked.answered_at(self.department))
    }
}

/// The open requests about each application.
pub fn open_requests(known: Known<'_>) -> Result<BTreeMap<String, OpenRequests>> {
    let mut open: BTreeMap<String, OpenRequests> = BTreeMap::new();
    known.each_request(|request| {
        let raised_on = request.raised_at.day();
        if let (Some(application_id), None) = (&request.application_id, request.settled_at) {
            let requests = open.entry(application_id.clone()).or_insert(OpenRequests { count: 0, since_on: raised_on });
            requests.count += 1;
            requests.since_on = requests.since_on.min(raised_on);
        }
        Ok(())
    })?;
    Ok(open)
}

/// Writes both tables.
pub fn write(known: Known<'_>, folder: &Path) -> Result<()> {
    let mut table = Writer::<Requests>::create(folder)?;
    let mut answers = Writer::<RequestAnswers>::create(folder)?;
    known.each_request(|request| {
        let asked = Asked::new(request, known.day());
        table.push(&asked)?;
        for department in &request.departments {
            answers.push(&Answer { asked: &asked, department })?;
        }
        Ok(())
    })?;
    table.finish()?;
    answers.finish()
}
