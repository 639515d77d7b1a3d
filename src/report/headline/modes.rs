//! What else is asked of the modes: are customers satisfied, what does order-style cost the others, what would widening it
//! bring.

use super::{Headline, Input, none};
use crate::cells::percent;
use crate::decimal::fixed;
use crate::error::Result;
use crate::lake::Columns;
use crate::marts::estimate::MODES;
use crate::report::declared::Head;
use crate::rules::strata::VoltageClass;
use crate::vocabularies::estimates::ALL;
use crate::words::Lang;

/// What separates the parts of a sentence.
fn between(lang: Lang) -> &'static str {
    lang.pick("；", "; ")
}

/// How a difference in days is written.
fn in_days(days: f64, lang: Lang) -> String {
    lang.pick(format!("{days:+.1} 天"), format!("{days:+.1} days"))
}

/// The satisfied share of each mode over the whole period, with its scores, interval and mean score.
pub(super) fn satisfaction(input: &Input<'_>, head: &Head) -> Result<Headline> {
    let lang = input.lang;
    let without = || Headline::plain(head.title(input), lang.pick("无数据", "no data").to_owned(), String::new());
    let Some(columns) = input.mart("mode_satisfaction")?.filter(|_| head.is_given(input)) else { return Ok(without()) };
    let modes = columns.texts("mode")?;
    let mut values = Vec::new();
    let mut details = Vec::new();
    for mode in MODES {
        let title = mode.title(lang);
        let row = (0..modes.len()).find(|row| modes.get(*row) == Some(mode.code()));
        let Some(row) = row else {
            details.push(lang.pick(format!("{title}没有评分"), format!("{title}: no scores")));
            continue;
        };
        let (value, detail) = satisfied(columns, row, lang)?;
        values.push(lang.pick(format!("{title} {value}"), format!("{title} {value}")));
        details.push(lang.pick(format!("{title} {detail}"), format!("{title} {detail}")));
    }
    if values.is_empty() {
        return Ok(without());
    }
    Ok(Headline::plain(head.title(input), values.join(lang.pick("，", ", ")), details.join(between(lang))))
}

/// The satisfied share of one mode, and what it rests on.
fn satisfied(columns: Columns<'_>, row: usize, lang: Lang) -> Result<(String, String)> {
    let number = |name: &str| columns.numbers(name).map(|numbers| numbers[row]);
    let count = |name: &str| columns.integers(name).map(|counts| counts[row].unwrap_or(0));
    let (satisfied, scored) = (count("satisfied")?, count("scored")?);
    let rate = number("satisfaction_rate")?.map_or_else(String::new, percent);
    let interval = match number("wilson_low")?.zip(number("wilson_high")?) {
        Some((low, high)) => lang.pick(
            format!("，95 % 区间 {} 至 {}", percent(low), percent(high)),
            format!(", 95 % interval {} to {}", percent(low), percent(high)),
        ),
        None => lang.pick("，评分太少，不给区间".to_owned(), ", too few for an interval".to_owned()),
    };
    let mean = number("mean_score")?.map_or_else(String::new, |mean| {
        let mean = fixed(mean, 2);
        lang.pick(format!("，平均 {mean} 分"), format!(", mean score {mean}"))
    });
    Ok((rate, format!("{satisfied} / {scored}{interval}{mean}")))
}

/// By how many days conventional applications take longer while many order-style projects are open, by class of voltage.
pub(super) fn cost(input: &Input<'_>, head: &Head) -> Result<Headline> {
    let lang = input.lang;
    let nobody_drew_lots = lang.pick(
        "谁也没有抽签，也可能是旺季所致；不给区间",
        "nobody drew lots: it may be the busy season; no interval is given",
    );
    let Some(columns) = input.mart("mode_cost")?.filter(|_| head.is_given(input)) else {
        return Ok(Headline::plain(head.title(input), none(input, head), String::new()));
    };
    let (scopes, days) = (columns.texts("scope")?, columns.numbers("difference_days")?);
    let (high_n, low_n) = (columns.integers("high_n")?, columns.integers("low_n")?);
    let (high, low) = (columns.numbers("high_mean_days")?, columns.numbers("low_mean_days")?);
    let mut values = Vec::new();
    let mut details = Vec::new();
    for row in 0..scopes.len() {
        let (Some(days), Some(high), Some(low)) = (days[row], high[row], low[row]) else { continue };
        let class = scopes.get(row).and_then(VoltageClass::of_code).map_or("", |class| class.title(lang));
        let (high_n, low_n) = (high_n[row].unwrap_or(0), low_n[row].unwrap_or(0));
        let (days, high, low) = (in_days(days, lang), fixed(high, 1), fixed(low, 1));
        values.push(lang.pick(format!("{class} {days}"), format!("{class} {days}")));
        details.push(lang.pick(
            format!("{class}：多的月份 {high_n} 户 {high} 天，少的月份 {low_n} 户 {low} 天"),
            format!("{class}: {high} days in months with many (n = {high_n}), {low} in the others (n = {low_n})"),
        ));
    }
    if values.is_empty() {
        let none = lang.pick("没有可比的月份", "no months to compare").to_owned();
        return Ok(Headline::plain(head.title(input), none, String::new()));
    }
    details.push(nobody_drew_lots.to_owned());
    Ok(Headline::plain(head.title(input), values.join(lang.pick("，", ", ")), details.join(between(lang))))
}

/// The matched difference among applications of 1,000 to 4,000 kVA alone; it takes no side.
pub(super) fn widening(input: &Input<'_>, head: &Head) -> Result<Headline> {
    let lang = input.lang;
    let no_group = || {
        let none = lang.pick("没有可比对象", "no match").to_owned();
        let why = lang.pick(
            "在 1,000–4,000 kVA 之间没有两种方式都够的分组",
            "no group between 1,000 and 4,000 kVA has enough of both modes",
        );
        Headline::plain(head.title(input), none, why.to_owned())
    };
    let Some(columns) = input.mart("mode_widening")?.filter(|_| head.is_given(input)) else {
        return Ok(Headline::plain(head.title(input), none(input, head), String::new()));
    };
    let strata = columns.texts("stratum")?;
    let all = (0..strata.len()).find(|row| strata.get(*row) == Some(ALL.code));
    let days = columns.numbers("difference_days")?;
    let Some((row, days)) = all.and_then(|row| Some((row, days[row]?))) else { return Ok(no_group()) };
    let (order, conventional) = (columns.integers("order_n")?, columns.integers("conventional_n")?);
    let horizon = columns.integers("horizon_days")?[row].unwrap_or(0);
    let (order, conventional) = (order[row].unwrap_or(0), conventional[row].unwrap_or(0));
    let interval = match columns.numbers("ci_low")?[row].zip(columns.numbers("ci_high")?[row]) {
        Some((low, high)) => {
            lang.pick(format!("95 % 区间 {low:+.1} 至 {high:+.1}"), format!("95 % interval {low:+.1} to {high:+.1}"))
        }
        None => lang.pick("户数太少，不给区间".to_owned(), "too few for an interval".to_owned()),
    };
    let cases = lang.pick(
        format!("受理后 {horizon} 天之内，订单式 {order} 户，常规 {conventional} 户"),
        format!("within {horizon} days of acceptance, {order} order-style, {conventional} conventional"),
    );
    let by_rule = lang.pick(
        "这一段的订单式按规定是重点项目，别的项目未必同样快",
        "order-style ones of this size are key projects by rule: others need not be as fast",
    );
    let detail = [interval, cases, by_rule.to_owned()].join(between(lang));
    Ok(Headline::plain(head.title(input), in_days(days, lang), detail))
}
