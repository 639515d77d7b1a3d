//! The forms of the comparison: who still waits, who was energised or cancelled, how balanced the groups are, and where
//! in the process the days are won.

use std::borrow::Cow;
use std::collections::BTreeMap;

use super::{Drawn, Finding, Picture, caption, percents, plain};
use crate::draw::{
    Hue, LineStyle, LoveChart, LoveRow, Reference, SurvivalChart, SurvivalCurve, SurvivalStep, WaterfallChart,
    WaterfallStep,
};
use crate::error::Result;
use crate::lake::Columns;
use crate::marts::estimate::MODES;
use crate::report::Input;
use crate::report::declared::Head;
use crate::rules::vocabulary::{Mode, State};
use crate::vocabularies::estimates::{ALL, Compared, CovariateName};

/// Groups that differ by less are alike.
const ALIKE: f64 = 0.1;

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
fn steps(curves: Columns<'_>, mode: Mode, shape: &Shape<'_>) -> Result<Vec<SurvivalStep>> {
    let (scopes, modes, days) = (curves.texts("scope")?, curves.texts("mode")?, curves.integers("day")?);
    let (at_risk, share) = (curves.integers("at_risk")?, curves.numbers(shape.share)?);
    let (low, high) = (curves.numbers(shape.low)?, curves.numbers(shape.high)?);
    let censored = shape.censored.map(|name| curves.integers(name)).transpose()?;
    let wanted = |row: &usize| scopes.get(*row) == Some(ALL.code) && modes.get(*row) == Some(mode.code());
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
fn horizon(input: &Input<'_>, head: &Head) -> Result<Option<Reference>> {
    let Some(effects) = input.mart("mode_effect")? else { return Ok(None) };
    let (scopes, measures) = (effects.texts("scope")?, effects.texts("measure")?);
    let days = effects.integers("horizon_days")?;
    let wanted =
        |row: &usize| scopes.get(*row) == Some(ALL.code) && measures.get(*row) == Some(Compared::RestrictedMean.code());
    let found = (0..days.len()).find(wanted).and_then(|row| days[row]);
    let label = head.words(input, "horizon");
    Ok(found.map(|day| Reference { value: day as f64, label }))
}

pub(super) fn survival(input: &Input<'_>, head: &Head) -> Result<Drawn> {
    let lang = input.lang;
    let shape = Shape { share: "survival", low: "ci_low", high: "ci_high", censored: Some("censored") };
    let mut curves = Vec::new();
    let mut counts = Vec::new();
    if let Some(table) = input.mart("survival")? {
        for (mode, (hue, style)) in MODES.into_iter().zip(LOOKS) {
            let steps = steps(table, mode, &shape)?;
            let name = mode.title(lang).to_owned();
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
    let counts = counts.join(lang.pick("，", ", "));
    let unit = plain(input, 0, " 天", " days");
    let medians = curves.iter().zip(["order_median", "conventional_median"]);
    let medians = medians.filter_map(|(curve, gap)| Some((gap, unit.written(curve.median.as_ref()?.value))));
    let finding = Finding::Found(medians.collect());
    let chart = SurvivalChart {
        caption: caption(input, head, &[("counts", counts)], &finding),
        share_name: head.words(input, "share"),
        days_name: head.words(input, "days"),
        unit,
        last_day: last_day(&curves),
        curves,
        horizon: horizon(input, head)?,
        interval_name: head.words(input, "interval"),
        censored_name: head.words(input, "censored"),
        at_risk_name: head.words(input, "at_risk"),
    };
    Ok(Picture::of(chart, None))
}

pub(super) fn incidence(input: &Input<'_>, head: &Head) -> Result<Drawn> {
    let lang = input.lang;
    let mut curves = Vec::new();
    let mut counts = Vec::new();
    if let Some(table) = input.mart("cumulative_incidence")? {
        for (place, (mode, (hue, _))) in MODES.into_iter().zip(LOOKS).enumerate() {
            for (share, low, high, ended, style) in [
                ("cif_energised", "energised_low", "energised_high", State::Energised, LineStyle::Solid),
                ("cif_cancelled", "cancelled_low", "cancelled_high", State::Cancelled, LineStyle::Dashed),
            ] {
                let steps = steps(table, mode, &Shape { share, low, high, censored: None })?;
                let first = style == LineStyle::Solid;
                let name = mode.title(lang).to_owned();
                if first {
                    counts.push(format!("{name} n = {}", cases(&steps)));
                }
                curves.push(SurvivalCurve {
                    name: format!("{name} {}", ended.title(lang)),
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
    let counts = counts.join(lang.pick("，", ", "));
    let last_day = last_day(&curves);
    let chart = SurvivalChart {
        caption: caption(input, head, &[("counts", counts)], &cancelled(input, &curves, last_day)),
        share_name: head.words(input, "share"),
        days_name: head.words(input, "days"),
        unit: plain(input, 0, " 天", " days"),
        last_day,
        curves,
        horizon: None,
        interval_name: head.words(input, "interval"),
        censored_name: String::new(),
        at_risk_name: head.words(input, "at_risk"),
    };
    Ok(Picture::of(chart, None))
}

/// How many of each mode were cancelled by the last day that is drawn; the curves of cancellations are every second one.
fn cancelled(input: &Input<'_>, curves: &[SurvivalCurve], last_day: Option<f64>) -> Finding {
    let Some(day) = last_day else { return Finding::Nothing };
    let reached = |curve: &SurvivalCurve| curve.steps.iter().rev().find(|step| step.day <= day).map(|step| step.share);
    let gaps = ["order_cancelled", "conventional_cancelled"];
    let shares = curves.iter().skip(1).step_by(2).zip(gaps);
    let shares = shares.filter_map(|(curve, gap)| Some((gap, percents().written(reached(curve)?))));
    Finding::Found(shares.chain([("day", plain(input, 0, " 天", " days").written(day))]).collect())
}

pub(super) fn balance(input: &Input<'_>, head: &Head) -> Result<Drawn> {
    let (lang, vocabularies) = (input.lang, &input.config.vocabularies);
    let mut rows = Vec::new();
    if let Some(table) = input.mart("balance")? {
        let (covariates, levels, bureaus) = (table.texts("covariate")?, table.texts("level")?, table.texts("bureau")?);
        let (before, after) = (table.numbers("smd_before")?, table.numbers("smd_after")?);
        for row in 0..covariates.len() {
            let covariate = covariates.get(row).and_then(CovariateName::of_code);
            let covariate = covariate.map_or("", |covariate| covariate.title(lang));
            let level = levels.get(row).map(|level| vocabularies.title("covariate_level", level, lang));
            let level = level.or(bureaus.get(row).map(Cow::Borrowed)).unwrap_or_default();
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
    let unlike = |smd: fn(&LoveRow) -> Option<f64>| rows.iter().filter_map(smd).filter(|smd| *smd >= ALIKE).count();
    let (before, after) = (unlike(|row| row.before), unlike(|row| row.after));
    let counts = [("rows", rows.len()), ("unlike_before", before), ("unlike", after)];
    let counts = counts.map(|(gap, count)| (gap, count.to_string())).to_vec();
    let finding = match after {
        _ if rows.iter().all(|row| row.after.is_none()) => Finding::Nothing,
        0 => Finding::Otherwise(counts),
        _ => Finding::Found(counts),
    };
    let of = [("order", order.to_string()), ("conventional", conventional.to_string())];
    let chart = LoveChart {
        caption: caption(input, head, &of, &finding),
        unit: plain(input, 2, "", ""),
        before_name: head.words(input, "before"),
        after_name: head.words(input, "after"),
        threshold: Reference { value: ALIKE, label: head.words(input, "alike") },
        rows,
    };
    Ok(Picture::of(chart, None))
}

/// What one stage brings to the mean of each mode: work and waiting.
type Parts = BTreeMap<(usize, String), BTreeMap<String, [f64; 2]>>;

pub(super) fn waterfall(input: &Input<'_>, head: &Head) -> Result<Drawn> {
    let lang = input.lang;
    let process = &input.config.process;
    let part_title = |part: &str| input.config.vocabularies.title("path_part", part, lang).into_owned();
    let unit = plain(input, 1, " 天", " days");
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
                None => (if part == "lead" { 0 } else { usize::MAX }, part_title(part)),
            };
            stages.entry(key).or_default().insert(part.to_owned(), [of_conventional, of_order]);
        }
    }
    let change = |[conventional, order]: &[f64; 2]| order - conventional;
    let step = |((_, label), parts): (&(usize, String), &BTreeMap<String, [f64; 2]>)| WaterfallStep {
        label: label.clone(),
        note: match parts.get("waiting").map(change) {
            Some(waiting) => format!("{} {}", part_title("waiting"), unit.signed(waiting)),
            None => String::new(),
        },
        change: parts.values().map(change).sum(),
    };
    let steps: Vec<WaterfallStep> = stages.iter().map(step).collect();
    let difference = ends[1] - ends[0];
    let with_it = |step: &&WaterfallStep| step.change * difference > 0.0;
    let largest = steps.iter().filter(with_it).max_by(|a, b| a.change.abs().total_cmp(&b.change.abs()));
    let largest = largest.map_or(Finding::Nothing, |step| {
        let fills = vec![
            ("difference", unit.signed(difference)),
            ("first", step.label.clone()),
            ("first_value", unit.signed(step.change)),
        ];
        if difference < 0.0 { Finding::Found(fills) } else { Finding::Otherwise(fills) }
    });
    let total = |value: f64, mode: Mode, n: i64| Reference { value, label: format!("{} n = {n}", mode.title(lang)) };
    let chart = WaterfallChart {
        caption: caption(input, head, &[], &largest),
        unit,
        start: total(ends[0], MODES[1], n[0]),
        steps,
        end: total(ends[1], MODES[0], n[1]),
        less_name: head.words(input, "less"),
        more_name: head.words(input, "more"),
    };
    Ok(Picture::of(chart, None))
}
