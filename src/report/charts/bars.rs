//! Bars of a mart's columns: a row a bar, or a bar a label; and those of a Pareto chart.

use std::collections::BTreeMap;

use serde::Deserialize;
use toml::Spanned;

use super::plotted::Plots;
use super::{Drawn, Finding, Interval, Picture, Ratio, Sort, Unit, caption, first, months, percents, unit};
use crate::draw::{self, BarCategory, BarChart, ParetoBar, ParetoChart, Reference};
use crate::error::Result;
use crate::report::Input;
use crate::report::declared::{Form, Head, Holds, Review, filled};
use crate::report::headline::FEW;
use crate::report::rows::{PlainWhere, Rows, Where};
use crate::words::Words;

/// `form = "bar"`: horizontal bars, one row of the mart each.
#[derive(Debug, Deserialize, schemars::JsonSchema)]
#[serde(deny_unknown_fields)]
pub(super) struct Bars {
    #[schemars(with = "String")]
    mart: Spanned<String>,
    #[serde(default, rename = "where")]
    #[schemars(with = "PlainWhere")]
    wanted: Where,
    /// The last so many months, 1: the report's alone; absent: all rows. With more than one month, the only series
    /// is shown as a bar per month.
    #[schemars(with = "Option<u32>")]
    months: Option<Spanned<u32>>,
    /// The columns that name a bar.
    #[schemars(with = "Vec<String>")]
    label: Vec<Spanned<String>>,
    /// The count that a bar rests on.
    #[schemars(with = "Option<String>")]
    n: Option<Spanned<String>>,
    /// The bars of a row, the one that matters last.
    series: Vec<Series>,
    /// The interval around the last bar.
    interval: Option<Interval>,
    /// A line across all bars.
    reference: Option<Ratio>,
    #[schemars(with = "Option<String>")]
    sort: Option<Sort>,
    /// At most so many bars; absent: 60.
    most: Option<usize>,
    unit: Option<Unit>,
}

#[derive(Debug, Deserialize, schemars::JsonSchema)]
#[serde(deny_unknown_fields)]
struct Series {
    #[schemars(with = "String")]
    column: Spanned<String>,
    #[serde(default)]
    title: Words,
}

impl Form<Drawn> for Bars {
    fn review(&self, review: &mut Review<'_>) {
        let Some(mart) = review.mart(&self.mart) else { return };
        review.wanted(mart, &self.wanted);
        review.columns(mart, &self.label, Holds::Anything);
        review.columns(mart, &self.n, Holds::Counts);
        review.columns(mart, self.series.iter().map(|series| &series.column), Holds::Numbers);
        review.columns(mart, self.interval.iter().flat_map(|interval| [&interval.low, &interval.high]), Holds::Numbers);
        review.columns(mart, self.sort.iter().map(|sort| &sort.column), Holds::Numbers);
        if let Some(reference) = &self.reference {
            reference.review(review, mart);
        }
        if let Some(months) = &self.months {
            review.months(mart, months.span());
            if *months.get_ref() > 1 && self.series.len() != 1 {
                review.refuse(months.span(), Words::new("按月的柱形只能有一个系列", "bars by month show one series"));
            }
        }
    }

    fn make(&self, input: &Input<'_>, head: &Head) -> Result<Drawn> {
        let rows = self.rows(input)?;
        let reference = match (&self.reference, &rows) {
            (Some(reference), Some(rows)) => reference
                .of(rows)?
                .map(|value| Reference { value, label: filled(input, reference.title.get_ref(), &[]) }),
            _ => None,
        };
        let by_month = self.months.as_ref().is_some_and(|months| *months.get_ref() > 1);
        let (series, mut bars) = match rows {
            None => (Vec::new(), Vec::new()),
            Some(rows) if by_month => self.by_month(input, &rows)?,
            Some(rows) => self.by_row(input, &rows)?,
        };
        if let Some(sort) = &self.sort {
            bars.sort_by(|a, b| sort.compare(a.key, b.key).then_with(|| a.bar.label.cmp(&b.bar.label)));
        }
        let unit = unit(self.unit.as_ref(), input);
        let mut caption = caption(input, head, &[], &finding(&bars, reference.as_ref(), &unit));
        let bars = first(bars, self.most, &mut caption, input);
        if bars.iter().any(|bar| bar.bar.is_few) {
            caption.footnote += &input.lang.pick(
                format!("n 不足 {FEW} 的为灰色，不画区间，也不决定坐标范围。"),
                format!(" Of n below {FEW}: grey, without interval, and not what the axis is scaled by."),
            );
        }
        let chart = BarChart {
            caption,
            unit,
            series,
            categories: bars.into_iter().map(|bar| bar.bar).collect(),
            interval_name: self.interval.as_ref().map(|i| i.title.get(input.lang).to_owned()).unwrap_or_default(),
            reference,
        };
        Ok(chart.picture())
    }
}

/// The first of the bars that rest on enough, by the value that matters.
fn finding(bars: &[Sorted], all: Option<&Reference>, unit: &draw::Unit) -> Finding {
    let values = bars.iter().filter(|bar| !bar.bar.is_few);
    let values = values.filter_map(|bar| Some((bar.bar.label.as_str(), bar.bar.values.last().copied().flatten()?)));
    Finding::first(values, unit).with(all.map(|all| ("all", unit.written(all.value))))
}

/// A bar and what it is sorted by.
struct Sorted {
    key: Option<f64>,
    bar: BarCategory,
}

impl Bars {
    fn rows<'a>(&self, input: &'a Input<'_>) -> Result<Option<Rows<'a>>> {
        let months = self.months.as_ref().map(|months| *months.get_ref());
        Rows::of_last(input, self.mart.get_ref(), &self.wanted, months)
    }

    /// One bar a row.
    fn by_row(&self, input: &Input<'_>, rows: &Rows<'_>) -> Result<(Vec<String>, Vec<Sorted>)> {
        let labels = rows.labels(input, &self.label)?;
        let ns = self.n.as_ref().map(|n| rows.counts(n.get_ref())).transpose()?;
        let series =
            self.series.iter().map(|series| rows.numbers(series.column.get_ref())).collect::<Result<Vec<_>>>()?;
        let interval = match &self.interval {
            Some(interval) => Some((rows.numbers(interval.low.get_ref())?, rows.numbers(interval.high.get_ref())?)),
            None => None,
        };
        let keys = self.sort.as_ref().map(|sort| rows.numbers(sort.column.get_ref())).transpose()?;
        let bar = |(row, label): (usize, String)| Sorted {
            key: keys.as_ref().and_then(|keys| keys[row]),
            bar: BarCategory {
                label,
                note: ns.as_ref().map(|ns| format!("n = {}", ns[row])).unwrap_or_default(),
                values: series.iter().map(|values| values[row]).collect(),
                interval: interval.as_ref().and_then(|(low, high)| low[row].zip(high[row])),
                // Of a share; absent: percent.
                is_few: self.unit.is_none() && ns.as_ref().is_some_and(|ns| ns[row] < FEW),
            },
        };
        let titles = self.series.iter().map(|series| series.title.get(input.lang).to_owned()).collect();
        Ok((titles, labels.into_iter().enumerate().map(bar).collect()))
    }

    /// One bar a label, with the first series of each month; sorted by the last month.
    fn by_month(&self, input: &Input<'_>, rows: &Rows<'_>) -> Result<(Vec<String>, Vec<Sorted>)> {
        let most = self.months.as_ref().map_or(1, |months| *months.get_ref());
        let last = input.month();
        let axis = months(input, [Some(last.minus_months(most - 1))], most);
        let Some(series) = self.series.first() else { return Ok((Vec::new(), Vec::new())) };
        let values = rows.months()?.into_iter().zip(rows.numbers(series.column.get_ref())?);
        let mut bars: BTreeMap<String, Vec<Option<f64>>> = BTreeMap::new();
        for (label, (month, value)) in rows.labels(input, &self.label)?.into_iter().zip(values) {
            let bar = bars.entry(label).or_insert_with(|| vec![None; axis.len()]);
            if let Some(at) = axis.iter().position(|known| Some(*known) == month) {
                bar[at] = value;
            }
        }
        bars.retain(|_, values| values.iter().any(Option::is_some));
        let bar = |(label, values): (String, Vec<Option<f64>>)| Sorted {
            key: values.last().copied().flatten(),
            bar: BarCategory { label, values, ..BarCategory::default() },
        };
        Ok((super::labels(&axis), bars.into_iter().map(bar).collect()))
    }
}

/// `form = "pareto"`: the greatest first, with their cumulative share.
#[derive(Debug, Deserialize, schemars::JsonSchema)]
#[serde(deny_unknown_fields)]
pub(super) struct Pareto {
    #[schemars(with = "String")]
    mart: Spanned<String>,
    #[serde(default, rename = "where")]
    #[schemars(with = "PlainWhere")]
    wanted: Where,
    /// The columns that name a bar; what has the same name is added up.
    #[schemars(with = "Vec<String>")]
    label: Vec<Spanned<String>>,
    /// What is added up.
    #[schemars(with = "String")]
    column: Spanned<String>,
    /// The count that a bar rests on.
    #[schemars(with = "String")]
    n: Spanned<String>,
    unit: Option<Unit>,
}

impl Form<Drawn> for Pareto {
    fn review(&self, review: &mut Review<'_>) {
        let Some(mart) = review.mart(&self.mart) else { return };
        review.wanted(mart, &self.wanted);
        review.columns(mart, &self.label, Holds::Anything);
        review.columns(mart, [&self.column, &self.n], Holds::Counts);
    }

    fn make(&self, input: &Input<'_>, head: &Head) -> Result<Drawn> {
        let mut sums: BTreeMap<String, (i64, i64)> = BTreeMap::new();
        if let Some(rows) = Rows::of(input, self.mart.get_ref(), &self.wanted)? {
            let values = rows.counts(self.column.get_ref())?.into_iter().zip(rows.counts(self.n.get_ref())?);
            for (label, (value, n)) in rows.labels(input, &self.label)?.into_iter().zip(values) {
                let sum = sums.entry(label).or_default();
                *sum = (sum.0 + value, sum.1 + n);
            }
        }
        if sums.values().all(|(value, _)| *value <= 0) {
            sums.clear();
        }
        let bar = |(label, (value, n)): (String, (i64, i64))| ParetoBar {
            label,
            note: format!("n = {n}"),
            value: value as f64,
        };
        let unit = unit(self.unit.as_ref(), input);
        let all: i64 = sums.values().map(|(value, _)| value).sum();
        let mut largest: Vec<(&str, f64)> =
            sums.iter().map(|(label, (value, _))| (label.as_str(), *value as f64)).collect();
        largest.sort_by(|a, b| b.1.total_cmp(&a.1).then(a.0.cmp(b.0)));
        let share = largest.first().map(|(_, value)| ("first_share", percents().written(value / all as f64)));
        let finding = Finding::first(largest, &unit).with(share);
        let chart = ParetoChart {
            caption: caption(input, head, &[], &finding),
            unit,
            value_name: head.words(input, "value"),
            share_name: head.words(input, "share"),
            bars: sums.into_iter().map(bar).collect(),
            rest_name: head.words(input, "rest"),
        };
        Ok(Picture::of(chart, None))
    }
}
