//! Workbooks to hand out: the tables of a report cut up by department, by owner, ready to send.

use std::collections::{BTreeMap, BTreeSet};

use serde::{Deserialize, Serialize};

use super::{Artefact, Input, xlsx};
use crate::cells::{Cell, Table};
use crate::clean::managers::Managers;
use crate::error::Result;
use crate::marts::Kind;
use crate::spelling::identity;
use crate::table::Rows;

/// The most characters of a file's name.
const LONGEST: usize = 40;
/// What Windows takes for devices, whatever the ending.
const DEVICES: [&str; 6] = ["con", "prn", "aux", "nul", "com", "lpt"];

/// A workbook that is handed out, and for whom.
#[derive(Clone, Debug, Serialize, Deserialize)]
pub struct HandOut {
    /// Its path in the report.
    pub path: String,
    /// What its rows have in the columns that it was cut by.
    #[serde(rename = "for")]
    pub of: BTreeMap<String, String>,
}

/// Every hand-out of the pipeline: `handouts/<title>/<value>.xlsx`, a manager's by the name.
pub fn all(input: &Input<'_>, tables: &[Table], people: &People) -> Result<Vec<(HandOut, Artefact)>> {
    let mut artefacts = Vec::new();
    for handout in &input.config.pipeline.handouts {
        let folder = file_name(handout.title.get(input.lang));
        let mut names = FileNames::default();
        for (values, parts) in cut(tables, &handout.tables, &handout.by) {
            let last = handout.by.iter().zip(&values).rfind(|(_, value)| !value.is_empty());
            let value = last.map(|(by, value)| people.called(input, &handout.tables, by, value)).unwrap_or_default();
            let path = format!("handouts/{folder}/{}.xlsx", names.of(&value));
            let bytes = xlsx::handout(input, &path, &value, &parts)?;
            artefacts.push((handed(&path, &handout.by, values), (path, bytes)));
        }
    }
    Ok(artefacts)
}

/// A workbook of what has some values in some columns.
pub(super) fn handed(path: &str, by: &[String], values: Vec<String>) -> HandOut {
    let of = by.iter().cloned().zip(values).filter(|(_, value)| !value.is_empty());
    HandOut { path: path.to_owned(), of: of.collect() }
}

/// What the customer managers are called, by their folded numbers.
pub(super) struct People {
    names: BTreeMap<String, String>,
}

impl People {
    /// Those of the register.
    pub fn read(input: &Input<'_>) -> Result<People> {
        let register = Rows::<Managers>::read(input.clean)?;
        let names = register.iter().map(|row| (identity(row.manager_id), row.name.trim().to_owned()));
        Ok(People { names: names.filter(|(_, name)| !name.is_empty()).collect() })
    }

    /// What somebody is called by whose value in a column of some tables this is: a manager by the name, with the number behind
    /// it where others have the same; everybody else as the value says.
    pub fn called(&self, input: &Input<'_>, tables: &[String], by: &str, value: &str) -> String {
        let marts = input.catalogue.marts.iter().filter(|mart| tables.contains(&mart.name));
        let mut columns = marts.flat_map(|mart| &mart.definition.columns).filter(|column| column.name == by);
        match columns.any(|column| column.kind == Kind::Manager) {
            true => self.named(value),
            false => value.to_owned(),
        }
    }

    fn named(&self, number: &str) -> String {
        let Some(name) = self.names.get(&identity(number)) else { return number.to_owned() };
        let bearers = self.names.values().filter(|other| other.to_lowercase() == name.to_lowercase()).count();
        if bearers > 1 { format!("{name} {number}") } else { name.clone() }
    }
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

/// A text as the name of a file on any system.
pub(super) fn file_name(text: &str) -> String {
    let forbidden = |c: char| c.is_control() || r#"/\:*?"<>|"#.contains(c);
    let name: String = text.chars().map(|c| if forbidden(c) { '-' } else { c }).take(LONGEST).collect();
    let name = name.trim_matches(|c: char| c == '.' || c.is_whitespace());
    match name {
        "" => "-".to_owned(),
        name if is_device(name) => format!("{name}-"),
        name => name.to_owned(),
    }
}

/// Whether Windows takes a name for one of its devices: `CON`, `com1`, `nul.2026`.
fn is_device(name: &str) -> bool {
    let stem = name.split('.').next().unwrap_or_default().trim_end().to_lowercase();
    let has_number = |rest: &str| {
        let mut signs = rest.chars();
        matches!((signs.next(), signs.next()), (Some('0'..='9' | '¹' | '²' | '³'), None))
    };
    DEVICES.iter().any(|device| match stem.strip_prefix(device) {
        Some("") => !matches!(*device, "com" | "lpt"),
        Some(rest) => matches!(*device, "com" | "lpt") && has_number(rest),
        None => false,
    })
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
            ("CON", "CON-"),
            ("nul.2026", "nul.2026-"),
            ("Com1", "Com1-"),
            ("lpt²", "lpt²-"),
            ("COM", "COM"),
            ("com10", "com10"),
            ("conrad", "conrad"),
        ] {
            assert_eq!(file_name(text), name, "{text}");
        }
        assert_eq!(file_name(&"长".repeat(300)).chars().count(), LONGEST);
        let mut names = FileNames::default();
        assert_eq!(
            ["Li", "LI", "li", "Con", "con-"].map(|name| names.of(name)),
            ["Li", "LI 2", "li 3", "Con-", "con- 2"]
        );
    }

    #[test]
    fn people_are_called_by_their_names() {
        let names = [("KM1", "周秀兰"), ("KM2", "沈志强"), ("KM3", "Li"), ("KM4", "LI"), ("1005", "王 强")];
        let people = People { names: names.map(|(number, name)| (number.to_owned(), name.to_owned())).into() };
        for (number, called) in
            [("KM1", "周秀兰"), ("KM3", "Li KM3"), ("KM4", "LI KM4"), ("1005.0", "王 强"), ("KM9", "KM9")]
        {
            assert_eq!(people.named(number), called);
        }
    }
}
