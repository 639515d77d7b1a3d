//! One export file → typed Parquet and rejects.
//!
//! Every row of every file ends in exactly one place: it is accepted into the lake, listed among the rejects with its
//! reason, or counted as an exact duplicate. `read = accepted + rejected + duplicate` holds for each file, and the run
//! fails where it does not. Rows pass through one by one; what is kept of each is 48 bytes on disk, to find duplicates
//! across files.

mod alike;
mod archive;
mod duplicates;
mod footer;
mod form;
pub(crate) mod headers;
mod held;
mod html;
pub mod mapping;
mod merged;
mod parquet;
mod quotes;
pub mod rejects;
mod sheet;
mod spans;
pub mod survey;
mod text;
pub mod values;
pub mod zone;

use std::collections::{BTreeMap, HashSet};
use std::path::{Path, PathBuf};

use serde::Serialize;

pub use held::FileForm;
pub use text::{fingerprint, hex};

use crate::calendar::Instant;
use crate::contract::{self, Parent, TABLES, Table};
use crate::error::{Error, ExportProblem, Gate, Result};
use crate::lake::{self, Layout, TableWriter, Value};
use crate::words::Lang;
use alike::Alike;
use duplicates::{Keys, Place, Repeat};
use form::{Form, scan};
use mapping::{Mapping, Repeats, TableMapping};
use rejects::{Code, Reject, RejectFile};
use survey::{FileSurvey, Layout as Headers, Note, SheetState, Survey};
use values::{Cell, Refusal, Vocabulary};

/// The most rows of a file; each of them is remembered until its table is read.
const MOST_ROWS: u64 = 200_000_000;

/// The column of raw files that names the line on which each row stood.
const SOURCE_LINE: &str = "source_line";

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
    /// The language of what rejects expected.
    pub lang: Lang,
}

/// What became of the rows of one file.
#[derive(Debug, Clone, Serialize)]
pub struct FileLedger {
    /// The table.
    pub table: &'static str,
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
    /// Rows that repeat an earlier one exactly, or that the mapping's `repeat` sets aside.
    pub duplicate: u64,
    /// Cells of accepted rows that held nothing and took the mapping's default, by column.
    #[serde(skip_serializing_if = "BTreeMap::is_empty")]
    pub filled: BTreeMap<&'static str, u64>,
    /// Dates that stand for none, such as 9999-12-31, and were read as nothing, by column; those of duplicates too.
    #[serde(skip_serializing_if = "BTreeMap::is_empty")]
    pub sentinels: BTreeMap<&'static str, u64>,
    /// Cells that took the value of the cell above, with which they are merged.
    pub merged: u64,
}

/// What became of all rows.
#[derive(Debug, Default, Serialize)]
pub struct Ledger {
    /// One line per file, in reading order.
    pub files: Vec<FileLedger>,
    /// How many rows of each table were rejected for each reason.
    pub reasons: BTreeMap<(&'static str, Code), u64>,
    /// What was wrong with the rows of each table, a line for what is alike.
    #[serde(skip)]
    pub alike: BTreeMap<&'static str, Vec<String>>,
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
            let footers: u64 = self.files.iter().filter(|file| file.table == table.name).map(|file| file.footers).sum();
            let (read, rejected) = (read - footers, rejected - footers);
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

/// One row of an export, before it is typed.
pub struct Row<'a> {
    sheet: Option<&'a str>,
    line: u64,
    undecodable: bool,
    /// How many cells took the value of the cell above, with which they are merged.
    merged: u64,
    cells: Cells<'a>,
}

/// The cells of a row.
enum Cells<'a> {
    Text(&'a csv::StringRecord),
    Sheet(&'a [Cell<'a>]),
}

impl<'a> Cells<'a> {
    fn get(&self, index: usize) -> Cell<'a> {
        match self {
            Cells::Text(record) => text::cell(record, index),
            Cells::Sheet(cells) => cells.get(index).copied().unwrap_or(Cell::Empty),
        }
    }

    fn len(&self) -> usize {
        match self {
            Cells::Text(record) => record.len(),
            Cells::Sheet(cells) => cells.len(),
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
            Form::Text { .. } | Form::Parquet => vec![SheetOf { name: None, is_shown: true }],
        }
    }

    fn each_row(&mut self, sheet: Option<&str>, visit: impl FnMut(Row<'_>) -> Result<bool>) -> Result<()> {
        self.form.each_row(self.path, self.name, sheet, visit)
    }
}

/// Reads every table of the contract that has files; `progress` hears of each table and its rows.
pub fn run(settings: &Settings<'_>, progress: &dyn Fn(&str, u64)) -> Result<Ledger> {
    let mut ledger = Ledger { survey: Survey::of(settings)?, ..Ledger::default() };
    let mut known = Known::default();
    for table in TABLES {
        let mapping = settings.mapping.table(table);
        if ledger.survey.of_table(table.name).next().is_none() {
            continue;
        }
        let words = mapping.vocabulary(table, settings.words);
        let mut reader = TableReader {
            table,
            mapping,
            defaults: defaults(table, mapping, &words),
            numbered: is_numbered(table, mapping, &ledger.survey),
            words,
            settings,
            known: &known,
            keys: Keys::create(settings.lake)?,
            rejects: RejectFile::create(settings.rejects, table)?,
            alike: Alike::default(),
            files: Vec::new(),
            reasons: BTreeMap::new(),
            progress,
        };
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
    ledger.count_absent();
    Ok(ledger)
}

/// What can be read of every table, without writing anything.
pub fn check(settings: &Settings<'_>) -> Result<Survey> {
    Survey::of(settings)
}

/// The text that stands where a table's column holds nothing, read once.
fn defaults<'a>(table: &Table, mapping: &'a TableMapping, words: &Vocabulary) -> Vec<Option<Value<'a>>> {
    let read = |column: &contract::Column| {
        let text = mapping.defaults.get(column.name)?;
        Some(values::read(column, Cell::Text(text), words).expect("the mapping's defaults were read with the mapping"))
    };
    table.columns.iter().map(read).collect()
}

/// Whether any file of the table numbers the passes of a stage: then a pass without a number is the first (docs/method.md §2).
/// Where none does, as in an event log, the clock numbers them by their start.
fn is_numbered(table: &Table, mapping: &TableMapping, survey: &Survey) -> bool {
    let has_pass = table.columns.iter().any(|column| column.name == "pass");
    !has_pass || mapping.defaults.contains_key("pass") || survey.has(table, "pass")
}

/// Opens a file that has been scanned.
fn open<'a>(name: &'a str, path: &'a Path, mapping: &TableMapping, scan: &text::Scan) -> Result<Source<'a>> {
    Ok(Source { name, path, form: Form::open(name, path, mapping, scan)? })
}

/// The cases that rows of other tables may belong to, as hashes of their identifiers.
#[derive(Default)]
struct Known {
    applications: HashSet<u128>,
    faults: Option<HashSet<u128>>,
}

/// One table while it is being read.
struct TableReader<'a> {
    table: &'static Table,
    mapping: &'a TableMapping,
    /// By column.
    defaults: Vec<Option<Value<'a>>>,
    /// Whether a stage's pass without a number is the first.
    numbered: bool,
    words: Vocabulary,
    settings: &'a Settings<'a>,
    known: &'a Known,
    keys: Keys,
    rejects: RejectFile,
    alike: Alike,
    files: Vec<OpenFile>,
    reasons: BTreeMap<(&'static str, Code), u64>,
    progress: &'a dyn Fn(&str, u64),
}

/// One file whose rows are parsed and whose duplicates are not yet known.
struct OpenFile {
    ledger: FileLedger,
    /// The sheets, each from its first parsed row on.
    sheets: Vec<(u32, String)>,
    /// Which columns took their default, a bit each, by parsed row; empty where the mapping has no defaults.
    filled: Vec<u64>,
    writer: TableWriter,
}

impl OpenFile {
    fn sheet_of(&self, row: u32) -> String {
        self.sheets.iter().rev().find(|(first, _)| *first <= row).map(|(_, sheet)| sheet.clone()).unwrap_or_default()
    }
}

/// A row whose every cell could be read.
struct Judged<'a> {
    values: Vec<Value<'a>>,
    /// The columns that took their default, a bit each.
    filled: u64,
    /// The columns whose date stands for none, a bit each.
    sentinels: u64,
}

impl<'a> TableReader<'a> {
    fn raw_path(&self, file: u32, stem: &str) -> PathBuf {
        self.settings.lake.join("raw").join(self.table.name).join(format!("{file:04}.{stem}"))
    }

    fn read(&mut self, index: u32, survey: &mut FileSurvey) -> Result<()> {
        let FileSurvey { file: name, path, sheets, scan, .. } = survey;
        let scan = match scan.take() {
            Some(scan) => scan,
            None => self::scan(name, path, self.mapping)?,
        };
        let mut source = open(name, path, self.mapping, &scan)?;
        self.words.comma = source.form.comma(self.mapping.decimal);
        let ledger = FileLedger {
            table: self.table.name,
            file: name.to_owned(),
            sha256: scan.sha256,
            bytes: scan.bytes,
            form: source.form.name(),
            encoding: scan.encoding.map(|encoding| encoding.name().to_owned()),
            read: 0,
            accepted: 0,
            rejected: 0,
            footers: 0,
            duplicate: 0,
            filled: BTreeMap::new(),
            sentinels: BTreeMap::new(),
            merged: 0,
        };
        let mut columns = self.table.layouts();
        columns.push((SOURCE_LINE, Layout::Integer));
        let writer = TableWriter::create(&self.raw_path(index, "part"), &columns)?;
        let mut file = OpenFile { ledger, sheets: Vec::new(), filled: Vec::new(), writer };
        let mut parsed = 0;
        for sheet in sheets {
            let SheetState::Read(reading) = &mut sheet.state else { continue };
            let layout = &reading.layout;
            let mut last_line = 0;
            file.sheets.push((parsed, sheet.sheet.clone().unwrap_or_default()));
            source.each_row(sheet.sheet.as_deref(), |row| {
                last_line = row.line;
                if row.line <= layout.line {
                    return Ok(true);
                }
                file.ledger.read += 1;
                file.ledger.merged += row.merged;
                if file.ledger.read > MOST_ROWS {
                    return Err(Error::export(name, ExportProblem::TooLarge { what: format!("row {}", row.line) }));
                }
                if file.ledger.read.is_multiple_of(100_000) {
                    (self.progress)(self.table.name, file.ledger.read);
                }
                match self.judge(&row, layout) {
                    Ok(Judged { mut values, filled, sentinels }) => {
                        for (_, column) in
                            self.table.columns.iter().enumerate().filter(|(i, _)| sentinels >> i & 1 == 1)
                        {
                            *file.ledger.sentinels.entry(column.name).or_default() += 1;
                        }
                        if self.defaults.iter().any(Option::is_some) {
                            file.filled.push(filled);
                        }
                        let key = self.key(&values);
                        let content = duplicates::hash(&values);
                        self.keys.push(key, content, Place { file: index, row: parsed, line: row.line })?;
                        values.push(Value::Integer(row.line as i64));
                        file.writer.push(&values)?;
                        parsed += 1;
                    }
                    Err((column, code, value, expected)) => {
                        let footer = footer::text(&row);
                        let (column, code, value, expected) = match &footer {
                            Some(text) => ("", Code::Footer, text.clone(), rejects::row_expected(self.settings.lang)),
                            None => (column, code, value, expected),
                        };
                        file.ledger.rejected += 1;
                        file.ledger.footers += u64::from(footer.is_some());
                        *self.reasons.entry((self.table.name, code)).or_default() += 1;
                        let sheet = row.sheet.unwrap_or_default().to_owned();
                        let file = file.ledger.file.clone();
                        let reject = Reject { file, sheet, line: row.line, column, code, value, expected };
                        self.alike.add(&reject);
                        self.rejects.push(&reject)?;
                    }
                }
                Ok(true)
            })?;
            if survey::LAST_ROWS.contains(&last_line) {
                reading.notes.push(Note::Full { rows: last_line });
            }
        }
        (self.progress)(self.table.name, file.ledger.read);
        self.files.push(file);
        Ok(())
    }

    /// The typed values of a row, or the first thing that is wrong with it: column, code, value, expectation.
    fn judge<'r>(&self, row: &Row<'r>, layout: &Headers) -> Result<Judged<'r>, (&'static str, Code, String, String)>
    where
        'a: 'r,
    {
        let lang = self.settings.lang;
        if row.undecodable {
            let whole = (0..row.cells.len()).map(|i| row.cells.get(i).display()).collect::<Vec<_>>().join(",");
            return Err((
                "",
                Code::MixedEncoding,
                whole,
                lang.pick("与文件其余部分相同的编码", "the encoding of the rest of the file").into(),
            ));
        }
        if let Cells::Text(record) = row.cells
            && (record.len() < layout.width || record.iter().skip(layout.width).any(|field| !field.trim().is_empty()))
        {
            let (found, width) = (record.len(), layout.width);
            let expected = lang.pick(format!("{width} 列"), format!("{width} fields"));
            return Err(("", Code::RaggedRow, found.to_string(), expected));
        }
        let mut values = Vec::with_capacity(self.table.columns.len() + 1);
        let (mut filled, mut sentinels) = (0, 0);
        for (index, (column, place)) in self.table.columns.iter().zip(&layout.places).enumerate() {
            let cell = place.as_ref().map_or(Cell::Empty, |place| row.cells.get(place.index));
            let value = match place {
                Some(place) => headers::read(column, place, cell, &self.words),
                None => Ok(Value::Null),
            };
            let value = match value {
                Err(Refusal::Sentinel) if !column.required || self.defaults[index].is_some() => {
                    sentinels |= 1 << index;
                    Value::Null
                }
                read => read.map_err(|refusal| {
                    let expected = rejects::expected(self.table, column, refusal, &cell, lang);
                    (column.name, Code::from(refusal), cell.display(), expected)
                })?,
            };
            values.push(match (value, &self.defaults[index]) {
                (Value::Null, Some(default)) => {
                    filled |= 1 << index;
                    default.clone()
                }
                (Value::Null, None) if column.required => {
                    let expected = rejects::missing_expected(self.table, column, lang);
                    return Err((column.name, Code::Missing, String::new(), expected));
                }
                // docs/method.md §2: a pass that is not given is the first, an empty ruling is pending.
                (Value::Null, None) if column.name == "pass" && self.numbered => Value::Integer(1),
                (Value::Null, None) if column.name == "ruling" => Value::text("pending"),
                (value, _) => value,
            });
        }
        for (first, second) in self.table.order {
            if let (Value::Instant(start), Value::Instant(end)) =
                (&values[self.table.position(first)], &values[self.table.position(second)])
                && precedes(*end, *start)
            {
                let column = &self.table.columns[self.table.position(first)];
                let name = column.zh.first().unwrap_or(&column.name);
                let expected = lang.pick(format!("不早于{name} {start}"), format!("not before {first} {start}"));
                return Err((second, Code::EndBeforeStart, end.to_string(), expected));
            }
        }
        self.known_case(&values)?;
        Ok(Judged { values, filled, sentinels })
    }

    /// Whether the case that a row belongs to was accepted.
    fn known_case(&self, values: &[Value<'_>]) -> Result<(), (&'static str, Code, String, String)> {
        let fault = Value::text("fault");
        let (column, known) = match self.table.parent {
            Parent::None => return Ok(()),
            Parent::MaybeApplication if values[self.table.position("application_id")] == Value::Null => return Ok(()),
            Parent::Application | Parent::MaybeApplication => ("application_id", &self.known.applications),
            Parent::CallbackSubject if values[self.table.position("kind")] == fault => match &self.known.faults {
                // Without the table of faults nothing can be known of them.
                None => return Ok(()),
                Some(faults) => ("subject_id", faults),
            },
            Parent::CallbackSubject => ("subject_id", &self.known.applications),
        };
        let id = &values[self.table.position(column)];
        if known.contains(&duplicates::hash([id])) {
            return Ok(());
        }
        let expected =
            self.settings.lang.pick("已接受的工单或故障的编号", "the identifier of an accepted application or fault");
        Err((column, Code::UnknownCase, id.display(), expected.into()))
    }

    /// Whether rows that say the same are all kept: each is another pass.
    fn keeps_repeats(&self) -> bool {
        !self.numbered && self.mapping.repeat == Repeats::Pass
    }

    /// The columns that make a row unique. A stage without a number is identified by its start: begun again, it is another
    /// pass; exported again after it was finished, it is the same one.
    fn key_columns(&self) -> &'static [&'static str] {
        match (self.numbered, self.mapping.repeat) {
            (true, _) => self.table.key,
            (false, Repeats::Pass) => &[],
            (false, _) => &["application_id", "stage", "started_at"],
        }
    }

    /// The key of a row; the whole row where a part of its key is empty.
    fn key(&self, values: &[Value<'_>]) -> u128 {
        let columns = self.key_columns();
        let key = columns.iter().map(|name| &values[self.table.position(name)]);
        let whole = columns.is_empty() || key.clone().any(|value| *value == Value::Null);
        if whole { duplicates::hash(values) } else { duplicates::hash(key) }
    }

    /// Drops the duplicates, closes the files, and returns the keys that stay.
    fn settle(mut self, ledger: &mut Ledger) -> Result<HashSet<u128>> {
        let mut accepted = HashSet::new();
        // Whose rows others name: nothing else need be remembered.
        let parents = matches!(self.table.name, "applications" | "faults");
        let key = self.key_columns();
        let drops = if self.keeps_repeats() {
            Vec::new()
        } else {
            self.keys.resolve(self.mapping.repeat, |key| {
                if parents {
                    accepted.insert(key);
                }
            })?
        };
        let expected = rejects::unique_expected(self.table, key, self.settings.lang);
        let folder = self.settings.lake.join("raw").join(self.table.name);
        for (index, file) in self.files.into_iter().enumerate() {
            let mut counts = file.ledger.clone();
            let mine: Vec<_> = drops.iter().filter(|(place, _)| place.file as usize == index).collect();
            for (place, repeat) in &mine {
                if *repeat != Repeat::Conflict {
                    counts.duplicate += 1;
                    continue;
                }
                counts.rejected += 1;
                *self.reasons.entry((self.table.name, Code::ConflictingDuplicate)).or_default() += 1;
                let reject = Reject {
                    file: counts.file.clone(),
                    sheet: file.sheet_of(place.row),
                    line: place.line,
                    column: self.table.key[0],
                    code: Code::ConflictingDuplicate,
                    value: String::new(),
                    expected: expected.clone(),
                };
                self.alike.add(&reject);
                self.rejects.push(&reject)?;
            }
            let dropped: Vec<u32> = mine.iter().map(|(place, _)| place.row).collect();
            for (row, filled) in file.filled.iter().enumerate() {
                if *filled == 0 || dropped.binary_search(&(row as u32)).is_ok() {
                    continue;
                }
                for (index, column) in self.table.columns.iter().enumerate() {
                    if filled & 1 << index != 0 {
                        *counts.filled.entry(column.name).or_default() += 1;
                    }
                }
            }
            let notes = |counts: &FileLedger| {
                vec![
                    ("yekuo.source".to_owned(), counts.file.clone()),
                    ("yekuo.sha256".to_owned(), counts.sha256.clone()),
                    ("yekuo.read".to_owned(), counts.read.to_string()),
                    ("yekuo.accepted".to_owned(), counts.accepted.to_string()),
                    ("yekuo.rejected".to_owned(), counts.rejected.to_string()),
                    ("yekuo.duplicate".to_owned(), counts.duplicate.to_string()),
                ]
            };
            counts.accepted = counts.read - counts.rejected - counts.duplicate;
            let part = folder.join(format!("{index:04}.part"));
            let whole = folder.join(format!("{index:04}.parquet"));
            let mut writer = file.writer;
            writer.note(notes(&counts));
            let written = writer.finish()?;
            let kept = written - dropped.len() as u64;
            if kept != counts.accepted {
                unreachable!("{}: {kept} rows in the lake, {} accepted", counts.file, counts.accepted);
            }
            if dropped.is_empty() {
                std::fs::rename(&part, &whole).map_err(Error::io("rename", &part))?;
            } else {
                lake::copy_without(&part, &whole, &dropped, notes(&counts))?;
                std::fs::remove_file(&part).map_err(Error::io("remove", &part))?;
            }
            ledger.files.push(counts);
        }
        self.rejects.finish()?;
        let alike = self.alike.lines(self.table, &self.words, self.settings.lang);
        ledger.alike.insert(self.table.name, alike);
        ledger.reasons.extend(self.reasons);
        Ok(accepted)
    }
}

/// Whether `end` lies before `start`: by day, or by the clock where both carry a time of day.
fn precedes(end: Instant, start: Instant) -> bool {
    if end.is_midnight() || start.is_midnight() { end.day() < start.day() } else { end < start }
}
