//! Publications under names of their own, for programs that read a report file by file while the next one is published.
//!
//! The folder of a report is swapped for the next one: whoever has entered it reads on, but who opens one path after another can
//! meet two reports. So each publication is also in `editions/<report>/published/<edition>-<hash>`, where nothing changes, and
//! `editions/<report>/latest` is a line that names the newest: read that line once, then everything below what it names.
//!
//! Whoever calls this holds the lock of the report.

use std::fs::{self, File};
use std::path::{Path, PathBuf};
use std::time::Duration;

use super::editions;
use super::publish::{self, MANIFEST, SIGNED, Site};
use crate::age;
use crate::disk;
use crate::error::{Error, Result};
use crate::hash;

/// The file that names the newest.
const LATEST: &str = "latest";
/// Where they are, beside it.
const PUBLISHED: &str = "published";
/// What begins the name of one that is not whole.
const BUILDING: &str = ".yekuo-";
/// So long one stays after the next has taken its place: nobody reads longer.
const KEPT: Duration = Duration::from_hours(24);
/// Letters of the hash that are enough to tell publications apart.
const TOLD_APART: usize = 12;

/// Gives the report that stands at a place a name of its own, and makes it the latest. What was replaced a day ago and nobody has
/// changed goes.
pub(crate) fn name(report: &Path, edition: u32) -> Result<()> {
    let beside = editions::of(report);
    let all = beside.join(PUBLISHED);
    editions::are_folders(report)?;
    disk::is_folder_or_nothing(&all)?;
    let run = report.join(MANIFEST);
    let run = fs::read(&run).map_err(Error::io("read", &run))?;
    let plain = all.join(format!("{edition}-{}", &hash::sha256(&run)[..TOLD_APART]));
    let named = stands_or_free(&plain, &run)?;
    if !disk::is_there(&named) {
        build(report, &named)?;
    }
    let signature = report.join(SIGNED);
    if disk::is_there(&signature) && !disk::is_there(&named.join(SIGNED)) {
        disk::put(&signature, &named.join(SIGNED))?;
    }
    let latest = beside.join(LATEST);
    let line = format!("{PUBLISHED}/{}\n", named.file_name().unwrap_or_default().to_string_lossy());
    let stands = disk::small(&latest);
    if stands.is_none() && disk::is_there(&latest) {
        return Err(Error::Occupied { path: beside, file: LATEST.into() });
    }
    if stands.as_deref() != Some(line.as_bytes()) {
        // From now on it is the one before.
        let before = stands.and_then(|line| String::from_utf8(line).ok()).map(|line| beside.join(line.trim()));
        before.iter().filter(|before| before.parent() == Some(&*all)).for_each(|before| touch(before));
        disk::file(&latest, true, |out| out.write_all(line.as_bytes()))?;
    }
    remove_older(&all, &named);
    Ok(())
}

/// Where a publication of a `run.json` stands whole, or can: what is damaged is made anew, what somebody has changed stays, and so
/// does what is no publication.
fn stands_or_free(plain: &Path, run: &[u8]) -> Result<PathBuf> {
    for place in disk::numbered(plain) {
        if !disk::is_there(&place) {
            return Ok(place);
        }
        let Ok(site) = Site::at(&place) else { continue };
        if site.is_whole && fs::read(place.join(MANIFEST)).is_ok_and(|stands| stands == run) {
            return Ok(place);
        }
        if site.edited.is_empty() {
            disk::remove(&place)?;
            return Ok(place);
        }
    }
    Ok(plain.to_owned())
}

/// Builds it beside its name, and gives it that once every file is on the disk. Its files are copies: who writes into one of the
/// report's writes into none of these.
fn build(report: &Path, named: &Path) -> Result<()> {
    let all = disk::parent(named);
    fs::create_dir_all(all).map_err(Error::io("create", all))?;
    let building = tempfile::Builder::new().prefix(BUILDING).tempdir_in(all).map_err(Error::io("create", all))?;
    let built = building.path().join(PUBLISHED);
    let mut files = disk::files(report)?.into_iter().filter(|file| !publish::is_litter(file));
    files.try_for_each(|file| disk::put(&report.join(&file), &built.join(&file)))?;
    disk::sync(&built)?;
    disk::rename(&built, named)?;
    for folder in [all, disk::parent(all), disk::parent(disk::parent(all))] {
        disk::sync_folder(folder)?;
    }
    Ok(())
}

/// Notes that a publication is the latest no longer: it stays for some time from now.
fn touch(named: &Path) {
    // One that cannot be noted is removed the sooner; what cannot be written cannot be removed either.
    let file = File::options().write(true).open(named.join(MANIFEST));
    let _ = file.and_then(|file| file.set_modified(age::now()));
}

/// Removes what was replaced long ago and is as it was written, and what was never whole; what cannot be removed is said.
fn remove_older(all: &Path, newest: &Path) {
    let entries = fs::read_dir(all).into_iter().flatten().flatten().map(|entry| entry.path());
    for path in entries.filter(|path| path != newest) {
        // Nobody else builds here: the report is locked.
        let is_unfinished = path.file_name().is_some_and(|name| name.to_string_lossy().starts_with(BUILDING));
        let replaced = fs::symlink_metadata(path.join(MANIFEST)).and_then(|found| found.modified());
        let is_old = replaced.is_ok_and(|replaced| age::since(replaced) > KEPT);
        let is_as_written = || Site::at(&path).is_ok_and(|site| site.edited.is_empty());
        if (is_unfinished || (is_old && is_as_written()))
            && let Err(error) = disk::remove(&path)
        {
            let words = error.words();
            tracing::warn!(
                "以前发布的报告没有删除 · an earlier publication is not removed: {} · {}",
                words.zh,
                words.en
            );
        }
    }
}
