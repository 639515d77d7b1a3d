//! The catalogue of marts: each a SQL text and its definition.
//!
//! A mart is every figure about many cases. `pipelines/marts/<name>.sql` selects its cases, its sibling `.toml` says what
//! it means: title, grain, and for each column its measure, kind, title and meaning in both languages. Whoever drops such a
//! pair next to the others gets a mart, a sheet and a table in the report. What it does with a few rows stands in
//! `pipelines/marts/examples/<name>.toml`. Audits (`pipelines/audits/`) are queries that must return no rows; one that
//! does keeps the report from being published.

pub mod compose;
mod compute;
pub mod definition;
pub mod dialect;
mod doors;
pub mod engine;
pub mod estimate;
pub mod example;
pub mod measure;
pub mod print;

use std::collections::{BTreeMap, BTreeSet};

use serde::Deserialize;
use toml::Spanned;

use self::compose::Query;
use self::definition::Meanings;
use self::dialect::Selected;
use self::estimate::Estimator;
use self::example::Example;
pub use self::measure::{By, Measure, Source};
use self::print::{Printed, Total};
use crate::assets::Assets;
use crate::contract;
use crate::error::{Error, Mistake, Result, Sought, TomlFile};
use crate::lake::Layout;
use crate::spelling::{is_name, nearest};
use crate::vocabularies::Vocabularies;
use crate::words::{Words, vocabulary};

/// The file that says what a column name means everywhere.
const COLUMNS: &str = "columns.toml";

/// One mart.
#[derive(Debug, Clone)]
pub struct Mart {
    /// Its name.
    pub name: String,
    /// The name of its files, which may define several marts of the same cases.
    pub file: String,
    /// The SQL of its file: one select of its cases.
    pub sql: String,
    /// What it means.
    pub definition: Definition,
    /// What its SQL has to offer.
    pub selected: Selected,
    /// What it asks of an engine; the first makes its rows.
    pub queries: Vec<Query>,
}

impl Mart {
    /// The text of each of its queries.
    pub fn texts(&self) -> Vec<String> {
        let nulls_first = &self.definition.nulls_first;
        self.queries.iter().map(|query| query.sql(&self.sql, &self.selected, nulls_first)).collect()
    }

    /// Whether everybody may see it.
    pub fn is_public(&self) -> bool {
        self.name.starts_with("public_")
    }

    /// Whether a formula can name a figure: a column, a step, or what a list selects for it.
    pub fn has_figure(&self, name: &str) -> bool {
        let Definition { columns, steps, .. } = &self.definition;
        columns.iter().any(|column| column.name == name)
            || steps.contains_key(name)
            || self.definition.is_list() && self.selected.columns.iter().any(|column| column == name)
    }
}

/// What a mart means.
#[derive(Debug, Clone)]
pub struct Definition {
    /// What users call it.
    pub title: Words,
    /// What it shows, in a sentence.
    pub about: Words,
    /// The columns that make a row unique, and that it is ordered by.
    pub grain: Vec<String>,
    /// Those of the grain of which rows without a value come first.
    pub nulls_first: Vec<String>,
    /// Where the rule stands written: codes of the vocabulary `source`, or texts that are printed as they stand.
    pub source: Vec<String>,
    /// What makes its rows of the cases that its SQL selects; absent: its measures.
    pub estimator: Option<Estimator>,
    /// Which rows the report shows.
    pub show: Show,
    /// The part of the report that it belongs to.
    pub place: Place,
    /// The page of the report that it stands on.
    pub topic: Topic,
    /// The input tables and columns (`table.column`) without which it says «no data».
    pub needs: Vec<String>,
    /// The columns that name a case; empty: each row is a case, named by the grain.
    pub cases: Vec<String>,
    /// The vocabularies of those of these columns that hold codes and are no columns of the mart.
    pub case_codes: BTreeMap<String, String>,
    /// The column of numbers by which the report orders its rows, `-` before it: the greatest first; absent: the grain.
    pub sort: Option<String>,
    /// Figures on the way to others, which no column shows.
    pub steps: BTreeMap<String, Step>,
    /// The columns, in order.
    pub columns: Vec<Column>,
    /// The columns between them that are only printed, in order.
    pub printed: Vec<Printed>,
}

/// A column as a list is printed: one of the mart, or one that it does not have.
#[derive(Debug, Clone, Copy)]
pub enum Laid<'a> {
    /// One of the mart.
    Column(&'a Column),
    /// One that is only printed.
    Printed(&'a Printed),
}

impl<'a> Laid<'a> {
    /// Its name.
    pub fn name(self) -> &'a str {
        match self {
            Laid::Column(Column { name, .. }) | Laid::Printed(Printed { name, .. }) => name,
        }
    }

    /// What users call it.
    pub fn title(self) -> &'a Words {
        match self {
            Laid::Column(Column { title, .. }) | Laid::Printed(Printed { title, .. }) => title,
        }
    }

    /// What it means.
    pub fn about(self) -> &'a Words {
        match self {
            Laid::Column(Column { about, .. }) | Laid::Printed(Printed { about, .. }) => about,
        }
    }

    /// The input tables without which it says «no data».
    pub fn needs(self) -> &'a [String] {
        match self {
            Laid::Column(Column { needs, .. }) | Laid::Printed(Printed { needs, .. }) => needs,
        }
    }

    /// What stands below it in a list.
    pub fn total(self) -> Option<&'a Total> {
        match self {
            Laid::Column(Column { total, .. }) | Laid::Printed(Printed { total, .. }) => total.as_ref(),
        }
    }
}

/// A figure on the way to others.
#[derive(Debug, Clone)]
pub struct Step {
    /// How it comes about.
    pub from: Measure,
    /// The columns whose values the rows share that it is computed over; absent: those of the grain.
    pub within: Option<Vec<String>>,
}

/// Which rows of a mart the report's page shows; the sheet and the Parquet file have them all.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq, Deserialize, schemars::JsonSchema)]
#[serde(rename_all = "lowercase")]
pub enum Show {
    /// Those of the report's month.
    Month,
    /// All.
    #[default]
    All,
}

/// One column of a mart.
#[derive(Debug, Clone)]
pub struct Column {
    /// Its name in SQL and Parquet.
    pub name: String,
    /// What it holds.
    pub kind: Kind,
    /// What users call it.
    pub title: Words,
    /// What it means.
    pub about: Words,
    /// The input tables and columns (`table.column`) without which it says «no data».
    pub needs: Vec<String>,
    /// Whether it is there to cut hand-outs by, and the report does not show it.
    pub hidden: bool,
    /// What an empty cell is called; absent: nothing.
    pub empty: Option<Words>,
    /// What stands below it in a list; absent: nothing.
    pub total: Option<Total>,
    /// The list that has the cases of the figure, a row each; absent: none has.
    pub cases_in: Option<Spanned<String>>,
    /// How it comes about; absent: the sum of the cases' column of the same name, or that column where a row is a case.
    pub from: Option<Measure>,
    /// The columns whose values the rows or cases share that it is computed over; absent: those of the grain.
    pub within: Option<Vec<String>>,
}

impl Definition {
    /// Whether it has a column of that name.
    pub fn has(&self, name: &str) -> bool {
        self.columns.iter().any(|column| column.name == name)
    }

    /// The columns as they are printed.
    pub fn laid_out(&self) -> Vec<Laid<'_>> {
        let mut laid: Vec<Laid<'_>> = self.columns.iter().map(Laid::Column).collect();
        for (before, printed) in self.printed.iter().enumerate() {
            laid.insert(printed.after + before, Laid::Printed(printed));
        }
        laid
    }

    /// The vocabulary of a column of the cases: that of the mart's column of the same name, or one named for it.
    pub fn case_code(&self, name: &str) -> Option<&str> {
        let of_mart = self.columns.iter().find(|column| column.name == name).and_then(|column| match &column.kind {
            Kind::Code(vocabulary) => Some(vocabulary),
            _ => None,
        });
        of_mart.or_else(|| self.case_codes.get(name)).map(|vocabulary| vocabulary.as_str())
    }

    /// The column by which the report orders the rows, and whether the greatest come first.
    pub fn sorted_by(&self) -> Option<(&str, bool)> {
        let sort = self.sort.as_deref()?;
        Some(sort.strip_prefix('-').map_or((sort, false), |column| (column, true)))
    }

    /// Whether each row is a case.
    pub fn is_list(&self) -> bool {
        self.cases.is_empty() && self.estimator.is_none()
    }

    /// How each figure that has an origin comes about.
    pub fn figures(&self) -> impl Iterator<Item = (&str, &Measure)> {
        let columns = self.columns.iter().filter_map(|column| Some((column.name.as_str(), column.from.as_ref()?)));
        columns.chain(self.steps.iter().map(|(name, step)| (name.as_str(), &step.from)))
    }

    /// How each figure comes about that is not of the grain, and within which columns.
    pub fn measures(&self) -> impl Iterator<Item = (Measure, Option<Vec<String>>)> {
        let summed = |column: &Column| Measure::Sum(Source { table: None, column: column.name.clone() });
        let of_column = move |column: &Column| match &column.from {
            Some(from) => Some((from.clone(), column.within.clone())),
            None if self.is_list() => None,
            None => Some((summed(column), None)),
        };
        let columns = self.columns.iter().filter(|column| !self.grain.contains(&column.name)).filter_map(of_column);
        columns.chain(self.steps.values().map(|step| (step.from.clone(), step.within.clone())))
    }
}

/// The part of a report that a table belongs to.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq, Deserialize, schemars::JsonSchema)]
#[serde(rename_all = "lowercase")]
pub enum Place {
    /// Lists of cases, for the people who act on them.
    Cases,
    /// Figures about many cases.
    #[default]
    Figures,
}

vocabulary! {
    /// What a table is about: tables of one topic stand on one page of a report, whose file is called by the code.
    #[derive(Debug, Clone, Copy, Default, PartialEq, Eq, PartialOrd, Ord, Deserialize, schemars::JsonSchema)]
    #[serde(rename_all = "snake_case")]
    pub enum Topic {
        /// The report as a whole: its first page.
        #[default]
        Overview = ["index", "总览", "Overview"],
        /// What is assessed, stage by stage and claim by claim.
        Assessment = ["assessment", "考核明细", "Assessment"],
        /// Departments and the people who handle stages.
        Departments = ["departments", "部门", "Departments"],
        /// Customer managers and what they do.
        Managers = ["managers", "客户经理", "Managers"],
        /// Order-style service.
        OrderStyle = ["order-style", "订单式服务", "Order-style"],
        /// What holds applications up.
        Bottlenecks = ["bottlenecks", "瓶颈", "Bottlenecks"],
        /// How long connections take, and how many there are.
        Cycle = ["cycle", "周期与业务量", "Cycle times"],
        /// How customers are served.
        Service = ["service", "服务质量", "Service"],
        /// What is open and wants somebody.
        WatchList = ["watch-list", "在途与督办", "Watch-list"],
        /// Feeders, outages and demand.
        Network = ["network", "电网接入", "Network"],
    }
}

/// What a column of a mart holds, and so how it is stored and shown.
#[derive(Debug, Clone, PartialEq, Eq, Deserialize, schemars::JsonSchema)]
#[serde(rename_all = "snake_case")]
pub enum Kind {
    /// The first day of a month.
    Month,
    /// A day.
    Date,
    /// Text of the data, or numbers put in words: printed as it stands.
    Text,
    /// A stage code.
    Stage,
    /// Stage codes in their order, `survey→scheme`.
    Variant,
    /// A code of the vocabulary that is named (see [`crate::vocabularies`]).
    Code(String),
    /// Where a limit stands written, as standards.toml names it.
    Source,
    /// The role of an owner.
    Role,
    /// The number of a customer manager: what is handed out to one is called by the name.
    Manager,
    /// A bureau, or a unit that bureaus belong to: it leads to its own report, where that stands.
    Unit,
    /// Yes or no.
    Flag,
    /// Minutes.
    Minutes,
    /// A score, or a number per head: one decimal.
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
    /// By how many places a rank rose (above zero) or fell: shown as a shape with a word.
    Movement,
}

impl Kind {
    /// How the column is stored.
    pub fn layout(&self) -> Layout {
        match self {
            Kind::Month | Kind::Date => Layout::Date,
            Kind::Count | Kind::Days | Kind::Movement => Layout::Integer,
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
    /// The clean tables and marts that it reads.
    pub reads: BTreeSet<String>,
    /// What its rows mean, and what to do.
    pub definition: AuditDefinition,
}

/// `<name>.toml` of an audit.
#[derive(Debug, Clone, Deserialize, schemars::JsonSchema)]
#[serde(deny_unknown_fields)]
pub struct AuditDefinition {
    /// What a returned row means.
    pub meaning: Words,
    /// What to do about it.
    pub action: Words,
    /// The input tables and columns (`table.column`) without which it has nothing to compare.
    #[serde(default)]
    pub needs: Vec<String>,
}

/// Every mart and audit of a configuration, by name.
#[derive(Debug)]
pub struct Catalogue {
    /// The marts.
    pub marts: Vec<Mart>,
    /// The audits.
    pub audits: Vec<Audit>,
    /// Marts worked out on a few rows, by mart.
    pub examples: BTreeMap<String, Example>,
}

impl Catalogue {
    /// Reads and checks the marts and audits of a configuration; every mistake is collected.
    pub fn open(assets: &Assets, vocabularies: &Vocabularies) -> Result<Catalogue> {
        let columns = assets.layers(COLUMNS)?;
        let mut catalogue = Catalogue::read(&assets.files("marts")?, &assets.files("audits")?, &columns, vocabularies)?;
        let telling = assets.toml(example::TELLING)?.read()?;
        catalogue.examples = example::read(&assets.files(example::FOLDER)?, &telling, &catalogue.marts)?;
        Ok(catalogue)
    }

    /// Reads and checks the files of `marts/` and `audits/`, with what columns and codes mean everywhere.
    pub fn read(
        marts: &BTreeMap<String, String>,
        audits: &BTreeMap<String, String>,
        columns: &[TomlFile],
        vocabularies: &Vocabularies,
    ) -> Result<Catalogue> {
        let mut mistakes = Vec::new();
        let mut meanings = Meanings::new();
        for file in columns {
            match definition::meanings(file, vocabularies) {
                Ok(layer) => meanings.extend(layer),
                Err(more) => mistakes.extend(more),
            }
        }
        let mut catalogue = Catalogue { marts: Vec::new(), audits: Vec::new(), examples: BTreeMap::new() };
        let mut files = BTreeMap::new();
        for (name, sql, toml) in pairs("marts", marts, &mut mistakes) {
            let file = TomlFile::new(format!("marts/{name}.toml"), toml);
            match definition::read(&name, sql, &file, &meanings, vocabularies) {
                Ok(marts) => catalogue.marts.extend(marts),
                Err(more) => mistakes.extend(more),
            }
            files.insert(name, file);
        }
        // Where a mart is refused, what others take from it is not missing.
        if mistakes.is_empty() {
            let of_mart = |mart: &Mart| print::mistakes(&files[&mart.file], mart, &catalogue.marts);
            mistakes.extend(catalogue.marts.iter().flat_map(of_mart));
            let of_figures = |mart: &Mart| doors::mistakes(&files[&mart.file], mart, &catalogue.marts);
            mistakes.extend(catalogue.marts.iter().flat_map(of_figures));
        }
        catalogue.marts.sort_by(|a, b| a.name.cmp(&b.name));
        for two in catalogue.marts.windows(2).filter(|two| two[0].name == two[1].name) {
            let name = &two[0].name;
            let message = Words::new(format!("有两张指标表都叫「{name}」"), format!("two marts are called `{name}`"));
            mistakes.push(Mistake::new("marts", "", None, message));
        }
        let names: Vec<&str> = catalogue.marts.iter().map(|mart| mart.name.as_str()).collect();
        for (name, sql, toml) in pairs("audits", audits, &mut mistakes) {
            let file = format!("audits/{name}.sql");
            let selected = dialect::check(&file, sql, &names).map_err(|more| mistakes.extend(more)).ok();
            let source = TomlFile::new(format!("audits/{name}.toml"), toml);
            match source.read::<AuditDefinition>() {
                Ok(definition) => {
                    let here = source.at("needs");
                    for (number, input) in definition.needs.iter().enumerate() {
                        if let Some(unknown) = contract::unknown_input(input) {
                            let mistake = here.item(number).mistake(unknown.message());
                            mistakes.push(mistake.did_you_mean(unknown.nearest));
                        }
                    }
                    let reads = selected.map(|selected| selected.tables).unwrap_or_default();
                    catalogue.audits.push(Audit { name, reads, sql: sql.to_owned(), definition });
                }
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

fn no_name(name: &str) -> Words {
    Words::new(
        format!("「{name}」不能作名称：只用小写字母、数字和下划线"),
        format!("`{name}` is no name: small letters, digits and `_`"),
    )
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
            mistakes.push(Mistake::new(&path, text, None, no_name(name)));
        } else if let Some(other) = files.get(&sibling) {
            if extension == "sql" {
                pairs.push((name.to_owned(), text.as_str(), other.as_str()));
            }
        } else {
            mistakes.push(Mistake::new(
                &path,
                text,
                None,
                Words::new(format!("缺少与它成对的文件「{sibling}」"), format!("its sibling `{sibling}` is missing")),
            ));
        }
    }
    pairs
}
