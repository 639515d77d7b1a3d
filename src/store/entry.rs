//! One entry of the store: its files, and what is to be known of them.

use std::fs::{self, File};
use std::path::{Path, PathBuf};
use std::time::SystemTime;

use serde::de::DeserializeOwned;
use serde::{Deserialize, Serialize};

use super::key::Key;
use crate::age;
use crate::disk;
use crate::error::{Error, Result};
use crate::hash;
use crate::ingest;
use crate::parallel;
use crate::words::Words;

/// What says what an entry is; it was used last when this file was changed last.
pub(super) const DESCRIPTION: &str = "entry";
/// The layout of entries: those of another are not read.
const FORMAT: u32 = 2;

#[derive(Debug, Serialize, Deserialize)]
struct Described {
    format: u32,
    kind: String,
    key: String,
    label: Words,
    files: Vec<Kept>,
    facts: serde_json::Value,
}

/// A file as it was kept.
#[derive(Debug, Clone, Serialize, Deserialize)]
struct Kept {
    path: PathBuf,
    bytes: u64,
    sha256: String,
}

/// Something that an earlier run has worked out.
#[derive(Debug)]
pub struct Entry {
    folder: PathBuf,
    described: Described,
}

impl Entry {
    /// `None` where there is none, or one that this program cannot read.
    pub(super) fn open(folder: &Path) -> Option<Entry> {
        let described: Described = opened(&disk::small(&folder.join(DESCRIPTION))?)?;
        (described.format == FORMAT).then(|| Entry { folder: folder.to_owned(), described })
    }

    pub(super) fn is_of(&self, key: &Key) -> bool {
        self.described.key == key.sha256()
    }

    pub(super) fn folder(&self) -> &Path {
        &self.folder
    }

    /// What was to be known of the files; `None` where it is something else.
    pub fn facts<T: DeserializeOwned>(&self) -> Option<T> {
        serde_json::from_value(self.described.facts.clone()).ok()
    }

    /// Puts those of its files that `place` gives a place there; false, and none is of use, where one is not what was kept.
    pub fn lay(&self, place: impl Fn(&Path) -> Option<PathBuf>) -> Result<bool> {
        let wanted: Vec<(&Kept, PathBuf)> =
            self.described.files.iter().filter_map(|kept| Some((kept, place(&kept.path)?))).collect();
        let mut is_whole = true;
        parallel::in_order(
            wanted.iter(),
            |(kept, _)| self.is_whole(kept),
            |whole| {
                is_whole &= whole;
                Ok(())
            },
        )?;
        for (kept, place) in wanted.iter().filter(|_| is_whole) {
            let file = self.folder.join(&kept.path);
            match disk::share(&file, place) {
                // Another run has just put its own there.
                Err(_) if !file.exists() => return Ok(false),
                shared => shared?,
            }
        }
        Ok(is_whole)
    }

    /// The first of its files that is not what was kept.
    pub(super) fn damaged(&self) -> Result<Option<PathBuf>> {
        let mut wrong = None;
        for kept in &self.described.files {
            if wrong.is_none() && !self.is_whole(kept)? {
                wrong = Some(kept.path.clone());
            }
        }
        Ok(wrong)
    }

    fn is_whole(&self, kept: &Kept) -> Result<bool> {
        let path = self.folder.join(&kept.path);
        if !fs::metadata(&path).is_ok_and(|file| file.len() == kept.bytes) {
            return Ok(false);
        }
        Ok(ingest::fingerprint(&path)?.sha256 == kept.sha256)
    }

    /// It is used now: it stays for some time.
    pub(super) fn use_now(&self) {
        // A store that cannot be written is read all the same.
        let file = File::options().write(true).open(self.folder.join(DESCRIPTION));
        let _ = file.and_then(|file| file.set_modified(age::now()));
    }
}

/// Fills the folder of an entry with the files of some folders, each under a name of its own.
pub(super) fn fill(
    folder: &Path,
    key: &Key,
    label: Words,
    folders: &[(&str, &Path)],
    facts: &impl Serialize,
) -> Result<()> {
    let mut found = Vec::new();
    for (name, from) in folders.iter().filter(|(_, from)| from.is_dir()) {
        found.extend(disk::files(from)?.into_iter().map(|file| (Path::new(name).join(&file), from.join(&file))));
    }
    let hashed = |(path, file): (PathBuf, PathBuf)| {
        let known = ingest::fingerprint(&file)?;
        Ok((Kept { path, bytes: known.bytes, sha256: known.sha256 }, file))
    };
    let mut kept = Vec::new();
    parallel::in_order(found.into_iter(), hashed, |(known, file): (Kept, PathBuf)| {
        disk::share(&file, &folder.join(&known.path))?;
        kept.push(known);
        Ok(())
    })?;
    let facts = serde_json::to_value(facts).map_err(Error::render(DESCRIPTION))?;
    let (kind, key) = (key.kind().code().to_owned(), key.sha256().to_owned());
    let described = Described { format: FORMAT, kind, key, label, files: kept, facts };
    let path = folder.join(DESCRIPTION);
    fs::write(&path, sealed(&described, DESCRIPTION)?).map_err(Error::io("write", &path))
}

/// A line with the hash of what follows it as JSON: what is read of it is what was written.
pub(super) fn sealed(known: &impl Serialize, name: &'static str) -> Result<Vec<u8>> {
    let json = serde_json::to_vec(known).map_err(Error::render(name))?;
    Ok([hash::sha256(&json).as_bytes(), b"\n", &json].concat())
}

/// What was sealed; `None` where anything of it is other than it was written.
pub(super) fn opened<T: DeserializeOwned>(bytes: &[u8]) -> Option<T> {
    let end = bytes.iter().position(|byte| *byte == b'\n')?;
    let (seal, json) = (&bytes[..end], &bytes[end + 1..]);
    (seal == hash::sha256(json).as_bytes()).then(|| serde_json::from_slice(json).ok()).flatten()
}

/// An entry, as a user looks at it.
#[derive(Debug, Serialize)]
pub struct Listed {
    /// The name of its folder.
    pub name: String,
    /// What it holds; `None`: it cannot be read.
    pub kind: Option<String>,
    /// The same for a reader.
    pub label: Words,
    /// How many files it has.
    pub files: usize,
    /// Their bytes.
    pub bytes: u64,
    /// Those of them that no published lake holds as well.
    pub own_bytes: u64,
    /// When a run has used it last.
    #[serde(skip)]
    pub used: Option<SystemTime>,
}

impl Listed {
    pub(super) fn of(path: &Path) -> Listed {
        let name = path.file_name().unwrap_or_default().to_string_lossy().into_owned();
        let used = used(path);
        let Some(Entry { folder, described: Described { kind, label, files, .. } }) = Entry::open(path) else {
            let label = Words::new("无法识别", "not readable");
            return Listed { name, kind: None, label, files: 0, bytes: 0, own_bytes: 0, used };
        };
        let bytes = files.iter().map(|kept| kept.bytes).sum();
        let own = files.iter().filter(|kept| links(&folder.join(&kept.path)) < 2);
        let own_bytes = own.map(|kept| kept.bytes).sum();
        Listed { name, kind: Some(kind), label, files: files.len(), bytes, own_bytes, used }
    }
}

/// When a run has used an entry last.
pub(super) fn used(path: &Path) -> Option<SystemTime> {
    fs::metadata(path.join(DESCRIPTION)).and_then(|file| file.modified()).ok()
}

#[cfg(unix)]
fn links(path: &Path) -> u64 {
    use std::os::unix::fs::MetadataExt;
    fs::metadata(path).map_or(0, |file| file.nlink())
}

#[cfg(not(unix))]
fn links(_: &Path) -> u64 {
    0
}
