//! A share by label and month, as a heat map.

use std::collections::BTreeMap;

use serde::Deserialize;
use toml::Spanned;

use super::finding::is_enough;
use super::{Drawn, Finding, Picture, Unit, caption, first, labels, months, unit};
use crate::calendar::Day;
use crate::draw::{self, HeatCell, HeatRow};
use crate::error::Result;
use crate::report::Input;
use crate::report::declared::{Form, Head, Holds, Review};
use crate::report::rows::{PlainWhere, Rows, Where};

/// As many months as have room for their figures.
const MONTHS: u32 = 12;

/// `form = "heat_map"`: a share by label and month, the highest on top.
#[derive(Debug, Deserialize, schemars::JsonSchema)]
#[serde(deny_unknown_fields)]
pub(super) struct HeatMap {
    #[schemars(with = "String")]
    mart: Spanned<String>,
    #[serde(default, rename = "where")]
    #[schemars(with = "PlainWhere")]
    wanted: Where,
    /// The columns that name a row.
    #[schemars(with = "Vec<String>")]
    label: Vec<Spanned<String>>,
    #[schemars(with = "String")]
    part: Spanned<String>,
    #[schemars(with = "String")]
    whole: Spanned<String>,
    unit: Option<Unit>,
}

impl Form<Drawn> for HeatMap {
    fn review(&self, review: &mut Review<'_>) {
        let Some(mart) = review.mart(&self.mart) else { return };
        review.months(mart, self.mart.span());
        review.wanted(mart, &self.wanted);
        review.columns(mart, &self.label, Holds::Anything);
        review.columns(mart, [&self.part, &self.whole], Holds::Counts);
    }

    fn make(&self, input: &Input<'_>, head: &Head) -> Result<Drawn> {
        let mut axis = Vec::new();
        let mut rows = Vec::new();
        if let Some(found) = Rows::of(input, self.mart.get_ref(), &self.wanted)? {
            axis = months(input, found.months()?, MONTHS);
            for (label, counts) in self.counts(input, &found)? {
                let seen = || axis.iter().filter_map(|month| counts.get(month));
                let (part, whole) = seen().fold((0, 0), |sum, count| (sum.0 + count.0, sum.1 + count.1));
                if whole > 0 {
                    let note = format!("n = {whole}");
                    let cells = axis.iter().map(|month| counts.get(month).and_then(cell)).collect();
                    rows.push((part as f64 / whole as f64, whole, HeatRow { label, note, cells }));
                }
            }
        }
        rows.sort_by(|a, b| b.0.total_cmp(&a.0).then_with(|| a.2.label.cmp(&b.2.label)));
        let unit = unit(self.unit.as_ref(), input);
        let enough = rows.iter().filter(|(_, whole, _)| is_enough(*whole));
        let finding = Finding::first(enough.map(|(share, _, row)| (row.label.as_str(), *share)), &unit);
        let mut caption = caption(input, head, &[], &finding);
        let rows = first(rows, None, &mut caption, input);
        let chart = draw::HeatMap {
            caption,
            unit,
            value_name: head.words(input, "value"),
            none_name: head.words(input, "none"),
            columns: labels(&axis),
            rows: rows.into_iter().map(|(_, _, row)| row).collect(),
        };
        Ok(Picture::of(chart, None))
    }
}

/// Part and whole.
type Counts = (i64, i64);

impl HeatMap {
    fn counts(&self, input: &Input<'_>, rows: &Rows<'_>) -> Result<BTreeMap<String, BTreeMap<Day, Counts>>> {
        let counts = rows.counts(self.part.get_ref())?.into_iter().zip(rows.counts(self.whole.get_ref())?);
        let mut by_label: BTreeMap<String, BTreeMap<Day, Counts>> = BTreeMap::new();
        let labels = rows.labels(input, &self.label)?;
        for ((label, month), (part, whole)) in labels.into_iter().zip(rows.months()?).zip(counts) {
            if let Some(month) = month {
                let sum = by_label.entry(label).or_default().entry(month).or_default();
                *sum = (sum.0 + part, sum.1 + whole);
            }
        }
        Ok(by_label)
    }
}

fn cell((part, whole): &Counts) -> Option<HeatCell> {
    (*whole > 0).then(|| HeatCell { value: *part as f64 / *whole as f64, note: format!("n = {whole}") })
}
