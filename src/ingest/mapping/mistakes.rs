//! What a mapping says of a table that cannot be.

use std::collections::BTreeMap;
use std::path::Path;

use super::{Repeats, TableMapping, known_units, no_column};
use crate::contract::{Column, Kind, Table, TieOrder};
use crate::error::{Mistake, TomlPath};
use crate::ingest::values::{self, Cell, Vocabulary};
use crate::ingest::{headers, query, rejects};
use crate::lake::Value;
use crate::spelling::nearest;
use crate::words::{Lang, Words};
impl TableMapping {
    pub(super) fn mistakes(&self, table: &Table, words: &Vocabulary, here: &TomlPath<'_>) -> Vec<Mistake> {
        let mut mistakes = self.column_mistakes(table, here);
        mistakes.extend(self.word_mistakes(table, words, here));
        if self.repeat == Repeats::Pass && table.name != "stages" {
            let message = only_of_stages("repeat = \"pass\"", table.name);
            mistakes.push(here.key("repeat").mistake(message));
        }
        if self.order == TieOrder::File && table.name != "stages" {
            let message = only_of_stages("order = \"file\"", table.name);
            mistakes.push(here.key("order").mistake(message));
        }
        if let Some(encoding) = &self.encoding
            && self.encoding().is_none()
        {
            let message = Words::new(format!("没有编码「{encoding}」"), format!("there is no encoding `{encoding}`"));
            mistakes.push(here.key("encoding").mistake(message).did_you_mean(Some("gb18030")));
        }
        if let Some(delimiter) = self.delimiter
            && (!delimiter.is_ascii() || matches!(delimiter, '"' | '\r' | '\n'))
        {
            let message = Words::new(
                format!("「{}」不能作分隔符", delimiter.escape_debug()),
                format!("`{delimiter}` separates no fields"),
            );
            mistakes.push(here.key("delimiter").mistake(message).did_you_mean(Some(",")));
        }
        mistakes.extend(pattern_mistakes(&self.files, &here.key("files")));
        let goes_by_order = matches!(self.repeat, Repeats::First | Repeats::Last);
        let beside = query::Beside { goes_by_order, has_files: !self.files.is_empty() };
        mistakes.extend(self.source.iter().flat_map(|query| query.mistakes(table, &beside, here)));
        mistakes.extend(self.absence_mistakes(table, here));
        mistakes.extend(self.unit_mistakes(table, here));
        mistakes.extend(self.group_mistakes(table, words, here));
        mistakes.extend(self.condition_mistakes(table, here));
        mistakes
    }

    /// The columns that cannot be absent, or that another key says are there.
    fn absence_mistakes(&self, table: &Table, here: &TomlPath<'_>) -> Vec<Mistake> {
        let mut mistakes = Vec::new();
        for (number, name) in self.absent.iter().enumerate() {
            let here = here.key("absent").item(number);
            let Some(column) = table.columns.iter().find(|column| column.name == name) else {
                let near = nearest(name, table.columns.iter().map(|known| known.name));
                mistakes.push(here.mistake(no_column(table, name)).did_you_mean(near));
                continue;
            };
            if column.required {
                let message = Words::new(
                    format!("{} 表必须有「{name}」列：请改为写明缺省值", table.name),
                    format!("`{}` cannot do without `{name}`: give it a default instead", table.name),
                );
                mistakes.push(here.mistake(message));
            }
            for (key, says) in [
                ("columns", self.columns.contains_key(name)),
                ("defaults", self.defaults.contains_key(name)),
                ("units", self.units.contains_key(name)),
            ] {
                if says {
                    mistakes.push(here.mistake(Words::new(
                        format!("「{name}」写在 absent 中，而 {key} 又写明了它"),
                        format!("`{name}` is declared absent, and `{key}` says what it holds"),
                    )));
                }
            }
        }
        for (number, header) in self.ignore.iter().enumerate() {
            if let Some((name, _)) = self.columns.iter().find(|(_, called)| called.names(header)) {
                let message = Words::new(
                    format!("表头「{header}」写在 ignore 中，而 columns 又用它作「{name}」"),
                    format!("the header `{header}` is ignored, and `columns` uses it for `{name}`"),
                );
                mistakes.push(here.key("ignore").item(number).mistake(message));
            }
        }
        mistakes
    }

    /// The units that no column has.
    fn unit_mistakes(&self, table: &Table, here: &TomlPath<'_>) -> Vec<Mistake> {
        let mut mistakes = Vec::new();
        for (name, unit) in &self.units {
            if let Some(column) = table.columns.iter().find(|column| column.name == name)
                && headers::unit(column.kind, unit).is_none()
            {
                let known = known_units(column.kind).join(", ");
                let message = match known.is_empty() {
                    true => Words::new(format!("「{name}」没有单位"), format!("`{name}` has no unit")),
                    false => Words::new(
                        format!("「{name}」的单位不能是「{unit}」；可用：{known}"),
                        format!("`{name}` cannot be in `{unit}`, but in `{}`", known.replace(", ", "`, `")),
                    ),
                };
                mistakes.push(here.key("units").key(name).mistake(message));
            }
        }
        mistakes
    }

    /// The columns that the table does not have, and the defaults that make no sense.
    fn column_mistakes(&self, table: &Table, here: &TomlPath<'_>) -> Vec<Mistake> {
        let mut mistakes = Vec::new();
        let columns = self.columns.keys().map(|column| ("columns", column));
        let values = self.values.keys().map(|column| ("values", column));
        let defaults = self.defaults.keys().map(|column| ("defaults", column));
        let units = self.units.keys().map(|column| ("units", column));
        for (section, column) in columns.chain(values).chain(defaults).chain(units) {
            if !table.columns.iter().any(|known| known.name == column) {
                let mistake = here.key(section).key(column).key_mistake(no_column(table, column));
                mistakes.push(mistake.did_you_mean(nearest(column, table.columns.iter().map(|known| known.name))));
            }
        }
        for (name, default) in &self.defaults {
            if let Some(column) = table.columns.iter().find(|known| known.name == name)
                && let Some(fault) = self.fault_of(table, column, default)
            {
                mistakes.push(here.key("defaults").key(name).mistake(fault));
            }
        }
        mistakes
    }

    /// The words that stand for what their column cannot hold.
    fn word_mistakes(&self, table: &Table, words: &Vocabulary, here: &TomlPath<'_>) -> Vec<Mistake> {
        let plain = Vocabulary { values: BTreeMap::new(), ..self.vocabulary(table, words) };
        let mut mistakes = Vec::new();
        for (name, meanings) in &self.values {
            let Some(column) = table.columns.iter().find(|column| column.name == name) else { continue };
            let is_wrong = |meant: &&String| values::read(column, Cell::Text(meant), &plain).is_err();
            for (word, meant) in meanings.iter().filter(|(_, meant)| is_wrong(meant)) {
                let expected = |lang| rejects::expectation(column, lang);
                let message = Words::new(
                    format!("「{word}」所代表的「{meant}」不能读作「{name}」：应为{}", expected(Lang::Zh)),
                    format!(
                        "`{word}` stands for `{meant}`, which cannot be read as `{name}`: expected {}",
                        expected(Lang::En)
                    ),
                );
                let known = plain.stages.keys().map(String::as_str).filter(|_| column.kind == Kind::Stage);
                let near = nearest(meant, known);
                mistakes.push(here.key("values").key(name).key(word).mistake(message).did_you_mean(near));
            }
        }
        mistakes
    }

    /// What is wrong with a default, if anything.
    pub(super) fn fault_of(&self, table: &Table, column: &Column, default: &str) -> Option<Words> {
        let name = column.name;
        if column.kind == Kind::Stage || table.key.contains(&name) && name != "pass" {
            return Some(Words::new(
                format!("{} 表的各行靠「{name}」区分：不能有缺省值", table.name),
                format!("`{name}` tells the rows of `{}` apart: it can have no default", table.name),
            ));
        }
        let words = self.vocabulary(table, &Vocabulary::default());
        match values::read(column, Cell::Text(default), &words) {
            Ok(Value::Null) => Some(Words::new(
                format!("「{name}」的缺省值是空的：请删去"),
                format!("the default of `{name}` says nothing: leave it out"),
            )),
            Ok(_) => None,
            Err(_) => {
                let expected = |lang| rejects::expectation(column, lang);
                Some(Words::new(
                    format!("「{default}」不能读作「{name}」：应为{}", expected(Lang::Zh)),
                    format!("`{default}` cannot be read as `{name}`: expected {}", expected(Lang::En)),
                ))
            }
        }
    }
}

/// What is only for the table of stages, and stands at another.
fn only_of_stages(what: &str, table: &str) -> Words {
    Words::new(
        format!("{what} 只用于 stages 表，不能用于 {table} 表"),
        format!("`{what}` is for the table `stages`, not for `{table}`"),
    )
}

/// The patterns that name files outside the data folder, or none at all.
pub(super) fn pattern_mistakes(patterns: &[String], here: &TomlPath<'_>) -> Vec<Mistake> {
    let mut mistakes = Vec::new();
    for (number, pattern) in patterns.iter().enumerate() {
        let here = here.item(number);
        if pattern.contains("..") || Path::new(pattern).is_absolute() {
            mistakes.push(
                here.mistake(Words::new(
                    "文件名模式不能指向数据目录之外",
                    "a file pattern stays inside the data folder",
                )),
            );
        } else if let Err(error) = glob::Pattern::new(pattern) {
            let message =
                Words::new(format!("文件名模式的写法不对（原文「{error}」）"), format!("not a file pattern: {error}"));
            mistakes.push(here.mistake(message));
        }
    }
    mistakes
}
