//! The charts of a report: marts in, drawings by [`crate::draw`] out.
//!
//! `pipelines/charts/<name>.toml` declares each, in a form of [`FORMS`], with its words; a file next to a pipeline adds to
//! them or replaces one by its name. Bars, lines, stacks, Pareto bars, heat maps and funnels take any mart's columns;
//! the other forms know their marts themselves.

mod bars;
mod bottleneck;
mod comparison;
mod differences;
mod finding;
mod funnel;
mod grids;
mod lines;
mod plotted;
mod stacks;
mod trend;

use std::collections::BTreeMap;

use schemars::r#gen::SchemaGenerator;
use schemars::schema::RootSchema;
use serde::Deserialize;
use toml::Spanned;
use toml::de::DeTable;

use finding::Finding;
pub(crate) use plotted::{Picture, Plotted, Series, Shape};

use super::Input;
use super::declared::{self, Declared, Entry, Head, Holds, Maker, Review, Source, Sources, columns, special};
use super::rows::Rows;
use crate::calendar::Day;
use crate::config::Config;
use crate::draw::{self, Caption, ChartError};
use crate::error::{Error, Mistake, Result, TomlFile};
use crate::marts::Mart;
use crate::spelling::is_name;
use crate::words::Words;

/// How many months a trend shows.
const MONTHS: u32 = 24;
/// How many bars, rows or panels a chart has where its file does not say: more than anybody looks through.
const MOST_DRAWN: usize = 60;

/// One chart of the report.
#[derive(Debug, Clone)]
pub struct Chart {
    /// The stem of its files.
    pub name: String,
    /// The drawing.
    pub svg: String,
    /// The same for a narrow screen, where it can be narrow.
    pub narrow: Option<String>,
    /// What it is drawn from, where a spreadsheet has such charts.
    pub(crate) plotted: Option<Plotted>,
}

/// A drawing, or why it could not be drawn.
pub(crate) type Drawn = std::result::Result<Picture, ChartError>;

/// The forms of a chart.
pub(crate) const FORMS: &[Entry<Drawn>] = &[
    form("bar", &[], &[], &["first", "first_value", "all"], columns::<Drawn, bars::Bars>()),
    form(
        "pareto",
        &["value", "share", "rest"],
        &[],
        &["first", "first_value", "first_share"],
        columns::<Drawn, bars::Pareto>(),
    ),
    form("line", &[], &[], lines::FINDS, columns::<Drawn, lines::Lines>()),
    form(
        "stacked",
        &[],
        &[],
        &["first", "first_value", "all", "part", "part_value", "part_share"],
        columns::<Drawn, stacks::Stacks>(),
    ),
    form("difference", &["zero", "apart", "alike"], &[], &["below"], columns::<Drawn, differences::Differences>()),
    form("heat_map", &["value", "none"], &[], finding::FIRST, columns::<Drawn, grids::HeatMap>()),
    form(
        "funnel",
        &["rate", "n", "overall", "inside", "outside"],
        &["n"],
        &["above"],
        columns::<Drawn, funnel::Funnel>(),
    ),
    form(
        "overdue_trend",
        &["all"],
        &[],
        &["latest", "change", "first"],
        special(trend::overdue, &["month_overdue", "department_month"]),
    ),
    form(
        "survival",
        &["share", "days", "horizon", "interval", "censored", "at_risk"],
        &["counts"],
        &["order_median", "conventional_median"],
        special(comparison::survival, &["survival", "mode_effect"]),
    ),
    form(
        "incidence",
        &["share", "days", "interval", "at_risk"],
        &["counts"],
        &["day", "order_cancelled", "conventional_cancelled"],
        special(comparison::incidence, &["cumulative_incidence", "mode_effect"]),
    ),
    form(
        "love",
        &["before", "after", "alike"],
        &["order", "conventional"],
        &["rows", "unlike_before", "unlike"],
        special(comparison::balance, &["balance", "mode_comparison"]),
    ),
    form(
        "stage_waterfall",
        &["less", "more"],
        &[],
        &["difference", "first", "first_value"],
        special(comparison::waterfall, &["mode_stage"]),
    ),
    form(
        "process_map",
        &["accepted", "ended", "days", "edge", "rework"],
        &["shown", "all"],
        finding::FIRST,
        special(bottleneck::process_map, &["flow", "bottleneck"]),
    ),
    form(
        "control",
        &["value", "centre", "limits", "signal"],
        &[],
        &["signals"],
        special(bottleneck::control, &["control"]),
    ),
    form(
        "ageing",
        &["age", "percentile", "open", "late", "beyond", "crowd"],
        &["share"],
        &["open", "late", "first"],
        special(bottleneck::ageing, &["stage_age", "ageing"]),
    ),
    form(
        "calibration",
        &["observed", "forecast", "dot", "interval", "perfect", "n", "skill"],
        &["n", "skill", "brier", "base"],
        &["brier", "base"],
        special(bottleneck::calibration, &["calibration", "forecast_skill"]),
    ),
];

const fn form(
    name: &'static str,
    words: &'static [&'static str],
    fills: &'static [&'static str],
    finds: &'static [&'static str],
    maker: Maker<Drawn>,
) -> Entry<Drawn> {
    Entry { name, words, fills, finds, maker }
}

/// The files of charts, by the name of the chart: the program's own, and those next to the pipeline.
pub(crate) fn files(config: &Config) -> Result<BTreeMap<String, TomlFile>> {
    let named = |(file, text): (String, String)| {
        let name = file.strip_suffix(".toml")?.to_owned();
        Some((name, TomlFile::new(format!("charts/{file}"), text)))
    };
    Ok(config.assets.files("charts")?.into_iter().filter_map(named).collect())
}

/// The charts that some files declare.
pub(crate) fn sources<'a>(files: &'a BTreeMap<String, TomlFile>, mistakes: &mut Vec<Mistake>) -> Sources<'a> {
    let mut sources = Sources::new();
    for (name, file) in files {
        match DeTable::parse(file.text()) {
            _ if !is_name(name) => {
                let message = Words::new(
                    format!("「{name}」不能作名称：只用小写字母、数字和下划线"),
                    format!("`{name}` is no name: small letters, digits and `_`"),
                );
                mistakes.push(file.whole().mistake(message));
            }
            Ok(table) => {
                sources.insert(name.clone(), Source { file, table });
            }
            Err(error) => mistakes.push(file.refused(&error)),
        }
    }
    sources
}

/// Draws a chart.
pub(crate) fn draw(input: &Input<'_>, declared: &Declared<Drawn>) -> Result<Chart> {
    let name = declared.name.clone();
    match declared.make(input)? {
        Ok(Picture { svg, narrow, plotted }) => Ok(Chart { name, svg, narrow, plotted }),
        Err(error) => Err(Error::render(format!("charts/{name}.svg"))(error)),
    }
}

/// The words around a chart, with what its form fills in; what it found is its title.
fn caption(input: &Input<'_>, head: &Head, fills: &[(&str, String)], finding: &Finding) -> Caption {
    let empty = if head.is_given(input) {
        input.lang.pick("本期没有数据点", "nothing in this period")
    } else {
        input.lang.pick("无数据", "no data")
    };
    let (name, subtitle) = (head.title(input), head.words_with(input, "subtitle", fills));
    let found = finding.said().and_then(|(words, fills)| head.said(input, words, fills));
    let (title, subtitle) = match found {
        Some(found) if subtitle.is_empty() => (found, name),
        Some(found) => (found, format!("{name} · {subtitle}")),
        None => (name, subtitle),
    };
    Caption {
        title,
        subtitle,
        footnote: head.words_with(input, "footnote", fills),
        empty: empty.to_owned(),
        ..Caption::default()
    }
}

/// The first of what could be drawn; the footnote says of how many.
fn first<T>(mut drawn: Vec<T>, most: Option<usize>, caption: &mut Caption, input: &Input<'_>) -> Vec<T> {
    let (all, most) = (drawn.len(), most.unwrap_or(MOST_DRAWN));
    if all > most {
        drawn.truncate(most);
        let of = input.lang.pick(
            format!("共 {all} 项，图中为前 {most} 项，其余见表。"),
            format!("The first {most} of {all}; the table has the rest."),
        );
        let between = if caption.footnote.is_empty() { "" } else { input.lang.pick("", " ") };
        caption.footnote += between;
        caption.footnote += &of;
    }
    drawn
}

/// The schema of a chart's file.
pub(crate) fn schema(mut generator: SchemaGenerator) -> RootSchema {
    let chart = declared::schema(&mut generator, FORMS);
    declared::root(&mut generator, chart)
}

/// How the values of a chart are written; absent: as percent with one decimal.
#[derive(Debug, Clone, Deserialize, schemars::JsonSchema)]
#[serde(deny_unknown_fields)]
struct Unit {
    #[serde(default)]
    decimals: u8,
    /// What follows the number, with its space where the language wants one.
    #[serde(default)]
    suffix: Words,
}

fn unit(unit: Option<&Unit>, input: &Input<'_>) -> draw::Unit {
    match unit {
        Some(unit) => draw::Unit::Plain { decimals: unit.decimals, suffix: unit.suffix.get(input.lang).to_owned() },
        None => percents(),
    }
}

fn percents() -> draw::Unit {
    draw::Unit::Percent { decimals: 1 }
}

fn plain(input: &Input<'_>, decimals: u8, zh: &str, en: &str) -> draw::Unit {
    draw::Unit::Plain { decimals, suffix: input.lang.pick(zh, en).to_owned() }
}

/// A column to sort by, `-` before it: the greatest first.
#[derive(Debug, Clone, Deserialize)]
#[serde(from = "Spanned<String>")]
struct Sort {
    column: Spanned<String>,
    descending: bool,
}

impl From<Spanned<String>> for Sort {
    fn from(written: Spanned<String>) -> Sort {
        let span = written.span();
        let text = written.into_inner();
        match text.strip_prefix('-') {
            Some(column) => Sort { column: Spanned::new(span, column.to_owned()), descending: true },
            None => Sort { column: Spanned::new(span, text), descending: false },
        }
    }
}

impl Sort {
    /// The order of two rows: what is unknown comes last.
    fn compare(&self, a: Option<f64>, b: Option<f64>) -> std::cmp::Ordering {
        let sign = if self.descending { -1.0 } else { 1.0 };
        let key = |value: Option<f64>| value.map_or(f64::INFINITY, |value| sign * value);
        key(a).total_cmp(&key(b))
    }
}

/// The ends of what is uncertain about a value.
#[derive(Debug, Deserialize, schemars::JsonSchema)]
#[serde(deny_unknown_fields)]
struct Interval {
    #[schemars(with = "String")]
    low: Spanned<String>,
    #[schemars(with = "String")]
    high: Spanned<String>,
    title: Words,
}

/// One column divided by another, each added up.
#[derive(Debug, Clone, Deserialize, schemars::JsonSchema)]
#[serde(deny_unknown_fields)]
struct Ratio {
    #[schemars(with = "String")]
    part: Spanned<String>,
    #[schemars(with = "String")]
    whole: Spanned<String>,
    /// What it is called.
    #[schemars(with = "Words")]
    title: Spanned<Words>,
}

impl Ratio {
    fn review(&self, review: &mut Review<'_>, mart: &Mart) {
        review.columns(mart, [&self.part, &self.whole], Holds::Counts);
        review.gaps(&self.title, &[]);
    }

    /// Σ part ÷ Σ whole of some rows; nothing where the whole is zero.
    fn of(&self, rows: &Rows<'_>) -> Result<Option<f64>> {
        let part: i64 = rows.counts(self.part.get_ref())?.iter().sum();
        let whole: i64 = rows.counts(self.whole.get_ref())?.iter().sum();
        Ok((whole > 0).then(|| part as f64 / whole as f64))
    }
}

/// The last months up to the report's, oldest first, at most so many and from the first of those given.
fn months(input: &Input<'_>, given: impl IntoIterator<Item = Option<Day>>, most: u32) -> Vec<Day> {
    let last = input.month();
    let first = given.into_iter().flatten().min().unwrap_or(last);
    let mut months: Vec<Day> =
        (0..most).map(|back| last.minus_months(back)).take_while(|month| *month == last || *month >= first).collect();
    months.reverse();
    months
}

fn labels(months: &[Day]) -> Vec<String> {
    months.iter().map(|month| month.month_label()).collect()
}
