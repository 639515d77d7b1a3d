//! A published report, as far as it can be sent: what its `run.json` says, and its files as they were published.

use std::collections::BTreeMap;
use std::path::{Component, Path, PathBuf};

use serde::Deserialize;

use crate::disk;
use crate::error::{Error, Result};
use crate::hash;
use crate::pipeline::editions::Standing;
use crate::pipeline::publish::{self, MANIFEST};
use crate::report::HandedOut;
use crate::report::headline::Headline;
use crate::words::{Lang, Words};

/// What `run.json` says of a report that is sent.
#[derive(Debug, Deserialize)]
struct Manifest {
    title: String,
    period: String,
    as_of: String,
    lang: Lang,
    public: Option<bool>,
    data_until: Option<String>,
    headlines: Vec<Headline>,
    #[serde(default)]
    handouts: Vec<HandedOut>,
    marts: Vec<Mart>,
    artefacts: Vec<File>,
}

#[derive(Debug, Deserialize)]
struct Mart {
    name: String,
}

/// A file of a report.
#[derive(Debug, Clone, PartialEq, Eq, Deserialize)]
pub(super) struct File {
    /// Its path in the report's folder.
    pub(super) path: String,
    pub(super) bytes: u64,
    pub(super) sha256: String,
}

/// A published report.
#[derive(Debug)]
pub(super) struct Published {
    pub(super) folder: PathBuf,
    /// Which publication it is.
    pub(super) run_sha256: String,
    pub(super) title: String,
    pub(super) period: String,
    pub(super) as_of: String,
    pub(super) lang: Lang,
    pub(super) data_until: Option<String>,
    pub(super) is_public: bool,
    pub(super) headlines: Vec<Headline>,
    /// The workbooks that are handed out, each with its file.
    pub(super) handouts: Vec<(HandedOut, File)>,
    /// The pages and the workbook.
    pub(super) first_floor: Vec<File>,
    /// The files that are neither: charts, marts, rejects.
    pub(super) others: usize,
}

/// What every table begins with that is for everybody.
const PUBLIC: &str = "public_";
/// What files end in that people open.
const OPENED: [&str; 2] = [".html", ".xlsx"];

impl Published {
    /// The report in a folder, every file of which is as it was published.
    pub(super) fn read(folder: &Path) -> Result<Published> {
        let unsendable = |problem: Words| Error::Unsendable { path: folder.to_owned(), problem };
        if publish::is_building(folder) {
            return Err(unsendable(Words::new(
                "它还没有发布。请等运行结束，再发送发布出来的报告",
                "it is not published yet: wait until the run is over, and send the report that it has published",
            )));
        }
        Standing::unaltered(folder)?;
        let bytes = disk::small(&folder.join(MANIFEST)).ok_or_else(|| Error::NoReport { path: folder.to_owned() })?;
        let old = || {
            unsendable(Words::new(
                "它是以前的版本发布的，没有写明发给谁。请重新运行流水线",
                "an earlier version published it, which did not say for whom: run the pipeline again",
            ))
        };
        let manifest: Manifest = serde_json::from_slice(&bytes).map_err(|_| old())?;
        let is_public = manifest.public.ok_or_else(old)?;
        if is_public
            && (!manifest.handouts.is_empty() || !manifest.marts.iter().all(|mart| mart.name.starts_with(PUBLIC)))
        {
            return Err(unsendable(Words::new(
                "它说是公开报告，其中却有内部的表",
                "it says that it is public, and holds tables for the office",
            )));
        }
        let mut files: BTreeMap<String, File> =
            manifest.artefacts.into_iter().map(|file| (file.path.clone(), file)).collect();
        let mut handouts = Vec::new();
        for handout in manifest.handouts {
            match files.remove(&handout.path).filter(|file| is_inside(&file.path)) {
                Some(file) => handouts.push((handout, file)),
                None => return Err(Error::Altered { path: folder.join(&handout.path) }),
            }
        }
        let total = files.len();
        let is_opened = |file: &File| !file.path.contains('/') && OPENED.iter().any(|end| file.path.ends_with(end));
        let first_floor: Vec<File> =
            files.into_values().filter(|file| is_inside(&file.path) && is_opened(file)).collect();
        Ok(Published {
            folder: folder.to_owned(),
            run_sha256: hash::sha256(&bytes),
            title: manifest.title,
            period: manifest.period,
            as_of: manifest.as_of,
            lang: manifest.lang,
            data_until: manifest.data_until,
            is_public,
            headlines: manifest.headlines,
            handouts,
            others: total - first_floor.len(),
            first_floor,
        })
    }

    /// The bytes of a file of the report, as they were published.
    pub(super) fn bytes(&self, file: &File) -> Result<Vec<u8>> {
        let path = self.folder.join(&file.path);
        let bytes = std::fs::read(&path).map_err(Error::io("read", &path))?;
        if hash::sha256(&bytes) == file.sha256 { Ok(bytes) } else { Err(Error::Altered { path }) }
    }
}

/// Whether a path stays in the folder that it is read from.
fn is_inside(path: &str) -> bool {
    Path::new(path).components().all(|part| matches!(part, Component::Normal(_)))
}
