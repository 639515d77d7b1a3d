//! The sheets of a folder as they were looked at, and which table each is likeliest a part of.

use super::likely::{self, Ids, Rated};
use super::roles::Roles;
use super::{Certainty, Opened};
use crate::contract::{Parent, TABLES, Table};
use crate::error::{ExportProblem, OfferedGroup, Result};
use crate::ingest::Settings;
use crate::ingest::headers::{self, Header};
use crate::ingest::mapping::{TableMapping, own_name, owner};
use crate::ingest::survey::ledger;
use crate::ingest::survey::look::Head;
use crate::ingest::survey::sample::{self, Sample};
use crate::ingest::values::{Cell, Comma, Vocabulary};

/// Rows among which headers without a known name are looked for.
const HEADER_ROWS: usize = 30;

/// Cells of a column that are looked at.
const CELLS: usize = 100;

/// Tables that a sheet is compared with column by column.
const MOST_TABLES: usize = 3;

/// What a sheet must have of a table to be taken for a part of it.
const LEAST: f64 = 5.0;

/// One sheet, or a file that has none.
pub(super) struct Sheet {
    /// Its file's number.
    pub file: usize,
    /// Its name, in a workbook.
    pub name: Option<String>,
    /// Whether users see it.
    pub is_shown: bool,
    /// Its first rows.
    pub sample: Sample,
    /// What a comma in its numbers is, by the form of its file.
    pub comma: Comma,
    /// How it could be read as a wide ledger.
    pub ledger: Option<Ledger>,
    /// How it could be read as an event log.
    pub log: Option<Roles>,
}

/// A sheet as a wide ledger: the headers of its stages.
pub(super) type Ledger = ledger::Offered;

impl Ledger {
    /// The number of a header.
    pub(super) fn index(&self, header: &str) -> Option<usize> {
        self.headers.iter().position(|own| own.full() == header)
    }

    /// Its stages with the columns of each.
    pub(super) fn shape(&self) -> Vec<(&str, Vec<&'static str>)> {
        let columns =
            |group: &OfferedGroup| -> Vec<&'static str> { group.columns.iter().map(|(column, _)| *column).collect() };
        self.offer.groups.iter().map(|group| (group.stage.as_str(), columns(group))).collect()
    }
}

impl Sheet {
    /// The sheets of a file.
    pub(super) fn of(number: usize, file: &Opened, settings: &Settings<'_>) -> Result<Vec<Sheet>> {
        let mut source = file.source()?;
        let comma = source.form.comma(None);
        let mut sheets = Vec::new();
        for sheet in source.sheets() {
            let sample = Sample::take(&mut source, sheet.name.as_deref(), sample::ROWS)?;
            let stages = Table::named("stages").filter(|_| sheet.is_shown);
            let ledger = stages.and_then(|stages| ledger::offer(&sample, stages, settings.words, settings.lang));
            let log = Roles::of(&sample, settings.words).filter(|_| sheet.is_shown && ledger.is_none());
            sheets.push(Sheet { file: number, name: sheet.name, is_shown: sheet.is_shown, sample, comma, ledger, log });
        }
        Ok(sheets)
    }

    /// The table that the sheet or its file is named after.
    pub(super) fn namesake(&self, file: &str) -> Option<&'static str> {
        let by_sheet = self.name.as_ref().and_then(|name| owner(&format!("{name}.csv")));
        by_sheet.or_else(|| owner(own_name(file)))
    }

    /// How it would be read as each of the likeliest tables, the best first.
    pub(super) fn readings(&self, file: &str, words: &Vocabulary, ids: &Ids) -> Vec<Reading> {
        // A ledger is a list of cases: what it says of their stages is read by its groups.
        if self.ledger.is_some() {
            let table = Table::named("applications");
            let head = table.and_then(|table| Some((table, self.head(table)?)));
            let reading = |(table, head)| Reading::of(self, table, head, false, words, ids);
            return head.map(reading).into_iter().collect();
        }
        let namesake = self.namesake(file);
        // What bears a table's name and can be read as it needs no comparison.
        if let Some(table) = namesake.and_then(Table::named)
            && let Some(head) = Head::find(&self.sample, table, &TableMapping::default(), false)
            && head.found.is_readable()
        {
            return vec![Reading::of(self, table, head, true, words, ids)];
        }
        let mut heads: Vec<(usize, bool, &'static Table, Head)> = Vec::new();
        for table in TABLES {
            if let Some(head) = self.head(table) {
                heads.push((head.score(), namesake == Some(table.name), table, head));
            }
        }
        heads.sort_by_key(|(score, is_namesake, ..)| std::cmp::Reverse(score + if *is_namesake { 4 } else { 0 }));
        let some_are_known = heads.first().is_some_and(|(score, is_namesake, ..)| *score >= 2 || *is_namesake);
        heads.truncate(if some_are_known { MOST_TABLES } else { TABLES.len() });
        let mut readings: Vec<Reading> = heads
            .into_iter()
            .map(|(_, is_namesake, table, head)| Reading::of(self, table, head, is_namesake, words, ids))
            .collect();
        readings.sort_by(|a, b| b.score.total_cmp(&a.score));
        readings
    }

    /// The headers that are of the stages of a ledger, and of nothing of the case.
    pub(super) fn stage_headers(&self) -> Vec<String> {
        self.ledger.as_ref().map(Ledger::of_stages).unwrap_or_default()
    }

    /// The row of the headers: that with the most of a table's, else the first that looks like headers.
    fn head(&self, table: &'static Table) -> Option<Head> {
        let usual = TableMapping::default();
        let by_name = Head::find(&self.sample, table, &usual, false)?;
        if by_name.score() >= 2 {
            return Some(by_name);
        }
        let (line, headers) = plain_head(&self.sample)?;
        Some(Head::of(line, headers, table, &usual, false))
    }

    /// The cells of a column, each text once, so many of them.
    pub(super) fn cells(&self, line: u64, index: usize) -> Vec<Cell<'_>> {
        let mut seen = std::collections::HashSet::new();
        let cells = self.sample.column(line, index).into_iter();
        cells.filter(|cell| seen.insert(cell.display())).take(CELLS).collect()
    }
}

/// The first row whose cells are different texts without digits, and that is nearly as wide as the sheet.
fn plain_head(sample: &Sample) -> Option<(u64, Vec<Header>)> {
    let texts = sample.texts(HEADER_ROWS);
    let full = |row: &[String]| row.iter().filter(|text| !text.is_empty()).count();
    let widest = texts.iter().map(|(_, row)| full(row)).max()?;
    let is_head = |row: &[String]| {
        let mut named: Vec<&String> = row.iter().filter(|text| !text.is_empty()).collect();
        let count = named.len();
        let is_name = |text: &&String| {
            let digits = text.chars().filter(char::is_ascii_digit).count();
            text.chars().count() <= 40 && digits * 3 < text.chars().count()
        };
        let all = named.iter().all(is_name);
        named.sort_unstable();
        named.dedup();
        count >= 2 && count * 10 >= widest * 6 && all && named.len() * 10 >= count * 8
    };
    let is_half =
        |number: usize| texts.get(number + 1).is_some_and(|(_, below)| headers::go_on_below(&texts[number].1, below));
    let number = (0..texts.len()).find_map(|number| match is_half(number) {
        true => Some(number + 1),
        false => is_head(&texts[number].1).then_some(number),
    })?;
    let above = number.checked_sub(1).map(|above| texts[above].1.as_slice()).unwrap_or_default();
    Some((texts[number].0, headers::of_rows(above, &texts[number].1)))
}

/// A header that may stand for a column.
pub(super) struct Assigned {
    /// The column's position.
    pub column: usize,
    /// The header's number.
    pub header: usize,
    /// How sure that is.
    pub certainty: Certainty,
    /// Other headers that are as likely.
    pub rivals: Vec<usize>,
}

/// A sheet as a part of a table.
pub(super) struct Reading {
    pub table: &'static Table,
    /// Whether the file or sheet is named after the table.
    pub is_namesake: bool,
    pub line: u64,
    pub headers: Vec<Header>,
    /// The headers that the table's own names find, by the position of the column.
    pub known: Vec<Option<usize>>,
    /// What else may be found.
    pub guessed: Vec<Assigned>,
    /// Columns whose headers cannot be used.
    pub problems: Vec<ExportProblem>,
    /// How likely the sheet is a part of the table.
    pub score: f64,
}

impl Reading {
    fn of(
        sheet: &Sheet,
        table: &'static Table,
        head: Head,
        is_namesake: bool,
        words: &Vocabulary,
        ids: &Ids,
    ) -> Reading {
        let places = head.found.groups.first().into_iter().flatten();
        let known: Vec<Option<usize>> = places.map(|place| place.as_ref().map(|place| place.index)).collect();
        let problems = head.found.problems().to_vec();
        let mut reading = Reading {
            table,
            is_namesake,
            line: head.line,
            headers: head.headers,
            known,
            guessed: Vec::new(),
            problems,
            score: 0.0,
        };
        reading.guessed = reading.guesses(sheet, words, ids);
        reading.score = reading.likelihood();
        reading
    }

    /// A sheet as a part of a table by the headers of a line.
    pub(super) fn of_headers(
        sheet: &Sheet,
        table: &'static Table,
        line: u64,
        headers: Vec<Header>,
        words: &Vocabulary,
    ) -> Reading {
        let head = Head::of(line, headers, table, &TableMapping::default(), false);
        Reading::of(sheet, table, head, false, words, &Ids::new())
    }

    /// Whether a header stands for a column, or is taken for one.
    pub(super) fn uses(&self, header: usize) -> bool {
        let is_taken = |assigned: &Assigned| assigned.header == header && assigned.certainty != Certainty::Unsure;
        self.known.iter().flatten().any(|index| *index == header) || self.guessed.iter().any(is_taken)
    }

    /// Whether a header is guessed for a column.
    pub(super) fn has_guess(&self, column: usize) -> bool {
        self.guessed.iter().any(|assigned| assigned.column == column && assigned.certainty != Certainty::Unsure)
    }

    /// Whether a header of its own name stands for a column and cannot be used.
    pub(super) fn is_refused(&self, column: &str) -> bool {
        self.problems.iter().any(|problem| problem.column() == Some(column))
    }

    /// The headers that stand for nothing yet.
    pub(super) fn free(&self) -> impl Iterator<Item = usize> {
        let is_used = |index: &usize| self.known.iter().flatten().any(|known| known == index);
        (0..self.headers.len()).filter(|index| !self.headers[*index].text.is_empty()).filter(move |i| !is_used(i))
    }

    /// The likeliest header for each column that has none.
    fn guesses(&self, sheet: &Sheet, words: &Vocabulary, ids: &Ids) -> Vec<Assigned> {
        let mut rated: Vec<(usize, usize, Rated)> = Vec::new();
        let of_stages = match self.table.name {
            "stages" => {
                let own = headers::acceptances(self.table, &self.headers);
                own.into_iter().map(|index| self.headers[index].full()).collect()
            }
            _ => sheet.stage_headers(),
        };
        // What a log says of a case is nothing of its stages.
        let is_of_case =
            |header: usize| self.table.parent != Parent::None && self.headers[header].text.starts_with("case:");
        for header in self.free().filter(|header| !self.headers[*header].is_any_of(&of_stages)) {
            if is_of_case(header) {
                continue;
            }
            let cells = sheet.cells(self.line, header);
            for (column, definition) in self.table.columns.iter().enumerate() {
                if self.known[column].is_some() || self.is_refused(definition.name) {
                    continue;
                }
                let found = likely::rate(definition, &self.headers[header], &cells, words, ids);
                rated.extend(found.map(|rated| (column, header, rated)));
            }
        }
        rated.sort_by(|a, b| b.2.score.total_cmp(&a.2.score).then_with(|| (a.0, a.1).cmp(&(b.0, b.1))));
        let mut taken: Vec<(usize, usize, Rated)> = Vec::new();
        for (column, header, own) in &rated {
            if !taken.iter().any(|(of, by, _)| of == column || by == header) {
                taken.push((*column, *header, *own));
            }
        }
        let mut assigned: Vec<Assigned> = Vec::new();
        for (column, header, own) in &taken {
            let is_near = |other: &Rated| other.score >= own.score - NEAR_SCORE;
            // A header that stands for another column rather than for this one is no rival.
            let is_free =
                |h: usize, here: &Rated| !taken.iter().any(|(_, by, there)| *by == h && there.score >= here.score);
            let rivals: Vec<usize> = rated
                .iter()
                .filter(|(c, h, other)| c == column && h != header && is_near(other) && is_free(*h, other))
                .map(|(_, header, _)| *header)
                .collect();
            let certainty = if rivals.is_empty() { own.certainty } else { Certainty::Unsure };
            assigned.push(Assigned { column: *column, header: *header, certainty, rivals });
        }
        assigned.sort_by_key(|assigned| assigned.column);
        assigned
    }

    /// How likely the sheet is a part of the table, by what it has of it and what it lacks.
    fn likelihood(&self) -> f64 {
        let mut score = if self.is_namesake { 6.0 } else { 0.0 };
        for (number, column) in self.table.columns.iter().enumerate() {
            let guessed = self.guessed.iter().find(|assigned| assigned.column == number);
            score += match (&self.known[number], guessed.map(|assigned| assigned.certainty)) {
                (Some(_), _) => 2.0,
                (None, Some(Certainty::Sure)) => 1.5,
                (None, Some(Certainty::Check)) => 1.0,
                (None, Some(_)) => 0.2,
                (None, None) if self.is_refused(column.name) => 1.0,
                (None, None) if column.required => -2.0,
                (None, None) => 0.0,
            };
        }
        score
    }

    /// Whether nothing is to be guessed of it.
    pub(super) fn is_settled(&self) -> bool {
        self.is_namesake && self.is_whole() && self.guessed.is_empty() && self.problems.is_empty()
    }

    /// Whether the sheet is likely enough a part of the table.
    pub(super) fn is_likely(&self) -> bool {
        let has_columns = self.known.iter().flatten().count() + self.guessed.len() >= 2;
        self.score >= LEAST && has_columns
    }

    /// Whether every required column has a header that people need not choose.
    pub(super) fn is_whole(&self) -> bool {
        let mut columns = self.table.columns.iter().enumerate().filter(|(_, column)| column.required);
        columns.all(|(number, _)| {
            let sure = |assigned: &Assigned| assigned.column == number && assigned.certainty != Certainty::Unsure;
            self.known[number].is_some() || self.guessed.iter().any(sure)
        })
    }
}

/// Two headers are as likely as each other within this.
const NEAR_SCORE: f64 = 0.1;
