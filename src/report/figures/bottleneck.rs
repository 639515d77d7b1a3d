//! The charts that look for the bottleneck: what follows what, whose days are critical, who differs from the others or
//! from itself, what is getting old, and whether the forecast deserves trust.

use std::collections::BTreeMap;

use polars::prelude::StringChunked;

use super::super::Input;
use super::{Drawn, caption, labels, months, percents};
use crate::calendar::Day;
use crate::draw::{
    AgeingChart, AgeingStage, CalibrationBin, CalibrationChart, FunnelChart, FunnelDot, FunnelLimit, HeatCell, HeatMap,
    HeatRow, LineStyle, ParetoBar, ParetoChart, ProcessEdge, ProcessMap, ProcessNode, Reference, Unit, XmrChart,
    XmrLimits, XmrPanel, XmrSignal,
};
use crate::error::Result;
use crate::stats::binomial_limits;
use crate::words;

/// Draws the chart of that name; nothing where it is none of this file.
pub fn one(input: &Input<'_>, name: &str) -> Result<Option<Drawn>> {
    Ok(Some(match name {
        "process_map" => process_map(input)?.svg(),
        "critical_share" => critical_share(input)?.svg(),
        "critical_stages" => critical_stages(input)?.svg(),
        "funnel" => funnel(input)?.svg(),
        "control" => control(input)?.svg(),
        "heat_map" => heat_map(input)?.svg(),
        "ageing" => ageing(input)?.svg(),
        "calibration" => calibration(input)?.svg(),
        _ => return Ok(None),
    }))
}

/// The share of all transitions that the arrows of the map stand for; the rare rest would hide them.
const MAPPED: f64 = 0.98;
/// The most arrows that a reader can follow.
const ARROWS: usize = 40;

fn working_days(input: &Input<'_>, decimals: u8) -> Unit {
    Unit::Plain { decimals, suffix: input.lang.pick(" 工作日", " wd").to_owned() }
}

fn whole(number: Option<i64>) -> u64 {
    u64::try_from(number.unwrap_or(0)).unwrap_or(0)
}

fn process_map(input: &Input<'_>) -> Result<ProcessMap> {
    let lang = input.lang;
    let process = &input.config.process;
    let mut map = ProcessMap {
        unit: working_days(input, 0),
        days_name: lang.pick("平均净工作日", "mean net working days").to_owned(),
        edge_name: lang.pick("前后相继（越粗越多）", "directly followed by (wider: more often)").to_owned(),
        rework_name: lang.pick("返工", "rework").to_owned(),
        ..ProcessMap::default()
    };
    let (mut shown, mut all) = (0, 0);
    if let (Some(flow), Some(table)) = (input.mart("flow")?, input.mart("bottleneck")?) {
        // Passes and net days of each stage, by all departments together.
        let (codes, passes, net) = (table.texts("stage")?, table.integers("passes")?, table.integers("net_wd")?);
        let mut stages: BTreeMap<&str, (i64, i64)> = BTreeMap::new();
        for row in 0..codes.len() {
            let sum = stages.entry(codes.get(row).unwrap_or_default()).or_default();
            *sum = (sum.0 + passes[row].unwrap_or(0), sum.1 + net[row].unwrap_or(0));
        }
        let mut arrows: Vec<(u64, usize)> = Vec::new();
        let counts = flow.integers("transitions")?;
        for (row, count) in counts.iter().enumerate() {
            arrows.push((whole(*count), row));
            all += whole(*count);
        }
        arrows.sort_by(|a, b| b.0.cmp(&a.0).then(a.1.cmp(&b.1)));
        let (from, to) = (flow.texts("from_stage")?, flow.texts("to_stage")?);
        let (kinds, median) = (flow.texts("kind")?, flow.numbers("median_wd")?);
        let rework = flow.integers("rework")?;
        let mut codes: Vec<&str> = stages.keys().copied().collect();
        codes.sort_by_key(|code| (process.position(code), *code));
        let terminal =
            |label: &str| ProcessNode { label: label.to_owned(), is_terminal: true, ..ProcessNode::default() };
        map.nodes.push(terminal(lang.pick("受理", "accepted")));
        for code in &codes {
            let (passes, net) = stages[code];
            let mean = net as f64 / passes.max(1) as f64;
            map.nodes.push(ProcessNode {
                label: process.name(code, lang).to_owned(),
                note: lang.pick(format!("n = {passes} · {mean:.1} 工作日"), format!("n = {passes} · {mean:.1} wd")),
                days: Some(mean),
                is_terminal: false,
            });
        }
        map.nodes.push(terminal(lang.pick("结束", "ended")));
        let last = map.nodes.len() - 1;
        let place = |code: Option<&str>, none: usize| match code {
            Some(code) => codes.iter().position(|known| *known == code).map(|at| at + 1),
            None => Some(none),
        };
        for (n, row) in arrows {
            if map.edges.len() == ARROWS || shown as f64 >= MAPPED * all as f64 {
                break;
            }
            let (Some(from), Some(to)) = (place(from.get(row), 0), place(to.get(row), last)) else { continue };
            shown += n;
            let days =
                median[row].map_or(String::new(), |wd| lang.pick(format!(" · {wd:.0} 天"), format!(" · {wd:.0} d")));
            // Most of an arrow's transitions decide what it is.
            let is_rework = whole(rework[row]) * 2 > n && kinds.get(row) != Some("start");
            map.edges.push(ProcessEdge { from, to, n, label: format!("{n}{days}"), is_rework });
        }
        leave_out_strays(&mut map);
    }
    map.caption = caption(
        input,
        lang.pick("流程图：环节如何前后相继", "Process map: what follows what"),
        lang.pick(
            format!("截至 {}；图中为 {all} 次流转中最常见的 {shown} 次", input.as_of),
            format!("as of {}; the most frequent {shown} of {all} transitions", input.as_of),
        ),
        lang.pick(
            "按开始时间排列的相邻环节；线上为次数与前一环节完成至后一环节开始的工作日中位数，并行重叠的计 0。颜色越深，办理越久。",
            "Neighbours in order of start; on the arrows how often, and the median working days from the finish of the one to the start of the other, 0 where they overlap. The darker a stage, the longer it takes.",
        ),
        true,
    );
    Ok(map)
}

/// Takes the stages out of a map to which no arrow of it leads, and from which none comes.
fn leave_out_strays(map: &mut ProcessMap) {
    let touched = |node: usize| map.edges.iter().any(|edge| edge.from == node || edge.to == node);
    let kept: Vec<usize> = (0..map.nodes.len()).filter(|node| touched(*node)).collect();
    let place = |node: usize| kept.iter().position(|kept| *kept == node).unwrap_or_default();
    for edge in &mut map.edges {
        (edge.from, edge.to) = (place(edge.from), place(edge.to));
    }
    map.nodes = kept.iter().map(|node| map.nodes[*node].clone()).collect();
}

fn critical_share(input: &Input<'_>) -> Result<ParetoChart> {
    let lang = input.lang;
    let mut bars = Vec::new();
    if let Some(table) = input.mart("bottleneck_department")? {
        let names = table.texts("department")?;
        let (critical, passes) = (table.integers("critical_wd")?, table.integers("passes")?);
        for row in 0..names.len() {
            bars.push(ParetoBar {
                label: names.get(row).unwrap_or_default().to_owned(),
                note: format!("n = {}", passes[row].unwrap_or(0)),
                value: critical[row].unwrap_or(0) as f64,
            });
        }
    }
    Ok(pareto(input, lang.pick("关键路径上的工作日，按部门", "Working days on the critical path, by department"), bars))
}

fn critical_stages(input: &Input<'_>) -> Result<ParetoChart> {
    let lang = input.lang;
    let mut stages: BTreeMap<String, (i64, i64)> = BTreeMap::new();
    if let Some(table) = input.mart("bottleneck")? {
        let codes = table.texts("stage")?;
        let (critical, passes) = (table.integers("critical_wd")?, table.integers("passes")?);
        for row in 0..codes.len() {
            let name = input.config.process.name(codes.get(row).unwrap_or_default(), lang).to_owned();
            let sum = stages.entry(name).or_default();
            *sum = (sum.0 + critical[row].unwrap_or(0), sum.1 + passes[row].unwrap_or(0));
        }
    }
    let bar = |(label, (critical, passes)): (String, (i64, i64))| ParetoBar {
        label,
        note: format!("n = {passes}"),
        value: critical as f64,
    };
    let bars = stages.into_iter().map(bar).collect();
    Ok(pareto(input, lang.pick("关键路径上的工作日，按环节", "Working days on the critical path, by stage"), bars))
}

fn pareto(input: &Input<'_>, title: &str, bars: Vec<ParetoBar>) -> ParetoChart {
    let lang = input.lang;
    let bars = if bars.iter().any(|bar| bar.value > 0.0) { bars } else { Vec::new() };
    ParetoChart {
        caption: caption(
            input,
            title,
            lang.pick(format!("截至 {}", input.as_of), format!("as of {}", input.as_of)),
            lang.pick(
                "从送电倒推：卡住下一环节的那个环节，其净工作日和之后的等待计入关键路径；并行而未卡住谁的不计。",
                "Walked back from energisation: of the stages before, the one that gates the next brings its net days and the wait after it; parallel work that gates nothing is not critical.",
            ),
            true,
        ),
        unit: working_days(input, 0),
        value_name: lang.pick("关键工作日", "critical working days").to_owned(),
        share_name: lang.pick("累计占比", "cumulative share").to_owned(),
        bars,
        rest_name: lang.pick("其他", "others").to_owned(),
    }
}

/// The row of each department and month.
fn by_department<'a>(names: &'a StringChunked, months: &[Option<Day>]) -> BTreeMap<&'a str, BTreeMap<Day, usize>> {
    let mut rows: BTreeMap<&str, BTreeMap<Day, usize>> = BTreeMap::new();
    for (row, month) in months.iter().enumerate() {
        if let Some(month) = month {
            rows.entry(names.get(row).unwrap_or_default()).or_default().insert(*month, row);
        }
    }
    rows
}

/// The quantiles of the funnel's limits: 95 % and 99.8 % of what chance alone would do lie within.
const FUNNEL: [(&str, f64, LineStyle); 2] = [("95 %", 0.95, LineStyle::Dashed), ("99.8 %", 0.998, LineStyle::Dotted)];

fn funnel(input: &Input<'_>) -> Result<FunnelChart> {
    let (lang, month) = (input.lang, input.month());
    let mut dots: Vec<(String, u64, u64)> = Vec::new();
    if let Some(table) = input.mart("department_month")? {
        let (months, names) = (table.days("month")?, table.texts("department")?);
        let (settled, overdue) = (table.integers("settled")?, table.integers("overdue_net")?);
        for row in (0..months.len()).filter(|row| months[*row] == Some(month)) {
            dots.push((names.get(row).unwrap_or_default().to_owned(), whole(settled[row]), whole(overdue[row])));
        }
    }
    let (n, overdue) = dots.iter().fold((0, 0), |all, dot| (all.0 + dot.1, all.1 + dot.2));
    let overall = overdue as f64 / n.max(1) as f64;
    let most = dots.iter().map(|dot| dot.1).max().unwrap_or(0);
    // Enough points for a smooth curve, closer together where it is steep.
    let sizes: Vec<u64> = (1..=80_u64).map(|step| (most * step * step / 6_400).max(1)).collect();
    let limit = |(name, inside, style): (&str, f64, LineStyle)| {
        let mut limit = FunnelLimit { name: name.to_owned(), style, lower: Vec::new(), upper: Vec::new() };
        for n in &sizes {
            if limit.lower.last().is_some_and(|(last, _)| *last >= *n as f64) {
                continue;
            }
            let bounds = binomial_limits(*n, overall, inside);
            limit.lower.push((*n as f64, bounds.low));
            limit.upper.push((*n as f64, bounds.high));
        }
        limit
    };
    let dot = |(label, n, overdue): (String, u64, u64)| {
        let rate = overdue as f64 / n.max(1) as f64;
        let bounds = binomial_limits(n, overall, FUNNEL[0].1);
        FunnelDot { label, n, rate, is_outside: rate < bounds.low || rate > bounds.high }
    };
    Ok(FunnelChart {
        caption: caption(
            input,
            lang.pick("部门超时率与偶然波动", "Departments against chance"),
            lang.pick(
                format!("{} 判定的环节，n = {n}", month.month_label()),
                format!("stages settled in {}, n = {n}", month.month_label()),
            ),
            lang.pick(
                "虚线内的差别可由偶然解释：若各部门都与全部门同率，95 %（99.8 %）会落在其中（二项分布，正态近似）。判定少的部门波动本来就大。",
                "Differences within the lines are what chance would do: were all departments alike, 95 % (99.8 %) would lie inside (binomial, normal approximation). Few stages swing widely by themselves.",
            ),
            true,
        ),
        unit: percents(),
        rate_name: lang.pick("超时率（剔除后）", "overdue rate, net").to_owned(),
        n_name: lang.pick("本月判定的环节数 n", "stages settled n").to_owned(),
        overall: Reference { value: overall, label: lang.pick("全部门", "all departments").to_owned() },
        limits: if n == 0 { Vec::new() } else { FUNNEL.map(limit).into() },
        dots: dots.into_iter().map(dot).collect(),
        outside_name: lang.pick("超出 95 % 限", "beyond the 95 % limits").to_owned(),
        inside_name: lang.pick("属偶然波动", "within chance").to_owned(),
    })
}

fn control(input: &Input<'_>) -> Result<XmrChart> {
    let lang = input.lang;
    let mut axis = Vec::new();
    let mut panels = Vec::new();
    if let Some(table) = input.mart("control")? {
        let (by, names) = (table.days("month")?, table.texts("department")?);
        axis = months(input, by.iter().copied());
        let (settled, rates) = (table.integers("settled")?, table.numbers("rate_net")?);
        let (centre, low, high) = (table.numbers("centre")?, table.numbers("limit_low")?, table.numbers("limit_high")?);
        let rules = table.texts("rule")?;
        for (name, by_month) in by_department(&names, &by) {
            let seen = || axis.iter().enumerate().filter_map(|(at, month)| by_month.get(month).map(|row| (at, *row)));
            let Some((_, first)) = seen().next() else { continue };
            let n: u64 = seen().map(|(_, row)| whole(settled[row])).sum();
            panels.push(XmrPanel {
                name: name.to_owned(),
                note: format!("n = {n}"),
                values: axis.iter().map(|month| by_month.get(month).and_then(|row| rates[*row])).collect(),
                limits: centre[first].zip(low[first]).zip(high[first]).map(|((centre, low), high)| XmrLimits {
                    low,
                    centre,
                    high,
                }),
                signals: seen()
                    .filter_map(|(at, row)| rules.get(row).map(|rule| (at, rule)))
                    .map(|(month, rule)| XmrSignal { month, rule: words::code(rule, lang).to_owned() })
                    .collect(),
            });
        }
    }
    Ok(XmrChart {
        caption: caption(
            input,
            lang.pick("各部门超时率：信号还是波动", "Overdue rate by department: signal or noise"),
            lang.pick("剔除后，按判定月份；各图纵轴不同", "net, by month settled; each panel has its own scale").to_owned(),
            lang.pick(
                "XmR 图：限 = 均值 ± 2.66 × 相邻两月之差的平均。限内的起伏不必追究，实心点才是信号。判定不足 5 个的月份不算信号，不足 6 个月不画限。",
                "XmR chart: limits = mean ± 2.66 × mean moving range. Ups and downs within them explain nothing; filled dots are signals. No signal in a month with fewer than five stages, no limits with fewer than six months.",
            ),
            true,
        ),
        unit: percents(),
        months: labels(&axis),
        panels,
        value_name: lang.pick("月度超时率", "monthly rate").to_owned(),
        centre_name: lang.pick("均值", "mean").to_owned(),
        limits_name: lang.pick("自然过程限", "natural limits").to_owned(),
        signal_name: lang.pick("信号（注明规则）", "signal, with its rule").to_owned(),
    })
}

fn heat_map(input: &Input<'_>) -> Result<HeatMap> {
    let lang = input.lang;
    let mut axis = Vec::new();
    let mut rows = Vec::new();
    if let Some(table) = input.mart("department_month")? {
        let (by, names) = (table.days("month")?, table.texts("department")?);
        // As many months as have room for their figures.
        let shown = months(input, by.iter().copied());
        axis = shown[shown.len().saturating_sub(12)..].to_vec();
        let (settled, overdue, rates) =
            (table.integers("settled")?, table.integers("overdue_net")?, table.numbers("rate_net")?);
        for (name, by_month) in by_department(&names, &by) {
            let seen = || axis.iter().filter_map(|month| by_month.get(month));
            let sum = |counts: &[Option<i64>]| seen().map(|row| whole(counts[*row])).sum::<u64>();
            let (n, late) = (sum(&settled), sum(&overdue));
            if n == 0 {
                continue;
            }
            let cell = |row: &usize| {
                rates[*row].map(|value| HeatCell { value, note: format!("n = {}", whole(settled[*row])) })
            };
            let row = HeatRow {
                label: name.to_owned(),
                note: format!("n = {n}"),
                cells: axis.iter().map(|month| by_month.get(month).and_then(cell)).collect(),
            };
            rows.push((late as f64 / n.max(1) as f64, row));
        }
    }
    rows.sort_by(|a, b| b.0.total_cmp(&a.0).then_with(|| a.1.label.cmp(&b.1.label)));
    Ok(HeatMap {
        caption: caption(
            input,
            lang.pick("部门 × 月份：超时率（剔除后）", "Departments by month: overdue rate, net"),
            lang.pick("近十二个月，超时率高的在上", "the last twelve months, the highest on top").to_owned(),
            lang.pick(
                "超时环节 ÷ 当月判定的环节；斜线为当月没有判定。",
                "Overdue stages ÷ stages settled in the month; hatched where none was.",
            ),
            true,
        ),
        unit: percents(),
        value_name: lang.pick("超时率", "overdue rate").to_owned(),
        none_name: lang.pick("当月没有判定", "none settled").to_owned(),
        columns: labels(&axis),
        rows: rows.into_iter().map(|(_, row)| row).collect(),
    })
}

fn ageing(input: &Input<'_>) -> Result<AgeingChart> {
    let lang = input.lang;
    let process = &input.config.process;
    let mut stages = Vec::new();
    if let (Some(history), Some(open)) = (input.mart("stage_age")?, input.mart("ageing")?) {
        let (of, ages) = (open.texts("stage")?, open.integers("age_wd")?);
        let mut by_stage: BTreeMap<&str, Vec<f64>> = BTreeMap::new();
        for (row, age) in ages.iter().enumerate() {
            by_stage.entry(of.get(row).unwrap_or_default()).or_default().push(age.unwrap_or(0) as f64);
        }
        let codes = history.texts("stage")?;
        let percentiles = ["p50_wd", "p80_wd", "p95_wd"].map(|name| history.numbers(name));
        let [p50, p80, p95] = percentiles;
        let (p50, p80, p95) = (p50?, p80?, p95?);
        let mut rows: Vec<usize> = (0..codes.len()).collect();
        let code = |row: usize| codes.get(row).unwrap_or_default();
        rows.sort_by_key(|row| (process.position(code(*row)), code(*row)));
        for row in rows {
            let ages = by_stage.remove(code(row)).unwrap_or_default();
            stages.push(AgeingStage {
                label: process.name(code(row), lang).to_owned(),
                note: format!("n = {}", ages.len()),
                percentiles: p50[row].zip(p80[row]).zip(p95[row]).map(|((p50, p80), p95)| [p50, p80, p95]),
                ages,
            });
        }
    }
    if stages.iter().all(|stage| stage.ages.is_empty()) {
        stages.clear();
    }
    let percentile = |share: u8| lang.pick(format!("历史 {share} % 分位"), format!("p{share} of the history"));
    Ok(AgeingChart {
        caption: caption(
            input,
            lang.pick("在办环节有多久了", "How old the open work is"),
            lang.pick(format!("截至 {}，每点一个在办环节", input.as_of), format!("as of {}, a dot each open stage", input.as_of)),
            lang.pick(
                "线为该环节已办结者用时的 50 %、80 %、95 % 分位；越过 95 % 的最该过问。",
                "Lines: by when 50, 80 and 95 % of the finished ones of the stage were done; ask first about those beyond 95 %.",
            ),
            true,
        ),
        unit: working_days(input, 0),
        age_name: lang.pick("在本环节已历工作日", "working days in the stage").to_owned(),
        stages,
        percentile_names: [percentile(50), percentile(80), percentile(95)],
        open_name: lang.pick("在办", "open").to_owned(),
        late_name: lang.pick("超过历史 95 %", "beyond 95 % of the history").to_owned(),
        beyond_name: lang.pick("更久", "older").to_owned(),
        crowd_name: lang.pick("工单较多时按龄期计数", "counted by age where there are many").to_owned(),
    })
}

fn calibration(input: &Input<'_>) -> Result<CalibrationChart> {
    let lang = input.lang;
    let mut bins = Vec::new();
    if let Some(table) = input.mart("calibration")? {
        let (replayed, forecast) = (table.integers("replayed")?, table.numbers("mean_forecast")?);
        let (rate, low, high) =
            (table.numbers("on_time_rate")?, table.numbers("wilson_low")?, table.numbers("wilson_high")?);
        for row in 0..replayed.len() {
            if let (Some(forecast), Some(observed), Some(low), Some(high)) =
                (forecast[row], rate[row], low[row], high[row])
            {
                bins.push(CalibrationBin { forecast, observed, interval: (low, high), n: whole(replayed[row]) });
            }
        }
    }
    bins.sort_by(|a, b| a.forecast.total_cmp(&b.forecast));
    let n: u64 = bins.iter().map(|bin| bin.n).sum();
    let mut subtitle = lang.pick(format!("回放 n = {n}"), format!("replayed n = {n}"));
    if let Some(skill) = input.mart("forecast_skill")? {
        let (scopes, brier, base) = (skill.texts("scope")?, skill.numbers("brier")?, skill.numbers("brier_base")?);
        let all = (0..scopes.len()).find(|row| scopes.get(*row) == Some("all"));
        if let Some((brier, base)) = all.and_then(|row| brier[row].zip(base[row])) {
            subtitle += &lang.pick(
                format!("；Brier {brier:.3}，一律报平均按期率为 {base:.3}"),
                format!("; Brier {brier:.3}, always saying the mean rate {base:.3}"),
            );
        }
    }
    Ok(CalibrationChart {
        caption: caption(
            input,
            lang.pick("按期概率可不可信", "Can the chance of being on time be believed?"),
            subtitle,
            lang.pick(
                "在过去各月末按当时所知重新预测，再看后来是否按期送电。点在对角线上即准确；须线为 95 % Wilson 区间。",
                "Forecast again at past month ends by what was known then, and held against what came. Dots on the diagonal are right; whiskers: 95 % Wilson intervals.",
            ),
            true,
        ),
        observed_name: lang.pick("实际按期比例", "share on time").to_owned(),
        forecast_name: lang.pick("预测按期概率（组内平均）", "forecast chance (mean of the group)").to_owned(),
        dot_name: lang.pick("实际比例", "observed").to_owned(),
        interval_name: lang.pick("95 % 区间", "95 % interval").to_owned(),
        perfect_name: lang.pick("完全准确", "perfect").to_owned(),
        n_name: lang.pick("每组次数", "cases a group").to_owned(),
        bins,
    })
}
