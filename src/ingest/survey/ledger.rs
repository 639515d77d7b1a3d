//! Sheets that look like a wide ledger: some headers are those of dates of stages that the process knows, and none is
//! that of the stage itself.

use std::collections::BTreeSet;

use super::sample::{self, Sample};
use crate::contract::{Column, Kind, Table};
use crate::error::{LedgerOffer, OfferedGroup};
use crate::ingest::headers::{self, Header, stem};
use crate::ingest::mapping::{self, DataFile, TableMapping};
use crate::ingest::values::{Cell, Vocabulary};
use crate::ingest::{Settings, open};
use crate::spelling::word;
use crate::words::Lang;

/// Stages of which a sheet must have a date to be taken for a ledger.
const FEWEST: usize = 2;

/// The biggest file that is looked at although no table has its name.
const MOST_BYTES: u64 = 32 << 20;

/// Words of headers that say when a stage began.
const STARTS: [&str; 11] = ["开始", "起始", "启动", "开工", "到达", "接收", "派发", "派工", "start", "begin", "began"];

/// Words of headers that say when a stage ended.
pub(in crate::ingest) const FINISHES: [&str; 9] =
    ["完成", "结束", "办结", "办毕", "完毕", "完工", "finish", "complet", "end"];

/// Words of headers that say who did it: the department, and the person.
const DEPARTMENTS: [&str; 4] = ["部门", "单位", "班组", "department"];
const HANDLERS: [&str; 8] = ["处理人", "经办", "负责人", "责任人", "承办", "人员", "handler", "person"];

/// A sheet that looks like a ledger.
pub(super) struct Found {
    /// The sheet.
    pub sheet: Option<String>,
    /// The line of its headers.
    pub line: u64,
    /// What the mapping could say of it.
    pub offer: LedgerOffer,
}

/// The headers of a ledger.
pub(in crate::ingest) struct Offered {
    /// Their line.
    pub line: u64,
    /// All of them.
    pub headers: Vec<Header>,
    /// What the mapping could say of them.
    pub offer: LedgerOffer,
    /// Those that name one of its stages, whatever they say of it.
    named: Vec<String>,
}

impl Offered {
    /// The headers that are of its stages: none of them is of the case itself. A list of cases says when each was
    /// accepted and energised, which are stages too.
    pub(in crate::ingest) fn of_stages(&self) -> Vec<String> {
        let own = milestones();
        let is_of_stage = |header: &&String| !own.iter().any(|milestone| word(header).contains(milestone.as_str()));
        let has_own = |group: &&OfferedGroup| group.columns.iter().any(|(_, header)| is_of_stage(&header));
        if self.offer.groups.iter().filter(has_own).count() < FEWEST {
            return Vec::new();
        }
        self.named.iter().filter(is_of_stage).cloned().collect()
    }
}

/// The first sheet of a file that looks like a ledger of stages.
pub(super) fn of_file(file: &DataFile, settings: &Settings<'_>) -> Option<Found> {
    let stages = Table::named("stages")?;
    let small = file.path.metadata().is_ok_and(|found| found.len() <= MOST_BYTES);
    if !small || !mapping::is_export(&file.name) {
        return None;
    }
    let usual = TableMapping::default();
    let scanned = settings.scan(&file.name, &file.path, &usual).ok()?;
    let mut source = open(&file.name, &file.path, &usual, &scanned).ok()?;
    let sheets: Vec<Option<String>> = source.sheets().into_iter().map(|sheet| sheet.name).collect();
    sheets.into_iter().find_map(|sheet| {
        let sample = Sample::take(&mut source, sheet.as_deref(), sample::ROWS).ok()?;
        let Offered { line, mut offer, .. } = offer(&sample, stages, settings.words, settings.lang)?;
        offer.file = Some(file.name.clone());
        Some(Found { sheet, line, offer })
    })
}

/// The headers of a sheet that looks like a ledger which are of its stages.
pub(in crate::ingest) fn stage_headers(sample: &Sample, words: &Vocabulary) -> Vec<String> {
    let found = Table::named("stages").and_then(|stages| offer(sample, stages, words, Lang::Zh));
    found.map(|found| found.of_stages()).unwrap_or_default()
}

/// Whether a header says by its name that dates stand below it.
fn is_named_date(text: &str) -> bool {
    stem(text) != text || STARTS.iter().chain(&FINISHES).any(|own| text.contains(own))
}

/// What the milestones of a case are called, without the words for a date.
fn milestones() -> Vec<String> {
    let columns = Table::named("applications").into_iter().flat_map(|table| table.columns);
    let dates = columns.filter(|column| matches!(column.kind, Kind::Date | Kind::Instant));
    dates
        .flat_map(Column::names)
        .map(|name| stem(&word(name)).to_owned())
        .filter(|stem| stem.chars().count() > 1)
        .collect()
}

/// What a mapping could say of a sheet that looks like a ledger of stages.
pub(in crate::ingest) fn offer(
    sample: &Sample,
    table: &'static Table,
    words: &Vocabulary,
    lang: Lang,
) -> Option<Offered> {
    if table.name != "stages" {
        return None;
    }
    let texts = sample.texts(sample::HEADER_ROWS);
    let rows = texts.iter().enumerate().filter_map(|(number, (line, own))| {
        if texts.get(number + 1).is_some_and(|(_, below)| headers::go_on_below(own, below)) {
            return None;
        }
        let above = number.checked_sub(1).map(|above| texts[above].1.as_slice()).unwrap_or_default();
        let headers = headers::of_rows(above, own);
        let (offer, named) = Reader { sample, line: *line, headers: &headers, table, words, lang }.offer()?;
        Some(Offered { line: *line, headers, offer, named })
    });
    rows.max_by_key(|found| (found.offer.groups.len(), std::cmp::Reverse(found.line)))
}

/// The header that says something of all stages of a row: what stands below the name of one is that one's own.
pub(in crate::ingest) fn of_all_stages(table: &Table, headers: &[Header], column: &str) -> Option<usize> {
    let claims = headers::claims(table, headers);
    claims[table.position(column)].iter().map(|(index, _)| *index).find(|index| headers[*index].group.is_none())
}

/// One row of a sheet, read as the headers of a ledger.
struct Reader<'a> {
    sample: &'a Sample,
    line: u64,
    headers: &'a [Header],
    table: &'static Table,
    words: &'a Vocabulary,
    lang: Lang,
}

impl Reader<'_> {
    /// What the mapping could say, and the headers that name a stage.
    fn offer(&self) -> Option<(LedgerOffer, Vec<String>)> {
        let claims = headers::claims(self.table, self.headers);
        let claimed = |column: &str| claims[self.table.position(column)].first().map(|(index, _)| *index);
        if claimed("stage").is_some() {
            return None;
        }
        let mut groups: Vec<(String, OfferedGroup)> = Vec::new();
        let mut named = Vec::new();
        let of_case = self.of_case();
        for (index, header) in self.headers.iter().enumerate().filter(|(index, _)| !of_case.contains(index)) {
            // Below the headers stand dates, and the row above them is a header of each.
            if self.is_date(&header.text) {
                continue;
            }
            let Some((stage, code)) = self.stage_of(header) else { continue };
            named.push(header.full());
            let Some(column) = self.column_of(index, header) else { continue };
            let at = groups.iter().position(|(known, _)| *known == code).unwrap_or_else(|| {
                groups.push((code, OfferedGroup { stage, columns: Vec::new() }));
                groups.len() - 1
            });
            let columns = &mut groups[at].1.columns;
            if columns.iter().all(|(name, _)| *name != column) {
                columns.push((column, header.full()));
            }
        }
        let happened =
            |group: &OfferedGroup| group.columns.iter().any(|(name, _)| matches!(*name, "started_at" | "finished_at"));
        let groups: Vec<OfferedGroup> = groups.into_iter().map(|(_, group)| group).filter(happened).collect();
        if groups.len() < FEWEST {
            return None;
        }
        let shared = match claimed("application_id") {
            Some(_) => Vec::new(),
            None => vec![("application_id", self.headers.first().map(Header::full).unwrap_or_default())],
        };
        let has_department = of_all_stages(self.table, self.headers, "department").is_some();
        Some((LedgerOffer { table: self.table.name, file: None, shared, has_department, groups }, named))
    }

    fn is_date(&self, text: &str) -> bool {
        let column = self.table.column("finished_at");
        sample::fits(column, &[Cell::Text(text)], self.words)
    }

    /// The headers of columns of the case itself: its acceptance, its energisation.
    fn of_case(&self) -> BTreeSet<usize> {
        let Some(applications) = Table::named("applications") else { return BTreeSet::new() };
        headers::claims(applications, self.headers).iter().flatten().map(|(claimed, _)| *claimed).collect()
    }

    /// What the stage is called that a header names by the longest of the names that it contains, and its code.
    fn stage_of(&self, header: &Header) -> Option<(String, String)> {
        let text = word(&header.full());
        let named = self.words.stages.iter().filter(|(name, _)| text.contains(&word(name)));
        let (name, code) = named.max_by_key(|(name, _)| word(name).chars().count())?;
        let title = self.words.titles.get(code).map(|title| title.get(self.lang)).filter(|title| !title.is_empty());
        Some((title.unwrap_or(name).to_owned(), code.clone()))
    }

    /// The column of a stage that a header's other words and its cells make it.
    fn column_of(&self, index: usize, header: &Header) -> Option<&'static str> {
        let text = word(&header.full());
        let says = |words: &[&str]| words.iter().any(|own| text.contains(own));
        let column = match (header.is_planned(), says(&STARTS)) {
            _ if says(&HANDLERS) => return Some("handler"),
            _ if says(&DEPARTMENTS) => return Some("department"),
            // When it should begin is nothing that a stage has.
            (true, true) => return None,
            (true, false) => "due_on",
            (false, true) => "started_at",
            (false, false) => "finished_at",
        };
        let cells = self.sample.column(self.line, index);
        let column: &Column = self.table.column(column);
        // Of a stage that no case has reached there is the header alone.
        let is_date = if cells.is_empty() { is_named_date(&text) } else { sample::fits(column, &cells, self.words) };
        is_date.then_some(column.name)
    }
}
