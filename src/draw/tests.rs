//! Each chart with little, usual, too much and impossible data.

use super::*;

/// A text of an SVG: where its box is, by our measurement.
#[derive(Debug)]
struct Written {
    text: String,
    left: f64,
    right: f64,
    top: f64,
    bottom: f64,
}

fn attribute<'s>(element: &'s str, name: &str) -> Option<&'s str> {
    let from = element.find(&format!(" {name}=\""))? + name.len() + 3;
    element[from..].split('"').next()
}

fn number(element: &str, name: &str) -> f64 {
    attribute(element, name).unwrap().parse().unwrap()
}

fn texts(svg: &str) -> Vec<Written> {
    let texts = svg.split("<text").skip(1);
    texts
        .map(|element| {
            let (tag, rest) = element.split_once('>').unwrap();
            let text = rest.split("</text>").next().unwrap();
            let text = text.replace("&lt;", "<").replace("&gt;", ">").replace("&quot;", "\"");
            let text = text.replace("&amp;", "&");
            let bold = attribute(tag, "font-weight").is_some();
            let size = number(tag, "font-size");
            let weight = if bold { Weight::Bold } else { Weight::Regular };
            let width = fonts::text_width(&text, size, weight);
            let left = number(tag, "x")
                - match attribute(tag, "text-anchor") {
                    None => 0.0,
                    Some("middle") => width / 2.0,
                    Some(_) => width,
                };
            let baseline = number(tag, "y");
            let (top, bottom) = (baseline - 0.75 * size, baseline + 0.08 * size);
            Written { text, left, right: left + width, top, bottom }
        })
        .collect()
}

/// Checks what must hold of every chart, however odd its data.
fn assert_sound(name: &str, svg: &str) {
    for wrong in ["NaN", "inf", "\"-0\"", "id=\""] {
        assert!(!svg.contains(wrong), "{name}: {wrong}");
    }
    let (width, height) = (number(svg, "width"), number(svg, "height"));
    for part in svg.split('"').skip(1).step_by(2) {
        for digits in part.split(|c: char| !c.is_ascii_digit() && c != '.') {
            let decimals = digits.split_once('.').map_or(0, |(_, rest)| rest.len());
            let is_number = digits.parse::<f64>().is_ok();
            assert!(!is_number || decimals <= 2, "{name}: {digits} in {part}");
        }
    }
    let texts = texts(svg);
    assert_eq!(texts.len(), svg.matches("</text>").count(), "{name}");
    for Written { text, left, right, top, bottom } in &texts {
        let inside = *left >= 4.0 && *right <= width - 4.0 && *top >= 0.0 && *bottom <= height;
        assert!(inside, "{name}: {text} is cut off: {left}..{right}, {top}..{bottom}");
    }
    for (index, a) in texts.iter().enumerate() {
        for b in &texts[index + 1..] {
            let apart = a.right <= b.left + 0.3
                || b.right <= a.left + 0.3
                || a.bottom <= b.top + 0.3
                || b.bottom <= a.top + 0.3;
            assert!(apart, "{name}: {} is over {}", a.text, b.text);
        }
    }
}

fn caption() -> Caption {
    Caption {
        title: "各部门环节超期率 <剔除前后>".into(),
        subtitle: "2026年3月 · 已结算环节 & 全部局".into(),
        footnote: "来源：业扩工单环节明细。超期率＝超期环节数÷已结算环节数；".repeat(4),
        empty: "无数据".into(),
        width: 1000,
    }
}

fn percent() -> Unit {
    Unit::Percent { decimals: 1 }
}

fn days() -> Unit {
    Unit::Plain { decimals: 1, suffix: " 工作日".into() }
}

fn category(label: &str, values: [Option<f64>; 2], interval: Option<(f64, f64)>) -> BarCategory {
    BarCategory { label: label.into(), note: "n = 132".into(), values: values.into(), interval, is_few: false }
}

fn bars(unit: Unit, categories: Vec<BarCategory>) -> BarChart {
    BarChart {
        caption: caption(),
        unit,
        series: vec!["未剔除".into(), "剔除客户原因后".into()],
        categories,
        interval_name: "95% 置信区间".into(),
        reference: Some(Reference { value: 0.113, label: "全部部门平均".into() }),
    }
}

/// A number from 0 to 1 that looks random and is not.
fn wobble(seed: usize) -> f64 {
    values::count(seed * 7_919 % 1_000) / 1_000.0
}

fn line(name: &str, months: usize, seed: usize, scale: f64) -> Line {
    let value = |month| (wobble(seed + month) > 0.1).then(|| wobble(seed * 31 + month) * scale);
    Line { name: name.into(), values: (0..months).map(value).collect(), ..Line::default() }
}

fn lines(unit: Unit, months: usize, lines: Vec<Line>) -> LineChart {
    let months = (0..months).map(|m| format!("{}-{:02}", 2022 + m / 12, m % 12 + 1)).collect();
    let target = Some(Reference { value: 0.05, label: "考核目标".into() });
    LineChart { caption: caption(), unit, months, lines, target }
}

fn stacked(values: Vec<Vec<f64>>) -> StackedBarChart {
    let names = ["剔除", "待核实", "超时限申报", "不予剔除", "环节之外", "原因不可剔除"];
    StackedBarChart {
        caption: caption(),
        unit: days(),
        parts: names.into_iter().map(String::from).zip(Hue::ALL).collect(),
        bars: values
            .into_iter()
            .map(|values| StackedBar { label: "政府审批（规划、路由、占掘路许可）".into(), values })
            .collect(),
    }
}

fn gantt(rows: usize) -> Gantt {
    let row = |index: usize| {
        let start = i32::try_from(index).unwrap() * 5;
        GanttRow {
            label: "停（送）电接火（第 2 次）".into(),
            department: "需求侧管理中心".into(),
            planned: Some((start, start + 14)),
            actual: (index % 4 != 3).then_some((start + 3, start + 30)),
            open: index % 4 == 2,
            excluded: vec![(start + 5, start + 9), (start + 8, start + 12)],
            overdue: Some((start + 20, start + 30)),
            note: "超期 16 工作日，进行中".into(),
            ..GanttRow::default()
        }
    };
    Gantt {
        caption: caption(),
        first_day: 0,
        last_day: 120,
        months: (0..4).map(|m| DayMark { day: m * 30, label: format!("2026-0{}", m + 1) }).collect(),
        as_of: Some(DayMark { day: 119, label: "截止日 2026-05-23".into() }),
        goal: None,
        rows: (0..rows).map(row).collect(),
        words: GanttWords {
            planned: "计划".into(),
            actual: "实际".into(),
            excluded: "剔除（客户原因）".into(),
            overdue: "超期".into(),
            open: "进行中".into(),
            scheduled: "计划".into(),
            critical: "关键环节".into(),
            customers: "客户工作".into(),
            critical_customers: "客户工作（关键）".into(),
        },
    }
}

/// A plan: the first row done, the second under way and late, the others ahead.
fn schedule(rows: usize, goal: i32) -> Gantt {
    let row = |index: usize| {
        let start = i32::try_from(index).unwrap() * 9;
        GanttRow {
            label: "路径及通道规划报批".into(),
            department: "客户".into(),
            planned: (index > 1).then_some((start - 6, start + 14)),
            actual: (index < 2).then_some((start, 12)),
            overdue: (index == 1).then_some((10, 12)),
            scheduled: (index > 0).then_some(Scheduled {
                span: (start.max(12), start + 14),
                is_critical: index.is_multiple_of(2),
                is_customers: index % 4 > 1,
            }),
            note: "2026-03-14 · 余 21".into(),
            ..GanttRow::default()
        }
    };
    Gantt {
        as_of: Some(DayMark { day: 12, label: "统计日 2026-03-13".into() }),
        goal: Some(DayMark { day: goal, label: "期望送电 2026-04-01".into() }),
        rows: (0..rows).map(row).collect(),
        ..gantt(0)
    }
}

/// Every chart worth looking at, by name.
fn gallery() -> Vec<(String, String)> {
    let mut charts = Vec::new();
    let long = "国网某某市高新技术产业开发区供电公司客户服务分中心第一服务站";
    let bar_cases: Vec<(&str, BarChart)> = vec![
        ("no category", bars(percent(), vec![])),
        ("only gaps", bars(percent(), vec![category("营销部", [None, None], None)])),
        ("one", bars(percent(), vec![category("营销部", [Some(0.12), Some(0.06)], Some((0.04, 0.1)))])),
        ("zeros", bars(percent(), vec![category("基建部", [Some(0.0), Some(0.0)], Some((0.0, 0.0)))])),
        ("all", bars(percent(), vec![category("基建部", [Some(1.0), Some(1.0)], Some((0.4, 1.0)))])),
        ("huge", bars(days(), vec![category(long, [Some(9e14), None], None)])),
        (
            "thirty",
            bars(
                percent(),
                (0..30)
                    .map(|i| {
                        let (gross, net) = (wobble(i), wobble(i) * wobble(i + 50));
                        let interval = ((net - 0.05).max(0.0), (net + 0.07).min(1.0));
                        category(&format!("{long}{i}"), [Some(gross), Some(net)], Some(interval))
                    })
                    .collect(),
            ),
        ),
    ];
    let months = |m: usize| {
        let names = ["客户服务中心", "营销部", "发展策划部", "生产技术部", "电力调度中心", "基建部"];
        let mut drawn: Vec<Line> = names.iter().enumerate().map(|(i, name)| line(name, m, i * 17 + 3, 0.4)).collect();
        drawn[2].muted = true;
        drawn[3].style = LineStyle::Dotted;
        drawn
    };
    let line_cases: Vec<(&str, LineChart)> = vec![
        ("no month", lines(percent(), 0, vec![])),
        ("no line", lines(percent(), 12, vec![])),
        ("one month", lines(percent(), 1, months(1))),
        ("fifteen", lines(percent(), 15, months(15))),
        ("sixty", lines(percent(), 60, months(60))),
        ("zeros", lines(days(), 12, vec![line("订单式 P50", 12, 5, 0.0)])),
        ("huge", lines(days(), 12, vec![line("订单式 P50", 12, 5, 1e14), line(long, 12, 9, 1e14)])),
        ("thirty", lines(percent(), 12, (0..30).map(|i| line("供电所", 12, i, 0.2)).collect())),
    ];
    let stacked_cases = [
        ("none", stacked(vec![])),
        ("zeros", stacked(vec![vec![0.0; 6]])),
        ("one", stacked(vec![vec![1231.0, 210.0, 145.0, 0.4, 12.0, 0.0]])),
        ("huge", stacked(vec![vec![1e14; 6], vec![1.0; 6]])),
        ("thirty", stacked((0..30).map(|i| (0..6).map(|p| wobble(i * 6 + p) * 90.0).collect()).collect())),
    ];
    for width in [1000, 640, 480, 344] {
        for (name, chart) in bar_cases.iter().filter(|(name, _)| fits(name, width)) {
            let mut chart = chart.clone();
            chart.caption.width = width;
            charts.push((format!("bars, {name}, {width}"), chart.svg().unwrap()));
        }
        for (name, chart) in &line_cases {
            let mut chart = chart.clone();
            chart.caption.width = width;
            charts.push((format!("lines, {name}, {width}"), chart.svg().unwrap()));
        }
        for (name, chart) in stacked_cases.iter().filter(|(name, _)| fits(name, width)) {
            let mut chart = chart.clone();
            chart.caption.width = width;
            charts.push((format!("stacked, {name}, {width}"), chart.svg().unwrap()));
        }
        for rows in [0, 1, 13, 40] {
            let mut chart = gantt(rows);
            chart.caption.width = width;
            charts.push((format!("gantt, {rows}, {width}"), chart.svg().unwrap()));
            for goal in [14, 70, 119] {
                let mut chart = schedule(rows, goal);
                chart.caption.width = width;
                charts.push((format!("schedule, {rows}, {goal}, {width}"), chart.svg().unwrap()));
            }
        }
    }
    charts
}

/// A number of fifteen digits needs more than a telephone.
fn fits(case: &str, width: u32) -> bool {
    case != "huge" || width >= 480
}

#[test]
fn nothing_is_cut_off_or_overlaps() {
    for (name, svg) in gallery() {
        assert_sound(&name, &svg);
    }
}

#[test]
#[should_panic(expected = "装表 is over 营销部")]
fn the_check_for_overlaps_sees_one() {
    let svg = gantt(1).svg().unwrap();
    let text = |x: u32, text: &str| format!("<text x=\"{x}\" y=\"9\" font-size=\"9\">{text}</text>");
    assert_sound("", &svg.replace("</svg>", &format!("{}{}</svg>", text(8, "装表"), text(20, "营销部"))));
}

#[test]
fn the_same_data_give_the_same_bytes() {
    assert_eq!(gallery(), gallery());
    let svg = gantt(13).svg().unwrap();
    assert_eq!(render_png(&svg, 1.0).unwrap(), render_png(&svg, 1.0).unwrap());
}

#[test]
fn a_chart_without_data_says_so_in_the_callers_words() {
    let none =
        [bars(percent(), vec![]).svg(), lines(percent(), 12, vec![]).svg(), stacked(vec![]).svg(), gantt(0).svg()];
    for svg in none {
        let svg = svg.unwrap();
        assert!(svg.contains(">无数据</text>"), "{svg}");
        assert!(svg.contains("role=\"img\" aria-label=\"各部门环节超期率 &lt;剔除前后&gt;\""));
    }
}

#[test]
fn gaps_break_a_line() {
    let mut chart = lines(percent(), 5, vec![line("营销部", 5, 1, 0.3)]);
    chart.target = None;
    for (values, paths, dots) in [
        ([Some(0.1), Some(0.2), None, Some(0.1), Some(0.3)], 2, 4),
        ([Some(0.1), None, Some(0.2), None, Some(0.3)], 0, 3),
        ([Some(0.1), Some(0.2), Some(0.2), Some(0.1), None], 1, 4),
    ] {
        chart.lines[0].values = values.into();
        let svg = chart.svg().unwrap();
        assert_eq!(svg.matches("stroke-width=\"2.2\"").count(), paths, "{values:?}");
        assert_eq!(svg.matches("<circle").count(), dots * 2, "{values:?}");
    }
}

#[test]
fn refuses_impossible_data_by_name() {
    let row = |values, interval| vec![category("营销部", values, interval)];
    let mut short = bars(percent(), row([None, None], None));
    short.categories[0].values.pop();
    let mut backwards = gantt(3);
    backwards.rows[1].actual = Some((9, 4));
    let cases = [
        (bars(percent(), row([Some(f64::NAN), None], None)).svg(), "营销部: cannot draw the value NaN"),
        (bars(percent(), row([Some(-0.2), None], None)).svg(), "the value -0.2"),
        (bars(percent(), row([Some(0.2), None], Some((0.3, 0.1)))).svg(), "from 0.3 to 0.1"),
        (short.svg(), "1 values, expected 2"),
        (lines(days(), 12, vec![line("P50", 11, 1, 1.0)]).svg(), "11 values, expected 12"),
        (stacked(vec![vec![1.0]]).svg(), "1 values, expected 6"),
        (backwards.svg(), "from 9 to 4"),
    ];
    for (result, expected) in cases {
        let message = result.unwrap_err().to_string();
        assert!(message.contains(expected), "{message}");
    }
}

#[test]
fn a_png_has_no_date_and_no_empty_boxes() {
    let mut chart = bars(percent(), vec![category("张丂", [Some(0.1), Some(0.1)], None)]);
    let svg = chart.svg().unwrap();
    let message = render_png(&svg, 1.0).unwrap_err().to_string();
    assert_eq!(message, "the embedded fonts have no glyph for 丂 (U+4E02)");
    let covered = render_png(&cover_missing(&svg), 1.0).unwrap();

    chart.categories[0].label = "张〓".into();
    let png = render_png(&chart.svg().unwrap(), 1.0).unwrap();
    assert_eq!(&png[..8], b"\x89PNG\r\n\x1a\n");
    assert_eq!(u32::from_be_bytes([png[16], png[17], png[18], png[19]]), 1000);
    assert!(!png.windows(4).any(|chunk| chunk == b"tIME"));
    assert_eq!(png, covered);

    for scale in [0.0, -1.0, f32::NAN, 1e6] {
        assert!(matches!(render_png("<svg", scale), Err(ChartError::Svg(_))));
        assert!(matches!(render_png(&covered_svg(), scale), Err(ChartError::Size { .. })), "{scale}");
    }
}

fn covered_svg() -> String {
    gantt(1).svg().unwrap()
}

/// Draws every chart of the tests into the folder that `YEKUO_PICTURES` names, for a person to look at.
#[test]
#[ignore = "nothing is checked: for looking at pictures"]
fn pictures() {
    let folder = std::path::PathBuf::from(std::env::var_os("YEKUO_PICTURES").expect("YEKUO_PICTURES is a folder"));
    for (name, svg) in gallery().into_iter().chain(judgement::gallery(&[1000, 640, 480, 344])) {
        std::fs::write(folder.join(format!("{name}.png")), render_png(&svg, 1.0).unwrap()).unwrap();
    }
}

mod judgement;
