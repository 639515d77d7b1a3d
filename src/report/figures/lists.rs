//! The charts of lists and of service marts: who owns what, what is due, which promise was kept, who answered.

use std::collections::BTreeMap;

use super::super::Input;
use super::{caption, labels, months, percents, ratio};
use crate::draw::{
    BarCategory, BarChart, ChartError, Hue, Line, LineChart, LineStyle, StackedBar, StackedBarChart, Unit,
};
use crate::error::Result;
use crate::lake::Columns;
use crate::words::{self, Lang};

/// Draws the chart of that name.
pub fn one(input: &Input<'_>, name: &str) -> Result<Result<String, ChartError>> {
    Ok(match name {
        "managers" => managers(input)?.svg(),
        "promises" => promises(input)?.svg(),
        "survey" => survey(input)?.svg(),
        "owners" => owners(input)?.svg(),
        "reminders" => reminders(input)?.svg(),
        "supervision" => supervision(input)?.svg(),
        "requests" => requests(input)?.svg(),
        "repair" => repair(input)?.svg(),
        "public_stages" => public_stages(input)?.svg(),
        "public_contractors" => public_contractors(input)?.svg(),
        other => unreachable!("`{other}` was checked to be a chart"),
    })
}

/// Rows counted by the texts of two columns: bar, then part.
type Counts = BTreeMap<String, BTreeMap<String, f64>>;

/// Counts the rows of a mart by two columns; an empty cell counts as `blank`.
fn counted(columns: Columns<'_>, bar: &str, part: &str, blank: &str) -> Result<Counts> {
    let (bars, parts) = (columns.texts(bar)?, columns.texts(part)?);
    let mut counts = Counts::new();
    for row in 0..bars.len() {
        let of = |text: Option<&str>| text.unwrap_or(blank).to_owned();
        *counts.entry(of(bars.get(row))).or_default().entry(of(parts.get(row))).or_default() += 1.0;
    }
    Ok(counts)
}

/// Bars of counts, the longest first; `parts` are code, words and colour.
fn stacked(counts: &Counts, parts: &[(&str, String, Hue)], label: impl Fn(&str) -> String) -> Vec<StackedBar> {
    let mut bars: Vec<StackedBar> = counts
        .iter()
        .map(|(bar, of)| StackedBar {
            label: label(bar),
            values: parts.iter().map(|(code, ..)| of.get(*code).copied().unwrap_or(0.0)).collect(),
        })
        .collect();
    let total = |bar: &StackedBar| bar.values.iter().sum::<f64>();
    bars.sort_by(|a, b| total(b).total_cmp(&total(a)).then_with(|| a.label.cmp(&b.label)));
    bars
}

fn pieces(lang: Lang) -> Unit {
    Unit::Plain { decimals: 0, suffix: lang.pick(" 件", "").to_owned() }
}

fn owners(input: &Input<'_>) -> Result<StackedBarChart> {
    let lang = input.lang;
    let hues = [Hue::Grey, Hue::Ochre, Hue::Vermilion, Hue::Purple, Hue::Blue, Hue::Teal];
    let parts: Vec<(&str, String, Hue)> = input
        .config
        .owners
        .roles()
        .zip(hues)
        .map(|(role, hue)| (role, input.config.owners.name(role, lang).to_owned(), hue))
        .collect();
    let counts = input.mart("watchlist")?.map(|list| counted(list, "bureau", "owner_role", "")).transpose()?;
    Ok(StackedBarChart {
        caption: caption(
            input,
            lang.pick("在途工单由谁负责", "Who answers for the open applications"),
            lang.pick(format!("截至 {}，按供电单位", input.as_of), format!("as of {}, by bureau", input.as_of)),
            lang.pick(
                "到期前一个月、前 10 日和到期后，工单主人依次升级；没有应送电日期的由客户经理负责。",
                "The owner rises a month before the due date, 10 days before, and once past due; without a due date the manager answers.",
            ),
            true,
        ),
        unit: pieces(lang),
        bars: stacked(&counts.unwrap_or_default(), &parts, str::to_owned),
        parts: parts.into_iter().map(|(_, words, hue)| (words, hue)).collect(),
    })
}

fn reminders(input: &Input<'_>) -> Result<StackedBarChart> {
    let lang = input.lang;
    let parts = [("breached", Hue::Vermilion), ("due_soon", Hue::Ochre)]
        .map(|(code, hue)| (code, words::code(code, lang).to_owned(), hue));
    let counts = input.mart("reminder")?.map(|list| counted(list, "department", "urgency", "")).transpose()?;
    let days = input.config.pipeline.remind_wd;
    Ok(StackedBarChart {
        caption: caption(
            input,
            lang.pick("待催办的环节", "Stages to be reminded of"),
            lang.pick(format!("截至 {}，按责任部门", input.as_of), format!("as of {}, by department", input.as_of)),
            &lang.pick(
                format!("在途环节中已超时的，和 {days} 个工作日内到期的。"),
                format!("Open stages that have run out of time, and those due within {days} working day(s)."),
            ),
            true,
        ),
        unit: pieces(lang),
        bars: stacked(&counts.unwrap_or_default(), &parts, str::to_owned),
        parts: parts.map(|(_, words, hue)| (words, hue)).to_vec(),
    })
}

fn supervision(input: &Input<'_>) -> Result<StackedBarChart> {
    let lang = input.lang;
    let parts = [("past_due", Hue::Vermilion), ("stage_breached", Hue::Ochre), ("key_project", Hue::Blue)]
        .map(|(code, hue)| (code, words::code(code, lang).to_owned(), hue));
    let blank = lang.pick("环节之间", "between stages");
    let counts = input.mart("supervision")?.map(|list| counted(list, "current_stage", "reason", blank)).transpose()?;
    Ok(StackedBarChart {
        caption: caption(
            input,
            lang.pick("督办工单停在哪个环节", "Where the supervised applications stand"),
            lang.pick(format!("截至 {}，按当前环节", input.as_of), format!("as of {}, by stage", input.as_of)),
            lang.pick(
                "重点项目、已超期的工单，以及有在途环节超时的工单。",
                "Key projects, applications past due, and those with an open stage out of time.",
            ),
            true,
        ),
        unit: pieces(lang),
        bars: stacked(&counts.unwrap_or_default(), &parts, |stage| input.config.process.name(stage, lang).to_owned()),
        parts: parts.map(|(_, words, hue)| (words, hue)).to_vec(),
    })
}

fn requests(input: &Input<'_>) -> Result<StackedBarChart> {
    let lang = input.lang;
    let mut bars: BTreeMap<String, Vec<f64>> = BTreeMap::new();
    if let Some(columns) = input.mart("request_department")? {
        let (months, departments) = (columns.days("month")?, columns.texts("department")?);
        let (asked, answered) = (columns.integers("asked")?, columns.integers("answered")?);
        let same_day = columns.integers("answered_same_day")?;
        let axis = super::months(input, months.iter().copied());
        let recent = &axis[axis.len().saturating_sub(3)..];
        for (row, month) in months.iter().enumerate() {
            if !month.is_some_and(|month| recent.contains(&month)) {
                continue;
            }
            let count = |column: &[Option<i64>]| column[row].unwrap_or(0) as f64;
            let bar = bars.entry(departments.get(row).unwrap_or_default().to_owned()).or_insert_with(|| vec![0.0; 3]);
            bar[0] += count(&same_day);
            bar[1] += count(&answered) - count(&same_day);
            bar[2] += count(&asked) - count(&answered);
        }
    }
    let mut bars: Vec<StackedBar> = bars.into_iter().map(|(label, values)| StackedBar { label, values }).collect();
    let late = |bar: &StackedBar| bar.values[1] + bar.values[2];
    bars.sort_by(|a, b| late(b).total_cmp(&late(a)).then_with(|| a.label.cmp(&b.label)));
    Ok(StackedBarChart {
        caption: caption(
            input,
            lang.pick("跨部门协调的答复", "Answers to requests of several departments"),
            lang.pick("近三个月提出的事项，按部门", "raised in the last three months, by department").to_owned(),
            lang.pick("当日答复 = 提出当日答复。", "The same day: on the day it was raised."),
            input.given.has("requests"),
        ),
        unit: pieces(lang),
        parts: vec![
            (lang.pick("当日答复", "the same day").to_owned(), Hue::Teal),
            (lang.pick("迟于当日", "later").to_owned(), Hue::Ochre),
            (lang.pick("尚未答复", "not yet").to_owned(), Hue::Vermilion),
        ],
        bars,
    })
}

fn managers(input: &Input<'_>) -> Result<BarChart> {
    let (lang, month) = (input.lang, input.month());
    let mut rows: Vec<(f64, BarCategory)> = Vec::new();
    if let Some(columns) = input.mart("manager")? {
        let (months, ids, names) = (columns.days("month")?, columns.texts("manager_id")?, columns.texts("name")?);
        let (scores, settled) = (columns.numbers("score")?, columns.integers("settled")?);
        for row in (0..months.len()).filter(|row| months[*row] == Some(month)) {
            let (id, name) = (ids.get(row).unwrap_or_default(), names.get(row).unwrap_or_default());
            let category = BarCategory {
                label: format!("{name} {id}").trim().to_owned(),
                note: format!("n = {}", settled[row].unwrap_or(0)),
                values: vec![scores[row]],
                interval: None,
            };
            rows.push((scores[row].unwrap_or(f64::INFINITY), category));
        }
    }
    rows.sort_by(|a, b| a.0.total_cmp(&b.0).then_with(|| a.1.label.cmp(&b.1.label)));
    rows.truncate(MOST_BARS);
    Ok(BarChart {
        caption: caption(
            input,
            lang.pick("客户经理得分", "The managers’ scores"),
            lang.pick(
                format!("{}，得分低者在前，至多 {MOST_BARS} 名", month.month_label()),
                format!("{}, the lowest first, at most {MOST_BARS}", month.month_label()),
            ),
            lang.pick(
                "满分 100，按 scorecard.toml 加权，小样本向全体平均收缩；n 为本月判定的环节数。供人研判，不是结论。",
                "Out of 100, weighted by scorecard.toml, small samples shrunk towards the mean; n: stages settled in the month. For a person to judge.",
            ),
            true,
        ),
        unit: Unit::Plain { decimals: 1, suffix: lang.pick(" 分", "").to_owned() },
        series: vec![lang.pick("总分", "score").to_owned()],
        categories: rows.into_iter().map(|(_, category)| category).collect(),
        interval_name: String::new(),
        reference: None,
    })
}

/// Bars that a chart of managers or of contractors shows at most.
const MOST_BARS: usize = 20;

fn promises(input: &Input<'_>) -> Result<BarChart> {
    let (lang, month) = (input.lang, input.month());
    let mut categories = Vec::new();
    if let Some(columns) = input.mart("promise")? {
        let (months, codes, rates) = (columns.days("month")?, columns.texts("promise")?, columns.numbers("rate")?);
        let due = columns.integers("due")?;
        for row in (0..months.len()).filter(|row| months[*row] == Some(month)) {
            categories.push(BarCategory {
                label: words::code(codes.get(row).unwrap_or_default(), lang).to_owned(),
                note: format!("n = {}", due[row].unwrap_or(0)),
                values: vec![rates[row]],
                interval: None,
            });
        }
    }
    categories.sort_by(|a, b| {
        let rate = |of: &BarCategory| of.values[0].unwrap_or(f64::INFINITY);
        rate(a).total_cmp(&rate(b)).then_with(|| a.label.cmp(&b.label))
    });
    Ok(BarChart {
        caption: caption(
            input,
            lang.pick("服务承诺兑现率", "Service promises kept"),
            lang.pick(
                format!("{} 起算的承诺，兑现率低者在前", month.month_label()),
                format!("promises that began in {}, the lowest first", month.month_label()),
            ),
            lang.pick(
                "兑现 ÷ 已到期；尚在时限内的不计。没有导入的数据，其承诺不列出。",
                "Kept ÷ due; what can still be kept is not counted. Promises whose data are not given are not listed.",
            ),
            true,
        ),
        unit: percents(),
        series: vec![lang.pick("兑现率", "kept").to_owned()],
        categories,
        interval_name: String::new(),
        reference: None,
    })
}

fn survey(input: &Input<'_>) -> Result<BarChart> {
    let (lang, month) = (input.lang, input.month());
    let before = month.month_before();
    let mut bureaus: BTreeMap<&str, [Option<f64>; 2]> = BTreeMap::new();
    let names;
    if let Some(columns) = input.mart("survey")? {
        names = columns.texts("bureau")?;
        let (at, indices) = (columns.days("month")?, columns.numbers("index")?);
        for (row, index) in indices.into_iter().enumerate() {
            let bars = bureaus.entry(names.get(row).unwrap_or_default()).or_default();
            if at[row] == Some(before) {
                bars[0] = index;
            } else if at[row] == Some(month) {
                bars[1] = index;
            }
        }
    }
    let mut categories: Vec<BarCategory> = bureaus
        .into_iter()
        .filter(|(_, bars)| bars.iter().any(Option::is_some))
        .map(|(bureau, bars)| BarCategory { label: bureau.to_owned(), values: bars.to_vec(), ..BarCategory::default() })
        .collect();
    categories.sort_by(|a, b| {
        let index = |of: &BarCategory| of.values[1].unwrap_or(f64::INFINITY);
        index(a).total_cmp(&index(b)).then_with(|| a.label.cmp(&b.label))
    });
    Ok(BarChart {
        caption: caption(
            input,
            lang.pick("第三方满意度指数", "Satisfaction index of the survey"),
            lang.pick("按供电单位，低者在前", "by bureau, the lowest first").to_owned(),
            lang.pick("Σ 权重 × 得分 ÷ Σ 权重，0–100 分。", "Σ weight × score ÷ Σ weight, 0–100."),
            input.given.has("surveys"),
        ),
        unit: Unit::Plain { decimals: 1, suffix: lang.pick(" 分", "").to_owned() },
        series: vec![before.month_label(), month.month_label()],
        categories,
        interval_name: String::new(),
        reference: None,
    })
}

fn repair(input: &Input<'_>) -> Result<LineChart> {
    let lang = input.lang;
    let mut lines = Vec::new();
    let mut axis = Vec::new();
    if let Some(columns) = input.mart("repair")? {
        axis = months(input, columns.days("month")?);
        for (part, whole, name, hue, style) in [
            ("arrival_kept", "arrival_due", lang.pick("到场及时", "arrived in time"), Hue::Blue, LineStyle::Solid),
            (
                "restore_kept",
                "restore_due",
                lang.pick("复电及时", "restored in time"),
                Hue::Vermilion,
                LineStyle::Solid,
            ),
            ("notice_kept", "notice_due", lang.pick("停电告知及时", "told in time"), Hue::Teal, LineStyle::Dashed),
            ("calls_kept", "calls_due", lang.pick("两个电话", "both calls"), Hue::Purple, LineStyle::Dotted),
        ] {
            let values = ratio(columns, None, part, whole, &axis)?;
            lines.push(Line { name: name.to_owned(), short_name: name.to_owned(), values, hue, style, muted: false });
        }
    }
    Ok(LineChart {
        caption: caption(
            input,
            lang.pick("故障抢修及时率", "Fault repair in time"),
            lang.pick("按报修月份", "by month of report").to_owned(),
            lang.pick(
                "到场：城区 45、农村 90 分钟；到场后复电：城区 4、农村 5 小时；停电告知 5 分钟；未记录到场的按未兑现计。",
                "Arrival: 45 minutes in town, 90 in the country; power 4 or 5 hours after; notice in 5 minutes. A missing arrival is not kept.",
            ),
            input.given.has("faults"),
        ),
        unit: percents(),
        months: labels(&axis),
        lines,
        target: None,
    })
}

fn public_stages(input: &Input<'_>) -> Result<StackedBarChart> {
    let lang = input.lang;
    // By place and code: a stage that an open process does not list has no place of its own.
    let mut counts: BTreeMap<(usize, String), (String, f64)> = BTreeMap::new();
    if let Some(columns) = input.mart("public_progress")? {
        let (states, stages) = (columns.texts("state")?, columns.texts("current_stage")?);
        for row in (0..states.len()).filter(|row| states.get(*row) == Some("open")) {
            let (place, name) = match stages.get(row) {
                Some(code) => {
                    let process = &input.config.process;
                    ((process.position(code), code.to_owned()), process.name(code, lang))
                }
                None => ((usize::MAX, String::new()), lang.pick("环节之间", "between stages")),
            };
            counts.entry(place).or_insert_with(|| (name.to_owned(), 0.0)).1 += 1.0;
        }
    }
    Ok(StackedBarChart {
        caption: caption(
            input,
            lang.pick("在途申请办到哪一步", "Where the open applications stand"),
            lang.pick(format!("截至 {}", input.as_of), format!("as of {}", input.as_of)),
            lang.pick("按办理次序。", "In the usual order of the stages."),
            true,
        ),
        unit: pieces(lang),
        parts: vec![(lang.pick("在途申请", "open applications").to_owned(), Hue::Blue)],
        bars: counts.into_values().map(|(label, count)| StackedBar { label, values: vec![count] }).collect(),
    })
}

fn public_contractors(input: &Input<'_>) -> Result<BarChart> {
    let lang = input.lang;
    let mut categories = Vec::new();
    if let Some(columns) = input.mart("public_contractors")? {
        let (roles, names) = (columns.texts("role")?, columns.texts("name")?);
        let (projects, shares) = (columns.integers("projects")?, columns.numbers("share")?);
        for row in (0..roles.len()).filter(|row| roles.get(*row) == Some("builder")) {
            categories.push(BarCategory {
                label: words::code(names.get(row).unwrap_or_default(), lang).to_owned(),
                note: format!("n = {}", projects[row].unwrap_or(0)),
                values: vec![shares[row]],
                interval: None,
            });
        }
    }
    categories.sort_by(|a, b| b.values[0].unwrap_or(0.0).total_cmp(&a.values[0].unwrap_or(0.0)));
    categories.truncate(MOST_BARS);
    Ok(BarChart {
        caption: caption(
            input,
            lang.pick("客户选择的施工单位", "The builders that customers chose"),
            lang.pick("占已送电项目的份额", "share of the energised projects that name one").to_owned(),
            lang.pick("客户自主选择设计、施工、供货单位；不足 5 个项目的合并为「其他」。", "Customers choose designers, builders and suppliers freely; those with fewer than 5 projects are one group."),
            true,
        ),
        unit: percents(),
        series: vec![lang.pick("份额", "share").to_owned()],
        categories,
        interval_name: String::new(),
        reference: None,
    })
}
