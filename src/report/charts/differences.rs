//! Differences of a mart's rows from one value, such as managers from all managers.

use serde::Deserialize;
use toml::Spanned;

use super::finding::{Fills, is_enough};
use super::plotted::Plots;
use super::{Drawn, Finding, Interval, Sort, Unit, caption, first, unit};
use crate::draw::{DifferenceChart, DifferenceRow};
use crate::error::Result;
use crate::report::Input;
use crate::report::declared::{Form, Head, Holds, Review};
use crate::report::headline::FEW;
use crate::report::rows::{PlainWhere, Rows, Where};

/// `form = "difference"`: a dot a row on both sides of zero.
#[derive(Debug, Deserialize, schemars::JsonSchema)]
#[serde(deny_unknown_fields)]
pub(super) struct Differences {
    #[schemars(with = "String")]
    mart: Spanned<String>,
    #[serde(default, rename = "where")]
    #[schemars(with = "PlainWhere")]
    wanted: Where,
    /// The last so many months, 1: the report's alone; absent: all rows.
    #[schemars(with = "Option<u32>")]
    months: Option<Spanned<u32>>,
    /// The columns that name a row.
    #[schemars(with = "Vec<String>")]
    label: Vec<Spanned<String>>,
    /// The count that a row rests on.
    #[schemars(with = "Option<String>")]
    n: Option<Spanned<String>>,
    /// The difference.
    #[schemars(with = "String")]
    column: Spanned<String>,
    /// The interval around it.
    interval: Interval,
    #[schemars(with = "Option<String>")]
    sort: Option<Sort>,
    /// At most so many rows; absent: 60.
    most: Option<usize>,
    unit: Option<Unit>,
}

impl Form<Drawn> for Differences {
    fn review(&self, review: &mut Review<'_>) {
        let Some(mart) = review.mart(&self.mart) else { return };
        review.wanted(mart, &self.wanted);
        review.columns(mart, &self.label, Holds::Anything);
        review.columns(mart, &self.n, Holds::Counts);
        review.columns(mart, [&self.column, &self.interval.low, &self.interval.high], Holds::Numbers);
        review.columns(mart, self.sort.iter().map(|sort| &sort.column), Holds::Numbers);
        if let Some(months) = &self.months {
            review.months(mart, months.span());
        }
    }

    fn make(&self, input: &Input<'_>, head: &Head) -> Result<Drawn> {
        let rows = self.rows(input)?;
        let mut caption = caption(input, head, &[], &below(&rows, input));
        let rows = first(rows, self.most, &mut caption, input);
        if self.n.is_some() && rows.iter().any(|row| row.interval.is_none()) {
            caption.footnote += &input.lang.pick(
                format!("n 不足 {FEW} 的不画区间，也不点名。"),
                format!(" Of n below {FEW}: without interval, and not named."),
            );
        }
        let chart = DifferenceChart {
            caption,
            unit: unit(self.unit.as_ref(), input),
            zero_name: head.words(input, "zero"),
            apart_name: head.words(input, "apart"),
            alike_name: head.words(input, "alike"),
            interval_name: self.interval.title.get(input.lang).to_owned(),
            rows,
        };
        Ok(chart.picture())
    }
}

/// Who lies below zero with the whole interval.
fn below(rows: &[DifferenceRow], input: &Input<'_>) -> Finding {
    let below = rows.iter().filter(|row| row.interval.is_some_and(|(_, high)| high < 0.0));
    let below: Vec<&str> = below.map(|row| row.label.as_str()).collect();
    match below.is_empty() {
        _ if rows.iter().all(|row| row.interval.is_none()) => Finding::Nothing,
        true => Finding::Otherwise(Fills::new()),
        false => Finding::Found(vec![("below", below.join(input.lang.pick("、", ", ")))]),
    }
}

impl Differences {
    /// The rows that have a difference, in their order.
    fn rows(&self, input: &Input<'_>) -> Result<Vec<DifferenceRow>> {
        let months = self.months.as_ref().map(|months| *months.get_ref());
        let Some(rows) = Rows::of_last(input, self.mart.get_ref(), &self.wanted, months)? else {
            return Ok(Vec::new());
        };
        let labels = rows.labels(input, &self.label)?;
        let ns = self.n.as_ref().map(|n| rows.counts(n.get_ref())).transpose()?;
        let values = rows.numbers(self.column.get_ref())?;
        let (low, high) = (rows.numbers(self.interval.low.get_ref())?, rows.numbers(self.interval.high.get_ref())?);
        let keys = self.sort.as_ref().map(|sort| rows.numbers(sort.column.get_ref())).transpose()?;
        let row = |(row, label): (usize, String)| DifferenceRow {
            label,
            note: ns.as_ref().map(|ns| format!("n = {}", ns[row])).unwrap_or_default(),
            value: values[row],
            // Of few nothing is to be said.
            interval: low[row].zip(high[row]).filter(|_| ns.as_ref().is_none_or(|ns| is_enough(ns[row]))),
        };
        let key = |row: usize| keys.as_ref().and_then(|keys| keys[row]);
        let mut sorted: Vec<(Option<f64>, DifferenceRow)> = labels
            .into_iter()
            .enumerate()
            .map(|at| (key(at.0), row(at)))
            .filter(|(_, row)| row.value.is_some())
            .collect();
        if let Some(sort) = &self.sort {
            sorted.sort_by(|a, b| sort.compare(a.0, b.0).then_with(|| a.1.label.cmp(&b.1.label)));
        }
        Ok(sorted.into_iter().map(|(_, row)| row).collect())
    }
}
