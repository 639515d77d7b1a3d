//! ODBC: asks a database for the rows of its queries, and keeps them in Parquet for the reader of files.
//!
//! The feature `odbc`. Every value is fetched as text, as the database writes it, and read as a cell of a text file is: a
//! type that a driver guesses, such as the scale of a number, cuts no digit off.

use std::fmt::Display;
use std::path::Path;
use std::sync::Arc;

use arrow_array::ArrayRef;
use arrow_array::builder::StringBuilder;
use arrow_schema::{DataType, Field, Schema};
use odbc_api::buffers::{BufferDesc, ColumnarDynBuffer};
use odbc_api::{Connection as Open, ConnectionOptions, Cursor, Environment, ResultSetMetadata};

use super::held::MOST_COLUMNS;
use super::query::connection::Connection;
use super::query::{Asked, fault};
use crate::contract::Table;
use crate::error::{Error, ExportProblem, QueryFault, Result};
use crate::lake::{FileWriter, Reads};

/// Seconds until a server must have answered.
const LOGIN_SECONDS: u32 = 30;
/// The most rows that are fetched at a time.
const MOST_ROWS: usize = 4_096;
/// Bytes that they may take.
const BYTES: usize = 64 << 20;
/// The longest text of a column, in UTF-16; a longer one fails the query.
const MOST_TEXT: usize = 16_384;

/// Asks the queries of one connection, in one transaction that sees one state where the database has such.
pub(super) fn ask(asked: &Asked<'_>, path: impl Fn(&Table) -> std::path::PathBuf) -> Result<()> {
    let Some((first, query)) = asked.queries.first() else { return Ok(()) };
    let secret = query.connection().map_err(fault(first))?;
    let refused =
        |error: odbc_api::Error| fault(first)(QueryFault::Connect { said: secret.scrubbed(&error.to_string()) });
    let environment = Environment::new().map_err(refused)?;
    let options = ConnectionOptions { login_timeout_sec: Some(LOGIN_SECONDS), ..ConnectionOptions::default() };
    let opened = environment.connect_with_connection_string(secret.text(), options).map_err(refused)?;
    opened.set_autocommit(false).map_err(refused)?;
    let dbms = opened.database_management_system_name().unwrap_or_default();
    if let Some(statement) = snapshot(&dbms) {
        opened.execute(statement, (), None).map(drop).map_err(refused)?;
    }
    for (table, query) in &asked.queries {
        Answer { opened: &opened, table, secret: &secret }.keep(&query.query, &path(table))?;
    }
    // Nothing was changed.
    opened.rollback().map_err(refused)
}

/// What a database is told at the start of a transaction that shall see one state and change nothing; others keep the
/// isolation that they are set to.
fn snapshot(dbms: &str) -> Option<&'static str> {
    let dbms = dbms.to_lowercase();
    let is = |names: &[&str]| names.iter().any(|name| dbms.contains(name));
    if is(&["postgres", "kingbase", "gauss"]) {
        Some("set transaction isolation level repeatable read read only")
    } else if is(&["oracle"]) {
        Some("set transaction read only")
    } else {
        None
    }
}

/// The answer to the query of a table.
struct Answer<'a> {
    opened: &'a Open<'a>,
    table: &'static Table,
    secret: &'a Connection,
}

impl Answer<'_> {
    fn refused(&self, error: &dyn Display) -> Error {
        fault(self.table)(QueryFault::Refused { said: self.secret.scrubbed(&error.to_string()) })
    }

    /// Keeps its rows in a file.
    fn keep(&self, query: &str, path: &Path) -> Result<()> {
        let answer = self.opened.execute(query, (), None).map_err(|error| self.refused(&error))?;
        let mut cursor = answer.ok_or_else(|| fault(self.table)(QueryFault::NoRows))?;
        let (names, widths) = self.columns(&mut cursor).map_err(|error| self.refused(&error))?;
        if names.len() > MOST_COLUMNS as usize {
            let what = super::reasons::column(names.len());
            return Err(Error::export(&super::query::name(self.table), ExportProblem::TooLarge { what }));
        }
        let fields = names.iter().map(|name| Field::new(name, DataType::Utf8, true));
        let mut file = FileWriter::create(path, Arc::new(Schema::new(fields.collect::<Vec<_>>())), Reads::Once)?;
        let row: usize = widths.iter().map(|width| 2 * (width + 1) + size_of::<isize>()).sum();
        let rows = (BYTES / row.max(1)).clamp(1, MOST_ROWS);
        let columns = widths.iter().map(|width| BufferDesc::WText { max_str_len: *width });
        let buffer = ColumnarDynBuffer::try_from_descs(rows, columns).map_err(|error| self.refused(&error))?;
        let mut cursor = cursor.bind_buffer(buffer).map_err(|error| self.refused(&error))?;
        // A value that is longer than its column is an error, and never cut.
        while let Some(batch) = cursor.fetch_with_truncation_check(true).map_err(|error| self.refused(&error))? {
            let column = |index: usize| self.texts(batch, index);
            file.write((0..names.len()).map(column).collect::<Result<Vec<_>>>()?)?;
        }
        file.finish(Vec::new())
    }

    /// The names of its columns, and how many characters each may hold.
    fn columns(&self, cursor: &mut impl ResultSetMetadata) -> Result<(Vec<String>, Vec<usize>), odbc_api::Error> {
        let count = u16::try_from(cursor.num_result_cols()?).unwrap_or_default();
        let (mut names, mut widths) = (Vec::new(), Vec::new());
        for number in 1..=count {
            names.push(cursor.col_name(number)?);
            let width = cursor.col_display_size(number)?.map_or(MOST_TEXT, std::num::NonZero::get);
            // A character beyond the first plane takes two.
            widths.push((2 * width).min(MOST_TEXT));
        }
        Ok((names, widths))
    }

    /// The texts of a column of a batch.
    fn texts(&self, batch: &ColumnarDynBuffer, index: usize) -> Result<ArrayRef> {
        let Some(column) = batch.column(index).as_wide_text() else { unreachable!("every column is bound as text") };
        let mut texts = StringBuilder::new();
        for row in 0..batch.num_rows() {
            match column.get(row).map(String::from_utf16).transpose().map_err(|error| self.refused(&error))? {
                None => texts.append_null(),
                Some(text) => texts.append_value(text),
            }
        }
        Ok(Arc::new(texts.finish()))
    }
}
