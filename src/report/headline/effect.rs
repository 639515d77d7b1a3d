//! What the marts of the comparison say of all applications, as headlines.

use super::{Headline, Input};
use crate::error::Result;
use crate::report::declared::Head;

/// The row of `mode_effect` for one measure over all applications.
struct Effect {
    /// Of both modes.
    cases: [i64; 2],
    /// Value, low and high of order-style, conventional, and their difference.
    figures: [[Option<f64>; 3]; 3],
    chi2: Option<f64>,
    p: Option<f64>,
}

fn effect(input: &Input<'_>, measure: &str) -> Result<Option<Effect>> {
    let Some(columns) = input.mart("mode_effect")? else { return Ok(None) };
    let (scopes, measures) = (columns.texts("scope")?, columns.texts("measure")?);
    let wanted = |row: &usize| scopes.get(*row) == Some("all") && measures.get(*row) == Some(measure);
    let Some(row) = (0..scopes.len()).find(wanted) else { return Ok(None) };
    let number = |name: &str| columns.numbers(name).map(|numbers| numbers[row]);
    let three = |names: [&str; 3]| -> Result<[Option<f64>; 3]> {
        Ok([number(names[0])?, number(names[1])?, number(names[2])?])
    };
    let count = |name: &str| columns.integers(name).map(|numbers| numbers[row].unwrap_or(0));
    Ok(Some(Effect {
        cases: [count("order_n")?, count("conventional_n")?],
        figures: [
            three(["order_value", "order_low", "order_high"])?,
            three(["conventional_value", "conventional_low", "conventional_high"])?,
            three(["difference", "ci_low", "ci_high"])?,
        ],
        chi2: number("chi2")?,
        p: number("p_value")?,
    }))
}

/// By how many days order-style is faster among like cases; green where the interval lies wholly below zero.
pub(super) fn matched(input: &Input<'_>, head: &Head) -> Result<Headline> {
    difference(input, head, "matched")
}

/// The plain difference of those finished, so called; it takes no side, as it compares unlike cases.
pub(super) fn plain(input: &Input<'_>, head: &Head) -> Result<Headline> {
    let plain = difference(input, head, "plain")?;
    Ok(Headline { tone: "", ..plain })
}

fn difference(input: &Input<'_>, head: &Head, measure: &str) -> Result<Headline> {
    let lang = input.lang;
    let effect = effect(input, measure)?;
    let [order, conventional] = effect.as_ref().map_or([0; 2], |effect| effect.cases);
    let cases = lang.pick(
        format!("订单式 {order} 户，常规 {conventional} 户"),
        format!("{order} order-style, {conventional} conventional"),
    );
    let Some([Some(days), low, high]) = effect.map(|effect| effect.figures[2]) else {
        let none = lang.pick("没有可比对象", "no match").to_owned();
        return Ok(Headline::plain(head.title(input), none, String::new()));
    };
    let value = lang.pick(format!("{days:+.1} 天"), format!("{days:+.1} days"));
    let (detail, tone) = match low.zip(high) {
        Some((low, high)) => (
            lang.pick(
                format!("95 % 区间 {low:+.1} 至 {high:+.1}；{cases}"),
                format!("95 % interval {low:+.1} to {high:+.1}; {cases}"),
            ),
            if high < 0.0 {
                "better"
            } else if low > 0.0 {
                "worse"
            } else {
                ""
            },
        ),
        None => (cases, ""),
    };
    Ok(Headline { tone, ..Headline::plain(head.title(input), value, detail) })
}

/// The median days of order-style applications, open ones counted.
pub(super) fn median_order(input: &Input<'_>, head: &Head) -> Result<Headline> {
    median(input, head, 0)
}

/// The median days of conventional applications, open ones counted.
pub(super) fn median_conventional(input: &Input<'_>, head: &Head) -> Result<Headline> {
    median(input, head, 1)
}

/// The median days of a mode, 0 order-style and 1 conventional.
fn median(input: &Input<'_>, head: &Head, mode: usize) -> Result<Headline> {
    let lang = input.lang;
    let effect = effect(input, "median")?;
    let cases = effect.as_ref().map_or(0, |effect| effect.cases[mode]);
    let [day, low, high] = effect.map_or([None; 3], |effect| effect.figures[mode]);
    let value = match day {
        Some(day) => lang.pick(format!("{day:.0} 天"), format!("{day:.0} days")),
        None if cases > 0 => lang.pick("未过半", "not reached").to_owned(),
        None => lang.pick("没有工单", "none").to_owned(),
    };
    let cases = lang.pick(format!("{cases} 户"), format!("{cases} applications"));
    let detail = match (low, high) {
        (Some(low), Some(high)) => lang.pick(
            format!("95 % 区间 {low:.0}–{high:.0}；{cases}"),
            format!("95 % interval {low:.0}–{high:.0}; {cases}"),
        ),
        (Some(low), None) => {
            lang.pick(format!("95 % 区间 {low:.0} 以上；{cases}"), format!("95 % interval from {low:.0}; {cases}"))
        }
        _ => cases,
    };
    Ok(Headline::plain(head.title(input), value, detail))
}

/// Whether the times differ by more than chance within strata (stratified log-rank test).
pub(super) fn log_rank(input: &Input<'_>, head: &Head) -> Result<Headline> {
    let lang = input.lang;
    let tested = effect(input, "log_rank_matched")?.and_then(|effect| effect.chi2.zip(effect.p));
    let Some((chi2, p)) = tested else {
        let none = lang.pick("无法检验", "cannot be tested").to_owned();
        return Ok(Headline::plain(head.title(input), none, String::new()));
    };
    let value = if p < 0.0001 { "p < 0.0001".to_owned() } else { format!("p = {p:.4}") };
    let detail = lang.pick(format!("卡方 {chi2:.2}，自由度 1"), format!("chi-squared {chi2:.2}, 1 degree of freedom"));
    Ok(Headline::plain(head.title(input), value, detail))
}
