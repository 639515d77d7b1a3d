//! A mart worked out on a few rows: what it is given, and what becomes of them.
//!
//! `marts/examples/<name>.toml` belongs to the pair of files of that name. `[given]` has rows of clean tables, with the
//! columns that matter; `[found]` what the SQL selects of them and the rows of each mart. A test runs the one and holds
//! the other against the answer, so that what users read is what the engine does.

use std::collections::{BTreeMap, BTreeSet};

use polars::prelude::DataFrame;
use serde::Deserialize;
use toml::Value;

use super::{Column, Definition, Kind, Mart, dialect};
use crate::clean;
use crate::error::{Error, Mistake, Result, TomlFile};
use crate::lake::{self, Layout};
use crate::words::{Lang, Words};

/// Where the examples stand in a configuration.
pub const FOLDER: &str = "marts/examples";

/// The file that says how they are told.
pub const TELLING: &str = "examples.toml";

/// `examples.toml`.
#[derive(Debug, Clone, Default, Deserialize, schemars::JsonSchema)]
#[serde(deny_unknown_fields)]
pub struct Telling {
    /// What columns are called that no table shows.
    #[serde(default)]
    columns: BTreeMap<String, Words>,
    /// What texts of the examples are in Chinese.
    #[serde(default)]
    texts: BTreeMap<String, String>,
}

/// A row: the columns that hold something.
pub type Row = BTreeMap<String, Value>;

/// `examples/<name>.toml`.
#[derive(Debug, Clone, Deserialize, schemars::JsonSchema)]
#[serde(deny_unknown_fields)]
pub struct ExampleFile {
    /// Rows of clean tables, by table.
    #[schemars(with = "BTreeMap<String, Vec<BTreeMap<String, serde_json::Value>>>")]
    pub given: BTreeMap<String, Vec<Row>>,
    /// What becomes of them.
    #[serde(default)]
    pub found: Found,
}

/// What becomes of the rows that are given.
#[derive(Debug, Clone, Default, Deserialize, schemars::JsonSchema)]
#[serde(deny_unknown_fields)]
pub struct Found {
    /// What the SQL selects; none where each row is a case.
    #[serde(default)]
    #[schemars(with = "Vec<BTreeMap<String, serde_json::Value>>")]
    pub cases: Vec<Row>,
    /// The rows of each mart of the file.
    #[serde(default)]
    #[schemars(with = "BTreeMap<String, Vec<BTreeMap<String, serde_json::Value>>>")]
    pub rows: BTreeMap<String, Vec<Row>>,
}

/// A mart worked out.
#[derive(Debug, Clone)]
pub struct Example {
    /// Its cases, or the clean tables that it lists.
    pub given: Vec<Extract>,
    /// Its rows.
    pub found: Extract,
    /// What texts of the rows are in Chinese.
    texts: BTreeMap<String, String>,
}

impl Example {
    /// A text of the rows as a reader sees it.
    pub fn text<'a>(&'a self, text: &'a str, lang: Lang) -> &'a str {
        lang.pick(self.texts.get(text).map_or(text, String::as_str), text)
    }
}

/// Some rows of a table, with what their columns mean.
#[derive(Debug, Clone)]
pub struct Extract {
    /// The clean table; absent: the mart or its cases.
    pub table: Option<String>,
    /// The columns, in order.
    pub columns: Vec<Column>,
    /// The rows.
    pub rows: Vec<Row>,
}

impl Extract {
    /// The rows as a table.
    pub fn frame(&self) -> Result<DataFrame> {
        let columns: Vec<(&str, Layout)> =
            self.columns.iter().map(|column| (column.name.as_str(), column.kind.layout())).collect();
        frame(&columns, &self.rows)
    }
}

/// Rows as a table of these columns; nothing where a row has none.
pub fn frame(columns: &[(&str, Layout)], rows: &[Row]) -> Result<DataFrame> {
    let mut cells = Vec::new();
    for row in rows {
        if let Some(unknown) = row.keys().find(|name| !columns.iter().any(|(known, _)| known == name)) {
            return Err(refused(Words::new(format!("没有「{unknown}」列"), format!("there is no column `{unknown}`"))));
        }
        let cell = |(name, layout): &(&str, Layout)| match row.get(*name) {
            None => Ok(lake::Value::Null),
            Some(value) => held(*layout, value).ok_or_else(|| {
                refused(Words::new(
                    format!("「{name}」应为「{layout:?}」，不能是「{value}」"),
                    format!("`{name}` is {layout:?}, and not `{value}`"),
                ))
            }),
        };
        cells.push(columns.iter().map(cell).collect::<Result<Vec<_>>>()?);
    }
    lake::frame(columns, &cells)
}

fn refused(message: Words) -> Error {
    Error::Config { mistakes: vec![Mistake::new(FOLDER, "", None, message)] }
}

/// A value as a column of this layout holds it.
fn held(layout: Layout, value: &Value) -> Option<lake::Value<'_>> {
    match (layout, value) {
        (Layout::Text, Value::String(text)) => Some(lake::Value::text(text)),
        (Layout::Number, Value::Float(number)) => Some(lake::Value::Number(*number)),
        (Layout::Number, Value::Integer(whole)) => Some(lake::Value::Number(*whole as f64)),
        (Layout::Integer, Value::Integer(whole)) => Some(lake::Value::Integer(*whole)),
        (Layout::Flag, Value::Boolean(flag)) => Some(lake::Value::Flag(*flag)),
        (Layout::Date, Value::Datetime(at)) => at.to_string().parse().ok().map(lake::Value::Date),
        _ => None,
    }
}

/// The examples of marts, by mart. One that has other columns than its mart, because a user changed the mart, is none.
pub(super) fn read(
    files: &BTreeMap<String, String>,
    telling: &Telling,
    marts: &[Mart],
) -> Result<BTreeMap<String, Example>, Vec<Mistake>> {
    let (mut examples, mut mistakes) = (BTreeMap::new(), Vec::new());
    for (name, text) in files.iter().filter(|(name, _)| name.ends_with(".toml")) {
        let source = TomlFile::new(format!("{FOLDER}/{name}"), text);
        let file: ExampleFile = match source.read() {
            Ok(file) => file,
            Err(more) => {
                mistakes.extend(more);
                continue;
            }
        };
        let given = source.at("given");
        let unknown = file.given.keys().filter(|table| !dialect::TABLES.contains(&table.as_str()));
        mistakes.extend(unknown.map(|table| {
            let message = Words::new(format!("没有明细表「{table}」"), format!("there is no clean table `{table}`"));
            given.key(table).mistake(message)
        }));
        for (name, rows) in &file.found.rows {
            if let Some(mart) = marts.iter().find(|mart| mart.name == *name && fits(&mart.definition, rows)) {
                let teller = Teller { definition: &mart.definition, telling, marts };
                examples.insert(name.clone(), teller.example(&file, rows));
            }
        }
    }
    if mistakes.is_empty() { Ok(examples) } else { Err(mistakes) }
}

/// What users call a column of a clean table, or of any that has it.
fn clean_title(table: Option<&String>, name: &str) -> Option<Words> {
    let tables = clean::TABLES.iter().filter(|known| table.is_none_or(|table| known.name == table));
    let column = tables.flat_map(|known| known.columns).find(|column| column.name == name)?;
    Some(Words::of(|lang| lang.pick(column.meaning.head(lang).to_owned(), name.replace('_', " "))))
}

/// Whether rows can be those of a mart.
fn fits(definition: &Definition, rows: &[Row]) -> bool {
    let declared = |name: &str| definition.columns.iter().find(|column| column.name == name);
    let fits = |(name, value): (&String, &Value)| {
        declared(name).is_some_and(|column| held(column.kind.layout(), value).is_some())
    };
    rows.iter().flatten().all(fits)
}

/// Finds what the columns of an example mean.
struct Teller<'a> {
    definition: &'a Definition,
    telling: &'a Telling,
    marts: &'a [Mart],
}

impl Teller<'_> {
    fn example(&self, file: &ExampleFile, rows: &[Row]) -> Example {
        let given = if file.found.cases.is_empty() {
            file.given.iter().map(|(table, rows)| self.extract(Some(table), rows)).collect()
        } else {
            vec![self.extract(None, &file.found.cases)]
        };
        let columns = self.definition.columns.clone();
        let found = Extract { table: None, columns, rows: rows.to_vec() };
        Example { given, found, texts: self.telling.texts.clone() }
    }

    /// Rows with their columns: what names a case, what the mart shows too, and the rest by name.
    fn extract(&self, table: Option<&String>, rows: &[Row]) -> Extract {
        let names: BTreeSet<&String> = rows.iter().flat_map(BTreeMap::keys).collect();
        let first = self.definition.cases.iter().chain(self.definition.columns.iter().map(|column| &column.name));
        let mut ordered: Vec<&String> = Vec::new();
        for name in first.filter(|name| names.contains(name)).chain(names.iter().copied()) {
            if !ordered.contains(&name) {
                ordered.push(name);
            }
        }
        let values = |name: &str| rows.iter().filter_map(|row| row.get(name)).collect::<Vec<_>>();
        let columns = ordered.into_iter().filter_map(|name| self.column(table, name, &values(name))).collect();
        Extract { table: table.cloned(), columns, rows: rows.to_vec() }
    }

    /// A column of rows that are not the mart's: as the mart calls it, or all other marts alike, or a clean table.
    fn column(&self, table: Option<&String>, name: &str, values: &[&Value]) -> Option<Column> {
        let declared = self.definition.columns.iter().find(|column| column.name == name);
        let declared = declared.or_else(|| self.elsewhere(name));
        let holds = |kind: &Kind| values.iter().all(|value| held(kind.layout(), value).is_some());
        let code = self.definition.case_code(name).map(|vocabulary| Kind::Code(vocabulary.to_owned()));
        // What a `measure` is counted in stands in another column of its row.
        let known = declared.map(|column| column.kind.clone()).filter(|kind| *kind != Kind::Measure);
        let plain = [Kind::Text, Kind::Count, Kind::Number, Kind::Flag, Kind::Date];
        let kind = code.into_iter().chain(known).chain(plain).find(holds)?;
        let title = declared.map(|column| column.title.clone()).or_else(|| clean_title(table, name));
        let title = title.or_else(|| self.telling.columns.get(name).cloned());
        Some(Column {
            name: name.to_owned(),
            kind,
            title: title.unwrap_or_else(|| Words { zh: name.to_owned(), en: name.to_owned() }),
            about: Words::default(),
            needs: Vec::new(),
            hidden: false,
            empty: None,
            total: None,
            cases_in: None,
            from: None,
            within: None,
        })
    }

    /// A column of that name, where every mart that has one means the same by it.
    fn elsewhere(&self, name: &str) -> Option<&Column> {
        let mut named =
            self.marts.iter().flat_map(|mart| &mart.definition.columns).filter(|column| column.name == name);
        let first = named.next()?;
        named.all(|other| other.title == first.title && other.kind == first.kind).then_some(first)
    }
}
