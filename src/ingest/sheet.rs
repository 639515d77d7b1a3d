//! Workbooks: XLSX cell by cell, XLS by its (small) sheets.
//!
//! A sheet is never taken as one rectangle: two far-apart cells in a file of two kilobytes would ask for gigabytes.
//! Before a workbook is opened, its directory is checked against caps that no export needs.

use std::fs::File;
use std::io::{BufReader, Read, Seek, SeekFrom};
use std::path::Path;

use calamine::{Data, DataRef, Reader, Sheet, SheetType, SheetVisible, Xls, Xlsx};

use super::values::{Cell, EPOCH_1904};
use super::{Cells, Row};
use crate::error::{Error, ExportProblem, Result};

const MOST_ENTRIES: usize = 10_000;
const MOST_BYTES: u64 = 2 << 30;
const MOST_RATIO: u64 = 200;
const MOST_COLUMNS: u32 = 1_000;

/// A workbook that is open for reading.
pub enum Workbook {
    /// Office Open XML.
    Xlsx(Box<Xlsx<BufReader<File>>>),
    /// BIFF.
    Xls(Box<Xls<BufReader<File>>>),
}

/// A sheet of a workbook.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct SheetName {
    /// What it is called.
    pub name: String,
    /// Whether a user sees it, and it holds cells.
    pub is_shown: bool,
}

/// An owned cell, while its row is gathered.
enum Held {
    Text(String),
    Number(f64),
    Serial(f64),
    Flag(bool),
    Broken(String),
}

impl Workbook {
    /// Opens a workbook by what its bytes say it is.
    pub fn open(path: &Path, name: &str) -> Result<Workbook> {
        let mut file = BufReader::new(File::open(path).map_err(Error::io("open", path))?);
        let mut start = [0; 8];
        let count = file.read(&mut start).map_err(Error::io("read", path))?;
        file.seek(SeekFrom::Start(0)).map_err(Error::io("read", path))?;
        let damaged = |reason: String| Error::export(name, ExportProblem::Damaged { reason });
        match &start[..count] {
            [b'P', b'K', ..] => {
                within_caps(path, name)?;
                let book = Xlsx::new(file).map_err(|error| damaged(error.to_string()))?;
                Ok(Workbook::Xlsx(Box::new(book)))
            }
            [0xd0, 0xcf, 0x11, 0xe0, ..] => {
                let book = Xls::new(file).map_err(|error| damaged(error.to_string()))?;
                Ok(Workbook::Xls(Box::new(book)))
            }
            bytes => {
                let looks_like = if bytes.trim_ascii_start().starts_with(b"<") { "HTML" } else { "text" };
                Err(Error::export(name, ExportProblem::WrongFormat { looks_like: looks_like.into() }))
            }
        }
    }

    /// Its sheets, in their order.
    pub fn sheets(&self) -> Vec<SheetName> {
        let all = match self {
            Workbook::Xlsx(book) => book.sheets_metadata(),
            Workbook::Xls(book) => book.sheets_metadata(),
        };
        let named = |sheet: &Sheet| SheetName {
            name: sheet.name.clone(),
            is_shown: sheet.visible == SheetVisible::Visible && sheet.typ == SheetType::WorkSheet,
        };
        all.iter().map(named).collect()
    }

    /// Gives every row of a sheet that holds anything to `visit`, until it says that it has seen enough.
    pub fn each_row(&mut self, name: &str, sheet: &str, mut visit: impl FnMut(Row<'_>) -> Result<bool>) -> Result<()> {
        let damaged = |reason: String| Error::export(name, ExportProblem::Damaged { reason });
        let mut row = SheetRow { sheet, number: 0, cells: Vec::new() };
        match self {
            Workbook::Xlsx(book) => {
                let shifted = book.has_1904_epoch();
                let mut cells = book.worksheet_cells_reader(sheet).map_err(|error| damaged(error.to_string()))?;
                while let Some(cell) = cells.next_cell().map_err(|error| damaged(error.to_string()))? {
                    let (number, column) = cell.get_position();
                    if number != row.number && !row.give(&mut visit, shifted)? {
                        return Ok(());
                    }
                    row.number = number;
                    row.put(name, column, held_ref(cell.get_value(), shifted))?;
                }
                row.give(&mut visit, shifted)?;
            }
            Workbook::Xls(book) => {
                let shifted = book.has_1904_epoch();
                let range = book.worksheet_range(sheet).map_err(|error| damaged(error.to_string()))?;
                let (top, left) = range.start().unwrap_or_default();
                for (offset, cells) in range.rows().enumerate() {
                    row.number = top + offset as u32;
                    for (column, data) in cells.iter().enumerate() {
                        row.put(name, left + column as u32, held_ref(&borrowed(data), shifted))?;
                    }
                    if !row.give(&mut visit, shifted)? {
                        return Ok(());
                    }
                }
            }
        }
        Ok(())
    }
}

/// Refuses a workbook whose directory promises more than any export holds.
fn within_caps(path: &Path, name: &str) -> Result<()> {
    let file = File::open(path).map_err(Error::io("open", path))?;
    let mut archive = zip::ZipArchive::new(BufReader::new(file))
        .map_err(|error| Error::export(name, ExportProblem::Damaged { reason: error.to_string() }))?;
    let too_large = |what: String| Err(Error::export(name, ExportProblem::TooLarge { what }));
    if archive.len() > MOST_ENTRIES {
        return too_large(format!("{} entries", archive.len()));
    }
    let mut total = 0;
    for index in 0..archive.len() {
        let Ok(entry) = archive.by_index_raw(index) else { continue };
        total += entry.size();
        if entry.size() > 1 << 20 && entry.size() / entry.compressed_size().max(1) > MOST_RATIO {
            return too_large(format!("{} bytes from {}", entry.size(), entry.compressed_size()));
        }
    }
    if total > MOST_BYTES { too_large(format!("{total} bytes")) } else { Ok(()) }
}

/// The row that is being gathered.
struct SheetRow<'a> {
    sheet: &'a str,
    number: u32,
    cells: Vec<Option<Held>>,
}

impl SheetRow<'_> {
    fn put(&mut self, name: &str, column: u32, held: Option<Held>) -> Result<()> {
        let Some(held) = held else { return Ok(()) };
        if column >= MOST_COLUMNS {
            return Err(Error::export(name, ExportProblem::TooLarge { what: format!("column {}", column + 1) }));
        }
        let index = column as usize;
        if self.cells.len() <= index {
            self.cells.resize_with(index + 1, || None);
        }
        self.cells[index] = Some(held);
        Ok(())
    }

    /// Hands the gathered row on, unless it is blank, and empties it.
    fn give(&mut self, visit: &mut impl FnMut(Row<'_>) -> Result<bool>, shifted: bool) -> Result<bool> {
        let number = |number: f64| if shifted { Cell::NumberSince1904(number) } else { Cell::Number(number) };
        let cells: Vec<Cell<'_>> = self
            .cells
            .iter()
            .map(|held| match held {
                None => Cell::Empty,
                Some(Held::Text(text)) => Cell::Text(text),
                Some(Held::Number(n)) => number(*n),
                Some(Held::Serial(serial)) => Cell::Serial(*serial),
                Some(Held::Flag(flag)) => Cell::Flag(*flag),
                Some(Held::Broken(code)) => Cell::Broken(code),
            })
            .collect();
        let blank = cells.iter().all(|cell| matches!(cell, Cell::Empty));
        let line = u64::from(self.number) + 1;
        let row = Row { sheet: Some(self.sheet), line, undecodable: false, cells: Cells::Sheet(&cells) };
        let more = blank || visit(row)?;
        self.cells.clear();
        Ok(more)
    }
}

fn held_ref(data: &DataRef<'_>, shifted: bool) -> Option<Held> {
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

fn held_text(text: &str) -> Option<Held> {
    (!text.trim().is_empty()).then(|| Held::Text(text.to_owned()))
}
