//! The canonical layout: clean tables, streamed row by row.

use std::fs::File;
use std::io::Write;
use std::path::{Path, PathBuf};

use yekuo_calendar::Day;

use super::tables::Table;
use super::value::Value;
use super::{Error, Result};

/// Bytes that a CSV file holds before it writes them.
const HELD: usize = 1 << 20;

/// One file per table: `applications.csv`, …
pub struct Canonical {
    tables: Vec<CsvTable>,
    dates: Dates,
}

impl Canonical {
    /// Opens the files; `from` is the first day that its rows are likely to name.
    pub fn create(folder: &Path, from: Day) -> Result<Canonical> {
        let tables = Table::ALL.into_iter().map(|table| CsvTable::create(folder, table));
        Ok(Canonical { tables: tables.collect::<Result<_>>()?, dates: Dates::from(from) })
    }

    /// Adds a row.
    pub fn push(&mut self, table: Table, row: &[Value<'_>]) -> Result<()> {
        self.tables[table as usize].push(row, &self.dates)
    }

    /// Closes the files and names them.
    pub fn finish(self) -> Result<Vec<PathBuf>> {
        self.tables.into_iter().map(CsvTable::finish).collect()
    }
}

/// One CSV file that is being written.
struct CsvTable {
    path: PathBuf,
    file: File,
    held: Vec<u8>,
}

impl CsvTable {
    fn create(folder: &Path, table: Table) -> Result<CsvTable> {
        let path = folder.join(format!("{}.csv", table.name()));
        let file = File::create(&path).map_err(Error::io("write", &path))?;
        let header: Vec<&str> = table.columns().iter().map(|column| column.name).collect();
        let mut held = Vec::with_capacity(HELD + 4096);
        held.extend_from_slice(header.join(",").as_bytes());
        held.push(b'\n');
        Ok(CsvTable { path, file, held })
    }

    fn push(&mut self, row: &[Value<'_>], dates: &Dates) -> Result<()> {
        let out = &mut self.held;
        for (position, value) in row.iter().enumerate() {
            if position > 0 {
                out.push(b',');
            }
            match value {
                Value::Null => {}
                Value::Text(text) => quote(text, out),
                Value::Date(day) => dates.write(*day, out),
                Value::Instant(at) => {
                    dates.write(at.day(), out);
                    let seconds = at.seconds_of_day();
                    for (sign, two) in [(b' ', seconds / 3600), (b':', seconds / 60 % 60), (b':', seconds % 60)] {
                        out.extend_from_slice(&[sign, b'0' + (two / 10) as u8, b'0' + (two % 10) as u8]);
                    }
                }
                other => out.extend_from_slice(other.display().as_bytes()),
            }
        }
        out.push(b'\n');
        if out.len() >= HELD { self.flush() } else { Ok(()) }
    }

    fn flush(&mut self) -> Result<()> {
        self.file.write_all(&self.held).map_err(Error::io("write", &self.path))?;
        self.held.clear();
        Ok(())
    }

    fn finish(mut self) -> Result<PathBuf> {
        self.flush()?;
        Ok(self.path)
    }
}

/// Writes a field as RFC 4180 wants it.
fn quote(text: &str, out: &mut Vec<u8>) {
    if text.contains([',', '"', '\n', '\r']) {
        out.push(b'"');
        out.extend_from_slice(text.replace('"', "\"\"").as_bytes());
        out.push(b'"');
    } else {
        out.extend_from_slice(text.as_bytes());
    }
}

/// Days as text, made once: a million applications name some forty million of them.
struct Dates {
    first: Day,
    texts: Vec<String>,
}

impl Dates {
    /// Twelve years from `first` are made beforehand; others when they are asked for.
    fn from(first: Day) -> Dates {
        Dates { first, texts: (first.0..first.0 + 4383).map(|day| Day(day).to_string()).collect() }
    }

    fn write(&self, day: Day, out: &mut Vec<u8>) {
        match usize::try_from(day.0 - self.first.0).ok().and_then(|at| self.texts.get(at)) {
            Some(text) => out.extend_from_slice(text.as_bytes()),
            None => out.extend_from_slice(day.to_string().as_bytes()),
        }
    }
}
