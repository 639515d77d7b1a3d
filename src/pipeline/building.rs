//! Where a run builds, and where what it built goes.

use std::fs;
use std::path::{Path, PathBuf};

use tempfile::TempDir;

use super::editions;
use super::publish::{LAKE, REPORT, Site, Staging};
use crate::calendar::Day;
use crate::disk::{self, parent};
use crate::error::{Error, Gate, Result};
use crate::period::Previous;
use crate::store::Store;
use crate::words::{Lang, Words};

/// The folders that a run fills, before anything is published.
pub struct Building<'a> {
    /// The lake.
    pub lake: PathBuf,
    /// What is published from it: a report, or plans.
    pub report: PathBuf,
    /// The rows that were refused.
    pub rejects: PathBuf,
    /// What earlier runs have worked out, where that counts.
    pub(super) store: Option<Store>,
    kept: Option<Kept<'a>>,
}

/// Where the rejects go when there are so many of them that nothing else is published.
struct Kept<'a> {
    staging: &'a Staging,
    place: PathBuf,
}

/// What the rejects are published with.
#[derive(Debug, Clone, Copy)]
pub enum RejectsIn {
    /// The lake.
    Lake,
    /// The report.
    Report,
}

impl RejectsIn {
    /// Refused rows hold names and telephone numbers: they are no part of what is for everybody.
    pub fn of(public: bool) -> RejectsIn {
        if public { RejectsIn::Lake } else { RejectsIn::Report }
    }
}

impl<'a> Building<'a> {
    /// Builds a report in one staging folder and its lake in another, which may be the same; rejects that stop the run are
    /// kept next to what they would have been published with.
    pub fn staged(
        [staging, of_lake]: [&'a Staging; 2],
        rejects: RejectsIn,
        [report, lake]: [&Path; 2],
        store: Option<Store>,
    ) -> Result<Building<'a>> {
        let built = [of_lake.path().join(LAKE), staging.path().join(REPORT)];
        let (staging, with, place) = match rejects {
            RejectsIn::Lake => (of_lake, &built[0], lake),
            RejectsIn::Report => (staging, &built[1], report),
        };
        let (rejects, kept) = (with.join("rejects"), Some(Kept { staging, place: rejects_of(place) }));
        let [lake, report] = built;
        Building { lake, report, rejects, store, kept }.create()
    }

    /// Builds in a folder that is thrown away: nothing is published, rejects neither.
    pub fn temporary(folder: &'a TempDir) -> Result<Building<'a>> {
        let [lake, report, rejects] = ["lake", "report", "rejects"].map(|name| folder.path().join(name));
        Building { lake, report, rejects, store: None, kept: None }.create()
    }

    fn create(self) -> Result<Building<'a>> {
        for folder in [&self.lake, &self.report] {
            fs::create_dir_all(folder).map_err(Error::io("create", folder))?;
        }
        Ok(self)
    }

    /// Without a report the list of rejects is what the user needs: it is kept, and the error says where.
    pub(super) fn keep_rejects(&self, mut error: Error) -> Error {
        if let (Error::Gate { gate: Gate::Rejects { kept, .. } }, Some(Kept { staging, place })) =
            (&mut error, &self.kept)
        {
            let published = put_away(place).and_then(|site| staging.publish(&self.rejects, &site, None));
            if let Err(error) = published {
                return error;
            }
            *kept = Some(place.clone());
        }
        error
    }
}

/// The place of a list of rejects. One that somebody has written into is put away under another name.
fn put_away(place: &Path) -> Result<Site> {
    let site = Site::at(place)?;
    if site.edited.is_empty() {
        return Ok(site);
    }
    let Some(free) = disk::numbered(place).find(|free| !free.exists()) else { return Ok(site) };
    fs::rename(place, &free).map_err(Error::io("rename", place))?;
    Site::at(place)
}

/// A folder for what is computed and not published; it vanishes when it is dropped.
pub(crate) fn temporary() -> Result<TempDir> {
    tempfile::tempdir().map_err(Error::io("create", tempfile::env::temp_dir()))
}

/// Where a report is published, as far as it was said.
#[derive(Debug, Clone, Default)]
pub struct Output {
    /// Where the report goes; `None`: `reports/<pipeline>-<as-of>`.
    pub out: Option<PathBuf>,
    /// Where the lake goes; `None`: `lake/<name of the report>` next to it.
    pub lake: Option<PathBuf>,
    /// The report to compare with; `None`: the newest earlier one of the pipeline next to the report.
    pub since: Option<PathBuf>,
    /// Whether a signed report is replaced by its next edition.
    pub revise: bool,
    /// Whether everything is worked out anew, whatever earlier runs have kept.
    pub fresh: bool,
}

impl Output {
    /// Where the report goes, which is called `name` where nothing else was said.
    pub fn report(&self, name: &str) -> PathBuf {
        self.out.clone().unwrap_or_else(|| Path::new("reports").join(name))
    }

    /// Where the lake of a report goes.
    pub(super) fn lake(&self, report: &Path) -> PathBuf {
        self.lake.clone().unwrap_or_else(|| lakes(report).join(report.file_name().unwrap_or_default()))
    }

    /// What earlier runs with such lakes have kept.
    pub(super) fn store(&self, report: &Path) -> Result<Store> {
        Store::open(&self.lake.as_deref().map_or_else(|| lakes(report), |lake| parent(lake).to_owned()), self.fresh)
    }

    /// The earlier report of a pipeline that a report is compared with: the newest next to it, or of those that stood at its
    /// place before.
    pub(super) fn previous(&self, report: &Path, pipeline: &str, as_of: Day, lang: Lang) -> Result<Option<Previous>> {
        match &self.since {
            Some(folder) => Previous::at(folder, pipeline, as_of).map(Some),
            None => Ok(Previous::beside(&[parent(report), &editions::of(report)], pipeline, as_of, lang)),
        }
    }

    /// The same with places that are folders of their own: links are followed to where they lead.
    pub(crate) fn settled(&self) -> Result<Output> {
        let follow = |place: &PathBuf| match fs::symlink_metadata(place) {
            Ok(found) if found.is_symlink() => fs::canonicalize(place).map_err(Error::io("open", place)),
            _ => Ok(place.clone()),
        };
        let settled = |place: &Option<PathBuf>| place.as_ref().map(follow).transpose();
        let output = Output { out: settled(&self.out)?, lake: settled(&self.lake)?, ..self.clone() };
        for place in [&output.out, &output.lake].into_iter().flatten() {
            let problem = match place.file_name() {
                None => not_a_name(),
                Some(name) if name == editions::EDITIONS || editions::is_among(place) => of_editions(),
                Some(_) if is_mount(place) => mounted(),
                Some(_) => continue,
            };
            return Err(Error::Place { path: place.clone(), problem });
        }
        Ok(output)
    }

    /// Where the report and its lake go; fails where one would lie in the other.
    pub(super) fn places(&self, name: &str) -> Result<[PathBuf; 2]> {
        let report = self.report(name);
        let lake = self.lake(&report);
        let whole = |path: &Path| std::path::absolute(path).map_err(Error::io("open", path));
        let (a, b) = (whole(&report)?, whole(&lake)?);
        match a.starts_with(&b) || b.starts_with(&a) {
            true => Err(Error::Place { path: lake, problem: lies_in(&report) }),
            false => Ok([report, lake]),
        }
    }
}

/// Where the lakes of reports are that are published beside a report.
pub(crate) fn lakes(report: &Path) -> PathBuf {
    parent(report).join("lake")
}

/// Whether a file system begins at a place: it cannot be renamed.
#[cfg(unix)]
fn is_mount(place: &Path) -> bool {
    use std::os::unix::fs::MetadataExt;
    let device = |path: &Path| fs::metadata(path).map(|found| found.dev()).ok();
    device(place).is_some_and(|own| device(parent(place)).is_some_and(|around| around != own))
}

#[cfg(not(unix))]
fn is_mount(_: &Path) -> bool {
    false
}

fn mounted() -> Words {
    Words::new("这是一个挂载点，不能改名；请指明其中的一个目录", "a file system is mounted there: name a folder in it")
}

fn of_editions() -> Words {
    Words::new(
        "editions 目录放以前各版和按 latest 读取的报告，请用别的目录",
        "folders called `editions` hold earlier editions and what `latest` names: choose another",
    )
}

fn not_a_name() -> Words {
    Words::new("请指明一个目录的名称", "name a folder of its own")
}

fn lies_in(report: &Path) -> Words {
    let report = report.display();
    Words::new(
        format!("它与报告的目录 {report} 相同或互相包含，请用 --lake 另指一个目录"),
        format!("it is the folder of the report, {report}, or one lies in the other: choose another --lake"),
    )
}

/// Where the rejects are kept of a run that does not get to publish `place`.
fn rejects_of(place: &Path) -> PathBuf {
    let name = place.file_name().unwrap_or_default().to_string_lossy();
    parent(place).join(format!("{name}-rejects"))
}
