//! Where things are built, and how they get to their places: all of them or none.
//!
//! What is to be published is brought to the disk first. Then a journal says what goes where, and the folders are swapped,
//! one right after the other. A run that is cut off between them is completed by the next one that begins there, or by
//! whoever clears up after it; one that is cut off before the first leaves everything as it was.

use std::cell::Cell;
use std::fs;
use std::path::{Component, Path, PathBuf};

use serde::{Deserialize, Serialize};

use super::MANIFEST;
use super::lock::{self, Lock};
use super::site::{self, Site};
use crate::disk;
use crate::error::{Error, Result};
use crate::failpoint::failpoint;
use crate::supervise::{Note, note};
use crate::words::Words;

/// The folder, next to what is published, in which each run has a lock and a folder of its own.
pub(super) const BUILDING: &str = ".yekuo-building";

/// Whether a folder is one in which a report is built, and no report that was published.
pub(crate) fn is_building(folder: &Path) -> bool {
    let whole = std::path::absolute(folder);
    whole.is_ok_and(|whole| whole.components().any(|part| part.as_os_str() == BUILDING))
}
/// What is built in the folder of a run.
pub(crate) const LAKE: &str = "lake";
pub(crate) const REPORT: &str = "report";
/// What begins the names of what stood at a place, and of what was put back from it.
const ASIDE: &str = "old-";
const UNDONE: &str = "undone-";
/// What says what goes where.
const JOURNAL: &str = "commit.json";

/// A folder in which things are built for a place; it vanishes with the run, however that ends.
#[derive(Debug)]
pub struct Staging {
    /// The folder that the place is in.
    parent: PathBuf,
    folder: PathBuf,
    /// Held as long as the run lasts; the system releases it even after `kill -9`.
    lock: Option<Lock>,
    /// Whether its folder stays for the next run to clear up.
    stays: Cell<bool>,
}

/// Something that was built, and where it goes.
pub(crate) struct Publication<'a> {
    /// Where it was built.
    pub staging: &'a Staging,
    /// Its folder there.
    pub built: &'a Path,
    /// Its place.
    pub site: &'a Site,
    /// Where what stands there goes, next to it; `None`: it is not kept.
    pub kept: Option<PathBuf>,
}

/// What goes where from one staging folder, and what goes elsewhere with it.
#[derive(Debug, Serialize, Deserialize)]
struct Journal {
    moves: Vec<Move>,
    /// What is published together is completed together.
    partners: Vec<Partner>,
}

/// A folder that goes to its place; what is relative is so to the staging folder and to the folder of the place.
#[derive(Debug, Serialize, Deserialize)]
struct Move {
    built: PathBuf,
    place: PathBuf,
    /// Whether something stands at the place.
    stood: bool,
    kept: Option<PathBuf>,
    /// The built folder, as the file system knows it.
    id: Option<[u64; 2]>,
}

/// What another staging folder publishes with this one.
#[derive(Debug, Clone, Serialize, Deserialize)]
struct Partner {
    place: PathBuf,
    stood: bool,
    id: Option<[u64; 2]>,
}

impl Partner {
    /// Whether it has been published, or what stood there has been put aside for it.
    fn is_begun(&self) -> bool {
        (self.id.is_some() && id(&self.place) == self.id) || (self.stood && !self.place.exists())
    }
}

impl Staging {
    /// Opens a staging folder for what is published at a place, alone: a second run for it gets the error that the first one
    /// is still writing. What ended runs have left there is cleared away, and completed where it had begun to be published.
    pub fn open(place: &Path) -> Result<Staging> {
        let parent = disk::parent(place).to_owned();
        let all = parent.join(BUILDING);
        if fs::symlink_metadata(&all).is_ok_and(|found| !found.is_dir()) {
            return Err(Error::Occupied { path: parent, file: BUILDING.into() });
        }
        let name = place.file_name().unwrap_or_default().to_owned();
        let lock = claim(place)?;
        for left in fs::read_dir(&all).map_err(Error::io("read", &all))? {
            clear(&left.map_err(Error::io("read", &all))?.path(), &parent, &lock_of(&name))?;
        }
        let folder = all.join(&name);
        if !is_staging(&folder) {
            return Err(Error::Occupied { path: all, file: name.into() });
        }
        complete(&folder, &parent)?;
        disk::remove(&folder)?;
        fs::create_dir_all(&folder).map_err(Error::io("create", &folder))?;
        let whole = std::path::absolute(&parent).map_err(Error::io("open", &parent))?;
        note(Note::Building, whole.display());
        failpoint("after_lock");
        Ok(Staging { parent, folder, lock: Some(lock), stays: Cell::new(false) })
    }

    /// The folder.
    pub fn path(&self) -> &Path {
        &self.folder
    }

    /// Puts one folder into its place.
    pub(crate) fn publish(&self, built: &Path, site: &Site, kept: Option<PathBuf>) -> Result<()> {
        publish(&[Publication { staging: self, built, site, kept }])
    }
}

impl Drop for Staging {
    fn drop(&mut self) {
        // Nothing is lost where this fails: the next run removes the folder before it begins.
        if !self.stays.get() {
            let _ = fs::remove_dir_all(&self.folder);
        }
        self.lock.take();
    }
}

/// Takes the lock of a place.
pub(crate) fn claim(place: &Path) -> Result<Lock> {
    let all = disk::parent(place).join(BUILDING);
    let path = all.join(lock_of(place.file_name().unwrap_or_default()));
    for _ in 0..3 {
        fs::create_dir_all(&all).map_err(Error::io("create", &all))?;
        match Lock::of(place, &path) {
            // Another run has removed the empty folder just now.
            Err(Error::Io { source, .. }) if source.kind() == std::io::ErrorKind::NotFound => {}
            taken => return taken,
        }
    }
    Lock::of(place, &path)
}

fn lock_of(name: &std::ffi::OsStr) -> PathBuf {
    let mut name = name.to_owned();
    name.push(".lock");
    name.into()
}

/// Clears away what is left of an ended run: a lock that nobody holds with its folder, or a folder without a lock.
fn clear(left: &Path, parent: &Path, own: &Path) -> Result<()> {
    if left.file_name() == Some(own.as_os_str()) || own.file_stem() == left.file_name() {
        return Ok(());
    }
    let (folder, lock) = match is_lock(left) {
        true => (left.with_extension(""), left.to_owned()),
        false => (left.to_owned(), disk::parent(left).join(lock_of(left.file_name().unwrap_or_default()))),
    };
    match Lock::take(&lock)? {
        Some(_held) if is_staging(&folder) => complete(&folder, parent).and_then(|()| disk::remove(&folder)),
        _ => Ok(()),
    }
}

/// Whether a folder holds nothing but what is built in a staging folder.
fn is_staging(folder: &Path) -> bool {
    let is_ours = |name: &str| {
        [LAKE, REPORT, JOURNAL].contains(&name) || [ASIDE, UNDONE].iter().any(|prefix| name.starts_with(prefix))
    };
    if fs::symlink_metadata(folder).is_ok_and(|found| !found.is_dir()) {
        return false;
    }
    let mut names = fs::read_dir(folder).into_iter().flatten().flatten().map(|entry| entry.file_name());
    names.all(|name| name.to_str().is_some_and(is_ours))
}

/// Clears away what a run that was ended has left next to its reports.
pub(crate) fn clear_all(parent: &Path) -> Result<()> {
    let all = parent.join(BUILDING);
    for left in fs::read_dir(&all).into_iter().flatten().flatten() {
        clear(&left.path(), parent, Path::new(""))?;
    }
    let _ = fs::remove_dir(all);
    Ok(())
}

/// Whether a run that holds its lock builds next to some reports, or has left something.
pub(super) fn left(parent: &Path) -> (Option<PathBuf>, bool) {
    let found = fs::read_dir(parent.join(BUILDING)).into_iter().flatten().flatten().map(|left| left.path());
    let (held, other): (Vec<_>, Vec<_>) = found.partition(|path| is_lock(path) && lock::is_held(path));
    (held.into_iter().next(), !other.is_empty())
}

fn is_lock(path: &Path) -> bool {
    path.extension().is_some_and(|extension| extension == "lock")
}

/// Publishes what was built, all of it or nothing. What cannot be tidied up afterwards is said, and undoes nothing.
pub(crate) fn publish(publications: &[Publication<'_>]) -> Result<()> {
    failpoint("before_fsync");
    let planned = publications.iter().map(Publication::planned).collect::<Result<Vec<Move>>>()?;
    failpoint("after_fsync");
    let whole = |place: &Path| std::path::absolute(place).map_err(Error::io("open", place));
    let partners = publications.iter().zip(&planned).map(|(publication, planned)| {
        Ok(Partner { place: whole(&publication.site.place)?, stood: planned.stood, id: planned.id })
    });
    let partners = partners.collect::<Result<Vec<_>>>()?;
    let mut moves = Vec::new();
    for (Publication { staging, .. }, planned) in publications.iter().zip(planned) {
        let journal = Journal { moves: vec![planned], partners: partners.clone() };
        let path = staging.folder.join(JOURNAL);
        disk::write(&path, &serde_json::to_vec(&journal).map_err(Error::render(JOURNAL))?)?;
        disk::sync_file(&path)?;
        disk::sync_folder(&staging.folder)?;
        moves.extend(journal.moves.into_iter().map(|planned| (*staging, planned)));
    }
    failpoint("before_swap");
    for (number, (staging, planned)) in moves.iter().enumerate() {
        if number > 0 {
            failpoint("between_swaps");
        }
        if let Err(error) = planned.make(&staging.folder, &staging.parent) {
            for (staging, made) in moves[..number].iter().rev() {
                made.undo(&staging.folder, &staging.parent);
            }
            return Err(error);
        }
    }
    let reports = publications.iter().map(|publication| &publication.site.place);
    for report in reports.filter(|place| place.join(MANIFEST).is_file()) {
        note(Note::Published, report.display());
    }
    failpoint("after_swap");
    // From here on it stands, whatever happens.
    for (staging, made) in &moves {
        let tidied =
            made.tidy(&staging.folder, &staging.parent).and_then(|()| disk::remove(&staging.folder.join(JOURNAL)));
        if let Err(error) = tidied {
            let (Words { zh, en }, left) = (error.words(), staging.folder.display());
            tracing::warn!(
                "已经发布，但原来的报告还在 {left}，下次运行再收拾 · published, though what stood there is still in {left}, which the next run clears away: {zh} · {en}"
            );
            staging.stays.set(true);
        }
    }
    failpoint("after_tidying");
    Ok(())
}

impl Publication<'_> {
    /// Brings it to the disk, and says where it goes.
    fn planned(&self) -> Result<Move> {
        let Publication { staging, built, site, kept } = self;
        if !built.join(MANIFEST).exists() {
            site::list(built)?;
        }
        disk::sync(built)?;
        for folder in [Some(&site.place), kept.as_ref()].into_iter().flatten().map(|place| disk::parent(place)) {
            fs::create_dir_all(folder).map_err(Error::io("create", folder))?;
        }
        let below = |path: &Path, folder: &Path| path.strip_prefix(folder).unwrap_or(path).to_owned();
        let from = if staging.parent == Path::new(".") { Path::new("") } else { &staging.parent };
        Ok(Move {
            built: below(built, &staging.folder),
            place: below(&site.place, from),
            stood: site.is_taken(),
            kept: kept.as_ref().map(|kept| below(kept, from)),
            id: id(built),
        })
    }
}

/// Completes what had begun to be published when a run was cut off; what had not stays as it is.
fn complete(folder: &Path, parent: &Path) -> Result<()> {
    let Some(journal) = disk::small(&folder.join(JOURNAL)) else { return Ok(()) };
    let Ok(Journal { moves, partners }) = serde_json::from_slice(&journal) else { return Ok(()) };
    let is_begun =
        moves.iter().any(|planned| planned.is_begun(folder, parent)) || partners.iter().any(Partner::is_begun);
    if !moves.iter().all(Move::stays_here) || !is_begun {
        return Ok(());
    }
    for planned in &moves {
        planned.make(folder, parent)?;
        planned.tidy(folder, parent)?;
    }
    Ok(())
}

impl Move {
    /// Whether it leads nowhere else: a journal is read from a folder into which others may write.
    fn stays_here(&self) -> bool {
        let is_below = |path: &Path| path.components().all(|part| matches!(part, Component::Normal(_)));
        [Some(&self.built), Some(&self.place), self.kept.as_ref()].into_iter().flatten().all(|path| is_below(path))
    }

    /// What was built, as one name.
    fn name(&self) -> String {
        self.built.to_string_lossy().replace(['/', '\\'], "-")
    }

    /// Where what stood at the place waits, before it goes where it is kept.
    fn aside(&self, folder: &Path) -> PathBuf {
        folder.join(format!("{ASIDE}{}", self.name()))
    }

    fn is_made(&self, folder: &Path, parent: &Path) -> bool {
        match self.id {
            Some(id) => self::id(&parent.join(&self.place)) == Some(id),
            None => !folder.join(&self.built).exists(),
        }
    }

    /// Whether anything of it was done. What stood at the place and does not any more waits aside.
    fn is_begun(&self, folder: &Path, parent: &Path) -> bool {
        self.is_made(folder, parent) || (self.stood && self.aside(folder).exists())
    }

    /// Puts what was built into its place: at once where the system can swap two folders, so that readers see either the old
    /// one or the new one, whole; else by two renames.
    fn make(&self, folder: &Path, parent: &Path) -> Result<()> {
        let (built, place, aside) = (folder.join(&self.built), parent.join(&self.place), self.aside(folder));
        if self.is_made(folder, parent) {
            return Ok(());
        }
        if place.exists() {
            if swap(&built, &place) {
                return Ok(());
            }
            fs::rename(&place, &aside).map_err(Error::io("rename", &place))?;
            failpoint("between_renames");
        }
        fs::rename(&built, &place).map_err(|error| {
            if aside.exists() {
                let _ = fs::rename(&aside, &place);
            }
            Error::io("rename", &place)(error)
        })
    }

    /// Puts back what stood there, as far as that goes.
    fn undo(&self, folder: &Path, parent: &Path) {
        let (built, place, aside) = (folder.join(&self.built), parent.join(&self.place), self.aside(folder));
        let old = if aside.exists() { &aside } else { &built };
        match self.stood {
            true if swap(old, &place) => {}
            true => {
                let away = folder.join(format!("{UNDONE}{}", self.name()));
                let _ = fs::rename(&place, away).and_then(|()| fs::rename(old, &place));
            }
            false => {
                let _ = fs::rename(&place, &built);
            }
        }
    }

    /// Puts away what stood there, once the new one does.
    fn tidy(&self, folder: &Path, parent: &Path) -> Result<()> {
        let (built, aside) = (folder.join(&self.built), self.aside(folder));
        if self.stood && built.exists() {
            fs::rename(&built, &aside).map_err(Error::io("rename", &built))?;
        }
        let place = parent.join(&self.place);
        if aside.exists() {
            // What file managers and open spreadsheets have left there is still there.
            for litter in disk::files(&aside)?.iter().filter(|file| site::is_litter(file)) {
                let to = place.join(litter);
                fs::create_dir_all(disk::parent(&to)).map_err(Error::io("create", &to))?;
                fs::rename(aside.join(litter), &to).map_err(Error::io("rename", &to))?;
            }
        }
        if let Some(kept) = self.kept.as_ref().filter(|_| aside.exists()) {
            let kept = parent.join(kept);
            disk::remove(&kept)?;
            disk::rename(&aside, &kept)?;
            disk::sync_folder(disk::parent(&kept))?;
        }
        disk::sync_folder(disk::parent(&place))
    }
}

/// A folder, as the file system knows it.
#[cfg(unix)]
fn id(folder: &Path) -> Option<[u64; 2]> {
    use std::os::unix::fs::MetadataExt;
    fs::symlink_metadata(folder).ok().map(|found| [found.dev(), found.ino()])
}

#[cfg(not(unix))]
fn id(_: &Path) -> Option<[u64; 2]> {
    None
}

/// Swaps two folders, and says whether it could: not every file system can.
#[cfg(any(target_os = "linux", target_vendor = "apple"))]
fn swap(one: &Path, other: &Path) -> bool {
    use rustix::fs::{CWD, RenameFlags, renameat_with};
    !crate::failpoint::is_set("no_swap") && renameat_with(CWD, one, CWD, other, RenameFlags::EXCHANGE).is_ok()
}

#[cfg(not(any(target_os = "linux", target_vendor = "apple")))]
fn swap(_: &Path, _: &Path) -> bool {
    false
}
