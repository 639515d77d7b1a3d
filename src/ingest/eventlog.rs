//! Event logs as rows, whatever they come in: the headers, the cells, and what of the log is in none of them.
//!
//! A row is an event together with its case, or a case without events. The headers are those of a data frame of pm4py: the
//! event's own attributes by their keys, those of its case with `case:` before them.

use std::borrow::Cow;
use std::collections::{BTreeMap, BTreeSet};

use serde::Serialize;

use super::held::{Held, MOST_COLUMNS};
use super::reasons::column;
use super::values::Cell;
use super::{Cells, Row};
use crate::error::{Error, ExportProblem, Result};
use crate::words::Lang;

/// Before the key of an attribute of a case.
const CASE: &str = "case:";

/// What is remarkable about an event log.
#[derive(Debug, Clone, PartialEq, Eq, Serialize)]
#[serde(rename_all = "snake_case")]
pub enum LogNote {
    /// Attributes and elements that are in no column.
    NotRead {
        /// Their keys, those inside another after its own: `cost/currency`.
        keys: Vec<String>,
    },
    /// Events that lack an attribute and took the value that the log names for all.
    Defaulted {
        /// The header.
        header: String,
        /// How many.
        events: u64,
    },
    /// Events that lack a time for which the log names one: it is none of theirs.
    NotDefaulted {
        /// The header.
        header: String,
        /// How many.
        events: u64,
    },
    /// Events that concern no object of the type that is the case.
    Unrelated {
        /// The type.
        object: String,
        /// How many.
        events: u64,
    },
    /// Values of objects that changed: the last one is read.
    Changed {
        /// The header.
        header: String,
        /// How many values came before.
        values: u64,
    },
}

impl LogNote {
    /// The note in words.
    pub fn say(&self, lang: Lang) -> String {
        match self {
            LogNote::NotRead { keys } => {
                let quoted = |open, close| keys.iter().map(|key| format!("{open}{key}{close}")).collect::<Vec<_>>();
                lang.pick(
                    format!("日志中以下内容不读取：{}", quoted('「', '」').join("、")),
                    format!("of the log these are not read: {}", quoted('`', '`').join(", ")),
                )
            }
            LogNote::Defaulted { header, events } => lang.pick(
                format!("{events} 个事件没有「{header}」，采用日志声明的缺省值"),
                format!("{events} events have no `{header}` and took the log's default"),
            ),
            LogNote::NotDefaulted { header, events } => lang.pick(
                format!("{events} 个事件没有「{header}」；日志声明的缺省时间不是事件的时间，不采用"),
                format!(
                    "{events} events have no `{header}`; the log's default is a time, and not theirs: it is not used"
                ),
            ),
            LogNote::Unrelated { object, events } => lang.pick(
                format!("{events} 个事件与「{object}」对象无关，不读取"),
                format!("{events} events concern no object of the type `{object}` and are not read"),
            ),
            LogNote::Changed { header, values } => lang.pick(
                format!("「{header}」的值有变更，只读取最后一个，此前 {values} 个不读取"),
                format!("values of `{header}` changed: the last one is read, {values} before it are not"),
            ),
        }
    }
}

/// The headers of a log, in the order in which they are first met.
#[derive(Debug, Default)]
pub(super) struct Headers {
    names: Vec<String>,
    places: BTreeMap<String, usize>,
}

impl Headers {
    /// Adds an attribute of the case; there are no more than a table may have columns.
    pub(super) fn add_case(&mut self, key: &str) -> bool {
        self.add(&format!("{CASE}{key}"))
    }

    /// Adds an attribute of an event, which never passes for one of its case; the same.
    pub(super) fn add_event(&mut self, key: &str) -> bool {
        self.add(&of_event(key))
    }

    /// Adds a header; the same.
    pub(super) fn add(&mut self, header: &str) -> bool {
        if !self.places.contains_key(header) {
            self.places.insert(header.to_owned(), self.names.len());
            self.names.push(header.to_owned());
        }
        self.names.len() <= MOST_COLUMNS as usize
    }

    /// The error of a log with too many of them.
    pub(super) fn too_many(file: &str) -> Error {
        Error::export(file, ExportProblem::TooLarge { what: column(MOST_COLUMNS as usize + 1) })
    }

    fn place(&self, header: &str) -> Option<usize> {
        self.places.get(header).copied()
    }
}

/// The header of an attribute of an event.
fn of_event(key: &str) -> Cow<'_, str> {
    if key.starts_with(CASE) { Cow::Owned(format!("event:{key}")) } else { Cow::Borrowed(key) }
}

/// A row while its cells are gathered.
pub(super) struct Gathered<'a> {
    headers: &'a Headers,
    cells: Vec<Option<Held>>,
    /// The places of what is said of the event.
    of_event: Vec<usize>,
}

impl<'a> Gathered<'a> {
    /// An empty row.
    pub(super) fn new(headers: &'a Headers) -> Gathered<'a> {
        Gathered { headers, cells: vec![None; headers.names.len()], of_event: Vec::new() }
    }

    /// Puts an attribute of the case.
    pub(super) fn put_case(&mut self, key: &str, held: Held) {
        self.put(&format!("{CASE}{key}"), held);
    }

    /// Forgets what was said of an event.
    pub(super) fn clear_event(&mut self) {
        self.of_event.drain(..).for_each(|place| self.cells[place] = None);
    }

    /// Puts an attribute of the event.
    pub(super) fn put_event(&mut self, key: &str, held: Held) {
        self.of_event.extend(self.headers.place(&of_event(key)));
        self.put(&of_event(key), held);
    }

    /// Puts what stands under a header.
    pub(super) fn put(&mut self, header: &str, held: Held) {
        if let Some(place) = self.headers.place(header) {
            self.cells[place] = Some(held);
        }
    }

    /// Gives the row to `visit`; `case` is the name of its case, `line` its number in the file.
    pub(super) fn give(
        &self,
        case: &str,
        line: u64,
        of: RowOf,
        visit: &mut dyn FnMut(Row<'_>) -> Result<bool>,
    ) -> Result<bool> {
        let cells: Vec<Cell<'_>> = self.cells.iter().map(|held| cell(held.as_ref())).collect();
        let cells = match of {
            RowOf::Event => Cells::Sheet(&cells),
            RowOf::Case => Cells::Case(&cells),
        };
        visit(Row { sheet: Some(case), line, undecodable: false, unended: None, merged: 0, cells })
    }
}

/// What a row is of.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum RowOf {
    /// An event.
    Event,
    /// A case without events.
    Case,
}

/// Gives the headers as row 0.
pub(super) fn give_headers(headers: &Headers, visit: &mut dyn FnMut(Row<'_>) -> Result<bool>) -> Result<bool> {
    let cells: Vec<Cell<'_>> = headers.names.iter().map(|name| Cell::Text(name)).collect();
    visit(Row { sheet: None, line: 0, undecodable: false, unended: None, merged: 0, cells: Cells::Sheet(&cells) })
}

fn cell(held: Option<&Held>) -> Cell<'_> {
    match held {
        None | Some(Held::Uncomputed) => Cell::Empty,
        Some(Held::Text(text) | Held::Broken(text)) => Cell::Text(text),
        Some(Held::Number(number) | Held::Serial(number)) => Cell::Number(*number),
        Some(Held::Flag(flag)) => Cell::Flag(*flag),
    }
}

/// A text that says something.
pub(super) fn text(text: &str) -> Option<Held> {
    (!text.trim().is_empty()).then(|| Held::Text(text.to_owned()))
}

/// A number that a text writes; the text where it writes none.
pub(super) fn float(value: &str) -> Option<Held> {
    match value.trim().parse::<f64>() {
        Ok(number) if number.is_finite() => Some(Held::Number(number)),
        _ => text(value),
    }
}

/// A truth value that a text writes; the text where it writes none.
pub(super) fn flag(value: &str) -> Option<Held> {
    match value.trim() {
        "true" | "1" => Some(Held::Flag(true)),
        "false" | "0" => Some(Held::Flag(false)),
        _ => text(value),
    }
}

/// The note of what is not read, if there is anything.
pub(super) fn not_read(keys: BTreeSet<String>) -> Option<LogNote> {
    (!keys.is_empty()).then(|| LogNote::NotRead { keys: keys.into_iter().collect() })
}
