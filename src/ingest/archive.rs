//! ZIP archives: caps against those that unpack to more than any export, and exports that arrive packed.
//!
//! A system packs a large export as a `.zip`, with names in GBK. Its entries are unpacked into a folder that goes with the
//! run, and are known as `环节记录.zip/环节记录.csv`.

use std::borrow::Cow;
use std::fs::File;
use std::io::{self, BufReader, Read, Seek, SeekFrom, copy};
use std::path::{Path, PathBuf};

use tempfile::TempDir;
use zip::ZipArchive;
use zip::read::ZipFile;

use super::reasons::{bytes, unpacking};
use crate::error::{Error, ExportProblem, Result};
use crate::words::Words;

const MOST_ENTRIES: usize = 10_000;
const MOST_BYTES: u64 = 2 << 30;
const MOST_RATIO: u64 = 200;
/// The texts of a workbook, which are all in memory while it is read.
const MOST_TEXTS: u64 = 700 << 20;

/// Opens an archive; refuses one whose directory promises more than any export holds.
pub(super) fn open(path: &Path, name: &str) -> Result<ZipArchive<BufReader<File>>> {
    let file = File::open(path).map_err(Error::io("open", path))?;
    let mut archive = ZipArchive::new(BufReader::new(file)).map_err(|error| damaged(name, &error))?;
    let too_large = |what: Words| Err(Error::export(name, ExportProblem::TooLarge { what }));
    if archive.len() > MOST_ENTRIES {
        return too_large(Words::new(format!("{} 个文件", archive.len()), format!("{} entries", archive.len())));
    }
    // Readers take one of two entries with the same name, and tell nobody of the other.
    let again = File::open(path).map_err(Error::io("open", path))?;
    if archive.len() < listed(again).map_err(Error::io("read", path))? {
        let reason = Words::new("压缩包中有同名的文件", "two entries of the archive have one name");
        return Err(Error::export(name, ExportProblem::Damaged { reason }));
    }
    let mut total = 0_u64;
    for index in 0..archive.len() {
        let Ok(entry) = archive.by_index_raw(index) else { continue };
        total = total.saturating_add(entry.size());
        if entry.size() > 1 << 20 && entry.size() / entry.compressed_size().max(1) > MOST_RATIO {
            let (size, packed) = (entry.size(), entry.compressed_size());
            return too_large(Words::new(
                format!("{packed} 字节解压为 {size} 字节"),
                format!("{size} bytes from {packed}"),
            ));
        }
    }
    let texts = archive.index_for_name("xl/sharedStrings.xml").and_then(|texts| archive.by_index_raw(texts).ok());
    let texts = texts.map_or(0, |texts| texts.size());
    if texts > MOST_TEXTS {
        return too_large(bytes(texts));
    }
    if total > MOST_BYTES { too_large(bytes(total)) } else { Ok(archive) }
}

/// How many entries the end of an archive's directory says that there are; 0 where it is a large one, which says so elsewhere.
fn listed(mut file: File) -> io::Result<usize> {
    const END: &[u8] = b"PK\x05\x06";
    /// An end without a comment, and the longest comment.
    const LONGEST: u64 = 22 + 0xffff;
    let length = file.seek(SeekFrom::End(0))?;
    file.seek(SeekFrom::Start(length.saturating_sub(LONGEST)))?;
    let mut tail = Vec::new();
    file.read_to_end(&mut tail)?;
    let end = tail.windows(22).rposition(|end| end.starts_with(END)).map(|at| &tail[at..]);
    let count = end.map_or(0, |end| usize::from(u16::from_le_bytes([end[10], end[11]])));
    Ok(if count == 0xffff { 0 } else { count })
}

fn damaged(name: &str, error: &zip::result::ZipError) -> Error {
    Error::export(name, ExportProblem::Damaged { reason: Words::quoting("压缩包无法读取", error) })
}

/// The entries of archives, unpacked for as long as this lives.
#[derive(Debug, Default)]
pub(crate) struct Unpacked {
    folder: Option<TempDir>,
    /// Name and path of each entry.
    entries: Vec<(String, PathBuf)>,
}

impl Unpacked {
    /// The entries of an archive, `name.zip/entry`; it is unpacked when it is first asked for.
    pub(super) fn entries(&mut self, name: &str, path: &Path) -> Result<Vec<(String, PathBuf)>> {
        let prefix = format!("{name}/");
        let of = |entries: &[(String, PathBuf)]| {
            entries.iter().filter(|(entry, _)| entry.starts_with(&prefix)).cloned().collect::<Vec<_>>()
        };
        let known = of(&self.entries);
        if !known.is_empty() {
            return Ok(known);
        }
        self.unpack(name, path)?;
        Ok(of(&self.entries))
    }

    fn unpack(&mut self, name: &str, path: &Path) -> Result<()> {
        let folder = match &self.folder {
            Some(folder) => folder.path(),
            None => self.folder.insert(tempfile::tempdir().map_err(Error::io("create", path))?).path(),
        };
        let mut archive = open(path, name)?;
        for index in 0..archive.len() {
            let raw = archive.by_index_raw(index).map_err(|error| damaged(name, &error))?;
            let entry = entry_name(&raw);
            let inner = format!("{name}/{entry}");
            if self.entries.iter().any(|(known, _)| *known == inner) {
                return Err(Error::export(&inner, ExportProblem::SameName));
            }
            if raw.encrypted() {
                return Err(Error::export(&inner, ExportProblem::Protected));
            }
            let hidden = entry.split('/').any(|part| part.starts_with(['.', '~']) || part == "__MACOSX");
            if raw.is_dir() || hidden {
                continue;
            }
            let size = raw.size();
            drop(raw);
            // The entry's own name never reaches the disk: it could lead out of the folder.
            let target = folder.join(format!("{:06}", self.entries.len()));
            let packed = archive.by_index(index).map_err(|error| damaged(name, &error))?;
            let mut out = File::create(&target).map_err(Error::io("write", &target))?;
            // No more than the directory said, and the caps were held against.
            let mut within = Read::take(packed, size.saturating_add(1));
            let written = copy(&mut within, &mut out).map_err(|error| match error.raw_os_error() {
                // What the system says, the file did not cause.
                Some(_) => Error::io("write", &target)(error),
                None => Error::export(&inner, ExportProblem::Damaged { reason: unpacking(&error) }),
            })?;
            if written > size {
                return Err(Error::export(&inner, ExportProblem::TooLarge { what: bytes(written) }));
            }
            self.entries.push((inner, target));
        }
        Ok(())
    }
}

/// The name of a file: UTF-8, or GBK as the archives of Chinese systems have it, and what was unpacked of them by others.
pub(super) fn name_as_text(raw: &[u8]) -> Cow<'_, str> {
    std::str::from_utf8(raw).map_or_else(|_| encoding_rs::GB18030.decode_without_bom_handling(raw).0, Cow::Borrowed)
}

/// An entry's name, without what leads out of the archive.
fn entry_name<R: Read>(entry: &ZipFile<'_, R>) -> String {
    let name = name_as_text(entry.name_raw()).replace('\\', "/");
    // Where it would be unpacked does not matter: nothing is.
    let parts: Vec<&str> = name.split('/').filter(|part| !matches!(*part, "" | "." | "..")).collect();
    parts.join("/")
}
