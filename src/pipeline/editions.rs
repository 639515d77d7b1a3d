//! Editions: a report of a period that is published again is its next edition, where its exports or figures are others.
//!
//! What stands goes to `editions/<report>/<number>` next to the report when the next one takes its place, so that every
//! edition stays readable; the same exports and figures again are the same edition, of which the layout that was replaced
//! last is kept, and each that a user has changed. One that was signed is replaced only where that was asked for.

use std::collections::{BTreeMap, BTreeSet};
use std::fs;
use std::path::{Path, PathBuf};

use serde::{Deserialize, Serialize};

use super::publish::{self, SIGNED, Site};
use crate::calendar::Day;
use crate::disk::{self, parent};
use crate::error::{Error, Gate, Result};
use crate::ingest::{self, Ledger};
use crate::period::{Before, Edition};
use crate::words::Lang;

/// Where the earlier editions are, next to the reports.
pub(super) const EDITIONS: &str = "editions";

/// A signature under a report.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub(crate) struct Signature {
    /// Which edition of the period's report.
    pub edition: u32,
    /// Who signed.
    pub by: String,
    /// The day of it.
    pub on: String,
    /// SHA-256 of the report's `run.json`, which holds that of every other file.
    pub run_sha256: String,
}

/// The part of `run.json` that tells editions apart.
#[derive(Debug, Deserialize)]
struct Manifest {
    pipeline: String,
    as_of: String,
    #[serde(default = "first")]
    edition: u32,
    lang: Option<String>,
    inputs: Vec<Input>,
    artefacts: Vec<Artefact>,
}

/// Reports of a program that knew no editions are the first of theirs.
fn first() -> u32 {
    1
}

#[derive(Debug, Deserialize, PartialEq, Eq, PartialOrd, Ord)]
struct Input {
    table: String,
    file: String,
    sha256: String,
}

#[derive(Debug, Deserialize)]
struct Artefact {
    path: String,
    sha256: String,
}

/// The folder of a report's marts.
const MARTS: &str = "marts/";

/// A report that stands where another is about to be published.
pub(crate) struct Standing {
    folder: PathBuf,
    manifest: Manifest,
    signature: Option<Signature>,
}

/// What is to become of the report that stands.
pub(crate) enum Next {
    /// Nothing stands there, or the report of another period, which is replaced.
    First,
    /// The same edition, laid out again.
    Same(Edition),
    /// The same edition, which stays as it is: it was signed, or the one before it is gone.
    Stays(Edition),
    /// The next edition; the one that stands is kept.
    Follows(Edition),
}

impl Standing {
    /// The report in a folder, if there is one.
    pub(crate) fn at(folder: &Path) -> Result<Option<Standing>> {
        let Some(bytes) = disk::small(&folder.join(publish::MANIFEST)) else { return Ok(None) };
        let Ok(manifest) = serde_json::from_slice::<Manifest>(&bytes) else { return Ok(None) };
        Ok(Some(Standing { folder: folder.to_owned(), manifest, signature: signature(folder)? }))
    }

    /// The report in a folder, of which every file is as it was published.
    pub(crate) fn unaltered(folder: &Path) -> Result<Standing> {
        let standing = Standing::at(folder)?.ok_or_else(|| Error::NoReport { path: folder.to_owned() })?;
        for Artefact { path, sha256 } in &standing.manifest.artefacts {
            let file = folder.join(path);
            if ingest::fingerprint(&file)?.sha256 != *sha256 {
                return Err(Error::Altered { path: file });
            }
        }
        Ok(standing)
    }

    /// What follows it: a report of this pipeline and day, from these exports, whose marts were built in a folder.
    pub(super) fn next(&self, report: Report<'_>, revise: bool) -> Result<Next> {
        let Manifest { pipeline, as_of, edition, lang, .. } = &self.manifest;
        // One in another language is no edition of it: both are of the same figures.
        let is_in_lang = lang.as_ref().is_none_or(|lang| lang == report.lang.code());
        let is_of_period = *pipeline == report.pipeline && *as_of == report.as_of.to_string() && is_in_lang;
        if is_of_period && self.is_made_of(report.ledger) && self.has_figures(report.built)? {
            let before = before(&self.folder, *edition);
            let is_gone = before.as_ref().is_some_and(|before| !before.folder.is_dir());
            return Ok(match self.signature.is_some() || is_gone {
                true => Next::Stays(Edition { number: *edition, before: None }),
                false => Next::Same(Edition { number: *edition, before }),
            });
        }
        if !(revise && is_of_period) {
            self.unsigned(is_of_period)?;
        }
        if !is_of_period {
            return Ok(Next::First);
        }
        let before = Before { folder: self.folder.clone(), number: *edition };
        Ok(Next::Follows(Edition { number: edition + 1, before: Some(before) }))
    }

    /// Fails where it was signed; `is_revisable` where the next edition of its period may take its place.
    pub(crate) fn unsigned(&self, is_revisable: bool) -> Result<()> {
        let Some(signature) = &self.signature else { return Ok(()) };
        let (path, by, on) = (self.folder.clone(), signature.by.clone(), signature.on.clone());
        Err(Error::Gate { gate: Gate::Signed { path, edition: self.manifest.edition, by, on, is_revisable } })
    }

    fn is_made_of(&self, ledger: &Ledger) -> bool {
        let now: BTreeSet<[&str; 3]> =
            ledger.files.iter().map(|file| [file.table, file.file.as_str(), file.sha256.as_str()]).collect();
        let then = self.manifest.inputs.iter().map(|file| [file.table.as_str(), &file.file, &file.sha256]);
        then.collect::<BTreeSet<_>>() == now
    }

    fn has_figures(&self, built: &Path) -> Result<bool> {
        let mut now = BTreeMap::new();
        for file in disk::files(&built.join(MARTS))? {
            let found = ingest::fingerprint(&built.join(MARTS).join(&file))?;
            now.insert(format!("{MARTS}{}", file.to_string_lossy().replace('\\', "/")), found.sha256);
        }
        // A mart that one of them did not ask for tells nothing.
        let marts = self.manifest.artefacts.iter().filter(|file| file.path.starts_with(MARTS));
        let mut both = marts.filter_map(|file| Some((&file.sha256, now.get(&file.path)?)));
        Ok(both.all(|(then, now)| then == now))
    }
}

/// A report that is about to be published.
#[derive(Clone, Copy)]
pub(super) struct Report<'a> {
    /// Its pipeline.
    pub pipeline: &'a str,
    /// Its as-of day.
    pub as_of: Day,
    /// Its language.
    pub lang: Lang,
    /// The exports that it was made from.
    pub ledger: &'a Ledger,
    /// Where it is built; its marts are there already.
    pub built: &'a Path,
}

/// What the last layout of an edition's figures is called, once another has taken its place.
pub(super) fn replaced(edition: u32) -> String {
    format!("{edition}-replaced")
}

/// The folder of what stood at the place of a report before.
pub(super) fn of(report: &Path) -> PathBuf {
    parent(report).join(EDITIONS).join(report.file_name().unwrap_or_default())
}

/// Fails where earlier editions would be written elsewhere: something that is no folder stands in their place.
pub(super) fn are_folders(report: &Path) -> Result<()> {
    [&parent(report).join(EDITIONS), &of(report)].into_iter().try_for_each(|folder| disk::is_folder_or_nothing(folder))
}

/// Whether a folder is below one of earlier editions.
pub(super) fn is_among(folder: &Path) -> bool {
    folder.ancestors().skip(1).any(|above| above.file_name().is_some_and(|name| name == EDITIONS))
}

/// Where an earlier edition of a report is kept.
fn kept(report: &Path, number: u32) -> PathBuf {
    of(report).join(number.to_string())
}

/// The edition before one, where there was one.
pub(super) fn before(report: &Path, edition: u32) -> Option<Before> {
    let number = edition.checked_sub(1).filter(|before| *before > 0)?;
    Some(Before { folder: kept(report, number), number })
}

/// Where that goes which stands at the place of a report when the next one takes it. Nothing that was published is deleted at
/// once: who reads it reads on. Of reports with the same figures only the last is kept, unless a user has changed it.
pub(crate) fn put_away(site: &Site, standing: Option<&Standing>, next: &Next) -> Result<Option<PathBuf>> {
    let Some(Standing { folder, manifest, .. }) = standing else { return Ok(None) };
    are_folders(folder)?;
    let Manifest { pipeline, as_of, edition, .. } = manifest;
    let name = match next {
        Next::Follows(_) => edition.to_string(),
        Next::First if *edition == 1 => format!("{pipeline}-{as_of}"),
        Next::First => format!("{pipeline}-{as_of}-{edition}"),
        Next::Same(_) | Next::Stays(_) if !site.edited.is_empty() => format!("{edition}-edited"),
        Next::Same(_) | Next::Stays(_) => replaced(*edition),
    };
    let is_of_figures = matches!(next, Next::Same(_));
    let run = fs::read(folder.join(publish::MANIFEST)).ok();
    let is_same = |place: &Path| is_of_figures || fs::read(place.join(publish::MANIFEST)).ok() == run;
    let is_untouched = |place: &Path| Site::at(place).is_ok_and(|there| there.edited.is_empty());
    let gives_way = |place: &Path| site.edited.is_empty() && is_same(place) && is_untouched(place);
    Ok(disk::numbered(&of(folder).join(name)).find(|place| !place.exists() || gives_way(place)))
}

/// The signature under a report, if it has one.
pub(super) fn signature(folder: &Path) -> Result<Option<Signature>> {
    let path = folder.join(SIGNED);
    // Whatever is called so: a link that leads nowhere is no report without a signature.
    if !disk::is_there(&path) {
        return Ok(None);
    }
    let bytes = disk::bytes(&path).map_err(Error::io("read", &path))?;
    serde_json::from_slice(&bytes).map(Some).map_err(|_| Error::Altered { path })
}

/// Signs the report in a folder: from then on no run replaces it unless it is told to revise. Whoever calls this holds its lock.
pub(super) fn sign(folder: &Path, by: &str, on: Day) -> Result<Signature> {
    let standing = Standing::unaltered(folder)?;
    if let Some(signature) = standing.signature {
        let Signature { edition, by, on, .. } = signature;
        return Err(Error::Gate {
            gate: Gate::Signed { path: folder.to_owned(), edition, by, on, is_revisable: true },
        });
    }
    let run_sha256 = ingest::fingerprint(&folder.join(publish::MANIFEST))?.sha256;
    let signature = Signature { edition: standing.manifest.edition, by: by.to_owned(), on: on.to_string(), run_sha256 };
    let mut bytes = serde_json::to_vec_pretty(&signature).map_err(Error::render(SIGNED))?;
    bytes.push(b'\n');
    disk::file(&folder.join(SIGNED), false, |out| out.write_all(&bytes))?;
    Ok(signature)
}
