//! What a source mapping for a folder of strange exports could say: guessed of its files, sheets, headers and cells.
//!
//! The pieces are those of the survey: what a reading run finds by itself needs no guess. Each guess is one line of a
//! mapping ([`Item`]), with how sure it is; what is not sure enough is written commented out, and a run then refuses or
//! names it as it does without a mapping. People may be asked ([`asked`]); the file is made by [`written`].

pub mod asked;
mod columns;
mod ends;
mod groups;
mod likely;
mod logs;
mod orders;
mod roles;
mod sheets;
mod words;
mod written;

use super::archive::Unpacked;
use super::form::scan;
use super::mapping::{Beside, DataFile, Folder, Mapping, TableMapping, is_export, own_name, owner};
use super::survey::{Survey, UnusedFile};
use super::text::Scan;
use super::values::is_missing;
use super::{Settings, Source, open};
use crate::contract::{Column, Kind, Table};
use crate::error::{Error, Result};
use crate::words::Lang;
pub use ends::{SeenWord, StatusGuess};
pub use groups::{GroupColumn, GroupGuess};
use likely::Ids;
use sheets::{Reading, Sheet};

/// What stands for a name that the exports do not say.
fn not_said(lang: Lang) -> &'static str {
    lang.pick("（未写明）", "(not stated)")
}

/// The text that stands for what every case must have, where a log has none.
fn stands_in(column: &str, lang: Lang) -> Option<&'static str> {
    match column {
        "bureau" | "department" => Some(not_said(lang)),
        "voltage_kv" | "capacity_kva" => Some("0"),
        _ => None,
    }
}

/// How sure a guess is.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord)]
pub enum Certainty {
    /// Name and cells agree.
    Sure,
    /// It is used, and must be checked.
    Check,
    /// It is not used unless somebody says so.
    Unsure,
}

/// What a guess is of.
#[derive(Debug, Clone, PartialEq)]
pub enum Key {
    /// The files of the table.
    Files,
    /// Its sheet.
    Sheet,
    /// Sheets of its files that belong to others.
    IgnoreSheets,
    /// The order of its dates.
    DateOrder,
    /// The sign that begins its decimals.
    Decimal,
    /// The header of a column.
    Column(&'static Column),
    /// The unit of a column.
    Unit(&'static Column),
    /// A text where a column is missing that no row can do without.
    Default(&'static Column),
    /// What a word of a column stands for.
    Word {
        /// The column.
        column: &'static Column,
        /// The word of the export.
        word: String,
        /// How often it occurs.
        count: u64,
    },
    /// That the exports do not have a column.
    Absent(&'static Column),
    /// The columns of one stage of a wide ledger.
    Group(Box<GroupGuess>),
    /// One date for every end of a case, and the words that tell which it was.
    Status(Box<StatusGuess>),
    /// Which of the rows with one key counts.
    Repeat,
    /// The order of events of one moment.
    Order,
    /// That a case is accepted by its first event.
    Begins,
    /// The events that end a case.
    Ends,
    /// That a stage begins where the one before it ended.
    Starts,
}

impl Key {
    /// Whether it is of the cases, whatever table it was guessed from.
    fn is_of_cases(&self) -> bool {
        matches!(self, Key::Begins | Key::Ends | Key::Starts)
    }
}

/// One guess: a line of the mapping.
#[derive(Debug, Clone)]
pub struct Item {
    /// The table.
    pub table: &'static Table,
    /// What it is of.
    pub key: Key,
    /// What is guessed; several where files differ. A text that is empty: nothing fits.
    pub values: Vec<String>,
    /// How sure that is.
    pub certainty: Certainty,
    /// Some cells.
    pub samples: Vec<String>,
}

/// A header that no column is known for.
#[derive(Debug, Clone)]
pub struct Spare {
    /// The table whose files have it.
    pub table: &'static Table,
    /// The header.
    pub header: String,
    /// Some of its cells.
    pub samples: Vec<String>,
}

/// A word of which nobody has said what it is.
#[derive(Debug)]
pub struct UnknownWord {
    /// What people call its column.
    pub title: &'static str,
    /// The word.
    pub word: String,
    /// How often it occurs.
    pub count: u64,
    /// The nearest that is known; empty: none.
    pub near: String,
}

/// What is guessed of a folder.
#[derive(Debug, Default)]
pub struct Guess {
    /// The tables that were found, each with its files.
    pub tables: Vec<(&'static Table, Vec<String>)>,
    /// The tables whose files are not sure enough to be read.
    pub doubtful: Vec<(&'static Table, Vec<String>)>,
    /// The columns that are found without a mapping: table, header, column.
    pub known: Vec<(&'static Table, String, &'static str)>,
    /// The guesses, in the order of tables and keys.
    pub items: Vec<Item>,
    /// Headers that nothing is known of.
    pub spare: Vec<Spare>,
    /// Files that are no table's, or cannot be read, with why.
    pub others: Vec<(String, String)>,
}

/// A file that has been looked through.
struct Opened {
    file: DataFile,
    scan: Scan,
}

impl Opened {
    fn source(&self) -> Result<Source<'_>> {
        open(&self.file.name, &self.file.path, &TableMapping::default(), &self.scan)
    }
}

/// A sheet that is taken for a part of a table.
struct Part {
    sheet: usize,
    reading: Reading,
    /// Whether it is an event log: several rows of it are of one case.
    is_log: bool,
}

/// The folder while it is looked at.
struct Looking<'a> {
    settings: &'a Settings<'a>,
    files: Vec<Opened>,
    sheets: Vec<Sheet>,
    parts: Vec<Part>,
    ids: Ids,
    _unpacked: std::sync::Arc<Unpacked>,
}

/// Guesses a mapping of the folder of `settings`, whose own mapping does not count.
pub fn of(settings: &Settings<'_>) -> Result<Guess> {
    let folder = Folder::open(settings.data, &Mapping::default())?;
    let mut guess = Guess::default();
    let mut looking = Looking::open(settings, &folder, &mut guess);
    looking.sort();
    looking.find_ids()?;
    looking.sort();
    looking.sort_logs()?;
    looking.guess(&mut guess)?;
    guess.name_folders(&folder, settings.lang);
    Ok(guess)
}

impl Guess {
    /// The orders of dates and signs of decimals that no cell decides and nobody has chosen.
    pub fn undecided(&self) -> impl Iterator<Item = &Item> {
        self.items.iter().filter(|item| item.is_choice())
    }

    /// The words that a run rejects unless somebody says what they are, the commonest first.
    pub fn unknown_words(&self, lang: Lang) -> Vec<UnknownWord> {
        let unsure = self.items.iter().filter(|item| item.certainty == Certainty::Unsure);
        let mut words: Vec<UnknownWord> = unsure
            .filter_map(|item| match &item.key {
                // An open choice keeps a word of its own.
                Key::Word { column, word, count } if !matches!(column.kind, Kind::Choice { open: true, .. }) => {
                    let (title, near) = (column.title(lang), item.values.first().cloned().unwrap_or_default());
                    Some(UnknownWord { title, word: word.clone(), count: *count, near })
                }
                _ => None,
            })
            .collect();
        words.sort_by(|a, b| b.count.cmp(&a.count).then_with(|| a.word.cmp(&b.word)));
        words
    }

    /// How many guesses are of a certainty; what is only told does not count.
    pub fn decided(&self, certainty: Certainty) -> usize {
        self.items.iter().filter(|item| item.certainty == certainty && !item.is_told_only()).count()
    }

    /// Names the folders that nobody looked into.
    fn name_folders(&mut self, folder: &Folder, lang: Lang) {
        let said = |beside: &Beside| (format!("{}/", beside.name), UnusedFile::beside(beside.exports).say(lang));
        self.others.extend(folder.beside.iter().map(said));
    }
}

impl<'a> Looking<'a> {
    /// Opens every file that can be read; the others are named.
    fn open(settings: &'a Settings<'a>, folder: &Folder, guess: &mut Guess) -> Looking<'a> {
        let mut looking = Looking {
            settings,
            files: Vec::new(),
            sheets: Vec::new(),
            parts: Vec::new(),
            ids: Ids::new(),
            _unpacked: folder.unpacked.clone(),
        };
        let lang = settings.lang;
        for file in &folder.files {
            if !is_export(&file.name) {
                let why = lang.pick("不像导出文件（扩展名）", "not an export, by what its name ends in");
                guess.others.push((file.name.clone(), why.to_owned()));
                continue;
            }
            let opened = scan(&file.name, &file.path, &TableMapping::default())
                .map(|scan| Opened { file: file.clone(), scan })
                .and_then(|opened| Ok((Sheet::of(looking.files.len(), &opened, settings)?, opened)));
            match opened {
                Ok((sheets, opened)) => {
                    looking.files.push(opened);
                    looking.sheets.extend(sheets);
                }
                Err(error) => guess.others.push((file.name.clone(), error.report(lang).replace('\n', " "))),
            }
        }
        looking
    }

    fn name(&self, sheet: &Sheet) -> &str {
        &self.files[sheet.file].file.name
    }

    /// Takes each sheet that users see for a part of the table that it is likeliest of.
    fn sort(&mut self) {
        let mut parts = std::mem::take(&mut self.parts);
        parts.retain(|part| part.reading.is_settled());
        for (number, sheet) in self.sheets.iter().enumerate() {
            let is_settled = parts.iter().any(|part| part.sheet == number);
            if is_settled || !sheet.is_shown || sheet.sample.rows.is_empty() {
                continue;
            }
            let readings = sheet.readings(self.name(sheet), self.settings.words, &self.ids);
            let Some(reading) = readings.into_iter().next() else { continue };
            if reading.is_likely() {
                parts.push(Part { sheet: number, reading, is_log: false });
            }
        }
        // A ledger says more of its stages than a sheet that is hardly a list of them.
        if self.has_ledger() {
            parts.retain(|part| part.reading.table.name != "stages" || part.reading.is_whole());
        }
        parts.sort_by_key(|part| part.sheet);
        self.parts = parts;
    }

    fn parts_of(&self, table: &str) -> impl Iterator<Item = &Part> {
        self.parts.iter().filter(move |part| part.reading.table.name == table)
    }

    /// Collects the identifiers of the applications, by which other tables' columns are known.
    fn find_ids(&mut self) -> Result<()> {
        let mut ids = Ids::new();
        for part in self.parts_of("applications") {
            let column = part.reading.table.position("application_id");
            let guessed = part.reading.guessed.iter().find(|assigned| assigned.column == column);
            let Some(index) = part.reading.known[column].or(guessed.map(|assigned| assigned.header)) else { continue };
            let definition = &part.reading.table.columns[column];
            self.each_cell(part.sheet, part.reading.line, index, |cell| {
                ids.extend(likely::identifier(definition, cell, self.settings.words));
            })?;
        }
        self.ids = ids;
        Ok(())
    }

    /// Every cell of a column that says something, below the headers.
    fn each_cell(&self, sheet: usize, line: u64, index: usize, mut visit: impl FnMut(super::Cell<'_>)) -> Result<()> {
        self.each_row(sheet, line, |row| {
            let cell = row.get(index);
            if !is_missing(cell.display().trim()) {
                visit(cell);
            }
        })
    }

    /// Every row of a sheet below its headers.
    fn each_row(&self, sheet: usize, line: u64, mut visit: impl FnMut(&super::Cells<'_>)) -> Result<()> {
        let sheet = &self.sheets[sheet];
        let mut source = self.files[sheet.file].source()?;
        source.each_row(sheet.name.as_deref(), |row| {
            if row.line > line {
                visit(&row.cells);
            }
            Ok(true)
        })
    }
}

/// What a mapping leaves to be decided: what a survey by it refuses.
pub fn left(settings: &Settings<'_>) -> Result<Option<Error>> {
    match Survey::of(settings) {
        Ok(_) => Ok(None),
        Err(error @ Error::Export { .. }) => Ok(Some(error)),
        Err(error) => Err(error),
    }
}
