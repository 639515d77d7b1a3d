//! Lines of a mart's columns by month.

use std::collections::BTreeMap;

use serde::Deserialize;
use toml::Spanned;

use super::plotted::Plots;
use super::{Drawn, MONTHS, Unit, caption, labels, months, unit};
use crate::calendar::Day;
use crate::draw::{self, Hue, LineChart, LineStyle, Reference};
use crate::error::Result;
use crate::report::Input;
use crate::report::declared::{Form, Head, Holds, Review, filled};
use crate::report::rows::{PlainWhere, Rows, Where};
use crate::words::Words;

/// `form = "line"`: lines by month.
#[derive(Debug, Deserialize, schemars::JsonSchema)]
#[serde(deny_unknown_fields)]
pub(super) struct Lines {
    #[schemars(with = "String")]
    mart: Spanned<String>,
    #[serde(default, rename = "where")]
    #[schemars(with = "PlainWhere")]
    wanted: Where,
    /// The last so many months.
    months: Option<u32>,
    /// The lines; one without a value is left out.
    series: Vec<Series>,
    /// A line across all months.
    target: Option<Target>,
    unit: Option<Unit>,
}

/// One line: a column, or `part` ÷ `whole`, each added up by month.
#[derive(Debug, Deserialize, schemars::JsonSchema)]
#[serde(deny_unknown_fields)]
struct Series {
    #[schemars(with = "Words")]
    title: Spanned<Words>,
    #[serde(default, rename = "where")]
    #[schemars(with = "PlainWhere")]
    wanted: Where,
    #[schemars(with = "Option<String>")]
    column: Option<Spanned<String>>,
    #[schemars(with = "Option<String>")]
    part: Option<Spanned<String>>,
    #[schemars(with = "Option<String>")]
    whole: Option<Spanned<String>>,
    #[serde(default)]
    hue: Hue,
    #[serde(default)]
    style: LineStyle,
}

#[derive(Debug, Deserialize, schemars::JsonSchema)]
#[serde(deny_unknown_fields)]
struct Target {
    value: f64,
    title: Words,
}

/// What a line shows.
enum Shows<'a> {
    Column(&'a str),
    Ratio(&'a str, &'a str),
}

impl Series {
    fn shows(&self) -> Option<Shows<'_>> {
        match (&self.column, &self.part, &self.whole) {
            (Some(column), None, None) => Some(Shows::Column(column.get_ref())),
            (None, Some(part), Some(whole)) => Some(Shows::Ratio(part.get_ref(), whole.get_ref())),
            _ => None,
        }
    }

    /// The values of some rows by month.
    fn by_month(&self, rows: &Rows<'_>) -> Result<BTreeMap<Day, Option<f64>>> {
        let months = rows.months()?;
        let dated = |(month, value): (Option<Day>, Option<f64>)| Some((month?, value));
        Ok(match self.shows() {
            None => BTreeMap::new(),
            Some(Shows::Column(column)) => months.into_iter().zip(rows.numbers(column)?).filter_map(dated).collect(),
            Some(Shows::Ratio(part, whole)) => {
                let rate = |(part, whole): (i64, i64)| (whole > 0).then(|| part as f64 / whole as f64);
                rows.sums(&months, part, whole)?.into_iter().map(|(month, sum)| (month, rate(sum))).collect()
            }
        })
    }
}

impl Form<Drawn> for Lines {
    fn review(&self, review: &mut Review<'_>) {
        let Some(mart) = review.mart(&self.mart) else { return };
        review.months(mart, self.mart.span());
        review.wanted(mart, &self.wanted);
        for series in &self.series {
            review.wanted(mart, &series.wanted);
            review.columns(mart, &series.column, Holds::Numbers);
            review.columns(mart, series.part.iter().chain(&series.whole), Holds::Counts);
            review.gaps(&series.title, &[]);
            if series.shows().is_none() {
                review.refuse(
                    series.title.span(),
                    Words::new(
                        "折线要写 column，或写 part 与 whole",
                        "a line shows either a `column`, or a `part` of a `whole`",
                    ),
                );
            }
        }
    }

    fn make(&self, input: &Input<'_>, head: &Head) -> Result<Drawn> {
        let mut lines = Vec::new();
        let mut axis = Vec::new();
        if let Some(rows) = Rows::of(input, self.mart.get_ref(), &self.wanted)? {
            axis = months(input, rows.months()?, self.months.unwrap_or(MONTHS));
            for series in &self.series {
                let wanted = self.wanted.clone().into_iter().chain(series.wanted.clone()).collect();
                let Some(rows) = Rows::of(input, self.mart.get_ref(), &wanted)? else { continue };
                let by_month = series.by_month(&rows)?;
                let values: Vec<Option<f64>> =
                    axis.iter().map(|month| by_month.get(month).copied().flatten()).collect();
                if values.iter().any(Option::is_some) {
                    let name = filled(input, series.title.get_ref(), &[]);
                    let (short_name, hue, style) = (name.clone(), series.hue, series.style);
                    lines.push(draw::Line { name, short_name, values, hue, style, muted: false });
                }
            }
        }
        let target =
            |target: &Target| Reference { value: target.value, label: target.title.get(input.lang).to_owned() };
        let chart = LineChart {
            caption: caption(input, head, &[]),
            unit: unit(self.unit.as_ref(), input),
            months: labels(&axis),
            lines,
            target: self.target.as_ref().map(target),
        };
        Ok(chart.picture())
    }
}
