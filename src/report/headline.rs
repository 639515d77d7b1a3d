//! The figures at the top of the page: this month's, and the change from the month before.
//!
//! `pipelines/headlines.toml` declares them, each in a form of [`FORMS`]; a `headlines.toml` next to a pipeline adds to
//! them or replaces them, name by name.

pub(super) mod bottleneck;
pub(super) mod effect;
mod modes;
mod parts;

use std::collections::BTreeMap;

use schemars::r#gen::SchemaGenerator;
use schemars::schema::{InstanceType, RootSchema, Schema, SchemaObject};
use serde::{Deserialize, Serialize};
use toml::Spanned;
use toml::de::{DeTable, DeValue};

use super::Input;
use super::declared::{
    self, Entry, Figure, Form, Head, Holds, Maker, Measured, Review, Source, Sources, columns, filled, special,
};
use super::rows::{PlainWhere, Rows, Where};
use crate::calendar::Day;
use crate::cells::{percent, points, shown};
use crate::decimal::fixed;
use crate::error::{Mistake, Result, TomlFile};
use crate::rules::targets::Scope;
use crate::vocabularies::Tone;
use crate::words::{Lang, Words};

/// Of fewer cases no share is told in a sentence, and one at the top is grey.
pub(super) const FEW: i64 = 10;

/// One figure.
#[derive(Debug, Clone, Serialize, Deserialize)]
pub struct Headline {
    /// What it is.
    pub title: String,
    /// The figure.
    pub value: String,
    /// What it rests on.
    pub detail: String,
    /// The change from the month before.
    pub change: String,
    /// How that is to be seen.
    pub tone: Option<Tone>,
    /// How it stands to its target, where it has one: a sign and words.
    pub target: String,
    /// Whether it is a share of fewer than ten.
    #[serde(default)]
    pub few: bool,
}

impl Headline {
    /// A figure without a month before.
    fn plain(title: String, value: String, detail: String) -> Headline {
        Headline { title, value, detail, change: String::new(), tone: None, target: String::new(), few: false }
    }

    /// The class of its change on a page.
    pub(crate) fn class(&self) -> &'static str {
        self.tone.map_or("", Tone::class)
    }
}

/// The forms of a headline: of the columns of a mart, or of marts that they know themselves.
pub(crate) const FORMS: &[Entry<Headline>] = &[
    form("share", columns::<Headline, Share>()),
    form("count", columns::<Headline, Count>()),
    form("mean", columns::<Headline, Mean>()),
    form("parts", columns::<Headline, parts::Parts>()),
    form("matched_difference", special(effect::matched, &["mode_effect"])),
    form("sensitivity", special(effect::sensitivity, &["mode_sensitivity"])),
    form("plain_difference", special(effect::plain, &["mode_effect"])),
    form("median_order", special(effect::median_order, &["mode_effect"])),
    form("median_conventional", special(effect::median_conventional, &["mode_effect"])),
    form("log_rank", special(effect::log_rank, &["mode_effect"])),
    form("mode_satisfaction", special(modes::satisfaction, &["mode_satisfaction"])),
    form("mode_cost", special(modes::cost, &["mode_cost"])),
    form("mode_widening", special(modes::widening, &["mode_widening"])),
    form("bottleneck", special(bottleneck::greatest, &["bottleneck_department"])),
    form("bottleneck_gain", special(bottleneck::gain, &["bottleneck_department"])),
    form("waiting_share", special(bottleneck::waiting, &["bottleneck_department"])),
    form("rework_share", special(bottleneck::rework, &["variant"])),
];

const fn form(name: &'static str, maker: Maker<Headline>) -> Entry<Headline> {
    Entry { name, words: &[], fills: &[], finds: &[], maker }
}

/// The schema of `headlines.toml`: a declaration by each name.
pub(crate) fn schema(mut generator: SchemaGenerator) -> RootSchema {
    let headline = declared::schema(&mut generator, FORMS);
    let mut file = SchemaObject { instance_type: Some(InstanceType::Object.into()), ..SchemaObject::default() };
    file.object().additional_properties = Some(Box::new(Schema::Object(headline)));
    declared::root(&mut generator, file)
}

/// The headlines that some files declare, of which a later one wins, name by name.
pub(crate) fn sources<'a>(files: &'a [TomlFile], mistakes: &mut Vec<Mistake>) -> Sources<'a> {
    let mut sources = Sources::new();
    for file in files {
        let tables = match DeTable::parse(file.text()) {
            Ok(tables) => tables.into_inner(),
            Err(error) => {
                mistakes.push(file.refused(&error));
                continue;
            }
        };
        for (name, value) in tables {
            let span = value.span();
            match value.into_inner() {
                DeValue::Table(table) => {
                    let table = Spanned::new(span, table);
                    sources.insert(name.get_ref().to_string(), Source { file, table });
                }
                _ => mistakes.push(file.mistake(span, Words::new("要点应写成一张表：[名称]", "a headline is a table"))),
            }
        }
    }
    sources
}

/// Which way a figure should go.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Deserialize, schemars::JsonSchema)]
#[serde(rename_all = "lowercase")]
enum Better {
    More,
    Less,
}

impl Better {
    /// The tone of a change, where it can be seen at one decimal.
    fn tone(self, change: f64) -> Option<Tone> {
        match (change.abs() < 0.05, (change > 0.0) == (self == Better::More)) {
            (true, _) => None,
            (false, true) => Some(Tone::Better),
            (false, false) => Some(Tone::Worse),
        }
    }
}

/// A number with its unit, where it has one.
pub(super) fn with_unit(number: &str, unit: &str) -> String {
    format!("{number} {unit}").trim_end().to_owned()
}

/// What stands where there is no figure.
fn none(input: &Input<'_>, head: &Head) -> String {
    let lang = input.lang;
    if head.is_given(input) { lang.pick("本月无", "none") } else { lang.pick("无数据", "no data") }.to_owned()
}

/// The month of each row: the report's own where the mart has no months.
fn months(input: &Input<'_>, rows: &Rows<'_>) -> Result<Vec<Option<Day>>> {
    let months = rows.months()?;
    Ok(if rows.has_months() { months } else { vec![Some(input.month()); rows.len()] })
}

/// A share of the month: Σ `part` ÷ Σ `whole`.
#[derive(Debug, Deserialize, schemars::JsonSchema)]
#[serde(deny_unknown_fields)]
struct Share {
    #[schemars(with = "String")]
    mart: Spanned<String>,
    #[serde(default, rename = "where")]
    #[schemars(with = "PlainWhere")]
    wanted: Where,
    #[schemars(with = "String")]
    part: Spanned<String>,
    #[schemars(with = "String")]
    whole: Spanned<String>,
    better: Better,
    /// What is counted.
    unit: Words,
}

impl Form<Headline> for Share {
    fn review(&self, review: &mut Review<'_>) {
        if let Some(mart) = review.mart(&self.mart) {
            review.wanted(mart, &self.wanted);
            review.columns(mart, [&self.part, &self.whole], Holds::Counts);
        }
    }

    fn make(&self, input: &Input<'_>, head: &Head) -> Result<Headline> {
        let (lang, month, given) = (input.lang, input.month(), head.is_given(input));
        let shares = self.counts(input, &Scope::default())?;
        let rate = |month: Day| {
            shares.get(&month).filter(|(_, whole)| *whole > 0).map(|(part, whole)| *part as f64 / *whole as f64)
        };
        // What rests on a table that is not there is unknown, regardless of the other tables.
        let now = rate(month).filter(|_| given);
        let (part, whole) = shares.get(&month).copied().unwrap_or_default();
        let (change, tone) = match (now, rate(month.month_before())) {
            (Some(now), Some(before)) => {
                let points = points(now, before);
                (in_points(points, lang), self.better.tone(points))
            }
            _ => (String::new(), None),
        };
        Ok(Headline {
            title: head.title(input),
            value: now.map_or_else(|| none(input, head), percent),
            detail: if now.is_some() {
                with_unit(&format!("{part} / {whole}"), self.unit.get(lang))
            } else {
                String::new()
            },
            change,
            tone,
            target: String::new(),
            few: now.is_some() && whole < FEW,
        })
    }

    fn figure(&self) -> Option<&dyn Figure> {
        Some(self)
    }
}

impl Figure for Share {
    fn mart(&self) -> &str {
        self.mart.get_ref()
    }

    fn counted(&self) -> Option<(&str, &str)> {
        self.wanted.is_empty().then(|| (self.mart.get_ref().as_str(), self.part.get_ref().as_str()))
    }

    fn measured(&self) -> Measured {
        Measured::Share
    }

    fn more_is_better(&self) -> Option<bool> {
        Some(self.better == Better::More)
    }

    fn by_month(&self, input: &Input<'_>, scope: &Scope) -> Result<BTreeMap<Day, f64>> {
        let shares = self.counts(input, scope)?.into_iter().filter(|(_, (_, whole))| *whole > 0);
        Ok(shares.map(|(month, (part, whole))| (month, part as f64 / whole as f64)).collect())
    }

    fn of_year(&self, input: &Input<'_>) -> Result<Option<(i64, i64)>> {
        let (month, counts) = (input.month(), self.counts(input, &Scope::default())?);
        let of_year = counts.into_iter().filter(|(of, _)| of.year() == month.year() && *of <= month);
        let (part, whole) = of_year.fold((0, 0), |sum, (_, count)| (sum.0 + count.0, sum.1 + count.1));
        Ok((whole > 0).then_some((part, whole)))
    }
}

impl Share {
    /// Numerator and denominator by month.
    fn counts(&self, input: &Input<'_>, scope: &Scope) -> Result<BTreeMap<Day, (i64, i64)>> {
        let Some(rows) = Rows::of(input, self.mart.get_ref(), &self.wanted)? else { return Ok(BTreeMap::new()) };
        let rows = rows.within(scope)?;
        rows.sums(&months(input, &rows)?, self.part.get_ref(), self.whole.get_ref())
    }
}

/// What a figure of a unit has changed by since the month before, in words, and its tone.
fn changed(change: f64, unit: &str, better: Better, lang: Lang) -> (String, Option<Tone>) {
    let written = with_unit(&format!("{change:+.1}"), unit);
    (lang.pick(format!("较上月 {written}"), format!("{written} on the month before")), better.tone(change))
}

/// A change of a share, in points of percent.
pub(super) fn in_points(points: f64, lang: Lang) -> String {
    if points.abs() < 0.05 {
        lang.pick("与上月持平".to_owned(), "as the month before".to_owned())
    } else {
        lang.pick(format!("较上月 {points:+.1} 个百分点"), format!("{points:+.1} points on the month before"))
    }
}

/// How many rows a list of cases has; of a mart with months, those of the month.
#[derive(Debug, Deserialize, schemars::JsonSchema)]
#[serde(deny_unknown_fields)]
struct Count {
    #[schemars(with = "String")]
    mart: Spanned<String>,
    #[serde(default, rename = "where")]
    #[schemars(with = "PlainWhere")]
    wanted: Where,
    /// What is counted.
    unit: Words,
    /// How many of them are also something else, each said below the figure.
    #[serde(default)]
    of_which: Vec<OfWhich>,
}

/// Some of the rows that are counted.
#[derive(Debug, Deserialize, schemars::JsonSchema)]
#[serde(deny_unknown_fields)]
struct OfWhich {
    #[serde(rename = "where")]
    #[schemars(with = "PlainWhere")]
    wanted: Where,
    /// What is said of them, with their number for `{n}`.
    words: Words,
}

impl Count {
    /// How many rows of the month hold what is wanted.
    fn rows(&self, input: &Input<'_>, wanted: &Where) -> Result<usize> {
        match Rows::of(input, self.mart.get_ref(), wanted)? {
            Some(rows) => Ok(rows.of_months(input.month(), 1)?.len()),
            None => Ok(0),
        }
    }
}

impl Form<Headline> for Count {
    fn review(&self, review: &mut Review<'_>) {
        if let Some(mart) = review.mart(&self.mart) {
            for wanted in std::iter::once(&self.wanted).chain(self.of_which.iter().map(|some| &some.wanted)) {
                review.wanted(mart, wanted);
            }
        }
    }

    fn make(&self, input: &Input<'_>, head: &Head) -> Result<Headline> {
        if !head.is_given(input) {
            return Ok(Headline::plain(head.title(input), none(input, head), String::new()));
        }
        let value = with_unit(&self.rows(input, &self.wanted)?.to_string(), self.unit.get(input.lang));
        let mut parts = Vec::new();
        for some in &self.of_which {
            let wanted = self.wanted.iter().chain(&some.wanted);
            let wanted = wanted.map(|(column, wanted)| (column.clone(), wanted.clone())).collect();
            let rows = self.rows(input, &wanted)?.to_string();
            parts.push(filled(input, &some.words, &[("n", rows)]));
        }
        Ok(Headline::plain(head.title(input), value, parts.join(input.lang.pick("；", "; "))))
    }

    fn figure(&self) -> Option<&dyn Figure> {
        Some(self)
    }
}

impl Figure for Count {
    fn mart(&self) -> &str {
        self.mart.get_ref()
    }

    fn measured(&self) -> Measured {
        Measured::Count(self.unit.clone())
    }

    fn more_is_better(&self) -> Option<bool> {
        None
    }

    fn by_month(&self, input: &Input<'_>, scope: &Scope) -> Result<BTreeMap<Day, f64>> {
        // A list without a row is a count of 0; what other months were without, the list does not say.
        let mut counts = BTreeMap::from([(input.month(), 0.0)]);
        if let Some(rows) = Rows::of(input, self.mart.get_ref(), &self.wanted)? {
            for month in months(input, &rows.within(scope)?)?.into_iter().flatten() {
                *counts.entry(month).or_default() += 1.0;
            }
        }
        Ok(counts)
    }
}

/// The mean of a column over the month's rows: of one row, its figure.
#[derive(Debug, Deserialize, schemars::JsonSchema)]
#[serde(deny_unknown_fields)]
struct Mean {
    #[schemars(with = "String")]
    mart: Spanned<String>,
    #[serde(default, rename = "where")]
    #[schemars(with = "PlainWhere")]
    wanted: Where,
    #[schemars(with = "String")]
    column: Spanned<String>,
    /// The count that it rests on; absent: the rows.
    #[schemars(with = "Option<String>")]
    n: Option<Spanned<String>>,
    better: Better,
    unit: Words,
    /// What it rests on, `{n}`.
    #[schemars(with = "Words")]
    detail: Spanned<Words>,
}

/// Sum, how many were added up, and on how many cases they rest.
#[derive(Clone, Copy, Default)]
struct Sum {
    sum: f64,
    rows: u32,
    n: i64,
}

impl Sum {
    fn mean(self) -> f64 {
        self.sum / f64::from(self.rows)
    }
}

impl Form<Headline> for Mean {
    fn review(&self, review: &mut Review<'_>) {
        if let Some(mart) = review.mart(&self.mart) {
            review.wanted(mart, &self.wanted);
            review.column(mart, &self.column, Holds::Numbers);
            review.columns(mart, &self.n, Holds::Counts);
        }
        review.gaps(&self.detail, &["n"]);
    }

    fn make(&self, input: &Input<'_>, head: &Head) -> Result<Headline> {
        let (lang, month) = (input.lang, input.month());
        let sums = self.sums(input, &Scope::default())?;
        let now = sums.get(&month).filter(|_| head.is_given(input));
        let unit = self.unit.get(lang);
        let (change, tone) = match (now, sums.get(&month.month_before())) {
            (Some(now), Some(before)) => changed(shown(now.mean()) - shown(before.mean()), unit, self.better, lang),
            _ => (String::new(), None),
        };
        let value = |sum: &Sum| with_unit(&fixed(sum.mean(), 1), unit);
        let detail = |sum: &Sum| filled(input, self.detail.get_ref(), &[("n", sum.n.to_string())]);
        Ok(Headline {
            title: head.title(input),
            value: now.map_or_else(|| none(input, head), value),
            detail: now.map(detail).unwrap_or_default(),
            change,
            tone,
            target: String::new(),
            few: false,
        })
    }

    fn figure(&self) -> Option<&dyn Figure> {
        Some(self)
    }
}

impl Figure for Mean {
    fn mart(&self) -> &str {
        self.mart.get_ref()
    }

    fn measured(&self) -> Measured {
        Measured::Number(self.unit.clone())
    }

    fn more_is_better(&self) -> Option<bool> {
        Some(self.better == Better::More)
    }

    fn by_month(&self, input: &Input<'_>, scope: &Scope) -> Result<BTreeMap<Day, f64>> {
        Ok(self.sums(input, scope)?.into_iter().map(|(month, sum)| (month, sum.mean())).collect())
    }
}

impl Mean {
    fn sums(&self, input: &Input<'_>, scope: &Scope) -> Result<BTreeMap<Day, Sum>> {
        let mut sums = BTreeMap::new();
        let Some(rows) = Rows::of(input, self.mart.get_ref(), &self.wanted)? else { return Ok(sums) };
        let rows = rows.within(scope)?;
        let ns = match &self.n {
            Some(n) => rows.counts(n.get_ref())?,
            None => vec![1; rows.len()],
        };
        let values = rows.numbers(self.column.get_ref())?;
        for ((month, value), n) in months(input, &rows)?.into_iter().zip(values).zip(ns) {
            if let (Some(month), Some(value)) = (month, value) {
                let sum: &mut Sum = sums.entry(month).or_default();
                *sum = Sum { sum: sum.sum + value, rows: sum.rows + 1, n: sum.n + n };
            }
        }
        Ok(sums)
    }
}
