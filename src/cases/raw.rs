//! The accepted rows of the raw lake, typed as the contract declares them.

use std::path::Path;

use crate::contract::{self, Input};
use crate::error::Result;
use crate::lake;
use crate::table;

/// Gives the accepted rows of a raw table to `visit`; tells whether the exports have the table.
pub(super) fn each<T: Input>(lake: &Path, mut visit: impl FnMut(T::Row<'_>)) -> Result<bool> {
    let files = lake::raw_files(lake, T::NAME)?;
    for file in &files {
        table::each_row::<T>(file, |row| {
            visit(row);
            Ok(())
        })?;
    }
    Ok(!files.is_empty())
}

/// Gives each case that lost rows, and how many of a table, to `visit`.
pub(super) fn each_rejected(lake: &Path, mut visit: impl FnMut(&str, u32)) -> Result<()> {
    for file in lake::raw_files(lake, contract::REJECTED)? {
        let lost = lake::read(&file)?;
        let columns = lake::Columns(&lost);
        for (case, rows) in columns.texts("case")?.iter().zip(columns.integers("rows")?) {
            if let (Some(case), Some(rows)) = (case, rows) {
                visit(case, rows as u32);
            }
        }
    }
    Ok(())
}
