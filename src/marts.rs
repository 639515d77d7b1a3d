//! The catalogue of marts: each a SQL text and its definition.
//!
//! A mart is every figure about many cases. `pipelines/marts/<name>.sql` says how it is computed, its sibling `.toml`
//! what it means: title, grain, and for each column its kind, title and meaning in both languages. Whoever drops such a
//! pair beside the others gets a mart, a sheet and a table in the report. Audits (`pipelines/audits/`) are queries that
//! must return no rows; one that does keeps the report from being published.

pub mod dialect;
pub mod engine;
pub mod estimate;

use std::collections::BTreeMap;

use serde::Deserialize;

use self::estimate::Estimator;
use crate::config::is_name;
use crate::error::{Error, Mistake, Result, Sought, TomlFile};
use crate::ingest::contract::Table;
use crate::lake::Layout;
use crate::spelling::nearest;
use crate::words::Words;

/// One mart.
#[derive(Debug, Clone)]
pub struct Mart {
    /// Its name, that of its files.
    pub name: String,
    /// Its SQL, one select.
    pub sql: String,
    /// What it means.
    pub definition: Definition,
}

/// `<name>.toml`.
#[derive(Debug, Clone, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Definition {
    /// What users call it.
    pub title: Words,
    /// What it tells, in a sentence.
    #[serde(default)]
    pub about: Words,
    /// One row worked out by hand.
    #[serde(default)]
    pub example: Words,
    /// The columns that make a row unique, and that it is ordered by.
    pub grain: Vec<String>,
    /// Where the rule stands written.
    #[serde(default)]
    pub source: String,
    /// What makes its rows of the cases that its SQL selects; absent: the SQL makes them.
    pub estimator: Option<Estimator>,
    /// Which rows the report shows.
    #[serde(default)]
    pub show: Show,
    /// The part of the report that it belongs to.
    #[serde(default)]
    pub place: Place,
    /// The input tables without which it says «no data».
    #[serde(default)]
    pub needs: Vec<String>,
    /// The columns that name a case, in the SQL's CTE `cases`, or in the SQL itself where an estimator makes the rows;
    /// empty: each row is a case, named by the grain.
    #[serde(default)]
    pub cases: Vec<String>,
    /// The column of numbers by which the report orders its rows, `-` before it: the greatest first; absent: the grain.
    pub sort: Option<String>,
    /// The columns, in order.
    pub columns: Vec<Column>,
}

/// Which rows of a mart the report's page shows; the sheet and the Parquet file have them all.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq, Deserialize)]
#[serde(rename_all = "lowercase")]
pub enum Show {
    /// Those of the report's month.
    Month,
    /// All.
    #[default]
    All,
}

/// One column of a mart.
#[derive(Debug, Clone, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Column {
    /// Its name in SQL and Parquet.
    pub name: String,
    /// What it holds.
    pub kind: Kind,
    /// What users call it.
    pub title: Words,
    /// What it means.
    #[serde(default)]
    pub about: Words,
    /// The input tables without which it says «no data».
    #[serde(default)]
    pub needs: Vec<String>,
    /// Whether it is there to cut hand-outs by, and the report does not show it.
    #[serde(default)]
    pub hidden: bool,
    /// How it comes from the cases of its row; absent: the sum of their column of the same name.
    pub from: Option<Origin>,
}

impl Column {
    /// The columns of the cases and the figures of the row that the column comes from.
    fn origins(&self) -> (&[String], &[String]) {
        use std::slice::from_ref;
        match &self.from {
            None => (from_ref(&self.name), &[]),
            Some(Origin::Rate(parts)) => (&[], parts),
            Some(Origin::Figures(figures)) => (&[], figures),
            Some(Origin::WeightedMean(parts)) => (parts, &[]),
            Some(
                Origin::Sum(name)
                | Origin::Mean(name)
                | Origin::Percentile(name, _)
                | Origin::Distinct(name)
                | Origin::Most(name)
                | Origin::First(name)
                | Origin::TopShare(name)
                | Origin::Concentration(name),
            ) => (from_ref(name), &[]),
        }
    }
}

impl Definition {
    /// The column by which the report orders the rows, and whether the greatest come first.
    pub fn sorted_by(&self) -> Option<(&str, bool)> {
        let sort = self.sort.as_deref()?;
        Some(sort.strip_prefix('-').map_or((sort, false), |column| (column, true)))
    }
}

/// How a figure comes from the cases of its row, or from other figures of the row.
#[derive(Debug, Clone, PartialEq, Eq, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum Origin {
    /// The sum of a column of the cases.
    Sum(String),
    /// One figure of the row divided by another.
    Rate([String; 2]),
    /// The mean of a column of the cases, without those that have nothing there.
    Mean(String),
    /// The mean of a column of the cases, each by the weight in another.
    WeightedMean([String; 2]),
    /// A percentile (0–100) of a column of the cases, by linear interpolation.
    Percentile(String, u8),
    /// How many different values a column of the cases has.
    Distinct(String),
    /// The greatest value of a column of the cases.
    Most(String),
    /// The least value of a column of the cases: of days, the first.
    First(String),
    /// The share of the most frequent value of a column of the cases.
    TopShare(String),
    /// Σ share² of the values of a column of the cases (Herfindahl–Hirschman index, 0–1).
    Concentration(String),
    /// A formula of other figures, told in `about`: an interval, a rank, a score.
    Figures(Vec<String>),
}

/// The part of a report that a table belongs to.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq, Deserialize)]
#[serde(rename_all = "lowercase")]
pub enum Place {
    /// Lists of cases, for hands that act.
    Cases,
    /// Figures about many cases.
    #[default]
    Figures,
}

/// What a column of a mart holds, and so how it is stored and shown.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum Kind {
    /// The first day of a month.
    Month,
    /// A day.
    Date,
    /// Text as it is.
    Text,
    /// A stage code.
    Stage,
    /// Stage codes in their order, `survey→scheme`.
    Variant,
    /// A service mode.
    Mode,
    /// A cause of delay.
    Cause,
    /// A verdict on a claim.
    Verdict,
    /// The kind of a callback.
    CallbackKind,
    /// A signal.
    Signal,
    /// A code that has words in both languages: a state, an area, a promise.
    Code,
    /// The role of an owner.
    Role,
    /// Yes or no.
    Flag,
    /// Minutes.
    Minutes,
    /// A score, or so many a head: one decimal.
    Score,
    /// A capacity in kVA.
    Kva,
    /// A whole number.
    Count,
    /// Whole days: working days, or calendar days where the title says so.
    Days,
    /// A mean or percentile of days.
    MeanDays,
    /// A share, 0–1.
    Rate,
    /// Any number.
    Number,
    /// A voltage in kV.
    Kv,
    /// A number in the unit that the row's column `unit` names: a share as percent, projects whole, days as a mean.
    Measure,
    /// The chance of so great a difference where there is none, 0–1.
    PValue,
}

impl Kind {
    /// How the column is stored.
    pub fn layout(self) -> Layout {
        match self {
            Kind::Month | Kind::Date => Layout::Date,
            Kind::Count | Kind::Days => Layout::Integer,
            Kind::Flag => Layout::Flag,
            Kind::MeanDays
            | Kind::Rate
            | Kind::Number
            | Kind::Kv
            | Kind::Minutes
            | Kind::Score
            | Kind::Kva
            | Kind::Measure
            | Kind::PValue => Layout::Number,
            _ => Layout::Text,
        }
    }
}

/// One audit: a query that must return no rows.
#[derive(Debug, Clone)]
pub struct Audit {
    /// Its name, that of its files.
    pub name: String,
    /// Its SQL, one select over clean tables and marts.
    pub sql: String,
    /// What its rows mean, and what to do.
    pub definition: AuditDefinition,
}

/// `<name>.toml` of an audit.
#[derive(Debug, Clone, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct AuditDefinition {
    /// What a returned row means.
    pub meaning: Words,
    /// What to do about it.
    pub action: Words,
}

/// Every mart and audit of a configuration, by name.
#[derive(Debug)]
pub struct Catalogue {
    /// The marts.
    pub marts: Vec<Mart>,
    /// The audits.
    pub audits: Vec<Audit>,
}

impl Catalogue {
    /// Reads and checks the files of `marts/` and `audits/`; every mistake is collected.
    pub fn open(marts: &BTreeMap<String, String>, audits: &BTreeMap<String, String>) -> Result<Catalogue> {
        let mut mistakes = Vec::new();
        let mut catalogue = Catalogue { marts: Vec::new(), audits: Vec::new() };
        for (name, sql, toml) in pairs("marts", marts, &mut mistakes) {
            match read_mart(&name, sql, toml) {
                Ok(mart) => catalogue.marts.push(mart),
                Err(more) => mistakes.extend(more),
            }
        }
        let names: Vec<&str> = catalogue.marts.iter().map(|mart| mart.name.as_str()).collect();
        for (name, sql, toml) in pairs("audits", audits, &mut mistakes) {
            let file = format!("audits/{name}.sql");
            mistakes.extend(dialect::check(&file, sql, &names).err().into_iter().flatten());
            match TomlFile::new(format!("audits/{name}.toml"), toml).read() {
                Ok(definition) => catalogue.audits.push(Audit { name, sql: sql.to_owned(), definition }),
                Err(more) => mistakes.extend(more),
            }
        }
        if mistakes.is_empty() { Ok(catalogue) } else { Err(mistakes.into()) }
    }

    /// The mart of that name.
    pub fn mart(&self, name: &str) -> Result<&Mart> {
        let names = self.marts.iter().map(|mart| mart.name.as_str());
        self.marts.iter().find(|mart| mart.name == name).ok_or_else(|| Error::Unknown {
            what: Sought::Mart,
            name: name.to_owned(),
            nearest: nearest(name, names).map(str::to_owned),
        })
    }
}

/// Each SQL text with its definition; one without the other is a mistake.
fn pairs<'a>(
    folder: &str,
    files: &'a BTreeMap<String, String>,
    mistakes: &mut Vec<Mistake>,
) -> Vec<(String, &'a str, &'a str)> {
    let mut pairs = Vec::new();
    for (file, text) in files {
        let Some((name, extension)) = file.rsplit_once('.').filter(|(_, e)| matches!(*e, "sql" | "toml")) else {
            continue;
        };
        let sibling = format!("{name}.{}", if extension == "sql" { "toml" } else { "sql" });
        let path = format!("{folder}/{file}");
        if !is_name(name) {
            mistakes.push(Mistake::new(
                &path,
                text,
                None,
                format!("`{name}` is no name: small letters, digits and `_`"),
            ));
        } else if let Some(other) = files.get(&sibling) {
            if extension == "sql" {
                pairs.push((name.to_owned(), text.as_str(), other.as_str()));
            }
        } else {
            mistakes.push(Mistake::new(&path, text, None, format!("its sibling `{sibling}` is missing")));
        }
    }
    pairs
}

fn read_mart(name: &str, sql: &str, toml: &str) -> Result<Mart, Vec<Mistake>> {
    let sql_file = format!("marts/{name}.sql");
    let file = TomlFile::new(format!("marts/{name}.toml"), toml);
    let definition: Definition = file.read()?;
    let mut mistakes = Vec::new();
    let selected = dialect::check(&sql_file, sql, &[]).unwrap_or_else(|more| {
        mistakes.extend(more);
        Vec::new()
    });
    if dialect::TABLES.contains(&name) {
        let message = format!("`{name}` is a clean table, which no mart can stand in for");
        mistakes.push(Mistake::new(&sql_file, sql, None, message));
    }
    let declared: Vec<&str> = definition.columns.iter().map(|column| column.name.as_str()).collect();
    let mut missing = Vec::new();
    let (maker, made) = match definition.estimator {
        Some(estimator) => ("estimator", estimator.gives().iter().map(|(name, _)| (*name).to_owned()).collect()),
        None => ("SQL", selected.clone()),
    };
    let needed = definition.estimator.iter().flat_map(|estimator| estimator.needs()).map(|(name, _)| *name);
    for name in needed.filter(|name| mistakes.is_empty() && !selected.iter().any(|column| column == name)) {
        let message = format!("the estimator needs a column `{name}`, which the SQL does not select");
        missing.push(Mistake::new(&sql_file, sql, None, message));
    }
    // What an estimator needs are the cases, or counts of those in the CTE `cases`.
    let told = dialect::cases(sql).map_or_else(|| selected.clone(), |cases| cases.columns);
    let named = definition.estimator.iter().flat_map(|_| &definition.cases);
    for name in named.filter(|name| mistakes.is_empty() && !told.contains(name)) {
        missing.push(Mistake::new(&sql_file, sql, None, format!("the cases have no column `{name}`")));
    }
    mistakes.extend(missing);
    if mistakes.is_empty() && made != declared {
        let message = format!(
            "the columns of the {maker} are not those declared\n  {maker}: {}\n  declared: {}",
            made.join(", "),
            declared.join(", ")
        );
        // The first column that differs, or the last where more were selected.
        let same = made.iter().zip(&declared).take_while(|(made, declared)| made == *declared).count();
        let column = file.at("columns").item(same.min(declared.len().saturating_sub(1)));
        mistakes.push(column.key("name").mistake(message));
    }
    for (number, key) in definition.grain.iter().enumerate() {
        if !declared.contains(&key.as_str()) {
            let message = format!("the grain names `{key}`, which is no column");
            mistakes.push(file.at("grain").item(number).mistake(message));
        }
    }
    if let Some((sort, _)) = definition.sorted_by() {
        let column = definition.columns.iter().find(|column| column.name == *sort);
        if !column.is_some_and(|column| matches!(column.kind.layout(), Layout::Integer | Layout::Number)) {
            mistakes.push(file.at("sort").mistake(format!("`{sort}` is no column of numbers to sort by")));
        }
    }
    if mistakes.is_empty() {
        mistakes.extend(need_mistakes(&definition, &file));
        mistakes.extend(origin_mistakes(&definition, sql, &file));
    }
    for (number, column) in definition.columns.iter().enumerate() {
        if !is_name(&column.name) {
            let message = format!("`{}` is no name: small letters, digits and `_`", column.name);
            mistakes.push(file.at("columns").item(number).key("name").mistake(message));
        }
    }
    if mistakes.is_empty() {
        Ok(Mart { name: name.to_owned(), sql: sql.to_owned(), definition })
    } else {
        Err(mistakes)
    }
}

/// The input tables and the column `unit` that a mart needs and does not have.
fn need_mistakes(definition: &Definition, file: &TomlFile) -> Vec<Mistake> {
    let columns = file.at("columns");
    let of_mart = definition.needs.iter().enumerate().map(|(number, table)| (table, file.at("needs").item(number)));
    let of_columns = definition.columns.iter().enumerate().flat_map(|(number, column)| {
        let needs = columns.item(number).key("needs");
        column.needs.iter().enumerate().map(move |(number, table)| (table, needs.item(number)))
    });
    let unknown = of_mart.chain(of_columns).filter(|(table, _)| Table::named(table).is_none());
    let mut mistakes: Vec<Mistake> =
        unknown.map(|(table, here)| here.mistake(format!("there is no input table `{table}`"))).collect();
    let measure = definition.columns.iter().position(|column| column.kind == Kind::Measure);
    if let Some(number) = measure.filter(|_| !definition.columns.iter().any(|column| column.name == "unit")) {
        mistakes.push(columns.item(number).key("kind").mistake("a `measure` needs a column `unit` beside it"));
    }
    mistakes
}

/// What keeps figures from being traced to their cases: a column or figure that is not there.
fn origin_mistakes(definition: &Definition, sql: &str, file: &TomlFile) -> Vec<Mistake> {
    let columns = file.at("columns");
    let without = match (definition.estimator.is_some(), definition.cases.is_empty()) {
        (true, _) => Some("comes from the estimator, and has no other origin"),
        (false, true) => Some("has an origin, but the mart names no `cases`"),
        (false, false) => None,
    };
    if let Some(message) = without {
        let given = definition.columns.iter().enumerate().filter(|(_, column)| column.from.is_some());
        return given
            .map(|(number, column)| columns.item(number).key("from").mistake(format!("`{}` {message}", column.name)))
            .collect();
    }
    let Some(cases) = dialect::cases(sql) else {
        return vec![file.at("cases").mistake("the SQL has no CTE `cases` of one row a case")];
    };
    let mut mistakes = Vec::new();
    for (key, names) in [("cases", &definition.cases), ("grain", &definition.grain)] {
        for (number, name) in names.iter().enumerate().filter(|(_, name)| !cases.columns.contains(name)) {
            let message = format!("the CTE `cases` has no column `{name}`");
            mistakes.push(file.at(key).item(number).mistake(message));
        }
    }
    let figures: Vec<&str> = definition.columns.iter().map(|column| column.name.as_str()).collect();
    for (number, column) in definition.columns.iter().enumerate() {
        if definition.grain.contains(&column.name) {
            continue;
        }
        let (of_cases, of_row) = column.origins();
        let key = if column.from.is_some() { "from" } else { "name" };
        let no_cases = of_cases.iter().filter(|name| !cases.columns.contains(name));
        let no_figures = of_row.iter().filter(|name| !figures.contains(&name.as_str()));
        let unknown = no_cases
            .map(|name| (name, "column of the CTE `cases`"))
            .chain(no_figures.map(|name| (name, "column of the mart")));
        mistakes.extend(unknown.map(|(name, what)| {
            let message = format!("`{}` comes from `{name}`, which is no {what}", column.name);
            columns.item(number).key(key).mistake(message)
        }));
    }
    mistakes
}
