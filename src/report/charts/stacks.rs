//! Stacked bars of a mart: rows counted or a column added up, by a label and by part.

use std::collections::{BTreeMap, BTreeSet};

use serde::Deserialize;
use toml::Spanned;

use super::plotted::Plots;
use super::{Drawn, Finding, Unit, caption, first, percents, unit};
use crate::draw::{self, Hue, StackedBar, StackedBarChart};
use crate::error::Result;
use crate::marts::Mart;
use crate::report::Input;
use crate::report::declared::{Form, Head, Holds, Review, filled};
use crate::report::rows::{PlainWhere, Rows, Where};
use crate::words::Words;

/// `form = "stacked"`: stacked bars.
#[derive(Debug, Deserialize, schemars::JsonSchema)]
#[serde(deny_unknown_fields)]
pub(super) struct Stacks {
    #[schemars(with = "String")]
    mart: Spanned<String>,
    #[serde(default, rename = "where")]
    #[schemars(with = "PlainWhere")]
    wanted: Where,
    /// The last so many months; absent: all rows.
    #[schemars(with = "Option<u32>")]
    months: Option<Spanned<u32>>,
    /// The columns that name a bar.
    #[schemars(with = "Vec<String>")]
    label: Vec<Spanned<String>>,
    /// What a bar without a name is called.
    #[serde(default)]
    blank: Words,
    /// The column of codes whose values are the parts; absent: each part has columns of its own.
    #[schemars(with = "Option<String>")]
    part: Option<Spanned<String>>,
    /// What is added up by `part`; absent: the rows are counted.
    #[schemars(with = "Option<String>")]
    column: Option<Spanned<String>>,
    /// The parts, from left to right; absent: those that `part` has, in the colours of `hues`.
    #[serde(default)]
    parts: Vec<Part>,
    #[serde(default)]
    hues: Vec<Hue>,
    #[serde(default)]
    order: Order,
    unit: Option<Unit>,
}

/// In which order the bars come.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq, Deserialize, schemars::JsonSchema)]
#[serde(rename_all = "lowercase")]
enum Order {
    /// The longest first, by the parts that rank.
    #[default]
    Longest,
    /// As the process has the stages, which the label names.
    Process,
}

/// One part.
#[derive(Debug, Clone, Deserialize, schemars::JsonSchema)]
#[serde(deny_unknown_fields)]
struct Part {
    /// The value of `part` that it stands for.
    #[schemars(with = "Option<String>")]
    value: Option<Spanned<String>>,
    /// Without `part`: what is added up; absent: the rows are counted.
    #[schemars(with = "Option<String>")]
    column: Option<Spanned<String>>,
    /// What is taken off that.
    #[schemars(with = "Option<String>")]
    less: Option<Spanned<String>>,
    /// What it is called; absent: what the value is called.
    #[schemars(with = "Option<Words>")]
    title: Option<Spanned<Words>>,
    hue: Hue,
    /// Whether it counts where the longest bars come first.
    #[serde(default = "ranks")]
    ranks: bool,
}

fn ranks() -> bool {
    true
}

/// A part as it is drawn.
struct Shown {
    title: String,
    hue: Hue,
    ranks: bool,
    /// What each row brings.
    amounts: Vec<f64>,
}

impl Form<Drawn> for Stacks {
    fn review(&self, review: &mut Review<'_>) {
        let Some(mart) = review.mart(&self.mart) else { return };
        review.wanted(mart, &self.wanted);
        review.columns(mart, &self.label, Holds::Anything);
        review.columns(mart, &self.part, Holds::Anything);
        review.columns(mart, &self.column, Holds::Counts);
        if let Some(months) = &self.months {
            review.months(mart, months.span());
        }
        for part in &self.parts {
            self.review_part(part, review, mart);
        }
        if self.part.is_none() && self.parts.is_empty() {
            review.refuse(
                self.mart.span(),
                Words::new("堆叠柱形要有 part 列，或写 parts", "stacked bars need a column `part`, or `parts`"),
            );
        }
    }

    fn make(&self, input: &Input<'_>, head: &Head) -> Result<Drawn> {
        let (mut parts, mut bars) = (Vec::new(), Vec::new());
        if let Some(rows) = self.rows(input)? {
            parts = self.parts(input, &rows)?;
            bars = self.bars(input, &rows, &parts)?;
        }
        let unit = unit(self.unit.as_ref(), input);
        let mut caption = caption(input, head, &[], &finding(&bars, &parts, &unit));
        let bars = first(bars, None, &mut caption, input);
        let chart = StackedBarChart {
            caption,
            unit,
            parts: parts.into_iter().map(|part| (part.title, part.hue)).collect(),
            bars,
        };
        Ok(chart.picture())
    }
}

/// The longest bar, and the largest part of all.
fn finding(bars: &[StackedBar], parts: &[Shown], unit: &draw::Unit) -> Finding {
    let length = |bar: &StackedBar| bar.values.iter().sum::<f64>();
    let mut longest: Vec<(&str, f64)> = bars.iter().map(|bar| (bar.label.as_str(), length(bar))).collect();
    longest.sort_by(|a, b| b.1.total_cmp(&a.1).then(a.0.cmp(b.0)));
    let all: f64 = longest.iter().map(|(_, length)| length).sum();
    if all <= 0.0 {
        return Finding::Nothing;
    }
    let of_part = |at: usize| bars.iter().map(|bar| bar.values[at]).sum::<f64>();
    let largest = (0..parts.len()).rev().max_by(|a, b| of_part(*a).total_cmp(&of_part(*b)));
    let part = largest.into_iter().flat_map(|at| {
        let (title, value) = (parts[at].title.clone(), of_part(at));
        [("part", title), ("part_value", unit.written(value)), ("part_share", percents().written(value / all))]
    });
    Finding::first(longest, unit).with(part).with([("all", unit.written(all))])
}

impl Stacks {
    fn review_part(&self, part: &Part, review: &mut Review<'_>, mart: &Mart) {
        review.columns(mart, part.column.iter().chain(&part.less), Holds::Counts);
        if let Some(title) = &part.title {
            review.gaps(title, &[]);
        }
        let at = [&part.value, &part.column].into_iter().flatten().map(Spanned::span).next();
        let at = at.or_else(|| part.title.as_ref().map(Spanned::span)).unwrap_or_else(|| self.mart.span());
        if self.part.is_some() != part.value.is_some() {
            review.refuse(
                at,
                Words::new(
                    "图有 part 列时，每一部分要写 value；没有时不写",
                    "a part has a `value` where the chart has a column `part`, and else none",
                ),
            );
        } else if part.value.is_none() && part.title.is_none() {
            review.refuse(at, Words::new("没有 value 的部分要写 title", "a part without a `value` needs a `title`"));
        }
    }

    fn rows<'a>(&self, input: &'a Input<'_>) -> Result<Option<Rows<'a>>> {
        let months = self.months.as_ref().map(|months| *months.get_ref());
        Rows::of_last(input, self.mart.get_ref(), &self.wanted, months)
    }

    fn parts(&self, input: &Input<'_>, rows: &Rows<'_>) -> Result<Vec<Shown>> {
        let title = |part: &Part| part.title.as_ref().map(|title| filled(input, title.get_ref(), &[]));
        let Some(column) = &self.part else {
            let shown = |part: &Part| {
                let amounts = part.amounts(rows)?;
                Ok(Shown { title: title(part).unwrap_or_default(), hue: part.hue, ranks: part.ranks, amounts })
            };
            return self.parts.iter().map(shown).collect();
        };
        let column = column.get_ref();
        let values = rows.texts(column)?;
        let amounts = amounts(rows, self.column.as_ref())?;
        let of = |value: &str| values.iter().zip(&amounts).map(|(v, n)| if v == value { *n } else { 0.0 }).collect();
        let words = |value: &str| rows.words(input, column, value);
        if !self.parts.is_empty() {
            let shown = |part: &Part| {
                let value = part.value.as_ref().map(|value| value.get_ref().as_str()).unwrap_or_default();
                let title = title(part).unwrap_or_else(|| words(value));
                Shown { title, hue: part.hue, ranks: part.ranks, amounts: of(value) }
            };
            return Ok(self.parts.iter().map(shown).collect());
        }
        let found: Vec<String> = if rows.has_roles(column) {
            input.config.owners.roles().map(str::to_owned).collect()
        } else {
            values.iter().cloned().collect::<BTreeSet<_>>().into_iter().collect()
        };
        let hues = self.hues.iter().copied().chain(Hue::ALL).chain(std::iter::repeat(Hue::Grey));
        let shown = |(value, hue): (String, Hue)| Shown { title: words(&value), hue, ranks: true, amounts: of(&value) };
        Ok(found.into_iter().zip(hues).map(shown).collect())
    }

    fn bars(&self, input: &Input<'_>, rows: &Rows<'_>, parts: &[Shown]) -> Result<Vec<StackedBar>> {
        let process = &input.config.process;
        let blank = self.blank.get(input.lang);
        let labels = rows.labels(input, &self.label)?;
        let codes = match self.label.first() {
            Some(column) => rows.texts(column.get_ref())?,
            None => labels.clone(),
        };
        // By place and code: a stage that an open process does not list has no place of its own.
        let place = |code: &str| match (self.order, code) {
            (Order::Longest, _) => 0,
            (Order::Process, "") => usize::MAX,
            (Order::Process, code) => process.position(code),
        };
        let mut bars: BTreeMap<(usize, String, String), Vec<f64>> = BTreeMap::new();
        for (row, (label, code)) in labels.into_iter().zip(codes).enumerate() {
            let label = if label.is_empty() { blank.to_owned() } else { label };
            let key = match self.order {
                Order::Longest => (0, String::new(), label),
                Order::Process => (place(&code), code, label),
            };
            let values = bars.entry(key).or_insert_with(|| vec![0.0; parts.len()]);
            for (value, part) in values.iter_mut().zip(parts) {
                *value += part.amounts[row];
            }
        }
        let bar = |((_, _, label), values): ((usize, String, String), Vec<f64>)| StackedBar { label, values };
        let mut bars: Vec<StackedBar> = bars.into_iter().map(bar).collect();
        if self.order == Order::Longest {
            let length = |bar: &StackedBar| -> f64 {
                bar.values.iter().zip(parts).filter(|(_, part)| part.ranks).map(|(value, _)| value).sum()
            };
            bars.sort_by(|a, b| length(b).total_cmp(&length(a)).then_with(|| a.label.cmp(&b.label)));
        }
        Ok(bars)
    }
}

/// What a column says of each row, or one for each.
fn amounts(rows: &Rows<'_>, column: Option<&Spanned<String>>) -> Result<Vec<f64>> {
    match column {
        Some(column) => Ok(rows.counts(column.get_ref())?.into_iter().map(|count| count as f64).collect()),
        None => Ok(vec![1.0; rows.len()]),
    }
}

impl Part {
    fn amounts(&self, rows: &Rows<'_>) -> Result<Vec<f64>> {
        let mut amounts = amounts(rows, self.column.as_ref())?;
        if let Some(less) = &self.less {
            for (amount, less) in amounts.iter_mut().zip(rows.counts(less.get_ref())?) {
                *amount -= less as f64;
            }
        }
        Ok(amounts)
    }
}
