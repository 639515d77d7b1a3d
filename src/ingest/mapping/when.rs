//! Columns that hold their cell only where another header has a certain word: one date for every end, and a word that
//! says which end it was.

use std::collections::{BTreeMap, BTreeSet};

use super::{TableMapping, no_column};
use crate::contract::Table;
use crate::error::{Mistake, TomlPath};
use crate::spelling::{nearest, word};
use crate::words::Words;

/// Header → the words under which a column holds its cell.
pub type Condition = BTreeMap<String, Vec<String>>;

/// What stands for every word that is not named.
const EVERY_OTHER: &str = "*";

impl TableMapping {
    /// The headers that conditions look at.
    pub(crate) fn condition_headers(&self) -> impl Iterator<Item = &String> {
        self.when.values().flat_map(BTreeMap::keys)
    }

    /// The words of a header that conditions name, folded, and whether any other word means none of them.
    pub(crate) fn named_words(&self, header: &str) -> (BTreeSet<String>, bool) {
        let is_meant = |(name, _): &(&String, &Vec<String>)| word(name) == word(header);
        let conditions = self.when.values().flatten().filter(is_meant).flat_map(|(_, words)| words);
        let otherwise: Vec<&String> = self.otherwise.iter().filter(is_meant).flat_map(|(_, words)| words).collect();
        let any = otherwise.iter().any(|named| named.as_str() == EVERY_OTHER);
        (conditions.chain(otherwise).map(|named| word(named)).collect(), any)
    }

    /// The folded words of a header that mean none of the columns that depend on it.
    pub(crate) fn other_words(&self, header: &str) -> BTreeSet<String> {
        let lists = self.otherwise.iter().filter(|(name, _)| word(name) == word(header));
        lists.flat_map(|(_, words)| words).map(|named| word(named)).collect()
    }

    /// What is wrong with the conditions.
    pub(super) fn condition_mistakes(&self, table: &Table, here: &TomlPath<'_>) -> Vec<Mistake> {
        let mut mistakes = self.both_ends(here);
        for (name, condition) in &self.when {
            let here = here.key("when").key(name);
            let Some(column) = table.columns.iter().find(|column| column.name == name) else {
                let near = nearest(name, table.columns.iter().map(|known| known.name));
                mistakes.push(here.key_mistake(no_column(table, name)).did_you_mean(near));
                continue;
            };
            if column.required {
                mistakes.push(here.mistake(Words::new(
                    format!("「{name}」每行都要有，不能取决于另一列的词"),
                    format!("`{name}` is needed in every row: it cannot depend on a word"),
                )));
            }
            for (key, says) in [("defaults", self.has_default(name)), ("absent", self.absent.contains(name))] {
                if says {
                    mistakes.push(here.mistake(Words::new(
                        format!("「{name}」取决于另一列的词，又写在 {key} 中"),
                        format!("`{name}` depends on a word, and is under `{key}` too"),
                    )));
                }
            }
            if condition.is_empty() || condition.values().any(Vec::is_empty) {
                let message = Words::new(
                    format!("「{name}」的条件没有写任何词"),
                    format!("the condition of `{name}` names no word"),
                );
                let help = Words::new(
                    "写作 { \"表头\" = [\"词\", \"另一个词\"] }",
                    "write { \"header\" = [\"word\", \"another word\"] }",
                );
                mistakes.push(here.mistake(message).help(help));
            }
            mistakes.extend(self.shared_words(name, condition, &here));
        }
        for (header, words) in &self.otherwise {
            let here = here.key("otherwise").key(header);
            if !self.condition_headers().any(|name| word(name) == word(header)) {
                let near = nearest(header, self.condition_headers().map(String::as_str));
                let message = Words::new(
                    format!("when 中没有条件用到表头「{header}」"),
                    format!("no condition under `when` looks at the header `{header}`"),
                );
                mistakes.push(here.key_mistake(message).did_you_mean(near));
            }
            let conditions = self.when.values().flatten().filter(|(name, _)| word(name) == word(header));
            let named: BTreeSet<String> = conditions.flat_map(|(_, words)| words).map(|named| word(named)).collect();
            for (item, both) in words.iter().enumerate().filter(|(_, other)| named.contains(&word(other))) {
                let message = Words::new(
                    format!("同一表头的「{both}」已写在 when 中，不能又算两者都不是"),
                    format!("`{both}` is under `when` for the same header: it cannot mean none of them too"),
                );
                mistakes.push(here.item(item).mistake(message));
            }
        }
        mistakes
    }

    /// That one header is the end of a case in two ways, where no word says which.
    fn both_ends(&self, here: &TomlPath<'_>) -> Vec<Mistake> {
        let ends = ["energised_at", "cancelled_at"];
        let [Some(energised), Some(cancelled)] = ends.map(|name| self.columns.get(name)) else { return Vec::new() };
        let Some(both) = energised.names_of().iter().find(|header| cancelled.names(header)) else { return Vec::new() };
        if ends.iter().all(|name| self.when.contains_key(*name)) {
            return Vec::new();
        }
        let message = Words::new(
            format!("「{both}」同时作两种结束：每张工单都会既送电又销户"),
            format!("`{both}` is the end of a case in two ways: each would be energised and cancelled"),
        );
        let help = Words::new(
            "请用另一个表头区分：when.energised_at = { \"表头\" = [\"词\"] }，when.cancelled_at 同样",
            "say by another header which it is: when.energised_at = { \"header\" = [\"word\"] }, and when.cancelled_at likewise",
        );
        vec![here.key("columns").key("cancelled_at").mistake(message).help(help)]
    }

    /// The words under which a column and an earlier one both take the cell of one header.
    fn shared_words(&self, name: &str, condition: &Condition, here: &TomlPath<'_>) -> Vec<Mistake> {
        let mut mistakes = Vec::new();
        let source = |name: &str| -> Option<Vec<String>> {
            let called = self.columns.get(name)?;
            Some(called.names_of().iter().map(|header| word(header)).collect())
        };
        let others = self.when.iter().take_while(|(other, _)| *other != name);
        for (other, theirs) in others.filter(|(other, _)| source(other).is_some() && source(other) == source(name)) {
            for (header, words) in condition {
                let same = theirs.iter().filter(|(named, _)| word(named) == word(header)).flat_map(|(_, words)| words);
                let same: BTreeSet<String> = same.map(|named| word(named)).collect();
                for (item, both) in words.iter().enumerate().filter(|(_, own)| same.contains(&word(own))) {
                    let message = Words::new(
                        format!("「{both}」使同一单元格既作「{other}」又作「{name}」"),
                        format!("`{both}` makes one cell both `{other}` and `{name}`"),
                    );
                    mistakes.push(here.key(header).item(item).mistake(message));
                }
            }
        }
        mistakes
    }
}
