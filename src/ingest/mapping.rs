//! Where a table's rows come from: which files, which headers, which words.
//!
//! A mapping (`pipelines/sources/*.toml`) names only what differs from the usual: canonical names and the Chinese
//! aliases of the contract are found without one.

use std::collections::BTreeMap;
use std::path::{Path, PathBuf};

use encoding_rs::Encoding;
use serde::Deserialize;

use super::archive::Unpacked;
use super::rejects;
use super::values::{self, Cell, Comma, DateOrder, DecimalSign, Vocabulary};
use crate::contract::{Column, Kind, TABLES, Table};
use crate::error::{Error, ExportProblem, Mistake, Result, TomlFile, TomlPath};
use crate::lake::Value;
use crate::spelling::{nearest, normal};
use crate::words::Lang;

/// A source mapping as its file says it.
#[derive(Debug, Default, Clone, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Mapping {
    /// What the source is called.
    #[serde(default)]
    pub name: String,
    /// The tables that need words, by canonical name.
    #[serde(default)]
    pub tables: BTreeMap<String, TableMapping>,
}

/// What is unusual about one table's files.
#[derive(Debug, Default, Clone, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct TableMapping {
    /// Glob patterns, relative to the data folder. Empty: the table's usual names.
    #[serde(default)]
    pub files: Vec<String>,
    /// `utf-8`, `gb18030` (also `gbk`), `utf-16le`, `utf-16be`. Absent: detected.
    pub encoding: Option<String>,
    /// One character. Absent: the likeliest of comma, tab, semicolon and bar.
    pub delimiter: Option<char>,
    /// The sheet of a workbook. Absent: every visible sheet that has the headers.
    pub sheet: Option<String>,
    /// The line of the headers, from 1. Absent: found.
    pub header_row: Option<u64>,
    /// Canonical column → header.
    #[serde(default)]
    pub columns: BTreeMap<String, String>,
    /// Canonical column → word of the export → the text that it stands for; an empty one means that nothing is given.
    #[serde(default)]
    pub values: BTreeMap<String, BTreeMap<String, String>>,
    /// Canonical column → the text that stands where an export has no such column, or its cell is empty.
    #[serde(default)]
    pub defaults: BTreeMap<String, String>,
    /// The order of dates whose year does not come first: `dmy`, `mdy` or `ymd`. Absent: such dates are refused.
    pub date_order: Option<DateOrder>,
    /// The sign that begins decimals, `.` or `,`. Absent: a comma groups thousands, where that is certain.
    pub decimal: Option<DecimalSign>,
    /// How rows that share a key and differ are treated.
    #[serde(default)]
    pub repeat: Repeats,
}

/// How rows that share a key and differ are treated.
#[derive(Debug, Default, Clone, Copy, PartialEq, Eq, Deserialize)]
#[serde(rename_all = "lowercase")]
pub enum Repeats {
    /// All are rejected: nobody knows which is right.
    #[default]
    Reject,
    /// The first in the order of the files and their rows counts; the others are duplicates.
    First,
    /// The last counts.
    Last,
    /// Of stages without a number: each is another pass, also where they start in the same moment.
    Pass,
}

impl Mapping {
    /// Reads a mapping; every unknown table, column, encoding and default of it is returned.
    pub fn open(file: &TomlFile) -> Result<Mapping, Vec<Mistake>> {
        let mapping: Mapping = file.read()?;
        let mut mistakes = Vec::new();
        for (name, own) in &mapping.tables {
            let here = file.at("tables").key(name);
            match Table::named(name) {
                Some(table) => mistakes.extend(own.mistakes(table, &here)),
                None => {
                    let near = nearest(name, TABLES.iter().map(|table| table.name));
                    mistakes.push(here.key_mistake(format!("there is no table `{name}`")).did_you_mean(near));
                }
            }
        }
        if mistakes.is_empty() { Ok(mapping) } else { Err(mistakes) }
    }
}

impl TableMapping {
    fn mistakes(&self, table: &Table, here: &TomlPath<'_>) -> Vec<Mistake> {
        let mut mistakes = self.column_mistakes(table, here);
        if self.repeat == Repeats::Pass && table.name != "stages" {
            let message = format!("`repeat = \"pass\"` is for the table `stages`, not for `{}`", table.name);
            mistakes.push(here.key("repeat").mistake(message));
        }
        if let Some(encoding) = &self.encoding
            && self.encoding().is_none()
        {
            let mistake = here.key("encoding").mistake(format!("there is no encoding `{encoding}`"));
            mistakes.push(mistake.did_you_mean(Some("gb18030")));
        }
        if let Some(delimiter) = self.delimiter
            && (!delimiter.is_ascii() || matches!(delimiter, '"' | '\r' | '\n'))
        {
            let mistake = here.key("delimiter").mistake(format!("`{delimiter}` separates no fields"));
            mistakes.push(mistake.did_you_mean(Some(",")));
        }
        for (number, pattern) in self.files.iter().enumerate() {
            let here = here.key("files").item(number);
            if pattern.contains("..") || Path::new(pattern).is_absolute() {
                mistakes.push(here.mistake("a file pattern stays inside the data folder"));
            } else if let Err(error) = glob::Pattern::new(pattern) {
                mistakes.push(here.mistake(format!("not a file pattern: {error}")));
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
        for (section, column) in columns.chain(values).chain(defaults) {
            if !table.columns.iter().any(|known| known.name == column) {
                let mistake = here
                    .key(section)
                    .key(column)
                    .key_mistake(format!("table `{}` has no column `{column}`", table.name));
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

    /// What is wrong with a default, if anything.
    fn fault_of(&self, table: &Table, column: &Column, default: &str) -> Option<String> {
        let name = column.name;
        if column.kind == Kind::Stage || table.key.contains(&name) && name != "pass" {
            return Some(format!("`{name}` tells the rows of `{}` apart: it can have no default", table.name));
        }
        let words = self.vocabulary(table, &Vocabulary::default());
        match values::read(column, Cell::Text(default), &words) {
            Ok(Value::Null) => Some(format!("the default of `{name}` says nothing: leave it out")),
            Ok(_) => None,
            Err(_) => {
                let expected = rejects::expectation(column, Lang::En);
                Some(format!("`{default}` cannot be read as `{name}`: expected {expected}"))
            }
        }
    }

    /// What the words, numbers and dates of the table's files stand for.
    pub fn vocabulary(&self, table: &Table, common: &Vocabulary) -> Vocabulary {
        let column = |name: &str| table.columns.iter().find(|column| column.name == name);
        let fold = |(name, words): (&String, _)| (name.clone(), values::folded_words(column(name), words));
        Vocabulary {
            values: self.values.iter().map(fold).collect(),
            order: self.date_order,
            comma: if self.decimal == Some(DecimalSign::Comma) { Comma::Decimal } else { Comma::Groups },
            ..common.clone()
        }
    }

    /// The declared encoding; `None` also where it is none of those that are read.
    pub fn encoding(&self) -> Option<&'static Encoding> {
        let label = self.encoding.as_deref()?;
        // The label `gbk` means GB18030 too: every GBK text is one.
        match Encoding::for_label(label.as_bytes())? {
            encoding if encoding == encoding_rs::GBK => Some(encoding_rs::GB18030),
            encoding => [encoding_rs::UTF_8, encoding_rs::GB18030, encoding_rs::UTF_16LE, encoding_rs::UTF_16BE]
                .contains(&encoding)
                .then_some(encoding),
        }
    }
}

/// The most files of a table: all of them are open at once while duplicates are looked for.
const MOST_FILES: usize = 1_000;

/// The files of a table in a data folder and in the archives there, sorted: relative name and path.
pub fn files(
    table: &Table,
    mapping: &TableMapping,
    data: &Path,
    unpacked: &mut Unpacked,
) -> Result<Vec<(String, PathBuf)>> {
    let mut found = Vec::new();
    let mut packed = Vec::new();
    for (name, path) in folder(data)?.iter().filter(|(name, _)| is_archive(name)) {
        packed.extend(unpacked.entries(name, path)?);
    }
    if mapping.files.is_empty() {
        for (name, path) in folder(data)?.into_iter().chain(packed.iter().cloned()) {
            if owner(name.rsplit('/').next().unwrap_or(&name)) == Some(table.name) {
                found.push((name, path));
            }
        }
    }
    for pattern in &mapping.files {
        if let Ok(pattern) = glob::Pattern::new(pattern) {
            let archive = |name: &str| name.split_once(".zip/").map(|(stem, _)| format!("{stem}.zip"));
            let named = |name: &str| pattern.matches(name) || archive(name).is_some_and(|name| pattern.matches(&name));
            found.extend(packed.iter().filter(|(name, _)| named(name)).cloned());
        }
        let whole = format!("{}/{pattern}", glob::Pattern::escape(&data.to_string_lossy()));
        let Ok(paths) = glob::glob(&whole) else { continue };
        for path in paths.flatten().filter(|path| path.is_file() && !is_archive(&path.to_string_lossy())) {
            let name = path.strip_prefix(data).unwrap_or(&path).to_string_lossy().replace('\\', "/");
            found.push((name, path));
        }
    }
    found.sort();
    found.dedup();
    if found.len() > MOST_FILES {
        let what = format!("{} files of `{}`", found.len(), table.name);
        return Err(Error::export(&data.to_string_lossy(), ExportProblem::TooLarge { what }));
    }
    if found.is_empty() && (table.required || !mapping.files.is_empty()) {
        let looked_for = if mapping.files.is_empty() {
            [table.name].iter().chain(table.zh).map(|stem| format!("{stem}.csv")).collect()
        } else {
            mapping.files.clone()
        };
        let names = folder(data)?.into_iter().map(|(name, _)| name).collect();
        let problem = ExportProblem::NoFile { table: table.name, looked_for, found: names };
        return Err(Error::export(&data.to_string_lossy(), problem));
    }
    Ok(found)
}

fn is_archive(name: &str) -> bool {
    name.to_lowercase().ends_with(".zip")
}

fn folder(data: &Path) -> Result<Vec<(String, PathBuf)>> {
    let mut files = Vec::new();
    for entry in std::fs::read_dir(data).map_err(Error::io("read", data))? {
        let path = entry.map_err(Error::io("read", data))?.path();
        if let Some(name) = path.file_name().and_then(|name| name.to_str())
            && path.is_file()
            && !name.starts_with(['.', '~'])
        {
            files.push((name.to_owned(), path.clone()));
        }
    }
    files.sort();
    Ok(files)
}

/// The table whose usual names a file bears: `stages.csv`, `stages_2026-05.csv.gz`, `环节记录(5月).xlsx`.
fn owner(file: &str) -> Option<&'static str> {
    let stem = file.strip_suffix(".gz").unwrap_or(file);
    let (stem, extension) = stem.rsplit_once('.')?;
    let known = ["csv", "txt", "tsv", "xlsx", "xlsm", "xlsb", "xls", "et", "ods", "htm", "html", "parquet"];
    if !known.iter().any(|known| extension.eq_ignore_ascii_case(known)) {
        return None;
    }
    let bears = |alias: &str| {
        stem.strip_prefix(alias)
            .is_some_and(|rest| rest.chars().next().is_none_or(|c| c.is_ascii_digit() || "_- .((【".contains(c)))
    };
    TABLES
        .iter()
        .flat_map(|table| table.zh.iter().chain([&table.name]).map(move |alias| (alias, table.name)))
        .filter(|(alias, _)| bears(alias))
        .max_by_key(|(alias, _)| alias.len())
        .map(|(_, table)| table)
}

/// Where each canonical column stands in a file: its index, by the position of the column.
pub type Places = Vec<Option<usize>>;

/// Finds the columns of a table among some headers.
pub fn places(table: &'static Table, mapping: &TableMapping, headers: &[String]) -> Result<Places, ExportProblem> {
    let mut places = vec![None; table.columns.len()];
    for (place, column) in places.iter_mut().zip(table.columns) {
        if let Some(header) = mapping.columns.get(column.name) {
            let found = headers.iter().position(|h| normal(h) == normal(header));
            let problem = || ExportProblem::NoHeader { header: header.clone(), found: named(headers) };
            *place = Some(found.ok_or_else(problem)?);
            continue;
        }
        let taken = |header: &String| mapping.columns.values().any(|named| normal(named) == normal(header));
        let claims: Vec<usize> =
            (0..headers.len()).filter(|i| column.answers_to(&headers[*i]) && !taken(&headers[*i])).collect();
        match claims[..] {
            [] => {}
            [index] => *place = Some(index),
            [..] => {
                let headers = claims.iter().map(|i| headers[*i].clone()).collect();
                return Err(ExportProblem::TwoColumns { column: column.name, headers });
            }
        }
    }
    let missing: Vec<&Column> = table
        .columns
        .iter()
        .zip(&places)
        .filter(|(column, place)| column.required && place.is_none() && !mapping.defaults.contains_key(column.name))
        .map(|(c, _)| c)
        .collect();
    if missing.is_empty() {
        return Ok(places);
    }
    let free: Vec<&str> =
        headers.iter().enumerate().filter(|(i, _)| !places.contains(&Some(*i))).map(|(_, h)| h.as_str()).collect();
    let guess = |column: &Column| {
        let names = column.zh.iter().chain([&column.name]);
        names.filter_map(|name| nearest(name, free.iter().copied())).next().map(str::to_owned)
    };
    let missing = missing
        .into_iter()
        .map(|column| (format!("{} ({})", column.name, column.zh.first().unwrap_or(&"")), guess(column)))
        .collect();
    Err(ExportProblem::NoColumn { table: table.name, missing, found: named(headers) })
}

fn named(headers: &[String]) -> Vec<String> {
    headers.iter().filter(|header| !header.trim().is_empty()).cloned().collect()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn files_are_known_by_their_names() {
        for (file, table) in [
            ("applications.csv", Some("applications")),
            ("stages_2026-05.csv.gz", Some("stages")),
            ("环节记录(5月).xlsx", Some("stages")),
            ("业扩工单_2024.xlsx", Some("applications")),
            ("stagesold.csv", None),
            ("notes.md", None),
            ("callbacks.parquet", Some("callbacks")),
        ] {
            assert_eq!(owner(file), table, "{file}");
        }
    }

    #[test]
    fn a_missing_column_is_named_with_the_nearest_header() {
        let table = Table::named("stages").unwrap();
        let headers = ["工单编号", "环节名称", "责任部门", "环节开始日期时间"].map(str::to_owned);
        let Err(ExportProblem::NoColumn { missing, .. }) = places(table, &TableMapping::default(), &headers) else {
            panic!("started_at has no header");
        };
        assert_eq!(missing, [("started_at (开始时间)".to_owned(), Some("环节开始日期时间".to_owned()))]);
    }
}
