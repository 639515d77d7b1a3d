//! Where a table's rows come from: which files, which headers, which words.
//!
//! A mapping (`pipelines/sources/*.toml`) names only what differs from the usual: canonical names and the Chinese
//! aliases of the contract are found without one.

mod bounds;
mod groups;
mod mistakes;
mod offered;
mod places;
mod when;

use std::collections::BTreeMap;
use std::path::{Path, PathBuf};
use std::sync::Arc;

use encoding_rs::Encoding;
use serde::Deserialize;

use super::archive::{Unpacked, name_as_text};
use super::called::Called;
use super::headers;
use super::queried::Queried;
use super::query::{self, Query};
use super::values::{self, Comma, DateOrder, DecimalSign, Vocabulary};
use crate::contract::{Kind, TABLES, Table, TieOrder};
use crate::error::{Error, ExportProblem, Mistake, Result, TomlFile};
use crate::rules::bounds::Bounds;
use crate::spelling::nearest;
use crate::words::Words;
pub use groups::Group;
use mistakes::pattern_mistakes;
pub(crate) use offered::{Offer, Spot, Written};
pub(crate) use places::{Match, Places, Test, places};
pub use when::Condition;

/// A source mapping as its file says it.
#[derive(Debug, Default, Clone, Deserialize, schemars::JsonSchema)]
#[serde(deny_unknown_fields)]
pub struct Mapping {
    /// What the source is called.
    #[serde(default)]
    pub name: String,
    /// Files of the data folder that are no exports: glob patterns, relative to it.
    #[serde(default)]
    pub ignore_files: Vec<String>,
    /// When cases and stages begin and end, where the exports record no more than events.
    #[serde(default)]
    pub cases: Bounds,
    /// The tables that need words, by canonical name.
    #[serde(default)]
    pub tables: BTreeMap<String, TableMapping>,
}

/// What is unusual about one table's files.
#[derive(Debug, Default, Clone, Deserialize, schemars::JsonSchema)]
#[serde(deny_unknown_fields)]
pub struct TableMapping {
    /// Glob patterns, relative to the data folder. Empty: the table's usual names.
    #[serde(default)]
    pub files: Vec<String>,
    /// A database's query, instead of files.
    pub source: Option<Query>,
    /// `utf-8`, `gb18030` (also `gbk`), `utf-16le`, `utf-16be`. Absent: detected.
    pub encoding: Option<String>,
    /// One character. Absent: the likeliest of comma, tab, semicolon and bar.
    pub delimiter: Option<char>,
    /// The sheet of a workbook. Absent: every visible sheet that has the headers.
    pub sheet: Option<String>,
    /// The type of object that is the case, of an object-centric event log. Absent: the only one.
    pub object: Option<String>,
    /// The line of the headers, from 1. Absent: found.
    pub header_row: Option<u64>,
    /// Canonical column → header, or a list of those that it has in one file or another; of two equal headers under a
    /// common one each, `"upper/lower"`.
    #[serde(default)]
    pub columns: BTreeMap<String, Called>,
    /// Canonical column → the unit of its cells, where the header does not say it.
    #[serde(default)]
    pub units: BTreeMap<String, String>,
    /// Headers that are not used.
    #[serde(default)]
    pub ignore: Vec<String>,
    /// Sheets that are not read.
    #[serde(default)]
    pub ignore_sheets: Vec<String>,
    /// Canonical columns that the exports do not have.
    #[serde(default)]
    pub absent: Vec<String>,
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
    /// How passes of a case that begin in the same moment are put in order; for stages alone.
    #[serde(default)]
    pub order: TieOrder,
    /// Wide ledgers: the columns of each stage of a row. Empty: each row of a file is one of the table.
    #[serde(default)]
    pub groups: Vec<Group>,
    /// Canonical column → the words of other headers under which it holds its cell. Absent: always.
    #[serde(default)]
    pub when: BTreeMap<String, Condition>,
    /// Header → the words that mean none of the columns that depend on it; `*`: all that are not named.
    #[serde(default)]
    pub otherwise: BTreeMap<String, Vec<String>>,
    /// The file that says all this.
    #[serde(skip)]
    pub(crate) written: Written,
}

/// How rows that share a key and differ are treated.
#[derive(Debug, Default, Clone, Copy, PartialEq, Eq, Deserialize, schemars::JsonSchema)]
#[serde(rename_all = "lowercase")]
pub enum Repeats {
    /// All are rejected: nobody knows which is right.
    #[default]
    Reject,
    /// The first in the order of the files and their rows counts; the others are duplicates.
    First,
    /// The last counts.
    Last,
    /// Of stages without a number: each is another pass, also where rows say the same.
    Pass,
}

/// The mapping of a table of which nothing is unusual.
static USUAL: TableMapping = TableMapping {
    files: Vec::new(),
    source: None,
    encoding: None,
    delimiter: None,
    sheet: None,
    object: None,
    header_row: None,
    date_order: None,
    decimal: None,
    columns: BTreeMap::new(),
    units: BTreeMap::new(),
    ignore: Vec::new(),
    ignore_sheets: Vec::new(),
    absent: Vec::new(),
    values: BTreeMap::new(),
    defaults: BTreeMap::new(),
    repeat: Repeats::Reject,
    order: TieOrder::Usual,
    groups: Vec::new(),
    when: BTreeMap::new(),
    otherwise: BTreeMap::new(),
    written: None,
};

impl Mapping {
    /// What is unusual about a table.
    pub(crate) fn table(&self, table: &Table) -> &TableMapping {
        self.tables.get(table.name).unwrap_or(&USUAL)
    }

    /// The tables that databases give, in the order of the contract.
    fn queries(&self) -> impl Iterator<Item = (&'static Table, &Query)> {
        TABLES.iter().filter_map(|table| Some((table, self.table(table).source.as_ref()?)))
    }

    /// Reads a mapping; every unknown table, column, stage, encoding and default of it is returned.
    pub fn open(file: &TomlFile, words: &Vocabulary) -> Result<Mapping, Vec<Mistake>> {
        let secrets = query::secrets_in(file.text());
        Mapping::checked(file, words).map_err(|all| all.into_iter().map(|mistake| mistake.hiding(&secrets)).collect())
    }

    fn checked(file: &TomlFile, words: &Vocabulary) -> Result<Mapping, Vec<Mistake>> {
        let mut mapping: Mapping = file.read()?;
        let written: Arc<str> = Arc::from(file.text());
        mapping.tables.values_mut().for_each(|own| own.written = Some(written.clone()));
        let mut mistakes = pattern_mistakes(&mapping.ignore_files, &file.at("ignore_files"));
        mistakes.extend(bounds::mistakes(&mapping.cases, words, &file.at("cases")));
        for (name, own) in &mapping.tables {
            let here = file.at("tables").key(name);
            match Table::named(name) {
                Some(table) => mistakes.extend(own.mistakes(table, words, &here)),
                None => {
                    let near = nearest(name, TABLES.iter().map(|table| table.name));
                    let message = Words::new(format!("没有表「{name}」"), format!("there is no table `{name}`"));
                    mistakes.push(here.key_mistake(message).did_you_mean(near));
                }
            }
        }
        if mistakes.is_empty() { Ok(mapping) } else { Err(mistakes) }
    }
}

impl TableMapping {
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

/// A table has no such column.
fn no_column(table: &Table, name: &str) -> Words {
    Words::new(format!("{} 表没有「{name}」列", table.name), format!("table `{}` has no column `{name}`", table.name))
}

fn files_of(count: usize, table: &Table) -> Words {
    Words::new(format!("{} 表有 {count} 个文件", table.name), format!("{count} files of `{}`", table.name))
}

/// The units that a column can have, as users write them.
pub(crate) fn known_units(kind: Kind) -> Vec<String> {
    headers::units(kind).iter().filter(|(unit, _)| !unit.is_empty()).map(|(unit, _)| (*unit).to_owned()).collect()
}

/// A file of the data folder.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(crate) struct DataFile {
    /// Relative to the folder.
    pub name: String,
    /// Where it is.
    pub path: PathBuf,
}

/// What a data folder holds besides files: a folder with exports of which no pattern names any, or a link that leads
/// nowhere.
#[derive(Debug)]
pub(crate) struct Beside {
    /// Relative to the folder.
    pub name: String,
    /// How many exports are in it; `None`: it leads nowhere.
    pub exports: Option<usize>,
}

/// The files of a data folder, as a mapping sorts them.
#[derive(Debug)]
pub(crate) struct Folder {
    /// Those that the mapping does not ignore, in natural order: `_9` before `_10`.
    pub files: Vec<DataFile>,
    /// Those that it ignores.
    pub ignored: Vec<DataFile>,
    /// What is in the archives, for as long as anybody reads it.
    pub unpacked: Arc<Unpacked>,
    /// What else is there and is no file.
    pub beside: Vec<Beside>,
    /// What databases answered, for as long.
    pub queried: Arc<Queried>,
}

/// The most files that are read: all of a table's are open at once while duplicates are looked for.
const MOST_FILES: usize = 1_000;

impl Folder {
    /// Lists a data folder, with what the patterns of the mapping find in its subfolders, and what is in its archives.
    pub(crate) fn open(data: &Path, mapping: &Mapping) -> Result<Folder> {
        let mut all: BTreeMap<String, PathBuf> = BTreeMap::new();
        let mut others: BTreeMap<String, PathBuf> = BTreeMap::new();
        for entry in std::fs::read_dir(data).map_err(Error::io("read", data))? {
            let entry = entry.map_err(Error::io("read", data))?;
            let (name, path) = (name_as_text(entry.file_name().as_encoded_bytes()).into_owned(), entry.path());
            if name.starts_with(['.', '~']) {
                continue;
            }
            let listed = if path.is_file() { &mut all } else { &mut others };
            if listed.insert(name.clone(), path).is_some() {
                return Err(Error::export(&name, ExportProblem::SameName));
            }
        }
        for pattern in mapping.tables.values().flat_map(|table| &table.files) {
            let whole = format!("{}/{pattern}", glob::Pattern::escape(&data.to_string_lossy()));
            let Ok(paths) = glob::glob(&whole) else { continue };
            for path in paths.flatten().filter(|path| path.is_file()) {
                let name = path.strip_prefix(data).unwrap_or(&path).to_string_lossy().replace('\\', "/");
                all.insert(name, path);
            }
        }
        // What is ignored is not even opened.
        let is_ignored = |name: &str| matches_any(&mapping.ignore_files, name);
        let mut beside = Vec::new();
        for (name, path) in others {
            let exports = exports_in(&path, |file| is_ignored(&format!("{name}/{file}")));
            let is_read = all.keys().any(|file| file.starts_with(&format!("{name}/")));
            if exports != Some(0) && !is_read && !is_ignored(&name) {
                beside.push(Beside { name, exports });
            }
        }
        let mut unpacked = Unpacked::default();
        let archives: Vec<_> = all.extract_if(.., |name, _| is_archive(name) && !is_ignored(name)).collect();
        for (name, path) in archives {
            all.extend(unpacked.entries(&name, &path)?);
        }
        let mut all: Vec<DataFile> = all.into_iter().map(|(name, path)| DataFile { name, path }).collect();
        all.sort_by(|a, b| alphanumeric_sort::compare_str(&a.name, &b.name).then_with(|| a.name.cmp(&b.name)));
        let (ignored, files) = all.into_iter().partition(|file| is_ignored(&file.name));
        let queried = Arc::new(Queried::open(mapping.queries())?);
        Ok(Folder { files, ignored, beside, unpacked: Arc::new(unpacked), queried })
    }

    /// The files of a table; an error where it has none and must have one.
    pub(crate) fn of_table(&self, table: &Table, mapping: &TableMapping) -> Result<Vec<DataFile>, ExportProblem> {
        if mapping.source.is_some() {
            return Ok(vec![DataFile { name: query::name(table), path: self.queried.path(table) }]);
        }
        let is_of_table = |file: &&DataFile| match mapping.files.is_empty() {
            true => owner(own_name(&file.name)) == Some(table.name),
            false => matches_any(&mapping.files, &file.name),
        };
        let found: Vec<DataFile> = self.files.iter().filter(is_of_table).cloned().collect();
        if found.len() > MOST_FILES {
            return Err(ExportProblem::TooLarge { what: files_of(found.len(), table) });
        }
        if !found.is_empty() || !table.required && mapping.files.is_empty() {
            return Ok(found);
        }
        let looked_for = if mapping.files.is_empty() {
            [table.name].iter().chain(table.zh).map(|stem| format!("{stem}.csv")).collect()
        } else {
            mapping.files.clone()
        };
        let found = self.files.iter().map(|file| file.name.clone()).collect();
        Err(ExportProblem::NoFile { table: table.name, looked_for, found, likely: Vec::new() })
    }
}

/// How many exports a folder holds; `None` where there is no folder.
fn exports_in(folder: &Path, is_ignored: impl Fn(&str) -> bool) -> Option<usize> {
    let names = std::fs::read_dir(folder).ok()?.flatten();
    let names = names.map(|entry| name_as_text(entry.file_name().as_encoded_bytes()).into_owned());
    Some(names.filter(|name| is_export(name) && !name.starts_with(['.', '~']) && !is_ignored(name)).count())
}

/// Whether a relative file name is what one of some patterns names; a file in an archive also by the archive's.
fn matches_any(patterns: &[String], name: &str) -> bool {
    let options = glob::MatchOptions { require_literal_separator: true, ..glob::MatchOptions::new() };
    let archive = name.split_once(".zip/").map(|(stem, _)| format!("{stem}.zip"));
    let matches = |pattern: &String| {
        glob::Pattern::new(pattern).is_ok_and(|pattern| match &archive {
            Some(archive) => pattern.matches(name) || pattern.matches_with(archive, options),
            None => pattern.matches_with(name, options),
        })
    };
    patterns.iter().any(matches)
}

fn is_archive(name: &str) -> bool {
    name.to_lowercase().ends_with(".zip")
}

/// The name of a file without its folders and archives.
pub(super) fn own_name(name: &str) -> &str {
    name.rsplit('/').next().unwrap_or(name)
}

/// What exports end in.
const EXTENSIONS: [&str; 15] = [
    "csv", "txt", "tsv", "xlsx", "xlsm", "xlsb", "xls", "et", "ods", "htm", "html", "parquet", "xes", "jsonocel",
    "xmlocel",
];

/// What object-centric event logs end in.
const OCEL_ENDINGS: [&str; 2] = [".ocel.json", ".ocel.xml"];

/// The name of an export without what it ends in; `None` where the file is no export.
fn stem(file: &str) -> Option<&str> {
    let file = file.strip_suffix(".gz").unwrap_or(file);
    if let Some(stem) = OCEL_ENDINGS.iter().find_map(|ending| file.strip_suffix(ending)) {
        return Some(stem);
    }
    let (stem, extension) = file.rsplit_once('.')?;
    EXTENSIONS.iter().any(|known| extension.eq_ignore_ascii_case(known)).then_some(stem)
}

/// Whether a file is an export by its name.
pub(crate) fn is_export(file: &str) -> bool {
    stem(own_name(file)).is_some()
}

/// The table whose usual names a file bears: `stages.csv`, `stages_2026-05.csv.gz`, `环节记录(5月).xlsx`.
pub(super) fn owner(file: &str) -> Option<&'static str> {
    let stem = stem(file)?;
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
}
