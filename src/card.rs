//! One application told day by day: its facts, its passes in sentences and as a Gantt chart.
//!
//! What is told is read from the clean tables, the same rows that the marts count: it cannot differ from the assessment.
//! `explain` prints it, and the report has it for the applications that its tables list. The chart shows plan, actual,
//! excluded and overdue days of each pass.

use std::collections::BTreeMap;
use std::fmt::Write as _;
use std::path::Path;

use crate::calendar::Day;
use crate::cells::percent;
use crate::clean::applications::{ApplicationRow, Applications};
use crate::clean::claims::{self, ClaimRow, Claims};
use crate::clean::forecasts::{ForecastRow, Forecasts};
use crate::clean::stages::{StageRow, Stages};
use crate::config::Config;
use crate::draw::{Caption, DayMark, Gantt, GanttRow, GanttWords};
use crate::error::{Error, Result};
use crate::forecast::Basis;
use crate::rules::vocabulary::{Cause, ClockFrom, StageState};
use crate::table::Rows;
use crate::words::Lang;

/// What is to be said of one application.
#[derive(Debug)]
pub struct Card {
    /// Its identifier.
    pub application_id: String,
    /// What is known of it as a whole: what each fact is called, and the fact.
    pub facts: Vec<(String, String)>,
    /// Claims that name no stage, judged against the whole application.
    claims: Vec<String>,
    /// The critical path in a sentence; none where no stage led to the end.
    critical_path: Option<String>,
    /// When an open application is to be expected, in a sentence.
    forecast: Option<String>,
    /// Its passes, in words.
    pub passes: Vec<PassStory>,
    days: Vec<PassDays>,
    lang: Lang,
    as_of: Day,
}

/// One pass, in words and figures.
#[derive(Debug)]
pub struct PassStory {
    /// The stage, and which pass of it where it is not the first, in words.
    pub stage: String,
    /// Whose it is.
    pub department: String,
    /// How it stands.
    pub state: String,
    /// What is to be said of its days.
    pub lines: Vec<String>,
    /// The claims about it.
    pub claims: Vec<String>,
    /// What comes of it for the assessment.
    pub outcome: String,
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

/// The column that names an application.
pub const ID: &str = "application_id";

impl Card {
    /// Reads some applications from the clean tables, each table once; those that are there, in the order in which they are
    /// named.
    pub fn read(clean: &Path, ids: &[&str], as_of: Day, config: &Config, lang: Lang) -> Result<Vec<Card>> {
        let applications = Rows::<Applications>::with(clean, ID, ids)?;
        let stages = Rows::<Stages>::with(clean, ID, ids)?;
        let claims = Rows::<Claims>::with(clean, ID, ids)?;
        let of_whole = Rows::<Claims>::named(clean, claims::OF_WHOLE.name, ID, ids)?;
        let forecasts = Rows::<Forecasts>::with(clean, ID, ids)?;
        let applications = by_id(applications.iter(), |row| row.application_id);
        let stages = by_id(stages.iter(), |row| row.application_id);
        let claims = by_id(claims.iter(), |row| row.application_id);
        let of_whole = by_id(of_whole.iter(), |row| row.application_id);
        let forecasts = by_id(forecasts.iter(), |row| row.application_id);
        let card = |id: &&str| {
            let application = of(&applications, id).first()?;
            let stages = of(&stages, id);
            let (passes, days) = passes(stages, of(&claims, id), config, lang);
            Some(Card {
                application_id: (*id).to_owned(),
                facts: facts(application, stages, config, lang),
                claims: of(&of_whole, id).iter().map(|claim| claim_line(claim, lang)).collect(),
                critical_path: critical_path(application, stages, config, lang),
                forecast: of(&forecasts, id).first().and_then(|expected| forecast(expected, lang)),
                passes,
                days,
                lang,
                as_of,
            })
        };
        Ok(ids.iter().filter_map(card).collect())
    }

    /// What is to be said of it as a whole besides its facts: claims, the critical path, what is to be expected.
    pub fn lines(&self) -> impl Iterator<Item = &str> {
        self.claims.iter().chain(&self.critical_path).chain(&self.forecast).map(String::as_str)
    }

    /// All of it as text for a terminal.
    pub fn text(&self) -> String {
        let Card { application_id, as_of, lang, .. } = self;
        let mut out = String::new();
        // Writing to a String cannot fail.
        let _ = writeln!(
            out,
            "{}",
            lang.pick(
                format!("工单 {application_id}（统计日 {as_of}）"),
                format!("Application {application_id} (as of {as_of})")
            )
        );
        for (name, value) in &self.facts {
            let _ = writeln!(out, "  {name}{}{value}", lang.pick("：", ": "));
        }
        for line in self.lines() {
            let _ = writeln!(out, "  {line}");
        }
        for PassStory { stage, department, state, lines, claims, outcome } in &self.passes {
            let _ = writeln!(out, "\n■ {stage}  {department}  {state}");
            for line in lines.iter().chain(claims) {
                let _ = writeln!(out, "    {line}");
            }
            let _ = writeln!(out, "  → {outcome}");
        }
        out
    }

    /// The timeline as a chart.
    pub fn gantt(&self) -> Result<String> {
        let lang = self.lang;
        let span = |days: (Day, Day)| (days.0.0, days.1.0);
        let first = self.days.iter().map(|pass| pass.started_on).min().unwrap_or(self.as_of);
        let ends = self.days.iter().flat_map(|pass| [Some(pass.until_on), pass.due_on]).flatten();
        let last = ends.max().unwrap_or(self.as_of).max(first.plus_days(7));
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
        let as_of = (first <= self.as_of && self.as_of <= last).then(|| DayMark {
            day: self.as_of.0,
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
                        "净 / 时限为工作日，首日不计；剔除为客户原因，含暂剔除。",
                        "Net / limit in working days, the first day not counted; excluded: what the customer caused, provisionally too.",
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
        gantt.svg().map_err(Error::render("Gantt"))
    }
}

/// Rows by the application that they are about, in their order.
fn by_id<'a, R>(rows: impl Iterator<Item = R>, id: impl Fn(&R) -> &'a str) -> BTreeMap<&'a str, Vec<R>> {
    let mut by_id: BTreeMap<&str, Vec<R>> = BTreeMap::new();
    for row in rows {
        by_id.entry(id(&row)).or_default().push(row);
    }
    by_id
}

fn of<'r, R>(rows: &'r BTreeMap<&str, Vec<R>>, id: &str) -> &'r [R] {
    rows.get(id).map(Vec::as_slice).unwrap_or_default()
}

fn facts(
    application: &ApplicationRow<'_>,
    stages: &[StageRow<'_>],
    config: &Config,
    lang: Lang,
) -> Vec<(String, String)> {
    let mut facts: Vec<(String, String)> = Vec::new();
    let mut add = |zh: &str, en: &str, value: String| facts.push((lang.pick(zh, en).to_owned(), value));
    add("供电单位", "bureau", application.bureau.to_owned());
    add("服务方式", "mode", application.mode.title(lang).to_owned());
    let size = format!("{} kV / {} kVA", application.voltage_kv, application.capacity_kva);
    add("电压 / 容量", "voltage / capacity", size);
    add("状态", "state", application.state.title(lang).to_owned());
    add("受理", "accepted", application.accepted_on.to_string());
    for (zh, en, day) in [
        ("送电", "energised", application.energised_on),
        ("撤销", "cancelled", application.cancelled_on),
        ("承诺送电", "promised", application.promised_on),
        ("调整后", "re-planned", application.replanned_on),
    ] {
        if let Some(day) = day {
            add(zh, en, day.to_string());
        }
    }
    let source = application.due_source.map(|source| config.standards.source(source, lang));
    let due = match (application.due_on, source) {
        (Some(due), Some(source)) => lang.pick(format!("{due}（依据：{source}）"), format!("{due} (from: {source})")),
        _ => lang
            .pick("没有应送电日期（无承诺，也无适用的总时限）", "none (no promise, and no standard total limit)")
            .to_owned(),
    };
    add("应送电", "due", due);
    let ApplicationRow { gross_wd: gross, excluded_wd: excluded, net_wd: net, .. } = application;
    let cycle = lang.pick(
        format!("毛 {gross} − 剔除 {excluded} = 净 {net} 工作日") + &provisional(application.provisional_wd, lang),
        format!("{gross} gross − {excluded} excluded = {net} net working days")
            + &provisional(application.provisional_wd, lang),
    );
    add("总周期", "cycle", cycle);
    let taken = stages.iter().filter(|stage| stage.start_taken).count();
    if taken > 0 {
        let starts = lang.pick(
            format!("{taken} 个环节没有开始时间，取自上一环节的完成，第一个取自受理"),
            format!("{taken} stages have no start of their own: the finish of the stage before stands for it, of the first the acceptance"),
        );
        add("开始时间", "starts", starts);
    }
    if application.rejected_rows > 0 {
        let rows = application.rejected_rows;
        let lost = lang.pick(
            format!("{rows} 行被拒、未计入（见 rejects/ 的 case 列）：环节、延误或回访可能不全"),
            format!("{rows} were rejected (column case in rejects/): stages, claims or calls may lack some"),
        );
        add("被拒的记录", "rejected rows", lost);
    }
    if let Some(effective) = application.effective_due_on.filter(|_| *excluded > 0) {
        add("顺延后应送电", "effective due", effective.to_string());
    }
    if let Some(days) = application.calendar_days {
        add("自然日", "calendar days", days.to_string());
    }
    facts
}

fn passes(
    stages: &[StageRow<'_>],
    claims: &[ClaimRow<'_>],
    config: &Config,
    lang: Lang,
) -> (Vec<PassStory>, Vec<PassDays>) {
    let of = |stage: &StageRow<'_>| {
        let concerns = |claim: &&ClaimRow<'_>| (claim.stage, claim.pass) == (Some(stage.stage), Some(stage.pass));
        claims.iter().filter(concerns).cloned().collect::<Vec<_>>()
    };
    let begins = |stage: &StageRow<'_>| Begins::of(stage, stages);
    stages.iter().map(|stage| pass(stage, begins(stage), &of(stage), config, lang)).unzip()
}

/// Where the start of a pass comes from.
#[derive(Debug, Clone, Copy)]
enum Begins {
    /// The export.
    Itself,
    /// The finish of the stage before.
    AfterAnother,
    /// The acceptance of the application: nothing finished before.
    AtAcceptance,
}

impl Begins {
    fn of(stage: &StageRow<'_>, stages: &[StageRow<'_>]) -> Begins {
        let ends_there = |other: &StageRow<'_>| {
            let is_same = (other.stage, other.pass) == (stage.stage, stage.pass);
            !is_same && other.state == StageState::Finished && Some(other.until_on) == stage.started_on
        };
        match stage.start_taken {
            false => Begins::Itself,
            true if stages.iter().any(ends_there) => Begins::AfterAnother,
            true => Begins::AtAcceptance,
        }
    }
}

fn pass(
    stage: &StageRow<'_>,
    begins: Begins,
    claims: &[ClaimRow<'_>],
    config: &Config,
    lang: Lang,
) -> (PassStory, PassDays) {
    let name = config.process.name(stage.stage, lang).to_owned();
    let mut lines = vec![span_line(stage, begins, lang)];
    lines.extend(beginning_line(stage, config, lang));
    let StageRow { gross_wd: gross, excluded_wd: excluded, net_wd: net, .. } = stage;
    if stage.clock_on.is_some() {
        lines.push(limit_line(stage, config, lang));
    }
    lines.extend(stage.clock_on.is_some().then(|| {
        lang.pick(
            format!("净工作日 = 毛 {gross} − 剔除 {excluded} = {net}") + &provisional(stage.provisional_wd, lang),
            format!("net = {gross} gross − {excluded} excluded = {net}") + &provisional(stage.provisional_wd, lang),
        )
    }));
    lines.extend(stage.on_critical.then(|| critical_line(stage, lang)));
    let days = PassDays {
        label: if stage.pass > 1 { format!("{name} ({})", stage.pass) } else { name.clone() },
        department: stage.department.to_owned(),
        // What has not begun is drawn from the day on which it could have, or as a plan.
        started_on: stage.clock_on.or(stage.due_on).unwrap_or(stage.until_on).min(stage.until_on),
        until_on: stage.until_on,
        due_on: stage.due_on,
        open: matches!(stage.state, StageState::Open | StageState::NotStarted),
        breached_on: stage.breached_on.filter(|_| stage.overdue_net == Some(true)),
        excluded: claims.iter().filter_map(excluded_span).collect(),
        note: stage.limit_wd.map_or_else(String::new, |limit| format!("{net} / {limit}")),
    };
    let number = match stage.pass {
        ..=1 => String::new(),
        pass => lang.pick(format!("（第 {pass} 次）"), format!(" (pass {pass})")),
    };
    let story = PassStory {
        stage: name + &number,
        department: stage.department.to_owned(),
        state: stage.state.title(lang).to_owned(),
        lines,
        claims: claims.iter().map(|claim| claim_line(claim, lang)).collect(),
        outcome: outcome(stage, lang),
    };
    (story, days)
}

fn span_line(stage: &StageRow<'_>, begins: Begins, lang: Lang) -> String {
    let ends = match stage.state {
        StageState::Finished => lang.pick("完成", "finished"),
        StageState::Stopped => lang.pick("随撤单中止于", "stopped by the cancellation on"),
        _ => lang.pick("在途，算至统计日", "open, counted to"),
    };
    let Some(started_on) = stage.started_on else { return not_begun(stage, lang) };
    let StageRow { until_on, calendar_days, elapsed_wd, .. } = stage;
    let taken = match begins {
        Begins::Itself => "",
        Begins::AfterAnother => lang.pick("（取自上一环节的完成）", " (the finish of the stage before)"),
        Begins::AtAcceptance => lang.pick("（取自受理）", " (the acceptance)"),
    };
    lang.pick(
        format!("{started_on} 开始{taken} → {until_on} {ends}：自然日 {calendar_days}，毛工作日 {elapsed_wd}（首日不计）"),
        format!(
            "started {started_on}{taken} → {ends} {until_on}: {calendar_days} calendar days, {elapsed_wd} working days (the first not \
             counted)"
        ),
    )
}

/// How a pass stands that has not begun.
fn not_begun(stage: &StageRow<'_>, lang: Lang) -> String {
    let due = stage.planned_due_on.map_or_else(|| "–".to_owned(), |day| day.to_string());
    match stage.state {
        StageState::Planned => {
            lang.pick(format!("计划中，尚未开始，要求 {due} 前完成"), format!("planned, not begun, due {due}"))
        }
        StageState::Waiting => lang.pick(
            format!("尚未开始，要求 {due} 前完成：等待上游环节"),
            format!("not begun, due {due}: it waits for what comes before it"),
        ),
        StageState::NotStarted => lang.pick(
            format!("未开始，要求 {due} 前完成，算至 {}", stage.until_on),
            format!("not begun, due {due}, counted to {}", stage.until_on),
        ),
        _ => lang.pick(
            format!("工单结束时未经办理（要求 {due} 前完成）"),
            format!("never begun when the application ended (due {due})"),
        ),
    }
}

/// Why the clock of a pass does not simply run from its start to the due date of the export.
fn beginning_line(stage: &StageRow<'_>, config: &Config, lang: Lang) -> Option<String> {
    if let (Some(ClockFrom::Ready), Some(ready)) = (stage.clock_from, stage.clock_on) {
        return Some(lang.pick(
            format!("到要求完成日仍未开始，而所等环节已于 {ready} 全部完成：自 {ready} 起计时，毛工作日 {}", stage.gross_wd),
            format!(
                "it had not begun by its due date, and all that it waits for was done on {ready}: the clock runs from then, {} \
                 gross working days",
                stage.gross_wd
            ),
        ));
    }
    let (inherited_wd, due_on) = (stage.inherited_wd?, stage.planned_due_on?);
    let late = stage.late_stage.map(|late| {
        let name = config.process.name(late, lang);
        let finished = stage.late_finished_on.map_or_else(
            || lang.pick("未完成", "not finished").to_owned(),
            |day| lang.pick(format!("{day} 完成"), format!("finished {day}")),
        );
        let department = stage.late_department.unwrap_or_default();
        lang.pick(format!("{name}（{department}，{finished}）"), format!("{name} ({department}, {finished})"))
    });
    let late = late.unwrap_or_else(|| lang.pick("受理", "the acceptance").to_owned());
    Some(lang.pick(
        format!("上游延误 {inherited_wd} 个工作日：到要求完成日 {due_on}，{late}还没有完成，不归责于本环节"),
        format!("inherited delay of {inherited_wd} working days: on its due date, {due_on}, {late} was not done; not its own fault"),
    ))
}

fn limit_line(stage: &StageRow<'_>, config: &Config, lang: Lang) -> String {
    let (Some(limit), Some(due)) = (stage.limit_wd, stage.due_on) else {
        return lang.pick("没有时限：不考核", "no limit: not assessed").to_owned();
    };
    let source = config.standards.source(stage.limit_source.unwrap_or_default(), lang);
    lang.pick(
        format!("时限 {limit} 工作日，要求 {due} 前完成（依据：{source}）"),
        format!("limit {limit} working days, due {due} (from: {source})"),
    )
}

fn critical_line(stage: &StageRow<'_>, lang: Lang) -> String {
    let critical = stage.critical_wd;
    let net = critical - stage.critical_queue_wd;
    let queue = stage.critical_queue_wd;
    let gain = match stage.saved_at_limit_days {
        0 => String::new(),
        days => lang.pick(
            format!("；按时限完成可提前 {days} 天送电"),
            format!("; at its limit, energised {days} days earlier"),
        ),
    };
    lang.pick(
        format!("在关键路径上：其前排队 {queue} + 净 {net} = {critical} 工作日{gain}"),
        format!("on the critical path: {queue} queued before + {net} net = {critical} working days{gain}"),
    )
}

fn outcome(stage: &StageRow<'_>, lang: Lang) -> String {
    match (stage.overdue_net, stage.settled_on) {
        (None, _) if stage.clock_on.is_none() => lang.pick("不计时", "no clock runs").to_owned(),
        (None, _) => lang.pick("不考核", "not assessed").to_owned(),
        (Some(true), settled) => {
            let over = stage.over_wd.unwrap_or(0);
            let breach = stage.breached_on.or(settled).map(|day| day.to_string()).unwrap_or_default();
            lang.pick(
                format!("超时 {over} 工作日；{breach} 起超时，计入该月"),
                format!("overdue by {over} working days; ran out of time on {breach}, and counts in that month"),
            )
        }
        (Some(false), Some(settled)) => {
            lang.pick(format!("未超时；计入 {settled} 所在月"), format!("on time; counts in the month of {settled}"))
        }
        (Some(false), None) => lang
            .pick("尚未超时，未完成，暂不计入任何月份", "not overdue so far, and not finished: in no month yet")
            .to_owned(),
    }
}

/// When an open application can be expected, and from how many comparable cases.
fn forecast(expected: &ForecastRow<'_>, lang: Lang) -> Option<String> {
    let cases = expected.cases?;
    let basis = Basis::of_code(expected.basis).map_or("", |basis| basis.title(lang));
    let day = |day: Option<Day>| day.map_or("–".to_owned(), |day| day.to_string());
    let chance = expected.p_on_time.map_or("–".to_owned(), percent);
    let (half, most) = (day(expected.p50_on), day(expected.p80_on));
    Some(lang.pick(
        format!("预测：按期概率 {chance}，50 % 于 {half}、80 % 于 {most} 前送电（{basis}，{cases} 件；可不可信见 yekuo backtest）"),
        format!(
            "forecast: {chance} to be on time; energised by {half} (50 %), by {most} (80 %) \
             ({basis}, {cases} cases; whether to trust it: yekuo backtest)"
        ),
    ))
}

/// Which stages made the application take as long as it did, with the working days that each stands for; and the
/// calendar days of one that is energised.
fn critical_path(
    application: &ApplicationRow<'_>,
    stages: &[StageRow<'_>],
    config: &Config,
    lang: Lang,
) -> Option<String> {
    let path = || stages.iter().filter(|stage| stage.on_critical);
    let steps: Vec<String> = path().map(|stage| critical_step(stage, config, lang)).collect();
    if steps.is_empty() {
        return None;
    }
    let (total, steps) = (path().map(|stage| stage.critical_wd).sum::<i32>(), steps.join(" → "));
    let mut told = lang.pick(
        format!("关键路径（其前排队+净工作日，共 {total}）：{steps}"),
        format!("critical path (the queue before + net working days, {total} in all): {steps}"),
    );
    told += &split(application, lang).unwrap_or_default();
    Some(told)
}

/// Whose the calendar days of an application are that is energised.
fn split(application: &ApplicationRow<'_>, lang: Lang) -> Option<String> {
    let days = application.calendar_days?;
    let (work, waiting) = (application.utility_work_days?, application.utility_waiting_days?);
    let (customer, government, other) =
        (application.customer_days?, application.government_days?, application.other_days?);
    Some(lang.pick(
        format!("；自然日 {days} = 我方作业 {work} + 等待我方 {waiting} + 客户 {customer} + 政府 {government} + 其他 {other}"),
        format!(
            "; {days} calendar days = {work} utility work + {waiting} utility waiting + {customer} customer + \
             {government} government + {other} other causes"
        ),
    ))
}

fn critical_step(stage: &StageRow<'_>, config: &Config, lang: Lang) -> String {
    let name = config.process.name(stage.stage, lang);
    let number = if stage.pass > 1 { format!(" ({})", stage.pass) } else { String::new() };
    let queue = stage.critical_queue_wd;
    let net = stage.critical_wd - queue;
    match queue {
        0 => format!("{name}{number} {net}"),
        queue => format!("{name}{number} {queue}+{net}"),
    }
}

/// How many of the excluded days nobody has ruled on.
fn provisional(days: i32, lang: Lang) -> String {
    match days {
        0 => String::new(),
        days => lang.pick(format!("（其中暂剔除 {days}）"), format!(" ({days} of the excluded days provisional)")),
    }
}

/// The days of a claim inside its pass, if they are taken out.
fn excluded_span(claim: &ClaimRow<'_>) -> Option<(Day, Day)> {
    claim.inside_after.zip(claim.inside_until).filter(|_| claim.verdict.counts())
}

/// A claim against a pass, or against the whole application, in words.
fn claim_line(claim: &ClaimRow<'_>, lang: Lang) -> String {
    let within = match claim.stage {
        Some(_) => lang.pick("环节内", "inside the stage"),
        None => lang.pick("工单内", "inside the application"),
    };
    let whole = if claim.names_stage { "" } else { lang.pick("（整个工单）", " (whole application)") };
    let reason = claim.reason.map(|reason| lang.pick(format!("；{reason}"), format!("; {reason}"))).unwrap_or_default();
    let (cause, ruling, verdict) =
        (Cause::name(claim.cause, lang), claim.ruling.title(lang), claim.verdict.title(lang));
    let ended = claim.ended_on.map_or_else(|| lang.pick("今", "date").to_owned(), |day| day.to_string());
    let reported = match claim.reported_on {
        Some(day) => lang.pick(format!("{day} 报送"), format!("reported {day}")),
        None => lang.pick("未报送", "not reported").to_owned(),
    };
    let id = claim.delay_id.unwrap_or(lang.pick("—", "–"));
    let ruled = [claim.ruled_on.map(|day| day.to_string()), claim.ruled_by.map(str::to_owned)];
    let ruled = ruled.into_iter().flatten().collect::<Vec<_>>().join(lang.pick("，", ", "));
    let ruled = if ruled.is_empty() { ruled } else { lang.pick(format!("（{ruled}）"), format!(" ({ruled})")) };
    let lapsed = match (claim.ended_on, claim.lapsed_wd) {
        (None, 1..) => lang.pick(
            format!("；未结束，采信至 {}，其后 {} 个工作日不再剔除", claim.covered_until, claim.lapsed_wd),
            format!(
                "; without an end, believed until {}: {} working days after that are not excluded",
                claim.covered_until, claim.lapsed_wd
            ),
        ),
        _ => String::new(),
    };
    let ClaimRow { began_on, claimed_wd, admitted_wd, .. } = claim;
    lang.pick(
        format!(
            "说明 {id}{whole}：{cause}，{began_on} 至 {ended}，{reported}，核实 {ruling}{ruled} → {verdict}：{within} {claimed_wd} 工作日，\
             剔除 {admitted_wd}{lapsed}{reason}"
        ),
        format!(
            "claim {id}{whole}: {cause}, {began_on} to {ended}, {reported}, ruling: {ruling}{ruled} → {verdict}: {claimed_wd} working \
             days {within}, {admitted_wd} excluded{lapsed}{reason}"
        ),
    )
}
