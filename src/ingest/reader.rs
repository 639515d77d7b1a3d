//! One table, file by file: its rows judged one by one, its repeats dropped when all are read.

mod groups;
mod settle;

use std::borrow::Cow;
use std::collections::{BTreeMap, HashSet};
use std::path::PathBuf;

use super::alike::Alike;
use super::duplicates::{self, Keys, Place};
use super::form;
use super::held::{FileForm, MOST_ROWS};
use super::identifiers::{self, Spellings};
use super::mapping::{Group, Repeats, TableMapping};
use super::rejects::{self, Code, Reject, RejectFile};
use super::survey::{FileSurvey, LAST_ROWS, Layout as Headers, Note, SheetState, Survey};
use super::touched::Touched;
use super::values::{self, Cell, Refusal, Vocabulary};
use super::{Cells, FileLedger, Row, Settings, footer, headers};
use crate::calendar::Instant;
use crate::contract::{Column, NO_TRANSITION, Parent, Table};
use crate::error::{Error, ExportProblem, Result};
use crate::lake::{Layout, TableWriter, Value};
use crate::words::Words;
use groups::{Holds, Rules};

/// The column of raw files that names the line on which each row stood.
const SOURCE_LINE: &str = "source_line";

/// The text that stands where a table's column holds nothing, read once; for each group of columns.
fn defaults<'a>(table: &Table, mapping: &'a TableMapping, words: &Vocabulary) -> Vec<Vec<Option<Value<'a>>>> {
    let read = |group: Option<&'a Group>, column: &Column| {
        let text = mapping.default_of(group, column.name)?;
        Some(values::read(column, Cell::Text(text), words).expect("the mapping's defaults were read with the mapping"))
    };
    let of_group = |group| table.columns.iter().map(|column| read(group, column)).collect();
    match mapping.groups.is_empty() {
        true => vec![of_group(None)],
        false => mapping.groups.iter().map(|group| of_group(Some(group))).collect(),
    }
}

/// Whether any file of the table numbers the passes of a stage: then a pass without a number is the first (docs/method.md §2).
/// Where none does, as in an event log, the clock numbers them by their start, if the table has starts.
fn is_numbered(table: &Table, mapping: &TableMapping, survey: &Survey) -> bool {
    let has_pass = ["pass", "started_at"].iter().all(|name| table.columns.iter().any(|column| column.name == *name));
    let says_pass = |group: &Group| group.defaults.contains_key("pass");
    let said = mapping.defaults.contains_key("pass") || mapping.groups.iter().any(says_pass);
    !has_pass || mapping.has_stages_once() || said || survey.has(table, "pass")
}

/// The columns that make a row unique. A stage without a number is identified by its start: begun again, it is another
/// pass; exported again after it was finished, it is the same one. Of a lifecycle, start and complete are two rows.
fn key_columns(table: &Table, mapping: &TableMapping, survey: &Survey, numbered: bool) -> Vec<&'static str> {
    let mut key = match (numbered, mapping.repeat) {
        (true, _) => table.key.to_vec(),
        (false, Repeats::Pass) => return Vec::new(),
        (false, _) => vec!["application_id", "stage", "started_at"],
    };
    let is_of_lifecycle = |name: &&str| {
        table.columns.iter().any(|column| column.name == *name)
            && (survey.has(table, name) || mapping.defaults.contains_key(*name))
    };
    key.extend(["transition", "instance"].into_iter().filter(is_of_lifecycle));
    key
}

/// The cases that rows of other tables may belong to, as hashes of their identifiers.
#[derive(Default)]
pub(super) struct Known {
    /// Of applications.
    pub applications: HashSet<u128>,
    /// Of faults, where the exports have them.
    pub faults: Option<HashSet<u128>>,
}

impl Known {
    /// Whether a case was accepted.
    fn has(&self, case: &str) -> bool {
        let hash = duplicates::hash([&Value::text(case)]);
        self.applications.contains(&hash) || self.faults.as_ref().is_some_and(|faults| faults.contains(&hash))
    }
}

/// One table while it is being read.
pub(super) struct TableReader<'a> {
    table: &'static Table,
    mapping: &'a TableMapping,
    /// By group and column.
    defaults: Vec<Vec<Option<Value<'a>>>>,
    rules: Rules,
    /// Whether a stage's pass without a number is the first.
    numbered: bool,
    /// The columns that make a row unique; none: rows that say the same are all kept.
    key: Vec<&'static str>,
    words: Vocabulary,
    settings: &'a Settings<'a>,
    known: &'a Known,
    /// The positions of the identifiers that are shown.
    identifiers: Vec<usize>,
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
    ledger: FileLedger,
    /// The sheets, each from its first parsed row on.
    sheets: Vec<(u32, String)>,
    /// Which columns took their default, a bit each, by parsed row; empty where the mapping has no defaults.
    filled: Vec<u64>,
    /// Rows that are parsed.
    parsed: u32,
    writer: TableWriter,
}

/// What is wrong with a row.
struct Flaw {
    /// The column, empty where the row as a whole is at fault.
    column: &'static str,
    code: Code,
    /// What stands there.
    value: String,
    /// What was expected.
    expected: Words,
}

/// A row whose every cell could be read.
struct Judged<'a> {
    values: Vec<Value<'a>>,
    /// The columns that took their default, a bit each.
    filled: u64,
    /// The columns whose date stands for none, a bit each.
    sentinels: u64,
    /// The columns that a status word names and that have no date, a bit each.
    undated: u64,
    /// The columns that are filled and that a status word sets aside, a bit each.
    aside: u64,
    /// The columns that hold a day without a time, between semicolons, where the table notes them.
    days_only: Option<String>,
}

/// What a cell of a row holds.
struct ReadCell<'a> {
    value: Value<'a>,
    /// Whether it is a date that stands for none.
    is_sentinel: bool,
    /// Whether a word says that it should hold something, and it does not.
    is_undated: bool,
    /// Whether a word says that what it holds does not count.
    is_aside: bool,
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
        let words = mapping.vocabulary(table, settings.words);
        let numbered = is_numbered(table, mapping, survey);
        Ok(TableReader {
            table,
            mapping,
            defaults: defaults(table, mapping, &words),
            rules: Rules::of(table, mapping),
            numbered,
            key: key_columns(table, mapping, survey, numbered),
            words,
            settings,
            known,
            identifiers: identifiers::positions(table),
            spellings,
            keys: Keys::create(settings.lake)?,
            rejects: RejectFile::create(settings.rejects, table, settings.lang)?,
            alike: Alike::default(),
            touched: Touched::default(),
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
            groups: None,
            undated: BTreeMap::new(),
            aside: BTreeMap::new(),
        };
        let mut columns = self.table.layouts();
        columns.push((SOURCE_LINE, Layout::Integer));
        let writer = TableWriter::create(&self.raw_path(index, "part"), &columns)?;
        let mut file = OpenFile { ledger, sheets: Vec::new(), filled: Vec::new(), parsed: 0, writer };
        let mut rows: u64 = 0;
        for sheet in sheets {
            let SheetState::Read(reading) = &mut sheet.state else { continue };
            let layout = &reading.layout;
            let mut last_line = 0;
            file.sheets.push((file.parsed, sheet.sheet.clone().unwrap_or_default()));
            source.each_row(sheet.sheet.as_deref(), |row| {
                last_line = row.line;
                // A case without events is no row of what belongs to cases.
                let is_other = matches!(row.cells, Cells::Case(_)) && self.table.parent != Parent::None;
                if row.line <= layout.line || is_other {
                    return Ok(true);
                }
                rows += 1;
                file.ledger.merged += row.merged;
                if file.ledger.read > MOST_ROWS {
                    return Err(Error::export(
                        name,
                        ExportProblem::TooLarge {
                            what: Words::new(format!("第 {} 行", row.line), format!("row {}", row.line)),
                        },
                    ));
                }
                if rows.is_multiple_of(100_000) {
                    (self.progress)(self.table.name, file.ledger.read);
                }
                if self.rules.is_plain() {
                    let judged = self.whole(&row, layout).and_then(|()| self.judge(&row, layout, 0));
                    self.keep(judged, &row, layout, &mut file, index)?;
                } else {
                    self.take_groups(&row, layout, &mut file, index)?;
                }
                Ok(true)
            })?;
            let is_log = matches!(file.ledger.form, FileForm::Xes | FileForm::Ocel);
            if LAST_ROWS.contains(&last_line) && !is_log {
                reading.notes.push(Note::Full { rows: last_line });
            }
        }
        (self.progress)(self.table.name, file.ledger.read);
        self.files.push(file);
        Ok(())
    }

    /// Keeps a row that could be read, and lists another among the rejects.
    fn keep(
        &mut self,
        judged: Result<Judged<'_>, Flaw>,
        row: &Row<'_>,
        layout: &Headers,
        file: &mut OpenFile,
        index: u32,
    ) -> Result<()> {
        let Judged { mut values, filled, sentinels, undated, aside, days_only } = match judged {
            Ok(judged) => judged,
            Err(flaw) => return self.reject_row(row, layout, flaw, file),
        };
        file.ledger.read += 1;
        count(self.table, sentinels, &mut file.ledger.sentinels);
        count(self.table, undated, &mut file.ledger.undated);
        count(self.table, aside, &mut file.ledger.aside);
        if self.defaults.iter().flatten().any(Option::is_some) {
            file.filled.push(filled);
        }
        self.count_spellings(&values, row, layout);
        let key = self.key(&values);
        let content = duplicates::hash(&values);
        self.keys.push(key, content, Place { file: index, row: file.parsed, line: row.line })?;
        if !self.table.beside.is_empty() {
            values.push(days_only.map_or(Value::Null, |columns| Value::Text(Cow::Owned(columns))));
        }
        values.push(Value::Integer(row.line as i64));
        file.writer.push(&values)?;
        file.parsed += 1;
        Ok(())
    }

    /// Counts how the identifiers of an accepted row are written, where they were folded.
    fn count_spellings(&mut self, values: &[Value<'_>], row: &Row<'_>, layout: &Headers) {
        for position in &self.identifiers {
            let Value::Text(Cow::Owned(folded)) = &values[*position] else { continue };
            let Some(place) = &layout.groups[0][*position] else { continue };
            if let Cell::Text(text) = row.cells.get(place.index) {
                self.spellings.add(folded, values::unquoted(text));
            }
        }
    }

    /// Lists a row among the rejects.
    fn reject_row(&mut self, row: &Row<'_>, layout: &Headers, flaw: Flaw, file: &mut OpenFile) -> Result<()> {
        let flaw = self.footer(row, flaw);
        let case = if flaw.code == Code::Footer { String::new() } else { self.case_of(row, layout) };
        file.ledger.read += 1;
        file.ledger.rejected += 1;
        file.ledger.footers += u64::from(flaw.code == Code::Footer);
        let sheet = row.sheet.unwrap_or_default().to_owned();
        let Flaw { column, code, value, expected } = flaw;
        let file = file.ledger.file.clone();
        self.reject(&Reject { file, sheet, line: row.line, case, column, code, value, expected })
    }

    /// The case that a row belongs to; nothing where it does not say or cannot be read.
    fn case_of(&self, row: &Row<'_>, layout: &Headers) -> String {
        let Some(column) = self.table.case_column().filter(|_| !row.undecodable) else { return String::new() };
        self.cell(row, layout, 0, self.table.position(column)).map_or(String::new(), |read| read.value.display())
    }

    /// What is wrong with a row, unless it is a line below the table: one of which a cell cannot be read, and that says so.
    fn footer(&self, row: &Row<'_>, flaw: Flaw) -> Flaw {
        // Whatever is wrong with the row as a whole, its cells could be read: it is a row of the table.
        if matches!(flaw.code, Code::EndBeforeStart | Code::UnknownCase) {
            return flaw;
        }
        let footer = |text| {
            let expected = Words::of(rejects::row_expected);
            Flaw { column: "", code: Code::Footer, value: text, expected }
        };
        footer::text(row).map_or(flaw, footer)
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

    /// What is wrong with a row as a whole: its encoding, or the number of its fields.
    fn whole(&self, row: &Row<'_>, layout: &Headers) -> Result<(), Flaw> {
        if row.undecodable {
            let whole = (0..row.cells.len()).map(|i| row.cells.get(i).display()).collect::<Vec<_>>().join(",");
            let expected = Words::new("与文件其余部分相同的编码", "the encoding of the rest of the file");
            return Err(Flaw { column: "", code: Code::MixedEncoding, value: whole, expected });
        }
        if let Cells::Text(record) = row.cells
            && (record.len() < layout.width || record.iter().skip(layout.width).any(|field| !field.trim().is_empty()))
        {
            let (found, width) = (record.len(), layout.width);
            let expected = Words::new(format!("{width} 列"), format!("{width} fields"));
            return Err(Flaw { column: "", code: Code::RaggedRow, value: found.to_string(), expected });
        }
        Ok(())
    }

    /// What a column of a group holds in a row.
    fn cell<'r>(&self, row: &Row<'r>, layout: &Headers, group: usize, position: usize) -> Result<ReadCell<'r>, Flaw> {
        let (table, column) = (self.table, &self.table.columns[position]);
        let nothing = ReadCell { value: Value::Null, is_sentinel: false, is_undated: false, is_aside: false };
        let Some(place) = &layout.groups[group][position] else { return Ok(nothing) };
        let by_word = match self.holds(row, layout, group, position)? {
            Holds::Nothing => return Ok(nothing),
            Holds::Aside => return Ok(ReadCell { is_aside: true, ..nothing }),
            Holds::ByWord => true,
            Holds::Always => false,
        };
        let cell = row.cells.get(place.index);
        match headers::read(column, place, cell, &self.words) {
            Ok(Value::Null) => Ok(ReadCell { is_undated: by_word, ..nothing }),
            Ok(value) => Ok(ReadCell { value, ..nothing }),
            Err(Refusal::Sentinel) => Ok(ReadCell { is_sentinel: true, is_undated: by_word, ..nothing }),
            Err(refusal) => {
                let expected = Words::of(|lang| rejects::expected(table, column, refusal, &cell, lang));
                Err(Flaw { column: column.name, code: Code::from(refusal), value: cell.display(), expected })
            }
        }
    }

    /// That a required column holds nothing.
    fn lacks(&self, position: usize) -> Flaw {
        let column = &self.table.columns[position];
        let expected = Words::of(|lang| rejects::missing_expected(self.table, column, lang));
        Flaw { column: column.name, code: Code::Missing, value: String::new(), expected }
    }

    /// Whether a start may be absent: it is taken from the stage before where there is a finish, and what has neither is
    /// planned where it is due. An event of a log has a time.
    fn needs_no_start(&self, position: usize, row: &Row<'_>, layout: &Headers, group: usize) -> Result<bool, Flaw> {
        if !self.is_start(position) {
            return Ok(false);
        }
        let says = |column: &str| -> Result<bool, Flaw> {
            let read = self.cell(row, layout, group, self.table.position(column))?;
            Ok(read.value != Value::Null)
        };
        if says("finished_at")? {
            return Ok(self.settings.starts_by_log);
        }
        Ok(says("due_on")? && !says("transition")?)
    }

    /// Whether the mapping says what the cell of a column stands for.
    fn is_told(&self, position: usize, row: &Row<'_>, layout: &Headers, group: usize) -> bool {
        let place = layout.groups[group][position].as_ref();
        place.is_some_and(|place| self.words.tells(&self.table.columns[position], row.cells.get(place.index)))
    }

    fn is_start(&self, position: usize) -> bool {
        self.table.name == "stages" && self.table.columns[position].name == "started_at"
    }

    /// That a required column of a row holds nothing, with the way out where it is the start of a stage.
    fn lacks_in(&self, position: usize, row: &Row<'_>, layout: &Headers, group: usize) -> Flaw {
        let flaw = self.lacks(position);
        let ended = || {
            let finish = self.cell(row, layout, group, self.table.position("finished_at"));
            finish.is_ok_and(|read| read.value != Value::Null)
        };
        if !self.is_start(position) {
            return flaw;
        }
        let way_out = if ended() { rejects::start_expected } else { rejects::plan_expected };
        let expected = Words::of(|lang| flaw.expected.get(lang).to_owned() + way_out(lang));
        Flaw { expected, ..flaw }
    }

    /// The typed values of a row of a group, or the first thing that is wrong with it.
    fn judge<'r>(&self, row: &Row<'r>, layout: &Headers, group: usize) -> Result<Judged<'r>, Flaw>
    where
        'a: 'r,
    {
        let mut values = Vec::with_capacity(self.table.columns.len() + 1);
        let (mut filled, mut sentinels, mut undated, mut aside) = (0, 0, 0, 0);
        for (index, column) in self.table.columns.iter().enumerate() {
            let ReadCell { value, is_sentinel, is_undated, is_aside } = self.cell(row, layout, group, index)?;
            sentinels |= u64::from(is_sentinel) << index;
            undated |= u64::from(is_undated) << index;
            aside |= u64::from(is_aside) << index;
            let is_lifecycle = column.name == "transition" && layout.groups[group][index].is_some();
            values.push(match (value, &self.defaults[group][index]) {
                // A word of a lifecycle that the mapping makes empty means nothing; an empty cell says nothing.
                (Value::Null, _) if is_lifecycle && self.is_told(index, row, layout, group) => {
                    Value::text(NO_TRANSITION)
                }
                (Value::Null, Some(default)) => {
                    // What makes a group the one it is was not left out of the export.
                    let is_given = !self.rules.is_plain() && self.table.key.contains(&column.name);
                    filled |= u64::from(!is_given) << index;
                    default.clone()
                }
                (Value::Null, None)
                    if is_lifecycle || column.required && !self.needs_no_start(index, row, layout, group)? =>
                {
                    let flaw = self.lacks_in(index, row, layout, group);
                    let place = layout.groups[group][index].as_ref().filter(|_| is_sentinel);
                    let value = place.map_or(String::new(), |place| row.cells.get(place.index).display());
                    return Err(Flaw { value, ..flaw });
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
                let column = self.table.column(first);
                let name = column.zh.first().unwrap_or(&column.name);
                let expected = Words::new(format!("不早于{name} {start}"), format!("not before {first} {start}"));
                return Err(Flaw { column: second, code: Code::EndBeforeStart, value: end.to_string(), expected });
            }
        }
        self.known_case(&values)?;
        let days_only = self.days_only(row, layout, group, &values);
        Ok(Judged { values, filled, sentinels, undated, aside, days_only })
    }

    /// The columns of a row that hold a day without a time, between semicolons; nothing where the table does not note
    /// them.
    fn days_only(&self, row: &Row<'_>, layout: &Headers, group: usize, values: &[Value<'_>]) -> Option<String> {
        if self.table.beside.is_empty() {
            return None;
        }
        let is_day = |position: &usize| {
            let place = layout.groups[group][*position].as_ref();
            matches!(values[*position], Value::Instant(_))
                && place.is_some_and(|place| values::is_day(row.cells.get(place.index)))
        };
        let columns = (0..self.table.columns.len()).filter(is_day).map(|position| self.table.columns[position].name);
        let columns = columns.collect::<Vec<_>>().join(";");
        (!columns.is_empty()).then_some(columns)
    }

    /// Whether the case that a row belongs to was accepted.
    fn known_case(&self, values: &[Value<'_>]) -> Result<(), Flaw> {
        let Some(column) = self.table.case_column().filter(|_| self.table.parent != Parent::None) else {
            return Ok(());
        };
        let id = &values[self.table.position(column)];
        let is_of_fault = || values[self.table.position("kind")] == Value::text("fault");
        let known = match self.table.parent {
            Parent::MaybeApplication if *id == Value::Null => return Ok(()),
            Parent::CallbackSubject if is_of_fault() => match &self.known.faults {
                // Without the table of faults nothing can be known of them.
                None => return Ok(()),
                Some(faults) => faults,
            },
            _ => &self.known.applications,
        };
        if known.contains(&duplicates::hash([id])) {
            return Ok(());
        }
        let expected = Words::new("已接受的工单或故障的编号", "the identifier of an accepted application or fault");
        Err(Flaw { column, code: Code::UnknownCase, value: id.display(), expected })
    }

    /// The key of a row; the whole row where a part of its key is empty.
    fn key(&self, values: &[Value<'_>]) -> u128 {
        let columns = &self.key;
        // A pass without a start is told apart from others by its finish.
        let given = |name: &str| match (name, &values[self.table.position(name)]) {
            ("started_at", Value::Null) => &values[self.table.position("finished_at")],
            (_, value) => value,
        };
        let key = columns.iter().map(|name| given(name));
        let whole = columns.is_empty() || key.clone().any(|value| *value == Value::Null);
        if whole { duplicates::hash(values) } else { duplicates::hash(key) }
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
