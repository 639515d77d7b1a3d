//! Runs the marts' SQL over the clean tables, on the embedded engine.

use std::cell::OnceCell;
use std::collections::{BTreeMap, BTreeSet};
use std::path::{Path, PathBuf};

use polars::prelude::*;
use polars::sql::SQLContext;

use super::compose::{Count, Holds, Query};
use super::compute::{self, Computation, Params, data};
use super::estimate::Drawn;
use super::{Audit, Catalogue, Mart, dialect};
use crate::assets;
use crate::clean;
use crate::contract::Given;
use crate::error::{Error, Gate, Mistake, Result};
use crate::lake::{self, Layout};
use crate::measures::{CONSTANTS, Datum};
use crate::parallel;
use crate::table;
use crate::words::Words;

/// Finds that each column holds what is declared: a cast would make whole numbers of rates, and nothing of texts.
fn fits<'a>(file: &str, columns: impl IntoIterator<Item = (&'a str, Layout, Words)>, result: &DataFrame) -> Result<()> {
    let mut mistakes = Vec::new();
    for (name, layout, declared) in columns {
        let column = result.column(name).map_err(Error::engine(file.to_owned()))?;
        let fits = match (layout, column.dtype()) {
            (_, DataType::Null) => true,
            (Layout::Integer, dtype) => dtype.is_integer(),
            (Layout::Number, dtype) => dtype.is_integer() || dtype.is_float(),
            (layout, dtype) => *dtype == layout.dtype(),
        };
        if !fits {
            let found = column.dtype();
            let message = Words::new(
                format!("「{name}」{}，而 SQL 给出的是「{found}」", declared.zh),
                format!("`{name}` is {}, but the SQL gives {found}", declared.en),
            );
            mistakes.push(Mistake::new(file, "", None, message));
        }
    }
    if mistakes.is_empty() { Ok(()) } else { Err(Error::Config { mistakes }) }
}

/// The parameters of a run: the one row of its clean table.
fn params(path: &Path) -> Result<Params> {
    let table = lake::read(path)?;
    let value = |column: &Column| {
        let first = data(column)?.into_iter().next();
        Ok((column.name().to_string(), first.unwrap_or(Datum::Null)))
    };
    let mut params = table.columns().iter().map(value).collect::<Result<Params>>()?;
    params.extend(CONSTANTS.iter().map(|(name, number)| ((*name).to_owned(), Datum::Real(*number))));
    Ok(params)
}

/// What the exports of a run have, by its parameters, which say it of every table that a run can do without.
fn given(params: &Params) -> Given {
    let has = |table: &str| params.get(&format!("has_{table}")) != Some(&Datum::Flag(false));
    let absent = match params.get("absent") {
        Some(Datum::Text(absent)) => absent,
        _ => "",
    };
    Given::told(has, absent)
}

/// The marts of a run, as files; one is read when somebody first asks for it.
pub struct MartFiles {
    marts: Vec<MartFile>,
    /// Those of the catalogue that were not asked for.
    left_out: BTreeSet<String>,
    /// What is to be said of marts that count a case more than once.
    pub repeated: Vec<Words>,
}

struct MartFile {
    name: String,
    rows: usize,
    path: PathBuf,
    table: OnceCell<DataFrame>,
}

impl MartFiles {
    /// The rows of a mart; nothing where the catalogue has been stripped of it. One that was not asked for is an error: nobody
    /// takes what was left out for what is not there.
    pub fn table(&self, name: &str) -> Result<Option<&DataFrame>> {
        if self.left_out.contains(name) {
            let message = format!("the mart {name} is shown, and was not asked for");
            return Err(Error::engine(format!("mart {name}"))(PolarsError::InvalidOperation(message.into())));
        }
        let Some(mart) = self.marts.iter().find(|mart| mart.name == name) else { return Ok(None) };
        if let Some(table) = mart.table.get() {
            return Ok(Some(table));
        }
        let table = lake::read(&mart.path)?;
        Ok(Some(mart.table.get_or_init(|| table)))
    }

    /// The names of the marts and how many rows they have, in the order of the catalogue.
    pub fn rows(&self) -> impl Iterator<Item = (&str, usize)> {
        self.marts.iter().map(|mart| (mart.name.as_str(), mart.rows))
    }
}

/// Which marts of a catalogue are computed.
#[derive(Debug, Clone, Copy)]
pub enum Asked<'a> {
    /// Every one.
    All,
    /// These, and those that audits read.
    Some(&'a BTreeSet<String>),
}

impl Asked<'_> {
    fn has(self, mart: &Mart, catalogue: &Catalogue) -> bool {
        match self {
            Asked::All => true,
            Asked::Some(names) => {
                names.contains(&mart.name) || catalogue.audits.iter().any(|audit| audit.reads.contains(&mart.name))
            }
        }
    }

    /// Whether they read the table that is made on demand.
    pub fn read_on_demand(self, catalogue: &Catalogue) -> bool {
        let marts = catalogue.marts.iter().filter(|mart| self.has(mart, catalogue));
        let mut reads =
            marts.map(|mart| &mart.selected.tables).chain(catalogue.audits.iter().map(|audit| &audit.reads));
        matches!(self, Asked::All) || reads.any(|tables| tables.contains(clean::ON_DEMAND))
    }
}

/// An engine that sees the clean tables of a lake, and the marts made from them.
pub struct Engine {
    tables: Tables,
    run: Run,
}

/// What SQL can read.
struct Tables {
    context: SQLContext,
    /// The clean table that the run did not make, as no mart of its report reads it.
    not_made: Option<&'static str>,
}

/// What figures are made by, besides what the engine answers.
struct Run {
    params: Params,
    given: Given,
    /// What estimators have drawn so far.
    drawn: Drawn,
}

/// A mart and what an engine answered to its queries.
pub struct Counted<'a> {
    mart: &'a Mart,
    answers: Vec<DataFrame>,
    params: &'a Params,
    given: &'a Given,
}

impl Counted<'_> {
    /// The answers, in the order of the mart's queries.
    pub fn answers(&mut self) -> &mut [DataFrame] {
        &mut self.answers
    }

    /// The figures of the rows.
    pub(crate) fn figures(&self) -> Result<Computation<'_>> {
        Computation::new(self.mart, &self.answers, self.params, self.given)
    }
}

/// What the engine answers to queries of a mart.
fn answers(mart: &Mart, queries: Vec<LazyFrame>) -> Result<Vec<DataFrame>> {
    let doing = format!("mart {}", mart.name);
    queries.into_iter().map(|query| lake::collect(query, &doing)).collect()
}

impl Tables {
    /// Finds that the run made every table that a mart reads.
    fn readable(&self, mart: &Mart) -> Result<()> {
        match self.not_made.filter(|table| mart.selected.tables.contains(*table)) {
            Some(table) => Err(Error::NotMade { mart: mart.name.clone(), table: table.to_owned() }),
            None => Ok(()),
        }
    }

    fn run(&mut self, name: &str, sql: &str) -> Result<DataFrame> {
        let doing = format!("mart {name}");
        let query = self.context.execute(sql).map_err(Error::engine(doing.clone()))?;
        lake::collect(query, &doing)
    }

    /// The queries of a mart, as the engine is going to answer them.
    fn queries(&mut self, mart: &Mart) -> Result<Vec<LazyFrame>> {
        self.readable(mart)?;
        self.fits(mart)?;
        let query = |sql: &String| self.context.execute(sql).map_err(Error::engine(format!("mart {}", mart.name)));
        mart.texts().iter().map(query).collect()
    }

    /// What is to be said of a mart of the user's own whose cases come more than once, as where a join multiplies them.
    fn repeated(&mut self, mart: &Mart) -> Result<Option<Words>> {
        let cases = &mart.definition.cases;
        if cases.is_empty() || assets::ships_sql(&mart.file, &mart.sql) {
            return Ok(None);
        }
        self.readable(mart)?;
        let all = Count::All;
        let name = all.alias();
        let query = Query { table: None, keys: cases.clone(), holds: Holds::Counts(BTreeSet::from([all])) };
        let rows = self.run(&mart.name, &query.sql(&mart.sql, &mart.selected, &[]))?;
        let times = lake::Columns(&rows).integers(&name)?;
        let more: Vec<i64> = times.into_iter().flatten().filter(|times| *times > 1).collect();
        let Some(most) = more.iter().max() else { return Ok(None) };
        let (title, count, columns) = (&mart.definition.title, more.len(), cases.join(", "));
        Ok(Some(Words::new(
            format!(
                "「{}」中有 {count} 个个案（{columns}）出现多次，最多 {most} 次：若是连接造成的，数字偏大；否则请在 cases 中写全区分个案的列",
                title.zh
            ),
            format!(
                "{count} cases ({columns}) of “{}” come more than once, up to {most} times: where a join does that, its figures are too large; else name all columns that tell cases apart in `cases`",
                title.en
            ),
        )))
    }

    /// Finds that what is added up are whole numbers, and what is counted are flags.
    fn fits(&mut self, mart: &Mart) -> Result<()> {
        let mut mistakes = Vec::new();
        for query in &mart.queries {
            let Holds::Counts(counts) = &query.holds else { continue };
            let sql = Query { holds: Holds::Cases, ..query.clone() };
            let sql = match &query.table {
                Some(table) => format!("{}\n\nselect * from {table}", &mart.sql[..mart.selected.body.start]),
                None => sql.sql(&mart.sql, &mart.selected, &[]),
            };
            let doing = || format!("mart {}", mart.name);
            let mut query = self.context.execute(&sql).map_err(Error::engine(doing()))?;
            let schema = query.collect_schema().map_err(Error::engine(doing()))?;
            for count in counts {
                let (column, fits): (_, fn(&DataType) -> bool) = match count {
                    Count::Sum(column) => (column, |dtype| dtype.is_integer() || *dtype == DataType::Null),
                    Count::Flagged(column) => (column, |dtype| matches!(dtype, DataType::Boolean | DataType::Null)),
                    _ => continue,
                };
                if let Some(dtype) = schema.get(column).filter(|dtype| !fits(dtype)) {
                    let (zh, en) =
                        if matches!(count, Count::Sum(_)) { ("相加", "added up") } else { ("计数", "counted") };
                    let message = Words::new(
                        format!("「{column}」用来{zh}，而 SQL 给出的是「{dtype}」"),
                        format!("`{column}` is {en}, but the SQL gives {dtype}"),
                    );
                    let help = Words::new(
                        "sum 和 mean 用于整数，count 用于是否值",
                        "`sum` and `mean` take whole numbers, `count` flags",
                    );
                    let file = format!("marts/{}.sql", mart.name);
                    mistakes.push(Mistake::new(&file, "", None, message).help(help));
                }
            }
        }
        if mistakes.is_empty() { Ok(()) } else { Err(Error::Config { mistakes }) }
    }
}

impl Run {
    fn counted<'a>(&'a self, mart: &'a Mart, answers: Vec<DataFrame>) -> Counted<'a> {
        Counted { mart, answers, params: &self.params, given: &self.given }
    }

    /// A mart of what was answered to its queries: its declared columns in their declared types, unique by its grain.
    fn made(&self, mart: &Mart, answers: Vec<DataFrame>) -> Result<DataFrame> {
        let doing = || format!("mart {}", mart.name);
        let counted = self.counted(mart, answers);
        let result = match mart.definition.estimator {
            Some(estimator) => {
                let counts = &counted.answers[0];
                let needed = estimator.keys().iter();
                let needed = needed.map(|(name, layout)| {
                    let words = Words::new(format!("应为「{layout:?}」"), format!("needed as {layout:?}"));
                    (*name, *layout, words)
                });
                fits(&format!("marts/{}.sql", mart.name), needed, counts)?;
                estimator.estimate(counts, &self.drawn)?
            }
            None => counted.figures()?.table()?,
        };
        let declared = mart.definition.columns.iter();
        let declared = declared.map(|column| {
            let kind = &column.kind;
            let words = Words::new(format!("写明为「{kind:?}」"), format!("declared as {kind:?}"));
            (column.name.as_str(), kind.layout(), words)
        });
        fits(&format!("marts/{}.toml", mart.name), declared, &result)?;
        let columns: PolarsResult<Vec<Column>> = mart
            .definition
            .columns
            .iter()
            .map(|column| result.column(&column.name)?.cast(&column.kind.layout().dtype()))
            .collect();
        let table =
            columns.and_then(|columns| DataFrame::new(result.height(), columns)).map_err(Error::engine(doing()))?;
        let keys = table.select(mart.definition.grain.iter().map(String::as_str)).map_err(Error::engine(doing()))?;
        let unique = keys.lazy().unique(None, UniqueKeepStrategy::Any).collect().map_err(Error::engine(doing()))?;
        if unique.height() != table.height() {
            let rows = table.height() - unique.height();
            let gate = Gate::Audit {
                name: mart.name.clone(),
                meaning: Words::new(
                    format!("{} 行中有 {rows} 行的粒度重复", table.height()),
                    format!("{rows} of {} rows repeat a grain", table.height()),
                ),
                rows,
                sample: mart.definition.grain.join(", "),
            };
            return Err(Error::Gate { gate });
        }
        Ok(table)
    }
}

impl Engine {
    /// Registers the clean tables of `<lake>/clean`.
    pub fn open(clean: &Path) -> Result<Engine> {
        let params = params(&clean.join("params.parquet"))?;
        let given = given(&params);
        let (context, mut not_made) = (SQLContext::new(), None);
        for table in dialect::TABLES {
            let path = table::path(clean, table);
            if table == clean::ON_DEMAND && !path.exists() {
                not_made = Some(table);
            } else {
                context.register(table, lake::scan(&path)?);
            }
        }
        let tables = Tables { context, not_made };
        Ok(Engine { tables, run: Run { params, given, drawn: Drawn::default() } })
    }

    /// What the engine answers to the queries of a mart.
    pub fn counted<'a>(&'a mut self, mart: &'a Mart) -> Result<Counted<'a>> {
        let answers = answers(mart, self.tables.queries(mart)?)?;
        Ok(self.run.counted(mart, answers))
    }

    /// A parameter of the run, as formulas are shown with it.
    pub fn param(&self, name: &str) -> String {
        self.run.params.get(name).map(Datum::shown).unwrap_or_default()
    }

    /// A mart, and what its formulas name besides its columns, in each of its rows.
    pub fn with_steps(&mut self, mart: &Mart) -> Result<(DataFrame, BTreeMap<String, Vec<String>>)> {
        let mut steps = BTreeMap::new();
        if mart.definition.estimator.is_none() {
            let declared = |name: &str| mart.definition.columns.iter().any(|column| column.name == name);
            let named = mart.definition.figures().flat_map(|(_, measure)| measure.figures());
            let named: BTreeSet<&str> = named.filter(|name| !declared(name)).collect();
            let counted = self.counted(mart)?;
            let figures = counted.figures()?;
            for name in named {
                steps.insert(name.to_owned(), figures.figure(name)?.iter().map(Datum::shown).collect());
            }
        }
        Ok((self.mart(mart)?, steps))
    }

    /// Computes one mart: its declared columns in their declared types, unique by its grain.
    pub fn mart(&mut self, mart: &Mart) -> Result<DataFrame> {
        if !self.run.given.all(&mart.definition.needs) {
            return compute::no_rows(mart);
        }
        let answers = answers(mart, self.tables.queries(mart)?)?;
        self.run.made(mart, answers)
    }

    /// The cases behind a mart's figures: one row each, with the grain and what they bring to each figure.
    pub fn cases(&mut self, mart: &Mart) -> Result<DataFrame> {
        if mart.definition.is_list() {
            self.mart(mart)
        } else {
            self.tables.readable(mart)?;
            self.tables.run(&format!("cases of {}", mart.name), &mart.sql)
        }
    }

    /// The rows of a table on the way to a mart's cases.
    pub(crate) fn on_the_way(&mut self, mart: &Mart, table: &str) -> Result<DataFrame> {
        self.tables.readable(mart)?;
        let sql = format!("{}\n\nselect * from {table}", &mart.sql[..mart.selected.body.start]);
        self.tables.run(&format!("{table} of {}", mart.name), &sql)
    }

    /// What of some tables and columns the exports lack.
    pub(crate) fn lacking(&self, needs: &[String]) -> Vec<String> {
        needs.iter().filter(|need| !self.run.given.all([*need])).cloned().collect()
    }

    /// Computes marts into `<folder>/<name>.parquet`, and lets the audits see them: those that are asked for and those
    /// that audits read, or all.
    ///
    /// What was computed is not kept: a list of cases can be as long as the exports.
    pub fn marts(
        &mut self,
        catalogue: &Catalogue,
        asked: Asked<'_>,
        folder: &Path,
        progress: &dyn Fn(&str),
    ) -> Result<MartFiles> {
        std::fs::create_dir_all(folder).map_err(Error::io("create", folder))?;
        let (wanted, left_out): (Vec<&Mart>, Vec<&Mart>) =
            catalogue.marts.iter().partition(|mart| asked.has(mart, catalogue));
        let Engine { tables, run } = self;
        let given = &run.given;
        let mut repeated = Vec::new();
        for mart in wanted.iter().filter(|mart| given.all(&mart.definition.needs)) {
            repeated.extend(tables.repeated(mart)?);
        }
        let asked = wanted.iter().map(|mart| {
            let queries = given.all(&mart.definition.needs).then(|| tables.queries(mart)).transpose();
            (*mart, queries)
        });
        let mut marts = Vec::new();
        // Planning, and small answers, take one core alone: several marts are asked at a time.
        parallel::in_order(
            asked,
            |(mart, queries)| Ok((mart, queries?.map(|queries| answers(mart, queries)).transpose()?)),
            |(mart, answers)| {
                progress(&mart.name);
                let mut table = answers.map_or_else(|| compute::no_rows(mart), |answers| run.made(mart, answers))?;
                let path = table::path(folder, &mart.name);
                lake::write(&path, &mut table)?;
                marts.push(MartFile { name: mart.name.clone(), rows: table.height(), path, table: OnceCell::new() });
                Ok(())
            },
        )?;
        // Only then: a table of the engine would stand in for a CTE of the same name in another mart.
        for mart in wanted {
            self.tables.context.register(&mart.name, lake::scan(&table::path(folder, &mart.name))?);
        }
        Ok(MartFiles { marts, repeated, left_out: left_out.into_iter().map(|mart| mart.name.clone()).collect() })
    }

    /// Runs one audit; its rows keep the report from being published.
    pub fn audit(&mut self, audit: &Audit) -> Result<()> {
        if !self.run.given.all(&audit.definition.needs) {
            return Ok(());
        }
        let found = self.tables.run(&audit.name, &audit.sql)?;
        if found.height() == 0 {
            return Ok(());
        }
        let keys = found.get_column_names_owned();
        let found = found.sort(keys, SortMultipleOptions::default()).map_err(Error::engine(audit.name.clone()))?;
        let first = found.columns().iter().map(|column| {
            let value = column.get(0).map(|value| value.to_string()).unwrap_or_default();
            format!("{} = {value}", column.name())
        });
        let definition = &audit.definition;
        Err(Error::Gate {
            gate: Gate::Audit {
                name: audit.name.clone(),
                meaning: Words::of(|lang| {
                    [definition.meaning.get(lang), definition.action.get(lang)].join(lang.pick("；", "; "))
                }),
                rows: found.height(),
                sample: first.collect::<Vec<_>>().join(", "),
            },
        })
    }
}
