//! One cell of an export → one typed value, or what was expected instead.
//!
//! Every form of docs/method.md §2 is read: days and times in [`time`], quantities in [`number`], words in [`word`].
//! What cannot be read for certain is refused: a wrong guess would become somebody's bonus.

mod number;
mod time;
mod word;

use std::borrow::Cow;
use std::collections::BTreeMap;

use super::zone::{Moment, Zone};
use crate::calendar::{Day, Instant};
use crate::contract::{Column, Kind};
use crate::lake::Value;
use crate::spelling::{half_width, rearmed, word as fold};
use crate::words::Words;

pub(crate) use number::readings as number_readings;
pub use number::{Comma, DecimalSign};
pub(crate) use number::{MOST as MOST_NUMBER, PIECES, factor};
pub(crate) use time::readings as date_readings;
pub use time::{DateOrder, EPOCH_1904};
pub(crate) use word::is_missing;

/// The longest name or identifier, in characters: a longer one is no name but a mistake of the export.
pub(super) const MOST_NAME: usize = 1_000;

/// A cell as the file holds it.
#[derive(Clone, Copy, Debug, PartialEq)]
pub enum Cell<'a> {
    /// Nothing.
    Empty,
    /// Text.
    Text(&'a str),
    /// A number of a sheet or a Parquet file.
    Number(f64),
    /// A number of a workbook that counts its days from 1904.
    NumberSince1904(f64),
    /// A cell that a sheet shows as a date: days since 1899-12-30.
    Serial(f64),
    /// A whole number of a Parquet file.
    Integer(i64),
    /// A truth value.
    Flag(bool),
    /// A date of a Parquet file.
    Date(Day),
    /// A civil time of a Parquet file.
    Instant(Instant),
    /// An exact moment of a Parquet file.
    Moment(Moment),
    /// A sheet's error value, such as `#N/A`.
    Broken(&'a str),
    /// A formula whose value the file does not hold.
    Uncomputed,
}

impl Cell<'_> {
    /// The cell as text, for rejects and headers.
    pub fn display(&self) -> String {
        match self {
            Cell::Empty | Cell::Uncomputed => String::new(),
            Cell::Text(text) | Cell::Broken(text) => (*text).to_owned(),
            Cell::Number(number) | Cell::NumberSince1904(number) => number.to_string(),
            Cell::Serial(serial) => time::from_serial(*serial).map_or_else(|| serial.to_string(), |at| at.to_string()),
            Cell::Integer(integer) => integer.to_string(),
            Cell::Flag(flag) => flag.to_string(),
            Cell::Date(day) => day.to_string(),
            Cell::Instant(instant) => instant.to_string(),
            Cell::Moment(moment) => format!("{}Z", moment.utc),
        }
    }
}

/// Why a cell was refused.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Refusal {
    /// It cannot be read as what the column holds.
    Unparsable,
    /// It is none of the column's words.
    UnknownWord,
    /// It can be read, and no such value can be true.
    OutOfRange,
    /// It can be read in two ways, and nobody has said which one is meant.
    Ambiguous,
    /// A date that systems write where there is none.
    Sentinel,
    /// An error value of a spreadsheet.
    ErrorValue,
    /// A formula whose value the file does not hold.
    Uncomputed,
    /// A name or an identifier that is longer than any.
    TooLong,
    /// An identifier that a spreadsheet has rounded: its digits are lost.
    RoundedIdentifier,
    /// An identifier that a spreadsheet has made a date.
    DatedIdentifier,
    /// A time in UTC, and nobody has said what zone the office is in.
    NoZone,
}

/// What an export's words, numbers and times stand for, beyond what the contract says.
#[derive(Debug, Default, Clone)]
pub struct Vocabulary {
    /// A stage's code or name, as it is and folded → its code.
    pub stages: BTreeMap<String, String>,
    /// What users call each stage, by its code.
    pub titles: BTreeMap<String, Words>,
    /// The stage whose finish is the energisation, by its code.
    pub goal: Option<String>,
    /// Whether a stage that is not among them is its own code.
    pub any_stage: bool,
    /// Whose civil time a moment is turned into.
    pub zone: Option<Zone>,
    /// Canonical column → folded word → the text that it stands for.
    pub values: BTreeMap<String, BTreeMap<String, String>>,
    /// The order of dates whose year does not come first, if it was said.
    pub order: Option<DateOrder>,
    /// What a comma in a number is.
    pub comma: Comma,
}

impl Vocabulary {
    /// Whether the mapping says what a cell of a column stands for.
    pub(super) fn tells(&self, column: &Column, cell: Cell<'_>) -> bool {
        self.meaning(column, bare(column, cell)).is_some()
    }

    /// The text that a cell of a column stands for by the mapping.
    fn meaning(&self, column: &Column, cell: Cell<'_>) -> Option<&str> {
        if self.values.is_empty() {
            return None;
        }
        let words = self.values.get(column.name)?;
        let find = |spelling: &str| words.get(&fold(spelling)).map(String::as_str);
        let dated = matches!(column.kind, Kind::Date | Kind::Instant | Kind::Month);
        match cell {
            Cell::Text(text) if dated => find(text).or_else(|| time::canonical(text).and_then(|text| find(&text))),
            Cell::Text(text) => find(text),
            _ if dated => time::spellings(cell).iter().find_map(|text| find(text)),
            _ => find(&cell.display()),
        }
    }
}

/// The words of a mapping for one column, folded; those for dates also as other cells show the same day.
pub(crate) fn folded_words(column: Option<&Column>, words: &BTreeMap<String, String>) -> BTreeMap<String, String> {
    let dated = column.is_some_and(|column| matches!(column.kind, Kind::Date | Kind::Instant | Kind::Month));
    let spelled = |text: &String| {
        let canonical = time::canonical(text).filter(|_| dated);
        [Some(fold(text)), canonical.map(|text| fold(&text))].into_iter().flatten()
    };
    words.iter().flat_map(|(text, to)| spelled(text).map(move |text| (text, to.clone()))).collect()
}

/// A cell without what stands around its value.
fn bare<'a>(column: &Column, cell: Cell<'a>) -> Cell<'a> {
    match cell {
        Cell::NumberSince1904(number) if !matches!(column.kind, Kind::Date | Kind::Instant) => Cell::Number(number),
        Cell::Text(text) | Cell::Broken(text) if column.kind == Kind::Text => Cell::Text(word::trim(text)),
        Cell::Text(text) | Cell::Broken(text) => Cell::Text(unquoted(text)),
        other => other,
    }
}

/// Whether a cell is written as a day without a time. A number of a sheet says neither.
pub(super) fn is_day(cell: Cell<'_>) -> bool {
    match cell {
        Cell::Date(_) => true,
        Cell::Text(text) => time::is_day(unquoted(text)),
        _ => false,
    }
}

/// A text without what stands around it.
pub(super) fn unquoted(text: &str) -> &str {
    word::unquoted(word::trim(text))
}

/// Reads one cell of a column.
pub fn read<'a>(column: &Column, cell: Cell<'a>, words: &Vocabulary) -> Result<Value<'a>, Refusal> {
    // What we have written so that no spreadsheet takes it for a formula.
    let cell = if let Cell::Text(text) = cell { Cell::Text(rearmed(text)) } else { cell };
    let cell = bare(column, cell);
    if let Some(stands_for) = words.meaning(column, cell) {
        let stands_for = word::trim(stands_for);
        if is_missing(stands_for) {
            return Ok(Value::Null);
        }
        return read_kind(column.kind, Cell::Text(stands_for), words).map(own);
    }
    match cell {
        Cell::Empty => Ok(Value::Null),
        Cell::Uncomputed => Err(Refusal::Uncomputed),
        Cell::Text(text) if is_missing(text) => Ok(Value::Null),
        Cell::Text(text) if word::is_error(text) => Err(Refusal::ErrorValue),
        cell => read_kind(column.kind, cell, words),
    }
}

fn own<'a>(value: Value<'_>) -> Value<'a> {
    match value {
        Value::Null => Value::Null,
        Value::Text(text) => Value::Text(Cow::Owned(text.into_owned())),
        Value::Number(number) => Value::Number(number),
        Value::Integer(integer) => Value::Integer(integer),
        Value::Flag(flag) => Value::Flag(flag),
        Value::Date(day) => Value::Date(day),
        Value::Instant(instant) => Value::Instant(instant),
    }
}

fn read_kind<'a>(kind: Kind, cell: Cell<'a>, words: &Vocabulary) -> Result<Value<'a>, Refusal> {
    match kind {
        Kind::Id => word::identifier(cell),
        Kind::Text => word::text(cell),
        Kind::Stage => word::stage(cell, words),
        Kind::Number(units) => number::number(cell, units, words.comma).map(Value::Number),
        Kind::Within(most, units) => number::number(cell, units, words.comma)
            .and_then(|number| if number <= most { Ok(Value::Number(number)) } else { Err(Refusal::OutOfRange) }),
        Kind::Integer(least, most, named) => number::integer(cell, least, most, named, words.comma).map(Value::Integer),
        Kind::Flag => word::flag(cell).map(Value::Flag),
        Kind::Date => time::date(cell, words).map(Value::Date),
        Kind::Month => time::month(cell, words).map(|day| Value::Date(day.month())),
        Kind::Instant => time::instant(cell, words).map(Value::Instant),
        Kind::List => word::list(cell),
        Kind::Answers => word::answers(cell, words).map(|text| Value::Text(Cow::Owned(text))),
        Kind::Choice { codes, open } => word::choice(cell, codes, open),
    }
}

/// Whether a text needs folding before digits are looked for.
fn folded(text: &str) -> Cow<'_, str> {
    if text.is_ascii() { Cow::Borrowed(text) } else { Cow::Owned(half_width(text)) }
}

/// A day in any form in which exports write one.
pub fn day(text: &str) -> Option<Day> {
    time::date(Cell::Text(word::trim(text)), &Vocabulary::default()).ok()
}

#[cfg(test)]
mod tests;
