//! The figures at the top of the page: this month's, and the change from the month before.

mod bottleneck;
mod effect;

use std::collections::BTreeMap;

use super::Input;
use super::tables::percent;
use crate::calendar::Day;
use crate::clock::Pending;
use crate::error::Result;

/// One figure.
#[derive(Debug, Clone)]
pub struct Headline {
    /// What it is.
    pub title: String,
    /// The figure.
    pub value: String,
    /// What it rests on.
    pub detail: String,
    /// The change from the month before.
    pub change: String,
    /// `better`, `worse` or nothing, for the page's colours.
    pub tone: &'static str,
}

/// Numerator and denominator of a share, by month.
type Shares = BTreeMap<Day, (i64, i64)>;

/// Adds up two counts of a mart by month, over the rows that `keep` wants.
fn shares(input: &Input<'_>, mart: &str, part: &str, whole: &str, only: Option<(&str, &str)>) -> Result<Shares> {
    let Some(columns) = input.mart(mart)? else { return Ok(Shares::new()) };
    let (months, parts, wholes) = (columns.days("month")?, columns.integers(part)?, columns.integers(whole)?);
    let keep = only.map(|(column, value)| columns.texts(column).map(|texts| (texts, value))).transpose()?;
    let mut shares = Shares::new();
    for row in 0..months.len() {
        let wanted = keep.as_ref().is_none_or(|(texts, value)| texts.get(row) == Some(*value));
        if let (true, Some(month)) = (wanted, months[row]) {
            let share = shares.entry(month).or_default();
            share.0 += parts[row].unwrap_or(0);
            share.1 += wholes[row].unwrap_or(0);
        }
    }
    Ok(shares)
}

fn rate(shares: &Shares, month: Day) -> Option<f64> {
    shares.get(&month).filter(|(_, whole)| *whole > 0).map(|(part, whole)| *part as f64 / *whole as f64)
}

/// The headlines that a pipeline can name.
pub const NAMES: &[&str] = &[
    "overdue_net",
    "overdue_gross",
    "overdue_other",
    "median_order",
    "median_conventional",
    "promise_kept",
    "all_met",
    "callback_coverage",
    "callback_on_time",
    "callback_satisfied",
    "service_promises",
    "survey",
    "open",
    "past_due",
    "due_soon",
    "breached",
    "escalated",
    "key_projects",
    "supervised",
    "requests_open",
    "public_open",
    "public_energised",
    "public_satisfaction",
    "matched_difference",
    "plain_difference",
    "effect_median_order",
    "effect_median_conventional",
    "log_rank",
    "unmatched",
    "bottleneck",
    "bottleneck_gain",
    "waiting_share",
    "rework_share",
];

/// Every headline that the pipeline names.
pub fn all(input: &Input<'_>) -> Result<Vec<Headline>> {
    input.config.pipeline.headlines.iter().map(|name| one(input, name)).collect()
}

fn one(input: &Input<'_>, name: &str) -> Result<Headline> {
    let lang = input.lang;
    let given = |table: &str| input.given.has(table);
    let of_stages = lang.pick("项环节", "stages");
    let of_households = lang.pick("户", "applications");
    let calls = lang.pick("次回访", "callbacks");
    let rows = lang.pick("件", "cases");
    let connection = Some(("kind", "connection"));
    let by_month = |title: &str, mart: &str, part: &str, whole: &str, only, what: &str, more: bool, known: bool| {
        shares(input, mart, part, whole, only).map(|shares| share(input, title, &shares, what, more, known))
    };
    match name {
        "overdue_net" => {
            let title = lang.pick("环节超时率（剔除后）", "Overdue rate, net");
            by_month(title, "month_overdue", "overdue_net", "settled", None, of_stages, false, true)
        }
        "overdue_gross" => {
            let title = lang.pick("环节超时率（未剔除）", "Overdue rate, gross");
            by_month(title, "month_overdue", "overdue_gross", "settled", None, of_stages, false, true)
        }
        "overdue_other" => {
            let title = match input.config.rules.pending {
                Pending::Admit => lang.pick("超时率（待核实说明不计入）", "Overdue rate, claims not ruled on refused"),
                Pending::Refuse => lang.pick("超时率（待核实说明计入）", "Overdue rate, claims not ruled on admitted"),
            };
            let (part, whole) = ("other_overdue_net", "other_settled");
            by_month(title, "month_overdue", part, whole, None, of_stages, false, given("delays"))
        }
        "median_order" => {
            median(input, "order", lang.pick("订单式净工作日（中位数）", "Order-style: median net working days"))
        }
        "median_conventional" => {
            median(input, "conventional", lang.pick("常规净工作日（中位数）", "Conventional: median net working days"))
        }
        "promise_kept" => {
            let title = lang.pick("承诺兑现率", "Promise rate");
            by_month(title, "cycle_by_mode", "promise_kept", "promised", None, of_households, true, true)
        }
        "all_met" => {
            let title = lang.pick("全环节达标率", "All-met rate");
            by_month(title, "cycle_by_mode", "all_met", "completed", None, of_households, true, true)
        }
        "callback_coverage" => {
            let title = lang.pick("送电回访率", "Connection callbacks: coverage");
            by_month(title, "callback", "called", "due", connection, calls, true, given("callbacks"))
        }
        "callback_on_time" => {
            let title = lang.pick("送电按时回访率", "Connection callbacks: on time");
            by_month(title, "callback", "on_time", "due", connection, calls, true, given("callbacks"))
        }
        "callback_satisfied" => {
            let title = lang.pick("送电回访满意率", "Connection callbacks: satisfied");
            by_month(title, "callback", "satisfied", "scored", connection, calls, true, given("callbacks"))
        }
        "service_promises" => {
            let title = lang.pick("服务承诺兑现率", "Service promises kept");
            by_month(title, "promise", "kept", "due", None, lang.pick("项承诺", "promises"), true, true)
        }
        "public_satisfaction" => {
            let title = lang.pick("送电回访满意率", "Satisfied when called back");
            let (mart, known) = ("public_satisfaction", given("callbacks"));
            by_month(title, mart, "satisfied", "scored", None, calls, true, known)
        }
        "survey" => survey(input),
        "open" => count(input, lang.pick("在途工单", "Open applications"), "watchlist", None, of_households, true),
        "past_due" => {
            let only = Some(("owner_level", "3"));
            count(input, lang.pick("已超期工单", "Past due"), "watchlist", only, of_households, true)
        }
        "due_soon" => {
            let only = Some(("urgency", "due_soon"));
            count(input, lang.pick("即将到期环节", "Stages due soon"), "reminder", only, of_stages, true)
        }
        "breached" => {
            count(input, lang.pick("本期超时环节", "Breached in the period"), "breach", None, of_stages, true)
        }
        "escalated" => {
            count(input, lang.pick("本期升级工单", "Escalated in the period"), "escalation", None, of_households, true)
        }
        "key_projects" => {
            let only = Some(("state", "open"));
            count(input, lang.pick("在途重点项目", "Open key projects"), "key_project", only, of_households, true)
        }
        "supervised" => {
            count(input, lang.pick("督办工单", "Under supervision"), "supervision", None, of_households, true)
        }
        "requests_open" => {
            let known = given("requests");
            let only = Some(("state", "open"));
            count(input, lang.pick("未结协调事项", "Requests still open"), "request", only, rows, known)
        }
        "public_open" => {
            let only = Some(("state", "open"));
            count(input, lang.pick("在途申请", "Open applications"), "public_progress", only, of_households, true)
        }
        "public_energised" => {
            let only = Some(("state", "energised"));
            count(input, lang.pick("本月送电", "Energised this month"), "public_progress", only, of_households, true)
        }
        "matched_difference" => effect::matched(input),
        "plain_difference" => effect::plain(input),
        "effect_median_order" => effect::median(input, 0),
        "effect_median_conventional" => effect::median(input, 1),
        "log_rank" => effect::log_rank(input),
        "unmatched" => {
            let title = lang.pick("未找到可比对象的订单式项目", "Order-style projects without a match");
            count(input, title, "unmatched", None, of_households, true)
        }
        "bottleneck" => bottleneck::greatest(input),
        "bottleneck_gain" => bottleneck::gain(input),
        "waiting_share" => bottleneck::waiting(input),
        "rework_share" => bottleneck::rework(input),
        other => unreachable!("`{other}` was checked to be a headline"),
    }
}

/// How many rows a list of cases has, or those of them with some value in a column.
fn count(
    input: &Input<'_>,
    title: &str,
    mart: &str,
    only: Option<(&str, &str)>,
    what: &str,
    given: bool,
) -> Result<Headline> {
    let rows = match (input.mart(mart)?, only) {
        (None, _) => 0,
        (Some(columns), None) => columns.0.height(),
        (Some(columns), Some((column, value))) => {
            match columns.0.column(column).map(|column| column.dtype().is_integer()) {
                Ok(true) => {
                    let wanted = value.parse::<i64>().ok();
                    columns.integers(column)?.iter().filter(|number| number.is_some() && **number == wanted).count()
                }
                _ => columns.texts(column)?.iter().filter(|text| *text == Some(value)).count(),
            }
        }
    };
    Ok(Headline {
        title: title.to_owned(),
        value: if given { format!("{rows} {what}") } else { input.lang.pick("无数据", "no data").to_owned() },
        detail: String::new(),
        change: String::new(),
        tone: "",
    })
}

/// The third party's index of the month: the mean of the bureaus.
fn survey(input: &Input<'_>) -> Result<Headline> {
    let (lang, month) = (input.lang, input.month());
    let mut indices: BTreeMap<Day, (f64, u32)> = BTreeMap::new();
    if let Some(columns) = input.mart("survey")? {
        for (at, index) in columns.days("month")?.into_iter().zip(columns.numbers("index")?) {
            if let (Some(at), Some(index)) = (at, index) {
                let sum = indices.entry(at).or_default();
                *sum = (sum.0 + index, sum.1 + 1);
            }
        }
    }
    let mean = |month: Day| indices.get(&month).map(|(sum, n)| sum / f64::from(*n));
    let (now, before) = (mean(month), mean(month.month_before()));
    let (change, tone) = match (now, before) {
        (Some(now), Some(before)) => {
            let points = now - before;
            let change = lang.pick(format!("较上月 {points:+.1} 分"), format!("{points:+.1} on the month before"));
            (change, tone(points.abs() >= 0.05, points > 0.0))
        }
        _ => (String::new(), ""),
    };
    let none =
        if input.given.has("surveys") { lang.pick("本月无", "none") } else { lang.pick("无数据", "no data") };
    Ok(Headline {
        title: lang.pick("第三方满意度指数", "Satisfaction index (survey)").to_owned(),
        value: now.map_or_else(|| none.to_owned(), |index| format!("{index:.1}")),
        detail: indices.get(&month).map_or_else(String::new, |(_, n)| {
            lang.pick(format!("{n} 个供电单位平均"), format!("mean of {n} bureaus"))
        }),
        change,
        tone,
    })
}

fn share(input: &Input<'_>, title: &str, shares: &Shares, what: &str, more_is_better: bool, given: bool) -> Headline {
    let (lang, month) = (input.lang, input.month());
    let (part, whole) = shares.get(&month).copied().unwrap_or_default();
    // What rests on a table that is not there is unknown, whatever the other tables say.
    let now = rate(shares, month).filter(|_| given);
    let (change, tone) = match (now, rate(shares, month.month_before())) {
        (Some(now), Some(before)) => {
            let points = (now - before) * 100.0;
            let change = if points.abs() < 0.05 {
                lang.pick("与上月持平".to_owned(), "as the month before".to_owned())
            } else {
                lang.pick(format!("较上月 {points:+.1} 个百分点"), format!("{points:+.1} points on the month before"))
            };
            (change, tone(points.abs() >= 0.05, (points > 0.0) == more_is_better))
        }
        _ => (String::new(), ""),
    };
    Headline {
        title: title.to_owned(),
        value: match now {
            Some(now) => percent(now),
            None if given => lang.pick("本月无", "none").to_owned(),
            None => lang.pick("无数据", "no data").to_owned(),
        },
        detail: if now.is_some() { format!("{part} / {whole} {what}") } else { String::new() },
        change,
        tone,
    }
}

fn tone(changed: bool, better: bool) -> &'static str {
    match (changed, better) {
        (false, _) => "",
        (true, true) => "better",
        (true, false) => "worse",
    }
}

fn median(input: &Input<'_>, mode: &str, title: &str) -> Result<Headline> {
    let (lang, month) = (input.lang, input.month());
    let mut medians: BTreeMap<Day, (f64, i64)> = BTreeMap::new();
    if let Some(columns) = input.mart("cycle_by_mode")? {
        let (months, modes) = (columns.days("month")?, columns.texts("mode")?);
        let (p50, completed) = (columns.numbers("p50_net_wd")?, columns.integers("completed")?);
        for row in (0..months.len()).filter(|row| modes.get(*row) == Some(mode)) {
            if let (Some(month), Some(p50)) = (months[row], p50[row]) {
                medians.insert(month, (p50, completed[row].unwrap_or(0)));
            }
        }
    }
    let now = medians.get(&month).copied();
    let (change, tone) = match (now, medians.get(&month.month_before())) {
        (Some((now, _)), Some((before, _))) => {
            let days = now - before;
            let change = lang.pick(format!("较上月 {days:+.1} 天"), format!("{days:+.1} days on the month before"));
            (change, tone(days.abs() >= 0.05, days < 0.0))
        }
        _ => (String::new(), ""),
    };
    Ok(Headline {
        title: title.to_owned(),
        value: now.map_or_else(
            || lang.pick("本月无", "none").to_owned(),
            |(p50, _)| lang.pick(format!("{p50:.1} 天"), format!("{p50:.1} days")),
        ),
        detail: now.map_or_else(String::new, |(_, n)| lang.pick(format!("{n} 户送电"), format!("{n} energised"))),
        change,
        tone,
    })
}
