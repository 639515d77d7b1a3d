//! The forms that look for the bottleneck: what follows what, who differs from itself, what is getting old, and whether
//! the forecast deserves trust.

use std::collections::BTreeMap;

use polars::prelude::StringChunked;

use super::finding::{Fills, is_enough};
use super::{Drawn, Finding, MONTHS, MOST_DRAWN, Picture, caption, first, labels, months, percents, plain};
use crate::calendar::Day;
use crate::decimal::fixed;
use crate::draw::{
    AgeingChart, AgeingStage, CalibrationBin, CalibrationChart, ProcessEdge, ProcessMap, ProcessNode, XmrChart,
    XmrLimits, XmrPanel, XmrSignal,
};
use crate::error::Result;
use crate::report::Input;
use crate::report::declared::Head;
use crate::stats::control::Rule;

/// The share of all transitions that the arrows of the map stand for; the rare rest would hide them.
const MAPPED: f64 = 0.98;
/// The most arrows that a reader can follow.
const ARROWS: usize = 40;

fn whole(number: Option<i64>) -> u64 {
    u64::try_from(number.unwrap_or(0)).unwrap_or(0)
}

pub(super) fn process_map(input: &Input<'_>, head: &Head) -> Result<Drawn> {
    let lang = input.lang;
    let process = &input.config.process;
    let mut map = ProcessMap {
        unit: plain(input, 0, " 工作日", " wd"),
        days_name: head.words(input, "days"),
        edge_name: head.words(input, "edge"),
        rework_name: head.words(input, "rework"),
        ..ProcessMap::default()
    };
    let (mut shown, mut all) = (0, 0);
    let mut longest: Vec<(String, f64)> = Vec::new();
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
            |words: &str| ProcessNode { label: head.words(input, words), is_terminal: true, ..ProcessNode::default() };
        map.nodes.push(terminal("accepted"));
        for code in &codes {
            let (passes, net) = &stages[code];
            let mean = *net as f64 / (*passes).max(1) as f64;
            let wd = fixed(mean, 1);
            if is_enough(*passes) {
                longest.push((process.name(code, lang).to_owned(), mean));
            }
            map.nodes.push(ProcessNode {
                label: process.name(code, lang).to_owned(),
                note: lang.pick(format!("n = {passes} · {wd} 工作日"), format!("n = {passes} · {wd} wd")),
                days: Some(mean),
                is_terminal: false,
            });
        }
        map.nodes.push(terminal("ended"));
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
            let days = median[row].map_or(String::new(), |wd| {
                lang.pick(format!(" · {} 天", fixed(wd, 0)), format!(" · {} d", fixed(wd, 0)))
            });
            // Most of an arrow's transitions decide what it is.
            let is_rework = whole(rework[row]) * 2 > n && kinds.get(row) != Some("start");
            map.edges.push(ProcessEdge { from, to, n, label: format!("{n}{days}"), is_rework });
        }
        leave_out_strays(&mut map);
    }
    let shown = [("shown", shown.to_string()), ("all", all.to_string())];
    longest.sort_by(|a, b| b.1.total_cmp(&a.1).then_with(|| a.0.cmp(&b.0)));
    let longest = longest.iter().map(|(stage, mean)| (stage.as_str(), *mean));
    map.caption = caption(input, head, &shown, &Finding::first(longest, &plain(input, 1, " 工作日", " working days")));
    Ok(Picture::wide(&map))
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

pub(super) fn control(input: &Input<'_>, head: &Head) -> Result<Drawn> {
    let lang = input.lang;
    let mut axis = Vec::new();
    let mut panels = Vec::new();
    if let Some(table) = input.mart("control")? {
        let (by, names) = (table.days("month")?, table.texts("department")?);
        axis = months(input, by.iter().copied(), MONTHS);
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
                    .filter_map(|(at, row)| rules.get(row).and_then(Rule::of_code).map(|rule| (at, rule)))
                    .map(|(month, rule)| XmrSignal { month, rule: rule.title(lang).to_owned() })
                    .collect(),
            });
        }
    }
    let latest = axis.len().saturating_sub(1);
    let signals = panels.iter().filter(|panel| panel.signals.iter().any(|signal| signal.month == latest));
    let signals: Vec<&str> = signals.map(|panel| panel.name.as_str()).collect();
    let finding = match signals.is_empty() {
        _ if panels.is_empty() => Finding::Nothing,
        true => Finding::Otherwise(Fills::new()),
        false => Finding::Found(vec![("signals", signals.join(lang.pick("、", ", ")))]),
    };
    let mut caption = caption(input, head, &[], &finding);
    if panels.len() > MOST_DRAWN {
        // Those with a signal are what it is looked at for.
        panels.sort_by_key(|panel: &XmrPanel| panel.signals.is_empty());
    }
    let panels = first(panels, None, &mut caption, input);
    let chart = XmrChart {
        caption,
        unit: percents(),
        months: labels(&axis),
        panels,
        value_name: head.words(input, "value"),
        centre_name: head.words(input, "centre"),
        limits_name: head.words(input, "limits"),
        signal_name: head.words(input, "signal"),
    };
    Ok(Picture::of(chart, None))
}

pub(super) fn ageing(input: &Input<'_>, head: &Head) -> Result<Drawn> {
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
    let finding = oldest(&stages);
    let percentile = |share: u8| head.words_with(input, "percentile", &[("share", share.to_string())]);
    let chart = AgeingChart {
        caption: caption(input, head, &[], &finding),
        unit: plain(input, 0, " 工作日", " wd"),
        age_name: head.words(input, "age"),
        stages,
        percentile_names: [percentile(50), percentile(80), percentile(95)],
        open_name: head.words(input, "open"),
        late_name: head.words(input, "late"),
        beyond_name: head.words(input, "beyond"),
        crowd_name: head.words(input, "crowd"),
    };
    Ok(Picture::wide(&chart))
}

/// How many of the open stages are older than nearly all that were finished, and which stage has the most of them.
fn oldest(stages: &[AgeingStage]) -> Finding {
    let late = |stage: &AgeingStage| {
        let beyond = |age: &&f64| stage.percentiles.is_some_and(|[_, _, p95]| **age > p95);
        stage.ages.iter().filter(beyond).count()
    };
    let all: usize = stages.iter().map(late).sum();
    let open: usize = stages.iter().map(|stage| stage.ages.len()).sum();
    let counts = vec![("late", all.to_string()), ("open", open.to_string())];
    match stages.iter().rev().max_by_key(|stage| late(stage)) {
        Some(_) if open == 0 => Finding::Nothing,
        Some(most) if all > 0 => Finding::Found(counts).with([("first", most.label.clone())]),
        Some(_) => Finding::Otherwise(counts),
        None => Finding::Nothing,
    }
}

pub(super) fn calibration(input: &Input<'_>, head: &Head) -> Result<Drawn> {
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
    let (skill, finding) = skill(input, head)?;
    let chart = CalibrationChart {
        caption: caption(input, head, &[("n", n.to_string()), ("skill", skill)], &finding),
        observed_name: head.words(input, "observed"),
        forecast_name: head.words(input, "forecast"),
        dot_name: head.words(input, "dot"),
        interval_name: head.words(input, "interval"),
        perfect_name: head.words(input, "perfect"),
        n_name: head.words(input, "n"),
        bins,
    };
    Ok(Picture::of(chart, None))
}

/// How much better than the mean rate the forecasts were, and whether they were; empty where none was replayed.
fn skill(input: &Input<'_>, head: &Head) -> Result<(String, Finding)> {
    let none = (String::new(), Finding::Nothing);
    let Some(skill) = input.mart("forecast_skill")? else { return Ok(none) };
    let (scopes, brier, base) = (skill.texts("scope")?, skill.numbers("brier")?, skill.numbers("brier_base")?);
    let all = (0..scopes.len()).find(|row| scopes.get(*row) == Some("all"));
    let Some((brier, base)) = all.and_then(|row| brier[row].zip(base[row])) else { return Ok(none) };
    let scores = [("brier", fixed(brier, 3)), ("base", fixed(base, 3))];
    let is_better = brier < base;
    let finding = if is_better { Finding::Found(scores.to_vec()) } else { Finding::Otherwise(scores.to_vec()) };
    Ok((head.words_with(input, "skill", &scores), finding))
}
