//! One fault or complaint: its times, the promises about it, and its callback.

use std::fmt::Write as _;

use polars::prelude::*;
use serde::Serialize;

use super::{Lake, Subject};
use crate::clock::limits::Area;
use crate::clock::vocabulary::Promise;
use crate::error::{Error, Result, Sought};
use crate::lake::{self, Columns, Instant};
use crate::words::Lang;

/// Everything about one fault or complaint.
#[derive(Debug, Serialize)]
pub struct Explanation {
    subject: Subject,
    id: String,
    as_of: String,
    facts: Vec<(String, String)>,
    promises: Vec<String>,
    #[serde(skip)]
    lang: Lang,
}

impl Explanation {
    /// Reads a fault or a complaint from the clean tables.
    pub fn read(subject: Subject, id: &str, sources: &Lake<'_>) -> Result<Explanation> {
        let lang = sources.lang;
        let rows = |table: &str, column: &str| {
            let rows = lake::scan(&sources.clean.join(format!("{table}.parquet")))?;
            lake::collect(rows.filter(col(column).eq(lit(id))), table)
        };
        let (table, column) = match subject {
            Subject::Complaint => ("complaints", "complaint_id"),
            _ => ("faults", "fault_id"),
        };
        let case = rows(table, column)?;
        if case.height() == 0 {
            return Err(Error::Unknown { what: Sought::Case, name: id.to_owned(), nearest: None });
        }
        let facts = match subject {
            Subject::Complaint => complaint_facts(Columns(&case), lang)?,
            _ => {
                let mut facts = fault_facts(Columns(&case), lang)?;
                facts.extend(callback(Columns(&rows("callbacks", "subject_id")?), lang)?);
                facts
            }
        };
        let promises = promises(Columns(&rows("promises", "subject_id")?), subject, lang)?;
        Ok(Explanation { subject, id: id.to_owned(), as_of: sources.as_of.to_string(), facts, promises, lang })
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

/// A row of times and what they come to, in both languages.
struct Facts<'a> {
    row: Columns<'a>,
    lang: Lang,
    facts: Vec<(String, String)>,
}

impl Facts<'_> {
    fn add(&mut self, name: [&str; 2], value: String) {
        self.facts.push((self.lang.pick(name[0], name[1]).to_owned(), value));
    }

    fn text(&mut self, name: [&str; 2], column: &str) -> Result<()> {
        let texts = self.row.texts(column)?;
        let value = texts.get(0).unwrap_or_default().to_owned();
        self.add(name, value);
        Ok(())
    }

    fn area(&mut self) -> Result<()> {
        let areas = self.row.texts("area")?;
        let area = areas.get(0).and_then(Area::of_code).map_or("", |area| area.title(self.lang));
        self.add(["城乡类别", "area"], area.to_owned());
        Ok(())
    }

    fn at(&mut self, name: [&str; 2], column: &str) -> Result<Option<Instant>> {
        let at = self.row.instants(column)?.first().copied().flatten();
        let none = self.lang.pick("未记录", "not recorded");
        self.add(name, at.map_or_else(|| none.to_owned(), |at| at.to_string()));
        Ok(at)
    }

    /// Minutes against their limit: `52 分钟，限 45：未兑现`.
    fn minutes(&mut self, name: [&str; 2], column: &str, limit: &str, kept: &str) -> Result<()> {
        let lang = self.lang;
        let minutes = self.row.numbers(column)?.first().copied().flatten();
        let limit = self.row.integers(limit)?.first().copied().flatten();
        let verdict = verdict(self.row.flags(kept)?.first().copied().flatten(), lang);
        let took = minutes.map_or_else(
            || lang.pick("没有记录", "no record").to_owned(),
            |minutes| lang.pick(format!("{minutes:.1} 分钟"), format!("{minutes:.1} minutes")),
        );
        let limit =
            limit.map_or_else(String::new, |limit| lang.pick(format!("，限 {limit}"), format!(", limit {limit}")));
        self.add(name, lang.pick(format!("{took}{limit}：{verdict}"), format!("{took}{limit}: {verdict}")));
        Ok(())
    }
}

fn verdict(kept: Option<bool>, lang: Lang) -> &'static str {
    match kept {
        Some(true) => lang.pick("兑现", "kept"),
        Some(false) => lang.pick("未兑现", "not kept"),
        None => lang.pick("尚未到期或不适用", "not yet due, or none"),
    }
}

fn fault_facts(row: Columns<'_>, lang: Lang) -> Result<Vec<(String, String)>> {
    let mut facts = Facts { row, lang, facts: Vec::new() };
    facts.text(["供电单位", "bureau"], "bureau")?;
    facts.area()?;
    facts.at(["停电", "outage"], "outage_at")?;
    facts.at(["停电告知", "notified"], "notified_at")?;
    facts.at(["报修", "reported"], "reported_at")?;
    facts.at(["到达现场", "arrived"], "arrived_at")?;
    facts.at(["到场电话", "arrival call"], "arrival_call_at")?;
    facts.at(["恢复送电", "restored"], "restored_at")?;
    facts.at(["完工电话", "completion call"], "completion_call_at")?;
    facts.minutes(["停电至告知", "outage to notice"], "notice_min", "notice_limit_min", "notice_kept")?;
    facts.minutes(["报修至到场", "report to arrival"], "arrival_min", "arrival_limit_min", "arrival_kept")?;
    facts.minutes(["到场至复电", "arrival to restoration"], "restore_min", "restore_limit_min", "restore_kept")?;
    Ok(facts.facts)
}

fn complaint_facts(row: Columns<'_>, lang: Lang) -> Result<Vec<(String, String)>> {
    let mut facts = Facts { row, lang, facts: Vec::new() };
    facts.text(["供电单位", "bureau"], "bureau")?;
    facts.text(["责任部门", "department"], "department")?;
    facts.at(["受理", "received"], "received_at")?;
    facts.at(["转派", "forwarded"], "forwarded_at")?;
    facts.at(["要求办结", "due"], "due_at")?;
    facts.at(["办结", "handled"], "handled_at")?;
    let satisfied = match row.flags("satisfied")?.first().copied().flatten() {
        Some(true) => lang.pick("满意", "satisfied"),
        Some(false) => lang.pick("不满意", "not satisfied"),
        None => lang.pick("未评价", "not asked"),
    };
    facts.add(["客户评价", "customer"], satisfied.to_owned());
    Ok(facts.facts)
}

fn callback(row: Columns<'_>, lang: Lang) -> Result<Vec<(String, String)>> {
    let (due, reached) = (row.days("due_on")?, row.days("first_reached_on")?);
    let on_time = row.flags("on_time")?;
    let told = due.iter().zip(&reached).zip(&on_time).filter_map(|((due, reached), on_time)| {
        let due = (*due)?;
        let reached = match reached {
            Some(day) => lang.pick(format!("{day} 首次接通"), format!("first reached {day}")),
            None => lang.pick("未接通", "not reached").to_owned(),
        };
        let verdict = verdict(*on_time, lang);
        let told = lang.pick(format!("{due} 到期，{reached}：{verdict}"), format!("due {due}, {reached}: {verdict}"));
        Some((lang.pick("回访", "callback").to_owned(), told))
    });
    Ok(told.collect())
}

fn promises(rows: Columns<'_>, subject: Subject, lang: Lang) -> Result<Vec<String>> {
    let (codes, months, kept) = (rows.texts("promise")?, rows.days("month")?, rows.flags("kept")?);
    let of_row = |row: usize| Some((row, Promise::of_code(codes.get(row)?)?));
    let mine = |promise: Promise| promise.is_about_complaints() == (subject == Subject::Complaint);
    let told = (0..codes.len()).filter_map(of_row).filter(|(_, promise)| mine(*promise)).map(|(row, promise)| {
        let name = promise.title(lang);
        let month = months[row].map(|month| month.month_label()).unwrap_or_default();
        let verdict = verdict(kept[row], lang);
        lang.pick(format!("{name}：{verdict}，计入 {month}"), format!("{name}: {verdict}, counts in {month}"))
    });
    Ok(told.collect())
}
