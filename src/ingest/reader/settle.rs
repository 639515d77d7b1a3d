//! When all files of a table are read: its duplicates are dropped, its files closed, and what became of its rows is told.

use super::judge::count;
use super::{OpenFile, TableReader, Taken};
use crate::contract::Parent;
use crate::error::{Error, Result};
use crate::ingest::duplicates::{Hasher, Hashes, Repeat};
use crate::ingest::rejects::{self, Code, Reject};
use crate::ingest::{FileLedger, Ledger, Reason};
use crate::lake::{self, Value};
use crate::words::Words;

impl TableReader<'_> {
    /// Drops the duplicates, closes the files, and returns the keys that stay.
    pub(in crate::ingest) fn settle(self, ledger: &mut Ledger) -> Result<Hashes> {
        let TableReader { judge, taken } = self;
        let mut accepted = Hashes::default();
        // Whose rows others name: nothing else need be remembered.
        let parents = taken.is_of_cases();
        let Taken { table, keys, mut rejects, mut alike, mut touched, files, .. } = taken;
        let drops = if judge.key.is_empty() {
            Vec::new()
        } else {
            keys.resolve(judge.mapping.repeat, |key| {
                if parents {
                    accepted.insert(key);
                }
            })?
        };
        let case_column = table.case_column();
        let expected = Words::of(|lang| rejects::unique_expected(table, &judge.key, lang));
        for file in files {
            let OpenFile { index, ledger: mut counts, sheets, filled, raw, .. } = file;
            let mine: Vec<_> = drops.iter().filter(|(place, _)| place.file == index).collect();
            let conflicts: Vec<_> =
                mine.iter().filter(|(_, repeat)| *repeat == Repeat::Conflict).map(|(place, _)| place).collect();
            counts.rejected += conflicts.len() as u64;
            counts.duplicate += (mine.len() - conflicts.len()) as u64;
            let dropped: Vec<u32> = mine.iter().map(|(place, _)| place.row).collect();
            for (row, filled) in filled.iter().enumerate() {
                if dropped.binary_search(&(row as u32)).is_err() {
                    count(table, *filled, &mut counts.filled);
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
            let (part, whole) = (judge.raw_path(index, "part"), judge.raw_path(index, "parquet"));
            let written = raw.finish(notes(&counts))?;
            let refused: Vec<u32> = conflicts.iter().map(|place| place.row).collect();
            let cases = match case_column {
                Some(column) if !refused.is_empty() => lake::texts_of(&part, column, &refused)?,
                _ => vec![String::new(); refused.len()],
            };
            for (place, case) in conflicts.into_iter().zip(cases) {
                touched.add(&case);
                let reject = Reject {
                    file: counts.file.clone(),
                    sheet: sheet_of(&sheets, place.row),
                    line: place.line,
                    case,
                    column: table.key[0],
                    code: Code::ConflictingDuplicate,
                    value: String::new(),
                    expected: expected.clone(),
                };
                alike.add(&reject);
                rejects.push(&reject)?;
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
        rejects.finish()?;
        if parents {
            touched.retain(|case| accepted.contains(&Hasher::default().hash([&Value::text(case)])));
        }
        if parents || table.parent != Parent::None {
            ledger.incomplete.extend(touched.write(judge.settings.lake, table)?);
        }
        ledger.reasons.extend(alike.reasons().map(|(code, rows)| Reason { table: table.name, code, rows }));
        ledger.alike.insert(table.name, alike.lines(table, judge.mapping, &judge.words));
        Ok(accepted)
    }
}

/// The sheet of a parsed row, of sheets each with its first one.
fn sheet_of(sheets: &[(u32, String)], row: u32) -> String {
    sheets.iter().rev().find(|(first, _)| *first <= row).map(|(_, sheet)| sheet.clone()).unwrap_or_default()
}
