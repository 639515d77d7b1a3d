//! Workbooks to hand out: the tables of a report cut up by department, by owner, ready to send.

use std::collections::{BTreeMap, BTreeSet};

use super::{Artefact, Input, xlsx};
use crate::cells::{Cell, Table};
use crate::error::Result;
use crate::spelling;

/// The most characters of a file's name.
const LONGEST: usize = 80;

/// Every hand-out of the pipeline: `handouts/<title>/<value>.xlsx`.
pub fn all(input: &Input<'_>, tables: &[Table]) -> Result<Vec<Artefact>> {
    let mut artefacts = Vec::new();
    for handout in &input.config.pipeline.handouts {
        let folder = file_name(handout.title.get(input.lang));
        let mut names = FileNames::default();
        for (values, parts) in cut(tables, &handout.tables, &handout.by) {
            let value = values.iter().rfind(|value| !value.is_empty()).cloned().unwrap_or_default();
            let path = format!("handouts/{folder}/{}.xlsx", names.of(&value));
            let bytes = xlsx::handout(input, &path, &value, &parts)?;
            artefacts.push((path, bytes));
        }
    }
    Ok(artefacts)
}

/// The named tables, in parts by what stands in the columns `by`; what has nothing in any of them is in no part.
fn cut(tables: &[Table], named: &[String], by: &[String]) -> BTreeMap<Vec<String>, Vec<Table>> {
    let mut parts: BTreeMap<Vec<String>, Vec<Table>> = BTreeMap::new();
    for table in named.iter().filter_map(|name| tables.iter().find(|table| table.name == *name)) {
        let place = |name: &String| table.columns.iter().position(|column| column.name == *name);
        let Some(places) = by.iter().map(place).collect::<Option<Vec<usize>>>() else { continue };
        let mut rows: BTreeMap<Vec<String>, Vec<Vec<Cell>>> = BTreeMap::new();
        for row in table.rows.iter().filter(|row| places.iter().any(|at| row[*at] != Cell::Empty)) {
            let values = places.iter().map(|at| row[*at].display(table.columns[*at].format)).collect();
            rows.entry(values).or_default().push(row.clone());
        }
        for (values, rows) in rows {
            parts.entry(values).or_default().push(table.clone().with_rows(rows).visible());
        }
    }
    parts
}

/// The names of the files of a folder.
#[derive(Default)]
pub(super) struct FileNames {
    taken: BTreeSet<String>,
}

impl FileNames {
    /// The name of a file that a text gives, and no other bears: two texts can be one once a file may bear them.
    pub(super) fn of(&mut self, text: &str) -> String {
        let stem = file_name(text);
        let numbered = (2..).map(|number| format!("{stem} {number}"));
        let mut names = std::iter::once(stem.clone()).chain(numbered);
        names.find(|name| self.taken.insert(name.to_lowercase())).unwrap_or(stem)
    }
}

/// A text as the name of a file.
pub(super) fn file_name(text: &str) -> String {
    spelling::file_name(text, LONGEST)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn any_text_is_a_file_name() {
        for (text, name) in [
            ("营销部", "营销部"),
            ("a/b\\c:d", "a-b-c-d"),
            ("../../etc", "-..-etc"),
            (" ", "-"),
            ("", "-"),
            ("..", "-"),
            ("~tmp", "tmp"),
            ("~. ~x", "x"),
            (".x", "x"),
            ("CON", "-CON"),
            ("nul.txt", "-nul.txt"),
            ("lpt1", "-lpt1"),
            ("COMB", "COMB"),
            ("a\u{202e}b", "a-b"),
        ] {
            assert_eq!(file_name(text), name, "{text}");
        }
        assert_eq!(file_name(&"长".repeat(300)).chars().count(), LONGEST);
    }
}
