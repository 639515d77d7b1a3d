//! Workbooks to hand out: the tables of a report cut up by department, by owner, ready to send.

use std::collections::{BTreeMap, BTreeSet};

use super::tables::{Cell, Table};
use super::{Artefact, Input, xlsx};
use crate::error::Result;

/// The most characters of a file's name.
const LONGEST: usize = 80;

/// Every hand-out of the pipeline: `handouts/<title>/<value>.xlsx`.
pub fn all(input: &Input<'_>, tables: &[Table]) -> Result<Vec<Artefact>> {
    let mut artefacts = Vec::new();
    for handout in &input.config.pipeline.handouts {
        let folder = file_name(handout.title.get(input.lang));
        let mut taken = BTreeSet::new();
        for (value, parts) in cut(tables, &handout.tables, &handout.by) {
            let stem = file_name(&value);
            let numbered = (2..).map(|number| format!("{stem} {number}"));
            // Two names can be one once a file may bear them.
            let mut names = std::iter::once(stem.clone()).chain(numbered);
            let name = names.find(|name| taken.insert(name.to_lowercase())).unwrap_or(stem.clone());
            let path = format!("handouts/{folder}/{name}.xlsx");
            let bytes = xlsx::handout(input, &path, &value, &parts)?;
            artefacts.push((path, bytes));
        }
    }
    Ok(artefacts)
}

/// The named tables, in parts by what stands in a column.
fn cut(tables: &[Table], named: &[String], by: &str) -> BTreeMap<String, Vec<Table>> {
    let mut parts: BTreeMap<String, Vec<Table>> = BTreeMap::new();
    for table in named.iter().filter_map(|name| tables.iter().find(|table| table.name == *name)) {
        let Some(at) = table.columns.iter().position(|column| column.name == by) else { continue };
        let format = table.columns[at].format;
        let mut rows: BTreeMap<String, Vec<Vec<Cell>>> = BTreeMap::new();
        for row in table.rows.iter().filter(|row| row[at] != Cell::Empty) {
            rows.entry(row[at].display(format)).or_default().push(row.clone());
        }
        for (value, rows) in rows {
            let shown = (0..rows.len()).collect();
            parts.entry(value).or_default().push(Table { rows, shown, ..table.clone() }.visible());
        }
    }
    parts
}

/// A text as the name of a file on any system.
fn file_name(text: &str) -> String {
    let forbidden = |c: char| c.is_control() || r#"/\:*?"<>|"#.contains(c);
    let name: String = text.chars().map(|c| if forbidden(c) { '-' } else { c }).take(LONGEST).collect();
    let name = name.trim_matches(|c: char| c == '.' || c.is_whitespace());
    if name.is_empty() { "-".to_owned() } else { name.to_owned() }
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
        ] {
            assert_eq!(file_name(text), name, "{text}");
        }
        assert_eq!(file_name(&"长".repeat(300)).chars().count(), LONGEST);
    }
}
