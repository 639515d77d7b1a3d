//! Workbooks to hand out: the tables of a report cut up by department, by owner, ready to send.

use std::collections::BTreeMap;

use serde::{Deserialize, Serialize};

use super::{Input, xlsx};
use crate::cells::{Cell, Table};
use crate::clean::managers::Managers;
use crate::error::Result;
use crate::marts::Kind;
use crate::spelling::{self, FileNames, identity};
use crate::table::Rows;

/// The most characters of a file's name.
const LONGEST: usize = 40;

/// A workbook that is handed out: whom it is for, and how much it holds.
#[derive(Debug, Clone, Serialize, Deserialize)]
pub struct HandedOut {
    /// Its path in the report's folder.
    pub path: String,
    /// What such workbooks are called.
    pub title: String,
    /// Whom it is for: by column, what all of its rows have there; a column in which they have nothing is absent.
    #[serde(rename = "for")]
    pub whose: BTreeMap<String, String>,
    /// Its rows.
    pub rows: usize,
}

/// Every hand-out of the pipeline with its bytes: `handouts/<title>/<value>.xlsx`, a manager's by the name.
pub(super) fn all(input: &Input<'_>, tables: &[Table], people: &People) -> Result<Vec<(HandedOut, Vec<u8>)>> {
    let mut handouts = Vec::new();
    for handout in &input.config.pipeline.handouts {
        let title = handout.title.get(input.lang);
        let folder = file_name(title);
        let mut names = names();
        for (values, parts) in cut(tables, &handout.tables, &handout.by) {
            let last = handout.by.iter().zip(&values).rfind(|(_, value)| !value.is_empty());
            let value = last.map(|(by, value)| people.called(input, &handout.tables, by, value)).unwrap_or_default();
            let path = format!("handouts/{folder}/{}.xlsx", names.of(&value));
            let bytes = xlsx::handout(input, &path, &value, &parts)?;
            let rows = parts.iter().map(|part| part.rows.len()).sum();
            let whose = whose(&handout.by, values);
            handouts.push((HandedOut { path, title: title.to_owned(), whose, rows }, bytes));
        }
    }
    Ok(handouts)
}

/// Whom a workbook is for, by the columns that it was cut by; an empty one names nobody.
pub(super) fn whose(by: &[String], values: Vec<String>) -> BTreeMap<String, String> {
    by.iter().cloned().zip(values).filter(|(_, value)| !value.is_empty()).collect()
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
pub(super) fn names() -> FileNames {
    FileNames::new(LONGEST, " ")
}

/// A text as the name of a folder.
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
            ("com10", "com10"),
            ("lpt²", "-lpt²"),
            ("a\u{202e}b", "a-b"),
        ] {
            assert_eq!(file_name(text), name, "{text}");
        }
        assert_eq!(file_name(&"长".repeat(300)).chars().count(), LONGEST);
        let mut names = names();
        assert_eq!(
            ["Li", "LI", "li", "Con", "con-"].map(|name| names.of(name)),
            ["Li", "LI 2", "li 3", "-Con", "con-"]
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
