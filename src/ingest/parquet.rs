//! Parquet exports: typed columns → rows, a slice at a time.

use std::path::Path;

use polars::prelude::*;

use super::values::Cell;
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
}

impl Typed {
    fn new(column: &Column) -> PolarsResult<Typed> {
        let series = column.as_materialized_series().rechunk();
        Ok(match series.dtype() {
            DataType::Boolean => Typed::Flag(series.bool()?.clone()),
            DataType::Date => Typed::Date(series.cast(&DataType::Int32)?.i32()?.clone()),
            DataType::Datetime(..) => {
                let micros = series.cast(&DataType::Datetime(TimeUnit::Microseconds, None))?.cast(&DataType::Int64)?;
                Typed::Instant(micros.i64()?.clone())
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
