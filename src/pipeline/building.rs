//! Where a run builds, and where what it built goes.

use std::fs;
use std::path::{Path, PathBuf};

use tempfile::TempDir;

use super::publish::Staging;
use crate::calendar::Day;
use crate::error::{Error, Gate, Result};
use crate::period::Previous;
use crate::store::Store;

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
    /// Builds in a staging folder; rejects that stop the run are kept in `kept`.
    pub fn staged(
        staging: &'a Staging,
        rejects: RejectsIn,
        kept: PathBuf,
        store: Option<Store>,
    ) -> Result<Building<'a>> {
        let (lake, report) = (staging.path().join("lake"), staging.path().join("report"));
        let rejects = match rejects {
            RejectsIn::Lake => lake.join("rejects"),
            RejectsIn::Report => report.join("rejects"),
        };
        Building { lake, report, rejects, store, kept: Some(Kept { staging, place: kept }) }.create()
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
            if let Err(error) = staging.publish(&self.rejects, place) {
                return error;
            }
            *kept = Some(place.clone());
        }
        error
    }
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

    /// The earlier report of a pipeline that a report is compared with.
    pub(super) fn previous(&self, report: &Path, pipeline: &str, as_of: Day) -> Result<Option<Previous>> {
        match &self.since {
            Some(folder) => Previous::at(folder, pipeline, as_of).map(Some),
            None => Ok(Previous::beside(parent(report), pipeline, as_of)),
        }
    }
}

/// Where the lakes of reports are that are published beside a report.
pub(crate) fn lakes(report: &Path) -> PathBuf {
    parent(report).join("lake")
}

/// The folder that a place is in.
pub(crate) fn parent(place: &Path) -> &Path {
    place.parent().filter(|parent| !parent.as_os_str().is_empty()).unwrap_or(Path::new("."))
}

/// Where the rejects are kept of a run that does not get to publish `place`.
pub(crate) fn rejects_of(place: &Path) -> PathBuf {
    let name = place.file_name().unwrap_or_default().to_string_lossy();
    parent(place).join(format!("{name}-rejects"))
}
