//! Which of the tables and their columns the exports have.

use std::collections::BTreeSet;

use super::TABLES;

/// Which tables and optional columns the exports have: what needs a missing one says «no data», never zero.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct Given {
    tables: BTreeSet<&'static str>,
    /// The columns of these tables that no file has, as `table.column`.
    absent: BTreeSet<String>,
    /// The same in one text, between semicolons.
    absent_text: String,
}

impl Given {
    /// These tables, without these columns, `table.column`.
    pub fn new(tables: BTreeSet<&'static str>, absent: BTreeSet<String>) -> Given {
        let absent_text = absent.iter().map(String::as_str).collect::<Vec<_>>().join(";");
        Given { tables, absent, absent_text }
    }

    /// As the parameters of a run tell it: whether they have each table, and [`Given::absent`].
    pub fn told(has: impl Fn(&str) -> bool, absent: &str) -> Given {
        let tables = TABLES.iter().map(|table| table.name).filter(|name| has(name));
        let absent = absent.split(';').filter(|name| !name.is_empty()).map(str::to_owned);
        Given::new(tables.collect(), absent.collect())
    }

    /// Whether the exports have a table, or a column by the name `table.column`.
    pub fn has(&self, name: &str) -> bool {
        let table = name.split_once('.').map_or(name, |(table, _)| table);
        self.tables.contains(table) && !self.absent.contains(name)
    }

    /// What is left without some tables.
    pub fn without(mut self, tables: &[&'static str]) -> Given {
        self.tables.retain(|table| !tables.contains(table));
        self
    }

    /// Whether they have all of some tables and columns.
    pub fn all<'a>(&self, names: impl IntoIterator<Item = &'a String>) -> bool {
        names.into_iter().all(|name| self.has(name))
    }

    /// The columns of given tables that no file has, as `table.column` between semicolons.
    pub fn absent(&self) -> &str {
        &self.absent_text
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn what_is_given_is_told_whole() {
        let absent = ["stages.due_on", "stages.finished_at"].map(str::to_owned);
        let given = Given::new(BTreeSet::from(["applications", "stages"]), BTreeSet::from(absent));
        assert_eq!(Given::told(|table| given.has(table), given.absent()), given);
        let names = ["stages", "stages.department", "stages.due_on", "faults", "faults.outage_at"];
        assert_eq!(names.map(|name| given.has(name)), [true, true, false, false, false]);
        assert_eq!(Given::told(|_| false, ""), Given::default());
    }
}
