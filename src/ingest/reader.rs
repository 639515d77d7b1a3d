//! One table, file by file: its rows judged one by one, its repeats dropped when all are read.

use std::collections::{BTreeMap, HashSet};
use std::path::PathBuf;

use super::alike::Alike;
use super::duplicates::{self, Keys, Place, Repeat};
use super::form;
use super::mapping::{Repeats, TableMapping};
use super::rejects::{self, Code, Reject, RejectFile};
use super::survey::{FileSurvey, LAST_ROWS, Layout as Headers, Note, SheetState, Survey};
use super::values::{self, Cell, Refusal, Vocabulary};
use super::{Cells, FileForm, FileLedger, Ledger, Row, Settings, footer, headers};
use crate::calendar::Instant;
use crate::contract::{Column, Parent, Table};
use crate::error::{Error, ExportProblem, Result};
use crate::lake::{self, Layout, TableWriter, Value};

/// The most rows of a file; each of them is remembered until its table is read.
const MOST_ROWS: u64 = 200_000_000;

/// The column of raw files that names the line on which each row stood.
const SOURCE_LINE: &str = "source_line";

/// The text that stands where a table's column holds nothing, read once.
fn defaults<'a>(table: &Table, mapping: &'a TableMapping, words: &Vocabulary) -> Vec<Option<Value<'a>>> {
    let read = |column: &Column| {
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

/// The cases that rows of other tables may belong to, as hashes of their identifiers.
#[derive(Default)]
pub(super) struct Known {
    /// Of applications.
    pub applications: HashSet<u128>,
    /// Of faults, where the exports have them.
    pub faults: Option<HashSet<u128>>,
}

/// One table while it is being read.
pub(super) struct TableReader<'a> {
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

/// What is wrong with a row.
struct Flaw {
    /// The column, empty where the row as a whole is at fault.
    column: &'static str,
    code: Code,
    /// What stands there.
    value: String,
    /// What was expected.
    expected: String,
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
    /// A reader of a table that has files.
    pub(super) fn open(
        table: &'static Table,
        mapping: &'a TableMapping,
        settings: &'a Settings<'a>,
        survey: &Survey,
        known: &'a Known,
        progress: &'a dyn Fn(&str, u64),
    ) -> Result<TableReader<'a>> {
        let words = mapping.vocabulary(table, settings.words);
        Ok(TableReader {
            table,
            mapping,
            defaults: defaults(table, mapping, &words),
            numbered: is_numbered(table, mapping, survey),
            words,
            settings,
            known,
            keys: Keys::create(settings.lake)?,
            rejects: RejectFile::create(settings.rejects, table)?,
            alike: Alike::default(),
            files: Vec::new(),
            progress,
        })
    }

    fn raw_path(&self, file: u32, stem: &str) -> PathBuf {
        self.settings.lake.join("raw").join(self.table.name).join(format!("{file:04}.{stem}"))
    }

    /// Reads one file; its duplicates are dropped when all are read.
    pub(super) fn read(&mut self, index: u32, survey: &mut FileSurvey) -> Result<()> {
        let FileSurvey { file: name, path, sheets, scan, .. } = survey;
        let scan = match scan.take() {
            Some(scan) => scan,
            None => form::scan(name, path, self.mapping)?,
        };
        let mut source = super::open(name, path, self.mapping, &scan)?;
        self.words.comma = source.form.comma(self.mapping.decimal);
        let ledger = FileLedger {
            table: self.table.name,
            file: name.to_owned(),
            sha256: scan.sha256,
            bytes: scan.bytes,
            form: if self.mapping.source.is_some() { FileForm::Odbc } else { source.form.name() },
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
                        count(self.table, sentinels, &mut file.ledger.sentinels);
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
                    Err(flaw) => {
                        let flaw = self.footer(&row, flaw);
                        file.ledger.rejected += 1;
                        file.ledger.footers += u64::from(flaw.code == Code::Footer);
                        let sheet = row.sheet.unwrap_or_default().to_owned();
                        let Flaw { column, code, value, expected } = flaw;
                        let file = file.ledger.file.clone();
                        self.reject(&Reject { file, sheet, line: row.line, column, code, value, expected })?;
                    }
                }
                Ok(true)
            })?;
            if LAST_ROWS.contains(&last_line) {
                reading.notes.push(Note::Full { rows: last_line });
            }
        }
        (self.progress)(self.table.name, file.ledger.read);
        self.files.push(file);
        Ok(())
    }

    /// What is wrong with a row, unless it is a line below the table: one of which a cell cannot be read, and that says so.
    fn footer(&self, row: &Row<'_>, flaw: Flaw) -> Flaw {
        // Whatever is wrong with the row as a whole, its cells could be read: it is a row of the table.
        if matches!(flaw.code, Code::EndBeforeStart | Code::UnknownCase) {
            return flaw;
        }
        let footer = |text| {
            let expected = rejects::row_expected(self.settings.lang);
            Flaw { column: "", code: Code::Footer, value: text, expected }
        };
        footer::text(row).map_or(flaw, footer)
    }

    fn reject(&mut self, reject: &Reject) -> Result<()> {
        self.alike.add(reject);
        self.rejects.push(reject)
    }

    /// The typed values of a row, or the first thing that is wrong with it.
    fn judge<'r>(&self, row: &Row<'r>, layout: &Headers) -> Result<Judged<'r>, Flaw>
    where
        'a: 'r,
    {
        let lang = self.settings.lang;
        if row.undecodable {
            let whole = (0..row.cells.len()).map(|i| row.cells.get(i).display()).collect::<Vec<_>>().join(",");
            let expected = lang.pick("与文件其余部分相同的编码", "the encoding of the rest of the file").to_owned();
            return Err(Flaw { column: "", code: Code::MixedEncoding, value: whole, expected });
        }
        if let Cells::Text(record) = row.cells
            && (record.len() < layout.width || record.iter().skip(layout.width).any(|field| !field.trim().is_empty()))
        {
            let (found, width) = (record.len(), layout.width);
            let expected = lang.pick(format!("{width} 列"), format!("{width} fields"));
            return Err(Flaw { column: "", code: Code::RaggedRow, value: found.to_string(), expected });
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
                    Flaw { column: column.name, code: Code::from(refusal), value: cell.display(), expected }
                })?,
            };
            values.push(match (value, &self.defaults[index]) {
                (Value::Null, Some(default)) => {
                    filled |= 1 << index;
                    default.clone()
                }
                (Value::Null, None) if column.required => {
                    let expected = rejects::missing_expected(self.table, column, lang);
                    return Err(Flaw { column: column.name, code: Code::Missing, value: String::new(), expected });
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
                return Err(Flaw { column: second, code: Code::EndBeforeStart, value: end.to_string(), expected });
            }
        }
        self.known_case(&values)?;
        Ok(Judged { values, filled, sentinels })
    }

    /// Whether the case that a row belongs to was accepted.
    fn known_case(&self, values: &[Value<'_>]) -> Result<(), Flaw> {
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
        Err(Flaw { column, code: Code::UnknownCase, value: id.display(), expected: expected.to_owned() })
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
    pub(super) fn settle(mut self, ledger: &mut Ledger) -> Result<HashSet<u128>> {
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
                if dropped.binary_search(&(row as u32)).is_err() {
                    count(self.table, *filled, &mut counts.filled);
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
        ledger.reasons.extend(self.alike.reasons().map(|(code, rows)| ((self.table.name, code), rows)));
        ledger.alike.insert(self.table.name, self.alike.lines(self.table, &self.words, self.settings.lang));
        Ok(accepted)
    }
}

/// Whether `end` lies before `start`: by day, or by the clock where both carry a time of day.
fn precedes(end: Instant, start: Instant) -> bool {
    if end.is_midnight() || start.is_midnight() { end.day() < start.day() } else { end < start }
}

/// Counts the columns that a row marks, a bit each.
fn count(table: &Table, mut marks: u64, counts: &mut BTreeMap<&'static str, u64>) {
    while marks != 0 {
        let index = marks.trailing_zeros() as usize;
        *counts.entry(table.columns[index].name).or_default() += 1;
        marks &= marks - 1;
    }
}
