//! The skill of the forecast: replayed at past month ends and printed as a table.
//!
//! The figures are those of the marts `calibration` and `forecast_skill`, computed over clean tables in a temporary
//! folder; nothing is published.

use polars::prelude::{AnyValue, DataFrame};
use serde::Serialize;
use serde_json::{Map, Value};
use unicode_width::UnicodeWidthStr;

use crate::calendar::Day;
use crate::cells::marts::mart_cells;
use crate::cells::{Cell, Format};
use crate::config::Config;
use crate::error::{Error, Result};
use crate::lake::Columns;
use crate::marts::Mart;
use crate::marts::engine::Engine;
use crate::pipeline::{Building, Lake, Request, Steps, building};
use crate::words::Lang;

/// The marts that show it, in the order in which they are printed.
const MARTS: [&str; 2] = ["calibration", "forecast_skill"];

/// What was replayed and what happened.
#[derive(Debug, Serialize)]
pub struct Backtest {
    as_of: String,
    /// The days of the past on which forecasts were replayed.
    replayed_on: Vec<String>,
    #[serde(flatten)]
    tables: Map<String, Value>,
    #[serde(skip)]
    text: String,
}

impl Backtest {
    /// The tables for a terminal.
    pub fn text(&self) -> &str {
        &self.text
    }
}

/// Replays the forecasts of a number of months before the as-of day.
pub fn run(request: &Request, months: u32, steps: &Steps) -> Result<Backtest> {
    let prepared = request.prepare()?;
    let folder = building::temporary()?;
    let known = prepared.read(&Building::temporary(&folder)?, steps)?.known(request.as_of, steps)?;
    let Lake { config, catalogue, clean, as_of, lang } = known.clean(months, None, steps)?.of_period(None)?.lake;
    let mut engine = Engine::open(&clean)?;
    let days: Vec<String> = as_of.month_ends_before(months).iter().map(Day::to_string).collect();
    let mut text = heading(as_of, &days, lang);
    let mut tables = Map::new();
    for name in MARTS {
        let mart = catalogue.mart(name)?;
        let rows = engine.mart(mart)?;
        text += &format!("\n■ {}  {name}\n", mart.definition.title.get(lang));
        text += &table(mart, &rows, config, lang)?;
        if name == "forecast_skill" {
            text += &format!("\n{}\n", conclusion(&rows, config, lang)?);
        }
        tables.insert(name.to_owned(), Value::Array(objects(mart, &rows, config, lang)?));
    }
    steps.done();
    Ok(Backtest { as_of: as_of.to_string(), replayed_on: days, tables, text })
}

fn heading(as_of: Day, days: &[String], lang: Lang) -> String {
    let (first, last) = (days.first().map_or("", String::as_str), days.last().map_or("", String::as_str));
    let count = days.len();
    lang.pick(
        format!("预测回放：{first} 至 {last} 的 {count} 个月末，与截至 {as_of} 的实际相比\n"),
        format!("Forecasts replayed on {count} month ends, {first} to {last}, against what came by {as_of}\n"),
    )
}

/// So many columns fit on a line of a terminal.
const LINE: usize = 140;

/// One column of a printed table.
struct Printed {
    cells: Vec<String>,
    width: usize,
    to_the_right: bool,
}

impl Printed {
    fn new(title: &str, format: Format, cells: &[Cell]) -> Printed {
        let texts = cells.iter().map(|cell| cell.display(format));
        let cells: Vec<String> = [title.to_owned()].into_iter().chain(texts).collect();
        let width = cells.iter().map(|cell| cell.width()).max().unwrap_or(0);
        let to_the_right = matches!(format, Format::Integer | Format::Decimal(_) | Format::Rate);
        Printed { cells, width, to_the_right }
    }

    fn padded(&self, row: usize) -> String {
        let cell = &self.cells[row];
        let blanks = " ".repeat(self.width - cell.width());
        if self.to_the_right { format!("  {blanks}{cell}") } else { format!("  {cell}{blanks}") }
    }
}

/// A mart's rows under their titles; what does not fit on a line follows below, with the grain repeated.
fn table(mart: &Mart, rows: &DataFrame, config: &Config, lang: Lang) -> Result<String> {
    if rows.height() == 0 {
        return Ok(lang.pick("  没有可回放的预测\n", "  nothing could be replayed\n").to_owned());
    }
    let definition = &mart.definition;
    let (mut keys, mut blocks): (Vec<Printed>, Vec<Vec<Printed>>) = (Vec::new(), vec![Vec::new()]);
    for column in &definition.columns {
        let (format, cells) = mart_cells(config, lang, column, Columns(rows))?;
        let printed = Printed::new(column.title.get(lang), format, &cells);
        if definition.grain.contains(&column.name) {
            keys.push(printed);
            continue;
        }
        let block = blocks.last().into_iter().flatten();
        let used: usize = keys.iter().chain(block).map(|column| column.width + 2).sum();
        match blocks.last_mut() {
            Some(block) if used + printed.width + 2 <= LINE => block.push(printed),
            _ => blocks.push(vec![printed]),
        }
    }
    let block = |block: &Vec<Printed>| {
        let line = |row| keys.iter().chain(block).map(|column| column.padded(row)).collect::<String>();
        (0..=rows.height()).map(|row| line(row).trim_end().to_owned() + "\n").collect::<String>()
    };
    Ok(blocks.iter().map(block).collect::<Vec<_>>().join("\n"))
}

/// The rows as objects by column name.
fn objects(mart: &Mart, rows: &DataFrame, config: &Config, lang: Lang) -> Result<Vec<Value>> {
    let mut objects = vec![Map::new(); rows.height()];
    for column in &mart.definition.columns {
        let doing = || Error::engine(format!("mart {}", mart.name));
        let values = rows.column(&column.name).map_err(doing())?;
        let (format, cells) = mart_cells(config, lang, column, Columns(rows))?;
        for (row, object) in objects.iter_mut().enumerate() {
            let value = match values.get(row).map_err(doing())? {
                AnyValue::Null => Value::Null,
                AnyValue::Int64(integer) => integer.into(),
                AnyValue::Float64(number) => number.into(),
                AnyValue::Boolean(flag) => flag.into(),
                AnyValue::String(text) => text.into(),
                AnyValue::StringOwned(text) => text.as_str().into(),
                _ => cells[row].display(format).into(),
            };
            object.insert(column.name.clone(), value);
        }
    }
    Ok(objects.into_iter().map(Value::Object).collect())
}

/// In a sentence: whether the forecast has earned trust.
fn conclusion(skill: &DataFrame, config: &Config, lang: Lang) -> Result<String> {
    let data = Columns(skill);
    let scopes = data.texts("scope")?;
    let Some(all) = (0..skill.height()).find(|row| scopes.get(*row) == Some("all")) else {
        return Ok(lang
            .pick(
                "没有可与实际相比的预测：预测尚不可信。",
                "No forecast could be held against what came: it has not earned trust.",
            )
            .to_owned());
    };
    let title = |column: &str, vocabulary: &str| -> Result<String> {
        let codes = data.texts(column)?;
        Ok(config.vocabularies.title(vocabulary, codes.get(all).unwrap_or_default(), lang).into_owned())
    };
    let number = |column: &str, places: usize| -> Result<String> {
        Ok(data.numbers(column)?[all].map_or_else(|| "–".to_owned(), |number| format!("{number:.places$}")))
    };
    let replayed = data.integers("replayed")?[all].unwrap_or(0);
    let (skill, verdict) = (number("skill", 2)?, title("verdict", "trust")?);
    let [p50, due, mean] = ["p50_error_days", "due_error_days", "mean_error_days"].map(|column| number(column, 1));
    let (p50, due, mean, dates) = (p50?, due?, mean?, title("date_verdict", "date_skill")?);
    Ok(lang.pick(
        format!(
            "按期概率：{verdict}（{replayed} 次，技巧 {skill}）。\
             送电日期平均误差 {p50} 日，应送电日期 {due} 日，平均剩余时间 {mean} 日：{dates}。"
        ),
        format!(
            "The chance: {verdict} ({replayed} forecasts, skill {skill}). \
             The date is off by {p50} days on average, the due date by {due}, \
             the mean remaining time by {mean}: {dates}."
        ),
    ))
}
