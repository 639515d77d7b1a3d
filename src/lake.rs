//! The lake: typed values in, Parquet out, and back.
//!
//! The one place that knows how a value is laid out in Parquet. Files are written and read a batch of rows at a time
//! ([`files`], Apache Arrow), so that memory does not grow with the table; what SQL answers comes as frames of the
//! engine ([`frames`], Polars).

mod files;
mod frames;

use std::borrow::Cow;
use std::path::{Path, PathBuf};

pub(crate) use files::{
    BATCH, FileWriter, GroupEncoder, GroupWriter, GroupedFile, ROW_GROUP, Reads, TEXT_BYTES, each_batch_of_others,
    open, schema,
};
pub use files::{
    Group, TableEncoder, TableFile, TablePart, TableWriter, copy_without, each_batch, each_text, replace_texts,
    row_groups, texts_of,
};
pub use frames::{Columns, collect, frame, read, scan, write};

use crate::calendar::{Day, Instant};
use crate::error::{Error, Result};

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

fn writing(path: &Path) -> String {
    format!("cannot write {}", path.display())
}

fn reading(path: &Path) -> String {
    format!("cannot read {}", path.display())
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
