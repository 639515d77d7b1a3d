//! What is known of files that were scanned before: one that has not been touched since is not read again to be told that.
//!
//! A file counts as untouched where its size and its time of change are those of the scan, and the scan came well after
//! that time: within the grain of a file system's clock a file can change and keep its time.

use std::collections::BTreeMap;
use std::fs::{self, Metadata};
use std::path::{Path, PathBuf};
use std::sync::{Mutex, PoisonError};
use std::time::{Duration, UNIX_EPOCH};

use encoding_rs::Encoding;
use serde::{Deserialize, Serialize};

use super::form;
use super::mapping::TableMapping;
use super::text::Scan;
use crate::age;
use crate::error::Result;

/// The coarsest clock of a file system (FAT) counts two seconds.
const GRAIN: Duration = Duration::from_secs(3);

/// Scans by the path of their file and the encoding that was declared for it.
#[derive(Debug, Default, Serialize, Deserialize)]
pub struct Scans(Mutex<BTreeMap<String, Remembered>>);

/// A scan, and the file as it was then.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
struct Remembered {
    file: Stamp,
    sha256: String,
    encoding: Option<String>,
}

/// What changes with a file.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub(super) struct Stamp {
    bytes: u64,
    /// Nanoseconds since 1970.
    changed: u128,
    /// Where the system tells it: which file stands at the path, and when that or its attributes were changed.
    inode: u64,
    inode_changed: i128,
}

impl Stamp {
    /// That of the file at a path; `None` where it is not known.
    pub(super) fn of(path: &Path) -> Option<Stamp> {
        let file = fs::metadata(path).ok()?;
        let changed = file.modified().ok()?.duration_since(UNIX_EPOCH).ok()?.as_nanos();
        let (inode, inode_changed) = inode(&file);
        Some(Stamp { bytes: file.len(), changed, inode, inode_changed })
    }

    /// Whether the file at a path is the one that had this stamp, and nothing of it was touched.
    pub(super) fn is_still_of(&self, path: &Path) -> bool {
        Stamp::of(path).is_some_and(|now| now == *self)
    }

    /// Whether the file was changed so long ago that another change would have another time.
    fn is_settled(&self) -> bool {
        let changed = u64::try_from(self.changed).ok().map(Duration::from_nanos);
        changed.is_some_and(|changed| age::since(UNIX_EPOCH + changed) >= GRAIN)
    }
}

#[cfg(unix)]
fn inode(file: &Metadata) -> (u64, i128) {
    use std::os::unix::fs::MetadataExt;
    (file.ino(), i128::from(file.ctime()) * 1_000_000_000 + i128::from(file.ctime_nsec()))
}

#[cfg(not(unix))]
fn inode(_: &Metadata) -> (u64, i128) {
    (0, 0)
}

impl Scans {
    /// What a file says about itself: as it was found before, or found now.
    pub(super) fn scan(&self, name: &str, path: &Path, mapping: &TableMapping) -> Result<Scan> {
        let before = Stamp::of(path).filter(Stamp::is_settled);
        let Some((key, stamp)) = key(path, mapping).zip(before) else { return form::scan(name, path, mapping) };
        if let Some(known) = self.get(&key).filter(|known| known.file == stamp)
            && let Some(scan) = known.scan()
        {
            return Ok(scan);
        }
        let scan = form::scan(name, path, mapping)?;
        if Stamp::of(path).as_ref() == Some(&stamp) {
            let encoding = scan.encoding.map(|encoding| encoding.name().to_owned());
            let found = Remembered { file: stamp, sha256: scan.sha256.clone(), encoding };
            self.all().insert(key, found);
        }
        Ok(scan)
    }

    /// Forgets files that are gone.
    pub fn prune(&self) {
        self.all().retain(|key, _| key.split_once('|').is_some_and(|(_, path)| Path::new(path).is_file()));
    }

    fn get(&self, key: &str) -> Option<Remembered> {
        self.all().get(key).cloned()
    }

    fn all(&self) -> std::sync::MutexGuard<'_, BTreeMap<String, Remembered>> {
        self.0.lock().unwrap_or_else(PoisonError::into_inner)
    }
}

impl Remembered {
    fn scan(&self) -> Option<Scan> {
        let encoding = match &self.encoding {
            None => None,
            Some(name) => Some(Encoding::for_label(name.as_bytes())?),
        };
        Some(Scan { sha256: self.sha256.clone(), bytes: self.file.bytes, encoding })
    }
}

/// The declared encoding and the path; `None` where the path is no text.
fn key(path: &Path, mapping: &TableMapping) -> Option<String> {
    let whole: PathBuf = fs::canonicalize(path).ok()?;
    let declared = mapping.encoding().map_or("", Encoding::name);
    Some(format!("{declared}|{}", whole.to_str()?))
}

#[cfg(test)]
mod tests {
    use std::fs::File;
    use std::time::SystemTime;

    use super::*;

    #[test]
    fn a_file_that_was_touched_is_scanned_again() {
        let folder = tempfile::tempdir().unwrap();
        let path = folder.path().join("a.csv");
        let (scans, mapping) = (Scans::default(), TableMapping::default());
        let set = |text: &str, at: SystemTime| {
            fs::write(&path, text).unwrap();
            File::options().write(true).open(&path).unwrap().set_modified(at).unwrap();
        };
        let scanned = || scans.scan("a.csv", &path, &mapping).unwrap().sha256;
        let (old, older) = (age::now() - 100 * GRAIN, age::now() - 200 * GRAIN);
        set("a\n1\n", old);
        let first = scanned();
        assert_eq!(scans.all().len(), 1);
        // What is remembered is taken, not read.
        scans.all().values_mut().for_each(|known| known.sha256 = "told".to_owned());
        assert_eq!(scanned(), "told");
        for (text, at) in [("a\n2\n", older), ("a\n2\n3\n", old)] {
            set(text, at);
            assert_ne!(scanned(), "told");
            scans.all().values_mut().for_each(|known| known.sha256 = "told".to_owned());
        }
        // What has just been changed is not remembered.
        set("a\n1\n", age::now());
        assert_eq!(scanned(), first);
        assert_eq!(scans.all().values().next().unwrap().sha256, "told");
        fs::remove_file(&path).unwrap();
        scans.prune();
        assert!(scans.all().is_empty());
    }
}
