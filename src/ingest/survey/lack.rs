//! The columns on which figures depend that a sheet lacks, by the groups of a ledger.

use super::{Layout, is_made};
use crate::contract::{Care, Column, Table};
use crate::error::AbsentOf;
use crate::ingest::Settings;
use crate::ingest::mapping::TableMapping;

/// A looked-after column that a sheet lacks, or a group of its columns.
pub(super) struct Lack {
    pub column: &'static Column,
    pub care: Care,
    /// What users know the group by.
    pub group: Option<String>,
}

/// The looked-after columns that a sheet lacks, without those that the mapping says something of.
pub(super) fn lacking(
    table: &'static Table,
    mapping: &TableMapping,
    layout: &Layout,
    settings: &Settings<'_>,
) -> Vec<Lack> {
    let mut lacking = Vec::new();
    for (number, (places, section)) in layout.groups.iter().zip(mapping.sections()).enumerate() {
        let group = mapping.groups.get(number).map(|group| group.label(table, number));
        let is_said = |column: &Column| {
            section.defaults.contains_key(column.name) || section.absent.iter().any(|name| name == column.name)
        };
        // The complete of a lifecycle is the finish of its stage.
        let has_lifecycle = table.name == "stages" && places[table.position("transition")].is_some();
        for (column, _) in table.columns.iter().zip(places).filter(|(_, place)| place.is_none()) {
            if has_lifecycle && column.name == "finished_at" {
                continue;
            }
            let care = column.absence.map(|absence| absence.care).filter(|care| *care >= Care::LookedAfter);
            if let Some(care) = care.filter(|_| !is_said(column) && !is_made(table, column, settings)) {
                lacking.push(Lack { column, care, group: group.clone() });
            }
        }
    }
    lacking
}

/// The columns that are lacking, canonical and Chinese, each once.
pub(super) fn named_once(lacking: &[&Lack]) -> Vec<(&'static str, &'static str)> {
    let mut named = Vec::new();
    for lack in lacking {
        let names = (lack.column.name, lack.column.zh.first().copied().unwrap_or(""));
        if !named.contains(&names) {
            named.push(names);
        }
    }
    named
}

/// What each group of columns lacks; nothing where the table has no groups.
pub(super) fn by_group(lacking: &[&Lack]) -> Vec<AbsentOf> {
    let mut groups: Vec<AbsentOf> = Vec::new();
    for lack in lacking {
        let Some(group) = &lack.group else { continue };
        match groups.last_mut().filter(|last| last.group == *group) {
            Some(last) => last.columns.push(lack.column.name),
            None => groups.push(AbsentOf { group: group.clone(), columns: vec![lack.column.name] }),
        }
    }
    groups
}
