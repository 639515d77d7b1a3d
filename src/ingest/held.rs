//! What the readers of workbooks and texts share: the forms of files, an owned cell, and the bounds on columns and rows.

use serde::{Deserialize, Serialize};

/// The most columns of a table.
pub(super) const MOST_COLUMNS: u32 = 1_000;

/// The most rows of a file; each of them is remembered until its table is read.
pub(super) const MOST_ROWS: u64 = 200_000_000;

/// What a file turned out to be.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "lowercase")]
pub enum FileForm {
    /// Fields with a separator between them.
    Text,
    /// A web page with tables.
    Html,
    /// Office Open XML.
    Xlsx,
    /// Excel's binary workbook of 2007.
    Xlsb,
    /// Excel's workbook before 2007, and the one of WPS.
    Xls,
    /// An OpenDocument spreadsheet.
    Ods,
    /// Columns with types.
    Parquet,
    /// An event log of traces.
    Xes,
    /// An object-centric event log, in JSON or XML.
    Ocel,
    /// The rows of a database's query.
    Odbc,
}

/// An owned cell, while its row is gathered.
#[derive(Clone, Debug, PartialEq)]
pub(super) enum Held {
    Text(String),
    Number(f64),
    Serial(f64),
    Flag(bool),
    Broken(String),
    Uncomputed,
}
