//! Parquet exports: typed columns → rows, a batch at a time.

use std::path::Path;

use arrow_array::cast::AsArray;
use arrow_array::types::{Date32Type, Float64Type, Int64Type, TimestampMicrosecondType};
use arrow_array::{
    Array, ArrayRef, BooleanArray, Date32Array, Float64Array, Int64Array, StringArray, TimestampMicrosecondArray,
};
use arrow_cast::{can_cast_types, cast};
use arrow_schema::{ArrowError, DataType, TimeUnit};

use super::held::MOST_COLUMNS;
use super::reasons::{bytes, column};
use super::values::Cell;
use super::zone::{self, Moment, Zone};
use super::{Cells, Row};
use crate::calendar::{Day, Instant};
use crate::error::{Error, ExportProblem, Result};
use crate::lake;
use crate::words::Words;

/// The most that a column of a row group unpacks to: what is read at once may be all of it.
const MOST_CHUNK: i64 = 512 << 20;

/// A column of one batch, in the few types that cells have.
enum Typed {
    Text(StringArray),
    Number(Float64Array),
    Integer(Int64Array),
    Flag(BooleanArray),
    Date(Date32Array),
    Instant(TimestampMicrosecondArray),
    /// Moments in UTC, and the clock that they are shown by.
    Moment(TimestampMicrosecondArray, Shown),
    /// What no cell of a table is, such as a list or a structure.
    Other(ArrayRef),
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

/// A column of times in microseconds, without its zone; what lies between two is counted to the earlier one.
fn micros(column: &ArrayRef, unit: TimeUnit) -> Result<TimestampMicrosecondArray, ArrowError> {
    let counts = cast(column, &DataType::Int64)?;
    let counts = counts.as_primitive::<Int64Type>();
    Ok(counts.unary::<_, TimestampMicrosecondType>(|count| match unit {
        TimeUnit::Nanosecond => count.div_euclid(1_000),
        TimeUnit::Microsecond => count,
        TimeUnit::Millisecond => count.saturating_mul(1_000),
        TimeUnit::Second => count.saturating_mul(1_000_000),
    }))
}

impl Typed {
    fn new(column: &ArrayRef) -> Result<Typed, ArrowError> {
        Ok(match column.data_type() {
            DataType::Boolean => Typed::Flag(column.as_boolean().clone()),
            DataType::Date32 | DataType::Date64 => {
                Typed::Date(cast(column, &DataType::Date32)?.as_primitive::<Date32Type>().clone())
            }
            DataType::Timestamp(unit, None) => Typed::Instant(micros(column, *unit)?),
            DataType::Timestamp(unit, Some(zone)) => Typed::Moment(micros(column, *unit)?, Shown::by(zone)),
            kind if kind.is_floating() => {
                Typed::Number(cast(column, &DataType::Float64)?.as_primitive::<Float64Type>().clone())
            }
            kind if kind.is_integer() => {
                Typed::Integer(cast(column, &DataType::Int64)?.as_primitive::<Int64Type>().clone())
            }
            kind if can_cast_types(kind, &DataType::Utf8) => {
                Typed::Text(cast(column, &DataType::Utf8)?.as_string::<i32>().clone())
            }
            _ => Typed::Other(column.clone()),
        })
    }

    fn array(&self) -> &dyn Array {
        match self {
            Typed::Text(column) => column,
            Typed::Number(column) => column,
            Typed::Integer(column) => column,
            Typed::Flag(column) => column,
            Typed::Date(column) => column,
            Typed::Instant(column) | Typed::Moment(column, _) => column,
            Typed::Other(column) => column,
        }
    }

    fn cell(&self, row: usize) -> Cell<'_> {
        if self.array().is_null(row) {
            return Cell::Empty;
        }
        match self {
            Typed::Text(column) => Cell::Text(column.value(row)),
            Typed::Number(column) => Cell::Number(column.value(row)),
            Typed::Integer(column) => Cell::Integer(column.value(row)),
            Typed::Flag(column) => Cell::Flag(column.value(row)),
            Typed::Date(column) => Cell::Date(Day(column.value(row))),
            Typed::Instant(column) => Cell::Instant(Instant(column.value(row))),
            Typed::Moment(column, shown) => Cell::Moment(shown.moment(Instant(column.value(row)))),
            // As a sheet shows it: a row whose cell is asked for is refused.
            Typed::Other(_) => Cell::Broken("#VALUE!"),
        }
    }
}

/// Gives the names of the columns as row 0, then every row, to `visit`, until it says that it has seen enough.
pub fn each_row(path: &Path, file: &str, mut visit: impl FnMut(Row<'_>) -> Result<bool>) -> Result<()> {
    let damaged = |error: Error| match error {
        Error::Engine { source, .. } => {
            Error::export(file, ExportProblem::Damaged { reason: Words::quoting("Parquet 文件无法读取", source) })
        }
        other => other,
    };
    let found = lake::open(path).map_err(damaged)?;
    let chunks = found.metadata().row_groups().iter().flat_map(|group| group.columns());
    if let Some(size) = chunks.map(|chunk| chunk.uncompressed_size()).find(|size| *size > MOST_CHUNK) {
        return Err(Error::export(file, ExportProblem::TooLarge { what: bytes(size.unsigned_abs()) }));
    }
    let schema = found.schema().clone();
    let names: Vec<&str> = schema.fields().iter().map(|field| field.name().as_str()).collect();
    if names.len() > MOST_COLUMNS as usize {
        return Err(Error::export(file, ExportProblem::TooLarge { what: column(names.len()) }));
    }
    let header: Vec<Cell<'_>> = names.iter().map(|name| Cell::Text(name)).collect();
    if !visit(Row { sheet: None, line: 0, undecodable: false, unended: None, merged: 0, cells: Cells::Sheet(&header) })?
    {
        return Ok(());
    }
    let mut line = 0;
    lake::each_batch_of_others(path, found, damaged, |batch| {
        let columns = batch.columns().iter().map(Typed::new).collect::<Result<Vec<_>, ArrowError>>();
        let columns = columns.map_err(Error::engine(format!("cannot read {}", path.display()))).map_err(damaged)?;
        for row in 0..batch.num_rows() {
            line += 1;
            let cells: Vec<Cell<'_>> = columns.iter().map(|column| column.cell(row)).collect();
            if !visit(Row {
                sheet: None,
                line,
                undecodable: false,
                unended: None,
                merged: 0,
                cells: Cells::Sheet(&cells),
            })? {
                return Ok(false);
            }
        }
        Ok(true)
    })
}
