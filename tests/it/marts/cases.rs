//! Every figure traced to its cases: each cell of each mart, computed again the plain way from [`Engine::cases`].

use std::collections::BTreeMap;

use polars::prelude::{AnyValue, DataFrame};
use yekuo::calendar::Day;
use yekuo::config::Config;
use yekuo::contract::TABLES;
use yekuo::marts::engine::Engine;
use yekuo::marts::{self, Catalogue, Mart, Measure, Source};

use crate::place::{Place, lines};

/// The marts and audits that are shipped.
pub fn shipped() -> Catalogue {
    let config = Config::load(None).unwrap();
    Catalogue::open(&config.assets, &config.vocabularies).unwrap()
}

/// What stands in a cell; of numbers only the value counts.
#[derive(Debug, Clone, PartialEq)]
enum Cell {
    Nothing,
    Number(f64),
    Word(String),
}

impl Cell {
    fn number(&self) -> Option<f64> {
        if let Cell::Number(number) = self { Some(*number) } else { None }
    }

    /// Equal; numbers within 1e-9, relative to the larger where that is above 1.
    fn agrees(&self, other: &Cell) -> bool {
        match (self, other) {
            (Cell::Number(a), Cell::Number(b)) => (a - b).abs() <= 1e-9 * a.abs().max(b.abs()).max(1.0),
            _ => self == other,
        }
    }
}

impl From<Option<f64>> for Cell {
    fn from(number: Option<f64>) -> Cell {
        number.map_or(Cell::Nothing, Cell::Number)
    }
}

/// The columns of a table by name.
fn columns(table: &DataFrame) -> BTreeMap<String, Vec<Cell>> {
    let cell = |value: AnyValue<'_>| match value {
        AnyValue::Null => Cell::Nothing,
        AnyValue::Date(day) => Cell::Word(Day(day).to_string()),
        AnyValue::Boolean(flag) => Cell::Word(flag.to_string()),
        AnyValue::String(text) => Cell::Word(text.to_owned()),
        AnyValue::StringOwned(text) => Cell::Word(text.to_string()),
        number => Cell::Number(number.extract::<f64>().unwrap()),
    };
    let column = |column: &polars::prelude::Column| {
        (column.name().to_string(), (0..table.height()).map(|row| cell(column.get(row).unwrap())).collect())
    };
    table.columns().iter().map(column).collect()
}

/// The grain of each row, as text.
fn keys(mart: &Mart, table: &DataFrame) -> Vec<String> {
    lines(&table.select(mart.definition.grain.iter().map(String::as_str)).unwrap())
}

/// A percentile with linear interpolation between the two nearest ranks.
fn percentile(mut numbers: Vec<f64>, percent: u8) -> Option<f64> {
    numbers.sort_by(f64::total_cmp);
    let place = f64::from(percent) / 100.0 * (numbers.len().checked_sub(1)? as f64);
    let (below, above) = (numbers[place.floor() as usize], numbers[place.ceil() as usize]);
    Some(below + (above - below) * place.fract())
}

/// How often each value comes, nothing left out.
fn frequencies(cells: &[&Cell]) -> Vec<f64> {
    let mut counts: BTreeMap<String, f64> = BTreeMap::new();
    for cell in cells.iter().filter(|cell| ***cell != Cell::Nothing) {
        *counts.entry(format!("{cell:?}")).or_default() += 1.0;
    }
    counts.into_values().collect()
}

/// What a figure must be by its origin; `case` gives a column of the row's cases, `figure` another figure of the row.
fn recomputed<'a>(
    measure: &Measure,
    case: &dyn Fn(&str) -> Vec<&'a Cell>,
    figure: &dyn Fn(&str) -> Option<f64>,
) -> Option<Cell> {
    let sum = |numbers: &[f64]| numbers.iter().sum::<f64>();
    let ratio = |part: f64, whole: f64| (whole != 0.0).then(|| part / whole);
    // Of other cases, or of those of other rows too, an oracle tells.
    let sources = measure.sources();
    if sources.iter().any(|source| source.table.is_some()) || sources.is_empty() && !matches!(measure, Measure::Rate(_))
    {
        return None;
    }
    let case = &|source: &Source| case(&source.column);
    let numbers = |source: &Source| -> Vec<f64> { case(source).into_iter().filter_map(Cell::number).collect() };
    let given = |source: &Source| case(source).into_iter().filter(|cell| **cell != Cell::Nothing).count() as f64;
    Some(match measure {
        Measure::Count(source) => {
            let flags = case(source).into_iter();
            Cell::Number(flags.filter(|cell| source.column == "*" || **cell == Cell::Word("true".into())).count() as f64)
        }
        Measure::Given(source) => Cell::Number(given(source)),
        Measure::Above(source, limit) => {
            let above = |number: &f64| figure(limit).is_some_and(|limit| *number > limit);
            Cell::Number(numbers(source).into_iter().filter(above).count() as f64)
        }
        Measure::Sum(name) => {
            let numbers = numbers(name);
            Some(sum(&numbers)).filter(|_| !numbers.is_empty()).into()
        }
        Measure::Rate([part, whole]) => {
            figure(part).zip(figure(whole)).and_then(|(part, whole)| ratio(part, whole)).into()
        }
        Measure::Mean(name) => {
            let numbers = numbers(name);
            ratio(sum(&numbers), numbers.len() as f64).into()
        }
        Measure::WeightedMean([name, weight]) => {
            let pairs: Vec<(f64, f64)> = case(name)
                .into_iter()
                .zip(case(weight))
                .filter_map(|(number, weight)| number.number().zip(weight.number()))
                .collect();
            let weights: f64 = pairs.iter().map(|(_, weight)| weight).sum();
            ratio(pairs.iter().map(|(number, weight)| number * weight).sum(), weights).into()
        }
        Measure::Percentile(name, percent) => percentile(numbers(name), *percent).into(),
        Measure::Distinct(name) => Cell::Number(frequencies(&case(name)).len() as f64),
        Measure::Most(name) => numbers(name).into_iter().max_by(f64::total_cmp).into(),
        Measure::First(name) => {
            let least = |a: &Cell, b: &Cell| match (a, b) {
                (Cell::Number(a), Cell::Number(b)) => a.total_cmp(b),
                // Days are written so that they sort as text.
                _ => format!("{a:?}").cmp(&format!("{b:?}")),
            };
            let given = case(name).into_iter().filter(|cell| **cell != Cell::Nothing);
            given.min_by(|a, b| least(a, b)).cloned().unwrap_or(Cell::Nothing)
        }
        Measure::TopShare(name) => {
            let counts = frequencies(&case(name));
            counts.iter().copied().max_by(f64::total_cmp).and_then(|most| ratio(most, sum(&counts))).into()
        }
        Measure::Concentration(name) => {
            let counts = frequencies(&case(name));
            let squares: f64 = counts.iter().map(|count| count * count).sum();
            ratio(squares, sum(&counts) * sum(&counts)).into()
        }
        _ => return None,
    })
}

/// What was looked at.
#[derive(Debug, Default)]
pub struct Traced {
    /// Cells computed again, by mart.
    pub again: BTreeMap<String, usize>,
    /// Cells that are a formula of other figures.
    pub formulas: usize,
    /// Facts of the rows of lists of cases.
    pub facts: usize,
    /// Cells that say «no data», for want of a table.
    pub no_data: usize,
}

/// Computes every cell of every mart of a report in `report` again from its cases.
pub fn trace(place: &Place) -> Traced {
    let clean = place.path("lake/report/clean");
    let params = columns(&yekuo::lake::read(&clean.join("params.parquet")).unwrap());
    let absent = match &params["absent"][0] {
        Cell::Word(columns) => columns.clone(),
        _ => String::new(),
    };
    // Applications and stages are always there.
    let lacks = |input: &String| {
        let table = input.split('.').next().unwrap();
        let flag = params.get(&format!("has_{table}"));
        flag.is_some_and(|flag| flag[0] == Cell::Word("false".into()))
            || absent.split(';').any(|column| column == input)
    };
    let mut engine = Engine::open(&clean).unwrap();
    let mut traced = Traced::default();
    for mart in &shipped().marts {
        let name = &mart.name;
        let rows = place.table(&format!("report/marts/{name}.parquet"));
        let cases = engine.cases(mart).unwrap();
        if mart.definition.estimator.is_some() {
            traced.again.insert(name.clone(), super::estimated::recount(mart, &rows, &cases));
            continue;
        }
        if mart.definition.cases.is_empty() {
            assert_eq!(lines(&rows), lines(&cases), "{name}: each row is a case");
            traced.facts += rows.height() * (rows.width() - mart.definition.grain.len());
            continue;
        }
        if mart.definition.needs.iter().any(lacks) {
            assert_eq!(rows.height(), 0, "{name}: rows of a table that is not there");
            continue;
        }

        let mut cases_of: BTreeMap<String, Vec<usize>> = BTreeMap::new();
        for (case, key) in keys(mart, &cases).into_iter().enumerate() {
            cases_of.entry(key).or_default().push(case);
        }
        let of_row = keys(mart, &rows);
        let (figures, facts) = (columns(&rows), columns(&cases));
        for (row, key) in of_row.iter().enumerate() {
            let mine = cases_of.remove(key).unwrap_or_else(|| panic!("{name} {key}: no cases"));
            let case = |column: &str| -> Vec<&Cell> {
                let column = if column == "*" { &mart.definition.grain[0] } else { column };
                mine.iter().map(|case| &facts[column][*case]).collect()
            };
            let figure = |column: &str| figures[column][row].number();
            for column in mart.definition.columns.iter().filter(|column| !mart.definition.grain.contains(&column.name))
            {
                let got = &figures[&column.name][row];
                if column.needs.iter().any(lacks) {
                    assert!(*got == Cell::Nothing, "{name} {key} {}: {got:?} without its table", column.name);
                    traced.no_data += 1;
                    continue;
                }
                let summed = || Measure::Sum(Source { table: None, column: column.name.clone() });
                let origin =
                    if column.within.is_some() { None } else { Some(column.from.clone().unwrap_or_else(summed)) };
                // What names a hidden step cannot be computed from the published row.
                let shown = |origin: &Measure| origin.figures().iter().all(|name| figures.contains_key(*name));
                match origin.filter(shown).and_then(|origin| recomputed(&origin, &case, &figure)) {
                    Some(expected) => {
                        assert!(
                            expected.agrees(got),
                            "{name} {key} {}: {got:?}, by the cases {expected:?}",
                            column.name
                        );
                        *traced.again.entry(name.clone()).or_default() += 1;
                    }
                    None => traced.formulas += 1,
                }
            }
        }
        assert!(cases_of.is_empty(), "{name}: cases of no row: {cases_of:?}");
    }
    traced
}

#[test]
fn every_figure_of_the_sample_is_the_sum_of_its_cases() {
    let place = Place::new();
    place.yekuo("sample exports --seed 3").ends(0);
    place.report("report", &["--data", "exports"]);
    let traced = trace(&place);
    let is_given = |need: &String| {
        !TABLES.iter().any(|t| t.name == need) || place.path(&format!("lake/report/raw/{need}")).exists()
    };
    let shipped = shipped();
    let marts = shipped.marts.iter().filter(|mart| mart.definition.needs.iter().all(is_given));
    for mart in marts.filter(|mart| !mart.definition.cases.is_empty()) {
        assert!(traced.again.get(&mart.name).is_some_and(|cells| *cells >= 4), "{}: {traced:?}", mart.name);
    }
    assert!(traced.formulas > 100 && traced.facts > 1_000, "{traced:?}");
}

#[test]
fn every_figure_of_awkward_data_is_the_sum_of_its_cases() {
    for (seed, without) in [(21, &[][..]), (22, &["callbacks"]), (23, &["delays", "faults"])] {
        let place = Place::new();
        place.awkward(seed, without);
        place.report("report", &["--data", "data", "--as-of", "2026-06-30"]);
        let traced = trace(&place);
        assert!(traced.again["stage_overdue"] > 100, "{traced:?}");
        assert!(traced.no_data > 0, "{traced:?}");
    }
}

/// A column is a part of the grain, a fact of a row that is a case, or has an origin: nothing comes from nowhere.
#[test]
fn every_column_of_every_mart_has_an_origin() {
    for mart in &shipped().marts {
        let definition = &mart.definition;
        // An estimator's columns are compared with the definition when the catalogue is opened.
        if definition.estimator.is_some() {
            assert!(!definition.cases.is_empty(), "{}: its cases have no names", mart.name);
            continue;
        }
        if definition.cases.is_empty() {
            assert!(definition.place == marts::Place::Cases, "{}: it neither lists cases nor names them", mart.name);
            continue;
        }
        for column in definition.columns.iter().filter(|column| !definition.grain.contains(&column.name)) {
            let traced = column.from.is_some() || mart.selected.columns.contains(&column.name);
            assert!(traced, "{}: {}", mart.name, column.name);
        }
    }
}
