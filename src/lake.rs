//! The lake: typed rows in, Parquet out, and back.
//!
//! The one place that knows how a value is laid out in Parquet. A [`TableWriter`] takes rows one by one and keeps
//! only a batch of them, so that memory does not grow with the table.

use std::borrow::Cow;
use std::fs::File;
use std::path::{Path, PathBuf};

use polars::io::parquet::write::BatchedWriter;
use polars::prelude::*;
use polars_parquet::write::{KeyValue, schema_to_metadata_key};

use crate::calendar::Day;
pub use crate::calendar::Instant;
use crate::error::{Error, Result};
use crate::ingest::contract::{Kind, Table};

/// Rows that a writer holds before it writes a row group.
const BATCH: usize = 122_880;

/// One typed value of a row.
#[derive(Clone, Debug, PartialEq)]
pub enum Value<'a> {
    /// Nothing was given.
    Null,
    /// Text, an identifier or a code.
    Text(Cow<'a, str>),
    /// A number.
    Number(f64),
    /// A whole number.
    Integer(i64),
    /// Yes or no.
    Flag(bool),
    /// A date.
    Date(Day),
    /// A local civil time.
    Instant(Instant),
}

impl Value<'_> {
    /// Text that borrows from `text`.
    pub fn text(text: &str) -> Value<'_> {
        Value::Text(Cow::Borrowed(text))
    }

    /// The value as people write it: ISO dates, no needless decimals, empty for null.
    pub fn display(&self) -> String {
        match self {
            Value::Null => String::new(),
            Value::Text(text) => text.to_string(),
            Value::Number(number) => number.to_string(),
            Value::Integer(integer) => integer.to_string(),
            Value::Flag(flag) => flag.to_string(),
            Value::Date(day) => day.to_string(),
            Value::Instant(instant) => instant.to_string(),
        }
    }
}

impl<'a> From<Option<&'a str>> for Value<'a> {
    fn from(text: Option<&'a str>) -> Value<'a> {
        text.map_or(Value::Null, Value::text)
    }
}

impl From<Option<Day>> for Value<'_> {
    fn from(day: Option<Day>) -> Self {
        day.map_or(Value::Null, Value::Date)
    }
}

impl From<Option<i64>> for Value<'_> {
    fn from(integer: Option<i64>) -> Self {
        integer.map_or(Value::Null, Value::Integer)
    }
}

impl From<Option<bool>> for Value<'_> {
    fn from(flag: Option<bool>) -> Self {
        flag.map_or(Value::Null, Value::Flag)
    }
}

/// How a column is laid out in Parquet.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Layout {
    /// UTF-8.
    Text,
    /// 64-bit float.
    Number,
    /// 64-bit integer.
    Integer,
    /// Boolean.
    Flag,
    /// Days since 1970-01-01.
    Date,
    /// Microseconds of local civil time.
    Instant,
}

impl Layout {
    /// The Polars type.
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

impl From<Kind> for Layout {
    fn from(kind: Kind) -> Layout {
        match kind {
            Kind::Id | Kind::Text | Kind::Stage | Kind::Choice { .. } | Kind::List | Kind::Answers => Layout::Text,
            Kind::Number(_) | Kind::Within(..) => Layout::Number,
            Kind::Integer(..) => Layout::Integer,
            Kind::Flag => Layout::Flag,
            Kind::Date | Kind::Month => Layout::Date,
            Kind::Instant => Layout::Instant,
        }
    }
}

/// One column of the batch that is being filled.
enum Buffer {
    Text(StringChunkedBuilder),
    Number(PrimitiveChunkedBuilder<Float64Type>),
    Integer(PrimitiveChunkedBuilder<Int64Type>),
    Flag(BooleanChunkedBuilder),
    Date(PrimitiveChunkedBuilder<Int32Type>),
    Instant(PrimitiveChunkedBuilder<Int64Type>),
}

impl Buffer {
    fn new(name: &str, layout: Layout) -> Buffer {
        let name = PlSmallStr::from_str(name);
        match layout {
            Layout::Text => Buffer::Text(StringChunkedBuilder::new(name, BATCH)),
            Layout::Number => Buffer::Number(PrimitiveChunkedBuilder::new(name, BATCH)),
            Layout::Integer => Buffer::Integer(PrimitiveChunkedBuilder::new(name, BATCH)),
            Layout::Flag => Buffer::Flag(BooleanChunkedBuilder::new(name, BATCH)),
            Layout::Date => Buffer::Date(PrimitiveChunkedBuilder::new(name, BATCH)),
            Layout::Instant => Buffer::Instant(PrimitiveChunkedBuilder::new(name, BATCH)),
        }
    }

    fn push(&mut self, value: &Value<'_>) {
        match (self, value) {
            (Buffer::Text(column), Value::Text(text)) => column.append_value(text.as_ref()),
            (Buffer::Text(column), Value::Null) => column.append_null(),
            (Buffer::Number(column), Value::Number(number)) => column.append_value(*number),
            (Buffer::Number(column), Value::Null) => column.append_null(),
            (Buffer::Integer(column), Value::Integer(integer)) => column.append_value(*integer),
            (Buffer::Integer(column), Value::Null) => column.append_null(),
            (Buffer::Flag(column), Value::Flag(flag)) => column.append_value(*flag),
            (Buffer::Flag(column), Value::Null) => column.append_null(),
            (Buffer::Date(column), Value::Date(day)) => column.append_value(day.0),
            (Buffer::Date(column), Value::Null) => column.append_null(),
            (Buffer::Instant(column), Value::Instant(instant)) => column.append_value(instant.0),
            (Buffer::Instant(column), Value::Null) => column.append_null(),
            (_, value) => unreachable!("{value:?} was pushed to a column of another layout"),
        }
    }

    fn finish(self) -> PolarsResult<Column> {
        let column = match self {
            Buffer::Text(column) => column.finish().into_series(),
            Buffer::Number(column) => column.finish().into_series(),
            Buffer::Integer(column) => column.finish().into_series(),
            Buffer::Flag(column) => column.finish().into_series(),
            Buffer::Date(column) => column.finish().into_series().cast(&Layout::Date.dtype())?,
            Buffer::Instant(column) => column.finish().into_series().cast(&Layout::Instant.dtype())?,
        };
        Ok(column.into())
    }
}

/// A table of rows in memory: one value a column, in order.
pub fn frame(columns: &[(&str, Layout)], rows: &[Vec<Value<'_>>]) -> Result<DataFrame> {
    let mut buffers: Vec<Buffer> = columns.iter().map(|(name, layout)| Buffer::new(name, *layout)).collect();
    for row in rows {
        assert_eq!(row.len(), buffers.len(), "a row has one value for each column");
        buffers.iter_mut().zip(row).for_each(|(buffer, value)| buffer.push(value));
    }
    let columns = buffers.into_iter().map(Buffer::finish).collect::<PolarsResult<Vec<_>>>();
    columns.and_then(|columns| DataFrame::new(rows.len(), columns)).map_err(Error::engine("rows".to_owned()))
}

/// Writes typed rows to one Parquet file, a batch at a time.
pub struct TableWriter {
    path: PathBuf,
    columns: Vec<(String, Layout)>,
    buffers: Vec<Buffer>,
    held: usize,
    rows: u64,
    notes: Vec<(String, String)>,
    writer: BatchedWriter<File>,
}

impl TableWriter {
    /// Opens `path` for the rows of an input table, all its columns in canonical order.
    pub fn create(path: &Path, table: &'static Table) -> Result<TableWriter> {
        let columns = table.columns.iter().map(|column| (column.name.to_owned(), Layout::from(column.kind))).collect();
        TableWriter::with_columns(path, columns)
    }

    /// Opens `path` for rows of any columns.
    pub fn with_columns(path: &Path, columns: Vec<(String, Layout)>) -> Result<TableWriter> {
        if let Some(folder) = path.parent() {
            std::fs::create_dir_all(folder).map_err(Error::io("create", folder))?;
        }
        let fields = columns.iter().map(|(name, layout)| Field::new(PlSmallStr::from_str(name), layout.dtype()));
        let writer = batched(path, &Schema::from_iter(fields))?;
        let buffers = columns.iter().map(|(name, layout)| Buffer::new(name, *layout)).collect();
        Ok(TableWriter { path: path.to_owned(), columns, buffers, held: 0, rows: 0, notes: Vec::new(), writer })
    }

    /// Says what the file's metadata holds besides its schema.
    pub fn note(&mut self, notes: Vec<(String, String)>) {
        self.notes = notes;
    }

    /// Adds a row: one value a column, in order.
    pub fn push(&mut self, row: &[Value<'_>]) -> Result<()> {
        assert_eq!(row.len(), self.buffers.len(), "a row has one value for each column");
        for (buffer, value) in self.buffers.iter_mut().zip(row) {
            buffer.push(value);
        }
        self.held += 1;
        self.rows += 1;
        if self.held == BATCH { self.flush() } else { Ok(()) }
    }

    fn flush(&mut self) -> Result<()> {
        let fresh = self.columns.iter().map(|(name, layout)| Buffer::new(name, *layout)).collect();
        let full = std::mem::replace(&mut self.buffers, fresh);
        let columns = full.into_iter().map(Buffer::finish).collect::<PolarsResult<Vec<_>>>();
        let batch = columns.and_then(|columns| DataFrame::new(self.held, columns));
        self.held = 0;
        let written = batch.and_then(|batch| self.writer.write_batch(&batch));
        written.map_err(Error::engine(writing(&self.path)))
    }

    /// Writes what is held and the footer; returns the number of rows.
    pub fn finish(mut self) -> Result<u64> {
        if self.held > 0 || self.rows == 0 {
            self.flush()?;
        }
        end(&self.writer, self.notes, &self.path)?;
        Ok(self.rows)
    }
}

fn writing(path: &Path) -> String {
    format!("cannot write {}", path.display())
}

fn reading(path: &Path) -> String {
    format!("cannot read {}", path.display())
}

fn batched(path: &Path, schema: &Schema) -> Result<BatchedWriter<File>> {
    let file = File::create(path).map_err(Error::io("write", path))?;
    let parquet = ParquetWriter::new(file).with_compression(ParquetCompression::Zstd(None));
    parquet.batched(schema).map_err(Error::engine(writing(path)))
}

fn end(writer: &BatchedWriter<File>, notes: Vec<(String, String)>, path: &Path) -> Result<()> {
    let mut file = writer.get_writer().lock().unwrap_or_else(std::sync::PoisonError::into_inner);
    let mut entries = vec![schema_to_metadata_key(file.schema())];
    entries.extend(notes.into_iter().map(|(key, value)| KeyValue { key, value: Some(value) }));
    file.end(Some(entries)).map(drop).map_err(Error::engine(writing(path)))
}

/// A writer for the raw rows of an input table: its columns, and the line that each row stood on.
pub fn raw_writer(path: &Path, table: &'static Table) -> Result<TableWriter> {
    let columns = table.columns.iter().map(|column| (column.name.to_owned(), Layout::from(column.kind)));
    TableWriter::with_columns(path, columns.chain([("source_line".to_owned(), Layout::Integer)]).collect())
}

/// Copies a Parquet file without the rows whose numbers (from 0, ascending) are `dropped`.
pub fn copy_without(from: &Path, to: &Path, dropped: &[u32], notes: Vec<(String, String)>) -> Result<()> {
    let mut writer: Option<BatchedWriter<File>> = None;
    let mut first = 0;
    each_slice(from, |slice| {
        let rows = slice.height() as u32;
        let stays: BooleanChunked =
            (first..first + rows).map(|row| Some(dropped.binary_search(&row).is_err())).collect();
        first += rows;
        let mut kept = slice.filter(&stays).map_err(Error::engine(writing(to)))?;
        kept.rechunk_mut();
        let writer = match &mut writer {
            Some(writer) => writer,
            none => none.insert(batched(to, slice.schema())?),
        };
        writer.write_batch(&kept).map_err(Error::engine(writing(to)))?;
        Ok(true)
    })?;
    match writer {
        Some(writer) => end(&writer, notes, to),
        None => unreachable!("a file without rows has none to drop"),
    }
}

/// The names of a Parquet file's columns.
pub fn column_names(path: &Path) -> Result<Vec<String>> {
    let file = File::open(path).map_err(Error::io("open", path))?;
    let schema = ParquetReader::new(file).schema().map_err(Error::engine(reading(path)))?;
    Ok(schema.iter_names().map(|name| name.to_string()).collect())
}

/// Gives a Parquet file slice by slice to `visit`, until it says that it has seen enough.
pub fn each_slice(path: &Path, mut visit: impl FnMut(&DataFrame) -> Result<bool>) -> Result<()> {
    let open = || File::open(path).map_err(Error::io("open", path));
    let rows = ParquetReader::new(open()?).num_rows().map_err(Error::engine(reading(path)))?;
    for first in (0..rows).step_by(BATCH) {
        let slice = ParquetReader::new(open()?)
            .with_slice(Some((first, BATCH.min(rows - first))))
            .finish()
            .map_err(Error::engine(reading(path)))?;
        if !visit(&slice)? {
            break;
        }
    }
    Ok(())
}

/// Writes a whole table at once.
pub fn write(path: &Path, table: &mut DataFrame) -> Result<()> {
    let file = File::create(path).map_err(Error::io("write", path))?;
    table.rechunk_mut();
    let parquet = ParquetWriter::new(file).with_compression(ParquetCompression::Zstd(None));
    parquet.finish(table).map(drop).map_err(Error::engine(writing(path)))
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

/// The Parquet files of a raw table, in reading order; none where the table has no data.
pub fn raw_files(lake: &Path, table: &str) -> Result<Vec<PathBuf>> {
    let folder = lake.join("raw").join(table);
    if !folder.is_dir() {
        return Ok(Vec::new());
    }
    let mut files = Vec::new();
    for entry in std::fs::read_dir(&folder).map_err(Error::io("read", &folder))? {
        files.push(entry.map_err(Error::io("read", &folder))?.path());
    }
    files.sort();
    Ok(files)
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
