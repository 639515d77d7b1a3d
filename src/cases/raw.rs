//! The accepted rows of the raw lake, typed as the contract declares them.

use std::marker::PhantomData;
use std::path::{Path, PathBuf};

use crate::contract::{self, Input};
use crate::error::Result;
use crate::lake;
use crate::table::{self, Record};

/// Gives the accepted rows of a raw table to `visit`; tells whether the exports have the table.
pub(super) fn each<T: Input>(lake: &Path, visit: impl FnMut(T::Row<'_>)) -> Result<bool> {
    each_of::<T>(lake, T::NAME, visit)?;
    is_given::<T>(lake)
}

/// The same of some columns of a table.
pub(super) fn each_of<T: Record>(lake: &Path, table: &str, mut visit: impl FnMut(T::Row<'_>)) -> Result<()> {
    lake::raw_files(lake, table)?.iter().try_for_each(|path| {
        table::each_row::<T>(path, |row| {
            visit(row);
            Ok(())
        })
    })
}

/// Whether the exports have a table.
pub(super) fn is_given<T: Input>(lake: &Path) -> Result<bool> {
    Ok(!lake::raw_files(lake, T::NAME)?.is_empty())
}

/// A row group of a raw table.
pub(super) struct RowGroup<T> {
    path: PathBuf,
    number: usize,
    /// Which file of the table it stands in, from 0.
    pub(super) file: usize,
    of: PhantomData<T>,
}

/// The row groups of a raw table, in the order of its rows.
pub(super) fn groups<T: Input>(lake: &Path) -> Result<Vec<RowGroup<T>>> {
    let mut groups = Vec::new();
    for (file, path) in lake::raw_files(lake, T::NAME)?.into_iter().enumerate() {
        let numbers = 0..lake::row_groups(&path)?.len();
        groups.extend(numbers.map(|number| RowGroup { path: path.clone(), number, file, of: PhantomData }));
    }
    Ok(groups)
}

impl<T: Input> RowGroup<T> {
    /// Gives each row to `visit`.
    pub(super) fn each(&self, mut visit: impl FnMut(T::Row<'_>)) -> Result<()> {
        table::each_row_of_group::<T>(&self.path, self.number, |row| {
            visit(row);
            Ok(())
        })
    }
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
