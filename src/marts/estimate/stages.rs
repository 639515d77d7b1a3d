//! Where the days are won: the mean cycle of each mode, matched, by the parts of the critical path.

use std::collections::{BTreeMap, BTreeSet};

use super::{Row, count, mode, number, text};
use crate::error::Result;
use crate::lake::{Columns, Value};
use crate::stats::matching::{Matched, Sample, Stratum};

/// The part that all others add up to: one case an application.
const TOTAL: &str = "total";

/// What a row is about: a part of the path, and the stage that it belongs to.
type Part<'a> = (&'a str, Option<&'a str>);

/// A row each part of the path, `total` first: its mean over the matched applications of either mode, in which one
/// that has no such part counts as 0 days, so that the parts add up to the total.
pub fn by_stage(cases: Columns<'_>) -> Result<Vec<Row>> {
    let (strata, modes) = (cases.texts("stratum")?, cases.texts("mode")?);
    let (parts, stages, days) = (cases.texts("part")?, cases.texts("stage")?, cases.integers("days")?);
    // Days of each part, and applications, by stratum and mode.
    let mut sums: BTreeMap<&str, [BTreeMap<Part<'_>, i64>; 2]> = BTreeMap::new();
    let mut totals: BTreeMap<&str, [Vec<i32>; 2]> = BTreeMap::new();
    for (row, days) in days.into_iter().enumerate() {
        let (Some(mode), Some(days), Some(part)) = (mode(modes.get(row)), days, parts.get(row)) else { continue };
        let stratum = strata.get(row).unwrap_or_default();
        *sums.entry(stratum).or_default()[mode].entry((part, stages.get(row))).or_default() += days;
        if part == TOTAL {
            totals.entry(stratum).or_default()[mode].push(days as i32);
        }
    }
    let sample = |days: &Vec<i32>| days.iter().copied().collect::<Sample>();
    let stratum =
        |[order, conventional]: &[Vec<i32>; 2]| Stratum { treated: sample(order), control: sample(conventional) };
    let strata: BTreeMap<&str, Stratum> =
        totals.iter().map(|(name, modes)| (*name, stratum(modes))).filter(|(_, stratum)| stratum.matched()).collect();
    let matched = Matched::of(strata.values());
    if matched.treated == 0 {
        return Ok(Vec::new());
    }
    let known: BTreeSet<Part<'_>> =
        strata.keys().flat_map(|name| sums[name].iter().flat_map(BTreeMap::keys)).copied().collect();
    let mean = |part: &Part<'_>, mode: usize| {
        let days = |name: &str| sums[name][mode].get(part).copied().unwrap_or(0) as f64;
        // Order-style cases count once each, conventional ones for as many order-style ones as their stratum has.
        let weighed = |(name, stratum): (&&str, &Stratum)| match mode {
            0 => days(name),
            _ => days(name) * stratum.control_weight().unwrap_or(0.0),
        };
        strata.iter().map(weighed).sum::<f64>() / matched.treated as f64
    };
    let row = |part: &Part<'_>| {
        let [order, conventional] = [mean(part, 0), mean(part, 1)];
        vec![
            text(part.0),
            part.1.map_or(Value::Null, text),
            count(matched.treated),
            count(matched.control),
            number(Some(order)),
            number(Some(conventional)),
            number(Some(order - conventional)),
        ]
    };
    let (total, rest): (Vec<_>, Vec<_>) = known.iter().partition(|part| part.0 == TOTAL);
    Ok(total.into_iter().chain(rest).map(row).collect())
}
