//! The charts that judge rather than count: comparison, bottleneck, forecast.

use proptest::prelude::*;

use super::*;

const LONG: &str = "国网某某市高新技术产业开发区供电公司客户服务分中心第一服务站";
const WORDY: &str = "Demand-side Management and Customer Connection Coordination Centre";

/// A name, now Chinese, now English, now far too long.
fn name(index: usize) -> String {
    match index % 4 {
        0 => format!("电力调度中心{index}"),
        1 => format!("Power Dispatching Centre {index}"),
        2 => format!("{LONG}{index}"),
        _ => format!("{WORDY} {index}"),
    }
}

fn whole() -> u64 {
    132
}

/// A curve that falls by `drop` of what is left on every `every`th day.
fn curve(days: usize, every: usize, drop: f64) -> SurvivalCurve {
    let mut share = 1.0;
    let steps = (0..=days)
        .map(|step| {
            share *= if step == 0 { 1.0 } else { 1.0 - drop };
            let interval = (wobble(step) > 0.02).then(|| ((share - 0.08).max(0.0), (share + 0.05).min(1.0)));
            let (at_risk, censored) = ((days - step) as u64 * 1_000, u64::from(step % 2 == 1));
            SurvivalStep { day: values::count(step * every), share, interval, at_risk, censored }
        })
        .collect();
    let name = format!("曲线 {every}");
    SurvivalCurve { at_risk_name: name.clone(), name, steps, ..SurvivalCurve::default() }
}

fn survival(curves: Vec<SurvivalCurve>) -> SurvivalChart {
    SurvivalChart {
        caption: caption(),
        share_name: "尚未送电的比例".into(),
        days_name: "受理后的天数".into(),
        unit: days(),
        curves,
        interval_name: "95 % 置信区间".into(),
        censored_name: "在办".into(),
        at_risk_name: "在险数".into(),
        ..SurvivalChart::default()
    }
}

fn median(mut curve: SurvivalCurve, day: f64, label: &str) -> SurvivalCurve {
    curve.median = Some(Reference { value: day, label: label.into() });
    curve
}

fn love(rows: Vec<LoveRow>) -> LoveChart {
    LoveChart {
        caption: caption(),
        unit: Unit::Plain { decimals: 2, suffix: String::new() },
        before_name: "匹配前".into(),
        after_name: "匹配后".into(),
        threshold: Reference { value: 0.1, label: "界限".into() },
        rows,
    }
}

fn difference(rows: usize, size: f64) -> DifferenceChart {
    let row = |index: usize| {
        let value = (wobble(index * 5) - 0.5) * size;
        DifferenceRow {
            label: name(index),
            note: "n = 132".into(),
            value: (index % 7 != 3).then_some(value),
            interval: (index % 5 != 4).then_some((value - size * 0.2, value + size * 0.2)),
        }
    };
    DifferenceChart {
        caption: caption(),
        unit: days(),
        zero_name: "全体".into(),
        apart_name: "区间不含 0".into(),
        alike_name: "可由偶然解释".into(),
        interval_name: "95% 区间".into(),
        rows: (0..rows).map(row).collect(),
    }
}

fn waterfall(start: f64, changes: &[f64]) -> WaterfallChart {
    let steps = changes.iter().enumerate();
    WaterfallChart {
        caption: caption(),
        unit: days(),
        start: Reference { value: start, label: "常规平均".into() },
        end: Reference { value: start + changes.iter().sum::<f64>(), label: "订单式平均".into() },
        steps: steps
            .map(|(index, &change)| WaterfallStep { label: name(index), note: "n = 132".into(), change })
            .collect(),
        less_name: "缩短".into(),
        more_name: "延长".into(),
    }
}

fn pareto(values: &[f64]) -> ParetoChart {
    let bars = values.iter().enumerate();
    ParetoChart {
        caption: caption(),
        unit: days(),
        value_name: "关键路径天数".into(),
        share_name: "累计占比".into(),
        bars: bars.map(|(index, &value)| ParetoBar { label: name(index), note: "n = 132".into(), value }).collect(),
        rest_name: "其他".into(),
    }
}

fn funnel(dots: usize, crowded: bool) -> FunnelChart {
    let limit = |sign: f64| (1..60).map(|n| values::count(n * 5)).map(move |n| (n, (0.14 + sign / n).clamp(0.0, 1.0)));
    let dot = |index: usize| FunnelDot {
        label: name(index),
        n: if crowded { whole() } else { (index as u64 * 97) % 280 + 1 },
        rate: if crowded { 0.3 } else { wobble(index * 3 + 1) * 0.4 },
        is_outside: crowded || index.is_multiple_of(3),
    };
    FunnelChart {
        caption: caption(),
        unit: percent(),
        rate_name: "超期率".into(),
        n_name: "结算环节数".into(),
        overall: Reference { value: 0.14, label: "全部".into() },
        limits: vec![FunnelLimit {
            name: "95 %".into(),
            style: LineStyle::Dashed,
            lower: limit(-2.0).collect(),
            upper: limit(2.0).collect(),
        }],
        dots: (0..dots).map(dot).collect(),
        outside_name: "超出".into(),
        inside_name: "正常".into(),
    }
}

fn xmr(panels: usize, months: usize) -> XmrChart {
    let panel = |index: usize| XmrPanel {
        name: name(index),
        note: "n = 1,320".into(),
        values: (0..months).map(|m| (wobble(index + m) > 0.1).then(|| wobble(index * 31 + m) * 0.4)).collect(),
        limits: (index % 3 != 2).then_some(XmrLimits { low: 0.05, centre: 0.05, high: 0.3 }),
        signals: (0..months)
            .filter(|m| m % 5 < 2)
            .map(|month| XmrSignal { month, rule: "连续 8 点同侧".into() })
            .collect(),
    };
    XmrChart {
        caption: caption(),
        unit: percent(),
        months: (0..months).map(|m| format!("{}-{:02}", 2022 + m / 12, m % 12 + 1)).collect(),
        panels: (0..panels).map(panel).collect(),
        value_name: "月度超期率".into(),
        centre_name: "均值".into(),
        limits_name: "自然过程限".into(),
        signal_name: "信号".into(),
    }
}

fn heat(rows: usize, columns: usize, scale: f64) -> HeatMap {
    let cell = |row: usize, column: usize| {
        let value = wobble(row * 31 + column * 7) * scale;
        (wobble(row * 3 + column) > 0.1).then(|| HeatCell { value, note: "n = 12".into() })
    };
    HeatMap {
        caption: caption(),
        unit: percent(),
        value_name: "超期率".into(),
        none_name: "无数据".into(),
        columns: (0..columns).map(|m| format!("{}-{:02}", 2022 + m / 12, m % 12 + 1)).collect(),
        rows: (0..rows)
            .map(|row| HeatRow {
                label: name(row),
                note: "n = 132".into(),
                cells: (0..columns).map(|column| cell(row, column)).collect(),
            })
            .collect(),
    }
}

fn ageing(stages: usize, cases: usize) -> AgeingChart {
    let stage = |index: usize| AgeingStage {
        label: name(index),
        note: format!("n = {cases}"),
        ages: (0..cases).map(|case| (wobble(index * 17 + case * 3) * 60.0).floor()).collect(),
        percentiles: (index % 3 != 2).then_some([12.0, 30.0, 45.0]),
    };
    AgeingChart {
        caption: caption(),
        unit: days(),
        age_name: "已历工作日".into(),
        stages: (0..stages).map(stage).collect(),
        percentile_names: ["p50", "p80", "p95"].map(String::from),
        open_name: "在办".into(),
        late_name: "超过 p95".into(),
        beyond_name: "更久".into(),
        crowd_name: "计数".into(),
    }
}

fn calibration(ns: &[u64]) -> CalibrationChart {
    let all = values::count(ns.len());
    let bin = |(index, &n): (usize, &u64)| {
        let forecast = (values::count(index) + 0.5) / all;
        let observed = (forecast * 0.9 + wobble(index) * 0.1).min(1.0);
        let interval = ((observed - 0.1).max(0.0), (observed + 0.1).min(1.0));
        CalibrationBin { forecast, observed, interval, n }
    };
    CalibrationChart {
        caption: caption(),
        observed_name: "实际比例".into(),
        forecast_name: "预测概率".into(),
        dot_name: "实际".into(),
        interval_name: "95 % 置信区间".into(),
        perfect_name: "完全准确".into(),
        n_name: "工单数".into(),
        bins: ns.iter().enumerate().map(bin).collect(),
    }
}

fn process(nodes: usize, edges: &[(usize, usize)]) -> ProcessMap {
    let node = |index: usize| ProcessNode {
        label: name(index),
        note: format!("n = {index} · 12.3 天"),
        days: (index > 0).then(|| wobble(index * 5) * 60.0),
        is_terminal: index == 0 || index + 1 == nodes,
    };
    let edge = |(index, &(from, to)): (usize, &(usize, usize))| {
        let n = 1 + (index as u64 * 37) % 400;
        ProcessEdge { from, to, n, label: format!("{n} · {index} 天"), is_rework: to <= from }
    };
    ProcessMap {
        caption: caption(),
        unit: days(),
        days_name: "平均工作日".into(),
        edge_name: "前后相继".into(),
        rework_name: "返工".into(),
        nodes: (0..nodes).map(node).collect(),
        edges: edges.iter().enumerate().map(edge).collect(),
    }
}

/// The usual course of `stages`, with steps skipped, repeated and gone back.
fn course(stages: usize) -> Vec<(usize, usize)> {
    let usual = (1..stages).map(|to| (to - 1, to));
    let skips = (0..stages.saturating_sub(3)).step_by(2).map(|from| (from, from + 3));
    let back = (4..stages).step_by(4).map(|from| (from, from - 3));
    let again = (1..stages).step_by(5).map(|stage| (stage, stage));
    usual.chain(skips).chain(back).chain(again).collect()
}

/// Every chart worth looking at, by name, in some widths.
pub(super) fn gallery(widths: &[u32]) -> Vec<(String, String)> {
    let thin = |mut curve: SurvivalCurve| {
        curve.steps.truncate(1);
        curve
    };
    let ringed = |curve: SurvivalCurve| SurvivalCurve { is_ringed: true, style: LineStyle::Dashed, ..curve };
    let rows = |count: usize, scale: f64| {
        let value = |seed: usize| (wobble(seed + 2) > 0.1).then(|| wobble(seed) * scale);
        love((0..count).map(|i| LoveRow { label: name(i), before: value(i), after: value(i * 7) }).collect())
    };
    let mut late = survival(vec![
        median(curve(90, 4, 0.02), 137.0, "order-style, median"),
        ringed(median(curve(60, 5, 0.015), 290.0, "常规中位")),
        median(curve(90, 4, 0.004), 139.0, LONG),
    ]);
    late.horizon = Some(Reference { value: 355.0, label: "共同时限".into() });
    let mut cut = late.clone();
    cut.last_day = Some(100.0);
    let mut named = late.clone();
    named.curves.iter_mut().for_each(|curve| curve.name = WORDY.into());
    let survivals = [
        ("none", survival(vec![])),
        ("one case", survival(vec![curve(1, 30, 1.0)])),
        ("one step", survival(vec![thin(curve(1, 30, 1.0))])),
        ("three", late),
        ("cut", cut),
        ("long names", named),
    ];
    let loves = [("none", rows(0, 1.0)), ("one", rows(1, 0.01)), ("thirty", rows(30, 0.9)), ("huge", rows(3, 1e14))];
    let differences = [
        ("none", difference(0, 1.0)),
        ("one", difference(1, 0.02)),
        ("thirty", difference(30, 9.0)),
        ("huge", difference(3, 1e14)),
    ];
    let waterfalls = [
        ("none", waterfall(9.0, &[])),
        ("one", waterfall(118.4, &[-12.5])),
        ("fifteen", waterfall(118.4, &(0..15).map(|i| (wobble(i * 3) - 0.6) * 12.0).collect::<Vec<_>>())),
        ("from nothing", waterfall(0.0, &[12.0, -12.0, 0.0])),
        ("huge", waterfall(1e14, &[-9e13, 4e12])),
    ];
    let paretos = [
        ("none", pareto(&[])),
        ("zeros", pareto(&[0.0, 0.0])),
        ("one", pareto(&[12.0])),
        ("even", pareto(&[100.0; 13])),
        ("usual", pareto(&[900.0, 400.0, 90.0, 80.0, 30.0, 0.0])),
        ("thirty", pareto(&(0..30).map(|i| wobble(i) * 90.0).collect::<Vec<_>>())),
        ("huge", pareto(&[1e14, 2.0])),
    ];
    let funnels = [
        ("none", funnel(0, false)),
        ("one", funnel(1, false)),
        ("fourteen", funnel(14, false)),
        ("thirty", funnel(30, false)),
        ("one place", funnel(30, true)),
    ];
    let xmrs = [
        ("none", xmr(0, 12)),
        ("one month", xmr(2, 1)),
        ("three", xmr(3, 24)),
        ("ten", xmr(10, 24)),
        ("sixty months", xmr(4, 60)),
    ];
    let heats = [
        ("none", heat(0, 12, 1.0)),
        ("one", heat(1, 1, 1.0)),
        ("year", heat(14, 12, 0.6)),
        ("two years", heat(30, 24, 1.0)),
        ("five years", heat(3, 60, 0.02)),
        ("huge", heat(3, 12, 1e12)),
    ];
    let ageings = [
        ("none", ageing(0, 0)),
        ("no case", ageing(3, 0)),
        ("one", ageing(1, 1)),
        ("usual", ageing(12, 30)),
        ("crowd", ageing(12, 401)),
        ("twenty stages", ageing(20, 130)),
    ];
    let calibrations = [
        ("none", calibration(&[])),
        ("one", calibration(&[3])),
        ("ten", calibration(&[10, 0, 30, 9_999_999, 12, 300, 2, 1, 90, 5])),
        ("thirty", calibration(&[1_000; 30])),
    ];
    let processes = [
        ("none", process(0, &[])),
        ("one", process(1, &[])),
        ("loop", process(1, &[(0, 0), (0, 0)])),
        ("apart", process(4, &[(3, 0)])),
        ("fourteen", process(14, &course(14))),
        ("thirty", process(30, &course(30))),
    ];
    let mut charts = Vec::new();
    macro_rules! draw {
        ($kind:literal, $cases:expr) => {
            for (case, chart) in &$cases {
                for &width in widths.iter().filter(|width| super::fits(case, **width)) {
                    let mut chart = chart.clone();
                    chart.caption.width = width;
                    charts.push((format!("{}, {case}, {width}", $kind), chart.svg().unwrap()));
                }
            }
        };
    }
    draw!("survival", survivals);
    draw!("love", loves);
    draw!("difference", differences);
    draw!("waterfall", waterfalls);
    draw!("pareto", paretos);
    draw!("funnel", funnels);
    draw!("xmr", xmrs);
    draw!("heat", heats);
    draw!("ageing", ageings);
    draw!("calibration", calibrations);
    draw!("process", processes);
    charts
}

#[test]
fn nothing_is_cut_off_or_overlaps() {
    for (name, svg) in gallery(&[1000, 640, 480, 344]) {
        assert_sound(&name, &svg);
        assert!(missing_glyphs(&svg).is_empty(), "{name}");
    }
}

#[test]
fn the_same_data_give_the_same_bytes() {
    assert_eq!(gallery(&[640]), gallery(&[640]));
}

#[test]
fn a_chart_without_data_says_so_in_the_callers_words() {
    let none = [
        survival(vec![]).svg(),
        love(vec![]).svg(),
        waterfall(9.0, &[]).svg(),
        pareto(&[0.0, 0.0]).svg(),
        funnel(0, false).svg(),
        xmr(0, 12).svg(),
        heat(0, 12, 1.0).svg(),
        ageing(3, 0).svg(),
        calibration(&[0]).svg(),
        process(0, &[]).svg(),
    ];
    for svg in none {
        let svg = svg.unwrap();
        assert!(svg.contains(">无数据</text>"), "{svg}");
    }
}

#[test]
fn refuses_impossible_data_by_name() {
    let mut falling = curve(3, 10, 0.2);
    falling.steps[2].day = 10.0;
    let mut certain = curve(3, 10, 0.2);
    certain.steps[1].share = 1.2;
    let mut wrong_sum = waterfall(100.0, &[-10.0]);
    wrong_sum.end.value = 91.0;
    let mut upside_down = xmr(1, 12);
    upside_down.panels[0].limits = Some(XmrLimits { low: 0.2, centre: 0.1, high: 0.3 });
    let mut no_month = xmr(1, 12);
    no_month.panels[0].signals[0].month = 12;
    let mut short = heat(2, 12, 1.0);
    short.rows[1].cells.pop();
    let mut mixed = ageing(1, 3);
    mixed.stages[0].percentiles = Some([9.0, 5.0, 12.0]);
    let mut unsure = calibration(&[3, 4]);
    unsure.bins[1].interval = (0.9, 0.2);
    let mut nan = funnel(2, false);
    nan.dots[1].rate = f64::NAN;
    let signed = love(vec![LoveRow { label: "季节".into(), before: Some(-0.2), after: None }]);
    let cases = [
        (survival(vec![falling]).svg(), "曲线 10: the span from 10 to 10"),
        (survival(vec![certain]).svg(), "cannot draw the value 1.2"),
        (signed.svg(), "季节: cannot draw the value -0.2"),
        (wrong_sum.svg(), "订单式平均: the changes lead to 90, expected 91"),
        (waterfall(10.0, &[-11.0, 5.0]).svg(), "the value -1"),
        (pareto(&[f64::INFINITY]).svg(), "the value inf"),
        (nan.svg(), "the value NaN"),
        (upside_down.svg(), "from 0.2 to 0.3"),
        (no_month.svg(), "12 values, expected 13"),
        (short.svg(), "11 values, expected 12"),
        (mixed.svg(), "from 9 to 12"),
        (unsure.svg(), "from 0.9 to 0.2"),
        (process(2, &[(0, 2)]).svg(), "2 values, expected 3"),
    ];
    for (result, expected) in cases {
        let message = result.unwrap_err().to_string();
        assert!(message.contains(expected), "{message}");
    }
}

#[test]
fn numbers_at_risk_stand_below_their_days() {
    let mut kept = curve(4, 50, 0.25);
    for (step, at_risk) in kept.steps.iter_mut().zip([640, 640, 333, 71, 12]) {
        step.at_risk = at_risk;
    }
    let texts = texts(&survival(vec![kept]).svg().unwrap());
    let middle = |wanted: &str| {
        let found: Vec<&Written> = texts.iter().filter(|written| written.text == wanted).collect();
        found.iter().map(|written| f64::midpoint(written.left, written.right)).collect::<Vec<_>>()
    };
    // those still there just before the day: on day 50 all, since the first one leaves on that day
    for (day, at_risk) in [("0", "640"), ("50", "640"), ("100", "333"), ("150", "71"), ("200", "12")] {
        let below = middle(at_risk);
        assert!(middle(day).iter().any(|x| below.iter().any(|y| (x - y).abs() < 0.3)), "{day}: {at_risk}");
    }
}

#[test]
fn bands_let_what_is_below_them_show() {
    let svg = survival(vec![curve(9, 10, 0.1), curve(9, 12, 0.2)]).svg().unwrap();
    assert!(svg.matches("fill-opacity=\"0.16\"").count() >= 3, "two bands and one sign");
}

#[test]
fn changes_have_signs_and_lead_on() {
    let svg = waterfall(100.0, &[-10.0, 4.0, 0.0]).svg().unwrap();
    for text in ["100.0 工作日", "−10.0 工作日", "+4.0 工作日", "0.0 工作日", "94.0 工作日"] {
        assert!(svg.contains(&format!(">{text}</text>")), "{text}");
    }
    // what is longer is hatched, and nothing else is
    let strokes = |changes: &[f64]| waterfall(100.0, changes).svg().unwrap().matches("stroke=\"#5b6773\"").count();
    assert_eq!(strokes(&[-10.0, -30.0]), 0);
    assert!(strokes(&[10.0, -30.0]) > 4);
}

#[test]
fn bars_without_room_are_added_up() {
    let values: Vec<f64> = (1..=40).map(values::count).collect();
    let svg = pareto(&values).svg().unwrap();
    let written = texts(&svg);
    let rest =
        written.iter().find_map(|text| text.text.strip_prefix("其他 (")?.strip_suffix(')')?.parse::<usize>().ok());
    let rest = rest.unwrap();
    assert_eq!(written.iter().filter(|text| text.text == "n = 132").count(), 40 - rest);
    let sum: f64 = values[..rest].iter().sum();
    assert!(written.iter().any(|text| text.text == days().bare(sum)), "{sum}");
    assert_eq!(written.iter().filter(|text| text.text == "100%").count(), 2, "the axis, and the last dot");
}

#[test]
fn only_departments_outside_are_named() {
    let mut chart = funnel(2, false);
    chart.dots[0].label = "营销部".into();
    chart.dots[1].label = "基建部".into();
    let svg = chart.svg().unwrap();
    assert!(svg.contains(">营销部 ") && !svg.contains("基建部"), "{svg}");
    // none of thirty in one place hides another's name
    let crowd = funnel(12, true).svg().unwrap();
    assert_eq!(texts(&crowd).iter().filter(|text| text.text.ends_with("30.0%")).count(), 12);
}

#[test]
fn a_rule_is_named_once_where_it_goes_on() {
    let mut chart = xmr(1, 12);
    chart.panels[0].values = vec![Some(0.1); 12];
    chart.panels[0].signals = [3, 4, 5, 9].map(|month| XmrSignal { month, rule: "连续 8 点同侧".into() }).to_vec();
    let svg = chart.svg().unwrap();
    assert_eq!(svg.matches(">连续 8 点同侧</text>").count(), 2);
}

#[test]
fn ink_is_light_on_dark_cells() {
    let mut chart = heat(1, 2, 1.0);
    for (cell, value) in chart.rows[0].cells.iter_mut().zip([0.01, 0.99]) {
        *cell = Some(HeatCell { value, note: String::new() });
    }
    let svg = chart.svg().unwrap();
    let fill = |text: &str| {
        let element = svg.split("<text").find(|element| element.contains(&format!(">{text}</text>"))).unwrap();
        attribute(element, "fill").unwrap().to_owned()
    };
    assert_eq!((fill("1.0%").as_str(), fill("99.0%").as_str()), ("#1f2933", "#ffffff"));
}

#[test]
fn cases_are_drawn_one_by_one_until_they_crowd() {
    let dots = |cases: usize| ageing(1, cases).svg().unwrap().matches("<circle").count();
    let signs = 3; // a ring is two circles, a dot one
    assert!(dots(400) >= 400 + signs, "{}", dots(400));
    assert_eq!(dots(401), signs);
    let mut old = ageing(2, 20);
    old.stages[0].ages.extend([900.0, 901.0]);
    let svg = old.svg().unwrap();
    assert!(svg.contains(">更久 2</text>"), "{svg}");
}

#[test]
fn a_map_shows_every_stage_and_arrow() {
    let map = process(14, &course(14));
    let svg = map.svg().unwrap();
    for edge in &map.edges {
        assert!(svg.contains(&format!(">{}</text>", edge.label)), "{}", edge.label);
    }
    assert_eq!(svg.matches(" · 12.3 天</text>").count(), 14);
    // what follows is below what it follows, in the caller's order
    let written = texts(&svg);
    let top = |node: usize| written.iter().find(|text| text.text.starts_with(&format!("n = {node} ·"))).unwrap().top;
    for node in 1..14 {
        assert!(top(node - 1) < top(node), "{node}");
    }
}

#[test]
fn what_goes_back_points_up() {
    let tip = |edge: (usize, usize), colour: &str| {
        let svg = process(2, &[edge]).svg().unwrap();
        let heads: Vec<&str> = svg.lines().filter(|line| line.contains("Z\"") && line.contains(colour)).collect();
        assert_eq!(heads.len(), 1, "{svg}");
        let height: f64 = heads[0].split(['M', 'L']).nth(1).unwrap().split(' ').nth(1).unwrap().parse().unwrap();
        let label = texts(&svg).into_iter().find(|text| text.text == "1 · 0 天").unwrap();
        height - label.top
    };
    assert!(tip((0, 1), "fill=\"#8a95a1\"") > 0.0);
    assert!(tip((1, 0), "fill=\"#c24e12\"") < 0.0);
}

proptest! {
    #![proptest_config(ProptestConfig::with_cases(8))]

    #[test]
    fn any_process_can_be_drawn(edges in prop::collection::vec((0_usize..18, 0_usize..18), 0..50)) {
        let map = process(18, &edges);
        let svg = map.svg().unwrap();
        assert_sound("process", &svg);
        prop_assert_eq!(svg, map.svg().unwrap());
    }
}
