//! From what an engine counted to the rows of a mart.
//!
//! Reads the answers of a mart's queries, and computes each figure of each row by [`crate::measures`]: what is made of
//! counts from the counts of its group, what is made of other figures from those.

use std::cell::RefCell;
use std::collections::{BTreeMap, HashMap};
use std::rc::Rc;

use polars::prelude::{Column as Series, DataFrame, DataType, IntoColumn};

use super::compose::{Count, Holds, Query, TIMES};
use super::measure::{Measure, Source};
use super::{Definition, Kind, Mart};
use crate::calendar::Day;
use crate::contract::Given;
use crate::error::{Error, Mistake, Result};
use crate::lake::Layout;
use crate::measures::formula::Name;
use crate::measures::tally::{Tally, expected, weighted_mean};
use crate::measures::{Datum, End, binomial_tail, ratio, rows, wilson};
use crate::words::Words;

/// The parameters of a run, by name.
pub(crate) type Params = BTreeMap<String, Datum>;

/// What stands in the columns of a table.
pub(crate) fn data(column: &Series) -> Result<Vec<Datum>> {
    let doing = || format!("column {}", column.name());
    let cast = |to: &DataType| column.cast(to).map_err(Error::engine(doing()));
    let (dtype, refused) = (column.dtype(), Error::engine(doing()));
    Ok(match dtype {
        DataType::Null => vec![Datum::Null; column.len()],
        DataType::Boolean => {
            let flags = column.bool().map_err(refused)?;
            flags.iter().map(|flag| flag.map_or(Datum::Null, Datum::Flag)).collect()
        }
        DataType::String => {
            let texts = column.str().map_err(refused)?;
            texts.iter().map(|text| text.map_or(Datum::Null, Datum::text)).collect()
        }
        DataType::Date => {
            let days = cast(&DataType::Int32)?;
            let days = days.i32().map_err(refused)?;
            days.iter().map(|day| day.map_or(Datum::Null, |day| Datum::Day(Day(day)))).collect()
        }
        dtype if dtype.is_integer() => {
            let whole = cast(&DataType::Int64)?;
            let whole = whole.i64().map_err(refused)?;
            whole.iter().map(|whole| whole.map_or(Datum::Null, Datum::Whole)).collect()
        }
        _ => {
            let real = cast(&DataType::Float64)?;
            real.f64().map_err(refused)?.iter().map(Datum::real).collect()
        }
    })
}

/// The values of a table's columns, row by row.
fn keys(table: &DataFrame, columns: &[String]) -> Result<Vec<Vec<Datum>>> {
    let columns = columns.iter().map(|key| column(table, key)).collect::<Result<Vec<_>>>()?;
    Ok((0..table.height()).map(|row| columns.iter().map(|column| column[row].clone()).collect()).collect())
}

fn column(table: &DataFrame, name: &str) -> Result<Vec<Datum>> {
    data(table.column(name).map_err(Error::engine(format!("column {name}")))?)
}

/// The answer to a query.
struct Answer<'a> {
    query: &'a Query,
    table: &'a DataFrame,
    /// The rows of each group.
    groups: HashMap<Vec<Datum>, Vec<usize>>,
}

impl<'a> Answer<'a> {
    fn read(query: &'a Query, table: &'a DataFrame) -> Result<Answer<'a>> {
        let mut groups: HashMap<Vec<Datum>, Vec<usize>> = HashMap::new();
        for (row, key) in keys(table, &query.keys)?.into_iter().enumerate() {
            groups.entry(key).or_default().push(row);
        }
        Ok(Answer { query, table, groups })
    }
}

/// The rows of a mart in the making.
pub(crate) struct Computation<'a> {
    mart: &'a Mart,
    /// The engine's first answer: a row per row of the mart.
    rows: &'a DataFrame,
    answers: Vec<Answer<'a>>,
    params: &'a Params,
    given: &'a Given,
    figures: RefCell<BTreeMap<String, Rc<Vec<Datum>>>>,
}

impl<'a> Computation<'a> {
    /// Takes the answers to a mart's queries, in their order.
    pub(crate) fn new(
        mart: &'a Mart,
        answers: &'a [DataFrame],
        params: &'a Params,
        given: &'a Given,
    ) -> Result<Computation<'a>> {
        let rows = &answers[0];
        let of = mart.queries.iter().zip(answers).filter(|(query, _)| query.holds != Holds::Cases);
        let answers = of.map(|(query, table)| Answer::read(query, table)).collect::<Result<Vec<_>>>()?;
        Ok(Computation { mart, rows, answers, params, given, figures: RefCell::new(BTreeMap::new()) })
    }

    fn definition(&self) -> &'a Definition {
        &self.mart.definition
    }

    fn refuse(&self, message: Words) -> Error {
        let file = format!("marts/{}.toml", self.mart.name);
        Error::Config { mistakes: vec![Mistake::new(&file, "", None, message)] }
    }

    /// A figure of every row: a column, or a step on the way to one.
    pub(crate) fn figure(&self, name: &str) -> Result<Rc<Vec<Datum>>> {
        if let Some(known) = self.figures.borrow().get(name) {
            return Ok(Rc::clone(known));
        }
        let column = self.definition().columns.iter().find(|column| column.name == name);
        let step = self.definition().steps.get(name);
        let grain = self.definition().grain.iter().any(|key| key == name);
        let (from, within) = match (column, step) {
            (Some(column), _) if !grain => (column.from.as_ref(), column.within.as_deref()),
            (None, Some(step)) => (Some(&step.from), step.within.as_deref()),
            _ => (None, None),
        };
        let figure = match from {
            Some(measure) => self.measure(name, measure, within)?,
            None if grain || self.definition().is_list() => self::column(self.rows, name)?,
            None => self.measure(name, &Measure::Sum(Source { table: None, column: name.to_owned() }), None)?,
        };
        let figure = Rc::new(figure);
        self.figures.borrow_mut().insert(name.to_owned(), Rc::clone(&figure));
        Ok(figure)
    }

    fn measure(&self, name: &str, measure: &Measure, within: Option<&[String]>) -> Result<Vec<Datum>> {
        let grain = self.definition().grain.as_slice();
        let keys = within.unwrap_or(grain);
        let counted = |source: &Source, count: Count| self.counted(source, keys, &count);
        let given = |source: &Source| source.column.clone();
        let zipped = |[a, b]: &[String; 2], of: &dyn Fn(&Datum, &Datum) -> Datum| -> Result<Vec<Datum>> {
            let (a, b) = (self.figure(a)?, self.figure(b)?);
            Ok(a.iter().zip(b.iter()).map(|(a, b)| of(a, b)).collect())
        };
        let compared = || self.groups(within.unwrap_or_default());
        match measure {
            Measure::Count(source) if source.is_every_row() => counted(source, Count::All),
            Measure::Count(source) => counted(source, Count::Flagged(given(source))),
            Measure::Given(source) => counted(source, Count::Given(given(source))),
            Measure::Sum(source) => counted(source, Count::Sum(given(source))),
            Measure::Most(source) => counted(source, Count::Most(given(source))),
            Measure::First(source) => counted(source, Count::Least(given(source))),
            Measure::Mean(source) => {
                let sums = counted(source, Count::Sum(given(source)))?;
                let times = counted(source, Count::Given(given(source)))?;
                Ok(sums.iter().zip(&times).map(|(sum, n)| ratio(sum, n)).collect())
            }
            Measure::Percentile(source, percent) => self.tallied(source, keys, |tally| tally.percentile(*percent)),
            Measure::Distinct(source) => self.tallied(source, keys, |tally| Datum::Whole(tally.distinct() as i64)),
            Measure::TopShare(source) => self.tallied(source, keys, Tally::top_share),
            Measure::Concentration(source) => self.tallied(source, keys, Tally::concentration),
            Measure::Above(source, figure) => {
                let (limits, tallies) = (self.figure(figure)?, self.tallies(source, keys)?);
                let above = |(tally, limit): (&Rc<Tally>, &Datum)| {
                    Datum::Whole(limit.number().map_or(0, |limit| tally.above(limit)) as i64)
                };
                Ok(tallies.iter().zip(limits.iter()).map(above).collect())
            }
            Measure::WeightedMean(sources) => self.paired(sources, keys, weighted_mean),
            Measure::Expected(sources) => self.paired(sources, keys, expected),
            Measure::Rate(figures) => zipped(figures, &ratio),
            Measure::WilsonLow(figures) => zipped(figures, &|part, whole| wilson(part, whole, End::Low)),
            Measure::WilsonHigh(figures) => zipped(figures, &|part, whole| wilson(part, whole, End::High)),
            Measure::BinomialTail([part, whole, rate]) => {
                let (part, whole, rate) = (self.figure(part)?, self.figure(whole)?, self.figure(rate)?);
                let rows = part.iter().zip(whole.iter()).zip(rate.iter());
                Ok(rows.map(|((part, whole), rate)| binomial_tail(part, whole, rate)).collect())
            }
            Measure::Total(figure) => {
                rows::total(&self.figure(figure)?, &compared()?).map_err(|message| self.refuse(message))
            }
            Measure::Share(figure) => {
                let figures = self.figure(figure)?;
                let totals = rows::total(&figures, &compared()?).map_err(|message| self.refuse(message))?;
                Ok(figures.iter().zip(&totals).map(|(figure, total)| ratio(figure, total)).collect())
            }
            Measure::Rank(by) => Ok(rows::rank(&self.figure(&by.figure)?, &compared()?, by.descending)),
            Measure::Streak(figure) => Ok(rows::streak(&self.figure(figure)?, &compared()?)),
            Measure::Previous(figure) => {
                let columns = self.definition().columns.iter();
                let months: Vec<&String> =
                    columns.filter(|column| column.kind == Kind::Month).map(|column| &column.name).collect();
                let month = grain.iter().find(|key| months.contains(key));
                let month = month.ok_or_else(|| {
                    self.refuse(Words::new(
                        format!("「{name}」：粒度中没有月份"),
                        format!("`{name}`: no month is in the grain"),
                    ))
                })?;
                let others: Vec<String> = grain.iter().filter(|key| *key != month).cloned().collect();
                let (figures, months) = (self.figure(figure)?, self.figure(month)?);
                Ok(rows::previous(&figures, &months, &self.groups(&others)?))
            }
            Measure::Formula(formula) => {
                let mut named: BTreeMap<&str, Rc<Vec<Datum>>> = BTreeMap::new();
                for figure in measure.figures() {
                    named.insert(figure, self.figure(figure)?);
                }
                let unknown = measure.params().into_iter().find(|param| !self.params.contains_key(*param));
                if let Some(param) = unknown {
                    return Err(self.refuse(Words::new(
                        format!("「{name}」：没有参数「{param}」"),
                        format!("`{name}`: there is no parameter `{param}`"),
                    )));
                }
                let row = |row: usize| {
                    let of = |name: Name<'_>| match name {
                        Name::Figure(figure) => named[figure][row].clone(),
                        Name::Param(param) => self.params[param].clone(),
                    };
                    formula.evaluate(&of).map_err(|why| {
                        self.refuse(Words::new(format!("「{name}」：{}", why.zh), format!("`{name}`: {}", why.en)))
                    })
                };
                (0..self.rows.height()).map(row).collect()
            }
        }
    }

    /// Which rows have the same values in some columns: a number for each.
    fn groups(&self, within: &[String]) -> Result<Vec<usize>> {
        let columns = within.iter().map(|key| self.figure(key)).collect::<Result<Vec<_>>>()?;
        let mut known: HashMap<Vec<Datum>, usize> = HashMap::new();
        let group = |row: usize| {
            let next = known.len();
            *known.entry(columns.iter().map(|column| column[row].clone()).collect()).or_insert(next)
        };
        Ok((0..self.rows.height()).map(group).collect())
    }

    /// The values of some columns in each row.
    fn row_keys(&self, keys: &[String]) -> Result<Vec<Vec<Datum>>> {
        let columns = keys.iter().map(|key| self.figure(key)).collect::<Result<Vec<_>>>()?;
        Ok((0..self.rows.height()).map(|row| columns.iter().map(|column| column[row].clone()).collect()).collect())
    }

    fn answer(&self, source: &Source, keys: &[String], holds: impl Fn(&Holds) -> bool) -> &Answer<'a> {
        let found = self.answers.iter().find(|answer| {
            answer.query.table == source.table && answer.query.keys == keys && holds(&answer.query.holds)
        });
        // The queries of a mart are made from the same measures.
        found.unwrap_or_else(|| unreachable!("nobody asked for {source}"))
    }

    fn counted(&self, source: &Source, keys: &[String], count: &Count) -> Result<Vec<Datum>> {
        let answer =
            self.answer(source, keys, |holds| matches!(holds, Holds::Counts(counts) if counts.contains(count)));
        let column = column(answer.table, &count.alias())?;
        // Of a group that is not there nothing was counted.
        let none = match count {
            Count::All | Count::Flagged(_) | Count::Given(_) => Datum::Whole(0),
            _ => Datum::Null,
        };
        let of = |key: Vec<Datum>| answer.groups.get(&key).map_or(none.clone(), |rows| column[rows[0]].clone());
        Ok(self.row_keys(keys)?.into_iter().map(of).collect())
    }

    fn values(&self, source: &Source, keys: &[String], values: &[String]) -> &Answer<'a> {
        self.answer(source, keys, |holds| matches!(holds, Holds::Values(known) if known == values))
    }

    /// How often each value comes in each row's group.
    fn tallies(&self, source: &Source, keys: &[String]) -> Result<Vec<Rc<Tally>>> {
        let answer = self.values(source, keys, std::slice::from_ref(&source.column));
        let (values, times) = (column(answer.table, &source.column)?, column(answer.table, TIMES)?);
        let tally = |rows: &Vec<usize>| -> Rc<Tally> {
            Rc::new(rows.iter().map(|row| (values[*row].clone(), whole(&times[*row]))).collect())
        };
        let known: HashMap<&Vec<Datum>, Rc<Tally>> =
            answer.groups.iter().map(|(key, rows)| (key, tally(rows))).collect();
        let none = Rc::new(Tally::default());
        let of = |key: Vec<Datum>| Rc::clone(known.get(&key).unwrap_or(&none));
        Ok(self.row_keys(keys)?.into_iter().map(of).collect())
    }

    fn tallied(&self, source: &Source, keys: &[String], of: impl Fn(&Tally) -> Datum) -> Result<Vec<Datum>> {
        Ok(self.tallies(source, keys)?.iter().map(|tally| of(tally)).collect())
    }

    /// What the pairs of two columns come to, each with how often it comes, in each row's group.
    fn paired(
        &self,
        [first, second]: &[Source; 2],
        keys: &[String],
        of: impl Fn(&[(f64, f64, u64)]) -> Datum,
    ) -> Result<Vec<Datum>> {
        let answer = self.values(first, keys, &[first.column.clone(), second.column.clone()]);
        let (firsts, seconds) = (column(answer.table, &first.column)?, column(answer.table, &second.column)?);
        let times = column(answer.table, TIMES)?;
        let figure = |key: Vec<Datum>| {
            let rows = answer.groups.get(&key).map(Vec::as_slice).unwrap_or_default();
            let pair = |row: &usize| {
                let numbers = firsts[*row].number().zip(seconds[*row].number());
                numbers.map(|(first, second)| (first, second, whole(&times[*row])))
            };
            of(&rows.iter().filter_map(pair).collect::<Vec<_>>())
        };
        Ok(self.row_keys(keys)?.into_iter().map(figure).collect())
    }

    /// The rows with their declared columns, in their declared types.
    pub(crate) fn table(&self) -> Result<DataFrame> {
        let doing = || format!("mart {}", self.mart.name);
        let mut columns = Vec::new();
        for column in &self.definition().columns {
            let layout = column.kind.layout();
            let missing = !self.given.all(&column.needs);
            let passes = self.definition().is_list() && column.from.is_none() && !missing;
            columns.push(if passes {
                let passed = self.rows.column(&column.name).map_err(Error::engine(doing()))?;
                passed.clone()
            } else if missing {
                series(&column.name, layout, &vec![Datum::Null; self.rows.height()]).map_err(|m| self.refuse(m))?
            } else {
                let figure = self.figure(&column.name)?;
                series(&column.name, layout, &figure).map_err(|why| {
                    let (name, kind) = (&column.name, &column.kind);
                    self.refuse(Words::new(
                        format!("「{name}」写明为「{kind:?}」，但{}", why.zh),
                        format!("`{name}` is declared as {kind:?}, but {}", why.en),
                    ))
                })?
            });
        }
        DataFrame::new(self.rows.height(), columns).map_err(Error::engine(doing()))
    }
}

/// A mart that needs what was not given: its columns, and no row.
pub(crate) fn no_rows(mart: &Mart) -> Result<DataFrame> {
    let none = |column: &super::Column| series(&column.name, column.kind.layout(), &[]);
    let columns = mart.definition.columns.iter().map(none).collect::<std::result::Result<Vec<_>, _>>();
    let refuse = |why: Words| Error::engine(format!("mart {}", mart.name))(why.en);
    DataFrame::new(0, columns.map_err(refuse)?).map_err(Error::engine(format!("mart {}", mart.name)))
}

fn whole(datum: &Datum) -> u64 {
    if let Datum::Whole(whole) = datum { u64::try_from(*whole).unwrap_or(0) } else { 0 }
}

/// A column of a table; a value of another type is named.
fn series(name: &str, layout: Layout, data: &[Datum]) -> std::result::Result<Series, Words> {
    fn each<'d, T>(
        data: &'d [Datum],
        of: impl Fn(&'d Datum) -> Option<T>,
    ) -> std::result::Result<Vec<Option<T>>, Words> {
        let value = |datum: &'d Datum| match (datum, of(datum)) {
            (Datum::Null, _) => Ok(None),
            (_, Some(value)) => Ok(Some(value)),
            _ => {
                let shown = datum.shown();
                Err(Words::new(format!("其中一个值是「{shown}」"), format!("one of its values is {shown}")))
            }
        };
        data.iter().map(value).collect()
    }
    let column = match layout {
        Layout::Text => {
            let texts = each(data, |datum| if let Datum::Text(text) = datum { Some(text.as_ref()) } else { None })?;
            Series::new(name.into(), texts)
        }
        Layout::Number => Series::new(name.into(), each(data, Datum::number)?),
        Layout::Integer => {
            let whole = each(data, |datum| if let Datum::Whole(whole) = datum { Some(*whole) } else { None })?;
            Series::new(name.into(), whole)
        }
        Layout::Flag => {
            let flags = each(data, |datum| if let Datum::Flag(flag) = datum { Some(*flag) } else { None })?;
            Series::new(name.into(), flags)
        }
        Layout::Date | Layout::Instant => {
            let days = each(data, |datum| if let Datum::Day(day) = datum { Some(day.0) } else { None })?;
            Series::new(name.into(), days)
        }
    };
    column.cast(&layout.dtype()).map(IntoColumn::into_column).map_err(|error| Words::quoting("其中的值无法转换", error))
}
