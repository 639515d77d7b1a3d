//! What the exports hold, before a row is read: every file, every sheet and every header, used or not and why.
//!
//! The reader works from a survey, and `check`, the run, its report and `run.json` print it: what is not used is named
//! by the same value that says what is. All faults of all files are collected; only the first rows of a sheet are
//! looked at.

mod lack;
pub(in crate::ingest) mod ledger;
pub(in crate::ingest) mod look;
pub(in crate::ingest) mod sample;
pub(in crate::ingest) mod status;
mod words;

use std::collections::BTreeMap;
use std::path::PathBuf;
use std::sync::Arc;

use serde::Serialize;

use super::Settings;
use super::archive::Unpacked;
use super::eventlog::LogNote;
use super::headers::Unit;
use super::mapping::{self, Beside, DataFile, Folder, Mapping, Places};
use super::queried::Queried;
use super::scans::Stamp;
use super::text::Scan;
use crate::contract::{Care, Column, Given, TABLES, Table};
use crate::error::{Candidate, Error, ExportFault, ExportProblem, Result, StatusOffer};
use crate::spelling::word;
use lack::{Lack, by_group, lacking, named_once};
use look::{Look, guessed_table};
pub use words::Costs;

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
    /// What is in the archives of the folder, for as long as it is read.
    #[serde(skip)]
    _unpacked: Arc<Unpacked>,
    /// What databases answered, for as long.
    #[serde(skip)]
    _queried: Arc<Queried>,
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
    /// As it was when it was surveyed.
    #[serde(skip)]
    pub(super) as_found: Option<Stamp>,
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
    /// It is a folder, into which only patterns of the mapping look.
    Folder {
        /// How many exports it holds.
        exports: usize,
    },
    /// It is a link that leads nowhere.
    LeadsNowhere,
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
    /// Whether no row stands below the headers: nothing is lost with a column then.
    #[serde(skip)]
    is_empty: bool,
    /// Headers that are not used and could be columns that are absent.
    #[serde(skip)]
    candidates: Vec<(usize, Candidate)>,
    /// How one of them could stand for several columns, told apart by a status word.
    #[serde(skip)]
    status: Option<Box<StatusOffer>>,
}

/// Where the columns of a sheet stand.
#[derive(Debug, Clone)]
pub(super) struct Layout {
    /// The line of the headers.
    pub line: u64,
    /// How many there are.
    pub width: usize,
    /// What they are called.
    pub names: Vec<String>,
    /// The places of each group of columns; of one, where the mapping has no groups.
    pub groups: Vec<Places>,
    /// The conditions of columns.
    pub tests: Vec<mapping::Test>,
}

impl Layout {
    /// Whether any group has a column.
    pub fn has(&self, position: usize) -> bool {
        self.groups.iter().any(|places| places[position].is_some())
    }

    /// The headers that are used.
    fn used(&self) -> impl Iterator<Item = usize> {
        let placed = self.groups.iter().flatten().flatten().map(|place| place.index);
        placed.chain(self.tests.iter().map(|test| test.index))
    }
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
        /// The group of a wide ledger that has it.
        #[serde(skip_serializing_if = "Option::is_none")]
        group: Option<String>,
    },
    /// Its words say whether a column holds its cell.
    Condition {
        /// The column's canonical name.
        of: &'static str,
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
    /// Nothing ends its last line: the file may be cut off.
    Unended {
        /// That line.
        line: u64,
    },
    /// What an event log holds besides its rows.
    Log(LogNote),
    /// A table does not read it that reads another file with the same headers.
    LeftOut {
        /// The table.
        table: &'static str,
        /// The file that the table reads.
        like: String,
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
    /// Whether nothing else tells what it would: the rows of a ledger have each stage once, done again or not.
    #[serde(skip_serializing_if = "std::ops::Not::not")]
    pub once: bool,
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
        (table, table.column(self.column))
    }
}

impl Survey {
    /// Surveys a data folder; every fault of its files is in the error.
    pub(super) fn of(settings: &Settings<'_>) -> Result<Survey> {
        let folder = Folder::open(settings.data, settings.mapping)?;
        let (_unpacked, _queried) = (folder.unpacked.clone(), folder.queried.clone());
        let mut survey = Survey { _unpacked, _queried, ..Survey::default() };
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
        survey.note_left_out();
        faults.extend(survey.absent_faults(settings));
        if !faults.is_empty() {
            return Err(Error::Export { faults });
        }
        survey.absent = survey.absent_columns(settings);
        survey.ignored_nowhere = survey.ignored_nowhere(settings.mapping);
        Ok(survey)
    }

    /// The files that are read, each with its table and its SHA-256.
    pub fn sources(&self) -> impl Iterator<Item = (&str, &str, &str)> {
        let read = self.files.iter().filter_map(|file| Some((file.table?, file)));
        read.map(|(table, file)| {
            let scan = file.scan.as_ref().unwrap_or_else(|| unreachable!("{} is read and was not scanned", file.file));
            (table, file.file.as_str(), scan.sha256.as_str())
        })
    }

    /// Which tables and optional columns there are.
    pub fn given(&self) -> Given {
        let tables = self.files.iter().filter_map(|file| file.table).collect();
        // Passes without a number are told by their starts, except where a stage has one place in its row.
        let is_told = |absent: &&Absent| (absent.table, absent.column) == ("stages", "pass") && !absent.once;
        Given::new(tables, self.lacking().filter(|absent| !is_told(absent)).map(Absent::name).collect())
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
        self.of_table(table.name).flat_map(FileSurvey::readings).any(|read| read.layout.has(position))
    }

    /// Lists the files that no table reads.
    fn others(&mut self, folder: &Folder, settings: &Settings<'_>) {
        let unused = |file: &DataFile, unused: UnusedFile| FileSurvey {
            file: file.name.clone(),
            table: None,
            unused: Some(unused),
            sheets: Vec::new(),
            path: file.path.clone(),
            as_found: None,
            scan: None,
        };
        for file in &folder.files {
            if !self.files.iter().any(|read| read.file == file.name) {
                let looks_like = guessed_table(file, settings);
                self.files.push(unused(file, UnusedFile::NoTable { looks_like }));
            }
        }
        self.files.extend(folder.ignored.iter().map(|file| unused(file, UnusedFile::Ignored)));
        for Beside { name, exports } in &folder.beside {
            let file = DataFile {
                name: exports.map_or_else(|| name.clone(), |_| format!("{name}/")),
                path: settings.data.join(name),
            };
            self.files.push(unused(&file, UnusedFile::beside(*exports)));
        }
    }

    /// The fault of a table without files, with those that look like its own.
    fn no_file(&self, table: &'static Table, mut problem: ExportProblem, settings: &Settings<'_>) -> ExportFault {
        if table.name == "stages"
            && let Some(fault) = self.ledger_fault(settings)
        {
            return fault;
        }
        if let ExportProblem::NoFile { likely, .. } = &mut problem {
            let looks = |file: &&FileSurvey| file.unused == Some(UnusedFile::NoTable { looks_like: Some(table.name) });
            *likely = self.files.iter().filter(looks).map(|file| file.file.clone()).collect();
        }
        let file = settings.data.to_string_lossy().into_owned();
        ExportFault { file, sheet: None, line: None, problem }
    }

    /// That a file which is no table's, or another table's, looks like a ledger of stages.
    fn ledger_fault(&self, settings: &Settings<'_>) -> Option<ExportFault> {
        let files = self.files.iter().filter(|file| file.unused != Some(UnusedFile::Ignored));
        files.map(|file| DataFile { name: file.file.clone(), path: file.path.clone() }).find_map(|file| {
            let ledger::Found { sheet, line, offer } = ledger::of_file(&file, settings)?;
            Some(ExportFault {
                file: file.name,
                sheet,
                line: Some(line),
                problem: ExportProblem::Ledger(Box::new(offer)),
            })
        })
    }

    /// Where two tables read one sheet, what the other uses is not unused.
    fn share_headers(&mut self) {
        type Shared = BTreeMap<(String, Option<String>), Vec<usize>>;
        let mut used: Shared = BTreeMap::new();
        for file in &self.files {
            for sheet in &file.sheets {
                if let SheetState::Read(reading) = &sheet.state {
                    let used = used.entry((file.file.clone(), sheet.sheet.clone())).or_default();
                    used.extend(reading.layout.used());
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

    /// Notes where a table reads one file and leaves out another with the same headers.
    fn note_left_out(&mut self) {
        type Form = (&'static str, Vec<String>);
        let mut forms: BTreeMap<Form, Vec<String>> = BTreeMap::new();
        for file in &self.files {
            for (table, reading) in file.table.into_iter().flat_map(|table| file.readings().map(move |of| (table, of)))
            {
                forms.entry((table, reading.layout.names.clone())).or_default().push(file.file.clone());
            }
        }
        for file in &mut self.files {
            for sheet in &mut file.sheets {
                let SheetState::Read(reading) = &mut sheet.state else { continue };
                let is_like = |((_, names), files): &(&Form, &Vec<String>)| {
                    *names == reading.layout.names && !files.contains(&file.file)
                };
                let left: Vec<Note> = forms
                    .iter()
                    .filter(is_like)
                    .filter_map(|((table, _), files)| Some(Note::LeftOut { table, like: files.first()?.clone() }))
                    .collect();
                reading.notes.extend(left);
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
                if reading.is_empty {
                    continue;
                }
                let lacking = lacking(table, mapping, &reading.layout, settings);
                let could_be =
                    |column: &Column| reading.candidates.iter().any(|(_, c)| c.columns.contains(&column.name));
                let is_at_fault = |lack: &&Lack| lack.care == Care::Needed || could_be(lack.column);
                let at_fault: Vec<&Lack> = lacking.iter().filter(is_at_fault).collect();
                if at_fault.is_empty() {
                    continue;
                }
                let candidates = reading.candidates.iter().map(|(_, candidate)| candidate.clone()).collect();
                let problem = ExportProblem::Absent {
                    table: table.name,
                    columns: named_once(&at_fault),
                    candidates,
                    groups: by_group(&at_fault),
                    status: reading.status.clone(),
                    written: mapping.present(table),
                };
                // The names of a Parquet file stand in no line.
                let line = Some(reading.header_line).filter(|line| *line > 0);
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
            let sections = mapping.sections();
            for (position, column) in table.columns.iter().enumerate() {
                let is_said = mapping.has_default(column.name) || is_made(table, column, settings);
                let is_said = is_said || self.is_of_lifecycle(table, column);
                if column.required || is_said {
                    continue;
                }
                let lacks = |file: &&&FileSurvey| file.readings().any(|read| !read.layout.has(position));
                let without: Vec<String> = files.iter().filter(lacks).map(|file| file.file.clone()).collect();
                let has = self.has(table, column.name);
                if !without.is_empty() || !has {
                    let files = if has { without } else { Vec::new() };
                    let declared = sections.iter().all(|section| section.absent.iter().any(|name| name == column.name));
                    let once = column.name == "pass" && mapping.has_stages_once();
                    absent.push(Absent { table: table.name, column: column.name, declared, once, files, rows: None });
                }
            }
        }
        absent
    }

    /// Whether a column is nothing that exports without a lifecycle lack, or comes of the lifecycle that they have.
    fn is_of_lifecycle(&self, table: &Table, column: &Column) -> bool {
        table.name == "stages"
            && match column.name {
                "transition" | "instance" => true,
                "finished_at" => self.has(table, "transition"),
                _ => false,
            }
    }

    fn ignored_nowhere(&self, mapping: &Mapping) -> Vec<String> {
        let mut nowhere = Vec::new();
        for (name, own) in &mapping.tables {
            let sheets = || self.of_table(name).flat_map(|file| &file.sheets);
            for ignored in &own.ignore {
                let is_there = self.of_table(name).flat_map(FileSurvey::readings).any(|reading| {
                    // What a condition looks at, or another table uses, is there too.
                    reading.headers.iter().any(|header| header.is_there() && header.answers_to(ignored))
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
    /// Whether an entry of `ignore` can be about it: it stands for no column of its table.
    fn is_there(&self) -> bool {
        matches!(self.used, Use::Ignored | Use::Condition { .. } | Use::Elsewhere)
    }

    fn answers_to(&self, name: &str) -> bool {
        let own = self.header.rsplit_once('/').map_or(self.header.as_str(), |(_, own)| own);
        word(&self.header) == word(name) || word(own) == word(name)
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
pub(in crate::ingest) fn is_made(table: &Table, column: &Column, settings: &Settings<'_>) -> bool {
    settings.ends_by_log && table.name == "applications" && column.name == "energised_at"
}
