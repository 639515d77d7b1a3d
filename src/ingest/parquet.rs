//! Parquet exports: typed columns → rows, a slice at a time.

use std::path::Path;

use polars::prelude::*;

use super::values::Cell;
use super::zone::{self, Moment, Zone};
use super::{Cells, Row};
use crate::calendar::Day;
use crate::error::{Error, ExportProblem, Result};
use crate::lake::{self, Instant};

/// A column of one slice, in the few types that cells have.
enum Typed {
    Text(StringChunked),
    Number(Float64Chunked),
    Integer(Int64Chunked),
    Flag(BooleanChunked),
    Date(Int32Chunked),
    Instant(Int64Chunked),
    /// Moments in UTC, and the clock that they are shown by.
    Moment(Int64Chunked, Shown),
}

/// The clock by which a column of moments is shown.
#[derive(Clone, Copy)]
enum Shown {
    Utc,
    Zone(Zone),
    /// So many seconds ahead of UTC.
    Offset(i64),
}

impl Shown {
    fn by(name: &str) -> Shown {
        match (zone::offset(name.as_bytes()), Zone::named(name)) {
            (Some(offset), _) if offset != 0 => Shown::Offset(offset),
            (None, Ok(zone)) if !zone.is_utc() => Shown::Zone(zone),
            _ => Shown::Utc,
        }
    }

    fn moment(self, utc: Instant) -> Moment {
        let written = match self {
            Shown::Utc => None,
            Shown::Zone(zone) => Some(zone.civil(utc)),
            Shown::Offset(offset) => Some(utc.plus_seconds(offset)),
        };
        Moment { utc, written }
    }
}

impl Typed {
    fn new(column: &Column) -> PolarsResult<Typed> {
        let series = column.as_materialized_series().rechunk();
        Ok(match series.dtype() {
            DataType::Boolean => Typed::Flag(series.bool()?.clone()),
            DataType::Date => Typed::Date(series.cast(&DataType::Int32)?.i32()?.clone()),
            DataType::Datetime(unit, zone) => {
                let count = series.to_physical_repr().cast(&DataType::Int64)?;
                let micros = count.i64()?.apply_values(|count| match unit {
                    TimeUnit::Nanoseconds => count.div_euclid(1_000),
                    TimeUnit::Microseconds => count,
                    TimeUnit::Milliseconds => count.saturating_mul(1_000),
                });
                match zone {
                    None => Typed::Instant(micros),
                    Some(zone) => Typed::Moment(micros, Shown::by(zone.as_str())),
                }
            }
            dtype if dtype.is_float() => Typed::Number(series.cast(&DataType::Float64)?.f64()?.clone()),
            dtype if dtype.is_integer() => Typed::Integer(series.cast(&DataType::Int64)?.i64()?.clone()),
            _ => Typed::Text(series.cast(&DataType::String)?.str()?.clone()),
        })
    }

    fn cell(&self, row: usize) -> Cell<'_> {
        let cell = match self {
            Typed::Text(column) => column.get(row).map(Cell::Text),
            Typed::Number(column) => column.get(row).map(Cell::Number),
            Typed::Integer(column) => column.get(row).map(Cell::Integer),
            Typed::Flag(column) => column.get(row).map(Cell::Flag),
            Typed::Date(column) => column.get(row).map(|day| Cell::Date(Day(day))),
            Typed::Instant(column) => column.get(row).map(|micros| Cell::Instant(Instant(micros))),
            Typed::Moment(column, shown) => column.get(row).map(|micros| Cell::Moment(shown.moment(Instant(micros)))),
        };
        cell.unwrap_or(Cell::Empty)
    }
}

/// Gives the names of the columns as row 0, then every row, to `visit`, until it says that it has seen enough.
pub fn each_row(path: &Path, file: &str, mut visit: impl FnMut(Row<'_>) -> Result<bool>) -> Result<()> {
    let doing = || format!("cannot read {}", path.display());
    let names = lake::column_names(path).map_err(|error| match error {
        Error::Engine { source, .. } => Error::export(file, ExportProblem::Damaged { reason: source.to_string() }),
        other => other,
    })?;
    let header: Vec<Cell<'_>> = names.iter().map(|name| Cell::Text(name)).collect();
    if !visit(Row { sheet: None, line: 0, undecodable: false, cells: Cells::Sheet(&header) })? {
        return Ok(());
    }
    let mut line = 0;
    lake::each_slice(path, |slice| {
        let columns =
            slice.columns().iter().map(Typed::new).collect::<PolarsResult<Vec<_>>>().map_err(Error::engine(doing()))?;
        for row in 0..slice.height() {
            line += 1;
            let cells: Vec<Cell<'_>> = columns.iter().map(|column| column.cell(row)).collect();
            if !visit(Row { sheet: None, line, undecodable: false, cells: Cells::Sheet(&cells) })? {
                return Ok(false);
            }
        }
        Ok(true)
    })
}
