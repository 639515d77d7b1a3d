//! The marts as charts.

mod bottleneck;
mod comparison;
mod lists;

use std::collections::{BTreeMap, BTreeSet};

use super::Input;
use crate::calendar::Day;
use crate::clock::Verdict;
use crate::draw::{
    BarCategory, BarChart, Caption, ChartError, Hue, Line, LineChart, LineStyle, Reference, StackedBar,
    StackedBarChart, Unit,
};
use crate::error::{Error, Result};
use crate::lake::Columns;
use crate::words;

/// How many months a trend shows.
const MONTHS: usize = 24;

/// One chart of the report.
#[derive(Debug, Clone)]
pub struct Chart {
    /// The stem of its files.
    pub name: String,
    /// The drawing.
    pub svg: String,
}

/// The charts that a pipeline can name.
pub const NAMES: &[&str] = &[
    "overdue_by_department",
    "overdue_trend",
    "cycle_by_mode",
    "callback",
    "exclusion",
    "managers",
    "promises",
    "survey",
    "owners",
    "reminders",
    "supervision",
    "requests",
    "repair",
    "public_stages",
    "public_contractors",
    "survival",
    "incidence",
    "balance",
    "stage_waterfall",
    "process_map",
    "critical_share",
    "critical_stages",
    "funnel",
    "control",
    "heat_map",
    "ageing",
    "calibration",
];

/// A drawing, or why it could not be drawn.
type Drawn = std::result::Result<String, ChartError>;

/// Every chart that the pipeline names.
pub fn all(input: &Input<'_>) -> Result<Vec<Chart>> {
    input.config.pipeline.charts.iter().map(|name| one(input, name)).collect()
}

fn one(input: &Input<'_>, name: &str) -> Result<Chart> {
    let svg = match name {
        "overdue_by_department" => overdue_by_department(input)?.svg(),
        "overdue_trend" => overdue_trend(input)?.svg(),
        "cycle_by_mode" => cycle_by_mode(input)?.svg(),
        "callback" => callback(input)?.svg(),
        "exclusion" => exclusion(input)?.svg(),
        name => match (comparison::one(input, name)?, bottleneck::one(input, name)?) {
            (Some(drawn), _) | (None, Some(drawn)) => drawn,
            (None, None) => lists::one(input, name)?,
        },
    };
    match svg {
        Ok(svg) => Ok(Chart { name: name.to_owned(), svg }),
        Err(error) => Err(Error::Render { artefact: format!("charts/{name}.svg"), reason: error.to_string() }),
    }
}

fn caption(input: &Input<'_>, title: &str, subtitle: String, footnote: &str, given: bool) -> Caption {
    let empty = if given {
        input.lang.pick("本期没有数据点", "nothing in this period")
    } else {
        input.lang.pick("无数据", "no data")
    };
    Caption {
        title: title.to_owned(),
        subtitle,
        footnote: footnote.to_owned(),
        empty: empty.to_owned(),
        ..Caption::default()
    }
}

/// The last months up to the report's, oldest first.
fn months(input: &Input<'_>, given: impl IntoIterator<Item = Option<Day>>) -> Vec<Day> {
    let first = given.into_iter().flatten().filter(|month| *month <= input.month()).min();
    let mut months = vec![input.month()];
    while let (Some(first), Some(last)) = (first, months.last().copied()) {
        if last <= first || months.len() == MONTHS {
            break;
        }
        months.push(last.month_before());
    }
    months.reverse();
    months
}

fn labels(months: &[Day]) -> Vec<String> {
    months.iter().map(|month| month.month_label()).collect()
}

fn percents() -> Unit {
    Unit::Percent { decimals: 1 }
}

fn overdue_by_department(input: &Input<'_>) -> Result<BarChart> {
    let (lang, month) = (input.lang, input.month());
    let mut rows: Vec<(f64, BarCategory)> = Vec::new();
    let mut all = (0, 0);
    if let Some(columns) = input.mart("department_month")? {
        let (months, names) = (columns.days("month")?, columns.texts("department")?);
        let (settled, net) = (columns.integers("settled")?, columns.integers("overdue_net")?);
        let numbers = |name| columns.numbers(name);
        let (rate_gross, rate_net) = (numbers("rate_gross")?, numbers("rate_net")?);
        let (low, high) = (numbers("wilson_low")?, numbers("wilson_high")?);
        for row in (0..months.len()).filter(|row| months[*row] == Some(month)) {
            let n = settled[row].unwrap_or(0);
            all = (all.0 + net[row].unwrap_or(0), all.1 + n);
            let category = BarCategory {
                label: names.get(row).unwrap_or_default().to_owned(),
                note: format!("n = {n}"),
                values: vec![rate_gross[row], rate_net[row]],
                interval: low[row].zip(high[row]),
            };
            rows.push((rate_net[row].unwrap_or(0.0), category));
        }
    }
    rows.sort_by(|a, b| b.0.total_cmp(&a.0).then_with(|| a.1.label.cmp(&b.1.label)));
    let reference = (all.1 > 0).then(|| Reference {
        value: all.0 as f64 / all.1 as f64,
        label: lang.pick("全部门（剔除后）", "all departments, net").to_owned(),
    });
    Ok(BarChart {
        caption: caption(
            input,
            lang.pick("各部门环节超时率", "Overdue rate by department"),
            lang.pick(format!("{} 判定的环节", month.month_label()), format!("stages settled in {}", month.month_label())),
            lang.pick(
                "超时率 = 超时环节 ÷ 本月判定的环节；剔除后 = 扣除认定的客户原因工作日。须线为剔除后超时率的 95 % Wilson 区间。",
                "Overdue stages ÷ stages settled in the month; net = less the admitted days that customers caused. Whiskers: 95 % Wilson interval of the net rate.",
            ),
            true,
        ),
        unit: percents(),
        series: vec![lang.pick("未剔除", "gross").to_owned(), lang.pick("剔除后", "net").to_owned()],
        categories: rows.into_iter().map(|(_, category)| category).collect(),
        interval_name: lang.pick("95 % 区间（剔除后）", "95 % interval, net").to_owned(),
        reference,
    })
}

fn overdue_trend(input: &Input<'_>) -> Result<LineChart> {
    let lang = input.lang;
    let mut lines = Vec::new();
    let mut axis = Vec::new();
    if let (Some(all), Some(departments)) = (input.mart("month_overdue")?, input.mart("department_month")?) {
        let by_month = all.days("month")?;
        axis = months(input, by_month.iter().copied());
        let rates = series(&by_month, &all.numbers("rate_net")?, &axis);
        let name = lang.pick("全部门", "all departments").to_owned();
        lines.push(Line {
            name: name.clone(),
            short_name: name,
            values: rates,
            hue: Hue::Blue,
            style: LineStyle::Solid,
            muted: false,
        });

        let (month, names) = (departments.days("month")?, departments.texts("department")?);
        let (settled, net) = (departments.integers("settled")?, departments.integers("overdue_net")?);
        let rates = departments.numbers("rate_net")?;
        // The worst three of the last twelve months together: one month alone is noise.
        let recent: BTreeSet<Day> = axis.iter().rev().take(12).copied().collect();
        let mut pooled: BTreeMap<&str, (i64, i64)> = BTreeMap::new();
        for row in (0..month.len()).filter(|row| month[*row].is_some_and(|month| recent.contains(&month))) {
            let sum = pooled.entry(names.get(row).unwrap_or_default()).or_default();
            *sum = (sum.0 + net[row].unwrap_or(0), sum.1 + settled[row].unwrap_or(0));
        }
        let mut worst: Vec<(f64, &str)> =
            pooled.iter().map(|(name, (net, n))| (*net as f64 / (*n).max(1) as f64, *name)).collect();
        worst.sort_by(|a, b| b.0.total_cmp(&a.0).then_with(|| a.1.cmp(b.1)));
        for ((_, name), (hue, style)) in worst.into_iter().take(3).zip([
            (Hue::Vermilion, LineStyle::Solid),
            (Hue::Ochre, LineStyle::Dashed),
            (Hue::Purple, LineStyle::Dotted),
        ]) {
            let mine: Vec<usize> = (0..month.len()).filter(|row| names.get(*row) == Some(name)).collect();
            let by_month: Vec<Option<Day>> = mine.iter().map(|row| month[*row]).collect();
            let values: Vec<Option<f64>> = mine.iter().map(|row| rates[*row]).collect();
            let name = name.to_owned();
            lines.push(Line {
                name: name.clone(),
                short_name: name,
                values: series(&by_month, &values, &axis),
                hue,
                style,
                muted: false,
            });
        }
    }
    Ok(LineChart {
        caption: caption(
            input,
            lang.pick("环节超时率走势（剔除后）", "Overdue rate by month, net"),
            lang.pick("全部门，以及近十二个月超时率最高的三个部门", "all departments, and the three with the highest rate of the last twelve months").to_owned(),
            lang.pick("超时环节计入超时当日所在月，其余计入完成所在月，因此以往月份不再变动。", "An overdue stage counts in the month it ran out of time, any other in the month it finished; past months do not move."),
            true,
        ),
        unit: percents(),
        months: labels(&axis),
        lines,
        target: None,
    })
}

/// Values by month, laid along an axis.
fn series(months: &[Option<Day>], values: &[Option<f64>], axis: &[Day]) -> Vec<Option<f64>> {
    let by_month: BTreeMap<Day, Option<f64>> =
        months.iter().zip(values).filter_map(|(month, value)| Some(((*month)?, *value))).collect();
    axis.iter().map(|month| by_month.get(month).copied().flatten()).collect()
}

fn cycle_by_mode(input: &Input<'_>) -> Result<LineChart> {
    let lang = input.lang;
    let mut lines = Vec::new();
    let mut axis = Vec::new();
    if let Some(columns) = input.mart("cycle_by_mode")? {
        let (month, modes) = (columns.days("month")?, columns.texts("mode")?);
        axis = months(input, month.iter().copied());
        for (mode, hue) in [("order", Hue::Blue), ("conventional", Hue::Vermilion)] {
            let mine: Vec<usize> = (0..month.len()).filter(|row| modes.get(*row) == Some(mode)).collect();
            if mine.is_empty() {
                continue;
            }
            let by_month: Vec<Option<Day>> = mine.iter().map(|row| month[*row]).collect();
            for (column, label, style) in [
                ("p50_net_wd", lang.pick("中位数", "median"), LineStyle::Solid),
                ("p80_net_wd", lang.pick("80 % 分位", "p80"), LineStyle::Dashed),
                ("p90_net_wd", lang.pick("90 % 分位", "p90"), LineStyle::Dotted),
            ] {
                let all = columns.numbers(column)?;
                let values: Vec<Option<f64>> = mine.iter().map(|row| all[*row]).collect();
                let name = format!("{} {label}", words::code(mode, lang));
                lines.push(Line {
                    short_name: name.clone(),
                    name,
                    values: series(&by_month, &values, &axis),
                    hue,
                    style,
                    muted: false,
                });
            }
        }
    }
    Ok(LineChart {
        caption: caption(
            input,
            lang.pick("送电周期（净工作日）", "Cycle time, net working days"),
            lang.pick("按送电月份与服务方式", "by month of energisation and mode").to_owned(),
            lang.pick(
                "受理至送电的工作日，扣除认定的客户原因。订单式项目规模较大，两条线之差不等于服务方式的效果。",
                "Working days from acceptance to energisation, less the admitted days. Order-style projects are larger: the gap between the lines is not the effect of the mode.",
            ),
            true,
        ),
        unit: Unit::Plain { decimals: 0, suffix: lang.pick(" 天", " days").to_owned() },
        months: labels(&axis),
        lines,
        target: None,
    })
}

fn callback(input: &Input<'_>) -> Result<LineChart> {
    let lang = input.lang;
    let mut lines = Vec::new();
    let mut axis = Vec::new();
    if let Some(columns) = input.mart("callback")? {
        axis = months(input, columns.days("month")?);
        for (kind, part, whole, label, hue, style) in [
            ("connection", "called", "due", lang.pick("回访率", "coverage"), Hue::Blue, LineStyle::Solid),
            ("connection", "on_time", "due", lang.pick("按时回访率", "on time"), Hue::Blue, LineStyle::Dashed),
            ("connection", "satisfied", "scored", lang.pick("满意率", "satisfied"), Hue::Blue, LineStyle::Dotted),
            ("fault", "called", "due", lang.pick("回访率", "coverage"), Hue::Vermilion, LineStyle::Solid),
            ("fault", "satisfied", "scored", lang.pick("满意率", "satisfied"), Hue::Vermilion, LineStyle::Dotted),
        ] {
            let values = ratio(columns, Some(("kind", kind)), part, whole, &axis)?;
            if values.iter().any(Option::is_some) {
                let name = format!("{} {label}", words::code(kind, lang));
                lines.push(Line { short_name: name.clone(), name, values, hue, style, muted: false });
            }
        }
    }
    if lines.is_empty() {
        axis.clear();
    }
    Ok(LineChart {
        caption: caption(
            input,
            lang.pick("客户回访", "Callbacks"),
            lang.pick("按回访到期月份", "by the month in which they were due").to_owned(),
            lang.pick("业扩送电后一个月内回访，故障修复后按规定天数；目标 100 %。满意 = 评分不低于 4。", "Due one month after energisation, or some days after a repair; the target is 100 %. Satisfied: a score of at least 4."),
            input.given.has("callbacks"),
        ),
        unit: percents(),
        months: labels(&axis),
        lines,
        target: Some(Reference { value: 1.0, label: lang.pick("目标", "target").to_owned() }),
    })
}

/// Σ part ÷ Σ whole over the rows of each month, or over those with some value in a column.
fn ratio(
    columns: Columns<'_>,
    only: Option<(&str, &str)>,
    part: &str,
    whole: &str,
    axis: &[Day],
) -> Result<Vec<Option<f64>>> {
    let months = columns.days("month")?;
    let keep = only.map(|(column, value)| columns.texts(column).map(|texts| (texts, value))).transpose()?;
    let wanted = |row: &usize| keep.as_ref().is_none_or(|(texts, value)| texts.get(*row) == Some(*value));
    let (parts, wholes) = (columns.integers(part)?, columns.integers(whole)?);
    let mut sums: BTreeMap<Day, (i64, i64)> = BTreeMap::new();
    for row in (0..months.len()).filter(wanted) {
        if let Some(month) = months[row] {
            let sum = sums.entry(month).or_default();
            *sum = (sum.0 + parts[row].unwrap_or(0), sum.1 + wholes[row].unwrap_or(0));
        }
    }
    Ok(axis
        .iter()
        .map(|month| sums.get(month).filter(|(_, n)| *n > 0).map(|(part, n)| *part as f64 / *n as f64))
        .collect())
}

fn exclusion(input: &Input<'_>) -> Result<StackedBarChart> {
    let lang = input.lang;
    let hues = [Hue::Grey, Hue::Vermilion, Hue::Ochre, Hue::Purple, Hue::Teal, Hue::Blue];
    let mut days: BTreeMap<String, Vec<f64>> = BTreeMap::new();
    if let Some(columns) = input.mart("exclusion")? {
        let (causes, verdicts, claimed) =
            (columns.texts("cause")?, columns.texts("verdict")?, columns.integers("claimed_wd")?);
        for (row, claimed_wd) in claimed.into_iter().enumerate() {
            let cause = words::code(causes.get(row).unwrap_or_default(), lang).to_owned();
            let bar = days.entry(cause).or_insert_with(|| vec![0.0; Verdict::ALL.len()]);
            if let Some(part) = Verdict::ALL.iter().position(|verdict| Some(verdict.name()) == verdicts.get(row)) {
                bar[part] += claimed_wd.unwrap_or(0) as f64;
            }
        }
    }
    // A verdict that never came is no part of the chart.
    let parts: Vec<usize> =
        (0..Verdict::ALL.len()).rev().filter(|part| days.values().any(|bar| bar[*part] > 0.0)).collect();
    let mut bars: Vec<StackedBar> = days
        .into_iter()
        .map(|(label, bar)| StackedBar { label, values: parts.iter().map(|part| bar[*part]).collect() })
        .collect();
    let total = |bar: &StackedBar| bar.values.iter().sum::<f64>();
    bars.sort_by(|a, b| total(b).total_cmp(&total(a)).then_with(|| a.label.cmp(&b.label)));
    Ok(StackedBarChart {
        caption: caption(
            input,
            lang.pick("延误说明的工作日，按原因与认定", "Working days claimed, by cause and verdict"),
            lang.pick(format!("截至 {} 的全部说明", input.as_of), format!("all claims up to {}", input.as_of)),
            lang.pick("说明落在环节内的工作日，未合并重叠；只有「剔除」部分从环节时间中扣除。", "Working days of the claims inside their stages, before overlaps are united; only the admitted part is taken out."),
            input.given.has("delays"),
        ),
        unit: Unit::Plain { decimals: 0, suffix: lang.pick(" 天", " days").to_owned() },
        parts: parts.iter().map(|part| (words::code(Verdict::ALL[*part].name(), lang).to_owned(), hues[*part])).collect(),
        bars,
    })
}
