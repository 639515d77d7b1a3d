//! The first rows of a sheet, kept to be looked at more than once, and what columns of cells look like.

use crate::contract::{Column, Kind};
use crate::error::Result;
use crate::ingest::headers::{self, Place};
use crate::ingest::values::{self, Cell, Refusal, Vocabulary};
use crate::ingest::{Cells, Row, Source};
use crate::lake::Value;

/// Rows that are looked at.
pub(in crate::ingest) const ROWS: usize = 1_000;

/// Rows among which the header is looked for.
pub(in crate::ingest) const HEADER_ROWS: usize = 30;

/// Cells that a message shows.
const SHOWN: usize = 3;

/// The share of cells, in per cent, that must be like a column's for the column to be taken for it.
const MOST: usize = 90;

/// A share that no percentage of a plain number comes near.
const GREATEST_SHARE: f64 = 1.5;

/// A cell that has been kept.
#[derive(Debug, Clone)]
pub(in crate::ingest) enum Kept {
    Text(String),
    Broken(String),
    Plain(Cell<'static>),
}

impl Kept {
    fn of(cell: Cell<'_>) -> Kept {
        match cell {
            Cell::Text(text) => Kept::Text(cut(text)),
            Cell::Broken(text) => Kept::Broken(cut(text)),
            Cell::Empty => Kept::Plain(Cell::Empty),
            Cell::Uncomputed => Kept::Plain(Cell::Uncomputed),
            Cell::Number(number) => Kept::Plain(Cell::Number(number)),
            Cell::NumberSince1904(number) => Kept::Plain(Cell::NumberSince1904(number)),
            Cell::Serial(serial) => Kept::Plain(Cell::Serial(serial)),
            Cell::Integer(integer) => Kept::Plain(Cell::Integer(integer)),
            Cell::Flag(flag) => Kept::Plain(Cell::Flag(flag)),
            Cell::Date(day) => Kept::Plain(Cell::Date(day)),
            Cell::Instant(at) => Kept::Plain(Cell::Instant(at)),
            Cell::Moment(moment) => Kept::Plain(Cell::Moment(moment)),
        }
    }

    pub(in crate::ingest) fn cell(&self) -> Cell<'_> {
        match self {
            Kept::Text(text) => Cell::Text(text),
            Kept::Broken(text) => Cell::Broken(text),
            Kept::Plain(cell) => *cell,
        }
    }
}

/// The bytes of a text that are kept: more than any name, number or date can have.
const LONGEST: usize = 4 * values::MOST_NAME + 4;

fn cut(text: &str) -> String {
    text[..text.floor_char_boundary(LONGEST)].to_owned()
}

/// The first rows of a sheet.
pub(in crate::ingest) struct Sample {
    /// Each with its line.
    pub rows: Vec<(u64, Vec<Kept>)>,
    /// Whether there may be more.
    pub more: bool,
}

impl Sample {
    /// Takes so many rows of a sheet.
    pub(in crate::ingest) fn take(source: &mut Source<'_>, sheet: Option<&str>, most: usize) -> Result<Sample> {
        let mut sample = Sample { rows: Vec::new(), more: false };
        source.each_row(sheet, |row: Row<'_>| {
            sample.rows.push((row.line, kept(&row.cells)));
            sample.more = sample.rows.len() == most;
            Ok(!sample.more)
        })?;
        Ok(sample)
    }

    /// The texts of the first rows, each with its line.
    pub(in crate::ingest) fn texts(&self, rows: usize) -> Vec<(u64, Vec<String>)> {
        let text = |kept: &Kept| kept.cell().display().trim().to_owned();
        self.rows.iter().take(rows).map(|(line, cells)| (*line, cells.iter().map(text).collect())).collect()
    }

    /// The cells of a column below a line that say something.
    pub(in crate::ingest) fn column(&self, below: u64, index: usize) -> Vec<Cell<'_>> {
        let rows = self.rows.iter().filter(|(line, _)| *line > below);
        rows.filter_map(|(_, cells)| Some(cells.get(index)?.cell())).filter(|cell| says_something(*cell)).collect()
    }
}

fn kept(cells: &Cells<'_>) -> Vec<Kept> {
    (0..cells.len()).map(|index| Kept::of(cells.get(index))).collect()
}

fn says_something(cell: Cell<'_>) -> bool {
    !values::is_missing(cell.display().trim())
}

/// Some different cells, as a message shows them.
pub(in crate::ingest) fn shown(cells: &[Cell<'_>]) -> Vec<String> {
    different(cells, SHOWN)
}

/// The first so many different cells, cut to what a line can show.
pub(in crate::ingest) fn different(cells: &[Cell<'_>], most: usize) -> Vec<String> {
    let mut shown: Vec<String> = Vec::new();
    for cell in cells {
        let text: String = cell.display().trim().chars().take(40).collect();
        if !shown.contains(&text) {
            shown.push(text);
        }
        if shown.len() == most {
            break;
        }
    }
    shown
}

/// Whether a column could hold these cells: most of its dates can be read, or most of its words are known.
pub(in crate::ingest) fn fits(column: &Column, cells: &[Cell<'_>], words: &Vocabulary) -> bool {
    let reads = |cell: &Cell<'_>| values::read(column, *cell, words).is_ok_and(|value| value != Value::Null);
    // A date whose order nobody has said is one.
    let is_unordered = |cell: &Cell<'_>| matches!(values::read(column, *cell, words), Err(Refusal::Ambiguous));
    match column.kind {
        Kind::Date | Kind::Instant => {
            let is_date = |cell: &&Cell<'_>| is_dated(**cell) && (reads(cell) || is_unordered(cell));
            let dates = cells.iter().filter(is_date).count();
            dates > 0 && dates * 100 >= cells.len() * MOST
        }
        Kind::Choice { .. } => {
            let mut distinct: Vec<String> = cells.iter().map(Cell::display).collect();
            distinct.sort_unstable();
            distinct.dedup();
            let known = distinct.iter().filter(|word| reads(&Cell::Text(word))).count();
            known > 0
                && known * 2 >= distinct.len()
                && (column.name != "transition" || is_lifecycle(column, cells, words))
        }
        _ => false,
    }
}

/// Whether some words have a start and a complete among them: a status that is complete or not is no lifecycle.
fn is_lifecycle(column: &Column, cells: &[Cell<'_>], words: &Vocabulary) -> bool {
    ["start", "complete"]
        .iter()
        .all(|code| cells.iter().any(|cell| values::read(column, *cell, words) == Ok(Value::text(code))))
}

/// Whether a cell is a date by its looks: a plain number can be read as one too.
pub(in crate::ingest) fn is_dated(cell: Cell<'_>) -> bool {
    match cell {
        Cell::Serial(_) | Cell::Date(_) | Cell::Instant(_) | Cell::Moment(_) => true,
        Cell::Text(text) => {
            let packed = matches!(text.len(), 8 | 12 | 14) && text.bytes().all(|byte| byte.is_ascii_digit());
            packed || text.contains(['-', '/', '年', ':']) || text.matches('.').count() > 1
        }
        _ => false,
    }
}

/// Whether the numbers under a header in per cent are shares: a spreadsheet shows 0.85 as 85 %.
pub(in crate::ingest) fn holds_shares(column: &Column, place: &Place, cells: &[Cell<'_>]) -> bool {
    if place.unit.as_ref().is_none_or(|unit| unit.name != "%") {
        return false;
    }
    let most = if let Kind::Within(most, _) = column.kind { most } else { GREATEST_SHARE };
    let numbers: Vec<f64> = cells.iter().filter(|cell| headers::is_bare(**cell)).filter_map(number).collect();
    numbers.iter().any(|number| *number > 0.0) && numbers.iter().all(|number| *number <= most)
}

fn number(cell: &Cell<'_>) -> Option<f64> {
    match cell {
        Cell::Number(number) | Cell::Serial(number) => Some(*number),
        Cell::Integer(integer) => Some(*integer as f64),
        Cell::Text(text) => text.trim().parse().ok(),
        _ => None,
    }
}

/// Whether identifiers are the numbers that a spreadsheet keeps for the dates of 2000 to 2049.
pub(in crate::ingest) fn holds_date_serials(cells: &[Cell<'_>]) -> bool {
    const SERIALS: std::ops::Range<f64> = 36_526.0..54_789.0;
    let is_serial = |cell: &&Cell<'_>| match cell {
        Cell::Serial(_) => true,
        other => number(other).is_some_and(|number| number.fract() == 0.0 && SERIALS.contains(&number)),
    };
    cells.len() >= 3 && cells.iter().filter(is_serial).count() * 100 >= cells.len() * MOST
}
