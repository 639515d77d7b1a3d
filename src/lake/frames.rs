//! Frames of the engine: what SQL reads and answers, and columns of it by name.

use std::fs::File;
use std::path::Path;

use polars::prelude::*;

use super::{Instant, Layout, Value, reading, writing};
use crate::calendar::Day;
use crate::error::{Error, Result};

impl Layout {
    /// The engine's type.
    pub fn dtype(self) -> DataType {
        match self {
            Layout::Text => DataType::String,
            Layout::Number => DataType::Float64,
            Layout::Integer => DataType::Int64,
            Layout::Flag => DataType::Boolean,
            Layout::Date => DataType::Date,
            Layout::Instant => DataType::Datetime(TimeUnit::Microseconds, None),
        }
    }
}

/// A column of values, of the engine's type.
fn column(name: &str, layout: Layout, values: &[&Value<'_>]) -> PolarsResult<Column> {
    let any: Vec<AnyValue<'_>> = values.iter().map(|value| any(value)).collect();
    Series::from_any_values_and_dtype(name.into(), &any, &layout.dtype(), true).map(Column::from)
}

fn any<'a>(value: &'a Value<'_>) -> AnyValue<'a> {
    match value {
        Value::Null => AnyValue::Null,
        Value::Text(text) => AnyValue::String(text),
        Value::Number(number) => AnyValue::Float64(*number),
        Value::Integer(integer) => AnyValue::Int64(*integer),
        Value::Flag(flag) => AnyValue::Boolean(*flag),
        Value::Date(day) => AnyValue::Date(day.0),
        Value::Instant(at) => AnyValue::Datetime(at.0, TimeUnit::Microseconds, None),
    }
}

/// A table of rows in memory: one value a column, in order.
pub fn frame(columns: &[(&str, Layout)], rows: &[Vec<Value<'_>>]) -> Result<DataFrame> {
    let columns = columns.iter().enumerate().map(|(at, (name, layout))| {
        let values: Vec<&Value<'_>> = rows.iter().map(|row| &row[at]).collect();
        column(name, *layout, &values)
    });
    let columns = columns.collect::<PolarsResult<Vec<_>>>();
    columns.and_then(|columns| DataFrame::new(rows.len(), columns)).map_err(Error::engine("rows"))
}

/// Writes a whole table at once.
pub fn write(path: &Path, table: &mut DataFrame) -> Result<()> {
    table.rechunk_mut();
    // Not straight into the file: the engine does not say what the system said.
    let mut bytes = Vec::new();
    let parquet = ParquetWriter::new(&mut bytes).with_compression(ParquetCompression::Zstd(None));
    parquet.finish(table).map_err(Error::engine(writing(path)))?;
    std::fs::write(path, bytes).map_err(Error::io("write", path))
}

/// A whole table that is read when a query asks for it.
pub fn scan(path: &Path) -> Result<LazyFrame> {
    // The engine resolves relative paths and wildcards in ways of its own.
    let absolute = std::path::absolute(path).map_err(Error::io("read", path))?;
    let args = ScanArgsParquet { glob: false, ..ScanArgsParquet::default() };
    LazyFrame::scan_parquet(PlRefPath::new(absolute.to_string_lossy()), args).map_err(Error::engine(reading(path)))
}

/// The rows of a query.
pub fn collect(query: LazyFrame, doing: &str) -> Result<DataFrame> {
    let rows = query.collect_with_engine(Engine::Streaming).map_err(Error::engine(doing.to_owned()))?;
    Ok(rows.unwrap_single())
}

/// Reads a whole table at once.
pub fn read(path: &Path) -> Result<DataFrame> {
    let file = File::open(path).map_err(Error::io("open", path))?;
    ParquetReader::new(file).finish().map_err(Error::engine(reading(path)))
}

/// Typed columns of a slice or table, by name.
#[derive(Clone, Copy)]
pub struct Columns<'a>(pub &'a DataFrame);

impl Columns<'_> {
    fn cast(&self, name: &str, layout: Layout, physical: &DataType) -> Result<Series> {
        let column = self.0.column(name).map_err(Error::engine(format!("column {name}")))?;
        let series = column.as_materialized_series().rechunk();
        let cast = series.cast(&layout.dtype()).and_then(|series| series.cast(physical));
        cast.map_err(Error::engine(format!("column {name}")))
    }

    /// A column of text.
    pub fn texts(&self, name: &str) -> Result<StringChunked> {
        let series = self.cast(name, Layout::Text, &DataType::String)?;
        series.str().cloned().map_err(Error::engine(name.to_owned()))
    }

    /// A column of numbers.
    pub fn numbers(&self, name: &str) -> Result<Vec<Option<f64>>> {
        let series = self.cast(name, Layout::Number, &DataType::Float64)?;
        Ok(series.f64().map_err(Error::engine(name.to_owned()))?.iter().collect())
    }

    /// A column of whole numbers.
    pub fn integers(&self, name: &str) -> Result<Vec<Option<i64>>> {
        let series = self.cast(name, Layout::Integer, &DataType::Int64)?;
        Ok(series.i64().map_err(Error::engine(name.to_owned()))?.iter().collect())
    }

    /// A column of truth values.
    pub fn flags(&self, name: &str) -> Result<Vec<Option<bool>>> {
        let series = self.cast(name, Layout::Flag, &DataType::Boolean)?;
        Ok(series.bool().map_err(Error::engine(name.to_owned()))?.iter().collect())
    }

    /// A column of dates, or the days of a column of times.
    pub fn days(&self, name: &str) -> Result<Vec<Option<Day>>> {
        let series = self.cast(name, Layout::Date, &DataType::Int32)?;
        Ok(series.i32().map_err(Error::engine(name.to_owned()))?.iter().map(|day| day.map(Day)).collect())
    }

    /// A column of times.
    pub fn instants(&self, name: &str) -> Result<Vec<Option<Instant>>> {
        let series = self.cast(name, Layout::Instant, &DataType::Int64)?;
        let micros = series.i64().map_err(Error::engine(name.to_owned()))?;
        Ok(micros.iter().map(|at| at.map(Instant)).collect())
    }
}
