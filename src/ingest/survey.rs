//! What the exports hold, before a row is read: every file, every sheet and every header, used or not and why.
//!
//! The reader works from a survey, and `check`, the run, its report and `run.json` print it: what is not used is named
//! by the same value that says what is. All faults of all files are collected; only the first rows of a sheet are
//! looked at.

mod sample;
mod words;

use std::collections::BTreeMap;
use std::path::PathBuf;

use serde::Serialize;

use super::contract::{Care, Column, Kind, TABLES, Table};
use super::headers::{self, Header, Place, Unit};
use super::mapping::{self, DataFile, Folder, Mapping, TableMapping};
use super::text::Scan;
use super::values::{Cell, Vocabulary};
use super::{Settings, open, scan};
use crate::error::{Candidate, Error, ExportFault, ExportProblem, Result, SheetFault};
use crate::lake::Value;
use crate::spelling::nearest;
use sample::{Sample, fits};

/// Rows among which the header is looked for.
const HEADER_ROWS: usize = 30;

/// Columns that a sheet must share with its table to be taken for a part of it that cannot be read.
const LIKENESS: usize = 2;

/// The biggest file that is opened although no table has its name.
const GUESSED_BYTES: u64 = 32 << 20;

/// What a data folder holds.
#[derive(Debug, Default, Clone, Serialize)]
pub struct Survey {
    /// Every file, in the order of the tables that read it; those that no table reads last.
    pub files: Vec<FileSurvey>,
    /// The optional columns of the tables that are given which no file has, or not every one.
    pub absent: Vec<Absent>,
    /// Entries of the mapping's `ignore` lists that are nowhere, as `table: header`.
    #[serde(skip_serializing_if = "Vec::is_empty")]
    pub ignored_nowhere: Vec<String>,
}

/// One file; one that several tables read is listed for each.
#[derive(Debug, Clone, Serialize)]
pub struct FileSurvey {
    /// Relative to the data folder.
    pub file: String,
    /// The table that reads it.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub table: Option<&'static str>,
    /// Why no table reads it.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub unused: Option<UnusedFile>,
    /// Its sheets; one without a name for what is no workbook.
    #[serde(skip_serializing_if = "Vec::is_empty")]
    pub sheets: Vec<SheetSurvey>,
    #[serde(skip)]
    pub(super) path: PathBuf,
    #[serde(skip)]
    pub(super) scan: Option<Scan>,
}

/// Why a file is not read.
#[derive(Debug, Clone, PartialEq, Eq, Serialize)]
#[serde(rename_all = "snake_case")]
pub enum UnusedFile {
    /// The mapping says so.
    Ignored,
    /// No table has files of its name.
    NoTable {
        /// The table whose headers it has.
        #[serde(skip_serializing_if = "Option::is_none")]
        looks_like: Option<&'static str>,
    },
}

/// One sheet of a file.
#[derive(Debug, Clone, Serialize)]
pub struct SheetSurvey {
    /// Its name, in a workbook.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub sheet: Option<String>,
    /// Whether it is read.
    #[serde(flatten)]
    pub state: SheetState,
}

/// Whether a sheet is read, and why not.
#[derive(Debug, Clone, Serialize)]
#[serde(tag = "state", rename_all = "snake_case")]
pub enum SheetState {
    /// It is.
    Read(Reading),
    /// The mapping says that it is not.
    Ignored,
    /// The mapping names another sheet.
    NotNamed,
    /// Users do not see it.
    Hidden,
    /// It holds nothing.
    Empty,
    /// It has none of the table's headers.
    NoHeaders {
        /// How many rows it has, as far as they were counted.
        rows: usize,
        /// Whether it may have more.
        more: bool,
        /// The table whose headers it has.
        #[serde(skip_serializing_if = "Option::is_none")]
        looks_like: Option<&'static str>,
    },
}

/// How a sheet is read.
#[derive(Debug, Clone, Serialize)]
pub struct Reading {
    /// The line of its headers.
    pub header_line: u64,
    /// Its headers, from the left.
    pub headers: Vec<HeaderSurvey>,
    /// What is remarkable about it.
    #[serde(skip_serializing_if = "Vec::is_empty")]
    pub notes: Vec<Note>,
    #[serde(skip)]
    pub(super) layout: Layout,
    /// Headers that are not used and could be columns that are absent.
    #[serde(skip)]
    candidates: Vec<(usize, Candidate)>,
}

/// Where the columns of a sheet stand.
#[derive(Debug, Clone)]
pub(super) struct Layout {
    /// The line of the headers.
    pub line: u64,
    /// How many there are.
    pub width: usize,
    /// By the position of the column.
    pub places: Vec<Option<Place>>,
}

/// One header.
#[derive(Debug, Clone, PartialEq, Serialize)]
pub struct HeaderSurvey {
    /// Its text, with that of its group where it has one; `#3` for the third column, where it has none.
    pub header: String,
    #[serde(skip)]
    index: usize,
    /// What it is used for.
    #[serde(flatten)]
    pub used: Use,
}

/// What a header is used for.
#[derive(Debug, Clone, PartialEq, Serialize)]
#[serde(rename_all = "snake_case")]
pub enum Use {
    /// A column.
    Column {
        /// Its canonical name.
        column: &'static str,
        /// The unit of its cells.
        #[serde(skip_serializing_if = "Option::is_none")]
        unit: Option<Unit>,
    },
    /// Nothing.
    Unused {
        /// The column that is absent and has the nearest name.
        #[serde(skip_serializing_if = "Option::is_none")]
        nearest: Option<&'static str>,
    },
    /// Nothing, as the mapping says.
    Ignored,
    /// A column of another table that reads the same file.
    Elsewhere,
}

/// What is remarkable about a sheet that is read.
#[derive(Debug, Clone, PartialEq, Eq, Serialize)]
#[serde(rename_all = "snake_case")]
pub enum Note {
    /// The cells under a header in per cent are shares already.
    SharesUnderPercent {
        /// The header.
        header: String,
    },
    /// The identifiers are numbers that a spreadsheet keeps for dates.
    DateIdentifiers {
        /// The header.
        header: String,
    },
    /// It ends on the last row that a spreadsheet can hold: the rest may be cut off.
    Full {
        /// That row.
        rows: u64,
    },
}

/// The last rows of the sheets of spreadsheets.
pub(super) const LAST_ROWS: [u64; 2] = [65_536, 1_048_576];

/// An optional column that the exports lack.
#[derive(Debug, Clone, Serialize)]
pub struct Absent {
    /// The table.
    pub table: &'static str,
    /// The column.
    pub column: &'static str,
    /// Whether the mapping declares it absent.
    pub declared: bool,
    /// The files that lack it where others have it; empty: all.
    #[serde(skip_serializing_if = "Vec::is_empty")]
    pub files: Vec<String>,
    /// How many accepted rows that concerns; `None` before they are read.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub rows: Option<u64>,
}

impl Absent {
    /// The column as `table.column`.
    pub fn name(&self) -> String {
        format!("{}.{}", self.table, self.column)
    }

    /// The column as the contract has it.
    pub fn definition(&self) -> (&'static Table, &'static Column) {
        let table = Table::named(self.table).unwrap_or_else(|| unreachable!("a survey is of the contract's tables"));
        (table, &table.columns[table.position(self.column)])
    }
}

impl Survey {
    /// Surveys a data folder; every fault of its files is in the error.
    pub(super) fn of(settings: &Settings<'_>) -> Result<Survey> {
        let folder = Folder::open(settings.data, settings.mapping)?;
        let mut survey = Survey::default();
        let mut faults = Vec::new();
        let mut missing = Vec::new();
        for table in TABLES {
            let mapping = settings.mapping.table(table);
            match folder.of_table(table, mapping) {
                Ok(files) => {
                    for file in files {
                        let look = Look { table, mapping, settings, file: &file };
                        survey.files.extend(collected(look.file_survey(), &mut faults)?);
                    }
                }
                Err(problem) => missing.push((table, problem)),
            }
        }
        survey.others(&folder, settings);
        let files = missing.into_iter().map(|(table, problem)| survey.no_file(table, problem, settings));
        faults.splice(0..0, files.collect::<Vec<_>>());
        survey.share_headers();
        faults.extend(survey.absent_faults(settings));
        if !faults.is_empty() {
            return Err(Error::Export { faults });
        }
        survey.absent = survey.absent_columns(settings);
        survey.ignored_nowhere = survey.ignored_nowhere(settings.mapping);
        Ok(survey)
    }

    /// The files that a table reads, in their order.
    pub fn of_table(&self, table: &str) -> impl Iterator<Item = &FileSurvey> {
        self.files.iter().filter(move |file| file.table == Some(table))
    }

    /// The columns that no file has.
    pub fn lacking(&self) -> impl Iterator<Item = &Absent> {
        self.absent.iter().filter(|absent| absent.files.is_empty())
    }

    /// Whether any file of a table has a column.
    pub(super) fn has(&self, table: &Table, column: &str) -> bool {
        let position = table.position(column);
        self.of_table(table.name).flat_map(FileSurvey::readings).any(|read| read.layout.places[position].is_some())
    }

    /// Lists the files that no table reads.
    fn others(&mut self, folder: &Folder, settings: &Settings<'_>) {
        let unused = |file: &DataFile, unused: UnusedFile| FileSurvey {
            file: file.name.clone(),
            table: None,
            unused: Some(unused),
            sheets: Vec::new(),
            path: file.path.clone(),
            scan: None,
        };
        for file in &folder.files {
            if !self.files.iter().any(|read| read.file == file.name) {
                let looks_like = guessed_table(file, settings);
                self.files.push(unused(file, UnusedFile::NoTable { looks_like }));
            }
        }
        self.files.extend(folder.ignored.iter().map(|file| unused(file, UnusedFile::Ignored)));
    }

    /// The fault of a table without files, with those that look like its own.
    fn no_file(&self, table: &'static Table, mut problem: ExportProblem, settings: &Settings<'_>) -> ExportFault {
        if let ExportProblem::NoFile { likely, .. } = &mut problem {
            let looks = |file: &&FileSurvey| file.unused == Some(UnusedFile::NoTable { looks_like: Some(table.name) });
            *likely = self.files.iter().filter(looks).map(|file| file.file.clone()).collect();
        }
        let file = settings.data.to_string_lossy().into_owned();
        ExportFault { file, sheet: None, line: None, problem }
    }

    /// Where two tables read one sheet, what the other uses is not unused.
    fn share_headers(&mut self) {
        type Shared = BTreeMap<(String, Option<String>), Vec<usize>>;
        let mut used: Shared = BTreeMap::new();
        for file in &self.files {
            for sheet in &file.sheets {
                if let SheetState::Read(reading) = &sheet.state {
                    let places = reading.layout.places.iter().flatten().map(|place| place.index);
                    used.entry((file.file.clone(), sheet.sheet.clone())).or_default().extend(places);
                }
            }
        }
        for file in &mut self.files {
            for sheet in &mut file.sheets {
                let SheetState::Read(reading) = &mut sheet.state else { continue };
                let Some(used) = used.get(&(file.file.clone(), sheet.sheet.clone())) else { continue };
                reading.candidates.retain(|(index, _)| !used.contains(index));
                for header in &mut reading.headers {
                    if matches!(header.used, Use::Unused { .. }) && used.contains(&header.index) {
                        header.used = Use::Elsewhere;
                    }
                }
            }
        }
    }

    /// The columns on which figures hang that a sheet lacks although it may have them, or that nobody declares absent.
    fn absent_faults(&self, settings: &Settings<'_>) -> Vec<ExportFault> {
        let mut faults = Vec::new();
        for file in &self.files {
            let Some(table) = file.table.and_then(Table::named) else { continue };
            let mapping = settings.mapping.table(table);
            for sheet in &file.sheets {
                let SheetState::Read(reading) = &sheet.state else { continue };
                let lacking = lacking(table, mapping, &reading.layout, settings);
                let could_be =
                    |column: &Column| reading.candidates.iter().any(|(_, c)| c.columns.contains(&column.name));
                let at_fault: Vec<&Column> = lacking
                    .into_iter()
                    .filter(|(column, care)| *care == Care::Needed || could_be(column))
                    .map(|(column, _)| column)
                    .collect();
                if at_fault.is_empty() {
                    continue;
                }
                let candidates = reading.candidates.iter().map(|(_, candidate)| candidate.clone()).collect();
                let columns =
                    at_fault.iter().map(|column| (column.name, column.zh.first().copied().unwrap_or(""))).collect();
                let problem = ExportProblem::Absent { table: table.name, columns, candidates };
                let line = Some(reading.header_line);
                faults.push(ExportFault { file: file.file.clone(), sheet: sheet.sheet.clone(), line, problem });
            }
        }
        faults
    }

    /// The optional columns that are in no file, or not in all.
    fn absent_columns(&self, settings: &Settings<'_>) -> Vec<Absent> {
        let mut absent = Vec::new();
        for table in TABLES {
            let mapping = settings.mapping.table(table);
            let files: Vec<&FileSurvey> = self.of_table(table.name).collect();
            if files.is_empty() {
                continue;
            }
            for (position, column) in table.columns.iter().enumerate() {
                if column.required || mapping.defaults.contains_key(column.name) || is_made(table, column, settings) {
                    continue;
                }
                let lacks = |file: &&&FileSurvey| file.readings().any(|read| read.layout.places[position].is_none());
                let without: Vec<String> = files.iter().filter(lacks).map(|file| file.file.clone()).collect();
                let has = self.has(table, column.name);
                if !without.is_empty() || !has {
                    let files = if has { without } else { Vec::new() };
                    let declared = mapping.absent.iter().any(|name| name == column.name);
                    absent.push(Absent { table: table.name, column: column.name, declared, files, rows: None });
                }
            }
        }
        absent
    }

    fn ignored_nowhere(&self, mapping: &Mapping) -> Vec<String> {
        let mut nowhere = Vec::new();
        for (name, own) in &mapping.tables {
            let sheets = || self.of_table(name).flat_map(|file| &file.sheets);
            for ignored in &own.ignore {
                let is_there = self.of_table(name).flat_map(FileSurvey::readings).any(|reading| {
                    reading.headers.iter().any(|header| header.used == Use::Ignored && header.answers_to(ignored))
                });
                if !is_there {
                    nowhere.push(format!("{name}: {ignored}"));
                }
            }
            for ignored in &own.ignore_sheets {
                if !sheets().any(|sheet| sheet.sheet.as_ref() == Some(ignored)) {
                    nowhere.push(format!("{name}: {ignored}"));
                }
            }
        }
        nowhere
    }
}

impl HeaderSurvey {
    fn answers_to(&self, name: &str) -> bool {
        let folded = crate::spelling::word;
        let own = self.header.rsplit_once('/').map_or(self.header.as_str(), |(_, own)| own);
        folded(&self.header) == folded(name) || folded(own) == folded(name)
    }
}

impl FileSurvey {
    /// How its sheets are read, of those that are.
    pub fn readings(&self) -> impl Iterator<Item = &Reading> {
        self.sheets.iter().filter_map(|sheet| match &sheet.state {
            SheetState::Read(reading) => Some(reading),
            _ => None,
        })
    }
}

/// A file's survey; what is wrong with the file goes to the faults of the others.
fn collected(survey: Result<FileSurvey>, faults: &mut Vec<ExportFault>) -> Result<Option<FileSurvey>> {
    match survey {
        Ok(survey) => Ok(Some(survey)),
        Err(Error::Export { faults: own }) => {
            faults.extend(own);
            Ok(None)
        }
        Err(other) => Err(other),
    }
}

/// Whether a column is made of the log itself, and needs no header.
fn is_made(table: &Table, column: &Column, settings: &Settings<'_>) -> bool {
    settings.ends_by_log && table.name == "applications" && column.name == "energised_at"
}

/// The looked-after columns that a sheet lacks, without those that the mapping says something of.
fn lacking(
    table: &'static Table,
    mapping: &TableMapping,
    layout: &Layout,
    settings: &Settings<'_>,
) -> Vec<(&'static Column, Care)> {
    let columns = table.columns.iter().zip(&layout.places).filter(|(_, place)| place.is_none());
    columns
        .filter(|(column, _)| !mapping.defaults.contains_key(column.name) && !is_made(table, column, settings))
        .filter(|(column, _)| !mapping.absent.iter().any(|name| name == column.name))
        .filter_map(|(column, _)| Some((column, column.absence?.care)))
        .filter(|(_, care)| *care >= Care::LookedAfter)
        .collect()
}

/// The table that a file without a table's name could be one of, by its headers.
fn guessed_table(file: &DataFile, settings: &Settings<'_>) -> Option<&'static str> {
    let small = file.path.metadata().is_ok_and(|found| found.len() <= GUESSED_BYTES);
    if !small || !mapping::is_export(&file.name) {
        return None;
    }
    let mapping = TableMapping::default();
    let found = scan(&file.name, &file.path, &mapping).ok()?;
    let mut source = open(&file.name, &file.path, &mapping, &found).ok()?;
    let sheets: Vec<Option<String>> = source.sheets().into_iter().map(|sheet| sheet.name).collect();
    let samples = sheets.iter().filter_map(|sheet| Sample::take(&mut source, sheet.as_deref(), HEADER_ROWS).ok());
    samples.filter_map(|sample| likely_table(&sample, settings, 0)).next()
}

/// The table that a sheet has the most headers of, and all that are required.
fn likely_table(sample: &Sample, settings: &Settings<'_>, more_than: usize) -> Option<&'static str> {
    let readable = TABLES.iter().filter_map(|table| {
        let head = Head::find(sample, table, settings.mapping.table(table))?;
        (head.problems.is_empty() && head.score > more_than).then_some((head.score, table.name))
    });
    readable.max_by_key(|(score, _)| *score).map(|(_, table)| table)
}

/// The row of a sheet that has the most headers of a table.
struct Head {
    line: u64,
    headers: Vec<Header>,
    places: Vec<Option<Place>>,
    problems: Vec<ExportProblem>,
    /// How many columns have a header.
    score: usize,
}

impl Head {
    /// Looks for the row that names the most columns, of those from which the table can be read if there are any.
    fn find(sample: &Sample, table: &'static Table, mapping: &TableMapping) -> Option<Head> {
        let mut best: Option<Head> = None;
        let texts = sample.texts(HEADER_ROWS);
        for (number, (line, own)) in texts.iter().enumerate() {
            if mapping.header_row.is_some_and(|wanted| wanted != *line) {
                continue;
            }
            let above = number.checked_sub(1).map(|above| texts[above].1.as_slice()).unwrap_or_default();
            let headers = headers::of_rows(above, own);
            let found = mapping::places(table, mapping, &headers);
            let score = found.columns() + found.problems.iter().filter(|problem| problem.column().is_some()).count();
            let head = Head { line: *line, headers, places: found.places, problems: found.problems, score };
            if best.as_ref().is_none_or(|best| head.is_better_than(best)) {
                best = Some(head);
            }
        }
        best
    }

    fn is_better_than(&self, other: &Head) -> bool {
        match (self.problems.is_empty(), other.problems.is_empty()) {
            (true, false) => true,
            (false, true) => false,
            _ => self.score > other.score,
        }
    }

    fn layout(&self) -> Layout {
        Layout { line: self.line, width: self.headers.len(), places: self.places.clone() }
    }
}

/// A look at one file for one table.
struct Look<'a> {
    table: &'static Table,
    mapping: &'a TableMapping,
    settings: &'a Settings<'a>,
    file: &'a DataFile,
}

/// A sheet that was looked at and has no headers of the table.
struct Unread {
    /// Its number among the sheets of the file.
    number: usize,
    name: Option<String>,
    sample: Sample,
    head: Option<Head>,
}

impl Look<'_> {
    fn file_survey(&self) -> Result<FileSurvey> {
        let DataFile { name, path } = self.file;
        let scan = scan(name, path, self.mapping)?;
        let mut source = open(name, path, self.mapping, &scan)?;
        let mut sheets = Vec::new();
        let mut unread = Vec::new();
        for sheet in source.sheets() {
            let state = match self.passed_over(&sheet) {
                Some(state) => state,
                None => {
                    let sample = Sample::take(&mut source, sheet.name.as_deref(), sample::ROWS)?;
                    self.sheet_state(sample, sheets.len(), &sheet.name, &mut unread)
                }
            };
            sheets.push(SheetSurvey { sheet: sheet.name, state });
        }
        let mut survey = FileSurvey {
            file: name.clone(),
            table: Some(self.table.name),
            unused: None,
            sheets,
            path: path.clone(),
            scan: Some(scan),
        };
        let faults = self.unread_faults(&mut survey, unread);
        if faults.is_empty() { Ok(survey) } else { Err(Error::Export { faults }) }
    }

    /// Why a sheet is not looked at.
    fn passed_over(&self, sheet: &super::SheetOf) -> Option<SheetState> {
        let Some(name) = &sheet.name else { return None };
        if self.mapping.ignore_sheets.contains(name) {
            return Some(SheetState::Ignored);
        }
        match &self.mapping.sheet {
            Some(named) if named == name => None,
            Some(_) => Some(SheetState::NotNamed),
            None => (!sheet.is_shown).then_some(SheetState::Hidden),
        }
    }

    fn sheet_state(
        &self,
        sample: Sample,
        number: usize,
        name: &Option<String>,
        unread: &mut Vec<Unread>,
    ) -> SheetState {
        let head = Head::find(&sample, self.table, self.mapping);
        match head {
            Some(head) if head.problems.is_empty() => SheetState::Read(self.reading(&sample, head)),
            head => {
                // A workbook's empty sheets are nothing to speak of; a file that holds nothing is.
                let state = match sample.rows.is_empty() {
                    true => SheetState::Empty,
                    false => SheetState::NoHeaders { rows: sample.rows.len(), more: sample.more, looks_like: None },
                };
                unread.push(Unread { number, name: name.clone(), sample, head });
                state
            }
        }
    }

    /// How a sheet with these headers is read.
    fn reading(&self, sample: &Sample, mut head: Head) -> Reading {
        let mut notes = Vec::new();
        for (column, place) in self.table.columns.iter().zip(&mut head.places) {
            let Some(place) = place else { continue };
            let cells = sample.column(head.line, place.index);
            let header = || head.headers[place.index].full();
            if sample::holds_shares(column, place, &cells) {
                if let Some(unit) = &mut place.unit {
                    unit.factor = 1.0;
                }
                notes.push(Note::SharesUnderPercent { header: header() });
            }
            if column.kind == Kind::Id && sample::holds_date_serials(&cells) {
                notes.push(Note::DateIdentifiers { header: header() });
            }
        }
        let layout = head.layout();
        Reading {
            header_line: head.line,
            headers: self.headers(sample, &head),
            notes,
            candidates: self.candidates(sample, &head, &layout),
            layout,
        }
    }

    /// What each header is used for.
    fn headers(&self, sample: &Sample, head: &Head) -> Vec<HeaderSurvey> {
        let mut surveys = Vec::new();
        for (index, header) in head.headers.iter().enumerate() {
            let places = self.table.columns.iter().zip(&head.places);
            let columns: Vec<Use> = places
                .filter_map(|(column, place)| Some((column, place.as_ref().filter(|place| place.index == index)?)))
                .map(|(column, place)| Use::Column { column: column.name, unit: place.unit.clone() })
                .collect();
            let text = match header.text.is_empty() {
                false => header.full(),
                true if sample.column(head.line, index).is_empty() => continue,
                // A column without a header is named by its place.
                true => format!("#{}", index + 1),
            };
            let unused = || match header.is_any_of(&self.mapping.ignore) {
                true => Use::Ignored,
                false => Use::Unused { nearest: self.nearest_column(header, head) },
            };
            let uses = if columns.is_empty() { vec![unused()] } else { columns };
            surveys.extend(uses.into_iter().map(|used| HeaderSurvey { header: text.clone(), index, used }));
        }
        surveys
    }

    /// The column without a header whose name is nearest to a header.
    fn nearest_column(&self, header: &Header, head: &Head) -> Option<&'static str> {
        let absent = || self.table.columns.iter().zip(&head.places).filter(|(_, place)| place.is_none());
        let name = nearest(&header.text, absent().flat_map(|(column, _)| column.names()))?;
        absent().find(|(column, _)| column.names().any(|own| own == name)).map(|(column, _)| column.name)
    }

    /// The headers that are not used and whose cells are like those of a looked-after column that is absent.
    fn candidates(&self, sample: &Sample, head: &Head, layout: &Layout) -> Vec<(usize, Candidate)> {
        let lacking = lacking(self.table, self.mapping, layout, self.settings);
        let is_used = |index: usize| head.places.iter().flatten().any(|place| place.index == index);
        let mut candidates = Vec::new();
        for (index, header) in head.headers.iter().enumerate() {
            if header.text.is_empty() || is_used(index) || header.is_any_of(&self.mapping.ignore) {
                continue;
            }
            let cells = sample.column(head.line, index);
            let words = self.words();
            let columns: Vec<&'static str> = lacking
                .iter()
                .filter(|(column, _)| fits(column, &cells, &words))
                .map(|(column, _)| column.name)
                .collect();
            if !columns.is_empty() {
                let candidate = Candidate { header: header.full(), columns, samples: sample::shown(&cells) };
                candidates.push((index, candidate));
            }
        }
        candidates
    }

    fn words(&self) -> Vocabulary {
        Vocabulary { values: self.mapping.folded_values(), ..self.settings.words.clone() }
    }

    /// What is wrong with the sheets that are not read: that none is, or that one looks like the table.
    fn unread_faults(&self, survey: &mut FileSurvey, unread: Vec<Unread>) -> Vec<ExportFault> {
        let fault = |sheet: Option<String>, line: Option<u64>, problem: ExportProblem| ExportFault {
            file: self.file.name.clone(),
            sheet,
            line,
            problem,
        };
        if survey.readings().next().is_none() {
            let best = unread.into_iter().rev().max_by_key(|sheet| sheet.head.as_ref().map(|head| head.score));
            let Some(Unread { name, head: Some(head), .. }) = best else {
                return vec![fault(None, None, no_columns(self.table))];
            };
            let line = Some(head.line);
            return head.problems.into_iter().map(|problem| fault(name.clone(), line, problem)).collect();
        }
        let mut faults = Vec::new();
        for Unread { number, name, sample, head } in unread {
            let Some(head) = head else { continue };
            if let Some(likely) = likely_table(&sample, self.settings, head.score) {
                if let SheetState::NoHeaders { looks_like, .. } = &mut survey.sheets[number].state {
                    *looks_like = Some(likely);
                }
                continue;
            }
            let left_out = |why: SheetFault| ExportProblem::SheetLeftOut { table: self.table.name, why };
            if head.score >= LIKENESS {
                let whys = head.problems.into_iter().map(|problem| left_out(SheetFault::Headers(Box::new(problem))));
                faults.extend(whys.map(|problem| fault(name.clone(), Some(head.line), problem)));
            } else if let Some(before) = self.continued(survey, number, &sample) {
                faults.push(fault(name, None, left_out(SheetFault::Continues(before))));
            }
        }
        faults
    }

    /// The sheet whose rows a sheet without headers goes on with.
    fn continued(&self, survey: &FileSurvey, number: usize, sample: &Sample) -> Option<String> {
        let before = survey.sheets[..number].iter().rev().find_map(|sheet| match &sheet.state {
            SheetState::Read(reading) => Some((sheet.sheet.clone()?, &reading.layout)),
            _ => None,
        });
        let (name, layout) = before?;
        let words = self.words();
        let places = self.table.columns.iter().zip(&layout.places);
        let required: Vec<(&Column, &Place)> = places
            .filter(|(column, _)| column.required)
            .filter_map(|(column, place)| Some((column, place.as_ref()?)))
            .collect();
        let is_row = |(_, cells): &&(u64, Vec<sample::Kept>)| {
            cells.len() <= layout.width
                && required.iter().all(|(column, place)| {
                    let cell = cells.get(place.index).map_or(Cell::Empty, sample::Kept::cell);
                    headers::read(column, place, cell, &words).is_ok_and(|value| value != Value::Null)
                })
        };
        let like = sample.rows.iter().filter(is_row).count();
        (!required.is_empty() && like * 2 > sample.rows.len()).then_some(name)
    }
}

/// That a file has none of a table's columns.
fn no_columns(table: &'static Table) -> ExportProblem {
    let required = table.columns.iter().filter(|column| column.required);
    let missing = required.map(|column| (column.name.to_owned(), None)).collect();
    ExportProblem::NoColumn { table: table.name, missing, found: Vec::new() }
}
