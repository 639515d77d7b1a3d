//! From the parts of a table to the lines of its mapping: files, sheets, columns, units, orders, words and what is absent.

use std::collections::{BTreeMap, HashSet};

use xxhash_rust::xxh3::xxh3_64;

use super::ends::StatusGuess;
use super::words::{guesses, has_words};
use super::{Certainty, Guess, Item, Key, Looking, Part, Spare, is_export, own_name, owner, stands_in};
use crate::contract::{Care, Column, Kind, TABLES, Table};
use crate::error::{ExportProblem, Result};
use crate::ingest::survey::is_made;
use crate::ingest::survey::sample::different;
use crate::ingest::values::Cell;

/// Cells that a guess shows.
pub(super) const SHOWN: usize = 5;

/// Different words of a column that are counted.
const MOST_WORDS: usize = 2_000;

/// The share of keys that two files may share and still go on with one another, in per cent.
const MOST_SHARED: usize = 1;

/// The files of a table.
struct Files {
    /// Those that a run reads, with the guess.
    read: Vec<String>,
    /// Those that may be its own too.
    unsure: Vec<String>,
}

impl Looking<'_> {
    /// Writes down what is guessed of every table, and the files that are nobody's.
    pub(super) fn guess(&self, guess: &mut Guess) -> Result<()> {
        for table in TABLES {
            let all: Vec<&Part> = self.parts_of(table.name).collect();
            if all.is_empty() {
                if table.name == "stages" {
                    self.guess_ledger(table, guess)?;
                }
                continue;
            }
            let files = self.files_of(table, &all, guess)?;
            let parts: Vec<&Part> =
                all.iter().filter(|part| !files.unsure.contains(&self.file(part).to_owned())).copied().collect();
            let parts = if parts.is_empty() { all } else { parts };
            if !files.unsure.is_empty() {
                guess.doubtful.push((table, files.unsure.clone()));
            }
            guess.tables.push((table, files.read));
            self.sheets_of(table, &parts, guess);
            let status = self.status_of(table, &parts)?;
            let placed = self.columns_of(table, &parts, status.as_ref(), guess);
            self.units_of(table, &placed, guess);
            self.orders_of(table, &placed, guess)?;
            self.words_of(table, &placed, guess)?;
            self.spare_of(table, &parts, status.as_ref(), guess);
            if let Some(status) = status {
                guess.add_status(table, status);
            }
            self.guess_log(table, &parts, &placed, guess)?;
            self.absent_of(table, &parts, guess);
        }
        self.others(guess);
        Ok(())
    }

    fn file(&self, part: &Part) -> &str {
        self.name(&self.sheets[part.sheet])
    }

    /// Which files are the table's; those of its usual names need no line.
    fn files_of(&self, table: &'static Table, parts: &[&Part], guess: &mut Guess) -> Result<Files> {
        let taken_by_another = |file: &str| {
            self.parts.iter().any(|part| self.file(part) == file)
                && !self.parts_of(table.name).any(|part| self.file(part) == file)
        };
        let is_usual = |file: &str| is_export(file) && owner(own_name(file)) == Some(table.name);
        let all = self.files.iter().map(|opened| opened.file.name.as_str());
        let usual: Vec<String> = all.filter(|file| is_usual(file)).map(str::to_owned).collect();
        let mut files = Files { read: Vec::new(), unsure: Vec::new() };
        files.read = usual.iter().filter(|file| !taken_by_another(file)).cloned().collect();
        let mut keys: HashSet<u64> = HashSet::new();
        for part in parts.iter().filter(|part| files.read.iter().any(|file| file == self.file(part))) {
            keys.extend(self.keys(part)?.unwrap_or_default());
        }
        let mut others: Vec<&Part> = parts.iter().filter(|part| !is_usual(self.file(part))).copied().collect();
        others.sort_by(|a, b| b.reading.score.total_cmp(&a.reading.score).then_with(|| a.sheet.cmp(&b.sheet)));
        let mut certainty = Certainty::Sure;
        let mut repeats = 0;
        let mut read: Vec<&Part> =
            parts.iter().filter(|part| files.read.iter().any(|file| file == self.file(part))).copied().collect();
        for part in others {
            let file = self.file(part).to_owned();
            let own = self.keys(part)?;
            let shared = own.as_ref().map_or(0, |own| own.intersection(&keys).count());
            // What has the form of a file that is read goes on with it, whatever it repeats.
            let is_of_one_form = read.iter().any(|other| other.reading.headers == part.reading.headers);
            let goes_on = part.is_log
                || is_of_one_form
                || own.as_ref().map_or(keys.is_empty(), |own| shared * 100 <= own.len() * MOST_SHARED);
            let is_needed = table.required && files.read.is_empty();
            if !goes_on || !(part.reading.is_whole() || is_needed) {
                if !files.unsure.contains(&file) {
                    files.unsure.push(file);
                }
                continue;
            }
            keys.extend(own.unwrap_or_default());
            read.push(part);
            repeats += if part.is_log { 0 } else { shared };
            let is_sure = part.reading.guessed.is_empty() && part.reading.problems.is_empty();
            certainty = certainty.max(if is_sure { Certainty::Sure } else { Certainty::Check });
            if !files.read.contains(&file) {
                files.read.push(file);
            }
        }
        // Stages come again, and each time is a pass.
        if repeats > 0 && !table.key.contains(&"pass") && !parts.iter().any(|part| part.is_log) {
            let (values, samples) = (vec!["last".to_owned()], vec![repeats.to_string()]);
            guess.items.push(Item { table, key: Key::Repeat, values, certainty: Certainty::Check, samples });
        }
        let unsure = std::mem::take(&mut files.unsure);
        files.unsure = unsure.into_iter().filter(|file| !files.read.contains(file)).collect();
        let mut add = |files: &[String], certainty: Certainty| {
            let values = files.iter().map(|file| glob::Pattern::escape(file)).collect();
            guess.items.push(Item { table, key: Key::Files, values, certainty, samples: Vec::new() });
        };
        if files.read != usual {
            add(&files.read, certainty);
        }
        if !files.unsure.is_empty() {
            add(&[files.read.clone(), files.unsure.clone()].concat(), Certainty::Unsure);
        }
        Ok(files)
    }

    /// The keys of a part's rows, hashed; `None` where it lacks a column of them.
    fn keys(&self, part: &Part) -> Result<Option<HashSet<u64>>> {
        let reading = &part.reading;
        let index = |name: &&str| {
            let position = reading.table.position(name);
            let guessed = reading.guessed.iter().find(|assigned| assigned.column == position);
            reading.known[position].or(guessed.map(|assigned| assigned.header))
        };
        // The number of a pass is counted where it is absent.
        let names = reading.table.key.iter().filter(|name| **name != "pass");
        let Some(indices) = names.map(index).collect::<Option<Vec<usize>>>() else { return Ok(None) };
        let sheet = &self.sheets[part.sheet];
        let mut keys = HashSet::new();
        self.files[sheet.file].source()?.each_row(sheet.name.as_deref(), |row| {
            if row.line > reading.line {
                let cells: Vec<String> = indices.iter().map(|index| row.cells.get(*index).display()).collect();
                keys.insert(xxh3_64(cells.join("\u{1f}").as_bytes()));
            }
            Ok(true)
        })?;
        Ok(Some(keys))
    }

    /// Which sheets of the table's workbooks are its own, where others are read for other tables.
    fn sheets_of(&self, table: &'static Table, parts: &[&Part], guess: &mut Guess) {
        let own: Vec<&String> = parts.iter().filter_map(|part| self.sheets[part.sheet].name.as_ref()).collect();
        let in_own_files = |part: &&Part| parts.iter().any(|own| self.file(own) == self.file(part));
        let foreign = self.parts.iter().filter(|part| part.reading.table.name != table.name).filter(in_own_files);
        let mut foreign: Vec<String> = foreign.filter_map(|part| self.sheets[part.sheet].name.clone()).collect();
        foreign.dedup();
        let Some(first) = own.first().filter(|_| !foreign.is_empty()) else { return };
        let files: HashSet<&str> = parts.iter().map(|part| self.file(part)).collect();
        let is_one = own.iter().all(|name| name == first) && own.len() == files.len();
        let (key, values) = match is_one {
            true => (Key::Sheet, vec![(*first).clone()]),
            false => (Key::IgnoreSheets, foreign),
        };
        guess.items.push(Item { table, key, values, certainty: Certainty::Sure, samples: Vec::new() });
    }

    /// The headers of the columns; gives back where each column stands, as far as that is used.
    fn columns_of(
        &self,
        table: &'static Table,
        parts: &[&Part],
        status: Option<&StatusGuess>,
        guess: &mut Guess,
    ) -> Vec<Placed> {
        let mut placed = Vec::new();
        for (position, column) in table.columns.iter().enumerate() {
            let mut found = Found::default();
            for part in parts {
                let reading = &part.reading;
                let name = |index: usize| reading.headers[index].full();
                // What a status word tells of a date is no other column's.
                if let Some(status) = status.filter(|status| status.has(column.name)) {
                    let dates = (0..reading.headers.len()).find(|index| name(*index) == status.dates);
                    placed.extend(dates.map(|index| Placed::of(part, column, index)));
                    continue;
                }
                let is_of_status = |index: usize| status.is_some_and(|status| status.uses(&name(index)));
                if let Some(index) = reading.known[position] {
                    found.add(name(index), None);
                    placed.push(Placed::of(part, column, index));
                } else if let Some(assigned) = reading
                    .guessed
                    .iter()
                    .find(|assigned| assigned.column == position && !is_of_status(assigned.header))
                {
                    found.add(name(assigned.header), Some(assigned.certainty));
                    found.samples.extend(self.samples(part, assigned.header));
                    let rivals = assigned.rivals.iter().filter(|index| !is_of_status(**index));
                    found.rivals.extend(rivals.map(|index| (name(*index), self.samples(part, *index))));
                    if assigned.certainty != Certainty::Unsure {
                        placed.push(Placed::of(part, column, assigned.header));
                    }
                } else {
                    self.two_columns(part, column, &mut found, &mut placed);
                }
            }
            found.write_down(table, column, guess);
        }
        placed
    }

    /// Two headers of one column: if their cells are the same either will do.
    fn two_columns(&self, part: &Part, column: &'static Column, found: &mut Found, placed: &mut Vec<Placed>) {
        let own = part.reading.problems.iter().find(|problem| problem.column() == Some(column.name));
        let Some(ExportProblem::TwoColumns { headers, .. }) = own else { return };
        let all: Vec<usize> = headers
            .iter()
            .filter_map(|name| part.reading.headers.iter().position(|header| header.full() == *name))
            .collect();
        let mut different = all.clone();
        different.dedup();
        // Headers of the same text cannot be told apart.
        let ([first, rest @ ..], true) = (&different[..], different.len() == headers.len()) else { return };
        let texts = |index: usize| {
            let cells = self.sheets[part.sheet].sample.column(part.reading.line, index);
            cells.iter().map(Cell::display).collect::<Vec<_>>()
        };
        let name = |index: usize| part.reading.headers[index].full();
        let is_same = rest.iter().all(|index| texts(*index) == texts(*first));
        found.add(name(*first), Some(if is_same { Certainty::Check } else { Certainty::Unsure }));
        found.samples.extend(self.samples(part, *first));
        if is_same {
            placed.push(Placed::of(part, column, *first));
        } else {
            found.rivals.extend(rest.iter().map(|index| (name(*index), self.samples(part, *index))));
        }
    }

    fn samples(&self, part: &Part, index: usize) -> Vec<String> {
        different(&self.sheets[part.sheet].cells(part.reading.line, index), SHOWN)
    }

    /// Units that the headers do not say, and that the numbers show.
    fn units_of(&self, table: &'static Table, placed: &[Placed], guess: &mut Guess) {
        for column in table.columns {
            let own = placed.iter().filter(|placed| placed.column.name == column.name);
            let is_said = |placed: &&Placed| placed.header.contains(['(', '（', '[', '【', '/']);
            let bare: Vec<&Placed> = own.filter(|placed| !is_said(placed)).collect();
            let cells: Vec<String> = bare.iter().flat_map(|placed| self.texts(placed)).collect();
            let numbers: Vec<f64> = cells.iter().filter_map(|text| text.trim().parse().ok()).collect();
            let is_in_volts = column.name == "voltage_kv"
                && numbers.iter().all(|number| *number >= 100.0)
                && numbers.iter().any(|number| *number >= 1_500.0 || *number == 380.0);
            if is_in_volts {
                let samples = cells.into_iter().take(SHOWN).collect();
                let (key, values) = (Key::Unit(column), vec!["V".to_owned()]);
                guess.items.push(Item { table, key, values, certainty: Certainty::Check, samples });
            }
        }
        for part in self.parts_of(table.name) {
            for problem in &part.reading.problems {
                let ExportProblem::UnknownUnit { column, header, .. } = problem else { continue };
                let column = table.column(column);
                let (key, values) = (Key::Unit(column), vec![String::new()]);
                let samples = vec![header.clone()];
                guess.items.push(Item { table, key, values, certainty: Certainty::Unsure, samples });
            }
        }
    }

    fn texts(&self, placed: &Placed) -> Vec<String> {
        let cells = self.sheets[placed.sheet].cells(placed.line, placed.index);
        cells.iter().map(|cell| cell.display().trim().to_owned()).collect()
    }

    /// The words that are not known.
    fn words_of(&self, table: &'static Table, placed: &[Placed], guess: &mut Guess) -> Result<()> {
        for column in table.columns.iter().filter(|column| has_words(column)) {
            if column.kind == Kind::Stage && self.settings.words.any_stage {
                continue;
            }
            let mut counts: BTreeMap<String, u64> = BTreeMap::new();
            for placed in placed.iter().filter(|placed| placed.column.name == column.name) {
                self.each_cell(placed.sheet, placed.line, placed.index, |cell| {
                    let text = cell.display().trim().to_owned();
                    if counts.len() < MOST_WORDS || counts.contains_key(&text) {
                        *counts.entry(text).or_default() += 1;
                    }
                })?;
            }
            let (items, left) = guesses(table, column, &counts, self.settings.words);
            guess.items.extend(items);
            if left > 0 {
                let why = self.settings.lang.pick(
                    format!("不认识的词太多，另有 {left} 个以上没有列出，运行时逐一拒收"),
                    format!("too many unknown words: at least {left} more are not listed, and a run rejects them"),
                );
                guess.others.push((format!("{}.{}", table.name, column.name), why));
            }
        }
        Ok(())
    }

    /// The columns that no part has, nor a guess is of.
    fn absent_of(&self, table: &'static Table, parts: &[&Part], guess: &mut Guess) {
        for (position, column) in table.columns.iter().enumerate() {
            let has = |part: &&Part| part.reading.known[position].is_some() || part.reading.is_refused(column.name);
            let of_column = |item: &Item| item.table.name == table.name && item.key == Key::Column(column);
            // The complete of a lifecycle is the finish of its stage.
            if table.name == "stages" && column.name == "finished_at" && parts.iter().any(|part| part.has("transition"))
            {
                continue;
            }
            // Each begins where the one before it ended.
            let is_start = table.name == "stages" && column.name == "started_at";
            if is_start && guess.items.iter().any(|item| item.key == Key::Starts) {
                continue;
            }
            let is_told = guess.items.iter().any(|item| item.table.name == table.name && item.tells(column));
            if is_made(table, column, self.settings) || is_told || parts.iter().any(has) {
                continue;
            }
            let guessed: Vec<Certainty> =
                guess.items.iter().filter(|item| of_column(item)).map(|item| item.certainty).collect();
            if guessed.iter().any(|certainty| *certainty != Certainty::Unsure) {
                continue;
            }
            let is_key = column.kind == Kind::Stage || table.key.contains(&column.name) && column.name != "pass";
            let key = match (column.required, column.absence) {
                (true, _) if is_key && guessed.is_empty() => Key::Column(column),
                (true, _) if is_key => continue,
                (true, _) => Key::Default(column),
                (false, Some(_)) => Key::Absent(column),
                (false, None) => continue,
            };
            // A log of another trade has no such thing; of a list of cases somebody must say it.
            let stand_in = stands_in(column.name, self.settings.lang)
                .filter(|_| guessed.is_empty() && parts.iter().all(|part| part.is_log));
            let (value, certainty) = stand_in.map_or(("", Certainty::Unsure), |value| (value, Certainty::Check));
            let values = vec![value.to_owned()];
            guess.items.push(Item { table, key, values, certainty, samples: Vec::new() });
        }
    }

    /// The headers that nothing is known of.
    fn spare_of(&self, table: &'static Table, parts: &[&Part], status: Option<&StatusGuess>, guess: &mut Guess) {
        for part in parts {
            let of_stages = self.sheets[part.sheet].stage_headers();
            let is_guessed = |index: &usize| part.reading.guessed.iter().any(|assigned| assigned.header == *index);
            for index in part.reading.free().filter(|index| !is_guessed(index)) {
                let header = part.reading.headers[index].full();
                let is_used_elsewhere =
                    self.parts.iter().any(|other| other.sheet == part.sheet && other.reading.uses(index));
                if is_used_elsewhere || of_stages.contains(&header) || status.is_some_and(|status| status.uses(&header))
                {
                    continue;
                }
                let is_named = guess.spare.iter().any(|spare| spare.table.name == table.name && spare.header == header);
                if !is_named {
                    guess.spare.push(Spare { table, header, samples: self.samples(part, index) });
                }
            }
        }
    }

    /// Names the files of which no sheet is taken for a part of a table, and the sheets of others.
    fn others(&self, guess: &mut Guess) {
        let lang = self.settings.lang;
        for (number, opened) in self.files.iter().enumerate() {
            let name = &opened.file.name;
            let parts = self.parts.iter().filter(|part| self.sheets[part.sheet].file == number).count();
            if parts == 0 {
                let why = match owner(own_name(name)) {
                    Some(table) => lang.pick(
                        format!("文件名属于 {table} 表，但认不出它的表头，请用 yekuo check 查看"),
                        format!("its name is that of `{table}`, and its headers are not recognised: see yekuo check"),
                    ),
                    None => lang.pick(
                        format!("认不出是哪张表；要读时写：[tables.表名] files = [\"{name}\"]"),
                        format!("of no table that is known; to read it: [tables.NAME] files = [\"{name}\"]"),
                    ),
                };
                guess.others.push((name.clone(), why));
                continue;
            }
            for (at, sheet) in self.sheets.iter().enumerate().filter(|(_, sheet)| sheet.file == number) {
                let is_part = self.parts.iter().any(|part| part.sheet == at);
                if let (Some(sheet_name), false, false) = (&sheet.name, is_part, sheet.sample.rows.is_empty()) {
                    let why = match sheet.is_shown {
                        true => lang.pick("认不出是哪张表", "of no table that is known"),
                        false => lang.pick("隐藏的工作表，不读", "hidden, not read"),
                    };
                    let place =
                        lang.pick(format!("{name}，工作表「{sheet_name}」"), format!("{name}, sheet `{sheet_name}`"));
                    guess.others.push((place, why.to_owned()));
                }
            }
        }
        for part in &self.parts {
            for (position, header) in part.reading.known.iter().enumerate() {
                let Some(index) = header else { continue };
                let (table, column) = (part.reading.table, part.reading.table.columns[position].name);
                let known = (table, part.reading.headers[*index].full(), column);
                let is_named = |other: &&(&'static Table, String, &'static str)| {
                    other.0.name == table.name && other.1 == known.1 && other.2 == column
                };
                if guess.known.iter().find(is_named).is_none() {
                    guess.known.push(known);
                }
            }
        }
    }
}

/// Where a column stands in a sheet, as far as the guess uses it.
#[derive(Debug, Clone)]
pub(super) struct Placed {
    pub sheet: usize,
    /// The line of the headers.
    pub line: u64,
    pub header: String,
    pub column: &'static Column,
    pub index: usize,
}

impl Placed {
    pub(super) fn of(part: &Part, column: &'static Column, index: usize) -> Placed {
        let header = part.reading.headers[index].full();
        Placed { sheet: part.sheet, line: part.reading.line, header, column, index }
    }
}

/// What was found for one column in all parts of its table.
#[derive(Default)]
struct Found {
    headers: Vec<String>,
    /// `None` where no guess was needed.
    certainty: Option<Certainty>,
    samples: Vec<String>,
    rivals: Vec<(String, Vec<String>)>,
}

impl Found {
    fn add(&mut self, header: String, guessed: Option<Certainty>) {
        if !self.headers.contains(&header) {
            self.headers.push(header);
        }
        self.certainty = self.certainty.max(guessed);
    }

    fn write_down(self, table: &'static Table, column: &'static Column, guess: &mut Guess) {
        let Some(certainty) = self.certainty else { return };
        let key = Key::Column(column);
        let mut samples = self.samples;
        samples.truncate(SHOWN);
        guess.items.push(Item { table, key: key.clone(), values: self.headers, certainty, samples });
        for (header, samples) in self.rivals {
            let values = vec![header];
            guess.items.push(Item { table, key: key.clone(), values, certainty: Certainty::Unsure, samples });
        }
    }
}

/// Whether the cost of an absent column is that a run is refused.
pub(super) fn is_needed(column: &Column) -> bool {
    column.absence.is_some_and(|absence| absence.care == Care::Needed)
}
