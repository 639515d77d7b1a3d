//! Rows on their way to Parquet: a table at once, or in parts that are encoded side by side and put in order.

use std::collections::BTreeMap;
use std::path::Path;

use super::{Declared, Record, Table, path};
use crate::error::Result;
use crate::lake::{self, FileWriter, Group, GroupEncoder, GroupWriter, GroupedFile, Reads};

/// Writes the rows of a table to one Parquet file.
pub struct Writer<T: Record> {
    file: GroupedFile,
    encoder: GroupEncoder,
    rows: Part<T>,
}

impl<T: Declared> Writer<T> {
    /// Opens the table in a folder.
    pub fn create(folder: &Path) -> Result<Writer<T>> {
        let (file, encoder) = create(folder, &T::TABLE)?;
        Ok(Writer { file, rows: Part::of(&encoder, T::TABLE.name)?, encoder })
    }

    /// Adds a row.
    pub fn push<'a>(&mut self, row: impl Into<T::Row<'a>>) -> Result<()> {
        self.rows.push(row)?;
        if self.rows.rows.rows() < lake::ROW_GROUP as u64 {
            return Ok(());
        }
        let full = std::mem::replace(&mut self.rows, Part::of(&self.encoder, T::TABLE.name)?);
        full.finish()?.append(&mut self.file)
    }

    /// Writes the rows and the footer.
    pub fn finish(mut self) -> Result<()> {
        self.rows.finish()?.append(&mut self.file)?;
        self.file.finish(Vec::new()).map(drop)
    }
}

fn create(folder: &Path, table: &Table) -> Result<(GroupedFile, GroupEncoder)> {
    let layouts = table.columns.iter().map(|column| (column.name, column.layout, column.optional));
    FileWriter::create(&path(folder, table.name), lake::schema(layouts), Reads::Often)?.in_groups()
}

/// Files of tables whose rows are encoded in parts, side by side, and put into them in order.
pub struct PartedFiles {
    files: BTreeMap<&'static str, GroupedFile>,
}

/// What begins parts of such files.
pub struct Parts {
    encoders: BTreeMap<&'static str, GroupEncoder>,
}

/// Some rows of a table, a row group of its file.
pub struct Part<T: Record> {
    name: &'static str,
    rows: GroupWriter,
    builders: T::Builders,
    held: usize,
}

/// A part that is encoded.
pub struct Encoded {
    name: &'static str,
    /// None where it has no rows.
    group: Option<Group>,
}

/// Opens the files of some tables in a folder.
pub fn parted<'a>(folder: &Path, tables: impl IntoIterator<Item = &'a Table>) -> Result<(PartedFiles, Parts)> {
    let (mut files, mut encoders) = (BTreeMap::new(), BTreeMap::new());
    for table in tables {
        let (file, encoder) = create(folder, table)?;
        files.insert(table.name, file);
        encoders.insert(table.name, encoder);
    }
    Ok((PartedFiles { files }, Parts { encoders }))
}

impl Parts {
    /// Begins a part of a table.
    pub fn of<T: Declared>(&self) -> Result<Part<T>> {
        self.named(T::TABLE.name)
    }

    /// Begins a part of a table of the same columns under another name.
    pub fn named<T: Declared>(&self, name: &'static str) -> Result<Part<T>> {
        Part::of(&self.encoders[name], name)
    }
}

impl<T: Record> Part<T> {
    fn of(encoder: &GroupEncoder, name: &'static str) -> Result<Part<T>> {
        Ok(Part { name, rows: encoder.group()?, builders: T::Builders::default(), held: 0 })
    }

    /// Adds a row.
    pub fn push<'a>(&mut self, row: impl Into<T::Row<'a>>) -> Result<()> {
        T::append(&row.into(), &mut self.builders);
        self.held += 1;
        if self.held < lake::BATCH {
            return Ok(());
        }
        self.held = 0;
        self.rows.write(&T::finish(std::mem::take(&mut self.builders)))
    }

    /// Encodes what is left.
    pub fn finish(mut self) -> Result<Encoded> {
        self.rows.write(&T::finish(self.builders))?;
        Ok(Encoded { name: self.name, group: self.rows.finish()? })
    }
}

impl Encoded {
    fn append(self, file: &mut GroupedFile) -> Result<()> {
        self.group.map_or(Ok(()), |group| file.append(group))
    }
}

impl PartedFiles {
    /// Adds a part to its file.
    pub fn append(&mut self, part: Encoded) -> Result<()> {
        let file = self.files.get_mut(part.name).expect("a part is of one of the files");
        part.append(file)
    }

    /// Adds the rows of the same tables in another folder, as they are encoded there.
    pub fn splice(&mut self, folder: &Path) -> Result<()> {
        self.files.iter_mut().try_for_each(|(name, file)| file.splice(&path(folder, name)))
    }

    /// Writes the footers.
    pub fn finish(self) -> Result<()> {
        self.files.into_values().try_for_each(|file| file.finish(Vec::new()).map(drop))
    }
}
