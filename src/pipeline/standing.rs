//! A report that stands and is what a run would make again: then nothing is left to do.
//!
//! What a run has published is remembered by all that it was made from. When the same is asked for once more, the
//! `run.json` that would be written is put together again, with the hashes of the files that stand there; where it is the
//! one that stands there, byte for byte, so is the whole report. Of its lake the sizes and times of the files are compared.

use std::fs;
use std::path::{Path, PathBuf};
use std::time::UNIX_EPOCH;

use serde::{Deserialize, Serialize};

use super::editions;
use super::manifest::{Manifest, MartRows};
use super::phases::{Cleaned, Surveyed};
use super::{Places, Published, Run, Work, latest, publish, recalled};
use crate::disk;
use crate::error::{Error, Result};
use crate::ingest::{self, Outcome};
use crate::period::Edition;
use crate::report::headline::Headline;
use crate::report::{HandedOut, Reached, Relatives, Shown};
use crate::store::{self, Key, Kind};
use crate::words::Words;

/// What is to be known of a report that was published, besides what its exports and its cases tell.
#[derive(Serialize, Deserialize)]
struct Remembered {
    edition: u32,
    targets: Vec<Target>,
    headlines: Vec<Headline>,
    handouts: Vec<HandedOut>,
    repeated: Vec<Words>,
    marts: Vec<MartRows>,
    lake: Vec<LakeFile>,
}

/// A file of a published lake, with its size and the nanoseconds of its last change since 1970: who writes into one changes
/// that.
#[derive(PartialEq, Eq, Serialize, Deserialize)]
struct LakeFile {
    path: PathBuf,
    bytes: u64,
    changed: u128,
}

/// How a figure stands to its target: its numbers to the last bit, which JSON rounds when it is read.
#[derive(Serialize, Deserialize)]
struct Target {
    reached: Reached,
    bits: [Option<u64>; 3],
}

impl From<&Reached> for Target {
    fn from(reached: &Reached) -> Target {
        let bits = reached.numbers().map(|number| number.map(f64::to_bits));
        Target { reached: reached.clone(), bits }
    }
}

impl From<Target> for Reached {
    fn from(Target { reached, bits }: Target) -> Reached {
        reached.with_numbers(bits.map(|bits| bits.map(f64::from_bits)))
    }
}

impl<'a> Run<'a> {
    /// The report that stands, where it is what would be made of these exports, whose cases are worked out from and by what
    /// `key` says.
    pub(super) fn standing(&self, surveyed: &Surveyed<'a>, key: &Key) -> Result<Option<Published<Manifest>>> {
        let Run { request, prepared, building, .. } = self;
        let Some(store) = &building.store else { return Ok(None) };
        let outcome = store.find(&surveyed.key).and_then(|entry| entry.facts::<Outcome>());
        let facts = recalled::facts(store, key, self.reads_on_demand());
        let Some((outcome, facts)) = outcome.zip(facts) else { return Ok(None) };
        let places = self.places(facts.as_of)?;
        let relatives = prepared.relatives(&places.out, &facts);
        let remembered =
            store.find(&self.key(key, (&places, &relatives))?).and_then(|entry| entry.facts::<Remembered>());
        let Some(Remembered { edition, targets, headlines, handouts, repeated, marts, lake }) = remembered else {
            return Ok(None);
        };
        if !places.is_whole || files(&places.lake)? != lake {
            return Ok(None);
        }
        let ledger = outcome.ledger(surveyed.survey.clone());
        ledger.gate(prepared.config.pipeline.max_rejects)?;
        let cleaned = Cleaned::recalled(prepared, ledger, facts).reaching(request.allow_stale)?;
        let mut clean = cleaned.described(places.previous);
        clean.period.edition = Edition { number: edition, before: editions::before(&places.out, edition) };
        let targets = targets.into_iter().map(Reached::from).collect();
        let shown = Shown { headlines, targets, handouts };
        let doubts = [clean.doubts(), repeated].concat();
        let manifest = Manifest::new(clean, marts, shown, doubts, &places.out)?;
        let made = manifest.bytes()?;
        let is_it = fs::read(places.out.join(publish::MANIFEST)).is_ok_and(|stands| stands == made);
        if !is_it {
            return Ok(None);
        }
        let not_latest = latest::name(&places.out, edition).err();
        Ok(Some(Published { out: places.out, manifest, work: Work::default(), edited: None, not_latest }))
    }

    /// Remembers what was published.
    pub(super) fn remember(
        &self,
        clean: &Key,
        places: (&Places, &Relatives),
        manifest: &Manifest,
        repeated: Vec<Words>,
    ) {
        store::not_kept(self.try_remember(clean, places, manifest, repeated));
    }

    fn try_remember(
        &self,
        clean: &Key,
        (places, relatives): (&Places, &Relatives),
        manifest: &Manifest,
        repeated: Vec<Words>,
    ) -> Result<()> {
        let Some(store) = &self.building.store else { return Ok(()) };
        let Manifest { edition, targets, headlines, handouts, marts, .. } = manifest;
        let remembered = Remembered {
            edition: *edition,
            targets: targets.iter().map(Target::from).collect(),
            headlines: headlines.clone(),
            handouts: handouts.clone(),
            repeated,
            marts: marts.clone(),
            lake: files(&places.lake)?,
        };
        let out = places.out.display();
        let label = Words::new(format!("已发布的报告：{out}"), format!("published report: {out}"));
        store.keep(&self.key(clean, (places, relatives))?, label, &[], &remembered);
        Ok(())
    }

    /// All that a report is made from: the cases, what the configuration says, what it is compared with, its place, and the
    /// reports next to it that it leads to.
    fn key(&self, clean: &Key, (places, relatives): (&Places, &Relatives)) -> Result<Key> {
        let Places { out, lake, previous, .. } = places;
        let Run { request, prepared, .. } = self;
        let whole = |path: &Path| std::path::absolute(path).map_err(Error::io("read", path));
        let previous = match previous {
            Some(previous) => {
                let run = ingest::fingerprint(&previous.folder.join(publish::MANIFEST))?.sha256;
                // Its marts are read, and may be gone or others.
                let marts = sizes(&previous.folder.join("marts"));
                Some((whole(&previous.folder)?, run, marts))
            }
            None => None,
        };
        let asked = (request.all_marts, request.allow_stale, prepared.lang);
        let config = (&prepared.config.pipeline, prepared.config.assets.texts());
        Key::of(Kind::Run, &(clean.sha256(), asked, config, whole(out)?, whole(lake)?, previous, relatives))
    }
}

/// The files of a folder with their sizes, as far as they can be had.
fn sizes(folder: &Path) -> Vec<(PathBuf, u64)> {
    let size = |file: PathBuf| fs::metadata(folder.join(&file)).ok().map(|found| (file, found.len()));
    disk::files(folder).unwrap_or_default().into_iter().filter_map(size).collect()
}

/// The files of a published lake.
fn files(lake: &Path) -> Result<Vec<LakeFile>> {
    let files = disk::files(lake)?.into_iter().map(|path| {
        let whole = lake.join(&path);
        let file = fs::metadata(&whole).map_err(Error::io("read", &whole))?;
        let changed = file.modified().map_err(Error::io("read", &whole))?;
        let changed = changed.duration_since(UNIX_EPOCH).unwrap_or_default().as_nanos();
        Ok(LakeFile { path, bytes: file.len(), changed })
    });
    files.collect()
}
