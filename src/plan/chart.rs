//! The Gantt chart of one project.

use super::network::Progress;
use super::project::{Line, Project};
use crate::calendar::Day;
use crate::draw::{Caption, ChartError, DayMark, Gantt, GanttRow, GanttWords, Scheduled};
use crate::words::Lang;

/// Draws a project: what is done, what is scheduled, how much it may move, and what is critical.
pub fn svg(project: &Project, as_of: Day, lang: Lang) -> Result<String, ChartError> {
    let rows: Vec<GanttRow> = project
        .lines
        .iter()
        .filter(|line| line.standing != Progress::PassedOver)
        .map(|line| row(line, as_of, lang))
        .collect();
    let wish = project.outcome.desired_on.filter(|_| !project.outcome.is_reached);
    let goal = wish.unwrap_or(project.outcome.planned_on);
    let first = project.lines.iter().filter_map(|line| line.started_on).min().unwrap_or(as_of).min(goal);
    let last = project.last_on().max(goal).max(as_of).max(first.plus_days(7));
    // Room for what is written behind the last bars.
    let last = last.plus_days((last.0 - first.0) / 9);
    let mut months = Vec::new();
    let mut month = first.month().plus_months(1);
    while month <= last {
        months.push(DayMark { day: month.0, label: month.month_label() });
        month = month.plus_months(1);
    }
    let application = &project.application;
    let customer = application.customer_name.as_deref().unwrap_or_default();
    let goal_name = match (wish, project.outcome.is_reached) {
        (Some(_), _) => lang.pick("期望送电", "wish"),
        (None, true) => lang.pick("送电", "energised"),
        (None, false) => lang.pick("最早送电", "earliest"),
    };
    let gantt = Gantt {
        caption: Caption {
            title: lang.pick(
                format!("业扩工程计划 {}", application.application_id),
                format!("Connection plan {}", application.application_id),
            ),
            subtitle: [customer, &verdict(project, lang)].into_iter().filter(|part| !part.is_empty()).collect::<Vec<_>>().join(" · "),
            footnote: lang
                .pick(
                    "条形自开始（最迟）至要求完成日期；细线为可用时段，自最早开始起；「余」为时差，按工作日计，首日不计。",
                    "Bars run from the (latest) start to the due date, thin lines from the earliest start; slack is in working days, the first day not counted.",
                )
                .to_owned(),
            empty: lang.pick("没有环节", "no stages").to_owned(),
            width: 1100,
        },
        first_day: first.0,
        last_day: last.0,
        months,
        as_of: Some(DayMark { day: as_of.0, label: lang.pick(format!("统计日 {as_of}"), format!("as of {as_of}")) }),
        goal: Some(DayMark { day: goal.0, label: format!("{goal_name} {goal}") }),
        rows,
        words: GanttWords {
            planned: lang.pick("可用时段", "window").to_owned(),
            actual: lang.pick("已办理", "done so far").to_owned(),
            overdue: lang.pick("超时", "overdue").to_owned(),
            scheduled: lang.pick("计划", "scheduled").to_owned(),
            critical: lang.pick("计划（关键）", "scheduled, critical").to_owned(),
            customers: lang.pick("客户工作", "by the customer").to_owned(),
            critical_customers: lang.pick("客户工作（关键）", "by the customer, critical").to_owned(),
            ..GanttWords::default()
        },
    };
    gantt.svg()
}

fn row(line: &Line, as_of: Day, lang: Lang) -> GanttRow {
    let span = |from: Day, to: Day| (from.0, to.0.max(from.0));
    let mut row = GanttRow { label: line.name.clone(), department: line.department.clone(), ..GanttRow::default() };
    if let Some(started_on) = line.started_on {
        row.actual = Some(span(started_on, line.finished_on.unwrap_or(as_of)));
    }
    let Some(todo) = &line.todo else {
        row.note = line.finished_on.map(|day| day.to_string()).unwrap_or_default();
        return row;
    };
    let from = todo.start_on.max(as_of);
    // What is past its due date is expected as soon as it can be.
    let to = if todo.due_on <= as_of { todo.days.earliest.finish } else { todo.due_on };
    row.overdue = todo.overdue_after.map(|day| span(day.max(todo.start_on), as_of));
    row.planned = (todo.days.slack_wd > 0 && line.started_on.is_none()).then(|| span(todo.days.earliest.start, to));
    row.scheduled =
        Some(Scheduled { span: span(from, to), is_critical: todo.days.is_critical, is_customers: line.is_customers });
    row.note = match todo.days.slack_wd {
        0 => todo.due_on.to_string(),
        slack => lang.pick(format!("{} · 余 {slack}", todo.due_on), format!("{} · slack {slack}", todo.due_on)),
    };
    row
}

/// Whether the requested date can be met, in one sentence.
pub fn verdict(project: &Project, lang: Lang) -> String {
    let outcome = &project.outcome;
    let earliest = outcome.earliest_on;
    if outcome.is_reached {
        return lang.pick(
            format!("送电环节已于 {earliest} 完成：只列其余工作"),
            format!("The stage that brings the supply was finished on {earliest}: this is what is left"),
        );
    }
    match (outcome.desired_on, outcome.short_wd) {
        (Some(wish), Some(short)) if earliest > wish => {
            let days = earliest.0 - wish.0;
            lang.pick(
                format!("期望 {wish} 送电不可行：最早 {earliest}，迟 {short} 个工作日（{days} 天）；本计划按最早日期编制"),
                format!("The wish, {wish}, cannot be met: {earliest} is the earliest day, {short} working days ({days} days) later. This is the plan of the earliest day"),
            )
        }
        (Some(wish), Some(short)) => {
            let spare = -short;
            lang.pick(
                format!("期望 {wish} 送电可行：最早 {earliest}，富余 {spare} 个工作日；本计划按期望日期倒排"),
                format!("The wish, {wish}, can be met: {earliest} is the earliest day, which leaves {spare} working days. Scheduled backwards from the wish"),
            )
        }
        _ => lang.pick(
            format!("客户未提出期望日期：本计划按最早可送电日期 {earliest} 编制"),
            format!("The customer wishes for no day: this is the plan of the earliest day, {earliest}"),
        ),
    }
}
