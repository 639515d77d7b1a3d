//! Whole or not at all: what is built next to the output is renamed into place.

use std::collections::BTreeSet;
use std::fs::{self, File, OpenOptions, TryLockError};
use std::io::{self, BufWriter, Write};
use std::path::{Path, PathBuf};

use serde::Deserialize;

use crate::contract::{self, Table};
use crate::error::{Error, Result};
pub use crate::store::files;
pub(super) use crate::store::remove;

/// A folder next to the output in which things are built; it vanishes with the run, however that ends.
pub struct Staging {
    folder: PathBuf,
    /// Held as long as the run lasts; the system releases it even after `kill -9`.
    _lock: File,
}

impl Staging {
    /// Opens the staging folder of `parent`, alone: a second run gets the error that the first one is still writing.
    pub fn open(parent: &Path) -> Result<Staging> {
        fs::create_dir_all(parent).map_err(Error::io("create", parent))?;
        let path = parent.join(LOCK);
        let lock = File::create(&path).map_err(Error::io("write", &path))?;
        match lock.try_lock() {
            Ok(()) => {}
            Err(TryLockError::WouldBlock) => return Err(Error::Busy { path: parent.to_owned() }),
            Err(TryLockError::Error(source)) => return Err(Error::io("lock", &path)(source)),
        }
        let folder = parent.join(BUILDING);
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
            free(place)?;
            let old = self.folder.join("old");
            remove(&old)?;
            exchange(built, place, &old)?;
        } else {
            fs::rename(built, place).map_err(Error::io("rename", place))?;
        }
        sync_folder(parent)
    }
}

/// What an earlier run has left next to its reports.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Left {
    /// Nothing.
    Nothing,
    /// What it was building when it was cut off.
    Unfinished,
    /// It is not over.
    Running,
}

/// What is left in a folder of reports; nothing is changed.
pub fn state(parent: &Path) -> Left {
    let lock = OpenOptions::new().read(true).open(parent.join(LOCK));
    match lock.map(|lock| lock.try_lock()) {
        Ok(Err(TryLockError::WouldBlock)) => Left::Running,
        _ if parent.join(BUILDING).is_dir() => Left::Unfinished,
        _ => Left::Nothing,
    }
}

/// What says that a report was signed, in its folder.
pub(crate) const SIGNED: &str = "signed.json";
/// What a run holds while it lasts.
const LOCK: &str = ".yekuo.lock";
/// Where it builds.
const BUILDING: &str = ".yekuo-building";

/// Copies a file of one folder into another, which is made.
pub fn copy(from: &Path, to: &Path, name: &str) -> Result<()> {
    fs::create_dir_all(to).map_err(Error::io("create", to))?;
    let place = to.join(name);
    fs::copy(from.join(name), &place).map(drop).map_err(Error::io("write", &place))
}

impl Drop for Staging {
    fn drop(&mut self) {
        // Nothing is lost where this fails: the next run removes the folder before it begins.
        let _ = fs::remove_dir_all(&self.folder);
    }
}

/// Refuses a place that holds anything which yekuo did not make: publishing there would delete it.
pub fn free(place: &Path) -> Result<()> {
    match place.exists() {
        true => foreign(place)?.map_or(Ok(()), |file| Err(Error::Occupied { path: place.to_owned(), file })),
        false => Ok(()),
    }
}

/// The first file of a folder that belongs to no report, lake or list of rejects.
fn foreign(place: &Path) -> Result<Option<PathBuf>> {
    #[derive(Deserialize)]
    struct Listed {
        artefacts: Vec<Listing>,
    }
    #[derive(Deserialize)]
    struct Listing {
        path: PathBuf,
    }
    let manifest = fs::read(place.join("run.json")).ok().and_then(|json| serde_json::from_slice::<Listed>(&json).ok());
    let listed: BTreeSet<PathBuf> = manifest
        .map(|listed| listed.artefacts.into_iter().map(|file| file.path).chain([PathBuf::from("run.json")]).collect())
        .unwrap_or_default();
    let kept = place.file_name().is_some_and(|name| name.to_string_lossy().ends_with("-rejects"));
    let made = |file: &Path| {
        let parts: Vec<&str> = file.iter().filter_map(|part| part.to_str()).collect();
        match parts[..] {
            // What file managers and open spreadsheets leave behind.
            [.., "Thumbs.db" | "desktop.ini"] => true,
            [.., name] if name.starts_with(['.', '~']) => true,
            ["raw", table, part] => {
                (table == contract::REJECTED || Table::named(table).is_some()) && part.ends_with(".parquet")
            }
            [name] if name == SIGNED => true,
            ["clean" | "marts", name] => name.ends_with(".parquet"),
            ["rejects", name] => name.strip_suffix(".csv").is_some_and(|table| Table::named(table).is_some()),
            [name] if kept => name.strip_suffix(".csv").is_some_and(|table| Table::named(table).is_some()),
            _ => false,
        }
    };
    Ok(files(place)?.into_iter().find(|file| !listed.contains(file) && !made(file)))
}

/// Puts a built folder into the place of another, which becomes `old`: at once where the system can swap two folders,
/// so that readers see either the old one or the new one, whole; else by two renames, the old one last to go.
fn exchange(built: &Path, place: &Path, old: &Path) -> Result<()> {
    if swap(built, place) {
        return fs::rename(built, old).map_err(Error::io("rename", built));
    }
    fs::rename(place, old).map_err(Error::io("rename", place))?;
    fs::rename(built, place).map_err(Error::io("rename", place))
}

/// Swaps two folders, and says whether it could: not every file system can.
#[cfg(any(target_os = "linux", target_vendor = "apple"))]
fn swap(one: &Path, other: &Path) -> bool {
    use rustix::fs::{CWD, RenameFlags, renameat_with};
    renameat_with(CWD, one, CWD, other, RenameFlags::EXCHANGE).is_ok()
}

#[cfg(not(any(target_os = "linux", target_vendor = "apple")))]
fn swap(_: &Path, _: &Path) -> bool {
    false
}

/// Writes a file and the folders that it stands in.
pub fn write(path: &Path, bytes: &[u8]) -> Result<()> {
    if let Some(folder) = path.parent() {
        fs::create_dir_all(folder).map_err(Error::io("create", folder))?;
    }
    let mut file = File::create(path).map_err(Error::io("write", path))?;
    file.write_all(bytes).map_err(Error::io("write", path))
}

/// Writes a file next to its place and renames it there when it is whole; another one that is there stays, or is replaced.
pub(crate) fn file(path: &Path, replace: bool, write: impl FnOnce(&mut dyn Write) -> io::Result<()>) -> Result<()> {
    let folder = path.parent().filter(|parent| !parent.as_os_str().is_empty()).unwrap_or(Path::new("."));
    fs::create_dir_all(folder).map_err(Error::io("create", folder))?;
    let mut building = tempfile::Builder::new();
    building.prefix(".yekuo-");
    // As any other file, it can be read by whom the user's mask lets.
    #[cfg(unix)]
    building.permissions(std::os::unix::fs::PermissionsExt::from_mode(0o666));
    let building = building.tempfile_in(folder).map_err(Error::io("write", folder))?;
    let mut out = BufWriter::with_capacity(1 << 16, building);
    write(&mut out).and_then(|()| out.flush()).map_err(Error::io("write", path))?;
    let building = out.into_inner().map_err(|error| Error::io("write", path)(error.into_error()))?;
    building.as_file().sync_all().map_err(Error::io("sync", path))?;
    let placed = if replace { building.persist(path) } else { building.persist_noclobber(path) };
    match placed {
        Ok(_) => sync_folder(folder),
        Err(error) if !replace && path.exists() => {
            drop(error);
            Err(Error::Exists { path: path.to_owned(), option: "--force" })
        }
        Err(error) => Err(Error::io("rename", path)(error.error)),
    }
}

/// Brings every file and folder below `folder` to the disk.
fn sync(folder: &Path) -> Result<()> {
    let mut folders = BTreeSet::from([folder.to_owned()]);
    for file in files(folder)? {
        let path = folder.join(file);
        // Windows brings only to the disk what is open for writing.
        let open = OpenOptions::new().read(true).write(cfg!(windows)).open(&path);
        open.and_then(|file| file.sync_all()).map_err(Error::io("sync", &path))?;
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
