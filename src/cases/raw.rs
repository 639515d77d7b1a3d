//! The accepted rows of the raw lake, typed as the contract declares them.

use std::marker::PhantomData;
use std::path::{Path, PathBuf};

use crate::contract::{self, Input};
use crate::error::Result;
use crate::lake;
use crate::table;

/// Gives the accepted rows of a raw table to `visit`; tells whether the exports have the table.
pub(super) fn each<T: Input>(lake: &Path, mut visit: impl FnMut(T::Row<'_>)) -> Result<bool> {
    each_file::<T>(lake, |rows| rows.each(&mut visit))
}

/// The accepted rows of one file of a raw table.
pub(super) struct FileRows<'a, T> {
    path: &'a Path,
    of: PhantomData<T>,
}

impl<T: Input> FileRows<'_, T> {
    /// Gives each of them to `visit`.
    pub(super) fn each(&self, mut visit: impl FnMut(T::Row<'_>)) -> Result<()> {
        table::each_row::<T>(self.path, |row| {
            visit(row);
            Ok(())
        })
    }
}

/// Gives the files of a raw table to `visit`, one by one; tells whether the exports have the table.
pub(super) fn each_file<T: Input>(lake: &Path, mut visit: impl FnMut(&FileRows<'_, T>) -> Result<()>) -> Result<bool> {
    let files = lake::raw_files(lake, T::NAME)?;
    for path in &files {
        visit(&FileRows { path, of: PhantomData })?;
    }
    Ok(!files.is_empty())
}

/// How many accepted rows a raw table has.
pub(super) fn rows<T: Input>(lake: &Path) -> Result<usize> {
    Ok(groups::<T>(lake)?.iter().map(|group| group.rows).sum())
}

/// A row group of a raw table.
pub(super) struct RowGroup<T> {
    path: PathBuf,
    number: usize,
    pub(super) rows: usize,
    of: PhantomData<T>,
}

/// The row groups of a raw table, in the order of its rows.
pub(super) fn groups<T: Input>(lake: &Path) -> Result<Vec<RowGroup<T>>> {
    let mut groups = Vec::new();
    for path in lake::raw_files(lake, T::NAME)? {
        let rows = lake::row_groups(&path)?.into_iter().enumerate();
        groups.extend(rows.map(|(number, rows)| RowGroup { path: path.clone(), number, rows, of: PhantomData }));
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
