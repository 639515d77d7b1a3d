//! Wide ledgers: one row a case, and some columns for each of its stages. Each row of the file gives a row for each
//! group of columns.

use std::borrow::Cow;
use std::collections::{BTreeMap, BTreeSet};

use serde::Deserialize;

use super::{Repeats, TableMapping, no_column};
use crate::contract::{Column, Kind, Table};
use crate::error::{Mistake, TomlPath};
use crate::ingest::called::Called;
use crate::ingest::values::{self, Cell, Vocabulary};
use crate::lake::Value;
use crate::spelling::nearest;
use crate::words::Words;

/// The columns of one stage in a ledger: `[[tables.stages.groups]]`.
#[derive(Debug, Default, Clone, Deserialize, schemars::JsonSchema)]
#[serde(deny_unknown_fields)]
pub struct Group {
    /// Canonical column → header, or a list of headers, of this group alone.
    #[serde(default)]
    pub columns: BTreeMap<String, Called>,
    /// Canonical column → the text that stands in every row of the group, or where its cell is empty.
    #[serde(default)]
    pub defaults: BTreeMap<String, String>,
    /// Canonical columns that the group does not have.
    #[serde(default)]
    pub absent: Vec<String>,
}

impl Group {
    /// What users know it by: its stage, or its number.
    pub(crate) fn label(&self, table: &Table, number: usize) -> String {
        let named: Vec<&str> = table.key.iter().filter_map(|key| self.defaults.get(*key)).map(String::as_str).collect();
        if named.is_empty() { format!("#{}", number + 1) } else { named.join(" ") }
    }

    /// The positions of the columns that say whether there is a row at all: when something happened, if the group says
    /// that of anything; else all its own. A plan or a department alone is no row.
    pub(crate) fn telling(&self, table: &Table) -> Vec<usize> {
        let own = || table.columns.iter().enumerate().filter(|(_, column)| self.columns.contains_key(column.name));
        let instants: Vec<usize> = own().filter(|(_, c)| c.kind == Kind::Instant).map(|(at, _)| at).collect();
        if instants.is_empty() { own().map(|(at, _)| at).collect() } else { instants }
    }
}

impl TableMapping {
    /// The mapping of each group together with what all of them share; the mapping itself where it has no groups.
    pub(crate) fn sections(&self) -> Vec<Cow<'_, TableMapping>> {
        if self.groups.is_empty() {
            return vec![Cow::Borrowed(self)];
        }
        self.groups.iter().map(|group| Cow::Owned(self.section(group))).collect()
    }

    fn section(&self, group: &Group) -> TableMapping {
        let mut own = TableMapping { groups: Vec::new(), ..self.clone() };
        own.columns.extend(group.columns.clone());
        own.defaults.extend(group.defaults.clone());
        own.absent.retain(|name| !group.columns.contains_key(name));
        own.absent.extend(group.absent.iter().cloned());
        own
    }

    /// The text that stands where a column of a group holds nothing.
    pub(crate) fn default_of<'a>(&'a self, group: Option<&'a Group>, column: &str) -> Option<&'a str> {
        let own = group.and_then(|group| group.defaults.get(column));
        own.or_else(|| self.defaults.get(column)).map(String::as_str)
    }

    /// The texts that stand where a column holds nothing, each once.
    pub(crate) fn defaults_of(&self, column: &str) -> Vec<String> {
        let own = self.groups.iter().filter_map(|group| group.defaults.get(column));
        let mut defaults: Vec<String> = self.defaults.get(column).into_iter().chain(own).cloned().collect();
        let mut met = BTreeSet::new();
        defaults.retain(|default| met.insert(default.clone()));
        defaults
    }

    /// Whether its rows have each stage once, done again or not: a ledger's, unless it says that each is a pass.
    pub(crate) fn has_stages_once(&self) -> bool {
        !self.groups.is_empty() && self.repeat != Repeats::Pass
    }

    /// Whether a default says it for every row: always where there are no groups, else each group has one.
    pub(crate) fn has_default(&self, column: &str) -> bool {
        let everywhere = !self.groups.is_empty() && self.groups.iter().all(|group| group.defaults.contains_key(column));
        self.defaults.contains_key(column) || everywhere
    }

    /// What is wrong with the groups.
    pub(super) fn group_mistakes(&self, table: &Table, words: &Vocabulary, here: &TomlPath<'_>) -> Vec<Mistake> {
        let mut mistakes = Vec::new();
        let mut met: BTreeMap<Vec<String>, usize> = BTreeMap::new();
        for (number, group) in self.groups.iter().enumerate() {
            let here = here.key("groups").item(number);
            mistakes.extend(self.name_mistakes(group, table, words, &here));
            if let Some(missing) = self.unnamed_key(group, table) {
                let message = Words::new(
                    format!("这一组没有写明「{missing}」"),
                    format!("the group does not say its `{missing}`"),
                );
                let help = Words::new(
                    format!("请在组内写 defaults = {{ {missing} = \"…\" }}"),
                    format!("write defaults = {{ {missing} = \"…\" }} in it"),
                );
                mistakes.push(here.mistake(message).help(help));
            } else if let Some(key) = self.constant_key(group, table, words)
                && let Some(first) = met.insert(key, number)
            {
                let first = first + 1;
                let message = Words::new(
                    format!("这一组与第 {first} 组的「{}」相同", table.key.join("」「")),
                    format!("this group is of the same `{}` as group {first}", table.key.join("` + `")),
                );
                let help = Words::new(
                    "同一环节的两组要用不同的次数：defaults = { stage = \"…\", pass = \"2\" }",
                    "two groups of one stage need different numbers: defaults = { stage = \"…\", pass = \"2\" }",
                );
                mistakes.push(here.mistake(message).help(help));
            }
        }
        mistakes
    }

    /// The columns that a group names wrongly.
    fn name_mistakes(&self, group: &Group, table: &Table, words: &Vocabulary, here: &TomlPath<'_>) -> Vec<Mistake> {
        let known = |name: &str| table.columns.iter().find(|column| column.name == name);
        let near = |name: &str| nearest(name, table.columns.iter().map(|column| column.name));
        let unknown = |name: &str| no_column(table, name);
        let mut mistakes = Vec::new();
        if group.columns.is_empty() {
            mistakes.push(here.mistake(Words::new(
                "这一组没有自己的列：任何一行都会有它",
                "the group names no column of its own: no row would ever be without it",
            )));
        }
        for (name, header) in &group.columns {
            let here = here.key("columns").key(name);
            if known(name).is_none() {
                mistakes.push(here.key_mistake(unknown(name)).did_you_mean(near(name)));
            } else if self.columns.contains_key(name) {
                let message = Words::new(
                    format!("「{name}」已写在各组共用的 columns 中"),
                    format!("`{name}` is under the `columns` that all groups share already"),
                );
                let help = Words::new("两处只写一处", "name it in one of the two places");
                mistakes.push(here.mistake(message).help(help));
            }
            if self.ignore.iter().any(|ignored| header.names(ignored)) {
                mistakes.push(here.mistake(Words::new(
                    format!("表头「{header}」写在 ignore 中，而这一组用到它"),
                    format!("the header `{header}` is ignored, and the group uses it"),
                )));
            }
        }
        for (name, default) in &group.defaults {
            let here = here.key("defaults").key(name);
            match known(name) {
                None => mistakes.push(here.key_mistake(unknown(name)).did_you_mean(near(name))),
                Some(column) => mistakes.extend(self.default_mistake(table, column, default, words, &here)),
            }
        }
        for (item, name) in group.absent.iter().enumerate() {
            let here = here.key("absent").item(item);
            match known(name) {
                None => mistakes.push(here.mistake(unknown(name)).did_you_mean(near(name))),
                Some(column) if column.required => {
                    mistakes.push(here.mistake(Words::new(
                        format!("{} 表必须有「{name}」列", table.name),
                        format!("`{}` cannot do without `{name}`", table.name),
                    )));
                }
                Some(_) if group.columns.contains_key(name) || group.defaults.contains_key(name) => {
                    mistakes.push(here.mistake(Words::new(
                        format!("「{name}」写在 absent 中，而这一组又写明了它"),
                        format!("`{name}` is declared absent, and the group says what it holds"),
                    )));
                }
                Some(_) => {}
            }
        }
        mistakes
    }

    /// What is wrong with the default of a group's column.
    fn default_mistake(
        &self,
        table: &Table,
        column: &Column,
        default: &str,
        words: &Vocabulary,
        here: &TomlPath<'_>,
    ) -> Option<Mistake> {
        if column.kind != Kind::Stage {
            return self.fault_of(table, column, default).map(|fault| here.mistake(fault));
        }
        let words = self.vocabulary(table, words);
        if matches!(values::read(column, Cell::Text(default), &words), Ok(value) if value != Value::Null) {
            return None;
        }
        let near = nearest(default, words.stages.keys().map(String::as_str));
        let message = Words::new(
            format!("「{default}」不是 process.toml 中的环节"),
            format!("`{default}` is no stage of process.toml"),
        );
        Some(here.mistake(message).did_you_mean(near))
    }

    /// A required column of the key that neither a header nor a default of a group says, of those that tell groups apart.
    fn unnamed_key<'t>(&self, group: &Group, table: &'t Table) -> Option<&'t str> {
        let said = |name: &str| {
            group.defaults.contains_key(name) || group.columns.contains_key(name) || self.columns.contains_key(name)
        };
        let tells =
            |column: &&Column| column.kind == Kind::Stage && column.required && table.key.contains(&column.name);
        table.columns.iter().filter(tells).map(|column| column.name).find(|name| !said(name))
    }

    /// What a group's defaults say of the key, as far as its rows are told apart by nothing else.
    fn constant_key(&self, group: &Group, table: &Table, words: &Vocabulary) -> Option<Vec<String>> {
        let words = self.vocabulary(table, words);
        let mut key = Vec::new();
        for name in table.key.iter().filter(|name| !self.columns.contains_key(**name)) {
            if group.columns.contains_key(*name) {
                return None;
            }
            let column = table.column(name);
            match (self.default_of(Some(group), name), column.kind) {
                (Some(default), _) => {
                    let value = values::read(column, Cell::Text(default), &words).ok()?;
                    key.push(value.display());
                }
                // The rows' own cells say it, in every group alike.
                (None, Kind::Id) => {}
                (None, _) => key.push("1".to_owned()),
            }
        }
        (!key.is_empty()).then_some(key)
    }
}
