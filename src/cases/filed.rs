//! Records that belong to no stage and are only listed, in the order of their identifiers: on disk, and in memory a bucket
//! of them at a time.

use std::path::Path;

use super::raw::{self, each_of};
use super::spill::{Identifiers, Packed, Sheets, Spill, Splits};
use super::{Name, Names};
use crate::contract::Input;
use crate::error::Result;
use crate::parallel;
use crate::table::Record;

/// Records that are packed, and sorted, together.
const BUCKET: usize = 65_536;

/// A record of such a table.
pub(super) trait Listed: Packed + for<'a> From<<Self::Table as Record>::Row<'a>> {
    /// The table of the exports.
    type Table: Input;

    /// What it is called by.
    fn identifier(&self) -> &str;
    /// Gives each name in it to `visit`, which may write it in another way.
    fn each_name(&mut self, visit: impl FnMut(&mut String));
}

/// Such a table.
pub(super) struct Filed<T> {
    spill: Spill<T>,
    buckets: usize,
    /// Whether the exports have it.
    pub is_given: bool,
}

impl<T: Listed> Filed<T> {
    /// Reads the table into a file in a folder, and counts the spellings of its names.
    pub fn read(lake: &Path, folder: &Path, names: &mut Names) -> Result<Filed<T>> {
        let table = T::Table::NAME;
        let mut identifiers = Identifiers::default();
        each_of::<T::Table>(lake, table, |row| identifiers.push(T::from(row).identifier()))?;
        let splits = &Splits::of(identifiers, BUCKET);
        let mut spill = Spill::create(folder, splits)?;
        let (mut sheets, mut held, mut added) = (Sheets::new(splits), 0, Ok(()));
        each_of::<T::Table>(lake, table, |row| {
            let mut record = T::from(row);
            record.each_name(|text| {
                let _: Name = names.number(text);
            });
            sheets.push(record.identifier(), &record);
            held += 1;
            if held == BUCKET && added.is_ok() {
                added = spill.add(&std::mem::replace(&mut sheets, Sheets::new(splits)), &[]);
                held = 0;
            }
        })?;
        added?;
        spill.add(&sheets, &[])?;
        Ok(Filed { spill, buckets: splits.buckets(), is_given: raw::is_given::<T::Table>(lake)? })
    }

    /// Gives each record to `visit`, by identifier, with every name as it is shown.
    pub fn each(&self, names: &Names, mut visit: impl FnMut(T) -> Result<()>) -> Result<()>
    where
        T: Send,
    {
        let read = |bucket: usize| {
            let mut records = Vec::with_capacity(self.spill.rows(bucket));
            self.spill.each(bucket, |_, mut record: T, _| {
                record.each_name(|text| {
                    let shown = names.shown(text);
                    if shown != text {
                        *text = shown.to_owned();
                    }
                });
                records.push(record);
            })?;
            records.sort_by(|a, b| a.identifier().cmp(b.identifier()));
            Ok(records)
        };
        parallel::in_order(0..self.buckets, read, |records| records.into_iter().try_for_each(&mut visit))
    }
}
