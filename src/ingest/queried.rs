//! The rows that databases answered, in a file per table, which the reader of files reads like any other.

use std::path::{Path, PathBuf};

use tempfile::TempDir;

#[cfg(feature = "odbc")]
use super::odbc;
#[cfg(not(feature = "odbc"))]
use super::query::fault;
use super::query::{Asked, Query};
use crate::contract::Table;
#[cfg(not(feature = "odbc"))]
use crate::error::QueryFault;
use crate::error::{Error, Result};

/// The rows of the queries of a mapping, in a file each, for as long as this lives.
#[derive(Debug, Default)]
pub(crate) struct Queried {
    folder: Option<TempDir>,
}

impl Queried {
    /// Asks the queries of some tables; those of one connection in one transaction.
    pub(super) fn open<'a>(queries: impl Iterator<Item = (&'static Table, &'a Query)>) -> Result<Queried> {
        let mut asked: Vec<Asked<'_>> = Vec::new();
        for (table, query) in queries {
            match asked.iter_mut().find(|asked| asked.odbc == query.odbc) {
                Some(asked) => asked.queries.push((table, query)),
                None => asked.push(Asked { odbc: &query.odbc, queries: vec![(table, query)] }),
            }
        }
        if asked.is_empty() {
            return Ok(Queried::default());
        }
        let folder = tempfile::tempdir().map_err(Error::io("create", tempfile::env::temp_dir()))?;
        let queried = Queried { folder: Some(folder) };
        for asked in &asked {
            queried.ask(asked)?;
        }
        Ok(queried)
    }

    #[cfg(feature = "odbc")]
    fn ask(&self, asked: &Asked<'_>) -> Result<()> {
        odbc::ask(asked, |table| self.path(table))
    }

    /// A mapping with a query is refused when it is read.
    #[cfg(not(feature = "odbc"))]
    fn ask(&self, asked: &Asked<'_>) -> Result<()> {
        let (table, _) = asked.queries[0];
        Err(fault(table)(QueryFault::NotBuilt))
    }

    /// Where the rows of a table are.
    pub(super) fn path(&self, table: &Table) -> PathBuf {
        let folder = self.folder.as_ref().map(TempDir::path).unwrap_or_else(|| Path::new(""));
        folder.join(format!("{}.parquet", table.name))
    }
}
