//! A table as a page lays it out: the columns that hold something, the rows that fit, and where its cells lead.

use crate::cells::{Below, Cell, Column, Format, Table};
use crate::words::Lang;

/// Rows of a table that the page shows; the workbook has them all.
const MOST_ROWS: usize = 500;
/// Bytes of the texts of a table, and what stands around each of them.
const MOST_BYTES: usize = 400_000;
const AROUND: usize = 24;

/// A table as the template lays it out.
pub(super) struct Laid<'a> {
    pub table: &'a Table,
    pub heads: Vec<Head<'a>>,
    pub rows: Vec<Vec<Shown>>,
    pub total: Vec<Beneath<'a>>,
    pub hidden: usize,
    pub count: usize,
    pub empty: &'a str,
    /// The columns that hold nothing, in words.
    pub left_out: String,
    /// Whether the second column stays in sight too: the first one names no row.
    pub two: bool,
    /// Where it stands how it is computed.
    pub defined: String,
    /// Rows of applications that have no card.
    pub without_card: usize,
    /// The file of its page.
    pub file: String,
    /// The bytes that it takes, about.
    pub bytes: usize,
}

/// The head of a column.
pub(super) struct Head<'a> {
    pub title: &'a str,
    pub about: &'a str,
    pub class: &'static str,
    /// The name of the column in its mart.
    pub name: &'a str,
}

/// A cell as it is read.
#[derive(Clone)]
pub(super) struct Shown {
    pub class: &'static str,
    pub text: String,
    /// Where it leads; empty: nowhere.
    pub link: String,
}

/// What stands below a column.
pub(super) struct Beneath<'a> {
    pub class: &'static str,
    pub text: String,
    /// The decimals of a sum.
    pub sum: Option<u8>,
    /// The words with `{rows}` in the place of how many there are.
    pub rows: &'a str,
}

impl<'a> Laid<'a> {
    pub fn new(table: &'a Table, lang: Lang) -> Laid<'a> {
        let is_empty = |cell: &Cell| *cell == Cell::Empty || matches!(cell, Cell::Text(text) if text.is_empty());
        let holds = |at: usize| table.shown.iter().any(|row| !is_empty(&table.rows[*row][at]));
        let (kept, bare): (Vec<usize>, Vec<usize>) = (0..table.columns.len()).partition(|at| holds(*at));
        let line = |row: &[Cell]| kept.iter().map(|at| shown(&row[*at], table.columns[*at].format)).collect::<Vec<_>>();
        let (mut rows, mut bytes) = (Vec::new(), 0);
        for row in table.shown.iter().take(MOST_ROWS) {
            let row = line(&table.rows[*row]);
            bytes += row.iter().map(|cell| cell.text.len() + AROUND).sum::<usize>();
            if bytes > MOST_BYTES && !rows.is_empty() {
                break;
            }
            rows.push(row);
        }
        let total = table.total.as_deref().filter(|_| !rows.is_empty()).unwrap_or_default();
        let beneath = |at: &usize| beneath(&total[*at], &table.columns[*at]);
        let nothing = lang.pick("本期没有记录。", "Nothing in this period.");
        let bare = bare.iter().filter(|_| !rows.is_empty()).map(|at| table.columns[*at].title.as_str());
        let title = |at: &usize| head(&table.columns[*at]);
        Laid {
            table,
            heads: kept.iter().map(title).collect(),
            total: if total.is_empty() { Vec::new() } else { kept.iter().map(beneath).collect() },
            hidden: table.shown.len() - rows.len(),
            count: table.shown.len(),
            empty: table.absent.as_deref().unwrap_or(nothing),
            left_out: bare.collect::<Vec<_>>().join(lang.pick("、", ", ")),
            two: kept.first().is_some_and(|at| stands_before(&table.columns[*at])),
            defined: String::new(),
            without_card: 0,
            file: String::new(),
            rows,
            bytes,
        }
    }

    /// Where a column stands among those that are shown.
    pub fn place(&self, name: &str) -> Option<usize> {
        self.heads.iter().position(|head| head.name == name)
    }

    /// The address of the table from another page of the report.
    pub fn address(&self) -> String {
        format!("{}#{}", self.file, self.table.name)
    }
}

/// Whether a column stands before the names of the rows: their numbers, or the month.
fn stands_before(column: &Column) -> bool {
    column.numbered || column.format == Format::Month
}

fn head(column: &Column) -> Head<'_> {
    let Column { title, about, name, format, .. } = column;
    Head { title, about, class: format.class(), name }
}

fn shown(cell: &Cell, format: Format) -> Shown {
    let class = match cell {
        Cell::Toned(_, tone) => tone.class(),
        _ => format.class(),
    };
    Shown { class, text: cell.display(format), link: String::new() }
}

fn beneath<'a>(cell: &Cell, column: &'a Column) -> Beneath<'a> {
    let (mut sum, mut rows) = (None, "");
    match &column.below {
        Below::Sum if *cell != Cell::Empty => {
            sum = Some(if let Format::Decimal(places) = column.format { places } else { 0 });
        }
        Below::Text(text) if text.contains("{rows}") => rows = text,
        _ => {}
    }
    Beneath { class: column.format.class(), text: cell.display(column.format), sum, rows }
}
