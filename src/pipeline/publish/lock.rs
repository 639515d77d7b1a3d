//! Who works at a place: a lock that the system releases however its holder ends, with a line about the holder for whoever
//! finds it taken.

use std::fs::{self, File, TryLockError};
use std::io::{Read, Write};
use std::path::{Path, PathBuf};
use std::time::Duration;

use crate::age;
use crate::disk;
use crate::error::{Error, Holder, Result};
use crate::supervise;

/// A lock, held until it is dropped; its file goes with it.
#[derive(Debug)]
pub(crate) struct Lock {
    path: PathBuf,
    _held: File,
}

/// Another run that tidies up holds a lock for a moment: so often, and so long after one another, it is tried again.
const TRIES: u32 = 8;
const BETWEEN: Duration = Duration::from_millis(40);
/// A run that was killed lets go of it once the disk has taken what it was given.
const TRIES_OF_DYING: u32 = 500;

impl Lock {
    /// Takes the lock of a place, whose file is made; fails at once where another run has it.
    pub(super) fn of(place: &Path, path: &Path) -> Result<Lock> {
        let mut tries = 0;
        loop {
            if let Some(lock) = Lock::take(path)? {
                lock.says_who();
                return Ok(lock);
            }
            let holder = holder(path);
            tries += 1;
            if tries >= if holder.as_ref().is_some_and(is_gone) { TRIES_OF_DYING } else { TRIES } {
                return Err(Error::Busy { path: place.to_owned(), holder });
            }
            std::thread::sleep(BETWEEN);
        }
    }

    /// Takes a lock, whose file is made; `None` where another run has it.
    pub(super) fn take(path: &Path) -> Result<Option<Lock>> {
        let file = disk::lock_file(path)?;
        match file.try_lock() {
            // The one before has removed it between our opening and our locking it: it is nobody's.
            Ok(()) => Ok(is_at(&file, path).then(|| Lock { path: path.to_owned(), _held: file })),
            Err(TryLockError::WouldBlock) => Ok(None),
            Err(TryLockError::Error(source)) => Err(Error::io("lock", path)(source)),
        }
    }

    /// Writes down who holds it, for those who come.
    fn says_who(&self) {
        let mut file = &self._held;
        let said = format!("{}\n{}\n{}\n", supervise::started(), host(), age::now_as_text());
        // A lock of another user can be held, and not written.
        let _ = file.set_len(0).and_then(|()| file.write_all(said.as_bytes()));
    }
}

impl Drop for Lock {
    fn drop(&mut self) {
        // Where it stays, the next run takes it over; its folder goes with the last.
        let _ = fs::remove_file(&self.path);
        let _ = fs::remove_dir(disk::parent(&self.path));
    }
}

/// Whether a run holds a lock.
pub(super) fn is_held(path: &Path) -> bool {
    disk::existing_lock_file(path).is_some_and(|file| matches!(file.try_lock(), Err(TryLockError::WouldBlock)))
}

/// Who holds a lock, as they wrote it down.
pub(super) fn holder(path: &Path) -> Option<Holder> {
    let mut said = String::new();
    disk::existing_lock_file(path)?.take(1 << 10).read_to_string(&mut said).ok()?;
    let mut lines = said.lines();
    let mut line = || lines.next().map(str::to_owned);
    Some(Holder { process: line()?, host: line()?, since: line()? })
}

/// Whether a file is still the one at a path.
#[cfg(unix)]
fn is_at(file: &File, path: &Path) -> bool {
    use std::os::unix::fs::MetadataExt;
    let place = |found: &fs::Metadata| (found.dev(), found.ino());
    let found = file.metadata().and_then(|ours| fs::symlink_metadata(path).map(|there| place(&ours) == place(&there)));
    found.unwrap_or(false)
}

/// Whether a file is still the one at a path: elsewhere no file is removed that is open.
#[cfg(not(unix))]
fn is_at(_: &File, _: &Path) -> bool {
    true
}

/// Whether the process that holds a lock was one of this machine, and is no more.
#[cfg(unix)]
fn is_gone(holder: &Holder) -> bool {
    let process = holder.process.parse().ok().and_then(rustix::process::Pid::from_raw);
    let is_there = |process| rustix::process::test_kill_process(process) != Err(rustix::io::Errno::SRCH);
    holder.host == host() && process.is_some_and(|process| !is_there(process))
}

#[cfg(not(unix))]
fn is_gone(_: &Holder) -> bool {
    false
}

#[cfg(unix)]
fn host() -> String {
    rustix::system::uname().nodename().to_string_lossy().into_owned()
}

#[cfg(not(unix))]
fn host() -> String {
    std::env::var("COMPUTERNAME").unwrap_or_default()
}
