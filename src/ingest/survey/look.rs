//! A look at one file: where its headers stand, how each sheet is read, and why not.

use super::ledger::Offered;
use super::sample::{self, HEADER_ROWS, Sample, fits};
use super::{FileSurvey, HeaderSurvey, Layout, Note, Reading, SheetState, SheetSurvey, Use, lacking, ledger, status};
use crate::contract::{Column, Kind, TABLES, Table};
use crate::error::{Candidate, Error, ExportFault, ExportProblem, MissingColumn, Result, SheetFault};
use crate::ingest::headers::{self, Header, Place};
use crate::ingest::mapping::{self, DataFile, Match, Places, TableMapping};
use crate::ingest::scans::Stamp;
use crate::ingest::values::{Cell, Vocabulary};
use crate::ingest::{Settings, SheetOf, open};
use crate::lake::Value;
use crate::spelling::nearest;
use crate::supervise::{self, note};

/// Columns that a sheet must share with its table to be taken for a part of it that cannot be read.
const LIKENESS: usize = 2;

/// The biggest file that is opened although no table has its name.
const GUESSED_BYTES: u64 = 32 << 20;

/// The table that a file without a table's name could be one of, by its headers.
pub(super) fn guessed_table(file: &DataFile, settings: &Settings<'_>) -> Option<&'static str> {
    let small = file.path.metadata().is_ok_and(|found| found.len() <= GUESSED_BYTES);
    if !small || !mapping::is_export(&file.name) {
        return None;
    }
    let mapping = TableMapping::default();
    let found = settings.scan(&file.name, &file.path, &mapping).ok()?;
    let mut source = open(&file.name, &file.path, &mapping, &found).ok()?;
    let sheets: Vec<Option<String>> = source.sheets().into_iter().map(|sheet| sheet.name).collect();
    let samples = sheets.iter().filter_map(|sheet| Sample::take(&mut source, sheet.as_deref(), HEADER_ROWS).ok());
    samples.filter_map(|sample| likely_table(&sample, settings, 0)).next()
}

/// The table that a sheet has the most headers of, and all that are required.
fn likely_table(sample: &Sample, settings: &Settings<'_>, more_than: usize) -> Option<&'static str> {
    let readable = TABLES.iter().filter_map(|table| {
        let head = Head::find(sample, table, settings.mapping.table(table), settings.starts_by_log)?;
        (head.found.is_readable() && head.score() > more_than).then_some((head.score(), table.name))
    });
    readable.max_by_key(|(score, _)| *score).map(|(_, table)| table)
}

/// The row of a sheet that has the most headers of a table.
pub(in crate::ingest) struct Head {
    pub(in crate::ingest) line: u64,
    pub(in crate::ingest) headers: Vec<Header>,
    pub(in crate::ingest) found: Match,
}

impl Head {
    /// Looks for the row that names the most columns, of those from which the table can be read if there are any.
    pub(in crate::ingest) fn find(
        sample: &Sample,
        table: &'static Table,
        mapping: &TableMapping,
        starts_by_log: bool,
    ) -> Option<Head> {
        let mut best: Option<Head> = None;
        let texts = sample.texts(HEADER_ROWS);
        for (number, (line, own)) in texts.iter().enumerate() {
            if mapping.header_row.is_some_and(|wanted| wanted != *line) {
                continue;
            }
            // Half a header would give the plan of a step as the time at which it happened.
            let is_half = texts.get(number + 1).is_some_and(|(_, below)| headers::go_on_below(own, below));
            if is_half && mapping.header_row.is_none() {
                continue;
            }
            let above = number.checked_sub(1).map(|above| texts[above].1.as_slice()).unwrap_or_default();
            let head = Head::of(*line, headers::of_rows(above, own), table, mapping, starts_by_log);
            if best.as_ref().is_none_or(|best| head.is_better_than(best)) {
                best = Some(head);
            }
        }
        best
    }

    /// The headers of some line, as those of a table.
    pub(in crate::ingest) fn of(
        line: u64,
        headers: Vec<Header>,
        table: &'static Table,
        mapping: &TableMapping,
        starts_by_log: bool,
    ) -> Head {
        let found = mapping::places(table, mapping, starts_by_log, &headers);
        Head { line, headers, found }
    }

    fn is_better_than(&self, other: &Head) -> bool {
        match (self.found.is_readable(), other.found.is_readable()) {
            (true, false) => true,
            (false, true) => false,
            _ => self.score() > other.score(),
        }
    }

    /// How many columns have a header.
    pub(in crate::ingest) fn score(&self) -> usize {
        self.found.columns()
    }

    /// Why the table cannot be read from it.
    fn into_problems(self, table: &'static Table) -> Vec<ExportProblem> {
        self.found.into_problems(table, &self.headers)
    }

    fn layout(&self) -> Layout {
        let (groups, tests) = (self.found.groups.clone(), self.found.tests.clone());
        let names = self.headers.iter().map(Header::full).collect();
        Layout { line: self.line, width: self.headers.len(), names, groups, tests }
    }
}

/// A look at one file for one table.
pub(super) struct Look<'a> {
    pub(super) table: &'static Table,
    pub(super) mapping: &'a TableMapping,
    pub(super) settings: &'a Settings<'a>,
    pub(super) file: &'a DataFile,
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
    /// Surveys the file.
    pub(super) fn file_survey(&self) -> Result<FileSurvey> {
        let DataFile { name, path } = self.file;
        note(supervise::Note::Reading, name);
        let as_found = Stamp::of(path);
        let scan = self.settings.scan(name, path, self.mapping)?;
        let mut source = open(name, path, self.mapping, &scan)?;
        let mut sheets = Vec::new();
        let mut unread = Vec::new();
        let all = source.sheets();
        if let Some(sheet) = &self.mapping.sheet
            && !all.iter().any(|found| found.name.as_ref().is_none_or(|name| name == sheet))
        {
            let found = all.into_iter().filter_map(|sheet| sheet.name).collect();
            return Err(Error::export(name, ExportProblem::NoSheet { sheet: sheet.clone(), found }));
        }
        for sheet in all {
            let state = match self.passed_over(&sheet) {
                Some(state) => state,
                None => {
                    let sample = Sample::take(&mut source, sheet.name.as_deref(), sample::ROWS)?;
                    self.sheet_state(sample, sheets.len(), &sheet.name, &mut unread)
                }
            };
            sheets.push(SheetSurvey { sheet: sheet.name, state });
        }
        for sheet in &mut sheets {
            if let SheetState::Read(reading) = &mut sheet.state {
                reading.notes.extend(source.form.notes().iter().cloned().map(Note::Log));
            }
        }
        let mut survey = FileSurvey {
            file: name.clone(),
            table: Some(self.table.name),
            unused: None,
            sheets,
            path: path.clone(),
            as_found,
            scan: Some(scan),
        };
        let faults = self.unread_faults(&mut survey, unread);
        if faults.is_empty() { Ok(survey) } else { Err(Error::Export { faults }) }
    }

    /// Why a sheet is not looked at.
    fn passed_over(&self, sheet: &SheetOf) -> Option<SheetState> {
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
        let head = Head::find(&sample, self.table, self.mapping, self.settings.starts_by_log);
        match head {
            Some(head) if head.found.is_readable() => SheetState::Read(self.reading(&sample, head)),
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
        let columns = self.table.columns;
        let places = head.found.groups.iter_mut().flat_map(|places| columns.iter().zip(places));
        for (column, place) in places.filter_map(|(column, place)| Some((column, place.as_mut()?))) {
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
        // What the groups of a ledger share is remarkable once.
        let mut once: Vec<Note> = Vec::new();
        for note in notes {
            if !once.contains(&note) {
                once.push(note);
            }
        }
        let layout = head.layout();
        let candidates = self.candidates(sample, &head, &layout);
        let is_used = |index: usize| head.found.is_used(index);
        Reading {
            header_line: head.line,
            headers: self.headers(sample, &head),
            notes: once,
            is_empty: sample.rows.iter().all(|(line, _)| *line <= head.line),
            status: status::offer(sample, head.line, &head.headers, &candidates, is_used).map(Box::new),
            candidates,
            layout,
        }
    }

    /// What each header is used for.
    fn headers(&self, sample: &Sample, head: &Head) -> Vec<HeaderSurvey> {
        let mut surveys = Vec::new();
        for (index, header) in head.headers.iter().enumerate() {
            let columns = self.uses(index, head);
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

    /// The columns that a header stands for, and those that depend on its words.
    fn uses(&self, index: usize, head: &Head) -> Vec<Use> {
        let mut uses = Vec::new();
        for of in head.found.uses().into_iter().filter(|of| of.place.index == index) {
            let column = self.table.columns[of.column].name;
            // What all groups share is no group's own.
            let own = self.mapping.groups.get(of.group).filter(|group| group.columns.contains_key(column));
            let group = own.map(|group| group.label(self.table, of.group));
            let used = Use::Column { column, unit: of.place.unit.clone(), group };
            if !uses.contains(&used) {
                uses.push(used);
            }
        }
        let tests = head.found.tests.iter().filter(|test| test.index == index);
        uses.extend(tests.map(|test| Use::Condition { of: self.table.columns[test.column].name }));
        uses
    }

    /// The column without a header whose name is nearest to a header.
    fn nearest_column(&self, header: &Header, head: &Head) -> Option<&'static str> {
        let is_absent = |position: &usize| head.found.groups.iter().all(|places: &Places| places[*position].is_none());
        let absent = || (0..self.table.columns.len()).filter(is_absent).map(|position| &self.table.columns[position]);
        let name = nearest(&header.text, absent().flat_map(Column::names))?;
        absent().find(|column| column.names().any(|own| own == name)).map(|column| column.name)
    }

    /// The headers that are not used and whose cells are like those of a looked-after column that is absent.
    fn candidates(&self, sample: &Sample, head: &Head, layout: &Layout) -> Vec<(usize, Candidate)> {
        let lacking = lacking(self.table, self.mapping, layout, self.settings);
        if lacking.is_empty() {
            return Vec::new();
        }
        let words = self.words();
        let of_stages = match self.table.name {
            "stages" => Vec::new(),
            _ => ledger::stage_headers(sample, self.settings.words),
        };
        let acceptances = headers::acceptances(self.table, &head.headers);
        let mut candidates = Vec::new();
        for (index, header) in head.headers.iter().enumerate().filter(|(index, _)| !acceptances.contains(index)) {
            let is_named = header.is_any_of(&self.mapping.ignore) || header.is_any_of(&of_stages);
            if header.text.is_empty() || head.found.is_used(index) || is_named {
                continue;
            }
            let cells = sample.column(head.line, index);
            let fitting = lacking.iter().map(|lack| lack.column).filter(|column| {
                // In a ledger every column of a stage is mapped: what else is planned is no finish.
                let is_other = !self.mapping.groups.is_empty() && header.is_planned() != (column.name == "due_on");
                !is_other && fits(column, &cells, &words)
            });
            let mut columns: Vec<&'static str> = Vec::new();
            for column in fitting {
                if !columns.contains(&column.name) {
                    columns.push(column.name);
                }
            }
            // The likeliest by its name first.
            let nearest = self.nearest_column(header, head);
            columns.sort_by_key(|column| Some(*column) != nearest);
            if !columns.is_empty() {
                let nearest = nearest.filter(|nearest| columns.contains(nearest));
                let candidate = Candidate { header: header.full(), columns, nearest, samples: sample::shown(&cells) };
                candidates.push((index, candidate));
            }
        }
        candidates
    }

    fn words(&self) -> Vocabulary {
        self.mapping.vocabulary(self.table, self.settings.words)
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
            if let Some(fault) = self.ledger_fault(&unread) {
                return vec![fault];
            }
            let best = unread.into_iter().rev().max_by_key(|sheet| sheet.head.as_ref().map(Head::score));
            let (name, head) = match best {
                Some(Unread { name, head: Some(head), .. }) => (name, head),
                Some(Unread { name, sample, .. }) => return vec![fault(name, None, self.no_head(&sample))],
                None => return vec![fault(None, None, no_columns(self.table))],
            };
            let line = Some(head.line);
            return head
                .into_problems(self.table)
                .into_iter()
                .map(|problem| fault(name.clone(), line, problem))
                .collect();
        }
        let mut faults = Vec::new();
        for Unread { number, name, sample, head } in unread {
            let Some(head) = head else { continue };
            if let Some(likely) = likely_table(&sample, self.settings, head.score()) {
                if let SheetState::NoHeaders { looks_like, .. } = &mut survey.sheets[number].state {
                    *looks_like = Some(likely);
                }
                continue;
            }
            let left_out = |why: SheetFault| ExportProblem::SheetLeftOut { table: self.table.name, why };
            if head.score() >= LIKENESS {
                let line = Some(head.line);
                for problem in head.into_problems(self.table) {
                    let why = SheetFault::Headers(Box::new(problem));
                    faults.push(fault(name.clone(), line, left_out(why)));
                }
            } else if let Some(before) = self.continued(survey, number, &sample) {
                faults.push(fault(name, None, left_out(SheetFault::Continues(before))));
            }
        }
        faults
    }

    /// Why a sheet has no row that could be its headers.
    fn no_head(&self, sample: &Sample) -> ExportProblem {
        match self.mapping.header_row {
            Some(row) if !sample.rows.is_empty() => {
                let looked_at = sample.rows.len().min(HEADER_ROWS);
                ExportProblem::NoHeaderRow { table: self.table.name, row, looked_at }
            }
            _ => no_columns(self.table),
        }
    }

    /// That a sheet looks like a wide ledger, of which the mapping says nothing.
    fn ledger_fault(&self, unread: &[Unread]) -> Option<ExportFault> {
        if !self.mapping.groups.is_empty() {
            return None;
        }
        unread.iter().find_map(|sheet| {
            let Offered { line, offer, .. } =
                ledger::offer(&sheet.sample, self.table, &self.words(), self.settings.lang)?;
            let problem = ExportProblem::Ledger(Box::new(offer));
            Some(ExportFault { file: self.file.name.clone(), sheet: sheet.name.clone(), line: Some(line), problem })
        })
    }

    /// The sheet whose rows a sheet without headers goes on with.
    fn continued(&self, survey: &FileSurvey, number: usize, sample: &Sample) -> Option<String> {
        let before = survey.sheets[..number].iter().rev().find_map(|sheet| match &sheet.state {
            SheetState::Read(reading) => Some((sheet.sheet.clone()?, &reading.layout)),
            _ => None,
        });
        let (name, layout) = before?;
        let words = self.words();
        let places = self.table.columns.iter().zip(layout.groups.first()?);
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
    let missing =
        required.map(|column| MissingColumn { name: column.name.to_owned(), groups: Vec::new(), nearest: None });
    ExportProblem::NoColumn { table: table.name, missing: missing.collect(), found: Vec::new(), ends_only: false }
}
