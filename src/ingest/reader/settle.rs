//! When all files of a table are read: its duplicates are dropped, its files closed, and what became of its rows is told.

use std::collections::HashSet;

use super::{OpenFile, TableReader, count};
use crate::contract::Parent;
use crate::error::{Error, Result};
use crate::ingest::duplicates::{self, Repeat};
use crate::ingest::rejects::{self, Code, Reject};
use crate::ingest::{FileLedger, Ledger};
use crate::lake::{self, Value};
use crate::words::Words;

impl TableReader<'_> {
    /// Drops the duplicates, closes the files, and returns the keys that stay.
    pub(in crate::ingest) fn settle(mut self, ledger: &mut Ledger) -> Result<HashSet<u128>> {
        let mut accepted = HashSet::new();
        // Whose rows others name: nothing else need be remembered.
        let parents = self.is_of_cases();
        let drops = if self.key.is_empty() {
            Vec::new()
        } else {
            self.keys.resolve(self.mapping.repeat, |key| {
                if parents {
                    accepted.insert(key);
                }
            })?
        };
        let case_column = self.table.case_column();
        let expected = Words::of(|lang| rejects::unique_expected(self.table, &self.key, lang));
        let folder = self.settings.lake.join("raw").join(self.table.name);
        for (index, file) in std::mem::take(&mut self.files).into_iter().enumerate() {
            let OpenFile { ledger: mut counts, sheets, filled, mut writer, .. } = file;
            let mine: Vec<_> = drops.iter().filter(|(place, _)| place.file as usize == index).collect();
            let conflicts: Vec<_> =
                mine.iter().filter(|(_, repeat)| *repeat == Repeat::Conflict).map(|(place, _)| place).collect();
            counts.rejected += conflicts.len() as u64;
            counts.duplicate += (mine.len() - conflicts.len()) as u64;
            let dropped: Vec<u32> = mine.iter().map(|(place, _)| place.row).collect();
            for (row, filled) in filled.iter().enumerate() {
                if dropped.binary_search(&(row as u32)).is_err() {
                    count(self.table, *filled, &mut counts.filled);
                }
            }
            let notes = |counts: &FileLedger| {
                vec![
                    ("yekuo.source".to_owned(), counts.file.clone()),
                    ("yekuo.sha256".to_owned(), counts.sha256.clone()),
                    ("yekuo.read".to_owned(), counts.read.to_string()),
                    ("yekuo.accepted".to_owned(), counts.accepted.to_string()),
                    ("yekuo.rejected".to_owned(), counts.rejected.to_string()),
                    ("yekuo.duplicate".to_owned(), counts.duplicate.to_string()),
                ]
            };
            counts.accepted = counts.read - counts.rejected - counts.duplicate;
            let part = folder.join(format!("{index:04}.part"));
            let whole = folder.join(format!("{index:04}.parquet"));
            writer.note(notes(&counts));
            let written = writer.finish()?;
            let refused: Vec<u32> = conflicts.iter().map(|place| place.row).collect();
            let cases = match case_column {
                Some(column) if !refused.is_empty() => lake::texts_of(&part, column, &refused)?,
                _ => vec![String::new(); refused.len()],
            };
            for (place, case) in conflicts.into_iter().zip(cases) {
                self.touched.add(&case);
                let reject = Reject {
                    file: counts.file.clone(),
                    sheet: sheet_of(&sheets, place.row),
                    line: place.line,
                    case,
                    column: self.table.key[0],
                    code: Code::ConflictingDuplicate,
                    value: String::new(),
                    expected: expected.clone(),
                };
                self.alike.add(&reject);
                self.rejects.push(&reject)?;
            }
            let kept = written - dropped.len() as u64;
            if kept != counts.accepted {
                unreachable!("{}: {kept} rows in the lake, {} accepted", counts.file, counts.accepted);
            }
            if dropped.is_empty() {
                std::fs::rename(&part, &whole).map_err(Error::io("rename", &part))?;
            } else {
                lake::copy_without(&part, &whole, &dropped, notes(&counts))?;
                std::fs::remove_file(&part).map_err(Error::io("remove", &part))?;
            }
            ledger.files.push(counts);
        }
        self.rejects.finish()?;
        if parents {
            self.touched.retain(|case| accepted.contains(&duplicates::hash([&Value::text(case)])));
        }
        if parents || self.table.parent != Parent::None {
            ledger.incomplete.extend(self.touched.write(self.settings.lake, self.table)?);
        }
        ledger.reasons.extend(self.alike.reasons().map(|(code, rows)| ((self.table.name, code), rows)));
        ledger.alike.insert(self.table.name, self.alike.lines(self.table, self.mapping, &self.words));
        Ok(accepted)
    }
}

/// The sheet of a parsed row, of sheets each with its first one.
fn sheet_of(sheets: &[(u32, String)], row: u32) -> String {
    sheets.iter().rev().find(|(first, _)| *first <= row).map(|(_, sheet)| sheet.clone()).unwrap_or_default()
}
