//! Identifiers as they are written: compared folded, as `业扩〔2026〕12号` and `业扩[2026]12号` are one, and shown in the
//! commonest spelling of all tables, so that who looks one up elsewhere finds it.
//!
//! Rows are written to the lake with folded identifiers. What is always written folded, as nearly everything is, needs
//! nothing more; only where another spelling was met is the lake read and written once more.

use std::collections::{BTreeMap, HashMap};
use std::path::{Path, PathBuf};

use crate::contract::{self, Column, Kind, PERSONAL, TABLES, Table};
use crate::error::Result;
use crate::lake;
use crate::spelling::{Joined, commonness, identity, whole_number};

/// The spellings that are not folded, each with how often it was met, by the folded identifier.
#[derive(Default)]
pub(super) struct Spellings(HashMap<String, BTreeMap<String, u64>>);

impl Spellings {
    /// Counts how an identifier was written, where it is one and the cell was not folded.
    pub(super) fn add(&mut self, folded: &str, written: &str) {
        // Other texts that became this identifier, such as words of a mapping, are not spellings of it.
        if written != folded && identity(written) == folded {
            *self.0.entry(folded.to_owned()).or_default().entry(written.to_owned()).or_default() += 1;
        }
    }

    /// Adds what others counted.
    pub(super) fn merge(&mut self, others: Spellings) {
        for (folded, written) in others.0 {
            let counts = self.0.entry(folded).or_default();
            written.into_iter().for_each(|(written, times)| *counts.entry(written).or_default() += times);
        }
    }

    /// Writes the identifiers of a lake in their commonest spelling, of equally common ones in the shortest; returns
    /// those that are spelt in several ways.
    pub(super) fn settle(self, lake: &Path) -> Result<Vec<Joined>> {
        if self.0.is_empty() {
            return Ok(Vec::new());
        }
        let mut times: HashMap<&str, u64> = self.0.keys().map(|folded| (folded.as_str(), 0)).collect();
        let files = files(lake)?;
        for (file, columns) in &files {
            lake::each_text(file, columns, |text| {
                if let Some(times) = times.get_mut(text) {
                    *times += 1;
                }
            })?;
        }
        let (mut shown, mut joined) = (HashMap::new(), Vec::new());
        for (folded, written) in &self.0 {
            let met: u64 = written.values().sum();
            let mut spellings = written.clone();
            // A row that repeats another was met and is not in the lake.
            match times[folded.as_str()].saturating_sub(met) {
                0 => {}
                plain => drop(spellings.insert(folded.clone(), plain)),
            }
            // The decimals of a whole number are a program's, not the office's.
            let best = spellings.iter().filter(|(text, _)| whole_number(text).is_none());
            let best = best.max_by_key(|(text, times)| commonness(text, **times));
            let best = best.map_or_else(|| folded.clone(), |(text, _)| text.clone());
            spellings.remove(&best);
            if !spellings.is_empty() {
                joined.push(Joined { shown: best.clone(), others: spellings.into_iter().collect() });
            }
            if best != *folded {
                shown.insert(folded.as_str(), best);
            }
        }
        joined.sort();
        for (file, columns) in files.iter().filter(|_| !shown.is_empty()) {
            lake::replace_texts(file, columns, |text| shown.get(text).map(String::as_str))?;
        }
        Ok(joined)
    }
}

/// The positions of the columns that name something by an identifier that is shown.
pub(super) fn positions(table: &Table) -> Vec<usize> {
    let is_shown = |column: &Column| column.kind == Kind::Id && !PERSONAL.contains(&column.name);
    table.columns.iter().enumerate().filter(|(_, column)| is_shown(column)).map(|(at, _)| at).collect()
}

/// The raw files of a lake, each with its columns of identifiers.
fn files(lake: &Path) -> Result<Vec<(PathBuf, Vec<&'static str>)>> {
    let identifiers = |table: &Table| positions(table).into_iter().map(|at| table.columns[at].name).collect();
    let mut tables: Vec<(&str, Vec<_>)> = TABLES.iter().map(|table| (table.name, identifiers(table))).collect();
    tables.push((contract::REJECTED, vec!["case"]));
    let mut files = Vec::new();
    for (table, columns) in tables.into_iter().filter(|(_, columns)| !columns.is_empty()) {
        files.extend(lake::raw_files(lake, table)?.into_iter().map(|file| (file, columns.clone())));
    }
    Ok(files)
}
