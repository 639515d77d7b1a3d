//! The charts of the comparison: who still waits, who was energised or cancelled, how alike the groups are, and where
//! in the process the days are won.

use std::collections::BTreeMap;

use super::super::Input;
use super::{Drawn, caption};
use crate::draw::{
    Hue, LineStyle, LoveChart, LoveRow, Reference, SurvivalChart, SurvivalCurve, SurvivalStep, Unit, WaterfallChart,
    WaterfallStep,
};
use crate::error::Result;
use crate::lake::Columns;
use crate::marts::estimate::{ALL, MODES};
use crate::words;

/// Draws the chart of that name; nothing where it is none of this file.
pub fn one(input: &Input<'_>, name: &str) -> Result<Option<Drawn>> {
    Ok(Some(match name {
        "survival" => survival(input)?.svg(),
        "incidence" => incidence(input)?.svg(),
        "balance" => balance(input)?.svg(),
        "stage_waterfall" => waterfall(input)?.svg(),
        _ => return Ok(None),
    }))
}

/// How each mode is drawn.
const LOOKS: [(Hue, LineStyle); 2] = [(Hue::Blue, LineStyle::Solid), (Hue::Vermilion, LineStyle::Dashed)];

/// The columns of a curve: its share, the ends of its interval, and what was last seen on each day.
struct Shape<'a> {
    share: &'a str,
    low: &'a str,
    high: &'a str,
    censored: Option<&'a str>,
}

/// The steps of one mode over all applications.
fn steps(curves: Columns<'_>, mode: &str, shape: &Shape<'_>) -> Result<Vec<SurvivalStep>> {
    let (scopes, modes, days) = (curves.texts("scope")?, curves.texts("mode")?, curves.integers("day")?);
    let (at_risk, share) = (curves.integers("at_risk")?, curves.numbers(shape.share)?);
    let (low, high) = (curves.numbers(shape.low)?, curves.numbers(shape.high)?);
    let censored = shape.censored.map(|name| curves.integers(name)).transpose()?;
    let wanted = |row: &usize| scopes.get(*row) == Some(ALL) && modes.get(*row) == Some(mode);
    let whole = |number: Option<i64>| u64::try_from(number.unwrap_or(0)).unwrap_or(0);
    let step = |row: usize| SurvivalStep {
        day: days[row].unwrap_or(0) as f64,
        share: share[row].unwrap_or(0.0),
        interval: low[row].zip(high[row]),
        at_risk: whole(at_risk[row]),
        censored: censored.as_ref().map_or(0, |censored| whole(censored[row])),
    };
    Ok((0..scopes.len()).filter(wanted).map(step).collect())
}

fn cases(steps: &[SurvivalStep]) -> u64 {
    steps.first().map_or(0, |first| first.at_risk)
}

fn whole_days(input: &Input<'_>) -> Unit {
    Unit::Plain { decimals: 0, suffix: input.lang.pick(" 天", " days").to_owned() }
}

/// The last day on which of some curve one in a hundred is still there, and five at least; the axis ends there, as the
/// rest is a long line about few.
fn last_day(curves: &[SurvivalCurve]) -> Option<f64> {
    let many = |curve: &SurvivalCurve| {
        let least = (cases(&curve.steps) / 100).max(5);
        curve.steps.iter().rev().find(|step| step.at_risk >= least).map(|step| step.day)
    };
    curves.iter().filter_map(many).reduce(f64::max)
}

/// The common horizon of the comparison, over all applications.
fn horizon(input: &Input<'_>) -> Result<Option<Reference>> {
    let Some(effects) = input.mart("mode_effect")? else { return Ok(None) };
    let (scopes, measures) = (effects.texts("scope")?, effects.texts("measure")?);
    let days = effects.integers("horizon_days")?;
    let wanted = |row: &usize| scopes.get(*row) == Some(ALL) && measures.get(*row) == Some("restricted_mean");
    let found = (0..days.len()).find(wanted).and_then(|row| days[row]);
    let label = input.lang.pick("共同期限", "common horizon").to_owned();
    Ok(found.map(|day| Reference { value: day as f64, label }))
}

fn survival(input: &Input<'_>) -> Result<SurvivalChart> {
    let lang = input.lang;
    let shape = Shape { share: "survival", low: "ci_low", high: "ci_high", censored: Some("censored") };
    let mut curves = Vec::new();
    let mut counts = Vec::new();
    if let Some(table) = input.mart("survival")? {
        for (mode, (hue, style)) in MODES.iter().zip(LOOKS) {
            let steps = steps(table, mode, &shape)?;
            let name = words::code(mode, lang).to_owned();
            let median = steps.iter().find(|step| step.share <= 0.5).map(|step| Reference {
                value: step.day,
                label: lang.pick(format!("{name}中位"), format!("{name} median")),
            });
            counts.push(format!("{name} n = {}", cases(&steps)));
            curves.push(SurvivalCurve {
                at_risk_name: name.clone(),
                name,
                hue,
                style,
                is_ringed: false,
                steps,
                median,
            });
        }
    }
    Ok(SurvivalChart {
        caption: caption(
            input,
            lang.pick("受理后多少天仍未送电", "Not yet energised by days since acceptance"),
            counts.join(lang.pick("，", ", ")),
            lang.pick(
                "Kaplan–Meier：在途工单计到统计日，已撤销的计到撤销日；带为 95 % 区间。未匹配：订单式项目较大，两线之差不等于服务方式的效果。右侧在办不足 1 % 的部分略去。",
                "Kaplan–Meier: open applications count until the as-of day, cancelled ones until they were cancelled; bands are 95 % intervals. Not matched: order-style projects are larger, so the gap between the curves is not the effect of the mode. Cut off where fewer than 1 % are left.",
            ),
            true,
        ),
        share_name: lang.pick("尚未送电的比例", "share not yet energised").to_owned(),
        days_name: lang.pick("受理后的天数", "days since acceptance").to_owned(),
        unit: whole_days(input),
        last_day: last_day(&curves),
        curves,
        horizon: horizon(input)?,
        interval_name: lang.pick("95 % 区间", "95 % interval").to_owned(),
        censored_name: lang.pick("在途或撤销（截尾）", "open or cancelled (censored)").to_owned(),
        at_risk_name: lang.pick("仍在办户数", "at risk").to_owned(),
    })
}

fn incidence(input: &Input<'_>) -> Result<SurvivalChart> {
    let lang = input.lang;
    let mut curves = Vec::new();
    let mut counts = Vec::new();
    if let Some(table) = input.mart("cumulative_incidence")? {
        for (place, (mode, (hue, _))) in MODES.iter().zip(LOOKS).enumerate() {
            for (share, low, high, ended, style) in [
                ("cif_energised", "energised_low", "energised_high", "energised", LineStyle::Solid),
                ("cif_cancelled", "cancelled_low", "cancelled_high", "cancelled", LineStyle::Dashed),
            ] {
                let steps = steps(table, mode, &Shape { share, low, high, censored: None })?;
                let first = style == LineStyle::Solid;
                let name = words::code(mode, lang).to_owned();
                if first {
                    counts.push(format!("{name} n = {}", cases(&steps)));
                }
                curves.push(SurvivalCurve {
                    name: format!("{name} {}", words::code(ended, lang)),
                    at_risk_name: if first { name } else { String::new() },
                    hue,
                    style,
                    is_ringed: place == 1,
                    steps,
                    median: None,
                });
            }
        }
    }
    Ok(SurvivalChart {
        caption: caption(
            input,
            lang.pick("受理后多少天已送电、已撤销", "Energised and cancelled by days since acceptance"),
            counts.join(lang.pick("，", ", ")),
            lang.pick(
                "Aalen–Johansen 累积发生率：撤销是另一种结局，不是迟送电；带为 95 % 区间。",
                "Aalen–Johansen cumulative incidence: to be cancelled is another end, not a late energisation; bands are 95 % intervals.",
            ),
            true,
        ),
        share_name: lang.pick("累积比例", "cumulative share").to_owned(),
        days_name: lang.pick("受理后的天数", "days since acceptance").to_owned(),
        unit: whole_days(input),
        last_day: last_day(&curves),
        curves,
        horizon: None,
        interval_name: lang.pick("95 % 区间", "95 % interval").to_owned(),
        censored_name: String::new(),
        at_risk_name: lang.pick("仍在办户数", "at risk").to_owned(),
    })
}

fn balance(input: &Input<'_>) -> Result<LoveChart> {
    let lang = input.lang;
    let mut rows = Vec::new();
    if let Some(table) = input.mart("balance")? {
        let (covariates, levels) = (table.texts("covariate")?, table.texts("level")?);
        let (before, after) = (table.numbers("smd_before")?, table.numbers("smd_after")?);
        for row in 0..covariates.len() {
            let covariate = words::code(covariates.get(row).unwrap_or_default(), lang);
            let level = words::code(levels.get(row).unwrap_or_default(), lang);
            rows.push(LoveRow {
                label: lang.pick(format!("{covariate}：{level}"), format!("{covariate}: {level}")),
                before: before[row].map(f64::abs),
                after: after[row].map(f64::abs),
            });
        }
    }
    // The most unlike first; what cannot be said comes last.
    rows.sort_by(|a, b| b.before.unwrap_or(-1.0).total_cmp(&a.before.unwrap_or(-1.0)).then(a.label.cmp(&b.label)));
    let count = input.mart("mode_comparison")?.map(|table| -> Result<Option<[i64; 2]>> {
        let (order, conventional) = (table.integers("order_n")?, table.integers("conventional_n")?);
        Ok(order.first().copied().flatten().zip(conventional.first().copied().flatten()).map(|(a, b)| [a, b]))
    });
    let [order, conventional] = count.transpose()?.flatten().unwrap_or_default();
    Ok(LoveChart {
        caption: caption(
            input,
            lang.pick("两种方式的工单有多相像", "How alike the applications of the two modes are"),
            lang.pick(
                format!("匹配后：订单式 {order} 户，常规 {conventional} 户"),
                format!("matched: {order} order-style, {conventional} conventional"),
            ),
            lang.pick(
                "标准化差的绝对值；小于 0.1 视为相像。匹配只比较电压等级、电源、新建线路和容量段都相同的工单。",
                "Absolute standardised differences; below 0.1 counts as alike. Matching compares only applications of the same voltage, supply, feeder and capacity band.",
            ),
            true,
        ),
        unit: Unit::Plain { decimals: 2, suffix: String::new() },
        before_name: lang.pick("匹配前", "before matching").to_owned(),
        after_name: lang.pick("匹配后", "after matching").to_owned(),
        threshold: Reference { value: 0.1, label: lang.pick("相像", "alike").to_owned() },
        rows,
    })
}

/// What one stage brings to the mean of each mode: work and waiting.
type Parts = BTreeMap<(usize, String), BTreeMap<String, [f64; 2]>>;

fn waterfall(input: &Input<'_>) -> Result<WaterfallChart> {
    let lang = input.lang;
    let process = &input.config.process;
    let unit = Unit::Plain { decimals: 1, suffix: lang.pick(" 天", " days").to_owned() };
    let mut stages = Parts::new();
    let mut ends = [0.0; 2];
    let mut n = [0; 2];
    if let Some(table) = input.mart("mode_stage")? {
        let (parts, codes) = (table.texts("part")?, table.texts("stage")?);
        let (order, conventional) = (table.numbers("order_mean_days")?, table.numbers("conventional_mean_days")?);
        let (order_n, conventional_n) = (table.integers("order_n")?, table.integers("conventional_n")?);
        for row in 0..parts.len() {
            let (Some(of_order), Some(of_conventional)) = (order[row], conventional[row]) else { continue };
            let part = parts.get(row).unwrap_or_default();
            if part == "total" {
                ends = [of_conventional, of_order];
                n = [conventional_n[row].unwrap_or(0), order_n[row].unwrap_or(0)];
                continue;
            }
            // What comes before the first stage and after the last stands at the ends.
            let key = match codes.get(row) {
                Some(stage) => (1 + process.position(stage), process.name(stage, lang).to_owned()),
                None => (if part == "lead" { 0 } else { usize::MAX }, words::code(part, lang).to_owned()),
            };
            stages.entry(key).or_default().insert(part.to_owned(), [of_conventional, of_order]);
        }
    }
    let change = |[conventional, order]: &[f64; 2]| order - conventional;
    let step = |((_, label), parts): (&(usize, String), &BTreeMap<String, [f64; 2]>)| WaterfallStep {
        label: label.clone(),
        note: match parts.get("waiting").map(change) {
            Some(waiting) => format!("{} {}", words::code("waiting", lang), unit.signed(waiting)),
            None => String::new(),
        },
        change: parts.values().map(change).sum(),
    };
    let steps = stages.iter().map(step).collect();
    let total =
        |value: f64, mode: &str, n: i64| Reference { value, label: format!("{} n = {n}", words::code(mode, lang)) };
    Ok(WaterfallChart {
        caption: caption(
            input,
            lang.pick("天数省在哪里", "Where the days are won"),
            lang.pick(
                "匹配后从常规平均到订单式平均，沿关键路径按环节的办理与等待分解",
                "matched: from the conventional mean to the order-style mean, by stage of the critical path, work and waiting",
            )
            .to_owned(),
            lang.pick(
                "已送电工单的自然日；每户的受理至送电被其关键路径的办理与等待恰好铺满，故各步之和等于总差。",
                "Calendar days of the energised; work and waiting along each application's critical path cover its time from acceptance to energisation exactly, so the steps add up.",
            ),
            true,
        ),
        unit,
        start: total(ends[0], MODES[1], n[0]),
        steps,
        end: total(ends[1], MODES[0], n[1]),
        less_name: lang.pick("缩短", "shorter").to_owned(),
        more_name: lang.pick("延长", "longer").to_owned(),
    })
}
