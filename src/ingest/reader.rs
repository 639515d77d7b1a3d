//! One table, file by file: its rows judged one by one, on every core; its repeats dropped when all are read.

mod groups;
mod judge;
mod rules;
mod settle;

use std::collections::BTreeMap;

use super::alike::Alike;
use super::duplicates::{Hasher, Hashes, Keys, Place};
use super::form::{self, Form};
use super::held::{FileForm, MOST_ROWS};
use super::identifiers::Spellings;
use super::mapping::TableMapping;
use super::rejects::{Reject, RejectFile};
use super::survey::{FileSurvey, LAST_ROWS, Note, SheetState, Survey};
use super::text::{Records, TextFile};
use super::touched::Touched;
use super::{FileLedger, Grouped, Settings};
use crate::contract::Table;
use crate::error::{Error, ExportProblem, Result};
use crate::lake::{Group, Layout, TableEncoder, TableFile, TablePart, Value};
use crate::parallel;
use crate::supervise::{self, note};
use crate::words::Words;
use judge::Judge;

/// The column of raw files that names the line on which each row stood.
const SOURCE_LINE: &str = "source_line";

/// Rows that are judged together, by one thread: a row group of the raw file.
const BATCH: usize = 65_536;

/// The cases that rows of other tables may belong to, as hashes of their identifiers.
#[derive(Default)]
pub(super) struct Known {
    /// Of applications.
    pub applications: Hashes,
    /// Of faults, where the exports have them.
    pub faults: Option<Hashes>,
}

impl Known {
    /// Whether a case was accepted.
    fn has(&self, case: &str) -> bool {
        let hash = Hasher::default().hash([&Value::text(case)]);
        self.applications.contains(&hash) || self.faults.as_ref().is_some_and(|faults| faults.contains(&hash))
    }
}

/// One table while it is being read.
pub(super) struct TableReader<'a> {
    judge: Judge<'a>,
    taken: Taken<'a>,
}

/// What is kept of the rows that were judged.
struct Taken<'a> {
    table: &'static Table,
    known: &'a Known,
    spellings: &'a mut Spellings,
    keys: Keys,
    rejects: RejectFile,
    alike: Alike,
    touched: Touched,
    files: Vec<OpenFile>,
    progress: &'a dyn Fn(&str, u64),
}

/// One file whose rows are parsed and whose duplicates are not yet known.
struct OpenFile {
    /// Its number among those of the table.
    index: u32,
    ledger: FileLedger,
    /// The sheets, each from its first parsed row on.
    sheets: Vec<(u32, String)>,
    /// Which columns took their default, a bit each, by parsed row; empty where the mapping has no defaults.
    filled: Vec<u64>,
    /// Rows that are parsed.
    parsed: u32,
    raw: TableFile,
}

/// Rows of one file while they are judged.
struct Batch {
    judged: Judged,
    part: TablePart,
    hasher: Hasher,
}

/// What is known of rows that were judged, before they are added to those before them.
#[derive(Default)]
struct Judged {
    /// The name of the file.
    file: String,
    parsed: Vec<Parsed>,
    filled: Vec<u64>,
    counts: Counts,
    spellings: Spellings,
    rejects: Vec<Reject>,
    last_line: u64,
    /// The last line, where nothing ends it.
    unended: Option<u64>,
}

/// A row that could be read: the hashes of its key and of all that it says, and its line.
struct Parsed {
    key: u128,
    content: u128,
    line: u64,
}

/// What is counted of rows.
#[derive(Default)]
struct Counts {
    read: u64,
    rejected: u64,
    footers: u64,
    cut_off: u64,
    merged: u64,
    sentinels: BTreeMap<&'static str, u64>,
    undated: BTreeMap<&'static str, u64>,
    aside: BTreeMap<&'static str, u64>,
    groups: Option<Grouped>,
}

impl<'a> TableReader<'a> {
    /// A reader of a table that has files.
    pub(super) fn open(
        table: &'static Table,
        mapping: &'a TableMapping,
        settings: &'a Settings<'a>,
        survey: &Survey,
        known: &'a Known,
        spellings: &'a mut Spellings,
        progress: &'a dyn Fn(&str, u64),
    ) -> Result<TableReader<'a>> {
        let judge = Judge::of(table, mapping, settings, survey, known);
        let taken = Taken {
            table,
            known,
            spellings,
            keys: Keys::create(settings.lake)?,
            rejects: RejectFile::create(settings.rejects, table, settings.lang)?,
            alike: Alike::default(),
            touched: Touched::default(),
            files: Vec::new(),
            progress,
        };
        Ok(TableReader { judge, taken })
    }

    /// Reads one file; its duplicates are dropped when all are read.
    pub(super) fn read(&mut self, index: u32, survey: &mut FileSurvey) -> Result<()> {
        let TableReader { judge, taken } = self;
        let FileSurvey { file: name, path, sheets, scan, as_found, .. } = survey;
        let scan = match scan.take() {
            Some(scan) => scan,
            None => form::scan(name, path, judge.mapping)?,
        };
        note(supervise::Note::Reading, &name);
        let mut source = super::open(name, path, judge.mapping, &scan)?;
        judge.words.comma = source.form.comma(judge.mapping.decimal);
        let form = if judge.mapping.source.is_some() { FileForm::Odbc } else { source.form.name() };
        let is_log = matches!(form, FileForm::Xes | FileForm::Ocel);
        let mut columns = judge.table.layouts();
        columns.push((SOURCE_LINE, Layout::Integer));
        let (raw, encoder) = TableFile::create(&judge.raw_path(index, "part"), &columns)?;
        let ledger = FileLedger::of(judge.table.name, name, &scan, form);
        let mut file = OpenFile { index, ledger, sheets: Vec::new(), filled: Vec::new(), parsed: 0, raw };
        let grain = parallel::grain(BATCH);
        for sheet in sheets {
            let SheetState::Read(reading) = &mut sheet.state else { continue };
            let layout = &reading.layout;
            file.sheets.push((file.parsed, sheet.sheet.clone().unwrap_or_default()));
            let (mut last_line, mut unended) = (0, None);
            let mut take = |(judged, group): (Judged, Option<Group>)| {
                last_line = judged.last_line.max(last_line);
                unended = unended.or(judged.unended);
                taken.take(judged, group, &mut file)
            };
            if let Form::Text { encoding, delimiter } = &source.form {
                let records = TextFile::open(path, name, encoding, *delimiter, grain)?;
                let judged = |records: Result<Records>| {
                    let records = records?;
                    let mut batch = Batch::new(name, &encoder)?;
                    batch.judged.parsed.reserve_exact(records.len());
                    records.rows().try_for_each(|row| judge.row(&row, layout, &mut batch))?;
                    batch.finish()
                };
                parallel::in_order(records, judged, &mut take)?;
            } else {
                let mut batch = Batch::new(name, &encoder)?;
                source.each_row(sheet.sheet.as_deref(), |row| {
                    judge.row(&row, layout, &mut batch)?;
                    if batch.judged.parsed.len() >= grain {
                        take(std::mem::replace(&mut batch, Batch::new(name, &encoder)?).finish()?)?;
                    }
                    Ok(true)
                })?;
                take(batch.finish()?)?;
            }
            if LAST_ROWS.contains(&last_line) && !is_log {
                reading.notes.push(Note::Full { rows: last_line });
            }
            if let Some(line) = unended {
                reading.notes.push(Note::Unended { line });
            }
        }
        // Its hash is that of what was read.
        if as_found.as_ref().is_some_and(|as_found| !as_found.is_still_of(path)) {
            return Err(Error::export(name, ExportProblem::Changed));
        }
        taken.files.push(file);
        Ok(())
    }
}

impl Batch {
    fn new(file: &str, encoder: &TableEncoder) -> Result<Batch> {
        let judged = Judged { file: file.to_owned(), ..Judged::default() };
        Ok(Batch { judged, part: encoder.part()?, hasher: Hasher::default() })
    }

    /// What was judged, and its rows, encoded; none where no row could be read.
    fn finish(self) -> Result<(Judged, Option<Group>)> {
        Ok((self.judged, self.part.finish()?))
    }
}

impl Counts {
    fn add_to(self, ledger: &mut FileLedger) {
        let Counts { read, rejected, footers, cut_off, merged, sentinels, undated, aside, groups } = self;
        ledger.read += read;
        ledger.rejected += rejected;
        ledger.footers += footers;
        ledger.cut_off += cut_off;
        ledger.merged += merged;
        for (counts, more) in
            [(&mut ledger.sentinels, sentinels), (&mut ledger.undated, undated), (&mut ledger.aside, aside)]
        {
            more.into_iter().for_each(|(column, rows)| *counts.entry(column).or_default() += rows);
        }
        if let Some(groups) = groups {
            ledger.groups.get_or_insert_default().add(&groups);
        }
    }
}

impl Taken<'_> {
    fn take(&mut self, judged: Judged, group: Option<Group>, file: &mut OpenFile) -> Result<()> {
        for Parsed { key, content, line } in judged.parsed {
            self.keys.push(key, content, Place { file: file.index, row: file.parsed, line })?;
            file.parsed += 1;
        }
        file.filled.extend(judged.filled);
        judged.counts.add_to(&mut file.ledger);
        self.spellings.merge(judged.spellings);
        judged.rejects.iter().try_for_each(|reject| self.reject(reject))?;
        group.map_or(Ok(()), |group| file.raw.append(group))?;
        if file.ledger.read > MOST_ROWS {
            let line = judged.last_line;
            let what = Words::new(format!("第 {line} 行"), format!("row {line}"));
            return Err(Error::export(&file.ledger.file, ExportProblem::TooLarge { what }));
        }
        (self.progress)(self.table.name, file.ledger.read);
        Ok(())
    }

    fn reject(&mut self, reject: &Reject) -> Result<()> {
        // Which cases are accepted is known of the table of cases itself only when all of it is read.
        if self.is_of_cases() || self.known.has(&reject.case) {
            self.touched.add(&reject.case);
        }
        self.alike.add(reject);
        self.rejects.push(reject)
    }

    /// Whether the rows of the table are what rows of other tables belong to.
    fn is_of_cases(&self) -> bool {
        matches!(self.table.name, "applications" | "faults")
    }
}
