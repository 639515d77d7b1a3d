//! The rows of one table judged, each by itself: what is read of its cells, or the first thing that is wrong with it.

use std::borrow::Cow;
use std::collections::BTreeMap;
use std::path::PathBuf;

use super::rules::{Holds, Rules};
use super::{Batch, Known, Parsed};
use crate::calendar::Instant;
use crate::contract::{Column, Kind, NO_TRANSITION, Parent, Table};
use crate::error::Result;
use crate::ingest::duplicates::Hasher;
use crate::ingest::identifiers::{self, Spellings};
use crate::ingest::mapping::{Group, Repeats, TableMapping};
use crate::ingest::rejects::{self, Code, Reject};
use crate::ingest::survey::{Layout as Headers, Survey};
use crate::ingest::values::{self, Cell, Refusal, Vocabulary};
use crate::ingest::{Cells, Row, Settings, footer, headers};
use crate::lake::Value;
use crate::words::Words;

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

/// How the rows of a table are judged: the same for every row, on every core.
pub(super) struct Judge<'a> {
    pub(super) table: &'static Table,
    pub(super) mapping: &'a TableMapping,
    /// By group and column.
    defaults: Vec<Vec<Option<Value<'a>>>>,
    has_defaults: bool,
    pub(super) rules: Rules,
    /// Whether a stage's pass without a number is the first.
    numbered: bool,
    /// The columns that make a row unique; none: rows that say the same are all kept.
    pub(super) key: Vec<&'static str>,
    pub(super) words: Vocabulary,
    pub(super) settings: &'a Settings<'a>,
    pub(super) known: &'a Known,
    /// The positions of the identifiers that are shown.
    identifiers: Vec<usize>,
    positions: Positions,
}

/// Where the columns stand that rules are about.
struct Positions {
    /// The word of a lifecycle.
    transition: Option<usize>,
    /// The case that a row belongs to, where that is of another table.
    case: Option<usize>,
    /// Each column of the key; beside a start, the finish that stands for it where it is absent.
    key: Vec<(usize, Option<usize>)>,
    /// A start and the end that is not before it.
    order: Vec<(usize, usize)>,
}

impl Positions {
    fn of(table: &Table, key: &[&str]) -> Positions {
        let place = |name: &str| table.columns.iter().position(|column| column.name == name);
        // A pass without a start is told apart from others by its finish.
        let finish = |name: &str| (name == "started_at").then(|| table.position("finished_at"));
        Positions {
            transition: place("transition"),
            case: table.case_column().filter(|_| table.parent != Parent::None).and_then(place),
            key: key.iter().map(|name| (table.position(name), finish(name))).collect(),
            order: table.order.iter().map(|(first, second)| (table.position(first), table.position(second))).collect(),
        }
    }
}

/// What is wrong with a row.
pub(super) struct Flaw {
    /// The column, empty where the row as a whole is at fault.
    pub(super) column: &'static str,
    pub(super) code: Code,
    /// What stands there.
    pub(super) value: String,
    /// What was expected.
    pub(super) expected: Words,
}

/// A row whose every cell could be read.
pub(super) struct Readable<'a> {
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
pub(super) struct ReadCell<'a> {
    pub(super) value: Value<'a>,
    /// Whether it is a date that stands for none.
    pub(super) is_sentinel: bool,
    /// Whether a word says that it should hold something, and it does not.
    pub(super) is_undated: bool,
    /// Whether a word says that what it holds does not count.
    pub(super) is_aside: bool,
}

impl<'a> Judge<'a> {
    pub(super) fn of(
        table: &'static Table,
        mapping: &'a TableMapping,
        settings: &'a Settings<'a>,
        survey: &Survey,
        known: &'a Known,
    ) -> Judge<'a> {
        let words = mapping.vocabulary(table, settings.words);
        let numbered = is_numbered(table, mapping, survey);
        let defaults = defaults(table, mapping, &words);
        let key = key_columns(table, mapping, survey, numbered);
        Judge {
            table,
            mapping,
            has_defaults: defaults.iter().flatten().any(Option::is_some),
            defaults,
            rules: Rules::of(table, mapping),
            numbered,
            positions: Positions::of(table, &key),
            key,
            words,
            settings,
            known,
            identifiers: identifiers::positions(table),
        }
    }

    pub(super) fn raw_path(&self, file: u32, stem: &str) -> PathBuf {
        self.settings.lake.join("raw").join(self.table.name).join(format!("{file:04}.{stem}"))
    }

    /// Judges a row below the header, and adds what it gives to a batch.
    pub(super) fn row(&self, row: &Row<'_>, layout: &Headers, batch: &mut Batch) -> Result<()> {
        batch.judged.last_line = row.line;
        if row.unended.is_some() {
            batch.judged.unended = Some(row.line);
        }
        // A case without events is no row of what belongs to cases.
        let is_other = matches!(row.cells, Cells::Case(_)) && self.table.parent != Parent::None;
        if row.line <= layout.line || is_other {
            return Ok(());
        }
        batch.judged.counts.merged += row.merged;
        if self.rules.is_plain() {
            let judged = self.whole(row, layout).and_then(|()| self.judge(row, layout, 0));
            self.keep(judged, row, layout, batch)
        } else {
            self.take_groups(row, layout, batch)
        }
    }

    /// Keeps a row that could be read, and lists another among the rejects.
    pub(super) fn keep(
        &self,
        judged: Result<Readable<'_>, Flaw>,
        row: &Row<'_>,
        layout: &Headers,
        batch: &mut Batch,
    ) -> Result<()> {
        let Readable { mut values, filled, sentinels, undated, aside, days_only } = match judged {
            Ok(judged) => judged,
            Err(flaw) => {
                self.reject(row, layout, flaw, batch);
                return Ok(());
            }
        };
        let counts = &mut batch.judged.counts;
        counts.read += 1;
        count(self.table, sentinels, &mut counts.sentinels);
        count(self.table, undated, &mut counts.undated);
        count(self.table, aside, &mut counts.aside);
        if self.has_defaults {
            batch.judged.filled.push(filled);
        }
        self.count_spellings(&values, row, layout, &mut batch.judged.spellings);
        let content = batch.hasher.hash(&values);
        let key = self.key(&values, content, &mut batch.hasher);
        batch.judged.parsed.push(Parsed { key, content, line: row.line });
        if !self.table.beside.is_empty() {
            values.push(days_only.map_or(Value::Null, |columns| Value::Text(Cow::Owned(columns))));
        }
        values.push(Value::Integer(row.line as i64));
        batch.part.push(&values)
    }

    /// Counts how the identifiers of an accepted row are written, where they were folded.
    fn count_spellings(&self, values: &[Value<'_>], row: &Row<'_>, layout: &Headers, spellings: &mut Spellings) {
        for position in &self.identifiers {
            let Value::Text(Cow::Owned(folded)) = &values[*position] else { continue };
            let Some(place) = &layout.groups[0][*position] else { continue };
            if let Cell::Text(text) = row.cells.get(place.index) {
                spellings.add(folded, values::unquoted(text));
            }
        }
    }

    /// Lists a row among the rejects.
    pub(super) fn reject(&self, row: &Row<'_>, layout: &Headers, flaw: Flaw, batch: &mut Batch) {
        let flaw = self.footer(row, flaw);
        let case = if flaw.code == Code::Footer { String::new() } else { self.case_of(row, layout) };
        batch.judged.counts.read += 1;
        batch.judged.counts.rejected += 1;
        batch.judged.counts.footers += u64::from(flaw.code == Code::Footer);
        batch.judged.counts.cut_off += u64::from(flaw.code == Code::CutOff);
        let (file, sheet) = (batch.judged.file.clone(), row.sheet.unwrap_or_default().to_owned());
        let Flaw { column, code, mut value, expected } = flaw;
        // Of a cell of a megabyte, as of any other, the list shows the beginning.
        if let Some((end, _)) = value.char_indices().nth(rejects::SHOWN) {
            value = value[..end].to_owned();
        }
        batch.judged.rejects.push(Reject { file, sheet, line: row.line, case, column, code, value, expected });
    }

    /// The case that a row belongs to; nothing where it does not say or cannot be read.
    fn case_of(&self, row: &Row<'_>, layout: &Headers) -> String {
        let Some(column) = self.table.case_column().filter(|_| !row.undecodable) else { return String::new() };
        self.cell(row, layout, 0, self.table.position(column)).map_or(String::new(), |read| read.value.display())
    }

    /// What is wrong with a row, unless it is a line below the table: one of which a cell cannot be read, and that says so.
    pub(super) fn footer(&self, row: &Row<'_>, flaw: Flaw) -> Flaw {
        // Whatever is wrong with the row as a whole, its cells could be read: it is a row of the table.
        if matches!(flaw.code, Code::EndBeforeStart | Code::UnknownCase | Code::CutOff) {
            return flaw;
        }
        let footer = |text| {
            let expected = Words::of(rejects::row_expected);
            Flaw { column: "", code: Code::Footer, value: text, expected }
        };
        footer::text(row).map_or(flaw, footer)
    }

    /// What is wrong with a row as a whole: its encoding, or the number of its fields.
    pub(super) fn whole(&self, row: &Row<'_>, layout: &Headers) -> Result<(), Flaw> {
        if row.undecodable {
            let whole = (0..row.cells.len()).map(|i| row.cells.get(i).display()).collect::<Vec<_>>().join(",");
            let expected = Words::new("与文件其余部分相同的编码", "the encoding of the rest of the file");
            return Err(Flaw { column: "", code: Code::MixedEncoding, value: whole, expected });
        }
        if let Cells::Text(record) = row.cells
            && (record.len() < layout.width || record.fields().skip(layout.width).any(|field| !field.trim().is_empty()))
        {
            let (found, width) = (record.len(), layout.width);
            let expected = Words::new(format!("{width} 列"), format!("{width} fields"));
            return Err(Flaw { column: "", code: Code::RaggedRow, value: found.to_string(), expected });
        }
        match row.unended {
            Some(false) => self.may_be_cut(row, layout),
            _ => Ok(()),
        }
    }

    /// Fails where the last field of a line that nothing ends could go on: words are known whole, and what is not read
    /// does not matter.
    fn may_be_cut(&self, row: &Row<'_>, layout: &Headers) -> Result<(), Flaw> {
        let last = row.cells.len().saturating_sub(1);
        let reads_last = |position: usize| {
            let mut places = layout.groups.iter().filter_map(|group| group[position].as_ref());
            places.any(|place| place.index == last)
        };
        let could_go_on = |column: &Column| !matches!(column.kind, Kind::Choice { .. } | Kind::Flag);
        let mut columns = self.table.columns.iter().enumerate();
        let Some((_, column)) = columns.find(|(position, column)| could_go_on(column) && reads_last(*position)) else {
            return Ok(());
        };
        let expected = Words::new(
            "最后一行以换行结束；请确认文件完整后重新导出，或在末尾补一个换行",
            "a line end after the last line: export the file again, or add one where it is whole",
        );
        Err(Flaw { column: column.name, code: Code::CutOff, value: row.cells.get(last).display(), expected })
    }

    /// What a column of a group holds in a row.
    pub(super) fn cell<'r>(
        &self,
        row: &Row<'r>,
        layout: &Headers,
        group: usize,
        position: usize,
    ) -> Result<ReadCell<'r>, Flaw> {
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
    pub(super) fn lacks(&self, position: usize) -> Flaw {
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
    pub(super) fn judge<'r>(&self, row: &Row<'r>, layout: &Headers, group: usize) -> Result<Readable<'r>, Flaw>
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
            let is_lifecycle = self.positions.transition == Some(index) && layout.groups[group][index].is_some();
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
        for (first, second) in &self.positions.order {
            if let (Value::Instant(start), Value::Instant(end)) = (&values[*first], &values[*second])
                && precedes(*end, *start)
            {
                let (column, second) = (&self.table.columns[*first], self.table.columns[*second].name);
                let name = column.zh.first().unwrap_or(&column.name);
                let first = column.name;
                let expected = Words::new(format!("不早于{name} {start}"), format!("not before {first} {start}"));
                return Err(Flaw { column: second, code: Code::EndBeforeStart, value: end.to_string(), expected });
            }
        }
        self.known_case(&values)?;
        let days_only = self.days_only(row, layout, group, &values);
        Ok(Readable { values, filled, sentinels, undated, aside, days_only })
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
        let Some(position) = self.positions.case else { return Ok(()) };
        let id = &values[position];
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
        if known.contains(&Hasher::default().hash([id])) {
            return Ok(());
        }
        let expected = Words::new("已接受的工单或故障的编号", "the identifier of an accepted application or fault");
        let column = self.table.columns[position].name;
        Err(Flaw { column, code: Code::UnknownCase, value: id.display(), expected })
    }

    /// The hash of a row's key; of the whole row where a part of its key is empty.
    fn key(&self, values: &[Value<'_>], content: u128, hasher: &mut Hasher) -> u128 {
        let given = |(position, finish): &(usize, Option<usize>)| match (&values[*position], finish) {
            (Value::Null, Some(finish)) => &values[*finish],
            (value, _) => value,
        };
        let key = self.positions.key.iter().map(given);
        let whole = self.key.is_empty() || key.clone().any(|value| *value == Value::Null);
        if whole { content } else { hasher.hash(key) }
    }
}

/// Whether `end` lies before `start`: by day, or by the clock where both carry a time of day.
fn precedes(end: Instant, start: Instant) -> bool {
    if end.is_midnight() || start.is_midnight() { end.day() < start.day() } else { end < start }
}

/// Counts the columns that a row marks, a bit each.
pub(super) fn count(table: &Table, mut marks: u64, counts: &mut BTreeMap<&'static str, u64>) {
    while marks != 0 {
        let index = marks.trailing_zeros() as usize;
        *counts.entry(table.columns[index].name).or_default() += 1;
        marks &= marks - 1;
    }
}
