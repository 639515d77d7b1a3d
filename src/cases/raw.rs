//! The accepted rows of the raw lake, typed as the contract declares them.

use std::path::Path;

use crate::contract::Input;
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
