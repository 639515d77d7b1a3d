//! Workbooks: XLSX and XLSB cell by cell, XLS, ODS and the tables of web pages by their (small) sheets.
//!
//! A sheet is never taken as one rectangle: two far-apart cells in a file of two kilobytes would ask for gigabytes.
//! Before a workbook is opened, its directory is checked against caps that no export needs. A formula whose value the
//! file does not hold is told apart from an empty cell, and a cell that is merged down the rows takes its value.

use std::collections::BTreeMap;
use std::fs::File;
use std::io::{BufReader, Read, Seek, SeekFrom};
use std::path::Path;

use calamine::{
    Data, DataRef, Dimensions, Ods, OdsError, Range, Reader, Sheet, SheetType, SheetVisible, Xls, XlsError, Xlsb,
    XlsbError, Xlsx, XlsxError,
};
use encoding_rs::Encoding;

use super::archive;
use super::compound;
use super::held::{FileForm, Held, MOST_COLUMNS};
use super::html::{self, HtmlCell};
use super::merged::Merged;
use super::reasons;
use super::spans;
use super::values::{Cell, EPOCH_1904};
use super::{Cells, Row};
use crate::error::{Error, ExportProblem, Result};
use crate::words::Words;

/// A workbook that is open for reading.
pub struct Workbook {
    book: Book,
    /// Sheet → its merged regions, once they were asked for.
    merged: BTreeMap<String, Vec<Dimensions>>,
}

enum Book {
    Xlsx(Box<Xlsx<BufReader<File>>>),
    Xlsb(Box<Xlsb<BufReader<File>>>),
    Xls(Box<Xls<BufReader<File>>>),
    /// With the regions of its sheets that are merged, which the reader does not give.
    Ods(Box<Ods<BufReader<File>>>, BTreeMap<String, Vec<Dimensions>>),
    Html(Vec<html::Table>),
}

/// A sheet of a workbook.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct SheetName {
    /// What it is called.
    pub name: String,
    /// Whether a user sees it, and it holds cells.
    pub is_shown: bool,
}

/// A reader's error as one of ours: a password, or what else it says.
trait Refused: std::fmt::Display {
    fn is_password(&self) -> bool;

    fn of(&self, name: &str) -> Error {
        let problem = if self.is_password() {
            ExportProblem::Protected
        } else {
            ExportProblem::Damaged { reason: Words::quoting("工作簿无法读取", self) }
        };
        Error::export(name, problem)
    }
}

impl Refused for XlsxError {
    fn is_password(&self) -> bool {
        matches!(self, XlsxError::Password)
    }
}

impl Refused for XlsbError {
    fn is_password(&self) -> bool {
        matches!(self, XlsbError::Password)
    }
}

impl Refused for XlsError {
    fn is_password(&self) -> bool {
        matches!(self, XlsError::Password)
    }
}

impl Refused for OdsError {
    fn is_password(&self) -> bool {
        matches!(self, OdsError::Password)
    }
}

impl Book {
    /// Opens a workbook by what its bytes say it is.
    fn open(path: &Path, name: &str, declared: Option<&'static Encoding>) -> Result<Book> {
        let mut file = BufReader::new(File::open(path).map_err(Error::io("open", path))?);
        let mut start = [0; 4];
        let count = file.read(&mut start).map_err(Error::io("read", path))?;
        file.seek(SeekFrom::Start(0)).map_err(Error::io("read", path))?;
        match &start[..count] {
            [b'P', b'K', ..] => match within_caps(path, name)? {
                Packed::Xlsx => Ok(Book::Xlsx(Box::new(Xlsx::new(file).map_err(|error| error.of(name))?))),
                Packed::Xlsb => Ok(Book::Xlsb(Box::new(Xlsb::new(file).map_err(|error| error.of(name))?))),
                Packed::Ods => {
                    let book = Ods::new(file).map_err(|error| error.of(name))?;
                    Ok(Book::Ods(Box::new(book), spans::regions(path, name)?))
                }
            },
            [0xd0, 0xcf, 0x11, 0xe0] => {
                compound::check(path, name)?;
                // What is protected with a password is an XLSX inside, which only its own reader knows.
                let outer = BufReader::new(File::open(path).map_err(Error::io("open", path))?);
                if let Err(error @ XlsxError::Password) = Xlsx::new(outer) {
                    return Err(error.of(name));
                }
                Ok(Book::Xls(Box::new(Xls::new(file).map_err(|error| error.of(name))?)))
            }
            _ => Ok(Book::Html(html::tables(path, name, declared)?)),
        }
    }

    /// The regions of a sheet whose cells are merged.
    fn merged(&mut self, name: &str, sheet: &str) -> Result<Vec<Dimensions>> {
        match self {
            Book::Xlsx(book) => book.merge_cells_by_sheet_name(sheet).map_err(|error| error.of(name)),
            Book::Xls(book) => book.merge_cells_by_sheet_name(sheet).map_err(|error| error.of(name)),
            Book::Ods(_, regions) => Ok(regions.get(sheet).cloned().unwrap_or_default()),
            // A page's cells are laid out with what spans them.
            Book::Xlsb(_) | Book::Html(_) => Ok(Vec::new()),
        }
    }
}

impl Workbook {
    /// Opens a workbook; `declared` is the encoding of a web page.
    pub fn open(path: &Path, name: &str, declared: Option<&'static Encoding>) -> Result<Workbook> {
        Ok(Workbook { book: Book::open(path, name, declared)?, merged: BTreeMap::new() })
    }

    /// What the file turned out to be.
    pub fn form(&self) -> FileForm {
        match self.book {
            Book::Xlsx(_) => FileForm::Xlsx,
            Book::Xlsb(_) => FileForm::Xlsb,
            Book::Xls(_) => FileForm::Xls,
            Book::Ods(..) => FileForm::Ods,
            Book::Html(_) => FileForm::Html,
        }
    }

    /// Its sheets, in their order; the tables of a page by their number.
    pub fn sheets(&self) -> Vec<SheetName> {
        let all = match &self.book {
            Book::Xlsx(book) => book.sheets_metadata(),
            Book::Xlsb(book) => book.sheets_metadata(),
            Book::Xls(book) => book.sheets_metadata(),
            Book::Ods(book, _) => book.sheets_metadata(),
            Book::Html(tables) => {
                let shown = |number: usize| SheetName { name: number.to_string(), is_shown: true };
                return (1..=tables.len()).map(shown).collect();
            }
        };
        let named = |sheet: &Sheet| SheetName {
            name: sheet.name.clone(),
            is_shown: sheet.visible == SheetVisible::Visible && sheet.typ == SheetType::WorkSheet,
        };
        all.iter().map(named).collect()
    }

    /// Gives every row of a sheet that holds anything to `visit`, until it says that it has seen enough.
    pub fn each_row(&mut self, name: &str, sheet: &str, mut visit: impl FnMut(Row<'_>) -> Result<bool>) -> Result<()> {
        if !self.merged.contains_key(sheet) {
            let regions = self.book.merged(name, sheet)?;
            self.merged.insert(sheet.to_owned(), regions);
        }
        let merged = self.merged.get(sheet).map_or_else(Merged::default, |regions| Merged::new(regions));
        let mut row = SheetRow { name, sheet, shifted: false, number: 0, cells: Vec::new(), spanned: 0, merged };
        match &mut self.book {
            Book::Xlsx(book) => {
                row.shifted = book.has_1904_epoch();
                let mut cells = book.worksheet_cells_reader(sheet).map_err(|error| error.of(name))?;
                while let Some(cell) = cells.next_cell_with_formula_metadata().map_err(|error| error.of(name))? {
                    if !row.reach(cell.pos.0, &mut visit)? {
                        return Ok(());
                    }
                    let uncomputed = cell.formula.is_some() && matches!(cell.value, DataRef::Empty);
                    row.put(
                        cell.pos.1,
                        if uncomputed { Some(Held::Uncomputed) } else { held(&cell.value, row.shifted) },
                    )?;
                }
                row.give(&mut visit)?;
            }
            Book::Xlsb(book) => {
                row.shifted = book.has_1904_epoch();
                let mut cells = book.worksheet_cells_reader(sheet).map_err(|error| error.of(name))?;
                while let Some(cell) = cells.next_cell().map_err(|error| error.of(name))? {
                    let (number, column) = cell.get_position();
                    if !row.reach(number, &mut visit)? {
                        return Ok(());
                    }
                    row.put(column, held(cell.get_value(), row.shifted))?;
                }
                row.give(&mut visit)?;
            }
            Book::Xls(book) => {
                row.shifted = book.has_1904_epoch();
                let range = book.worksheet_range(sheet).map_err(|error| error.of(name))?;
                row.give_range(&range, &Range::empty(), &mut visit)?;
            }
            Book::Ods(book, _) => {
                let range = book.worksheet_range(sheet).map_err(|error| error.of(name))?;
                let formulas = book.worksheet_formula(sheet).map_err(|error| error.of(name))?;
                row.give_range(&range, &formulas, &mut visit)?;
            }
            Book::Html(tables) => {
                let table = sheet.parse().ok().and_then(|number: usize| tables.get(number.checked_sub(1)?));
                for (number, cells) in (0..).zip(table.into_iter().flatten()) {
                    row.number = number;
                    for (column, cell) in (0..).zip(cells) {
                        row.put_html(column, cell)?;
                    }
                    if !row.give(&mut visit)? {
                        return Ok(());
                    }
                }
            }
        }
        Ok(())
    }
}

/// Which workbook a ZIP archive is.
enum Packed {
    Xlsx,
    Xlsb,
    Ods,
}

/// Refuses a workbook whose directory promises more than any export holds, and says which one it is.
fn within_caps(path: &Path, name: &str) -> Result<Packed> {
    let archive = archive::open(path, name)?;
    match archive {
        _ if archive.index_for_name("xl/workbook.bin").is_some() => Ok(Packed::Xlsb),
        _ if archive.index_for_name("content.xml").is_some() => Ok(Packed::Ods),
        _ => Ok(Packed::Xlsx),
    }
}

/// The row that is being gathered.
struct SheetRow<'a> {
    name: &'a str,
    sheet: &'a str,
    /// Whether the workbook counts its days from 1904.
    shifted: bool,
    number: u32,
    cells: Vec<Option<Held>>,
    /// How many cells hold what a cell above, which spans them, holds.
    spanned: u64,
    merged: Merged,
}

impl SheetRow<'_> {
    /// Goes on to a row: hands on the one before, if it is another.
    fn reach(&mut self, number: u32, visit: &mut impl FnMut(Row<'_>) -> Result<bool>) -> Result<bool> {
        let more = number == self.number || self.give(visit)?;
        self.number = number;
        Ok(more)
    }

    fn put(&mut self, column: u32, held: Option<Held>) -> Result<()> {
        let Some(held) = held else { return Ok(()) };
        let index = column as usize;
        if column >= MOST_COLUMNS {
            return Err(Error::export(self.name, ExportProblem::TooLarge { what: reasons::column(index + 1) }));
        }
        if self.cells.len() <= index {
            self.cells.resize_with(index + 1, || None);
        }
        self.cells[index] = Some(held);
        Ok(())
    }

    fn put_html(&mut self, column: u32, cell: &HtmlCell) -> Result<()> {
        let held = held_text(&cell.text);
        self.spanned += u64::from(cell.spanned && held.is_some());
        self.put(column, held)
    }

    /// Hands on the rows of a sheet that is held as a whole.
    fn give_range(
        &mut self,
        range: &Range<Data>,
        formulas: &Range<String>,
        visit: &mut impl FnMut(Row<'_>) -> Result<bool>,
    ) -> Result<()> {
        let (top, left) = range.start().or(formulas.start()).unwrap_or_default();
        let (bottom, right) = range.end().max(formulas.end()).unwrap_or_default();
        for number in top.min(formulas.start().map_or(top, |at| at.0))..=bottom {
            self.number = number;
            for column in left.min(formulas.start().map_or(left, |at| at.1))..=right {
                let value = range.get_value((number, column)).unwrap_or(&Data::Empty);
                let formula = formulas.get_value((number, column)).is_some_and(|formula| !formula.is_empty());
                let uncomputed = formula && *value == Data::Empty;
                self.put(
                    column,
                    if uncomputed { Some(Held::Uncomputed) } else { held(&borrowed(value), self.shifted) },
                )?;
            }
            if !self.give(visit)? {
                return Ok(());
            }
        }
        Ok(())
    }

    /// Hands the gathered row on, unless it is blank, and empties it.
    fn give(&mut self, visit: &mut impl FnMut(Row<'_>) -> Result<bool>) -> Result<bool> {
        let blank = self.cells.iter().all(Option::is_none);
        let merged = if blank { 0 } else { self.spanned + self.merged.fill(self.number, &mut self.cells) };
        let cells: Vec<Cell<'_>> = self.cells.iter().map(|held| cell(held.as_ref(), self.shifted)).collect();
        let line = u64::from(self.number) + 1;
        let row = Row {
            sheet: Some(self.sheet),
            line,
            undecodable: false,
            unended: None,
            merged,
            cells: Cells::Sheet(&cells),
        };
        let more = blank || visit(row)?;
        self.cells.clear();
        self.spanned = 0;
        Ok(more)
    }
}

fn cell(held: Option<&Held>, shifted: bool) -> Cell<'_> {
    match held {
        None => Cell::Empty,
        Some(Held::Text(text)) => Cell::Text(text),
        Some(Held::Number(number)) if shifted => Cell::NumberSince1904(*number),
        Some(Held::Number(number)) => Cell::Number(*number),
        Some(Held::Serial(serial)) => Cell::Serial(*serial),
        Some(Held::Flag(flag)) => Cell::Flag(*flag),
        Some(Held::Broken(code)) => Cell::Broken(code),
        Some(Held::Uncomputed) => Cell::Uncomputed,
    }
}

fn held(data: &DataRef<'_>, shifted: bool) -> Option<Held> {
    match data {
        DataRef::Empty => None,
        DataRef::String(text) | DataRef::DateTimeIso(text) | DataRef::DurationIso(text) => held_text(text),
        DataRef::SharedString(text) => held_text(text),
        DataRef::Int(number) => Some(Held::Number(*number as f64)),
        DataRef::Float(number) => Some(Held::Number(*number)),
        DataRef::Bool(flag) => Some(Held::Flag(*flag)),
        DataRef::DateTime(at) => Some(Held::Serial(at.as_f64() + if shifted { EPOCH_1904 } else { 0.0 })),
        DataRef::Error(code) => Some(Held::Broken(code.to_string())),
    }
}

fn borrowed(data: &Data) -> DataRef<'_> {
    match data {
        Data::Empty => DataRef::Empty,
        Data::String(text) | Data::DateTimeIso(text) | Data::DurationIso(text) => DataRef::SharedString(text),
        Data::Int(number) => DataRef::Int(*number),
        Data::Float(number) => DataRef::Float(*number),
        Data::Bool(flag) => DataRef::Bool(*flag),
        Data::DateTime(at) => DataRef::DateTime(*at),
        Data::Error(code) => DataRef::Error(code.clone()),
    }
}

/// A cell of a workbook holds at most 32,767 characters; what a made-up one holds more is not read.
const MOST_TEXT: usize = 4 * 32_767;

fn held_text(text: &str) -> Option<Held> {
    let text = &text[..text.floor_char_boundary(MOST_TEXT)];
    (!text.trim().is_empty()).then(|| Held::Text(text.to_owned()))
}

#[cfg(test)]
mod tests;
