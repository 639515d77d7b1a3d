//! What a run found in exports, as the next one reads it back: the same rows are not judged twice.

use serde::{Deserialize, Serialize};

use super::rejects::Code;
use super::survey::{Note, SheetState, Survey};
use super::{FileLedger, Incomplete, Ledger};
use crate::contract::recall::{self, TableName};
use crate::spelling::Joined;
use crate::words::Words;

/// Rows of a table that were rejected for one reason.
#[derive(Debug, Clone, Serialize, Deserialize)]
pub struct Reason {
    /// The table.
    #[serde(deserialize_with = "recall::table")]
    pub table: TableName,
    /// The reason.
    pub code: Code,
    /// How many.
    pub rows: u64,
}

/// What is told of the rejected rows of a table, a line for what is alike.
#[derive(Debug, Clone, Serialize, Deserialize)]
struct Alike {
    #[serde(deserialize_with = "recall::table")]
    table: TableName,
    lines: Vec<Words>,
}

/// How a sheet ends that may be cut off, by its number and that of its file.
#[derive(Debug, Clone, Serialize, Deserialize)]
struct Ends {
    file: usize,
    sheet: usize,
    how: How,
}

#[derive(Debug, Clone, Copy, Serialize, Deserialize)]
enum How {
    /// On the last row that a spreadsheet can hold.
    Full(u64),
    /// With a line that nothing ends.
    Unended(u64),
}

impl How {
    fn of(note: &Note) -> Option<How> {
        match note {
            Note::Full { rows } => Some(How::Full(*rows)),
            Note::Unended { line } => Some(How::Unended(*line)),
            _ => None,
        }
    }

    fn note(self) -> Note {
        match self {
            How::Full(rows) => Note::Full { rows },
            How::Unended(line) => Note::Unended { line },
        }
    }
}

/// What reading the rows added to what a survey tells.
#[derive(Debug, Clone, Serialize, Deserialize)]
pub struct Outcome {
    files: Vec<FileLedger>,
    reasons: Vec<Reason>,
    incomplete: Vec<Incomplete>,
    alike: Vec<Alike>,
    joined: Vec<Joined>,
    ends: Vec<Ends>,
}

impl From<&Ledger> for Outcome {
    fn from(ledger: &Ledger) -> Outcome {
        let Ledger { files, reasons, incomplete, alike, joined, survey } = ledger;
        let alike = alike.iter().map(|(table, lines)| Alike { table, lines: lines.clone() });
        let (files, reasons, incomplete) = (files.clone(), reasons.clone(), incomplete.clone());
        Outcome { files, reasons, incomplete, alike: alike.collect(), joined: joined.clone(), ends: ends(survey) }
    }
}

impl Outcome {
    /// The ledger of the exports that a survey has found to be the same.
    pub fn ledger(self, mut survey: Survey) -> Ledger {
        let Outcome { files, reasons, incomplete, alike, joined, ends } = self;
        for Ends { file, sheet, how } in ends {
            let sheet = survey.files.get_mut(file).and_then(|file| file.sheets.get_mut(sheet));
            if let Some(SheetState::Read(reading)) = sheet.map(|sheet| &mut sheet.state) {
                reading.notes.push(how.note());
            }
        }
        let alike = alike.into_iter().map(|alike| (alike.table, alike.lines)).collect();
        let mut ledger = Ledger { files, reasons, incomplete, alike, joined, survey };
        ledger.count_absent();
        ledger
    }
}

fn ends(survey: &Survey) -> Vec<Ends> {
    let sheets = survey.files.iter().enumerate();
    let sheets = sheets.flat_map(|(file, of)| of.sheets.iter().enumerate().map(move |(sheet, of)| (file, sheet, of)));
    let notes = sheets.filter_map(|(file, sheet, of)| match &of.state {
        SheetState::Read(reading) => Some(reading.notes.iter().map(move |note| (file, sheet, note))),
        _ => None,
    });
    notes.flatten().filter_map(|(file, sheet, note)| Some(Ends { file, sheet, how: How::of(note)? })).collect()
}
