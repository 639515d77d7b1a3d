//! Parquet files, a batch of rows at a time: Apache Arrow arrays in, zstd pages out, and back.

use std::convert::identity;
use std::fs::File;
use std::path::{Path, PathBuf};
use std::sync::Arc;

use arrow_array::builder::{
    BooleanBuilder, Date32Builder, Float64Builder, Int64Builder, StringBuilder, TimestampMicrosecondBuilder,
};
use arrow_array::{ArrayRef, BooleanArray, RecordBatch, StringArray};
use arrow_schema::{DataType, Field, Schema, SchemaRef, TimeUnit};
use arrow_select::filter::filter_record_batch;
use parquet::arrow::ArrowWriter;
use parquet::arrow::arrow_reader::ParquetRecordBatchReaderBuilder;
use parquet::arrow::arrow_writer::{ArrowColumnChunk, ArrowColumnWriter, ArrowRowGroupWriterFactory, compute_leaves};
use parquet::basic::{Compression, Encoding, ZstdLevel};
use parquet::column::page::Page;
use parquet::column::writer::ColumnCloseResult;
use parquet::file::metadata::{
    KeyValue, PageIndexPolicy, ParquetMetaData, ParquetMetaDataOptions, ParquetMetaDataReader,
};
use parquet::file::properties::{EnabledStatistics, WriterProperties};
use parquet::file::reader::{FileReader, SerializedFileReader};
use parquet::file::writer::SerializedFileWriter;
use parquet::schema::types::ColumnPath;

use super::{Layout, Value, reading, writing};
use crate::error::{Error, Result};

/// Rows that a writer holds before it encodes them, and that a reader gives at a time.
pub(crate) const BATCH: usize = 8_192;
/// Rows of a row group.
pub(crate) const ROW_GROUP: usize = 122_880;
/// Of zstd.
const LEVEL: i32 = 1;
/// Room for a text of a batch, in bytes: names are mostly shorter.
pub(crate) const TEXT_BYTES: usize = 16;

impl Layout {
    /// The type in Arrow, and so in Parquet.
    pub(crate) fn arrow(self) -> DataType {
        match self {
            Layout::Text => DataType::Utf8,
            Layout::Number => DataType::Float64,
            Layout::Integer => DataType::Int64,
            Layout::Flag => DataType::Boolean,
            Layout::Date => DataType::Date32,
            Layout::Instant => DataType::Timestamp(TimeUnit::Microsecond, None),
        }
    }
}

/// The schema of some columns, and whether a cell of each may hold nothing.
pub(crate) fn schema<'a>(columns: impl IntoIterator<Item = (&'a str, Layout, bool)>) -> SchemaRef {
    let fields = columns.into_iter().map(|(name, layout, optional)| Field::new(name, layout.arrow(), optional));
    Arc::new(Schema::new(fields.collect::<Vec<_>>()))
}

/// How often a file is read.
#[derive(Clone, Copy, PartialEq, Eq)]
pub(crate) enum Reads {
    /// Once: it is to be written cheaply.
    Once,
    /// By many marts, some columns each.
    Often,
}

/// How files are written. Whole numbers, dates and times are kept as differences, which costs no look-up a cell as a
/// dictionary does; but what is read often is read quicker by one, where values repeat.
fn properties(path: &Path, schema: &Schema, reads: Reads) -> Result<WriterProperties> {
    let level = ZstdLevel::try_new(LEVEL).map_err(Error::engine(writing(path)))?;
    let as_differences = |field: &&Arc<Field>| match field.data_type() {
        DataType::Timestamp(..) => true,
        DataType::Int64 | DataType::Date32 => reads == Reads::Once,
        _ => false,
    };
    let differences = schema.fields().iter().filter(as_differences);
    let properties = differences.fold(WriterProperties::builder(), |properties, field| {
        let column = ColumnPath::from(field.name().as_str());
        let properties = properties.set_column_dictionary_enabled(column.clone(), false);
        properties.set_column_encoding(column, Encoding::DELTA_BINARY_PACKED)
    });
    Ok(properties
        .set_compression(Compression::ZSTD(level))
        .set_max_row_group_row_count(Some(ROW_GROUP))
        // Nobody skips rows by them, and they compare every value.
        .set_statistics_enabled(EnabledStatistics::None)
        .build())
}

/// Writes batches of rows to one Parquet file.
pub(crate) struct FileWriter {
    path: PathBuf,
    schema: SchemaRef,
    writer: ArrowWriter<File>,
}

impl FileWriter {
    /// Opens `path`, and its folder, for rows of a schema.
    pub(crate) fn create(path: &Path, schema: SchemaRef, reads: Reads) -> Result<FileWriter> {
        if let Some(folder) = path.parent() {
            std::fs::create_dir_all(folder).map_err(Error::io("create", folder))?;
        }
        let file = File::create(path).map_err(Error::io("write", path))?;
        let writer = ArrowWriter::try_new(file, schema.clone(), Some(properties(path, &schema, reads)?));
        let writer = writer.map_err(Error::engine(writing(path)))?;
        Ok(FileWriter { path: path.to_owned(), schema, writer })
    }

    /// Lets others encode its rows, a row group each.
    pub(crate) fn in_groups(self) -> Result<(GroupedFile, GroupEncoder)> {
        let FileWriter { path, schema, writer } = self;
        let (file, factory) = writer.into_serialized_writer().map_err(Error::engine(writing(&path)))?;
        Ok((GroupedFile { path: path.clone(), file, rows: 0 }, GroupEncoder { path, schema, factory }))
    }

    /// Adds rows: one array a column, in order.
    pub(crate) fn write(&mut self, columns: Vec<ArrayRef>) -> Result<()> {
        let batch = RecordBatch::try_new(self.schema.clone(), columns).map_err(Error::engine(writing(&self.path)))?;
        self.write_batch(&batch)
    }

    fn write_batch(&mut self, batch: &RecordBatch) -> Result<()> {
        self.writer.write(batch).map_err(Error::engine(writing(&self.path)))
    }

    /// Writes the footer; `notes` stand in it besides the schema.
    pub(crate) fn finish(mut self, notes: Vec<(String, String)>) -> Result<()> {
        for (key, value) in notes {
            self.writer.append_key_value_metadata(KeyValue { key, value: Some(value) });
        }
        self.writer.close().map(drop).map_err(Error::engine(writing(&self.path)))
    }
}

/// A Parquet file whose row groups are encoded elsewhere, and put into it one after the other.
pub(crate) struct GroupedFile {
    path: PathBuf,
    file: SerializedFileWriter<File>,
    rows: u64,
}

/// Begins row groups of a file.
pub(crate) struct GroupEncoder {
    path: PathBuf,
    schema: SchemaRef,
    factory: ArrowRowGroupWriterFactory,
}

/// A row group that is being encoded.
pub(crate) struct GroupWriter {
    path: PathBuf,
    schema: SchemaRef,
    columns: Vec<ArrowColumnWriter>,
    rows: u64,
}

/// The encoded columns of a row group.
pub struct Group {
    chunks: Vec<ArrowColumnChunk>,
    rows: u64,
}

impl GroupEncoder {
    pub(crate) fn group(&self) -> Result<GroupWriter> {
        // The number of a row group matters to encryption alone.
        let columns = self.factory.create_column_writers(0).map_err(Error::engine(writing(&self.path)))?;
        Ok(GroupWriter { path: self.path.clone(), schema: self.schema.clone(), columns, rows: 0 })
    }
}

impl GroupWriter {
    /// Adds rows: one array a column, in order.
    pub(crate) fn write(&mut self, arrays: &[ArrayRef]) -> Result<()> {
        for ((column, field), array) in self.columns.iter_mut().zip(self.schema.fields()).zip(arrays) {
            let leaves = compute_leaves(field, array).map_err(Error::engine(writing(&self.path)))?;
            leaves.iter().try_for_each(|leaf| column.write(leaf)).map_err(Error::engine(writing(&self.path)))?;
        }
        self.rows += arrays.first().map_or(0, |array| array.len() as u64);
        Ok(())
    }

    /// How many rows were added.
    pub(crate) fn rows(&self) -> u64 {
        self.rows
    }

    /// What was added; `None` where that is nothing.
    pub(crate) fn finish(self) -> Result<Option<Group>> {
        if self.rows == 0 {
            return Ok(None);
        }
        let chunks = self.columns.into_iter().map(ArrowColumnWriter::close).collect::<Result<_, _>>();
        let chunks = chunks.map_err(Error::engine(writing(&self.path)))?;
        Ok(Some(Group { chunks, rows: self.rows }))
    }
}

impl GroupedFile {
    /// Adds a row group.
    pub(crate) fn append(&mut self, Group { chunks, rows }: Group) -> Result<()> {
        self.rows += rows;
        let failed = || Error::engine(writing(&self.path));
        let mut group = self.file.next_row_group().map_err(failed())?;
        chunks.into_iter().try_for_each(|chunk| chunk.append_to_row_group(&mut group)).map_err(failed())?;
        group.close().map(drop).map_err(failed())
    }

    /// Adds the row groups of another file of the same columns, as they are encoded there.
    pub(crate) fn splice(&mut self, from: &Path) -> Result<()> {
        let other = File::open(from).map_err(Error::io("read", from))?;
        let whole = ParquetMetaDataOptions::new().with_encoding_stats_as_mask(false);
        let reader = ParquetMetaDataReader::new().with_page_index_policy(PageIndexPolicy::Optional);
        let known =
            reader.with_metadata_options(Some(whole)).parse_and_finish(&other).map_err(Error::engine(reading(from)))?;
        let pages = known.page_index();
        for (number, rows) in known.row_groups().iter().enumerate() {
            let failed = || Error::engine(writing(&self.path));
            let mut group = self.file.next_row_group().map_err(failed())?;
            for (at, column) in rows.columns().iter().enumerate() {
                let close = ColumnCloseResult {
                    bytes_written: column.compressed_size() as u64,
                    rows_written: rows.num_rows() as u64,
                    metadata: column.clone(),
                    bloom_filter: None,
                    column_index: pages.and_then(|pages| pages.column_index(number, at)).cloned(),
                    offset_index: pages.and_then(|pages| pages.offset_index(number, at)).cloned(),
                };
                group.append_column(&other, close).map_err(failed())?;
            }
            group.close().map_err(failed())?;
            self.rows += rows.num_rows() as u64;
        }
        Ok(())
    }

    /// Writes the footer; `notes` stand in it besides the schema. Returns the number of rows.
    pub(crate) fn finish(mut self, notes: Vec<(String, String)>) -> Result<u64> {
        for (key, value) in notes {
            self.file.append_key_value_metadata(KeyValue { key, value: Some(value) });
        }
        self.file.close().map_err(Error::engine(writing(&self.path)))?;
        Ok(self.rows)
    }
}

/// One column of the batch that is being filled.
enum Buffer {
    Text(StringBuilder),
    Number(Float64Builder),
    Integer(Int64Builder),
    Flag(BooleanBuilder),
    Date(Date32Builder),
    Instant(TimestampMicrosecondBuilder),
}

impl Buffer {
    /// With room for a batch, so that nothing moves while it is filled.
    fn new(layout: Layout) -> Buffer {
        match layout {
            Layout::Text => Buffer::Text(StringBuilder::with_capacity(BATCH, BATCH * TEXT_BYTES)),
            Layout::Number => Buffer::Number(Float64Builder::with_capacity(BATCH)),
            Layout::Integer => Buffer::Integer(Int64Builder::with_capacity(BATCH)),
            Layout::Flag => Buffer::Flag(BooleanBuilder::with_capacity(BATCH)),
            Layout::Date => Buffer::Date(Date32Builder::with_capacity(BATCH)),
            Layout::Instant => Buffer::Instant(TimestampMicrosecondBuilder::with_capacity(BATCH)),
        }
    }

    fn push(&mut self, value: &Value<'_>) {
        match (self, value) {
            (Buffer::Text(column), Value::Text(text)) => column.append_value(text),
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

    fn finish(self) -> ArrayRef {
        match self {
            Buffer::Text(mut column) => Arc::new(column.finish()),
            Buffer::Number(mut column) => Arc::new(column.finish()),
            Buffer::Integer(mut column) => Arc::new(column.finish()),
            Buffer::Flag(mut column) => Arc::new(column.finish()),
            Buffer::Date(mut column) => Arc::new(column.finish()),
            Buffer::Instant(mut column) => Arc::new(column.finish()),
        }
    }
}

fn buffers(layouts: &[Layout]) -> Vec<Buffer> {
    layouts.iter().map(|layout| Buffer::new(*layout)).collect()
}

fn arrays(buffers: Vec<Buffer>) -> Vec<ArrayRef> {
    buffers.into_iter().map(Buffer::finish).collect()
}

/// A file of rows whose columns are known only when the program runs, as those of the exports are.
pub struct TableFile(GroupedFile);

/// Begins parts of such a file.
pub struct TableEncoder {
    groups: GroupEncoder,
    layouts: Arc<[Layout]>,
}

/// Some rows of such a file.
pub struct TablePart {
    layouts: Arc<[Layout]>,
    buffers: Vec<Buffer>,
    group: GroupWriter,
    held: usize,
}

impl TableFile {
    /// Opens `path` for rows of some columns, in their order.
    pub fn create(path: &Path, columns: &[(&str, Layout)]) -> Result<(TableFile, TableEncoder)> {
        let (file, groups) =
            FileWriter::create(path, schema(columns.iter().map(|(name, layout)| (*name, *layout, true))), Reads::Once)?
                .in_groups()?;
        Ok((TableFile(file), TableEncoder { groups, layouts: columns.iter().map(|(_, layout)| *layout).collect() }))
    }

    /// Adds rows.
    pub fn append(&mut self, group: Group) -> Result<()> {
        self.0.append(group)
    }

    /// Writes the footer; `notes` stand in it besides the schema. Returns the number of rows.
    pub fn finish(self, notes: Vec<(String, String)>) -> Result<u64> {
        self.0.finish(notes)
    }
}

impl TableEncoder {
    /// Begins a part of the file.
    pub fn part(&self) -> Result<TablePart> {
        let layouts = self.layouts.clone();
        Ok(TablePart { buffers: buffers(&layouts), layouts, group: self.groups.group()?, held: 0 })
    }
}

impl TablePart {
    /// Adds a row: one value a column, in order.
    pub fn push(&mut self, row: &[Value<'_>]) -> Result<()> {
        assert_eq!(row.len(), self.buffers.len(), "a row has one value for each column");
        for (buffer, value) in self.buffers.iter_mut().zip(row) {
            buffer.push(value);
        }
        self.held += 1;
        if self.held < BATCH {
            return Ok(());
        }
        self.held = 0;
        let full = std::mem::replace(&mut self.buffers, buffers(&self.layouts));
        self.group.write(&arrays(full))
    }

    /// Encodes the rows; `None` where there are none.
    pub fn finish(mut self) -> Result<Option<Group>> {
        self.group.write(&arrays(self.buffers))?;
        self.group.finish()
    }
}

/// Writes rows to such a file one after the other.
pub struct TableWriter {
    file: TableFile,
    encoder: TableEncoder,
    part: TablePart,
}

impl TableWriter {
    /// Opens `path` for rows of some columns, in their order.
    pub fn create(path: &Path, columns: &[(&str, Layout)]) -> Result<TableWriter> {
        let (file, encoder) = TableFile::create(path, columns)?;
        Ok(TableWriter { file, part: encoder.part()?, encoder })
    }

    /// Adds a row: one value a column, in order.
    pub fn push(&mut self, row: &[Value<'_>]) -> Result<()> {
        self.part.push(row)?;
        if self.part.group.rows() < ROW_GROUP as u64 {
            return Ok(());
        }
        let full = std::mem::replace(&mut self.part, self.encoder.part()?);
        full.finish()?.map_or(Ok(()), |group| self.file.append(group))
    }

    /// Writes the rows and the footer; returns the number of rows.
    pub fn finish(mut self) -> Result<u64> {
        self.part.finish()?.map_or(Ok(()), |group| self.file.append(group))?;
        self.file.finish(Vec::new())
    }
}

/// A reader of the file's batches that is still to be told what of it to read.
pub(crate) fn open(path: &Path) -> Result<ParquetRecordBatchReaderBuilder<File>> {
    let file = File::open(path).map_err(Error::io("open", path))?;
    let reader = ParquetRecordBatchReaderBuilder::try_new(file).map_err(Error::engine(reading(path)))?;
    Ok(reader.with_batch_size(BATCH))
}

/// How many rows each row group of a Parquet file has.
pub fn row_groups(path: &Path) -> Result<Vec<usize>> {
    Ok(open(path)?.metadata().row_groups().iter().map(|group| group.num_rows() as usize).collect())
}

/// Gives a Parquet file batch by batch to `visit`, until it says that it has seen enough.
pub fn each_batch(path: &Path, visit: impl FnMut(&RecordBatch) -> Result<bool>) -> Result<()> {
    each(path, open(path)?, identity, visit)
}

/// The same of a file that somebody else has made: fewer rows at a time where a dictionary holds long texts, each of which may
/// stand in every row.
///
/// What cannot be read of it is an error that `damaged` makes.
pub(crate) fn each_batch_of_others(
    path: &Path,
    reader: ParquetRecordBatchReaderBuilder<File>,
    damaged: impl Fn(Error) -> Error,
    visit: impl FnMut(&RecordBatch) -> Result<bool>,
) -> Result<()> {
    const MOST_BYTES: usize = 64 << 20;
    let widest = widest_row(path, reader.metadata()).map_err(&damaged)?;
    each(path, reader.with_batch_size((MOST_BYTES / widest.max(1)).clamp(1, BATCH)), damaged, visit)
}

/// The bytes of a row in memory: those in the file, unpacked, and those that come from dictionaries.
fn widest_row(path: &Path, file: &ParquetMetaData) -> Result<usize> {
    let own = File::open(path).map_err(Error::io("read", path))?;
    let reader = SerializedFileReader::new(own).map_err(Error::engine(reading(path)))?;
    let mut widest = 0;
    for number in 0..file.num_row_groups() {
        let group = reader.get_row_group(number).map_err(Error::engine(reading(path)))?;
        let rows = file.row_group(number).num_rows().max(1);
        let mut bytes = (file.row_group(number).total_byte_size() / rows).max(0) as usize;
        for column in 0..file.row_group(number).num_columns() {
            let page = group.get_column_page_reader(column).and_then(|mut pages| pages.get_next_page());
            if let Some(page @ Page::DictionaryPage { .. }) = &page.map_err(Error::engine(reading(path)))? {
                bytes += page.buffer().len() / (page.num_values() as usize).max(1);
            }
        }
        widest = widest.max(bytes);
    }
    Ok(widest)
}

fn each(
    path: &Path,
    reader: ParquetRecordBatchReaderBuilder<File>,
    damaged: impl Fn(Error) -> Error,
    mut visit: impl FnMut(&RecordBatch) -> Result<bool>,
) -> Result<()> {
    for batch in reader.build().map_err(Error::engine(reading(path))).map_err(&damaged)? {
        if !visit(&batch.map_err(Error::engine(reading(path))).map_err(&damaged)?)? {
            break;
        }
    }
    Ok(())
}

/// What stands in a text column of a Parquet file, in the rows whose numbers (from 0, ascending) are given.
pub fn texts_of(path: &Path, column: &str, rows: &[u32]) -> Result<Vec<String>> {
    let (mut texts, mut first) = (Vec::new(), 0);
    each_batch(path, |batch| {
        let next = first + batch.num_rows() as u32;
        if let Some(cells) = text_column(batch, column) {
            let wanted = &rows[rows.partition_point(|row| *row < first)..rows.partition_point(|row| *row < next)];
            texts.extend(wanted.iter().map(|row| cells.value((row - first) as usize).to_owned()));
        }
        first = next;
        Ok(true)
    })?;
    Ok(texts)
}

/// Gives what stands in some text columns of a Parquet file to `visit`.
pub fn each_text(path: &Path, columns: &[&str], mut visit: impl FnMut(&str)) -> Result<()> {
    each_batch(path, |batch| {
        for column in columns {
            text_column(batch, column).into_iter().flatten().flatten().for_each(&mut visit);
        }
        Ok(true)
    })
}

/// Replaces texts of some columns of a Parquet file, where `other` has another for one.
pub fn replace_texts<'a>(path: &Path, columns: &[&str], other: impl Fn(&str) -> Option<&'a str>) -> Result<()> {
    let file = open(path)?;
    let notes = file.metadata().file_metadata().key_value_metadata().into_iter().flatten();
    let notes = notes.filter(|note| note.key.starts_with("yekuo."));
    let notes = notes.map(|note| (note.key.clone(), note.value.clone().unwrap_or_default())).collect();
    let changed = path.with_extension("part");
    let mut writer = FileWriter::create(&changed, file.schema().clone(), Reads::Once)?;
    each_batch(path, |batch| {
        let mut arrays = batch.columns().to_vec();
        for column in columns {
            let (Some(texts), Ok(index)) = (text_column(batch, column), batch.schema().index_of(column)) else {
                continue;
            };
            let replaced = texts.iter().map(|text| text.map(|text| other(text).unwrap_or(text)));
            arrays[index] = Arc::new(replaced.collect::<StringArray>());
        }
        writer.write(arrays).map(|()| true)
    })?;
    writer.finish(notes)?;
    std::fs::rename(&changed, path).map_err(Error::io("rename", &changed))
}

fn text_column<'a>(batch: &'a RecordBatch, column: &str) -> Option<&'a StringArray> {
    batch.column_by_name(column)?.as_any().downcast_ref()
}

/// Copies a Parquet file without the rows whose numbers (from 0, ascending) are `dropped`.
pub fn copy_without(from: &Path, to: &Path, dropped: &[u32], notes: Vec<(String, String)>) -> Result<()> {
    let mut writer = FileWriter::create(to, open(from)?.schema().clone(), Reads::Once)?;
    let mut first = 0;
    each_batch(from, |batch| {
        let rows = batch.num_rows() as u32;
        let stays: BooleanArray = (first..first + rows).map(|row| Some(dropped.binary_search(&row).is_err())).collect();
        first += rows;
        let kept = filter_record_batch(batch, &stays).map_err(Error::engine(writing(to)))?;
        writer.write_batch(&kept).map(|()| true)
    })?;
    writer.finish(notes)
}
