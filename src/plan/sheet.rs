//! `plan.xlsx`: an overview, then one confirmation table a project, ready to print on A4 and to sign.
//!
//! As in the assessment, every text is written as text and every figure as a number: no cell can become a formula.

use std::collections::BTreeSet;

use rust_xlsxwriter::{DocProperties, Format as Style, FormatAlign, FormatBorder, Url, Workbook, Worksheet, XlsxError};

use super::Basis;
use super::backtest::Backtest;
use super::chart::verdict;
use super::network::Progress;
use super::project::{Line, Outlook, Project, Usually};
use crate::calendar::Day;
use crate::cells::printable;
use crate::cells::workbook::{cells_wide, date, tab_name};
use crate::error::{Error, Result};
use crate::words::Lang;

/// What all sheets share.
pub struct Context<'a> {
    /// The set of standard limits.
    pub standards: &'a str,
    /// What says how long stages take.
    pub basis: Basis,
    /// How often plans of the past came true.
    pub backtest: &'a Backtest,
    /// The years that the plans touch and the calendar does not cover.
    pub uncovered_years: &'a [i32],
    /// The last day that is known.
    pub as_of: Day,
    /// The language.
    pub lang: Lang,
}

/// The widths of a project's columns, in characters: they fill A4 upright at about nine tenths of their size.
const WIDTHS: [f64; 11] = [4.0, 19.0, 15.0, 7.0, 10.5, 10.5, 10.5, 6.0, 5.0, 11.0, 18.0];
const LAST: u16 = WIDTHS.len() as u16 - 1;

/// So many rows are shrunk to a single page at most.
const ONE_PAGE_ROWS: u32 = 64;

/// Lays the workbook out.
pub fn workbook(context: &Context<'_>, projects: &[Project]) -> Result<Vec<u8>> {
    build(context, projects).map_err(Error::render("plan.xlsx"))
}

fn build(context: &Context<'_>, projects: &[Project]) -> Result<Vec<u8>, XlsxError> {
    let mut book = Workbook::new();
    let created = date(context.as_of)?;
    let properties = DocProperties::new().set_title(title(context.lang)).set_author("yekuo");
    book.set_properties(&properties.set_creation_datetime(&created));
    let styles = Styles::new();
    let overview_name = context.lang.pick("计划汇总", "Overview");
    let mut names = BTreeSet::from([overview_name.to_lowercase()]);
    let names: Vec<String> =
        projects.iter().map(|project| tab_name(&project.application.application_id, &mut names)).collect();
    let sheet = book.add_worksheet();
    sheet.set_name(overview_name)?;
    overview(sheet, context, projects, &names, &styles)?;
    for (project, name) in projects.iter().zip(names) {
        let sheet = book.add_worksheet();
        sheet.set_name(name)?;
        Page { sheet, context, styles: &styles, row: 0 }.fill(project)?;
    }
    book.save_to_buffer()
}

fn title(lang: Lang) -> &'static str {
    lang.pick("业扩工程计划安排确认表", "Connection plan: confirmation of schedule")
}

struct Styles {
    title: Style,
    subtitle: Style,
    section: Style,
    label: Style,
    value: Style,
    verdict: Style,
    head: Style,
    text: Style,
    number: Style,
    date: Style,
    centre: Style,
    note: Style,
    sign: Style,
}

impl Styles {
    fn new() -> Styles {
        let font =
            || Style::new().set_font_name("Microsoft YaHei").set_font_size(9).set_align(FormatAlign::VerticalCenter);
        let cell = || font().set_border(FormatBorder::Thin).set_border_color(0x0080_8890);
        Styles {
            title: font().set_font_size(16).set_bold().set_align(FormatAlign::Center),
            subtitle: font().set_font_color(0x005B_6875).set_align(FormatAlign::Center),
            section: font().set_bold().set_font_size(10),
            label: cell().set_background_color(0x00E8_EEF4).set_align(FormatAlign::Center),
            value: cell().set_text_wrap().set_align(FormatAlign::Left).set_indent(1),
            verdict: cell().set_text_wrap().set_bold().set_align(FormatAlign::Left).set_indent(1),
            head: cell().set_bold().set_background_color(0x00E8_EEF4).set_text_wrap().set_align(FormatAlign::Center),
            text: cell().set_text_wrap().set_align(FormatAlign::Left).set_indent(1),
            number: cell().set_num_format("0").set_align(FormatAlign::Center),
            date: cell().set_num_format("yyyy-mm-dd").set_align(FormatAlign::Center),
            centre: cell().set_align(FormatAlign::Center),
            note: font().set_text_wrap().set_align(FormatAlign::Left),
            sign: cell().set_text_wrap().set_align(FormatAlign::Left).set_align(FormatAlign::Top),
        }
    }
}

/// What stands in a cell of the table of stages.
enum Entry<'a> {
    Text(&'a str),
    Centred(&'a str),
    Number(i32),
    Date(Option<Day>),
}

/// A project's sheet under way.
struct Page<'a> {
    sheet: &'a mut Worksheet,
    context: &'a Context<'a>,
    styles: &'a Styles,
    row: u32,
}

impl Page<'_> {
    fn fill(&mut self, project: &Project) -> Result<(), XlsxError> {
        let lang = self.context.lang;
        for (column, width) in WIDTHS.iter().enumerate() {
            self.sheet.set_column_width(column as u16, *width)?;
        }
        self.sheet.set_row_height(0, 30)?;
        let styles = self.styles;
        self.merged(0, LAST, title(lang), &styles.title)?;
        self.row += 1;
        let basis = match self.context.basis {
            Basis::Limits => lang.pick("标准时限", "standard limits"),
            Basis::History => lang.pick("同类环节历史 80 分位", "80th percentile of like stages"),
        };
        let Context { standards, as_of, .. } = self.context;
        let subtitle = lang.pick(
            format!("统计日 {as_of}　工期依据：{basis}　标准：{standards}"),
            format!("As of {as_of}. Durations: {basis}. Standards: {standards}"),
        );
        self.merged(0, LAST, &subtitle, &styles.subtitle)?;
        self.row += 1;
        self.header(project)?;
        self.row += 1;
        self.stages(project)?;
        self.duties(project)?;
        self.notes(project)?;
        self.signatures()?;
        // The usual table goes on one page with its signatures.
        let pages = u16::from(self.row <= ONE_PAGE_ROWS);
        self.sheet.set_print_fit_to_pages(1, pages).set_print_area(0, 0, self.row, LAST)?;
        printed(self.sheet, lang);
        Ok(())
    }

    fn merged(&mut self, first: u16, last: u16, text: &str, style: &Style) -> Result<(), XlsxError> {
        let text = printable(text);
        if first == last {
            self.sheet.write_string_with_format(self.row, first, text, style)?;
        } else {
            self.sheet.merge_range(self.row, first, self.row, last, &text, style)?;
        }
        Ok(())
    }

    /// Makes the row high enough for texts in spans of columns.
    fn heighten(&mut self, texts: &[(&str, u16, u16)], least: f64) -> Result<(), XlsxError> {
        let lines = texts.iter().map(|(text, first, last)| {
            let width: f64 = WIDTHS[usize::from(*first)..=usize::from(*last)].iter().sum();
            let line = |line: &str| (cells_wide(line) as f64 * 0.95 / (width - 1.8)).ceil().max(1.0);
            text.lines().map(line).sum::<f64>().max(1.0)
        });
        let height = (lines.fold(1.0, f64::max) * 13.0 + 5.0).max(least);
        self.sheet.set_row_height(self.row, height)?;
        Ok(())
    }

    fn header(&mut self, project: &Project) -> Result<(), XlsxError> {
        let lang = self.context.lang;
        let application = &project.application;
        let none = || lang.pick("—", "–").to_owned();
        let day = |day: Option<Day>| day.map_or_else(none, |day| day.to_string());
        let connection = &application.connection;
        let feeder = match connection.new_feeder {
            true => lang.pick("，新建线路", ", new feeder"),
            false => "",
        };
        let pairs = [
            (lang.pick("工单编号", "application"), application.application_id.clone()),
            (lang.pick("客户名称", "customer"), application.customer_name.clone().unwrap_or_else(none)),
            (lang.pick("供电单位", "bureau"), application.bureau.clone()),
            (
                lang.pick("电压 / 容量", "voltage, size"),
                format!("{} kV / {} kVA", connection.voltage_kv, application.capacity_kva),
            ),
            (lang.pick("电源", "supply"), format!("{}{feeder}", connection.supply.title(lang))),
            (lang.pick("客户经理", "manager"), application.manager_id.clone().unwrap_or_else(none)),
            (lang.pick("受理日期", "accepted"), application.accepted_on.to_string()),
            (lang.pick("期望送电", "wish"), day(application.desired_on)),
            (lang.pick("最早可送电", "earliest"), project.outcome.earliest_on.to_string()),
        ];
        let styles = self.styles;
        for row in pairs.chunks(3) {
            let places = [(0, 1, 2, 3), (4, 4, 5, 7), (8, 9, 10, 10)];
            let texts: Vec<_> =
                row.iter().zip(places).map(|((_, value), (.., from, to))| (value.as_str(), from, to)).collect();
            self.heighten(&texts, 18.0)?;
            for ((label, value), (first, last, from, to)) in row.iter().zip(places) {
                self.merged(first, last, label, &styles.label)?;
                self.merged(from, to, value, &styles.value)?;
            }
            self.row += 1;
        }
        let verdict = verdict(project, lang);
        self.heighten(&[(&verdict, 2, LAST)], 20.0)?;
        self.merged(0, 1, lang.pick("可行性", "feasibility"), &styles.label)?;
        self.merged(2, LAST, &verdict, &styles.verdict)?;
        self.row += 1;
        if let Some(outlook) = project.outlook {
            let text = outlook_text(&outlook, project.application.desired_on, lang);
            self.heighten(&[(&text, 2, LAST)], 20.0)?;
            self.merged(0, 1, lang.pick("时限与历史", "limits, history"), &styles.label)?;
            self.merged(2, LAST, &text, &styles.value)?;
            self.row += 1;
        }
        Ok(())
    }

    fn stages(&mut self, project: &Project) -> Result<(), XlsxError> {
        let lang = self.context.lang;
        let styles = self.styles;
        let heads = lang.pick(
            "序号|环节|责任部门|时限\n工作日|开始\n（不迟于）|要求完成|完成\n（最早）|时差\n工作日|关键|状态|工期依据",
            "no.|stage|department|limit,\nw. days|start\n(by)|due|finish\n(earliest)|slack,\nw. days|crit.|state|from",
        );
        self.sheet.set_row_height(self.row, 30)?;
        for (column, head) in heads.split('|').enumerate() {
            self.sheet.write_string_with_format(self.row, column as u16, head, &styles.head)?;
        }
        self.row += 1;
        let shown = project.lines.iter().filter(|line| line.standing != Progress::PassedOver);
        for (number, line) in shown.enumerate() {
            let name = match line.pass {
                2.. => lang.pick(
                    format!("{}（第 {} 次）", line.name, line.pass),
                    format!("{} (pass {})", line.name, line.pass),
                ),
                _ => line.name.clone(),
            };
            let state = state(line, lang);
            let ground = line.todo.as_ref().map(|todo| todo.ground.text(lang)).unwrap_or_default();
            let is_critical = line.todo.as_ref().is_some_and(|todo| todo.days.is_critical);
            let mut cells = vec![Entry::Number(number as i32 + 1), Entry::Text(&name), Entry::Text(&line.department)];
            cells.extend(match &line.todo {
                Some(todo) => [
                    Entry::Number(todo.limit_wd),
                    Entry::Date(Some(todo.start_on)),
                    Entry::Date(Some(todo.due_on)),
                    Entry::Date(Some(todo.days.earliest.finish)),
                    Entry::Number(todo.days.slack_wd),
                    Entry::Centred(if is_critical { "●" } else { "" }),
                ],
                None => [
                    Entry::Centred(""),
                    Entry::Date(line.started_on),
                    Entry::Centred(""),
                    Entry::Date(line.finished_on),
                    Entry::Centred(""),
                    Entry::Centred(""),
                ],
            });
            cells.extend([Entry::Text(&state), Entry::Text(&ground)]);
            self.heighten(&[(&name, 1, 1), (&line.department, 2, 2), (&state, 9, 9), (&ground, 10, 10)], 17.0)?;
            for (column, cell) in cells.iter().enumerate() {
                self.cell(column as u16, cell, line.is_customers, is_critical)?;
            }
            self.row += 1;
        }
        Ok(())
    }

    /// Writes a cell of the table of stages: the customer's rows are grey, the critical ones bold.
    fn cell(&mut self, column: u16, cell: &Entry<'_>, is_customers: bool, is_critical: bool) -> Result<(), XlsxError> {
        let dressed = |style: &Style| {
            let style = if is_customers { style.clone().set_background_color(0x00EC_ECEC) } else { style.clone() };
            if is_critical { style.set_bold() } else { style }
        };
        let (sheet, row) = (&mut *self.sheet, self.row);
        match cell {
            Entry::Text(text) => {
                sheet.write_string_with_format(row, column, printable(text), &dressed(&self.styles.text))?
            }
            Entry::Centred("") | Entry::Date(None) => sheet.write_blank(row, column, &dressed(&self.styles.centre))?,
            Entry::Centred(text) => {
                sheet.write_string_with_format(row, column, *text, &dressed(&self.styles.centre))?
            }
            Entry::Number(number) => {
                sheet.write_number_with_format(row, column, f64::from(*number), &dressed(&self.styles.number))?
            }
            Entry::Date(Some(day)) => {
                sheet.write_datetime_with_format(row, column, &date(*day)?, &dressed(&self.styles.date))?
            }
        };
        Ok(())
    }

    /// What the customer must do, in the order of the days.
    fn duties(&mut self, project: &Project) -> Result<(), XlsxError> {
        let lang = self.context.lang;
        let styles = self.styles;
        let mut duties: Vec<_> =
            project.todo().filter_map(|(line, todo)| todo.duty.as_ref().map(|(text, by)| (*by, line, text))).collect();
        duties.sort_by_key(|(by, ..)| *by);
        if duties.is_empty() {
            return Ok(());
        }
        self.row += 1;
        self.merged(0, LAST, lang.pick("需客户配合的工作", "What the customer must do"), &styles.section)?;
        self.row += 1;
        let heads = lang.pick(
            [(0, 0, "序号"), (1, 2, "环节"), (3, 8, "事项"), (9, 9, "不迟于"), (10, 10, "客户确认")],
            [(0, 0, "no."), (1, 2, "stage"), (3, 8, "task"), (9, 9, "by"), (10, 10, "confirmed")],
        );
        self.sheet.set_row_height(self.row, 18)?;
        for (first, last, head) in heads {
            self.merged(first, last, head, &styles.head)?;
        }
        self.row += 1;
        for (number, (by, line, text)) in duties.into_iter().enumerate() {
            self.heighten(&[(&line.name, 1, 2), (text, 3, 8)], 17.0)?;
            self.cell(0, &Entry::Number(number as i32 + 1), false, false)?;
            self.merged(1, 2, &line.name, &styles.text)?;
            self.merged(3, 8, text, &styles.text)?;
            self.cell(9, &Entry::Date(Some(by)), false, false)?;
            self.cell(10, &Entry::Centred(""), false, false)?;
            self.row += 1;
        }
        Ok(())
    }

    fn notes(&mut self, project: &Project) -> Result<(), XlsxError> {
        let lang = self.context.lang;
        let styles = self.styles;
        let mut notes = vec![
            lang.pick(
                "时限按工作日计，首日不计；前一环节完成当日后一环节即可开始，互不等待的环节同时进行。",
                "Limits are in working days, the first day not counted; a stage may begin on the day that the one before it is finished, and those that do not wait for one another run side by side.",
            )
            .to_owned(),
            lang.pick(
                "「时差」为最早完成至最迟完成的工作日，时差不大于总富余的为关键环节（●）：其任何一天的延误都会推迟送电或占用富余。已开始、已完成的为实际日期；已开始的环节仍按其自身时限要求完成。",
                "Slack is from the earliest to the latest finish; the stages with no more than the whole has to spare are critical (●): each day lost there defers the supply, or eats up what is to spare. What is begun or done shows its actual days; what a department has begun is due by its own limit.",
            )
            .to_owned(),
            lang.pick(
                "灰底为客户自行完成的工作，其工期与「内部计划工期」均为内部估算，须与客户商定。",
                "Grey rows are the customer's own work. Their durations, and those marked as house numbers, are our estimates, to be agreed on with the customer.",
            )
            .to_owned(),
        ];
        let passed: Vec<&str> = project
            .lines
            .iter()
            .filter(|line| line.standing == Progress::PassedOver)
            .map(|line| line.name.as_str())
            .collect();
        if !passed.is_empty() {
            notes.push(lang.pick(
                format!("没有记录而后续环节已开始，视为不再办理：{}。", passed.join("、")),
                format!(
                    "Not on record although what waits for it has begun, and so taken to be past: {}.",
                    passed.join(", ")
                ),
            ));
        }
        if let Some(promised_on) = project.application.promised_on {
            let is_late = project.outcome.planned_on > promised_on;
            let late = if is_late { lang.pick("，本计划晚于承诺", ", which this plan misses") } else { "" };
            notes.push(lang.pick(
                format!("已承诺的送电日期为 {promised_on}{late}。"),
                format!("The day that was promised is {promised_on}{late}."),
            ));
        }
        if !self.context.uncovered_years.is_empty() {
            let years: Vec<String> = self.context.uncovered_years.iter().map(i32::to_string).collect();
            notes.push(lang.pick(
                format!("日历未覆盖 {} 年（放假安排尚未公布或未收录），该年只扣除周末，公布后须重排。", years.join("、")),
                format!("The calendar does not cover {}: only weekends are off there. Plan again once its holidays are published.", years.join(", ")),
            ));
        }
        self.row += 1;
        self.merged(0, LAST, lang.pick("说明", "Notes"), &styles.section)?;
        self.row += 1;
        for (number, note) in notes.iter().enumerate() {
            let note = format!("{}. {note}", number + 1);
            self.heighten(&[(&note, 0, LAST)], 15.0)?;
            self.merged(0, LAST, &note, &styles.note)?;
            self.row += 1;
        }
        Ok(())
    }

    fn signatures(&mut self) -> Result<(), XlsxError> {
        let lang = self.context.lang;
        let styles = self.styles;
        let signs = lang.pick(
            [(0, 2, "客户（签章）："), (3, 6, "客户经理（签字）："), (7, LAST, "客户服务中心（盖章）：")],
            [
                (0, 2, "Customer (signature):"),
                (3, 6, "Customer manager (signature):"),
                (7, LAST, "Service centre (seal):"),
            ],
        );
        self.row += 1;
        self.sheet.set_row_height(self.row, 62)?;
        let day = lang.pick("　　　　年　　月　　日", "Date:");
        for (first, last, sign) in signs {
            self.merged(first, last, &format!("{sign}\n\n\n{day}"), &styles.sign)?;
        }
        Ok(())
    }
}

/// How a step stands, and whether it is overdue.
fn state(line: &Line, lang: Lang) -> String {
    let state = line.standing.title(lang);
    match (&line.todo, line.standing) {
        (Some(todo), Progress::UnderWay) if todo.overdue_after.is_some() => {
            lang.pick(format!("{state}，已超时"), format!("{state}, overdue"))
        }
        _ => state.to_owned(),
    }
}

/// When the goal is reached by limits and by history, and what that says of the requested date.
fn outlook_text(outlook: &Outlook, wish: Option<Day>, lang: Lang) -> String {
    let Outlook { by_limits, by_history } = outlook;
    let Some(Usually { half_on, most_on, known, stages }) = by_history else {
        return lang.pick(
            format!("按时限最早 {by_limits}；同类环节的历史不足，不能说实际多久"),
            format!("By limits not before {by_limits}. Too few like stages have finished to say how long they take in practice"),
        );
    };
    let days = lang.pick(
        format!("按时限最早 {by_limits}；按同类环节历史，各环节取中位数为 {half_on}，取 80 分位为 {most_on}（余下 {stages} 个环节中 {known} 个有历史）"),
        format!("By limits not before {by_limits}. With what like stages took: {half_on} with their medians, {most_on} with their 80th percentiles ({known} of the {stages} stages left have a history)"),
    );
    let Some(wish) = wish else { return days };
    let can =
        |day: &Day| if *day <= wish { lang.pick("可行", "can be met") } else { lang.pick("不可行", "cannot") };
    let (limits, half, most) = (can(by_limits), can(half_on), can(most_on));
    lang.pick(
        format!("{days}。期望 {wish}：按时限{limits}，按中位数{half}，按 80 分位{most}"),
        format!("{days}. The wish, {wish}: by limits {limits}, by medians {half}, by 80th percentiles {most}"),
    )
}

/// The overview: one row per project, with a link to its sheet.
fn overview(
    sheet: &mut Worksheet,
    context: &Context<'_>,
    projects: &[Project],
    names: &[String],
    styles: &Styles,
) -> Result<(), XlsxError> {
    const WIDTHS: [f64; 15] = [20.0, 23.0, 13.0, 7.0, 9.0, 10.5, 10.5, 10.5, 9.0, 9.0, 10.5, 10.5, 10.5, 10.5, 46.0];
    /// The column of the critical stages.
    const CRITICAL: usize = WIDTHS.len() - 1;
    /// The row of the heads.
    const HEADS: u32 = 3;
    const LAST: u16 = WIDTHS.len() as u16 - 1;
    /// The number of links of a sheet that Excel reads.
    const MOST_LINKS: usize = 65_000;
    let lang = context.lang;
    let heads = lang.pick(
        "工单编号|客户名称|供电单位|电压\nkV|容量\nkVA|受理日期|期望送电|最早可送电|期望日期\n可行性|迟延\n工作日|计划送电|按时限\n最早|按历史\n中位数|按历史\n80 分位|关键环节",
        "application|customer|bureau|voltage,\nkV|capacity,\nkVA|accepted|wish|earliest|feasible|late by,\nw. days|planned|earliest\nby limits|by medians\nof history|by 80 %\nof history|critical stages",
    );
    sheet.set_row_height(0, 30)?;
    sheet.merge_range(0, 0, 0, LAST, title(lang), &styles.title)?;
    let facts = lang.pick(
        format!("计划汇总　统计日 {}　共 {} 项", context.as_of, projects.len()),
        format!("Overview. As of {}. Projects: {}", context.as_of, projects.len()),
    );
    sheet.merge_range(1, 0, 1, LAST, &facts, &styles.subtitle)?;
    let backtest = context.backtest.text(lang);
    let across = WIDTHS.iter().sum::<f64>() - 1.8;
    sheet.set_row_height(2, (cells_wide(&backtest) as f64 * 0.95 / across).ceil() * 13.0 + 5.0)?;
    sheet.merge_range(2, 0, 2, LAST, &backtest, &styles.note)?;
    sheet.set_row_height(HEADS, 30)?;
    for (column, (head, width)) in heads.split('|').zip(WIDTHS).enumerate() {
        sheet.set_column_width(column as u16, width)?;
        sheet.write_string_with_format(HEADS, column as u16, head, &styles.head)?;
    }
    for (index, (project, name)) in projects.iter().zip(names).enumerate() {
        let row = HEADS + 1 + index as u32;
        let (application, outcome) = (&project.application, &project.outcome);
        let critical = project.todo().filter(|(_, todo)| todo.days.is_critical).map(|(line, _)| line.name.as_str());
        let critical = critical.collect::<Vec<_>>().join(lang.pick("、", ", "));
        let customer = application.customer_name.as_deref().unwrap_or_default();
        let texts =
            [(application.application_id.as_str(), 0), (customer, 1), (&application.bureau, 2), (&critical, CRITICAL)];
        let lines = texts.map(|(text, column)| (cells_wide(text) as f64 * 0.95 / (WIDTHS[column] - 1.8)).ceil());
        let lines = lines.into_iter().fold(1.0, f64::max);
        sheet.set_row_height(row, 13.0 * lines + 5.0)?;
        let feasible = match outcome.is_feasible() {
            _ if outcome.is_reached => lang.pick("已送电", "energised"),
            Some(true) => lang.pick("可行", "yes"),
            Some(false) => lang.pick("不可行", "no"),
            None => lang.pick("无期望", "no wish"),
        };
        let id = printable(&application.application_id);
        if index < MOST_LINKS {
            let link = Url::new(format!("internal:'{name}'!A1")).set_text(id);
            sheet.write_url_with_format(row, 0, link, &styles.text)?;
        } else {
            sheet.write_string_with_format(row, 0, id, &styles.text)?;
        }
        sheet.write_string_with_format(row, 1, printable(customer), &styles.text)?;
        sheet.write_string_with_format(row, 2, printable(&application.bureau), &styles.text)?;
        sheet.write_number_with_format(row, 3, application.connection.voltage_kv, &styles.centre)?;
        sheet.write_number_with_format(row, 4, application.capacity_kva, &styles.centre)?;
        let (accepted_on, earliest_on) = (Some(application.accepted_on), Some(outcome.earliest_on));
        let usually = project.outlook.and_then(|outlook| outlook.by_history);
        let days = [
            (5, accepted_on),
            (6, outcome.desired_on),
            (7, earliest_on),
            (10, Some(outcome.planned_on)),
            (11, project.outlook.map(|outlook| outlook.by_limits)),
            (12, usually.map(|usually| usually.half_on)),
            (13, usually.map(|usually| usually.most_on)),
        ];
        for (column, day) in days {
            match day {
                Some(day) => sheet.write_datetime_with_format(row, column, &date(day)?, &styles.date)?,
                None => sheet.write_blank(row, column, &styles.centre)?,
            };
        }
        sheet.write_string_with_format(row, 8, feasible, &styles.centre)?;
        match outcome.short_wd {
            Some(short) => sheet.write_number_with_format(row, 9, f64::from(short.max(0)), &styles.number)?,
            None => sheet.write_blank(row, 9, &styles.centre)?,
        };
        sheet.write_string_with_format(row, CRITICAL as u16, &critical, &styles.text)?;
    }
    if projects.is_empty() {
        let nothing = lang.pick("没有需要编制计划的工单", "no application is to be planned");
        sheet.merge_range(HEADS + 1, 0, HEADS + 1, LAST, nothing, &styles.subtitle)?;
    }
    sheet.set_freeze_panes(HEADS + 1, 1)?;
    sheet.set_landscape().set_print_fit_to_pages(1, 0).set_repeat_rows(HEADS, HEADS)?;
    printed(sheet, lang);
    Ok(())
}

/// A4, margins and page numbers.
fn printed(sheet: &mut Worksheet, lang: Lang) {
    sheet.set_paper_size(9).set_margins(0.4, 0.4, 0.5, 0.6, 0.3, 0.3).set_print_center_horizontally(true);
    sheet.set_footer(lang.pick("&L&8yekuo&C&8第 &P 页 共 &N 页", "&L&8yekuo&C&8page &P of &N"));
}
