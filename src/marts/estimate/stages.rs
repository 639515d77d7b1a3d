//! Where the days are saved: the mean cycle of each mode, matched, by the parts of the critical path.

use std::collections::{BTreeMap, BTreeSet};

use super::{Row, count, mode, number, sum, text, times};
use crate::error::Result;
use crate::lake::{Columns, Value};

/// The part that all others add up to: one case an application.
const TOTAL: &str = "total";

/// What a row is about: a part of the path, and the stage that it belongs to.
type Part<'a> = (&'a str, Option<&'a str>);

/// The applications of a stratum by mode, and the days that each part took them together.
#[derive(Default)]
struct Stratum<'a> {
    applications: [i64; 2],
    days: [BTreeMap<Part<'a>, i64>; 2],
}

impl Stratum<'_> {
    /// What each application of a mode counts for: an order-style one once, a conventional one for as many as the
    /// stratum has (see [`crate::stats::matching`]).
    fn weight(&self, mode: usize) -> f64 {
        let [order, conventional] = self.applications.map(|n| n as f64);
        if mode == 0 { 1.0 } else { order / conventional }
    }
}

/// One row per part of the path, `total` first: its mean over the matched applications of either mode, in which one
/// that has no such part counts as 0 days, so that the parts add up to the total.
pub fn by_stage(sums: Columns<'_>) -> Result<Vec<Row>> {
    let (names, modes) = (sums.texts("stratum")?, sums.texts("mode")?);
    let (parts, stages) = (sums.texts("part")?, sums.texts("stage")?);
    let (counts, days) = (times(sums)?, sums.integers(&sum("days"))?);
    let mut strata: BTreeMap<&str, Stratum<'_>> = BTreeMap::new();
    for row in 0..names.len() {
        let (Some(mode), Some(part), Some(days)) = (mode(modes.get(row)), parts.get(row), days[row]) else { continue };
        let stratum = strata.entry(names.get(row).unwrap_or_default()).or_default();
        if part == TOTAL {
            stratum.applications[mode] = counts[row] as i64;
        }
        stratum.days[mode].insert((part, stages.get(row)), days);
    }
    strata.retain(|_, stratum| stratum.applications.iter().all(|n| *n > 0));
    let applications = |mode: usize| strata.values().map(|stratum| stratum.applications[mode]).sum::<i64>();
    let [order_n, conventional_n] = [applications(0), applications(1)];
    let known: BTreeSet<Part<'_>> =
        strata.values().flat_map(|stratum| &stratum.days).flat_map(BTreeMap::keys).copied().collect();
    let mean = |part: &Part<'_>, mode: usize| {
        let weighed =
            |stratum: &Stratum<'_>| stratum.days[mode].get(part).copied().unwrap_or(0) as f64 * stratum.weight(mode);
        strata.values().map(weighed).sum::<f64>() / order_n as f64
    };
    let row = |part: &Part<'_>| {
        let [order, conventional] = [mean(part, 0), mean(part, 1)];
        vec![
            text(part.0),
            part.1.map_or(Value::Null, text),
            count(order_n as u64),
            count(conventional_n as u64),
            number(Some(order)),
            number(Some(conventional)),
            number(Some(order - conventional)),
        ]
    };
    let (total, rest): (Vec<_>, Vec<_>) = known.iter().partition(|part| part.0 == TOTAL);
    Ok(total.into_iter().chain(rest).map(row).collect())
}
