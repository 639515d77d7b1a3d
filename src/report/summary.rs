//! What a report shows first: sentences made from its figures, and six of them with their way so far.

use super::declared::{Declared, Measured};
use super::headline::{Headline, with_unit};
use super::spark::{self, Line};
use super::{Input, findings};
use crate::cells::{Table, percent, points, shown};
use crate::decimal::fixed;
use crate::error::Result;
use crate::rules::targets::Scope;

/// Figures that are shown with their way.
const MOST_CARDS: usize = 6;
/// Months that a line goes through.
const MONTHS: u32 = 12;

/// The first page of a report.
#[derive(Debug)]
pub(super) struct Summary {
    /// What there is to say, a sentence each.
    pub sentences: Vec<String>,
    /// The first figures.
    pub cards: Vec<Card>,
    /// The other figures.
    pub others: Vec<Card>,
}

/// A figure, with its way where it is one of the first.
#[derive(Debug)]
pub(super) struct Card {
    /// The figure, and its change from the month before.
    pub headline: Headline,
    /// Through the last twelve months.
    pub line: Option<Line>,
    /// The change from the same month of the year before.
    pub year_before: String,
    /// The figure of the year so far.
    pub of_year: String,
    /// The table of the report in which its cases or its months stand; then where that is.
    pub door: Option<String>,
    /// The list that has the cases that it counts; then where that is.
    pub cases: Option<String>,
}

/// Makes it of the headlines as they were made, and the tables of the report.
pub(super) fn of(input: &Input<'_>, headlines: &[Headline], tables: &[Table]) -> Result<Summary> {
    let door = |declared: &Declared<Headline>| {
        let mart = declared.marts().find(|mart| tables.iter().any(|table| table.name == *mart));
        mart.map(str::to_owned)
    };
    // What a share counts stands in the list that its column names.
    let cases = |declared: &Declared<Headline>| {
        let (mart, column) = declared.figure()?.counted()?;
        let mart = input.catalogue.marts.iter().find(|known| known.name == mart)?;
        let column = mart.definition.columns.iter().find(|known| known.name == column)?;
        column.cases_in.as_ref().map(|list| list.get_ref().clone())
    };
    let plain = |(declared, headline): (&Declared<Headline>, &Headline)| Card {
        headline: headline.clone(),
        line: None,
        year_before: String::new(),
        of_year: String::new(),
        door: door(declared),
        cases: cases(declared),
    };
    let declared = &input.contents.headlines;
    let mut cards: Vec<Card> = declared.iter().zip(headlines).map(plain).collect();
    let others = cards.split_off(cards.len().min(MOST_CARDS));
    let cards = cards.into_iter().zip(declared).map(|(card, declared)| with_way(input, declared, card));
    Ok(Summary { sentences: findings::all(input)?, cards: cards.collect::<Result<_>>()?, others })
}

/// A figure with what is known of other months.
fn with_way(input: &Input<'_>, declared: &Declared<Headline>, mut card: Card) -> Result<Card> {
    let (lang, month) = (input.lang, input.month());
    let Some(figure) = declared.figure().filter(|_| declared.head().is_given(input)) else { return Ok(card) };
    let by_month = figure.by_month(input, &Scope::default())?;
    let Some(now) = by_month.get(&month) else { return Ok(card) };
    let measured = figure.measured();
    let say = |value: f64| match &measured {
        Measured::Share => percent(value),
        Measured::Count(unit) => with_unit(&fixed(value, 0), unit.get(lang)),
        Measured::Number(unit) => with_unit(&fixed(value, 1), unit.get(lang)),
    };
    let values: Vec<Option<f64>> =
        (0..MONTHS).rev().map(|before| by_month.get(&month.minus_months(before)).copied()).collect();
    let known: Vec<f64> = values.iter().flatten().copied().collect();
    if let (Some(least), Some(most)) = (known.iter().copied().reduce(f64::min), known.iter().copied().reduce(f64::max))
    {
        let (months, least, most) = (known.len(), say(least), say(most));
        let said = lang.pick(
            format!("近 {months} 个月：最低 {least}，最高 {most}"),
            format!("{months} months: from {least} to {most}"),
        );
        card.line = spark::through(&values, said);
    }
    if let Some(before) = by_month.get(&month.minus_months(12)) {
        card.year_before = match &measured {
            Measured::Share => {
                let moved = points(*now, *before);
                lang.pick(format!("较去年同月 {moved:+.1} 个百分点"), format!("{moved:+.1} points on the year before"))
            }
            Measured::Count(unit) | Measured::Number(unit) => {
                let moved = match &measured {
                    Measured::Count(_) => format!("{:+.0}", now - before),
                    _ => format!("{:+.1}", shown(*now) - shown(*before)),
                };
                let moved = with_unit(&moved, unit.get(lang));
                lang.pick(format!("较去年同月 {moved}"), format!("{moved} on the year before"))
            }
        };
    }
    if let Some((part, whole)) = figure.of_year(input)? {
        let (year, share) = (month.year(), percent(part as f64 / whole as f64));
        card.of_year = lang.pick(
            format!("{year} 年累计 {share}（{part} / {whole}）"),
            format!("{year} so far {share} ({part} / {whole})"),
        );
    }
    Ok(card)
}
