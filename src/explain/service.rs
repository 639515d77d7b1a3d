//! One fault or complaint: its times, the promises about it, and its callback.

use std::fmt::Write as _;
use std::path::Path;

use serde::Serialize;

use super::json::ServiceRows;
use super::{Lake, Subject};
use crate::calendar::Instant;
use crate::clean::callbacks::{CallbackRow, Callbacks};
use crate::clean::complaints::Complaints;
use crate::clean::faults::Faults;
use crate::clean::promises::{PromiseRow, Promises};
use crate::decimal::fixed;
use crate::error::{Error, Result, Sought};
use crate::rules::vocabulary::Undecided;
use crate::table::Rows;
use crate::words::Lang;

/// Everything about one fault or complaint.
#[derive(Debug, Serialize)]
pub struct Explanation {
    subject: Subject,
    id: String,
    as_of: String,
    #[serde(flatten)]
    rows: ServiceRows,
    #[serde(skip)]
    facts: Vec<(String, String)>,
    #[serde(skip)]
    promises: Vec<String>,
    #[serde(skip)]
    lang: Lang,
}

impl Explanation {
    /// Reads a fault or a complaint from the clean tables.
    pub fn read(subject: Subject, id: &str, sources: &Lake<'_>) -> Result<Explanation> {
        let (clean, lang) = (sources.clean.as_path(), sources.lang);
        let facts = match subject {
            Subject::Complaint => complaint_facts(clean, id, lang)?,
            _ => fault_facts(clean, id, lang)?,
        };
        if facts.is_empty() {
            return Err(Error::Unknown { what: Sought::Case, name: id.to_owned(), nearest: None });
        }
        let (promises, rows) = (promises(clean, id, subject, lang)?, ServiceRows::read(clean, id, subject)?);
        let (id, as_of) = (id.to_owned(), sources.as_of.to_string());
        Ok(Explanation { subject, id, as_of, rows, facts, promises, lang })
    }

    /// The explanation as text for a terminal.
    pub fn text(&self) -> String {
        let lang = self.lang;
        let what = match self.subject {
            Subject::Complaint => lang.pick("投诉", "Complaint"),
            _ => lang.pick("故障", "Fault"),
        };
        let (id, as_of) = (&self.id, &self.as_of);
        let mut out = lang.pick(format!("{what} {id}（统计日 {as_of}）\n"), format!("{what} {id} (as of {as_of})\n"));
        for (name, value) in &self.facts {
            // Writing to a String cannot fail.
            let _ = writeln!(out, "  {name}{}{value}", lang.pick("：", ": "));
        }
        for promise in &self.promises {
            let _ = writeln!(out, "  → {promise}");
        }
        out
    }
}

/// What is known of a case, each fact with its name in one language.
struct Facts {
    lang: Lang,
    facts: Vec<(String, String)>,
}

/// How long something took, against its limit.
struct Minutes {
    took: Option<f64>,
    limit: Option<i32>,
    kept: Option<bool>,
    undecided: Option<Undecided>,
}

impl Facts {
    fn add(&mut self, name: [&str; 2], value: &str) {
        self.facts.push((self.lang.pick(name[0], name[1]).to_owned(), value.to_owned()));
    }

    fn at(&mut self, name: [&str; 2], at: Option<Instant>) {
        let none = self.lang.pick("未记录", "not recorded");
        self.add(name, &at.map_or_else(|| none.to_owned(), |at| at.to_string()));
    }

    /// Minutes against their limit: `52 分钟，限 45：未兑现`.
    fn minutes(&mut self, name: [&str; 2], minutes: &Minutes) {
        let lang = self.lang;
        let verdict = verdict(minutes.kept, minutes.undecided, lang);
        let took = match minutes.took {
            None if minutes.undecided.is_some() => lang.pick("算不出分钟", "no minutes").to_owned(),
            Some(minutes) => {
                let minutes = fixed(minutes, 1);
                lang.pick(format!("{minutes} 分钟"), format!("{minutes} minutes"))
            }
            None => lang.pick("没有记录", "no record").to_owned(),
        };
        let limit = match minutes.limit {
            Some(limit) => lang.pick(format!("，限 {limit}"), format!(", limit {limit}")),
            None => String::new(),
        };
        self.add(name, &lang.pick(format!("{took}{limit}：{verdict}"), format!("{took}{limit}: {verdict}")));
    }
}

fn verdict(kept: Option<bool>, undecided: Option<Undecided>, lang: Lang) -> String {
    match (kept, undecided) {
        (_, Some(why)) => {
            let why = why.title(lang);
            lang.pick(format!("无法判定（{why}）"), format!("undecided ({why})"))
        }
        (Some(true), None) => lang.pick("兑现", "kept").to_owned(),
        (Some(false), None) => lang.pick("未兑现", "not kept").to_owned(),
        (None, None) => lang.pick("尚未到期或不适用", "not yet due, or none").to_owned(),
    }
}

/// What is known of a fault; nothing where there is none of that identifier.
fn fault_facts(clean: &Path, id: &str, lang: Lang) -> Result<Vec<(String, String)>> {
    let faults = Rows::<Faults>::with(clean, "fault_id", &[id])?;
    let Some(fault) = faults.iter().next() else { return Ok(Vec::new()) };
    let mut facts = Facts { lang, facts: Vec::new() };
    facts.add(["供电单位", "bureau"], fault.bureau);
    facts.add(["城乡类别", "area"], fault.area.title(lang));
    facts.at(["停电", "outage"], fault.outage_at);
    facts.at(["停电告知", "notified"], fault.notified_at);
    facts.at(["报修", "reported"], Some(fault.reported_at));
    facts.at(["到达现场", "arrived"], fault.arrived_at);
    facts.at(["到场电话", "arrival call"], fault.arrival_call_at);
    facts.at(["恢复送电", "restored"], fault.restored_at);
    facts.at(["完工电话", "completion call"], fault.completion_call_at);
    let (took, limit) = (fault.notice_min, fault.notice_limit_min);
    let (kept, undecided) = (fault.notice_kept, fault.notice_undecided);
    facts.minutes(["停电至告知", "outage to notice"], &Minutes { took, limit, kept, undecided });
    let (took, limit) = (fault.arrival_min, fault.arrival_limit_min);
    let (kept, undecided) = (fault.arrival_kept, fault.arrival_undecided);
    facts.minutes(["报修至到场", "report to arrival"], &Minutes { took, limit, kept, undecided });
    let (took, limit) = (fault.restore_min, fault.restore_limit_min);
    let (kept, undecided) = (fault.restore_kept, fault.restore_undecided);
    facts.minutes(["到场至复电", "arrival to restoration"], &Minutes { took, limit, kept, undecided });
    for callback in Rows::<Callbacks>::with(clean, "subject_id", &[id])?.iter() {
        facts.add(["回访", "callback"], &callback_line(&callback, lang));
    }
    Ok(facts.facts)
}

/// What is known of a complaint; nothing where there is none of that identifier.
fn complaint_facts(clean: &Path, id: &str, lang: Lang) -> Result<Vec<(String, String)>> {
    let complaints = Rows::<Complaints>::with(clean, "complaint_id", &[id])?;
    let Some(complaint) = complaints.iter().next() else { return Ok(Vec::new()) };
    let mut facts = Facts { lang, facts: Vec::new() };
    facts.add(["供电单位", "bureau"], complaint.bureau);
    facts.add(["责任部门", "department"], complaint.department);
    facts.at(["受理", "received"], Some(complaint.received_at));
    facts.at(["转派", "forwarded"], complaint.forwarded_at);
    facts.at(["要求办结", "due"], complaint.due_at);
    facts.at(["办结", "handled"], complaint.handled_at);
    let satisfied = match complaint.satisfied {
        Some(true) => lang.pick("满意", "satisfied"),
        Some(false) => lang.pick("不满意", "not satisfied"),
        None => lang.pick("未评价", "not asked"),
    };
    facts.add(["客户评价", "customer"], satisfied);
    Ok(facts.facts)
}

fn callback_line(callback: &CallbackRow<'_>, lang: Lang) -> String {
    let reached = match callback.first_reached_on {
        Some(day) => lang.pick(format!("{day} 首次接通"), format!("first reached {day}")),
        None => lang.pick("未接通", "not reached").to_owned(),
    };
    let (due, verdict) = (callback.due_on, verdict(Some(callback.on_time), None, lang));
    lang.pick(format!("{due} 到期，{reached}：{verdict}"), format!("due {due}, {reached}: {verdict}"))
}

fn promises(clean: &Path, id: &str, subject: Subject, lang: Lang) -> Result<Vec<String>> {
    let promises = Rows::<Promises>::with(clean, "subject_id", &[id])?;
    let is_mine = |row: &PromiseRow<'_>| row.promise.is_about_complaints() == (subject == Subject::Complaint);
    let line = |row: PromiseRow<'_>| {
        let (name, month) = (row.promise.title(lang), row.month.month_label());
        let verdict = verdict(row.kept, row.undecided, lang);
        lang.pick(format!("{name}：{verdict}，计入 {month}"), format!("{name}: {verdict}, counts in {month}"))
    };
    Ok(promises.iter().filter(is_mine).map(line).collect())
}
