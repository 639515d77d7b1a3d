//! The figures at the top of the page: this month's, and the change from the month before.

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
    let Some(columns) = input.mart(mart) else { return Ok(Shares::new()) };
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

/// Every headline of the month.
pub fn all(input: &Input<'_>) -> Result<Vec<Headline>> {
    let lang = input.lang;
    let mut headlines = Vec::new();
    let net = shares(input, "month_overdue", "overdue_net", "settled", None)?;
    let gross = shares(input, "month_overdue", "overdue_gross", "settled", None)?;
    let other = shares(input, "month_overdue", "other_overdue_net", "other_settled", None)?;
    let other_title = match input.config.rules.pending {
        Pending::Admit => lang.pick("超时率（待核实说明不计入）", "Overdue rate, claims not ruled on refused"),
        Pending::Refuse => lang.pick("超时率（待核实说明计入）", "Overdue rate, claims not ruled on admitted"),
    };
    let of_stages = lang.pick("项环节", "stages");
    let of_households = lang.pick("户", "applications");
    headlines.push(share(input, lang.pick("环节超时率（剔除后）", "Overdue rate, net"), &net, of_stages, false, true));
    headlines.push(share(
        input,
        lang.pick("环节超时率（未剔除）", "Overdue rate, gross"),
        &gross,
        of_stages,
        false,
        true,
    ));
    headlines.push(share(input, other_title, &other, of_stages, false, input.given.has("delays")));
    headlines.push(median(
        input,
        "order",
        lang.pick("订单式净工作日（中位数）", "Order-style: median net working days"),
    )?);
    headlines.push(median(
        input,
        "conventional",
        lang.pick("常规净工作日（中位数）", "Conventional: median net working days"),
    )?);
    let kept = shares(input, "cycle_by_mode", "promise_kept", "promised", None)?;
    headlines.push(share(input, lang.pick("承诺兑现率", "Promise rate"), &kept, of_households, true, true));
    let met = shares(input, "cycle_by_mode", "all_met", "completed", None)?;
    headlines.push(share(input, lang.pick("全环节达标率", "All-met rate"), &met, of_households, true, true));
    let connection = Some(("kind", "connection"));
    let calls = lang.pick("次回访", "callbacks");
    for (title, part, whole) in [
        (lang.pick("送电回访率", "Connection callbacks: coverage"), "called", "due"),
        (lang.pick("送电按时回访率", "Connection callbacks: on time"), "on_time", "due"),
        (lang.pick("送电回访满意率", "Connection callbacks: satisfied"), "satisfied", "scored"),
    ] {
        let shares = shares(input, "callback", part, whole, connection)?;
        headlines.push(share(input, title, &shares, calls, true, input.given.has("callbacks")));
    }
    Ok(headlines)
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
    if let Some(columns) = input.mart("cycle_by_mode") {
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
