//! One date for every end of a case and a word beside it: which of the words say what, and how often each is seen.

use std::collections::BTreeMap;

use super::{Certainty, Guess, Item, Key, Looking, Part};
use crate::contract::Table;
use crate::error::Result;
use crate::ingest::survey::sample::{Kept, different, fits};
use crate::ingest::survey::status::{Meaning, meaning};
use crate::ingest::values::is_missing;
use crate::spelling::word;

/// Different words of a header that can be those of a status.
const MOST_WORDS: usize = 30;

/// The share of rows, in per cent, in which the date must stand beside a word that says that the case has ended.
const MOST: u64 = 80;

/// The share of rows, in per cent, of which the word says that the case goes on and that may still have the date.
const MOST_EARLY: u64 = 10;

/// The columns that one date may stand for, and what a word then says.
pub(super) const ENDS: [(&str, Meaning); 2] =
    [("energised_at", Meaning::Energised), ("cancelled_at", Meaning::Cancelled)];

/// A word of a status.
#[derive(Debug, Clone, PartialEq)]
pub struct SeenWord {
    /// The word.
    pub word: String,
    /// In how many rows it stands.
    pub rows: u64,
    /// In how many of them the date holds something.
    pub dated: u64,
}

/// A header of dates that stands for several columns, by the words of another.
#[derive(Debug, Clone, PartialEq)]
pub struct StatusGuess {
    /// The header of the dates.
    pub dates: String,
    /// The header of the words.
    pub status: String,
    /// Column and the words under which it holds the date.
    pub conditions: Vec<(&'static str, Vec<SeenWord>)>,
    /// The words that mean none of them.
    pub others: Vec<SeenWord>,
    /// The words that nobody can judge by what they say.
    pub unknown: Vec<SeenWord>,
}

impl StatusGuess {
    /// Whether it says when a column holds its cell.
    pub(super) fn has(&self, column: &str) -> bool {
        self.conditions.iter().any(|(name, _)| *name == column)
    }

    /// Whether it uses a header.
    pub(super) fn uses(&self, header: &str) -> bool {
        [&self.dates, &self.status].into_iter().any(|own| own == header)
    }
}

impl Looking<'_> {
    /// The date and the word of some parts that say how each case ended; where other headers say both, there is none.
    pub(super) fn status_of(&self, table: &'static Table, parts: &[&Part]) -> Result<Option<StatusGuess>> {
        if table.name != "applications" {
            return Ok(None);
        }
        for part in parts {
            let lacking: Vec<(&'static str, Meaning)> =
                ENDS.into_iter().filter(|(column, _)| part.lacks(column)).collect();
            if !lacking.iter().any(|(_, meaning)| *meaning == Meaning::Cancelled) {
                continue;
            }
            for (dates, status) in self.pairs(part) {
                let seen = self.seen_words(parts, &part.header(dates), &part.header(status))?;
                if let Some(seen) = seen.filter(|seen| tells_ends(seen)) {
                    return Ok(Some(sorted(part.header(dates), part.header(status), seen, &lacking)));
                }
            }
        }
        Ok(None)
    }

    /// The headers of dates and of few words that stand for nothing yet.
    fn pairs(&self, part: &Part) -> Vec<(usize, usize)> {
        let (sheet, reading) = (&self.sheets[part.sheet], &part.reading);
        let of_stages = sheet.stage_headers();
        let energised = reading.table.column("energised_at");
        let is_free = |index: &usize| {
            let header = &reading.headers[*index];
            !header.is_any_of(&of_stages) && !header.is_planned()
        };
        let is_dated = |index: &usize| fits(energised, &sheet.sample.column(reading.line, *index), self.settings.words);
        let is_text = |index: &usize| {
            let cells = sheet.sample.rows.iter().filter(|(line, _)| *line > reading.line);
            let mut filled = cells
                .filter_map(|(_, cells)| cells.get(*index))
                .filter(|cell| !cell.cell().display().trim().is_empty());
            let all_text = filled.all(|cell| matches!(cell, Kept::Text(_)));
            let words = different(&sheet.sample.column(reading.line, *index), MOST_WORDS + 1);
            all_text && (1..=MOST_WORDS).contains(&words.len())
        };
        let says_end = |index: &usize| is_end(&word(&reading.headers[*index].full()));
        let dates: Vec<usize> = reading.free().filter(is_free).filter(says_end).filter(is_dated).collect();
        let words: Vec<usize> = reading.free().filter(is_free).filter(is_text).collect();
        dates
            .iter()
            .flat_map(|date| words.iter().filter(move |word| *word != date).map(move |word| (*date, *word)))
            .collect()
    }

    /// The words of all parts that have both headers, each with how often it is seen and how often beside a date.
    fn seen_words(&self, parts: &[&Part], dates: &str, status: &str) -> Result<Option<Vec<SeenWord>>> {
        let mut seen: BTreeMap<String, (u64, u64)> = BTreeMap::new();
        for part in parts {
            let index = |name: &str| part.reading.headers.iter().position(|header| header.full() == name);
            let (Some(dates), Some(status)) = (index(dates), index(status)) else { continue };
            self.each_row(part.sheet, part.reading.line, |row| {
                let text = row.get(status).display().trim().to_owned();
                if is_missing(&text) || seen.len() > MOST_WORDS && !seen.contains_key(&text) {
                    return;
                }
                let count = seen.entry(text).or_default();
                count.0 += 1;
                count.1 += u64::from(!is_missing(row.get(dates).display().trim()));
            })?;
        }
        if seen.len() > MOST_WORDS {
            return Ok(None);
        }
        Ok(Some(seen.into_iter().map(|(word, (rows, dated))| SeenWord { word, rows, dated }).collect()))
    }
}

impl Part {
    fn header(&self, index: usize) -> String {
        self.reading.headers[index].full()
    }

    /// Whether nothing but a guess stands for a column.
    fn lacks(&self, column: &str) -> bool {
        let position = self.reading.table.position(column);
        let is_sure = self.reading.guessed.iter().any(|of| of.column == position && of.certainty == Certainty::Sure);
        self.reading.known[position].is_none() && !is_sure && !self.reading.is_refused(column)
    }
}

/// What headers of dates say that are those of the end of a case.
const END_WORDS: [&str; 16] = [
    "办结", "办毕", "结束", "完成", "完结", "完毕", "归档", "终结", "结案", "关闭", "送电", "竣工", "完工", "终止",
    "撤销", "状态",
];
const END_WORDS_EN: [&str; 7] = ["end", "clos", "complet", "finish", "resol", "status", "done"];

/// Whether a header says that its date is that of the end of something. The kind of its cells says it of none.
fn is_end(header: &str) -> bool {
    END_WORDS.iter().chain(&END_WORDS_EN).any(|end| header.contains(end))
}

/// Whether a date stands beside most words that say that a case has ended, some of which say that it was given up, and
/// beside hardly any that says that the case goes on.
fn tells_ends(seen: &[SeenWord]) -> bool {
    let of = |wanted: Meaning| seen.iter().filter(move |word| meaning(&word.word) == Some(wanted));
    let ended = || of(Meaning::Energised).chain(of(Meaning::Cancelled));
    let (rows, dated) = ended().fold((0, 0), |(rows, dated), word| (rows + word.rows, dated + word.dated));
    let (going, early) =
        of(Meaning::Neither).fold((0, 0), |(rows, dated), word| (rows + word.rows, dated + word.dated));
    let is_end = early * 100 <= going * MOST_EARLY;
    is_end && of(Meaning::Cancelled).any(|word| word.dated > 0) && dated * 100 >= rows * MOST
}

/// The words by what they say; where the case's own header says when it was energised, the words for that mean neither.
fn sorted(dates: String, status: String, seen: Vec<SeenWord>, lacking: &[(&'static str, Meaning)]) -> StatusGuess {
    let mut guess = StatusGuess { dates, status, conditions: Vec::new(), others: Vec::new(), unknown: Vec::new() };
    for word in seen {
        let Some(says) = meaning(&word.word) else {
            guess.unknown.push(word);
            continue;
        };
        let Some((column, _)) = lacking.iter().find(|(_, meaning)| *meaning == says) else {
            guess.others.push(word);
            continue;
        };
        match guess.conditions.iter_mut().find(|(name, _)| *name == *column) {
            Some((_, words)) => words.push(word),
            None => guess.conditions.push((column, vec![word])),
        }
    }
    guess.conditions.sort_by_key(|(column, _)| ENDS.iter().position(|(name, _)| name == column));
    guess
}

impl Guess {
    /// Writes the guess down, and what of it nobody can judge.
    pub(super) fn add_status(&mut self, table: &'static Table, status: StatusGuess) {
        let values = vec![status.dates.clone()];
        let samples = status.conditions.iter().flat_map(|(_, words)| words).map(|word| word.word.clone()).collect();
        let key = Key::Status(Box::new(status));
        self.items.push(Item { table, key, values, certainty: Certainty::Check, samples });
    }
}
