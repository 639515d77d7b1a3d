//! A manager, a department or a mart in a month: every row about it, the arithmetic of each figure, and its cases.
//!
//! `made` makes a mart and finds what its figures are made of, `arithmetic` shows how they come about, `text` lays the
//! answer out: the figures first, and the cases where they are asked for.

mod arithmetic;
mod made;
mod text;

use std::collections::BTreeMap;

use serde::Serialize;
use serde_json::Value;

use super::{Lake, Question, Subject};
use crate::error::{Error, Result, Sought};
use crate::marts::engine::Engine;
use crate::marts::{Definition, Kind, Mart, Measure};
use crate::spelling::{identity, nearest};
use crate::vocabularies::estimates::ALL;
use crate::words::Lang;
use arithmetic::arithmetic;
use made::{Listing, Made, Part, texts};

/// Everything that the marts say of a manager or a department in a month.
#[derive(Debug, Serialize)]
pub struct Explanation {
    subject: Subject,
    name: String,
    month: String,
    as_of: String,
    marts: Vec<MartStory>,
    /// The first and the last month of which there are rows, where there are none of the month.
    #[serde(skip_serializing_if = "Option::is_none")]
    other_months: Option<[String; 2]>,
    #[serde(skip)]
    lang: Lang,
    #[serde(skip)]
    listed: Listed,
    /// Whether the marts, or the rows of them, were chosen: then each row is shown, however many there are.
    #[serde(skip)]
    is_chosen: bool,
}

/// Which cases the text lists.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
enum Listed {
    /// None.
    No,
    /// The first of each figure.
    First,
    /// All of the one figure that is asked for.
    All,
}

/// The rows of one mart.
#[derive(Debug, Serialize)]
struct MartStory {
    mart: String,
    title: String,
    rows: Vec<RowStory>,
    /// What an estimator made all of the rows from, where one did.
    #[serde(skip_serializing_if = "Vec::is_empty")]
    estimated_from: Vec<String>,
    /// Whether each row is a case.
    #[serde(skip)]
    is_list: bool,
}

/// The months of which marts have rows.
#[derive(Default)]
struct Months {
    has_wanted: bool,
    /// The first and the last.
    ends: Option<[String; 2]>,
}

impl Months {
    fn add(&mut self, month: &str, wanted: &str) {
        self.has_wanted |= month == wanted;
        match &mut self.ends {
            None => self.ends = Some([month.to_owned(), month.to_owned()]),
            Some([first, _]) if month < first.as_str() => month.clone_into(first),
            Some([_, last]) if month > last.as_str() => month.clone_into(last),
            Some(_) => {}
        }
    }

    /// The first and the last, where the wanted one is none.
    fn other(self) -> Option<[String; 2]> {
        let label = |day: String| day.get(..7).unwrap_or(&day).to_owned();
        self.ends.filter(|_| !self.has_wanted).map(|ends| ends.map(label))
    }
}

/// One row: what it is about, and its figures.
#[derive(Debug, Serialize)]
struct RowStory {
    of: BTreeMap<String, String>,
    figures: Vec<Figure>,
    #[serde(skip)]
    label: String,
    /// The month that it is about; empty where it is about none.
    #[serde(skip)]
    month: String,
}

/// One figure, how it comes about, and the cases that it counts.
#[derive(Debug, Serialize)]
struct Figure {
    name: String,
    title: String,
    value: Value,
    /// As people read it.
    shown: String,
    arithmetic: String,
    /// The figures that it is made of, each with its own arithmetic, down to what counts cases; where it is asked for by
    /// name.
    #[serde(skip_serializing_if = "Vec::is_empty")]
    steps: Vec<Step>,
    /// How many cases it counts, and of how many.
    #[serde(skip_serializing_if = "Option::is_none")]
    n_of_m: Option<[u64; 2]>,
    cases: Vec<String>,
    /// What it is made of; the cases of each part where the figure is asked for by name.
    #[serde(skip_serializing_if = "Vec::is_empty")]
    parts: Vec<Part>,
    /// Why what it is made of, or some of it, is not listed.
    #[serde(skip_serializing_if = "Vec::is_empty")]
    unlisted: Vec<String>,
}

/// A figure that another is made of, to all its digits.
#[derive(Debug, Serialize)]
struct Step {
    name: String,
    /// Empty where no column shows it.
    #[serde(skip_serializing_if = "String::is_empty")]
    title: String,
    value: Value,
    arithmetic: String,
}

/// A column that must hold a value, in any spelling, as it is stored or as it is shown in either language.
struct Condition<'a> {
    column: &'a str,
    value: &'a str,
    folded: String,
    /// Whether some mart has it.
    is_met: bool,
    /// What stands in the column instead.
    others: Vec<String>,
}

impl<'a> Condition<'a> {
    fn new(column: &'a str, value: &'a str) -> Condition<'a> {
        Condition { column, value, folded: plain(value), is_met: false, others: Vec::new() }
    }

    fn matches(&self, text: &str) -> bool {
        plain(text) == self.folded
    }

    /// The rows of a mart that hold it, of some; notes what there is.
    fn keep(&mut self, made: &Made<'_>, rows: &mut Vec<usize>, sources: &Lake<'_>) -> Result<()> {
        let spelt = made.spelt(self.column, sources.config)?;
        let holds: Vec<bool> =
            (0..made.rows.height()).map(|row| spelt.iter().any(|texts| self.matches(&texts[row]))).collect();
        self.is_met |= holds.contains(&true);
        if !self.is_met {
            self.others.extend(spelt.into_iter().flatten().filter(|text| !text.is_empty()));
            self.others.sort();
            self.others.dedup();
        }
        rows.retain(|row| holds[*row]);
        Ok(())
    }
}

/// A value as it is compared: folded, and a voltage without its unit.
fn plain(text: &str) -> String {
    let folded = identity(text);
    match folded.strip_suffix(" kV") {
        Some(number) => number.to_owned(),
        None => folded,
    }
}

/// Whether rows can be told by a column: those of figures by their grain, a list of cases by any.
fn has(definition: &Definition, column: &str) -> bool {
    match definition.cases.is_empty() {
        true => definition.columns.iter().any(|own| own.name == column),
        false => definition.grain.iter().any(|grain| grain == column),
    }
}

impl Explanation {
    /// Computes the marts about a subject, and lists the cases behind each figure.
    pub fn read(subject: Subject, question: &Question<'_>, sources: &Lake<'_>) -> Result<Explanation> {
        let by = match subject {
            Subject::Manager => Some("manager_id"),
            Subject::Department => Some("department"),
            _ => None,
        };
        let about = by.map(|by| Condition::new(by, question.name));
        let asked = question.conditions.iter().map(|(column, value)| Condition::new(column, value));
        let mut conditions: Vec<Condition<'_>> = about.into_iter().chain(asked).collect();
        let named = if subject == Subject::Mart { Some(question.name) } else { question.mart };
        let marts: Vec<&Mart> = match named {
            Some(name) => vec![sources.catalogue.mart(name)?],
            None => sources.catalogue.marts.iter().collect(),
        };
        let marts = told_by(&marts, &conditions)?;
        known_figure(&marts, question.figure)?;
        let mut engine = Engine::open(&sources.clean)?;
        let mut stories = Vec::new();
        let mut months = Months::default();
        for mart in marts {
            if question.figure.is_none_or(|figure| is_figure(&mart.definition, figure)) {
                let story = read_mart(&mut engine, mart, &mut conditions, question, &mut months, sources)?;
                if !story.rows.is_empty() {
                    stories.push(story);
                }
            }
        }
        // The subject itself is known; of what it has nothing, there is nothing to say.
        let unmet = conditions.iter().skip(usize::from(by.is_some())).find(|condition| !condition.is_met);
        if let Some(condition) = unmet.filter(|condition| !condition.others.is_empty()) {
            return Err(condition.unknown());
        }
        Ok(Explanation {
            subject,
            name: question.name.to_owned(),
            month: question.month.unwrap_or(sources.as_of).month().month_label(),
            as_of: sources.as_of.to_string(),
            marts: stories,
            other_months: months.other(),
            lang: sources.lang,
            listed: match (question.figure, question.cases) {
                (Some(_), _) => Listed::All,
                (None, true) => Listed::First,
                (None, false) => Listed::No,
            },
            is_chosen: named.is_some() || question.figure.is_some() || !question.conditions.is_empty(),
        })
    }
}

impl Condition<'_> {
    fn unknown(&self) -> Error {
        let near = nearest(self.value, self.others.iter().map(String::as_str));
        let whole = |value: &str| format!("{}={value}", self.column);
        Error::Unknown { what: Sought::Value, name: whole(self.value), nearest: near.map(whole) }
    }
}

/// The marts that are told by all of some columns; an error where there are none.
fn told_by<'a>(marts: &[&'a Mart], conditions: &[Condition<'_>]) -> Result<Vec<&'a Mart>> {
    let mut left = marts.to_vec();
    for Condition { column, .. } in conditions {
        left.retain(|mart| has(&mart.definition, column));
        if left.is_empty() {
            let columns = marts
                .iter()
                .flat_map(|mart| mart.definition.columns.iter().filter(|own| has(&mart.definition, &own.name)));
            let near = nearest(column, columns.map(|own| own.name.as_str()).filter(|own| own != column));
            let (name, nearest) = ((*column).to_owned(), near.map(str::to_owned));
            return Err(Error::Unknown { what: Sought::Column, name, nearest });
        }
    }
    Ok(left)
}

/// Whether a mart has a figure of that name.
fn is_figure(definition: &Definition, name: &str) -> bool {
    definition.columns.iter().any(|column| column.name == name && !definition.grain.contains(&column.name))
}

/// Refuses a figure that no mart has.
fn known_figure(marts: &[&Mart], figure: Option<&str>) -> Result<()> {
    let Some(figure) = figure.filter(|figure| !marts.iter().any(|mart| is_figure(&mart.definition, figure))) else {
        return Ok(());
    };
    let figures = marts
        .iter()
        .flat_map(|mart| mart.definition.columns.iter().filter(|column| !mart.definition.grain.contains(&column.name)));
    let near = nearest(figure, figures.map(|column| column.name.as_str())).map(str::to_owned);
    Err(Error::Unknown { what: Sought::Figure, name: figure.to_owned(), nearest: near })
}

fn read_mart(
    engine: &mut Engine,
    mart: &Mart,
    conditions: &mut [Condition<'_>],
    question: &Question<'_>,
    months: &mut Months,
    sources: &Lake<'_>,
) -> Result<MartStory> {
    let definition = &mart.definition;
    let made = Made::new(engine, mart, sources)?;
    let mut rows: Vec<usize> = (0..made.rows.height()).collect();
    for condition in conditions.iter_mut() {
        condition.keep(&made, &mut rows, sources)?;
    }
    let is_month =
        |key: &&String| definition.columns.iter().any(|column| column.name == **key && column.kind == Kind::Month);
    let month = definition.grain.iter().find(is_month).map(String::as_str);
    if let Some(raw) = month.and_then(|column| made.raw(column)) {
        let wanted = question.month.unwrap_or(sources.as_of).month().to_string();
        rows.iter().for_each(|row| months.add(&raw[*row], &wanted));
        rows.retain(|row| raw[*row] == wanted);
    }
    let estimated_from = match rows.is_empty() {
        true => Vec::new(),
        false => estimated_from(engine, mart, conditions, sources)?,
    };
    let rows = rows.into_iter().map(|row| read_row(engine, &made, row, month, conditions, question, sources.lang));
    Ok(MartStory {
        mart: mart.name.clone(),
        title: definition.title.get(sources.lang).to_owned(),
        rows: rows.collect::<Result<_>>()?,
        estimated_from,
        is_list: definition.is_list(),
    })
}

fn read_row(
    engine: &Engine,
    made: &Made<'_>,
    row: usize,
    month: Option<&str>,
    conditions: &[Condition<'_>],
    question: &Question<'_>,
    lang: Lang,
) -> Result<RowStory> {
    let definition = &made.mart.definition;
    let cells = || definition.columns.iter().zip(&made.shown).map(|(column, cells)| (column, &cells[row]));
    let is_grain = |name: &String| definition.grain.contains(name);
    let told: Vec<String> = conditions.iter().map(|condition| condition.column.to_owned()).collect();
    let mut figures = Vec::new();
    let arithmetic = |figure: &str, measure: &Measure| {
        let about = made.about(figure);
        arithmetic(measure, about, |figure| made.exact(figure, row), |param| engine.param(param), lang)
    };
    for (column, value) in cells() {
        if is_grain(&column.name) || question.figure.is_some_and(|figure| figure != column.name) {
            continue;
        }
        let listing = made.listing(&column.name, row)?;
        let n_of_m = made.n_of_m(&column.name, &listing, row)?;
        let steps = match question.figure {
            Some(_) => made.steps(&column.name, row, &arithmetic),
            None => Vec::new(),
        };
        let arithmetic = column.from.as_ref().map_or_else(String::new, |measure| arithmetic(&column.name, measure));
        let cases = listing.own().to_vec();
        let Listing { mut parts, unlisted } = listing;
        if question.figure.is_none() {
            parts.iter_mut().for_each(|part| part.cases.clear());
        }
        figures.push(Figure {
            name: column.name.clone(),
            title: column.title.get(lang).to_owned(),
            value: made.number(&column.name, row)?,
            shown: value.clone(),
            arithmetic,
            steps,
            n_of_m,
            cases,
            parts,
            unlisted: unlisted.iter().map(|reason| reason.say(lang)).collect(),
        });
    }
    Ok(RowStory {
        of: cells()
            .filter(|(column, _)| is_grain(&column.name))
            .map(|(c, cell)| (c.name.clone(), cell.clone()))
            .collect(),
        figures,
        label: made.label(row, &told),
        month: month.map(|column| made.value(column, row).to_owned()).unwrap_or_default(),
    })
}

/// The cases that an estimator made the rows of a mart from, with what it measured of each.
fn estimated_from(
    engine: &mut Engine,
    mart: &Mart,
    conditions: &[Condition<'_>],
    sources: &Lake<'_>,
) -> Result<Vec<String>> {
    let Some(estimator) = mart.definition.estimator else { return Ok(Vec::new()) };
    let doing = format!("mart {}", mart.name);
    let cases = engine.cases(mart)?;
    // Cases bear the bands that rows are about, but neither a day nor a measure; `all` wants them all.
    let mut kept = vec![true; cases.height()];
    for condition in conditions.iter().filter(|condition| condition.value != ALL.code) {
        if cases.column(condition.column).is_ok() {
            let texts = texts(&cases, condition.column, &doing)?;
            kept.iter_mut().zip(&texts).for_each(|(kept, text)| *kept &= condition.matches(text));
        }
    }
    let labels = made::labels(&cases, mart, sources)?.unwrap_or_default();
    let measured = estimator.measured().map(|measured| texts(&cases, measured, &doing)).transpose()?;
    let told = labels.into_iter().enumerate().filter(|(row, _)| kept[*row]).map(|(row, label)| match &measured {
        Some(values) => format!("{label}: {}", values[row]),
        None => label,
    });
    Ok(told.collect())
}
