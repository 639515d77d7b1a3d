//! Lines of a mart's columns by month.

use std::collections::BTreeMap;

use serde::Deserialize;
use toml::Spanned;

use super::finding::{Fills, is_enough};
use super::plotted::Plots;
use super::{Drawn, Finding, MONTHS, Unit, caption, labels, months, unit};
use crate::calendar::Day;
use crate::cells::points;
use crate::draw::{self, Hue, LineChart, LineStyle, Reference};
use crate::error::Result;
use crate::report::Input;
use crate::report::declared::{Form, Head, Holds, Review, filled};
use crate::report::headline::in_points;
use crate::report::rows::{PlainWhere, Rows, Where};
use crate::words::{Lang, Words};

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
    /// The count that its values rest on: a title names none of fewer than ten; of a part it is the whole.
    #[schemars(with = "Option<String>")]
    n: Option<Spanned<String>>,
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

/// What lines fill in, the first six by their numbers: the value in the report's month, and the change since the month before.
pub(super) const FINDS: &[&str] = &[
    "latest_1", "latest_2", "latest_3", "latest_4", "latest_5", "latest_6", "change_1", "change_2", "change_3",
    "change_4", "change_5", "change_6",
];
/// So many lines have them.
const FOUND: usize = FINDS.len() / 2;

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

    /// Whether its value of a month is one that a title can name: it rests on enough.
    fn rests_on_enough(&self, rows: &Rows<'_>, month: Day) -> Result<bool> {
        let Some(n) = self.n.as_ref().or(self.whole.as_ref()) else { return Ok(true) };
        let counts = rows.months()?.into_iter().zip(rows.counts(n.get_ref())?);
        let of_month = counts.filter(|(of, _)| *of == Some(month)).map(|(_, count)| count);
        Ok(is_enough(of_month.sum()))
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

/// The last value of a line, and its change.
fn latest(number: usize, values: &[Option<f64>], unit: &draw::Unit, lang: Lang) -> Fills {
    let mut back = values.iter().rev().copied();
    let (Some(now), before) = (back.next().flatten(), back.next().flatten()) else { return Fills::new() };
    let latest = Some((FINDS[number], unit.written(now)));
    let change = before.map(|before| {
        let change = match unit {
            draw::Unit::Percent { .. } => in_points(points(now, before), lang),
            draw::Unit::Plain { .. } => {
                let change = unit.signed(now - before);
                lang.pick(format!("较上月 {change}"), format!("{change} on the month before"))
            }
        };
        (FINDS[FOUND + number], change)
    });
    latest.into_iter().chain(change).collect()
}

impl Form<Drawn> for Lines {
    fn review(&self, review: &mut Review<'_>) {
        let Some(mart) = review.mart(&self.mart) else { return };
        review.months(mart, self.mart.span());
        review.wanted(mart, &self.wanted);
        for series in &self.series {
            review.wanted(mart, &series.wanted);
            review.columns(mart, &series.column, Holds::Numbers);
            review.columns(mart, series.part.iter().chain(&series.whole).chain(&series.n), Holds::Counts);
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
        let mut found = Fills::new();
        let unit = unit(self.unit.as_ref(), input);
        if let Some(rows) = Rows::of(input, self.mart.get_ref(), &self.wanted)? {
            axis = months(input, rows.months()?, self.months.unwrap_or(MONTHS));
            for (number, series) in self.series.iter().enumerate() {
                let wanted = self.wanted.clone().into_iter().chain(series.wanted.clone()).collect();
                let Some(rows) = Rows::of(input, self.mart.get_ref(), &wanted)? else { continue };
                let by_month = series.by_month(&rows)?;
                let values: Vec<Option<f64>> =
                    axis.iter().map(|month| by_month.get(month).copied().flatten()).collect();
                if number < FOUND && series.rests_on_enough(&rows, input.month())? {
                    found.extend(latest(number, &values, &unit, input.lang));
                }
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
            caption: caption(input, head, &[], &Finding::Found(found)),
            unit,
            months: labels(&axis),
            lines,
            target: self.target.as_ref().map(target),
        };
        Ok(chart.picture())
    }
}
