//! Tables as people read them: titled columns with a format, cells that page, workbook and terminal write.
//!
//! [`marts`] makes cells of a mart's columns, codes and stages in words; [`workbook`] is what all workbooks share.

pub mod marts;
pub(crate) mod workbook;

use crate::calendar::Day;
use crate::decimal;
use crate::vocabularies::Tone;

/// One table as people read it.
#[derive(Debug, Clone)]
pub struct Table {
    /// Its name in links, `[a-z_]`.
    pub name: String,
    /// What users call it; at most 31 characters, for a sheet's tab.
    pub title: String,
    /// What it shows, in a sentence.
    pub about: String,
    /// The columns.
    pub columns: Vec<Column>,
    /// The rows.
    pub rows: Vec<Vec<Cell>>,
    /// Which rows the page shows.
    pub shown: Vec<usize>,
    /// The last row, which adds up.
    pub total: Option<Vec<Cell>>,
    /// The part of the page that it stands in.
    pub part: Part,
    /// Why it has no rows, where that is no news about the cases: an input table is missing, there is no last report.
    pub absent: Option<String>,
}

/// The part of the page that a table belongs to.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Part {
    /// The assessment itself.
    Assessment,
    /// Figures about many cases.
    Figures,
    /// What was read and what was not.
    Quality,
}

/// One column.
#[derive(Debug, Clone)]
pub struct Column {
    /// Its name in the mart, empty where the table is none.
    pub name: String,
    /// What users call it.
    pub title: String,
    /// What it means.
    pub about: String,
    /// How its cells are written.
    pub format: Format,
    /// Whether it is there to cut hand-outs by, and not to be read.
    pub hidden: bool,
    /// Whether its cells number the rows.
    pub numbered: bool,
    /// What stands below it, in the last row.
    pub below: Below,
}

/// What stands below a column.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Below {
    /// Nothing.
    Nothing,
    /// The sum of its numbers.
    Sum,
    /// A text; `{rows}` is how many rows there are.
    Text(String),
}

impl Below {
    fn cell<'a>(&self, cells: impl ExactSizeIterator<Item = &'a Cell>) -> Cell {
        match self {
            Below::Nothing => Cell::Empty,
            Below::Sum => sum(cells),
            Below::Text(text) => Cell::Text(text.replace("{rows}", &cells.len().to_string())),
        }
    }
}

/// The sum of the numbers among some cells; nothing where there are none.
fn sum<'a>(cells: impl Iterator<Item = &'a Cell>) -> Cell {
    cells.fold(Cell::Empty, |sum, cell| match (sum, cell) {
        (Cell::Empty, Cell::Integer(_) | Cell::Number(_)) => cell.clone(),
        (Cell::Integer(sum), Cell::Integer(integer)) => Cell::Integer(sum + integer),
        (Cell::Number(sum), Cell::Number(number)) => Cell::Number(sum + number),
        (sum, _) => sum,
    })
}

impl Table {
    /// The table with these rows, which the page shows all, and a last row where a column has something below it.
    pub fn with_rows(mut self, mut rows: Vec<Vec<Cell>>) -> Table {
        for (at, _) in self.columns.iter().enumerate().filter(|(_, column)| column.numbered) {
            for (number, row) in rows.iter_mut().enumerate() {
                row[at] = Cell::Integer(number as i64 + 1);
            }
        }
        let below = |(at, column): (usize, &Column)| column.below.cell(rows.iter().map(|row| &row[at]));
        let has_total = self.columns.iter().any(|column| column.below != Below::Nothing);
        self.total = has_total.then(|| self.columns.iter().enumerate().map(below).collect());
        self.shown = (0..rows.len()).collect();
        self.rows = rows;
        self
    }

    /// The table without the columns that are not to be read.
    pub fn visible(mut self) -> Table {
        let shown: Vec<bool> = self.columns.iter().map(|column| !column.hidden).collect();
        let keep = |cells: &mut Vec<Cell>| {
            let mut shown = shown.iter();
            cells.retain(|_| shown.next().copied().unwrap_or(true));
        };
        self.rows.iter_mut().chain(&mut self.total).for_each(keep);
        self.columns.retain(|column| !column.hidden);
        self
    }
}

/// How the cells of a column are written.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Format {
    /// Text.
    Text,
    /// Long text that may wrap.
    Wrapped,
    /// A month, `2026-06`.
    Month,
    /// A date, `2026-06-30`.
    Date,
    /// A whole number.
    Integer,
    /// A number with this many decimals.
    Decimal(u8),
    /// A share as percent, one decimal.
    Rate,
}

impl Format {
    /// The page's style class: numbers stand to the right.
    pub fn class(self) -> &'static str {
        match self {
            Format::Integer | Format::Decimal(_) | Format::Rate => "n",
            Format::Wrapped => "w",
            Format::Date | Format::Month => "d",
            Format::Text => "",
        }
    }
}

/// One cell.
#[derive(Debug, Clone, PartialEq)]
pub enum Cell {
    /// Nothing: unknown, or a rate without a denominator.
    Empty,
    /// Text.
    Text(String),
    /// Text that stands out.
    Toned(String, Tone),
    /// A whole number.
    Integer(i64),
    /// A number or a share.
    Number(f64),
    /// A share in a column of other figures: percent, regardless of the column's format.
    Share(f64),
    /// A date, or the first day of a month.
    Date(Day),
}

impl Cell {
    /// Text.
    pub fn text(text: impl Into<String>) -> Cell {
        Cell::Text(text.into())
    }

    /// A date, or nothing.
    pub fn date(day: Option<Day>) -> Cell {
        day.map_or(Cell::Empty, Cell::Date)
    }

    /// The cell as the page writes it.
    pub fn display(&self, format: Format) -> String {
        match (self, format) {
            (Cell::Empty, _) => String::new(),
            (Cell::Text(text) | Cell::Toned(text, _), _) => printable(text),
            (Cell::Integer(integer), _) => integer.to_string(),
            (Cell::Number(number), Format::Rate) | (Cell::Share(number), _) => percent(*number),
            (Cell::Number(number), Format::Decimal(places)) => decimal::fixed(*number, usize::from(places)),
            (Cell::Number(number), _) => number.to_string(),
            (Cell::Date(day), Format::Month) => day.month_label(),
            (Cell::Date(day), _) => day.to_string(),
        }
    }
}

/// A text of the data in which what no page and no workbook can hold, such as control characters, has become blanks.
pub fn printable(text: &str) -> String {
    let forbidden =
        |c: char| matches!(c, '\u{2028}' | '\u{2029}' | '\u{fffe}' | '\u{ffff}') || (c.is_control() && c != '\n');
    text.replace(forbidden, " ")
}

/// A share as percent with one decimal: `12.3 %`.
pub fn percent(share: f64) -> String {
    decimal::percent(share, 1) + " %"
}

/// By how many points one share is above another, each as [`percent`] shows it: 91.7 % is 0.5 below 92.2 %.
pub fn points(now: f64, before: f64) -> f64 {
    let shown = |share| decimal::percent(share, 1).parse().unwrap_or(share * 100.0);
    shown(now) - shown(before)
}

/// A number as one decimal shows it.
pub fn shown(number: f64) -> f64 {
    decimal::fixed(number, 1).parse().unwrap_or(number)
}

/// A column of a table that is no mart.
pub fn column(title: &str, about: &str, format: Format) -> Column {
    Column {
        name: String::new(),
        title: title.to_owned(),
        about: about.to_owned(),
        format,
        hidden: false,
        numbered: false,
        below: Below::Nothing,
    }
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;

    use super::*;

    proptest! {
        /// Whoever subtracts what is printed gets what is printed.
        #[test]
        fn a_change_is_that_of_the_figures_as_they_are_shown(now in 0.0..1.0_f64, before in 0.0..1.0_f64) {
            let printed = |share| percent(share).trim_end_matches(" %").parse::<f64>().unwrap();
            let change = format!("{:+.1}", points(now, before));
            prop_assert_eq!(change, format!("{:+.1}", printed(now) - printed(before)));
        }
    }

    #[test]
    fn the_example_of_a_change() {
        // They are 0.58 apart, and 0.5 as they are shown: 91.7 % and 92.2 %.
        assert_eq!(format!("{:+.1}", points(0.9166, 0.9224)), "-0.5");
    }
}
