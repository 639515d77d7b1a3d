//! One application, told to the last working day.
//!
//! What is printed is read from the clean tables, the same rows that the marts count: the explanation cannot differ
//! from the assessment. The Gantt chart shows plan, actual, excluded and overdue days of each pass.

use std::fmt::Write as _;
use std::path::Path;

use polars::prelude::*;
use serde::Serialize;

use crate::calendar::Day;
use crate::clock::standing::State;
use crate::clock::vocabulary::{Cause, Mode, StageState};
use crate::clock::{Ruling, Verdict};
use crate::config::Config;
use crate::draw::{Caption, DayMark, Gantt, GanttRow, GanttWords};
use crate::error::{Error, Result, Sought};
use crate::forecast::Basis;
use crate::lake::{self, Columns};
use crate::report::tables::percent;
use crate::words::Lang;

/// Everything about one application.
#[derive(Debug, Serialize)]
pub struct Explanation {
    application_id: String,
    as_of: String,
    facts: Vec<(String, String)>,
    /// Claims that name no stage, judged against the whole application.
    claims: Vec<String>,
    /// The critical path in a sentence; none where no stage led to the end.
    critical_path: Option<String>,
    /// When an open application is to be expected, in a sentence.
    forecast: Option<String>,
    passes: Vec<PassStory>,
    #[serde(skip)]
    days: Vec<PassDays>,
    #[serde(skip)]
    lang: Lang,
    #[serde(skip)]
    as_of_day: Day,
}

/// One pass, in words and figures.
#[derive(Debug, Serialize)]
struct PassStory {
    stage: String,
    pass: i64,
    department: String,
    state: String,
    lines: Vec<String>,
    claims: Vec<String>,
    outcome: String,
}

/// Spans of days, for the chart.
type DaySpans = Vec<(Day, Day)>;

/// One pass, in days, for the chart.
#[derive(Debug)]
struct PassDays {
    label: String,
    department: String,
    started_on: Day,
    until_on: Day,
    due_on: Option<Day>,
    open: bool,
    breached_on: Option<Day>,
    excluded: DaySpans,
    note: String,
}

fn rows_of(clean: &Path, table: &str, id: &str) -> Result<DataFrame> {
    let rows = lake::scan(&clean.join(format!("{table}.parquet")))?.filter(col("application_id").eq(lit(id)));
    lake::collect(rows, table)
}

impl Explanation {
    /// Reads one application from the clean tables.
    pub fn read(clean: &Path, id: &str, as_of: Day, config: &Config, lang: Lang) -> Result<Explanation> {
        let application = rows_of(clean, "applications", id)?;
        if application.height() == 0 {
            return Err(Error::Unknown { what: Sought::Application, name: id.to_owned(), nearest: None });
        }
        let facts = facts(Columns(&application), config, lang)?;
        let stages = rows_of(clean, "stages", id)?;
        let claims = rows_of(clean, "claims", id)?;
        let whole = rows_of(clean, "application_claims", id)?;
        let (claims_of_all, _) = claims_of(Columns(&whole), None, lang)?;
        let critical_path = critical_path(Columns(&application), Columns(&stages), config, lang)?;
        let forecast = forecast(Columns(&rows_of(clean, "forecasts", id)?), lang)?;
        let (passes, days) = passes(Columns(&stages), Columns(&claims), config, lang)?;
        Ok(Explanation {
            application_id: id.to_owned(),
            as_of: as_of.to_string(),
            facts,
            claims: claims_of_all,
            critical_path,
            forecast,
            passes,
            days,
            lang,
            as_of_day: as_of,
        })
    }

    /// The explanation as text for a terminal.
    pub fn text(&self) -> String {
        let lang = self.lang;
        let mut out = String::new();
        // Writing to a String cannot fail.
        let _ = writeln!(
            out,
            "{}",
            lang.pick(
                format!("工单 {}（统计日 {}）", self.application_id, self.as_of),
                format!("Application {} (as of {})", self.application_id, self.as_of)
            )
        );
        for (name, value) in &self.facts {
            let _ = writeln!(out, "  {name}{}{value}", lang.pick("：", ": "));
        }
        for line in self.claims.iter().chain(&self.critical_path).chain(&self.forecast) {
            let _ = writeln!(out, "  {line}");
        }
        for pass in &self.passes {
            let number = if pass.pass > 1 {
                lang.pick(format!("（第 {} 次）", pass.pass), format!(" (pass {})", pass.pass))
            } else {
                String::new()
            };
            let _ = writeln!(out, "\n■ {}{number}  {}  {}", pass.stage, pass.department, pass.state);
            for line in pass.lines.iter().chain(&pass.claims) {
                let _ = writeln!(out, "    {line}");
            }
            let _ = writeln!(out, "  → {}", pass.outcome);
        }
        out
    }

    /// The timeline as a chart.
    pub fn gantt(&self) -> Result<String> {
        let lang = self.lang;
        let span = |days: (Day, Day)| (days.0.0, days.1.0);
        let first = self.days.iter().map(|pass| pass.started_on).min().unwrap_or(self.as_of_day);
        let ends = self.days.iter().flat_map(|pass| [Some(pass.until_on), pass.due_on]).flatten();
        let last = ends.max().unwrap_or(self.as_of_day).max(first.plus_days(7));
        let mut months = Vec::new();
        let mut month = first.month().plus_months(1);
        while month <= last {
            months.push(DayMark { day: month.0, label: month.month_label() });
            month = month.plus_months(1);
        }
        let rows = self.days.iter().map(|pass| GanttRow {
            label: pass.label.clone(),
            department: pass.department.clone(),
            planned: pass.due_on.filter(|due| *due > pass.started_on).map(|due| span((pass.started_on, due))),
            actual: Some(span((pass.started_on, pass.until_on.max(pass.started_on)))),
            open: pass.open,
            excluded: pass.excluded.iter().map(|days| span(*days)).collect(),
            overdue: pass.breached_on.map(|breached| span((breached.plus_days(-1), pass.until_on.max(breached)))),
            note: pass.note.clone(),
            ..GanttRow::default()
        });
        let as_of = (first <= self.as_of_day && self.as_of_day <= last).then(|| DayMark {
            day: self.as_of_day.0,
            label: lang.pick(format!("统计日 {}", self.as_of), format!("as of {}", self.as_of)),
        });
        let gantt = Gantt {
            caption: Caption {
                title: lang
                    .pick(format!("工单 {} 进度", self.application_id), format!("Application {}", self.application_id)),
                subtitle: self
                    .facts
                    .iter()
                    .take(3)
                    .map(|(name, value)| format!("{name} {value}"))
                    .collect::<Vec<_>>()
                    .join(" · "),
                footnote: lang
                    .pick(
                        "净 / 时限为工作日，首日不计；剔除为认定的客户原因。",
                        "Net / limit in working days, the first day not counted; excluded: admitted claims.",
                    )
                    .to_owned(),
                empty: lang.pick("没有环节记录", "no stages").to_owned(),
                ..Caption::default()
            },
            first_day: first.0,
            last_day: last.0,
            months,
            as_of,
            goal: None,
            rows: rows.collect(),
            words: GanttWords {
                planned: lang.pick("时限", "limit").to_owned(),
                actual: lang.pick("实际", "actual").to_owned(),
                excluded: lang.pick("剔除", "excluded").to_owned(),
                overdue: lang.pick("超时", "overdue").to_owned(),
                open: lang.pick("在途", "open").to_owned(),
                ..GanttWords::default()
            },
        };
        gantt.svg().map_err(|error| Error::Render { artefact: "Gantt".to_owned(), reason: error.to_string() })
    }
}

fn facts(application: Columns<'_>, config: &Config, lang: Lang) -> Result<Vec<(String, String)>> {
    let text = |name| application.texts(name).map(|column| column.get(0).map(str::to_owned));
    let day = |name| application.days(name).map(|column| column[0].map(|day| day.to_string()));
    let whole = |name| application.integers(name).map(|column| column[0]);
    let number = |name| application.numbers(name).map(|column| column[0].unwrap_or_default());
    let mut facts: Vec<(String, String)> = Vec::new();
    let mut add = |zh: &str, en: &str, value: Option<String>| {
        if let Some(value) = value {
            facts.push((lang.pick(zh, en).to_owned(), value));
        }
    };
    add("供电单位", "bureau", text("bureau")?);
    add("服务方式", "mode", text("mode")?.as_deref().and_then(Mode::of_code).map(|mode| mode.title(lang).to_owned()));
    add(
        "电压 / 容量",
        "voltage / capacity",
        Some(format!("{} kV / {} kVA", number("voltage_kv")?, number("capacity_kva")?)),
    );
    add("状态", "state", text("state")?.as_deref().and_then(State::of_code).map(|state| state.title(lang).to_owned()));
    add("受理", "accepted", day("accepted_on")?);
    add("送电", "energised", day("energised_on")?);
    add("撤销", "cancelled", day("cancelled_on")?);
    add("承诺送电", "promised", day("promised_on")?);
    add("调整后", "re-planned", day("replanned_on")?);
    let source = text("due_source")?.map(|source| config.standards.source(&source, lang).to_owned());
    let due = match (day("due_on")?, source) {
        (Some(due), Some(source)) => lang.pick(format!("{due}（依据：{source}）"), format!("{due} (from: {source})")),
        _ => lang
            .pick("没有应送电日期（无承诺，也无适用的总时限）", "none (no promise, and no standard total limit)")
            .to_owned(),
    };
    add("应送电", "due", Some(due));
    let days = |name| whole(name).map(|days| days.unwrap_or(0));
    let (gross, excluded, net) = (days("gross_wd")?, days("excluded_wd")?, days("net_wd")?);
    add(
        "总周期",
        "cycle",
        Some(lang.pick(
            format!("毛 {gross} − 剔除 {excluded} = 净 {net} 工作日"),
            format!("{gross} gross − {excluded} excluded = {net} net working days"),
        )),
    );
    if excluded > 0 {
        add("顺延后应送电", "effective due", day("effective_due_on")?);
    }
    add("自然日", "calendar days", whole("calendar_days")?.map(|days| days.to_string()));
    Ok(facts)
}

fn passes(
    stages: Columns<'_>,
    claims: Columns<'_>,
    config: &Config,
    lang: Lang,
) -> Result<(Vec<PassStory>, Vec<PassDays>)> {
    let text = |name| stages.texts(name);
    let (codes, departments, states, sources) =
        (text("stage")?, text("department")?, text("state")?, text("limit_source")?);
    let whole = |name| stages.integers(name);
    let (numbers, limits, gross) = (whole("pass")?, whole("limit_wd")?, whole("gross_wd")?);
    let (excluded, net, over, calendar) =
        (whole("excluded_wd")?, whole("net_wd")?, whole("over_wd")?, whole("calendar_days")?);
    let day = |name| stages.days(name);
    let (started, until, due) = (day("started_on")?, day("until_on")?, day("due_on")?);
    let (breached, settled) = (day("breached_on")?, day("settled_on")?);
    let overdue = stages.flags("overdue_net")?;
    let (on_critical, critical, gains) =
        (stages.flags("on_critical")?, whole("critical_wd")?, whole("saved_at_limit_days")?);
    let mut stories = Vec::new();
    let mut days = Vec::new();
    for row in 0..codes.len() {
        let (Some(code), Some(started_on), Some(until_on)) = (codes.get(row), started[row], until[row]) else {
            continue;
        };
        let count = |column: &[Option<i64>]| column[row].unwrap_or(0);
        let state = states.get(row).and_then(StageState::of_code);
        let ends = match state {
            Some(StageState::Finished) => lang.pick("完成", "finished"),
            Some(StageState::Open) => lang.pick("在途，算至统计日", "open, counted to"),
            _ => lang.pick("随撤单中止于", "stopped by the cancellation on"),
        };
        let mut lines = vec![lang.pick(
            format!(
                "{started_on} 开始 → {until_on} {ends}：自然日 {}，毛工作日 {}（首日不计）",
                count(&calendar),
                count(&gross)
            ),
            format!(
                "started {started_on} → {ends} {until_on}: {} calendar days, {} working days (the first not counted)",
                count(&calendar),
                count(&gross)
            ),
        )];
        lines.push(match (limits[row], due[row]) {
            (Some(limit), Some(due)) => {
                let source = config.standards.source(sources.get(row).unwrap_or_default(), lang);
                lang.pick(
                    format!("时限 {limit} 工作日，要求 {due} 前完成（依据：{source}）"),
                    format!("limit {limit} working days, due {due} (from: {source})"),
                )
            }
            _ => lang.pick("没有时限：不考核", "no limit: not assessed").to_owned(),
        });
        let (told, spans) = claims_of(claims, Some((code, numbers[row].unwrap_or(1))), lang)?;
        lines.push(lang.pick(
            format!("净工作日 = 毛 {} − 剔除 {} = {}", count(&gross), count(&excluded), count(&net)),
            format!("net = {} gross − {} excluded = {}", count(&gross), count(&excluded), count(&net)),
        ));
        if on_critical[row] == Some(true) {
            let wait = count(&critical) - count(&net);
            let gain = match count(&gains) {
                0 => String::new(),
                days => lang.pick(
                    format!("；按时限完成可提前 {days} 天送电"),
                    format!("; at its limit, energised {days} days earlier"),
                ),
            };
            lines.push(lang.pick(
                format!("在关键路径上：净 {} + 其后等待 {wait} = {} 工作日{gain}", count(&net), count(&critical)),
                format!(
                    "on the critical path: {} net + {wait} waited after = {} working days{gain}",
                    count(&net),
                    count(&critical)
                ),
            ));
        }
        let settled_on = settled[row].map(|day| day.to_string());
        let outcome = match (overdue[row], breached[row], settled_on) {
            (None, ..) => lang.pick("不考核", "not assessed").to_owned(),
            (Some(true), breach, settled) => {
                let breach = breach.map(|day| day.to_string()).or(settled).unwrap_or_default();
                lang.pick(
                    format!("超时 {} 工作日；{breach} 起超时，计入该月", count(&over)),
                    format!(
                        "overdue by {} working days; ran out of time on {breach}, and counts in that month",
                        count(&over)
                    ),
                )
            }
            (Some(false), _, Some(settled)) => lang
                .pick(format!("未超时；计入 {settled} 所在月"), format!("in time; counts in the month of {settled}")),
            (Some(false), _, None) => lang
                .pick("尚未超时，未完成，暂不计入任何月份", "not overdue so far, and not finished: in no month yet")
                .to_owned(),
        };
        let name = config.process.name(code, lang).to_owned();
        let number = numbers[row].unwrap_or(1);
        days.push(PassDays {
            label: if number > 1 { format!("{name} ({number})") } else { name.clone() },
            department: departments.get(row).unwrap_or_default().to_owned(),
            started_on,
            until_on,
            due_on: due[row],
            open: state == Some(StageState::Open),
            breached_on: breached[row].filter(|_| overdue[row] == Some(true)),
            excluded: spans,
            note: limits[row].map_or_else(String::new, |limit| format!("{} / {limit}", count(&net))),
        });
        stories.push(PassStory {
            stage: name,
            pass: number,
            department: departments.get(row).unwrap_or_default().to_owned(),
            state: state.map_or_else(String::new, |state| state.title(lang).to_owned()),
            lines,
            claims: told,
            outcome,
        });
    }
    Ok((stories, days))
}

/// When an open application is to be expected, and how many of its like say so.
fn forecast(forecasts: Columns<'_>, lang: Lang) -> Result<Option<String>> {
    let Some(cases) = forecasts.integers("cases")?.first().copied().flatten() else { return Ok(None) };
    let basis = forecasts.texts("basis")?;
    let basis = basis.get(0).and_then(Basis::of_code).map_or("", |basis| basis.title(lang));
    let day = |name| forecasts.days(name).map(|days| days[0].map_or("–".to_owned(), |day| day.to_string()));
    let chance = forecasts.numbers("p_on_time")?[0].map_or("–".to_owned(), percent);
    let (half, most) = (day("p50_on")?, day("p80_on")?);
    Ok(Some(lang.pick(
        format!("预测：按期概率 {chance}，50 % 于 {half}、80 % 于 {most} 前送电（{basis}，{cases} 件；可不可信见 yekuo backtest）"),
        format!(
            "forecast: {chance} to be on time; energised by {half} (50 %), by {most} (80 %) \
             ({basis}, {cases} cases; whether to trust it: yekuo backtest)"
        ),
    )))
}

/// Which stages made the application take as long as it did, with the working days that each stands for; and the
/// calendar days of one that is energised.
fn critical_path(application: Columns<'_>, stages: Columns<'_>, config: &Config, lang: Lang) -> Result<Option<String>> {
    let (codes, passes, on_critical) = (stages.texts("stage")?, stages.integers("pass")?, stages.flags("on_critical")?);
    let (net, critical) = (stages.integers("net_wd")?, stages.integers("critical_wd")?);
    let (work, waits) = (stages.integers("critical_work_days")?, stages.integers("critical_wait_days")?);
    let path = || (0..codes.len()).filter(|row| on_critical[*row] == Some(true));
    let sum = |column: &[Option<i64>]| path().filter_map(|row| column[row]).sum::<i64>();
    let step = |row: usize| {
        let name = config.process.name(codes.get(row)?, lang);
        let number = passes[row].filter(|pass| *pass > 1).map_or(String::new(), |pass| format!(" ({pass})"));
        let net = net[row]?;
        Some(match critical[row]? - net {
            0 => format!("{name}{number} {net}"),
            wait => format!("{name}{number} {net}+{wait}"),
        })
    };
    let steps: Vec<String> = path().filter_map(step).collect();
    if steps.is_empty() {
        return Ok(None);
    }
    let (total, steps) = (sum(&critical), steps.join(" → "));
    let mut told = lang.pick(
        format!("关键路径（净工作日+其后等待，共 {total}）：{steps}"),
        format!("critical path (net working days + the wait after, {total} in all): {steps}"),
    );
    let day = |name| application.integers(name).map(|column| column[0]);
    if let (Some(days), Some(lead), Some(tail)) = (day("calendar_days")?, day("lead_days")?, day("tail_days")?) {
        let (work, waits) = (sum(&work), sum(&waits));
        told += &lang.pick(
            format!("；自然日 {days} = 办理 {work} + 其间等待 {waits} + 首段之前 {lead} + 末段之后 {tail}"),
            format!("; {days} calendar days = {work} work + {waits} waiting between + {lead} before + {tail} after"),
        );
    }
    Ok(Some(told))
}

/// The claims against one pass (`None`: against the application), in words, and the spans of the admitted ones.
fn claims_of(claims: Columns<'_>, of: Option<(&str, i64)>, lang: Lang) -> Result<(Vec<String>, DaySpans)> {
    let text = |name| claims.texts(name);
    let (stages, causes, verdicts, ids) = (text("stage")?, text("cause")?, text("verdict")?, text("delay_id")?);
    let (rulings, reasons) = (text("ruling")?, text("reason")?);
    let (passes, claimed, admitted) =
        (claims.integers("pass")?, claims.integers("claimed_wd")?, claims.integers("admitted_wd")?);
    let day = |name| claims.days(name);
    let (began, ended, reported) = (day("began_on")?, day("ended_on")?, day("reported_on")?);
    let (after, until) = (day("inside_after")?, day("inside_until")?);
    let names_stage = claims.flags("names_stage")?;
    let mut told = Vec::new();
    let mut spans = Vec::new();
    for row in (0..stages.len()).filter(|row| stages.get(*row).zip(passes[*row]) == of) {
        let date =
            |column: &[Option<Day>], none: &str| column[row].map_or_else(|| none.to_owned(), |day| day.to_string());
        let verdict = verdicts.get(row).and_then(Verdict::of_code);
        let judged = verdict.map_or("", |verdict| verdict.title(lang));
        let within = if of.is_some() {
            lang.pick("环节内", "inside the stage")
        } else {
            lang.pick("工单内", "inside the application")
        };
        let whole =
            if names_stage[row] == Some(true) { "" } else { lang.pick("（整个工单）", " (whole application)") };
        let reason =
            reasons.get(row).map(|reason| lang.pick(format!("；{reason}"), format!("; {reason}"))).unwrap_or_default();
        told.push(lang.pick(
            format!(
                "说明 {}{whole}：{}，{} 至 {}，{}，裁定 {} → {judged}：{within} {} 工作日，剔除 {}{reason}",
                ids.get(row).unwrap_or("—"),
                Cause::name(causes.get(row).unwrap_or_default(), lang),
                date(&began, ""),
                date(&ended, "今"),
                reported[row].map_or_else(|| "未报送".to_owned(), |day| format!("{day} 报送")),
                rulings.get(row).and_then(Ruling::of_code).unwrap_or(Ruling::Pending).title(lang),
                claimed[row].unwrap_or(0),
                admitted[row].unwrap_or(0),
            ),
            format!(
                "claim {}{whole}: {}, {} to {}, {}, ruling: {} → {judged}: {} working days {within}, {} excluded{reason}",
                ids.get(row).unwrap_or("–"),
                Cause::name(causes.get(row).unwrap_or_default(), lang),
                date(&began, ""),
                date(&ended, "date"),
                reported[row].map_or_else(|| "not reported".to_owned(), |day| format!("reported {day}")),
                rulings.get(row).and_then(Ruling::of_code).unwrap_or(Ruling::Pending).title(lang),
                claimed[row].unwrap_or(0),
                admitted[row].unwrap_or(0),
            ),
        ));
        if let (Some(after), Some(until), Some(Verdict::Admitted)) = (after[row], until[row], verdict) {
            spans.push((after, until));
        }
    }
    Ok((told, spans))
}
