//! One export file → typed Parquet and rejects.
//!
//! Every row of every file ends in exactly one place: it is accepted into the lake, listed among the rejects with its
//! reason, or counted as an exact duplicate. `read = accepted + rejected + duplicate` holds for each file, and the run
//! fails where it does not. Rows pass through one by one; what is kept of each is 48 bytes on disk, to find duplicates
//! across files.

mod alike;
mod archive;
mod called;
mod compound;
mod duplicates;
mod eventlog;
mod footer;
mod form;
pub mod guess;
pub(crate) mod headers;
mod held;
mod html;
mod identifiers;
pub mod mapping;
mod merged;
mod ocel;
#[cfg(feature = "odbc")]
mod odbc;
mod outcome;
mod parquet;
mod queried;
pub mod query;
mod quotes;
mod reader;
mod reasons;
pub mod rejects;
pub(crate) mod returned;
mod scans;
mod sheet;
mod spans;
pub mod survey;
mod text;
mod touched;
pub mod values;
mod xes;
mod xml;
pub mod zone;

use std::collections::BTreeMap;
use std::path::Path;

use serde::{Deserialize, Serialize};

pub use called::Called;
pub use eventlog::LogNote;
pub use held::FileForm;
pub use outcome::{Outcome, Reason};
pub use scans::Scans;
pub use text::fingerprint;
pub use touched::Incomplete;

use crate::contract::recall::{self, TableName};
use crate::contract::{Parent, TABLES};
use crate::error::{Error, Gate, Result};
use crate::spelling::Joined;
use crate::words::{Lang, Words};
use form::Form;
use identifiers::Spellings;
use mapping::{Mapping, TableMapping};
use reader::{Known, TableReader};
use survey::Survey;
use values::{Cell, Vocabulary};

/// What an ingest works with.
pub struct Settings<'a> {
    /// The folder of the exports.
    pub data: &'a Path,
    /// What is unusual about them.
    pub mapping: &'a Mapping,
    /// What stages are called, and what zone the office is in.
    pub words: &'a Vocabulary,
    /// Where `raw/<table>/*.parquet` goes.
    pub lake: &'a Path,
    /// Where `<table>.csv` of the rejects goes.
    pub rejects: &'a Path,
    /// Whether cases end by their last events, and need no column for it.
    pub ends_by_log: bool,
    /// Whether stages without a start begin where the one before ended.
    pub starts_by_log: bool,
    /// The language of what rejects expected.
    pub lang: Lang,
    /// What is known of files that were scanned before.
    pub scans: Option<&'a Scans>,
}

impl Settings<'_> {
    /// What a file says about itself.
    fn scan(&self, name: &str, path: &Path, mapping: &TableMapping) -> Result<text::Scan> {
        match self.scans {
            Some(scans) => scans.scan(name, path, mapping),
            None => form::scan(name, path, mapping),
        }
    }
}

/// What became of the rows of one file.
#[derive(Debug, Clone, Serialize, Deserialize)]
pub struct FileLedger {
    /// The table.
    #[serde(deserialize_with = "recall::table")]
    pub table: TableName,
    /// The file, relative to the data folder.
    pub file: String,
    /// SHA-256 of the file, lower-case hexadecimal.
    pub sha256: String,
    /// Its size.
    pub bytes: u64,
    /// What its bytes are, whatever its name says.
    pub form: FileForm,
    /// The encoding of a text file.
    pub encoding: Option<String>,
    /// Rows that hold anything, the header and what stands above it apart.
    pub read: u64,
    /// Rows that went into the lake.
    pub accepted: u64,
    /// Rows that are listed among the rejects.
    pub rejected: u64,
    /// Those of them that are totals, signatures or remarks below the table: the gate does not count them.
    pub footers: u64,
    /// Those of them with which a file ends that may be cut off there: the gate does not count them either.
    #[serde(skip_serializing_if = "is_none", default)]
    pub cut_off: u64,
    /// Rows that repeat an earlier one exactly, or that the mapping's `repeat` sets aside.
    pub duplicate: u64,
    /// Cells of accepted rows that held nothing and took the mapping's default, by column.
    #[serde(default, deserialize_with = "recall::by_column", skip_serializing_if = "BTreeMap::is_empty")]
    pub filled: BTreeMap<&'static str, u64>,
    /// Dates that stand for none, such as 9999-12-31, and were read as nothing, by column; those of duplicates too.
    #[serde(default, deserialize_with = "recall::by_column", skip_serializing_if = "BTreeMap::is_empty")]
    pub sentinels: BTreeMap<&'static str, u64>,
    /// Cells that took the value of the cell above, with which they are merged.
    pub merged: u64,
    /// Of a wide ledger: what its rows gave.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub groups: Option<Grouped>,
    /// Rows whose status word names a column that has no date, by column.
    #[serde(default, deserialize_with = "recall::by_column", skip_serializing_if = "BTreeMap::is_empty")]
    pub undated: BTreeMap<&'static str, u64>,
    /// Rows whose status word means none of a column's, and that fill it, by column.
    #[serde(default, deserialize_with = "recall::by_column", skip_serializing_if = "BTreeMap::is_empty")]
    pub aside: BTreeMap<&'static str, u64>,
}

/// What the rows of a wide ledger gave: `rows × groups = made + partial + empty`.
#[derive(Debug, Default, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
pub struct Grouped {
    /// Rows of the file, without those that can be read in no group.
    pub rows: u64,
    /// Groups of columns, each of which can give a row of the table.
    pub groups: u64,
    /// Rows of the table that they gave.
    pub made: u64,
    /// Of them, passes that are only planned.
    pub planned: u64,
    /// Groups in which nothing happened yet and that say too little for a plan, such as a department alone.
    pub partial: u64,
    /// Groups without anything.
    pub empty: u64,
}

impl Grouped {
    /// Adds what other rows gave.
    fn add(&mut self, others: &Grouped) {
        self.rows += others.rows;
        self.groups = others.groups;
        self.made += others.made;
        self.planned += others.planned;
        self.partial += others.partial;
        self.empty += others.empty;
    }

    /// The counts in words.
    pub fn say(&self, table: &str, lang: Lang) -> String {
        let Grouped { rows, groups, made, planned, partial, empty } = self;
        let title = crate::contract::title(table, lang);
        let only_planned = match planned {
            0 => String::new(),
            _ => lang.pick(format!("（其中 {planned} 条只有计划）"), format!(" ({planned} of them only planned)")),
        };
        let text = lang.pick(
            format!("文件 {rows} 行 × {groups} 组：{title} {made} 条{only_planned}，{empty} 组没有内容"),
            format!("{rows} rows of the file × {groups} groups: {made} {title}{only_planned}, {empty} groups without anything"),
        );
        match partial {
            0 => text,
            _ => {
                text + &lang.pick(
                    format!("，{partial} 组没有发生时间，计划也不全（缺要求完成日期或部门等）"),
                    format!(", {partial} without a time and without a whole plan (a due date and, say, a department)"),
                )
            }
        }
    }
}

impl FileLedger {
    /// A file of which nothing is read yet.
    fn of(table: &'static str, file: &str, scan: &text::Scan, form: FileForm) -> FileLedger {
        FileLedger {
            table,
            file: file.to_owned(),
            sha256: scan.sha256.clone(),
            bytes: scan.bytes,
            form,
            encoding: scan.encoding.map(|encoding| encoding.name().to_owned()),
            read: 0,
            accepted: 0,
            rejected: 0,
            footers: 0,
            cut_off: 0,
            duplicate: 0,
            filled: BTreeMap::new(),
            sentinels: BTreeMap::new(),
            merged: 0,
            groups: None,
            undated: BTreeMap::new(),
            aside: BTreeMap::new(),
        }
    }

    /// The rows whose status word and date do not go together, in words.
    pub fn statuses(&self, lang: Lang) -> Vec<String> {
        let told = |(column, rows): (&&str, &u64)| {
            lang.pick(
                format!("状态应有 {column} 而没有日期的 {rows} 行，按未发生处理"),
                format!("without a date although the status says `{column}`, counted as not happened: {rows}"),
            )
        };
        let aside = |(column, rows): (&&str, &u64)| {
            lang.pick(
                format!("状态不属于 {column} 而填有日期的 {rows} 行，该日期未采用"),
                format!("with a date although the status word means no `{column}`, which is not used: {rows}"),
            )
        };
        self.undated.iter().map(told).chain(self.aside.iter().map(aside)).collect()
    }
}

/// What became of all rows.
#[derive(Debug, Default, Serialize)]
pub struct Ledger {
    /// One line per file, in reading order.
    pub files: Vec<FileLedger>,
    /// How many rows of each table were rejected for each reason.
    pub reasons: Vec<Reason>,
    /// The accepted cases that lost rows, by table.
    pub incomplete: Vec<Incomplete>,
    /// What was wrong with the rows of each table, a line for what is alike.
    #[serde(skip)]
    pub alike: BTreeMap<&'static str, Vec<Words>>,
    /// Identifiers that the exports spell in several ways.
    #[serde(skip)]
    pub joined: Vec<Joined>,
    /// What was read of the files, and what was not.
    pub survey: Survey,
}

impl Ledger {
    /// Counts the rows that absent columns concern.
    fn count_absent(&mut self) {
        for absent in &mut self.survey.absent {
            let concerns = |file: &&FileLedger| {
                file.table == absent.table && (absent.files.is_empty() || absent.files.contains(&file.file))
            };
            absent.rows = Some(self.files.iter().filter(concerns).map(|file| file.accepted).sum());
        }
    }

    /// Rows read, of all files.
    pub fn read(&self) -> u64 {
        self.files.iter().map(|file| file.read).sum()
    }

    /// Rows read, accepted, rejected and repeated of one table; `None` where it has no file.
    pub fn table(&self, table: &str) -> Option<[u64; 4]> {
        let mut files = self.files.iter().filter(|file| file.table == table).peekable();
        files.peek()?;
        Some(files.fold([0; 4], |sum, file| {
            [sum[0] + file.read, sum[1] + file.accepted, sum[2] + file.rejected, sum[3] + file.duplicate]
        }))
    }

    /// Fails where more than `max_rejects` (0–1) of a table was rejected, or none of it is left.
    pub fn gate(&self, max_rejects: f64) -> Result<()> {
        for table in TABLES {
            let Some([read, accepted, rejected, _]) = self.table(table.name) else { continue };
            let of_table = self.files.iter().filter(|file| file.table == table.name);
            let apart: u64 = of_table.map(|file| file.footers + file.cut_off).sum();
            let (read, rejected) = (read - apart, rejected - apart);
            let nothing_left = accepted == 0 && (read > 0 || table.parent == Parent::None && table.required);
            if nothing_left || rejected as f64 > max_rejects * read as f64 {
                let alike = self.alike.get(table.name).cloned().unwrap_or_default();
                let table = table.name.to_owned();
                return Err(Error::Gate {
                    gate: Gate::Rejects { table, read, accepted, rejected, max_rejects, alike, kept: None },
                });
            }
        }
        Ok(())
    }
}

fn is_none(rows: &u64) -> bool {
    *rows == 0
}

/// One row of an export, before it is typed.
pub struct Row<'a> {
    sheet: Option<&'a str>,
    line: u64,
    undecodable: bool,
    /// Of the last line of a text that nothing ends: whether its last field is whole for certain.
    unended: Option<bool>,
    /// How many cells took the value of the cell above, with which they are merged.
    merged: u64,
    cells: Cells<'a>,
}

/// The cells of a row.
enum Cells<'a> {
    Text(text::Record<'a>),
    Sheet(&'a [Cell<'a>]),
    /// Those of a case without events: a row of nothing but the table of cases.
    Case(&'a [Cell<'a>]),
}

impl<'a> Cells<'a> {
    fn get(&self, index: usize) -> Cell<'a> {
        match self {
            Cells::Text(record) => record.cell(index),
            Cells::Sheet(cells) | Cells::Case(cells) => cells.get(index).copied().unwrap_or(Cell::Empty),
        }
    }

    fn len(&self) -> usize {
        match self {
            Cells::Text(record) => record.len(),
            Cells::Sheet(cells) | Cells::Case(cells) => cells.len(),
        }
    }
}

/// A file that has been looked through.
struct Source<'a> {
    name: &'a str,
    path: &'a Path,
    form: Form,
}

/// A sheet of a source; one without a name for what is no workbook.
struct SheetOf {
    name: Option<String>,
    is_shown: bool,
}

impl Source<'_> {
    /// Its sheets, in their order.
    fn sheets(&self) -> Vec<SheetOf> {
        match &self.form {
            Form::Workbook(book) => {
                let sheets = book.sheets().into_iter();
                sheets.map(|sheet| SheetOf { name: Some(sheet.name), is_shown: sheet.is_shown }).collect()
            }
            Form::Text { .. } | Form::Parquet | Form::Xes(_) | Form::Ocel(_) => {
                vec![SheetOf { name: None, is_shown: true }]
            }
        }
    }

    fn each_row(&mut self, sheet: Option<&str>, visit: impl FnMut(Row<'_>) -> Result<bool>) -> Result<()> {
        self.form.each_row(self.path, self.name, sheet, visit)
    }
}

/// Reads every table of the contract that has files, as surveyed; `progress` hears of each table and its rows.
pub fn run(settings: &Settings<'_>, survey: Survey, progress: &dyn Fn(&str, u64)) -> Result<Ledger> {
    let mut ledger = Ledger { survey, ..Ledger::default() };
    let (mut known, mut spellings) = (Known::default(), Spellings::default());
    for table in TABLES {
        let mapping = settings.mapping.table(table);
        if ledger.survey.of_table(table.name).next().is_none() {
            continue;
        }
        let mut reader = TableReader::open(table, mapping, settings, &ledger.survey, &known, &mut spellings, progress)?;
        let files = ledger.survey.files.iter_mut().filter(|file| file.table == Some(table.name));
        for (index, file) in files.enumerate() {
            reader.read(index as u32, file)?;
        }
        let accepted = reader.settle(&mut ledger)?;
        match table.name {
            "applications" => known.applications = accepted,
            "faults" => known.faults = Some(accepted),
            _ => {}
        }
    }
    ledger.joined = spellings.settle(settings.lake)?;
    ledger.count_absent();
    Ok(ledger)
}

/// What can be read of every table, without writing anything.
pub fn check(settings: &Settings<'_>) -> Result<Survey> {
    Survey::of(settings)
}

/// Opens a file that has been scanned.
fn open<'a>(name: &'a str, path: &'a Path, mapping: &TableMapping, scan: &text::Scan) -> Result<Source<'a>> {
    Ok(Source { name, path, form: Form::open(name, path, mapping, scan)? })
}
