//! What earlier runs have worked out, kept by what it was worked out from.
//!
//! A run that needs what another one has made of the same exports, by the same rules and the same build of the program
//! takes it from here. An entry is a folder that is renamed into place whole; its `entry` says what it is and lists
//! its files with their hashes, below the hash of all that, and a file that is not what was kept is worked out again. Nothing here is needed: all of
//! it can be deleted, at the cost of the time that it saves.

mod entry;
mod key;

use std::fs::{self, File, TryLockError};
use std::path::{Path, PathBuf};
use std::time::Duration;

use serde::Serialize;
use serde::de::DeserializeOwned;

pub use entry::{Entry, Listed};
pub use key::{Key, Kind};

use crate::age;
use crate::disk;
use crate::error::{Error, Result};
use crate::words::Words;

/// The folder, next to published lakes.
const FOLDER: &str = ".yekuo-store";
/// What a run holds while it uses the store; what removes entries holds it alone.
const LOCK: &str = "lock";
/// What is known of files that were scanned.
const SCANS: &str = "scans";
/// What begins the names of folders that are being filled.
const FILLING: &str = ".filling-";
/// An entry that no run has used for so long is removed.
const UNUSED: Duration = Duration::from_hours(7 * 24);

/// The store of a folder of lakes, in use.
pub struct Store {
    folder: PathBuf,
    /// Whether nothing is taken from it: what is worked out replaces what it holds.
    is_passed_over: bool,
    /// Shared, as long as this lives.
    _lock: File,
}

impl Store {
    /// Opens the store next to some lakes, which is made where there is none; what no run has used for a week is removed.
    pub fn open(lakes: &Path, is_passed_over: bool) -> Result<Store> {
        let folder = lakes.join(FOLDER);
        fs::create_dir_all(&folder).map_err(Error::io("create", &folder))?;
        // While another run uses it, nothing is removed.
        if let Some(_lock) = alone(&folder)? {
            sweep(&folder, UNUSED)?;
        }
        let lock = lock_of(&folder)?;
        lock.lock_shared().map_err(Error::io("lock", folder.join(LOCK)))?;
        Ok(Store { folder, is_passed_over, _lock: lock })
    }

    /// What was kept under a key, if it is whole.
    pub fn find(&self, key: &Key) -> Option<Entry> {
        if self.is_passed_over {
            return None;
        }
        Entry::open(&self.folder.join(key.folder())).filter(|entry| entry.is_of(key)).inspect(Entry::use_now)
    }

    /// Keeps the files of some folders, each under a name of its own, with what else is to be known of them. Where that cannot be,
    /// the run goes on and says so: it costs the next one time.
    pub fn keep(&self, key: &Key, label: Words, folders: &[(&str, &Path)], facts: &impl Serialize) {
        not_kept(self.try_keep(key, label, folders, facts));
    }

    fn try_keep(&self, key: &Key, label: Words, folders: &[(&str, &Path)], facts: &impl Serialize) -> Result<()> {
        let mut filling = tempfile::Builder::new();
        filling.prefix(FILLING);
        // As any other folder, it can be read by whom the user's mask lets.
        #[cfg(unix)]
        filling.permissions(std::os::unix::fs::PermissionsExt::from_mode(0o777));
        let filling = filling.tempdir_in(&self.folder).map_err(Error::io("create", &self.folder))?;
        entry::fill(filling.path(), key, label, folders, facts)?;
        let place = self.folder.join(key.folder());
        disk::remove(&place)?;
        let filled = filling.keep();
        match fs::rename(&filled, &place) {
            // Another run was faster: what it has kept is the same.
            Err(_) if place.is_dir() => disk::remove(&filled),
            renamed => renamed.map_err(Error::io("rename", &place)),
        }
    }

    /// Removes what was kept under a key, where there is anything.
    pub fn forget(&self, key: &Key) -> Result<()> {
        disk::remove(&self.folder.join(key.folder()))
    }

    /// Removes an entry that turned out not to be what was kept.
    pub fn drop(&self, entry: &Entry) -> Result<()> {
        disk::remove(entry.folder())
    }

    /// What it remembers beside its entries; the default where it cannot be read.
    pub fn scans<T: DeserializeOwned + Default>(&self) -> T {
        let bytes = (!self.is_passed_over).then(|| disk::small(&self.folder.join(SCANS))).flatten();
        bytes.and_then(|bytes| entry::opened(&bytes)).unwrap_or_default()
    }

    /// Remembers that for the next run.
    pub fn keep_scans(&self, scans: &impl Serialize) {
        not_kept(self.try_keep_scans(scans));
    }

    fn try_keep_scans(&self, scans: &impl Serialize) -> Result<()> {
        let path = self.folder.join(SCANS);
        let bytes = entry::sealed(scans, SCANS)?;
        if disk::small(&path).is_some_and(|kept| kept == bytes) {
            return Ok(());
        }
        let write = || {
            let mut file = tempfile::Builder::new();
            file.prefix(FILLING);
            #[cfg(unix)]
            file.permissions(std::os::unix::fs::PermissionsExt::from_mode(0o666));
            let file = file.tempfile_in(&self.folder)?;
            fs::write(file.path(), &bytes)?;
            file.persist(&path).map_err(|error| error.error)
        };
        write().map(drop).map_err(Error::io("write", &path))
    }
}

/// Says what could not be kept: it costs the next run time, and nothing else.
pub(crate) fn not_kept(kept: Result<()>) {
    if let Err(error) = kept {
        let Words { zh, en } = error.words();
        tracing::warn!("没有留存，下次重新计算 · not kept, the next run works it out again: {zh} · {en}");
    }
}

/// What is in the store next to some lakes, oldest use first; nothing where there is none.
pub fn list(lakes: &Path) -> Result<Vec<Listed>> {
    let mut listed: Vec<Listed> = entries(&lakes.join(FOLDER))?.iter().map(|entry| Listed::of(entry)).collect();
    listed.sort_by(|a, b| (a.used, &a.name).cmp(&(b.used, &b.name)));
    Ok(listed)
}

/// Compares every file of every entry with what was kept; an entry that is another is removed, as what cannot be read.
pub fn verify(lakes: &Path) -> Result<Vec<(String, Option<PathBuf>)>> {
    let folder = lakes.join(FOLDER);
    if !folder.is_dir() {
        return Ok(Vec::new());
    }
    let _lock = alone(&folder)?.ok_or_else(|| Error::Busy { path: folder.clone(), holder: None })?;
    let checked = entries(&folder)?.into_iter().map(|path| {
        let wrong = match Entry::open(&path) {
            Some(entry) => entry.damaged()?,
            None => Some(PathBuf::from(entry::DESCRIPTION)),
        };
        if wrong.is_some() {
            disk::remove(&path)?;
        }
        Ok((path.file_name().unwrap_or_default().to_string_lossy().into_owned(), wrong))
    });
    checked.collect()
}

/// Removes the entries that no run has used for some time, and what was cut off while it was filled; says how many bytes
/// that frees which no published lake holds as well. Fails where a run uses the store.
pub fn prune(lakes: &Path, unused: Duration) -> Result<(usize, u64)> {
    let folder = lakes.join(FOLDER);
    if !folder.is_dir() {
        return Ok((0, 0));
    }
    let _lock = alone(&folder)?.ok_or_else(|| Error::Busy { path: folder.clone(), holder: None })?;
    sweep(&folder, unused)
}

fn sweep(folder: &Path, unused: Duration) -> Result<(usize, u64)> {
    let (mut removed, mut bytes) = (0, 0);
    for path in entries(folder)? {
        if entry::used(&path).is_none_or(|used| age::since(used) >= unused) {
            removed += 1;
            bytes += Listed::of(&path).own_bytes;
            disk::remove(&path)?;
        }
    }
    for path in named(folder, |name| name.starts_with(FILLING))? {
        disk::remove(&path)?;
    }
    Ok((removed, bytes))
}

/// The lock of a store, held alone; `None` where a run uses it.
fn alone(folder: &Path) -> Result<Option<File>> {
    let lock = lock_of(folder)?;
    match lock.try_lock() {
        Ok(()) => Ok(Some(lock)),
        Err(TryLockError::WouldBlock) => Ok(None),
        Err(TryLockError::Error(source)) => Err(Error::io("lock", folder.join(LOCK))(source)),
    }
}

fn lock_of(folder: &Path) -> Result<File> {
    disk::lock_file(&folder.join(LOCK))
}

fn entries(folder: &Path) -> Result<Vec<PathBuf>> {
    named(folder, Kind::begins)
}

fn named(folder: &Path, is_meant: impl Fn(&str) -> bool) -> Result<Vec<PathBuf>> {
    if !folder.is_dir() {
        return Ok(Vec::new());
    }
    let mut found = Vec::new();
    for entry in fs::read_dir(folder).map_err(Error::io("read", folder))? {
        let entry = entry.map_err(Error::io("read", folder))?;
        if is_meant(&entry.file_name().to_string_lossy()) {
            found.push(entry.path());
        }
    }
    found.sort();
    Ok(found)
}
