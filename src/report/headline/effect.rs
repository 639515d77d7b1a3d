//! What the marts of the comparison say of all applications, as headlines.

use std::collections::BTreeMap;

use super::{Headline, Input};
use crate::decimal::fixed;
use crate::error::Result;
use crate::report::declared::Head;
use crate::vocabularies::Tone;
use crate::vocabularies::estimates::{Analysis, ModeFinding};
use crate::words::Lang;

/// The row of `mode_effect` for one measure over all applications.
struct Effect {
    /// Of both modes.
    cases: [i64; 2],
    /// Value, low and high of order-style, conventional, and their difference.
    figures: [[Option<f64>; 3]; 3],
    chi2: Option<f64>,
    p: Option<f64>,
    /// The last day that is compared.
    horizon: Option<i64>,
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
        horizon: columns.integers("horizon_days")?[row],
    }))
}

/// Days, their interval, and the cases of both modes.
pub(crate) type MatchedDays = (f64, Option<(f64, f64)>, [i64; 2]);

/// By how many days order-style takes longer among like cases.
pub(crate) fn matched_days(input: &Input<'_>) -> Result<Option<MatchedDays>> {
    Ok(effect(input, "matched")?.and_then(|effect| {
        let [days, low, high] = effect.figures[2];
        Some((days?, low.zip(high), effect.cases))
    }))
}

/// By how many days order-style is faster among like cases; green where the interval lies wholly below zero.
pub(super) fn matched(input: &Input<'_>, head: &Head) -> Result<Headline> {
    difference(input, head, "matched")
}

/// The plain difference of those finished, so called; it takes no side, as it compares unlike cases.
pub(super) fn plain(input: &Input<'_>, head: &Head) -> Result<Headline> {
    let plain = difference(input, head, "plain")?;
    Ok(Headline { tone: None, ..plain })
}

fn difference(input: &Input<'_>, head: &Head, measure: &str) -> Result<Headline> {
    let lang = input.lang;
    let effect = effect(input, measure)?;
    let [order, conventional] = effect.as_ref().map_or([0; 2], |effect| effect.cases);
    let within = effect.as_ref().and_then(|effect| effect.horizon).map_or_else(String::new, |day| {
        lang.pick(format!("受理后 {day} 天之内；"), format!("within {day} days of acceptance; "))
    });
    let cases = lang.pick(
        format!("{within}订单式 {order} 户，常规 {conventional} 户"),
        format!("{within}{order} order-style, {conventional} conventional"),
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
                Some(Tone::Better)
            } else if low > 0.0 {
                Some(Tone::Worse)
            } else {
                None
            },
        ),
        None => (lang.pick(format!("户数太少，不给区间；{cases}"), format!("too few for an interval; {cases}")), None),
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
    let figures = effect.map_or([None; 3], |effect| effect.figures[mode]);
    let [day, low, high] = figures.map(|days| days.map(|days| fixed(days, 0)));
    let value = match day {
        Some(day) => lang.pick(format!("{day} 天"), format!("{day} days")),
        None if cases > 0 => lang.pick("未过半", "not reached").to_owned(),
        None => lang.pick("没有工单", "none").to_owned(),
    };
    let cases = lang.pick(format!("{cases} 户"), format!("{cases} applications"));
    let detail = match (low, high) {
        (Some(low), Some(high)) => {
            lang.pick(format!("95 % 区间 {low}–{high}；{cases}"), format!("95 % interval {low}–{high}; {cases}"))
        }
        (Some(low), None) => {
            lang.pick(format!("95 % 区间 {low} 以上；{cases}"), format!("95 % interval from {low}; {cases}"))
        }
        _ => cases,
    };
    Ok(Headline::plain(head.title(input), value, detail))
}

/// How often chance alone would show times that differ so much within groups (stratified log-rank test).
pub(super) fn log_rank(input: &Input<'_>, head: &Head) -> Result<Headline> {
    let lang = input.lang;
    let tested = effect(input, "log_rank_matched")?.and_then(|effect| effect.chi2.zip(effect.p));
    let Some((chi2, p)) = tested else {
        let none = lang.pick("无法检验", "cannot be tested").to_owned();
        return Ok(Headline::plain(head.title(input), none, String::new()));
    };
    let value = if p < 0.0001 { "p < 0.0001".to_owned() } else { format!("p = {p:.4}") };
    let detail = lang.pick(
        format!("卡方 {chi2:.2}，自由度 1；以 0.05 为界，毫无差别时二十次也会错一次"),
        format!(
            "chi-squared {chi2:.2}, 1 degree of freedom; with 0.05 as the limit, wrong once in twenty were there none"
        ),
    );
    Ok(Headline::plain(head.title(input), value, detail))
}

/// What the analyses say, by finding.
struct Analyses {
    found: BTreeMap<&'static str, Vec<String>>,
    /// How many there are.
    many: usize,
    /// What most of them find.
    most: ModeFinding,
    /// How many find that.
    agreed: usize,
}

/// The analyses of the report; nothing where none could be made.
fn analyses(input: &Input<'_>) -> Result<Option<Analyses>> {
    let lang = input.lang;
    let mut found: BTreeMap<&'static str, Vec<String>> = BTreeMap::new();
    if let Some(columns) = input.mart("mode_sensitivity")? {
        let (analyses, findings) = (columns.texts("analysis")?, columns.texts("finding")?);
        for (analysis, finding) in analyses.iter().zip(findings.iter()) {
            if let Some((analysis, finding)) =
                analysis.and_then(Analysis::of_code).zip(finding.and_then(ModeFinding::of_code))
            {
                found.entry(finding.code()).or_default().push(analysis.title(lang).to_owned());
            }
        }
    }
    let many = found.values().map(Vec::len).sum::<usize>();
    let of = |finding: ModeFinding| found.get(finding.code()).map_or(0, Vec::len);
    let most = ModeFinding::ALL.iter().copied().rev().max_by_key(|finding| of(*finding)).filter(|_| many > 0);
    let most = most.map(|most| (most, of(most)));
    Ok(most.map(|(most, agreed)| Analyses { found, many, most, agreed }))
}

impl Analyses {
    fn say(&self, lang: Lang) -> String {
        let Analyses { many, agreed, .. } = self;
        let title = self.most.title(lang);
        match agreed == many {
            true => lang.pick(format!("{many} 种都说{title}"), format!("all {many}: {title}")),
            false => lang.pick(format!("{many} 种中 {agreed} 种说{title}"), format!("{agreed} of {many}: {title}")),
        }
    }
}

/// How many of the analyses agree on which mode is faster.
pub(crate) fn agreement(input: &Input<'_>) -> Result<Option<String>> {
    Ok(analyses(input)?.map(|analyses| analyses.say(input.lang)))
}

/// Whether all analyses agree on which mode is faster, in one sentence.
pub(super) fn sensitivity(input: &Input<'_>, head: &Head) -> Result<Headline> {
    let lang = input.lang;
    let nobody_drew_lots = lang.pick(
        "服务方式不是抽签决定的（4,000 kVA 及以上和重点项目按规定走订单式）",
        "nobody drew lots (4,000 kVA and more and key projects are order-style by rule)",
    );
    let Some(analyses) = analyses(input)? else {
        let none = lang.pick("无法比较", "cannot be compared").to_owned();
        return Ok(Headline::plain(head.title(input), none, nobody_drew_lots.to_owned()));
    };
    let value = analyses.say(lang);
    let Analyses { found, many, most, agreed } = analyses;
    let others = ModeFinding::ALL.iter().filter(|finding| **finding != most).filter_map(|finding| {
        let names = found.get(finding.code())?.join(lang.pick("、", ", "));
        let title = finding.title(lang);
        Some(lang.pick(format!("{title}的：{names}"), format!("{title}: {names}")))
    });
    let detail: Vec<String> = others.chain([nobody_drew_lots.to_owned()]).collect();
    let tone = (agreed == many && most == ModeFinding::Faster).then_some(Tone::Better);
    Ok(Headline { tone, ..Headline::plain(head.title(input), value, detail.join(lang.pick("；", "; "))) })
}
