//! Rows of a table as JSON: numbers as numbers, days and times as ISO texts, codes as codes.

use std::path::Path;

use polars::prelude::{AnyValue, Column, DataFrame, col, lit};
use serde_json::{Map, Value};

use crate::calendar::{Day, Instant};
use crate::error::{Error, Result};
use crate::{lake, table};

/// The columns of a row by name.
pub(super) type Row = Map<String, Value>;

/// The rows of a clean table that hold a text in a column.
pub(super) fn rows(clean: &Path, table: &str, column: &str, text: &str) -> Result<Vec<Row>> {
    let found = lake::scan(&table::path(clean, table))?.filter(col(column).eq(lit(text)));
    let found = lake::collect(found, &format!("rows of {table}"))?;
    (0..found.height()).map(|row| of_row(&found, row)).collect()
}

fn of_row(rows: &DataFrame, row: usize) -> Result<Row> {
    rows.columns().iter().map(|column| Ok((column.name().to_string(), cell(column, row)?))).collect()
}

/// What stands in a column.
pub(super) fn cell(column: &Column, row: usize) -> Result<Value> {
    let value = column.get(row).map_err(Error::engine(format!("column {}", column.name())))?;
    Ok(match value {
        AnyValue::Null => Value::Null,
        AnyValue::Boolean(flag) => flag.into(),
        AnyValue::Int64(integer) => integer.into(),
        AnyValue::Int32(integer) => integer.into(),
        AnyValue::Float64(number) => number.into(),
        AnyValue::String(text) => text.into(),
        AnyValue::StringOwned(text) => text.as_str().into(),
        AnyValue::Date(day) => Day(day).to_string().into(),
        AnyValue::Datetime(at, ..) | AnyValue::DatetimeOwned(at, ..) => Instant(at).to_string().into(),
        other => other.to_string().into(),
    })
}

/// A figure that is known as a text only: a number where it is one.
pub(super) fn figure(text: &str) -> Value {
    match text {
        "" => Value::Null,
        "true" => true.into(),
        "false" => false.into(),
        _ => match (text.parse::<i64>(), text.parse::<f64>()) {
            (Ok(integer), _) => integer.into(),
            (_, Ok(number)) => number.into(),
            _ => text.into(),
        },
    }
}
