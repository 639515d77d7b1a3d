//! Whole or not at all: what is built beside is renamed into place.

use std::fs::{self, File, TryLockError};
use std::io::Write;
use std::path::{Path, PathBuf};

use rustix::fs::{CWD, RenameFlags};

use crate::error::{Error, Result};

/// A folder beside the output in which things are built; it vanishes with the run, however that ends.
pub struct Staging {
    folder: PathBuf,
    /// Held as long as the run lasts; the system releases it even after `kill -9`.
    _lock: File,
}

impl Staging {
    /// Opens the staging folder of `parent`, alone: a second run is told that the first one is still writing.
    pub fn open(parent: &Path) -> Result<Staging> {
        fs::create_dir_all(parent).map_err(Error::io("create", parent))?;
        let path = parent.join(".yekuo.lock");
        let lock = File::create(&path).map_err(Error::io("write", &path))?;
        match lock.try_lock() {
            Ok(()) => {}
            Err(TryLockError::WouldBlock) => return Err(Error::Busy { path: parent.to_owned() }),
            Err(TryLockError::Error(source)) => return Err(Error::io("lock", &path)(source)),
        }
        let folder = parent.join(".yekuo-building");
        remove(&folder)?;
        fs::create_dir_all(&folder).map_err(Error::io("create", &folder))?;
        Ok(Staging { folder, _lock: lock })
    }

    /// The folder.
    pub fn path(&self) -> &Path {
        &self.folder
    }

    /// Puts a built folder into its place in one step; what stood there is removed afterwards.
    pub fn publish(&self, built: &Path, place: &Path) -> Result<()> {
        sync(built)?;
        let parent = place.parent().filter(|parent| !parent.as_os_str().is_empty()).unwrap_or(Path::new("."));
        fs::create_dir_all(parent).map_err(Error::io("create", parent))?;
        if place.exists() {
            if !is_ours(place)? {
                return Err(Error::Occupied { path: place.to_owned() });
            }
            let old = self.folder.join("old");
            remove(&old)?;
            exchange(built, place, &old)?;
        } else {
            fs::rename(built, place).map_err(Error::io("rename", place))?;
        }
        sync_folder(parent)
    }
}

impl Drop for Staging {
    fn drop(&mut self) {
        // Nothing is lost where this fails: the next run removes the folder before it begins.
        let _ = fs::remove_dir_all(&self.folder);
    }
}

/// Whether a folder may be replaced: it is empty, or yekuo made it.
fn is_ours(place: &Path) -> Result<bool> {
    let mut entries = fs::read_dir(place).map_err(Error::io("read", place))?.flatten().peekable();
    let made = |name: &str| matches!(name, "run.json" | "raw" | "clean");
    let rejects = |name: &str| name.ends_with(".csv") && place.to_string_lossy().ends_with("-rejects");
    Ok(entries.peek().is_none()
        || entries.any(|entry| entry.file_name().to_str().is_some_and(|name| made(name) || rejects(name))))
}

/// Swaps two folders at once, so that readers see either the old one or the new one, whole.
fn exchange(built: &Path, place: &Path, old: &Path) -> Result<()> {
    match rustix::fs::renameat_with(CWD, built, CWD, place, RenameFlags::EXCHANGE) {
        Ok(()) => fs::rename(built, old).map_err(Error::io("rename", built)),
        // File systems that cannot swap: two renames, the old one last to go.
        Err(_) => {
            fs::rename(place, old).map_err(Error::io("rename", place))?;
            fs::rename(built, place).map_err(Error::io("rename", place))
        }
    }
}

fn remove(folder: &Path) -> Result<()> {
    match fs::remove_dir_all(folder) {
        Err(error) if error.kind() != std::io::ErrorKind::NotFound => Err(Error::io("remove", folder)(error)),
        _ => Ok(()),
    }
}

/// Writes a file and the folders that it stands in.
pub fn write(path: &Path, bytes: &[u8]) -> Result<()> {
    if let Some(folder) = path.parent() {
        fs::create_dir_all(folder).map_err(Error::io("create", folder))?;
    }
    let mut file = File::create(path).map_err(Error::io("write", path))?;
    file.write_all(bytes).map_err(Error::io("write", path))
}

/// The files below a folder, relative and sorted.
pub fn files(folder: &Path) -> Result<Vec<PathBuf>> {
    let mut found = Vec::new();
    let mut open = vec![folder.to_owned()];
    while let Some(next) = open.pop() {
        for entry in fs::read_dir(&next).map_err(Error::io("read", &next))? {
            let path = entry.map_err(Error::io("read", &next))?.path();
            if path.is_dir() {
                open.push(path);
            } else if let Ok(relative) = path.strip_prefix(folder) {
                found.push(relative.to_owned());
            }
        }
    }
    found.sort();
    Ok(found)
}

/// Brings every file and folder below `folder` to the disk.
fn sync(folder: &Path) -> Result<()> {
    let mut folders = std::collections::BTreeSet::from([folder.to_owned()]);
    for file in files(folder)? {
        let path = folder.join(file);
        File::open(&path).and_then(|file| file.sync_all()).map_err(Error::io("sync", &path))?;
        folders.extend(path.parent().map(Path::to_owned));
    }
    folders.iter().try_for_each(|folder| sync_folder(folder))
}

#[cfg(unix)]
fn sync_folder(folder: &Path) -> Result<()> {
    File::open(folder).and_then(|folder| folder.sync_all()).map_err(Error::io("sync", folder))
}

#[cfg(not(unix))]
fn sync_folder(_: &Path) -> Result<()> {
    Ok(())
}
