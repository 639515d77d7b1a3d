//! Publications under names of their own, for programs that read a report file by file while the next one is published.
//!
//! The folder of a report is swapped for the next one: whoever has entered it reads on, but who opens one path after another can
//! meet two reports. So each publication is also in `editions/<report>/published/<edition>-<hash>`, where nothing changes, and
//! `editions/<report>/latest` is a line that names the newest: read that line once, then everything below what it names.

use std::fs;
use std::path::Path;
use std::time::Duration;

use super::editions;
use super::publish::{self, SIGNED, Site};
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
/// So long one stays after it was made, and until there is one newer: nobody reads longer.
const KEPT: Duration = Duration::from_hours(24);
/// Letters of the hash that are enough to tell publications apart.
const TOLD_APART: usize = 12;

/// Gives the report that stands at a place a name of its own, and makes it the latest. What is older and nobody has changed goes
/// after a day.
pub(crate) fn name(report: &Path, edition: u32) -> Result<()> {
    let beside = editions::of(report);
    let run = report.join(publish::MANIFEST);
    let run = fs::read(&run).map_err(Error::io("read", &run))?;
    let name = format!("{edition}-{}", &hash::sha256(&run)[..TOLD_APART]);
    let all = beside.join(PUBLISHED);
    let named = all.join(&name);
    if !disk::is_there(&named) {
        build(report, &named)?;
    }
    let signature = report.join(SIGNED);
    if disk::is_there(&signature) && !disk::is_there(&named.join(SIGNED)) {
        disk::share(&signature, &named.join(SIGNED))?;
    }
    let (latest, line) = (beside.join(LATEST), format!("{PUBLISHED}/{name}\n"));
    if fs::read(&latest).is_ok_and(|stands| stands == line.as_bytes()) {
        return Ok(());
    }
    disk::file(&latest, true, |out| out.write_all(line.as_bytes()))?;
    remove_older(&all, &named)
}

/// Builds it beside its name, and gives it that once every file is on the disk.
fn build(report: &Path, named: &Path) -> Result<()> {
    let all = disk::parent(named);
    fs::create_dir_all(all).map_err(Error::io("create", all))?;
    let building = tempfile::Builder::new().prefix(BUILDING).tempdir_in(all).map_err(Error::io("create", all))?;
    let built = building.path().join(PUBLISHED);
    let mut files = disk::files(report)?.into_iter().filter(|file| !publish::is_litter(file));
    files.try_for_each(|file| disk::share(&report.join(&file), &built.join(&file)))?;
    disk::sync(&built)?;
    disk::rename(&built, named)
}

/// Removes what is a day old and as it was written, all but one.
fn remove_older(all: &Path, newest: &Path) -> Result<()> {
    for entry in fs::read_dir(all).map_err(Error::io("read", all))? {
        let path = entry.map_err(Error::io("read", all))?.path();
        let made = fs::metadata(&path).and_then(|found| found.modified());
        let is_old = path != newest && made.is_ok_and(|made| age::since(made) > KEPT);
        let is_unfinished = || path.file_name().is_some_and(|name| name.to_string_lossy().starts_with(BUILDING));
        if is_old && (is_unfinished() || Site::at(&path).is_ok_and(|site| site.edited.is_empty())) {
            disk::remove(&path)?;
        }
    }
    Ok(())
}
